//! The factor floor: LU with partial pivoting, solves, the inverse and the determinant.
//! Must not call a routine but through `lapack`.
//!
//! P·A = L·U is not symmetric under transposition: `lu_rows` factors row-major matrices in their own memory.

use ndarray::{
    Array, Array2, ArrayBase, ArrayRef, ArrayRef2, ArrayView2, ArrayViewMut2, Data, DataMut, Ix2, OwnedRepr,
    RawDataClone, ViewRepr,
};
use num_traits::{Float, One, Zero};

use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::lapack::{self, Mat, MatMut, Op};
use crate::layout::{Int, Layout, Order};
use crate::pack::{self, Part};
use crate::scale::{moderating, near_one, power_near_reciprocal, times_power};
use crate::workspace::{Scratch, Workspace, packed_entries, reshape, zeroed};

use super::lu_rows;
use super::rhs::{self, RhsDimension, SolveColumns, in_columns, require_finite};

/// P·A = L·U for an m×n matrix, with L unit lower triangular (m×k), U upper triangular (k×n), k = min(m, n).
///
/// `S` is the storage of the factors: owned, or the caller's own matrix for [`LuExt::lu_inplace`].
#[derive(Debug)]
pub struct Lu<T: Element, S: Data<Elem = T> = OwnedRepr<T>> {
    /// U on and above the diagonal, L below it.
    factors: ArrayBase<S, Ix2>,
    /// Row i was exchanged with row pivots[i], from 1.
    pivots: Vec<Int>,
    /// The first pivot that is exactly zero.
    zero_pivot: Option<usize>,
    /// The 1-norm of A; for complex types with |re| + |im| for the absolute value.
    norm: T::Real,
}

impl<T: Element, S: Data<Elem = T> + RawDataClone> Clone for Lu<T, S> {
    fn clone(&self) -> Self {
        let Lu { factors, pivots, zero_pivot, norm } = self;
        Lu { factors: factors.clone(), pivots: pivots.clone(), zero_pivot: *zero_pivot, norm: *norm }
    }
}

impl<T: Element> Default for Lu<T> {
    /// The factorization of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        Lu { factors: Array2::default((0, 0)), pivots: Vec::new(), zero_pivot: None, norm: T::Real::default() }
    }
}

/// LU factorization of a matrix.
pub trait LuExt<T: Element> {
    /// P·A = L·U by elimination with partial pivoting, for an m×n matrix of any shape. A singular matrix is factored
    /// too; only solving with it is an error.
    ///
    /// Routine: getrf, or for row-major input recursive elimination over gemm and trsm in the same memory; 2n³/3 flops
    /// for m = n (Golub & Van Loan, §3.4). The computed factors are those of a matrix
    /// within 2n·g·ε‖A‖ of A with the growth factor g, small in practice (Higham, Theorem 9.5).
    ///
    /// # Errors
    /// [`Error::NonFinite`], [`Error::TooLarge`], [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let lu = array![[1.0, 2.0], [3.0, 4.0]].lu()?;
    /// assert_eq!(lu.permutation(), [1, 0]);
    /// approx::assert_abs_diff_eq!(lu.solve(&array![5.0, 11.0])?, array![1.0, 2.0], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn lu(&self) -> Result<Lu<T>>;

    /// LU with reused working memory; see [`LuExt::lu`].
    ///
    /// # Errors
    /// As for [`LuExt::lu`].
    fn lu_with(&self, workspace: &mut Workspace<T>) -> Result<Lu<T>>;

    /// LU into an `output` of the caller's: with an output of the same shape it allocates nothing. After an error the
    /// output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`LuExt::lu`].
    fn lu_to(&self, workspace: &mut Workspace<T>, output: &mut Lu<T>) -> Result<()>;

    /// LU in the memory of the matrix itself, which the factorization borrows. Padded and sliced views are factored
    /// where they stand; one that LAPACK cannot read is copied and written back.
    ///
    /// # Errors
    /// As for [`Lu::from_array`].
    fn lu_inplace<'a>(&'a mut self, workspace: &mut Workspace<T>) -> Result<Lu<T, ViewRepr<&'a mut T>>>;
}

