//! The factor floor: what the factorizations of Hermitian matrices share.
//!
//! One triangle is read. Where the matrix is row-major LAPACK sees its transpose, and so the other triangle.

use ndarray::ArrayRef2;

use crate::error::{Error, Result};
use crate::lapack::Uplo;
use crate::layout::Order;
use crate::pack::Part;

/// The entries that a factorization reads.
pub(crate) fn part(uplo: Uplo) -> Part {
    match uplo {
        Uplo::Lower => Part::Lower,
        Uplo::Upper => Part::Upper,
    }
}

/// The triangle that LAPACK sees in a matrix that is packed in `order`.
pub(crate) fn stored(uplo: Uplo, order: Order) -> Uplo {
    match order {
        Order::ColumnMajor => uplo,
        Order::RowMajor => uplo.transposed(),
    }
}

/// The order of a square matrix.
pub(crate) fn require_square<T>(a: &ArrayRef2<T>) -> Result<usize> {
    let (rows, cols) = a.dim();
    if rows == cols { Ok(rows) } else { Err(Error::NotSquare { rows, cols }) }
}
