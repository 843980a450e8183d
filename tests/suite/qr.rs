//! QR factorization, plain and with column pivoting.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`, and answers known in closed form.
//! Must not weaken a bound: each is named in `residual.rs` or derived where it stands.

use super::generate::*;
use super::policy;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, s};

fn plain<T: Scalar>() {
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &Spectrum::ALL) {
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let placed = Placed::<T>::new(&known.a, case.layout);
        let f = placed.view().qr().unwrap();
        let (a, r) = (rounded::<T>(&known.a), wide(&f.r()));
        let (q, whole) = (wide(&f.q().unwrap()), wide(&f.q_full().unwrap()));
        hold(&case, residual::qr(&a, &q, &r, T::EPS));
        let k = case.rows.min(case.cols);
        assert_eq!((q.ncols(), r.nrows(), whole.dim()), (k, k, (case.rows, case.rows)), "{case:?}");
        hold(&case, residual::orthonormal_columns(&whole, T::EPS));
        hold(
            &case,
            residual::close("thin Q leads full Q", &whole.slice(s![.., ..k]).to_owned(), &q, slack::<T>(&case)),
        );
        apply::<T>(&case, &whole, |b| f.apply_q(b), |b| f.apply_qh(b));
    }
}

/// Two products with the same Q differ by c·m·eps.
fn slack<T: Scalar>(case: &Case) -> f64 {
    THRESHOLD * case.rows.max(1) as f64 * T::EPS
}

/// The other forms of the plain factorization give the same, and the in-place one stays inside its view.
fn forms<T: Scalar>() {
    let _fixed = policy::bit_by_bit();
    let options = QrOptions::default();
    let (mut ws, mut reused, mut q) = (Workspace::<T>::new(), Qr::default(), Array2::default((0, 0)));
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &[Spectrum::Geometric]) {
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let mut placed = Placed::<T>::new(&known.a, case.layout);
        let (a, f) = (rounded::<T>(&known.a), placed.view().qr().unwrap());
        let with = placed.view().qr_with(&options, &mut ws).unwrap();
        assert_eq!((f.r(), f.q().unwrap()), (with.r(), with.q().unwrap()), "{case:?}");
        placed.view().qr_to(&options, &mut ws, &mut reused).unwrap();
        reused.q_to(&mut ws, &mut q).unwrap();
        assert_eq!((&f.r(), &f.q().unwrap()), (&reused.r(), &q), "{case:?}");
        let trusted = placed.view().qr_with(&QrOptions { check: Check::Trusted }, &mut ws).unwrap();
        assert_eq!(f.r(), trusted.r(), "{case:?}");
        {
            let mut view = placed.view_mut();
            let inplace = view.qr_inplace(&options, &mut ws).unwrap();
            assert_eq!(inplace.dim(), (case.rows, case.cols));
            hold(&case, residual::qr(&a, &wide(&inplace.q().unwrap()), &wide(&inplace.r()), T::EPS));
            let whole = wide(&inplace.q_full().unwrap());
            apply::<T>(&case, &whole, |b| inplace.apply_q(b), |b| inplace.apply_qh(b));
        }
        assert!(placed.outside_untouched(), "{case:?}");
        let consumed = Qr::from_array(narrow::<T>(&known.a), &options, &mut ws).unwrap();
        hold(&case, residual::qr(&a, &wide(&consumed.q().unwrap()), &wide(&consumed.r()), T::EPS));
    }
}

/// A caller who vouches for the entries and is wrong gets NaN back, and nothing worse.
fn trusted_nan_stays_nan<T: Scalar>() {
    let options = QrOptions { check: Check::Trusted };
    for bad in [f64::NAN, f64::INFINITY] {
        for layout in Layout::ALL {
            let mut a = normal::<T>(&mut Rng::new(44), 40, 36);
            a[[20, 20]] = C64::new(bad, 0.0);
            let f = Placed::<T>::new(&a, layout).view().qr_with(&options, &mut Workspace::new()).unwrap();
            assert!(f.r().iter().any(|x| x.wide().is_nan()), "{layout:?}");
        }
    }
}

type Applied<T> = lapwing::Result<Array2<T>>;

/// Q·b and Qᴴ·b against the product with Q as a matrix, b in every layout.
fn apply<T: Scalar>(
    case: &Case, q: &Wide, apply_q: impl Fn(&Array2<T>) -> Applied<T>, apply_qh: impl Fn(&Array2<T>) -> Applied<T>,
) {
    let b = rounded::<T>(&normal::<T>(&mut case.rng(), case.rows, 3));
    let given = Placed::<T>::new(&b, case.layout).view().to_owned();
    let tol = slack::<T>(case) * 2.0;
    let (qb, qhb) = (wide(&apply_q(&given).unwrap()), wide(&apply_qh(&given).unwrap()));
    hold(case, residual::close("Q b", &qb, &q.dot(&b), tol));
    hold(case, residual::close("Qᴴ b", &qhb, &adjoint(q).dot(&b), tol));
}

