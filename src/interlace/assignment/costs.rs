//! Certificates: squared distances from one point to all of a list, less potentials, and the least of them.
//! On the floor above `factor`; must not know what they are compared for.

use crate::error::Result;
use crate::workspace::filled;

/// Real and imaginary part.
pub(in crate::interlace) type Point = (f64, f64);

pub(in crate::interlace) fn squared(x: Point, y: Point) -> f64 {
    (x.0 - y.0) * (x.0 - y.0) + (x.1 - y.1) * (x.1 - y.1)
}

/// The matrix of the squared distances between points, rows, and as many others, columns. It is never stored: memory is
/// slower than the formula.
pub(super) struct Costs<'a> {
    rows: &'a [Point],
    re: Vec<f64>,
    im: Vec<f64>,
}

impl<'a> Costs<'a> {
    pub(super) fn new(rows: &'a [Point], columns: &[Point]) -> Result<Self> {
        let (mut re, mut im) = (filled(rows.len(), 0.0)?, filled(rows.len(), 0.0)?);
        for ((to_re, to_im), &column) in re.iter_mut().zip(&mut im).zip(columns) {
            (*to_re, *to_im) = column;
        }
        Ok(Costs { rows, re, im })
    }

    /// How many rows there are, and columns.
    pub(super) fn order(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        squared(self.rows[row], (self.re[column], self.im[column]))
    }

    /// The costs of a row less the potentials of the columns.
    pub(super) fn reduced(&self, row: usize, of_columns: &[f64], to: &mut [f64]) {
        let point = self.rows[row];
        for (((to, &re), &im), potential) in to.iter_mut().zip(&self.re).zip(&self.im).zip(of_columns) {
            *to = squared(point, (re, im)) - potential;
        }
    }
}

/// How many numbers are compared side by side.
const LANES: usize = 8;

/// The least of numbers, none of which is NaN.
pub(super) fn least(numbers: &[f64]) -> f64 {
    let (chunks, rest) = numbers.as_chunks::<LANES>();
    let mut lanes = [f64::INFINITY; LANES];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(least, &x)| *least = if x < *least { x } else { *least });
    }
    lanes.iter().chain(rest).copied().fold(f64::INFINITY, f64::min)
}

/// The two least of numbers, which are the same where it occurs twice.
pub(super) fn two_least(numbers: &[f64]) -> (f64, f64) {
    let (chunks, rest) = numbers.as_chunks::<LANES>();
    let (mut first, mut second) = ([f64::INFINITY; LANES], [f64::INFINITY; LANES]);
    for chunk in chunks {
        for ((first, second), &x) in first.iter_mut().zip(&mut second).zip(chunk) {
            let (smaller, larger) = if x < *first { (x, *first) } else { (*first, x) };
            (*first, *second) = (smaller, if larger < *second { larger } else { *second });
        }
    }
    let all = first.iter().chain(&second).chain(rest);
    all.fold((f64::INFINITY, f64::INFINITY), |(first, second), &x| (first.min(x), second.min(x.max(first))))
}

/// The first position of a number up to `most` that is free, or else the first of one up to `least`.
pub(super) fn choose(numbers: &[f64], [least, most]: [f64; 2], is_free: impl Fn(usize) -> bool) -> Option<usize> {
    let mut taken = None;
    for (start, chunk) in (0..).step_by(LANES).zip(numbers.chunks(LANES)) {
        // One test for all, which nearly always says no.
        if smallest(chunk) > most {
            continue;
        }
        for (position, &x) in (start..).zip(chunk) {
            if x <= most && is_free(position) {
                return Some(position);
            }
            if x <= least && taken.is_none() {
                taken = Some(position);
            }
        }
    }
    taken
}

#[inline]
fn smallest(chunk: &[f64]) -> f64 {
    let smaller = |x: f64, &y: &f64| if y < x { y } else { x };
    match <&[f64; LANES]>::try_from(chunk) {
        Ok(whole) => whole.iter().fold(f64::INFINITY, smaller),
        Err(_) => chunk.iter().fold(f64::INFINITY, smaller),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_are_those_of_the_sorted_list() {
        let mut state = 1_u64;
        for n in 0..40 {
            let mut integer = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                ((state >> 33) % 50) as f64 - 25.0
            };
            let numbers: Vec<f64> = (0..n).map(|_| integer()).collect();
            let mut sorted = numbers.clone();
            sorted.sort_by(f64::total_cmp);
            sorted.extend([f64::INFINITY; 2]);
            assert_eq!((least(&numbers), two_least(&numbers)), (sorted[0], (sorted[0], sorted[1])), "{numbers:?}");
            let at = |x: f64| numbers.iter().position(|&y| y == x);
            assert_eq!(choose(&numbers, [sorted[0]; 2], |_| false), at(sorted[0]));
            assert_eq!(choose(&numbers, [sorted[0], 0.0], |j| numbers[j] == 0.0), at(0.0).or(at(sorted[0])));
        }
    }

    #[test]
    fn a_row_of_costs() -> Result<()> {
        let (rows, columns) = ([(1.0, 2.0), (0.0, 0.0)], [(4.0, 6.0), (1.0, 1.0)]);
        let costs = Costs::new(&rows, &columns)?;
        let mut row = [0.0; 2];
        costs.reduced(0, &[5.0, -1.0], &mut row);
        assert_eq!((row, costs.at(0, 0), costs.at(1, 1), costs.order()), ([20.0, 2.0], 25.0, 2.0, 2));
        Ok(())
    }
}
