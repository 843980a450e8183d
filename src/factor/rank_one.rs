//! The factor floor: the eigenvalues, and the eigenvectors, of a Hermitian matrix to which ρ·z·zᴴ is added.
//! Must not factor anything anew.
//!
//! In the basis of the eigenvectors, S + ρzzᴴ is diag(d) + ρζζᴴ with ζ = Qᴴz. Phases of ζ go into the vectors, a factor ρ < 0 is taken out with
//! the order reversed, and all is scaled by a power of two so that squares of ζ stay in the range. Then `deflation` and `secular` follow.

use ndarray::{Array1, Array2, ArrayRef1, Axis, Zip, s};
use num_traits::{Float, Zero};

use super::Eigh;
use super::deflation::{Deflated, deflate};
use super::product::{adjoint_multiply, multiply};
use super::secular::{Poles, Root};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::layout::Order;
use crate::pack::{self, Part};
use crate::scale::{near_one, power_near_reciprocal, times_power};
use crate::workspace::{filled, matrix, zeroed, zeros};

/// The eigenvalues of S + ρ·z·zᴴ, from [`Eigh::update`], and what its eigenvectors are made of.
#[derive(Debug)]
pub struct RankOneUpdate<'a, T: Element> {
    values: Array1<T::Real>,
    of: &'a Eigh<T>,
    /// ζ = Qᴴz, up to a factor.
    zeta: Array2<T>,
    /// Whether ρ < 0, so that positions of `deflated` count from the other end.
    reversed: bool,
    deflated: Deflated,
    roots: Vec<Root>,
    /// Where each of `values` comes from.
    sources: Vec<Source>,
}

/// Where an eigenvalue of the update comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// The root of this number.
    Root(usize),
    /// What was settled at this position.
    Settled(usize),
}

impl<T: Element> Eigh<T> {
    /// The eigenvalues of S + ρ·z·zᴴ, where S = Q·diag(λ)·Qᴴ is the matrix of this decomposition: the roots μ of
    ///
    /// ```text
    /// 1 + ρ·Σᵢ |ζᵢ|²/(λᵢ − μ) = 0,    ζ = Qᴴz
    /// ```
    ///
    /// z has n entries, and ρ may have either sign. The eigenvectors are computed on request, by [`RankOneUpdate::eigh`].
    ///
    /// Values are right to 10·n·ε·(‖S‖₂ + |ρ|‖z‖₂²), as far as this decomposition is one of S. They ascend and interlace exactly:
    /// λᵢ ≤ μᵢ ≤ λᵢ₊₁ for ρ ≥ 0, λᵢ₋₁ ≤ μᵢ ≤ λᵢ for ρ ≤ 0. Components of ζ that are negligible, and eigenvalues that are nearly equal,
    /// are deflated. 2n² flops for ζ, and about five sums over the poles for each of the other roots: O(n²), and less where far poles can be taken
    /// together. The sums are loops of this crate, in double precision for every element type: LAPACK's laed4 took more than four times as long.
    ///
    /// # Errors
    /// [`Error::Shape`] where z or the decomposition does not fit, [`Error::NonFinite`] of z (a column) or of the vectors,
    /// [`Error::Parameter`] for a ρ that is not finite or eigenvalues that do not ascend, [`Error::Overflow`] where an eigenvalue of the
    /// update exceeds the range.
    ///
    /// # Source
    /// G. H. Golub, Some modified matrix eigenvalue problems, SIAM Review 15 (1973); Golub & Van Loan, §8.4.3; R.-C. Li, Solving secular
    /// equations stably and efficiently, LAPACK Working Note 89 (1993).
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let eigh = array![[1.0, 0.0], [0.0, 3.0]].eigh()?;
    /// // [1.5 0.5; 0.5 3.5]
    /// let update = eigh.update(&array![1.0, 1.0], 0.5)?;
    /// let root = 5f64.sqrt() / 2.0;
    /// approx::assert_relative_eq!(*update.values(), array![2.5 - root, 2.5 + root], max_relative = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn update(&self, z: &ArrayRef1<T>, rho: T::Real) -> Result<RankOneUpdate<'_, T>> {
        let n = self.values.len();
        check(self, z, rho)?;
        let reversed = rho < T::Real::zero();
        let column = z.view().insert_axis(Axis(1));
        // ζ of a power of two times z.
        let power = power_near_reciprocal(pack::size(&column, Part::All)?);
        let zeta = adjoint_multiply(&self.vectors, &column.mapv(|z| z.mul_real(power)))?;
        if !zeta.iter().all(|&z| pack::is_finite(z)) {
            pack::check_finite(&self.vectors, Part::All)?;
            return Err(Error::Overflow { what: "the vectors of a decomposition" });
        }
        let position = |i: usize| if reversed { n - 1 - i } else { i };
        let sign = if reversed { -1.0 } else { 1.0 };
        let mut d = zeroed(n)?;
        let mut lengths = zeroed(n)?;
        for i in 0..n {
            d[i] = sign * self.values[position(i)].as_f64();
            lengths[i] = Scalar::abs(zeta[(position(i), 0)]).as_f64();
        }
        let exponent = balance(&mut d, &mut lengths, rho.as_f64().abs(), -power.as_f64().log2());
        let deflated = deflate(Poles::Plain, &d, &lengths, T::Real::EPS.as_f64())?;
        let roots = deflated.secular.roots()?;
        let (values, sources) = merged(&deflated, &roots, sign);
        let values = values.into_iter().map(|value| times_power(value, exponent));
        let values = interlaced("an eigenvalue", &self.values, values, |i| {
            let below = if reversed { i.checked_sub(1) } else { Some(i) };
            (below, Some(if rho > T::Real::zero() { i + 1 } else { i }))
        })?;
        Ok(RankOneUpdate { values, of: self, zeta, reversed, deflated, roots, sources })
    }
}

