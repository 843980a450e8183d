//! The factor floor: the singular value decomposition, its rank and its condition number.
//! Must not call a routine but through `lapack`.
//!
//! A row-major matrix is the transpose of what LAPACK sees, so its U and Vᴴ come out exchanged and transposed, and no
//! entry is moved. If divide and conquer does not converge or leaves a NaN, QR iteration is run on the kept input.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2};

use crate::element::{Element, Real};
use crate::error::{Error, Result};
use crate::lapack::{self, Job, MatMut};
use crate::layout::{Layout, Order, to_int};
use crate::pack::{self, Part};
use crate::workspace::{Scratch, Workspace, contiguous, reshape, resize, zeroed};

/// A = U·diag(s)·Vᴴ.
///
/// With [`Extent::Thin`], k = min(m, n) columns of U (m×k) and rows of Vᴴ (k×n); with [`Extent::Full`], U is m×m and
/// Vᴴ n×n. The singular values descend. U and V have orthonormal columns to about m·ε.
#[derive(Debug, Clone, PartialEq)]
pub struct Svd<T: Element> {
    /// The left singular vectors, in columns.
    pub u: Array2<T>,
    /// The singular values, descending.
    pub s: Array1<T::Real>,
    /// The right singular vectors, conjugated, in rows.
    pub vh: Array2<T>,
}

impl<T: Element> Default for Svd<T> {
    /// The decomposition of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        Svd { u: Array2::default((0, 0)), s: Array1::default(0), vh: Array2::default((0, 0)) }
    }
}

/// How many singular vectors are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// min(m, n) on each side.
    #[default]
    Thin,
    /// Complete orthonormal bases.
    Full,
}

/// The algorithm of the SVD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SvdDriver {
    /// Divide and conquer (gesdd): the fastest; falls back on QR iteration where it does not converge.
    #[default]
    DivideAndConquer,
    /// QR iteration (gesvd): slower, less memory.
    QrIteration,
}

/// What an SVD should compute, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SvdOptions {
    /// How many vectors.
    pub extent: Extent,
    /// Which algorithm.
    pub driver: SvdDriver,
}

impl SvdOptions {
    /// Thin factors by divide and conquer.
    pub fn thin() -> Self {
        Self::default()
    }

    /// Full factors by divide and conquer.
    pub fn full() -> Self {
        SvdOptions { extent: Extent::Full, ..Self::default() }
    }

    /// The same, by `driver`.
    pub fn by(self, driver: SvdDriver) -> Self {
        SvdOptions { driver, ..self }
    }
}

/// The rank of a matrix to a tolerance: the number of values above rcond times the largest.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NumericalRank<R> {
    /// The number of values above the tolerance.
    pub rank: usize,
    /// The tolerance that was used, relative to the largest value.
    pub rcond: R,
    /// The values that were compared, descending: singular values, or |rᵢᵢ| of a pivoted QR.
    pub values: Array1<R>,
}

/// Singular values and vectors of a matrix.
pub trait SvdExt<T: Element> {
    /// The thin SVD, A = U·diag(s)·Vᴴ, with U m×k, Vᴴ k×n, k = min(m, n).
    ///
    /// Routine: gesdd, then gesvd if it does not converge; about 6mn² + 20n³ flops for m ≥ n (Golub & Van Loan,
    /// Fig. 8.6.1). Any layout; row-major input is not transposed. A matrix with no rows or no columns has no singular
    /// values.
    ///
    /// # Errors
    /// [`Error::NonFinite`], [`Error::TooLarge`], [`Error::NoConvergence`], [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let svd = array![[3.0, 0.0], [4.0, 5.0]].svd()?;
    /// approx::assert_relative_eq!(svd.s, array![45f64.sqrt(), 5f64.sqrt()], max_relative = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn svd(&self) -> Result<Svd<T>>;

    /// The SVD with options and reused working memory; see [`SvdExt::svd`].
    ///
    /// # Errors
    /// As for [`SvdExt::svd`].
    fn svd_with(&self, options: &SvdOptions, workspace: &mut Workspace<T>) -> Result<Svd<T>>;

    /// The SVD into an `output` of the caller's: with a warm workspace and an output of the same shape and layout it
    /// allocates nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`SvdExt::svd`].
    fn svd_to(&self, options: &SvdOptions, workspace: &mut Workspace<T>, output: &mut Svd<T>) -> Result<()>;

