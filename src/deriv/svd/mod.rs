//! Derivatives: the singular value decomposition.
//! On the floor above `factor`; must not square a singular value, so that no scale overflows or vanishes.

mod cotangent;

use ndarray::{Array1, Array2, ArrayRef2};

use super::Differentiable;
use super::operands::{check, check_part_shape, check_values, finite, finite_gradient, scale_columns};
use super::pairs::change_pairs;
use super::ties::{Ties, half_gap, mean, skew};
use crate::element::{Element, Scalar};
use crate::error::{Error, Result, dims};
use crate::factor::{Svd, add_product, adjoint_multiply, multiply, multiply_adjoint, product_to};
use crate::layout::Order;
use crate::pack;
use crate::workspace::zeros;
use cotangent::Core;

/// The change of a thin SVD to first order: dA = dU·Σ·Vᴴ + U·dΣ·Vᴴ + U·Σ·dVᴴ.
///
/// UᴴdU and VᴴdV are skew-Hermitian. For the formula, and for the choice of phases where they are complex, see the implementation of
/// [`Differentiable`] for [`Svd`].
#[derive(Debug, Clone, PartialEq)]
pub struct SvdTangent<T: Element> {
    /// dU, m×k.
    pub u: Array2<T>,
    /// dσ.
    pub s: Array1<T::Real>,
    /// dVᴴ, k×n.
    pub vh: Array2<T>,
}

/// The gradient of a loss with respect to a thin SVD; a part that is left out is zero and costs nothing.
///
/// The loss changes by Re tr(ŪᴴdU) + Σσ̄ᵢdσᵢ + Re tr((V̄ᴴ)ᴴdVᴴ) to first order. How its gradient with respect to A follows, and which losses
/// have none, says the implementation of [`Differentiable`] for [`Svd`].
#[derive(Debug, Clone, PartialEq)]
pub struct SvdCotangent<T: Element> {
    /// With respect to U, m×k.
    pub u: Option<Array2<T>>,
    /// With respect to the singular values.
    pub s: Option<Array1<T::Real>>,
    /// With respect to Vᴴ, k×n.
    pub vh: Option<Array2<T>>,
}

impl<T: Element> Default for SvdCotangent<T> {
    /// That of a constant loss.
    fn default() -> Self {
        SvdCotangent { u: None, s: None, vh: None }
    }
}

