//! What derivatives refuse: shapes that do not fit, numbers that are not finite, indexes that do not exist, full factors, losses that
//! depend on a phase.
//! Second floor of the tests.

use lapwing::deriv::{check, *};
use lapwing::prelude::*;
use lapwing::{Error, Result};
use ndarray::{Array1, Array2, array};

use super::differences::random;
use super::generate::{C64, Rng, Scalar, Wide, each_type, general, hermitian, narrow};
use super::residual::{integers, wide};

fn is_shape<X>(result: Result<X>) -> bool {
    matches!(result, Err(Error::Shape { .. }))
}

fn is_parameter<X>(result: Result<X>) -> bool {
    matches!(result, Err(Error::Parameter { .. }))
}

/// A direction of a wrong shape, one with a NaN and one with an infinity.
#[track_caller]
fn directions<T: Scalar, F: Differentiable<T>>(f: &F, (m, n): (usize, usize)) {
    assert!(is_shape(f.jvp(&Array2::zeros((m + 1, n)))));
    assert!(is_shape(f.jvp(&Array2::zeros((m, n + 1)))));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut da = Array2::<T>::zeros((m, n));
        da[(m - 1, n - 1)] = T::narrow(C64::new(bad, 0.0));
        assert_eq!(f.jvp(&da).map(drop), Err(Error::NonFinite { row: m - 1, col: n - 1 }));
    }
}

/// A cotangent with a part of a wrong shape, and with a part that has a NaN.
#[track_caller]
fn cotangents<T: Scalar, F: Differentiable<T>>(f: &F, (m, n): (usize, usize), bar: impl Fn(Array2<T>) -> F::Cotangent) {
    assert!(is_shape(f.vjp(&bar(Array2::zeros((m + 1, n))))));
    assert!(is_shape(f.vjp(&bar(Array2::zeros((m, n + 1))))));
    let mut nan = Array2::<T>::zeros((m, n));
    nan[(m - 1, 0)] = T::hole();
    assert_eq!(f.vjp(&bar(nan)), Err(Error::NonFinite { row: m - 1, col: 0 }));
}

/// What is not finite is found wherever it stands, also where the vectors are coordinate vectors, whose zeros take it to few places, and where it meets
/// the diagonal of a product alone, which no gradient is made of.
fn nothing_hides_what_is_not_finite<T: Scalar>() {
    let one_at = |(m, n): (usize, usize), at: (usize, usize), bad: f64| {
        let mut part = Array2::<T>::zeros((m, n));
        part[at] = T::narrow(C64::new(bad, 0.0));
        part
    };
    for (m, n) in [(1, 1), (1, 3), (2, 2), (3, 3), (5, 2), (2, 5), (35, 35)] {
        let k = m.min(n);
        let coordinates =
            |rows, cols| Array2::from_shape_fn((rows, cols), |(i, j)| if i == j { T::one() } else { T::zero() });
        let values: Vec<f64> = (0..k).map(|i| (k - i) as f64).collect();
        let s: Array1<T::Real> = values.iter().map(|&x| T::real_of(x)).collect();
        let svd = Svd { u: coordinates(m, k), s, vh: coordinates(k, n) };
        let eigh = Eigh { values: values.iter().rev().map(|&x| T::real_of(x)).collect(), vectors: coordinates(m, m) };
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let places = |rows: usize, cols: usize| {
                let all = (0..rows).flat_map(move |row| (0..cols).map(move |col| (row, col)));
                all.filter(move |(row, col)| rows * cols < 100 || (row + 7 * col) % 34 == 0)
            };
            for (row, col) in places(m, k) {
                let bar = SvdCotangent { u: Some(one_at((m, k), (row, col), bad)), ..Default::default() };
                assert_eq!(svd.vjp(&bar), Err(Error::NonFinite { row, col }), "U, {m}×{n}, {bad}");
                let bar = SvdCotangent { vh: Some(Array2::zeros((k, n))), ..bar };
                assert_eq!(svd.vjp(&bar), Err(Error::NonFinite { row, col }), "U of both, {m}×{n}, {bad}");
            }
            for (row, col) in places(k, n) {
                let bar = SvdCotangent { vh: Some(one_at((k, n), (row, col), bad)), ..Default::default() };
                assert_eq!(svd.vjp(&bar), Err(Error::NonFinite { row, col }), "Vᴴ, {m}×{n}, {bad}");
            }
            for (row, col) in places(m, m).filter(|_| m == n) {
                let bar = EighCotangent { vectors: Some(one_at((m, m), (row, col), bad)), ..Default::default() };
                assert_eq!(eigh.vjp(&bar), Err(Error::NonFinite { row, col }), "Q, {m}, {bad}");
            }
        }
    }
}

