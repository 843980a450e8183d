//! The forms of one call: into a new array, into the caller's, in the memory of the operand. They must agree.
//! Second floor of the tests: what each call computes is judged in the file of its factorization.
//! Must not ask for equal bits where the operands lie differently in memory: kernels sum in the order of alignment.

use super::generate::*;
use super::layout::Layout;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array, Array1, Array2, ArrayBase, ArrayView2, Axis, Ix1, Ix2, s};

const SHAPES: [(usize, usize); 5] = [(1, 1), (5, 1), (7, 7), (9, 4), (40, 33)];

fn random<T: Scalar>(seed: u64, m: usize, n: usize) -> Wide {
    rounded::<T>(&normal::<T>(&mut Rng::new(seed), m, n))
}

/// Two runs of one algorithm, whose error grows with `kappa`.
#[track_caller]
fn alike<T: Scalar, S: ndarray::Data<Elem = T>>(found: &ArrayBase<S, Ix2>, expected: &Array2<T>, kappa: f64) {
    assert_eq!(found.dim(), expected.dim());
    let tolerance = 10.0 * found.nrows().max(1) as f64 * kappa * T::EPS;
    hold(&found.dim(), residual::close("another form", &wide(found), &wide(expected), tolerance));
}

/// The three ways in which a factorization solves.
macro_rules! solves_alike {
    ($f:expr, $kappa:expr, $b:expr, $workspace:expr) => {{
        let f = &$f;
        for layout in Layout::ALL {
            let mut placed = Placed::<T>::new($b, layout);
            let x: Array2<T> = f.solve(&placed.view()).unwrap();
            let (n, p) = x.dim();
            // Outputs of a wrong shape, of a wrong order, and with entries that must not survive.
            for mut out in [Array2::default((0, 0)), Array2::from_elem((n, p), T::hole())] {
                f.solve_to(&placed.view(), $workspace, &mut out).unwrap();
                alike(&out, &x, $kappa);
            }
            let mut one = Array1::from_elem(n, T::hole());
            f.solve_to(&placed.view().column(0), $workspace, &mut one).unwrap();
            alike(&one.insert_axis(Axis(1)), &x.slice(s![.., ..1]).to_owned(), $kappa);
            f.solve_inplace(&mut placed.view_mut(), $workspace).unwrap();
            alike(&placed.view().slice(s![..n, ..]), &x, $kappa);
            assert!(placed.outside_untouched(), "{layout:?}");
        }
    }};
}

fn solves<T: Scalar>() {
    let ws = &mut Workspace::<T>::new();
    for (m, n) in SHAPES {
        let (a, b) = (random::<T>(1, m, n), random::<T>(2, m, 3));
        let kappa = condition::<T>(&a);
        for layout in [Layout::ColumnMajor, Layout::PaddedRows, Layout::Sliced] {
            let placed = Placed::<T>::new(&a, layout);
            // The residual is not small: its part of the error grows with κ².
            solves_alike!(placed.view().qr().unwrap(), kappa * kappa, &b, ws);
            solves_alike!(placed.view().qr_pivoted().unwrap(), kappa * kappa, &b, ws);
            if m == n {
                let definite = rounded::<T>(&(adjoint(&a).dot(&a) + Wide::from_diag_elem(n, 1.0.into())));
                let (placed_definite, of_definite) = (Placed::<T>::new(&definite, layout), condition::<T>(&definite));
                solves_alike!(placed.view().lu().unwrap(), kappa, &b, ws);
                solves_alike!(placed_definite.view().cholesky().unwrap(), of_definite, &b, ws);
                solves_alike!(placed_definite.view().ldlt().unwrap(), of_definite, &b, ws);
            }
        }
    }
}

fn condition<T: Scalar>(a: &Wide) -> f64 {
    T::from_real(narrow::<T>(a).cond().unwrap()).wide().re
}

/// Below the solution stands what is left of the right-hand side, whose norm is the residual's.
fn qr_leaves_the_residual_below_the_solution<T: Scalar>() {
    let (a, b) = (narrow::<T>(&random::<T>(3, 12, 5)), narrow::<T>(&random::<T>(4, 12, 1)));
    let mut given = b.column(0).to_owned();
    a.qr().unwrap().solve_inplace(&mut given, &mut Workspace::new()).unwrap();
    let residual = &b.column(0) - &a.dot(&given.slice(s![..5]));
    let (left, norm) = (residual::norm2(&given.slice(s![5..]).mapv(T::wide)), residual::norm2(&residual.mapv(T::wide)));
    hold(&"residual", residual::relative("the norm of the residual", left, norm, 100.0 * T::EPS));
}

