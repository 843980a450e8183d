//! The factor floor: the roots of the secular equation 1 + Σ wⱼ/(dⱼ − λ) = 0, each from its nearest pole.
//! Must not know a matrix, nor call a routine: LAPACK's laed4 took more than four times as long as this at order 1000.
//!
//! With weights wⱼ > 0 there is one root between neighbouring poles, and one behind the last. A root is kept as its nearest
//! pole and the offset from it, so that its distances to all poles keep their digits however near they are.

use std::ops::Range;

use super::far_field::FarField;
use crate::element::Element;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// What is found between poles: values themselves, or numbers whose squares are the roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Poles {
    /// Poles dⱼ: eigenvalues of diag(d) + ζζᵀ.
    Plain,
    /// Poles dⱼ², dⱼ ≥ 0: squares of the singular values of diag(d) with the row ζᵀ below it. No dⱼ is squared: d² − e² is (d − e)(d + e).
    Squared,
}

/// The equation, whose poles ascend and are apart, and whose weights are positive.
#[derive(Debug)]
pub(super) struct Secular {
    pub(super) kind: Poles,
    /// dⱼ.
    pub(super) poles: Vec<f64>,
    /// wⱼ = ζⱼ².
    pub(super) weights: Vec<f64>,
    /// The precision to which the roots are needed.
    pub(super) eps: f64,
}

/// A root, as the index of its nearest pole, its origin, and the offset from there: λ = d + offset, or λ = d² + offset.
pub(super) type Root = (usize, f64);

/// The left-hand side at one place, in two parts, with their derivatives.
struct Sums {
    /// Over the poles to the left, Σ wⱼ/(dⱼ − λ) < 0.
    left: Part,
    /// Over the poles to the right; for the root behind all of them, over the last one.
    right: Part,
}

/// A sum Σ wⱼ/(dⱼ − λ), and its derivative Σ wⱼ/(dⱼ − λ)².
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Part {
    pub(super) value: f64,
    pub(super) slope: f64,
}

impl Part {
    fn plus(self, other: Part) -> Part {
        Part { value: self.value + other.value, slope: self.slope + other.slope }
    }
}

impl Sums {
    fn value(&self) -> f64 {
        1.0 + self.left.value + self.right.value
    }

    fn slope(&self) -> f64 {
        self.left.slope + self.right.slope
    }

    /// What rounding errors of the terms are relative to.
    fn magnitude(&self) -> f64 {
        1.0 + self.left.value.abs() + self.right.value.abs()
    }
}

/// Where a root is looked for: offsets from a pole, its origin.
struct Search<'a> {
    /// Distances from the origin of the poles that are near.
    poles: &'a [f64],
    weights: &'a [f64],
    /// The two of them that a step takes as they are: those around the root, or the last two.
    pair: (usize, usize),
    /// Whether the root is behind both.
    beyond: bool,
    /// The index of the origin among all poles.
    origin: usize,
    /// The sums over the other poles.
    far: &'a FarField,
    /// The distance of the origin from the centre of these.
    shift: f64,
}

/// Roots for which the same poles count as far.
const BLOCK: usize = 32;

/// Evaluations after which a search is given up; the safeguard halves the bracket wherever a step leaves it.
const MOST: usize = 200;

/// How far a bracket reaches beyond the bounds that it has from theory: roots are often there, and what is inside is found by steps.
const MARGIN: f64 = 1.0625;

/// How many sums run side by side, for the compiler to keep in vector registers.
const LANES: usize = 8;

impl Secular {
    /// All roots, ascending.
    pub(super) fn all_roots<T: Element>(&self, workspace: &mut Workspace<T>) -> Result<Vec<Root>> {
        let n = self.poles.len();
        let mut roots = workspace.spare_places.lend_vec(n)?;
        let mut distances = workspace.spare_doubles.lend_vec(n)?;
        self.roots(&mut roots, &mut distances)?;
        workspace.spare_doubles.keep_vec(distances);
        Ok(roots)
    }

    /// Its memory, to where it comes from.
    pub(super) fn give_back<T: Element>(self, workspace: &mut Workspace<T>) {
        workspace.spare_doubles.keep_vec(self.poles);
        workspace.spare_doubles.keep_vec(self.weights);
    }

