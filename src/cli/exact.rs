//! The command: the exact answer, by rational arithmetic on the decimals as they are printed in a table, or on a matrix
//! as it is stored; or the refined one, by QR with longer residuals.
//! Top floor. Decides which can be afforded and says so; the arithmetic is the library's. It must not judge the methods.

use std::ops::ControlFlow;

use lapwing::Error;
use lapwing::lstsq::exact::{self, Dependence, Number, Options, Rational, Solution};
use lapwing::prelude::{LeastSquaresExt, LstsqOptions, Method};
use ndarray::{Array1, Array2, Ix1, ShapeBuilder};

use super::args::ReferenceName;
use super::comparison::Known;
use super::fault::Fault;
use super::input::csv::Table;
use super::problem::{Model, Problem, columns, degree};
use super::progress::Progress;
use super::report::{DependentColumn, Reference, Term};
use super::score::norm;

/// Word operations in a second, about, of one core: what turns the library's estimate into a time.
const SPEED: f64 = 3e8;

/// The estimated seconds that are spent without being asked.
const AUTO_LIMIT: f64 = 1.0;

/// The estimated seconds that are spent when the exact answer is asked for.
const EXACT_LIMIT: f64 = 60.0;

/// The significant digits of what is printed in JSON.
const DIGITS: usize = 30;

/// How far refined coefficients may be from the exact ones: half of it is their rounding, half is left to the last correction.
pub const UNCERTAIN: f64 = f64::EPSILON;

/// Where the numbers of a problem come from.
pub enum Origin {
    /// Decimals in a table, of which the model makes a matrix.
    Printed(Table, Model),
    /// A matrix of floating-point numbers.
    Stored,
}

/// What the user asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The kind of reference.
    pub kind: ReferenceName,
    /// The estimated seconds that it may take, where the user says.
    pub limit: Option<f64>,
}

/// What came of it.
enum Outcome {
    Answer(Solution<Ix1>),
    /// There is more than one answer.
    Dependent(Vec<Dependence>),
    /// It would take so many operations.
    TooCostly(f64),
}

/// The exact reference; the refined one where that is asked for, or where the exact one would take too long unasked; none
/// where that is asked for.
pub fn reference(problem: &Problem, origin: &Origin, request: Request) -> Result<Known, Fault> {
    let unasked = match request.kind {
        ReferenceName::None => return Ok(Known::none(None)),
        ReferenceName::Refined => return Ok(refined(problem, None)),
        ReferenceName::Exact => false,
        ReferenceName::Auto => true,
    };
    let seconds = request.limit.unwrap_or(if unasked { AUTO_LIMIT } else { EXACT_LIMIT });
    let found = match origin {
        Origin::Printed(table, model) => printed(table, model, seconds * SPEED),
        Origin::Stored => solve(&problem.a, &problem.b, seconds * SPEED, &problem.source),
    };
    let kind = match origin {
        Origin::Printed(..) => "exact-decimal",
        Origin::Stored => "exact-stored",
    };
    match found {
        Ok(Outcome::Answer(solution)) => Ok(answer(kind, solution)),
        Ok(Outcome::Dependent(dependences)) => Ok(dependent(kind, problem, &dependences)),
        Ok(Outcome::TooCostly(operations)) if unasked => Ok(refined(problem, Some(refusal(operations, seconds)))),
        Ok(Outcome::TooCostly(operations)) => Err(Fault::in_file(&problem.source, refusal(operations, seconds))),
        // What cannot be read exactly can still be solved as it is stored.
        Err(Fault::Input(reason)) if unasked => Ok(refined(problem, Some(reason))),
        Err(fault) => Err(fault),
    }
}

/// The estimate, and what allows it.
fn refusal(operations: f64, limit: f64) -> String {
    let seconds = operations / SPEED;
    // Another estimate may be somewhat larger.
    let allowed = round_up(1.5 * seconds);
    format!(
        "the exact answer is estimated to take {operations:.1e} operations, about {}, and the limit is {}; \
         --reference exact --reference-limit {allowed} allows it",
        duration(seconds),
        duration(limit)
    )
}

