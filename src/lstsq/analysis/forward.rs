//! The analysis of a problem: a bound on the error of an answer, by whatever method it was found.
//! On the floor above `factor`; must not ask how the answer came about.
//!
//! With B = A·X, ‖BᴴB − I‖₂ ≤ δ < 1, r = b − A·y, g = Aᴴr and w = Xᴴg the solution x is, exactly,
//!
//! ```text
//! x = y + (AᴴA)⁻¹g = y + X(BᴴB)⁻¹w,    so that    |x − y − X·w|ⱼ ≤ ρⱼ·δ/(1 − δ)·‖w‖₂,    ρⱼ = ‖row j of X‖₂.
//! ```
//!
//! y is x̂ first, and then x̂ + X·w in several words, until the radius cannot be seen beside the error of x̂.

use ndarray::{Array, Array2, aview1};

use super::Analysis;
use super::enclosure::Enclosure;
use super::residual::Residual;
use super::rounding::{U, gamma, or_infinity, up};
use super::uncertainty::{Spread, Uncertainty};
use crate::element::{Element, Scalar};
use crate::error::Result;
use crate::factor::RhsDimension;
use crate::layout::Order;
use crate::lstsq::augmented::Planes;
use crate::norm::norm2;
use crate::words::LANES;
use crate::workspace::{Workspace, zeros};

/// A bound on the error of an answer x̂; x is the exact solution. Infinite where none can be had.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ForwardError<D: RhsDimension> {
    /// At least ‖x̂ − x‖₂/‖x‖₂, for each right-hand side.
    pub normwise: D::PerColumn<f64>,
    /// At least |x̂ⱼ − xⱼ|, for each coefficient.
    pub absolute: Array<f64, D>,
    /// At least |x̂ⱼ − xⱼ|/|xⱼ|, for each coefficient; infinite where xⱼ may be 0.
    pub relative: Array<f64, D>,
}

/// The point y, x̂ and corrections of it.
struct Point<W> {
    words: Planes,
    /// The same, rounded.
    rounded: Vec<W>,
    /// y − x̂, rounded.
    correction: Vec<W>,
}

/// What a residual says of x − y.
struct Step<W> {
    /// X·w.
    correction: Vec<W>,
    /// A bound on |x − y − X·w|.
    radius: Vec<f64>,
}

impl<T: Element, D: RhsDimension> Analysis<T, D> {
    /// The bounds for the candidates in the columns of `x`.
    pub(super) fn bounds(&self, x: Array2<T>, data: Option<&Uncertainty>) -> Result<ForwardError<D>> {
        let (n, p) = x.dim();
        let workspace = &mut Workspace::new();
        let mut absolute = zeros::<f64>(n, p, Order::ColumnMajor)?;
        let mut relative = zeros::<f64>(n, p, Order::ColumnMajor)?;
        let mut normwise = vec![0.0; p];
        for (k, normwise) in normwise.iter_mut().enumerate() {
            let (absolute, mut relative) = (absolute.column_mut(k), relative.column_mut(k));
            let z = self.scaled.of_candidate(k, x.column(k));
            let enclosure = self.enclosure(k, &z, data, workspace)?;
            relative.assign(&enclosure.relative(&z));
            *normwise = enclosure.unscaled(&z, |j, value| self.scaled.unscale_up(j, k, value), absolute);
        }
        let (absolute, relative) = (D::from_columns(absolute), D::from_columns(relative));
        Ok(ForwardError { normwise: D::per_column(&normwise), absolute, relative })
    }

    /// Where the solution of the scaled problem is.
    fn enclosure(
        &self, k: usize, z: &[T::Double], data: Option<&Uncertainty>, workspace: &mut Workspace<T::Double>,
    ) -> Result<Enclosure<T::Double>> {
        // More than δ < 1/2 needs for three words.
        const MOST_STEPS: usize = 100;
        let mut point = Point::new(z, workspace)?;
        let (mut words, mut before, mut count) = (2, f64::INFINITY, 0);
        let (residual, step) = loop {
            let residual = match words {
                2 => Residual::new::<2>(&self.scaled, k, &point.words, &point.rounded, workspace)?,
                _ => Residual::new::<3>(&self.scaled, k, &point.words, &point.rounded, workspace)?,
            };
            let step = self.step(&residual, &Spread::none(z.len()));
            count += 1;
            let visible = step.visible(&point, z);
            // A NaN, where there is no bound, is not above 1 either.
            if !(visible > 1.0 && count < MOST_STEPS) {
                break (residual, step);
            }
            match (visible <= 0.5 * before, words) {
                (true, _) => before = visible,
                (false, 2) => (words, before) = (3, f64::INFINITY),
                (false, _) => break (residual, step),
            }
            point.correct(&step.correction);
        };
        let step = match data {
            Some(data) => self.step(&residual, &self.spread(k, &point.rounded, &residual, data)?),
            None => step,
        };
        let enclosure = point.around(&step, z);
        point.words.give_back(workspace);
        Ok(enclosure)
    }

