//! The unsafe floor: singular value decompositions, by divide and conquer (gesdd) and by QR iteration (gesvd).
//! Must not choose between the two.

use super::library::enter;
use super::room::with_room;
use super::sys::Char;
use super::table::{Gesdd, Gesvd};
use super::view::MatMut;
use super::worksize::{Documented, Work, with_work};
use super::{Job, require, table};
use crate::element::{Element, Scalar};
use crate::error::{Error, Result};
use crate::layout::{Int, too_large};
use crate::threads::Operation;
use crate::workspace::{Call, Scratch};

/// What both routines of this file are called with: job, A, singular values, U, Vᴴ and working space.
pub(crate) type SvdRoutine<T> = for<'a, 's, 'u, 'v, 'w> fn(
    Job,
    MatMut<'a, T>,
    &'s mut [<T as Scalar>::Real],
    MatMut<'u, T>,
    MatMut<'v, T>,
    &'w mut Scratch<T>,
) -> Result<()>;

fn letter(job: Job) -> Char {
    match job {
        Job::Values => c"N".as_ptr().cast(),
        Job::Thin => c"S".as_ptr().cast(),
        Job::Full => c"A".as_ptr().cast(),
    }
}

/// Lengths for xGESDD, from its documentation; the largest of the LAPACK versions where they differ.
fn gesdd_lengths<T: Element>(job: Job, m: Int, n: Int) -> Documented {
    let (mn, mx) = smaller_larger(m, n);
    let iwork = 8 * mn;
    if !T::IS_COMPLEX {
        let work = match job {
            Job::Values => 3 * mn + mx.max(7 * mn),
            Job::Thin => 4 * mn * mn + 7 * mn,
            Job::Full => 4 * mn * mn + 6 * mn + mx,
        };
        return Documented { work, rwork: 0, iwork };
    }
    let work = match job {
        Job::Values => 2 * mn + mx,
        Job::Thin => mn * mn + 3 * mn,
        Job::Full => mn * mn + 2 * mn + mx,
    };
    let rwork = match job {
        Job::Values => 7 * mn,
        Job::Thin | Job::Full => mn * (5 * mn + 5).max(2 * mx + 2 * mn + 1),
    };
    Documented { work, rwork, iwork }
}

/// Lengths for xGESVD, from its documentation.
fn gesvd_lengths<T: Element>(m: Int, n: Int) -> Documented {
    let (mn, mx) = smaller_larger(m, n);
    if T::IS_COMPLEX {
        Documented { work: 2 * mn + mx, rwork: 5 * mn, iwork: 0 }
    } else {
        Documented { work: (3 * mn + mx).max(5 * mn), rwork: 0, iwork: 0 }
    }
}

fn smaller_larger(m: Int, n: Int) -> (u128, u128) {
    let (m, n) = (u128::from(m.unsigned_abs()), u128::from(n.unsigned_abs()));
    (m.min(n), m.max(n))
}

/// The sizes for which every length and offset inside the two routines fits their integers; to be asked before any
/// memory is taken.
pub(crate) fn svd_fits<T: Element>(job: Job, m: Int, n: Int) -> Result<()> {
    let (mn, mx) = smaller_larger(m, n);
    let largest = if job == Job::Full { mx * mx } else { mx * mn };
    if largest > Int::MAX as u128 {
        return Err(too_large("the largest matrix of the SVD", largest));
    }
    gesdd_lengths::<T>(job, m, n).check()?;
    gesvd_lengths::<T>(m, n).check()?;
    Ok(())
}

/// Checks shapes: U is m×k and Vᴴ k×n with k = min(m, n), or m×m and n×n; for values only they may be anything.
fn check<T: Element>(job: Job, a: &MatMut<'_, T>, s: &[T::Real], u: &MatMut<'_, T>, vh: &MatMut<'_, T>) -> Result<()> {
    let (m, n, k) = (a.rows, a.cols, a.rows.min(a.cols));
    let (u, vh) = ((u.rows, u.cols), (vh.rows, vh.cols));
    let fit = match job {
        Job::Values => true,
        Job::Thin => u == (m, k) && vh == (k, n),
        Job::Full => u == (m, m) && vh == (n, n),
    };
    require(fit && s.len() >= k.unsigned_abs() as usize, "an SVD")?;
    svd_fits::<T>(job, m, n)
}

