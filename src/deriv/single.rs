//! Derivatives: one eigenvalue or one singular value, to first and second order.
//! On the floor above `factor`; must not ask more than that this value is simple.

use ndarray::{Array1, Array2, ArrayRef2};

use super::operands::{check, finite, finite_real, hermitian_part, inner, outer, require_index};
use super::svd::shape;
use super::ties::{Ties, half_gap, mean};
use crate::element::{Element, Real, Scalar};
use crate::error::Result;
use crate::factor::{Eigh, Svd};
use crate::layout::Order;
use crate::workspace::zeros;

/// The gradient of the eigenvalue λᵢ, from 0 in the order of `eigh`: ∇λᵢ = qᵢqᵢᴴ, n×n, so that dλᵢ = qᵢᴴdS·qᵢ.
///
/// Only λᵢ must be simple; of equal ones [`eigenvalue_cluster_derivatives`](super::eigenvalue_cluster_derivatives) tells the slopes. The
/// sign or phase of qᵢ does not matter. n² flops.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) if there is no such eigenvalue, [`Error::Repeated`](crate::Error::Repeated) if it
/// is not simple, [`Error::Shape`](crate::Error::Shape) and [`Error::NonFinite`](crate::Error::NonFinite) of the eigenvectors.
///
/// # Source
/// J. R. Magnus, On differentiating eigenvalues and eigenvectors, Econometric Theory 1 (1985).
///
/// ```
/// use lapwing::deriv::eigenvalue_gradient;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let eigh = array![[0.0, 1.0], [1.0, 0.0]].eigh()?; // λ = −1, 1
/// approx::assert_abs_diff_eq!(eigenvalue_gradient(&eigh, 1)?, array![[0.5, 0.5], [0.5, 0.5]], epsilon = 1e-15);
/// let tie = eigenvalue_gradient(&array![[1.0, 0.0], [0.0, 1.0]].eigh()?, 0);
/// assert_eq!(tie.unwrap_err(), lapwing::Error::Repeated { first: 0, last: 1, gap: 0.0 });
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn eigenvalue_gradient<T: Element>(eigh: &Eigh<T>, i: usize) -> Result<Array2<T>> {
    let q = simple_eigenvector(eigh, i)?;
    finite(outer(&q, &q))
}

/// The gradient of the singular value σᵢ, from 0: ∇σᵢ = uᵢvᵢᴴ, m×n, so that dσᵢ = Re uᵢᴴdA·vᵢ.
///
/// Only σᵢ must be simple and not zero; of equal ones [`singular_value_cluster_derivatives`](super::singular_value_cluster_derivatives)
/// tells the slopes. The common sign or phase of uᵢ and vᵢ does not matter. mn flops. The factors may be thin or full.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) if there is no such singular value or its vectors are missing,
/// [`Error::Repeated`](crate::Error::Repeated) if it is not simple, or is zero.
///
/// # Source
/// G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV; J. Townsend, Differentiating the singular value
/// decomposition, 2016.
///
/// ```
/// use lapwing::deriv::singular_value_gradient;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let svd = array![[0.0, 2.0], [1.0, 0.0]].svd()?;
/// approx::assert_abs_diff_eq!(singular_value_gradient(&svd, 0)?, array![[0.0, 1.0], [0.0, 0.0]], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_value_gradient<T: Element>(svd: &Svd<T>, i: usize) -> Result<Array2<T>> {
    let Pair { u, v } = simple_pair(svd, i)?;
    finite(outer(&u, &v))
}

/// D²λᵢ(E), n×n: the directional derivative of the gradient of λᵢ (Hessian times vector),
///
/// ```text
/// D²λᵢ(E) = dq·qᵢᴴ + qᵢ·dqᴴ,    dq = Σⱼ qⱼ·(qⱼᴴEqᵢ)/(λᵢ − λⱼ) over j ≠ i
/// ```
///
/// E, n×n, counts by its Hermitian part. Only λᵢ must be simple; others may be repeated. The sign or phase of qᵢ does not matter. About 11n²
/// flops.
///
/// # Errors
/// As for [`eigenvalue_gradient`], and [`Error::Shape`](crate::Error::Shape), [`Error::NonFinite`](crate::Error::NonFinite),
/// [`Error::Overflow`](crate::Error::Overflow).
///
/// # Source
/// T. Kato, Perturbation Theory for Linear Operators, II §2; G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV.
///
/// ```
/// use lapwing::deriv::eigenvalue_hessian_product;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // λ₂ = 2 + √(1 + t²) of [1 t; t 3] bends with 1 at t = 0, which is the inner product with E of
/// let eigh = array![[1.0, 0.0], [0.0, 3.0]].eigh()?;
/// let e = array![[0.0, 1.0], [1.0, 0.0]];
/// assert_eq!(eigenvalue_hessian_product(&eigh, 1, &e)?, array![[0.0, 0.5], [0.5, 0.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn eigenvalue_hessian_product<T: Element>(eigh: &Eigh<T>, i: usize, e: &ArrayRef2<T>) -> Result<Array2<T>> {
    let q = simple_eigenvector(eigh, i)?;
    check("the direction", e, (q.len(), q.len()))?;
    let along = adjoint_times(&eigh.vectors, &hermitian_part(e).dot(&q));
    let (mut turn, half) = (along, T::Real::real(0.5));
    for (j, x) in turn.iter_mut().enumerate() {
        *x = if j == i { T::zero() } else { x.mul_real(half).div_real(half_gap(eigh.values[i], eigh.values[j])) };
    }
    let dq = eigh.vectors.dot(&turn);
    finite(outer(&dq, &q) + outer(&q, &dq))
}

