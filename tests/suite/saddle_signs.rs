//! Signs: Sylvester's law of inertia on the grid, and what the report on a saddle of the Lagrangian says of its directions.
//! Second floor of the tests; must not take an expected sign from the crate under test, but where one part is held against another.

use lapwing::Error;
use lapwing::prelude::*;
use lapwing::saddle::{Kkt, Saddle};
use ndarray::{Array1, Array2, array};

use super::differences::{norm, random};
use super::generate::*;
use super::residual::{THRESHOLD, hold, wide, within};

/// The signs of eigenvalues that are known.
fn signs(values: &[f64]) -> Inertia {
    let count = |sign: f64| values.iter().filter(|&&x| x * sign > 0.0).count();
    let zero = values.iter().filter(|&&x| x == 0.0).count();
    Inertia { positive: count(1.0), negative: count(-1.0), zero }
}

fn signs_of_eigenvalues<T: Scalar>(a: &ndarray::ArrayRef2<T>) -> Inertia {
    let values: Vec<f64> = a.eigvalsh().unwrap().iter().map(|&x| T::f64_of(x)).collect();
    signs(&values)
}

/// Signs of pivots, signs of computed eigenvalues and known signs are the same, while rounding moves no eigenvalue over 0: c·n·ε·κ < 1.
fn pivots_have_the_signs_of_eigenvalues<T: Scalar>() {
    let mut judged = 0;
    for case in grid::<T>(&SMALL_SQUARE, &MEDIUM_SQUARE, &LARGE_SQUARE, &Spectrum::FULL) {
        if case.kappa * case.rows as f64 * THRESHOLD * T::EPS >= 1.0 {
            continue;
        }
        let values = alternating(&case.values::<T>());
        let known = hermitian::<T>(&mut case.rng(), &values);
        let placed = Placed::<T>::new(&known.a, case.layout);
        let pivots = placed.view().ldlt().unwrap().inertia();
        assert_eq!((pivots, signs_of_eigenvalues(&placed.view())), (signs(&values), signs(&values)), "{case:?}");
        judged += usize::from(case.rows > 0);
    }
    assert!(judged > 100, "{judged} cases");
}

/// Zeros on the diagonal, so that the first pivot has to be 2×2.
fn pivots_of_two<T: Scalar>() {
    let mut rng = Rng::new(701);
    let mut judged = 0;
    for n in [2, 3, 4, 7, 12, 40] {
        for _ in 0..10 {
            let half = normal::<T>(&mut rng, n, n);
            let mut a = &half + &adjoint(&half);
            a.diag_mut().fill(C64::ZERO);
            let a = narrow::<T>(&a);
            let values = a.eigvalsh().unwrap().mapv(T::f64_of);
            let least = values.iter().fold(f64::INFINITY, |least: f64, x| least.min(x.abs()));
            if least < THRESHOLD * n as f64 * T::EPS * norm(&a) {
                continue;
            }
            assert_eq!(a.ldlt().unwrap().inertia(), signs_of_eigenvalues(&a), "{n}");
            judged += 1;
        }
    }
    assert!(judged > 40, "{judged} cases");
}

/// CᴴSC has the inertia of S for every C that is not singular, eigenvalues of CᴴSC far from those of S though they are.
fn congruence_keeps_the_signs<T: Scalar>() {
    let mut rng = Rng::new(702);
    for (n, kappa) in [(1, 1.0), (3, 10.0), (8, 30.0), (40, 10.0)] {
        for sign in [1.0, -1.0] {
            let values: Vec<f64> =
                (0..n).map(|i| if i % 3 == 0 { -sign } else { sign * (1.0 + i as f64 / n as f64) }).collect();
            let s = hermitian::<T>(&mut rng, &values).a;
            let c = general::<T>(&mut rng, n, n, &Spectrum::Geometric.values(n, kappa)).a;
            let raw = adjoint(&c).dot(&s).dot(&c);
            let congruent = narrow::<T>(&((&raw + &adjoint(&raw)) * C64::new(0.5, 0.0)));
            assert_eq!(congruent.ldlt().unwrap().inertia(), signs(&values), "{n}");
            assert_eq!(signs_of_eigenvalues(&congruent), signs(&values), "{n}");
        }
    }
    // Signs that are wrong are seen.
    assert_ne!(
        narrow::<T>(&Wide::from_diag_elem(2, C64::new(-1.0, 0.0))).ldlt().unwrap().inertia(),
        signs(&[1.0, -1.0])
    );
}

