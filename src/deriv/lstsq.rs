//! Derivatives: the solution of a least-squares problem of full rank, in A and in b.
//! On the floor above `factor`; must not factor anything: it takes the factors that are at hand.
//!
//! For m ≥ n and full column rank, r = b − Ax:
//!
//! ```text
//! dx = A⁺(db − dA·x) + (AᴴA)⁻¹dAᴴr
//! ```
//!
//! (G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973); Å. Björck, Numerical Methods for Least Squares Problems, §1.4.3).

use ndarray::{Array2, ArrayRef2, Axis, s};

use super::Differentiable;
use super::operands::{check, finite};
use crate::element::Element;
use crate::error::{Error, Result, require_tall};
use crate::factor::{
    Cholesky, Form, Qr, Svd, Triangle, adjoint_multiply, checked_columns, multiply, multiply_adjoint, residual,
};
use crate::pack::{self, Part};

/// The factors by which a least-squares problem was solved.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum LeastSquaresFactors<'a, T: Element> {
    /// A = Q·R.
    Qr(&'a Qr<T>),
    /// AᴴA = L·Lᴴ, of the normal equations: the derivative has κ(A)² in its error, as the solution has.
    NormalEquations(&'a Cholesky<T>),
    /// The thin A = U·Σ·Vᴴ.
    Svd(&'a Svd<T>),
}

/// The solutions X that minimize ‖A·x − b‖₂ for each column b of B, as a function of A and B. See [`least_squares`].
#[derive(Debug, Clone)]
pub struct LeastSquares<'a, T: Element> {
    a: &'a ArrayRef2<T>,
    factors: LeastSquaresFactors<'a, T>,
    x: Array2<T>,
    residual: Array2<T>,
}

/// The solutions of a least-squares problem with their derivative, from the factors at hand; columns of B are right-hand sides.
///
/// `a` is m×n of full column rank, m ≥ n. Flops: those of a solve with the factors for each right-hand side, and some 8mn more, for the solutions
/// as for each derivative. As a [`Differentiable`] it is a function of A alone, for B as it is;
/// [`LeastSquares::jvp_both`] and [`LeastSquares::vjp_both`] take B into account.
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`], [`Error::NonFiniteRhs`], [`Error::Singular`] where R or Σ has a 0 on its diagonal,
/// [`Error::Overflow`].
///
/// ```
/// use lapwing::deriv::{Differentiable, LeastSquaresFactors, least_squares};
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // x = Σ aᵢbᵢ/Σ aᵢ² for one column: at a = (1, 1), b = (1, 3), x = 2 and ∂x/∂a = (b − 2xa)/2.
/// let (a, b) = (array![[1.0], [1.0]], array![[1.0], [3.0]]);
/// let qr = a.qr()?;
/// let fit = least_squares(&a, &b, LeastSquaresFactors::Qr(&qr))?;
/// approx::assert_abs_diff_eq!(fit.x()[(0, 0)], 2.0, epsilon = 1e-14);
/// let (of_a, of_b) = fit.vjp_both(&array![[1.0]])?;
/// approx::assert_abs_diff_eq!(of_a, array![[-1.5], [-0.5]], epsilon = 1e-14);
/// approx::assert_abs_diff_eq!(of_b, array![[0.5], [0.5]], epsilon = 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn least_squares<'a, T: Element>(
    a: &'a ArrayRef2<T>, b: &ArrayRef2<T>, factors: LeastSquaresFactors<'a, T>,
) -> Result<LeastSquares<'a, T>> {
    require_tall("a least-squares problem to differentiate", a.dim())?;
    pack::check_finite(a, Part::All)?;
    let b = checked_columns(b, a.nrows())?;
    factors.check(a)?;
    let x = finite(factors.pseudoinverse(a, &b)?)?;
    Ok(LeastSquares { a, factors, residual: residual(a, &b, &x)?, x })
}

