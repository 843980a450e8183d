//! The oracles and the generators under test: each oracle accepts the right answer and rejects wrong ones.
//! Second floor of the tests: only `gen.rs` and `residual.rs`.
//! Must not call the crate under test: these tests say that the others can fail.

use super::generate::*;
use super::residual::*;
use ndarray::{Axis, s};

const EPS: f64 = f64::EPSILON;
/// Far enough beyond a bound of THRESHOLD·d·eps to be rejected whatever the matrix, near enough to be a small error.
const WRONG: f64 = 100.0 * THRESHOLD;

fn accepts(verdict: Verdict) {
    verdict.unwrap();
}

#[track_caller]
fn rejects(oracle: &str, verdict: Verdict) {
    assert_eq!(verdict.unwrap_err().oracle, oracle);
}

fn one(x: f64) -> C64 {
    C64::new(x, 0.0)
}

fn swapped(a: &Wide, axis: Axis, i: usize, j: usize) -> Wide {
    let mut order: Vec<usize> = (0..a.len_of(axis)).collect();
    order.swap(i, j);
    a.select(axis, &order)
}

/// An entry changed by `WRONG·d·eps` of itself or of 1, whichever is larger.
fn nudged(a: &Wide, i: usize, j: usize, scale: f64) -> Wide {
    let mut out = a.clone();
    out[[i, j]] += one(WRONG * a.nrows().max(a.ncols()) as f64 * EPS * scale);
    out
}

fn negated_column(a: &Wide, j: usize) -> Wide {
    let mut out = a.clone();
    out.column_mut(j).mapv_inplace(|z| -z);
    out
}

fn sample(m: usize, n: usize) -> (Known, Wide, Wide) {
    let k = m.min(n);
    let known = general::<C64>(&mut Rng::new(1), m, n, &Spectrum::Arithmetic.values(k, 10.0));
    let u = known.u.slice(s![.., ..k]).to_owned();
    let vh = adjoint(&known.v.slice(s![.., ..k]).to_owned());
    (known, u, vh)
}

/// A rotation by 90°, whose eigenvalues are ±i, and that are not symmetric of themselves.
#[test]
fn oracle_eig() {
    let a = integers(&[&[0, -1], &[4, 0]]);
    let (i, zero) = (C64::new(0.0, 1.0), C64::ZERO);
    let lambda = [i * 2.0, i * -2.0];
    let of = |x: C64, y: C64| {
        let length = (x.norm_sqr() + y.norm_sqr()).sqrt();
        [x / length, y / length]
    };
    // A·(1, ∓2i) = ±2i·(1, ∓2i), and (2, ∓i)ᴴ·A = ±2i·(2, ∓i)ᴴ.
    let columns =
        |p: [C64; 2], q: [C64; 2]| Wide::from_shape_fn((2, 2), |(row, j)| if j == 0 { p[row] } else { q[row] });
    let right = columns(of(one(1.0), i * -2.0), of(one(1.0), i * 2.0));
    let left = columns(of(one(2.0), i * -1.0), of(one(2.0), i));
    accepts(eig(&a, &lambda, &right, &left, EPS));
    rejects("shapes of the eigenvalues", eig(&a, &lambda[..1], &right, &left, EPS));
    rejects("A X = X Λ", eig(&a, &lambda, &left, &left, EPS));
    rejects("Yᴴ A = Λ Yᴴ", eig(&a, &lambda, &right, &swapped(&left, Axis(1), 0, 1), EPS));
    rejects("A X = X Λ", eig(&a, &[lambda[1], lambda[0]], &right, &left, EPS));
    rejects("columns of length 1", eig(&a, &lambda, &nudged(&right, 0, 0, 1.0), &left, EPS));
    rejects("columns of length 1", eig(&a, &lambda, &right.mapv(|x| x * zero), &left, EPS));
}

/// With a bound of 5 roundings an error of 4 units in one column passes and one of 6 does not.
#[test]
fn oracle_near_underflow() {
    let (known, u, vh) = sample(9, 4);
    let (a, x) = (times_power(&known.a, 30), scale_columns(&u, &known.values));
    let y = times_power(&vh, 30);
    accepts(product_near_underflow(&a, &x, &y, 5.0, EPS));
    for (error, passes) in [(4.0, true), (6.0, false), (f64::NAN, false)] {
        let mut other = a.clone();
        other[[1, 2]] += one(error);
        let verdict = product_near_underflow(&other, &x, &y, 5.0, EPS);
        assert_eq!(verdict.is_ok(), passes, "{error}");
    }
    rejects("product near underflow", product_near_underflow(&a, &Wide::zeros(x.dim()), &y, 5.0, EPS));
    rejects("shapes of the product", product_near_underflow(&a, &x, &adjoint(&x), 5.0, EPS));
}

