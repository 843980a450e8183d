//! The factor floor: eigenvalues and eigenvectors of general square matrices, left and right.
//! Must not call a routine but through `lapack`.
//!
//! A row-major matrix is the transpose of what LAPACK sees: its right vectors are the conjugated left ones of that, and the
//! other way round.

use ndarray::{Array1, Array2, ArrayRef2, Zip};
use num_traits::{Float, Zero};

use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::lapack::{self, Eigenvalues, MatMut};
use crate::layout::{Order, to_int};
use crate::norm::norm2;
use crate::pack;
use crate::workspace::{Workspace, filled, matrix, packed_entries};

use super::hermitian::require_square;

/// A·xᵢ = λᵢ·xᵢ and yᵢᴴ·A = λᵢ·yᵢᴴ for i = 0, …, n − 1, in no particular order; complex also for real A.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Eig<T: Element> {
    /// The eigenvalues; those of a real matrix come in conjugate pairs, the one with the positive imaginary part first.
    pub values: Array1<T::Complex>,
    /// The right eigenvectors xᵢ, in columns of length 1.
    pub right: Array2<T::Complex>,
    /// The left eigenvectors yᵢ, in columns of length 1.
    pub left: Array2<T::Complex>,
    /// ‖A‖_F, against which the errors of the eigenvalues are measured.
    pub norm: T::Real,
}

/// Eigenvalues and eigenvectors of a general matrix.
pub trait EigExt<T: Element> {
    /// The eigenvalues of an n×n matrix with left and right eigenvectors.
    ///
    /// Routine: geev; about 35n³ flops (Golub & Van Loan, §7.6). Any layout; row-major input is not transposed. The values are those of a
    /// matrix within c·n·ε‖A‖ of A.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::TooLarge`], [`Error::NoConvergence`], [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let eig = array![[0.0_f64, -1.0], [1.0, 0.0]].eig()?; // a rotation by 90°
    /// assert!((eig.values[0] - c64::new(0.0, 1.0)).norm() < 1e-15);
    /// assert!((eig.condition(0)? - 1.0).abs() < 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn eig(&self) -> Result<Eig<T>>;

    /// The same with reused working memory; see [`EigExt::eig`].
    ///
    /// # Errors
    /// As for [`EigExt::eig`].
    fn eig_with(&self, workspace: &mut Workspace<T>) -> Result<Eig<T>>;

    /// The decomposition into an `output` of the caller's: with a warm workspace and an output of the same order it allocates
    /// nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`EigExt::eig`].
    fn eig_to(&self, workspace: &mut Workspace<T>, output: &mut Eig<T>) -> Result<()>;
}

impl<T: Element> EigExt<T> for ArrayRef2<T> {
    fn eig(&self) -> Result<Eig<T>> {
        self.eig_with(&mut Workspace::new())
    }

    fn eig_with(&self, workspace: &mut Workspace<T>) -> Result<Eig<T>> {
        let mut output = Eig::default();
        self.eig_to(workspace, &mut output)?;
        Ok(output)
    }

    fn eig_to(&self, workspace: &mut Workspace<T>, output: &mut Eig<T>) -> Result<()> {
        let n = require_square(self)?;
        to_int("the order of the matrix", n)?;
        pack::check_finite(self, pack::Part::All)?;
        let mut found = Found::lent(workspace, n)?;
        let result = found.decompose(self, workspace).and_then(|()| found.write(output));
        found.keep(workspace);
        result?;
        let lengths = self.columns().into_iter().map(|column| norm2(&column));
        output.norm = lengths.fold(T::Real::zero(), Float::hypot);
        if pack::natural_order(self) == Order::RowMajor {
            std::mem::swap(&mut output.left, &mut output.right);
            output.left.mapv_inplace(|x: T::Complex| x.conj());
            output.right.mapv_inplace(|x: T::Complex| x.conj());
        }
        output.require_finite()
    }
}

/// What the routine returns, in memory that was lent.
struct Found<T: Element> {
    /// The eigenvalues of a complex matrix, or none.
    values: Vec<T>,
    /// The parts of those of a real matrix, or none.
    re: Vec<T::Real>,
    im: Vec<T::Real>,
    left: Array2<T>,
    right: Array2<T>,
}

impl<T: Element> Found<T> {
    fn lent(workspace: &mut Workspace<T>, n: usize) -> Result<Self> {
        let (complex, real) = if T::IS_COMPLEX { (n, 0) } else { (0, n) };
        Ok(Found {
            values: workspace.spare.lend_vec(complex)?,
            re: workspace.spare_real.lend_vec(real)?,
            im: workspace.spare_real.lend_vec(real)?,
            left: workspace.spare.lend(n, n, Order::ColumnMajor)?,
            right: workspace.spare.lend(n, n, Order::ColumnMajor)?,
        })
    }

    fn keep(self, workspace: &mut Workspace<T>) {
        workspace.spare.keep_vec(self.values);
        workspace.spare_real.keep_vec(self.re);
        workspace.spare_real.keep_vec(self.im);
        workspace.spare.keep(self.left);
        workspace.spare.keep(self.right);
    }

