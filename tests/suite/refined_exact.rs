//! Extra-precise refinement against rational arithmetic: random problems over condition numbers, residuals and units, in
//! all four types, and NIST's data sets.
//! Second floor of the tests. Must not compare with another floating-point method.

use super::exact_nist;
use super::generate::*;
use lapwing::lstsq::exact::{self, Options, Rational};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Ix1, s};

fn refined<T: Scalar>(a: &Array2<T>, b: &Array1<T>) -> lapwing::Result<Solution<T, Ix1>> {
    a.lstsq_with(b, &LstsqOptions { method: Method::Refined, ..Default::default() })
}

/// The exact parts of the solution of a complex problem, from the real one of twice the size.
pub(super) fn exactly(a: &Wide, b: &Array1<C64>) -> Vec<[Rational; 2]> {
    let (m, n) = a.dim();
    let doubled = Array2::from_shape_fn((2 * m, 2 * n), |(i, j)| {
        let z = a[(i % m, j % n)];
        match (i < m, j < n) {
            (true, true) | (false, false) => z.re,
            (true, false) => -z.im,
            (false, true) => z.im,
        }
    });
    let right = Array1::from_shape_fn(2 * m, |i| if i < m { b[i].re } else { b[i - m].im });
    let x = exact::lstsq(&doubled, &right, Options::default()).expect("full rank").x;
    (0..n).map(|j| [x[j].clone(), x[n + j].clone()]).collect()
}

/// The largest |x̂ⱼ − xⱼ|/|xⱼ| in units of ε; for complex numbers |·| is the absolute value.
fn worst<T: Scalar>(found: &Array1<T>, exact: &[[Rational; 2]]) -> f64 {
    let error = |(x, [re, im]): (&T, &[Rational; 2])| {
        let x = x.wide();
        re.error_of(x.re).hypot(im.error_of(x.im)) / re.to_f64().hypot(im.to_f64())
    };
    found.iter().zip(exact).map(error).fold(0.0, f64::max) / T::EPS
}

/// A matrix with a given κ₂ and b = A·x + r with ‖r‖ = residual·‖A‖‖x‖, as stored.
fn problem<T: Scalar>(shape: (usize, usize), spectrum: Spectrum, kappa: f64, residual: f64, seed: u64) -> (Wide, Wide) {
    let mut rng = Rng::new(seed);
    let (m, n) = shape;
    let known = general::<T>(&mut rng, m, n, &spectrum.values(m.min(n), kappa));
    let x = normal::<T>(&mut rng, n, 1);
    let mut b = known.a.dot(&x);
    if m > n && residual > 0.0 {
        let outside = known.u.slice(s![.., n..]).dot(&normal::<T>(&mut rng, m - n, 1));
        let norm = |x: &Wide| x.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
        b += &(&outside * C64::new(residual * norm(&x) / norm(&outside), 0.0));
    }
    (rounded::<T>(&known.a), rounded::<T>(&b))
}

/// One rounding and no more: half an ε for a real number, and what refinement may leave. Rounding both parts of a complex
/// number errs by as much relative to its absolute value.
const MOST: f64 = 0.75;

fn every_coefficient_is_right<T: Scalar>() {
    let (mut seed, mut of_qr) = (0, 0.0_f64);
    for shape in [(1, 1), (6, 6), (30, 5), (40, 12), (4, 9)] {
        for spectrum in [Spectrum::Geometric, Spectrum::OneSmall, Spectrum::Clustered] {
            for step in 0..8 {
                // Up to κ·ε = 1e-2.
                let kappa = (1e-2 / T::EPS).powf(f64::from(step) / 7.0);
                for residual in [0.0, 1e-6, 1.0, 1e4] {
                    seed += 1;
                    let (a, b) = problem::<T>(shape, spectrum, kappa, residual, seed);
                    let column = b.column(0).to_owned();
                    let (a, b) = (narrow::<T>(&a), column.mapv(T::narrow));
                    let found = refined(&a, &b)
                        .unwrap_or_else(|e| panic!("{e}: {shape:?} {spectrum:?} {kappa:e} {residual:e}"));
                    let exact = exactly(&a.mapv(T::wide), &b.mapv(T::wide));
                    let error = worst(&found.x, &exact);
                    assert!(error <= MOST, "{error} ε: {shape:?} {spectrum:?} κ = {kappa:e}, residual {residual:e}");
                    let qr = a.lstsq_with(&b, &LstsqOptions { method: Method::Qr, ..Default::default() });
                    of_qr = of_qr.max(qr.map_or(0.0, |qr| worst(&qr.x, &exact)));
                }
            }
        }
    }
    assert!(of_qr > 1e4, "QR alone must be seen to err: {of_qr} ε");
}

