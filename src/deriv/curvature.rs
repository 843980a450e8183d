//! Derivatives: the directions in which one eigenvalue or one singular value bends most.
//! On the floor above `factor`; must not form a Hessian.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, s};
use num_traits::Float;

use super::operands::outer;
use super::single::{Pair, simple_eigenvector, simple_pair};
use super::ties::{half_gap, mean};
use crate::element::{Element, Real};
use crate::error::{Error, Result};
use crate::factor::{Eigh, Svd};
use crate::norm::norm2;

/// A second derivative and the direction that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Curvature<R> {
    /// The second derivative along the direction.
    pub value: R,
    /// The direction E, with ‖E‖_F = 1; −E is as good.
    pub direction: Array2<R>,
}

/// The ends of the range of second derivatives along directions of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Curvatures<R> {
    /// The most negative one; none if no direction bends downwards.
    pub least: Option<Curvature<R>>,
    /// The most positive one; none if no direction bends upwards.
    pub largest: Option<Curvature<R>>,
}

/// The range of the second derivatives of λᵢ along symmetric directions of length 1: from 1/(λᵢ − λᵢ₊₁) to 1/(λᵢ − λᵢ₋₁), the eigenvalues
/// ascending. It is how far the gradient can be trusted: along E, λᵢ changes by tr(GᵀE) and half of something in this range times ‖E‖²_F.
///
/// In the eigenvectors the Hessian of λᵢ is diagonal: for real matrices and symmetric E with ‖E‖_F = 1 its eigenvalues are
///
/// ```text
/// 1/(λᵢ − λⱼ)   along (qᵢqⱼᵀ + qⱼqᵢᵀ)/√2,  j ≠ i,        0   along all that is at right angles to these
/// ```
///
/// so that the nearest values bend most. The directions are n×n. Only λᵢ must be simple; of repeated neighbours one direction of several is
/// given. About 8n² flops; no Hessian is formed.
///
/// # Errors
/// As for [`eigenvalue_gradient`](super::eigenvalue_gradient), and [`Error::Overflow`].
///
/// # Source
/// Read off the sum for λᵢ″ in T. Kato, Perturbation Theory for Linear Operators, II §2.
///
/// ```
/// use lapwing::deriv::eigenvalue_curvatures;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let bends = eigenvalue_curvatures(&array![[1.0, 0.0], [0.0, 3.0]].eigh()?, 1)?;
/// assert_eq!(bends.largest.map(|bend| bend.value), Some(0.5));
/// assert!(bends.least.is_none()); // the largest eigenvalue is convex
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn eigenvalue_curvatures<R: Real + Element<Real = R>>(eigh: &Eigh<R>, i: usize) -> Result<Curvatures<R>> {
    let q = simple_eigenvector(eigh, i)?;
    let with = |j: usize| {
        let other = eigh.vectors.column(j);
        bend(half_gap(eigh.values[i], eigh.values[j]), halved(outer(&q, &other) + outer(&other, &q)))
    };
    let below = i.checked_sub(1).map(with).transpose()?;
    let above = (i + 1 < eigh.values.len()).then(|| with(i + 1)).transpose()?;
    Ok(Curvatures { least: above, largest: below })
}

