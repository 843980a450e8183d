//! The command `lapwing compare FILE`: the methods side by side on a user's own data.
//!
//! Top floor. Reads, compares, prints; without a reference it must not call agreement accuracy.

use std::path::{Path, PathBuf};

use super::args::{CompareArgs, ReferenceName};
use super::comparison;
use super::fault::{Fault, count};
use super::input::{self, Input};
use super::output;
use super::page;
use super::plot::{self, Format, canvas::Figure};
use super::problem::Problem;
use super::report::{MethodReport, Report};
use super::target::{self, Target};
use super::text;

/// Runs the command.
pub fn run(args: &CompareArgs) -> Result<(), Fault> {
    reference(args)?;
    let targets = Targets::new(args)?;
    let problem = problem(args)?;
    let report = comparison::compare(&problem, &args.methods.list, None)?;
    targets.write(&problem, &report)?;
    if args.json { output::json(&report) } else { output::text(&tables(&report)) }
}

/// The files to write.
struct Targets {
    plot: Option<(Target, Format)>,
    page: Option<Target>,
}

impl Targets {
    fn new(args: &CompareArgs) -> Result<Self, Fault> {
        let inputs: Vec<&Path> =
            [Some(&args.file), args.rhs.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect();
        Ok(Targets {
            plot: args.plot.as_ref().map(|path| target::picture(path, &inputs)).transpose()?,
            page: args.html.as_ref().map(|path| target::page(path, &inputs)).transpose()?,
        })
    }

    fn write(self, problem: &Problem, report: &Report) -> Result<(), Fault> {
        if self.plot.is_none() && self.page.is_none() {
            return Ok(());
        }
        let figures = [plot::fit::figure(problem, report), plot::digits::figure(report)];
        let mut files = Vec::new();
        if let Some((target, format)) = self.plot {
            files.push((target, plot::encode(&Figure::stacked(&figures), format)?));
        }
        if let Some(target) = self.page {
            files.push((target, page::page(report, &figures).into_bytes()));
        }
        target::write(&files)
    }
}

fn reference(args: &CompareArgs) -> Result<(), Fault> {
    let refuse = |kind: &str| {
        Err(Fault::usage(format!("--reference {kind} is not available in this version; expected auto or none")))
    };
    match args.reference {
        ReferenceName::Auto | ReferenceName::None => Ok(()),
        ReferenceName::Exact => refuse("exact"),
        ReferenceName::Refined => refuse("refined"),
    }
}

/// Reads the files, and refuses options that do not go with their kind.
fn problem(args: &CompareArgs) -> Result<Problem, Fault> {
    match (input::read(&args.file)?, &args.rhs) {
        (Input::Table(table), None) => Problem::from_table(&table, &args.model()),
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
            Problem::from_matrix(matrix, input::read_vector(rhs)?)
        }
    }
}

/// The whole text.
fn tables(report: &Report) -> String {
    let mut parts = vec![facts(report), methods(report)];
    parts.extend(failures(report));
    parts.extend(coefficients(report));
    let verdict = &report.verdict;
    parts.push(text::wrap(&format!("verdict: {}. {}.", verdict.method.unwrap_or("none"), verdict.reason)));
    parts.join("\n\n") + "\n"
}

fn facts(report: &Report) -> String {
    let condition = &report.condition;
    let (rows, columns) = (count(report.rows, "row"), count(report.columns, "coefficient"));
    let line = |name: &str, value: Option<f64>, meaning: &str| {
        format!("{name:<9}{:>9}   {meaning}", text::or_none(value.map(text::short)))
    };
    [
        format!("{}: {rows}, {columns}, rank {}", report.source, condition.rank),
        String::new(),
        line("κ₂(A)", condition.kappa2, "condition number of A"),
        line("κ₂(AᵀA)", condition.kappa2_gram, "= κ₂(A)², what the normal equations work with"),
        line(
            "κ₂(AD⁻¹)",
            condition.kappa2_scaled,
            "with columns scaled to length 1: what the errors of ne, qr and qrp follow",
        ),
        line("θ", condition.theta, "angle between b and the range of A in radians, sin θ = ‖r‖/‖b‖"),
    ]
    .join("\n")
}

fn methods(report: &Report) -> String {
    let with = report.methods.iter().find_map(|m| m.agreement.as_ref().map(|a| a.with));
    let header = ["method", "status", "‖b − A x‖", "difference", "agreement", "time"];
    let row = |m: &MethodReport| {
        vec![
            m.name.to_string(),
            if m.status == "ok" { m.status.to_string() } else { text::FAILS.to_string() },
            text::or_none(m.residual_norm.map(|r| format!("{r:.6e}"))),
            text::or_none(m.agreement.as_ref().map(|a| text::exponent(a.relative_difference))),
            text::or_none(m.agreement.as_ref().map(|a| text::digits(a.digits))),
            text::or_none(m.seconds.map(text::time)),
        ]
    };
    let rows: Vec<Vec<String>> = report.methods.iter().map(row).collect();
    let table = text::table(&header.map(String::from), &rows, 2);
    match with {
        Some(with) => {
            let explanation = format!(
                "difference: ‖x − y‖/‖y‖, y the answer of {with}; agreement: right digits if y were right. \
                 Agreement is not accuracy: no answer here is known to be right."
            );
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
    let answers: Vec<(&str, &Vec<f64>)> =
        report.methods.iter().filter_map(|m| Some((m.name, m.coefficients.as_ref()?))).collect();
    if answers.is_empty() {
        return None;
    }
    let mut header = vec!["coefficient".to_string()];
    header.extend(answers.iter().map(|(name, _)| name.to_string()));
    let row = |(i, name): (usize, &String)| {
        let mut row = vec![name.clone()];
        row.extend(answers.iter().map(|(_, x)| text::coefficient(x[i])));
        row
    };
    let rows: Vec<Vec<String>> = report.column_names.iter().enumerate().take(MOST_ROWS).map(row).collect();
    let table = text::table(&header, &rows, 1);
    let rest = report.column_names.len().saturating_sub(MOST_ROWS);
    Some(if rest > 0 { format!("{table}\n… and {rest} more; --json prints all") } else { table })
}
