//! Oracles: residuals in the form of LAPACK's own test programs, each with a bound c·eps whose c is named below.
//! Ground floor of the tests: complex double precision, plain loops and ndarray's product, safe at every scale.
//! Must not call the crate under test or LAPACK. `oracle.rs` shows each of them a wrong answer that it must reject.

use super::generate::{C64, Wide, adjoint, scale_columns};
use ndarray::{Array1, Array2, Axis, Zip, s};
use std::fmt;

/// The threshold of test ratios in LAPACK's testing input (`dtest.in`, `stest.in`: "30.0 Threshold value of test
/// ratio"). A ratio is a residual divided by norms, a dimension and eps, so that a backward stable method gives about 1.
pub const THRESHOLD: f64 = 30.0;

/// A result that an oracle did not accept.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub oracle: &'static str,
    pub ratio: f64,
    pub bound: f64,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:e} exceeds {:e}", self.oracle, self.ratio, self.bound)
    }
}

pub type Verdict = Result<(), Fault>;

/// Accepts `ratio <= bound`; a NaN is never accepted.
pub fn within(oracle: &'static str, ratio: f64, bound: f64) -> Verdict {
    if ratio <= bound { Ok(()) } else { Err(Fault { oracle, ratio, bound }) }
}

/// Accepts a fact.
pub fn fact(oracle: &'static str, holds: bool) -> Verdict {
    within(oracle, if holds { 0.0 } else { f64::INFINITY }, 0.0)
}

/// Panics with the case when an oracle does not accept.
#[track_caller]
pub fn hold(case: &dyn fmt::Debug, verdict: Verdict) {
    if let Err(fault) = verdict {
        panic!("{fault}\n    in {case:?}");
    }
}

/// x·2ᵉ without overflow of the power itself.
fn ldexp(x: f64, e: i32) -> f64 {
    let half = e / 2;
    x * 2f64.powi(half) * 2f64.powi(e - half)
}

pub fn times_power(a: &Wide, e: i32) -> Wide {
    a.mapv(|z| C64::new(ldexp(z.re, e), ldexp(z.im, e)))
}

/// The power of two that brings the largest part of any entry into [1, 2); 0 for a zero or a non-finite matrix.
pub fn exponent(a: &Wide) -> i32 {
    let most = a.iter().fold(0.0, |most: f64, z| most.max(z.re.abs()).max(z.im.abs()));
    if most == 0.0 || !most.is_finite() {
        return 0;
    }
    let scaled = if most < f64::MIN_POSITIVE { (most * 2f64.powi(64), -64) } else { (most, 0) };
    -(((scaled.0.to_bits() >> 52) as i32 - 1023) + scaled.1)
}

/// The 1-norm, as in LAPACK's test programs. A NaN anywhere gives NaN.
pub fn norm1(a: &Wide) -> f64 {
    let larger = |most: f64, sum: f64| if sum.is_nan() || sum > most { sum } else { most };
    a.axis_iter(Axis(1)).map(|column| column.iter().map(|z| z.norm()).sum()).fold(0.0, larger)
}

pub fn norm2(x: &Array1<C64>) -> f64 {
    x.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt()
}

/// ‖R‖/(‖A‖·d·eps), with 0/0 = 0: the zero matrix must come back exactly.
fn ratio(residual: f64, scale: f64, d: usize, eps: f64) -> f64 {
    if residual == 0.0 { 0.0 } else { residual / (scale * d.max(1) as f64 * eps) }
}

/// ‖I − QᴴQ‖/(m·eps) <= c: LAPACK's `dort01`.
pub fn orthonormal_columns(q: &Wide, eps: f64) -> Verdict {
    let gram = adjoint(q).dot(q) - Wide::eye(q.ncols());
    within("columns orthonormal", ratio(norm1(&gram), 1.0, q.nrows(), eps), THRESHOLD)
}

pub fn orthonormal_rows(q: &Wide, eps: f64) -> Verdict {
    orthonormal_columns(&adjoint(q), eps)
}

