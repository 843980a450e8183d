//! Certificates: what is cut out of a matrix has values between those of the whole: compressions, borders and submatrices.
//! On the floor above `factor`; must not look at a matrix.

use ndarray::ArrayRef1;

use super::report::{Finding, Report};
use super::shifted::Comparison;
use super::values::{Rounding, norm, require_len, sorted, sorted_singular, values_of};
use crate::element::Real;
use crate::error::{Error, Result, dims};

const INNER: &str = "eigenvalues of the inner matrix";

/// The eigenvalues of a compression B = WᴴSW, WᴴW = I, such as a principal submatrix: λ_{i+n−m}(S) ≤ λᵢ(B) ≤ λᵢ(S),
/// Cauchy's interlacing.
///
/// `outer` are the n eigenvalues of S, `inner` the m ≤ n of B, in any order. 2m comparisons. Allowance: c·n·ε(‖S‖₂ +
/// ‖B‖₂).
///
/// # Errors
/// [`Error::Shape`] if m > n, [`Error::NonFiniteValue`].
///
/// # Source
/// Golub & Van Loan, Matrix Computations, Theorem 8.1.7; Horn & Johnson, Matrix Analysis, Theorem 4.3.28 and Corollary
/// 4.3.37.
///
/// ```
/// use lapwing::interlace::cauchy;
/// use ndarray::array;
///
/// // The second difference matrices of order 3 and 2: 2 − 2cos(kπ/4) and 1, 3.
/// let outer = array![2.0 - 2f64.sqrt(), 2.0, 2.0 + 2f64.sqrt()];
/// let report = cauchy(&outer, &array![1.0, 3.0])?;
/// assert!(report.holds() && report.checked() == 4);
/// assert!(!cauchy(&outer, &array![1.0, 3.5])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn cauchy<R: Real>(outer: &ArrayRef1<R>, inner: &ArrayRef1<R>) -> Result<Report> {
    let (s, b) = (sorted("eigenvalues of the outer matrix", outer)?, sorted(INNER, inner)?);
    if b.len() > s.len() {
        let expected = format!("at most {}", values_of(s.len()));
        return Err(Error::Shape { what: INNER, expected, found: values_of(b.len()) });
    }
    Ok(compressed::<R>(s, b, "S").into())
}

/// Both sides of Cauchy's interlacing for the matrix of that name and B.
fn compressed<R: Real>(mut s: Vec<f64>, mut b: Vec<f64>, name: &str) -> Vec<Finding> {
    let rounding = Rounding::common::<R>(s.len(), &mut [&mut s, &mut b]);
    let norms = norm(&s) + norm(&b);
    let comparison = |theorem, statement| Comparison { theorem, statement, symbol: 'λ', x: ("B", &b), y: (name, &s) };
    vec![
        comparison("Cauchy, from above", "λᵢ(B) ≤ λᵢ(S) for i ≤ m").bounded_above(0, &rounding, norms),
        comparison("Cauchy, from below", "λᵢ(B) ≥ λ_{i+n−m}(S) for i ≤ m").bounded_below(
            s.len() - b.len(),
            &rounding,
            norms,
        ),
    ]
}

/// The eigenvalues of a Hermitian matrix B to which one row and column were added, T = (B w; wᴴ c): λᵢ₊₁(T) ≤ λᵢ(B) ≤
/// λᵢ(T).
///
/// `before` are the n eigenvalues of B, `after` the n + 1 of T, in any order. It is [`cauchy`] for m = n − 1.
///
/// # Errors
/// [`Error::Shape`] unless `after` has one value more, [`Error::NonFiniteValue`].
///
/// # Source
/// Horn & Johnson, Matrix Analysis, Theorem 4.3.17.
///
/// ```
/// use lapwing::interlace::bordered;
/// use ndarray::array;
///
/// assert!(bordered(&array![0.0], &array![-1.0, 1.0])?.holds()); // (0) and (0 1; 1 0)
/// assert!(!bordered(&array![0.0], &array![1.0, 2.0])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn bordered<R: Real>(before: &ArrayRef1<R>, after: &ArrayRef1<R>) -> Result<Report> {
    let what = "eigenvalues of the bordered matrix";
    let (b, t) = (sorted("eigenvalues before bordering", before)?, sorted(what, after)?);
    require_len(what, &t, b.len() + 1)?;
    Ok(compressed::<R>(t, b, "T").into())
}

