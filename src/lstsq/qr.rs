//! Least squares by Householder QR: of A for tall matrices, of Aᵀ for the minimum-norm solution of wide ones.

use ndarray::{Array2, ArrayRef2, s};
use num_traits::One;

use super::Method;
use super::bounds::{Conditioning, rounding};
use super::scaling::equilibrated;
use super::solution::{Answer, Problem};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::{Check, Qr, QrExt, QrOptions, triangular_rcond, zero_matrix};
use crate::workspace::Workspace;

/// The solution by QR; [`Error::RankDeficient`] where the triangular factor says that columns (rows, for a wide
/// matrix) are dependent to working precision.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    // The entries have been looked at.
    let trusted = QrOptions { check: Check::Trusted };
    let workspace = &mut Workspace::new();
    let qr = match m >= n {
        true => problem.a.qr_with(&trusted, workspace)?,
        false => problem.a.t().qr_with(&trusted, workspace)?,
    };
    let r = qr.r();
    let rcond = rounding(m.max(n));
    let conditioning = Conditioning::of_factor(&r)?;
    if conditioning.kappa * rcond >= T::Real::one() {
        // Perhaps by its units of measurement alone.
        require_full_rank(&r, rcond)?;
    }
    let x = if m >= n { qr.solve(&problem.b)? } else { least_norm(&qr, &problem.b)? };
    Ok(Answer { x, rank: m.min(n), rcond, method: Method::Qr, conditioning: Some(conditioning) })
}

/// The least-norm solution of A·X = B for A of full row rank, from the QR of its transpose: Aᵀ = Q·R gives
/// X = Q̄·(R⁻ᵀB; 0).
pub(super) fn least_norm<T: Element>(transposed: &Qr<T>, b: &ArrayRef2<T>) -> Result<Array2<T>> {
    let (n, m) = transposed.dim();
    let mut x = zero_matrix(n, b.ncols())?;
    x.slice_mut(s![..m, ..]).assign(b);
    transposed.solve_transposed(x.slice_mut(s![..m, ..]))?;
    transposed.apply_conjugate_q(x.view_mut())?;
    Ok(x)
}

/// [`Error::RankDeficient`] unless an upper triangular factor, with its columns scaled to equal length, has an
/// estimated reciprocal condition number above `rcond`.
fn require_full_rank<T: Element>(r: &ArrayRef2<T>, rcond: T::Real) -> Result<()> {
    let scaled = equilibrated(r)?;
    if triangular_rcond(&scaled)? > rcond {
        return Ok(());
    }
    let needed = scaled.ncols();
    let independent = scaled.diag().iter().filter(|d| d.abs() > rcond).count();
    Err(Error::RankDeficient { rank: independent.min(needed - 1), needed })
}
