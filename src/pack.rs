//! Plain facts: copies a matrix of any layout into contiguous memory, and finds entries that are not finite.
//! Must not know a routine.
//!
//! A row-major matrix is copied as it lies unless column-major order is asked for.

use std::ops::Range;

use ndarray::{Array2, ArrayRef2, ArrayView1, ArrayView2, ArrayViewMut2, CowArray, Ix2};
use num_traits::{Float, One};

use crate::element::{Element, Scalar};
use crate::error::{Error, Result};
use crate::layout::{Layout, Order, classify, to_int};
use crate::scale::moderating;
use crate::workspace::{Buffer, copied, matrix, zeroed, zeros};

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
    fn transposed(self) -> Part {
        match self {
            Part::All => Part::All,
            Part::Lower => Part::Upper,
            Part::Upper => Part::Lower,
        }
    }

    /// The rows of column `j` that belong to the part, in a matrix of `rows` rows.
    fn rows_of_column(self, j: usize, rows: usize) -> Range<usize> {
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

/// Whether neither part of `x` is a NaN or an infinity.
pub(crate) fn is_finite<T: Element>(x: T) -> bool {
    x.re().is_finite() && x.im().is_finite()
}

/// Σ |re x| + |im x|: not finite if an entry is not.
fn sum_of_magnitudes<T: Element>(entries: &[T]) -> T::Real {
    const LANES: usize = 8;
    // Independent lanes let the compiler use vector registers without reordering a sum.
    let mut lanes = [T::Real::default(); LANES];
    let mut chunks = entries.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += magnitude(x);
        }
    }
    chunks.remainder().iter().fold(lanes.into_iter().sum(), |sum, &x| sum + magnitude(x))
}

/// |re x| + |im x|, which is |x| for real types and within a factor √2 of it for complex ones.
pub(crate) fn magnitude<T: Element>(x: T) -> T::Real {
    if T::IS_COMPLEX { Scalar::abs(x.re()) + Scalar::abs(x.im()) } else { Scalar::abs(x.re()) }
}

/// Dimensions that LAPACK can address, checked before any entry is touched.
fn check_size<T>(a: &ArrayRef2<T>) -> Result<()> {
    to_int("the number of rows", a.nrows())?;
    to_int("the number of columns", a.ncols())?;
    // A view that repeats one entry may have more entries than any memory: to look at each would take years.
    let needed = a.nrows() as u128 * a.ncols() as u128 * size_of::<T>() as u128;
    let limit = isize::MAX as u128;
    if needed > limit { Err(Error::TooLarge { what: "a copy, in bytes,", needed, limit }) } else { Ok(()) }
}

/// [`Error::NonFinite`] for the first entry of `part`, in memory order, that is a NaN or an infinity.
pub(crate) fn check_finite<T: Element>(a: &ArrayRef2<T>, part: Part) -> Result<()> {
    size(a, part).map(|_| ())
}

/// A number between the largest magnitude in `part` and the sum of all, +∞ if that is out of range; or
/// [`Error::NonFinite`].
pub(crate) fn size<T: Element>(a: &ArrayRef2<T>, part: Part) -> Result<T::Real> {
    check_size(a)?;
    if part == Part::All
        && let Some(entries) = a.as_slice_memory_order()
    {
        let sum = sum_of_magnitudes(entries);
        if sum.is_finite() {
            return Ok(sum);
        }
    }
    norm_by_columns(a, part)
}

/// The same for each column, or [`Error::NonFinite`].
pub(crate) fn column_sizes<T: Element>(a: &ArrayRef2<T>, sizes: &mut [T::Real]) -> Result<()> {
    check_size(a)?;
    sizes.fill(T::Real::default());
    if let Layout::RowMajor { .. } = layout_of(a) {
        for row in a.rows() {
            sizes.iter_mut().zip(row).for_each(|(size, &x)| *size += magnitude(x));
        }
    } else {
        for (size, column) in sizes.iter_mut().zip(a.columns()) {
            *size = match column.as_slice() {
                Some(entries) => sum_of_magnitudes(entries),
                None => column.iter().fold(T::Real::default(), |sum, &x| sum + magnitude(x)),
            };
        }
    }
    if sizes.iter().all(|size| size.is_finite()) { Ok(()) } else { check_finite(a, Part::All) }
}

/// Copies `part` of `from` into `to`, two matrices of the same shape and column-major order.
pub(crate) fn copy_part<T: Element>(part: Part, from: ArrayView2<'_, T>, mut to: ArrayViewMut2<'_, T>) {
    let rows = from.nrows();
    for (j, (from, mut to)) in from.columns().into_iter().zip(to.columns_mut()).enumerate() {
        let range = part.rows_of_column(j, rows);
        match (from.as_slice(), to.as_slice_mut()) {
            (Some(from), Some(to)) => to[range.clone()].copy_from_slice(&from[range]),
            _ => range.for_each(|i| to[i] = from[i]),
        }
    }
}

