//! Singular values of matrices to which a row or a column is added, against a fresh decomposition and against answers that are known.
//! Second floor of the tests: matrices from `gen.rs`, judged here and by `residual.rs`.
//! Must not weaken a bound: each is derived where it stands.

use lapwing::Error;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis, array, concatenate};

use super::generate::*;
use super::residual::{self, Verdict, fact, hold, wide, wide_reals, within};

/// The constant of `singular_values_with_row`: values are within C·max(m, n)·ε·(‖A‖ + ‖r‖), of which both decompositions take a small multiple and
/// deflation 8·n·ε.
const C: f64 = 10.0;

/// |found − fresh| <= C·d·ε·scale.
fn near(found: &[f64], fresh: &[f64], d: usize, scale: f64, eps: f64) -> Verdict {
    fact("as many values", found.len() == fresh.len())?;
    let apart = found.iter().zip(fresh).map(|(x, y)| (x - y).abs());
    let most = apart.fold(0.0, |most: f64, x| if x.is_nan() || x > most { x } else { most });
    within("values against a fresh decomposition", most, C * d as f64 * eps * scale)
}

/// μ₁ >= σ₁ >= μ₂ >= σ₂ >= …; exactly.
fn interlacing(old: &[f64], new: &[f64]) -> Verdict {
    residual::descending(new)?;
    fact("bounded by the value of its own number", new.iter().zip(old).all(|(x, y)| x >= y))?;
    fact("bounded by the value before", new.iter().skip(1).zip(old).all(|(x, y)| x <= y))
}

/// Σμ² = Σσ² + ‖r‖², to the rounding of d values of size `scale`.
fn squares(old: &[f64], new: &[f64], length: f64, d: usize, scale: f64, eps: f64) -> Verdict {
    let sum = |values: &[f64]| values.iter().map(|x| (x / scale).powi(2)).sum::<f64>();
    let off = sum(new) - sum(old) - (length / scale).powi(2);
    within("the squares add up", off.abs(), 2.0 * C * (d * d) as f64 * eps)
}

/// All that is asked, for a matrix and a row as they are in T; of both, and of their adjoints with a column.
fn judge<T: Scalar>(case: &str, a: &Wide, row: &Wide) {
    let (a, row) = (narrow::<T>(a), narrow::<T>(row).row(0).to_owned());
    let stacked = concatenate![Axis(0), wide(&a), row.mapv(|x| x.wide()).insert_axis(Axis(0))];
    let fresh = stacked.singular_values().expect("a good matrix");
    let d = stacked.nrows().max(stacked.ncols());
    let length = row.iter().map(|x| x.wide().norm()).fold(0.0, f64::hypot);
    for (options, extent) in [(SvdOptions::thin(), "thin"), (SvdOptions::full(), "full")] {
        let case = format!("{extent}, {case}");
        let svd = a.svd_with(&options, &mut Workspace::new()).expect("a good matrix");
        let of_adjoint = a.t().mapv(|x| x.conj()).svd_with(&options, &mut Workspace::new()).expect("a good matrix");
        let by_row = svd.singular_values_with_row(&row).expect(&case);
        let by_column = of_adjoint.singular_values_with_column(&row.mapv(|x| x.conj())).expect(&case);
        for (values, old) in [(by_row, &svd.s), (by_column, &of_adjoint.s)] {
            let (found, old) = (wide_reals::<T>(&values), wide_reals::<T>(old));
            let scale = old.first().copied().unwrap_or(0.0) + length;
            hold(&case, near(&found, fresh.as_slice().unwrap(), d, scale, T::EPS));
            hold(&case, interlacing(&old, &found));
            if scale > 0.0 {
                hold(&case, squares(&old, &found, length, d, scale, T::EPS));
            }
        }
    }
}

