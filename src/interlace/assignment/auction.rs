//! Certificates: prices of columns that are nearly those of a best matching, by an auction.
//! On the floor above `factor`; must not be taken for exact: what it leaves to be done is for shortest paths.

use super::costs::{Costs, choose, least, two_least};
use crate::error::Result;
use crate::workspace::filled;

/// The first rise of a bid, as a part of the range of costs, and by what it is divided from one round to the next.
const FIRST: f64 = 0.1;
const DIVISOR: f64 = 4.0;

/// So many bids for each row, and the auction is given up.
const MOST_BIDS: usize = 200;

/// How many times the least sum the prices may span, for rounding to be relative to it.
const SPAN: f64 = 8.0;

/// Potentials of columns, and a matching in which each row has a column of the least reduced cost, up to rounding.
pub(super) struct Prices {
    pub(super) of_columns: Vec<f64>,
    pub(super) row_of: Vec<Option<usize>>,
    pub(super) rounding: f64,
}

/// Rows bid for columns: each takes a free column that costs at most ε more than its cheapest one, or drives another
/// row from its cheapest one, whose potential falls until that is ε dearer than the second. Once all have a column
/// their sum is within nε of the least; ε falls to the rounding of the costs (D. P. Bertsekas, Ann. Oper. Res. 14
/// (1988); Burkard, Dell'Amico and Martello, Assignment Problems, §4.1.3).
///
/// Without a result where it takes long, and where the prices have become so much larger than the least sum that
/// rounding would not be relative to that.
pub(super) fn auction(costs: &Costs) -> Result<Option<Prices>> {
    let n = costs.order();
    let mut house = House {
        costs,
        of_columns: filled(n, 0.0)?,
        row_of: filled(n, None)?,
        waiting: filled(n, 0)?,
        row: filled(n, 0.0)?,
        bids: MOST_BIDS.saturating_mul(n),
    };
    let mut rise = FIRST * house.range();
    loop {
        if !house.round(rise) {
            return Ok(None);
        }
        let (sum, rounding) = house.sum_and_rounding();
        if rise <= rounding {
            let House { of_columns, row_of, .. } = house;
            let is_relative = span(&of_columns) <= SPAN * sum;
            return Ok(is_relative.then_some(Prices { of_columns, row_of, rounding }));
        }
        rise /= DIVISOR;
    }
}

struct House<'a> {
    costs: &'a Costs<'a>,
    of_columns: Vec<f64>,
    row_of: Vec<Option<usize>>,
    /// The rows without a column.
    waiting: Vec<usize>,
    /// Reduced costs of one row.
    row: Vec<f64>,
    /// How many are allowed.
    bids: usize,
}

impl House<'_> {
    /// The largest difference between costs of one row.
    fn range(&mut self) -> f64 {
        let mut range = 0.0;
        for row in 0..self.costs.order() {
            self.costs.reduced(row, &self.of_columns, &mut self.row);
            let smallest = least(&self.row);
            self.row.iter_mut().for_each(|x| *x = -*x);
            range = f64::max(range, -least(&self.row) - smallest);
        }
        range
    }

    /// Matches all rows anew, each at the least price up to `rise`, or says that there are no bids left.
    fn round(&mut self, rise: f64) -> bool {
        self.row_of.fill(None);
        self.waiting.clear();
        self.waiting.extend(0..self.costs.order());
        while let Some(row) = self.waiting.pop() {
            if self.bids == 0 {
                return false;
            }
            self.bids -= 1;
            self.costs.reduced(row, &self.of_columns, &mut self.row);
            let (first, second) = two_least(&self.row);
            let bounds = [first, first + rise];
            let Some(column) = choose(&self.row, bounds, |column| self.row_of[column].is_none()) else { return false };
            if let Some(driven_out) = self.row_of[column].replace(row) {
                self.of_columns[column] -= second - first + rise;
                self.waiting.push(driven_out);
            }
        }
        true
    }

    /// The sum of the costs, and the rounding of those that take part and of the prices.
    fn sum_and_rounding(&self) -> (f64, f64) {
        let matched = self.row_of.iter().enumerate();
        let matched = matched.filter_map(|(column, row)| row.map(|row| self.costs.at(row, column)));
        let (sum, largest) = matched.fold((0.0, 0.0), |(sum, largest), x| (sum + x, f64::max(largest, x)));
        (sum, 4.0 * f64::EPSILON * (span(&self.of_columns) + largest))
    }
}

/// The largest difference.
fn span(prices: &[f64]) -> f64 {
    let largest = prices.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest - least(prices)
}
