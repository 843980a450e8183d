//! Least squares: condition numbers and error bounds from what a method knows.
//! On the floor above `factor`; must not look at the data again.
//!
//! Bounds are of first order, with the constant cmn of the rounding analysis left in (Higham, Accuracy and Stability of
//! Numerical Algorithms, 2nd ed., Theorems 20.1, 20.3, §20.4 and 21.1).

use ndarray::{ArrayRef2, s};
use num_traits::{Float, One, Zero};

use super::Method;
use crate::element::{Element, Real};
use crate::error::Result;
use crate::factor::triangular_rcond;
use crate::norm::norm2;
use crate::workspace::Scratch;

/// The condition number of a matrix of full rank, and a lower bound of its norm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditioning<R> {
    pub(super) kappa: R,
    pub(super) norm: R,
}

/// The norms of x, b and r = b − A·x for one right-hand side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes<R> {
    pub(super) x: R,
    pub(super) b: R,
    pub(super) r: R,
}

/// size·ε.
pub(super) fn rounding<R: Real>(size: usize) -> R {
    R::real(size) * R::EPS
}

impl<R: Real> Conditioning<R> {
    /// From a triangular factor R of A, of which nothing below the diagonal is read: κ₁(R), estimated, and its longest
    /// column, which is one of A's.
    pub(super) fn of_factor<T: Element<Real = R>>(r: &ArrayRef2<T>, scratch: &mut Scratch<T>) -> Result<Self> {
        let kappa = R::one() / triangular_rcond(r, scratch)?;
        Ok(Conditioning { kappa, norm: longest_column(r) })
    }
}

/// The 2-norm of the longest column of an upper triangular matrix.
fn longest_column<T: Element>(r: &ArrayRef2<T>) -> T::Real {
    let norms = r.columns().into_iter().enumerate().map(|(j, column)| norm2(&column.slice(s![..=j])));
    norms.fold(T::Real::zero(), |longest, norm| longest.max(norm))
}

/// The "small integer constant" c of γ̃ = cmn·u (Higham, §3.4 and Lemma 19.3). The longest chain of roundings that one step
/// leaves in an entry is that of a 1×1 system by the normal equations: two products, a root, two quotients, and the
/// product with what is eliminated. A complex product rounds 2√2 times as much (Higham, Lemma 3.5).
fn constant<T: Element>() -> f64 {
    if T::IS_COMPLEX { 18.0 } else { 6.0 }
}

/// A bound of ‖x̂ − x‖₂/‖x‖₂ over all right-hand sides, if there is one below 1.
pub(super) fn forward_error<T: Element>(
    method: Method, (m, n): (usize, usize), conditioning: Conditioning<T::Real>,
    sizes: impl IntoIterator<Item = Sizes<T::Real>>,
) -> Option<T::Real> {
    // Half of ε is the unit roundoff.
    let u = rounding::<T::Real>(m.saturating_mul(n)) * T::real(constant::<T>() / 2.0);
    let mut worst = T::Real::zero();
    for Sizes { x, b, r } in sizes {
        let ax = conditioning.norm * x;
        let bound = match method {
            Method::NormalEquations => normal_equations(conditioning.kappa, u, b / ax),
            // Half of it is the rounding of x; the other half is what refinement is allowed to leave.
            Method::Refined => {
                if x > T::Real::zero() {
                    T::Real::EPS
                } else {
                    T::Real::infinity()
                }
            }
            _ if m < n => T::real(3.0) * conditioning.kappa * u,
            _ => wedin(conditioning.kappa, u, r / ax),
        };
        worst = if bound >= worst { bound } else { return None };
    }
    (worst < T::Real::one() && worst > T::Real::zero()).then_some(worst)
}

/// κu/(1 − κu)·(2 + (κ + 1)·‖r‖/(‖A‖‖x‖)) (Theorem 20.1), or +∞.
///
/// It holds for refined normal equations too. Where the iteration stops, (AᴴA)(x̂ − x) is Aᴴδ + η but for a small part of
/// that, δ being what rounding does to b − A·x̂ and η to the product with Aᴴ: ‖δ‖ ≤ γₙ₊₁(‖b‖ + ‖|A|‖‖x̂‖) and
/// ‖η‖ ≤ γₘ‖|A|‖‖r‖ (Higham, §3.5). With ‖b‖ ≤ ‖A‖‖x‖ + ‖r‖ and ‖|A|‖ ≤ √n‖A‖ the relative error is at most
/// κ(1 + √n)γₙ₊₁ + (κγₙ₊₁ + κ²√n·γₘ)·‖r‖/(‖A‖‖x‖), and each γ in it, with its √n, is below u = cmn·ε/2.
pub(super) fn wedin<R: Real>(kappa: R, u: R, relative_residual: R) -> R {
    let growth = kappa * u;
    if growth >= R::one() {
        return R::infinity();
    }
    growth / (R::one() - growth) * (R::real(2.0) + (kappa + R::one()) * relative_residual)
}

/// κ²u·(1 + ‖b‖/(‖A‖‖x‖)) (§20.4), with the second-order terms as a geometric series, or +∞.
fn normal_equations<R: Real>(kappa: R, u: R, relative_rhs: R) -> R {
    let growth = kappa * kappa * u;
    if growth >= R::one() {
        return R::infinity();
    }
    growth / (R::one() - growth) * (R::one() + relative_rhs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(method: Method, kappa: f64, r: f64) -> Option<f64> {
        forward_error::<f64>(method, (10, 2), Conditioning { kappa, norm: 1.0 }, [Sizes { x: 1.0, b: 1.0, r }])
    }

    #[test]
    fn the_bound_of_qr_grows_with_kappa_and_with_its_square_times_the_residual() {
        let small = |kappa| bound(Method::Qr, kappa, 0.0).unwrap();
        assert!((small(1e6) / small(1e3) / 1e3 - 1.0).abs() < 1e-3);
        let large = |kappa| bound(Method::Qr, kappa, 1.0).unwrap();
        assert!((large(1e6) / large(1e3) / 1e6 - 1.0).abs() < 1e-2);
    }

    #[test]
    fn refined_normal_equations_have_the_bound_of_qr() {
        for (kappa, r) in [(1e3, 0.0), (1e5, 1.0)] {
            assert_eq!(bound(Method::RefinedNormalEquations, kappa, r), bound(Method::Qr, kappa, r));
            assert!(bound(Method::RefinedNormalEquations, kappa, r).unwrap() < 1.0);
        }
    }

    #[test]
    fn there_is_no_bound_where_it_would_say_nothing() {
        assert_eq!(bound(Method::Qr, 1e17, 0.0), None);
        assert_eq!(bound(Method::NormalEquations, 1e9, 0.0), None);
        assert_eq!(bound(Method::Qr, f64::NAN, 0.0), None);
        let zero = Sizes { x: 0.0, b: 1.0, r: 1.0 };
        assert_eq!(forward_error::<f64>(Method::Qr, (3, 1), Conditioning { kappa: 1.0, norm: 1.0 }, [zero]), None);
    }
}
