//! Plain facts: powers of two, by which numbers are scaled without rounding.
//! Must not know a matrix or a routine.

use num_traits::Float;

use crate::element::{Element, Real, Scalar};

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

/// x·2ᵏ for an integer k that may be beyond the exponents of the type, where x·2ᵏ is not. Zero stays zero for every k.
pub(crate) fn times_power<T: Element>(x: T, k: f64) -> T {
    powers::<T::Real>(k).into_iter().fold(x, |x, power| x.mul_real(power))
}

/// Powers of two whose product is 2ᵏ, each within the range of the type; one after another they take every number as far as it can
/// go.
pub(crate) fn powers<R: Real>(k: f64) -> [R; 3] {
    let most = R::max_value().as_f64().log2().floor() - 1.0;
    let k = k.clamp(-3.0 * most, 3.0 * most);
    let third = (k / 3.0).trunc();
    [third, third, k - 2.0 * third].map(|k| R::real(k.exp2()))
}

/// x·2⁻ᵉ, near 1, and e; for x ≠ 0.
pub(crate) fn near_one<T: Element>(x: T) -> (T, f64) {
    let power = power_near_reciprocal(Scalar::abs(x));
    (x.mul_real(power), -power.as_f64().log2())
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

/// The power of two that brings `size` to 1 where squares of such numbers come near the ends of the range; 1 elsewhere.
pub(crate) fn centring<R: Real>(size: R) -> R {
    let quarter = |x: R| Float::sqrt(Float::sqrt(x));
    let range = quarter(R::min_positive_value())..quarter(R::max_value());
    if size == R::zero() || range.contains(&size) {
        return R::one();
    }
    power_near_reciprocal(Float::min(size, R::max_value()))
}

#[cfg(test)]
mod tests {
    use super::{centring, moderating, power_near_reciprocal, times_power};

    #[test]
    fn exponents_may_be_beyond_the_range() {
        assert_eq!(times_power(f64::MIN_POSITIVE, 2000.0), 978f64.exp2());
        assert_eq!(times_power(1000f64.exp2(), -2001.0), (-1001f64).exp2());
        assert_eq!((times_power(3.0_f32, -3.0), times_power(0.0, 1e3)), (0.375, 0.0));
        assert_eq!((times_power(0.0, 1e4), times_power(1.0, 1e4), times_power(1.0, -1e4)), (0.0, f64::INFINITY, 0.0));
        assert_eq!((times_power(1.0_f32, -149.0), times_power(0.0_f32, 300.0)), (1e-45, 0.0));
    }

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
    fn centred_sizes_are_near_one() {
        assert_eq!([0.0, 1.0, 1e70, 1e-70_f64].map(centring), [1.0; 4]);
        for size in [1e100, 1e-100, 1e-300, 1e300] {
            assert!((0.7..1.42).contains(&(centring(size) * size)), "{size}");
        }
        assert!(centring(f64::INFINITY).is_normal() && centring(5e-324_f64).is_normal());
    }

    #[test]
    fn extreme_norms_have_normal_factors() {
        for norm in [f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            assert!(power_near_reciprocal(norm).is_normal());
        }
        assert!(power_near_reciprocal(f32::MAX).is_normal() && power_near_reciprocal(1e-45_f32).is_normal());
    }
}
