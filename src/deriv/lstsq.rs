//! Derivatives: the solution of a least-squares problem of full rank, in A and in b.
//! On the floor above `factor`; must not factor anything: it takes the factors that are at hand.

use ndarray::{Array2, ArrayRef2, Axis, s};
use num_traits::Float;

use super::Differentiable;
use super::operands::check;
use super::scaled::Scaled;
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, require_tall};
use crate::factor::{
    Cholesky, Form, PivotedQr, Qr, Svd, Triangle, adjoint_multiply, checked_columns, count_above, multiply, residual,
    triangular_rcond,
};
use crate::norm::norm2;
use crate::pack::{self, Part};
use crate::workspace::Scratch;

/// The factors by which a least-squares problem was solved. What `Method::Auto` and `Method::Refined` find is the same function of A and B:
/// any of these factors give its derivative.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum LeastSquaresFactors<'a, T: Element> {
    /// A = Q·R.
    Qr(&'a Qr<T>),
    /// A·P = Q·R.
    PivotedQr(&'a PivotedQr<T>),
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

/// The solutions X = A⁺B of a least-squares problem with their derivative, from the factors at hand: for each column x of X and b of B, with
/// r = b − A·x,
///
/// ```text
/// dx = A⁺(db − dA·x) + (AᴴA)⁻¹dAᴴr
/// b̄ = A⁺ᴴx̄,    Ā = Σ (r·((AᴴA)⁻¹x̄)ᴴ − b̄·xᴴ) over the columns
/// ```
///
/// A is m×n, B m×p, X n×p. As a [`Differentiable`] the solution is a function of A alone, for B as it is; [`LeastSquares::jvp_both`] and
/// [`LeastSquares::vjp_both`] take B into account.
///
/// Condition: m ≥ n and full column rank, beyond doubt by rounding errors. Gauge: X is then unique.
///
/// Flops for each right-hand side: those of a solve with the factors and about 2mn for the solution; of a solve and about 4mn + 4n² for
/// each derivative.
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`], [`Error::NonFiniteRhs`], [`Error::Overflow`], and [`Error::RankDeficient`] where the
/// factors tell A from one of lower rank by no more than rounding errors: where κ(A) with columns scaled to length 1 is estimated at 1/(nε) or more
/// from R, or at 1/√(nε) from the normal equations, and where σₙ ≤ nε·σ₁.
///
/// # Source
/// G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973); Å. Björck, Numerical Methods for Least Squares Problems, 1996, §1.4.3.
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
    let x = Scaled::of(&b)?.map(|b| factors.pseudoinverse(a, b))?.value();
    let x = x.map_err(|_| Error::Overflow { what: "the solution" })?;
    Ok(LeastSquares { a, factors, residual: residual(a, &b, &x)?, x })
}

impl<T: Element> LeastSquaresFactors<'_, T> {
    fn check(&self, a: &ArrayRef2<T>) -> Result<()> {
        let (m, n) = a.dim();
        let (found, expected) = match self {
            LeastSquaresFactors::Qr(qr) => (qr.dim(), (m, n)),
            LeastSquaresFactors::PivotedQr(qr) => (qr.dim(), (m, n)),
            LeastSquaresFactors::NormalEquations(cholesky) => (cholesky.packed().dim(), (n, n)),
            LeastSquaresFactors::Svd(svd) => ((svd.u.nrows(), svd.vh.ncols()), (m, n)),
        };
        let dims = |(rows, cols)| crate::error::dims(&[rows, cols]);
        if found != expected {
            let what = "the factors of the least-squares problem";
            return Err(Error::Shape { what, expected: dims(expected), found: dims(found) });
        }
        if let LeastSquaresFactors::Svd(svd) = self
            && (svd.u.ncols(), svd.vh.nrows(), svd.s.len()) != (n, n, n)
        {
            return Err(Error::Shape { what: "the SVD", expected: "thin factors".into(), found: dims(svd.u.dim()) });
        }
        self.require_full_rank(n)
    }

    /// [`Error::RankDeficient`] where a derivative would be made of rounding errors.
    fn require_full_rank(&self, n: usize) -> Result<()> {
        let tolerance = T::Real::real(n) * T::Real::EPS;
        let rank = match self {
            LeastSquaresFactors::Qr(qr) => rank_of(qr.r(), tolerance)?,
            LeastSquaresFactors::PivotedQr(qr) => rank_of(qr.r(), tolerance)?,
            // What the products AᴴA have lost is the half of the digits.
            LeastSquaresFactors::NormalEquations(cholesky) => {
                rank_of(cholesky.factor().t().mapv(|x| x.conj()), Float::sqrt(tolerance))?
            }
            LeastSquaresFactors::Svd(svd) => count_above(&svd.s, tolerance),
        };
        if rank < n { Err(Error::RankDeficient { rank, needed: n }) } else { Ok(()) }
    }

    /// A⁺·B.
    fn pseudoinverse(&self, a: &ArrayRef2<T>, b: &Array2<T>) -> Result<Array2<T>> {
        match self {
            LeastSquaresFactors::Qr(qr) => qr.solve(b),
            LeastSquaresFactors::PivotedQr(qr) => qr.solve(b),
            LeastSquaresFactors::NormalEquations(cholesky) => cholesky.solve(&adjoint_multiply(a, b)?),
            LeastSquaresFactors::Svd(svd) => adjoint_multiply(&svd.vh, &divided(adjoint_multiply(&svd.u, b)?, svd)),
        }
    }

    /// A⁺ᴴ·B.
    fn adjoint_pseudoinverse(&self, a: &ArrayRef2<T>, b: &Array2<T>) -> Result<Array2<T>> {
        match self {
            LeastSquaresFactors::Qr(qr) => qr.apply_q(&padded(divided_by_adjoint(&qr.r(), b)?, a.nrows())),
            LeastSquaresFactors::PivotedQr(qr) => {
                let exchanged = b.select(Axis(0), qr.permutation());
                qr.apply_q(&padded(divided_by_adjoint(&qr.r(), &exchanged)?, a.nrows()))
            }
            LeastSquaresFactors::NormalEquations(cholesky) => multiply(a, &cholesky.solve(b)?),
            LeastSquaresFactors::Svd(svd) => multiply(&svd.u, &divided(multiply(&svd.vh, b)?, svd)),
        }
    }

    /// (AᴴA)⁻¹·B, scaled again between the two divisions.
    fn inverse_gram(&self, b: &Scaled<T>) -> Result<Scaled<T>> {
        match self {
            LeastSquaresFactors::Qr(qr) => {
                let r = qr.r();
                b.map(|b| divided_by_adjoint(&r, b))?.map(|b| divided_by(&r, b))
            }
            LeastSquaresFactors::PivotedQr(qr) => {
                let r = qr.r();
                let halfway = b.map(|b| divided_by_adjoint(&r, &b.select(Axis(0), qr.permutation())))?;
                let of_exchanged = halfway.map(|b| divided_by(&r, b))?;
                of_exchanged.map(|of_exchanged| {
                    let mut solution = of_exchanged.clone();
                    for (row, &at) in of_exchanged.rows().into_iter().zip(qr.permutation()) {
                        solution.row_mut(at).assign(&row);
                    }
                    Ok(solution)
                })
            }
            LeastSquaresFactors::NormalEquations(cholesky) => b.map(|b| cholesky.solve(b)),
            LeastSquaresFactors::Svd(svd) => {
                let halfway = b.map(|b| Ok(divided(multiply(&svd.vh, b)?, svd)))?;
                halfway.map(|b| adjoint_multiply(&svd.vh, &divided(b.clone(), svd)))
            }
        }
    }
}

/// How many columns of R are independent of those before them, and one less if R with columns of length 1 is singular all the same.
fn rank_of<T: Element>(mut r: Array2<T>, tolerance: T::Real) -> Result<usize> {
    let n = r.ncols();
    let mut rank = 0;
    for (j, mut column) in r.columns_mut().into_iter().enumerate() {
        let length = norm2(&column);
        if length > T::Real::default() {
            column.mapv_inplace(|x| x.div_real(length));
        }
        rank += usize::from(column[j].abs() > tolerance);
    }
    let is_singular = rank == n && n > 0 && triangular_rcond(&r, &mut Scratch::default())? <= tolerance;
    Ok(rank - usize::from(is_singular))
}

/// R⁻¹·B.
fn divided_by<T: Element>(r: &Array2<T>, b: &Array2<T>) -> Result<Array2<T>> {
    let mut divided = pack::owned_columns(b)?;
    Triangle::upper(r).divide_left(Form::Plain, divided.view_mut())?;
    Ok(divided)
}

/// R⁻ᴴ·B.
fn divided_by_adjoint<T: Element>(r: &Array2<T>, b: &Array2<T>) -> Result<Array2<T>> {
    let mut divided = pack::owned_columns(b)?;
    Triangle::upper(r).divide_left(Form::Adjoint, divided.view_mut())?;
    Ok(divided)
}

/// B with zeros below, m rows in all.
fn padded<T: Element>(b: Array2<T>, m: usize) -> Array2<T> {
    let mut padded = Array2::zeros((m, b.ncols()));
    padded.slice_mut(s![..b.nrows(), ..]).assign(&b);
    padded
}

/// Σ⁻¹·B.
fn divided<T: Element>(mut b: Array2<T>, svd: &Svd<T>) -> Array2<T> {
    for (mut row, &s) in b.axis_iter_mut(Axis(0)).zip(&svd.s) {
        row.mapv_inplace(|x| x.div_real(s));
    }
    b
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

    /// The directional derivative A⁺(dB − dA·X) + (AᴴA)⁻¹dAᴴ(B − A·X) along `da`, m×n, and `db`, m×p; n×p.
    ///
    /// # Errors
    /// As for [`Differentiable::jvp`].
    pub fn jvp_both(&self, da: &ArrayRef2<T>, db: &ArrayRef2<T>) -> Result<Array2<T>> {
        check("the direction of A", da, self.a.dim())?;
        check("the direction of B", db, self.residual.dim())?;
        let (e, x, r) = (Scaled::of(da)?, Scaled::of(&self.x)?, Scaled::of(&self.residual)?);
        let moved = Scaled::of(db)?.minus(&e.times(&x)?)?.map(|b| self.factors.pseudoinverse(self.a, b))?;
        moved.plus(&self.factors.inverse_gram(&e.adjoint().times(&r)?)?)?.value()
    }

    /// The gradients with respect to A, m×n, and to B, m×p, of a loss whose gradient with respect to X is `bar`, n×p: B̄ = A⁺ᴴX̄ and
    /// Ā = (B − A·X)·((AᴴA)⁻¹X̄)ᴴ − B̄·Xᴴ.
    ///
    /// # Errors
    /// As for [`Differentiable::vjp`].
    pub fn vjp_both(&self, bar: &Array2<T>) -> Result<(Array2<T>, Array2<T>)> {
        check("the cotangent of the solutions", bar, self.x.dim())?;
        let (bar, x, r) = (Scaled::of(bar)?, Scaled::of(&self.x)?, Scaled::of(&self.residual)?);
        let of_b = bar.map(|bar| self.factors.adjoint_pseudoinverse(self.a, bar))?;
        let weights = self.factors.inverse_gram(&bar)?;
        let of_a = r.times(&weights.adjoint())?.minus(&of_b.times(&x.adjoint())?)?;
        Ok((of_a.value()?, of_b.value()?))
    }
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
