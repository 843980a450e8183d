//! Minima of quadratic forms under linear constraints: exact answers, the methods held against each other, and what has no minimum.
//! Second floor of the tests; must not take an expected value from the crate under test, but where one part is held against another.

use lapwing::Error;
use lapwing::prelude::*;
use lapwing::saddle::{Kkt, KktMethod, KktOptions, KktSolution};
use ndarray::{Array1, Array2, array, s};

use super::differences::random;
use super::generate::*;
use super::residual::{self, *};

const METHODS: [KktMethod; 4] = [KktMethod::Ldlt, KktMethod::Schur, KktMethod::NullSpace, KktMethod::Auto];

/// Backward errors in units of (n + m)·ε: a solution by a stable method has about 1, as in LAPACK's own tests.
const BACKWARD: f64 = THRESHOLD;

fn by(method: KktMethod) -> KktOptions {
    KktOptions { method }
}

/// [S Aᴴ; A 0].
fn whole(s: &Wide, a: &Wide) -> Wide {
    let (m, n) = a.dim();
    let mut k = Wide::zeros((n + m, n + m));
    k.slice_mut(s![..n, ..n]).assign(s);
    k.slice_mut(s![n.., ..n]).assign(a);
    k.slice_mut(s![..n, n..]).assign(&adjoint(a));
    k
}

fn stacked(x: &Wide, y: &Wide) -> Wide {
    ndarray::concatenate(ndarray::Axis(0), &[x.view(), y.view()]).expect("as many columns")
}

/// What the computed (x, λ) leaves of K·(x, λ) = (f, b).
fn judged<T: Scalar>(s: &Wide, a: &Wide, f: &Wide, b: &Wide, x: &Array2<T>, multipliers: &Array2<T>) -> Verdict {
    let bound = BACKWARD / THRESHOLD;
    residual::solve(&whole(s, a), &stacked(&wide(x), &wide(multipliers)), &stacked(f, b), bound * T::EPS)
}

/// n variables under m constraints with κ(S) = `kappa` and κ(A) = 10; S definite.
fn problem<T: Scalar>(rng: &mut Rng, n: usize, m: usize, kappa: f64) -> (Wide, Wide) {
    let s = hermitian::<T>(rng, &Spectrum::Arithmetic.values(n, kappa)).a;
    let a = general::<T>(rng, m, n, &Spectrum::Geometric.values(m, 10.0)).a;
    (rounded::<T>(&s), rounded::<T>(&a))
}

/// Integers whose solution is integer, by hand: each method finds it to the last bit, or to a few of them.
#[test]
fn known_systems() {
    // x + y + z = 6, x − z = −2 and ½(x² + 2y² + 3z²) − (5, 6, 7)ᵀx: x = (1, 2, 3), λ = (f − Sx) fitted by two rows.
    let s = array![[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0]];
    let a = array![[1.0, 1.0, 1.0], [1.0, 0.0, -1.0]];
    let (x, multipliers) = (array![1.0, 2.0, 3.0], array![4.0, -5.0]);
    // f = S·x + Aᵀλ = (1, 4, 9) + 4·(1, 1, 1) − 5·(1, 0, −1), b = A·x.
    let (f, b) = (array![0.0, 8.0, 18.0], array![6.0, -2.0]);
    let kkt = Kkt::new(&s, &a).unwrap();
    for method in METHODS {
        let found = kkt.solve_with(&f, &b, &by(method)).unwrap();
        approx::assert_abs_diff_eq!(found.x, x, epsilon = 1e-13);
        approx::assert_abs_diff_eq!(found.multipliers, multipliers, epsilon = 1e-13);
        assert!(found.stationarity < 1e-13 && found.feasibility < 1e-13 && found.backward_error < 1e-15, "{method:?}");
        assert!(found.method != KktMethod::Auto && (method == KktMethod::Auto || found.method == method));
    }
    // −A·S⁻¹·Aᵀ of the same, with S⁻¹ = diag(1, 1/2, 1/3).
    let complement = kkt.schur_complement().unwrap();
    approx::assert_abs_diff_eq!(complement, array![[-11.0, -4.0], [-4.0, -8.0]] / 6.0, epsilon = 1e-15);
}

