//! The unsafe floor: the symbols of BLAS and LAPACK, as a Fortran compiler exports them.
//! Must not hold anything but declarations.
//!
//! One module for each element type, with the same names in each; real routines stand under the name of their complex
//! counterpart (`ungqr` is `dorgqr_` in [`d`]). Every CHARACTER argument has a hidden length behind the last argument,
//! as gfortran's ABI wants it. Declarations only; nothing here is called except through `lapack::table`.

use std::ffi::c_void;
#[cfg(openblas)]
use std::ffi::{c_char, c_int};

use crate::element::{c32, c64};
use crate::layout::Int;

/// A CHARACTER argument.
pub(crate) type Char = *const u8;
/// The hidden length of a CHARACTER argument.
pub(crate) type Len = usize;

// Lets the linker see the crate that carries the library.
#[cfg(any(feature = "netlib-system", feature = "intel-mkl", feature = "accelerate"))]
extern crate lapack_src as _;
#[cfg(feature = "netlib-system")]
extern crate netlib_src as _;
#[cfg(openblas)]
extern crate openblas_src as _;

/// Routines with the same arguments for all four types; `T` is the element, `R` its real type.
#[rustfmt::skip]
macro_rules! common {
    ($p:literal, $ungqr:literal, $unglq:literal, $unmqr:literal, $unmlq:literal, $hetrf:literal, $hetrs:literal, $herk:literal) => {
        unsafe extern "C" {
            #[link_name = concat!($p, "geqrf_")]
            pub(crate) fn geqrf(m: *const Int, n: *const Int, a: *mut T, lda: *const Int, tau: *mut T, work: *mut T, lwork: *const Int, info: *mut Int);
            #[link_name = concat!($p, "gelqf_")]
            pub(crate) fn gelqf(m: *const Int, n: *const Int, a: *mut T, lda: *const Int, tau: *mut T, work: *mut T, lwork: *const Int, info: *mut Int);
            #[link_name = concat!($p, $ungqr)]
            pub(crate) fn ungqr(m: *const Int, n: *const Int, k: *const Int, a: *mut T, lda: *const Int, tau: *const T, work: *mut T, lwork: *const Int, info: *mut Int);
            #[link_name = concat!($p, $unglq)]
            pub(crate) fn unglq(m: *const Int, n: *const Int, k: *const Int, a: *mut T, lda: *const Int, tau: *const T, work: *mut T, lwork: *const Int, info: *mut Int);
            #[link_name = concat!($p, $unmqr)]
            pub(crate) fn unmqr(side: Char, trans: Char, m: *const Int, n: *const Int, k: *const Int, a: *const T, lda: *const Int, tau: *const T, c: *mut T, ldc: *const Int, work: *mut T, lwork: *const Int, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, $unmlq)]
            pub(crate) fn unmlq(side: Char, trans: Char, m: *const Int, n: *const Int, k: *const Int, a: *const T, lda: *const Int, tau: *const T, c: *mut T, ldc: *const Int, work: *mut T, lwork: *const Int, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "getrf_")]
            pub(crate) fn getrf(m: *const Int, n: *const Int, a: *mut T, lda: *const Int, ipiv: *mut Int, info: *mut Int);
            #[link_name = concat!($p, "getrs_")]
            pub(crate) fn getrs(trans: Char, n: *const Int, nrhs: *const Int, a: *const T, lda: *const Int, ipiv: *const Int, b: *mut T, ldb: *const Int, info: *mut Int, l1: Len);
            #[link_name = concat!($p, "getri_")]
            pub(crate) fn getri(n: *const Int, a: *mut T, lda: *const Int, ipiv: *const Int, work: *mut T, lwork: *const Int, info: *mut Int);
            #[link_name = concat!($p, "gecon_")]
            pub(crate) fn gecon(norm: Char, n: *const Int, a: *const T, lda: *const Int, anorm: *const R, rcond: *mut R, work: *mut T, aux: *mut c_void, info: *mut Int, l1: Len);
            #[link_name = concat!($p, "potrf_")]
            pub(crate) fn potrf(uplo: Char, n: *const Int, a: *mut T, lda: *const Int, info: *mut Int, l1: Len);
            #[link_name = concat!($p, "potrs_")]
            pub(crate) fn potrs(uplo: Char, n: *const Int, nrhs: *const Int, a: *const T, lda: *const Int, b: *mut T, ldb: *const Int, info: *mut Int, l1: Len);
            #[link_name = concat!($p, "pocon_")]
            pub(crate) fn pocon(uplo: Char, n: *const Int, a: *const T, lda: *const Int, anorm: *const R, rcond: *mut R, work: *mut T, aux: *mut c_void, info: *mut Int, l1: Len);
            #[link_name = concat!($p, $hetrf)]
            pub(crate) fn hetrf(uplo: Char, n: *const Int, a: *mut T, lda: *const Int, ipiv: *mut Int, work: *mut T, lwork: *const Int, info: *mut Int, l1: Len);
            #[link_name = concat!($p, $hetrs)]
            pub(crate) fn hetrs(uplo: Char, n: *const Int, nrhs: *const Int, a: *const T, lda: *const Int, ipiv: *const Int, b: *mut T, ldb: *const Int, info: *mut Int, l1: Len);
            #[link_name = concat!($p, "trtrs_")]
            pub(crate) fn trtrs(uplo: Char, trans: Char, diag: Char, n: *const Int, nrhs: *const Int, a: *const T, lda: *const Int, b: *mut T, ldb: *const Int, info: *mut Int, l1: Len, l2: Len, l3: Len);
            #[link_name = concat!($p, "trcon_")]
            pub(crate) fn trcon(norm: Char, uplo: Char, diag: Char, n: *const Int, a: *const T, lda: *const Int, rcond: *mut R, work: *mut T, aux: *mut c_void, info: *mut Int, l1: Len, l2: Len, l3: Len);
            #[link_name = concat!($p, "gemm_")]
            pub(crate) fn gemm(ta: Char, tb: Char, m: *const Int, n: *const Int, k: *const Int, alpha: *const T, a: *const T, lda: *const Int, b: *const T, ldb: *const Int, beta: *const T, c: *mut T, ldc: *const Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "gemv_")]
            pub(crate) fn gemv(trans: Char, m: *const Int, n: *const Int, alpha: *const T, a: *const T, lda: *const Int, x: *const T, incx: *const Int, beta: *const T, y: *mut T, incy: *const Int, l1: Len);
            #[link_name = concat!($p, $herk)]
            pub(crate) fn herk(uplo: Char, trans: Char, n: *const Int, k: *const Int, alpha: *const R, a: *const T, lda: *const Int, beta: *const R, c: *mut T, ldc: *const Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "trsm_")]
            pub(crate) fn trsm(side: Char, uplo: Char, trans: Char, diag: Char, m: *const Int, n: *const Int, alpha: *const T, a: *const T, lda: *const Int, b: *mut T, ldb: *const Int, l1: Len, l2: Len, l3: Len, l4: Len);
        }
    };
}

