//! Functions of matrices: divided differences against closed forms at every distance, and the derivatives that they make.
//! Second floor of the tests; must not take agreement of one rule with another for truth.

use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array2, array};

use super::differences::{norm, wide};
use super::generate::{C64, Rng, Scalar, Spectrum, adjoint, each_type, hermitian, narrow};

/// The derivative of tr f(S) is f′(S).
fn traces_of_spectral_functions<T: Scalar>() {
    let mut rng = Rng::new(18);
    for spectrum in [Spectrum::Arithmetic, Spectrum::Repeated, Spectrum::Clustered] {
        let s = narrow::<T>(&hermitian::<T>(&mut rng, &spectrum.values(5, 10.0)).a);
        let eigh = s.eigh().expect("a good matrix");
        let one = Array2::<T>::eye(5);
        let x = eigh.values.mapv(|x| T::f64_of(x));
        let expect = |slope: &dyn Fn(f64) -> f64, found: Array2<T>| {
            let q = wide(&eigh.vectors);
            let d = Array2::from_diag(&x.mapv(|x| C64::new(slope(x), 0.0)));
            let expected = q.dot(&d).dot(&adjoint(&q));
            let error = norm(&narrow::<C64>(&(wide(&found) - &expected))) / norm(&narrow::<C64>(&expected));
            assert!(error < 50.0 * T::EPS, "{error:e}");
        };
        expect(&|x| x.exp(), spectral(&eigh, Exp).and_then(|f| f.vjp(&one)).expect("it exists"));
        expect(&|x| 1.0 / x, spectral(&eigh, Ln).and_then(|f| f.vjp(&one)).expect("positive"));
        expect(&|x| 0.5 / x.sqrt(), spectral(&eigh, Sqrt).and_then(|f| f.vjp(&one)).expect("positive"));
        expect(&|x| -0.5 / x.powf(1.5), spectral(&eigh, InverseSqrt).and_then(|f| f.vjp(&one)).expect("positive"));
    }
}

/// Divided differences at every distance, against a sum that does not cancel: f[x, y] of x³ is x² + xy + y².
#[test]
fn divided_differences_at_every_distance() {
    let cube = Smooth { function: |x: f64| x * x * x, derivative: |x: f64| 3.0 * x * x };
    let exp = Smooth { function: f64::exp, derivative: f64::exp };
    for exponent in 0..60 {
        let y = 1.0 + f64::from(-exponent).exp2();
        approx::assert_relative_eq!(cube.divided_difference(1.0, y), 1.0 + y + y * y, max_relative = 1e-13);
        let (plain, expected) = (exp.divided_difference(y, 1.0), Exp.divided_difference(1.0, y));
        approx::assert_relative_eq!(plain, expected, max_relative = 1e-13);
        let x = f64::from(-exponent).exp2();
        approx::assert_relative_eq!(exp.divided_difference(x, -x), Exp.divided_difference(x, -x), max_relative = 1e-13);
        let expected = if y == 1.0 { 1.0 } else { (y - 1.0).ln_1p() / (y - 1.0) };
        approx::assert_relative_eq!(Ln.divided_difference(1.0, y), expected, max_relative = 1e-14);
    }
    approx::assert_relative_eq!(Ln.divided_difference(1e-200, 1.0), 200.0 * 10f64.ln(), max_relative = 1e-14);
}

/// Steep functions: at most points nothing is seen of where they change, and what cancels is nothing.
#[test]
fn divided_differences_of_steep_functions() {
    let close = |found: f64, expected: f64| {
        assert!((found - expected).abs() <= 1e-14 * expected.abs().max(1e-300), "{found:e} for {expected:e}");
    };
    let tanh =
        Smooth { function: |x: f64| (100.0 * x).tanh(), derivative: |x: f64| 100.0 / (100.0 * x).cosh().powi(2) };
    close(tanh.divided_difference(-1.0, 1.5), 0.8);
    close(tanh.divided_difference(1.5, -1.0), 0.8);
    let fermi = Smooth {
        function: |x: f64| 1.0 / (1.0 + (x / 0.0259).exp()),
        derivative: |x: f64| -0.25 / 0.0259 / (x / 0.0518).cosh().powi(2),
    };
    close(fermi.divided_difference(-10.0, 15.0), -0.04);
    let bump = Smooth {
        function: |x: f64| (-(100.0 * x).powi(2)).exp(),
        derivative: |x: f64| -2e4 * x * (-(100.0 * x).powi(2)).exp(),
    };
    close(bump.divided_difference(0.0, 2.0), -0.5);
    // Between two places of which neither is on the bump there is nothing; and a wrong derivative does not count.
    assert_eq!(bump.divided_difference(-1.0, 2.0), 0.0);
    let wrong = Smooth { function: |x: f64| x * x, derivative: |_| 7.0 };
    close(wrong.divided_difference(1.0, 1.5), 2.5);
    approx::assert_relative_eq!(wrong.divided_difference(1.0, 1.0 + 1e-5), 2.0, max_relative = 1e-5);
    assert_eq!(wrong.divided_difference(1.0, 1.0), 7.0);
    let single =
        Smooth { function: |x: f32| (100.0 * x).tanh(), derivative: |x: f32| 100.0 / (100.0 * x).cosh().powi(2) };
    approx::assert_relative_eq!(single.divided_difference(-1.0, 1.5), 0.8, max_relative = 1e-6);
    // Differences beyond the range.
    let line = Smooth { function: |x: f64| x, derivative: |_| 1.0 };
    close(line.divided_difference(1.5e308, -1.5e308), 1.0);
}

