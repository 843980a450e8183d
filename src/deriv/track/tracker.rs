//! Derivatives: the steps by which the branches of a family are followed.
//! On the floor above `factor`; must not decide what continues what.

use std::cell::Cell;
use std::ops::Range;

use ndarray::{Array1, Array2};
use num_traits::{Float, Zero};

use super::TrackOptions;
use super::avoided::{Node, avoided};
use super::crossing::{Done, Meeting, Search, Way, met, untraced};
use super::sample::{Path, Sample, permuted};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};

pub(super) struct Tracker<'a, T: Element, P> {
    search: Search<'a, T, P>,
    range: Range<T::Real>,
    tolerance: T::Real,
    /// The last place at which no values were equal, slopes included, that had been apart, with the branch of each value.
    base: (Sample<T>, Vec<usize>),
    /// The place that was reached beyond it, if such values are.
    beyond: Option<(Sample<T>, Vec<usize>)>,
    /// What the branches did since `base`.
    since: Done<T::Real>,
    step: T::Real,
    /// The largest value so far and at the end.
    size: T::Real,
    /// What they did until then.
    done: Done<T::Real>,
}

/// Branches, and where they meet or come nearest, with what is known of these places.
pub(super) struct Followed<R> {
    pub(super) times: Array1<R>,
    pub(super) values: Array2<R>,
    pub(super) slopes: Array2<R>,
    pub(super) crossings: Vec<Meeting<R>>,
    pub(super) avoided: Vec<Meeting<R>>,
}

/// A step that may be taken.
struct Step<T: Element> {
    to: Sample<T>,
    way: Way<T::Real>,
    /// Whether it begins at the base.
    from_base: bool,
}

impl<'a, T: Element, P: Path<T>> Tracker<'a, T, P> {
    pub(super) fn new(path: &'a P, range: Range<T::Real>, options: TrackOptions<T::Real>) -> Result<Self> {
        let longest = (range.end - range.start) / T::Real::real(8.0);
        let search = Search { path, longest, left: Cell::new(options.steps) };
        let (at, last) = (search.sample(range.start)?, search.sample(range.end)?);
        let size = Float::max(at.size(), last.size());
        let base: (_, Vec<usize>) = (at, (0..last.values.len()).collect());
        let (step, tolerance) = (longest / T::Real::real(4.0), options.tolerance);
        let done = Done { meetings: Vec::new(), nodes: vec![Node::of(&base.0, &base.1)] };
        Ok(Tracker { search, range, tolerance, base, beyond: None, since: Done::default(), step, size, done })
    }

