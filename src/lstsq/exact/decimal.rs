//! Exact least squares: rational numbers and their square roots, correctly rounded to a double or to decimal digits.
//!
//! On the floor of `lstsq`. Each rounding is one: the digits are cut from the exact value, and what is left decides.

use dashu_int::UBig;
use dashu_int::ops::{BitTest, DivRem, UnsignedAbs};

use super::Rational;

/// What is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// |x|.
    Itself,
    /// √|x|.
    Root,
}

impl Rational {
    /// The nearest double, the one with an even last bit of two equally near; infinite beyond the range.
    pub fn to_f64(&self) -> f64 {
        let size = self.round_to_f64(Value::Itself);
        if self.is_negative() { -size } else { size }
    }

    /// The double nearest to √|x|.
    pub fn sqrt_to_f64(&self) -> f64 {
        self.round_to_f64(Value::Root)
    }

    /// The number with `digits` significant decimal digits (at least 1), rounded to nearest, ties to even.
    ///
    /// Zeros at the end are left out where the digits are the number exactly. An exponent is used below 10⁻⁴, and where
    /// the digits end before the decimal point.
    ///
    /// ```
    /// use lapwing::lstsq::exact::Rational;
    ///
    /// let third: Rational = "0.2".parse::<Rational>()?.checked_div(&"-0.3".parse()?).unwrap_or_default();
    /// assert_eq!(third.to_decimal(20), "-0.66666666666666666667");
    /// assert_eq!("0.00250".parse::<Rational>()?.to_decimal(20), "0.0025");
    /// assert_eq!("123456789".parse::<Rational>()?.to_decimal(3), "1.23e8");
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn to_decimal(&self, digits: usize) -> String {
        let size = self.round_to_decimal(Value::Itself, digits);
        if self.is_negative() { format!("-{size}") } else { size }
    }

    /// √|x| with that many significant decimal digits, printed in the same way.
    ///
    /// ```
    /// use lapwing::lstsq::exact::Rational;
    ///
    /// assert_eq!(Rational::from(2).sqrt_to_decimal(30), "1.41421356237309504880168872421");
    /// assert_eq!("6.25".parse::<Rational>()?.sqrt_to_decimal(30), "2.5");
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn sqrt_to_decimal(&self, digits: usize) -> String {
        self.round_to_decimal(Value::Root, digits)
    }

    /// |x̂ − x| for a computed x̂, rounded once; infinite if x̂ is not finite.
    ///
    /// ```
    /// use lapwing::lstsq::exact::Rational;
    ///
    /// let tenth: Rational = "0.1".parse()?;
    /// assert_eq!(tenth.error_of(0.1), 5.551115123125783e-18);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn error_of(&self, computed: f64) -> f64 {
        self.distance(computed).map_or(f64::INFINITY, |(distance, unit)| quotient(distance, unit * &self.denominator))
    }

    /// |x̂ − x|/|x|, rounded once, or |x̂ − x| where x = 0; infinite if x̂ is not finite.
    ///
    /// ```
    /// use lapwing::lstsq::exact::Rational;
    ///
    /// assert_eq!(Rational::from(4).relative_error_of(5.0), 0.25);
    /// assert_eq!(Rational::zero().relative_error_of(5.0), 5.0);
    /// ```
    pub fn relative_error_of(&self, computed: f64) -> f64 {
        let size = if self.is_zero() { UBig::ONE } else { (&self.numerator).unsigned_abs() };
        self.distance(computed).map_or(f64::INFINITY, |(distance, unit)| quotient(distance, unit * size))
    }

    /// With x̂ = u/v and x = p/q: |uq − pv| and v.
    fn distance(&self, computed: f64) -> Option<(UBig, UBig)> {
        let Rational { numerator, denominator } = Rational::from_f64(computed)?;
        let distance = numerator * &self.denominator - &self.numerator * &denominator;
        Some((distance.unsigned_abs(), denominator))
    }

    fn is_negative(&self) -> bool {
        self.numerator < dashu_int::IBig::ZERO
    }

    /// ⌊v·2ᵃ·10ᵇ⌋ for v = |x| or √|x|, and whether nothing was cut off.
    fn floor(&self, value: Value, twos: i64, tens: i64) -> (UBig, bool) {
        let squared = if value == Value::Root { 2 } else { 1 };
        let scale = |twos: i64, tens: i64| {
            let power = |e: i64| (e.max(0) * squared) as usize;
            UBig::from(10u8).pow(power(tens)) << power(twos)
        };
        let numerator = (&self.numerator).unsigned_abs() * scale(twos, tens);
        let (quotient, rest) = numerator.div_rem(&self.denominator * scale(-twos, -tens));
        if value == Value::Itself {
            return (quotient, rest.is_zero());
        }
        // ⌊√q⌋ = ⌊√⌊q⌋⌋.
        let root = quotient.nth_root(2);
        let exact = rest.is_zero() && &root * &root == quotient;
        (root, exact)
    }

    /// The e for which v is about 2ᵉ, too small by less than 2 and too large by less than 1.
    fn log2(&self, value: Value) -> i64 {
        let (numerator, denominator) = self.lengths();
        let log2 = numerator as i64 - denominator as i64 - 1;
        if value == Value::Root { log2.div_euclid(2) } else { log2 }
    }

    fn round_to_f64(&self, value: Value) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        // At least 64 bits and at most 67: more than the 53 that are kept, and what is cut off is remembered.
        let shift = 64 - self.log2(value);
        let (cut, exact) = self.floor(value, shift, 0);
        match u128::try_from(cut) {
            Ok(cut) => nearest_f64(cut, -shift, exact),
            Err(_) => f64::INFINITY,
        }
    }

    fn round_to_decimal(&self, value: Value, digits: usize) -> String {
        if self.is_zero() {
            return "0".to_string();
        }
        let digits = digits.max(1);
        let (least, most) = (UBig::from(10u8).pow(digits - 1), UBig::from(10u8).pow(digits));
        let mut exponent = (self.log2(value) as f64 * std::f64::consts::LOG10_2).floor() as i64;
        loop {
            // Twice the number, so that the last bit says on which side of the middle it is.
            let (twice, exact) = self.floor(value, 1, digits as i64 - 1 - exponent);
            let upper_half = twice.bit(0);
            let mut rounded = twice >> 1usize;
            if rounded >= most {
                exponent += 1;
                continue;
            }
            if rounded < least {
                exponent -= 1;
                continue;
            }
            if upper_half && (!exact || rounded.bit(0)) {
                rounded += 1u8;
            }
            if rounded == most {
                return printed("1".to_string() + &"0".repeat(digits - 1), exponent + 1, false);
            }
            return printed(rounded.to_string(), exponent, exact && !upper_half);
        }
    }
}

