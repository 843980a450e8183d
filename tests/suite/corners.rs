//! Published least-squares problems and small matrices whose answers stand in textbooks and lectures.
//! Second floor of the tests.
//! Must not take an expected value from the crate under test.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, array};

/// exp(sin 4t) at 100 points of [0, 1] and the powers of t up to `degree`.
fn exponential_of_sine(degree: usize) -> (Array2<f64>, Array1<f64>) {
    let t = Array1::linspace(0.0, 1.0, 100);
    let a = Array2::from_shape_fn((t.len(), degree + 1), |(i, j)| f64::powi(t[i], j as i32));
    (a, t.mapv(|t| (4.0 * t).sin().exp()))
}

/// Degree 16: κ₂ = 7.558e11 and the residual norm 7.360e-6 are published; the normal equations get 1.744e-3 or break down.
#[test]
fn degree_sixteen() {
    let (a, b) = exponential_of_sine(16);
    assert_relative_eq!(a.cond().unwrap(), 7.558e11, max_relative = 1e-3);
    let by = |method| a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() });
    for method in [Method::Qr, Method::PivotedQr, Method::Svd] {
        assert_relative_eq!(by(method).unwrap().residual_norm, 7.360e-6, max_relative = 1e-3);
    }
    match by(Method::NormalEquations) {
        Ok(solution) => assert!(solution.residual_norm > 10.0 * 7.360e-6, "{}", solution.residual_norm),
        Err(error) => assert!(matches!(error, lapwing::Error::RankDeficient { .. }), "{error}"),
    }
}

#[test]
fn pseudoinverse_of_three_by_two() {
    let pinv = array![[1.5, 1.3], [1.2, 1.9], [2.1, 0.8]].pinv(None).unwrap();
    let published = array![[0.0930539, -0.311014, 0.587446], [0.126271, 0.629309, -0.449799]];
    assert_abs_diff_eq!(pinv.matrix, published, epsilon = 5e-7);
}

/// Two nearly parallel columns: a change of the right-hand side along the second left singular vector, for a solution
/// along the first right one, is amplified by κ₂ itself.
#[test]
fn nearly_parallel_columns_attain_the_condition_number() {
    let h = 0.5_f64.sqrt();
    let a = array![[h, h], [h, h + 1e-6]];
    let kappa = a.cond().unwrap();
    // σ₁ ≈ √2·h·√2 and σ₁σ₂ = |det| = h·1e-6.
    assert_relative_eq!(kappa, 2.0 / (h * 1e-6), max_relative = 1e-5);
    let svd = a.svd().unwrap();
    let b = svd.u.column(0).to_owned();
    let change = &svd.u.column(1) * 1e-9;
    let norm = |x: &Array1<f64>| x.dot(x).sqrt();
    let x = a.lu().unwrap().solve(&b).unwrap();
    let moved = a.lu().unwrap().solve(&(&b + &change)).unwrap() - &x;
    let amplification = (norm(&moved) / norm(&x)) / (norm(&change) / norm(&b));
    // b + change is rounded in the sixteenth digit, the change is 1e-9 of it.
    assert_relative_eq!(amplification, kappa, max_relative = 1e-6);
}

/// A line through years: κ₂(AᵀA) = κ₂(A)², as far as ε·κ₂(AᵀA) lets the Gram matrix show it.
#[test]
fn the_gram_matrix_squares_the_condition() {
    let a = Array2::from_shape_fn((5, 2), |(i, j)| if j == 0 { 1.0 } else { 101.0 + i as f64 });
    let (kappa, gram) = (a.cond().unwrap(), a.t().dot(&a).cond().unwrap());
    assert_relative_eq!(gram, kappa * kappa, max_relative = 10.0 * f64::EPSILON * kappa * kappa);
    // The Gram matrix is [5 515; 515 53055]: trace 53060, determinant 50.
    let (trace, determinant) = (53_060.0_f64, 50.0);
    let largest = (trace + (trace * trace - 4.0 * determinant).sqrt()) / 2.0;
    assert_relative_eq!(kappa * kappa, largest * largest / determinant, max_relative = 1e-10);
}

/// Trefethen & Bau, Numerical Linear Algebra, Lecture 19: degree 14, with b divided by what makes the last coefficient 1.
/// Rounding A and b moves that coefficient already, so that answers are held against the exact one of the stored numbers.
#[cfg(feature = "exact")]
#[test]
fn lecture_nineteen() {
    use lapwing::lstsq::exact;

    let (a, b) = exponential_of_sine(14);
    let b = b / 2_006.787_453_104_852;
    let exact = exact::lstsq(&a, &b, exact::Options::default()).unwrap().x;
    assert_relative_eq!(exact[14].to_f64(), 1.0, max_relative = 1e-5);
    let error = |x: f64| exact[14].relative_error_of(x);
    let by = |method| a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() });
    // The book's QR errs by 3e-7, its SVD by 2e-7; κ₂ = 2e10 and a residual of 4e-6 allow 1e-6 each.
    for method in [Method::Qr, Method::PivotedQr, Method::Svd] {
        let found = error(by(method).unwrap().x[14]);
        assert!(found < 1e-6, "{method:?} errs by {found:e}");
    }
    // The book's normal equations get 0.39.
    if let Ok(solution) = by(Method::NormalEquations) {
        assert!(error(solution.x[14]) > 1e-3, "{}", solution.x[14]);
    }
}
