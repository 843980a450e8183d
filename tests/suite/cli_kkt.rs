//! Tests of `lapwing kkt`: saddle points that are known, by each method, and matrices that have none.

use serde_json::{Value, json};

use super::cli_run::{file, good, json, refused, run};

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// The point of x + y + z = 6 nearest to (2, 3, 4): (1, 2, 3), and the multiplier 1.
fn nearest(test: &str) {
    file(test, "S.csv", "1,0,0\n0,1,0\n0,0,1\n");
    file(test, "A.csv", "1,1,1\n");
    file(test, "f.csv", "2\n3\n4\n");
    file(test, "b.csv", "6\n");
}

#[test]
fn the_nearest_point_of_a_plane_by_each_method() {
    let test = "kkt_nearest";
    nearest(test);
    for method in ["ldlt", "schur", "null-space", "auto"] {
        let args = ["kkt", "S.csv", "A.csv", "--rhs", "f.csv", "b.csv", "--method", method, "--json"];
        let found = json(test, &args);
        assert_eq!(found["inertia"], json!({"positive": 3, "negative": 1, "zero": 0}));
        let solution = &found["solution"];
        let both = [numbers(&solution["x"]), numbers(&solution["multipliers"])].concat();
        // A few operations on numbers of size 1 to 9.
        for (found, exact) in both.iter().zip([1.0, 2.0, 3.0, 1.0]) {
            assert!((found - exact).abs() < 1e-14, "{method}: {both:?}");
        }
        assert!(method == "auto" || solution["method"] == method, "{solution}");
        assert!(solution["backward_error"].as_f64() < Some(1e-15), "{solution}");
    }
    let page = good(test, &["kkt", "S.csv", "A.csv", "--rhs", "f.csv", "b.csv"]);
    for line in [
        "S.csv, A.csv: 3 unknowns, 1 constraint",
        "inertia of [S Aᵀ; A 0]   3 positive, 1 negative, 0 zero",
        "3  3.000000000",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
    }
}

#[test]
fn the_inertia_alone() {
    let test = "kkt_inertia";
    nearest(test);
    let found = json(test, &["kkt", "S.csv", "A.csv", "--json"]);
    assert_eq!((&found["solution"], &found["unknowns"], &found["constraints"]), (&Value::Null, &json!(3), &json!(1)));
    let page = good(test, &["kkt", "S.csv", "A.csv"]);
    assert_eq!(page.lines().last(), Some("inertia of [S Aᵀ; A 0]   3 positive, 1 negative, 0 zero"));
}

#[test]
fn what_has_no_saddle_point_is_refused_with_the_reason() {
    let test = "kkt_refused";
    nearest(test);
    file(test, "twice.csv", "1,1,0\n0,1,1\n1,2,1\n");
    file(test, "zero.csv", "1,1,0\n0,0,0\n");
    file(test, "falls.csv", "1,0,0\n0,-1,0\n0,0,1\n");
    file(test, "second.csv", "0,1,0\n");
    file(test, "N.csv", "1,2\n3,1\n");
    let cases: &[(&[&str], &str)] = &[
        (
            &["S.csv", "twice.csv"],
            "twice.csv: expected independent rows, found that row 3 depends on 1, 2 (counted from 1): 3 rows of rank 2",
        ),
        (
            &["S.csv", "zero.csv"],
            "zero.csv: expected independent rows, found that row 2 is zero (counted from 1): 2 rows of rank 1",
        ),
        (
            &["falls.csv", "A.csv"],
            "falls.csv: expected a form that is positive definite where Ax = 0, found one that falls along 1 and is flat along 0 \
             of 2 directions",
        ),
        (
            &["falls.csv", "second.csv", "--rhs", "f.csv", "b.csv", "--method", "schur"],
            "falls.csv: expected a positive definite matrix for --method schur, found one whose leading minor of order 2 is not \
             positive",
        ),
        (
            &["N.csv", "A.csv"],
            "N.csv: expected a symmetric matrix, found 2 in row 1, column 2 and 3 in row 2, column 1 (counted from 1), which \
             differ most",
        ),
        (&["S.csv", "N.csv"], "N.csv: expected 3 columns, as many as S.csv has, found 2×2"),
        (&["S.csv", "A.csv", "--rhs", "b.csv", "b.csv"], "b.csv: expected a vector of 3, found 1×1"),
        (&["S.csv", "A.csv", "--rhs", "f.csv", "f.csv"], "f.csv: expected a vector of 1, found 3×1"),
    ];
    for (args, line) in cases {
        refused(test, &[&["kkt"], *args].concat(), line);
    }
    // S need be definite where Ax = 0 only.
    good(test, &["kkt", "falls.csv", "second.csv", "--rhs", "f.csv", "b.csv"]);
    for args in [
        &["S.csv"][..],
        &["S.csv", "A.csv", "--rhs", "f.csv"],
        &["S.csv", "A.csv", "--method", "qr"],
        &["S.csv", "A.csv", "--method", "schur"],
    ] {
        let ran = run(test, &[&["kkt"], args].concat());
        assert_eq!((ran.status, ran.stderr.lines().count(), ran.stdout.as_str()), (Some(2), 1, ""), "{args:?}");
    }
}
