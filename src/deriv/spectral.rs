//! Derivatives: functions of a Hermitian matrix through its eigenvalues, and the divided differences that they are made of.
//! Ties do no harm. On the floor above `factor`; must not subtract values of the function that are nearly equal.

use ndarray::{Array1, Array2, ArrayRef2};
use num_traits::Float;

use super::Differentiable;
use super::operands::{check, finite, hermitian_part, scale_columns};
use crate::element::{Element, Real};
use crate::error::{Error, Result};
use crate::factor::{Eigh, adjoint_multiply, multiply, multiply_adjoint};

/// A real function of a real number with its divided differences, of which the derivatives of [`spectral`] and [`odd_spectral`](super::odd_spectral) are made (N. J. Higham,
/// Functions of Matrices, 2008, §3.2 and Theorem 3.11).
pub trait SpectralFunction<R: Real> {
    /// f(x).
    fn value(&self, x: R) -> R;

    /// f[x, y] = (f(x) − f(y))/(x − y), and f′(x) for y = x, as far as may be without cancellation.
    fn divided_difference(&self, x: R, y: R) -> R;
}

/// eˣ, with f[x, y] = e^((x + y)/2)·sinh(d)/d, d = (x − y)/2, for numbers near each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exp;

/// ln x, for x > 0, with f[x, y] = ln(1 + (x − y)/y)/(x − y) for numbers near each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ln;

/// √x, for x > 0, with f[x, y] = 1/(√x + √y).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sqrt;

/// 1/√x, for x > 0, with f[x, y] = −1/(√x·√y·(√x + √y)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InverseSqrt;

/// A function of the caller's with its derivative, both smooth on an interval that holds all values of the matrix.
///
/// For numbers near each other f[x, y] is the mean of f′ between them, by Gauss's formula with five points (M. Abramowitz and I. A. Stegun, Handbook
/// of Mathematical Functions, Table 25.4), else the quotient: see [`SpectralFunction::divided_difference`] of this type. A derivative that is not
/// f′ counts where numbers coincide, or nearly so.
#[derive(Debug, Clone, Copy)]
pub struct Smooth<F, G> {
    /// f.
    pub function: F,
    /// f′.
    pub derivative: G,
}

impl<R: Real> SpectralFunction<R> for Exp {
    fn value(&self, x: R) -> R {
        Float::exp(x)
    }

    /// e^((x + y)/2)·sinh(d)/d with d = (x − y)/2.
    fn divided_difference(&self, x: R, y: R) -> R {
        let two = R::real(2.0);
        let (middle, d) = (x / two + y / two, x / two - y / two);
        // Where the sinh would exceed the range, the quotient as it stands has nothing to cancel.
        if Float::abs(d) > R::one() {
            return (Float::exp(x) - Float::exp(y)) / (x - y);
        }
        Float::exp(middle) * if d == R::zero() { R::one() } else { Float::sinh(d) / d }
    }
}

impl<R: Real> SpectralFunction<R> for Ln {
    fn value(&self, x: R) -> R {
        Float::ln(x)
    }

    /// ln(1 + (x − y)/y)/(x − y) for numbers near each other.
    fn divided_difference(&self, x: R, y: R) -> R {
        if x == y {
            R::one() / x
        } else if Float::abs(x - y) < R::real(0.5) * y {
            Float::ln_1p((x - y) / y) / (x - y)
        } else {
            (Float::ln(x) - Float::ln(y)) / (x - y)
        }
    }
}

impl<R: Real> SpectralFunction<R> for Sqrt {
    fn value(&self, x: R) -> R {
        Float::sqrt(x)
    }

    /// 1/(√x + √y).
    fn divided_difference(&self, x: R, y: R) -> R {
        R::one() / (Float::sqrt(x) + Float::sqrt(y))
    }
}

impl<R: Real> SpectralFunction<R> for InverseSqrt {
    fn value(&self, x: R) -> R {
        R::one() / Float::sqrt(x)
    }