/// The double nearest to a fraction, which need not be in lowest terms for that.
fn quotient(numerator: UBig, denominator: UBig) -> f64 {
    Rational { numerator: numerator.into(), denominator }.to_f64()
}

/// The double nearest to m·2ᵉ, m having 64 bits or more; something was cut off below m unless `exact`.
fn nearest_f64(m: u128, e: i64, exact: bool) -> f64 {
    const PRECISION: i64 = f64::MANTISSA_DIGITS as i64;
    const LEAST: i64 = f64::MIN_EXP as i64 - 1;
    let length = i64::from(u128::BITS - m.leading_zeros());
    let leading = length - 1 + e;
    if leading > 1023 {
        return f64::INFINITY;
    }
    // Below the normal numbers the place of the last bit is fixed.
    let kept = PRECISION.min(PRECISION + leading - LEAST);
    if kept < 0 {
        return 0.0;
    }
    let dropped = length - kept;
    let (mut bits, rest, half) = (m >> dropped, m & ((1 << dropped) - 1), 1u128 << (dropped - 1));
    if rest > half || (rest == half && (!exact || bits & 1 == 1)) {
        bits += 1;
    }
    // The hidden bit of a normal number adds 1 to the exponent field, and so does a carry.
    let field = if leading >= LEAST { (leading - LEAST) as u64 } else { 0 };
    f64::from_bits((field << (PRECISION - 1)) + bits as u64)
}

