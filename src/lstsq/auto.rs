//! Least squares by the method that the problem needs: QR, and pivoted QR where the rank is deficient.

use super::solution::{Answer, Problem};
use super::{pivoted, qr};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// The solution by QR unless that finds the rank deficient.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    match qr::solve(problem, workspace) {
        Err(Error::RankDeficient { .. }) => pivoted::solve(problem, workspace),
        result => result,
    }
}
