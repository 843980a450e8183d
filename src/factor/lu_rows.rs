//! The factor floor: LU with partial pivoting of a row-major matrix, in the memory it stands in.
//! Must not copy the matrix.
//!
//! LAPACK's routine would need the columns contiguous. This one exchanges rows of A, which are columns of the memory
//! M = Aᵀ, and halves the columns of A recursively (Toledo 1997; Golub & Van Loan, §3.4), so that all but a thin
//! panel's work is done by matrix products. What is left in M is (L·U)ᵀ: Lᵀ strictly above the diagonal, Uᵀ on and
//! below it.

use num_traits::Zero;

use crate::element::Element;
use crate::error::Result;
use crate::lapack::{self, Diag, Mat, MatMut, Op, Side, Uplo};
use crate::layout::Int;
use crate::pack::magnitude;
use crate::scale::power_near_reciprocal;

/// Columns of A that are eliminated one by one.
const PANEL: usize = 16;

/// Overwrites M = Aᵀ by (L·U)ᵀ. Row i of A was exchanged with row `pivots[i]`, from 1, for min(m, n) pivots. Returns the
/// first zero pivot, from 0.
pub(super) fn factor<T: Element>(mut memory: MatMut<'_, T>, pivots: &mut [Int]) -> Result<Option<usize>> {
    let (n, m) = memory.dim();
    if m == 1 {
        // A single row: nothing to exchange, nothing to eliminate.
        pivots.fill(1);
        return Ok(memory.column(0).first().filter(|&&pivot| pivot == T::zero()).map(|_| 0));
    }
    if n <= PANEL || m == 0 {
        return Ok(eliminate(&mut memory, pivots));
    }
    let half = (n.min(m) / 2).next_multiple_of(PANEL).min(n.min(m)).min(n - 1);
    let (first, rest) = pivots.split_at_mut(half);
    // Columns 1…h of A, then the others, which are rows of the memory.
    let (mut left, mut right) = memory.split_rows(half);
    let zero = factor(left.reborrow(), first)?;
    exchange(&mut right, first);
    let (a11, mut a21) = left.split_cols(half);
    let (mut a12, mut a22) = right.split_cols(half);
    // A₁₂ ← L₁₁⁻¹·A₁₂ and A₂₂ ← A₂₂ − A₂₁·A₁₂, transposed.
    lapack::trsm(Side::Right, Uplo::Upper, Op::None, Diag::Unit, T::one(), a11.as_ref(), a12.reborrow())?;
    if a22.dim().1 > 0 {
        let (u, l) = (a12.as_ref(), a21.as_ref());
        lapack::gemm(-T::one(), Op::None, u, Op::None, l, T::one(), a22.reborrow())?;
    }
    let later = factor(a22, rest)?;
    exchange(&mut a21, rest);
    rest.iter_mut().for_each(|pivot| *pivot += half as Int);
    Ok(zero.or(later.map(|pivot| pivot + half)))
}

/// Exchanges columns i and `pivots[i]` − 1 of the memory, one after the other.
fn exchange<T>(memory: &mut MatMut<'_, T>, pivots: &[Int]) {
    for (i, &pivot) in pivots.iter().enumerate() {
        memory.swap_columns(i, pivot.unsigned_abs() as usize - 1);
    }
}

/// Elimination column by column of A. Each pass over the rows below scales the multiplier, updates what is right of it
/// and looks for the next pivot.
fn eliminate<T: Element>(memory: &mut MatMut<'_, T>, pivots: &mut [Int]) -> Option<usize> {
    let (n, m) = memory.dim();
    let mut zero_pivot = None;
    let mut next = largest(memory, 0, 0);
    for (k, pivot) in pivots.iter_mut().enumerate().take(n.min(m)) {
        *pivot = next as Int + 1;
        memory.swap_columns(k, next);
        let mut row = [T::zero(); PANEL];
        let row = &mut row[..n - k];
        row.copy_from_slice(&memory.column(k)[k..]);
        if row[0] == T::zero() {
            zero_pivot = zero_pivot.or(Some(k));
            next = largest(memory, k + 1, k + 1);
            continue;
        }
        let mut best = T::Real::zero();
        next = k + 1;
        // By a power of two near the pivot first, so that the reciprocal exists however large or small the pivot is.
        let scale = power_near_reciprocal(magnitude(row[0]));
        let reciprocal = T::one() / row[0].mul_real(scale);
        for j in k + 1..m {
            let below = &mut memory.column(j)[k..];
            let multiplier = below[0].mul_real(scale) * reciprocal;
            below[0] = multiplier;
            for (x, &u) in below[1..].iter_mut().zip(&row[1..]) {
                *x -= multiplier * u;
            }
            if let Some(&candidate) = below.get(1)
                && magnitude(candidate) > best
            {
                (best, next) = (magnitude(candidate), j);
            }
        }
    }
    zero_pivot
}

