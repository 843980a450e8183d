//! The factor floor: what far poles add to a secular equation, as power series that serve many neighbouring roots.
//! Must not search for a root, nor know what the poles are.
//!
//! For |x| ≤ h and poles at distances δⱼ with |δⱼ| > 4h from a centre, Σ wⱼ/(δⱼ − x) = Σₚ Mₚ·(x/h)ᵖ with Mₚ = Σⱼ (wⱼ/δⱼ)·(h/δⱼ)ᵖ: terms of one sign for the poles on
//! each side, and 4⁻²⁶ is the rounding of double precision. So a root takes sums over the poles that are near only, and n roots less than O(n²).

use std::ops::Range;

use super::secular::{Part, Secular};

/// How many times farther than a block reaches from its centre a pole is to be.
const REACH: f64 = 4.0;

/// REACH to this power is 1/ε.
const TERMS: usize = 26;

/// Fewer poles than a series has terms are not worth one.
const FEWEST: usize = 2 * TERMS;

/// How many sums run side by side, for the compiler to keep in vector registers.
const LANES: usize = 4;

/// The sums over far poles, near to a block of roots.
pub(super) struct FarField {
    /// The poles that are not in the sums.
    pub(super) near: Range<usize>,
    /// The index of the pole from which distances count.
    pub(super) centre: usize,
    /// How far the block reaches from there.
    reach: f64,
    /// The two series, over the poles to the left and to the right; none where all poles are near.
    series: Option<(Series, Series)>,
}

type Series = [f64; TERMS];

impl FarField {
    /// All of n poles are near.
    pub(super) fn none(n: usize) -> Self {
        FarField { near: 0..n, centre: 0, reach: 0.0, series: None }
    }

    /// For the roots between the poles `block.start` and `block.end`. `distances` has room for the distances of all poles.
    pub(super) fn around(equation: &Secular, block: Range<usize>, distances: &mut [f64]) -> Self {
        let n = equation.poles.len();
        if n < FEWEST {
            return Self::none(n);
        }
        let centre = block.start.midpoint(block.end);
        equation.distances(0..n, centre, distances);
        let reach = f64::max(-distances[block.start], distances[block.end]);
        let near =
            distances.partition_point(|&d| d < -REACH * reach)..distances.partition_point(|&d| d <= REACH * reach);
        if n - near.len() < FEWEST {
            return Self::none(n);
        }
        let series = |range: Range<usize>| series(&distances[range.clone()], &equation.weights[range], reach);
        let series = Some((series(0..near.start), series(near.end..n)));
        FarField { near, centre, reach, series }
    }

    /// The sums over the poles to the left and to the right, at a distance x from the centre.
    pub(super) fn sums(&self, x: f64) -> (Part, Part) {
        let Some((left, right)) = &self.series else { return Default::default() };
        let x = x / self.reach;
        let (mut l, mut r) = (Part::default(), Part::default());
        // By Horner's rule; the chains run side by side.
        for (&left, &right) in left.iter().zip(right).rev() {
            l = Part { slope: l.slope * x + l.value, value: l.value * x + left };
            r = Part { slope: r.slope * x + r.value, value: r.value * x + right };
        }
        let scaled = |part: Part| Part { slope: part.slope / self.reach, ..part };
        (scaled(l), scaled(r))
    }
}

/// Mₚ = Σⱼ (wⱼ/δⱼ)·(h/δⱼ)ᵖ.
fn series(distances: &[f64], weights: &[f64], reach: f64) -> Series {
    let mut sums = [[0.0; LANES]; TERMS];
    let ((d, rest), (w, rest_weights)) = (distances.as_chunks::<LANES>(), weights.as_chunks::<LANES>());
    for (d, w) in d.iter().zip(w) {
        let inverse = d.map(|d| 1.0 / d);
        let (mut terms, mut ratios) = ([0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            (terms[i], ratios[i]) = (w[i] * inverse[i], reach * inverse[i]);
        }
        for sum in &mut sums {
            for i in 0..LANES {
                sum[i] += terms[i];
                terms[i] *= ratios[i];
            }
        }
    }
    let mut series = sums.map(|lanes| lanes.iter().sum());
    for (d, w) in rest.iter().zip(rest_weights) {
        let mut term = w / d;
        for sum in &mut series {
            *sum += term;
            term *= reach / d;
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::super::secular::Poles;
    use super::*;

    /// How far the series are from the sums themselves at x times the reach of the block, relative to the sums.
    fn off_at(x: f64) -> f64 {
        let n = 500;
        let weights = (0..n).map(|j| 1.0 + (j % 7) as f64).collect();
        let poles = (0..n).map(|j| j as f64 + 0.3 * (j % 3) as f64).collect();
        let equation = Secular { kind: Poles::Plain, poles, weights, eps: f64::EPSILON };
        let mut distances = vec![0.0; n];
        let far = FarField::around(&equation, 200..232, &mut distances);
        assert!(far.near.start > 100 && far.near.end < 350);
        let (left, right) = far.sums(x * far.reach);
        let sum = |range: Range<usize>, power: i32| -> f64 {
            let terms = distances[range.clone()].iter().zip(&equation.weights[range]);
            terms.map(|(d, w)| w / (d - x * far.reach).powi(power)).sum()
        };
        let sides = [(left, 0..far.near.start), (right, far.near.end..n)];
        let of = |(part, range): &(Part, Range<usize>)| {
            let (value, slope) = (sum(range.clone(), 1), sum(range.clone(), 2));
            f64::max((part.value / value - 1.0).abs(), (part.slope / slope - 1.0).abs())
        };
        sides.iter().map(of).fold(0.0, f64::max)
    }

    #[test]
    fn series_are_sums_within_the_block_and_not_beyond() {
        for x in [-1.0, -0.7, 0.0, 0.2, 1.0] {
            // A slope has up to 26 times the truncation of a value, which is 4⁻²⁶, and sums of some hundred terms.
            assert!(off_at(x) < 100.0 * f64::EPSILON, "{x}: {:e}", off_at(x));
        }
        assert!(off_at(3.0) > 1e-6);
    }
}
