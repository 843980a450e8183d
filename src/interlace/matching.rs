//! Certificates: eigenvalues of two normal matrices matched one to one, by Hoffman and Wielandt.
//! On the floor above `factor`; must not enumerate permutations.

use ndarray::ArrayRef1;

use super::report::{Relation, Report};
use super::shifted::single;
use super::tally::Case;
use super::values::{Rounding, finite, values_of};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::workspace::filled;

/// Real and imaginary part.
type Point = (f64, f64);

/// Eigenvalues of two normal matrices, by Hoffman and Wielandt: min √(Σ |λᵢ − μ_π(i)|²) ≤ ‖A − B‖_F over all one-to-one matchings π.
///
/// `values` and `other` are the n eigenvalues of A and B in any order, `distance` is ‖A − B‖_F. Real values, of Hermitian matrices, are matched in
/// descending order, which is best; complex ones by an optimal assignment, about n³ operations at worst (Kuhn's Hungarian method with shortest augmenting
/// paths). The positions in the [`Report`] tell π: for each of `values`, as given, the position in `other` of its partner. Allowance: c·n·ε·√n(‖A‖₂ +
/// ‖B‖₂) and c·n·ε times the distance; for complex values with ‖·‖_F for ‖·‖₂, since what rounding leaves of a normal matrix is not normal, and
/// by Sun (1996) the bound is then √n times as large.
///
/// # Errors
/// [`Error::Shape`] for lists of different lengths, [`Error::NonFiniteValue`], [`Error::Parameter`] for a distance that is negative or not finite.
///
/// # Source
/// A. J. Hoffman and H. W. Wielandt, Duke Math. J. 20 (1953); Horn & Johnson, Matrix Analysis, Theorem 6.3.5; J.-G. Sun, Linear Algebra Appl. 246 (1996).
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
    if T::IS_COMPLEX { of_normal(values, other, distance) } else { matched(values, other, distance) }
}

/// The same for eigenvalues of Hermitian matrices.
pub(super) fn matched<C: Scalar<Real: Real>>(
    values: &ArrayRef1<C>, other: &ArrayRef1<C>, distance: C::Real,
) -> Result<Report> {
    let lists = Lists::new(values, other, distance)?;
    let norms = largest(&lists.a) + largest(&lists.b);
    let partners = in_order(&lists.a, &lists.b);
    Ok(lists.report(partners, norms))
}