/// A number that is not negative with two digits, not less than it is.
fn round_up(value: f64) -> String {
    let exponent = if value > 0.0 { value.log10().floor() as i32 } else { 0 };
    let unit = 10f64.powi(exponent - 1);
    let decimals = usize::try_from(1 - exponent).unwrap_or(0);
    let rounded = format!("{:.decimals$}", (value / unit).ceil() * unit);
    if decimals > 0 { rounded.trim_end_matches('0').trim_end_matches('.').to_string() } else { rounded }
}

/// A time with two digits, in a unit that suits it.
fn duration(seconds: f64) -> String {
    const YEAR: f64 = 31_557_600.0;
    let (value, unit) = match seconds {
        s if s < 120.0 => (s, "s"),
        s if s < 7200.0 => (s / 60.0, "minutes"),
        s if s < 172_800.0 => (s / 3600.0, "hours"),
        s if s < 2.0 * YEAR => (s / 86_400.0, "days"),
        s => (s / YEAR, "years"),
    };
    if value < 1e6 { format!("{} {unit}", round_up(value)) } else { format!("{value:.0e} {unit}") }
}

/// The exact solution of the numbers in the table. Powers are products of the decimals; a column of bits β has powers of
/// kβ bits, so that the cost is known before they are formed.
fn printed(table: &Table, model: &Model, limit: f64) -> Result<Outcome, Fault> {
    let (response, predictors) = columns(table, model)?;
    let degree = degree(table, model, &predictors)?;
    let intercept = usize::from(!model.no_intercept);
    let predictors = predictors.iter().map(|&column| table.decimals(column)).collect::<Result<Vec<_>, _>>()?;
    let b = Array1::from(table.decimals(response)?);
    let of_powers = |x: &Vec<Rational>| {
        let bits = Rational::bits(x.iter());
        (1..=degree as u64).map(move |k| k.saturating_mul(bits))
    };
    let bits: Vec<u64> = std::iter::repeat_n(1, intercept).chain(predictors.iter().flat_map(of_powers)).collect();
    let rows = table.row_count();
    let cost = exact::Cost::of_sizes(rows, &bits, &[Rational::bits(b.iter())]);
    if cost.operations > limit {
        return Ok(Outcome::TooCostly(cost.operations));
    }
    let mut entries = Vec::new();
    let size = rows.saturating_mul(bits.len());
    entries.try_reserve_exact(size).map_err(|_| Fault::no_memory("the exact design matrix", size))?;
    entries.extend(std::iter::repeat_n(Rational::one(), intercept * rows));
    for x in &predictors {
        for k in 1..=degree {
            for x in x {
                // The power before stands one column to the left.
                let power = if k == 1 { x.clone() } else { &entries[entries.len() - rows] * x };
                entries.push(power);
            }
        }
    }
    let a = Array2::from_shape_vec((rows, bits.len()).f(), entries)
        .map_err(|e| Fault::Machine(format!("the exact design matrix cannot be laid out: {e}")))?;
    solve(&a, &b, limit, &table.file)
}

/// Solves, and finds out which columns are dependent where that is why there is no solution.
fn solve<T: Number>(a: &Array2<T>, b: &Array1<T>, limit: f64, source: &str) -> Result<Outcome, Fault> {
    let cost = exact::estimate(a, b).map_err(|e| Fault::Machine(e.to_string()))?;
    let progress = Progress::bar("exact answer", cost.operations / SPEED);
    let mut shown = |done: f64| {
        progress.fraction(done);
        ControlFlow::Continue(())
    };
    let result = match exact::lstsq(a, b, Options { limit, progress: Some(&mut shown) }) {
        Ok(solution) => Ok(Outcome::Answer(solution)),
        Err(Error::RankDeficient { .. }) => {
            exact::dependences(a, Options { limit, progress: Some(&mut shown) }).map(Outcome::Dependent)
        }
        Err(error) => Err(error),
    };
    match result {
        Ok(outcome) => Ok(outcome),
        Err(Error::TooCostly { operations, .. }) => Ok(Outcome::TooCostly(operations)),
        Err(error @ Error::TooLarge { .. }) => Err(Fault::in_file(source, error)),
        Err(error) => Err(Fault::Machine(error.to_string())),
    }
}

