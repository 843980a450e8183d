//! Branches of families: against families whose eigenvalues are known functions of t, turned by a rotation that moves.
//! Second floor of the tests; must not take ascending order for what is expected.

use lapwing::Error;
use lapwing::deriv::*;
use ndarray::{Array1, Array2, array};

use super::families::{Values, rotation, straight, turned};
use super::generate::{C64, Rng};

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

/// Places at t = 0, at values far below the others, and places where the gap hardly changes: of each there is a mirror image at
/// the negative value, and places and values of the two differ by rounding errors of much larger numbers.
#[test]
fn places_of_singular_values_are_listed_once_wherever_they_are() {
    let counts = |family: &dyn Fn() -> Branches<f64>| {
        let found = family();
        let values = found.crossings.iter().chain(&found.avoided).map(|place| place.value);
        assert!(values.clone().all(|value| value >= 0.0), "{:?}", values.collect::<Vec<_>>());
        (found.crossings.len(), found.avoided.len())
    };
    let options = TrackOptions::default();
    let track = |values: Values| track_singular_values(&turned(values), -1.0..1.0, &options).expect("it is analytic");
    let hyperbola =
        Curve { matrix: |t: f64| array![[2.0 + t, 0.05], [0.05, 2.0 - t]], slope: |_| array![[1.0, 0.0], [0.0, -1.0]] };
    let at_zero = || track_singular_values(&hyperbola, -1.0..1.0, &options).expect("it is analytic");
    assert_eq!(counts(&at_zero), (0, 1), "an avoided crossing at t = 0");
    assert_eq!(
        counts(&|| track(|t| vec![2.0 + 0.1 * (t * t + 0.01).sqrt(), 2.0 - 0.1 * (t * t + 0.01).sqrt()])),
        (0, 1)
    );
    fn lines(t: C64, v: f64) -> Vec<C64> {
        vec![v * (1.0 + 0.2 * (t - 0.3)), v * (1.0 - 0.2 * (t - 0.3)), C64::new(1.0, 0.0)]
    }
    assert_eq!(counts(&|| track(|t| lines(t, 1e-6))), (1, 0), "1e-6 beside 1");
    assert_eq!(counts(&|| track(|t| lines(t, 1e-9))), (1, 0), "1e-9 beside 1");
    assert_eq!(counts(&|| track(|t| lines(t, 1e-12))), (1, 0), "1e-12 beside 1");
    let flat = |t: C64| vec![2.0 + 1e-7 * (t - 0.3), 2.0 - 1e-7 * (t - 0.3), 9.0 + t];
    assert_eq!(counts(&|| track(flat)), (1, 0), "slopes of 1e-7");
}

/// Of a matrix of lower rank singular values are zero throughout, also where others cross.
#[test]
fn values_that_are_zero_throughout_do_not_cross() {
    let cases: [(Values, &[&[usize]]); 2] = [
        // |2e-3 + t| is 1e-3 twice, and meets those that are zero between.
        (|t| vec![C64::new(1e-3, 0.0), 2e-3 + t, zero(), zero()], &[&[0, 1], &[0, 1], &[0, 2, 3]]),
        (|t| vec![C64::new(1.0, 0.0), 1.3 + t, zero()], &[&[0, 1]]),
    ];
    for (values, expected) in cases {
        let found =
            track_singular_values(&turned(values), -1.0..1.0, &TrackOptions::default()).expect("it is analytic");
        let mut branches: Vec<_> = found.crossings.iter().map(|place| place.branches.clone()).collect();
        branches.sort();
        assert_eq!(branches, expected, "{:?}", found.crossings);
    }
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
