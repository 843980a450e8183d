//! The factor floor: the eigenvalues of a Hermitian matrix to which ρ·z·zᴴ is added; `loewner` has the eigenvectors.
//! Must not factor anything anew.
//!
//! In the basis of the eigenvectors, S + ρzzᴴ is diag(d) + ρζζᴴ with ζ = Qᴴz. Phases of ζ go into the vectors, a factor ρ < 0 is taken out with
//! the order reversed, and all is scaled by a power of two so that squares of ζ stay in the range. Then `deflation` and `secular` follow.

use ndarray::{Array1, Array2, ArrayRef1, Axis};
use num_traits::{Float, Zero};

use super::Eigh;
use super::deflation::{Rotation, deflate};
use super::secular::{Poles, Root, Secular};
use super::updates::{coefficients, common_exponent, interlaced, require_order, scaled};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::pack::{self, Part};
use crate::scale::{near_one, power_near_reciprocal, times_power};
use crate::workspace::Workspace;

/// The eigenvalues of S + ρ·z·zᴴ, from [`Eigh::update`], and what its eigenvectors are made of.
#[derive(Debug)]
pub struct RankOneUpdate<'a, T: Element> {
    pub(super) values: Array1<T::Real>,
    pub(super) of: &'a Eigh<T>,
    /// ζ = Qᴴz, up to a factor.
    pub(super) zeta: Array2<T>,
    /// Whether ρ < 0, so that positions count from the other end.
    pub(super) reversed: bool,
    pub(super) secular: Secular,
    pub(super) roots: Vec<Root>,
    pub(super) rotations: Vec<Rotation>,
    /// The positions that deflation has kept.
    pub(super) kept: Vec<usize>,
    /// Where each of `values` comes from.
    pub(super) sources: Vec<Source>,
}

/// Where an eigenvalue of the update comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
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
        let mut rotations = Vec::new();
        let problem = Problem::new(self, z, rho, &mut Workspace::new(), |rotation| rotations.push(rotation))?;
        let (found, sources): (Vec<f64>, Vec<Source>) = problem.sorted().into_iter().unzip();
        let mut values = Array1::default(0);
        problem.finish(&self.values, found.into_iter(), &mut values)?;
        let Problem { zeta, reversed, secular, roots, mut settled, .. } = problem;
        settled.sort_unstable_by_key(|&(i, _)| i);
        let is_kept = |i: &usize| settled.binary_search_by_key(i, |&(i, _)| i).is_err();
        let kept = (0..values.len()).filter(is_kept).collect();
        Ok(RankOneUpdate { values, of: self, zeta, reversed, secular, roots, rotations, kept, sources })
    }

    /// The same, of the values alone, into `values`: with a warm workspace and n values a call allocates nothing.
    ///
    /// # Errors
    /// As for [`Eigh::update`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::{Array1, array};
    ///
    /// let eigh = array![[1.0, 0.0], [0.0, 3.0]].eigh()?;
    /// let (mut workspace, mut values) = (Workspace::new(), Array1::default(2));
    /// for t in [0.0, 1.0, 2.0] {
    ///     eigh.update_values_to(&array![0.0, t], 1.0, &mut workspace, &mut values)?;
    ///     assert_eq!(values, array![1.0, 3.0 + t * t]);
    /// }
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn update_values_to(
        &self, z: &ArrayRef1<T>, rho: T::Real, workspace: &mut Workspace<T>, values: &mut Array1<T::Real>,
    ) -> Result<()> {
        let problem = Problem::new(self, z, rho, workspace, |_| ())?;
        let mut found = workspace.spare_doubles.lend_vec(self.values.len())?;
        found.iter_mut().zip(problem.found()).for_each(|(to, (value, _))| *to = value);
        found.sort_unstable_by(f64::total_cmp);
        problem.finish(&self.values, found.iter().copied(), values)?;
        workspace.spare_doubles.keep_vec(found);
        problem.give_back(workspace);
        Ok(())
    }
}