/// Exactly descending and not negative.
pub fn descending(s: &[f64]) -> Verdict {
    fact("singular values not negative", s.iter().all(|&x| x >= 0.0 && x.is_sign_positive()))?;
    fact("descending", s.windows(2).all(|w| w[0] >= w[1]))
}

pub fn ascending(values: &[f64]) -> Verdict {
    fact("finite", values.iter().all(|x| x.is_finite()))?;
    fact("ascending", values.windows(2).all(|w| w[0] <= w[1]))
}

/// max |found − known| <= c·d·eps·‖A‖₂, both in the same order: a backward stable method returns the values of A + E
/// with ‖E‖₂ <= p(d)·eps·‖A‖₂, and Weyl's inequality moves no value by more.
pub fn values(found: &[f64], known: &[f64], d: usize, eps: f64) -> Verdict {
    fact("as many values", found.len() == known.len())?;
    let most = known.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let apart = found.iter().zip(known).map(|(f, k)| (f - k).abs());
    let apart = apart.fold(0.0, |most: f64, x| if x.is_nan() || x > most { x } else { most });
    within("values against the known spectrum", ratio(apart, most, d, eps), THRESHOLD)
}

/// ‖A − U·diag(s)·Vᴴ‖/(‖A‖·max(m,n)·eps) <= c (`dbdt01`), U and V orthonormal (`dort01`), s in order.
/// `u` may be m×k or m×m, `vh` k×n or n×n.
pub fn svd(a: &Wide, u: &Wide, s: &[f64], vh: &Wide, eps: f64) -> Verdict {
    let ((m, n), k) = (a.dim(), s.len());
    fact("shapes of the SVD", k == m.min(n) && u.nrows() == m && vh.ncols() == n)?;
    fact("extent of U", u.ncols() == k || u.ncols() == m)?;
    fact("extent of V", vh.nrows() == k || vh.nrows() == n)?;
    descending(s)?;
    orthonormal_columns(u, eps)?;
    orthonormal_rows(vh, eps)?;
    let e = exponent(a);
    let a = times_power(a, e);
    let scaled: Vec<f64> = s.iter().map(|&x| ldexp(x, e)).collect();
    let us = scale_columns(&u.slice(s![.., ..k]).to_owned(), &scaled);
    let rest = &a - &us.dot(&vh.slice(s![..k, ..]));
    within("A = U S Vᴴ", ratio(norm1(&rest), norm1(&a), m.max(n), eps), THRESHOLD)
}

/// ‖A − XY‖ <= c·max(m,n)·eps·‖A‖ + `roundings`, for matrices in units of the smallest number that their type holds:
/// near underflow a rounding, of a number however small, costs up to half of that, and a column of the residual may have
/// felt so many of them.
pub fn product_near_underflow(a: &Wide, x: &Wide, y: &Wide, roundings: f64, eps: f64) -> Verdict {
    let (m, n) = a.dim();
    fact("shapes of the product", (x.nrows(), y.ncols()) == (m, n) && x.ncols() == y.nrows())?;
    let bound = THRESHOLD * m.max(n) as f64 * eps * norm1(a) + roundings;
    within("product near underflow", norm1(&(a - &x.dot(y))), bound)
}

/// ‖AZ − Z·diag(λ)‖/(‖A‖·n·eps) <= c (`dsyt21`), Z unitary, λ ascending.
pub fn eigh(a: &Wide, lambda: &[f64], z: &Wide, eps: f64) -> Verdict {
    orthonormal_columns(z, eps)?;
    eigenpairs(a, lambda, z, eps)
}

/// The oracle [`eigh`] for relatively robust representations, whose vectors lose orthogonality where eigenvalues lie
/// close relative to the spectrum: max |zᵢᴴzⱼ| <= c·eps/MINRGP (Dhillon and Parlett 2004), where MINRGP = 10⁻³ is the
/// relative gap that `dstemr` asks for.
pub fn eigh_mrrr(a: &Wide, lambda: &[f64], z: &Wide, eps: f64) -> Verdict {
    let gram = adjoint(z).dot(z);
    close("columns orthonormal", &gram, &Wide::eye(gram.nrows()), THRESHOLD * eps / 1e-3)?;
    eigenpairs(a, lambda, z, eps)
}

