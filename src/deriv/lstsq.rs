//! Derivatives: the solution of a least-squares problem of full rank, in A and in b.
//! On the floor above `factor`; must not factor anything: it takes the factors that are at hand.

use ndarray::{Array2, ArrayRef2, ArrayView2, Axis, s};
use num_traits::Float;

use super::Differentiable;
use super::operands::check;
use super::scaled::{COLUMNS, ROWS, Scaled, in_units, reciprocal, units};
use super::ties::tie_tolerance;
use crate::element::{Element, Scalar};
use crate::error::{Error, Result, require_tall};
use crate::factor::{
    Cholesky, Form, PivotedQr, Qr, Svd, Triangle, adjoint_multiply, checked_columns, count_above, multiply, residual,
};
use crate::norm::norm2;
use crate::pack::{self, Part};

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
    solver: Solver<'a, T>,
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
/// factors tell A from one of lower rank by no more than rounding errors. With t = 10·√m·ε ([`tie_tolerance`]): where the least singular value of A with
/// columns scaled to length 1 is t or less from R, or √t or less from the normal equations, and where σₙ ≤ t·σ₁.
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
    let solver = Solver::new(a, factors)?;
    let x = Scaled::of(&b)?.map(|b| solver.pseudoinverse(b))?.value_by_lanes(ROWS, &reciprocal(&solver.units));
    let x = x.map_err(|_| Error::Overflow { what: "the solution" })?;
    Ok(LeastSquares { solver, residual: residual(a, &b, &x)?, x })
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
        Ok(())
    }

    /// The triangle R with AᴴA = RᴴR, but for the order of the columns; the SVD has none.
    fn triangle(&self) -> Option<Array2<T>> {
        match self {
            LeastSquaresFactors::Qr(qr) => Some(qr.r()),
            LeastSquaresFactors::PivotedQr(qr) => Some(qr.r()),
            LeastSquaresFactors::NormalEquations(cholesky) => Some(cholesky.factor().t().mapv(|x| x.conj())),
            LeastSquaresFactors::Svd(_) => None,
        }
    }
}

/// What solves with A, its columns in units of their own: A = A′·diag(2ᵘ). Only the triangles of QR factorizations can take such units; by the
/// other factors u = 0.
#[derive(Debug, Clone)]
struct Solver<'a, T: Element> {
    a: &'a ArrayRef2<T>,
    factors: LeastSquaresFactors<'a, T>,
    /// The triangle in these units, its columns in the order of the factorization.
    r: Array2<T>,
    units: Vec<f64>,
}

impl<'a, T: Element> Solver<'a, T> {
    fn new(a: &'a ArrayRef2<T>, factors: LeastSquaresFactors<'a, T>) -> Result<Self> {
        let n = a.ncols();
        let tolerance = tie_tolerance(a.nrows(), T::Real::real(1.0));
        let Some(r) = factors.triangle() else {
            let solver = Solver { a, factors, r: Array2::default((0, 0)), units: vec![0.0; n] };
            return match factors {
                LeastSquaresFactors::Svd(svd) => require(count_above(&svd.s, tolerance), n).map(|()| solver),
                _ => Ok(solver),
            };
        };
        let of_r = units(&r, COLUMNS);
        let r = in_units(&r, &of_r)?;
        let units = match factors {
            LeastSquaresFactors::Qr(_) => of_r,
            LeastSquaresFactors::PivotedQr(qr) => {
                let mut units = vec![0.0; n];
                qr.permutation().iter().zip(&of_r).for_each(|(&at, &k)| units[at] = k);
                units
            }
            _ => vec![0.0; n],
        };
        // What the products AᴴA have lost is the half of the digits.
        let is_gram = matches!(factors, LeastSquaresFactors::NormalEquations(_));
        let rank = rank_of(&r, if is_gram { Float::sqrt(tolerance) } else { tolerance })?;
        require(rank, n).map(|()| Solver { a, factors, r, units })
    }

    /// A′⁺·B.
    fn pseudoinverse(&self, b: &Array2<T>) -> Result<Array2<T>> {
        let n = self.a.ncols();
        match self.factors {
            LeastSquaresFactors::Qr(qr) => divided_by(&self.r, qr.apply_qh(b)?.slice(s![..n, ..])),
            LeastSquaresFactors::PivotedQr(qr) => {
                Ok(in_order(&divided_by(&self.r, qr.apply_qh(b)?.slice(s![..n, ..]))?, qr.permutation()))
            }
            LeastSquaresFactors::NormalEquations(cholesky) => cholesky.solve(&adjoint_multiply(self.a, b)?),
            LeastSquaresFactors::Svd(svd) => adjoint_multiply(&svd.vh, &divided(adjoint_multiply(&svd.u, b)?, svd)),
        }
    }

    /// A′⁺ᴴ·B.
    fn adjoint_pseudoinverse(&self, b: &Array2<T>) -> Result<Array2<T>> {
        let m = self.a.nrows();
        match self.factors {
            LeastSquaresFactors::Qr(qr) => qr.apply_q(&padded(divided_by_adjoint(&self.r, b)?, m)),
            LeastSquaresFactors::PivotedQr(qr) => {
                let exchanged = b.select(ROWS, qr.permutation());
                qr.apply_q(&padded(divided_by_adjoint(&self.r, &exchanged)?, m))
            }
            LeastSquaresFactors::NormalEquations(cholesky) => multiply(self.a, &cholesky.solve(b)?),
            LeastSquaresFactors::Svd(svd) => multiply(&svd.u, &divided(multiply(&svd.vh, b)?, svd)),
        }
    }

