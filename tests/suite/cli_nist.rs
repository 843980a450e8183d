//! Tests of `lapwing nist`: the digits it shows are those that were measured elsewhere with LAPACK, and its
//! JSON has every key.
//!
//! The digits are also computed here from the coefficients and from exact arithmetic, without the command's
//! own scoring.

use serde_json::Value;

use super::cli_run::{good, json};

fn reports() -> Vec<Value> {
    json("nist", &["nist", "--json"]).as_array().expect("an array").clone()
}

fn method<'a>(report: &'a Value, name: &str) -> &'a Value {
    let methods = report["methods"].as_array().expect("an array");
    methods.iter().find(|m| m["name"] == name).expect("the method was asked for")
}

fn find<'a>(reports: &'a [Value], name: &str) -> &'a Value {
    reports.iter().find(|r| r["source"] == format!("nist:{name}")).expect("the set is shipped")
}

const NAMES: [&str; 11] = [
    "Norris", "Pontius", "NoInt1", "NoInt2", "Filip", "Longley", "Wampler1", "Wampler2", "Wampler3", "Wampler4",
    "Wampler5",
];

/// Digits measured with NumPy and SciPy on OpenBLAS: normal equations, Householder QR, SVD. Pivoted QR is held against
/// the figure of QR, whose error bound it shares. The last digits depend on the order of summation in the BLAS that is
/// linked, hence the tolerance of somewhat more than one digit.
const MEASURED: [(&str, Option<f64>, f64, f64); 9] = [
    ("Norris", Some(12.3), 12.6, 12.3),
    ("Pontius", Some(12.1), 12.4, 6.2),
    ("Filip", None, 8.1, 5.7),
    ("Longley", Some(7.2), 10.9, 10.9),
    ("Wampler1", Some(6.5), 9.4, 9.3),
    ("Wampler2", Some(9.3), 12.6, 10.2),
    ("Wampler3", Some(6.5), 9.4, 9.6),
    ("Wampler4", Some(6.5), 7.9, 7.9),
    ("Wampler5", Some(6.5), 5.9, 5.9),
];
const TOLERANCE: f64 = 1.5;

#[test]
fn digits_are_those_measured_elsewhere() {
    let reports = reports();
    let order: Vec<&str> = reports.iter().filter_map(|r| r["source"].as_str()?.strip_prefix("nist:")).collect();
    assert_eq!(order, NAMES);
    for (name, ne, qr, svd) in MEASURED {
        let report = find(&reports, name);
        for (method_name, expected) in [("ne", ne), ("qr", Some(qr)), ("qrp", Some(qr)), ("svd", Some(svd))] {
            let method = method(report, method_name);
            match expected {
                Some(expected) => {
                    let found =
                        method["digits"].as_f64().unwrap_or_else(|| panic!("{name} {method_name} failed: {method}"));
                    assert!(found > expected - TOLERANCE, "{name} {method_name}: {found} for {expected}");
                }
                None => {
                    assert_eq!(method["status"], "failed", "{name} {method_name}");
                    assert!(method["message"].as_str().is_some_and(|m| !m.is_empty()), "{name} {method_name}");
                    assert!(
                        method["digits"].is_null() && method["coefficients"].is_null() && method["seconds"].is_null()
                    );
                }
            }
        }
    }
}

/// With one column, x = aᵀb/aᵀa: two sums of at most 11 positive terms and a quotient err by at most 24·eps/2 (Higham,
/// Accuracy and Stability, section 3.1), a Householder reflection by a small multiple of that; the certified value adds
/// 5e-15. Together that is below 1e-13.
#[test]
fn one_column_keeps_almost_everything() {
    let reports = reports();
    for name in ["NoInt1", "NoInt2"] {
        for method in find(&reports, name)["methods"].as_array().expect("an array") {
            assert!(method["digits"].as_f64() > Some(13.0), "{name}: {method}");
        }
    }
}

/// What the comparison is for: where the normal equations lose digits, they are seen to lose them.
#[test]
fn the_normal_equations_lose_what_qr_keeps() {
    let reports = reports();
    let digits = |set: &str, name: &str| method(find(&reports, set), name)["digits"].as_f64().expect("it succeeds");
    assert!(digits("Longley", "ne") < 9.0 && digits("Longley", "qr") > 9.5);
    assert!(digits("Wampler1", "ne") < 8.0 && digits("Wampler1", "qr") > 8.0);
    assert!(digits("Pontius", "svd") < 8.0 && digits("Pontius", "qr") > 11.0);
    assert!(digits("Filip", "qr") > 6.5);
}

