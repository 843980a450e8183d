//! Derivatives of hard matrices: rank-deficient, graded, at ties through spectral functions; and in single precision against double.
//! Second floor of the tests: matrices from `gen.rs`; closed forms and identities where differences have too few digits.

use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, s};

use super::differences::{
    NINE, Parts, STEP, adjoint_identity, along, close, extrapolated, hermitian_part, inner, norm, random,
    random_values, rounding, turned_back, wide, wide_values,
};
use super::generate::{C64, Rng, Scalar, Spectrum, Wide, adjoint, each_type, general, hermitian, narrow};

/// Losses that see the vectors of the values that are not zero alone, at matrices whose other values are zero: the gradient is finite, and
/// right by differences. f(A) = Re tr(M·U₂U₂ᴴ) + Re tr(N·V₂V₂ᴴ) + σ₁ + σ₂.
fn gradients_without_a_division_by_zero<T: Scalar>() {
    let mut rng = Rng::new(61);
    for (m, n) in [(5, 3), (3, 5), (4, 4)] {
        let k = m.min(n);
        let mut values = vec![0.0; k];
        (values[0], values[1]) = (3.0, 2.0);
        let a = narrow::<T>(&general::<T>(&mut rng, m, n, &values).a);
        let of_u = hermitian_part(&random::<T>(&mut rng, m, m));
        let of_v = hermitian_part(&random::<T>(&mut rng, n, n));
        let svd = a.svd().expect("a good matrix");
        let (mut u, mut vh) = (Array2::<T>::zeros((m, k)), Array2::<T>::zeros((k, n)));
        let twice = |x: Wide| narrow::<T>(&(x * C64::new(2.0, 0.0)));
        u.slice_mut(s![.., ..2]).assign(&twice(wide(&of_u).dot(&wide(&svd.u)).slice(s![.., ..2]).to_owned()));
        vh.slice_mut(s![..2, ..]).assign(&twice(wide(&svd.vh).dot(&wide(&of_v)).slice(s![..2, ..]).to_owned()));
        let weights = Array1::from_shape_fn(k, |i| T::real_of(if i < 2 { 1.0 } else { 0.0 }));
        let bar = SvdCotangent { u: Some(u), s: Some(weights), vh: Some(vh) };
        let gradient = svd.vjp(&bar).expect("it needs no 1/0");
        let loss = |a: &Array2<T>| {
            let svd = a.svd().expect("a good matrix");
            let (u, vh) = (wide(&svd.u).slice(s![.., ..2]).to_owned(), wide(&svd.vh).slice(s![..2, ..]).to_owned());
            let (u, v) = (narrow::<C64>(&u.dot(&adjoint(&u))), narrow::<C64>(&adjoint(&vh).dot(&vh)));
            let sum = svd.s.iter().take(2).map(|&s| T::f64_of(s)).sum::<f64>();
            inner(&u, &wide(&of_u)) + inner(&v, &wide(&of_v)) + sum
        };
        let e = random::<T>(&mut rng, m, n);
        let h = T::EPS.powf(1.0 / 3.0);
        let difference = (loss(&along(&a, &e, h)) - loss(&along(&a, &e, -h))) / (2.0 * h);
        // Central differences at this step are wrong by a few h².
        let error = (inner(&gradient, &e) - difference).abs() / norm(&gradient) / norm(&e);
        assert!(error < 20.0 * h * h, "{m}×{n}: {error:e}");
    }
}

/// κ = 1e8 for double precision, 1e4 for single.
fn graded<T: Scalar>() -> Vec<f64> {
    if T::EPS < 1e-10 { vec![1.0, 1e-4, 1e-8] } else { vec![1.0, 1e-2, 1e-4] }
}

