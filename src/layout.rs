//! Plain facts: how the strides of a matrix relate to what LAPACK can read.
//! Must not touch an entry or know a routine.
//!
//! LAPACK reads columns of adjacent entries, a constant *leading dimension* apart. A row-major matrix is the transpose
//! of such a matrix. Pure integer arithmetic; nothing here touches an entry or knows a routine.

use crate::error::{Error, Result};

/// The integer of the LAPACK interface (LP64).
pub(crate) type Int = i32;

/// How a strided matrix can be handed to LAPACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Adjacent entries run down a column; columns are `ld` entries apart.
    ColumnMajor { ld: usize },
    /// Adjacent entries run along a row; rows are `ld` entries apart. LAPACK sees the transpose.
    RowMajor { ld: usize },
    /// Neither: it has to be packed first.
    Strided,
}

/// The order of a packed matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Columns are contiguous.
    ColumnMajor,
    /// Rows are contiguous: in memory it is the transpose, in column-major order.
    RowMajor,
}

/// Classifies a `rows`×`cols` matrix whose neighbours in a column are `row_stride` entries apart and whose neighbours
/// in a row are `col_stride` entries apart. The stride along an axis of length 0 or 1 is never used, so it does not count.
pub(crate) fn classify(rows: usize, cols: usize, row_stride: isize, col_stride: isize) -> Layout {
    if let Some(ld) = leading_dimension(rows, cols, row_stride, col_stride) {
        return Layout::ColumnMajor { ld };
    }
    match leading_dimension(cols, rows, col_stride, row_stride) {
        Some(ld) => Layout::RowMajor { ld },
        None => Layout::Strided,
    }
}

/// The leading dimension, if a matrix with these strides is column-major.
fn leading_dimension(rows: usize, cols: usize, row_stride: isize, col_stride: isize) -> Option<usize> {
    if rows > 1 && row_stride != 1 {
        return None;
    }
    let least = rows.max(1);
    if cols <= 1 {
        return Some(least);
    }
    usize::try_from(col_stride).ok().filter(|&ld| ld >= least)
}

/// A size as LAPACK's integer, or [`Error::TooLarge`].
pub(crate) fn to_int(what: &'static str, size: usize) -> Result<Int> {
    Int::try_from(size).map_err(|_| too_large(what, size as u128))
}

/// [`Error::TooLarge`] against the range of LAPACK's integer.
pub(crate) fn too_large(what: &'static str, needed: u128) -> Error {
    Error::TooLarge { what, needed, limit: Int::MAX as u128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contiguous_and_padded_matrices_keep_their_leading_dimension() {
        assert_eq!(classify(3, 2, 1, 3), Layout::ColumnMajor { ld: 3 });
        assert_eq!(classify(3, 2, 1, 7), Layout::ColumnMajor { ld: 7 });
        assert_eq!(classify(3, 2, 2, 1), Layout::RowMajor { ld: 2 });
        assert_eq!(classify(3, 2, 9, 1), Layout::RowMajor { ld: 9 });
    }

    #[test]
    fn what_lapack_cannot_read_is_strided() {
        assert_eq!(classify(3, 2, -1, 3), Layout::Strided, "reversed rows");
        assert_eq!(classify(3, 2, 1, -3), Layout::Strided, "reversed columns");
        assert_eq!(classify(3, 2, 2, 6), Layout::Strided, "every second row");
        assert_eq!(classify(3, 2, 0, 0), Layout::Strided, "broadcast");
        assert_eq!(classify(3, 2, 1, 2), Layout::Strided, "overlapping columns");
        assert_eq!(classify(3, 2, 1, 0), Layout::Strided, "one column repeated");
    }

    #[test]
    fn strides_of_short_axes_do_not_count() {
        assert_eq!(classify(4, 1, 1, -9), Layout::ColumnMajor { ld: 4 });
        assert_eq!(classify(1, 4, 77, 1), Layout::ColumnMajor { ld: 1 });
        assert_eq!(classify(1, 4, 0, 5), Layout::ColumnMajor { ld: 5 });
        assert_eq!(classify(4, 1, 5, 0), Layout::RowMajor { ld: 5 });
        assert_eq!(classify(4, 1, -5, 0), Layout::Strided);
        assert_eq!(classify(1, 1, 0, 0), Layout::ColumnMajor { ld: 1 });
        assert_eq!(classify(0, 3, 1, 1), Layout::ColumnMajor { ld: 1 });
        assert_eq!(classify(0, 0, 0, 0), Layout::ColumnMajor { ld: 1 });
    }

    #[test]
    fn sizes_beyond_the_interface_are_refused() {
        assert_eq!(to_int("rows", 7), Ok(7));
        assert!(matches!(to_int("rows", 1 << 31), Err(Error::TooLarge { what: "rows", .. })));
    }
}
