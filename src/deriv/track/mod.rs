//! Derivatives: the eigenvalues or singular values of a family of matrices, followed through crossings.
//! On the floor above `factor`; must not take the order of the values for their identity.
//!
//! The eigenvalues of an analytic family of Hermitian matrices can be numbered so that each is an analytic function of t, with analytic
//! eigenvectors (F. Rellich; T. Kato, Perturbation Theory for Linear Operators, II §6). Ordered values have kinks where such
//! branches cross. Which value continues which is read off the vectors' overlap, which for equal values are those that diagonalize
//! A′ on their space. Where values change their order, the interval is divided until they are seen to be equal within it, which is a crossing,
//! or the vectors are seen to turn from one to the other, which is none.

mod avoided;
mod crossing;
mod link;
mod sample;
mod tracker;

use std::ops::Range;

use ndarray::{Array1, Array2, s};
use num_traits::Float;

use crate::element::{Element, Real};
use crate::error::{Error, Result};

use crossing::Meeting;
use sample::{Embedded, Square};
use tracker::{Followed, Tracker};

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
    /// How far a branch may be from the cubic through the ends of a step, relative to the largest value that was met so far or
    /// stands at an end of the range: ε^½ by default.
    pub tolerance: R,
    /// At how many places the family may be looked at: 100 000 by default.
    pub steps: usize,
}

impl<R: Real> Default for TrackOptions<R> {
    fn default() -> Self {
        TrackOptions { tolerance: Float::sqrt(R::EPS), steps: 100_000 }
    }
}

/// A place where branches come nearest. Of those that meet, branches that meet a common one at one place, as far as rounded numbers can tell places
/// apart, are one entry.
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
    /// Where neighbouring branches come nearest and part again.
    pub avoided: Vec<Crossing<R>>,
}

/// The eigenvalues of a family of Hermitian matrices over `range`, as branches that are analytic where the family is. They are numbered
/// in ascending order just after the beginning of the range. Matrices count by their Hermitian parts, (A + Aᴴ)/2.
///
/// The step is halved until the cubic through values and derivatives at its ends tells the middle to the tolerance, and doubled where it
/// does much better. Two eigenvalue decompositions for each step and some hundred for each place where branches change their order. What is
/// narrower than a step and shows neither at its ends nor in its middle is not seen: give a family that turns fast a range to match.
///
/// # Crossings and avoided crossings
/// Values count as equal up to 10·√n·ε·max(‖A(t)‖₂, |t|·‖A′(t)‖₂), the [`tie_tolerance`](super::tie_tolerance) of a matrix whose
/// argument is a rounded number as well, or where they part by less in ε times an eighth of the range. An avoided crossing
/// with a gap of twice that or more, ‖A(t)‖₂ being the largest in the range, is told from a crossing; below that the answer is one of the two, or
/// [`Error::Untraced`]. For values up to 1 and n = 2 that is a gap of 6·10⁻¹⁵ in [`f64`] and 4·10⁻⁶ in [`f32`].
/// Equal values at the ends of the range are crossings too, where they part. On a stretch where values count as equal that are apart at both its ends, such
/// as small ones beside a large one, crossings of others are placed by the cubics through those ends, and may be one entry if they share a branch.
///
/// An avoided crossing is where the gap between neighbours is least, if it falls before and rises after by more than a few ties within the range. So parallel
/// branches, branches that approach each other for ever, and a least gap at an end of the range are none.
///
/// # Source
/// F. Rellich, Störungstheorie der Spektralzerlegung, Math. Ann. 113 (1937); T. Kato, Perturbation Theory for Linear Operators, II §6.
///
/// # Errors
/// [`Error::Parameter`] for a range or a tolerance that makes no sense, [`Error::NotSquare`], [`Error::Shape`] where the shape changes,
/// [`Error::NonFinite`], [`Error::Untraced`] where the family is not smooth enough to be followed in the steps that are allowed, or
/// vectors do not tell which branch is which; as for [`EighExt::eigh`](crate::factor::EighExt::eigh).
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
    require_sense(&range, options)?;
    let path = Square::new::<T>(family, range.start)?;
    let Followed { times, values, slopes, crossings, avoided } = Tracker::new(&path, range, *options)?.run()?;
    let places = |meetings: Vec<Meeting<T::Real>>| meetings.into_iter().map(Meeting::place).collect();
    Ok(Branches { times, values, slopes, crossings: places(crossings), avoided: places(avoided) })
}