/// Two columns that are equal but for e: one correction in some hundreds is small by chance, and the answer after it is wrong all the
/// same.
fn pairs_of_nearly_equal_columns<T: Scalar>() {
    let mut rng = Rng::new(3000);
    for exponent in [0.5, 0.56, 0.62] {
        let e = T::EPS.powf(exponent);
        for seed in 0..300 {
            let mut near = || C64::new(e * (1.0 + 0.3 * (2.0 * rng.uniform() - 1.0)), 0.0);
            let (first, second) = (near(), near());
            let one = C64::new(1.0, 0.0);
            let a = ndarray::array![[first, C64::ZERO], [C64::ZERO, second], [one, one]].mapv(T::narrow);
            let b = normal::<T>(&mut rng, 3, 1).column(0).mapv(T::narrow);
            let found = refined(&a, &b).unwrap_or_else(|error| panic!("{error}: {e:e}, {seed}"));
            let error = worst(&found.x, &exactly(&a.mapv(T::wide), &b.mapv(T::wide)));
            assert!(error <= MOST, "{error} ε: {e:e}, {seed}");
        }
    }
}

/// Many rows and columns beside a large residual: what is known beforehand of the residuals' rounding would not do here, what is
/// measured does.
#[test]
fn many_coefficients_beside_a_large_residual() {
    for (seed, kappa) in [1e7, 1e10, 5e12].into_iter().enumerate() {
        let (a, b) = problem::<f64>((200, 60), Spectrum::Geometric, kappa, 1.0, 2000 + seed as u64);
        let (a, b) = (narrow::<f64>(&a), b.column(0).mapv(f64::narrow));
        let found = refined(&a, &b).unwrap_or_else(|e| panic!("{e}: {kappa:e}"));
        let exact = exact::lstsq(&a, &b, Options::default()).expect("full rank").x;
        let error = worst(&found.x, &exact.iter().map(|x| [x.clone(), Rational::zero()]).collect::<Vec<_>>());
        assert!(error <= MOST, "{error} ε: κ = {kappa:e}");
    }
}

/// Columns in units from 2⁻³⁰ to 2³⁰, and nearly dependent besides.
fn units_and_nearly_dependent_columns<T: Scalar>() {
    for seed in 0..20 {
        let (mut a, b) = problem::<T>((25, 6), Spectrum::Geometric, 100.0, 0.1, 1000 + seed);
        let near = a.column(1).mapv(|z| z * (1.0 + 64.0 * T::EPS));
        let mut last = a.column_mut(5);
        last *= C64::new(30.0 * T::EPS.sqrt(), 0.0);
        last += &near;
        let a = rounded::<T>(&scale_columns(&a, &[1.0, 2f64.powi(30), 3e-9, 7e8, 1.0, 2f64.powi(-30)]));
        let (a, b) = (narrow::<T>(&a), b.column(0).mapv(T::narrow));
        let found = refined(&a, &b).unwrap();
        let error = worst(&found.x, &exactly(&a.mapv(T::wide), &b.mapv(T::wide)));
        assert!(error <= MOST, "{error} ε: {seed}");
    }
}

/// The judge under test.
#[test]
fn an_error_of_one_unit_is_seen() {
    let exact = [[Rational::from(3), Rational::zero()]];
    assert_eq!(worst::<f64>(&Array1::from(vec![3.0]), &exact), 0.0);
    assert!(worst::<f64>(&Array1::from(vec![3.0 + 4.0 * f64::EPSILON]), &exact) > 1.0);
    assert!(worst::<C64>(&Array1::from(vec![C64::new(3.0, 4.0 * f64::EPSILON)]), &exact) > 1.0);
}

/// All eleven sets are within reach: each coefficient is the stored matrix's, but for its rounding.
#[test]
fn nist() {
    let mut lost = 0.0_f64;
    for (name, a, b) in exact_nist::problems() {
        let (a, b) = (a.map(Rational::to_f64), b.map(Rational::to_f64));
        let exact = exact::lstsq(&a, &b, Options::default()).expect("full rank").x;
        let exact: Vec<[Rational; 2]> = exact.iter().map(|x| [x.clone(), Rational::zero()]).collect();
        let found = refined(&a, &b).unwrap_or_else(|e| panic!("{name}: {e}"));
        let error = worst(&found.x, &exact);
        assert!(error <= MOST, "{name}: {error} ε");
        let qr = a.lstsq_with(&b, &LstsqOptions { method: Method::Qr, ..Default::default() }).expect("full rank");
        lost = lost.max(worst(&qr.x, &exact));
    }
    assert!(lost > 1e5, "QR alone must be seen to err: {lost} ε");
}

each_type!(every_coefficient_is_right, units_and_nearly_dependent_columns, pairs_of_nearly_equal_columns);
