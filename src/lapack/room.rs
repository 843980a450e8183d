//! The unsafe floor: room behind complex matrices, for a library that reads beyond their end.
//! Must not be used where the library is not known to read there.
//!
//! The complex gemv of OpenBLAS up to 0.3.23 reads one entry behind the vector that it multiplies by. Where LAPACK passes
//! a row of a matrix, that entry stands where another column would: beyond the memory of the matrix. For such a library
//! the matrices of the routines concerned are replaced by copies with a column of zeros behind them. No routine is
//! named here.

use super::library::linked_backend;
use super::view::{Mat, MatMut};
use crate::backend::{Backend, Remedy};
use crate::element::Element;
use crate::error::Result;
use crate::workspace::{Buffer, Scratch};

/// Whether complex operands of `T` need room.
pub(super) fn is_needed<T: Element>() -> Result<bool> {
    Ok(is_needed_by::<T>(linked_backend()?))
}

fn is_needed_by<T: Element>(backend: &Backend) -> bool {
    T::IS_COMPLEX && backend.has(Remedy::RoomBehindComplexMatrices)
}

/// Runs `routine` on three matrices that have room behind them.
pub(super) fn with_room<T: Element, R>(
    matrices: [MatMut<'_, T>; 3], scratch: &mut Scratch<T>,
    routine: impl FnOnce([MatMut<'_, T>; 3], &mut Scratch<T>) -> Result<R>,
) -> Result<R> {
    // Taken out for the call, since the routine borrows the rest.
    let mut room = std::mem::take(&mut scratch.room);
    let result = {
        let ([a, b, c], [a_room, b_room, c_room]) = (matrices, &mut room);
        let mut a = Roomy::new(a, a_room)?;
        let mut b = Roomy::new(b, b_room)?;
        let mut c = Roomy::new(c, c_room)?;
        routine([a.view(), b.view(), c.view()], scratch)
    };
    scratch.room = room;
    result
}

/// Runs `routine` on a matrix that has room behind it.
pub(super) fn with_room_behind<T: Element, R>(
    matrix: MatMut<'_, T>, scratch: &mut Scratch<T>, routine: impl FnOnce(MatMut<'_, T>, &mut Scratch<T>) -> Result<R>,
) -> Result<R> {
    let none = || MatMut::packed(&mut [], (0, 0));
    with_room([matrix, none()?, none()?], scratch, |[matrix, ..], scratch| routine(matrix, scratch))
}

/// Runs `routine` on a matrix to read that has room behind it.
pub(super) fn with_room_to_read<T: Element, R>(
    matrix: Mat<'_, T>, scratch: &mut Scratch<T>, routine: impl FnOnce(Mat<'_, T>, &mut Scratch<T>) -> Result<R>,
) -> Result<R> {
    if !is_needed::<T>()? {
        return routine(matrix, scratch);
    }
    let mut room = std::mem::take(&mut scratch.room);
    let result = {
        let mut copy = roomy_copy(matrix, &mut room[0])?;
        routine(copy.reborrow().as_ref(), scratch)
    };
    scratch.room = room;
    result
}

/// A copy of `matrix` in `buffer` with a column of zeros behind it.
fn roomy_copy<'b, T: Element>(matrix: Mat<'_, T>, buffer: &'b mut Buffer<T>) -> Result<MatMut<'b, T>> {
    let (rows, cols) = matrix.dim();
    let entries = buffer.take(rows * (cols + 1))?;
    entries[rows * cols..].fill(T::zero());
    let (mut copy, _room) = MatMut::packed(entries, (rows, cols + 1))?.split_cols(cols);
    for j in 0..cols {
        copy.column(j).copy_from_slice(matrix.column(j));
    }
    Ok(copy)
}

/// A matrix with room behind it where the library needs that: the caller's own, or a copy that is copied back.
struct Roomy<'a, T: Element> {
    original: MatMut<'a, T>,
    copy: Option<MatMut<'a, T>>,
}

impl<'a, T: Element> Roomy<'a, T> {
    /// Gives `matrix` room in `buffer`, if it needs any.
    fn new(matrix: MatMut<'a, T>, buffer: &'a mut Buffer<T>) -> Result<Self> {
        let copy = if is_needed::<T>()? { Some(roomy_copy(matrix.as_ref(), buffer)?) } else { None };
        Ok(Roomy { original: matrix, copy })
    }

    /// The matrix to hand to the routine.
    fn view(&mut self) -> MatMut<'_, T> {
        self.copy.as_mut().unwrap_or(&mut self.original).reborrow()
    }
}

impl<T: Element> Drop for Roomy<'_, T> {
    fn drop(&mut self) {
        if let Some(copy) = &mut self.copy {
            for j in 0..copy.dim().1 {
                self.original.column(j).copy_from_slice(copy.column(j));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Threading, tests::openblas};
    use crate::element::{c32, c64};

    #[test]
    fn complex_matrices_get_room_where_the_library_reads_beyond_them() {
        let (old, new) = (openblas(23, Threading::Pool), openblas(24, Threading::Pool));
        assert!(is_needed_by::<c32>(&old) && is_needed_by::<c64>(&old));
        assert!(!is_needed_by::<f32>(&old) && !is_needed_by::<f64>(&old) && !is_needed_by::<c64>(&new));
    }

    #[test]
    fn a_copy_has_a_column_of_zeros_behind_it() {
        let (entries, mut buffer) = ([1.0, 2.0, 3.0, 4.0], Buffer::default());
        // What an earlier and larger call has left there.
        buffer.take(9).unwrap().fill(7.0);
        let copy = roomy_copy(Mat::packed(&entries, (2, 2)).unwrap(), &mut buffer).unwrap();
        assert_eq!(copy.dim(), (2, 2));
        assert_eq!(buffer.take(6).unwrap(), [1.0, 2.0, 3.0, 4.0, 0.0, 0.0]);
    }

    #[test]
    fn a_copy_is_copied_back() {
        let mut entries: Vec<c64> = (0..6).map(|i| c64::new(f64::from(i), 0.0)).collect();
        let mut buffer = Buffer::default();
        let mut roomy = Roomy::new(MatMut::packed(&mut entries, (3, 2)).unwrap(), &mut buffer).unwrap();
        assert_eq!(roomy.view().dim(), (3, 2));
        roomy.view().column(1)[2] = c64::new(9.0, 9.0);
        drop(roomy);
        assert_eq!(entries[5], c64::new(9.0, 9.0));
        assert_eq!(entries[4], c64::new(4.0, 0.0));
    }
}
