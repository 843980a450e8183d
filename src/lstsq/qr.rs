//! Least squares by Householder QR: of A for tall matrices, of Aᵀ for the minimum-norm solution of wide ones.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array2, ArrayRef2, s};
use num_traits::One;

use super::Method;
use super::bounds::{Conditioning, rounding};
use super::independence::Columns;
use super::scaling::{equilibrating, scale_columns};
use super::solution::{Answer, Problem, zeros};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::{Qr, SolveColumns, columns_of, triangular_rcond, with_qr};
use crate::layout::Order;
use crate::workspace::Workspace;

/// The solution by QR; [`Error::RankDeficient`] where the triangular factor says that columns (rows, for a wide
/// matrix) are dependent to working precision.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    let (k, rcond) = (m.min(n), rounding(m.max(n)));
    let tall = if m >= n { problem.a.view() } else { problem.a.t() };
    with_qr(&tall, workspace, |qr, workspace| {
        let r = qr.packed();
        let r = r.slice(s![..k, ..]);
        let conditioning = Conditioning::of_factor(&r, &mut workspace.scratch)?;
        if conditioning.kappa * rcond >= T::Real::one() {
            // Perhaps by its units of measurement alone.
            require_full_rank(&tall, qr, rcond, workspace)?;
        }
        let x = if m >= n { tall_solution(qr, &problem.b, workspace)? } else { least_norm(qr, &problem.b, workspace)? };
        Ok(Answer { x, rank: k, rcond, method: Method::Qr, conditioning: Some(conditioning), residual_norms: None })
    })
}

/// The least-squares solution from the QR of A.
fn tall_solution<T: Element>(qr: &Qr<T>, b: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let mut c = columns_of(b, workspace)?;
    qr.solve_columns(c.view_mut(), &mut workspace.scratch)?;
    leading_rows(c, qr.dim().1, workspace)
}

/// The first `rows` rows of an array that the workspace has lent, which takes it back.
pub(super) fn leading_rows<T: Element>(c: Array2<T>, rows: usize, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    if c.nrows() == rows {
        return Ok(c);
    }
    let mut x = workspace.spare.lend(rows, c.ncols(), Order::ColumnMajor)?;
    x.assign(&c.slice(s![..rows, ..]));
    workspace.spare.keep(c);
    Ok(x)
}

/// The least-norm solution of A·X = B for A of full row rank, from the QR of its transpose: Aᵀ = Q·R gives
/// X = Q̄·(R⁻ᵀB; 0).
pub(super) fn least_norm<T: Element>(
    transposed: &Qr<T>, b: &ArrayRef2<T>, workspace: &mut Workspace<T>,
) -> Result<Array2<T>> {
    let (n, m) = transposed.dim();
    let mut x = zeros(n, b.ncols(), workspace)?;
    x.slice_mut(s![..m, ..]).assign(b);
    transposed.solve_transposed(x.slice_mut(s![..m, ..]))?;
    transposed.apply_conjugate_q(x.view_mut(), &mut workspace.scratch)?;
    Ok(x)
}

/// [`Error::RankDeficient`] unless the columns of `a`, with the QR `qr`, are independent when scaled to equal length: by the
/// estimated condition number of the triangular factor or, where roundings of long sums leave that in doubt, by A itself.
fn require_full_rank<T: Element>(
    a: &ArrayRef2<T>, qr: &Qr<T>, rcond: T::Real, workspace: &mut Workspace<T>,
) -> Result<()> {
    let mut r = upper_triangle(&qr.packed(), workspace)?;
    let factors = equilibrating(&r, workspace)?;
    scale_columns(&mut r, &factors);
    let needed = r.ncols();
    let rank = match triangular_rcond(&r, &mut workspace.scratch)? > rcond {
        true => Ok(needed),
        false => Columns { a, factors: Some(&factors) }.rank_by_qr(qr, &r, workspace),
    };
    workspace.spare_real.keep(factors);
    workspace.spare.keep(r);
    match rank? {
        rank if rank == needed => Ok(()),
        rank => Err(Error::RankDeficient { rank, needed }),
    }
}

/// A copy of the upper triangle of a factor of at least as many rows as columns.
pub(super) fn upper_triangle<T: Element>(r: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let n = r.ncols();
    let mut upper = zeros(n, n, workspace)?;
    for (j, (mut to, from)) in upper.columns_mut().into_iter().zip(r.columns()).enumerate() {
        to.slice_mut(s![..=j]).assign(&from.slice(s![..=j]));
    }
    Ok(upper)
}
