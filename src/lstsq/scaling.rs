//! Least squares: scaling of columns by powers of two, which changes no digit.
//!
//! The rank is decided on columns of about equal length, so that it does not depend on units of measurement.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2};

use super::solution::column_norms;
use crate::element::Element;
use crate::error::Result;
use crate::pack;
use crate::scale::power_near_reciprocal;

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
pub(super) fn equilibrated<T: Element>(a: &ArrayRef2<T>) -> Result<Array2<T>> {
    let mut scaled = pack::owned(a)?;
    scale_columns(&mut scaled, &equilibrating(a));
    Ok(scaled)
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
}
