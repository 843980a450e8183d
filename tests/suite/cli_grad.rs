//! Tests of `lapwing grad`: values, gradients, clusters and second derivatives against closed forms, from each kind of file, and what is
//! refused.

use std::fs;

use serde_json::{Value, json};

use super::cli_plot::{directory, texts};
use super::cli_run::{file, good, json, refused};

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().expect("a number")],
    }
}

#[track_caller]
fn close(found: &Value, expected: &[f64]) {
    let found = numbers(found);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (x, y) in found.iter().zip(expected) {
        // A few operations on numbers of size 1 to 5.
        assert!((x - y).abs() < 1e-13, "{found:?}, expected {expected:?}");
    }
}

/// diag(3, 2) above a row of zeros: all is known.
const DIAGONAL: &str = "3,0\n0,2\n0,0\n";

#[test]
fn a_singular_value_of_a_table() {
    let test = "grad_table";
    file(test, "A.csv", DIAGONAL);
    let first = json(test, &["grad", "A.csv", "--json"]);
    assert_eq!(first["source"], "A.csv");
    assert_eq!([&first["rows"], &first["columns"], &first["index"], &first["count"]], [3, 2, 1, 2]);
    assert_eq!((&first["kind"], &first["cluster"], &first["second"]), (&json!("singular"), &Value::Null, &Value::Null));
    close(&first["value"], &[3.0]);
    close(&first["gap"], &[1.0]);
    close(&first["gradient"], &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let second = json(test, &["grad", "A.csv", "--index", "2", "--second", "--json"]);
    close(&second["gradient"], &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    // Down towards σ₁ by 1/(2 − 3), up with an entry in the row of zeros by 1/2.
    close(&second["second"]["least"]["value"], &[-1.0]);
    close(&second["second"]["largest"]["value"], &[0.5]);
    let direction: Vec<f64> = numbers(&second["second"]["largest"]["direction"]).into_iter().map(f64::abs).collect();
    close(&json!(direction), &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let page = good(test, &["grad", "A.csv", "--second"]);
    for line in [
        "A.csv: 3×2, singular value 1 of 2, descending",
        "σ₁        3.000000000",
        "gap              1.00   to the nearest other singular value, or to 0",
        "gradient of σ₁ = u₁v₁ᵀ",
        "1  1.0000  0",
        "largest 1.00, along",
        "least 0: no direction bends σ₁ downwards",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
    }
}

#[test]
fn an_eigenvalue_ascends() {
    let test = "grad_eigen";
    // λ = 1, 3 with (1, ∓1)/√2; but for rounding it is symmetric.
    file(test, "S.tsv", "2\t1\n1.0000000000000002\t2\n");
    let least = json(test, &["grad", "S.tsv", "--eigen", "--second", "--json"]);
    close(&least["value"], &[1.0]);
    close(&least["gap"], &[2.0]);
    close(&least["gradient"], &[0.5, -0.5, -0.5, 0.5]);
    close(&least["second"]["least"]["value"], &[-0.5]);
    assert_eq!((&least["second"]["largest"], &least["kind"]), (&Value::Null, &json!("eigen")));
    let largest = json(test, &["grad", "S.tsv", "--eigen", "--index", "2", "--json"]);
    close(&largest["value"], &[3.0]);
    close(&largest["gradient"], &[0.5; 4]);
    file(test, "one.csv", "-4\n");
    let only = json(test, &["grad", "one.csv", "--eigen", "--second", "--json"]);
    assert_eq!(only["gap"], Value::Null);
    assert_eq!(only["second"], json!({"largest": null, "least": null}));
    close(&only["value"], &[-4.0]);
}

#[test]
fn values_that_meet_are_an_answer() {
    let test = "grad_cluster";
    file(test, "I.csv", "2;0;0\n0;2;0\n0;0;1\n");
    let tie = json(test, &["grad", "I.csv", "--json", "--second"]);
    assert_eq!((&tie["cluster"], &tie["gradient"], &tie["second"]), (&json!([1, 2]), &Value::Null, &Value::Null));
    close(&tie["cluster_mean"]["value"], &[2.0]);
    close(&tie["cluster_mean"]["gradient"], &[0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0]);
    let page = good(test, &["grad", "I.csv"]);
    assert!(page.contains("\nσ₁ and σ₂ coincide to rounding: no gradient.\n"), "{page}");
    let eigen = json(test, &["grad", "I.csv", "--eigen", "--index", "3", "--json"]);
    assert_eq!(eigen["cluster"], json!([2, 3]));
    close(&eigen["cluster_mean"]["gradient"], &[0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0]);
    // A singular value of zero has a kink; an eigenvalue of zero has none.
    file(test, "Z.csv", "1,0\n0,0\n");
    let zero = json(test, &["grad", "Z.csv", "--index", "2", "--json"]);
    assert_eq!(
        (&zero["cluster"], &zero["cluster_mean"], &zero["gradient"]),
        (&json!([2, 2]), &Value::Null, &Value::Null)
    );
    assert!(good(test, &["grad", "Z.csv", "--index", "2"]).contains("σ₂ is zero to rounding"));
    close(&json(test, &["grad", "Z.csv", "--eigen", "--json"])["gradient"], &[0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn every_kind_of_file() {
    let test = "grad_files";
    file(test, "A.csv", DIAGONAL);
    file(test, "A.mtx", "%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 3\n2 2 2\n");
    let mut npy = b"\x93NUMPY\x01\x00\x46\x00{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2)}".to_vec();
    npy.resize(10 + 0x46 - 1, b' ');
    npy.push(b'\n');
    [3.0f64, 0.0, 0.0, 0.0, 2.0, 0.0].iter().for_each(|x| npy.extend(x.to_le_bytes()));
    file(test, "A.npy", npy);
    let of = |name: &str| {
        let mut found = json(test, &["grad", name, "--second", "--json"]);
        found["source"] = Value::Null;
        found
    };
    assert_eq!(of("A.csv"), of("A.mtx"));
    assert_eq!(of("A.csv"), of("A.npy"));
}

#[test]
fn a_large_gradient_is_printed_by_its_largest_entries() {
    let test = "grad_large";
    let row = |i: usize| (0..30).map(|j| if i == j { format!("{}", 40 - i) } else { "0".into() }).collect::<Vec<_>>();
    let text: String = (0..30).map(|i| row(i).join(",") + "\n").collect();
    file(test, "D.csv", text);
    let page = good(test, &["grad", "D.csv", "--index", "7"]);
    let first = page.lines().skip_while(|line| !line.starts_with('─')).nth(1).expect("a table");
    assert_eq!(first.split_whitespace().collect::<Vec<_>>(), ["7", "7", "1.00"]);
    assert!(page.ends_with("the 10 largest of 900 entries; --json has all\n"), "{page}");
}

#[test]
fn a_heat_map_besides_the_page() {
    let test = "grad_plot";
    let here = directory(test);
    file(test, "A.csv", DIAGONAL);
    let page = good(test, &["grad", "A.csv", "--plot", "heat.svg"]);
    assert_eq!(page, good(test, &["grad", "A.csv"]));
    let shown = texts(&fs::read_to_string(here.join("heat.svg")).expect("it was written"));
    for text in ["A.csv: gradient of σ₁ = u₁v₁ᵀ", "1.00", "−1.00", "row", "column"] {
        assert!(shown.iter().any(|found| found == text), "{text} in {shown:?}");
    }
    good(test, &["grad", "A.csv", "--plot", "heat.png", "--json"]);
    assert_eq!(fs::read(here.join("heat.png")).expect("it was written")[..8], *b"\x89PNG\r\n\x1a\n");
    file(test, "I.csv", "1,0\n0,1\n");
    good(test, &["grad", "I.csv", "--plot", "tie.svg"]);
    let shown = texts(&fs::read_to_string(here.join("tie.svg")).expect("it was written"));
    assert!(shown.iter().any(|text| text == "σ₁ and σ₂ coincide to rounding: no gradient"), "{shown:?}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let test = "grad_refused";
    file(test, "A.csv", DIAGONAL);
    file(test, "H.csv", "a,b\n1,2\n");
    file(test, "N.csv", "1,2,3\n2,1,0\n3.5,0,1\n");
    file(test, "huge.csv", "1e300,1e300\n1e300,1e300\n");
    file(test, "bad.csv", "1,2\n3,x\n");
    for (arguments, line) in [
        (
            &["grad", "H.csv"][..],
            "H.csv:1: expected a matrix, numbers without a header line, found a line that begins with \"a\"",
        ),
        (&["grad", "bad.csv"], "bad.csv:2:2: expected a number, found \"x\""),
        (
            &["grad", "N.csv", "--eigen"],
            "N.csv: expected a symmetric matrix, found 3 in row 1, column 3 and 3.5 in row 3, column 1 (counted from 1), \
             which differ most",
        ),
        (&["grad", "A.csv", "--eigen"], "A.csv: expected a symmetric matrix, found 3×2"),
        (
            &["grad", "A.csv", "--index", "3"],
            "A.csv: expected an index from 1 to 2, the number of singular values of a 3×2 matrix, found 3",
        ),
        (
            &["grad", "A.csv", "--index", "0"],
            "invalid value '0' for '--index <I>': expected an index, a whole number of at least 1 (see --help)",
        ),
        (
            &["grad", "A.csv", "--plot", "A.csv"],
            "A.csv: expected a picture whose name ends in .svg or .png, found .csv",
        ),
        (&["grad", "none.csv"], "none.csv: expected a data file, found no file of this name"),
    ] {
        refused(test, arguments, line);
    }
    // At the end of the range the value is still one, and so is its gradient.
    close(&json(test, &["grad", "huge.csv", "--json"])["gradient"], &[0.5; 4]);
}
