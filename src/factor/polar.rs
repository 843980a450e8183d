//! The factor floor: the polar decomposition, from the SVD.
//! Must not call `lapack`: it stands on the SVD and on products.

use ndarray::{Array1, Array2, ArrayRef2};

use crate::element::Element;
use crate::error::{Result, require_tall};
use crate::layout::Order;
use crate::workspace::{Workspace, reshape, resize};

use super::product::{adjoint_product_to, product_to};
use super::svd::{Svd, with_thin_svd};

/// A = W·H with W m×n of orthonormal columns and H n×n Hermitian positive semidefinite.
#[derive(Debug, Clone, PartialEq)]
pub struct Polar<T: Element> {
    /// The factor with orthonormal columns: of all such matrices the one nearest to A.
    pub w: Array2<T>,
    /// The Hermitian factor, (AᴴA)^½.
    pub h: Array2<T>,
    /// The singular values of A, the eigenvalues of H, descending.
    pub s: Array1<T::Real>,
    /// The right singular vectors of A, the eigenvectors of H, conjugated, in rows: H = V·diag(s)·Vᴴ.
    pub vh: Array2<T>,
}

/// Polar decomposition of a matrix.
pub trait PolarExt<T: Element> {
    /// A = W·H for m ≥ n: from A = U·Σ·Vᴴ, W = U·Vᴴ and H = V·Σ·Vᴴ (Higham, Functions of Matrices, §8.1). H is unique;
    /// W is where A has full column rank.
    ///
    /// Routines: gesdd and two products, 2mn² + 2n³ flops beyond the SVD.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for m < n (decompose Aᴴ instead); as for [`crate::prelude::SvdExt::svd`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let polar = array![[0.0, -3.0], [2.0, 0.0]].polar()?; // a rotation by 90° after a stretch
    /// approx::assert_abs_diff_eq!(polar.w, array![[0.0, -1.0], [1.0, 0.0]], epsilon = 1e-14);
    /// approx::assert_abs_diff_eq!(polar.h, array![[2.0, 0.0], [0.0, 3.0]], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn polar(&self) -> Result<Polar<T>>;

    /// The polar decomposition with reused working memory; see [`PolarExt::polar`].
    ///
    /// # Errors
    /// As for [`PolarExt::polar`].
    fn polar_with(&self, workspace: &mut Workspace<T>) -> Result<Polar<T>>;

    /// The polar decomposition into an `output` of the caller's: with a warm workspace and an output of the same shape it
    /// allocates nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`PolarExt::polar`].
    fn polar_to(&self, workspace: &mut Workspace<T>, output: &mut Polar<T>) -> Result<()>;

    /// Overwrites the matrix by W and returns H; see [`PolarExt::polar`].
    ///
    /// # Errors
    /// As for [`PolarExt::polar`]; the matrix is then as it was.
    fn polar_inplace(&mut self, workspace: &mut Workspace<T>) -> Result<Array2<T>>;
}

impl<T: Element> Default for Polar<T> {
    /// The decomposition of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        let (w, h, vh) = Default::default();
        Polar { w, h, s: Array1::default(0), vh }
    }
}

impl<T: Element> PolarExt<T> for ArrayRef2<T> {
    fn polar(&self) -> Result<Polar<T>> {
        self.polar_with(&mut Workspace::new())
    }

    fn polar_with(&self, workspace: &mut Workspace<T>) -> Result<Polar<T>> {
        let mut output = Polar::default();
        self.polar_to(workspace, &mut output)?;
        Ok(output)
    }

    fn polar_to(&self, workspace: &mut Workspace<T>, output: &mut Polar<T>) -> Result<()> {
        require_tall("a polar decomposition", self.dim())?;
        let Polar { w, h, s, vh } = output;
        with_thin_svd(self, workspace, |svd, workspace| {
            product_to(&svd.u, &svd.vh, w)?;
            hermitian_factor(svd, h, workspace)?;
            resize(s, svd.s.len())?;
            s.assign(&svd.s);
            reshape(vh, svd.vh.nrows(), svd.vh.ncols(), Order::ColumnMajor)?;
            vh.assign(&svd.vh);
            Ok(())
        })
    }

    fn polar_inplace(&mut self, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
        require_tall("a polar decomposition", self.dim())?;
        let (m, n) = self.dim();
        let mut h = Array2::default((0, 0));
        let w = with_thin_svd(self, workspace, |svd, workspace| {
            let mut w = workspace.spare.lend(m, n, Order::ColumnMajor)?;
            product_to(&svd.u, &svd.vh, &mut w)?;
            hermitian_factor(svd, &mut h, workspace)?;
            Ok(w)
        })?;
        self.assign(&w);
        workspace.spare.keep(w);
        Ok(h)
    }
}

/// H = V·Σ·Vᴴ.
fn hermitian_factor<T: Element>(svd: &Svd<T>, h: &mut Array2<T>, workspace: &mut Workspace<T>) -> Result<()> {
    let (k, n) = svd.vh.dim();
    let mut scaled = workspace.spare.lend(k, n, Order::ColumnMajor)?;
    for ((mut to, from), &s) in scaled.rows_mut().into_iter().zip(svd.vh.rows()).zip(&svd.s) {
        to.zip_mut_with(&from, |to, &from| *to = from.mul_real(s));
    }
    adjoint_product_to(&svd.vh, &scaled, h, workspace)?;
    workspace.spare.keep(scaled);
    make_hermitian(h);
    Ok(())
}

/// Replaces a matrix that is Hermitian up to rounding by its Hermitian part.
fn make_hermitian<T: Element>(h: &mut Array2<T>) {
    let two = T::real(2.0);
    for i in 0..h.nrows() {
        h[(i, i)] = T::from_real(h[(i, i)].re());
        for j in 0..i {
            let mean = (h[(i, j)] + h[(j, i)].conj()).div_real(two);
            h[(i, j)] = mean;
            h[(j, i)] = mean.conj();
        }
    }
}
