//! The command: which method to use on a problem, in one line, and why.
//! Top floor. Goes by the digits measured against a reference, or else by those that a bound of the error makes certain.
//! It must not leave open which of the two.

mod rank;

use super::advice::Advised;
use super::args::MethodName;
use super::certain::Uncounted;
use super::report::Verdict;
use super::solve::{Attempt, Facts, Kappa};
use super::text;
use rank::{deficient, dependent, doubtful};

/// What the verdict rests on.
pub struct Evidence<'a> {
    /// What each method did.
    pub attempts: &'a [Attempt],
    /// The digits of each that are right, where there is a reference.
    pub digits: &'a [Option<f64>],
    /// The digits of each that are certain.
    pub certain: &'a [Option<f64>],
    /// The coefficients whose digits count in neither.
    pub uncounted: &'a Uncounted,
    /// How hard the problem is.
    pub facts: &'a Facts,
    /// The number of coefficients.
    pub columns: usize,
    /// How many columns are exactly combinations of others, where that is known.
    pub dependent: usize,
}

/// A method that has an answer, with the digits measured or certain.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    method: MethodName,
    /// The method that did the work.
    used: MethodName,
    digits: f64,
}

/// The method with the fewest operations whose answer is within one digit of the best.
pub fn verdict(evidence: &Evidence<'_>) -> Verdict {
    if evidence.dependent > 0 {
        return dependent(evidence);
    }
    let measured = evidence.digits.iter().any(Option::is_some);
    if !measured && evidence.facts.scaled.rank < evidence.columns {
        return doubtful(evidence).unwrap_or_else(|| deficient(evidence));
    }
    let candidates = candidates(evidence, measured);
    let Some(chosen) = choose(&candidates) else {
        return Verdict::new(None, no_answer("no method has one"), "No method has an answer".to_string());
    };
    let digits = |c: Candidate| {
        if measured { text::digits(c.digits) } else { format!("at least {:.0}", c.digits.floor()) }
    };
    if chosen.digits < 1.0 {
        return hopeless(measured, chosen);
    }
    let verb = if chosen.method.spoken().ends_with("equations") { "get" } else { "gets" };
    let claim = format!("{} {verb} {} digits right", capital(&spoken(chosen)), digits(chosen));
    let normal = candidates.iter().find(|c| c.method == MethodName::Ne);
    let contrast = match (normal, broken_down(evidence)) {
        _ if chosen.used == MethodName::Ne => {
            "no method here gets more than one digit more, and none needs fewer operations".to_string()
        }
        (Some(normal), _) => format!("the normal equations {}{}", digits(*normal), squared(evidence.facts)),
        (None, Some(message)) if squared(evidence.facts).is_empty() => {
            format!("the normal equations break down ({message})")
        }
        (None, Some(_)) => format!("the normal equations break down{}", squared(evidence.facts)),
        (None, None) => "no method here with fewer operations comes within one digit of the best".to_string(),
    };
    let basis = match measured {
        true if certain_of(evidence, chosen.method).is_some() => "",
        true => UNCERTAIN,
        false => BOUNDED,
    };
    let summary = format!("use {} ({})", chosen.method.name(), counts(evidence, chosen, measured));
    let uncounted = not_counted(evidence.uncounted);
    Verdict::new(Some(chosen.method.name()), summary, format!("{claim}; {contrast}{basis}{uncounted}"))
}

/// The coefficients that do not count, and why.
fn not_counted(uncounted: &Uncounted) -> String {
    let (zeros, lost) = (text::names(&uncounted.zeros), text::names(&uncounted.lost));
    let mut sentences = String::new();
    if !zeros.is_empty() {
        sentences += &format!(". Zero to within rounding errors, and not counted: {zeros}");
    }
    if !lost.is_empty() {
        sentences += &format!(". Below the rounding errors of the data, so that no method gets a digit right: {lost}");
    }
    sentences
}

const UNCERTAIN: &str = ". No digit would be certain without the reference: the bounds of the errors are too large";
const BOUNDED: &str = ". Bounds of the errors prove this; there is no reference";

