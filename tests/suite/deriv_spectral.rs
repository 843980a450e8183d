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

/// What derivatives of odd functions are compared with here.
fn close(found: &Array2<f64>, expected: &Array2<f64>, relative: f64) {
    assert!(norm(&(found - expected)) <= relative * norm(expected), "{found} for {expected}");
}

type Odd = Smooth<fn(f64) -> f64, fn(f64) -> f64>;

const ATAN: Odd = Smooth { function: f64::atan, derivative: |x| 1.0 / (1.0 + x * x) };

/// The derivative of an odd function along e, from the factors.
fn odd_along(a: &Array2<f64>, f: impl SpectralFunction<f64>, e: &Array2<f64>) -> Array2<f64> {
    let svd = a.svd().expect("finite");
    odd_spectral(&svd, f).and_then(|f| f.jvp(e)).expect("it exists")
}

/// Values that are small beside σ₁ count as they are: closed forms of diagonal matrices, along their diagonal and beside it.
#[test]
fn odd_functions_of_graded_matrices() {
    let second = array![[0.0, 0.0], [0.0, 1.0]];
    for (large, small) in [(1e10, 1.0), (1e16, 1.0), (1e20, 1e3), (1e300, 0.1), (1e20, 1e-9)] {
        let a = array![[large, 0.0], [0.0, small]];
        close(&odd_along(&a, ATAN, &second), &(&second / (1.0 + small * small)), 1e-14);
        let (a, beside) = (array![[large, 0.0], [0.0, small], [0.0, 0.0]], array![[0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]);
        close(&odd_along(&a, ATAN, &beside), &(&beside * (f64::atan(small) / small)), 1e-14);
        let transposed = odd_along(&a.t().to_owned(), ATAN, &beside.t().to_owned());
        close(&transposed, &(&beside.t() * (f64::atan(small) / small)), 1e-14);
    }
    let cube: Odd = Smooth { function: |x| x * x * x, derivative: |x| 3.0 * x * x };
    close(&odd_along(&array![[1e100, 0.0], [0.0, 1.0]], cube, &(-0.4 * &second)), &(-1.2 * &second), 1e-14);
    let (a, beside) = (array![[1e100, 0.0], [0.0, 1.0], [0.0, 0.0]], array![[0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]);
    close(&odd_along(&a, cube, &beside), &beside, 1e-14);
    // Two values that are both small beside σ₁, and not alike: atan[x, ±y] in closed form.
    let (x, y) = (3.0f64, 0.5f64);
    let a = Array2::from_diag(&array![1e18, x, y]);
    let e = array![[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]];
    let (sum, difference) = ((x.atan() + y.atan()) / (x + y), (x.atan() - y.atan()) / (x - y));
    let mut expected = Array2::zeros((3, 3));
    (expected[(1, 2)], expected[(2, 1)]) = ((difference + sum) / 2.0, (difference - sum) / 2.0);
    close(&odd_along(&a, ATAN, &e), &expected, 1e-14);
}

/// The same in single precision.
#[test]
fn odd_functions_of_graded_matrices_in_single_precision() {
    let second = array![[0.0f32, 0.0], [0.0, 1.0]];
    let atan = Smooth { function: |x: f32| x.atan(), derivative: |x: f32| 1.0 / (1.0 + x * x) };
    let svd = array![[1e6f32, 0.0], [0.0, 1.0]].svd().unwrap();
    assert_eq!(odd_spectral(&svd, atan).and_then(|f| f.jvp(&second)).unwrap(), 0.5 * &second);
    let k = 1e6f32;
    let tanh = Smooth { function: move |x: f32| (k * x).tanh(), derivative: move |x: f32| k / (k * x).cosh().powi(2) };
    let svd = array![[1.0f32, 0.0], [0.0, 1.5 / k]].svd().unwrap();
    let found = odd_spectral(&svd, tanh).and_then(|f| f.jvp(&second)).unwrap();
    approx::assert_relative_eq!(found[(1, 1)], k / 1.5f32.cosh().powi(2), max_relative = 1e-5);
    approx::assert_abs_diff_eq!(found[(0, 0)], 0.0);
}

/// Columns of very different sizes: what `value` computes changes as the derivative says.
#[test]
fn odd_functions_of_graded_columns_against_differences() {
    let a = array![[1e18, 1.0], [2e18, -1.0], [0.0, 1.0]];
    let e = array![[0.0, 0.4], [0.0, 1.0], [0.0, 0.3]];
    let value = |t: f64| {
        let svd = (&a + &(t * &e)).svd().expect("finite");
        odd_spectral(&svd, ATAN).expect("odd").value().clone()
    };
    let quotient = |h: f64| (value(h) - value(-h)) / (2.0 * h);
    // Richardson's extrapolation, of which h⁴ and ε/h are left: 1e-12 and 1e-13.
    let expected = (4.0 * quotient(5e-4) - quotient(1e-3)) / 3.0;
    close(&odd_along(&a, ATAN, &e), &expected, 1e-10);
}

/// Of odd functions with a pole or a jump at 0 the values at ±σ count, where no σ is 0: those of the pseudoinverse and of the polar factor.
#[test]
fn odd_functions_that_are_not_smooth_at_zero() {
    let inverse: Odd = Smooth { function: |x| 1.0 / x, derivative: |x| -1.0 / (x * x) };
    let signum: Odd = Smooth { function: f64::signum, derivative: |_| 0.0 };
    let with_zero: Odd = Smooth { function: |x| if x == 0.0 { 0.0 } else { x.signum() }, derivative: |_| 0.0 };
    for (m, n) in [(3, 2), (2, 2), (5, 3), (4, 4), (2, 3)] {
        let a =
            Array2::from_shape_fn((m, n), |(i, j)| ((3 * i + j + i * i) as f64).sin() + if i == j { 2.0 } else { 0.0 });
        let e = Array2::from_shape_fn((m, n), |(i, j)| ((5 * i + 2 * j) as f64).cos());
        let pinv = a.pinv(None).unwrap();
        let expected = pseudoinverse(&a, &pinv).and_then(|f| f.jvp(&e)).unwrap();
        close(&odd_along(&a, inverse, &e), &expected.t().to_owned(), 1e-13);
        if m >= n {
            let expected = a.polar().and_then(|f| f.jvp(&e)).unwrap().w;
            close(&odd_along(&a, signum, &e), &expected, 1e-13);
            close(&odd_along(&a, with_zero, &e), &expected, 1e-13);
        }
    }
    assert_eq!(inverse.divided_difference(2.0, 0.0), f64::NEG_INFINITY);
    let zero = array![[2.0, 0.0], [0.0, 0.0]].svd().unwrap();
    let found = odd_spectral(&zero, inverse).map(drop).unwrap_err();
    assert_eq!(
        found.to_string(),
        "the function of the matrix: expected a finite number at each of its values, found f(0e0) = inf"
    );
    assert!(odd_spectral(&zero, signum).is_err());
    let root: Odd = Smooth { function: f64::cbrt, derivative: |x| 1.0 / (3.0 * x.cbrt().powi(2)) };
    assert!(odd_spectral(&zero, root).and_then(|f| f.jvp(&array![[0.0, 0.0], [0.0, 1.0]])).is_err());
}

/// Digits that cancel are no sign of another function where all values are 0; an even function is found out there too.
#[test]
fn odd_functions_that_are_zero_at_every_value() {
    let c = (1.0 + 2f64.sqrt()).ln();
    let f = Smooth {
        function: |x: f64| (x + (x * x + 1.0).sqrt()).ln() - c * x,
        derivative: |x: f64| 1.0 / x.hypot(1.0) - c,
    };
    let (a, e) = (array![[0.6, -0.8], [0.8, 0.6]], array![[0.3, 1.0], [0.2, -0.4]]);
    // Of a rotation W the symmetric part of WᵀE counts, with f′(1), since f(1) = 0.
    let inner = a.t().dot(&e);
    let expected = a.dot(&(&inner + &inner.t())) * (0.5 * (0.5f64.sqrt() - c));
    close(&odd_along(&a, f, &e), &expected, 1e-14);
    let cosine = Smooth { function: f64::cos, derivative: |x: f64| -x.sin() };
    let quarter = Array2::<f64>::eye(2) * std::f64::consts::FRAC_PI_2;
    assert!(odd_spectral(&quarter.svd().unwrap(), cosine).is_err());
}

/// Zeros that rounding has left as numbers, at every scale: the slope at 0 where f has lost its digits; f[σ, ±σ′] for two of them too.
#[test]
fn zeros_of_functions_that_cancel() {
    let slope = |x: f64| 0.25 / (x / 2.0).cosh().powi(2);
    let logistic = Smooth { function: |x: f64| 1.0 / (1.0 + (-x).exp()) - 0.5, derivative: slope };
    let tanh = Smooth { function: |x: f64| 0.5 * (x / 2.0).tanh(), derivative: slope };
    let mut rng = Rng::new(20);
    for (m, n, rank) in [(4, 3, 1), (3, 5, 2), (40, 30, 20), (6, 6, 3)] {
        for scale in [1e3, 1.0, 1e-3] {
            let values: Vec<f64> =
                (0..n.min(m)).map(|i| if i < rank { scale / (1.0 + i as f64) } else { 0.0 }).collect();
            let a = narrow::<f64>(&super::generate::general::<f64>(&mut rng, m, n, &values).a);
            let e = super::differences::random::<f64>(&mut rng, m, n);
            let (found, expected) = (odd_along(&a, logistic, &e), odd_along(&a, tanh, &e));
            // What cancels above the noise of the zeros, from f(σ) of the smallest σ: ε/2 of σ/4, over the gap.
            let lost = 4.0 * f64::EPSILON / (0.25 * values[rank - 1]) + 1e-13;
            close(&found, &expected, lost * (1.0 + scale));
        }
    }
}