    /// The SVD in the memory of the matrix itself, whose entries are destroyed; no copy is kept, so that a failure of
    /// divide and conquer is an error. A view that LAPACK cannot read in place is copied.
    ///
    /// # Errors
    /// As for [`SvdExt::svd`].
    fn svd_inplace(&mut self, options: &SvdOptions, workspace: &mut Workspace<T>) -> Result<Svd<T>>;

    /// The singular values, descending.
    ///
    /// Routine: gesdd without vectors; about 2mn² + 2n³ flops for m ≥ n.
    ///
    /// # Errors
    /// As for [`SvdExt::svd`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let s = array![[0.0, 2.0], [-7.0, 0.0]].singular_values()?;
    /// approx::assert_relative_eq!(s, array![7.0, 2.0], max_relative = 1e-15);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn singular_values(&self) -> Result<Array1<T::Real>>;

    /// The singular values into an `output` of the caller's; see [`SvdExt::svd_to`].
    ///
    /// # Errors
    /// As for [`SvdExt::svd`].
    fn singular_values_to(
        &self, driver: SvdDriver, workspace: &mut Workspace<T>, output: &mut Array1<T::Real>,
    ) -> Result<()>;

    /// The singular values in the memory of the matrix itself; see [`SvdExt::svd_inplace`].
    ///
    /// # Errors
    /// As for [`SvdExt::svd`].
    fn singular_values_inplace(&mut self, driver: SvdDriver, workspace: &mut Workspace<T>) -> Result<Array1<T::Real>>;

    /// The condition number in the 2-norm, κ₂(A) = σ₁/σ_k, k = min(m, n); infinite if σ_k = 0 (Golub & Van Loan, §2.6.2).
    ///
    /// Routine: gesdd without vectors, as for [`SvdExt::singular_values`], whose other forms serve a caller who reuses memory.
    ///
    /// # Errors
    /// As for [`SvdExt::svd`], and [`Error::Empty`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let kappa: f64 = array![[8.0, 0.0], [0.0, 2.0]].cond()?;
    /// assert_eq!(kappa, 4.0);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn cond(&self) -> Result<T::Real>;

    /// The rank to the tolerance `rcond`·σ₁; without one, max(m, n)·ε (Golub & Van Loan, §5.4.1). The tolerance that was used
    /// is returned.
    ///
    /// Routine: gesdd without vectors, as for [`SvdExt::singular_values`].
    ///
    /// # Errors
    /// As for [`SvdExt::svd`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let a = array![[1.0_f64, 2.0], [2.0, 4.0], [3.0, 6.0]];
    /// assert_eq!(a.rank(None)?.rank, 1);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn rank(&self, rcond: Option<T::Real>) -> Result<NumericalRank<T::Real>>;
}

impl<T: Element> SvdExt<T> for ArrayRef2<T> {
    fn svd(&self) -> Result<Svd<T>> {
        self.svd_with(&SvdOptions::thin(), &mut Workspace::new())
    }

    fn svd_with(&self, options: &SvdOptions, workspace: &mut Workspace<T>) -> Result<Svd<T>> {
        let mut output = Svd::default();
        self.svd_to(options, workspace, &mut output)?;
        Ok(output)
    }

    fn svd_to(&self, options: &SvdOptions, workspace: &mut Workspace<T>, output: &mut Svd<T>) -> Result<()> {
        let job = fitting_job(options.extent, self)?;
        pack::check_finite(self, Part::All)?;
        let Workspace { scratch, matrix, .. } = workspace;
        let (m, n) = self.dim();
        let order = pack::natural_order(self);
        prepare(output, (m, n), options.extent, order)?;
        if self.is_empty() {
            complete_bases(output);
            return Ok(());
        }
        with_fallback(options.driver, |driver| {
            let memory = pack::load(self, matrix)?;
            run(driver, job, MatMut::packed(memory, lapack_dims((m, n), order))?, order, output, scratch)
        })
    }

    fn svd_inplace(&mut self, options: &SvdOptions, workspace: &mut Workspace<T>) -> Result<Svd<T>> {
        if self.is_empty() || pack::layout_of(self) == Layout::Strided {
            return self.svd_with(options, workspace);
        }
        let job = fitting_job(options.extent, self)?;
        pack::check_finite(self, Part::All)?;
        let order = pack::natural_order(self);
        let mut output = Svd::default();
        prepare(&mut output, self.dim(), options.extent, order)?;
        let memory = match order {
            Order::ColumnMajor => self.view_mut(),
            Order::RowMajor => self.view_mut().reversed_axes(),
        };
        run(options.driver, job, MatMut::of(memory)?, order, &mut output, &mut workspace.scratch)?;
        Ok(output)
    }

