//! Exact least squares: the solution in rational arithmetic, with no error at all.
//!
//! On the floor of `lstsq`, behind the feature `exact`. Shapes and the caller's options; the work is done in `gram`. It
//! must not round: that is done once, by the caller, through `Rational`.
//!
//! Every finite float is a whole number times a power of two, and every printed decimal a fraction. So is then the
//! solution of a least-squares problem, and it can be computed: here by integer vectors, their Gram matrix, and p-adic
//! lifting. What a floating-point method makes of the same numbers can be held against it.
//!
//! ```
//! use lapwing::lstsq::exact::{self, Options, Rational};
//! use ndarray::array;
//!
//! // The line through (0, 1), (1, 2) and (3, 5).
//! let a = array![[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]];
//! let line = exact::lstsq(&a, &array![1.0, 2.0, 5.0], Options::default())?;
//! assert_eq!(line.x.map(Rational::to_string), array!["6/7", "19/14"]);
//! assert_eq!(line.residual_squared.to_string(), "1/14");
//! assert_eq!(line.residual_squared.sqrt_to_decimal(20), "0.26726124191242438468");
//! # Ok::<(), lapwing::Error>(())
//! ```
//!
//! Complex matrices are not offered; a complex problem is a real one of twice the size.

mod cost;
mod decimal;
mod fraction;
mod gram;
mod integers;
mod modular;
mod number;
mod rational;
mod system;

use std::fmt;
use std::ops::ControlFlow;

use ndarray::{Array, Array2, ArrayRef, ArrayRef2, ArrayView2};

use crate::error::{Error, Result, dims};
use crate::factor::RhsDimension;
use cost::Meter;
use system::System;

pub use cost::Cost;
pub use number::Number;
pub use rational::Rational;

/// How much an exact solution may cost, and who is told how far it has come.
pub struct Options<'a> {
    /// The most [operations](Cost::operations) that may be started; what is estimated to take more is refused.
    /// By default 10¹¹, several minutes.
    pub limit: f64,
    /// Is called many times with the fraction of the estimate that is done, from 0 to 1, and stops the work by
    /// [`ControlFlow::Break`].
    pub progress: Option<&'a mut dyn FnMut(f64) -> ControlFlow<()>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { limit: cost::DEFAULT_LIMIT, progress: None }
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// An exact least-squares solution.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Solution<D: RhsDimension> {
    /// The solution, in b's dimension: n entries, or n×p.
    pub x: Array<Rational, D>,
    /// ‖b − A·x‖₂², for each right-hand side.
    pub residual_squared: D::PerColumn<Rational>,
}

/// A column that is a combination of others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dependence {
    /// The index of the column.
    pub column: usize,
    /// a_column = Σ coefficient·a_index over these, none of them 0; empty for a column of zeros. The indices are those of
    /// columns that are independent of each other.
    pub combination: Vec<(usize, Rational)>,
}

/// The exact x that minimizes ‖A·x − b‖₂: (AᵀA)⁻¹Aᵀb, and for fewer rows than columns the shortest solution of A·x = b,
/// Aᵀ(AAᵀ)⁻¹b.
///
/// A is m×n of any shape, its rows or columns, whichever are fewer, linearly independent; b has m rows and one
/// dimension or two (columns are right-hand sides), and x has b's dimension. The solution of a 0×n system is 0.
///
/// Each column is multiplied by the number that makes its entries coprime integers; the system with the Gram matrix of
/// these is solved modulo a prime of 61 bits and lifted (J. D. Dixon, Numer. Math. 40 (1982)), and the solution is put
/// into the equations before it is returned. [`Cost`] has the count of operations; a random 1000×50 matrix of doubles
/// takes a fraction of a second.
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`], [`Error::NonFiniteRhs`]; [`Error::RankDeficient`], which is proved, not
/// estimated: see [`dependences`]; [`Error::TooCostly`] before the work begins, [`Error::Cancelled`] where `options`
/// stopped it, [`Error::TooLarge`] where memory cannot be had.
///
/// ```
/// use lapwing::lstsq::exact::{self, Options};
/// use ndarray::array;
///
/// // Of the points with x + 2y + 2z = 9 the nearest to the origin is (1, 2, 2).
/// let nearest = exact::lstsq(&array![[1.0f32, 2.0, 2.0]], &array![9.0], Options::default())?;
/// assert_eq!(nearest.x.map(|x| x.to_f64()), array![1.0, 2.0, 2.0]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn lstsq<T: Number, D: RhsDimension>(
    a: &ArrayRef2<T>, b: &ArrayRef<T, D>, options: Options<'_>,
) -> Result<Solution<D>> {
    let (m, n) = a.dim();
    let b = columns(a, b)?;
    let mut meter = Meter::new(cost_of(a, &b), options)?;
    let system = if m >= n { System::tall(a, &mut meter)? } else { System::wide(a, &mut meter)? };
    let mut x = Vec::with_capacity(n.saturating_mul(b.ncols()));
    let mut residuals = Vec::with_capacity(b.ncols());
    for (j, rhs) in b.columns().into_iter().enumerate() {
        let rhs = system::exact_entries(rhs.iter()).map_err(|row| Error::NonFiniteRhs { row, col: j })?;
        let (solution, residual_squared) = system.solve(&rhs, &mut meter)?;
        x.extend(solution);
        residuals.push(residual_squared);
    }
    let x = Array2::from_shape_fn((n, b.ncols()), |(i, j)| x[j * n + i].clone());
    let mut residual_squared = D::no_values();
    D::store_values(&residuals, &mut residual_squared)?;
    Ok(Solution { x: D::from_columns(x), residual_squared })
}