/// λᵢ″ along E, Σⱼ 2|qⱼᴴEqᵢ|²/(λᵢ − λⱼ) over j ≠ i: the second derivative of t ↦ λᵢ(A + tE) at 0.
///
/// Only λᵢ must be simple. E, n×n, counts by its Hermitian part. About 13n² flops.
///
/// # Errors
/// As for [`eigenvalue_hessian_product`].
///
/// # Source
/// T. Kato, Perturbation Theory for Linear Operators, II §2; G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV.
///
/// ```
/// use lapwing::deriv::eigenvalue_second_derivative;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // λ = 2 ∓ √(1 + t²) of [1 t; t 3], at t = 0.
/// let eigh = array![[1.0_f64, 0.0], [0.0, 3.0]].eigh()?;
/// assert_eq!(eigenvalue_second_derivative(&eigh, 0, &array![[0.0, 1.0], [1.0, 0.0]])?, -1.0);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn eigenvalue_second_derivative<T: Element>(eigh: &Eigh<T>, i: usize, e: &ArrayRef2<T>) -> Result<T::Real> {
    finite_real(inner(&eigenvalue_hessian_product(eigh, i, e)?, e))
}

/// D²σᵢ(E), m×n: the directional derivative of the gradient of σᵢ (Hessian times vector),
///
/// ```text
/// D²σᵢ(E) = du·vᵢᴴ + uᵢ·dvᴴ
/// ```
///
/// with the derivatives du and dv of this pair of singular vectors, as in that of [`Svd`]. E is m×n. Only σᵢ must be simple and not zero;
/// others may be repeated or zero. The common sign or phase of uᵢ and vᵢ does not matter. About 13mn + 4n² flops for m ≥ n.
///
/// # Errors
/// As for [`singular_value_gradient`], and [`Error::Shape`](crate::Error::Shape), [`Error::NonFinite`](crate::Error::NonFinite),
/// [`Error::Overflow`](crate::Error::Overflow).
///
/// # Source
/// T. Kato, Perturbation Theory for Linear Operators, II §2; G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV.
///
/// ```
/// use lapwing::deriv::singular_value_hessian_product;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // σ = √(1 + t²) of the column (1, t), at t = 0.
/// let svd = array![[1.0], [0.0]].svd()?;
/// let e = array![[0.0], [1.0]];
/// assert_eq!(singular_value_hessian_product(&svd, 0, &e)?, e);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_value_hessian_product<T: Element>(svd: &Svd<T>, i: usize, e: &ArrayRef2<T>) -> Result<Array2<T>> {
    let pair = simple_pair(svd, i)?;
    check("the direction", e, (pair.u.len(), pair.v.len()))?;
    let Pair { u: du, v: dv } = pair.derivative(svd, i, e);
    finite(outer(&du, &pair.v) + outer(&pair.u, &dv))
}

/// σᵢ″ along E: the second derivative of t ↦ σᵢ(A + tE) at 0. For real matrices, with P = UᵀEV,
///
/// ```text
/// σᵢ″ = Σⱼ ((Pᵢⱼ + Pⱼᵢ)²/(2(σᵢ − σⱼ)) + (Pᵢⱼ − Pⱼᵢ)²/(2(σᵢ + σⱼ))) + (‖U⊥ᵀEvᵢ‖² + ‖V⊥ᵀEᵀuᵢ‖²)/σᵢ    over j ≠ i
/// ```
///
/// For complex ones P̄ⱼᵢ stands for Pⱼᵢ, squares are those of moduli, and (Im Pᵢᵢ)²/σᵢ is added for the phases of the pair. Only σᵢ must be simple
/// and not zero. E is m×n. About 15mn + 4n² flops for m ≥ n.
///
/// # Errors
/// As for [`singular_value_hessian_product`].
///
/// # Source
/// T. Kato, Perturbation Theory for Linear Operators, II §2; G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV.
///
/// ```
/// use lapwing::deriv::singular_value_second_derivative;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let svd = array![[1.0_f64], [0.0]].svd()?;
/// assert_eq!(singular_value_second_derivative(&svd, 0, &array![[0.0], [1.0]])?, 1.0);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_value_second_derivative<T: Element>(svd: &Svd<T>, i: usize, e: &ArrayRef2<T>) -> Result<T::Real> {
    finite_real(inner(&singular_value_hessian_product(svd, i, e)?, e))
}

