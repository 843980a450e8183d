//! Derivatives: the eigenvalues or singular values of a family of matrices, followed through crossings.
//! On the floor above `factor`; must not take the order of the values for their identity.
//!
//! The eigenvalues of an analytic family of Hermitian matrices can be numbered so that each is an analytic function of t, with analytic
//! eigenvectors (F. Rellich; T. Kato, Perturbation Theory for Linear Operators, II §6). Ordered values have kinks where such
//! branches cross. A crossing is told from values that only come close by going to the place where they are nearest: there the gap either is
//! rounding error or is not. Which branch goes where is read off the vectors a little before and a little after.

mod crossing;
mod sample;

use std::ops::Range;

use ndarray::{Array1, Array2, s};
use num_traits::{Float, Zero};

use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};

use crossing::{Meeting, meetings};
use sample::{Embedded, Sample, sample};

/// A differentiable family of matrices of one shape, t ↦ A(t).
pub trait Family<T: Element> {
    /// A(t).
    fn matrix(&self, t: T::Real) -> Array2<T>;

    /// A′(t).
    fn slope(&self, t: T::Real) -> Array2<T>;
}

/// A family given by two functions.
#[derive(Debug, Clone, Copy)]
pub struct Curve<F, G> {
    /// t ↦ A(t).
    pub matrix: F,
    /// t ↦ A′(t).
    pub slope: G,
}

impl<T: Element, F: Fn(T::Real) -> Array2<T>, G: Fn(T::Real) -> Array2<T>> Family<T> for Curve<F, G> {
    fn matrix(&self, t: T::Real) -> Array2<T> {
        (self.matrix)(t)
    }

    fn slope(&self, t: T::Real) -> Array2<T> {
        (self.slope)(t)
    }
}

/// How closely branches are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackOptions<R> {
    /// How far, relative to the largest value, a branch may be from the cubic through the ends of a step: ε^½ by default.
    pub tolerance: R,
    /// The most steps that are tried: 100 000 by default.
    pub steps: usize,
}

impl<R: Real> Default for TrackOptions<R> {
    fn default() -> Self {
        TrackOptions { tolerance: Float::sqrt(R::EPS), steps: 100_000 }
    }
}

/// A place where branches come nearest.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Crossing<R> {
    /// Where.
    pub t: R,
    /// The branches, by their columns in [`Branches::values`].
    pub branches: Vec<usize>,
    /// Their value, or the mean of two that do not meet.
    pub value: R,
    /// The gap that was found: rounding error if they meet.
    pub gap: R,
}

/// Branches of eigenvalues or singular values.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Branches<R> {
    /// The places that the steps ended at, ascending.
    pub times: Array1<R>,
    /// The branches at those places, each in a column.
    pub values: Array2<R>,
    /// Their derivatives.
    pub slopes: Array2<R>,
    /// Where branches meet.
    pub crossings: Vec<Crossing<R>>,
    /// Where branches come near each other and turn back.
    pub avoided: Vec<Crossing<R>>,
}

/// The eigenvalues of a family of Hermitian matrices over `range`, as branches that are analytic where the family is. They are numbered
/// in ascending order just after the beginning of the range.
///
/// The step is halved until the cubic through values and derivatives at its ends tells the middle to the tolerance, and doubled where it
/// does much better. Where the gap of neighbours shrinks at the beginning of a step and grows at its end, the place of the least gap is
/// found by bisection. Two eigenvalue decompositions for each step and some fifty for each such place.
///
/// # Errors
/// [`Error::Parameter`] for a range or a tolerance that makes no sense, [`Error::NotSquare`], [`Error::Shape`] where the shape changes,
/// [`Error::NonFinite`], [`Error::NoConvergence`] where the family is not smooth enough to be followed in the steps that are allowed; as for
/// [`EighExt::eigh`](crate::factor::EighExt::eigh).
///
/// ```
/// use lapwing::deriv::{Curve, TrackOptions, track};
/// use ndarray::array;
///
/// // Rellich: diag(t + 2, 2t + 2). The ordered eigenvalues have a kink at t = 0; the branches are straight.
/// let family = Curve {
///     matrix: |t: f64| array![[t + 2.0, 0.0], [0.0, 2.0 * t + 2.0]],
///     slope: |_| array![[1.0, 0.0], [0.0, 2.0]],
/// };
/// let branches = track(&family, -1.0..1.0, &TrackOptions::default())?;
/// assert_eq!(branches.crossings.len(), 1);
/// assert!(branches.crossings[0].t.abs() < 1e-12);
/// for (t, values) in branches.times.iter().zip(branches.values.rows()) {
///     // 2t + 2 is the lower one at t = −1.
///     approx::assert_abs_diff_eq!(values, array![2.0 * t + 2.0, t + 2.0], epsilon = 1e-14);
/// }
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn track<T: Element>(
    family: &impl Family<T>, range: Range<T::Real>, options: &TrackOptions<T::Real>,
) -> Result<Branches<T::Real>> {
    let (start, end) = (range.start, range.end);
    let makes_sense = start < end && (end - start).as_f64().is_finite();
    if !makes_sense {
        let found = format!("{start} to {end}");
        return Err(Error::Parameter { what: "the range of t", expected: "two numbers that ascend", found });
    }
    let tolerance = options.tolerance;
    if !tolerance.as_f64().is_finite() || tolerance <= T::Real::zero() {
        let found = tolerance.to_string();
        return Err(Error::Parameter { what: "the tolerance of the tracking", expected: "a number > 0", found });
    }
    Tracker::new(family, range, *options)?.run()
}