/// S with n − m eigenvalues `free` on the null space of A and `held` on the rows of A, both in the same orthonormal basis.
fn split<T: Scalar>(rng: &mut Rng, held: &[f64], free: &[f64]) -> Kkt<T> {
    let (m, n) = (held.len(), held.len() + free.len());
    let q = unitary::<T>(rng, n);
    let values: Vec<f64> = held.iter().chain(free).copied().collect();
    let s = scale_columns(&q, &values).dot(&adjoint(&q));
    let mix = general::<T>(rng, m, m, &Spectrum::Arithmetic.values(m, 3.0)).a;
    let a = mix.dot(&adjoint(&q.slice(ndarray::s![.., ..m]).to_owned()));
    Kkt::new(&narrow(&s), &narrow(&a)).unwrap()
}

/// The report at (0, 0) for f = 0 and b = 0, which is stationary whatever K is.
fn at_zero<T: Scalar>(kkt: &Kkt<T>) -> Saddle<T> {
    let (n, m) = kkt.dim();
    let (x, y) = (Array1::<T>::zeros(n), Array1::<T>::zeros(m));
    kkt.saddle(&x, &y, &x, &y).unwrap()
}

fn the_report_counts_directions<T: Scalar>() {
    let mut rng = Rng::new(703);
    let cases = [
        (vec![2.0, 1.0], vec![3.0, 1.0, 0.5], [5, 2, 0], true),
        (vec![-2.0, 0.0], vec![3.0, 1.0, 0.5], [5, 2, 0], true),
        (vec![2.0, 1.0], vec![3.0, -1.0, 0.5], [4, 3, 0], false),
        (vec![2.0], vec![0.0, -1.0, 4.0], [2, 2, 1], false),
        (vec![], vec![1.0, 2.0], [2, 0, 0], true),
        (vec![1.0, -1.0], vec![], [2, 2, 0], true),
    ];
    for (held, free, [positive, negative, zero], holds) in cases {
        let (held, free): (&[f64], &[f64]) = (&held, &free);
        let report = at_zero(&split::<T>(&mut rng, held, free));
        assert_eq!(report.in_both, Inertia { positive, negative, zero }, "{held:?}, {free:?}");
        assert_eq!((report.holds(), report.is_stationary()), (holds, true), "{report}");
        let everywhere = report.in_x.as_ref().unwrap();
        let all: Vec<f64> = held.iter().chain(free).copied().collect();
        assert_eq!(
            [everywhere.rising, everywhere.falling, everywhere.flat],
            [signs(&all).positive, signs(&all).negative, signs(&all).zero]
        );
        assert_eq!(report.is_minimum_in_x(), all.iter().all(|x| *x > 0.0));
        assert_eq!(report.under_constraints.is_some(), !free.is_empty());
        for (form, values) in [(&report.in_x, &all[..]), (&report.under_constraints, free)] {
            let Some(form) = form else { continue };
            let least = values.iter().fold(f64::INFINITY, |least: f64, x| least.min(*x));
            hold(&values, within("least", (form.least - least).abs(), THRESHOLD * 5.0 * T::EPS * 4.0));
        }
        let text = report.to_string();
        assert_eq!(text.lines().count(), 5, "{text}");
        assert_eq!(text.starts_with("not a saddle"), !holds, "{text}");
    }
}

/// L as a function of (dx, dλ) around a stationary point: ½dxᴴS·dx + Re dλᴴA·dx, in double precision.
fn change(s: &Wide, a: &Wide, dx: &Wide, dl: &Wide) -> f64 {
    0.5 * adjoint(dx).dot(s).dot(dx)[(0, 0)].re + adjoint(dl).dot(a).dot(dx)[(0, 0)].re
}