    pub(super) fn run(mut self) -> Result<Followed<T::Real>> {
        let n = self.base.1.len();
        let (mut times, mut values, mut slopes) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let (at, branch_of) = self.at();
            times.push(at.t);
            values.extend(permuted(&at.values, branch_of));
            slopes.extend(permuted(&at.slopes, branch_of));
            if at.t >= self.range.end {
                break;
            }
            self.advance()?;
        }
        self.done.append(self.since);
        let Done { mut meetings, nodes } = self.done;
        meetings.sort_by(|x, y| x.t.as_f64().total_cmp(&y.t.as_f64()));
        let mut avoided = avoided(&nodes, &meetings);
        avoided.sort_by(|x, y| x.t.as_f64().total_cmp(&y.t.as_f64()));
        let crossings = joined(meetings.into_iter().filter(|meeting| meeting.meets));
        let table =
            |rows: Vec<T::Real>| Array2::from_shape_fn((times.len(), n), |(row, branch)| rows[row * n + branch]);
        let (values, slopes) = (table(values), table(slopes));
        Ok(Followed { times: Array1::from_vec(times), values, slopes, crossings, avoided })
    }

    fn at(&self) -> (&Sample<T>, &[usize]) {
        let (at, branch_of) = self.beyond.as_ref().unwrap_or(&self.base);
        (at, branch_of)
    }

    /// Takes one step that the tolerance allows.
    fn advance(&mut self) -> Result<()> {
        loop {
            let t = self.at().0.t;
            let shortest = T::Real::real(16.0) * self.search.shortest(t);
            if self.step < shortest {
                return Err(untraced(t, "the values or the vectors are not smooth"));
            }
            let to = self.next()?;
            let middle = self.search.sample(t + (to.t - t) / T::Real::real(2.0))?;
            let size = [to.size(), middle.size()].into_iter().fold(self.size, Float::max);
            // What the rounding of t itself leaves of the values.
            let rounding = T::Real::real(4.0) * T::Real::EPS * Float::abs(to.t) * middle.steepest;
            let tolerance = self.tolerance * size + rounding;
            let length = to.t - t;
            let taken = match self.taken(to) {
                // Too long a step may well be what the vectors turn too far in.
                Err(Error::Untraced { .. }) if self.step >= shortest + shortest && self.search.left.get() > 0 => None,
                taken => Some(taken?),
            };
            let error = taken.as_ref().map_or(T::Real::infinity(), |taken| self.deviation(taken, &middle));
            match taken {
                Some(taken) if error <= tolerance => {
                    if error < tolerance / T::Real::real(32.0) {
                        self.step = Float::min(self.step * T::Real::real(2.0), self.search.longest);
                    }
                    self.size = size;
                    self.accept(taken);
                    return Ok(());
                }
                _ => self.step = length / T::Real::real(2.0),
            }
        }
    }

    /// The end of the step, where values can be told apart that are told apart now, if there is such a place near.
    fn next(&self) -> Result<Sample<T>> {
        let (at, end) = (self.at().0, self.range.end);
        let whole = Float::min(self.step, end - at.t);
        let to_end = whole < self.step || at.t + whole >= end;
        let mut next = self.search.sample(if to_end { end } else { at.t + whole })?;
        for part in [0.83, 0.71, 0.59] {
            if to_end || next.groups.len() >= at.groups.len() {
                break;
            }
            next = self.search.sample(at.t + whole * T::Real::real(part))?;
        }
        Ok(next)
    }

    /// The step to a place: from where values were last apart if some part there that are not now.
    fn taken(&self, to: Sample<T>) -> Result<Step<T>> {
        let from_base = match &self.beyond {
            Some((at, _)) => to.groups.len() > at.groups.len(),
            None => true,
        };
        let (from, branch_of) = if from_base { (&self.base.0, self.base.1.as_slice()) } else { self.at() };
        let way = self.search.follow(from, branch_of, &to)?;
        Ok(Step { to, way, from_base })
    }

    /// How far the values in the middle are from the cubics through the ends, and an eighth of how far they would get by their slopes'
    /// distance from those of the cubics in the length of the step, so that slopes that are not those of the values are found.
    fn deviation(&self, Step { to, way, .. }: &Step<T>, middle: &Sample<T>) -> T::Real {
        let (at, branch_of) = self.at();
        let (v0, s0) = (permuted(&at.values, branch_of), permuted(&at.slopes, branch_of));
        let (v1, s1) = (permuted(&to.values, &way.branch_of), permuted(&to.slopes, &way.branch_of));
        let [half, quarter, eighth] = [0.5, 0.25, 0.125].map(T::Real::real);
        let length = to.t - at.t;
        let cubic = |j: usize| {
            let value = half * (v0[j] + v1[j]) + eighth * length * (s0[j] - s1[j]);
            (value, (half + T::Real::real(1.0)) * (v1[j] - v0[j]) - quarter * length * (s0[j] + s1[j]))
        };
        let told = in_order((0..v0.len()).map(cubic).collect(), &middle.ties);
        let found = middle.values.iter().zip(&middle.slopes).map(|(&value, &slope)| (value, slope * length)).collect();
        let errors = told
            .iter()
            .zip(in_order(found, &middle.ties))
            .map(|(told, found)| Float::max(Float::abs(told.0 - found.0), eighth * Float::abs(told.1 - found.1)));
        errors.fold(T::Real::zero(), Float::max)
    }

    fn accept(&mut self, Step { to, way, from_base }: Step<T>) {
        if from_base {
            self.since = Done::default();
            if self.base.0.t == self.range.start {
                self.parted_at_the_start(&to, &way.branch_of);
            }
        }
        self.since.append(way.done);
        if to.groups.len() >= self.base.0.groups.len() {
            self.base = (to, way.branch_of);
            self.beyond = None;
            self.done.append(std::mem::take(&mut self.since));
        } else {
            self.beyond = Some((to, way.branch_of));
        }
    }

    /// Values that are equal at the beginning only meet there.
    fn parted_at_the_start(&mut self, to: &Sample<T>, branch_of: &[usize]) {
        let (start, branches) = &self.base;
        let mut position = vec![0; branch_of.len()];
        branch_of.iter().enumerate().for_each(|(j, &branch)| position[branch] = j);
        let parts = |run: &&Range<usize>| {
            (run.start + 1..run.end).any(|i| !to.are_tied(position[branches[run.start]], position[branches[i]]))
        };
        self.since.meetings.extend(start.ties.iter().filter(parts).map(|run| met(start, run.clone(), branches)));
    }
}

/// Crossings in their order, of which those that share a branch at one place, as far as places can be told, are one.
fn joined<R: Real>(crossings: impl Iterator<Item = Meeting<R>>) -> Vec<Meeting<R>> {
    let mut joined: Vec<Meeting<R>> = Vec::new();
    for mut crossing in crossings {
        let same = |known: &Meeting<R>| {
            crossing.t - known.t <= known.around + crossing.around
                && known.branches.iter().any(|branch| crossing.branches.contains(branch))
        };
        match joined.iter_mut().rev().find(|known| same(known)) {
            Some(known) => {
                known.branches.append(&mut crossing.branches);
                known.branches.sort_unstable();
                known.branches.dedup();
                known.gap = Float::max(known.gap, crossing.gap);
            }
            None => joined.push(crossing),
        }
    }
    joined
}

/// Values with their slopes in ascending order, and where values are equal in that of their slopes.
fn in_order<R: Real>(mut pairs: Vec<(R, R)>, ties: &[Range<usize>]) -> Vec<(R, R)> {
    pairs.sort_by(|x, y| x.0.as_f64().total_cmp(&y.0.as_f64()));
    ties.iter().for_each(|run| pairs[run.clone()].sort_by(|x, y| x.1.as_f64().total_cmp(&y.1.as_f64())));
    pairs
}
