//! The command: which columns are advised to be left out, of those that are combinations of others, exactly or nearly.
//! Top floor. Calls the library for condition numbers; it must not name a column as one to leave out without having tried.

use lapwing::prelude::QrExt;
use ndarray::Axis;

use super::super::formula;
use super::super::report::{Advice, DependentColumn, NearDependence};
use super::super::text;
use super::{
    LARGE, LISTED, Situation, WORTH, computed, falls, finite, is_worth_it, kappa2_scaled, near_dependences_of,
};

/// A dependence in words.
struct Dependence<'a> {
    formula: String,
    /// Without how near it is.
    short: String,
    column: &'a str,
    /// The others that take part, but for the constant one.
    others: Vec<&'a str>,
}

impl<'a> Dependence<'a> {
    fn exact(of: &'a DependentColumn, constant: Option<&str>) -> Self {
        let others = of.combination.iter().map(|term| term.column.as_str()).filter(|name| Some(*name) != constant);
        let formula = formula::exact(of);
        Dependence { short: formula.clone(), formula, column: &of.column, others: others.collect() }
    }

    fn near(of: &'a NearDependence, constant: Option<&str>) -> Self {
        let others = of.combination.iter().map(|term| term.column.as_str()).filter(|name| Some(*name) != constant);
        let (formula, short) = (formula::near(of), formula::nearly(of));
        Dependence { formula, short, column: &of.column, others: others.collect() }
    }
}

/// One column of each dependence, exact or near, if much is gained when it goes.
pub fn leave_out(situation: &Situation<'_>, near: &[NearDependence], base: Option<usize>) -> Option<Advice> {
    let problem = situation.problem;
    let constant = base.map(|base| problem.names[base].as_str());
    let without = |columns: &[String]| -> Vec<usize> {
        (0..problem.names.len()).filter(|&j| !columns.contains(&problem.names[j])).collect()
    };
    // R has the singular values of A, and the trials are many.
    let r = problem.a.qr().ok()?.r();
    let kappa2 = |columns: &[String]| kappa2_scaled(&r.select(Axis(1), &without(columns)));
    let mut columns = exactly_dependent(situation, constant, kappa2);
    // What is exactly dependent comes first; the others may be nearly so besides.
    let rest = if columns.is_empty() { near.to_vec() } else { near_dependences_of(problem, &without(&columns)).0 };
    let sharp = rest.iter().filter(|d| d.size * LARGE <= 1.0);
    columns.extend(sharp.clone().map(|d| d.column.clone()));
    let exact = situation.dependent.iter().map(|d| Dependence::exact(d, constant));
    let dependences: Vec<Dependence<'_>> = exact.chain(sharp.map(|d| Dependence::near(d, constant))).collect();
    if columns.is_empty() || without(&columns).is_empty() {
        return None;
    }
    let before = situation.kappa2_scaled;
    let which = match &dependences[..] {
        [one] => {
            let (column, any) = one.tried(before, |column| kappa2(&[column.to_string()]))?;
            columns = vec![column.to_string()];
            any
        }
        _ => Vec::new(),
    };
    let after = kappa2(&columns)?;
    let text = format!("{} {}", in_words(&dependences, &columns, &which), falls(before, after));
    let summary = in_short(&dependences, &columns, &which);
    let (kappa2_before, kappa2_after) = (finite(before), computed(after));
    let advice = Advice { kappa2_before, kappa2_after, text, ..Advice::new("drop", columns, summary) };
    is_worth_it(before, after).then_some(advice)
}

/// One column of each exact dependence: of those that take part, the one without which the others are the least near to each
/// other, if that makes a difference.
fn exactly_dependent(
    situation: &Situation<'_>, constant: Option<&str>, kappa2_without: impl Fn(&[String]) -> Option<f64>,
) -> Vec<String> {
    let mut columns: Vec<String> = situation.dependent.iter().map(|d| d.column.clone()).collect();
    for (k, of) in situation.dependent.iter().enumerate() {
        let others = Dependence::exact(of, constant).others;
        if others.len() >= LISTED {
            continue;
        }
        let Some(mut least) = kappa2_without(&columns) else { continue };
        for other in others.into_iter().map(String::from) {
            let mut trial = columns.clone();
            if trial.contains(&other) {
                continue;
            }
            trial[k] = other;
            if let Some(kappa) = kappa2_without(&trial).filter(|kappa| kappa * WORTH <= least) {
                (columns, least) = (trial, kappa);
            }
        }
    }
    columns
}

impl<'a> Dependence<'a> {
    /// The column to leave out, and those that might go in its place: each has been tried, and does about as much good. The
    /// column that is called dependent is preferred; a column that has a small part in the combination does no good.
    fn tried(&self, before: f64, kappa2_without: impl Fn(&str) -> Option<f64>) -> Option<(&'a str, Vec<&'a str>)> {
        let all = self.others.iter().copied().chain([self.column]);
        let names: Vec<&str> = if self.others.len() < LISTED { all.collect() } else { vec![self.column] };
        let trials: Vec<(&str, f64)> = names.iter().filter_map(|name| Some((*name, kappa2_without(name)?))).collect();
        let &(best, least) = trials.iter().rev().min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        let helps = |kappa: f64| is_worth_it(before, kappa) && kappa <= WORTH * least;
        let good: Vec<&str> = trials.iter().filter(|(_, kappa)| helps(*kappa)).map(|(name, _)| *name).collect();
        Some((if good.contains(&self.column) { self.column } else { best }, good))
    }
}