fn against_a_fresh_decomposition<T: Scalar>() {
    let mut turn = 0;
    for &(m, n) in SMALL.iter().chain(&MEDIUM).chain(&[(70, 60), (60, 70)]) {
        for spectrum in Spectrum::ALL {
            for scale in Scale::ALL {
                turn += 1;
                let (mut rng, k) = (Rng::new(turn), m.min(n));
                let factor = scale.factor::<T>();
                let values: Vec<f64> = spectrum.values(k, 0.1 / T::EPS).iter().map(|x| x * factor).collect();
                let known = general::<T>(&mut rng, m, n, &values);
                let size = [1.0, 1e-3, 0.03][turn as usize % 3] * factor;
                // Anything; in the space of the first rows of Vᴴ; a right singular vector, of a wide matrix outside its rows; of graded components; 0.
                let weight = |i: usize| match turn % 5 {
                    1 => f64::from(i < k),
                    2 => f64::from(i + 1 == n),
                    3 => 10f64.powf(-20.0 * i as f64 / n as f64),
                    _ => 0.0,
                };
                let components = Wide::from_shape_fn((1, n), |(_, i)| C64::from(weight(i) * size));
                let row = if turn % 5 == 0 {
                    normal::<T>(&mut rng, 1, n) * C64::from(size)
                } else {
                    components.dot(&adjoint(&known.v))
                };
                judge::<T>(&format!("{m}×{n}, {spectrum:?}, {scale:?}, row {}", turn % 5), &known.a, &row);
            }
        }
    }
}

/// diag(σ), whose decomposition is exact.
fn diagonal<T: Scalar>(s: &[f64], n: usize) -> Svd<T> {
    let mut vh = Array2::zeros((s.len(), n));
    vh.diag_mut().fill(T::one());
    Svd { u: Array2::eye(s.len()), s: s.iter().map(|&x| T::real_of(x)).collect(), vh }
}

fn with_row<T: Scalar>(s: &[f64], row: &[f64]) -> Vec<f64> {
    let row: Array1<T> = row.iter().map(|&x| T::narrow(C64::from(x))).collect();
    wide_reals::<T>(&diagonal::<T>(s, row.len()).singular_values_with_row(&row).expect("a good matrix"))
}

/// Right triangles of integers, and what stays as it is.
fn known_values<T: Scalar>() {
    assert!(with_row::<T>(&[], &[]).is_empty());
    assert_eq!(with_row::<T>(&[], &[3.0, 4.0]), [5.0]);
    assert_eq!(with_row::<T>(&[3.0, 1.0], &[4.0, 0.0]), [5.0, 1.0]);
    assert_eq!(with_row::<T>(&[5.0, 5.0, 2.0], &[0.0, 12.0, 0.0]), [13.0, 5.0, 2.0]);
    assert_eq!(with_row::<T>(&[4.0, 2.0], &[0.0, 0.0, 3.0]), [4.0, 3.0, 2.0]);
    assert_eq!(with_row::<T>(&[4.0, 2.0], &[0.0, 0.0, 0.0]), [4.0, 2.0, 0.0]);
    assert_eq!(with_row::<T>(&[4.0, 2.0], &[0.0, 0.0]), [4.0, 2.0]);
    assert_eq!(with_row::<T>(&[0.0, 0.0], &[3.0, 4.0]), [5.0, 0.0]);
}

/// n equal values, and a row of ones: one of them becomes √(σ² + n).
fn equal_values<T: Scalar>() {
    for n in 1..9 {
        let found = with_row::<T>(&vec![2.0; n], &vec![1.0; n]);
        assert_eq!(found[1..], vec![2.0; n - 1]);
        hold(&n, residual::relative("√(σ² + n)", found[0], (4.0 + n as f64).sqrt(), 4.0 * T::EPS));
    }
}

/// Powers of two in A and r come out as powers of two, bit by bit, up to the ends of the range.
fn scales<T: Scalar>() {
    let mut rng = Rng::new(3);
    let svd = narrow::<T>(&general::<T>(&mut rng, 9, 12, &Spectrum::Geometric.values(9, 1e3)).a)
        .svd()
        .expect("a good matrix");
    let row = narrow::<T>(&normal::<T>(&mut rng, 1, 12)).row(0).to_owned();
    let with = |k: i32| {
        let power = T::real_of(f64::from(k).exp2());
        let scaled = Svd { s: svd.s.mapv(|x| x * power), ..svd.clone() };
        scaled.singular_values_with_row(&row.mapv(|x| x * T::from_real(power))).expect("a good matrix")
    };
    let far = if T::EPS < 1e-10 { 1000 } else { 110 };
    for k in [far, -far] {
        assert_eq!(with(k), with(0).mapv(|x| x * T::real_of(f64::from(k).exp2())));
    }
}

each_type! {
    against_a_fresh_decomposition,
    known_values,
    equal_values,
    scales,
}

