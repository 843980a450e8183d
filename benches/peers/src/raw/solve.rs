//! Raw `dgetrf`, `dgetrs`, `dpotrf`, and least squares by the normal equations.
//! Middle floor of the bench, above `sys`.
//! It must not scan, copy or check what LAPACK does not need: its time is the yardstick.

use super::{ONE, ZERO, ch, gram, int};
use crate::sys;

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
        unsafe { sys::dgetrf_(&self.n, &self.n, a.as_mut_ptr(), &self.n, self.pivots.as_mut_ptr(), &mut info) }
        assert_eq!(info, 0, "dgetrf");
    }

    pub fn solve(&self, factored: &[f64], b: &mut [f64]) {
        let mut info = 0;
        let n = self.n as usize;
        assert!(factored.len() == n * n && b.len().is_multiple_of(n));
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
    assert!(try_cholesky(n, a), "dpotrf");
}

/// As [`cholesky`], for a matrix that may not be positive definite; whether it is.
pub fn try_cholesky(n: usize, a: &mut [f64]) -> bool {
    let mut info = 0;
    assert_eq!(a.len(), n * n);
    // SAFETY: `a` is n×n.
    unsafe { sys::dpotrf_(ch(b"L\0"), &int(n), a.as_mut_ptr(), &int(n), &mut info, 1) }
    info == 0
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
            sys::dgemv_(ch(b"T\0"), &m, &n, &ONE, a.as_ptr(), &m, b.as_ptr(), &1, &ZERO, self.x.as_mut_ptr(), &1, 1);
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
