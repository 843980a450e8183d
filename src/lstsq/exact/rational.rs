//! Exact least squares: the numbers, fractions of big integers in lowest terms.
//!
//! On the floor of `lstsq`. Arithmetic, comparison, and what a float or a printed decimal means exactly; rounding is in
//! `decimal`. No type of the big-number crate may appear in a public signature.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

use dashu_int::ops::{Abs, BitTest, Gcd, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

use crate::error::{Error, Result};

/// The largest power of ten in a decimal that is read: far beyond the floats, and still a number of a few kilobytes.
const LARGEST_EXPONENT: i64 = 9_999;

/// An exact rational number.
///
/// It comes from a float, which is a whole number times a power of two, from a decimal as it is printed, or from an
/// integer. Sums, differences, products, quotients and comparisons are exact.
///
/// ```
/// use lapwing::lstsq::exact::Rational;
///
/// let stored = Rational::from_f64(0.1).ok_or("not finite")?;
/// let printed: Rational = "0.1".parse()?;
/// assert_eq!((&stored - &printed).to_string(), "1/180143985094819840");
/// assert_eq!(printed.to_f64(), 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Rational {
    /// Coprime to the denominator.
    pub(super) numerator: IBig,
    /// Positive.
    pub(super) denominator: UBig,
}

impl Rational {
    /// The fraction in lowest terms; the caller has seen that `denominator` is not 0.
    pub(super) fn new(numerator: IBig, denominator: UBig) -> Self {
        let common = (&denominator).gcd(&numerator);
        if common.is_one() {
            return Rational { numerator, denominator };
        }
        Rational { numerator: numerator / &common, denominator: denominator / common }
    }

    pub(super) fn whole(numerator: IBig) -> Self {
        Rational { numerator, denominator: UBig::ONE }
    }

    /// 0.
    pub fn zero() -> Self {
        Rational::whole(IBig::ZERO)
    }

    /// 1.
    pub fn one() -> Self {
        Rational::whole(IBig::ONE)
    }

    /// The value of a float; `None` for a NaN or an infinity. An `f32` is an `f64` without rounding.
    ///
    /// ```
    /// use lapwing::lstsq::exact::Rational;
    ///
    /// assert_eq!(Rational::from_f64(-0.375).map(|x| x.to_string()), Some("-3/8".to_string()));
    /// assert_eq!(Rational::from_f64(f64::NAN), None);
    /// ```
    pub fn from_f64(value: f64) -> Option<Self> {
        let (negative, mantissa, exponent) = decode(value)?;
        let odd = mantissa >> mantissa.trailing_zeros().min(63);
        let exponent = exponent + i64::from(mantissa.trailing_zeros().min(63));
        let magnitude = UBig::from(odd);
        let sign = if negative { Sign::Negative } else { Sign::Positive };
        // Both shifts are below 1075.
        let shift = exponent.unsigned_abs() as usize;
        Some(if mantissa == 0 || exponent >= 0 {
            Rational::whole(IBig::from_parts(sign, magnitude << if mantissa == 0 { 0 } else { shift }))
        } else {
            Rational { numerator: IBig::from_parts(sign, magnitude), denominator: UBig::ONE << shift }
        })
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// |x|.
    pub fn abs(&self) -> Self {
        Rational { numerator: (&self.numerator).abs(), denominator: self.denominator.clone() }
    }

    /// x/y; `None` if y = 0.
    ///
    /// ```
    /// use lapwing::lstsq::exact::Rational;
    ///
    /// let (two, six) = (Rational::from(2), Rational::from(-6));
    /// assert_eq!(two.checked_div(&six).map(|x| x.to_string()), Some("-1/3".to_string()));
    /// assert_eq!(two.checked_div(&Rational::zero()), None);
    /// ```
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        let (sign, magnitude) = divisor.numerator.clone().into_parts();
        if magnitude.is_zero() {
            return None;
        }
        let numerator = IBig::from_parts(sign, UBig::ONE) * &self.numerator * &divisor.denominator;
        Some(Rational::new(numerator, &self.denominator * magnitude))
    }

    /// How many bits numerator and denominator have.
    pub(super) fn lengths(&self) -> (usize, usize) {
        ((&self.numerator).unsigned_abs().bit_len(), self.denominator.bit_len())
    }
}

/// Sign, m and e of a finite float m·2ᵉ.
pub(super) fn decode(value: f64) -> Option<(bool, u64, i64)> {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = value.to_bits();
    let biased = (bits >> FRACTION) & 0x7ff;
    let fraction = bits & ((1 << FRACTION) - 1);
    match biased {
        0x7ff => None,
        // Subnormal numbers have the exponent of the least normal one and no hidden bit.
        0 => Some((value.is_sign_negative(), fraction, -1074)),
        _ => Some((value.is_sign_negative(), fraction | (1 << FRACTION), biased as i64 - 1075)),
    }
}

impl From<i64> for Rational {
    fn from(value: i64) -> Self {
        Rational::whole(IBig::from(value))
    }
}

