//! Derivatives: what the cotangent of an SVD says within and beyond the spaces of U and V, and which of it can be answered.
//! On the floor above `factor`; must not multiply singular values that are not scaled, nor divide what ties make 0/0.

use ndarray::{Array1, Array2, Axis};
use num_traits::{Float, Zero};

use super::SvdCotangent;
use crate::deriv::operands::{check_diagonal, check_parts_finite};
use crate::deriv::pairs::change_pairs;
use crate::deriv::ties::{Ties, skew};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{Svd, adjoint_multiply, multiply_adjoint};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack;
use crate::scale::power_near_reciprocal;
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
        // Where nothing is to be compared with the cotangent, what of it is not finite reaches the gradient.
        let compared = T::IS_COMPLEX || !ties.are_simple();
        if compared {
            check_parts_finite([&bar.u, &bar.vh])?;
        }
        let x = bar.u.as_ref().map(|u| adjoint_multiply(&svd.u, u)).transpose()?;
        let y_adjoint = bar.vh.as_ref().map(|vh| multiply_adjoint(vh, &svd.vh)).transpose()?;
        if !compared {
            for (product, part) in [(&x, &bar.u), (&y_adjoint, &bar.vh)] {
                product.iter().zip(part).try_for_each(|(product, part)| check_diagonal(product, part))?;
            }
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

    /// ŪΣ⁻¹ and UᴴŪΣ⁻¹, so that (I − UUᴴ)ŪΣ⁻¹ is the first less U times the second. Nothing for values that are zero.
    pub(super) fn beyond_u(
        &self, ties: &Ties<'_, T::Real>, svd: &Svd<T>, u: &Array2<T>,
    ) -> Result<(Array2<T>, Array2<T>)> {
        let (mut divided, mut within) = (pack::owned_columns(u)?, zeros(svd.s.len(), svd.s.len(), Order::ColumnMajor)?);
        let Some(x) = &self.x else { return Ok((divided, within)) };
        for (i, (mut column, x)) in divided.columns_mut().into_iter().zip(x.columns()).enumerate() {
            if i < ties.first_zero {
                let s = svd.s[i];
                column.mapv_inplace(|u| u.div_real(s));
                within.column_mut(i).zip_mut_with(&x, |to, x| *to = x.div_real(s));
            } else {
                let beyond = &column - &svd.u.dot(&x);
                self.require_noise(ties, norm2(&beyond), i)?;
                column.fill(T::zero());
            }
        }
        Ok((divided, within))
    }

    /// Σ⁻¹V̄ᴴ and Σ⁻¹V̄ᴴV, so that Σ⁻¹V̄ᴴ(I − VVᴴ) is the first less the second times Vᴴ. Nothing for values that are zero.
    pub(super) fn beyond_v(
        &self, ties: &Ties<'_, T::Real>, svd: &Svd<T>, vh: &Array2<T>,
    ) -> Result<(Array2<T>, Array2<T>)> {
        let (mut divided, mut within) = (vh.clone(), zeros(svd.s.len(), svd.s.len(), Order::ColumnMajor)?);
        let Some(y) = &self.y_adjoint else { return Ok((divided, within)) };
        for (i, (mut row, y)) in divided.rows_mut().into_iter().zip(y.rows()).enumerate() {
            if i < ties.first_zero {
                let s = svd.s[i];
                row.mapv_inplace(|v| v.div_real(s));
                within.row_mut(i).zip_mut_with(&y, |to, y| *to = y.div_real(s));
            } else {
                let beyond = &row - &y.dot(&svd.vh);
                self.require_noise(ties, norm2(&beyond), i)?;
                row.fill(T::zero());
            }
        }
        Ok((divided, within))
    }

    /// Refuses a loss that depends on the choice of a vector of the value 0, i-th, whose part beyond the others is of this size.
    fn require_noise(&self, ties: &Ties<'_, T::Real>, beyond: T::Real, i: usize) -> Result<()> {
        match ties.is_noise(beyond, self.sizes[i]) {
            true => Ok(()),
            false => Err(ties.repeated(ties.first_zero..ties.values.len())),
        }
    }

    /// The gradient between U and Vᴴ: diag(σ̄) + skew(X + Y)ᵢⱼ/(σⱼ − σᵢ) + skew(X − Y)ᵢⱼ/(σⱼ + σᵢ), without what ties make
    /// 0/0; and memory of the same size that is not needed any more.
    pub(super) fn into_middle(
        self, ties: &Ties<'_, T::Real>, weights: Option<&Array1<T::Real>>,
    ) -> Result<(Array2<T>, Array2<T>)> {
        let diagonal = self.diagonal(ties, weights);
        let divisors = Divisors::new(ties);
        // The skew part of Yᴴ is that of −Y.
        let (mut middle, memory) = match (self.x, self.y_adjoint) {
            (Some(mut x), Some(y)) => {
                change_pairs([&mut x], [&y], |j, rows, [to], [[upper, lower]]| {
                    let (upper, lower) = (&upper[..rows.len()], &lower[..rows.len()]);
                    divisors.divide(j, rows.start, to, |k, x| {
                        let y = lower[k].conj() - upper[k];
                        (x + y, x - y)
                    });
                })?;
                (x, y)
            }
            (Some(mut x), None) => {
                change_pairs([&mut x], [], |j, rows, [to], []| divisors.divide(j, rows.start, to, |_, x| (x, x)))?;
                (x, Array2::default((0, 0)))
            }
            (None, Some(mut y)) => {
                change_pairs([&mut y], [], |j, rows, [to], []| divisors.divide(j, rows.start, to, |_, y| (-y, y)))?;
                (y, Array2::default((0, 0)))
            }
            (None, None) => {
                let k = ties.values.len();
                (zeros(k, k, Order::ColumnMajor)?, Array2::default((0, 0)))
            }
        };
        middle.diag_mut().assign(&diagonal);
        Ok((middle, memory))
    }

    /// σ̄ᵢ + skew(X − Y)ᵢᵢ/(2σᵢ).
    fn diagonal(&self, ties: &Ties<'_, T::Real>, weights: Option<&Array1<T::Real>>) -> Array1<T> {
        let phase = |i: usize| {
            let (x, y) = self.skew_parts(i, i);
            (x - y).mul_real(T::Real::real(0.5)).div_real(ties.values[i])
        };
        let entry = |i: usize| {
            let weight = weights.map_or(T::zero(), |weights| T::from_real(weights[i]));
            if T::IS_COMPLEX && i < ties.first_zero { weight + phase(i) } else { weight }
        };
        (0..ties.values.len()).map(entry).collect()
    }
}

