//! Families of symmetric matrices whose eigenvalues are known functions of t, on the diagonal or turned by a rotation that moves.
//! First floor of the tests; must not call what is tested.

use lapwing::deriv::Curve;
use ndarray::{Array1, Array2};

use super::generate::C64;

/// Analytic functions, so that the derivatives are had by a complex step.
pub type Values = fn(C64) -> Vec<C64>;

pub fn diagonal(values: Values, t: f64) -> Array2<f64> {
    Array2::from_diag(&values(C64::new(t, 0.0)).iter().map(|x| x.re).collect::<Array1<f64>>())
}

pub fn slope_of(values: Values, t: f64) -> Array2<f64> {
    let h = 1e-180;
    Array2::from_diag(&values(C64::new(t, h)).iter().map(|x| x.im / h).collect::<Array1<f64>>())
}

/// Q(t)·diag·Q(t)ᵀ with Q = exp(tK) of a skew K, by the Cayley form of small steps: a product of plane rotations by t·angle.
pub fn rotation(n: usize, t: f64) -> (Array2<f64>, Array2<f64>) {
    let mut q = Array2::<f64>::eye(n);
    let mut dq = Array2::<f64>::zeros((n, n));
    for k in 1..n {
        let rate = 0.3 + 0.2 * k as f64;
        let (s, c) = (rate * t).sin_cos();
        let mut g = Array2::eye(n);
        let mut dg = Array2::zeros((n, n));
        for (i, j, x, dx) in [(k - 1, k - 1, c, -s), (k, k, c, -s), (k - 1, k, -s, -c), (k, k - 1, s, c)] {
            (g[(i, j)], dg[(i, j)]) = (x, rate * dx);
        }
        dq = dq.dot(&g) + q.dot(&dg);
        q = q.dot(&g);
    }
    (q, dq)
}

pub fn turned(values: Values) -> Curve<impl Fn(f64) -> Array2<f64>, impl Fn(f64) -> Array2<f64>> {
    let matrix = move |t: f64| {
        let d = diagonal(values, t);
        let (q, _) = rotation(d.nrows(), t);
        q.dot(&d).dot(&q.t())
    };
    let slope = move |t: f64| {
        let d = diagonal(values, t);
        let slopes = slope_of(values, t);
        let (q, dq) = rotation(d.nrows(), t);
        dq.dot(&d).dot(&q.t()) + q.dot(&slopes).dot(&q.t()) + q.dot(&d).dot(&dq.t())
    };
    Curve { matrix, slope }
}

pub fn straight(values: Values) -> Curve<impl Fn(f64) -> Array2<f64>, impl Fn(f64) -> Array2<f64>> {
    Curve { matrix: move |t| diagonal(values, t), slope: move |t| slope_of(values, t) }
}
