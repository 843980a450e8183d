//! The factor floor: eigenvalues and eigenvectors of Hermitian matrices.
//! Must not be unsafe; routines are called through `lapack`.
//!
//! One triangle is read, the other one ignored. A row-major matrix is the transpose, that is the conjugate, of what
//! LAPACK sees: its triangle is flipped and its vectors are conjugated. If divide and conquer fails, or its result is
//! not finite, relatively robust representations are tried on the kept input.

use ndarray::{Array1, Array2, ArrayRef2};
use num_traits::Float;

use crate::element::{Element, conjugate};
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
        let (values, vectors) = (contiguous(&mut output.values)?, packed_entries(&mut output.vectors)?);
        with_fallback(options.driver, |driver| {
            match driver {
                EighDriver::DivideAndConquer => {
                    pack::copy(self, vectors);
                    lapack::heevd(Job::Thin, uplo, MatMut::packed(vectors, (n, n))?, values, scratch)?;
                }
                EighDriver::Mrrr => {
                    let memory = MatMut::packed(pack::load(self, matrix)?, (n, n))?;
                    lapack::heevr(Job::Thin, uplo, memory, values, MatMut::packed(vectors, (n, n))?, scratch)?;
                }
            }
            check_result(driver, values, vectors)
        })?;
        if order == Order::RowMajor {
            conjugate(vectors);
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
        if order == Order::RowMajor {
            adjoint_inplace(self);
        }
        match pack::check_finite(self, Part::All) {
            Err(_) => Err(Error::NoConvergence { routine: "heevd" }),
            Ok(()) => check_result::<T>(EighDriver::DivideAndConquer, contiguous(&mut values)?, &[]).map(|()| values),
        }
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
        let values = contiguous(output)?;
        with_fallback(options.driver, |driver| {
            let memory = MatMut::packed(pack::load(self, matrix)?, (n, n))?;
            match driver {
                EighDriver::DivideAndConquer => lapack::heevd(Job::Values, uplo, memory, values, scratch)?,
                EighDriver::Mrrr => {
                    let none = MatMut::packed(&mut [], (0, 0))?;
                    lapack::heevr(Job::Values, uplo, memory, values, none, scratch)?;
                }
            }
            check_result::<T>(driver, values, &[])
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

/// A NaN in the result is a failure to converge, which some library versions do not report.
fn check_result<T: Element>(driver: EighDriver, values: &[T::Real], vectors: &[T]) -> Result<()> {
    let routine = match driver {
        EighDriver::DivideAndConquer => "heevd",
        EighDriver::Mrrr => "heevr",
    };
    if values.iter().any(|value| value.is_nan()) || !pack::all_finite(vectors) {
        return Err(Error::NoConvergence { routine });
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
