//! Small calls of every routine of the unsafe floor, for all four types: what `make memcheck` runs under valgrind.
//! Second floor of the tests: sizes 0 to 9, and one of 40 for the blocked code; every result is judged as well.
//! Must not start threads, and must stay small: valgrind runs it some fifty times slower.

use super::generate::*;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

const SIZES: [usize; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 40];
const LAYOUTS: [Layout; 4] = [Layout::ColumnMajor, Layout::RowMajor, Layout::PaddedColumns, Layout::Sliced];

fn shapes() -> impl Iterator<Item = (usize, usize, Layout)> {
    let shapes = SIZES.iter().flat_map(|&n| [(n, n), (n, n / 2), (n / 2, n)]);
    shapes.enumerate().map(|(i, (m, n))| (m, n, LAYOUTS[i % 4]))
}

fn matrix<T: Scalar>(m: usize, n: usize) -> Known {
    general::<T>(&mut Rng::new((m * 41 + n) as u64), m, n, &Spectrum::Arithmetic.values(m.min(n), 10.0))
}

fn svd<T: Scalar>() {
    let mut ws = Workspace::new();
    for (m, n, layout) in shapes() {
        let known = matrix::<T>(m, n);
        let mut placed = Placed::<T>::new(&known.a, layout);
        let a = rounded::<T>(&known.a);
        for extent in [Extent::Thin, Extent::Full] {
            for driver in [SvdDriver::DivideAndConquer, SvdDriver::QrIteration] {
                let f = placed.view().svd_with(&SvdOptions { extent, driver }, &mut ws).unwrap();
                let s = wide_reals::<T>(&f.s);
                hold(&(m, n), residual::svd(&a, &wide(&f.u), &s, &wide(&f.vh), T::EPS));
            }
        }
        let s = wide_reals::<T>(&placed.view().singular_values().unwrap());
        hold(&(m, n), residual::values(&s, &known.values, m.max(n), T::EPS));
        placed.view().pinv(None).unwrap();
        let f = placed.view_mut().svd_inplace(&SvdOptions::thin(), &mut ws).unwrap();
        let s = wide_reals::<T>(&f.s);
        hold(&(m, n), residual::svd(&a, &wide(&f.u), &s, &wide(&f.vh), T::EPS));
    }
}

fn eigh<T: Scalar>() {
    let mut ws = Workspace::new();
    for (i, n) in SIZES.into_iter().enumerate() {
        let lambda = alternating(&Spectrum::Arithmetic.values(n, 10.0));
        let known = hermitian::<T>(&mut Rng::new(n as u64), &lambda);
        let mut placed = Placed::<T>::new(&known.a, LAYOUTS[i % 4]);
        let a = rounded::<T>(&known.a);
        for uplo in [Uplo::Lower, Uplo::Upper] {
            for driver in [EighDriver::DivideAndConquer, EighDriver::Mrrr] {
                let f = placed.view().eigh_with(&EighOptions { uplo, driver }, &mut ws).unwrap();
                let values = wide_reals::<T>(&f.values);
                let oracle = if driver == EighDriver::Mrrr { residual::eigh_mrrr } else { residual::eigh };
                hold(&n, oracle(&a, &values, &wide(&f.vectors), T::EPS));
            }
        }
        placed.view().eigvalsh().unwrap();
        let values = placed.view_mut().eigh_inplace(&EighOptions::default(), &mut ws).unwrap();
        hold(&n, residual::eigh(&a, &wide_reals::<T>(&values), &wide(&placed.view()), T::EPS));
    }
}

fn eig<T: Scalar>() {
    let mut ws = Workspace::new();
    for (i, n) in SIZES.into_iter().enumerate() {
        let raw = normal::<T>(&mut Rng::new(n as u64), n, n);
        let (placed, a) = (Placed::<T>::new(&raw, LAYOUTS[i % 4]), rounded::<T>(&raw));
        let f = placed.view().eig_with(&mut ws).unwrap();
        let wide = |x: &Array2<T::Complex>| x.mapv(|z| wide_complex::<T>(z));
        let values: Vec<C64> = f.values.iter().map(|&z| wide_complex::<T>(z)).collect();
        hold(&n, residual::eig(&a, &values, &wide(&f.right), &wide(&f.left), T::EPS));
    }
}

