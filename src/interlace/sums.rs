//! Certificates: theorems on sums of values, which say that one list majorizes another.
//! On the floor above `factor`; must not enumerate choices of indices, of which sorting finds the worst.

use ndarray::ArrayRef1;

use super::report::{Finding, Relation, Report};
use super::tally::{Case, Tally, single};
use super::values::{Names, OF_ANY, OF_HERMITIAN, Rounding, descend, norm, require_len, sorted, sorted_singular};
use crate::element::Real;
use crate::error::Result;

/// Three lists of one length, in a common unit.
struct Three {
    x: Vec<f64>,
    y: Vec<f64>,
    sum: Vec<f64>,
    rounding: Rounding,
    /// What one term of a sum may be off.
    allowance: f64,
}

impl Three {
    fn new<R: Real>(order: usize, names: [&'static str; 3], lists: [Result<Vec<f64>>; 3]) -> Result<Self> {
        let [x, y, sum] = lists;
        let (mut x, mut y, mut sum) = (x?, y?, sum?);
        require_len(names[1], &y, x.len())?;
        require_len(names[2], &sum, x.len())?;
        let rounding = Rounding::common::<R>(order, &mut [&mut x, &mut y, &mut sum]);
        let allowance = rounding.allowance(norm(&x) + norm(&y) + norm(&sum));
        Ok(Three { x, y, sum, rounding, allowance })
    }

    fn of_eigenvalues<R: Real>(s: &ArrayRef1<R>, t: &ArrayRef1<R>, sum: &ArrayRef1<R>) -> Result<Self> {
        let names = ["eigenvalues of S", "eigenvalues of T", "eigenvalues of S+T"];
        Self::new::<R>(s.len(), names, [sorted(names[0], s), sorted(names[1], t), sorted(names[2], sum)])
    }

    fn of_singular_values<R: Real>(
        order: usize, a: &ArrayRef1<R>, b: &ArrayRef1<R>, sum: &ArrayRef1<R>,
    ) -> Result<Self> {
        let names = ["singular values of A", "singular values of B", "singular values of A+B"];
        let lists = [sorted_singular(names[0], a), sorted_singular(names[1], b), sorted_singular(names[2], sum)];
        Self::new::<R>(order, names, lists)
    }
}

/// Sums of the first k terms on both sides, for all k.
struct PrefixSums<'a> {
    theorem: &'static str,
    statement: String,
    relation: Relation,
    left: &'a [f64],
    right: &'a [f64],
}

impl PrefixSums<'_> {
    /// Each term may be off by `allowance`; `describe` says the inequality for k terms, and where they stand.
    fn check(self, rounding: &Rounding, allowance: f64, describe: impl Fn(usize) -> (String, Vec<usize>)) -> Finding {
        let sums = |terms: &[f64], k: usize| terms[..k].iter().sum::<f64>();
        let sign = if self.relation == Relation::AtMost { 1.0 } else { -1.0 };
        let (mut left, mut right) = (0.0, 0.0);
        let mut tally = Tally::new();
        for (k, (x, y)) in (1..).zip(self.left.iter().zip(self.right)) {
            left += x;
            right += y;
            tally.see(k, sign * (right - left), k as f64 * allowance);
        }
        tally.finish(self.theorem, self.statement, rounding, |k| {
            let (text, positions) = describe(k);
            Case { text, positions, left: sums(self.left, k), relation: self.relation, right: sums(self.right, k) }
        })
    }
}