#[test]
fn svd_oracle() {
    for (m, n) in [(6, 6), (9, 4), (4, 9)] {
        let (known, u, vh) = sample(m, n);
        let (a, values) = (&known.a, &known.values);
        accepts(svd(a, &u, values, &vh, EPS));
        accepts(svd(a, &known.u, values, &adjoint(&known.v), EPS));
        rejects("A = U S Vᴴ", svd(&nudged(a, 1, 2, 1.0), &u, values, &vh, EPS));
        rejects("columns orthonormal", svd(a, &nudged(&u, 1, 1, 1.0), values, &vh, EPS));
        rejects("columns orthonormal", svd(a, &u, values, &nudged(&vh, 1, 1, 1.0), EPS));
        rejects("A = U S Vᴴ", svd(a, &swapped(&u, Axis(1), 0, 1), values, &vh, EPS));
        rejects("A = U S Vᴴ", svd(a, &negated_column(&u, 1), values, &vh, EPS));
        let mut other = values.clone();
        other[0] *= 1.0 + WRONG * 9.0 * EPS;
        rejects("A = U S Vᴴ", svd(a, &u, &other, &vh, EPS));
        other.clone_from(values);
        other.swap(1, 2);
        rejects("descending", svd(a, &u, &other, &vh, EPS));
        other.clone_from(values);
        other[3] = -other[3];
        rejects("singular values not negative", svd(a, &u, &other, &vh, EPS));
        other[3] = f64::NAN;
        rejects("singular values not negative", svd(a, &u, &other, &vh, EPS));
        let mut hole = u.clone();
        hole[[0, 0]] = one(f64::NAN);
        rejects("columns orthonormal", svd(a, &hole, values, &vh, EPS));
        rejects("shapes of the SVD", svd(a, &u, &values[1..], &vh, EPS));
    }
}

#[test]
fn oracles_hold_at_every_scale() {
    let (known, u, vh) = sample(7, 5);
    for e in [-1000, -500, 500, 1000] {
        let factor = 2f64.powi(e);
        let a = known.a.mapv(|z| z * factor);
        let values: Vec<f64> = known.values.iter().map(|x| x * factor).collect();
        accepts(svd(&a, &u, &values, &vh, EPS));
        let wrong = nudged(&a, 2, 2, factor);
        rejects("A = U S Vᴴ", svd(&wrong, &u, &values, &vh, EPS));
    }
    assert_eq!(exponent(&Wide::from_elem((1, 1), one(f64::from_bits(1)))), 1074);
    assert_eq!(exponent(&Wide::from_elem((1, 1), one(1.5))), 0);
    assert_eq!(exponent(&Wide::from_elem((1, 1), C64::new(0.0, -f64::MAX))), -1023);
    assert_eq!(exponent(&Wide::zeros((2, 2))), 0);
}

#[test]
fn zero_and_empty_matrices_must_come_back_exactly() {
    let zero = Wide::zeros((3, 2));
    let (u, vh) = (Wide::eye(3).slice(s![.., ..2]).to_owned(), Wide::eye(2));
    accepts(svd(&zero, &u, &[0.0, 0.0], &vh, EPS));
    rejects("A = U S Vᴴ", svd(&zero, &u, &[1e-300, 0.0], &vh, EPS));
    accepts(svd(&Wide::zeros((0, 3)), &Wide::zeros((0, 0)), &[], &Wide::zeros((0, 3)), EPS));
    accepts(svd(&Wide::zeros((0, 3)), &Wide::zeros((0, 0)), &[], &Wide::eye(3), EPS));
}

#[test]
fn values_oracle() {
    let known = [3.0, 2.0, 1.0];
    accepts(values(&[3.0, 2.0 + EPS, 1.0], &known, 3, EPS));
    rejects("values against the known spectrum", values(&[3.0, 2.0, 1.0 + WRONG * 9.0 * EPS], &known, 3, EPS));
    rejects("values against the known spectrum", values(&[3.0, 1.0, 2.0], &known, 3, EPS));
    rejects("values against the known spectrum", values(&[3.0, -2.0, 1.0], &known, 3, EPS));
    rejects("values against the known spectrum", values(&[3.0, f64::NAN, 1.0], &known, 3, EPS));
    rejects("as many values", values(&[3.0, 2.0], &known, 3, EPS));
}

