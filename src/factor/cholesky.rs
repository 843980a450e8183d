//! The factor floor: the Cholesky factorization of Hermitian positive definite matrices.
//! Must not call a routine but through `lapack`.
//!
//! A row-major matrix is the conjugate of what LAPACK sees, Ā = ŪᵀU with the same triangle in memory, so that solves
//! conjugate the right-hand side.

use ndarray::{
    Array, Array2, ArrayBase, ArrayRef, ArrayRef2, ArrayView2, ArrayViewMut2, Data, DataMut, Ix2, OwnedRepr,
    RawDataClone, ViewRepr,
};

use num_traits::{Float, One};

use crate::element::{Element, Scalar, conjugate};
use crate::error::{Error, Result};
use crate::lapack::{self, Mat, MatMut, Uplo};
use crate::layout::{Layout, Order};
use crate::pack;
use crate::scale::{moderating, power_near_reciprocal};
use crate::workspace::{Scratch, Workspace, packed_entries, reshape};

use super::hermitian::{norm1, part, require_square, stored};
use super::qr::Check;
use super::rhs::{self, RhsDimension, SolveColumns};

/// A = L·Lᴴ with L lower triangular and a positive diagonal.
///
/// `S` is the storage of the factor: owned, or the caller's own matrix for [`CholeskyExt::cholesky_inplace`].
#[derive(Debug)]
pub struct Cholesky<T: Element, S: Data<Elem = T> = OwnedRepr<T>> {
    /// L in the lower triangle, or Lᴴ in the upper one; the other triangle is as it was.
    factor: ArrayBase<S, Ix2>,
    uplo: Uplo,
    /// The 1-norm of A, up to a factor √2 for complex types.
    norm: T::Real,
}

impl<T: Element, S: Data<Elem = T> + RawDataClone> Clone for Cholesky<T, S> {
    fn clone(&self) -> Self {
        Cholesky { factor: self.factor.clone(), uplo: self.uplo, norm: self.norm }
    }
}

impl<T: Element> Default for Cholesky<T> {
    /// The factorization of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        Cholesky { factor: Array2::default((0, 0)), uplo: Uplo::Lower, norm: T::Real::default() }
    }
}

/// What a Cholesky factorization reads, and how it is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CholeskyOptions {
    /// The triangle that is read.
    pub uplo: Uplo,
    /// Whether entries are checked.
    pub check: Check,
}

/// Cholesky factorization of a Hermitian positive definite matrix.
pub trait CholeskyExt<T: Element> {
    /// A = L·Lᴴ. Reads the lower triangle and the real part of the diagonal.
    ///
    /// Routine: potrf; n³/3 flops (Golub & Van Loan, §4.2). The computed L is that of a matrix within c·n·ε‖A‖ of A
    /// (Higham, Theorem 10.3). Any layout; row-major input is not transposed.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::NotPositiveDefinite`], [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let cholesky = array![[4.0, 2.0], [2.0, 5.0]].cholesky()?;
    /// assert_eq!(cholesky.factor(), array![[2.0, 0.0], [1.0, 2.0]]);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn cholesky(&self) -> Result<Cholesky<T>>;

    /// Cholesky with options and reused working memory; see [`CholeskyExt::cholesky`].
    ///
    /// # Errors
    /// As for [`CholeskyExt::cholesky`].
    fn cholesky_with(&self, options: &CholeskyOptions, workspace: &mut Workspace<T>) -> Result<Cholesky<T>>;

    /// Cholesky into an `output` of the caller's: with a warm workspace and an output of the same shape and layout it
    /// allocates nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`CholeskyExt::cholesky`].
    fn cholesky_to(
        &self, options: &CholeskyOptions, workspace: &mut Workspace<T>, output: &mut Cholesky<T>,
    ) -> Result<()>;

    /// Cholesky in the memory of the matrix itself, which the factorization borrows; the triangle that is not read
    /// keeps its entries. A view that LAPACK cannot read is copied and written back.
    ///
    /// # Errors
    /// As for [`CholeskyExt::cholesky`]; the triangle is then unspecified.
    fn cholesky_inplace<'a>(
        &'a mut self, options: &CholeskyOptions, workspace: &mut Workspace<T>,
    ) -> Result<Cholesky<T, ViewRepr<&'a mut T>>>;
}

