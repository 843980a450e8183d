//! Counting the free parameters of matrices and of their factorizations.
//! Stands apart: integer arithmetic alone. Must not know a matrix, nor let a count leave the range of `u64` unseen.
//!
//! A factorization that is unique has as many free parameters as the matrices that it describes: those of an m×n matrix of rank r
//! are (m + n − r)·r real numbers, whichever way it is written. Each function here says which factor has how many.
//!
//! ```
//! use lapwing::params::{self, Field};
//!
//! // The SVD of a 3×4 matrix of rank 2.
//! let count = params::svd(3, 4, 2, Field::Real)?;
//! assert_eq!(count.total(), (3 + 4 - 2) * 2);
//! assert_eq!(
//!     count.to_string(),
//!     "U       mr − r(r+1)/2    3\n\
//!      Σ       r                2\n\
//!      V       nr − r(r+1)/2    5\n\
//!      total   (m + n − r)r    10\n"
//! );
//! # Ok::<(), lapwing::Error>(())
//! ```
//!
//! | | function | parameters, real, rank r | of a square matrix of full rank |
//! |---|---|---|---|
//! | L, unit lower triangular | [`unit_triangular`] | mr − r(r+1)/2 | n(n−1)/2 |
//! | U, upper triangular | [`triangular`] | nr − r(r−1)/2 | n(n+1)/2 |
//! | D, diagonal | [`diagonal`] | r | n |
//! | Q, orthonormal columns (Stiefel) | [`orthonormal`] | mr − r(r+1)/2 | n(n−1)/2 |
//! | S, symmetric | [`symmetric`] | nr − r(r−1)/2 | n(n+1)/2 |
//! | X, eigenvectors up to scale | [`eigenvectors`] | (n−1)r | n(n−1) |
//! | A = LU | [`lu`] | (m + n − r)r | n² |
//! | A = LDU | [`ldu`] | (m + n − r)r | n² |
//! | A = QR | [`qr`] | (m + n − r)r | n² |
//! | A = UΣVᵀ | [`svd`] | (m + n − r)r | n² |
//! | A = QS | [`polar`] | (m + n − r)r | n² |
//! | A = XΛX⁻¹ | [`eigen`] | (2n − r)r | n² |
//! | S = QΛQᵀ | [`spectral`] | nr − r(r−1)/2 | n(n+1)/2 |
//! | S = LLᵀ | [`cholesky`] | nr − r(r−1)/2 | n(n+1)/2 |
//!
//! Complex matrices are counted in real numbers, two to an entry; what a phase can take up is free in one factor only. A unitary
//! matrix has n² parameters, n(n−1) if its columns are taken up to their phases.
//!
//! The counts hold for generic matrices: those without a factorization of that form (a zero pivot, fewer eigenvectors) or with more
//! of them (equal values) have fewer dimensions than the others.
//!
//! Source: Strang, *Linear Algebra and Learning from Data* (2019), §III.2 and §I.9; the dimension of the matrices of rank r:
//! Vandereycken, SIAM J. Optim. 23 (2013); of orthonormal columns: Edelman, Arias & Smith, SIAM J. Matrix Anal. Appl. 20 (1998).

mod count;
mod saving;

use crate::error::Result;

pub use count::{Count, Field, Part};
use count::{Form, Free, Side};
pub use saving::{LowRank, WeightUpdate};

/// m×n matrices of rank r, with the letters that their formulas take: n for every side of a square matrix, and the side itself for
/// a rank that is full.
#[derive(Clone, Copy)]
struct Set {
    m: Side,
    n: Side,
    r: Side,
    field: Field,
}

impl Set {
    const fn new(rows: usize, cols: usize, rank: usize, field: Field) -> Set {
        let m = Side { letter: if rows == cols { 'n' } else { 'm' }, size: rows };
        let n = Side { letter: 'n', size: cols };
        let letter = match (rank == rows, rank == cols) {
            (_, true) => 'n',
            (true, false) => 'm',
            (false, false) => 'r',
        };
        Set { m, n, r: Side { letter, size: rank }, field }
    }