fn answer(kind: &'static str, solution: Solution<Ix1>) -> Known {
    let coefficients = solution.x.into_raw_vec_and_offset().0;
    let reference = Reference {
        kind,
        coefficients: Some(coefficients.iter().map(|x| x.to_decimal(DIGITS)).collect()),
        uncertainty: None,
        residual_norm: Some(solution.residual_squared.sqrt_to_decimal(DIGITS)),
        dependent_columns: None,
        message: None,
    };
    Known { reference, coefficients: Some(coefficients), uncertain: None }
}

/// The answer of the matrix as stored by QR with longer residuals, right but for the rounding of each coefficient; none
/// where it does not converge. `instead` says why it is not the exact one.
fn refined(problem: &Problem, instead: Option<String>) -> Known {
    let progress = Progress::new(problem.a.len());
    progress.step("refined answer");
    let options = LstsqOptions { method: Method::Refined, ..LstsqOptions::default() };
    let found = problem.a.lstsq_with(&problem.b, &options);
    let (x, residual_norm) = match found {
        Ok(solution) => (solution.x, solution.residual_norm),
        Err(error) => {
            let reasons = instead.into_iter().chain([format!("refinement has no answer: {error}")]);
            return Known::none(Some(reasons.collect::<Vec<_>>().join("; ")));
        }
    };
    let x = told_from_zero(&problem.a, &x);
    let coefficients: Option<Vec<Rational>> = x.iter().map(|&x| Rational::from_f64(x)).collect();
    let reference = Reference {
        kind: "refined",
        coefficients: Some(x.iter().map(f64::to_string).collect()),
        uncertainty: Some(UNCERTAIN),
        residual_norm: residual_norm.is_finite().then(|| residual_norm.to_string()),
        dependent_columns: None,
        message: instead,
    };
    let uncertain = Some(vec![UNCERTAIN; x.len()]);
    Known { reference, coefficients, uncertain }
}

/// The coefficients, with 0 for one whose part ‖aⱼ‖|xⱼ| is below ε times the largest: the storage of the numbers in double
/// precision decides its digits, and refinement does not promise them.
fn told_from_zero(a: &Array2<f64>, x: &Array1<f64>) -> Vec<f64> {
    let parts: Vec<f64> = a.columns().into_iter().zip(x).map(|(column, x)| norm(&column) * x.abs()).collect();
    let least = f64::EPSILON * parts.iter().copied().fold(0.0, f64::max);
    x.iter().zip(parts).map(|(&x, part)| if part < least { 0.0 } else { x }).collect()
}