fn qr<T: Scalar>() {
    for (m, n, layout) in shapes() {
        let known = matrix::<T>(m, n);
        let placed = Placed::<T>::new(&known.a, layout);
        let (a, b) = (rounded::<T>(&known.a), Placed::<T>::new(&normal::<T>(&mut Rng::new(1), m, 2), layout));
        let f = placed.view().qr().unwrap();
        hold(&(m, n), residual::qr(&a, &wide(&f.q().unwrap()), &wide(&f.r()), T::EPS));
        hold(&(m, n), residual::orthonormal_columns(&wide(&f.q_full().unwrap()), T::EPS));
        f.apply_q(&b.view()).unwrap();
        f.apply_qh(&b.view()).unwrap();
        let f = placed.view().qr_pivoted().unwrap();
        let (q, r) = (wide(&f.q().unwrap()), wide(&f.r()));
        hold(&(m, n), residual::qr_pivoted(&a, &q, &r, f.permutation(), T::EPS));
        f.q_full().unwrap();
        f.apply_q(&b.view()).unwrap();
        f.apply_qh(&b.view()).unwrap();
    }
}

fn square<T: Scalar>() {
    for (i, n) in SIZES.into_iter().enumerate() {
        let layout = LAYOUTS[i % 4];
        let b = normal::<T>(&mut Rng::new(2), n, 2);
        let (rhs, b) = (Placed::<T>::new(&b, layout), rounded::<T>(&b));
        let known = matrix::<T>(n, n);
        let (placed, a) = (Placed::<T>::new(&known.a, layout), rounded::<T>(&known.a));
        let f = placed.view().lu().unwrap();
        hold(&n, residual::solve(&a, &wide(&f.solve(&rhs.view()).unwrap()), &b, T::EPS));
        hold(&n, residual::inverse(&a, &wide(&f.inverse().unwrap()), T::EPS));
        f.det().unwrap();
        if n > 0 {
            f.rcond().unwrap();
            placed.view().qr().unwrap().rcond().unwrap();
        }
        placed.view().polar().unwrap();
        hold(&n, residual::solve(&a, &wide(&placed.view().qr().unwrap().solve(&rhs.view()).unwrap()), &b, T::EPS));

        let values = Spectrum::Arithmetic.values(n, 10.0);
        let definite = hermitian::<T>(&mut Rng::new(n as u64), &values);
        let indefinite = hermitian::<T>(&mut Rng::new(n as u64), &alternating(&values));
        for uplo in [Uplo::Lower, Uplo::Upper] {
            let (placed, a) = (Placed::<T>::new(&definite.a, layout), rounded::<T>(&definite.a));
            let options = CholeskyOptions { uplo, ..Default::default() };
            let f = placed.view().cholesky_with(&options, &mut Workspace::new()).unwrap();
            hold(&n, residual::solve(&a, &wide(&f.solve(&rhs.view()).unwrap()), &b, T::EPS));
            if n > 0 {
                f.rcond().unwrap();
            }
            let (placed, a) = (Placed::<T>::new(&indefinite.a, layout), rounded::<T>(&indefinite.a));
            let f = placed.view().ldlt_with(&LdltOptions { uplo }, &mut Workspace::new()).unwrap();
            hold(&n, residual::solve(&a, &wide(&f.solve(&rhs.view()).unwrap()), &b, T::EPS));
        }
    }
}

fn lstsq<T: Scalar>() {
    for (m, n, layout) in shapes() {
        let known = matrix::<T>(m, n);
        let (placed, a) = (Placed::<T>::new(&known.a, layout), rounded::<T>(&known.a));
        let b = rounded::<T>(&normal::<T>(&mut Rng::new(3), m, 2));
        let rhs = Placed::<T>::new(&b, layout);
        for method in [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto] {
            let options = LstsqOptions { method, ..Default::default() };
            let x = placed.view().lstsq_with(&rhs.view(), &options).unwrap().x;
            hold(&(m, n, method), residual::least_squares(&a, &wide(&x), &b, T::EPS));
            let x: Array1<T> = placed.view().lstsq_with(&rhs.view().column(0), &options).unwrap().x;
            assert_eq!(x.len(), n);
        }
    }
}

each_type!(svd, eigh, eig, qr, square, lstsq);
