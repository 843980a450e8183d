//! The analysis of a problem: the solution in a ball around each entry, and the errors that follow from that.
//! On the floor above `factor`, pure arithmetic; must not know how the ball was found.

use ndarray::{Array1, ArrayView1, ArrayViewMut1, aview1};

use super::rounding::{U, or_infinity, up};
use crate::element::Element;
use crate::norm::norm2;
use crate::scale::power_near_reciprocal;

/// For a candidate z the solution is within the radius of z + correction, entry by entry.
pub(super) struct Enclosure<W> {
    pub(super) correction: Vec<W>,
    pub(super) radius: Vec<f64>,
}

impl<W: Element<Real = f64>> Enclosure<W> {
    /// A bound of |x̂ⱼ − xⱼ| for each coefficient, and of what |xⱼ| is at least.
    fn limits<'a>(&'a self, z: &'a [W]) -> impl Iterator<Item = (f64, W)> + 'a {
        let error = |(e, radius): (&W, &f64)| or_infinity(up(e.abs() + radius, 4));
        self.correction.iter().zip(&self.radius).map(error).zip(self.correction.iter().zip(z).map(|(&e, &z)| z + e))
    }

    /// |x̂ⱼ − xⱼ|/|xⱼ|, which scaling does not change.
    pub(super) fn relative(&self, z: &[W]) -> Array1<f64> {
        let quotient =
            |((error, centre), radius): ((f64, W), &f64)| quotient(error, centre.abs() * (1.0 - 8.0 * U) - radius);
        self.limits(z).zip(&self.radius).map(quotient).collect()
    }

    /// Stores |x̂ⱼ − xⱼ| in the units of x; ‖x̂ − x‖₂/‖x‖₂.
    pub(super) fn unscaled(
        &self, z: &[W], unscale: impl Fn(usize, f64) -> f64, mut absolute: ArrayViewMut1<'_, f64>,
    ) -> f64 {
        let (mut centres, mut radii) = (vec![0.0; z.len()], vec![0.0; z.len()]);
        for (j, ((error, centre), radius)) in self.limits(z).zip(&self.radius).enumerate() {
            absolute[j] = unscale(j, error);
            centres[j] = unscale(j, centre.abs() * (1.0 - 8.0 * U));
            radii[j] = unscale(j, *radius);
        }
        // In units in which no sum of squares leaves the range.
        let power = power_near_reciprocal(centres.iter().fold(0.0, |largest: f64, centre| largest.max(*centre)));
        let norm = |entries: ArrayView1<'_, f64>| norm2(&entries.mapv(|x| x * power));
        let n = z.len();
        let least = norm(aview1(&centres)) / up(1.0, n) - up(norm(aview1(&radii)), n);
        quotient(up(norm(absolute.view()), n), least)
    }
}

/// An error relative to what a number is at least.
fn quotient(error: f64, least: f64) -> f64 {
    match error {
        0.0 => 0.0,
        error if least > 0.0 => or_infinity(up(error / least, 0)),
        _ => f64::INFINITY,
    }
}
