//! Branches of families: against families whose eigenvalues are known functions of t, turned by a rotation that moves.
//! Second floor of the tests; must not take ascending order for what is expected.

use lapwing::Error;
use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, array};

use super::generate::{C64, Rng};

/// Analytic functions, so that the derivatives are had by a complex step.
type Values = fn(C64) -> Vec<C64>;

/// A family, its branches in ascending order just after the beginning.
struct Known {
    name: &'static str,
    values: Values,
    range: (f64, f64),
    /// The crossings, each with its t and its branches.
    crossings: &'static [(f64, &'static [usize])],
}

fn zero() -> C64 {
    C64::new(0.0, 0.0)
}

fn diagonal(values: Values, t: f64) -> Array2<f64> {
    Array2::from_diag(&values(C64::new(t, 0.0)).iter().map(|x| x.re).collect::<Array1<f64>>())
}

fn slope_of(values: Values, t: f64) -> Array2<f64> {
    let h = 1e-180;
    Array2::from_diag(&values(C64::new(t, h)).iter().map(|x| x.im / h).collect::<Array1<f64>>())
}

/// Q(t)·diag·Q(t)ᵀ with Q = exp(tK) of a skew K, by the Cayley form of small steps: a product of plane rotations by t·angle.
fn rotation(n: usize, t: f64) -> (Array2<f64>, Array2<f64>) {
    let mut q = Array2::<f64>::eye(n);
    let mut dq = Array2::<f64>::zeros((n, n));
    for k in 1..n {
        let rate = 0.3 + 0.2 * k as f64;
        let (s, c) = (rate * t).sin_cos();
        let mut g = Array2::eye(n);
        let mut dg = Array2::zeros((n, n));
        for (i, j, x, dx) in [(k - 1, k - 1, c, -s), (k, k, c, -s), (k - 1, k, -s, -c), (k, k - 1, s, c)] {
            (g[(i, j)], dg[(i, j)]) = (x, rate * dx);
        }
        dq = dq.dot(&g) + q.dot(&dg);
        q = q.dot(&g);
    }
    (q, dq)
}

fn turned(values: Values) -> Curve<impl Fn(f64) -> Array2<f64>, impl Fn(f64) -> Array2<f64>> {
    let matrix = move |t: f64| {
        let d = diagonal(values, t);
        let (q, _) = rotation(d.nrows(), t);
        q.dot(&d).dot(&q.t())
    };
    let slope = move |t: f64| {
        let d = diagonal(values, t);
        let slopes = slope_of(values, t);
        let (q, dq) = rotation(d.nrows(), t);
        dq.dot(&d).dot(&q.t()) + q.dot(&slopes).dot(&q.t()) + q.dot(&d).dot(&dq.t())
    };
    Curve { matrix, slope }
}

fn straight(values: Values) -> Curve<impl Fn(f64) -> Array2<f64>, impl Fn(f64) -> Array2<f64>> {
    Curve { matrix: move |t| diagonal(values, t), slope: move |t| slope_of(values, t) }
}

#[track_caller]
fn follows(known: &Known, family: &impl Family<f64>, tolerance: f64) {
    let Known { name, values, range, crossings } = *known;
    let found = match track(family, range.0..range.1, &TrackOptions::default()) {
        Ok(found) => found,
        Err(error) => panic!("{name}: {error}"),
    };
    for (&t, row) in found.times.iter().zip(found.values.rows()) {
        let expected: Vec<f64> = values(C64::new(t, 0.0)).iter().map(|x| x.re).collect();
        let size = expected.iter().fold(1.0, |size: f64, x| size.max(x.abs()));
        for (branch, expected) in expected.into_iter().enumerate() {
            let error = (row[branch] - expected).abs() / size;
            assert!(error < tolerance, "{name}: branch {branch} at {t:e}: {} for {expected}", row[branch]);
        }
    }
    let met: Vec<_> = found.crossings.iter().map(|c| (c.t, c.branches.as_slice())).collect();
    let same = |x: &(f64, &[usize]), y: &(f64, &[usize])| (x.0 - y.0).abs() < 1e-3 && x.1 == y.1;
    let all = met.len() == crossings.len() && met.iter().zip(crossings).all(|(x, y)| same(x, y));
    assert!(all, "{name}: crossings {met:?} for {crossings:?}");
}

