//! Least squares: how many columns are independent, where the factors of A leave that in doubt.
//! On the floor above `factor`; must not solve anything.
//!
//! Roundings of sums over the rows leave exactly dependent columns with singular values of anything up to m·ε, where independent
//! ones may have values of their own. With A = U·S·Vᴴ and the k values that are in doubt, W = Uₖᴴ·A·Vₖ tells them apart: A·Vₖ, in
//! which sums run over n terms only, lies in the range of A, to which columns of U are orthogonal but for roundings, for each
//! dependence, so that W then has a value of the order of the square of roundings; else its values are those of A to
//! first order (Stewart, A second order perturbation expansion for small singular values, Linear Algebra Appl. 56 (1984)).

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Data, s};
use num_traits::Float;

use super::bounds::rounding;
use super::scaling::scale_rows;
use crate::element::{Element, conjugate};
use crate::error::Result;
use crate::factor::{Qr, Svd, SvdDriver, SvdExt, adjoint_product_to, count_above, product_to, with_thin_svd};
use crate::layout::Order;
use crate::workspace::Workspace;

/// A·D, whose columns have about equal length, m×n with m ≥ n.
pub(super) struct Columns<'a, T: Element> {
    pub(super) a: &'a ArrayRef2<T>,
    /// The diagonal of D, or none where that is I.
    pub(super) factors: Option<&'a ArrayRef1<T::Real>>,
}

impl<T: Element> Columns<'_, T> {
    /// How many columns are independent to n·ε, by A·D = Q·R; what stands below the diagonal of `r` is 0, or it has been permuted.
    ///
    /// An SVD of order n and, for each value in doubt, a product with A and one with Q.
    pub(super) fn rank_by_qr<S: Data<Elem = T>>(
        &self, qr: &Qr<T, S>, r: &ArrayRef2<T>, workspace: &mut Workspace<T>,
    ) -> Result<usize> {
        with_thin_svd(r, workspace, |svd, workspace| {
            self.rank(svd, workspace, |mut product, first, workspace| {
                qr.apply_qh_inplace(&mut product, workspace)?;
                let w = projected(&svd.u, &product.slice(s![..r.nrows(), ..]), first, workspace);
                workspace.spare.keep(product);
                w
            })
        })
    }

    /// The same by A·D = U·S·Vᴴ.
    pub(super) fn rank_by_svd(&self, svd: &Svd<T>, workspace: &mut Workspace<T>) -> Result<usize> {
        self.rank(svd, workspace, |product, first, workspace| {
            let w = projected(&svd.u, &product, first, workspace);
            workspace.spare.keep(product);
            w
        })
    }

    /// With `project` for Uₖᴴ·(A·Vₖ), k singular values from the first on that is given.
    fn rank(
        &self, svd: &Svd<T>, workspace: &mut Workspace<T>,
        project: impl FnOnce(Array2<T>, usize, &mut Workspace<T>) -> Result<Array2<T>>,
    ) -> Result<usize> {
        let (m, n) = self.a.dim();
        let certain = count_above(&svd.s, rounding(m));
        if certain == n {
            return Ok(n);
        }
        let product = self.times(&svd.vh.slice(s![certain.., ..]), workspace)?;
        let w = project(product, certain, workspace)?;
        let mut values = Array1::from_vec(workspace.spare_real.lend_vec(n - certain)?);
        w.singular_values_to(SvdDriver::default(), workspace, &mut values)?;
        workspace.spare.keep(w);
        // Where roundings are as large as the value itself the factors are of no use for it.
        let least = rounding::<T::Real>(n) * svd.s[0];
        let is_own = |pair: &(&T::Real, &T::Real)| *pair.0 > Float::max(T::real(0.5) * *pair.1, least);
        let own = values.iter().zip(&svd.s.slice(s![certain..])).take_while(is_own).count();
        workspace.spare_real.keep(values);
        Ok(certain + own)
    }

    /// A·D·V, with V the adjoint of `vh`.
    fn times(&self, vh: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
        let ((m, n), k) = (self.a.dim(), vh.nrows());
        let mut v = workspace.spare.lend(n, k, Order::ColumnMajor)?;
        v.assign(&vh.t());
        conjugate(&mut v);
        if let Some(factors) = self.factors {
            scale_rows(&mut v, factors);
        }
        let mut product = workspace.spare.lend(m, k, Order::ColumnMajor)?;
        product_to(self.a, &v, &mut product)?;
        workspace.spare.keep(v);
        Ok(product)
    }
}

/// Uₖᴴ·C, k×k, with the columns of U from the `first` on.
fn projected<T: Element>(
    u: &ArrayRef2<T>, c: &ArrayRef2<T>, first: usize, workspace: &mut Workspace<T>,
) -> Result<Array2<T>> {
    let k = c.ncols();
    let mut w = workspace.spare.lend(k, k, Order::ColumnMajor)?;
    adjoint_product_to(&u.slice(s![.., first..]), c, &mut w, workspace)?;
    Ok(w)
}