/// The 1-norm of `a` with |re x| + |im x| for |x|, or [`Error::NonFinite`].
pub(crate) fn norm1<T: Element>(a: &ArrayRef2<T>, sums: &mut Buffer<T::Real>) -> Result<T::Real> {
    match layout_of(a) {
        // Its memory runs along rows, whose sums are no use here.
        Layout::RowMajor { .. } => {
            check_finite(a, Part::All)?;
            let sums = sums.take(a.ncols())?;
            sums.fill(T::Real::default());
            for row in a.rows() {
                sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += magnitude(x));
            }
            Ok(sums.iter().fold(T::Real::default(), |largest, &sum| largest.max(sum)))
        }
        _ => norm_by_columns(a, Part::All),
    }
}

/// The largest sum of magnitudes along the memory of `a`, or the position of the first entry that is not finite.
fn norm_by_columns<T: Element>(a: &ArrayRef2<T>, part: Part) -> Result<T::Real> {
    check_size(a)?;
    if let Layout::RowMajor { .. } = layout_of(a) {
        return largest_column(a.t(), part.transposed()).map_err(|(col, row)| Error::NonFinite { row, col });
    }
    largest_column(a.view(), part).map_err(|(row, col)| Error::NonFinite { row, col })
}

fn largest_column<T: Element>(a: ArrayView2<'_, T>, part: Part) -> std::result::Result<T::Real, (usize, usize)> {
    let mut largest = T::Real::default();
    for (j, column) in a.columns().into_iter().enumerate() {
        let Range { start, end } = part.rows_of_column(j, column.len());
        // A slice of the slice: for a small matrix, slicing the array would cost more than the sum.
        let sum = match column.as_slice() {
            Some(entries) => sum_of_magnitudes(&entries[start..end]),
            None => entries_of(&column, start, end).fold(T::Real::default(), |sum, &x| sum + magnitude(x)),
        };
        if !sum.is_finite()
            && let Some(offset) = entries_of(&column, start, end).position(|&x| !is_finite(x))
        {
            return Err((start + offset, j));
        }
        largest = largest.max(sum);
    }
    Ok(largest)
}

/// The entries `start`..`end` of a column.
fn entries_of<'a, T>(column: &'a ArrayView1<'_, T>, start: usize, end: usize) -> impl Iterator<Item = &'a T> {
    column.iter().take(end).skip(start)
}

/// The order in which [`load`] packs `a`.
pub(crate) fn natural_order<T>(a: &ArrayRef2<T>) -> Order {
    match layout_of(a) {
        Layout::RowMajor { .. } => Order::RowMajor,
        Layout::ColumnMajor { .. } | Layout::Strided => Order::ColumnMajor,
    }
}

/// Copies `a` into `buffer`, packed in its [`natural_order`].
pub(crate) fn load<'b, T: Element>(a: &ArrayRef2<T>, buffer: &'b mut Buffer<T>) -> Result<&'b mut [T]> {
    check_size(a)?;
    let packed = buffer.take(a.len())?;
    copy(a, packed);
    Ok(packed)
}

/// As [`load`], into `packed`, which has as many entries as `a`.
pub(crate) fn copy<T: Element>(a: &ArrayRef2<T>, packed: &mut [T]) {
    match natural_order(a) {
        Order::RowMajor => copy_columns(&a.t(), packed),
        Order::ColumnMajor => copy_columns(a, packed),
    }
}

/// Copies `a` into `packed`, which has as many entries, in column-major order whatever its layout.
pub(crate) fn copy_columns<T: Element>(a: &ArrayRef2<T>, packed: &mut [T]) {
    if a.is_empty() {
        return;
    }
    if let Layout::RowMajor { .. } = layout_of(a) {
        return copy_transposed(a, packed);
    }
    for (column, to) in a.columns().into_iter().zip(packed.chunks_exact_mut(a.nrows())) {
        match column.as_slice() {
            Some(from) => to.copy_from_slice(from),
            None => to.iter_mut().zip(column).for_each(|(to, &from)| *to = from),
        }
    }
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

/// `a` times the power of two that [`moderating`] gives for it, which is returned: `a` itself where that is 1.
pub(crate) fn moderated<T: Element>(a: &ArrayRef2<T>) -> Result<(CowArray<'_, T, Ix2>, T::Real)> {
    let power = moderating(size(a, Part::All)?);
    if power == T::Real::one() {
        return Ok((CowArray::from(a.view()), power));
    }
    let mut multiple = owned(a)?;
    multiple.mapv_inplace(|x| x.mul_real(power));
    Ok((CowArray::from(multiple), power))
}

/// `a` itself if LAPACK can read it or its transpose, else a packed copy.
pub(crate) fn readable<T: Element>(a: &ArrayRef2<T>) -> Result<CowArray<'_, T, Ix2>> {
    match layout_of(a) {
        Layout::Strided => Ok(CowArray::from(owned_columns(a)?)),
        _ => Ok(CowArray::from(a.view())),
    }
}

