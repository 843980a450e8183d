//! Avoided crossings of families: listed once where a gap falls and rises again, and nowhere else.
//! Second floor of the tests; must not take a crossing for one.

use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array2, array};

use super::families::{Values, diagonal, slope_of, turned};
use super::generate::Rng;

/// [c + t − s, g/2; g/2, c − t + s], whose eigenvalues c ± √((t − s)² + g²/4) do not meet.
fn avoided(c: f64, s: f64, g: f64) -> Curve<impl Fn(f64) -> Array2<f64>, impl Fn(f64) -> Array2<f64>> {
    let matrix = move |t: f64| array![[c + (t - s), g / 2.0], [g / 2.0, c - (t - s)]];
    Curve { matrix, slope: |_| array![[1.0, 0.0], [0.0, -1.0]] }
}

/// An avoided crossing is none wherever its gap is above the tolerance for ties, and is taken for one below half of that: 20ε times the larger
/// of the values and |t|.
#[test]
fn avoided_crossings() {
    for (c, s, size) in [(0.0, 0.3, 0.3), (0.0, 0.0, 0.0), (3.0, 0.0, 3.0), (3.0, 0.3, 3.0), (0.0, 0.45, 0.45)] {
        let tie = 20.0 * f64::EPSILON * size;
        for g in [0.3, 1e-3, 1e-6, 1e-9, 1e-11, 1e-13_f64.max(1.5 * tie)] {
            let found = track(&avoided(c, s, g), -1.0..1.7, &TrackOptions::default()).expect("it is smooth");
            assert!(found.crossings.is_empty(), "{c}, {s}, {g:e}: {:?}", found.crossings);
            assert_eq!(found.avoided.len(), 1, "{c}, {s}, {g:e}: {:?}", found.avoided);
            let place = &found.avoided[0];
            assert!((place.gap - g).abs() < 1e-6 * g + 1e-15 * size, "{c}, {s}, {g:e}: {place:?}");
            assert!((place.t - s).abs() < 1e-8, "{c}, {s}, {g:e}: {place:?}");
            for (&t, values) in found.times.iter().zip(found.values.rows()) {
                let expected = array![c - (t - s).hypot(g / 2.0), c + (t - s).hypot(g / 2.0)];
                approx::assert_abs_diff_eq!(values, expected, epsilon = 1e-14);
            }
        }
        let below = track(&avoided(c, s, tie / 3.0), -1.0..1.7, &TrackOptions::default()).expect("it is smooth");
        assert_eq!((below.crossings.len(), below.avoided.len()), (1, 0), "{c}, {s}");
    }
}

#[test]
fn avoided_crossings_in_single_precision() {
    let of = |g: f32| Curve {
        matrix: move |t: f32| array![[1.0 + t, g / 2.0], [g / 2.0, 1.0 - t]],
        slope: |_| array![[1.0, 0.0], [0.0, -1.0]],
    };
    // 20ε is 2.4e-6.
    for (g, crossings) in [(1e-2, 0), (1e-4, 0), (5e-6, 0), (1e-6, 1), (0.0, 1)] {
        let found = track(&of(g), -1.0..1.7, &TrackOptions::default()).expect("it is smooth");
        assert_eq!((found.crossings.len(), found.avoided.len()), (crossings, 1 - crossings), "{g:e}");
        let last = found.values.row(found.times.len() - 1).to_owned();
        let expected = if crossings == 1 { array![2.7, -0.7] } else { array![-0.7, 2.7] };
        approx::assert_abs_diff_eq!(last, expected, epsilon = 1e-5);
    }
}

/// Values that keep their distance but for rounding come nearest nowhere.
#[test]
fn parallel_branches_are_not_avoided_crossings() {
    let families = [turned(|t| vec![t, t + 1.0, t + 3.0]), turned(|t| vec![t * 0.0, t * 0.0 + 1.0, t * 0.0 + 2.0])];
    for family in families {
        let found = track(&family, 0.1..2.0, &TrackOptions::default()).expect("it is analytic");
        assert!(found.avoided.is_empty() && found.crossings.is_empty(), "{:?}", found.avoided);
    }
}