/// What [`Eigh::update`] asks for.
fn check<T: Element>(eigh: &Eigh<T>, z: &ArrayRef1<T>, rho: T::Real) -> Result<()> {
    let n = eigh.values.len();
    let shape = |what, expected: &[usize], found: &[usize]| {
        Err(Error::Shape { what, expected: dims(expected), found: dims(found) })
    };
    if eigh.vectors.dim() != (n, n) {
        return shape("the eigenvectors", &[n, n], eigh.vectors.shape());
    }
    if z.len() != n {
        return shape("the vector of a rank-one update", &[n], z.shape());
    }
    require_order("eigenvalues", &eigh.values, |x, y| x <= y)?;
    if !rho.as_f64().is_finite() {
        return Err(Error::Parameter {
            what: "the factor of a rank-one update",
            expected: "a finite number",
            found: rho.to_string(),
        });
    }
    Ok(())
}

/// Values of a decomposition in their order; a NaN or an infinity is out of order.
pub(super) fn require_order<R: Real>(
    what: &'static str, values: &ArrayRef1<R>, in_order: impl Fn(R, R) -> bool,
) -> Result<()> {
    let found = |found: String| Err(Error::Parameter { what, expected: "finite values in order", found });
    if let Some(value) = values.iter().find(|value| !value.as_f64().is_finite()) {
        return found(value.to_string());
    }
    match values.iter().zip(values.iter().skip(1)).find(|&(&x, &y)| !in_order(x, y)) {
        Some((x, y)) => found(format!("{x:e} before {y:e}")),
        None => Ok(()),
    }
}

/// The power of two near the larger of two sizes that are given by their logarithms; 1 where both are 0.
pub(super) fn common_exponent(x: f64, y: f64) -> f64 {
    let exponent = f64::max(x, y).floor();
    if exponent.is_finite() { exponent } else { 0.0 }
}

