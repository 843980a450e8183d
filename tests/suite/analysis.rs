//! What is said of a problem and of answers to it: condition numbers, the angle, backward errors, the worst case of a product.
//! Second floor of the tests: known spectra, figures by hand, a Jacobian written out.

use super::generate::*;
use lapwing::Error;
use lapwing::lstsq::{Analysis, Uncertainty, worst_case};
use lapwing::prelude::*;
use ndarray::{Array, Array1, Array2, Ix1, array, s};

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs()
}

/// κ₂ of a known spectrum, to within a few κ·ε.
fn condition_of_a_known_spectrum<T: Scalar>() {
    for (seed, kappa) in [1.0, 1e2, 1e4].into_iter().enumerate() {
        let known = general::<T>(&mut Rng::new(seed as u64), 12, 5, &Spectrum::Geometric.values(5, kappa));
        let a = narrow::<T>(&known.a);
        let condition = Analysis::new(&a, &a.column(0).to_owned()).unwrap().condition();
        assert!(close(condition.kappa2, kappa, 64.0 * kappa * T::EPS), "{} for {kappa}", condition.kappa2);
        assert_eq!(condition.kappa2_gram, condition.kappa2 * condition.kappa2);
        // Columns of a product with a power of two beside each other differ in κ₂ alone.
        let units = scale_columns(&known.a, &[1.0, 2f64.powi(20), 1.0, 2f64.powi(-20), 1.0]);
        let other = Analysis::new(&narrow::<T>(&units), &a.column(0).to_owned()).unwrap().condition();
        assert!(close(other.kappa2_scaled, condition.kappa2_scaled, 1e-10 * kappa));
        assert!(other.kappa2 > 1e9);
    }
}

/// Orthogonal columns of lengths 1 and 2⁻⁷⁰: an SVD of A does not see the second beside the first.
#[test]
fn kappa_of_columns_of_very_different_length() {
    let (c, s, tiny) = (0.6, 0.8, 2f64.powi(-70));
    let a = array![[c, -s * tiny], [s, c * tiny], [0.0, 0.0]];
    let condition = Analysis::new(&a, &array![1.0, 1.0, 1.0]).unwrap().condition();
    assert!(close(condition.kappa2, 2f64.powi(70), 1e-13), "{:e}", condition.kappa2);
    assert!(close(condition.kappa2_scaled, 1.0, 1e-14));
}

/// dx = A⁺(db − dA·x) + (AᵀA)⁻¹dAᵀr, written out as an n×(mn + m) matrix, whose norm the condition number is.
#[test]
fn condition_of_the_problem_is_the_norm_of_its_jacobian() {
    for (seed, residual) in [0.0, 0.3, 50.0].into_iter().enumerate() {
        let mut rng = Rng::new(seed as u64);
        let (m, n) = (7, 3);
        let known = general::<f64>(&mut rng, m, n, &[2.0, 0.5, 0.03]);
        let (a, u) = (known.a.mapv(|z| z.re), known.u.mapv(|z| z.re));
        let x = array![1.0, -2.0, 0.5];
        let r = u.column(m - 1).mapv(|u| u * residual);
        let b = a.dot(&x) + &r;
        let pinv = a.pinv(None).unwrap().matrix;
        let gram = pinv.dot(&pinv.t());
        let mut jacobian = Array2::zeros((n, m * n + m));
        for k in 0..n {
            for i in 0..m {
                for j in 0..n {
                    jacobian[(k, i * n + j)] = -pinv[(k, i)] * x[j] + gram[(k, j)] * r[i];
                }
                jacobian[(k, m * n + i)] = pinv[(k, i)];
            }
        }
        let norm = jacobian.singular_values().unwrap()[0];
        let condition = Analysis::new(&a, &b).unwrap().condition();
        assert!(close(condition.absolute, norm, 1e-9), "{} for {norm}", condition.absolute);
        let squares = |x: f64| x * x;
        let data = (a.iter().chain(&b).map(|&x| squares(x)).sum::<f64>()).sqrt();
        assert!(close(condition.relative, norm * data / x.dot(&x).sqrt(), 1e-9));
        let sine = residual / b.dot(&b).sqrt();
        let angle = Analysis::new(&a, &b).unwrap().angle().unwrap();
        assert!((angle.sin() - sine).abs() < 1e-14, "{angle}");
    }
}

