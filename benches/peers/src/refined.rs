//! Least squares by `Method::Refined`: what an answer that is right but for its rounding costs beside QR.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface.

use crate::contest::seconds;
use crate::timing::{Effort, interleave};
use crate::{check, data, methods};
use lapwing::prelude::*;

const SHAPES: [[usize; 2]; 3] = [[100, 10], [1000, 50], [10_000, 100]];
const KAPPAS: [f64; 2] = [1e3, 1e8];

pub fn print(effort: Effort) {
    println!("### Least squares by Method::Refined\n");
    println!(
        "lapwing with a warm workspace, by both methods on the same matrix; b is random, so that the residual is as large as b. \
         *Share*: of the time of `Refined` what QR would take.\n"
    );
    println!("| m×n | κ | QR | Refined | Refined ÷ QR | share |");
    println!("|:---|---:|---:|---:|---:|---:|");
    for shape in SHAPES {
        for kappa in KAPPAS {
            println!("{}", line(shape, kappa, effort));
        }
    }
    println!();
}

fn line([m, n]: [usize; 2], kappa: f64, effort: Effort) -> String {
    let (a, b) = (data::conditioned([m, n], kappa), data::vector(m));
    let contender = |method| {
        let (a_checked, b_checked) = (a.clone(), b.clone());
        let error = move |x: &[f64]| check::least_squares([m, n], &a_checked, x, &b_checked);
        methods::contender(method, [m, n], &a, &b, error)
    };
    let mut both = [contender(Method::Qr), contender(Method::Refined)];
    for contender in &mut both {
        let error = contender.error();
        assert!(error <= check::LARGEST_ERROR, "{m}×{n}, κ = {kappa:e}: wrong by {error:.1e}");
    }
    let timings = interleave(&mut both, effort);
    let (qr, refined) = (timings[0], timings[1]);
    format!(
        "| {m}×{n} | {kappa:.0e} | {} | {} | {:.1} | {:.0} % |",
        seconds(Some(qr)),
        seconds(Some(refined)),
        refined.median / qr.median,
        100.0 * qr.median / refined.median
    )
}