/// What `compare` calls certain of a user's file, held against what the certified values show: never more than is right, and
/// hardly less where the data are stored as they are printed. Rounded data cost digits that they may not have lost.
#[test]
fn certain_digits_are_right() {
    for report in &reports() {
        for method in report["methods"].as_array().expect("an array") {
            let name = method["name"].as_str().expect("a name");
            let (Some(certain), Some(digits)) = (method["certain_digits"].as_f64(), method["digits"].as_f64()) else {
                assert_eq!(method["status"], "failed");
                continue;
            };
            // Though the certified values themselves are rounded to 15 digits.
            assert!(certain <= digits, "{} {name}: {certain} certain, {digits} found", report["source"]);
            let is_stored = report["source"].as_str().is_some_and(|s| s.contains("Wampler1") || s.contains("NoInt"));
            let least = if is_stored { digits - 0.01 } else { digits - 3.5 };
            assert!(certain >= least, "{} {name}: {certain} certain, {digits} found", report["source"]);
            let bound = method["error_bound"].as_f64().expect("a number");
            let error =
                method["relative_error"].as_f64().or(method["relative_error_below"].as_f64()).expect("a number");
            assert!(error <= bound, "{} {name}: {error:e} above {bound:e}", report["source"]);
        }
    }
}

/// The automatic choice is judged as a method of its own where the method that it chose is not asked for.
#[test]
fn the_automatic_choice_has_a_verdict() {
    for report in json("nist", &["nist", "--methods", "auto", "--json"]).as_array().expect("an array") {
        assert_eq!(report["verdict"]["method"], "auto", "{}", report["verdict"]);
    }
    let all = json("nist", &["nist", "--methods", "ne,auto", "--json"]);
    for set in ["Longley", "Filip"] {
        assert_eq!(find(all.as_array().expect("an array"), set)["verdict"]["method"], "auto", "{set}");
    }
}

/// −log₁₀ of the relative error of the worst coefficient against 41-digit values, at most 15.
#[test]
fn digits_agree_with_exact_arithmetic() {
    let exact: Value = serde_json::from_str(include_str!("../../data/nist/exact.json")).expect("the file is JSON");
    for (report, exact) in reports().iter().zip(exact["datasets"].as_array().expect("an array")) {
        let exact: Vec<f64> = exact["coefficients"]
            .as_array()
            .expect("an array")
            .iter()
            .map(|c| c.as_str().and_then(|c| c.parse().ok()).expect("a number"))
            .collect();
        for method in report["methods"].as_array().expect("an array") {
            let Some(digits) = method["digits"].as_f64() else { continue };
            let found = method["coefficients"].as_array().expect("it succeeded");
            assert_eq!(found.len(), exact.len());
            let worst = found
                .iter()
                .zip(&exact)
                .map(|(x, e)| ((x.as_f64().expect("a number") - e) / e).abs())
                .fold(1e-15, f64::max);
            let expected = -worst.log10();
            // The certified values are rounded to 15 digits, which matters once 13 digits are right: 5e-15 in
            // 1e-13.
            let slack = if expected > 13.0 { 1.0 } else { 0.05 };
            assert!((digits.min(15.0) - expected.max(0.0)).abs() < slack, "{} {digits} {expected}", method["name"]);
        }
    }
}

#[test]
fn condition_numbers_are_known() {
    let reports = reports();
    // Published by many: Longley's data with intercept have κ₂ = 4.86e9, Filip's 1.77e15.
    for (set, kappa, tolerance) in [("Longley", 4.859e9, 1e-3), ("Filip", 1.768e15, 0.05), ("NoInt1", 1.0, 1e-12)] {
        let condition = &find(&reports, set)["condition"];
        let found = condition["kappa2"].as_f64().expect("a number");
        assert!((found / kappa - 1.0).abs() < tolerance, "{set}: {found:e}");
        let gram = condition["kappa2_gram"].as_f64().expect("a number");
        assert!((gram / (found * found) - 1.0).abs() < 1e-12, "{set}: {gram:e}");
    }
    // Wampler's first two data sets are exact polynomials, the fifth is almost all noise.
    let condition = |set| &find(&reports, set)["condition"];
    let theta = condition("Wampler5")["theta"].as_f64().expect("a number");
    assert!(theta > 1.5 && theta < std::f64::consts::FRAC_PI_2 && condition("Wampler5")["theta_below"].is_null());
    // What is computed of an angle of 0 are rounding errors.
    assert!(condition("Wampler1")["theta"].is_null(), "{}", condition("Wampler1"));
    assert!(condition("Wampler1")["theta_below"].as_f64().is_some_and(|below| below > 0.0 && below < 1e-13));
}

