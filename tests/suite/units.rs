//! Least squares with columns in units anywhere in the range of the type: the answer is that of the plain problem in those units.
//! Second floor of the tests: small integers times powers of two, so that entries, solution and residual are exact.
//! Must not tolerate more than roundings of a well-conditioned problem, in each coefficient by itself.

use super::generate::*;
use lapwing::Error;
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

/// Rows come twice, so that a right-hand side of opposite signs is orthogonal to the columns.
const ROWS: [[f64; 3]; 4] = [[1.0, 1.0, 0.0], [1.0, -1.0, 2.0], [1.0, 1.0, -3.0], [2.0, -2.0, 1.0]];
const X: [f64; 3] = [1.0, -2.0, 3.0];
const NOISE: [f64; 4] = [1.0, -1.0, 2.0, 0.0];

/// x·2^e without leaving the range on the way.
fn shifted(x: f64, e: i32) -> f64 {
    let half = e / 2;
    x * f64::from(half).exp2() * f64::from(e - half).exp2()
}

/// A·D and b with the residual of [`NOISE`], times 2^`of_b`.
fn in_units<T: Scalar>(units: [i32; 3], of_b: i32) -> (Array2<T>, Array1<T>) {
    let entry = |x: f64, e: i32| T::narrow(C64::new(shifted(x, e), 0.0));
    let a = Array2::from_shape_fn((8, 3), |(i, j)| entry(ROWS[i % 4][j], units[j]));
    let fit = |i: usize| (0..3).map(|j| ROWS[i][j] * X[j]).sum::<f64>();
    let noise = |i: usize| if i < 4 { NOISE[i] } else { -NOISE[i - 4] };
    let b = Array1::from_shape_fn(8, |i| entry(fit(i % 4) + noise(i), of_b));
    (a, b)
}

/// The coefficients of [`X`] in units of 2^(of_b − units), or none where one is beyond the range.
fn expected<T: Scalar>(units: [i32; 3], of_b: i32) -> Option<[f64; 3]> {
    let x = std::array::from_fn(|j| shifted(X[j], of_b - units[j]));
    x.iter().all(|x: &f64| x.abs() <= T::MAX).then_some(x)
}

/// Errors of the plain problem, whose columns are 30 degrees apart or more.
fn tolerance<T: Scalar>(x: f64) -> f64 {
    (100.0 * T::EPS * x.abs()).max(2.0 * f64::from(T::LEAST_SUBNORMAL).exp2())
}

fn every_unit<T: Scalar>() {
    let (least, most) = (T::LEAST_SUBNORMAL, T::MAX.log2() as i32 - 4);
    let powers = [least, T::LEAST_NORMAL, T::LEAST_NORMAL / 4 * 3, T::LEAST_NORMAL / 2, 0, most / 2, most];
    let mut refused = 0;
    for units in powers.iter().flat_map(|&i| powers.map(|j| [i, j, 0])).flat_map(|[i, j, _]| powers.map(|k| [i, j, k]))
    {
        for of_b in [T::LEAST_NORMAL / 2, 0, most / 2] {
            let (a, b) = in_units::<T>(units, of_b);
            for method in Method::ALL {
                let case = (T::NAME, units, of_b, method);
                let found = a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() });
                let Some(x) = expected::<T>(units, of_b) else {
                    assert!(matches!(found, Err(Error::Overflow { .. })), "{case:?}: {found:?}");
                    refused += 1;
                    continue;
                };
                let found = found.unwrap_or_else(|error| panic!("{error}: {case:?}"));
                assert_eq!(found.rank, 3, "{case:?}");
                let kappa = found.condition.map(T::f64_of);
                assert!(kappa.is_none_or(|kappa| (1.0..=T::MAX).contains(&kappa)), "{kappa:?}: {case:?}");
                let noise = shifted(12.0_f64.sqrt(), of_b);
                let told = T::f64_of(found.residual_norm);
                assert!((told - noise).abs() <= 1000.0 * T::EPS * noise, "{told} for {noise}: {case:?}");
                for (found, x) in found.x.iter().zip(x) {
                    let found = found.wide();
                    assert!((found.re - x).abs() <= tolerance::<T>(x) && found.im == 0.0, "{found} for {x}: {case:?}");
                }
            }
        }
    }
    assert!(refused > 0);
}

