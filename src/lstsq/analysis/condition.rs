//! The analysis of a problem: singular values, and the condition numbers of A, of AᴴA and of the problem itself.
//! On the floor above `factor`; must not look at an answer.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, aview1};

use super::inverse::Inverse;
use super::rounding::or_infinity;
use super::scaled::Scaled;
use crate::element::Element;
use crate::error::Result;
use crate::factor::{RhsDimension, SvdDriver, SvdExt, SvdOptions};
use crate::norm::norm2;
use crate::scale::power_near_reciprocal;
use crate::workspace::Workspace;

/// How hard a least-squares problem is; infinite what is beyond the range of double precision.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Condition<D: RhsDimension> {
    /// κ₂(A) = ‖A‖₂‖A⁺‖₂ = σ₁/σₙ.
    pub kappa2: f64,
    /// κ₂(AᴴA) = κ₂(A)², what the normal equations work with.
    pub kappa2_gram: f64,
    /// κ₂(A·D⁻¹) with D the lengths of the columns: what is left of κ₂ when units of measurement are out of the way, and at most
    /// √n times the least that any scaling of columns can reach (van der Sluis; Higham, §7.3).
    pub kappa2_scaled: f64,
    /// For each right-hand side the condition number of (A, b) ↦ x, with ‖[E f]‖_F for the size of a change and ‖·‖₂ for what
    /// it does: ‖A⁺‖·√(‖A⁺‖²‖r‖² + ‖x‖² + 1) (S. Gratton, BIT 36 (1996), 523–530).
    pub absolute: D::PerColumn<f64>,
    /// The same relative to [A b] and x: times ‖[A b]‖_F/‖x‖₂.
    pub relative: D::PerColumn<f64>,
}

/// The singular values of the matrix, in units in which its longest column has about length 1, and in others.
#[derive(Debug, Clone)]
pub(super) struct Spectrum<W> {
    /// The power of two by which A is multiplied.
    pub(super) unit: f64,
    /// What the columns of A′ are multiplied by to make them A's, in this unit.
    pub(super) weights: Vec<f64>,
    /// The singular values of A, in this unit, and its right singular vectors.
    pub(super) values: Array1<f64>,
    pub(super) vh: Array2<W>,
    /// The singular values with all columns of length 1.
    pub(super) equal: Array1<f64>,
    /// Those of A′, and its right singular vectors.
    pub(super) scaled_values: Array1<f64>,
    pub(super) scaled_vh: Array2<W>,
}

impl<W: Element<Real = f64>> Spectrum<W> {
    /// From the triangular factor of A′.
    pub(super) fn new(scaled: &Scaled<W>, r: Array2<W>, workspace: &mut Workspace<W>) -> Result<Self> {
        let unit = scaled.columns.iter().copied().fold(f64::INFINITY, f64::min);
        let weights: Vec<f64> = scaled.columns.iter().map(|d| unit / d).collect();
        let inverses: Vec<f64> = scaled.lengths.iter().map(|l| if *l > 0.0 { 1.0 / l } else { 1.0 }).collect();
        let mut equal = Array1::default(r.ncols());
        weighted(&r, &inverses).singular_values_to(SvdDriver::default(), workspace, &mut equal)?;
        let of_a = weighted(&r, &weights).svd_with(&SvdOptions::thin(), workspace)?;
        let of_scaled = r.svd_with(&SvdOptions::thin(), workspace)?;
        Ok(Spectrum {
            unit,
            weights,
            values: of_a.s,
            vh: of_a.vh,
            equal,
            scaled_values: of_scaled.s,
            scaled_vh: of_scaled.vh,
        })
    }
}

/// The columns of a matrix times these weights.
fn weighted<W: Element<Real = f64>>(r: &ArrayRef2<W>, weights: &[f64]) -> Array2<W> {
    let mut r = r.to_owned();
    r.columns_mut().into_iter().zip(weights).for_each(|(mut column, w)| column.mapv_inplace(|x| x.mul_real(*w)));
    r
}

/// The fields of [`Condition`].
#[derive(Debug, Clone)]
pub(super) struct Measured {
    kappa2: f64,
    kappa2_scaled: f64,
    absolute: Vec<f64>,
    relative: Vec<f64>,
}

impl Measured {
    /// From the solutions z of the scaled problem and the norms of its residuals.
    pub(super) fn new<W: Element<Real = f64>>(
        scaled: &Scaled<W>, spectrum: &Spectrum<W>, inverse: &Inverse<W>, z: &Array2<W>, residual_norms: &[f64],
    ) -> Result<Self> {
        let pinv = norm_of_pinv(spectrum, inverse)?;
        let kappa2 = spectrum.values.first().copied().unwrap_or_default() * pinv;
        let (pinv, norm_a) = (pinv * spectrum.unit, norm2(&spectrum.values) / spectrum.unit);
        let problem = |(k, (z, r)): (usize, (ArrayView1<'_, W>, &f64))| {
            let x: Vec<f64> = z.iter().enumerate().map(|(j, z)| scaled.unscale(j, k, z.abs())).collect();
            let (x, r) = (norm2(&aview1(&x)), r / scaled.rhs[k]);
            let of_data = norm_a.hypot(norm2(&scaled.b.column(k)) / scaled.rhs[k]);
            let growth = (pinv * r).hypot(x).hypot(1.0);
            (or_infinity(pinv * growth), or_infinity((pinv * of_data) * (growth / x)))
        };
        let (absolute, relative) = z.columns().into_iter().zip(residual_norms).enumerate().map(problem).unzip();
        let equal = &spectrum.equal;
        let kappa2_scaled = equal.first().zip(equal.last()).map_or(f64::INFINITY, |(first, last)| first / last);
        Ok(Measured { kappa2: or_infinity(kappa2), kappa2_scaled, absolute, relative })
    }

    pub(super) fn per_column<D: RhsDimension>(&self) -> Condition<D> {
        Condition {
            kappa2: self.kappa2,
            kappa2_gram: self.kappa2 * self.kappa2,
            kappa2_scaled: self.kappa2_scaled,
            absolute: D::per_column(&self.absolute),
            relative: D::per_column(&self.relative),
        }
    }
}

/// ‖A⁺‖₂ in the unit of the spectrum.
///
/// A small singular value of a matrix with columns of different length is lost beside the large ones, but not in X, which
/// is as good as columns of equal length allow, once the weights are taken out.
fn norm_of_pinv<W: Element<Real = f64>>(spectrum: &Spectrum<W>, inverse: &Inverse<W>) -> Result<f64> {
    let mut x = inverse.x.clone();
    x.rows_mut().into_iter().zip(&spectrum.weights).for_each(|(mut row, w)| row.mapv_inplace(|x| x.div_real(*w)));
    let largest = x.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if inverse.delta < 0.5 && largest.is_finite() {
        let unit = power_near_reciprocal(largest);
        x.mapv_inplace(|x| x.mul_real(unit));
        return Ok(x.singular_values()?.first().copied().unwrap_or_default() / unit);
    }
    Ok(1.0 / spectrum.values.last().copied().unwrap_or_default())
}
