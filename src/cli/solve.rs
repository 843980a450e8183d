//! The command: every numerical call into the library but those for the exact answer, which are in `exact`.
//!
//! Top floor. Says how hard a problem is, what each method answers and how long it takes. A method that
//! breaks down is a finding and not a fault; it must not judge which answer is better.

use std::hint::black_box;
use std::time::{Duration, Instant};

use lapwing::Error;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ArrayView1, Ix1, s};

use super::args::MethodName;
use super::fault::Fault;
use super::problem::Problem;
use super::progress::Progress;
use super::score::norm;
use super::twofold;

/// How hard a problem is, by its singular value decomposition.
pub struct Facts {
    /// κ₂(A) = σ₁/σₙ; infinite if σₙ = 0.
    pub kappa2: f64,
    /// σ₁ = ‖A‖₂.
    pub norm_a: f64,
    /// ‖b‖₂.
    pub norm_b: f64,
    /// The distance of b from the range of A: the least residual norm there is.
    pub distance: f64,
    /// The angle between b and the range of A; none if b = 0.
    pub theta: Option<f64>,
    /// The same matrix with its columns scaled to length 1.
    pub scaled: Scaled,
    svd: Svd<f64>,
}

/// The matrix AD⁻¹, D = diag(‖a₁‖, …, ‖aₙ‖); a column of zeros is left as it is.
pub struct Scaled {
    /// The diagonal of D.
    pub lengths: Vec<f64>,
    /// κ₂(AD⁻¹); infinite if the rank is not full.
    pub kappa2: f64,
    /// The numerical rank, which on columns of equal length does not depend on units of measurement.
    pub rank: usize,
    /// ((AD⁻¹)ᵀAD⁻¹)⁻¹, from the singular value decomposition of AD⁻¹; not finite if the rank is not full.
    pub inverse_gram: Array2<f64>,
}

/// An answer.
pub struct Fit {
    /// The method that was used, which the automatic choice decides for itself.
    pub used: MethodName,
    /// The coefficients.
    pub x: Vec<f64>,
    /// ‖b − A x‖₂.
    pub residual_norm: f64,
    /// A bound on the error, where the method gives one.
    pub error_bound: Option<f64>,
    /// See [`backward_error`].
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
    /// Decomposes the matrix, as it is and scaled.
    pub fn new(problem: &Problem) -> Result<Self, Fault> {
        let svd = problem.a.svd().map_err(|e| fault(problem, e))?;
        let (kappa2, norm_a) = condition(&svd.s);
        if !norm_a.is_finite() {
            return Err(fault(problem, Error::Overflow { what: "the norm of the matrix" }));
        }
        let (scaled, u) = Scaled::new(problem)?;
        // The first `rank` left singular vectors span the range of A, which scaling does not change; the others are
        // rounding errors.
        let range = u.slice(s![.., ..scaled.rank]);
        let within = range.t().dot(&problem.b);
        let distance = norm(&(&problem.b - &range.dot(&within)));
        let norm_b = norm(&problem.b);
        let theta = (norm_b > 0.0).then(|| distance.atan2(norm(&within)));
        Ok(Facts { kappa2, norm_a, norm_b, distance, theta, scaled, svd })
    }
}

impl Scaled {
    /// These facts, and the left singular vectors of AD⁻¹.
    fn new(problem: &Problem) -> Result<(Self, Array2<f64>), Fault> {
        let length = |column: ArrayView1<'_, f64>| match norm(&column) {
            0.0 => 1.0,
            length => length,
        };
        let lengths: Vec<f64> = problem.a.columns().into_iter().map(length).collect();
        let mut a = problem.a.clone();
        a.columns_mut().into_iter().zip(&lengths).for_each(|(mut column, length)| column /= *length);
        let NumericalRank { rank, values, .. } = a.rank(None).map_err(|e| fault(problem, e))?;
        let (kappa2, _) = condition(&values);
        let Svd { u, s, vh, .. } = a.svd().map_err(|e| fault(problem, e))?;
        // VS⁻¹ times its transpose: never the inverse of a Gram matrix that was formed.
        let factor = &vh.t() / &s;
        Ok((Scaled { lengths, kappa2, rank, inverse_gram: factor.dot(&factor.t()) }, u))
    }
}