fn eigenpairs(a: &Wide, lambda: &[f64], z: &Wide, eps: f64) -> Verdict {
    let n = a.nrows();
    fact("shapes of the eigendecomposition", lambda.len() == n && z.dim() == (n, n))?;
    ascending(lambda)?;
    let e = exponent(a);
    let a = times_power(a, e);
    let scaled: Vec<f64> = lambda.iter().map(|&x| ldexp(x, e)).collect();
    let rest = a.dot(z) - scale_columns(z, &scaled);
    within("A Z = Z Λ", ratio(norm1(&rest), norm1(&a), n, eps), THRESHOLD)
}

/// ‖AX − XΛ‖/(‖A‖·n·eps) <= c and ‖AᴴY − YΛ̄‖/(‖A‖·n·eps) <= c (`dget22`), columns of length 1.
pub fn eig(a: &Wide, lambda: &[C64], right: &Wide, left: &Wide, eps: f64) -> Verdict {
    let n = a.nrows();
    fact("shapes of the eigenvalues", lambda.len() == n && right.dim() == (n, n) && left.dim() == (n, n))?;
    let e = exponent(a);
    let a = times_power(a, e);
    let times_lambda = |x: &Wide, sign: f64| {
        let scaled = lambda.iter().map(|z| C64::new(ldexp(z.re, e), sign * ldexp(z.im, e)));
        x.dot(&Wide::from_diag(&Array1::from_iter(scaled)))
    };
    for x in [right, left] {
        let off = x.columns().into_iter().map(|x| (norm2(&x.to_owned()) - 1.0).abs());
        let off = off.fold(0.0, |most: f64, x| if x.is_nan() || x > most { x } else { most });
        within("columns of length 1", ratio(off, 1.0, n, eps), THRESHOLD)?;
    }
    let rest = a.dot(right) - times_lambda(right, 1.0);
    within("A X = X Λ", ratio(norm1(&rest), norm1(&a), n, eps), THRESHOLD)?;
    let rest = adjoint(&a).dot(left) - times_lambda(left, -1.0);
    within("Yᴴ A = Λ Yᴴ", ratio(norm1(&rest), norm1(&a), n, eps), THRESHOLD)
}

fn upper(r: &Wide) -> bool {
    r.indexed_iter().all(|((i, j), z)| i <= j || *z == C64::ZERO)
}

/// ‖A − QR‖/(‖A‖·max(m,n)·eps) <= c (`dqrt01`), Q with orthonormal columns, R upper trapezoidal with exact zeros below.
pub fn qr(a: &Wide, q: &Wide, r: &Wide, eps: f64) -> Verdict {
    let (m, n) = a.dim();
    fact("shapes of QR", q.nrows() == m && q.ncols() == r.nrows() && r.ncols() == n)?;
    fact("R upper trapezoidal", upper(r))?;
    orthonormal_columns(q, eps)?;
    let e = exponent(a);
    let a = times_power(a, e);
    let rest = &a - &q.dot(&times_power(r, e));
    within("A = Q R", ratio(norm1(&rest), norm1(&a), m.max(n), eps), THRESHOLD)
}

/// The columns (or rows) of A in the order `p`; `None` if `p` is not a permutation.
pub fn permuted(a: &Wide, axis: Axis, p: &[usize]) -> Option<Wide> {
    let mut seen = vec![false; a.len_of(axis)];
    let fresh = |seen: &mut Vec<bool>, i: usize| i < seen.len() && !std::mem::replace(&mut seen[i], true);
    let valid = p.len() == seen.len() && p.iter().all(|&i| fresh(&mut seen, i));
    valid.then(|| a.select(axis, p))
}