fn products_with_q<T: Scalar>() {
    let ws = &mut Workspace::<T>::new();
    for (m, n) in [(1, 1), (5, 1), (7, 7), (9, 4), (4, 9), (40, 33)] {
        let (a, b) = (random::<T>(5, m, n), random::<T>(6, m, 3));
        for layout in [Layout::ColumnMajor, Layout::RowMajor, Layout::Sliced] {
            let placed = Placed::<T>::new(&a, layout);
            let (qr, pivoted) = (placed.view().qr().unwrap(), placed.view().qr_pivoted().unwrap());
            for b_layout in Layout::ALL {
                let fresh = || Placed::<T>::new(&b, b_layout);
                let whole = (fresh(), fresh(), fresh(), fresh());
                let (mut q, mut qh, mut pq, mut pqh) = whole;
                let expected = [
                    qr.apply_q(&q.view()).unwrap(),
                    qr.apply_qh(&q.view()).unwrap(),
                    pivoted.apply_q(&q.view()).unwrap(),
                    pivoted.apply_qh(&q.view()).unwrap(),
                ];
                qr.apply_q_inplace(&mut q.view_mut(), ws).unwrap();
                qr.apply_qh_inplace(&mut qh.view_mut(), ws).unwrap();
                pivoted.apply_q_inplace(&mut pq.view_mut(), ws).unwrap();
                pivoted.apply_qh_inplace(&mut pqh.view_mut(), ws).unwrap();
                for (found, expected) in [q, qh, pq, pqh].iter().zip(&expected) {
                    alike(&found.view(), expected, 1.0);
                    assert!(found.outside_untouched(), "{m}×{n} {layout:?} {b_layout:?}");
                }
            }
            let mut whole = Array2::from_elem((m, m), T::hole());
            qr.q_full_to(ws, &mut whole).unwrap();
            alike(&whole, &qr.q_full().unwrap(), 1.0);
            pivoted.q_full_to(ws, &mut whole).unwrap();
            alike(&whole, &pivoted.q_full().unwrap(), 1.0);
            pivoted.q_to(ws, &mut whole).unwrap();
            alike(&whole, &pivoted.q().unwrap(), 1.0);
        }
    }
}

/// Q in the memory of the factors, of every layout; wide matrices have no room for it.
fn q_in_place<T: Scalar>() {
    let ws = &mut Workspace::<T>::new();
    for (m, n) in SHAPES {
        let a = random::<T>(7, m, n);
        for layout in Layout::ALL {
            let mut placed = Placed::<T>::new(&a, layout);
            let expected = placed.view().qr().unwrap().q().unwrap();
            let mut view = placed.view_mut();
            let q = view.qr_inplace(&QrOptions::default(), ws).unwrap().into_q(ws).unwrap();
            // The columns of Q are as sensitive as those of A are dependent.
            alike(&q, &expected, condition::<T>(&a));
            hold(&layout, residual::orthonormal_columns(&wide(&placed.view()), T::EPS));
            assert!(placed.outside_untouched(), "{layout:?}");
        }
    }
    let wide = narrow::<T>(&random::<T>(8, 2, 3));
    let refused = wide.qr().unwrap().into_q(ws).unwrap_err();
    assert!(matches!(refused, lapwing::Error::Shape { .. }), "{refused}");
    let refused = wide.qr_pivoted().unwrap().into_q(ws).unwrap_err();
    assert!(matches!(refused, lapwing::Error::Shape { .. }), "{refused}");
}

/// Every form of the pivoted factorization, each judged, since the one in place may keep the reflectors by rows.
fn pivoted<T: Scalar>() {
    let ws = &mut Workspace::<T>::new();
    let mut reused = PivotedQr::default();
    for (m, n) in [(1, 1), (1, 4), (5, 1), (7, 7), (9, 4), (4, 9), (40, 33)] {
        let a = random::<T>(9, m, n);
        let b = narrow::<T>(&random::<T>(10, m, 2));
        for layout in Layout::ALL {
            let mut placed = Placed::<T>::new(&a, layout);
            judge_pivoted(&a, &placed.view().qr_pivoted_with(ws).unwrap(), &b);
            placed.view().qr_pivoted_to(ws, &mut reused).unwrap();
            judge_pivoted(&a, &reused, &b);
            let mut view = placed.view_mut();
            judge_pivoted(&a, &view.qr_pivoted_inplace(ws).unwrap(), &b);
            assert!(placed.outside_untouched(), "{layout:?}");
            judge_pivoted(&a, &PivotedQr::from_array(narrow::<T>(&a), ws).unwrap(), &b);
        }
    }
}

