//! Derivatives: the polar decomposition. Ties do no harm: nothing is divided by a gap.
//! On the floor above `factor`; must not form an inverse.

use ndarray::{Array2, ArrayRef2};

use super::Differentiable;
use super::operands::{check, check_part, check_values, finite, hermitian_part};
use super::pairs::change_pairs;
use super::ties::{Ties, mean, skew};
use crate::element::{Element, Scalar};
use crate::error::Result;
use crate::factor::{Polar, add_product, adjoint_multiply, multiply, multiply_adjoint};
use crate::layout::Order;
use crate::workspace::zeros;

/// The change of a polar decomposition to first order: dA = dW·H + W·dH.
///
/// WᴴdW is skew-Hermitian. For the formula see the implementation of [`Differentiable`] for [`Polar`].
#[derive(Debug, Clone, PartialEq)]
pub struct PolarTangent<T: Element> {
    /// dW, m×n.
    pub w: Array2<T>,
    /// dH, n×n, Hermitian.
    pub h: Array2<T>,
}

/// The gradient of a loss with respect to a polar decomposition; a part that is left out is zero.
///
/// The loss changes by Re tr(W̄ᴴdW) + Re tr(H̄ᴴdH) to first order. For its gradient with respect to A see the implementation of
/// [`Differentiable`] for [`Polar`].
#[derive(Debug, Clone, PartialEq)]
pub struct PolarCotangent<T: Element> {
    /// With respect to W, m×n.
    pub w: Option<Array2<T>>,
    /// With respect to H, n×n; its Hermitian part counts.
    pub h: Option<Array2<T>>,
}

impl<T: Element> Default for PolarCotangent<T> {
    /// That of a constant loss.
    fn default() -> Self {
        PolarCotangent { w: None, h: None }
    }
}

/// The polar decomposition A = W·H of an m×n matrix of full column rank, m ≥ n; W m×n, H n×n.
///
/// With H = V·Σ·Vᴴ, U = W·V and P = UᴴdA·V
///
/// ```text
/// dW = U·[(Pᵢⱼ − P̄ⱼᵢ)/(σᵢ + σⱼ)]·Vᴴ + (I − UUᴴ)·dA·V·Σ⁻¹Vᴴ,    dH = V·[(σᵢPᵢⱼ + σⱼP̄ⱼᵢ)/(σᵢ + σⱼ)]·Vᴴ
/// ```
///
/// and the gradient is, with X = UᴴW̄·V, and Z = VᴴH̄·V for the Hermitian part of H̄,
///
/// ```text
/// Ā = U·[(Xᵢⱼ − X̄ⱼᵢ + 2σᵢZᵢⱼ)/(σᵢ + σⱼ)]·Vᴴ + (I − UUᴴ)·W̄·V·Σ⁻¹Vᴴ
/// ```
///
/// Condition: no singular value is zero, or the answer is [`Error::Repeated`](crate::Error::Repeated) with those that are: W is not
/// determined there, and H has a kink. Equal singular values do no harm, since nothing is divided by a gap. Gauge: W and H are
/// determined, so that no choice is left and no loss is refused.
///
/// Flops: `jvp` and `vjp` 12mn² + 4n³ for m > n, 14n³ for m = n. No factorization.
///
/// Source: N. J. Higham, Functions of Matrices, 2008, ch. 8; dH follows from H·dH + dH·H = AᴴdA + dAᴴA.
///
/// ```
/// use lapwing::deriv::Differentiable;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // At the identity a skew direction turns W, and a symmetric one changes H.
/// let tangent = array![[1.0, 0.0], [0.0, 1.0]].polar()?.jvp(&array![[0.0, 2.0], [0.0, 0.0]])?;
/// approx::assert_abs_diff_eq!(tangent.w, array![[0.0, 1.0], [-1.0, 0.0]], epsilon = 1e-15);
/// approx::assert_abs_diff_eq!(tangent.h, array![[0.0, 1.0], [1.0, 0.0]], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
impl<T: Element> Differentiable<T> for Polar<T> {
    type Tangent = PolarTangent<T>;
    type Cotangent = PolarCotangent<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<PolarTangent<T>> {
        let (m, n) = self.w.dim();
        check("the direction", da, (m, n))?;
        self.require_regular()?;
        let image = multiply_adjoint(da, &self.vh)?;
        let u = multiply_adjoint(&self.w, &self.vh)?;
        let p = adjoint_multiply(&u, &image)?;
        let (s, half) = (&self.s, T::Real::real(0.5));
        let mut turn = zeros(n, n, Order::ColumnMajor)?;
        let mut stretch = zeros(n, n, Order::ColumnMajor)?;
        change_pairs([&mut turn, &mut stretch], [&p], |j, rows, [to_turn, to_stretch], [[upper, lower]]| {
            for (k, ((&upper, lower), i)) in upper.iter().zip(lower).zip(rows).enumerate() {
                let (lower, mean) = (lower.conj(), mean(s[i], s[j]));
                let turned = (upper - lower).mul_real(half).div_real(mean);
                (to_turn[0][k], to_turn[1][k]) = (turned, -turned.conj());
                let stretched = upper.mul_real(half * s[i] / mean) + lower.mul_real(half * s[j] / mean);
                (to_stretch[0][k], to_stretch[1][k]) = (stretched, stretched.conj());
            }
        })?;
        for i in 0..n {
            turn[(i, i)] = skew(&p, i, i).div_real(s[i]);
            stretch[(i, i)] = T::from_real(p[(i, i)].re());
        }
        let mut inner = multiply(&u, &turn)?;
        if m > n {
            // (I − UUᴴ)·dA·V·Σ⁻¹.
            let mut beyond = image;
            add_product(&u, &-p, &mut beyond)?;
            beyond.columns_mut().into_iter().zip(s).for_each(|(mut x, &s)| x.mapv_inplace(|x| x.div_real(s)));
            inner += &beyond;
        }
        let dw = multiply(&inner, &self.vh)?;
        let dh = adjoint_multiply(&self.vh, &multiply(&stretch, &self.vh)?)?;
        Ok(PolarTangent { w: finite(dw)?, h: finite(hermitian_part(&dh))? })
    }