    /// All roots, ascending, of as many poles; `distances` has room for a number for each pole.
    fn roots(&self, roots: &mut [Root], distances: &mut [f64]) -> Result<()> {
        let n = self.poles.len();
        if n < 2 {
            // 1 − w/τ = 0.
            roots.iter_mut().zip(&self.weights).for_each(|(root, &weight)| *root = (0, weight));
            return Ok(());
        }
        let failed = Error::NoConvergence { routine: "the secular equation" };
        for start in (0..n - 1).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(n - 1);
            let far = FarField::around(self, block.clone(), distances);
            for k in block {
                roots[k] = self.root(k, &far, distances).ok_or(failed.clone())?;
            }
        }
        roots[n - 1] = self.root(n - 1, &FarField::none(n), distances).ok_or(failed)?;
        Ok(())
    }

    /// The distances of some poles from that of index `origin`.
    pub(super) fn distances(&self, range: Range<usize>, origin: usize, to: &mut [f64]) {
        let from = self.poles[origin];
        match self.kind {
            Poles::Plain => to.iter_mut().zip(&self.poles[range]).for_each(|(to, d)| *to = d - from),
            Poles::Squared => to.iter_mut().zip(&self.poles[range]).for_each(|(to, d)| *to = (d - from) * (d + from)),
        }
    }

    /// The distance of the pole of index j from that of index `origin`.
    fn distance(&self, j: usize, origin: usize) -> f64 {
        let (d, from) = (self.poles[j], self.poles[origin]);
        match self.kind {
            Poles::Plain => d - from,
            Poles::Squared => (d - from) * (d + from),
        }
    }

    /// The eigenvalue or the singular value that a root stands for.
    pub(super) fn value(&self, (origin, offset): Root) -> f64 {
        let d = self.poles[origin];
        match self.kind {
            Poles::Plain => d + offset,
            // √(d² + τ) − d = τ/(√(d² + τ) + d). τ < 0 only where the pole below is nearer to 0 than d, and then d² + τ is at least d²/2.
            Poles::Squared => d + offset / (d + (d * d + offset).sqrt()),
        }
    }

    /// The k-th of at least two roots: which pole is nearer says the sign in the middle of its interval, and there the search begins.
    fn root(&self, k: usize, far: &FarField, distances: &mut [f64]) -> Option<Root> {
        let beyond = k + 1 == self.poles.len();
        let mut search = self.search(k, k, far, distances);
        let width = if beyond { self.weights.iter().sum() } else { search.poles[search.pair.1] };
        let half = 0.5 * width;
        let middle = search.sums(half).value();
        let (bracket, at) = match (middle >= 0.0, beyond) {
            (true, _) => ((0.0, MARGIN * half), half),
            (false, true) => ((half, MARGIN * width), half),
            (false, false) => {
                search = self.search(k, k + 1, far, distances);
                ((-MARGIN * half, 0.0), -half)
            }
        };
        search.run(bracket, search.start(at, middle), self.noise())
    }

    /// The search for the k-th root by offsets from the pole of index `origin`.
    fn search<'a>(&'a self, k: usize, origin: usize, far: &'a FarField, distances: &'a mut [f64]) -> Search<'a> {
        let (near, beyond) = (far.near.clone(), k + 1 == self.poles.len());
        let poles = &mut distances[..near.len()];
        self.distances(near.clone(), origin, poles);
        let left = if beyond { k - 1 } else { k } - near.start;
        let shift = self.distance(origin, far.centre);
        Search { poles, weights: &self.weights[near], pair: (left, left + 1), beyond, origin, far, shift }
    }

    /// How small the left-hand side must be, relative to the sum of its terms' magnitudes. A term is wrong by about 4ε, and n/8 additions
    /// follow each other in a lane: less than that need not be reached. Roots of so small a residual are those of weights that are off
    /// by as much (M. Gu and S. C. Eisenstat, 1994).
    fn noise(&self) -> f64 {
        4.0 * self.eps + f64::EPSILON * (4.0 + self.poles.len() as f64 / 16.0)
    }
}