#[test]
fn every_key_is_there() {
    let keys = |value: &Value| -> Vec<String> { value.as_object().expect("an object").keys().cloned().collect() };
    for report in &reports() {
        let mut expected =
            ["schema", "source", "rows", "columns", "column_names", "condition", "reference", "methods", "verdict"];
        expected.sort_unstable();
        assert_eq!(keys(report), expected);
        assert_eq!(report["schema"], 1);
        let expected = [
            "kappa2",
            "kappa2_above",
            "kappa2_gram",
            "kappa2_scaled",
            "kappa2_scaled_above",
            "problem",
            "rank",
            "theta",
            "theta_below",
        ];
        assert_eq!(keys(&report["condition"]), expected);
        let expected = ["coefficients", "dependent_columns", "kind", "message", "residual_norm", "uncertainty"];
        assert_eq!(keys(&report["reference"]), expected);
        assert_eq!(report["reference"]["kind"], "certified");
        let expected = [
            "advice",
            "method",
            "more_near_dependences",
            "near_dependences",
            "not_counted",
            "reason",
            "summary",
            "without_digits",
        ];
        assert_eq!(keys(&report["verdict"]), expected);
        assert_eq!(report["column_names"].as_array().map(Vec::len), report["columns"].as_u64().map(|n| n as usize));
        let expected = [
            "agreement",
            "backward_error",
            "certain_digits",
            "coefficients",
            "digits",
            "digits_per_coefficient",
            "error_bound",
            "message",
            "name",
            "relative_error",
            "relative_error_below",
            "residual_norm",
            "seconds",
            "status",
        ];
        for method in report["methods"].as_array().expect("an array") {
            assert_eq!(keys(method), expected);
        }
    }
}

#[test]
fn residuals_and_backward_errors_are_those_of_a_stable_method() {
    for report in &reports() {
        let reference: f64 =
            report["reference"]["residual_norm"].as_str().and_then(|r| r.parse().ok()).expect("a number as a string");
        let qr = method(report, "qr");
        let found = qr["residual_norm"].as_f64().expect("a number");
        // The residual of a backward stable method is the least one for a matrix within c·eps; to first order
        // it is larger by at most c·eps·‖A‖‖x‖, which for these data is far below 1e-5 of the responses.
        let scale = if reference > 0.0 { reference } else { 1e6 };
        assert!((found - reference).abs() <= 1e-5 * scale, "{}: {found:e} for {reference:e}", report["source"]);
        let backward = qr["backward_error"].as_f64().expect("a number");
        // Householder QR: ‖E‖_F ≤ c·m·n·eps‖A‖_F with a small c (Higham, Accuracy and Stability, Theorem
        // 20.3); m·n ≤ 902.
        assert!(backward <= 902.0 * f64::EPSILON, "{}: {backward:e}", report["source"]);
    }
}

#[test]
fn the_table_fits_and_marks_what_breaks_down() {
    let text = good("nist", &["nist"]);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect("a line for each set").to_string();
    assert_eq!(line("Filip").split_whitespace().nth(3), Some("fails"));
    assert_eq!(line("Longley").split_whitespace().nth(1), Some("16×7"));
    for name in NAMES {
        assert_eq!(line(name).split_whitespace().count(), 3 + 4 + 4, "{name}");
    }
    assert_eq!(text.lines().rev().take_while(|line| !line.is_empty()).count(), 2, "two lines explain the table");
    assert!(!text.contains('\u{1b}'), "no colour");
}

#[test]
fn methods_can_be_chosen() {
    let reports = json("nist", &["nist", "--methods", "svd,auto", "--json"]);
    let names: Vec<&Value> = reports[0]["methods"].as_array().expect("an array").iter().map(|m| &m["name"]).collect();
    assert_eq!(names, ["svd", "auto"]);
}
