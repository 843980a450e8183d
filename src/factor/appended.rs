//! The factor floor: the singular values of a matrix to which a row or a column is added.
//! Must not factor anything anew, nor square a singular value.
//!
//! With A = UΣVᴴ, [A; r] has the singular values of [Σ; ζᴴ], ζ = Vᴴrᴴ, and those of a wide A one more, from the part of r that is outside
//! the rows of Vᴴ. `deflation` and `secular` find them as the square roots of the roots of 1 + Σ |ζᵢ|²/(σᵢ² − μ²) = 0.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView2, Axis, s};
use num_traits::Zero;

use super::Svd;
use super::deflation::deflate;
use super::product::{adjoint_multiply, residual};
use super::rank_one::{common_exponent, interlaced, require_order};
use super::secular::Poles;
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::norm::norm2;
use crate::pack::{self, Part};
use crate::scale::{power_near_reciprocal, times_power};

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
        // [A; r]ᵀ = [Aᵀ rᵀ], and the columns of Aᵀ = (Vᴴ)ᵀΣUᵀ are combinations of those of (Vᴴ)ᵀ.
        self.widened(self.vh.t(), "the row to be added", row)
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
        self.widened(self.u.view(), "the column to be added", column)
    }

    /// The singular values with `x` beside the columns of a matrix whose columns are combinations of the first k of `basis`.
    fn widened(&self, basis: ArrayView2<'_, T>, what: &'static str, x: &ArrayRef1<T>) -> Result<Array1<T::Real>> {
        let (p, k) = (basis.nrows(), self.s.len());
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
        require_order("singular values", &self.s, |x, y| x >= y && y >= T::Real::zero())?;
        let column = x.view().insert_axis(Axis(1));
        let power = power_near_reciprocal(pack::size(&column, Part::All)?);
        let (zeta, rest) = parts(&basis.slice(s![.., ..k]), column.mapv(|x| x.mul_real(power)))?;
        // Ascending, with the value 0 that the part outside the basis comes with.
        let mut poles: Vec<f64> = rest.map(|_| 0.0).into_iter().collect();
        poles.extend(self.s.iter().rev().map(|s| s.as_f64()));
        let mut lengths: Vec<f64> = rest.into_iter().collect();
        lengths.extend(zeta.column(0).iter().rev().map(|&z| Scalar::abs(z).as_f64()));
        let exponent = balance(&mut poles, &mut lengths, -power.as_f64().log2());
        let deflated = deflate(Poles::Squared, &poles, &lengths, T::Real::EPS.as_f64())?;
        let roots = deflated.secular.roots()?.into_iter().map(|root| deflated.secular.value(root));
        let mut values: Vec<f64> = roots.chain(deflated.settled.iter().map(|&(_, value)| value)).collect();
        values.sort_by(|x, y| y.total_cmp(x));
        let values = values.into_iter().map(|value| times_power(value, exponent));
        interlaced("a singular value", &self.s, values, |i| (Some(i), i.checked_sub(1)))
    }
}

/// ζ = Bᴴx, and the length of what is left of x outside the columns of B where these do not span the space. Twice, since the first ζ leaves
/// a part of its own rounding.
fn parts<T: Element>(basis: &ArrayRef2<T>, x: Array2<T>) -> Result<(Array2<T>, Option<f64>)> {
    let mut zeta = adjoint_multiply(basis, &x)?;
    let mut rest = x;
    let outside = basis.nrows() > basis.ncols();
    if outside {
        rest = residual(basis, &rest, &zeta)?;
        let again = adjoint_multiply(basis, &rest)?;
        rest = residual(basis, &rest, &again)?;
        zeta += &again;
    }
    let rest = norm2(&rest.column(0)).as_f64();
    if !rest.is_finite() || !zeta.iter().all(|&z| pack::is_finite(z)) {
        pack::check_finite(basis, Part::All)?;
        return Err(Error::Overflow { what: "the vectors of a decomposition" });
    }
    Ok((zeta, outside.then_some(rest)))
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
