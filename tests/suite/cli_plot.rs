//! Tests of `lapwing compare --plot` and `--html`: the files that a run leaves behind, and that a refused one leaves none.
//!
//! What stands in the pictures is tested beside the drawing code; here it is what a user gets.

use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::{Document, ParsingOptions};

use super::cli_run::{file, good, refused, run};

/// The directory where [`file`] writes for a test.
pub fn directory(test: &str) -> PathBuf {
    file(test, "data.csv", "t,u,y\n0,1,1\n1,0,3\n2,1,4\n3,5,8\n4,2,9\n");
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(test)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("the directory is there");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("it can be read").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A directory with nothing but the data.
fn fresh(test: &str) -> PathBuf {
    let _ = fs::remove_dir_all(Path::new(env!("CARGO_TARGET_TMPDIR")).join(test));
    directory(test)
}

/// All texts of an SVG or HTML document.
pub fn texts(markup: &str) -> Vec<String> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(markup, options).expect("it is well formed");
    document.descendants().filter_map(|n| n.text()).map(String::from).collect()
}

#[test]
fn a_picture_besides_the_table() {
    let test = "plot_svg";
    let here = fresh(test);
    let plain = good(test, &["compare", "data.csv"]);
    let table = good(test, &["compare", "data.csv", "--plot", "fit.svg"]);
    let columns = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert_eq!((columns(&plain), plain.lines().count()), (columns(&table), table.lines().count()));
    let svg = fs::read_to_string(here.join("fit.svg")).expect("it was written");
    let texts = texts(&svg);
    for expected in ["(intercept)", "t", "u", "ne (normal equations)", "qr", "qrp (pivoted QR)", "svd", "residual"] {
        assert!(texts.iter().any(|t| t == expected), "{expected} in {texts:?}");
    }
    assert_eq!(names(&here), ["data.csv", "fit.svg"]);
    // A second run replaces the file by the same bytes.
    fs::write(here.join("fit.svg"), "old").expect("it can be written");
    good(test, &["compare", "data.csv", "--plot", "fit.svg", "--json"]);
    assert_eq!(fs::read_to_string(here.join("fit.svg")).expect("it was written"), svg);
}

#[test]
fn a_picture_of_pixels() {
    let test = "plot_png";
    let here = fresh(test);
    good(test, &["compare", "data.csv", "--plot", "fit.PNG", "--methods", "qr"]);
    let png = fs::read(here.join("fit.PNG")).expect("it was written");
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(names(&here), ["data.csv", "fit.PNG"]);
}

#[test]
fn one_page_with_everything() {
    let test = "plot_html";
    let here = fresh(test);
    good(test, &["compare", "data.csv", "--html", "page.html", "--plot", "fit.svg"]);
    assert_eq!(names(&here), ["data.csv", "fit.svg", "page.html"]);
    let page = fs::read_to_string(here.join("page.html")).expect("it was written");
    let (page, svg) = (texts(&page), texts(&fs::read_to_string(here.join("fit.svg")).expect("it was written")));
    for expected in svg.iter().filter(|t| !t.contains("; ")) {
        assert!(page.contains(expected), "{expected:?} is in the picture");
    }
    for expected in ["data.csv: 5×3, rank 3", "κ₂(AᵀA)", "backward error", "(intercept)", "svd"] {
        assert!(page.iter().any(|t| t == expected), "{expected} in {page:?}");
    }
}

/// Neither a fault of the data nor one of the names leaves a file.
#[test]
fn what_is_refused_leaves_nothing() {
    let test = "plot_refused";
    let here = fresh(test);
    file(test, "bad.csv", "x,y\n1,2\n2,z\n");
    fs::create_dir(here.join("d.svg")).expect("it can be made");
    let before = names(&here);
    let end = "expected a picture whose name ends in .svg or .png";
    for (arguments, line) in [
        (&["data.csv", "--plot", "fit.pdf"][..], format!("fit.pdf: {end}, found .pdf")),
        (&["data.csv", "--plot", "fit"], format!("fit: {end}, found no such ending")),
        (&["data.csv", "--plot", "d.svg"], "d.svg: expected the name of a file to write, found a directory".into()),
        (
            &["data.csv", "--plot", "no/fit.svg"],
            "no/fit.svg: cannot be written: expected an existing directory, found none of this name".into(),
        ),
        (&["data.csv", "--html", "page.svg"], "page.svg: expected a page whose name ends in .html, found .svg".into()),
        (&["bad.csv", "--plot", "fit.svg"], "bad.csv:3:2: expected a number, found \"z\" in column \"y\"".into()),
        (&["bad.csv", "--html", "page.html"], "bad.csv:3:2: expected a number, found \"z\" in column \"y\"".into()),
        (&["none.csv", "--plot", "fit.svg"], "none.csv: expected a data file, found no file of this name".into()),
    ] {
        refused(test, &[&["compare"], arguments].concat(), &line);
        assert_eq!(names(&here), before, "{arguments:?}");
    }
}

#[test]
fn input_is_not_overwritten() {
    let test = "plot_input";
    let here = fresh(test);
    fs::copy(here.join("data.csv"), here.join("data.svg")).expect("it can be copied");
    for name in ["data.svg", "./data.svg", "../plot_input/data.svg"] {
        let line = format!("{name}: is read as input and would be overwritten; choose another name");
        refused(test, &["compare", "data.svg", "--plot", name], &line);
    }
    assert_eq!(fs::read(here.join("data.svg")).ok(), fs::read(here.join("data.csv")).ok());
}

/// All residuals are zero, a method fails, all values are equal: a picture all the same.
#[test]
fn data_that_are_hard_to_draw() {
    let test = "plot_hard";
    let here = fresh(test);
    file(test, "zero.csv", "x,y\n1,0\n2,0\n4,0\n");
    file(test, "deficient.csv", "u,v,y\n1,2,1\n2,4,1\n3,6,2\n");
    file(test, "constant.csv", "x,y\n3,5\n3,5\n3,5\n");
    file(test, "large.csv", "x,y\n1e299,1e-300\n2e299,-1e-300\n4e299,0\n");
    for (name, more) in [
        ("zero", &[][..]),
        ("deficient", &["--no-intercept"]),
        ("constant", &["--no-intercept"]),
        ("large", &["--no-intercept"]),
    ] {
        let (data, svg) = (format!("{name}.csv"), format!("{name}.svg"));
        let ran = run(test, &[&["compare", &data, "--plot", &svg], more].concat());
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{name}");
        let svg = fs::read_to_string(here.join(svg)).expect("it was written");
        assert!(texts(&svg).iter().any(|t| t.starts_with("residual")) && !svg.contains("NaN"), "{name}");
    }
    let deficient = texts(&fs::read_to_string(here.join("deficient.svg")).expect("it was written"));
    assert!(deficient.iter().any(|t| t == "ne (normal equations) fails"), "{deficient:?}");
}
