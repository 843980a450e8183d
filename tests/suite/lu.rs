//! LU factorization: factors, permutation, solving, inverse, determinant, condition.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`, and exact answers for integers.
//! Must not weaken a bound: each is named in `residual.rs` or derived where it stands.

use super::generate::*;
use super::policy;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis, ShapeBuilder, s};

fn cases<T: Scalar>(spectra: &[Spectrum], large: &[(usize, usize)]) -> Vec<(Case, Known)> {
    let make = |case: Case| (case, general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>()));
    grid::<T>(&SMALL_SQUARE, &MEDIUM_SQUARE, large, spectra).into_iter().map(make).collect()
}

/// The factors in every form, square and rectangular, singular ones too.
fn factors<T: Scalar>() {
    let _fixed = policy::bit_by_bit();
    let (mut ws, mut reused) = (Workspace::<T>::new(), Lu::default());
    for case in grid::<T>(&SMALL, &MEDIUM, &LARGE, &Spectrum::ALL) {
        let known = general::<T>(&mut case.rng(), case.rows, case.cols, &case.values::<T>());
        let mut placed = Placed::<T>::new(&known.a, case.layout);
        let a = rounded::<T>(&known.a);
        let f = placed.view().lu().unwrap();
        hold(&case, residual::lu(&a, &wide(&f.l()), &wide(&f.u()), &f.permutation(), T::EPS));
        placed.view().lu_to(&mut ws, &mut reused).unwrap();
        assert_eq!((f.l(), f.u(), f.permutation()), (reused.l(), reused.u(), reused.permutation()), "{case:?}");
        let with = placed.view().lu_with(&mut ws).unwrap();
        assert_eq!((f.l(), f.u(), f.permutation()), (with.l(), with.u(), with.permutation()), "{case:?}");
        let (l, u, p) = {
            let mut view = placed.view_mut();
            let inplace = view.lu_inplace(&mut ws).unwrap();
            (wide(&inplace.l()), wide(&inplace.u()), inplace.permutation())
        };
        hold(&case, residual::lu(&a, &l, &u, &p, T::EPS));
        assert!(placed.outside_untouched(), "{case:?}");
        let consumed = Lu::from_array(narrow::<T>(&known.a), &mut ws).unwrap();
        let (l, u) = (wide(&consumed.l()), wide(&consumed.u()));
        hold(&case, residual::lu(&a, &l, &u, &consumed.permutation(), T::EPS));
    }
}

fn solves<T: Scalar>() {
    for (case, known) in cases::<T>(&Spectrum::FULL, &LARGE_SQUARE) {
        let placed = Placed::<T>::new(&known.a, case.layout);
        let a = rounded::<T>(&known.a);
        let size = C64::new(case.scale.factor::<T>(), 0.0);
        let b = rounded::<T>(&normal::<T>(&mut case.rng(), case.rows, 3)) * size;
        let mut given = Placed::<T>::new(&b, case.layout);
        let f = placed.view().lu().unwrap();
        let x = match f.solve(&given.view()) {
            // A result that is not finite must not look like a solution.
            Err(lapwing::Error::Overflow { .. }) if !case.products_fit() => continue,
            found => found.unwrap(),
        };
        hold(&case, residual::solve(&a, &wide(&x), &b, T::EPS));
        let single: Array1<T> = f.solve(&given.view().column(1)).unwrap();
        let b1 = b.slice(s![.., 1..2]).to_owned();
        hold(&case, residual::solve(&a, &column(&single.mapv(T::wide)), &b1, T::EPS));
        f.solve_inplace(&mut given.view_mut(), &mut Workspace::new()).unwrap();
        hold(&case, residual::solve(&a, &wide(&given.view()), &b, T::EPS));
        assert!(given.outside_untouched(), "{case:?}");
    }
}

