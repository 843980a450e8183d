//! Saddle points: Hermitian matrices and constraints that have been checked, in units in which their entries are near
//! 1. On the floor above `factor`; must not know what they are for.

use ndarray::{Array2, ArrayRef2};
use num_traits::Float;

use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::require_hermitian;
use crate::pack::{self, Part};
use crate::scale::{power_near_reciprocal, times_power};

/// S·2ᵉ, whose largest entry is near 1, for a Hermitian S.
#[derive(Debug, Clone)]
pub(super) struct Form<T: Element> {
    /// Packed by columns, Hermitian to the last bit.
    pub(super) matrix: Array2<T>,
    /// e.
    pub(super) exponent: f64,
}

impl<T: Element> Form<T> {
    /// Of an S that is Hermitian but for rounding: the mean of sₖᵢ and the conjugate of sᵢₖ is taken.
    pub(super) fn new(what: &'static str, s: &ArrayRef2<T>) -> Result<Self> {
        require_hermitian(what, s)?;
        let exponent = exponent_near_one(s.iter());
        let mut matrix = pack::owned_columns(s)?;
        matrix.mapv_inplace(|x| times_power(x, exponent));
        symmetrize(&mut matrix);
        Ok(Form { matrix, exponent })
    }

    /// The order n.
    pub(super) fn order(&self) -> usize {
        self.matrix.nrows()
    }
}

/// Takes the Hermitian part.
fn symmetrize<T: Element>(a: &mut Array2<T>) {
    let half = T::Real::real(0.5);
    for j in 0..a.ncols() {
        for i in j..a.nrows() {
            let (x, y) = (a[(i, j)], a[(j, i)].conj());
            let mean = if x == y { x } else { (x + y).mul_real(half) };
            (a[(i, j)], a[(j, i)]) = (mean, mean.conj());
        }
    }
}

/// A with each row times a power of two of its own, so that its largest entry is near 1: in what units a constraint is
/// written is no matter.
#[derive(Debug, Clone)]
pub(super) struct Constraints<T: Element> {
    /// Packed by columns, m×n.
    pub(super) matrix: Array2<T>,
    /// The exponent of each row.
    pub(super) exponents: Vec<f64>,
}

impl<T: Element> Constraints<T> {
    /// Of an A with n columns.
    pub(super) fn new(a: &ArrayRef2<T>, n: usize) -> Result<Self> {
        if a.ncols() != n {
            let (expected, found) = (format!("{n} columns, as S has"), crate::error::dims(a.shape()));
            return Err(Error::Shape { what: "the constraints", expected, found });
        }
        pack::check_finite(a, Part::All)?;
        let exponents: Vec<f64> = a.rows().into_iter().map(|row| exponent_near_one(row.iter())).collect();
        let mut matrix = pack::owned_columns(a)?;
        times_powers(&mut matrix, &exponents);
        Ok(Constraints { matrix, exponents })
    }
}

/// Multiplies row i by 2^exponents[i].
pub(super) fn times_powers<T: Element>(a: &mut ArrayRef2<T>, exponents: &[f64]) {
    for mut column in a.columns_mut() {
        column.iter_mut().zip(exponents).for_each(|(x, &exponent)| *x = times_power(*x, exponent));
    }
}

/// The exponent of the power of two that brings the largest of these near 1; 0 if they are all zero.
pub(super) fn exponent_near_one<'a, T: Element>(entries: impl IntoIterator<Item = &'a T>) -> f64 {
    let largest = entries.into_iter().fold(T::Real::default(), |most, &x| Float::max(most, pack::magnitude(x)));
    power_near_reciprocal(largest).as_f64().log2()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::element::c64;

    #[test]
    fn the_entry_that_differs_most_is_named_in_the_units_of_the_matrix() {
        let s = array![[1.0, 2.0, 3.0], [2.0, 5.0, 6.0], [3.25, 6.125, 9.0]] * 1e200;
        let Err(Error::NotHermitian { row, col, difference, allowed, .. }) = Form::new("S", &s) else {
            panic!("it is not symmetric")
        };
        assert_eq!((row, col), (2, 0));
        approx::assert_relative_eq!(difference, 0.25e200, max_relative = 1e-12);
        approx::assert_relative_eq!(allowed, 30.0 * f64::EPSILON * 8e200, max_relative = 0.5);
        let i = c64::new(0.0, 1.0);
        let found = Form::new("S", &array![[i, i], [-i, i * 2.0]]).unwrap_err();
        assert!(matches!(found, Error::NotHermitian { row: 1, col: 1, .. }), "{found}");
    }

    #[test]
    fn what_rounding_leaves_is_taken_out() {
        let s: Array2<f64> = array![[2.0, 1.0 + 2.0 * f64::EPSILON], [1.0, 4.0]];
        let form = Form::new("S", &s).unwrap();
        assert_eq!(form.matrix, form.matrix.t());
        assert_eq!(form.matrix[(1, 1)], 1.0);
    }

    #[test]
    fn each_constraint_has_a_unit_of_its_own() {
        let a = array![[1e300, 0.0], [0.0, 0.0], [1e-300, 3e-300]];
        let found = Constraints::new(&a, 2).unwrap();
        let sizes: Vec<f64> =
            found.matrix.rows().into_iter().map(|row| row.iter().fold(0.0, |x, y| y.max(x))).collect();
        assert!(sizes[1] == 0.0 && [sizes[0], sizes[2]].iter().all(|x| (0.7..1.5).contains(x)), "{sizes:?}");
    }
}