    fn vjp(&self, bar: &PolarCotangent<T>) -> Result<Array2<T>> {
        let (m, n) = self.w.dim();
        check_part("the cotangent of W", &bar.w, (m, n))?;
        check_part("the cotangent of H", &bar.h, (n, n))?;
        self.require_regular()?;
        let u = multiply_adjoint(&self.w, &self.vh)?;
        let (s, half) = (&self.s, T::Real::real(0.5));
        let mut middle = zeros(n, n, Order::ColumnMajor)?;
        let mut beyond = None;
        if let Some(w) = &bar.w {
            let image = multiply_adjoint(w, &self.vh)?;
            let x = adjoint_multiply(&u, &image)?;
            change_pairs([&mut middle], [&x], |j, rows, [[to_upper, to_lower]], [[upper, lower]]| {
                for (k, ((&upper, lower), i)) in upper.iter().zip(lower).zip(rows).enumerate() {
                    let entry = (upper - lower.conj()).mul_real(half).div_real(mean(s[i], s[j]));
                    (to_upper[k], to_lower[k]) = (entry, -entry.conj());
                }
            })?;
            (0..n).for_each(|i| middle[(i, i)] = skew(&x, i, i).div_real(s[i]));
            if m > n {
                let mut image = image;
                add_product(&u, &-x, &mut image)?;
                image.columns_mut().into_iter().zip(s).for_each(|(mut x, &s)| x.mapv_inplace(|x| x.div_real(s)));
                beyond = Some(image);
            }
        }
        if let Some(h) = &bar.h {
            let z = multiply_adjoint(&multiply(&self.vh, &hermitian_part(h))?, &self.vh)?;
            for ((i, j), to) in middle.indexed_iter_mut() {
                *to += z[(i, j)].mul_real(s[i] / mean(s[i], s[j]));
            }
        }
        let mut left = multiply(&u, &middle)?;
        if let Some(beyond) = beyond {
            left += &beyond;
        }
        finite(multiply(&left, &self.vh)?)
    }
}

impl<T: Element> Polar<T> {
    /// [`Error::Repeated`](crate::Error::Repeated) where singular values are zero.
    fn require_regular(&self) -> Result<()> {
        let n = self.w.ncols();
        check_values("the singular values", Some(&self.s), n)?;
        check("the right singular vectors", &self.vh, (n, n))?;
        let ties = Ties::of_singular_values(&self.s, self.w.dim());
        match ties.first_zero < self.s.len() {
            true => Err(ties.repeated(ties.first_zero..self.s.len())),
            false => Ok(()),
        }
    }
}