/// Orders on both sides of the panel widths of blocked and recursive algorithms, in the two orders of memory.
fn panels<T: Scalar>() {
    for (m, n) in [(15, 15), (16, 16), (17, 17), (31, 33), (33, 31), (32, 32), (48, 48), (49, 16), (16, 49), (64, 65)] {
        for layout in [Layout::ColumnMajor, Layout::RowMajor, Layout::PaddedRows, Layout::Sliced] {
            let a = rounded::<T>(&normal::<T>(&mut Rng::new(52), m, n));
            let f = Placed::<T>::new(&a, layout).view().lu().unwrap();
            hold(&(m, n, layout), residual::lu(&a, &wide(&f.l()), &wide(&f.u()), &f.permutation(), T::EPS));
        }
    }
}

/// The first zero pivot is found wherever it is: a diagonal of ones with a zero, its rows permuted.
fn zero_pivot<T: Scalar>() {
    for n in [1, 2, 16, 17, 40] {
        for wrong in [0, n / 2, n - 1] {
            let mut d = Wide::eye(n);
            d[[wrong, wrong]] = C64::ZERO;
            let order: Vec<usize> = (0..n).map(|i| (i + 1) % n).collect();
            let a = d.select(Axis(0), &order);
            let b = narrow::<T>(&Wide::ones((n, 1)));
            for layout in Layout::ALL {
                let f = Placed::<T>::new(&a, layout).view().lu().unwrap();
                assert_eq!(f.solve(&b).unwrap_err(), lapwing::Error::Singular { pivot: wrong }, "{n} {layout:?}");
                hold(&(n, layout), residual::lu(&a, &wide(&f.l()), &wide(&f.u()), &f.permutation(), T::EPS));
            }
        }
    }
}

fn inverse<T: Scalar>() {
    for (case, known) in cases::<T>(&Spectrum::FULL, &LARGE_SQUARE[..1]) {
        let placed = Placed::<T>::new(&known.a, case.layout);
        let x = placed.view().lu().unwrap().inverse().unwrap();
        // The inverse of a tiny matrix of large condition overflows; an overflow must not look like a result.
        let largest = known.values.last().map_or(0.0, |s| 1.0 / s);
        if largest < 2f64.powi(T::HUGE) {
            hold(&case, residual::inverse(&rounded::<T>(&known.a), &wide(&x), T::EPS));
        }
    }
}

/// The inverse of the Hilbert matrix is a matrix of integers (Choi 1983). Multiplied by the least common multiple of its
/// denominators, the matrix itself is stored exactly.
#[test]
fn hilbert_inverse() {
    let binomial = |n: usize, k: usize| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
    for (n, lcm) in [(2, 6.0), (4, 420.0), (6, 27720.0), (8, 360360.0)] {
        let a = Array2::from_shape_fn((n, n), |(i, j)| lcm / (i + j + 1) as f64);
        assert!(a.iter().all(|x| x.fract() == 0.0));
        let exact = Array2::from_shape_fn((n, n), |(i, j)| {
            let sign = if (i + j) % 2 == 0 { 1.0 } else { -1.0 };
            let middle = binomial(i + j, i);
            let (p, q) = (binomial(n + i, n - j - 1), binomial(n + j, n - i - 1));
            sign * (i + j + 1) as f64 * p * q * middle * middle / lcm
        });
        let found = a.lu().unwrap().inverse().unwrap();
        // A computed inverse has the relative error c·n·eps·κ.
        let kappa = norm1(&wide(&a)) * norm1(&wide(&exact));
        hold(&n, residual::close("Hilbert inverse", &wide(&found), &wide(&exact), n as f64 * EPS64 * kappa));
    }
}

const EPS64: f64 = f64::EPSILON;