/// The sums of the largest eigenvalues, by Ky Fan: Σ λᵢ(S+T) ≤ Σ (λᵢ(S) + λᵢ(T)) over i ≤ k, for k = 1, …, n, with
/// equality for k = n, which is the trace.
///
/// The lists are the n eigenvalues of S, T and S + T in any order. Allowance: k·c·n·ε(‖S‖₂ + ‖T‖₂ + ‖S+T‖₂).
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for lists of different lengths,
/// [`Error::NonFiniteValue`](crate::Error::NonFiniteValue).
///
/// # Source
/// K. Fan, Proc. Nat. Acad. Sci. 35 (1949); Horn & Johnson, Matrix Analysis, Theorem 4.3.47.
///
/// ```
/// use lapwing::interlace::ky_fan;
/// use ndarray::array;
///
/// assert!(ky_fan(&array![1.0, 0.0], &array![0.0, 1.0], &array![1.0, 1.0])?.holds());
/// assert!(!ky_fan(&array![1.0, 0.0], &array![0.0, 1.0], &array![1.0, 0.5])?.holds()); // the trace
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn ky_fan<R: Real>(s: &ArrayRef1<R>, t: &ArrayRef1<R>, sum: &ArrayRef1<R>) -> Result<Report> {
    let three = Three::of_eigenvalues(s, t, sum)?;
    let Three { x, y, sum, rounding, allowance } = &three;
    let total = |values: &[f64]| values.iter().sum::<f64>();
    let case = Case {
        text: "Σ λᵢ(S+T) = Σ λᵢ(S) + Σ λᵢ(T)".into(),
        positions: (0..x.len()).collect(),
        left: total(sum),
        relation: Relation::Equal,
        right: total(x) + total(y),
    };
    let trace = single(("trace", "tr(S+T) = tr S + tr T"), case, x.len() as f64 * allowance, rounding);
    Ok(vec![leading_sums("Ky Fan", ('λ', 'n'), OF_HERMITIAN, &three), trace].into())
}

/// Σ of the k largest of the sum against those of its terms.
fn leading_sums(theorem: &'static str, (symbol, most): (char, char), names: Names, three: &Three) -> Finding {
    let Names { terms: [x, y], sum } = names;
    let right: Vec<f64> = three.x.iter().zip(&three.y).map(|(x, y)| x + y).collect();
    let up_to = |k: &str| format!("Σ_{{i≤{k}}} {symbol}ᵢ({sum}) ≤ Σ_{{i≤{k}}} ({symbol}ᵢ({x}) + {symbol}ᵢ({y}))");
    let statement = format!("{} for k ≤ {most}", up_to("k"));
    let sums = PrefixSums { theorem, statement, relation: Relation::AtMost, left: &three.sum, right: &right };
    sums.check(&three.rounding, three.allowance, |k| (up_to(&k.to_string()), (0..k).collect()))
}

/// The sums of the largest singular values, by Ky Fan: Σ σᵢ(A+B) ≤ Σ (σᵢ(A) + σᵢ(B)) over i ≤ k, for k = 1, …, p: the
/// triangle inequality of the Ky Fan norms, and so of all unitarily invariant norms.
///
/// The lists are the p = min(m, n) singular values of A, B and A + B in any order. Allowance: k·c·p·ε(‖A‖₂ + ‖B‖₂ +
/// ‖A+B‖₂).
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for lists of different lengths,
/// [`Error::NonFiniteValue`](crate::Error::NonFiniteValue), [`Error::Parameter`](crate::Error::Parameter) for a
/// negative singular value.
///
/// # Source
/// K. Fan, Proc. Nat. Acad. Sci. 37 (1951); Horn & Johnson, Topics in Matrix Analysis, Corollary 3.4.3.
///
/// ```
/// use lapwing::interlace::ky_fan_singular;
/// use ndarray::array;
///
/// assert!(ky_fan_singular(&array![2.0, 1.0], &array![1.0, 1.0], &array![3.0, 2.0])?.holds());
/// assert!(!ky_fan_singular(&array![2.0, 1.0], &array![1.0, 1.0], &array![3.0, 2.5])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn ky_fan_singular<R: Real>(a: &ArrayRef1<R>, b: &ArrayRef1<R>, sum: &ArrayRef1<R>) -> Result<Report> {
    ky_fan_singular_of_order(a.len(), OF_ANY, a, b, sum)
}

/// The same for matrices whose larger side and names are known.
pub(super) fn ky_fan_singular_of_order<R: Real>(
    order: usize, names: Names, a: &ArrayRef1<R>, b: &ArrayRef1<R>, sum: &ArrayRef1<R>,
) -> Result<Report> {
    let three = Three::of_singular_values(order, a, b, sum)?;
    Ok(vec![leading_sums("Ky Fan, singular values", ('σ', 'p'), names, &three)].into())
}

