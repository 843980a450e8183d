//! The factor floor: deflation of diag(d) + ζζᵀ, which leaves poles that are apart and weights that count.
//! Must not know where d and ζ come from, nor call a routine.
//!
//! What is left out changes the matrix by a few units of rounding: the rules are those of LAPACK's laed2 and lasd2.

use num_traits::Float;

use super::secular::{Poles, Secular};

/// A plane rotation of two columns: first ← c·first + s·second, second ← c·second − s·first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rotation {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) c: f64,
    pub(super) s: f64,
}

/// A component of ζ counts as zero where removing it changes the matrix by less than 8ε of its size; of two values that are nearly equal a rotation
/// makes one component zero, if the entry that it brings beside the diagonal is as small (J. J. Dongarra and D. C. Sorensen, A fully parallel
/// algorithm for the symmetric eigenvalue problem, 1987; Golub & Van Loan, §8.4.3). `d` ascends; ε is that of the data.
///
/// Returns what is left, in the memory of `d` and `zeta`. Positions in d whose values stay as they are go into `settled` with these, and what was
/// done to pairs of positions is told to `turned` one after the other.
pub(super) fn deflate(
    kind: Poles, mut d: Vec<f64>, mut zeta: Vec<f64>, eps: f64, settled: &mut Vec<(usize, f64)>,
    mut turned: impl FnMut(Rotation),
) -> Secular {
    let largest = d.iter().fold(0.0, |most, d| Float::max(most, d.abs()));
    let norm = zeta.iter().map(|z| z * z).sum::<f64>().sqrt();
    // The size of a component's column, and that of the whole.
    let (reach, size) = match kind {
        Poles::Plain => (norm, f64::max(largest, norm * norm)),
        Poles::Squared => (1.0, f64::max(largest, norm)),
    };
    let tolerance = 8.0 * eps * size;
    let mut kept = 0;
    let mut keep = |d: &mut [f64], zeta: &mut [f64], i: usize| {
        (d[kept], zeta[kept]) = (d[i], zeta[i] * zeta[i]);
        kept += 1;
    };
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
            keep(&mut d, &mut zeta, p);
            continue;
        }
        zeta[i] = length;
        if kind == Poles::Plain {
            (d[p], d[i]) = (d[p] * c * c + d[i] * s * s, d[p] * s * s + d[i] * c * c);
        }
        turned(Rotation { first: p, second: i, c, s });
        settled.push((p, d[p]));
    }
    held.into_iter().for_each(|i| keep(&mut d, &mut zeta, i));
    d.truncate(kept);
    zeta.truncate(kept);
    Secular { kind, poles: d, weights: zeta, eps }
}
