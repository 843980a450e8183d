//! Plain facts: the length of a vector, at every scale.
//! Must not know a matrix or a routine.

use ndarray::ArrayRef1;
use num_traits::{Float, Zero};

use crate::element::{Element, Real, Scalar};

/// ‖x‖₂, scaled by the largest entry so that no square overflows or underflows.
pub(crate) fn norm2<T: Element>(x: &ArrayRef1<T>) -> T::Real {
    let zero = T::Real::zero();
    if let Some(entries) = x.as_slice() {
        let sum = sum_of_squares(entries);
        // Away from the ends of the range no square has overflowed, and what has underflowed is below its rounding.
        if sum.is_finite() && sum > T::Real::min_positive_value() / (T::Real::EPS * T::Real::EPS) {
            return Scalar::sqrt(sum);
        }
    }
    // A comparison that is false for a NaN, so that none is lost.
    let larger = |largest, &x: &T| if x.abs() <= largest { largest } else { x.abs() };
    let largest = x.iter().fold(zero, larger);
    if largest == zero || !largest.is_finite() {
        return largest;
    }
    let sum: T::Real = x.iter().map(|&x| x.div_real(largest).square()).sum();
    largest * Scalar::sqrt(sum)
}

/// Σ |x|², in independent lanes that the compiler can keep in vector registers.
fn sum_of_squares<T: Element>(entries: &[T]) -> T::Real {
    const LANES: usize = 8;
    let mut lanes = [T::Real::zero(); LANES];
    let mut chunks = entries.chunks_exact(LANES);
    for chunk in &mut chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, &x)| *lane += x.square());
    }
    chunks.remainder().iter().fold(lanes.into_iter().sum(), |sum, &x| sum + x.square())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn norms_neither_overflow_nor_vanish() {
        for scale in [1e-300, 1.0, 1e300] {
            approx::assert_relative_eq!(norm2(&array![3.0 * scale, 4.0 * scale]), 5.0 * scale, max_relative = 1e-15);
        }
        assert_eq!(norm2(&array![0.0, 0.0]), 0.0);
        assert!(norm2(&array![f64::NAN, f64::NAN]).is_nan() && norm2(&array![f64::NAN]).is_nan());
    }
}