/// `v = 2·u: leave out one of u, v; without v κ₂(AD⁻¹)`.
fn in_words(dependences: &[Dependence<'_>], columns: &[String], which: &[&str]) -> String {
    let columns = list(columns);
    let which = match dependences {
        [_] if which.len() > 1 => format!("one of {}; without {columns}", list(which)),
        [_] => format!("{columns}; then"),
        _ => format!("one column of each, {columns}; without these"),
    };
    let formulas: Vec<&str> = dependences.iter().map(|d| d.formula.as_str()).collect();
    format!("{}: leave out {which} κ₂(AD⁻¹)", listed(&formulas))
}

/// `leave out one of u, v (v = 2·u)`; of several dependences the columns that go.
fn in_short(dependences: &[Dependence<'_>], columns: &[String], which: &[&str]) -> String {
    match dependences {
        [one] if which.len() > 1 => format!("leave out one of {} ({})", list(which), one.short),
        [one] => format!("leave out {} ({})", list(columns), one.short),
        _ => format!("leave out {}", list(columns)),
    }
}

/// Names as a terminal may show them.
fn list(names: &[impl AsRef<str>]) -> String {
    text::names(&names.iter().map(|name| text::shown(name.as_ref())).collect::<Vec<_>>())
}

/// A few of many, and how many more there are.
fn listed(texts: &[&str]) -> String {
    let list = texts[..texts.len().min(LISTED)].join(", ");
    if texts.len() > LISTED { format!("{list} and {} more", texts.len() - LISTED) } else { list }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::cli::advice::advice;
    use crate::cli::problem::Problem;
    use crate::cli::report::Term;

    /// Columns without a pattern, of length about √20/3 each, and a combination of the first two.
    fn table(of_first: f64, of_second: f64) -> (Problem, f64) {
        let mut a =
            Array2::from_shape_fn((20, 3), |(i, j)| ((i * i * (j + 2) + 7 * i + 3 * j) % 19) as f64 / 9.0 - 1.0);
        let combination: Array1<f64> = &a.column(0) * of_first + &a.column(1) * of_second;
        a.column_mut(2).assign(&combination);
        let kappa2 = kappa2_scaled(&a).expect("a good matrix");
        let names = ["a", "b", "c"].map(String::from).to_vec();
        (Problem { source: "test".into(), names, a, b: Array1::ones(20) }, kappa2)
    }

    fn drop(problem: &Problem, kappa2: f64, dependent: &[DependentColumn]) -> Advice {
        let situation = Situation { problem, kappa2, kappa2_scaled: kappa2, dependent, answer: None, svd_lags: false };
        let found = advice(&situation).advice.into_iter().find(|advice| advice.action == "drop");
        found.expect("the columns are dependent")
    }

    /// Without a the others are as near to each other as before.
    #[test]
    fn a_column_with_a_small_part_is_not_named_as_one_to_leave_out() {
        let (problem, kappa2) = table(1e-6, 1.0);
        assert!(kappa2 > 1e5, "{kappa2:e}");
        let near = drop(&problem, kappa2, &[]);
        assert!(near.summary.starts_with("leave out one of b, c ("), "{}", near.summary);
        let term = |column: &str, coefficient: &str| Term { column: column.into(), coefficient: coefficient.into() };
        let combination = vec![term("a", "0.000001"), term("b", "1")];
        let exact = drop(&problem, f64::INFINITY, &[DependentColumn { column: "c".into(), combination }]);
        for advice in [near, exact] {
            assert!(advice.text.contains("leave out one of b, c; without c "), "{}", advice.text);
            assert!(advice.columns == ["c"] && advice.kappa2_after < Some(10.0), "{advice:?}");
        }
    }

    /// c = a − 0.8·b, exactly: any of the three may go.
    #[test]
    fn no_more_columns_go_than_are_dependent() {
        // b, c = b + 1e-6·a, a: exact arithmetic names the last column, without which b and c are as good as one.
        let (table, _) = table(1e-6, 1.0);
        let a = table.a.select(Axis(1), &[1, 2, 0]);
        let problem = Problem { a, names: ["b", "c", "a"].map(String::from).to_vec(), ..table };
        let term = |column: &str, coefficient: &str| Term { column: column.into(), coefficient: coefficient.into() };
        let combination = vec![term("b", "-1000000"), term("c", "1000000")];
        let advice = drop(&problem, f64::INFINITY, &[DependentColumn { column: "a".into(), combination }]);
        assert!(advice.columns.len() == 1 && advice.columns != ["a"], "{advice:?}");
        assert!(advice.kappa2_after < Some(10.0), "{advice:?}");
    }

    #[test]
    fn columns_that_all_take_part_are_all_named() {
        let (problem, _) = table(1.0, -0.8);
        let term = |column: &str, coefficient: &str| Term { column: column.into(), coefficient: coefficient.into() };
        let combination = vec![term("a", "1"), term("b", "-0.8")];
        let advice = drop(&problem, f64::INFINITY, &[DependentColumn { column: "c".into(), combination }]);
        assert!(advice.text.contains("leave out one of a, b, c; without c "), "{}", advice.text);
    }
}
