//! Ground floor: the four element types of LAPACK, and what the algorithms above need to know of them.
//! Must not know LAPACK.
//!
//! [`Element`] is implemented for `f32`, `f64`, [`c32`] and [`c64`], [`Real`] for `f32` and `f64`; both are sealed.
//! Nothing here knows LAPACK: the table of routines of each type is in `lapack::table`.

use ndarray::{LinalgScalar, NdFloat, ScalarOperand};
pub use ndarray_linalg::{Scalar, c32, c64};

mod sealed {
    pub trait Sealed {}
}

/// A type that LAPACK computes with: `f32`, `f64`, [`c32`] or [`c64`].
///
/// It is a [`Scalar`] of ndarray-linalg, so code that is generic over that trait needs no change of its arithmetic.
pub trait Element:
    Scalar<Real: Real> + LinalgScalar + ScalarOperand + Default + PartialEq + Send + Sync + sealed::Sealed
{
    /// Whether the type is complex.
    const IS_COMPLEX: bool;

    /// The type of the same kind in double precision: `f64` or [`c64`]. It holds every number of this type.
    type Double: Element<Real = f64>;

    /// The nearest number with these parts; real types take the first alone.
    fn from_doubles(re: f64, im: f64) -> Self;
}

/// The real type of an [`Element`]: `f32` or `f64`.
pub trait Real: Scalar<Real = Self> + NdFloat + Default + sealed::Sealed {
    /// The spacing of the numbers at 1, twice the unit roundoff: 2⁻²³ or 2⁻⁵².
    const EPS: Self;

    /// The nearest `f64`; exact.
    fn as_f64(self) -> f64;
}

macro_rules! implement {
    ($($element:ty, $is_complex:literal, $double:ty, $from_doubles:expr;)*) => {$(
        impl sealed::Sealed for $element {}
        impl Element for $element {
            const IS_COMPLEX: bool = $is_complex;
            type Double = $double;

            fn from_doubles(re: f64, im: f64) -> Self {
                let from_doubles: fn(f64, f64) -> Self = $from_doubles;
                from_doubles(re, im)
            }
        }
    )*};
}

implement! {
    f32, false, f64, |re, _| re as f32;
    f64, false, f64, |re, _| re;
    c32, true, c64, |re, im| c32::new(re as f32, im as f32);
    c64, true, c64, c64::new;
}

impl Real for f32 {
    const EPS: f32 = f32::EPSILON;

    fn as_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    const EPS: f64 = f64::EPSILON;

    fn as_f64(self) -> f64 {
        self
    }
}

/// The same number in double precision; exact.
pub(crate) fn double<T: Element>(x: T) -> T::Double {
    T::Double::from_doubles(x.re().as_f64(), x.im().as_f64())
}

/// Replaces every entry by its complex conjugate; nothing to do for real types.
pub(crate) fn conjugate<'a, T: Element>(entries: impl IntoIterator<Item = &'a mut T>) {
    if T::IS_COMPLEX {
        for entry in entries {
            *entry = entry.conj();
        }
    }
}
