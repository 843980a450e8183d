//! The command `lapwing nist`: how many digits each method gets right on NIST's data, and what it costs.
//!
//! Top floor. One table on stdout, or one JSON array; it must not depend on any file at run time.

mod data;

use data::{DataSet, load};

use super::args::NistArgs;
use super::comparison::{Known, compare};
use super::fault::Fault;
use super::output;
use super::report::{MethodReport, Reference, Report};
use super::text;

/// Runs the command.
pub fn run(args: &NistArgs) -> Result<(), Fault> {
    let sets = load()?;
    let reports = sets.iter().map(|set| report(set, args)).collect::<Result<Vec<_>, _>>()?;
    if args.json {
        return output::json(&reports);
    }
    output::text(&format!("{}\n\n{}\n", table(&reports), EXPLANATION))
}

const EXPLANATION: &str = "\
digits: right ones of the worst coefficient, 15 at most; fails: broke down
ne: normal equations, κ₂(AᵀA) = κ₂(A)²; qrp: pivoted QR; µs: one solve, median";

fn report(set: &DataSet, args: &NistArgs) -> Result<Report, Fault> {
    let (coefficients, uncertain) = (set.certified.numbers()?, set.certified.rounding()?);
    let reference = Reference {
        kind: "certified",
        coefficients: Some(set.certified.coefficients.clone()),
        uncertainty: Some(uncertain.iter().copied().fold(0.0, f64::max)),
        residual_norm: Some(set.certified.residual_norm()),
        dependent_columns: None,
        message: None,
    };
    let known = Known { reference, coefficients: Some(coefficients), uncertain: Some(uncertain) };
    compare(&set.problem, &set.data, &args.methods.list, known)
}

fn table(reports: &[Report]) -> String {
    let names: Vec<&str> = reports.first().map(|r| r.methods.iter().map(|m| m.name).collect()).unwrap_or_default();
    let group = |unit: &'static str| {
        let head = move |(i, name): (usize, &&str)| format!("{}\n{name}", if i == 0 { unit } else { "" });
        names.iter().enumerate().map(head).collect::<Vec<_>>()
    };
    let mut header: Vec<String> = ["\ndata set", "\nrows×cols", "\nκ₂(A)"].map(String::from).to_vec();
    header.extend(group("digits"));
    header.extend(group("µs"));
    let rows: Vec<Vec<String>> = reports.iter().map(row).collect();
    text::table(&header, &rows, 1)
}

fn row(report: &Report) -> Vec<String> {
    let name = report.source.trim_start_matches("nist:").to_string();
    let size = format!("{}×{}", report.rows, report.columns);
    let kappa = text::or_none(report.condition.kappa2.map(text::exponent));
    let digits = |m: &MethodReport| m.digits.map_or(text::FAILS.to_string(), text::digits);
    let time = |m: &MethodReport| text::or_none(m.seconds.map(|s| format!("{:.1}", s * 1e6)));
    let mut row = vec![name, size, kappa];
    row.extend(report.methods.iter().map(digits));
    row.extend(report.methods.iter().map(time));
    row
}
