//! Derivatives of values that coincide: losses that see a cluster as a whole, what tells its vectors apart, and which matrices are
//! subgradients.
//! Second floor of the tests.

use lapwing::Error;
use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, array, s};

use super::differences::{along, hermitian_part, inner, norm, random, wide};
use super::generate::{C64, Rng, Scalar, Wide, adjoint, each_type, general, hermitian, narrow, unitary};

fn repeated<X>(result: lapwing::Result<X>) -> Option<(usize, usize)> {
    match result {
        Err(Error::Repeated { first, last, .. }) => Some((first, last)),
        _ => None,
    }
}

fn real<T: Scalar>(a: &Array2<f64>) -> Array2<T> {
    narrow(&a.mapv(|x| C64::new(x, 0.0)))
}

/// f(A) = Re tr(MᴴU_cU_cᴴ) + Re tr(NᴴV_cV_cᴴ) + Re tr(CᴴU_cV_cᴴ) of a double value in the middle: against differences.
fn losses_of_a_cluster<T: Scalar>() {
    let mut rng = Rng::new(121);
    for (m, n) in [(4, 4), (6, 4), (4, 6)] {
        let a = narrow::<T>(&general::<T>(&mut rng, m, n, &[4.0, 2.0, 2.0, 1.0]).a);
        let (of_u, of_v) = (random::<T>(&mut rng, m, m), random::<T>(&mut rng, n, n));
        let (of_u, of_v) = (wide(&hermitian_part(&of_u)), wide(&hermitian_part(&of_v)));
        let of_both = wide(&random::<T>(&mut rng, m, n));
        let cluster = |a: &Array2<T>| {
            let svd = a.svd().expect("a good matrix");
            (wide(&svd.u.slice(s![.., 1..3]).to_owned()), wide(&svd.vh.slice(s![1..3, ..]).to_owned()))
        };
        let (u, vh) = cluster(&a);
        let two = C64::new(2.0, 0.0);
        let (mut u_bar, mut vh_bar) = (Array2::<T>::zeros((m, 4)), Array2::<T>::zeros((4, n)));
        let part = of_u.dot(&u) * two + of_both.dot(&adjoint(&vh));
        u_bar.slice_mut(s![.., 1..3]).assign(&narrow::<T>(&part));
        let part = vh.dot(&of_v) * two + adjoint(&u).dot(&of_both);
        vh_bar.slice_mut(s![1..3, ..]).assign(&narrow::<T>(&part));
        let bar = SvdCotangent { u: Some(u_bar), s: None, vh: Some(vh_bar) };
        let gradient = a.svd().and_then(|svd| svd.vjp(&bar)).expect("it is invariant");
        let product = |x: &Wide, y: &Wide| x.iter().zip(y).map(|(x, y)| (x.conj() * y).re).sum::<f64>();
        let loss = |a: &Array2<T>| {
            let (u, vh) = cluster(a);
            product(&of_u, &u.dot(&adjoint(&u)))
                + product(&of_v, &adjoint(&vh).dot(&vh))
                + product(&of_both, &u.dot(&vh))
        };
        let e = random::<T>(&mut rng, m, n);
        let h = T::EPS.powf(1.0 / 3.0);
        let difference = (loss(&along(&a, &e, h)) - loss(&along(&a, &e, -h))) / (2.0 * h);
        let error = (inner(&gradient, &e) - difference).abs() / norm(&gradient) / norm(&e);
        assert!(error < 40.0 * h * h, "{m}×{n}: {error:e}");
    }
}

