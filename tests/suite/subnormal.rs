//! Matrices whose entries are all subnormal: each factorization gives them back, or refuses.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs` with an absolute term in the bound.
//! Must not weaken a bound: the number of roundings, each of which may cost half of the smallest number, is derived below.

use super::generate::*;
use super::residual::{self, *};
use lapwing::Error;
use lapwing::prelude::*;

/// Every layout, each with another spectrum. Condition numbers beyond the digits that are left make small values vanish.
fn cases<T: Scalar>(shapes: &[(usize, usize)], spectra: &[Spectrum]) -> Vec<Case> {
    let mut cases = Vec::new();
    for &(rows, cols) in shapes {
        for (turn, &layout) in Layout::ALL.iter().enumerate() {
            let (spectrum, seed) = (spectra[turn % spectra.len()], cases.len() as u64);
            let kappa = [10.0, T::EPS.powf(-0.5)][turn % 2];
            cases.push(Case { rows, cols, spectrum, kappa, scale: Scale::Subnormal, layout, seed });
        }
    }
    cases
}

const SHAPES: [(usize, usize); 7] = [(1, 1), (5, 1), (2, 2), (3, 3), (7, 3), (3, 7), (40, 36)];
const SQUARE: [(usize, usize); 5] = [(1, 1), (2, 2), (3, 3), (7, 7), (40, 40)];

/// The power of two that turns the smallest number η into 1, or where that is odd, into ½.
fn units<T: Scalar>() -> i32 {
    -T::LEAST_SUBNORMAL / 2 * 2
}

/// How often half of the smallest number may be lost from a column. Elimination and reflection change an entry at most
/// k = min(m, n) times. Each time a sum of at most d = max(m, n) rounded products enters with a factor of at most 2 (τ·v of
/// a reflector; a multiplier is below 2), and the change is rounded. A column has at most d entries, and a complex
/// number two parts.
fn roundings<T: Scalar>(case: &Case) -> f64 {
    let (k, d) = (case.rows.min(case.cols), case.rows.max(case.cols));
    let parts = if T::COMPLEX { 2 } else { 1 };
    (parts * d * k * (d + 1)) as f64
}

fn general_case<T: Scalar>(case: &Case) -> (Placed<T>, Wide) {
    let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
    (Placed::new(&known.a, case.layout), times_power(&rounded::<T>(&known.a), units::<T>()))
}

fn hermitian_case<T: Scalar>(case: &Case, shape: fn(&[f64]) -> Vec<f64>) -> (Placed<T>, Wide) {
    let known = hermitian::<T>(&mut case.rng(), &shape(&case.values::<T>()));
    (Placed::new(&known.a, case.layout), times_power(&rounded::<T>(&known.a), units::<T>()))
}

/// A number in the units of [`units`].
fn in_units<T: Scalar>(values: &[f64]) -> Vec<f64> {
    let half = 2f64.powi(units::<T>() / 2);
    values.iter().map(|x| x * half * half).collect()
}

/// The routine scales the matrix up, which is exact, and the values down again, where each is rounded once: that changes
/// U·Σ·Vᴴ by at most √m in the 1-norm.
fn svd<T: Scalar>() {
    for case in cases::<T>(&SHAPES, &Spectrum::ALL) {
        let (placed, a) = general_case::<T>(&case);
        for driver in [SvdDriver::DivideAndConquer, SvdDriver::QrIteration] {
            let f = placed.view().svd_with(&SvdOptions::thin().by(driver), &mut Workspace::new()).unwrap();
            let (u, s, vh) = (wide(&f.u), wide_reals::<T>(&f.s), wide(&f.vh));
            hold(&case, residual::orthonormal_columns(&u, T::EPS));
            hold(&case, residual::orthonormal_rows(&vh, T::EPS));
            hold(&case, residual::descending(&s));
            let us = scale_columns(&u, &in_units::<T>(&s));
            hold(&case, residual::product_near_underflow(&a, &us, &vh, case.rows as f64, T::EPS));
        }
    }
}

