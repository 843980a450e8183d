//! Certificates: what is added to a matrix bounds its values by others of the old ones: updates of known inertia or rank.
//! On the floor above `factor`; must not look at a matrix.

use ndarray::ArrayRef1;

use super::report::{Finding, Report};
use super::shifted::Comparison;
use super::sums::shifts_add_up;
use super::values::{Rounding, finite, norm, require_len, sorted, sorted_singular};
use crate::element::Real;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;

const AFTER: &str = "eigenvalues after the update";

/// The eigenvalues of S + T where T has at most π positive and ν negative eigenvalues: λ_{i+ν}(S) ≤ λᵢ(S+T) for i + ν ≤
/// n, and λᵢ(S+T) ≤ λ_{i−π}(S) for i > π.
///
/// `before` and `after` are the n eigenvalues of S and of S + T in any order. 2n comparisons. Allowance: c·n·ε(‖S‖₂ +
/// ‖S+T‖₂).
///
/// # Errors
/// [`Error::Shape`] for lists of different lengths, [`Error::NonFiniteValue`].
///
/// # Source
/// Horn & Johnson, Matrix Analysis, Corollary 4.3.5; Weyl 1912.
///
/// ```
/// use lapwing::interlace::rank_update;
/// use ndarray::array;
///
/// // diag(3, 2, 1) + diag(0, 5, 0): one positive eigenvalue was added.
/// assert!(rank_update(&array![1.0, 2.0, 3.0], &array![7.0, 3.0, 1.0], 1, 0)?.holds());
/// assert!(!rank_update(&array![1.0, 2.0, 3.0], &array![7.0, 4.0, 1.0], 1, 0)?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn rank_update<R: Real>(
    before: &ArrayRef1<R>, after: &ArrayRef1<R>, positive: usize, negative: usize,
) -> Result<Report> {
    let (mut s, mut sum) = (sorted("eigenvalues before the update", before)?, sorted(AFTER, after)?);
    require_len(AFTER, &sum, s.len())?;
    let rounding = Rounding::common::<R>(s.len(), &mut [&mut s, &mut sum]);
    Ok(updated(&s, &sum, (positive, negative), &rounding, norm(&s) + norm(&sum)).into())
}

/// The same for the numbers of positive and negative eigenvalues that T has beyond rounding. What is left out is at most
/// half of the allowance for T alone, so that ‖T‖₂ has its part in that of the comparisons, and at least half of this is
/// left for the values themselves, also where it no longer follows the norms. One eigenvalue of T too many makes the
/// statement weaker, not false.
pub(super) fn update_by<R: Real>(s: &ArrayRef1<R>, t: &ArrayRef1<R>, sum: &ArrayRef1<R>) -> Result<Report> {
    let mut lists =
        [sorted("eigenvalues of S", s)?, sorted("eigenvalues of T", t)?, sorted("eigenvalues of S+T", sum)?];
    let rounding = Rounding::common::<R>(s.len(), &mut lists.each_mut().map(Vec::as_mut_slice));
    let [s, t, sum] = lists;
    let zero = 0.5 * rounding.allowance(norm(&t));
    let count = |sign: f64| t.iter().filter(|&x| sign * x > zero).count();
    let norms = norm(&s) + norm(&t) + norm(&sum);
    Ok(updated(&s, &sum, (count(1.0), count(-1.0)), &rounding, norms).into())
}

/// Both sides, for an update with that many positive and negative eigenvalues.
pub(super) fn updated(
    s: &[f64], sum: &[f64], (positive, negative): (usize, usize), rounding: &Rounding, norms: f64,
) -> Vec<Finding> {
    let comparison = |theorem, statement| Comparison { theorem, statement, symbol: 'λ', x: ("S+T", sum), y: ("S", s) };
    vec![
        comparison("update, from above", "λ_{i+π}(S+T) ≤ λᵢ(S) for i+π ≤ n, π positive eigenvalues in T")
            .bounded_above(positive, rounding, norms),
        comparison("update, from below", "λᵢ(S+T) ≥ λ_{i+ν}(S) for i+ν ≤ n, ν negative eigenvalues in T")
            .bounded_below(negative, rounding, norms),
    ]
}

