//! The factor floor: the singular values of a matrix to which a row or a column is added.
//! Must not factor anything anew, nor square a singular value.
//!
//! With A = UΣVᴴ, [A; r] has the singular values of [Σ; ζᴴ], ζ = Vᴴrᴴ, and those of a wide A one more, from the part of r that is outside
//! the rows of Vᴴ. `deflation` and `secular` find them as the square roots of the roots of 1 + Σ |ζᵢ|²/(σᵢ² − μ²) = 0.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView2, Axis, s};
use num_traits::Zero;

use super::Svd;
use super::deflation::deflate;
use super::product::residual_to;
use super::secular::Poles;
use super::updates::{coefficients, common_exponent, interlaced, require_order, scaled};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack::{self, Part};
use crate::scale::{power_near_reciprocal, times_power};
use crate::workspace::Workspace;

impl<T: Element> Svd<T> {
    /// The singular values of [A; r], descending, where A = U·Σ·Vᴴ is the m×n matrix of this decomposition: min(m + 1, n) values.
    ///
    /// r has n entries and is added as it stands, not conjugated. The values μ are the roots of
    ///
    /// ```text
    /// 1 + Σᵢ |ζᵢ|²/(σᵢ² − μ²) = 0,    ζ = Vᴴrᴴ
    /// ```
    ///
    /// where, for m < n, a value σ = 0 is added, with the part of r that is outside the space of the rows of A. They are right to
    /// 10·max(m, n)·ε·(‖A‖₂ + ‖r‖₂), small ones too, since no σ is squared: σᵢ² − σⱼ² is (σᵢ − σⱼ)(σᵢ + σⱼ), and a root is kept as its distance
    /// from the nearest pole. They interlace exactly: μ₁ ≥ σ₁ ≥ μ₂ ≥ σ₂ ≥ …. About 2n·min(m, n) flops for ζ (four times that for
    /// m < n), and about five sums over the poles for each value, O(min(m, n)²) in all, in loops of this crate.
    ///
    /// There is no counterpart that takes a row away: in its equation, with a minus sign, σ and ζ no longer determine the values to that accuracy.
    /// Of the column (1, δ) without its first row δ is left, which is √(σ² − 1) of a σ that is known to ε: to √ε at best (G. W. Stewart, The
    /// effects of rounding error on an algorithm for downdating a Cholesky factorization, 1979).
    ///
    /// # Errors
    /// [`Error::Shape`] where r or the decomposition does not fit, [`Error::NonFinite`] of r (a column) or of the vectors,
    /// [`Error::Parameter`] for singular values that do not descend, [`Error::Overflow`] where a singular value exceeds the range.
    ///
    /// # Source
    /// J. R. Bunch and C. P. Nielsen, Updating the singular value decomposition, Numer. Math. 31 (1978); M. Gu and S. C. Eisenstat, A
    /// divide-and-conquer algorithm for the bidiagonal SVD, SIAM J. Matrix Anal. Appl. 16 (1995).
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let svd = array![[3.0, 0.0], [0.0, 1.0]].svd()?;
    /// let values = svd.singular_values_with_row(&array![4.0, 0.0])?;
    /// approx::assert_relative_eq!(values, array![5.0, 1.0], max_relative = 1e-15);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn singular_values_with_row(&self, row: &ArrayRef1<T>) -> Result<Array1<T::Real>> {
        let mut values = Array1::default(0);
        self.singular_values_with_row_to(row, &mut Workspace::new(), &mut values)?;
        Ok(values)
    }

    /// [`Svd::singular_values_with_row`] into `values`: with a warm workspace and as many values a call allocates nothing.
    ///
    /// # Errors
    /// As for [`Svd::singular_values_with_row`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::{Array1, array};
    ///
    /// let svd = array![[3.0, 0.0], [0.0, 1.0]].svd()?;
    /// let (mut workspace, mut values) = (Workspace::new(), Array1::default(2));
    /// for row in [array![4.0, 0.0], array![0.0, 0.0]] {
    ///     svd.singular_values_with_row_to(&row, &mut workspace, &mut values)?;
    /// }
    /// assert_eq!(values, array![3.0, 1.0]);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn singular_values_with_row_to(
        &self, row: &ArrayRef1<T>, workspace: &mut Workspace<T>, values: &mut Array1<T::Real>,
    ) -> Result<()> {
        // [A; r]ᵀ = [Aᵀ rᵀ], and the columns of Aᵀ = (Vᴴ)ᵀΣUᵀ are combinations of those of (Vᴴ)ᵀ.
        self.widened(self.vh.t(), "the row to be added", row, workspace, values)
    }

    /// The singular values of [A c], descending, where A = U·Σ·Vᴴ is the m×n matrix of this decomposition: min(m, n + 1) values.
    ///
    /// c has m entries. As [`Svd::singular_values_with_row`] of the adjoint, with ζ = Uᴴc; about 2m·min(m, n) flops for ζ.
    ///
    /// # Errors
    /// As for [`Svd::singular_values_with_row`].
    ///
    /// # Source
    /// As for [`Svd::singular_values_with_row`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let svd = array![[3.0], [4.0], [0.0]].svd()?;
    /// let values = svd.singular_values_with_column(&array![0.0, 0.0, 2.0])?;
    /// approx::assert_relative_eq!(values, array![5.0, 2.0], max_relative = 1e-15);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn singular_values_with_column(&self, column: &ArrayRef1<T>) -> Result<Array1<T::Real>> {
        let mut values = Array1::default(0);
        self.singular_values_with_column_to(column, &mut Workspace::new(), &mut values)?;
        Ok(values)
    }

    /// [`Svd::singular_values_with_column`] into `values`: with a warm workspace and as many values a call allocates nothing.
    ///
    /// # Errors
    /// As for [`Svd::singular_values_with_row`].
    pub fn singular_values_with_column_to(
        &self, column: &ArrayRef1<T>, workspace: &mut Workspace<T>, values: &mut Array1<T::Real>,
    ) -> Result<()> {
        self.widened(self.u.view(), "the column to be added", column, workspace, values)
    }

    /// The singular values with `x` beside the columns of a matrix whose columns are combinations of the first k of `basis`.
    fn widened(
        &self, basis: ArrayView2<'_, T>, what: &'static str, x: &ArrayRef1<T>, workspace: &mut Workspace<T>,
        values: &mut Array1<T::Real>,
    ) -> Result<()> {
        check(&self.s, &basis, what, x)?;
        let power = power_near_reciprocal(pack::size(&x.view().insert_axis(Axis(1)), Part::All)?);
        let k = self.s.len();
        let (zeta, rest) = parts(&basis.slice(s![.., ..k]), x, power, workspace)?;
        // Ascending, with the value 0 that the part outside the basis comes with.
        let len = k + usize::from(rest.is_some());
        let (mut poles, mut lengths) = (workspace.spare_doubles.lend_vec(len)?, workspace.spare_doubles.lend_vec(len)?);
        let ascending = self.s.iter().rev().map(|s| s.as_f64());
        let of_zeta = zeta.column(0).into_iter().rev().map(|&z| Scalar::abs(z).as_f64());
        poles.iter_mut().zip(rest.map(|_| 0.0).into_iter().chain(ascending)).for_each(|(to, s)| *to = s);
        lengths.iter_mut().zip(rest.into_iter().chain(of_zeta)).for_each(|(to, z)| *to = z);
        workspace.spare.keep(zeta);
        let exponent = balance(&mut poles, &mut lengths, -power.as_f64().log2());
        let mut settled = workspace.spare_places.lend_vec(len)?;
        settled.clear();
        let secular = deflate(Poles::Squared, poles, lengths, T::Real::EPS.as_f64(), &mut settled, |_| ());
        let roots = secular.all_roots(workspace)?;
        let mut found = workspace.spare_doubles.lend_vec(len)?;
        let of_roots = roots.iter().map(|&root| secular.value(root));
        let all = of_roots.chain(settled.iter().map(|&(_, value)| value));
        found.iter_mut().zip(all).for_each(|(to, value)| *to = value);
        found.sort_unstable_by(|x, y| y.total_cmp(x));
        let scaled = found.iter().map(|&value| times_power(value, exponent));
        interlaced("a singular value", &self.s, scaled, values, |i| (Some(i), i.checked_sub(1)))?;
        workspace.spare_doubles.keep_vec(found);
        workspace.spare_places.keep_vec(roots);
        workspace.spare_places.keep_vec(settled);
        secular.give_back(workspace);
        Ok(())
    }
}

