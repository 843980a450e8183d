//! The analysis of a problem: an upper triangular X for which B = A·X has nearly orthonormal columns, and how nearly.
//! On the floor above `factor`; must not rely on the accuracy of any factorization.
//!
//! (AᴴA)⁻¹ = X·(BᴴB)⁻¹·Xᴴ holds for every X, so that nothing but ‖BᴴB − I‖ says how good X is; that is computed, and
//! what rounding does to its computation is bounded.

use ndarray::{Array2, ArrayRef2, ArrayView1, aview1, s};

use super::rounding::{UNDERFLOW, gamma, or_infinity, up};
use super::scaled::Scaled;
use crate::element::Element;
use crate::error::Result;
use crate::factor::{Qr, adjoint_product_to, product_to};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack;
use crate::workspace::{Workspace, zeros};

/// Rows of A that are worked on at once: few enough that rounding the sums over them counts for little.
pub(super) const ROWS: usize = 512;

/// X and what is known of A·X.
#[derive(Debug, Clone)]
pub(super) struct Inverse<W> {
    pub(super) x: Array2<W>,
    /// The length of each row of X.
    pub(super) rows: Vec<f64>,
    /// A bound on ‖BᴴB − I‖₂; infinite if there is none.
    pub(super) delta: f64,
    /// A bound on ‖B̂ − B‖_F, B̂ being A·X as it is computed.
    pub(super) rounding: f64,
}

impl<W: Element<Real = f64>> Inverse<W> {
    /// X = R⁻¹, which no later step takes to be more than a guess; 4mn² flops.
    pub(super) fn new(scaled: &Scaled<W>, qr: &Qr<W>, workspace: &mut Workspace<W>) -> Result<Self> {
        let n = scaled.a.ncols();
        let mut transposed = zeros::<W>(n, n, Order::ColumnMajor)?;
        transposed.diag_mut().fill(W::one());
        qr.solve_transposed(transposed.view_mut())?;
        let x = pack::owned_columns(&transposed.t())?;
        let rows = x.rows().into_iter().map(|row| up(norm2(&row), n)).collect();
        let mut inverse = Inverse { x, rows, delta: f64::INFINITY, rounding: f64::INFINITY };
        // Column k of |A||X| has at most this length.
        let columns = inverse.adjoint_of_sizes(&scaled.lengths);
        let rounding = up(gamma::<W>(n) * norm2(&aview1(&columns)), n) + underflow(&scaled.a);
        let deviation = Deviation::of(&scaled.a, &inverse.x, workspace)?;
        let of_sum = gamma::<W>(ROWS.min(scaled.a.nrows()) + scaled.a.nrows().div_ceil(ROWS));
        inverse.delta = deviation.bound(of_sum, rounding, scaled.a.dim());
        inverse.rounding = rounding;
        Ok(inverse)
    }

    /// X·Xᴴg, which is (AᴴA)⁻¹g to within δ/(1 − δ).
    pub(super) fn solve(&self, g: &[W]) -> Vec<W> {
        let w = self.adjoint_times(g);
        self.x.rows().into_iter().map(|row| row.iter().zip(&w).map(|(x, w)| *x * *w).sum()).collect()
    }

    /// Xᴴg.
    pub(super) fn adjoint_times(&self, g: &[W]) -> Vec<W> {
        let inner = |column: ArrayView1<'_, W>| column.iter().zip(g).map(|(x, g)| x.conj() * *g).sum();
        self.x.columns().into_iter().map(inner).collect()
    }

    /// |X|ᴴ·v.
    pub(super) fn adjoint_of_sizes(&self, v: &[f64]) -> Vec<f64> {
        let sum = |column: ArrayView1<'_, W>| column.iter().zip(v).map(|(x, v)| x.abs() * v).sum();
        self.x.columns().into_iter().map(sum).collect()
    }

    /// A bound on ‖B‖₂.
    pub(super) fn norm_b(&self) -> f64 {
        (1.0 + self.delta).sqrt()
    }
}

fn underflow<W>(a: &ArrayRef2<W>) -> f64 {
    a.len() as f64 * UNDERFLOW
}

/// How far the computed B̂ᴴB̂ is from I.
struct Deviation {
    /// ‖fl(B̂ᴴB̂) − I‖_F.
    norm: f64,
    /// The trace, ‖B̂‖_F².
    squares: f64,
}

impl Deviation {
    /// By blocks of rows.
    fn of<W: Element<Real = f64>>(a: &ArrayRef2<W>, x: &Array2<W>, workspace: &mut Workspace<W>) -> Result<Self> {
        let (m, n) = a.dim();
        let mut sum = zeros::<W>(n, n, Order::ColumnMajor)?;
        let (mut b, mut gram) = (Array2::default((0, 0)), Array2::default((0, 0)));
        for start in (0..m).step_by(ROWS) {
            product_to(&a.slice(s![start..(start + ROWS).min(m), ..]), x, &mut b)?;
            adjoint_product_to(&b, &b, &mut gram, workspace)?;
            sum += &gram;
        }
        let squares = sum.diag().iter().map(|d| d.re()).sum();
        sum.diag_mut().mapv_inplace(|d| d - W::one());
        let columns: Vec<f64> = sum.columns().into_iter().map(|column| norm2(&column)).collect();
        Ok(Deviation { norm: norm2(&aview1(&columns)), squares })
    }

    /// ‖BᴴB − I‖₂ for any B with ‖B̂ − B‖_F ≤ φ.
    fn bound(&self, of_sum: f64, phi: f64, (m, n): (usize, usize)) -> f64 {
        // Each entry of B̂ᴴB̂ is off by at most γ|B̂|ᵀ|B̂|, whose Frobenius norm is at most ‖B̂‖_F².
        let computed = up(self.norm + of_sum * up(self.squares, m + n), n);
        let bound = up(computed + phi * (2.0 * (1.0 + computed).sqrt() + phi), n);
        or_infinity(bound)
    }
}
