//! Certificates: one-to-one matchings of points with the least sum of squared distances.
//! On the floor above `factor`; must not enumerate permutations.

mod auction;
mod costs;
#[cfg(test)]
pub(super) mod tests;

use crate::error::Result;
use crate::workspace::filled;
use auction::{Prices, auction};
use costs::{Costs, choose, least};
pub(super) use costs::{Point, squared};

/// So many rows of costs are looked at for each point before an auction is held.
const BEFORE_AUCTION: usize = 12;

/// For each of the points `a` its partner in a matching with the least sum of squared distances: rows that are not
/// nearest to a column of their own are matched one after the other along a shortest augmenting path, with potentials
/// that keep all reduced costs at least zero (Burkard, Dell'Amico and Martello, Assignment Problems, §4.4). All paths
/// and potentials are no longer than the least sum, so that rounding is relative to that, and near values are not mixed
/// up.
///
/// Where points of one list are close together as seen from the other one, paths are long, and an auction finds better
/// potentials first. It is held to a few times the least sum itself; where it is not, or takes long, the paths are
/// followed to the end.
pub(super) fn assignment(a: &[Point], b: &[Point]) -> Result<Vec<usize>> {
    let costs = Costs::new(a, b)?;
    let mut paths = Paths::from_nearest(&costs)?;
    if !paths.follow(BEFORE_AUCTION * a.len()) {
        if let Some(prices) = auction(&costs)? {
            paths = Paths::from_prices(&costs, prices)?;
        }
        paths.follow(usize::MAX);
    }
    let mut partners = filled(a.len(), 0)?;
    for (column, row) in paths.row_of.iter().enumerate() {
        row.iter().for_each(|&row: &usize| partners[row] = column);
    }
    Ok(partners)
}

/// In place of the column before the first one.
const START: usize = usize::MAX;

/// A matching of some rows, which is best for these, with potentials that prove it; and memory for the search of a
/// path.
struct Paths<'a> {
    costs: &'a Costs<'a>,
    /// The row that a column is matched with.
    row_of: Vec<Option<usize>>,
    /// The rows that have no column.
    waiting: Vec<usize>,
    of_rows: Vec<f64>,
    of_columns: Vec<f64>,
    /// The length of the shortest path to a column, infinite once it is final, and the column before it there, or
    /// `START`.
    distance: Vec<f64>,
    before: Vec<usize>,
    /// The columns that are final, with their distances.
    reached: Vec<(usize, f64)>,
    /// The potentials of columns, −∞ for those that are final.
    open: Vec<f64>,
    /// The lengths of the paths through one row.
    through: Vec<f64>,
}

impl<'a> Paths<'a> {
    fn new(costs: &'a Costs<'a>) -> Result<Self> {
        let n = costs.order();
        Ok(Paths {
            costs,
            row_of: filled(n, None)?,
            waiting: Vec::new(),
            of_rows: filled(n, 0.0)?,
            of_columns: filled(n, 0.0)?,
            distance: filled(n, 0.0)?,
            before: filled(n, START)?,
            reached: Vec::new(),
            open: filled(n, 0.0)?,
            through: filled(n, 0.0)?,
        })
    }

    /// Matches each row with its nearest column, if that is free: without potentials of columns nothing can be better.
    fn from_nearest(costs: &'a Costs<'a>) -> Result<Self> {
        let mut paths = Self::new(costs)?;
        for row in 0..costs.order() {
            let nearest = paths.price(row);
            match choose(&paths.through, [nearest; 2], |column| paths.row_of[column].is_none()) {
                Some(column) if paths.row_of[column].is_none() => paths.row_of[column] = Some(row),
                _ => paths.waiting.push(row),
            }
        }
        Ok(paths)
    }

    /// Keeps what is matched at the least price up to rounding.
    fn from_prices(costs: &'a Costs<'a>, prices: Prices) -> Result<Self> {
        let mut paths = Self::new(costs)?;
        paths.of_columns = prices.of_columns;
        for (column, row) in prices.row_of.into_iter().enumerate() {
            let Some(row) = row else { continue };
            if paths.price(row) + prices.rounding >= paths.through[column] {
                paths.row_of[column] = Some(row);
            } else {
                paths.waiting.push(row);
            }
        }
        Ok(paths)
    }

    /// Sets the potential of a row to the least of its reduced costs.
    fn price(&mut self, row: usize) -> f64 {
        self.costs.reduced(row, &self.of_columns, &mut self.through);
        self.of_rows[row] = least(&self.through);
        self.of_rows[row]
    }

    /// Matches the rows that wait, or says that it would take more than so many rows of costs.
    fn follow(&mut self, mut most: usize) -> bool {
        while let Some(row) = self.waiting.pop() {
            self.add(row);
            most = most.saturating_sub(1 + self.reached.len());
            if most == 0 {
                break;
            }
        }
        self.waiting.is_empty()
    }

    /// Matches one row more.
    fn add(&mut self, row: usize) {
        self.distance.fill(f64::INFINITY);
        self.open.copy_from_slice(&self.of_columns);
        self.reached.clear();
        let (mut at_row, mut at_column, mut reached) = (row, START, 0.0);
        let end = loop {
            self.extend(at_row, at_column, reached);
            let shortest = least(&self.distance);
            // There is a free column for each row that has none.
            let Some(column) = choose(&self.distance, [shortest; 2], |column| self.row_of[column].is_none()) else {
                return;
            };
            reached = shortest;
            let Some(matched) = self.row_of[column] else { break column };
            self.reached.push((column, reached));
            (self.distance[column], self.open[column]) = (f64::INFINITY, f64::NEG_INFINITY);
            (at_row, at_column) = (matched, column);
        };
        self.keep_costs_positive(row, reached);
        self.flip(row, end);
    }

    /// Takes the paths through one row where they are shorter.
    fn extend(&mut self, row: usize, before: usize, reached: f64) {
        self.costs.reduced(row, &self.open, &mut self.through);
        let offset = reached - self.of_rows[row];
        for ((through, distance), to) in self.through.iter().zip(&mut self.distance).zip(&mut self.before) {
            let length = offset + through;
            (*distance, *to) = if length < *distance { (length, before) } else { (*distance, *to) };
        }
    }

    /// New potentials, with which the columns that were reached lie on paths of length zero.
    fn keep_costs_positive(&mut self, row: usize, reached: f64) {
        self.of_rows[row] += reached;
        for &(column, distance) in &self.reached {
            let shorter = reached - distance;
            self.of_columns[column] -= shorter;
            self.row_of[column].iter().for_each(|&matched| self.of_rows[matched] += shorter);
        }
    }

    /// Exchanges the matched and the free edges along the path from `row` to `end`.
    fn flip(&mut self, row: usize, end: usize) {
        let mut column = end;
        while self.before[column] != START {
            let before = self.before[column];
            self.row_of[column] = self.row_of[before];
            column = before;
        }
        self.row_of[column] = Some(row);
    }
}
