//! Derivatives of factorizations: directional derivatives against extrapolated difference quotients of the factorization
//! itself, gradients by the adjoint identity.

use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

use super::differences::{
    NINE, Parts, STEP, adjoint_identity, along, close, extrapolated, inner_of, norm_of, random, random_values,
    rounding, turned_back, wide, wide_values,
};
use super::generate::{C64, Rng, Scalar, Spectrum, Wide, adjoint, each_type, general, hermitian, narrow};

const SHAPES: [(usize, usize); 5] = [(4, 4), (6, 3), (3, 6), (1, 1), (5, 1)];
fn matrix<T: Scalar>(rng: &mut Rng, (m, n): (usize, usize)) -> Array2<T> {
    narrow(&general::<T>(rng, m, n, &Spectrum::Arithmetic.values(m.min(n), 10.0)).a)
}

/// The SVD of `a`, with the phases that move no pair of vectors along itself, from those of `from` on.
fn svd_near<T: Scalar>(a: &Array2<T>, from: &Svd<T>) -> Parts {
    let svd = a.svd().expect("a good matrix");
    let (mut u, mut vh) = (wide(&svd.u), wide(&svd.vh));
    for i in 0..svd.s.len() {
        let along_u: C64 = from.u.column(i).iter().zip(u.column(i)).map(|(x, y)| x.wide().conj() * y).sum();
        let along_v: C64 = from.vh.row(i).iter().zip(vh.row(i)).map(|(x, y)| x.wide() * y.conj()).sum();
        let phase = turned_back(along_u + along_v);
        u.column_mut(i).mapv_inplace(|x| x * phase);
        vh.row_mut(i).mapv_inplace(|x| x * phase.conj());
    }
    vec![u, wide_values::<T>(&svd.s), vh]
}

/// Directions and gradients of the SVD of one matrix.
fn svd_at<T: Scalar>(rng: &mut Rng, a: &Array2<T>) {
    let (m, n) = a.dim();
    let k = m.min(n);
    let svd = a.svd().expect("a good matrix");
    let da = random::<T>(rng, m, n);
    let tangent = svd.jvp(&da).expect("values are apart");
    let tangent = vec![wide(&tangent.u), wide_values::<T>(&tangent.s), wide(&tangent.vh)];
    // Cotangents of losses that do not depend on phases: the part along each vector is real on both sides together.
    let (mut u, vh) = (random::<T>(rng, m, k), random::<T>(rng, k, n));
    for i in 0..k {
        let along_u: C64 = svd.u.column(i).iter().zip(u.column(i)).map(|(x, y)| x.wide().conj() * y.wide()).sum();
        let along_v: C64 = svd.vh.row(i).iter().zip(vh.row(i)).map(|(x, y)| x.wide() * y.wide().conj()).sum();
        let phase = T::narrow(C64::new(0.0, (along_u + along_v).im));
        let along: Array1<T> = svd.u.column(i).mapv(|x| x * phase);
        let mut column = u.column_mut(i);
        column -= &along;
    }
    let s = random_values::<T>(rng, k);
    let bar = SvdCotangent { u: Some(u.clone()), s: Some(s.clone()), vh: Some(vh.clone()) };
    let gradient = svd.vjp(&bar).expect("values are apart");
    adjoint_identity("SVD", &vec![wide(&u), wide_values::<T>(&s), wide(&vh)], &tangent, &gradient, &da);
    if T::EPS < 1e-10 {
        let moved = |t: f64| svd_near(&(a + &da.mapv(|x| x * T::narrow(C64::new(t, 0.0)))), &svd);
        close("SVD", &tangent, &extrapolated(STEP, moved), NINE);
    }
    // UᴴdU and VᴴdV are skew-Hermitian.
    for (factor, tangent) in [(wide(&svd.u), &tangent[0]), (adjoint(&wide(&svd.vh)), &adjoint(&tangent[2]))] {
        let turn = adjoint(&factor).dot(tangent);
        let defect = norm_of(&vec![&turn + &adjoint(&turn)]);
        assert!(defect <= rounding::<T>() * norm_of(&vec![tangent.clone()]).max(1.0), "not tangent by {defect:e}");
    }
}

fn svd_tangents_and_gradients<T: Scalar>() {
    let mut rng = Rng::new(1);
    for shape in SHAPES {
        let a = matrix::<T>(&mut rng, shape);
        svd_at(&mut rng, &a);
    }
}