/// Vectors of values that are zero turn on one side alone, and into what belongs to no value: losses that see it are refused.
fn losses_that_see_a_null_space<T: Scalar>() {
    let mut rng = Rng::new(122);
    for (m, n) in [(4, 4), (6, 4), (4, 6)] {
        let svd = narrow::<T>(&general::<T>(&mut rng, m, n, &[3.0, 2.0, 0.0, 0.0]).a).svd().expect("a good matrix");
        // U₂ turns into U₃, and V the other way round, so that a turn of both together changes nothing.
        let (mut u, mut vh) = (Array2::<T>::zeros((m, 4)), Array2::<T>::zeros((4, n)));
        u.column_mut(2).assign(&svd.u.column(3));
        vh.row_mut(3).assign(&svd.vh.row(2));
        let bar = SvdCotangent { u: Some(u), s: None, vh: Some(vh) };
        assert_eq!(repeated(svd.vjp(&bar)), Some((2, 3)), "{m}×{n}");
        let mut weights = Array1::from_elem(4, T::real_of(1.0));
        assert_eq!(repeated(svd.vjp(&SvdCotangent { s: Some(weights.clone()), ..Default::default() })), Some((2, 3)));
        weights.slice_mut(s![2..]).fill(T::real_of(0.0));
        assert!(svd.vjp(&SvdCotangent { s: Some(weights), ..Default::default() }).is_ok());
        // A vector of the value 0 that the loss sees leave for the complement.
        if m > 4 {
            let mut u = Array2::<T>::zeros((m, 4));
            let full = wide(&svd.u);
            let outside = Wide::eye(m) - full.dot(&adjoint(&full));
            u.column_mut(2).assign(&narrow::<T>(&outside).column(0));
            assert_eq!(repeated(svd.vjp(&SvdCotangent { u: Some(u), ..Default::default() })), Some((2, 3)));
        }
        if n > 4 {
            let mut vh = Array2::<T>::zeros((4, n));
            let full = wide(&svd.vh);
            let outside = Wide::eye(n) - adjoint(&full).dot(&full);
            vh.row_mut(3).assign(&narrow::<T>(&outside).row(0));
            assert_eq!(repeated(svd.vjp(&SvdCotangent { vh: Some(vh), ..Default::default() })), Some((2, 3)));
        }
    }
}

/// G = U₁V₁ᴴ + U_cWV_cᴴ with W between 0 and I and of trace k − p, and G whose W is not.
fn subgradients<T: Scalar>() {
    let mut rng = Rng::new(123);
    for (m, n) in [(5, 5), (7, 5), (5, 7)] {
        let svd =
            narrow::<T>(&general::<T>(&mut rng, m, n, &[3.0, 2.0, 2.0, 2.0, 1.0]).a).svd().expect("a good matrix");
        let turn = wide(&narrow::<T>(&unitary::<T>(&mut rng, 3)));
        let member = |of: &Wide| {
            let (u, vh) = (wide(&svd.u), wide(&svd.vh));
            let first = u.slice(s![.., ..1]).dot(&vh.slice(s![..1, ..]));
            let equal = u.slice(s![.., 1..4]).dot(&turn.dot(of).dot(&adjoint(&turn))).dot(&vh.slice(s![1..4, ..]));
            ky_fan(&svd, 3).and_then(|norm| norm.contains(&narrow::<T>(&(first + equal)))).expect("it fits")
        };
        let weights = |x: [f64; 3]| Wide::from_diag(&Array1::from(x.map(|x| C64::new(x, 0.0)).to_vec()));
        assert!(member(&weights([1.0, 1.0, 0.0])) && member(&weights([0.2, 0.9, 0.9])));
        // Beyond I, below 0, of another trace, and not Hermitian.
        assert!(!member(&weights([1.2, 0.8, 0.0])) && !member(&weights([1.0, 1.1, -0.1])));
        assert!(!member(&weights([0.9, 0.9, 0.1])) && !member(&weights([1.0, 1.0, 0.1])));
        let mut skew = weights([0.5, 0.5, 1.0]);
        (skew[(0, 1)], skew[(1, 0)]) = (C64::new(0.1, 0.0), C64::new(-0.1, 0.0));
        assert!(!member(&skew));
    }
    // At 0: ‖W‖₂ ≤ 1 and ‖W‖_* ≤ k.
    let svd = Array2::<T>::zeros((4, 3)).svd().expect("finite");
    let member = |x: [f64; 3]| {
        let of = narrow::<T>(&general::<T>(&mut Rng::new(124), 4, 3, &x).a);
        ky_fan(&svd, 2).and_then(|norm| norm.contains(&of)).expect("it fits")
    };
    assert!(member([1.0, 1.0, 0.0]) && member([0.5, 0.3, 0.1]) && member([0.7, 0.7, 0.6]));
    assert!(!member([1.1, 0.1, 0.0]) && !member([0.8, 0.8, 0.8]));
}