    /// (A′ᴴA′)⁻¹·B, scaled again between the two divisions.
    fn inverse_gram(&self, b: &Scaled<T>) -> Result<Scaled<T>> {
        match self.factors {
            LeastSquaresFactors::Qr(_) => {
                b.map(|b| divided_by_adjoint(&self.r, b))?.map(|b| divided_by(&self.r, b.view()))
            }
            LeastSquaresFactors::PivotedQr(qr) => {
                let halfway = b.map(|b| divided_by_adjoint(&self.r, &b.select(ROWS, qr.permutation())))?;
                halfway.map(|b| Ok(in_order(&divided_by(&self.r, b.view())?, qr.permutation())))
            }
            LeastSquaresFactors::NormalEquations(cholesky) => b.map(|b| cholesky.solve(b)),
            LeastSquaresFactors::Svd(svd) => {
                let halfway = b.map(|b| Ok(divided(multiply(&svd.vh, b)?, svd)))?;
                halfway.map(|b| adjoint_multiply(&svd.vh, &divided(b.clone(), svd)))
            }
        }
    }
}

fn require(rank: usize, needed: usize) -> Result<()> {
    if rank < needed { Err(Error::RankDeficient { rank, needed }) } else { Ok(()) }
}

/// How many columns of R, with entries up to about 1, are independent of those before them, and one less if they are dependent all the same:
/// if the least singular value of R with columns of length 1, found by inverse iteration, is below the tolerance.
fn rank_of<T: Element>(r: &Array2<T>, tolerance: T::Real) -> Result<usize> {
    const STEPS: usize = 4;
    let (n, mut r) = (r.ncols(), r.clone());
    for mut column in r.columns_mut() {
        let length = norm2(&column);
        column.mapv_inplace(|x| x.div_real(length));
    }
    let rank = (0..n).filter(|&j| r[(j, j)].abs() > tolerance).count();
    if rank < n || n == 0 {
        return Ok(rank);
    }
    // Entries of no pattern, so that no singular vector is at right angles to them.
    let mut v = Array2::from_shape_fn((n, 1), |(i, _)| T::from_real(T::Real::real(1.0 + 0.5 * (i as f64).sin())));
    let mut growth = T::Real::real(1.0);
    for _ in 0..STEPS {
        let length = norm2(&v.column(0));
        v.mapv_inplace(|x| x.div_real(length));
        v = divided_by(&r, divided_by_adjoint(&r, &v)?.view())?;
        growth = norm2(&v.column(0));
    }
    // What grows beyond the range is no number.
    let is_regular = T::Real::real(1.0) / growth > tolerance * tolerance;
    Ok(rank - 1 + usize::from(is_regular))
}

/// The rows of X, which belong to the columns of A·P, in the order of A's.
fn in_order<T: Element>(x: &Array2<T>, permutation: &[usize]) -> Array2<T> {
    let mut ordered = x.clone();
    for (row, &at) in x.rows().into_iter().zip(permutation) {
        ordered.row_mut(at).assign(&row);
    }
    ordered
}

/// R⁻¹·B.
fn divided_by<T: Element>(r: &Array2<T>, b: ArrayView2<'_, T>) -> Result<Array2<T>> {
    let mut divided = pack::owned_columns(&b)?;
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
        let Solver { a, units, .. } = &self.solver;
        check("the direction of A", da, a.dim())?;
        check("the direction of B", db, self.residual.dim())?;
        let inverse = reciprocal(units);
        let (e, x) = (Scaled::of_lanes(da, COLUMNS, &inverse)?, Scaled::of_lanes(&self.x, ROWS, units)?);
        let moved = Scaled::of(db)?.minus(&e.times(&x)?)?.map(|b| self.solver.pseudoinverse(b))?;
        let turned = self.solver.inverse_gram(&e.adjoint().times(&Scaled::of(&self.residual)?)?)?;
        moved.plus(&turned)?.value_by_lanes(ROWS, &inverse)
    }

    /// The gradients with respect to A, m×n, and to B, m×p, of a loss whose gradient with respect to X is `bar`, n×p: B̄ = A⁺ᴴX̄ and
    /// Ā = (B − A·X)·((AᴴA)⁻¹X̄)ᴴ − B̄·Xᴴ.
    ///
    /// # Errors
    /// As for [`Differentiable::vjp`].
    pub fn vjp_both(&self, bar: &Array2<T>) -> Result<(Array2<T>, Array2<T>)> {
        check("the cotangent of the solutions", bar, self.x.dim())?;
        let units = &self.solver.units;
        let inverse = reciprocal(units);
        let (bar, x) = (Scaled::of_lanes(bar, ROWS, &inverse)?, Scaled::of_lanes(&self.x, ROWS, units)?);
        let of_b = bar.map(|bar| self.solver.adjoint_pseudoinverse(bar))?;
        let weights = self.solver.inverse_gram(&bar)?;
        let turned = Scaled::of(&self.residual)?.times(&weights.adjoint())?;
        let of_a = turned.minus(&of_b.times(&x.adjoint())?)?;
        Ok((of_a.value_by_lanes(COLUMNS, &inverse)?, of_b.value()?))
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