/// The oracle [`qr`] for A[:, p] = QR, and |r₁₁| >= |r₂₂| >= … up to rounding.
pub fn qr_pivoted(a: &Wide, q: &Wide, r: &Wide, p: &[usize], eps: f64) -> Verdict {
    let Some(ap) = permuted(a, Axis(1), p) else {
        return fact("column permutation", false);
    };
    qr(&ap, q, r, eps)?;
    let r = times_power(r, exponent(a));
    let d: Vec<f64> = r.diag().iter().map(|z| z.norm()).collect();
    let slack = THRESHOLD * a.nrows().max(a.ncols()) as f64 * eps * d.first().copied().unwrap_or(0.0);
    fact("pivoted diagonal descends", d.windows(2).all(|w| w[1] <= w[0] + slack))
}

/// ‖A[p, :] − LU‖/(‖A‖·max(m,n)·eps) <= c (`dget01`), L unit lower, U upper trapezoidal. Partial pivoting chooses the
/// entry with the largest |Re| + |Im|, so that no multiplier exceeds √2 in absolute value (1 for real types).
pub fn lu(a: &Wide, l: &Wide, u: &Wide, p: &[usize], eps: f64) -> Verdict {
    let ((m, n), k) = (a.dim(), a.nrows().min(a.ncols()));
    fact("shapes of LU", l.dim() == (m, k) && u.dim() == (k, n))?;
    let Some(pa) = permuted(a, Axis(0), p) else {
        return fact("row permutation", false);
    };
    let unit = l.diag().iter().all(|z| *z == C64::new(1.0, 0.0));
    fact("L unit lower", unit && upper(&l.t().to_owned()))?;
    fact("U upper", upper(u))?;
    let most = l.iter().fold(0.0, |most: f64, z| most.max(z.norm()));
    within("multipliers", most, 2f64.sqrt() + 8.0 * eps)?;
    let e = exponent(a);
    let pa = times_power(&pa, e);
    let rest = &pa - &l.dot(&times_power(u, e));
    within("P A = L U", ratio(norm1(&rest), norm1(&pa), m.max(n), eps), THRESHOLD)
}

/// ‖A − LLᴴ‖/(‖A‖·n·eps) <= c (`dpot01`), L lower with a real positive diagonal.
pub fn cholesky(a: &Wide, l: &Wide, eps: f64) -> Verdict {
    let n = a.nrows();
    fact("shape of L", l.dim() == (n, n))?;
    fact("L lower", upper(&l.t().to_owned()))?;
    fact("diagonal of L positive", l.diag().iter().all(|z| z.re > 0.0 && z.im == 0.0))?;
    // An even power, so that its root is a power of two as well.
    let e = exponent(a) / 2 * 2;
    let (a, l) = (times_power(a, e), times_power(l, e / 2));
    let rest = &a - &l.dot(&adjoint(&l));
    within("A = L Lᴴ", ratio(norm1(&rest), norm1(&a), n, eps), THRESHOLD)
}

/// ‖b − Ax‖/((‖A‖‖x‖ + ‖b‖)·n·eps) <= c for each column: the normwise backward error (Rigal and Gaches 1967; `dget02`).
pub fn solve(a: &Wide, x: &Wide, b: &Wide, eps: f64) -> Verdict {
    let n = a.nrows().max(a.ncols());
    fact("shape of the solution", x.dim() == (a.ncols(), b.ncols()))?;
    let (ea, eb) = (exponent(a), exponent(b));
    let (a, b, x) = (times_power(a, ea), times_power(b, eb), times_power(x, eb - ea));
    let (rest, size) = (&b - &a.dot(&x), norm1(&a));
    for j in 0..b.ncols() {
        let of = |m: &Wide| norm1(&m.slice(s![.., j..j + 1]).to_owned());
        within("A x = b", ratio(of(&rest), size * of(&x) + of(&b), n, eps), THRESHOLD)?;
    }
    Ok(())
}

