//! Plain facts: powers of two, by which numbers are scaled without rounding. Nothing here knows a matrix.

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

#[cfg(test)]
mod tests {
    use super::power_near_reciprocal;

    #[test]
    fn extreme_norms_have_normal_factors() {
        for norm in [f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            assert!(power_near_reciprocal(norm).is_normal());
        }
        assert!(power_near_reciprocal(f32::MAX).is_normal() && power_near_reciprocal(1e-45_f32).is_normal());
    }
}
