//! Plain facts: copies a matrix of any layout into contiguous memory, and finds entries that are not finite.
//!
//! One pass does both. A row-major matrix is copied as it lies unless column-major order is asked for.
//! Nothing here knows a routine.

use ndarray::{Array2, ArrayRef2, ArrayView2, ArrayViewMut2, CowArray, Ix2};

use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::{Layout, Order, classify, to_int};
use crate::workspace::{Buffer, zeros};

/// The entries of a matrix that a routine reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of them.
    All,
    /// The diagonal and below.
    Lower,
    /// The diagonal and above.
    Upper,
}

impl Part {
    /// The same entries, seen in the transpose.
    pub(crate) fn transposed(self) -> Part {
        match self {
            Part::All => Part::All,
            Part::Lower => Part::Upper,
            Part::Upper => Part::Lower,
        }
    }

    /// The rows of column `j` that belong to the part, in a matrix of `rows` rows.
    fn rows_of_column(self, j: usize, rows: usize) -> std::ops::Range<usize> {
        match self {
            Part::All => 0..rows,
            Part::Lower => j.min(rows)..rows,
            Part::Upper => 0..(j + 1).min(rows),
        }
    }
}

/// Classifies the strides of `a`.
pub(crate) fn layout_of<T>(a: &ArrayRef2<T>) -> Layout {
    let (rows, cols) = a.dim();
    let strides = a.strides();
    classify(rows, cols, strides[0], strides[1])
}

/// Whether every entry is finite. NaN and ±∞ are the values for which x − x is not zero.
pub(crate) fn all_finite<T: Element>(entries: &[T]) -> bool {
    const LANES: usize = 8;
    let zero = T::zero();
    // Independent lanes let the compiler use vector registers without reordering a sum.
    let mut lanes = [zero; LANES];
    let mut chunks = entries.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += x - x;
        }
    }
    for &x in chunks.remainder() {
        lanes[0] += x - x;
    }
    lanes.iter().all(|&lane| lane == zero)
}

/// Dimensions that LAPACK can address, checked before any entry is touched.
pub(crate) fn check_size<T>(a: &ArrayRef2<T>) -> Result<()> {
    to_int("the number of rows", a.nrows())?;
    to_int("the number of columns", a.ncols())?;
    Ok(())
}

/// [`Error::NonFinite`] for the first entry of `part` that is a NaN or an infinity.
pub(crate) fn check_finite<T: Element>(a: &ArrayRef2<T>, part: Part) -> Result<()> {
    check_size(a)?;
    match layout_of(a) {
        Layout::RowMajor { .. } => {
            check_columns(a.t(), part.transposed()).map_err(|(col, row)| Error::NonFinite { row, col })
        }
        _ => check_columns(a.view(), part).map_err(|(row, col)| Error::NonFinite { row, col }),
    }
}

/// The position of the first entry that is not finite, column by column.
fn check_columns<T: Element>(a: ArrayView2<'_, T>, part: Part) -> std::result::Result<(), (usize, usize)> {
    for (j, column) in a.columns().into_iter().enumerate() {
        let range = part.rows_of_column(j, column.len());
        let start = range.start;
        let column = column.slice(ndarray::s![range]);
        let finite = match column.as_slice() {
            Some(entries) => all_finite(entries),
            None => column.iter().all(|&x| is_finite(x)),
        };
        if !finite {
            let offset = column.iter().position(|&x| !is_finite(x)).unwrap_or(0);
            return Err((start + offset, j));
        }
    }
    Ok(())
}

/// Whether neither part of `x` is a NaN or an infinity.
pub(crate) fn is_finite<T: Element>(x: T) -> bool {
    x - x == T::zero()
}

/// The order in which [`load`] packs `a`.
pub(crate) fn natural_order<T>(a: &ArrayRef2<T>) -> Order {
    match layout_of(a) {
        Layout::RowMajor { .. } => Order::RowMajor,
        Layout::ColumnMajor { .. } | Layout::Strided => Order::ColumnMajor,
    }
}

/// Copies `a` into `buffer`, packed in its [`natural_order`]; entries outside `part` are copied unchecked.
pub(crate) fn load<'b, T: Element>(a: &ArrayRef2<T>, part: Part, buffer: &'b mut Buffer<T>) -> Result<&'b mut [T]> {
    let packed = buffer.take(packed_len(a)?)?;
    copy(a, part, packed)?;
    Ok(packed)
}

