//! The raw LAPACK calls, as a C programmer would write them: outputs and workspace made once, queried, then reused.
//! Middle floor of the bench, above `sys`; all of the bench's unsafe code is in this folder.
//! It must not scan, copy or check what LAPACK does not need: its time is the yardstick.

mod blas;
mod qr;
mod rows;
mod solve;
mod spectral;

pub use blas::{Op, gram, multiply, multiply_as, solve_lower};
pub use qr::Qr;
pub use rows::{add_gram, add_transposed_product, solve_lower_transposed, solve_right, subtract_product};
pub use solve::{Lu, NormalEquations, cholesky, try_cholesky};
pub use spectral::{Eigh, Svd};

use crate::sys;
use std::ffi::{CStr, c_char};

const ONE: f64 = 1.0;
const ZERO: f64 = 0.0;

/// A Fortran character argument.
fn ch(letter: &'static [u8; 2]) -> *const c_char {
    letter.as_ptr().cast()
}

/// A dimension as LAPACK takes it.
fn int(n: usize) -> i32 {
    i32::try_from(n).expect("the bench's sizes fit 32 bits")
}

/// Sets the number of threads of the OpenBLAS underneath.
pub fn set_threads(threads: i32) {
    // SAFETY: takes a plain integer; OpenBLAS allows the call whenever no BLAS call is in flight, and the bench
    // makes it between calls, from the only thread that calls BLAS.
    unsafe { sys::openblas_set_num_threads(threads) }
}

/// The number of threads that OpenBLAS uses now.
pub fn threads() -> i32 {
    // SAFETY: no arguments, reads one integer.
    unsafe { sys::openblas_get_num_threads() }
}

/// OpenBLAS's own description of how it was built.
pub fn config() -> String {
    // SAFETY: the function takes no argument and returns a static, null-terminated string.
    unsafe { text(sys::openblas_get_config()) }
}

/// The processor that OpenBLAS chose its kernels for.
pub fn core_name() -> String {
    // SAFETY: as for `config`.
    unsafe { text(sys::openblas_get_corename()) }
}

/// # Safety
/// `string` must point to a null-terminated string.
unsafe fn text(string: *const c_char) -> String {
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(string) }.to_string_lossy().trim().to_string()
}
