//! Exact least squares: what a solution will cost, before anything is computed, and how far it has come.
//!
//! On the floor of `lstsq`. Counts multiplications of machine words; it must not look at the numbers, only at their sizes.

use std::ops::ControlFlow;

use super::Options;
use crate::error::{Error, Result};

/// The work that is allowed unless the caller says otherwise: several minutes on one core.
pub(super) const DEFAULT_LIMIT: f64 = 1e11;

/// An estimate of what an exact solution takes.
///
/// It follows from the shape and from the bits of the columns alone, and takes the worst case: that numerators and
/// denominators are as large as Hadamard's inequality allows. Where x turns out to be simple, the work is less.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Cost {
    /// Multiplications of 64-bit words, with what goes with them; a core does some 3·10⁸ in a second.
    pub operations: f64,
    /// The bits of the largest numerator or denominator of the solution, about, at most.
    pub bits: f64,
}

impl Cost {
    /// The cost for an m×n matrix with m ≥ n = `column_bits.len()`, of which column j times a suitable number has whole
    /// entries of `column_bits[j]` bits, and for right-hand sides of `rhs_bits`. (For m < n: rows in place of columns,
    /// and n in place of m.)
    ///
    /// With β the bits of a column, Hadamard's bound of det(AᵀA) has H = Σ(2β + log₂m) bits. Then the Gram matrix takes
    /// m(Σβ/64)²/2 products of words, and each right-hand side 2H/60 steps of n²(5 + 2β/64) each.
    pub fn of_sizes(m: usize, column_bits: &[u64], rhs_bits: &[u64]) -> Self {
        let (m, n) = (m as f64, column_bits.len() as f64);
        let words: f64 = column_bits.iter().map(|&bits| (bits as f64 / 64.0).ceil()).sum();
        let length_bits = m.max(1.0).log2();
        let hadamard: f64 = column_bits.iter().map(|&bits| 2.0 * bits as f64 + length_bits).sum();
        let conversion = CONVERSION * m * (n + rhs_bits.len() as f64);
        let gram = 0.5 * m * (words * words + OVERHEAD * n * n);
        let elimination = n * n * n / 3.0;
        let entry_words = if n > 0.0 { hadamard / n / 64.0 + 1.0 } else { 0.0 };
        let solves: f64 = rhs_bits.iter().map(|&bits| solve(n, entry_words, hadamard, bits as f64 + length_bits)).sum();
        let right_bits = rhs_bits.iter().max().copied().unwrap_or(0) as f64;
        Cost { operations: conversion + gram + elimination + solves, bits: hadamard + right_bits }
    }
}

/// The bits that a step of the lifting adds to the solution, at least.
const STEP_BITS: f64 = 60.0;

/// What goes with a product of two integers, in products of words.
pub(super) const OVERHEAD: f64 = 4.0;

/// Making a number an integer, in products of words.
pub(super) const CONVERSION: f64 = 100.0;

/// Lifting to a solution whose denominator has at most `hadamard` bits and whose numerators have `more`; Euclid's
/// algorithm once, products for the other entries, and the check.
pub(super) fn solve(n: f64, entry_words: f64, hadamard: f64, more: f64) -> f64 {
    let steps = ((2.0 * hadamard + more) / STEP_BITS).ceil();
    let large = hadamard / 64.0;
    // Attempts before the last, with half of the digits, a quarter, …, add a third.
    let euclid = 4.0 / 3.0 * 0.584 * hadamard * quotient(large);
    steps * step(n, entry_words) + euclid + n * entry(large) + n * n * entry_words * large
}

/// One step of Euclid's algorithm for numbers of so many words, of which k bits need 0.584·k (Knuth, The Art of Computer
/// Programming 2, section 4.5.3).
pub(super) fn quotient(words: f64) -> f64 {
    2.0 * words + 50.0
}

/// One entry of the solution: its digits are joined, multiplied by the denominator, and brought to lowest terms.
pub(super) fn entry(words: f64) -> f64 {
    4.0 * words.powf(1.6) + 0.3 * words * words
}

/// One step of the lifting: a solve modulo p and a product with the Gram matrix.
pub(super) fn step(n: f64, entry_words: f64) -> f64 {
    n * n * (1.0 + OVERHEAD + entry_words) + 100.0 * n
}

/// How far the work has come, for the caller's progress function.
pub(super) struct Meter<'a> {
    done: f64,
    total: f64,
    limit: f64,
    report: Option<&'a mut dyn FnMut(f64) -> ControlFlow<()>>,
}

impl<'a> Meter<'a> {
    /// For work of this cost, unless that exceeds the limit.
    pub(super) fn new(cost: Cost, options: Options<'a>) -> Result<Self> {
        let mut meter = Meter { done: 0.0, total: 0.0, limit: options.limit, report: options.progress };
        meter.expect(cost.operations)?;
        Ok(meter)
    }

    /// Adds work that turned out to be needed, unless the limit forbids it.
    pub(super) fn expect(&mut self, operations: f64) -> Result<()> {
        self.total += operations;
        if self.total <= self.limit {
            return Ok(());
        }
        Err(Error::TooCostly { what: "the exact solution", operations: self.total, limit: self.limit })
    }

    /// Tells that so much more has been done, and asks whether to go on.
    pub(super) fn spend(&mut self, operations: f64) -> Result<()> {
        self.done += operations;
        let Some(report) = &mut self.report else { return Ok(()) };
        let fraction = if self.total > 0.0 { (self.done / self.total).min(1.0) } else { 1.0 };
        match report(fraction) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Cancelled),
        }
    }
}
