//! The unsafe floor: orthogonal factorizations (geqrf, gelqf, geqp3) and the factors they keep as reflectors.
//! Must not look at layouts; operands are checked views.

use super::library::enter;
use super::room::{with_room_behind, with_room_to_read};
use super::table::{Geqp3, Geqrf, Ungqr, Unmqr};
use super::view::{Mat, MatMut};
use super::worksize::{Documented, Work, with_work};
use super::{Op, Side, require, table};
use crate::element::Element;
use crate::error::Result;
use crate::layout::Int;
use crate::threads::Operation;
use crate::workspace::{Call, Scratch};

fn work(length: Int) -> Documented {
    Documented { work: u128::from(length.unsigned_abs()), rwork: 0, iwork: 0 }
}

/// A = Q·R. R is left on and above the diagonal of `a`, the reflectors of Q below it and in `tau` (min(m, n)).
pub(crate) fn geqrf<T: Element>(a: MatMut<'_, T>, tau: &mut [T], scratch: &mut Scratch<T>) -> Result<()> {
    let length = a.cols;
    factor(table::<T>().geqrf, "geqrf", length, a, tau, scratch)
}

/// A = L·Q. L is left on and below the diagonal of `a`, the reflectors of Q above it and in `tau` (min(m, n)).
pub(crate) fn gelqf<T: Element>(a: MatMut<'_, T>, tau: &mut [T], scratch: &mut Scratch<T>) -> Result<()> {
    let length = a.rows;
    with_room_behind(a, scratch, |a, scratch| factor(table::<T>().gelqf, "gelqf", length, a, tau, scratch))
}

fn factor<T: Element>(
    routine: Geqrf<T>, name: &'static str, length: Int, a: MatMut<'_, T>, tau: &mut [T], scratch: &mut Scratch<T>,
) -> Result<()> {
    let (m, n) = (a.rows, a.cols);
    require(tau.len() >= m.min(n).unsigned_abs() as usize, name)?;
    let tau = tau.as_mut_ptr();
    let _running = enter(Operation::Qr, m, n)?;
    let call = Call { routine: name, flags: [0; 2], dims: [m, n, 0] };
    with_work(scratch, call, work(length), |Work { work, lwork, .. }| {
        let mut info = 0;
        // SAFETY: a is m×n, tau has min(m, n) entries, `work` has LWORK or LWORK is −1.
        unsafe { routine(&m, &n, a.ptr, &a.ld, tau, work, &lwork, &mut info) };
        info
    })?;
    Ok(())
}

/// A·P = Q·R with column norms descending. `pivots` has n entries; entry j becomes the column of A, from 1, that stands
/// at place j.
pub(crate) fn geqp3<T: Element>(
    a: MatMut<'_, T>, pivots: &mut [Int], tau: &mut [T], scratch: &mut Scratch<T>,
) -> Result<()> {
    let (m, n) = (a.rows, a.cols);
    let fit = tau.len() >= m.min(n).unsigned_abs() as usize && pivots.len() >= n.unsigned_abs() as usize;
    require(fit, "geqp3")?;
    // Zero marks a column as free to move.
    pivots.fill(0);
    with_room_behind(a, scratch, |a, scratch| {
        let (tau, pivots) = (tau.as_mut_ptr(), pivots.as_mut_ptr());
        let columns = u128::from(n.unsigned_abs());
        let documented = if T::IS_COMPLEX {
            Documented { work: columns + 1, rwork: 2 * columns, iwork: 0 }
        } else {
            Documented { work: 3 * columns + 1, rwork: 0, iwork: 0 }
        };
        let _running = enter(Operation::Qr, m, n)?;
        let call = Call { routine: "geqp3", flags: [0; 2], dims: [m, n, 0] };
        with_work(scratch, call, documented, |Work { work, lwork, rwork, .. }| {
            let mut info = 0;
            // SAFETY: a is m×n, `pivots` has n entries, all zero or left by the query, tau has min(m, n), `work` has LWORK
            // entries or LWORK is −1, `rwork` has 2n for complex types.
            unsafe {
                match table::<T>().geqp3 {
                    Geqp3::Real(f) => f(&m, &n, a.ptr, &a.ld, pivots, tau, work, &lwork, &mut info),
                    Geqp3::Complex(f) => f(&m, &n, a.ptr, &a.ld, pivots, tau, work, &lwork, rwork, &mut info),
                }
            }
            info
        })?;
        Ok(())
    })
}