impl<T: Element> LuExt<T> for ArrayRef2<T> {
    fn lu(&self) -> Result<Lu<T>> {
        self.lu_with(&mut Workspace::new())
    }

    fn lu_with(&self, workspace: &mut Workspace<T>) -> Result<Lu<T>> {
        let mut output = Lu::default();
        self.lu_to(workspace, &mut output)?;
        Ok(output)
    }

    fn lu_to(&self, workspace: &mut Workspace<T>, output: &mut Lu<T>) -> Result<()> {
        output.norm = pack::norm1(self, &mut workspace.scratch.rwork)?;
        reshape(&mut output.factors, self.nrows(), self.ncols(), pack::natural_order(self))?;
        pack::copy(self, packed_entries(&mut output.factors)?);
        output.zero_pivot = factor(&mut output.factors, output.norm, &mut output.pivots, workspace)?;
        if spoilt(&output.factors).is_some() {
            reshape(&mut output.factors, self.nrows(), self.ncols(), Order::RowMajor)?;
            output.factors.assign(self);
            output.zero_pivot = factor(&mut output.factors, output.norm, &mut output.pivots, workspace)?;
        }
        check_growth(&output.factors, output.norm)
    }

    fn lu_inplace<'a>(&'a mut self, workspace: &mut Workspace<T>) -> Result<Lu<T, ViewRepr<&'a mut T>>> {
        Lu::from_array(self.view_mut(), workspace)
    }
}

/// Overwrites `a` by its factors; returns the first zero pivot.
fn factor<T: Element>(
    a: &mut ArrayRef2<T>, norm: T::Real, pivots: &mut Vec<Int>, workspace: &mut Workspace<T>,
) -> Result<Option<usize>> {
    let k = a.nrows().min(a.ncols());
    if pivots.len() != k {
        *pivots = zeroed(k)?;
    }
    if k == 0 {
        return Ok(None);
    }
    // Below this norm the rounding errors themselves, and so the pivots of a singular matrix, are subnormal.
    let tiny = norm < T::Real::min_positive_value() / (T::Real::EPS * T::Real::EPS);
    let own = tiny || !lapack::getrf_is_right::<T>()?;
    let layout = pack::layout_of(a);
    if let Layout::RowMajor { .. } = layout {
        return lu_rows::factor(MatMut::of(a.view_mut().reversed_axes())?, pivots);
    }
    let (m, n) = a.dim();
    match layout {
        _ if own => {
            let packed = workspace.matrix.take(m * n)?;
            pack::copy_columns(&a.t(), packed);
            let zero_pivot = lu_rows::factor(MatMut::packed(packed, (n, m))?, pivots)?;
            pack::store_columns(packed, a.view_mut().reversed_axes());
            Ok(zero_pivot)
        }
        Layout::Strided => {
            let packed = workspace.matrix.take(m * n)?;
            pack::copy_columns(a, packed);
            let zero_pivot = lapack::getrf(MatMut::packed(packed, (m, n))?, pivots)?;
            pack::store_columns(packed, a.view_mut());
            Ok(zero_pivot)
        }
        _ => lapack::getrf(MatMut::of(a.view_mut())?, pivots),
    }
}

/// The first pivot by which OpenBLAS cannot have divided: it multiplies by the reciprocal, which is infinite for a
/// subnormal pivot. Where that spoilt no entry there is none.
fn spoilt<T: Element>(factors: &ArrayRef2<T>) -> Option<usize> {
    let subnormal = |pivot: &T| pack::magnitude(*pivot).is_subnormal();
    let pivot = factors.diag().iter().position(subnormal)?;
    factors.iter().any(|&x| !pack::is_finite(x)).then_some(pivot)
}

/// [`Error::Overflow`] if elimination has grown an entry beyond the range of the type, which takes a matrix that is
/// close to it.
fn check_growth<T: Element>(factors: &ArrayRef2<T>, norm: T::Real) -> Result<()> {
    if norm < Scalar::sqrt(T::Real::max_value()) {
        return Ok(());
    }
    pack::check_finite(factors, Part::All).map_err(|_| Error::Overflow { what: "an entry of L or U" })
}

