//! Derivatives: what defines each tangent, on hard spectra and at both ends of the range; and its adjoint there.
//! Second floor of the tests. The product rule applied to A = F·G, and the structure of the factors, determine the tangents; neither
//! needs differences, so that every digit can be asked for: the residual of the rule is rounding error of the tangents at hand.

use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis};

use super::differences::{
    Parts, adjoint_identity, hermitian_part, inner, norm_of, random, random_values, rounding, scaled, wide, wide_values,
};
use super::generate::{C64, Rng, Scalar, Wide, adjoint, each_type, general, hermitian, narrow};

/// Powers of two near 1e±150, or for single precision 1e±25: σ² is out of range. They round nothing.
fn scales<T: Scalar>() -> [f64; 3] {
    let k: f64 = if T::EPS < 1e-10 { 500.0 } else { 83.0 };
    [(-k).exp2(), 1.0, k.exp2()]
}

/// Values between 1 and about 1e-8 (1e-3 for single precision): apart, graded, and with a pair at each of three gaps.
fn spectra<T: Scalar>(k: usize) -> Vec<Vec<f64>> {
    let double = T::EPS < 1e-10;
    let last = if double { 1e-8 } else { 1e-3_f64 };
    let step = last.powf(1.0 / (k - 1) as f64);
    let arithmetic = (0..k).map(|i| 1.0 - 0.9 * i as f64 / k as f64).collect();
    let graded = (0..k).map(|i| step.powi(i as i32)).collect();
    let gaps = if double { [1e-3, 1e-6, 1e-9] } else { [1e-1, 1e-2, 1e-3] };
    let pair = |gap: f64| {
        let mut values: Vec<f64> = (0..k).map(|i| 1.0 - 0.8 * i as f64 / k as f64).collect();
        values[2] = values[1] - gap;
        values
    };
    [arithmetic, graded].into_iter().chain(gaps.map(pair)).collect()
}

/// X·2⁻ᵏ in double precision, for the scale 2ᵏ.
fn unscaled<T: Scalar>(x: &Array2<T>, scale: f64) -> Wide {
    wide(x) * C64::new(1.0 / scale, 0.0)
}

fn real<T: Scalar>(values: &Array1<T::Real>, scale: f64) -> Wide {
    Wide::from_diag(&values.mapv(|x| C64::new(T::f64_of(x) / scale, 0.0)))
}

fn norm(x: &Wide) -> f64 {
    norm_of(&vec![x.clone()])
}

/// That the sum of the products is E, to rounding errors of the factors in them.
#[track_caller]
fn product_rule<T: Scalar>(what: &str, e: &Wide, terms: &[&[&Wide]]) {
    let (mut rest, mut size) = (e.clone(), norm(e));
    for factors in terms {
        let product = factors[1..].iter().fold(factors[0].clone(), |product, factor| product.dot(*factor));
        rest = rest - product;
        size += factors.iter().map(|factor| norm(factor)).product::<f64>();
    }
    let error = norm(&rest) / size;
    assert!(error <= rounding::<T>(), "{what}: the product rule fails by {:e}ε", error / T::EPS);
}

/// That X + sign·Xᴴ is 0.
#[track_caller]
fn symmetric<T: Scalar>(what: &str, x: &Wide, sign: f64, size: f64) {
    let defect = norm(&(x + &(adjoint(x) * C64::new(sign, 0.0))));
    assert!(defect <= rounding::<T>() * size, "{what}: {:e}ε from its symmetry", defect / size / T::EPS);
}

/// That QᴴdQ is skew-Hermitian.
#[track_caller]
fn tangent_to_unitary<T: Scalar>(what: &str, q: &Wide, dq: &Wide) {
    symmetric::<T>(what, &adjoint(q).dot(dq), 1.0, norm(dq).max(1.0) * norm(q));
}

/// Each matrix A of a grid with a direction, both times a scale.
fn each_matrix<T: Scalar>(
    seed: u64, shapes: &[(usize, usize)], mut act: impl FnMut(&mut Rng, &Array2<T>, &Array2<T>, f64),
) {
    let mut rng = Rng::new(seed);
    for &(m, n) in shapes {
        for values in spectra::<T>(m.min(n)) {
            for scale in scales::<T>() {
                let a = scaled(&narrow::<T>(&general::<T>(&mut rng, m, n, &values).a), scale);
                let da = scaled(&random::<T>(&mut rng, m, n), scale);
                act(&mut rng, &a, &da, scale);
            }
        }
    }
}

