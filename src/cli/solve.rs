//! The command: every numerical call into the library but those for the exact answer, which are in `exact`.
//!
//! Top floor. Says how hard a problem is, what each method answers and how long it takes. A method that
//! breaks down is a finding and not a fault; it must not judge which answer is better.

use std::hint::black_box;
use std::time::{Duration, Instant};

use lapwing::Error;
use lapwing::lstsq::{Analysis, ForwardError, Uncertainty};
use lapwing::prelude::*;
use ndarray::{Array1, Ix1, s};

use super::args::MethodName;
use super::fault::Fault;
use super::problem::Problem;
use super::progress::Progress;
use super::score::norm;

/// How hard a problem is.
pub struct Facts {
    /// κ₂(A) = σ₁/σₙ.
    pub kappa2: Kappa,
    /// The condition number of the problem, relative to ‖[A b]‖_F and ‖x‖₂; none if the rank is not full.
    pub problem: Option<f64>,
    /// The angle between b and the range of A; none if b = 0, or if rounding errors have left it no digit.
    pub theta: Option<f64>,
    /// What it is below all the same where it has no digit.
    pub theta_below: Option<f64>,
    /// The same matrix with its columns scaled to length 1.
    pub scaled: Scaled,
    /// ‖b‖₂.
    pub norm_b: f64,
    /// What bounds the errors of answers; none if the rank is not full.
    pub analysis: Option<Analysis<f64, Ix1>>,
}

/// The matrix AD⁻¹, D = diag(‖a₁‖, …, ‖aₙ‖); a column of zeros is left as it is.
pub struct Scaled {
    /// The diagonal of D.
    pub lengths: Vec<f64>,
    /// κ₂(AD⁻¹).
    pub kappa2: Kappa,
    /// The numerical rank, which on columns of equal length does not depend on units of measurement.
    pub rank: usize,
}

/// A condition number σ₁/σₙ.
#[derive(Debug, Clone, Copy)]
pub struct Kappa {
    /// Its value; infinite if σₙ = 0, or if rounding errors have left it no digit.
    pub value: f64,
    /// What it exceeds all the same where it has no digit.
    pub above: Option<f64>,
}

impl Kappa {
    /// Of a computed ratio of singular values of an m×n matrix, m ≥ n. σₙ is computed to within about nε·σ₁, and surely to mε·σ₁,
    /// so that nothing is left of it where the ratio nears 1/(nε).
    fn of(ratio: f64, (m, n): (usize, usize)) -> Self {
        if ratio * n as f64 * f64::EPSILON < 0.5 {
            return Kappa { value: ratio, above: None };
        }
        Kappa { value: f64::INFINITY, above: Some(1.0 / (1.0 / ratio + m as f64 * f64::EPSILON)) }
    }

    /// κ₂(A) of an analysis, which has as many digits as κ₂(AD⁻¹). That is at most √n times as large (van der Sluis).
    fn beside(scaled: &Kappa, kappa2: f64, n: usize) -> Self {
        match scaled.above {
            None => Kappa { value: kappa2, above: None },
            Some(above) => Kappa { value: f64::INFINITY, above: Some(above / (n as f64).sqrt()) },
        }
    }
}

/// An answer.
pub struct Fit {
    /// The method that was used, which the automatic choice decides for itself.
    pub used: MethodName,
    /// The coefficients.
    pub x: Vec<f64>,
    /// The rank that was found.
    pub rank: usize,
    /// The method's own bound on its error, to first order and for the numbers as stored: no proof, but there also where a proof
    /// would need a rank that is beyond doubt. None without a full rank.
    pub own_bound: Option<f64>,
    /// ‖b − A x‖₂.
    pub residual_norm: f64,
    /// A bound on the error against the exact answer of the numbers as they are printed; none without a full rank.
    pub bound: Option<ForwardError<Ix1>>,
    /// The Karlson–Waldén estimate of the backward error; none without a full rank.
    pub backward_error: Option<f64>,
}

/// What a method made of the problem.
pub struct Attempt {
    /// The method.
    pub method: MethodName,
    /// Its answer, or why it has none.
    pub result: Result<Fit, String>,
    /// The median time of a solve, if there is an answer.
    pub seconds: Option<f64>,
}