/// The eigenvalues of S + ρzzᴴ: they interlace with those of S, μ₁ ≥ λ₁ ≥ μ₂ ≥ λ₂ ≥ … for ρ > 0, and the shifts add up
/// to ρ‖z‖².
///
/// `before` and `after` are the n eigenvalues of S and of S + ρzzᴴ in any order, `trace` is ρ‖z‖², whose sign gives the
/// direction. 2n comparisons and one sum. Allowance: c·n·ε(‖S‖₂ + ‖S+ρzzᴴ‖₂ + |ρ|‖z‖²), n times that for the sum.
///
/// # Errors
/// [`Error::Shape`] for lists of different lengths, [`Error::NonFiniteValue`], [`Error::Parameter`] for a trace that is
/// not finite.
///
/// # Source
/// Golub & Van Loan, Matrix Computations, Theorem 8.1.8; Wilkinson, The Algebraic Eigenvalue Problem, ch. 2, §41.
///
/// ```
/// use lapwing::interlace::rank_one;
/// use ndarray::array;
///
/// let before = array![0.0, 2.0]; // diag(2, 0) and z = (1, 1)
/// let after = array![2.0 - 2f64.sqrt(), 2.0 + 2f64.sqrt()];
/// assert!(rank_one(&before, &after, 2.0)?.holds());
/// // Interlaced, but the shifts do not add up.
/// assert_eq!(rank_one(&before, &after, 2.5)?.violated(), 1);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn rank_one<R: Real>(before: &ArrayRef1<R>, after: &ArrayRef1<R>, trace: R) -> Result<Report> {
    let (mut s, mut sum) = (sorted("eigenvalues before the update", before)?, sorted(AFTER, after)?);
    require_len(AFTER, &sum, s.len())?;
    let mut trace = [finite("the trace ρ‖z‖² of the update", trace)?];
    let rounding = Rounding::common::<R>(s.len(), &mut [&mut s, &mut sum, &mut trace]);
    let [trace] = trace;
    let signs = (usize::from(trace > 0.0), usize::from(trace < 0.0));
    let norms = norm(&s) + norm(&sum) + trace.abs();
    let mut findings = updated(&s, &sum, signs, &rounding, norms);
    findings.push(shifts_add_up(&s, &sum, trace, &rounding, norms));
    Ok(findings.into())
}

/// The singular values of A + B where B has at most rank k: σ_{i+k}(A) ≤ σᵢ(A+B) for i + k ≤ p, and σᵢ(A+B) ≤
/// σ_{i−k}(A) for i > k.
///
/// `a` and `sum` are the p = min(m, n) singular values of the two matrices in any order. 2(p − k) comparisons.
/// Allowance: c·p·ε(‖A‖₂ + ‖A+B‖₂).
///
/// # Errors
/// [`Error::Shape`] for lists of different lengths, [`Error::NonFiniteValue`], [`Error::Parameter`] for a negative
/// singular value.
///
/// # Source
/// Horn & Johnson, Topics in Matrix Analysis, Theorem 3.3.16; Thompson 1976.
///
/// ```
/// use lapwing::interlace::low_rank;
/// use ndarray::array;
///
/// assert!(low_rank(&array![3.0, 2.0, 1.0], &array![9.0, 3.0, 1.0], 1)?.holds()); // diag(3, 9, 1) after diag(3, 2, 1)
/// assert!(!low_rank(&array![3.0, 2.0, 1.0], &array![9.0, 9.0, 1.0], 1)?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn low_rank<R: Real>(a: &ArrayRef1<R>, sum: &ArrayRef1<R>, k: usize) -> Result<Report> {
    low_rank_of_order(a.len(), a, sum, k, 0.0)
}

/// The same for matrices whose larger side is known, and for a B that is a product of matrices with norms of the
/// product `factors`: its rank is k but for what rounding makes of the product, however small that is itself.
pub(super) fn low_rank_of_order<R: Real>(
    order: usize, a: &ArrayRef1<R>, sum: &ArrayRef1<R>, k: usize, factors: f64,
) -> Result<Report> {
    let of_sum = "singular values of A+B";
    let (mut a, mut sum) = (sorted_singular("singular values of A", a)?, sorted_singular(of_sum, sum)?);
    require_len(of_sum, &sum, a.len())?;
    let mut factors = [f64::min(factors, f64::MAX)];
    let rounding = Rounding::common::<R>(order, &mut [&mut a, &mut sum, &mut factors]);
    let norms = norm(&a) + norm(&sum) + factors[0];
    let comparison =
        |theorem, statement| Comparison { theorem, statement, symbol: 'σ', x: ("A+B", &sum), y: ("A", &a) };
    let findings = vec![
        comparison("low rank, from above", "σ_{i+k}(A+B) ≤ σᵢ(A), rank B ≤ k").bounded_above(k, &rounding, norms),
        comparison("low rank, from below", "σᵢ(A+B) ≥ σ_{i+k}(A), rank B ≤ k").bounded_below(k, &rounding, norms),
    ];
    Ok(findings.into())
}