/// Families that every reader would try, their branches numbered as they begin.
const FAMILIES: &[Known] = &[
    Known { name: "t, t, −t", values: |t| vec![t, t, -t], range: (-1.0, 1.0), crossings: &[(0.0, &[0, 1, 2])] },
    Known { name: "a crossing at the end", values: |t| vec![t, -t], range: (-1.0, 0.0), crossings: &[(0.0, &[0, 1])] },
    Known { name: "one at the beginning", values: |t| vec![-t, t], range: (0.0, 1.0), crossings: &[(0.0, &[0, 1])] },
    Known { name: "one at a step", values: |t| vec![t, -t], range: (-1.0, 1.0), crossings: &[(0.0, &[0, 1])] },
    Known { name: "one elsewhere", values: |t| vec![t, -t], range: (-1.0, 1.3), crossings: &[(0.0, &[0, 1])] },
    Known {
        name: "sin 20t",
        values: |t| vec![zero(), (t * 20.0).sin()],
        range: (0.1, 0.6),
        crossings: &[(0.157_079_6, &[0, 1]), (0.314_159_3, &[0, 1]), (0.471_238_9, &[0, 1])],
    },
    Known { name: "t²", values: |t| vec![zero(), t * t], range: (-1.0, 1.3), crossings: &[(0.0, &[0, 1])] },
    Known { name: "t³", values: |t| vec![t.powi(3), zero()], range: (-1.0, 1.3), crossings: &[(0.0, &[0, 1])] },
    Known {
        name: "t³ at a step",
        values: |t| vec![t.powi(3), zero()],
        range: (-1.0, 1.0),
        crossings: &[(0.0, &[0, 1])],
    },
    Known { name: "t⁴", values: |t| vec![zero(), t.powi(4)], range: (-1.0, 1.3), crossings: &[(0.0, &[0, 1])] },
    Known {
        name: "t⁵, −t⁵",
        values: |t| vec![t.powi(5), -t.powi(5)],
        range: (-1.0, 1.3),
        crossings: &[(0.0, &[0, 1])],
    },
    Known { name: "t⁴ alone", values: |t| vec![t.powi(4)], range: (-1.0, 1.3), crossings: &[] },
    Known { name: "t² to its end", values: |t| vec![zero(), t * t], range: (-1.0, 0.0), crossings: &[(0.0, &[0, 1])] },
    Known {
        name: "t² from its beginning",
        values: |t| vec![zero(), t * t],
        range: (0.0, 1.0),
        crossings: &[(0.0, &[0, 1])],
    },
    Known {
        name: "t³ + 1",
        values: |t| vec![t.powi(3) + 1.0, zero() + 1.0],
        range: (-1.0, 1.3),
        crossings: &[(0.0, &[0, 1])],
    },
    Known { name: "equal all the way", values: |t| vec![t, t, zero() + 2.0], range: (-1.0, 1.0), crossings: &[] },
    Known {
        name: "constant",
        values: |_| vec![zero() + 1.0, zero() + 1.0, zero() + 2.0],
        range: (-1.0, 1.0),
        crossings: &[],
    },
    Known { name: "zero", values: |_| vec![zero(), zero()], range: (-1.0, 1.0), crossings: &[] },
    Known {
        name: "a repeated value and a single one",
        values: |t| vec![t + 3.0, t + 3.0, -t + 3.0],
        range: (-1.0, 1.0),
        crossings: &[(0.0, &[0, 1, 2])],
    },
    Known {
        name: "two repeated values",
        values: |t| vec![t + 3.0, t + 3.0, -t + 3.0, -t + 3.0],
        range: (-1.0, 1.3),
        crossings: &[(0.0, &[0, 1, 2, 3])],
    },
    Known {
        name: "three at one place",
        values: |t| vec![t, t * t / 2.0, -t],
        range: (-1.0, 1.2),
        crossings: &[(0.0, &[0, 1, 2])],
    },
    Known {
        name: "three within 1e-6",
        values: |t| vec![t * 2.0 + 1e-6 + 3.0, t + 3.0, -t + 3.0],
        range: (-1.0, 1.0),
        crossings: &[(-1e-6, &[0, 1]), (-3e-7, &[0, 2]), (0.0, &[1, 2])],
    },
    Known {
        name: "two crossings near each other",
        values: |t| vec![zero(), t * t - 1e-8],
        range: (-1.0, 1.3),
        crossings: &[(-1e-4, &[0, 1]), (1e-4, &[0, 1])],
    },
    Known {
        name: "beside 1e10",
        values: |t| vec![t, -t, zero() + 1e10],
        range: (-1.0, 1.3),
        crossings: &[(0.0, &[0, 1])],
    },
    Known {
        name: "beside 1e7",
        values: |t| vec![t, -t, zero() + 1e7],
        range: (-1.0, 1.3),
        crossings: &[(0.0, &[0, 1])],
    },
    Known {
        name: "a long way from t = 0",
        values: |t| vec![t - 1e6 - 5e-4, -(t - 1e6 - 5e-4)],
        range: (1e6, 1e6 + 1e-3),
        crossings: &[(1e6 + 5e-4, &[0, 1])],
    },
];