impl<T: Element, S: Data<Elem = T>> Lu<T, S> {
    /// Factors `a` in its own memory: an owned matrix is consumed, a mutable view overwritten. See [`LuExt::lu`].
    ///
    /// # Errors
    /// As for [`LuExt::lu`], and [`Error::Singular`] if a pivot is so small that the library could not divide by it and
    /// lost entries: the input is gone, so that nothing else can be tried.
    pub fn from_array(mut a: ArrayBase<S, Ix2>, workspace: &mut Workspace<T>) -> Result<Self>
    where
        S: DataMut,
    {
        let norm = pack::norm1(&a, &mut workspace.scratch.rwork)?;
        let mut pivots = Vec::new();
        let zero_pivot = factor(&mut a, norm, &mut pivots, workspace)?;
        if let Some(pivot) = spoilt(&a) {
            return Err(Error::Singular { pivot });
        }
        check_growth(&a, norm)?;
        Ok(Lu { factors: a, pivots, zero_pivot, norm })
    }

    /// U on and above the diagonal, L without its unit diagonal below it, in the memory in which they were computed. Nothing
    /// is copied; [`Lu::l`] and [`Lu::u`] copy.
    pub fn packed(&self) -> ArrayView2<'_, T> {
        self.factors.view()
    }

    /// The unit lower triangular factor, m×k.
    pub fn l(&self) -> Array2<T> {
        let entry = |(i, j): (usize, usize)| match i.cmp(&j) {
            std::cmp::Ordering::Less => T::zero(),
            std::cmp::Ordering::Equal => T::one(),
            std::cmp::Ordering::Greater => self.factors[(i, j)],
        };
        Array2::from_shape_fn((self.factors.nrows(), self.pivots.len()), entry)
    }

    /// The upper triangular factor, k×n.
    pub fn u(&self) -> Array2<T> {
        let entry = |(i, j)| if i <= j { self.factors[(i, j)] } else { T::zero() };
        Array2::from_shape_fn((self.pivots.len(), self.factors.ncols()), entry)
    }

    /// Row i of P·A is row `permutation()[i]` of A.
    pub fn permutation(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.factors.nrows()).collect();
        for (i, &pivot) in self.pivots.iter().enumerate() {
            rows.swap(i, pivot.unsigned_abs() as usize - 1);
        }
        rows
    }

    /// The solution of A·X = B for a square matrix.
    ///
    /// Routine: getrs; 2n²p flops for p columns.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::Singular`], [`Error::Overflow`], [`Error::Shape`], [`Error::NonFiniteRhs`],
    /// [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let x = array![[1.0, 2.0], [3.0, 4.0]].lu()?.solve(&array![5.0, 11.0])?;
    /// approx::assert_abs_diff_eq!(x, array![1.0, 2.0], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn solve<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        rhs::solve(self, b)
    }

    /// [`Lu::solve`] into an array of the caller's: with a warm workspace and an `x` of the right shape it allocates nothing.
    /// After an error the entries of `x` are unspecified.
    ///
    /// # Errors
    /// As for [`Lu::solve`].
    pub fn solve_to<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, workspace: &mut Workspace<T>, x: &mut Array<T, D>,
    ) -> Result<()> {
        rhs::solve_to(self, b, workspace, x)
    }

    /// [`Lu::solve`] in the memory of B, which may have any layout.
    ///
    /// # Errors
    /// As for [`Lu::solve`]; after [`Error::Overflow`] the entries of B are unspecified, after any other they are as they
    /// were.
    pub fn solve_inplace<D: RhsDimension>(&self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>) -> Result<()> {
        rhs::solve_inplace(self, b, workspace)
    }

    /// The inverse of a square matrix. To solve a system, [`Lu::solve`] is cheaper and more accurate.
    ///
    /// Routine: getri; 4n³/3 flops beyond the factorization.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::Singular`], [`Error::Overflow`], [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let inverse = array![[0.0, 2.0], [4.0, 0.0]].lu()?.inverse()?;
    /// assert_eq!(inverse, array![[0.0, 0.25], [0.5, 0.0]]);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn inverse(&self) -> Result<Array2<T>> {
        let mut inverse = Array2::default((0, 0));
        self.inverse_to(&mut Workspace::new(), &mut inverse)?;
        Ok(inverse)
    }

    /// [`Lu::inverse`] into an `output` of the caller's; see [`LuExt::lu_to`].
    ///
    /// # Errors
    /// As for [`Lu::inverse`].
    pub fn inverse_to(&self, workspace: &mut Workspace<T>, output: &mut Array2<T>) -> Result<()> {
        self.require_regular()?;
        let (n, _) = self.factors.dim();
        reshape(output, n, n, Order::ColumnMajor)?;
        pack::copy_columns(&self.factors, packed_entries(output)?);
        invert(output.view_mut(), &self.pivots, moderating(self.norm), &mut workspace.scratch)
    }

    /// [`Lu::inverse`] in the memory of the factors.
    ///
    /// # Errors
    /// As for [`Lu::inverse`].
    pub fn into_inverse(self, workspace: &mut Workspace<T>) -> Result<ArrayBase<S, Ix2>>
    where
        S: DataMut,
    {
        self.require_regular()?;
        let Lu { mut factors, pivots, norm, .. } = self;
        let scale = moderating(norm);
        in_columns(factors.view_mut(), workspace, |factors, scratch| invert(factors, &pivots, scale, scratch))?;
        Ok(factors)
    }

    /// The determinant of a square matrix, ± the product of the pivots; 1 for a 0×0 matrix. It overflows or underflows only
    /// if the determinant itself does; for that, use [`Lu::ln_det`].
    ///
    /// # Errors
    /// [`Error::NotSquare`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let det: f64 = array![[0.0, 2.0], [3.0, 0.0]].lu()?.det()?;
    /// assert_eq!(det, -6.0);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn det(&self) -> Result<T> {
        self.require_square()?;
        if self.zero_pivot.is_some() {
            return Ok(T::zero());
        }
        let start = (self.exchange_sign(), 0.0);
        let (product, exponent) = self.factors.diag().iter().fold(start, |(product, exponent), &pivot| {
            let (product, first) = near_one(product);
            let (pivot, second) = near_one(pivot);
            (product * pivot, exponent + first + second)
        });
        Ok(times_power(product, exponent))
    }

    /// The sign (for complex types the phase) of the determinant, and ln|det A|; (0, −∞) for a singular matrix.
    ///
    /// # Errors
    /// [`Error::NotSquare`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::{Array2, array};
    ///
    /// let tiny: Array2<f64> = Array2::eye(1000) * 1e-3; // the determinant underflows
    /// let (sign, ln_det) = tiny.lu()?.ln_det()?;
    /// assert_eq!(sign, 1.0);
    /// approx::assert_relative_eq!(ln_det, 1000.0 * 1e-3_f64.ln(), max_relative = 1e-12);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn ln_det(&self) -> Result<(T, T::Real)> {
        self.require_square()?;
        if self.zero_pivot.is_some() {
            return Ok((T::zero(), T::Real::neg_infinity()));
        }
        let start = (self.exchange_sign(), T::Real::zero());
        Ok(self.factors.diag().iter().fold(start, |(sign, ln), &pivot| {
            // Of a complex number near the end of the range the absolute value would overflow.
            let power = power_near_reciprocal(pack::magnitude(pivot));
            let pivot = pivot.mul_real(power);
            let size = pivot.abs();
            (sign * pivot.div_real(size), ln + Scalar::ln(size) - Scalar::ln(power))
        }))
    }

    /// An estimate of 1/κ₁(A) for a square matrix; 0 if it is singular.
    ///
    /// Routine: gecon, O(n²) flops. For complex types within a factor √2 of that routine's own.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::Empty`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let rcond: f64 = array![[1.0, 0.0], [0.0, 1e-6]].lu()?.rcond()?;
    /// approx::assert_relative_eq!(rcond, 1e-6, max_relative = 1e-12);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn rcond(&self) -> Result<T::Real> {
        self.require_square()?;
        if self.factors.is_empty() {
            return Err(Error::Empty { what: "a condition number" });
        }
        if self.zero_pivot.is_some() {
            return Ok(T::Real::zero());
        }
        let (mut factors, scale) = (pack::readable_columns(&self.factors)?, moderating(self.norm));
        if scale != T::Real::one() {
            // Near the ends of the range the routine's own norms would leave it.
            scale_upper(&mut factors.view_mut(), scale);
        }
        let norm = Float::min(self.norm, T::Real::max_value()) * scale;
        lapack::gecon(Mat::of(factors.view())?, norm, &mut Scratch::default())
    }

    /// Refuses a matrix that is not square, or has a zero pivot.
    fn require_regular(&self) -> Result<()> {
        self.require_square()?;
        match self.zero_pivot {
            Some(pivot) => Err(Error::Singular { pivot }),
            None => Ok(()),
        }
    }

    fn require_square(&self) -> Result<()> {
        super::hermitian::require_square(&self.factors).map(|_| ())
    }

    /// The determinant of P.
    fn exchange_sign(&self) -> T {
        let is_exchange = |&(i, &pivot): &(usize, &Int)| pivot.unsigned_abs() as usize != i + 1;
        let is_odd = self.pivots.iter().enumerate().filter(is_exchange).count() % 2 == 1;
        if is_odd { -T::one() } else { T::one() }
    }
}