    /// By the routine, of the matrix as it lies in memory: of the transpose if that is by rows.
    fn decompose(&mut self, a: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<()> {
        let n = a.nrows();
        if n == 0 {
            return Ok(());
        }
        let memory = MatMut::packed(pack::load(a, &mut workspace.matrix)?, (n, n))?;
        let values = match T::IS_COMPLEX {
            true => Eigenvalues::Complex(&mut self.values),
            false => Eigenvalues::Real { re: &mut self.re, im: &mut self.im },
        };
        let left = MatMut::packed(packed_entries(&mut self.left)?, (n, n))?;
        let right = MatMut::packed(packed_entries(&mut self.right)?, (n, n))?;
        lapack::geev(memory, values, left, right, &mut workspace.scratch)
    }

    /// As complex numbers into memory of the right size.
    fn write(&self, output: &mut Eig<T>) -> Result<()> {
        let n = self.left.nrows();
        if output.values.len() != n {
            output.values = Array1::from_vec(filled(n, T::Complex::zero())?);
        }
        for vectors in [&mut output.left, &mut output.right] {
            if vectors.dim() != (n, n) {
                *vectors = matrix(n, n, Order::ColumnMajor, filled(self.left.len(), T::Complex::zero())?)?;
            }
        }
        if T::IS_COMPLEX {
            output.values.iter_mut().zip(&self.values).for_each(|(to, x)| *to = x.as_c());
            output.left.zip_mut_with(&self.left, |to, x| *to = x.as_c());
            output.right.zip_mut_with(&self.right, |to, x| *to = x.as_c());
        } else {
            let parts = self.re.iter().zip(&self.im);
            output.values.iter_mut().zip(parts).for_each(|(to, (&re, &im))| *to = T::complex(re, im));
            paired_to(&self.left, &self.im, &mut output.left);
            paired_to(&self.right, &self.im, &mut output.right);
        }
        Ok(())
    }
}

/// The eigenvectors of a real matrix: where the eigenvalue has an imaginary part, this column and the next one hold the parts.
fn paired_to<T: Element>(vectors: &Array2<T>, im: &[T::Real], complex: &mut Array2<T::Complex>) {
    let zero = T::Real::zero();
    for (j, &im) in im.iter().enumerate() {
        let (re_at, im_at, sign) = if im > zero { (j, j + 1, 1.0) } else { (j.saturating_sub(1), j, -1.0) };
        let column = complex.column_mut(j);
        if im == zero {
            Zip::from(column).and(vectors.column(j)).for_each(|to, x| *to = x.as_c());
        } else {
            let sign = T::Real::real(sign);
            Zip::from(column)
                .and(vectors.column(re_at))
                .and(vectors.column(im_at))
                .for_each(|to, re, im| *to = T::complex(re.re(), im.re() * sign));
        }
    }
}

impl<T: Element> Default for Eig<T> {
    /// The decomposition of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        let empty = || Array2::zeros((0, 0));
        Eig { values: Array1::zeros(0), right: empty(), left: empty(), norm: T::Real::zero() }
    }
}

impl<T: Element> Eig<T> {
    fn require_finite(&self) -> Result<()> {
        let is_finite = |x: &T::Complex| x.abs().as_f64().is_finite();
        let all = self.values.iter().chain(&self.left).chain(&self.right).all(is_finite);
        if all { Ok(()) } else { Err(Error::Overflow { what: "an eigenvalue" }) }
    }

    /// yᵢᴴ·xᵢ.
    pub(crate) fn overlap(&self, i: usize) -> T::Complex {
        let pairs = self.left.column(i).into_iter().zip(self.right.column(i));
        pairs.fold(T::Complex::zero(), |sum, (y, &x)| sum + y.conj() * x)
    }

    /// The condition number of λᵢ, 1/|yᵢᴴxᵢ| ≥ 1: to first order a change E of the matrix moves λᵢ by at most this times ‖E‖₂
    /// (Golub & Van Loan, §7.2.2). Infinite for an eigenvalue without as many vectors as its multiplicity.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no such eigenvalue, [`Error::Shape`] if the vectors do not fit.
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let kappa: f64 = array![[1.0, 100.0], [0.0, 2.0]].eig()?.condition(0)?;
    /// assert!((kappa - 1.0001e4f64.sqrt()).abs() < 1e-10);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn condition(&self, i: usize) -> Result<T::Real> {
        if i >= self.values.len() {
            let found = format!("{i} of {}", self.values.len());
            let expected = "less than how many there are";
            return Err(Error::Parameter { what: "the index of the eigenvalue", expected, found });
        }
        let n = self.values.len();
        for vectors in [&self.left, &self.right] {
            if vectors.dim() != (n, n) {
                let (what, found) = ("the eigenvectors", dims(vectors.shape()));
                return Err(Error::Shape { what, expected: dims(&[n, n]), found });
            }
        }
        Ok(T::Real::real(1.0) / self.overlap(i).abs())
    }
}
