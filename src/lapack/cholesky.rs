//! The unsafe floor: Cholesky factors (potrf) and their solves (potrs).
//! Must not look at layouts or entries; operands are checked views.

use super::library::enter;
use super::view::{Mat, MatMut};
use super::{Uplo, require, status, table};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::threads::Operation;

/// A = L·Lᴴ (lower) or Uᴴ·U (upper); the factor overwrites the triangle of `a` that is stored.
pub(crate) fn potrf<T: Element>(uplo: Uplo, a: MatMut<'_, T>) -> Result<()> {
    let n = a.rows;
    require(a.cols == n, "potrf")?;
    let mut info = 0;
    let _running = enter(Operation::Cholesky, n, n)?;
    // SAFETY: a is n×n.
    unsafe { (table::<T>().potrf)(uplo.as_char(), &n, a.ptr, &a.ld, &mut info, 1) };
    match usize::try_from(status("potrf", info)?) {
        Ok(minor) if minor > 0 => Err(Error::NotPositiveDefinite { minor }),
        _ => Ok(()),
    }
}

/// Solves A·X = B from the factor of [`potrf`]; X overwrites `b`.
pub(crate) fn potrs<T: Element>(uplo: Uplo, factor: Mat<'_, T>, b: MatMut<'_, T>) -> Result<()> {
    let n = factor.rows;
    require(factor.cols == n && b.rows == n, "potrs")?;
    let mut info = 0;
    let _running = enter(Operation::Solve, n, b.cols)?;
    // SAFETY: the factor is n×n, b has n rows.
    unsafe { (table::<T>().potrs)(uplo.as_char(), &n, &b.cols, factor.ptr, &factor.ld, b.ptr, &b.ld, &mut info, 1) };
    status("potrs", info)?;
    Ok(())
}
