//! Derivatives: what the cotangent of an SVD says within and beyond the spaces of U and V, and which of it can be answered.
//! On the floor above `factor`; must not square a singular value, nor divide what ties make 0/0.

use std::ops::Range;

use ndarray::{Array1, Array2, Axis};
use num_traits::Zero;

use super::SvdCotangent;
use crate::deriv::pairs::map_pairs;
use crate::deriv::ties::{Ties, half_gap, mean, skew};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{Svd, adjoint_multiply, multiply_adjoint};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack;
use crate::workspace::zeros;

/// What a cotangent says within the spaces of U and of V, for parts that it has.
pub(super) struct Core<T: Element> {
    /// UᴴŪ.
    pub(super) x: Option<Array2<T>>,
    /// V̄ᴴV, the adjoint of VᴴV̄.
    pub(super) y_adjoint: Option<Array2<T>>,
    /// ‖ūᵢ‖ + ‖v̄ᵢ‖, where something is to be compared with them.
    sizes: Vec<T::Real>,
}

impl<T: Element> Core<T> {
    pub(super) fn new(svd: &Svd<T>, bar: &SvdCotangent<T>, ties: &Ties<'_, T::Real>) -> Result<Self> {
        let x = bar.u.as_ref().map(|u| adjoint_multiply(&svd.u, u)).transpose()?;
        let y_adjoint = bar.vh.as_ref().map(|vh| multiply_adjoint(vh, &svd.vh)).transpose()?;
        if ties.are_simple() && !T::IS_COMPLEX {
            return Ok(Core { x, y_adjoint, sizes: Vec::new() });
        }
        let mut sizes = vec![T::Real::zero(); svd.s.len()];
        for (part, axis) in [(&bar.u, Axis(1)), (&bar.vh, Axis(0))] {
            let vectors = part.iter().flat_map(|part| part.axis_iter(axis));
            sizes.iter_mut().zip(vectors).for_each(|(size, vector)| *size += norm2(&vector));
        }
        Ok(Core { x, y_adjoint, sizes })
    }

    /// The skew parts of UᴴŪ and of VᴴV̄ at (i, j).
    fn skew_parts(&self, i: usize, j: usize) -> (T, T) {
        let x = self.x.as_ref().map_or(T::zero(), |x| skew(x, i, j));
        // The skew part of Yᴴ is that of −Y.
        let y = self.y_adjoint.as_ref().map_or(T::zero(), |y| -skew(y, i, j));
        (x, y)
    }

    /// Refuses a loss that depends on the choice of vectors.
    pub(super) fn check(&self, ties: &Ties<'_, T::Real>) -> Result<()> {
        if self.sizes.is_empty() {
            return Ok(());
        }
        let both = |i, j| {
            let (x, y) = self.skew_parts(i, j);
            (x + y).abs()
        };
        ties.require_no_rotation(both, &self.sizes)?;
        let k = self.sizes.len();
        if T::IS_COMPLEX
            && let Some(index) = (0..k).find(|&i| !ties.is_noise(both(i, i), self.sizes[i]))
        {
            return Err(Error::Gauge { index });
        }
        // Vectors of the value 0 turn freely on each side, and real ones change sign on one side where the value does.
        for j in ties.first_zero..k {
            for i in ties.first_zero..=j {
                let (x, y) = self.skew_parts(i, j);
                if !ties.is_noise((x - y).abs(), self.sizes[i] + self.sizes[j]) {
                    return Err(ties.repeated(ties.first_zero..k));
                }
            }
        }
        Ok(())
    }

    /// The gradient between U and Vᴴ: diag(σ̄) + skew(X + Y)ᵢⱼ/(σⱼ − σᵢ) + skew(X − Y)ᵢⱼ/(σⱼ + σᵢ), without what ties make
    /// 0/0.
    pub(super) fn middle(&self, ties: &Ties<'_, T::Real>, weights: Option<&Array1<T::Real>>) -> Result<Array2<T>> {
        let k = ties.values.len();
        let mut middle = zeros(k, k, Order::ColumnMajor)?;
        let weigh = Weigh::new(ties);
        let skew = |[upper, lower]: [&T; 2]| (*upper - lower.conj()).mul_real(T::Real::real(0.5));
        match (&self.x, &self.y_adjoint) {
            (Some(x), Some(y)) => map_pairs([x, y], [&mut middle], |j, rows, [x, y], [to]| {
                let (x, y) = (entries(x).map(skew), entries(y).map(skew));
                weigh.fill(j, rows, x.zip(y.map(|y| -y)), to);
            }),
            (Some(x), None) => map_pairs([x], [&mut middle], |j, rows, [x], [to]| {
                weigh.fill(j, rows, entries(x).map(|x| (skew(x), T::zero())), to);
            }),
            (None, Some(y)) => map_pairs([y], [&mut middle], |j, rows, [y], [to]| {
                weigh.fill(j, rows, entries(y).map(|y| (T::zero(), -skew(y))), to);
            }),
            (None, None) => Ok(()),
        }?;
        if let Some(weights) = weights {
            middle.diag_mut().zip_mut_with(weights, |x, &weight| *x = T::from_real(weight));
        }
        if T::IS_COMPLEX {
            for i in 0..ties.first_zero {
                let (x, y) = self.skew_parts(i, i);
                middle[(i, i)] += (x - y).mul_real(T::Real::real(0.5)).div_real(ties.values[i]);
            }
        }
        Ok(middle)
    }

