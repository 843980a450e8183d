//! Tests of `lapwing compare` on good input, and of `lapwing info`.
//!
//! Answers are known by construction or from NIST; nothing is compared with an earlier run.

use serde_json::Value;

use super::cli_run::{file, good, json};

fn coefficients(report: &Value, index: usize) -> Vec<f64> {
    let found = report["methods"][index]["coefficients"].as_array().expect("the method succeeded");
    found.iter().map(|c| c.as_f64().expect("a number")).collect()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!((f - e).abs() <= tolerance * e.abs().max(1.0), "{found:?} for {expected:?}");
    }
}

/// Well-conditioned systems of a few rows: a forward error of 100 eps leaves room for any order of
/// operations.
const SMALL: f64 = 100.0 * f64::EPSILON;

#[test]
fn a_line_through_points() {
    file("a_line", "data.csv", "t,y,label\n0,1,a\n1,3,b\n2,5,\n3,7,d\n");
    let report =
        json("a_line", &["compare", "data.csv", "-y", "y", "-x", "t", "--json", "--methods", "ne,qr,qrp,svd,auto"]);
    for method in 0..5 {
        assert_close(&coefficients(&report, method), &[1.0, 2.0], SMALL);
    }
    assert_eq!(report["source"], "data.csv");
    assert_eq!(report["column_names"], serde_json::json!(["(intercept)", "t"]));
    assert_eq!((&report["rows"], &report["columns"]), (&Value::from(4), &Value::from(2)));
}

#[test]
fn without_a_reference_there_are_no_digits() {
    file("no_reference", "data.csv", "t,y\n0,1\n1,3\n2,4\n3,8\n");
    let report = json("no_reference", &["compare", "data.csv", "--reference", "none", "--json"]);
    let none = serde_json::json!({"kind": "none", "coefficients": null, "residual_norm": null,
                                  "dependent_columns": null, "message": null});
    assert_eq!(report["reference"], none);
    for method in report["methods"].as_array().expect("an array") {
        assert!(
            method["digits"].is_null()
                && method["relative_error"].is_null()
                && method["digits_per_coefficient"].is_null()
        );
        let agreement = &method["agreement"];
        if method["name"] == "qr" {
            assert!(agreement.is_null(), "QR is what the others are held against");
        } else {
            assert_eq!(agreement["with"], "qr");
            assert!(agreement["relative_difference"].as_f64() < Some(SMALL), "{agreement}");
        }
    }
    assert_eq!(report["verdict"]["method"], "ne");
    let text = good("no_reference", &["compare", "data.csv", "--reference", "none"]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Agreement is not accuracy") && words.contains("there is no reference"), "{text}");
}

#[test]
fn polynomials_and_no_intercept() {
    // y = 2x² − x at five points.
    file("polynomials", "data.csv", "x,y\n-1,3\n0,0\n1,1\n2,6\n3,15\n");
    let report = json("polynomials", &["compare", "data.csv", "--poly", "2", "--json"]);
    assert_eq!(report["column_names"], serde_json::json!(["(intercept)", "x", "x^2"]));
    assert_close(&coefficients(&report, 1), &[0.0, -1.0, 2.0], SMALL);
    let report = json("polynomials", &["compare", "data.csv", "--poly", "2", "--no-intercept", "--json"]);
    assert_eq!(report["column_names"], serde_json::json!(["x", "x^2"]));
    assert_close(&coefficients(&report, 1), &[-1.0, 2.0], SMALL);
}

#[test]
fn a_users_file_gets_what_the_shipped_data_get() {
    let longley = include_str!("../../data/nist/Longley.csv");
    file("longley", "longley.csv", longley);
    let own = json("longley", &["compare", "longley.csv", "-y", "y", "--json"]);
    let all = json("longley", &["nist", "--json"]);
    let shipped =
        all.as_array().and_then(|all| all.iter().find(|r| r["source"] == "nist:Longley")).expect("it is shipped");
    // Aligned memory and the same calls: the same answers to the last bit but for the order of sums in a
    // threaded product.
    for method in 0..4 {
        let (own, shipped) = (coefficients(&own, method), coefficients(shipped, method));
        for (o, s) in own.iter().zip(&shipped) {
            assert!(((o - s) / s).abs() < 1e-6, "{own:?} for {shipped:?}");
        }
    }
    let theta = own["condition"]["theta"].as_f64().expect("a number");
    // sin θ = ‖r‖/‖b‖ with NIST's residual standard deviation 304.854… over 9 degrees of freedom.
    let responses: f64 =
        longley.lines().skip(1).filter_map(|l| l.split(',').next()?.parse::<f64>().ok()).map(|y| y * y).sum();
    let sine = 304.854073561965 * 3.0 / responses.sqrt();
    assert!((theta.sin() / sine - 1.0).abs() < 1e-6, "{theta}");
    assert_eq!(own["verdict"]["method"], "qr");
}

/// Filip's polynomial has κ₂(A) = 1.77e15, beyond 1/(m·eps), but its columns are independent: QR gets about 8 digits.
#[test]
fn an_ill_scaled_matrix_is_not_called_deficient() {
    file("filip", "filip.csv", include_str!("../../data/nist/Filip.csv"));
    let report = json("filip", &["compare", "filip.csv", "-y", "y", "--poly", "10", "--json"]);
    assert_eq!(report["condition"]["rank"], 11);
    assert_eq!(report["methods"][0]["status"], "failed");
    assert_eq!(report["verdict"]["method"], "qr");
    assert!(report["verdict"]["reason"].as_str().is_some_and(|r| r.contains("normal equations break down")));
}

#[test]
fn matrices_in_every_format() {
    let test = "matrices";
    // A = [1 0; 0 2; 1 1], b = A·[3, −1] + [1, ½, −1]·1, whose last term is orthogonal to the columns.
    let rhs: [f64; 3] = [3.0 + 1.0, -2.0 + 0.5, 2.0 - 1.0];
    file(test, "dense.mtx", "%%MatrixMarket matrix array real general\n3 2\n1\n0\n1\n0\n2\n1\n");
    file(test, "sparse.mtx", "%%MatrixMarket matrix coordinate integer general\n3 2 4\n1 1 1\n3 1 1\n2 2 2\n3 2 1\n");
    file(test, "b.mtx", format!("%%MatrixMarket matrix array real general\n3 1\n{}\n{}\n{}\n", rhs[0], rhs[1], rhs[2]));
    file(test, "b.csv", format!("b\n{}\n{}\n{}\n", rhs[0], rhs[1], rhs[2]));
    let npy = |descr: &str, fortran: &str, shape: &str, data: Vec<u8>| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &data].concat()
    };
    file(test, "rows.npy", npy("|i1", "False", "(3, 2)", vec![1, 0, 0, 2, 1, 1]));
    let columns = [1f32, 0.0, 1.0, 0.0, 2.0, 1.0].iter().flat_map(|v| v.to_be_bytes()).collect();
    file(test, "columns.npy", npy(">f4", "True", "(3, 2)", columns));
    file(test, "b.npy", npy("<f8", "False", "(3,)", rhs.iter().flat_map(|v| v.to_le_bytes()).collect()));
    for matrix in ["dense.mtx", "sparse.mtx", "rows.npy", "columns.npy"] {
        for rhs in ["b.mtx", "b.csv", "b.npy"] {
            let report = json(test, &["compare", matrix, "--rhs", rhs, "--json"]);
            for method in 0..4 {
                assert_close(&coefficients(&report, method), &[3.0, -1.0], SMALL);
                let residual = report["methods"][method]["residual_norm"].as_f64().expect("a number");
                assert!((residual - 1.5).abs() < SMALL, "{residual}");
            }
            assert_eq!(report["column_names"], serde_json::json!(["x1", "x2"]));
        }
    }
}

