//! The raw LAPACK calls, as a C programmer would write them: outputs and workspace made once, queried, then reused.
//! Middle floor of the bench, above `sys`; all of the bench's unsafe code is here.
//! It must not scan, copy or check what LAPACK does not need: its time is the yardstick.

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

/// `dgesdd` with jobz = S: thin U and Vᵀ. Overwrites its input.
pub struct Svd {
    m: i32,
    n: i32,
    pub s: Vec<f64>,
    pub u: Vec<f64>,
    pub vt: Vec<f64>,
    work: Vec<f64>,
    iwork: Vec<i32>,
}

impl Svd {
    pub fn new(m: usize, n: usize) -> Self {
        let k = m.min(n);
        let (s, u, vt) = (vec![0.0; k], vec![0.0; m * k], vec![0.0; k * n]);
        let mut svd = Svd { m: int(m), n: int(n), s, u, vt, work: vec![0.0], iwork: vec![0; 8 * k] };
        let mut a = vec![0.0; m * n];
        svd.gesdd(&mut a, -1);
        svd.work = vec![0.0; svd.work[0] as usize];
        svd
    }

    pub fn call(&mut self, a: &mut [f64]) {
        self.gesdd(a, int(self.work.len()));
    }

    fn gesdd(&mut self, a: &mut [f64], lwork: i32) {
        let k = self.m.min(self.n);
        let mut info = 0;
        assert_eq!(a.len(), self.m as usize * self.n as usize);
        // SAFETY: `a` is m×n, `u` m×k, `vt` k×n, `s` k and `iwork` 8k long, as dgesdd asks; `work` has lwork entries,
        // or one for the query.
        unsafe {
            sys::dgesdd_(
                ch(b"S\0"),
                &self.m,
                &self.n,
                a.as_mut_ptr(),
                &self.m,
                self.s.as_mut_ptr(),
                self.u.as_mut_ptr(),
                &self.m,
                self.vt.as_mut_ptr(),
                &k,
                self.work.as_mut_ptr(),
                &lwork,
                self.iwork.as_mut_ptr(),
                &mut info,
                1,
            );
        }
        assert_eq!(info, 0, "dgesdd");
    }
}

/// `dsyevd` on the lower triangle. With vectors it overwrites its input with them, else it destroys the input.
pub struct Eigh {
    n: i32,
    jobz: *const c_char,
    pub w: Vec<f64>,
    work: Vec<f64>,
    iwork: Vec<i32>,
}

impl Eigh {
    pub fn with_vectors(n: usize) -> Self {
        Self::new(n, ch(b"V\0"))
    }

    pub fn values_only(n: usize) -> Self {
        Self::new(n, ch(b"N\0"))
    }

    fn new(n: usize, jobz: *const c_char) -> Self {
        let mut eigh = Eigh { n: int(n), jobz, w: vec![0.0; n], work: vec![0.0], iwork: vec![0] };
        let mut a = vec![0.0; n * n];
        eigh.syevd(&mut a, -1, -1);
        eigh.work = vec![0.0; eigh.work[0] as usize];
        eigh.iwork = vec![0; eigh.iwork[0] as usize];
        eigh
    }

    pub fn call(&mut self, a: &mut [f64]) {
        self.syevd(a, int(self.work.len()), int(self.iwork.len()));
    }

    fn syevd(&mut self, a: &mut [f64], lwork: i32, liwork: i32) {
        let mut info = 0;
        assert_eq!(a.len(), self.n as usize * self.n as usize);
        // SAFETY: `a` is n×n and `w` n long; `work` and `iwork` have the lengths that are passed, or one entry each
        // for the query.
        unsafe {
            sys::dsyevd_(
                self.jobz,
                ch(b"L\0"),
                &self.n,
                a.as_mut_ptr(),
                &self.n,
                self.w.as_mut_ptr(),
                self.work.as_mut_ptr(),
                &lwork,
                self.iwork.as_mut_ptr(),
                &liwork,
                &mut info,
                1,
                1,
            );
        }
        assert_eq!(info, 0, "dsyevd");
    }
}

/// `dgeqrf`, and on top of it `dorgqr`, or `dormqr` and `dtrtrs` for least squares. Needs m ≥ n.
pub struct Qr {
    m: i32,
    n: i32,
    tau: Vec<f64>,
    pub r: Vec<f64>,
    work: Vec<f64>,
}

