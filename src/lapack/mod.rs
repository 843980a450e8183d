//! The unsafe floor, and its safe face: one function for each routine family, over checked views.
//! Must not hold an algorithm.
//!
//! The only code of the crate that may be unsafe. Each function checks every argument that the routine relies on,
//! sizes the working arrays, applies the thread policy, calls, and turns INFO into an [`Error`]. It holds no algorithm
//! and knows nothing of the factor structs above it.
#![allow(unsafe_code)]

mod blas;
mod cholesky;
mod condition;
mod eig;
mod geev;
mod ldlt;
mod library;
mod lu;
mod qr;
mod room;
mod svd;
mod sys;
mod table;
mod triangular;
mod view;
mod worksize;

pub(crate) use blas::{gemm, gemv, herk, trsm};
pub(crate) use cholesky::{potrf, potrs};
pub(crate) use condition::{Norm, gecon, pocon, trcon};
pub(crate) use eig::{eigh_fits, heevd, heevr};
pub(crate) use geev::{Eigenvalues, geev};
pub(crate) use ldlt::{hetrf, hetrs};
pub use library::linked_backend;
pub(crate) use lu::{getrf, getrf_is_right, getri, getrs};
pub(crate) use qr::{gelqf, geqp3, geqrf, unglq, ungqr, unmlq, unmqr};
pub(crate) use svd::{SvdRoutine, gesdd, gesvd, svd_fits};
pub(crate) use triangular::trtrs;
pub(crate) use view::{Mat, MatMut};

use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::Int;
use table::Table;

/// Whether vectors are wanted beside the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// Values only.
    Values,
    /// The vectors that belong to the values: for an m×n SVD, min(m, n) on each side.
    Thin,
    /// For an SVD, complete bases.
    Full,
}

/// The triangle of a Hermitian matrix that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uplo {
    /// The diagonal and what is below it.
    #[default]
    Lower,
    /// The diagonal and what is above it.
    Upper,
}

impl Uplo {
    /// The same entries, seen in the transpose.
    pub(crate) fn transposed(self) -> Uplo {
        match self {
            Uplo::Lower => Uplo::Upper,
            Uplo::Upper => Uplo::Lower,
        }
    }

    fn as_char(self) -> sys::Char {
        match self {
            Uplo::Lower => c"L".as_ptr().cast(),
            Uplo::Upper => c"U".as_ptr().cast(),
        }
    }
}

/// The form in which an operand enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// As it is.
    None,
    /// Transposed.
    Transpose,
    /// Conjugated and transposed; for real types the transpose.
    Adjoint,
}

impl Op {
    /// The letter of a routine that knows all three.
    fn as_char(self) -> sys::Char {
        match self {
            Op::None => c"N".as_ptr().cast(),
            Op::Transpose => c"T".as_ptr().cast(),
            Op::Adjoint => c"C".as_ptr().cast(),
        }
    }
}

/// The side from which a factor multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Side {
    fn as_char(self) -> sys::Char {
        match self {
            Side::Left => c"L".as_ptr().cast(),
            Side::Right => c"R".as_ptr().cast(),
        }
    }
}

/// Whether the diagonal of a triangular matrix is taken as 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Diag {
    NonUnit,
    Unit,
}

impl Diag {
    fn as_char(self) -> sys::Char {
        match self {
            Diag::NonUnit => c"N".as_ptr().cast(),
            Diag::Unit => c"U".as_ptr().cast(),
        }
    }
}

/// The table of `T`.
fn table<T: Element>() -> &'static Table<T> {
    table::table()
}

/// Refuses a call whose operands do not fit together, in the words of a programmer of this crate: the floors above
/// have checked what a user can get wrong.
fn require(fits: bool, what: &'static str) -> Result<()> {
    if fits { Ok(()) } else { Err(Error::Backend { message: format!("the operands of {what} do not fit together") }) }
}

/// The error behind a negative INFO; a positive one is the caller's to interpret.
fn status(routine: &'static str, info: Int) -> Result<Int> {
    if info < 0 {
        let argument = info.unsigned_abs();
        return Err(Error::Backend { message: format!("{routine} refused its argument {argument}") });
    }
    Ok(info)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_info_is_an_error_that_names_routine_and_argument() {
        let Err(Error::Backend { message }) = status("getrf", -4) else { panic!("INFO = −4 passed") };
        assert!(message.contains("getrf") && message.contains('4'), "{message}");
        assert_eq!([status("getrf", 0), status("getrf", 3)], [Ok(0), Ok(3)]);
    }

    #[test]
    fn operands_that_do_not_fit_are_an_error() {
        assert!(matches!(require(false, "gemm"), Err(Error::Backend { message }) if message.contains("gemm")));
        assert_eq!(require(true, "gemm"), Ok(()));
    }
}
