//! Least squares by QR with column pivoting, of full rank or with the least norm.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array2, ArrayRef1, ViewRepr, s};

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

/// The solution of full rank if that is what scaled columns (rows, for a wide matrix) have, else that of least norm for
/// the rank of A as it stands; the latter at once if the caller named a tolerance.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    if problem.given {
        return as_it_stands(problem, m.min(n), workspace);
    }
    let full = if m >= n { tall_of_full_rank(problem, workspace)? } else { wide_of_full_rank(problem, workspace)? };
    match full {
        Some(answer) => Ok(answer),
        None => as_it_stands(problem, m.min(n) - 1, workspace),
    }
}

/// The solution by A·D·P = Q·R, if R has full rank.
fn tall_of_full_rank<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Option<Answer<T>>> {
    let scales = equilibrating(&problem.a, workspace)?;
    let mut scaled = columns_of(&problem.a, workspace)?;
    scale_columns(&mut scaled, &scales);
    let answer = with_pivoted_qr(scaled.view_mut(), workspace, |qr, workspace| {
        if qr.rank_within(problem.rcond) < qr.dim().1 {
            return Ok(None);
        }
        of_full_rank(problem, qr, Some(&scales), workspace).map(Some)
    });
    workspace.spare.keep(scaled);
    workspace.spare_real.keep(scales);
    answer
}

/// The solution by Aᵀ = Q·R, if D·A·P = Q′·R′ has full rank.
fn wide_of_full_rank<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Option<Answer<T>>> {
    let rank = problem.a.nrows();
    let scales = equilibrating(&problem.a.t(), workspace)?;
    let mut scaled = columns_of(&problem.a, workspace)?;
    scale_rows(&mut scaled, &scales);
    let is_full = with_pivoted_qr(scaled.view_mut(), workspace, |qr, _| Ok(qr.rank_within(problem.rcond) == rank))?;
    workspace.spare.keep(scaled);
    workspace.spare_real.keep(scales);
    if !is_full {
        return Ok(None);
    }
    with_qr(&problem.a.t(), &TRUSTED, workspace, |qr, workspace| {
        let x = least_norm(qr, &problem.b, workspace)?;
        let conditioning = Conditioning::of_factor(&qr.packed().slice(s![..rank, ..]), &mut workspace.scratch)?;
        Ok(Some(answer(problem, x, rank, Some(conditioning))))
    })
}

/// The solution by A·P = Q·R, of least norm where the rank, which is at most `most`, is deficient.
fn as_it_stands<T: Element>(problem: &Problem<'_, T>, most: usize, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let mut packed = columns_of(&problem.a, workspace)?;
    let answer = with_pivoted_qr(packed.view_mut(), workspace, |qr, workspace| {
        let rank = qr.rank_within(problem.rcond).min(most);
        match rank {
            0 => Ok(answer(problem, zeros(problem.a.ncols(), problem.b.ncols(), workspace)?, 0, None)),
            rank if rank == problem.a.ncols() => of_full_rank(problem, qr, None, workspace),
            rank => of_least_norm(problem, qr, rank, workspace),
        }
    });
    workspace.spare.keep(packed);
    answer
}

fn answer<T: Element>(
    problem: &Problem<'_, T>, x: Array2<T>, rank: usize, conditioning: Option<Conditioning<T::Real>>,
) -> Answer<T> {
    Answer { x, rank, rcond: problem.rcond, method: Method::PivotedQr, conditioning, residual_norms: None }
}

/// X = D·P·R⁻¹·(QᴴB)₁…ₙ, for the factors of A·D.
fn of_full_rank<T: Element>(
    problem: &Problem<'_, T>, qr: &Factors<'_, T>, scales: Option<&ArrayRef1<T::Real>>, workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let n = qr.dim().1;
    let mut c = columns_of(&problem.b, workspace)?;
    qr.solve_columns(c.view_mut(), &mut workspace.scratch)?;
    let mut x = leading_rows(c, n, workspace)?;
    if let Some(scales) = scales {
        scale_rows(&mut x, scales);
    }
    // R·Pᵀ·D⁻¹·P, the triangular factor of A·P.
    let mut r = zeros(n, n, workspace)?;
    for (j, (mut to, from)) in r.columns_mut().into_iter().zip(qr.packed().columns()).enumerate() {
        let scale = scales.map(|scales| scales[qr.permutation()[j]]);
        let unscaled = |x: T| scale.map_or(x, |scale| x.div_real(scale));
        to.slice_mut(s![..=j]).zip_mut_with(&from.slice(s![..=j]), |to, &from| *to = unscaled(from));
    }
    let conditioning = Conditioning::of_factor(&r, &mut workspace.scratch)?;
    workspace.spare.keep(r);
    Ok(answer(problem, x, n, Some(conditioning)))
}

/// The least-norm solution of W·X = Q₁ᴴ·B, where A ≈ Q₁·W with W the first `rank` rows of R·Pᵀ.
fn of_least_norm<T: Element>(
    problem: &Problem<'_, T>, qr: &Factors<'_, T>, rank: usize, workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let mut c = columns_of(&problem.b, workspace)?;
    qr.apply_qh_inplace(&mut c, workspace)?;
    let mut w = zeros(rank, qr.dim().1, workspace)?;
    for (j, (from, &column)) in qr.packed().columns().into_iter().zip(qr.permutation()).enumerate() {
        let above = s![..rank.min(j + 1)];
        w.column_mut(column).slice_mut(above).assign(&from.slice(above));
    }
    let (x, conditioning) = with_qr(&w.t(), &TRUSTED, workspace, |qr, workspace| {
        let x = least_norm(qr, &c.slice(s![..rank, ..]), workspace)?;
        let is_full = rank == problem.a.nrows();
        let r = qr.packed();
        let of_factor =
            |workspace: &mut Workspace<T>| Conditioning::of_factor(&r.slice(s![..rank, ..]), &mut workspace.scratch);
        Ok((x, if is_full { Some(of_factor(workspace)?) } else { None }))
    })?;
    workspace.spare.keep(w);
    workspace.spare.keep(c);
    Ok(answer(problem, x, rank, conditioning))
}