/// Directions that change every value by about its own size: A(I + tE), and (I + tE)ᴴS(I + tE).
fn graded_spectra<T: Scalar>() {
    let mut rng = Rng::new(62);
    let values = graded::<T>();
    // Each of the six vectors that come out is wrong by about 3ε‖A‖/gap, the gap being the second value, and the extrapolation multiplies errors
    // by 4·64/45 over the step; twice that for complex numbers.
    let allowed = 100.0 * T::EPS / values[1] / STEP;
    for (m, n) in [(5, 3), (3, 5), (3, 3)] {
        let a = narrow::<T>(&general::<T>(&mut rng, m, n, &values).a);
        let da = narrow::<T>(&wide(&a).dot(&wide(&random::<T>(&mut rng, n, n))));
        let svd = a.svd().expect("a good matrix");
        let tangent = svd.jvp(&da).expect("values are apart");
        let of_values = wide_values::<T>(&tangent.s);
        let s = random_values::<T>(&mut rng, 3);
        let gradient = svd.vjp(&SvdCotangent { s: Some(s.clone()), ..Default::default() }).expect("values are apart");
        adjoint_identity("σ", &vec![wide_values::<T>(&s)], &vec![of_values.clone()], &gradient, &da);
        if T::EPS < 1e-10 {
            let moved = |t: f64| {
                let moved = along(&a, &da, t).svd().expect("a good matrix");
                let (mut u, mut vh) = (wide(&moved.u), wide(&moved.vh));
                for i in 0..3 {
                    let of_u: C64 = svd.u.column(i).iter().zip(u.column(i)).map(|(x, y)| x.wide().conj() * y).sum();
                    let of_v: C64 = svd.vh.row(i).iter().zip(vh.row(i)).map(|(x, y)| x.wide() * y.conj()).sum();
                    let phase = turned_back(of_u + of_v);
                    u.column_mut(i).mapv_inplace(|x| x * phase);
                    vh.row_mut(i).mapv_inplace(|x| x * phase.conj());
                }
                vec![u, wide_values::<T>(&moved.s), vh]
            };
            let expected = extrapolated(STEP, moved);
            close("graded values", &vec![of_values.clone()], &vec![expected[1].clone()], NINE);
            // Where the matrix is not square the least value is a gap too, of which differences show nothing.
            if m == n {
                let found: Parts = vec![wide(&tangent.u), of_values, wide(&tangent.vh)];
                close("a graded SVD", &found, &expected, allowed);
            }
        }
    }
    let s = narrow::<T>(&hermitian::<T>(&mut rng, &values).a);
    let e = random::<T>(&mut rng, 3, 3);
    let ds = narrow::<T>(&(adjoint(&wide(&e)).dot(&wide(&s)) + wide(&s).dot(&wide(&e))));
    let tangent = s.eigh().expect("a good matrix").jvp(&ds).expect("values are apart");
    if T::EPS < 1e-10 {
        let moved = |t: f64| {
            let by = Wide::eye(3) + wide(&e) * C64::new(t, 0.0);
            let moved = narrow::<T>(&adjoint(&by).dot(&wide(&s)).dot(&by)).eigh().expect("a good matrix");
            vec![wide_values::<T>(&moved.values)]
        };
        close("graded eigenvalues", &vec![wide_values::<T>(&tangent.values)], &extrapolated(STEP, moved), allowed);
    }
}