/// What an addition of x asks for.
fn check<T: Element>(s: &ArrayRef1<T::Real>, basis: &ArrayRef2<T>, what: &'static str, x: &ArrayRef1<T>) -> Result<()> {
    let (p, k) = (basis.nrows(), s.len());
    if basis.ncols() < k || p < k {
        return Err(Error::Shape {
            what: "the singular vectors",
            expected: format!("at least {k} rows and columns"),
            found: dims(basis.shape()),
        });
    }
    if x.len() != p {
        return Err(Error::Shape { what, expected: dims(&[p]), found: dims(x.shape()) });
    }
    require_order("singular values", s, |x, y| x >= y && y >= T::Real::zero())
}

/// ζ = Bᴴx and the length of what is left of x outside the columns of B, where these do not span the space, both times a power of two.
/// Twice, since the first ζ leaves a part of its own rounding.
fn parts<T: Element>(
    basis: &ArrayRef2<T>, x: &ArrayRef1<T>, power: T::Real, workspace: &mut Workspace<T>,
) -> Result<(Array2<T>, Option<f64>)> {
    let mut rest = scaled(x, power, workspace)?;
    let mut zeta = coefficients(basis, &rest, workspace)?;
    let outside = basis.nrows() > basis.ncols();
    if outside {
        let mut first = workspace.spare.lend(x.len(), 1, Order::ColumnMajor)?;
        residual_to(basis, &rest, &zeta, &mut first)?;
        let again = coefficients(basis, &first, workspace)?;
        residual_to(basis, &first, &again, &mut rest)?;
        zeta += &again;
        workspace.spare.keep(first);
        workspace.spare.keep(again);
    }
    let length = norm2(&rest.column(0)).as_f64();
    workspace.spare.keep(rest);
    if !length.is_finite() || !zeta.iter().all(|&z| pack::is_finite(z)) {
        pack::check_finite(basis, Part::All)?;
        return Err(Error::Overflow { what: "the vectors of a decomposition" });
    }
    Ok((zeta, outside.then_some(length)))
}

/// Divides σ by 2ᵉ, and multiplies ζ by 2ᵏ⁻ᵉ. Of the power e, which is returned, the larger of σ₁ and 2ᵏ‖ζ‖ is near 1.
fn balance(sigma: &mut [f64], zeta: &mut [f64], k: f64) -> f64 {
    let largest = sigma.last().copied().unwrap_or_default();
    let norm = zeta.iter().map(|z| z * z).sum::<f64>().sqrt();
    let exponent = common_exponent(largest.log2(), norm.log2() + k);
    sigma.iter_mut().for_each(|s| *s = times_power(*s, -exponent));
    zeta.iter_mut().for_each(|z| *z = times_power(*z, k - exponent));
    exponent
}