/// S + f(t)·I: every gap is constant, and each slope is rounded differently.
#[test]
fn a_moving_multiple_of_the_identity_avoids_nothing() {
    let mut rng = Rng::new(31);
    for n in [3, 4, 6, 12] {
        let random = Array2::from_shape_simple_fn((n, n), || rng.normal());
        let path = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        for s in [&random + &random.t(), path] {
            let moves: [fn(f64) -> (f64, f64); 3] = [|t| (t, 1.0), |t| (t.sin(), t.cos()), |t| (1e3 * t, 1e3)];
            for of in moves {
                let family = Curve {
                    matrix: |t: f64| &s + Array2::<f64>::eye(n) * of(t).0,
                    slope: |t: f64| Array2::eye(n) * of(t).1,
                };
                let found = track(&family, -1.0..1.3, &TrackOptions::default()).expect("it is analytic");
                assert!(found.avoided.is_empty() && found.crossings.is_empty(), "{n}: {:?}", found.avoided);
            }
        }
    }
}

/// Constant values far from 0 whose vectors turn into third ones, and gaps that only fall.
#[test]
fn gaps_that_do_not_rise_again_avoid_nothing() {
    let families: [(Values, f64, f64); 5] = [
        (|t| [100.0, 100.3, 101.0].iter().map(|x| t * 0.0 + x).collect(), 0.0, 2.0),
        (|t| vec![t * 0.0 + 1.0, (t * -20.0).exp() + 2.0], 0.0, 20.0),
        (|t| vec![t * 0.0 + 1.0, (t * -1.0).exp() + 2.0], 0.0, 400.0),
        (|t| vec![t * 0.0, ((t * 20.0).exp() + 1.0).inv() + 2.0], -2.0, 20.0),
        (|t| vec![t * 0.0, (-t * t).exp() + 1.0], -30.0, 30.0),
    ];
    for (k, (values, start, end)) in families.into_iter().enumerate() {
        let matrix = |t: f64| diagonal(values, t);
        let still = track(&Curve { matrix, slope: |t| slope_of(values, t) }, start..end, &TrackOptions::default());
        let turned = track(&turned(values), start..end.min(20.0), &TrackOptions::default());
        for found in [still, turned].map(|found| found.expect("it is analytic")) {
            assert!(found.avoided.is_empty() && found.crossings.is_empty(), "{k}: {:?}", found.avoided);
        }
    }
}

/// A pair that only comes near, or only parts, in the range.
#[test]
fn a_least_gap_at_an_end_of_the_range_is_no_avoided_crossing() {
    for (start, end, expected) in [(-1.0, 0.0, 0), (0.0, 1.0, 0), (-1.0, 0.01, 1), (-0.01, 1.0, 1)] {
        let found = track(&avoided(0.0, 0.0, 0.1), start..end, &TrackOptions::default()).expect("it is analytic");
        assert_eq!(found.avoided.len(), expected, "{start}..{end}: {:?}", found.avoided);
    }
}

/// A pair that turns back once, and is crossed by a third line elsewhere, in a basis of its own.
#[test]
fn an_avoided_crossing_beside_a_crossing_is_listed_once() {
    let mut rng = Rng::new(8);
    for _ in 0..20 {
        let (c, third) = (rng.uniform() - 0.5, 3.0 * rng.uniform());
        let q = Array2::from_shape_simple_fn((3, 3), || rng.normal()).svd().expect("a random matrix").u;
        let (a, g) = (1e-5, 1e-4);
        let matrix = |t: f64| {
            let lines = array![[a * (t - c), g / 2.0, 0.0], [g / 2.0, -a * (t - c), 0.0], [0.0, 0.0, t - third]];
            q.dot(&lines).dot(&q.t())
        };
        let slope = |_| q.dot(&Array2::from_diag(&array![a, -a, 1.0])).dot(&q.t());
        let found = track(&Curve { matrix, slope }, -4.0..4.1, &TrackOptions::default()).expect("it is analytic");
        assert_eq!(found.avoided.len(), 1, "{c}, {third}: {:?}", found.avoided);
        assert!((found.avoided[0].t - c).abs() < 1e-2, "{c}: {:?}", found.avoided);
    }
}