/// Routines whose real and complex forms differ, in their real form.
#[rustfmt::skip]
macro_rules! real {
    ($p:literal) => {
        common!($p, "orgqr_", "orglq_", "ormqr_", "ormlq_", "sytrf_", "sytrs_", "syrk_");
        unsafe extern "C" {
            #[link_name = concat!($p, "gesdd_")]
            pub(crate) fn gesdd(jobz: Char, m: *const Int, n: *const Int, a: *mut T, lda: *const Int, s: *mut R, u: *mut T, ldu: *const Int, vt: *mut T, ldvt: *const Int, work: *mut T, lwork: *const Int, iwork: *mut Int, info: *mut Int, l1: Len);
            #[link_name = concat!($p, "gesvd_")]
            pub(crate) fn gesvd(jobu: Char, jobvt: Char, m: *const Int, n: *const Int, a: *mut T, lda: *const Int, s: *mut R, u: *mut T, ldu: *const Int, vt: *mut T, ldvt: *const Int, work: *mut T, lwork: *const Int, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "syevd_")]
            pub(crate) fn heevd(jobz: Char, uplo: Char, n: *const Int, a: *mut T, lda: *const Int, w: *mut R, work: *mut T, lwork: *const Int, iwork: *mut Int, liwork: *const Int, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "syevr_")]
            pub(crate) fn heevr(jobz: Char, range: Char, uplo: Char, n: *const Int, a: *mut T, lda: *const Int, vl: *const R, vu: *const R, il: *const Int, iu: *const Int, abstol: *const R, m: *mut Int, w: *mut R, z: *mut T, ldz: *const Int, isuppz: *mut Int, work: *mut T, lwork: *const Int, iwork: *mut Int, liwork: *const Int, info: *mut Int, l1: Len, l2: Len, l3: Len);
            #[link_name = concat!($p, "geev_")]
            pub(crate) fn geev(jobvl: Char, jobvr: Char, n: *const Int, a: *mut T, lda: *const Int, wr: *mut R, wi: *mut R, vl: *mut T, ldvl: *const Int, vr: *mut T, ldvr: *const Int, work: *mut T, lwork: *const Int, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "geqp3_")]
            pub(crate) fn geqp3(m: *const Int, n: *const Int, a: *mut T, lda: *const Int, jpvt: *mut Int, tau: *mut T, work: *mut T, lwork: *const Int, info: *mut Int);
        }
    };
}