fn each_hermitian<T: Scalar>(seed: u64, signs: bool, mut act: impl FnMut(&mut Rng, &Array2<T>, &Array2<T>, f64)) {
    let mut rng = Rng::new(seed);
    for mut values in spectra::<T>(5) {
        for scale in scales::<T>() {
            if signs {
                values[4] = -values[4];
            }
            let a = scaled(&narrow::<T>(&hermitian::<T>(&mut rng, &values).a), scale);
            let da = scaled(&hermitian_part(&random::<T>(&mut rng, 5, 5)), scale);
            act(&mut rng, &a, &da, scale);
        }
    }
}

const ALL: [(usize, usize); 4] = [(4, 4), (6, 4), (4, 6), (7, 3)];

/// The part of a cotangent that no choice of phases changes.
fn without_phase<T: Scalar>(q: &Array2<T>, mut bar: Array2<T>, other: &dyn Fn(usize) -> f64) -> Array2<T> {
    for i in 0..q.ncols() {
        let along: C64 = q.column(i).iter().zip(bar.column(i)).map(|(q, x)| q.wide().conj() * x.wide()).sum();
        let phase = T::narrow(C64::new(0.0, along.im + other(i)));
        let part = q.column(i).mapv(|q| q * phase);
        bar.column_mut(i).zip_mut_with(&part, |x, &part| *x -= part);
    }
    bar
}

fn the_product_rule_of_the_svd<T: Scalar>() {
    each_matrix::<T>(101, &ALL, |rng, a, da, scale| {
        let f = a.svd().expect("a good matrix");
        let d = f.jvp(da).expect("values are apart");
        let (u, s, vh) = (wide(&f.u), real::<T>(&f.s, scale), wide(&f.vh));
        let (du, ds, dvh) = (wide(&d.u), real::<T>(&d.s, scale), wide(&d.vh));
        product_rule::<T>("SVD", &unscaled(da, scale), &[&[&du, &s, &vh], &[&u, &ds, &vh], &[&u, &s, &dvh]]);
        tangent_to_unitary::<T>("U", &u, &du);
        tangent_to_unitary::<T>("V", &adjoint(&vh), &adjoint(&dvh));
        // Phases: what U turns along itself V turns back.
        let turned = (adjoint(&u).dot(&du).diag().to_owned() - dvh.dot(&adjoint(&vh)).diag()).mapv(|x| x.norm()).sum();
        assert!(turned <= rounding::<T>() * (norm(&du) + norm(&dvh)), "a pair turns by {turned:e}");
        let vh_bar = random::<T>(rng, f.vh.nrows(), f.vh.ncols());
        let along_v = |i: usize| {
            let products = f.vh.row(i).into_iter().zip(vh_bar.row(i)).map(|(v, x)| v.wide() * x.wide().conj());
            products.sum::<C64>().im
        };
        let u_bar = without_phase(&f.u, random::<T>(rng, f.u.nrows(), f.u.ncols()), &along_v);
        let s_bar = random_values::<T>(rng, f.s.len()).mapv(|x| x * T::real_of(1.0 / scale));
        let bar = SvdCotangent { u: Some(u_bar.clone()), s: Some(s_bar.clone()), vh: Some(vh_bar.clone()) };
        let gradient = f.vjp(&bar).expect("values are apart");
        let (bars, tangents): (Parts, Parts) =
            (vec![wide(&u_bar), wide_values::<T>(&s_bar), wide(&vh_bar)], vec![du, wide_values::<T>(&d.s), dvh]);
        adjoint_identity("SVD", &bars, &tangents, &gradient, da);
    });
}

