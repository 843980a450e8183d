//! Certificates from values alone: known integer spectra, edges, bad lists, and the report.
//! Second floor of the tests; must not take a spectrum from the crate under test.

use lapwing::Error;
use lapwing::interlace::*;
use ndarray::{Array1, array};

use super::generate::{C64, Rng};

fn list(values: impl IntoIterator<Item = i64>) -> Array1<f64> {
    values.into_iter().map(|x| x as f64).collect()
}

/// Every theorem on sums, for matrices that commute: S and T diagonal in one basis, with their values in the order given.
#[track_caller]
fn commuting(s: &Array1<f64>, t: &Array1<f64>) {
    let sum = s + t;
    let moduli = [s, t, &sum].map(|values| values.mapv(f64::abs));
    let [a, b, both] = &moduli;
    let distance = t.dot(t).sqrt();
    let (positive, negative) = (t.iter().filter(|&&x| x > 0.0).count(), t.iter().filter(|&&x| x < 0.0).count());
    let rank = positive + negative;
    let reports = [
        weyl(s, t, &sum),
        ky_fan(s, t, &sum),
        lidskii(s, t, &sum),
        rank_update(s, &sum, positive, negative),
        hoffman_wielandt(&sum, s, distance),
        singular_sum(a, b, both),
        ky_fan_singular(a, b, both),
        mirsky(a, both, b),
        low_rank(a, both, rank),
        singular_product(a, b, &(a * b)),
        horn(a, b, &(a * b)),
        weyl_majorant(s, a),
        cauchy(s, &s.slice(ndarray::s![..s.len() / 2]).to_owned()),
    ];
    for report in reports {
        let report = report.expect("good lists");
        assert!(report.holds(), "{s} {t}\n{report}");
    }
}

#[test]
fn diagonal_integer_matrices_are_never_refused() {
    let mut rng = Rng::new(21);
    for n in (0..9).cycle().take(360) {
        let mut integers = |spread: usize| list((0..n).map(|_| rng.below(2 * spread + 1) as i64 - spread as i64));
        let (s, t) = (integers(4), integers(2));
        commuting(&s, &t);
        commuting(&(&s * 1e6), &(&t * 1e-6));
    }
}

/// The path with n nodes has the eigenvalues 2cos(kπ/(n+1)), that with one node less interlaces, and the second difference matrix is 2I − path.
#[test]
fn paths_and_circulants_with_known_spectra() {
    let pi = std::f64::consts::PI;
    let path = |n: usize| -> Array1<f64> { (1..=n).map(|k| 2.0 * (k as f64 * pi / (n + 1) as f64).cos()).collect() };
    let cycle = |n: usize| -> Array1<f64> { (0..n).map(|k| 2.0 * (2.0 * k as f64 * pi / n as f64).cos()).collect() };
    for n in 3..40 {
        assert!(bordered(&path(n - 1), &path(n)).expect("good lists").holds());
        for m in 0..n {
            // An induced path within a path, and within a cycle.
            assert!(cauchy(&path(n), &path(m)).expect("good lists").holds());
            assert!(cauchy(&cycle(n), &path(m)).expect("good lists").holds());
        }
        // The edge that closes a path to a cycle has the eigenvalues 1 and −1: singular values 1, 1.
        assert!(rank_update(&path(n), &cycle(n), 1, 1).expect("good lists").holds());
        let mut edge = Array1::zeros(n);
        (edge[0], edge[n - 1]) = (1.0, -1.0);
        let sum = weyl(&path(n), &edge, &cycle(n)).expect("good lists");
        assert!(sum.holds() && sum.checked() == n * (n + 1));
        assert!(lidskii(&path(n), &edge, &cycle(n)).expect("good lists").holds());
        assert!(ky_fan(&path(n), &edge, &cycle(n)).expect("good lists").holds());
        assert!(hoffman_wielandt(&path(n), &cycle(n), 2f64.sqrt()).expect("good lists").holds());
        // A circulant shift is orthogonal: eigenvalues e^(2πik/n), singular values 1.
        let roots: Array1<C64> = (0..n).map(|k| C64::from_polar(1.0, 2.0 * pi * k as f64 / n as f64)).collect();
        assert!(weyl_majorant(&roots, &Array1::ones(n)).expect("good lists").holds());
        // Times a phase it is normal too: ‖A − e^(iφ)A‖_F = √n·|1 − e^(iφ)|.
        let turn = C64::from_polar(1.0, 0.1);
        let distance = (n as f64).sqrt() * (C64::new(1.0, 0.0) - turn).norm();
        assert!(hoffman_wielandt(&roots, &(&roots * turn), distance).expect("good lists").holds());
    }
}

