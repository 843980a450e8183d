//! Matrices at the ends of the range, graded matrices, and units of measurement: answers known in closed form.
//! Second floor of the tests, beside the files of the factorizations, whose grids stay inside the range.
//! Must not derive an expected value from the crate under test.

use approx::assert_relative_eq;
use lapwing::Error;
use lapwing::lstsq::worst_case;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, array};

const METHODS: [Method; 6] =
    [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto, Method::Refined];

/// 2ᵉ, also where it is subnormal.
fn power(e: i32) -> f64 {
    f64::from(e).exp2()
}

fn by(method: Method) -> LstsqOptions<f64> {
    LstsqOptions { method, ..Default::default() }
}

/// A random symmetric matrix of small integers, and its inertia from the same matrix in the middle of the range.
#[test]
fn inertia_does_not_depend_on_the_scale() {
    let definite = array![[1.0, 1.0], [1.0, 3.0]];
    let h = array![[1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0]];
    for scale in [5e-324 * 1e10, 1e-309, 1e-200, 1.0, 1e200, 1e307] {
        let found = (&definite * scale).ldlt().unwrap().inertia();
        assert_eq!(found, Inertia { positive: 2, negative: 0, zero: 0 }, "{scale}");
        // The determinant is 4 and the trace −1.
        let found = (&h * scale).ldlt().unwrap().inertia();
        assert_eq!(found, Inertia { positive: 1, negative: 2, zero: 0 }, "{scale}");
    }
    let single = array![[0.1_f32, 1.0, 1.0], [1.0, 0.1, -1.0], [1.0, -1.0, 1.0]] * 3.3e38_f32;
    assert_eq!(single.ldlt().unwrap().inertia(), Inertia { positive: 2, negative: 1, zero: 0 });
    assert_eq!((&h * 1.7e308).ldlt().unwrap().inertia(), Inertia { positive: 1, negative: 2, zero: 0 });
    let counted = (&h * 1e-309).ldlt().unwrap().inertia_within(1e-300);
    assert_eq!(counted, Inertia { positive: 0, negative: 0, zero: 3 });
}

#[test]
fn systems_at_the_ends_of_the_range_are_solved() {
    let a = array![[1.0, 1.0], [1.0, 2.0]];
    let x = array![1.0, -3.0];
    for scale in [power(-1040), power(-1000), 1.0, power(1020)] {
        for matrix in [&a * scale, (&a * scale).reversed_axes()] {
            let b = a.dot(&x) * scale;
            assert_eq!(matrix.lu().unwrap().solve(&b).unwrap(), x, "LU, {scale}");
            assert_eq!(matrix.ldlt().unwrap().solve(&b).unwrap(), x, "LDLᴴ, {scale}");
            let inverse = matrix.lu().unwrap().inverse();
            match scale < power(-1030) {
                true => assert!(matches!(inverse, Err(Error::Overflow { .. }))),
                false => assert_eq!(inverse.unwrap() * scale, array![[2.0, -1.0], [-1.0, 1.0]]),
            }
        }
    }
}

#[test]
fn condition_numbers_do_not_depend_on_the_scale() {
    for scale in [1e-309, 1e-290, 1.0, 1e290] {
        let unit: Array2<f64> = Array2::eye(2) * scale;
        for rcond in [
            unit.lu().unwrap().rcond().unwrap(),
            unit.qr().unwrap().rcond().unwrap(),
            unit.qr_pivoted().unwrap().rcond().unwrap(),
            unit.cholesky().unwrap().rcond().unwrap(),
        ] {
            assert_relative_eq!(rcond, 1.0, max_relative = 1e-12);
        }
    }
    // κ₁ = 2·2, and an estimate of it is at most that.
    let large = array![[1e308, 1e308], [0.0, 1e308]];
    for rcond in [large.lu().unwrap().rcond().unwrap(), large.qr().unwrap().rcond().unwrap()] {
        assert!((0.25..=0.5).contains(&rcond), "{rcond}");
    }
}

