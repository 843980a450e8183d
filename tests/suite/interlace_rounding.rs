//! Certificates from values alone: what rounding is allowed, at zeros and at both ends of the range.
//! Second floor of the tests; must not take an allowance from the crate under test.

use lapwing::interlace::*;
use ndarray::{Array1, array};

use super::generate::C64;

/// Zero matrices have no rounding errors: they are compared exactly.
#[test]
fn zeros_are_compared_exactly() {
    let zero = Array1::<f64>::zeros(3);
    let least = array![5e-324, 0.0, 0.0];
    for report in [weyl(&zero, &zero, &zero), ky_fan(&zero, &zero, &zero), lidskii(&zero, &zero, &zero)] {
        let report = report.expect("good lists");
        let worst = report.worst().expect("there are inequalities");
        assert!(report.holds() && (worst.allowance, worst.units) == (0.0, 0.0));
    }
    for report in [
        singular_product(&zero, &zero, &zero),
        horn(&zero, &zero, &zero),
        weyl_majorant(&zero, &zero),
        mirsky(&zero, &zero, &zero),
        submatrix(&zero, &zero, ((3, 3), (3, 3))),
        hoffman_wielandt(&zero, &zero, 0.0),
    ] {
        assert!(report.expect("good lists").holds());
    }
    // Thirty times the least number is what rounding allows beside it, and no more.
    assert!(weyl(&zero, &zero, &least).expect("good lists").holds());
    assert!(!weyl(&zero, &zero, &(&least * 1e6)).expect("good lists").holds());
    assert!(!horn(&zero, &zero, &least.mapv(|x| x * 1e6)).expect("good lists").holds());
    assert!(!weyl_majorant(&zero, &array![1.0, 1.0, 1.0]).expect("good lists").holds());
}

#[test]
fn extreme_scales_neither_overflow_nor_vanish() {
    let (s, t, sum) = (array![4.0, 2.0, -3.0], array![1.0, 1.0, 0.0], array![5.0, 3.0, -3.0]);
    let wrong = array![5.0 + 1e-9, 3.0, -3.0];
    for scale in [1e-300, 1e-160, 1.0, 1e160, 3e307_f64] {
        let scaled = |x: &Array1<f64>| x * scale;
        for check in [weyl, ky_fan, lidskii] {
            assert!(check(&scaled(&s), &scaled(&t), &scaled(&sum)).expect("good lists").holds(), "{scale:e}");
            let report = check(&scaled(&s), &scaled(&t), &scaled(&wrong)).expect("good lists");
            let worst = report.worst().expect("there are inequalities");
            assert!(!report.holds() && worst.units > 1e3 && worst.units < 1e6, "{scale:e}\n{report}");
        }
        let report = rank_update(&scaled(&s), &scaled(&wrong), 0, 0).expect("good lists");
        let worst = report.worst().expect("there are inequalities");
        assert_eq!((worst.left, worst.right), (wrong[0] * scale, 4.0 * scale));
    }
    // Factors at both ends of the range, whose products are 1, 1e-400 and 1e400.
    let (large, small) = (array![2e200, 1e200], array![3e-200, 1e-200]);
    for check in [horn, singular_product] {
        assert!(check(&large, &small, &array![3.0, 2.0]).expect("good lists").holds());
        assert!(!check(&large, &small, &array![3.0, 3.0 * (2.0 + 1e-9)]).expect("good lists").holds());
        assert!(check(&small, &small, &array![0.0, 0.0]).expect("good lists").holds());
        assert!(!check(&small, &small, &array![1e-300, 0.0]).expect("good lists").holds());
        assert!(!check(&(&small * 1e-100), &(&small * 1e-100), &array![1e300, 1e300]).expect("good lists").holds());
        assert!(check(&large, &large, &array![1e300, 1e300]).expect("good lists").holds());
    }
    // Two hundred values of 1e±200: their product is 1e±40000.
    for scale in [1e200, 1e-200_f64] {
        let values = Array1::from_elem(200, scale);
        let report = weyl_majorant(&values, &values).expect("good lists");
        let determinant = report.finding("determinant").and_then(|finding| finding.worst.as_ref()).expect("n > 0");
        assert!(report.holds() && (determinant.left / (200.0 * scale.ln()) - 1.0).abs() < 1e-12, "{report}");
        let mut wrong = values.clone();
        wrong[77] *= 1.0 - 1e-6;
        assert!(!weyl_majorant(&wrong, &values).expect("good lists").holds());
    }
    // A sum beyond the range is told as infinite.
    let huge = array![1.5e308];
    let report = weyl(&huge, &huge, &huge).expect("good lists");
    assert!(
        !report.holds() && report.worst().is_some_and(|worst| worst.right.is_infinite() && worst.units.is_finite())
    );
}