fn judge_pivoted<T: Scalar, S: ndarray::Data<Elem = T>>(a: &Wide, f: &PivotedQr<T, S>, b: &Array2<T>) {
    let (q, r, whole) = (wide(&f.q().unwrap()), wide(&f.r()), wide(&f.q_full().unwrap()));
    hold(&a.dim(), residual::qr_pivoted(a, &q, &r, f.permutation(), T::EPS));
    let tolerance = 100.0 * a.nrows() as f64 * T::EPS;
    let (qb, qhb) = (wide(&f.apply_q(b).unwrap()), wide(&f.apply_qh(b).unwrap()));
    hold(&a.dim(), residual::close("Q·B", &qb, &whole.dot(&wide(b)), tolerance));
    hold(&a.dim(), residual::close("QᴴB", &qhb, &adjoint(&whole).dot(&wide(b)), tolerance));
    if a.nrows() >= a.ncols() {
        hold(&a.dim(), residual::least_squares(a, &wide(&f.solve(b).unwrap()), &wide(b), T::EPS));
    }
}

fn inverses<T: Scalar>() {
    let ws = &mut Workspace::<T>::new();
    let mut reused = Array2::default((0, 0));
    for n in [0, 1, 2, 7, 40] {
        let a = random::<T>(11, n, n);
        for layout in Layout::ALL {
            let mut placed = Placed::<T>::new(&a, layout);
            placed.view().lu().unwrap().inverse_to(ws, &mut reused).unwrap();
            hold(&layout, residual::inverse(&a, &wide(&reused), T::EPS));
            let mut view = placed.view_mut();
            let inverse = view.lu_inplace(ws).unwrap().into_inverse(ws).unwrap();
            hold(&layout, residual::inverse(&a, &wide(&inverse), T::EPS));
            assert!(placed.outside_untouched(), "{layout:?}");
        }
    }
    let singular = Array2::<T>::zeros((2, 2));
    let refused = singular.lu().unwrap().into_inverse(ws).unwrap_err();
    assert_eq!(refused, lapwing::Error::Singular { pivot: 0 });
}

/// What a caller sees without a copy holds the factors that the copies show.
fn packed<T: Scalar>() {
    let a = random::<T>(12, 6, 4);
    let square = random::<T>(13, 5, 5);
    let definite = adjoint(&square).dot(&square) + Wide::from_diag_elem(5, 1.0.into());
    for layout in Layout::ALL {
        let (placed, square) = (Placed::<T>::new(&a, layout), Placed::<T>::new(&square, layout));
        let qr = placed.view().qr().unwrap();
        on_and_above(&qr.packed(), &qr.r());
        let pivoted = placed.view().qr_pivoted().unwrap();
        on_and_above(&pivoted.packed(), &pivoted.r());
        let lu = square.view().lu().unwrap();
        on_and_above(&lu.packed(), &lu.u());
        let below = |(i, j): (usize, usize)| if i > j { lu.packed()[(i, j)] } else { lu.l()[(i, j)] };
        assert_eq!(Array::from_shape_fn((5, 5), below), lu.l());
        let cholesky = Placed::<T>::new(&definite, layout).view().cholesky().unwrap();
        on_and_above(&cholesky.packed().t(), &cholesky.factor().t().to_owned());
    }
}

fn on_and_above<T: Scalar>(packed: &ArrayView2<T>, factor: &Array2<T>) {
    for ((i, j), &entry) in factor.indexed_iter().filter(|((i, j), _)| i <= j) {
        assert_eq!(packed[(i, j)], entry);
    }
}