fn the_product_rule_of_eigenvalues<T: Scalar>() {
    each_hermitian::<T>(102, true, |rng, a, da, scale| {
        let f = a.eigh().expect("a good matrix");
        let d = f.jvp(da).expect("values are apart");
        let (q, s, dq, ds) =
            (wide(&f.vectors), real::<T>(&f.values, scale), wide(&d.vectors), real::<T>(&d.values, scale));
        let (qh, dqh) = (adjoint(&q), adjoint(&dq));
        product_rule::<T>("eigh", &unscaled(da, scale), &[&[&dq, &s, &qh], &[&q, &ds, &qh], &[&q, &s, &dqh]]);
        tangent_to_unitary::<T>("Q", &q, &dq);
        let along = qh.dot(&dq).diag().mapv(|x| x.norm()).sum();
        assert!(along <= rounding::<T>() * norm(&dq), "vectors move along themselves by {along:e}");
        let vectors = without_phase(&f.vectors, random::<T>(rng, 5, 5), &|_| 0.0);
        let values = random_values::<T>(rng, 5).mapv(|x| x * T::real_of(1.0 / scale));
        let bar = EighCotangent { values: Some(values.clone()), vectors: Some(vectors.clone()) };
        let gradient = f.vjp(&bar).expect("values are apart");
        let bars = vec![wide(&vectors), wide_values::<T>(&values)];
        adjoint_identity("eigh", &bars, &vec![dq, wide_values::<T>(&d.values)], &gradient, da);
    });
}

fn the_product_rule_of_qr<T: Scalar>() {
    each_matrix::<T>(103, &ALL, |rng, a, da, scale| {
        let f = a.qr().expect("a good matrix");
        let d = f.jvp(da).expect("full rank");
        let (q, r) = (wide(&f.q().expect("a good matrix")), unscaled(&f.r(), scale));
        let (dq, dr) = (wide(&d.q), unscaled(&d.r, scale));
        product_rule::<T>("QR", &unscaled(da, scale), &[&[&dq, &r], &[&q, &dr]]);
        tangent_to_unitary::<T>("Q", &q, &dq);
        assert!(dr.indexed_iter().all(|((i, j), x)| if i == j { x.im == 0.0 } else { i < j || x.norm() == 0.0 }));
        let q_bar = random::<T>(rng, dq.nrows(), dq.ncols());
        let r_bar = scaled(&random::<T>(rng, dr.nrows(), dr.ncols()), 1.0 / scale);
        let bar = QrCotangent { q: Some(q_bar.clone()), r: Some(r_bar.clone()) };
        let gradient = f.vjp(&bar).expect("full rank");
        adjoint_identity("QR", &vec![wide(&q_bar), wide(&r_bar)], &vec![dq, wide(&d.r)], &gradient, da);
    });
}

fn the_product_rule_of_lu<T: Scalar>() {
    each_matrix::<T>(104, &ALL, |rng, a, da, scale| {
        let f = a.lu().expect("a good matrix");
        let d = f.jvp(da).expect("full rank");
        let (l, u, dl, du) = (wide(&f.l()), unscaled(&f.u(), scale), wide(&d.l), unscaled(&d.u, scale));
        let exchanged = unscaled(da, scale).select(Axis(0), &f.permutation());
        product_rule::<T>("LU", &exchanged, &[&[&dl, &u], &[&l, &du]]);
        assert!(dl.indexed_iter().all(|((i, j), x)| i > j || x.norm() == 0.0), "dL has entries above its diagonal");
        assert!(du.indexed_iter().all(|((i, j), x)| i <= j || x.norm() == 0.0), "dU has entries below its diagonal");
        let l_bar = random::<T>(rng, l.nrows(), l.ncols());
        let u_bar = scaled(&random::<T>(rng, u.nrows(), u.ncols()), 1.0 / scale);
        let bar = LuCotangent { l: Some(l_bar.clone()), u: Some(u_bar.clone()) };
        let gradient = f.vjp(&bar).expect("full rank");
        adjoint_identity("LU", &vec![wide(&l_bar), wide(&u_bar)], &vec![dl, wide(&d.u)], &gradient, da);
    });
}