    /// A factor of m rows and r columns.
    const fn of_rows(self, form: Form) -> Free {
        Free { form, field: self.field, a: self.m, r: self.r }
    }

    /// One of r rows and n columns.
    const fn of_cols(self, form: Form) -> Free {
        Free { form, field: self.field, a: self.n, r: self.r }
    }

    /// The matrices themselves.
    const fn whole(self) -> Free {
        self.of_rows(Form::Whole(self.n))
    }
}

/// L, unit lower triangular (trapezoidal if rows > columns): what is below its diagonal.
///
/// # Errors
/// [`Error::RankTooLarge`](crate::Error::RankTooLarge) if cols > rows, [`Error::TooLarge`](crate::Error::TooLarge) beyond the range of
/// `u64`; so does every function here.
///
/// ```
/// use lapwing::params::{Field, unit_triangular};
///
/// assert_eq!(unit_triangular(4, 4, Field::Real)?.total(), 6);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub const fn unit_triangular(rows: usize, cols: usize, field: Field) -> Result<Count> {
    let free = Set::new(rows, cols, cols, field).of_rows(Form::Strict);
    Count::new(free, &[("L", free)])
}

/// U, upper triangular (trapezoidal if columns > rows), with its diagonal.
///
/// # Errors
/// As [`unit_triangular`], here if rows > cols.
pub const fn triangular(rows: usize, cols: usize, field: Field) -> Result<Count> {
    let free = Set::new(rows, cols, rows, field).of_cols(Form::Triangle);
    Count::new(free, &[("U", free)])
}

/// D, diagonal of order n.
///
/// # Errors
/// As [`unit_triangular`].
pub const fn diagonal(n: usize, field: Field) -> Result<Count> {
    let free = Set::new(n, n, n, field).of_rows(Form::Diagonal);
    Count::new(free, &[("D", free)])
}

/// Q with orthonormal columns: the orthogonal or unitary matrices if it is square, else the Stiefel manifold.
///
/// ```
/// use lapwing::params::{Field, orthonormal};
///
/// // A rotation of space has three angles; two orthonormal vectors there determine the third.
/// assert_eq!(orthonormal(3, 3, Field::Real)?.total(), 3);
/// assert_eq!(orthonormal(3, 2, Field::Real)?.total(), 3);
/// # Ok::<(), lapwing::Error>(())
/// ```
///
/// # Errors
/// As [`unit_triangular`].
pub const fn orthonormal(rows: usize, cols: usize, field: Field) -> Result<Count> {
    let free = Set::new(rows, cols, cols, field).of_rows(Form::Orthonormal);
    Count::new(free, &[("Q", free)])
}

/// S, symmetric or Hermitian of order n and rank r.
///
/// # Errors
/// As [`unit_triangular`], here if rank > n.
pub const fn symmetric(n: usize, rank: usize, field: Field) -> Result<Count> {
    let free = Set::new(n, n, rank, field).of_rows(Form::RealDiagonal);
    Count::new(free, &[("S", free)])
}

/// X, r independent eigenvectors in n dimensions, each up to its scale.
///
/// # Errors
/// As [`symmetric`].
pub const fn eigenvectors(n: usize, rank: usize, field: Field) -> Result<Count> {
    let free = Set::new(n, n, rank, field).of_rows(Form::UpToScale);
    Count::new(free, &[("X", free)])
}

/// A = LU, L m×r unit lower triangular, U r×n upper triangular.
///
/// ```
/// use lapwing::params::{Count, Field, lu};
///
/// const COUNT: lapwing::Result<Count> = lu(100, 100, 100, Field::Real);
/// assert_eq!(COUNT?.total(), 100 * 100);
/// # Ok::<(), lapwing::Error>(())
/// ```
///
/// # Errors
/// As [`svd`].
pub const fn lu(rows: usize, cols: usize, rank: usize, field: Field) -> Result<Count> {
    let set = Set::new(rows, cols, rank, field);
    Count::new(set.whole(), &[("L", set.of_rows(Form::Strict)), ("U", set.of_cols(Form::Triangle))])
}

