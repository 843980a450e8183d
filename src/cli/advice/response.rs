//! The command: whether a constant is advised to be subtracted from the response.
//! Top floor. Calls the library for an answer and its bound; it must not recommend what it has not measured.
//!
//! With a constant column in A, b − c·1 has the same coefficients as b but for that column's. A response that is nearly constant
//! loses in its leading digits what the others are to be found from: when it is rounded to double precision, and in each
//! rounding error of a method, which is relative to ‖b‖.

use lapwing::lstsq::Analysis;
use lapwing::prelude::{LeastSquaresExt, LstsqOptions};
use ndarray::Array1;

use super::super::certain::certain;
use super::super::printed::Data;
use super::super::problem::Problem;
use super::super::report::Advice;
use super::super::score::norm;
use super::super::solve::Fit;
use super::super::text;
use super::WORTH;

/// The certain digits from which nothing is recommended: three fewer than there can be.
const ENOUGH: f64 = 12.0;

/// A constant to subtract, if the coefficients beside the constant column's then have a certain digit more.
pub fn subtract(problem: &Problem, base: usize, fit: &Fit, data: &Data) -> Option<Advice> {
    let before = certain(fit.bound.as_ref()?);
    let others = || (0..problem.names.len()).filter(|&j| j != base);
    if others().all(|j| before[j] >= ENOUGH) {
        return None;
    }
    let constant = constant(problem, data)?;
    let (b, uncertainty) = data.less(&problem.b, constant)?;
    if norm(&b) * WORTH > norm(&problem.b) {
        return None;
    }
    let options = LstsqOptions { method: fit.used.method(), ..LstsqOptions::default() };
    let x = problem.a.lstsq_with(&b, &options).ok()?.x;
    let bound = Analysis::new(&problem.a, &b).and_then(|found| found.forward_error_with(&x, &uncertainty)).ok()?;
    let after = certain(&bound);
    // What is 0 has no digits before or after.
    let known = || others().filter(|&j| after[j] >= 1.0);
    let least = |digits: &[f64]| known().map(|j| digits[j]).reduce(f64::min);
    let (before, after) = (least(&before)?, least(&after)?);
    if before >= ENOUGH || after < before + WORTH.log10() {
        return None;
    }
    let (shown, of) = (text::plain(constant), text::shown(&problem.names[base]));
    let when = if data.uncertainty.rhs > 0.0 { " before it is rounded to double precision" } else { "" };
    let which = if known().count() + 1 < problem.names.len() { "others that are not 0" } else { "others" };
    Some(Advice {
        digits_before: Some(before),
        digits_after: Some(after),
        text: format!(
            "subtract {shown} from the response{when}: of the coefficients only {of} changes, and the certain digits of the \
             {which} rise from {} to {} by {}",
            text::digits(before),
            text::digits(after),
            fit.used.spoken()
        ),
        ..Advice::new("subtract", Vec::new(), format!("subtract {shown} from the response"))
    })
}

/// The mean of the response, rounded to as few digits as leave it among the values; none of a constant response.
fn constant(problem: &Problem, data: &Data) -> Option<f64> {
    let mean = problem.b.mean().filter(|mean| mean.is_finite())?;
    let (rest, _) = data.less(&problem.b, mean)?;
    let spread = most(&rest) - least(&rest);
    let rest = rest.mean()?;
    let near = |constant: &f64| ((constant - mean) - rest).abs() <= 0.5 * spread;
    (spread > 0.0).then(|| (1..=17).map(|digits| text::rounded(mean, digits)).find(near).unwrap_or(mean))
}

fn most(values: &Array1<f64>) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn least(values: &Array1<f64>) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}
