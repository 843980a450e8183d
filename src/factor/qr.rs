//! The factor floor: QR, with Q kept as reflectors until it is asked for.
//! Must not call a routine but through `lapack`.
//!
//! A row-major matrix is factored as the LQ of its transpose, Aᵀ = L·Q′, which in the same memory is A = Q′ᵀ·Lᵀ: R
//! stands on and above the diagonal of the array either way, the reflectors below it, and Q = Q′ᵀ.

use ndarray::{
    Array, Array2, ArrayBase, ArrayRef, ArrayRef2, ArrayView2, ArrayViewMut2, CowArray, Data, DataMut, Ix2, OwnedRepr,
    RawDataClone, ShapeBuilder, ViewRepr, Zip, s,
};

use num_traits::One;

use crate::element::{Element, conjugate};
use crate::error::{Error, Result, require_tall};
use crate::lapack::{self, Diag, Mat, MatMut, Norm, Op, Side, Uplo};
use crate::layout::{Layout, Order};
use crate::pack::{self, Part};
use crate::scale::moderating;
use crate::workspace::{Scratch, Workspace, packed_entries, reshape, zeroed};

use super::rhs::{self, RhsDimension, SolveColumns, checked_columns, columns_of, copied_columns, in_columns};

/// A = Q·R with Q m×m unitary, kept as reflectors, and R m×n upper triangular.
///
/// `S` is the storage of the reflectors: owned, or the caller's own matrix for [`QrExt::qr_inplace`].
#[derive(Debug)]
pub struct Qr<T: Element, S: Data<Elem = T> = OwnedRepr<T>> {
    /// R on and above the diagonal, the reflectors below it.
    factors: ArrayBase<S, Ix2>,
    /// The scalar factors of the reflectors.
    tau: Vec<T>,
}

impl<T: Element, S: Data<Elem = T> + RawDataClone> Clone for Qr<T, S> {
    fn clone(&self) -> Self {
        Qr { factors: self.factors.clone(), tau: self.tau.clone() }
    }
}

impl<T: Element> Default for Qr<T> {
    /// The factorization of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        Qr { factors: Array2::default((0, 0)), tau: Vec::new() }
    }
}

/// Whether a factorization looks for entries that are not finite before it begins.
///
/// Only where such entries can do no more harm than make the result NaN is there a choice; elsewhere the routines may
/// loop forever or read beyond their arrays, and the check is always made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Check {
    /// Look, and refuse them.
    #[default]
    Finite,
    /// Take the caller's word.
    Trusted,
}

/// How a QR factorization is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QrOptions {
    /// Whether entries are checked.
    pub check: Check,
}

/// QR factorizations of a matrix.
pub trait QrExt<T: Element> {
    /// A = Q·R by Householder reflections, for an m×n matrix of any shape.
    ///
    /// Routine: geqrf, or gelqf for row-major input, which is not transposed; 2n²(m − n/3) flops for m ≥ n (Golub &
    /// Van Loan, §5.2.2). The computed R is that of a matrix within c·mn·ε‖A‖ of A (Higham, Theorem 19.4).
    ///
    /// # Errors
    /// [`Error::NonFinite`], [`Error::TooLarge`], [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let a = array![[3.0_f64, 1.0], [4.0, 2.0], [0.0, 2.0]];
    /// let qr = a.qr()?;
    /// approx::assert_abs_diff_eq!(qr.r()[(0, 0)].powi(2), 25.0, epsilon = 1e-13);
    /// approx::assert_abs_diff_eq!(qr.q()?.dot(&qr.r()), a, epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn qr(&self) -> Result<Qr<T>>;

    /// QR with options and reused working memory; see [`QrExt::qr`].
    ///
    /// # Errors
    /// As for [`QrExt::qr`].
    fn qr_with(&self, options: &QrOptions, workspace: &mut Workspace<T>) -> Result<Qr<T>>;

    /// QR into an `output` of the caller's: with a warm workspace and an output of the same shape and layout it
    /// allocates nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`QrExt::qr`].
    fn qr_to(&self, options: &QrOptions, workspace: &mut Workspace<T>, output: &mut Qr<T>) -> Result<()>;

