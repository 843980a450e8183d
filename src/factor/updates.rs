//! The factor floor: what updates of eigenvalues and of singular values share.
//! Must not know which of the two it is for.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2};
use num_traits::Float;

use super::product::adjoint_product_to;
use crate::element::{Element, Real};
use crate::error::{Error, Result};
use crate::layout::Order;
use crate::workspace::{Workspace, resize};

/// x times a power of two, as a column.
pub(super) fn scaled<T: Element>(x: &ArrayRef1<T>, power: T::Real, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let mut column = workspace.spare.lend(x.len(), 1, Order::ColumnMajor)?;
    column.column_mut(0).zip_mut_with(x, |to, x| *to = x.mul_real(power));
    Ok(column)
}

/// Bᴴx of a column x.
pub(super) fn coefficients<T: Element>(
    basis: &ArrayRef2<T>, x: &ArrayRef2<T>, workspace: &mut Workspace<T>,
) -> Result<Array2<T>> {
    let mut coefficients = workspace.spare.lend(basis.ncols(), 1, Order::ColumnMajor)?;
    adjoint_product_to(basis, x, &mut coefficients, workspace)?;
    Ok(coefficients)
}

/// Values of a decomposition in their order; a NaN or an infinity is out of order.
pub(super) fn require_order<R: Real>(
    what: &'static str, values: &ArrayRef1<R>, in_order: impl Fn(R, R) -> bool,
) -> Result<()> {
    let found = |found: String| Err(Error::Parameter { what, expected: "finite values in order", found });
    if let Some(value) = values.iter().find(|value| !value.as_f64().is_finite()) {
        return found(value.to_string());
    }
    match values.iter().zip(values.iter().skip(1)).find(|&(&x, &y)| !in_order(x, y)) {
        Some((x, y)) => found(format!("{x:e} before {y:e}")),
        None => Ok(()),
    }
}

/// The power of two near the larger of two sizes that are given by their logarithms; 1 where both are 0.
pub(super) fn common_exponent(x: f64, y: f64) -> f64 {
    let exponent = f64::max(x, y).floor();
    if exponent.is_finite() { exponent } else { 0.0 }
}

/// Values as numbers of the type, each between the old ones, where there are any, at the two positions that `bounds` gives for it: no rounding
/// takes a value out of where it is known to be.
pub(super) fn interlaced<R: Real>(
    what: &'static str, old: &ArrayRef1<R>, new: impl ExactSizeIterator<Item = f64>, values: &mut Array1<R>,
    bounds: impl Fn(usize) -> (Option<usize>, Option<usize>),
) -> Result<()> {
    resize(values, new.len())?;
    for (i, (to, value)) in values.iter_mut().zip(new).enumerate() {
        let (below, above) = bounds(i);
        let old = |position: Option<usize>| position.and_then(|i| old.get(i).copied());
        *to = Float::max(R::real(value), old(below).unwrap_or(-R::infinity()));
        *to = Float::min(*to, old(above).unwrap_or(R::infinity()));
        if !to.as_f64().is_finite() {
            return Err(Error::Overflow { what });
        }
    }
    Ok(())
}