/// The row of A, from `start` on, that has the largest entry in column `k`.
fn largest<T: Element>(memory: &mut MatMut<'_, T>, k: usize, start: usize) -> usize {
    let (n, m) = memory.dim();
    let (mut best, mut found) = (T::Real::zero(), start);
    for j in (start..m).filter(|_| k < n) {
        let size = magnitude(memory.column(j)[k]);
        if size > best {
            (best, found) = (size, j);
        }
    }
    found
}

/// X ← U⁻¹·L⁻¹·P·X for a square matrix with factors `memory` = (L·U)ᵀ.
pub(super) fn solve<T: Element>(memory: Mat<'_, T>, mut x: MatMut<'_, T>) -> Result<()> {
    lapack::trsm(Side::Left, Uplo::Upper, Op::Transpose, Diag::Unit, T::one(), memory, x.reborrow())?;
    lapack::trsm(Side::Left, Uplo::Lower, Op::Transpose, Diag::NonUnit, T::one(), memory, x)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// Entries without structure, from a linear congruential generator.
    fn matrix(m: usize, n: usize) -> Array2<f64> {
        let mut state = 12_345_u64;
        Array2::from_shape_simple_fn((m, n), || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        })
    }

    /// ‖P·A − L·U‖ in the largest entry.
    fn error(a: &Array2<f64>) -> f64 {
        let (m, n) = a.dim();
        let k = m.min(n);
        let mut factors = a.clone();
        let mut pivots = vec![0; k];
        factor(MatMut::of(factors.view_mut().reversed_axes()).unwrap(), &mut pivots).unwrap();
        let l = Array2::from_shape_fn((m, k), |(i, j)| {
            if i == j {
                1.0
            } else if i > j {
                factors[(i, j)]
            } else {
                0.0
            }
        });
        let u = Array2::from_shape_fn((k, n), |(i, j)| if i <= j { factors[(i, j)] } else { 0.0 });
        assert!(l.iter().all(|x| x.abs() <= 1.0), "partial pivoting bounds the multipliers");
        let mut permuted = a.clone();
        for (i, &pivot) in pivots.iter().enumerate() {
            for j in 0..n {
                permuted.swap((i, j), (pivot as usize - 1, j));
            }
        }
        (permuted - l.dot(&u)).iter().fold(0.0, |largest, x| largest.max(x.abs()))
    }

    #[test]
    fn every_shape_is_factored_to_rounding() {
        for (m, n) in [(1, 1), (1, 40), (40, 1), (5, 5), (16, 16), (17, 17), (33, 33), (100, 40), (40, 100), (150, 150)]
        {
            // Elements of L·U are sums of up to min(m, n) products of size at most about 1.
            let bound = 4.0 * m.min(n) as f64 * f64::EPSILON;
            assert!(error(&matrix(m, n)) <= bound, "{m}×{n}: {}", error(&matrix(m, n)));
        }
    }

    #[test]
    fn zero_pivots_are_told_by_the_first() {
        let mut a = matrix(40, 40);
        a.column_mut(23).fill(0.0);
        a.column_mut(30).fill(0.0);
        let mut pivots = vec![0; 40];
        let zero = factor(MatMut::of(a.view_mut().reversed_axes()).unwrap(), &mut pivots).unwrap();
        assert_eq!(zero, Some(23));
    }
}
