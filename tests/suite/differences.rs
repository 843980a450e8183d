//! What tests of derivatives share: matrices side by side, difference quotients, and the adjoint identity.
//! Ground floor of the tests: over `gen.rs`; must not call the crate under test.

use ndarray::{Array1, Array2};

use super::generate::{C64, Rng, Scalar, Wide, adjoint, narrow, normal};

/// Matrices that a function returns, side by side in double precision.
pub type Parts = Vec<Wide>;

pub fn wide<T: Scalar>(a: &Array2<T>) -> Wide {
    a.mapv(|x| x.wide())
}

/// Real values as a column.
pub fn wide_values<T: Scalar>(values: &Array1<T::Real>) -> Wide {
    Wide::from_shape_fn((values.len(), 1), |(i, _)| C64::new(T::f64_of(values[i]), 0.0))
}

/// Re tr(XᴴY), summed over the parts.
pub fn inner_of(x: &Parts, y: &Parts) -> f64 {
    x.iter().zip(y).flat_map(|(x, y)| x.iter().zip(y)).map(|(x, y)| (x.conj() * y).re).sum()
}

pub fn norm_of(x: &Parts) -> f64 {
    inner_of(x, x).sqrt()
}

/// Re tr(XᴴY).
pub fn inner<T: Scalar>(x: &Array2<T>, y: &Array2<T>) -> f64 {
    inner_of(&vec![wide(x)], &vec![wide(y)])
}

/// ‖X‖_F.
pub fn norm<T: Scalar>(x: &Array2<T>) -> f64 {
    norm_of(&vec![wide(x)])
}

/// Independent normal entries.
pub fn random<T: Scalar>(rng: &mut Rng, m: usize, n: usize) -> Array2<T> {
    narrow(&normal::<T>(rng, m, n))
}

pub fn random_values<T: Scalar>(rng: &mut Rng, n: usize) -> Array1<T::Real> {
    Array1::from_iter((0..n).map(|_| T::real_of(rng.normal())))
}

/// (A + Aᴴ)/2.
pub fn hermitian_part<T: Scalar>(a: &Array2<T>) -> Array2<T> {
    narrow(&((wide(a) + adjoint(&wide(a))) * C64::new(0.5, 0.0)))
}

/// x·A.
pub fn scaled<T: Scalar>(a: &Array2<T>, x: f64) -> Array2<T> {
    a.mapv(|z| z * T::narrow(C64::new(x, 0.0)))
}

/// A + t·dA.
pub fn along<T: Scalar>(a: &Array2<T>, da: &Array2<T>, t: f64) -> Array2<T> {
    a + &scaled(da, t)
}

/// The derivative of t ↦ f(t) at 0: central differences at h, h/2 and h/4, extrapolated twice, so that the error is of order
/// h⁶ and what rounding leaves is of order ε/h.
pub fn extrapolated(h: f64, f: impl Fn(f64) -> Parts) -> Parts {
    let combine = |x: &Parts, y: &Parts, a: f64, b: f64| -> Parts {
        x.iter().zip(y).map(|(x, y)| x.mapv(|x| x * a) + y.mapv(|y| y * b)).collect()
    };
    let central = |h: f64| combine(&f(h), &f(-h), 0.5 / h, -0.5 / h);
    let quotients = [central(h), central(h / 2.0), central(h / 4.0)];
    let once = |k: usize| combine(&quotients[k + 1], &quotients[k], 4.0 / 3.0, -1.0 / 3.0);
    combine(&once(1), &once(0), 16.0 / 15.0, -1.0 / 15.0)
}

#[track_caller]
pub fn close(what: &str, found: &Parts, expected: &Parts, tolerance: f64) {
    let difference: Parts = found.iter().zip(expected).map(|(x, y)| x - y).collect();
    let error = norm_of(&difference) / norm_of(expected).max(f64::MIN_POSITIVE);
    assert!(error <= tolerance, "{what}: relative error {error:e}, allowed {tolerance:e}");
}

/// How large rounding errors may be, relative to the norms of what is multiplied: 200·ε for matrices of order 6 or less.
pub fn rounding<T: Scalar>() -> f64 {
    200.0 * T::EPS
}

/// |Re⟨F̄, dF⟩ − Re⟨Ā, dA⟩| ≤ c·ε·(‖F̄‖‖dF‖ + ‖Ā‖‖dA‖).
#[track_caller]
pub fn adjoint_identity<T: Scalar>(what: &str, bar: &Parts, tangent: &Parts, gradient: &Array2<T>, da: &Array2<T>) {
    let (gradient, da) = (vec![wide(gradient)], vec![wide(da)]);
    let (forward, backward) = (inner_of(bar, tangent), inner_of(&gradient, &da));
    let size = norm_of(bar) * norm_of(tangent) + norm_of(&gradient) * norm_of(&da);
    let error = (forward - backward).abs();
    assert!(
        error <= rounding::<T>() * size,
        "{what}: {forward:e} and {backward:e} differ by {:e}ε",
        error / size / T::EPS
    );
}

/// The factor of modulus 1 that brings z back to a positive number; 1 for 0.
pub fn turned_back(z: C64) -> C64 {
    if z.norm() == 0.0 { C64::new(1.0, 0.0) } else { z.conj() / z.norm() }
}

/// A larger step loses to (κh‖dA‖)⁶, a smaller one to κ²ε/h: at 2⁻¹² both are about 1e-10 for κ = 10.
pub const STEP: f64 = 0.000244140625;
/// Nine digits.
pub const NINE: f64 = 1e-9;

/// t ↦ (A + t·dA)², whose derivative at 0 is known.
fn square() -> (Array2<f64>, Array2<f64>, impl Fn(f64) -> Parts) {
    let mut rng = Rng::new(31);
    let (a, da) = (random::<f64>(&mut rng, 4, 4), random::<f64>(&mut rng, 4, 4));
    let (at, by) = (a.clone(), da.clone());
    (a, da, move |t| vec![wide(&along(&at, &by, t).dot(&along(&at, &by, t)))])
}

#[test]
fn quotients_have_nine_digits() {
    let (a, da, moved) = square();
    close("a square", &vec![wide(&(a.dot(&da) + da.dot(&a)))], &extrapolated(STEP, moved), NINE);
}

#[test]
#[should_panic(expected = "a square: relative error")]
fn quotients_reject_a_wrong_tangent() {
    let (a, da, moved) = square();
    let mut tangent = a.dot(&da) + da.dot(&a);
    tangent[(0, 0)] += 1e-7;
    close("a square", &vec![wide(&tangent)], &extrapolated(STEP, moved), NINE);
}

#[test]
#[should_panic(expected = "a square: ")]
fn the_identity_rejects_a_wrong_gradient() {
    let (a, da, _) = square();
    let bar = random::<f64>(&mut Rng::new(32), 4, 4);
    let tangent = vec![wide(&(a.dot(&da) + da.dot(&a)))];
    let gradient = bar.dot(&a.t()) + a.t().dot(&bar);
    adjoint_identity("the right one", &vec![wide(&bar)], &tangent, &gradient, &da);
    adjoint_identity("a square", &vec![wide(&bar)], &tangent, &scaled(&gradient, 1.0 + 1e-11), &da);
}
