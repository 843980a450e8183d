//! The Hermitian eigenvalue decomposition.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`, and answers known in closed form.
//! Must not weaken a bound: each is named in `residual.rs` or derived where it stands.

use super::generate::*;
use super::policy;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ShapeBuilder};
use std::f64::consts::PI;

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut out = values.to_vec();
    out.sort_by(f64::total_cmp);
    out
}

fn judge<T: Scalar>(case: &Case, known: &Known, f: &Eigh<T>, driver: EighDriver) {
    let found = wide_reals::<T>(&f.values);
    let oracle = if driver == EighDriver::Mrrr { residual::eigh_mrrr } else { residual::eigh };
    hold(case, oracle(&rounded::<T>(&known.a), &found, &wide(&f.vectors), T::EPS));
    hold(case, residual::values(&found, &sorted(&known.values), case.rows, T::EPS));
}

fn cases<T: Scalar>(large: &[(usize, usize)]) -> Vec<(Case, Known)> {
    let make = |case: Case| {
        // Indefinite for odd seeds, semidefinite for even ones.
        let values = case.values::<T>();
        let values = if case.seed % 2 == 1 { alternating(&values) } else { values };
        (case, hermitian::<T>(&mut case.rng(), &values))
    };
    grid::<T>(&SMALL_SQUARE, &MEDIUM_SQUARE, large, &Spectrum::ALL).into_iter().map(make).collect()
}

fn lower<T: Scalar>() {
    for (case, known) in cases::<T>(&LARGE_SQUARE) {
        let mut placed = Placed::<T>::new(&known.a, case.layout);
        spoil_triangle(&mut placed.view_mut(), true);
        judge::<T>(&case, &known, &placed.view().eigh().unwrap(), EighDriver::default());
    }
}

/// Both triangles and both drivers; the other triangle holds NaN and must not be read.
fn triangles_and_drivers<T: Scalar>() {
    let mut ws = Workspace::<T>::new();
    for (case, known) in cases::<T>(&[]) {
        for uplo in [Uplo::Lower, Uplo::Upper] {
            let mut placed = Placed::<T>::new(&known.a, case.layout);
            spoil_triangle(&mut placed.view_mut(), uplo == Uplo::Lower);
            for driver in [EighDriver::DivideAndConquer, EighDriver::Mrrr] {
                let options = EighOptions { uplo, driver };
                judge::<T>(&case, &known, &placed.view().eigh_with(&options, &mut ws).unwrap(), driver);
            }
        }
    }
}

fn forms<T: Scalar>() {
    let _fixed = policy::bit_by_bit();
    let mut ws = Workspace::<T>::new();
    let mut reused = Eigh::default();
    for (case, known) in cases::<T>(&[]) {
        for uplo in [Uplo::Lower, Uplo::Upper] {
            let options = EighOptions { uplo, ..Default::default() };
            let mut placed = Placed::<T>::new(&known.a, case.layout);
            spoil_triangle(&mut placed.view_mut(), uplo == Uplo::Lower);
            let with = placed.view().eigh_with(&options, &mut ws).unwrap();
            placed.view().eigh_to(&options, &mut ws, &mut reused).unwrap();
            assert_eq!((&with.values, &with.vectors), (&reused.values, &reused.vectors), "{case:?}");
            let mut alone = Array1::from_elem(0, T::real_of(0.0));
            placed.view().eigvalsh_to(&options, &mut ws, &mut alone).unwrap();
            if uplo == Uplo::Lower {
                assert_eq!(alone, placed.view().eigvalsh().unwrap(), "{case:?}");
            }
            let found = wide_reals::<T>(&alone);
            hold(&case, residual::ascending(&found));
            hold(&case, residual::values(&found, &sorted(&known.values), case.rows, T::EPS));

            let values = placed.view_mut().eigh_inplace(&options, &mut ws).unwrap();
            judge::<T>(&case, &known, &Eigh { values, vectors: placed.view().to_owned() }, options.driver);
            assert!(placed.outside_untouched(), "{case:?}");
        }
    }
}

/// tridiag(−1, 2, −1) has the eigenvalues 2 − 2 cos(kπ/(n + 1)).
fn toeplitz<T: Scalar>() {
    for n in [1, 2, 3, 10, 50, 111] {
        let entry = |(i, j): (usize, usize)| match i.abs_diff(j) {
            0 => T::narrow(C64::new(2.0, 0.0)),
            1 => T::narrow(C64::new(-1.0, 0.0)),
            _ => T::narrow(C64::ZERO),
        };
        let a = Array2::from_shape_fn((n, n), entry);
        let known: Vec<f64> = (1..=n).map(|k| 2.0 - 2.0 * (k as f64 * PI / (n as f64 + 1.0)).cos()).collect();
        let found = wide_reals::<T>(&a.eigvalsh().unwrap());
        hold(&n, residual::values(&found, &known, n, T::EPS));
        let f = a.eigh().unwrap();
        hold(&n, residual::eigh(&wide(&a), &wide_reals::<T>(&f.values), &wide(&f.vectors), T::EPS));
    }
}

/// [[a, z̄], [z, b]]: the eigenvalues are (a + b ± √((a − b)² + 4|z|²))/2.
fn two_by_two<T: Scalar>() {
    for (a, b, re, im) in [(1.0, 2.0, 3.0, 4.0), (0.0, 0.0, 0.0, 1.0), (5.0, -5.0, 1.0, -1.0), (2.0, 2.0, 0.0, 0.0)] {
        let im = if T::COMPLEX { im } else { 0.0 };
        let z = C64::new(re, im);
        let m = Wide::from_shape_vec((2, 2), vec![C64::new(a, 0.0), z.conj(), z, C64::new(b, 0.0)]).unwrap();
        let root = ((a - b) * (a - b) + 4.0 * z.norm_sqr()).sqrt();
        let known = [(a + b - root) / 2.0, (a + b + root) / 2.0];
        for layout in Layout::ALL {
            let f = Placed::<T>::new(&m, layout).view().eigh().unwrap();
            let found = wide_reals::<T>(&f.values);
            hold(&layout, residual::values(&found, &known, 2, T::EPS));
            hold(&layout, residual::eigh(&m, &found, &wide(&f.vectors), T::EPS));
        }
    }
}

/// The imaginary part of a Hermitian diagonal is zero by definition; LAPACK does not read it, and neither may we.
fn diagonal_is_real<T: Scalar>() {
    let mut a = hermitian::<T>(&mut Rng::new(30), &[1.0, 2.0, 3.0, 4.0]).a;
    let clean = narrow::<T>(&a).eigvalsh().unwrap();
    a.diag_mut().mapv_inplace(|z| C64::new(z.re, 7.0));
    assert_eq!(narrow::<T>(&a).eigvalsh().unwrap(), clean);
}

fn not_square<T: Scalar>() {
    let a = narrow::<T>(&Wide::zeros((3, 2)));
    let refused = lapwing::Error::NotSquare { rows: 3, cols: 2 };
    assert_eq!(a.eigh().unwrap_err(), refused);
    assert_eq!(a.eigvalsh().unwrap_err(), refused);
}

fn empty<T: Scalar>() {
    let a = Array2::<T>::from_elem((0, 0).f(), T::hole());
    let f = a.eigh().unwrap();
    assert_eq!((f.values.len(), f.vectors.dim()), (0, (0, 0)));
    assert_eq!(a.eigvalsh().unwrap().len(), 0);
}

each_type!(lower, triangles_and_drivers, forms, toeplitz, two_by_two, diagonal_is_real, not_square, empty);
