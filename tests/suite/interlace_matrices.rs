//! Certificates from matrices: they hold on the generator's grid, and bad matrices are named.
//! Second floor of the tests; must not loosen what the crate under test allows.

use lapwing::Error;
use lapwing::interlace::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis, array, concatenate};

use super::generate::{
    C64, Case, Rng, Scalar, Spectrum, Wide, alternating, each_type, general, grid, hermitian, narrow, normal,
};

const SHAPES: [(usize, usize); 8] = [(0, 0), (0, 3), (1, 1), (1, 5), (3, 3), (7, 3), (3, 7), (6, 6)];
const SQUARES: [(usize, usize); 5] = [(0, 0), (1, 1), (2, 2), (5, 5), (9, 9)];

/// A matrix with the values of a case, a unit below which sums of a few do not overflow.
fn hermitian_of<T: Scalar>(case: &Case, rng: &mut Rng, signs: bool) -> Array2<T> {
    let values = case.values::<T>();
    narrow(&hermitian::<T>(rng, &if signs { alternating(&values) } else { values }).a)
}

fn general_of<T: Scalar>(case: &Case, rng: &mut Rng) -> Array2<T> {
    narrow(&general::<T>(rng, case.rows, case.cols, &case.values::<T>()).a)
}

/// Random factors of a product that stays in range.
fn moderate<T: Scalar>(rng: &mut Rng, m: usize, n: usize) -> Array2<T> {
    narrow(&normal::<T>(rng, m, n))
}

#[track_caller]
fn holds(what: &str, case: &Case, report: lapwing::Result<Report>) -> f64 {
    let report = report.unwrap_or_else(|error| panic!("{what}, {case:?}: {error}"));
    assert!(report.holds(), "{what}, {case:?}\n{report}");
    report.violation()
}

/// The share of the allowance that rounding may take on the grid: what is above it would mean that the constant is near to refusing what is right.
const SHARE: f64 = 0.5;

fn hermitian_matrices<T: Scalar>() {
    let mut most = 0.0_f64;
    for case in grid::<T>(&SQUARES, &[(33, 33)], &[(100, 100)], &Spectrum::ALL) {
        let mut rng = case.rng();
        let s = hermitian_of::<T>(&case, &mut rng, case.seed % 2 == 0);
        let n = case.rows;
        let t = hermitian_of::<T>(&case, &mut rng, true);
        most = most.max(holds("a sum", &case, check_sum(&s, &t)));
        // ‖z‖² of the size of S.
        let root = (case.scale.factor::<T>() / n.max(1) as f64).sqrt();
        let z: Array1<T> = normal::<T>(&mut rng, n, 1).column(0).mapv(|x| T::narrow(x * root));
        let rho = T::real_of(if case.seed % 3 == 0 { -0.5 } else { 0.25 });
        most = most.max(holds("a rank-one update", &case, check_rank_one(&s, &z, rho)));
        let indices: Vec<usize> = (0..n).rev().filter(|_| rng.below(3) > 0).collect();
        most = most.max(holds("a principal submatrix", &case, check_principal(&s, &indices)));
        let m = indices.len();
        if m > 0 && m + 1 == n {
            let [inner, outer] = [s.select(ndarray::Axis(0), &indices).select(ndarray::Axis(1), &indices), s.clone()];
            let report = bordered(&inner.eigvalsh().expect("a good matrix"), &outer.eigvalsh().expect("a good matrix"));
            most = most.max(holds("a bordered matrix", &case, report));
        }
    }
    assert!(most > 0.0 && most < SHARE, "{}: {most}", T::NAME);
}

