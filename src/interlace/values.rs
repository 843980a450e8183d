//! Certificates: lists of values as they are given, brought into order and into a common unit, and what rounding
//! allows. On the floor above `factor`; must not know a theorem.

use ndarray::ArrayRef1;

use crate::element::Real;
use crate::error::{Error, Result, dims};
use crate::scale::{centring, times_power};
use crate::workspace::zeroed;

/// The constant c of the allowance c·n·ε·(sum of the norms): see [the module's
/// page](crate::interlace#what-rounding-is-allowed).
pub const ALLOWANCE: f64 = 10.0;

/// What two matrices and their sum are called in statements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub(super) terms: [&'static str; 2],
    pub(super) sum: &'static str,
}

/// What they are called unless the caller has names for them: matrices of any shape, and Hermitian ones.
pub(super) const OF_ANY: Names = Names { terms: ["A", "B"], sum: "A+B" };
pub(super) const OF_HERMITIAN: Names = Names { terms: ["S", "T"], sum: "S+T" };

/// The values of a list, descending whatever their order.
pub(super) fn sorted<R: Real>(what: &'static str, list: &ArrayRef1<R>) -> Result<Vec<f64>> {
    let mut values = zeroed(list.len())?;
    for (index, (to, x)) in values.iter_mut().zip(list).enumerate() {
        *to = x.as_f64();
        if !to.is_finite() {
            return Err(Error::NonFiniteValue { what, index });
        }
    }
    descend(&mut values);
    Ok(values)
}

/// The same for values that are not negative by their nature.
pub(super) fn sorted_singular<R: Real>(what: &'static str, list: &ArrayRef1<R>) -> Result<Vec<f64>> {
    let values = sorted(what, list)?;
    match list.iter().position(|x| x.as_f64() < 0.0) {
        Some(index) => {
            let found = format!("{:e} at position {index} (counted from 0)", list[index].as_f64());
            Err(Error::Parameter { what, expected: "values of at least 0", found })
        }
        None => Ok(values),
    }
}

pub(super) fn descend(values: &mut [f64]) {
    values.sort_unstable_by(|x, y| y.total_cmp(x));
}

/// A finite number.
pub(super) fn finite<R: Real>(what: &'static str, x: R) -> Result<f64> {
    match x.as_f64() {
        x if x.is_finite() => Ok(x),
        x => Err(Error::Parameter { what, expected: "a finite number", found: x.to_string() }),
    }
}

/// As many values as fit.
pub(super) fn require_len(what: &'static str, values: &[f64], expected: usize) -> Result<()> {
    match values.len() {
        found if found == expected => Ok(()),
        found => Err(Error::Shape { what, expected: values_of(expected), found: values_of(found) }),
    }
}

/// How messages say a length.
pub(super) fn values_of(len: usize) -> String {
    format!("{} {}", dims(&[len]), if len == 1 { "value" } else { "values" })
}

/// The largest magnitude among values that descend: the spectral norm of their matrix.
pub(super) fn norm(values: &[f64]) -> f64 {
    match values {
        [first, .., last] => first.abs().max(last.abs()),
        [only] => only.abs(),
        [] => 0.0,
    }
}

/// What rounding does to the values of one question, in the unit that they share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounding {
    /// The values were multiplied by 2⁻ᵉ for this e.
    exponent: f64,
    /// c·n·ε.
    relative: f64,
    /// The least normal number of the type: below it rounding is absolute.
    least: f64,
}

impl Rounding {
    /// For matrices of order n, whose values are at hand as they are.
    pub(super) fn of_order<R: Real>(n: usize) -> Self {
        let relative = ALLOWANCE * n as f64 * R::EPS.as_f64();
        Rounding { exponent: 0.0, relative, least: R::min_positive_value().as_f64() }
    }

    /// Multiplies the lists by a power of two with which no sum of theirs overflows.
    pub(super) fn common<R: Real>(n: usize, lists: &mut [&mut [f64]]) -> Self {
        let plain = Self::of_order::<R>(n);
        let power = centring(lists.iter().map(|list| norm(list)).fold(0.0, f64::max));
        if power != 1.0 {
            lists.iter_mut().flat_map(|list| list.iter_mut()).for_each(|x| *x *= power);
        }
        plain.in_unit(-power.log2())
    }

    /// The same for values that were multiplied by 2⁻ᵉ.
    pub(super) fn in_unit(self, exponent: f64) -> Self {
        Rounding { exponent, least: times_power(self.least, -exponent), ..self }
    }

    /// By how much an inequality between computed values may be off in which matrices of these norms stand. Zero
    /// matrices have no rounding errors.
    pub(super) fn allowance(&self, norms: f64) -> f64 {
        if norms == 0.0 { 0.0 } else { self.relative * norms.max(self.least) }
    }

    /// c·n·ε.
    pub(super) fn relative(&self) -> f64 {
        self.relative
    }

    /// A number of the caller's in the shared unit.
    pub(super) fn shared(&self, x: f64) -> f64 {
        times_power(x, -self.exponent)
    }

    /// A number in the unit of the caller, infinite where that has no room for it.
    pub(super) fn plain(&self, x: f64) -> f64 {
        times_power(x, self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn lists_are_put_in_order_and_named_where_they_are_bad() {
        assert_eq!(sorted("λ", &array![1.0_f32, 3.0, -2.0]), Ok(vec![3.0, 1.0, -2.0]));
        let bad = Err(Error::NonFiniteValue { what: "λ", index: 2 });
        assert_eq!(sorted("λ", &array![1.0, 2.0, f64::NAN, f64::INFINITY]), bad);
        assert_eq!(sorted_singular("σ", &array![1.0, 2.0, f64::NEG_INFINITY]).map_err(|e| e.to_string()), {
            Err("σ: the value at position 2 (counted from 0) is not finite".into())
        });
        let negative = sorted_singular("σ", &array![1.0, -2.0]).map_err(|error| error.to_string());
        assert_eq!(
            negative,
            Err("σ: expected values of at least 0, found -2e0 at position 1 (counted from 0)".to_string())
        );
    }

    #[test]
    fn allowances_follow_the_norms_down_to_the_least_number() {
        let rounding = Rounding::of_order::<f64>(3);
        assert_eq!(rounding.allowance(2.0), 10.0 * 3.0 * f64::EPSILON * 2.0);
        assert_eq!(rounding.allowance(0.0), 0.0);
        // Thirty times the least subnormal number.
        assert_eq!(rounding.allowance(1e-320), 30.0 * 5e-324);
        let mut large = [1e308, -1e308];
        let rounding = Rounding::common::<f64>(2, &mut [&mut large]);
        assert!(large[0] < 8.0 && rounding.plain(large[0]) == 1e308 && rounding.plain(large[0] * 4.0).is_infinite());
        assert_eq!([norm(&[]), norm(&[-3.0]), norm(&[2.0, 1.0, -5.0])], [0.0, 3.0, 5.0]);
    }
}
