//! The factor floor: triangular systems from the left and from the right, for factors of any layout.
//! Must not know which factorization a triangle belongs to.

use ndarray::{Array2, ArrayRef2};

use crate::element::{Element, conjugate};
use crate::error::{Error, Result};
use crate::lapack::{self, Diag, Mat, MatMut, Op, Side, Uplo};
use crate::layout::Order;
use crate::pack;

/// A square triangle; what stands in the other one is not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Triangle<'a, T> {
    pub(crate) matrix: &'a ArrayRef2<T>,
    pub(crate) uplo: Uplo,
    /// Whether its diagonal is read, or taken to be 1.
    pub(crate) diag: Diag,
}

/// Whether the triangle T itself is divided by, or its adjoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Adjoint,
}

impl<'a, T: Element> Triangle<'a, T> {
    pub(crate) fn upper(matrix: &'a ArrayRef2<T>) -> Self {
        Triangle { matrix, uplo: Uplo::Upper, diag: Diag::NonUnit }
    }

    pub(crate) fn lower(matrix: &'a ArrayRef2<T>) -> Self {
        Triangle { matrix, uplo: Uplo::Lower, diag: Diag::NonUnit }
    }

    pub(crate) fn unit_lower(matrix: &'a ArrayRef2<T>) -> Self {
        Triangle { matrix, uplo: Uplo::Lower, diag: Diag::Unit }
    }

    /// [`Error::Singular`] where an entry of the diagonal is 0.
    pub(crate) fn require_regular(&self) -> Result<()> {
        match self.matrix.diag().iter().position(|&x| x == T::zero()) {
            Some(pivot) if self.diag == Diag::NonUnit => Err(Error::Singular { pivot }),
            _ => Ok(()),
        }
    }

    /// B ← T⁻¹·B or T⁻ᴴ·B, for column-major B.
    pub(crate) fn solve_left(&self, form: Form, b: &mut Array2<T>) -> Result<()> {
        self.solve(Side::Left, form, b)
    }

    /// B ← B·T⁻¹ or B·T⁻ᴴ, for column-major B.
    pub(crate) fn solve_right(&self, form: Form, b: &mut Array2<T>) -> Result<()> {
        self.solve(Side::Right, form, b)
    }

    fn solve(&self, side: Side, form: Form, b: &mut Array2<T>) -> Result<()> {
        self.require_regular()?;
        if b.is_empty() {
            return Ok(());
        }
        let memory = pack::readable(self.matrix)?;
        let (uplo, memory, op, conjugated) = match (pack::natural_order(&memory), form) {
            (Order::ColumnMajor, Form::Plain) => (self.uplo, memory, Op::None, false),
            (Order::ColumnMajor, Form::Adjoint) => (self.uplo, memory, Op::Adjoint, false),
            (Order::RowMajor, Form::Plain) => (self.uplo.transposed(), memory.reversed_axes(), Op::Transpose, false),
            // With M = Tᵀ in memory, Tᴴ is the conjugate of M, which divides the conjugate of B.
            (Order::RowMajor, Form::Adjoint) => (self.uplo.transposed(), memory.reversed_axes(), Op::None, true),
        };
        if conjugated {
            conjugate(&mut *b);
        }
        lapack::trsm(side, uplo, op, self.diag, T::one(), Mat::of(memory.view())?, MatMut::of(b.view_mut())?)?;
        if conjugated {
            conjugate(&mut *b);
        }
        Ok(())
    }
}