/// What [`lstsq`] is estimated to cost for this problem: O(mn) operations to find out.
///
/// # Errors
/// [`Error::Shape`].
///
/// ```
/// use lapwing::lstsq::exact;
/// use ndarray::{Array1, Array2};
///
/// let a = Array2::from_shape_fn((300, 40), |(i, j)| ((i * j) as f64).sin());
/// assert!(exact::estimate(&a, &Array1::ones(300))?.operations < 1e9);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn estimate<T: Number, D: RhsDimension>(a: &ArrayRef2<T>, b: &ArrayRef<T, D>) -> Result<Cost> {
    Ok(cost_of(a, &columns(a, b)?))
}

/// The right-hand sides as columns, of as many rows as A.
fn columns<'b, T: Number, D: RhsDimension>(a: &ArrayRef2<T>, b: &'b ArrayRef<T, D>) -> Result<ArrayView2<'b, T>> {
    let columns = D::columns(b.view());
    if columns.nrows() == a.nrows() {
        return Ok(columns);
    }
    let (expected, found) = (format!("{} rows", a.nrows()), dims(b.shape()));
    Err(Error::Shape { what: "the right-hand side", expected, found })
}

fn cost_of<T: Number>(a: &ArrayRef2<T>, b: &ArrayView2<'_, T>) -> Cost {
    let right: Vec<u64> = b.columns().into_iter().map(|column| T::bits(column.iter())).collect();
    if a.nrows() >= a.ncols() {
        let columns: Vec<u64> = a.columns().into_iter().map(|column| T::bits(column.iter())).collect();
        Cost::of_sizes(a.nrows(), &columns, &right)
    } else {
        let rows: Vec<u64> = a.rows().into_iter().map(|row| T::bits(row.iter())).collect();
        Cost::of_sizes(a.ncols(), &rows, &right)
    }
}

/// The columns of A that are linear combinations of columns before them, with the exact coefficients; none if the
/// columns are independent. The rank of A is n less their number.
///
/// The cost is that of [`lstsq`] with these columns as right-hand sides.
///
/// # Errors
/// [`Error::NonFinite`], [`Error::TooCostly`], [`Error::Cancelled`], [`Error::TooLarge`].
///
/// ```
/// use lapwing::lstsq::exact::{self, Options};
/// use ndarray::array;
///
/// // The third column is the mean of the first two.
/// let a = array![[1.0, 2.0, 1.5], [1.0, 4.0, 2.5], [1.0, 5.0, 3.0]];
/// let found = exact::dependences(&a, Options::default())?;
/// assert_eq!((found.len(), found[0].column), (1, 2));
/// let combination: Vec<_> = found[0].combination.iter().map(|(j, c)| (*j, c.to_f64())).collect();
/// assert_eq!(combination, [(0, 0.5), (1, 0.5)]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn dependences<T: Number>(a: &ArrayRef2<T>, options: Options<'_>) -> Result<Vec<Dependence>> {
    let bits: Vec<u64> = a.columns().into_iter().map(|column| T::bits(column.iter())).collect();
    let mut meter = Meter::new(Cost::of_sizes(a.nrows(), &bits, &[]), options)?;
    system::dependences(a, &mut meter)
}
