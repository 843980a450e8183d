//! The command `lapwing sweep`: random least-squares problems of a given condition number and residual.
//!
//! Top floor. Plain loops on a generator of its own, so that a seed means the same problems whatever library is linked;
//! it must not call the library.

use ndarray::{Array1, Array2, ArrayViewMut2, s};

/// SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).
pub struct Random(u64);

/// A problem; the answer of what is stored here is not known yet.
pub struct RandomProblem {
    /// The matrix.
    pub a: Array2<f64>,
    /// The right-hand side.
    pub b: Array1<f64>,
}

impl Random {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform on (0, 1].
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 * 2f64.powi(-53)
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    fn normals(&mut self, n: usize) -> Array1<f64> {
        Array1::from_shape_simple_fn(n, || self.normal())
    }
}

/// A = UΣVᵀ with singular values κ^(−i/(n−1)), i = 0 … n−1, x of length 1, and b = Ax + ρu, where u is a unit vector
/// at right angles to the columns of A: ‖A‖ = ‖x‖ = 1, so that ρ = ‖r‖/(‖A‖‖x‖). U, V, x and u have random directions.
///
/// All this up to rounding: what is stored has a condition number, a residual and an answer that differ a little, for κ
/// near 1/ε more.
pub fn problem(random: &mut Random, (rows, columns): (usize, usize), kappa: f64, residual: f64) -> RandomProblem {
    let sigma = |i: usize| if columns < 2 { 1.0 } else { kappa.powf(-(i as f64) / (columns - 1) as f64) };
    // The first column outside of the range, if there is one, becomes u.
    let kept = rows.min(columns + 1);
    let mut left = Array2::zeros((rows, kept));
    left.diag_mut().fill(1.0);
    turn(random, left.view_mut());
    let mut right = Array2::zeros((columns, columns));
    right.diag_mut().fill(1.0);
    turn(random, right.view_mut());
    for (i, mut column) in right.columns_mut().into_iter().enumerate() {
        column *= sigma(i);
    }
    // Now `right` is VΣ. Sums are written out: the product of ndarray may differ from machine to machine.
    let a = Array2::from_shape_fn((rows, columns), |(i, j)| {
        (0..columns).map(|k| left[(i, k)] * right[(j, k)]).sum::<f64>()
    });
    let x = random.normals(columns);
    let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let outside = |i: usize| if kept > columns { left[(i, columns)] } else { 0.0 };
    let fitted = |i: usize| (0..columns).map(|j| a[(i, j)] * x[j] / length).sum::<f64>();
    let b = Array1::from_shape_fn(rows, |i| fitted(i) + residual * outside(i));
    RandomProblem { a, b }
}

/// Multiplies by a random orthogonal matrix from the left: reflectors of growing order, as many as there are columns
/// (G. W. Stewart, The efficient generation of random orthogonal matrices, SIAM J. Numer. Anal. 17 (1980)).
fn turn(random: &mut Random, mut matrix: ArrayViewMut2<'_, f64>) {
    let rows = matrix.nrows();
    for start in (0..matrix.ncols()).rev() {
        let v = random.normals(rows - start);
        let square: f64 = v.iter().map(|v| v * v).sum();
        for mut column in matrix.slice_mut(s![start.., ..]).columns_mut() {
            let along: f64 = v.iter().zip(&column).map(|(v, c)| v * c).sum();
            column.zip_mut_with(&v, |c, v| *c -= 2.0 * along / square * v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Roundings of a few hundred additions of numbers up to 1.
    const SMALL: f64 = 1e-13;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The first outputs of SplitMix64 with the seed 1234567, as in the reference implementation.
        let mut random = Random::new(1234567);
        let found: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(found, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    }

    #[test]
    fn a_seed_is_a_problem() {
        let make = |seed| problem(&mut Random::new(seed), (9, 4), 1e3, 0.5);
        assert_eq!((make(7).a, make(7).b), (make(7).a, make(7).b));
        assert_ne!(make(7).a, make(8).a);
    }

    /// Traces of AᵀA and of its square are Σσ² and Σσ⁴; b − ρu is in the range, so that its distance is ρ.
    #[test]
    fn singular_values_and_residual_are_as_asked_for() {
        let (kappa, residual) = (100.0f64, 0.25);
        let RandomProblem { a, b } = problem(&mut Random::new(3), (20, 5), kappa, residual);
        let gram = a.t().dot(&a);
        let powers = |p: i32| (0..5).map(|i| kappa.powf(-f64::from(i) / 4.0).powi(p)).sum::<f64>();
        assert!((gram.diag().sum() - powers(2)).abs() < SMALL);
        assert!((gram.dot(&gram).diag().sum() - powers(4)).abs() < SMALL);
        // Modified Gram–Schmidt, plain: κ = 100 loses two digits.
        let mut r = b.clone();
        let mut basis: Vec<Array1<f64>> = Vec::new();
        for column in a.columns() {
            let mut q = column.to_owned();
            basis.iter().for_each(|e| q = &q - &(e * e.dot(&q)));
            q /= q.dot(&q).sqrt();
            r = &r - &(&q * q.dot(&r));
            basis.push(q);
        }
        assert!((r.dot(&r).sqrt() - residual).abs() < 100.0 * SMALL, "{}", r.dot(&r).sqrt());
    }

    #[test]
    fn square_systems_and_single_columns() {
        let square = problem(&mut Random::new(5), (3, 3), 10.0, 0.0);
        assert_eq!((square.a.dim(), square.b.len()), ((3, 3), 3));
        let single = problem(&mut Random::new(5), (4, 1), 10.0, 0.0);
        assert!((single.a.iter().map(|a| a * a).sum::<f64>() - 1.0).abs() < SMALL);
    }
}
