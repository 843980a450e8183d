//! Derivatives: the sum of the k largest singular values, with the nuclear and the spectral norm at its ends.
//! On the floor above `factor`; must not pretend that a kink has a gradient.

use ndarray::{Array2, ArrayRef2, s};
use num_traits::{Float, Zero};

use super::cluster::{between_null_spaces, beyond_leading, within};
use super::operands::{check, finite, hermitian_part};
use super::svd::shape;
use super::ties::{Ties, noise, tie_tolerance};
use crate::element::{Element, Scalar};
use crate::error::{Error, Result};
use crate::factor::{Svd, SvdExt, adjoint_multiply, multiply, multiply_adjoint};
use crate::norm::norm2;

/// ‖A‖₍ₖ₎ with its subdifferential at a certain A. See [`ky_fan`].
#[derive(Debug, Clone)]
pub struct KyFan<'a, T: Element> {
    svd: &'a Svd<T>,
    k: usize,
    /// How many values are above σₖ.
    above: usize,
    /// Where those that equal σₖ end.
    end: usize,
    /// Whether σₖ is zero.
    at_zero: bool,
}

/// The Ky Fan k-norm ‖A‖₍ₖ₎ = σ₁ + … + σₖ of the m×n matrix that `svd` is of, for 1 ≤ k ≤ min(m, n).
///
/// It is convex. Where σₖ > σₖ₊₁ (beyond the last value stands 0) its gradient is UₖVₖᴴ. Elsewhere it has a subdifferential: with U₁, V₁ to the p
/// values above σₖ and U_c, V_c to those equal to it,
///
/// ```text
/// ∂‖A‖₍ₖ₎ = {U₁V₁ᴴ + U_cWV_cᴴ : 0 ≼ W ≼ I, tr W = k − p}    for σₖ > 0,
/// ∂‖A‖₍ₖ₎ = {U₁V₁ᴴ + U₀WV₀ᴴ : ‖W‖₂ ≤ 1, ‖W‖_* ≤ k − p}     for σₖ = 0, with full bases U₀, V₀ of the null spaces of Aᴴ and A
/// ```
///
/// Values count as equal, and as zero, up to [`tie_tolerance`](super::tie_tolerance). Which bases the singular vectors are does not
/// matter. The factors may be thin or full. What it costs stands at the methods of [`KyFan`].
///
/// # Errors
/// [`Error::Parameter`] for any other k, [`Error::Shape`] where singular vectors are missing, [`Error::NonFinite`].
///
/// # Source
/// G. A. Watson, Characterization of the subdifferential of some matrix norms, Linear Algebra Appl. 170 (1992); M. L. Overton and R. S.
/// Womersley, Optimality conditions and duality theory for minimizing sums of the largest eigenvalues, Math. Program. 62 (1993).
///
/// ```
/// use lapwing::deriv::ky_fan;
/// use lapwing::prelude::*;
/// use ndarray::{Array2, array};
///
/// let svd = Array2::from_diag(&array![3.0_f64, 2.0, 2.0]).svd()?;
/// let norm = ky_fan(&svd, 2)?;
/// assert_eq!(norm.value(), 5.0);
/// // The second and the third value are equal: there is no gradient,
/// assert_eq!(norm.gradient().unwrap_err(), lapwing::Error::Repeated { first: 1, last: 2, gap: 0.0 });
/// // but a set of subgradients, with the directional derivative as their support function.
/// assert!(norm.contains(&Array2::from_diag(&array![1.0, 0.5, 0.5]))?);
/// assert!(!norm.contains(&Array2::from_diag(&array![1.0, 1.0, 1.0]))?);
/// approx::assert_abs_diff_eq!(norm.directional(&Array2::from_diag(&array![0.0, -1.0, 1.0]))?, 1.0, epsilon = 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn ky_fan<T: Element>(svd: &Svd<T>, k: usize) -> Result<KyFan<'_, T>> {
    if k == 0 || k > svd.s.len() {
        return Err(Error::Parameter {
            what: "k of the Ky Fan norm",
            expected: "1 to the number of singular values",
            found: format!("{k} of {}", svd.s.len()),
        });
    }
    let ties = Ties::of_singular_values(&svd.s, shape(svd)?);
    let equal = ties.around(k - 1);
    Ok(KyFan { svd, k, above: equal.start, end: equal.end, at_zero: k > ties.first_zero })
}