/// The shifts of the eigenvalues, by Lidskii: Σ (λᵢ(S+T) − λᵢ(S)) over any k indices is at most the sum of the k
/// largest eigenvalues of T, and at least the sum of its k smallest.
///
/// The worst choice of k indices are the k largest shifts, and the k smallest, so that sorting them stands for all 2ⁿ
/// choices. The lists are the n eigenvalues of S, T and S + T in any order. Allowance: k·c·n·ε(‖S‖₂ + ‖T‖₂ + ‖S+T‖₂).
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for lists of different lengths,
/// [`Error::NonFiniteValue`](crate::Error::NonFiniteValue).
///
/// # Source
/// V. B. Lidskii 1950; Bhatia, Matrix Analysis, Theorem III.4.1; Horn & Johnson, Matrix Analysis, Theorem 4.3.47.
///
/// ```
/// use lapwing::interlace::lidskii;
/// use ndarray::array;
///
/// let (s, t) = (array![3.0, 2.0, 1.0], array![1.5, 0.0, 0.0]);
/// assert!(lidskii(&s, &t, &array![3.0, 2.5, 2.0])?.holds()); // diag(3, 2, 2.5)
/// let report = lidskii(&s, &t, &array![4.0, 2.0, 1.75])?; // shifts 1, 0, 0.75
/// assert_eq!(report.worst().map(|worst| worst.text.as_str()), Some("Σ_{i∈{1,3}} (λᵢ(S+T) − λᵢ(S)) ≤ Σ_{j≤2} λⱼ(T)"));
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn lidskii<R: Real>(s: &ArrayRef1<R>, t: &ArrayRef1<R>, sum: &ArrayRef1<R>) -> Result<Report> {
    let Three { x: s, y: t, sum, rounding, allowance } = Three::of_eigenvalues(s, t, sum)?;
    let (mut shifts, mut order) = largest_first(sum.iter().zip(&s).map(|(sum, s)| sum - s));
    let above = PrefixSums {
        theorem: "Lidskii, from above",
        statement: "Σ_{i∈I} (λᵢ(S+T) − λᵢ(S)) ≤ Σ_{j≤k} λⱼ(T) for every set I of k indices".into(),
        relation: Relation::AtMost,
        left: &shifts,
        right: &t,
    };
    let above = above.check(&rounding, allowance, |k| {
        let (set, positions) = index_set(&order[..k]);
        (format!("Σ_{{i∈{set}}} (λᵢ(S+T) − λᵢ(S)) ≤ Σ_{{j≤{k}}} λⱼ(T)"), positions)
    });
    shifts.reverse();
    order.reverse();
    let least: Vec<f64> = t.iter().rev().copied().collect();
    let below = PrefixSums {
        theorem: "Lidskii, from below",
        statement: "Σ_{i∈I} (λᵢ(S+T) − λᵢ(S)) ≥ Σ_{j>n−k} λⱼ(T) for every set I of k indices".into(),
        relation: Relation::AtLeast,
        left: &shifts,
        right: &least,
    };
    let below = below.check(&rounding, allowance, |k| {
        let (set, positions) = index_set(&order[..k]);
        (format!("Σ_{{i∈{set}}} (λᵢ(S+T) − λᵢ(S)) ≥ Σ_{{j>{}}} λⱼ(T)", t.len() - k), positions)
    });
    Ok(vec![above, below].into())
}

/// The shifts of the singular values, by Mirsky: ‖σ(A+B) − σ(A)‖ ≤ ‖B‖ in every unitarily invariant norm, which by
/// Fan's dominance is Σ |σᵢ(A+B) − σᵢ(A)| ≤ Σ σⱼ(B) over the k largest of each, for k = 1, …, p.
///
/// The lists are the p = min(m, n) singular values of A, A + B and B in any order. Allowance: k·c·p·ε(‖A‖₂ + ‖A+B‖₂ +
/// ‖B‖₂).
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for lists of different lengths,
/// [`Error::NonFiniteValue`](crate::Error::NonFiniteValue), [`Error::Parameter`](crate::Error::Parameter) for a
/// negative singular value.
///
/// # Source
/// L. Mirsky, Quart. J. Math. 11 (1960); Stewart & Sun, Matrix Perturbation Theory, Theorem IV.4.11; Bhatia, Matrix
/// Analysis, IV.2.2 and (IV.62).
///
/// ```
/// use lapwing::interlace::mirsky;
/// use ndarray::array;
///
/// let (a, b) = (array![2.0, 1.0], array![1.0, 0.0]);
/// assert!(mirsky(&a, &array![2.5, 1.5], &b)?.holds());
/// assert!(!mirsky(&a, &array![2.5, 0.25], &b)?.holds()); // 0.75 + 0.5 > 1
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn mirsky<R: Real>(a: &ArrayRef1<R>, sum: &ArrayRef1<R>, b: &ArrayRef1<R>) -> Result<Report> {
    mirsky_of_order(a.len(), OF_ANY, a, sum, b)
}

