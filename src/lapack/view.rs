//! The unsafe floor: matrices as LAPACK takes them, checked when they are made.
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
        assert!(Mat::packed(&[0.0; 6], (2, 3)).is_ok());
        assert!(Mat::packed(&[0.0; 5], (2, 3)).is_err());
        assert!(MatMut::packed(&mut [0.0; 5], (2, 3)).is_err());
        assert!(Mat::packed(&[0.0; 5], (usize::MAX, 2)).is_err(), "the product must not wrap");
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
        let none: [f64; 0] = [];
        let empty = Mat::packed(&none, (0, 5)).unwrap();
        assert_eq!((empty.rows, empty.cols, empty.ld), (0, 5, 1));
    }
}
