//! The command: which method to use on a problem, and why, in one sentence.
//!
//! Top floor. Goes by the digits that were measured against a reference, or else by what perturbation theory
//! predicts; it must always say which of the two.

use super::args::MethodName;
use super::report::Verdict;
use super::score::{MOST_DIGITS, norm};
use super::solve::{Attempt, Facts};
use super::text;

/// What the verdict rests on.
pub struct Evidence<'a> {
    /// What each method did.
    pub attempts: &'a [Attempt],
    /// The digits of each that are right, where there is a reference.
    pub digits: &'a [Option<f64>],
    /// How hard the problem is.
    pub facts: &'a Facts,
    /// The number of coefficients.
    pub columns: usize,
    /// How many columns are exactly combinations of others, where that is known.
    pub dependent: usize,
}

/// A method that has an answer, with the digits measured or predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    method: MethodName,
    digits: f64,
}

/// The method with the fewest operations whose answer is within one digit of the best.
pub fn verdict(evidence: &Evidence<'_>) -> Verdict {
    if evidence.dependent > 0 {
        return dependent(evidence);
    }
    let measured = evidence.digits.iter().any(Option::is_some);
    if !measured && evidence.facts.scaled.rank < evidence.columns {
        return deficient(evidence);
    }
    let candidates = candidates(evidence);
    let Some(chosen) = choose(&candidates) else {
        return Verdict { method: None, reason: "No method has an answer".to_string() };
    };
    let digits = |c: Candidate| {
        if measured { text::digits(c.digits) } else { format!("about {:.0}", c.digits.floor()) }
    };
    let verb = match (measured, chosen.method == MethodName::Ne) {
        (false, _) => "should get",
        (true, true) => "get",
        (true, false) => "gets",
    };
    let claim = format!("{} {verb} {} digits right", capital(chosen.method.spoken()), digits(chosen));
    let normal = candidates.iter().find(|c| c.method == MethodName::Ne);
    let contrast = match (normal, broken_down(evidence)) {
        _ if chosen.method == MethodName::Ne => {
            "no method here gets more than one digit more, and none needs fewer operations".to_string()
        }
        (Some(normal), _) => format!("the normal equations {}{}", digits(*normal), squared(evidence.facts)),
        (None, Some(message)) if squared(evidence.facts).is_empty() => {
            format!("the normal equations break down ({message})")
        }
        (None, Some(_)) => format!("the normal equations break down{}", squared(evidence.facts)),
        (None, None) => "no method here with fewer operations comes within one digit of the best".to_string(),
    };
    let basis = if measured { "" } else { ". This is estimated by perturbation theory, as there is no reference" };
    Verdict { method: Some(chosen.method.name()), reason: format!("{claim}; {contrast}{basis}") }
}

/// Why the normal equations broke down, if they did.
fn broken_down<'a>(evidence: &Evidence<'a>) -> Option<&'a String> {
    evidence.attempts.iter().find(|a| a.method == MethodName::Ne)?.result.as_ref().err()
}