    /// QR in the memory of the matrix itself, which the factorization borrows. Padded and sliced views are factored
    /// where they stand; one that LAPACK cannot read is copied and written back.
    ///
    /// # Errors
    /// As for [`QrExt::qr`].
    fn qr_inplace<'a>(
        &'a mut self, options: &QrOptions, workspace: &mut Workspace<T>,
    ) -> Result<Qr<T, ViewRepr<&'a mut T>>>;
}

impl<T: Element> QrExt<T> for ArrayRef2<T> {
    fn qr(&self) -> Result<Qr<T>> {
        self.qr_with(&QrOptions::default(), &mut Workspace::new())
    }

    fn qr_with(&self, options: &QrOptions, workspace: &mut Workspace<T>) -> Result<Qr<T>> {
        let mut output = Qr::default();
        self.qr_to(options, workspace, &mut output)?;
        Ok(output)
    }

    fn qr_to(&self, options: &QrOptions, workspace: &mut Workspace<T>, output: &mut Qr<T>) -> Result<()> {
        if options.check == Check::Finite {
            pack::check_finite(self, Part::All)?;
        }
        reshape(&mut output.factors, self.nrows(), self.ncols(), pack::natural_order(self))?;
        pack::copy(self, packed_entries(&mut output.factors)?);
        factor(&mut output.factors, &mut output.tau, workspace)?;
        check_result(&output.factors, options)
    }

    fn qr_inplace<'a>(
        &'a mut self, options: &QrOptions, workspace: &mut Workspace<T>,
    ) -> Result<Qr<T, ViewRepr<&'a mut T>>> {
        Qr::from_array(self.view_mut(), options, workspace)
    }
}

/// Overwrites `a` by R and the reflectors.
fn factor<T: Element>(a: &mut ArrayRef2<T>, tau: &mut Vec<T>, workspace: &mut Workspace<T>) -> Result<()> {
    let k = a.nrows().min(a.ncols());
    if tau.len() != k {
        *tau = zeroed(k)?;
    }
    if k == 0 {
        return Ok(());
    }
    let Workspace { scratch, matrix, .. } = workspace;
    match pack::layout_of(a) {
        Layout::ColumnMajor { .. } => lapack::geqrf(MatMut::of(a.view_mut())?, tau, scratch),
        Layout::RowMajor { .. } => lapack::gelqf(MatMut::of(a.view_mut().reversed_axes())?, tau, scratch),
        Layout::Strided => {
            let packed = pack::load(a, matrix)?;
            lapack::geqrf(MatMut::packed(packed, a.dim())?, tau, scratch)?;
            pack::store_columns(packed, a.view_mut());
            Ok(())
        }
    }
}

/// [`Error::Overflow`] if an entry is not finite: the length of a column is beyond the range, or the library divided by
/// a subnormal number.
///
/// A reflector that is not finite spoils the columns of R on its right; only the last one may have none.
fn check_result<T: Element>(factors: &ArrayRef2<T>, options: &QrOptions) -> Result<()> {
    if options.check == Check::Trusted {
        return Ok(());
    }
    let last = factors.nrows().min(factors.ncols()).saturating_sub(1);
    let last_reflector = factors.slice(s![last.., last..(last + 1).min(factors.ncols())]);
    pack::check_finite(factors, Part::Upper)
        .and_then(|()| pack::check_finite(&last_reflector, Part::All))
        .map_err(|_| Error::Overflow { what: "a factor of QR" })
}

/// Overwrites reflectors by the columns of Q, in the order in which they stand.
fn form_q<T: Element>(order: Order, q: ArrayViewMut2<'_, T>, tau: &[T], scratch: &mut Scratch<T>) -> Result<()> {
    if q.is_empty() {
        return Ok(());
    }
    match order {
        Order::ColumnMajor => lapack::ungqr(MatMut::of(q)?, tau, scratch),
        Order::RowMajor => lapack::unglq(MatMut::of(q.reversed_axes())?, tau, scratch),
    }
}

impl<T: Element, S: Data<Elem = T>> Qr<T, S> {
    /// The factorization that a routine has left in `factors` and in `tau`, of min(m, n) entries.
    pub(super) fn from_parts(factors: ArrayBase<S, Ix2>, tau: Vec<T>) -> Self {
        Qr { factors, tau }
    }

