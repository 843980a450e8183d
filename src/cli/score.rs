//! The command: how many digits of an answer are right, given the answer that is known.
//!
//! Top floor, pure arithmetic. It judges coefficients against a reference; it must not know which method made
//! them.

/// The most digits that are counted: NIST certifies 15, and a double holds little more.
pub const MOST_DIGITS: f64 = 15.0;

/// An answer held against the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// ‖x − x*‖₂/‖x*‖₂, or ‖x − x*‖₂ if x* = 0.
    pub relative_error: f64,
    /// The log relative error of each coefficient.
    pub per_coefficient: Vec<f64>,
    /// The least of them.
    pub digits: f64,
}

impl Score {
    /// Holds `x` against `reference`; no score for vectors of different lengths or none at all.
    pub fn new(x: &[f64], reference: &[f64]) -> Option<Self> {
        if x.len() != reference.len() || x.is_empty() {
            return None;
        }
        let per_coefficient: Vec<f64> = x.iter().zip(reference).map(|(&x, &exact)| digits(x, exact)).collect();
        let least = per_coefficient.iter().copied().fold(MOST_DIGITS, f64::min);
        Some(Score { relative_error: relative_difference(x, reference), per_coefficient, digits: least })
    }
}

/// The log relative error −log₁₀(|x − x*|/|x*|), with the absolute error where x* = 0, clipped to [0, 15]; 0
/// if x is not finite. B. D. McCullough, Assessing the reliability of statistical software: part I, The
/// American Statistician 52 (1998).
pub fn digits(x: f64, exact: f64) -> f64 {
    if !x.is_finite() {
        return 0.0;
    }
    let scale = if exact == 0.0 { 1.0 } else { exact.abs() };
    let error = (x - exact).abs() / scale;
    if error == 0.0 { MOST_DIGITS } else { (-error.log10()).clamp(0.0, MOST_DIGITS) }
}

/// ‖x − y‖₂/‖y‖₂, or ‖x − y‖₂ if y = 0.
pub fn relative_difference(x: &[f64], y: &[f64]) -> f64 {
    let difference: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
    let (difference, scale) = (norm(&difference), norm(y));
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

    #[test]
    fn digits_of_known_errors() {
        // 1 + 2⁻³⁰ is exact, so the error is exactly 2⁻³⁰.
        assert!(close(digits(1.0 + 2f64.powi(-30), 1.0), 30.0 * 2f64.log10()));
        assert!(close(digits(-3.0 * (1.0 + 2f64.powi(-20)), -3.0), 20.0 * 2f64.log10()));
        assert!(close(digits(0.125, 0.0), 3.0 * 2f64.log10()));
        assert_eq!(digits(7.5, 7.5), MOST_DIGITS);
        assert_eq!(digits(0.0, 0.0), MOST_DIGITS);
        assert_eq!(digits(1.0 + f64::EPSILON, 1.0), MOST_DIGITS);
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
            assert_eq!(digits(x, exact), 0.0, "{x} for {exact}");
        }
        // A digit that is wrong in the fourth place gives four digits, not fifteen.
        assert!(close(digits(1.0001, 1.0), 4.0));
    }

    #[test]
    fn the_worst_coefficient_counts() {
        let score = Score::new(&[1.0, 2.0 + 2f64.powi(-9), 0.0], &[1.0, 2.0, 0.0]).expect("equal lengths");
        assert!(close(score.digits, 10.0 * 2f64.log10()));
        assert_eq!((score.per_coefficient[0], score.per_coefficient[2]), (MOST_DIGITS, MOST_DIGITS));
        assert!(close(score.relative_error, 2f64.powi(-9) / 5f64.sqrt()));
        assert_eq!(Score::new(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(Score::new(&[], &[]), None);
    }

    #[test]
    fn a_small_coefficient_weighs_as_much_as_a_large_one() {
        let score = Score::new(&[1e6, 3e-15], &[1e6, 2e-15]).expect("equal lengths");
        assert!(score.relative_error < 1e-20);
        assert!(score.digits < 0.31);
    }

    #[test]
    fn norms_at_the_ends_of_the_range() {
        assert!(close(norm(&[3e200, 4e200]) / 5e200, 1.0));
        assert!(close(norm(&[3e-200, 4e-200]) / 5e-200, 1.0));
        assert_eq!(norm(&[0.0, 0.0]), 0.0);
        assert_eq!(relative_difference(&[1.0], &[0.0]), 1.0);
    }
}
