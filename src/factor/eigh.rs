//! The factor floor: eigenvalues and eigenvectors of Hermitian matrices.
//! Must not call a routine but through `lapack`.
//!
//! One triangle is read, the other one ignored. A row-major matrix is the transpose, that is the conjugate, of what
//! LAPACK sees: its triangle is flipped and its vectors are conjugated. If divide and conquer fails, or its result is
//! not finite, relatively robust representations are tried on the kept input.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2};

use crate::element::{Element, Real, conjugate};
use crate::error::{Error, Result};
use crate::lapack::{self, Job, MatMut, Uplo};
use crate::layout::{Layout, Order, to_int};
use crate::pack::{self, Part};
use crate::workspace::{Workspace, contiguous, packed_entries, reshape, resize};

use super::hermitian::{part, require_square, stored};

/// A = V·diag(λ)·Vᴴ.
///
/// The eigenvalues ascend; V has orthonormal columns to about n·ε, by [`EighDriver::Mrrr`] to about 10³·n·ε.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigh<T: Element> {
    /// The eigenvalues, ascending.
    pub values: Array1<T::Real>,
    /// The eigenvectors, in columns.
    pub vectors: Array2<T>,
}

impl<T: Element> Default for Eigh<T> {
    /// The decomposition of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        Eigh { values: Array1::default(0), vectors: Array2::default((0, 0)) }
    }
}

/// The algorithm of the eigenvalue decomposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EighDriver {
    /// Divide and conquer (syevd, heevd): the fastest; falls back on the other one where it fails.
    #[default]
    DivideAndConquer,
    /// Relatively robust representations (syevr, heevr): less memory.
    Mrrr,
}

/// What an eigenvalue decomposition should read, and how it should compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EighOptions {
    /// The triangle that is read.
    pub uplo: Uplo,
    /// Which algorithm.
    pub driver: EighDriver,
}

/// Eigenvalues and eigenvectors of a Hermitian matrix.
pub trait EighExt<T: Element> {
    /// The decomposition A = V·diag(λ)·Vᴴ of a Hermitian n×n matrix, λ ascending.
    ///
    /// Reads the lower triangle and the real part of the diagonal; the upper triangle is ignored. Routine: syevd or
    /// heevd, then syevr or heevr if that fails; about 9n³ flops (Golub & Van Loan, §8.3.5). Any layout; row-major
    /// input is not transposed.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::TooLarge`], [`Error::NoConvergence`],
    /// [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let eigh = array![[2.0, 0.0], [1.0, 2.0]].eigh()?; // the 0.0 is not read
    /// approx::assert_relative_eq!(eigh.values, array![1.0, 3.0], max_relative = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn eigh(&self) -> Result<Eigh<T>>;

    /// The decomposition with options and reused working memory; see [`EighExt::eigh`].
    ///
    /// # Errors
    /// As for [`EighExt::eigh`].
    fn eigh_with(&self, options: &EighOptions, workspace: &mut Workspace<T>) -> Result<Eigh<T>>;

    /// The decomposition into an `output` of the caller's: with a warm workspace and an output of the same shape and
    /// layout it allocates nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`EighExt::eigh`].
    fn eigh_to(&self, options: &EighOptions, workspace: &mut Workspace<T>, output: &mut Eigh<T>) -> Result<()>;

    /// Overwrites the matrix with its eigenvectors and returns the eigenvalues. No copy is kept, so that a failure of
    /// divide and conquer is an error, after which the entries are unspecified. A view that LAPACK cannot read in place
    /// is copied and written back.
    ///
    /// # Errors
    /// As for [`EighExt::eigh`].
    fn eigh_inplace(&mut self, options: &EighOptions, workspace: &mut Workspace<T>) -> Result<Array1<T::Real>>;

    /// The eigenvalues, ascending.
    ///
    /// Routine: syevd or heevd without vectors; about 4n³/3 flops.
    ///
    /// # Errors
    /// As for [`EighExt::eigh`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let values = array![[0.0, 1.0], [1.0, 0.0]].eigvalsh()?;
    /// approx::assert_relative_eq!(values, array![-1.0, 1.0], max_relative = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn eigvalsh(&self) -> Result<Array1<T::Real>>;

    /// The eigenvalues into an `output` of the caller's; see [`EighExt::eigh_to`].
    ///
    /// # Errors
    /// As for [`EighExt::eigh`].
    fn eigvalsh_to(
        &self, options: &EighOptions, workspace: &mut Workspace<T>, output: &mut Array1<T::Real>,
    ) -> Result<()>;
}

