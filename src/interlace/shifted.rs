//! Certificates: theorems that compare each value with one of another list, some places on. Interlacing of all kinds.
//! On the floor above `factor`; must not look at a matrix.

use ndarray::ArrayRef1;

use super::report::{Finding, Relation, Report};
use super::sums::shifts_add_up;
use super::tally::{Case, Tally, value};
use super::values::{Rounding, finite, norm, require_len, sorted, sorted_singular, values_of};
use crate::element::Real;
use crate::error::{Error, Result, dims};

/// A theorem that compares values of `x` with those of `y`.
#[derive(Clone, Copy)]
pub(super) struct Comparison<'a> {
    pub(super) theorem: &'static str,
    pub(super) statement: &'a str,
    /// λ or σ.
    pub(super) symbol: char,
    pub(super) x: (&'a str, &'a [f64]),
    pub(super) y: (&'a str, &'a [f64]),
}

impl Comparison<'_> {
    /// xᵢ₊ₛ ≤ yᵢ wherever there are both.
    pub(super) fn bounded_above(&self, shift: usize, rounding: &Rounding, norms: f64) -> Finding {
        self.compare(Relation::AtMost, (shift, 0), rounding, norms)
    }

    /// xᵢ ≥ yᵢ₊ₛ wherever there are both.
    pub(super) fn bounded_below(&self, shift: usize, rounding: &Rounding, norms: f64) -> Finding {
        self.compare(Relation::AtLeast, (0, shift), rounding, norms)
    }

    fn compare(&self, relation: Relation, shifts: (usize, usize), rounding: &Rounding, norms: f64) -> Finding {
        let ((of_x, x), (of_y, y)) = (self.x, self.y);
        let allowance = rounding.allowance(norms);
        let sign = if relation == Relation::AtMost { 1.0 } else { -1.0 };
        let (shifted_x, shifted_y) = (x.get(shifts.0..).unwrap_or_default(), y.get(shifts.1..).unwrap_or_default());
        let mut tally = Tally::new();
        for (i, (x, y)) in shifted_x.iter().zip(shifted_y).enumerate() {
            tally.see(i, sign * (y - x), allowance);
        }
        let sign = if relation == Relation::AtMost { '≤' } else { '≥' };
        tally.finish(self.theorem, self.statement, rounding, |i| {
            let (i, j) = (i + shifts.0, i + shifts.1);
            let text = format!("{} {sign} {}", value(self.symbol, i, of_x), value(self.symbol, j, of_y));
            Case { text, positions: vec![i, j], left: x[i], relation, right: y[j] }
        })
    }
}

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

const AFTER: &str = "eigenvalues after the update";

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

const INNER: &str = "eigenvalues of the inner matrix";

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

/// A theorem that is one inequality, or one equality.
pub(super) fn single(
    (theorem, statement): (&'static str, &str), case: Case, allowance: f64, rounding: &Rounding,
) -> Finding {
    let slack = match case.relation {
        Relation::AtMost => case.right - case.left,
        Relation::AtLeast => case.left - case.right,
        Relation::Equal => -(case.left - case.right).abs(),
    };
    let mut tally = Tally::new();
    tally.see((), slack, allowance);
    let (text, positions) = (case.text, case.positions);
    let instance = |()| Case { text: text.clone(), positions: positions.clone(), ..case };
    tally.finish(theorem, statement, rounding, instance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_compared_where_a_list_ends() {
        let rounding = Rounding::of_order::<f64>(3);
        let lists =
            Comparison { theorem: "", statement: "", symbol: 'λ', x: ("X", &[3.0, 1.0]), y: ("Y", &[2.0, 0.0]) };
        let counts = |shift| {
            (lists.bounded_above(shift, &rounding, 0.0).checked, lists.bounded_below(shift, &rounding, 0.0).checked)
        };
        assert_eq!([0, 1, 2, 3, usize::MAX].map(counts), [(2, 2), (1, 1), (0, 0), (0, 0), (0, 0)]);
        let instance = lists.bounded_above(1, &rounding, 0.0).worst.expect("there is one");
        assert_eq!(
            (instance.text.as_str(), instance.positions.as_slice(), instance.slack),
            ("λ₂(X) ≤ λ₁(Y)", [1, 0].as_slice(), 1.0)
        );
    }
}
