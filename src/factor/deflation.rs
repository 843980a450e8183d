//! The factor floor: deflation of diag(d) + ζζᵀ, which leaves poles that are apart and weights that count.
//! Must not know where d and ζ come from, nor call a routine.
//!
//! What is left out changes the matrix by a few units of rounding: the rules are those of LAPACK's laed2 and lasd2.

use num_traits::Float;

use super::secular::{Poles, Secular};
use crate::error::Result;
use crate::workspace::copied;

/// A plane rotation of two columns: first ← c·first + s·second, second ← c·second − s·first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rotation {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) c: f64,
    pub(super) s: f64,
}

/// The problem without what is settled.
#[derive(Debug)]
pub(super) struct Deflated {
    /// What is left.
    pub(super) secular: Secular,
    /// The positions in d of what is left.
    pub(super) kept: Vec<usize>,
    /// Positions in d, with values that stay as they are.
    pub(super) settled: Vec<(usize, f64)>,
    /// What was done to pairs of positions, in this order.
    pub(super) rotations: Vec<Rotation>,
}

/// A component of ζ counts as zero where removing it changes the matrix by less than 8ε of its size; of two values that are nearly equal a rotation
/// makes one component zero, if the entry that it brings beside the diagonal is as small (J. J. Dongarra and D. C. Sorensen, A fully parallel
/// algorithm for the symmetric eigenvalue problem, 1987; Golub & Van Loan, §8.4.3). `d` ascends; ε is that of the data.
pub(super) fn deflate(kind: Poles, d: &[f64], zeta: &[f64], eps: f64) -> Result<Deflated> {
    let largest = d.iter().fold(0.0, |most, d| Float::max(most, d.abs()));
    let norm = zeta.iter().map(|z| z * z).sum::<f64>().sqrt();
    // The size of a component's column, and that of the whole.
    let (reach, size) = match kind {
        Poles::Plain => (norm, f64::max(largest, norm * norm)),
        Poles::Squared => (1.0, f64::max(largest, norm)),
    };
    let tolerance = 8.0 * eps * size;
    let (mut d, mut zeta) = (copied(d)?, copied(zeta)?);
    let (mut kept, mut settled, mut rotations) = (Vec::new(), Vec::new(), Vec::new());
    // The last one whose component counts.
    let mut held: Option<usize> = None;
    for i in 0..d.len() {
        if reach * zeta[i] <= tolerance {
            settled.push((i, d[i]));
            continue;
        }
        let Some(p) = held.replace(i) else { continue };
        let (gap, length) = (d[i] - d[p], f64::hypot(zeta[i], zeta[p]));
        let (c, s) = (zeta[i] / length, -zeta[p] / length);
        let beside = match kind {
            Poles::Plain => (gap * c * s).abs(),
            Poles::Squared => gap,
        };
        if beside > tolerance {
            kept.push(p);
            continue;
        }
        (zeta[p], zeta[i]) = (0.0, length);
        if kind == Poles::Plain {
            (d[p], d[i]) = (d[p] * c * c + d[i] * s * s, d[p] * s * s + d[i] * c * c);
        }
        rotations.push(Rotation { first: p, second: i, c, s });
        settled.push((p, d[p]));
    }
    kept.extend(held);
    let poles = kept.iter().map(|&i| d[i]).collect();
    let weights = kept.iter().map(|&i| zeta[i] * zeta[i]).collect();
    Ok(Deflated { secular: Secular { kind, poles, weights, eps }, kept, settled, rotations })
}