    /// The memory of `tau`, for another use.
    pub(super) fn into_tau(self) -> Vec<T> {
        self.tau
    }

    /// The factors and `tau`, to be overwritten by another factorization.
    pub(super) fn parts_mut(&mut self) -> (&mut ArrayBase<S, Ix2>, &mut Vec<T>) {
        (&mut self.factors, &mut self.tau)
    }
}

impl<T: Element, S: Data<Elem = T>> Qr<T, S> {
    /// Factors `a` in its own memory: an owned matrix is consumed, a mutable view overwritten. See [`QrExt::qr`].
    ///
    /// # Errors
    /// As for [`QrExt::qr`].
    pub fn from_array(mut a: ArrayBase<S, Ix2>, options: &QrOptions, workspace: &mut Workspace<T>) -> Result<Self>
    where
        S: DataMut,
    {
        if options.check == Check::Finite {
            pack::check_finite(&a, Part::All)?;
        }
        let mut tau = Vec::new();
        factor(&mut a, &mut tau, workspace)?;
        check_result(&a, options)?;
        Ok(Qr { factors: a, tau })
    }

    /// The rows and columns of A.
    pub fn dim(&self) -> (usize, usize) {
        self.factors.dim()
    }

    /// The first k = min(m, n) columns of Q, m×k, with orthonormal columns.
    ///
    /// Routine: ungqr or unglq; 2n²(m − n/3) flops for m ≥ n. To multiply by Q, [`Qr::apply_q`] is cheaper.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let q = array![[3.0], [4.0]].qr()?.q()?;
    /// approx::assert_abs_diff_eq!(q.t().dot(&q), array![[1.0]], epsilon = 1e-15);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn q(&self) -> Result<Array2<T>> {
        let mut q = Array2::default((0, 0));
        self.q_to(&mut Workspace::new(), &mut q)?;
        Ok(q)
    }

    /// [`Qr::q`] into an `output` of the caller's; see [`QrExt::qr_to`].
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn q_to(&self, workspace: &mut Workspace<T>, output: &mut Array2<T>) -> Result<()> {
        self.generate(self.tau.len(), workspace, output)
    }

    /// All of Q, m×m.
    ///
    /// Routine: ungqr or unglq; 4(m²n − mn² + n³/3) flops for m ≥ n.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn q_full(&self) -> Result<Array2<T>> {
        let mut q = Array2::default((0, 0));
        self.q_full_to(&mut Workspace::new(), &mut q)?;
        Ok(q)
    }

    /// [`Qr::q_full`] into an `output` of the caller's; see [`QrExt::qr_to`].
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn q_full_to(&self, workspace: &mut Workspace<T>, output: &mut Array2<T>) -> Result<()> {
        self.generate(self.factors.nrows(), workspace, output)
    }

    /// [`Qr::q`] in the memory of the factors, for m ≥ n: the array that was factored becomes Q.
    ///
    /// # Errors
    /// [`Error::Shape`] for m < n, [`Error::TooLarge`].
    pub fn into_q(self, workspace: &mut Workspace<T>) -> Result<ArrayBase<S, Ix2>>
    where
        S: DataMut,
    {
        require_tall("Q in the memory of the factors", self.factors.dim())?;
        let Qr { mut factors, tau } = self;
        match pack::layout_of(&factors) {
            Layout::RowMajor { .. } => form_q(Order::RowMajor, factors.view_mut(), &tau, &mut workspace.scratch)?,
            _ => in_columns(factors.view_mut(), workspace, |q, scratch| form_q(Order::ColumnMajor, q, &tau, scratch))?,
        }
        Ok(factors)
    }

    /// The first `columns` ≥ k columns of Q.
    fn generate(&self, columns: usize, workspace: &mut Workspace<T>, q: &mut Array2<T>) -> Result<()> {
        let (m, k) = (self.factors.nrows(), self.tau.len());
        let order = pack::natural_order(&self.factors);
        reshape(q, m, columns, order)?;
        if k == 0 {
            q.fill(T::zero());
            q.diag_mut().fill(T::one());
            return Ok(());
        }
        q.slice_mut(s![.., ..k]).assign(&self.factors.slice(s![.., ..k]));
        form_q(order, q.view_mut(), &self.tau, &mut workspace.scratch)
    }

    /// The upper triangular factor, k×n with k = min(m, n).
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let r = array![[3.0_f64, 1.0], [4.0, 2.0]].qr()?.r();
    /// assert_eq!(r[(1, 0)], 0.0);
    /// approx::assert_abs_diff_eq!(r[(0, 0)].abs(), 5.0, epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn r(&self) -> Array2<T> {
        let (k, n) = (self.tau.len(), self.factors.ncols());
        let factors = self.factors.slice(s![..k, ..]);
        let order = pack::natural_order(&self.factors);
        let mut r = Array2::from_elem((k, n).set_f(order == Order::ColumnMajor), T::zero());
        match order {
            Order::ColumnMajor => pack::copy_part(Part::Upper, factors, r.view_mut()),
            Order::RowMajor => pack::copy_part(Part::Lower, factors.reversed_axes(), r.view_mut().reversed_axes()),
        }
        r
    }

    /// Q·B for B with m rows, without forming Q.
    ///
    /// Routine: unmqr or unmlq; 2pk(2m − k) flops for p columns.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFiniteRhs`], [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let qr = array![[1.0], [1.0]].qr()?;
    /// let b = array![1.0, 3.0];
    /// approx::assert_abs_diff_eq!(qr.apply_q(&qr.apply_qh(&b)?)?, b, epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn apply_q<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        let mut c = copied_columns(b, self.factors.nrows())?;
        self.multiply(Op::None, c.view_mut(), &mut Scratch::default())?;
        Ok(D::from_columns(c))
    }

    /// [`Qr::apply_q`] in the memory of B, which may have any layout.
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_q_inplace<D: RhsDimension>(&self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>) -> Result<()> {
        self.multiply_inplace(Op::None, b, workspace)
    }

    /// Qᴴ·B for B with m rows, without forming Q; see [`Qr::apply_q`].
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_qh<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        let mut c = copied_columns(b, self.factors.nrows())?;
        self.multiply(Op::Adjoint, c.view_mut(), &mut Scratch::default())?;
        Ok(D::from_columns(c))
    }

    /// [`Qr::apply_qh`] in the memory of B, which may have any layout.
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_qh_inplace<D: RhsDimension>(
        &self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>,
    ) -> Result<()> {
        self.multiply_inplace(Op::Adjoint, b, workspace)
    }

    fn multiply_inplace<D: RhsDimension>(
        &self, op: Op, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>,
    ) -> Result<()> {
        checked_columns(b, self.factors.nrows())?;
        in_columns(D::columns_mut(b.view_mut()), workspace, |b, scratch| self.multiply(op, b, scratch))
    }

    /// C ← op(Q)·C for column-major C.
    fn multiply(&self, op: Op, mut c: ArrayViewMut2<'_, T>, scratch: &mut Scratch<T>) -> Result<()> {
        let k = self.tau.len();
        if k == 0 || c.is_empty() {
            return Ok(());
        }
        let factors = self.readable()?;
        match pack::natural_order(&factors) {
            Order::ColumnMajor => {
                let reflectors = Mat::of(factors.slice(s![.., ..k]))?;
                lapack::unmqr(Side::Left, op, reflectors, &self.tau, MatMut::of(c)?, scratch)
            }
            // Q = Q′ᵀ, so that Q·C is the conjugate of Q′ᴴ times the conjugate of C.
            Order::RowMajor => {
                let reflectors = factors.t();
                let reflectors = Mat::of(reflectors.slice(s![..k, ..]))?;
                let op = if op == Op::None { Op::Adjoint } else { Op::None };
                conjugate(&mut c);
                lapack::unmlq(Side::Left, op, reflectors, &self.tau, MatMut::of(c.view_mut())?, scratch)?;
                conjugate(&mut c);
                Ok(())
            }
        }
    }

    /// The least-squares solution of A·X ≈ B for m ≥ n and full column rank: X = R⁻¹·(QᴴB)₁…ₙ.
    ///
    /// Routines: unmqr, trtrs; 4mnp − n²p flops for p columns. Rank is not looked at beyond an exact zero on the
    /// diagonal of R: [`Qr::rcond`] tells.
    ///
    /// # Errors
    /// [`Error::Shape`] (also for m < n), [`Error::NonFiniteRhs`], [`Error::Singular`], [`Error::Overflow`],
    /// [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let x = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]].qr()?.solve(&array![1.0, 3.0, 5.0])?;
    /// approx::assert_abs_diff_eq!(x, array![1.0, 2.0], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn solve<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        rhs::solve(self, b)
    }

    /// [`Qr::solve`] into an array of the caller's: with a warm workspace and an `x` of the right shape it allocates nothing.
    /// After an error the entries of `x` are unspecified.
    ///
    /// # Errors
    /// As for [`Qr::solve`].
    pub fn solve_to<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, workspace: &mut Workspace<T>, x: &mut Array<T, D>,
    ) -> Result<()> {
        rhs::solve_to(self, b, workspace, x)
    }

    /// [`Qr::solve`] in the memory of B, which may have any layout: X in its first n rows, and below them what QᴴB has
    /// there, whose norm is that of the residual.
    ///
    /// # Errors
    /// As for [`Qr::solve`]; after [`Error::Singular`] and [`Error::Overflow`] the entries of B are unspecified, after any
    /// other they are as they were.
    pub fn solve_inplace<D: RhsDimension>(&self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>) -> Result<()> {
        rhs::solve_inplace(self, b, workspace)
    }

    /// C ← op(R₁)⁻¹·C for column-major C of k rows, with R₁ the leading k×k block of R; op is not the adjoint.
    fn solve_triangular(&self, op: Op, c: ArrayViewMut2<'_, T>) -> Result<()> {
        let k = self.tau.len();
        if k == 0 || c.is_empty() {
            return Ok(());
        }
        let factors = self.readable()?;
        let flipped = if op == Op::None { Op::Transpose } else { Op::None };
        match pack::natural_order(&factors) {
            Order::ColumnMajor => {
                let r = Mat::of(factors.slice(s![..k, ..k]))?;
                lapack::trtrs(Uplo::Upper, op, Diag::NonUnit, r, MatMut::of(c)?)
            }
            Order::RowMajor => {
                let l = factors.t();
                lapack::trtrs(Uplo::Lower, flipped, Diag::NonUnit, Mat::of(l.slice(s![..k, ..k]))?, MatMut::of(c)?)
            }
        }
    }

    /// C ← R₁⁻ᵀ·C for column-major C of k rows, with R₁ the leading k×k block of R.
    pub(crate) fn solve_transposed(&self, c: ArrayViewMut2<'_, T>) -> Result<()> {
        self.solve_triangular(Op::Transpose, c)
    }

    /// C ← Q̄·C for column-major C of m rows.
    pub(crate) fn apply_conjugate_q(&self, mut c: ArrayViewMut2<'_, T>, scratch: &mut Scratch<T>) -> Result<()> {
        conjugate(&mut c);
        self.multiply(Op::None, c.view_mut(), scratch)?;
        conjugate(&mut c);
        Ok(())
    }

    /// (f, g) ← the solution (r, z) of [I A; Aᴴ 0]·(r, z) = (f, g), for m ≥ n and full column rank: with h = R⁻ᴴg and
    /// d = Qᴴf, z = R⁻¹(d₁ − h) and r = Q·(h, d₂) (Björck, Numerical Methods for Least Squares Problems, §2.9.2). Both are
    /// column-major.
    pub(crate) fn solve_augmented(
        &self, mut f: ArrayViewMut2<'_, T>, mut g: ArrayViewMut2<'_, T>, scratch: &mut Scratch<T>,
    ) -> Result<()> {
        conjugate(&mut g);
        self.solve_triangular(Op::Transpose, g.view_mut())?;
        conjugate(&mut g);
        self.multiply(Op::Adjoint, f.view_mut(), scratch)?;
        Zip::from(f.slice_mut(s![..self.tau.len(), ..])).and(&mut g).for_each(|d, h| {
            let difference = *d - *h;
            *d = std::mem::replace(h, difference);
        });
        self.solve_triangular(Op::None, g)?;
        self.multiply(Op::None, f, scratch)
    }

    /// An estimate of 1/κ₁(R), for m ≥ n: near 1 for a well-conditioned matrix, of the order of ε where columns are
    /// dependent to working precision.
    ///
    /// Routine: trcon, O(n²) flops. The estimate is hardly ever more than a factor 10 too large (Higham, §15.2).
    ///
    /// # Errors
    /// [`Error::Shape`] for m < n, [`Error::Empty`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let dependent = array![[1.0, 1.0], [1.0, 1.0 + 1e-12], [1.0, 1.0]];
    /// let rcond: f64 = dependent.qr()?.rcond()?;
    /// assert!(rcond < 1e-11);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn rcond(&self) -> Result<T::Real> {
        require_tall("the condition of R", self.factors.dim())?;
        self.r_rcond(&mut Scratch::default())
    }

    /// An estimate of 1/κ₁ of the leading k×k block of R.
    pub(crate) fn r_rcond(&self, scratch: &mut Scratch<T>) -> Result<T::Real> {
        let k = self.tau.len();
        triangular_rcond(&self.factors.slice(s![..k, ..k]), scratch)
    }

    /// R on and above the diagonal, the reflectors below it, in the memory in which they were computed. Nothing is
    /// copied; [`Qr::r`] and [`Qr::q`] copy.
    pub fn packed(&self) -> ArrayView2<'_, T> {
        self.factors.view()
    }

    /// The factors, if LAPACK can read them or their transpose, or else a copy.
    fn readable(&self) -> Result<CowArray<'_, T, Ix2>> {
        pack::readable(&self.factors)
    }
}

