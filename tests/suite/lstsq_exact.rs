//! Least squares against exactly known answers: polynomial problems whose solution and residual are integers.
//! Second floor of the tests: integers and rational arithmetic only; nothing here is a computed reference.
//! Must not compare with another floating-point method: that is the business of `differential.rs`.

use super::generate::*;
use super::residual::{self, *};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

const DIRECT: [Method; 6] =
    [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto, Method::Refined];

fn options<R: Default>(method: Method) -> LstsqOptions<R> {
    LstsqOptions { method, ..Default::default() }
}

/// A least-squares problem in integers, all of them exact in the element type.
pub(super) struct Exact {
    a: Array2<i64>,
    pub(super) x: Vec<i64>,
    b: Vec<i64>,
    /// ‖b − Ax‖².
    residual_squared: i64,
}

/// Powers 0..degree of the points, x with integer coefficients, and a residual `weight`·Δ: the alternating binomial
/// coefficients of order degree + 1 annihilate every polynomial of that degree at equally spaced points.
pub(super) fn polynomial(points: &[i64], degree: u32, coefficients: &[i64], weight: i64) -> Exact {
    let a = Array2::from_shape_fn((points.len(), degree as usize + 1), |(i, j)| points[i].pow(j as u32));
    let order = degree as usize + 1;
    let mut delta = vec![0; points.len()];
    let mut binomial = 1;
    for (k, entry) in delta.iter_mut().take(order + 1).enumerate() {
        *entry = weight * binomial * if k % 2 == 0 { 1 } else { -1 };
        binomial = binomial * (order - k) as i64 / (k as i64 + 1);
    }
    assert!(a.t().dot(&Array1::from(delta.clone())).iter().all(|&x| x == 0), "Aᵀr = 0 in integers");
    let fit = a.dot(&Array1::from(coefficients.to_vec()));
    let b = fit.iter().zip(&delta).map(|(f, d)| f + d).collect();
    Exact { a, x: coefficients.to_vec(), b, residual_squared: delta.iter().map(|d| d * d).sum() }
}

impl Exact {
    pub(super) fn matrix(&self) -> Wide {
        self.a.mapv(|x| C64::new(x as f64, 0.0))
    }

    pub(super) fn rhs<T: Scalar>(&self) -> Array1<T> {
        self.b.iter().map(|&x| T::narrow(C64::new(x as f64, 0.0))).collect()
    }

    pub(super) fn fits<T: Scalar>(&self) -> bool {
        let limit = (2.0 / T::EPS) as i64;
        self.a.iter().chain(&self.b).all(|x| x.abs() <= limit)
    }

    fn error(&self, found: &[f64]) -> f64 {
        let squares = found.iter().zip(&self.x).map(|(f, &x)| (f - x as f64).powi(2));
        squares.sum::<f64>().sqrt()
    }

    fn norm(&self) -> f64 {
        self.x.iter().map(|&x| (x * x) as f64).sum::<f64>().sqrt()
    }
}

pub(super) fn problems<T: Scalar>() -> Vec<Exact> {
    let points = |from: i64, to: i64| (from..=to).collect::<Vec<i64>>();
    let all = vec![
        polynomial(&points(0, 5), 1, &[1, 2], 0),
        polynomial(&points(0, 5), 1, &[1, 2], 3),
        polynomial(&points(-4, 4), 2, &[7, -1, 3], 5),
        polynomial(&points(0, 12), 3, &[1, 1, 1, 1], 0),
        polynomial(&points(0, 12), 3, &[1, 1, 1, 1], 10),
        polynomial(&points(0, 20), 5, &[1, 1, 1, 1, 1, 1], 0),
        polynomial(&points(0, 20), 5, &[1, 1, 1, 1, 1, 1], 100),
        polynomial(&points(-30, 30), 6, &[5, 4, 3, 2, 1, 0, -1], 1000),
    ];
    all.into_iter().filter(Exact::fits::<T>).collect()
}

/// κ₂ by the singular values of the integer matrix, from AᵀA in plain loops: Gauss–Jordan gives ‖A⁺‖_F and so κ within
/// the factor √n of ‖A‖_F‖A⁺‖_F >= κ₂.
pub(super) fn kappa_above(a: &Wide) -> f64 {
    let gram = adjoint(a).dot(a);
    let trace = |m: &Wide| m.diag().iter().map(|z| z.re).sum::<f64>();
    (trace(&gram) * trace(&inverted(&gram))).sqrt()
}

fn coefficients<T: Scalar>(solution: &Solution<T, ndarray::Ix1>) -> Vec<f64> {
    solution.x.iter().map(|x| x.wide().re).collect()
}