/// `a` itself if it is column-major, else a packed copy that is.
pub(crate) fn readable_columns<T: Element>(a: &ArrayRef2<T>) -> Result<CowArray<'_, T, Ix2>> {
    match layout_of(a) {
        Layout::ColumnMajor { .. } => Ok(CowArray::from(a.view())),
        _ => Ok(CowArray::from(owned_columns(a)?)),
    }
}

/// The entries of a matrix that was packed by columns.
pub(crate) fn packed_by_columns<T>(a: &Array2<T>) -> Result<&[T]> {
    let entries = if a.t().is_standard_layout() { a.as_slice_memory_order() } else { None };
    entries.ok_or_else(|| Error::Backend { message: "a matrix that was packed by columns is not".into() })
}

/// A copy, packed in its [`natural_order`].
pub(crate) fn owned<T: Element>(a: &ArrayRef2<T>) -> Result<Array2<T>> {
    check_size(a)?;
    let order = natural_order(a);
    if let Some(entries) = a.as_slice_memory_order()
        && layout_of(a) != Layout::Strided
    {
        return matrix(a.nrows(), a.ncols(), order, copied(entries)?);
    }
    let mut copy = zeros(a.nrows(), a.ncols(), order)?;
    copy.assign(a);
    Ok(copy)
}

/// A copy, packed in column-major order.
pub(crate) fn owned_columns<T: Element>(a: &ArrayRef2<T>) -> Result<Array2<T>> {
    check_size(a)?;
    let mut packed = zeroed(a.len())?;
    copy_columns(a, &mut packed);
    matrix(a.nrows(), a.ncols(), Order::ColumnMajor, packed)
}

/// Copies entries that are packed in column-major order into a view of any layout.
pub(crate) fn store_columns<T: Element>(packed: &[T], mut to: ArrayViewMut2<'_, T>) {
    if to.is_empty() {
        return;
    }
    let rows = to.nrows();
    for (mut column, from) in to.columns_mut().into_iter().zip(packed.chunks_exact(rows)) {
        column.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array, array, s};

    use super::*;
    use crate::element::c64;

    #[test]
    fn the_first_entry_that_is_not_finite_is_found_in_every_layout() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut a = Array::from_shape_fn((11, 9), |(i, j)| (i + j) as f64);
            a[(7, 3)] = bad;
            let expected = Err(Error::NonFinite { row: 7, col: 3 });
            let column_major = owned_columns(&a).unwrap();
            assert_eq!(check_finite(&a, Part::All), expected);
            assert_eq!(check_finite(&column_major, Part::All), expected);
            assert_eq!(check_finite(&column_major, Part::Lower), expected);
            assert_eq!(check_finite(&a, Part::Upper), Ok(()), "the entry is below the diagonal");
            let reversed = Err(Error::NonFinite { row: 3, col: 5 });
            assert_eq!(check_finite(&a.slice(s![..;-1, ..;-1]), Part::All), reversed);
        }
        let z = array![[c64::new(0.0, 1.0), c64::new(2.0, f64::NAN)]];
        assert_eq!(check_finite(&z, Part::All), Err(Error::NonFinite { row: 0, col: 1 }));
    }

    #[test]
    fn a_view_with_more_entries_than_memory_is_refused_at_once() {
        let one = array![[1.0]];
        let n = (1 << 31) - 1;
        let error = check_finite(&one.broadcast((n, n)).unwrap(), Part::All).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }

    #[test]
    fn entries_whose_sum_overflows_are_finite() {
        assert_eq!(check_finite(&array![[f64::MAX, f64::MAX], [f64::MAX, -f64::MAX]], Part::All), Ok(()));
        let column = Array2::from_elem((20, 1), f32::MAX);
        assert_eq!(check_finite(&column, Part::All), Ok(()));
        assert_eq!(check_finite(&column.slice(s![..;2, ..]), Part::All), Ok(()));
    }

    #[test]
    fn copies_agree_with_the_matrix() {
        let a = Array::from_shape_fn((37, 21), |(i, j)| (100 * i + j) as f64);
        for view in [a.view(), a.t(), a.slice(s![..;-2, 1..]), a.slice(s![3..;5, ..;3]), a.slice(s![2..2, ..])] {
            let mut packed = vec![0.0; view.len()];
            copy_columns(&view, &mut packed);
            assert!(packed.iter().eq(view.t().iter()));
            assert_eq!(owned(&view).unwrap(), view);
            assert_eq!(owned_columns(&view).unwrap(), view);
            let mut back = Array2::zeros(view.raw_dim());
            store_columns(&packed, back.view_mut());
            assert_eq!(back, view);
        }
    }

    #[test]
    fn the_norm_is_the_largest_column_sum_in_every_layout() {
        let a = array![[1.0, -5.0], [-2.0, 1.0], [3.0, 1.0]];
        let norm = |a: ArrayView2<f64>| norm1(&a, &mut Buffer::default());
        assert_eq!(norm(a.view()), Ok(7.0));
        assert_eq!(norm(a.t()), Ok(6.0));
        assert_eq!(norm(owned_columns(&a).unwrap().view()), Ok(7.0));
    }
}
