//! Derivatives: which values meet, and how far apart the others are.
//! On the floor above `factor`; must not know a formula that divides by a gap.

use std::ops::Range;

use ndarray::{Array1, ArrayRef1, ArrayRef2};
use num_traits::Float;

use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::Svd;

/// The gap up to which values of a matrix with max(m, n) = `size` count as equal: 10·√size·ε·‖A‖₂, with `largest` = ‖A‖₂.
///
/// Rounding moves a computed value by about √size·ε·‖A‖₂, and turns a vector by the angle of that over the gap (Golub & Van Loan,
/// Matrix Computations, 4th ed., Theorem 8.1.12): at this gap by a tenth. Values that are equal by construction come out as far apart as 3.3 of
/// this unit, of up to 800 columns in both precisions. In the range of subnormal numbers ε·‖A‖₂ is the distance of neighbours.
///
/// ```
/// use lapwing::deriv::tie_tolerance;
///
/// // The eigenvalues of a 100×100 matrix of norm 2 are told apart from a gap of about 4e-14 on.
/// assert_eq!(tie_tolerance(100, 2.0), 200.0 * f64::EPSILON);
/// ```
pub fn tie_tolerance<R: Real>(size: usize, largest: R) -> R {
    let unit = Float::max(R::EPS * largest, R::EPS * R::min_positive_value());
    R::real(10.0) * Float::sqrt(R::real(size)) * unit
}

/// The runs of neighbours in sorted `values` that are no further apart than `tolerance`, single values included: ranges
/// that follow each other and cover all indices.
///
/// The values ascend or descend; of values in no order neighbours are compared all the same. A value that is a NaN stands
/// alone. One pass.
///
/// ```
/// use lapwing::deriv::clusters;
/// use ndarray::array;
///
/// assert_eq!(clusters(&array![3.0, 2.0, 2.0, 1.0 + 1e-9, 1.0], 1e-6), [0..1, 1..3, 3..5]);
/// ```
pub fn clusters<R: Real>(values: &ArrayRef1<R>, tolerance: R) -> Vec<Range<usize>> {
    let mut clusters: Vec<Range<usize>> = Vec::new();
    for (i, &value) in values.iter().enumerate() {
        match clusters.last_mut() {
            Some(last) if Float::abs(value - values[i - 1]) <= tolerance => last.end = i + 1,
            _ => clusters.push(i..i + 1),
        }
    }
    clusters
}

/// For each of the sorted `values` its distance to the nearest other one, min |λᵢ − λⱼ| over j ≠ i, infinite for a single value: what the
/// derivative of its eigenvector is divided by. So along E the eigenvector of λᵢ moves by at most ‖E‖₂ over this.
///
/// The values ascend or descend. One pass.
///
/// ```
/// use lapwing::deriv::gaps;
/// use ndarray::array;
///
/// assert_eq!(gaps(&array![1.0, 4.0, 6.0]), array![3.0, 2.0, 2.0]);
/// ```
pub fn gaps<R: Real>(values: &ArrayRef1<R>) -> Array1<R> {
    let distance = |i: usize, j: usize| Float::abs(values[i] - values[j]);
    let gap = |i: usize| {
        let before = if i > 0 { distance(i, i - 1) } else { R::infinity() };
        let after = if i + 1 < values.len() { distance(i, i + 1) } else { R::infinity() };
        before.min(after)
    };
    (0..values.len()).map(gap).collect()
}

/// For each singular value of an m×n matrix the distance to what it must not meet: the nearest other one; its own
/// mirror image −σ, at 2σ; and for m ≠ n zero, at σ, where the longer side has vectors that belong to no value. The derivative
/// of its singular vectors is divided by nothing smaller. The factors may be thin or full. One pass.
///
/// ```
/// use lapwing::deriv::singular_gaps;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let svd = array![[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]].svd()?;
/// approx::assert_abs_diff_eq!(singular_gaps(&svd), array![2.0, 1.0], epsilon = 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_gaps<T: Element>(svd: &Svd<T>) -> Array1<T::Real> {
    let mirror = if svd.u.nrows() == svd.vh.ncols() { T::Real::real(2.0) } else { T::Real::real(1.0) };
    let mut gaps = gaps(&svd.s);
    gaps.zip_mut_with(&svd.s, |gap, &s| *gap = gap.min(s * mirror));
    gaps
}

