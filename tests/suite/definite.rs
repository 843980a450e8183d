//! Cholesky and LDLᴴ factorizations: factors, solving, determinant, inertia.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`, and inertias known in closed form.
//! Must not weaken a bound: each is named in `residual.rs` or derived where it stands.

use super::generate::*;
use super::policy;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ShapeBuilder};

const TRIANGLES: [Uplo; 2] = [Uplo::Lower, Uplo::Upper];

/// Hermitian matrices on the grid; `shape` turns the singular values into eigenvalues.
fn cases<T: Scalar>(spectra: &[Spectrum], shape: fn(&[f64]) -> Vec<f64>) -> Vec<(Case, Known)> {
    let make = |case: Case| (case, hermitian::<T>(&mut case.rng(), &shape(&case.values::<T>())));
    grid::<T>(&SMALL_SQUARE, &MEDIUM_SQUARE, &LARGE_SQUARE, spectra).into_iter().map(make).collect()
}

/// κ·n·eps well under 1: Cholesky is sure to run to its end (Higham 2002, Theorem 10.7).
fn safely_definite<T: Scalar>(case: &Case) -> bool {
    case.kappa * T::EPS * 1e3 < 1.0 && case.products_fit()
}

fn right_hand_side<T: Scalar>(case: &Case) -> Wide {
    rounded::<T>(&normal::<T>(&mut case.rng(), case.rows, 3)) * C64::new(case.scale.factor::<T>(), 0.0)
}

fn cholesky<T: Scalar>() {
    let _fixed = policy::bit_by_bit();
    let (mut ws, mut reused) = (Workspace::<T>::new(), Cholesky::default());
    for (case, known) in cases::<T>(&Spectrum::FULL, |v| v.to_vec()) {
        if !safely_definite::<T>(&case) {
            continue;
        }
        let (a, b) = (rounded::<T>(&known.a), right_hand_side::<T>(&case));
        for uplo in TRIANGLES {
            let mut placed = Placed::<T>::new(&known.a, case.layout);
            spoil_triangle(&mut placed.view_mut(), uplo == Uplo::Lower);
            let options = CholeskyOptions { uplo, ..Default::default() };
            let f = placed.view().cholesky_with(&options, &mut ws).unwrap();
            hold(&case, residual::cholesky(&a, &wide(&f.factor()), T::EPS));
            let x = f.solve(&Placed::<T>::new(&b, case.layout).view()).unwrap();
            hold(&case, residual::solve(&a, &wide(&x), &b, T::EPS));
            let single: Array1<T> = f.solve(&narrow::<T>(&b).column(0)).unwrap();
            let first = b.slice(ndarray::s![.., ..1]).to_owned();
            hold(&case, residual::solve(&a, &column(&single.mapv(T::wide)), &first, T::EPS));
            // ln det = Σ ln λ; each eigenvalue is known to c·n·eps·κ relatively.
            let log: f64 = known.values.iter().map(|x| x.ln()).sum();
            let tol = case.rows as f64 * THRESHOLD * T::EPS * (case.kappa * case.rows as f64 + log.abs());
            hold(&case, residual::within("ln det", (T::f64_of(f.ln_det()) - log).abs(), tol));

            placed.view().cholesky_to(&options, &mut ws, &mut reused).unwrap();
            assert_eq!(f.factor(), reused.factor(), "{case:?}");
            let (l, x) = {
                let mut view = placed.view_mut();
                let inplace = view.cholesky_inplace(&options, &mut ws).unwrap();
                (wide(&inplace.factor()), wide(&inplace.solve(&narrow::<T>(&b)).unwrap()))
            };
            hold(&case, residual::cholesky(&a, &l, T::EPS));
            hold(&case, residual::solve(&a, &x, &b, T::EPS));
            assert!(placed.outside_untouched(), "{case:?}");
            // The other triangle keeps what was there: here NaN.
            let kept = |((i, j), x): ((usize, usize), &T)| {
                (if uplo == Uplo::Lower { i >= j } else { i <= j }) || x.wide().re.is_nan()
            };
            assert!(placed.view().indexed_iter().all(kept), "{case:?}");
        }
    }
}

/// The order of the first leading minor that is not positive is told.
fn not_positive_definite<T: Scalar>() {
    for n in [1, 3, 8, 70] {
        for wrong in 0..n {
            let mut d = vec![C64::new(1.0, 0.0); n];
            d[wrong] = C64::new(-1.0, 0.0);
            let a = narrow::<T>(&Wide::from_diag(&Array1::from(d)));
            let refused = lapwing::Error::NotPositiveDefinite { minor: wrong + 1 };
            assert_eq!(a.cholesky().unwrap_err(), refused);
        }
    }
    let semidefinite = narrow::<T>(&integers(&[&[1, 1], &[1, 1]]));
    assert_eq!(semidefinite.cholesky().unwrap_err(), lapwing::Error::NotPositiveDefinite { minor: 2 });
    let zero = narrow::<T>(&Wide::zeros((2, 2)));
    assert_eq!(zero.cholesky().unwrap_err(), lapwing::Error::NotPositiveDefinite { minor: 1 });
}

