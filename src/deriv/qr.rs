//! Derivatives: the QR factorization, tall, square and wide.
//! On the floor above `factor`; must not form an inverse.

use ndarray::{Array2, ArrayRef2, Data, s};

use super::Differentiable;
use super::operands::{check, check_part, upper_triangle_of_real_diagonal};
use super::scaled::{COLUMNS, Scaled, in_units, jointly, reciprocal, units, value_of};
use super::ties::skew;
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{Form, Qr, Triangle, add_product, adjoint_multiply, multiply, multiply_adjoint};
use crate::norm::norm2;
use crate::pack;

/// The change of a thin QR factorization to first order: dA = dQ·R + Q·dR.
///
/// QᴴdQ is skew-Hermitian. For the formula see the implementation of [`Differentiable`] for [`Qr`].
#[derive(Debug, Clone, PartialEq)]
pub struct QrTangent<T: Element> {
    /// dQ, m×k.
    pub q: Array2<T>,
    /// dR, k×n, upper triangular with a real diagonal.
    pub r: Array2<T>,
}

/// The gradient of a loss with respect to a thin QR factorization; a part that is left out is zero.
///
/// The loss changes by Re tr(Q̄ᴴdQ) + Re tr(R̄ᴴdR) to first order. For its gradient with respect to A see the implementation of
/// [`Differentiable`] for [`Qr`].
#[derive(Debug, Clone, PartialEq)]
pub struct QrCotangent<T: Element> {
    /// With respect to Q, m×k.
    pub q: Option<Array2<T>>,
    /// With respect to R, k×n; what stands below its diagonal does not count, nor does the imaginary part of the diagonal.
    pub r: Option<Array2<T>>,
}

impl<T: Element> Default for QrCotangent<T> {
    /// That of a constant loss.
    fn default() -> Self {
        QrCotangent { q: None, r: None }
    }
}

/// The thin QR factorization A = Q·R of an m×n matrix, tall, square or wide: Q m×k and R k×n, k = min(m, n).
///
/// With R₁ the leading k×k block of R, dA₁ the first k columns of dA, X = QᴴdA₁R₁⁻¹, and Ω the skew-Hermitian matrix that has X's entries
/// below its diagonal and i·Im Xᵢᵢ on it,
///
/// ```text
/// dQ = Q·Ω + (I − QQᴴ)·dA₁·R₁⁻¹,    dR = QᴴdA − Ω·R
/// ```
///
/// With R̄ upper triangular with a real diagonal, W = QᴴQ̄ − R̄Rᴴ, and C the lower triangular matrix that has the entries of W − Wᴴ below its
/// diagonal and i·Im Wᵢᵢ on it, the gradient is, in the first k columns and in those beyond,
///
/// ```text
/// Ā₁ = (Q·(R̄₁R₁ᴴ + C) + (I − QQᴴ)·Q̄)·R₁⁻ᴴ,    Ā₂ = Q·R̄₂
/// ```
///
/// Condition: the first k columns of A are independent. Each must be further from the span of those before it than 10·max(m, n)·ε of its
/// own length, or the answer is [`Error::RankDeficient`]. So a wide matrix of full rank may be refused: its leading block counts.
///
/// Gauge: Q and R are determined but for the signs of R's diagonal, or factors of modulus 1. The diagonal is real for complex matrices
/// too and keeps the signs that the factorization gave it; it need not be positive. No loss is refused.
///
/// Flops for m ≥ n: `jvp` 9mn² + 1.3n³, `vjp` 7mn² + 3.3n³ with both parts, of which 2mn² − 0.7n³ form Q. No factorization.
///
/// Source: S. F. Walter and L. Lehmann, Algorithmic differentiation of linear algebra functions, 2010, arXiv:1001.1654; D. A. O. Roberts
/// and L. R. Roberts, QR and LQ decomposition matrix backpropagation algorithms, 2020, arXiv:2009.10071.
///
/// ```
/// use lapwing::deriv::Differentiable;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // A column that grows changes R, and Q not at all.
/// let a = array![[3.0_f64], [4.0]];
/// let tangent = a.qr()?.jvp(&a)?;
/// approx::assert_abs_diff_eq!(tangent.q, array![[0.0], [0.0]], epsilon = 1e-15);
/// approx::assert_abs_diff_eq!(tangent.r[(0, 0)].abs(), 5.0, epsilon = 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
impl<T: Element, S: Data<Elem = T>> Differentiable<T> for Qr<T, S> {
    type Tangent = QrTangent<T>;
    type Cotangent = QrCotangent<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<QrTangent<T>> {
        let ((m, n), k) = (self.dim(), self.dim().0.min(self.dim().1));
        check("the direction", da, (m, n))?;
        let (q, r) = (self.q()?, self.r());
        require_independent(&r, m)?;
        let units = units(&r, COLUMNS);
        let r = in_units(&r, &units)?;
        let (da, exponent) = Scaled::of_lanes(da, COLUMNS, &reciprocal(&units))?.into_parts();
        let mut divided = pack::owned_columns(&da.slice(s![.., ..k]))?;
        Triangle::upper(&r.slice(s![.., ..k])).divide_right(Form::Plain, divided.view_mut())?;
        let x = adjoint_multiply(&q, &divided)?;
        let mut turn = x.clone();
        for j in 0..k {
            for i in 0..=j {
                turn[(i, j)] = if i == j { skew(&x, i, i) } else { -x[(j, i)].conj() };
            }
        }
        let mut dr = adjoint_multiply(&q, &da)?;
        dr -= &multiply(&turn, &r)?;
        let dr = upper_triangle_of_real_diagonal(&dr);
        let dq = if m > k {
            let mut dq = divided;
            add_product(&q, &(&turn - &x), &mut dq)?;
            dq
        } else {
            multiply(&q, &turn)?
        };
        let exponents: Vec<f64> = units.iter().map(|k| k + exponent).collect();
        let r = Scaled::of(&dr)?.value_by_lanes(COLUMNS, &exponents)?;
        Ok(QrTangent { q: value_of(dq, exponent)?, r })
    }

