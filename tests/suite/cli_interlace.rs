//! Tests of `lapwing interlace`: matrices and values for which every inequality holds, values for which one does not, pictures, and what is
//! refused.

use std::fs;

use serde_json::{Value, json};

use super::cli_plot::{directory, texts};
use super::cli_run::{file, good, json, refused, run};

const S: &str = "2,1,0\n1,3,1\n0,1,4\n";
const T: &str = "1,0.5,0\n0.5,-1,0\n0,0,2\n";

/// The theorem of that name.
fn theorem<'a>(report: &'a Value, name: &str) -> &'a Value {
    let all = report["theorems"].as_array().expect("a list");
    all.iter().find(|theorem| theorem["theorem"] == name).unwrap_or_else(|| panic!("{name} in {report}"))
}

#[test]
fn a_sum_satisfies_every_theorem() {
    let test = "interlace_sum";
    file(test, "S.csv", S);
    file(test, "T.csv", T);
    let report = json(test, &["interlace", "S.csv", "T.csv", "--json"]);
    assert_eq!((&report["holds"], &report["violated"], &report["schema"]), (&json!(true), &json!(0), &json!(1)));
    assert_eq!(report["source"], json!(["S.csv", "T.csv"]));
    // n(n + 1)/2 pairs of indices in each direction.
    assert_eq!(theorem(&report, "Weyl, from above")["checked"], 6);
    assert_eq!(theorem(&report, "Weyl, from below")["checked"], 6);
    let worst = &theorem(&report, "Weyl, from above")["worst"];
    assert_eq!((&worst["inequality"], &worst["indices"]), (&json!("λ₁(S+T) ≤ λ₁(S) + λ₁(T)"), &json!([1, 1, 1])));
    let counted: u64 =
        report["theorems"].as_array().expect("a list").iter().filter_map(|theorem| theorem["checked"].as_u64()).sum();
    assert_eq!(report["checked"], counted);
    let page = good(test, &["interlace", "S.csv", "T.csv"]);
    assert!(page.starts_with("S.csv, T.csv: S, T and S + T of order 3\n"), "{page}");
    assert!(page.contains(&format!("All {counted} inequalities hold: the values can be right.")), "{page}");
    assert!(page.contains("λ₁(S+T) ≤ λ₁(S) + λ₁(T)"), "{page}");
}

#[test]
fn a_rank_one_update_interlaces_and_is_drawn() {
    let test = "interlace_rank_one";
    file(test, "S.csv", S);
    file(test, "z.csv", "1,1,1\n");
    let args = ["interlace", "S.csv", "--rank-one", "z.csv", "--rho", "-2", "--json", "--plot", "p.svg"];
    let report = json(test, &args);
    assert_eq!(report["holds"], true);
    // The shifts add up to ρ‖z‖².
    let sum = theorem(&report, "sum of the shifts")["worst"]["right"].as_f64().expect("a number");
    assert!((sum + 6.0).abs() < 1e-14, "{sum}");
    let svg = fs::read_to_string(directory(test).join("p.svg")).expect("it was written");
    let texts = texts(&svg);
    for text in ["S.csv: eigenvalues of S + θzzᵀ, θ from 0 to -2", "λᵢ, the eigenvalues of S", "μ₁", "μ₃"]
    {
        assert!(texts.iter().any(|found| found == text), "{text} in {texts:?}");
    }
    // Of that width are the sample in the legend and a curve for each eigenvalue.
    assert_eq!(svg.matches("stroke-width=\"2\"").count(), 1 + 3, "{svg}");
    let before = fs::read(directory(test).join("p.svg")).expect("it is there");
    json(test, &args);
    assert_eq!(
        fs::read(directory(test).join("p.svg")).expect("it is there"),
        before,
        "the same picture, byte for byte"
    );
}

/// The names of curves that end at one height stand one below the other, within the frame.
#[test]
fn curves_that_end_together_have_names_apart() {
    let test = "interlace_names";
    file(test, "S.csv", "1,0,0\n0,1,0\n0,0,2\n");
    file(test, "z.csv", "1,1,1\n");
    good(test, &["interlace", "S.csv", "--rank-one", "z.csv", "--rho", "1e-12", "--plot", "p.svg"]);
    let svg = fs::read_to_string(directory(test).join("p.svg")).expect("it was written");
    let y = |line: &str| line.split("y=\"").nth(1)?.split('"').next()?.parse::<f64>().ok();
    let height = |text: &str| svg.lines().find(|line| line.contains(text)).and_then(y).expect(text);
    let (names, label) = ([">μ₁<", ">μ₂<", ">μ₃<"].map(height), height(">θ"));
    assert!(names.windows(2).all(|pair| pair[1] - pair[0] >= 12.0) && names[2] < label - 30.0, "{names:?}, {label}");
}