/// The singular values of a p×q submatrix B of an m×n matrix A: σᵢ(A) ≥ σᵢ(B) ≥ σ_{i+s}(A), s = (m − p) + (n − q): each
/// row and each column that is deleted shifts by one.
///
/// `outer` are the min(m, n) singular values of A, `inner` the min(p, q) of B, in any order; `shapes` are (m, n) and
/// (p, q). At most 2min(p, q) comparisons. Allowance: c·max(m, n)·ε(‖A‖₂ + ‖B‖₂).
///
/// # Errors
/// [`Error::Shape`] for lists whose lengths do not fit the shapes and for a B larger than A, [`Error::NonFiniteValue`],
/// [`Error::Parameter`] for a negative singular value.
///
/// # Source
/// R. C. Thompson, Principal submatrices IX: interlacing inequalities for singular values of submatrices, Linear
/// Algebra Appl. 5 (1972).
///
/// ```
/// use lapwing::interlace::submatrix;
/// use ndarray::array;
///
/// // Of the unit matrix of order 3 without its first row and its last column: 1, 0.
/// let report = submatrix(&array![1.0, 1.0, 1.0], &array![1.0, 0.0], ((3, 3), (2, 2)))?;
/// assert!(report.holds() && report.checked() == 3);
/// // One row alone leaves two values of 1.
/// assert!(!submatrix(&array![1.0, 1.0, 1.0], &array![1.0, 0.0], ((3, 3), (2, 3)))?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn submatrix<R: Real>(
    outer: &ArrayRef1<R>, inner: &ArrayRef1<R>, shapes: ((usize, usize), (usize, usize)),
) -> Result<Report> {
    submatrix_of(["A", "B"], outer, inner, shapes)
}

/// The same for matrices of these names.
pub(super) fn submatrix_of<R: Real>(
    [outer_name, inner_name]: [&'static str; 2], outer: &ArrayRef1<R>, inner: &ArrayRef1<R>,
    shapes: ((usize, usize), (usize, usize)),
) -> Result<Report> {
    let ((m, n), (p, q)) = shapes;
    if p > m || q > n {
        let (expected, found) = (format!("at most {}", dims(&[m, n])), dims(&[p, q]));
        return Err(Error::Shape { what: "the submatrix", expected, found });
    }
    let (of_a, of_b) = ("singular values of the outer matrix", "singular values of the submatrix");
    let (mut a, mut b) = (sorted_singular(of_a, outer)?, sorted_singular(of_b, inner)?);
    require_len(of_a, &a, m.min(n))?;
    require_len(of_b, &b, p.min(q))?;
    let rounding = Rounding::common::<R>(m.max(n), &mut [&mut a, &mut b]);
    let norms = norm(&a) + norm(&b);
    let (x, y) = ((inner_name, b.as_slice()), (outer_name, a.as_slice()));
    let comparison = |theorem, statement| Comparison { theorem, statement, symbol: 'σ', x, y };
    let above = format!("σᵢ({inner_name}) ≤ σᵢ({outer_name})");
    let below = format!("σᵢ({inner_name}) ≥ σ_{{i+s}}({outer_name}), s = (m−p)+(n−q)");
    let findings = vec![
        comparison("submatrix, from above", &above).bounded_above(0, &rounding, norms),
        comparison("submatrix, from below", &below).bounded_below((m - p) + (n - q), &rounding, norms),
    ];
    Ok(findings.into())
}
