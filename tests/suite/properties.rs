//! Properties that hold for every matrix: scaling, permutation, transposition, products, layouts, bordering.
//! Second floor of the tests: proptest draws the shapes, the seeds and the layouts; a failure prints them shrunk.
//! Must not repeat what `residual.rs` asks of single results: here results are held against each other.

use super::drawn::{in_each_type, spectra};
use super::generate::*;
use super::policy;
use super::residual::{self, *};
use lapwing::deriv::{Differentiable, Exp, InverseSqrt, Ln, Smooth, Sqrt, spectral};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis, concatenate, s};
use num_traits::Float;
use proptest::prelude::{Strategy, TestCaseError, prop_assert, prop_assert_eq};

fn layouts() -> impl Strategy<Value = Layout> {
    (0..Layout::ALL.len()).prop_map(|i| Layout::ALL[i])
}

fn matrix<T: Scalar>(seed: u64, m: usize, n: usize, spectrum: Spectrum) -> Wide {
    rounded::<T>(&general::<T>(&mut Rng::new(seed), m, n, &spectrum.values(m.min(n), 100.0)).a)
}

fn sigma<T: Scalar>(a: &Wide) -> Vec<f64> {
    wide_reals::<T>(&narrow::<T>(a).singular_values().unwrap())
}

fn accept(verdict: Verdict) -> Result<(), TestCaseError> {
    verdict.map_err(|fault| TestCaseError::fail(fault.to_string()))
}

fn shuffled(seed: u64, n: usize) -> Vec<usize> {
    let mut rng = Rng::new(seed);
    let mut order: Vec<usize> = (0..n).collect();
    (1..n).rev().for_each(|i| order.swap(i, rng.below(i + 1)));
    order
}

/// A power of two changes exponents only: every factorization commutes with it, bit by bit.
fn powers_of_two_are_exact<T: Scalar>(seed: u64, n: usize, e: i32) -> Result<(), TestCaseError> {
    let _fixed = policy::bit_by_bit();
    let a = matrix::<T>(seed, n + 2, n, Spectrum::Geometric);
    let times = |x: &Wide, e: i32| times_power(x, e);
    let (small, large) = (narrow::<T>(&a), narrow::<T>(&times(&a, e)));
    let (p, q) = (small.qr().unwrap(), large.qr().unwrap());
    prop_assert_eq!(wide(&p.q().unwrap()), wide(&q.q().unwrap()));
    prop_assert_eq!(times(&wide(&p.r()), e), wide(&q.r()));
    let square = |x: &Array2<T>| x.slice(s![..n, ..]).to_owned();
    let (p, q) = (square(&small).lu().unwrap(), square(&large).lu().unwrap());
    prop_assert_eq!((p.l(), p.permutation()), (q.l(), q.permutation()));
    prop_assert_eq!(times(&wide(&p.u()), e), wide(&q.u()));
    let factor = 2f64.powi(e);
    let (s, t) = (sigma::<T>(&a), sigma::<T>(&times(&a, e)));
    let scaled: Vec<f64> = s.iter().map(|x| x * factor).collect();
    prop_assert_eq!(scaled, t);
    Ok(())
}

/// σ(A) = σ(Aᴴ) = σ(PAQ) for permutations P, Q; the eigenvalues of PSPᵀ are those of S.
fn invariances<T: Scalar>(seed: u64, m: usize, n: usize, spectrum: Spectrum) -> Result<(), TestCaseError> {
    let a = matrix::<T>(seed, m, n, spectrum);
    let s = sigma::<T>(&a);
    accept(residual::values(&sigma::<T>(&adjoint(&a)), &s, 2 * m.max(n), T::EPS))?;
    let mixed = a.select(Axis(0), &shuffled(seed, m)).select(Axis(1), &shuffled(seed + 1, n));
    accept(residual::values(&sigma::<T>(&mixed), &s, 2 * m.max(n), T::EPS))?;
    let gram = rounded::<T>(&adjoint(&a).dot(&a));
    let order = shuffled(seed + 2, n);
    let turned = gram.select(Axis(0), &order).select(Axis(1), &order);
    let [p, q] = [&gram, &turned].map(|g| wide_reals::<T>(&narrow::<T>(g).eigvalsh().unwrap()));
    accept(residual::values(&p, &q, 2 * n, T::EPS))
}

