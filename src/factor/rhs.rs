//! The factor floor: right-hand sides, in one dimension or two, as the columns that LAPACK solves for, and the three forms
//! in which every factorization solves: into a new array, into one of the caller's, and in the right-hand side itself.
//! Must not know a factorization.

use ndarray::{
    Array, Array1, Array2, ArrayRef, ArrayRef2, ArrayView, ArrayView2, ArrayViewMut, ArrayViewMut2, Axis, Dimension,
    Ix1, Ix2, s,
};

use crate::element::Element;
use crate::error::{Error, Result, dims};
use crate::layout::{Layout, Order};
use crate::pack::{self, Part};
use crate::workspace::{Scratch, Workspace, packed_entries, reshape, resize};

mod sealed {
    pub trait Sealed {}
}

/// The dimension of a right-hand side: [`type@Ix1`] for a vector, [`type@Ix2`] for a matrix whose columns are right-hand sides.
pub trait RhsDimension: Dimension + sealed::Sealed {
    /// What there is one of for each right-hand side: `R` itself for a vector, an array for a matrix.
    type PerColumn<R>;

    /// No values yet.
    #[doc(hidden)]
    fn no_values<R: Default>() -> Self::PerColumn<R>;

    /// One value for each right-hand side.
    #[doc(hidden)]
    fn store_values<R: Clone + Default>(values: &[R], to: &mut Self::PerColumn<R>) -> Result<()>;

    /// One value for each right-hand side, in new memory.
    #[doc(hidden)]
    fn per_column<R: Clone + Default>(values: &[R]) -> Self::PerColumn<R>;

    /// The right-hand sides as columns.
    #[doc(hidden)]
    fn columns<'a, T>(b: ArrayView<'a, T, Self>) -> ArrayView2<'a, T>;

    /// The right-hand sides as columns, to write.
    #[doc(hidden)]
    fn columns_mut<'a, T>(b: ArrayViewMut<'a, T, Self>) -> ArrayViewMut2<'a, T>;

    /// Columns as an array of this dimension.
    #[doc(hidden)]
    fn from_columns<T>(x: Array2<T>) -> Array<T, Self>;

    /// Makes `x` hold packed columns, keeping its memory if it fits.
    #[doc(hidden)]
    fn fit<T: Element>(x: &mut Array<T, Self>, rows: usize, cols: usize) -> Result<()>;
}

impl sealed::Sealed for Ix1 {}
impl sealed::Sealed for Ix2 {}

impl RhsDimension for Ix1 {
    type PerColumn<R> = R;

    fn no_values<R: Default>() -> R {
        R::default()
    }

    fn store_values<R: Clone + Default>(values: &[R], to: &mut R) -> Result<()> {
        *to = Self::per_column(values);
        Ok(())
    }

    fn per_column<R: Clone + Default>(values: &[R]) -> R {
        values.first().cloned().unwrap_or_default()
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

    fn fit<T: Element>(x: &mut Array1<T>, rows: usize, _: usize) -> Result<()> {
        resize(x, rows)
    }
}

impl RhsDimension for Ix2 {
    type PerColumn<R> = Array1<R>;

    fn no_values<R: Default>() -> Array1<R> {
        Array1::default(0)
    }

    fn store_values<R: Clone + Default>(values: &[R], to: &mut Array1<R>) -> Result<()> {
        resize(to, values.len())?;
        to.iter_mut().zip(values).for_each(|(to, value)| to.clone_from(value));
        Ok(())
    }

    fn per_column<R: Clone + Default>(values: &[R]) -> Array1<R> {
        values.iter().cloned().collect()
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

    fn fit<T: Element>(x: &mut Array2<T>, rows: usize, cols: usize) -> Result<()> {
        reshape(x, rows, cols, Order::ColumnMajor)
    }
}

/// A factorization of A that solves A·X = B in the memory of B.
pub(crate) trait SolveColumns<T: Element> {
    /// The rows of B and of X, or why there is no X whatever B is.
    fn rows(&self) -> Result<(usize, usize)>;

