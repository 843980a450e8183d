//! The unsafe floor: the products and triangular solves of BLAS (gemm, gemv, syrk and herk, trsm).
//! Must not choose an algorithm or allocate; operands are checked views.

use super::library::enter;
use super::room;
use super::view::{Mat, MatMut};
use super::{Diag, Op, Side, Uplo, require, table};
use crate::element::Element;
use crate::error::Result;
use crate::layout::Int;
use crate::threads::Operation;

/// Rows and columns of op(A).
fn dims<T>(op: Op, a: &Mat<'_, T>) -> (Int, Int) {
    match op {
        Op::None => (a.rows, a.cols),
        Op::Transpose | Op::Adjoint => (a.cols, a.rows),
    }
}

/// C ← α·op(A)·op(B) + β·C.
pub(crate) fn gemm<T: Element>(
    alpha: T, op_a: Op, a: Mat<'_, T>, op_b: Op, b: Mat<'_, T>, beta: T, c: MatMut<'_, T>,
) -> Result<()> {
    let ((m, k), (inner, n)) = (dims(op_a, &a), dims(op_b, &b));
    require(k == inner && (c.rows, c.cols) == (m, n), "gemm")?;
    let _running = enter(Operation::Product, m, n)?;
    let (op_a, op_b) = (op_a.as_char(), op_b.as_char());
    // SAFETY: op(A) is m×k, op(B) k×n, C m×n; C is borrowed mutably, so it overlaps neither.
    unsafe {
        (table::<T>().gemm)(op_a, op_b, &m, &n, &k, &alpha, a.ptr, &a.ld, b.ptr, &b.ld, &beta, c.ptr, &c.ld, 1, 1);
    }
    Ok(())
}

/// y ← α·op(A)·x + β·y.
pub(crate) fn gemv<T: Element>(alpha: T, op: Op, a: Mat<'_, T>, x: &[T], beta: T, y: &mut [T]) -> Result<()> {
    let (m, n) = dims(op, &a);
    require(x.len() == n.unsigned_abs() as usize && y.len() == m.unsigned_abs() as usize, "gemv")?;
    if room::is_needed::<T>()? {
        // The vector has no room behind it, and the product of matrices needs none.
        let (x, y) = (Mat::packed(x, (x.len(), 1))?, (MatMut::packed(y, (m.unsigned_abs() as usize, 1))?));
        return gemm(alpha, op, a, Op::None, x, beta, y);
    }
    let (step, x, y) = (1, x.as_ptr(), y.as_mut_ptr());
    let _running = enter(Operation::Product, m, n)?;
    // SAFETY: op(A) is m×n, x has n entries and y has m, each with stride 1.
    unsafe {
        (table::<T>().gemv)(op.as_char(), &a.rows, &a.cols, &alpha, a.ptr, &a.ld, x, &step, &beta, y, &step, 1);
    }
    Ok(())
}

/// C ← α·op(A)·op(A)ᴴ + β·C on the triangle `uplo` of `c`, with op one of [`Op::None`] and [`Op::Adjoint`].
pub(crate) fn herk<T: Element>(
    uplo: Uplo, alpha: T::Real, op: Op, a: Mat<'_, T>, beta: T::Real, c: MatMut<'_, T>,
) -> Result<()> {
    let (n, k) = dims(op, &a);
    require(op != Op::Transpose && (c.rows, c.cols) == (n, n), "herk")?;
    // The real routine also knows the adjoint by the letter C.
    let _running = enter(Operation::Product, n, k)?;
    // SAFETY: op(A) is n×k, C n×n; C is borrowed mutably, so it does not overlap A.
    unsafe {
        (table::<T>().herk)(uplo.as_char(), op.as_char(), &n, &k, &alpha, a.ptr, &a.ld, &beta, c.ptr, &c.ld, 1, 1);
    }
    Ok(())
}

/// B ← α·op(A)⁻¹·B or α·B·op(A)⁻¹ with the triangle `uplo` of `a`. A zero on the diagonal gives infinities.
pub(crate) fn trsm<T: Element>(
    side: Side, uplo: Uplo, op: Op, diag: Diag, alpha: T, a: Mat<'_, T>, b: MatMut<'_, T>,
) -> Result<()> {
    let (m, n) = (b.rows, b.cols);
    let order = if side == Side::Left { m } else { n };
    require((a.rows, a.cols) == (order, order), "trsm")?;
    let _running = enter(Operation::Solve, m, n)?;
    let (side, uplo, op, diag) = (side.as_char(), uplo.as_char(), op.as_char(), diag.as_char());
    // SAFETY: a is square of the order that `side` asks for, b is m×n and borrowed mutably, so it does not overlap a.
    unsafe {
        (table::<T>().trsm)(side, uplo, op, diag, &m, &n, &alpha, a.ptr, &a.ld, b.ptr, &b.ld, 1, 1, 1, 1);
    }
    Ok(())
}
