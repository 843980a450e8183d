//! Declarations of the Fortran routines that the bench calls directly, with OpenBLAS's thread switches.
//! The lowest floor of the bench; only `raw` uses it.
//! It must not hold logic: checked slices and workspace sizes belong to `raw`.
//!
//! A Fortran `CHARACTER` argument carries its length as a trailing `usize` (gfortran's calling convention).

use std::ffi::{c_char, c_int};

unsafe extern "C" {
    pub fn openblas_set_num_threads(threads: c_int);
    pub fn openblas_get_num_threads() -> c_int;
    pub fn openblas_get_config() -> *const c_char;
    pub fn openblas_get_corename() -> *const c_char;

    pub fn dgesdd_(
        jobz: *const c_char, m: *const i32, n: *const i32, a: *mut f64, lda: *const i32, s: *mut f64, u: *mut f64,
        ldu: *const i32, vt: *mut f64, ldvt: *const i32, work: *mut f64, lwork: *const i32, iwork: *mut i32,
        info: *mut i32, jobz_len: usize,
    );
    pub fn dsyevd_(
        jobz: *const c_char, uplo: *const c_char, n: *const i32, a: *mut f64, lda: *const i32, w: *mut f64,
        work: *mut f64, lwork: *const i32, iwork: *mut i32, liwork: *const i32, info: *mut i32, jobz_len: usize,
        uplo_len: usize,
    );
    pub fn dgeqrf_(
        m: *const i32, n: *const i32, a: *mut f64, lda: *const i32, tau: *mut f64, work: *mut f64, lwork: *const i32,
        info: *mut i32,
    );
    pub fn dorgqr_(
        m: *const i32, n: *const i32, k: *const i32, a: *mut f64, lda: *const i32, tau: *const f64, work: *mut f64,
        lwork: *const i32, info: *mut i32,
    );
    pub fn dormqr_(
        side: *const c_char, trans: *const c_char, m: *const i32, n: *const i32, k: *const i32, a: *const f64,
        lda: *const i32, tau: *const f64, c: *mut f64, ldc: *const i32, work: *mut f64, lwork: *const i32,
        info: *mut i32, side_len: usize, trans_len: usize,
    );
    pub fn dtrtrs_(
        uplo: *const c_char, trans: *const c_char, diag: *const c_char, n: *const i32, nrhs: *const i32, a: *const f64,
        lda: *const i32, b: *mut f64, ldb: *const i32, info: *mut i32, uplo_len: usize, trans_len: usize,
        diag_len: usize,
    );
    pub fn dgetrf_(m: *const i32, n: *const i32, a: *mut f64, lda: *const i32, ipiv: *mut i32, info: *mut i32);
    pub fn dgetrs_(
        trans: *const c_char, n: *const i32, nrhs: *const i32, a: *const f64, lda: *const i32, ipiv: *const i32,
        b: *mut f64, ldb: *const i32, info: *mut i32, trans_len: usize,
    );
    pub fn dpotrf_(uplo: *const c_char, n: *const i32, a: *mut f64, lda: *const i32, info: *mut i32, uplo_len: usize);
    pub fn dpotrs_(
        uplo: *const c_char, n: *const i32, nrhs: *const i32, a: *const f64, lda: *const i32, b: *mut f64,
        ldb: *const i32, info: *mut i32, uplo_len: usize,
    );
    pub fn dsyrk_(
        uplo: *const c_char, trans: *const c_char, n: *const i32, k: *const i32, alpha: *const f64, a: *const f64,
        lda: *const i32, beta: *const f64, c: *mut f64, ldc: *const i32, uplo_len: usize, trans_len: usize,
    );
    pub fn dgemm_(
        transa: *const c_char, transb: *const c_char, m: *const i32, n: *const i32, k: *const i32, alpha: *const f64,
        a: *const f64, lda: *const i32, b: *const f64, ldb: *const i32, beta: *const f64, c: *mut f64, ldc: *const i32,
        transa_len: usize, transb_len: usize,
    );
    pub fn dgemv_(
        trans: *const c_char, m: *const i32, n: *const i32, alpha: *const f64, a: *const f64, lda: *const i32,
        x: *const f64, incx: *const i32, beta: *const f64, y: *mut f64, incy: *const i32, trans_len: usize,
    );
    pub fn dtrsm_(
        side: *const c_char, uplo: *const c_char, transa: *const c_char, diag: *const c_char, m: *const i32,
        n: *const i32, alpha: *const f64, a: *const f64, lda: *const i32, b: *mut f64, ldb: *const i32,
        side_len: usize, uplo_len: usize, transa_len: usize, diag_len: usize,
    );
}
