//! The factor floor: products of matrices of any layout.

use ndarray::{Array2, ArrayRef2, CowArray, Ix2};
use num_traits::{One, Zero};

use crate::element::{Element, conjugate};
use crate::error::Result;
use crate::lapack::{self, Mat, MatMut, Op, Uplo};
use crate::layout::Order;
use crate::pack;
use crate::workspace::zeros;

/// An operand, and the form in which it enters.
pub(crate) struct Operand<'a, T> {
    memory: CowArray<'a, T, Ix2>,
    op: Op,
}

/// A itself.
pub(crate) fn plain<T: Element>(a: &ArrayRef2<T>) -> Result<Operand<'_, T>> {
    let memory = pack::readable(a)?;
    Ok(match pack::natural_order(&memory) {
        Order::ColumnMajor => Operand { memory, op: Op::None },
        Order::RowMajor => Operand { memory: memory.reversed_axes(), op: Op::Transpose },
    })
}

/// Aᴴ. A row-major complex matrix is copied: no routine multiplies by a conjugate that is not transposed.
pub(crate) fn adjoint<T: Element>(a: &ArrayRef2<T>) -> Result<Operand<'_, T>> {
    let memory = pack::readable(a)?;
    Ok(match pack::natural_order(&memory) {
        Order::ColumnMajor => Operand { memory, op: Op::Adjoint },
        Order::RowMajor if !T::IS_COMPLEX => Operand { memory: memory.reversed_axes(), op: Op::None },
        Order::RowMajor => {
            let mut conjugated = pack::owned(&memory)?;
            conjugate(&mut conjugated);
            Operand { memory: CowArray::from(conjugated.reversed_axes()), op: Op::None }
        }
    })
}

impl<T: Element> Operand<'_, T> {
    fn dim(&self) -> (usize, usize) {
        let (rows, cols) = self.memory.dim();
        if self.op == Op::None { (rows, cols) } else { (cols, rows) }
    }

    fn mat(&self) -> Result<Mat<'_, T>> {
        Mat::of(self.memory.view())
    }
}

/// The product of two operands, packed in column-major order.
pub(crate) fn product<T: Element>(a: &Operand<'_, T>, b: &Operand<'_, T>) -> Result<Array2<T>> {
    let mut c = zeros(a.dim().0, b.dim().1, Order::ColumnMajor)?;
    accumulate(T::one(), a, b, T::zero(), &mut c)?;
    Ok(c)
}

/// C ← α·A·B + β·C for column-major `c`, which is left alone where the product has no terms.
fn accumulate<T: Element>(alpha: T, a: &Operand<'_, T>, b: &Operand<'_, T>, beta: T, c: &mut Array2<T>) -> Result<()> {
    if c.is_empty() || a.dim().1 == 0 {
        return Ok(());
    }
    // A vector has no orientation, but it may have to be conjugated.
    if c.ncols() == 1
        && (b.op != Op::Adjoint || !T::IS_COMPLEX)
        && let (Some(x), Some(y)) = (b.memory.as_slice_memory_order(), c.as_slice_memory_order_mut())
    {
        return lapack::gemv(alpha, a.op, a.mat()?, x, beta, y);
    }
    lapack::gemm(alpha, a.op, a.mat()?, b.op, b.mat()?, beta, MatMut::of(c.view_mut())?)
}

/// The lower triangle of AᴴA, with zeros above it.
pub(crate) fn gram<T: Element>(a: &ArrayRef2<T>) -> Result<Array2<T>> {
    let n = a.ncols();
    let memory = pack::readable(a)?;
    if memory.is_empty() {
        return zeros(n, n, Order::ColumnMajor);
    }
    let (one, zero) = (T::Real::one(), T::Real::zero());
    match pack::natural_order(&memory) {
        Order::ColumnMajor => {
            let mut gram = zeros(n, n, Order::ColumnMajor)?;
            lapack::herk(Uplo::Lower, one, Op::Adjoint, Mat::of(memory.view())?, zero, MatMut::of(gram.view_mut())?)?;
            Ok(gram)
        }
        // With M = Aᵀ in memory, AᴴA is the transpose of MMᴴ: its lower triangle is the upper one of that.
        Order::RowMajor => {
            let mut gram = zeros(n, n, Order::RowMajor)?;
            let to = MatMut::of(gram.view_mut().reversed_axes())?;
            lapack::herk(Uplo::Upper, one, Op::None, Mat::of(memory.t())?, zero, to)?;
            Ok(gram)
        }
    }
}

/// Aᴴ·B.
pub(crate) fn adjoint_product<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Array2<T>> {
    product(&adjoint(a)?, &plain(b)?)
}

/// B − A·X.
pub(crate) fn residual<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>, x: &ArrayRef2<T>) -> Result<Array2<T>> {
    let mut residual = pack::owned_columns(b)?;
    accumulate(-T::one(), &plain(a)?, &plain(x)?, T::one(), &mut residual)?;
    Ok(residual)
}

/// The rows×cols matrix of zeros.
pub(crate) fn zero_matrix<T: Element>(rows: usize, cols: usize) -> Result<Array2<T>> {
    zeros(rows, cols, Order::ColumnMajor)
}
