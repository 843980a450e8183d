//! Derivatives: checks of gradients and directional derivatives that a caller has written.
//! On the floor above `factor`; must not know which function it checks.
//!
//! A difference quotient knows its own error only roughly, so that every answer comes with an estimate of it; the adjoint identity and
//! the complex step have rounding errors alone.

use ndarray::{Array2, ArrayRef2, Zip};
use num_traits::{Float, Zero};

use super::operands::{check, inner};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};

/// A difference quotient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quotient<R> {
    /// The derivative that was found.
    pub value: R,
    /// An estimate of its error.
    pub error: R,
}

/// The derivative of a real loss f at A along E, by central differences at decreasing steps, extrapolated to 0.
///
/// Of the extrapolations the one counts whose neighbours agree best, so that the step chooses itself (C. J. F. Ridders, Accurate
/// computation of F′(x), Adv. Eng. Softw. 4 (1982)). Some 20 values of f.
///
/// # Errors
/// [`Error::Shape`] if E does not fit A, [`Error::NonFinite`], [`Error::Overflow`] where no difference is finite; what f returns.
///
/// ```
/// use lapwing::deriv::check::difference;
/// use ndarray::{Array2, array};
///
/// let cube = |a: &Array2<f64>| Ok(a[(0, 0)].powi(3));
/// let slope = difference(cube, &array![[2.0]], &array![[1.0]])?;
/// assert!((slope.value - 12.0).abs() < 1e-9 && slope.error < 1e-9);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn difference<T: Element>(
    f: impl Fn(&Array2<T>) -> Result<T::Real>, a: &ArrayRef2<T>, e: &ArrayRef2<T>,
) -> Result<Quotient<T::Real>> {
    const COLUMNS: usize = 10;
    check("the matrix", a, a.dim())?;
    check("the direction", e, a.dim())?;
    let size = |a: &ArrayRef2<T>| a.iter().fold(T::Real::zero(), |most, x| Float::max(most, x.abs()));
    let (of_a, of_e) = (size(a), size(e));
    if of_e == T::Real::zero() {
        return Ok(Quotient { value: T::Real::zero(), error: T::Real::zero() });
    }
    let shrink = T::Real::real(1.6);
    let mut step = T::Real::real(0.05) * (if of_a > T::Real::zero() { of_a / of_e } else { T::Real::real(1.0) / of_e });
    let mut best: Option<Quotient<T::Real>> = None;
    let mut before: Vec<T::Real> = Vec::new();
    for _ in 0..COLUMNS {
        let moved = |t: T::Real| {
            let mut moved = a.to_owned();
            moved.zip_mut_with(e, |x, &e| *x += e.mul_real(t));
            f(&moved)
        };
        let (up, down) = (moved(step)?, moved(-step)?);
        let quotient = (up - down) / (step + step);
        // What the rounding of f leaves, however well extrapolations agree.
        let rounding = T::Real::EPS * Float::max(Float::abs(up), Float::abs(down)) / step;
        let mut row = vec![quotient];
        let mut factor = shrink * shrink;
        for (k, &coarser) in before.iter().enumerate() {
            let finer = row[k];
            let extrapolated = (finer * factor - coarser) / (factor - T::Real::real(1.0));
            let change = Float::max(Float::abs(extrapolated - finer), Float::abs(extrapolated - coarser));
            let error = change + rounding;
            if best.is_none_or(|best| error <= best.error) && error.as_f64().is_finite() {
                best = Some(Quotient { value: extrapolated, error });
            }
            row.push(extrapolated);
            factor *= shrink * shrink;
        }
        before = row;
        step /= shrink;
    }
    best.ok_or(Error::Overflow { what: "a difference quotient" })
}

/// How a gradient fares against difference quotients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientCheck<R> {
    /// The largest |Re⟨G, E⟩ − quotient|/‖G‖_F over the directions E of length about 1.
    pub mismatch: R,
    /// The estimated error of the quotients, relative to the same: no smaller mismatch means anything.
    pub noise: R,
}

impl<R: Real> GradientCheck<R> {
    /// Whether the mismatch is no more than ten times what the quotients can tell.
    pub fn agrees(&self) -> bool {
        self.mismatch <= R::real(10.0) * (self.noise + R::EPS)
    }
}

/// Checks the gradient G of a real loss f at A: Re⟨G, E⟩ against [`difference`] along `directions` random directions E.
///
/// The directions are the same in every call. Some 20 values of f for each.
///
/// # Errors
/// As for [`difference`], [`Error::Shape`] if the gradient does not fit A, [`Error::Parameter`] for no direction.
///
/// ```
/// use lapwing::deriv::check::gradient;
/// use ndarray::{Array2, array};
///
/// let a = array![[1.0, 2.0], [3.0, 4.0]];
/// let sum_of_squares = |a: &Array2<f64>| Ok(a.iter().map(|x| x * x).sum());
/// assert!(gradient(sum_of_squares, &a, &(2.0 * &a), 3)?.agrees());
/// assert!(!gradient(sum_of_squares, &a, &(2.001 * &a), 3)?.agrees());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn gradient<T: Element>(
    f: impl Fn(&Array2<T>) -> Result<T::Real>, a: &ArrayRef2<T>, g: &ArrayRef2<T>, directions: usize,
) -> Result<GradientCheck<T::Real>> {
    check("the gradient", g, a.dim())?;
    require_some(directions)?;
    let mut random = Random::new();
    let norm = Float::max(length(g), T::Real::min_positive_value());
    let mut found = GradientCheck { mismatch: T::Real::zero(), noise: T::Real::zero() };
    for _ in 0..directions {
        let e = random.direction::<T>(a.dim());
        let quotient = difference(&f, a, &e)?;
        found.mismatch = Float::max(found.mismatch, Float::abs(inner(g, &e) - quotient.value) / norm);
        found.noise = Float::max(found.noise, quotient.error / norm);
    }
    Ok(found)
}

