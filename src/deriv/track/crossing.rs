//! Derivatives: which branch each eigenvalue of a family belongs to at the end of a step, and where branches meet within it.
//! On the floor above `factor`; must not call values equal that are apart by more than rounding errors.

use std::cell::Cell;

use num_traits::Float;

use super::link::link;
use super::sample::{Path, Sample, sample};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};

/// Branches that come nearest, and whether they meet.
pub(super) struct Meeting<R> {
    pub(super) t: R,
    pub(super) branches: Vec<usize>,
    pub(super) value: R,
    pub(super) gap: R,
    pub(super) meets: bool,
    /// How far from `t` it may be: where the values change by less than their rounding errors.
    pub(super) around: R,
}

/// A family that is looked at between samples, so often as is allowed.
pub(super) struct Search<'a, T: Element, P> {
    pub(super) path: &'a P,
    /// The longest step; two places that are apart by less than ε times that are one.
    pub(super) longest: T::Real,
    /// How many more places may be looked at.
    pub(super) left: Cell<usize>,
}

/// What is known at the end of an interval: the branch of each value, and what the branches did on the way.
pub(super) struct Way<R> {
    pub(super) branch_of: Vec<usize>,
    pub(super) meetings: Vec<Meeting<R>>,
}

/// Where an interval is divided, of its length: not first where symmetry puts what is looked for, and elsewhere if values cannot be
/// told apart there.
const PARTS: [f64; 5] = [0.5, 0.41, 0.62, 0.27, 0.76];

impl<T: Element, P: Path<T>> Search<'_, T, P> {
    pub(super) fn sample(&self, t: T::Real) -> Result<Sample<T>> {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => return Err(untraced(t, "the steps that are allowed did not suffice")),
        }
        sample(self.path, t, self.longest)
    }

    /// How far places must be apart to be two, near a place.
    pub(super) fn shortest(&self, t: T::Real) -> T::Real {
        T::Real::EPS * Float::max(self.longest, Float::abs(t))
    }

    /// Follows the values that belong to `branch_of` at `from` until `to`. An interval in which values change their order or their vectors turn
    /// too far is divided, until the place of the crossing is seen or turns out to be none.
    pub(super) fn follow(&self, from: &Sample<T>, branch_of: &[usize], to: &Sample<T>) -> Result<Way<T::Real>> {
        let linked = link(from, to)?;
        match &linked {
            Some(linked) if !linked.inverted => return self.smooth(from, branch_of, to, &linked.from),
            _ => {}
        }
        if let Some(middle) = self.between(from, to)? {
            return self.through(from, branch_of, &middle, to);
        }
        match linked {
            Some(linked) => Ok(crossed(from, branch_of, to, &linked.from)),
            None => Err(untraced(from.t, "the vectors do not tell which value continues which")),
        }
    }

    /// A place between two others at which no more values are equal than at one of them, if there is one.
    fn between(&self, from: &Sample<T>, to: &Sample<T>) -> Result<Option<Sample<T>>> {
        let length = to.t - from.t;
        if length <= T::Real::real(2.0) * self.shortest(Float::max(Float::abs(from.t), Float::abs(to.t))) {
            return Ok(None);
        }
        let fewest = from.groups.len().min(to.groups.len());
        for part in PARTS {
            let t = from.t + length * T::Real::real(part);
            if t > from.t && t < to.t {
                let middle = self.sample(t)?;
                if middle.groups.len() >= fewest {
                    return Ok(Some(middle));
                }
            }
        }
        Ok(None)
    }

    fn through(
        &self, from: &Sample<T>, branch_of: &[usize], middle: &Sample<T>, to: &Sample<T>,
    ) -> Result<Way<T::Real>> {
        let mut before = self.follow(from, branch_of, middle)?;
        let after = self.follow(middle, &before.branch_of, to)?;
        before.meetings.extend(after.meetings);
        Ok(Way { branch_of: after.branch_of, meetings: before.meetings })
    }

    /// An interval in which all values keep their order: what remains is where neighbours are nearest.
    fn smooth(&self, from: &Sample<T>, branch_of: &[usize], to: &Sample<T>, source: &[usize]) -> Result<Way<T::Real>> {
        let mut way = Way { branch_of: source.iter().map(|&i| branch_of[i]).collect(), meetings: Vec::new() };
        let mut position = vec![0; source.len()];
        source.iter().enumerate().for_each(|(j, &i)| position[i] = j);
        for pair in 1..source.len() {
            let (lower, upper) = (pair - 1, pair);
            let (low_end, up_end) = (position[lower], position[upper]);
            let tied = from.are_tied(lower, upper) || to.are_tied(low_end, up_end);
            let shrinking = from.slopes[lower] - from.slopes[upper];
            let growing = to.slopes[up_end] - to.slopes[low_end];
            // Values that are parallel but for rounding are nowhere nearest; where the gap is least at the end, it stands still there.
            let blurred = Float::max(from.blur_of_slope(lower), to.blur_of_slope(Ord::min(low_end, up_end)));
            if tied || shrinking <= blurred || growing < -blurred {
                continue;
            }
            let (place, meets) = match self.nearest(from, lower, to)? {
                Nearest::Nowhere => continue,
                Nearest::Divides(place) => return self.through(from, branch_of, &place, to),
                Nearest::Least(place, meets) => (place, meets),
            };
            let value = (place.values[lower] + place.values[upper]) / T::Real::real(2.0);
            let branches = vec![branch_of[lower], branch_of[upper]];
            let (gap, around) = (place.gap(lower), place.blur());
            way.meetings.push(Meeting { t: place.t, branches, value, gap, meets, around });
        }
        way.meetings.extend(entered(from, to, &way.branch_of, source));
        way.meetings.sort_by(|x, y| x.t.as_f64().total_cmp(&y.t.as_f64()));
        Ok(way)
    }

    /// Looks for the place at which the gap above value `pair` is least, by bisection for the sign of its derivative.
    fn nearest(&self, from: &Sample<T>, pair: usize, to: &Sample<T>) -> Result<Nearest<T>> {
        let growth = |at: &Sample<T>| at.slopes[pair + 1] - at.slopes[pair];
        let ((mut low, mut shrinking), (mut high, mut growing)) = ((from.t, growth(from)), (to.t, growth(to)));
        let fewest = from.groups.len().min(to.groups.len());
        let mut best = None;
        loop {
            let middle = low + (high - low) / T::Real::real(2.0);
            if middle <= low || middle >= high || high - low <= self.shortest(middle) {
                // The branches of a crossing are still apart by as much as they part in what is left.
                let parting = (high - low) * Float::max(growing, -shrinking);
                return Ok(best.map_or(Nearest::Nowhere, |best: Sample<T>| {
                    let meets = best.gap(pair) <= parting;
                    Nearest::Least(best, meets)
                }));
            }
            let found = self.sample(middle)?;
            let tied = found.are_tied(pair, pair + 1);
            if found.groups.len() < fewest {
                if tied {
                    return Ok(Nearest::Least(found, true));
                }
            } else if tied || link(from, &found)?.is_none_or(|linked| linked.inverted) {
                return Ok(Nearest::Divides(found));
            }
            let rate = growth(&found);
            if rate < T::Real::real(0.0) {
                (low, shrinking) = (middle, rate)
            } else {
                (high, growing) = (middle, rate)
            }
            best = Some(found);
        }
    }
}