/// Every factorization and function of a 4×3 or a 3×3 matrix.
fn shapes_and_numbers<T: Scalar>() {
    let mut rng = Rng::new(71);
    let a = narrow::<T>(&general::<T>(&mut rng, 4, 3, &[3.0, 2.0, 1.0]).a);
    let square_of = narrow::<T>(&general::<T>(&mut rng, 3, 3, &[3.0, 2.0, 1.0]).a);
    let s = narrow::<T>(&hermitian::<T>(&mut rng, &[1.0, 2.0, 3.0]).a);

    let svd = a.svd().expect("a good matrix");
    directions(&svd, (4, 3));
    cotangents(&svd, (4, 3), |x| SvdCotangent { u: Some(x), ..Default::default() });
    cotangents(&svd, (3, 3), |x| SvdCotangent { vh: Some(x), ..Default::default() });
    let values = |x: Array1<T::Real>| svd.vjp(&SvdCotangent { s: Some(x), ..Default::default() });
    assert!(is_shape(values(Array1::zeros(2))));
    assert_eq!(values(Array1::from_elem(3, T::real_of(f64::NAN))), Err(Error::NonFinite { row: 0, col: 0 }));

    let eigh = s.eigh().expect("a good matrix");
    directions(&eigh, (3, 3));
    cotangents(&eigh, (3, 3), |x| EighCotangent { vectors: Some(x), ..Default::default() });
    let values = |x: Array1<T::Real>| eigh.vjp(&EighCotangent { values: Some(x), ..Default::default() });
    assert!(is_shape(values(Array1::zeros(4))));
    assert_eq!(values(Array1::from_elem(3, T::real_of(f64::INFINITY))), Err(Error::NonFinite { row: 0, col: 0 }));

    let qr = a.qr().expect("a good matrix");
    directions(&qr, (4, 3));
    cotangents(&qr, (4, 3), |x| QrCotangent { q: Some(x), ..Default::default() });
    cotangents(&qr, (3, 3), |x| QrCotangent { r: Some(x), ..Default::default() });
    let lu = a.lu().expect("a good matrix");
    directions(&lu, (4, 3));
    cotangents(&lu, (4, 3), |x| LuCotangent { l: Some(x), ..Default::default() });
    cotangents(&lu, (3, 3), |x| LuCotangent { u: Some(x), ..Default::default() });
    let cholesky = s.cholesky().expect("positive definite");
    directions(&cholesky, (3, 3));
    cotangents(&cholesky, (3, 3), |x| x);
    let polar = a.polar().expect("a good matrix");
    directions(&polar, (4, 3));
    cotangents(&polar, (4, 3), |x| PolarCotangent { w: Some(x), ..Default::default() });
    cotangents(&polar, (3, 3), |x| PolarCotangent { h: Some(x), ..Default::default() });
    let pinv = a.pinv(None).expect("a good matrix");
    let pinv = pseudoinverse(&a, &pinv).expect("it fits");
    directions(&pinv, (4, 3));
    cotangents(&pinv, (3, 4), |x| x);

    for f in [power(&square_of, 3).expect("square"), power(&square_of, 0).expect("square")] {
        directions(&f, (3, 3));
        cotangents(&f, (3, 3), |x| x);
    }
    let f = inverse(&square_of).expect("regular");
    directions(&f, (3, 3));
    cotangents(&f, (3, 3), |x| x);
    directions(&determinant(&square_of).expect("square"), (3, 3));
    directions(&ln_det(&square_of).expect("regular"), (3, 3));
    assert!(determinant(&square_of).and_then(|f| f.vjp(&T::hole())).is_err());
    assert!(ln_det(&square_of).and_then(|f| f.vjp(&T::real_of(f64::NAN))).is_err());
    let f = spectral(&eigh, Exp).expect("finite");
    directions(&f, (3, 3));
    cotangents(&f, (3, 3), |x| x);
    let f = odd_spectral(&svd, Smooth { function: |x: T::Real| x, derivative: |_| T::real_of(1.0) }).expect("finite");
    directions(&f, (4, 3));
    cotangents(&f, (4, 3), |x| x);
}

