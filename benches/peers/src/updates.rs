//! Rank-one updates of a decomposition at hand, beside the eigenvalues and the decomposition anew.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface.

use crate::contest::seconds;
use crate::deriv::contender;
use crate::timing::{Contender, Effort, Timing, interleave};
use crate::{convert, data};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

const SIZES: [usize; 3] = [100, 300, 1000];

/// From this order on, at least so many times as fast as the eigenvalues anew.
const FROM: usize = 1000;
const FACTOR: f64 = 20.0;

pub fn print(effort: Effort) {
    println!("### Rank-one updates\n");
    println!(
        "Eigenvalues of S + ρzzᵀ from the decomposition of an n×n S (`Eigh::update`), against `eigvalsh_to` of a matrix of that order; the \
         whole decomposition (`RankOneUpdate::eigh`), against `eigh_to`; and the singular values with a row added \
         (`Svd::singular_values_with_row`), against `singular_values_to`. All vectors are random: nothing is deflated.\n"
    );
    println!(
        "| n | eigvalsh | update | eigvalsh ÷ update | eigh | update and vectors | eigh ÷ these | singular values | with a row | \
         ratio |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for n in SIZES {
        let timings = interleave(&mut contenders(n), effort);
        let time = |i: usize| seconds(Some(timings[i]));
        let of_values = judged(timings[0], timings[1], (n >= FROM).then_some(FACTOR));
        let of_vectors = judged(timings[2], timings[3], None);
        let of_rows = judged(timings[4], timings[5], None);
        println!(
            "| {n} | {} | {} | {of_values} | {} | {} | {of_vectors} | {} | {} | {of_rows} |",
            time(0),
            time(1),
            time(2),
            time(3),
            time(4),
            time(5)
        );
    }
    println!();
}

/// A ratio with its spread, held against the least that it is to be.
fn judged(above: Timing, below: Timing, least: Option<f64>) -> String {
    let ratio = above.median / below.median;
    let spread = ratio * (above.spread / above.median).hypot(below.spread / below.median);
    let word = match least {
        None => return format!("{ratio:.1} ± {spread:.1}"),
        Some(least) if ratio >= least => "met",
        Some(least) if ratio + spread >= least => "within noise",
        Some(_) => "**missed**",
    };
    format!("{ratio:.1} ± {spread:.1} (≥ {FACTOR:.0} {word})")
}

fn contenders(n: usize) -> [Contender; 6] {
    let symmetric = || convert::array(n, n, &data::symmetric(n));
    let general = convert::array(n, n, &data::general(n, n));
    let z: Array1<f64> = general.row(0).to_owned();
    let eigh = symmetric().eigh().expect("a random matrix");
    let svd = general.svd().expect("a random matrix");
    [
        contender((symmetric(), Workspace::new(), Array1::zeros(n)), |(a, workspace, values)| {
            a.eigvalsh_to(&EighOptions::default(), workspace, values).expect("a random matrix");
        }),
        contender((eigh.clone(), z.clone()), |(eigh, z)| {
            eigh.update(z, 0.5).map(RankOneUpdate::into_values).expect("a random vector")
        }),
        contender((symmetric(), Workspace::new(), Eigh::default()), |(a, workspace, eigh)| {
            a.eigh_to(&EighOptions::default(), workspace, eigh).expect("a random matrix");
        }),
        contender((eigh, z.clone()), |(eigh, z)| {
            eigh.update(z, 0.5).and_then(|update| update.eigh()).expect("a random vector")
        }),
        contender((general, Workspace::new(), Array1::zeros(n)), |(a, workspace, values): &mut Values| {
            a.singular_values_to(SvdDriver::default(), workspace, values).expect("a random matrix");
        }),
        contender((svd, z), |(svd, z)| svd.singular_values_with_row(z).expect("a random vector")),
    ]
}

/// A matrix, and memory for its singular values.
type Values = (Array2<f64>, Workspace<f64>, Array1<f64>);