fn the_product_rule_of_cholesky<T: Scalar>() {
    each_hermitian::<T>(105, false, |rng, a, da, scale| {
        let Ok(f) = a.cholesky() else { panic!("positive definite") };
        let d = f.jvp(da).expect("positive definite");
        // A scale with a root: 2⁵⁰⁰ has, 2⁸³ is taken as it is.
        let root = scale.sqrt();
        let (l, dl) = (unscaled(&f.factor(), root), unscaled(&d, root));
        product_rule::<T>("Cholesky", &unscaled(da, scale), &[&[&dl, &adjoint(&l)], &[&l, &adjoint(&dl)]]);
        assert!(dl.indexed_iter().all(|((i, j), x)| if i == j { x.im == 0.0 } else { i > j || x.norm() == 0.0 }));
        let bar = scaled(&random::<T>(rng, 5, 5), 1.0 / root);
        let gradient = f.vjp(&bar).expect("positive definite");
        adjoint_identity("Cholesky", &vec![wide(&bar)], &vec![wide(&d)], &gradient, da);
    });
}

fn the_product_rule_of_polar<T: Scalar>() {
    each_matrix::<T>(106, &[(4, 4), (6, 4), (7, 3)], |rng, a, da, scale| {
        let f = a.polar().expect("a good matrix");
        let d = f.jvp(da).expect("full rank");
        let (w, h, dw, dh) = (wide(&f.w), unscaled(&f.h, scale), wide(&d.w), unscaled(&d.h, scale));
        product_rule::<T>("polar", &unscaled(da, scale), &[&[&dw, &h], &[&w, &dh]]);
        tangent_to_unitary::<T>("W", &w, &dw);
        symmetric::<T>("dH", &dh, -1.0, norm(&dh));
        let w_bar = random::<T>(rng, w.nrows(), w.ncols());
        let h_bar = scaled(&hermitian_part(&random::<T>(rng, h.nrows(), h.ncols())), 1.0 / scale);
        let bar = PolarCotangent { w: Some(w_bar.clone()), h: Some(h_bar.clone()) };
        let gradient = f.vjp(&bar).expect("full rank");
        adjoint_identity("polar", &vec![wide(&w_bar), wide(&h_bar)], &vec![dw, wide(&d.h)], &gradient, da);
    });
}

/// Penrose's four conditions, differentiated.
fn pseudoinverse_of<T: Scalar>(rng: &mut Rng, a: &Array2<T>, da: &Array2<T>, scale: f64, rank: usize) {
    let pinv = a.pinv(None).expect("a good matrix");
    assert_eq!(pinv.rank, rank);
    let f = pseudoinverse(a, &pinv).expect("it fits");
    let d = f.jvp(da).expect("constant rank");
    let (x, dx) = (unscaled(&pinv.matrix, 1.0 / scale), unscaled(&d, 1.0 / scale));
    let (a, e) = (unscaled(a, scale), unscaled(da, scale));
    product_rule::<T>("AXA", &e, &[&[&e, &x, &a], &[&a, &dx, &a], &[&a, &x, &e]]);
    product_rule::<T>("XAX", &dx, &[&[&dx, &a, &x], &[&x, &e, &x], &[&x, &a, &dx]]);
    // The pseudoinverse at hand is itself wrong by κε.
    let size = (norm(&e) * norm(&x) + norm(&a) * norm(&dx)) * norm(&a) * norm(&x);
    symmetric::<T>("AX", &(e.dot(&x) + a.dot(&dx)), -1.0, size);
    symmetric::<T>("XA", &(dx.dot(&a) + x.dot(&e)), -1.0, size);
    let bar = scaled(&random::<T>(rng, x.nrows(), x.ncols()), scale);
    let gradient = f.vjp(&bar).expect("constant rank");
    let of = |x: &Array2<T>| norm(&wide(x));
    let (forward, backward) = (inner(&bar, &d), inner(&gradient, da));
    let size = (of(&bar) * of(&d) + of(&gradient) * of(da)) * norm(&a) * norm(&x);
    assert!((forward - backward).abs() <= rounding::<T>() * size, "pseudoinverse: {forward:e} and {backward:e}");
}

