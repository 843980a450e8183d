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
    shown(&format!("lapwing {}", args.join(" ")), &ran.stdout, true);
}

/// The page that the command prints is in the README, but for figures where they hang on the library.
#[cfg(feature = "cli")]
fn shown(command: &str, page: &str, is_exact: bool) {
    let shown = between(&format!("$ {command}\n"), "```");
    let words = |text: &str| match is_exact {
        true => text.to_string(),
        false => text.replace(|c: char| c.is_ascii_digit() || ".e- ".contains(c), ""),
    };
    assert_eq!(words(page), words(shown), "{command}");
}

#[cfg(feature = "cli")]
#[test]
fn the_point_of_a_plane() {
    let test = "readme_kkt";
    super::cli_run::file(test, "S.csv", "1,0,0\n0,1,0\n0,0,1\n");
    super::cli_run::file(test, "A.csv", "1,1,1\n");
    super::cli_run::file(test, "twice.csv", "1,0,0\n0,1,0\n1,1,0\n");
    super::cli_run::file(test, "f.csv", "2\n3\n4\n");
    super::cli_run::file(test, "b.csv", "6\n");
    let arguments = ["kkt", "S.csv", "A.csv", "--rhs", "f.csv", "b.csv"];
    let page = super::cli_run::good(test, &arguments);
    shown(&format!("lapwing {}", arguments.join(" ")), &page, false);
    for value in ["1  1.000000000\n2  2.000000000\n3  3.000000000\n", "3 positive, 1 negative, 0 zero", "schur"] {
        assert!(page.contains(value), "{value} in {page}");
    }
    let refusal = between("$ lapwing kkt S.csv twice.csv\nlapwing: ", "\n```");
    super::cli_run::refused(test, &["kkt", "S.csv", "twice.csv"], refusal);
}

#[cfg(feature = "cli")]
#[test]
fn gradients() {
    let test = "readme_grad";
    super::cli_run::file(test, "A.csv", "4,1,0\n1,3,1\n0,1,2\n2,0,1\n");
    super::cli_run::file(test, "tie.csv", "2,0,0\n0,2,0\n0,0,1\n");
    shown("lapwing grad A.csv --index 2", &super::cli_run::good(test, &["grad", "A.csv", "--index", "2"]), true);
    shown("lapwing grad tie.csv", &super::cli_run::good(test, &["grad", "tie.csv"]), true);
}