/// The same routines in their complex form, with real working space.
#[rustfmt::skip]
macro_rules! complex {
    ($p:literal) => {
        common!($p, "ungqr_", "unglq_", "unmqr_", "unmlq_", "hetrf_", "hetrs_", "herk_");
        unsafe extern "C" {
            #[link_name = concat!($p, "gesdd_")]
            pub(crate) fn gesdd(jobz: Char, m: *const Int, n: *const Int, a: *mut T, lda: *const Int, s: *mut R, u: *mut T, ldu: *const Int, vt: *mut T, ldvt: *const Int, work: *mut T, lwork: *const Int, rwork: *mut R, iwork: *mut Int, info: *mut Int, l1: Len);
            #[link_name = concat!($p, "gesvd_")]
            pub(crate) fn gesvd(jobu: Char, jobvt: Char, m: *const Int, n: *const Int, a: *mut T, lda: *const Int, s: *mut R, u: *mut T, ldu: *const Int, vt: *mut T, ldvt: *const Int, work: *mut T, lwork: *const Int, rwork: *mut R, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "heevd_")]
            pub(crate) fn heevd(jobz: Char, uplo: Char, n: *const Int, a: *mut T, lda: *const Int, w: *mut R, work: *mut T, lwork: *const Int, rwork: *mut R, lrwork: *const Int, iwork: *mut Int, liwork: *const Int, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "heevr_")]
            pub(crate) fn heevr(jobz: Char, range: Char, uplo: Char, n: *const Int, a: *mut T, lda: *const Int, vl: *const R, vu: *const R, il: *const Int, iu: *const Int, abstol: *const R, m: *mut Int, w: *mut R, z: *mut T, ldz: *const Int, isuppz: *mut Int, work: *mut T, lwork: *const Int, rwork: *mut R, lrwork: *const Int, iwork: *mut Int, liwork: *const Int, info: *mut Int, l1: Len, l2: Len, l3: Len);
            #[link_name = concat!($p, "geev_")]
            pub(crate) fn geev(jobvl: Char, jobvr: Char, n: *const Int, a: *mut T, lda: *const Int, w: *mut T, vl: *mut T, ldvl: *const Int, vr: *mut T, ldvr: *const Int, work: *mut T, lwork: *const Int, rwork: *mut R, info: *mut Int, l1: Len, l2: Len);
            #[link_name = concat!($p, "geqp3_")]
            pub(crate) fn geqp3(m: *const Int, n: *const Int, a: *mut T, lda: *const Int, jpvt: *mut Int, tau: *mut T, work: *mut T, lwork: *const Int, rwork: *mut R, info: *mut Int);
        }
    };
}

/// Single precision.
pub(crate) mod s {
    use super::*;
    type T = f32;
    type R = f32;
    real!("s");
}

/// Double precision.
pub(crate) mod d {
    use super::*;
    type T = f64;
    type R = f64;
    real!("d");
}

/// Complex, single precision.
pub(crate) mod c {
    use super::*;
    type T = c32;
    type R = f32;
    complex!("c");
}

/// Complex, double precision.
pub(crate) mod z {
    use super::*;
    type T = c64;
    type R = f64;
    complex!("z");
}

unsafe extern "C" {
    /// The version of LAPACK.
    pub(crate) fn ilaver_(major: *mut Int, minor: *mut Int, patch: *mut Int);
}

#[cfg(openblas)]
unsafe extern "C" {
    pub(crate) fn openblas_get_config() -> *const c_char;
    pub(crate) fn openblas_get_parallel() -> c_int;
    pub(crate) fn openblas_get_num_threads() -> c_int;
    pub(crate) fn openblas_set_num_threads(count: c_int);
}