/// Where the norm is differentiable its gradient alone is a member, in a large matrix and beside a small value too.
fn the_only_subgradient<T: Scalar>() {
    let n = 100;
    let values = Array1::from_shape_fn(n, |i| 1.0 - 0.9 * i as f64 / (n - 1) as f64);
    let svd = real::<T>(&Array2::from_diag(&values)).svd().expect("a good matrix");
    let with_last = |x: f64| {
        let diagonal = Array1::from_shape_fn(n, |i| if i + 1 < n { 1.0 } else { x });
        nuclear_norm(&svd).and_then(|norm| norm.contains(&real(&Array2::from_diag(&diagonal)))).expect("it fits")
    };
    assert!(with_last(1.0) && !with_last(0.99) && !with_last(1.01));
    let leading = |kept: &dyn Fn(usize) -> bool| {
        let diagonal = Array1::from_shape_fn(n, |i| if kept(i) { 1.0 } else { 0.0 });
        ky_fan(&svd, 30).and_then(|norm| norm.contains(&real(&Array2::from_diag(&diagonal)))).expect("it fits")
    };
    assert!(leading(&|i| i < 30) && !leading(&|i| i < 29 || i == 30));
    let small = 100.0 * T::EPS;
    let svd = real::<T>(&array![[1.0, 0.0], [0.0, small]]).svd().expect("a good matrix");
    let norm = nuclear_norm(&svd).expect("it has values");
    assert!(norm.contains(&real(&array![[1.0, 0.0], [0.0, 1.0]])).expect("it fits"));
    assert!(!norm.contains(&real(&array![[1.0, 0.0], [0.0, -1.0]])).expect("it fits"));
    // Just off a tie, where the vectors are hardly known.
    let near = 30.0 * T::EPS;
    let svd = real::<T>(&array![[1.0 + near, 0.0], [0.0, 1.0]]).svd().expect("a good matrix");
    let norm = spectral_norm(&svd).expect("it has values");
    assert!(norm.is_differentiable() && norm.contains(&norm.gradient().expect("apart")).expect("it fits"));
    for outside in [array![[0.0, 0.0], [0.0, 0.0]], array![[0.5, 0.0], [0.0, 0.0]], array![[0.0, 0.0], [0.0, 1.0]]] {
        assert!(!norm.contains(&real(&outside)).expect("it fits"), "{outside}");
    }
}

/// Near a tie the vectors are known to ε·σ₁/gap only, and so is the gradient.
fn a_subgradient_near_a_tie<T: Scalar>() {
    let gap = T::EPS.powf(0.65);
    let known = general::<T>(&mut Rng::new(127), 5, 4, &[1.0, 1.0 - gap, 0.5, 0.2]);
    let svd = narrow::<T>(&known.a).svd().expect("a good matrix");
    let norm = spectral_norm(&svd).expect("it has values");
    // u₁v₁ᴴ of the matrix as it was made.
    let exact = known.u.slice(s![.., ..1]).dot(&adjoint(&known.v.slice(s![.., ..1]).to_owned()));
    assert!(norm.contains(&narrow::<T>(&exact)).expect("it fits"));
}

/// Values that are equal by construction are found to be, and those of random matrices are not, in matrices of some size.
fn ties_of_large_matrices<T: Scalar>() {
    let mut rng = Rng::new(125);
    let n = 60;
    let values: Vec<f64> = (0..n).map(|i| 1.0 - 0.9 * f64::from(i / 3) / f64::from(n / 3)).collect();
    let n = n as usize;
    let e = random::<T>(&mut rng, n, n);
    let svd = narrow::<T>(&general::<T>(&mut rng, n, n, &values).a).svd().expect("a good matrix");
    let ascending: Vec<f64> = values.iter().rev().copied().collect();
    let eigh = narrow::<T>(&hermitian::<T>(&mut rng, &ascending).a).eigh().expect("a good matrix");
    for i in 0..n {
        let expected = Some((i - i % 3, i - i % 3 + 2));
        assert_eq!(repeated(singular_value_gradient(&svd, i)), expected);
        assert_eq!(repeated(eigenvalue_gradient(&eigh, i)), expected);
    }
    assert!(repeated(svd.jvp(&e)).is_some() && repeated(eigh.jvp(&e)).is_some());
    // The least gap of such a matrix is about 1/n² of the values, which single precision still tells apart.
    let a = random::<T>(&mut rng, 150, 150);
    let e = random::<T>(&mut rng, 150, 150);
    assert!(hermitian_part(&a).eigh().and_then(|f| f.jvp(&e)).is_ok());
}

