//! Least squares by the singular value decomposition: x = V₁·Σ₁⁻¹·U₁ᴴ·b over the singular values that are kept.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array2, ArrayRef1, ArrayRef2, s};
use num_traits::{Float, Zero};

use super::Method;
use super::bounds::Conditioning;
use super::scaling::{equilibrating, scale_columns, scale_rows};
use super::solution::{Answer, Problem};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::{Svd, SvdExt, adjoint_product_to, columns_of, condition, count_above, with_thin_svd};
use crate::layout::Order;
use crate::workspace::Workspace;

/// The solution by the SVD of A.
///
/// A tiny singular value may come from units of measurement alone. Without a tolerance of the caller's none is dropped if
/// none is tiny when the columns (rows, for a wide matrix) are scaled to equal length; those of A itself would then have lost
/// to rounding what the small columns say.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let k = problem.a.nrows().min(problem.a.ncols());
    with_thin_svd(&problem.a, workspace, |svd, workspace| {
        let rank = count_above(&svd.s, problem.rcond);
        if rank < k
            && !problem.given
            && let Some(answer) = of_equal_lengths(problem, workspace)?
        {
            return Ok(answer);
        }
        let x = of_leading(svd, rank, &problem.b, workspace)?;
        let conditioning = (rank == k).then(|| Conditioning { kappa: condition(&svd.s), norm: svd.s[0] });
        Ok(answer(x, rank, problem.rcond, conditioning))
    })
}

fn answer<T: Element>(
    x: Array2<T>, rank: usize, rcond: T::Real, conditioning: Option<Conditioning<T::Real>>,
) -> Answer<T> {
    Answer { x, rank, rcond, method: Method::Svd, conditioning, residual_norms: None }
}

/// The solution over the first `rank` singular values.
fn of_leading<T: Element>(
    svd: &Svd<T>, rank: usize, b: &ArrayRef2<T>, workspace: &mut Workspace<T>,
) -> Result<Array2<T>> {
    let mut c = workspace.spare.lend(rank, b.ncols(), Order::ColumnMajor)?;
    adjoint_product_to(&svd.u.slice(s![.., ..rank]), b, &mut c, workspace)?;
    for mut column in c.columns_mut() {
        column.zip_mut_with(&svd.s.slice(s![..rank]), |c, &value| *c = c.div_real(value));
    }
    let mut x = workspace.spare.lend(svd.vh.ncols(), b.ncols(), Order::ColumnMajor)?;
    adjoint_product_to(&svd.vh.slice(s![..rank, ..]), &c, &mut x, workspace)?;
    workspace.spare.keep(c);
    Ok(x)
}

/// The answer from A·D, or D·A for a wide matrix, if that has full rank.
fn of_equal_lengths<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Option<Answer<T>>> {
    let tall = problem.a.nrows() >= problem.a.ncols();
    let factors = equilibrating(&if tall { problem.a.view() } else { problem.a.t() }, workspace)?;
    let (mut scaled, mut b) = (columns_of(&problem.a, workspace)?, columns_of(&problem.b, workspace)?);
    if tall {
        scale_columns(&mut scaled, &factors);
    } else {
        scale_rows(&mut scaled, &factors);
        scale_rows(&mut b, &factors);
    }
    let found = with_thin_svd(&scaled, workspace, |svd, workspace| {
        let k = svd.s.len();
        if count_above(&svd.s, problem.rcond) < k {
            return Ok(None);
        }
        let mut x = of_leading(svd, k, &b, workspace)?;
        if tall {
            scale_rows(&mut x, &factors);
        }
        let basis = if tall { svd.vh.view() } else { svd.u.t() };
        let conditioning = unscaled(&basis, &svd.s, &factors)?;
        Ok(Some(answer(x, k, T::Real::zero(), conditioning)))
    });
    workspace.spare.keep(scaled);
    workspace.spare.keep(b);
    workspace.spare_real.keep(factors);
    found
}

/// κ₂(A) = ‖Σ·Vᴴ·D⁻¹‖₂·‖Σ⁻¹·Vᴴ·D‖₂ for A·D = U·Σ·Vᴴ, in which the digits of small columns are not lost beside large ones; none
/// where that is beyond the range.
fn unscaled<T: Element>(
    vh: &ArrayRef2<T>, s: &ArrayRef1<T::Real>, factors: &ArrayRef1<T::Real>,
) -> Result<Option<Conditioning<T::Real>>> {
    let norm = |weight: fn(T::Real, T::Real) -> T::Real| {
        let mut weighted = vh.to_owned();
        weighted.indexed_iter_mut().for_each(|((i, j), v)| *v = v.mul_real(weight(s[i], factors[j])));
        weighted.singular_values().map(|values| values[0])
    };
    let found = norm(|s, d| s / d).and_then(|norm_of_a| Ok((norm_of_a, norm(|s, d| d / s)?)));
    match found {
        Ok((norm, of_inverse)) if (norm * of_inverse).is_finite() => {
            Ok(Some(Conditioning { kappa: norm * of_inverse, norm }))
        }
        Ok(_) | Err(Error::NonFinite { .. } | Error::Overflow { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