    /// −1/(√x·√y·(√x + √y)).
    fn divided_difference(&self, x: R, y: R) -> R {
        let (x, y) = (Float::sqrt(x), Float::sqrt(y));
        -R::one() / x / y / (x + y)
    }
}

impl<R: Real, F: Fn(R) -> R, G: Fn(R) -> R> SpectralFunction<R> for Smooth<F, G> {
    fn value(&self, x: R) -> R {
        (self.function)(x)
    }

    /// The quotient as it stands, which loses to cancellation, or the mean of f′ between x and y by Gauss's formula with five points, where
    /// that has converged and the quotient bears it out. Points between which f′ has a peak that none of them sees agree with those of the formula with
    /// three points as well, but not with the quotient.
    fn divided_difference(&self, x: R, y: R) -> R {
        if x == y {
            return (self.derivative)(x);
        }
        let (f, g) = ((self.function)(x), (self.function)(y));
        let (quotient, apart) = (quotient(f, g, x, y), Float::abs(x - y));
        let size = Float::max(Float::abs(f), Float::abs(g));
        let place = Float::max(Float::abs(x), Float::abs(y));
        let (three, five) = mean(&self.derivative, x, y);
        let has_converged =
            Float::abs(five - three) <= R::EPS * Float::max(size / apart, R::real(8.0) * Float::abs(five));
        // Values of f may be wrong by a few units of the last place; near each other, where f′ hardly changes unseen, by two thirds of their
        // digits, or by what the rounding of an argument does.
        let wrong = match apart <= R::real(NEAR) * place {
            true => Float::max(Float::cbrt(R::EPS) * size, R::real(16.0) * R::EPS * place * Float::abs(five)),
            false => R::real(16.0) * R::EPS * size,
        };
        let is_borne_out = quotient.as_f64().is_finite() && Float::abs(five - quotient) <= wrong / apart;
        // Neither holds for a NaN.
        if has_converged && is_borne_out { five } else { quotient }
    }
}

/// Up to which distance, relative to themselves, numbers are near each other.
const NEAR: f64 = 1e-3;

/// (f − g)/(x − y), where the differences may exceed the range.
fn quotient<R: Real>(f: R, g: R, x: R, y: R) -> R {
    if (f - g).as_f64().is_finite() && (x - y).as_f64().is_finite() {
        return (f - g) / (x - y);
    }
    let half = R::real(0.5);
    (f * half - g * half) / (x * half - y * half)
}

/// The mean of a function between x and y by Gauss's formulas with three and five points.
pub(super) fn mean<R: Real>(f: impl Fn(R) -> R, x: R, y: R) -> (R, R) {
    let two = R::real(2.0);
    let (middle, half) = (x / two + y / two, y / two - x / two);
    let at = |node: f64| f(middle + half * R::real(node));
    let pair = |(weight, node): (f64, f64)| R::real(weight / 2.0) * (at(node) + at(-node));
    let centre = at(0.0);
    let three = R::real(4.0 / 9.0) * centre + pair(GAUSS_3);
    let five = R::real(64.0 / 225.0) * centre + pair(GAUSS_5[0]) + pair(GAUSS_5[1]);
    (three, five)
}

/// Weights and places of the pairs of points ± of Gauss's formulas on [−1, 1] (M. Abramowitz and I. A. Stegun, Handbook of
/// Mathematical Functions, Table 25.4).
const GAUSS_3: (f64, f64) = (5.0 / 9.0, 0.774_596_669_241_483_4);
const GAUSS_5: [(f64, f64); 2] =
    [(0.478_628_670_499_366_47, 0.538_469_310_105_683_1), (0.236_926_885_056_189_08, 0.906_179_845_938_664)];

/// f(S), as a function of a Hermitian S at a certain S. See [`spectral`].
#[derive(Debug, Clone)]
pub struct Spectral<'a, T: Element, F> {
    eigh: &'a Eigh<T>,
    function: F,
    value: Array2<T>,
}

