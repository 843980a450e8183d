//! Derivatives: matrices with a power of two of their own, and columns in units of their own, so that products overflow or vanish only
//! where the result does.
//! On the floor above `factor`; must not know a formula.

use ndarray::{Array2, ArrayRef2, ArrayView1, Axis};
use num_traits::Float;

use super::operands::finite;
use crate::element::{Element, Real};
use crate::error::Result;
use crate::factor::multiply;
use crate::pack;
use crate::scale::{power_near_reciprocal, powers};

/// What has units of its own.
pub(super) const COLUMNS: Axis = Axis(1);
/// What has units of its own.
pub(super) const ROWS: Axis = Axis(0);

/// `matrix`·2^`exponent`, with entries of `matrix` up to about 1; the exponent of zero is −∞.
#[derive(Debug, Clone)]
pub(super) struct Scaled<T: Element> {
    matrix: Array2<T>,
    exponent: f64,
}

impl<T: Element> Scaled<T> {
    /// A.
    pub(super) fn of(a: &ArrayRef2<T>) -> Result<Self> {
        Self::new(pack::owned_columns(a)?, 0.0)
    }

    /// A·2ᵉ.
    fn new(matrix: Array2<T>, exponent: f64) -> Result<Self> {
        let matrix = finite(matrix)?;
        match exponent_of(matrix.iter()) {
            f64::NEG_INFINITY => Ok(Scaled { matrix, exponent: f64::NEG_INFINITY }),
            size => Ok(Scaled { matrix: times_power(matrix, -size), exponent: exponent + size }),
        }
    }

    /// A with each column (axis 1) or row (axis 0) times its own power of two.
    pub(super) fn of_lanes(a: &ArrayRef2<T>, axis: Axis, exponents: &[f64]) -> Result<Self> {
        Self { matrix: pack::owned_columns(a)?, exponent: 0.0 }.by_lanes(axis, exponents)
    }

    /// The same of what is scaled already.
    pub(super) fn by_lanes(mut self, axis: Axis, exponents: &[f64]) -> Result<Self> {
        let sizes = self.matrix.axis_iter(axis).zip(exponents).map(|(lane, k)| exponent_of(lane.iter()) + k);
        let common = sizes.fold(f64::NEG_INFINITY, f64::max);
        times_powers(&mut self.matrix, axis, exponents, -common);
        Self::new(self.matrix, self.exponent + common)
    }

    /// What stands beside the power of two, and its exponent.
    pub(super) fn into_parts(self) -> (Array2<T>, f64) {
        (self.matrix, self.exponent)
    }

    /// What a linear map makes of it.
    pub(super) fn map(&self, linear: impl FnOnce(&Array2<T>) -> Result<Array2<T>>) -> Result<Self> {
        Self::new(linear(&self.matrix)?, self.exponent)
    }

    pub(super) fn adjoint(&self) -> Self {
        Scaled { matrix: self.matrix.t().mapv(|x| x.conj()), exponent: self.exponent }
    }

    /// A·B.
    pub(super) fn times(&self, b: &Self) -> Result<Self> {
        Self::new(multiply(&self.matrix, &b.matrix)?, self.exponent + b.exponent)
    }

    /// A·B·C, from the side on which the first product is the smaller one.
    pub(super) fn times_both(&self, b: &Self, c: &Self) -> Result<Self> {
        let ((m, k), (l, n)) = (self.matrix.dim(), c.matrix.dim());
        if m.saturating_mul(l) <= k.saturating_mul(n) { self.times(b)?.times(c) } else { self.times(&b.times(c)?) }
    }

    /// A + B.
    pub(super) fn plus(&self, b: &Self) -> Result<Self> {
        self.combine(b, |a, b| a + b)
    }

    /// A − B.
    pub(super) fn minus(&self, b: &Self) -> Result<Self> {
        self.combine(b, |a, b| a - b)
    }

    fn combine(&self, b: &Self, act: impl Fn(T, T) -> T) -> Result<Self> {
        let common = self.exponent.max(b.exponent);
        if common == f64::NEG_INFINITY {
            return Ok(self.clone());
        }
        let mut sum = times_power(self.matrix.clone(), self.exponent - common);
        sum.zip_mut_with(&times_power(b.matrix.clone(), b.exponent - common), |x, &y| *x = act(*x, y));
        Self::new(sum, common)
    }

    /// The matrix itself, if it is within the range of the type.
    pub(super) fn value(self) -> Result<Array2<T>> {
        value_of(self.matrix, self.exponent)
    }

    /// The matrix with each column or row times its own power of two, likewise.
    pub(super) fn value_by_lanes(mut self, axis: Axis, exponents: &[f64]) -> Result<Array2<T>> {
        times_powers(&mut self.matrix, axis, exponents, self.exponent);
        finite(self.matrix)
    }
}

/// For each column (axis 1) or row (axis 0) the exponent of the power of two nearest to its largest entry; 0 for zeros.
pub(super) fn units<T: Element>(a: &ArrayRef2<T>, axis: Axis) -> Vec<f64> {
    let exponent = |lane: ArrayView1<'_, T>| exponent_of(lane.iter());
    a.axis_iter(axis).map(exponent).map(|k| if k == f64::NEG_INFINITY { 0.0 } else { k }).collect()
}

/// A in these units, A·diag(2⁻ᵘ): columns with entries up to about 1.
pub(super) fn in_units<T: Element>(a: &ArrayRef2<T>, units: &[f64]) -> Result<Array2<T>> {
    Scaled::of_lanes(a, COLUMNS, &reciprocal(units))?.value()
}

/// The exponents of the reciprocals.
pub(super) fn reciprocal(units: &[f64]) -> Vec<f64> {
    units.iter().map(|k| -k).collect()
}

fn exponent_of<'a, T: Element>(entries: impl Iterator<Item = &'a T>) -> f64 {
    let largest = entries.fold(T::Real::default(), |most, &x| Float::max(most, pack::magnitude(x)));
    if largest == T::Real::default() { f64::NEG_INFINITY } else { -power_near_reciprocal(largest).as_f64().log2() }
}

/// Two parts of a cotangent over one common power of two, and its exponent.
pub(super) fn jointly<T: Element>(parts: [Option<Scaled<T>>; 2]) -> ([Option<Array2<T>>; 2], f64) {
    let common = parts.iter().flatten().fold(f64::NEG_INFINITY, |most, part| most.max(part.exponent));
    let aligned = |part: Scaled<T>| match part.exponent == common {
        true => part.matrix,
        false => times_power(part.matrix, part.exponent - common),
    };
    (parts.map(|part| part.map(aligned)), common)
}

/// A·2ᵏ, if it is within the range of the type.
pub(super) fn value_of<T: Element>(a: Array2<T>, k: f64) -> Result<Array2<T>> {
    finite(times_power(a, k))
}

/// A·2ᵏ.
fn times_power<T: Element>(mut a: Array2<T>, k: f64) -> Array2<T> {
    for power in powers::<T::Real>(k) {
        a.mapv_inplace(|x| x.mul_real(power));
    }
    a
}

/// Each column (axis 1) or row (axis 0) times 2ᵏ, with k its own exponent and a common one.
fn times_powers<T: Element>(a: &mut Array2<T>, axis: Axis, exponents: &[f64], common: f64) {
    for (mut lane, k) in a.axis_iter_mut(axis).zip(exponents) {
        let by = powers::<T::Real>(k + common);
        lane.mapv_inplace(|x| by.into_iter().fold(x, |x, power| x.mul_real(power)));
    }
}
