//! Least squares by QR with column pivoting, of full rank or with the least norm.

use ndarray::{Array1, Array2, ArrayRef1, ViewRepr, s};
use num_traits::One;

use super::Method;
use super::bounds::Conditioning;
use super::qr::{TRUSTED, leading_rows, least_norm};
use super::scaling::{equilibrating, scale_columns, scale_rows};
use super::solution::{Answer, Problem, zeros};
use crate::element::Element;
use crate::error::Result;
use crate::factor::{PivotedQr, SolveColumns, columns_of, with_pivoted_qr, with_qr};
use crate::workspace::Workspace;

/// A pivoted QR in memory that somebody else owns.
type Factors<'a, T> = PivotedQr<T, ViewRepr<&'a mut T>>;

/// The solution by A·D·P = Q·R, D = I if the caller named a tolerance.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let scales = match problem.given {
        false => equilibrating(problem.a, workspace)?,
        true => ones(problem.a.ncols(), workspace)?,
    };
    let mut scaled = columns_of(problem.a, workspace)?;
    scale_columns(&mut scaled, &scales);
    let answer =
        with_pivoted_qr(scaled.view_mut(), workspace, |qr, workspace| solution(problem, qr, &scales, workspace));
    workspace.spare.keep(scaled);
    workspace.spare_real.keep(scales);
    answer
}

fn ones<T: Element>(len: usize, workspace: &mut Workspace<T>) -> Result<Array1<T::Real>> {
    let mut ones = workspace.spare_real.lend_vec(len)?;
    ones.fill(T::Real::one());
    Ok(Array1::from_vec(ones))
}

/// The solution from the factorization, of full rank or of least norm.
fn solution<T: Element>(
    problem: &Problem<'_, T>, qr: &Factors<'_, T>, scales: &ArrayRef1<T::Real>, workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let ((m, n), p, rcond) = (problem.a.dim(), problem.b.ncols(), problem.rcond);
    let rank = qr.rank_within(rcond);
    let answer = |x, conditioning| Answer { x, rank, rcond, method: Method::PivotedQr, conditioning };
    if rank == 0 {
        return Ok(answer(zeros(n, p, workspace)?, None));
    }
    let mut c = columns_of(&problem.b, workspace)?;
    if rank == n {
        qr.solve_columns(c.view_mut(), &mut workspace.scratch)?;
        let mut x = leading_rows(c, n, workspace)?;
        scale_rows(&mut x, scales);
        let r = unscaled(qr, n, scales, false, workspace)?;
        let conditioning = Conditioning::of_factor(&r, &mut workspace.scratch)?;
        workspace.spare.keep(r);
        return Ok(answer(x, Some(conditioning)));
    }
    // The least-norm solution of W·X = Q₁ᴴ·B.
    qr.apply_qh_inplace(&mut c, workspace)?;
    let w = unscaled(qr, rank, scales, true, workspace)?;
    let (x, conditioning) = with_qr(&w.t(), &TRUSTED, workspace, |qr, workspace| {
        let x = least_norm(qr, &c.slice(s![..rank, ..]), workspace)?;
        let full = rank == m;
        let r = qr.packed();
        let r = r.slice(s![..rank, ..]);
        let conditioning = if full { Some(Conditioning::of_factor(&r, &mut workspace.scratch)?) } else { None };
        Ok((x, conditioning))
    })?;
    workspace.spare.keep(w);
    workspace.spare.keep(c);
    Ok(answer(x, conditioning))
}

/// The first `rank` rows of R·D⁻¹, D permuted as the columns are: with the columns put back in their places, W with
/// A ≈ Q₁·W; else the triangular factor of A·P.
fn unscaled<T: Element>(
    qr: &Factors<'_, T>, rank: usize, scales: &ArrayRef1<T::Real>, in_place: bool, workspace: &mut Workspace<T>,
) -> Result<Array2<T>> {
    let mut w = zeros(rank, qr.dim().1, workspace)?;
    for (j, (from, &column)) in qr.packed().columns().into_iter().zip(qr.permutation()).enumerate() {
        let mut to = w.column_mut(if in_place { column } else { j });
        let above = s![..rank.min(j + 1)];
        to.slice_mut(above).zip_mut_with(&from.slice(above), |to, from| *to = from.div_real(scales[column]));
    }
    Ok(w)
}