#[test]
fn a_principal_submatrix_interlaces() {
    let test = "interlace_principal";
    file(test, "S.csv", S);
    let report = json(test, &["interlace", "S.csv", "--principal", "3,1", "--json"]);
    assert_eq!(report["what"], "S of order 3, and its rows and columns 3, 1");
    let above = &theorem(&report, "Cauchy, from above")["worst"];
    // diag(4, 2).
    assert_eq!((&above["inequality"], &above["left"]), (&json!("λ₁(B) ≤ λ₁(S)"), &json!(4.0)));
}

#[test]
fn values_that_cannot_be_right_end_with_status_3() {
    let test = "interlace_values";
    file(test, "old.csv", "1\n2\n3\n");
    file(test, "new.csv", "1.5,2.5,3.5\n");
    let allowed = ["interlace", "--values", "old.csv", "new.csv", "--positive", "1"];
    assert!(good(test, &allowed).contains("All 5 inequalities hold"));
    // No eigenvalue may rise under an update with none that is positive.
    let ran = run(test, &["interlace", "--values", "old.csv", "new.csv", "--negative", "1"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(3), ""));
    assert!(ran.stdout.contains("of 5 inequalities are violated, the worst by"), "{}", ran.stdout);
    let ran = run(test, &["interlace", "--values", "old.csv", "new.csv", "--json"]);
    assert_eq!(ran.status, Some(3));
    let report: Value = serde_json::from_str(&ran.stdout).expect("stdout is JSON");
    assert_eq!(report["holds"], false);
    assert!(report["violated"].as_u64() > Some(0), "{report}");
    // By less than rounding.
    file(test, "same.csv", "1\n2\n3.000000000000001\n");
    good(test, &["interlace", "--values", "old.csv", "same.csv"]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let test = "interlace_refused";
    file(test, "S.csv", S);
    file(test, "N.csv", "1,2,3\n2.5,1,4\n3,9,1\n");
    file(test, "R.csv", "1,2\n");
    file(test, "two.csv", "1,0\n0,1\n");
    file(test, "z.csv", "1\n2\n");
    file(test, "three.csv", "1\n2\n3\n");
    let cases: &[(&[&str], &str)] = &[
        (
            &["S.csv", "N.csv"],
            "N.csv: expected a symmetric matrix, found 4 in row 2, column 3 and 9 in row 3, column 2 (counted from 1), which \
             differ most",
        ),
        (&["R.csv", "S.csv"], "R.csv: expected a symmetric matrix, found 1×2"),
        (&["S.csv", "two.csv"], "two.csv: expected a matrix of order 3, as S.csv is, found one of order 2"),
        (
            &["S.csv", "--rank-one", "z.csv", "--rho", "1"],
            "z.csv: expected 3 numbers, as many as S.csv has rows, found 2",
        ),
        (
            &["S.csv", "--rank-one", "two.csv", "--rho", "1"],
            "two.csv: expected one row or one column of numbers, found 2×2",
        ),
        (&["S.csv", "--principal", "1,4"], "S.csv: expected indices from 1 to 3, found 4 in --principal"),
        (&["S.csv", "--principal", "2,2"], "expected each index once, found 2 twice in --principal"),
        (&["S.csv"], "expected S and T, or S with one of --rank-one and --principal, or --values OLD NEW (see --help)"),
        (&["no.csv", "S.csv"], "no.csv: expected a data file, found no file of this name"),
    ];
    for (args, line) in cases {
        refused(test, &[&["interlace"], *args].concat(), line);
    }
    // An update with more positive eigenvalues than there are values leaves nothing to check.
    assert!(good(test, &["interlace", "--values", "R.csv", "z.csv", "--positive", "3"]).contains("inequalit"));
    for args in [
        &["S.csv", "--rank-one", "z.csv"][..],
        &["S.csv", "S.csv", "--values", "z.csv", "z.csv"],
        &["S.csv", "--rho", "1"],
        &["S.csv", "S.csv", "--positive", "1"],
        &["S.csv", "S.csv", "--plot", "p.svg"],
        &["S.csv", "--rank-one", "z.csv", "--rho", "nan"],
        &["S.csv", "--rank-one", "three.csv", "--rho", "0", "--plot", "p.svg"],
        &["S.csv", "--principal", "0"],
        &["--values", "z.csv"],
        &[],
    ] {
        let ran = run(test, &[&["interlace"], args].concat());
        assert_eq!((ran.status, ran.stderr.lines().count(), ran.stdout.as_str()), (Some(2), 1, ""), "{args:?}");
    }
}