fn all_methods_agree<T: Scalar>() {
    let mut rng = Rng::new(501);
    for (n, m) in [(1, 1), (2, 1), (3, 2), (4, 0), (5, 5), (20, 3), (20, 17), (40, 30), (70, 40)] {
        for kappa in [10.0, 1000.0] {
            for layout in [Layout::ColumnMajor, Layout::RowMajor, Layout::ReversedBoth, Layout::Sliced] {
                let (s, a) = problem::<T>(&mut rng, n, m, kappa);
                let (f, b) = (rounded::<T>(&normal::<T>(&mut rng, n, 2)), rounded::<T>(&normal::<T>(&mut rng, m, 2)));
                let kkt = Kkt::new(&Placed::<T>::new(&s, layout).view(), &Placed::<T>::new(&a, layout).view()).unwrap();
                let (f_placed, b_placed) = (Placed::<T>::new(&f, layout), Placed::<T>::new(&b, layout));
                let found = METHODS.map(|method| {
                    let found = kkt.solve_with(&f_placed.view(), &b_placed.view(), &by(method)).unwrap();
                    hold(&(method, n, m, layout), judged::<T>(&s, &a, &f, &b, &found.x, &found.multipliers));
                    // In units of ε, not of (n + m)ε: refinement.
                    let worst = found.backward_error.iter().fold(0.0, |most: f64, &x| most.max(T::f64_of(x)));
                    assert!(worst <= 10.0 * T::EPS, "{method:?}, {n}, {m}: {:.1}ε", worst / T::EPS);
                    found
                });
                // κ(A·S⁻¹·Aᴴ) is at most 1000 here, which single precision may take for too much.
                assert!(kappa > 10.0 || T::EPS > 1e-10 || found[3].method == KktMethod::Schur, "{n}, {m}");
                // Two backward stable solutions are 2·c·ε·κ apart.
                for other in &found[1..] {
                    let (x, y) = (
                        stacked(&wide(&found[0].x), &wide(&found[0].multipliers)),
                        stacked(&wide(&other.x), &wide(&other.multipliers)),
                    );
                    let tolerance = BACKWARD * T::EPS * T::f64_of(found[0].condition);
                    hold(&(n, m), residual::within("methods agree", norm1(&(&x - &y)), tolerance * norm1(&x)));
                    assert!(T::f64_of(other.condition / found[0].condition) < 3.0);
                }
            }
        }
    }
}

