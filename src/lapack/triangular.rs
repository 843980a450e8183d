//! The unsafe floor: triangular systems (trtrs).
//! Must not look at layouts; operands are checked views.

use super::library::enter;
use super::view::{Mat, MatMut};
use super::{Diag, Op, Uplo, require, status, table};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::threads::Operation;

/// Solves op(A)·X = B with the triangle `uplo` of `a`; X overwrites `b`. A zero on the diagonal is
/// [`Error::Singular`], and leaves `b` as it was.
pub(crate) fn trtrs<T: Element>(uplo: Uplo, op: Op, diag: Diag, a: Mat<'_, T>, b: MatMut<'_, T>) -> Result<()> {
    let n = a.rows;
    require(a.cols == n && b.rows == n, "trtrs")?;
    let mut info = 0;
    let _running = enter(Operation::Solve, n, b.cols)?;
    let (uplo, trans, diag) = (uplo.as_char(), op.as_char(), diag.as_char());
    // SAFETY: a is n×n, b has n rows.
    unsafe {
        (table::<T>().trtrs)(uplo, trans, diag, &n, &b.cols, a.ptr, &a.ld, b.ptr, &b.ld, &mut info, 1, 1, 1);
    }
    match usize::try_from(status("trtrs", info)?) {
        Ok(info) if info > 0 => Err(Error::Singular { pivot: info - 1 }),
        _ => Ok(()),
    }
}