/// Reads a decimal exactly: a sign, digits with a point or without, and a power of ten; up to 10^±9999.
///
/// ```
/// use lapwing::lstsq::exact::Rational;
///
/// let x: Rational = "1.5e-3".parse()?;
/// assert_eq!(x.to_string(), "3/2000");
/// assert!("1,5".parse::<Rational>().is_err());
/// # Ok::<(), lapwing::Error>(())
/// ```
impl FromStr for Rational {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || Error::Parameter {
            what: "a decimal number",
            expected: "digits such as -1.5e-3 with an exponent of at most 9999",
            found: text.to_string(),
        };
        parse(text).ok_or_else(refuse)
    }
}

fn parse(text: &str) -> Option<Rational> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, signed(exponent)?),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = UBig::from_str_radix(&digits, 10).ok()?;
    let numerator = IBig::from_parts(if negative { Sign::Negative } else { Sign::Positive }, magnitude);
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let power = UBig::from(10u8).pow(usize::try_from(exponent.unsigned_abs()).ok()?);
    Some(if exponent >= 0 { Rational::whole(numerator * power) } else { Rational::new(numerator, power) })
}

/// A whole number within the limits of an exponent.
fn signed(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|exponent: &i64| exponent.abs() <= LARGEST_EXPONENT)
}

/// `numerator/denominator`, or the numerator alone where the denominator is 1.
impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator.is_one() {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

impl fmt::Debug for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Default for Rational {
    fn default() -> Self {
        Rational::zero()
    }
}

impl Add for &Rational {
    type Output = Rational;

    fn add(self, other: &Rational) -> Rational {
        let numerator = &self.numerator * &other.denominator + &other.numerator * &self.denominator;
        Rational::new(numerator, &self.denominator * &other.denominator)
    }
}

impl Sub for &Rational {
    type Output = Rational;

    fn sub(self, other: &Rational) -> Rational {
        let numerator = &self.numerator * &other.denominator - &other.numerator * &self.denominator;
        Rational::new(numerator, &self.denominator * &other.denominator)
    }
}

impl Mul for &Rational {
    type Output = Rational;

    fn mul(self, other: &Rational) -> Rational {
        Rational::new(&self.numerator * &other.numerator, &self.denominator * &other.denominator)
    }
}

impl Neg for &Rational {
    type Output = Rational;

    fn neg(self) -> Rational {
        Rational { numerator: -&self.numerator, denominator: self.denominator.clone() }
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn r(text: &str) -> Rational {
        match text.split_once('/') {
            Some((p, q)) => r(p).checked_div(&r(q)).expect("the denominator is not 0"),
            None => text.parse().expect("a decimal"),
        }
    }

    #[test]
    fn decimals_mean_what_they_say() {
        for (text, value) in [
            ("0.1", "1/10"),
            ("-3482258.63459582", "-174112931729791/50000000"),
            ("1.5e-3", "3/2000"),
            ("+12E+2", "1200"),
            (".5", "1/2"),
            ("760.", "760"),
            ("-0", "0"),
            ("00.250e1", "5/2"),
        ] {
            assert_eq!(text.parse::<Rational>().expect(text).to_string(), value);
        }
        let far = ["", ".", "-", "e5", "1e", "1e+", "1e-+5", "1e10000", "1e99999999999999999999", "NaN", "inf"];
        for text in far.into_iter().chain(["1_000", "1,5", "0x10", " 1", "--1", "1.2.3", "1e5.5", "1e-10000"]) {
            assert!(text.parse::<Rational>().is_err(), "{text}");
        }
    }

    #[test]
    fn floats_are_fractions_with_powers_of_two() {
        for (value, text) in [(0.0, "0"), (-0.0, "0"), (1.0, "1"), (-2.5, "-5/2"), (6e22, "60000000000000000000000")] {
            assert_eq!(Rational::from_f64(value).expect("finite").to_string(), text);
        }
        let power = |e: usize| Rational::whole(IBig::ONE << e);
        let tiny = Rational::one().checked_div(&power(1074)).expect("not 0");
        assert_eq!(Rational::from_f64(5e-324), Some(tiny.clone()));
        let max = &power(1024) - &power(1024 - 53);
        assert_eq!(Rational::from_f64(f64::MAX), Some(max));
        // 2⁻¹⁰²² is 2⁵² times the least subnormal number.
        assert_eq!(Rational::from_f64(f64::MIN_POSITIVE), Some(&tiny * &power(52)));
        assert_eq!(Rational::from_f64(f64::INFINITY), None);
    }

    #[test]
    fn arithmetic_by_hand() {
        assert_eq!(&r("1/3") + &r("1/6"), r("1/2"));
        assert_eq!(&r("1/3") - &r("1/2"), r("-1/6"));
        assert_eq!(&r("2/3") * &r("-9/4"), r("-3/2"));
        assert_eq!(r("2/3").checked_div(&r("-4/9")), Some(r("-3/2")));
        assert_eq!((-&r("2/3")).abs(), r("2/3"));
        assert!(r("1/3") < r("0.33334") && r("-1/3") > r("-0.33334") && r("1/3") > r("0.3333333333333333333333"));
        // A wrong answer is told from the right one, however near it is.
        assert_ne!(&r("1/3") + &r("1/6"), r("0.50000000000000000000000000000000001"));
    }
}