/// Up to condition numbers beyond 1/ε, of S, of A and of both: what is returned has a backward error of rounding, whatever the condition is, and
/// `Auto` finds what one of the others finds. That the Schur complement squares the condition of A is an error, not a wrong answer.
fn ill_conditioned<T: Scalar>() {
    let (mut lost, mut solved) = (0, 0);
    for (seed, (n, m)) in [(5, 1), (5, 4), (20, 5), (20, 10), (20, 19)].into_iter().enumerate() {
        for kappa_s in [10.0, T::EPS.powf(-0.5), 0.01 / T::EPS, 10.0 / T::EPS] {
            for kappa_a in [1.0, T::EPS.powf(-0.5), 0.01 / T::EPS] {
                for spectrum in [Spectrum::Geometric, Spectrum::OneSmall, Spectrum::OneLarge] {
                    let mut rng = Rng::new(520 + seed as u64);
                    let s = rounded::<T>(&hermitian::<T>(&mut rng, &spectrum.values(n, kappa_s)).a);
                    let a = rounded::<T>(&general::<T>(&mut rng, m, n, &spectrum.values(m, kappa_a)).a);
                    let kkt = Kkt::<T>::new(&narrow(&s), &narrow(&a)).unwrap();
                    let (f, b) = (random::<T>(&mut rng, n, 1), random::<T>(&mut rng, m, 1));
                    let found = METHODS.map(|method| kkt.solve_with(&f, &b, &by(method)));
                    for (method, found) in METHODS.iter().zip(&found) {
                        let found = match found {
                            Ok(found) => found,
                            Err(Error::NoConvergence { .. }) => {
                                assert_eq!(*method, KktMethod::Schur);
                                lost += 1;
                                continue;
                            }
                            Err(
                                Error::NotPositiveDefinite { .. }
                                | Error::NoMinimum { .. }
                                | Error::RankDeficient { .. },
                            ) => continue,
                            Err(Error::DependentConstraints { .. }) if kappa_a * n as f64 * T::EPS * 100.0 > 1.0 => {
                                continue;
                            }
                            Err(error) => panic!("{method:?}, {n}, {m}, {kappa_s:e}, {kappa_a:e}: {error}"),
                        };
                        hold(
                            &(method, n, m, kappa_s, kappa_a),
                            judged::<T>(&s, &a, &wide(&f), &wide(&b), &found.x, &found.multipliers),
                        );
                        assert!(T::f64_of(found.backward_error[0]) <= 10.0 * (n + m) as f64 * T::EPS);
                        solved += 1;
                    }
                    assert!(
                        found[3].is_ok() || found[..3].iter().all(|found| found.is_err()),
                        "{n}, {m}, {kappa_s:e}, {kappa_a:e}"
                    );
                }
            }
        }
    }
    assert!(lost > 5 && solved > 400, "{lost} refused, {solved} solved");
}

/// The condition number is within a factor of 3 below that of K, and not above.
#[test]
fn the_condition_is_that_of_the_whole() {
    let mut rng = Rng::new(502);
    for (n, m) in [(1, 0), (3, 2), (12, 5), (20, 19)] {
        let (s, a) = problem::<f64>(&mut rng, n, m, 1e4);
        let (s, a) = (narrow::<f64>(&s), narrow::<f64>(&a));
        let found = Kkt::new(&s, &a).unwrap().factor(&KktOptions::default()).unwrap().condition();
        // In the same units.
        let unit = |x: f64| (-x.log2().round()).exp2();
        let most = |x: ndarray::ArrayView1<f64>| x.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let s = &s * unit(most(ndarray::ArrayView1::from(s.as_slice_memory_order().unwrap())));
        let mut a = a;
        for mut row in a.rows_mut() {
            let power = unit(most(row.view()));
            row *= power;
        }
        let k = whole(&s.mapv(|x| C64::new(x, 0.0)), &a.mapv(|x| C64::new(x, 0.0)));
        let expected = norm1(&k) * norm1(&residual::inverted(&k));
        assert!((expected / 3.0..=expected * (1.0 + 1e-9)).contains(&found), "{n}, {m}: {found} for {expected}");
    }
}