fn by_the_svd<T: Scalar>() {
    let ws = &mut Workspace::<T>::new();
    let (mut polar, mut pinv) = (Polar::default(), Pinv::default());
    for (m, n) in [(3, 0), (1, 1), (5, 1), (7, 7), (9, 4), (4, 9), (40, 33)] {
        let a = random::<T>(14, m, n);
        let kappa = if a.is_empty() { 1.0 } else { condition::<T>(&a) };
        for layout in Layout::ALL {
            let mut placed = Placed::<T>::new(&a, layout);
            let expected = placed.view().pinv(None).unwrap();
            placed.view().pinv_to(None, ws, &mut pinv).unwrap();
            alike(&pinv.matrix, &expected.matrix, kappa);
            alike(&placed.view().pinv_with(None, ws).unwrap().matrix, &expected.matrix, kappa);
            assert_eq!((pinv.rank, pinv.rcond), (expected.rank, expected.rcond));
            let values = placed.view().singular_values().unwrap();
            if m >= n {
                let expected = placed.view().polar().unwrap();
                placed.view().polar_to(ws, &mut polar).unwrap();
                let with = placed.view().polar_with(ws).unwrap();
                let h = placed.view_mut().polar_inplace(ws).unwrap();
                for found in [&polar.w.view(), &with.w.view(), &placed.view()] {
                    alike(found, &expected.w, kappa);
                }
                for found in [&polar.h, &with.h, &h] {
                    alike(found, &expected.h, 1.0);
                }
                assert!(placed.outside_untouched(), "{layout:?}");
            }
            let mut placed = Placed::<T>::new(&a, layout);
            let found = placed.view_mut().singular_values_inplace(SvdDriver::default(), ws).unwrap();
            let (found, expected) = (found.mapv(T::from_real), values.mapv(T::from_real));
            alike(&found.insert_axis(Axis(1)), &expected.insert_axis(Axis(1)), 1.0);
            assert!(placed.outside_untouched(), "{layout:?}");
        }
    }
    let wide = narrow::<T>(&random::<T>(15, 2, 3));
    let mut kept = wide.clone();
    assert!(matches!(kept.polar_inplace(ws), Err(lapwing::Error::Shape { .. })));
    assert_eq!(kept, wide);
}

/// One workspace and one solution over problems of many shapes give what fresh ones give.
fn least_squares<T: Scalar>() {
    let ws = &mut Workspace::<T>::new();
    let (mut one, mut many) = (Solution::<T, Ix1>::default(), Solution::<T, Ix2>::default());
    for method in [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto] {
        let options = LstsqOptions { method, ..Default::default() };
        for (m, n, p) in [(0, 3, 1), (3, 0, 2), (1, 1, 1), (9, 4, 3), (4, 9, 2), (40, 33, 1), (7, 7, 5), (9, 4, 0)] {
            let (a, b) = (random::<T>(16, m, n), narrow::<T>(&random::<T>(17, m, p)));
            let kappa = if a.is_empty() { 1.0 } else { condition::<T>(&a) };
            for layout in [Layout::ColumnMajor, Layout::PaddedRows, Layout::ReversedRows, Layout::Sliced] {
                let placed = Placed::<T>::new(&a, layout);
                let fresh = placed.view().lstsq_with(&b, &options).unwrap();
                placed.view().lstsq_to(&b, &options, ws, &mut many).unwrap();
                alike(&many.x, &fresh.x, kappa * kappa);
                assert_eq!((many.rank, many.rcond, many.method), (fresh.rank, fresh.rcond, fresh.method));
                let norms = [&many.residual_norm, &fresh.residual_norm].map(|norms| norms.mapv(T::from_real));
                let [norms, expected] = norms.map(|norms| norms.insert_axis(Axis(1)));
                // At rounding level where the residual is zero.
                assert_eq!(norms.dim(), (p, 1));
                if m > n {
                    alike(&norms, &expected, kappa);
                }
                assert_eq!((many.condition.is_some(), many.error_bound.is_some()), facts(&fresh));
                if p > 0 {
                    placed.view().lstsq_to(&b.column(0), &options, ws, &mut one).unwrap();
                    alike(&one.x.clone().insert_axis(Axis(1)), &fresh.x.slice(s![.., ..1]).to_owned(), kappa * kappa);
                    assert_eq!((one.rank, one.rcond, one.method), (fresh.rank, fresh.rcond, fresh.method));
                }
            }
        }
    }
}

fn facts<T: Scalar>(solution: &Solution<T, Ix2>) -> (bool, bool) {
    (solution.condition.is_some(), solution.error_bound.is_some())
}

each_type!(
    solves,
    qr_leaves_the_residual_below_the_solution,
    products_with_q,
    q_in_place,
    pivoted,
    inverses,
    packed,
    by_the_svd,
    least_squares
);
