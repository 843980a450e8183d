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
    let powers = [least, T::LEAST_NORMAL, T::LEAST_NORMAL / 8 * 7, T::LEAST_NORMAL / 2, 0, most / 2, most];
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

each_type!(every_unit);