/// κ₂ = σ₁/σₙ, infinite if σₙ = 0, and ‖·‖₂ = σ₁.
fn condition(s: &Array1<f64>) -> (f64, f64) {
    let (first, last) = (s.first().copied().unwrap_or(0.0), s.last().copied().unwrap_or(0.0));
    (if last > 0.0 { first / last } else { f64::INFINITY }, first)
}

/// Solves by each method, then times those that succeed, taking turns so that what slows the machine slows
/// all alike.
pub fn attempts(
    problem: &Problem, methods: &[MethodName], facts: &Facts, progress: &Progress,
) -> Result<Vec<Attempt>, Fault> {
    let mut attempts = Vec::new();
    for &method in methods {
        progress.step(method.name());
        let result = match solve(problem, method) {
            Ok(solution) => Ok(fit(problem, method, facts, solution)),
            Err(error) => Err(finding(problem, error)?),
        };
        attempts.push(Attempt { method, result, seconds: None });
    }
    time(problem, &mut attempts, progress)?;
    Ok(attempts)
}

fn solve(problem: &Problem, method: MethodName) -> lapwing::Result<Solution<f64, Ix1>> {
    problem.a.lstsq_with(&problem.b, &LstsqOptions { method: method.method(), ..LstsqOptions::default() })
}

fn fit(problem: &Problem, method: MethodName, facts: &Facts, solution: Solution<f64, Ix1>) -> Fit {
    Fit {
        used: MethodName::of(solution.method).unwrap_or(method),
        residual_norm: solution.residual_norm,
        error_bound: solution.error_bound,
        backward_error: backward_error(problem, facts, solution.x.view()),
        x: solution.x.to_vec(),
    }
}

/// The Karlson–Waldén estimate of the backward error with respect to A, relative to ‖A‖_F: within a factor
/// √2, the least ‖E‖_F/‖A‖_F such that x minimizes ‖b − (A + E) x‖₂.
///
/// With φ = ‖r‖/‖x‖ and A = UΣVᵀ, (φ/‖r‖)·‖(AᵀA + φ²I)^(−½) Aᵀr‖ = (Σᵢ (vᵢᵀAᵀr)²/(1 + (σᵢ‖x‖/‖r‖)²))^½/‖r‖.
/// R. Karlson and B. Waldén, Estimation of optimal backward perturbation bounds for the linear least squares
/// problem, BIT 37 (1997). None where it has no meaning in double precision (A = 0).
///
/// Near the solution Aᵀr is all cancellation: it is formed in twice the working precision, so that values far below
/// eps are right too. The rounding of V adds an error of about eps·κ₂(A), relative to the estimate.
fn backward_error(problem: &Problem, facts: &Facts, x: ArrayView1<'_, f64>) -> Option<f64> {
    // In units in which the entries of A and b are of size 1, so that no product overflows or nears underflow.
    let unit_a = power_of_two_below(problem.a.iter().fold(0.0, |largest: f64, a| largest.max(a.abs())));
    let unit_b = power_of_two_below(problem.b.iter().fold(0.0, |largest: f64, b| largest.max(b.abs())));
    let (a, b, x) = (&problem.a / unit_a, &problem.b / unit_b, x.mapv(|x| x / unit_b * unit_a));
    let s = &facts.svd.s / unit_a;
    let r = twofold::residual(a.view(), b.view(), x.view());
    let norm_r = norm(&r.iter().map(|r| r.high).collect::<Vec<_>>());
    if norm_r == 0.0 {
        return Some(0.0);
    }
    let ratio = norm(&x) / norm_r;
    let gradient = Array1::from_vec(twofold::transposed_product(a.view(), &r)) / norm_r;
    let along = facts.svd.vh.dot(&gradient);
    let terms: Vec<f64> = s.iter().zip(&along).map(|(s, c)| c / (s * ratio).hypot(1.0)).collect();
    let estimate = norm(&terms) / norm(&s);
    estimate.is_finite().then_some(estimate)
}

