//! Tests of the exact reference of `lapwing compare`: what it says against answers known elsewhere, what it refuses, and
//! what a run that is broken off leaves behind.

use lapwing::lstsq::exact::Rational;
use serde_json::{Value, json as value};

use super::cli_run::{command, file, good, json, run};

const LONGLEY: &str = include_str!("../../data/nist/Longley.csv");
const FILIP: &str = include_str!("../../data/nist/Filip.csv");

fn rational(text: &Value) -> Rational {
    text.as_str().and_then(|text| text.parse().ok()).expect("a decimal as a string")
}

/// The 41 digits of an independent computation, rounded as the command rounds.
fn published(name: &str) -> (Vec<String>, Rational) {
    let all: Value = serde_json::from_str(include_str!("../../data/nist/exact.json")).expect("the file is JSON");
    let set = all["datasets"].as_array().and_then(|sets| sets.iter().find(|s| s["name"] == name)).expect("it is there");
    let coefficients = set["coefficients"].as_array().expect("an array");
    (coefficients.iter().map(|c| rational(c).to_decimal(30)).collect(), rational(&set["residual_sum_of_squares"]))
}

#[test]
fn a_table_is_solved_in_the_decimals_it_prints() {
    file("exact_table", "longley.csv", LONGLEY);
    file("exact_table", "filip.csv", FILIP);
    for (name, arguments) in [
        ("Longley", vec!["compare", "longley.csv", "-y", "y", "--json"]),
        ("Filip", vec!["compare", "filip.csv", "-y", "y", "--poly", "10", "--json", "--reference", "exact"]),
    ] {
        let report = json("exact_table", &arguments);
        let (coefficients, squares) = published(name);
        let reference = &report["reference"];
        assert_eq!((&reference["kind"], &reference["coefficients"]), (&value!("exact-decimal"), &value!(coefficients)));
        assert_eq!(reference["residual_norm"], squares.sqrt_to_decimal(30));
        assert!(reference["message"].is_null() && reference["dependent_columns"].is_null());
        for method in report["methods"].as_array().expect("an array").iter().filter(|m| m["status"] == "ok") {
            let x =
                method["coefficients"].as_array().expect("it succeeded").iter().map(|x| x.as_f64().expect("a number"));
            let errors = x.zip(&coefficients).map(|(x, c)| {
                let exact: f64 = c.parse().expect("a decimal");
                ((x - exact) / exact).abs()
            });
            let worst = -errors.fold(1e-15, f64::max).log10();
            let digits = method["digits"].as_f64().expect("there is a reference");
            // Up to the rounding of the reference to a double, which matters where 15 digits are right.
            assert!((digits - worst).abs() < 0.01, "{name} {}: {digits} for {worst}", method["name"]);
        }
    }
}

/// 3x = 1: the double nearest to 1/3 is wrong by 2⁻⁵⁴ of it, which a rounded reference would not show.
#[test]
fn errors_are_those_against_the_exact_answer() {
    file("exact_third", "data.csv", "x,y\n3,1\n");
    let report = json("exact_third", &["compare", "data.csv", "--no-intercept", "--json", "--methods", "qr"]);
    assert_eq!(report["reference"]["coefficients"], value!([format!("0.{}", "3".repeat(30))]));
    assert_eq!(report["reference"]["residual_norm"], "0");
    let x = report["methods"][0]["coefficients"][0].as_f64().expect("a number");
    let error = report["methods"][0]["relative_error"].as_f64().expect("a number");
    let third = Rational::from(1).checked_div(&Rational::from(3)).expect("not 0");
    assert!(error > 0.0 && (error / third.relative_error_of(x) - 1.0).abs() < 4.0 * f64::EPSILON, "{error:e}");
}

#[test]
fn a_matrix_is_solved_as_it_is_stored() {
    let test = "exact_stored";
    file(test, "a.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n1\n");
    file(test, "b.csv", "b\n0.1\n0.3\n");
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n";
    let ones = [1f32, 1.0].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let length = (header.len() as u16).to_le_bytes();
    file(test, "a.npy", [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &ones].concat());
    for matrix in ["a.mtx", "a.npy"] {
        let report = json(test, &["compare", matrix, "--rhs", "b.csv", "--json"]);
        assert_eq!(report["reference"]["kind"], "exact-stored");
        // The mean of the doubles next to 0.1 and 0.3, not 0.2.
        assert_eq!(report["reference"]["coefficients"], value!(["0.199999999999999997224442438437"]));
    }
    let text = good(test, &["compare", "a.mtx", "--rhs", "b.csv"]);
    assert!(text.contains("reference: exact-stored, rational arithmetic on the matrix as stored"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("coefficient") && line.ends_with("exact")), "{text}");
}

#[test]
fn dependent_columns_are_named_with_their_coefficients() {
    let test = "exact_dependent";
    file(test, "data.csv", "u,v,w,y\n0.1,1.2,1,1\n0.2,1.4,5,2\n0.3,1.6,2,4\n0.5,2,2,4\n0.7,2.4,-1,0\n");
    let report = json(test, &["compare", "data.csv", "--json"]);
    let combination = value!([{"column": "(intercept)", "coefficient": "1"}, {"column": "u", "coefficient": "2"}]);
    assert_eq!(report["reference"]["dependent_columns"], value!([{"column": "v", "combination": combination}]));
    assert!(report["reference"]["coefficients"].is_null() && report["methods"][1]["digits"].is_null());
    let text = good(test, &["compare", "data.csv"]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(
            "there is no unique answer: the columns are linearly dependent (rank 3 of 4): v = (intercept) + 2·u."
        ),
        "{text}"
    );
    assert!(words.contains("dependent in exact arithmetic"), "{text}");
    let wrapped = |line: &str| line.chars().count() <= 80 || line.starts_with("verdict: ");
    assert!(text.lines().all(wrapped), "{text}");
}

