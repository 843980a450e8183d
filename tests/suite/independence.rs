//! Ranks in doubt: long sums make exactly dependent columns look independent, and independent ones look dependent.
//! Second floor of the tests: columns of small integers and of powers of two, dependent or not by construction.
//! Must not leave out an order of memory: the routines sum in another order along rows.

use super::generate::*;
use lapwing::Error;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ShapeBuilder};

const REFUSING: [Method; 2] = [Method::Qr, Method::Refined];
const DROPPING: [Method; 3] = [Method::PivotedQr, Method::Svd, Method::Auto];

fn by<R>(method: Method) -> LstsqOptions<R> {
    LstsqOptions { method, rcond: None }
}

/// `unit` times a column of ones, and in each row another `unit` in the column of its group: the first is the sum of the others.
fn groups<T: Scalar>(m: usize, n: usize, unit: f64, group: impl Fn(usize) -> usize) -> Array2<T> {
    Array2::from_shape_fn((m, n), |(i, j)| {
        T::narrow(C64::new(if j == 0 || j == 1 + group(i) % (n - 1) { unit } else { 0.0 }, 0.0))
    })
}

fn in_columns<T: Scalar>(a: &Array2<T>) -> Array2<T> {
    let mut columns = Array2::from_elem(a.dim().f(), T::narrow(C64::ZERO));
    columns.assign(a);
    columns
}

/// Sums over so many rows leave up to 0.007·m·ε of a singular value that is 0.
fn dependent_columns_are_told_however_long<T: Scalar>() {
    let (m, n) = (60_000, 4);
    let b = Array1::from_shape_fn(m, |i| T::narrow(C64::new((i % 7) as f64, 0.0)));
    for unit in [1.0, 0.1] {
        for by_rows in [groups::<T>(m, n, unit, |i| i * (n - 1) / m), groups::<T>(m, n, unit, |i| i * i / 3)] {
            for a in [in_columns(&by_rows), by_rows] {
                for method in REFUSING {
                    let found = a.lstsq_with(&b, &by(method));
                    let is_told = matches!(found, Err(Error::RankDeficient { rank: 3, needed: 4 }));
                    assert!(is_told, "{} {method:?} {unit}: {found:?}", T::NAME);
                }
                for method in DROPPING {
                    assert_eq!(a.lstsq_with(&b, &by(method)).unwrap().rank, n - 1, "{} {method:?} {unit}", T::NAME);
                }
            }
        }
    }
}

/// Two columns that differ in one row only, by `units`·ε of their lengths: below m·ε, and yet certain.
fn independent_columns_are_told_however_near<T: Scalar>() {
    let m = 40_000;
    for units in [8192.0, 32_768.0] {
        // Their length is √m = 200; 2 + step has no more bits than the type.
        let step = units * T::EPS * 200.0;
        let entry = |at| if at == (0, 1) { 1.0 + step } else { 1.0 };
        let by_rows = Array2::from_shape_fn((m, 2), |at| T::narrow(C64::new(entry(at), 0.0)));
        let b = by_rows.sum_axis(ndarray::Axis(1));
        for a in [in_columns(&by_rows), by_rows] {
            for method in [Method::Qr, Method::Refined, Method::PivotedQr, Method::Svd, Method::Auto] {
                let found = a.lstsq_with(&b, &by(method)).unwrap_or_else(|e| panic!("{e}: {} {method:?}", T::NAME));
                assert_eq!(found.rank, 2);
                // κ₂ = 2/(units·ε), and roundings of less than 0.005·m·ε.
                let allowed = if method == Method::Refined { T::EPS } else { 0.01 * m as f64 / units };
                let worst = found.x.iter().map(|x| (x.wide() - 1.0).norm()).fold(0.0, f64::max);
                assert!(worst <= allowed, "{worst} {} {method:?} {units}", T::NAME);
            }
        }
    }
}

/// A copy of a column beside one that is near, but independent: the rank falls by one, and what the near one says is kept.
fn dependent_columns_do_not_hide_near_ones<T: Scalar>() {
    let m = 40_000;
    let step = 32_768.0 * T::EPS * 200.0;
    let entry = |at| if at == (0, 1) { 1.0 + step } else { 1.0 };
    let by_rows = Array2::from_shape_fn((m, 3), |at| T::narrow(C64::new(entry(at), 0.0)));
    let b = by_rows.column(1).to_owned();
    for a in [in_columns(&by_rows), by_rows] {
        for method in REFUSING {
            let found = a.lstsq_with(&b, &by(method));
            assert!(matches!(found, Err(Error::RankDeficient { rank: 2, needed: 3 })), "{} {method:?}", T::NAME);
        }
        for method in DROPPING {
            let found = a.lstsq_with(&b, &by(method)).unwrap();
            assert_eq!(found.rank, 2, "{} {method:?}", T::NAME);
            for (x, expected) in found.x.iter().zip([0.0, 1.0, 0.0]) {
                let allowed = 0.01 * m as f64 / 32_768.0;
                assert!((x.wide() - expected).norm() <= allowed, "{x} for {expected}: {} {method:?}", T::NAME);
            }
        }
    }
}

/// In rows or in columns, what is lost to roundings of long sums is of the order of what QR of columns loses.
fn rows_are_as_good_as_columns<T: Scalar>() {
    let m = 100_000;
    let by_rows = Array2::from_shape_fn((m, 2), |(i, j)| {
        let other = if i == m / 2 && j == 1 { 3.0 } else { 0.0 };
        T::narrow(C64::new(((i * 37 + i / 64) % 64 + 1) as f64 + other, 0.0))
    });
    let b = by_rows.column(1).to_owned();
    for a in [in_columns(&by_rows), by_rows] {
        for method in [Method::Qr, Method::PivotedQr, Method::Svd, Method::Refined, Method::Auto] {
            let found = a.lstsq_with(&b, &by(method)).unwrap_or_else(|error| panic!("{error}: {} {method:?}", T::NAME));
            assert_eq!(found.rank, 2, "{} {method:?}", T::NAME);
            // The columns differ by 3 in a length of some 10⁴: κ₂ = 8e3.
            for (x, expected) in found.x.iter().zip([0.0, 1.0]) {
                let error = (x.wide() - expected).norm();
                assert!(error <= 8e3 * 100.0 * T::EPS, "{error:e}: {} {method:?}", T::NAME);
            }
        }
    }
}

each_type!(
    dependent_columns_do_not_hide_near_ones,
    rows_are_as_good_as_columns,
    dependent_columns_are_told_however_long,
    independent_columns_are_told_however_near
);