#[test]
fn order_does_not_matter() {
    let (s, t, sum) = (array![3.0, -1.0, 2.0], array![0.5, 4.0, 0.0], array![2.5, -0.5, 6.5]);
    let reversed = |x: &Array1<f64>| x.slice(ndarray::s![..;-1]).to_owned();
    let strided = array![[2.5, 9.0], [-0.5, 9.0], [6.5, 9.0]];
    for check in [weyl, ky_fan, lidskii] {
        let report = check(&s, &t, &sum).expect("good lists");
        assert_eq!(check(&reversed(&s), &t, &reversed(&sum)), Ok(report.clone()));
        assert_eq!(check(&s, &reversed(&t), &strided.column(0)), Ok(report));
    }
}

#[test]
fn empty_and_single_values() {
    let (none, one, two) = (Array1::<f64>::zeros(0), array![1.0], array![2.0]);
    for report in [
        weyl(&none, &none, &none),
        lidskii(&none, &none, &none),
        mirsky(&none, &none, &none),
        rank_update(&none, &none, 2, 2),
        cauchy(&one, &none),
        submatrix(&none, &none, ((0, 4), (0, 2))),
        submatrix(&one, &none, ((1, 4), (0, 2))),
        low_rank(&none, &none, 0),
        horn(&none, &none, &none),
        weyl_majorant(&none, &none),
        singular_product(&none, &one, &none),
    ] {
        let report = report.expect("empty lists are good");
        assert_eq!((report.checked(), report.holds(), report.violation()), (0, true, 0.0));
        assert!(report.worst().is_none() && report.tightest().is_none() && report.to_string().starts_with("holds: 0"));
    }
    assert!(ky_fan(&none, &none, &none).expect("empty lists are good").holds());
    assert!(rank_one(&none, &none, 0.0).expect("empty lists are good").holds());
    assert!(!rank_one(&none, &none, 1.0).expect("empty lists are good").holds());
    assert!(hoffman_wielandt(&none, &none, 0.0).expect("empty lists are good").holds());
    assert!(bordered(&none, &one).expect("good lists").holds());
    assert!(weyl(&one, &one, &two).expect("good lists").holds());
    assert!(!weyl(&one, &one, &one).expect("good lists").holds());
    // A product of columns and rows has more values than its factors: the rest must be zero.
    assert!(horn(&one, &two, &array![2.0, 0.0, 0.0]).expect("good lists").holds());
    assert!(!horn(&one, &two, &array![2.0, 1e-9, 0.0]).expect("good lists").holds());
    assert!(!singular_product(&one, &two, &array![2.0, 1e-9, 0.0]).expect("good lists").holds());
    // Ranks beyond n leave nothing to check.
    assert_eq!(rank_update(&one, &two, 7, usize::MAX).map(|report| report.checked()), Ok(0));
    assert_eq!(low_rank(&one, &two, usize::MAX).map(|report| report.checked()), Ok(0));
}