/// Columns scaled by D leave Q and L as they are and scale R and U, and D·A·D has the Cholesky factor D·L: so do their derivatives. D falls to
/// 2⁻²⁷, about 1e-8; powers of two round nothing.
fn graded_columns<T: Scalar>() {
    let mut rng = Rng::new(63);
    let d: Vec<f64> = (0..4).map(|j| f64::from(-9 * j).exp2()).collect();
    let columns = |x: &Array2<T>| Array2::from_shape_fn(x.dim(), |(i, j)| x[(i, j)] * T::narrow(C64::new(d[j], 0.0)));
    let rows = |x: &Array2<T>| Array2::from_shape_fn(x.dim(), |(i, j)| x[(i, j)] * T::narrow(C64::new(d[i], 0.0)));
    // Of order 6, condition 10 but for the scaling.
    let allowed = 10.0 * rounding::<T>();
    for m in [4, 6] {
        let a = narrow::<T>(&general::<T>(&mut rng, m, 4, &Spectrum::Arithmetic.values(4, 10.0)).a);
        let da = random::<T>(&mut rng, m, 4);
        let plain = a.qr().and_then(|qr| qr.jvp(&da)).expect("full rank");
        let found = columns(&a).qr().and_then(|qr| qr.jvp(&columns(&da))).expect("full rank");
        close("Q", &vec![wide(&found.q)], &vec![wide(&plain.q)], allowed);
        // Column by column: a norm of all would see the first one only.
        for j in 0..4 {
            let of = |r: &Array2<T>| vec![wide(&r.slice(s![.., j..j + 1]).to_owned())];
            close("R", &of(&found.r), &of(&columns(&plain.r)), allowed);
        }
        let plain = a.lu().and_then(|lu| lu.jvp(&da)).expect("full rank");
        let found = columns(&a).lu().and_then(|lu| lu.jvp(&columns(&da))).expect("full rank");
        close("L", &vec![wide(&found.l)], &vec![wide(&plain.l)], allowed);
        for j in 0..4 {
            let of = |u: &Array2<T>| vec![wide(&u.slice(s![.., j..j + 1]).to_owned())];
            close("U", &of(&found.u), &of(&columns(&plain.u)), allowed);
        }
    }
    let a = narrow::<T>(&hermitian::<T>(&mut rng, &Spectrum::Arithmetic.values(4, 10.0)).a);
    let da = hermitian_part(&random::<T>(&mut rng, 4, 4));
    let both = |x: &Array2<T>| rows(&columns(x));
    let plain = rows(&a.cholesky().and_then(|l| l.jvp(&da)).expect("positive definite"));
    let found = both(&a).cholesky().and_then(|l| l.jvp(&both(&da))).expect("positive definite");
    for i in 0..4 {
        let of = |l: &Array2<T>| vec![wide(&l.slice(s![i..i + 1, ..]).to_owned())];
        close("a graded Cholesky factor", &of(&found), &of(&plain), allowed);
    }
}

/// x³ as a function of its caller's.
fn cube<R: Real>() -> impl SpectralFunction<R> {
    Smooth { function: |x: R| x * x * x, derivative: |x: R| R::real(3.0) * x * x }
}

/// S³ = SSS and its rectangular analogue AAᴴA have derivatives by the product rule, at ties, at zero and everywhere else; and each derivative
/// is its own adjoint.
fn spectral_functions<T: Scalar>() {
    let mut rng = Rng::new(64);
    // Products of three matrices, of order 6 or less.
    let allowed = rounding::<T>();
    for spectrum in [Spectrum::Arithmetic, Spectrum::Repeated, Spectrum::Clustered, Spectrum::Deficient, Spectrum::Zero]
    {
        let s = narrow::<T>(&hermitian::<T>(&mut rng, &spectrum.values(5, 4.0)).a);
        let (e, bar) = (hermitian_part(&random::<T>(&mut rng, 5, 5)), hermitian_part(&random::<T>(&mut rng, 5, 5)));
        let eigh = s.eigh().expect("a good matrix");
        let at = spectral(&eigh, cube()).expect("finite");
        let (tangent, gradient) = (at.jvp(&e).expect("it exists"), at.vjp(&bar).expect("it exists"));
        let (x, y) = (wide(&s), wide(&e));
        let expected = y.dot(&x).dot(&x) + x.dot(&y).dot(&x) + x.dot(&x).dot(&y);
        let size = norm(&s).powi(2) * norm(&e);
        assert!(norm(&narrow::<C64>(&(wide(&tangent) - expected))) <= allowed * size, "S³, {spectrum:?}");
        adjoint_identity("S³", &vec![wide(&bar)], &vec![wide(&tangent)], &gradient, &e);
        // A direction that is not Hermitian counts by its Hermitian part.
        let skewed = along(&e, &random::<T>(&mut rng, 5, 5), 0.5);
        let same = at.jvp(&hermitian_part(&skewed)).expect("it exists");
        close("S³", &vec![wide(&at.jvp(&skewed).expect("it exists"))], &vec![wide(&same)], allowed);
        for (m, n) in [(5, 3), (3, 5), (4, 4), (1, 1)] {
            let a = narrow::<T>(&general::<T>(&mut rng, m, n, &spectrum.values(m.min(n), 4.0)).a);
            let (e, bar) = (random::<T>(&mut rng, m, n), random::<T>(&mut rng, m, n));
            let svd = a.svd().expect("a good matrix");
            let at = odd_spectral(&svd, cube()).expect("finite");
            let (tangent, gradient) = (at.jvp(&e).expect("it exists"), at.vjp(&bar).expect("it exists"));
            let (x, y) = (wide(&a), wide(&e));
            let expected = y.dot(&adjoint(&x)).dot(&x) + x.dot(&adjoint(&y)).dot(&x) + x.dot(&adjoint(&x)).dot(&y);
            let size = norm(&a).powi(2) * norm(&e);
            assert!(norm(&narrow::<C64>(&(wide(&tangent) - expected))) <= allowed * size, "AAᴴA, {spectrum:?}");
            adjoint_identity("AAᴴA", &vec![wide(&bar)], &vec![wide(&tangent)], &gradient, &e);
        }
    }
}