/// Divides d by 2ᵉ, and makes of ζ what is to be multiplied by itself: √(ρ/2ᵉ)·2ᵏ·ζ. Of the power e, which is returned, the larger of
/// |d| and ρ·4ᵏ‖ζ‖² is near 1.
fn balance(d: &mut [f64], zeta: &mut [f64], rho: f64, k: f64) -> f64 {
    let largest = d.iter().fold(0.0, |most, d| Float::max(most, d.abs()));
    let square: f64 = zeta.iter().map(|z| z * z).sum();
    let exponent = common_exponent(largest.log2(), rho.log2() + square.log2() + 2.0 * k);
    d.iter_mut().for_each(|d| *d = times_power(*d, -exponent));
    // √(ρ·4ᵏ/2ᵉ): the root first, since ρ·4ᵏ may be beyond the range.
    let (near, rest) = if rho > 0.0 { near_one(rho) } else { (0.0, 0.0) };
    let twice = rest + 2.0 * k - exponent;
    let odd = twice.rem_euclid(2.0);
    let factor = times_power((near * (1.0 + odd)).sqrt(), (twice - odd) / 2.0);
    zeta.iter_mut().for_each(|z| *z *= factor);
    exponent
}

/// The values of roots and of what is settled, times `sign`, ascending.
fn merged(deflated: &Deflated, roots: &[Root], sign: f64) -> (Vec<f64>, Vec<Source>) {
    let of_roots = roots.iter().enumerate().map(|(j, &root)| (sign * deflated.secular.value(root), Source::Root(j)));
    let of_settled = deflated.settled.iter().map(|&(i, value)| (sign * value, Source::Settled(i)));
    let mut all: Vec<(f64, Source)> = of_roots.chain(of_settled).collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    all.into_iter().unzip()
}

/// Values as numbers of the type, each between the old ones, where there are any, at the two positions that `bounds` gives for it: no rounding
/// takes a value out of where it is known to be.
pub(super) fn interlaced<R: Real>(
    what: &'static str, old: &ArrayRef1<R>, new: impl ExactSizeIterator<Item = f64>,
    bounds: impl Fn(usize) -> (Option<usize>, Option<usize>),
) -> Result<Array1<R>> {
    let mut values = Array1::from_vec(zeroed(new.len())?);
    for (i, (to, value)) in values.iter_mut().zip(new).enumerate() {
        let (below, above) = bounds(i);
        let old = |position: Option<usize>| position.and_then(|i| old.get(i).copied());
        *to = Float::max(R::real(value), old(below).unwrap_or(-R::infinity()));
        *to = Float::min(*to, old(above).unwrap_or(R::infinity()));
        if !to.as_f64().is_finite() {
            return Err(Error::Overflow { what });
        }
    }
    Ok(values)
}