/// Differences and sums of singular values, which skew parts are divided by.
struct Divisors<'a, R> {
    ties: &'a Ties<'a, R>,
    /// σ·scale, up to about 1, so that a difference times a sum is within the range of the type.
    values: Vec<R>,
    /// What of the scale is less than 1: quotients are multiplied by it early, and by the rest late, so that neither leaves the range.
    early: R,
    late: R,
}

impl<'a, R: Real> Divisors<'a, R> {
    fn new(ties: &'a Ties<'a, R>) -> Self {
        let scale = power_near_reciprocal(ties.values.first().copied().unwrap_or_default());
        let values = ties.values.iter().map(|&value| value * scale).collect();
        Divisors { ties, values, early: Float::min(scale, R::one()), late: Float::max(scale, R::one()) }
    }

    /// skew(X + Y)ᵢⱼ/(σⱼ − σᵢ) ± skew(X − Y)ᵢⱼ/(σⱼ + σᵢ) above and below the diagonal, for a run of i from `first` on. Of what
    /// stands there, less the adjoint of what stands opposite, `parts` makes 2·skew(X + Y) and 2·skew(X − Y) for the k-th of the run.
    #[inline]
    fn divide<T: Element<Real = R>>(
        &self, j: usize, first: usize, to: [&mut [T]; 2], parts: impl Fn(usize, T) -> (T, T),
    ) {
        let [upper, lower] = to;
        let (value, len) = (self.values[j], upper.len());
        let (lower, values) = (&mut lower[..len], &self.values[first..][..len]);
        let mut put = |k: usize, (over_gap, over_sum): (R, R)| {
            let (of_sum, of_difference) = parts(k, upper[k] - lower[k].conj());
            let (by_gap, by_sum) = (of_sum.mul_real(over_gap), of_difference.mul_real(over_sum));
            upper[k] = (by_gap + by_sum).mul_real(self.late);
            lower[k] = (by_gap - by_sum).conj().mul_real(self.late);
        };
        let apart = self.ties.first_equal[j].saturating_sub(first).min(len);
        (0..apart).for_each(|k| put(k, self.halves_over(value, values[k])));
        (apart..len).for_each(|k| put(k, self.halves_of_equal(first + k, j)));
    }

    /// 1/(2(σⱼ − σᵢ)) and 1/(2(σⱼ + σᵢ)) but for the late part of the scale, by one division, which takes longer than all the rest.
    #[inline]
    fn halves_over(&self, of_j: R, of_i: R) -> (R, R) {
        let (gap, sum) = (of_j - of_i, of_j + of_i);
        let both = R::real(0.5) / (gap * sum);
        (sum * both * self.early, gap * both * self.early)
    }

    /// The same for values that are equal: 0 for the difference, and for the sum if they are zero.
    fn halves_of_equal(&self, i: usize, j: usize) -> (R, R) {
        let is_zero = i >= self.ties.first_zero;
        let over_sum = if is_zero { R::zero() } else { R::real(0.5) * self.early / (self.values[i] + self.values[j]) };
        (R::zero(), over_sum)
    }
}
