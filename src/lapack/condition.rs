//! The unsafe floor: estimates of reciprocal condition numbers in the 1-norm (gecon, pocon, trcon).

use std::ffi::c_void;

use super::library::enter;
use super::sys::Char;
use super::table::Gecon;
use super::view::Mat;
use super::{Diag, Uplo, require, status, table};
use crate::element::Element;
use crate::error::Result;
use crate::threads::Operation;
use crate::workspace::Scratch;

/// 1/κ₁(A), estimated from the factors of `getrf` and the 1-norm of A.
pub(crate) fn gecon<T: Element>(lu: Mat<'_, T>, norm: T::Real, scratch: &mut Scratch<T>) -> Result<T::Real> {
    estimate(table::<T>().gecon, "gecon", Norm::One.as_char(), lu, norm, scratch)
}

/// 1/κ₁(A), estimated from the factor of `potrf` and the 1-norm of A.
pub(crate) fn pocon<T: Element>(
    uplo: Uplo, factor: Mat<'_, T>, norm: T::Real, scratch: &mut Scratch<T>,
) -> Result<T::Real> {
    estimate(table::<T>().pocon, "pocon", uplo.as_char(), factor, norm, scratch)
}

fn estimate<T: Element>(
    routine: Gecon<T, T::Real>, name: &'static str, letter: Char, a: Mat<'_, T>, norm: T::Real,
    scratch: &mut Scratch<T>,
) -> Result<T::Real> {
    let n = a.rows;
    require(a.cols == n, name)?;
    let mut rcond = T::Real::default();
    let mut info = 0;
    let _running = enter(Operation::Solve, n, 1)?;
    let (work, aux) = arrays(n.unsigned_abs() as usize, scratch)?;
    // SAFETY: a is n×n; `work` has 4n entries and `aux` n integers for real types, 2n reals for complex ones, which is
    // the most that either routine asks for.
    unsafe { routine(letter, &n, a.ptr, &a.ld, &norm, &mut rcond, work, aux, &mut info, 1) };
    status(name, info)?;
    Ok(rcond)
}

/// The norm in which a condition number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Norm {
    /// The largest sum of a column.
    One,
    /// The largest sum of a row, which is the 1-norm of the transpose.
    Infinity,
}

impl Norm {
    fn as_char(self) -> Char {
        match self {
            Norm::One => c"1".as_ptr().cast(),
            Norm::Infinity => c"I".as_ptr().cast(),
        }
    }
}

/// 1/κ of the triangle `uplo` of `a`, estimated.
pub(crate) fn trcon<T: Element>(norm: Norm, uplo: Uplo, a: Mat<'_, T>, scratch: &mut Scratch<T>) -> Result<T::Real> {
    let n = a.rows;
    require(a.cols == n, "trcon")?;
    let mut rcond = T::Real::default();
    let mut info = 0;
    let _running = enter(Operation::Solve, n, 1)?;
    let (work, aux) = arrays(n.unsigned_abs() as usize, scratch)?;
    let (norm, uplo, diag) = (norm.as_char(), uplo.as_char(), Diag::NonUnit.as_char());
    // SAFETY: a is n×n; `work` and `aux` are as in `estimate`.
    unsafe { (table::<T>().trcon)(norm, uplo, diag, &n, a.ptr, &a.ld, &mut rcond, work, aux, &mut info, 1, 1, 1) };
    status("trcon", info)?;
    Ok(rcond)
}

/// WORK of 4n entries, and the array that is IWORK (n) for real types and RWORK (2n) for complex ones.
fn arrays<T: Element>(n: usize, scratch: &mut Scratch<T>) -> Result<(*mut T, *mut c_void)> {
    let work = scratch.work.take((4 * n).max(1))?.as_mut_ptr();
    let aux = if T::IS_COMPLEX {
        scratch.rwork.take((2 * n).max(1))?.as_mut_ptr().cast()
    } else {
        scratch.iwork.take(n.max(1))?.as_mut_ptr().cast()
    };
    Ok((work, aux))
}