fn general_matrices<T: Scalar>() {
    let mut most = 0.0_f64;
    for case in grid::<T>(&SHAPES, &[(41, 17), (17, 41)], &[(129, 35)], &Spectrum::ALL) {
        let mut rng = case.rng();
        let (m, n) = (case.rows, case.cols);
        let (a, b) = (general_of::<T>(&case, &mut rng), general_of::<T>(&case, &mut rng));
        most = most.max(holds("a sum", &case, check_singular_sum(&a, &b)));
        let k = rng.below(4);
        let root = T::narrow(C64::new(case.scale.factor::<T>().sqrt(), 0.0));
        let (x, y) = (moderate::<T>(&mut rng, m, k) * root, moderate::<T>(&mut rng, n, k) * root);
        most = most.max(holds("a low-rank update", &case, check_low_rank(&a, &x, &y)));
        let mut some = |len: usize| (0..len).rev().filter(|_| rng.below(3) > 0).collect::<Vec<usize>>();
        let (rows, cols) = (some(m), some(n));
        most = most.max(holds("a submatrix", &case, check_submatrix(&a, &rows, &cols)));
        let p = rng.below(12);
        let factor = moderate::<T>(&mut rng, n, p);
        most = most.max(holds("a product", &case, check_product(&a, &factor)));
        if case.scale.factor::<T>() == 1.0 {
            let second = narrow::<T>(&super::generate::adjoint(&b.mapv(|x| x.wide())));
            most = most.max(holds("a product of two deficient ones", &case, check_product(&a, &second)));
        }
        if m == n {
            most = most.max(holds("eigenvalues", &case, check_eigenvalues(&a)));
        }
    }
    assert!(most > 0.0 && most < SHARE, "{}: {most}", T::NAME);
}

/// Eigenvalues that no solver gets right: Jordan blocks, triangles far from normal, companions. Their products are right all the same.
fn ill_conditioned_eigenvalues<T: Scalar>() {
    let mut rng = Rng::new(31);
    for n in [2, 3, 8, 20, 40] {
        let jordan = Wide::from_shape_fn((n, n), |(i, j)| C64::new(f64::from(u8::from(j == i + 1)), 0.0));
        let nearly = &jordan + &(Wide::from_diag_elem(n, C64::new(0.5, 0.0)));
        let triangle =
            Wide::from_shape_fn((n, n), |(i, j)| if j >= i { rng.normal().into() } else { C64::new(0.0, 0.0) });
        let q = super::generate::unitary::<T>(&mut rng, n);
        for a in [jordan, nearly, triangle] {
            let turned = q.dot(&a).dot(&super::generate::adjoint(&q));
            for a in [a, turned] {
                let report = check_eigenvalues(&narrow::<T>(&a)).expect("a good matrix");
                assert!(report.holds(), "{n}\n{report}");
            }
        }
    }
}

/// Normal matrices with complex eigenvalues, near each other.
fn normal_matrices<T: Scalar>() {
    let mut rng = Rng::new(32);
    for n in [1, 2, 5, 12] {
        // Real: rotations by different angles; of an odd order one real eigenvalue.
        let angles: Vec<f64> = (0..n / 2).map(|_| rng.normal()).collect();
        let blocks = |turn: f64| {
            let mut blocks = Wide::from_diag_elem(n, C64::new(1.0, 0.0));
            for (k, angle) in angles.iter().enumerate() {
                let (sin, cos) = (angle + turn).sin_cos();
                for (i, j, x) in [(0, 0, cos), (0, 1, -sin), (1, 0, sin), (1, 1, cos)] {
                    blocks[(2 * k + i, 2 * k + j)] = x.into();
                }
            }
            blocks
        };
        let q = super::generate::unitary::<T>(&mut rng, n);
        let matrix = |turn: f64| narrow::<T>(&q.dot(&blocks(turn)).dot(&super::generate::adjoint(&q)));
        for turn in [0.0, 1e-3, 0.3, 2.0] {
            let (a, b) = (matrix(0.0), matrix(turn));
            let distance = (&a - &b).iter().map(|x| x.wide().norm_sqr()).sum::<f64>().sqrt();
            let wide = |a: &Array2<T>| -> Array1<C64> {
                let values = a.eig().expect("a good matrix").values;
                values
                    .iter()
                    .map(|x| {
                        C64::new(T::f64_of(ndarray_linalg::Scalar::re(x)), T::f64_of(ndarray_linalg::Scalar::im(x)))
                    })
                    .collect()
            };
            // In the type's own precision, which decides what is allowed.
            let (la, lb) = (wide(&a), wide(&b));
            let report = if T::EPS == f64::EPSILON {
                hoffman_wielandt(&la, &lb, distance)
            } else {
                let single = |x: &Array1<C64>| x.mapv(|x| c32::new(x.re as f32, x.im as f32));
                hoffman_wielandt(&single(&la), &single(&lb), distance as f32)
            };
            let report = report.expect("good values");
            assert!(report.holds(), "{n}, turned by {turn}\n{report}");
        }
    }
}