/// The nuclear norm Σσᵢ, the Ky Fan norm of all values: its gradient UVᴴ exists where A, m×n, has the full rank min(m, n).
///
/// Elsewhere its subdifferential is {U₁V₁ᴴ + W : U₁ᴴW = 0, WV₁ = 0, ‖W‖₂ ≤ 1}, U₁ and V₁ to the values that are not zero.
/// Equal values do no harm.
///
/// # Errors
/// [`Error::Parameter`] for a matrix without singular values.
///
/// # Source
/// G. A. Watson, Linear Algebra Appl. 170 (1992).
///
/// ```
/// use lapwing::deriv::nuclear_norm;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let svd = array![[2.0, 0.0], [0.0, 0.0]].svd()?;
/// let norm = nuclear_norm(&svd)?;
/// assert_eq!((norm.value(), norm.gradient().is_err()), (2.0, true));
/// approx::assert_abs_diff_eq!(norm.subgradient()?, array![[1.0, 0.0], [0.0, 0.0]], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn nuclear_norm<T: Element>(svd: &Svd<T>) -> Result<KyFan<'_, T>> {
    ky_fan(svd, svd.s.len())
}

/// The spectral norm σ₁, the Ky Fan norm of one value: its gradient u₁v₁ᴴ, m×n, exists where σ₁ is simple and not zero.
///
/// Elsewhere its subdifferential is the convex hull of the uvᴴ over all pairs of unit vectors with Av = σ₁u and Aᴴu = σ₁v: for σ₁ > 0
/// {U_cWV_cᴴ : W ≽ 0, tr W = 1}; at A = 0 all G with ‖G‖_* ≤ 1.
///
/// # Errors
/// [`Error::Parameter`] for a matrix without singular values.
///
/// # Source
/// G. A. Watson, Linear Algebra Appl. 170 (1992).
///
/// ```
/// use lapwing::deriv::spectral_norm;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let svd = array![[0.0, 2.0], [1.0, 0.0]].svd()?;
/// approx::assert_abs_diff_eq!(spectral_norm(&svd)?.gradient()?, array![[0.0, 1.0], [0.0, 0.0]], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn spectral_norm<T: Element>(svd: &Svd<T>) -> Result<KyFan<'_, T>> {
    ky_fan(svd, 1)
}

