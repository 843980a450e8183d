//! Exact least squares: the numbers that a matrix may hold, and vectors of them as whole numbers.
//!
//! On the floor of `lstsq`. A vector is multiplied by the one number that makes its entries coprime integers. It must not
//! round.

use dashu_int::ops::{BitTest, Gcd, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::Rational;
use super::integers::Integers;
use super::rational::decode;
use crate::error::Result;

mod sealed {
    pub trait Sealed {}
}

/// What the entries of an exact problem may be: `f32`, `f64` or [`Rational`].
pub trait Number: Clone + sealed::Sealed {
    /// The value; `None` for a NaN or an infinity.
    fn exact(&self) -> Option<Rational>;

    /// The bits of the longest entry once the entries are multiplied by a number that makes all of them whole, at most.
    /// Entries that are not finite count for nothing.
    ///
    /// ```
    /// use lapwing::lstsq::exact::Number;
    ///
    /// // 8 times these are 1, 2 and 24, in binary 1, 10 and 11000.
    /// assert_eq!(f64::bits([0.125, 0.25, 3.0].iter()), 5);
    /// ```
    fn bits<'a>(entries: impl Iterator<Item = &'a Self>) -> u64
    where
        Self: 'a;
}

impl sealed::Sealed for f32 {}
impl sealed::Sealed for f64 {}
impl sealed::Sealed for Rational {}

impl Number for f64 {
    fn exact(&self) -> Option<Rational> {
        Rational::from_f64(*self)
    }

    fn bits<'a>(entries: impl Iterator<Item = &'a Self>) -> u64 {
        float_bits(entries.copied())
    }
}

impl Number for f32 {
    fn exact(&self) -> Option<Rational> {
        Rational::from_f64(f64::from(*self))
    }

    fn bits<'a>(entries: impl Iterator<Item = &'a Self>) -> u64 {
        float_bits(entries.map(|&entry| f64::from(entry)))
    }
}

impl Number for Rational {
    fn exact(&self) -> Option<Rational> {
        Some(self.clone())
    }

    fn bits<'a>(entries: impl Iterator<Item = &'a Self>) -> u64 {
        let mut common = UBig::ONE;
        let mut most = i64::MIN;
        for entry in entries.filter(|entry| !entry.is_zero()) {
            common = common_multiple(common, &entry.denominator);
            let (numerator, denominator) = entry.lengths();
            most = most.max(numerator as i64 - denominator as i64);
        }
        // p/q·c has at most the bits of p and c less those of q, and one.
        if most == i64::MIN { 0 } else { (most + common.bit_len() as i64 + 1).max(1) as u64 }
    }
}

/// From the lowest bit of all entries to the highest.
fn float_bits(entries: impl Iterator<Item = f64>) -> u64 {
    let places = entries.filter_map(decode).filter(|&(_, mantissa, _)| mantissa != 0);
    let ends = places.map(|(_, mantissa, exponent)| {
        (exponent + i64::from(mantissa.trailing_zeros()), exponent + 64 - i64::from(mantissa.leading_zeros()))
    });
    let widest = ends.reduce(|(low, high), (lower, higher)| (low.min(lower), high.max(higher)));
    widest.map_or(0, |(low, high)| (high - low) as u64)
}

/// The least common multiple.
fn common_multiple(common: UBig, denominator: &UBig) -> UBig {
    if common == *denominator || (&common % denominator).is_zero() {
        return common;
    }
    let shared = (&common).gcd(denominator);
    common * (denominator / shared)
}

/// The positive s for which the entries of s·v are coprime integers, which are appended to `integers`; 1 if v = 0.
pub(super) fn push_primitive(v: &[Rational], integers: &mut Integers) -> Result<Rational> {
    let denominators = v.iter().map(|entry| &entry.denominator);
    let common = denominators.fold(UBig::ONE, common_multiple);
    let whole = |entry: &Rational| &entry.numerator * (&common / &entry.denominator);
    let mut content = UBig::ZERO;
    for entry in v.iter().filter(|entry| !entry.is_zero()) {
        let entry = whole(entry);
        content = if content.is_zero() { entry.unsigned_abs() } else { content.gcd(&entry) };
        if content.is_one() {
            break;
        }
    }
    if content.is_zero() {
        v.iter().try_for_each(|_| integers.push(&IBig::ZERO))?;
        return Ok(Rational::one());
    }
    let trivial = content.is_one();
    for entry in v {
        let entry = whole(entry);
        integers.push(&if trivial { entry } else { entry / &content })?;
    }
    Ok(Rational::new(common.into(), content))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primitive(values: &[&str]) -> (String, Vec<String>) {
        let v: Vec<Rational> = values.iter().map(|text| text.parse().expect("a decimal")).collect();
        let mut integers = Integers::default();
        let scale = push_primitive(&v, &mut integers).expect("memory");
        (scale.to_string(), (0..v.len()).map(|i| integers.get(i).to_big().to_string()).collect())
    }

    #[test]
    fn vectors_become_coprime_integers() {
        let is = |scale: &str, values: &[&str]| (scale.to_string(), values.iter().map(|v| v.to_string()).collect());
        assert_eq!(primitive(&["0.5", "-0.75", "0"]), is("4", &["2", "-3", "0"]));
        assert_eq!(primitive(&["600", "-900"]), is("1/300", &["2", "-3"]));
        assert_eq!(primitive(&["0.02", "6e0"]), is("50", &["1", "300"]));
        assert_eq!(primitive(&["0", "0"]), is("1", &["0", "0"]));
        assert_eq!(primitive(&[]), is("1", &[]));
    }

    #[test]
    fn bits_are_enough_and_not_many_more() {
        for values in [[0.1, -7.5, 3e5], [1e300, 1e-300, 0.0], [5e-324, 1.0, -2.0], [1e300, 3.1e299, 2.7e300]] {
            let exact = values.map(|x| x.exact().expect("finite"));
            let mut integers = Integers::default();
            push_primitive(&exact, &mut integers).expect("memory");
            let needed = (0..3).map(|i| integers.get(i).bits() as u64).max().expect("three");
            let (float, rational) = (f64::bits(values.iter()), Rational::bits(exact.iter()));
            // Common odd factors are left out of the integers, not out of the estimate.
            assert!(float >= needed && float <= needed + 8, "{values:?}: {float} for {needed}");
            assert!(rational >= needed, "{values:?}: {rational} for {needed}");
        }
        assert_eq!(f64::bits([0.0, f64::NAN].iter()), 0);
        assert_eq!(f32::bits([1.0, 0.5].iter()), 2);
        assert_eq!(Rational::bits([Rational::zero()].iter()), 0);
    }
}
