//! The command: the verdict where columns are linearly dependent, or so nearly that their rank is in doubt.
//! Top floor. Goes by exact arithmetic where that knows, else by what methods have verified, else by the usual tolerance.
//! It must not call one of many answers right.

use super::super::args::MethodName;
use super::super::report::Verdict;
use super::super::score::MOST_DIGITS;
use super::super::solve::Attempt;
use super::super::text;
use super::{Candidate, Evidence, choose, no_answer, spoken};

/// Where the usual tolerance calls the rank deficient, but a method has verified that it is full and has digits by its own bound,
/// there is one answer, and that method has it.
pub fn doubtful(evidence: &Evidence<'_>) -> Option<Verdict> {
    let judged = |attempt: &Attempt| {
        let fit = attempt.result.as_ref().ok().filter(|fit| fit.rank == evidence.columns)?;
        let digits = (-fit.own_bound?.log10()).clamp(0.0, MOST_DIGITS);
        Some(Candidate { method: attempt.method, used: fit.used, digits })
    };
    let candidates: Vec<Candidate> = evidence.attempts.iter().filter_map(judged).collect();
    let chosen = choose(&candidates).filter(|chosen| chosen.digits >= 1.0)?;
    let (rank, columns, digits) = (evidence.facts.scaled.rank, evidence.columns, text::digits(chosen.digits));
    let kappa = evidence.facts.scaled.kappa2;
    let kappa = text::kappa(Some(kappa.value).filter(|kappa| kappa.is_finite()), kappa.above);
    let reason = format!(
        "With κ₂(AD⁻¹) {kappa} the columns of A are near to dependent (rank {rank} of {columns} by the usual tolerance), but {} \
         finds the rank to be full. By its own estimate {digits} digits are right of the answer to the numbers as they are \
         stored; no bound proves it, and if these were rounded when they were stored, no digit need be right",
        spoken(chosen)
    );
    let summary = format!("use {} ({digits} digits by its own estimate, none certain)", chosen.method.name());
    Some(Verdict::new(Some(chosen.method.name()), summary, reason))
}

/// Without a full rank there is no single answer to get digits of.
pub fn deficient(evidence: &Evidence<'_>) -> Verdict {
    let (rank, columns) = (evidence.facts.scaled.rank, evidence.columns);
    if evidence.attempts.iter().any(|a| a.result.as_ref().is_ok_and(|fit| fit.rank == columns)) {
        let reason = format!(
            "The columns of A are so near to dependent (rank {rank} of {columns} by the usual tolerance, though full by a \
             method) that no digit of any answer is certain"
        );
        return Verdict::new(None, no_answer("first digits are not certain"), reason);
    }
    shortest(
        evidence,
        &format!(
            "The columns of A are linearly dependent to working precision (rank {rank} of {columns}), \
             so that many answers fit equally well"
        ),
    )
}

/// The same where it is proved.
pub fn dependent(evidence: &Evidence<'_>) -> Verdict {
    let (rank, columns) = (evidence.columns - evidence.dependent, evidence.columns);
    let found = format!(
        "The columns are linearly dependent in exact arithmetic (rank {rank} of {columns}), so that many answers fit \
         equally well"
    );
    if evidence.facts.scaled.rank == rank {
        return shortest(evidence, &found);
    }
    let reason = format!("{found}; rounding to double precision hides that, and what the methods answer is arbitrary");
    Verdict::new(None, no_answer(&format!("rank {rank} of {columns}, which rounding hides")), reason)
}