each_type! {
    hermitian_matrices,
    general_matrices,
    ill_conditioned_eigenvalues,
    normal_matrices,
}

#[test]
fn every_theorem_that_applies_is_in_the_report() {
    let s = array![[2.0, 1.0], [1.0, 3.0]];
    let names = |report: lapwing::Result<Report>| -> Vec<&str> {
        report.expect("good matrices").findings.iter().map(|finding| finding.theorem).collect()
    };
    let weyl = ["Weyl, from above", "Weyl, from below"];
    let update = ["update, from above", "update, from below"];
    let fan = ["Ky Fan", "trace"];
    let lidskii = ["Lidskii, from above", "Lidskii, from below"];
    let singular = [
        "σ of a sum, from above",
        "σ of a sum, first term",
        "σ of a sum, second term",
        "Ky Fan, singular values",
        "Mirsky",
    ];
    let hoffman = ["Hoffman–Wielandt"];
    assert_eq!(names(check_sum(&s, &s)), [&weyl[..], &update, &fan, &lidskii, &hoffman, &singular].concat());
    let one = [&update[..], &["sum of the shifts"], &weyl, &fan, &lidskii, &hoffman].concat();
    assert_eq!(names(check_rank_one(&s, &array![1.0, 0.0], 1.0)), one);
    let cut = ["Cauchy, from above", "Cauchy, from below", "submatrix, from above", "submatrix, from below"];
    assert_eq!(names(check_principal(&s, &[0])), cut);
    assert_eq!(names(check_submatrix(&s, &[0], &[1])), cut[2..]);
    let low = ["low rank, from above", "low rank, from below"];
    assert_eq!(names(check_low_rank(&s, &array![[1.0], [0.0]], &array![[1.0], [1.0]])), [&low[..], &singular].concat());
    assert_eq!(names(check_singular_sum(&s, &s)), singular);
    assert_eq!(names(check_product(&s, &s)), ["σ of a product", "Horn"]);
    assert_eq!(names(check_eigenvalues(&s)), ["Weyl's majorant", "determinant"]);
}

/// Statements and instances name the matrices that were handed in, and no other ones.
#[test]
fn reports_have_the_names_of_the_matrices() {
    let (s, t) = (array![[2.0, 1.0], [1.0, 3.0]], array![[1.0, 0.0], [0.0, -1.0]]);
    let words = |report: lapwing::Result<Report>| -> String {
        let of = |finding: Finding| {
            let instances = [finding.worst, finding.tightest].into_iter().flatten().map(|instance| instance.text);
            instances.chain([finding.statement, finding.theorem.to_string()]).collect::<Vec<String>>().join("; ")
        };
        report.expect("good matrices").findings.into_iter().map(of).collect::<Vec<String>>().join("\n")
    };
    let named = |text: &str, name: char| text.contains(&format!("({name})")) || text.contains(&format!("‖{name}‖"));
    let hermitian = words(check_sum(&s, &t));
    assert!(!hermitian.contains("A+B") && !named(&hermitian, 'A') && !named(&hermitian, 'B'), "{hermitian}");
    assert!(hermitian.contains("σ₁(S+T) ≤ σ₁(S) + σ₁(T)"), "{hermitian}");
    assert!(hermitian.contains("σ_{i+j−1}(T) ≤ σᵢ(S+T) + σⱼ(S) for i+j ≤ p+1"), "{hermitian}");
    assert!(hermitian.contains("Σ_{i≤k} σᵢ(S+T) ≤ Σ_{i≤k} (σᵢ(S) + σᵢ(T)) for k ≤ p"), "{hermitian}");
    assert!(hermitian.contains("‖σ(S+T) − σ(S)‖ ≤ ‖T‖ in every Ky Fan norm"), "{hermitian}");
    assert!(hermitian.contains("min √(Σ |λᵢ(S+T) − λ_π(i)(S)|²) ≤ ‖T‖_F"), "{hermitian}");
    let cut = words(check_principal(&s, &[1]));
    assert!(!named(&cut, 'A') && cut.contains("σ₁(B) ≤ σ₁(S)") && cut.contains("σᵢ(B) ≥ σ_{i+s}(S)"), "{cut}");
    let general = words(check_singular_sum(&s, &t));
    assert!(!named(&general, 'S') && general.contains("σ₁(A+B) ≤ σ₁(A) + σ₁(B)"), "{general}");
    assert!(words(check_submatrix(&s, &[1], &[1])).contains("σ₁(B) ≤ σ₁(A)"));
}