impl<T: Element> LeastSquaresFactors<'_, T> {
    fn check(&self, a: &ArrayRef2<T>) -> Result<()> {
        let (m, n) = a.dim();
        let (found, expected) = match self {
            LeastSquaresFactors::Qr(qr) => (qr.dim(), (m, n)),
            LeastSquaresFactors::NormalEquations(cholesky) => (cholesky.packed().dim(), (n, n)),
            LeastSquaresFactors::Svd(svd) => ((svd.u.nrows(), svd.vh.ncols()), (m, n)),
        };
        let dims = |(rows, cols)| crate::error::dims(&[rows, cols]);
        if found != expected {
            let what = "the factors of the least-squares problem";
            return Err(Error::Shape { what, expected: dims(expected), found: dims(found) });
        }
        if let LeastSquaresFactors::Svd(svd) = self {
            if (svd.u.ncols(), svd.vh.nrows()) != (n, n) {
                return Err(Error::Shape {
                    what: "the SVD",
                    expected: "thin factors".into(),
                    found: dims(svd.u.dim()),
                });
            }
            if let Some(pivot) = svd.s.iter().position(|&s| s == T::Real::default()) {
                return Err(Error::Singular { pivot });
            }
        }
        Ok(())
    }

    /// A⁺·B.
    fn pseudoinverse(&self, a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Array2<T>> {
        match self {
            LeastSquaresFactors::Qr(qr) => qr.solve(b),
            LeastSquaresFactors::NormalEquations(cholesky) => cholesky.solve(&adjoint_multiply(a, b)?),
            LeastSquaresFactors::Svd(svd) => adjoint_multiply(&svd.vh, &divided(adjoint_multiply(&svd.u, b)?, svd)),
        }
    }

    /// A⁺ᴴ·B.
    fn adjoint_pseudoinverse(&self, a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Array2<T>> {
        match self {
            LeastSquaresFactors::Qr(qr) => {
                let mut padded = Array2::zeros((a.nrows(), b.ncols()));
                let mut divided = pack::owned_columns(b)?;
                Triangle::upper(&qr.r()).divide_left(Form::Adjoint, divided.view_mut())?;
                padded.slice_mut(s![..a.ncols(), ..]).assign(&divided);
                qr.apply_q(&padded)
            }
            LeastSquaresFactors::NormalEquations(cholesky) => multiply(a, &cholesky.solve(b)?),
            LeastSquaresFactors::Svd(svd) => multiply(&svd.u, &divided(multiply(&svd.vh, b)?, svd)),
        }
    }

    /// (AᴴA)⁻¹·B.
    fn inverse_gram(&self, mut b: Array2<T>) -> Result<Array2<T>> {
        match self {
            LeastSquaresFactors::Qr(qr) => {
                let r = qr.r();
                Triangle::upper(&r).divide_left(Form::Adjoint, b.view_mut())?;
                Triangle::upper(&r).divide_left(Form::Plain, b.view_mut())?;
                Ok(b)
            }
            LeastSquaresFactors::NormalEquations(cholesky) => cholesky.solve(&b),
            LeastSquaresFactors::Svd(svd) => {
                adjoint_multiply(&svd.vh, &divided(divided(multiply(&svd.vh, &b)?, svd), svd))
            }
        }
    }
}

impl<T: Element> LeastSquares<'_, T> {
    /// The solutions, n×p.
    pub fn x(&self) -> &Array2<T> {
        &self.x
    }

    /// B − A·X.
    pub fn residual(&self) -> &Array2<T> {
        &self.residual
    }

    /// The directional derivative along `da` and `db`.
    ///
    /// # Errors
    /// As for [`Differentiable::jvp`].
    pub fn jvp_both(&self, da: &ArrayRef2<T>, db: &ArrayRef2<T>) -> Result<Array2<T>> {
        check("the direction of A", da, self.a.dim())?;
        check("the direction of B", db, self.residual.dim())?;
        let moved = self.factors.pseudoinverse(self.a, &residual(da, db, &self.x)?)?;
        finite(moved + self.factors.inverse_gram(adjoint_multiply(da, &self.residual)?)?)
    }

    /// The gradients with respect to A and to B.
    ///
    /// # Errors
    /// As for [`Differentiable::vjp`].
    pub fn vjp_both(&self, bar: &Array2<T>) -> Result<(Array2<T>, Array2<T>)> {
        check("the cotangent of the solutions", bar, self.x.dim())?;
        let of_b = self.factors.adjoint_pseudoinverse(self.a, bar)?;
        let weights = self.factors.inverse_gram(pack::owned_columns(bar)?)?;
        let of_a = multiply_adjoint(&self.residual, &weights)? - multiply_adjoint(&of_b, &self.x)?;
        Ok((finite(of_a)?, finite(of_b)?))
    }
}

/// Σ⁻¹·B.
fn divided<T: Element>(mut b: Array2<T>, svd: &Svd<T>) -> Array2<T> {
    for (mut row, &s) in b.axis_iter_mut(Axis(0)).zip(&svd.s) {
        row.mapv_inplace(|x| x.div_real(s));
    }
    b
}

impl<T: Element> Differentiable<T> for LeastSquares<'_, T> {
    type Tangent = Array2<T>;
    type Cotangent = Array2<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<Array2<T>> {
        self.jvp_both(da, &Array2::zeros(self.residual.raw_dim()))
    }

    fn vjp(&self, bar: &Array2<T>) -> Result<Array2<T>> {
        self.vjp_both(bar).map(|(of_a, _)| of_a)
    }
}