fn require_sense<R: Real>(range: &Range<R>, options: &TrackOptions<R>) -> Result<()> {
    let (start, end) = (range.start, range.end);
    let makes_sense = start < end && (end - start).as_f64().is_finite();
    if !makes_sense {
        let found = format!("{start} to {end}");
        return Err(Error::Parameter { what: "the range of t", expected: "two numbers that ascend", found });
    }
    let tolerance = options.tolerance;
    if !tolerance.as_f64().is_finite() || tolerance <= R::zero() {
        let found = tolerance.to_string();
        return Err(Error::Parameter { what: "the tolerance of the tracking", expected: "a number > 0", found });
    }
    Ok(())
}

/// The singular values of a family of matrices of any shape over `range`, as analytic branches, numbered in descending order just
/// after the beginning of the range. A branch that passes through zero goes on with negative sign: the ordinary singular value is
/// its modulus.
///
/// They are the eigenvalues of [0 A; Aᴴ 0] that begin positive (G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, I.4.2), so that the work is
/// that of [`track`] for matrices of order m + n.
///
/// A crossing with one branch is one with zero: with the branch's own mirror image −σ, or with a zero that only a matrix which is not square has.
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
    require_sense(&range, options)?;
    let (m, n) = family.matrix(range.start).dim();
    let k = m.min(n);
    let path = Embedded { family, shape: (m, n) };
    let Followed { times, values, slopes, crossings, avoided } = Tracker::new(&path, range, *options)?.run()?;
    // Column j of the result is column m + n − 1 − j of the eigenvalues; columns below k are mirror images, and the others zeros.
    let upper = s![.., m + n - k..;-1];
    let kept = |meetings: Vec<Meeting<T::Real>>| {
        let others = meetings.into_iter().filter(|meeting| !is_mirror_image(meeting, m + n));
        others.filter_map(|meeting| unmirrored(meeting.place(), (m + n, k))).collect()
    };
    let (values, slopes) = (values.slice(upper).to_owned(), slopes.slice(upper).to_owned());
    Ok(Branches { times, values, slopes, crossings: kept(crossings), avoided: kept(avoided) })
}

/// Whether a meeting among `order` values ±σ is the mirror image of another: not above zero, nor at zero as far as values can be told apart
/// at that place, where the two would be one.
fn is_mirror_image<R: Real>(meeting: &Meeting<R>, order: usize) -> bool {
    let half = R::real(0.5);
    let (lower, upper) = (meeting.value - meeting.gap * half, meeting.value + meeting.gap * half);
    let zero = meeting.tie * half;
    let is_its_own = || meeting.branches.iter().all(|b| meeting.branches.contains(&(order - 1 - b)));
    lower < -zero && upper <= zero && !is_its_own()
}

/// A meeting of the eigenvalues ±σ and zeros, `order` together with `k` values of either sign, as one of singular values, if one
/// of these belongs to it.
fn unmirrored<R: Real>(place: Crossing<R>, (order, k): (usize, usize)) -> Option<Crossing<R>> {
    let mirror = |b: usize| order - 1 - b;
    let own = |b: &usize| (*b).max(mirror(*b));
    let mut branches: Vec<usize> = place.branches.iter().map(own).filter(|&b| b >= order - k).map(mirror).collect();
    branches.sort_unstable();
    branches.dedup();
    (!branches.is_empty()).then_some(Crossing { branches, value: Float::abs(place.value), ..place })
}
