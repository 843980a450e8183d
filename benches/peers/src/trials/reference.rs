//! Trials: the solution of a least-squares problem in twice the working precision, to judge the others by.
//! Middle floor of the bench; pure arithmetic.
//! It must not call a library: its digits are to be nobody else's.
//!
//! Numbers are sums of two doubles, with products split by Veltkamp's and Dekker's method (Dekker, Numer. Math. 18, 1971). The
//! method is modified Gram–Schmidt on [A b], which is as good as Householder QR for x (Björck, BIT 7, 1967): the relative
//! error is of the order of κ·2⁻¹⁰⁴ where the residual is small.

/// A high and a low part.
type Two = (f64, f64);

fn sum(a: f64, b: f64) -> Two {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

fn split(a: f64) -> Two {
    let c = 134_217_729.0 * a;
    let high = c - (c - a);
    (high, a - high)
}

fn product(a: f64, b: f64) -> Two {
    let (p, (ah, al), (bh, bl)) = (a * b, split(a), split(b));
    (p, ((ah * bh - p) + ah * bl + al * bh) + al * bl)
}

fn add(a: Two, b: Two) -> Two {
    let (s, e) = sum(a.0, b.0);
    sum(s, e + (a.1 + b.1))
}

fn times(a: Two, b: Two) -> Two {
    let (p, e) = product(a.0, b.0);
    sum(p, e + (a.0 * b.1 + a.1 * b.0))
}

fn over(a: Two, b: Two) -> Two {
    let q = a.0 / b.0;
    let rest = add(a, times((-q, 0.0), b));
    sum(q, rest.0 / b.0)
}

fn root(a: Two) -> Two {
    let r = a.0.sqrt();
    let rest = add(a, times((-r, 0.0), (r, 0.0)));
    sum(r, rest.0 / (2.0 * r))
}

fn dot(a: &[Two], b: &[Two]) -> Two {
    a.iter().zip(b).fold((0.0, 0.0), |sum, (&a, &b)| add(sum, times(a, b)))
}

/// The x that minimizes ‖A·x − b‖₂ for a column-major m×n matrix of full rank, rounded.
pub fn solution([m, n]: [usize; 2], a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut columns: Vec<Vec<Two>> =
        a.chunks_exact(m).chain([b]).map(|column| column.iter().map(|&x| (x, 0.0)).collect()).collect();
    let mut r = vec![(0.0, 0.0); n * (n + 1)];
    for k in 0..n {
        let (done, rest) = columns.split_at_mut(k + 1);
        let q = &mut done[k];
        let length = root(dot(q, q));
        q.iter_mut().for_each(|x| *x = over(*x, length));
        r[k + k * n] = length;
        for (j, column) in (k + 1..).zip(rest) {
            let along = dot(q, column);
            r[k + j * n] = along;
            let back = (-along.0, -along.1);
            column.iter_mut().zip(q.iter()).for_each(|(x, &q)| *x = add(*x, times(back, q)));
        }
    }
    let mut x: Vec<Two> = r[n * n..].to_vec();
    for k in (0..n).rev() {
        x[k] = over(x[k], r[k + k * n]);
        for i in 0..k {
            let known = times(x[k], r[i + k * n]);
            x[i] = add(x[i], (-known.0, -known.1));
        }
    }
    x.iter().map(|x| x.0 + x.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fit_to_a_hilbert_matrix_is_exact() {
        // x = (1, …, 1) with rows that are scaled to integers, so that A and b are exact: κ₂ is above 10¹⁰.
        let (m, n) = (9, 8);
        let common = 720_720.0 * 17.0;
        let a: Vec<f64> = (0..m * n).map(|ij| common / ((ij % m + ij / m + 1) as f64)).collect();
        assert!(a.iter().all(|x| x.fract() == 0.0));
        let b: Vec<f64> = (0..m).map(|i| (0..n).map(|j| a[i + j * m]).sum()).collect();
        assert_eq!(solution([m, n], &a, &b), vec![1.0; n]);
        let mut wrong = b;
        wrong[0] += 1.0;
        assert_ne!(solution([m, n], &a, &wrong), vec![1.0; n]);
    }

    #[test]
    fn operations_keep_twice_the_digits() {
        let third = over((1.0, 0.0), (3.0, 0.0));
        let left = add(times(third, (3.0, 0.0)), (-1.0, 0.0));
        assert!(left.0.abs() < 1e-31, "{left:?}");
        let two = root((2.0, 0.0));
        let left = add(times(two, two), (-2.0, 0.0));
        assert!(left.0.abs() < 1e-30, "{left:?}");
    }
}
