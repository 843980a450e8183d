//! Certificates: Weyl's inequalities, which hold for all pairs of indices.
//! On the floor above `factor`; must not allocate for a pair.

use ndarray::ArrayRef1;

use super::report::{Finding, Relation, Report};
use super::tally::{Case, Tally, value};
use super::values::{Names, OF_ANY, Rounding, norm, require_len, sorted, sorted_singular};
use crate::element::Real;
use crate::error::Result;

/// The eigenvalues of a sum of Hermitian matrices, by Weyl: λ_{i+j−1}(S+T) ≤ λᵢ(S) + λⱼ(T) for i + j ≤ n + 1, and
/// λ_{i+j−n}(S+T) ≥ λᵢ(S) + λⱼ(T) for i + j ≥ n + 1.
///
/// The lists are the n eigenvalues of S, T and S + T in any order. All n(n + 1) pairs are checked; that many additions.
/// Allowance: c·n·ε(‖S‖₂ + ‖T‖₂ + ‖S+T‖₂).
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for lists of different lengths,
/// [`Error::NonFiniteValue`](crate::Error::NonFiniteValue).
///
/// # Source
/// Horn & Johnson, Matrix Analysis, Theorem 4.3.1; H. Weyl, Math. Ann. 71 (1912).
///
/// ```
/// use lapwing::interlace::weyl;
/// use ndarray::array;
///
/// // diag(1, 0) + diag(0, 1) = I
/// let report = weyl(&array![1.0, 0.0], &array![0.0, 1.0], &array![1.0, 1.0])?;
/// assert!(report.holds() && report.checked() == 6);
/// let report = weyl(&array![1.0, 0.0], &array![0.0, 1.0], &array![1.5, 1.25])?;
/// assert_eq!(report.worst().map(|worst| worst.text.as_str()), Some("λ₂(S+T) ≤ λ₁(S) + λ₂(T)"));
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn weyl<R: Real>(s: &ArrayRef1<R>, t: &ArrayRef1<R>, sum: &ArrayRef1<R>) -> Result<Report> {
    let of_sum = "eigenvalues of S+T";
    let (mut s, mut t) = (sorted("eigenvalues of S", s)?, sorted("eigenvalues of T", t)?);
    let mut sum = sorted(of_sum, sum)?;
    require_len("eigenvalues of T", &t, s.len())?;
    require_len(of_sum, &sum, s.len())?;
    let rounding = Rounding::common::<R>(s.len(), &mut [&mut s, &mut t, &mut sum]);
    let allowance = rounding.allowance(norm(&s) + norm(&t) + norm(&sum));
    Ok(vec![from_above(&s, &t, &sum, &rounding, allowance), from_below(&s, &t, &sum, &rounding, allowance)].into())
}

fn from_above(s: &[f64], t: &[f64], sum: &[f64], rounding: &Rounding, allowance: f64) -> Finding {
    let statement = "λ_{i+j−1}(S+T) ≤ λᵢ(S) + λⱼ(T) for i+j ≤ n+1";
    beneath("Weyl, from above", statement, 'λ', ["S+T", "S", "T"], [sum, s, t], rounding, allowance)
}

/// xᵢ₊ⱼ₋₁ ≤ yᵢ + zⱼ wherever there are all three.
fn beneath(
    theorem: &'static str, statement: &str, symbol: char, names: [&str; 3], [x, y, z]: [&[f64]; 3],
    rounding: &Rounding, allowance: f64,
) -> Finding {
    let mut tally = Tally::new();
    for (i, y) in y.iter().enumerate().take(x.len()) {
        for (j, (x, z)) in x[i..].iter().zip(z).enumerate() {
            tally.see((i, j), y + z - x, allowance);
        }
    }
    let [of_x, of_y, of_z] = names;
    tally.finish(theorem, statement, rounding, |(i, j)| {
        let [x_name, y_name, z_name] = [(i + j, of_x), (i, of_y), (j, of_z)].map(|(k, of)| value(symbol, k, of));
        let text = format!("{x_name} ≤ {y_name} + {z_name}");
        Case { text, positions: vec![i + j, i, j], left: x[i + j], relation: Relation::AtMost, right: y[i] + z[j] }
    })
}