/// ±√(t² + g²), each twice: the numbers of equal branches are not those of their mirror images.
#[test]
fn double_singular_values_that_avoid_zero() {
    for g in [1e-1, 1e-6, 1e-9, 1e-12] {
        for (start, end) in [(-1.0, 1.0), (-1.0, 3.0), (-2.0, 2.0), (-1.0, 1.3)] {
            let family = Curve { matrix: move |t: f64| array![[t, g], [-g, t]], slope: |_| Array2::eye(2) };
            let found = track_singular_values(&family, start..end, &TrackOptions::default()).expect("it is analytic");
            assert_eq!((found.crossings.len(), found.avoided.len()), (0, 1), "{g}, {start}..{end}");
            assert!((found.avoided[0].gap / (2.0 * g) - 1.0).abs() < 1e-3, "{g}: {:?}", found.avoided);
        }
    }
    let family = Curve { matrix: |t: f64| array![[t, 0.0], [0.0, t]], slope: |_| Array2::eye(2) };
    let found = track_singular_values(&family, -1.0..1.3, &TrackOptions::default()).expect("it is analytic");
    assert_eq!(found.crossings.iter().map(|place| place.branches.len()).sum::<usize>(), 2, "{:?}", found.crossings);
}

/// A singular value that comes near zero, where the matrix has a zero of its own beside it.
#[test]
fn a_singular_value_that_avoids_a_zero_is_listed_once() {
    let families: [fn(f64) -> Array2<f64>; 4] = [
        |t| array![[1.0 + t * t], [0.0]],
        |t| array![[1.0], [t], [0.0]],
        |t| array![[1.0 + t * t, 0.0], [0.0, 0.0]],
        |t| array![[3.0, 0.0, 0.0], [0.0, 1.0 + t * t, 0.0]],
    ];
    let slopes: [fn(f64) -> Array2<f64>; 4] = [
        |t| array![[2.0 * t], [0.0]],
        |_| array![[0.0], [1.0], [0.0]],
        |t| array![[2.0 * t, 0.0], [0.0, 0.0]],
        |t| array![[0.0, 0.0, 0.0], [0.0, 2.0 * t, 0.0]],
    ];
    for (k, (matrix, slope)) in families.into_iter().zip(slopes).enumerate() {
        let family = Curve { matrix, slope };
        let found = track_singular_values(&family, -1.0..1.3, &TrackOptions::default()).expect("it is analytic");
        let near_zero: Vec<_> = found.avoided.iter().filter(|place| (place.gap - 1.0).abs() < 1e-12).collect();
        assert_eq!((near_zero.len(), found.crossings.len()), (1, 0), "{k}: {:?}", found.avoided);
    }
}

/// The place where the gap is least is the end of a step.
#[test]
fn avoided_crossings_at_the_end_of_a_step() {
    for gap in [0.3, 1e-3, 1e-6, 1e-9] {
        let family = avoided(0.0, 0.0, gap);
        for range in [-1.0..1.0, -0.5..0.5, -2.0..2.0] {
            let found = track(&family, range, &TrackOptions::default()).expect("it is analytic");
            assert_eq!((found.crossings.len(), found.avoided.len()), (0, 1), "{gap}: {:?}", found.avoided);
            let place = &found.avoided[0];
            assert!(place.t.abs() < 1e-6 && (place.gap / gap - 1.0).abs() < 1e-3, "{gap}: {place:?}");
        }
    }
}

/// Beside a branch that is a million times larger and steeper.
#[test]
fn avoided_crossings_beside_a_large_branch() {
    let c = 0.1234567;
    for gap in [1e-2, 1e-4, 1e-6] {
        let family = Curve {
            matrix: move |t: f64| array![[t - c, gap / 2.0, 0.0], [gap / 2.0, c - t, 0.0], [0.0, 0.0, (3.0 + t) * 1e6]],
            slope: |_| array![[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1e6]],
        };
        let found = track(&family, -1.0..1.3, &TrackOptions::default()).expect("it is analytic");
        assert_eq!((found.crossings.len(), found.avoided.len()), (0, 1), "{gap}: {:?}", found.avoided);
        assert!((found.avoided[0].gap / gap - 1.0).abs() < 1e-3, "{gap}: {:?}", found.avoided);
    }
}
