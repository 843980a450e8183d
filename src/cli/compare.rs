//! The command `lapwing compare FILE`: the methods side by side on a user's own data.
//!
//! Top floor. Reads, compares, prints; without a reference it must not call agreement accuracy.

use super::args::CompareArgs;
use super::comparison;
use super::exact::{self, Origin, Request};
use super::fault::{Fault, count};
use super::files::Targets;
use super::formula;
use super::input::{self, Input};
use super::output;
use super::printed::Data;
use super::problem::Problem;
use super::report::{Advice, Condition, DependentColumn, MethodReport, Reference, Report, Verdict};
use super::text;

/// Runs the command.
pub fn run(args: &CompareArgs) -> Result<(), Fault> {
    let targets = Targets::new(args)?;
    let (problem, origin) = problem(args)?;
    let known = exact::reference(&problem, &origin, Request { kind: args.reference, limit: args.reference_limit })?;
    let data = match &origin {
        Origin::Printed(table, model) => Data::printed(&problem, table, model)?,
        Origin::Stored => Data::stored(&problem),
    };
    let report = comparison::compare(&problem, &data, &args.methods.list, known)?;
    targets.write(&problem, &report)?;
    if args.json { output::json(&report) } else { output::text(&tables(&report)) }
}

/// Reads the files, and refuses options that do not go with their kind.
fn problem(args: &CompareArgs) -> Result<(Problem, Origin), Fault> {
    match (input::read(&args.file)?, &args.rhs) {
        (Input::Table(table), None) => {
            let model = args.model();
            Ok((Problem::from_table(&table, &model)?, Origin::Printed(table, model)))
        }
        (Input::Table(table), Some(_)) => Err(Fault::usage(format!(
            "--rhs goes with a matrix, but {} has named columns; name the response with -y",
            table.file
        ))),
        (Input::Matrix(matrix), None) => {
            Err(Fault::usage(format!("{} is a matrix; give the right-hand side with --rhs FILE", matrix.file)))
        }
        (Input::Matrix(matrix), Some(rhs)) => {
            let named = [
                (args.response.is_some(), "--response"),
                (!args.predictors.is_empty(), "--predictors"),
                (args.poly.is_some(), "--poly"),
                (args.no_intercept, "--no-intercept"),
            ];
            if let Some((_, option)) = named.into_iter().find(|(given, _)| *given) {
                return Err(Fault::usage(format!("{option} goes with named columns, but {} is a matrix", matrix.file)));
            }
            Ok((Problem::from_matrix(matrix, input::read_vector(rhs)?)?, Origin::Stored))
        }
    }
}

/// The whole text.
fn tables(report: &Report) -> String {
    let mut parts = vec![facts(report)];
    parts.extend(reference(&report.reference));
    parts.push(if report.reference.coefficients.is_some() { accuracy(report) } else { agreement(report) });
    parts.extend(failures(report));
    parts.extend(coefficients(report));
    parts.push(text::wrap(&text::shown(&reasons(&report.verdict))));
    parts.push(format!("verdict: {}", text::shown(&report.verdict.summary)));
    parts.join("\n\n") + "\n"
}

/// Why the verdict is what it is, and the first two things to do.
pub fn reasons(verdict: &Verdict) -> String {
    let mut sentences = vec![verdict.reason.clone()];
    sentences.extend(verdict.advice.first().map(|first| format!("Advice: {}", first.text)));
    let lowered = verdict.advice.first().is_some_and(|first| first.action == "lower");
    let besides = |second: &Advice| matches!(second.action, "centre" | "subtract");
    let then = |second: &'_ Advice| if lowered || besides(second) { "Then" } else { "Or" };
    sentences.extend(verdict.advice.get(1).map(|second| format!("{} {}", then(second), second.text)));
    sentences.join(". ") + "."
}

fn facts(report: &Report) -> String {
    let condition = &report.condition;
    let (rows, columns) = (count(report.rows, "row"), count(report.columns, "coefficient"));
    let line = |(name, value, meaning): (&str, String, &str)| format!("{name:<9}{value:>9}   {meaning}");
    [
        format!("{}: {rows}, {columns}, rank {}", text::shown(&report.source), condition.rank),
        String::new(),
        facts_of(condition).map(line).join("\n"),
    ]
    .join("\n")
}

