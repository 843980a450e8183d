//! Derivatives: powers, the inverse and the determinant of a square matrix.
//! On the floor above `factor`; must not know a factorization's derivative.

use ndarray::{Array2, ArrayRef2, ArrayView2, Zip};

use super::Differentiable;
use super::operands::{check, finite};
use super::scaled::{Scaled, value_of};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::{LuExt, Svd, SvdExt, add_product, adjoint_multiply, multiply, multiply_adjoint, require_square};
use crate::pack::{self, Part};
use crate::scale::{near_one, times_power};

/// A², as a function of A at a certain A. See [`square`].
pub type Square<'a, T> = Power<'a, T>;

/// A² with its derivative: d(A²) = A·dA + dA·A, which is 2A·dA only where A and dA commute.
///
/// All matrices are n×n. The gradient is Ā = AᴴX̄ + X̄Aᴴ for the gradient X̄ with respect to A². It exists at every A, and no choice is left.
/// Flops: 2n³ for the value, 6n³ for each derivative.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::Overflow`].
///
/// # Source
/// J. R. Magnus and H. Neudecker, Matrix Differential Calculus, 3rd ed., ch. 8 (the differential of a product).
///
/// ```
/// use lapwing::deriv::{Differentiable, square};
/// use ndarray::{Array2, array};
///
/// let (a, da) = (array![[1.0, 1.0], [0.0, 1.0]], array![[0.0, 0.0], [1.0, 0.0]]);
/// let derivative = square(&a)?.jvp(&da)?;
/// assert_eq!(derivative, array![[1.0, 0.0], [2.0, 1.0]]);
/// // The rule for numbers is wrong here:
/// assert_eq!(2.0 * a.dot(&da), array![[2.0, 0.0], [2.0, 0.0]]);
/// // The difference quotient agrees with the former, but for dA².
/// let t = 0.5;
/// let (moved, start): (Array2<f64>, Array2<f64>) = (&a + t * &da, a.clone());
/// assert_eq!((moved.dot(&moved) - start.dot(&start)) / t - t * da.dot(&da), derivative);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn square<T: Element>(a: &ArrayRef2<T>) -> Result<Square<'_, T>> {
    power(a, 2)
}

/// Aᵏ, as a function of A at a certain A. See [`power`].
#[derive(Debug, Clone)]
pub struct Power<'a, T: Element> {
    a: ArrayView2<'a, T>,
    k: u32,
    value: Array2<T>,
}

/// Aᵏ with its derivative Σ AⁱdA·Aᵏ⁻¹⁻ⁱ, the sum over 0 ≤ i < k, by repeated squaring; A⁰ = I.
///
/// All matrices are n×n. The gradient is Ā = Σ (Aᴴ)ⁱX̄(Aᴴ)ᵏ⁻¹⁻ⁱ for the gradient X̄ with respect to Aᵏ. It exists at every A, and no choice
/// is left. Flops: at most 4n³·log₂k for the value, 12n³·log₂k for each derivative.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::Overflow`].
///
/// # Source
/// J. R. Magnus and H. Neudecker, Matrix Differential Calculus, 3rd ed., ch. 8 (the differential of a product).
///
/// ```
/// use lapwing::deriv::{Differentiable, power};
/// use ndarray::array;
///
/// // d(a³) = 3a²da for numbers.
/// let two = array![[2.0]];
/// let cube = power(&two, 3)?;
/// assert_eq!((cube.value()[(0, 0)], cube.jvp(&array![[1.0]])?), (8.0, array![[12.0]]));
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn power<T: Element>(a: &ArrayRef2<T>, k: u32) -> Result<Power<'_, T>> {
    require_square(a)?;
    pack::check_finite(a, Part::All)?;
    let value = Dual::power(Dual { value: a.to_owned(), slope: None }, k)?.value;
    pack::check_finite(&value, Part::All).map_err(|_| Error::Overflow { what: "the power" })?;
    Ok(Power { a: a.view(), k, value })
}