/// The range of the second derivatives of σᵢ along directions of length 1: from 1/(σᵢ − σᵢ₋₁), the singular values descending, to
/// 1/(σᵢ − σᵢ₊₁); for the last one to 1/σᵢ, or for a square matrix to 1/(σᵢ + σᵢ₋₁).
///
/// In the singular vectors the Hessian of σᵢ is diagonal but for a turn by 45° in the plane of each pair uᵢvⱼᵀ, uⱼvᵢᵀ: its eigenvalues, for real
/// matrices and E with ‖E‖_F = 1, are
///
/// ```text
/// 1/(σᵢ − σⱼ)   along (uᵢvⱼᵀ + uⱼvᵢᵀ)/√2,  j ≠ i,        1/σᵢ   along w·vᵢᵀ, w ⊥ U, and along uᵢwᵀ, w ⊥ V,
/// 1/(σᵢ + σⱼ)   along (uᵢvⱼᵀ − uⱼvᵢᵀ)/√2,  j ≠ i,        0      along all that is at right angles to these
/// ```
///
/// The directions are m×n. Only σᵢ must be simple and not zero; of repeated neighbours one direction of several is given. 8mn flops, or
/// about 15mn for the last value of a matrix that is not square; no Hessian is formed. The factors may be thin or full.
///
/// # Errors
/// As for [`singular_value_gradient`](super::singular_value_gradient), and [`Error::Overflow`].
///
/// # Source
/// Read off the sum for σᵢ″; see [`singular_value_second_derivative`](super::singular_value_second_derivative) and, for the method, T. Kato,
/// Perturbation Theory for Linear Operators, II §2; G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. IV.
///
/// ```
/// use lapwing::deriv::singular_value_curvatures;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // The length of a column bends at right angles to it, by 1 over the length.
/// let bends = singular_value_curvatures(&array![[0.0], [4.0]].svd()?, 0)?;
/// let largest = bends.largest.expect("it is no straight line");
/// assert_eq!((largest.value, largest.direction.mapv(f64::abs)), (0.25, array![[1.0], [0.0]]));
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_value_curvatures<R: Real + Element<Real = R>>(svd: &Svd<R>, i: usize) -> Result<Curvatures<R>> {
    let Pair { u, v } = simple_pair(svd, i)?;
    let (k, values) = (svd.s.len(), &svd.s);
    let products = |j: usize| (outer(&u, &svd.vh.row(j)), outer(&svd.u.column(j), &v));
    let towards = |j: usize| {
        let (one, other) = products(j);
        bend(half_gap(values[i], values[j]), halved(one + other))
    };
    let least = i.checked_sub(1).map(towards).transpose()?;
    let largest = if i + 1 < k {
        Some(towards(i + 1)?)
    } else if svd.u.nrows() > k {
        Some(bend(values[i] * R::real(0.5), outer(&beside(&svd.u.slice(s![.., ..k])), &v))?)
    } else if svd.vh.ncols() > k {
        Some(bend(values[i] * R::real(0.5), outer(&u, &beside(&svd.vh.slice(s![..k, ..]).t())))?)
    } else if i > 0 {
        let (one, other) = products(i - 1);
        Some(bend(mean(values[i], values[i - 1]), halved(one - other))?)
    } else {
        None
    };
    Ok(Curvatures { least, largest })
}

/// A second derivative 1/g, from g/2.
fn bend<R: Real>(half_gap: R, direction: Array2<R>) -> Result<Curvature<R>> {
    let value = R::real(0.5) / half_gap;
    if value.as_f64().is_finite() {
        return Ok(Curvature { value, direction });
    }
    Err(Error::Overflow { what: "the derivative" })
}

/// X/√2.
fn halved<R: Real + Element<Real = R>>(x: Array2<R>) -> Array2<R> {
    x * Float::sqrt(R::real(0.5))
}

/// A unit vector at right angles to the orthonormal columns of Q, of which there are fewer than rows: the unit vector that they come least
/// near, without its part along them. A second pass removes what rounding left.
fn beside<R: Real + Element<Real = R>>(q: &ArrayRef2<R>) -> Array1<R> {
    let squares = |row: &ArrayRef1<R>| row.iter().fold(R::zero(), |sum, &x| sum + x * x);
    let rows: Vec<R> = q.rows().into_iter().map(|row| squares(&row)).collect();
    let least = (0..rows.len()).fold(0, |least, row| if rows[row] < rows[least] { row } else { least });
    let mut w = Array1::zeros(q.nrows());
    w[least] = R::one();
    for _ in 0..2 {
        w = &w - &q.dot(&q.t().dot(&w));
        let length = norm2(&w);
        w.mapv_inplace(|x| x / length);
    }
    w
}
