//! The analysis of a problem: what uncertain entries of A and b do to the solution.
//! On the floor above `factor`; must not know where the uncertainty comes from.
//!
//! For A + E and b + f, |E| ≤ |A|·diag(ε), |f| ≤ φ|b|, the solution is y + X(B̃ᴴB̃)⁻¹·(w + XᴴEᴴr + B̃ᴴh), with B̃ = B + E·X
//! and h = f − E·y: the terms of Higham, Accuracy and Stability, 2nd ed., §20.1, with nothing left out.

use ndarray::{Array2, ArrayView1, aview1, s};

use super::Analysis;
use super::inverse::ROWS;
use super::residual::Residual;
use super::rounding::{gamma, up};
use crate::element::{Element, Scalar};
use crate::error::Result;
use crate::factor::{RhsDimension, product_to};
use crate::norm::norm2;

/// By how much the entries of A and b are uncertain, relative to each of them: measured or rounded numbers are.
///
/// A decimal that was rounded when it was stored has the uncertainty ε/2, its kth power, computed by k − 1 products,
/// (2k − 1)·ε/2.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// For each column of A.
    pub columns: Vec<f64>,
    /// For the right-hand sides.
    pub rhs: f64,
}

/// What the uncertainty adds.
pub(super) struct Spread {
    /// To each coefficient, but for the terms with δ.
    pub(super) entries: Vec<f64>,
    /// To w, in the norm.
    pub(super) norm: f64,
    /// To B, in the norm.
    pub(super) of_b: f64,
}

impl Spread {
    pub(super) fn none(n: usize) -> Self {
        Spread { entries: vec![0.0; n], norm: 0.0, of_b: 0.0 }
    }
}

impl<T: Element, D: RhsDimension> Analysis<T, D> {
    /// |X·Bᴴ|·|h| + |X·Xᴴ|·|Eᴴr|, and what rounding these products adds.
    pub(super) fn spread(
        &self, k: usize, y: &[T::Double], residual: &Residual<T::Double>, data: &Uncertainty,
    ) -> Result<Spread> {
        let (scaled, inverse) = (&self.scaled, &self.inverse);
        let (m, n) = scaled.a.dim();
        // τ ≥ ‖E·X‖_F.
        let weights: Vec<f64> = scaled.lengths.iter().zip(&data.columns).map(|(length, eps)| length * eps).collect();
        let of_b = norm2(&aview1(&inverse.adjoint_of_sizes(&weights)));
        // h ≥ |f| + |E||y|, and q ≥ |Eᴴr|.
        let mut h = scaled.b.column(k).mapv(|b| data.rhs * b.abs());
        for ((column, y), eps) in scaled.a.columns().into_iter().zip(y).zip(&data.columns) {
            let factor = eps * y.abs();
            h.zip_mut_with(&column, |h, a| *h += factor * a.abs());
        }
        let sizes = residual.r().mapv(|r| r.abs());
        let q = scaled.a.columns().into_iter().zip(&weights).zip(&data.columns).map(|((column, weight), eps)| {
            eps * column.iter().zip(&sizes).map(|(a, r)| a.abs() * r).sum::<f64>() + weight * residual.of_r
        });
        let q: Vec<f64> = q.collect();
        let mut entries = self.reach(h.view())?;
        let norm_h = norm2(&h);
        let norm_q = norm2(&aview1(&inverse.adjoint_of_sizes(&q)));
        let of_products = gamma::<T::Double>(n);
        // |X||B̂|ᴴh and |X||X|ᴴq, by which the computed products may be off, relative to γ.
        let of_rounding = of_products * (norm_q + (n as f64).sqrt() * inverse.norm_b() * norm_h);
        let mut gram = Array2::default((0, 0));
        product_to(&inverse.x, &inverse.x.t().mapv(|x| x.conj()), &mut gram)?;
        for ((entry, row), rho) in entries.iter_mut().zip(gram.rows()).zip(&inverse.rows) {
            *entry += row.iter().zip(&q).map(|(c, q)| c.abs() * q).sum::<f64>();
            *entry += rho * (of_rounding + (inverse.rounding + of_b) * norm_h);
        }
        Ok(Spread { entries, norm: norm_q + (inverse.norm_b() + of_b) * norm_h, of_b: up(of_b, m + n) })
    }

    /// |X·B̂ᴴ|·h: how far changes of b by h reach; 4mn² flops.
    fn reach(&self, h: ArrayView1<'_, f64>) -> Result<Vec<f64>> {
        let (m, n) = self.scaled.a.dim();
        let mut sums = vec![0.0; n];
        let (mut b, mut rows) = (Array2::default((0, 0)), Array2::default((0, 0)));
        let adjoint = self.inverse.x.t().mapv(|x| x.conj());
        for start in (0..m).step_by(ROWS) {
            let block = start..(start + ROWS).min(m);
            product_to(&self.scaled.a.slice(s![block.clone(), ..]), &self.inverse.x, &mut b)?;
            product_to(&b, &adjoint, &mut rows)?;
            for (sum, column) in sums.iter_mut().zip(rows.columns()) {
                *sum += column.iter().zip(h.slice(s![block.clone()])).map(|(a, h)| a.abs() * h).sum::<f64>();
            }
        }
        Ok(sums)
    }
}
