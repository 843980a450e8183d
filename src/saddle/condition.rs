//! Saddle points: an estimate of the condition number of K from a few solves.
//! On the floor above `factor`; must not know how a method solves.

use ndarray::Array1;
use num_traits::{Float, One, Zero};

use super::factors::KktFactors;
use super::solution::times_inverse;
use crate::element::{Element, Scalar};
use crate::error::Result;

/// An estimate of κ₁(K), by a few refined products with K⁻¹, which is Hermitian (Higham, §15.3).
pub(super) fn condition<T: Element>(factors: &KktFactors<'_, T>) -> Result<T::Real> {
    let (n, m) = factors.kkt.dim();
    let order = n + m;
    if order == 0 {
        return Ok(T::Real::one());
    }
    let sum = |v: &Array1<T>| v.iter().fold(T::Real::zero(), |sum, x| sum + x.abs());
    let sign = |x: T| if x == T::zero() { T::one() } else { x.div_real(Scalar::abs(x)) };
    let inverse_order = T::Real::one() / T::Real::real(order);
    let mut v = times_inverse(factors, &Array1::from_elem(order, T::from_real(inverse_order)))?;
    let mut largest = sum(&v);
    let mut last = None;
    for _ in 0..4 {
        let image = times_inverse(factors, &v.mapv(sign))?;
        let most = image
            .iter()
            .enumerate()
            .fold((0, T::Real::zero()), |most, (j, x)| if x.abs() > most.1 { (j, x.abs()) } else { most });
        if last == Some(most.0) {
            break;
        }
        last = Some(most.0);
        let mut unit = Array1::zeros(order);
        unit[most.0] = T::one();
        v = times_inverse(factors, &unit)?;
        let found = sum(&v);
        if found <= largest {
            break;
        }
        largest = found;
    }
    // A vector that the iteration cannot be led astray from.
    let step = T::Real::one() / T::Real::real(order.max(2) - 1);
    let alternating = |i: usize| {
        let size = T::Real::one() + T::Real::real(i) * step;
        T::from_real(if i.is_multiple_of(2) { size } else { -size })
    };
    let found = sum(&times_inverse(factors, &(0..order).map(alternating).collect::<Array1<T>>())?);
    let two_thirds = T::Real::real(2.0) / T::Real::real(3.0);
    Ok(factors.kkt.norm1() * Float::max(largest, found * two_thirds * inverse_order))
}
