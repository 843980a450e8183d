//! Derivatives: the ordered eigenvalues of a family at one place, with their one-sided slopes.
//! On the floor above `factor`; must not know branches.

use ndarray::{Array1, Array2, s};
use num_traits::{Float, Zero};

use super::Family;
use crate::deriv::operands::{check, hermitian_part};
use crate::deriv::ties::{clusters, tie_tolerance};
use crate::element::{Element, Real};
use crate::error::{Error, Result};
use crate::factor::{Eigh, EighExt, adjoint_multiply, multiply, require_square};

/// Eigenvalues, ascending, at one place.
pub(super) struct Sample<T: Element> {
    pub(super) t: T::Real,
    pub(super) values: Array1<T::Real>,
    /// Their derivatives from the right, which ascend within equal values.
    pub(super) slopes: Array1<T::Real>,
    pub(super) vectors: Array2<T>,
}

/// The decomposition at `t`, of the order that is expected if one is.
pub(super) fn sample<T: Element>(family: &impl Family<T>, t: T::Real, order: Option<usize>) -> Result<Sample<T>> {
    let (matrix, slope) = (family.matrix(t), family.slope(t));
    let n = require_square(&matrix)?;
    let expected = order.unwrap_or(n);
    check("the matrix of the family", &matrix, (expected, expected))?;
    check("the derivative of the family", &slope, (expected, expected))?;
    let Eigh { values, vectors } = hermitian_part(&matrix).eigh()?;
    let along = adjoint_multiply(&vectors, &multiply(&hermitian_part(&slope), &vectors)?)?;
    let mut slopes: Array1<T::Real> = along.diag().iter().map(|x| x.re()).collect();
    let mut sample = Sample { t, slopes: slopes.clone(), values, vectors };
    for run in clusters(&sample.values, sample.tie()).into_iter().filter(|run| run.len() > 1) {
        let within = along.slice(s![run.clone(), run.clone()]).eigvalsh()?;
        slopes.slice_mut(s![run]).assign(&within);
    }
    sample.slopes = slopes;
    if sample.slopes.iter().all(|slope| slope.as_f64().is_finite()) {
        Ok(sample)
    } else {
        Err(Error::Overflow { what: "the derivative of an eigenvalue" })
    }
}

impl<T: Element> Sample<T> {
    /// The largest modulus of a value.
    pub(super) fn size(&self) -> T::Real {
        self.values.iter().fold(T::Real::zero(), |largest, &value| Float::max(largest, Float::abs(value)))
    }

    /// The gap up to which values count as equal.
    pub(super) fn tie(&self) -> T::Real {
        tie_tolerance(self.values.len(), self.size())
    }

    pub(super) fn gap(&self, i: usize) -> T::Real {
        self.values[i + 1] - self.values[i]
    }

    /// Whether values i and i + 1 are equal.
    pub(super) fn is_tied(&self, i: usize) -> bool {
        self.gap(i) <= self.tie()
    }

    /// Whether neighbours are equal that are apart at `other`.
    pub(super) fn has_ties_beyond(&self, other: &Sample<T>) -> bool {
        (1..self.values.len()).any(|i| self.is_tied(i - 1) && !other.is_tied(i - 1))
    }

    /// Whether a gap between neighbours that changes at `other` stands still here: at its least, or before it shrinks on.
    pub(super) fn stands_still_beyond(&self, other: &Sample<T>) -> bool {
        let stands = |at: &Sample<T>, i: usize| at.slopes[i] == at.slopes[i - 1];
        (1..self.values.len()).any(|i| stands(self, i) && !stands(other, i))
    }

    /// The derivatives from the left, which descend within equal values.
    pub(super) fn left_slopes(&self) -> Array1<T::Real> {
        let mut slopes = self.slopes.clone();
        for run in clusters(&self.values, self.tie()).into_iter().filter(|run| run.len() > 1) {
            let reversed: Array1<T::Real> = self.slopes.slice(s![run.clone();-1]).to_owned();
            slopes.slice_mut(s![run]).assign(&reversed);
        }
        slopes
    }
}

/// [0 A; Aᴴ 0], whose eigenvalues are ±σ and zeros.
pub(super) struct Embedded<'a, F>(pub(super) &'a F);

impl<T: Element, F: Family<T>> Family<T> for Embedded<'_, F> {
    fn matrix(&self, t: T::Real) -> Array2<T> {
        embedded(&self.0.matrix(t))
    }

    fn slope(&self, t: T::Real) -> Array2<T> {
        embedded(&self.0.slope(t))
    }
}

fn embedded<T: Element>(a: &Array2<T>) -> Array2<T> {
    let (m, n) = a.dim();
    let mut whole = Array2::zeros((m + n, m + n));
    whole.slice_mut(s![..m, m..]).assign(a);
    whole.slice_mut(s![m.., ..m]).assign(&a.t().mapv(|x| x.conj()));
    whole
}