impl<T: Element> CholeskyExt<T> for ArrayRef2<T> {
    fn cholesky(&self) -> Result<Cholesky<T>> {
        self.cholesky_with(&CholeskyOptions::default(), &mut Workspace::new())
    }

    fn cholesky_with(&self, options: &CholeskyOptions, workspace: &mut Workspace<T>) -> Result<Cholesky<T>> {
        let mut output = Cholesky::default();
        self.cholesky_to(options, workspace, &mut output)?;
        Ok(output)
    }

    fn cholesky_to(
        &self, options: &CholeskyOptions, workspace: &mut Workspace<T>, output: &mut Cholesky<T>,
    ) -> Result<()> {
        let n = check(self, options)?;
        output.uplo = options.uplo;
        output.norm = norm1(self, options.uplo, &mut workspace.scratch.rwork)?;
        reshape(&mut output.factor, n, n, pack::natural_order(self))?;
        pack::copy(self, packed_entries(&mut output.factor)?);
        factor(&mut output.factor, options.uplo, workspace)
    }

    fn cholesky_inplace<'a>(
        &'a mut self, options: &CholeskyOptions, workspace: &mut Workspace<T>,
    ) -> Result<Cholesky<T, ViewRepr<&'a mut T>>> {
        Cholesky::from_array(self.view_mut(), options, workspace)
    }
}

fn check<T: Element>(a: &ArrayRef2<T>, options: &CholeskyOptions) -> Result<usize> {
    let n = require_square(a)?;
    if options.check == Check::Finite {
        pack::check_finite(a, part(options.uplo))?;
    }
    Ok(n)
}

/// Overwrites the triangle of `a` by the factor.
fn factor<T: Element>(a: &mut ArrayRef2<T>, uplo: Uplo, workspace: &mut Workspace<T>) -> Result<()> {
    if a.is_empty() {
        return Ok(());
    }
    match pack::layout_of(a) {
        Layout::ColumnMajor { .. } => lapack::potrf(uplo, MatMut::of(a.view_mut())?),
        Layout::RowMajor { .. } => lapack::potrf(uplo.transposed(), MatMut::of(a.view_mut().reversed_axes())?),
        Layout::Strided => {
            let packed = pack::load(a, &mut workspace.matrix)?;
            lapack::potrf(uplo, MatMut::packed(packed, a.dim())?)?;
            pack::store_columns(packed, a.view_mut());
            Ok(())
        }
    }
}

impl<T: Element, S: Data<Elem = T>> Cholesky<T, S> {
    /// Factors `a` in its own memory: an owned matrix is consumed, a mutable view overwritten. See
    /// [`CholeskyExt::cholesky`].
    ///
    /// # Errors
    /// As for [`CholeskyExt::cholesky`].
    pub fn from_array(mut a: ArrayBase<S, Ix2>, options: &CholeskyOptions, workspace: &mut Workspace<T>) -> Result<Self>
    where
        S: DataMut,
    {
        check(&a, options)?;
        let norm = norm1(&a, options.uplo, &mut workspace.scratch.rwork)?;
        factor(&mut a, options.uplo, workspace)?;
        Ok(Cholesky { factor: a, uplo: options.uplo, norm })
    }

