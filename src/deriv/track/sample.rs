//! Derivatives: the eigenvalues of a family at one place, with their slopes and vectors, and which of them can be told apart there.
//! On the floor above `factor`; must not know branches.

use std::ops::Range;

use ndarray::{Array1, Array2, s};
use num_traits::{Float, Zero};

use super::Family;
use crate::deriv::operands::{check, hermitian_part};
use crate::deriv::ties::{clusters, tie_tolerance};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{Eigh, EighExt, adjoint_multiply, multiply, require_square};

/// Hermitian matrices of one order with their derivatives.
pub(super) trait Path<T: Element> {
    /// A(t) and A′(t), finite and of the order that is expected.
    fn at(&self, t: T::Real) -> Result<(Array2<T>, Array2<T>)>;
}

/// How near slopes of equal values count as equal, beside the steepest: a value that is only just apart may turn into the space of equal
/// ones by a tenth, and so change their slopes by a hundredth of what its own differs.
const ALIKE: f64 = 1.0 / 16.0;

/// Eigenvalues at one place: those that are apart ascend, those that are equal but for rounding stand in the order of their slopes, which is
/// that of the values just after.
pub(super) struct Sample<T: Element> {
    pub(super) t: T::Real,
    pub(super) values: Array1<T::Real>,
    /// The derivatives of the analytic branches.
    pub(super) slopes: Array1<T::Real>,
    /// The largest entry of the derivative between vectors.
    pub(super) steepest: T::Real,
    /// Of equal values those that diagonalize the derivative on their space: the limits of the branches' vectors.
    pub(super) vectors: Array2<T>,
    /// The gap up to which values count as equal.
    pub(super) tie: T::Real,
    /// The runs of equal values, single ones included.
    pub(super) ties: Vec<Range<usize>>,
    /// The runs of equal values with equal slopes, whose vectors are arbitrary.
    pub(super) groups: Vec<Range<usize>>,
}

/// The decomposition at `t`. Slopes count as equal that part values over the length `longest` by no more than a tie.
pub(super) fn sample<T: Element>(path: &impl Path<T>, t: T::Real, longest: T::Real) -> Result<Sample<T>> {
    let (matrix, slope) = path.at(t)?;
    let Eigh { mut values, mut vectors } = matrix.eigh()?;
    let along = adjoint_multiply(&vectors, &multiply(&slope, &vectors)?)?;
    let mut slopes: Array1<T::Real> = along.diag().iter().map(|x| x.re()).collect();
    let steepest = largest(along.iter().map(|x| x.abs()));
    if !steepest.as_f64().is_finite() {
        return Err(Error::Overflow { what: "the derivative of an eigenvalue" });
    }
    // t is a rounded number too, and the values cannot be better than what that leaves of them.
    let size = Float::max(largest(values.iter().copied()), Float::abs(t) * steepest);
    let tie = tie_tolerance(values.len(), size);
    let ties = clusters(&values, tie);
    let alike = Float::max(T::Real::real(ALIKE) * steepest, tie / longest);
    let mut groups = Vec::new();
    for run in &ties {
        if run.len() > 1 {
            let within = hermitian_part(&along.slice(s![run.clone(), run.clone()])).eigh()?;
            let turned = multiply(&vectors.slice(s![.., run.clone()]), &within.vectors)?;
            vectors.slice_mut(s![.., run.clone()]).assign(&turned);
            slopes.slice_mut(s![run.clone()]).assign(&within.values);
            let weighed = within.vectors.mapv(|y| y.abs() * y.abs()).t().dot(&values.slice(s![run.clone()]));
            values.slice_mut(s![run.clone()]).assign(&weighed);
        }
        let parts = clusters(&slopes.slice(s![run.clone()]), alike);
        groups.extend(parts.into_iter().map(|part| part.start + run.start..part.end + run.start));
    }
    Ok(Sample { t, values, slopes, steepest, vectors, tie, ties, groups })
}