/// Re tr(B·f(S)) for a random B, along a random direction: f[x, y] for x ≠ y counts, against tr(B·X) with X from the block triangular
/// [S E; 0 S], whose function has df(S) beside its diagonal (N. J. Higham, Functions of Matrices, Theorem 3.6). For a polynomial that is a sum.
#[test]
fn derivatives_of_a_polynomial_of_a_matrix() {
    let mut rng = Rng::new(19);
    let values = [2.0, 1.0, 1.0, 1.0 - 1e-9, -0.5];
    let s = narrow::<f64>(&hermitian::<f64>(&mut rng, &values).a);
    let e = super::differences::hermitian_part(&super::differences::random::<f64>(&mut rng, 5, 5));
    let b = super::differences::random::<f64>(&mut rng, 5, 5);
    let eigh = s.eigh().expect("a good matrix");
    let cubic = Smooth { function: |x: f64| x * x * x - 2.0 * x, derivative: |x: f64| 3.0 * x * x - 2.0 };
    let f = spectral(&eigh, cubic).expect("it is finite");
    let expected = e.dot(&s).dot(&s) + s.dot(&e).dot(&s) + s.dot(&s).dot(&e) - 2.0 * &e;
    let found = f.jvp(&e).expect("it is smooth");
    assert!(norm(&(&found - &expected)) < 1e-13 * norm(&expected));
    let (forward, backward) = ((&b * &found).sum(), (&f.vjp(&b).expect("it is smooth") * &e).sum());
    assert!((forward - backward).abs() < 1e-13 * norm(&b) * norm(&expected));
}

/// A steep function of a matrix whose eigenvectors turn.
#[test]
fn a_steep_function_of_a_matrix() {
    let eigh = array![[-1.0, 0.0], [0.0, 1.5]].eigh().expect("a good matrix");
    let tanh =
        Smooth { function: |x: f64| (100.0 * x).tanh(), derivative: |x: f64| 100.0 / (100.0 * x).cosh().powi(2) };
    let found = spectral(&eigh, tanh).and_then(|f| f.jvp(&array![[0.0, 1.0], [1.0, 0.0]])).expect("it is smooth");
    approx::assert_abs_diff_eq!(found, array![[0.0, 0.8], [0.8, 0.0]], epsilon = 1e-14);
}

each_type! {
    traces_of_spectral_functions,
}

/// Functions that cancel have few digits, and differences of them none: near each other the mean of f′ counts. Points, and f′ there.
#[test]
fn divided_differences_of_functions_that_cancel() {
    type Real = fn(f64) -> f64;
    let cases: [(Real, Real, f64); 4] = [
        (|x| x * x * x - 3.0 * x * x + 3.0 * x - 1.0, |x| 3.0 * (x - 1.0) * (x - 1.0), 1.01),
        (|x| 1.0 - x.cos(), f64::sin, 1e-4),
        (|x| x.exp() - 1.0, f64::exp, 1e-6),
        (|x| x * x - 1.0, |x| 2.0 * x, 1.0),
    ];
    for (function, derivative, x) in cases {
        let smooth = Smooth { function, derivative };
        for gap in [1e-15, 1e-13, 1e-9, 1e-6] {
            let (found, expected) = (smooth.divided_difference(x, x * (1.0 + gap)), derivative(x));
            assert!((found / expected - 1.0).abs() < 1e-13 + 200.0 * gap, "{x}, {gap:e}: {found} for {expected}");
        }
    }
}

/// Odd functions that were written with cancellation are odd all the same, and even ones are not.
#[test]
fn what_is_odd() {
    let svd = Array2::from_diag(&array![1.0, 6.5e-9, 3e-16]).svd().unwrap();
    let logistic = Smooth {
        function: |x: f64| 1.0 / (1.0 + (-x).exp()) - 0.5,
        derivative: |x: f64| 0.25 / (x / 2.0).cosh().powi(2),
    };
    assert!(odd_spectral(&svd, logistic).is_ok());
    let sinh = Smooth { function: |x: f64| (x + (1.0 + x * x).sqrt()).ln(), derivative: |x: f64| 1.0 / x.hypot(1.0) };
    assert!(odd_spectral(&svd, sinh).is_ok());
    let square = Smooth { function: |x: f64| x * x, derivative: |x: f64| 2.0 * x };
    assert!(odd_spectral(&svd, square).is_err() && odd_spectral(&svd, Exp).is_err());
    let shifted = Smooth { function: |x: f64| x.exp() - 1.0, derivative: f64::exp };
    assert!(odd_spectral(&array![[0.01]].svd().unwrap(), shifted).is_err());
}

/// At singular values of zero an odd function acts by its slope there, however many digits it has lost: tanh by halves against tanh.
#[test]
fn odd_functions_that_cancel_at_zero() {
    let a = array![[1.0, 0.1, 0.3], [0.7, 0.07, 0.21], [0.3, 0.03, 0.09], [0.11, 0.011, 0.033]];
    let svd = a.svd().unwrap();
    let logistic = Smooth {
        function: |x: f64| 1.0 / (1.0 + (-x).exp()) - 0.5,
        derivative: |x: f64| 0.25 / (x / 2.0).cosh().powi(2),
    };
    let tanh =
        Smooth { function: |x: f64| 0.5 * (x / 2.0).tanh(), derivative: |x: f64| 0.25 / (x / 2.0).cosh().powi(2) };
    let e = Array2::from_shape_fn((4, 3), |(i, j)| ((3 * i + j) as f64).sin());
    let found = odd_spectral(&svd, logistic).and_then(|f| f.jvp(&e)).unwrap();
    let expected = odd_spectral(&svd, tanh).and_then(|f| f.jvp(&e)).unwrap();
    approx::assert_abs_diff_eq!(found, expected, epsilon = 1e-14);
}
