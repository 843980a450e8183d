//! Tests of `lapwing sweep`: errors on random problems behave as the theory says, and a seed always means the same run.
//!
//! The bounds are those of the rounding analysis with its constants; nothing is compared with an earlier run.

use serde_json::Value;

use super::cli_plot::{directory, texts};
use super::cli_run::{good, json, refused};

/// κ, and the largest and the median error of each method, where it never failed.
type Point = (f64, Vec<Option<(f64, f64)>>);

fn points(sweep: &Value, residual: f64) -> Vec<Point> {
    let point = |p: &Value| {
        let errors = |m: &Value| {
            let all = m["forward_errors"].as_array().expect("an array");
            let all: Option<Vec<f64>> = all.iter().map(Value::as_f64).collect();
            Some((all?.into_iter().fold(0.0, f64::max), m["median"].as_f64()?))
        };
        (
            p["kappa"].as_f64().expect("a number"),
            p["methods"].as_array().expect("an array").iter().map(errors).collect(),
        )
    };
    let all = sweep["points"].as_array().expect("an array");
    all.iter().filter(|p| p["residual"].as_f64() == Some(residual)).map(point).collect()
}

const METHODS: [&str; 4] = ["ne", "qr", "qrp", "svd"];

fn run() -> Value {
    let methods = METHODS.join(",");
    json("sweep", &["sweep", "--rows", "30", "--columns", "5", "--repetitions", "5", "--methods", &methods, "--json"])
}

/// Wedin's bound with γ = c·mn·u for the orthogonal methods, κ²·γ·(1 + ‖b‖/(‖A‖‖x‖)) for the normal equations (Higham,
/// Accuracy and Stability, Theorem 20.1 and §20.4), where they are below 1/10 and so of first order. ‖A‖ = ‖x‖ = 1.
#[test]
fn errors_are_within_what_theory_allows() {
    let sweep = run();
    let gamma = 30.0 * 5.0 * f64::EPSILON;
    let mut judged = [0; 4];
    for residual in [0.0, 1e-4, 1.0] {
        let points = points(&sweep, residual);
        assert_eq!(points.len(), 16);
        for (kappa, errors) in points {
            for (i, errors) in errors.iter().enumerate() {
                let bound = match METHODS[i] {
                    "ne" => gamma * kappa * kappa * (2.0 + residual),
                    _ => gamma * kappa * (2.0 + (kappa + 1.0) * residual),
                };
                if bound > 0.1 {
                    continue;
                }
                let (largest, _) = errors.unwrap_or_else(|| panic!("{} fails at κ = {kappa:e}", METHODS[i]));
                assert!(largest <= bound, "{}: {largest:e} above {bound:e} at κ = {kappa:e}", METHODS[i]);
                judged[i] += 1;
            }
        }
    }
    // κ to 1e6 for the normal equations; for the others to 1e12, 1e7 and 1e6 by residual.
    assert!(judged[0] >= 15 && judged[1..].iter().all(|&n| n >= 24), "{judged:?}");
}

/// What the figure is for: without a residual the normal equations lose twice the digits of QR, and break down in the
/// end; the same digits are lost by all where the residual is large.
#[test]
fn the_normal_equations_square_the_condition_number() {
    let sweep = run();
    let at = |residual, decade: usize| {
        let (kappa, errors) = points(&sweep, residual).swap_remove(decade);
        assert!((kappa.log10() - decade as f64).abs() < 1e-9);
        errors
    };
    let median = |residual, decade, method: usize| at(residual, decade)[method].expect("it does not fail").1;
    for decade in [3, 4, 5, 6] {
        // A tenth of the whole factor κ, and less than κ²ε would be for QR.
        let (ne, qr) = (median(0.0, decade, 0), median(0.0, decade, 1));
        assert!(ne > 0.01 * 10f64.powi(decade as i32) * qr, "{ne:e} {qr:e}");
    }
    // The slopes on logarithmic axes over three decades, 2 and 1.
    let slope = |residual, method| (median(residual, 6, method) / median(residual, 3, method)).log10() / 3.0;
    assert!((1.4..2.6).contains(&slope(0.0, 0)), "{}", slope(0.0, 0));
    assert!((0.4..1.6).contains(&slope(0.0, 1)), "{}", slope(0.0, 1));
    assert!((1.4..2.6).contains(&slope(1.0, 1)), "{}", slope(1.0, 1));
    assert_eq!(at(0.0, 12)[0], None, "κ²·ε = 2e8");
}

#[test]
fn every_key_is_there() {
    let sweep = run();
    let keys = |value: &Value| -> Vec<String> { value.as_object().expect("an object").keys().cloned().collect() };
    let expected = ["columns", "epsilon", "points", "reference", "repetitions", "rows", "schema", "seed"];
    assert_eq!(keys(&sweep), expected);
    assert_eq!((&sweep["schema"], &sweep["reference"]), (&Value::from(1), &Value::from("exact-stored")));
    for point in sweep["points"].as_array().expect("an array") {
        assert_eq!(keys(point), ["kappa", "kappa2_stored", "methods", "residual"]);
        let (kappa, stored) = (point["kappa"].as_f64().expect("a number"), point["kappa2_stored"].as_f64());
        // Entries and singular values are right to some eps; beyond 1e13 that is a good part of the least one.
        if kappa < 1e13 {
            assert!(stored.is_some_and(|stored| (stored / kappa - 1.0).abs() < 0.1), "{stored:?} for {kappa:e}");
        }
        for (method, name) in point["methods"].as_array().expect("an array").iter().zip(METHODS) {
            assert_eq!(keys(method), ["failures", "forward_errors", "median", "name"]);
            assert_eq!(method["name"], name);
            let errors = method["forward_errors"].as_array().expect("an array");
            let failures = errors.iter().filter(|e| e.is_null()).count();
            assert_eq!((errors.len(), method["failures"].as_u64()), (5, Some(failures as u64)));
            assert_eq!(method["median"].is_null(), failures == 5);
        }
    }
}