/// What is found where neighbours are nearest.
enum Nearest<T: Element> {
    Nowhere,
    /// A place at which the interval is to be divided: values are equal there, or have changed their order.
    Divides(Sample<T>),
    /// The place of the least gap, and whether it is none.
    Least(Sample<T>, bool),
}

/// The runs of values that are equal at the end of an interval and not at its beginning.
fn entered<T: Element>(
    from: &Sample<T>, to: &Sample<T>, branch_of: &[usize], source: &[usize],
) -> Vec<Meeting<T::Real>> {
    let runs =
        to.ties.iter().filter(|run| (run.start + 1..run.end).any(|j| !from.are_tied(source[run.start], source[j])));
    runs.map(|run| met(to, run.clone(), branch_of)).collect()
}

/// The meeting of values that are equal.
pub(super) fn met<T: Element>(at: &Sample<T>, run: std::ops::Range<usize>, branch_of: &[usize]) -> Meeting<T::Real> {
    let (first, last) = run.clone().fold((at.values[run.start], at.values[run.start]), |(first, last), i| {
        (Float::min(first, at.values[i]), Float::max(last, at.values[i]))
    });
    let mut branches: Vec<usize> = branch_of[run].to_vec();
    branches.sort_unstable();
    let value = first + (last - first) / T::Real::real(2.0);
    Meeting { t: at.t, branches, value, gap: last - first, meets: true, around: at.blur() }
}

/// An interval that cannot be divided further, in which values change their order: they cross, where the straight lines through
/// their ends do.
fn crossed<T: Element>(from: &Sample<T>, branch_of: &[usize], to: &Sample<T>, source: &[usize]) -> Way<T::Real> {
    let order = to.order_before();
    let mut values: Vec<usize> = (0..source.len()).collect();
    values.sort_by_key(|&j| order[j]);
    let mut meetings: Vec<Meeting<T::Real>> = Vec::new();
    let mut start = 0;
    // A run of places whose values come from the same places is closed; within it they change.
    for end in 1..=values.len() {
        let closed = values[start..end].iter().all(|&j| (start..end).contains(&source[j]));
        if !closed {
            continue;
        }
        if end - start > 1 {
            meetings.push(crossing(from, to, &values[start..end], (branch_of, source)));
        }
        start = end;
    }
    Way { branch_of: source.iter().map(|&i| branch_of[i]).collect(), meetings }
}

fn crossing<T: Element>(
    from: &Sample<T>, to: &Sample<T>, values: &[usize], (branch_of, source): (&[usize], &[usize]),
) -> Meeting<T::Real> {
    let half = T::Real::real(0.5);
    let (lower, upper) = (values[0], values[values.len() - 1]);
    let before = Float::abs(from.values[source[lower]] - from.values[source[upper]]);
    let after = Float::abs(to.values[upper] - to.values[lower]);
    let part = if before + after > T::Real::real(0.0) { before / (before + after) } else { half };
    let at = |j: usize| from.values[source[j]] + (to.values[j] - from.values[source[j]]) * part;
    let mut branches: Vec<usize> = values.iter().map(|&j| branch_of[source[j]]).collect();
    branches.sort_unstable();
    Meeting {
        t: from.t + (to.t - from.t) * part,
        branches,
        value: (at(lower) + at(upper)) * half,
        gap: Float::abs(at(upper) - at(lower)),
        meets: true,
        around: from.blur() + (to.t - from.t),
    }
}

/// Why branches are lost.
pub(super) fn untraced<R: Real>(t: R, why: &'static str) -> Error {
    Error::Untraced { t: t.as_f64(), why }
}