/// The same for eigenvalues of normal matrices.
fn of_normal<C: Scalar<Real: Real>>(values: &ArrayRef1<C>, other: &ArrayRef1<C>, distance: C::Real) -> Result<Report> {
    let lists = Lists::new(values, other, distance)?;
    let norms = length(&lists.a) + length(&lists.b);
    let partners = assignment(&lists.a, &lists.b)?;
    Ok(lists.report(partners, norms))
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

    fn report(self, partners: Vec<usize>, norms: f64) -> Report {
        let Lists { a, b, distance, rounding } = self;
        let allowance = rounding.allowance((a.len() as f64).sqrt() * norms + distance);
        let case = Case {
            text: "min √(Σ |λᵢ(A) − λ_π(i)(B)|²) ≤ ‖A − B‖_F".into(),
            left: a.iter().zip(&partners).map(|(&x, &j)| squared(x, b[j])).sum::<f64>().sqrt(),
            positions: partners,
            relation: Relation::AtMost,
            right: distance,
        };
        let statement = "min over matchings π of √(Σ |λᵢ(A) − λ_π(i)(B)|²) ≤ ‖A − B‖_F, A and B normal";
        vec![single(("Hoffman–Wielandt", statement), case, allowance, &rounding)].into()
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

fn squared(x: Point, y: Point) -> f64 {
    (x.0 - y.0) * (x.0 - y.0) + (x.1 - y.1) * (x.1 - y.1)
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

/// For each of the values of A its partner in a matching with the least sum of squared distances: rows that are not nearest to a column of their own are matched one after the other along a shortest
/// augmenting path, with potentials that keep all reduced costs at least zero (Burkard, Dell'Amico and Martello, Assignment Problems, §4.4). All paths and potentials
/// are no longer than the least sum, so that rounding is relative to that, and near values are not mixed up.
fn assignment(a: &[Point], b: &[Point]) -> Result<Vec<usize>> {
    let n = a.len();
    let mut matching = Matching {
        row_of: filled(n, None)?,
        of_rows: filled(n, 0.0)?,
        of_columns: filled(n, 0.0)?,
        distance: filled(n, 0.0)?,
        before: filled(n, None)?,
        done: filled(n, false)?,
    };
    let cost = |i: usize, j: usize| squared(a[i], b[j]);
    let crossing: Vec<usize> = (0..n).filter(|&row| !matching.take_nearest(row, cost)).collect();
    crossing.into_iter().for_each(|row| matching.add(row, cost));
    let mut partners = filled(n, 0)?;
    for (column, row) in matching.row_of.iter().enumerate() {
        row.iter().for_each(|&row: &usize| partners[row] = column);
    }
    Ok(partners)
}

struct Matching {
    /// The row that a column is matched with.
    row_of: Vec<Option<usize>>,
    /// The potentials.
    of_rows: Vec<f64>,
    of_columns: Vec<f64>,
    /// Of the search from one row: the length of the shortest path to a column, the column before it there, and whether it is final.
    distance: Vec<f64>,
    before: Vec<Option<usize>>,
    done: Vec<bool>,
}

impl Matching {
    /// Matches a row with its nearest column, if that is free: without potentials of columns nothing can be better.
    fn take_nearest(&mut self, row: usize, cost: impl Fn(usize, usize) -> f64) -> bool {
        let columns = (0..self.row_of.len()).map(|column| (column, cost(row, column)));
        let Some((nearest, least)) = columns.min_by(|x, y| x.1.total_cmp(&y.1)) else { return false };
        self.of_rows[row] = least;
        let free = self.row_of[nearest].is_none();
        if free {
            self.row_of[nearest] = Some(row);
        }
        free
    }

    /// Matches one row more.
    fn add(&mut self, row: usize, cost: impl Fn(usize, usize) -> f64) {
        self.distance.fill(f64::INFINITY);
        self.before.fill(None);
        self.done.fill(false);
        let (mut at_row, mut at_column, mut reached) = (row, None, 0.0);
        let end = loop {
            let mut nearest = None;
            for column in 0..self.row_of.len() {
                if self.done[column] {
                    continue;
                }
                let through = reached + cost(at_row, column) - self.of_rows[at_row] - self.of_columns[column];
                if through < self.distance[column] {
                    (self.distance[column], self.before[column]) = (through, at_column);
                }
                if nearest.is_none_or(|nearest: usize| self.distance[column] < self.distance[nearest]) {
                    nearest = Some(column);
                }
            }
            // There is a free column for each row that has none.
            let Some(column) = nearest else { return };
            (self.done[column], reached) = (true, self.distance[column]);
            match self.row_of[column] {
                Some(matched) => (at_row, at_column) = (matched, Some(column)),
                None => break column,
            }
        };
        self.keep_costs_positive(row, reached);
        self.flip(row, end);
    }

    /// New potentials, with which the columns that were reached lie on paths of length zero.
    fn keep_costs_positive(&mut self, row: usize, reached: f64) {
        self.of_rows[row] += reached;
        for column in 0..self.row_of.len() {
            let shorter = reached - self.distance[column];
            if self.done[column] && shorter > 0.0 {
                self.of_columns[column] -= shorter;
                self.row_of[column].iter().for_each(|&matched| self.of_rows[matched] += shorter);
            }
        }
    }

    /// Exchanges the matched and the free edges along the path from `row` to `end`.
    fn flip(&mut self, row: usize, end: usize) {
        let mut column = end;
        while let Some(before) = self.before[column] {
            self.row_of[column] = self.row_of[before];
            column = before;
        }
        self.row_of[column] = Some(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(a: &[Point], b: &[Point], partners: &[usize]) -> f64 {
        a.iter().zip(partners).map(|(&x, &j)| squared(x, b[j])).sum()
    }

    /// The least total over all permutations.
    fn least(a: &[Point], b: &[Point], taken: &mut Vec<usize>) -> f64 {
        if taken.len() == a.len() {
            return total(a, b, taken);
        }
        let mut least_total = f64::INFINITY;
        for j in 0..b.len() {
            if !taken.contains(&j) {
                taken.push(j);
                least_total = least_total.min(least(a, b, taken));
                taken.pop();
            }
        }
        least_total
    }

    #[test]
    fn the_assignment_is_as_good_as_the_best_permutation() {
        let mut state = 7_u64;
        let mut integer = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % 11) as f64 - 5.0
        };
        for n in (0..7).cycle().take(210) {
            let mut list = || (0..n).map(|_| (integer(), integer())).collect::<Vec<Point>>();
            let (a, b) = (list(), list());
            let partners = assignment(&a, &b).expect("there is memory");
            let mut all = partners.clone();
            all.sort_unstable();
            assert_eq!(all, (0..n).collect::<Vec<usize>>());
            assert_eq!(total(&a, &b, &partners), least(&a, &b, &mut Vec::new()), "{a:?} {b:?}");
            // On a line the best matching is that in order.
            let line = |points: &[Point]| points.iter().map(|&(re, _)| (re, 0.0)).collect::<Vec<Point>>();
            let (a, b) = (line(&a), line(&b));
            assert_eq!(total(&a, &b, &in_order(&a, &b)), least(&a, &b, &mut Vec::new()), "{a:?} {b:?}");
        }
    }
}