/// A matrix of (Gaussian) integers with a known determinant: a permutation of L·U, L unit lower, U with a given diagonal.
fn with_determinant<T: Scalar>(rng: &mut Rng, diagonal: &[C64], swaps: usize) -> (Wide, C64) {
    let n = diagonal.len();
    let integer = |rng: &mut Rng| {
        let mut part = || rng.below(3) as f64 - 1.0;
        C64::new(part(), if T::COMPLEX { part() } else { 0.0 })
    };
    let (mut l, mut u) = (Wide::eye(n), Wide::zeros((n, n)));
    for i in 0..n {
        (0..i).for_each(|j| l[[i, j]] = integer(rng));
        (i + 1..n).for_each(|j| u[[i, j]] = integer(rng));
        u[[i, i]] = diagonal[i];
    }
    let mut a = l.dot(&u);
    for i in 0..swaps {
        let (mut top, mut bottom) = a.view_mut().split_at(Axis(0), i + 1);
        top.row_mut(i).into_iter().zip(bottom.row_mut(0)).for_each(|(x, y)| std::mem::swap(x, y));
    }
    let sign = if swaps.is_multiple_of(2) { 1.0 } else { -1.0 };
    (a, diagonal.iter().product::<C64>() * sign)
}

/// det, and its sign and logarithm, against exact integers: sign and complex phase too.
fn determinant<T: Scalar>() {
    let mut rng = Rng::new(50);
    for n in 1..=5 {
        for swaps in 0..n {
            let phase = |i: usize| if T::COMPLEX { C64::i().powu(i as u32) } else { C64::new(1.0, 0.0) };
            let diagonal: Vec<C64> = (0..n).map(|i| phase(i + swaps) * (1.0 + i as f64)).collect();
            let (a, exact) = with_determinant::<T>(&mut rng, &diagonal, swaps);
            // A backward error E moves the determinant by the factor 1 + tr(A⁻¹E): n·κ·(c·n·eps) with c = 1 for integers.
            let kappa = norm1(&a) * norm1(&inverted(&a));
            let tol = (n * n) as f64 * kappa * T::EPS;
            let f = narrow::<T>(&a).lu().unwrap();
            let found = f.det().unwrap().wide();
            hold(&a, residual::within("determinant", (found - exact).norm(), tol * exact.norm()));
            let (sign, log) = f.ln_det().unwrap();
            hold(&a, residual::within("sign", (sign.wide() - exact / exact.norm()).norm(), tol));
            hold(&a, residual::within("ln|det|", (T::f64_of(log) - exact.norm().ln()).abs(), tol + 4.0 * T::EPS));
        }
    }
}

/// Permutation matrices: the determinant is the sign of the permutation, exactly, and A[p, :] = I.
fn permutations<T: Scalar>() {
    let mut rng = Rng::new(51);
    for n in [1, 2, 3, 7, 20] {
        let mut order: Vec<usize> = (0..n).collect();
        let mut sign = 1.0;
        for i in (1..n).rev() {
            let j = rng.below(i + 1);
            order.swap(i, j);
            sign = if i == j { sign } else { -sign };
        }
        let a = narrow::<T>(&Wide::eye(n).select(Axis(0), &order));
        let f = a.lu().unwrap();
        assert_eq!(f.det().unwrap().wide(), C64::new(sign, 0.0));
        assert_eq!(f.ln_det().unwrap().0.wide(), C64::new(sign, 0.0));
        assert_eq!(a.select(Axis(0), &f.permutation()), narrow::<T>(&Wide::eye(n)));
    }
}

/// The logarithm holds where the determinant itself has no room.
fn determinant_out_of_range<T: Scalar>() {
    let big = 2f64.powi(T::HUGE);
    for (entries, log) in [([big, -big, big], 3.0 * big.ln()), ([1.0 / big, 1.0 / big, -1.0 / big], -3.0 * big.ln())] {
        let d = Wide::from_diag(&Array1::from(entries.map(|x| C64::new(x, 0.0)).to_vec()));
        let (sign, found) = narrow::<T>(&d).lu().unwrap().ln_det().unwrap();
        assert_eq!(sign.wide(), C64::new(-1.0, 0.0));
        hold(&log, residual::relative("ln|det|", T::f64_of(found), log, 8.0 * T::EPS));
    }
}