fn eigh_tangents_and_gradients<T: Scalar>() {
    let mut rng = Rng::new(2);
    for n in [1, 2, 5] {
        let a = narrow::<T>(&hermitian::<T>(&mut rng, &(0..n).map(|i| i as f64 - 1.5).collect::<Vec<_>>()).a);
        let eigh = a.eigh().expect("a good matrix");
        let da = random::<T>(&mut rng, n, n);
        let tangent = eigh.jvp(&da).expect("values are apart");
        let tangent = vec![wide_values::<T>(&tangent.values), wide(&tangent.vectors)];
        let mut vectors = random::<T>(&mut rng, n, n);
        for i in 0..n {
            let q = eigh.vectors.column(i);
            let along: C64 = q.iter().zip(vectors.column(i)).map(|(x, y)| x.wide().conj() * y.wide()).sum();
            let along = q.mapv(|x| x * T::narrow(C64::new(0.0, along.im)));
            let mut column = vectors.column_mut(i);
            column -= &along;
        }
        let values = random_values::<T>(&mut rng, n);
        let bar = EighCotangent { values: Some(values.clone()), vectors: Some(vectors.clone()) };
        let gradient = eigh.vjp(&bar).expect("values are apart");
        adjoint_identity("eigh", &vec![wide_values::<T>(&values), wide(&vectors)], &tangent, &gradient, &da);
        let defect = norm_of(&vec![wide(&gradient) - adjoint(&wide(&gradient))]);
        assert!(
            defect <= rounding::<T>() * norm_of(&vec![wide(&gradient)]),
            "the gradient is not Hermitian by {defect:e}"
        );
        if T::EPS < 1e-10 {
            let half = (wide(&da) + adjoint(&wide(&da))) * C64::new(0.5, 0.0);
            let moved = |t: f64| {
                let eigh = narrow::<T>(&(wide(&a) + &half * C64::new(t, 0.0))).eigh().expect("a good matrix");
                let mut q = wide(&eigh.vectors);
                for i in 0..n {
                    let from = wide(&self::eigh_vectors(&a)).column(i).to_owned();
                    let along: C64 = from.iter().zip(q.column(i)).map(|(x, y)| x.conj() * y).sum();
                    q.column_mut(i).mapv_inplace(|x| x * turned_back(along));
                }
                vec![wide_values::<T>(&eigh.values), q]
            };
            close("eigh", &tangent, &extrapolated(STEP, moved), NINE);
        }
    }
}

fn eigh_vectors<T: Scalar>(a: &Array2<T>) -> Array2<T> {
    a.eigh().expect("a good matrix").vectors
}

fn qr_tangents_and_gradients<T: Scalar>() {
    let mut rng = Rng::new(3);
    for (m, n) in SHAPES {
        let (a, da) = (matrix::<T>(&mut rng, (m, n)), random::<T>(&mut rng, m, n));
        let qr = a.qr().expect("a good matrix");
        let tangent = qr.jvp(&da).expect("full rank");
        let tangent = vec![wide(&tangent.q), wide(&tangent.r)];
        let k = m.min(n);
        let (q, r) = (random::<T>(&mut rng, m, k), random::<T>(&mut rng, k, n));
        let gradient = qr.vjp(&QrCotangent { q: Some(q.clone()), r: Some(r.clone()) }).expect("full rank");
        adjoint_identity("QR", &vec![wide(&q), wide(&r)], &tangent, &gradient, &da);
        let parts = |qr: &Qr<T>| vec![wide(&qr.q().expect("memory")), wide(&qr.r())];
        if T::EPS < 1e-10 {
            let moved = |t: f64| parts(&along(&a, &da, t).qr().expect("a good matrix"));
            close("QR", &tangent, &extrapolated(STEP, moved), NINE);
        }
    }
}

fn lu_tangents_and_gradients<T: Scalar>() {
    let mut rng = Rng::new(4);
    for (m, n) in SHAPES {
        let (a, da) = (matrix::<T>(&mut rng, (m, n)), random::<T>(&mut rng, m, n));
        let lu = a.lu().expect("a good matrix");
        let tangent = lu.jvp(&da).expect("full rank");
        let tangent = vec![wide(&tangent.l), wide(&tangent.u)];
        let k = m.min(n);
        let (l, u) = (random::<T>(&mut rng, m, k), random::<T>(&mut rng, k, n));
        let gradient = lu.vjp(&LuCotangent { l: Some(l.clone()), u: Some(u.clone()) }).expect("full rank");
        adjoint_identity("LU", &vec![wide(&l), wide(&u)], &tangent, &gradient, &da);
        if T::EPS < 1e-10 {
            let moved = |t: f64| {
                let moved = along(&a, &da, t).lu().expect("a good matrix");
                assert_eq!(moved.permutation(), lu.permutation());
                vec![wide(&moved.l()), wide(&moved.u())]
            };
            close("LU", &tangent, &extrapolated(STEP, moved), NINE);
        }
    }
}

