//! Raw BLAS on blocks of rows, for the trials: `dtrsm` from the right, `dsyrk` and `dgemv` that add up.
//! Middle floor of the bench, above `sys`.
//! It must not scan, copy or check what BLAS does not need.

use super::{ONE, ch, int};
use crate::sys;

const MINUS_ONE: f64 = -1.0;

/// B ← B·L⁻ᵀ with L the lower triangle of the n×n `l`; `b` is packed, of n columns.
pub fn solve_right(n: usize, l: &[f64], b: &mut [f64]) {
    triangular(b"R\0", b"T\0", [b.len() / n, n], l, b);
}

/// B ← L⁻ᵀB.
pub fn solve_lower_transposed(n: usize, l: &[f64], b: &mut [f64]) {
    triangular(b"L\0", b"T\0", [n, b.len() / n], l, b);
}

fn triangular(side: &'static [u8; 2], op: &'static [u8; 2], [rows, columns]: [usize; 2], l: &[f64], b: &mut [f64]) {
    let n = if side == b"L\0" { rows } else { columns };
    assert!(l.len() == n * n && b.len() == rows * columns);
    let (n, rows, columns) = (int(n), int(rows), int(columns));
    // SAFETY: `l` is n×n, `b` rows×columns, and n is the order that the side asks for.
    unsafe {
        sys::dtrsm_(
            ch(side),
            ch(b"L\0"),
            ch(op),
            ch(b"N\0"),
            &rows,
            &columns,
            &ONE,
            l.as_ptr(),
            &n,
            b.as_mut_ptr(),
            &rows,
            1,
            1,
            1,
            1,
        );
    }
}

/// C ← C + BᵀB in the lower triangle of the n×n `c`; `b` is rows×n, packed.
pub fn add_gram(rows: usize, n: usize, b: &[f64], c: &mut [f64]) {
    assert!(b.len() == rows * n && c.len() == n * n);
    let (rows, n) = (int(rows), int(n));
    // SAFETY: `b` is rows×n and `c` n×n.
    unsafe {
        sys::dsyrk_(ch(b"L\0"), ch(b"T\0"), &n, &rows, &ONE, b.as_ptr(), &rows, &ONE, c.as_mut_ptr(), &n, 1, 1);
    }
}

/// y ← y − A₁·x with A₁ the rows from `start` on, as many as `y` has, of the m×n `a`.
pub fn subtract_product(m: usize, n: usize, start: usize, a: &[f64], x: &[f64], y: &mut [f64]) {
    let rows = y.len();
    assert!(a.len() == m * n && start + rows <= m && x.len() == n);
    // SAFETY: `a` from `start` on holds rows×n entries with leading dimension m, x n and y rows.
    unsafe {
        let (a, rows) = (a.as_ptr().add(start), int(rows));
        sys::dgemv_(ch(b"N\0"), &rows, &int(n), &MINUS_ONE, a, &int(m), x.as_ptr(), &1, &ONE, y.as_mut_ptr(), &1, 1);
    }
}

/// y ← y + A₁ᵀ·x with A₁ the rows from `start` on, as many as `x` has, of the m×n `a`.
pub fn add_transposed_product(m: usize, n: usize, start: usize, a: &[f64], x: &[f64], y: &mut [f64]) {
    let rows = x.len();
    assert!(a.len() == m * n && start + rows <= m && y.len() == n);
    // SAFETY: `a` from `start` on holds rows×n entries with leading dimension m, x rows and y n.
    unsafe {
        let (a, rows) = (a.as_ptr().add(start), int(rows));
        sys::dgemv_(ch(b"T\0"), &rows, &int(n), &ONE, a, &int(m), x.as_ptr(), &1, &ONE, y.as_mut_ptr(), &1, 1);
    }
}