/// The largest power of two that is not above a number in the range of the data; 1 for 0.
fn power_of_two_below(value: f64) -> f64 {
    if value == 0.0 { 1.0 } else { 2f64.powi(value.log2().floor() as i32) }
}

/// The message of an error that tells something about the method; other errors stop the command.
fn finding(problem: &Problem, error: Error) -> Result<String, Fault> {
    match error {
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
    use ndarray::array;

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
        assert!(close(facts.kappa2, 4.0) && close(facts.norm_a, 4.0) && close(facts.norm_b, 1.0));
        assert!(close(facts.distance, 0.75f64.sqrt()));
        assert!(close(facts.theta.unwrap_or(f64::NAN), std::f64::consts::FRAC_PI_3));
        assert_eq!(facts.scaled.rank, 2);
    }

    #[test]
    fn the_rank_does_not_depend_on_units() {
        for unit in [1e-200, 1.0, 1e200] {
            let p = problem(array![[1.0, 1.0 * unit], [1.0, 2.0 * unit], [1.0, 4.0 * unit]], array![1.0, 2.0, 3.0]);
            let facts = Facts::new(&p).expect("a good matrix");
            assert_eq!(facts.scaled.rank, 2);
            // By hand: x̄ = 7/3, b̄ = 2, Sxx = 14/3, Sxb = 3, so that ‖r‖² = 2 − 9·3/14 = 1/14.
            assert!((facts.distance - (1.0f64 / 14.0).sqrt()).abs() < 1e-14, "{}", facts.distance);
        }
    }

    #[test]
    fn a_zero_right_hand_side_has_no_angle() {
        let p = problem(array![[1.0], [1.0]], array![0.0, 0.0]);
        assert_eq!(Facts::new(&p).expect("a good matrix").theta, None);
    }

    #[test]
    fn backward_error_in_one_column() {
        // For one column and x ≠ 0 the estimate is |aᵀr|/√(‖r‖² + ‖a‖²x²)/‖a‖, by hand.
        let p = problem(array![[3.0], [4.0]], array![1.0, 7.0]);
        let facts = Facts::new(&p).expect("a good matrix");
        for x in [0.0_f64, 1.0, 1.25, -2.0] {
            let r = [1.0 - 3.0 * x, 7.0 - 4.0 * x];
            let (along, length) = (3.0 * r[0] + 4.0 * r[1], r[0].hypot(r[1]));
            let expected = along.abs() / length.hypot(5.0 * x) / 5.0;
            let x = array![x];
            let found = backward_error(&p, &facts, x.view()).expect("it exists");
            assert!((found - expected).abs() <= 1e-15 * expected.max(1.0), "{found:e} for {expected:e}");
        }
    }

    #[test]
    fn backward_errors_far_below_the_working_precision() {
        // b is at right angles to a, so that x = 0 is right. For x = 2⁻⁶⁰, which changes no bit of b − ax in double
        // precision, |aᵀr| = 25x, ‖r‖ = 5 and ‖a‖ = 5 but for terms of relative size x²: the estimate is x.
        for unit in [-960, 0, 960].map(|k| 2f64.powi(k)) {
            let p = problem(array![[3.0], [4.0]], array![4.0 * unit, -3.0 * unit]);
            let facts = Facts::new(&p).expect("a good matrix");
            let x = 2f64.powi(-60);
            let found = backward_error(&p, &facts, array![x * unit].view()).expect("it exists");
            assert!((found / x - 1.0).abs() < 1e-14, "{found:e} for {x:e}");
        }
    }

    #[test]
    fn backward_error_tells_right_from_wrong() {
        let p = problem(array![[1.0, 1.0], [1.0, 2.0], [1.0, 4.0]], array![1.0, 3.0, 4.0]);
        let facts = Facts::new(&p).expect("a good matrix");
        // The solution in rational arithmetic: AᵀA = [3 7; 7 21], Aᵀb = [8; 23].
        let right = array![7.0 / 14.0, 13.0 / 14.0];
        let wrong = &right + &array![0.0, 1e-3];
        let error = |x: &Array1<f64>| backward_error(&p, &facts, x.view()).expect("it exists");
        assert!(error(&right) < 1e-15);
        assert!(error(&wrong) > 1e-5);
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