fn cholesky_tangents_and_gradients<T: Scalar>() {
    let mut rng = Rng::new(5);
    for n in [1, 2, 5] {
        let a = narrow::<T>(&hermitian::<T>(&mut rng, &Spectrum::Arithmetic.values(n, 10.0)).a);
        let da = random::<T>(&mut rng, n, n);
        let da = narrow::<T>(&((wide(&da) + adjoint(&wide(&da))) * C64::new(0.5, 0.0)));
        let cholesky = a.cholesky().expect("positive definite");
        let tangent = vec![wide(&cholesky.jvp(&da).expect("it exists"))];
        let bar = random::<T>(&mut rng, n, n);
        let gradient = cholesky.vjp(&bar).expect("it exists");
        adjoint_identity("Cholesky", &vec![wide(&bar)], &tangent, &gradient, &da);
        if T::EPS < 1e-10 {
            let moved = |t: f64| vec![wide(&along(&a, &da, t).cholesky().expect("positive definite").factor())];
            close("Cholesky", &tangent, &extrapolated(STEP, moved), NINE);
        }
    }
}

fn polar_tangents_and_gradients<T: Scalar>() {
    let mut rng = Rng::new(6);
    for (m, n) in [(4, 4), (6, 3), (1, 1), (5, 1)] {
        for spectrum in [Spectrum::Arithmetic, Spectrum::Repeated] {
            let a = narrow::<T>(&general::<T>(&mut rng, m, n, &spectrum.values(n, 4.0)).a);
            let da = random::<T>(&mut rng, m, n);
            let polar = a.polar().expect("a good matrix");
            let tangent = polar.jvp(&da).expect("full rank");
            let tangent = vec![wide(&tangent.w), wide(&tangent.h)];
            let (w, h) = (random::<T>(&mut rng, m, n), random::<T>(&mut rng, n, n));
            let gradient = polar.vjp(&PolarCotangent { w: Some(w.clone()), h: Some(h.clone()) }).expect("full rank");
            adjoint_identity("polar", &vec![wide(&w), wide(&h)], &tangent, &gradient, &da);
            if T::EPS < 1e-10 {
                let moved = |t: f64| {
                    let moved = along(&a, &da, t).polar().expect("a good matrix");
                    vec![wide(&moved.w), wide(&moved.h)]
                };
                close("polar", &tangent, &extrapolated(STEP, moved), NINE);
            }
        }
    }
}

/// A function of a matrix whose value is a matrix.
fn matrix_function<T: Scalar, F>(
    what: &str, rng: &mut Rng, a: &Array2<T>, da: &Array2<T>, at: &F, value: impl Fn(&Array2<T>) -> Array2<T>,
) where
    F: Differentiable<T, Tangent = Array2<T>, Cotangent = Array2<T>>,
{
    let tangent = at.jvp(da).expect("it exists");
    let bar = random::<T>(rng, tangent.nrows(), tangent.ncols());
    let gradient = at.vjp(&bar).expect("it exists");
    adjoint_identity(what, &vec![wide(&bar)], &vec![wide(&tangent)], &gradient, da);
    if T::EPS < 1e-10 {
        let moved = |t: f64| vec![wide(&value(&along(a, da, t)))];
        close(what, &vec![wide(&tangent)], &extrapolated(STEP, moved), NINE);
    }
}

fn matrix_functions<T: Scalar>() {
    let mut rng = Rng::new(7);
    for n in [1, 4] {
        let (a, da) = (matrix::<T>(&mut rng, (n, n)), random::<T>(&mut rng, n, n));
        for k in [0, 1, 2, 3, 7] {
            let powered = |a: &Array2<T>| (0..k).fold(Array2::eye(n), |product: Array2<T>, _| product.dot(a));
            let power = power(&a, k).expect("it exists");
            close("a power", &vec![wide(power.value())], &vec![wide(&powered(&a))], rounding::<T>());
            matrix_function("a power", &mut rng, &a, &da, &power, powered);
        }
        let inverted = |a: &Array2<T>| a.lu().and_then(|lu| lu.inverse()).expect("regular");
        matrix_function("the inverse", &mut rng, &a, &da, &inverse(&a).expect("regular"), inverted);
        numbers(&a, &da);
    }
    for (m, n) in SHAPES {
        let (a, da) = (matrix::<T>(&mut rng, (m, n)), random::<T>(&mut rng, m, n));
        let pinv = a.pinv(None).expect("a good matrix");
        let at = pseudoinverse(&a, &pinv).expect("it fits");
        matrix_function("the pseudoinverse", &mut rng, &a, &da, &at, |a| a.pinv(None).expect("a good matrix").matrix);
    }
}

