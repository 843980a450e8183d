//! Tests of `lapwing params`: counts as a table and as JSON, what a low rank saves, and what is refused.

use serde_json::json;

use super::cli_run::{good, json, refused, run};

const TEST: &str = "params";

#[test]
fn a_singular_value_decomposition_of_low_rank() {
    let page = good(TEST, &["params", "svd", "--rows", "3", "--cols", "4", "--rank", "2"]);
    let expected = "\
svd, 3×4 of rank 2, real: free parameters

U       mr − r(r+1)/2    3
Σ       r                2
V       nr − r(r+1)/2    5
total   (m + n − r)r    10

Two factors, 3×2 and 2×4, store 14 numbers and take 28 flops for a product with
a vector; all entries are 12 and take 24. The factors save up to rank 1.

As an update of a weight matrix they train 14 numbers instead of 12; a product
takes 55 flops until they are added to it, 24 afterwards.
";
    assert_eq!(page, expected);
    assert!(include_str!("../../README.md").contains(expected), "the README shows it");
}

#[test]
fn json_has_the_same_and_keeps_its_keys() {
    let found = json(TEST, &["params", "lu", "--rows", "4096", "--rank", "8", "--json"]);
    let parts = json!([
        {"factor": "L", "formula": "nr − r(r+1)/2", "count": 4096 * 8 - 36},
        {"factor": "U", "formula": "nr − r(r−1)/2", "count": 4096 * 8 - 28}
    ]);
    let low_rank = json!({
        "storage": 65536, "dense_storage": 16777216, "flops": 131072, "dense_flops": 33554432, "break_even_rank": 2047,
        "update_flops": 33554432 + 131072 + 4096, "merged_flops": 33554432
    });
    let expected = json!({
        "schema": 1, "set": "lu", "field": "real", "rows": 4096, "columns": 4096, "rank": 8, "parts": parts,
        "formula": "(2n − r)r", "total": (2 * 4096 - 8) * 8, "low_rank": low_rank
    });
    assert_eq!(found, expected);
}

#[test]
fn every_set_has_a_count() {
    // Of order 3, real and complex.
    let counts = [
        ("l", 3, 6),
        ("u", 6, 12),
        ("d", 3, 6),
        ("q", 3, 9),
        ("s", 6, 9),
        ("x", 6, 12),
        ("lu", 9, 18),
        ("ldu", 9, 18),
        ("qr", 9, 18),
        ("svd", 9, 18),
        ("polar", 9, 18),
        ("eigen", 9, 18),
        ("spectral", 6, 9),
        ("cholesky", 6, 9),
    ];
    for (set, real, complex) in counts {
        let found = json(TEST, &["params", set, "--rows", "3", "--json"]);
        assert_eq!((&found["total"], &found["rank"]), (&json!(real), &json!(3)), "{set}");
        let found = json(TEST, &["params", set, "--rows", "3", "--complex", "--json"]);
        assert_eq!((&found["total"], &found["field"]), (&json!(complex), &json!("complex")), "{set}");
    }
    let page = good(TEST, &["params", "q", "--rows", "5", "--cols", "2", "--complex"]);
    assert_eq!(page.lines().next(), Some("q, 5×2, complex: free parameters, counted in real numbers"));
    assert!(!page.contains("flops"), "{page}");
}

#[test]
fn what_is_no_matrix_is_refused() {
    let refused_with = |args: &[&str], line: &str| refused(TEST, &[&["params"], args].concat(), line);
    refused_with(&["svd", "--rows", "3", "--rank", "4"], "a rank of 4 was asked for, but the most is 3");
    refused_with(
        &["q", "--rows", "2", "--cols", "3"],
        "expected at most as many columns as rows for q, found --rows 2 --cols 3",
    );
    refused_with(
        &["u", "--rows", "3", "--cols", "2"],
        "expected at most as many rows as columns for u, found --rows 3 --cols 2",
    );
    refused_with(
        &["s", "--rows", "2", "--cols", "3"],
        "expected as many columns as rows for s, found --rows 2 --cols 3",
    );
    refused_with(&["d", "--rows", "2", "--rank", "1"], "expected no --rank for d, found --rank 1");
    let (most, needed) = (usize::MAX.to_string(), u128::from(u64::MAX) * u128::from(u64::MAX));
    refused_with(
        &["qr", "--rows", &most],
        &format!("a count of parameters needs {needed}, but the limit is {}", u64::MAX),
    );
}

#[test]
fn bad_usage_is_one_line() {
    let cases = [
        (&["svd", "--rows", "-1"][..], "whole number that is not negative"),
        (&["svd", "--rows", "1.5"], "whole number that is not negative"),
        (&["svd", "--rows", "99999999999999999999"], "whole number that is not negative"),
        (&["nothing", "--rows", "3"], "nothing"),
        (&["svd"], "--rows"),
    ];
    for (args, part) in cases {
        let ran = run(TEST, &[&["params"], args].concat());
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (Some(2), "", 1), "{args:?}");
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
}