/// Rows of a wide matrix in units of their own, with b in the same: units of rows do not change the shortest solution Aᵀy.
fn every_unit_of_a_row<T: Scalar>() {
    let y = X;
    let x: Vec<f64> = (0..8).map(|i| (0..3).map(|j| ROWS[i % 4][j] * y[j]).sum()).collect();
    let b: [f64; 3] = std::array::from_fn(|j| (0..8).map(|i| ROWS[i % 4][j] * x[i]).sum());
    let (least, most) = (T::LEAST_SUBNORMAL, T::MAX.log2() as i32 - 8);
    let powers = [least, T::LEAST_NORMAL, T::LEAST_NORMAL / 4 * 3, T::LEAST_NORMAL / 2, 0, most / 2, most];
    let mut tried = 0;
    for units in powers.iter().flat_map(|&i| powers.map(|j| [i, j, 0])).flat_map(|[i, j, _]| powers.map(|k| [i, j, k]))
    {
        for of_b in [T::LEAST_NORMAL / 2, 0, most / 2] {
            if units.iter().any(|unit| !(least..=most).contains(&(unit + of_b))) {
                continue;
            }
            tried += 1;
            let entry = |x: f64, e: i32| T::narrow(C64::new(shifted(x, e), 0.0));
            let a = Array2::from_shape_fn((3, 8), |(j, i)| entry(ROWS[i % 4][j], units[j]));
            let b = Array1::from_shape_fn(3, |j| entry(b[j], units[j] + of_b));
            for method in Method::ALL.into_iter().filter(|&method| method != Method::RefinedNormalEquations) {
                let case = (T::NAME, units, of_b, method);
                let options = LstsqOptions { method, ..Default::default() };
                let found = a.lstsq_with(&b, &options).unwrap_or_else(|error| panic!("{error}: {case:?}"));
                assert_eq!(found.rank, 3, "{case:?}");
                let kappa = found.condition.map(T::f64_of);
                assert!(kappa.is_none_or(|kappa| (1.0..=T::MAX).contains(&kappa)), "{kappa:?}: {case:?}");
                for (found, &x) in found.x.iter().zip(&x) {
                    let (found, x) = (found.wide(), shifted(x, of_b));
                    // Entries that are 0 in exact arithmetic are as wrong as the others.
                    let allowed = tolerance::<T>(x.abs().max(shifted(1.0, of_b)));
                    assert!((found.re - x).abs() <= allowed && found.im == 0.0, "{found} for {x}: {case:?}");
                }
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

/// Each right-hand side is solved as if it stood alone, whatever stands beside it.
fn right_hand_sides_in_units_of_their_own<T: Scalar>() {
    let (least, most) = (T::LEAST_NORMAL + 8, T::MAX.log2() as i32 - 8);
    let powers = [least, least / 2, 0, most / 2, most];
    let (a, _) = in_units::<T>([0; 3], 0);
    let (a, wide) = (a.clone(), a.slice(ndarray::s![..4, ..]).t().to_owned());
    let columns: Vec<Array1<T>> = powers.iter().map(|&power| in_units::<T>([0; 3], power).1).collect();
    let b = ndarray::stack(ndarray::Axis(1), &columns.iter().map(|b| b.view()).collect::<Vec<_>>()).unwrap();
    for method in Method::ALL {
        let options = LstsqOptions { method, ..Default::default() };
        let found = a.lstsq_with(&b, &options).unwrap();
        for (k, &power) in powers.iter().enumerate() {
            let noise = shifted(12.0_f64.sqrt(), power);
            let told = T::f64_of(found.residual_norm[k]);
            assert!((told - noise).abs() <= 1000.0 * T::EPS * noise, "{told} for {noise}: {} {method:?}", T::NAME);
            for (found, x) in found.x.column(k).iter().zip(X) {
                let (found, x) = (found.wide().re, shifted(x, power));
                assert!((found - x).abs() <= tolerance::<T>(x), "{found} for {x}: {} {method:?} {power}", T::NAME);
            }
        }
        if method == Method::RefinedNormalEquations {
            continue;
        }
        let of_wide = wide.lstsq_with(&b.slice(ndarray::s![..3, ..]), &options).unwrap();
        for (k, b) in columns.iter().enumerate() {
            let alone = wide.lstsq_with(&b.slice(ndarray::s![..3]), &options).unwrap();
            for (x, alone) in of_wide.x.column(k).iter().zip(&alone.x) {
                let (x, alone) = (x.wide().re, alone.wide().re);
                let size = shifted(8.0, powers[k]);
                assert!((x - alone).abs() <= tolerance::<T>(size), "{x} and {alone}: {} {method:?}", T::NAME);
            }
        }
    }
}

/// What one power of two for b would round to 0 is not called orthogonal.
#[test]
fn nothing_is_lost_before_it_is_compared_with_zero() {
    for (large, small) in [(1e300, 1e-200), (1e170, 1e-290), (1e300, 5e-324)] {
        let (a, b) = (ndarray::array![[0.0], [1.0]], ndarray::array![large, small]);
        match a.lstsq_with(&b, &LstsqOptions { method: Method::Refined, rcond: None }) {
            Ok(found) => assert_eq!(found.x[0], small),
            Err(error) => assert!(matches!(error, Error::NoConvergence { .. }), "{error}"),
        }
    }
}

each_type!(every_unit, every_unit_of_a_row, right_hand_sides_in_units_of_their_own);