#[test]
fn eigh_oracle() {
    let lambda = [-2.0, -0.5, 0.25, 1.0, 3.0];
    let known = hermitian::<C64>(&mut Rng::new(2), &lambda);
    let (a, z) = (&known.a, &known.u);
    accepts(eigh(a, &lambda, z, EPS));
    rejects("A Z = Z Λ", eigh(&nudged(a, 0, 3, 1.0), &lambda, z, EPS));
    rejects("A Z = Z Λ", eigh(a, &lambda, &swapped(z, Axis(1), 0, 4), EPS));
    rejects("columns orthonormal", eigh(a, &lambda, &nudged(z, 2, 1, 1.0), EPS));
    rejects("A Z = Z Λ", eigh(a, &[-2.0, -0.5, 0.25, 1.0, 3.0 + WRONG * 15.0 * EPS], z, EPS));
    rejects("A Z = Z Λ", eigh(a, &[-2.0, 0.5, 0.5, 1.0, 3.0], z, EPS));
    rejects("ascending", eigh(a, &[-0.5, -2.0, 0.25, 1.0, 3.0], z, EPS));
    rejects("finite", eigh(a, &[f64::NAN, -2.0, 0.25, 1.0, 3.0], z, EPS));
    // What MRRR may lose of orthogonality, and no more.
    let allowed = nudged(z, 2, 1, 0.02);
    accepts(eigh_mrrr(a, &lambda, z, EPS));
    rejects("columns orthonormal", eigh(a, &lambda, &allowed, EPS));
    rejects("A Z = Z Λ", eigh_mrrr(a, &lambda, &allowed, EPS));
    rejects("columns orthonormal", eigh_mrrr(a, &lambda, &nudged(z, 2, 1, 10.0), EPS));
    // Conjugated vectors, as a wrong row-major call returns them.
    rejects("A Z = Z Λ", eigh(a, &lambda, &z.mapv(|x| x.conj()), EPS));
}

/// A QR factorization by construction: a unitary Q and an upper R, A their product.
fn made_qr(m: usize, n: usize) -> (Wide, Wide, Wide) {
    let mut rng = Rng::new(3);
    let k = m.min(n);
    let q = unitary::<C64>(&mut rng, m).slice(s![.., ..k]).to_owned();
    let mut r = normal::<C64>(&mut rng, k, n);
    r.indexed_iter_mut().filter(|((i, j), _)| i > j).for_each(|(_, z)| *z = C64::ZERO);
    (q.dot(&r), q, r)
}

#[test]
fn qr_oracle() {
    for (m, n) in [(5, 5), (8, 3), (3, 8)] {
        let (a, q, r) = made_qr(m, n);
        accepts(qr(&a, &q, &r, EPS));
        rejects("A = Q R", qr(&nudged(&a, 0, 1, norm1(&a)), &q, &r, EPS));
        rejects("A = Q R", qr(&a, &q, &nudged(&r, 0, 1, norm1(&a)), EPS));
        rejects("A = Q R", qr(&a, &swapped(&q, Axis(1), 0, 1), &r, EPS));
        rejects("A = Q R", qr(&a, &negated_column(&q, 0), &r, EPS));
        rejects("columns orthonormal", qr(&a, &nudged(&q, 0, 0, 1.0), &r, EPS));
        let mut below = r.clone();
        below[[1, 0]] = one(1e-30);
        rejects("R upper trapezoidal", qr(&a, &q, &below, EPS));
    }
}

