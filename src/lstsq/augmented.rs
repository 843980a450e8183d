//! Least squares: the augmented system [I A; Aᴴ 0]·[r; z] = [c; d], with its unknowns and residuals in several words.
//! On the floor above `factor`; must not decide when an answer is good enough.
//!
//! With c = b and d = 0 its z minimizes ‖b − A·z‖₂ and its r is the residual; with c = 0 and d = b its r is the solution of
//! Aᴴ·r = b of least norm (Björck, Numerical Methods for Least Squares Problems, §2.9.2). A has at least as many rows as
//! columns.

use ndarray::{Array2, ArrayRef2, ArrayView1, s};

use crate::element::{Element, Real};
use crate::error::Result;
use crate::factor::Qr;
use crate::layout::Order;
use crate::pack::packed_by_columns;
use crate::words::{self, LANES, Lanes, Words, add, add_product, broadcast};
use crate::workspace::Workspace;

/// Rows that are worked on at once, so that what belongs to them stays in the fastest memory.
pub(super) const TILE: usize = 16 * LANES;
const BLOCKS: usize = TILE / LANES;

/// Real and imaginary parts of numbers of several words; the latter are empty for real types.
pub(super) struct Planes {
    re: Vec<Words>,
    im: Vec<Words>,
}

/// A right-hand side times powers of two.
pub(super) struct Rhs<'a, T: Element> {
    pub(super) entries: ArrayView1<'a, T>,
    pub(super) factor: f64,
    /// One for each entry, and one more for all.
    pub(super) rows: Option<(ArrayView1<'a, T::Real>, f64)>,
}

impl<T: Element> Rhs<'_, T> {
    /// The parts of entry `i`.
    pub(super) fn at(&self, i: usize) -> [f64; 2] {
        let (entry, factor) = (self.entries[i], self.factor);
        let of_row = |x: f64| match &self.rows {
            Some((rows, last)) => x * factor * rows[i].as_f64() * last,
            None => x * factor,
        };
        [of_row(entry.re().as_f64()), of_row(entry.im().as_f64())]
    }
}

/// The system with one right-hand side after another.
pub(super) struct System<'a, T: Element> {
    /// A, packed by columns.
    entries: &'a [T],
    qr: &'a Qr<T>,
    pub(super) r: Planes,
    pub(super) z: Planes,
    products: Planes,
    /// The residuals, then the corrections of r and z.
    pub(super) f: Array2<T>,
    pub(super) g: Array2<T>,
}

impl Planes {
    pub(super) fn lend<T: Element>(blocks: usize, workspace: &mut Workspace<T>) -> Result<Self> {
        let re = workspace.spare_words.lend_vec(blocks)?;
        let im = if T::IS_COMPLEX { workspace.spare_words.lend_vec(blocks)? } else { Vec::new() };
        Ok(Planes { re, im })
    }

    pub(super) fn give_back<T: Element>(self, workspace: &mut Workspace<T>) {
        workspace.spare_words.keep_vec(self.re);
        if T::IS_COMPLEX {
            workspace.spare_words.keep_vec(self.im);
        }
    }

    pub(super) fn clear(&mut self) {
        self.re.iter_mut().chain(&mut self.im).for_each(|words| *words = Words::default());
    }

    /// The number in a lane of a block, rounded.
    pub(super) fn rounded<T: Element>(&self, block: usize, lane: usize) -> T {
        let part = |plane: &[Words]| plane.get(block).map_or(0.0, |words| words::rounded(words, lane));
        T::from_doubles(part(&self.re), part(&self.im))
    }

    /// The numbers of a vector, the same in every lane.
    pub(super) fn broadcast<T: Element>(&mut self, entries: &[T]) {
        let words = |x: T::Real| words::broadcast([x.as_f64(), 0.0, 0.0]);
        self.re.iter_mut().zip(entries).for_each(|(to, x)| *to = words(x.re()));
        self.im.iter_mut().zip(entries).for_each(|(to, x)| *to = words(x.im()));
    }

    /// The sum over the lanes of a block in K words, rounded.
    pub(super) fn total<T: Element, const K: usize>(&self, block: usize) -> T {
        let part = |plane: &[Words]| plane.get(block).map_or(0.0, |words| words::rounded(&words::total::<K>(words), 0));
        T::from_doubles(part(&self.re), part(&self.im))
    }

    /// Adds corrections in K words.
    pub(super) fn correct<const K: usize>(&mut self, block: usize, re: Lanes, im: Lanes) {
        for (plane, term) in [(&mut self.re, re), (&mut self.im, im)] {
            if let Some(words) = plane.get_mut(block) {
                add::<K>(words, 0, term);
                words::settle(words);
            }
        }
    }
}

