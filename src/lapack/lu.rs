//! The unsafe floor: LU with partial pivoting (getrf), its solves (getrs) and the inverse (getri).
//! Must not look at layouts; operands are checked views.

use super::library::{enter, linked_backend};
use super::room::with_room_behind;
use super::view::{Mat, MatMut};
use super::worksize::{Documented, Work, with_work};
use super::{Op, require, status, table};
use crate::backend::Remedy;
use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::Int;
use crate::threads::Operation;
use crate::workspace::{Call, Scratch};

/// P·A = L·U. L (unit diagonal, not stored) and U overwrite `a`; row i was exchanged with row `pivots[i]`, from 1.
/// Returns the first zero pivot, from 0, if there is one: the factorization is complete all the same.
pub(crate) fn getrf<T: Element>(a: MatMut<'_, T>, pivots: &mut [Int]) -> Result<Option<usize>> {
    let (m, n) = (a.rows, a.cols);
    require(pivots.len() >= m.min(n).unsigned_abs() as usize, "getrf")?;
    let mut info = 0;
    let _running = enter(Operation::Lu, m, n)?;
    // SAFETY: a is m×n, `pivots` has min(m, n) entries.
    unsafe { (table::<T>().getrf)(&m, &n, a.ptr, &a.ld, pivots.as_mut_ptr(), &mut info) };
    let info = status("getrf", info)?;
    Ok(info.checked_sub(1).and_then(|pivot| usize::try_from(pivot).ok()))
}

/// Whether the [`getrf`] of the linked library gives right answers for `T`.
pub(crate) fn getrf_is_right<T: Element>() -> Result<bool> {
    Ok(!(T::IS_COMPLEX && linked_backend()?.has(Remedy::OwnComplexLu)))
}

/// Refuses row exchanges that lead out of a matrix of `rows` rows.
fn check_pivots(pivots: &[Int], rows: Int) -> bool {
    pivots.iter().all(|&pivot| 1 <= pivot && pivot <= rows)
}

/// Solves op(A)·X = B from the factors of [`getrf`]; X overwrites `b`.
pub(crate) fn getrs<T: Element>(op: Op, lu: Mat<'_, T>, pivots: &[Int], b: MatMut<'_, T>) -> Result<()> {
    let n = lu.rows;
    let fit = lu.cols == n && b.rows == n && pivots.len() == n.unsigned_abs() as usize && check_pivots(pivots, n);
    require(fit, "getrs")?;
    let mut info = 0;
    let _running = enter(Operation::Solve, n, b.cols)?;
    // SAFETY: lu is n×n, b has n rows, `pivots` has n entries, each a row of b.
    unsafe {
        let pivots = pivots.as_ptr();
        (table::<T>().getrs)(op.as_char(), &n, &b.cols, lu.ptr, &lu.ld, pivots, b.ptr, &b.ld, &mut info, 1);
    }
    status("getrs", info)?;
    Ok(())
}

/// Overwrites the factors of [`getrf`] by the inverse.
pub(crate) fn getri<T: Element>(lu: MatMut<'_, T>, pivots: &[Int], scratch: &mut Scratch<T>) -> Result<()> {
    let n = lu.rows;
    let fit = lu.cols == n && pivots.len() == n.unsigned_abs() as usize && check_pivots(pivots, n);
    require(fit, "getri")?;
    with_room_behind(lu, scratch, |lu, scratch| {
        let _running = enter(Operation::Lu, n, n)?;
        let call = Call { routine: "getri", flags: [0; 2], dims: [n, 0, 0] };
        let documented = Documented { work: u128::from(n.unsigned_abs()), rwork: 0, iwork: 0 };
        let info = with_work(scratch, call, documented, |Work { work, lwork, .. }| {
            let mut info = 0;
            // SAFETY: lu is n×n, `pivots` has n entries, each a column of it, `work` has LWORK entries or LWORK is −1.
            unsafe { (table::<T>().getri)(&n, lu.ptr, &lu.ld, pivots.as_ptr(), work, &lwork, &mut info) };
            info
        })?;
        match usize::try_from(info) {
            Ok(info) if info > 0 => Err(Error::Singular { pivot: info - 1 }),
            _ => Ok(()),
        }
    })
}