#[test]
fn pivoted_qr_oracle() {
    let (mut a, q, mut r) = made_qr(6, 3);
    for i in 0..3 {
        r[[i, i]] = one([5.0, 4.0, 3.0][i]);
    }
    a.assign(&q.dot(&r));
    // A[:, p] = QR with p = (2, 0, 1): column p[j] of the original is column j of QR.
    let p = [2, 0, 1];
    let mut original = a.clone();
    (0..3).for_each(|j| original.column_mut(p[j]).assign(&a.column(j)));
    accepts(qr_pivoted(&original, &q, &r, &p, EPS));
    rejects("A = Q R", qr_pivoted(&original, &q, &r, &[1, 2, 0], EPS));
    rejects("column permutation", qr_pivoted(&original, &q, &r, &[2, 0, 0], EPS));
    rejects("column permutation", qr_pivoted(&original, &q, &r, &[3, 0, 1], EPS));
    rejects("column permutation", qr_pivoted(&original, &q, &r, &[0, 1], EPS));
    r[[1, 1]] = one(6.0);
    rejects("pivoted diagonal descends", qr_pivoted(&q.dot(&r), &q, &r, &[0, 1, 2], EPS));
}

#[test]
fn lu_oracle() {
    let mut rng = Rng::new(4);
    let n = 5;
    let (mut l, mut u) = (normal::<C64>(&mut rng, n, n), normal::<C64>(&mut rng, n, n));
    l.mapv_inplace(|z| z / (2.0 * (1.0 + z.norm())));
    l.indexed_iter_mut().filter(|((i, j), _)| i < j).for_each(|(_, z)| *z = C64::ZERO);
    l.diag_mut().fill(one(1.0));
    u.indexed_iter_mut().filter(|((i, j), _)| i > j).for_each(|(_, z)| *z = C64::ZERO);
    let p = [3, 1, 4, 0, 2];
    let product = l.dot(&u);
    let mut a = product.clone();
    (0..n).for_each(|i| a.row_mut(p[i]).assign(&product.row(i)));
    accepts(lu(&a, &l, &u, &p, EPS));
    rejects("P A = L U", lu(&nudged(&a, 0, 0, norm1(&a)), &l, &u, &p, EPS));
    // The inverse permutation, the usual mistake.
    rejects("P A = L U", lu(&a, &l, &u, &[3, 1, 4, 2, 0], EPS));
    rejects("P A = L U", lu(&a, &l, &nudged(&u, 1, 3, norm1(&a)), &p, EPS));
    rejects("row permutation", lu(&a, &l, &u, &[0, 0, 1, 2, 3], EPS));
    let mut other = l.clone();
    other[[2, 2]] = one(1.0 + EPS);
    rejects("L unit lower", lu(&a, &other, &u, &p, EPS));
    other = l.clone();
    other[[4, 0]] = one(1.5);
    rejects("multipliers", lu(&a, &other, &u, &p, EPS));
    other = u.clone();
    other[[1, 0]] = one(EPS);
    rejects("U upper", lu(&a, &l, &other, &p, EPS));
}

#[test]
fn cholesky_oracle() {
    let mut rng = Rng::new(5);
    let mut l = normal::<C64>(&mut rng, 5, 5);
    l.indexed_iter_mut().filter(|((i, j), _)| i < j).for_each(|(_, z)| *z = C64::ZERO);
    l.diag_mut().mapv_inplace(|z| one(1.0 + z.norm()));
    let a = l.dot(&adjoint(&l));
    accepts(cholesky(&a, &l, EPS));
    let scaled = a.mapv(|z| z * 2f64.powi(901));
    rejects("A = L Lᴴ", cholesky(&scaled, &l, EPS));
    accepts(cholesky(&scaled, &l.mapv(|z| z * 2f64.powf(450.5)), EPS));
    rejects("A = L Lᴴ", cholesky(&nudged(&a, 3, 1, norm1(&a)), &l, EPS));
    rejects("A = L Lᴴ", cholesky(&a, &nudged(&l, 3, 1, norm1(&a)), EPS));
    rejects("L lower", cholesky(&a, &adjoint(&l), EPS));
    rejects("diagonal of L positive", cholesky(&a, &negated_column(&l, 2), EPS));
}

