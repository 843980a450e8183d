//! Derivatives: the LU factorization of a matrix of any shape, with the row exchanges held fixed.
//! On the floor above `factor`; must not form an inverse.

use ndarray::{Array2, ArrayRef2, Axis, Data, s};

use super::Differentiable;
use super::operands::{check, check_part, strictly_lower, upper_triangle};
use super::scaled::{COLUMNS, Scaled, in_units, jointly, reciprocal, units, value_of};
use crate::element::Element;
use crate::error::Result;
use crate::factor::{Form, Lu, Triangle, adjoint_multiply, multiply, multiply_adjoint};
use crate::pack;

/// The change of an LU factorization to first order: P·dA = dL·U + L·dU, with P as it is.
///
/// For the formula see the implementation of [`Differentiable`] for [`Lu`].
#[derive(Debug, Clone, PartialEq)]
pub struct LuTangent<T: Element> {
    /// dL, m×k, strictly lower triangular.
    pub l: Array2<T>,
    /// dU, k×n, upper triangular.
    pub u: Array2<T>,
}

/// The gradient of a loss with respect to an LU factorization; a part that is left out is zero.
///
/// The loss changes by Re tr(L̄ᴴdL) + Re tr(ŪᴴdU) to first order. For its gradient with respect to A see the implementation of
/// [`Differentiable`] for [`Lu`].
#[derive(Debug, Clone, PartialEq)]
pub struct LuCotangent<T: Element> {
    /// With respect to L, m×k; only what stands below the diagonal counts.
    pub l: Option<Array2<T>>,
    /// With respect to U, k×n; what stands below the diagonal does not count.
    pub u: Option<Array2<T>>,
}

impl<T: Element> Default for LuCotangent<T> {
    /// That of a constant loss.
    fn default() -> Self {
        LuCotangent { l: None, u: None }
    }
}

/// The LU factorization P·A = L·U of an m×n matrix of any shape, L m×k and U k×n, k = min(m, n).
///
/// With F = P·dA, L₁, U₁ and F₁ the leading k×k blocks and X = L₁⁻¹F₁U₁⁻¹; tril₋₁ takes what stands below the diagonal, triu the rest:
///
/// ```text
/// dL₁ = L₁·tril₋₁(X),    dU₁ = triu(X)·U₁
/// dL₂ = (F₂ − L₂·dU)·U⁻¹ in the rows below, for m > n,    dU₂ = L⁻¹(F₂ − dL·U₂) in the columns beyond, for m < n
/// ```
///
/// and the gradient is, for m = n,
///
/// ```text
/// P·Ā = L⁻ᴴ·(tril₋₁(LᴴL̄) + triu(ŪUᴴ))·U⁻ᴴ
/// ```
///
/// For other shapes it is the adjoint of the same four steps in the reverse order.
///
/// Condition: the first k pivots are not 0, or the answer is [`Error::Singular`](crate::Error::Singular). A pivot that is only small beside
/// the matrix is taken as it is.
///
/// Gauge: L has ones on its diagonal, and the row exchanges are held fixed; for these L and U are determined. Where two candidates for a
/// pivot are equally large, a matrix near by may be factored with other exchanges, which no derivative tells.
///
/// Flops for m = n: `jvp` and `vjp` 6n³. No factorization.
///
/// Source: S. F. Walter and L. Lehmann, Algorithmic differentiation of linear algebra functions, 2010, arXiv:1001.1654, for the square
/// case; the others follow from dF = dL·U + L·dU block by block.
///
/// ```
/// use lapwing::deriv::{Differentiable, LuCotangent};
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // The last pivot of [a b; c d] is d − cb/a: its gradient at [2 1; 1 3].
/// let lu = array![[2.0, 1.0], [1.0, 3.0]].lu()?;
/// let last = LuCotangent { u: Some(array![[0.0, 0.0], [0.0, 1.0]]), ..Default::default() };
/// assert_eq!(lu.vjp(&last)?, array![[0.25, -0.5], [-0.5, 1.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
impl<T: Element, S: Data<Elem = T>> Differentiable<T> for Lu<T, S> {
    type Tangent = LuTangent<T>;
    type Cotangent = LuCotangent<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<LuTangent<T>> {
        let (m, n) = self.packed().dim();
        let k = m.min(n);
        check("the direction", da, (m, n))?;
        let (l, u) = (self.l(), self.u());
        let units = units(&u, COLUMNS);
        let u = in_units(&u, &units)?;
        let (l1, u1) = (l.slice(s![..k, ..]), u.slice(s![.., ..k]));
        let (l1, u1) = (Triangle::unit_lower(&l1), Triangle::upper(&u1));
        let (da, exponent) = Scaled::of_lanes(da, COLUMNS, &reciprocal(&units))?.into_parts();
        let f = da.select(Axis(0), &self.permutation());
        let mut x = pack::owned_columns(&f.slice(s![..k, ..k]))?;
        l1.divide_left(Form::Plain, x.view_mut())?;
        u1.divide_right(Form::Plain, x.view_mut())?;
        let mut dl = Array2::zeros((m, k));
        let mut du = Array2::zeros((k, n));
        dl.slice_mut(s![..k, ..]).assign(&multiply(l1.matrix, &strictly_lower(&x))?);
        du.slice_mut(s![.., ..k]).assign(&multiply(&upper_triangle(&x), u1.matrix)?);
        if m > k {
            let mut below = pack::owned_columns(&f.slice(s![k.., ..]))?;
            below -= &multiply(&l.slice(s![k.., ..]), &du)?;
            u1.divide_right(Form::Plain, below.view_mut())?;
            dl.slice_mut(s![k.., ..]).assign(&below);
        }
        if n > k {
            let mut beside = pack::owned_columns(&f.slice(s![.., k..]))?;
            beside -= &multiply(&dl, &u.slice(s![.., k..]))?;
            l1.divide_left(Form::Plain, beside.view_mut())?;
            du.slice_mut(s![.., k..]).assign(&beside);
        }
        let exponents: Vec<f64> = units.iter().map(|k| k + exponent).collect();
        let u = Scaled::of(&du)?.value_by_lanes(COLUMNS, &exponents)?;
        Ok(LuTangent { l: value_of(dl, exponent)?, u })
    }