/// A further row moves no singular value down, and none above its left neighbour (Thompson 1972, one row
/// deleted).
fn bordering<T: Scalar>(seed: u64, m: usize, n: usize) -> Result<(), TestCaseError> {
    let whole = matrix::<T>(seed, m + 1, n, Spectrum::Arithmetic);
    let (large, small) = (sigma::<T>(&whole), sigma::<T>(&whole.slice(s![..m, ..]).to_owned()));
    let slack = 2.0 * THRESHOLD * (m + 1).max(n) as f64 * T::EPS;
    for (i, &x) in small.iter().enumerate() {
        prop_assert!(large[i] >= x - slack);
        prop_assert!(i + 1 >= large.len() || x >= large[i + 1] - slack);
    }
    // Zero rows change nothing.
    let zeros = Wide::zeros((2, n));
    let padded = concatenate(Axis(0), &[whole.view(), zeros.view()]).unwrap();
    let kept = &sigma::<T>(&padded)[..large.len()];
    accept(residual::values(kept, &large, 2 * (m + 3).max(n), T::EPS))
}

/// det(AB) = det(A)·det(B), through sign and logarithm.
fn determinants_multiply<T: Scalar>(seed: u64, n: usize) -> Result<(), TestCaseError> {
    let a = matrix::<T>(seed, n, n, Spectrum::Arithmetic);
    let b = matrix::<T>(seed + 1, n, n, Spectrum::Geometric);
    let det = |m: &Wide| {
        let (sign, log) = narrow::<T>(m).lu().unwrap().ln_det().unwrap();
        (sign.wide(), T::f64_of(log))
    };
    let ((p, x), (q, y), (r, z)) = (det(&a), det(&b), det(&a.dot(&b)));
    // Each factor moves by n·κ·(c·n·eps), with κ = 100 for each of A and B and 10⁴ for AB.
    let tol = 1e4 * THRESHOLD * (n * n) as f64 * T::EPS;
    accept(residual::within("sign of the product", (p * q - r).norm(), tol))?;
    accept(residual::within("ln|det| of the product", (x + y - z).abs(), tol))
}

/// A·A⁺·A = A, and (A⁺)⁺ = A.
fn pseudoinverse<T: Scalar>(seed: u64, m: usize, n: usize, spectrum: Spectrum) -> Result<(), TestCaseError> {
    let a = matrix::<T>(seed, m, n, spectrum);
    let rcond = Some(T::real_of(1e-4));
    let p = narrow::<T>(&a).pinv(rcond).unwrap();
    accept(residual::penrose(&a, &wide(&p.matrix), T::EPS))?;
    let back = wide(&p.matrix.pinv(rcond).unwrap().matrix);
    accept(residual::close("(A⁺)⁺", &back, &a, 2e4 * THRESHOLD * m.max(n) as f64 * T::EPS))
}

/// The layout of the operands changes nothing but rounding.
fn layout_invariance<T: Scalar>(
    seed: u64, m: usize, n: usize, (one, other): (Layout, Layout),
) -> Result<(), TestCaseError> {
    let a = matrix::<T>(seed, m, n, Spectrum::Arithmetic);
    let b = rounded::<T>(&normal::<T>(&mut Rng::new(seed), m, 2));
    let k = m.min(n);
    let (p, q) = (Placed::<T>::new(&a, one), Placed::<T>::new(&a, other));
    let values = |x: &Placed<T>| wide_reals::<T>(&x.view().singular_values().unwrap());
    accept(residual::values(&values(&p), &values(&q), 2 * m.max(n), T::EPS))?;
    // κ = 100, and κ² where the residual is large.
    let tol = 2e4 * THRESHOLD * m.max(n) as f64 * T::EPS;
    let (f, g) = (Placed::<T>::new(&b, other), Placed::<T>::new(&b, one));
    let x = wide(&p.view().lstsq(&f.view()).unwrap().x);
    let y = wide(&q.view().lstsq(&g.view()).unwrap().x);
    accept(residual::close("x", &x, &y, tol))?;
    let r = |x: &Placed<T>| wide(&x.view().qr().unwrap().r()).slice(s![..k, ..k]).mapv(|z| C64::new(z.norm(), 0.0));
    accept(residual::close("|R|", &r(&p), &r(&q), tol))
}

