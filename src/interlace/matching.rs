//! Certificates: eigenvalues of two normal matrices matched one to one, by Hoffman and Wielandt.
//! On the floor above `factor`; must not enumerate permutations.

use ndarray::ArrayRef1;

use super::assignment::{Point, assignment, squared};
use super::report::{Relation, Report};
use super::tally::{Case, single};
use super::values::{Rounding, finite, values_of};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::workspace::filled;

/// Eigenvalues of two normal matrices, by Hoffman and Wielandt: min √(Σ |λᵢ − μ_π(i)|²) ≤ ‖A − B‖_F over all one-to-one
/// matchings π.
///
/// `values` and `other` are the n eigenvalues of A and B in any order, `distance` is ‖A − B‖_F. Real values, of
/// Hermitian matrices, are matched in descending order, which is best; complex ones by an optimal assignment, about n³
/// operations at worst (Kuhn's Hungarian method with shortest augmenting paths, of which an auction with falling ε
/// leaves few). The positions in the [`Report`] tell π: for each of `values`, as given, the position in `other` of its
/// partner. Allowance: c·n·ε·√n(‖A‖₂ + ‖B‖₂) and c·n·ε times the distance; for complex values with ‖·‖_F for ‖·‖₂,
/// since what rounding leaves of a normal matrix is not normal, and by Sun (1996) the bound is then √n times as large.
///
/// # Errors
/// [`Error::Shape`] for lists of different lengths, [`Error::NonFiniteValue`], [`Error::Parameter`] for a distance that
/// is negative or not finite.
///
/// # Source
/// A. J. Hoffman and H. W. Wielandt, Duke Math. J. 20 (1953); Horn & Johnson, Matrix Analysis, Theorem 6.3.5; J.-G.
/// Sun, Linear Algebra Appl. 246 (1996).
///
/// ```
/// use lapwing::interlace::hoffman_wielandt;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // diag(1, 2) and diag(4, 1): the matching 1–1, 2–4 is best.
/// assert!(hoffman_wielandt(&array![1.0, 2.0], &array![4.0, 1.0], 10f64.sqrt())?.holds());
/// assert!(!hoffman_wielandt(&array![1.0, 2.0], &array![4.0, 1.0], 1.9)?.holds());
/// let (i, one) = (c64::new(0.0, 1.0), c64::new(1.0, 0.0));
/// assert!(hoffman_wielandt(&array![i, one], &array![one, i], 0.0)?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn hoffman_wielandt<T: Element>(values: &ArrayRef1<T>, other: &ArrayRef1<T>, distance: T::Real) -> Result<Report> {
    if T::IS_COMPLEX { of_normal(values, other, distance) } else { matched(OF_NORMAL, values, other, distance) }
}