    /// What a residual says, and the uncertainty of the data besides.
    fn step(&self, residual: &Residual<T::Double>, spread: &Spread) -> Step<T::Double> {
        let (inverse, n) = (&self.inverse, residual.g.len());
        let (w, correction) = (inverse.adjoint_times(&residual.g), inverse.solve(&residual.g));
        let of_products = gamma::<T::Double>(n);
        // |X|ᴴ times what each entry of g is off by, and times g for the rounding of w.
        let sizes: Vec<f64> = residual.g.iter().map(|g| g.abs()).collect();
        let rounded = norm2(&aview1(&inverse.adjoint_of_sizes(&sizes))) * of_products;
        let lost = norm2(&aview1(&inverse.adjoint_of_sizes(&residual.of_g))) + inverse.norm_b() * residual.of_r;
        let (norm_w, of_w) = (norm2(&aview1(&w)), lost + rounded);
        let delta = inverse.delta + spread.of_b * (2.0 * inverse.norm_b() + spread.of_b);
        let second_order = if delta < 1.0 { delta / (1.0 - delta) } else { f64::INFINITY };
        let common = of_w + of_products * norm_w + second_order * (norm_w + of_w + spread.norm) + residual.underflow;
        let terms = 4 * (self.scaled.a.nrows() + n);
        let radius = |(rho, spread): (&f64, &f64)| or_infinity(up(rho * common + spread, terms));
        Step { correction, radius: inverse.rows.iter().zip(&spread.entries).map(radius).collect() }
    }
}

impl<W: Element<Real = f64>> Step<W> {
    /// The radius relative to what need not be seen, a small part of the error of x̂ or of its rounding: the largest over the
    /// coefficients, or a NaN if there is no bound.
    fn visible(&self, point: &Point<W>, z: &[W]) -> f64 {
        let errors = point.correction.iter().zip(&self.correction).map(|(sum, last)| (*sum + *last).abs());
        let unseen = errors.zip(z).map(|(error, z)| f64::max(error / 64.0, U * z.abs() / 1024.0));
        let ratios = self.radius.iter().zip(unseen).map(|(radius, unseen)| radius / unseen);
        ratios.fold(0.0, |largest: f64, ratio| if ratio.is_finite() { largest.max(ratio) } else { f64::NAN })
    }
}

impl<W: Element<Real = f64>> Point<W> {
    fn new(z: &[W], workspace: &mut Workspace<W>) -> Result<Self> {
        let mut words = Planes::lend(z.len(), workspace)?;
        words.broadcast(z);
        Ok(Point { words, rounded: z.to_vec(), correction: vec![W::zero(); z.len()] })
    }

    fn correct(&mut self, correction: &[W]) {
        for (j, &dz) in correction.iter().enumerate() {
            self.words.correct::<3>(j, [dz.re(); LANES], [dz.im(); LANES]);
            self.correction[j] += dz;
            self.rounded[j] = self.words.rounded(j, 0);
        }
    }

    /// The ball around y + X·w, as seen from x̂.
    fn around(&self, step: &Step<W>, z: &[W]) -> Enclosure<W> {
        let correction: Vec<W> = self.correction.iter().zip(&step.correction).map(|(sum, last)| *sum + *last).collect();
        // What summing the corrections has rounded.
        let sizes = self.correction.iter().zip(&correction).zip(z);
        let rounding = sizes.map(|((sum, total), z)| 16.0 * U * (sum.abs() + total.abs()) + U * U * z.abs());
        let radius = step.radius.iter().zip(rounding).map(|(radius, rounding)| radius + rounding).collect();
        Enclosure { correction, radius }
    }
}
