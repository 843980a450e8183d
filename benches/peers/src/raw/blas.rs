//! Raw `dsyrk`, `dgemm` and `dtrsm`.
//! Middle floor of the bench, above `sys`.
//! It must not scan, copy or check what LAPACK does not need: its time is the yardstick.

use super::{ONE, ZERO, ch, int};
use crate::sys;

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

/// C ← A B with A m×k, B k×n and C m×n, by `dgemm`.
pub fn multiply(sizes: [usize; 3], a: &[f64], b: &[f64], c: &mut [f64]) {
    multiply_as([Op::Plain, Op::Plain], sizes, a, b, c);
}

/// How a matrix enters a product.
#[derive(Clone, Copy, PartialEq)]
pub enum Op {
    Plain,
    Transposed,
}

impl Op {
    fn letter(self) -> &'static [u8; 2] {
        if self == Op::Plain { b"N\0" } else { b"T\0" }
    }
}

/// C ← op(A) op(B) with op(A) m×k, op(B) k×n and C m×n, by `dgemm`.
pub fn multiply_as(ops: [Op; 2], [m, n, k]: [usize; 3], a: &[f64], b: &[f64], c: &mut [f64]) {
    assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
    let [m, n, k] = [m, n, k].map(int);
    let lda = if ops[0] == Op::Plain { &m } else { &k };
    let ldb = if ops[1] == Op::Plain { &k } else { &n };
    // SAFETY: the three have the sizes that are passed.
    unsafe {
        sys::dgemm_(
            ch(ops[0].letter()),
            ch(ops[1].letter()),
            &m,
            &n,
            &k,
            &ONE,
            a.as_ptr(),
            lda,
            b.as_ptr(),
            ldb,
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
    assert!(l.len() == n * n && b.len().is_multiple_of(n));
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
