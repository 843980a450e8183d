//! Derivatives: square matrices by pairs of entries (i, j) and (j, i), which stand far apart in memory.
//! On the floor above `factor`; must not know a formula.

use std::ops::Range;

use ndarray::Array2;

use crate::element::Element;
use crate::error::Result;
use crate::pack::packed_by_columns;
use crate::workspace::packed_entries;

/// The side of the tiles that are worked on at once: two of each matrix stay in the fastest memory.
const TILE: usize = 16;

/// A tile, column by column.
type Tile<T> = [[T; TILE]; TILE];

/// Off the diagonals, makes K matrices into M others, all n×n and packed by columns: `act` is given j, a run of i < j, of each
/// matrix the entries (i, j) and (j, i) for these, and where to put those of the others.
///
/// Runs and not single pairs, so that a loop over them needs no check of an index and may run in vector registers.
pub(super) fn map_pairs<T: Element, const K: usize, const M: usize>(
    from: [&Array2<T>; K], to: [&mut Array2<T>; M],
    mut act: impl FnMut(usize, Range<usize>, [[&[T]; 2]; K], [[&mut [T]; 2]; M]),
) -> Result<()> {
    let n = from.first().map_or(0, |a| a.ncols());
    let mut entries = [[].as_slice(); K];
    for (entries, a) in entries.iter_mut().zip(from) {
        *entries = packed_by_columns(a)?;
    }
    let mut to = packed(to)?;
    let (mut transposed, mut lower) = ([[[T::zero(); TILE]; TILE]; K], [[[T::zero(); TILE]; TILE]; M]);
    for first_j in (0..n).step_by(TILE) {
        let columns = first_j..n.min(first_j + TILE);
        for first_i in (0..=first_j).step_by(TILE) {
            let rows = first_i..n.min(first_i + TILE);
            for (tile, entries) in transposed.iter_mut().zip(entries) {
                read_transposed(entries, n, &rows, &columns, tile);
            }
            for j in columns.clone() {
                let run = first_i..rows.end.min(j);
                let inputs = std::array::from_fn(|k| {
                    [&entries[k][j * n..][run.clone()], &transposed[k][j - first_j][..run.len()]]
                });
                let mut tiles = to.iter_mut().zip(&mut lower);
                let outputs = std::array::from_fn(|_| match tiles.next() {
                    Some((to, lower)) => [&mut to[j * n..][run.clone()], &mut lower[j - first_j][..run.len()]],
                    None => Default::default(),
                });
                act(j, run, inputs, outputs);
            }
            for (to, lower) in to.iter_mut().zip(&lower) {
                write_transposed(lower, n, &rows, &columns, to);
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
    for (k, i) in rows.clone().enumerate() {
        let below = columns.start.max(i + 1)..columns.end;
        let column = &tile[below.start - columns.start..];
        for (to, x) in entries[i * n..][below].iter_mut().zip(column) {
            *to = x[k];
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::ShapeBuilder;

    use super::*;

    #[test]
    fn every_pair_is_visited_once() {
        for n in [0, 1, 2, 15, 16, 17, 50] {
            let a = Array2::from_shape_fn((n, n).f(), |(i, j)| (100 * i + j) as f64);
            let [mut swapped, mut kept] = [Array2::from_elem((n, n).f(), -1.0), Array2::from_elem((n, n).f(), -1.0)];
            map_pairs([&a], [&mut swapped, &mut kept], |j, rows, [[upper, lower]], [of_swapped, of_kept]| {
                assert!(rows.end <= j);
                for (k, i) in rows.enumerate() {
                    assert_eq!((upper[k], lower[k]), (a[(i, j)], a[(j, i)]));
                    (of_swapped[0][k], of_swapped[1][k]) = (lower[k], upper[k]);
                    (of_kept[0][k], of_kept[1][k]) = (upper[k], lower[k]);
                }
            })
            .unwrap();
            for ((i, j), &x) in a.indexed_iter() {
                let diagonal = i == j;
                assert_eq!(swapped[(j, i)], if diagonal { -1.0 } else { x });
                assert_eq!(kept[(i, j)], if diagonal { -1.0 } else { x });
            }
        }
    }

    #[test]
    fn rows_in_memory_are_refused() {
        let a = Array2::<f64>::zeros((3, 3));
        let mut b = Array2::zeros((3, 3).f());
        assert!(map_pairs([&a], [&mut b], |_, _, _, _| ()).is_err());
    }
}