impl Search<'_> {
    /// The left-hand side at `offset`.
    fn sums(&self, offset: f64) -> Sums {
        #[cfg(test)]
        tests::EVALUATIONS.set(tests::EVALUATIONS.get() + 1);
        let ((left, right), split) = (self.far.sums(self.shift + offset), self.pair.1);
        Sums {
            left: left.plus(sum(&self.poles[..split], &self.weights[..split], offset)),
            right: right.plus(sum(&self.poles[split..], &self.weights[split..], offset)),
        }
    }

    /// The first offset: the poles of the pair with their own weights, and the others as the constant that they are at the place
    /// `at`, where the left-hand side is `value`.
    fn start(&self, at: f64, value: f64) -> f64 {
        let (l, r) = (self.poles[self.pair.0], self.poles[self.pair.1]);
        let (wl, wr) = (self.weights[self.pair.0], self.weights[self.pair.1]);
        let c = value - wl / (l - at) - wr / (r - at);
        self.solve(c, c * (l + r) + wl + wr, c * l * r + wl * r + wr * l)
    }

    /// From `offset` until the left-hand side is no more than `noise`, within a bracket of offsets (R.-C. Li, Solving secular
    /// equations stably and efficiently, LAPACK Working Note 89, 1993).
    fn run(&self, (mut low, mut high): (f64, f64), start: f64, noise: f64) -> Option<Root> {
        let mut offset = if low <= start && start <= high && start != 0.0 { start } else { between(low, high) };
        let (mut fixed, mut previous) = (true, f64::INFINITY);
        for _ in 0..MOST {
            let f = self.sums(offset);
            let value = f.value();
            if value < 0.0 {
                low = offset;
            } else {
                high = offset;
            }
            // Where one interpolation has gained little the other one is taken.
            if value.abs() > 0.1 * previous {
                fixed = !fixed;
            }
            previous = value.abs();
            let next = offset + self.step(&f, offset, fixed);
            let inside = low < next && next < high;
            if value.abs() <= noise * f.magnitude() {
                // The last step costs no more sums.
                return Some((self.origin, if inside { next } else { offset }));
            }
            let next = if inside { next } else { between(low, high) };
            if next == low || next == high {
                return Some((self.origin, offset));
            }
            offset = next;
        }
        None
    }

    /// The way to the zero of c + s/(l − λ) + r/(r − λ) with the value and the slope of `f`: with the weight of the origin as it is
    /// (`fixed`), or with the two sums matched apart (the middle way).
    fn step(&self, f: &Sums, offset: f64, fixed: bool) -> f64 {
        let (left, right) = (self.poles[self.pair.0] - offset, self.poles[self.pair.1] - offset);
        let (value, slope) = (f.value(), f.slope());
        let c = if !fixed {
            value - left * f.left.slope - right * f.right.slope
        } else if self.poles[self.pair.0] == 0.0 {
            value - right * slope - (left - right) * (self.weights[self.pair.0] / left / left)
        } else {
            value - left * slope - (right - left) * (self.weights[self.pair.1] / right / right)
        };
        let step = self.solve(c, (left + right) * value - left * right * slope, left * right * value);
        // The left-hand side ascends: a step that follows its sign is rounding, and Newton's is taken.
        if step * value < 0.0 { step } else { -value / slope }
    }

    /// The root of c·x² − a·x + b = 0 that is between the poles of the pair, or behind them.
    fn solve(&self, c: f64, a: f64, b: f64) -> f64 {
        let root = (a * a - 4.0 * b * c).abs().sqrt();
        let sign = if self.beyond { -1.0 } else { 1.0 };
        if a * sign <= 0.0 { (a - sign * root) / (2.0 * c) } else { 2.0 * b / (a + sign * root) }
    }
}

/// A place within a bracket: in the middle, of the exponents where the ends are far apart. An end at 0 is a pole.
fn between(low: f64, high: f64) -> f64 {
    let (least, most) = (f64::min(low.abs(), high.abs()), f64::max(low.abs(), high.abs()));
    if least > 0.0 && most > 16.0 * least { (least * most).sqrt().copysign(low) } else { 0.5 * (low + high) }
}

/// Over poles at these distances from an origin, at an offset from it.
fn sum(poles: &[f64], weights: &[f64], at: f64) -> Part {
    let (mut values, mut slopes) = ([0.0; LANES], [0.0; LANES]);
    let ((d, rest), (w, rest_weights)) = (poles.as_chunks::<LANES>(), weights.as_chunks::<LANES>());
    for (d, w) in d.iter().zip(w) {
        for i in 0..LANES {
            let inverse = 1.0 / (d[i] - at);
            let term = w[i] * inverse;
            values[i] += term;
            slopes[i] += term * inverse;
        }
    }
    let mut part = Part { value: values.iter().sum(), slope: slopes.iter().sum() };
    for (d, w) in rest.iter().zip(rest_weights) {
        let inverse = 1.0 / (d - at);
        part.value += w * inverse;
        part.slope += w * inverse * inverse;
    }
    part
}

#[cfg(test)]
mod tests;
