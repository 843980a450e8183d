//! Least squares by the singular value decomposition: x = V₁·Σ₁⁻¹·U₁ᴴ·b over the singular values that are kept.

use ndarray::{Array1, Array2, s};
use num_traits::Zero;

use super::Method;
use super::bounds::Conditioning;
use super::scaling::equilibrated;
use super::solution::{Answer, Problem};
use crate::element::Element;
use crate::error::Result;
use crate::factor::{SvdExt, adjoint_product, count_above};

/// The solution by the SVD of A.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>) -> Result<Answer<T>> {
    let svd = problem.a.svd()?;
    let (rank, rcond) = rank(problem, &svd.s)?;
    let mut c = adjoint_product(&svd.u.slice(s![.., ..rank]), &problem.b)?;
    for (mut row, &value) in c.rows_mut().into_iter().zip(&svd.s) {
        row.mapv_inplace(|x| x.div_real(value));
    }
    let x = adjoint_product(&svd.vh.slice(s![..rank, ..]), &c)?;
    let full = rank == svd.s.len();
    let conditioning = full.then(|| Conditioning { kappa: svd.s[0] / svd.s[rank - 1], norm: svd.s[0] });
    Ok(Answer { x, rank, rcond, method: Method::Svd, conditioning })
}

/// The number of singular values to keep, and the tolerance that decided.
///
/// A tiny singular value may come from units of measurement alone. Without a tolerance of the caller's it is dropped
/// only if it is still tiny when the columns (rows, for a wide matrix) are scaled to equal length.
fn rank<T: Element>(problem: &Problem<'_, T>, values: &Array1<T::Real>) -> Result<(usize, T::Real)> {
    let rcond = problem.rcond;
    let rank = count_above(values, rcond);
    if rank == values.len() || problem.given || values[values.len() - 1] == T::Real::zero() {
        return Ok((rank, rcond));
    }
    let scaled: Array2<T> = match problem.a.nrows() >= problem.a.ncols() {
        true => equilibrated(problem.a)?,
        false => equilibrated(&problem.a.t())?,
    };
    if count_above(&scaled.singular_values()?, rcond) == values.len() {
        return Ok((values.len(), T::Real::zero()));
    }
    Ok((rank, rcond))
}