/// A = LLᵀ with integers: L = [[2, 0], [1, 3]], A = [[4, 2], [2, 10]], exactly.
fn exact_factor<T: Scalar>() {
    for layout in Layout::ALL {
        let a = Placed::<T>::new(&integers(&[&[4, 2], &[2, 10]]), layout);
        let f = a.view().cholesky().unwrap();
        assert_eq!(wide(&f.factor()), integers(&[&[2, 0], &[1, 3]]));
        let x: Array1<T> = f.solve(&narrow::<T>(&integers(&[&[8], &[22]])).column(0)).unwrap();
        assert_eq!(x.mapv(T::wide).to_vec(), [C64::new(1.0, 0.0), C64::new(2.0, 0.0)]);
    }
}

/// The estimate of 1/κ₁ is never too small and rarely ten times too large (Higham 2002, §15.3).
fn rcond<T: Scalar>() {
    for (case, known) in cases::<T>(&Spectrum::FULL, |v| v.to_vec()) {
        if !safely_definite::<T>(&case) || case.rows == 0 || case.rows > 40 {
            continue;
        }
        let a = rounded::<T>(&known.a);
        // A power of two changes no condition number, but in double precision A⁻¹ may need it.
        let a = times_power(&a, exponent(&a));
        let exact = 1.0 / (norm1(&a) * norm1(&inverted(&a)));
        let f = Placed::<T>::new(&known.a, case.layout).view().cholesky().unwrap();
        let found = T::f64_of(f.rcond().unwrap());
        let slack = 1.0 + THRESHOLD * case.rows as f64 * T::EPS / exact;
        // The norm of a complex matrix is taken with |Re| + |Im|, at most √2 too large.
        let least = if T::COMPLEX { exact / 2f64.sqrt() } else { exact };
        assert!(found * slack >= least && found <= 10.0 * exact * slack, "{found:e} {exact:e} {case:?}");
    }
}

fn ldlt<T: Scalar>() {
    let _fixed = policy::bit_by_bit();
    let (mut ws, mut reused) = (Workspace::<T>::new(), Ldlt::default());
    for (case, known) in cases::<T>(&Spectrum::FULL, alternating) {
        let (a, b) = (rounded::<T>(&known.a), right_hand_side::<T>(&case));
        if !case.products_fit() {
            continue;
        }
        let signs = |sign: f64| known.values.iter().filter(|x| **x * sign > 0.0).count();
        let want = Inertia { positive: signs(1.0), negative: signs(-1.0), zero: 0 };
        for uplo in TRIANGLES {
            let mut placed = Placed::<T>::new(&known.a, case.layout);
            spoil_triangle(&mut placed.view_mut(), uplo == Uplo::Lower);
            let f = placed.view().ldlt_with(&LdltOptions { uplo }, &mut ws).unwrap();
            let x = f.solve(&Placed::<T>::new(&b, case.layout).view()).unwrap();
            hold(&case, residual::solve(&a, &wide(&x), &b, T::EPS));
            // The inertia of A + E is A's while ‖E‖ < |λ|min: c·n·eps·κ < 1 (Weyl).
            if safely_definite::<T>(&case) {
                assert_eq!(f.inertia(), want, "{case:?}");
            }
            placed.view().ldlt_to(&LdltOptions { uplo }, &mut ws, &mut reused).unwrap();
            assert_eq!(f.inertia(), reused.inertia(), "{case:?}");
            let again = reused.solve(&Placed::<T>::new(&b, case.layout).view()).unwrap();
            assert_eq!(x, again, "{case:?}");
            let (inertia, x) = {
                let mut view = placed.view_mut();
                let inplace = view.ldlt_inplace(&LdltOptions { uplo }, &mut ws).unwrap();
                (inplace.inertia(), wide(&inplace.solve(&narrow::<T>(&b)).unwrap()))
            };
            assert_eq!(inertia, f.inertia(), "{case:?}");
            hold(&case, residual::solve(&a, &x, &b, T::EPS));
            assert!(placed.outside_untouched(), "{case:?}");
        }
    }
}