/// Each number that says how hard the problem is, with its name and meaning.
pub fn facts_of(condition: &Condition) -> [(&'static str, String, &'static str); 5] {
    let kappa2 = text::kappa(condition.kappa2, condition.kappa2_above);
    let squared = condition.kappa2_above.map(|above| above * above);
    let gram = text::kappa(condition.kappa2_gram, squared);
    let scaled = text::kappa(condition.kappa2_scaled, condition.kappa2_scaled_above);
    let number = |value: Option<f64>| text::or_none(value.map(text::short));
    let theta = text::below(condition.theta, condition.theta_below);
    [
        ("κ₂(A)", kappa2, "condition number of A"),
        ("κ₂(AᵀA)", gram, "= κ₂(A)², what the normal equations work with"),
        ("κ₂(AD⁻¹)", scaled, "with columns scaled to length 1, as ne, qr and qrp see A"),
        ("κ(A, b)", number(condition.problem), "condition number of the problem: (A, b) ↦ x"),
        ("θ", theta, "angle of b to the range of A in radians, sin θ = ‖r‖/‖b‖"),
    ]
}

/// What the answers are held against, or why there is nothing.
pub fn reference(reference: &Reference) -> Option<String> {
    let meaning = match reference.kind {
        "exact-decimal" => "rational arithmetic on the numbers as printed",
        "exact-stored" => "rational arithmetic on the matrix as stored",
        "refined" => "QR with longer residuals on the matrix as stored, right but for rounding",
        kind => kind,
    };
    let sentence = match (&reference.residual_norm, &reference.dependent_columns, &reference.message) {
        (Some(norm), _, instead) => {
            let norm: f64 = norm.parse().unwrap_or(f64::NAN);
            let instead = instead.as_ref().map(|reason| format!("; {}", text::shown(reason))).unwrap_or_default();
            format!("{}, {meaning}; its residual norm is {norm:.6e}{instead}", reference.kind)
        }
        (None, Some(columns), Some(message)) => {
            format!("{}, {meaning}; {message}: {}", reference.kind, dependences(columns))
        }
        (None, _, Some(message)) => format!("none; {}", text::shown(message)),
        (None, ..) => return None,
    };
    Some(text::wrap(&format!("reference: {sentence}.")))
}

/// The first few columns that are combinations of others.
fn dependences(columns: &[DependentColumn]) -> String {
    const MOST: usize = 5;
    let mut shown: Vec<String> = columns.iter().take(MOST).map(formula::exact).collect();
    if columns.len() > MOST {
        shown.push(format!("and {} more {}", columns.len() - MOST, text::ALL));
    }
    shown.join("; ")
}

const METHOD: [&str; 3] = ["method", "status", "‖b − A x‖"];

fn result(m: &MethodReport) -> Vec<String> {
    vec![
        m.name.to_string(),
        if m.status == "ok" { m.status.to_string() } else { text::FAILS.to_string() },
        text::or_none(m.residual_norm.map(|r| format!("{r:.6e}"))),
    ]
}

/// The methods against the reference.
fn accuracy(report: &Report) -> String {
    let header: Vec<String> =
        METHOD.into_iter().chain(["error", "bound", "digits", "certain", "time"]).map(String::from).collect();
    let row = |m: &MethodReport| {
        let mut row = result(m);
        row.push(text::error(m.relative_error, m.relative_error_below));
        row.push(text::or_none(m.error_bound.map(text::exponent)));
        row.push(text::or_none(m.digits.map(text::digits)));
        row.push(text::or_none(m.certain_digits.map(text::digits)));
        row.push(text::or_none(m.seconds.map(text::time)));
        row
    };
    let rows: Vec<Vec<String>> = report.methods.iter().map(row).collect();
    let answer = if report.reference.kind == "refined" { "refined" } else { "exact" };
    let mut explanation = format!(
        "error: ‖x − x*‖/‖x*‖, x* the {answer} answer; digits: right digits of the worst coefficient that counts, at most \
         15; bound, certain: what is proved of these without x*."
    );
    if report.reference.kind == "refined" {
        explanation +=
            " x* is itself rounded, by at most 2.2e-16 of each coefficient; error and digits allow for that.";
    }
    if report.reference.kind == "exact-decimal" {
        explanation += " What rounding the printed numbers to double precision does to x counts as error.";
    }
    explanation.extend(not_counted(&report.verdict));
    format!("{}\n\n{}", text::table(&header, &rows, 2), text::wrap(&explanation))
}

