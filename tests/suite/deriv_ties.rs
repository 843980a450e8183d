//! Derivatives where values meet or nearly meet, at the ends of the range, and to second order: against closed forms and
//! difference quotients from both sides.

use lapwing::Error;
use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, array};

use super::differences::{along, hermitian_part, inner, norm, random, scaled, wide};
use super::generate::{C64, Rng, Scalar, adjoint, each_type, general, hermitian, narrow};

fn is_repeated<X>(result: lapwing::Result<X>, first: usize, last: usize) -> bool {
    matches!(result, Err(Error::Repeated { first: f, last: l, .. }) if (f, l) == (first, last))
}

/// The matrices with ties that the derivatives have to face, with the cluster that is found first.
fn tied<T: Scalar>() -> Vec<(Array2<T>, (usize, usize))> {
    let of = |a: Array2<f64>| narrow::<T>(&a.mapv(|x| C64::new(x, 0.0)));
    let (c, s) = (0.3f64.cos(), 0.3f64.sin());
    let mut deficient = Array2::zeros((5, 3));
    deficient[(0, 0)] = 1.0;
    vec![
        (of(Array2::eye(3)), (0, 2)),
        (of(array![[c, -s], [s, c]]), (0, 1)),
        (of(Array2::from_diag(&array![2.0, 2.0, 1.0])), (0, 1)),
        (of(Array2::zeros((2, 2))), (0, 1)),
        (of(deficient), (1, 2)),
    ]
}

/// At ties the vectors have no derivative, the projector of a cluster has one, and a loss that tells its vectors apart has none.
fn ties_are_errors_or_right<T: Scalar>() {
    let mut rng = Rng::new(11);
    for (a, (first, last)) in tied::<T>() {
        let (m, n) = a.dim();
        let svd = a.svd().expect("a good matrix");
        assert!(is_repeated(svd.jvp(&random::<T>(&mut rng, m, n)), first, last));
        assert!(is_repeated(singular_value_gradient(&svd, last), first, last));
        let u = random::<T>(&mut rng, m, m.min(n));
        assert!(svd.vjp(&SvdCotangent { u: Some(u), ..Default::default() }).is_err());
        let mut uneven = Array1::from_elem(m.min(n), T::real_of(0.0));
        uneven[first] = T::real_of(1.0);
        assert!(is_repeated(svd.vjp(&SvdCotangent { s: Some(uneven), ..Default::default() }), first, last));
        // Nothing is asked for, nothing is refused.
        assert_eq!(svd.vjp(&SvdCotangent::default()).expect("no cotangent"), Array2::zeros((m, n)));
    }
}

/// f(A) = Re tr(M·P) with P the projector onto the first eigenvectors, a cluster of two, by its vectors: against differences.
fn projectors_have_gradients<T: Scalar>() {
    let mut rng = Rng::new(12);
    let s = narrow::<T>(&hermitian::<T>(&mut rng, &[1.0, 1.0, 3.0, 4.0]).a);
    let weight = random::<T>(&mut rng, 4, 4);
    let weight = hermitian_part(&weight);
    let eigh = s.eigh().expect("a good matrix");
    let q = eigh.vectors.slice(ndarray::s![.., ..2]).to_owned();
    let mut vectors = Array2::zeros((4, 4));
    let part = narrow::<T>(&(wide(&weight).dot(&wide(&q)) * C64::new(2.0, 0.0)));
    vectors.slice_mut(ndarray::s![.., ..2]).assign(&part);
    let gradient = eigh.vjp(&EighCotangent { vectors: Some(vectors), ..Default::default() }).expect("it is invariant");
    let e = random::<T>(&mut rng, 4, 4);
    let e = hermitian_part(&e);
    let loss = |t: f64| {
        let q = wide(&along(&s, &e, t).eigh().expect("a good matrix").vectors).slice(ndarray::s![.., ..2]).to_owned();
        let projector = q.dot(&adjoint(&q));
        wide(&weight).iter().zip(projector.t()).map(|(x, y)| (x * y).re).sum::<f64>()
    };
    let h = T::EPS.powf(1.0 / 3.0);
    let difference = (loss(h) - loss(-h)) / (2.0 * h);
    let error = (inner(&gradient, &e) - difference).abs() / norm(&gradient) / norm(&e);
    assert!(error < 20.0 * h * h, "{error:e}");
}