/// The reported gap is the least in the cluster.
fn the_least_gap_is_named<T: Scalar>() {
    let value = |k: f64| T::real_of(1.0 + k * T::EPS);
    let eigh = Eigh { values: array![value(0.0), value(2.0), value(8.0)], vectors: Array2::<T>::eye(3) };
    let expected = Error::Repeated { first: 0, last: 2, gap: 2.0 * T::EPS };
    assert_eq!(eigh.jvp(&Array2::zeros((3, 3))).unwrap_err(), expected);
}

/// A direction that raises the rank has no derivative of the pseudoinverse.
fn directions_that_raise_the_rank<T: Scalar>() {
    let a = real::<T>(&array![[1.0, 0.0], [0.0, 0.0]]);
    let pinv = a.pinv(None).expect("finite");
    let f = pseudoinverse(&a, &pinv).expect("it fits");
    let raising = real::<T>(&array![[0.0, 0.0], [0.0, 1.0]]);
    assert_eq!(f.jvp(&raising).unwrap_err(), Error::RankDeficient { rank: 1, needed: 2 });
    let keeping = real::<T>(&array![[0.0, 1.0], [0.0, 0.0]]);
    assert_eq!(f.jvp(&keeping).expect("the rank stays"), real::<T>(&array![[0.0, 0.0], [1.0, 0.0]]));
}

/// What depends on other columns but for rounding has no derivative by any factors.
fn dependent_columns<T: Scalar>() {
    let a = real::<T>(&array![[1.0, 0.1, 0.3], [0.7, 0.07, 0.2], [0.3, 0.03, -0.5], [0.11, 0.011, 0.9]]);
    let b = real::<T>(&array![[1.0], [2.0], [-1.0], [3.0]]);
    let (qr, pivoted, svd) = (a.qr().unwrap(), a.qr_pivoted().unwrap(), a.svd().unwrap());
    let deficient = |factors| least_squares(&a, &b, factors).map(drop);
    let expected = Err(Error::RankDeficient { rank: 2, needed: 3 });
    assert_eq!(deficient(LeastSquaresFactors::Qr(&qr)), expected);
    assert_eq!(deficient(LeastSquaresFactors::PivotedQr(&pivoted)), expected);
    assert_eq!(deficient(LeastSquaresFactors::Svd(&svd)), expected);
    let gram = narrow::<T>(&adjoint(&wide(&a)).dot(&wide(&a)));
    if let Ok(cholesky) = gram.cholesky() {
        assert_eq!(deficient(LeastSquaresFactors::NormalEquations(&cholesky)), expected);
    }
    assert_eq!(qr.jvp(&a).map(drop), Err(Error::RankDeficient { rank: 1, needed: 3 }));
    let multiples = real::<T>(&array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]]);
    let qr_of_one = multiples.qr().unwrap();
    let result = least_squares(&multiples, &b, LeastSquaresFactors::Qr(&qr_of_one)).map(drop);
    assert_eq!(result, Err(Error::RankDeficient { rank: 1, needed: 3 }));
    // Kahan's matrix: no column is near the span of those before it, and all together are dependent.
    let (sine, cosine) = (1.2f64.sin(), 1.2f64.cos());
    let kahan = Array2::from_shape_fn((100, 100), |(i, j)| {
        sine.powi(i as i32)
            * if i == j {
                1.0
            } else if i < j {
                -cosine
            } else {
                0.0
            }
    });
    let (kahan, b) = (real::<T>(&kahan), Array2::<T>::ones((100, 1)));
    let of_kahan = kahan.qr().unwrap();
    let result = least_squares(&kahan, &b, LeastSquaresFactors::Qr(&of_kahan)).map(drop);
    assert_eq!(result, Err(Error::RankDeficient { rank: 99, needed: 100 }));
    assert_eq!(qr.vjp(&QrCotangent::default()).map(drop), Err(Error::RankDeficient { rank: 1, needed: 3 }));
}

