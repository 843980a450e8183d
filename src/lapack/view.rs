//! The unsafe floor: matrices as LAPACK takes them, checked when they are made.
//! Must not call a routine.
//!
//! A [`Mat`] or [`MatMut`] is a pointer to columns of adjacent entries with dimensions and a leading dimension that
//! fit LAPACK's integer. Whoever holds one may pass its four facts to a routine. No routine is called here.

use std::marker::PhantomData;

use ndarray::{ArrayRef2, ArrayView2, ArrayViewMut2};

use crate::error::{Error, Result, dims};
use crate::layout::{Int, Layout, to_int};
use crate::pack::layout_of;

/// A column-major matrix to read.
///
/// Invariant: `rows`, `cols` ≥ 0, `ld` ≥ max(1, rows), and every entry `ptr[i + j·ld]` with i < rows, j < cols lies in
/// memory that is borrowed for `'a`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mat<'a, T> {
    pub(super) ptr: *const T,
    pub(super) rows: Int,
    pub(super) cols: Int,
    pub(super) ld: Int,
    borrow: PhantomData<&'a [T]>,
}

/// A column-major matrix to write, with the invariant of [`Mat`] over memory that is borrowed mutably.
#[derive(Debug)]
pub(crate) struct MatMut<'a, T> {
    pub(super) ptr: *mut T,
    pub(super) rows: Int,
    pub(super) cols: Int,
    pub(super) ld: Int,
    borrow: PhantomData<&'a mut [T]>,
}

/// Dimensions and leading dimension as LAPACK's integers, in that order.
fn facts(rows: usize, cols: usize, ld: usize) -> Result<(Int, Int, Int)> {
    Ok((
        to_int("the number of rows", rows)?,
        to_int("the number of columns", cols)?,
        to_int("the leading dimension", ld.max(rows).max(1))?,
    ))
}

/// Refuses a slice that is too short for a packed `rows`×`cols` matrix.
fn check_length(rows: usize, cols: usize, len: usize) -> Result<()> {
    match rows.checked_mul(cols) {
        Some(needed) if needed <= len => Ok(()),
        _ => Err(Error::Shape { what: "matrix memory", expected: dims(&[rows, cols]), found: len.to_string() }),
    }
}

/// The leading dimension of a column-major array.
fn column_stride<T>(a: &ArrayRef2<T>) -> Result<usize> {
    match layout_of(a) {
        Layout::ColumnMajor { ld } => Ok(ld),
        other => Err(Error::Shape {
            what: "layout of a matrix",
            expected: "column-major".into(),
            found: format!("{other:?}"),
        }),
    }
}

impl<'a, T> Mat<'a, T> {
    /// A packed matrix at the start of `entries`.
    pub(crate) fn packed(entries: &'a [T], (rows, cols): (usize, usize)) -> Result<Self> {
        check_length(rows, cols, entries.len())?;
        let (rows, cols, ld) = facts(rows, cols, rows)?;
        Ok(Mat { ptr: entries.as_ptr(), rows, cols, ld, borrow: PhantomData })
    }

    /// Rows and columns.
    pub(super) fn dim(&self) -> (usize, usize) {
        (self.rows.unsigned_abs() as usize, self.cols.unsigned_abs() as usize)
    }

    /// Column `j`; empty if there is none.
    pub(super) fn column(&self, j: usize) -> &'a [T] {
        let (rows, cols) = self.dim();
        if j >= cols {
            return &[];
        }
        // SAFETY: column j has `rows` adjacent entries from j·ld on, which are borrowed for 'a.
        unsafe { std::slice::from_raw_parts(self.ptr.add(j * self.ld.unsigned_abs() as usize), rows) }
    }

    /// A column-major array.
    pub(crate) fn of(a: ArrayView2<'a, T>) -> Result<Self> {
        let ld = column_stride(&a)?;
        let (rows, cols, ld) = facts(a.nrows(), a.ncols(), ld)?;
        Ok(Mat { ptr: a.as_ptr(), rows, cols, ld, borrow: PhantomData })
    }
}

impl<'a, T> MatMut<'a, T> {
    /// A packed matrix at the start of `entries`.
    pub(crate) fn packed(entries: &'a mut [T], (rows, cols): (usize, usize)) -> Result<Self> {
        check_length(rows, cols, entries.len())?;
        let (rows, cols, ld) = facts(rows, cols, rows)?;
        Ok(MatMut { ptr: entries.as_mut_ptr(), rows, cols, ld, borrow: PhantomData })
    }

    /// A column-major array.
    pub(crate) fn of(mut a: ArrayViewMut2<'a, T>) -> Result<Self> {
        let ld = column_stride(&a)?;
        let (rows, cols, ld) = facts(a.nrows(), a.ncols(), ld)?;
        Ok(MatMut { ptr: a.as_mut_ptr(), rows, cols, ld, borrow: PhantomData })
    }

    /// Rows and columns.
    pub(crate) fn dim(&self) -> (usize, usize) {
        (self.rows.unsigned_abs() as usize, self.cols.unsigned_abs() as usize)
    }

