//! Trials: triangles L with A ≈ Q·Lᵀ from Gram matrices, of A itself or of A·L⁻ᵀ with an L that is not good enough yet.
//! Middle floor of the bench, on `raw`.
//! It must not time anything; `mod.rs` does.

use super::sketch::sketched_triangle;
use crate::raw;

/// Rows of A that are worked on while they are in cache, in bytes.
pub const BLOCK_BYTES: usize = 1 << 20;
/// A block of A·L⁻ᵀ has at least this many rows for each column: below that products are slow.
const BLOCK_ASPECT: usize = 4;

/// A column-major m×n matrix and a right-hand side.
#[derive(Clone, Copy)]
pub struct Problem<'a> {
    pub m: usize,
    pub n: usize,
    pub a: &'a [f64],
    pub b: &'a [f64],
}

/// What a pass over A·L⁻ᵀ gives: a better L, and (A·L⁻ᵀ)ᵀb solved by the Cholesky factor of the Gram matrix.
struct Improved {
    l: Vec<f64>,
    /// Qᵀb of the orthogonal factor that belongs to the new L.
    qb: Vec<f64>,
}

impl Problem<'_> {
    /// `dgeqrf`, `dormqr` and `dtrtrs`, with a copy of A.
    pub fn householder_qr(&self) -> Option<Vec<f64>> {
        let (mut a, mut x) = (self.a.to_vec(), self.b.to_vec());
        raw::Qr::new(self.m, self.n).least_squares(&mut a, &mut x);
        x.truncate(self.n);
        Some(x)
    }

    /// CholeskyQR2 (Yamamoto, Nakatsukasa, Yanagisawa & Fukaya 2015), blocks of rows of Q being formed and dropped.
    pub fn cholesky_qr2(&self) -> Option<Vec<f64>> {
        let l = factored(self.n, self.gram())?;
        self.improved(&l)?.solution(self.n)
    }

    /// Shifted CholeskyQR3 (Fukaya, Kannan, Nakatsukasa, Yamamoto & Yanagisawa 2020), with ‖A‖_F² for ‖A‖₂² in the shift.
    pub fn shifted_cholesky_qr3(&self) -> Option<Vec<f64>> {
        let Problem { m, n, .. } = *self;
        let mut gram = self.gram();
        let norm2: f64 = (0..n).map(|j| gram[j + j * n]).sum();
        let shift = 11.0 * (m * n + n * (n + 1)) as f64 * 0.5 * f64::EPSILON * norm2;
        (0..n).for_each(|j| gram[j + j * n] += shift);
        let l = factored(n, gram)?;
        let l = self.improved(&l)?.l;
        self.improved(&l)?.solution(n)
    }

    /// The triangle of a sketch, then Cholesky of the Gram matrix of A·L⁻ᵀ, and one step of refinement with what they give
    /// (randomized Cholesky QR: Fan, Guo & Lin 2021; Balabanov 2022).
    pub fn sketched_cholesky_qr(&self) -> Option<Vec<f64>> {
        let l = sketched_triangle(self, 2 * self.n);
        let improved = self.improved(&l)?;
        let mut x = improved.solution(self.n)?;
        let mut d = self.gradient(&x);
        solve_both(self.n, &improved.l, &mut d);
        x.iter_mut().zip(&d).for_each(|(x, d)| *x += d);
        Some(x)
    }

    fn gram(&self) -> Vec<f64> {
        let mut gram = vec![0.0; self.n * self.n];
        raw::gram(self.m, self.n, self.a, &mut gram);
        gram
    }

    /// One pass over A by blocks of rows.
    fn improved(&self, l: &[f64]) -> Option<Improved> {
        let Problem { n, .. } = *self;
        let (mut gram, mut qb) = (vec![0.0; n * n], vec![0.0; n]);
        self.each_block(|rows, block, b| {
            raw::solve_right(n, l, block);
            raw::add_gram(rows, n, block, &mut gram);
            raw::add_transposed_product(rows, n, 0, block, b, &mut qb);
        });
        let second = factored(n, gram)?;
        raw::solve_lower(n, &second, &mut qb);
        let mut product = vec![0.0; n * n];
        raw::multiply([n; 3], l, &second, &mut product);
        Some(Improved { l: product, qb })
    }

    /// Aᵀ(b − A·x), in one pass over A.
    pub fn gradient(&self, x: &[f64]) -> Vec<f64> {
        let Problem { m, n, a, b } = *self;
        let mut g = vec![0.0; n];
        let rows = (BLOCK_BYTES / (8 * n)).min(m);
        for start in (0..m).step_by(rows) {
            let end = m.min(start + rows);
            let mut residual = b[start..end].to_vec();
            raw::subtract_product(m, n, start, a, x, &mut residual);
            raw::add_transposed_product(m, n, start, a, &residual, &mut g);
        }
        g
    }

    /// Gives `act` the number of rows, a packed copy and the right-hand side of each block of rows.
    fn each_block(&self, mut act: impl FnMut(usize, &mut [f64], &[f64])) {
        let Problem { m, n, a, b } = *self;
        let most = (BLOCK_BYTES / (8 * n)).max(BLOCK_ASPECT * n).min(m);
        let mut block = vec![0.0; most * n];
        for start in (0..m).step_by(most) {
            let rows = most.min(m - start);
            for j in 0..n {
                block[j * rows..(j + 1) * rows].copy_from_slice(&a[start + j * m..start + j * m + rows]);
            }
            act(rows, &mut block[..rows * n], &b[start..start + rows]);
        }
    }
}

impl Improved {
    fn solution(&self, n: usize) -> Option<Vec<f64>> {
        let mut x = self.qb.clone();
        raw::solve_lower_transposed(n, &self.l, &mut x);
        x.iter().all(|x| x.is_finite()).then_some(x)
    }
}

/// The Cholesky factor L of a Gram matrix, with zeros above, unless it breaks down.
fn factored(n: usize, mut gram: Vec<f64>) -> Option<Vec<f64>> {
    raw::try_cholesky(n, &mut gram).then(|| {
        (0..n).for_each(|j| gram[j * n..j * n + j].fill(0.0));
        gram
    })
}

/// g ← L⁻ᵀL⁻¹g.
pub fn solve_both(n: usize, l: &[f64], g: &mut [f64]) {
    raw::solve_lower(n, l, g);
    raw::solve_lower_transposed(n, l, g);
}