fn dependent(kind: &'static str, problem: &Problem, dependences: &[Dependence]) -> Known {
    let term = |(column, coefficient): &(usize, Rational)| Term {
        column: problem.names[*column].clone(),
        coefficient: coefficient.to_decimal(DIGITS),
    };
    let named = |dependence: &Dependence| DependentColumn {
        column: problem.names[dependence.column].clone(),
        combination: dependence.combination.iter().map(term).collect(),
    };
    let columns: Vec<DependentColumn> = dependences.iter().map(named).collect();
    let rank = problem.names.len() - columns.len();
    let message = format!("the columns are linearly dependent (rank {rank} of {})", problem.names.len());
    let reference = Reference {
        kind,
        coefficients: None,
        uncertainty: None,
        residual_norm: None,
        dependent_columns: Some(columns),
        message: Some(format!("there is no unique answer: {message}")),
    };
    Known { reference, coefficients: None, uncertain: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str, model: Model, request: Request) -> Result<Known, String> {
        let read = || Table::read("f", text, false);
        let problem = read().and_then(|table| Problem::from_table(&table, &model)).expect("a good file");
        let origin = Origin::Printed(read().expect("a good file"), model);
        reference(&problem, &origin, request).map_err(|fault| fault.line())
    }

    const EXACT: Request = Request { kind: ReferenceName::Exact, limit: None };
    const AUTO: Request = Request { kind: ReferenceName::Auto, limit: None };

    #[test]
    fn powers_are_those_of_the_decimals() {
        // y = 1 − 3x + x³ at decimals that no double is equal to.
        let x = [0.1, 0.3, 0.7, 1.1, 1.3f64];
        let y = ["0.701", "0.127", "-0.757", "-0.969", "-0.703"];
        let lines: String = x.iter().zip(y).map(|(x, y)| format!("{x},{y}\n")).collect();
        let model = Model { degree: Some(3), ..Model::default() };
        let found = known(&format!("x,y\n{lines}"), model, AUTO).expect("it is small").reference;
        assert_eq!(found.kind, "exact-decimal");
        assert_eq!(found.coefficients.expect("an answer"), ["1", "-3", "0", "1"]);
        assert_eq!(found.residual_norm.as_deref(), Some("0"));
    }

    #[test]
    fn stored_numbers_are_taken_as_they_are() {
        let problem = Problem {
            source: "f".into(),
            names: vec!["x".into()],
            a: ndarray::array![[1.0], [1.0]],
            b: ndarray::array![0.1, 0.3],
        };
        let found = reference(&problem, &Origin::Stored, AUTO).expect("it is small").reference;
        assert_eq!(found.kind, "exact-stored");
        // The mean of the doubles nearest to 0.1 and 0.3.
        assert_eq!(found.coefficients.expect("an answer"), ["0.199999999999999997224442438437"]);
    }

    #[test]
    fn dependent_columns_are_named() {
        let text = "u,v,y\n0.1,1.2,3\n0.2,1.4,5\n0.3,1.6,1\n0.7,2.4,0\n";
        let found = known(text, Model::default(), AUTO).expect("it is small");
        assert!(found.coefficients.is_none());
        let columns = found.reference.dependent_columns.expect("v = 1 + 2u");
        let terms: Vec<(&str, &str)> =
            columns[0].combination.iter().map(|t| (t.column.as_str(), t.coefficient.as_str())).collect();
        assert_eq!((columns.len(), columns[0].column.as_str()), (1, "v"));
        assert_eq!(terms, [("(intercept)", "1"), ("u", "2")]);
    }

    #[test]
    fn what_takes_long_is_refused_with_its_estimate() {
        let lines: String = (0..40).map(|i| format!("{}.{i}7315,{}\n", i * i, i % 7)).collect();
        let model = Model { degree: Some(30), ..Model::default() };
        let limited = |kind| Request { kind, limit: Some(1e-6) };
        let text = format!("x,y\n{lines}");
        let message = known(&text, model.clone(), limited(ReferenceName::Exact)).err().expect("it is too much");
        assert!(message.starts_with("lapwing: f: the exact answer is estimated to take "), "{message}");
        let advice = message.split("--reference-limit ").nth(1).expect("advice");
        let seconds: f64 = advice.split(' ').next().and_then(|s| s.parse().ok()).expect("a number");
        // Unasked it gives way to refinement, which has no answer here either.
        let unasked = known(&text, model.clone(), limited(ReferenceName::Auto)).expect("no reference").reference;
        let reasons = unasked.message.map(|m| format!("lapwing: f: {m}")).expect("there is a reason");
        assert!(unasked.kind == "none" && reasons.starts_with(&format!("{message}; refinement has no answer: ")));
        // The advice is good.
        let allowed = Request { kind: ReferenceName::Exact, limit: Some(seconds) };
        assert_eq!(known(&text, model, allowed).expect("it is allowed").reference.kind, "exact-decimal");
    }

    #[test]
    fn exponents_beyond_all_floats_are_refused_when_asked_for() {
        let text = "x,y\n1,0e99999\n2,1\n4,2\n";
        let message = known(text, Model::default(), EXACT).err().expect("the exponent is too large");
        assert!(message.starts_with("lapwing: f:2:2: expected"), "{message}");
        let found = known(text, Model::default(), AUTO).expect("without it").reference;
        assert_eq!(found.kind, "refined");
        assert!(found.message.is_some_and(|m| m.starts_with("f:2:2: expected")));
    }

    /// Against the exact answer of the numbers as stored; decimals that no double is equal to are not among them.
    #[test]
    fn the_refined_answer_is_the_exact_one_rounded() {
        let text = "x,y\n1,1.125\n2,1.875\n3,3.25\n5,4.875\n8,8.25\n";
        let model = || Model { degree: Some(2), ..Model::default() };
        let refined = Request { kind: ReferenceName::Refined, limit: None };
        let exact = known(text, model(), EXACT).expect("it is small").coefficients.expect("an answer");
        for request in [refined, Request { limit: Some(0.0), ..AUTO }] {
            let found = known(text, model(), request).expect("a good file");
            assert_eq!(found.reference.kind, "refined");
            let reason = found.reference.message.unwrap_or_default();
            assert_eq!(
                reason.contains("and the limit is 0 s; --reference exact --reference-limit "),
                request.limit.is_some()
            );
            let rounded = exact.iter().map(Rational::to_f64).collect::<Vec<_>>();
            let coefficients = found.coefficients.expect("an answer");
            assert_eq!(coefficients.iter().map(Rational::to_f64).collect::<Vec<_>>(), rounded);
            assert_eq!(
                found.reference.coefficients.expect("an answer"),
                rounded.iter().map(f64::to_string).collect::<Vec<_>>()
            );
        }
    }

    /// y = 2x: the intercept is 0, and what is found of it, whatever its size, is not to be held against other methods.
    #[test]
    fn what_refinement_cannot_tell_from_zero_counts_as_zero() {
        let text: String = (1..20).map(|x| format!("{x},{}\n", 2 * x)).collect();
        let refined = Request { kind: ReferenceName::Refined, limit: None };
        let found = known(&format!("x,y\n{text}"), Model::default(), refined).expect("a good file").reference;
        assert_eq!(found.coefficients.expect("an answer"), ["0", "2"]);
        let a = ndarray::array![[1.0, 1e9], [1.0, -1e9]];
        let told = |x: [f64; 2]| told_from_zero(&a, &Array1::from(x.to_vec()));
        assert_eq!(told([1.0, 1e-24]), [1.0, 1e-24]);
        assert_eq!(told([1.0, 2e-25]), [1.0, 0.0]);
        assert_eq!(told([0.0, 0.0]), [0.0, 0.0]);
    }

    #[test]
    fn where_refinement_has_no_answer_there_is_no_reference() {
        let text = "u,v,y\n0.1,1.2,3\n0.2,1.4,5\n0.3,1.6,1\n0.7,2.4,0\n";
        let refined = Request { kind: ReferenceName::Refined, limit: None };
        let found = known(text, Model::default(), refined).expect("a good file");
        assert!(found.reference.kind == "none" && found.coefficients.is_none());
        let reason = found.reference.message.expect("a reason");
        assert!(reason.starts_with("refinement has no answer: "), "{reason}");
    }

    #[test]
    fn times_are_rounded_up() {
        let numbers = [0.0, 1.23e-5, 0.2, 1.0, 1.21, 61.2, 123.4, 98_765.0];
        assert_eq!(numbers.map(round_up), ["0", "0.000013", "0.2", "1", "1.3", "62", "130", "99000"]);
        let words = [0.5, 60.0, 300.0, 1e4, 1e6, 1e9, 1e20].map(duration);
        assert_eq!(words, ["0.5 s", "60 s", "5 minutes", "2.8 hours", "12 days", "32 years", "3e12 years"]);
    }
}
