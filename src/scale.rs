//! Plain facts: powers of two, by which numbers are scaled without rounding.
//! Must not know a matrix or a routine.

use num_traits::Float;

use crate::element::Real;

/// The power of two nearest to 1/norm; 1 for a norm of zero, and the least normal one for an infinite norm.
pub(crate) fn power_near_reciprocal<R: Real>(norm: R) -> R {
    if norm == R::zero() {
        return R::one();
    }
    let exponent = Float::round(Float::log2(norm));
    // Within the exponents whose power and its reciprocal are both normal numbers.
    let limit = Float::floor(Float::log2(R::max_value())) - R::real(2.0);
    let exponent = Float::max(Float::min(exponent, limit), -limit);
    Float::exp2(-exponent)
}

/// The power of two by which to multiply numbers whose magnitudes reach `size`, so that products and quotients of two of
/// them stay in the range of the type; 1 where they do anyway. Large numbers are brought down no further than needed,
/// since smaller ones may stand beside them.
pub(crate) fn moderating<R: Real>(size: R) -> R {
    let (low, high) = (Float::sqrt(R::min_positive_value()), Float::sqrt(R::max_value()));
    if size > R::zero() && size < low {
        power_near_reciprocal(size)
    } else if size <= high {
        R::one()
    } else {
        power_near_reciprocal(high)
    }
}

#[cfg(test)]
mod tests {
    use super::{moderating, power_near_reciprocal};

    #[test]
    fn only_sizes_near_the_ends_of_the_range_are_moderated() {
        for size in [0.0, 1e-150, 1.0, 1e150_f64] {
            assert_eq!(moderating(size), 1.0);
        }
        for size in [5e-324, 1e-160, 1e160, f64::INFINITY] {
            let moderate = moderating(size) * size.min(f64::MAX);
            assert!((1e-150..1e155).contains(&moderate), "{size} becomes {moderate}");
        }
        assert!((1e-18..1e20).contains(&(moderating(1e-45_f32) * 1e-45)));
    }

    #[test]
    fn extreme_norms_have_normal_factors() {
        for norm in [f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            assert!(power_near_reciprocal(norm).is_normal());
        }
        assert!(power_near_reciprocal(f32::MAX).is_normal() && power_near_reciprocal(1e-45_f32).is_normal());
    }
}
