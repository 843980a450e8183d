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
//! # What has a derivative
//!
//! Conditions, gradients and sources stand in full at each item; for a trait implementation, on the page of the factorization. Here h and a
//! are the Hermitian and the skew-Hermitian part of P; tril₋₁ takes what stands below the diagonal and triu the rest.
//!
//! Factorizations, by [`Differentiable`]:
//!
//! | of | derivative along dA | exists, and choice that it takes | source |
//! |---|---|---|---|
//! | [`Svd`](crate::factor::Svd), any shape | P = UᴴdA·V, dσᵢ = Re Pᵢᵢ; (UᴴdU)ᵢⱼ = hᵢⱼ/(σⱼ − σᵢ) + aᵢⱼ/(σⱼ + σᵢ), (VᴴdV)ᵢⱼ the same with −a; beyond them (I − UUᴴ)dA·V·Σ⁻¹ and (I − VVᴴ)dAᴴU·Σ⁻¹ | values apart and not zero; signs are kept, a change of phase falls to U and V by halves | Townsend 2016; Giles 2008; Wan & Zhang 2019 |
//! | [`Eigh`](crate::factor::Eigh) | P = QᴴdS·Q, dλᵢ = Pᵢᵢ, (QᴴdQ)ᵢⱼ = Pᵢⱼ/(λⱼ − λᵢ) | values apart; qᵢᴴdqᵢ = 0 | Giles 2008, §3.1; Magnus 1985 |
//! | [`Qr`](crate::factor::Qr), any shape | X = QᴴdA₁R₁⁻¹, Ω = tril₋₁X − (tril₋₁X)ᴴ + i·Im diag X; dQ = QΩ + (I − QQᴴ)dA₁R₁⁻¹, dR = QᴴdA − ΩR | the first min(m, n) columns independent; the signs of R's real diagonal are kept | Walter & Lehmann 2010; Roberts & Roberts 2020 |
//! | [`Lu`](crate::factor::Lu), any shape | X = L⁻¹P·dA·U⁻¹; dL = L·tril₋₁(X), dU = triu(X)·U for m = n | no pivot zero; row exchanges are held fixed | Walter & Lehmann 2010 |
//! | [`Cholesky`](crate::factor::Cholesky) | dL = L·Φ(L⁻¹dA·L⁻ᴴ), Φ = lower triangle, diagonal halved | always; unique | Murray 2016 |
//! | [`Polar`](crate::factor::Polar), m ≥ n | P = UᴴdA·V; dW = U[(Pᵢⱼ − P̄ⱼᵢ)/(σᵢ + σⱼ)]Vᴴ + (I − UUᴴ)dA·VΣ⁻¹Vᴴ, dH = V[(σᵢPᵢⱼ + σⱼP̄ⱼᵢ)/(σᵢ + σⱼ)]Vᴴ | full column rank, ties allowed; unique | Higham, Functions of Matrices, ch. 8 |
//!
//! Functions of a matrix, by [`Differentiable`] too:
//!
//! | of | derivative along dA | exists | source |
//! |---|---|---|---|
//! | [`square`], [`power`] | d(Aᵏ) = Σ AⁱdA·Aᵏ⁻¹⁻ⁱ | always | Magnus & Neudecker, ch. 8 |
//! | [`inverse`] | d(A⁻¹) = −A⁻¹dA·A⁻¹ | A not singular | Magnus & Neudecker, ch. 8 |
//! | [`determinant`] | d det A = tr(adj(A)·dA) | always | Magnus & Neudecker, ch. 8; Stewart 1998 |
//! | [`ln_det`] | d ln\|det A\| = Re tr(A⁻¹dA) | A not singular | Magnus & Neudecker, ch. 8 |
//! | [`pseudoinverse`] | dA⁺ = −A⁺dA·A⁺ + A⁺A⁺ᴴdAᴴ(I − AA⁺) + (I − A⁺A)dAᴴA⁺ᴴA⁺ | along directions that keep the rank | Golub & Pereyra 1973 |
//! | [`least_squares`] | dx = A⁺(db − dA·x) + (AᴴA)⁻¹dAᴴr, r = b − Ax | full column rank | Golub & Pereyra 1973; Björck 1996 |
//! | [`spectral`] | df(S) = Q(f\[λᵢ, λⱼ\]∘QᴴdS·Q)Qᴴ, with divided differences, f′(λᵢ) on the diagonal | f smooth on an interval that holds the eigenvalues, ties allowed | Daleckii & Krein: Higham, Functions of Matrices, Theorem 3.11 |
//! | [`odd_spectral`] | df(A) = U(f\[σᵢ, σⱼ\]∘h + f\[σᵢ, −σⱼ\]∘a)Vᴴ + (I − UUᴴ)dA·V·f\[Σ, 0\]Vᴴ + U·f\[Σ, 0\]UᴴdA(I − VVᴴ) | f odd, smooth on an interval that holds the σᵢ, and at 0 if one of them is 0; ties and zeros allowed | the same for the Hermitian matrix (0 A; Aᴴ 0) |
//!
//! Single values, and values that are equal:
//!
//! | by | what it gives | exists | source |
//! |---|---|---|---|
//! | [`eigenvalue_gradient`] | ∇λᵢ = qᵢqᵢᴴ | λᵢ simple | Magnus 1985 |
//! | [`singular_value_gradient`] | ∇σᵢ = uᵢvᵢᴴ | σᵢ simple, not zero | Stewart & Sun, ch. IV |
//! | [`general_eigenvalue_derivative`], [`general_eigenvalue_gradient`] | dλ = yᴴdA·x/(yᴴx) | λ simple | Wilkinson, ch. 2; Golub & Van Loan, §7.2.2 |
//! | [`eigenvalue_second_derivative`], [`eigenvalue_hessian_product`], [`eigenvalue_hessian`], [`eigenvalue_curvatures`] | λᵢ″ = Σⱼ 2\|qⱼᴴEqᵢ\|²/(λᵢ − λⱼ) | λᵢ simple, ties elsewhere allowed | Kato, II §2 |
//! | [`singular_value_second_derivative`], [`singular_value_hessian_product`], [`singular_value_hessian`], [`singular_value_curvatures`] | σᵢ″ = Σⱼ ((Pᵢⱼ + Pⱼᵢ)²/(2(σᵢ − σⱼ)) + (Pᵢⱼ − Pⱼᵢ)²/(2(σᵢ + σⱼ))) + (‖U⊥ᵀEvᵢ‖² + ‖V⊥ᵀEᵀuᵢ‖²)/σᵢ | σᵢ simple, not zero, ties elsewhere allowed | Kato, II §2; Stewart & Sun, ch. IV |
//! | [`singular_vector_jacobian`] | ∂uᵢ/∂vec A, with the trap that is to be avoided | σᵢ simple, not zero | Townsend 2016 |
//! | [`eigenvalue_cluster_derivatives`] | one-sided: the eigenvalues of Q_cᴴEQ_c | always | Kato, II §2.3 |
//! | [`singular_value_cluster_derivatives`] | one-sided: the eigenvalues of the Hermitian part of U_cᴴEV_c; for σ = 0 the singular values of U₀ᴴEV₀ | always | Stewart & Sun, ch. V |
//! | [`ky_fan`], [`nuclear_norm`], [`spectral_norm`] | gradient UₖVₖᴴ, or a subgradient and the whole subdifferential | the gradient where σₖ > σₖ₊₁ (0 beyond the last), the subdifferential always | Watson 1992; Overton & Womersley 1993 |
//! | [`track`](track()), [`track_singular_values`] | branches through crossings, in a family A(t) | A(t) analytic | Rellich; Kato, II §6 |
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
//! - Values count as equal where their gap is at most [`tie_tolerance`], and so do all of a chain of such neighbours ([`clusters`]); a
//!   singular value no larger than that counts as zero. There the vectors that the factorization returned have no right digit, and neither
//!   has what would be divided by the gap. Of a general matrix the tolerance is larger by the condition number of the eigenvalue.
//! - `vjp` at equal values answers where the cotangent is that of a loss that does not depend on the choice of the basis: one
//!   that sees a cluster's vectors through their projector only, and weighs the cluster's values alike. The terms of the
//!   cluster then are 0/0 with the limit 0, and the gradient is finite and right. Singular values that are zero must have no weight, and
//!   their vectors turn on each side by themselves: the loss may see those of a side through their projector. For m ≠ n the thin factor of
//!   the longer side holds only some of the vectors of its null space, and not even their projector is determined. A cotangent says what the loss
//!   does to first order at the basis at hand: one that depends on the basis and happens to be stationary there is not told from one that does not.
//! - Any other cotangent, and `jvp` of the vectors, which do not have a derivative there, is [`Error::Repeated`], which names
//!   the values that meet.
//! - The eigenvectors of a complex matrix are determined but for a factor of modulus 1 each, and so is each pair of its singular vectors. A
//!   tangent is given for the choice that moves no eigenvector along itself, qᵢᴴdqᵢ = 0, and of a pair both by opposite amounts, uᵢᴴduᵢ =
//!   −vᵢᴴdvᵢ; a cotangent that depends on the factors is [`Error::Gauge`]. Real vectors keep their signs.
//!
//! What to ask for instead at a tie:
//!
//! | wanted | ask | answer at equal values |
//! |---|---|---|
//! | the slopes of the values along one direction | [`eigenvalue_cluster_derivatives`], [`singular_value_cluster_derivatives`] | one-sided derivatives, for values of zero too |
//! | the gradient of one value | [`eigenvalue_gradient`], [`singular_value_gradient`], second derivatives, [`general_eigenvalue_gradient`] | [`Error::Repeated`] with the cluster, if it is this value that meets another; ties elsewhere do no harm |
//! | the gradient of a sum of values | `vjp` with values alone; [`ky_fan`], [`nuclear_norm`], [`spectral_norm`] | the gradient if whole clusters are in the sum with one weight; else [`Error::Repeated`], and from the norms a subgradient and the directional derivative |
//! | functions of the matrix | [`spectral`], [`odd_spectral`], [`Polar`](crate::factor::Polar), [`determinant`] | the derivative: nothing is divided by a gap (`Polar` needs values that are not zero) |
//! | branches of values through a crossing | [`track`](track()), [`track_singular_values`] | the branches that are analytic, with their slopes |
//!
//! For the other factorizations the place of a tie is taken by a loss of rank: [`Error::RankDeficient`] of [`Qr`](crate::factor::Qr),
//! [`pseudoinverse`] and [`least_squares`], [`Error::Singular`] of [`Lu`](crate::factor::Lu), [`inverse`] and [`ln_det`].
//!
//! No derivative here is ever infinite or a NaN without a word: one that exceeds the range of the type is [`Error::Overflow`]. What stands in one
//! matrix, direction or cotangent beside an entry that is larger by the whole range of the type, 300 powers of ten for `f64` and 38 for `f32`, may count as 0.

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
mod odd;
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
pub use odd::{OddSpectral, odd_spectral};
pub use pinv::{Pseudoinverse, pseudoinverse};
pub use polar::{PolarCotangent, PolarTangent};
pub use qr::{QrCotangent, QrTangent};
pub use single::{
    eigenvalue_gradient, eigenvalue_hessian, eigenvalue_hessian_product, eigenvalue_second_derivative,
    singular_value_gradient, singular_value_hessian, singular_value_hessian_product, singular_value_second_derivative,
    singular_vector_jacobian,
};
pub use spectral::{Exp, InverseSqrt, Ln, Smooth, Spectral, SpectralFunction, Sqrt, spectral};
pub use svd::{SvdCotangent, SvdTangent};
pub use ties::{clusters, gaps, singular_gaps, tie_tolerance};
pub use track::{Branches, Crossing, Curve, Family, TrackOptions, track, track_singular_values};

/// A function of a matrix A, at a certain A, that has a derivative there.
///
/// [What has a derivative](crate::deriv#what-has-a-derivative) lists the functions with their formulas, the conditions under which the
/// derivative exists, and the sources; each in full stands on the page of its type.
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
