//! Least squares by the singular value decomposition: x = V₁·Σ₁⁻¹·U₁ᴴ·b over the singular values that are kept.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array2, ArrayRef1, ArrayRef2, s};
use num_traits::{Float, One, Zero};

use super::Method;
use super::bounds::Conditioning;
use super::independence::Columns;
use super::scaling::{equilibrating, scale_columns, scale_rows};
use super::shortest::shortest;
use super::solution::{Answer, Problem};
use crate::element::{Element, Real, conjugate};
use crate::error::{Error, Result};
use crate::factor::{Svd, SvdExt, adjoint_product_to, columns_of, condition, count_above, with_thin_svd};
use crate::layout::Order;
use crate::pack;
use crate::workspace::Workspace;

/// The solution by the SVD of A.
///
/// A tiny singular value may come from units of measurement alone. Without a tolerance of the caller's none is dropped if
/// none is tiny when the columns (rows, for a wide matrix) are scaled to equal length. If those of A itself have then lost all
/// digits, and for columns of which some are to be dropped, it is the SVD of A with its columns scaled that is used.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    if m >= n && pack::natural_order(&problem.a) == Order::RowMajor {
        // Along rows the routine's sums over them leave larger roundings.
        let by_columns = columns_of(&problem.a, workspace)?;
        let answer = by_columns_or_wide(&Problem { a: by_columns.view(), ..*problem }, workspace);
        workspace.spare.keep(by_columns);
        return answer;
    }
    by_columns_or_wide(problem, workspace)
}

fn by_columns_or_wide<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let k = problem.a.nrows().min(problem.a.ncols());
    with_thin_svd(&problem.a, workspace, |svd, workspace| {
        let mut rank = count_above(&svd.s, problem.rcond);
        let mut rcond = problem.rcond;
        if rank < k && !problem.given {
            match of_equal_lengths(problem, workspace)? {
                Found::Answer(answer) => return Ok(answer),
                Found::FullRank => (rank, rcond) = (k, T::Real::zero()),
                Found::Deficient => {}
            }
        }
        let x = of_leading(svd, rank, &problem.b, workspace)?;
        let conditioning = (rank == k).then(|| Conditioning { kappa: condition(&svd.s), norm: svd.s[0] });
        Ok(answer(x, rank, rcond, conditioning))
    })
}

/// What scaled columns or rows tell.
enum Found<T: Element> {
    /// All that is wanted.
    Answer(Answer<T>),
    /// That the rank is full, and A itself will do.
    FullRank,
    /// That it is not, for a wide matrix.
    Deficient,
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

/// The answer from A·D or, for a wide matrix, D·A if that has full rank, and A itself will not do.
fn of_equal_lengths<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Found<T>> {
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
        let rank = match tall {
            true => Columns { a: &scaled, factors: None }.rank_by_svd(svd, workspace)?,
            false => count_above(&svd.s, problem.rcond),
        };
        let conditioning = match (rank == k, tall) {
            (true, true) => unscaled(&svd.vh, &svd.s, &factors)?,
            (true, false) => unscaled(&svd.u.t(), &svd.s, &factors)?,
            (false, true) => None,
            (false, false) => return Ok(Found::Deficient),
        };
        if conditioning.is_some_and(|found| found.kappa * T::Real::EPS < T::Real::one()) {
            // The singular values of A itself have digits.
            return Ok(Found::FullRank);
        }
        let mut x = of_leading(svd, rank, &b, workspace)?;
        if rank < k {
            let mut null = workspace.spare.lend(k, k - rank, Order::ColumnMajor)?;
            null.assign(&svd.vh.slice(s![rank.., ..]).t());
            conjugate(&mut null);
            x = shortest(x, null, &factors, workspace)?;
        } else if tall {
            scale_rows(&mut x, &factors);
        }
        let rcond = if rank == k { T::Real::zero() } else { problem.rcond };
        Ok(Found::Answer(answer(x, rank, rcond, conditioning)))
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
