//! Derivatives: what every one of them asks of its input and of its result.
//! On the floor above `factor`; must not know a formula.

use ndarray::{Array2, ArrayRef1, ArrayRef2, Zip};

use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::pack::{self, Part};

/// A finite matrix of the shape that fits.
pub(super) fn check<T: Element>(what: &'static str, a: &ArrayRef2<T>, shape: (usize, usize)) -> Result<()> {
    check_shape(what, a, shape)?;
    pack::check_finite(a, Part::All)
}

fn check_shape<T>(what: &'static str, a: &ArrayRef2<T>, shape: (usize, usize)) -> Result<()> {
    if a.dim() == shape {
        return Ok(());
    }
    Err(Error::Shape { what, expected: dims(&[shape.0, shape.1]), found: dims(a.shape()) })
}

/// A part of a cotangent that is left out or fits.
pub(super) fn check_part<T: Element>(
    what: &'static str, part: &Option<Array2<T>>, shape: (usize, usize),
) -> Result<()> {
    part.as_ref().map_or(Ok(()), |part| check(what, part, shape))
}

/// A part of a cotangent that is left out or has the shape that fits.
pub(super) fn check_part_shape<T>(what: &'static str, part: &Option<Array2<T>>, shape: (usize, usize)) -> Result<()> {
    part.as_ref().map_or(Ok(()), |part| check_shape(what, part, shape))
}

/// Parts of a cotangent that are left out or finite.
pub(super) fn check_parts_finite<T: Element, const N: usize>(parts: [&Option<Array2<T>>; N]) -> Result<()> {
    parts.into_iter().flatten().try_for_each(|part| pack::check_finite(part, Part::All))
}

/// Refuses a part of a cotangent that is not finite where only the diagonal of its product with the vectors shows it, which
/// no gradient is made of.
pub(super) fn check_diagonal<T: Element>(product: &ArrayRef2<T>, part: &ArrayRef2<T>) -> Result<()> {
    if product.diag().iter().all(|&x| pack::is_finite(x)) { Ok(()) } else { pack::check_finite(part, Part::All) }
}

/// The gradient, if it is within the range of the type; parts of the cotangent that have not been looked at yet are to blame if they
/// are not finite. A pass over them costs as much as a tenth of a product at order 128.
pub(super) fn finite_gradient<T: Element, const N: usize>(
    gradient: Array2<T>, parts: [&Option<Array2<T>>; N],
) -> Result<Array2<T>> {
    finite(gradient).or_else(|overflow| check_parts_finite(parts).and(Err(overflow)))
}

/// Values of a cotangent that are left out or fit.
pub(super) fn check_values<R: Real>(what: &'static str, values: Option<&ArrayRef1<R>>, len: usize) -> Result<()> {
    let Some(values) = values else { return Ok(()) };
    if values.len() != len {
        return Err(Error::Shape { what, expected: dims(&[len]), found: dims(values.shape()) });
    }
    match values.iter().position(|value| !value.as_f64().is_finite()) {
        Some(row) => Err(Error::NonFinite { row, col: 0 }),
        None => Ok(()),
    }
}

/// The derivative, if it is within the range of the type.
pub(super) fn finite<T: Element>(derivative: Array2<T>) -> Result<Array2<T>> {
    match pack::check_finite(&derivative, Part::All) {
        Ok(()) => Ok(derivative),
        Err(_) => Err(Error::Overflow { what: "the derivative" }),
    }
}

/// The derivative of a real number, likewise.
pub(super) fn finite_real<R: Real>(derivative: R) -> Result<R> {
    if derivative.as_f64().is_finite() { Ok(derivative) } else { Err(Error::Overflow { what: "the derivative" }) }
}

/// An index that there is.
pub(super) fn require_index(what: &'static str, index: usize, len: usize) -> Result<()> {
    if index < len {
        return Ok(());
    }
    Err(Error::Parameter { what, expected: "less than how many there are", found: format!("{index} of {len}") })
}

/// A ← A·diag(w).
pub(super) fn scale_columns<T: Element>(a: &mut ArrayRef2<T>, weights: &ArrayRef1<T::Real>) {
    a.columns_mut().into_iter().zip(weights).for_each(|(mut x, &w)| x.mapv_inplace(|x| x.mul_real(w)));
}

/// Re tr(XᴴY).
pub(super) fn inner<T: Element>(x: &ArrayRef2<T>, y: &ArrayRef2<T>) -> T::Real {
    Zip::from(x).and(y).fold(T::zero(), |sum, &x, &y| sum + x.conj() * y).re()
}

/// x·yᴴ.
pub(super) fn outer<T: Element>(x: &ArrayRef1<T>, y: &ArrayRef1<T>) -> Array2<T> {
    Array2::from_shape_fn((x.len(), y.len()), |(i, j)| x[i] * y[j].conj())
}

/// (A + Aᴴ)/2.
pub(super) fn hermitian_part<T: Element>(a: &ArrayRef2<T>) -> Array2<T> {
    let mut part = a.to_owned();
    let half = T::Real::real(0.5);
    Zip::from(&mut part).and(a.t()).for_each(|x, y| *x = (*x + y.conj()).mul_real(half));
    part
}

/// A with zeros on and above its diagonal.
pub(super) fn strictly_lower<T: Element>(a: &ArrayRef2<T>) -> Array2<T> {
    let mut part = a.to_owned();
    part.indexed_iter_mut().filter(|((i, j), _)| i <= j).for_each(|(_, x)| *x = T::zero());
    part
}

/// A with zeros below its diagonal.
pub(super) fn upper_triangle<T: Element>(a: &ArrayRef2<T>) -> Array2<T> {
    let mut part = a.to_owned();
    part.indexed_iter_mut().filter(|((i, j), _)| i > j).for_each(|(_, x)| *x = T::zero());
    part
}

/// A with zeros below its diagonal, and a real diagonal.
pub(super) fn upper_triangle_of_real_diagonal<T: Element>(a: &ArrayRef2<T>) -> Array2<T> {
    let mut part = upper_triangle(a);
    part.diag_mut().mapv_inplace(|x| T::from_real(x.re()));
    part
}