    /// L in the triangle that was read if that is the lower one, else Lᴴ in the upper one, in the memory in which it was
    /// computed; the other triangle is as it was. Nothing is copied; [`Cholesky::factor`] copies.
    pub fn packed(&self) -> ArrayView2<'_, T> {
        self.factor.view()
    }

    /// L, with zeros above its diagonal.
    pub fn factor(&self) -> Array2<T> {
        let entry = |(i, j)| match self.uplo {
            _ if i < j => T::zero(),
            Uplo::Lower => self.factor[(i, j)],
            Uplo::Upper => self.factor[(j, i)].conj(),
        };
        Array2::from_shape_fn(self.factor.raw_dim(), entry)
    }

    /// The solution of A·X = B.
    ///
    /// Routine: potrs; 2n²p flops for p columns.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFiniteRhs`], [`Error::Overflow`], [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let x = array![[4.0, 2.0], [2.0, 5.0]].cholesky()?.solve(&array![8.0, 12.0])?;
    /// approx::assert_abs_diff_eq!(x, array![1.0, 2.0], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn solve<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        rhs::solve(self, b)
    }

    /// [`Cholesky::solve`] into an array of the caller's: with a warm workspace and an `x` of the right shape it allocates
    /// nothing. After an error the entries of `x` are unspecified.
    ///
    /// # Errors
    /// As for [`Cholesky::solve`].
    pub fn solve_to<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, workspace: &mut Workspace<T>, x: &mut Array<T, D>,
    ) -> Result<()> {
        rhs::solve_to(self, b, workspace, x)
    }

    /// [`Cholesky::solve`] in the memory of B, which may have any layout.
    ///
    /// # Errors
    /// As for [`Cholesky::solve`]; after [`Error::Overflow`] the entries of B are unspecified, after any other they are as
    /// they were.
    pub fn solve_inplace<D: RhsDimension>(&self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>) -> Result<()> {
        rhs::solve_inplace(self, b, workspace)
    }

    /// ln det A = 2·Σ ln lᵢᵢ; 0 for a 0×0 matrix.
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let ln_det: f64 = array![[4.0, 0.0], [0.0, 9.0]].cholesky()?.ln_det();
    /// approx::assert_relative_eq!(ln_det, 36_f64.ln(), max_relative = 1e-15);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn ln_det(&self) -> T::Real {
        let sum: T::Real = self.factor.diag().iter().map(|l| Scalar::ln(l.re())).sum();
        sum + sum
    }

    /// An estimate of 1/κ₁(A).
    ///
    /// Routine: pocon, O(n²) flops. For complex types within a factor √2 of that routine's own.
    ///
    /// # Errors
    /// [`Error::Empty`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let rcond: f64 = array![[4.0, 0.0], [0.0, 1.0]].cholesky()?.rcond()?;
    /// approx::assert_relative_eq!(rcond, 0.25, max_relative = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn rcond(&self) -> Result<T::Real> {
        self.estimate_rcond(&mut Scratch::default())
    }

    /// [`Cholesky::rcond`] with reused working memory.
    pub(crate) fn estimate_rcond(&self, scratch: &mut Scratch<T>) -> Result<T::Real> {
        if self.factor.is_empty() {
            return Err(Error::Empty { what: "a condition number" });
        }
        let mut factor = pack::readable(&self.factor)?;
        // The condition of s²·A, whose factor is s·L: near the ends of the range the routine's own norms would leave it.
        let root = power_near_reciprocal(Scalar::sqrt(T::Real::one() / moderating(self.norm)));
        if root != T::Real::one() {
            factor.mapv_inplace(|l| l.mul_real(root));
        }
        let norm = Float::min(self.norm, T::Real::max_value()) * root * root;
        let order = pack::natural_order(&factor);
        let memory = match order {
            Order::ColumnMajor => Mat::of(factor.view())?,
            Order::RowMajor => Mat::of(factor.t())?,
        };
        lapack::pocon(stored(self.uplo, order), memory, norm, scratch)
    }

    /// The factorization whose L stands in the lower triangle of `factor`, of an A with that 1-norm.
    pub(crate) fn from_lower(factor: ArrayBase<S, Ix2>, norm: T::Real) -> Self {
        Cholesky { factor, uplo: Uplo::Lower, norm }
    }

    /// The memory, for another use; see [`Cholesky::packed`].
    pub(crate) fn into_packed(self) -> ArrayBase<S, Ix2> {
        self.factor
    }
}

impl<T: Element, S: Data<Elem = T>> SolveColumns<T> for Cholesky<T, S> {
    fn rows(&self) -> Result<(usize, usize)> {
        Ok(self.factor.dim())
    }

    fn solve_columns(&self, mut b: ArrayViewMut2<'_, T>, _: &mut Scratch<T>) -> Result<()> {
        if b.is_empty() {
            return Ok(());
        }
        let factor = pack::readable(&self.factor)?;
        match pack::natural_order(&factor) {
            Order::ColumnMajor => lapack::potrs(self.uplo, Mat::of(factor.view())?, MatMut::of(b)?),
            Order::RowMajor => {
                conjugate(&mut b);
                lapack::potrs(self.uplo.transposed(), Mat::of(factor.t())?, MatMut::of(b.view_mut())?)?;
                conjugate(&mut b);
                Ok(())
            }
        }
    }
}