/// Long matrices whose columns are dependent but for what sums of many roundings leave, and well-founded ones near the limit.
fn ranks_of_long_matrices<T: Scalar>() {
    let mut rng = Rng::new(126);
    for (m, n) in [(1000, 2), (4000, 2), (1000, 3)] {
        for _ in 0..4 {
            let mut a = random::<T>(&mut rng, m, n);
            let mut sum = a.slice(s![.., ..n - 1]).to_owned();
            for j in 0..n - 1 {
                let by = random::<T>(&mut rng, 1, 1)[(0, 0)];
                sum.column_mut(j).mapv_inplace(|x| x * by);
            }
            a.column_mut(n - 1).assign(&sum.sum_axis(ndarray::Axis(1)));
            let b = random::<T>(&mut rng, m, 1);
            let (qr, pivoted, svd) = (a.qr().unwrap(), a.qr_pivoted().unwrap(), a.svd().unwrap());
            for factors in
                [LeastSquaresFactors::Qr(&qr), LeastSquaresFactors::PivotedQr(&pivoted), LeastSquaresFactors::Svd(&svd)]
            {
                let result = least_squares(&a, &b, factors).map(drop);
                assert!(matches!(result, Err(Error::RankDeficient { .. })), "{m}×{n}: {result:?}");
            }
        }
    }
    // One small value among many that are alike.
    let limit = 10.0 * 150f64.sqrt() * T::EPS;
    let mut values = vec![1.0; 100];
    values[99] = 30.0 * limit;
    let a = narrow::<T>(&general::<T>(&mut rng, 150, 100, &values).a);
    let b = random::<T>(&mut rng, 150, 1);
    let (qr, pivoted, svd) = (a.qr().unwrap(), a.qr_pivoted().unwrap(), a.svd().unwrap());
    for factors in
        [LeastSquaresFactors::Qr(&qr), LeastSquaresFactors::PivotedQr(&pivoted), LeastSquaresFactors::Svd(&svd)]
    {
        assert!(least_squares(&a, &b, factors).is_ok(), "{factors:?}");
    }
}

/// Gaps and sums that exceed the range divide all the same.
fn values_near_the_end_of_the_range<T: Scalar>() {
    let most = if T::EPS < 1e-10 { 1e308 } else { 2e38 };
    let near = |x: &Array2<T>, expected: &Array2<f64>| {
        let difference = wide(x).mapv(|x| x.norm()) - expected;
        assert!(difference.iter().all(|x| x.abs() < 100.0 * T::EPS), "{x:?}");
    };
    let turn = |sign: f64| real::<T>(&(array![[0.0, 0.1], [0.1 * sign, 0.0]] * most));
    let eigh = real::<T>(&(array![[1.7, 0.0], [0.0, -1.7]] * most)).eigh().expect("finite");
    near(
        &eigh.jvp(&turn(1.0)).expect("apart").vectors.slice(s![.., ..;-1]).to_owned(),
        &(array![[0.0, 1.0], [1.0, 0.0]] * 0.1 / 3.4),
    );
    let a = real::<T>(&(array![[1.7, 0.0], [0.0, 1.0]] * most));
    let tangent = a.svd().and_then(|svd| svd.jvp(&turn(-1.0))).expect("apart");
    near(&tangent.u, &(array![[0.0, 1.0], [1.0, 0.0]] * 0.1 / 2.7));
    near(
        &a.polar().and_then(|f| f.jvp(&turn(-1.0))).expect("regular").w,
        &(array![[0.0, 1.0], [1.0, 0.0]] * 0.2 / 2.7),
    );
}

each_type! {
    losses_of_a_cluster,
    losses_that_see_a_null_space,
    subgradients,
    the_only_subgradient,
    a_subgradient_near_a_tie,
    ties_of_large_matrices,
    the_least_gap_is_named,
    directions_that_raise_the_rank,
    dependent_columns,
    ranks_of_long_matrices,
    values_near_the_end_of_the_range,
}

#[test]
fn gaps_of_singular_values() {
    let square = array![[3.0, 0.0], [0.0, 0.5]].svd().unwrap();
    let tall = array![[3.0, 0.0], [0.0, 0.5], [0.0, 0.0]].svd().unwrap();
    approx::assert_abs_diff_eq!(singular_gaps(&square), array![2.5, 1.0], epsilon = 1e-14);
    approx::assert_abs_diff_eq!(singular_gaps(&tall), array![2.5, 0.5], epsilon = 1e-14);
}