impl<T: Element> Power<'_, T> {
    /// Aᵏ.
    pub fn value(&self) -> &Array2<T> {
        &self.value
    }
}

impl<T: Element> Differentiable<T> for Power<'_, T> {
    type Tangent = Array2<T>;
    type Cotangent = Array2<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<Array2<T>> {
        check("the direction", da, self.a.dim())?;
        self.derivative(self.a.to_owned(), da.to_owned())
    }

    /// Σ (Aᴴ)ⁱ·bar·(Aᴴ)ᵏ⁻¹⁻ⁱ: the directional derivative of the power at Aᴴ.
    fn vjp(&self, bar: &Array2<T>) -> Result<Array2<T>> {
        check("the cotangent of the power", bar, self.a.dim())?;
        self.derivative(self.a.t().mapv(|x| x.conj()), bar.clone())
    }
}

impl<T: Element> Power<'_, T> {
    fn derivative(&self, at: Array2<T>, along: Array2<T>) -> Result<Array2<T>> {
        let zero = || Array2::zeros(self.a.raw_dim());
        // Of size 1 both, so that no power leaves the range where the product does not.
        let (at, of_a) = Scaled::of(&at)?.into_parts();
        let (along, of_direction) = Scaled::of(&along)?.into_parts();
        let slope = Dual::power(Dual { value: at, slope: Some(along) }, self.k)?.slope;
        // Of zero nothing but the first power has a derivative other than zero.
        let exponent = if self.k > 1 { of_a * f64::from(self.k - 1) } else { 0.0 };
        value_of(slope.unwrap_or_else(zero), exponent + of_direction)
    }
}

/// A matrix X + t·X′ with t² = 0; the slope may be left out.
struct Dual<T> {
    value: Array2<T>,
    slope: Option<Array2<T>>,
}

impl<T: Element> Dual<T> {
    /// X·Y, whose slope is X′·Y + X·Y′.
    fn times(&self, other: &Dual<T>) -> Result<Dual<T>> {
        let value = multiply(&self.value, &other.value)?;
        let slope = match (&self.slope, &other.slope) {
            (Some(x), Some(y)) => {
                let mut slope = multiply(x, &other.value)?;
                add_product(&self.value, y, &mut slope)?;
                Some(slope)
            }
            _ => None,
        };
        Ok(Dual { value, slope })
    }

    fn power(base: Dual<T>, k: u32) -> Result<Dual<T>> {
        let n = base.value.nrows();
        let Some(highest) = k.checked_ilog2() else {
            let slope = base.slope.map(|slope| Array2::zeros(slope.raw_dim()));
            return Ok(Dual { value: Array2::eye(n), slope });
        };
        let mut result = Dual { value: base.value.clone(), slope: base.slope.clone() };
        for bit in (0..highest).rev() {
            result = result.times(&result)?;
            if k & (1 << bit) != 0 {
                result = result.times(&base)?;
            }
        }
        Ok(result)
    }
}

/// A⁻¹, as a function of A at a certain A. See [`inverse`].
#[derive(Debug, Clone)]
pub struct Inverse<T: Element> {
    value: Array2<T>,
}

/// A⁻¹ with its derivative d(A⁻¹) = −A⁻¹dA·A⁻¹.
///
/// All matrices are n×n. The gradient is Ā = −A⁻ᴴX̄A⁻ᴴ for the gradient X̄ with respect to A⁻¹. A must not be singular; no choice is left.
/// Routines: getrf and getri, 2n³ flops, for the value; 4n³ flops for each derivative.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::Singular`], [`Error::Overflow`].
///
/// # Source
/// J. R. Magnus and H. Neudecker, Matrix Differential Calculus, 3rd ed., ch. 8 (the differential of an inverse).
///
/// ```
/// use lapwing::deriv::{Differentiable, inverse};
/// use ndarray::array;
///
/// let inverse = inverse(&array![[2.0, 0.0], [0.0, 4.0]])?;
/// assert_eq!(inverse.jvp(&array![[0.0, 1.0], [0.0, 0.0]])?, array![[0.0, -0.125], [0.0, 0.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn inverse<T: Element>(a: &ArrayRef2<T>) -> Result<Inverse<T>> {
    require_square(a)?;
    Ok(Inverse { value: a.lu()?.inverse()? })
}

