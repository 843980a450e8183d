//! The factor floor: QR with column pivoting, which reveals the rank.
//!
//! LAPACK pivots columns only, so that a row-major matrix is copied into column-major order first.

use ndarray::{Array, Array1, Array2, ArrayRef, ArrayRef2};

use crate::element::Element;
use crate::error::{Error, Result};
use crate::lapack::{self, MatMut};
use crate::layout::Int;
use crate::pack::{self, Part};
use crate::workspace::{Scratch, zeroed};

use super::qr::Qr;
use super::rhs::RhsDimension;
use super::svd::{NumericalRank, checked_rcond, count_above};

/// A·P = Q·R with the diagonal of R descending in absolute value.
#[derive(Debug, Clone)]
pub struct PivotedQr<T: Element> {
    qr: Qr<T>,
    permutation: Vec<usize>,
}

/// QR with column pivoting.
pub trait PivotedQrExt<T: Element> {
    /// A·P = Q·R for an m×n matrix of any shape: at each step the remaining column of largest norm comes next.
    ///
    /// Routine: geqp3; 4mnk − 2k²(m + n) + 4k³/3 flops, k = min(m, n) (Golub & Van Loan, §5.4.2), half of them in
    /// matrix-vector products, so that it is slower than [`crate::prelude::QrExt::qr`].
    ///
    /// # Errors
    /// [`Error::NonFinite`], [`Error::TooLarge`], [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let a = array![[1.0, 0.0, 1.0], [0.0, 5.0, 5.0_f64]]; // column 2 is the sum of the others
    /// let qr = a.qr_pivoted()?;
    /// assert_eq!(qr.permutation()[0], 2);
    /// assert_eq!(qr.rank(None)?.rank, 2);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn qr_pivoted(&self) -> Result<PivotedQr<T>>;
}

impl<T: Element> PivotedQrExt<T> for ArrayRef2<T> {
    fn qr_pivoted(&self) -> Result<PivotedQr<T>> {
        pack::check_finite(self, Part::All)?;
        let (m, n) = self.dim();
        let mut factors = pack::owned_columns(self)?;
        let mut tau = zeroed(m.min(n))?;
        let mut pivots = zeroed::<Int>(n)?;
        if self.is_empty() {
            return Ok(PivotedQr { qr: Qr::from_parts(factors, tau), permutation: (0..n).collect() });
        }
        lapack::geqp3(MatMut::of(factors.view_mut())?, &mut pivots, &mut tau, &mut Scratch::default())?;
        pack::check_finite(&factors, Part::Upper).map_err(|_| Error::Overflow { what: "R" })?;
        // The routine counts columns from 1.
        let permutation = pivots.iter().map(|&column| column.unsigned_abs() as usize - 1).collect();
        Ok(PivotedQr { qr: Qr::from_parts(factors, tau), permutation })
    }
}

impl<T: Element> PivotedQr<T> {
    /// The rows and columns of A.
    pub fn dim(&self) -> (usize, usize) {
        self.qr.dim()
    }

    /// Column j of A·P is column `permutation()[j]` of A.
    pub fn permutation(&self) -> &[usize] {
        &self.permutation
    }

    /// The first k = min(m, n) columns of Q; see [`Qr::q`].
    ///
    /// # Errors
    /// As for [`Qr::q`].
    pub fn q(&self) -> Result<Array2<T>> {
        self.qr.q()
    }

    /// All of Q; see [`Qr::q_full`].
    ///
    /// # Errors
    /// As for [`Qr::q_full`].
    pub fn q_full(&self) -> Result<Array2<T>> {
        self.qr.q_full()
    }

    /// The upper triangular factor, k×n.
    pub fn r(&self) -> Array2<T> {
        self.qr.r()
    }

    /// Q·B; see [`Qr::apply_q`].
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_q<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        self.qr.apply_q(b)
    }

    /// Qᴴ·B; see [`Qr::apply_q`].
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_qh<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        self.qr.apply_qh(b)
    }

    /// The least-squares solution for m ≥ n and full column rank; see [`Qr::solve`].
    ///
    /// # Errors
    /// As for [`Qr::solve`].
    pub fn solve<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        let permuted = self.qr.solve(b)?;
        let mut x = permuted.clone();
        let mut columns = D::columns_mut(x.view_mut());
        for (from, &to) in D::columns(permuted.view()).rows().into_iter().zip(&self.permutation) {
            columns.row_mut(to).assign(&from);
        }
        Ok(x)
    }

    /// An estimate of 1/κ₁(R); see [`Qr::rcond`].
    ///
    /// # Errors
    /// As for [`Qr::rcond`].
    pub fn rcond(&self) -> Result<T::Real> {
        self.qr.rcond()
    }

    /// The rank to the tolerance `rcond`: the number of |rᵢᵢ| above rcond·|r₁₁|; without one, max(m, n)·ε.
    ///
    /// |rᵢᵢ| lies within a modest factor of σᵢ on all but contrived matrices (Golub & Van Loan, §5.4.3).
    ///
    /// # Errors
    /// [`Error::Parameter`] if `rcond` is negative or a NaN.
    pub fn rank(&self, rcond: Option<T::Real>) -> Result<NumericalRank<T::Real>> {
        let rcond = checked_rcond(rcond, self.dim())?;
        let values = Array1::from_iter(self.r().diag().iter().map(|&entry| entry.abs()));
        Ok(NumericalRank { rank: count_above(&values, rcond), rcond, values })
    }
}