#[test]
fn what_is_refused() {
    let svd = array![[3.0, 1.0], [1.0, 2.0], [0.0, 1.0]].svd().expect("a good matrix");
    let refused = |svd: &Svd<f64>, row: &[f64]| svd.singular_values_with_row(&Array1::from(row.to_vec())).unwrap_err();
    let shape =
        |what, expected: &str, found: &str| Error::Shape { what, expected: expected.into(), found: found.into() };
    assert_eq!(refused(&svd, &[1.0; 3]), shape("the row to be added", "2", "3"));
    let column = svd.singular_values_with_column(&array![1.0, 2.0]);
    assert_eq!(column.unwrap_err(), shape("the column to be added", "3", "2"));
    let short = Svd { vh: array![[1.0, 0.0]], ..svd.clone() };
    assert_eq!(refused(&short, &[1.0; 2]), shape("the singular vectors", "at least 2 rows and columns", "2×1"));
    for bad in [f64::NAN, f64::INFINITY] {
        assert_eq!(refused(&svd, &[0.0, bad]), Error::NonFinite { row: 1, col: 0 });
        let mut spoilt = svd.clone();
        spoilt.vh[(0, 1)] = bad;
        assert!(matches!(refused(&spoilt, &[1.0, 2.0]), Error::NonFinite { .. }));
        spoilt.s[0] = bad;
        assert!(matches!(refused(&spoilt, &[1.0, 2.0]), Error::Parameter { what: "singular values", .. }));
    }
    for s in [array![1.0, 2.0], array![1.0, -1.0]] {
        let error = refused(&Svd { s, ..svd.clone() }, &[1.0, 2.0]);
        assert!(matches!(error, Error::Parameter { what: "singular values", .. }), "{error}");
    }
    assert_eq!(refused(&svd, &[f64::MAX, f64::MAX]), Error::Overflow { what: "a singular value" });
}

/// Each oracle of this file accepts the right answer and refuses a wrong one, such as roots of the eigenvalues of AᴴA.
#[test]
fn wrong_answers() {
    let refused = |oracle: &str, verdict: Verdict| assert_eq!(verdict.unwrap_err().oracle, oracle);
    let (old, eps) = ([3.0, 1.0], f64::EPSILON);
    let new = [5.0, 1.0];
    near(&new, &new, 3, 7.0, eps).unwrap();
    interlacing(&old, &new).unwrap();
    squares(&old, &new, 4.0, 3, 7.0, eps).unwrap();
    let off = 3.0 * C * 3.0 * eps * 7.0;
    refused("values against a fresh decomposition", near(&[5.0, 1.0 + off], &new, 3, 7.0, eps));
    refused("as many values", near(&new[..1], &new, 3, 7.0, eps));
    refused("bounded by the value of its own number", interlacing(&old, &[5.0, 1.0 - eps]));
    refused("bounded by the value before", interlacing(&old, &[5.0, 3.0 + 2.0 * eps]));
    refused("descending", interlacing(&old, &[1.0, 5.0]));
    refused("the squares add up", squares(&old, &[5.0 + 10.0 * off, 1.0], 4.0, 3, 7.0, eps));
    let mut rng = Rng::new(1);
    let a = narrow::<f64>(&general::<f64>(&mut rng, 6, 4, &[1.0, 1e-3, 1e-6, 1e-9]).a);
    let known = a.singular_values().expect("a good matrix");
    let squared = a.t().dot(&a).eigvalsh().expect("a good matrix").mapv(|x| x.max(0.0).sqrt());
    let squared: Vec<f64> = squared.iter().rev().copied().collect();
    refused("values against a fresh decomposition", near(&squared, known.as_slice().unwrap(), 6, 2.0, eps));
}

/// Beside 1e300 a value of 1e-300 is far below rounding, and stays where interlacing has it all the same; the unit is
/// that of the largest.
#[test]
fn values_below_rounding_interlace() {
    let svd = Svd::<f64> { u: Array2::eye(2), s: array![1e300, 1e-300], vh: Array2::eye(2) };
    for row in [array![1e-310, 1e-310], array![1e-310, 1e-300], array![0.0, 0.0]] {
        let values = svd.singular_values_with_row(&row).expect("a good row");
        assert!(values[0] == 1e300 && (1e-300..=1e-299).contains(&values[1]), "{values:e}");
    }
}