impl<T: Element> Inverse<T> {
    /// A⁻¹.
    pub fn value(&self) -> &Array2<T> {
        &self.value
    }
}

impl<T: Element> Differentiable<T> for Inverse<T> {
    type Tangent = Array2<T>;
    type Cotangent = Array2<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<Array2<T>> {
        check("the direction", da, self.value.dim())?;
        finite(-multiply(&multiply(&self.value, da)?, &self.value)?)
    }

    fn vjp(&self, bar: &Array2<T>) -> Result<Array2<T>> {
        check("the cotangent of the inverse", bar, self.value.dim())?;
        finite(-multiply_adjoint(&adjoint_multiply(&self.value, bar)?, &self.value)?)
    }
}

/// det A, as a function of A at a certain A. See [`determinant`].
#[derive(Debug, Clone)]
pub struct Determinant<T: Element> {
    value: T,
    svd: Svd<T>,
    /// det(U·Vᴴ), of modulus 1.
    phase: T,
    /// Πⱼσⱼ over j ≠ i, for each i, as numbers near 1 with the exponents of powers of two.
    cofactors: Vec<(T, f64)>,
}

/// det A with its derivative d det A = tr(adj(A)·dA), for singular matrices too: the adjugate comes from the SVD, adj(A) =
/// det(U·Vᴴ)·V·diag(Πⱼσⱼ, j ≠ i)·Uᴴ. It is zero where the rank is n − 2 or less.
///
/// A is n×n; the determinant of a 0×0 matrix is 1. The gradient is Ā = f̄·adj(A)ᴴ for the gradient f̄ with respect to det A. It exists at
/// every A, and no choice is left: adj(A) does not depend on which singular vectors were found. Routines: gesdd and getrf, about 29n³
/// flops; 4n³ flops for `jvp`, 2n³ for `vjp`.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::NoConvergence`], [`Error::Overflow`].
///
/// # Source
/// Jacobi's formula: J. R. Magnus and H. Neudecker, Matrix Differential Calculus, 3rd ed., ch. 8 (the differential of a determinant); by
/// the SVD: G. W. Stewart, On the adjugate matrix, Linear Algebra Appl. 283 (1998).
///
/// ```
/// use lapwing::deriv::{Differentiable, determinant};
/// use ndarray::array;
///
/// // ad − bc at [1 1; 1 1], where it is 0: its gradient is [d −c; −b a].
/// let gradient = determinant(&array![[1.0, 1.0], [1.0, 1.0]])?.vjp(&1.0)?;
/// approx::assert_abs_diff_eq!(gradient, array![[1.0, -1.0], [-1.0, 1.0]], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn determinant<T: Element>(a: &ArrayRef2<T>) -> Result<Determinant<T>> {
    require_square(a)?;
    let svd = a.svd()?;
    let phase = multiply(&svd.u, &svd.vh)?.lu()?.det()?;
    // Its modulus is 1 but for rounding.
    let phase = phase.div_real(phase.abs());
    let product = |skip: usize| {
        let others = svd.s.iter().enumerate().filter(|(j, _)| *j != skip);
        others.fold((T::one(), 0.0), |(product, exponent), (_, &s)| {
            let ((product, first), (s, second)) = (near_one(product), near_one(T::from_real(s)));
            (product * s, exponent + first + second)
        })
    };
    let cofactors = (0..svd.s.len()).map(product).collect();
    // Singular values far below the largest one have no digit, nor has their product.
    let value = a.lu()?.det()?;
    if !pack::is_finite(value) {
        return Err(Error::Overflow { what: "the determinant" });
    }
    Ok(Determinant { value, svd, phase, cofactors })
}