/// The digits that are right and those that are certain, and of which coefficients they are not.
fn counts(evidence: &Evidence<'_>, chosen: Candidate, measured: bool) -> String {
    let certain = certain_of(evidence, chosen.method).map_or("none".to_string(), text::digits);
    let digits = match measured {
        true => format!("{} digits right, {certain} certain", text::digits(chosen.digits)),
        false => format!("{certain} digits certain"),
    };
    let (zeros, lost) = (text::names(&evidence.uncounted.zeros), text::names(&evidence.uncounted.lost));
    let zeros = if zeros.is_empty() { zeros } else { format!("; zero to rounding: {zeros}") };
    let lost =
        if lost.is_empty() { lost } else { format!("; no digit right of {lost}, below the rounding of the data") };
    format!("{digits}{zeros}{lost}")
}

/// That there is nothing to use, and why.
fn no_answer(why: &str) -> String {
    format!("use none of these answers ({why})")
}

/// The digits of a method that a bound of its error makes certain, if it leaves any.
fn certain_of(evidence: &Evidence<'_>, method: MethodName) -> Option<f64> {
    let certain = evidence.attempts.iter().zip(evidence.certain).find(|(attempt, _)| attempt.method == method);
    certain.and_then(|(_, digits)| *digits).filter(|&digits| digits >= 1.0)
}

/// What is said where the best answer has no digit that is right, or none that is certain.
fn hopeless(measured: bool, best: Candidate) -> Verdict {
    if measured {
        let found = "No method here gets the first digit of every coefficient right; do not use any of these answers";
        return Verdict::new(None, no_answer("first digits are wrong"), found.to_string());
    }
    let found = "No digit is certain of any answer: the bounds of the errors are too large, and there is no reference";
    Verdict::new(Some(best.method.name()), no_answer("first digits are not certain"), found.to_string())
}

/// The method in a sentence, with what the automatic choice chose.
fn spoken(candidate: Candidate) -> String {
    if candidate.used == candidate.method {
        return candidate.method.spoken().to_string();
    }
    format!("{} ({})", candidate.method.spoken(), candidate.used.spoken())
}

/// Why the normal equations broke down, if they did.
fn broken_down<'a>(evidence: &Evidence<'a>) -> Option<&'a String> {
    evidence.attempts.iter().find(|a| a.method == MethodName::Ne)?.result.as_ref().err()
}