/// Overwrites `a` (m×n, m ≥ n ≥ k), which holds k reflectors of [`geqrf`], with the first n columns of Q.
pub(crate) fn ungqr<T: Element>(a: MatMut<'_, T>, tau: &[T], scratch: &mut Scratch<T>) -> Result<()> {
    require(a.rows >= a.cols && tau.len() <= a.cols.unsigned_abs() as usize, "ungqr")?;
    let length = a.cols;
    generate(table::<T>().ungqr, "ungqr", length, a, tau, scratch)
}

/// Overwrites `a` (m×n, n ≥ m ≥ k), which holds k reflectors of [`gelqf`], with the first m rows of Q.
pub(crate) fn unglq<T: Element>(a: MatMut<'_, T>, tau: &[T], scratch: &mut Scratch<T>) -> Result<()> {
    require(a.cols >= a.rows && tau.len() <= a.rows.unsigned_abs() as usize, "unglq")?;
    let length = a.rows;
    with_room_behind(a, scratch, |a, scratch| generate(table::<T>().unglq, "unglq", length, a, tau, scratch))
}

fn generate<T: Element>(
    routine: Ungqr<T>, name: &'static str, length: Int, a: MatMut<'_, T>, tau: &[T], scratch: &mut Scratch<T>,
) -> Result<()> {
    let (m, n, k) = (a.rows, a.cols, tau.len() as Int);
    let _running = enter(Operation::Qr, m, n)?;
    let call = Call { routine: name, flags: [0; 2], dims: [m, n, k] };
    with_work(scratch, call, work(length), |Work { work, lwork, .. }| {
        let mut info = 0;
        // SAFETY: a is m×n with k ≤ min(m, n) reflectors, tau has k entries, `work` has LWORK or LWORK is −1.
        unsafe { routine(&m, &n, &k, a.ptr, &a.ld, tau.as_ptr(), work, &lwork, &mut info) };
        info
    })?;
    Ok(())
}

/// Overwrites `c` with op(Q)·C or C·op(Q), Q from the k columns of `a` that [`geqrf`] left.
pub(crate) fn unmqr<T: Element>(
    side: Side, op: Op, a: Mat<'_, T>, tau: &[T], c: MatMut<'_, T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    require((a.rows, a.cols) == (order(side, &c), tau.len() as Int), "unmqr")?;
    apply(table::<T>().unmqr, "unmqr", side, op, a, tau, c, scratch)
}

/// Overwrites `c` with op(Q)·C or C·op(Q), Q from the k rows of `a` that [`gelqf`] left.
pub(crate) fn unmlq<T: Element>(
    side: Side, op: Op, a: Mat<'_, T>, tau: &[T], c: MatMut<'_, T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    require((a.rows, a.cols) == (tau.len() as Int, order(side, &c)), "unmlq")?;
    with_room_to_read(a, scratch, |a, scratch| apply(table::<T>().unmlq, "unmlq", side, op, a, tau, c, scratch))
}

/// The order of the square matrix that multiplies `c` from `side`.
fn order<T>(side: Side, c: &MatMut<'_, T>) -> Int {
    match side {
        Side::Left => c.rows,
        Side::Right => c.cols,
    }
}

#[expect(clippy::too_many_arguments, reason = "the arguments of xUNMQR")]
fn apply<T: Element>(
    routine: Unmqr<T>, name: &'static str, side: Side, op: Op, a: Mat<'_, T>, tau: &[T], c: MatMut<'_, T>,
    scratch: &mut Scratch<T>,
) -> Result<()> {
    let (m, n, k) = (c.rows, c.cols, tau.len() as Int);
    require(k <= order(side, &c) && op != Op::Transpose, name)?;
    // The real routines know the adjoint by the letter T.
    let trans = match op {
        Op::Adjoint if !T::IS_COMPLEX => Op::Transpose,
        _ => op,
    };
    let _running = enter(Operation::Qr, m, n)?;
    let call = Call { routine: name, flags: [side as u8, op as u8], dims: [m, n, k] };
    let length = if side == Side::Left { n } else { m };
    with_work(scratch, call, work(length), |Work { work, lwork, .. }| {
        let (side, trans, mut info) = (side.as_char(), trans.as_char(), 0);
        // SAFETY: c is m×n, a holds k reflectors of the order that `side` asks for, tau has k entries, `work` has LWORK
        // or LWORK is −1.
        unsafe {
            routine(side, trans, &m, &n, &k, a.ptr, &a.ld, tau.as_ptr(), c.ptr, &c.ld, work, &lwork, &mut info, 1, 1);
        }
        info
    })?;
    Ok(())
}
