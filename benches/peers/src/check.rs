//! How wrong a contender's result is, in the form of LAPACK's own tests: a residual over ‖A‖·size·eps.
//! Middle floor of the bench: column-major vectors in, one number out, on `raw`'s products.
//! It must not depend on any contender's types; `convert` brings results here.

use crate::raw;

/// Results above this are refused before anything is timed. LAPACK's own test programs use 30 in the same units.
pub const LARGEST_ERROR: f64 = 30.0;

fn norm(a: &[f64]) -> f64 {
    a.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
}

/// ‖A − B·C‖_F/(‖A‖_F·max(m, n)·eps), A m×n, B m×k.
pub fn product([m, n, k]: [usize; 3], a: &[f64], b: &[f64], c: &[f64]) -> f64 {
    let mut bc = vec![0.0; m * n];
    raw::multiply([m, n, k], b, c, &mut bc);
    distance(a, &bc) / (norm(a) * m.max(n) as f64 * f64::EPSILON)
}

/// ‖I − QᵀQ‖_F/(m·eps), Q m×n.
pub fn orthogonality(m: usize, n: usize, q: &[f64]) -> f64 {
    let mut gram = vec![0.0; n * n];
    raw::gram(m, n, q, &mut gram);
    (0..n).for_each(|i| gram[i + i * n] -= 1.0);
    // The lower triangle stands for both.
    let squares = (0..n * n).filter(|ij| ij % n >= ij / n).map(|ij| gram[ij] * gram[ij]);
    (2.0 * squares.sum::<f64>()).sqrt() / (m as f64 * f64::EPSILON)
}

/// The larger of the residual and the loss of orthogonality of A = U·diag(s)·Vᵀ, U m×k and Vᵀ k×n.
pub fn svd([m, n]: [usize; 2], a: &[f64], u: &[f64], s: &[f64], vt: &[f64]) -> f64 {
    let k = m.min(n);
    let scaled: Vec<f64> = u.iter().enumerate().map(|(ij, x)| x * s[ij / m]).collect();
    let v = transposed(k, n, vt);
    product([m, n, k], a, &scaled, vt).max(orthogonality(m, k, u)).max(orthogonality(n, k, &v))
}

/// The same for A = V·diag(w)·Vᵀ.
pub fn eigh(n: usize, a: &[f64], w: &[f64], v: &[f64]) -> f64 {
    svd([n, n], a, v, w, &transposed(n, n, v))
}

/// max |wᵢ − λᵢ|/(‖A‖_F·n·eps) against eigenvalues that `dsyevd` found along with the vectors; any order.
pub fn eigenvalues(n: usize, a: &[f64], w: &[f64]) -> f64 {
    let mut reference = raw::Eigh::with_vectors(n);
    reference.call(&mut a.to_vec());
    let mut sorted = w.to_vec();
    sorted.sort_by(f64::total_cmp);
    let worst = sorted.iter().zip(&reference.w).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    worst / (norm(a) * n as f64 * f64::EPSILON)
}

/// The larger of the residual and the loss of orthogonality of A = Q·R, Q m×n.
pub fn qr([m, n]: [usize; 2], a: &[f64], q: &[f64], r: &[f64]) -> f64 {
    product([m, n, n], a, q, r).max(orthogonality(m, n, q))
}

/// ‖A·x − b‖/(‖A‖_F·‖x‖·n·eps) for a square A.
pub fn solution(n: usize, a: &[f64], x: &[f64], b: &[f64]) -> f64 {
    let mut ax = vec![0.0; n];
    raw::multiply([n, 1, n], a, x, &mut ax);
    distance(&ax, b) / (norm(a) * norm(x) * n as f64 * f64::EPSILON)
}

/// ‖Aᵀ(b − A·x)‖/(‖A‖_F²·‖x‖ + ‖A‖_F·‖b‖)/(n·eps) for an m×n A: the residual must be orthogonal to the columns.
pub fn least_squares([m, n]: [usize; 2], a: &[f64], x: &[f64], b: &[f64]) -> f64 {
    let mut residual = vec![0.0; m];
    raw::multiply([m, 1, n], a, x, &mut residual);
    residual.iter_mut().zip(b).for_each(|(ax, b)| *ax = b - *ax);
    let mut gradient = vec![0.0; n];
    raw::multiply([1, n, m], &residual, a, &mut gradient);
    norm(&gradient) / (norm(a) * (norm(a) * norm(x) + norm(b)) * n as f64 * f64::EPSILON)
}

pub fn transposed(rows: usize, cols: usize, a: &[f64]) -> Vec<f64> {
    (0..rows * cols).map(|ij| a[ij / cols + ij % cols * rows]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;

    #[test]
    fn a_right_svd_passes_and_a_wrong_one_does_not() {
        let (m, n) = (9, 5);
        let a = data::general(m, n);
        let mut call = raw::Svd::new(m, n);
        call.call(&mut a.clone());
        assert!(svd([m, n], &a, &call.u, &call.s, &call.vt) < LARGEST_ERROR);
        call.s[2] *= 1.0 + 1e-12;
        assert!(svd([m, n], &a, &call.u, &call.s, &call.vt) > LARGEST_ERROR);
    }

    #[test]
    fn right_eigenpairs_pass_and_wrong_ones_do_not() {
        let n = 7;
        let a = data::symmetric(n);
        let mut call = raw::Eigh::with_vectors(n);
        let mut v = a.clone();
        call.call(&mut v);
        assert!(eigh(n, &a, &call.w, &v) < LARGEST_ERROR);
        assert!(eigenvalues(n, &a, &call.w) < LARGEST_ERROR);
        v.swap(0, 1);
        assert!(eigh(n, &a, &call.w, &v) > LARGEST_ERROR);
        call.w[3] += 1e-11;
        assert!(eigenvalues(n, &a, &call.w) > LARGEST_ERROR);
    }

    #[test]
    fn a_right_qr_passes_and_a_wrong_one_does_not() {
        let (m, n) = (8, 4);
        let a = data::general(m, n);
        let mut call = raw::Qr::new(m, n);
        let mut q = a.clone();
        call.factor_and_form(&mut q);
        assert!(qr([m, n], &a, &q, &call.r) < LARGEST_ERROR);
        call.r[0] += 1e-10;
        assert!(qr([m, n], &a, &q, &call.r) > LARGEST_ERROR);
    }

    #[test]
    fn right_solutions_pass_and_wrong_ones_do_not() {
        let (m, n) = (20, 3);
        let (a, b) = (data::general(m, n), data::vector(m));
        let mut ne = raw::NormalEquations::new(m, n);
        ne.call(&a, &b);
        assert!(least_squares([m, n], &a, &ne.x, &b) < LARGEST_ERROR);
        ne.x[1] += 1e-11;
        assert!(least_squares([m, n], &a, &ne.x, &b) > LARGEST_ERROR);

        let (a, b) = (data::general(n, n), data::vector(n));
        let mut call = raw::Lu::new(n);
        let (mut factored, mut x) = (a.clone(), b.clone());
        call.factor(&mut factored);
        call.solve(&factored, &mut x);
        assert!(solution(n, &a, &x, &b) < LARGEST_ERROR);
        x[0] += 1e-11;
        assert!(solution(n, &a, &x, &b) > LARGEST_ERROR);
    }
}
