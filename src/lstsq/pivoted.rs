//! Least squares by QR with column pivoting, of full rank or with the least norm.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array2, ArrayRef1, ViewRepr, s};

use super::Method;
use super::bounds::Conditioning;
use super::independence::Columns;
use super::qr::{leading_rows, least_norm};
use super::scaling::{equilibrating, scale_columns, scale_rows};
use super::shortest::shortest;
use super::solution::{Answer, Problem, zeros};
use crate::element::{Element, conjugate};
use crate::error::Result;
use crate::factor::{PivotedQr, SolveColumns, columns_of, with_pivoted_qr, with_qr};
use crate::layout::Order;
use crate::workspace::Workspace;

/// A pivoted QR in memory that somebody else owns.
type Factors<'a, T> = PivotedQr<T, ViewRepr<&'a mut T>>;

/// The solution for the rank of scaled columns, or of a wide matrix the one of full rank if that is what scaled rows have, else
/// that of least norm for the rank of A as it stands; the latter at once if the caller named a tolerance.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    if problem.given {
        return as_it_stands(problem, m.min(n), workspace);
    }
    if m >= n {
        return of_equal_lengths(problem, workspace);
    }
    match wide_of_full_rank(problem, workspace)? {
        Some(answer) => Ok(answer),
        None => as_it_stands(problem, m - 1, workspace),
    }
}

/// The solution by A·D·P = Q·R.
fn of_equal_lengths<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let n = problem.a.ncols();
    let scales = equilibrating(&problem.a, workspace)?;
    let mut scaled = columns_of(&problem.a, workspace)?;
    scale_columns(&mut scaled, &scales);
    let found =
        with_pivoted_qr(scaled.view_mut(), workspace, |qr, workspace| match rank(problem, qr, &scales, workspace)? {
            0 => Ok((answer(problem, zeros(n, problem.b.ncols(), workspace)?, 0, None), None)),
            rank if rank == n => Ok((of_full_rank(problem, qr, Some(&scales), workspace)?, None)),
            rank => {
                let mut null = workspace.spare.lend(n, n, Order::ColumnMajor)?;
                let answer = of_least_norm(problem, qr, rank, Some(&mut null), workspace)?;
                Ok((answer, Some(null)))
            }
        });
    let found = match found {
        Ok((mut answer, Some(null))) => {
            // Least in units of equal lengths, and not in the caller's.
            let mut basis = workspace.spare.lend(n, n - answer.rank, Order::ColumnMajor)?;
            basis.assign(&null.slice(s![.., answer.rank..]));
            workspace.spare.keep(null);
            answer.x = shortest(answer.x, basis, &scales, workspace)?;
            Ok(answer)
        }
        found => found.map(|(answer, _)| answer),
    };
    workspace.spare.keep(scaled);
    workspace.spare_real.keep(scales);
    found
}

/// The number of independent columns of A·D.
fn rank<T: Element>(
    problem: &Problem<'_, T>, qr: &Factors<'_, T>, scales: &ArrayRef1<T::Real>, workspace: &mut Workspace<T>,
) -> Result<usize> {
    let n = qr.dim().1;
    let found = qr.rank_within(problem.rcond);
    if found == n {
        return Ok(n);
    }
    // R·Pᵀ, which belongs to A·D.
    let mut r = zeros(n, n, workspace)?;
    for (j, (from, &column)) in qr.packed().columns().into_iter().zip(qr.permutation()).enumerate() {
        r.column_mut(column).slice_mut(s![..=j]).assign(&from.slice(s![..=j]));
    }
    let found = Columns { a: &problem.a, factors: Some(scales) }.rank_by_qr(qr.unpivoted(), &r, workspace);
    workspace.spare.keep(r);
    found
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
    with_qr(&problem.a.t(), workspace, |qr, workspace| {
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
            rank => of_least_norm(problem, qr, rank, None, workspace),
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

/// The least-norm solution of W·X = Q₁ᴴ·B, where A ≈ Q₁·W with W the first `rank` rows of R·Pᵀ; into `null`, n×n, in the columns
/// from `rank` on, an orthonormal basis of the null space of W.
fn of_least_norm<T: Element>(
    problem: &Problem<'_, T>, qr: &Factors<'_, T>, rank: usize, null: Option<&mut Array2<T>>,
    workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let mut c = columns_of(&problem.b, workspace)?;
    qr.apply_qh_inplace(&mut c, workspace)?;
    let mut w = zeros(rank, qr.dim().1, workspace)?;
    for (j, (from, &column)) in qr.packed().columns().into_iter().zip(qr.permutation()).enumerate() {
        let above = s![..rank.min(j + 1)];
        w.column_mut(column).slice_mut(above).assign(&from.slice(above));
    }
    let (x, conditioning) = with_qr(&w.t(), workspace, |qr, workspace| {
        let x = least_norm(qr, &c.slice(s![..rank, ..]), workspace)?;
        if let Some(null) = null {
            // Wᵀ = Q·R, so that W·v = 0 for the conjugates of the last columns of Q.
            qr.q_full_to(workspace, null)?;
            conjugate(null);
        }
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
