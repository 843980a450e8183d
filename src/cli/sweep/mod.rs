//! The command `lapwing sweep`: forward errors of the methods on random problems, over the condition number and the
//! size of the residual.
//!
//! Top floor. One table on stdout, or one JSON object, and a picture if asked for; it must not know how problems are made
//! or solved.

mod measure;
mod random;
pub mod report;

use super::args::{MethodName, SweepArgs};
use super::fault::{Fault, quoted};
use super::output;
use super::plot;
use super::progress::Bar;
use super::target;
use super::text;
use random::Random;
use report::{Errors, Point, SCHEMA, Sweep};

/// Runs the command.
pub fn run(args: &SweepArgs) -> Result<(), Fault> {
    check(args)?;
    let target = args.plot.as_ref().map(|path| target::picture(path, &[])).transpose()?;
    let sweep = sweep(args)?;
    if let Some((target, format)) = target {
        target::write(&[(target, plot::encode(&plot::sweep::figure(&sweep), format)?)])?;
    }
    if args.json {
        return output::json(&sweep);
    }
    output::text(&format!("{}\n\n{}\n", table(&sweep), text::wrap(&explanation(&sweep))))
}

/// Above this the exact answers take longer than anybody waits.
const MOST_ENTRIES: usize = 1_000_000;

/// Options that contradict each other.
fn check(args: &SweepArgs) -> Result<(), Fault> {
    let (rows, columns) = (args.rows, args.columns);
    if rows < columns {
        return Err(Fault::usage(format!("expected at least as many rows as columns, found {rows} for {columns}")));
    }
    if rows * columns > MOST_ENTRIES {
        return Err(Fault::usage(format!("expected at most {MOST_ENTRIES} entries, found {rows}×{columns}")));
    }
    if let Some(residual) = args.residuals.iter().find(|&&residual| residual > 0.0 && rows == columns) {
        let residual = text::plain(*residual);
        return Err(Fault::usage(format!(
            "a square system has no residual: expected more than {rows} rows, or --residuals 0, found {residual}"
        )));
    }
    for (i, residual) in args.residuals.iter().enumerate() {
        if args.residuals[..i].contains(residual) {
            let residual = quoted(&text::plain(*residual));
            return Err(Fault::usage(format!("the residual {residual} is named twice")));
        }
    }
    Ok(())
}

fn sweep(args: &SweepArgs) -> Result<Sweep, Fault> {
    let methods = methods(args);
    let kappas = kappas(args.kappa_max, args.points);
    let bar = Bar::new(args.residuals.len() * kappas.len() * args.repetitions);
    let mut random = Random::new(args.seed);
    let mut points = Vec::new();
    for &residual in &args.residuals {
        for &kappa in &kappas {
            points.push(point(args, &methods, &mut random, (kappa, residual), &bar)?);
        }
    }
    Ok(Sweep {
        schema: SCHEMA,
        rows: args.rows,
        columns: args.columns,
        seed: args.seed,
        repetitions: args.repetitions,
        epsilon: f64::EPSILON,
        reference: "exact-stored",
        points,
    })
}

/// Those asked for, each once, or all that exist.
fn methods(args: &SweepArgs) -> Vec<MethodName> {
    if args.methods.is_empty() {
        return measure::available();
    }
    let first = |(i, method): (usize, &MethodName)| (!args.methods[..i].contains(method)).then_some(*method);
    args.methods.iter().enumerate().filter_map(first).collect()
}

/// So many condition numbers from 1 to the largest, each the same multiple of the one before.
fn kappas(largest: f64, points: usize) -> Vec<f64> {
    (0..points).map(|i| 10f64.powf(largest.log10() * i as f64 / (points - 1) as f64)).collect()
}