/// The same for matrices whose larger side and names are known.
pub(super) fn mirsky_of_order<R: Real>(
    order: usize, names: Names, a: &ArrayRef1<R>, sum: &ArrayRef1<R>, b: &ArrayRef1<R>,
) -> Result<Report> {
    let Three { x: a, y: b, sum, rounding, allowance } = Three::of_singular_values(order, a, b, sum)?;
    let (shifts, order) = largest_first(sum.iter().zip(&a).map(|(sum, a)| (sum - a).abs()));
    let Names { terms: [x, y], sum: both } = names;
    let inequality = |set: &str, k: &str| format!("Σ_{{i∈{set}}} |σᵢ({both}) − σᵢ({x})| ≤ Σ_{{j≤{k}}} σⱼ({y})");
    let sums = PrefixSums {
        theorem: "Mirsky",
        statement: format!("‖σ({both}) − σ({x})‖ ≤ ‖{y}‖ in every Ky Fan norm: {}", inequality("I", "k")),
        relation: Relation::AtMost,
        left: &shifts,
        right: &b,
    };
    let finding = sums.check(&rounding, allowance, |k| {
        let (set, positions) = index_set(&order[..k]);
        (inequality(&set, &k.to_string()), positions)
    });
    Ok(vec![finding].into())
}

/// Σ (λᵢ(S+T) − λᵢ(S)) = tr T, of sums of n terms each of which may be off.
pub(super) fn shifts_add_up(s: &[f64], sum: &[f64], trace: f64, rounding: &Rounding, norms: f64) -> Finding {
    let case = Case {
        text: "Σ (λᵢ(S+T) − λᵢ(S)) = ρ‖z‖²".into(),
        positions: (0..s.len()).collect(),
        left: sum.iter().zip(s).map(|(sum, s)| sum - s).sum(),
        relation: Relation::Equal,
        right: trace,
    };
    let allowance = s.len() as f64 * rounding.allowance(norms);
    single(("sum of the shifts", "Σ (λᵢ(S+T) − λᵢ(S)) = ρ‖z‖², T = ρzzᴴ"), case, allowance, rounding)
}

/// Numbers in descending order, with where each of them stood.
fn largest_first(numbers: impl Iterator<Item = f64>) -> (Vec<f64>, Vec<usize>) {
    let numbers: Vec<f64> = numbers.collect();
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&i, &j| numbers[j].total_cmp(&numbers[i]));
    let mut sorted = numbers;
    descend(&mut sorted);
    (sorted, order)
}

/// The positions in ascending order, and the set of indices as it is read; of a large set the first ones.
fn index_set(positions: &[usize]) -> (String, Vec<usize>) {
    const MOST: usize = 8;
    let mut ascending = positions.to_vec();
    ascending.sort_unstable();
    let named: Vec<String> = ascending.iter().take(MOST).map(|i| (i + 1).to_string()).collect();
    let rest = match ascending.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(",… {more} more"),
    };
    (format!("{{{}{rest}}}", named.join(",")), ascending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sets_are_cut_in_the_text_only() {
        assert_eq!(index_set(&[4, 0, 2]), ("{1,3,5}".into(), vec![0, 2, 4]));
        let all: Vec<usize> = (0..10).rev().collect();
        assert_eq!(index_set(&all), ("{1,2,3,4,5,6,7,8,… 2 more}".into(), (0..10).collect()));
    }

    #[test]
    fn the_order_goes_with_the_numbers() {
        let (numbers, order) = largest_first([1.0, 3.0, -2.0, 3.0].into_iter());
        assert_eq!((numbers, order), (vec![3.0, 3.0, 1.0, -2.0], vec![1, 3, 0, 2]));
    }
}
