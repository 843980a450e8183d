//! The factor floor: the eigenvectors of a Hermitian matrix to which ρ·z·zᴴ is added, by Löwner's formula.
//! Must not search for an eigenvalue.

use ndarray::{Array2, Zip, s};
use num_traits::Float;

use super::Eigh;
use super::product::product_to;
use super::rank_one::{RankOneUpdate, Source};
use crate::element::{Element, Real, Scalar};
use crate::error::Result;
use crate::layout::Order;
use crate::workspace::{Workspace, reshape, resize};

impl<T: Element> RankOneUpdate<'_, T> {
    /// The decomposition of the updated matrix: the eigenvectors are Q·W with
    ///
    /// ```text
    /// wᵢⱼ ∝ ζ̂ᵢ/(λᵢ − μⱼ),    ρζ̂ᵢ² = Πⱼ (μⱼ − λᵢ) / Πⱼ (λⱼ − λᵢ) over j ≠ i
    /// ```
    ///
    /// for what is not deflated, after the rotations of the deflation. ζ̂ is the vector of which the computed values are the exact roots
    /// (K. Löwner), so that the columns of W are orthogonal to working precision however near the values are, and those of the result as
    /// much as the columns of Q. One product of matrices, 2nk² flops where k values are not deflated.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) where memory cannot be had.
    ///
    /// # Source
    /// M. Gu and S. C. Eisenstat, A stable and efficient algorithm for the rank-one modification of the symmetric eigenproblem, SIAM J.
    /// Matrix Anal. Appl. 15 (1994).
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let s = array![[2.0, 1.0], [1.0, 2.0]];
    /// let updated = s.eigh()?.update(&array![1.0, 0.0], 3.0)?.eigh()?; // of [5 1; 1 2]
    /// let rebuilt = (&updated.vectors * &updated.values).dot(&updated.vectors.t());
    /// approx::assert_abs_diff_eq!(rebuilt, array![[5.0, 1.0], [1.0, 2.0]], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn eigh(&self) -> Result<Eigh<T>> {
        let mut eigh = Eigh::default();
        self.eigh_to(&mut Workspace::new(), &mut eigh)?;
        Ok(eigh)
    }

    /// The same into a decomposition of the caller's: with a warm workspace and an `output` of order n a call allocates nothing.
    ///
    /// # Errors
    /// As for [`RankOneUpdate::eigh`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let (mut workspace, mut next) = (Workspace::new(), Eigh::default());
    /// let mut eigh = array![[1.0, 0.0], [0.0, 3.0]].eigh()?;
    /// for z in [array![1.0, 0.0], array![0.0, 2.0]] {
    ///     eigh.update(&z, 1.0)?.eigh_to(&mut workspace, &mut next)?;
    ///     std::mem::swap(&mut eigh, &mut next);
    /// }
    /// assert_eq!(eigh.values, array![2.0, 7.0]);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn eigh_to(&self, workspace: &mut Workspace<T>, output: &mut Eigh<T>) -> Result<()> {
        let (n, k) = (self.values.len(), self.roots.len());
        resize(&mut output.values, n)?;
        output.values.assign(&self.values);
        let basis = self.basis(workspace)?;
        let coefficients = self.coefficients(workspace)?;
        if k == n {
            product_to(&basis, &coefficients, &mut output.vectors)?;
        } else {
            let mut kept = workspace.spare.lend(n, k, Order::ColumnMajor)?;
            kept.columns_mut().into_iter().zip(&self.kept).for_each(|(mut to, &i)| to.assign(&basis.column(i)));
            let mut vectors = workspace.spare.lend(n, k, Order::ColumnMajor)?;
            product_to(&kept, &coefficients, &mut vectors)?;
            reshape(&mut output.vectors, n, n, Order::ColumnMajor)?;
            // Those of `vectors` come in the order of the values.
            let mut columns = vectors.columns().into_iter();
            for (mut to, source) in output.vectors.columns_mut().into_iter().zip(&self.sources) {
                match *source {
                    Source::Settled(i) => to.assign(&basis.column(i)),
                    Source::Root(_) => columns.next().into_iter().for_each(|from| to.assign(&from)),
                }
            }
            workspace.spare.keep(kept);
            workspace.spare.keep(vectors);
        }
        workspace.spare.keep(basis);
        workspace.spare.keep(coefficients);
        Ok(())
    }

    /// The old eigenvectors in the order of the deflation's positions, times the phases of ζ, rotated.
    fn basis(&self, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
        let n = self.values.len();
        let mut basis = workspace.spare.lend(n, n, Order::ColumnMajor)?;
        for (i, mut to) in basis.columns_mut().into_iter().enumerate() {
            let i = if self.reversed { n - 1 - i } else { i };
            let zeta = self.zeta[(i, 0)];
            let length = Scalar::abs(zeta);
            // A component that is near underflow was left out, and its phase would have few digits.
            let phase =
                if length > T::Real::min_positive_value() / T::Real::EPS { zeta.div_real(length) } else { T::one() };
            to.zip_mut_with(&self.of.vectors.column(i), |to, &q| *to = q * phase);
        }
        for rotation in &self.rotations {
            let (c, s) = (T::Real::real(rotation.c), T::Real::real(rotation.s));
            let columns = (s![.., rotation.first], s![.., rotation.second]);
            let (mut first, mut second) = basis.multi_slice_mut(columns);
            Zip::from(&mut first).and(&mut second).for_each(|x, y| {
                (*x, *y) = (x.mul_real(c) + y.mul_real(s), y.mul_real(c) - x.mul_real(s));
            });
        }
        Ok(basis)
    }

    /// W, k×k, with the columns in the order of the values.
    fn coefficients(&self, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
        let k = self.roots.len();
        let zeta = self.loewner(workspace)?;
        let mut distances = workspace.spare_doubles.lend_vec(k)?;
        let mut coefficients = workspace.spare.lend(k, k, Order::ColumnMajor)?;
        let in_order = self.sources.iter().filter_map(|source| match *source {
            Source::Root(j) => Some(self.roots[j]),
            Source::Settled(_) => None,
        });
        for (mut column, (origin, offset)) in coefficients.columns_mut().into_iter().zip(in_order) {
            self.secular.distances(0..k, origin, &mut distances);
            distances.iter_mut().zip(&zeta).for_each(|(d, zeta)| *d = zeta / (*d - offset));
            let norm = distances.iter().map(|x| x * x).sum::<f64>().sqrt();
            column.iter_mut().zip(&distances).for_each(|(to, x)| *to = T::from_doubles(x / norm, 0.0));
        }
        workspace.spare_doubles.keep_vec(zeta);
        workspace.spare_doubles.keep_vec(distances);
        Ok(coefficients)
    }

    /// √ρ·ζ̂. The factors of a product alternate so that it stays between its first and its last.
    fn loewner(&self, workspace: &mut Workspace<T>) -> Result<Vec<f64>> {
        let (secular, k) = (&self.secular, self.roots.len());
        let mut distances = workspace.spare_doubles.lend_vec(k)?;
        let mut products = workspace.spare_doubles.lend_vec(k)?;
        products.fill(1.0);
        for (j, &(origin, offset)) in self.roots.iter().enumerate() {
            secular.distances(0..k, origin, &mut distances);
            let from = secular.poles[j];
            for ((product, distance), pole) in products.iter_mut().zip(&distances).zip(&secular.poles) {
                // Poles are apart: only the root's own gives 0.
                let gap = if *pole == from { 1.0 } else { pole - from };
                *product *= (distance - offset) / gap;
            }
        }
        products.iter_mut().for_each(|product| *product = product.abs().sqrt());
        workspace.spare_doubles.keep_vec(distances);
        Ok(products)
    }
}
