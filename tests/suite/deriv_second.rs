//! Second derivatives against closed forms: Hessians of singular values of 2×2 matrices, and the ends of a Hessian's spectrum.
//! Second floor of the tests: matrices from `gen.rs`.

use approx::assert_abs_diff_eq;
use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, array};

use super::differences::{inner, norm};
use super::generate::{Rng, Scalar, general, hermitian, narrow};

/// σ₁ ± σ₂ of [a b; c d] with a positive determinant are the lengths p of (a + d, b − c) and q of (a − d, b + c), and the Hessian of the length
/// of z is I/‖z‖ − zzᵀ/‖z‖³.
#[test]
fn hessians_of_singular_values_of_two_by_two_matrices() {
    let (a, b, c, d) = (2.0, 0.7, -0.4, 1.1);
    let of_length = |z: Array1<f64>, by: &Array2<f64>| {
        let p = z[0].hypot(z[1]);
        let outer = Array2::from_shape_fn((2, 2), |(i, j)| z[i] * z[j]);
        by.t().dot(&(Array2::<f64>::eye(2) / p - outer / p.powi(3))).dot(by)
    };
    // Entries are counted column by column: a, c, b, d.
    let of_p = of_length(array![a + d, b - c], &array![[1.0, 0.0, 0.0, 1.0], [0.0, -1.0, 1.0, 0.0]]);
    let of_q = of_length(array![a - d, b + c], &array![[1.0, 0.0, 0.0, -1.0], [0.0, 1.0, 1.0, 0.0]]);
    let svd = array![[a, b], [c, d]].svd().expect("a good matrix");
    for (i, expected) in [(0, (&of_p + &of_q) / 2.0), (1, (&of_p - &of_q) / 2.0)] {
        let hessian = singular_value_hessian(&svd, i).expect("it is simple");
        assert_abs_diff_eq!(hessian, expected, epsilon = 1e-14);
        // A sign that is wrong in one place would be seen.
        assert!((hessian[(0, 3)] - expected[(0, 0)]).abs() > 0.01);
    }
}

/// The most positive and the most negative second derivative, 0 where there is none, are the ends of the spectrum of the dense Hessian, and
/// the directions have them.
fn ends<R: Scalar<Real = R> + Real + Element<Real = R>>(
    bends: &Curvatures<R>, hessian: &Array2<R>, along: impl Fn(&Array2<R>) -> R,
) {
    let spectrum = hessian.eigvalsh().expect("a good matrix").mapv(R::f64_of);
    // The values are 1 and more apart, so that the Hessian is no larger than 1, of order 20 or less.
    let allowed = 100.0 * <R as Scalar>::EPS;
    let ends = [(&bends.least, spectrum[0]), (&bends.largest, spectrum[spectrum.len() - 1])];
    for (bend, end) in ends {
        let value = bend.as_ref().map_or(0.0, |bend| R::f64_of(bend.value));
        assert!((value - end).abs() <= allowed, "{value} and {end}");
        if let Some(bend) = bend {
            assert!((norm(&bend.direction) - 1.0).abs() <= allowed);
            assert!((R::f64_of(along(&bend.direction)) - value).abs() <= allowed);
        }
    }
}

fn curvatures<R: Scalar<Real = R> + Real + Element<Real = R>>() {
    let mut rng = Rng::new(51);
    for (m, n) in [(4, 4), (5, 3), (3, 5), (4, 1), (1, 4), (1, 1), (2, 2)] {
        let values: Vec<f64> = (0..m.min(n)).rev().map(|i| 1.5 * i as f64 + 1.0).collect();
        let a = narrow::<R>(&general::<R>(&mut rng, m, n, &values).a);
        let svd = a.svd().expect("a good matrix");
        let full = a.svd_with(&SvdOptions::full(), &mut Workspace::new()).expect("a good matrix");
        for i in 0..m.min(n) {
            let hessian = singular_value_hessian(&svd, i).expect("it is simple");
            for svd in [&svd, &full] {
                let bends = singular_value_curvatures(svd, i).expect("it is simple");
                ends(&bends, &hessian, |e| singular_value_second_derivative(svd, i, e).expect("it is simple"));
            }
        }
    }
    for n in [1, 2, 4] {
        let values: Vec<f64> = (0..n).map(|i| 1.5 * i as f64 - 1.0).collect();
        let s = narrow::<R>(&hermitian::<R>(&mut rng, &values).a);
        let eigh = s.eigh().expect("a good matrix");
        for i in 0..n {
            let hessian = eigenvalue_hessian(&eigh, i).expect("it is simple");
            let bends = eigenvalue_curvatures(&eigh, i).expect("it is simple");
            ends(&bends, &hessian, |e| eigenvalue_second_derivative(&eigh, i, e).expect("it is simple"));
        }
    }
}

#[test]
fn curvatures_are_the_ends_of_the_spectrum() {
    curvatures::<f32>();
    curvatures::<f64>();
}

/// To second order σ(A + E) = σ + tr(GᵀE) + E″/2: the remainder is of third order.
#[test]
fn a_value_to_second_order() {
    let a = narrow::<f64>(&general::<f64>(&mut Rng::new(52), 4, 3, &[4.0, 2.5, 1.0]).a);
    let svd = a.svd().expect("a good matrix");
    let e = singular_value_curvatures(&svd, 1).expect("it is simple").largest.expect("it bends").direction;
    let gradient = singular_value_gradient(&svd, 1).expect("it is simple");
    let second = singular_value_second_derivative(&svd, 1, &e).expect("it is simple");
    let remainder = |t: f64| {
        let moved = (&a + &(&e * t)).singular_values().expect("a good matrix")[1];
        moved - svd.s[1] - t * inner(&gradient, &e) - t * t * second / 2.0
    };
    for t in [1e-2, -1e-2, 1e-3] {
        assert!(remainder(t).abs() <= 5.0 * t.abs().powi(3) + 1e-14, "{:e}", remainder(t));
        assert!(second.abs() * t * t / 2.0 > 10.0 * t.abs().powi(3), "without it the remainder would be larger");
    }
}