    fn vjp(&self, bar: &QrCotangent<T>) -> Result<Array2<T>> {
        let ((m, n), k) = (self.dim(), self.dim().0.min(self.dim().1));
        check_part("the cotangent of Q", &bar.q, (m, k))?;
        check_part("the cotangent of R", &bar.r, (k, n))?;
        let (q, r) = (self.q()?, self.r());
        require_independent(&r, m)?;
        let units = units(&r, COLUMNS);
        let r = in_units(&r, &units)?;
        let of_q = bar.q.as_ref().map(|bar| Scaled::of(bar)).transpose()?;
        let of_r = bar.r.as_ref().map(|bar| Scaled::of_lanes(bar, COLUMNS, &units)).transpose()?;
        let ([bar_q, bar_r], exponent) = jointly([of_q, of_r]);
        let of_r = bar_r.as_ref().map_or_else(|| Array2::zeros((k, n)), |r| upper_triangle_of_real_diagonal(r));
        // W = QᴴQ̄ − R̄Rᴴ is what Ω is weighed by.
        let along_q = bar_q.as_ref().map(|bar| adjoint_multiply(&q, bar)).transpose()?;
        let mut w = -multiply_adjoint(&of_r, &r)?;
        if let Some(along_q) = &along_q {
            w += along_q;
        }
        let mut middle = multiply_adjoint(&of_r.slice(s![.., ..k]), &r.slice(s![.., ..k]))?;
        for j in 0..k {
            middle[(j, j)] += skew(&w, j, j);
            for i in j + 1..k {
                middle[(i, j)] += w[(i, j)] - w[(j, i)].conj();
            }
        }
        let mut first = match (&bar_q, &along_q) {
            (Some(bar), Some(along_q)) if m > k => {
                middle -= along_q;
                let mut first = pack::owned_columns(bar)?;
                add_product(&q, &middle, &mut first)?;
                first
            }
            _ => multiply(&q, &middle)?,
        };
        Triangle::upper(&r.slice(s![.., ..k])).divide_right(Form::Adjoint, first.view_mut())?;
        let mut gradient = Array2::zeros((m, n));
        gradient.slice_mut(s![.., ..k]).assign(&first);
        if n > k {
            gradient.slice_mut(s![.., k..]).assign(&multiply(&q, &of_r.slice(s![.., k..]))?);
        }
        let exponents: Vec<f64> = units.iter().map(|k| exponent - k).collect();
        Scaled::of(&gradient)?.value_by_lanes(COLUMNS, &exponents)
    }
}

/// Columns of which each is apart from the span of those before it: |rⱼⱼ| is its distance from that.
fn require_independent<T: Element>(r: &Array2<T>, m: usize) -> Result<()> {
    let needed = r.nrows();
    let depends = |&j: &usize| {
        let length = norm2(&r.slice(s![..=j, j]));
        r[(j, j)].abs() <= T::Real::real(10 * m.max(r.ncols())) * T::Real::EPS * length
    };
    match (0..needed).find(depends) {
        Some(rank) => Err(Error::RankDeficient { rank, needed }),
        None => Ok(()),
    }
}
