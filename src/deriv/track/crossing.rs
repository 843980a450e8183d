//! Derivatives: which branch each eigenvalue of a family belongs to at the end of a step, and where branches meet within it.
//! On the floor above `factor`; must not call values equal that are apart by more than rounding errors.

use std::cell::Cell;

use num_traits::Float;

use super::Crossing;
use super::avoided::Node;
use super::link::link;
use super::sample::{Path, Sample, sample};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};

/// Branches that come nearest, and whether they meet.
#[derive(Clone)]
pub(super) struct Meeting<R> {
    pub(super) t: R,
    pub(super) branches: Vec<usize>,
    pub(super) value: R,
    pub(super) gap: R,
    pub(super) meets: bool,
    /// How far from `t` it may be: where the values change by less than their rounding errors.
    pub(super) around: R,
    /// The gap up to which values count as equal there.
    pub(super) tie: R,
}

impl<R: Real> Meeting<R> {
    /// What a caller is told of it.
    pub(super) fn place(self) -> Crossing<R> {
        Crossing { t: self.t, branches: self.branches, value: self.value, gap: self.gap }
    }
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
    pub(super) done: Done<R>,
}

/// What branches did, in the order of t.
#[derive(Default)]
pub(super) struct Done<R> {
    /// Places where neighbours are nearest, or branches meet.
    pub(super) meetings: Vec<Meeting<R>>,
    /// The branches at the ends of intervals.
    pub(super) nodes: Vec<Node<R>>,
}

impl<R> Done<R> {
    pub(super) fn append(&mut self, mut later: Self) {
        self.meetings.append(&mut later.meetings);
        self.nodes.append(&mut later.nodes);
    }
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
        before.done.append(after.done);
        Ok(Way { branch_of: after.branch_of, done: before.done })
    }

    /// An interval in which all values keep their order: what remains is where neighbours are nearest.
    fn smooth(&self, from: &Sample<T>, branch_of: &[usize], to: &Sample<T>, source: &[usize]) -> Result<Way<T::Real>> {
        let continued: Vec<usize> = source.iter().map(|&i| branch_of[i]).collect();
        let mut meetings = entered(from, to, &continued, source);
        let mut position = vec![0; source.len()];
        source.iter().enumerate().for_each(|(j, &i)| position[i] = j);
        for pair in 1..source.len() {
            let (lower, upper) = (pair - 1, pair);
            let (low_end, up_end) = (position[lower], position[upper]);
            let tied = from.are_tied(lower, upper) || to.are_tied(low_end, up_end);
            let shrinking = from.slopes[lower] - from.slopes[upper];
            let growing = to.slopes[up_end] - to.slopes[low_end];
            // The gap falls here and at the end it does not, as far as is seen in the longest step: between two steps one and the same sign
            // decides, so that no place is lost.
            if tied || shrinking * self.longest <= from.tie || -growing * self.longest > to.tie {
                continue;
            }
            let (place, meets) = match self.nearest(from, lower, to)? {
                Nearest::Nowhere => continue,
                Nearest::Divides(place) => return self.through(from, branch_of, &place, to),
                Nearest::Least(place, meets) => (place, meets),
            };
            let value = (place.values[lower] + place.values[upper]) / T::Real::real(2.0);
            let branches = vec![branch_of[lower], branch_of[upper]];
            let (gap, around, tie) = (place.gap(lower), place.blur(), place.tie);
            meetings.push(Meeting { t: place.t, branches, value, gap, meets, around, tie });
        }
        meetings.sort_by(|x, y| x.t.as_f64().total_cmp(&y.t.as_f64()));
        let nodes = vec![Node::of(to, &continued)];
        Ok(Way { branch_of: continued, done: Done { meetings, nodes } })
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
    Meeting { t: at.t, branches, value, gap: last - first, meets: true, around: at.blur(), tie: at.tie }
}

/// An interval that cannot be divided further, in which values change their order: they cross, where the straight lines through
/// their ends do.
fn crossed<T: Element>(from: &Sample<T>, branch_of: &[usize], to: &Sample<T>, source: &[usize]) -> Way<T::Real> {
    let order = to.order_before();
    // Values that are equal at both ends do not cross, whatever their vectors say.
    let equal = |run: &[usize]| run.iter().all(|&j| to.are_tied(run[0], j) && from.are_tied(source[run[0]], source[j]));
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
        if end - start > 1 && !equal(&values[start..end]) {
            meetings.push(crossing(from, to, &values[start..end], (branch_of, source)));
        }
        start = end;
    }
    let branch_of: Vec<usize> = source.iter().map(|&i| branch_of[i]).collect();
    let nodes = vec![Node::of(to, &branch_of)];
    Way { branch_of, done: Done { meetings, nodes } }
}

fn crossing<T: Element>(
    from: &Sample<T>, to: &Sample<T>, values: &[usize], (branch_of, source): (&[usize], &[usize]),
) -> Meeting<T::Real> {
    let [half, one, three] = [0.5, 1.0, 3.0].map(T::Real::real);
    let (lower, upper, length) = (values[0], values[values.len() - 1], to.t - from.t);
    // The cubic through values and slopes at both ends, for the interval may be a long one where others are equal all the way.
    let at = |j: usize, part: T::Real| {
        let (i, rest) = (source[j], one - part);
        let ends =
            (from.values[i] * (one + part + part) * rest) * rest + (to.values[j] * (three - part - part) * part) * part;
        ends + (from.slopes[i] * rest - to.slopes[j] * part) * part * rest * length
    };
    let before = from.values[source[lower]] - from.values[source[upper]];
    let after = to.values[lower] - to.values[upper];
    let part = sign_change(|part| at(lower, part) - at(upper, part), (before, after));
    let parted = Float::abs(before) + Float::abs(after);
    let tie = Float::max(from.tie, to.tie);
    // Two that part by much more than a tie are known to cross where they do; of more than two the order is not.
    let unknown = if values.len() == 2 && parted > tie { tie / parted } else { one };
    let mut branches: Vec<usize> = values.iter().map(|&j| branch_of[source[j]]).collect();
    branches.sort_unstable();
    Meeting {
        t: from.t + length * part,
        branches,
        value: (at(lower, part) + at(upper, part)) * half,
        gap: Float::abs(at(upper, part) - at(lower, part)),
        meets: true,
        around: from.blur() + length * unknown,
        tie,
    }
}

/// Where in 0..1 a function changes its sign that has these values at the ends, by bisection; in the middle if it has one sign there.
fn sign_change<R: Real>(function: impl Fn(R) -> R, (before, after): (R, R)) -> R {
    let [zero, half] = [0.0, 0.5].map(R::real);
    let (mut low, mut high) = (zero, R::real(1.0));
    if before == zero || after == zero {
        return if before == zero { low } else { high };
    }
    let is_before = |x: R| (x > zero) == (before > zero);
    if is_before(after) {
        return half;
    }
    loop {
        let middle = low + (high - low) * half;
        if middle <= low || middle >= high {
            return middle;
        }
        if is_before(function(middle)) { low = middle } else { high = middle }
    }
}

/// Why branches are lost.
pub(super) fn untraced<R: Real>(t: R, why: &'static str) -> Error {
    Error::Untraced { t: t.as_f64(), why }
}
