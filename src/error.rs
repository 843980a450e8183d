//! Ground floor: what can go wrong, said in the caller's terms.
//! Must not leak a bare LAPACK `info`.
//!
//! Every fallible function of the crate returns [`Result`]. An [`Error`] names what was expected and what was found;
//! a bare LAPACK `info` never leaves `lapack`. Positions are counted from 0, as in Rust.

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation was refused or could not be completed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two shapes do not fit together.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// The operand that does not fit.
        what: &'static str,
        /// The shape that would fit.
        expected: String,
        /// The shape that was given.
        found: String,
    },
    /// A parameter that is not a matrix makes no sense.
    #[error("{what}: expected {expected}, found {found}")]
    Parameter {
        /// The parameter.
        what: &'static str,
        /// What would make sense.
        expected: &'static str,
        /// What was given.
        found: String,
    },
    /// A square matrix is needed.
    #[error("expected a square matrix, found {rows}×{cols}")]
    NotSquare {
        /// Rows of the matrix that was given.
        rows: usize,
        /// Columns of the matrix that was given.
        cols: usize,
    },
    /// The quantity has no meaning for an empty operand.
    #[error("{what} has no meaning for an empty matrix")]
    Empty {
        /// The quantity that was asked for.
        what: &'static str,
    },
    /// A dimension, a workspace or a product of dimensions exceeds what the linked LAPACK can address.
    #[error("{what} needs {needed}, but the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The size that would be needed.
        needed: u128,
        /// The largest size that is possible.
        limit: u128,
    },
    /// The matrix holds a NaN or an infinity.
    #[error("entry of the matrix at row {row}, column {col} (counted from 0) is not finite")]
    NonFinite {
        /// Row of the first such entry in memory order, from 0.
        row: usize,
        /// Column of that entry, from 0.
        col: usize,
    },
    /// The right-hand side holds a NaN or an infinity.
    #[error("entry of the right-hand side at row {row}, column {col} (counted from 0) is not finite")]
    NonFiniteRhs {
        /// Row of the first such entry in memory order, from 0.
        row: usize,
        /// Column of that entry, from 0.
        col: usize,
    },
    /// A list of values holds a NaN or an infinity.
    #[error("{what}: the value at position {index} (counted from 0) is not finite")]
    NonFiniteValue {
        /// The list.
        what: &'static str,
        /// Position of the first such value as the list was given, from 0.
        index: usize,
    },
    /// The matrix is not Hermitian: an entry and its mirror image differ by more than rounding does.
    #[error(
        "{what} is not Hermitian: the entry at row {row}, column {col} (counted from 0) differs from the conjugate of its \
         mirror image by {difference:e}, more than the {allowed:e} that rounding explains"
    )]
    NotHermitian {
        /// The matrix.
        what: &'static str,
        /// Row of the entry that differs most, from 0.
        row: usize,
        /// Column of that entry, from 0; the row itself where a diagonal entry has an imaginary part.
        col: usize,
        /// By how much it differs.
        difference: f64,
        /// By how much it might differ.
        allowed: f64,
    },
    /// A result, or an intermediate that it needs, exceeds the range of the element type.
    #[error("{what} exceeds the range of the element type; scale the matrix")]
    Overflow {
        /// The result.
        what: &'static str,
    },
    /// The matrix is singular: a pivot is zero, or too small to be divided by.
    #[error("the matrix is singular: pivot {pivot} (counted from 0) is zero or too small to be divided by")]
    Singular {
        /// Index of the pivot, from 0.
        pivot: usize,
    },
    /// The matrix is not positive definite.
    #[error("the matrix is not positive definite: its leading minor of order {minor} is not positive")]
    NotPositiveDefinite {
        /// Order of the first leading minor that is not positive, from 1.
        minor: usize,
    },
    /// The matrix has, to working precision, a lower rank than the method needs.
    #[error("the matrix has numerical rank {rank}, but the method needs {needed}")]
    RankDeficient {
        /// The rank that was found; by the normal equations, how many leading columns are independent.
        rank: usize,
        /// The rank that is needed.
        needed: usize,
    },
    /// A rank that a matrix of this shape cannot have.
    #[error("a rank of {rank} was asked for, but the most is {most}")]
    RankTooLarge {
        /// The rank that was asked for.
        rank: usize,
        /// The largest that is possible.
        most: usize,
    },
    /// A constraint depends on others: its row of A is zero, or a combination of theirs.
    #[error("constraint {row} depends on {}: the {rows} rows of A (counted from 0) have rank {rank}", list(others))]
    DependentConstraints {
        /// The row that depends on the others, from 0.
        row: usize,
        /// The rows that it is a combination of, ascending; none for a row of zeros.
        others: Vec<usize>,
        /// The numerical rank of A.
        rank: usize,
        /// The rows of A.
        rows: usize,
    },
    /// A quadratic form has no strict minimum under its constraints.
    #[error(
        "the quadratic form has no strict minimum under the constraints: on their null space, of dimension {dimension}, it \
         falls along {falling} directions and is flat along {flat}"
    )]
    NoMinimum {
        /// The dimension of the null space of the constraints.
        dimension: usize,
        /// Negative eigenvalues of the form on it.
        falling: usize,
        /// Eigenvalues that are zero to working precision.
        flat: usize,
    },
    /// An iteration did not converge, nor did the routine that was tried in its place.
    #[error("{routine} did not converge")]
    NoConvergence {
        /// The last routine that was tried.
        routine: &'static str,
    },
    /// Branches of a family cannot be followed any further.
    #[error("branches cannot be followed beyond t = {t:e}: {why}")]
    Untraced {
        /// The parameter up to which they were followed.
        t: f64,
        /// Why not further.
        why: &'static str,
    },
    /// Values coincide, and the derivative that was asked for does not exist.
    #[error("values {first} and {last} (counted from 0) coincide (gap {gap:e}): the derivative does not exist")]
    Repeated {
        /// Index of the first value of the cluster, from 0.
        first: usize,
        /// Index of the last value of the cluster, from 0.
        last: usize,
        /// The smallest gap within the cluster.
        gap: f64,
    },
    /// A loss depends on the phase of vectors that are determined but for their phase.
    #[error(
        "the cotangent depends on the phase of the vectors at index {index} (counted from 0), which the factorization \
         leaves open"
    )]
    Gauge {
        /// Index of the vectors, from 0.
        index: usize,
    },
    /// The work would exceed the limit that the caller set.
    #[error("{what} takes about {operations:.1e} word operations, but the limit is {limit:.1e}")]
    TooCostly {
        /// What was asked for.
        what: &'static str,
        /// The estimated number of multiplications of machine words.
        operations: f64,
        /// The limit.
        limit: f64,
    },
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The linked LAPACK cannot be used.
    #[error("the linked LAPACK cannot be used: {message}")]
    Backend {
        /// What the self-test or the library said.
        message: String,
    },
}

/// A shape as the messages print it: `3×2`, or `5` in one dimension.
pub(crate) fn dims(shape: &[usize]) -> String {
    let parts: Vec<String> = shape.iter().map(usize::to_string).collect();
    parts.join("×")
}

/// Rows as a message names them.
fn list(rows: &[usize]) -> String {
    match rows {
        [] => "no other, being zero".into(),
        [row] => format!("constraint {row}"),
        rows => format!("constraints {rows:?}"),
    }
}

/// [`Error::Shape`] for an m×n matrix with m < n.
pub(crate) fn require_tall(what: &'static str, (m, n): (usize, usize)) -> Result<()> {
    if m >= n {
        return Ok(());
    }
    Err(Error::Shape { what, expected: "at least as many rows as columns".into(), found: dims(&[m, n]) })
}
