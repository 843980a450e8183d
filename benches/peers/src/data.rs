//! The matrices that are measured: seeded, column-major, the same in every run and for every contender.
//! Ground floor of the bench.
//! It must not depend on any contender's types.

/// SplitMix64 (Steele, Lea & Flood 2014): enough for test matrices, and no dependency.
pub struct SplitMix(pub u64);

impl SplitMix {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform on [−1, 1).
    fn number(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    /// 1 or −1.
    pub fn sign(&mut self) -> f64 {
        if self.bits() >> 63 == 0 { 1.0 } else { -1.0 }
    }

    /// Fisher and Yates's shuffle.
    pub fn shuffle(&mut self, items: &mut [usize]) {
        for last in (1..items.len()).rev() {
            items.swap(last, (self.bits() % (last as u64 + 1)) as usize);
        }
    }
}

const SEED: u64 = 20_240_601;

/// An m×n matrix with independent entries, uniform on [−1, 1).
pub fn general(m: usize, n: usize) -> Vec<f64> {
    let mut random = SplitMix(SEED + 1_000_003 * m as u64 + n as u64);
    (0..m * n).map(|_| random.number()).collect()
}

/// The symmetric part of [`general`].
pub fn symmetric(n: usize) -> Vec<f64> {
    let g = general(n, n);
    (0..n * n).map(|ij| 0.5 * (g[ij] + g[ij / n + ij % n * n])).collect()
}

/// A well-conditioned positive definite matrix: twice the identity plus a small symmetric part.
pub fn positive_definite(n: usize) -> Vec<f64> {
    let mut s = symmetric(n);
    s.iter_mut().for_each(|entry| *entry /= n as f64);
    (0..n).for_each(|i| s[i + i * n] += 2.0);
    s
}

/// The right-hand side of a system with m equations.
pub fn vector(m: usize) -> Vec<f64> {
    general(m, 1)
}

/// Random rows times diag(1 … 1/κ) times a reflector.
pub fn conditioned([m, n]: [usize; 2], kappa: f64) -> Vec<f64> {
    let (mut a, v) = (general(m, n), vector(n));
    let scale = |j: usize| kappa.powf(-(j as f64) / (n - 1) as f64);
    let twice = 2.0 / v.iter().map(|v| v * v).sum::<f64>();
    for i in 0..m {
        let row = (0..n).map(|j| a[i + j * m] * scale(j)).collect::<Vec<f64>>();
        let along = twice * row.iter().zip(&v).map(|(a, v)| a * v).sum::<f64>();
        (0..n).for_each(|j| a[i + j * m] = row[j] - along * v[j]);
    }
    a
}