/// The Hessian of λᵢ as an n²×n² matrix, entries of matrices counted column by column: vec(D²λᵢ(E)) = H·vec(E).
///
/// Its columns are those of [`eigenvalue_hessian_product`] for each E with a single 1, which counts by its symmetric part. Only λᵢ must be
/// simple. About 11n⁴ flops, n⁴ numbers: for small n.
///
/// # Errors
/// As for [`eigenvalue_gradient`], and [`Error::Overflow`](crate::Error::Overflow), [`Error::TooLarge`](crate::Error::TooLarge).
///
/// # Source
/// T. Kato, Perturbation Theory for Linear Operators, II §2; G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV.
///
/// ```
/// use lapwing::deriv::eigenvalue_hessian;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let hessian = eigenvalue_hessian(&array![[1.0, 0.0], [0.0, 3.0]].eigh()?, 1)?;
/// assert_eq!((hessian.dim(), hessian[(1, 2)]), ((4, 4), 0.25));
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn eigenvalue_hessian<R: Real + Element<Real = R>>(eigh: &Eigh<R>, i: usize) -> Result<Array2<R>> {
    let n = simple_eigenvector(eigh, i)?.len();
    hessian((n, n), |e| eigenvalue_hessian_product(eigh, i, e))
}

/// The Hessian of σᵢ as an mn×mn matrix, entries of matrices counted column by column: vec(D²σᵢ(E)) = H·vec(E).
///
/// Its columns are those of [`singular_value_hessian_product`] for each E with a single 1. Only σᵢ must be simple and not zero. At most
/// about 17(mn)² flops, (mn)² numbers: for small m and n.
///
/// # Errors
/// As for [`singular_value_gradient`], and [`Error::Overflow`](crate::Error::Overflow), [`Error::TooLarge`](crate::Error::TooLarge).
///
/// # Source
/// T. Kato, Perturbation Theory for Linear Operators, II §2; G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV.
///
/// ```
/// use lapwing::deriv::singular_value_hessian;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // The length of a vector x: I/‖x‖ − xxᵀ/‖x‖³.
/// let hessian = singular_value_hessian(&array![[3.0], [4.0]].svd()?, 0)?;
/// approx::assert_abs_diff_eq!(hessian, array![[16.0, -12.0], [-12.0, 9.0]] / 125.0, epsilon = 1e-16);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_value_hessian<R: Real + Element<Real = R>>(svd: &Svd<R>, i: usize) -> Result<Array2<R>> {
    let Pair { u, v } = simple_pair(svd, i)?;
    hessian((u.len(), v.len()), |e| singular_value_hessian_product(svd, i, e))
}

/// The Jacobian of the left singular vector uᵢ, m×mn, entries of A counted column by column:
///
/// ```text
/// ∂uᵢ/∂vec A = vᵢᵀ ⊗ (I − UUᵀ)/σᵢ + Σⱼ uⱼ·(σᵢ(vᵢ ⊗ uⱼ)ᵀ + σⱼ(vⱼ ⊗ uᵢ)ᵀ)/(σᵢ² − σⱼ²)    over j ≠ i
/// ```
///
/// A widely read answer holds σᵢ and vᵢ fixed in σᵢuᵢ = A·vᵢ and finds (vᵢᵀ ⊗ I)/σᵢ. That is wrong: along itself uᵢ would
/// change by dσᵢ/σᵢ and not stay a unit vector.
///
/// Condition: only σᵢ must be simple and not zero. Gauge: the sign of uᵢ is kept, and uᵢᵀduᵢ = 0. At most about 14m²n² flops; the factors may
/// be thin or full.
///
/// # Errors
/// As for [`singular_value_hessian`].
///
/// # Source
/// J. Townsend, Differentiating the singular value decomposition, 2016, entry by entry.
///
/// ```
/// use lapwing::deriv::singular_vector_jacobian;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // A column that grows keeps its direction: the first column of the Jacobian is zero.
/// let jacobian = singular_vector_jacobian(&array![[2.0], [0.0]].svd()?, 0)?;
/// assert_eq!(jacobian.mapv(f64::abs), array![[0.0, 0.0], [0.0, 0.5]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_vector_jacobian<R: Real + Element<Real = R>>(svd: &Svd<R>, i: usize) -> Result<Array2<R>> {
    let pair = simple_pair(svd, i)?;
    let (m, n) = (pair.u.len(), pair.v.len());
    let mut jacobian = zeros(m, m.saturating_mul(n), Order::ColumnMajor)?;
    along_entries((m, n), jacobian.view_mut(), |e| Ok(pair.derivative(svd, i, e).u))?;
    finite(jacobian)
}

