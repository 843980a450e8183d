//! The singular value decomposition, singular values, condition number and rank.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`, and answers known in closed form.
//! Must not weaken a bound: each is named in `residual.rs` or derived where it stands.

use super::generate::*;
use super::policy;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ShapeBuilder};

fn judge<T: Scalar>(case: &Case, a: &Wide, known: &[f64], f: &Svd<T>) {
    let s = wide_reals::<T>(&f.s);
    hold(case, residual::svd(a, &wide(&f.u), &s, &wide(&f.vh), T::EPS));
    hold(case, residual::values(&s, known, case.rows.max(case.cols), T::EPS));
}

fn thin<T: Scalar>() {
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &Spectrum::ALL) {
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let placed = Placed::<T>::new(&known.a, case.layout);
        let f = placed.view().svd().unwrap();
        let k = case.rows.min(case.cols);
        assert_eq!((f.u.dim(), f.s.len(), f.vh.dim()), ((case.rows, k), k, (k, case.cols)), "{case:?}");
        judge::<T>(&case, &rounded::<T>(&known.a), &known.values, &f);
    }
}

/// The full extent and the other driver, through one workspace that meets every shape in turn.
fn full_and_qr_iteration<T: Scalar>() {
    let mut ws = Workspace::<T>::new();
    let full = SvdOptions::full();
    let iteration = SvdOptions::thin().by(SvdDriver::QrIteration);
    let both = SvdOptions::full().by(SvdDriver::QrIteration);
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE[2..], &Spectrum::ALL) {
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let placed = Placed::<T>::new(&known.a, case.layout);
        let a = rounded::<T>(&known.a);
        for options in [&full, &iteration, &both] {
            let f = placed.view().svd_with(options, &mut ws).unwrap();
            judge::<T>(&case, &a, &known.values, &f);
            let k = case.rows.min(case.cols);
            let (left, right) = if options.extent == Extent::Full { (case.rows, case.cols) } else { (k, k) };
            assert_eq!((f.u.ncols(), f.vh.nrows()), (left, right), "{case:?}");
        }
    }
}

/// Every form gives what the plain one gives. The output of one shape is handed to the next, so that it must be resized.
fn forms<T: Scalar>() {
    let _fixed = policy::bit_by_bit();
    let mut ws = Workspace::<T>::new();
    let options = SvdOptions::thin();
    let mut reused = Svd::default();
    for case in grid::<T>(&SMALL, &MEDIUM, &[], &[Spectrum::Geometric]) {
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let mut placed = Placed::<T>::new(&known.a, case.layout);
        let plain = placed.view().svd().unwrap();
        placed.view().svd_to(&options, &mut ws, &mut reused).unwrap();
        assert_eq!((&plain.u, &plain.s, &plain.vh), (&reused.u, &reused.s, &reused.vh), "{case:?}");
        let with = placed.view().svd_with(&options, &mut ws).unwrap();
        assert_eq!((&plain.u, &plain.s, &plain.vh), (&with.u, &with.s, &with.vh), "{case:?}");
        let alone = placed.view().singular_values().unwrap();
        let s = wide_reals::<T>(&alone);
        hold(&case, residual::descending(&s));
        hold(&case, residual::values(&s, &known.values, case.rows.max(case.cols), T::EPS));
        let mut kept = Array1::from_elem(1, T::real_of(-1.0));
        placed.view().singular_values_to(options.driver, &mut ws, &mut kept).unwrap();
        assert_eq!(alone, kept, "{case:?}");

        let inplace = placed.view_mut().svd_inplace(&options, &mut ws).unwrap();
        judge::<T>(&case, &rounded::<T>(&known.a), &known.values, &inplace);
        assert!(placed.outside_untouched(), "{case:?}");
    }
}