/// S = 0 but for what A leaves free: definite on the null space only, so that there is no Schur complement.
fn singular_but_definite_on_the_null_space<T: Scalar>() {
    let mut rng = Rng::new(503);
    for (n, m, negative) in [(4, 2, 0.0), (4, 2, -3.0), (30, 8, 0.0), (30, 8, -2.0), (8, 7, -1.0)] {
        // In the basis Q the form is diag(negative or 0 on the rows of A, 1 on their null space).
        let q = unitary::<T>(&mut rng, n);
        let values: Vec<f64> = (0..n).map(|i| if i < m { negative } else { 1.0 }).collect();
        let s = rounded::<T>(&scale_columns(&q, &values).dot(&adjoint(&q)));
        let mix = general::<T>(&mut rng, m, m, &Spectrum::Arithmetic.values(m, 5.0)).a;
        let a = rounded::<T>(&mix.dot(&adjoint(&q.slice(s![.., ..m]).to_owned())));
        let (f, b) = (rounded::<T>(&normal::<T>(&mut rng, n, 1)), rounded::<T>(&normal::<T>(&mut rng, m, 1)));
        let kkt = Kkt::<T>::new(&narrow(&s), &narrow(&a)).unwrap();
        for method in [KktMethod::Ldlt, KktMethod::NullSpace, KktMethod::Auto] {
            let found = kkt.solve_with(&narrow::<T>(&f), &narrow::<T>(&b), &by(method)).unwrap();
            hold(&(method, n, m), judged::<T>(&s, &a, &f, &b, &found.x, &found.multipliers));
            assert_ne!(found.method, KktMethod::Schur);
        }
        assert_eq!(kkt.inertia().unwrap(), Inertia { positive: n, negative: m, zero: 0 });
        if negative < 0.0 {
            let refused = kkt.solve_with(&narrow::<T>(&f), &narrow::<T>(&b), &by(KktMethod::Schur));
            assert!(matches!(refused, Err(Error::NotPositiveDefinite { .. })), "{refused:?}");
            assert!(matches!(kkt.schur_complement(), Err(Error::NotPositiveDefinite { .. })));
        }
    }
    // Singular without a rounding.
    let kkt = Kkt::<T>::new(&narrow(&integers(&[&[1, 0], &[0, 0]])), &narrow(&integers(&[&[0, 1]]))).unwrap();
    let (f, b) = (narrow::<T>(&integers(&[&[3], &[5]])), narrow::<T>(&integers(&[&[2]])));
    assert!(matches!(kkt.solve_with(&f, &b, &by(KktMethod::Schur)), Err(Error::NotPositiveDefinite { minor: 2 })));
    for method in [KktMethod::Ldlt, KktMethod::NullSpace, KktMethod::Auto] {
        let found = kkt.solve_with(&f, &b, &by(method)).unwrap();
        assert_eq!(
            (wide(&found.x), wide(&found.multipliers)),
            (integers(&[&[3], &[2]]), integers(&[&[5]])),
            "{method:?}"
        );
    }
}

/// Dependent rows are named, whatever their units, by every method and by the inertia.
fn dependent_rows_are_named<T: Scalar>() {
    let mut rng = Rng::new(504);
    for trial in 0..12 {
        let (n, m) = [(5, 3), (6, 6), (25, 10)][trial % 3];
        let (s, mut a) = problem::<T>(&mut rng, n, m, 10.0);
        let (first, second, row) = (0, m / 3, m - 1);
        let of = |a: &Wide, i: usize, x: f64| a.row(i).mapv(|z| z * x);
        let (expected, combination) = match trial / 3 {
            0 => (vec![first, second], of(&a, first, 1.0) + of(&a, second, -2.0)),
            1 => (vec![first], of(&a, first, 0.7)),
            2 => (vec![], of(&a, first, 0.0)),
            _ => (vec![first, second], of(&a, first, 1e6) + of(&a, second, 3e6)),
        };
        a.row_mut(row).assign(&combination);
        let kkt = Kkt::<T>::new(&narrow(&s), &narrow(&a)).unwrap();
        let expected = match (first == second, expected.len()) {
            (true, 2) => vec![first],
            _ => expected,
        };
        for method in METHODS {
            let refused = kkt.factor(&by(method)).map(|_| ());
            let wanted = Error::DependentConstraints { row, others: expected.clone(), rank: m - 1, rows: m };
            assert_eq!(refused, Err(wanted.clone()), "{method:?}, {trial}");
            assert_eq!(kkt.inertia(), Err(wanted));
        }
    }
    // More constraints than variables.
    let a = narrow::<T>(&integers(&[&[1, 0], &[0, 1], &[2, 3]]));
    let refused = Kkt::<T>::new(&narrow(&integers(&[&[1, 0], &[0, 1]])), &a).map(|_| ());
    assert_eq!(refused, Err(Error::DependentConstraints { row: 2, others: vec![0, 1], rank: 2, rows: 3 }));
}