fn the_conditions_of_the_pseudoinverse<T: Scalar>() {
    each_matrix::<T>(107, &ALL, |rng, a, da, scale| pseudoinverse_of(rng, a, da, scale, a.nrows().min(a.ncols())));
    // Rank 2, along A·X + Y·A, which keeps it.
    let mut rng = Rng::new(108);
    for (m, n) in [(5, 3), (3, 5), (4, 4)] {
        for scale in scales::<T>() {
            let mut values = vec![0.0; m.min(n)];
            (values[0], values[1]) = (1.0, 0.25);
            let a = narrow::<T>(&general::<T>(&mut rng, m, n, &values).a);
            let (x, y) = (random::<T>(&mut rng, n, n), random::<T>(&mut rng, m, m));
            let da = narrow::<T>(&(wide(&a).dot(&wide(&x)) + wide(&y).dot(&wide(&a))));
            pseudoinverse_of(&mut rng, &scaled(&a, scale), &scaled(&da, scale), scale, 2);
        }
    }
}

fn the_product_rule_of_the_inverse<T: Scalar>() {
    each_matrix::<T>(109, &[(4, 4)], |rng, a, da, scale| {
        let f = inverse(a).expect("regular");
        let d = f.jvp(da).expect("regular");
        let (x, dx) = (unscaled(f.value(), 1.0 / scale), unscaled(&d, 1.0 / scale));
        let (a, e) = (unscaled(a, scale), unscaled(da, scale));
        product_rule::<T>("AX", &Wide::zeros((4, 4)), &[&[&e, &x], &[&a, &dx]]);
        let bar = scaled(&random::<T>(rng, 4, 4), scale);
        let gradient = f.vjp(&bar).expect("regular");
        adjoint_identity("inverse", &vec![wide(&bar)], &vec![wide(&d)], &gradient, da);
    });
}

/// Aᴴr = 0, differentiated: Eᴴr + Aᴴ(db − Ex − A·dx) = 0, with b at a scale of its own.
fn least_squares_by<T: Scalar>(
    rng: &mut Rng, (a, da): (&Array2<T>, &Array2<T>), factors: LeastSquaresFactors<'_, T>, (scale, of_b): (f64, f64),
) {
    let (m, n) = a.dim();
    let (b, db) = (scaled(&random::<T>(rng, m, 2), of_b), scaled(&random::<T>(rng, m, 2), of_b));
    let f = least_squares(a, &b, factors).expect("full rank");
    let d = f.jvp_both(da, &db).expect("full rank");
    let (x, r, dx) = (unscaled(f.x(), of_b / scale), unscaled(f.residual(), of_b), unscaled(&d, of_b / scale));
    let (a, e) = (unscaled(a, scale), unscaled(da, scale));
    let dr = unscaled(&db, of_b) - e.dot(&x) - a.dot(&dx);
    let rest = adjoint(&e).dot(&r) + adjoint(&a).dot(&dr);
    let size = norm(&e) * norm(&r) + norm(&a) * (norm(&e) * norm(&x) + norm(&a) * norm(&dx));
    assert!(norm(&rest) <= rounding::<T>() * size, "{factors:?}: the rule fails by {:e}ε", norm(&rest) / size / T::EPS);
    let bar = scaled(&random::<T>(rng, n, 2), scale / of_b);
    let (of_a, of_right) = f.vjp_both(&bar).expect("full rank");
    let (forward, backward) = (inner(&bar, &d), inner(&of_a, da) + inner(&of_right, &db));
    let of = |x: &Array2<T>| norm(&wide(x));
    let size = of(&bar) * of(&d) + of(&of_a) * of(da) + of(&of_right) * of(&db);
    assert!((forward - backward).abs() <= rounding::<T>() * size, "{factors:?}: {forward:e} and {backward:e}");
}

fn the_normal_equations_of_least_squares<T: Scalar>() {
    each_matrix::<T>(110, &[(4, 4), (6, 4), (7, 3)], |rng, a, da, scale| {
        let (qr, pivoted, svd) = (a.qr(), a.qr_pivoted(), a.svd());
        let (qr, pivoted, svd) = (qr.expect("good"), pivoted.expect("good"), svd.expect("good"));
        for of_b in [scale, 1.0] {
            least_squares_by(rng, (a, da), LeastSquaresFactors::Qr(&qr), (scale, of_b));
            least_squares_by(rng, (a, da), LeastSquaresFactors::PivotedQr(&pivoted), (scale, of_b));
            least_squares_by(rng, (a, da), LeastSquaresFactors::Svd(&svd), (scale, of_b));
        }
    });
}

