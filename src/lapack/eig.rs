//! The unsafe floor: eigenvalues of Hermitian matrices, by divide and conquer (syevd, heevd) and by relatively robust
//! representations (syevr, heevr). Must not choose between the two.

use super::library::enter;
use super::room::{with_room, with_room_behind};
use super::sys::Char;
use super::table::{Heevd, Heevr};
use super::view::MatMut;
use super::worksize::{Documented, Work, with_work};
use super::{Job, Uplo, require, table};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::Int;
use crate::threads::Operation;
use crate::workspace::{Call, Scratch};

fn letter(job: Job) -> Char {
    match job {
        Job::Values => c"N".as_ptr().cast(),
        Job::Thin | Job::Full => c"V".as_ptr().cast(),
    }
}

/// Lengths for xSYEVD and xHEEVD, from their documentation.
fn heevd_lengths<T: Element>(job: Job, n: Int) -> Documented {
    let n = u128::from(n.unsigned_abs());
    match (job, T::IS_COMPLEX) {
        (Job::Values, false) => Documented { work: 2 * n + 1, rwork: 0, iwork: 1 },
        (Job::Values, true) => Documented { work: n + 1, rwork: n, iwork: 1 },
        (_, false) => Documented { work: 1 + 6 * n + 2 * n * n, rwork: 0, iwork: 3 + 5 * n },
        (_, true) => Documented { work: 2 * n + n * n, rwork: 1 + 5 * n + 2 * n * n, iwork: 3 + 5 * n },
    }
}

/// Lengths for xSYEVR and xHEEVR, from their documentation.
fn heevr_lengths<T: Element>(n: Int) -> Documented {
    let n = u128::from(n.unsigned_abs());
    if T::IS_COMPLEX {
        Documented { work: 2 * n, rwork: 24 * n, iwork: 10 * n }
    } else {
        Documented { work: 26 * n, rwork: 0, iwork: 10 * n }
    }
}

/// The orders whose workspace fits the routines' integers; to be asked before any memory is taken.
pub(crate) fn eigh_fits<T: Element>(job: Job, n: Int) -> Result<()> {
    heevd_lengths::<T>(job, n).check()?;
    heevr_lengths::<T>(n).check()?;
    Ok(())
}

/// Eigenvalues, ascending, of the Hermitian matrix whose triangle `uplo` is stored in `a`, by divide and conquer.
/// With vectors they overwrite `a`, else the triangle is destroyed.
pub(crate) fn heevd<T: Element>(
    job: Job, uplo: Uplo, a: MatMut<'_, T>, w: &mut [T::Real], scratch: &mut Scratch<T>,
) -> Result<()> {
    let n = a.rows;
    require(a.cols == n && w.len() >= n.unsigned_abs() as usize, "an eigenvalue problem")?;
    let w = w.as_mut_ptr();
    with_room_behind(a, scratch, |a, scratch| {
        let _running = enter(Operation::Eigh, n, n)?;
        let call = Call { routine: "heevd", flags: [job as u8, uplo as u8], dims: [n, 0, 0] };
        let info = with_work(scratch, call, heevd_lengths::<T>(job, n), |to| {
            let Work { work, lwork, rwork, lrwork, iwork, liwork } = to;
            let (jobz, uplo, mut info) = (letter(job), uplo.as_char(), 0);
            // SAFETY: a is n×n, w has n entries, the working arrays are as long as the lengths beside them tell, or the
            // lengths are −1.
            unsafe {
                match table::<T>().heevd {
                    Heevd::Real(f) => f(jobz, uplo, &n, a.ptr, &a.ld, w, work, &lwork, iwork, &liwork, &mut info, 1, 1),
                    Heevd::Complex(f) => f(
                        jobz, uplo, &n, a.ptr, &a.ld, w, work, &lwork, rwork, &lrwork, iwork, &liwork, &mut info, 1, 1,
                    ),
                }
            }
            info
        })?;
        if info == 0 { Ok(()) } else { Err(Error::NoConvergence { routine: "heevd" }) }
    })
}

/// The same by relatively robust representations; the vectors go to `z` (n×n), and `a` is destroyed.
pub(crate) fn heevr<T: Element>(
    job: Job, uplo: Uplo, a: MatMut<'_, T>, w: &mut [T::Real], z: MatMut<'_, T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    let n = a.rows;
    let vectors_fit = job == Job::Values || (z.rows, z.cols) == (n, n);
    require(a.cols == n && vectors_fit && w.len() >= n.unsigned_abs() as usize, "an eigenvalue problem")?;
    let w = w.as_mut_ptr();
    let none = MatMut::packed(&mut [], (0, 0))?;
    with_room([a, z, none], scratch, |[a, z, _], scratch| {
        // The supports of the vectors: the routine wants the array, this crate has no use for it.
        let supports = scratch.supports.take(2 * n.unsigned_abs().max(1) as usize)?.as_mut_ptr();
        let mut found: Int = 0;
        let _running = enter(Operation::Eigh, n, n)?;
        let call = Call { routine: "heevr", flags: [job as u8, uplo as u8], dims: [n, 0, 0] };
        let info = with_work(scratch, call, heevr_lengths::<T>(n), |to| {
            let Work { work, lwork, rwork, lrwork, iwork, liwork } = to;
            let (jobz, range, uplo, mut info) = (letter(job), c"A".as_ptr().cast(), uplo.as_char(), 0);
            let (all, none) = (T::Real::default(), 0);
            // SAFETY: a is n×n, w has n entries, z is n×n where vectors are wanted, `supports` has 2·max(1, n), the working
            // arrays are as long as the lengths beside them tell, or the lengths are −1. The range A makes the routine
            // ignore its bounds.
            unsafe {
                match table::<T>().heevr {
                    Heevr::Real(f) => f(
                        jobz, range, uplo, &n, a.ptr, &a.ld, &all, &all, &none, &none, &all, &mut found, w, z.ptr,
                        &z.ld, supports, work, &lwork, iwork, &liwork, &mut info, 1, 1, 1,
                    ),
                    Heevr::Complex(f) => f(
                        jobz, range, uplo, &n, a.ptr, &a.ld, &all, &all, &none, &none, &all, &mut found, w, z.ptr,
                        &z.ld, supports, work, &lwork, rwork, &lrwork, iwork, &liwork, &mut info, 1, 1, 1,
                    ),
                }
            }
            info
        })?;
        if info == 0 && found == n { Ok(()) } else { Err(Error::NoConvergence { routine: "heevr" }) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_whose_workspace_exceeds_32_bits_are_refused() {
        assert!(matches!(eigh_fits::<f64>(Job::Thin, 32_767), Err(Error::TooLarge { .. })));
        assert!(eigh_fits::<f64>(Job::Thin, 32_765).is_ok());
        assert!(eigh_fits::<f64>(Job::Values, 70_000).is_ok());
    }
}
