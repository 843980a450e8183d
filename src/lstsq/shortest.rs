//! Least squares: of all solutions the shortest, from one of them and a basis of the null space.
//! On the floor above `factor`; must not know how either was found.

use ndarray::{Array1, Array2, ArrayRef2, s};
use num_traits::{Float, One};

use super::scaling::scale_rows;
use crate::element::{Element, Real, Scalar};
use crate::error::Result;
use crate::factor::{SolveColumns, residual_to, with_pivoted_qr};
use crate::layout::Order;
use crate::norm::norm2;
use crate::workspace::Workspace;

/// The shortest solution of min ‖b − A·x‖, D·z − D·N·t, from a solution z of min ‖b − A·D·z‖ and an orthonormal basis N of the null
/// space of A·D, whose memory is taken, with the diagonal of D in `factors`.
///
/// Where entries of D differ by more than 1/√ε the roundings of N, times D, would decide: then it is D·z, which is shortest in
/// the units of D if z is. Elsewhere t is of the order of z (G. W. Stewart, On scaled projections and pseudoinverses, Linear
/// Algebra Appl. 112 (1989)), and each row of D·N is rounded by itself if larger rows come first and columns are pivoted
/// (Higham, §19.4).
pub(super) fn shortest<T: Element>(
    mut z: Array2<T>, mut null: Array2<T>, factors: &Array1<T::Real>, workspace: &mut Workspace<T>,
) -> Result<Array2<T>> {
    let ((n, k), p) = (null.dim(), z.ncols());
    scale_rows(&mut z, factors);
    let [least, most] = [Float::min, Float::max].map(|of| factors.iter().copied().fold(factors[0], of));
    if least < Scalar::sqrt(T::Real::EPS) * most {
        workspace.spare.keep(null);
        return Ok(z);
    }
    scale_rows(&mut null, factors);
    let mut basis = workspace.spare.lend(n, k, Order::ColumnMajor)?;
    let mut t = workspace.spare.lend(n, p, Order::ColumnMajor)?;
    let mut x = workspace.spare.lend(n, p, Order::ColumnMajor)?;
    // Once more, since D·z may be much longer than what is left of it, whose roundings then lie in the null space too.
    for _ in 0..2 {
        largest_rows_first([&null, &z], [&mut basis, &mut t], workspace)?;
        with_pivoted_qr(basis.view_mut(), workspace, |qr, workspace| {
            qr.solve_columns(t.view_mut(), &mut workspace.scratch)
        })?;
        residual_to(&null, &z, &t.slice(s![..k, ..]), &mut x)?;
        z.assign(&x);
    }
    [z, null, basis, t].into_iter().for_each(|array| workspace.spare.keep(array));
    Ok(x)
}

/// Copies the rows of both matrices in the order of the sizes of the first one's.
fn largest_rows_first<T: Element>(
    from: [&ArrayRef2<T>; 2], to: [&mut Array2<T>; 2], workspace: &mut Workspace<T>,
) -> Result<()> {
    let [first, second] = from;
    let [to_first, to_second] = to;
    let mut sizes = workspace.spare_real.lend_vec(first.nrows())?;
    sizes.iter_mut().zip(first.rows()).for_each(|(size, row)| *size = norm2(&row));
    for (mut to_first, mut to_second) in to_first.rows_mut().into_iter().zip(to_second.rows_mut()) {
        let largest = (0..sizes.len()).fold(0, |best, i| if sizes[i] > sizes[best] { i } else { best });
        sizes[largest] = -T::Real::one();
        to_first.assign(&first.row(largest));
        to_second.assign(&second.row(largest));
    }
    workspace.spare_real.keep_vec(sizes);
    Ok(())
}
