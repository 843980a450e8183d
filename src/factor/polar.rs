//! The factor floor: the polar decomposition, from the SVD.

use ndarray::{Array2, ArrayRef2};

use crate::element::Element;
use crate::error::{Result, require_tall};

use super::product::{adjoint, plain, product};
use super::svd::SvdExt;

/// A = W·H with W m×n of orthonormal columns and H n×n Hermitian positive semidefinite.
#[derive(Debug, Clone, PartialEq)]
pub struct Polar<T: Element> {
    /// The factor with orthonormal columns: of all such matrices the one nearest to A.
    pub w: Array2<T>,
    /// The Hermitian factor, (AᴴA)^½.
    pub h: Array2<T>,
}

/// Polar decomposition of a matrix.
pub trait PolarExt<T: Element> {
    /// A = W·H for m ≥ n: from A = U·Σ·Vᴴ, W = U·Vᴴ and H = V·Σ·Vᴴ (Higham, Functions of Matrices, §8.1). H is unique;
    /// W is where A has full column rank.
    ///
    /// Routines: gesdd and two products, 2mn² + 2n³ flops beyond the SVD.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for m < n (decompose Aᴴ instead); as for [`SvdExt::svd`].
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
}

impl<T: Element> PolarExt<T> for ArrayRef2<T> {
    fn polar(&self) -> Result<Polar<T>> {
        require_tall("a polar decomposition", self.dim())?;
        let svd = self.svd()?;
        let w = product(&plain(&svd.u)?, &plain(&svd.vh)?)?;
        let mut scaled = svd.vh.clone();
        for (mut row, &s) in scaled.rows_mut().into_iter().zip(&svd.s) {
            row.mapv_inplace(|x| x.mul_real(s));
        }
        let mut h = product(&adjoint(&svd.vh)?, &plain(&scaled)?)?;
        make_hermitian(&mut h);
        Ok(Polar { w, h })
    }
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