/// The determinant and its logarithm.
fn numbers<T: Scalar>(a: &Array2<T>, da: &Array2<T>) {
    let one = |z: C64| vec![Wide::from_elem((1, 1), z)];
    let real = |x: T::Real| C64::new(T::f64_of(x), 0.0);
    let (det, ln) = (determinant(a).expect("it exists"), ln_det(a).expect("regular"));
    let (of_det, of_ln) = (det.jvp(da).expect("it exists"), ln.jvp(da).expect("it exists"));
    let weight = T::narrow(C64::new(0.6, if T::COMPLEX { 0.8 } else { 0.0 }));
    let gradient = det.vjp(&weight).expect("it exists");
    adjoint_identity("the determinant", &one(weight.wide()), &one(of_det.wide()), &gradient, da);
    let weight = T::real_of(0.7);
    let gradient = ln.vjp(&weight).expect("it exists");
    adjoint_identity("ln|det|", &one(real(weight)), &one(real(of_ln)), &gradient, da);
    if T::EPS < 1e-10 {
        let moved = |t: f64| one(along(a, da, t).lu().and_then(|lu| lu.det()).expect("in range").wide());
        close("the determinant", &one(of_det.wide()), &extrapolated(STEP, moved), NINE);
        let moved = |t: f64| one(real(along(a, da, t).lu().and_then(|lu| lu.ln_det()).expect("regular").1));
        close("ln|det|", &one(real(of_ln)), &extrapolated(STEP, moved), NINE);
    }
}

fn least_squares_by_all_factors<T: Scalar>() {
    let mut rng = Rng::new(8);
    for (m, n) in [(6, 3), (4, 4), (5, 1)] {
        let (a, b) = (matrix::<T>(&mut rng, (m, n)), random::<T>(&mut rng, m, 2));
        let (da, db) = (random::<T>(&mut rng, m, n), random::<T>(&mut rng, m, 2));
        let qr = a.qr().expect("a good matrix");
        let svd = a.svd().expect("a good matrix");
        let gram = narrow::<T>(&adjoint(&wide(&a)).dot(&wide(&a)));
        let cholesky = gram.cholesky().expect("positive definite");
        let all = [
            LeastSquaresFactors::Qr(&qr),
            LeastSquaresFactors::NormalEquations(&cholesky),
            LeastSquaresFactors::Svd(&svd),
        ];
        for factors in all {
            let fit = least_squares(&a, &b, factors).expect("full rank");
            let tangent = fit.jvp_both(&da, &db).expect("it exists");
            let bar = random::<T>(&mut rng, n, 2);
            let (of_a, of_b) = fit.vjp_both(&bar).expect("it exists");
            let forward = inner_of(&vec![wide(&bar)], &vec![wide(&tangent)]);
            let backward = inner_of(&vec![wide(&of_a), wide(&of_b)], &vec![wide(&da), wide(&db)]);
            let size = norm_of(&vec![wide(&bar)]) * norm_of(&vec![wide(&tangent)]);
            // The solution itself is wrong by κ²·ε, κ = 10.
            assert!((forward - backward).abs() <= 100.0 * rounding::<T>() * size, "{factors:?}");
            if T::EPS < 1e-10 {
                let moved = |t: f64| {
                    let options = LstsqOptions { method: Method::Qr, ..LstsqOptions::default() };
                    let (a, b) = (along(&a, &da, t), along(&b, &db, t));
                    vec![wide(&a.lstsq_with(&b, &options).expect("full rank").x)]
                };
                close("least squares", &vec![wide(&tangent)], &extrapolated(STEP, moved), NINE);
            }
        }
    }
}

each_type! {
    svd_tangents_and_gradients,
    eigh_tangents_and_gradients,
    qr_tangents_and_gradients,
    lu_tangents_and_gradients,
    cholesky_tangents_and_gradients,
    polar_tangents_and_gradients,
    matrix_functions,
    least_squares_by_all_factors,
}