/// What the normal equations do to the condition number that their rounding errors follow. That costs log₁₀ κ digits
/// and is named as a cause only where it costs one or more.
fn squared(facts: &Facts) -> String {
    let Kappa { value: kappa, above } = facts.scaled.kappa2;
    if kappa < 10.0 {
        return String::new();
    }
    if above.is_some() {
        let kappa = text::kappa(None, above);
        return format!(", for they square the condition number κ₂(AD⁻¹) {kappa}");
    }
    let (kappa, square) = (text::short(kappa), text::short(kappa * kappa));
    format!(", for they square the condition number κ₂(AD⁻¹) = {kappa} to {square}")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The methods that have an answer.
fn candidates(evidence: &Evidence<'_>, measured: bool) -> Vec<Candidate> {
    let digits = if measured { evidence.digits } else { evidence.certain };
    let judged = |(attempt, digits): (&Attempt, &Option<f64>)| {
        let used = attempt.result.as_ref().ok()?.used;
        Some(Candidate { method: attempt.method, used, digits: (*digits)? })
    };
    evidence.attempts.iter().zip(digits).filter_map(judged).collect()
}

/// The cheapest within one digit of the best, by the order of the flop counts: NE, QR, pivoted QR, SVD,
/// refinement. The automatic choice ranks with the method that it chose, and behind it.
fn choose(candidates: &[Candidate]) -> Option<Candidate> {
    let best = candidates.iter().map(|c| c.digits).fold(f64::NEG_INFINITY, f64::max);
    // One digit is the least that is worth anything.
    let good_enough = |c: &&Candidate| c.digits >= (best - 1.0).max(best.min(1.0));
    candidates.iter().filter(good_enough).min_by_key(|c| (c.used as usize, c.method as usize)).copied()
}

impl Verdict {
    /// Joins what is advised; what makes another method better is no part of the line.
    pub fn add(&mut self, Advised { near, more, advice }: Advised) {
        let steps: Vec<&str> = advice.iter().filter(|a| a.action != "rescale").map(|a| a.summary.as_str()).collect();
        if !steps.is_empty() {
            self.summary += &format!("; better: {}", steps.join(", then "));
        }
        (self.near_dependences, self.more_near_dependences, self.advice) = (near, more, advice);
    }
}

#[cfg(test)]
pub mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::cli::certain::Counted;
    use crate::cli::printed;
    use crate::cli::problem::Problem;
    use crate::cli::progress::Progress;
    use crate::cli::solve::attempts;

    pub const ALL: [MethodName; 4] = [MethodName::Ne, MethodName::Qr, MethodName::Qrp, MethodName::Svd];

    pub fn judge(a: Array2<f64>, b: Array1<f64>, methods: &[MethodName], digits: &[Option<f64>]) -> Verdict {
        let columns = a.ncols();
        let problem = Problem { source: "test".into(), names: vec!["x".into(); columns], a, b };
        let facts = Facts::new(&problem).expect("a good matrix");
        let attempts =
            attempts(&problem, methods, &facts, &printed::none(&problem), &Progress::new(0)).expect("a good matrix");
        let x = attempts.iter().rev().find_map(|a| a.result.as_ref().ok()).map(|fit| fit.x.clone()).unwrap_or_default();
        let counted = Counted::new(&facts, &printed::none(&problem), &x).expect("memory");
        let certain: Vec<Option<f64>> =
            attempts.iter().map(|a| counted.as_ref()?.digits(a.result.as_ref().ok()?)).collect();
        verdict(&Evidence {
            attempts: &attempts,
            digits,
            certain: &certain,
            uncounted: &Uncounted::default(),
            facts: &facts,
            columns,
            dependent: 0,
        })
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
        assert!(hard.reason.ends_with("Bounds of the errors prove this; there is no reference"), "{}", hard.reason);
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

    #[test]
    fn no_right_digit_is_no_recommendation() {
        let (a, b) = near(0.5);
        let found = judge(a.clone(), b.clone(), &ALL, &[Some(0.0), Some(0.4), None, Some(0.9)]);
        assert_eq!((found.method, found.reason.starts_with("No method here gets the first digit")), (None, true));
        // A cheaper method within one digit of the best does not count if it has none.
        let found = judge(a, b, &ALL, &[Some(0.5), Some(1.2), None, Some(0.9)]);
        assert_eq!(found.method, Some("qr"), "{}", found.reason);
    }

    #[test]
    fn digits_that_are_measured_but_not_certain_are_called_so() {
        let (a, b) = near(4e-16);
        let uncertain = judge(a, b, &[MethodName::Svd], &[Some(2.0)]).reason;
        assert!(uncertain.contains("No digit would be certain without the reference"), "{uncertain}");
        let (a, b) = near(1e-6);
        let certain = judge(a, b, &ALL, &[None, Some(9.0), Some(9.0), Some(9.0)]).reason;
        assert!(!certain.contains("certain"), "{certain}");
    }

    #[test]
    fn the_automatic_choice_stands_for_the_method_that_it_chose() {
        let only = [MethodName::Ne, MethodName::Auto];
        let (a, b) = near(1e-6);
        let found = judge(a.clone(), b.clone(), &only, &[None; 2]);
        assert_eq!(found.method, Some("auto"), "{}", found.reason);
        assert!(found.reason.starts_with("The automatic choice (QR) gets at least"), "{}", found.reason);
        let found = judge(a, b, &only, &[Some(7.2), Some(10.9)]);
        assert_eq!(found.method, Some("auto"), "{}", found.reason);
        // Beside the method that it chose, that method is named.
        let (a, b) = near(1e-6);
        let beside = [MethodName::Auto, MethodName::Svd, MethodName::Qr];
        assert_eq!(judge(a, b, &beside, &[Some(10.9); 3]).method, Some("qr"));
        let a = array![[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]];
        let found = judge(a, array![1.0, 0.0, 2.0], &only, &[None; 2]);
        assert_eq!(found.method, Some("auto"), "{}", found.reason);
    }
}