/// diag(d) + ζζᴴ of an update, in units of its own, and its eigenvalues.
struct Problem<T: Element> {
    /// ζ = Qᴴz, up to a factor.
    zeta: Array2<T>,
    reversed: bool,
    is_positive: bool,
    /// Eigenvalues count in units of 2 to this power.
    exponent: f64,
    secular: Secular,
    roots: Vec<Root>,
    /// What deflation has settled: positions and values.
    settled: Vec<(usize, f64)>,
}

impl<T: Element> Problem<T> {
    fn new(
        eigh: &Eigh<T>, z: &ArrayRef1<T>, rho: T::Real, workspace: &mut Workspace<T>, turned: impl FnMut(Rotation),
    ) -> Result<Self> {
        let n = eigh.values.len();
        check(eigh, z, rho)?;
        // ζ of a power of two times z.
        let power = power_near_reciprocal(pack::size(&z.view().insert_axis(Axis(1)), Part::All)?);
        let column = scaled(z, power, workspace)?;
        let zeta = coefficients(&eigh.vectors, &column, workspace)?;
        workspace.spare.keep(column);
        if !zeta.iter().all(|&z| pack::is_finite(z)) {
            pack::check_finite(&eigh.vectors, Part::All)?;
            return Err(Error::Overflow { what: "the vectors of a decomposition" });
        }
        let reversed = rho < T::Real::zero();
        let (mut d, mut lengths) = (workspace.spare_doubles.lend_vec(n)?, workspace.spare_doubles.lend_vec(n)?);
        for i in 0..n {
            let position = if reversed { n - 1 - i } else { i };
            let value = eigh.values[position].as_f64();
            d[i] = if reversed { -value } else { value };
            lengths[i] = Scalar::abs(zeta[(position, 0)]).as_f64();
        }
        let exponent = balance(&mut d, &mut lengths, rho.as_f64().abs(), -power.as_f64().log2());
        let mut settled = workspace.spare_places.lend_vec(n)?;
        settled.clear();
        let secular = deflate(Poles::Plain, d, lengths, T::Real::EPS.as_f64(), &mut settled, turned);
        let roots = secular.all_roots(workspace)?;
        let is_positive = rho > T::Real::zero();
        Ok(Problem { zeta, reversed, is_positive, exponent, secular, roots, settled })
    }

    /// The eigenvalues in no order, in units of their own, and where they come from.
    fn found(&self) -> impl Iterator<Item = (f64, Source)> {
        let sign = if self.reversed { -1.0 } else { 1.0 };
        let roots = self.roots.iter().enumerate();
        let of_roots = roots.map(move |(j, &root)| (sign * self.secular.value(root), Source::Root(j)));
        of_roots.chain(self.settled.iter().map(move |&(i, value)| (sign * value, Source::Settled(i))))
    }

    /// The same, ascending.
    fn sorted(&self) -> Vec<(f64, Source)> {
        let mut all: Vec<(f64, Source)> = self.found().collect();
        all.sort_by(|x, y| x.0.total_cmp(&y.0));
        all
    }

    /// The eigenvalues of the update from those that were found, ascending, and from the `old` ones.
    fn finish(
        &self, old: &ArrayRef1<T::Real>, found: impl ExactSizeIterator<Item = f64>, values: &mut Array1<T::Real>,
    ) -> Result<()> {
        let found = found.map(|value| times_power(value, self.exponent));
        interlaced("an eigenvalue", old, found, values, |i| {
            let below = if self.reversed { i.checked_sub(1) } else { Some(i) };
            (below, Some(if self.is_positive { i + 1 } else { i }))
        })
    }

    /// Its memory, to where it comes from.
    fn give_back(self, workspace: &mut Workspace<T>) {
        workspace.spare.keep(self.zeta);
        workspace.spare_places.keep_vec(self.settled);
        workspace.spare_places.keep_vec(self.roots);
        self.secular.give_back(workspace);
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

impl<T: Element> RankOneUpdate<'_, T> {
    /// The eigenvalues of the updated matrix, ascending.
    pub fn values(&self) -> &Array1<T::Real> {
        &self.values
    }

    /// The eigenvalues of the updated matrix, ascending.
    pub fn into_values(self) -> Array1<T::Real> {
        self.values
    }
}
