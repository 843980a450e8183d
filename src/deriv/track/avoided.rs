//! Derivatives: which of the places where neighbouring branches are nearest are avoided crossings.
//! On the floor above `factor`; must not sample the family.

use num_traits::Float;

use super::crossing::Meeting;
use super::sample::{Sample, permuted};
use crate::element::{Element, Real};

/// The branches at one place.
pub(super) struct Node<R> {
    pub(super) t: R,
    /// By branch.
    pub(super) values: Vec<R>,
    /// The gap up to which values count as equal.
    pub(super) tie: R,
}

/// What two branches did so far.
#[derive(Clone)]
struct Pair<R> {
    /// The largest gap since they were nearest last, less what rounding may have added.
    apart: R,
    /// The place where they are nearest since.
    nearest: Option<Box<Meeting<R>>>,
}

/// The places where two branches come near each other and part again, each time by more than rounding errors can feign; from places where
/// neighbours are nearest or meet, and the branches at ends of intervals, both in their order.
///
/// Rounding gives branches that are parallel, or that approach each other for ever, a nearest place in each interval: the gap
/// itself has to fall and to rise.
pub(super) fn avoided<R: Real>(nodes: &[Node<R>], meetings: &[Meeting<R>]) -> Vec<Meeting<R>> {
    let n = nodes.first().map_or(0, |node| node.values.len());
    let mut pairs = vec![Pair { apart: R::zero(), nearest: None }; n * n];
    let mut avoided = Vec::new();
    let mut meetings = meetings.iter().peekable();
    for node in nodes {
        while let Some(meeting) = meetings.next_if(|meeting| meeting.t <= node.t) {
            enter(&mut pairs, meeting, node);
        }
        for i in 0..pairs.len() {
            let ends = [i / n, i % n];
            let Some(place) = pairs[i].pass(node, ends) else { continue };
            avoided.push(place);
            equal_pairs(&mut pairs, node, ends)
                .for_each(|pair| *pair = Pair { apart: node.apart(ends), nearest: None });
        }
    }
    avoided
}

/// The pairs whose branches equal these two at a place: of branches that are equal all the way it is arbitrary which ones are neighbours.
fn equal_pairs<'a, R: Real>(
    pairs: &'a mut [Pair<R>], node: &'a Node<R>, [a, b]: [usize; 2],
) -> impl Iterator<Item = &'a mut Pair<R>> {
    let n = node.values.len();
    let equal = move |i: usize, j: usize| Float::abs(node.values[i] - node.values[j]) <= node.tie;
    let same = move |c: usize, d: usize| equal(a, c) && equal(b, d) || equal(a, d) && equal(b, c);
    pairs.iter_mut().enumerate().filter(move |(i, _)| same(i / n, i % n)).map(|(_, pair)| pair)
}

/// Takes note of a place where branches are nearest, before `node`.
fn enter<R: Real>(pairs: &mut [Pair<R>], meeting: &Meeting<R>, node: &Node<R>) {
    let n = node.values.len();
    if meeting.meets {
        for (&a, &b) in meeting.branches.iter().flat_map(|a| meeting.branches.iter().map(move |b| (a, b))) {
            pairs[a * n + b] = Pair { apart: R::zero(), nearest: None };
        }
        return;
    }
    let &[a, b] = meeting.branches.as_slice() else { return };
    let is_nearer =
        |pair: &mut Pair<R>| pair.nearest.as_ref().is_some_and(|known| known.gap <= meeting.gap + meeting.tie);
    let is_known = equal_pairs(pairs, node, [a, b]).any(is_nearer);
    if pairs[a * n + b].apart > meeting.gap + meeting.tie && !is_known {
        equal_pairs(pairs, node, [a, b]).for_each(|pair| pair.nearest = None);
        pairs[a * n + b].nearest = Some(Box::new(meeting.clone()));
    }
}

impl<R: Real> Node<R> {
    pub(super) fn of<T: Element<Real = R>>(at: &Sample<T>, branch_of: &[usize]) -> Self {
        Node { t: at.t, values: permuted(&at.values, branch_of), tie: at.tie }
    }

    /// The gap between two branches, less what rounding may have added.
    fn apart(&self, [a, b]: [usize; 2]) -> R {
        Float::abs(self.values[a] - self.values[b]) - self.tie
    }
}