/// Functions of a square matrix refuse others; of a singular one what has no value there is refused.
fn matrices_without_an_answer<T: Scalar>() {
    let wide = Array2::<T>::zeros((2, 3));
    let zeros = Array2::<T>::zeros((2, 2));
    let not_square = Error::NotSquare { rows: 2, cols: 3 };
    assert_eq!(square(&wide).map(drop), Err(not_square.clone()));
    assert_eq!(power(&wide, 2).map(drop), Err(not_square.clone()));
    assert_eq!(inverse(&wide).map(drop), Err(not_square.clone()));
    assert_eq!(determinant(&wide).map(drop), Err(not_square.clone()));
    assert_eq!(ln_det(&wide).map(drop), Err(not_square));
    assert!(matches!(inverse(&zeros).map(drop), Err(Error::Singular { pivot: 0 })));
    assert!(ln_det(&zeros).is_err());
    let svd = zeros.svd().expect("finite");
    assert!(is_parameter(ky_fan(&svd, 0)) && is_parameter(ky_fan(&svd, 3)));
    assert!(is_parameter(spectral_norm(&Array2::<T>::zeros((0, 3)).svd().expect("empty"))));
    let eigh = zeros.eigh().expect("finite");
    assert!(is_parameter(spectral(&eigh, Ln)));
    assert!(is_parameter(spectral(&eigh, InverseSqrt)));
}

fn indexes<T: Scalar>() {
    let mut rng = Rng::new(72);
    let a = narrow::<T>(&general::<T>(&mut rng, 4, 3, &[3.0, 2.0, 1.0]).a);
    let s = narrow::<T>(&hermitian::<T>(&mut rng, &[1.0, 2.0, 3.0]).a);
    let (svd, eigh) = (a.svd().expect("a good matrix"), s.eigh().expect("a good matrix"));
    let (e, f) = (Array2::zeros((4, 3)), Array2::zeros((3, 3)));
    for i in [3, usize::MAX] {
        assert!(is_parameter(singular_value_gradient(&svd, i)));
        assert!(is_parameter(eigenvalue_gradient(&eigh, i)));
        assert!(is_parameter(singular_value_second_derivative(&svd, i, &e)));
        assert!(is_parameter(eigenvalue_second_derivative(&eigh, i, &f)));
        assert!(is_parameter(singular_value_cluster_derivatives(&svd, i, &e)));
        assert!(is_parameter(eigenvalue_cluster_derivatives(&eigh, i, &f)));
    }
    assert!(is_shape(singular_value_hessian_product(&svd, 0, &f)));
    assert!(is_shape(eigenvalue_hessian_product(&eigh, 0, &e)));
    assert!(is_shape(singular_value_cluster_derivatives(&svd, 0, &f)));
    let nan = Array2::from_elem((4, 3), T::hole());
    assert!(matches!(singular_value_hessian_product(&svd, 0, &nan), Err(Error::NonFinite { .. })));
    assert!(matches!(singular_value_cluster_derivatives(&svd, 0, &nan), Err(Error::NonFinite { .. })));
    assert!(ky_fan(&svd, 1).and_then(|norm| norm.directional(&nan)).is_err());
    assert!(ky_fan(&svd, 1).and_then(|norm| norm.contains(&nan)).is_err());
    // Vectors that are missing.
    let short = Svd { u: svd.u.slice(ndarray::s![.., ..2]).to_owned(), ..svd.clone() };
    assert!(singular_value_gradient(&short, 2).is_err());
    let short = Eigh { vectors: eigh.vectors.slice(ndarray::s![.., ..2]).to_owned(), ..eigh };
    assert!(is_shape(eigenvalue_gradient(&short, 2)) && is_shape(short.jvp(&f)) && is_shape(spectral(&short, Exp)));
}