    fn singular_values(&self) -> Result<Array1<T::Real>> {
        let mut output = Array1::default(0);
        self.singular_values_to(SvdDriver::default(), &mut Workspace::new(), &mut output)?;
        Ok(output)
    }

    fn singular_values_to(
        &self, driver: SvdDriver, workspace: &mut Workspace<T>, output: &mut Array1<T::Real>,
    ) -> Result<()> {
        fits(Job::Values, self)?;
        pack::check_finite(self, Part::All)?;
        let Workspace { scratch, matrix, .. } = workspace;
        resize(output, self.nrows().min(self.ncols()))?;
        if self.is_empty() {
            return Ok(());
        }
        let dims = lapack_dims(self.dim(), pack::natural_order(self));
        with_fallback(driver, |driver| {
            let memory = MatMut::packed(pack::load(self, matrix)?, dims)?;
            let none = || MatMut::packed(&mut [], (0, 0));
            call(driver, Job::Values, memory, contiguous(output)?, none()?, none()?, scratch)?;
            check_values(driver, output)
        })
    }

    fn singular_values_inplace(&mut self, driver: SvdDriver, workspace: &mut Workspace<T>) -> Result<Array1<T::Real>> {
        if self.is_empty() || pack::layout_of(self) == Layout::Strided {
            let mut output = Array1::default(0);
            self.singular_values_to(driver, workspace, &mut output)?;
            return Ok(output);
        }
        fits(Job::Values, self)?;
        pack::check_finite(self, Part::All)?;
        let mut values = Array1::from_vec(zeroed(self.nrows().min(self.ncols()))?);
        let memory = match pack::natural_order(self) {
            Order::ColumnMajor => self.view_mut(),
            Order::RowMajor => self.view_mut().reversed_axes(),
        };
        let none = || MatMut::packed(&mut [], (0, 0));
        let (memory, scratch) = (MatMut::of(memory)?, &mut workspace.scratch);
        call(driver, Job::Values, memory, contiguous(&mut values)?, none()?, none()?, scratch)?;
        check_values(driver, &values)?;
        Ok(values)
    }

    fn cond(&self) -> Result<T::Real> {
        if self.is_empty() {
            return Err(Error::Empty { what: "a condition number" });
        }
        Ok(condition(&moderate_values(self)?.0))
    }

    fn rank(&self, rcond: Option<T::Real>) -> Result<NumericalRank<T::Real>> {
        let rcond = checked_rcond(rcond, self.dim())?;
        let (mut values, power) = moderate_values(self)?;
        let rank = count_above(&values, rcond);
        values.mapv_inplace(|value| value / power);
        check_values(SvdDriver::default(), &values)?;
        Ok(NumericalRank { rank, rcond, values })
    }
}

/// The singular values of a power of two times `a`, with that power, so that none is rounded to a few digits of a subnormal
/// number before it is compared with the others.
fn moderate_values<T: Element>(a: &ArrayRef2<T>) -> Result<(Array1<T::Real>, T::Real)> {
    fits(Job::Values, a)?;
    let (multiple, power) = pack::moderated(a)?;
    Ok((multiple.singular_values()?, power))
}

/// The thin SVD of `a` in memory that the workspace lends, to be used by `then`.
pub(crate) fn with_thin_svd<T: Element, R>(
    a: &ArrayRef2<T>, workspace: &mut Workspace<T>, then: impl FnOnce(&mut Svd<T>, &mut Workspace<T>) -> Result<R>,
) -> Result<R> {
    // Before memory for factors that cannot be computed is taken.
    check_svd_size(a)?;
    let ((m, n), order) = (a.dim(), pack::natural_order(a));
    let (u, vh) = (workspace.spare.lend(m, m.min(n), order)?, workspace.spare.lend(m.min(n), n, order)?);
    let mut svd = Svd { u, s: Array1::from_vec(workspace.spare_real.lend_vec(m.min(n))?), vh };
    a.svd_to(&SvdOptions::thin(), workspace, &mut svd)?;
    let result = then(&mut svd, workspace);
    workspace.spare.keep(svd.u);
    workspace.spare.keep(svd.vh);
    workspace.spare_real.keep(svd.s);
    result
}