impl<R: Real> Pair<R> {
    /// Goes on to a place; the avoided crossing before it, if the branches have parted by now.
    fn pass(&mut self, node: &Node<R>, [a, b]: [usize; 2]) -> Option<Meeting<R>> {
        let (gap, apart) = (Float::abs(node.values[a] - node.values[b]), node.apart([a, b]));
        let Some(nearest) = &mut self.nearest else {
            self.apart = Float::max(self.apart, apart);
            return None;
        };
        if gap < nearest.gap {
            (nearest.t, nearest.gap, nearest.tie) = (node.t, gap, node.tie);
            nearest.value = node.values[a] + (node.values[b] - node.values[a]) * R::real(0.5);
            None
        } else if apart > nearest.gap + nearest.tie {
            self.nearest.take().map(|nearest| *nearest)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gaps of two branches at whole numbers, and the numbers at which they are found to be nearest.
    fn places(gaps: &[f64], nearest: &[usize], tie: f64) -> Vec<f64> {
        let node = |(i, &gap): (usize, &f64)| Node { t: i as f64, values: vec![1.0, 1.0 + gap], tie };
        let nodes: Vec<_> = gaps.iter().enumerate().map(node).collect();
        let meeting = |&i: &usize| {
            let (t, gap) = (i as f64, gaps[i]);
            Meeting { t, branches: vec![0, 1], value: 1.0, gap, meets: gap == 0.0, around: 0.0, tie }
        };
        avoided(&nodes, &nearest.iter().map(meeting).collect::<Vec<_>>()).iter().map(|meeting| meeting.t).collect()
    }

    #[test]
    fn a_gap_has_to_fall_and_to_rise() {
        assert_eq!(places(&[3.0, 1.0, 2.0], &[1], 0.1), [1.0]);
        assert_eq!(places(&[3.0, 1.0, 2.0, 1.5, 4.0], &[1, 3], 0.1), [1.0, 3.0]);
        // Only one of both, or by less than rounding.
        assert!(places(&[3.0, 2.0, 1.0], &[2], 0.1).is_empty() && places(&[1.0, 2.0, 3.0], &[0], 0.1).is_empty());
        assert!(places(&[1.0, 0.9, 1.0], &[1], 0.1).is_empty() && places(&[3.0, 1.0, 1.1], &[1], 0.1).is_empty());
    }

    #[test]
    fn noise_about_the_least_gap_is_one_place() {
        assert_eq!(places(&[3.0, 1.05, 1.0, 1.07, 1.02, 3.0], &[1, 2, 4], 0.1), [2.0]);
        // Where the gap falls further, that place is the nearest one.
        assert_eq!(places(&[3.0, 2.0, 1.0, 3.0], &[1], 0.1), [2.0]);
    }

    #[test]
    fn equal_branches_avoid_others_once() {
        let node = |(i, &gap): (usize, &f64)| Node { t: i as f64, values: vec![1.0, 1.0, 1.0 + gap], tie: 0.1 };
        let nodes: Vec<_> = [3.0, 1.0, 2.0, 1.95, 3.0].iter().enumerate().map(node).collect();
        let meeting = |branches: [usize; 2], i: usize, gap: f64| {
            let (t, branches) = (i as f64, branches.to_vec());
            Meeting { t, branches, value: 1.0, gap, meets: false, around: 0.0, tie: 0.1 }
        };
        let meetings = [meeting([1, 2], 1, 1.0), meeting([0, 2], 1, 1.0), meeting([0, 2], 3, 1.95)];
        assert_eq!(avoided(&nodes, &meetings).iter().map(|place| place.t).collect::<Vec<_>>(), [1.0]);
        // The first of two candidates is not the least gap, and belongs to another of the equal branches.
        let nodes: Vec<_> = [3.0, 2.0, 1.2, 1.3, 3.0].iter().enumerate().map(node).collect();
        let meetings = [meeting([1, 2], 1, 2.0), meeting([0, 2], 2, 1.0)];
        assert_eq!(avoided(&nodes, &meetings).iter().map(|place| place.t).collect::<Vec<_>>(), [2.0]);
    }

    #[test]
    fn branches_that_meet_have_been_near() {
        assert!(places(&[3.0, 1.0, 0.0, 1.0], &[1, 2], 0.1).is_empty());
        // From a crossing the gap only grows.
        assert!(places(&[0.0, 1.0, 2.0, 3.0], &[0, 2], 0.1).is_empty());
    }
}
