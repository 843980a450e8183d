//! Derivatives: where ordered eigenvalues of a family come nearest within a step, and which goes where if they meet.
//! On the floor above `factor`; must not call values equal that are apart by more than rounding errors.

use std::ops::Range;

use ndarray::{Array2, s};
use num_traits::Float;

use super::Family;
use super::sample::{Sample, sample};
use crate::deriv::ties::clusters;
use crate::element::{Element, Real, Scalar};
use crate::error::Result;
use crate::factor::adjoint_multiply;

/// Ordered values that come nearest, and what becomes of them if they meet.
pub(super) struct Meeting<R> {
    pub(super) t: R,
    /// Their indices.
    pub(super) values: Range<usize>,
    pub(super) value: R,
    pub(super) gap: R,
    pub(super) meets: bool,
    /// The value before, counted from the first, that each value after continues.
    from: Vec<usize>,
}

impl<R> Meeting<R> {
    /// Lets the branches change places.
    pub(super) fn apply(&self, branch_of: &mut [usize]) {
        let before: Vec<usize> = branch_of[self.values.clone()].to_vec();
        branch_of[self.values.clone()].iter_mut().zip(&self.from).for_each(|(to, &from)| *to = before[from]);
    }
}

/// The places between two samples where neighbours are nearest, in their order.
pub(super) fn meetings<T: Element>(
    family: &impl Family<T>, from: &Sample<T>, to: &Sample<T>,
) -> Result<Vec<Meeting<T::Real>>> {
    let mut found: Vec<Meeting<T::Real>> = Vec::new();
    let left_slopes = to.left_slopes();
    for i in 1..from.values.len() {
        let pair = i - 1;
        // Values that are equal all the way have nowhere to meet.
        if from.is_tied(pair) && to.is_tied(pair) {
            continue;
        }
        let shrinks = from.slopes[i] < from.slopes[pair];
        let grows = left_slopes[i] > left_slopes[pair];
        if shrinks && grows {
            let place = nearest(family, from, to, pair)?;
            if !found.iter().any(|known| known.values.contains(&pair) && known.values.contains(&i) && known.meets) {
                found.push(place);
            }
        }
    }
    found.sort_by(|x, y| x.t.as_f64().total_cmp(&y.t.as_f64()));
    Ok(found)
}

/// Where the gap above value `pair` is least, by bisection for the sign of its derivative.
fn nearest<T: Element>(
    family: &impl Family<T>, from: &Sample<T>, to: &Sample<T>, pair: usize,
) -> Result<Meeting<T::Real>> {
    let order = Some(from.values.len());
    let two = T::Real::real(2.0);
    let (mut low, mut high) = (from.t, to.t);
    let mut best = sample(family, low + (high - low) / two, order)?;
    loop {
        let here = best.t;
        if best.is_tied(pair) {
            break;
        }
        if best.slopes[pair + 1] < best.slopes[pair] {
            low = here
        } else {
            high = here
        }
        let middle = low + (high - low) / two;
        if middle <= low || middle >= high {
            break;
        }
        best = sample(family, middle, order)?;
    }
    let (gap, value) = (best.gap(pair), best.values[pair] + best.gap(pair) / two);
    // At the last place that numbers can tell, two branches with different slopes are still apart by as much as they part in one step.
    let parting = Float::abs(best.slopes[pair + 1] - best.slopes[pair]) * (high - low);
    if gap > best.tie() + parting {
        let values = pair..pair + 2;
        return Ok(Meeting { t: best.t, values, value, gap, meets: false, from: vec![0, 1] });
    }
    let tie = Float::max(best.tie(), gap);
    let runs = clusters(&best.values, tie);
    let values = runs.into_iter().find(|run| run.contains(&pair)).unwrap_or(pair..pair + 2);
    let from = continued(family, &best, (from.t, to.t), values.clone())?;
    Ok(Meeting { t: best.t, values, value, gap, meets: true, from })
}

/// Which value before continues in which value after, by the overlap of their vectors at places on both sides, which move apart until
/// every overlap is clear.
fn continued<T: Element>(
    family: &impl Family<T>, at: &Sample<T>, (from, to): (T::Real, T::Real), values: Range<usize>,
) -> Result<Vec<usize>> {
    let order = Some(at.values.len());
    let room = Float::min(at.t - from, to - at.t);
    let mut distance = Float::min(room, Float::sqrt(T::Real::EPS) * (to - from));
    loop {
        let before = sample(family, at.t - distance, order)?;
        let after = sample(family, at.t + distance, order)?;
        let columns = s![.., values.clone()];
        let overlap = adjoint_multiply(&before.vectors.slice(columns), &after.vectors.slice(columns))?;
        let (continued, clarity) = matched(&overlap.mapv(|x| x.abs()));
        if clarity > T::Real::real(0.9) || distance >= room {
            return Ok(continued);
        }
        distance = Float::min(room, distance * T::Real::real(10.0));
    }
}

/// For each column the row that fits it, taking the largest entries first, and the least entry that was taken.
fn matched<R: Real>(overlap: &Array2<R>) -> (Vec<usize>, R) {
    let n = overlap.ncols();
    let mut order: Vec<(usize, usize)> = (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).collect();
    order.sort_by(|&x, &y| overlap[y].as_f64().total_cmp(&overlap[x].as_f64()));
    let (mut row_of, mut taken, mut clarity) = (vec![None; n], vec![false; n], R::infinity());
    for (i, j) in order {
        if row_of[j].is_none() && !taken[i] {
            (row_of[j], taken[i]) = (Some(i), true);
            clarity = Float::min(clarity, overlap[(i, j)]);
        }
    }
    // Every column has found a row: there are as many of one as of the other.
    (row_of.into_iter().enumerate().map(|(j, row)| row.unwrap_or(j)).collect(), clarity)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_largest_overlaps_decide() {
        let (rows, clarity) = matched(&array![[0.1, 0.95, 0.2], [0.97, 0.1, 0.3], [0.3, 0.4, 0.92]]);
        assert_eq!((rows, clarity), (vec![1, 0, 2], 0.92));
    }
}
