//! Least squares: whether columns are independent, where the triangular factor of QR leaves that in doubt.
//! On the floor above `factor`; must not solve anything.
//!
//! Roundings of sums over the rows leave exactly dependent columns with a smallest singular value of R of anything up to m·ε,
//! where independent ones may have one of their own. With R = U·S·Vᴴ and the k values that are in doubt, W = (Q·Uₖ)ᴴ·A·Vₖ tells
//! them apart: A·Vₖ, in which sums run over n terms only, lies in the range of A, to which Q·Uₖ is orthogonal but for roundings,
//! if the columns are dependent, so that W is then of the order of the square of roundings; else its singular values are those
//! of A to first order (Stewart, A second order perturbation expansion for small singular values, Linear Algebra Appl. 56 (1984)).

use ndarray::{Array1, ArrayRef1, ArrayRef2, s};
use num_traits::Float;

use super::bounds::rounding;
use super::scaling::scale_rows;
use super::solution::zeros;
use crate::element::{Element, conjugate};
use crate::error::{Error, Result};
use crate::factor::{Qr, Svd, SvdDriver, SvdExt, adjoint_product_to, count_above, product_to, with_thin_svd};
use crate::layout::Order;
use crate::workspace::Workspace;

/// The columns of A·D, which have about equal length, with their QR.
pub(super) struct Columns<'a, T: Element> {
    pub(super) a: &'a ArrayRef2<T>,
    /// The diagonal of D, or none where that is I.
    pub(super) factors: Option<&'a ArrayRef1<T::Real>>,
    pub(super) qr: &'a Qr<T>,
    /// The upper triangular factor of A·D, with zeros below the diagonal.
    pub(super) r: &'a ArrayRef2<T>,
}

impl<T: Element> Columns<'_, T> {
    /// [`Error::RankDeficient`] unless they are independent, to n·ε of their lengths.
    ///
    /// An SVD of order n and, for each value in doubt, a product with A and one with Q.
    pub(super) fn require_independence(&self, workspace: &mut Workspace<T>) -> Result<()> {
        let (m, n) = self.a.dim();
        let certain = with_thin_svd(self.r, workspace, |svd, workspace| {
            let certain = count_above(&svd.s, rounding(m));
            // The least alone shows nearly all that are dependent; a cluster of them may be mixed with others.
            for count in [1, n - certain] {
                if certain < n && !self.are_values_of_a(svd, n - count, workspace)? {
                    return Ok(certain);
                }
            }
            Ok(n)
        })?;
        if certain == n { Ok(()) } else { Err(Error::RankDeficient { rank: certain, needed: n }) }
    }

    /// Whether the singular values of R from the `first` on are those of A·D, and not of roundings.
    fn are_values_of_a(&self, svd: &Svd<T>, first: usize, workspace: &mut Workspace<T>) -> Result<bool> {
        let ((m, n), k) = (self.a.dim(), svd.s.len() - first);
        let mut v = workspace.spare.lend(n, k, Order::ColumnMajor)?;
        v.assign(&svd.vh.slice(s![first.., ..]).t());
        conjugate(&mut v);
        if let Some(factors) = self.factors {
            scale_rows(&mut v, factors);
        }
        let mut product = zeros(m, k, workspace)?;
        product_to(self.a, &v, &mut product)?;
        workspace.spare.keep(v);
        self.qr.apply_qh_inplace(&mut product, workspace)?;
        let mut w = workspace.spare.lend(k, k, Order::ColumnMajor)?;
        adjoint_product_to(&svd.u.slice(s![.., first..]), &product.slice(s![..n, ..]), &mut w, workspace)?;
        workspace.spare.keep(product);
        let mut values = Array1::from_vec(workspace.spare_real.lend_vec(k)?);
        w.singular_values_to(SvdDriver::default(), workspace, &mut values)?;
        workspace.spare.keep(w);
        let least = rounding::<T::Real>(n) * svd.s[0];
        let of_a = |(&w, &s): (&T::Real, &T::Real)| w > Float::max(T::real(0.5) * s, least);
        let all = values.iter().zip(&svd.s.slice(s![first..])).all(of_a);
        workspace.spare_real.keep(values);
        Ok(all)
    }
}
