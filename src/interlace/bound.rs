//! Certificates: a measured quantity beside its bound, and the matrices A and A + E that both are of.
//! On the floor above `factor`; must not know a theorem.

use std::fmt;

use ndarray::{Array2, ArrayRef2};
use num_traits::Float;

use super::operands::{finite, require_shape};
use super::values::Rounding;
use crate::element::{Element, Real};
use crate::error::Result;
use crate::factor::{SvdExt, require_hermitian};
use crate::pack::{self, Part};
use crate::scale::centring;

/// A quantity that was measured, beside the bound that a theorem gives for it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Bound {
    /// The theorem.
    pub theorem: &'static str,
    /// What it says.
    pub statement: &'static str,
    /// What was measured.
    pub measured: f64,
    /// What it cannot exceed; infinite where the theorem has nothing to say.
    pub bound: f64,
    /// By how much rounding may make it exceed that.
    pub allowance: f64,
}

impl Bound {
    /// Whether the quantity is within the bound, up to rounding.
    pub fn holds(&self) -> bool {
        self.measured <= self.bound + self.allowance
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bound { theorem, statement, measured, bound, allowance } = self;
        let verdict = if self.holds() { "holds" } else { "violated" };
        write!(f, "{theorem}: {verdict}, {measured:.6e} ≤ {bound:.6e} (+ {allowance:.1e} for rounding): {statement}")
    }
}

/// A and A + E in a unit in which no product overflows, with the power of two that it stands for.
pub(super) struct Perturbed<T: Element> {
    pub(super) a: Array2<T>,
    pub(super) e: Array2<T>,
    pub(super) sum: Array2<T>,
    pub(super) exponent: f64,
    pub(super) rounding: Rounding,
}

impl<T: Element> Perturbed<T> {
    pub(super) fn new(a: &ArrayRef2<T>, e: &ArrayRef2<T>) -> Result<Self> {
        require_shape("E", e, a.dim())?;
        let power = centring(Float::max(pack::size(a, Part::All)?, pack::size(e, Part::All)?));
        let [mut a, mut e] = [pack::owned_columns(a)?, pack::owned_columns(e)?];
        [&mut a, &mut e].into_iter().for_each(|x| x.mapv_inplace(|x| x.mul_real(power)));
        let sum = finite("A + E", &a + &e)?;
        let exponent = -power.as_f64().log2();
        let rounding = Rounding::of_order::<T::Real>(a.nrows().max(a.ncols())).in_unit(exponent);
        Ok(Perturbed { a, e, sum, exponent, rounding })
    }

    pub(super) fn of_hermitian(a: &ArrayRef2<T>, e: &ArrayRef2<T>) -> Result<Self> {
        require_hermitian("A", a)?;
        require_shape("E", e, a.dim())?;
        require_hermitian("E", e)?;
        Self::new(a, e)
    }
}

/// ‖X‖₂ and ‖X‖_F.
pub(super) fn norms<T: Element>(x: &ArrayRef2<T>) -> Result<(f64, f64)> {
    let values = x.singular_values()?;
    Ok((
        values.first().map_or(0.0, |first| first.as_f64()),
        values.iter().fold(0.0, |sum: f64, x| sum + x.as_f64().powi(2)).sqrt(),
    ))
}

/// x/δ; without a separation there is no bound.
pub(super) fn over(x: f64, separation: f64) -> f64 {
    if separation > 0.0 { x / separation } else { f64::INFINITY }
}
