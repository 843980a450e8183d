//! Derivatives: how the values of a cluster part along a direction.
//! On the floor above `factor`; must not ask for the derivative of a vector.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayRef2, s};

use super::operands::{check, hermitian_part, require_index};
use super::svd::shape;
use super::ties::Ties;
use crate::element::Element;
use crate::error::Result;
use crate::factor::{Eigh, EighExt, Svd, SvdExt, adjoint_multiply, multiply, multiply_adjoint, residual};

/// The slopes with which equal values part.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterDerivatives<R> {
    /// The indices of the values.
    pub values: Range<usize>,
    /// Their one-sided derivatives along the direction, in the order of the values. One value alone, not zero, has a derivative on
    /// both sides.
    pub slopes: Array1<R>,
}

/// The one-sided derivatives along E of the eigenvalues that are equal to λᵢ, ascending as they do for t > 0: the eigenvalues of Q_cᴴEQ_c.
///
/// Q_c, n×c, has orthonormal eigenvectors to the c values that are equal up to [`tie_tolerance`](super::tie_tolerance); which basis of
/// their space it is does not matter. The eigenvalues of S + tE leave their common value with these slopes for t > 0; for t < 0 the order
/// is reversed. E, n×n, counts by its Hermitian part. No condition: of a simple value it is the derivative. About 2n²c + 2nc² flops, and the
/// eigenvalues of a c×c matrix.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) if there is no such eigenvalue, [`Error::Shape`](crate::Error::Shape),
/// [`Error::NonFinite`](crate::Error::NonFinite); as for [`EighExt::eigh`] of a c×c matrix.
///
/// # Source
/// T. Kato, Perturbation Theory for Linear Operators, II §2.3.
///
/// ```
/// use lapwing::deriv::eigenvalue_cluster_derivatives;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // The eigenvalues of I + tE are 1 ± t.
/// let eigh = array![[1.0, 0.0], [0.0, 1.0]].eigh()?;
/// let parting = eigenvalue_cluster_derivatives(&eigh, 0, &array![[0.0, 1.0], [1.0, 0.0]])?;
/// assert_eq!(parting.values, 0..2);
/// approx::assert_abs_diff_eq!(parting.slopes, array![-1.0, 1.0], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn eigenvalue_cluster_derivatives<T: Element>(
    eigh: &Eigh<T>, i: usize, e: &ArrayRef2<T>,
) -> Result<ClusterDerivatives<T::Real>> {
    let n = eigh.values.len();
    require_index("the index of the eigenvalue", i, n)?;
    check("the eigenvectors", &eigh.vectors, (n, n))?;
    check("the direction", e, (n, n))?;
    let values = Ties::of_eigenvalues(&eigh.values).around(i);
    let q = eigh.vectors.slice(s![.., values.clone()]);
    let slopes = adjoint_multiply(&q, &multiply(&hermitian_part(e), &q)?)?.eigvalsh()?;
    Ok(ClusterDerivatives { values, slopes })
}

/// The one-sided derivatives along E of the singular values that are equal to σᵢ, descending as they do for t > 0: for σᵢ > 0 the eigenvalues
/// of the Hermitian part of U_cᴴEV_c, for σᵢ = 0 the singular values of U₀ᴴEV₀.
///
/// U_c and V_c, m×c and n×c, have the singular vectors to the c values that are equal up to [`tie_tolerance`](super::tie_tolerance); which
/// pair of bases it is does not matter. U₀ and V₀ are *full* bases of the null spaces of Aᴴ and A, m − r and n − r columns for rank r; the thin
/// SVD of a matrix that is not square lacks some of them. Their projectors are formed from the other vectors, so that the factors may be
/// thin or full. E is m×n. No condition: of a simple value that is not zero it is the derivative. Values that are zero can only grow, so that their slopes are not
/// negative.
///
/// About 2mnc flops, and the eigenvalues of a c×c matrix; for values that are zero 8mnr, and the singular values of an m×n matrix.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) if there is no such singular value, [`Error::Shape`](crate::Error::Shape),
/// [`Error::NonFinite`](crate::Error::NonFinite); as for [`SvdExt::svd`].
///
/// # Source
/// G. W. Stewart and J.-G. Sun, Matrix Perturbation Theory, 1990, ch. V; T. Kato, Perturbation Theory for Linear Operators, II §2.3, for the
/// Hermitian matrix (0 A; Aᴴ 0).
///
/// ```
/// use lapwing::deriv::singular_value_cluster_derivatives;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // At A = 0 the singular values of tE are |t| times those of E.
/// let svd = array![[0.0, 0.0], [0.0, 0.0]].svd()?;
/// let parting = singular_value_cluster_derivatives(&svd, 1, &array![[0.0, -3.0], [2.0, 0.0]])?;
/// approx::assert_abs_diff_eq!(parting.slopes, array![3.0, 2.0], epsilon = 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_value_cluster_derivatives<T: Element>(
    svd: &Svd<T>, i: usize, e: &ArrayRef2<T>,
) -> Result<ClusterDerivatives<T::Real>> {
    require_index("the index of the singular value", i, svd.s.len())?;
    let (m, n) = shape(svd)?;
    check("the direction", e, (m, n))?;
    let ties = Ties::of_singular_values(&svd.s, (m, n));
    let values = ties.around(i);
    let slopes = if i >= ties.first_zero {
        between_null_spaces(svd, ties.first_zero, e)?.slice(s![..values.len()]).to_owned()
    } else {
        within(svd, values.clone(), e)?
    };
    Ok(ClusterDerivatives { values, slopes })
}

/// The eigenvalues of the Hermitian part of U_cᴴEV_c, descending.
pub(super) fn within<T: Element>(svd: &Svd<T>, values: Range<usize>, e: &ArrayRef2<T>) -> Result<Array1<T::Real>> {
    let (u, vh) = (svd.u.slice(s![.., values.clone()]), svd.vh.slice(s![values, ..]));
    let ascending = hermitian_part(&multiply_adjoint(&adjoint_multiply(&u, e)?, &vh)?).eigvalsh()?;
    Ok(ascending.slice(s![..;-1]).to_owned())
}

/// The singular values of U₀ᴴEV₀, descending, and zeros.
pub(super) fn between_null_spaces<T: Element>(svd: &Svd<T>, rank: usize, e: &ArrayRef2<T>) -> Result<Array1<T::Real>> {
    beyond_leading(svd, rank, e)?.singular_values()
}

/// (I − U₁U₁ᴴ)·E·(I − V₁V₁ᴴ) with the singular vectors of the `rank` values that are not zero, which stands for full bases of the null
/// spaces whatever their size.
pub(super) fn beyond_leading<T: Element>(svd: &Svd<T>, rank: usize, e: &ArrayRef2<T>) -> Result<Array2<T>> {
    let (u, vh) = (svd.u.slice(s![.., ..rank]), svd.vh.slice(s![..rank, ..]));
    let left = residual(&u, e, &adjoint_multiply(&u, e)?)?;
    residual(&multiply_adjoint(&left, &vh)?, &left, &vh)
}