/// Which of the eigenvalues or singular values of a matrix count as equal, and which as zero.
pub(super) struct Ties<'a, R> {
    pub(super) values: &'a ArrayRef1<R>,
    /// Those of two values or more.
    clusters: Vec<Range<usize>>,
    /// For each value the first one of its cluster: where the values that are apart from it end.
    pub(super) first_equal: Vec<usize>,
    /// The singular values from this one on are zero; none is for eigenvalues.
    pub(super) first_zero: usize,
    /// The larger side of the matrix.
    size: usize,
}

impl<'a, R: Real> Ties<'a, R> {
    pub(super) fn of_eigenvalues(values: &'a ArrayRef1<R>) -> Self {
        let largest = values.iter().fold(R::zero(), |largest, &value| largest.max(Float::abs(value)));
        Self::new(values, values.len(), largest, |_| false)
    }

    pub(super) fn of_singular_values(values: &'a ArrayRef1<R>, (m, n): (usize, usize)) -> Self {
        let largest = values.first().copied().unwrap_or_default();
        let tolerance = tie_tolerance(m.max(n), largest);
        Self::new(values, m.max(n), largest, |value| value <= tolerance)
    }

    fn new(values: &'a ArrayRef1<R>, size: usize, largest: R, is_zero: impl Fn(R) -> bool) -> Self {
        let runs = clusters(values, tie_tolerance(size, largest));
        let first_equal = runs.iter().flat_map(|run| std::iter::repeat_n(run.start, run.len())).collect();
        let clusters = runs.into_iter().filter(|run| run.len() > 1).collect();
        let first_zero = values.iter().position(|&value| is_zero(value)).unwrap_or(values.len());
        Ties { values, clusters, first_equal, first_zero, size }
    }

    /// Whether all values are apart and none is zero.
    pub(super) fn are_simple(&self) -> bool {
        self.clusters.is_empty() && self.first_zero == self.values.len()
    }

    /// Whether a part of a cotangent is nothing beside its size.
    pub(super) fn is_noise(&self, part: R, size: R) -> bool {
        is_noise(part, self.size, size)
    }

    /// The error that names the values of a cluster, or those that are zero.
    pub(super) fn repeated(&self, run: Range<usize>) -> Error {
        let (first, last) = (run.start, run.end.saturating_sub(1));
        let gap = match run.len() {
            // A single value meets its mirror image.
            1 => self.values[first],
            _ => (run.start + 1..run.end)
                .map(|i| Float::abs(self.values[i] - self.values[i - 1]))
                .fold(R::infinity(), |least, gap| least.min(gap)),
        };
        Error::Repeated { first, last, gap: gap.as_f64() }
    }

    /// The values that count as equal to value `i`, or as zero with it.
    pub(super) fn around(&self, i: usize) -> Range<usize> {
        if i >= self.first_zero {
            return self.first_zero..self.values.len();
        }
        self.clusters.iter().find(|cluster| cluster.contains(&i)).cloned().unwrap_or(i..i + 1)
    }

    /// [`Error::Repeated`] unless value `i` is apart from all others and not zero.
    pub(super) fn require_simple_at(&self, i: usize) -> Result<()> {
        match self.around(i) {
            run if run.len() == 1 && i < self.first_zero => Ok(()),
            run => Err(self.repeated(run)),
        }
    }

