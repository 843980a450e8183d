//! Derivatives: one eigenvalue of a general square matrix.
//! On the floor above `factor`; must not order the eigenvalues.

use std::cmp::Ordering;

use ndarray::{Array2, ArrayRef2};
use num_traits::Zero;

use super::operands::{check, require_index};
use super::ties::tie_tolerance;
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::Eig;

/// dλᵢ = yᵢᴴE·xᵢ/(yᵢᴴxᵢ) along E, n×n, for an eigenvalue of a general n×n matrix with right and left eigenvectors xᵢ and yᵢ; a complex number
/// also for real matrices.
///
/// Condition: λᵢ is simple: further from any other eigenvalue than its condition number 1/|yᵢᴴxᵢ| times
/// [`tie_tolerance`](super::tie_tolerance) of ‖A‖_F. The lengths and phases of xᵢ and yᵢ do not matter. 2n² complex operations.
/// [`Eig::condition`] tells how large the derivative can be.
///
/// # Errors
/// [`Error::Parameter`] if there is no such eigenvalue, [`Error::Repeated`] if it is not simple; [`Error::Shape`], [`Error::NonFinite`],
/// [`Error::Overflow`].
///
/// # Source
/// J. H. Wilkinson, The Algebraic Eigenvalue Problem, 1965, ch. 2; Golub & Van Loan, Matrix Computations, 4th ed., §7.2.2.
///
/// ```
/// use lapwing::deriv::general_eigenvalue_derivative;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // ±√a are the eigenvalues of [0 1; a 0]: dλ = da/(2λ).
/// let eig = array![[0.0_f64, 1.0], [4.0, 0.0]].eig()?;
/// let slope = general_eigenvalue_derivative(&eig, 0, &array![[0.0, 0.0], [1.0, 0.0]])?;
/// assert!((slope * eig.values[0] - 0.5).norm() < 1e-14);
/// // At a = 0 they meet, with one eigenvector for both.
/// let eig = array![[0.0, 1.0], [0.0, 0.0]].eig()?;
/// assert!(general_eigenvalue_derivative(&eig, 0, &array![[0.0, 0.0], [1.0, 0.0]]).is_err());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn general_eigenvalue_derivative<T: Element>(eig: &Eig<T>, i: usize, e: &ArrayRef2<T>) -> Result<T::Complex> {
    require_simple(eig, i)?;
    check("the direction", e, (eig.values.len(), eig.values.len()))?;
    let (x, y) = (eig.right.column(i), eig.left.column(i));
    let mut product = T::Complex::zero();
    for (row, y) in e.rows().into_iter().zip(y) {
        let image = row.iter().zip(x).fold(T::Complex::zero(), |sum, (e, &x)| sum + e.as_c() * x);
        product += y.conj() * image;
    }
    let derivative = product / eig.overlap(i);
    if derivative.abs().as_f64().is_finite() { Ok(derivative) } else { Err(Error::Overflow { what: "the derivative" }) }
}

/// The gradient G of λᵢ, n×n: dλᵢ = tr(GᴴdA), G = yᵢxᵢᴴ/(xᵢᴴyᵢ). It is complex also for real matrices; the gradient of Re λᵢ then is its real
/// part, and that of Im λᵢ the negative of its imaginary part.
///
/// Condition and source as for [`general_eigenvalue_derivative`]; the lengths and phases of xᵢ and yᵢ do not matter. 2n² complex operations.
///
/// # Errors
/// As for [`general_eigenvalue_derivative`], but for the direction.
///
/// ```
/// use lapwing::deriv::general_eigenvalue_gradient;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let eig = array![[1.0_f64, 0.0], [0.0, 2.0]].eig()?;
/// let gradient = general_eigenvalue_gradient(&eig, 1)?;
/// assert_eq!(gradient.mapv(|x| x.re), array![[0.0, 0.0], [0.0, 1.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn general_eigenvalue_gradient<T: Element>(eig: &Eig<T>, i: usize) -> Result<Array2<T::Complex>> {
    require_simple(eig, i)?;
    let n = eig.values.len();
    let overlap = eig.overlap(i).conj();
    let (x, y) = (eig.right.column(i), eig.left.column(i));
    let gradient = Array2::from_shape_fn((n, n), |(row, col)| y[row] * x[col].conj() / overlap);
    match gradient.iter().all(|x: &T::Complex| x.abs().as_f64().is_finite()) {
        true => Ok(gradient),
        false => Err(Error::Overflow { what: "the derivative" }),
    }
}

/// [`Error::Repeated`] if another eigenvalue is no further away than rounding errors move this one: as it comes near
/// others its condition number grows.
fn require_simple<T: Element>(eig: &Eig<T>, i: usize) -> Result<()> {
    require_index("the index of the eigenvalue", i, eig.values.len())?;
    let n = eig.values.len();
    let tolerance = eig.condition(i)? * tie_tolerance(n, eig.norm);
    let gap = |j: usize| (eig.values[i] - eig.values[j]).abs();
    let others = (0..n).filter(|&j| j != i);
    match others.min_by(|&j, &k| gap(j).as_f64().total_cmp(&gap(k).as_f64())) {
        // An infinite condition number with a norm of 0 makes the tolerance a NaN.
        Some(j) if gap(j).partial_cmp(&tolerance) != Some(Ordering::Greater) => {
            Err(Error::Repeated { first: i.min(j), last: i.max(j), gap: gap(j).as_f64() })
        }
        // The only eigenvalue of a 1×1 matrix is simple whatever its norm is.
        _ => Ok(()),
    }
}