/// A polynomial whose exact powers have hundreds of digits.
fn long_polynomial(rows: usize) -> String {
    let row = |i: usize| format!("{}.{:09},{}\n", i % 9 + 1, (i * 7_919 + 1) * 104_729 % 1_000_000_000, i * i % 13);
    "x,y\n".to_string() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn what_takes_long_is_left_out_or_refused() {
    let test = "exact_limit";
    file(test, "data.csv", long_polynomial(150));
    let arguments = ["compare", "data.csv", "--poly", "60", "--methods", "qrp,svd"];
    let report = json(test, &[&arguments[..], &["--json"]].concat());
    // Refinement takes its place, and finds that the powers are dependent in double precision.
    assert_eq!(report["reference"]["kind"], "none");
    let message = report["reference"]["message"].as_str().expect("a reason");
    assert!(message.contains("and the limit is 1 s; --reference exact --reference-limit "), "{message}");
    assert!(message.contains(" allows it; refinement has no answer: "), "{message}");
    assert!(good(test, &arguments).contains("reference: none; the exact answer is estimated to take"));
    let ran = run(test, &[&arguments[..], &["--reference", "exact", "--reference-limit", "0.5"]].concat());
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (Some(2), "", 1));
    let start = "lapwing: data.csv: the exact answer is estimated to take ";
    assert!(ran.stderr.starts_with(start) && ran.stderr.contains("operations, about "), "{}", ran.stderr);
    // Nothing is too small for a limit of 0.
    file(test, "small.csv", "x,y\n1,2\n2,3\n4,4\n");
    let ran = run(test, &["compare", "small.csv", "--reference", "exact", "--reference-limit", "0"]);
    assert_eq!(ran.status, Some(2), "{}", ran.stderr);
    let unasked = json(test, &["compare", "small.csv", "--reference-limit", "0", "--json"]);
    assert_eq!(unasked["reference"]["kind"], "refined");
}

/// Longley's matrix holds integers and tenths of them: what refinement solves is what is printed, but for the rounding of the
/// tenths, which moves the answer by at most some κ₂(AD⁻¹)·ε = 4.3e4·2.2e-16.
#[test]
fn the_refined_answer_of_a_table_is_that_of_its_doubles() {
    let test = "refined_table";
    file(test, "longley.csv", LONGLEY);
    let (published, _) = published("Longley");
    let exact: Vec<f64> = published.iter().map(|x| x.parse().expect("a decimal")).collect();
    for arguments in [["--reference", "refined"], ["--reference-limit", "1e-6"]] {
        let command = [&["compare", "longley.csv", "-y", "y"][..], &arguments].concat();
        let report = json(test, &[&command[..], &["--json"]].concat());
        let reference = &report["reference"];
        assert_eq!(reference["kind"], "refined");
        let found = reference["coefficients"].as_array().expect("an answer").iter();
        for (found, exact) in
            found.map(|x| x.as_str().and_then(|x| x.parse::<f64>().ok()).expect("a number")).zip(&exact)
        {
            assert!((found / exact - 1.0).abs() < 1e-10, "{found} for {exact}");
        }
        let is_unasked = arguments[0] == "--reference-limit";
        let reason = reference["message"].as_str().unwrap_or_default();
        assert_eq!(reason.contains("; --reference exact --reference-limit "), is_unasked, "{reason}");
        assert!(report["methods"][1]["digits"].as_f64() > Some(9.0) && report["verdict"]["method"] == "qr");
        let text = good(test, &command);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("reference: refined, QR with longer residuals on the matrix as stored"), "{text}");
        assert_eq!(words.contains("the exact answer is estimated to take"), is_unasked, "{text}");
    }
}

#[cfg(unix)]
const SIGINT: i32 = 2;
#[cfg(unix)]
const SIGTERM: i32 = 15;

/// Whether this process, and so its children, began with interrupts ignored, as a shell's background jobs do. Where that
/// cannot be read they are taken to be heard.
#[cfg(unix)]
fn interrupts_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (SIGINT - 1)) != 0
}

/// An interrupt during a long reference ends the process by that signal, with nothing written anywhere.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;
    use std::time::Duration;
    let test = "exact_interrupt";
    file(test, "data.csv", long_polynomial(400));
    let arguments =
        ["compare", "data.csv", "--poly", "200", "--reference", "exact", "--reference-limit", "inf", "--json"];
    let mut command = command(test, &arguments);
    let directory = command.get_current_dir().expect("it is set").to_path_buf();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    std::thread::sleep(Duration::from_millis(1500));
    assert!(child.try_wait().expect("it can be asked").is_none(), "the reference takes longer than that");
    let signal = if interrupts_are_ignored() { SIGTERM } else { SIGINT };
    let sent = std::process::Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
    let output = child.wait_with_output().expect("the process ends");
    assert_eq!(output.status.signal(), Some(signal));
    assert_eq!((output.stdout.len(), output.stderr.len()), (0, 0));
    let left: Vec<_> =
        std::fs::read_dir(directory).expect("it is there").map(|f| f.expect("readable").file_name()).collect();
    assert_eq!(left, ["data.csv"]);
}