/// σ₁/σ_k of descending singular values; infinite if σ_k = 0.
pub(crate) fn condition<R: Real>(s: &ArrayRef1<R>) -> R {
    match (s.first(), s.last()) {
        (Some(&largest), Some(&smallest)) if smallest > R::zero() => largest / smallest,
        _ => R::infinity(),
    }
}

/// The number of singular values above `rcond`·σ₁.
pub(crate) fn count_above<R: Real>(s: &ArrayRef1<R>, rcond: R) -> usize {
    let largest = s.first().copied().unwrap_or_default();
    s.iter().take_while(|&&value| value > rcond * largest).count()
}

/// The tolerance to use: the caller's, if it makes sense, or else max(m, n)·ε relative to the largest singular value
/// (Golub & Van Loan, Matrix Computations, 4th ed., §5.4.1).
pub(crate) fn checked_rcond<R: Real>(rcond: Option<R>, (rows, cols): (usize, usize)) -> Result<R> {
    match rcond {
        None => Ok(R::real(rows.max(cols)) * R::EPS),
        Some(rcond) if rcond >= R::zero() => Ok(rcond),
        Some(rcond) => Err(Error::Parameter { what: "rcond", expected: "a number ≥ 0", found: rcond.to_string() }),
    }
}

/// Refuses sizes that the routines cannot address, before any memory is taken.
fn fits<T: Element>(job: Job, a: &ArrayRef2<T>) -> Result<()> {
    let (m, n) = a.dim();
    lapack::svd_fits::<T>(job, to_int("the number of rows", m)?, to_int("the number of columns", n)?)
}

/// Refuses matrices whose thin SVD the routines cannot address.
pub(crate) fn check_svd_size<T: Element>(a: &ArrayRef2<T>) -> Result<()> {
    fits(Job::Thin, a)
}

fn fitting_job<T: Element>(extent: Extent, a: &ArrayRef2<T>) -> Result<Job> {
    let job = match extent {
        Extent::Thin => Job::Thin,
        Extent::Full => Job::Full,
    };
    fits(job, a)?;
    Ok(job)
}

/// The dimensions in which LAPACK sees an m×n matrix that is packed in `order`.
fn lapack_dims((m, n): (usize, usize), order: Order) -> (usize, usize) {
    match order {
        Order::ColumnMajor => (m, n),
        Order::RowMajor => (n, m),
    }
}

/// Gives the output its shapes, in the order in which LAPACK will write the factors.
fn prepare<T: Element>(output: &mut Svd<T>, (m, n): (usize, usize), extent: Extent, order: Order) -> Result<()> {
    let k = m.min(n);
    let (left, right) = match extent {
        Extent::Thin => (k, k),
        Extent::Full => (m, n),
    };
    reshape(&mut output.u, m, left, order)?;
    reshape(&mut output.vh, right, n, order)?;
    resize(&mut output.s, k)
}

/// The factors of a matrix without entries: any orthonormal bases will do.
fn complete_bases<T: Element>(output: &mut Svd<T>) {
    for basis in [&mut output.u, &mut output.vh] {
        basis.fill(T::zero());
        basis.diag_mut().fill(T::one());
    }
}

/// Runs divide and conquer, then QR iteration if that does not converge or gives a NaN.
fn with_fallback(driver: SvdDriver, mut decompose: impl FnMut(SvdDriver) -> Result<()>) -> Result<()> {
    match decompose(driver) {
        Err(Error::NoConvergence { .. }) if driver == SvdDriver::DivideAndConquer => decompose(SvdDriver::QrIteration),
        result => result,
    }
}

/// Decomposes `memory`, which is A or, in row-major order, its transpose: with Aᵀ = U′ΣV′ᴴ, A = (V′ᴴ)ᵀΣU′ᵀ.
fn run<T: Element>(
    driver: SvdDriver, job: Job, memory: MatMut<'_, T>, order: Order, output: &mut Svd<T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    let (left, right) = match order {
        Order::ColumnMajor => (output.u.view_mut(), output.vh.view_mut()),
        Order::RowMajor => (output.vh.view_mut().reversed_axes(), output.u.view_mut().reversed_axes()),
    };
    let values = contiguous(&mut output.s)?;
    call(driver, job, memory, values, MatMut::of(left)?, MatMut::of(right)?, scratch)?;
    check_result(driver, output)
}

