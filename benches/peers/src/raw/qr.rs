//! Raw `dgeqrf` and what follows it: `dorgqr`, or `dormqr` and `dtrtrs` for least squares.
//! Middle floor of the bench, above `sys`.
//! It must not scan, copy or check what LAPACK does not need: its time is the yardstick.

use super::{ch, int};
use crate::sys;

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
        let mut qr = Qr { m: int(m), n: int(n), tau: vec![0.0; n], r: vec![0.0; n * n], work: vec![0.0; m.max(n)] };
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

    /// b ← Qᵀb with the reflectors in `a`.
    pub fn apply_transposed(&mut self, a: &[f64], b: &mut [f64]) {
        self.ormqr(a, b, int(self.work.len()));
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