/// Small pivots count as zero only where the caller says how small.
fn inertia_within<T: Scalar>() {
    let d = [2.0, 1e-3, -1e-3, -2.0].map(|x| C64::new(x, 0.0));
    let f = narrow::<T>(&Wide::from_diag(&Array1::from(d.to_vec()))).ldlt().unwrap();
    assert_eq!(f.inertia(), Inertia { positive: 2, negative: 2, zero: 0 });
    assert_eq!(f.inertia_within(T::real_of(1e-2)), Inertia { positive: 1, negative: 1, zero: 2 });
}

/// Matrices that force 2×2 pivot blocks: blocks [[0, 1], [1, 0]] with the eigenvalues ±1, in exact arithmetic.
fn two_by_two_pivots<T: Scalar>() {
    for pairs in [1, 2, 5, 40] {
        let n = 2 * pairs;
        let block = Wide::from_shape_fn((n, n), |(i, j)| C64::new(f64::from(i ^ 1 == j), 0.0));
        let far = Wide::from_shape_fn((n, n), |(i, j)| C64::new(f64::from(i + j + 1 == n), 0.0));
        let phase = if T::COMPLEX { C64::i() } else { C64::new(1.0, 0.0) };
        let turned = Wide::from_shape_fn((n, n), |(i, j)| {
            let z = if i > j { phase } else { phase.conj() };
            block[[i, j]] * z
        });
        for a in [block.clone(), far, turned] {
            for uplo in TRIANGLES {
                let f = narrow::<T>(&a).ldlt_with(&LdltOptions { uplo }, &mut Workspace::new()).unwrap();
                assert_eq!(f.inertia(), Inertia { positive: pairs, negative: pairs, zero: 0 });
                let b = normal::<T>(&mut Rng::new(60), n, 1);
                let x = f.solve(&narrow::<T>(&b)).unwrap();
                hold(&n, residual::solve(&a, &wide(&x), &rounded::<T>(&b), T::EPS));
            }
        }
    }
}

/// The saddle matrix [[H, Bᴴ], [B, 0]] with H definite and B of full row rank has the inertia (n, m, 0).
fn saddle<T: Scalar>() {
    for (n, m) in [(1, 1), (3, 2), (6, 6), (20, 7)] {
        let mut rng = Rng::new(61);
        let h = hermitian::<T>(&mut rng, &Spectrum::Arithmetic.values(n, 10.0)).a;
        let b = general::<T>(&mut rng, m, n, &Spectrum::Arithmetic.values(m, 10.0)).a;
        let mut a = Wide::zeros((n + m, n + m));
        a.slice_mut(ndarray::s![..n, ..n]).assign(&h);
        a.slice_mut(ndarray::s![n.., ..n]).assign(&b);
        a.slice_mut(ndarray::s![..n, n..]).assign(&adjoint(&b));
        for layout in Layout::ALL {
            let f = Placed::<T>::new(&a, layout).view().ldlt().unwrap();
            assert_eq!(f.inertia(), Inertia { positive: n, negative: m, zero: 0 }, "{layout:?}");
        }
    }
}

/// Zero eigenvalues that no rounding hides: diagonal matrices, and the zero matrix.
fn zero_inertia<T: Scalar>() {
    let d = [3.0, 0.0, -2.0, 0.0, 1.0].map(|x| C64::new(x, 0.0));
    let a = narrow::<T>(&Wide::from_diag(&Array1::from(d.to_vec())));
    let f = a.ldlt().unwrap();
    assert_eq!(f.inertia(), Inertia { positive: 2, negative: 1, zero: 2 });
    let refused = f.solve(&narrow::<T>(&Wide::ones((5, 1)))).unwrap_err();
    assert!(matches!(refused, lapwing::Error::Singular { pivot: 1 | 3 }), "{refused:?}");
    let f = narrow::<T>(&Wide::zeros((3, 3))).ldlt().unwrap();
    assert_eq!(f.inertia(), Inertia { positive: 0, negative: 0, zero: 3 });
}

fn empty<T: Scalar>() {
    let a = Array2::<T>::from_elem((0, 0).f(), T::hole());
    let b = Array2::<T>::from_elem((0, 2).f(), T::hole());
    let f = a.cholesky().unwrap();
    assert_eq!((f.factor().dim(), T::f64_of(f.ln_det()), f.solve(&b).unwrap().dim()), ((0, 0), 0.0, (0, 2)));
    let f = a.ldlt().unwrap();
    assert_eq!(f.inertia(), Inertia { positive: 0, negative: 0, zero: 0 });
    assert_eq!(f.solve(&b).unwrap().dim(), (0, 2));
}

each_type!(
    cholesky,
    not_positive_definite,
    exact_factor,
    rcond,
    ldlt,
    inertia_within,
    two_by_two_pivots,
    saddle,
    zero_inertia,
    empty
);