/// Columns times powers of two near the ends of the range leave Q, L and, but for the powers, R, U and x as they are: so do their derivatives.
fn columns_in_units_of_their_own<T: Scalar>() {
    let mut rng = Rng::new(112);
    let k: f64 = if T::EPS < 1e-10 { 540.0 } else { 83.0 };
    let d = [k, -k, k, -k].map(f64::exp2);
    let by = |x: &Array2<T>, sign: i32| {
        Array2::from_shape_fn(x.dim(), |(i, j)| x[(i, j)] * T::narrow(C64::new(d[j].powi(sign), 0.0)))
    };
    let rows = |x: &Array2<T>, sign: i32| by(&x.t().to_owned(), sign).reversed_axes();
    // Column by column, since a norm of all would see the large ones alone.
    let same = |what: &str, found: &Array2<T>, expected: &Array2<T>| {
        for (x, y) in found.columns().into_iter().zip(expected.columns()) {
            let (x, y) = (wide(&x.insert_axis(Axis(1)).to_owned()), wide(&y.insert_axis(Axis(1)).to_owned()));
            let unit = y.iter().map(|y| y.norm()).fold(0.0, f64::max);
            let error = (x - &y).iter().map(|x| x.norm()).fold(0.0, f64::max);
            assert!(error <= 10.0 * rounding::<T>() * unit, "{what}: {error:e} beside {unit:e}");
        }
    };
    for m in [4, 6] {
        let a = narrow::<T>(&general::<T>(&mut rng, m, 4, &[1.0, 0.7, 0.5, 0.3]).a);
        let (da, b) = (random::<T>(&mut rng, m, 4), random::<T>(&mut rng, m, 2));
        let (in_units, da_in_units) = (by(&a, 1), by(&da, 1));
        let (qr, of_units) = (a.qr().expect("good"), in_units.qr().expect("good"));
        let (d, found) = (qr.jvp(&da).expect("full rank"), of_units.jvp(&da_in_units).expect("full rank"));
        same("dQ", &found.q, &d.q);
        same("dR", &found.r, &by(&d.r, 1));
        let (q_bar, r_bar) = (random::<T>(&mut rng, m, 4), random::<T>(&mut rng, 4, 4));
        let bar = QrCotangent { q: Some(q_bar.clone()), r: Some(r_bar.clone()) };
        let in_units_bar = QrCotangent { q: Some(q_bar), r: Some(by(&r_bar, -1)) };
        same("QR", &of_units.vjp(&in_units_bar).expect("full rank"), &by(&qr.vjp(&bar).expect("full rank"), -1));
        let (lu, of_units) = (a.lu().expect("good"), in_units.lu().expect("good"));
        let (d, found) = (lu.jvp(&da).expect("full rank"), of_units.jvp(&da_in_units).expect("full rank"));
        same("dL", &found.l, &d.l);
        same("dU", &found.u, &by(&d.u, 1));
        let (l_bar, u_bar) = (random::<T>(&mut rng, m, 4), random::<T>(&mut rng, 4, 4));
        let bar = LuCotangent { l: Some(l_bar.clone()), u: Some(u_bar.clone()) };
        let in_units_bar = LuCotangent { l: Some(l_bar), u: Some(by(&u_bar, -1)) };
        same("LU", &of_units.vjp(&in_units_bar).expect("full rank"), &by(&lu.vjp(&bar).expect("full rank"), -1));
        let (qr, of_units) = (a.qr().expect("good"), in_units.qr().expect("good"));
        let (pivoted, in_pivoted) = (a.qr_pivoted().expect("good"), in_units.qr_pivoted().expect("good"));
        for (plain, own) in [
            (LeastSquaresFactors::Qr(&qr), LeastSquaresFactors::Qr(&of_units)),
            (LeastSquaresFactors::PivotedQr(&pivoted), LeastSquaresFactors::PivotedQr(&in_pivoted)),
        ] {
            let plain = least_squares(&a, &b, plain).expect("full rank");
            let own = least_squares(&in_units, &b, own).expect("full rank");
            let transposed = |x: &Array2<T>| x.t().to_owned();
            same("x", &transposed(own.x()), &transposed(&rows(plain.x(), -1)));
            let (d, found) = (plain.jvp(&da).expect("full rank"), own.jvp(&da_in_units).expect("full rank"));
            same("dx", &transposed(&found), &transposed(&rows(&d, -1)));
            let bar = random::<T>(&mut rng, 4, 2);
            let (of_a, of_b) = plain.vjp_both(&bar).expect("full rank");
            let (found_a, found_b) = own.vjp_both(&rows(&bar, 1)).expect("full rank");
            same("Ā", &found_a, &by(&of_a, -1));
            same("b̄", &found_b, &of_b);
        }
    }
}