impl Qr {
    pub fn new(m: usize, n: usize) -> Self {
        let mut qr =
            Qr { m: int(m), n: int(n), tau: vec![0.0; n], r: vec![0.0; n * n], work: vec![0.0; m.max(n)] };
        let (mut a, mut b) = (vec![0.0; m * n], vec![0.0; m]);
        let mut longest = 1;
        for query in [Self::geqrf, Self::orgqr] {
            query(&mut qr, &mut a, -1);
            longest = longest.max(qr.work[0] as usize);
        }
        qr.ormqr(&a, &mut b, -1);
        qr.work = vec![0.0; longest.max(qr.work[0] as usize)];
        qr
    }

    /// Reflectors and R, in `a`.
    pub fn factor(&mut self, a: &mut [f64]) {
        self.geqrf(a, int(self.work.len()));
    }

    /// Q in `a`, R in `self.r` (upper triangle, zeros below).
    pub fn factor_and_form(&mut self, a: &mut [f64]) {
        self.factor(a);
        let (m, n) = (self.m as usize, self.n as usize);
        for j in 0..n {
            let column = &mut self.r[j * n..(j + 1) * n];
            column[..=j].copy_from_slice(&a[j * m..j * m + j + 1]);
            column[j + 1..].fill(0.0);
        }
        self.orgqr(a, int(self.work.len()));
    }

    /// x in the first n entries of `b`, the residual's norm in the rest.
    pub fn least_squares(&mut self, a: &mut [f64], b: &mut [f64]) {
        self.factor(a);
        self.ormqr(a, b, int(self.work.len()));
        let mut info = 0;
        // SAFETY: `a` has leading dimension m ≥ n with R in its upper triangle; `b` has m ≥ n entries (checked in
        // ormqr).
        unsafe {
            sys::dtrtrs_(
                ch(b"U\0"),
                ch(b"N\0"),
                ch(b"N\0"),
                &self.n,
                &1,
                a.as_ptr(),
                &self.m,
                b.as_mut_ptr(),
                &self.m,
                &mut info,
                1,
                1,
                1,
            );
        }
        assert_eq!(info, 0, "dtrtrs");
    }

    fn geqrf(&mut self, a: &mut [f64], lwork: i32) {
        let mut info = 0;
        assert_eq!(a.len(), self.m as usize * self.n as usize);
        // SAFETY: `a` is m×n with m ≥ n, `tau` n long, `work` at least lwork long.
        unsafe {
            sys::dgeqrf_(
                &self.m,
                &self.n,
                a.as_mut_ptr(),
                &self.m,
                self.tau.as_mut_ptr(),
                self.work.as_mut_ptr(),
                &lwork,
                &mut info,
            );
        }
        assert_eq!(info, 0, "dgeqrf");
    }

    fn orgqr(&mut self, a: &mut [f64], lwork: i32) {
        let mut info = 0;
        assert_eq!(a.len(), self.m as usize * self.n as usize);
        // SAFETY: `a` is m×n with m ≥ n and holds n reflectors, `tau` n long, `work` at least lwork long.
        unsafe {
            sys::dorgqr_(
                &self.m,
                &self.n,
                &self.n,
                a.as_mut_ptr(),
                &self.m,
                self.tau.as_ptr(),
                self.work.as_mut_ptr(),
                &lwork,
                &mut info,
            );
        }
        assert_eq!(info, 0, "dorgqr");
    }

    fn ormqr(&mut self, a: &[f64], b: &mut [f64], lwork: i32) {
        let mut info = 0;
        assert_eq!(a.len(), self.m as usize * self.n as usize);
        assert_eq!(b.len(), self.m as usize);
        // SAFETY: `a` holds n reflectors of length m, `b` is m×1, `tau` n long, `work` at least lwork long.
        unsafe {
            sys::dormqr_(
                ch(b"L\0"),
                ch(b"T\0"),
                &self.m,
                &1,
                &self.n,
                a.as_ptr(),
                &self.m,
                self.tau.as_ptr(),
                b.as_mut_ptr(),
                &self.m,
                self.work.as_mut_ptr(),
                &lwork,
                &mut info,
                1,
                1,
            );
        }
        assert_eq!(info, 0, "dormqr");
    }
}

/// `dgetrf`, and `dgetrs` with `nrhs` columns. Overwrites its input.
pub struct Lu {
    n: i32,
    pub pivots: Vec<i32>,
}

impl Lu {
    pub fn new(n: usize) -> Self {
        Lu { n: int(n), pivots: vec![0; n] }
    }

    pub fn factor(&mut self, a: &mut [f64]) {
        let mut info = 0;
        assert_eq!(a.len(), self.n as usize * self.n as usize);
        // SAFETY: `a` is n×n, `pivots` n long.
        unsafe {
            sys::dgetrf_(&self.n, &self.n, a.as_mut_ptr(), &self.n, self.pivots.as_mut_ptr(), &mut info)
        }
        assert_eq!(info, 0, "dgetrf");
    }