impl<T: Element, S: Data<Elem = T>> SolveColumns<T> for Lu<T, S> {
    fn rows(&self) -> Result<(usize, usize)> {
        self.require_regular()?;
        Ok(self.factors.dim())
    }

    fn solve_columns(&self, mut b: ArrayViewMut2<'_, T>, _: &mut Scratch<T>) -> Result<()> {
        if b.is_empty() {
            return Ok(());
        }
        let (mut factors, scale) = (pack::readable(&self.factors)?, moderating(self.norm));
        if scale != T::Real::one() {
            // The library would divide by pivots whose reciprocals are out of range.
            scale_upper(&mut factors.view_mut(), scale);
        }
        match pack::natural_order(&factors) {
            Order::ColumnMajor => {
                lapack::getrs(Op::None, Mat::of(factors.view())?, &self.pivots, MatMut::of(b.view_mut())?)?;
            }
            Order::RowMajor => {
                for (i, &pivot) in self.pivots.iter().enumerate() {
                    swap_rows(&mut b, i, pivot.unsigned_abs() as usize - 1);
                }
                lu_rows::solve(Mat::of(factors.t())?, MatMut::of(b.view_mut())?)?;
            }
        }
        if scale != T::Real::one() {
            b.mapv_inplace(|x| x.mul_real(scale));
        }
        Ok(())
    }
}

/// Overwrites column-major factors of A by the inverse, as `scale` times that of `scale`·A.
fn invert<T: Element>(
    mut factors: ArrayViewMut2<'_, T>, pivots: &[Int], scale: T::Real, scratch: &mut Scratch<T>,
) -> Result<()> {
    if factors.is_empty() {
        return Ok(());
    }
    scale_upper(&mut factors, scale);
    lapack::getri(MatMut::of(factors.view_mut())?, pivots, scratch)?;
    if scale != T::Real::one() {
        factors.mapv_inplace(|x| x.mul_real(scale));
    }
    require_finite(&factors)
}

/// Multiplies U by a power of two, which makes L·U the factors of that multiple of A.
fn scale_upper<T: Element>(factors: &mut ArrayRef2<T>, scale: T::Real) {
    if scale != T::Real::one() {
        let upper = factors.indexed_iter_mut().filter(|((i, j), _)| i <= j);
        upper.for_each(|(_, x)| *x = x.mul_real(scale));
    }
}

fn swap_rows<T>(x: &mut ArrayRef2<T>, i: usize, j: usize) {
    if i != j {
        for k in 0..x.ncols() {
            x.swap((i, k), (j, k));
        }
    }
}
