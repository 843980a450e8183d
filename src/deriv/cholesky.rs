//! Derivatives: the Cholesky factorization.
//! On the floor above `factor`; must not form an inverse.

use ndarray::{Array2, ArrayRef2, Data};

use super::Differentiable;
use super::operands::{check, hermitian_part};
use super::scaled::{COLUMNS, ROWS, Scaled, reciprocal, units};
use crate::element::{Element, Scalar};
use crate::error::Result;
use crate::factor::{Cholesky, Form, Triangle, adjoint_multiply, multiply};
use crate::pack;

/// The Cholesky factorization A = L·Lᴴ of a Hermitian positive definite n×n matrix; the tangent and the cotangent are those of L, n×n.
///
/// With Φ, which takes the lower triangle with its diagonal halved and real,
///
/// ```text
/// dL = L·Φ(L⁻¹dA·L⁻ᴴ),    Ā = the Hermitian part of L⁻ᴴ·Φ(LᴴL̄)·L⁻¹
/// ```
///
/// A direction counts by its Hermitian part, and the gradient is Hermitian: that of the loss as a function on the space of
/// Hermitian matrices. Of a cotangent what stands above the diagonal does not count, nor does the imaginary part of the
/// diagonal.
///
/// Condition: A is positive definite, as it is if the factorization is there. Gauge: L with its positive diagonal is determined, so that no
/// choice is left and no loss is refused.
///
/// Flops: `jvp` 4n³, `vjp` 4n³. No factorization, and no further errors.
///
/// Source: I. Murray, Differentiation of the Cholesky decomposition, 2016, arXiv:1602.07527.
///
/// ```
/// use lapwing::deriv::Differentiable;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // L = √a for a 1×1 matrix: dL = da/(2√a).
/// assert_eq!(array![[4.0]].cholesky()?.jvp(&array![[1.0]])?, array![[0.25]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
impl<T: Element, S: Data<Elem = T>> Differentiable<T> for Cholesky<T, S> {
    type Tangent = Array2<T>;
    type Cotangent = Array2<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<Array2<T>> {
        check("the direction", da, self.packed().dim())?;
        let (l, units) = self.in_units()?;
        let inverse = reciprocal(&units);
        let direction = Scaled::of_lanes(&hermitian_part(da), ROWS, &inverse)?.by_lanes(COLUMNS, &inverse)?;
        let (mut x, exponent) = direction.into_parts();
        Triangle::lower(&l).divide_left(Form::Plain, x.view_mut())?;
        Triangle::lower(&l).divide_right(Form::Adjoint, x.view_mut())?;
        halve(&mut x);
        let exponents: Vec<f64> = units.iter().map(|k| k + exponent).collect();
        Scaled::of(&multiply(&l, &x)?)?.value_by_lanes(ROWS, &exponents)
    }

    fn vjp(&self, bar: &Array2<T>) -> Result<Array2<T>> {
        check("the cotangent of L", bar, self.packed().dim())?;
        let (l, units) = self.in_units()?;
        let (mut of_l, exponent) = Scaled::of_lanes(bar, ROWS, &units)?.into_parts();
        of_l.indexed_iter_mut().filter(|((i, j), _)| i < j).for_each(|(_, x)| *x = T::zero());
        let mut y = adjoint_multiply(&l, &of_l)?;
        halve(&mut y);
        let mut x = pack::owned_columns(&hermitian_part(&y))?;
        Triangle::lower(&l).divide_left(Form::Adjoint, x.view_mut())?;
        Triangle::lower(&l).divide_right(Form::Plain, x.view_mut())?;
        let exponents: Vec<f64> = units.iter().map(|k| exponent - k).collect();
        let of_rows = Scaled::of(&hermitian_part(&x))?.by_lanes(ROWS, &reciprocal(&units))?;
        of_rows.value_by_lanes(COLUMNS, &exponents)
    }
}

impl<T: Element, S: Data<Elem = T>> Cholesky<T, S> {
    /// diag(2⁻ᵘ)·L, which is the factor of A with rows and columns in units of their own, and u.
    fn in_units(&self) -> Result<(Array2<T>, Vec<f64>)> {
        let l = self.factor();
        let units = units(&l, ROWS);
        Ok((Scaled::of_lanes(&l, ROWS, &reciprocal(&units))?.value()?, units))
    }
}

/// X ← Φ(X), with a real diagonal.
fn halve<T: Element>(x: &mut Array2<T>) {
    let half = T::Real::real(0.5);
    for ((i, j), x) in x.indexed_iter_mut() {
        if i < j {
            *x = T::zero();
        } else if i == j {
            *x = T::from_real(x.re() * half);
        }
    }
}