/// A = U·diag(s)·Vᴴ by divide and conquer. `a` is overwritten; `u` and `vh` are not touched for [`Job::Values`].
///
/// Entries must be finite: with an infinity some versions of the routine never return.
pub(crate) fn gesdd<T: Element>(
    job: Job, a: MatMut<'_, T>, s: &mut [T::Real], u: MatMut<'_, T>, vh: MatMut<'_, T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    check(job, &a, s, &u, &vh)?;
    with_room([a, u, vh], scratch, |[a, u, vh], scratch| {
        let (m, n, s) = (a.rows, a.cols, s.as_mut_ptr());
        let _running = enter(Operation::Svd, m, n)?;
        let call = Call { routine: "gesdd", flags: [job as u8, 0], dims: [m, n, 0] };
        let info =
            with_work(scratch, call, gesdd_lengths::<T>(job, m, n), |Work { work, lwork, rwork, iwork, .. }| {
                let (jobz, mut info) = (letter(job), 0);
                // SAFETY: `check` holds: a is m×n, s has min(m, n) entries, u and vh have the shapes that the job writes. The
                // working arrays are as long as LWORK tells and as the documentation asks for RWORK and IWORK, or LWORK is −1.
                unsafe {
                    match table::<T>().gesdd {
                        Gesdd::Real(f) => f(
                            jobz, &m, &n, a.ptr, &a.ld, s, u.ptr, &u.ld, vh.ptr, &vh.ld, work, &lwork, iwork,
                            &mut info, 1,
                        ),
                        Gesdd::Complex(f) => f(
                            jobz, &m, &n, a.ptr, &a.ld, s, u.ptr, &u.ld, vh.ptr, &vh.ld, work, &lwork, rwork, iwork,
                            &mut info, 1,
                        ),
                    }
                }
                info
            })?;
        converged("gesdd", info)
    })
}

/// A = U·diag(s)·Vᴴ by QR iteration, with the arguments of [`gesdd`]; slower, and it converges where that one may not.
pub(crate) fn gesvd<T: Element>(
    job: Job, a: MatMut<'_, T>, s: &mut [T::Real], u: MatMut<'_, T>, vh: MatMut<'_, T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    check(job, &a, s, &u, &vh)?;
    with_room([a, u, vh], scratch, |[a, u, vh], scratch| {
        let (m, n, s) = (a.rows, a.cols, s.as_mut_ptr());
        let _running = enter(Operation::Svd, m, n)?;
        let call = Call { routine: "gesvd", flags: [job as u8, 0], dims: [m, n, 0] };
        let info = with_work(scratch, call, gesvd_lengths::<T>(m, n), |Work { work, lwork, rwork, .. }| {
            let (job, mut info) = (letter(job), 0);
            // SAFETY: as in `gesdd`, with the lengths of this routine's documentation.
            unsafe {
                match table::<T>().gesvd {
                    Gesvd::Real(f) => f(
                        job, job, &m, &n, a.ptr, &a.ld, s, u.ptr, &u.ld, vh.ptr, &vh.ld, work, &lwork, &mut info, 1, 1,
                    ),
                    Gesvd::Complex(f) => f(
                        job, job, &m, &n, a.ptr, &a.ld, s, u.ptr, &u.ld, vh.ptr, &vh.ld, work, &lwork, rwork,
                        &mut info, 1, 1,
                    ),
                }
            }
            info
        })?;
        converged("gesvd", info)
    })
}

fn converged(routine: &'static str, info: Int) -> Result<()> {
    if info == 0 { Ok(()) } else { Err(Error::NoConvergence { routine }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_whose_workspace_exceeds_32_bits_are_refused() {
        assert!(matches!(svd_fits::<f64>(Job::Thin, 30_000, 30_000), Err(Error::TooLarge { .. })));
        assert!(matches!(svd_fits::<f32>(Job::Full, 70_000, 2), Err(Error::TooLarge { .. })));
        assert!(svd_fits::<f64>(Job::Thin, 100_000, 50).is_ok());
    }
}
