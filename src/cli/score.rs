//! The command: how many digits of an answer are right, given the answer that is known.
//!
//! Top floor, pure arithmetic. It judges coefficients against a reference that is not rounded; it must not know which
//! method made them.

use lapwing::lstsq::exact::Rational;

/// The most digits that are counted: NIST certifies 15, and a double holds little more.
pub const MOST_DIGITS: f64 = 15.0;

/// An answer held against the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// ‖x − x*‖₂/‖x*‖₂, or ‖x − x*‖₂ if x* = 0; none beyond the range of double precision, and where an error of x* itself
    /// leaves it no digit.
    pub relative_error: Option<f64>,
    /// What that is below where it has no digit.
    pub relative_error_below: Option<f64>,
    /// The log relative error of each coefficient.
    pub per_coefficient: Vec<f64>,
    /// The least of them.
    pub digits: f64,
}

impl Score {
    /// Holds `x` against `reference`; no score for vectors of different lengths or none at all.
    pub fn new(x: &[f64], reference: &[Rational]) -> Option<Self> {
        if x.len() != reference.len() || x.is_empty() {
            return None;
        }
        let per_coefficient: Vec<f64> = x.iter().zip(reference).map(|(&x, exact)| digits(x, exact)).collect();
        let least = per_coefficient.iter().copied().fold(MOST_DIGITS, f64::min);
        let errors: Vec<f64> = x.iter().zip(reference).map(|(&x, exact)| exact.error_of(x)).collect();
        let sizes: Vec<f64> = reference.iter().map(Rational::to_f64).collect();
        let relative_error = Some(ratio(norm(&errors), norm(&sizes))).filter(|error| error.is_finite());
        Some(Score { relative_error, relative_error_below: None, per_coefficient, digits: least })
    }

    /// Where the coefficients of the reference are only within `uncertain` of the exact ones, relative to each, the same for the
    /// exact ones as far as that can be told, and as far as it is proved: that they have so many digits, `certain`, and that the error
    /// is at most `bound`. An x* that is rounded must not contradict a proof.
    pub fn proved(mut self, reference: &[Rational], uncertain: &[f64], certain: &[f64], bound: Option<f64>) -> Self {
        for (found, (&certain, &uncertain)) in self.per_coefficient.iter_mut().zip(certain.iter().zip(uncertain)) {
            // The error is 10^−found, and the exact one is as small as 10^−certain.
            if certain > *found && 10f64.powf(-*found) - uncertain <= 10f64.powf(-certain) {
                *found = certain;
            }
        }
        self.digits = self.per_coefficient.iter().copied().fold(MOST_DIGITS, f64::min);
        let sizes: Vec<f64> = reference.iter().map(Rational::to_f64).collect();
        let errors: Vec<f64> = sizes.iter().zip(uncertain).map(|(size, uncertain)| size * uncertain).collect();
        let slack = ratio(norm(&errors), norm(&sizes));
        let bound = bound.unwrap_or(f64::INFINITY);
        match self.relative_error {
            Some(error) if error < 2.0 * slack => {
                (self.relative_error, self.relative_error_below) = (None, Some(bound.min(error + slack)));
            }
            Some(error) if error > bound && error - slack <= bound => self.relative_error = Some(bound),
            _ => {}
        }
        self
    }
}

/// The log relative error −log₁₀(|x − x*|/|x*|), with the absolute error where x* = 0, clipped to [0, 15]; 0
/// if x is not finite. B. D. McCullough, Assessing the reliability of statistical software: part I, The
/// American Statistician 52 (1998).
pub fn digits(x: f64, exact: &Rational) -> f64 {
    let error = exact.relative_error_of(x);
    // The sum makes the −0 of an error of 1 a 0.
    if error == 0.0 { MOST_DIGITS } else { (-error.log10()).clamp(0.0, MOST_DIGITS) + 0.0 }
}

/// ‖x − y‖₂/‖y‖₂, or ‖x − y‖₂ if y = 0.
pub fn relative_difference(x: &[f64], y: &[f64]) -> f64 {
    let difference: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
    ratio(norm(&difference), norm(y))
}

fn ratio(difference: f64, scale: f64) -> f64 {
    if scale == 0.0 { difference } else { difference / scale }
}