impl<T: Element> EighExt<T> for ArrayRef2<T> {
    fn eigh(&self) -> Result<Eigh<T>> {
        self.eigh_with(&EighOptions::default(), &mut Workspace::new())
    }

    fn eigh_with(&self, options: &EighOptions, workspace: &mut Workspace<T>) -> Result<Eigh<T>> {
        let mut output = Eigh::default();
        self.eigh_to(options, workspace, &mut output)?;
        Ok(output)
    }

    fn eigh_to(&self, options: &EighOptions, workspace: &mut Workspace<T>, output: &mut Eigh<T>) -> Result<()> {
        let n = fitting_order(Job::Thin, self)?;
        pack::check_finite(self, part(options.uplo))?;
        let order = pack::natural_order(self);
        reshape(&mut output.vectors, n, n, Order::ColumnMajor)?;
        resize(&mut output.values, n)?;
        if n == 0 {
            return Ok(());
        }
        let Workspace { scratch, matrix, .. } = workspace;
        let uplo = stored(options.uplo, order);
        let Eigh { values, vectors } = output;
        with_fallback(options.driver, |driver| {
            let (entries, to) = (packed_entries(vectors)?, contiguous(values)?);
            match driver {
                EighDriver::DivideAndConquer => {
                    pack::copy(self, entries);
                    lapack::heevd(Job::Thin, uplo, MatMut::packed(entries, (n, n))?, to, scratch)?;
                }
                EighDriver::Mrrr => {
                    let memory = MatMut::packed(pack::load(self, matrix)?, (n, n))?;
                    lapack::heevr(Job::Thin, uplo, memory, to, MatMut::packed(entries, (n, n))?, scratch)?;
                }
            }
            check_result(driver, values, vectors)
        })?;
        if order == Order::RowMajor {
            conjugate(packed_entries(vectors)?);
        }
        Ok(())
    }

    fn eigh_inplace(&mut self, options: &EighOptions, workspace: &mut Workspace<T>) -> Result<Array1<T::Real>> {
        let n = fitting_order(Job::Thin, self)?;
        let in_place = options.driver == EighDriver::DivideAndConquer && pack::layout_of(self) != Layout::Strided;
        if n == 0 || !in_place {
            let Eigh { values, vectors } = self.eigh_with(options, workspace)?;
            self.assign(&vectors);
            return Ok(values);
        }
        pack::check_finite(self, part(options.uplo))?;
        let order = pack::natural_order(self);
        let uplo = stored(options.uplo, order);
        let mut values = Array1::default(0);
        resize(&mut values, n)?;
        let memory = match order {
            Order::ColumnMajor => self.view_mut(),
            Order::RowMajor => self.view_mut().reversed_axes(),
        };
        lapack::heevd(Job::Thin, uplo, MatMut::of(memory)?, contiguous(&mut values)?, &mut workspace.scratch)?;
        check_result(options.driver, &values, self)?;
        if order == Order::RowMajor {
            adjoint_inplace(self);
        }
        Ok(values)
    }

    fn eigvalsh(&self) -> Result<Array1<T::Real>> {
        let mut output = Array1::default(0);
        self.eigvalsh_to(&EighOptions::default(), &mut Workspace::new(), &mut output)?;
        Ok(output)
    }

    fn eigvalsh_to(
        &self, options: &EighOptions, workspace: &mut Workspace<T>, output: &mut Array1<T::Real>,
    ) -> Result<()> {
        let n = fitting_order(Job::Values, self)?;
        pack::check_finite(self, part(options.uplo))?;
        resize(output, n)?;
        if n == 0 {
            return Ok(());
        }
        let Workspace { scratch, matrix, .. } = workspace;
        let uplo = stored(options.uplo, pack::natural_order(self));
        with_fallback(options.driver, |driver| {
            let (memory, to) = (MatMut::packed(pack::load(self, matrix)?, (n, n))?, contiguous(output)?);
            match driver {
                EighDriver::DivideAndConquer => lapack::heevd(Job::Values, uplo, memory, to, scratch)?,
                EighDriver::Mrrr => {
                    let none = MatMut::packed(&mut [], (0, 0))?;
                    lapack::heevr(Job::Values, uplo, memory, to, none, scratch)?;
                }
            }
            check_values(driver, output)
        })
    }
}

/// The order of a square matrix that the routines can address, checked before any memory is taken.
fn fitting_order<T: Element>(job: Job, a: &ArrayRef2<T>) -> Result<usize> {
    let n = require_square(a)?;
    lapack::eigh_fits::<T>(job, to_int("the order", n)?)?;
    Ok(n)
}