/// Values that part leave with the slopes that difference quotients have on each side.
fn clusters_part_with_the_slopes_of_differences<T: Scalar>() {
    let mut rng = Rng::new(13);
    let h = T::EPS.sqrt();
    for (a, _) in tied::<T>() {
        let e = random::<T>(&mut rng, a.nrows(), a.ncols());
        let svd = a.svd().expect("a good matrix");
        for i in 0..svd.s.len() {
            let parting = singular_value_cluster_derivatives(&svd, i, &e).expect("it exists");
            assert!(parting.values.contains(&i));
            let moved = along(&a, &e, h).singular_values().expect("a good matrix");
            for (j, &slope) in parting.values.clone().zip(&parting.slopes) {
                let quotient = (T::f64_of(moved[j]) - T::f64_of(svd.s[j])) / h;
                // The quotient is wrong by h‖E‖²/gap and by ε/h.
                assert!((quotient - T::f64_of(slope)).abs() < 100.0 * h, "{quotient} and {slope}");
            }
        }
    }
    let s = narrow::<T>(&hermitian::<T>(&mut rng, &[-1.0, 2.0, 2.0, 2.0]).a);
    let eigh = s.eigh().expect("a good matrix");
    let e = random::<T>(&mut rng, 4, 4);
    let e = hermitian_part(&e);
    let parting = eigenvalue_cluster_derivatives(&eigh, 2, &e).expect("it exists");
    assert_eq!(parting.values, 1..4);
    for sign in [1.0, -1.0] {
        let moved = along(&s, &e, sign * h).eigvalsh().expect("a good matrix");
        for (place, &slope) in parting.slopes.iter().enumerate() {
            let j = if sign > 0.0 { 1 + place } else { 3 - place };
            let quotient = sign * (T::f64_of(moved[j]) - T::f64_of(eigh.values[j])) / h;
            assert!((quotient - T::f64_of(slope)).abs() < 100.0 * h, "{quotient} and {slope}");
        }
    }
}

/// The directional derivatives of all Ky Fan norms, at ties too, against differences from both sides, and their subgradients.
fn ky_fan_norms<T: Scalar>() {
    let mut rng = Rng::new(14);
    let h = T::EPS.sqrt();
    let mut cases: Vec<Array2<T>> = tied::<T>().into_iter().map(|(a, _)| a).collect();
    cases.push(narrow(&general::<T>(&mut rng, 5, 3, &[4.0, 2.0, 1.0]).a));
    cases.push(narrow(&general::<T>(&mut rng, 3, 5, &[4.0, 2.0, 2.0]).a));
    for a in cases {
        let e = random::<T>(&mut rng, a.nrows(), a.ncols());
        let (svd, full) = (a.svd().expect("a good matrix"), a.svd_with(&SvdOptions::full(), &mut Workspace::new()));
        for k in 1..=svd.s.len() {
            let norm_k = ky_fan(&svd, k).expect("k is right");
            let of = |a: &Array2<T>| {
                a.singular_values().expect("a good matrix").iter().take(k).map(|&s| T::f64_of(s)).sum::<f64>()
            };
            let slope = |e: &Array2<T>| T::f64_of(norm_k.directional(e).expect("it exists"));
            for sign in [1.0, -1.0] {
                let moved = scaled(&e, sign);
                let quotient = (of(&along(&a, &moved, h)) - of(&a)) / h;
                assert!((quotient - slope(&moved)).abs() < 100.0 * h, "k = {k}: {quotient} and {}", slope(&moved));
            }
            let subgradient = norm_k.subgradient().expect("there is one");
            assert!(norm_k.contains(&subgradient).expect("it fits"));
            let first = svd.u.slice(ndarray::s![.., ..1]).dot(&svd.vh.slice(ndarray::s![..1, ..]));
            let outside = along(&subgradient, &first, 1.01);
            assert!(!norm_k.contains(&outside).expect("it fits"));
            assert!(inner(&subgradient, &e) <= slope(&e) + 100.0 * T::EPS.sqrt());
            match norm_k.gradient() {
                Ok(gradient) => assert!((inner(&gradient, &e) - slope(&e)).abs() < 200.0 * T::EPS * norm(&e)),
                Err(error) => assert!(matches!(error, Error::Repeated { .. })),
            }
            let full = full.as_ref().expect("a good matrix");
            let by_full = T::f64_of(ky_fan(full, k).and_then(|norm| norm.directional(&e)).expect("it exists"));
            assert!((by_full - slope(&e)).abs() < 200.0 * T::EPS * norm(&e));
        }
    }
}

