//! The factor floor: division by an upper triangular matrix, from either side.
//! Must not call a routine but through `lapack`, nor look at whether the matrix is singular.

use ndarray::{ArrayRef2, ArrayViewMut2};

use crate::element::Element;
use crate::error::Result;
use crate::lapack::{self, Diag, Mat, MatMut, Op, Side, Uplo};
use crate::layout::Order;
use crate::pack;

/// B ← B·R⁻¹ for a `b` that LAPACK can read in either order, and a column-major `r`.
///
/// Routine: trsm; mn² flops for an m×n matrix B. Each row is exact for an R that is wrong by cn·ε in each entry (Higham,
/// Theorem 8.5).
pub(crate) fn divide_by_upper<T: Element>(b: ArrayViewMut2<'_, T>, r: &ArrayRef2<T>) -> Result<()> {
    if b.is_empty() {
        return Ok(());
    }
    let (one, r) = (T::one(), Mat::of(r.view())?);
    match pack::natural_order(&b) {
        Order::ColumnMajor => lapack::trsm(Side::Right, Uplo::Upper, Op::None, Diag::NonUnit, one, r, MatMut::of(b)?),
        // In memory stands Bᵀ, which becomes R⁻ᵀ·Bᵀ.
        Order::RowMajor => {
            let memory = MatMut::of(b.reversed_axes())?;
            lapack::trsm(Side::Left, Uplo::Upper, Op::Transpose, Diag::NonUnit, one, r, memory)
        }
    }
}

/// B ← R⁻¹·B for column-major `b` and `r`.
pub(crate) fn solve_upper<T: Element>(r: &ArrayRef2<T>, b: ArrayViewMut2<'_, T>) -> Result<()> {
    if b.is_empty() {
        return Ok(());
    }
    let (r, b) = (Mat::of(r.view())?, MatMut::of(b)?);
    lapack::trsm(Side::Left, Uplo::Upper, Op::None, Diag::NonUnit, T::one(), r, b)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::element::c64;

    #[test]
    fn division_undoes_the_product_in_either_order() {
        let z = |re: f64, im: f64| c64::new(re, im);
        // Column-major, with an entry below the diagonal that must not be read.
        let r = array![[z(2.0, 0.0), z(f64::NAN, 0.0)], [z(1.0, -1.0), z(0.0, 4.0)]].reversed_axes();
        let mut upper = r.clone();
        upper[(1, 0)] = z(0.0, 0.0);
        let x: Array2<c64> =
            array![[z(1.0, 2.0), z(3.0, 0.0)], [z(0.0, -1.0), z(0.5, 0.5)], [z(1.0, 0.0), z(2.0, 2.0)]];
        let by_rows = x.dot(&upper);
        let by_columns = by_rows.t().as_standard_layout().into_owned().reversed_axes();
        for mut b in [by_rows, by_columns] {
            divide_by_upper(b.view_mut(), &r).unwrap();
            // Small integers over powers of two: nothing is rounded.
            assert_eq!(b, x);
        }
        let y = x.slice(ndarray::s![..2, ..]).t().as_standard_layout().into_owned().reversed_axes();
        let mut b = upper.dot(&y).t().as_standard_layout().into_owned().reversed_axes();
        solve_upper(&r, b.view_mut()).unwrap();
        assert_eq!(b, y);
    }
}