#[test]
fn straight_vectors() {
    for known in FAMILIES {
        follows(known, &straight(known.values), 1e-14);
    }
}

#[test]
fn vectors_that_turn() {
    for known in FAMILIES {
        follows(known, &turned(known.values), 1e-13);
    }
}

/// Lines through each other, in a random order, at random places, some of them twice, turned.
#[test]
fn random_lines() {
    let mut rng = Rng::new(71);
    for n in 2..7 {
        for _ in 0..12 {
            let mut lines: Vec<(f64, f64)> = (0..n).map(|_| (rng.normal(), rng.normal())).collect();
            if rng.below(2) == 0 {
                lines[n - 1] = lines[0];
            }
            let mut at_start = lines.clone();
            at_start.sort_by(|x, y| (x.0 - x.1).total_cmp(&(y.0 - y.1)));
            let d = |t: f64| Array2::from_diag(&lines.iter().map(|(a, b)| a + b * t).collect::<Array1<f64>>());
            let slopes = Array2::from_diag(&lines.iter().map(|(_, b)| *b).collect::<Array1<f64>>());
            let family = Curve {
                matrix: |t: f64| {
                    let (q, _) = rotation(n, t);
                    q.dot(&d(t)).dot(&q.t())
                },
                slope: |t: f64| {
                    let (q, dq) = rotation(n, t);
                    q.dot(&slopes).dot(&q.t()) + dq.dot(&d(t)).dot(&q.t()) + q.dot(&d(t)).dot(&dq.t())
                },
            };
            let found = match track(&family, -1.0..1.3, &TrackOptions::default()) {
                Ok(found) => found,
                Err(error) => panic!("{lines:?}: {error}"),
            };
            for (branch, (a, b)) in at_start.into_iter().enumerate() {
                let last = found.values[(found.times.len() - 1, branch)];
                assert!((last - (a + b * 1.3)).abs() < 1e-13, "{lines:?}: branch {branch} ends at {last}");
                assert!(found.slopes.column(branch).iter().all(|slope| (slope - b).abs() < 1e-9), "{lines:?}");
            }
        }
    }
}

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

/// Singular values pass through zero and through each other; those of the mirror image are not listed twice.
#[test]
fn singular_values() {
    let slope = |_| array![[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]];
    let family = Curve { matrix: |t: f64| array![[t, 0.0], [0.0, 0.5], [0.0, 0.0]], slope };
    let found = track_singular_values(&family, -1.0..1.2, &TrackOptions::default()).expect("it is analytic");
    for (&t, values) in found.times.iter().zip(found.values.rows()) {
        approx::assert_abs_diff_eq!(values, array![-t, 0.5], epsilon = 1e-14);
    }
    let listed: Vec<_> = found.crossings.iter().map(|c| (c.t, c.branches.clone(), c.value)).collect();
    let expected = [(-0.5, vec![0, 1], 0.5), (0.0, vec![0], 0.0), (0.5, vec![0, 1], 0.5)];
    assert_eq!(listed.len(), 3, "{listed:?}");
    for (found, expected) in listed.iter().zip(&expected) {
        assert!((found.0 - expected.0).abs() < 1e-12 && (found.2 - expected.2).abs() < 1e-12, "{listed:?}");
        assert_eq!(found.1, expected.1);
    }
    // A repeated value and a single one, as of the critical point of a family of rotations.
    let family = Curve {
        matrix: |t: f64| Array2::from_diag(&array![3.0 + t, 3.0 + t, 3.0 - t]),
        slope: |_| Array2::from_diag(&array![1.0, 1.0, -1.0]),
    };
    let found = track_singular_values(&family, -1.0..1.0, &TrackOptions::default()).expect("it is analytic");
    for (&t, values) in found.times.iter().zip(found.values.rows()) {
        approx::assert_abs_diff_eq!(values, array![3.0 - t, 3.0 + t, 3.0 + t], epsilon = 1e-14);
    }
    assert_eq!(found.crossings.len(), 1);
    assert_eq!(found.crossings[0].branches, [0, 1, 2]);
}

