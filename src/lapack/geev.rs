//! The unsafe floor: eigenvalues and eigenvectors of general matrices (geev).
//! Must not look at layouts; operands are checked views.

use super::library::enter;
use super::room::with_room;
use super::sys::Char;
use super::table::Geev;
use super::view::MatMut;
use super::worksize::{Documented, Work, with_work};
use super::{require, table};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::Int;
use crate::threads::Operation;
use crate::workspace::{Call, Scratch};

/// Where the eigenvalues go: real matrices have their parts in two arrays, complex ones have one array.
pub(crate) enum Eigenvalues<'a, T: Element> {
    Real { re: &'a mut [T::Real], im: &'a mut [T::Real] },
    Complex(&'a mut [T]),
}

/// Lengths for xGEEV with vectors, from its documentation.
fn lengths<T: Element>(n: Int) -> Documented {
    let n = u128::from(n.unsigned_abs());
    if T::IS_COMPLEX {
        Documented { work: 2 * n, rwork: 2 * n, iwork: 0 }
    } else {
        Documented { work: 4 * n, rwork: 0, iwork: 0 }
    }
}

/// Eigenvalues, left and right eigenvectors of `a`, which is destroyed. A real matrix has the real and the imaginary part of a
/// vector in two columns where its eigenvalue is complex; the conjugate pair shares them.
pub(crate) fn geev<T: Element>(
    a: MatMut<'_, T>, values: Eigenvalues<'_, T>, left: MatMut<'_, T>, right: MatMut<'_, T>, scratch: &mut Scratch<T>,
) -> Result<()> {
    let n = a.rows;
    let count = match &values {
        Eigenvalues::Real { re, im } => re.len().min(im.len()),
        Eigenvalues::Complex(values) => values.len(),
    };
    let vectors_fit = (left.rows, left.cols) == (n, n) && (right.rows, right.cols) == (n, n);
    let values_fit = count >= n.unsigned_abs() as usize && matches!(values, Eigenvalues::Complex(_)) == T::IS_COMPLEX;
    require(a.cols == n && vectors_fit && values_fit, "geev")?;
    let (first, second, both) = match values {
        Eigenvalues::Real { re, im } => (re.as_mut_ptr(), im.as_mut_ptr(), std::ptr::null_mut()),
        Eigenvalues::Complex(values) => (std::ptr::null_mut(), std::ptr::null_mut(), values.as_mut_ptr()),
    };
    with_room([a, left, right], scratch, |[a, left, right], scratch| {
        let _running = enter(Operation::Eigh, n, n)?;
        let call = Call { routine: "geev", flags: [0; 2], dims: [n, 0, 0] };
        let info = with_work(scratch, call, lengths::<T>(n), |Work { work, lwork, rwork, .. }| {
            let (wanted, mut info): (Char, Int) = (c"V".as_ptr().cast(), 0);
            // SAFETY: a, left and right are n×n and borrowed mutably, so they do not overlap; the arrays of the arm that the
            // table has for T hold n eigenvalues; `work` has LWORK entries or LWORK is −1, `rwork` 2n for complex types.
            unsafe {
                match table::<T>().geev {
                    Geev::Real(f) => f(
                        wanted, wanted, &n, a.ptr, &a.ld, first, second, left.ptr, &left.ld, right.ptr, &right.ld,
                        work, &lwork, &mut info, 1, 1,
                    ),
                    Geev::Complex(f) => f(
                        wanted, wanted, &n, a.ptr, &a.ld, both, left.ptr, &left.ld, right.ptr, &right.ld, work, &lwork,
                        rwork, &mut info, 1, 1,
                    ),
                }
            }
            info
        })?;
        if info == 0 { Ok(()) } else { Err(Error::NoConvergence { routine: "geev" }) }
    })
}