/// Second derivatives, against second differences of the values, and Hessians against their products.
fn second_derivatives<T: Scalar>() {
    let mut rng = Rng::new(15);
    let h = T::EPS.powf(0.25);
    // A value is wrong by ε, and the fourth derivative has a factor of a few hundred here.
    let allowed = 1000.0 * h * h;
    for shape in [(4, 4), (5, 3), (3, 5)] {
        // The other two are equal.
        let k = shape.0.min(shape.1);
        let mut values = vec![1.0_f64; k];
        values[1] = 3.0;
        values.sort_by(|x, y| y.total_cmp(x));
        let a = narrow::<T>(&general::<T>(&mut rng, shape.0, shape.1, &values).a);
        let e = random::<T>(&mut rng, shape.0, shape.1);
        let e = scaled(&e, 1.0 / norm(&e));
        let svd = a.svd().expect("a good matrix");
        let value = |t: f64| T::f64_of(along(&a, &e, t).singular_values().expect("a good matrix")[0]);
        let second = (value(h) - 2.0 * value(0.0) + value(-h)) / (h * h);
        let found = T::f64_of(singular_value_second_derivative(&svd, 0, &e).expect("it is simple"));
        assert!((found - second).abs() < allowed, "{found} and {second}");
        assert!(is_repeated(singular_value_second_derivative(&svd, 1, &e).map(drop), 1, k - 1));
    }
    let s = narrow::<T>(&hermitian::<T>(&mut rng, &[-2.0, 1.0, 1.0, 4.0]).a);
    let e = random::<T>(&mut rng, 4, 4);
    let e = scaled(&hermitian_part(&e), 1.0 / norm(&e));
    let eigh = s.eigh().expect("a good matrix");
    for i in [0, 3] {
        let value = |t: f64| T::f64_of(along(&s, &e, t).eigvalsh().expect("a good matrix")[i]);
        let second = (value(h) - 2.0 * value(0.0) + value(-h)) / (h * h);
        let found = T::f64_of(eigenvalue_second_derivative(&eigh, i, &e).expect("it is simple"));
        assert!((found - second).abs() < allowed, "{found} and {second}");
    }
}

/// Gaps of 1e-3, 1e-6 and 1e-9 times the values: the derivatives of the vectors are as large as that makes them, and right to what the
/// vectors are, ε/gap. A closed form: [c+g/2, t; t, c−g/2] turns by t/g.
#[test]
fn close_values_get_large_answers() {
    for gap in [1e-3, 1e-6, 1e-9_f64] {
        let s = Array2::from_diag(&array![1.0 - gap / 2.0, 1.0 + gap / 2.0]);
        let e = array![[0.0, 1.0], [1.0, 0.0]];
        let tangent = s.eigh().expect("a good matrix").jvp(&e).expect("they are apart");
        approx::assert_relative_eq!(tangent.vectors[(1, 0)].abs(), 1.0 / gap, max_relative = 10.0 * f64::EPSILON / gap);
        let svd = s.svd().expect("a good matrix");
        let tangent = svd.jvp(&e).expect("they are apart");
        // The first singular vector is the second unit vector, which turns towards the first.
        approx::assert_relative_eq!(tangent.u[(0, 0)].abs(), 1.0 / gap, max_relative = 10.0 * f64::EPSILON / gap);
        approx::assert_relative_eq!(singular_gaps(&svd)[0], gap, max_relative = 10.0 * f64::EPSILON / gap);
    }
}

/// At scales where σ² would vanish or overflow, the derivatives are those at scale 1, scaled.
#[test]
fn scales_near_the_ends_of_the_range() {
    let mut rng = Rng::new(16);
    let a = narrow::<f64>(&general::<f64>(&mut rng, 5, 3, &[3.0, 2.0, 1.0]).a);
    let (e, u) = (random::<f64>(&mut rng, 5, 3), random::<f64>(&mut rng, 5, 3));
    let vh = random::<f64>(&mut rng, 3, 3);
    let bar = SvdCotangent { u: Some(u), s: Some(array![1.0, 2.0, 3.0]), vh: Some(vh) };
    let svd = a.svd().expect("a good matrix");
    let (tangent, gradient) = (svd.jvp(&e).expect("apart"), svd.vjp(&bar).expect("apart"));
    for power in [-500, 500] {
        let scale = f64::from(power).exp2();
        let scaled = Svd { s: &svd.s * scale, ..svd.clone() };
        let found = scaled.jvp(&(&e * scale)).expect("apart");
        approx::assert_relative_eq!(found.u, tangent.u, max_relative = 1e-13);
        approx::assert_relative_eq!(found.s, &tangent.s * scale, max_relative = 1e-13);
        let without_values = SvdCotangent { s: None, ..bar.clone() };
        let plain = svd.vjp(&without_values).expect("apart");
        approx::assert_relative_eq!(scaled.vjp(&without_values).expect("apart") * scale, plain, max_relative = 1e-12);
    }
    assert!(gradient.iter().all(|x| x.is_finite()));
}