/// Rows and columns of a positive definite matrix likewise, by powers whose products are in the range.
fn definite_in_units_of_their_own<T: Scalar>() {
    let mut rng = Rng::new(113);
    let k: f64 = if T::EPS < 1e-10 { 500.0 } else { 60.0 };
    let d = [k, -k, k, -k, 0.0].map(f64::exp2);
    let rows = |x: &Array2<T>, sign: i32| {
        Array2::from_shape_fn(x.dim(), |(i, j)| x[(i, j)] * T::narrow(C64::new(d[i].powi(sign), 0.0)))
    };
    let both = |x: &Array2<T>, sign: i32| rows(&rows(x, sign).reversed_axes(), sign).reversed_axes();
    let a = narrow::<T>(&hermitian::<T>(&mut rng, &[0.3, 0.5, 0.7, 0.9, 1.0]).a);
    let da = hermitian_part(&random::<T>(&mut rng, 5, 5));
    let (plain, own) = (a.cholesky().expect("definite"), both(&a, 1).cholesky().expect("definite"));
    let (expected, found) = (rows(&plain.jvp(&da).expect("definite"), 1), own.jvp(&both(&da, 1)).expect("definite"));
    for i in 0..5 {
        let (x, y) = (wide(&found).row(i).to_owned(), wide(&expected).row(i).to_owned());
        let unit = y.iter().map(|y| y.norm()).fold(0.0, f64::max);
        assert!((&x - &y).iter().all(|x| x.norm() <= 10.0 * rounding::<T>() * unit), "row {i}: {x} for {y}");
    }
    let bar = random::<T>(&mut rng, 5, 5);
    let (expected, found) =
        (both(&plain.vjp(&bar).expect("definite"), -1), own.vjp(&rows(&bar, -1)).expect("definite"));
    for ((at, x), y) in found.indexed_iter().zip(&expected) {
        let unit = norm(&wide(&plain.vjp(&bar).expect("definite"))) / d[at.0] / d[at.1];
        assert!((x.wide() - y.wide()).norm() <= 10.0 * rounding::<T>() * unit, "{at:?}: {x} for {y}");
    }
}

each_type! {
    the_product_rule_of_the_svd,
    the_product_rule_of_eigenvalues,
    the_product_rule_of_qr,
    the_product_rule_of_lu,
    the_product_rule_of_cholesky,
    the_product_rule_of_polar,
    the_conditions_of_the_pseudoinverse,
    the_product_rule_of_the_inverse,
    the_normal_equations_of_least_squares,
    columns_in_units_of_their_own,
    definite_in_units_of_their_own,
}

#[test]
#[should_panic(expected = "the product rule fails")]
fn the_rule_rejects_a_wrong_tangent() {
    let mut rng = Rng::new(111);
    let (a, da) = (random::<f64>(&mut rng, 4, 4), random::<f64>(&mut rng, 4, 4));
    let f = a.qr().expect("a good matrix");
    let d = f.jvp(&da).expect("full rank");
    let (q, r, dq, mut dr) = (wide(&f.q().expect("a good matrix")), wide(&f.r()), wide(&d.q), wide(&d.r));
    dr[(0, 3)] *= 1.0 + 1e-11;
    product_rule::<f64>("QR", &wide(&da), &[&[&dq, &r], &[&q, &dr]]);
}

#[test]
#[should_panic(expected = "from its symmetry")]
fn a_turn_that_is_none_is_rejected() {
    let q = Wide::eye(3);
    let mut turn = Wide::zeros((3, 3));
    (turn[(0, 1)], turn[(1, 0)]) = (C64::new(1.0, 0.0), C64::new(-1.0 + 1e-12, 0.0));
    tangent_to_unitary::<f64>("Q", &q, &turn);
}