impl<T: Element> KyFan<'_, T> {
    /// ‖A‖₍ₖ₎; infinite where it exceeds the range of the type.
    pub fn value(&self) -> T::Real {
        self.svd.s.iter().take(self.k).fold(T::Real::zero(), |sum, &s| sum + s)
    }

    /// Whether there is a gradient: σₖ > σₖ₊₁, and σₖ > 0.
    pub fn is_differentiable(&self) -> bool {
        self.end == self.k && !self.at_zero
    }

    /// UₖVₖᴴ, m×n.
    ///
    /// 2mnk flops.
    ///
    /// # Errors
    /// [`Error::Repeated`] where there is no gradient; it names the values that equal σₖ.
    pub fn gradient(&self) -> Result<Array2<T>> {
        if self.is_differentiable() {
            return finite(self.leading(self.k)?);
        }
        let ties = Ties::of_singular_values(&self.svd.s, self.dim());
        Err(ties.repeated(self.above..self.end))
    }

    /// An element of the subdifferential: the gradient where there is one, and else the element of least Frobenius norm, in
    /// which the values that equal σₖ > 0 share evenly, W = (k − p)/c·I for c of them, and those that are zero have no part; m×n.
    ///
    /// 2mn(p + c) flops for p values above σₖ, 2mnp where it is zero.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn subgradient(&self) -> Result<Array2<T>> {
        let mut subgradient = self.leading(self.above)?;
        if !self.at_zero {
            let (equal, share) = (self.end - self.above, T::Real::real((self.k - self.above) as f64));
            let share = share / T::Real::real(equal as f64);
            let u = self.svd.u.slice(s![.., self.above..self.end]);
            let part = multiply(&u, &self.svd.vh.slice(s![self.above..self.end, ..]))?;
            subgradient.zip_mut_with(&part, |x, part| *x += part.mul_real(share));
        }
        finite(subgradient)
    }

    /// Whether G is in the subdifferential, to rounding: G = U₁V₁ᴴ + U_cWV_cᴴ with 0 ≼ W ≼ I, tr W = k − p; where σₖ = 0, G = U₁V₁ᴴ + W with
    /// W between the null spaces, ‖W‖₂ ≤ 1, ‖W‖_* ≤ k − p.
    ///
    /// Every part is asked for to 100·max(m, n)·ε + 2·[`tie_tolerance`](super::tie_tolerance)/g: by so much the product of the singular vectors is known.
    /// There g is the distance of σₖ from the next values that differ from it; where there is a gradient, from the next lower one alone, or from zero. At most
    /// 0.1 is allowed, which is less than rounding may do to the gradient where g is below twenty times the tie tolerance.
    ///
    /// Routine: none where there is a gradient; else syevd of the order of the cluster, or gesdd without vectors of an m×n matrix. 2mnk flops where there is a gradient,
    /// and at most some 12mn(p + c) for p values above σₖ and c equal to it.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFinite`]; as for [`SvdExt::svd`].
    pub fn contains(&self, g: &ArrayRef2<T>) -> Result<bool> {
        let (m, n) = self.dim();
        check("the subgradient", g, (m, n))?;
        let tolerance = self.tolerance();
        if self.is_differentiable() {
            return Ok(norm2(&(&g.view() - &self.leading(self.k)?).flatten()) <= tolerance);
        }
        let rest = &g.view() - &self.leading(self.above)?;
        // What is left must stand between the spaces of the values that equal σₖ.
        let between = match self.at_zero {
            true => beyond_leading(self.svd, self.above, &rest)?,
            false => self.within_cluster(&rest)?,
        };
        if norm2(&(&rest - &between).flatten()) > tolerance {
            return Ok(false);
        }
        let share = T::Real::real(self.k - self.above);
        let weights = match self.at_zero {
            true => between.singular_values()?,
            false => within(self.svd, self.above..self.end, &rest)?,
        };
        let sum = weights.iter().fold(T::Real::zero(), |sum, &weight| sum + weight);
        let is_weight = |&weight: &T::Real| weight >= -tolerance && weight <= T::Real::real(1.0) + tolerance;
        let adds_up = if self.at_zero { sum - share } else { Float::abs(sum - share) };
        // Each weight may be wrong by the tolerance.
        Ok(weights.iter().all(is_weight) && adds_up <= tolerance * T::Real::real(weights.len()))
    }

    /// By how much the parts of a subgradient are known.
    ///
    /// A computed SVD is that of A + E, E being as large as the tie tolerance at most. Along E the gradient changes by U·X·Vᴴ, the entries of X being
    /// Hermitian and skew parts of those of UᴴEV over σᵢ − σⱼ, i ≤ k < j, and over (σᵢ + σⱼ)/2; hence by ‖E‖_F/g at most. The gradient that is asked about may be
    /// as far off on the other side.
    fn tolerance(&self) -> T::Real {
        let (m, n) = self.dim();
        let s = &self.svd.s;
        let gap = |i: usize, j: usize| s[i] - s[j];
        let before = match self.above {
            // The values above move as one with σₖ where all of them are in the sum.
            above if above > 0 && !self.is_differentiable() => gap(above - 1, above),
            _ => T::Real::infinity(),
        };
        let after = match self.end < s.len() {
            true => gap(self.end - 1, self.end),
            false if self.at_zero => T::Real::infinity(),
            false => s[self.end - 1],
        };
        let size = m.max(n);
        let wrong = tie_tolerance(size, s.first().copied().unwrap_or_default());
        let turn = (wrong + wrong) / Float::min(before, after);
        // Where values nearly meet the sum would let everything pass.
        Float::min(noise::<T::Real>(size) + turn, T::Real::real(0.1))
    }

    /// U_c·(Hermitian part of U_cᴴXV_c)·V_cᴴ.
    fn within_cluster(&self, x: &ArrayRef2<T>) -> Result<Array2<T>> {
        let equal = self.above..self.end;
        let (u, vh) = (self.svd.u.slice(s![.., equal.clone()]), self.svd.vh.slice(s![equal, ..]));
        let between = hermitian_part(&multiply_adjoint(&adjoint_multiply(&u, x)?, &vh)?);
        multiply(&multiply(&u, &between)?, &vh)
    }

    /// The one-sided derivative along E, the largest Re tr(GᴴE) over the subdifferential: Re tr(U₁ᴴEV₁) and the sum of the k − p largest
    /// of the slopes with which the values that equal σₖ part.
    ///
    /// 2mn(p + c) flops for p values above σₖ and c equal to it, and the eigenvalues of a c×c matrix; where σₖ is zero 10mnp, and the
    /// singular values of an m×n matrix.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFinite`]; as for [`SvdExt::svd`].
    pub fn directional(&self, e: &ArrayRef2<T>) -> Result<T::Real> {
        check("the direction", e, self.dim())?;
        let slopes = match self.at_zero {
            true => between_null_spaces(self.svd, self.above, e)?,
            false => within(self.svd, self.above..self.end, e)?,
        };
        let image = multiply_adjoint(e, &self.svd.vh.slice(s![..self.above, ..]))?;
        let pairs = image.columns().into_iter().zip(self.svd.u.columns());
        let trace = pairs
            .map(|(image, u)| u.iter().zip(image).fold(T::zero(), |sum, (u, &x)| sum + u.conj() * x).re())
            .fold(T::Real::zero(), |sum, x| sum + x);
        Ok(slopes.iter().take(self.k - self.above).fold(trace, |sum, &slope| sum + slope))
    }

    fn dim(&self) -> (usize, usize) {
        (self.svd.u.nrows(), self.svd.vh.ncols())
    }

    /// The product of the first singular vectors.
    fn leading(&self, count: usize) -> Result<Array2<T>> {
        multiply(&self.svd.u.slice(s![.., ..count]), &self.svd.vh.slice(s![..count, ..]))
    }
}