/// Orthogonal columns of lengths √3 and 3√2·2⁻⁴⁰, whose entries are exact down to the smallest number: what 3√2 is rounded to
/// there, 4, must not show.
#[test]
fn ratios_of_singular_values_do_not_depend_on_the_scale() {
    let a = array![[1.0, 1.0], [1.0, -1.0], [1.0, 0.0]] * array![[1.0, 3.0 * power(-40)]];
    let lengths = [3.0_f64.sqrt(), 3.0 * 2.0_f64.sqrt() * power(-40)];
    let kappa = lengths[0] / lengths[1];
    for scale in [-1034, -1020, -600, 0, 600, 1020] {
        let a = &a * power(scale);
        assert_relative_eq!(a.cond().unwrap(), kappa, max_relative = 1e-12);
        assert_relative_eq!(worst_case(&a).unwrap().amplification, kappa, max_relative = 1e-12);
        for (rcond, rank) in [((1.0 - 1e-3) / kappa, 2), ((1.0 + 1e-3) / kappa, 1)] {
            let found = a.rank(Some(rcond)).unwrap();
            assert_eq!(found.rank, rank, "{scale}");
            let right = |(&value, length): (&f64, f64)| {
                let expected = length * power(scale);
                (value - expected).abs() <= (1e-12 * expected).max(5e-324)
            };
            assert!(found.values.iter().zip(lengths).all(right), "{scale}: {}", found.values);
        }
    }
}

/// Orthogonal columns whose lengths differ by more than the precision, or rows of a wide matrix.
#[test]
fn the_condition_of_mixed_units_is_right() {
    let a = array![[1.0, 1.0], [1.0, -1.0], [1.0, 0.0]] * array![[1.0, power(-100)]];
    let kappa = (3.0_f64 / 2.0).sqrt() * power(100);
    for method in METHODS {
        let tall = a.lstsq_with(&array![1.0, 2.0, 3.0], &by(method)).unwrap();
        let wide = a.t().lstsq_with(&array![1.0, power(-100)], &by(method)).unwrap();
        for found in [tall.condition, wide.condition] {
            // Estimates of κ₁, which is within a factor 2 of κ₂; the SVD's is κ₂ itself.
            let most = if method == Method::Svd { 1.0 + 1e-12 } else { 2.0 + 1e-12 };
            let ratio = found.unwrap() / kappa;
            assert!((1.0 / most..=most).contains(&ratio), "{method:?}: {ratio}");
        }
    }
}

/// Of the diagonal of a Hermitian matrix the real part is read.
#[test]
fn imaginary_parts_of_the_diagonal_do_not_count() {
    let a = array![[c64::new(4.0, 1e10), c64::new(0.0, 0.0)], [c64::new(0.0, 0.0), c64::new(4.0, 0.0)]];
    assert_relative_eq!(a.cholesky().unwrap().rcond().unwrap(), 1.0, max_relative = 1e-15);
}

#[test]
fn determinants_overflow_only_if_they_must() {
    let det = |diagonal: &[f64]| Array2::from_diag(&Array1::from(diagonal.to_vec())).lu().unwrap().det().unwrap();
    assert_eq!(det(&[1e200, 1e200, 0.0]), 0.0);
    assert_relative_eq!(det(&[1e200, 1e200, 1e-200, -1e-200]), -1.0, max_relative = 1e-15);
    assert_relative_eq!(det(&[1e-200, 1e-200, 1e200, 1e300]), 1e100, max_relative = 1e-15);
    assert_eq!(det(&[1e200, 1e200]), f64::INFINITY);
    assert_eq!(det(&[1e-200, -1e-200]), 0.0);
    assert_eq!(det(&[2.0, 3.0, -5.0]), -30.0);
    let single = Array2::from_diag(&array![1e30_f32, 1e30, 1e-30, 1e-30]).lu().unwrap().det().unwrap();
    assert_relative_eq!(single, 1.0, max_relative = 1e-6);
    let (phase, ln) = array![[c64::new(1.5e308, 1.5e308)]].lu().unwrap().ln_det().unwrap();
    assert_relative_eq!(phase.re, 0.5_f64.sqrt(), max_relative = 1e-15);
    assert_relative_eq!(ln, 1.5e308_f64.ln() + 0.5 * 2.0_f64.ln(), max_relative = 1e-15);
}

#[test]
fn a_pseudoinverse_out_of_range_is_an_error() {
    for a in [array![[1e-310]], array![[1e-310, 1e-311], [-1e-311, 1e-310]]] {
        assert!(matches!(a.pinv(None), Err(Error::Overflow { .. })), "{a}");
    }
}