#[test]
fn a_zero_right_hand_side_has_no_angle() {
    assert_eq!(Analysis::new(&array![[1.0], [1.0]], &array![0.0, 0.0]).unwrap().angle(), None);
    let both = Analysis::new(&array![[1.0], [1.0]], &array![[0.0, 1.0], [0.0, -1.0]]).unwrap().angle();
    assert_eq!(both[0], None);
    assert!(close(both[1].unwrap(), std::f64::consts::FRAC_PI_2, 4.0 * f64::EPSILON));
}

/// For one column and x ≠ 0 the estimate is |aᵀr|/√(‖r‖² + ‖a‖²x²)/‖a‖, by hand.
#[test]
fn backward_error_in_one_column() {
    let problem = Analysis::new(&array![[3.0], [4.0]], &array![1.0, 7.0]).unwrap();
    for x in [0.0_f64, 1.0, 1.25, -2.0] {
        let r = [1.0 - 3.0 * x, 7.0 - 4.0 * x];
        let (along, length) = (3.0 * r[0] + 4.0 * r[1], r[0].hypot(r[1]));
        let expected = along.abs() / length.hypot(5.0 * x) / 5.0;
        let found = problem.backward_error(&array![x]).unwrap();
        assert!((found - expected).abs() <= 1e-15 * expected.max(1.0), "{found:e} for {expected:e}");
    }
}

/// b is at right angles to a, so that x = 0 is right. For x = 2⁻⁶⁰, which changes no bit of b − ax in double precision, |aᵀr| = 25x,
/// ‖r‖ = 5 and ‖a‖ = 5 but for terms of relative size x²: the estimate is x.
#[test]
fn backward_errors_far_below_the_working_precision() {
    for unit in [-960, 0, 960].map(|k| 2f64.powi(k)) {
        let problem = Analysis::new(&array![[3.0], [4.0]], &array![4.0 * unit, -3.0 * unit]).unwrap();
        let x = 2f64.powi(-60);
        let found = problem.backward_error(&array![x * unit]).unwrap();
        assert!((found / x - 1.0).abs() < 1e-14, "{found:e} for {x:e}");
    }
}

/// Between σ_min[A, φ(I − rr⁺)] and √2 times that for φ = ‖r‖/‖x‖ (Waldén, Karlson & Sun), as singular values of the matrix
/// written out.
#[test]
fn backward_error_is_near_the_least_singular_value_that_defines_it() {
    let mut rng = Rng::new(3);
    for turn in 0..20 {
        let (m, n) = (6, 3);
        let a = general::<f64>(&mut rng, m, n, &[1.0, 0.1, 0.01]).a.mapv(|z| z.re);
        let b: Array1<f64> = (0..m).map(|_| rng.normal()).collect();
        let right = a.lstsq(&b).unwrap().x;
        let x = right.mapv(|x| x + 10f64.powi(-(turn % 6)) * rng.normal());
        let r = &b - &a.dot(&x);
        let (norm_r, norm_x) = (r.dot(&r).sqrt(), x.dot(&x).sqrt());
        let phi = norm_r / norm_x;
        let mut beside = Array2::zeros((m, n + m));
        beside.slice_mut(s![.., ..n]).assign(&a);
        for i in 0..m {
            for j in 0..m {
                beside[(i, n + j)] = phi * (f64::from(u8::from(i == j)) - r[i] * r[j] / (norm_r * norm_r));
            }
        }
        let least = beside.singular_values().unwrap()[m - 1].min(phi) / a.iter().map(|a| a * a).sum::<f64>().sqrt();
        let found = Analysis::new(&a, &b).unwrap().backward_error(&x).unwrap();
        assert!(found >= least * 0.707 && found <= least * 1.4143, "{found:e} for {least:e}");
    }
}

