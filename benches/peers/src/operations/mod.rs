//! The operations that are measured, one file each: who competes, with what calls, and how a result is checked.
//! Upper floor of the bench, between `contest` and the contenders' own crates.
//! It must not measure or print anything.

pub mod eigh;
pub mod lstsq;
pub mod lu;
pub mod ours;
pub mod qr;
pub mod svd;

use crate::timing::{Contender, Who};
use crate::{data, raw};

/// The columns n at which every operation is measured.
pub const SIZES: [usize; 9] = [4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// The number of threads that OpenBLAS takes by itself, read before anything sets it.
pub fn default_threads() -> i32 {
    static DEFAULT: std::sync::OnceLock<i32> = std::sync::OnceLock::new();
    *DEFAULT.get_or_init(raw::threads)
}

/// The practical peak: n×n times n×n.
fn gemm(n: usize) -> Contender {
    let state = (data::general(n, n), data::symmetric(n), vec![0.0; n * n]);
    Contender::new(
        Who::Gemm,
        default_threads(),
        (),
        state,
        move |(a, b, c), ()| raw::multiply([n; 3], a, b, c),
        |_, _, _| 0.0,
    )
}

/// The raw call, once for one thread and once for the default number.
fn both_raw(make: impl Fn(Who, i32) -> Contender) -> [Contender; 2] {
    [make(Who::RawOne, 1), make(Who::RawDefault, default_threads())]
}

fn cube(n: usize) -> f64 {
    (n as f64).powi(3)
}