/// The singular values of a family of matrices of any shape over `range`, as analytic branches, numbered in descending order just
/// after the beginning of the range. A branch that passes through zero goes on with negative sign: the ordinary singular value is
/// its modulus.
///
/// They are the eigenvalues of [0 A; Aᴴ 0] that begin positive (G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, I.4.2), so that the work is
/// that of [`track`] for matrices of order m + n.
///
/// # Errors
/// As for [`track`], without [`Error::NotSquare`].
///
/// ```
/// use lapwing::deriv::{Curve, TrackOptions, track_singular_values};
/// use ndarray::array;
///
/// let family = Curve { matrix: |t: f64| array![[t], [0.0]], slope: |_| array![[1.0], [0.0]] };
/// let branches = track_singular_values(&family, -1.0..1.0, &TrackOptions::default())?;
/// approx::assert_abs_diff_eq!(branches.values[(0, 0)], 1.0, epsilon = 1e-15);
/// let last = branches.times.len() - 1;
/// approx::assert_abs_diff_eq!(branches.values[(last, 0)], -1.0, epsilon = 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn track_singular_values<T: Element>(
    family: &impl Family<T>, range: Range<T::Real>, options: &TrackOptions<T::Real>,
) -> Result<Branches<T::Real>> {
    let (m, n) = family.matrix(range.start).dim();
    let k = m.min(n);
    let Branches { times, values, slopes, crossings, avoided } = track(&Embedded(family), range, options)?;
    let upper = s![.., m + n - k..;-1];
    // Column j of the result is column m + n − 1 − j of the eigenvalues; the others are mirror images and zeros.
    let kept = |places: Vec<Crossing<T::Real>>| {
        let own = |crossing: Crossing<T::Real>| {
            let branches = crossing.branches.iter().filter(|&&b| b >= m + n - k).map(|&b| m + n - 1 - b).collect();
            Crossing { branches, ..crossing }
        };
        places.into_iter().map(own).filter(|crossing| !crossing.branches.is_empty()).collect()
    };
    let (values, slopes) = (values.slice(upper).to_owned(), slopes.slice(upper).to_owned());
    Ok(Branches { times, values, slopes, crossings: kept(crossings), avoided: kept(avoided) })
}

struct Tracker<'a, T: Element, F> {
    family: &'a F,
    end: T::Real,
    options: TrackOptions<T::Real>,
    at: Sample<T>,
    /// The branch to which each value belongs, values ascending.
    branch_of: Vec<usize>,
    longest: T::Real,
    step: T::Real,
    steps: usize,
    found: Branches<T::Real>,
}

impl<'a, T: Element, F: Family<T>> Tracker<'a, T, F> {
    fn new(family: &'a F, range: Range<T::Real>, options: TrackOptions<T::Real>) -> Result<Self> {
        let at = sample(family, range.start, None)?;
        let n = at.values.len();
        let span = range.end - range.start;
        let empty = || Array2::zeros((0, n));
        let (crossings, avoided) = (Vec::new(), Vec::new());
        let found = Branches { times: Array1::zeros(0), values: empty(), slopes: empty(), crossings, avoided };
        let (branch_of, longest) = ((0..n).collect(), span / T::Real::real(8.0));
        let step = longest / T::Real::real(4.0);
        Ok(Tracker { family, end: range.end, options, at, branch_of, longest, step, steps: 0, found })
    }

