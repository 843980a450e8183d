//! The unsafe floor: the Bunch–Kaufman factorization of Hermitian matrices (sytrf, hetrf) and its solves.
//! Must not interpret the pivots.

use super::library::enter;
use super::room::with_room_behind;
use super::view::{Mat, MatMut};
use super::worksize::{Documented, Work, with_work};
use super::{Uplo, require, status, table};
use crate::element::Element;
use crate::error::Result;
use crate::layout::Int;
use crate::threads::Operation;
use crate::workspace::{Call, Scratch};

/// A = L·D·Lᴴ or U·D·Uᴴ with symmetric interchanges, D of 1×1 and 2×2 blocks. Returns the first zero pivot, from 0, if
/// there is one: the factorization is complete all the same.
pub(crate) fn hetrf<T: Element>(
    uplo: Uplo, a: MatMut<'_, T>, pivots: &mut [Int], scratch: &mut Scratch<T>,
) -> Result<Option<usize>> {
    let n = a.rows;
    require(a.cols == n && pivots.len() >= n.unsigned_abs() as usize, "hetrf")?;
    let pivots = pivots.as_mut_ptr();
    with_room_behind(a, scratch, |a, scratch| {
        let _running = enter(Operation::Lu, n, n)?;
        let call = Call { routine: "hetrf", flags: [uplo as u8, 0], dims: [n, 0, 0] };
        let documented = Documented { work: u128::from(n.unsigned_abs()), rwork: 0, iwork: 0 };
        let info = with_work(scratch, call, documented, |Work { work, lwork, .. }| {
            let mut info = 0;
            // SAFETY: a is n×n, `pivots` has n entries, `work` has LWORK entries or LWORK is −1.
            unsafe { (table::<T>().hetrf)(uplo.as_char(), &n, a.ptr, &a.ld, pivots, work, &lwork, &mut info, 1) };
            info
        })?;
        Ok(info.checked_sub(1).and_then(|pivot| usize::try_from(pivot).ok()))
    })
}

/// Solves A·X = B from the factors of [`hetrf`]; X overwrites `b`.
pub(crate) fn hetrs<T: Element>(uplo: Uplo, ldlt: Mat<'_, T>, pivots: &[Int], b: MatMut<'_, T>) -> Result<()> {
    let n = ldlt.rows;
    let inside = |&pivot: &Int| pivot != 0 && pivot.checked_abs().is_some_and(|row| row <= n);
    let fit = ldlt.cols == n && b.rows == n && pivots.len() == n.unsigned_abs() as usize && pivots.iter().all(inside);
    require(fit && blocks_are_whole(uplo, pivots), "hetrs")?;
    let mut info = 0;
    let _running = enter(Operation::Solve, n, b.cols)?;
    // SAFETY: ldlt is n×n, b has n rows, `pivots` has n entries, each a row of b, and its 2×2 blocks are whole.
    unsafe {
        let pivots = pivots.as_ptr();
        (table::<T>().hetrs)(uplo.as_char(), &n, &b.cols, ldlt.ptr, &ldlt.ld, pivots, b.ptr, &b.ld, &mut info, 1);
    }
    status("hetrs", info)?;
    Ok(())
}

/// Whether negative entries, which mark 2×2 blocks, come in equal pairs, so that no block reaches beyond the matrix.
fn blocks_are_whole(uplo: Uplo, pivots: &[Int]) -> bool {
    let whole = |pivots: &mut dyn Iterator<Item = Int>| {
        while let Some(pivot) = pivots.next() {
            if pivot < 0 && pivots.next() != Some(pivot) {
                return false;
            }
        }
        true
    };
    match uplo {
        Uplo::Lower => whole(&mut pivots.iter().copied()),
        Uplo::Upper => whole(&mut pivots.iter().rev().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_block_that_is_cut_off_is_refused() {
        assert!(blocks_are_whole(Uplo::Lower, &[1, -3, -3, 4]));
        assert!(blocks_are_whole(Uplo::Upper, &[-1, -1, 3]));
        assert!(!blocks_are_whole(Uplo::Lower, &[1, 2, -3]));
        assert!(!blocks_are_whole(Uplo::Upper, &[-1, 2, 3]));
        assert!(!blocks_are_whole(Uplo::Lower, &[-1, 2, 3]));
        let (factors, mut b) = ([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], [1.0; 3]);
        for wrong in [[-1, 2, 3], [1, 2, 0], [1, 2, Int::MIN]] {
            let b = MatMut::packed(&mut b, (3, 1)).unwrap();
            let found = hetrs::<f64>(Uplo::Lower, Mat::packed(&factors, (3, 3)).unwrap(), &wrong, b);
            assert!(matches!(found, Err(Error::Backend { .. })), "{wrong:?}: {found:?}");
        }
    }
}