    fn vjp(&self, bar: &LuCotangent<T>) -> Result<Array2<T>> {
        let (m, n) = self.packed().dim();
        let k = m.min(n);
        check_part("the cotangent of L", &bar.l, (m, k))?;
        check_part("the cotangent of U", &bar.u, (k, n))?;
        let (l, u) = (self.l(), self.u());
        let units = units(&u, COLUMNS);
        let u = in_units(&u, &units)?;
        let (l1, u1) = (l.slice(s![..k, ..]), u.slice(s![.., ..k]));
        let (l1, u1) = (Triangle::unit_lower(&l1), Triangle::upper(&u1));
        let of_l = bar.l.as_ref().map(|bar| Scaled::of(bar)).transpose()?;
        let of_u = bar.u.as_ref().map(|bar| Scaled::of_lanes(bar, COLUMNS, &units)).transpose()?;
        let ([bar_l, bar_u], exponent) = jointly([of_l, of_u]);
        let mut of_l = bar_l.as_ref().map_or_else(|| Array2::zeros((m, k)), |l| strictly_lower(l));
        let mut of_u = bar_u.as_ref().map_or_else(|| Array2::zeros((k, n)), |u| upper_triangle(u));
        let mut f = Array2::zeros((m, n));
        if m > k {
            let mut below = pack::owned_columns(&of_l.slice(s![k.., ..]))?;
            u1.divide_right(Form::Adjoint, below.view_mut())?;
            of_u -= &upper_triangle(&adjoint_multiply(&l.slice(s![k.., ..]), &below)?);
            f.slice_mut(s![k.., ..]).assign(&below);
        }
        if n > k {
            let mut beside = pack::owned_columns(&of_u.slice(s![.., k..]))?;
            l1.divide_left(Form::Adjoint, beside.view_mut())?;
            of_l -= &strictly_lower(&multiply_adjoint(&beside, &u.slice(s![.., k..]))?);
            f.slice_mut(s![.., k..]).assign(&beside);
        }
        let mut x = strictly_lower(&adjoint_multiply(l1.matrix, &of_l.slice(s![..k, ..]))?);
        x += &upper_triangle(&multiply_adjoint(&of_u.slice(s![.., ..k]), u1.matrix)?);
        let mut x = pack::owned_columns(&x)?;
        l1.divide_left(Form::Adjoint, x.view_mut())?;
        u1.divide_right(Form::Adjoint, x.view_mut())?;
        f.slice_mut(s![..k, ..k]).assign(&x);
        let mut gradient = Array2::zeros((m, n));
        for (row, &at) in f.rows().into_iter().zip(&self.permutation()) {
            gradient.row_mut(at).assign(&row);
        }
        let exponents: Vec<f64> = units.iter().map(|k| exponent - k).collect();
        Scaled::of(&gradient)?.value_by_lanes(COLUMNS, &exponents)
    }
}
