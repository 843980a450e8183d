//! The factor floor: division by a triangular matrix, from the left and from the right, in any order of memory.
//! Must not call a routine but through `lapack`, nor know which factorization a triangle belongs to.

use ndarray::{ArrayRef2, ArrayViewMut2};

use crate::element::{Element, conjugate};
use crate::error::{Error, Result};
use crate::lapack::{self, Diag, Mat, MatMut, Op, Side, Uplo};
use crate::layout::Order;
use crate::pack;

/// A square triangle; what stands in the other one is not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Triangle<'a, T> {
    pub(crate) matrix: &'a ArrayRef2<T>,
    uplo: Uplo,
    /// Whether its diagonal is read, or taken to be 1.
    diag: Diag,
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
    fn require_regular(&self) -> Result<()> {
        match self.matrix.diag().iter().position(|&x| x == T::zero()) {
            Some(pivot) if self.diag == Diag::NonUnit => Err(Error::Singular { pivot }),
            _ => Ok(()),
        }
    }

    /// B ← T⁻¹·B or T⁻ᴴ·B for a `b` that LAPACK can read in either order; [`Error::Singular`] where an entry of the diagonal is 0.
    ///
    /// Routine: trsm; n²p flops for p columns. Each column is exact for a T that is wrong by cn·ε in each entry (Higham, Theorem
    /// 8.5).
    pub(crate) fn divide_left(&self, form: Form, b: ArrayViewMut2<'_, T>) -> Result<()> {
        self.divide(Side::Left, form, b)
    }

    /// B ← B·T⁻¹ or B·T⁻ᴴ; see [`Triangle::divide_left`].
    pub(crate) fn divide_right(&self, form: Form, b: ArrayViewMut2<'_, T>) -> Result<()> {
        self.divide(Side::Right, form, b)
    }

    fn divide(&self, side: Side, form: Form, mut b: ArrayViewMut2<'_, T>) -> Result<()> {
        self.require_regular()?;
        if b.is_empty() {
            return Ok(());
        }
        let memory = pack::readable(self.matrix)?;
        let (uplo, memory, order) = match pack::natural_order(&memory) {
            Order::ColumnMajor => (self.uplo, memory, Order::ColumnMajor),
            Order::RowMajor => (self.uplo.transposed(), memory.reversed_axes(), Order::RowMajor),
        };
        // In terms of M, which is T or Tᵀ in memory: whether M is transposed, and whether it is conjugated. Of a row-major B the
        // transpose stands in memory, whose division is from the other side and by the transposed triangle.
        let flipped = pack::natural_order(&b) == Order::RowMajor;
        let transposed = (order == Order::RowMajor) ^ (form == Form::Adjoint) ^ flipped;
        let (side, b) = match (flipped, side) {
            (false, side) => (side, b.view_mut()),
            (true, Side::Left) => (Side::Right, b.view_mut().reversed_axes()),
            (true, Side::Right) => (Side::Left, b.view_mut().reversed_axes()),
        };
        let (op, conjugated) = match (transposed, form) {
            (false, Form::Plain) => (Op::None, false),
            (true, Form::Plain) => (Op::Transpose, false),
            (true, Form::Adjoint) => (Op::Adjoint, false),
            // The library knows no triangle that is conjugated and not transposed, but can divide the conjugate of B.
            (false, Form::Adjoint) => (Op::None, T::IS_COMPLEX),
        };
        let mut b = b;
        if conjugated {
            conjugate(&mut b);
        }
        lapack::trsm(side, uplo, op, self.diag, T::one(), Mat::of(memory.view())?, MatMut::of(b.view_mut())?)?;
        if conjugated {
            conjugate(&mut b);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::element::c64;

    /// Small integers over powers of two, so that nothing is rounded.
    #[test]
    fn division_undoes_the_product_in_every_order() {
        let z = |re: f64, im: f64| c64::new(re, im);
        let adjoint = |a: &Array2<c64>| a.t().mapv(|x| x.conj());
        let by_columns = |a: &Array2<c64>| a.t().as_standard_layout().into_owned().reversed_axes();
        // With an entry below the diagonal that must not be read.
        let stored = array![[z(2.0, 0.0), z(1.0, -1.0)], [z(f64::NAN, 0.0), z(0.0, 4.0)]];
        let mut upper = stored.clone();
        upper[(1, 0)] = z(0.0, 0.0);
        let x: Array2<c64> =
            array![[z(1.0, 2.0), z(3.0, 0.0)], [z(0.0, -1.0), z(0.5, 0.5)], [z(1.0, 0.0), z(2.0, 2.0)]];
        let y = x.t().as_standard_layout().into_owned();
        for stored in [stored.clone(), by_columns(&stored)] {
            let triangle = Triangle::upper(&stored);
            for (form, t) in [(Form::Plain, upper.clone()), (Form::Adjoint, adjoint(&upper))] {
                for mut b in [x.dot(&t), by_columns(&x.dot(&t))] {
                    triangle.divide_right(form, b.view_mut()).unwrap();
                    assert_eq!(b, x, "{form:?}");
                }
                for mut b in [t.dot(&y), by_columns(&t.dot(&y))] {
                    triangle.divide_left(form, b.view_mut()).unwrap();
                    assert_eq!(b, y, "{form:?}");
                }
            }
        }
    }

    #[test]
    fn a_zero_on_the_diagonal_is_named_where_it_is_read() {
        let t = array![[1.0, 0.0], [2.0, 0.0]];
        assert_eq!(Triangle::lower(&t).require_regular(), Err(Error::Singular { pivot: 1 }));
        assert_eq!(Triangle::unit_lower(&t).require_regular(), Ok(()));
    }
}
