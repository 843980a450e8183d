//! Least squares: the problem as the methods see it, and the answer as the caller gets it.

use ndarray::{Array, Array1, Array2, ArrayRef, ArrayRef1, ArrayRef2, ArrayView2};
use num_traits::{Float, Zero};

use super::{Method, bounds};
use crate::element::{Element, Real, Scalar};
use crate::error::Result;
use crate::factor::{RhsDimension, check_problem, checked_rcond, require_finite, residual, zero_matrix};

/// A least-squares solution, and how it was obtained.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Solution<T: Element, D: RhsDimension> {
    /// The solution, in b's dimension: n entries, or n×p.
    pub x: Array<T, D>,
    /// ‖b − A·x‖₂ of the computed x, for each right-hand side.
    pub residual_norm: D::PerColumn<T::Real>,
    /// The rank that was found or, by [`Method::NormalEquations`] and [`Method::Qr`], verified.
    pub rank: usize,
    /// The tolerance by which the rank was decided; 0 where the rank is full on columns scaled to equal length, so that
    /// nothing was dropped although a singular value of A itself is tiny.
    pub rcond: T::Real,
    /// The method that was used; never [`Method::Auto`].
    pub method: Method,
    /// κ(A): by [`Method::Svd`] κ₂ over the singular values that were kept; by the others an estimate of κ₁ of the
    /// triangular factor, which is within a factor n of κ₂. `None` where the rank is deficient or A is empty.
    pub condition: Option<T::Real>,
    /// A bound, to first order, on ‖x̂ − x‖₂/‖x‖₂ for the worst right-hand side. `None` where it would exceed 1 or where
    /// there is none: the rank is deficient, or x is 0.
    pub error_bound: Option<T::Real>,
}

/// A problem whose shapes and entries have been checked.
pub(super) struct Problem<'a, T: Element> {
    pub(super) a: &'a ArrayRef2<T>,
    /// The right-hand sides, in columns.
    pub(super) b: ArrayView2<'a, T>,
    /// The tolerance for the rank.
    pub(super) rcond: T::Real,
    /// Whether it is the caller's.
    pub(super) given: bool,
}

/// What a method found.
pub(super) struct Answer<T: Element> {
    pub(super) x: Array2<T>,
    pub(super) rank: usize,
    pub(super) rcond: T::Real,
    pub(super) method: Method,
    /// κ(A), and a lower bound of ‖A‖₂; `None` where the rank is deficient.
    pub(super) conditioning: Option<bounds::Conditioning<T::Real>>,
}

impl<'a, T: Element> Problem<'a, T> {
    pub(super) fn new<D: RhsDimension>(
        a: &'a ArrayRef2<T>, b: &'a ArrayRef<T, D>, rcond: Option<T::Real>,
    ) -> Result<Self> {
        let b = check_problem(a, b)?;
        let given = rcond.is_some();
        let rcond = checked_rcond(rcond, a.dim())?;
        Ok(Problem { a, b, rcond, given })
    }

    /// Whether A has no entries.
    pub(super) fn is_trivial(&self) -> bool {
        self.a.is_empty()
    }

    /// The answer of a trivial problem: x = 0.
    pub(super) fn zero_answer(&self, method: Method) -> Result<Answer<T>> {
        let x = zero_matrix(self.a.ncols(), self.b.ncols())?;
        let method = if method == Method::Auto { Method::Qr } else { method };
        Ok(Answer { x, rank: 0, rcond: self.rcond, method, conditioning: None })
    }
}

impl<T: Element, D: RhsDimension> Solution<T, D> {
    pub(super) fn new(problem: &Problem<'_, T>, answer: Answer<T>) -> Result<Self> {
        let Answer { x, rank, rcond, method, conditioning } = answer;
        require_finite(&x)?;
        let residual_norms = column_norms(&residual(problem.a, &problem.b, &x)?);
        let error_bound = conditioning.and_then(|conditioning| {
            let sizes = bounds::Sizes { x: column_norms(&x), b: column_norms(&problem.b), r: residual_norms.clone() };
            bounds::forward_error(method, problem.a.dim(), conditioning, &sizes)
        });
        Ok(Solution {
            x: D::from_columns(x),
            residual_norm: D::per_column(residual_norms),
            rank,
            rcond,
            method,
            condition: conditioning.map(|conditioning| conditioning.kappa),
            error_bound,
        })
    }
}

/// The 2-norm of each column.
pub(super) fn column_norms<T: Element>(a: &ArrayRef2<T>) -> Array1<T::Real> {
    a.columns().into_iter().map(|column| norm2(&column)).collect()
}

/// ‖x‖₂, scaled by the largest entry so that no square overflows or underflows.
fn norm2<T: Element>(x: &ArrayRef1<T>) -> T::Real {
    let zero = T::Real::zero();
    if let Some(entries) = x.as_slice() {
        let sum = sum_of_squares(entries);
        // Away from the ends of the range no square has overflowed, and what has underflowed is below its rounding.
        if sum.is_finite() && sum > T::Real::min_positive_value() / (T::Real::EPS * T::Real::EPS) {
            return Scalar::sqrt(sum);
        }
    }
    let largest = x.iter().fold(zero, |largest, &x| largest.max(x.abs()));
    if largest == zero || !largest.is_finite() {
        return largest;
    }
    let sum: T::Real = x.iter().map(|&x| x.div_real(largest).square()).sum();
    largest * Scalar::sqrt(sum)
}

/// Σ |x|², in independent lanes that the compiler can keep in vector registers.
fn sum_of_squares<T: Element>(entries: &[T]) -> T::Real {
    const LANES: usize = 8;
    let mut lanes = [T::Real::zero(); LANES];
    let mut chunks = entries.chunks_exact(LANES);
    for chunk in &mut chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, &x)| *lane += x.square());
    }
    chunks.remainder().iter().fold(lanes.into_iter().sum(), |sum, &x| sum + x.square())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn norms_neither_overflow_nor_vanish() {
        for scale in [1e-300, 1.0, 1e300] {
            let norms = column_norms(&array![[3.0 * scale, 0.0], [4.0 * scale, 0.0]]);
            approx::assert_relative_eq!(norms, array![5.0 * scale, 0.0], max_relative = 1e-15);
        }
    }
}