impl Facts {
    /// Analyses the problem.
    pub fn new(problem: &Problem) -> Result<Self, Fault> {
        let lengths: Vec<f64> = problem.a.columns().into_iter().map(|column| norm(&column)).collect();
        if !norm(&lengths).is_finite() {
            return Err(fault(problem, Error::Overflow { what: "the norm of the matrix" }));
        }
        let norm_b = norm(&problem.b);
        let analysis = match Analysis::new(&problem.a, &problem.b) {
            Ok(analysis) => analysis,
            Err(Error::RankDeficient { .. }) => return Facts::deficient(problem, lengths, norm_b),
            Err(error) => return Err(fault(problem, error)),
        };
        let condition = analysis.condition();
        let kappa2_scaled = Kappa::of(condition.kappa2_scaled, problem.a.dim());
        let kappa2 = Kappa::beside(&kappa2_scaled, condition.kappa2, problem.a.ncols());
        let scaled = Scaled { lengths, kappa2: kappa2_scaled, rank: problem.a.ncols() };
        let (theta, theta_below) = angle(analysis.angle(), problem.a.dim());
        let problem = Some(condition.relative);
        Ok(Facts { kappa2, problem, theta, theta_below, scaled, norm_b, analysis: Some(analysis) })
    }

    /// Of a matrix whose columns are dependent to working precision: no more than singular values say.
    fn deficient(problem: &Problem, lengths: Vec<f64>, norm_b: f64) -> Result<Self, Fault> {
        let lengths: Vec<f64> = lengths.into_iter().map(|length| if length == 0.0 { 1.0 } else { length }).collect();
        let mut a = problem.a.clone();
        a.columns_mut().into_iter().zip(&lengths).for_each(|(mut column, length)| column /= *length);
        let NumericalRank { rank, values, .. } = a.rank(None).map_err(|e| fault(problem, e))?;
        let Svd { u, .. } = a.svd().map_err(|e| fault(problem, e))?;
        // The first `rank` left singular vectors span the range of A, which scaling does not change; the others are
        // rounding errors.
        let range = u.slice(s![.., ..rank]);
        let within = range.t().dot(&problem.b);
        let distance = norm(&(&problem.b - &range.dot(&within)));
        let theta = (norm_b > 0.0).then(|| distance.atan2(norm(&within)));
        let (theta, theta_below) = angle(theta, problem.a.dim());
        let kappa = |values: &Array1<f64>| match ratio(values) {
            Some(ratio) => Kappa::of(ratio, problem.a.dim()),
            None => Kappa { value: f64::INFINITY, above: None },
        };
        let scaled = Scaled { lengths, kappa2: kappa(&values), rank };
        let kappa2 = kappa(&problem.a.singular_values().map_err(|e| fault(problem, e))?);
        Ok(Facts { kappa2, problem: None, theta, theta_below, scaled, norm_b, analysis: None })
    }
}

/// An angle, which is computed to within mn·ε, and what it is below where that leaves it no digit.
fn angle(theta: Option<f64>, (m, n): (usize, usize)) -> (Option<f64>, Option<f64>) {
    let rounding = m as f64 * n as f64 * f64::EPSILON;
    match theta {
        Some(theta) if theta < rounding => (None, Some(theta + rounding)),
        _ => (theta, None),
    }
}

/// σ₁/σₙ, infinite if σₙ = 0; none of a matrix of zeros.
fn ratio(values: &Array1<f64>) -> Option<f64> {
    let (first, last) = (*values.first()?, *values.last()?);
    (first > 0.0).then(|| if last > 0.0 { first / last } else { f64::INFINITY })
}

/// Solves by each method, then times those that succeed, taking turns so that what slows the machine slows
/// all alike.
pub fn attempts(
    problem: &Problem, methods: &[MethodName], facts: &Facts, data: &Uncertainty, progress: &Progress,
) -> Result<Vec<Attempt>, Fault> {
    let mut attempts = Vec::new();
    for &method in methods {
        progress.step(method.name());
        let result = match solve(problem, method) {
            Ok(solution) => Ok(fit(problem, method, facts, data, solution)?),
            Err(error) => Err(finding(problem, method, error)?),
        };
        attempts.push(Attempt { method, result, seconds: None });
    }
    time(problem, &mut attempts, progress)?;
    Ok(attempts)
}

fn solve(problem: &Problem, method: MethodName) -> lapwing::Result<Solution<f64, Ix1>> {
    problem.a.lstsq_with(&problem.b, &LstsqOptions { method: method.method(), ..LstsqOptions::default() })
}