#[test]
fn a_seed_is_a_run() {
    let (test, size) = ("sweep_seed", ["--rows", "12", "--columns", "3", "--repetitions", "2", "--points", "5"]);
    let here = directory(test);
    let sweep = |more: &[&str]| good(test, &[&["sweep"], &size[..], more].concat());
    let first = sweep(&["--plot", "first.svg"]);
    assert_eq!(sweep(&["--plot", "second.svg"]), first);
    assert_ne!(sweep(&["--seed", "2"]), first);
    let read = |name: &str| std::fs::read_to_string(here.join(name)).expect("it was written");
    assert_eq!(read("first.svg"), read("second.svg"));
    // What the default leaves out does not exist in this version.
    let all = sweep(&[]);
    let header: Vec<&str> = all.lines().next().expect("a header").split_whitespace().collect();
    assert!(METHODS.iter().all(|m| header.contains(m)), "{header:?}");
    let texts = texts(&read("first.svg"));
    for expected in ["qr", "svd", "κ·ε", "κ²·ε", "residual ρ = 0", "residual ρ = 0.0001", "residual ρ = 1"] {
        assert!(texts.iter().any(|t| t == expected), "{expected} in {texts:?}");
    }
}

#[test]
fn the_table_has_a_row_for_each_point() {
    let text = good("sweep_table", &["sweep", "--rows", "6", "--columns", "2", "--repetitions", "1", "--points", "4"]);
    let rows: Vec<&str> = text.lines().skip(2).take_while(|line| !line.is_empty()).collect();
    assert_eq!(rows.len(), 3 * 4);
    assert!(rows[0].split_whitespace().take(4).eq(["0", "1.0e0", "2.2e-16", "2.2e-16"]), "{}", rows[0]);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let square =
        good("sweep_table", &["sweep", "--rows", "2", "--columns", "2", "--residuals", "0", "--methods", "qr"]);
    assert_eq!(square.lines().next().map(|l| l.split_whitespace().last()), Some(Some("qr")));
}

#[test]
fn a_method_that_is_named_twice_is_measured_once() {
    let size = ["--rows", "6", "--columns", "2", "--repetitions", "1", "--points", "2", "--residuals", "0"];
    let sweep = json("sweep_twice", &[&["sweep"], &size[..], &["--methods", "qr,ne,qr", "--json"]].concat());
    let methods = sweep["points"][0]["methods"].as_array().expect("an array");
    assert!(methods.iter().map(|m| &m["name"]).eq(["qr", "ne"]), "{methods:?}");
}

#[test]
fn help_is_readable() {
    let text = good("sweep_help", &["sweep", "--help"]);
    assert!(text.contains("Usage: lapwing sweep") && text.lines().all(|l| l.chars().count() <= 100), "{text}");
}

#[test]
fn bad_options() {
    let help = "(see --help)";
    for (arguments, line) in [
        (
            &["--rows", "3", "--columns", "4"][..],
            "expected at least as many rows as columns, found 3 for 4".to_string(),
        ),
        (
            &["--rows", "4", "--columns", "4"],
            "a square system has no residual: expected more than 4 rows, or --residuals 0, found 0.0001".into(),
        ),
        (&["--rows", "10001", "--columns", "100"], "expected at most 1000000 entries, found 10001×100".into()),
        (&["--residuals", "0,1,0"], "the residual \"0\" is named twice".into()),
        (
            &["--residuals", "-1"],
            format!(
                "invalid value '-1' for '--residuals <LIST>': expected a size of the residual from 0 to 1e8 {help}"
            ),
        ),
        (
            &["--residuals", "nan"],
            format!(
                "invalid value 'nan' for '--residuals <LIST>': expected a size of the residual from 0 to 1e8 {help}"
            ),
        ),
        (
            &["--kappa-max", "1"],
            format!(
                "invalid value '1' for '--kappa-max <KAPPA>': expected a condition number above 1 and up to 1e16 {help}"
            ),
        ),
        (
            &["--columns", "1"],
            format!("invalid value '1' for '--columns <N>': expected a whole number from 2 to 1000 {help}"),
        ),
        (
            &["--points", "1"],
            format!("invalid value '1' for '--points <COUNT>': expected a whole number from 2 to 200 {help}"),
        ),
        (
            &["--repetitions", "0"],
            format!("invalid value '0' for '--repetitions <COUNT>': expected a whole number from 1 to 1000 {help}"),
        ),
        (&["--plot", "sweep.gif"], "sweep.gif: expected a picture whose name ends in .svg or .png, found .gif".into()),
    ] {
        refused("sweep_bad", &[&["sweep"], arguments].concat(), &line);
    }
}