impl<T: Element, S: Data<Elem = T>> SolveColumns<T> for Qr<T, S> {
    fn rows(&self) -> Result<(usize, usize)> {
        require_tall("a system solved by QR", self.factors.dim())?;
        Ok(self.factors.dim())
    }

    fn solve_columns(&self, mut b: ArrayViewMut2<'_, T>, scratch: &mut Scratch<T>) -> Result<()> {
        self.multiply(Op::Adjoint, b.view_mut(), scratch)?;
        self.solve_triangular(Op::None, b.slice_mut(s![..self.tau.len(), ..]))
    }
}

/// The QR factorization of `a`, which is finite, in memory that the workspace lends, to be used by `then`.
///
/// By columns, whatever the order of `a` is: the routine for rows sums down a long matrix one entry after another, and
/// one-signed roundings add up to some 0.01·m·ε.
pub(crate) fn with_qr<T: Element, R>(
    a: &ArrayRef2<T>, workspace: &mut Workspace<T>, then: impl FnOnce(&Qr<T>, &mut Workspace<T>) -> Result<R>,
) -> Result<R> {
    let mut factors = columns_of(a, workspace)?;
    let mut tau = workspace.spare.lend_vec(a.nrows().min(a.ncols()))?;
    factor(&mut factors, &mut tau, workspace)?;
    let qr = Qr { factors, tau };
    let result = then(&qr, workspace);
    workspace.spare.keep(qr.factors);
    workspace.spare.keep_vec(qr.tau);
    result
}

/// An estimate of 1/κ₁ of an upper triangular matrix; what stands below the diagonal is not read.
pub(crate) fn triangular_rcond<T: Element>(r: &ArrayRef2<T>, scratch: &mut Scratch<T>) -> Result<T::Real> {
    if r.is_empty() {
        return Err(Error::Empty { what: "a condition number" });
    }
    let mut r = pack::readable(r)?;
    // A factor that is not finite has no condition number, which the routine will say.
    let scale = moderating(pack::size(&r, Part::Upper).unwrap_or(T::Real::one()));
    if scale != T::Real::one() {
        // Near the ends of the range the routine's own norms would leave it.
        r.mapv_inplace(|x| x.mul_real(scale));
    }
    match pack::natural_order(&r) {
        Order::ColumnMajor => lapack::trcon(Norm::One, Uplo::Upper, Mat::of(r.view())?, scratch),
        Order::RowMajor => lapack::trcon(Norm::Infinity, Uplo::Lower, Mat::of(r.t())?, scratch),
    }
}