fn singular<T: Scalar>() {
    // The second pivot is exactly zero.
    let a = narrow::<T>(&integers(&[&[2, 4, 1], &[1, 2, 3], &[1, 2, 5]]));
    let b = narrow::<T>(&Wide::ones((3, 1)));
    let refused = lapwing::Error::Singular { pivot: 1 };
    let f = a.lu().unwrap();
    assert_eq!(f.det().unwrap().wide(), C64::ZERO);
    let (sign, log) = f.ln_det().unwrap();
    assert_eq!((sign.wide(), T::f64_of(log)), (C64::ZERO, f64::NEG_INFINITY));
    assert_eq!(f.solve(&b).unwrap_err(), refused);
    assert_eq!(f.solve_inplace(&mut b.clone(), &mut Workspace::new()).unwrap_err(), refused);
    assert_eq!(f.inverse().unwrap_err(), refused);
    assert_eq!(T::f64_of(f.rcond().unwrap()), 0.0);
}

/// What has a meaning for square matrices only says so.
fn rectangular<T: Scalar>() {
    let f = narrow::<T>(&Wide::ones((3, 2))).lu().unwrap();
    let refused = lapwing::Error::NotSquare { rows: 3, cols: 2 };
    let b = narrow::<T>(&Wide::ones((3, 1)));
    assert_eq!(f.solve(&b).unwrap_err(), refused);
    assert_eq!(f.solve_inplace(&mut b.clone(), &mut Workspace::new()).unwrap_err(), refused);
    assert_eq!(f.inverse().unwrap_err(), refused);
    assert_eq!(f.det().unwrap_err(), refused);
    assert_eq!(f.ln_det().unwrap_err(), refused);
    assert_eq!(f.rcond().unwrap_err(), refused);
}

/// xGECON's estimate of 1/κ₁ is never too small and rarely more than ten times too large (Higham 2002, §15.3).
fn rcond<T: Scalar>() {
    for (case, known) in cases::<T>(&Spectrum::FULL, &[]) {
        if case.rows == 0 || case.kappa * T::EPS > 1e-3 || case.scale != Scale::One {
            continue;
        }
        let a = rounded::<T>(&known.a);
        let exact = 1.0 / (norm1(&a) * norm1(&inverted(&a)));
        let found = T::f64_of(Placed::<T>::new(&known.a, case.layout).view().lu().unwrap().rcond().unwrap());
        let slack = 1.0 + THRESHOLD * case.rows as f64 * T::EPS / exact;
        // The norm of a complex matrix is taken with |Re| + |Im|, at most √2 too large.
        let least = if T::COMPLEX { exact / 2f64.sqrt() } else { exact };
        assert!(found * slack >= least && found <= 10.0 * exact * slack, "{found:e} {exact:e} {case:?}");
    }
}

fn empty<T: Scalar>() {
    let f = Array2::<T>::from_elem((0, 0).f(), T::hole()).lu().unwrap();
    assert_eq!((f.l().dim(), f.u().dim(), f.permutation().len()), ((0, 0), (0, 0), 0));
    assert_eq!(f.det().unwrap().wide(), C64::new(1.0, 0.0));
    let (sign, log) = f.ln_det().unwrap();
    assert_eq!((sign.wide(), T::f64_of(log)), (C64::new(1.0, 0.0), 0.0));
    assert_eq!(f.inverse().unwrap().dim(), (0, 0));
    assert_eq!(f.solve(&Array2::<T>::from_elem((0, 3).f(), T::hole())).unwrap().dim(), (0, 3));
}

each_type!(
    factors,
    solves,
    panels,
    zero_pivot,
    inverse,
    determinant,
    permutations,
    determinant_out_of_range,
    singular,
    rectangular,
    rcond,
    empty
);