/// As for the SVD.
fn eigh<T: Scalar>() {
    for case in cases::<T>(&SQUARE, &Spectrum::ALL) {
        let (placed, a) = hermitian_case::<T>(&case, alternating);
        for driver in [EighDriver::DivideAndConquer, EighDriver::Mrrr] {
            let options = EighOptions { driver, ..Default::default() };
            let f = placed.view().eigh_with(&options, &mut Workspace::new()).unwrap();
            let (values, z) = (wide_reals::<T>(&f.values), wide(&f.vectors));
            // The bound of `residual::eigh_mrrr` for the orthogonality of the second driver.
            let eps = if driver == EighDriver::Mrrr { T::EPS / 1e-3 } else { T::EPS };
            hold(&case, residual::orthonormal_columns(&z, eps));
            hold(&case, residual::ascending(&values));
            let scaled = scale_columns(&z, &in_units::<T>(&values));
            hold(&case, residual::product_near_underflow(&a, &scaled, &adjoint(&z), case.rows as f64, eps));
        }
    }
}

fn qr<T: Scalar>() {
    for case in cases::<T>(&SHAPES, &Spectrum::ALL) {
        let (placed, a) = general_case::<T>(&case);
        let (f, p) = (placed.view().qr().unwrap(), placed.view().qr_pivoted().unwrap());
        let pivoted = permuted(&a, ndarray::Axis(1), p.permutation()).unwrap();
        for (a, q, r) in [(a, f.q().unwrap(), f.r()), (pivoted, p.q().unwrap(), p.r())] {
            let (q, r) = (wide(&q), times_power(&wide(&r), units::<T>()));
            hold(&case, residual::orthonormal_columns(&q, T::EPS));
            hold(&case, residual::product_near_underflow(&a, &q, &r, roundings::<T>(&case), T::EPS));
        }
    }
}

fn lu<T: Scalar>() {
    for case in cases::<T>(&SHAPES, &Spectrum::ALL) {
        let (mut placed, a) = general_case::<T>(&case);
        let judge = |f: (Wide, Wide, Vec<usize>)| {
            let (l, u, p) = f;
            let pa = permuted(&a, ndarray::Axis(0), &p).unwrap();
            let u = times_power(&u, units::<T>());
            hold(&case, residual::product_near_underflow(&pa, &l, &u, roundings::<T>(&case), T::EPS));
        };
        let f = placed.view().lu().unwrap();
        judge((wide(&f.l()), wide(&f.u()), f.permutation()));
        let mut view = placed.view_mut();
        let f = view.lu_inplace(&mut Workspace::new()).unwrap();
        judge((wide(&f.l()), wide(&f.u()), f.permutation()));
    }
}

/// With the condition 10 there are digits enough for A to be definite after rounding.
fn cholesky<T: Scalar>() {
    for case in cases::<T>(&SQUARE, &Spectrum::FULL).into_iter().filter(|case| case.kappa == 10.0) {
        let (placed, a) = hermitian_case::<T>(&case, |values| values.to_vec());
        let l = times_power(&wide(&placed.view().cholesky().unwrap().factor()), units::<T>() / 2);
        hold(&case, residual::product_near_underflow(&a, &l, &adjoint(&l), roundings::<T>(&case), T::EPS));
    }
}

/// The factors of LDLᴴ are seen through the inertia, and through the solution: b is A·x for an x of moderate size, to one
/// rounding. LU may refuse, which says that the library cannot divide by such pivots; what it gives solves the system.
fn solves<T: Scalar>() {
    for case in cases::<T>(&SQUARE, &Spectrum::FULL).into_iter().filter(|case| case.kappa == 10.0) {
        let (placed, a) = hermitian_case::<T>(&case, alternating);
        let exact = rounded::<T>(&normal::<T>(&mut case.rng(), case.rows, 1));
        let b = narrow::<T>(&times_power(&a.dot(&exact), -units::<T>()));
        let right = times_power(&wide(&b), units::<T>());
        let f = placed.view().ldlt().unwrap();
        let inertia = Inertia { positive: case.rows.div_ceil(2), negative: case.rows / 2, zero: 0 };
        assert_eq!(f.inertia(), inertia, "{case:?}");
        let by_lu = match placed.view().lu().unwrap().solve(&b) {
            Err(Error::Overflow { .. } | Error::Singular { .. }) => None,
            found => Some(found.unwrap()),
        };
        for x in by_lu.into_iter().chain([f.solve(&b).unwrap()]) {
            let x = wide(&x);
            // Each entry of A may be off by the roundings of its column, and enters times one of x.
            let roundings = roundings::<T>(&case) * (1.0 + norm1(&x));
            hold(&case, residual::product_near_underflow(&right, &a, &x, roundings, T::EPS * (1.0 + norm1(&x))));
        }
    }
}

each_type!(svd, eigh, qr, lu, cholesky, solves);