#[test]
fn second_derivatives_out_of_range_are_errors() {
    let overflow = |result: lapwing::Result<f64>| matches!(result, Err(Error::Overflow { .. }));
    let eigh = array![[1.0, 0.0], [0.0, 2.0]].eigh().unwrap();
    assert!(overflow(eigenvalue_second_derivative(&eigh, 0, &array![[0.0, 1e200], [1e200, 0.0]])));
    let svd = array![[1.0], [0.0]].svd().unwrap();
    assert!(overflow(singular_value_second_derivative(&svd, 0, &array![[0.0], [1e200]])));
}

#[test]
fn subnormal_values_tie() {
    let (c, s) = (0.6, 0.8);
    let a = array![[c, -s], [s, c]] * 2e-315;
    assert_eq!(repeated(a.svd().and_then(|svd| svd.jvp(&array![[1.0, 0.0], [0.0, 2.0]]))), Some((0, 1)));
}

#[test]
fn determinants_keep_their_exponent() {
    let of = |x: [f64; 4]| Array2::from_diag(&Array1::from(x.to_vec()));
    let f = determinant(&of([1e200, 1e200, 1e-200, 1e-200])).unwrap();
    approx::assert_relative_eq!(f.value(), 1.0, max_relative = 1e-14);
    approx::assert_relative_eq!(f.jvp(&of([1e199, 0.0, 0.0, 0.0])).unwrap(), 0.1, max_relative = 1e-14);
    approx::assert_relative_eq!(f.vjp(&1.0).unwrap()[(0, 0)], 1e-200, max_relative = 1e-14);
    assert_eq!(determinant(&of([1e300, 1.0, 1.0, 1e-300])).unwrap().value(), 1.0);
    let f = determinant(&of([1e200, 1e200, 1e-200, 0.0])).unwrap();
    assert_eq!(f.value(), 0.0);
    approx::assert_relative_eq!(f.jvp(&of([0.0, 0.0, 0.0, 1e-200])).unwrap(), 1.0, max_relative = 1e-14);
}

#[test]
fn the_phase_of_a_determinant() {
    // The gradient by the cofactors of a 2×2 matrix.
    let (a, b) = (C64::new(1.0, 2.0), C64::new(0.5, -1.0));
    let (c, d) = (C64::new(-0.3, 0.7), C64::new(2.0, 1.0));
    let f = determinant(&array![[a, b], [c, d]]).unwrap();
    assert!((f.value() - (a * d - b * c)).norm() < 1e-14);
    let bar = C64::new(0.8, -0.6);
    let expected = array![[d, -c], [-b, a]].mapv(|x| x.conj() * bar);
    let error: f64 = (f.vjp(&bar).unwrap() - expected).iter().map(|x| x.norm()).sum();
    assert!(error < 1e-13, "{error:e}");
}

#[test]
fn general_eigenvalues_are_judged_by_their_own_condition() {
    // 1 stands alone, 4 away from a value that has too few vectors.
    let eig = array![[1.0_f64, 0.0, 0.0], [0.0, 5.0, 1.0], [0.0, 0.0, 5.0]].eig().unwrap();
    let at = |value: f64| (0..3).filter(|&i| (eig.values[i].re - value).abs() < 1e-6).collect::<Vec<_>>();
    let (alone, pair) = (at(1.0)[0], at(5.0));
    let gradient = general_eigenvalue_gradient(&eig, alone).unwrap();
    assert!((gradient[(0, 0)].re - 1.0).abs() < 1e-14 && (gradient[(1, 1)]).norm() < 1e-14);
    // Not equal, and no further apart than the condition number of 1e9 makes of rounding errors.
    let near = array![[1.0_f64, 1.0], [0.0, 1.0 + 1e-9]].eig().unwrap();
    assert_eq!(repeated(general_eigenvalue_gradient(&near, 0)), Some((0, 1)));
    for &i in &pair {
        assert_eq!(repeated(general_eigenvalue_gradient(&eig, i)), Some((pair[0], pair[1])));
    }
}

