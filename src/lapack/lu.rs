//! The unsafe floor: LU with partial pivoting (getrf), its solves (getrs) and the inverse (getri).
//! Must not look at layouts; operands are checked views.

use super::library::{enter, linked_backend};
use super::room::with_room_behind;
use super::view::{Mat, MatMut};
use super::worksize::{Documented, Work, with_work};
use super::{Op, require, status, table};
use crate::backend::{Backend, Remedy};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::Int;
use crate::threads::Operation;
use crate::workspace::{Call, Scratch};

/// P·A = L·U. L (unit diagonal, not stored) and U overwrite `a`; row i was exchanged with row `pivots[i]`, from 1.
/// Returns the first zero pivot, from 0, if there is one: the factorization is complete all the same.
pub(crate) fn getrf<T: Element>(a: MatMut<'_, T>, pivots: &mut [Int]) -> Result<Option<usize>> {
    let (m, n) = (a.rows, a.cols);
    require(pivots.len() >= m.min(n).unsigned_abs() as usize, "getrf")?;
    let mut info = 0;
    let _running = enter(Operation::Lu, m, n)?;
    // SAFETY: a is m×n, `pivots` has min(m, n) entries.
    unsafe { (table::<T>().getrf)(&m, &n, a.ptr, &a.ld, pivots.as_mut_ptr(), &mut info) };
    let info = status("getrf", info)?;
    Ok(info.checked_sub(1).and_then(|pivot| usize::try_from(pivot).ok()))
}

/// Whether the [`getrf`] of the linked library gives right answers for `T`.
pub(crate) fn getrf_is_right<T: Element>() -> Result<bool> {
    Ok(getrf_of_is_right::<T>(linked_backend()?))
}

fn getrf_of_is_right<T: Element>(backend: &Backend) -> bool {
    !(T::IS_COMPLEX && backend.has(Remedy::OwnComplexLu))
}

/// Refuses row exchanges that lead out of a matrix of `rows` rows.
fn check_pivots(pivots: &[Int], rows: Int) -> bool {
    pivots.iter().all(|&pivot| 1 <= pivot && pivot <= rows)
}

/// Solves op(A)·X = B from the factors of [`getrf`]; X overwrites `b`.
pub(crate) fn getrs<T: Element>(op: Op, lu: Mat<'_, T>, pivots: &[Int], b: MatMut<'_, T>) -> Result<()> {
    let n = lu.rows;
    let fit = lu.cols == n && b.rows == n && pivots.len() == n.unsigned_abs() as usize && check_pivots(pivots, n);
    require(fit, "getrs")?;
    let mut info = 0;
    let _running = enter(Operation::Solve, n, b.cols)?;
    // SAFETY: lu is n×n, b has n rows, `pivots` has n entries, each a row of b.
    unsafe {
        let pivots = pivots.as_ptr();
        (table::<T>().getrs)(op.as_char(), &n, &b.cols, lu.ptr, &lu.ld, pivots, b.ptr, &b.ld, &mut info, 1);
    }
    status("getrs", info)?;
    Ok(())
}

/// Overwrites the factors of [`getrf`] by the inverse.
pub(crate) fn getri<T: Element>(lu: MatMut<'_, T>, pivots: &[Int], scratch: &mut Scratch<T>) -> Result<()> {
    let n = lu.rows;
    let fit = lu.cols == n && pivots.len() == n.unsigned_abs() as usize && check_pivots(pivots, n);
    require(fit, "getri")?;
    with_room_behind(lu, scratch, |lu, scratch| {
        let _running = enter(Operation::Lu, n, n)?;
        let call = Call { routine: "getri", flags: [0; 2], dims: [n, 0, 0] };
        let documented = Documented { work: u128::from(n.unsigned_abs()), rwork: 0, iwork: 0 };
        let info = with_work(scratch, call, documented, |Work { work, lwork, .. }| {
            let mut info = 0;
            // SAFETY: lu is n×n, `pivots` has n entries, each a column of it, `work` has LWORK entries or LWORK is −1.
            unsafe { (table::<T>().getri)(&n, lu.ptr, &lu.ld, pivots.as_ptr(), work, &lwork, &mut info) };
            info
        })?;
        match usize::try_from(info) {
            Ok(info) if info > 0 => Err(Error::Singular { pivot: info - 1 }),
            _ => Ok(()),
        }
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;
    use crate::backend::{Threading, tests::openblas};
    use crate::element::{c32, c64};

    #[test]
    fn pivots_that_lead_out_of_the_matrix_are_refused() {
        assert!(check_pivots(&[1, 3, 3], 3));
        for wrong in [[1, 2, 4], [0, 2, 3], [-1, 2, 3]] {
            assert!(!check_pivots(&wrong, 3), "{wrong:?}");
        }
        // Inside a larger array, so that row and column 3 are there to be spoilt if the pivots are obeyed.
        let (identity, mut larger) = (Array2::<f64>::eye(2), Array2::<f64>::zeros((4, 4)).reversed_axes());
        let solved = {
            let b = MatMut::of(larger.slice_mut(s![..2, ..2])).unwrap();
            getrs(Op::None, Mat::of(identity.t()).unwrap(), &[1, 3], b)
        };
        assert!(matches!(solved, Err(Error::Backend { .. })), "{solved:?}");
        larger.diag_mut().fill(1.0);
        let inverted = getri(MatMut::of(larger.slice_mut(s![..2, ..2])).unwrap(), &[1, 3], &mut Scratch::default());
        assert!(matches!(inverted, Err(Error::Backend { .. })), "{inverted:?}");
    }

    #[test]
    fn complex_matrices_avoid_the_getrf_of_one_version() {
        let wrong = openblas(22, Threading::Pool);
        assert!(!getrf_of_is_right::<c32>(&wrong) && !getrf_of_is_right::<c64>(&wrong));
        assert!(getrf_of_is_right::<f32>(&wrong) && getrf_of_is_right::<f64>(&wrong));
        assert!(getrf_of_is_right::<c64>(&openblas(21, Threading::Pool)));
    }
}
