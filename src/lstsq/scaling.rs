//! Least squares: scaling of columns by powers of two, which changes no digit.
//!
//! The rank is decided on columns of about equal length, so that it does not depend on units of measurement.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2};
use num_traits::Float;

use super::solution::column_norms;
use crate::element::{Element, Real};

/// The power of two nearest to 1/norm; 1 for a norm of zero.
pub(super) fn power_near_reciprocal<R: Real>(norm: R) -> R {
    if norm == R::zero() || !norm.is_finite() {
        return R::one();
    }
    let exponent = Float::round(Float::log2(norm));
    // Within the exponents whose power and its reciprocal are both normal numbers.
    let limit = Float::floor(Float::log2(R::max_value())) - R::real(2.0);
    let exponent = Float::max(Float::min(exponent, limit), -limit);
    Float::exp2(-exponent)
}

/// Factors that bring each column of `a` to a length between 2^−½ and 2^½.
pub(super) fn equilibrating<T: Element>(a: &ArrayRef2<T>) -> Array1<T::Real> {
    column_norms(a).mapv(power_near_reciprocal)
}

/// Multiplies each column by its factor.
pub(super) fn scale_columns<T: Element>(a: &mut ArrayRef2<T>, factors: &ArrayRef1<T::Real>) {
    for (mut column, &factor) in a.columns_mut().into_iter().zip(factors) {
        column.mapv_inplace(|x| x.mul_real(factor));
    }
}

/// Multiplies each row by its factor.
pub(super) fn scale_rows<T: Element>(a: &mut ArrayRef2<T>, factors: &ArrayRef1<T::Real>) {
    for (mut row, &factor) in a.rows_mut().into_iter().zip(factors) {
        row.mapv_inplace(|x| x.mul_real(factor));
    }
}

/// A copy with columns of about equal length.
pub(super) fn equilibrated<T: Element>(a: &ArrayRef2<T>) -> Array2<T> {
    let mut scaled = a.to_owned();
    scale_columns(&mut scaled, &equilibrating(a));
    scaled
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn factors_are_powers_of_two_that_equalize_lengths() {
        let a = array![[3.0, 0.0, 1e-300], [4.0, 0.0, 0.0]];
        let factors = equilibrating(&a);
        assert!(factors.iter().all(|f: &f64| f.log2().fract() == 0.0));
        for (norm, factor) in column_norms(&a).iter().zip(&factors) {
            let length = norm * factor;
            assert!(length == 0.0 || (0.7..1.42).contains(&length), "{length}");
        }
    }

    #[test]
    fn extreme_norms_have_normal_factors() {
        for norm in [f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            assert!(power_near_reciprocal(norm).is_normal());
        }
        assert!(power_near_reciprocal(f32::MAX).is_normal() && power_near_reciprocal(1e-45_f32).is_normal());
    }
}