/// A NaN in the vectors is a failure to converge, which some library versions do not report; for the values see
/// [`check_values`].
fn check_result<T: Element>(driver: SvdDriver, Svd { u, s, vh }: &Svd<T>) -> Result<()> {
    check_values(driver, s)?;
    let check = |vectors| pack::check_finite(vectors, Part::All);
    check(u).and_then(|()| check(vh)).map_err(|_| Error::NoConvergence { routine: routine(driver) })
}

/// One decomposition by `driver`; its result is to be checked.
fn call<T: Element>(
    driver: SvdDriver, job: Job, memory: MatMut<'_, T>, values: &mut [T::Real], left: MatMut<'_, T>,
    right: MatMut<'_, T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    let decompose: lapack::SvdRoutine<T> = match driver {
        SvdDriver::DivideAndConquer => lapack::gesdd,
        SvdDriver::QrIteration => lapack::gesvd,
    };
    decompose(job, memory, values, left, right, scratch)
}

fn routine(driver: SvdDriver) -> &'static str {
    match driver {
        SvdDriver::DivideAndConquer => "gesdd",
        SvdDriver::QrIteration => "gesvd",
    }
}

/// A NaN among the values is a failure to converge; an infinite value is beyond the range.
fn check_values<R: Real>(driver: SvdDriver, values: &ArrayRef1<R>) -> Result<()> {
    if values.iter().any(|value| value.is_nan()) {
        return Err(Error::NoConvergence { routine: routine(driver) });
    }
    if values.iter().any(|value| value.is_infinite()) {
        return Err(Error::Overflow { what: "a singular value" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use SvdDriver::{DivideAndConquer, QrIteration};

    /// The drivers that were tried, and the result, where each driver gives what `results` say.
    fn tried(first: SvdDriver, results: impl Fn(SvdDriver) -> Result<()>) -> (Vec<SvdDriver>, Result<()>) {
        let mut tried = Vec::new();
        let result = with_fallback(first, |driver| {
            tried.push(driver);
            results(driver)
        });
        (tried, result)
    }

    #[test]
    fn qr_iteration_is_tried_where_divide_and_conquer_fails() {
        let failed = |driver| Err(Error::NoConvergence { routine: routine(driver) });
        let first_fails = |driver| if driver == DivideAndConquer { failed(driver) } else { Ok(()) };
        assert_eq!(tried(DivideAndConquer, first_fails), (vec![DivideAndConquer, QrIteration], Ok(())));
        assert_eq!(tried(DivideAndConquer, failed), (vec![DivideAndConquer, QrIteration], failed(QrIteration)));
        assert_eq!(tried(QrIteration, failed), (vec![QrIteration], failed(QrIteration)));
        assert_eq!(tried(DivideAndConquer, |_| Ok(())), (vec![DivideAndConquer], Ok(())));
        let overflow = Err(Error::Overflow { what: "a singular value" });
        assert_eq!(tried(DivideAndConquer, |_| overflow.clone()), (vec![DivideAndConquer], overflow));
    }

    #[test]
    fn a_nan_is_a_failure_to_converge_wherever_it_stands() {
        let failed = Err(Error::NoConvergence { routine: "gesdd" });
        assert_eq!(check_values(DivideAndConquer, &array![2.0, f64::NAN]), failed);
        assert_eq!(check_values(DivideAndConquer, &array![f64::INFINITY, f64::NAN]), failed);
        let overflow = Err(Error::Overflow { what: "a singular value" });
        assert_eq!(check_values(DivideAndConquer, &array![f64::INFINITY, 1.0]), overflow);
        let good = Svd { u: array![[1.0, 0.0], [0.0, 1.0]], s: array![2.0, 1.0], vh: array![[1.0, 0.0], [0.0, 1.0]] };
        assert_eq!(check_result(DivideAndConquer, &good), Ok(()));
        for bad in [f64::NAN, f64::INFINITY] {
            let (mut left, mut right) = (good.clone(), good.clone());
            (left.u[(1, 0)], right.vh[(0, 1)]) = (bad, bad);
            assert_eq!(check_result(DivideAndConquer, &left), failed);
            assert_eq!(check_result(DivideAndConquer, &right), failed);
        }
        assert_eq!(check_result(DivideAndConquer, &Svd { s: array![f64::INFINITY, 1.0], ..good }), overflow);
    }
}