/// Of a rank-one T only one place is left between the values before and after.
#[test]
fn the_inertia_of_a_sum_is_seen_through_rounding() {
    let mut rng = Rng::new(33);
    let values = [3.0, 0.0, 0.0, 0.0, 0.0, -2.0];
    let t = narrow::<f64>(&hermitian::<f64>(&mut rng, &values).a);
    let s = narrow::<f64>(&hermitian::<f64>(&mut rng, &[5.0, 4.0, 3.0, 2.0, 1.0, 0.5]).a);
    let report = check_sum(&s, &t).expect("good matrices");
    let counts =
        ["update, from above", "update, from below"].map(|name| report.finding(name).map(|found| found.checked));
    assert_eq!((counts, report.holds()), ([Some(5), Some(5)], true));
}

#[test]
fn matrices_that_are_not_hermitian_are_refused_with_the_entry() {
    let good = array![[1.0, 2.0, 3.0], [2.0, 5.0, 6.0], [3.0, 6.0, 9.0]];
    let mut bad = good.clone();
    bad[(0, 1)] += 1e-9;
    bad[(1, 2)] -= 1e-6;
    let expected = |what, result: lapwing::Result<Report>| match result {
        Err(Error::NotHermitian { what: found, row: 2, col: 1, difference, allowed }) => {
            assert_eq!(found, what);
            assert!((difference - 1e-6).abs() < 1e-12 && allowed < 1e-12, "{difference:e} {allowed:e}");
        }
        other => panic!("{other:?}"),
    };
    expected("S", check_sum(&bad, &good));
    expected("T", check_sum(&good, &bad));
    expected("S", check_rank_one(&bad, &array![1.0, 0.0, 0.0], 1.0));
    expected("S", check_principal(&bad, &[0]));
    let text = check_sum(&bad, &good).expect_err("it is not symmetric").to_string();
    assert!(
        text.starts_with("S is not Hermitian: the entry at row 2, column 1 (counted from 0) differs from"),
        "{text}"
    );
    // Rounding is no reason to refuse.
    let mut rounded = good.clone();
    rounded[(0, 2)] *= 1.0 + 2.0 * f64::EPSILON;
    assert!(check_sum(&rounded, &good).expect("but for rounding it is symmetric").holds());
    // An imaginary diagonal, and a symmetric complex matrix.
    let i = C64::new(0.0, 1.0);
    assert!(matches!(check_principal(&array![[i]], &[0]), Err(Error::NotHermitian { row: 0, col: 0, .. })));
    let symmetric = array![[C64::new(1.0, 0.0), i], [i, C64::new(1.0, 0.0)]];
    assert!(matches!(check_principal(&symmetric, &[0]), Err(Error::NotHermitian { row: 1, col: 0, .. })));
    // At the end of the range, where the difference overflows.
    let huge = array![[0.0, 1e308], [-1e308, 0.0]];
    assert!(matches!(check_principal(&huge, &[0]), Err(Error::NotHermitian { row: 1, col: 0, .. })));
}

