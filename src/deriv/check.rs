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
use crate::scale::times_power;

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
/// computation of F′(x), Adv. Eng. Softw. 4 (1982)), among steps at which f is smooth: the quotients forward and backward come together in
/// proportion to the step. Where they do not, as at a kink, their distance is the error. Steps go from a twentieth of A down to ε^⅔, and at
/// those where f fails it is not asked again: some 40 values of f in double precision, 15 in single.
///
/// # Errors
/// [`Error::Shape`] if E does not fit A, [`Error::NonFinite`], [`Error::Overflow`] where no difference is finite; what f returns at A, or
/// wherever it is asked beside A.
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
    check("the matrix", a, a.dim())?;
    check("the direction", e, a.dim())?;
    let of_e = size(e);
    if of_e == T::Real::zero() {
        return Ok(Quotient { value: T::Real::zero(), error: T::Real::zero() });
    }
    // A power of two makes the direction as large as A, so that what is computed is as large as f.
    let k = Float::floor(Float::log2(size_or_one(a))) - Float::floor(Float::log2(of_e));
    let e = e.mapv(|x| times_power(x, k.as_f64()));
    let Slope { quotient, .. } = slope(&f, a, &e)?;
    let scaled = |x: T::Real| times_power(T::from_real(x), -k.as_f64()).re();
    let found = Quotient { value: scaled(quotient.value), error: scaled(quotient.error) };
    match found.value.as_f64().is_finite() {
        true => Ok(found),
        false => Err(Error::Overflow { what: "a difference quotient" }),
    }
}

/// The largest modulus.
fn size<T: Element>(a: &ArrayRef2<T>) -> T::Real {
    a.iter().fold(T::Real::zero(), |most, x| Float::max(most, x.abs()))
}

fn size_or_one<T: Element>(a: &ArrayRef2<T>) -> T::Real {
    match size(a) {
        none if none == T::Real::zero() => T::Real::real(1.0),
        size => size,
    }
}

/// What differences along a direction of the size of A tell.
struct Slope<R> {
    quotient: Quotient<R>,
    /// The largest quotient to one side.
    steepest: R,
    /// What rounding leaves of the quotient at the largest step.
    rounding: R,
}

fn slope<T: Element>(
    f: &impl Fn(&Array2<T>) -> Result<T::Real>, a: &ArrayRef2<T>, e: &ArrayRef2<T>,
) -> Result<Slope<T::Real>> {
    let shrink = T::Real::real(3.0);
    let least = Float::powf(T::Real::EPS, T::Real::real(2.0 / 3.0));
    let centre = f(&a.to_owned())?;
    let mut levels = Levels::new();
    let (mut steepest, mut rounding, mut failure) = (T::Real::zero(), T::Real::infinity(), None);
    let mut step = T::Real::real(0.05);
    while step > least {
        let moved = |t: T::Real| {
            let mut moved = a.to_owned();
            moved.zip_mut_with(e, |x, &e| *x += e.mul_real(t));
            f(&moved)
        };
        match (moved(step), moved(-step)) {
            (Ok(up), Ok(down)) => {
                let (forward, backward) = ((up - centre) / step, (centre - down) / step);
                let largest =
                    [up, down, centre].map(Float::abs).into_iter().fold(T::Real::min_positive_value(), Float::max);
                let central = (up - down) / (step + step);
                // What the rounding of f and of A leaves, however well extrapolations agree; the direction is as large as A.
                let noise = T::Real::EPS * ((largest + Float::abs(central)) / step);
                rounding = Float::min(rounding, noise);
                if (forward + backward).as_f64().is_finite() {
                    steepest = Float::max(steepest, Float::max(Float::abs(forward), Float::abs(backward)));
                }
                levels.add(central, Float::abs(forward - backward), noise, shrink * shrink);
            }
            (Err(error), _) | (_, Err(error)) => failure = Some(error),
        }
        step /= shrink;
    }
    match (levels.best, failure) {
        (Some(quotient), _) => Ok(Slope { quotient, steepest, rounding }),
        (None, Some(error)) => Err(error),
        (None, None) => Err(Error::Overflow { what: "a difference quotient" }),
    }
}

/// Extrapolations of central quotients.
struct Levels<R> {
    /// Those that end at the last step, by their order.
    row: Vec<R>,
    /// How far the quotients to either side were apart at the last step.
    bend: R,
    best: Option<Quotient<R>>,
}

impl<R: Real> Levels<R> {
    fn new() -> Self {
        Levels { row: Vec::new(), bend: R::infinity(), best: None }
    }

    /// The quotient at a step that is smaller than the last one, by a number of which `square` is the square.
    fn add(&mut self, central: R, bend: R, noise: R, square: R) {
        let smooth = bend <= R::real(0.6) * self.bend + R::real(4.0) * noise;
        if let (false, Some(&last)) = (smooth, self.row.first()) {
            // A quotient alone is no better than the two of which it is the mean.
            self.consider(central, bend + Float::abs(central - last) + noise);
        }
        let before = std::mem::replace(&mut self.row, vec![central]);
        self.bend = bend;
        let mut factor = square;
        for (k, &coarser) in before.iter().enumerate().filter(|_| smooth) {
            let finer = self.row[k];
            let extrapolated = (finer * factor - coarser) / (factor - R::one());
            let change = Float::max(Float::abs(extrapolated - finer), Float::abs(extrapolated - coarser));
            self.consider(extrapolated, change + noise);
            self.row.push(extrapolated);
            factor *= square;
        }
    }