impl<T: Element> RankOneUpdate<'_, T> {
    /// The eigenvalues of the updated matrix, ascending.
    pub fn values(&self) -> &Array1<T::Real> {
        &self.values
    }

    /// The eigenvalues of the updated matrix, ascending.
    pub fn into_values(self) -> Array1<T::Real> {
        self.values
    }

    /// The decomposition of the updated matrix: the eigenvectors are Q·W with
    ///
    /// ```text
    /// wᵢⱼ ∝ ζ̂ᵢ/(λᵢ − μⱼ),    ρζ̂ᵢ² = Πⱼ (μⱼ − λᵢ) / Πⱼ (λⱼ − λᵢ) over j ≠ i
    /// ```
    ///
    /// for what is not deflated, after the rotations of the deflation. ζ̂ is the vector of which the computed values are the exact roots
    /// (K. Löwner), so that the columns of W are orthogonal to working precision however near the values are, and those of the result as
    /// much as the columns of Q. One product of matrices, 2nk² flops where k values are not deflated.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where memory cannot be had.
    ///
    /// # Source
    /// M. Gu and S. C. Eisenstat, A stable and efficient algorithm for the rank-one modification of the symmetric eigenproblem, SIAM J.
    /// Matrix Anal. Appl. 15 (1994).
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let s = array![[2.0, 1.0], [1.0, 2.0]];
    /// let updated = s.eigh()?.update(&array![1.0, 0.0], 3.0)?.eigh()?; // of [5 1; 1 2]
    /// let rebuilt = (&updated.vectors * &updated.values).dot(&updated.vectors.t());
    /// approx::assert_abs_diff_eq!(rebuilt, array![[5.0, 1.0], [1.0, 2.0]], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn eigh(&self) -> Result<Eigh<T>> {
        let (n, k) = (self.values.len(), self.roots.len());
        let basis = self.basis()?;
        let coefficients = self.coefficients()?;
        let mut vectors = if k == n {
            multiply(&basis, &coefficients)?
        } else {
            let mut kept = zeros(n, k, Order::ColumnMajor)?;
            for (mut to, &i) in kept.columns_mut().into_iter().zip(&self.deflated.kept) {
                to.assign(&basis.column(i));
            }
            multiply(&kept, &coefficients)?
        };
        if k < n {
            let mut all = zeros(n, n, Order::ColumnMajor)?;
            let mut columns = vectors.columns().into_iter();
            for (mut to, source) in all.columns_mut().into_iter().zip(&self.sources) {
                match *source {
                    Source::Settled(i) => to.assign(&basis.column(i)),
                    // Those of `coefficients` come in the order of the values.
                    Source::Root(_) => columns.next().into_iter().for_each(|from| to.assign(&from)),
                }
            }
            vectors = all;
        }
        Ok(Eigh { values: self.values.clone(), vectors })
    }

    /// The old eigenvectors in the order of the deflation's positions, times the phases of ζ, rotated.
    fn basis(&self) -> Result<Array2<T>> {
        let n = self.values.len();
        let mut basis = zeros(n, n, Order::ColumnMajor)?;
        for (i, mut to) in basis.columns_mut().into_iter().enumerate() {
            let i = if self.reversed { n - 1 - i } else { i };
            let zeta = self.zeta[(i, 0)];
            let length = Scalar::abs(zeta);
            // A component that is near underflow was left out, and its phase would have few digits.
            let phase =
                if length > T::Real::min_positive_value() / T::Real::EPS { zeta.div_real(length) } else { T::one() };
            to.zip_mut_with(&self.of.vectors.column(i), |to, &q| *to = q * phase);
        }
        for rotation in &self.deflated.rotations {
            let (c, s) = (T::Real::real(rotation.c), T::Real::real(rotation.s));
            let columns = (s![.., rotation.first], s![.., rotation.second]);
            let (mut first, mut second) = basis.multi_slice_mut(columns);
            Zip::from(&mut first).and(&mut second).for_each(|x, y| {
                (*x, *y) = (x.mul_real(c) + y.mul_real(s), y.mul_real(c) - x.mul_real(s));
            });
        }
        Ok(basis)
    }

    /// W, k×k, with the columns in the order of the values.
    fn coefficients(&self) -> Result<Array2<T>> {
        let k = self.roots.len();
        let zeta = self.loewner()?;
        let mut distances = zeroed(k)?;
        let mut entries = zeroed::<T>(k * k)?;
        let in_order = self.sources.iter().filter_map(|source| match *source {
            Source::Root(j) => Some(self.roots[j]),
            Source::Settled(_) => None,
        });
        for (column, root) in entries.chunks_exact_mut(k.max(1)).zip(in_order) {
            self.deflated.secular.distances(0..k, root.origin, &mut distances);
            distances.iter_mut().zip(&zeta).for_each(|(d, zeta)| *d = zeta / (*d - root.offset));
            let norm = distances.iter().map(|x| x * x).sum::<f64>().sqrt();
            column.iter_mut().zip(&distances).for_each(|(to, x)| *to = T::from_doubles(x / norm, 0.0));
        }
        matrix(k, k, Order::ColumnMajor, entries)
    }

    /// √ρ·ζ̂. The factors of a product alternate so that it stays between its first and its last.
    fn loewner(&self) -> Result<Vec<f64>> {
        let (secular, k) = (&self.deflated.secular, self.roots.len());
        let (mut distances, mut products) = (zeroed(k)?, filled(k, 1.0)?);
        for (j, &root) in self.roots.iter().enumerate() {
            secular.distances(0..k, root.origin, &mut distances);
            let from = secular.poles[j];
            for ((product, distance), pole) in products.iter_mut().zip(&distances).zip(&secular.poles) {
                // Poles are apart: only the root's own gives 0.
                let gap = if *pole == from { 1.0 } else { pole - from };
                *product *= (distance - root.offset) / gap;
            }
        }
        products.iter_mut().for_each(|product| *product = product.abs().sqrt());
        Ok(products)
    }
}
