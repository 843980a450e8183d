//! Derivatives: square matrices by pairs of entries (i, j) and (j, i), which stand far apart in memory.
//! On the floor above `factor`; must not know a formula.

use std::ops::Range;

use ndarray::Array2;

use crate::element::Element;
use crate::error::Result;
use crate::pack::packed_by_columns;
use crate::workspace::packed_entries;

/// The side of the tiles that are worked on at once: two of each matrix stay in the fastest memory.
const TILE: usize = 32;

/// A tile, column by column.
type Tile<T> = [[T; TILE]; TILE];

/// The side of the blocks of a tile that are transposed in registers.
const BLOCK: usize = 4;

/// Changes M matrices off their diagonals, beside K others that are only read, all n×n and packed by columns: `act` is given j, a
/// run of i < j, and of each matrix the entries (i, j) and (j, i) for these.
///
/// Runs and not single pairs, so that a loop over them needs no check of an index and may run in vector registers.
pub(super) fn change_pairs<T: Element, const M: usize, const K: usize>(
    changed: [&mut Array2<T>; M], beside: [&Array2<T>; K],
    mut act: impl FnMut(usize, Range<usize>, [[&mut [T]; 2]; M], [[&[T]; 2]; K]),
) -> Result<()> {
    let n = changed.first().map_or(0, |a| a.ncols());
    let mut changed = packed(changed)?;
    let mut entries = [[].as_slice(); K];
    for (entries, a) in entries.iter_mut().zip(beside) {
        *entries = packed_by_columns(a)?;
    }
    let (mut lower, mut lower_beside) = ([[[T::zero(); TILE]; TILE]; M], [[[T::zero(); TILE]; TILE]; K]);
    for first_j in (0..n).step_by(TILE) {
        let columns = first_j..n.min(first_j + TILE);
        for first_i in (0..=first_j).step_by(TILE) {
            let rows = first_i..n.min(first_i + TILE);
            for (tile, entries) in lower.iter_mut().zip(&changed) {
                read_transposed(entries, n, &rows, &columns, tile);
            }
            for (tile, entries) in lower_beside.iter_mut().zip(entries) {
                read_transposed(entries, n, &rows, &columns, tile);
            }
            for j in columns.clone() {
                let run = first_i..rows.end.min(j);
                let mut tiles = changed.iter_mut().zip(&mut lower);
                let of_changed = std::array::from_fn(|_| match tiles.next() {
                    Some((upper, lower)) => [&mut upper[j * n..][run.clone()], &mut lower[j - first_j][..run.len()]],
                    None => Default::default(),
                });
                let of_beside = std::array::from_fn(|k| {
                    [&entries[k][j * n..][run.clone()], &lower_beside[k][j - first_j][..run.len()]]
                });
                act(j, run, of_changed, of_beside);
            }
            for (tile, entries) in lower.iter().zip(&mut changed) {
                write_transposed(tile, n, &rows, &columns, entries);
            }
        }
    }
    Ok(())
}

/// The entries of matrices that are packed by columns.
fn packed<T: Element, const M: usize>(matrices: [&mut Array2<T>; M]) -> Result<[&mut [T]; M]> {
    let mut entries = [const { None }; M];
    for (entries, matrix) in entries.iter_mut().zip(matrices) {
        *entries = Some(packed_entries(matrix)?);
    }
    Ok(entries.map(Option::unwrap_or_default))
}

/// The entries (j, i) of a tile, for each j in a row.
fn read_transposed<T: Element>(
    entries: &[T], n: usize, rows: &Range<usize>, columns: &Range<usize>, tile: &mut Tile<T>,
) {
    if is_whole(rows, columns) {
        for k in 0..TILE / BLOCK {
            let first = rows.start + BLOCK * k;
            let from: [_; BLOCK] =
                std::array::from_fn(|r| entries[(first + r) * n..][columns.clone()].as_chunks::<BLOCK>().0);
            for (l, to) in tile.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                let block = transposed(std::array::from_fn(|r| from[r][l]));
                to.iter_mut().zip(block).for_each(|(to, column)| to.as_chunks_mut().0[k] = column);
            }
        }
        return;
    }
    for (k, i) in rows.clone().enumerate() {
        for (to, &x) in tile.iter_mut().zip(&entries[i * n..][columns.clone()]) {
            to[k] = x;
        }
    }
}

/// Puts the entries (j, i) of a tile, i < j, where they belong.
fn write_transposed<T: Element>(
    tile: &Tile<T>, n: usize, rows: &Range<usize>, columns: &Range<usize>, entries: &mut [T],
) {
    if is_whole(rows, columns) && rows.end <= columns.start {
        for k in 0..TILE / BLOCK {
            for (l, from) in tile.as_chunks::<BLOCK>().0.iter().enumerate() {
                let block = transposed(std::array::from_fn(|c| from[c].as_chunks().0[k]));
                for (i, column) in (rows.start + BLOCK * k..).zip(block) {
                    entries[i * n..][columns.clone()].as_chunks_mut().0[l] = column;
                }
            }
        }
        return;
    }
    for (k, i) in rows.clone().enumerate() {
        let below = columns.start.max(i + 1)..columns.end;
        let column = &tile[below.start - columns.start..];
        for (to, x) in entries[i * n..][below].iter_mut().zip(column) {
            *to = x[k];
        }
    }
}

fn is_whole(rows: &Range<usize>, columns: &Range<usize>) -> bool {
    rows.len() == TILE && columns.len() == TILE
}

#[inline]
fn transposed<T: Copy>(block: [[T; BLOCK]; BLOCK]) -> [[T; BLOCK]; BLOCK] {
    std::array::from_fn(|j| std::array::from_fn(|i| block[i][j]))
}

#[cfg(test)]
mod tests {
    use ndarray::ShapeBuilder;

    use super::*;

    #[test]
    fn every_pair_is_visited_once() {
        for n in [0, 1, 2, 17, 32, 33, 64, 100] {
            let a = Array2::from_shape_fn((n, n).f(), |(i, j)| (100 * i + j) as f64);
            let [mut swapped, mut doubled] = [a.clone(), a.clone()];
            change_pairs([&mut swapped, &mut doubled], [&a], |j, rows, [of_swapped, of_doubled], [[upper, lower]]| {
                assert!(rows.end <= j);
                for (k, i) in rows.enumerate() {
                    assert_eq!((upper[k], lower[k]), (a[(i, j)], a[(j, i)]));
                    (of_swapped[0][k], of_swapped[1][k]) = (lower[k], upper[k]);
                    of_doubled[0][k] *= 2.0;
                    of_doubled[1][k] *= 2.0;
                }
            })
            .unwrap();
            for ((i, j), &x) in a.indexed_iter() {
                assert_eq!(swapped[(j, i)], x);
                assert_eq!(doubled[(i, j)], if i == j { x } else { 2.0 * x });
            }
        }
    }

    #[test]
    fn rows_in_memory_are_refused() {
        let a = Array2::<f64>::zeros((3, 3));
        let mut b = Array2::zeros((3, 3).f());
        assert!(change_pairs([&mut b], [&a], |_, _, _, _| ()).is_err());
    }
}
