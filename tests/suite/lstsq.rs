//! Least squares on the grid: methods × shapes × layouts × right-hand sides, full rank and rank-deficient.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`; exact answers are in `lstsq_exact.rs`.
//! Must not weaken a bound: each is named in `residual.rs` or derived where it stands.

use super::generate::*;
use super::residual::{self, *};
use lapwing::prelude::*;
use lapwing::{Error, Result};
use ndarray::{Array2, Axis, Ix1, Ix2, s};

const DIRECT: [Method; 6] =
    [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto, Method::Refined];
const RANK_REVEALING: [Method; 3] = [Method::PivotedQr, Method::Svd, Method::Auto];

fn options<T: Scalar>(method: Method) -> LstsqOptions<T::Real> {
    LstsqOptions { method, ..Default::default() }
}

/// Whether a method is sure to succeed: the normal equations square the condition.
fn within_reach<T: Scalar>(case: &Case, method: Method) -> bool {
    let kappa = case.kappa * 1e3 * T::EPS;
    match method {
        _ if !case.products_fit() => false,
        Method::NormalEquations => kappa * case.kappa < 1.0,
        _ => kappa < 1.0,
    }
}

/// The minimum-norm solution A⁺b from the known factors, and the norm of its residual.
fn known_solution(known: &Known, b: &Wide) -> (Wide, Wide) {
    let r = known.values.iter().take_while(|x| **x > 0.0).count();
    let (u, v) = (known.u.slice(s![.., ..r]).to_owned(), known.v.slice(s![.., ..r]).to_owned());
    let coordinates = adjoint(&u).dot(b);
    let inverted: Vec<f64> = known.values[..r].iter().map(|x| 1.0 / x).collect();
    (scale_columns(&v, &inverted).dot(&coordinates), b - &u.dot(&coordinates))
}

/// Checks x column by column: Wedin's bound (Higham 2002, Theorem 20.1) with ε = c·d·eps, and one more κε for the
/// minimum-norm part; the normal equations square κ instead.
fn judge_forward<T: Scalar>(case: &Case, method: Method, known: &Known, b: &Wide, x: &Wide) {
    let (exact, rest) = known_solution(known, b);
    let least = known.values.iter().copied().filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
    let Some(&most) = known.values.first().filter(|s| **s > 0.0) else {
        hold(case, fact("x = 0 for A = 0", x.iter().all(|z| *z == C64::ZERO)));
        return;
    };
    let (kappa, eps) = (most / least, THRESHOLD * case.rows.max(case.cols) as f64 * T::EPS);
    // A and b brought to size 1, and x accordingly, so that no square leaves the range.
    let (ea, eb) = (exponent(&known.a), exponent(b));
    let size = most * 2f64.powi(ea / 2) * 2f64.powi(ea - ea / 2);
    for j in 0..b.ncols() {
        let norm = |m: &Wide, e: i32| norm2(&times_power(m, e).column(j).to_owned());
        let tail = norm(&rest, eb) / (size * norm(&exact, eb - ea));
        let tol = match method {
            Method::NormalEquations => eps * kappa * kappa * (3.0 + tail),
            _ => eps * kappa * (3.0 + (kappa + 1.0) * tail),
        };
        hold(&(case, method), {
            let error = norm(&(x - &exact), eb - ea);
            residual::within("x against A⁺b", error, tol * norm(&exact, eb - ea))
        });
    }
}

/// The residual norm that is reported, against ‖b − Ax‖ in double precision: equal to c·d·eps·(‖A‖‖x‖ + ‖b‖).
fn judge_residual_norm<T: Scalar>(case: &Case, a: &Wide, b: &Wide, x: &Wide, reported: &[f64]) {
    let (ea, eb) = (exponent(a), exponent(b));
    let (a, b, x) = (times_power(a, ea), times_power(b, eb), times_power(x, eb - ea));
    let rest = &b - &a.dot(&x);
    assert_eq!(reported.len(), b.ncols());
    for (j, &found) in reported.iter().enumerate() {
        let size = norm1(&a) * norm2(&x.column(j).to_owned()) + norm2(&b.column(j).to_owned());
        let tol = THRESHOLD * b.nrows().max(x.nrows()) as f64 * T::EPS * size;
        let scaled = found * 2f64.powi(eb / 2) * 2f64.powi(eb - eb / 2);
        hold(case, residual::within("residual norm", (scaled - norm2(&rest.column(j).to_owned())).abs(), tol));
    }
}