/// The columns of a Hessian from its products with the matrices that have a single 1.
fn hessian<R: Real + Element<Real = R>>(
    (m, n): (usize, usize), product: impl Fn(&ArrayRef2<R>) -> Result<Array2<R>>,
) -> Result<Array2<R>> {
    let size = m.saturating_mul(n);
    let mut hessian = zeros(size, size, Order::ColumnMajor)?;
    along_entries((m, n), hessian.view_mut(), |e| product(e).map(|product| product.t().iter().copied().collect()))?;
    Ok(hessian)
}

/// Fills the columns of `to` with what each m×n matrix with a single 1 gives.
fn along_entries<R: Real + Element<Real = R>>(
    (m, n): (usize, usize), mut to: ndarray::ArrayViewMut2<'_, R>, of: impl Fn(&ArrayRef2<R>) -> Result<Array1<R>>,
) -> Result<()> {
    let mut e = Array2::zeros((m, n));
    for (k, mut column) in to.columns_mut().into_iter().enumerate() {
        let entry = (k % m, k / m);
        e[entry] = R::one();
        column.assign(&of(&e)?);
        e[entry] = R::zero();
    }
    Ok(())
}

/// Xᴴy.
fn adjoint_times<T: Element>(x: &ArrayRef2<T>, y: &Array1<T>) -> Array1<T> {
    x.columns().into_iter().map(|x| x.iter().zip(y).fold(T::zero(), |sum, (x, &y)| sum + x.conj() * y)).collect()
}

pub(super) fn simple_eigenvector<T: Element>(eigh: &Eigh<T>, i: usize) -> Result<Array1<T>> {
    require_index("the index of the eigenvalue", i, eigh.values.len())?;
    Ties::of_eigenvalues(&eigh.values).require_simple_at(i)?;
    check("the eigenvectors", &eigh.vectors, (eigh.values.len(), eigh.values.len()))?;
    Ok(eigh.vectors.column(i).to_owned())
}

/// A pair of singular vectors, or its derivative.
pub(super) struct Pair<T> {
    pub(super) u: Array1<T>,
    pub(super) v: Array1<T>,
}

pub(super) fn simple_pair<T: Element>(svd: &Svd<T>, i: usize) -> Result<Pair<T>> {
    require_index("the index of the singular value", i, svd.s.len())?;
    Ties::of_singular_values(&svd.s, shape(svd)?).require_simple_at(i)?;
    Ok(Pair { u: svd.u.column(i).to_owned(), v: svd.vh.row(i).mapv(|v| v.conj()) })
}

impl<T: Element> Pair<T> {
    /// The derivative along E, by the formula and in the gauge of the derivative of [`Svd`].
    fn derivative(&self, svd: &Svd<T>, i: usize, e: &ArrayRef2<T>) -> Pair<T> {
        let (k, s) = (svd.s.len(), &svd.s);
        let (image, coimage) = (e.dot(&self.v), adjoint_times(e, &self.u));
        let u = svd.u.slice(ndarray::s![.., ..k]);
        let vh = svd.vh.slice(ndarray::s![..k, ..]);
        let along_u = adjoint_times(&u, &image);
        let along_v = vh.dot(&coimage);
        let quarter = T::Real::real(0.25);
        let (mut turn_u, mut turn_v) = (Array1::zeros(k), Array1::zeros(k));
        for j in 0..k {
            // Pⱼᵢ and the conjugate of Pᵢⱼ.
            let (p, q) = (along_u[j], along_v[j]);
            let h = if j == i { T::zero() } else { (p + q).mul_real(quarter).div_real(half_gap(s[i], s[j])) };
            let a = (p - q).mul_real(quarter).div_real(mean(s[i], s[j]));
            (turn_u[j], turn_v[j]) = (h + a, h - a);
        }
        let mut du = u.dot(&turn_u);
        let mut dv = adjoint_times(&vh, &turn_v);
        // (I − UUᴴ)·E·vᵢ/σᵢ, and the like.
        if svd.u.nrows() > k {
            du = du + (&image - &u.dot(&along_u)).mapv(|x| x.div_real(s[i]));
        }
        if svd.vh.ncols() > k {
            dv = dv + (&coimage - &adjoint_times(&vh, &along_v)).mapv(|x| x.div_real(s[i]));
        }
        Pair { u: du, v: dv }
    }
}