/// The 2×2 matrix [[a, b], [0, d]]: σ₁² and σ₂² are the roots of z² − (a² + b² + d²) z + (ad)².
fn closed_forms<T: Scalar>() {
    for (a, b, d) in [(3.0, 4.0, 5.0), (1.0, 1.0, 0.0), (2.0, 0.0, -7.0), (0.0, 3.0, 0.0)] {
        let m = Wide::from_shape_vec((2, 2), [a, b, 0.0, d].map(|x: f64| C64::new(x, 0.0)).to_vec()).unwrap();
        let (trace, det): (f64, f64) = (a * a + b * b + d * d, a * d);
        let large = ((trace + (trace * trace - 4.0 * det * det).sqrt()) / 2.0).sqrt();
        let known = [large, det.abs() / large];
        let s = narrow::<T>(&m).singular_values().unwrap();
        hold(&(a, b, d), residual::values(&wide_reals::<T>(&s), &known, 2, T::EPS));
    }
    // A complex phase changes no singular value.
    if T::COMPLEX {
        let m = Wide::from_diag(&Array1::from(vec![C64::new(0.0, 3.0), C64::new(-4.0, 0.0)]));
        let s = wide_reals::<T>(&narrow::<T>(&m).singular_values().unwrap());
        assert_eq!(s, [4.0, 3.0]);
    }
    // A broadcast constant: rank one, σ₁ = c√(mn), both strides zero.
    let constant = Array2::from_elem((1, 1), T::narrow(C64::new(3.0, 0.0)));
    let spread = constant.broadcast((4, 9)).unwrap();
    let s = wide_reals::<T>(&spread.singular_values().unwrap());
    hold(&"constant", residual::values(&s, &[18.0, 0.0, 0.0, 0.0], 9, T::EPS));
}

fn condition_number<T: Scalar>() {
    for (m, n) in [(1, 1), (5, 5), (12, 4), (4, 12)] {
        for kappa in [1.0, 10.0, T::EPS.powf(-0.5)] {
            let s = Spectrum::Geometric.values(m.min(n), kappa);
            let known = general::<T>(&mut Rng::new(20), m, n, &s);
            let found = T::f64_of(narrow::<T>(&known.a).cond().unwrap());
            let want = s[0] / s[s.len() - 1];
            // Both ends move by c·d·eps·σ₁, which the division by σ_k turns into 2·c·d·eps·κ relatively.
            let tol = 2.0 * THRESHOLD * m.max(n) as f64 * T::EPS * want;
            hold(&(m, n, kappa), residual::relative("condition number", found, want, tol));
        }
    }
    let infinite = narrow::<T>(&Wide::zeros((3, 2))).cond().unwrap();
    assert_eq!(T::f64_of(infinite), f64::INFINITY);
}

/// Rank counts the singular values above rcond·σ₁ and says which rcond that was.
fn rank<T: Scalar>() {
    for case in grid::<T>(&SMALL[1..], &MEDIUM, &[], &[Spectrum::Deficient, Spectrum::Zero]) {
        let k = case.rows.min(case.cols);
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        if case.kappa > 1e3 {
            continue;
        }
        let placed = Placed::<T>::new(&known.a, case.layout);
        let found = placed.view().rank(None).unwrap();
        assert_eq!(found.rank, case.spectrum.rank(k), "{case:?}");
        assert_eq!(found.values.len(), k);
    }
    let d = [1.0, 0.5, 1e-2, 1e-4];
    let a = narrow::<T>(&Wide::from_diag(&Array1::from(d.map(|x| C64::new(x, 0.0)).to_vec())));
    for (rcond, want) in [(0.0, 4), (1e-3, 3), (0.1, 2), (0.9, 1)] {
        let found = a.rank(Some(T::real_of(rcond))).unwrap();
        assert_eq!((found.rank, T::f64_of(found.rcond)), (want, T::f64_of(T::real_of(rcond))));
        hold(&rcond, residual::values(&wide_reals::<T>(&found.values), &d, 4, T::EPS));
    }
    let default = T::f64_of(a.rank(None).unwrap().rcond);
    assert!((T::EPS..=1e-4).contains(&default), "{default}");
}

fn empty<T: Scalar>() {
    for (m, n) in [(0, 0), (0, 4), (4, 0)] {
        let a = Array2::<T>::from_elem((m, n).f(), T::hole());
        let mut ws = Workspace::new();
        let f = a.svd().unwrap();
        assert_eq!((f.u.dim(), f.s.len(), f.vh.dim()), ((m, 0), 0, (0, n)));
        let full = a.svd_with(&SvdOptions::full(), &mut ws).unwrap();
        hold(&(m, n), residual::svd(&wide(&a), &wide(&full.u), &[], &wide(&full.vh), T::EPS));
        assert_eq!((full.u.dim(), full.vh.dim()), ((m, m), (n, n)));
        assert_eq!(a.singular_values().unwrap().len(), 0);
        assert_eq!(a.rank(None).unwrap().rank, 0);
        assert!(matches!(a.cond(), Err(lapwing::Error::Empty { .. })));
    }
}

each_type!(thin, full_and_qr_iteration, forms, closed_forms, condition_number, rank, empty);