/// The thin SVD A = U·Σ·Vᴴ of an m×n matrix of any shape, U m×k, Vᴴ k×n, k = min(m, n).
///
/// With P = UᴴdA·V, h = (P + Pᴴ)/2 and a = (P − Pᴴ)/2, for i ≠ j
///
/// ```text
/// dσᵢ = Re Pᵢᵢ
/// (UᴴdU)ᵢⱼ = hᵢⱼ/(σⱼ − σᵢ) + aᵢⱼ/(σⱼ + σᵢ),    dU = U·UᴴdU + (I − UUᴴ)·dA·V·Σ⁻¹
/// (VᴴdV)ᵢⱼ = hᵢⱼ/(σⱼ − σᵢ) − aᵢⱼ/(σⱼ + σᵢ),    dV = V·VᴴdV + (I − VVᴴ)·dAᴴ·U·Σ⁻¹
/// ```
///
/// and the gradient is, with X = UᴴŪ, Y = VᴴV̄ and skew(X) = (X − Xᴴ)/2,
///
/// ```text
/// Ā = U·M·Vᴴ + (I − UUᴴ)·Ū·Σ⁻¹Vᴴ + U·Σ⁻¹V̄ᴴ·(I − VVᴴ)
/// Mᵢⱼ = skew(X + Y)ᵢⱼ/(σⱼ − σᵢ) + skew(X − Y)ᵢⱼ/(σⱼ + σᵢ),    Mᵢᵢ = σ̄ᵢ + skew(X − Y)ᵢᵢ/(2σᵢ)
/// ```
///
/// A divisor that is a sum beside one that is a difference keeps σ² out of it, so that no scale overflows or vanishes on the way.
///
/// Condition: `jvp` needs singular values that are apart and not zero, or gives [`Error::Repeated`]. `vjp` needs that only of those whose
/// vectors the loss can tell apart; see [what happens when two values meet](crate::deriv#what-happens-when-two-values-meet).
///
/// Gauge: each pair uᵢ, vᵢ is determined but for a common sign, or factor of modulus 1. Real vectors keep their sign: uᵢᵀduᵢ = vᵢᵀdvᵢ = 0. Of
/// complex ones the difference of the phases changes with A; each side takes the half of it, uᵢᴴduᵢ = −vᵢᴴdvᵢ = i·Im Pᵢᵢ/(2σᵢ). A loss
/// that depends on the common factor, Im(X + Y)ᵢᵢ ≠ 0, is refused.
///
/// Flops for m > n: `jvp` 6mn² + 4n³, `vjp` 6mn² + 2n³ with all three parts; for m = n 8n³ each; 2mn² with the values alone. For m < n: `jvp`
/// 6m²n + 2m³, `vjp` 6m²n + 4m³. No factorization.
///
/// Further errors: [`Error::Shape`] where the factors are not thin, and [`Error::Gauge`] for a complex loss that depends on phases.
///
/// Source: J. Townsend, Differentiating the singular value decomposition, 2016; M. B. Giles, Collected matrix derivative results for
/// forward and reverse mode algorithmic differentiation, 2008; for complex matrices Z.-Q. Wan and S.-X. Zhang, Automatic
/// differentiation for complex valued SVD, 2019, arXiv:1909.02659.
///
/// ```
/// use lapwing::deriv::{Differentiable, SvdCotangent};
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let a = array![[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]];
/// // The gradient of σ₁ + σ₂ is U·Vᵀ.
/// let sum = SvdCotangent { s: Some(array![1.0, 1.0]), ..Default::default() };
/// approx::assert_abs_diff_eq!(a.svd()?.vjp(&sum)?, array![[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
impl<T: Element> Differentiable<T> for Svd<T> {
    type Tangent = SvdTangent<T>;
    type Cotangent = SvdCotangent<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<SvdTangent<T>> {
        let (m, n) = thin(self)?;
        check("the direction", da, (m, n))?;
        Ties::of_singular_values(&self.s, (m, n)).require_simple()?;
        let k = self.s.len();
        let along_u = adjoint_multiply(&self.u, da)?;
        let p = multiply_adjoint(&along_u, &self.vh)?;
        let (mut turn_u, mut turn_vh) = turns(&self.s, &p)?;
        // (I − UUᴴ)·dA·V·Σ⁻¹, if U has a complement, else that of V: subtracted from the turns where U or Vᴴ stands before it.
        let mut beyond_u = None;
        if m > k {
            divide_columns(&mut turn_u, &p, &self.s);
            let mut image = multiply_adjoint(da, &self.vh)?;
            image.columns_mut().into_iter().zip(&self.s).for_each(|(mut x, &s)| x.mapv_inplace(|x| x.div_real(s)));
            beyond_u = Some(image);
        }
        let mut beyond_vh = None;
        if n > k {
            divide_rows(&mut turn_vh, &p, &self.s);
            let mut image = along_u;
            image.rows_mut().into_iter().zip(&self.s).for_each(|(mut x, &s)| x.mapv_inplace(|x| x.div_real(s)));
            beyond_vh = Some(image);
        }
        let none = || Array2::default((0, 0));
        let u = added(beyond_u, &self.u, &turn_u, none())?;
        let vh = added(beyond_vh, &turn_vh, &self.vh, none())?;
        let s = p.diag().iter().map(|p| p.re()).collect();
        Ok(SvdTangent { u: finite(u)?, s, vh: finite(vh)? })
    }

    fn vjp(&self, bar: &SvdCotangent<T>) -> Result<Array2<T>> {
        let (m, n) = thin(self)?;
        let k = self.s.len();
        check_part_shape("the cotangent of U", &bar.u, (m, k))?;
        check_values("the cotangent of the singular values", bar.s.as_deref(), k)?;
        check_part_shape("the cotangent of Vᴴ", &bar.vh, (k, n))?;
        let ties = Ties::of_singular_values(&self.s, (m, n));
        if let Some(weights) = &bar.s {
            ties.require_like_weights(weights)?;
        }
        if bar.u.is_none() && bar.vh.is_none() {
            return of_values(self, bar.s.as_ref());
        }
        let core = Core::new(self, bar, &ties)?;
        core.check(&ties)?;
        let left = bar.u.as_ref().filter(|_| m > k).map(|u| core.beyond_u(&ties, self, u)).transpose()?;
        let right = bar.vh.as_ref().filter(|_| n > k).map(|vh| core.beyond_v(&ties, self, vh)).transpose()?;
        // Each product takes the memory of what is not needed any more.
        let (mut middle, memory) = core.into_middle(&ties, bar.s.as_ref())?;
        let [left, right] = [left, right].map(|beyond| {
            beyond.map(|(divided, within)| {
                middle -= &within;
                divided
            })
        });
        let left = added(left, &self.u, &middle, memory)?;
        let mut gradient = middle;
        product_to(&left, &self.vh, &mut gradient)?;
        if let Some(right) = right {
            add_product(&self.u, &right, &mut gradient)?;
        }
        finite_gradient(gradient, [&bar.u, &bar.vh])
    }
}