#[test]
fn altered_factors_are_refused() {
    let is_shape = |error: Error| matches!(error, Error::Shape { .. });
    let e = Array2::<f64>::zeros((3, 2));
    let mut svd = array![[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]].svd().unwrap();
    svd.u = svd.u.slice(s![.., ..1]).to_owned();
    assert!(is_shape(singular_value_gradient(&svd, 0).unwrap_err()));
    assert!(is_shape(singular_value_hessian_product(&svd, 1, &e).unwrap_err()));
    assert!(is_shape(ky_fan(&svd, 2).map(drop).unwrap_err()));
    assert!(is_shape(singular_value_cluster_derivatives(&svd, 1, &e).unwrap_err()));
    assert!(is_shape(singular_value_curvatures(&svd, 0).unwrap_err()));
    svd = array![[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]].svd().unwrap();
    svd.s[1] = f64::NAN;
    assert_eq!(ky_fan(&svd, 2).map(drop).unwrap_err(), Error::NonFinite { row: 1, col: 0 });
    assert_eq!(singular_value_gradient(&svd, 0).unwrap_err(), Error::NonFinite { row: 1, col: 0 });
    let mut polar = array![[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]].polar().unwrap();
    polar.s = array![3.0];
    assert!(is_shape(polar.jvp(&e).unwrap_err()));
    let mut eig = array![[1.0, 2.0], [0.0, 3.0]].eig().unwrap();
    eig.right = Array2::zeros((1, 1));
    assert!(is_shape(general_eigenvalue_gradient(&eig, 0).unwrap_err()));
}

#[test]
fn powers_out_of_range_have_derivatives_within() {
    let (tiny, nothing) = (array![[1e-100]], array![[0.0]]);
    let f = power(&tiny, 5).unwrap();
    approx::assert_relative_eq!(f.jvp(&array![[1e300]]).unwrap()[(0, 0)], 5e-100, max_relative = 1e-14);
    approx::assert_relative_eq!(f.vjp(&array![[1e300]]).unwrap()[(0, 0)], 5e-100, max_relative = 1e-14);
    let zero = power(&nothing, 1).unwrap();
    assert_eq!(zero.jvp(&array![[2.0]]).unwrap(), array![[2.0]]);
    assert_eq!(power(&nothing, 2).unwrap().jvp(&array![[2.0]]).unwrap(), array![[0.0]]);
}

#[test]
fn a_power_out_of_range_is_named() {
    let error = power(&array![[1e200]], 2).map(drop).unwrap_err();
    assert_eq!(error, Error::Overflow { what: "the power" });
}

/// 1/gap is beyond the range, and what it is multiplied by brings the gradient back; likewise at the other end.
#[test]
fn gradients_within_the_range_for_gaps_beyond_it() {
    for (scale, entry) in [(1e-310, 1e-6), (1e-310, 0.0), (1e307, 1e307)] {
        let s = array![scale, 0.55 * scale];
        let svd = Svd { u: Array2::eye(2), s: s.clone(), vh: Array2::eye(2) };
        let bar = SvdCotangent { u: Some(array![[0.0, entry], [0.0, 0.0]]), ..Default::default() };
        // Powers of two: exact, and within the range.
        let (power, small) = if scale < 1.0 { (1000f64.exp2(), 1.0) } else { ((-1000f64).exp2(), (-1000f64).exp2()) };
        let (gap, sum) = ((s[1] - s[0]) * power, (s[1] + s[0]) * power);
        let expected = 0.5 * entry * small * (1.0 / gap + 1.0 / sum);
        let found = svd.vjp(&bar).expect("it is within the range")[(0, 1)];
        let found = if scale < 1.0 { found / power } else { found };
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{scale:e}, {entry:e}: {found:e} for {expected:e}");
    }
    let eigh = Eigh { values: array![5.5e-311, 1e-310], vectors: Array2::eye(2) };
    let bar = EighCotangent { vectors: Some(array![[0.0, 1e-6], [0.0, 0.0]]), ..Default::default() };
    let found = eigh.vjp(&bar).expect("it is within the range")[(0, 1)] / 1000f64.exp2();
    let expected = 0.5e-6 / ((1e-310 - 5.5e-311) * 1000f64.exp2());
    assert!((found - expected).abs() <= 1e-12 * expected, "{found:e} for {expected:e}");
}