/// A problem on the grid: the matrix and two right-hand sides with a part outside the range of A.
fn problems<T: Scalar>(spectra: &[Spectrum]) -> Vec<(Case, Known, Wide)> {
    let make = |case: Case| {
        let mut rng = case.rng();
        let known = general::<T>(&mut rng, case.rows, case.cols, &case.values::<T>());
        let b = normal::<T>(&mut rng, case.rows, 2) * C64::new(case.scale.factor::<T>(), 0.0);
        (case, known, rounded::<T>(&b))
    };
    grid::<T>(&SMALL, &MEDIUM, &LARGE[1..], spectra).into_iter().map(make).collect()
}

fn solve_both<T: Scalar>(a: &Placed<T>, b: &Placed<T>, method: Method) -> Result<(Solution<T, Ix2>, Solution<T, Ix1>)> {
    let both = a.view().lstsq_with(&b.view(), &options::<T>(method))?;
    let single = a.view().lstsq_with(&b.view().column(1), &options::<T>(method))?;
    Ok((both, single))
}

fn full_rank<T: Scalar>() {
    for (case, known, b) in problems::<T>(&Spectrum::FULL) {
        let (placed, rhs) = (Placed::<T>::new(&known.a, case.layout), Placed::<T>::new(&b, case.layout));
        let a = rounded::<T>(&known.a);
        for method in DIRECT.into_iter().filter(|m| within_reach::<T>(&case, *m)) {
            let (both, single) =
                solve_both(&placed, &rhs, method).unwrap_or_else(|error| panic!("{method:?}: {error} in {case:?}"));
            let (x, second) = (wide(&both.x), column(&single.x.mapv(T::wide)));
            for (x, b) in [(&x, &b), (&second, &b.slice(s![.., 1..]).to_owned())] {
                hold(&(case, method), residual::least_squares(&a, x, b, T::EPS));
                judge_forward::<T>(&case, method, &known, b, x);
            }
            judge_residual_norm::<T>(&case, &a, &b, &x, &wide_reals::<T>(&both.residual_norm));
            let alone = [T::f64_of(single.residual_norm)];
            judge_residual_norm::<T>(&case, &a, &b.slice(s![.., 1..]).to_owned(), &second, &alone);
            assert_eq!((both.rank, single.rank), (known.values.len(), known.values.len()), "{case:?}");
            let used = if method == Method::Auto { both.method } else { method };
            assert_eq!(both.method, used, "{case:?}");
            assert_ne!(used, Method::Auto);
            if case.rows < case.cols {
                let null = known.v.slice(s![.., known.values.len()..]).to_owned();
                let kappa = if method == Method::NormalEquations { case.kappa * case.kappa } else { case.kappa };
                hold(&(case, method), residual::minimum_norm(&null, &x, kappa, T::EPS));
            }
        }
    }
}