/// A = LDU, L m×r and U r×n with units on the diagonal.
///
/// # Errors
/// As [`svd`].
pub const fn ldu(rows: usize, cols: usize, rank: usize, field: Field) -> Result<Count> {
    let set = Set::new(rows, cols, rank, field);
    let factors =
        [("L", set.of_rows(Form::Strict)), ("D", set.of_rows(Form::Diagonal)), ("U", set.of_cols(Form::Strict))];
    Count::new(set.whole(), &factors)
}

/// A = QR, Q m×r with orthonormal columns, R r×n upper triangular with a positive diagonal.
///
/// # Errors
/// As [`svd`].
pub const fn qr(rows: usize, cols: usize, rank: usize, field: Field) -> Result<Count> {
    let set = Set::new(rows, cols, rank, field);
    Count::new(set.whole(), &[("Q", set.of_rows(Form::Orthonormal)), ("R", set.of_cols(Form::RealDiagonal))])
}

/// A = UΣVᴴ of rank r: the first r singular values and vectors. Phases are free in V only.
///
/// ```
/// use lapwing::params::{Field, svd};
///
/// let full = svd(3, 4, 3, Field::Real)?;
/// assert_eq!(full.parts().map(|part| part.count()).collect::<Vec<_>>(), [3, 3, 6]);
/// assert_eq!(full.formula(), "mn");
/// # Ok::<(), lapwing::Error>(())
/// ```
///
/// # Errors
/// [`Error::RankTooLarge`](crate::Error::RankTooLarge) if the rank exceeds rows or columns, [`Error::TooLarge`](crate::Error::TooLarge)
/// if the count exceeds the range of `u64`.
pub const fn svd(rows: usize, cols: usize, rank: usize, field: Field) -> Result<Count> {
    let set = Set::new(rows, cols, rank, field);
    let factors =
        [("U", set.of_rows(Form::Strict)), ("Σ", set.of_rows(Form::RealValues)), ("V", set.of_cols(Form::Orthonormal))];
    Count::new(set.whole(), &factors)
}

/// A = QS: S symmetric positive semidefinite of rank r, Q an isometry from the range of S.
///
/// # Errors
/// As [`svd`].
pub const fn polar(rows: usize, cols: usize, rank: usize, field: Field) -> Result<Count> {
    let set = Set::new(rows, cols, rank, field);
    Count::new(set.whole(), &[("Q", set.of_rows(Form::Orthonormal)), ("S", set.of_cols(Form::RealDiagonal))])
}

/// A = XΛX⁻¹ of order n and rank r: the eigenvectors of the r eigenvalues that are not zero, up to scale, these eigenvalues, and
/// those rows of X⁻¹, which X leaves free if r < n. Eigenvalues of real matrices may come in conjugate pairs; the count is the same.
///
/// # Errors
/// As [`symmetric`].
pub const fn eigen(n: usize, rank: usize, field: Field) -> Result<Count> {
    let set = Set::new(n, n, rank, field);
    let (x, values) = (("X", set.of_rows(Form::UpToScale)), ("Λ", set.of_rows(Form::Diagonal)));
    if rank == n {
        return Count::new(set.whole(), &[x, values]);
    }
    Count::new(set.whole(), &[x, values, ("X⁻¹", set.of_cols(Form::Dual))])
}

/// S = QΛQᴴ of order n and rank r: the eigenvectors of the eigenvalues that are not zero, up to signs or phases, and these.
///
/// # Errors
/// As [`symmetric`].
pub const fn spectral(n: usize, rank: usize, field: Field) -> Result<Count> {
    let set = Set::new(n, n, rank, field);
    let factors = [("Q", set.of_rows(Form::Strict)), ("Λ", set.of_rows(Form::RealValues))];
    Count::new(set.of_rows(Form::RealDiagonal), &factors)
}

