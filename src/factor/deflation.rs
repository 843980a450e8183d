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

#[cfg(test)]
mod tests {
    use super::*;

    /// So that 8ε is 1/16.
    const EPS: f64 = 1.0 / 128.0;

    type Outcome = (Vec<f64>, Vec<f64>, Vec<(usize, f64)>, Vec<(usize, usize, f64, f64)>);

    /// Poles, weights, what is settled and what is turned.
    fn outcome(kind: Poles, d: [f64; 4], zeta: [f64; 4]) -> Outcome {
        let (mut settled, mut turned) = (Vec::new(), Vec::new());
        let secular =
            deflate(kind, d.to_vec(), zeta.to_vec(), EPS, &mut settled, |Rotation { first, second, c, s }| {
                turned.push((first, second, c, s));
            });
        assert_eq!((secular.kind, secular.eps), (kind, EPS));
        (secular.poles, secular.weights, settled, turned)
    }

    #[track_caller]
    fn near(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
        assert!(found.iter().zip(expected).all(|(x, y)| (x - y).abs() <= 1e-15 * y.abs()), "{found:?} {expected:?}");
    }

    /// ‖S‖ = 8 allows 1/2. Of the first component ‖ζ‖ times 0.3 is 0.43, and times 0.4 it is 0.59.
    #[test]
    fn a_component_counts_by_its_column() {
        let poles = [-4.0, 1.0, 3.5, 8.0];
        let (d, weights, settled, turned) = outcome(Poles::Plain, poles, [0.3, 0.6, 0.8, 1.0]);
        near(&d, &poles[1..]);
        near(&weights, &[0.6 * 0.6, 0.8 * 0.8, 1.0]);
        assert_eq!((settled, turned), (vec![(0, -4.0)], vec![]));
        let (d, weights, settled, turned) = outcome(Poles::Plain, poles, [0.4, 0.6, 0.8, 1.0]);
        near(&d, &poles);
        near(&weights, &[0.4 * 0.4, 0.6 * 0.6, 0.8 * 0.8, 1.0]);
        assert_eq!((settled, turned), (vec![], vec![]));
        // ‖ζ‖² = 32 allows 2, and 0.3‖ζ‖ is 1.7.
        let (_, _, settled, _) = outcome(Poles::Plain, [-4.0, 1.0, 7.0, 8.0], [0.3, 2.4, 3.2, 4.0]);
        assert_eq!(settled.first(), Some(&(0, -4.0)));
        // Of squares the component itself: σ₁ = 8 allows 1/2, and ‖ζ‖ = 20.8 allows 1.3.
        let poles = [0.0, 3.0, 6.0, 8.0];
        for (first, rest, is_settled) in [(0.49, 1.0, true), (0.51, 1.0, false), (1.2, 12.0, true), (1.4, 12.0, false)]
        {
            let (_, _, settled, _) = outcome(Poles::Squared, poles, [first, rest, rest, rest]);
            assert_eq!(settled.contains(&(0, 0.0)), is_settled, "{first} beside {rest}: {settled:?}");
        }
    }

    /// c = 4/5 and s = −3/5 turn (0.6, 0.8) to (0, 1), and bring 12/25 of the gap beside the diagonal.
    #[test]
    fn values_that_are_nearly_equal_are_turned() {
        let zeta = [0.3, 0.6, 0.8, 1.0];
        let (d, weights, settled, turned) = outcome(Poles::Plain, [-4.0, 1.0, 2.0, 8.0], zeta);
        near(&d, &[0.36 + 2.0 * 0.64, 8.0]);
        near(&weights, &[1.0, 1.0]);
        near(&settled.iter().map(|&(_, value)| value).collect::<Vec<_>>(), &[-4.0, 0.64 + 2.0 * 0.36]);
        assert_eq!(settled.iter().map(|&(i, _)| i).collect::<Vec<_>>(), [0, 1]);
        let [(first, second, c, s)] = turned[..] else { panic!("{turned:?}") };
        assert_eq!((first, second), (1, 2));
        near(&[c, s], &[0.8, -0.6]);
        // 12/25 of 1.1 is more than 1/2.
        let (d, _, settled, turned) = outcome(Poles::Plain, [-4.0, 1.0, 2.1, 8.0], zeta);
        near(&d, &[1.0, 2.1, 8.0]);
        assert_eq!((settled, turned), (vec![(0, -4.0)], vec![]));

        // Of squares the gap itself, and the values stay.
        let (d, weights, settled, turned) = outcome(Poles::Squared, [0.0, 1.0, 1.4, 8.0], zeta);
        near(&d, &[1.4, 8.0]);
        near(&weights, &[1.0, 1.0]);
        assert_eq!((settled, turned.len()), (vec![(0, 0.0), (1, 1.0)], 1));
        let (d, _, settled, turned) = outcome(Poles::Squared, [0.0, 1.0, 1.6, 8.0], zeta);
        near(&d, &[1.0, 1.6, 8.0]);
        assert_eq!((settled, turned), (vec![(0, 0.0)], vec![]));
    }
}