/// ‖I − AX‖/(‖A‖‖X‖·n·eps) <= c (`dget03`).
pub fn inverse(a: &Wide, x: &Wide, eps: f64) -> Verdict {
    let n = a.nrows();
    fact("shape of the inverse", x.dim() == (n, n))?;
    let e = exponent(a);
    let (a, x) = (times_power(a, e), times_power(x, -e));
    let rest = a.dot(&x) - Wide::eye(n);
    within("A A⁻¹ = I", ratio(norm1(&rest), norm1(&a) * norm1(&x), n, eps), THRESHOLD)
}

/// Whether the Hermitian matrix `h + shift·I` has a Cholesky factor: plain loops, row by row.
fn positive_definite(h: &Wide, shift: f64) -> bool {
    let n = h.nrows();
    let mut l = Wide::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let sum: C64 = (0..j).map(|k| l[[i, k]] * l[[j, k]].conj()).sum();
            let rest = h[[i, j]] - sum;
            if i > j {
                l[[i, j]] = rest / l[[j, j]];
            } else if rest.re + shift > 0.0 {
                l[[i, i]] = C64::new((rest.re + shift).sqrt(), 0.0);
            } else {
                return false;
            }
        }
    }
    true
}

/// A = WH to c·max(m,n)·eps·‖A‖, W with orthonormal columns, H exactly Hermitian and positive semidefinite to rounding
/// (its least eigenvalue is not below −c·n·eps·‖H‖).
pub fn polar(a: &Wide, w: &Wide, h: &Wide, eps: f64) -> Verdict {
    let (m, n) = a.dim();
    fact("shapes of the polar factors", w.dim() == (m, n) && h.dim() == (n, n))?;
    orthonormal_columns(w, eps)?;
    let e = exponent(a);
    let (a, h) = (times_power(a, e), times_power(h, e));
    fact("H Hermitian", h == adjoint(&h))?;
    let rest = &a - &w.dot(&h);
    within("A = W H", ratio(norm1(&rest), norm1(&a), m.max(n), eps), THRESHOLD)?;
    let shift = THRESHOLD * n as f64 * eps * norm1(&h);
    fact("H positive semidefinite", positive_definite(&h, shift.max(f64::MIN_POSITIVE)))
}

/// The four Penrose conditions, APA = A, PAP = P, AP and PA Hermitian, each to c·d·eps·κ with κ = ‖A‖‖P‖: P is computed
/// with a relative error of that order.
pub fn penrose(a: &Wide, p: &Wide, eps: f64) -> Verdict {
    let d = a.nrows().max(a.ncols());
    fact("shape of the pseudoinverse", p.dim() == (a.ncols(), a.nrows()))?;
    let e = exponent(a);
    let (a, p) = (times_power(a, e), times_power(p, -e));
    let (ap, pa) = (a.dot(&p), p.dot(&a));
    let (size_a, size_p) = (norm1(&a), norm1(&p));
    let kappa = size_a * size_p;
    let test = |name, rest: Wide, size: f64| within(name, ratio(norm1(&rest), size, d, eps), THRESHOLD);
    test("A P A = A", ap.dot(&a) - &a, size_a * kappa)?;
    test("P A P = P", pa.dot(&p) - &p, size_p * kappa)?;
    test("A P Hermitian", &ap - &adjoint(&ap), kappa)?;
    test("P A Hermitian", &pa - &adjoint(&pa), kappa)
}

/// The residual r = b − Ax is orthogonal to the range of A: ‖Aᴴr‖/(‖A‖·(‖A‖‖x‖ + ‖b‖)·max(m,n)·eps) <= c for each
/// column (`dqrt17`). It holds for every backward stable method, of whatever condition A is.
pub fn least_squares(a: &Wide, x: &Wide, b: &Wide, eps: f64) -> Verdict {
    let d = a.nrows().max(a.ncols());
    fact("shape of the solution", x.dim() == (a.ncols(), b.ncols()))?;
    let (ea, eb) = (exponent(a), exponent(b));
    let (a, b, x) = (times_power(a, ea), times_power(b, eb), times_power(x, eb - ea));
    let normal = adjoint(&a).dot(&(&b - &a.dot(&x)));
    let size = norm1(&a);
    for j in 0..b.ncols() {
        let of = |m: &Wide| norm1(&m.slice(s![.., j..j + 1]).to_owned());
        let scale = size * (size * of(&x) + of(&b));
        within("Aᴴ(b − Ax) = 0", ratio(of(&normal), scale, d, eps), THRESHOLD)?;
    }
    Ok(())
}

