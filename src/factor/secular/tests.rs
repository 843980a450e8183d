//! Roots that are known, and how many evaluations are taken for them.
//! Tests of the factor floor; must not take a tolerance from the code under test.

use std::cell::Cell;

use super::*;

thread_local! {
    /// How often a left-hand side was evaluated.
    pub(super) static EVALUATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The equation with the given roots: wᵢ = Πⱼ (λⱼ − dᵢ) / Πⱼ (dⱼ − dᵢ) over j ≠ i, for poles and roots that alternate.
fn with_roots(kind: Poles, poles: &[f64], roots: &[f64]) -> Secular {
    let distance = |x: f64, y: f64| if kind == Poles::Plain { x - y } else { (x - y) * (x + y) };
    let weight = |i: usize| {
        let of = |j: usize| if j == i { 1.0 } else { distance(poles[j], poles[i]) };
        (0..poles.len()).map(|j| distance(roots[j], poles[i]) / of(j)).product()
    };
    Secular { kind, poles: poles.to_vec(), weights: (0..poles.len()).map(weight).collect(), eps: f64::EPSILON }
}

fn roots(equation: &Secular) -> Vec<Root> {
    let n = equation.poles.len();
    let mut roots = vec![(0, 0.0); n];
    equation.roots(&mut roots, &mut vec![0.0; n]).unwrap();
    roots
}

/// The equation with poles j, of which each root is `fraction` of the way to the next one. A weight is known to 3n
/// roundings, and the left-hand side to the noise at which a search ends: a root to as much over its slope.
fn find(kind: Poles, n: usize, fraction: impl Fn(usize) -> f64) {
    let poles: Vec<f64> = (0..n).map(|j| j as f64).collect();
    let known: Vec<f64> = (0..n).map(|j| j as f64 + fraction(j)).collect();
    let equation = with_roots(kind, &poles, &known);
    for (root, known) in roots(&equation).into_iter().zip(known) {
        let apart = |d: f64| if kind == Poles::Plain { d - known } else { (d - known) * (d + known) };
        let sum = |power: i32| -> f64 {
            poles.iter().zip(&equation.weights).map(|(&d, w)| w / apart(d).abs().powi(power)).sum()
        };
        // A search ends where the left-hand side is below (8 + n/16)ε.
        let noise = (8.0 + n as f64 / 16.0) * f64::EPSILON;
        let of_sums = (1.5 * n as f64 * f64::EPSILON + noise) * (1.0 + sum(1)) / sum(2);
        let per_value = if kind == Poles::Plain { 1.0 } else { 2.0 * known };
        let off = (equation.value(root) - known).abs();
        assert!(off <= of_sums / per_value + 2.0 * f64::EPSILON * known, "{kind:?}, {n}, {known}: {off:e}");
    }
}

#[test]
fn roots_that_are_known_are_found() {
    for kind in [Poles::Plain, Poles::Squared] {
        // Orders from 80 on have far poles.
        for n in [1, 2, 3, 31, 34, 80, 300] {
            for fraction in [1e-3, 0.3, 0.5, 0.9] {
                find(kind, n, |_| fraction);
            }
            find(kind, n, |j| [0.25, 0.9, 0.01][j % 3]);
        }
    }
}

#[test]
fn roots_near_a_pole_keep_their_digits() {
    for kind in [Poles::Plain, Poles::Squared] {
        let equation = Secular { kind, poles: vec![1.0, 2.0, 3.0], weights: vec![1e-30; 3], eps: f64::EPSILON };
        for (j, root) in roots(&equation).into_iter().enumerate() {
            // 1 + w/(d − λ) = 0, but for terms of 1e-30.
            assert_eq!(root.0, j);
            approx::assert_relative_eq!(root.1, 1e-30, max_relative = 1e-14);
        }
    }
}

/// Differences of squares keep the digits of poles that are near each other.
#[test]
fn distances_between_near_poles() {
    let d = 1.0 + 4096.0 * f64::EPSILON;
    let equation = |kind| Secular { kind, poles: vec![1.0, d], weights: vec![1.0; 2], eps: f64::EPSILON };
    // d − 1 is exact, d + 1 = 2 + 4096ε too, and their product 8192ε(1 + 2048ε) is.
    let gap = 4096.0 * f64::EPSILON;
    for (kind, expected) in [(Poles::Plain, gap), (Poles::Squared, gap * (2.0 + gap))] {
        let equation = equation(kind);
        assert_eq!((equation.distance(1, 0), equation.distance(0, 1)), (expected, -expected));
        let mut all = [0.0; 2];
        equation.distances(0..2, 0, &mut all);
        assert_eq!(all, [0.0, expected]);
        equation.distances(0..2, 1, &mut all);
        assert_eq!(all, [-expected, 0.0]);
    }
}

/// 4ε of the data and ε(4 + n/16) of the sums.
#[test]
fn a_search_ends_at_the_rounding_of_its_terms() {
    for (eps, n) in [(f64::EPSILON, 32), (f64::from(f32::EPSILON), 160)] {
        let equation = Secular { kind: Poles::Plain, poles: vec![0.0; n], weights: vec![1.0; n], eps };
        let expected = 4.0 * eps + (4.0 + n as f64 / 16.0) * f64::EPSILON;
        approx::assert_relative_eq!(equation.noise(), expected, max_relative = 1e-14);
    }
}

/// The starts, the two interpolations and the safeguard together take about five evaluations for each root, wherever it
/// is.
#[test]
fn a_root_takes_few_evaluations() {
    let n = 300;
    for kind in [Poles::Plain, Poles::Squared] {
        let weights: [fn(i32) -> f64; 4] =
            [|_| 1.0, |j| 10f64.powi(-(j % 7) * 2), |j| 1.0 + f64::from(j % 3) * 1e3, |_| 1e-6];
        for weight in weights {
            let poles = (0..n).map(|j| f64::from(j) + 0.4 * f64::from(j * 37 % 11) / 11.0).collect();
            let equation = Secular { kind, poles, weights: (0..n).map(weight).collect(), eps: f64::EPSILON };
            EVALUATIONS.set(0);
            roots(&equation);
            let average = EVALUATIONS.get() as f64 / f64::from(n);
            assert!(average <= 6.0, "{kind:?}, {average}");
        }
    }
}
