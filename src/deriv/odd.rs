//! Derivatives: odd functions of any matrix, through its singular values.
//! Ties and zeros do no harm. On the floor above `factor`; must not take a small singular value for zero.

use ndarray::{Array1, Array2, ArrayRef2};
use num_traits::Float;

use super::Differentiable;
use super::operands::{check, finite, scale_columns};
use super::spectral::{SpectralFunction, finite_values, mean};
use super::ties::tie_tolerance;
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{Svd, add_product, adjoint_multiply, multiply, multiply_adjoint};

/// f(A) = U·f(Σ)·Vᴴ for odd f, as a function of A at a certain A. See [`odd_spectral`].
#[derive(Debug, Clone)]
pub struct OddSpectral<'a, T: Element, F> {
    svd: &'a Svd<T>,
    function: F,
    value: Array2<T>,
    /// The largest |f(σ)|.
    largest: T::Real,
}

/// f(A) = U·f(Σ)·Vᴴ of the m×n matrix that the thin `svd` is of, for an odd function f, with its derivative: at
/// ties and at singular values of zero too. With P = UᴴdA·V, and h and a its Hermitian and skew-Hermitian parts,
///
/// ```text
/// df(A) = U·(f[σᵢ, σⱼ]∘h + f[σᵢ, −σⱼ]∘a)·Vᴴ + (I − UUᴴ)·dA·V·f[Σ, 0]·Vᴴ + U·f[Σ, 0]·UᴴdA·(I − VVᴴ)
/// f[σ, 0] = f(σ)/σ and f′(0) for σ = 0,    f[σᵢ, −σⱼ] = (f(σᵢ) + f(σⱼ))/(σᵢ + σⱼ)
/// ```
///
/// Condition: f is smooth on an interval that holds the singular values, and at 0 if one of them is 0; a pole or a jump at 0 does no harm to a
/// matrix of full rank. The singular values count as they were computed, however small beside σ₁. Only where a difference of f at values that
/// are close beside σ₁, or close to 0, may have lost half its digits, the mean of f′ between them stands for it: if f′ is so steady there that Gauss's formula and
/// Simpson's agree on that mean, and the difference agrees with it to what f(σ) is known to, which is [`tie_tolerance`](super::tie_tolerance) of the largest |f(σ)|, or of σ₁ times that mean if
/// that is less. A step of f between two such values must show in f′.
///
/// That f is odd, f(−x) = −f(x), is tried at the singular values, and elsewhere is the caller's word. Flops for m ≥ n: 2mn² for the value, 6mn² + 4n³ for each derivative.
///
/// # Errors
/// [`Error::Shape`] where the factors are not thin, [`Error::Parameter`] where f of a singular value is not a finite number, such as 1/0, or f is seen
/// not to be odd, by more than a quarter of the digits of the largest |f(σ)|; [`Error::Overflow`] where f(A) or its derivative exceeds the range of the type or has a pole.
///
/// # Source
/// The theorem of Daleckii and Krein (N. J. Higham, Functions of Matrices, 2008, Theorem 3.11) for the Hermitian matrix [0 A; Aᴴ 0], whose eigenvalues
/// are ±σᵢ and zeros.
///
/// ```
/// use lapwing::deriv::{Differentiable, Smooth, odd_spectral};
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // x³ of a matrix is A·Aᵀ·A, and 0 at A = 0 with all its derivatives.
/// let cube = Smooth { function: |x: f64| x.powi(3), derivative: |x: f64| 3.0 * x * x };
/// let svd = array![[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]].svd()?;
/// let e = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
/// assert_eq!(odd_spectral(&svd, cube)?.jvp(&e)?, array![[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn odd_spectral<T: Element, F: SpectralFunction<T::Real>>(
    svd: &Svd<T>, function: F,
) -> Result<OddSpectral<'_, T, F>> {
    let (m, n) = super::svd::thin(svd)?;
    let values = finite_values(&function, &svd.s)?;
    let largest = largest_of(&values);
    require_odd(&function, &svd.s, &values, m.max(n))?;
    let mut scaled = svd.u.clone();
    scale_columns(&mut scaled, &values);
    let value = finite(multiply(&scaled, &svd.vh)?)?;
    Ok(OddSpectral { svd, function, value, largest })
}

/// The largest absolute value.
fn largest_of<R: Real>(values: &Array1<R>) -> R {
    values.iter().fold(R::zero(), |most, &value| Float::max(most, Float::abs(value)))
}

/// f(−s) = −f(s) at the singular values, to a quarter of the digits of the largest: where f is small it may have been computed with
/// cancellation. Where it is small at all of them, to what the rounding of s makes of it, if f′(−s) = f′(s) as for an odd function.
fn require_odd<R: Real>(
    function: &impl SpectralFunction<R>, s: &Array1<R>, values: &Array1<R>, size: usize,
) -> Result<()> {
    let largest = largest_of(values);
    let quarter = Float::powf(R::EPS, R::real(0.25));
    for (&s, &value) in s.iter().zip(values) {
        // Some functions tell −0 from 0, at which an odd one has no value but 0.
        let mirrored = function.value(if s == R::zero() { s } else { -s });
        let rounding = || {
            let (slope, other) = (function.divided_difference(s, s), function.divided_difference(-s, -s));
            // False for a pole.
            let is_even = Float::abs(slope - other) <= quarter * Float::abs(slope);
            if is_even { Float::abs(slope) * tie_tolerance(size, s) } else { R::zero() }
        };
        // False for a NaN.
        let is_within = |tolerance: R| Float::abs(mirrored + value) <= tolerance;
        if !is_within(quarter * largest) && !is_within(rounding()) {
            let found = format!("f({s:e}) = {value:e} and f({:e}) = {mirrored:e}", -s);
            return Err(Error::Parameter { what: "the function of singular values", expected: "an odd one", found });
        }
    }
    Ok(())
}

