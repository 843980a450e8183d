//! Least squares: scaling of rows and columns by powers of two, which changes no digit.
//! On the floor above `factor`; must not solve anything.
//!
//! The rank is decided on columns of about equal length, so that it does not depend on units of measurement.

use ndarray::{Array1, ArrayRef1, ArrayRef2};
use num_traits::Float;

use crate::element::{Element, Real};
use crate::error::Result;
use crate::norm::norm2;
use crate::scale::power_near_reciprocal;
use crate::workspace::Workspace;

/// Factors that bring each column of `a` to a length between 2^−½ and 2^½, in memory that the workspace lends.
pub(super) fn equilibrating<T: Element>(a: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<Array1<T::Real>> {
    let mut factors = Array1::from_vec(workspace.spare_real.lend_vec(a.ncols())?);
    for (factor, column) in factors.iter_mut().zip(a.columns()) {
        *factor = power_near_reciprocal(norm2(&column));
    }
    Ok(factors)
}

/// Whether some columns with these sizes, in the unit of the largest or times `power`, would be so near to underflow, and
/// their condition number to overflow, that all must have units of their own.
pub(super) fn are_far_apart<R: Real>(sizes: &[R], power: R) -> bool {
    // A sum may be out of range where no entry is.
    let largest = Float::min(sizes.iter().copied().fold(R::zero(), Float::max), R::max_value());
    let least = sizes.iter().copied().filter(|&size| size > R::zero()).fold(largest, Float::min);
    let low = R::min_positive_value() / R::EPS;
    // A product that underflows is small indeed.
    least < low * largest || least * power < low / R::EPS
}

/// Multiplies each column by its factor.
pub(super) fn scale_columns<T: Element>(a: &mut ArrayRef2<T>, factors: &ArrayRef1<T::Real>) {
    for (mut column, &factor) in a.columns_mut().into_iter().zip(factors) {
        column.mapv_inplace(|x| x.mul_real(factor));
    }
}

/// Multiplies each row by its factor.
pub(super) fn scale_rows<T: Element>(a: &mut ArrayRef2<T>, factors: &ArrayRef1<T::Real>) {
    for mut column in a.columns_mut() {
        column.zip_mut_with(factors, |x, &factor| *x = x.mul_real(factor));
    }
}

/// Divides each row by its factor.
pub(super) fn unscale_rows<T: Element>(a: &mut ArrayRef2<T>, factors: &ArrayRef1<T::Real>) {
    for mut column in a.columns_mut() {
        column.zip_mut_with(factors, |x, &factor| *x = x.div_real(factor));
    }
}

/// Multiplies entry (i, j) by factors i and j.
pub(super) fn scale_symmetric<T: Element>(a: &mut ArrayRef2<T>, factors: &ArrayRef1<T::Real>) {
    // A row-major matrix is walked along its rows: the scaling is symmetric.
    let mut a = if a.is_standard_layout() { a.view_mut().reversed_axes() } else { a.view_mut() };
    for (mut column, &of_column) in a.columns_mut().into_iter().zip(factors) {
        column.zip_mut_with(factors, |x, &of_row| *x = x.mul_real(of_row).mul_real(of_column));
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn factors_are_powers_of_two_that_equalize_lengths() {
        let a = array![[3.0, 0.0, 1e-300], [4.0, 0.0, 0.0]];
        let factors = equilibrating(&a, &mut Workspace::new()).unwrap();
        assert!(factors.iter().all(|f: &f64| f.log2().fract() == 0.0));
        for (column, factor) in a.columns().into_iter().zip(&factors) {
            let length = norm2(&column) * factor;
            assert!(length == 0.0 || (0.7..1.42).contains(&length), "{length}");
        }
    }

    #[test]
    fn symmetric_scaling_is_by_rows_and_columns() {
        let (g, factors) = (array![[1.0, 2.0], [3.0, 4.0]], array![0.5, 4.0]);
        let mut expected = g.clone();
        scale_columns(&mut expected, &factors);
        scale_rows(&mut expected, &factors);
        assert_eq!(expected, array![[0.25, 4.0], [6.0, 64.0]]);
        for mut scaled in [g.clone(), g.t().to_owned().reversed_axes()] {
            scale_symmetric(&mut scaled, &factors);
            assert_eq!(scaled, expected);
        }
    }
}
