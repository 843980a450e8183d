//! Least squares by the normal equations of A·R⁻¹ with R from a sketch of A, refined until the error is that of QR.
//! On the floor above `factor`; must not return an answer that has not converged.
//!
//! With S·A = Q·R for a sketch S the columns of A·R⁻¹ are nearly orthonormal, whatever κ(A) is, so that their Gram matrix
//! LLᴴ loses nothing, and (LᴴR)ᴴ(LᴴR) = AᴴA to about κ(A)·ε where that of A itself is right to κ(A)²·ε (randomized Cholesky
//! QR: Fan, Guo & Lin, arXiv:2111.11148; Balabanov, arXiv:2210.09953). A·R⁻¹ is formed by blocks of rows and dropped.

use ndarray::{Array2, ArrayRef2, s};
use num_traits::{Float, Zero};

use super::bounds::rounding;
use super::normal::Equilibrated;
use super::qr::upper_triangle;
use super::refined_normal::{BLOCK_BYTES, Factored, SLOWEST, refined};
use super::scaling::{equilibrating, scale_columns};
use super::solution::{Answer, Problem, zeros};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{
    Check, Cholesky, CholeskyOptions, Form, SolveColumns, Triangle, add_adjoint_product, add_gram, adjoint_product_to,
    triangular_rcond, with_qr,
};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack;
use crate::workspace::{Workspace, packed_entries};

/// A block of A·R⁻¹ has at least this many rows for each column, below which the library's products are slow.
const BLOCK_ASPECT: usize = 4;

/// The solution, with `sketched` for S·A; [`Error::RankDeficient`] where R or A·R⁻¹ is singular to working precision,
/// [`Error::NoConvergence`] where the factor is not good enough.
pub(super) fn solve<T: Element>(
    problem: &Problem<'_, T>, sketched: &ArrayRef2<T>, workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let r = with_qr(sketched, workspace, |qr, workspace| upper_triangle(&qr.packed(), workspace))?;
    let answer = of_triangle(&problem.a, &problem.b, &r, workspace);
    workspace.spare.keep(r);
    answer
}

/// The solution from the triangle of a sketch.
fn of_triangle<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, r: &ArrayRef2<T>, workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let (m, n) = a.dim();
    let rcond = rounding(m);
    let found = equilibrated_rcond(r, workspace)?;
    if found <= rcond {
        // About as QR would find it of A.
        return Err(Error::RankDeficient { rank: n - 1, needed: n });
    }
    let mut gram = workspace.spare.lend(n, n, pack::natural_order(a))?;
    let mut l = workspace.spare.lend(n, n, Order::ColumnMajor)?;
    let mut x = zeros(n, b.ncols(), workspace)?;
    let first = orthonormalized(a, b, r, &mut gram, &mut x, workspace)
        .and_then(|()| first_solution(r, found, &mut gram, &mut x, &mut l, workspace));
    let answer = match first {
        Ok(contraction) => {
            let norm = longest_row(&l);
            Equilibrated::of_factor(&mut l, contraction, workspace).and_then(|system| {
                refined(a, b, Factored { system, given: None, norm, rcond, start: Some(x) }, workspace)
            })
        }
        Err(error) => {
            workspace.spare.keep(x);
            Err(error)
        }
    };
    workspace.spare.keep(gram);
    workspace.spare.keep(l);
    answer
}

/// G ← BᴴB in the lower triangle and x ← Bᴴb with B = A·R⁻¹, in one pass over A.
fn orthonormalized<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, r: &ArrayRef2<T>, gram: &mut Array2<T>, x: &mut Array2<T>,
    workspace: &mut Workspace<T>,
) -> Result<()> {
    let (m, n) = a.dim();
    let rows = (BLOCK_BYTES / (n * size_of::<T>())).max(BLOCK_ASPECT * n).min(m);
    gram.fill(T::zero());
    for start in (0..m).step_by(rows) {
        let end = m.min(start + rows);
        let (a, b) = (a.slice(s![start..end, ..]), b.slice(s![start..end, ..]));
        let mut block = workspace.spare.lend(end - start, n, pack::natural_order(&a))?;
        pack::copy(&a, packed_entries(&mut block)?);
        Triangle::upper(r).divide_right(Form::Plain, block.view_mut())?;
        add_gram(&block, gram)?;
        add_adjoint_product(&block, &b, x, workspace)?;
        workspace.spare.keep(block);
    }
    Ok(())
}

/// x ← R⁻¹G⁻¹x and L ← RᴴL₁ with G = L₁L₁ᴴ; by how much the factor L of AᴴA is wrong, relative to the inverse.
fn first_solution<T: Element>(
    r: &ArrayRef2<T>, rcond: T::Real, gram: &mut Array2<T>, x: &mut Array2<T>, l: &mut Array2<T>,
    workspace: &mut Workspace<T>,
) -> Result<T::Real> {
    let needed = r.ncols();
    let options = CholeskyOptions { check: Check::Trusted, ..Default::default() };
    let cholesky = match Cholesky::from_array(gram.view_mut(), &options, workspace) {
        Err(Error::NotPositiveDefinite { minor }) => return Err(Error::RankDeficient { rank: minor - 1, needed }),
        result => result?,
    };
    let inner = cholesky.estimate_rcond(&mut workspace.scratch)?;
    // Each row of A·R⁻¹ is wrong by κ(R)·ε, which counts relative to its least singular value; Cholesky as always.
    let contraction = T::Real::EPS / (rcond * Scalar::sqrt(inner)) + T::Real::EPS / inner;
    if contraction.is_nan() || contraction > T::real(SLOWEST) {
        return Err(Error::NoConvergence { routine: "Cholesky QR of a sketched matrix" });
    }
    cholesky.solve_columns(x.view_mut(), &mut workspace.scratch)?;
    Triangle::upper(r).divide_left(Form::Plain, x.view_mut())?;
    adjoint_product_to(r, &cholesky.packed(), l, workspace)?;
    Ok(contraction)
}

/// An estimate of 1/κ₁(R·D) with D as it brings the columns to equal length.
fn equilibrated_rcond<T: Element>(r: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<T::Real> {
    let mut scaled = workspace.spare.lend(r.nrows(), r.ncols(), Order::ColumnMajor)?;
    scaled.assign(r);
    let factors = equilibrating(&scaled, workspace)?;
    scale_columns(&mut scaled, &factors);
    workspace.spare_real.keep(factors);
    let rcond = triangular_rcond(&scaled, &mut workspace.scratch);
    workspace.spare.keep(scaled);
    rcond
}

/// The length of the longest row of L, which is the longest column of A with L·Lᴴ = AᴴA.
fn longest_row<T: Element>(l: &ArrayRef2<T>) -> T::Real {
    l.rows().into_iter().map(|row| norm2(&row)).fold(T::Real::zero(), |longest, norm| longest.max(norm))
}
