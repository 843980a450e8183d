//! Least squares by the method that the problem needs: QR, and pivoted QR where the rank is deficient.
//! On the floor above `factor`; must not solve anything itself.

use super::solution::{Answer, Problem};
use super::{pivoted, qr};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// The solution by QR unless that finds the rank deficient, or the caller's tolerance is to decide about it.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    // A tolerance decides about the diagonal of a pivoted factor.
    if problem.given {
        return pivoted::solve(problem, workspace);
    }
    match qr::solve(problem, workspace) {
        Err(Error::RankDeficient { .. }) => pivoted::solve(problem, workspace),
        result => result,
    }
}