/// The directional derivatives of everything at one matrix, with those of vectors in a form that does not depend on their phases: of σᵢ and of
/// the projectors, by pair.
fn all_tangents<T: Scalar>(a: &Wide, s: &Wide, da: &Wide) -> Vec<(&'static str, Parts)> {
    let (a, s, da) = (narrow::<T>(a), narrow::<T>(s), narrow::<T>(da));
    let svd = a.svd().expect("a good matrix");
    let of_svd = svd.jvp(&da).expect("values are apart");
    let eigh = s.eigh().expect("a good matrix");
    let of_eigh = eigh.jvp(&da).expect("values are apart");
    let product = |x: &Array2<T>, y: &Array2<T>, i: usize| {
        wide(&x.slice(s![.., i..i + 1]).to_owned()).dot(&wide(&y.slice(s![i..i + 1, ..]).to_owned()))
    };
    let adjoint = |x: &Array2<T>| narrow::<T>(&adjoint(&wide(x)));
    let (mut pairs, mut projectors) = (Vec::new(), Vec::new());
    for i in 0..a.nrows() {
        pairs.push(product(&of_svd.u, &svd.vh, i) + product(&svd.u, &of_svd.vh, i));
        let turned = product(&of_eigh.vectors, &adjoint(&eigh.vectors), i);
        projectors.push(&turned + &super::generate::adjoint(&turned));
    }
    let qr = a.qr().and_then(|f| f.jvp(&da)).expect("full rank");
    let lu = a.lu().and_then(|f| f.jvp(&da)).expect("full rank");
    let cholesky = s.cholesky().and_then(|f| f.jvp(&da)).expect("positive definite");
    let polar = a.polar().and_then(|f| f.jvp(&da)).expect("full rank");
    let pinv = a.pinv(None).expect("a good matrix");
    let pinv = pseudoinverse(&a, &pinv).and_then(|f| f.jvp(&da)).expect("it fits");
    vec![
        ("σ", vec![wide_values::<T>(&of_svd.s)]),
        ("uvᴴ", pairs),
        ("λ", vec![wide_values::<T>(&of_eigh.values)]),
        ("qqᴴ", projectors),
        ("QR", vec![wide(&qr.q), wide(&qr.r)]),
        ("LU", vec![wide(&lu.l), wide(&lu.u)]),
        ("Cholesky", vec![wide(&cholesky)]),
        ("polar", vec![wide(&polar.w), wide(&polar.h)]),
        ("A⁺", vec![wide(&pinv)]),
        ("A⁻¹", vec![wide(&inverse(&a).and_then(|f| f.jvp(&da)).expect("regular"))]),
        ("eˢ", vec![wide(&spectral(&eigh, Exp).and_then(|f| f.jvp(&da)).expect("finite"))]),
    ]
}

