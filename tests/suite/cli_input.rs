//! Tests of the command on bad input: every fault is one line that names the place and what was expected,
//! with status 2.
//!
//! What each reader accepts and refuses in detail is tested beside the readers; here it is what a user sees.

use super::cli_run::{command, file, good, json, refused, run};

/// A faulty CSV file must be refused with this line.
fn csv(test: &str, content: impl AsRef<[u8]>, line: &str) {
    file(test, "data.csv", content);
    refused(test, &["compare", "data.csv"], line);
}

#[test]
fn missing_values() {
    let line = "data.csv:3:1: expected a number, found nothing (a missing value) in column \"x\"";
    csv("missing_values", "x,y\n1,2\n,4\n5,7\n", line);
}

#[test]
fn text_in_a_number_column() {
    let line = "data.csv:4:2: expected a number, found \"abc\" in column \"y\"";
    csv("text_in_a_number_column", "x,y\n1,2\n2,4\n5,abc\n", line);
}

#[test]
fn values_that_are_not_finite() {
    for (value, found) in [("NaN", "\"NaN\""), ("inf", "\"inf\""), ("-Infinity", "\"-Infinity\"")] {
        let line = format!("data.csv:2:1: expected a finite number, found {found} in column \"x\"");
        csv("values_that_are_not_finite", format!("x,y\n{value},2\n2,4\n5,7\n"), &line);
    }
}

/// Beyond 1e300 norms and products overflow, and below 2.3e-308 digits are lost: neither may pass for a number.
#[test]
fn values_beyond_the_range() {
    let test = "values_beyond_the_range";
    for value in ["1e309", "1.7e308", "-1.1e300", "1e-400", "2e-310"] {
        let found = format!("expected 0 or a number of magnitude from 2.3e-308 to 1e300, found \"{value}\"");
        csv(test, format!("x,y\n1,2\n2,{value}\n5,7\n"), &format!("data.csv:3:2: {found} in column \"y\""));
        csv(test, format!("x,y\n{value},2\n2,4\n5,7\n"), &format!("data.csv:2:1: {found} in column \"x\""));
        let content = format!("%%MatrixMarket matrix array real general\n2 1\n1\n{value}\n");
        mtx(test, &content, &format!("a.mtx:4:1: {found}"));
    }
}

#[test]
fn ragged_rows() {
    csv("ragged_rows", "x,y\n1,2\n2\n5,7\n", "data.csv:3: expected 2 fields as in the header, found 1");
    csv("ragged_rows", "x,y\n1,2\n2,3,4\n5,7\n", "data.csv:3: expected 2 fields as in the header, found 3");
}

/// A quote that is never closed would swallow the rows below it, and the fit of the others would look sound.
#[test]
fn malformed_quotes() {
    let rows = |row: &str| {
        let good = |i: usize| format!("{i},{}.5,fine\n", 2 * i);
        format!("x,y,comment\n{}{row}{}", (1..5).map(good).collect::<String>(), (6..21).map(good).collect::<String>())
    };
    file("malformed_quotes", "data.csv", rows("5,11.2,\"needs check\n"));
    let chosen = ["compare", "data.csv", "-y", "y", "-x", "x"];
    let line = "data.csv:6:3: expected a closing quote, found the end of the file";
    refused("malformed_quotes", &chosen, line);
    file("malformed_quotes", "data.csv", rows("5,\"3\"4,fine\n"));
    let line = "data.csv:6:2: expected the end of the field after its closing quote, found \"4\"";
    refused("malformed_quotes", &chosen, line);
    file("malformed_quotes", "data.csv", rows("5,\"11.2\",\"needs \"\"a\"\"\ncheck\"\n"));
    assert_eq!(json("malformed_quotes", &[&chosen[..], &["--json"]].concat())["rows"], 20);
}

