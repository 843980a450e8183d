//! Least squares by QR with column pivoting, of full rank or with the least norm.

use ndarray::{Array1, Array2, s};
use num_traits::One;

use super::Method;
use super::bounds::Conditioning;
use super::qr::least_norm;
use super::scaling::{equilibrating, scale_columns, scale_rows};
use super::solution::{Answer, Problem};
use crate::element::Element;
use crate::error::Result;
use crate::factor::{PivotedQr, PivotedQrExt, QrExt, zero_matrix};
use crate::pack;

/// The solution by A·D·P = Q·R, D = I if the caller named a tolerance.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    let rcond = problem.rcond;
    let scales = match problem.given {
        false => equilibrating(problem.a),
        true => Array1::from_elem(n, T::Real::one()),
    };
    let mut scaled = pack::owned_columns(problem.a)?;
    scale_columns(&mut scaled, &scales);
    let qr = scaled.qr_pivoted()?;
    let rank = qr.rank(Some(rcond))?.rank;
    let mut answer = Answer { x: Array2::default((0, 0)), rank, rcond, method: Method::PivotedQr, conditioning: None };
    if rank == n {
        answer.x = qr.solve(&problem.b)?;
        scale_rows(&mut answer.x, &scales);
        answer.conditioning = Some(Conditioning::of_factor(&unscaled_factor(&qr, &scales))?);
    } else if rank == 0 {
        answer.x = zero_matrix(n, problem.b.ncols())?;
    } else {
        answer.x = of_least_norm(&qr, rank, &scales, problem)?;
        if rank == m {
            answer.conditioning = Some(Conditioning::of_factor(&unscaled(&qr, rank, &scales).t().qr()?.r())?);
        }
    }
    Ok(answer)
}

/// R·Pᵀ·D⁻¹·P: the triangular factor of A·P, whose columns stay in the order of the pivots.
fn unscaled_factor<T: Element>(qr: &PivotedQr<T>, scales: &Array1<T::Real>) -> Array2<T> {
    let mut r = qr.r();
    for (mut entries, &column) in r.columns_mut().into_iter().zip(qr.permutation()) {
        entries.mapv_inplace(|x| x.div_real(scales[column]));
    }
    r
}

/// The first `rank` rows of R·Pᵀ·D⁻¹: A ≈ Q₁·W.
fn unscaled<T: Element>(qr: &PivotedQr<T>, rank: usize, scales: &Array1<T::Real>) -> Array2<T> {
    let r = qr.r();
    let mut w = Array2::zeros((rank, r.ncols()));
    for (j, &column) in qr.permutation().iter().enumerate() {
        let entries = r.slice(s![..rank, j]).mapv(|x| x.div_real(scales[column]));
        w.column_mut(column).assign(&entries);
    }
    w
}

/// The least-norm solution of W·X = Q₁ᴴ·B.
fn of_least_norm<T: Element>(
    qr: &PivotedQr<T>, rank: usize, scales: &Array1<T::Real>, problem: &Problem<'_, T>,
) -> Result<Array2<T>> {
    let w = unscaled(qr, rank, scales);
    let c = qr.apply_qh(&problem.b)?;
    least_norm(&w.t().qr()?, &c.slice(s![..rank, ..]))
}