/// Single precision against double precision on the same numbers.
fn single_against_double<T: Scalar, D: Scalar>() {
    let mut rng = Rng::new(65);
    let rounded = |x: Wide| x.mapv(|z| T::narrow(z).wide());
    let a = rounded(general::<T>(&mut rng, 4, 4, &Spectrum::Arithmetic.values(4, 10.0)).a);
    let s = rounded(hermitian::<T>(&mut rng, &Spectrum::Arithmetic.values(4, 10.0)).a);
    let da = rounded(wide(&hermitian_part(&random::<T>(&mut rng, 4, 4))));
    for ((what, single), (_, double)) in all_tangents::<T>(&a, &s, &da).iter().zip(&all_tangents::<D>(&a, &s, &da)) {
        // κ = 10, and gaps of 0.3: a hundred times what the products round.
        close(what, single, double, rounding::<T>());
    }
}

#[test]
fn single_precision_agrees_with_double() {
    single_against_double::<f32, f64>();
    single_against_double::<super::generate::C32, C64>();
}

/// The same numbers in row-major order and in a view with strides give the same derivatives.
fn layouts<T: Scalar>() {
    let mut rng = Rng::new(66);
    for (m, n) in [(5, 3), (3, 5), (4, 4)] {
        let k = m.min(n);
        let a = narrow::<T>(&general::<T>(&mut rng, m, n, &Spectrum::Arithmetic.values(k, 10.0)).a);
        let da = random::<T>(&mut rng, m, n);
        let svd = a.svd().expect("a good matrix");
        // Cotangents that do not depend on phases: those of Re tr(Mᴴ(U·C·Vᴴ)) with real diagonal C.
        let weights = Wide::from_diag(&Array1::from_shape_fn(k, |i| C64::new(1.0 + i as f64, 0.0)));
        let of = wide(&random::<T>(&mut rng, m, n));
        let u = narrow::<T>(&of.dot(&adjoint(&wide(&svd.vh))).dot(&weights));
        let vh = narrow::<T>(&weights.dot(&adjoint(&wide(&svd.u))).dot(&of));
        let bar = |change: &dyn Fn(&Array2<T>) -> Array2<T>| SvdCotangent {
            u: Some(change(&u)),
            s: None,
            vh: Some(change(&vh)),
        };
        let columns = |x: &Array2<T>| narrow::<T>(&wide(x));
        let rows = |x: &Array2<T>| Array2::from_shape_fn(x.dim(), |place| x[place]);
        let plain = svd.vjp(&bar(&columns)).expect("values are apart");
        let found = svd.vjp(&bar(&rows)).expect("values are apart");
        close("SVD", &vec![wide(&found)], &vec![wide(&plain)], rounding::<T>());
        let by_rows = rows(&a).svd().expect("a good matrix");
        let sum = SvdCotangent { s: Some(Array1::from_elem(k, T::real_of(1.0))), ..Default::default() };
        let (found, plain) = (by_rows.vjp(&sum).expect("apart"), svd.vjp(&sum).expect("apart"));
        close("SVD by rows", &vec![wide(&found)], &vec![wide(&plain)], rounding::<T>());

        let mut backing = Array2::from_elem((2 * m, 2 * n), T::hole());
        backing.slice_mut(s![..;2, ..;-2]).assign(&da);
        let strided = backing.slice(s![..;2, ..;-2]);
        let same = |what: &str, f: &dyn Fn(&ndarray::ArrayRef2<T>) -> Parts| {
            let expected = f(&columns(&da));
            close(what, &f(&rows(&da)), &expected, rounding::<T>());
            close(what, &f(&strided), &expected, rounding::<T>());
        };
        same("SVD", &|e| svd.jvp(e).map(|x| vec![wide(&x.u), wide_values::<T>(&x.s), wide(&x.vh)]).expect("apart"));
        let qr = a.qr().expect("a good matrix");
        same("QR", &|e| qr.jvp(e).map(|x| vec![wide(&x.q), wide(&x.r)]).expect("full rank"));
        let lu = a.lu().expect("a good matrix");
        same("LU", &|e| lu.jvp(e).map(|x| vec![wide(&x.l), wide(&x.u)]).expect("full rank"));
        let pinv = a.pinv(None).expect("a good matrix");
        let pinv = pseudoinverse(&a, &pinv).expect("it fits");
        same("A⁺", &|e| vec![wide(&pinv.jvp(e).expect("it exists"))]);
        let odd = odd_spectral(&svd, cube()).expect("finite");
        same("AAᴴA", &|e| vec![wide(&odd.jvp(e).expect("it exists"))]);
        same("its adjoint", &|e| vec![wide(&odd.vjp(&e.to_owned()).expect("it exists"))]);
        let (q, r) = (random::<T>(&mut rng, m, k), random::<T>(&mut rng, k, n));
        let vjp = |q: Array2<T>, r: Array2<T>| {
            vec![wide(&qr.vjp(&QrCotangent { q: Some(q), r: Some(r) }).expect("full rank"))]
        };
        close("QR", &vjp(rows(&q), rows(&r)), &vjp(columns(&q), columns(&r)), rounding::<T>());
        let vjp = |l: Array2<T>, u: Array2<T>| {
            vec![wide(&lu.vjp(&LuCotangent { l: Some(l), u: Some(u) }).expect("full rank"))]
        };
        close("LU", &vjp(rows(&q), rows(&r)), &vjp(columns(&q), columns(&r)), rounding::<T>());
        let bar = random::<T>(&mut rng, n, m);
        let vjp = |bar: Array2<T>| vec![wide(&pinv.vjp(&bar).expect("it exists"))];
        close("A⁺", &vjp(rows(&bar)), &vjp(columns(&bar)), rounding::<T>());
        if m >= n {
            let polar = a.polar().expect("a good matrix");
            same("polar", &|e| polar.jvp(e).map(|x| vec![wide(&x.w), wide(&x.h)]).expect("full rank"));
            let vjp =
                |w: Array2<T>| vec![wide(&polar.vjp(&PolarCotangent { w: Some(w), h: None }).expect("full rank"))];
            close("polar", &vjp(rows(&q)), &vjp(columns(&q)), rounding::<T>());
            let b = random::<T>(&mut rng, m, 2);
            let fit = |change: &dyn Fn(&Array2<T>) -> Array2<T>| {
                let (a, b) = (change(&a), change(&b));
                let qr = a.qr().expect("a good matrix");
                let fit = least_squares(&a, &b, LeastSquaresFactors::Qr(&qr)).expect("full rank");
                let (of_a, of_b) = fit.vjp_both(&change(&Array2::ones((n, 2)))).expect("it exists");
                vec![wide(&fit.jvp_both(&change(&da), &change(&b)).expect("it exists")), wide(&of_a), wide(&of_b)]
            };
            // The solution is wrong by κ²ε, κ = 10.
            close("least squares", &fit(&rows), &fit(&columns), 100.0 * rounding::<T>());
        }
        if m == n {
            let at = power(&a, 5).expect("square");
            same("A⁵", &|e| vec![wide(&at.jvp(e).expect("it exists"))]);
            same("its adjoint", &|e| vec![wide(&at.vjp(&e.to_owned()).expect("it exists"))]);
            let by_rows = rows(&a);
            let at = power(&by_rows, 5).expect("square");
            same("A⁵ by rows", &|e| vec![wide(&at.jvp(e).expect("it exists"))]);
            let at = inverse(&rows(&a)).expect("regular");
            same("A⁻¹", &|e| {
                vec![wide(&at.jvp(e).expect("it exists")), wide(&at.vjp(&e.to_owned()).expect("it exists"))]
            });
        }
    }
}

each_type! {
    gradients_without_a_division_by_zero,
    graded_spectra,
    graded_columns,
    spectral_functions,
    layouts,
}
