//! The factor floor: right-hand sides, in one dimension or two, as the columns that LAPACK solves for.

use ndarray::{
    Array, Array1, Array2, ArrayRef, ArrayRef2, ArrayView, ArrayView2, ArrayViewMut, ArrayViewMut2, Axis, Dimension,
    Ix1, Ix2,
};

use crate::element::Element;
use crate::error::{Error, Result, dims};
use crate::pack::{self, Part};

mod sealed {
    pub trait Sealed {}
}

/// The dimension of a right-hand side: [`type@Ix1`] for a vector, [`type@Ix2`] for a matrix whose columns are right-hand sides.
pub trait RhsDimension: Dimension + sealed::Sealed {
    /// What there is one of for each right-hand side: `R` itself for a vector, an array for a matrix.
    type PerColumn<R>;

    /// One value for each right-hand side.
    #[doc(hidden)]
    fn per_column<R: Clone>(values: Array1<R>) -> Self::PerColumn<R>;

    /// The right-hand sides as columns.
    #[doc(hidden)]
    fn columns<'a, T>(b: ArrayView<'a, T, Self>) -> ArrayView2<'a, T>;

    /// The right-hand sides as columns, to write.
    #[doc(hidden)]
    fn columns_mut<'a, T>(b: ArrayViewMut<'a, T, Self>) -> ArrayViewMut2<'a, T>;

    /// Columns as an array of this dimension.
    #[doc(hidden)]
    fn from_columns<T>(x: Array2<T>) -> Array<T, Self>;
}

impl sealed::Sealed for Ix1 {}
impl sealed::Sealed for Ix2 {}

impl RhsDimension for Ix1 {
    type PerColumn<R> = R;

    fn per_column<R: Clone>(values: Array1<R>) -> R {
        values[0].clone()
    }

    fn columns<'a, T>(b: ArrayView<'a, T, Ix1>) -> ArrayView2<'a, T> {
        b.insert_axis(Axis(1))
    }

    fn columns_mut<'a, T>(b: ArrayViewMut<'a, T, Ix1>) -> ArrayViewMut2<'a, T> {
        b.insert_axis(Axis(1))
    }

    fn from_columns<T>(x: Array2<T>) -> Array1<T> {
        x.index_axis_move(Axis(1), 0)
    }
}

impl RhsDimension for Ix2 {
    type PerColumn<R> = Array1<R>;

    fn per_column<R: Clone>(values: Array1<R>) -> Array1<R> {
        values
    }

    fn columns<'a, T>(b: ArrayView<'a, T, Ix2>) -> ArrayView2<'a, T> {
        b
    }

    fn columns_mut<'a, T>(b: ArrayViewMut<'a, T, Ix2>) -> ArrayViewMut2<'a, T> {
        b
    }

    fn from_columns<T>(x: Array2<T>) -> Array2<T> {
        x
    }
}

/// A packed copy of `b` as columns, after checking that it has `rows` finite rows.
pub(crate) fn copied_columns<T: Element, D: RhsDimension>(b: &ArrayRef<T, D>, rows: usize) -> Result<Array2<T>> {
    let columns = checked_columns(b, rows)?;
    pack::owned_columns(&columns)
}

/// `b` as columns, after checking that it has `rows` finite rows.
pub(crate) fn checked_columns<T: Element, D: RhsDimension>(
    b: &ArrayRef<T, D>, rows: usize,
) -> Result<ArrayView2<'_, T>> {
    let columns = D::columns(b.view());
    if columns.nrows() != rows {
        return Err(Error::Shape {
            what: "the right-hand side",
            expected: format!("{rows} rows"),
            found: dims(b.shape()),
        });
    }
    pack::check_finite(&columns, Part::All).map_err(|error| match error {
        Error::NonFinite { row, col } => Error::NonFiniteRhs { row, col },
        other => other,
    })?;
    Ok(columns)
}

/// The right-hand sides of a system with matrix `a`, as columns, after checking the entries and shapes of both.
pub(crate) fn check_problem<'b, T: Element, D: RhsDimension>(
    a: &ArrayRef2<T>, b: &'b ArrayRef<T, D>,
) -> Result<ArrayView2<'b, T>> {
    pack::check_finite(a, Part::All)?;
    checked_columns(b, a.nrows())
}

/// [`Error::Overflow`] unless every entry of a solution is finite.
pub(crate) fn require_finite<T: Element>(x: &ArrayRef2<T>) -> Result<()> {
    match pack::check_finite(x, Part::All) {
        Err(Error::NonFinite { .. }) => Err(Error::Overflow { what: "the solution" }),
        result => result,
    }
}
