//! Least squares by the singular value decomposition: x = V₁·Σ₁⁻¹·U₁ᴴ·b over the singular values that are kept.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array1, ArrayRef1, s};
use num_traits::Zero;

use super::Method;
use super::bounds::Conditioning;
use super::scaling::{equilibrating, scale_columns};
use super::solution::{Answer, Problem};
use crate::element::Element;
use crate::error::Result;
use crate::factor::{SvdDriver, SvdExt, adjoint_product_to, columns_of, count_above, with_thin_svd};
use crate::layout::Order;
use crate::workspace::Workspace;

/// The solution by the SVD of A.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let (n, p) = (problem.a.ncols(), problem.b.ncols());
    with_thin_svd(&problem.a, workspace, |svd, workspace| {
        let (rank, rcond) = rank(problem, &svd.s, workspace)?;
        let mut c = workspace.spare.lend(rank, p, Order::ColumnMajor)?;
        adjoint_product_to(&svd.u.slice(s![.., ..rank]), &problem.b, &mut c, workspace)?;
        for mut column in c.columns_mut() {
            column.zip_mut_with(&svd.s.slice(s![..rank]), |c, &value| *c = c.div_real(value));
        }
        let mut x = workspace.spare.lend(n, p, Order::ColumnMajor)?;
        adjoint_product_to(&svd.vh.slice(s![..rank, ..]), &c, &mut x, workspace)?;
        workspace.spare.keep(c);
        let full = rank == svd.s.len();
        let conditioning = full.then(|| Conditioning { kappa: svd.s[0] / svd.s[rank - 1], norm: svd.s[0] });
        Ok(Answer { x, rank, rcond, method: Method::Svd, conditioning, residual_norms: None })
    })
}

/// The number of singular values to keep, and the tolerance that decided.
///
/// A tiny singular value may come from units of measurement alone. Without a tolerance of the caller's none is dropped if
/// none is tiny when the columns (rows, for a wide matrix) are scaled to equal length.
fn rank<T: Element>(
    problem: &Problem<'_, T>, values: &ArrayRef1<T::Real>, workspace: &mut Workspace<T>,
) -> Result<(usize, T::Real)> {
    let rcond = problem.rcond;
    let rank = count_above(values, rcond);
    if rank == values.len() || problem.given || values[values.len() - 1] == T::Real::zero() {
        return Ok((rank, rcond));
    }
    let tall = if problem.a.nrows() >= problem.a.ncols() { problem.a.view() } else { problem.a.t() };
    let factors = equilibrating(&tall, workspace)?;
    let mut scaled = columns_of(&tall, workspace)?;
    scale_columns(&mut scaled, &factors);
    workspace.spare_real.keep(factors);
    let mut equal = Array1::from_vec(workspace.spare_real.lend_vec(values.len())?);
    scaled.singular_values_to(SvdDriver::default(), workspace, &mut equal)?;
    let full = count_above(&equal, rcond) == values.len();
    workspace.spare.keep(scaled);
    workspace.spare_real.keep(equal);
    Ok(if full { (values.len(), T::Real::zero()) } else { (rank, rcond) })
}