/// Of size ε for the methods that are stable by rows and columns, of the size of the mistake for an answer that is wrong.
#[test]
fn componentwise_backward_error_tells_right_from_wrong() {
    let mut rng = Rng::new(9);
    for residual in [0.0, 1e-4, 1.0, 1e3] {
        let known = general::<f64>(&mut rng, 20, 4, &Spectrum::Geometric.values(4, 1e6));
        let a = scale_columns(&known.a, &[1.0, 1e-5, 1e8, 1.0]).mapv(|z| z.re);
        let outside = known.u.column(19).mapv(|u| residual * u.re);
        let b = a.dot(&array![1.0, 1e5, 1e-8, 1.0]) + &outside;
        let problem = Analysis::new(&a, &b).unwrap();
        let x = a.lstsq(&b).unwrap().x;
        let right = problem.componentwise_backward_error(&x).unwrap();
        assert!(right < 1e-14, "{right:e} for residual {residual}");
        let mut wrong = x.clone();
        wrong[1] *= 1.0 + 1e-3;
        let wrong = problem.componentwise_backward_error(&wrong).unwrap();
        assert!(wrong > 1e-8 && wrong < 2e-3, "{wrong:e}");
    }
}

/// The amplification is that of the x and d returned, and κ₂.
fn worst_case_attains_kappa<T: Scalar>() {
    for kappa in [1.0, 30.0, 1e3] {
        let known = general::<T>(&mut Rng::new(8), 9, 4, &Spectrum::Geometric.values(4, kappa));
        let a = rounded::<T>(&known.a);
        let worst = worst_case(&narrow::<T>(&known.a)).unwrap();
        let norm = |x: &Array1<C64>| x.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
        let (x, d) = (worst.x.mapv(T::wide), worst.d.mapv(T::wide));
        let (before, after) = (a.dot(&x), a.dot(&(&x + &d)));
        let found = norm(&(&after - &before)) / norm(&before) / (norm(&d) / norm(&x));
        // d is known to ε relative to x, which is up to κ times as long.
        let tolerance = 64.0 * kappa * T::EPS;
        assert!(close(found, kappa, tolerance) && close(T::f64_of(worst.amplification), kappa, tolerance), "{found}");
    }
}

#[test]
fn a_product_without_a_worst_case() {
    assert!(matches!(worst_case(&array![[1.0, 2.0]]), Err(Error::Shape { .. })));
    assert_eq!(worst_case(&array![[1.0, 2.0], [2.0, 4.0]]).unwrap_err(), Error::RankDeficient { rank: 1, needed: 2 });
    assert_eq!(worst_case(&array![[0.0], [0.0]]).unwrap_err(), Error::RankDeficient { rank: 0, needed: 1 });
    assert!(matches!(worst_case(&Array2::<f64>::zeros((3, 0))), Err(Error::Empty { .. })));
    assert!(matches!(worst_case(&array![[f64::NAN]]), Err(Error::NonFinite { row: 0, col: 0 })));
}

#[test]
fn bad_problems() {
    let refused = |a: Array2<f64>, b: Array1<f64>| Analysis::new(&a, &b).unwrap_err();
    assert!(matches!(refused(array![[1.0, 2.0]], array![1.0]), Error::Shape { .. }));
    assert!(matches!(refused(array![[1.0], [2.0]], array![1.0]), Error::Shape { .. }));
    assert!(matches!(refused(Array2::zeros((2, 0)), array![1.0, 2.0]), Error::Empty { .. }));
    assert_eq!(refused(array![[1.0], [f64::INFINITY]], array![1.0, 1.0]), Error::NonFinite { row: 1, col: 0 });
    assert_eq!(refused(array![[1.0], [1.0]], array![1.0, f64::NAN]), Error::NonFiniteRhs { row: 1, col: 0 });
    let dependent = array![[1.0, 2.0, 3.0], [4.0, 5.0, 9.0], [7.0, 8.0, 15.0], [1.0, 0.0, 1.0]];
    assert_eq!(refused(dependent, Array1::ones(4)), Error::RankDeficient { rank: 2, needed: 3 });
    assert_eq!(refused(Array2::zeros((3, 2)), Array1::ones(3)), Error::RankDeficient { rank: 0, needed: 2 });
}