    pub fn solve(&self, factored: &[f64], b: &mut [f64]) {
        let mut info = 0;
        let n = self.n as usize;
        assert!(factored.len() == n * n && b.len() % n == 0);
        let columns = int(b.len() / n);
        // SAFETY: `factored` is n×n with the pivots of its own factorization, `b` is n×columns.
        unsafe {
            sys::dgetrs_(
                ch(b"N\0"),
                &self.n,
                &columns,
                factored.as_ptr(),
                &self.n,
                self.pivots.as_ptr(),
                b.as_mut_ptr(),
                &self.n,
                &mut info,
                1,
            );
        }
        assert_eq!(info, 0, "dgetrs");
    }
}

/// `dpotrf` on the lower triangle, in place.
pub fn cholesky(n: usize, a: &mut [f64]) {
    let mut info = 0;
    assert_eq!(a.len(), n * n);
    // SAFETY: `a` is n×n.
    unsafe { sys::dpotrf_(ch(b"L\0"), &int(n), a.as_mut_ptr(), &int(n), &mut info, 1) }
    assert_eq!(info, 0, "dpotrf");
}

/// C ← AᵀA in the lower triangle of the n×n `c`, by `dsyrk`; `a` is m×n.
pub fn gram(m: usize, n: usize, a: &[f64], c: &mut [f64]) {
    assert!(a.len() == m * n && c.len() == n * n);
    // SAFETY: `a` is m×n and `c` n×n.
    unsafe {
        sys::dsyrk_(
            ch(b"L\0"),
            ch(b"T\0"),
            &int(n),
            &int(m),
            &ONE,
            a.as_ptr(),
            &int(m),
            &ZERO,
            c.as_mut_ptr(),
            &int(n),
            1,
            1,
        );
    }
}

/// Least squares by the normal equations: `dsyrk`, `dgemv`, `dpotrf`, `dpotrs`. Leaves its input as it is.
pub struct NormalEquations {
    m: usize,
    n: usize,
    gram: Vec<f64>,
    pub x: Vec<f64>,
}

impl NormalEquations {
    pub fn new(m: usize, n: usize) -> Self {
        NormalEquations { m, n, gram: vec![0.0; n * n], x: vec![0.0; n] }
    }

    pub fn call(&mut self, a: &[f64], b: &[f64]) {
        let (m, n) = (int(self.m), int(self.n));
        assert_eq!(b.len(), self.m);
        gram(self.m, self.n, a, &mut self.gram);
        // SAFETY: `a` is m×n (checked in `gram`), `b` m and `x` n long.
        unsafe {
            sys::dgemv_(
                ch(b"T\0"),
                &m,
                &n,
                &ONE,
                a.as_ptr(),
                &m,
                b.as_ptr(),
                &1,
                &ZERO,
                self.x.as_mut_ptr(),
                &1,
                1,
            );
        }
        cholesky(self.n, &mut self.gram);
        let mut info = 0;
        // SAFETY: `gram` is n×n with the Cholesky factor in its lower triangle, `x` is n×1.
        unsafe {
            sys::dpotrs_(ch(b"L\0"), &n, &1, self.gram.as_ptr(), &n, self.x.as_mut_ptr(), &n, &mut info, 1);
        }
        assert_eq!(info, 0, "dpotrs");
    }
}

/// C ← A B with A m×k, B k×n and C m×n, by `dgemm`.
pub fn multiply([m, n, k]: [usize; 3], a: &[f64], b: &[f64], c: &mut [f64]) {
    assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
    let [m, n, k] = [m, n, k].map(int);
    // SAFETY: the three have the sizes that are passed.
    unsafe {
        sys::dgemm_(
            ch(b"N\0"),
            ch(b"N\0"),
            &m,
            &n,
            &k,
            &ONE,
            a.as_ptr(),
            &m,
            b.as_ptr(),
            &k,
            &ZERO,
            c.as_mut_ptr(),
            &m,
            1,
            1,
        );
    }
}

/// B ← L⁻¹B with L the lower triangle of the n×n `l`, by `dtrsm`.
pub fn solve_lower(n: usize, l: &[f64], b: &mut [f64]) {
    assert!(l.len() == n * n && b.len() % n == 0);
    let columns = int(b.len() / n);
    let n = int(n);
    // SAFETY: `l` is n×n, `b` n×columns.
    unsafe {
        sys::dtrsm_(
            ch(b"L\0"),
            ch(b"L\0"),
            ch(b"N\0"),
            ch(b"N\0"),
            &n,
            &columns,
            &ONE,
            l.as_ptr(),
            &n,
            b.as_mut_ptr(),
            &n,
            1,
            1,
            1,
            1,
        );
    }
}