/// Both lists have pairs 1e-9 apart: an assignment by rounded costs would mix them up.
#[test]
fn a_matching_within_tight_clusters_is_exact() {
    let cluster = |offset: f64| -> Array1<C64> {
        (0..40).map(|k| C64::new((k / 4) as f64 + (k % 4) as f64 * 1e-9, offset * (k % 3) as f64)).collect()
    };
    let a = cluster(1e-9);
    let reversed = a.slice(ndarray::s![..;-1]).to_owned();
    let report = hoffman_wielandt(&a, &reversed, 0.0).expect("good lists");
    let worst = report.worst().expect("there is one");
    assert_eq!((report.holds(), worst.left), (true, 0.0));
    assert_eq!(worst.positions, (0..40).rev().collect::<Vec<usize>>());
}

#[test]
fn bad_lists_are_named() {
    let (good, short) = (array![1.0, 2.0, 3.0], array![1.0, 2.0]);
    let message = |result: lapwing::Result<Report>| result.expect_err("a bad list").to_string();
    let nan = array![1.0, f64::NAN, f64::INFINITY];
    assert_eq!(weyl(&good, &nan, &good), Err(Error::NonFiniteValue { what: "eigenvalues of T", index: 1 }));
    for report in [
        weyl(&nan, &good, &good),
        ky_fan(&good, &good, &nan),
        lidskii(&good, &nan, &good),
        rank_update(&nan, &good, 1, 0),
        rank_one(&good, &nan, 1.0),
        cauchy(&good, &nan),
        bordered(&nan, &array![1.0, 2.0, 3.0, 4.0]),
        submatrix(&nan, &good, ((3, 3), (3, 3))),
        low_rank(&good, &nan, 1),
        singular_sum(&good, &good, &nan),
        singular_product(&nan, &good, &good),
        horn(&good, &nan, &good),
        weyl_majorant(&good, &nan),
        weyl_majorant(&nan.mapv(|x| C64::new(0.0, x)), &good),
        ky_fan_singular(&good, &good, &nan),
        mirsky(&good, &nan, &good),
        hoffman_wielandt(&good, &nan, 1.0),
        hoffman_wielandt(&nan.mapv(|x| C64::new(0.0, x)), &good.mapv(|x| C64::new(x, 0.0)), 1.0),
    ] {
        assert!(matches!(report, Err(Error::NonFiniteValue { index: 1, .. })), "{report:?}");
    }
    for report in [
        weyl(&good, &short, &good),
        ky_fan(&good, &good, &short),
        lidskii(&short, &good, &good),
        rank_update(&good, &short, 1, 0),
        rank_one(&good, &short, 1.0),
        cauchy(&short, &good),
        bordered(&good, &good),
        submatrix(&short, &good, ((3, 3), (3, 3))),
        submatrix(&good, &good, ((3, 3), (4, 3))),
        submatrix(&good, &short, ((3, 3), (2, 4))),
        low_rank(&good, &short, 1),
        singular_sum(&good, &good, &short),
        singular_product(&short, &good, &good),
        horn(&good, &good, &short),
        weyl_majorant(&good, &short),
        ky_fan_singular(&good, &short, &good),
        mirsky(&good, &short, &good),
        hoffman_wielandt(&good, &short, 1.0),
    ] {
        assert!(matches!(report, Err(Error::Shape { .. })), "{report:?}");
    }
    assert_eq!(
        message(bordered(&good, &good)),
        "eigenvalues of the bordered matrix: expected 4 values, found 3 values"
    );
    assert_eq!(
        message(cauchy(&short, &good)),
        "eigenvalues of the inner matrix: expected at most 2 values, found 3 values"
    );
    let negative = message(mirsky(&good, &good, &array![1.0, -1.0, 0.0]));
    assert_eq!(
        negative,
        "singular values of B: expected values of at least 0, found -1e0 at position 1 (counted from 0)"
    );
    let slightly = message(singular_sum(&good, &array![1.0, 0.0, -1e-300], &good));
    assert!(slightly.contains("found -1e-300 at position 2"), "{slightly}");
    assert!(matches!(rank_one(&good, &good, f64::NAN), Err(Error::Parameter { .. })));
    assert!(matches!(hoffman_wielandt(&good, &good, -1.0), Err(Error::Parameter { .. })));
    assert!(matches!(hoffman_wielandt(&good, &good, f64::INFINITY), Err(Error::Parameter { .. })));
}