/// The digits d₀.d₁d₂… times 10^exponent.
fn printed(digits: String, exponent: i64, exact: bool) -> String {
    let shown = if exact { digits.trim_end_matches('0') } else { &digits };
    if (-4..0).contains(&exponent) {
        let zeros = "0".repeat((-exponent - 1) as usize);
        return format!("0.{zeros}{shown}");
    }
    let point = exponent.unsigned_abs() as usize + 1;
    if exponent >= 0 && point <= digits.len() {
        let (whole, fraction) = digits.split_at(point);
        let fraction = if exact { fraction.trim_end_matches('0') } else { fraction };
        return if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") };
    }
    let (first, rest) = shown.split_at(1);
    if rest.is_empty() { format!("{first}e{exponent}") } else { format!("{first}.{rest}e{exponent}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn r(text: &str) -> Rational {
        text.parse().expect("a decimal")
    }

    #[test]
    fn doubles_come_back() {
        let least = f64::from_bits(1);
        for x in [1.0, -0.1, 1e300, f64::MAX, f64::MIN_POSITIVE, least, 3.0 * least, -4.9e-322, 1e-310, 2e-308] {
            assert_eq!(Rational::from_f64(x).expect("finite").to_f64().to_bits(), x.to_bits(), "{x:e}");
        }
        assert_eq!(Rational::zero().to_f64(), 0.0);
    }

    /// The standard library reads decimals correctly rounded, to the last bit.
    #[test]
    fn rounding_is_that_of_the_standard_library() {
        let numbers = [
            "0.1",
            "1e23",
            "-7.3e-5",
            "9007199254740993",
            "9007199254740992.99999999",
            "2.2250738585072011e-308",
            "2.4703282292062327208e-324",
            "2.4703282292062328e-324",
            "4.9e-324",
            "1e-400",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e400",
            "123456789012345678901234567890e-40",
            "5e-324",
            "7.4e-324",
            "7.5e-324",
        ];
        for text in numbers {
            let expected: f64 = text.parse().expect("a decimal");
            assert_eq!(r(text).to_f64(), expected, "{text}");
        }
        // Halfway between two doubles: to even, and a trace above it upwards.
        assert_eq!(r("9007199254740993").to_f64(), 9007199254740992.0);
        assert_eq!(r("9007199254740995").to_f64(), 9007199254740996.0);
        assert_eq!(r("9007199254740993.0000000000000000000000000000000001").to_f64(), 9007199254740994.0);
    }

    #[test]
    fn digits_are_rounded_once() {
        for (text, digits, printed) in [
            ("0.125", 2, "0.12"),
            ("0.375", 2, "0.38"),
            ("0.1250000000000000000001", 2, "0.13"),
            ("9.995", 3, "10.0"),
            ("9.9949", 3, "9.99"),
            ("-99999.5", 5, "-1.0000e5"),
            ("1200", 5, "1200"),
            ("1200", 2, "1.2e3"),
            ("1234", 2, "1.2e3"),
            ("0.00012", 5, "0.00012"),
            ("0.000012", 5, "1.2e-5"),
            ("7e30", 30, "7e30"),
            ("7e29", 30, "700000000000000000000000000000"),
            ("0", 5, "0"),
            ("3", 0, "3"),
            ("1e-400", 3, "1e-400"),
        ] {
            assert_eq!(r(text).to_decimal(digits), printed, "{text}");
        }
    }

    #[test]
    fn square_roots() {
        assert_eq!(Rational::from(2).sqrt_to_f64(), std::f64::consts::SQRT_2);
        assert_eq!(r("1e-600").sqrt_to_f64(), 1e-300);
        assert_eq!(r("1e600").sqrt_to_decimal(5), "1e300");
        assert_eq!(Rational::zero().sqrt_to_decimal(5), "0");
        // (1 + 2⁻⁶⁰)² is 1 to 17 digits, but not 1.
        let near = &Rational::one() + &Rational::from_f64(2f64.powi(-60)).expect("finite");
        assert_eq!((&near * &near).sqrt_to_decimal(61).parse::<Rational>().expect("a decimal"), near);
        assert_eq!((&near * &near).sqrt_to_decimal(10), "1.000000000");
        assert_eq!((&near * &near).sqrt_to_f64(), 1.0);
    }

    #[test]
    fn errors_of_computed_numbers() {
        let third = Rational::one().checked_div(&Rational::from(3)).expect("not 0");
        // The double nearest to 1/3 is (2⁵⁴ − 1)/3·2⁻⁵⁴, smaller by 2⁻⁵⁴/3.
        assert_eq!(third.error_of(1.0 / 3.0), third.to_f64() * 2f64.powi(-54));
        assert_eq!(third.relative_error_of(1.0 / 3.0), 2f64.powi(-54));
        assert_eq!((-&third).relative_error_of(1.0 / 3.0), 2.0);
        assert_eq!(third.relative_error_of(f64::NAN), f64::INFINITY);
        assert_eq!((Rational::zero().relative_error_of(-2.0), Rational::zero().error_of(0.0)), (2.0, 0.0));
        assert_eq!(Rational::from_f64(5e-324).expect("finite").relative_error_of(1e308), f64::INFINITY);
    }

    proptest::proptest! {
        #[test]
        fn printing_enough_digits_loses_nothing(x in proptest::num::f64::ANY) {
            if let Some(exact) = Rational::from_f64(x) {
                // A double has at most 767 significant digits.
                proptest::prop_assert_eq!(exact.to_decimal(767).parse::<Rational>(), Ok(exact.clone()));
                proptest::prop_assert_eq!(exact.to_decimal(17).parse::<f64>(), Ok(x));
                let nearest = exact.sqrt_to_f64();
                // The standard library's square root is correctly rounded (IEEE 754).
                proptest::prop_assert_eq!(nearest, x.abs().sqrt());
            }
        }
    }
}
