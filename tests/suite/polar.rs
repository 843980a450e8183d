//! Polar decomposition and pseudoinverse.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`, and answers known in closed form.
//! Must not weaken a bound: each is named in `residual.rs` or derived where it stands.

use super::generate::*;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ShapeBuilder, s};

fn polar<T: Scalar>() {
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &Spectrum::ALL) {
        if case.rows < case.cols {
            continue;
        }
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let f = Placed::<T>::new(&known.a, case.layout).view().polar().unwrap();
        hold(&case, residual::polar(&rounded::<T>(&known.a), &wide(&f.w), &wide(&f.h), T::EPS));
    }
}

/// For full column rank W = U Vᴴ is unique, to c·d·eps·κ (Higham 2008, §8.2: the condition is 1/σ_n at most).
fn polar_factor_is_the_known_one<T: Scalar>() {
    for (m, n) in [(1, 1), (5, 5), (9, 4)] {
        let values = Spectrum::Arithmetic.values(n, 10.0);
        let known = general::<T>(&mut Rng::new(70), m, n, &values);
        let w = known.u.slice(s![.., ..n]).dot(&adjoint(&known.v));
        let h = scale_columns(&known.v, &values).dot(&adjoint(&known.v));
        let f = narrow::<T>(&known.a).polar().unwrap();
        let tol = 10.0 * THRESHOLD * m as f64 * T::EPS;
        hold(&(m, n), residual::close("W", &wide(&f.w), &w, tol));
        hold(&(m, n), residual::close("H", &wide(&f.h), &h, tol));
    }
    // A rotation times a stretch: [[0, −3], [2, 0]] = [[0, −1], [1, 0]]·diag(2, 3).
    let f = narrow::<T>(&integers(&[&[0, -3], &[2, 0]])).polar().unwrap();
    hold(&"rotation", residual::close("W", &wide(&f.w), &integers(&[&[0, -1], &[1, 0]]), 8.0 * T::EPS));
    hold(&"rotation", residual::close("H", &wide(&f.h), &integers(&[&[2, 0], &[0, 3]]), 8.0 * T::EPS));
}

/// Needs m >= n: the polar decomposition with orthonormal columns does not exist for wide matrices.
fn polar_of_wide<T: Scalar>() {
    let refused = narrow::<T>(&Wide::ones((2, 3))).polar().unwrap_err();
    assert!(matches!(refused, lapwing::Error::Shape { .. }), "{refused:?}");
}

/// All spectra whose numerical rank is beyond doubt.
fn pinv<T: Scalar>() {
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &Spectrum::ALL) {
        if case.kappa * T::EPS * 1e3 > 1.0 {
            continue;
        }
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let p = Placed::<T>::new(&known.a, case.layout).view().pinv(None).unwrap();
        assert_eq!(p.rank, case.spectrum.rank(known.values.len()), "{case:?}");
        hold(&case, residual::penrose(&rounded::<T>(&known.a), &wide(&p.matrix), T::EPS));
    }
}

fn pinv_with_rcond<T: Scalar>() {
    let d = [4.0, 2.0, 0.25].map(|x| C64::new(x, 0.0));
    let a = narrow::<T>(&Wide::from_diag(&Array1::from(d.to_vec())));
    for (rcond, want) in [(0.0, [0.25, 0.5, 4.0]), (0.1, [0.25, 0.5, 0.0]), (0.6, [0.25, 0.0, 0.0])] {
        let p = a.pinv(Some(T::real_of(rcond))).unwrap();
        let want = Wide::from_diag(&Array1::from(want.map(|x| C64::new(x, 0.0)).to_vec()));
        hold(&rcond, residual::close("A⁺", &wide(&p.matrix), &want, 8.0 * T::EPS));
        assert_eq!(T::f64_of(p.rcond), T::f64_of(T::real_of(rcond)));
    }
    // [[1, 1], [1, 1], [1, 1]]⁺ = 1/6 everywhere.
    let p = narrow::<T>(&Wide::ones((3, 2))).pinv(None).unwrap();
    assert_eq!(p.rank, 1);
    let sixth = Wide::from_elem((2, 3), C64::new(1.0 / 6.0, 0.0));
    hold(&"ones", residual::close("A⁺", &wide(&p.matrix), &sixth, THRESHOLD * T::EPS));
    // The pseudoinverse of zero is zero.
    let p = narrow::<T>(&Wide::zeros((3, 2))).pinv(None).unwrap();
    assert_eq!((p.rank, wide(&p.matrix)), (0, Wide::zeros((2, 3))));
}

fn empty<T: Scalar>() {
    for (m, n) in [(0, 0), (0, 4), (4, 0)] {
        let a = Array2::<T>::from_elem((m, n).f(), T::hole());
        let p = a.pinv(None).unwrap();
        assert_eq!((p.matrix.dim(), p.rank), ((n, m), 0));
    }
    let f = Array2::<T>::from_elem((4, 0).f(), T::hole()).polar().unwrap();
    assert_eq!((f.w.dim(), f.h.dim()), ((4, 0), (0, 0)));
}

each_type!(polar, polar_factor_is_the_known_one, polar_of_wide, pinv, pinv_with_rcond, empty);