/// The Euclidean norm, scaled by the largest magnitude so that squares neither overflow nor underflow.
pub fn norm<'a>(values: impl IntoIterator<Item = &'a f64> + Clone) -> f64 {
    let largest = values.clone().into_iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * values.into_iter().map(|value| (value / largest).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a unit in the twelfth digit of the logarithm: far above the rounding of log₁₀, far below a wrong
    /// answer.
    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-12
    }

    fn rational(x: f64) -> Rational {
        Rational::from_f64(x).expect("finite")
    }

    #[test]
    fn digits_of_known_errors() {
        // 1 + 2⁻³⁰ is exact, so the error is exactly 2⁻³⁰.
        let of = |x, exact: f64| digits(x, &rational(exact));
        assert!(close(of(1.0 + 2f64.powi(-30), 1.0), 30.0 * 2f64.log10()));
        assert!(close(of(-3.0 * (1.0 + 2f64.powi(-20)), -3.0), 20.0 * 2f64.log10()));
        assert!(close(of(0.125, 0.0), 3.0 * 2f64.log10()));
        assert_eq!(of(7.5, 7.5), MOST_DIGITS);
        assert_eq!(of(0.0, 0.0), MOST_DIGITS);
        assert!(of(2.0, 1.0).is_sign_positive() && of(2.0, 1.0) == 0.0);
        assert_eq!(of(1.0 + f64::EPSILON, 1.0), MOST_DIGITS);
    }

    #[test]
    fn wrong_answers_score_nothing() {
        for (x, exact) in [
            (-1.0, 1.0),
            (2.0, 1.0),
            (0.0, 1.0),
            (1e300, 1.0),
            (f64::NAN, 1.0),
            (f64::INFINITY, 1.0),
            (1.0, 0.0),
            (f64::MAX, -f64::MAX),
        ] {
            assert_eq!(digits(x, &rational(exact)), 0.0, "{x} for {exact}");
        }
        // A digit that is wrong in the fourth place gives four digits, not fifteen.
        assert!(close(digits(1.0001, &rational(1.0)), 4.0));
    }

    #[test]
    fn the_worst_coefficient_counts() {
        let reference = [1.0, 2.0, 0.0].map(rational);
        let score = Score::new(&[1.0, 2.0 + 2f64.powi(-9), 0.0], &reference).expect("equal lengths");
        assert!(close(score.digits, 10.0 * 2f64.log10()));
        assert_eq!((score.per_coefficient[0], score.per_coefficient[2]), (MOST_DIGITS, MOST_DIGITS));
        assert!(close(score.relative_error.expect("finite"), 2f64.powi(-9) / 5f64.sqrt()));
        assert_eq!(Score::new(&[1.0], &reference), None);
        assert_eq!(Score::new(&[], &[]), None);
    }

    #[test]
    fn a_small_coefficient_weighs_as_much_as_a_large_one() {
        let score = Score::new(&[1e6, 3e-15], &[1e6, 2e-15].map(rational)).expect("equal lengths");
        assert!(score.relative_error < Some(1.01e-21));
        assert!(score.digits < 0.31);
    }

    /// The double nearest to 1/3 has 16 digits right and not all of them.
    #[test]
    fn the_reference_is_not_rounded() {
        let third = rational(1.0).checked_div(&rational(3.0)).expect("not 0");
        let score = Score::new(&[1.0 / 3.0], std::slice::from_ref(&third)).expect("equal lengths");
        assert_eq!(score.relative_error, Some(2f64.powi(-54)));
        let beyond = &rational(1e308) * &rational(1e308);
        let score = Score::new(&[f64::MAX], &[beyond]).expect("equal lengths");
        assert_eq!((score.relative_error, score.digits), (None, 0.0));
    }

    /// x* = 1 + 2⁻⁵⁰, rounded to 1: an answer of 1 + 2⁻⁵⁰ is exact, and is not to be called wrong where that is proved.
    #[test]
    fn the_rounding_of_a_reference_contradicts_no_proof() {
        let reference = [rational(1.0)];
        let score = |x: f64| Score::new(&[x], &reference).expect("equal lengths");
        let (error, u) = (2f64.powi(-50), 2f64.powi(-50));
        let found = score(1.0 + error).proved(&reference, &[u], &[MOST_DIGITS], Some(0.0));
        assert_eq!((found.digits, found.relative_error), (MOST_DIGITS, None));
        assert_eq!(found.relative_error_below, Some(0.0));
        let found = score(1.0 + error).proved(&reference, &[u], &[14.0], None);
        assert_eq!((found.digits, found.relative_error), (score(1.0 + error).digits, None));
        assert_eq!(found.relative_error_below, Some(error + u));
        // An error of eight units is at least one of seven.
        let found = score(1.0 + 8.0 * error).proved(&reference, &[u], &[14.2], Some(7.5 * u));
        assert_eq!((found.digits, found.relative_error, found.relative_error_below), (14.2, Some(7.5 * u), None));
        // What the rounding does not explain stays as it is, as does everything against a reference that is exact.
        for (uncertain, certain, bound) in [(u, 14.9, 2.0 * u), (0.0, 14.2, 7.5 * u)] {
            let found = score(1.0 + 8.0 * error).proved(&reference, &[uncertain], &[certain], Some(bound));
            assert_eq!(found, score(1.0 + 8.0 * error));
        }
    }

    #[test]
    fn norms_at_the_ends_of_the_range() {
        assert!(close(norm(&[3e200, 4e200]) / 5e200, 1.0));
        assert!(close(norm(&[3e-200, 4e-200]) / 5e-200, 1.0));
        assert_eq!(norm(&[0.0, 0.0]), 0.0);
        assert_eq!(relative_difference(&[1.0], &[0.0]), 1.0);
    }
}
