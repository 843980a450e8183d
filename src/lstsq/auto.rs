//! Least squares by the method that the problem needs: refined normal equations, QR, or pivoted QR.
//! On the floor above `factor`; must not solve anything itself.
//!
//! A tall and large problem goes to the normal equations with refinement, unless a sketch of A says that their factor would
//! not do, and then to those of A·R⁻¹ with R from the sketch; what these refuse goes to QR, and what QR finds rank-deficient
//! to pivoted QR.

use ndarray::Array2;

use super::normal::{Equilibrated, gram_rounding, squares_fit};
use super::refined_normal::SLOWEST;
use super::sketch::sketch;
use super::solution::{Answer, Problem};
use super::{pivoted, qr, refined_normal, sketched_normal};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::gram_to;
use crate::pack;
use crate::workspace::Workspace;

/// The aspect, the number of columns and the number of entries from which the normal equations are tried: below these
/// they gain less over QR than the sketch costs (measured; see ARCHITECTURE.md).
const TALL: usize = 4;
const COLUMNS: usize = 16;
const LARGE: usize = 1 << 14;

/// Rows of the sketch for each column of A, and the fewest if A has many more.
const SKETCH_ROWS: usize = 2;
const FEWEST_ROWS: usize = 256;

/// The aspect and the number of entries from which a triangle from the sketch gains over QR where A alone does not do.
const VERY_TALL: usize = 16;
const VERY_LARGE: usize = 1 << 18;

/// The solution by the cheapest method that is accurate enough.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    // A tolerance decides about the diagonal of a pivoted factor.
    if problem.given {
        return pivoted::solve(problem, workspace);
    }
    let (m, n) = problem.a.dim();
    if m >= TALL * n
        && n >= COLUMNS
        && m * n >= LARGE
        && let Some(answer) = by_normal_equations(problem, workspace)?
    {
        return Ok(answer);
    }
    match qr::solve(problem, workspace) {
        Err(Error::RankDeficient { .. }) => pivoted::solve(problem, workspace),
        result => result,
    }
}

/// The solution by refined normal equations of A or, where a sketch says that they would not do, of A·R⁻¹ with R from the
/// sketch; `None` where neither will do.
fn by_normal_equations<T: Element>(
    problem: &Problem<'_, T>, workspace: &mut Workspace<T>,
) -> Result<Option<Answer<T>>> {
    let (m, n) = problem.a.dim();
    let rows = (SKETCH_ROWS * n).max(FEWEST_ROWS.min(m / 8));
    let sketched = sketch(&problem.a, rows, workspace)?;
    let mut answer = None;
    let by_triangle = m >= VERY_TALL * n && m * n >= VERY_LARGE;
    let (by_gram, by_triangle) = match squares_of(&sketched, m, workspace)? {
        // Where it is uncertain whether refinement will converge, a triangle from the sketch is the better bet.
        Squares::Factored { contraction } => (!by_triangle || contraction <= T::real(SLOWEST), by_triangle),
        Squares::Singular => (false, by_triangle),
        Squares::OutOfRange => (false, false),
    };
    if by_gram {
        answer = unless_refused(refined_normal::solve(problem, workspace))?;
    }
    if answer.is_none() && by_triangle {
        answer = unless_refused(sketched_normal::solve(problem, &sketched, workspace))?;
    }
    workspace.spare.keep(sketched);
    Ok(answer)
}

/// What a method refuses is `None`.
fn unless_refused<A>(result: Result<A>) -> Result<Option<A>> {
    match result {
        Err(Error::RankDeficient { .. } | Error::NoConvergence { .. } | Error::Overflow { .. }) => Ok(None),
        result => result.map(Some),
    }
}

/// What is found of the Gram matrix of a sketch.
enum Squares<R> {
    /// It has a Cholesky factor that means something, and refinement with that would leave so much of an error.
    Factored { contraction: R },
    /// It is singular to the precision with which it was formed.
    Singular,
    /// The squares of some columns are not well inside the range of the type.
    OutOfRange,
}

/// Forms and factors the Gram matrix of the sketch of a matrix of `m` rows.
fn squares_of<T: Element>(sketched: &Array2<T>, m: usize, workspace: &mut Workspace<T>) -> Result<Squares<T::Real>> {
    let n = sketched.ncols();
    let mut gram = workspace.spare.lend(n, n, pack::natural_order(sketched))?;
    gram_to(sketched, &mut gram)?;
    let tolerance = gram_rounding(n, m);
    let found = match squares_fit(&gram).then(|| Equilibrated::factor(&mut gram, tolerance, workspace)) {
        Some(Ok(system)) => {
            workspace.spare_real.keep(system.scales);
            Ok(Squares::Factored { contraction: system.contraction })
        }
        Some(Err(Error::RankDeficient { .. })) => Ok(Squares::Singular),
        Some(Err(other)) => Err(other),
        None => Ok(Squares::OutOfRange),
    };
    workspace.spare.keep(gram);
    found
}
