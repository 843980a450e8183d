//! Least squares by the method that the problem needs: refined normal equations, QR, or pivoted QR.
//! On the floor above `factor`; must not solve anything itself.
//!
//! A tall and large problem goes to the normal equations with refinement unless a sketch of A says that their factor
//! would not do; what they refuse goes to QR, and what QR finds rank-deficient to pivoted QR.

use super::normal::{Equilibrated, squares_fit};
use super::sketch::sketch;
use super::solution::{Answer, Problem};
use super::{pivoted, qr, refined_normal};
use crate::element::{Element, Real};
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

/// The solution by the cheapest method that is accurate enough.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    // A tolerance decides about the diagonal of a pivoted factor.
    if problem.given {
        return pivoted::solve(problem, workspace);
    }
    if normal_equations_may_do(problem, workspace)? {
        match refined_normal::solve(problem, workspace) {
            Err(Error::RankDeficient { .. } | Error::NoConvergence { .. } | Error::Overflow { .. }) => {}
            result => return result,
        }
    }
    match qr::solve(problem, workspace) {
        Err(Error::RankDeficient { .. }) => pivoted::solve(problem, workspace),
        result => result,
    }
}

/// Whether the normal equations are worth a trial: A is tall and large, and a sketch of it well-conditioned.
fn normal_equations_may_do<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<bool> {
    let (m, n) = problem.a.dim();
    if m < TALL * n || n < COLUMNS || m * n < LARGE {
        return Ok(false);
    }
    let rows = (SKETCH_ROWS * n).max(FEWEST_ROWS.min(m / 8));
    let sketched = sketch(&problem.a, rows, workspace)?;
    let mut gram = workspace.spare.lend(n, n, pack::natural_order(&problem.a))?;
    gram_to(&sketched, &mut gram)?;
    workspace.spare.keep(sketched);
    let fits = squares_fit(&gram);
    let factored = if fits { Some(Equilibrated::factor(&mut gram, T::Real::EPS, workspace)) } else { None };
    let may_do = match factored {
        Some(Ok(system)) => {
            let may_do = system.rcond > T::Real::EPS * T::real(10.0);
            workspace.spare_real.keep(system.scales);
            Ok(may_do)
        }
        None | Some(Err(Error::RankDeficient { .. })) => Ok(false),
        Some(Err(other)) => Err(other),
    };
    workspace.spare.keep(gram);
    may_do
}