fn pivoted<T: Scalar>() {
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &Spectrum::ALL) {
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let placed = Placed::<T>::new(&known.a, case.layout);
        let f = placed.view().qr_pivoted().unwrap();
        let (a, q, r) = (rounded::<T>(&known.a), wide(&f.q().unwrap()), wide(&f.r()));
        hold(&case, residual::qr_pivoted(&a, &q, &r, f.permutation(), T::EPS));
        let whole = wide(&f.q_full().unwrap());
        hold(&case, residual::orthonormal_columns(&whole, T::EPS));
        apply::<T>(&case, &whole, |b| f.apply_q(b), |b| f.apply_qh(b));
        let k = case.rows.min(case.cols);
        if case.kappa < 1e3 {
            assert_eq!(f.rank(None).unwrap().rank, case.spectrum.rank(k), "{case:?}");
        }
    }
}

/// b may be 1-D, and lie in memory as it likes.
fn apply_to_vectors<T: Scalar>() {
    let a = normal::<T>(&mut Rng::new(40), 6, 4);
    let f = narrow::<T>(&a).qr().unwrap();
    let whole = wide(&f.q_full().unwrap());
    let b = rounded::<T>(&normal::<T>(&mut Rng::new(41), 6, 1));
    for layout in Layout::ALL {
        let placed = Placed::<T>::new(&b, layout);
        let view = placed.view();
        let column_b = view.column(0);
        let back: Array1<T> = f.apply_q(&f.apply_qh(&column_b).unwrap()).unwrap();
        let tol = 4.0 * THRESHOLD * 6.0 * T::EPS;
        hold(&layout, residual::close("Q Qᴴ b = b", &column(&back.mapv(T::wide)), &b, tol));
        let once: Array1<T> = f.apply_qh(&column_b).unwrap();
        hold(&layout, residual::close("Qᴴ b", &column(&once.mapv(T::wide)), &adjoint(&whole).dot(&b), tol));
    }
}

fn solves<T: Scalar>() {
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &Spectrum::FULL) {
        if case.rows < case.cols || case.rows == 0 || !case.products_fit() {
            continue;
        }
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let placed = Placed::<T>::new(&known.a, case.layout);
        let b = rounded::<T>(&normal::<T>(&mut case.rng(), case.rows, 2)) * C64::new(case.scale.factor::<T>(), 0.0);
        let given = Placed::<T>::new(&b, case.layout);
        let a = rounded::<T>(&known.a);
        let x = placed.view().qr().unwrap().solve(&given.view()).unwrap();
        hold(&case, residual::least_squares(&a, &wide(&x), &b, T::EPS));
        let x = placed.view().qr_pivoted().unwrap().solve(&given.view()).unwrap();
        hold(&case, residual::least_squares(&a, &wide(&x), &b, T::EPS));
    }
}

/// A Householder matrix has integers in closed form: [[3, …], [4, …]] gives |r₁₁| = 5.
fn closed_forms<T: Scalar>() {
    let a = narrow::<T>(&integers(&[&[3, 1], &[4, 7]]));
    let f = a.qr().unwrap();
    let r = wide(&f.r());
    // r₁₁ = ±5, r₁₂ = ±(3·1 + 4·7)/5, r₂₂ = ±det/5 = ±17/5.
    for (found, want) in [(r[[0, 0]], 5.0), (r[[0, 1]], 6.2), (r[[1, 1]], 3.4)] {
        hold(&want, residual::relative("entry of R", found.norm(), want, THRESHOLD * 2.0 * T::EPS));
    }
    // The column of larger norm comes first.
    assert_eq!(a.qr_pivoted().unwrap().permutation(), [1, 0]);
}

/// 1/κ₁ is estimated from below by at most the factor n for an upper triangle, and rarely by more than 10 (Higham 2002,
/// §15.3): the true value lies between the estimate and a third of it in nearly all cases; we ask for a tenth.
fn rcond<T: Scalar>() {
    for (n, kappa) in [(1, 1.0), (6, 10.0), (20, 1e3)] {
        let known = general::<T>(&mut Rng::new(42), n, n, &Spectrum::Geometric.values(n, kappa));
        let a = narrow::<T>(&known.a);
        for found in [a.qr().unwrap().rcond().unwrap(), a.qr_pivoted().unwrap().rcond().unwrap()] {
            // κ₁ and κ₂ differ by at most a factor n; R has the κ₂ of A.
            let times = T::f64_of(found) * kappa;
            let n = n as f64;
            assert!(times >= 0.99 / n && times <= 10.0 * n, "n = {n}: rcond·κ = {times}");
        }
    }
    let singular = narrow::<T>(&integers(&[&[1, 1], &[1, 1]]));
    assert!(T::f64_of(singular.qr().unwrap().rcond().unwrap()) <= THRESHOLD * T::EPS);
}

fn wrong_shapes<T: Scalar>() {
    let f = narrow::<T>(&normal::<T>(&mut Rng::new(43), 5, 3)).qr().unwrap();
    let short = narrow::<T>(&Wide::zeros((4, 2)));
    for verdict in [f.apply_q(&short).map(drop), f.apply_qh(&short).map(drop), f.solve(&short).map(drop)] {
        match verdict.unwrap_err() {
            lapwing::Error::Shape { expected, found, .. } => {
                assert!(expected.contains('5') && found.contains('4'), "{expected} {found}");
            }
            other => panic!("{other:?}"),
        }
    }
}

each_type!(plain, forms, trusted_nan_stays_nan, pivoted, apply_to_vectors, solves, closed_forms, rcond, wrong_shapes);