/// x has no part in the null space, of which `null` is an orthonormal basis: ‖Nᴴx‖/(‖x‖·κ·d·eps) <= c (`dqrt14`).
pub fn minimum_norm(null: &Wide, x: &Wide, kappa: f64, eps: f64) -> Verdict {
    let x = times_power(x, exponent(x));
    let part = norm1(&adjoint(null).dot(&x));
    within("x of least norm", ratio(part, norm1(&x) * kappa, x.nrows(), eps), THRESHOLD)
}

/// max |x − y| <= tol·max |y|, entry by entry over the matrix.
pub fn close(oracle: &'static str, x: &Wide, y: &Wide, tol: f64) -> Verdict {
    fact("shapes agree", x.dim() == y.dim())?;
    let e = exponent(y);
    let (x, y) = (times_power(x, e), times_power(y, e));
    let most = y.iter().fold(0.0, |most: f64, z| most.max(z.norm()));
    let apart = Zip::from(&x).and(&y).fold(0.0, |most: f64, p, q| {
        let d = (p - q).norm();
        if d.is_nan() || d > most { d } else { most }
    });
    within(oracle, apart, tol * most)
}

/// A computed number against a true one, relatively.
pub fn relative(oracle: &'static str, found: f64, known: f64, tol: f64) -> Verdict {
    within(oracle, (found - known).abs(), tol * known.abs())
}

/// Column vectors as a matrix of one column.
pub fn column(x: &Array1<C64>) -> Wide {
    x.view().insert_axis(Axis(1)).to_owned()
}

/// Any array of the element type in double precision.
pub fn wide<T: super::generate::Scalar, S: ndarray::Data<Elem = T>>(a: &ndarray::ArrayBase<S, ndarray::Ix2>) -> Wide {
    a.mapv(T::wide)
}

/// A number of the complex type that belongs to T.
pub fn wide_complex<T: super::generate::Scalar>(z: T::Complex) -> C64 {
    use ndarray_linalg::Scalar;
    C64::new(T::f64_of(z.re()), T::f64_of(z.im()))
}

pub fn wide_reals<T: super::generate::Scalar>(s: &Array1<T::Real>) -> Vec<f64> {
    s.iter().map(|&x| T::f64_of(x)).collect()
}

/// A matrix of integers.
pub fn integers(rows: &[&[i64]]) -> Wide {
    let n = rows.first().map_or(0, |r| r.len());
    Array2::from_shape_fn((rows.len(), n), |(i, j)| C64::new(rows[i][j] as f64, 0.0))
}

/// A⁻¹ by Gauss–Jordan elimination with partial pivoting, in plain loops: good to c·n·κ·eps, for condition numbers.
pub fn inverted(a: &Wide) -> Wide {
    let n = a.nrows();
    let mut left = a.clone();
    let mut right = Wide::eye(n);
    for k in 0..n {
        let Some(p) = (k..n).max_by(|&i, &j| left[[i, k]].norm().total_cmp(&left[[j, k]].norm())) else {
            continue;
        };
        for m in [&mut left, &mut right] {
            (0..n).for_each(|j| m.swap([k, j], [p, j]));
        }
        let pivot = left[[k, k]];
        for m in [&mut left, &mut right] {
            m.row_mut(k).mapv_inplace(|z| z / pivot);
        }
        for i in (0..n).filter(|&i| i != k) {
            let factor = left[[i, k]];
            for m in [&mut left, &mut right] {
                let row = m.row(k).mapv(|z| factor * z);
                let mut target = m.row_mut(i);
                target -= &row;
            }
        }
    }
    right
}