impl<T: Element> Sample<T> {
    /// The largest modulus of a value.
    pub(super) fn size(&self) -> T::Real {
        largest(self.values.iter().copied())
    }

    /// How far from here the values may change by no more than what counts as equal.
    pub(super) fn blur(&self) -> T::Real {
        let of_values = if self.steepest > T::Real::zero() { self.tie / self.steepest } else { T::Real::zero() };
        of_values + T::Real::real(64.0) * T::Real::EPS * Float::abs(self.t)
    }

    pub(super) fn gap(&self, i: usize) -> T::Real {
        Float::abs(self.values[i + 1] - self.values[i])
    }

    /// Whether two values are equal.
    pub(super) fn are_tied(&self, i: usize, j: usize) -> bool {
        self.ties.iter().any(|run| run.contains(&i) && run.contains(&j))
    }

    /// Where each value stands in the order just before this place, in which the slopes of equal values descend.
    pub(super) fn order_before(&self) -> Vec<usize> {
        let mut order = vec![0; self.values.len()];
        for run in &self.ties {
            let groups = self.groups.iter().filter(|group| run.contains(&group.start));
            for group in groups {
                for i in group.clone() {
                    order[i] = run.start + (run.end - group.end) + (i - group.start);
                }
            }
        }
        order
    }
}

/// What belongs to each branch.
pub(super) fn permuted<R: Real>(ordered: &Array1<R>, branch_of: &[usize]) -> Vec<R> {
    let mut permuted = vec![R::zero(); branch_of.len()];
    branch_of.iter().zip(ordered).for_each(|(&branch, &x)| permuted[branch] = x);
    permuted
}

/// The largest modulus; a NaN if there is one, which the maximum of numbers would pass over.
fn largest<R: Real>(numbers: impl Iterator<Item = R>) -> R {
    numbers.map(Float::abs).fold(R::zero(), |most, x| if x <= most { most } else { x })
}

/// The Hermitian parts of a family of square matrices.
pub(super) struct Square<'a, F> {
    family: &'a F,
    order: usize,
}

impl<'a, F> Square<'a, F> {
    /// The family, of the order that it has at `start`.
    pub(super) fn new<T: Element>(family: &'a F, start: T::Real) -> Result<Self>
    where
        F: Family<T>,
    {
        Ok(Square { family, order: require_square(&family.matrix(start))? })
    }
}

impl<T: Element, F: Family<T>> Path<T> for Square<'_, F> {
    fn at(&self, t: T::Real) -> Result<(Array2<T>, Array2<T>)> {
        let (matrix, slope) = checked(self.family, t, (self.order, self.order))?;
        Ok((hermitian_part(&matrix), hermitian_part(&slope)))
    }
}

/// [0 A; Aᴴ 0], whose eigenvalues are ±σ and zeros.
pub(super) struct Embedded<'a, F> {
    pub(super) family: &'a F,
    pub(super) shape: (usize, usize),
}

impl<T: Element, F: Family<T>> Path<T> for Embedded<'_, F> {
    fn at(&self, t: T::Real) -> Result<(Array2<T>, Array2<T>)> {
        let (matrix, slope) = checked(self.family, t, self.shape)?;
        Ok((embedded(&matrix), embedded(&slope)))
    }
}

fn checked<T: Element>(family: &impl Family<T>, t: T::Real, shape: (usize, usize)) -> Result<(Array2<T>, Array2<T>)> {
    let (matrix, slope) = (family.matrix(t), family.slope(t));
    check("the matrix of the family", &matrix, shape)?;
    check("the derivative of the family", &slope, shape)?;
    Ok((matrix, slope))
}

fn embedded<T: Element>(a: &Array2<T>) -> Array2<T> {
    let (m, n) = a.dim();
    let mut whole = Array2::zeros((m + n, m + n));
    whole.slice_mut(s![..m, m..]).assign(a);
    whole.slice_mut(s![m.., ..m]).assign(&a.t().mapv(|x| x.conj()));
    whole
}
