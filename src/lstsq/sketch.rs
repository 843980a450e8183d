//! Least squares: a matrix of few rows that looks like A, to learn cheaply how ill-conditioned A is.
//! On the floor above `factor`; must not be trusted for anything that an answer depends on.
//!
//! S·A adds up rows of A with random signs (a sparse subspace embedding: Clarkson & Woodruff, J. ACM 63:54, 2017). With
//! twice as many rows as columns κ(S·A) is within a factor of about 6 of κ(A) but for contrived matrices.

use std::ops::Range;

use ndarray::{Array2, ArrayRef2, ArrayView1, ArrayViewMut1, Zip, s};

use crate::element::{Element, Real};
use crate::error::Result;
use crate::layout::Order;
use crate::pack;
use crate::workspace::Workspace;

/// Rows of A that are added while they are in cache.
const ROWS_AT_ONCE: usize = 4096;

/// S·A with `rows` rows, in memory that the workspace lends.
pub(super) fn sketch<T: Element>(a: &ArrayRef2<T>, rows: usize, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let order = pack::natural_order(a);
    let mut sum = workspace.spare.lend(rows, a.ncols(), order)?;
    sum.fill(T::zero());
    let chunks = (ROWS_AT_ONCE / rows.max(1)).max(1);
    let mut signs = workspace.spare_real.lend_vec(chunks * rows)?;
    let mut random = SplitMix(a.nrows() as u64);
    for start in (0..a.nrows()).step_by(chunks * rows) {
        let end = a.nrows().min(start + chunks * rows);
        random.fill(&mut signs);
        // Rows that are a multiple of `rows` apart do not always meet.
        let turn = (random.next() % rows as u64) as usize;
        let block = a.slice(s![start..end, ..]);
        match order {
            Order::ColumnMajor => add_columns(&block, &signs, turn, &mut sum),
            Order::RowMajor => add_rows(&block, &signs, turn, &mut sum),
        }
    }
    workspace.spare_real.keep_vec(signs);
    Ok(sum)
}

fn add_columns<T: Element>(block: &ArrayRef2<T>, signs: &[T::Real], turn: usize, sum: &mut ArrayRef2<T>) {
    let (rows, signs) = (sum.nrows(), ArrayView1::from(signs));
    for (from, mut to) in block.columns().into_iter().zip(sum.columns_mut()) {
        for (chunk, start) in (0..from.len()).step_by(rows).enumerate() {
            // Row i of the chunk goes to row i + shift, round the end.
            let (end, shift) = (from.len().min(start + rows), chunk * turn % rows);
            let split = end.min(start + rows - shift);
            let add = |rows: Range<usize>, to: ArrayViewMut1<'_, T>| {
                let (from, signs) = (from.slice(s![rows.clone()]), signs.slice(s![rows]));
                Zip::from(to).and(from).and(signs).for_each(|to, &from, &sign| *to += from.mul_real(sign));
            };
            add(start..split, to.slice_mut(s![shift..shift + split - start]));
            add(split..end, to.slice_mut(s![..end - split]));
        }
    }
}

fn add_rows<T: Element>(block: &ArrayRef2<T>, signs: &[T::Real], turn: usize, sum: &mut ArrayRef2<T>) {
    let rows = sum.nrows();
    for (i, (from, &sign)) in block.rows().into_iter().zip(signs).enumerate() {
        let (chunk, row) = (i / rows, i % rows);
        let mut to = sum.row_mut((row + chunk * turn) % rows);
        to.zip_mut_with(&from, |to, &from| *to += from.mul_real(sign));
    }
}

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): the same numbers for the same matrix, so that results repeat.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Random signs.
    fn fill<R: Real>(&mut self, signs: &mut [R]) {
        for signs in signs.chunks_mut(64) {
            let bits = self.next();
            for (i, sign) in signs.iter_mut().enumerate() {
                *sign = if bits >> i & 1 == 0 { R::one() } else { -R::one() };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn every_row_counts_once_in_either_order() {
        for (m, n, rows) in [(40, 3, 7), (9001, 2, 64), (5, 5, 10), (8192, 1, 4096)] {
            // In row i stands 2^(i mod 40), so that a row that is missed or added twice shows in the sum.
            let a = Array2::from_shape_fn((m, n), |(i, j)| (1_u64 << (i % 40)) as f64 * (j + 1) as f64);
            let workspace = &mut Workspace::new();
            let by_rows = sketch(&a, rows, workspace).unwrap();
            let columns = a.t().as_standard_layout().reversed_axes().to_owned();
            let by_columns = sketch(&columns, rows, workspace).unwrap();
            assert_eq!(by_rows, by_columns);
            assert_eq!(by_rows.dim(), (rows, n));
            // With A and its signs known only here, Σ|s|·a over the rows would be the sum of all entries; signs cancel, but
            // parity does not: the sums of all entries differ by twice what has the sign −1.
            let difference = a.column(0).sum() - by_rows.column(0).sum();
            assert!(difference >= 0.0 && difference % 2.0 == 0.0, "{difference}");
            let distinct = by_rows.iter().filter(|x| **x != 0.0).count();
            assert!(distinct * 2 >= rows.min(m) * n, "{distinct} of {rows}×{n} entries are not zero");
        }
    }

    #[test]
    fn signs_are_balanced() {
        let mut signs = vec![0.0_f64; 4096];
        SplitMix(1).fill(&mut signs);
        assert!(signs.iter().all(|s| s.abs() == 1.0));
        // Six standard deviations of the sum of 4096 fair signs.
        assert!(signs.iter().sum::<f64>().abs() < 6.0 * 64.0);
    }
}