#[test]
fn headers() {
    csv("headers", "x,x,y\n1,2,3\n", "data.csv:1:2: expected distinct names, found \"x\" again (first in column 1)");
    csv("headers", "x,,y\n1,2,3\n", "data.csv:1:2: expected the name of a column, found nothing");
    let line = "data.csv:1:1: expected a header line with the names of the columns, found the number \"1\"";
    csv("headers", "1,2\n3,4\n5,7\n", line);
    csv("headers", "x,y\n", "data.csv:1: expected rows of numbers below the header, found none");
}

#[test]
fn files_without_data() {
    csv("files_without_data", "", "data.csv: expected data, found an empty file");
    csv("files_without_data", "\n\n", "data.csv: expected a header line, found only blank lines");
    refused(
        "files_without_data",
        &["compare", "none.csv"],
        "none.csv: expected a data file, found no file of this name",
    );
    refused("files_without_data", &["compare", "."], ".: expected a data file, found a directory");
}

#[test]
fn text_in_another_encoding() {
    csv("text_in_another_encoding", b"x,y\n1,2\n\xe9,4\n", "data.csv:3: expected UTF-8 text, found the byte 0xe9");
    let utf16: Vec<u8> = "\u{feff}x,y\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    csv("text_in_another_encoding", utf16, "data.csv:1: expected UTF-8 text, found the byte 0xff");
}

#[test]
fn a_byte_order_mark_and_other_line_ends_do_no_harm() {
    let test = "a_byte_order_mark";
    let plain = "x,y\n1,2\n2,4\n5,7\n";
    file(test, "plain.csv", plain);
    let expected = &json(test, &["compare", "plain.csv", "--json"])["methods"][1]["coefficients"];
    for (name, content) in [
        ("mark.csv", format!("\u{feff}{plain}")),
        ("windows.csv", plain.replace('\n', "\r\n")),
        ("old.csv", plain.replace('\n', "\r")),
        ("blank.csv", plain.replace('\n', "\n\n")),
        ("tab.tsv", plain.replace(',', "\t")),
        ("semicolon.csv", plain.replace(',', " ; ")),
        ("quoted.csv", plain.replace("5", "\"5\"").replace('x', "\"x\"")),
    ] {
        file(test, name, content);
        let found = json(test, &["compare", name, "--json"]);
        assert_eq!(&found["methods"][1]["coefficients"], expected, "{name}");
        assert_eq!(found["column_names"][1], "x", "{name}");
    }
}

