//! Many factorizations of one shape, without allocating: the caller keeps the working memory and the result.
//! Above all floors: it uses the crate as any program would.
//! It must not use what the prelude does not offer.
//!
//! `cargo run --release --example reuse_workspace`

use std::time::{Duration, Instant};

use lapwing::prelude::*;
use ndarray::Array2;

const COUNT: u32 = 20_000;
const SIZE: usize = 8;

fn main() -> lapwing::Result<()> {
    let (allocating, first) = timed(|| {
        let mut largest = 0.0_f64;
        for index in 0..COUNT {
            largest = largest.max(matrix(index).svd()?.s[0]);
        }
        Ok(largest)
    })?;

    let (options, mut workspace, mut svd) = (SvdOptions::thin(), Workspace::new(), Svd::default());
    let (reusing, second) = timed(|| {
        let mut largest = 0.0_f64;
        for index in 0..COUNT {
            // From the second matrix on, nothing is allocated here.
            matrix(index).svd_to(&options, &mut workspace, &mut svd)?;
            largest = largest.max(svd.s[0]);
        }
        Ok(largest)
    })?;

    println!("{COUNT} SVDs, {SIZE}×{SIZE}; the largest singular value of all is {first:.6} and {second:.6}");
    println!("svd()     {:.2} µs each", allocating.as_secs_f64() * 1e6 / f64::from(COUNT));
    println!("svd_to()  {:.2} µs each", reusing.as_secs_f64() * 1e6 / f64::from(COUNT));
    Ok(())
}

/// The matrix with entries cos(index·(i + 1) + j); making it costs the same in both loops.
fn matrix(index: u32) -> Array2<f64> {
    Array2::from_shape_fn((SIZE, SIZE), |(i, j)| (f64::from(index) * (i + 1) as f64 + j as f64).cos())
}

/// How long `work` took, and what it returned.
fn timed<R>(work: impl FnOnce() -> lapwing::Result<R>) -> lapwing::Result<(Duration, R)> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed(), result))
}