#[test]
fn bad_candidates() {
    let problem = Analysis::new(&array![[1.0], [1.0]], &array![1.0, 2.0]).unwrap();
    assert!(matches!(problem.forward_error(&array![1.0, 2.0]), Err(Error::Shape { .. })));
    assert!(matches!(problem.backward_error(&Array1::zeros(0)), Err(Error::Shape { .. })));
    for x in [f64::NAN, f64::INFINITY] {
        let bound = problem.forward_error(&array![x]).unwrap();
        assert_eq!(
            (bound.normwise, bound.absolute[0], bound.relative[0]),
            (f64::INFINITY, f64::INFINITY, f64::INFINITY)
        );
        assert_eq!(problem.backward_error(&array![x]).unwrap(), f64::INFINITY);
        assert_eq!(problem.componentwise_backward_error(&array![x]).unwrap(), f64::INFINITY);
    }
    let with = |columns: Vec<f64>, rhs| problem.forward_error_with(&array![1.5], &Uncertainty { columns, rhs });
    assert!(matches!(with(vec![0.0, 0.0], 0.0), Err(Error::Shape { .. })));
    assert!(matches!(with(vec![-1.0], 0.0), Err(Error::Parameter { .. })));
    assert!(matches!(with(vec![0.0], f64::NAN), Err(Error::Parameter { .. })));
}

/// Powers of two change the bounds by these powers, to the ends of the range; layouts change nothing.
#[test]
fn bounds_scale_with_the_data() {
    let a = array![[1.0, 101.0], [1.0, 102.0], [1.0, 103.0], [1.0, 104.5]];
    let b = array![1.0, 3.0, 2.0, 5.5];
    let x = a.lstsq(&b).unwrap().x;
    let plain = Analysis::new(&a, &b).unwrap().forward_error(&x).unwrap();
    for (of_a, of_b) in [(500, 500), (-900, -900), (900, 900), (-500, 300), (300, -500)] {
        let (p, q) = (2f64.powi(of_a), 2f64.powi(of_b));
        let other = Analysis::new(&(&a * p), &(&b * q)).unwrap().forward_error(&(&x * q / p)).unwrap();
        assert_eq!((other.normwise, other.relative), (plain.normwise, plain.relative.clone()));
        assert_eq!(other.absolute * p / q, plain.absolute);
    }
    let columns = a.t().as_standard_layout().reversed_axes().to_owned();
    assert_eq!(Analysis::new(&columns, &b).unwrap().forward_error(&x).unwrap().absolute, plain.absolute);
}

/// Each right-hand side has what it would have alone.
fn many_right_hand_sides<T: Scalar>() {
    let mut rng = Rng::new(4);
    let a = narrow::<T>(&normal::<T>(&mut rng, 9, 3));
    let b = narrow::<T>(&normal::<T>(&mut rng, 9, 2));
    let x = a.lstsq(&b).unwrap().x;
    let together = Analysis::new(&a, &b).unwrap();
    let bounds = together.forward_error(&x).unwrap();
    let backward = together.backward_error(&x).unwrap();
    for k in 0..2 {
        let alone: Analysis<T, Ix1> = Analysis::new(&a, &b.column(k).to_owned()).unwrap();
        let x: Array<T, Ix1> = x.column(k).to_owned();
        let bound = alone.forward_error(&x).unwrap();
        assert_eq!((bound.normwise, bound.absolute), (bounds.normwise[k], bounds.absolute.column(k).to_owned()));
        assert!(close(alone.backward_error(&x).unwrap(), backward[k], 1e-12));
        assert!(close(alone.condition().relative, together.condition().relative[k], 1e-12));
    }
}

each_type!(condition_of_a_known_spectrum, worst_case_attains_kappa, many_right_hand_sides);

/// ‖x‖₂ exceeds the range, and the relative error is told all the same.
#[test]
fn norms_beyond_the_range() {
    let a = array![[1.0, 0.0], [0.0, 1.0], [0.1, 0.1]];
    let problem = Analysis::new(&a, &array![1.5e308, 1.5e308, 0.2e308]).unwrap();
    // x = (1.5 + 0.02)/1.02·1e308 in both entries, by symmetry.
    let bound = problem.forward_error(&array![1.4e308, 1.4e308]).unwrap();
    let error = 1.0 - 1.4 * 1.02 / 1.52;
    assert!(bound.normwise >= error && bound.normwise < error * 1.001, "{bound:?} for {error}");
}