/// Two rows that are equal are dependent whatever rounding makes of the difference.
fn equal_rows_are_dependent<T: Scalar>() {
    let mut rng = Rng::new(509);
    for trial in 0..4000 {
        let n = 2 + trial % 3;
        let (s, mut a) = problem::<T>(&mut rng, n, 2, 10.0);
        let first = a.row(0).to_owned();
        a.row_mut(1).assign(&first);
        let kkt = Kkt::<T>::new(&narrow(&s), &narrow(&a)).unwrap();
        let wanted = Error::DependentConstraints { row: 1, others: vec![0], rank: 1, rows: 2 };
        for method in METHODS {
            assert_eq!(kkt.factor(&by(method)).map(|_| ()), Err(wanted.clone()), "{method:?}, {trial}");
        }
    }
}

/// A graded S is definite; it is A·S⁻¹·Aᴴ that rounding makes singular, and the error says so.
#[test]
fn a_complement_that_rounding_makes_singular_is_not_said_of_the_form() {
    let s = Array2::from_diag(&array![1.0, 1e-20, 1.0, 1.0]);
    // Both rows lean on the second variable, of which S⁻¹ makes 1e20 in each entry of A·S⁻¹·Aᵀ.
    let a = array![[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]];
    let kkt = Kkt::new(&s, &a).unwrap();
    let (f, b) = (array![1.0, 2.0, 3.0, 4.0], array![5.0, 6.0]);
    let refused = kkt.solve_with(&f, &b, &by(KktMethod::Schur)).map(|_| ()).unwrap_err();
    assert_eq!(refused, Error::RankDeficient { rank: 5, needed: 6 });
    let solution = kkt.solve(&f, &b).unwrap();
    assert!(solution.method == KktMethod::Ldlt && solution.condition < 100.0, "{solution:?}");
    // x₂ = 5 − x₁ = 6 − x₃, and x₁ + x₃ = f₁ + f₃ − f₂ but for 1e-20.
    approx::assert_abs_diff_eq!(solution.x, array![0.5, 4.5, 1.5, 4.0], epsilon = 1e-14);
}

/// A form that falls, or is flat, under the constraints is refused with the count.
fn no_minimum<T: Scalar>() {
    let mut rng = Rng::new(505);
    for (n, m, falling, flat) in [(4, 1, 1, 0), (4, 1, 0, 1), (20, 6, 3, 2), (20, 18, 2, 0), (5, 0, 2, 1), (3, 0, 0, 3)]
    {
        let q = unitary::<T>(&mut rng, n);
        let value = |i: usize| match i {
            i if i < m => -4.0,
            i if i < m + falling => -1.0 - i as f64 / n as f64,
            i if i < m + falling + flat => 0.0,
            _ => 2.0,
        };
        let values: Vec<f64> = (0..n).map(value).collect();
        let s = scale_columns(&q, &values).dot(&adjoint(&q));
        let a = adjoint(&q.slice(s![.., ..m]).to_owned());
        let kkt = Kkt::<T>::new(&narrow(&s), &narrow(&a)).unwrap();
        let wanted = Error::NoMinimum { dimension: n - m, falling, flat };
        assert_eq!(kkt.inertia(), Err(wanted.clone()), "{n}, {m}");
        for method in [KktMethod::Ldlt, KktMethod::NullSpace, KktMethod::Auto] {
            assert_eq!(kkt.factor(&by(method)).map(|_| ()), Err(wanted.clone()), "{method:?}, {n}, {m}");
        }
    }
}

/// min ½‖x‖² under A·x = b is the shortest solution of A·x = b, of which least squares knows.
fn the_shortest_solution<T: Scalar>() {
    let mut rng = Rng::new(506);
    for (n, m) in [(1, 1), (5, 2), (30, 12), (40, 39)] {
        let a = narrow::<T>(&general::<T>(&mut rng, m, n, &Spectrum::Geometric.values(m, 10.0)).a);
        let b = narrow::<T>(&normal::<T>(&mut rng, m, 2));
        let shortest = wide(&a.lstsq(&b).unwrap().x);
        let kkt = Kkt::new(&Array2::eye(n), &a).unwrap();
        for method in METHODS {
            let found = wide(&kkt.solve_with(&Array2::zeros((n, 2)), &b, &by(method)).unwrap().x);
            // Both are right to c·n·ε·κ(A), κ = 10.
            let tolerance = THRESHOLD * n as f64 * T::EPS * 10.0;
            hold(
                &(method, n, m),
                residual::within("shortest", norm1(&(&found - &shortest)), tolerance * norm1(&shortest)),
            );
        }
    }
}