/// U·diag(w)·Vᴴ.
fn of_values<T: Element>(svd: &Svd<T>, weights: Option<&Array1<T::Real>>) -> Result<Array2<T>> {
    let Some(weights) = weights else { return zeros(svd.u.nrows(), svd.vh.ncols(), Order::ColumnMajor) };
    let mut left = pack::owned_columns(&svd.u)?;
    scale_columns(&mut left, weights);
    finite(multiply(&left, &svd.vh)?)
}

/// The shape of A, if the factors are thin.
pub(super) fn thin<T: Element>(svd: &Svd<T>) -> Result<(usize, usize)> {
    let (m, n, k) = (svd.u.nrows(), svd.vh.ncols(), svd.s.len());
    if k == m.min(n) && (svd.u.ncols(), svd.vh.nrows()) == (k, k) {
        return Ok((m, n));
    }
    let found = format!("U {}, Vᴴ {}", dims(svd.u.shape()), dims(svd.vh.shape()));
    let k = m.min(n);
    Err(Error::Shape { what: "the SVD", expected: format!("thin factors, U {m}×{k}, Vᴴ {k}×{n}"), found })
}

/// The shape of A, if the factors are thin or full, and the values finite.
pub(super) fn shape<T: Element>(svd: &Svd<T>) -> Result<(usize, usize)> {
    let (m, n, k) = (svd.u.nrows(), svd.vh.ncols(), svd.s.len());
    check_values("the singular values", Some(&svd.s), m.min(n))?;
    if (k..=m).contains(&svd.u.ncols()) && (k..=n).contains(&svd.vh.nrows()) {
        return Ok((m, n));
    }
    let found = format!("U {}, Vᴴ {}", dims(svd.u.shape()), dims(svd.vh.shape()));
    Err(Error::Shape { what: "the SVD", expected: format!("{k} singular vectors or more on each side"), found })
}

/// UᴴdU and dVᴴV = (VᴴdV)ᴴ for values that are apart.
fn turns<T: Element>(s: &Array1<T::Real>, p: &Array2<T>) -> Result<(Array2<T>, Array2<T>)> {
    let (half, quarter, k) = (T::Real::real(0.5), T::Real::real(0.25), s.len());
    let mut of_u = zeros(k, k, Order::ColumnMajor)?;
    let mut of_vh = zeros(k, k, Order::ColumnMajor)?;
    change_pairs([&mut of_u, &mut of_vh], [p], |j, rows, [to_u, to_vh], [[upper, lower]]| {
        for (k, ((&upper, lower), i)) in upper.iter().zip(lower).zip(rows).enumerate() {
            let h = (upper + lower.conj()).mul_real(quarter).div_real(half_gap(s[j], s[i]));
            let a = (upper - lower.conj()).mul_real(quarter).div_real(mean(s[j], s[i]));
            (to_u[0][k], to_u[1][k]) = (h + a, -(h + a).conj());
            (to_vh[0][k], to_vh[1][k]) = (a - h, (h - a).conj());
        }
    })?;
    if T::IS_COMPLEX {
        for (i, &s) in s.iter().enumerate() {
            let phase = skew(p, i, i).mul_real(half).div_real(s);
            of_u[(i, i)] = phase;
            of_vh[(i, i)] = phase;
        }
    }
    Ok((of_u, of_vh))
}

/// X ← X − P·Σ⁻¹.
fn divide_columns<T: Element>(x: &mut Array2<T>, p: &Array2<T>, s: &Array1<T::Real>) {
    for ((mut x, p), &s) in x.columns_mut().into_iter().zip(p.columns()).zip(s) {
        x.zip_mut_with(&p, |x, p| *x -= p.div_real(s));
    }
}

/// X ← X − Σ⁻¹·P.
fn divide_rows<T: Element>(x: &mut Array2<T>, p: &Array2<T>, s: &Array1<T::Real>) {
    for ((mut x, p), &s) in x.rows_mut().into_iter().zip(p.rows()).zip(s) {
        x.zip_mut_with(&p, |x, p| *x -= p.div_real(s));
    }
}

/// A·B, in this memory, or C + A·B.
fn added<T: Element>(
    c: Option<Array2<T>>, a: &ArrayRef2<T>, b: &ArrayRef2<T>, mut memory: Array2<T>,
) -> Result<Array2<T>> {
    let Some(mut c) = c else {
        product_to(a, b, &mut memory)?;
        return Ok(memory);
    };
    add_product(a, b, &mut c)?;
    Ok(c)
}