/// S = LLᴴ, positive semidefinite of order n and rank r, L n×r lower triangular with a positive diagonal.
///
/// # Errors
/// As [`symmetric`].
pub const fn cholesky(n: usize, rank: usize, field: Field) -> Result<Count> {
    let free = Set::new(n, n, rank, field).of_rows(Form::RealDiagonal);
    Count::new(free, &[("L", free)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const FIELDS: [Field; 2] = [Field::Real, Field::Complex];

    /// Every factorization of m×n matrices of rank r that there is.
    fn all(m: usize, n: usize, r: usize, field: Field) -> Vec<Result<Count>> {
        let mut all: Vec<_> = [lu, ldu, qr, svd, polar].iter().map(|count| count(m, n, r, field)).collect();
        if m == n {
            all.extend([eigen, spectral, cholesky].iter().map(|count| count(n, r, field)));
        }
        all
    }

    #[test]
    fn factors_add_up_to_the_dimension_of_what_they_describe() {
        for (m, n, field) in (0..6).flat_map(|m| (0..6).flat_map(move |n| FIELDS.map(|field| (m, n, field)))) {
            for r in 0..=m.min(n) {
                for count in all(m, n, r, field) {
                    let count = count.unwrap();
                    assert_eq!(u128::from(count.total()), count.dimension(), "{m}×{n}, rank {r}: {count}");
                    assert_eq!(count.parts().map(Part::count).sum::<u64>(), count.total());
                }
            }
        }
    }

    #[test]
    fn formulas_of_square_and_of_full_rank_are_their_own() {
        let formulas = |count: Result<Count>| {
            let count = count.unwrap();
            count.parts().map(Part::formula).chain([count.formula()]).collect::<Vec<_>>()
        };
        assert_eq!(formulas(svd(3, 4, 3, Field::Real)), ["m(m−1)/2", "m", "mn − m(m+1)/2", "mn"]);
        assert_eq!(formulas(svd(4, 3, 3, Field::Real)), ["mn − n(n+1)/2", "n", "n(n−1)/2", "mn"]);
        assert_eq!(formulas(svd(4, 4, 4, Field::Complex)), ["n(n−1)", "n", "n²", "2n²"]);
        assert_eq!(formulas(svd(4, 5, 2, Field::Complex)), ["2mr − r(r+1)", "r", "2nr − r²", "2(m + n − r)r"]);
        assert_eq!(formulas(lu(4, 4, 4, Field::Real)), ["n(n−1)/2", "n(n+1)/2", "n²"]);
        assert_eq!(formulas(eigen(4, 4, Field::Real)), ["n(n−1)", "n", "n²"]);
        assert_eq!(formulas(eigen(4, 2, Field::Real)), ["(n−1)r", "r", "(n−r)r", "(2n − r)r"]);
        assert_eq!(formulas(cholesky(4, 2, Field::Complex)), ["2nr − r²", "2nr − r²"]);
    }

    #[test]
    fn what_is_out_of_range_is_an_error_and_what_is_just_in_range_is_exact() {
        let root = 1 << 32;
        assert_eq!(lu(root - 1, root + 1, root - 1, Field::Real).unwrap().total(), u64::MAX);
        for count in all(root, root, root, Field::Real).iter().take(6) {
            assert_eq!(
                count,
                &Err(Error::TooLarge { what: "a count of parameters", needed: 1 << 64, limit: u64::MAX.into() })
            );
        }
        for count in all(usize::MAX, usize::MAX, usize::MAX, Field::Complex) {
            assert!(matches!(count, Err(Error::TooLarge { .. })), "{count:?}");
        }
        for count in all(3, 3, 4, Field::Real) {
            assert_eq!(count, Err(Error::RankTooLarge { rank: 4, most: 3 }));
        }
        assert_eq!(orthonormal(2, 3, Field::Real), Err(Error::RankTooLarge { rank: 3, most: 2 }));
        assert_eq!(triangular(3, 2, Field::Real), Err(Error::RankTooLarge { rank: 3, most: 2 }));
    }
}