/// Which residual the right-hand side belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// c = b: least squares.
    Overdetermined,
    /// d = b: least norm.
    Underdetermined,
}

impl<'a, T: Element> System<'a, T> {
    pub(super) fn new(matrix: &'a Array2<T>, qr: &'a Qr<T>, workspace: &mut Workspace<T>) -> Result<Self> {
        let (long, short) = matrix.dim();
        Ok(System {
            entries: packed_by_columns(matrix)?,
            qr,
            r: Planes::lend(long.div_ceil(LANES), workspace)?,
            z: Planes::lend(short, workspace)?,
            products: Planes::lend(short, workspace)?,
            f: workspace.spare.lend(long, 1, Order::ColumnMajor)?,
            g: workspace.spare.lend(short, 1, Order::ColumnMajor)?,
        })
    }

    /// Gives all memory back.
    pub(super) fn finish(self, workspace: &mut Workspace<T>) {
        for planes in [self.r, self.z, self.products] {
            planes.give_back(workspace);
        }
        workspace.spare.keep(self.f);
        workspace.spare.keep(self.g);
    }

    /// r = 0 and z = 0.
    pub(super) fn clear(&mut self) {
        self.r.clear();
        self.z.clear();
    }

    /// One step of refinement in K words: residuals, their solution by QR, and the sum. The first, from 0, is the solution
    /// by QR alone.
    pub(super) fn step<const K: usize>(
        &mut self, rhs: &Rhs<'_, T>, kind: Kind, workspace: &mut Workspace<T>,
    ) -> Result<()> {
        self.residuals::<K>(rhs, kind);
        self.qr.solve_augmented(self.f.view_mut(), self.g.view_mut(), &mut workspace.scratch)?;
        for block in 0..self.f.nrows().div_ceil(LANES) {
            let [re, im] = lanes_of(&self.f, block);
            self.r.correct::<K>(block, re, im);
        }
        for (j, dz) in self.g.iter().enumerate() {
            self.z.correct::<K>(j, [dz.re().as_f64(); LANES], [dz.im().as_f64(); LANES]);
        }
        Ok(())
    }

    /// f = c − r − A·z and g = d − Aᴴ·r, accumulated in K words and rounded, with one pass over A.
    fn residuals<const K: usize>(&mut self, rhs: &Rhs<'_, T>, kind: Kind) {
        let (long, short) = (self.f.nrows(), self.g.nrows());
        self.products.clear();
        for start in (0..long).step_by(TILE) {
            let rows = start..(start + TILE).min(long);
            let blocks = start / LANES..rows.end.div_ceil(LANES);
            let mut tile = Tile::<K>::negated(&self.r, blocks.clone());
            let r = [&self.r.re[blocks.clone()], self.r.im.get(blocks).unwrap_or_default()];
            for j in 0..short {
                tile.unpack(&self.entries[j * long + rows.start..j * long + rows.end]);
                tile.subtract_product(&self.z, j);
                tile.accumulate(&mut self.products, r, j);
            }
            for (i, f) in rows.clone().zip(self.f.slice_mut(s![rows, 0])) {
                let c = if kind == Kind::Overdetermined { rhs.at(i) } else { [0.0; 2] };
                *f = tile.rounded(i - start, c);
            }
        }
        for (j, g) in self.g.iter_mut().enumerate() {
            let d = if kind == Kind::Underdetermined { rhs.at(j) } else { [0.0; 2] };
            let part = |plane: &[Words], d: f64| match plane.get(j) {
                Some(words) => {
                    let mut sum = words::total::<K>(words).map(|word| word.map(|x| -x));
                    add::<K>(&mut sum, 0, [d; LANES]);
                    words::settle(&mut sum);
                    words::rounded(&sum, 0)
                }
                None => 0.0,
            };
            *g = T::from_doubles(part(&self.products.re, d[0]), part(&self.products.im, d[1]));
        }
    }
}

/// The parts of a block of rows of a column, with zeros behind its end.
fn lanes_of<T: Element>(column: &ArrayRef2<T>, block: usize) -> [Lanes; 2] {
    let at = |lane: usize| column.get((block * LANES + lane, 0)).copied().unwrap_or_default();
    [std::array::from_fn(|lane| at(lane).re().as_f64()), std::array::from_fn(|lane| at(lane).im().as_f64())]
}

/// Some rows of A and of the residual f.
pub(super) struct Tile<const K: usize> {
    blocks: std::ops::Range<usize>,
    /// −r − A·z as far as it has come.
    f: [[Words; BLOCKS]; 2],
    /// The parts of a column of A.
    a: [[Lanes; BLOCKS]; 2],
}

