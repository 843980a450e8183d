//! Tests of the README: what it shows is what comes out.
//!
//! Figures that hang on the library underneath may differ a little, and times are not compared.

use lapwing::prelude::*;
use ndarray::{Array2, array};

const README: &str = include_str!("../../README.md");

/// The text between two others, the first time.
fn between(before: &str, after: &str) -> &'static str {
    let (_, rest) = README.split_once(before).unwrap_or_else(|| panic!("{before} stands in the README"));
    rest.split_once(after).unwrap_or_else(|| panic!("{after} stands behind {before}")).0
}

#[test]
fn the_parabola() -> lapwing::Result<()> {
    let a = Array2::from_shape_fn((5, 3), |(i, j)| (i as f64).powi(j as i32));
    let fit = a.lstsq(&array![1.1, 2.9, 7.2, 12.8, 21.1])?;
    let line = format!("\nc = {:.4}, residual {:.4}, rank {}\n", fit.x, fit.residual_norm, fit.rank);
    assert!(README.contains(&line), "{line}");
    let shown: f64 = between("\nrounding has changed c by less than ", ", relatively").parse().expect("a number");
    let bound = fit.error_bound.expect("the rank is full");
    assert!(bound > 0.4 * shown && bound < 2.5 * shown, "{bound:e} and in the README {shown:e}");
    Ok(())
}

/// The reasons and the verdict on Longley's data.
#[cfg(feature = "cli")]
#[test]
fn the_verdict() {
    let longley = concat!(env!("CARGO_MANIFEST_DIR"), "/data/nist/Longley.csv");
    let text = super::cli_run::good("readme", &["compare", longley, "-y", "y", "--methods", "ne,qr"]);
    // Between digits the words are the same.
    let words = |text: &str| text.split(|c: char| c.is_ascii_digit() || ".\n ".contains(c)).collect::<String>();
    let shown = format!("QR gets 10.9 {}", between("\nQR gets 10.9 ", "\n```"));
    let found = &text[text.find("QR gets ").expect("the reasons")..];
    assert_eq!(words(found), words(&shown), "{found}");
}

/// Values that cannot be right: nothing in it hangs on the library underneath.
#[cfg(feature = "cli")]
#[test]
fn the_certificate() {
    let test = "readme";
    super::cli_run::file(test, "old.csv", "1\n2\n3\n");
    super::cli_run::file(test, "new.csv", "1.5\n2.5\n2.9\n");
    let args = ["interlace", "--values", "old.csv", "new.csv", "--positive", "1"];
    let ran = super::cli_run::run(test, &args);
    assert_eq!(ran.status, Some(3));
    assert_eq!(ran.stdout, between(&format!("$ lapwing {}\n", args.join(" ")), "```"));
}
