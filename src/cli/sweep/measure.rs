//! The command `lapwing sweep`: what each method makes of a problem, against the exact answer.
//!
//! Top floor. With `solve` the only file of the command that calls the library's numerics. A method that breaks down is
//! a finding; it must not measure against anything but rational arithmetic.

use lapwing::Error;
use lapwing::lstsq::exact;
use lapwing::prelude::*;

use super::random::RandomProblem;
use crate::cli::args::MethodName;
use crate::cli::fault::Fault;
use crate::cli::score::Score;

/// The errors on one problem.
pub struct Measured {
    /// κ₂ of the stored matrix by its singular values; none where that is beyond the range.
    pub kappa2: Option<f64>,
    /// ‖x̂ − x‖₂/‖x‖₂ of each method; none where it failed, or where that is beyond the range.
    pub errors: Vec<Option<f64>>,
}

/// The methods that the library has.
pub fn available() -> Vec<MethodName> {
    use clap::ValueEnum;
    let known = |name: &MethodName| Method::ALL.contains(&name.method());
    MethodName::value_variants().iter().copied().filter(known).collect()
}

/// Solves the problem by each method and exactly.
pub fn measure(problem: &RandomProblem, methods: &[MethodName]) -> Result<Measured, Fault> {
    let exact = exact::lstsq(&problem.a, &problem.b, exact::Options::default()).map_err(fault)?.x.to_vec();
    let kappa2 = problem.a.cond().map_err(fault)?;
    let mut errors = Vec::with_capacity(methods.len());
    for method in methods {
        let options = LstsqOptions { method: method.method(), ..LstsqOptions::default() };
        errors.push(match problem.a.lstsq_with(&problem.b, &options) {
            Ok(solution) => Score::new(&solution.x.to_vec(), &exact).and_then(|score| score.relative_error),
            Err(error) if breakdown(&error) => None,
            Err(error) => return Err(fault(error)),
        });
    }
    Ok(Measured { kappa2: Some(kappa2).filter(|kappa| kappa.is_finite()), errors })
}

/// Whether an error tells something about the method.
fn breakdown(error: &Error) -> bool {
    matches!(
        error,
        Error::RankDeficient { .. }
            | Error::NotPositiveDefinite { .. }
            | Error::Overflow { .. }
            | Error::NoConvergence { .. }
    )
}

/// Sizes come from the command line; what else can go wrong is the machine's.
fn fault(error: Error) -> Fault {
    match error {
        Error::TooCostly { .. } => Fault::usage(error),
        _ => Fault::Machine(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn errors_are_those_against_the_exact_answer() {
        // [[1, 0], [1, 1], [1, 3]] x ≈ [1, 2, 5]: x = (12, 19)/14; κ₂(A)² < 20.
        let problem = RandomProblem { a: array![[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]], b: array![1.0, 2.0, 5.0] };
        for error in measure(&problem, &[MethodName::Ne, MethodName::Qr]).expect("full rank").errors {
            // Neither coordinate is a double, so that no answer is without error.
            assert!(error.is_some_and(|e| e > 1e-18 && e < 100.0 * f64::EPSILON), "{error:?}");
        }
    }

    #[test]
    fn a_method_that_breaks_down_is_a_finding() {
        // AᵀA rounds to a singular matrix; A itself has full rank.
        let e = 2f64.powi(-30);
        let problem = RandomProblem { a: array![[1.0, 1.0], [e, 0.0], [0.0, e]], b: array![2.0, e, e] };
        let found = measure(&problem, &[MethodName::Ne, MethodName::Qr]).expect("full rank");
        assert_eq!(found.errors[0], None);
        assert!(found.errors[1].is_some_and(|error| error < 1e-6), "{:?}", found.errors);
        // Singular values √(2 + e²) and e.
        assert!(found.kappa2.is_some_and(|kappa| (kappa * e / 2f64.sqrt() - 1.0).abs() < 1e-6));
    }

    #[test]
    fn methods_that_exist() {
        let methods = available();
        for method in [MethodName::Ne, MethodName::Qr, MethodName::Qrp, MethodName::Svd] {
            assert!(methods.contains(&method), "{methods:?}");
        }
    }
}
