//! Derivatives of inverses, eigenvalues, singular values and factorizations, in both directions.
//! On the floor above `factor`; must not name a routine, and must not answer where no derivative exists.
//!
//! # Directional derivatives and gradients
//!
//! A function F of a matrix A, such as a factorization, has at A a derivative: the linear map that takes a direction
//! dA to the first-order change dF, its *tangent*. [`Differentiable::jvp`] applies it. Its adjoint takes the gradient F̄ of
//! a real loss with respect to F, the *cotangent*, to the gradient Ā with respect to A; [`Differentiable::vjp`] applies
//! that. Both work on the factors at hand: nothing is factored again.
//!
//! The inner product is Re tr(XᴴY) = Σ Re(x̄ᵢⱼyᵢⱼ), for complex matrices too: to first order the loss changes by
//! Re tr(ĀᴴdA). For f = |z|², z = x + iy, the gradient is 2z = ∂f/∂x + i·∂f/∂y. With real types this is the usual gradient.
//! The two maps are adjoint, Re⟨F̄, dF⟩ = Re⟨Ā, dA⟩.
//!
//! # What happens when two values meet
//!
//! The vectors of a repeated eigenvalue or singular value are not determined: any orthonormal basis of their space
//! will do, and a small change of the matrix picks one that may be anywhere. In the formulas for the derivatives of the
//! vectors that shows as a division by the gap, λᵢ − λⱼ or σᵢ − σⱼ. The values themselves, in descending order, are
//! continuous but have kinks where they cross; a singular value has one at zero too, where it meets its own mirror
//! image −σ. So:
//!
//! - Values that are further apart than rounding errors get the answer, which is as large as 1/gap makes it. [`gaps`] and
//!   [`singular_gaps`] tell how large that is.
//! - Values count as equal where their gap is at most [`tie_tolerance`]: there the vectors that the factorization returned have
//!   no right digit, and neither has what would be divided by the gap.
//! - `vjp` at equal values answers where the cotangent is that of a loss that does not depend on the choice of the basis: one
//!   that sees a cluster's vectors through their projector only, and weighs the cluster's values alike. The terms of the
//!   cluster then are 0/0 with the limit 0, and the gradient is finite and right.
//! - Any other cotangent, and `jvp` of the vectors, which do not have a derivative there, is [`Error::Repeated`], which names
//!   the values that meet.
//! - The eigenvectors of a complex matrix, and each pair of singular vectors, are determined but for a factor of modulus 1. A
//!   tangent is given for the choice that moves no vector along itself; a cotangent that depends on such factors is
//!   [`Error::Gauge`].
//!
//! Nothing here is ever infinite or a NaN without a word.

pub mod check;
mod cholesky;
mod cluster;
mod curvature;
mod eigh;
mod general;
mod lstsq;
mod lu;
mod matrix;
mod norms;
mod operands;
mod pairs;
mod pinv;
mod polar;
mod qr;
mod scaled;
mod single;
mod spectral;
mod svd;
mod ties;
mod track;

use ndarray::{Array2, ArrayRef2};

use crate::element::Element;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;

pub use cluster::{ClusterDerivatives, eigenvalue_cluster_derivatives, singular_value_cluster_derivatives};
pub use curvature::{Curvature, Curvatures, eigenvalue_curvatures, singular_value_curvatures};
pub use eigh::{EighCotangent, EighTangent};
pub use general::{general_eigenvalue_derivative, general_eigenvalue_gradient};
pub use lstsq::{LeastSquares, LeastSquaresFactors, least_squares};
pub use lu::{LuCotangent, LuTangent};
pub use matrix::{Determinant, Inverse, LnDet, Power, Square, determinant, inverse, ln_det, power, square};
pub use norms::{KyFan, ky_fan, nuclear_norm, spectral_norm};
pub use pinv::{Pseudoinverse, pseudoinverse};
pub use polar::{PolarCotangent, PolarTangent};
pub use qr::{QrCotangent, QrTangent};
pub use single::{
    eigenvalue_gradient, eigenvalue_hessian, eigenvalue_hessian_product, eigenvalue_second_derivative,
    singular_value_gradient, singular_value_hessian, singular_value_hessian_product, singular_value_second_derivative,
    singular_vector_jacobian,
};
pub use spectral::{
    Exp, InverseSqrt, Ln, OddSpectral, Smooth, Spectral, SpectralFunction, Sqrt, odd_spectral, spectral,
};
pub use svd::{SvdCotangent, SvdTangent};
pub use ties::{clusters, gaps, singular_gaps, tie_tolerance};
pub use track::{Branches, Crossing, Curve, Family, TrackOptions, track, track_singular_values};

/// A function of a matrix A, at a certain A, that has a derivative there.
///
/// ```
/// use lapwing::deriv::{Differentiable, EighCotangent};
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let eigh = array![[2.0, 0.0], [0.0, 1.0]].eigh()?; // λ = 1, 2
/// // The larger eigenvalue grows as fast as the entry that it stands in,
/// let larger = EighCotangent { values: Some(array![0.0, 1.0]), ..Default::default() };
/// assert_eq!(eigh.vjp(&larger)?, array![[1.0, 0.0], [0.0, 0.0]]);
/// // and neither grows at first with an entry beside the diagonal.
/// let tangent = eigh.jvp(&array![[0.0, 1.0], [1.0, 0.0]])?;
/// assert_eq!(tangent.values, array![0.0, 0.0]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub trait Differentiable<T: Element> {
    /// The change of the function's value, to first order.
    type Tangent;
    /// The gradient of a real loss with respect to the function's value. Parts that are left out are zero and cost
    /// nothing.
    type Cotangent;

    /// The directional derivative along `da`, which has A's shape (Jacobian times vector).
    ///
    /// # Errors
    /// [`Error::Shape`] if `da` has another shape, [`Error::NonFinite`] if it has entries that are not finite,
    /// [`Error::Overflow`] where the derivative exceeds the range of the type, and what the function's own documentation names
    /// where it has no derivative.
    fn jvp(&self, da: &ArrayRef2<T>) -> Result<Self::Tangent>;

    /// The gradient with respect to A of a loss whose gradient with respect to the function's value is `bar` (transposed
    /// Jacobian times vector).
    ///
    /// # Errors
    /// As for [`Differentiable::jvp`], of the parts of `bar`.
    fn vjp(&self, bar: &Self::Cotangent) -> Result<Array2<T>>;
}