/// The right Jacobian of a singular vector agrees with differences; the widely read wrong one does not.
#[test]
fn the_jacobian_of_a_singular_vector() {
    let mut rng = Rng::new(17);
    let a = narrow::<f64>(&general::<f64>(&mut rng, 4, 3, &[3.0, 2.0, 1.0]).a);
    let svd = a.svd().expect("a good matrix");
    let jacobian = singular_vector_jacobian(&svd, 1).expect("it is simple");
    let (u, v, sigma) = (svd.u.column(1).to_owned(), svd.vh.row(1).to_owned(), svd.s[1]);
    let h = 1e-5;
    let (mut worst, mut worst_of_the_wrong) = (0.0f64, 0.0f64);
    for (k, column) in jacobian.columns().into_iter().enumerate() {
        let (i, j) = (k % 4, k / 4);
        let moved = |t: f64| {
            let mut a = a.clone();
            a[(i, j)] += t;
            let w = a.svd().expect("a good matrix").u.column(1).to_owned();
            let sign = w.dot(&u).signum();
            w * sign
        };
        let difference = (moved(h) - moved(-h)) / (2.0 * h);
        // (vᵀ ⊗ I)/σ, which forgets that u stays a unit vector.
        let wrong = Array1::from_shape_fn(4, |row| if row == i { v[j] / sigma } else { 0.0 });
        let distance = |x: &Array1<f64>| (x - &difference).iter().map(|x| x * x).sum::<f64>().sqrt();
        worst = worst.max(distance(&column.to_owned()));
        worst_of_the_wrong = worst_of_the_wrong.max(distance(&wrong));
    }
    assert!(worst < 1e-8, "{worst:e}");
    assert!(worst_of_the_wrong > 0.1, "{worst_of_the_wrong:e}");
}

/// Hessians against the closed form of a 2×2 matrix: λ = (a + c)/2 ± √(((a − c)/2)² + b²).
#[test]
fn hessians_of_two_by_two_matrices() {
    let (a, b, c) = (2.0, 0.7, -0.5);
    let eigh = array![[a, b], [b, c]].eigh().expect("a good matrix");
    let d: f64 = (a - c) / 2.0;
    let root = d.hypot(b);
    // The second derivatives of the root by a, b and c; b stands in two entries.
    let (daa, dab, dbb) = (b * b / (4.0 * root.powi(3)), -d * b / (2.0 * root.powi(3)), d * d / root.powi(3));
    for (i, sign) in [(0, -1.0), (1, 1.0)] {
        let hessian = eigenvalue_hessian(&eigh, i).expect("it is simple");
        let expected = sign
            * array![
                [daa, dab / 2.0, dab / 2.0, -daa],
                [dab / 2.0, dbb / 4.0, dbb / 4.0, -dab / 2.0],
                [dab / 2.0, dbb / 4.0, dbb / 4.0, -dab / 2.0],
                [-daa, -dab / 2.0, -dab / 2.0, daa]
            ];
        approx::assert_abs_diff_eq!(hessian, expected, epsilon = 1e-14);
    }
}

/// Eigenvalues of a circulant and of a tridiagonal Toeplitz matrix have closed forms, and so have their derivatives.
#[test]
fn paths_with_closed_forms() {
    let n = 6;
    let toeplitz = |t: f64| {
        Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
            0 => 2.0,
            1 => t,
            _ => 0.0,
        })
    };
    let eigh = toeplitz(-1.0).eigh().expect("a good matrix");
    let tangent = eigh.jvp(&(toeplitz(1.0) - toeplitz(0.0))).expect("they are apart");
    for (k, &slope) in tangent.values.iter().enumerate() {
        // λ = 2 + 2t·cos(jπ/(n + 1)), ascending for t = −1.
        let expected = 2.0 * ((k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64).cos();
        approx::assert_abs_diff_eq!(slope, expected, epsilon = 1e-14);
    }
    // The circulant with c₀ = 0, c₁ = c₅ = t: λ = 2t·cos(2πj/n), in pairs; its clusters move as they are along itself.
    let circulant = Array2::from_shape_fn((n, n), |(i, j)| f64::from([1, n - 1].contains(&i.abs_diff(j))));
    let eigh = circulant.eigh().expect("a good matrix");
    assert!(is_repeated(eigh.jvp(&circulant), 1, 2));
    let parting = eigenvalue_cluster_derivatives(&eigh, 3, &circulant).expect("it exists");
    assert_eq!(parting.values, 3..5);
    approx::assert_abs_diff_eq!(parting.slopes, array![1.0, 1.0], epsilon = 1e-13);
}

each_type! {
    ties_are_errors_or_right,
    projectors_have_gradients,
    clusters_part_with_the_slopes_of_differences,
    ky_fan_norms,
    second_derivatives,
}