/// Full factors are refused where the formulas are those of thin ones; single values take both.
fn full_factors<T: Scalar>() {
    let a = narrow::<T>(&general::<T>(&mut Rng::new(73), 4, 2, &[3.0, 2.0]).a);
    let full = a.svd_with(&SvdOptions::full(), &mut Workspace::new()).expect("a good matrix");
    let e = Array2::zeros((4, 2));
    assert!(is_shape(full.jvp(&e)) && is_shape(full.vjp(&SvdCotangent::default())));
    let even = Smooth { function: |x: T::Real| x * x, derivative: |x: T::Real| x + x };
    let thin = a.svd().expect("a good matrix");
    assert!(is_parameter(odd_spectral(&thin, even)) && is_parameter(odd_spectral(&thin, Exp)));
    assert!(is_shape(odd_spectral(&full, Smooth { function: |x: T::Real| x, derivative: |_| T::real_of(1.0) })));
    let thin = a.svd().expect("a good matrix");
    let gradient = |svd: &Svd<T>| singular_value_gradient(svd, 1).expect("it is simple");
    let apart = (&gradient(&full) - &gradient(&thin)).iter().map(|x| x.wide().norm()).fold(0.0, f64::max);
    assert!(apart < 50.0 * T::EPS, "{apart:e}");
}

each_type!(
    shapes_and_numbers,
    turns_at_the_end_of_the_range,
    nothing_hides_what_is_not_finite,
    matrices_without_an_answer,
    indexes,
    full_factors
);

/// However large the cotangent is: the sizes of two vectors of it add up to what is beyond the range.
fn turns_at_the_end_of_the_range<T: Scalar>() {
    let eigh = narrow::<T>(&integers(&[&[1, 0], &[0, 1]])).eigh().expect("the identity");
    for part in [0.1, 0.45, 0.51, 0.6, 0.95] {
        let h = part * T::MAX;
        let turn = Wide::from_shape_fn((2, 2), |(i, j)| C64::new(h * (j as f64 - i as f64), 0.0));
        // Q̄ = Q·H for a skew H.
        let bar = narrow::<T>(&wide(&eigh.vectors).dot(&turn));
        let found = eigh.vjp(&EighCotangent { vectors: Some(bar), ..Default::default() });
        assert!(matches!(found, Err(Error::Repeated { .. } | Error::Overflow { .. })), "{part}: {found:?}");
    }
}

/// A loss such as Im(q₁ᴴ·c) depends on the phase that LAPACK happens to give a complex vector; a real one has no phase.
fn phases<T: Scalar>() {
    let mut rng = Rng::new(74);
    let a = narrow::<T>(&general::<T>(&mut rng, 4, 3, &[3.0, 2.0, 1.0]).a);
    let s = narrow::<T>(&hermitian::<T>(&mut rng, &[1.0, 2.0, 3.0]).a);
    let (svd, eigh) = (a.svd().expect("a good matrix"), s.eigh().expect("a good matrix"));
    let turn = T::narrow(C64::new(0.0, 1.0));
    let mut u = Array2::<T>::zeros((4, 3));
    u.column_mut(1).assign(&svd.u.column(1).mapv(|x| x * turn));
    let mut vh = Array2::<T>::zeros((3, 3));
    vh.row_mut(1).assign(&svd.vh.row(1).mapv(|x| x * turn));
    let of_svd = |u: Option<&Array2<T>>, vh: Option<&Array2<T>>| {
        svd.vjp(&SvdCotangent { u: u.cloned(), s: None, vh: vh.cloned() }).map(drop)
    };
    assert_eq!(of_svd(Some(&u), None), Err(Error::Gauge { index: 1 }));
    assert_eq!(of_svd(None, Some(&vh)), Err(Error::Gauge { index: 1 }));
    // U and V turn together: what one side says against the other side does not depend on the phase.
    assert_eq!(of_svd(Some(&u), Some(&vh)), Ok(()));
    let mut vectors = Array2::<T>::zeros((3, 3));
    vectors.column_mut(2).assign(&eigh.vectors.column(2).mapv(|x| x * turn));
    let refused = eigh.vjp(&EighCotangent { vectors: Some(vectors), ..Default::default() });
    assert_eq!(refused.map(drop), Err(Error::Gauge { index: 2 }));
    // Along itself a vector may be weighed with a real number: |q|² is no matter of phase.
    let vectors = Some(eigh.vectors.clone());
    assert!(eigh.vjp(&EighCotangent { vectors, ..Default::default() }).is_ok());
    // An arbitrary cotangent of complex vectors depends on phases.
    let u = random::<T>(&mut rng, 4, 3);
    assert!(matches!(of_svd(Some(&u), None), Err(Error::Gauge { .. })));
}

