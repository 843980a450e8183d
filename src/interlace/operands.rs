//! Certificates: what is asked of matrices before they are factored.
//! On the floor above `factor`; must not know a theorem.

use ndarray::{Array2, ArrayRef2};
use num_traits::{Float, Zero};

use crate::element::{Element, Real};
use crate::error::{Error, Result, dims};
use crate::norm::norm2;
use crate::pack::{self, Part};
use crate::workspace::filled;

pub(super) fn require_shape<T>(what: &'static str, a: &ArrayRef2<T>, shape: (usize, usize)) -> Result<()> {
    if a.dim() == shape {
        return Ok(());
    }
    Err(Error::Shape { what, expected: dims(&[shape.0, shape.1]), found: dims(a.shape()) })
}

/// Indices below `len`, none of them twice.
pub(super) fn require_indices(what: &'static str, indices: &[usize], len: usize) -> Result<()> {
    let mut seen = filled(len, false)?;
    for &index in indices {
        let found = match seen.get_mut(index) {
            Some(seen) if !*seen => {
                *seen = true;
                continue;
            }
            Some(_) => format!("{index} twice"),
            None => format!("{index} of {len}"),
        };
        return Err(Error::Parameter { what, expected: "different indices, each less than how many there are", found });
    }
    Ok(())
}

/// What was computed of finite matrices, if it is within the range of the type.
pub(super) fn finite<T: Element>(what: &'static str, a: Array2<T>) -> Result<Array2<T>> {
    match pack::check_finite(&a, Part::All) {
        Ok(()) => Ok(a),
        Err(_) => Err(Error::Overflow { what }),
    }
}

/// ‖A‖_F.
pub(super) fn frobenius<T: Element>(what: &'static str, a: &ArrayRef2<T>) -> Result<T::Real> {
    let norm = a.columns().into_iter().map(|column| norm2(&column)).fold(T::Real::zero(), Float::hypot);
    if norm.as_f64().is_finite() { Ok(norm) } else { Err(Error::Overflow { what }) }
}