fn from_below(s: &[f64], t: &[f64], sum: &[f64], rounding: &Rounding, allowance: f64) -> Finding {
    let n = s.len();
    let mut tally = Tally::new();
    for (i, s) in s.iter().enumerate() {
        // From i + j = n + 1 on, counted from 1.
        for (k, (t, sum)) in t[n - 1 - i..].iter().zip(sum).enumerate() {
            tally.see((i, k), sum - (s + t), allowance);
        }
    }
    let statement = "λ_{i+j−n}(S+T) ≥ λᵢ(S) + λⱼ(T) for i+j ≥ n+1";
    tally.finish("Weyl, from below", statement, rounding, |(i, k)| {
        let j = n - 1 - i + k;
        let text = format!("{} ≥ {} + {}", value('λ', k, "S+T"), value('λ', i, "S"), value('λ', j, "T"));
        Case { text, positions: vec![k, i, j], left: sum[k], relation: Relation::AtLeast, right: s[i] + t[j] }
    })
}

/// The singular values of a sum: σ_{i+j−1}(A+B) ≤ σᵢ(A) + σⱼ(B), and the same for A = (A+B) − B and B = (A+B) − A,
/// which bound σ(A+B) from below.
///
/// The lists are the p = min(m, n) singular values of A, B and A + B in any order. All 3p(p + 1)/2 pairs with i + j ≤ p
/// + 1 are checked. Allowance: c·p·ε(‖A‖₂ + ‖B‖₂ + ‖A+B‖₂).
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for lists of different lengths,
/// [`Error::NonFiniteValue`](crate::Error::NonFiniteValue), [`Error::Parameter`](crate::Error::Parameter) for a
/// negative singular value.
///
/// # Source
/// Horn & Johnson, Topics in Matrix Analysis, Theorem 3.3.16; K. Fan, Proc. Nat. Acad. Sci. 37 (1951).
///
/// ```
/// use lapwing::interlace::singular_sum;
/// use ndarray::array;
///
/// assert!(singular_sum(&array![1.0, 0.0], &array![1.0, 0.0], &array![1.0, 1.0])?.holds());
/// assert!(!singular_sum(&array![1.0, 0.0], &array![1.0, 0.0], &array![2.0, 1.5])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_sum<R: Real>(a: &ArrayRef1<R>, b: &ArrayRef1<R>, sum: &ArrayRef1<R>) -> Result<Report> {
    singular_sum_of_order(a.len(), OF_ANY, a, b, sum)
}

/// The same for matrices whose larger side and names are known.
pub(super) fn singular_sum_of_order<R: Real>(
    order: usize, names: Names, a: &ArrayRef1<R>, b: &ArrayRef1<R>, sum: &ArrayRef1<R>,
) -> Result<Report> {
    let of_sum = "singular values of A+B";
    let (mut a, mut b) = (sorted_singular("singular values of A", a)?, sorted_singular("singular values of B", b)?);
    let mut sum = sorted_singular(of_sum, sum)?;
    require_len("singular values of B", &b, a.len())?;
    require_len(of_sum, &sum, a.len())?;
    let rounding = Rounding::common::<R>(order, &mut [&mut a, &mut b, &mut sum]);
    let allowance = rounding.allowance(norm(&a) + norm(&b) + norm(&sum));
    let Names { terms: [of_a, of_b], sum: of_sum } = names;
    let (a, b, sum) = ((of_a, a.as_slice()), (of_b, b.as_slice()), (of_sum, sum.as_slice()));
    let check = |theorem, [x, y, z]: [(&str, &[f64]); 3]| {
        let names = [x.0, y.0, z.0];
        let statement = format!("σ_{{i+j−1}}({}) ≤ σᵢ({}) + σⱼ({}) for i+j ≤ p+1", x.0, y.0, z.0);
        beneath(theorem, &statement, 'σ', names, [x.1, y.1, z.1], &rounding, allowance)
    };
    let findings = vec![
        check("σ of a sum, from above", [sum, a, b]),
        check("σ of a sum, first term", [a, sum, b]),
        check("σ of a sum, second term", [b, sum, a]),
    ];
    Ok(findings.into())
}