    /// [`Error::Repeated`] unless all values are apart and none is zero.
    pub(super) fn require_simple(&self) -> Result<()> {
        match self.clusters.first() {
            Some(cluster) => Err(self.repeated(cluster.clone())),
            None if self.first_zero < self.values.len() => Err(self.repeated(self.first_zero..self.values.len())),
            None => Ok(()),
        }
    }

    /// [`Error::Repeated`] unless the weights of the values are alike within each cluster, and zero for values that are
    /// zero.
    pub(super) fn require_like_weights(&self, weights: &ArrayRef1<R>) -> Result<()> {
        let size = weights.iter().fold(R::zero(), |most, &weight| most.max(Float::abs(weight)));
        for cluster in &self.clusters {
            let first = weights[cluster.start];
            if cluster.clone().any(|i| !self.is_noise(Float::abs(weights[i] - first), size)) {
                return Err(self.repeated(cluster.clone()));
            }
        }
        match (self.first_zero..self.values.len()).any(|i| !self.is_noise(Float::abs(weights[i]), size)) {
            true => Err(self.repeated(self.first_zero..self.values.len())),
            false => Ok(()),
        }
    }

    /// [`Error::Repeated`] unless, within each cluster, `rotation` is nothing beside `sizes`: (i, j) ↦ by how much the loss
    /// changes as vectors i < j turn into each other, and the size of what it says of vector i.
    pub(super) fn require_no_rotation(&self, rotation: impl Fn(usize, usize) -> R, sizes: &[R]) -> Result<()> {
        for cluster in &self.clusters {
            for j in cluster.clone() {
                for i in cluster.start..j {
                    // Halves, whose sum is within the range.
                    let half = R::real(0.5);
                    if !self.is_noise(rotation(i, j) * half, mean(sizes[i], sizes[j])) {
                        return Err(self.repeated(cluster.clone()));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether `part` is nothing beside `whole`, in computations with vectors of length `len`: their products are wrong by len·ε,
/// and what a caller computed may well have lost two digits more. Nothing is known to be so beside a whole that is beyond the range.
pub(super) fn is_noise<R: Real>(part: R, len: usize, whole: R) -> bool {
    whole.as_f64().is_finite() && part <= noise::<R>(len) * whole
}

/// 100·len·ε.
pub(super) fn noise<R: Real>(len: usize) -> R {
    R::real(100.0) * R::real(len) * R::EPS
}

/// (x − y)/2, within the range of the type where x − y may not be.
pub(super) fn half_gap<R: Real>(x: R, y: R) -> R {
    x * R::real(0.5) - y * R::real(0.5)
}

/// (x + y)/2, likewise.
pub(super) fn mean<R: Real>(x: R, y: R) -> R {
    x * R::real(0.5) + y * R::real(0.5)
}

/// (X − Xᴴ)/2 at (i, j).
pub(super) fn skew<T: Element>(x: &ArrayRef2<T>, i: usize, j: usize) -> T {
    (x[(i, j)] - x[(j, i)].conj()).mul_real(T::Real::real(0.5))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn runs_cover_all_indices() {
        let ascending = array![1.0, 1.0, 2.0, 2.0, 2.0, 5.0];
        assert_eq!(clusters(&ascending, 0.0), [0..2, 2..5, 5..6]);
        assert_eq!(clusters(&ascending, 1.0), [0..5, 5..6]);
        assert_eq!(clusters(&array![1.0, f64::NAN, 1.0], 9.0), [0..1, 1..2, 2..3]);
        assert!(clusters(&Array1::<f64>::zeros(0), 1.0).is_empty());
    }

    #[test]
    fn a_value_meets_zero_at_itself() {
        let values = array![2.0, 1.0, 1e-17];
        let ties = Ties::of_singular_values(&values, (3, 3));
        assert_eq!(ties.first_zero, 2);
        assert_eq!(ties.require_simple(), Err(Error::Repeated { first: 2, last: 2, gap: 1e-17 }));
        assert_eq!(Ties::of_eigenvalues(&values).require_simple(), Ok(()));
    }
}
