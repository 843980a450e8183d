//! The command: one problem, several methods, one report of the library's answers, the scores and the verdict.
//! Top floor. Joins what the other files find.
//! It must not print.

use lapwing::lstsq::Uncertainty;
use lapwing::lstsq::exact::Rational;

use super::advice::{self, Situation};
use super::args::MethodName;
use super::certain::{Counted, normwise};
use super::fault::Fault;
use super::problem::Problem;
use super::progress::Progress;
use super::report::{Agreement, Condition, MethodReport, Reference, Report, SCHEMA};
use super::score::{Score, relative_difference};
use super::solve::{Attempt, Facts, Fit, attempts};
use super::verdict::{self, Evidence};

/// The answer that the methods are held against.
pub struct Known {
    /// What is reported of it.
    pub reference: Reference,
    /// The coefficients, not rounded; none where there is no answer or more than one.
    pub coefficients: Option<Vec<Rational>>,
}

impl Known {
    /// No answer, and why there is none.
    pub fn none(message: Option<String>) -> Self {
        let reference =
            Reference { kind: "none", coefficients: None, residual_norm: None, dependent_columns: None, message };
        Known { reference, coefficients: None }
    }
}

/// Solves the problem by each method and reports. `data` says how far its numbers may be from those that were printed.
pub fn compare(problem: &Problem, data: &Uncertainty, methods: &[MethodName], known: Known) -> Result<Report, Fault> {
    let progress = Progress::new(problem.a.len());
    progress.step("condition number");
    let facts = Facts::new(problem)?;
    let attempts = attempts(problem, &distinct(methods), &facts, data, &progress)?;
    let partner = partner(&attempts);
    let counted = match partner {
        Some((_, fit)) => Counted::new(&facts, data, &fit.x)?,
        None => None,
    };
    let exact = known.coefficients.as_deref();
    let methods: Vec<MethodReport> =
        attempts.iter().map(|a| method_report(a, exact, partner, counted.as_ref())).collect();
    let finite = |value: f64| value.is_finite().then_some(value);
    let digits = |m: &MethodReport| match (&m.digits_per_coefficient, &counted) {
        (Some(each), Some(counted)) => Some(counted.least(each)),
        _ => m.digits,
    };
    let zeros = counted.as_ref().map(|c| c.zeros(&problem.names)).unwrap_or_default();
    let mut verdict = verdict::verdict(&Evidence {
        attempts: &attempts,
        digits: &methods.iter().map(digits).collect::<Vec<_>>(),
        certain: &methods.iter().map(|m| m.certain_digits).collect::<Vec<_>>(),
        zeros: &zeros,
        facts: &facts,
        columns: problem.a.ncols(),
        dependent: known.reference.dependent_columns.as_ref().map_or(0, Vec::len),
    });
    progress.step("advice");
    let dependent = known.reference.dependent_columns.as_deref().unwrap_or_default();
    // What rounding leaves of a singular value that is 0 says nothing.
    let independent = dependent.is_empty();
    let advised = advice::advice(&Situation {
        problem,
        kappa2: facts.kappa2.value,
        kappa2_scaled: if facts.scaled.rank == problem.a.ncols() && independent {
            facts.scaled.kappa2.value
        } else {
            f64::INFINITY
        },
        dependent,
        svd_lags: svd_lags(&methods),
    });
    verdict.add(advised);
    verdict.not_counted = zeros;
    let (kappa2, scaled) = (facts.kappa2, facts.scaled.kappa2);
    Ok(Report {
        schema: SCHEMA,
        source: problem.source.clone(),
        rows: problem.a.nrows(),
        columns: problem.a.ncols(),
        column_names: problem.names.clone(),
        condition: Condition {
            kappa2: finite(kappa2.value).filter(|_| independent),
            kappa2_above: kappa2.above.filter(|_| independent),
            kappa2_gram: finite(kappa2.value * kappa2.value).filter(|_| independent),
            kappa2_scaled: finite(scaled.value).filter(|_| independent),
            kappa2_scaled_above: scaled.above.filter(|_| independent),
            problem: facts.problem.and_then(finite).filter(|_| scaled.above.is_none()),
            rank: facts.scaled.rank,
            theta: facts.theta,
        },
        reference: known.reference,
        methods,
        verdict,
    })
}

/// Whether the SVD has two digits fewer than the best, against the reference or else for certain.
fn svd_lags(methods: &[MethodReport]) -> bool {
    let digits = |m: &MethodReport| m.digits.or(m.certain_digits);
    let best = methods.iter().filter_map(digits).fold(0.0, f64::max);
    methods.iter().any(|m| m.name == MethodName::Svd.name() && digits(m).is_some_and(|svd| svd + 2.0 <= best))
}

/// A method that is asked for twice is compared once.
fn distinct(methods: &[MethodName]) -> Vec<MethodName> {
    let first = |(i, method): &(usize, &MethodName)| !methods[..*i].contains(method);
    methods.iter().enumerate().filter(first).map(|(_, &method)| method).collect()
}

/// The method that the others are held against: QR, or else the SVD, or else the first that has an answer.
fn partner(attempts: &[Attempt]) -> Option<(MethodName, &Fit)> {
    let answer = |a: &'_ &Attempt| a.result.is_ok();
    let named = |name| attempts.iter().filter(answer).find(move |a| a.method == name);
    let attempt = named(MethodName::Qr).or_else(|| named(MethodName::Svd)).or_else(|| attempts.iter().find(answer))?;
    Some((attempt.method, attempt.result.as_ref().ok()?))
}

fn method_report(
    attempt: &Attempt, exact: Option<&[Rational]>, partner: Option<(MethodName, &Fit)>, counted: Option<&Counted>,
) -> MethodReport {
    let fit = attempt.result.as_ref().ok();
    let score = fit.zip(exact).and_then(|(fit, exact)| Score::new(&fit.x, exact));
    let agreement =
        fit.zip(partner).filter(|(_, (with, _))| *with != attempt.method).and_then(|(fit, (with, other))| {
            let y: Vec<Rational> = other.x.iter().map(|&y| Rational::from_f64(y)).collect::<Option<_>>()?;
            Some(Agreement {
                with: with.name(),
                relative_difference: relative_difference(&fit.x, &other.x),
                digits: agreement(&Score::new(&fit.x, &y)?, counted),
            })
        });
    MethodReport {
        name: attempt.method.name(),
        status: if fit.is_some() { "ok" } else { "failed" },
        message: attempt.result.as_ref().err().cloned(),
        coefficients: fit.map(|f| f.x.clone()),
        residual_norm: fit.map(|f| f.residual_norm),
        relative_error: score.as_ref().and_then(|s| s.relative_error),
        digits: score.as_ref().map(|s| s.digits),
        digits_per_coefficient: score.map(|s| s.per_coefficient),
        certain_digits: fit.zip(counted).and_then(|(fit, counted)| counted.digits(fit)),
        backward_error: fit.and_then(|f| f.backward_error),
        error_bound: fit.and_then(normwise),
        agreement,
        seconds: attempt.seconds,
    }
}

/// Coefficients that are zero to within rounding errors have no digits to agree in.
fn agreement(score: &Score, counted: Option<&Counted>) -> f64 {
    counted.map_or(score.digits, |counted| counted.least(&score.per_coefficient))
}