/// The method that gives the shortest of many answers, if one has found that there are many.
fn shortest(evidence: &Evidence<'_>, found: &str) -> Verdict {
    let is_shortest =
        |a: &&Attempt, name| a.result.as_ref().is_ok_and(|fit| fit.used == name && fit.rank < evidence.columns);
    let of = |name| evidence.attempts.iter().find(move |a| is_shortest(a, name));
    let Some(method) = of(MethodName::Svd).or_else(|| of(MethodName::Qrp)).map(|a| a.method) else {
        let reason =
            format!("{found}; svd and qrp, which give the shortest one, were not compared, or did not find that");
        return Verdict::new(None, no_answer("columns are linearly dependent"), reason);
    };
    let lengths = &evidence.facts.scaled.lengths;
    let [least, most] = [f64::min, f64::max].map(|of| lengths.iter().copied().fold(lengths[0], of));
    // As the library has it.
    let units = match least < 2.0 * f64::EPSILON.sqrt() * most {
        true => ", in units in which the columns have equal length, since their lengths are far apart",
        false => "",
    };
    let which = if units.is_empty() { "the shortest of many answers" } else { "the shortest of many in equal units" };
    let summary = format!("use {} ({which})", method.name());
    Verdict::new(Some(method.name()), summary, format!("{found}; {} gives the shortest one{units}", method.spoken()))
}

#[cfg(test)]
mod tests {
    use lapwing::prelude::{LeastSquaresExt, LstsqOptions, Method};
    use ndarray::{Array1, Array2, array};

    use super::super::tests::{ALL, judge};
    use super::super::{Uncounted, verdict};
    use super::*;
    use crate::cli::printed;
    use crate::cli::problem::Problem;
    use crate::cli::progress::Progress;
    use crate::cli::solve::{Facts, attempts};

    /// What rounding has made independent is not believed where exact arithmetic knows better.
    #[test]
    fn columns_that_are_exactly_dependent_have_no_answer() {
        let judged = |a: Array2<f64>| {
            let columns = a.ncols();
            let problem =
                Problem { source: "test".into(), names: vec!["x".into(); columns], a, b: array![1.0, 0.0, 2.0] };
            let facts = Facts::new(&problem).expect("a good matrix");
            let attempts =
                attempts(&problem, &ALL, &facts, &printed::none(&problem), &Progress::new(0)).expect("a good matrix");
            verdict(&Evidence {
                attempts: &attempts,
                digits: &[None; 4],
                certain: &[None; 4],
                uncounted: &Uncounted::default(),
                facts: &facts,
                columns,
                dependent: 1,
            })
        };
        let hidden = judged(array![[1.0, 2.0], [2.0, 4.0], [3.0, 6.001]]);
        assert_eq!(hidden.method, None);
        assert!(hidden.reason.contains("rank 1 of 2") && hidden.reason.contains("rounding"), "{}", hidden.reason);
        let seen = judged(array![[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]);
        assert_eq!(seen.method, Some("svd"));
        assert!(seen.reason.contains("in exact arithmetic (rank 1 of 2)"), "{}", seen.reason);
    }

    /// Columns that differ by some roundings, κ₂ about 1e15: refinement says that it has digits, the others do not.
    #[test]
    fn a_rank_that_only_tolerances_doubt_is_no_reason_against_an_answer() {
        let first = Array1::from_shape_fn(10, |i| 0.1 + 0.9 * i as f64);
        let gap =
            Array1::from_shape_fn(10, |i| 4.0 * f64::EPSILON * f64::from([9, -3, 4, -8, 8, -16, 8, 16, -16, 0][i]));
        let mut a = Array2::zeros((10, 2));
        a.column_mut(0).assign(&first);
        a.column_mut(1).assign(&(&first + &gap));
        let b = Array1::from_shape_fn(10, |i| f64::from([3, 1, 4, 1, 5, 9, 2, 6, 5, 3][i]));
        let refined = a.lstsq_with(&b, &LstsqOptions { method: Method::Refined, ..LstsqOptions::default() });
        assert!(refined.is_ok_and(|found| found.rank == 2), "the rank is full");
        let methods = [MethodName::Ne, MethodName::Svd, MethodName::Refined];
        let found = judge(a.clone(), b.clone(), &methods, &[None; 3]);
        assert_eq!(found.method, Some("refined"), "{}", found.reason);
        assert!(found.reason.contains("(rank 1 of 2 by the usual tolerance)"), "{}", found.reason);
        assert!(found.summary.contains("digits by its own estimate, none certain"), "{}", found.summary);
        // Without it no answer has a digit, and since the rank is full none is the shortest of many.
        let found = judge(a, b, &methods[..2], &[None; 2]);
        assert!(found.method.is_none() && found.reason.contains("no digit of any answer"), "{}", found.reason);
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