    fn consider(&mut self, value: R, error: R) {
        if (value + error).as_f64().is_finite() && self.best.is_none_or(|best| error <= best.error) {
            self.best = Some(Quotient { value, error });
        }
    }
}

/// How a gradient fares against difference quotients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientCheck<R> {
    /// The largest |Re⟨G, E⟩ − quotient| over the directions E, relative to the larger of ‖G‖_F‖E‖_F and the quotients forward and
    /// backward.
    pub mismatch: R,
    /// The estimated error of the quotients, relative to the same: no smaller mismatch means anything.
    pub noise: R,
}

impl<R: Real> GradientCheck<R> {
    /// Whether the mismatch is no more than ten times what the quotients can tell, and they tell two digits: where f has a kink they do not,
    /// and nothing agrees.
    pub fn agrees(&self) -> bool {
        self.noise <= R::real(0.01) && self.mismatch <= R::real(10.0) * (self.noise + R::EPS)
    }
}

/// Checks the gradient G of a real loss f at A: Re⟨G, E⟩ against [`difference`] along `directions` random directions E.
///
/// The directions, of length 1 times the size of A, are the same in every call. The cost for each is that of [`difference`]. Where f does not
/// change but by rounding errors and G is no larger than those, both numbers of the result are zero.
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
    check("the matrix", a, a.dim())?;
    let mut random = Random::new();
    let zero = T::Real::zero();
    let (mut mismatch, mut error, mut rounding) = (zero, zero, zero);
    let mut size = zero;
    let k = Float::floor(Float::log2(size_or_one(a))).as_f64();
    for _ in 0..directions {
        let e = random.direction::<T>(a.dim()).mapv(|x| times_power(x, k));
        let found = slope(&f, a, &e)?;
        let difference = Float::abs(inner(g, &e) - found.quotient.value);
        // Sums that exceed the range are none that f could have.
        mismatch = if difference.is_nan() { T::Real::infinity() } else { Float::max(mismatch, difference) };
        error = Float::max(error, found.quotient.error);
        rounding = Float::max(rounding, found.rounding);
        size = Float::max(size, Float::max(found.steepest, length(g) * length(&e)));
    }
    if size <= T::Real::real(10.0) * rounding {
        return Ok(GradientCheck { mismatch: zero, noise: zero });
    }
    let size = Float::min(size, T::Real::max_value());
    Ok(GradientCheck { mismatch: mismatch / size, noise: error / size })
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
        if difference == T::Real::zero() {
            continue;
        }
        let mismatch = difference / size;
        // A sum beyond the range agrees with nothing; the larger of a number and a NaN would be the number.
        if !mismatch.as_f64().is_finite() || size.as_f64().is_infinite() {
            return Ok(T::Real::infinity());
        }
        worst = Float::max(worst, mismatch);
    }
    Ok(worst)
}

/// The derivative of a real analytic loss f at a real A along E, as Im f(A + ihE)/h with a tiny h: nothing is subtracted, so that
/// nothing cancels (W. Squire and G. Trapp, Using complex variables to estimate derivatives of real functions, SIAM Rev. 40 (1998)).
///
/// f must be given for complex matrices by the same formulas as for real ones, without conjugation or absolute values: Xᵀ and not Xᴴ.
/// h is 2⁻⁹⁰⁰ for [`f64`] and 2⁻¹⁰⁰ for [`f32`], times the size of A over that of E, and no smaller than leaves Im f with all its digits: up
/// to 2⁻³⁰ and 2⁻¹³, for which the error is ε². One to four values of f.
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`], [`Error::Overflow`] where the derivative is not a finite number; what f returns.
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
    let of_e = size(e);
    if of_e == R::zero() {
        return Ok(of_e);
    }
    let power = |size: R| Float::floor(Float::log2(size)).as_f64();
    let (of_a, of_e) = (power(size_or_one(a)), power(of_e));
    let steps = if R::EPS.as_f64() > 1e-10 { [100.0, 50.0, 25.0, 13.0] } else { [900.0, 300.0, 100.0, 30.0] };
    // Parts that are smaller have lost digits.
    let full = R::min_positive_value() / R::EPS;
    let mut derivative = R::zero();
    for step in steps {
        let h = of_a - step;
        let moved = Zip::from(a).and(e).map_collect(|&a, &e| R::complex(a, times_power(e, h - of_e)));
        let part = f(&moved)?.im();
        derivative = times_power(part, of_e - h);
        if Float::abs(part) >= full {
            break;
        }
    }
    match derivative.as_f64().is_finite() {
        true => Ok(derivative),
        false => Err(Error::Overflow { what: "the derivative" }),
    }
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

    /// A matrix of length 1.
    fn direction<T: Element>(&mut self, (m, n): (usize, usize)) -> Array2<T> {
        let whole = Array2::from_shape_simple_fn((m, n), || T::from_doubles(self.number(), self.number()));
        let length = length(&whole);
        whole.mapv(|x| x.div_real(length))
    }
}