/// Forward errors against the exact solution: at most γκ²·eps for the normal equations, 2γκ·eps + γκ²·eps·‖r‖/(‖A‖‖x‖)
/// for the others (the shape of Wedin's bound; Higham 2002, Theorem 20.1 and §20.4), with γ = c·√m.
fn forward_error<T: Scalar>() {
    let mut digits_lost = 0;
    for problem in problems::<T>() {
        let wide_a = problem.matrix();
        let kappa = kappa_above(&wide_a);
        let frobenius = wide_a.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
        let tail = (problem.residual_squared as f64).sqrt() / (frobenius * problem.norm());
        let gamma = THRESHOLD * (problem.b.len() as f64).sqrt() * T::EPS;
        for layout in [Layout::ColumnMajor, Layout::RowMajor, Layout::Sliced] {
            let a = Placed::<T>::new(&wide_a, layout);
            for method in DIRECT {
                let (bound, reach) = match method {
                    Method::NormalEquations => (gamma * kappa * kappa * (1.0 + tail), kappa * kappa),
                    _ => (gamma * kappa * (2.0 + kappa * tail), kappa),
                };
                match a.view().lstsq_with(&problem.rhs::<T>(), &options(method)) {
                    Ok(found) => {
                        let error = problem.error(&coefficients(&found)) / problem.norm();
                        hold(&(method, kappa), residual::within("forward error", error, bound));
                        digits_lost += usize::from(error > 100.0 * T::EPS);
                    }
                    Err(refused) => assert!(reach * T::EPS * 1e3 > 1.0, "{method:?}: {refused} at κ = {kappa:e}"),
                }
            }
        }
    }
    assert!(digits_lost > 0, "at least one of these problems is ill-conditioned enough to show");
}

/// The residual norm is the square root of an integer.
fn residual_norm<T: Scalar>() {
    for problem in problems::<T>() {
        let exact = (problem.residual_squared as f64).sqrt();
        let size: f64 = problem.b.iter().map(|&b| (b * b) as f64).sum::<f64>().sqrt();
        let found = narrow::<T>(&problem.matrix()).lstsq_with(&problem.rhs::<T>(), &options(Method::Qr)).unwrap();
        // ‖b − Ax‖ of a backward stable x: the perturbation adds c·eps·(‖A‖‖x‖ + ‖b‖) at most; both are below ‖b‖·√m·n.
        let tol = THRESHOLD * problem.b.len() as f64 * T::EPS * size * problem.x.len() as f64;
        hold(&exact, residual::within("residual norm", (T::f64_of(found.residual_norm) - exact).abs(), tol));
    }
}

/// A bound is a bound: never below the true error. Every method offers one for some of these problems.
fn error_bound<T: Scalar>() {
    for method in DIRECT {
        let mut bounds = 0;
        for problem in problems::<T>() {
            let a = narrow::<T>(&problem.matrix());
            let Ok(found) = a.lstsq_with(&problem.rhs::<T>(), &options(method)) else {
                continue;
            };
            let error = problem.error(&coefficients(&found)) / problem.norm();
            if let Some(bound) = found.error_bound {
                assert!(T::f64_of(bound) >= error, "{method:?}: {bound:e} below the true {error:e}");
                bounds += 1;
            }
        }
        assert!(bounds > 0, "{method:?} offers a bound for well-conditioned problems");
    }
}

/// [[1, 0], [1, 1], [1, 3]] x ≈ [1, 2, 5]: by Cramer's rule on AᵀA = [[3, 4], [4, 10]], Aᵀb = [8, 17], x = (12, 19)/14.
fn cramer<T: Scalar>() {
    let a = integers(&[&[1, 0], &[1, 1], &[1, 3]]);
    let b = narrow::<T>(&integers(&[&[1, 2], &[2, 4], &[5, 10]]));
    let want = Wide::from_shape_fn((2, 2), |(i, j)| C64::new([12.0, 19.0][i] / 14.0 * (j + 1) as f64, 0.0));
    for layout in Layout::ALL {
        for method in DIRECT {
            let found = Placed::<T>::new(&a, layout).view().lstsq_with(&b, &options(method)).unwrap();
            // κ₂(A)² < 20.
            hold(&(layout, method), residual::close("x", &wide(&found.x), &want, 20.0 * THRESHOLD * T::EPS));
        }
    }
}

/// The shortest solution of x + 2y + 2z = 9 is (1, 2, 2); of a rank-one system in two equations it is the same.
fn shortest<T: Scalar>() {
    let want = integers(&[&[1], &[2], &[2]]);
    for method in DIRECT {
        let a = narrow::<T>(&integers(&[&[1, 2, 2]]));
        let found = a.lstsq_with(&narrow::<T>(&integers(&[&[9]])), &options(method)).unwrap();
        hold(&method, residual::close("x", &wide(&found.x), &want, THRESHOLD * T::EPS));
    }
    for method in [Method::PivotedQr, Method::Svd, Method::Auto] {
        let a = narrow::<T>(&integers(&[&[1, 2, 2], &[2, 4, 4]]));
        let found = a.lstsq_with(&narrow::<T>(&integers(&[&[9], &[18]])), &options(method)).unwrap();
        assert_eq!(found.rank, 1, "{method:?}");
        hold(&method, residual::close("x", &wide(&found.x), &want, THRESHOLD * T::EPS));
    }
}

/// A complex system with a complex answer: (1 + i)x = 2i gives x = 1 + i, beside an equation that agrees.
#[test]
fn complex_answer() {
    let i = C64::i();
    let a = Wide::from_shape_vec((2, 1), vec![1.0 + i, 2.0 * i]).unwrap();
    let b = Array1::from(vec![2.0 * i, 2.0 * i - 2.0]);
    for method in DIRECT {
        let found = a.lstsq_with(&b, &options(method)).unwrap();
        assert!((found.x[0] - (1.0 + i)).norm() <= THRESHOLD * f64::EPSILON, "{method:?}: {}", found.x[0]);
        assert!(found.residual_norm <= THRESHOLD * f64::EPSILON, "{method:?}");
    }
}

each_type!(forward_error, residual_norm, error_bound, cramer, shortest);