    /// Overwrites the first rows of column-major `b` by X.
    fn solve_columns(&self, b: ArrayViewMut2<'_, T>, scratch: &mut Scratch<T>) -> Result<()>;
}

/// X in a new array.
pub(crate) fn solve<T: Element, D: RhsDimension>(
    factors: &impl SolveColumns<T>, b: &ArrayRef<T, D>,
) -> Result<Array<T, D>> {
    let mut x = Array::default(D::default());
    solve_to(factors, b, &mut Workspace::new(), &mut x)?;
    Ok(x)
}

/// X in an array of the caller's.
pub(crate) fn solve_to<T: Element, D: RhsDimension>(
    factors: &impl SolveColumns<T>, b: &ArrayRef<T, D>, workspace: &mut Workspace<T>, x: &mut Array<T, D>,
) -> Result<()> {
    let (m, n) = factors.rows()?;
    let b = checked_columns(b, m)?;
    D::fit(x, n, b.ncols())?;
    let mut columns = D::columns_mut(x.view_mut());
    if m == n {
        columns.assign(&b);
        factors.solve_columns(columns.view_mut(), &mut workspace.scratch)?;
    } else {
        let mut packed = columns_of(&b, workspace)?;
        factors.solve_columns(packed.view_mut(), &mut workspace.scratch)?;
        columns.assign(&packed.slice(s![..n, ..]));
        workspace.spare.keep(packed);
    }
    require_finite(&columns)
}

/// X in the first rows of B.
pub(crate) fn solve_inplace<T: Element, D: RhsDimension>(
    factors: &impl SolveColumns<T>, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>,
) -> Result<()> {
    let (m, n) = factors.rows()?;
    checked_columns(b, m)?;
    let mut columns = D::columns_mut(b.view_mut());
    in_columns(columns.view_mut(), workspace, |b, scratch| factors.solve_columns(b, scratch))?;
    require_finite(&columns.slice(s![..n, ..]))
}

/// Lets `act` overwrite `b` in column-major order: where it stands if it is, or else as a packed copy.
pub(crate) fn in_columns<T: Element>(
    mut b: ArrayViewMut2<'_, T>, workspace: &mut Workspace<T>,
    act: impl FnOnce(ArrayViewMut2<'_, T>, &mut Scratch<T>) -> Result<()>,
) -> Result<()> {
    if let Layout::ColumnMajor { .. } = pack::layout_of(&b) {
        return act(b, &mut workspace.scratch);
    }
    let mut packed = columns_of(&b, workspace)?;
    act(packed.view_mut(), &mut workspace.scratch)?;
    b.assign(&packed);
    workspace.spare.keep(packed);
    Ok(())
}

/// A copy of `b` in column-major order, in memory that the workspace lends.
pub(crate) fn columns_of<T: Element>(b: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let mut packed = workspace.spare.lend(b.nrows(), b.ncols(), Order::ColumnMajor)?;
    pack::copy_columns(b, packed_entries(&mut packed)?);
    Ok(packed)
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
    let columns = columns_with_rows(b, rows)?;
    pack::check_finite(&columns, Part::All).map_err(of_rhs)?;
    Ok(columns)
}

/// `b` as columns, after checking that it has so many rows.
pub(crate) fn columns_with_rows<T: Element, D: RhsDimension>(
    b: &ArrayRef<T, D>, rows: usize,
) -> Result<ArrayView2<'_, T>> {
    let columns = D::columns(b.view());
    if columns.nrows() == rows {
        return Ok(columns);
    }
    let (expected, found) = (format!("{rows} rows"), dims(b.shape()));
    Err(Error::Shape { what: "the right-hand side", expected, found })
}

/// What is wrong with a matrix, if that is the right-hand side.
pub(crate) fn of_rhs(error: Error) -> Error {
    match error {
        Error::NonFinite { row, col } => Error::NonFiniteRhs { row, col },
        other => other,
    }
}

/// [`Error::Overflow`] unless every entry of a solution is finite.
pub(crate) fn require_finite<T: Element>(x: &ArrayRef2<T>) -> Result<()> {
    match pack::check_finite(x, Part::All) {
        Err(Error::NonFinite { .. }) => Err(Error::Overflow { what: "the solution" }),
        result => result,
    }
}