/// Copies `a` into `buffer`, packed in column-major order whatever its layout.
pub(crate) fn load_columns<'b, T: Element>(
    a: &ArrayRef2<T>, part: Part, buffer: &'b mut Buffer<T>,
) -> Result<&'b mut [T]> {
    let packed = buffer.take(packed_len(a)?)?;
    copy_columns(a, part, packed)?;
    Ok(packed)
}

/// The number of entries of `a`, if LAPACK can address its dimensions.
fn packed_len<T>(a: &ArrayRef2<T>) -> Result<usize> {
    check_size(a)?;
    Ok(a.len())
}

/// As [`load`], into `packed`, which has as many entries as `a`.
pub(crate) fn copy<T: Element>(a: &ArrayRef2<T>, part: Part, packed: &mut [T]) -> Result<()> {
    match natural_order(a) {
        Order::RowMajor => copy_columns(&a.t(), part.transposed(), packed).map_err(transpose_position),
        Order::ColumnMajor => copy_columns(a, part, packed),
    }
}

/// As [`load_columns`], into `packed`, which has as many entries as `a`.
pub(crate) fn copy_columns<T: Element>(a: &ArrayRef2<T>, part: Part, packed: &mut [T]) -> Result<()> {
    let rows = a.nrows();
    if a.is_empty() {
        return Ok(());
    }
    if let Layout::RowMajor { .. } = layout_of(a) {
        copy_transposed(a, packed);
        return check_finite(a, part);
    }
    for (j, (column, to)) in a.columns().into_iter().zip(packed.chunks_exact_mut(rows)).enumerate() {
        match column.as_slice() {
            Some(from) => to.copy_from_slice(from),
            None => to.iter_mut().zip(column).for_each(|(to, &from)| *to = from),
        }
        // The column is in cache now.
        let range = part.rows_of_column(j, rows);
        let start = range.start;
        if !all_finite(&to[range.clone()]) {
            let offset = to[range].iter().position(|&x| !is_finite(x)).unwrap_or(0);
            return Err(Error::NonFinite { row: start + offset, col: j });
        }
    }
    Ok(())
}

/// Copies a row-major matrix into column-major order, tile by tile so that both sides stay in cache.
fn copy_transposed<T: Element>(a: &ArrayRef2<T>, packed: &mut [T]) {
    const TILE: usize = 16;
    let (rows, cols) = a.dim();
    for i0 in (0..rows).step_by(TILE) {
        for j0 in (0..cols).step_by(TILE) {
            let tile = j0..(j0 + TILE).min(cols);
            for i in i0..(i0 + TILE).min(rows) {
                let row = a.row(i);
                for (j, &x) in tile.clone().zip(row.slice(ndarray::s![tile.clone()])) {
                    packed[j * rows + i] = x;
                }
            }
        }
    }
}

/// `a` itself if LAPACK can read it or its transpose, else a packed copy.
pub(crate) fn readable<T: Element>(a: &ArrayRef2<T>) -> Result<CowArray<'_, T, Ix2>> {
    match layout_of(a) {
        Layout::Strided => Ok(CowArray::from(column_major(a)?)),
        _ => Ok(CowArray::from(a.view())),
    }
}

/// A packed copy in column-major order.
pub(crate) fn column_major<T: Element>(a: &ArrayRef2<T>) -> Result<Array2<T>> {
    let mut copy = zeros(a.nrows(), a.ncols(), Order::ColumnMajor)?;
    copy.assign(a);
    Ok(copy)
}

/// Copies packed column-major entries back into a view of any layout.
pub(crate) fn store<T: Element>(packed: &[T], mut to: ArrayViewMut2<'_, T>) -> Result<()> {
    let (rows, cols) = to.dim();
    let from = ArrayView2::from_shape((cols, rows), packed).map_err(internal_shape)?;
    to.assign(&from.t());
    Ok(())
}

/// A position found in the transpose, told in the matrix.
fn transpose_position(error: Error) -> Error {
    match error {
        Error::NonFinite { row, col } => Error::NonFinite { row: col, col: row },
        other => other,
    }
}

fn internal_shape(error: ndarray::ShapeError) -> Error {
    Error::Backend { message: format!("a packed matrix does not have its own shape ({error})") }
}