/// The Lagrangian falls along every combination of the directions that the report gives, and along the direction of the least curvature.
fn the_lagrangian_falls_along_them<T: Scalar>() {
    let mut rng = Rng::new(704);
    for (n, m) in [(1, 1), (4, 2), (7, 7), (20, 6)] {
        let s = hermitian::<T>(&mut rng, &alternating(&Spectrum::Arithmetic.values(n, 10.0))).a;
        let a = general::<T>(&mut rng, m, n, &Spectrum::Geometric.values(m, 10.0)).a * C64::new(1e5, 0.0);
        let (s, a) = (narrow::<T>(&s), narrow::<T>(&a));
        let report = at_zero(&Kkt::new(&s, &a).unwrap());
        assert_eq!(report.falling.dim(), (n + m, m));
        let (s, a, falling) = (wide(&s), wide(&a), wide(&report.falling));
        for k in 0..m + 10 {
            let weights = match k < m {
                true => Wide::from_shape_fn((m, 1), |(i, _)| C64::new(f64::from(i == k), 0.0)),
                false => wide(&random::<T>(&mut rng, m, 1)),
            };
            let direction = falling.dot(&weights);
            let (dx, dl) = direction.view().split_at(ndarray::Axis(0), n);
            assert!(change(&s, &a, &dx.to_owned(), &dl.to_owned()) < 0.0, "{n}, {m}, {k}");
            // And does not where the multipliers are those of the other sign.
            assert!(change(&s, &a, &dx.to_owned(), &(-&dl)) > 0.0);
        }
        for (form, held) in [(&report.in_x, false), (&report.under_constraints, true)] {
            let Some(form) = form else { continue };
            let along = wide(&form.along.view().insert_axis(ndarray::Axis(1)).to_owned());
            let curvature = adjoint(&along).dot(&s).dot(&along)[(0, 0)].re;
            hold(&n, within("along", (curvature - form.least).abs(), THRESHOLD * n as f64 * T::EPS));
            let image = a.dot(&along).iter().map(|z| z.norm()).fold(0.0, f64::max);
            assert!(!held || image <= 1e5 * THRESHOLD * n as f64 * T::EPS, "{image}");
        }
    }
}

/// A point that is off by a little is not stationary, nor is the one with the multipliers of the other sign.
/// K = [1 0 1; 0 1 1; 1 1 0] has ‖K‖_F = √6, and of z = (1, 0, 0) and g = 0 a residual (1, 0, 1).
#[test]
fn the_backward_error_is_relative_to_the_whole() {
    let kkt = Kkt::new(&array![[1.0, 0.0], [0.0, 1.0]], &array![[1.0, 1.0]]).unwrap();
    let report = kkt.saddle(&array![1.0, 0.0], &array![0.0], &array![0.0, 0.0], &array![0.0]).unwrap();
    approx::assert_relative_eq!(report.backward_error, f64::sqrt(2.0 / 6.0), max_relative = 1e-15);
}

#[test]
fn points_beside_the_saddle_are_told() {
    let kkt = Kkt::new(&array![[2.0, 0.0], [0.0, 1.0]], &array![[1.0, 1.0]]).unwrap();
    let (f, b) = (array![1.0, 0.0], array![3.0]);
    let found = kkt.solve(&f, &b).unwrap();
    let holds = |x: &Array1<f64>, y: &Array1<f64>| kkt.saddle(x, y, &f, &b).unwrap().holds();
    assert!(holds(&found.x, &found.multipliers));
    assert!(!holds(&(&found.x * (1.0 + 1e-12)), &found.multipliers));
    assert!(!holds(&found.x, &(-&found.multipliers)));
    for scale in [1e-200, 1e200] {
        let (f, b) = (&f * scale, &b * scale);
        let report = kkt.saddle(&(&found.x * scale), &(&found.multipliers * scale), &f, &b).unwrap();
        assert!(report.holds(), "{report}");
        assert!(
            !kkt.saddle(&(&found.x * scale * (1.0 + 1e-12)), &(&found.multipliers * scale), &f, &b).unwrap().holds()
        );
    }
    let refused = kkt.saddle(&array![1.0], &array![1.0], &f, &b);
    assert!(matches!(refused, Err(Error::Shape { .. })));
    let refused = kkt.saddle(&array![1.0, f64::NAN], &array![1.0], &f, &b);
    assert!(matches!(refused, Err(Error::NonFiniteRhs { row: 1, .. })));
}

/// Rows that depend on each other: as many directions fall as there are independent rows, and the rest of λ is flat.
#[test]
fn dependent_constraints_leave_multipliers_open() {
    let a = array![[1.0, 0.0, 1.0], [2.0, 0.0, 2.0], [0.0, 1.0, 0.0]];
    let report = at_zero(&Kkt::<f64>::new(&Array2::eye(3), &a).unwrap());
    assert_eq!(report.in_both, Inertia { positive: 3, negative: 2, zero: 1 });
    assert!(!report.holds() && !report.has_independent_constraints() && report.is_minimum_in_x());
    assert!(report.to_string().starts_with("not a saddle with one set of multipliers"), "{report}");
}

each_type! {
    pivots_have_the_signs_of_eigenvalues,
    pivots_of_two,
    congruence_keeps_the_signs,
    the_report_counts_directions,
    the_lagrangian_falls_along_them,
}