/// f(S) = Q·f(Λ)·Qᴴ of the Hermitian matrix that `eigh` is of, n×n, with its derivative, at ties too: with P = QᴴdS·Q
///
/// ```text
/// df(S) = Q·(f[λᵢ, λⱼ]∘P)·Qᴴ,    f[x, y] = (f(x) − f(y))/(x − y),    f[x, x] = f′(x)
/// ```
///
/// Condition: f is smooth on an interval that holds the eigenvalues. Which basis Q is of the vectors of a repeated eigenvalue does not matter. A direction counts by its Hermitian part, and the gradient is Hermitian. Flops: 2n³ for the value, 8n³ for each derivative.
///
/// # Errors
/// [`Error::Shape`] where the vectors are not n×n, [`Error::Parameter`] where f of an eigenvalue is not a finite number: outside f's
/// domain, or beyond the range of the type; [`Error::Overflow`] where f(S) is.
///
/// # Source
/// Daleckii and Krein: N. J. Higham, Functions of Matrices, 2008, Theorem 3.11.
///
/// ```
/// use lapwing::deriv::{Differentiable, Sqrt, spectral};
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // √ of 4·I, whose eigenvalues are equal: d√S = dS/(2√4).
/// let eigh = array![[4.0, 0.0], [0.0, 4.0]].eigh()?;
/// let root = spectral(&eigh, Sqrt)?;
/// assert_eq!(root.value(), &array![[2.0, 0.0], [0.0, 2.0]]);
/// assert_eq!(root.jvp(&array![[0.0, 1.0], [1.0, 0.0]])?, array![[0.0, 0.25], [0.25, 0.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn spectral<T: Element, F: SpectralFunction<T::Real>>(eigh: &Eigh<T>, function: F) -> Result<Spectral<'_, T, F>> {
    let n = eigh.values.len();
    check("the eigenvectors", &eigh.vectors, (n, n))?;
    let values = finite_values(&function, &eigh.values)?;
    let mut scaled = eigh.vectors.clone();
    scale_columns(&mut scaled, &values);
    let value = hermitian_part(&multiply_adjoint(&scaled, &eigh.vectors)?);
    Ok(Spectral { eigh, function, value: finite(value)? })
}

impl<T: Element, F: SpectralFunction<T::Real>> Spectral<'_, T, F> {
    /// f(S).
    pub fn value(&self) -> &Array2<T> {
        &self.value
    }

    /// The derivative is its own adjoint, as a map of Hermitian matrices.
    fn derivative(&self, along: &ArrayRef2<T>) -> Result<Array2<T>> {
        let Eigh { values, vectors } = self.eigh;
        let mut p = adjoint_multiply(vectors, &multiply(&hermitian_part(along), vectors)?)?;
        for ((i, j), p) in p.indexed_iter_mut() {
            *p = p.mul_real(self.function.divided_difference(values[i], values[j]));
        }
        finite(hermitian_part(&multiply_adjoint(&multiply(vectors, &p)?, vectors)?))
    }
}

impl<T: Element, F: SpectralFunction<T::Real>> Differentiable<T> for Spectral<'_, T, F> {
    type Tangent = Array2<T>;
    type Cotangent = Array2<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<Array2<T>> {
        check("the direction", da, self.value.dim())?;
        self.derivative(da)
    }

    fn vjp(&self, bar: &Array2<T>) -> Result<Array2<T>> {
        check("the cotangent", bar, self.value.dim())?;
        self.derivative(bar)
    }
}

/// f of the values, if f is defined there and within the range of the type.
pub(super) fn finite_values<R: Real>(function: &impl SpectralFunction<R>, at: &Array1<R>) -> Result<Array1<R>> {
    let values = at.mapv(|x| function.value(x));
    match values.iter().zip(at).find(|(value, _)| !value.as_f64().is_finite()) {
        None => Ok(values),
        Some((value, x)) => Err(Error::Parameter {
            what: "the function of the matrix",
            expected: "a finite number at each of its values",
            found: format!("f({x:e}) = {value:e}"),
        }),
    }
}