/// It is named, and what to do about it; only as a polynomial it makes no sense.
#[test]
fn a_constant_column() {
    let test = "a_constant_column";
    let line = "data.csv:1:2: expected values that differ in column \"c\", found only 3: it has no polynomial";
    file(test, "data.csv", "x,c,y\n1,3,2\n2,3,4\n5,3,7\n");
    refused(test, &["compare", "data.csv", "-x", "c", "--poly", "2"], line);
    let words = good(test, &["compare", "data.csv"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("(rank 2 of 3): c = 3·(intercept)."), "{words}");
    assert!(words.contains("Advice: c = 3·(intercept): leave out c; then κ₂(AD⁻¹) is "), "{words}");
    good(test, &["compare", "data.csv", "-x", "x"]);
    good(test, &["compare", "data.csv", "--no-intercept"]);
    file(test, "data.csv", "c,x,y\n0,1,2\n0,2,4\n0,5,7\n0,6,1\n");
    let words = good(test, &["compare", "data.csv"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Advice: c = 0: leave out c; "), "{words}");
}

#[test]
fn fewer_rows_than_columns() {
    let line = "data.csv: expected at least as many rows as coefficients, found 2 rows for 3 coefficients";
    csv("fewer_rows_than_columns", "u,v,y\n1,3,2\n2,1,4\n", line);
    file("fewer_rows_than_columns", "a.mtx", "%%MatrixMarket matrix array real general\n1 2\n1\n2\n");
    file("fewer_rows_than_columns", "b.mtx", "%%MatrixMarket matrix array real general\n1 1\n1\n");
    let line = "a.mtx: expected at least as many rows as coefficients, found 1 row for 2 coefficients";
    refused("fewer_rows_than_columns", &["compare", "a.mtx", "--rhs", "b.mtx"], line);
}

#[test]
fn columns_that_are_not_there() {
    let test = "columns_that_are_not_there";
    file(test, "data.csv", "u,v,y\n1,2,3\n4,5,7\n1,0,0\n2,2,1\n");
    for (arguments, line) in [
        (["-y", "z"], "data.csv:1: expected a column named \"z\", found only u, v, y"),
        (["-x", "u,w"], "data.csv:1: expected a column named \"w\", found only u, v, y"),
        (["-x", "u,u"], "the predictor \"u\" is named twice"),
        (["-x", "y"], "\"y\" is both the response and a predictor; name another response with -y"),
        (["--poly", "2"], "--poly 2 needs a single predictor, found u, v; choose one with -x"),
    ] {
        refused(test, &["compare", "data.csv", arguments[0], arguments[1]], line);
    }
}

#[test]
fn powers_beyond_the_range() {
    let test = "powers_beyond_the_range";
    file(test, "data.csv", "x,y\n1,2\n2,4\n1e120,7\n4,5\n");
    let line = "data.csv:4:1: expected 0 or a number whose power 3 is of magnitude from 2.3e-308 to 1e300, \
                found 1e120 in column \"x\"";
    refused(test, &["compare", "data.csv", "--poly", "3"], line);
}

/// A faulty matrix must be refused with this line.
fn mtx(test: &str, content: &str, line: &str) {
    file(test, "a.mtx", content);
    file(test, "b.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n2\n");
    refused(test, &["compare", "a.mtx", "--rhs", "b.mtx"], line);
}

#[test]
fn matrix_files_with_a_wrong_count() {
    let test = "matrix_files_with_a_wrong_count";
    let dense = "%%MatrixMarket matrix array real general\n";
    let sparse = "%%MatrixMarket matrix coordinate real general\n% made by hand\n";
    mtx(test, &format!("{dense}2 2\n1\n2\n3\n"), "a.mtx:5: expected 4 numbers, found 3");
    let line = "a.mtx:5:1: expected the end of the file after 2 numbers, found another number";
    mtx(test, &format!("{dense}2 1\n1\n2\n3\n"), line);
    mtx(test, &format!("{sparse}2 1 2\n1 1 1\n"), "a.mtx:4: expected 2 entries, found 1");
    let line = "a.mtx:5: expected the end of the file after 1 entry, found another";
    mtx(test, &format!("{sparse}2 1 1\n1 1 1\n2 1 1\n"), line);
    mtx(test, &format!("{sparse}2 1 1\n3 1 1\n"), "a.mtx:4:1: expected a row index from 1 to 2, found 3");
    mtx(test, &format!("{sparse}2 1 1\n1 2 1\n"), "a.mtx:4:2: expected a column index from 1 to 1, found 2");
    mtx(test, &format!("{dense}2 1\n1\nnan\n"), "a.mtx:4:1: expected a finite number, found \"nan\"");
}

#[test]
fn matrix_files_of_absurd_size() {
    let test = "matrix_files_of_absurd_size";
    let most = usize::MAX;
    let line = "a.mtx:2: expected a size that fits the file, \
                found more than 1.8e19 entries declared in a file of 87 bytes";
    mtx(test, &format!("%%MatrixMarket matrix array real general\n{most} {most}\n1\n2\n"), line);
    let line = "a.mtx:2: expected a size that fits the file, \
                found 1000000000000 entries declared in a file of 68 bytes";
    mtx(test, "%%MatrixMarket matrix array real general\n1000000 1000000\n1\n2\n\n\n\n\n\n\n\n", line);
    let line = "a.mtx:2: expected a sparse matrix that unfolds to at most 134217728 numbers, found 1000000×1000000";
    mtx(test, "%%MatrixMarket matrix coordinate real general\n1000000 1000000 1\n1 1 1\n", line);
}

#[test]
fn right_hand_sides() {
    let test = "right_hand_sides";
    let matrix = |size: &str, body: &str| format!("%%MatrixMarket matrix array real general\n{size}\n{body}");
    file(test, "a.mtx", matrix("3 1", "1\n2\n3\n"));
    file(test, "short.mtx", matrix("2 1", "1\n2\n"));
    file(test, "wide.mtx", matrix("3 2", "1\n2\n3\n4\n5\n6\n"));
    file(test, "two.csv", "u,v\n1,2\n");
    file(test, "data.csv", "x,y\n1,2\n2,4\n5,7\n");
    for (arguments, line) in [
        (vec!["a.mtx"], "a.mtx is a matrix; give the right-hand side with --rhs FILE"),
        (vec!["a.mtx", "--rhs", "short.mtx"], "short.mtx: expected a right-hand side of 3 rows as in a.mtx, found 2"),
        (vec!["a.mtx", "--rhs", "wide.mtx"], "wide.mtx: expected a right-hand side of one column, found 3×2"),
        (vec!["a.mtx", "--rhs", "two.csv"], "two.csv: expected a right-hand side of one column, found 2 columns"),
        (vec!["a.mtx", "--rhs", "a.mtx", "-y", "y"], "--response goes with named columns, but a.mtx is a matrix"),
        (
            vec!["a.mtx", "--rhs", "a.mtx", "--no-intercept"],
            "--no-intercept goes with named columns, but a.mtx is a matrix",
        ),
        (
            vec!["data.csv", "--rhs", "a.mtx"],
            "--rhs goes with a matrix, but data.csv has named columns; name the response with -y",
        ),
    ] {
        refused(test, &[vec!["compare"], arguments].concat(), line);
    }
}

#[test]
fn numpy_files() {
    let test = "numpy_files";
    let npy = |shape: &str, data: &[f64]| {
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        let data: Vec<u8> = data.iter().flat_map(|v| v.to_le_bytes()).collect();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &data].concat()
    };
    file(test, "b.npy", npy("(2,)", &[1.0, 2.0]));
    let refused = |bytes: Vec<u8>, line: &str| {
        file(test, "a.npy", bytes);
        refused(test, &["compare", "a.npy", "--rhs", "b.npy"], line);
    };
    let line = "a.npy: expected 2×1 numbers of 8 bytes after the header, found 8 bytes";
    refused(npy("(2, 1)", &[1.0]), line);
    let line = "a.npy: expected 4611686018427387904×4 numbers of 8 bytes after the header, found 8 bytes";
    refused(npy("(4611686018427387904, 4)", &[1.0]), line);
    let line = "a.npy: expected finite numbers, found NaN in row 2, column 1 (counted from 1)";
    refused(npy("(2, 1)", &[1.0, f64::NAN]), line);
    let line = "a.npy: expected numbers of magnitude at most 1e300, found 1.7e308 in row 1, column 1 (counted from 1)";
    refused(npy("(2, 1)", &[1.7e308, 1.0]), line);
    refused(b"x,y\n".to_vec(), "a.npy: expected a .npy file, which begins with \\x93NUMPY");
}

#[test]
fn bad_usage_is_one_line() {
    let test = "bad_usage";
    file(test, "data.csv", "x,y\n1,2\n2,4\n5,7\n");
    for (arguments, word) in [
        (vec!["compare"], "<FILE>"),
        (vec!["compare", "data.csv", "--methods", "lu"], "'lu'"),
        (vec!["compare", "data.csv", "--poly", "0"], "'0'"),
        (vec!["compare", "data.csv", "--poly", "x"], "'x'"),
        (vec!["compare", "data.csv", "--reference", "exakt"], "'exakt'"),
        (vec!["compare", "data.csv", "--reference-limit=-1"], "'-1'"),
        (vec!["compare", "data.csv", "--reference-limit", "NaN"], "'NaN'"),
        (vec!["compare", "data.csv", "-x", "\"x"], "expected a closing quote"),
        (vec!["compare", "data.csv", "--jsn"], "'--jsn'"),
        (vec!["compair", "data.csv"], "'compair'"),
        (vec!["nist", "data.csv"], "'data.csv'"),
    ] {
        let ran = run(test, &arguments);
        assert_eq!((ran.status, ran.stderr.lines().count(), ran.stdout.as_str()), (Some(2), 1, ""), "{arguments:?}");
        assert!(ran.stderr.starts_with("lapwing: ") && ran.stderr.contains(word), "{}", ran.stderr);
    }
}

#[test]
fn help() {
    for command in ["", "nist", "compare", "sweep", "grad", "interlace", "kkt", "params", "info"] {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let text = good("help", &arguments);
        assert!(text.contains("Usage: lapwing"), "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{widest:?} in {arguments:?}");
    }
    assert_eq!(good("help", &["--version"]), format!("lapwing {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn words_for_what_is_found() {
    let test = "words_for_what_is_found";
    let csv = |content: &str, line: &str| csv(test, content, line);
    csv("x,y\n1,abc\n", "data.csv:2:2: expected a number, found \"abc\" in column \"y\"");
    let line = "data.csv:1:1: expected a name other than (intercept), which is that of the column of ones; \
                rename the column, or leave the ones out with --no-intercept";
    csv("(intercept),y\n1,2\n2,4\n5,7\n", line);
    file(test, "data.csv", "x,y\n1,2\n2,4\n5,7\n");
    let ran = run(test, &["compare", "data.csv", "--poly", "-1"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("expected a degree") && !ran.stderr.contains("tip"), "{}", ran.stderr);
    let report = json(test, &["compare", "data.csv", "--methods", "ne,qr,ne", "--json"]);
    assert_eq!(report["methods"].as_array().map(Vec::len), Some(2));
    let wide = |text: String| text.lines().map(|line| line.chars().count()).max();
    assert!(wide(good(test, &["compare", "data.csv"])) <= Some(80));
    assert!(wide(good(test, &["nist"])) <= Some(80));
}

#[test]
fn stdin_is_a_file() {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = command("stdin", &["compare", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    child.stdin.take().expect("it is piped").write_all(b"x,y\n1,2\n2,4\n5,7\n").expect("the binary reads");
    let output = child.wait_with_output().expect("the binary ends");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("stdout is JSON");
    assert_eq!((&report["source"], &report["rows"]), (&"stdin".into(), &3.into()));
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    use std::process::Stdio;
    let mut child = command("a_reader_that_leaves", &["nist", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

/// A device that is always full: status 1, because the machine and not the input is to blame.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_of_the_machine() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    for argument in ["info", "--help"] {
        let full = full.try_clone().expect("a second handle");
        let output = command("a_full_disk", &[argument]).stdout(full).output().expect("the binary starts");
        let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.starts_with("lapwing: stdout cannot be written: ") && stderr.lines().count() == 1, "{stderr}");
    }
}

/// Bad usage is one line that says what to do.
#[test]
fn without_a_command() {
    refused(
        "without_a_command",
        &[],
        "expected a command, one of nist, compare, sweep, grad, interlace, kkt, params, info (see --help)",
    );
}

/// The name of a column may begin with a hyphen; an empty list of them, say from a variable that is not set, is no list.
#[test]
fn odd_names_of_columns() {
    let test = "odd_names";
    file(test, "data.csv", "-a,b,=c\n1,2,3\n2,1,5\n4,4,1\n5,0,2\n");
    let report = json(test, &["compare", "data.csv", "-y", "-a", "-x", "=c", "--json"]);
    assert_eq!(report["column_names"], serde_json::json!(["(intercept)", "=c"]));
    let report = json(test, &["compare", "data.csv", "-x", "-a,b", "--json"]);
    assert_eq!(report["column_names"], serde_json::json!(["(intercept)", "-a", "b"]));
    let expected = "expected names of columns, separated by commas (see --help)";
    refused(
        test,
        &["compare", "data.csv", "-x", ""],
        &format!("invalid value '' for '--predictors <A,B,…>': {expected}"),
    );
}