impl<const K: usize> Tile<K> {
    /// f = −r.
    fn negated(r: &Planes, blocks: std::ops::Range<usize>) -> Self {
        let mut f = [[Words::default(); BLOCKS]; 2];
        for (f, plane) in f.iter_mut().zip([&r.re, &r.im]) {
            if let Some(r) = plane.get(blocks.clone()) {
                f.iter_mut().zip(r).for_each(|(f, r)| *f = r.map(|word| word.map(|x| -x)));
            }
        }
        Tile { blocks, f, a: [[Lanes::default(); BLOCKS]; 2] }
    }

    /// f = these entries, of `blocks` blocks or fewer.
    pub(super) fn of<T: Element>(entries: &[T], blocks: usize) -> Self {
        let mut f = [[Words::default(); BLOCKS]; 2];
        for (i, x) in entries.iter().enumerate() {
            f[0][i / LANES][0][i % LANES] = x.re().as_f64();
            f[1][i / LANES][0][i % LANES] = x.im().as_f64();
        }
        Tile { blocks: 0..blocks, f, a: [[Lanes::default(); BLOCKS]; 2] }
    }

    /// Makes each word of f the rounded sum of itself and those below.
    pub(super) fn settle(&mut self) {
        self.f.iter_mut().flatten().for_each(words::settle);
    }

    /// Row `i` of f, after it has been settled, rounded.
    pub(super) fn entry<T: Element>(&self, i: usize) -> T {
        let part = |part: usize| words::rounded(&self.f[part][i / LANES], i % LANES);
        T::from_doubles(part(0), part(1))
    }

    pub(super) fn unpack<T: Element>(&mut self, column: &[T]) {
        let [re, im] = &mut self.a;
        for (k, chunk) in column.chunks(LANES).enumerate() {
            for (lane, x) in chunk.iter().enumerate() {
                re[k][lane] = x.re().as_f64();
                if T::IS_COMPLEX {
                    im[k][lane] = x.im().as_f64();
                }
            }
        }
    }

    /// f ← f − aⱼ·zⱼ.
    pub(super) fn subtract_product(&mut self, z: &Planes, j: usize) {
        let ([f_re, f_im], [a_re, a_im]) = (&mut self.f, &self.a);
        let count = self.blocks.len();
        let re = &z.re[j];
        let minus_re = re.map(|word| word.map(|x| -x));
        add_multiple::<K>(&mut f_re[..count], a_re, &minus_re);
        if let Some(im) = z.im.get(j) {
            let minus_im = im.map(|word| word.map(|x| -x));
            add_multiple::<K>(&mut f_re[..count], a_im, im);
            add_multiple::<K>(&mut f_im[..count], a_re, &minus_im);
            add_multiple::<K>(&mut f_im[..count], a_im, &minus_re);
        }
    }

    /// Adds these rows' part of aⱼᴴ·r to the products.
    fn accumulate(&self, products: &mut Planes, [r_re, r_im]: [&[Words]; 2], j: usize) {
        let ([a_re, a_im], Planes { re, im }) = (&self.a, products);
        add_inner::<K>(&mut re[j], a_re, r_re);
        if let Some(im) = im.get_mut(j) {
            add_inner::<K>(&mut re[j], a_im, r_im);
            add_inner::<K>(im, a_re, r_im);
            add_inner::<K>(im, &a_im.map(|a| a.map(|x| -x)), r_re);
        }
    }

    /// Adds these rows' part of aⱼᴴ·f to the products.
    pub(super) fn accumulate_own(&self, products: &mut Planes, j: usize) {
        self.accumulate(products, self.f.each_ref().map(|part| &part[..self.blocks.len()]), j);
    }

    /// c plus what stands in row `i` of the tile, rounded.
    fn rounded<T: Element>(&self, i: usize, c: [f64; 2]) -> T {
        let part = |plane: &[Words; BLOCKS], c: f64| {
            let mut sum = broadcast(plane[i / LANES].map(|word| word[i % LANES]));
            add::<K>(&mut sum, 0, [c; LANES]);
            words::settle(&mut sum);
            words::rounded(&sum, 0)
        };
        let im = if T::IS_COMPLEX { part(&self.f[1], c[1]) } else { 0.0 };
        T::from_doubles(part(&self.f[0], c[0]), im)
    }
}

/// f ← f + a·z.
fn add_multiple<const K: usize>(f: &mut [Words], a: &[Lanes], z: &Words) {
    f.iter_mut().zip(a).for_each(|(f, &a)| add_product::<K>(f, a, z));
}

/// sum ← sum + Σ a·r.
fn add_inner<const K: usize>(sum: &mut Words, a: &[Lanes], r: &[Words]) {
    for (&a, r) in a.iter().zip(r) {
        add_product::<K>(sum, a, r);
    }
}