fn rank_deficient<T: Scalar>() {
    for (case, known, b) in problems::<T>(&[Spectrum::Deficient, Spectrum::Zero]) {
        let (placed, rhs) = (Placed::<T>::new(&known.a, case.layout), Placed::<T>::new(&b, case.layout));
        let rank = case.spectrum.rank(known.values.len());
        let reachable = case.kappa * T::EPS * 1e3 < 1.0 && case.products_fit();
        for method in RANK_REVEALING.into_iter().filter(|_| reachable) {
            let (both, single) =
                solve_both(&placed, &rhs, method).unwrap_or_else(|error| panic!("{method:?}: {error} in {case:?}"));
            assert_eq!((both.rank, single.rank), (rank, rank), "{method:?} {case:?}");
            assert!(T::f64_of(both.rcond) > 0.0 || known.a.dim() == (0, 0), "{method:?} {case:?}");
            judge_forward::<T>(&case, method, &known, &b, &wide(&both.x));
            judge_residual_norm::<T>(
                &case,
                &rounded::<T>(&known.a),
                &b,
                &wide(&both.x),
                &wide_reals::<T>(&both.residual_norm),
            );
        }
        if rank < known.values.len() {
            for method in [Method::NormalEquations, Method::Qr, Method::Refined] {
                let refused = placed.view().lstsq_with(&rhs.view(), &options::<T>(method)).unwrap_err();
                assert!(is_rank_error(&refused), "{method:?}: {refused:?} in {case:?}");
            }
        }
    }
}

fn is_rank_error(error: &Error) -> bool {
    matches!(error, Error::RankDeficient { .. } | Error::NotPositiveDefinite { .. } | Error::Singular { .. })
}

/// What data files do: a column twice, a constant column beside an intercept, a zero column, a sum of others.
fn dependent_columns<T: Scalar>() {
    let base = |i: usize| [1.0, i as f64, ((i * i) % 7) as f64];
    type Column = fn([f64; 3]) -> f64;
    let fourth: [(&str, Column); 4] = [
        ("duplicate", |c| c[1]),
        ("constant", |_| 5.0),
        ("zero", |_| 0.0),
        ("combination", |c| 2.0 * c[0] - 3.0 * c[1] + c[2]),
    ];
    for (name, last) in fourth {
        let a = Wide::from_shape_fn((9, 4), |(i, j)| C64::new(if j < 3 { base(i)[j] } else { last(base(i)) }, 0.0));
        let b = rounded::<T>(&normal::<T>(&mut Rng::new(80), 9, 1));
        for layout in Layout::ALL {
            let (placed, rhs) = (Placed::<T>::new(&a, layout), Placed::<T>::new(&b, layout));
            for method in [Method::NormalEquations, Method::Qr, Method::Refined] {
                let refused = placed.view().lstsq_with(&rhs.view(), &options::<T>(method)).unwrap_err();
                assert!(is_rank_error(&refused), "{name} {method:?}: {refused:?}");
                if let Error::RankDeficient { rank, needed } = refused {
                    assert_eq!((rank, needed), (3, 4), "{name} {method:?}");
                }
            }
            for method in RANK_REVEALING {
                let solution = placed.view().lstsq_with(&rhs.view(), &options::<T>(method)).unwrap();
                assert_eq!(solution.rank, 3, "{name} {method:?}");
                hold(&(name, method), residual::least_squares(&a, &wide(&solution.x), &b, T::EPS));
            }
            let pair = [Method::PivotedQr, Method::Svd]
                .map(|m| wide(&placed.view().lstsq_with(&rhs.view(), &options::<T>(m)).unwrap().x));
            // Both are the one solution of least norm; κ of the three independent columns is below 100.
            hold(&name, residual::close("the same x", &pair[0], &pair[1], 100.0 * THRESHOLD * 9.0 * T::EPS));
        }
    }
}