/// Powers of two beyond the range of squares on S and on each row of A change nothing in the digits.
#[test]
fn units_are_no_matter() {
    let mut rng = Rng::new(507);
    let (s, a) = problem::<f64>(&mut rng, 6, 3, 100.0);
    let (s, a) = (narrow::<f64>(&s), narrow::<f64>(&a));
    let (f, b) = (narrow::<f64>(&normal::<f64>(&mut rng, 6, 1)), narrow::<f64>(&normal::<f64>(&mut rng, 3, 1)));
    for method in METHODS {
        let plain = Kkt::new(&s, &a).unwrap().solve_with(&f, &b, &by(method)).unwrap();
        for (of_s, of_rows) in
            [(500.0, [0.0, 0.0, 0.0]), (-500.0, [500.0, -500.0, 0.0]), (900.0, [-900.0, 900.0, 900.0])]
        {
            let mut turned = (a.clone(), b.clone());
            for (i, e) in of_rows.iter().enumerate() {
                turned.0.row_mut(i).mapv_inplace(|x| x * f64::exp2(*e));
                turned.1.row_mut(i).mapv_inplace(|x| x * f64::exp2(*e));
            }
            let kkt = Kkt::new(&(&s * f64::exp2(of_s)), &turned.0).unwrap();
            // λ is multiplied by 2^(of_s − of_row), which the second case keeps in the range and the third does not.
            let found = kkt.solve_with(&(&f * f64::exp2(of_s)), &turned.1, &by(method));
            if of_s == 900.0 {
                assert_eq!(found.map(|_| ()).unwrap_err(), Error::Overflow { what: "the solution" });
                continue;
            }
            let found = found.unwrap();
            assert_eq!(found.x, plain.x, "{method:?}");
            for (i, e) in of_rows.iter().enumerate() {
                assert_eq!(found.multipliers[(i, 0)], plain.multipliers[(i, 0)] * f64::exp2(of_s - e));
            }
            assert_eq!((found.condition, &found.backward_error), (plain.condition, &plain.backward_error));
        }
    }
    for scale in [1e-150, 1e150, 1e-300] {
        let kkt = Kkt::new(&(&s * scale), &(&a * scale)).unwrap();
        let found = kkt.solve(&(&f * scale), &(&b * scale)).unwrap();
        let plain = Kkt::new(&s, &a).unwrap().solve(&f, &b).unwrap();
        let difference = norm1(&(wide(&found.x) - wide(&plain.x)));
        assert!(difference <= BACKWARD * f64::EPSILON * plain.condition * norm1(&wide(&plain.x)), "{scale}");
    }
}

fn empty_and_unconstrained<T: Scalar>() {
    let none = Kkt::<T>::new(&Array2::zeros((0, 0)), &Array2::zeros((0, 0))).unwrap();
    let free = Kkt::<T>::new(&narrow(&integers(&[&[4, 0], &[0, 16]])), &Array2::zeros((0, 2))).unwrap();
    let fixed = Kkt::<T>::new(&narrow(&integers(&[&[0, 1], &[1, 0]])), &Array2::eye(2)).unwrap();
    for method in METHODS {
        let found = none.solve_with(&Array1::zeros(0), &Array1::zeros(0), &by(method)).unwrap();
        assert_eq!((found.x.len(), found.multipliers.len()), (0, 0));
        let (f, g) = (narrow::<T>(&integers(&[&[4], &[32]])), narrow::<T>(&integers(&[&[2], &[8]])));
        let found = free.solve_with(&f, &Array2::zeros((0, 1)), &by(method)).unwrap();
        assert_eq!((wide(&found.x), found.multipliers.dim()), (integers(&[&[1], &[2]]), (0, 1)), "{method:?}");
        // m = n: x is fixed by the constraints, and S may be anything.
        let Ok(found) = fixed.solve_with(&g, &g, &by(method)) else {
            assert_eq!(method, KktMethod::Schur);
            continue;
        };
        assert_eq!(
            (wide(&found.x), wide(&found.multipliers)),
            (integers(&[&[2], &[8]]), integers(&[&[-6], &[6]])),
            "{method:?}"
        );
    }
    assert_eq!(none.inertia().unwrap(), Inertia::default());
    assert_eq!(free.inertia().unwrap(), Inertia { positive: 2, negative: 0, zero: 0 });
    assert_eq!(fixed.inertia().unwrap(), Inertia { positive: 2, negative: 2, zero: 0 });
}

