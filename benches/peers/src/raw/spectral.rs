//! Raw `dgesdd` and `dsyevd`, with outputs and queried workspace made once.
//! Middle floor of the bench, above `sys`.
//! It must not scan, copy or check what LAPACK does not need: its time is the yardstick.

use super::{ch, int};
use crate::sys;
use std::ffi::c_char;

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