#[test]
fn bad_operands_are_refused() {
    let (s, wide, nan) =
        (array![[1.0, 0.0], [0.0, 2.0]], array![[1.0, 0.0, 3.0], [0.0, 2.0, 1.0]], array![[f64::NAN, 0.0], [0.0, 1.0]]);
    let (z, large) = (array![1.0, 1.0], array![[1e308, 0.0], [0.0, 1e308]]);
    for report in
        [check_sum(&wide, &s), check_rank_one(&wide, &z, 1.0), check_principal(&wide, &[0]), check_eigenvalues(&wide)]
    {
        assert_eq!(report, Err(Error::NotSquare { rows: 2, cols: 3 }));
    }
    for report in [
        check_sum(&s, &array![[1.0]]),
        check_rank_one(&s, &array![1.0], 1.0),
        check_low_rank(&wide, &array![[1.0], [1.0]], &array![[1.0], [1.0]]),
        check_low_rank(&s, &array![[1.0]], &array![[1.0], [1.0]]),
        check_product(&wide, &wide),
        check_singular_sum(&s, &wide),
    ] {
        assert!(matches!(report, Err(Error::Shape { .. })), "{report:?}");
    }
    for report in [
        check_sum(&nan, &s),
        check_sum(&s, &nan),
        check_rank_one(&nan, &z, 1.0),
        check_principal(&nan, &[]),
        check_submatrix(&nan, &[1], &[1]),
        check_product(&s, &nan),
        check_singular_sum(&nan, &s),
        check_low_rank(&nan, &s, &s),
        check_eigenvalues(&nan),
    ] {
        assert_eq!(report, Err(Error::NonFinite { row: 0, col: 0 }));
    }
    assert_eq!(check_rank_one(&s, &array![1.0, f64::NAN], 1.0), Err(Error::NonFiniteValue { what: "z", index: 1 }));
    assert!(matches!(check_rank_one(&s, &z, f64::NAN), Err(Error::Parameter { what: "ρ", .. })));
    // Entries of 1e308, and a trace of 4e308.
    let beyond = check_rank_one(&Array2::zeros((4, 4)), &Array1::from_elem(4, 1e154), 1.0);
    assert_eq!(beyond, Err(Error::Overflow { what: "ρ‖z‖²" }));
    assert!(matches!(check_principal(&s, &[0, 2]), Err(Error::Parameter { found, .. }) if found == "2 of 2"));
    assert!(matches!(check_submatrix(&s, &[1, 1], &[0]), Err(Error::Parameter { found, .. }) if found == "1 twice"));
    // Each index by its own side.
    for (rows, cols) in [([2], [0]), ([0], [3])] {
        let report = check_submatrix(&wide, &rows, &cols);
        assert!(matches!(report, Err(Error::Parameter { .. })), "{rows:?} {cols:?} {report:?}");
    }
    assert!(check_submatrix(&wide, &[1], &[2]).is_ok());
    for report in [check_sum(&large, &large), check_singular_sum(&large, &large), check_product(&large, &large)] {
        assert!(matches!(report, Err(Error::Overflow { .. })), "{report:?}");
    }
    assert!(matches!(check_rank_one(&s, &array![1e200, 0.0], 1.0), Err(Error::Overflow { .. })));
    // ρ‖z‖² is in range where ‖z‖² is not.
    assert!(check_rank_one(&s, &array![1e200, 1e200], 1e-400_f64.max(1e-300)).expect("it is in range").holds());
}

/// XYᴴ whose terms cancel: what rounding leaves of it has full rank, and is small beside X and Y alone.
#[test]
fn the_rank_of_a_product_is_known_to_its_rounding() {
    let mut rng = Rng::new(5);
    let [x, d, y, u, v]: [Array2<f64>; 5] = [(); 5].map(|()| narrow(&normal::<f64>(&mut rng, 6, 1)));
    let a = u.dot(&v.t());
    let large = &x * 1e8;
    let beside = |x: &Array2<f64>, y: &Array2<f64>| concatenate![Axis(1), *x, *y];
    let report = check_low_rank(&a, &beside(&large, &(&large + &d)), &beside(&y, &-&y)).expect("it is finite");
    assert!(report.holds(), "{report}");
    // And not by more: the same values, as those of a sum of which only the rank is known.
    let sum = &a - &d.dot(&y.t()) * 2.0;
    let mut values = sum.singular_values().expect("a good matrix");
    values[2] += 1e-6;
    let refused = low_rank(&a.singular_values().expect("a good matrix"), &values, 1).expect("they fit");
    assert!(!refused.holds(), "{refused}");
}