fn fit(
    problem: &Problem, method: MethodName, facts: &Facts, data: &Uncertainty, solution: Solution<f64, Ix1>,
) -> Result<Fit, Fault> {
    let Solution { x, residual_norm, rank, method: used, error_bound: own_bound, .. } = solution;
    let analysis = facts.analysis.as_ref();
    let bound = analysis.map(|a| a.forward_error_with(&x, data)).transpose().map_err(|e| fault(problem, e))?;
    let backward = analysis.map(|a| a.backward_error(&x)).transpose().map_err(|e| fault(problem, e))?;
    Ok(Fit {
        used: MethodName::of(used).unwrap_or(method),
        residual_norm,
        rank,
        own_bound,
        bound,
        backward_error: backward.filter(|error| error.is_finite()),
        x: x.to_vec(),
    })
}

/// The message of an error that tells something about the method; other errors stop the command.
fn finding(problem: &Problem, method: MethodName, error: Error) -> Result<String, Fault> {
    match error {
        // What Cholesky stops at is no rank.
        Error::RankDeficient { .. } if matches!(method, MethodName::Ne | MethodName::Ner) => {
            Ok("columns are dependent to the precision of the normal equations".to_string())
        }
        Error::Overflow { what } => Ok(beyond_range(what)),
        Error::RankDeficient { .. }
        | Error::NotPositiveDefinite { .. }
        | Error::Singular { .. }
        | Error::NoConvergence { .. }
        // A method for long matrices only.
        | Error::Shape { .. } => Ok(error.to_string()),
        _ => Err(fault(problem, error)),
    }
}

/// The library's word for it, said of the one number type that the command has.
fn beyond_range(what: &str) -> String {
    format!("{what} exceeds the range of double precision")
}

/// Sizes and numbers come from the input; what else can go wrong is the machine's.
fn fault(problem: &Problem, error: Error) -> Fault {
    match error {
        Error::Overflow { what } => Fault::in_file(&problem.source, beyond_range(what)),
        Error::TooLarge { .. } => Fault::in_file(&problem.source, error),
        _ => Fault::Machine(error.to_string()),
    }
}

/// Times each method that has an answer, in rounds: enough for a median, few where a round takes long.
fn time(problem: &Problem, attempts: &mut [Attempt], progress: &Progress) -> Result<(), Fault> {
    const MOST_ROUNDS: usize = 101;
    const LONG: Duration = Duration::from_millis(300);
    const VERY_LONG: Duration = Duration::from_secs(5);
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); attempts.len()];
    let start = Instant::now();
    for round in 0..MOST_ROUNDS {
        let spent = start.elapsed();
        if spent > VERY_LONG || (spent > LONG && round >= 5) {
            break;
        }
        for (attempt, times) in attempts.iter().zip(&mut times) {
            if attempt.result.is_err() {
                continue;
            }
            progress.step(&format!("{}, timing", attempt.method.name()));
            let begin = Instant::now();
            let solution = solve(black_box(problem), attempt.method).map_err(|e| fault(problem, e))?;
            times.push(begin.elapsed().as_secs_f64());
            drop(black_box(solution));
        }
    }
    for (attempt, times) in attempts.iter_mut().zip(times) {
        attempt.seconds = median(times);
    }
    Ok(())
}

fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    let upper = times.get(times.len() / 2).copied()?;
    let lower = times[(times.len() - 1) / 2];
    Some(0.5 * (lower + upper))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    fn problem(a: Array2<f64>, b: Array1<f64>) -> Problem {
        Problem { source: "test".into(), names: vec!["x".into(); a.ncols()], a, b }
    }

    #[test]
    fn facts_of_a_matrix_with_known_spectrum() {
        // Columns at right angles, of lengths 4 and 1; b at 60° to their plane.
        let p = problem(array![[4.0, 0.0], [0.0, 1.0], [0.0, 0.0]], array![0.5, 0.0, 0.75f64.sqrt()]);
        let facts = Facts::new(&p).expect("a good matrix");
        let close = |a: f64, b: f64| (a - b).abs() <= 16.0 * f64::EPSILON * b.abs();
        assert!(close(facts.kappa2.value, 4.0) && close(facts.norm_b, 1.0));
        assert!(close(facts.theta.unwrap_or(f64::NAN), std::f64::consts::FRAC_PI_3));
        assert_eq!(facts.scaled.rank, 2);
    }

    #[test]
    fn the_rank_does_not_depend_on_units() {
        for unit in [1e-200, 1.0, 1e200] {
            let p = problem(array![[1.0, 1.0 * unit], [1.0, 2.0 * unit], [1.0, 4.0 * unit]], array![1.0, 2.0, 3.0]);
            let facts = Facts::new(&p).expect("a good matrix");
            assert_eq!(facts.scaled.rank, 2);
            // By hand: x̄ = 7/3, b̄ = 2, Sxx = 14/3, Sxb = 3, so that ‖r‖² = 2 − 9·3/14 = 1/14, and ‖b‖² = 14.
            let sine = facts.theta.unwrap_or(f64::NAN).sin();
            assert!((sine - 1.0 / 14.0).abs() < 1e-14, "{sine}");
        }
    }

    #[test]
    fn dependent_columns_have_facts_too() {
        let p = problem(array![[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]], array![1.0, 1.0, 2f64.sqrt()]);
        let facts = Facts::new(&p).expect("a good matrix");
        assert!(facts.analysis.is_none() && facts.scaled.rank == 1);
        for kappa in [facts.kappa2, facts.scaled.kappa2] {
            // Three rows: 1/(3ε), or half of it where the computed σₙ is as large as its error.
            let above = kappa.above.expect("there is no digit");
            assert!(kappa.value == f64::INFINITY && above > 7e14 && above < 1.6e15, "{kappa:?}");
        }
        assert!((facts.theta.unwrap_or(f64::NAN) - std::f64::consts::FRAC_PI_4).abs() < 1e-14);
    }

    /// ‖A‖_F² = 4 and det AᵀA = d², but for terms of order d: κ₂ is 4/|d|.
    #[test]
    fn condition_numbers_are_given_as_far_as_they_have_digits() {
        let of = |d: f64| {
            let p = problem(array![[1.0, 1.0], [1.0, 1.0 + d], [0.0, 0.0]], array![1.0, 2.0, 1.0]);
            Facts::new(&p).expect("a good matrix")
        };
        for d in [2f64.powi(-20), 2f64.powi(-46)] {
            for kappa in [of(d).kappa2, of(d).scaled.kappa2] {
                assert!((kappa.value * d / 4.0 - 1.0).abs() < 0.1 && kappa.above.is_none(), "{d:e}: {kappa:?}");
            }
        }
        for d in [f64::EPSILON, 0.0] {
            for kappa in [of(d).kappa2, of(d).scaled.kappa2] {
                let above = kappa.above.expect("there is no digit");
                assert!(kappa.value == f64::INFINITY && above > 1e14 && above <= 4.0 / d, "{d:e}: {kappa:?}");
            }
        }
        let zeros = Facts::new(&problem(Array2::zeros((3, 2)), array![1.0, 2.0, 1.0])).expect("a good matrix");
        assert!(zeros.kappa2.value == f64::INFINITY && zeros.kappa2.above.is_none());
    }

    #[test]
    fn a_zero_right_hand_side_has_no_angle() {
        let p = problem(array![[1.0], [1.0]], array![0.0, 0.0]);
        let facts = Facts::new(&p).expect("a good matrix");
        assert_eq!((facts.theta, facts.theta_below), (None, None));
    }

    /// b is 0.1·a + 0.7·c but for its rounding: what is computed of the angle, which is not above 1e-16, are rounding errors.
    #[test]
    fn an_angle_without_a_digit_is_not_given() {
        let a = array![[1.0, 0.3], [1.0, 0.7], [1.0, 1.1], [1.0, 1.9], [1.0, 2.3]];
        let b = a.dot(&array![0.1, 0.7]);
        let facts = Facts::new(&problem(a.clone(), b.clone())).expect("a good matrix");
        assert_eq!(facts.theta, None);
        assert!(facts.theta_below.is_some_and(|below| (10.0 * f64::EPSILON..1e-14).contains(&below)));
        // At a right angle to both columns, by hand.
        let outside = array![1.0, -2.0, 1.0, 0.0, 0.0] * 1e-9;
        let facts = Facts::new(&problem(a, &b + &outside)).expect("a good matrix");
        let theta = facts.theta.expect("it has digits");
        assert!(facts.theta_below.is_none() && (theta * norm(&b) / norm(&outside) - 1.0).abs() < 1e-5, "{theta}");
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