/// What the normal equations do to the condition number that their rounding errors follow. That costs log₁₀ κ digits
/// and is named as a cause only where it costs one or more.
fn squared(facts: &Facts) -> String {
    let kappa = facts.scaled.kappa2;
    if kappa < 10.0 {
        return String::new();
    }
    let (kappa, square) = (text::short(kappa), text::short(kappa * kappa));
    format!(", for they square the condition number κ₂(AD⁻¹) = {kappa} to {square}")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The methods that have an answer; the automatic choice is one of the others and does not stand on its own.
fn candidates(evidence: &Evidence<'_>) -> Vec<Candidate> {
    let judged = |(attempt, digits): (&Attempt, &Option<f64>)| {
        let fit = attempt.result.as_ref().ok()?;
        let digits = digits.unwrap_or_else(|| predicted(attempt.method, evidence.facts, &fit.x));
        Some(Candidate { method: attempt.method, digits })
    };
    evidence
        .attempts
        .iter()
        .zip(evidence.digits)
        .filter(|(a, _)| a.method != MethodName::Auto)
        .filter_map(judged)
        .collect()
}

/// The cheapest within one digit of the best, by the order of the flop counts: NE, QR, pivoted QR, SVD,
/// refinement.
fn choose(candidates: &[Candidate]) -> Option<Candidate> {
    let best = candidates.iter().map(|c| c.digits).fold(f64::NEG_INFINITY, f64::max);
    let good_enough = |c: &&Candidate| c.digits >= best - 1.0;
    candidates.iter().filter(good_enough).min_by_key(|c| c.method as usize).copied()
}

/// The digits that perturbation theory lets expect, to an order of magnitude:
/// NE: error ≲ κ²·eps·(1 + ‖b‖/(‖A‖‖x‖)); orthogonal methods: error ≲ 2κ·eps + κ²·eps·‖r‖/(‖A‖‖x‖).
/// G. W. Stewart, Matrix Algorithms I (1998), section 4.2; the dimension factor is left out.
///
/// The rounding errors of Cholesky and of QR respect the scale of each column, so that for them A may be read
/// as AD⁻¹ and x as Dx with the best D, for which unit columns are nearly optimal (van der Sluis, Numer.
/// Math. 14 (1969)); those of the SVD do not.
fn predicted(method: MethodName, facts: &Facts, x: &[f64]) -> f64 {
    let (kappa, size) = match method {
        MethodName::Svd => (facts.kappa2, facts.norm_a * norm(x)),
        _ => {
            let scaled: Vec<f64> = x.iter().zip(&facts.scaled.lengths).map(|(x, length)| x * length).collect();
            (facts.scaled.kappa2, facts.scaled.norm_a * norm(&scaled))
        }
    };
    let error = f64::EPSILON
        * match method {
            MethodName::Ne => kappa * kappa * (1.0 + facts.norm_b / size),
            _ => 2.0 * kappa + kappa * kappa * facts.distance / size,
        };
    // Not a number where A or x is zero: then nothing is predicted.
    if error.is_nan() { 0.0 } else { (-error.log10()).clamp(0.0, MOST_DIGITS) }
}

/// Without a full rank there is no single answer to get digits of.
fn deficient(evidence: &Evidence<'_>) -> Verdict {
    let (rank, columns) = (evidence.facts.scaled.rank, evidence.columns);
    shortest(
        evidence,
        &format!(
            "The columns of A are linearly dependent to working precision (rank {rank} of {columns}), \
             so that many answers fit equally well"
        ),
    )
}

/// The same where it is proved.
fn dependent(evidence: &Evidence<'_>) -> Verdict {
    let (rank, columns) = (evidence.columns - evidence.dependent, evidence.columns);
    let found = format!(
        "The columns are linearly dependent in exact arithmetic (rank {rank} of {columns}), so that many answers fit \
         equally well"
    );
    if evidence.facts.scaled.rank == rank {
        return shortest(evidence, &found);
    }
    let reason = format!("{found}; rounding to double precision hides that, and what the methods answer is arbitrary");
    Verdict { method: None, reason }
}

/// The method that gives the shortest of many answers.
fn shortest(evidence: &Evidence<'_>, found: &str) -> Verdict {
    let answers = |name| evidence.attempts.iter().any(|a| a.method == name && a.result.is_ok());
    let method = [MethodName::Svd, MethodName::Qrp].into_iter().find(|&name| answers(name));
    let reason = match method {
        Some(method) => format!("{found}; {} gives the shortest one", method.spoken()),
        None => format!("{found}; svd and qrp, which give the shortest one, were not compared or failed"),
    };
    Verdict { method: method.map(MethodName::name), reason }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::cli::problem::Problem;
    use crate::cli::progress::Progress;
    use crate::cli::solve::attempts;

    const ALL: [MethodName; 4] = [MethodName::Ne, MethodName::Qr, MethodName::Qrp, MethodName::Svd];

    fn judge(a: Array2<f64>, b: Array1<f64>, methods: &[MethodName], digits: &[Option<f64>]) -> Verdict {
        let columns = a.ncols();
        let problem = Problem { source: "test".into(), names: vec!["x".into(); columns], a, b };
        let facts = Facts::new(&problem).expect("a good matrix");
        let attempts = attempts(&problem, methods, &facts, &Progress::new(0)).expect("a good matrix");
        verdict(&Evidence { attempts: &attempts, digits, facts: &facts, columns, dependent: 0 })
    }

    /// Two columns whose sine is `gap`, b outside of their plane.
    fn near(gap: f64) -> (Array2<f64>, Array1<f64>) {
        (array![[1.0, 1.0], [0.0, gap], [0.0, 0.0]], array![1.0, 1.0, 1e-3])
    }

    #[test]
    fn estimates_follow_the_condition_number() {
        let (a, b) = near(0.5);
        let easy = judge(a, b, &ALL, &[None; 4]);
        assert_eq!(easy.method, Some("ne"), "{}", easy.reason);
        let (a, b) = near(1e-6);
        let hard = judge(a, b, &ALL, &[None; 4]);
        assert_eq!(hard.method, Some("qr"), "{}", hard.reason);
        assert!(hard.reason.ends_with("estimated by perturbation theory, as there is no reference"), "{}", hard.reason);
    }

    #[test]
    fn columns_of_different_lengths_are_no_reason_against_the_normal_equations() {
        let a = array![[1.0, 1e8], [1.0, -1e8], [1.0, 0.0]];
        let verdict = judge(a, array![1.0, 2.0, 3.0], &[MethodName::Ne, MethodName::Qr], &[None; 2]);
        assert_eq!(verdict.method, Some("ne"), "{}", verdict.reason);
    }

    #[test]
    fn squaring_is_named_only_where_it_is_the_cause() {
        let digits = [Some(9.0), Some(12.0)];
        let (a, b) = near(0.5);
        let reason = judge(a, b, &ALL[..2], &digits).reason;
        assert_eq!(reason, "QR gets 12.0 digits right; the normal equations 9.0");
        let (a, b) = near(1e-3);
        let reason = judge(a, b, &ALL[..2], &digits).reason;
        assert!(reason.contains("; the normal equations 9.0, for they square the condition number"), "{reason}");
    }

    #[test]
    fn measured_digits_outweigh_estimates() {
        let verdict = |digits: [f64; 4]| {
            let (a, b) = near(0.5);
            judge(a, b, &ALL, &digits.map(Some)).method
        };
        assert_eq!(verdict([12.0, 12.9, 12.0, 12.0]), Some("ne"));
        assert_eq!(verdict([12.0, 13.1, 12.0, 12.0]), Some("qr"));
        assert_eq!(verdict([2.0, 4.0, 6.0, 5.5]), Some("qrp"));
        assert_eq!(verdict([2.0, 4.0, 6.0, 9.5]), Some("svd"));
    }

    /// What rounding has made independent is not believed where exact arithmetic knows better.
    #[test]
    fn columns_that_are_exactly_dependent_have_no_answer() {
        let judged = |a: Array2<f64>| {
            let columns = a.ncols();
            let problem =
                Problem { source: "test".into(), names: vec!["x".into(); columns], a, b: array![1.0, 0.0, 2.0] };
            let facts = Facts::new(&problem).expect("a good matrix");
            let attempts = attempts(&problem, &ALL, &facts, &Progress::new(0)).expect("a good matrix");
            verdict(&Evidence { attempts: &attempts, digits: &[None; 4], facts: &facts, columns, dependent: 1 })
        };
        let hidden = judged(array![[1.0, 2.0], [2.0, 4.0], [3.0, 6.001]]);
        assert_eq!(hidden.method, None);
        assert!(hidden.reason.contains("rank 1 of 2") && hidden.reason.contains("rounding"), "{}", hidden.reason);
        let seen = judged(array![[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]);
        assert_eq!(seen.method, Some("svd"));
        assert!(seen.reason.contains("in exact arithmetic (rank 1 of 2)"), "{}", seen.reason);
    }

    #[test]
    fn dependent_columns_have_no_digits() {
        let a = array![[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]];
        let found = judge(a.clone(), array![1.0, 0.0, 2.0], &ALL, &[None; 4]);
        assert_eq!(found.method, Some("svd"));
        assert!(found.reason.contains("rank 1 of 2"), "{}", found.reason);
        let found = judge(a, array![1.0, 0.0, 2.0], &[MethodName::Ne], &[None]);
        assert_eq!(found.method, None, "{}", found.reason);
    }
}