#[test]
fn shapes_of_families_for_singular_values() {
    let options = TrackOptions::default();
    let shapes = |of_matrix: fn(f64) -> (usize, usize), of_slope: (usize, usize)| {
        let family = Curve { matrix: |t| Array2::<f64>::ones(of_matrix(t)), slope: |_| Array2::zeros(of_slope) };
        matches!(track_singular_values(&family, 0.0..1.0, &options), Err(Error::Shape { .. }))
    };
    assert!(shapes(|_| (2, 3), (3, 2)));
    assert!(shapes(|_| (2, 3), (1, 4)));
    assert!(shapes(|t| if t > 0.5 { (3, 2) } else { (2, 3) }, (2, 3)));
    assert!(!shapes(|_| (2, 3), (2, 3)));
}

/// Three lines through one place, a number that is none of a grid, meet once.
#[test]
fn branches_that_meet_at_one_place_are_one_crossing() {
    for at in [0.7, 0.3, 1.1] {
        let family = Curve {
            matrix: move |t: f64| Array2::from_diag(&array![t - at, 2.0 * (t - at), at - t]),
            slope: |_| Array2::from_diag(&array![1.0, 2.0, -1.0]),
        };
        let found = track(&family, -2.0..2.3, &TrackOptions::default()).expect("it is analytic");
        assert_eq!(found.crossings.len(), 1, "{:?}", found.crossings);
        assert_eq!(found.crossings[0].branches, [0, 1, 2]);
        assert!((found.crossings[0].t - at).abs() < 1e-13 && found.avoided.is_empty());
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

/// Values that are small beside the largest of the whole range, and not beside those at their place.
#[test]
fn small_singular_values_of_a_long_range_are_listed_once() {
    let squares = Curve { matrix: |t: f64| array![[1e-6 + t * t], [0.0]], slope: |t: f64| array![[2.0 * t], [0.0]] };
    let found = track_singular_values(&squares, -1.0..1e5, &TrackOptions::default()).expect("it is analytic");
    assert_eq!((found.crossings.len(), found.avoided.len()), (0, 1), "{:?}", found.avoided);
    let lines = Curve {
        matrix: |t: f64| array![[1e-3 + t, 0.0], [0.0, 1e-3 - t / 2.0]],
        slope: |_| array![[1.0, 0.0], [0.0, -0.5]],
    };
    let found = track_singular_values(&lines, -1.0..1e6, &TrackOptions::default()).expect("it is analytic");
    let pairs: Vec<_> =
        found.crossings.iter().filter(|place| place.branches == [0, 1]).map(|place| place.value).collect();
    assert_eq!(pairs.len(), 2, "{:?}", found.crossings);
    assert!(pairs.iter().all(|value| *value > 0.0), "{pairs:?}");
}

/// Two values that are equal for long beside a large one do not hide where others cross.
#[test]
fn crossings_beside_values_that_are_equal_for_long() {
    let (a, b) = (1e7, 1e-7);
    let values = move |t: f64| {
        array![a - 0.4 * a * t, -0.9 - 0.76 * t, -0.008 + 0.77 * t, b * (-0.3 + 0.6 * t), b * (-0.9 - 0.9 * t)]
    };
    let slopes = array![-0.4 * a, -0.76, 0.77, b * 0.6, b * -0.9];
    let family = Curve { matrix: |t: f64| Array2::from_diag(&values(t)), slope: |_| Array2::from_diag(&slopes) };
    let found = track(&family, -2.0..2.3, &TrackOptions::default()).expect("it is analytic");
    // The columns of the two clear ones at the beginning, when the second is the least value.
    let at = -0.892 / 1.53;
    let places: Vec<_> = found.crossings.iter().filter(|place| (place.t - at).abs() < 1e-6).collect();
    assert_eq!(places.len(), 1, "{:?}", found.crossings);
    assert_eq!(places[0].branches, [0, 3]);
    assert!((places[0].value - (-0.9 - 0.76 * at)).abs() < 1e-6, "{:?}", places[0]);
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
