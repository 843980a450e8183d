//! Differential tests: the same matrices through ndarray-linalg, which calls the same library in another way.
//! Second floor of the tests: values that are unique are compared, factors only up to the phases that are free.
//! Must not be the only test of anything: two wrappers can share a mistake.

use super::generate::*;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};
use ndarray_linalg as peer;

const SHAPES: [(usize, usize); 7] = [(1, 1), (2, 2), (7, 3), (3, 7), (20, 20), (65, 40), (40, 65)];
const SQUARE: [usize; 5] = [1, 2, 9, 33, 70];

/// Two backward stable results differ by at most twice the bound of each.
fn tolerance<T: Scalar>(d: usize) -> f64 {
    2.0 * THRESHOLD * d as f64 * T::EPS
}

fn moduli(a: &Wide) -> Wide {
    a.mapv(|z| C64::new(z.norm(), 0.0))
}

fn svd<T: Scalar>() {
    for (i, (m, n)) in SHAPES.into_iter().enumerate() {
        let k = m.min(n);
        let known = general::<T>(&mut Rng::new(i as u64), m, n, &Spectrum::Arithmetic.values(k, 10.0));
        let a = narrow::<T>(&known.a);
        let ours = SvdExt::svd(&*a).unwrap();
        let (u, s, _) = peer::SVD::svd(&*a, true, true).unwrap();
        let (ours_s, theirs) = (wide_reals::<T>(&ours.s), wide_reals::<T>(&s));
        hold(&(m, n), residual::values(&ours_s, &theirs, 2 * m.max(n), T::EPS));
        // The values are apart by 0.9/(k − 1) at least, so the vectors agree to (k − 1)/0.9 times the tolerance.
        let theirs = wide(&u.unwrap()).slice(ndarray::s![.., ..k]).to_owned();
        let tol = tolerance::<T>(m.max(n)) * 4.0 * k as f64;
        hold(&(m, n), residual::close("|U|", &moduli(&wide(&ours.u)), &moduli(&theirs), tol));
    }
}

fn eigh<T: Scalar>() {
    for (i, n) in SQUARE.into_iter().enumerate() {
        let lambda = alternating(&Spectrum::Arithmetic.values(n, 10.0));
        let a = narrow::<T>(&hermitian::<T>(&mut Rng::new(i as u64), &lambda).a);
        let ours = EighExt::eigh(&*a).unwrap();
        let (values, vectors) = peer::Eigh::eigh(&a, peer::UPLO::Lower).unwrap();
        let (found, theirs) = (wide_reals::<T>(&ours.values), wide_reals::<T>(&values));
        hold(&n, residual::values(&found, &theirs, 2 * n, T::EPS));
        let tol = tolerance::<T>(n) * 4.0 * n as f64;
        hold(&n, residual::close("|Z|", &moduli(&wide(&ours.vectors)), &moduli(&wide(&vectors)), tol));
    }
}

fn qr<T: Scalar>() {
    for (i, (m, n)) in SHAPES.into_iter().enumerate() {
        let values = Spectrum::Arithmetic.values(m.min(n), 10.0);
        let a = narrow::<T>(&general::<T>(&mut Rng::new(i as u64), m, n, &values).a);
        let ours = QrExt::qr(&*a).unwrap();
        let (q, r) = peer::QR::qr(&a).unwrap();
        // Unique up to the phases of the rows of R; κ = 10 for the leading columns at most.
        let tol = 100.0 * tolerance::<T>(m.max(n));
        hold(&(m, n), residual::close("|R|", &moduli(&wide(&ours.r())), &moduli(&wide(&r)), tol));
        hold(&(m, n), residual::close("|Q|", &moduli(&wide(&ours.q().unwrap())), &moduli(&wide(&q)), tol));
    }
}

fn lu<T: Scalar>() {
    for (i, n) in SQUARE.into_iter().enumerate() {
        let mut rng = Rng::new(i as u64);
        let a = narrow::<T>(&general::<T>(&mut rng, n, n, &Spectrum::Arithmetic.values(n, 10.0)).a);
        let b: Array1<T> = narrow::<T>(&normal::<T>(&mut rng, n, 1)).column(0).to_owned();
        let ours = LuExt::lu(&*a).unwrap();
        let tol = 10.0 * tolerance::<T>(n);
        let x: Array1<T> = ours.solve(&b).unwrap();
        let theirs = peer::Solve::solve(&*a, &b).unwrap();
        let columns = (column(&x.mapv(T::wide)), column(&theirs.mapv(T::wide)));
        hold(&n, residual::close("x", &columns.0, &columns.1, tol));
        let inverse = peer::Inverse::inv(&*a).unwrap();
        hold(&n, residual::close("A⁻¹", &wide(&ours.inverse().unwrap()), &wide(&inverse), tol * 10.0));
        let (sign, log) = ours.ln_det().unwrap();
        let (their_sign, their_log) = peer::Determinant::sln_det(&*a).unwrap();
        let apart = (T::f64_of(log) - T::f64_of(their_log)).abs();
        hold(&n, residual::within("sign", (sign.wide() - their_sign.wide()).norm(), tol * n as f64));
        hold(&n, residual::within("ln|det|", apart, tol * n as f64));
    }
}

fn cholesky<T: Scalar>() {
    for (i, n) in SQUARE.into_iter().enumerate() {
        let values = Spectrum::Arithmetic.values(n, 10.0);
        let a = narrow::<T>(&hermitian::<T>(&mut Rng::new(i as u64), &values).a);
        let ours = CholeskyExt::cholesky(&*a).unwrap();
        let theirs = peer::Cholesky::cholesky(&*a, peer::UPLO::Lower).unwrap();
        let tol = 10.0 * tolerance::<T>(n);
        hold(&n, residual::close("L", &wide(&ours.factor()), &wide(&theirs), tol));
    }
}

fn least_squares<T: Scalar>() {
    for (i, (m, n)) in SHAPES.into_iter().enumerate() {
        let mut rng = Rng::new(i as u64);
        let values = Spectrum::Arithmetic.values(m.min(n), 10.0);
        let a: Array2<T> = narrow::<T>(&general::<T>(&mut rng, m, n, &values).a);
        let b = narrow::<T>(&normal::<T>(&mut rng, m, 2));
        let theirs = wide(&peer::LeastSquaresSvd::least_squares(&*a, &*b).unwrap().solution);
        for method in [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto] {
            let options = LstsqOptions { method, ..Default::default() };
            let ours = wide(&a.lstsq_with(&b, &options).unwrap().x);
            // κ² = 100 in the worst case, for large residuals and for the normal equations.
            let tol = 100.0 * tolerance::<T>(m.max(n));
            hold(&(m, n, method), residual::close("x", &ours, &theirs, tol));
        }
    }
}

each_type!(svd, eigh, qr, lu, cholesky, least_squares);
