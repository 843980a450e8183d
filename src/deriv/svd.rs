//! Derivatives: the singular value decomposition.
//! On the floor above `factor`; must not square a singular value, so that no scale overflows or vanishes.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayRef2, Axis};
use num_traits::Zero;

use super::Differentiable;
use super::operands::{check, check_part, check_values, finite, scale_columns};
use super::pairs::map_pairs;
use super::ties::{Ties, half_gap, mean, skew};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::factor::{Svd, add_product, adjoint_multiply, multiply, multiply_adjoint, product_to};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack;
use crate::workspace::zeros;

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
        check_part("the cotangent of U", &bar.u, (m, k))?;
        check_values("the cotangent of the singular values", bar.s.as_deref(), k)?;
        check_part("the cotangent of Vᴴ", &bar.vh, (k, n))?;
        let ties = Ties::of_singular_values(&self.s, (m, n));
        if let Some(weights) = &bar.s {
            ties.require_like_weights(weights)?;
        }
        if bar.u.is_none() && bar.vh.is_none() {
            return of_values(self, bar.s.as_ref());
        }
        let core = Core::new(self, bar, &ties)?;
        core.check(&ties)?;
        let mut middle = core.middle(&ties, bar.s.as_ref())?;
        let mut left = None;
        let mut right = None;
        if let Some(u) = &bar.u
            && m > k
        {
            left = Some(core.beyond_u(&ties, self, u, &mut middle)?);
        }
        if let Some(vh) = &bar.vh
            && n > k
        {
            right = Some(core.beyond_v(&ties, self, vh, &mut middle)?);
        }
        // Products take the memory of what is not needed any more.
        let [x, y] = [core.x, core.y_adjoint].map(|part| part.unwrap_or_else(|| Array2::default((0, 0))));
        let left = added(left, &self.u, &middle, y)?;
        let mut gradient = x;
        product_to(&left, &self.vh, &mut gradient)?;
        if let Some(right) = right {
            add_product(&self.u, &right, &mut gradient)?;
        }
        finite(gradient)
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
    map_pairs([p], [&mut of_u, &mut of_vh], |j, rows, [[upper, lower]], [to_u, to_vh]| {
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

/// What a cotangent says within the spaces of U and of V, for parts that it has.
struct Core<T: Element> {
    /// UᴴŪ.
    x: Option<Array2<T>>,
    /// V̄ᴴV, the adjoint of VᴴV̄.
    y_adjoint: Option<Array2<T>>,
    /// ‖ūᵢ‖ + ‖v̄ᵢ‖, where something is to be compared with them.
    sizes: Vec<T::Real>,
}

impl<T: Element> Core<T> {
    fn new(svd: &Svd<T>, bar: &SvdCotangent<T>, ties: &Ties<'_, T::Real>) -> Result<Self> {
        let x = bar.u.as_ref().map(|u| adjoint_multiply(&svd.u, u)).transpose()?;
        let y_adjoint = bar.vh.as_ref().map(|vh| multiply_adjoint(vh, &svd.vh)).transpose()?;
        if ties.are_simple() && !T::IS_COMPLEX {
            return Ok(Core { x, y_adjoint, sizes: Vec::new() });
        }
        let mut sizes = vec![T::Real::zero(); svd.s.len()];
        for (part, axis) in [(&bar.u, Axis(1)), (&bar.vh, Axis(0))] {
            let vectors = part.iter().flat_map(|part| part.axis_iter(axis));
            sizes.iter_mut().zip(vectors).for_each(|(size, vector)| *size += norm2(&vector));
        }
        Ok(Core { x, y_adjoint, sizes })
    }

    /// The skew parts of UᴴŪ and of VᴴV̄ at (i, j).
    fn skew_parts(&self, i: usize, j: usize) -> (T, T) {
        let x = self.x.as_ref().map_or(T::zero(), |x| skew(x, i, j));
        // The skew part of Yᴴ is that of −Y.
        let y = self.y_adjoint.as_ref().map_or(T::zero(), |y| -skew(y, i, j));
        (x, y)
    }

    /// Refuses a loss that depends on the choice of vectors.
    fn check(&self, ties: &Ties<'_, T::Real>) -> Result<()> {
        if self.sizes.is_empty() {
            return Ok(());
        }
        let both = |i, j| {
            let (x, y) = self.skew_parts(i, j);
            (x + y).abs()
        };
        ties.require_no_rotation(both, &self.sizes)?;
        let k = self.sizes.len();
        if T::IS_COMPLEX
            && let Some(index) = (0..k).find(|&i| !ties.is_noise(both(i, i), self.sizes[i]))
        {
            return Err(Error::Gauge { index });
        }
        // Vectors of the value 0 turn freely on each side, and real ones change sign on one side where the value does.
        for j in ties.first_zero..k {
            for i in ties.first_zero..=j {
                let (x, y) = self.skew_parts(i, j);
                if !ties.is_noise((x - y).abs(), self.sizes[i] + self.sizes[j]) {
                    return Err(ties.repeated(ties.first_zero..k));
                }
            }
        }
        Ok(())
    }

    /// The gradient between U and Vᴴ: diag(σ̄) + skew(X + Y)ᵢⱼ/(σⱼ − σᵢ) + skew(X − Y)ᵢⱼ/(σⱼ + σᵢ), without what ties make
    /// 0/0.
    fn middle(&self, ties: &Ties<'_, T::Real>, weights: Option<&Array1<T::Real>>) -> Result<Array2<T>> {
        let k = ties.values.len();
        let mut middle = zeros(k, k, Order::ColumnMajor)?;
        let weigh = Weigh::new(ties);
        let skew = |[upper, lower]: [&T; 2]| (*upper - lower.conj()).mul_real(T::Real::real(0.5));
        match (&self.x, &self.y_adjoint) {
            (Some(x), Some(y)) => map_pairs([x, y], [&mut middle], |j, rows, [x, y], [to]| {
                let (x, y) = (entries(x).map(skew), entries(y).map(skew));
                weigh.fill(j, rows, x.zip(y.map(|y| -y)), to);
            }),
            (Some(x), None) => map_pairs([x], [&mut middle], |j, rows, [x], [to]| {
                weigh.fill(j, rows, entries(x).map(|x| (skew(x), T::zero())), to);
            }),
            (None, Some(y)) => map_pairs([y], [&mut middle], |j, rows, [y], [to]| {
                weigh.fill(j, rows, entries(y).map(|y| (T::zero(), -skew(y))), to);
            }),
            (None, None) => Ok(()),
        }?;
        if let Some(weights) = weights {
            middle.diag_mut().zip_mut_with(weights, |x, &weight| *x = T::from_real(weight));
        }
        if T::IS_COMPLEX {
            for i in 0..ties.first_zero {
                let (x, y) = self.skew_parts(i, i);
                middle[(i, i)] += (x - y).mul_real(T::Real::real(0.5)).div_real(ties.values[i]);
            }
        }
        Ok(middle)
    }

    /// ŪΣ⁻¹, with −UᴴŪΣ⁻¹ added to `middle`: together (I − UUᴴ)ŪΣ⁻¹. Nothing for values that are zero.
    fn beyond_u(
        &self, ties: &Ties<'_, T::Real>, svd: &Svd<T>, u: &Array2<T>, middle: &mut Array2<T>,
    ) -> Result<Array2<T>> {
        let mut divided = pack::owned_columns(u)?;
        let Some(x) = &self.x else { return Ok(divided) };
        for (i, (mut column, x)) in divided.columns_mut().into_iter().zip(x.columns()).enumerate() {
            if i < ties.first_zero {
                let s = svd.s[i];
                column.mapv_inplace(|u| u.div_real(s));
                middle.column_mut(i).zip_mut_with(&x, |to, x| *to -= x.div_real(s));
            } else {
                let beyond = &column - &svd.u.dot(&x);
                if !ties.is_noise(norm2(&beyond), self.sizes[i]) {
                    return Err(ties.repeated(ties.first_zero..svd.s.len()));
                }
                column.fill(T::zero());
            }
        }
        Ok(divided)
    }

    /// Σ⁻¹V̄ᴴ, with −Σ⁻¹V̄ᴴV added to `middle`: together Σ⁻¹V̄ᴴ(I − VVᴴ). Nothing for values that are zero.
    fn beyond_v(
        &self, ties: &Ties<'_, T::Real>, svd: &Svd<T>, vh: &Array2<T>, middle: &mut Array2<T>,
    ) -> Result<Array2<T>> {
        let mut divided = vh.clone();
        let Some(y) = &self.y_adjoint else { return Ok(divided) };
        for (i, (mut row, y)) in divided.rows_mut().into_iter().zip(y.rows()).enumerate() {
            if i < ties.first_zero {
                let s = svd.s[i];
                row.mapv_inplace(|v| v.div_real(s));
                middle.row_mut(i).zip_mut_with(&y, |to, y| *to -= y.div_real(s));
            } else {
                let beyond = &row - &y.dot(&svd.vh);
                if !ties.is_noise(norm2(&beyond), self.sizes[i]) {
                    return Err(ties.repeated(ties.first_zero..svd.s.len()));
                }
                row.fill(T::zero());
            }
        }
        Ok(divided)
    }
}

/// Entries above the diagonal, each with its counterpart below.
fn entries<T>([upper, lower]: [&[T]; 2]) -> impl Iterator<Item = [&T; 2]> {
    upper.iter().zip(lower).map(|(upper, lower)| [upper, lower])
}

/// What skew parts are divided by. All of it is in numbers of the matrix's own type, so that the loop may run in vector registers.
struct Weigh<R> {
    values: Vec<R>,
    /// The number of each value's cluster.
    of: Vec<R>,
    /// 0 for the values that are zero, and 1 for the others.
    is_value: Vec<R>,
}

impl<R: Real> Weigh<R> {
    fn new(ties: &Ties<'_, R>) -> Self {
        let number = |i: usize| if i < ties.first_zero { R::one() } else { R::zero() };
        Weigh {
            values: ties.values.to_vec(),
            of: ties.of.iter().map(|&cluster| R::real(cluster)).collect(),
            is_value: (0..ties.values.len()).map(number).collect(),
        }
    }

    /// skew(X + Y)ᵢⱼ/(σⱼ − σᵢ) ± skew(X − Y)ᵢⱼ/(σⱼ + σᵢ) above and below the diagonal for the i in `rows`, from the skew parts of
    /// X and Y.
    fn fill<T: Element<Real = R>>(
        &self, j: usize, rows: Range<usize>, parts: impl Iterator<Item = (T, T)>, [upper, lower]: [&mut [T]; 2],
    ) {
        let (value, cluster, zero, half) = (self.values[j], self.of[j], R::zero(), R::real(0.5));
        let of_rows = self.values[rows.clone()].iter().zip(&self.of[rows.clone()]).zip(&self.is_value[rows]);
        for ((((&s, &of), &is_value), (x, y)), (upper, lower)) in of_rows.zip(parts).zip(upper.iter_mut().zip(lower)) {
            let over_gap = if of == cluster { zero } else { half / half_gap(value, s) };
            let over_sum = if is_value == zero { zero } else { half / mean(value, s) };
            let (by_gap, by_sum) = ((x + y).mul_real(over_gap), (x - y).mul_real(over_sum));
            (*upper, *lower) = (by_gap + by_sum, (by_gap - by_sum).conj());
        }
    }
}
