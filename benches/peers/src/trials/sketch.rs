//! Trials: a triangle from a sketch of A, as preconditioner of an iteration.
//! Middle floor of the bench, on `raw`.
//! It must not time anything; `mod.rs` does.

use super::cholesky::{Problem, solve_both};
use crate::data::SplitMix;
use crate::raw;

/// L = Rᵀ from the QR of S·A with `rows` rows, each of them a sum of rows of A with random signs (Clarkson & Woodruff
/// 2017); the matrices of the bench have no rows that stand out.
pub fn sketched_triangle(problem: &Problem<'_>, rows: usize) -> Vec<f64> {
    let Problem { m, n, a, .. } = *problem;
    let mut random = SplitMix(m as u64);
    let signs: Vec<f64> = (0..m).map(|_| random.sign()).collect();
    let mut sketch = vec![0.0; rows * n];
    for (from, to) in a.chunks_exact(m).zip(sketch.chunks_exact_mut(rows)) {
        for (from, signs) in from.chunks(rows).zip(signs.chunks(rows)) {
            to.iter_mut().zip(from).zip(signs).for_each(|((to, from), sign)| *to += sign * from);
        }
    }
    raw::Qr::new(rows, n).factor(&mut sketch);
    let mut l = vec![0.0; n * n];
    for j in 0..n {
        (0..=j).for_each(|i| l[j + i * n] = sketch[i + j * rows]);
    }
    l
}

impl Problem<'_> {
    /// Iterative sketching with damping and momentum (Epperly 2024; Ozaslan, Pilanci & Arikan 2019): one pass over A for
    /// a factor of about √(n/rows) of the error, until the correction is at the level of rounding or no longer shrinks.
    pub fn iterative_sketching(&self) -> Option<Vec<f64>> {
        const ROWS: usize = 12;
        const STEPS: usize = 60;
        let Problem { n, .. } = *self;
        let l = sketched_triangle(self, ROWS * n);
        let momentum = 1.0 / ROWS as f64;
        let damping = (1.0 - momentum) * (1.0 - momentum);
        let (mut x, mut before) = (vec![0.0; n], vec![0.0; n]);
        for _ in 0..STEPS {
            let mut d = self.gradient(&x);
            solve_both(n, &l, &mut d);
            let (mut size, mut length) = (0.0, 0.0);
            for ((x, before), d) in x.iter_mut().zip(&mut before).zip(&d) {
                let next = *x + damping * d + momentum * (*x - *before);
                size += (next - *x) * (next - *x);
                *before = *x;
                *x = next;
                length += *x * *x;
            }
            if size <= length * f64::EPSILON * f64::EPSILON {
                break;
            }
        }
        x.iter().all(|x| x.is_finite()).then_some(x)
    }
}
