//! The analysis of a problem: what rounding does to an inner product, as an upper bound.
//! On the floor above `factor`, pure arithmetic; must not know a matrix.

use std::f64::consts::SQRT_2;

use crate::element::Element;

/// The unit roundoff of double precision.
pub(super) const U: f64 = f64::EPSILON / 2.0;

/// More than what underflow does to a number of size 1 in an operation, or in the scaling of an entry.
pub(super) const UNDERFLOW: f64 = f64::MIN_POSITIVE;

/// The γ by which |fl(xᴴy) − xᴴy| ≤ γ|x|ᵀ|y| for `terms` products, in whatever order they are summed: γₖ = ku/(1 − ku)
/// (Higham, Accuracy and Stability, 2nd ed., §3.1). The parts of a complex product are real ones of twice as many terms. Two
/// more terms stand for a product with α and a sum with what was there.
pub(super) fn gamma<W: Element>(terms: usize) -> f64 {
    let (count, parts) = if W::IS_COMPLEX { (2.0, SQRT_2) } else { (1.0, 1.0) };
    let ku = count * (terms as f64 + 2.0) * U;
    if ku < 1.0 { parts * ku / (1.0 - ku) } else { f64::INFINITY }
}

/// The same for a product accumulated in K words, before it is rounded: (4lu)ᴷ (Ogita, Rump & Oishi, Accurate sum and dot
/// product, Proposition 5.11, with l for more than the operations on a lane and on their sum).
pub(super) fn gamma_in_words<W: Element>(terms: usize, words: usize) -> f64 {
    let (count, parts) = if W::IS_COMPLEX { (2.0, SQRT_2) } else { (1.0, 1.0) };
    parts * (4.0 * (count * terms as f64 + 16.0) * U).powi(words as i32)
}

/// A number that is above the exact value of a sum of non-negative terms, given the rounded one, with room for a few
/// operations more.
pub(super) fn up(value: f64, terms: usize) -> f64 {
    value * (1.0 + (terms as f64 + 32.0) * f64::EPSILON)
}

/// A bound that could not be computed is none.
pub(super) fn or_infinity(bound: f64) -> f64 {
    if bound.is_nan() { f64::INFINITY } else { bound }
}
