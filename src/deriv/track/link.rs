//! Derivatives: which eigenvalue at one place continues which at another, by the overlap of their vectors.
//! On the floor above `factor`; must not guess where the overlap does not tell.

use std::ops::Range;

use ndarray::Array2;

use super::sample::Sample;
use crate::element::{Element, Real};
use crate::error::Result;
use crate::factor::adjoint_multiply;

/// How far the squared overlap of two spaces may be from a whole number of dimensions: vectors may turn by 18°.
const UNCLEAR: f64 = 0.1;

/// What becomes of each value from one place to another.
pub(super) struct Link {
    /// For each value after, the one before that it continues.
    pub(super) from: Vec<usize>,
    /// Whether two values, apart at both places, have changed their order.
    pub(super) inverted: bool,
}

/// The link, if the vectors tell it. The vectors of a group count by their space: of one dimension for each of its values
/// tr(P·P′), for the projectors P and P′ onto two groups' spaces, is the number of values that go from one to the other.
pub(super) fn link<T: Element>(before: &Sample<T>, after: &Sample<T>) -> Result<Option<Link>> {
    let overlap = adjoint_multiply(&before.vectors, &after.vectors)?.mapv(|x| {
        let modulus = x.abs().as_f64();
        modulus * modulus
    });
    let Some(from) = continued(&overlap, &before.groups, &after.groups) else { return Ok(None) };
    let inverted = is_inverted(&from, before, after);
    Ok(Some(Link { from, inverted }))
}

fn continued(overlap: &Array2<f64>, before: &[Range<usize>], after: &[Range<usize>]) -> Option<Vec<usize>> {
    let mut from = Vec::with_capacity(overlap.ncols());
    let mut given: Vec<usize> = before.iter().map(|group| group.start).collect();
    for to in after {
        let mut sources = Vec::with_capacity(to.len());
        for (source, next) in before.iter().zip(&mut given) {
            let shared: f64 = source.clone().map(|i| to.clone().map(|j| overlap[(i, j)]).sum::<f64>()).sum();
            let count = shared.round();
            if (shared - count).abs() > UNCLEAR {
                return None;
            }
            // A count beyond what there is would be found by the check below.
            let first = *next;
            *next += count as usize;
            sources.extend(first..*next);
        }
        if sources.len() != to.len() {
            return None;
        }
        from.extend(to.clone().map(|j| fitting(&mut sources, |i| overlap[(i, j)])));
    }
    before.iter().zip(&given).all(|(group, &next)| next == group.end).then_some(from)
}

/// Takes the first of the sources that fit best, of which there are some.
fn fitting(sources: &mut Vec<usize>, fits: impl Fn(usize) -> f64) -> usize {
    let better = |best: usize, k: usize| if fits(sources[k]) > fits(sources[best]) { k } else { best };
    let best = (1..sources.len()).fold(0, better);
    sources.remove(best)
}

/// Whether two values stand in another order just before the second place than just after the first. Values that are equal at both
/// have not been seen apart.
fn is_inverted<T: Element>(from: &[usize], before: &Sample<T>, after: &Sample<T>) -> bool {
    let order = after.order_before();
    let mut values: Vec<usize> = (0..from.len()).collect();
    values.sort_by_key(|&j| order[j]);
    let alike = |groups: &[Range<usize>], i: usize, j: usize| groups.iter().any(|g| g.contains(&i) && g.contains(&j));
    values.iter().enumerate().any(|(place, &upper)| {
        values[..place].iter().any(|&lower| {
            let (i, j) = (from[lower], from[upper]);
            let equal = before.are_tied(i, j) && after.are_tied(lower, upper);
            let arbitrary = alike(&before.groups, i, j) || alike(&after.groups, lower, upper);
            i > j && !equal && !arbitrary
        })
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    #[allow(clippy::single_range_in_vec_init)]
    fn spaces_are_continued_as_a_whole() {
        let single = [0..1, 1..2, 2..3];
        let swapped = array![[0.05, 0.95, 0.0], [0.95, 0.05, 0.0], [0.0, 0.0, 1.0]];
        assert_eq!(continued(&swapped, &single, &single), Some(vec![1, 0, 2]));
        assert_eq!(continued(&array![[0.5, 0.5], [0.5, 0.5]], &[0..1, 1..2], &[0..1, 1..2]), None);
        // A repeated value in any basis, which a single one passes.
        let passed = array![[0.0, 0.3, 0.7], [0.0, 0.7, 0.3], [1.0, 0.0, 0.0]];
        assert_eq!(continued(&passed, &[0..2, 2..3], &[0..1, 1..3]), Some(vec![2, 1, 0]));
        // Values that join, and that part.
        assert_eq!(continued(&array![[0.5, 0.5], [0.5, 0.5]], &[0..1, 1..2], &[0..2]), Some(vec![0, 1]));
        assert_eq!(continued(&array![[0.5, 0.5], [0.5, 0.5]], &[0..2], &[0..1, 1..2]), Some(vec![0, 1]));
    }
}