    /// The same matrix, borrowed from this view.
    pub(crate) fn reborrow(&mut self) -> MatMut<'_, T> {
        MatMut { ptr: self.ptr, rows: self.rows, cols: self.cols, ld: self.ld, borrow: PhantomData }
    }

    /// The first `at` rows and the others.
    pub(crate) fn split_rows(self, at: usize) -> (MatMut<'a, T>, MatMut<'a, T>) {
        let at = at.min(self.dim().0);
        let (top, bottom) = (at as Int, self.rows - at as Int);
        // SAFETY: `at` ≤ rows ≤ ld, so that the pointer stays inside the first column or one behind it. The two views
        // share no entry.
        let below = unsafe { self.ptr.add(at) };
        (MatMut { rows: top, ..self }, MatMut { ptr: below, rows: bottom, ..self })
    }

    /// The first `at` columns and the others.
    pub(crate) fn split_cols(self, at: usize) -> (MatMut<'a, T>, MatMut<'a, T>) {
        let at = at.min(self.dim().1);
        let (left, right) = (at as Int, self.cols - at as Int);
        // An empty right part keeps the pointer: one behind the last column may lie outside the memory.
        let offset = if right == 0 { 0 } else { at * self.ld.unsigned_abs() as usize };
        // SAFETY: column `at` exists unless the right part is empty. The two views share no entry.
        let beside = unsafe { self.ptr.add(offset) };
        (MatMut { cols: left, ..self }, MatMut { ptr: beside, cols: right, ..self })
    }

    /// Column `j`; empty if there is none.
    pub(crate) fn column(&mut self, j: usize) -> &mut [T] {
        let (rows, cols) = self.dim();
        if j >= cols {
            return &mut [];
        }
        // SAFETY: column j has `rows` adjacent entries from j·ld on, borrowed mutably through this view.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.add(j * self.ld.unsigned_abs() as usize), rows) }
    }

    /// Exchanges two columns; nothing happens if one of them does not exist.
    pub(crate) fn swap_columns(&mut self, i: usize, j: usize) {
        let (rows, cols) = self.dim();
        if i == j || i.max(j) >= cols {
            return;
        }
        let ld = self.ld.unsigned_abs() as usize;
        // SAFETY: columns i and j exist, have `rows` adjacent entries each, and as i ≠ j and ld ≥ rows share none.
        unsafe { std::ptr::swap_nonoverlapping(self.ptr.add(i * ld), self.ptr.add(j * ld), rows) };
    }

    /// The same matrix, to read.
    pub(crate) fn as_ref(&self) -> Mat<'_, T> {
        Mat { ptr: self.ptr, rows: self.rows, cols: self.cols, ld: self.ld, borrow: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ShapeBuilder, s};

    use super::*;

    #[test]
    fn slices_must_hold_the_whole_matrix() {
        assert!(MatMut::packed(&mut [0.0; 6], (2, 3)).is_ok());
        assert!(MatMut::packed(&mut [0.0; 5], (2, 3)).is_err());
        assert!(MatMut::packed(&mut [0.0; 5], (usize::MAX, 2)).is_err(), "the product must not wrap");
    }

    #[test]
    fn arrays_must_be_column_major() {
        let mut a = Array2::<f64>::zeros((6, 4).f());
        assert_eq!(Mat::of(a.view()).unwrap().ld, 6);
        assert_eq!(Mat::of(a.slice(s![1..4, ..])).unwrap().ld, 6);
        assert_eq!(Mat::of(a.slice(s![.., ..;2])).unwrap().ld, 12);
        assert!(Mat::of(a.t()).is_err());
        assert!(Mat::of(a.slice(s![..;2, ..])).is_err());
        assert!(Mat::of(a.slice(s![..;-1, ..])).is_err());
        assert!(MatMut::of(a.slice_mut(s![.., ..;-1])).is_err());
    }

    #[test]
    fn empty_matrices_have_a_leading_dimension_that_lapack_accepts() {
        let empty = MatMut::<f64>::packed(&mut [], (0, 5)).unwrap();
        assert_eq!((empty.rows, empty.cols, empty.ld), (0, 5, 1));
    }

    #[test]
    fn parts_share_no_entry_and_keep_their_place() {
        let mut a = Array2::from_shape_fn((4, 3).f(), |(i, j)| 10 * i + j);
        let whole = MatMut::of(a.slice_mut(s![..3, ..])).unwrap();
        let (left, right) = whole.split_cols(1);
        let (mut top, mut bottom) = right.split_rows(2);
        assert_eq!((left.dim(), top.dim(), bottom.dim()), ((3, 1), (2, 2), (1, 2)));
        assert_eq!(top.column(0), [1, 11]);
        bottom.column(1)[0] = 99;
        top.swap_columns(0, 1);
        assert_eq!(top.column(2), [], "there is no such column");
        top.swap_columns(0, 2);
        let (_, nothing) = left.split_cols(1);
        assert_eq!(nothing.dim(), (3, 0));
        assert_eq!(a, ndarray::array![[0, 2, 1], [10, 12, 11], [20, 21, 99], [30, 31, 32]]);
    }
}