#[test]
fn losses_that_depend_on_a_phase() {
    phases::<super::generate::C32>();
    phases::<C64>();
}

#[test]
fn tracking_and_checks() {
    let family = Curve { matrix: |t: f64| array![[t, 0.0], [0.0, -t]], slope: |_| array![[1.0, 0.0], [0.0, -1.0]] };
    let options = TrackOptions::default();
    for range in [1.0..1.0, 1.0..0.0, f64::NAN..1.0, 0.0..f64::INFINITY] {
        assert!(is_parameter(track(&family, range.clone(), &options)), "{range:?}");
    }
    for tolerance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(is_parameter(track(&family, 0.0..1.0, &TrackOptions { tolerance, ..options })));
    }
    let kinked = Curve { matrix: |t: f64| array![[(t - 0.3).abs().sqrt()]], slope: |_| array![[0.0]] };
    assert!(matches!(track(&kinked, 0.0..1.0, &options), Err(Error::Untraced { .. })));
    let lost_near = |place: f64, lost: lapwing::Result<Branches<f64>>| match lost {
        Err(Error::Untraced { t, .. }) => assert!((t - place).abs() < 1e-6, "lost at {t}, not {place}"),
        other => panic!("followed: {other:?}"),
    };
    let jumps = Curve { matrix: |t: f64| array![[f64::from(t > 0.4)]], slope: |_| array![[0.0]] };
    lost_near(0.4, track(&jumps, 0.0..1.0, &options));
    let few = TrackOptions { steps: 5, ..options };
    assert!(matches!(track(&family, -1.0..1.0, &few), Err(Error::Untraced { .. })));
    let growing =
        Curve { matrix: |t: f64| Array2::<f64>::eye(if t > 0.5 { 3 } else { 2 }), slope: |_| Array2::zeros((2, 2)) };
    assert!(is_shape(track(&growing, 0.0..1.0, &options)));
    let wide = Curve { matrix: |_: f64| Array2::<f64>::zeros((2, 3)), slope: |_| Array2::zeros((2, 3)) };
    assert!(track(&wide, 0.0..1.0, &options).is_err());
    let nan = Curve { matrix: |t: f64| array![[1.0 / (t - 1.0).max(0.0) * 0.0]], slope: |_| array![[0.0]] };
    assert!(matches!(track(&nan, 0.0..2.0, &options), Err(Error::NonFinite { .. })));

    let a = array![[1.0, 2.0], [3.0, 4.0]];
    let sum = |a: &Array2<f64>| Ok(a.sum());
    assert!(is_shape(check::difference(sum, &a, &array![[1.0]])));
    assert!(is_shape(check::gradient(sum, &a, &array![[1.0]], 1)) && is_parameter(check::gradient(sum, &a, &a, 0)));
    let same = |x: &Array2<f64>| Ok(x.clone());
    assert!(is_parameter(check::adjoint_mismatch(same, same, (2, 2), (2, 2), 0)));
    assert!(is_shape(check::adjoint_mismatch(same, same, (2, 2), (3, 2), 1)));
    assert_eq!(
        check::difference(|_| Ok(f64::NAN), &a, &a).map(drop),
        Err(Error::Overflow { what: "a difference quotient" })
    );
    assert_eq!(check::difference(|_| Err(Error::Cancelled), &a, &a).map(drop), Err(Error::Cancelled));
}