#[test]
fn dependent_columns_are_a_finding() {
    let test = "dependent_columns";
    file(test, "data.csv", "u,v,y\n1,2,1\n2,4,2\n3,6,4\n5,10,4\n");
    let report = json(test, &["compare", "data.csv", "--json"]);
    assert_eq!((&report["condition"]["rank"], &report["columns"]), (&Value::from(2), &Value::from(3)));
    let status = |i: usize| report["methods"][i]["status"].as_str().expect("a string").to_string();
    assert_eq!([status(1), status(2), status(3)], ["failed", "ok", "ok"]);
    assert_eq!(report["verdict"]["method"], "svd");
    // The shortest of the many answers: as v = 2u, its coefficients stand in the same ratio.
    for method in [2, 3] {
        let x = coefficients(&report, method);
        assert!((x[2] - 2.0 * x[1]).abs() < SMALL, "{x:?}");
    }
    let text = good(test, &["compare", "data.csv"]);
    assert!(text.contains("fails") && text.contains("rank 2"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn answers_beyond_the_range_are_a_finding() {
    file("beyond", "data.csv", "x,y\n1e-300,1e300\n2e-300,2e300\n4e-300,3e300\n");
    let report = json("beyond", &["compare", "data.csv", "--no-intercept", "--json"]);
    for method in report["methods"].as_array().expect("an array") {
        assert_eq!(method["status"], "failed", "{method}");
        assert!(method["message"].is_string() && method["coefficients"].is_null(), "{method}");
    }
    assert!(report["verdict"]["method"].is_null());
    assert!(good("beyond", &["compare", "data.csv", "--no-intercept"]).contains("verdict: none"));
}

#[test]
fn a_zero_response_has_no_angle() {
    file("zero_response", "data.csv", "x,y\n1,0\n2,0\n4,0\n");
    let report = json("zero_response", &["compare", "data.csv", "--json"]);
    assert!(report["condition"]["theta"].is_null());
    assert_close(&coefficients(&report, 1), &[0.0, 0.0], 0.0);
}

#[test]
fn info_names_the_library() {
    let info = json("info", &["info", "--json"]);
    assert_eq!(info["lapwing"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["self_test"]["passed"], true);
    assert!(info["self_test"]["error"].as_f64().is_some_and(|e| (0.0..1e3).contains(&e)), "{info}");
    assert!([32, 64].contains(&info["integer_bits"].as_u64().expect("a number")), "{info}");
    assert!(info["lapack_version"].as_str().is_some_and(|v| v.starts_with('3')), "{info}");
    let text = good("info", &["info"]);
    assert!(text.lines().all(|line| line.chars().count() <= 100 || line.starts_with("built as")), "{text}");
    for word in ["backend", "LAPACK", "threading", "self-test", "passed", "policy"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}
