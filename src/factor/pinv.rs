//! The factor floor: the Moore–Penrose pseudoinverse, from the SVD.

use ndarray::{Array2, ArrayRef2, Axis, s};

use crate::element::Element;
use crate::error::Result;

use super::product::{adjoint, product};
use super::svd::{SvdExt, checked_rcond, count_above};

/// A⁺ = V₁·Σ₁⁻¹·U₁ᴴ over the singular values above a tolerance.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pinv<T: Element> {
    /// The pseudoinverse, n×m.
    pub matrix: Array2<T>,
    /// The number of singular values that were inverted.
    pub rank: usize,
    /// The tolerance that was used, relative to σ₁.
    pub rcond: T::Real,
}

/// Pseudoinverse of a matrix.
pub trait PinvExt<T: Element> {
    /// A⁺ with singular values up to `rcond`·σ₁ taken as zero; without one, max(m, n)·ε. The tolerance that was used is
    /// returned.
    ///
    /// Routines: gesdd and a product, 2mnr flops beyond the SVD for rank r (Golub & Van Loan, §5.5.2).
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if `rcond` is negative or a NaN; as for [`SvdExt::svd`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let pinv = array![[1.0, 1.0], [1.0, 1.0]].pinv(None)?;
    /// assert_eq!(pinv.rank, 1);
    /// approx::assert_abs_diff_eq!(pinv.matrix, array![[0.25, 0.25], [0.25, 0.25]], epsilon = 1e-15);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn pinv(&self, rcond: Option<T::Real>) -> Result<Pinv<T>>;
}

impl<T: Element> PinvExt<T> for ArrayRef2<T> {
    fn pinv(&self, rcond: Option<T::Real>) -> Result<Pinv<T>> {
        let rcond = checked_rcond(rcond, self.dim())?;
        let svd = self.svd()?;
        let rank = count_above(&svd.s, rcond);
        let mut scaled = svd.vh.slice(s![..rank, ..]).to_owned();
        for (mut row, &s) in scaled.axis_iter_mut(Axis(0)).zip(&svd.s) {
            row.mapv_inplace(|x| x.div_real(s));
        }
        let left = svd.u.slice(s![.., ..rank]);
        Ok(Pinv { matrix: product(&adjoint(&scaled)?, &adjoint(&left)?)?, rank, rcond })
    }
}