/// Q·(Qᴴ·b) = b: Q is square in `apply_q`.
fn reflectors_undo_themselves<T: Scalar>(seed: u64, m: usize, n: usize) -> Result<(), TestCaseError> {
    let a = narrow::<T>(&matrix::<T>(seed, m, n, Spectrum::Deficient));
    let b: Array1<T> = narrow::<T>(&normal::<T>(&mut Rng::new(seed), m, 1)).column(0).to_owned();
    let [f, g] = [true, false].map(|plain| {
        let there: Array1<T> =
            if plain { a.qr().unwrap().apply_qh(&b) } else { a.qr_pivoted().unwrap().apply_qh(&b) }.unwrap();
        if plain { a.qr().unwrap().apply_q(&there) } else { a.qr_pivoted().unwrap().apply_q(&there) }.unwrap()
    });
    let tol = 2.0 * THRESHOLD * m as f64 * T::EPS;
    let given = column(&b.mapv(T::wide));
    accept(residual::close("Q Qᴴ b", &column(&f.mapv(T::wide)), &given, tol))?;
    accept(residual::close("Q Qᴴ b, pivoted", &column(&g.mapv(T::wide)), &given, tol))
}

/// Every order that is promised: σ descends, λ ascends, whatever the spectrum.
fn orders<T: Scalar>(seed: u64, n: usize, spectrum: Spectrum) -> Result<(), TestCaseError> {
    accept(residual::descending(&sigma::<T>(&matrix::<T>(seed, n + 3, n, spectrum))))?;
    let lambda = alternating(&spectrum.values(n, 100.0));
    let a = narrow::<T>(&hermitian::<T>(&mut Rng::new(seed), &lambda).a);
    accept(residual::ascending(&wide_reals::<T>(&a.eigvalsh().unwrap())))
}

/// The gradient of tr f(S) is f′(S), for every f, spectrum and order: f′(S) from the eigenvectors that made S. Rounding S by ε‖S‖ changes it by
/// up to that times f″.
fn spectral_traces<T: Scalar>(seed: u64, n: usize, spectrum: Spectrum, which: usize) -> Result<(), TestCaseError> {
    let values: Vec<f64> = spectrum.values(n, 10.0).iter().map(|x| x + 0.25).collect();
    let known = hermitian::<T>(&mut Rng::new(seed), &values);
    let (eigh, one) = (narrow::<T>(&known.a).eigh().unwrap(), Array2::<T>::eye(n));
    let sine = Smooth { function: |x: T::Real| Float::sin(x), derivative: |x: T::Real| Float::cos(x) };
    type Function = fn(f64) -> f64;
    let (found, first, second): (_, Function, Function) = match which {
        0 => (spectral(&eigh, Exp).and_then(|f| f.vjp(&one)), f64::exp, f64::exp),
        1 => (spectral(&eigh, Ln).and_then(|f| f.vjp(&one)), |x| 1.0 / x, |x| -1.0 / x.powi(2)),
        2 => (spectral(&eigh, Sqrt).and_then(|f| f.vjp(&one)), |x| 0.5 / x.sqrt(), |x| -0.25 / x.powf(1.5)),
        3 => {
            let found = spectral(&eigh, InverseSqrt).and_then(|f| f.vjp(&one));
            (found, |x| -0.5 / x.powf(1.5), |x| 0.75 / x.powf(2.5))
        }
        _ => (spectral(&eigh, sine).and_then(|f| f.vjp(&one)), f64::cos, |x| -x.sin()),
    };
    let slopes: Vec<f64> = values.iter().map(|&x| first(x)).collect();
    let expected = scale_columns(&known.u, &slopes).dot(&adjoint(&known.u));
    let most = |f: Function| values.iter().fold(0.0, |most: f64, &x| most.max(f(x).abs()));
    let tol = THRESHOLD * n as f64 * T::EPS * (most(first) + 1.25 * most(second));
    let apart = norm1(&(wide(&found.unwrap()) - expected));
    prop_assert!(apart <= tol, "f′(S) is off by {apart:e}, allowed {tol:e}");
    Ok(())
}

in_each_type! {
    powers_of_two_are_exact(seed in 0u64..1000, n in 1usize..12, e in -20i32..20);
    invariances(seed in 0u64..1000, m in 1usize..14, n in 1usize..14, spectrum in spectra());
    bordering(seed in 0u64..1000, m in 1usize..12, n in 1usize..12);
    determinants_multiply(seed in 0u64..1000, n in 1usize..10);
    pseudoinverse(seed in 0u64..1000, m in 1usize..12, n in 1usize..12, spectrum in spectra());
    layout_invariance(seed in 0u64..1000, m in 1usize..14, n in 1usize..14, pair in (layouts(), layouts()));
    reflectors_undo_themselves(seed in 0u64..1000, m in 1usize..14, n in 1usize..14);
    orders(seed in 0u64..1000, n in 1usize..14, spectrum in spectra());
    spectral_traces(seed in 0u64..1000, n in 1usize..10, spectrum in spectra(), which in 0usize..5);
}
