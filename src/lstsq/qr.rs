//! Least squares by Householder QR: of A for tall matrices, of Aᵀ for the minimum-norm solution of wide ones.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array2, ArrayRef2, s};
use num_traits::One;

use super::Method;
use super::bounds::{Conditioning, rounding};
use super::scaling::{equilibrating, scale_columns};
use super::solution::{Answer, Problem, zeros};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::{Check, Qr, QrOptions, SolveColumns, columns_of, triangular_rcond, with_qr};
use crate::layout::Order;
use crate::workspace::Workspace;

/// The entries have been looked at.
pub(super) const TRUSTED: QrOptions = QrOptions { check: Check::Trusted };

/// The solution by QR; [`Error::RankDeficient`] where the triangular factor says that columns (rows, for a wide
/// matrix) are dependent to working precision.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    let (k, rcond) = (m.min(n), rounding(m.max(n)));
    let tall = if m >= n { problem.a.view() } else { problem.a.t() };
    with_qr(&tall, &TRUSTED, workspace, |qr, workspace| {
        let r = qr.packed();
        let r = r.slice(s![..k, ..]);
        let conditioning = Conditioning::of_factor(&r, &mut workspace.scratch)?;
        if conditioning.kappa * rcond >= T::Real::one() {
            // Perhaps by its units of measurement alone.
            require_full_rank(&r, rcond, workspace)?;
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

/// [`Error::RankDeficient`] unless an upper triangular factor, with its columns scaled to equal length, has an
/// estimated reciprocal condition number above `rcond`. What stands below the diagonal is not read.
fn require_full_rank<T: Element>(r: &ArrayRef2<T>, rcond: T::Real, workspace: &mut Workspace<T>) -> Result<()> {
    let needed = r.ncols();
    let mut scaled = zeros(needed, needed, workspace)?;
    for (j, (mut to, from)) in scaled.columns_mut().into_iter().zip(r.columns()).enumerate() {
        to.slice_mut(s![..=j]).assign(&from.slice(s![..=j]));
    }
    let factors = equilibrating(&scaled, workspace)?;
    scale_columns(&mut scaled, &factors);
    workspace.spare_real.keep(factors);
    let full = triangular_rcond(&scaled, &mut workspace.scratch)? > rcond;
    let independent = scaled.diag().iter().filter(|d| d.abs() > rcond).count();
    workspace.spare.keep(scaled);
    if full { Ok(()) } else { Err(Error::RankDeficient { rank: independent.min(needed - 1), needed }) }
}
