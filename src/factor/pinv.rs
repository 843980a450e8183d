//! The factor floor: the Moore–Penrose pseudoinverse, from the SVD.

use ndarray::{Array2, ArrayRef2, s};

use crate::element::{Element, conjugate};
use crate::error::Result;
use crate::workspace::Workspace;

use super::product::product_to;
use super::svd::{checked_rcond, count_above, with_thin_svd};

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
    /// [`crate::Error::Parameter`] if `rcond` is negative or a NaN; as for [`crate::prelude::SvdExt::svd`].
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

    /// The pseudoinverse with reused working memory; see [`PinvExt::pinv`].
    ///
    /// # Errors
    /// As for [`PinvExt::pinv`].
    fn pinv_with(&self, rcond: Option<T::Real>, workspace: &mut Workspace<T>) -> Result<Pinv<T>>;

    /// The pseudoinverse into an `output` of the caller's: with a warm workspace and an output of the same shape it
    /// allocates nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`PinvExt::pinv`].
    fn pinv_to(&self, rcond: Option<T::Real>, workspace: &mut Workspace<T>, output: &mut Pinv<T>) -> Result<()>;
}

impl<T: Element> Default for Pinv<T> {
    /// The pseudoinverse of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        Pinv { matrix: Array2::default((0, 0)), rank: 0, rcond: T::Real::default() }
    }
}

impl<T: Element> PinvExt<T> for ArrayRef2<T> {
    fn pinv(&self, rcond: Option<T::Real>) -> Result<Pinv<T>> {
        self.pinv_with(rcond, &mut Workspace::new())
    }

    fn pinv_with(&self, rcond: Option<T::Real>, workspace: &mut Workspace<T>) -> Result<Pinv<T>> {
        let mut output = Pinv::default();
        self.pinv_to(rcond, workspace, &mut output)?;
        Ok(output)
    }

    fn pinv_to(&self, rcond: Option<T::Real>, workspace: &mut Workspace<T>, output: &mut Pinv<T>) -> Result<()> {
        output.rcond = checked_rcond(rcond, self.dim())?;
        with_thin_svd(self, workspace, |svd, _| {
            output.rank = count_above(&svd.s, output.rcond);
            for (mut row, &s) in svd.vh.rows_mut().into_iter().zip(&svd.s).take(output.rank) {
                row.mapv_inplace(|x| x.div_real(s));
            }
            // (A⁺)ᴴ = U₁·Σ₁⁻¹·V₁ᴴ, in the memory of the output.
            let mut adjoint = std::mem::take(&mut output.matrix).reversed_axes();
            product_to(&svd.u.slice(s![.., ..output.rank]), &svd.vh.slice(s![..output.rank, ..]), &mut adjoint)?;
            conjugate(&mut adjoint);
            output.matrix = adjoint.reversed_axes();
            Ok(())
        })
    }
}