fn point(
    args: &SweepArgs, methods: &[MethodName], random: &mut Random, (kappa, residual): (f64, f64), bar: &Bar,
) -> Result<Point, Fault> {
    let mut kappas = Vec::new();
    let mut errors = vec![Vec::new(); methods.len()];
    for _ in 0..args.repetitions {
        let problem = random::problem(random, (args.rows, args.columns), kappa, residual);
        let measured = measure::measure(&problem, methods)?;
        kappas.extend(measured.kappa2);
        errors.iter_mut().zip(measured.errors).for_each(|(errors, error)| errors.push(error));
        bar.advance();
    }
    let methods = methods.iter().zip(errors).map(|(&method, errors)| Errors::new(method, errors)).collect();
    Ok(Point { residual, kappa, kappa2_stored: report::median(kappas), methods })
}

fn table(sweep: &Sweep) -> String {
    let names = sweep.points.first().map(|p| p.methods.iter().map(|m| m.name).collect::<Vec<_>>()).unwrap_or_default();
    let mut header = ["ρ", "κ", "κ·ε", "κ²·ε"].map(String::from).to_vec();
    header.extend(names.into_iter().map(String::from));
    let exponent = |value: f64| format!("{value:.1e}");
    let cell = |errors: &Errors| match (errors.median, errors.failures) {
        (None, _) => text::FAILS.to_string(),
        (Some(0.0), 0) => "0".to_string(),
        (Some(median), 0) => exponent(median),
        (Some(median), _) => format!("{}*", exponent(median)),
    };
    let row = |p: &Point| {
        let (kappa, epsilon) = (p.kappa, sweep.epsilon);
        let mut row = vec![text::plain(p.residual), exponent(kappa)];
        row.extend([kappa * epsilon, kappa * kappa * epsilon].map(exponent));
        row.extend(p.methods.iter().map(cell));
        row
    };
    text::table(&header, &sweep.points.iter().map(row).collect::<Vec<_>>(), 0)
}

fn explanation(sweep: &Sweep) -> String {
    let some = sweep.points.iter().flat_map(|p| &p.methods).any(|m| m.median.is_some() && m.failures > 0);
    let sometimes = if some { "; *: fails on some of them, which are not counted" } else { "" };
    format!(
        "Median of ‖x̂ − x‖/‖x‖ over {} random {}×{} problems, x the exact solution of the stored numbers; κ: condition \
         number κ₂(A); ρ: ‖r‖/(‖A‖‖x‖), the size of the residual; fails: broke down on all of them{sometimes}.",
        sweep.repetitions, sweep.rows, sweep.columns
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn condition_numbers_are_evenly_spaced_on_a_logarithmic_axis() {
        let grid = kappas(1e15, 16);
        assert_eq!((grid.len(), grid[0]), (16, 1.0));
        for (i, kappa) in grid.iter().enumerate() {
            assert!((kappa / 10f64.powi(i as i32) - 1.0).abs() < 1e-13, "{kappa:e}");
        }
    }

    #[test]
    fn tables_tell_failure_from_success() {
        let errors = |forward_errors| Errors::new(MethodName::Ne, forward_errors);
        let point = |kappa, errors| Point { residual: 0.0, kappa, kappa2_stored: None, methods: vec![errors] };
        let sweep = Sweep {
            schema: SCHEMA,
            rows: 4,
            columns: 2,
            seed: 1,
            repetitions: 2,
            epsilon: f64::EPSILON,
            reference: "exact-stored",
            points: vec![
                point(1.0, errors(vec![Some(0.0), Some(0.0)])),
                point(1e3, errors(vec![Some(1.5e-9), None])),
                point(1e9, errors(vec![None, None])),
            ],
        };
        let table = table(&sweep);
        let last: Vec<&str> = table.lines().skip(2).filter_map(|line| line.split_whitespace().last()).collect();
        assert_eq!(last, ["0", "1.5e-9*", "fails"]);
        assert!(explanation(&sweep).ends_with("*: fails on some of them, which are not counted."));
    }
}