impl<T: Element> Determinant<T> {
    /// det A.
    pub fn value(&self) -> T {
        self.value
    }
}

impl<T: Element> Differentiable<T> for Determinant<T> {
    type Tangent = T;
    type Cotangent = T;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<T> {
        check("the direction", da, self.svd.u.dim())?;
        let p = multiply_adjoint(&adjoint_multiply(&self.svd.u, da)?, &self.svd.vh)?;
        let trace = p
            .diag()
            .iter()
            .zip(&self.cofactors)
            .fold(T::zero(), |sum, (&p, &(c, exponent))| sum + times_power(p * c, exponent));
        finite_number(self.phase * trace)
    }

    fn vjp(&self, bar: &T) -> Result<Array2<T>> {
        let weight = finite_cotangent(*bar)? * self.phase.conj();
        let mut scaled = self.svd.u.clone();
        for (mut column, &(cofactor, exponent)) in scaled.columns_mut().into_iter().zip(&self.cofactors) {
            column.mapv_inplace(|u| times_power(u * cofactor * weight, exponent));
        }
        finite(multiply(&scaled, &self.svd.vh)?)
    }
}

/// ln|det A|, as a function of A at a certain A. See [`ln_det`].
#[derive(Debug, Clone)]
pub struct LnDet<T: Element> {
    value: T::Real,
    inverse: Array2<T>,
}

/// ln|det A| with its derivative d ln|det A| = Re tr(A⁻¹dA), neither of which overflows only because the determinant does.
///
/// A is n×n. The gradient is Ā = f̄·A⁻ᴴ for the gradient f̄ with respect to ln|det A|. A must not be singular; no choice is left.
/// Routines: getrf and getri, 2n³ flops; 2n² flops for `jvp`, n² for `vjp`.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::Singular`], [`Error::Overflow`].
///
/// # Source
/// J. R. Magnus and H. Neudecker, Matrix Differential Calculus, 3rd ed., ch. 8 (the differential of a determinant).
///
/// ```
/// use lapwing::deriv::{Differentiable, ln_det};
/// use ndarray::array;
///
/// let ln_det = ln_det(&array![[1e200_f64, 0.0], [0.0, 1e200]])?;
/// approx::assert_relative_eq!(ln_det.value(), 400.0 * 10f64.ln(), max_relative = 1e-15);
/// assert_eq!(ln_det.jvp(&array![[1e200, 0.0], [0.0, 0.0]])?, 1.0);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn ln_det<T: Element>(a: &ArrayRef2<T>) -> Result<LnDet<T>> {
    require_square(a)?;
    let lu = a.lu()?;
    Ok(LnDet { value: lu.ln_det()?.1, inverse: lu.inverse()? })
}

impl<T: Element> LnDet<T> {
    /// ln|det A|.
    pub fn value(&self) -> T::Real {
        self.value
    }
}

impl<T: Element> Differentiable<T> for LnDet<T> {
    type Tangent = T::Real;
    type Cotangent = T::Real;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<T::Real> {
        check("the direction", da, self.inverse.dim())?;
        let trace = Zip::from(&self.inverse).and(da.t()).fold(T::zero(), |sum, &x, &e| sum + x * e);
        finite_number(trace).map(|trace| trace.re())
    }

    fn vjp(&self, bar: &T::Real) -> Result<Array2<T>> {
        finite_cotangent(T::from_real(*bar))?;
        finite(self.inverse.t().mapv(|x| x.conj().mul_real(*bar)))
    }
}

fn finite_cotangent<T: Element>(bar: T) -> Result<T> {
    if pack::is_finite(bar) { Ok(bar) } else { Err(Error::NonFinite { row: 0, col: 0 }) }
}

fn finite_number<T: Element>(derivative: T) -> Result<T> {
    if pack::is_finite(derivative) { Ok(derivative) } else { Err(Error::Overflow { what: "the derivative" }) }
}
