//! The command: one problem, several methods, one report of the library's answers, the scores and the verdict.
//! Top floor. Joins what the other files find.
//! It must not print.

use lapwing::lstsq::Uncertainty;
use lapwing::lstsq::exact::Rational;

use super::advice::{self, Situation};
use super::args::MethodName;
use super::certain::{Counted, certain, normwise};
use super::fault::Fault;
use super::printed::Data;
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
    /// How far each may be from the exact one, relative to it; none where all are exact.
    pub uncertain: Option<Vec<f64>>,
}

impl Known {
    /// No answer, and why there is none.
    pub fn none(message: Option<String>) -> Self {
        let reference = Reference {
            kind: "none",
            coefficients: None,
            uncertainty: None,
            residual_norm: None,
            dependent_columns: None,
            message,
        };
        Known { reference, coefficients: None, uncertain: None }
    }
}

/// Solves the problem by each method and reports. `data` says how far its numbers may be from those that were printed.
pub fn compare(problem: &Problem, data: &Data, methods: &[MethodName], known: Known) -> Result<Report, Fault> {
    let progress = Progress::new(problem.a.len());
    progress.step("condition number");
    let facts = Facts::new(problem)?;
    let attempts = attempts(problem, &distinct(methods), &facts, &data.uncertainty, &progress)?;
    let partner = partner(&attempts);
    let exact = known.coefficients.as_deref();
    let scores: Vec<Option<Score>> = attempts.iter().map(|a| score(a.result.as_ref().ok()?, &known)).collect();
    let counted = counted(&facts, &data.uncertainty, exact, partner, &scores)?;
    let report = |(attempt, score)| method_report(attempt, score, partner, counted.as_ref());
    let methods: Vec<MethodReport> = attempts.iter().zip(scores).map(report).collect();
    let finite = |value: f64| value.is_finite().then_some(value);
    let uncounted = counted.as_ref().map(|c| c.uncounted(&problem.names)).unwrap_or_default();
    let mut verdict = verdict::verdict(&Evidence {
        attempts: &attempts,
        digits: &methods.iter().map(|m| m.digits).collect::<Vec<_>>(),
        certain: &methods.iter().map(|m| m.certain_digits).collect::<Vec<_>>(),
        uncounted: &uncounted,
        facts: &facts,
        columns: problem.a.ncols(),
        dependent: known.reference.dependent_columns.as_ref().map_or(0, Vec::len),
    });
    progress.step("advice");
    let dependent = known.reference.dependent_columns.as_deref().unwrap_or_default();
    // What rounding leaves of a singular value that is 0 says nothing.
    let independent = dependent.is_empty();
    // A method that finds a full rank has verified it, where the usual tolerance may doubt it.
    let found = attempts.iter().filter_map(|a| Some(a.result.as_ref().ok()?.rank));
    let rank = if independent { found.fold(facts.scaled.rank, usize::max) } else { facts.scaled.rank };
    let advised = advice::advice(&Situation {
        problem,
        kappa2: facts.kappa2.value,
        kappa2_scaled: if rank == problem.a.ncols() && independent { facts.scaled.kappa2.value } else { f64::INFINITY },
        dependent,
        answer: partner.map(|(_, fit)| (fit, data)),
        svd_lags: svd_lags(&methods),
    });
    verdict.add(advised);
    verdict.without_digits = uncounted.lost;
    verdict.not_counted = uncounted.zeros;
    verdict.not_counted.extend_from_slice(&verdict.without_digits);
    verdict.not_counted.sort_by_key(|name| problem.names.iter().position(|other| other == name));
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
            rank,
            theta: facts.theta,
            theta_below: facts.theta_below,
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

/// An answer held against the reference.
fn score(fit: &Fit, known: &Known) -> Option<Score> {
    let exact = known.coefficients.as_deref()?;
    let score = Score::new(&fit.x, exact)?;
    Some(match (&known.uncertain, &fit.bound) {
        (Some(uncertain), Some(bound)) => score.proved(exact, uncertain, &certain(bound), normwise(fit)),
        (Some(uncertain), None) => score.proved(exact, uncertain, &[], None),
        (None, _) => score,
    })
}

/// Which coefficients count; none where no method has an answer, or the rank is not full.
fn counted(
    facts: &Facts, data: &Uncertainty, exact: Option<&[Rational]>, partner: Option<(MethodName, &Fit)>,
    scores: &[Option<Score>],
) -> Result<Option<Counted>, Fault> {
    let Some((_, fit)) = partner else { return Ok(None) };
    // Bounds are to be asked for what double precision has.
    let rounded = exact.map(|exact| exact.iter().map(Rational::to_f64).collect::<Vec<f64>>());
    let rounded = rounded.filter(|x| x.iter().all(|x| x.is_finite()));
    let counted = Counted::new(facts, data, rounded.as_ref().unwrap_or(&fit.x))?;
    let digits = scores.iter().flatten().map(|score| &score.per_coefficient);
    Ok(match exact {
        Some(exact) => counted.map(|counted| counted.against(exact, digits)),
        None => counted,
    })
}

fn method_report(
    attempt: &Attempt, score: Option<Score>, partner: Option<(MethodName, &Fit)>, counted: Option<&Counted>,
) -> MethodReport {
    let fit = attempt.result.as_ref().ok();
    let agreement =
        fit.zip(partner).filter(|(_, (with, _))| *with != attempt.method).and_then(|(fit, (with, other))| {
            let y: Vec<Rational> = other.x.iter().map(|&y| Rational::from_f64(y)).collect::<Option<_>>()?;
            Some(Agreement {
                with: with.name(),
                relative_difference: relative_difference(&fit.x, &other.x),
                digits: least(&Score::new(&fit.x, &y)?, counted),
            })
        });
    MethodReport {
        name: attempt.method.name(),
        status: if fit.is_some() { "ok" } else { "failed" },
        message: attempt.result.as_ref().err().cloned(),
        coefficients: fit.map(|f| f.x.clone()),
        residual_norm: fit.map(|f| f.residual_norm),
        relative_error: score.as_ref().and_then(|s| s.relative_error),
        relative_error_below: score.as_ref().and_then(|s| s.relative_error_below),
        digits: score.as_ref().map(|s| least(s, counted)),
        digits_per_coefficient: score.map(|s| s.per_coefficient),
        certain_digits: fit.zip(counted).and_then(|(fit, counted)| counted.digits(fit)),
        backward_error: fit.and_then(|f| f.backward_error),
        error_bound: fit.and_then(normwise),
        agreement,
        seconds: attempt.seconds,
    }
}

/// The fewest digits of a coefficient that counts.
fn least(score: &Score, counted: Option<&Counted>) -> f64 {
    counted.map_or(score.digits, |counted| counted.least(&score.per_coefficient))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::ReferenceName;
    use crate::cli::exact::{Origin, Request, reference};
    use crate::cli::input::csv::Table;
    use crate::cli::problem::Model;

    const ALL: [MethodName; 4] = [MethodName::Ne, MethodName::Qr, MethodName::Qrp, MethodName::Svd];

    fn of(text: &str, model: Model, kind: ReferenceName, methods: &[MethodName]) -> Report {
        let table = Table::read("f", text, false).unwrap_or_else(|fault| panic!("{}", fault.line()));
        let problem = Problem::from_table(&table, &model).unwrap_or_else(|fault| panic!("{}", fault.line()));
        let data = Data::printed(&problem, &table, &model).unwrap_or_else(|fault| panic!("{}", fault.line()));
        let origin = Origin::Printed(table, model);
        let known = reference(&problem, &origin, Request { kind, limit: None });
        let known = known.unwrap_or_else(|fault| panic!("{}", fault.line()));
        compare(&problem, &data, methods, known).unwrap_or_else(|fault| panic!("{}", fault.line()))
    }

    /// What the table, JSON and the verdict call digits is of the same coefficients.
    fn assert_consistent(report: &Report) {
        for m in &report.methods {
            let (digits, certain) = (m.digits.expect("a reference"), m.certain_digits.expect("full rank"));
            assert!(certain <= digits, "{}: {certain} certain, {digits} right", m.name);
            let each = m.digits_per_coefficient.iter().flatten().zip(&report.column_names);
            let counted = each.filter(|(_, name)| !report.verdict.not_counted.contains(name));
            assert_eq!(digits, counted.map(|(&digits, _)| digits).fold(15.0, f64::min), "{}", m.name);
        }
        let chosen = report.methods.iter().find(|m| Some(m.name) == report.verdict.method).expect("a method");
        let shown = crate::cli::text::digits(chosen.digits.expect("a reference"));
        assert!(report.verdict.summary.contains(&format!("({shown} digits right")), "{}", report.verdict.summary);
    }

    /// y = 10⁹ + a few 10⁻⁸, which is 10⁹ in every double: no method has a digit of the slope, which is not 0.
    #[test]
    fn a_slope_below_the_roundings_of_the_response_is_not_called_right_or_zero() {
        let y = [1, 3, 2, 5, 4, 6].iter().enumerate().map(|(t, y)| format!("{t},1000000000.0000000{y}\n"));
        let report = of(&format!("t,y\n{}", y.collect::<String>()), Model::default(), ReferenceName::Auto, &ALL);
        assert!(report.reference.coefficients.as_ref().is_some_and(|x| x[1].starts_with("8.857")), "{report:?}");
        assert_eq!(
            (&report.verdict.not_counted, &report.verdict.without_digits),
            (&vec!["t".into()], &vec!["t".into()])
        );
        assert_consistent(&report);
        let (summary, reason) = (&report.verdict.summary, &report.verdict.reason);
        assert!(summary.contains("no digit right of t, below the rounding of the data"), "{summary}");
        assert!(reason.contains("so that no method gets a digit right: t") && !reason.contains("Zero"), "{reason}");
    }

    /// Who subtracts the constant gets the digits that the advice promises, and no more of it.
    #[test]
    fn a_response_that_is_nearly_constant_is_advised_to_lose_the_constant() {
        let rows = [(0.5, 5685), (2.25, 1652), (0.75, 1484), (3.5, 1009), (1.0, 2713), (4.0, 1873)];
        let table = |before: &str| {
            let row = |(t, y): &(f64, i64)| format!("{t},{before}{y:013}\n");
            format!("t,y\n{}", rows.iter().map(row).collect::<String>())
        };
        for kind in [ReferenceName::Auto, ReferenceName::None] {
            let report = of(&table("1000000000."), Model::default(), kind, &ALL);
            let [advice] = &report.verdict.advice[..] else { panic!("{:?}", report.verdict) };
            assert_eq!((advice.action, advice.summary.as_str()), ("subtract", "subtract 1e9 from the response"));
            assert!(
                report.verdict.summary.ends_with("; better: subtract 1e9 from the response"),
                "{:?}",
                report.verdict
            );
            let followed = of(&table("0."), Model::default(), kind, &ALL);
            assert_eq!(followed.verdict.advice.len(), 0, "{:?}", followed.verdict);
            let partner = followed.methods.iter().find(|m| m.name == "qr").expect("it was asked for");
            let slope = partner.certain_digits.expect("full rank");
            let promised = advice.digits_after.expect("digits");
            assert!(slope >= 12.0 && promised >= slope && promised <= slope + 1.5, "{slope} for {promised}");
            assert!(advice.digits_before < Some(2.0), "{advice:?}");
        }
        // A mean that is no larger than the spread costs nothing.
        let plain = of("t,y\n1,1.1\n2,2.3\n3,2.9\n4,4.2\n", Model::default(), ReferenceName::Auto, &ALL);
        assert_eq!(plain.verdict.advice.len(), 0, "{:?}", plain.verdict);
    }

    /// Through 13 points goes one polynomial of degree 12; orthogonal ones are the second thing to do.
    #[test]
    fn powers_that_are_dependent_are_advised_to_be_fewer() {
        let row = |i: i64| format!("{},{}\n", i % 13, (i * i * 7 + i) % 31);
        let text = "t,y\n".to_string() + &(0..60).map(row).collect::<String>();
        let report = of(&text, Model { degree: Some(13), ..Model::default() }, ReferenceName::Auto, &ALL);
        let last = "; better: lower the degree to 12, then use polynomials in t that are orthogonal on the data";
        assert!(report.verdict.summary.ends_with(last), "{}", report.verdict.summary);
        let reasons = crate::cli::compare::reasons(&report.verdict);
        let advice = "Advice: t takes 13 different values, which determine a polynomial of degree 12 at most: lower the degree \
                      to 12; κ₂(AD⁻¹) is then ";
        assert!(reasons.contains(advice) && reasons.contains(". Then use polynomials in t that are"), "{reasons}");
        assert!(!reasons.contains("beyond"), "{reasons}");
    }

    /// Coefficients that are exactly 0 have no relative error, and their absolute error depends on units.
    #[test]
    fn exact_zeros_count_nowhere() {
        let text = "t,y\n".to_string() + &(0..21).map(|t| format!("{t},{}\n", 3 * t * t)).collect::<String>();
        let model = Model { degree: Some(4), ..Model::default() };
        let report = of(&text, model, ReferenceName::Auto, &ALL);
        assert_eq!(report.verdict.not_counted, ["(intercept)", "t", "t^3", "t^4"]);
        assert_eq!(report.verdict.without_digits, Vec::<String>::new());
        assert_consistent(&report);
    }
}
