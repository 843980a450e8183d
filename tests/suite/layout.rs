//! Where test matrices lie in memory: ten layouts, in arrays whose other memory is watched.
//! Ground floor of the tests, beside `gen.rs`, which re-exports it.
//! Must not call the crate under test or LAPACK.

use super::generate::{Scalar, Wide};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, ShapeBuilder, Slice};

/// Where the entries of a matrix lie in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    ColumnMajor,
    RowMajor,
    /// Column-major inside a larger column-major array.
    PaddedColumns,
    /// Row-major inside a larger row-major array.
    PaddedRows,
    /// Negative row stride.
    ReversedRows,
    /// Negative column stride.
    ReversedColumns,
    /// Both strides negative, row-major.
    ReversedBoth,
    /// Every second row of a column-major array: neither stride is 1.
    EverySecondRow,
    /// Every second column of a column-major array: a leading dimension twice as large.
    EverySecondColumn,
    /// Every second row and every third column of a row-major array.
    Sliced,
}

impl Layout {
    pub const ALL: [Layout; 10] = [
        Layout::ColumnMajor,
        Layout::RowMajor,
        Layout::PaddedColumns,
        Layout::PaddedRows,
        Layout::ReversedRows,
        Layout::ReversedColumns,
        Layout::ReversedBoth,
        Layout::EverySecondRow,
        Layout::EverySecondColumn,
        Layout::Sliced,
    ];

    fn row_major(self) -> bool {
        matches!(self, Layout::RowMajor | Layout::PaddedRows | Layout::ReversedBoth | Layout::Sliced)
    }

    /// The shape of the array that holds an m×n matrix.
    fn backing(self, m: usize, n: usize) -> (usize, usize) {
        match self {
            Layout::PaddedColumns | Layout::PaddedRows => (m + 3, n + 2),
            Layout::EverySecondRow => (2 * m, n),
            Layout::EverySecondColumn => (m, 2 * n),
            Layout::Sliced => (2 * m, 3 * n),
            _ => (m, n),
        }
    }

    /// The slice of the backing array along an axis of length `len`.
    fn cut(self, axis: Axis, len: usize) -> Slice {
        let rows = axis == Axis(0);
        let whole = |step| Slice::new(0, None, step);
        match self {
            Layout::ColumnMajor | Layout::RowMajor => whole(1),
            Layout::PaddedColumns | Layout::PaddedRows => Slice::new(1, Some(1 + len as isize), 1),
            Layout::ReversedRows => whole(if rows { -1 } else { 1 }),
            Layout::ReversedColumns => whole(if rows { 1 } else { -1 }),
            Layout::ReversedBoth => whole(-1),
            Layout::EverySecondRow => whole(if rows { 2 } else { 1 }),
            Layout::EverySecondColumn => whole(if rows { 1 } else { 2 }),
            Layout::Sliced => whole(if rows { 2 } else { 3 }),
        }
    }
}

/// A matrix in a given layout; all memory around its entries holds NaN, so that a read outside spoils the result and a
/// write outside is found.
#[derive(Clone)]
pub struct Placed<T> {
    backing: Array2<T>,
    layout: Layout,
    shape: (usize, usize),
}

impl<T: Scalar> Placed<T> {
    pub fn new(a: &Wide, layout: Layout) -> Self {
        let shape = a.dim();
        let outer = layout.backing(shape.0, shape.1);
        let backing = Array2::from_elem(outer.set_f(!layout.row_major()), T::hole());
        let mut placed = Placed { backing, layout, shape };
        placed.view_mut().zip_mut_with(a, |entry, &z| *entry = T::narrow(z));
        placed
    }

    fn slice(&self, axis: Axis) -> Slice {
        self.layout.cut(axis, if axis == Axis(0) { self.shape.0 } else { self.shape.1 })
    }

    pub fn view(&self) -> ArrayView2<'_, T> {
        self.backing.slice_each_axis(|ax| self.slice(ax.axis))
    }

    pub fn view_mut(&mut self) -> ArrayViewMut2<'_, T> {
        let (rows, cols) = (self.slice(Axis(0)), self.slice(Axis(1)));
        self.backing.slice_each_axis_mut(|ax| if ax.axis == Axis(0) { rows } else { cols })
    }

    /// All memory, the holes too, in memory order.
    pub fn memory(&mut self) -> &mut [T] {
        self.backing.as_slice_memory_order_mut().unwrap_or_default()
    }

    /// Whether all memory outside the matrix still holds what was put there.
    pub fn outside_untouched(&self) -> bool {
        let mut outside = Array2::from_elem(self.backing.dim(), true);
        outside.slice_each_axis_mut(|ax| self.slice(ax.axis)).fill(false);
        self.backing.iter().zip(&outside).all(|(&x, &out)| {
            let z = x.wide();
            !out || (z.re.is_nan() && (z.im.is_nan() || !T::COMPLEX))
        })
    }
}

/// Fills the triangle that must not be read: strictly upper if `lower` is read, strictly lower otherwise.
pub fn spoil_triangle<T: Scalar>(a: &mut ArrayViewMut2<'_, T>, lower: bool) {
    for ((i, j), x) in a.indexed_iter_mut() {
        if (lower && i < j) || (!lower && i > j) {
            *x = T::hole();
        }
    }
}