impl<T: Element, F: SpectralFunction<T::Real>> OddSpectral<'_, T, F> {
    /// f(A).
    pub fn value(&self) -> &Array2<T> {
        &self.value
    }

    /// `plain`, a difference of f over `to` − `from`; or the mean of f′ between them, if more than half the digits of f's difference may be lost,
    /// f′ is steady, and what is left bears it out.
    fn settled(&self, plain: T::Real, from: T::Real, to: T::Real) -> T::Real {
        let (size, apart) = (self.value.nrows().max(self.value.ncols()), Float::abs(to - from));
        let loss = tie_tolerance(size, self.largest);
        if loss <= Float::sqrt(T::Real::EPS) * Float::abs(plain) * apart {
            return plain;
        }
        let Some(mean) = steady_mean(|x| self.function.divided_difference(x, x), from, to) else { return plain };
        // So much f(σ) may be off because σ is.
        let by_argument = tie_tolerance(size, largest_of(&self.svd.s)) * Float::abs(mean);
        // False for a NaN and for a pole.
        if Float::abs(plain - mean) * apart <= Float::min(loss, by_argument) { mean } else { plain }
    }

    /// f[σᵢ, σⱼ].
    fn difference(&self, i: usize, j: usize) -> T::Real {
        let (x, y) = (self.svd.s[i], self.svd.s[j]);
        let plain = self.function.divided_difference(x, y);
        if x == y { plain } else { self.settled(plain, x, y) }
    }

    /// f[σᵢ, 0] for all i: f[σ, −σ], for which f at 0 does not matter.
    fn slopes(&self) -> Vec<T::Real> {
        let zero = T::Real::real(0.0);
        let slope = |&s: &T::Real| {
            let plain = self.function.divided_difference(s, -s);
            if s == zero { plain } else { self.settled(plain, zero, s) }
        };
        self.svd.s.iter().map(slope).collect()
    }

    /// f[σᵢ, −σⱼ], the mean of f[σᵢ, 0] and f[σⱼ, 0] with the weights σᵢ and σⱼ.
    fn mirrored(&self, slopes: &[T::Real], i: usize, j: usize) -> T::Real {
        let s = &self.svd.s;
        let (large, small) = if s[i] >= s[j] { (i, j) } else { (j, i) };
        if s[large] == s[small] {
            return slopes[large];
        }
        let ratio = s[small] / s[large];
        let share = ratio / (T::Real::real(1.0) + ratio);
        slopes[large] * (T::Real::real(1.0) - share) + slopes[small] * share
    }

    /// f[σᵢ, σⱼ]∘h + f[σᵢ, −σⱼ]∘a.
    fn middle(&self, p: &Array2<T>, slopes: &[T::Real]) -> Array2<T> {
        let half = T::Real::real(0.5);
        let mut middle = p.clone();
        for i in 0..slopes.len() {
            for j in 0..=i {
                let (upper, lower) = (p[(i, j)], p[(j, i)].conj());
                let h = (upper + lower).mul_real(half * self.difference(i, j));
                let a = (upper - lower).mul_real(half * self.mirrored(slopes, i, j));
                middle[(j, i)] = (h - a).conj();
                middle[(i, j)] = h + a;
            }
        }
        middle
    }

    /// The derivative is its own adjoint.
    fn derivative(&self, along: &ArrayRef2<T>) -> Result<Array2<T>> {
        let Svd { u, s, vh } = self.svd;
        let image = multiply_adjoint(along, vh)?;
        let p = adjoint_multiply(u, &image)?;
        let slopes = self.slopes();
        let mut middle = self.middle(&p, &slopes);
        let (m, n, k) = (u.nrows(), vh.ncols(), s.len());
        if n > k {
            let coimage = adjoint_multiply(u, along)?;
            let mut right = coimage;
            for (i, mut row) in right.rows_mut().into_iter().enumerate() {
                row.mapv_inplace(|x| x.mul_real(slopes[i]));
                middle.row_mut(i).zip_mut_with(&p.row(i), |x, p| *x -= p.mul_real(slopes[i]));
            }
            let mut derivative = multiply(&multiply(u, &middle)?, vh)?;
            add_product(u, &right, &mut derivative)?;
            return finite(derivative);
        }
        let mut left = image;
        if m > k {
            for (j, mut column) in left.columns_mut().into_iter().enumerate() {
                column.mapv_inplace(|x| x.mul_real(slopes[j]));
                middle.column_mut(j).zip_mut_with(&p.column(j), |x, p| *x -= p.mul_real(slopes[j]));
            }
        } else {
            left.fill(T::zero());
        }
        add_product(u, &middle, &mut left)?;
        finite(multiply(&left, vh)?)
    }
}

impl<T: Element, F: SpectralFunction<T::Real>> Differentiable<T> for OddSpectral<'_, T, F> {
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

/// The mean of a function between x and y, if Gauss's formulas and Simpson's, which sees the ends too, agree on it.
fn steady_mean<R: Real>(f: impl Fn(R) -> R, x: R, y: R) -> Option<R> {
    let (three, five) = mean(&f, x, y);
    let middle = (x + y) * R::real(0.5);
    let simpson = (f(x) + R::real(4.0) * f(middle) + f(y)) / R::real(6.0);
    let agrees = |other: R| Float::abs(five - other) <= R::real(8.0) * R::EPS * Float::abs(five);
    (agrees(three) && agrees(simpson)).then_some(five)
}
