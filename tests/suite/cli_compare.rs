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
    let none = serde_json::json!({"kind": "none", "coefficients": null, "uncertainty": null, "residual_norm": null,
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

/// y = 1e8 + x/1000 + e, e up to 4e-4: ‖y‖ is 1e11 times the slope, whose digits go with it. By the normal equations of
/// the centred data, in integers: with x̄ = 15 and Sxx = 2030 the slope is Σ(x − 15)y/2030.
#[test]
fn a_small_slope_on_a_large_intercept_has_few_digits() {
    let tenths = |x: i64| 1_000_000_000_000 + 10 * x + (x * x * 7) % 9 - 4;
    let data: String = (1..30).map(|x| format!("{x},{}.{:04}\n", tenths(x) / 10_000, tenths(x) % 10_000)).collect();
    file("small_slope", "data.csv", format!("x,y\n{data}"));
    let slope = (1..30).map(|x| (x - 15) * tenths(x)).sum::<i64>() as f64 / 2030.0 / 10_000.0;
    let report = json("small_slope", &["compare", "data.csv", "--reference", "none", "--json"]);
    for method in 0..4 {
        let found = coefficients(&report, method)[1];
        let digits = -((found - slope) / slope).abs().log10();
        let certain = report["methods"][method]["certain_digits"].as_f64().expect("a number");
        assert!(certain <= digits && certain < 8.0, "{certain} digits certain, {digits} found");
        assert!(certain >= digits - 3.0, "{certain} digits certain, {digits} found");
    }
    let reason = report["verdict"]["reason"].as_str().expect("a sentence");
    assert!(!reason.contains("about 1"), "{reason}");
}

/// An intercept of 0 comes out as noise of 1e-15, in which nothing can agree.
#[test]
fn coefficients_that_are_zero_do_not_count() {
    let data: String = (1..21).map(|x| format!("{x},{}\n", 2 * x)).collect();
    file("zeros", "data.csv", format!("x,y\n{data}"));
    let report = json("zeros", &["compare", "data.csv", "--reference", "none", "--json"]);
    for method in report["methods"].as_array().expect("an array") {
        let Some(agreement) = method["agreement"]["digits"].as_f64() else { continue };
        assert!(agreement > 13.0, "{method}");
        assert!(method["certain_digits"].as_f64() > Some(13.0), "{method}");
    }
    let reason = report["verdict"]["reason"].as_str().expect("a sentence");
    assert!(reason.ends_with("Zero to within rounding errors, and not counted: (intercept)"), "{reason}");
    // A small coefficient that the data do determine counts: its digits are fewer.
    let data: String = (1..21).map(|x| format!("{x},{}.000000001\n", 2 * x)).collect();
    file("zeros", "data.csv", format!("x,y\n{data}"));
    let report = json("zeros", &["compare", "data.csv", "--reference", "none", "--json"]);
    assert!(report["methods"][1]["certain_digits"].as_f64() < Some(9.0), "{report}");
    assert!(!report["verdict"]["reason"].as_str().expect("a sentence").contains("not counted"), "{report}");
}

/// Columns that differ in the fourteenth digit, of decimals that are rounded in the sixteenth.
#[test]
fn where_no_digit_is_certain_the_verdict_says_so() {
    let rows = ["1,1.00000000000003,1", "2,2.00000000000001,3", "3,3.00000000000005,2", "4,4.00000000000002,5"];
    file("no_digit", "data.csv", format!("u,v,y\n{}\n5,5.00000000000004,1\n6,6.00000000000001,7\n", rows.join("\n")));
    let report = json("no_digit", &["compare", "data.csv", "--reference", "none", "--methods", "qr", "--json"]);
    assert!(report["methods"][0]["certain_digits"].as_f64() < Some(1.0), "{report}");
    let reason = report["verdict"]["reason"].as_str().expect("a sentence");
    assert!(reason.starts_with("No digit is certain of any answer"), "{reason}");
    // What is certain is never more than what is right.
    let stored = json("no_digit", &["compare", "data.csv", "--reference", "exact", "--methods", "qr", "--json"]);
    assert!(stored["methods"][0]["certain_digits"].as_f64() <= stored["methods"][0]["digits"].as_f64(), "{stored}");
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
    file("beyond", "data.csv", "x,y\n1e-300,1e299\n2e-300,2e299\n4e-300,3e299\n");
    let report = json("beyond", &["compare", "data.csv", "--no-intercept", "--json"]);
    for method in report["methods"].as_array().expect("an array") {
        assert_eq!(method["status"], "failed", "{method}");
        assert!(method["coefficients"].is_null(), "{method}");
        let message = method["message"].as_str().expect("a failure has a message");
        assert!(message.ends_with("exceeds the range of double precision"), "{message}");
    }
    assert!(report["verdict"]["method"].is_null());
    assert!(
        good("beyond", &["compare", "data.csv", "--no-intercept"]).contains("\nverdict: use none of these answers (")
    );
}

/// At the ends of the range that is read, scaling of A and b scales the answer and changes nothing else. By hand: for
/// the columns (1, 1, 1) and (1, 2, 4) and b = (1, 2, 3), x = (1/2, 9/14) and ‖r‖² = 1/14, where ‖b‖² = 14.
#[test]
fn the_ends_of_the_range_change_nothing() {
    let test = "ends_of_the_range";
    for (a, b) in [(1e0, 1e300), (1e300, 1e300), (1e-300, 1.0), (1e-300, 1e-300), (1.0, 1e-300), (1e300, 1.0)] {
        // The first column in one unit, the second in another.
        let number = |unit: f64, factor: f64| format!("{:e}", unit / 4.0 * factor);
        let rows = [(1.0, 1.0), (2.0, 2.0), (4.0, 3.0)];
        let row = |(x, y): &(f64, f64)| format!("{},{},{}\n", number(a, 1.0), number(a, *x), number(b, *y));
        file(test, "data.csv", format!("u,v,y\n{}", rows.iter().map(row).collect::<String>()));
        let report = json(test, &["compare", "data.csv", "--no-intercept", "--json"]);
        let theta = report["condition"]["theta"].as_f64().expect("a number");
        assert!((theta.sin() - (1.0f64 / 14.0 / 14.0).sqrt()).abs() < 1e-14, "{theta}");
        for method in 0..4 {
            let found = coefficients(&report, method);
            assert_close(&[found[0] / (b / a), found[1] / (b / a)], &[0.5, 9.0 / 14.0], SMALL);
            let residual = report["methods"][method]["residual_norm"].as_f64().expect("a number");
            assert!((residual / (b / 4.0) - (1.0f64 / 14.0).sqrt()).abs() < SMALL, "{residual}");
            let backward = report["methods"][method]["backward_error"].as_f64().expect("a number");
            assert!(backward < SMALL, "{backward}");
        }
    }
}

#[test]
fn a_zero_response_has_no_angle() {
    file("zero_response", "data.csv", "x,y\n1,0\n2,0\n4,0\n");
    let report = json("zero_response", &["compare", "data.csv", "--reference", "none", "--json"]);
    assert!(report["condition"]["theta"].is_null());
    assert_close(&coefficients(&report, 1), &[0.0, 0.0], 0.0);
    // 0 is exact, and every method finds it.
    for method in report["methods"].as_array().expect("an array") {
        assert_eq!(method["certain_digits"], 15.0, "{method}");
    }
    let reason = report["verdict"]["reason"].as_str().expect("a sentence");
    assert!(reason.contains("at least 15 digits right") && !reason.contains("not counted"), "{reason}");
}

/// Names are whatever a file holds; on a terminal they must neither act nor break the table.
#[test]
fn names_do_no_harm_to_a_terminal() {
    let test = "names_do_no_harm";
    let data = "\"\u{1b}[31mred\",\"two\nlines\",y\n1,1,2\n2,0,4\n3,5,6\n4,4,8\n5,1,11\n";
    file(test, "da\nta.csv", data);
    let text = good(test, &["compare", "da\nta.csv"]);
    assert!(text.starts_with("da\\nta.csv: 5 rows") && text.contains("\ntwo\\nlines "), "{text}");
    assert!(text.contains("\n\\u{1b}[31mred "), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    let report = json(test, &["compare", "da\nta.csv", "--json"]);
    assert_eq!(report["column_names"], serde_json::json!(["(intercept)", "\u{1b}[31mred", "two\nlines"]));
}

/// -x is read as a line of the file would be.
#[test]
fn names_with_commas_and_blanks_can_be_chosen() {
    let test = "names_with_commas";
    file(test, "data.csv", "\"price, EUR\",\"a \"\"b\"\"\",c,y\n1,1,3,2\n2,0,0,4\n3,5,2,6\n4,4,1,8\n5,1,1,11\n");
    for (list, names) in [
        ("\"price, EUR\"", vec!["price, EUR"]),
        (" c", vec!["c"]),
        ("\"price, EUR\" , c", vec!["price, EUR", "c"]),
        ("\"a \"\"b\"\"\",c", vec!["a \"b\"", "c"]),
    ] {
        let report = json(test, &["compare", "data.csv", "-x", list, "-y", " y ", "--json"]);
        let expected = [vec!["(intercept)"], names].concat();
        assert_eq!(report["column_names"], serde_json::json!(expected), "{list}");
    }
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
