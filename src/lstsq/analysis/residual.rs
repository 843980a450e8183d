//! The analysis of a problem: r = b − A·x and g = Aᴴr in several words, with a bound of what even these lose.
//! On the floor above `factor`; must not decide how many words are needed.

use ndarray::{Array2, ArrayView1};

use super::rounding::{U, UNDERFLOW, gamma_in_words};
use super::scaled::Scaled;
use crate::element::Element;
use crate::error::Result;
use crate::layout::Order;
use crate::lstsq::augmented::{Planes, TILE, Tile};
use crate::norm::norm2;
use crate::pack::packed_by_columns;
use crate::words::LANES;
use crate::workspace::{Workspace, packed_entries, zeros};

/// The residual and the gradient of a candidate.
pub(super) struct Residual<W> {
    /// r, rounded; one column.
    r: Array2<W>,
    /// ‖r‖₂.
    pub(super) norm: f64,
    /// A bound on ‖δr‖₂, r having been kept in several words.
    pub(super) of_r: f64,
    /// g = Aᴴr, rounded.
    pub(super) g: Vec<W>,
    /// A bound on what is lost of each entry of g for a given r.
    pub(super) of_g: Vec<f64>,
    /// More than what underflows in the products that follow.
    pub(super) underflow: f64,
}

impl<W: Element<Real = f64>> Residual<W> {
    /// Of column `k` of the right-hand sides and the point z in `words`, in K words: some 50·mn flops for each.
    pub(super) fn new<const K: usize>(
        scaled: &Scaled<W>, k: usize, words: &Planes, z: &[W], workspace: &mut Workspace<W>,
    ) -> Result<Self> {
        let (m, n) = scaled.a.dim();
        let mut products = Planes::lend(n, workspace)?;
        products.clear();
        let mut r = zeros::<W>(m, 1, Order::ColumnMajor)?;
        let (a, b) = (packed_by_columns(&scaled.a)?, &packed_by_columns(&scaled.b)?[k * m..(k + 1) * m]);
        let rounded = packed_entries(&mut r)?;
        for (start, rounded) in (0..m).step_by(TILE).zip(rounded.chunks_mut(TILE)) {
            let rows = start..start + rounded.len();
            let mut tile = Tile::<K>::of(&b[rows.clone()], rounded.len().div_ceil(LANES));
            let column = |j: usize| &a[j * m + rows.start..j * m + rows.end];
            for j in 0..n {
                tile.unpack(column(j));
                tile.subtract_product(words, j);
            }
            tile.settle();
            for j in 0..n {
                tile.unpack(column(j));
                tile.accumulate_own(&mut products, j);
            }
            rounded.iter_mut().enumerate().for_each(|(i, r)| *r = tile.entry(i));
        }
        let g: Vec<W> = (0..n).map(|j| products.total::<W, K>(j)).collect();
        products.give_back(workspace);
        let norm = norm2(&r.column(0));
        // Of |b| + |A||z|, row by row.
        let size = norm2(&scaled.b.column(k)) + z.iter().zip(&scaled.lengths).map(|(z, a)| z.abs() * a).sum::<f64>();
        // Where everything is 0 nothing underflows.
        let underflow = if size > 0.0 { (m + n) as f64 * UNDERFLOW * (1.0 + size) } else { 0.0 };
        let of_product = gamma_in_words::<W>(m, K);
        let of_g = |(g, a): (&W, &f64)| 2.0 * U * g.abs() + of_product * a * norm + underflow;
        Ok(Residual {
            norm,
            underflow,
            of_r: gamma_in_words::<W>(n + 1, K) * size + underflow,
            of_g: g.iter().zip(&scaled.lengths).map(of_g).collect(),
            r,
            g,
        })
    }

    /// r, rounded.
    pub(super) fn r(&self) -> ArrayView1<'_, W> {
        self.r.column(0)
    }
}
