//! `--sweep`: from which shapes on refined normal equations pay; the thresholds of `Method::Auto` are read from this.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface.

use crate::load::Ticks;
use crate::timing::{Contender, Effort, interleave};
use crate::{data, methods};
use lapwing::prelude::*;

const COLUMNS: [usize; 6] = [4, 8, 16, 32, 64, 256];
const ASPECTS: [usize; 6] = [2, 4, 8, 16, 64, 256];
const MOST_ENTRIES: usize = 1 << 21;

/// One condition number for each kind of normal equations: of A, and of A·R⁻¹ with R from a sketch.
const KAPPAS: [f64; 2] = [1e3, 1e9];

pub fn print(effort: Effort) {
    println!("### Refined normal equations and `Method::Auto` ÷ QR\n");
    println!(
        "Where `Auto` is QR itself its ratio is 1 but for noise and, in the last column, a sketch that was in vain.\n"
    );
    println!("| m×n | entries | refined, κ = 1e3 | Auto, κ = 1e3 | Auto, κ = 1e9 |");
    println!("|:---|---:|---:|---:|---:|");
    let before = Ticks::now();
    for n in COLUMNS {
        for m in ASPECTS.map(|aspect| aspect * n).into_iter().filter(|m| m * n <= MOST_ENTRIES) {
            println!("{}", line([m, n], effort));
        }
    }
    if let Some((before, after)) = before.zip(Ticks::now()) {
        println!("\nOther processes took {:.0} % of the machine's processor time.", 100.0 * before.others_until(after));
    }
}

fn line([m, n]: [usize; 2], effort: Effort) -> String {
    let contenders = |kappa, methods: &[Method]| -> Vec<Contender> {
        let (a, b) = (data::conditioned([m, n], kappa), data::vector(m));
        methods.iter().map(|&method| methods::contender(method, [m, n], &a, &b, |_| 0.0)).collect()
    };
    let mut well = contenders(KAPPAS[0], &[Method::Qr, Method::RefinedNormalEquations, Method::Auto]);
    let mut ill = contenders(KAPPAS[1], &[Method::Qr, Method::Auto]);
    let (well, ill) = (interleave(&mut well, effort), interleave(&mut ill, effort));
    format!(
        "| {m}×{n} | {} | {:.2} | {:.2} | {:.2} |",
        m * n,
        well[1].median / well[0].median,
        well[2].median / well[0].median,
        ill[1].median / ill[0].median
    )
}