/// Checks a directional derivative against a gradient: the largest |Re⟨W, J·E⟩ − Re⟨Jᴴ·W, E⟩| over random E and W, relative to
/// ‖W‖‖J·E‖ + ‖Jᴴ·W‖‖E‖. If they are adjoint it is a small multiple of ε.
///
/// `jvp` takes a matrix of the shape `from` to one of the shape `to`, and `vjp` the other way. The matrices are the same in every
/// call.
///
/// # Errors
/// [`Error::Shape`] if a result has another shape, [`Error::Parameter`] for no pair; what the functions return.
///
/// ```
/// use lapwing::deriv::check::adjoint_mismatch;
/// use lapwing::deriv::{Differentiable, inverse};
/// use ndarray::array;
///
/// let inverse = inverse(&array![[2.0, 1.0], [0.0, 1.0]])?;
/// let mismatch: f64 = adjoint_mismatch(|e| inverse.jvp(e), |w| inverse.vjp(w), (2, 2), (2, 2), 3)?;
/// assert!(mismatch < 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn adjoint_mismatch<T: Element>(
    jvp: impl Fn(&Array2<T>) -> Result<Array2<T>>, vjp: impl Fn(&Array2<T>) -> Result<Array2<T>>, from: (usize, usize),
    to: (usize, usize), pairs: usize,
) -> Result<T::Real> {
    require_some(pairs)?;
    let mut random = Random::new();
    let mut worst = T::Real::zero();
    for _ in 0..pairs {
        let (e, w) = (random.direction::<T>(from), random.direction::<T>(to));
        let (forward, backward) = (jvp(&e)?, vjp(&w)?);
        check("the directional derivative", &forward, to)?;
        check("the gradient", &backward, from)?;
        let size = length(&w) * length(&forward) + length(&backward) * length(&e);
        let difference = Float::abs(inner(&w, &forward) - inner(&backward, &e));
        if difference > T::Real::zero() {
            worst = Float::max(worst, difference / size);
        }
    }
    Ok(worst)
}

/// The derivative of a real analytic loss f at a real A along E, as Im f(A + ihE)/h with a tiny h: nothing is subtracted, so that
/// nothing cancels (W. Squire and G. Trapp, Using complex variables to estimate derivatives of real functions, SIAM Rev. 40 (1998)).
///
/// f must be given for complex matrices by the same formulas as for real ones, without conjugation or absolute values: Xᵀ and not Xᴴ.
/// h is 2⁻¹⁰⁰ for [`f32`] and 2⁻⁹⁰⁰ for [`f64`], over the size of E.
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`]; what f returns.
///
/// ```
/// use lapwing::deriv::check::complex_step;
/// use lapwing::prelude::c64;
/// use ndarray::{Array2, array};
///
/// let cube = |a: &Array2<c64>| Ok(a[(0, 0)] * a[(0, 0)] * a[(0, 0)]);
/// assert_eq!(complex_step::<f64>(cube, &array![[2.0]], &array![[1.0]])?, 12.0);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn complex_step<R: Real + Element<Real = R>>(
    f: impl Fn(&Array2<R::Complex>) -> Result<R::Complex>, a: &ArrayRef2<R>, e: &ArrayRef2<R>,
) -> Result<R> {
    check("the matrix", a, a.dim())?;
    check("the direction", e, a.dim())?;
    let size = e.iter().fold(R::zero(), |most, x| Float::max(most, Float::abs(*x)));
    if size == R::zero() {
        return Ok(size);
    }
    let exponent = if R::EPS.as_f64() > 1e-10 { -100.0 } else { -900.0 };
    let h = Float::exp2(R::real(exponent)) / size;
    let moved = Zip::from(a).and(e).map_collect(|&a, &e| R::complex(a, e * h));
    Ok(f(&moved)?.im() / h)
}

fn require_some(count: usize) -> Result<()> {
    if count > 0 {
        return Ok(());
    }
    Err(Error::Parameter { what: "the number of directions", expected: "at least 1", found: count.to_string() })
}

/// ‖X‖_F.
fn length<T: Element>(x: &ArrayRef2<T>) -> T::Real {
    x.iter().fold(T::Real::zero(), |length, x| Float::hypot(length, x.abs()))
}

/// SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).
struct Random(u64);

impl Random {
    fn new() -> Self {
        Random(0)
    }

    /// Uniform on [−1, 1).
    fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * (2.0 / 9_007_199_254_740_992.0) - 1.0
    }

    /// A matrix of length about 1.
    fn direction<T: Element>(&mut self, (m, n): (usize, usize)) -> Array2<T> {
        let scale = (3.0 / (m * n).max(1) as f64).sqrt();
        Array2::from_shape_simple_fn((m, n), || T::from_doubles(scale * self.number(), scale * self.number()))
    }
}