/// What is reported as condition: κ₂ by the SVD, and else an estimate of κ₁ of a triangular factor. That lies between
/// κ₂/n and n·κ₂, and the estimator falls short by a factor 10 at most but for contrived matrices (Higham 2002, §15.3).
fn condition<T: Scalar>() {
    for (m, n) in [(1, 1), (6, 6), (12, 5), (5, 12), (60, 40)] {
        for kappa in [1.0, 10.0, 1e3] {
            let values = Spectrum::Geometric.values(m.min(n), kappa);
            let kappa = values[0] / values[values.len() - 1];
            let a = narrow::<T>(&general::<T>(&mut Rng::new(84), m, n, &values).a);
            let b = narrow::<T>(&normal::<T>(&mut Rng::new(85), m, 1));
            let k = m.min(n) as f64;
            for method in DIRECT {
                if method == Method::NormalEquations && kappa * kappa * T::EPS * 1e3 > 1.0 {
                    continue;
                }
                let found = a.lstsq_with(&b, &options::<T>(method)).unwrap().condition.map(T::f64_of).unwrap();
                let times = found / kappa;
                // Either end of the spectrum moves by c·d·eps·σ₁.
                let slack = 1.0 + 2.0 * THRESHOLD * m.max(n) as f64 * T::EPS * kappa;
                let (least, most) = if method == Method::Svd { (1.0, 1.0) } else { (0.1 / k, k) };
                assert!(times * slack >= least && times <= most * slack, "{method:?} {m}×{n}: {found:e} for {kappa:e}");
            }
        }
    }
}

/// The rank follows the rcond that was given, and the one that was used is told.
fn rcond_decides<T: Scalar>() {
    let d = [1.0, 0.1, 1e-3].map(|x| C64::new(x, 0.0));
    let a = narrow::<T>(&Wide::from_diag(&ndarray::Array1::from(d.to_vec())));
    let b = narrow::<T>(&Wide::ones((3, 1)));
    for method in [Method::PivotedQr, Method::Svd] {
        for (rcond, rank, want) in [(1e-4, 3, [1.0, 10.0, 1e3]), (1e-2, 2, [1.0, 10.0, 0.0]), (0.5, 1, [1.0, 0.0, 0.0])]
        {
            let rcond = T::real_of(rcond);
            let options = LstsqOptions { method, rcond: Some(rcond) };
            let solution = a.lstsq_with(&b, &options).unwrap();
            assert_eq!((solution.rank, solution.rcond), (rank, rcond), "{method:?}");
            let want = Wide::from_shape_fn((3, 1), |(i, _)| C64::new(want[i], 0.0));
            hold(&method, residual::close("x", &wide(&solution.x), &want, THRESHOLD * T::EPS));
        }
    }
}

/// Columns in units so different that κ₂(A) is beyond 1/ε are no less independent: unless the caller names a tolerance
/// the rank is decided on columns of equal length. For a wide matrix the same holds of rows.
fn units_do_not_decide_the_rank<T: Scalar>() {
    // Each unit is smaller than rounding errors of the one before.
    let digits = (1.0 / T::EPS).log2() + 11.0;
    let units: Vec<f64> = (0..3).map(|j| 2f64.powf(-digits * f64::from(j))).collect();
    let known = general::<T>(&mut Rng::new(86), 9, 3, &Spectrum::Arithmetic.values(3, 4.0)).a;
    let even = rounded::<T>(&known);
    let a = rounded::<T>(&scale_columns(&even, &units));
    let b = rounded::<T>(&normal::<T>(&mut Rng::new(87), 9, 1));
    for layout in Layout::ALL {
        let (placed, rhs) = (Placed::<T>::new(&a, layout), Placed::<T>::new(&b, layout));
        let by = |method, rcond| placed.view().lstsq_with(&rhs.view(), &LstsqOptions { method, rcond }).unwrap();
        for method in [Method::PivotedQr, Method::Svd] {
            assert_eq!(by(method, None).rank, 3, "{method:?} {layout:?}");
            assert_eq!(by(method, Some(T::real_of(9.0 * T::EPS))).rank, 1, "{method:?} {layout:?}");
        }
        // Powers of two round nothing: the unknowns are those of the even problem in other units.
        let x = scale_columns(&adjoint(&wide(&by(Method::PivotedQr, None).x)), &units);
        let plain = narrow::<T>(&even).lstsq_with(&narrow::<T>(&b), &options::<T>(Method::PivotedQr)).unwrap().x;
        // κ₂ = 4 and a residual of the size of b: both solutions are good to c·d·eps·κ².
        let tol = 2.0 * THRESHOLD * 9.0 * T::EPS * 16.0;
        hold(&layout, residual::close("x in other units", &x, &adjoint(&wide(&plain)), tol));
        let wide_matrix = Placed::<T>::new(&a.t().to_owned(), layout);
        let short = narrow::<T>(&Wide::ones((3, 1)));
        for method in [Method::PivotedQr, Method::Svd] {
            let found = wide_matrix.view().lstsq_with(&short, &options::<T>(method)).unwrap();
            assert_eq!(found.rank, 3, "{method:?} {layout:?}");
        }
    }
}