#[test]
fn solve_and_inverse_oracles() {
    let mut rng = Rng::new(6);
    let (a, x) = (normal::<C64>(&mut rng, 6, 6), normal::<C64>(&mut rng, 6, 2));
    let b = a.dot(&x);
    accepts(solve(&a, &x, &b, EPS));
    rejects("A x = b", solve(&a, &nudged(&x, 2, 1, norm1(&x)), &b, EPS));
    rejects("A x = b", solve(&a, &swapped(&x, Axis(1), 0, 1), &b, EPS));
    rejects("A x = b", solve(&adjoint(&a), &x, &b, EPS));
    for e in [-900, 900] {
        let large = a.mapv(|z| z * 2f64.powi(e));
        let small = x.mapv(|z| z * 2f64.powi(-e));
        accepts(solve(&large, &small, &b, EPS));
        rejects("A x = b", solve(&large, &nudged(&small, 2, 1, norm1(&small)), &b, EPS));
    }
    let known = general::<C64>(&mut rng, 5, 5, &Spectrum::Arithmetic.values(5, 4.0));
    let inverted: Vec<f64> = known.values.iter().map(|x| 1.0 / x).collect();
    let good = scale_columns(&known.v, &inverted).dot(&adjoint(&known.u));
    accepts(inverse(&known.a, &good, EPS));
    rejects("A A⁻¹ = I", inverse(&known.a, &nudged(&good, 0, 4, norm1(&good)), EPS));
    rejects("A A⁻¹ = I", inverse(&known.a, &adjoint(&good), EPS));
}

#[test]
fn polar_oracle() {
    let (known, u, vh) = sample(7, 4);
    let w = u.dot(&vh);
    let raw = scale_columns(&adjoint(&vh), &known.values).dot(&vh);
    let h = (&raw + &adjoint(&raw)).mapv(|z| z * 0.5);
    accepts(polar(&known.a, &w, &h, EPS));
    rejects("A = W H", polar(&nudged(&known.a, 0, 0, norm1(&known.a)), &w, &h, EPS));
    rejects("columns orthonormal", polar(&known.a, &nudged(&w, 0, 0, 1.0), &h, EPS));
    rejects("H Hermitian", polar(&known.a, &w, &nudged(&h, 0, 1, 1.0), EPS));
    // The negative of both: a factorization with the wrong sign.
    let minus = |x: &Wide| x.mapv(|z| -z);
    rejects("H positive semidefinite", polar(&known.a, &minus(&w), &minus(&h), EPS));
}

#[test]
fn penrose_oracle() {
    let values = [1.0, 0.5, 0.25, 0.0];
    let known = general::<C64>(&mut Rng::new(7), 6, 4, &values);
    let inverted = [1.0, 2.0, 4.0, 0.0];
    let thin = known.u.slice(s![.., ..4]).to_owned();
    let p = scale_columns(&known.v, &inverted).dot(&adjoint(&thin));
    accepts(penrose(&known.a, &p, EPS));
    rejects("A P A = A", penrose(&known.a, &nudged(&p, 1, 1, norm1(&p) * 10.0), EPS));
    // A generalised inverse that meets the first condition but not the second, the third or the fourth.
    let with = |i: usize, j: usize, x: f64| {
        let mut d = Wide::zeros((4, 6));
        (0..3).for_each(|k| d[[k, k]] = one(inverted[k]));
        d[[i, j]] = one(x);
        known.v.dot(&d).dot(&adjoint(&known.u))
    };
    rejects("P A P = P", penrose(&known.a, &with(3, 3, 1.0), EPS));
    rejects("P A P = P", penrose(&known.a, &with(3, 5, 1e-9), EPS));
    rejects("A P Hermitian", penrose(&known.a, &with(1, 4, 1.0), EPS));
    rejects("P A Hermitian", penrose(&known.a, &with(3, 1, 1.0), EPS));
}

#[test]
fn least_squares_oracles() {
    let (known, u, vh) = sample(8, 4);
    let mut rng = Rng::new(8);
    let x = normal::<C64>(&mut rng, 4, 2);
    let outside = known.u.slice(s![.., 4..]).dot(&normal::<C64>(&mut rng, 4, 2));
    let b = known.a.dot(&x) + &outside;
    accepts(least_squares(&known.a, &x, &b, EPS));
    rejects("Aᴴ(b − Ax) = 0", least_squares(&known.a, &nudged(&x, 1, 1, 10.0 * norm1(&b)), &b, EPS));
    rejects("Aᴴ(b − Ax) = 0", least_squares(&known.a, &swapped(&x, Axis(1), 0, 1), &b, EPS));
    let off = &b + &u.slice(s![.., ..1]).dot(&vh.slice(s![..1, ..2])).mapv(|z| z * 1e-9);
    rejects("Aᴴ(b − Ax) = 0", least_squares(&known.a, &x, &off, EPS));

    let null = known.u.slice(s![.., 4..]).to_owned();
    let inside = known.u.slice(s![.., ..4]).dot(&x);
    accepts(minimum_norm(&null, &inside, 1.0, EPS));
    let leaning = &inside + &null.slice(s![.., ..2]).mapv(|z| z * 1e-10);
    rejects("x of least norm", minimum_norm(&null, &leaning, 1.0, EPS));
    accepts(minimum_norm(&null, &leaning, 1e4, EPS));
}

