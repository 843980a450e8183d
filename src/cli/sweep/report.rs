//! The command `lapwing sweep`: the result as JSON. The keys are stable; a value that does not exist is `null`.
//!
//! Top floor. Shapes, and the medians that are read from them; it must not solve anything.

use serde::Serialize;

use crate::cli::args::MethodName;

/// The version of the keys below.
pub const SCHEMA: u32 = 1;

/// Forward errors over condition numbers and residuals.
#[derive(Debug, Clone, Serialize)]
pub struct Sweep {
    /// The version of these keys.
    pub schema: u32,
    /// Rows of the matrices.
    pub rows: usize,
    /// Columns of the matrices.
    pub columns: usize,
    /// The seed of the random numbers.
    pub seed: u64,
    /// Problems for each condition number and residual.
    pub repetitions: usize,
    /// The distance from 1 to the next number, ε.
    pub epsilon: f64,
    /// What errors are measured against: `exact-stored`.
    pub reference: &'static str,
    /// By residual, then by condition number, both in the order asked for.
    pub points: Vec<Point>,
}

/// The problems with one condition number and one residual.
#[derive(Debug, Clone, Serialize)]
pub struct Point {
    /// ρ = ‖r‖₂/(‖A‖₂‖x‖₂) as the problems were made.
    pub residual: f64,
    /// κ₂(A) as the problems were made.
    pub kappa: f64,
    /// The median κ₂ of the matrices as they are stored.
    pub kappa2_stored: Option<f64>,
    /// One entry for each method, in the order asked for.
    pub methods: Vec<Errors>,
}

/// What one method made of these problems.
#[derive(Debug, Clone, Serialize)]
pub struct Errors {
    /// The name of the method.
    pub name: &'static str,
    /// ‖x̂ − x‖₂/‖x‖₂ for each problem; null where the method failed, or where that is beyond the range.
    pub forward_errors: Vec<Option<f64>>,
    /// The median where the method did not fail; null if it always did.
    pub median: Option<f64>,
    /// How often it failed.
    pub failures: usize,
}

impl Errors {
    /// From the error of each problem.
    pub fn new(method: MethodName, forward_errors: Vec<Option<f64>>) -> Self {
        let failures = forward_errors.iter().filter(|e| e.is_none()).count();
        let median = median(forward_errors.iter().flatten().copied().collect());
        Errors { name: method.name(), forward_errors, median, failures }
    }

    /// The least and the largest error.
    pub fn range(&self) -> Option<(f64, f64)> {
        let widen = |range: Option<(f64, f64)>, &e: &f64| match range {
            None => Some((e, e)),
            Some((low, high)) => Some((low.min(e), high.max(e))),
        };
        self.forward_errors.iter().flatten().fold(None, widen)
    }
}

/// The value in the middle; of two of them the lower, so that it is one that was measured.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_and_not_averaged() {
        let errors = Errors::new(MethodName::Ne, vec![Some(3.0), None, Some(1.0), Some(2.0), None]);
        assert_eq!((errors.median, errors.failures, errors.range()), (Some(2.0), 2, Some((1.0, 3.0))));
        let none = Errors::new(MethodName::Ne, vec![None]);
        assert_eq!((none.median, none.failures, none.range()), (None, 1, None));
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.0));
    }
}