#[test]
fn what_does_not_fit_is_refused() {
    let (s, a) = (array![[1.0, 0.0], [0.0, 1.0]], array![[1.0, 1.0]]);
    let refused = |s: &Array2<f64>, a: &Array2<f64>| Kkt::new(s, a).map(|_| ()).unwrap_err();
    assert_eq!(refused(&a, &a), Error::NotSquare { rows: 1, cols: 2 });
    assert!(matches!(refused(&s, &array![[1.0]]), Error::Shape { what: "the constraints", .. }));
    assert_eq!(refused(&(&s * f64::NAN), &a), Error::NonFinite { row: 0, col: 0 });
    assert_eq!(refused(&s, &array![[1.0, f64::INFINITY]]), Error::NonFinite { row: 0, col: 1 });
    assert!(matches!(refused(&array![[1.0, 1e-3], [0.0, 1.0]], &a), Error::NotHermitian { row: 1, col: 0, .. }));
    let kkt = Kkt::new(&s, &a).unwrap();
    let refused = |f: Array1<f64>, b: Array1<f64>| kkt.solve(&f, &b).map(|_| ()).unwrap_err();
    assert!(matches!(refused(array![1.0], array![1.0]), Error::Shape { .. }));
    assert!(matches!(refused(array![1.0, 1.0], array![]), Error::Shape { .. }));
    assert_eq!(refused(array![1.0, f64::NAN], array![1.0]), Error::NonFiniteRhs { row: 1, col: 0 });
    let refused = kkt.solve(&Array2::zeros((2, 2)), &Array2::zeros((1, 3))).map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::Shape { what: "the right-hand side b", .. }), "{refused}");
}

/// Each oracle of this file refuses an answer that is off by a little.
#[test]
fn wrong_answers_are_refused() {
    let mut rng = Rng::new(508);
    let (s, a) = problem::<f64>(&mut rng, 8, 3, 10.0);
    let (f, b) = (normal::<f64>(&mut rng, 8, 1), normal::<f64>(&mut rng, 3, 1));
    let kkt = Kkt::<f64>::new(&narrow(&s), &narrow(&a)).unwrap();
    let KktSolution { x, multipliers, .. } = kkt.solve(&narrow::<f64>(&f), &narrow::<f64>(&b)).unwrap();
    hold(&"right", judged::<f64>(&s, &a, &f, &b, &x, &multipliers));
    let mut off = x.clone();
    off[(2, 0)] *= 1.0 + 1e-11;
    assert!(judged::<f64>(&s, &a, &f, &b, &off, &multipliers).is_err());
    assert!(judged::<f64>(&s, &a, &f, &b, &x, &(-&multipliers)).is_err());
    // The sign of the other convention, and a form that is twice as large.
    assert!(judged::<f64>(&(&s * C64::new(2.0, 0.0)), &a, &f, &b, &x, &multipliers).is_err());
}

each_type! {
    all_methods_agree,
    ill_conditioned,
    singular_but_definite_on_the_null_space,
    dependent_rows_are_named,
    equal_rows_are_dependent,
    no_minimum,
    the_shortest_solution,
    empty_and_unconstrained,
}