    /// ŪΣ⁻¹, with −UᴴŪΣ⁻¹ added to `middle`: together (I − UUᴴ)ŪΣ⁻¹. Nothing for values that are zero.
    pub(super) fn beyond_u(
        &self, ties: &Ties<'_, T::Real>, svd: &Svd<T>, u: &Array2<T>, middle: &mut Array2<T>,
    ) -> Result<Array2<T>> {
        let mut divided = pack::owned_columns(u)?;
        let Some(x) = &self.x else { return Ok(divided) };
        for (i, (mut column, x)) in divided.columns_mut().into_iter().zip(x.columns()).enumerate() {
            if i < ties.first_zero {
                let s = svd.s[i];
                column.mapv_inplace(|u| u.div_real(s));
                middle.column_mut(i).zip_mut_with(&x, |to, x| *to -= x.div_real(s));
            } else {
                let beyond = &column - &svd.u.dot(&x);
                if !ties.is_noise(norm2(&beyond), self.sizes[i]) {
                    return Err(ties.repeated(ties.first_zero..svd.s.len()));
                }
                column.fill(T::zero());
            }
        }
        Ok(divided)
    }

    /// Σ⁻¹V̄ᴴ, with −Σ⁻¹V̄ᴴV added to `middle`: together Σ⁻¹V̄ᴴ(I − VVᴴ). Nothing for values that are zero.
    pub(super) fn beyond_v(
        &self, ties: &Ties<'_, T::Real>, svd: &Svd<T>, vh: &Array2<T>, middle: &mut Array2<T>,
    ) -> Result<Array2<T>> {
        let mut divided = vh.clone();
        let Some(y) = &self.y_adjoint else { return Ok(divided) };
        for (i, (mut row, y)) in divided.rows_mut().into_iter().zip(y.rows()).enumerate() {
            if i < ties.first_zero {
                let s = svd.s[i];
                row.mapv_inplace(|v| v.div_real(s));
                middle.row_mut(i).zip_mut_with(&y, |to, y| *to -= y.div_real(s));
            } else {
                let beyond = &row - &y.dot(&svd.vh);
                if !ties.is_noise(norm2(&beyond), self.sizes[i]) {
                    return Err(ties.repeated(ties.first_zero..svd.s.len()));
                }
                row.fill(T::zero());
            }
        }
        Ok(divided)
    }
}

/// Entries above the diagonal, each with its counterpart below.
fn entries<T>([upper, lower]: [&[T]; 2]) -> impl Iterator<Item = [&T; 2]> {
    upper.iter().zip(lower).map(|(upper, lower)| [upper, lower])
}

/// What skew parts are divided by. All of it is in numbers of the matrix's own type, so that the loop may run in vector registers.
struct Weigh<R> {
    values: Vec<R>,
    /// The number of each value's cluster.
    of: Vec<R>,
    /// 0 for the values that are zero, and 1 for the others.
    is_value: Vec<R>,
}

impl<R: Real> Weigh<R> {
    fn new(ties: &Ties<'_, R>) -> Self {
        let number = |i: usize| if i < ties.first_zero { R::one() } else { R::zero() };
        Weigh {
            values: ties.values.to_vec(),
            of: ties.of.iter().map(|&cluster| R::real(cluster)).collect(),
            is_value: (0..ties.values.len()).map(number).collect(),
        }
    }

    /// skew(X + Y)ᵢⱼ/(σⱼ − σᵢ) ± skew(X − Y)ᵢⱼ/(σⱼ + σᵢ) above and below the diagonal for the i in `rows`, from the skew parts of
    /// X and Y.
    fn fill<T: Element<Real = R>>(
        &self, j: usize, rows: Range<usize>, parts: impl Iterator<Item = (T, T)>, [upper, lower]: [&mut [T]; 2],
    ) {
        let (value, cluster, zero, half) = (self.values[j], self.of[j], R::zero(), R::real(0.5));
        let of_rows = self.values[rows.clone()].iter().zip(&self.of[rows.clone()]).zip(&self.is_value[rows]);
        for ((((&s, &of), &is_value), (x, y)), (upper, lower)) in of_rows.zip(parts).zip(upper.iter_mut().zip(lower)) {
            let over_gap = if of == cluster { zero } else { half / half_gap(value, s) };
            let over_sum = if is_value == zero { zero } else { half / mean(value, s) };
            let (by_gap, by_sum) = ((x + y).mul_real(over_gap), (x - y).mul_real(over_sum));
            (*upper, *lower) = (by_gap + by_sum, (by_gap - by_sum).conj());
        }
    }
}