/// Where values are zero by the rank of their matrices, and computed as roundings, products say nothing that is false.
#[test]
fn roundings_of_zeros_are_no_violation() {
    let (a, b) = (array![1.0, 1e-17, 0.0], array![1.0, 0.5, 3e-17]);
    assert!(horn(&a, &b, &array![1.0, 2e-16, 1e-16]).expect("good lists").holds());
    assert!(!horn(&a, &b, &array![1.0, 2e-13, 1e-16]).expect("good lists").holds());
    // What may be zero has no logarithm, and no width either; nothing becomes a NaN.
    let report = horn(&a, &b, &array![1.0, 1e-16, 0.0]).expect("good lists");
    let worst = report.worst().expect("there are three");
    assert!(!worst.units.is_nan() && !worst.allowance.is_nan(), "{report}");
    assert!([worst, report.tightest().expect("there are three")].iter().all(|at| at.text.contains("i≤1")), "{report}");
    let report = horn(&array![1.0], &array![1.0], &array![1e-20]).expect("good lists");
    assert_eq!(report.worst().map(|worst| (worst.units, worst.right)), Some((f64::NEG_INFINITY, 0.0)), "{report}");
    // A nilpotent matrix of order 3, as solvers return it: eigenvalues of ε^(1/3).
    let third = f64::EPSILON.cbrt();
    assert!(weyl_majorant(&array![third, third, third], &array![1.0, 1.0, 1e-16]).expect("good lists").holds());
    assert!(!weyl_majorant(&array![third, third, third], &array![1.0, 1e-6, 1e-16]).expect("good lists").holds());
}

/// Zeros appended say that a side is longer, and nothing else.
#[test]
fn appended_zeros_allow_for_a_longer_side() {
    let (a, b, sum) = (array![4.0, 1.0], array![2.0, 1.0], array![5.0, 1.0]);
    let long = |list: &Array1<f64>| -> Array1<f64> { (0..500).map(|i| list.get(i).copied().unwrap_or(0.0)).collect() };
    let report = singular_sum(&long(&a), &long(&b), &long(&sum)).expect("good lists");
    let allowance = report.worst().map(|worst| worst.allowance);
    assert!(report.holds() && allowance == Some(ALLOWANCE * 500.0 * f64::EPSILON * (4.0 + 2.0 + 5.0)), "{report}");
    // A shift by 1e-12 beyond what B allows is wrong of a small matrix, and not of a long one.
    let off = array![5.0, 1.0 + 1e-12];
    let b = array![1.0, 0.0];
    assert!(!mirsky(&a, &off, &b).expect("good lists").holds());
    assert!(mirsky(&long(&a), &long(&off), &long(&b)).expect("good lists").holds());
}

/// σ is that of the matrix whose exact eigenvalues λ are, but for the rounding of both solvers: twice c·n·ε‖A‖.
#[test]
fn the_majorant_allows_for_two_solvers() {
    let report = weyl_majorant(&array![2.0], &array![2.0]).expect("good lists");
    let allowance = report.worst().map_or(0.0, |worst| worst.allowance);
    assert!((allowance / (2.0 * ALLOWANCE * f64::EPSILON) - 1.0).abs() < 1e-6, "{report}");
    let report = horn(&array![2.0], &array![3.0], &array![6.0]).expect("good lists");
    let allowance = report.worst().map_or(0.0, |worst| worst.allowance);
    // One for each factor, and for the product its own and that of forming it.
    assert!((allowance / (4.0 * ALLOWANCE * f64::EPSILON) - 1.0).abs() < 1e-6, "{report}");
}

/// Below the least normal number δ of the type what is allowed is c·ε·δ, also in the logarithms of products.
#[test]
fn logarithms_of_subnormal_values() {
    let report = horn(&array![1e-310], &array![1.0], &array![1.0001e-310]).expect("good lists");
    let worst = report.worst().expect("there is one");
    let relative = 10.0 * f64::EPSILON;
    let absolute = relative * f64::MIN_POSITIVE;
    let expected = (absolute / 1e-310).ln_1p() + relative.ln_1p() - (-absolute / 1.0001e-310).ln_1p();
    assert!((worst.allowance / expected - 1.0).abs() < 1e-9 && !report.holds(), "{worst:?} {expected:e}");
}

/// σ₂ of diag(1, 0)·diag(1, 1) is 0, and 2δ is what rounding makes of it, δ = c·n·ε: an interval of ± 2δ around 3.5δ
/// has no zero in it, one around 1.5δ has.
#[test]
fn what_may_be_zero_is_as_wide_as_its_interval() {
    let delta = 20.0 * f64::EPSILON;
    let holds =
        |second: f64| horn(&array![1.0, 1.0], &array![1.0, 0.0], &array![1.0, second]).map(|found| found.holds());
    assert_eq!((holds(1.5 * delta), holds(3.5 * delta)), (Ok(true), Ok(false)));
}

/// Squares and products beyond the range are not formed.
#[test]
fn large_values_with_a_moderate_answer() {
    let report = singular_product(&array![1e300], &array![1e300], &array![1e-300]).expect("good lists");
    assert!(report.holds() && report.worst().is_some_and(|worst| worst.units.is_finite()), "{report}");
    let i = C64::new(0.0, 1.0);
    let distances = [
        hoffman_wielandt(&array![i * 1e200], &array![i * 2e200], 1e200),
        hoffman_wielandt(&array![C64::new(0.0, 0.0)], &array![i * 1e200], 1e200),
    ];
    for report in distances.into_iter().chain([hoffman_wielandt(&array![0.0], &array![1e200], 1e200)]) {
        let report = report.expect("good lists");
        let worst = report.worst().expect("there is one");
        assert!(report.holds() && (worst.left / 1e200 - 1.0).abs() < 1e-15, "{worst:?}");
    }
}