/// At the ends of the range AᴴA overflows or vanishes if it is formed without scaling.
fn ends_of_the_range<T: Scalar>() {
    for scale in [Scale::Tiny, Scale::Huge] {
        for (m, n) in [(1, 1), (6, 6), (9, 4), (4, 9)] {
            let factor = scale.factor::<T>();
            let values: Vec<f64> = Spectrum::Arithmetic.values(m.min(n), 4.0).iter().map(|x| x * factor).collect();
            let known = general::<T>(&mut Rng::new(81), m, n, &values);
            // Right-hand sides of the other end, so that x is out of the ordinary too.
            for size in [factor, 1.0] {
                let b = rounded::<T>(&(normal::<T>(&mut Rng::new(82), m, 1) * C64::new(size, 0.0)));
                let (a, rhs) = (narrow::<T>(&known.a), narrow::<T>(&b));
                for method in DIRECT {
                    let x = wide(&a.lstsq_with(&rhs, &options::<T>(method)).unwrap().x);
                    let verdict = residual::least_squares(&rounded::<T>(&known.a), &x, &b, T::EPS);
                    hold(&(scale, m, n, method, size), verdict);
                }
            }
        }
    }
}

/// A 0×n system asks nothing: x = 0. An m×0 system has no unknowns: its residual is b.
fn empty<T: Scalar>() {
    for method in DIRECT {
        let a = narrow::<T>(&Wide::zeros((0, 3)));
        let solution = a.lstsq_with(&narrow::<T>(&Wide::zeros((0, 2))), &options::<T>(method)).unwrap();
        assert_eq!((wide(&solution.x), solution.rank), (Wide::zeros((3, 2)), 0), "{method:?}");
        assert_eq!(wide_reals::<T>(&solution.residual_norm), [0.0, 0.0]);

        let a = narrow::<T>(&Wide::zeros((3, 0)));
        let b = narrow::<T>(&integers(&[&[2], &[3], &[6]]));
        let solution = a.lstsq_with(&b.column(0), &options::<T>(method)).unwrap();
        assert_eq!((solution.x.len(), solution.rank), (0, 0), "{method:?}");
        hold(&method, residual::relative("residual", T::f64_of(solution.residual_norm), 7.0, 8.0 * T::EPS));

        let none = Array2::<T>::from_elem((4, 0), T::hole());
        let solution = narrow::<T>(&Wide::ones((4, 1))).lstsq_with(&none, &options::<T>(method)).unwrap();
        assert_eq!((solution.x.dim(), solution.residual_norm.len()), ((1, 0), 0), "{method:?}");
    }
}

fn wrong_shapes<T: Scalar>() {
    let a = narrow::<T>(&normal::<T>(&mut Rng::new(83), 5, 3));
    for method in DIRECT {
        let two = a.lstsq_with(&narrow::<T>(&Wide::ones((4, 2))), &options::<T>(method)).map(drop);
        let one = narrow::<T>(&Wide::ones((6, 1))).index_axis_move(Axis(1), 0);
        for verdict in [two, a.lstsq_with(&one, &options::<T>(method)).map(drop)] {
            assert!(matches!(verdict.unwrap_err(), Error::Shape { .. }), "{method:?}");
        }
    }
}

each_type!(
    full_rank,
    rank_deficient,
    dependent_columns,
    condition,
    rcond_decides,
    units_do_not_decide_the_rank,
    ends_of_the_range,
    empty,
    wrong_shapes
);