/// What two matrices and their difference are called.
type Names = [&'static str; 3];
const OF_NORMAL: Names = ["A", "B", "A − B"];
pub(super) const OF_SUM_AND_TERM: Names = ["S+T", "S", "T"];

/// The same for eigenvalues of Hermitian matrices of these names.
pub(super) fn matched<C: Scalar<Real: Real>>(
    names: Names, values: &ArrayRef1<C>, other: &ArrayRef1<C>, distance: C::Real,
) -> Result<Report> {
    let lists = Lists::new(values, other, distance)?;
    let norms = largest(&lists.a) + largest(&lists.b);
    let partners = in_order(&lists.a, &lists.b);
    Ok(lists.report(names, partners, norms))
}

/// The same for eigenvalues of normal matrices.
fn of_normal<C: Scalar<Real: Real>>(values: &ArrayRef1<C>, other: &ArrayRef1<C>, distance: C::Real) -> Result<Report> {
    let lists = Lists::new(values, other, distance)?;
    let norms = length(&lists.a) + length(&lists.b);
    let partners = assignment(&lists.a, &lists.b)?;
    Ok(lists.report(OF_NORMAL, partners, norms))
}

/// What is compared, in a common unit.
struct Lists {
    a: Vec<Point>,
    b: Vec<Point>,
    distance: f64,
    rounding: Rounding,
}

impl Lists {
    fn new<C: Scalar<Real: Real>>(values: &ArrayRef1<C>, other: &ArrayRef1<C>, distance: C::Real) -> Result<Self> {
        let (of_b, of_distance) = ("eigenvalues of B", "the distance ‖A − B‖_F");
        let (mut a, mut b) = (points("eigenvalues of A", values)?, points(of_b, other)?);
        if b.len() != a.len() {
            return Err(Error::Shape { what: of_b, expected: values_of(a.len()), found: values_of(b.len()) });
        }
        let distance = finite(of_distance, distance)?;
        if distance < 0.0 {
            return Err(Error::Parameter { what: of_distance, expected: "at least 0", found: format!("{distance:e}") });
        }
        let mut size = [largest(&a).max(largest(&b)).max(distance)];
        let rounding = Rounding::common::<C::Real>(a.len(), &mut [&mut size]);
        for (re, im) in a.iter_mut().chain(&mut b) {
            (*re, *im) = (rounding.shared(*re), rounding.shared(*im));
        }
        Ok(Lists { a, b, distance: rounding.shared(distance), rounding })
    }

    fn report(self, [x, y, difference]: Names, partners: Vec<usize>, norms: f64) -> Report {
        let Lists { a, b, distance, rounding } = self;
        let allowance = rounding.allowance((a.len() as f64).sqrt() * norms + distance);
        let sides = format!("√(Σ |λᵢ({x}) − λ_π(i)({y})|²) ≤ ‖{difference}‖_F");
        let case = Case {
            text: format!("min {sides}"),
            left: a.iter().zip(&partners).map(|(&x, &j)| squared(x, b[j])).sum::<f64>().sqrt(),
            positions: partners,
            relation: Relation::AtMost,
            right: distance,
        };
        let statement = format!("min over matchings π of {sides}, {x} and {y} normal");
        vec![single(("Hoffman–Wielandt", &statement), case, allowance, &rounding)].into()
    }
}

fn points<C: Scalar<Real: Real>>(what: &'static str, values: &ArrayRef1<C>) -> Result<Vec<Point>> {
    let mut points = filled(values.len(), (0.0, 0.0))?;
    for (index, (to, x)) in points.iter_mut().zip(values).enumerate() {
        *to = (x.re().as_f64(), x.im().as_f64());
        if !(to.0.is_finite() && to.1.is_finite()) {
            return Err(Error::NonFiniteValue { what, index });
        }
    }
    Ok(points)
}

/// The largest part, which is the largest modulus of real values, and within a factor √2 of it of complex ones.
fn largest(points: &[Point]) -> f64 {
    points.iter().fold(0.0, |largest, (re, im)| f64::max(largest, re.abs().max(im.abs())))
}

/// ‖A‖_F of a normal matrix.
fn length(points: &[Point]) -> f64 {
    points.iter().map(|(re, im)| re * re + im * im).sum::<f64>().sqrt()
}

/// For each of the values of A the position of that of B that has the same rank.
fn in_order(a: &[Point], b: &[Point]) -> Vec<usize> {
    let ranked = |points: &[Point]| {
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|&i, &j| points[j].0.total_cmp(&points[i].0));
        order
    };
    let mut partners = vec![0; a.len()];
    ranked(a).into_iter().zip(ranked(b)).for_each(|(i, j)| partners[i] = j);
    partners
}

#[cfg(test)]
mod tests {
    use super::super::assignment::tests::{Integers, least, total};
    use super::*;

    #[test]
    fn on_a_line_the_matching_in_order_is_best() {
        let mut integers = Integers::new();
        for n in (0..7).cycle().take(210) {
            let mut list = || (0..n).map(|_| (integers.next(), 0.0)).collect::<Vec<Point>>();
            let (a, b) = (list(), list());
            assert_eq!(total(&a, &b, &in_order(&a, &b)), least(&a, &b, &mut Vec::new()), "{a:?} {b:?}");
        }
    }
}