/// Which coefficients do not count, and why.
pub fn not_counted(verdict: &Verdict) -> Option<String> {
    let shown = |names: &[String]| -> Vec<String> { names.iter().map(|name| text::shown(name)).collect() };
    let lost = &verdict.without_digits;
    let zeros: Vec<String> = verdict.not_counted.iter().filter(|name| !lost.contains(name)).cloned().collect();
    let (zeros, lost) = (shown(&zeros), shown(lost));
    let zeros = (!zeros.is_empty()).then(|| format!("zero to within rounding errors: {}", text::names(&zeros)));
    let lost = (!lost.is_empty())
        .then(|| format!("below the rounding errors of the data, without a right digit: {}", text::names(&lost)));
    let reasons: Vec<String> = zeros.into_iter().chain(lost).collect();
    (!reasons.is_empty()).then(|| format!(" Not counted, {}.", reasons.join("; ")))
}

/// The methods against each other.
fn agreement(report: &Report) -> String {
    let with = report.methods.iter().find_map(|m| m.agreement.as_ref().map(|a| a.with));
    let header: Vec<String> =
        METHOD.into_iter().chain(["difference", "agreement", "bound", "certain", "time"]).map(String::from).collect();
    let row = |m: &MethodReport| {
        let mut row = result(m);
        row.push(text::or_none(m.agreement.as_ref().map(|a| text::exponent(a.relative_difference))));
        row.push(text::or_none(m.agreement.as_ref().map(|a| text::digits(a.digits))));
        row.push(text::or_none(m.error_bound.map(text::exponent)));
        row.push(text::or_none(m.certain_digits.map(text::digits)));
        row.push(text::or_none(m.seconds.map(text::time)));
        row
    };
    let rows: Vec<Vec<String>> = report.methods.iter().map(row).collect();
    let table = text::table(&header, &rows, 2);
    match with {
        Some(with) => {
            let explanation = format!(
                "difference: ‖x − y‖/‖y‖, y the answer of {with}; agreement: right digits if y were right. Agreement is not \
                 accuracy: what is proved is the bound of ‖x − x*‖/‖x*‖, x* the exact answer, and the digits that are certain \
                 of the worst coefficient that counts."
            );
            let explanation = explanation + &not_counted(&report.verdict).unwrap_or_default();
            format!("{table}\n\n{}", text::wrap(&explanation))
        }
        None => table,
    }
}

/// Why methods failed, a line each.
fn failures(report: &Report) -> Option<String> {
    let lines: Vec<String> =
        report.methods.iter().filter_map(|m| Some(format!("{} fails: {}", m.name, m.message.as_ref()?))).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The coefficients, side by side where there is room for them.
fn coefficients(report: &Report) -> Option<String> {
    const MOST_ROWS: usize = 20;
    let answers = report.methods.iter().filter_map(|m| Some((m.name, m.coefficients.as_ref()?)));
    let mut columns: Vec<(&str, Vec<f64>)> = answers.map(|(name, x)| (name, x.clone())).collect();
    if let Some(exact) = &report.reference.coefficients {
        let name = if report.reference.kind == "refined" { "refined*" } else { "exact" };
        columns.push((name, exact.iter().map(|x| x.parse().unwrap_or(f64::NAN)).collect()));
    }
    if columns.is_empty() {
        return None;
    }
    let mut header = vec!["coefficient".to_string()];
    header.extend(columns.iter().map(|(name, _)| name.to_string()));
    let row = |(i, name): (usize, &String)| {
        let mut row = vec![text::shown(name)];
        row.extend(columns.iter().map(|(_, x)| text::coefficient(x[i])));
        row
    };
    let rows: Vec<Vec<String>> = report.column_names.iter().enumerate().take(MOST_ROWS).map(row).collect();
    let table = text::table(&header, &rows, 1);
    let rest = report.column_names.len().saturating_sub(MOST_ROWS);
    Some(if rest > 0 { format!("{table}\n… and {rest} more; --json prints all") } else { table })
}
