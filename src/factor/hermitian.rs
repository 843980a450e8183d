//! The factor floor: what the factorizations of Hermitian matrices share.
//! Must not call `lapack`.
//!
//! One triangle is read. Where the matrix is row-major LAPACK sees its transpose, and so the other triangle.

use ndarray::{ArrayRef2, s};
use num_traits::Float;

use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::lapack::Uplo;
use crate::layout::Order;
use crate::pack::{self, Part};
use crate::workspace::Buffer;

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

/// How many times n·ε and the largest entry a Hermitian matrix may differ from its adjoint: about what roundings of a product BᴴB
/// leave.
const ASYMMETRY: f64 = 10.0;

/// The order of a square matrix that is finite and, but for rounding, Hermitian.
pub(crate) fn require_hermitian<T: Element>(what: &'static str, s: &ArrayRef2<T>) -> Result<usize> {
    let n = require_square(s)?;
    pack::check_finite(s, Part::All)?;
    // Halves, whose difference is within the range.
    let half = |x: T| x.mul_real(T::Real::real(0.5));
    let (mut largest, mut difference, mut at) = (0.0, 0.0, (0, 0));
    for i in 0..n {
        for j in 0..=i {
            let (x, mirror) = (half(s[(i, j)]), half(s[(j, i)].conj()));
            let differ = Scalar::abs(x - mirror).as_f64();
            largest = f64::max(largest, Scalar::abs(x).as_f64().max(Scalar::abs(mirror).as_f64()));
            if differ > difference {
                (difference, at) = (differ, (i, j));
            }
        }
    }
    let allowed = ASYMMETRY * n as f64 * T::Real::EPS.as_f64() * largest;
    if difference <= allowed {
        return Ok(n);
    }
    let (row, col) = at;
    Err(Error::NotHermitian { what, row, col, difference: 2.0 * difference, allowed: 2.0 * allowed })
}

/// The 1-norm of a Hermitian matrix of which one triangle is stored, with |re x| + |im x| for |x|; of the diagonal the
/// real part counts.
pub(crate) fn norm1<T: Element>(a: &ArrayRef2<T>, uplo: Uplo, sums: &mut Buffer<T::Real>) -> Result<T::Real> {
    let n = a.nrows();
    let sums = sums.take(n)?;
    sums.fill(T::Real::default());
    // Along memory: the entries of one column of the lower triangle, or of one row of the upper one.
    let (memory, lower) = match pack::natural_order(a) {
        Order::ColumnMajor => (a.view(), uplo == Uplo::Lower),
        Order::RowMajor => (a.t(), uplo == Uplo::Upper),
    };
    for (j, column) in memory.columns().into_iter().enumerate() {
        let range = if lower { j + 1..n } else { 0..j };
        let mut own = Scalar::abs(column[j].re());
        for (&x, sum) in column.slice(s![range.clone()]).iter().zip(&mut sums[range]) {
            let size = pack::magnitude(x);
            own += size;
            *sum += size;
        }
        sums[j] += own;
    }
    Ok(sums.iter().fold(T::Real::default(), |largest, &sum| largest.max(sum)))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_norm_counts_both_halves_of_each_column() {
        // The sums are 11, 12 and 13: the largest needs what stands left of the diagonal and what stands below it.
        let whole = array![[-1.0, 4.0, 6.0], [4.0, 3.0, -5.0], [6.0, -5.0, 2.0]];
        for uplo in [Uplo::Lower, Uplo::Upper] {
            let mut stored = whole.clone();
            for ((i, j), x) in stored.indexed_iter_mut() {
                if if uplo == Uplo::Lower { i < j } else { i > j } {
                    *x = f64::NAN;
                }
            }
            let column_major = stored.t().to_owned().reversed_axes();
            for a in [&stored, &column_major] {
                assert_eq!(norm1(a, uplo, &mut Buffer::default()), Ok(13.0), "{uplo:?}");
            }
        }
        // The largest sum is that of the first column, of the middle one and of the last one.
        for (i, j) in [(1, 0), (2, 1), (2, 0)] {
            let mut a = array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
            (a[(i, j)], a[(j, i)]) = (8.0, 8.0);
            for uplo in [Uplo::Lower, Uplo::Upper] {
                assert_eq!(norm1(&a, uplo, &mut Buffer::default()), Ok(9.0), "{uplo:?}");
            }
        }
    }
}