    fn run(mut self) -> Result<Branches<T::Real>> {
        let (mut times, mut rows) = (vec![self.at.t], vec![self.in_branches(&self.at, true)]);
        while self.at.t < self.end {
            self.advance()?;
            times.push(self.at.t);
            rows.push(self.in_branches(&self.at, false));
        }
        let (n, count) = (self.branch_of.len(), rows.len());
        self.found.times = Array1::from_vec(times);
        self.found.values = Array2::from_shape_fn((count, n), |(row, branch)| rows[row].0[branch]);
        self.found.slopes = Array2::from_shape_fn((count, n), |(row, branch)| rows[row].1[branch]);
        Ok(self.found)
    }

    /// Values and derivatives by branch, the latter from the right or from the left where values are equal.
    fn in_branches(&self, at: &Sample<T>, right: bool) -> (Vec<T::Real>, Vec<T::Real>) {
        let slopes = if right { at.slopes.clone() } else { at.left_slopes() };
        (permuted(&at.values, &self.branch_of), permuted(&slopes, &self.branch_of))
    }

    /// Takes one step that the tolerance allows.
    fn advance(&mut self) -> Result<()> {
        loop {
            self.steps += 1;
            let shortest = T::Real::real(16.0) * T::Real::EPS * Float::max(Float::abs(self.at.t), self.longest);
            if self.steps > self.options.steps || self.step < shortest {
                return Err(Error::NoConvergence { routine: "tracking" });
            }
            let next = self.next()?;
            let middle = self.sample(self.at.t + (next.t - self.at.t) / T::Real::real(2.0))?;
            let places = meetings(self.family, &self.at, &next)?;
            let error = self.deviation(&next, &middle, &places);
            let tolerance = self.options.tolerance * Float::max(self.at.size(), next.size());
            if error > tolerance {
                self.step = (next.t - self.at.t) / T::Real::real(2.0);
                continue;
            }
            if error < tolerance / T::Real::real(32.0) {
                self.step = Float::min(self.step * T::Real::real(2.0), self.longest);
            }
            for place in places {
                self.record(&place);
                place.apply(&mut self.branch_of);
            }
            self.at = next;
            return Ok(());
        }
    }

    /// The end of the step: where no values meet that were apart, and no gap is just at its least, if there is such a place near.
    fn next(&self) -> Result<Sample<T>> {
        let whole = Float::min(self.step, self.end - self.at.t);
        let mut next = self.sample(if whole == self.step { self.at.t + whole } else { self.end })?;
        for part in [0.83, 0.71, 0.59] {
            if !next.has_ties_beyond(&self.at) && !next.stands_still_beyond(&self.at) {
                break;
            }
            next = self.sample(self.at.t + whole * T::Real::real(part))?;
        }
        Ok(next)
    }

    fn sample(&self, t: T::Real) -> Result<Sample<T>> {
        sample(self.family, t, Some(self.at.values.len()))
    }

    /// How far the branches are in the middle from the cubics through the ends.
    fn deviation(&self, next: &Sample<T>, middle: &Sample<T>, places: &[Meeting<T::Real>]) -> T::Real {
        let after = |t: T::Real| {
            let mut branch_of = self.branch_of.clone();
            places.iter().filter(|place| place.t < t).for_each(|place| place.apply(&mut branch_of));
            branch_of
        };
        let (half, eighth) = (T::Real::real(0.5), (next.t - self.at.t) / T::Real::real(8.0));
        let (at_end, at_middle) = (after(next.t), after(middle.t));
        let (v0, s0) = (permuted(&self.at.values, &self.branch_of), permuted(&self.at.slopes, &self.branch_of));
        let (v1, s1) = (permuted(&next.values, &at_end), permuted(&next.left_slopes(), &at_end));
        let found = permuted(&middle.values, &at_middle);
        let error = |j: usize| Float::abs(half * (v0[j] + v1[j]) + eighth * (s0[j] - s1[j]) - found[j]);
        (0..found.len()).map(error).fold(T::Real::zero(), Float::max)
    }

    fn record(&mut self, place: &Meeting<T::Real>) {
        let branches = place.values.clone().map(|i| self.branch_of[i]).collect();
        let crossing = Crossing { t: place.t, branches, value: place.value, gap: place.gap };
        if place.meets { self.found.crossings.push(crossing) } else { self.found.avoided.push(crossing) }
    }
}

/// What belongs to each branch.
fn permuted<R: Real>(ordered: &Array1<R>, branch_of: &[usize]) -> Vec<R> {
    let mut permuted = vec![R::zero(); branch_of.len()];
    branch_of.iter().zip(ordered).for_each(|(&branch, &x)| permuted[branch] = x);
    permuted
}
