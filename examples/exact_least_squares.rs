//! The exact answer of random least-squares problems: what it is estimated to cost, what it takes, and how wrong QR is.
//!
//! `cargo run --release --features exact --example exact_least_squares`

use std::time::Instant;

use lapwing::lstsq::exact::{self, Options};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

fn main() -> lapwing::Result<()> {
    // Numbers in −1..1 from a linear congruence (Knuth's MMIX constants).
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    println!("      shape  operations  seconds   bits of x  error of QR");
    for (m, n) in [(100, 5), (100, 20), (1000, 50), (2000, 100), (5000, 200)] {
        let a = Array2::from_shape_fn((m, n), |_| next());
        let b = Array1::from_shape_fn(m, |_| next());
        let cost = exact::estimate(&a, &b)?;
        let start = Instant::now();
        let answer = exact::lstsq(&a, &b, Options::default())?;
        let seconds = start.elapsed().as_secs_f64();

        let computed = a.lstsq(&b)?;
        let errors = computed.x.iter().zip(&answer.x).map(|(&x, exact)| exact.relative_error_of(x));
        let worst = errors.fold(0.0, f64::max);
        let shape = format!("{m}×{n}");
        let operations = cost.operations;
        println!("{shape:>11}  {operations:>10.1e}  {seconds:>7.2}  {:>10.0}  {worst:>11.1e}", cost.bits);
    }
    Ok(())
}