#[test]
fn the_report_as_text_and_as_data() {
    let report = weyl(&array![2.0, 0.0], &array![1.0, 0.0], &array![3.5, 0.0]).expect("good lists");
    let lines: Vec<String> = report.to_string().lines().map(str::to_string).collect();
    assert_eq!(
        lines[0],
        "violated: 1 of 6 inequalities, the worst by 1.7e13 times what rounding explains: λ₁(S+T) ≤ λ₁(S) + λ₁(T)"
    );
    let columns: Vec<&str> = lines[1].split_whitespace().collect();
    let headings = ["theorem", "checked", "violated", "inequality", "left", "right", "slack", "allowance", "excess"];
    assert_eq!(columns, headings);
    assert!(
        lines[2].starts_with("Weyl, from above        3         1  λ₁(S+T) ≤ λ₁(S) + λ₁(T)  3.500000e0  3.000000e0")
    );
    assert!(
        lines[3].starts_with("Weyl, from below        3         0  λ₂(S+T) ≥ λ₂(S) + λ₂(T)  0.000000e0  0.000000e0")
    );
    assert!(lines[4].contains("10·n·ε") && lines.len() == 5);
    // A column is as wide in every row.
    let widths: Vec<usize> = lines[1..4].iter().map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|&width| width == widths[0]), "{report}");

    let finding = report.finding("Weyl, from above").expect("it was checked");
    let worst = finding.worst.as_ref().expect("there are three");
    assert_eq!((finding.checked, finding.violated, finding.holds()), (3, 1, false));
    assert_eq!(
        (worst.positions.as_slice(), worst.left, worst.right, worst.slack),
        ([0, 0, 0].as_slice(), 3.5, 3.0, -0.5)
    );
    assert_eq!(worst.relation, Relation::AtMost);
    assert_eq!(worst.allowance, ALLOWANCE * 2.0 * f64::EPSILON * (2.0 + 1.0 + 3.5));
    assert_eq!(worst.units, 0.5 / worst.allowance);
    assert_eq!((report.violated(), report.violation()), (1, worst.units));
    assert_eq!(report.tightest(), Some(worst));
    let both = report.clone().and(report);
    assert_eq!((both.findings.len(), both.checked(), both.violated()), (4, 12, 2));
    // Single precision: the same inequality, with a larger allowance.
    let report = weyl(&array![2.0_f32, 0.0], &array![1.0, 0.0], &array![3.5, 0.0]).expect("good lists");
    let allowance = ALLOWANCE * 2.0 * f64::from(f32::EPSILON) * 6.5;
    assert_eq!(report.worst().map(|worst| worst.allowance), Some(allowance));
    // A tightest inequality that is not the worst one has a line of its own.
    // Slack 0.5 for k = 1, and 0.8 for k = 2, where twice as much is allowed.
    let report = ky_fan_singular(&array![2.0, 1.0], &array![1.0, 1.0], &array![2.5, 1.7]).expect("good lists");
    let text = report.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("holds: 2 inequalities") && lines.len() == 5, "{report}");
    assert!(
        lines[2].contains("Σ_{i≤2} σᵢ(A+B) ≤")
            && lines[3].starts_with("    ")
            && lines[3].contains("Σ_{i≤1} σᵢ(A+B) ≤")
    );
}

/// All pairs of two thousand values: four million inequalities.
#[test]
fn two_thousand_values_are_checked_pair_by_pair() {
    let n = 2000;
    let s: Array1<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
    let t: Array1<f64> = (0..n).map(|i| (i as f64 * 0.61).cos()).collect();
    let report = weyl(&s, &t, &(&s + &t)).expect("good lists");
    assert!(report.holds() && report.checked() == n * (n + 1), "{report}");
}