#[test]
fn comparison_oracles() {
    let a = integers(&[&[1, 2], &[3, 4]]);
    accepts(close("close", &a, &a, 0.0));
    rejects("close", close("close", &nudged(&a, 0, 0, 1.0), &a, WRONG * EPS / 10.0));
    accepts(relative("relative", 1.0 + EPS, 1.0, 2.0 * EPS));
    rejects("relative", relative("relative", 1.0 + 4.0 * EPS, 1.0, 2.0 * EPS));
    rejects("relative", relative("relative", f64::NAN, 1.0, 1.0));
    rejects("fact", fact("fact", false));
}

/// The generators deliver what they say, in every type.
fn known_values<T: Scalar>() {
    for spectrum in Spectrum::ALL {
        for (m, n) in [(6, 6), (9, 4), (4, 9), (1, 1), (0, 2)] {
            let k = m.min(n);
            let known = general::<T>(&mut Rng::new(9), m, n, &spectrum.values(k, 100.0));
            assert!(T::COMPLEX || known.a.iter().all(|z| z.im == 0.0));
            let vh = adjoint(&known.v);
            accepts(svd(&known.a, &known.u, &known.values, &vh, EPS));
            assert_eq!(known.values.iter().filter(|x| **x > 0.0).count(), spectrum.rank(k));
        }
        let lambda = alternating(&spectrum.values(7, 100.0));
        let known = hermitian::<T>(&mut Rng::new(10), &lambda);
        assert_eq!(known.a, adjoint(&known.a));
        let rest = known.a.dot(&known.u) - scale_columns(&known.u, &lambda);
        assert!(norm1(&rest) <= THRESHOLD * 7.0 * EPS);
    }
}

fn layouts<T: Scalar>() {
    for (m, n) in [(0, 0), (0, 3), (1, 1), (4, 3), (3, 5)] {
        let a = rounded::<T>(&normal::<T>(&mut Rng::new(11), m, n));
        for layout in Layout::ALL {
            let mut placed = Placed::<T>::new(&a, layout);
            assert_eq!(wide(&placed.view()), a, "{layout:?}");
            assert!(placed.outside_untouched(), "{layout:?}");
            let inside = placed.view().len();
            placed.view_mut().fill(T::narrow(one(1.0)));
            assert!(placed.outside_untouched(), "{layout:?}");
            assert_eq!(placed.view().iter().filter(|x| x.wide().re == 1.0).count(), inside);
        }
    }
}

/// A write outside the matrix is found, wherever it is.
#[test]
fn a_write_outside_is_found() {
    let a = Wide::ones((2, 2));
    for layout in [Layout::PaddedColumns, Layout::PaddedRows, Layout::EverySecondRow, Layout::Sliced] {
        let count = Placed::<C64>::new(&a, layout).memory().len();
        let found = (0..count).filter(|&i| {
            let mut placed = Placed::<C64>::new(&a, layout);
            placed.memory()[i] = one(1.0);
            !placed.outside_untouched()
        });
        assert_eq!(found.count(), count - 4, "{layout:?}");
    }
}

#[test]
fn strides_are_what_the_layouts_say() {
    let a = Wide::ones((4, 3));
    let strides = |layout| Placed::<f64>::new(&a, layout).view().strides().to_vec();
    assert_eq!(strides(Layout::ColumnMajor), [1, 4]);
    assert_eq!(strides(Layout::RowMajor), [3, 1]);
    assert_eq!(strides(Layout::PaddedColumns), [1, 7]);
    assert_eq!(strides(Layout::PaddedRows), [5, 1]);
    assert_eq!(strides(Layout::ReversedRows), [-1, 4]);
    assert_eq!(strides(Layout::ReversedColumns), [1, -4]);
    assert_eq!(strides(Layout::ReversedBoth), [-3, -1]);
    assert_eq!(strides(Layout::EverySecondRow), [2, 8]);
    assert_eq!(strides(Layout::EverySecondColumn), [1, 8]);
    assert_eq!(strides(Layout::Sliced), [18, 3]);
}

each_type!(known_values, layouts);