/// The fit of a line by every method, with A and b each anywhere in the range.
#[test]
fn least_squares_at_the_ends_of_the_range() {
    let a = array![[1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [1.0, -1.0]];
    let b = array![3.0, 1.0, 5.0, -1.0];
    // Orthogonal columns: x = (2, 2), and what is left of b is (−1, 1, 1, −1).
    let powers = [-1040, -600, 0, 600, 1000];
    for method in METHODS {
        for (i, j) in powers.iter().flat_map(|&i| powers.map(|j| (i, j))) {
            let (of_a, of_b) = (power(i), power(j));
            let found = (&a * of_a).lstsq_with(&(&b * of_b), &by(method));
            let expected = 2.0 * power((j - i).clamp(-2000, 1023));
            if j - i >= 1023 {
                assert!(matches!(found, Err(Error::Overflow { .. })), "{method:?} {i} {j}: {found:?}");
                continue;
            }
            let solution = found.unwrap_or_else(|error| panic!("{method:?} {i} {j}: {error}"));
            // Within rounding, or to the last place of a subnormal number.
            let tolerance = (1e-14 * expected).max(5e-324);
            assert!(solution.x.iter().all(|x| (x - expected).abs() <= tolerance), "{method:?} {i} {j}: {solution:?}");
            let residual = 2.0 * of_b;
            assert!(
                (solution.residual_norm - residual).abs() <= (1e-13 * residual).max(5e-324),
                "{method:?} {i} {j}: {solution:?}"
            );
            assert!(solution.condition.is_some_and(|kappa| (0.9..2.1).contains(&kappa)), "{method:?} {i} {j}");
        }
    }
}

/// A residual that cannot be told is never called zero.
#[test]
fn a_residual_out_of_range_is_infinite() {
    let a = Array2::from_shape_fn((16, 8), |(i, j)| if i == j { 1e200 * (1.0 + 1e-9) } else { 1e200 });
    let b = Array1::from_shape_fn(16, |i| if i % 2 == 0 { 1e307 } else { -1e307 });
    for method in METHODS {
        match a.lstsq_with(&b, &by(method)) {
            Ok(solution) => assert!(solution.residual_norm > 2.8e307, "{method:?}: {solution:?}"),
            Err(Error::RankDeficient { .. }) => assert_eq!(method, Method::NormalEquations),
            Err(error) => panic!("{method:?}: {error}"),
        }
    }
    let beyond = array![[1.0], [1.0]].lstsq(&array![1.7e308, -1.7e308]).unwrap();
    assert_eq!(beyond.residual_norm, f64::INFINITY);
}

/// Two equal columns beside one of another unit: units do not hide the second direction, and of all solutions the shortest is
/// returned, with half of the coefficient for each of the two.
#[test]
fn deficient_matrices_in_mixed_units_get_a_solution_that_solves() {
    let (of_equal, of_other) = best_of_two().1;
    for unit in [1e200, 1e20, 1e12, 1.0, 1e-12, 1e-14, 1e-16, 1e-20, 1e-30, 1e-200] {
        let a = array![[1.0, 1.0, unit], [2.0, 2.0, -3.0 * unit], [3.0, 3.0, 5.0 * unit], [4.0, 4.0, unit]];
        let b = array![1.0, 2.0, -1.0, 1.0];
        for method in [Method::PivotedQr, Method::Svd, Method::Auto] {
            let solution = a.lstsq_with(&b, &by(method)).unwrap();
            assert_eq!((solution.rank, solution.error_bound), (2, None), "{method:?} {unit}");
            assert_relative_eq!(solution.residual_norm, best_of_two().0, max_relative = 1e-14);
            let expected = array![of_equal / 2.0, of_equal / 2.0, of_other / unit];
            assert_relative_eq!(solution.x, expected, max_relative = 1e-13);
        }
        if unit > 1.0 {
            // Rows at equal length would be nearly parallel, as for a tiny unit the third column is nearly 0.
            continue;
        }
        let wide = array![[1.0, 1.0, 2.0 * unit], [1.0, 1.0, -unit]];
        for method in [Method::PivotedQr, Method::Svd, Method::Auto] {
            let solution: Solution<f64, ndarray::Ix1> = wide.lstsq_with(&array![3.0, 1.0], &by(method)).unwrap();
            let optimum: f64 = if solution.rank == 1 { 2.0_f64.sqrt() } else { 0.0 };
            assert!((solution.residual_norm - optimum).abs() < 1e-3, "{method:?} {unit}: {solution:?}");
        }
    }
}

/// Parallel columns: x = aᵢ·mean(b)/(a₁² + a₂²), however different their lengths are, up to where units of equal length take over.
#[test]
fn the_shortest_solution_is_right_in_every_coefficient() {
    for e in [0, 5, 13, 20, 23, 25] {
        let (c, mean) = (power(e), 1.9 / 3.0);
        let a = array![[1.0, c], [1.0, c], [1.0, c]];
        for method in [Method::PivotedQr, Method::Svd, Method::Auto] {
            let found = a.lstsq_with(&array![0.3, 0.7, 0.9], &by(method)).unwrap();
            assert_relative_eq!(found.x, array![1.0, c] * (mean / (1.0 + c * c)), max_relative = 1e-14);
        }
    }
}

/// (‖b‖² − bᵀA(AᵀA)⁻¹Aᵀb)^½ for the columns (1, 2, 3, 4) and (1, −3, 5, 1), and their coefficients, by Cramer's rule in integers.
fn best_of_two() -> (f64, (f64, f64)) {
    let (aa, ac, cc, ab, cb, bb) = (30.0, 14.0, 36.0, 6.0, -9.0, 7.0);
    let determinant = aa * cc - ac * ac;
    let explained: f64 = (cc * ab * ab - 2.0 * ac * ab * cb + aa * cb * cb) / determinant;
    ((bb - explained).sqrt(), ((cc * ab - ac * cb) / determinant, (aa * cb - ac * ab) / determinant))
}

/// Rows of a wide matrix in different units: of full rank by every method.
#[test]
fn units_of_rows_do_not_make_a_wide_matrix_deficient() {
    let a = array![[1.0, 1.0, 2.0], [1e-20, 2e-20, -1e-20]];
    // x = Aᵀ(AAᵀ)⁻¹b of the matrix with rows (1, 1, 2) and (1, 2, −1), whose Gram matrix is [6 1; 1 6].
    let y = [(6.0 - 1.0) / 35.0, (6.0 - 1.0) / 35.0];
    let expected = array![y[0] + y[1], y[0] + 2.0 * y[1], 2.0 * y[0] - y[1]];
    for method in METHODS {
        let solution = a.lstsq_with(&array![1.0, 1e-20], &by(method)).unwrap();
        assert_eq!(solution.rank, 2, "{method:?}");
        assert_relative_eq!(solution.x, expected, max_relative = 1e-13);
    }
}

#[test]
fn the_default_method_heeds_a_tolerance() {
    let (a, b) = (array![[1.0, 0.0], [0.0, 1e-6], [0.0, 0.0]], array![1.0, 1.0, 0.0]);
    for method in [Method::Auto, Method::PivotedQr, Method::Svd] {
        let solution = a.lstsq_with(&b, &LstsqOptions { method, rcond: Some(1e-3) }).unwrap();
        assert_eq!((solution.rank, solution.rcond), (1, 1e-3), "{method:?}");
        assert_relative_eq!(solution.x, array![1.0, 0.0]);
    }
}

/// Tiny problems, on which the constant of a bound counts: never does the error exceed it.
#[test]
fn bounds_hold_for_the_smallest_problems() {
    let mut state = 1_u64;
    let mut entry = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    let mut violations = 0;
    for _ in 0..3000 {
        for m in 1..=3 {
            let a = Array2::from_shape_simple_fn((m, 1), &mut entry);
            let b = Array1::from_shape_simple_fn(m, &mut entry);
            let (wide_a, wide_b) = (a.column(0).mapv(f64::from), b.mapv(f64::from));
            let x = wide_a.dot(&wide_b) / wide_a.dot(&wide_a);
            for method in METHODS {
                let Ok(found) = a.lstsq_with(&b, &LstsqOptions { method, rcond: None }) else { continue };
                let error = (f64::from(found.x[0]) - x).abs() / x.abs();
                violations += usize::from(found.error_bound.is_some_and(|bound| error > f64::from(bound)));
            }
        }
    }
    assert_eq!(violations, 0);
}