/// Runs divide and conquer, then the other driver if that fails.
fn with_fallback(driver: EighDriver, mut decompose: impl FnMut(EighDriver) -> Result<()>) -> Result<()> {
    match decompose(driver) {
        Err(Error::NoConvergence { .. }) if driver == EighDriver::DivideAndConquer => decompose(EighDriver::Mrrr),
        result => result,
    }
}

fn routine(driver: EighDriver) -> &'static str {
    match driver {
        EighDriver::DivideAndConquer => "heevd",
        EighDriver::Mrrr => "heevr",
    }
}

/// A NaN in the vectors is a failure to converge, which some library versions do not report; for the values see
/// [`check_values`].
fn check_result<T: Element>(driver: EighDriver, values: &ArrayRef1<T::Real>, vectors: &ArrayRef2<T>) -> Result<()> {
    pack::check_finite(vectors, Part::All).map_err(|_| Error::NoConvergence { routine: routine(driver) })?;
    check_values(driver, values)
}

/// A NaN among the values is a failure to converge; an infinite value is beyond the range.
fn check_values<R: Real>(driver: EighDriver, values: &ArrayRef1<R>) -> Result<()> {
    if values.iter().any(|value| value.is_nan()) {
        return Err(Error::NoConvergence { routine: routine(driver) });
    }
    if values.iter().any(|value| value.is_infinite()) {
        return Err(Error::Overflow { what: "an eigenvalue" });
    }
    Ok(())
}

/// A ← Aᴴ for a square matrix.
fn adjoint_inplace<T: Element>(a: &mut ArrayRef2<T>) {
    for i in 0..a.nrows() {
        for j in 0..i {
            a.swap((i, j), (j, i));
        }
    }
    conjugate(a);
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use EighDriver::{DivideAndConquer, Mrrr};

    /// The drivers that were tried, and the result, where each driver gives what `results` say.
    fn tried(first: EighDriver, results: impl Fn(EighDriver) -> Result<()>) -> (Vec<EighDriver>, Result<()>) {
        let mut tried = Vec::new();
        let result = with_fallback(first, |driver| {
            tried.push(driver);
            results(driver)
        });
        (tried, result)
    }

    #[test]
    fn the_other_driver_is_tried_where_divide_and_conquer_fails() {
        let failed = |driver| Err(Error::NoConvergence { routine: routine(driver) });
        let first_fails = |driver| if driver == DivideAndConquer { failed(driver) } else { Ok(()) };
        assert_eq!(tried(DivideAndConquer, first_fails), (vec![DivideAndConquer, Mrrr], Ok(())));
        assert_eq!(tried(DivideAndConquer, failed), (vec![DivideAndConquer, Mrrr], failed(Mrrr)));
        assert_eq!(tried(Mrrr, failed), (vec![Mrrr], failed(Mrrr)));
        assert_eq!(tried(DivideAndConquer, |_| Ok(())), (vec![DivideAndConquer], Ok(())));
        let overflow = Err(Error::Overflow { what: "an eigenvalue" });
        assert_eq!(tried(DivideAndConquer, |_| overflow.clone()), (vec![DivideAndConquer], overflow));
    }

    #[test]
    fn a_nan_is_a_failure_to_converge_wherever_it_stands() {
        let failed = Err(Error::NoConvergence { routine: "heevd" });
        assert_eq!(check_values(DivideAndConquer, &array![f64::NAN, 2.0]), failed);
        assert_eq!(check_values(DivideAndConquer, &array![f64::NAN, f64::INFINITY]), failed);
        let overflow = Err(Error::Overflow { what: "an eigenvalue" });
        assert_eq!(check_values(DivideAndConquer, &array![1.0, f64::INFINITY]), overflow);
        let (values, good) = (array![1.0, 2.0], array![[1.0, 0.0], [0.0, 1.0]]);
        assert_eq!(check_result(DivideAndConquer, &values, &good), Ok(()));
        assert_eq!(check_result(DivideAndConquer, &array![1.0, f64::INFINITY], &good), overflow);
        for bad in [f64::NAN, f64::INFINITY] {
            let mut vectors = good.clone();
            vectors[(1, 0)] = bad;
            assert_eq!(check_result(DivideAndConquer, &values, &vectors), failed);
            assert_eq!(check_result(DivideAndConquer, &values, &vectors.slice(ndarray::s![..;-1, ..])), failed);
        }
    }
}
