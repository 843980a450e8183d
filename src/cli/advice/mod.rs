//! The command: what would make a problem easier, tried on the data at hand before it is recommended.
//! Top floor. Calls the library for condition numbers and near dependences; it must not recommend what it has not measured.
//!
//! What is recommended for the columns lowers κ₂(AD⁻¹), which the errors of QR follow and the square of which those of the
//! normal equations follow, at least tenfold, and only where it costs three digits or more; for the response, it makes at
//! least one digit more certain, on the same condition.

mod columns;
mod polynomial;
mod response;

use lapwing::lstsq::{NearDependenceOptions, near_dependences};
use lapwing::prelude::SvdExt;
use ndarray::{Array2, ArrayRef1, Axis};

use super::printed::Data;
use super::problem::Problem;
use super::report::{Advice, DependentColumn, NearDependence, NearTerm};
use super::score::norm;
use super::solve::Fit;
use super::text;
use columns::leave_out;
use polynomial::Powers;
use response::subtract;

/// The condition number from which something is recommended.
const LARGE: f64 = 1e3;

/// What a recommendation lowers it by at least.
const WORTH: f64 = 10.0;

/// From here on a condition number is that of rounding errors.
const SINGULAR: f64 = 1e14;

/// What is known before.
pub struct Situation<'a> {
    /// The problem.
    pub problem: &'a Problem,
    /// κ₂(A).
    pub kappa2: f64,
    /// κ₂(AD⁻¹), D the lengths of the columns; infinite where the rank is not full.
    pub kappa2_scaled: f64,
    /// The columns that are exactly combinations of others, where that is known.
    pub dependent: &'a [DependentColumn],
    /// An answer to it, and what is known of its numbers; none where there is no answer.
    pub answer: Option<(&'a Fit, &'a Data)>,
    /// Whether the SVD, which is not indifferent to units, has fewer digits than other methods.
    pub svd_lags: bool,
}

/// The near dependences that are listed.
const LISTED: usize = 8;

/// What is said of the columns.
pub struct Advised {
    /// The nearest dependences.
    pub near: Vec<NearDependence>,
    /// How many more there are.
    pub more: usize,
    /// What to do about them and about other things.
    pub advice: Vec<Advice>,
}

/// The near dependences, and what to do.
pub fn advice(situation: &Situation<'_>) -> Advised {
    let Situation { problem, kappa2_scaled: kappa2, .. } = *situation;
    let base = constant_column(&problem.a);
    let (mut near, mut count, mut advice) = (Vec::new(), 0, Vec::new());
    match Powers::of(&problem.a, base) {
        // Powers are all near to each other; which ones is no news.
        Some(powers) => advice.extend(powers.advice(situation)),
        None => {
            let all: Vec<usize> = (0..problem.names.len()).collect();
            (near, count) = near_dependences_of(problem, &all);
            let drop = leave_out(situation, &near, base);
            let dropped = |j: &usize| drop.iter().any(|drop| drop.columns.contains(&problem.names[*j]));
            let kept: Vec<usize> = all.into_iter().filter(|j| !dropped(j)).collect();
            let centre = centre(
                problem,
                base,
                &kept,
                drop.as_ref().map_or(kappa2, |drop| drop.kappa2_after.unwrap_or(f64::INFINITY)),
            );
            advice.extend(drop.into_iter().chain(centre));
        }
    }
    let answer = situation.answer.zip(base);
    advice.extend(answer.and_then(|((fit, data), base)| subtract(problem, base, fit, data)));
    advice.extend(rescale(situation));
    near.truncate(LISTED);
    Advised { more: count.saturating_sub(near.len()), near, advice }
}

/// The first column whose entries are all the same, and not 0.
fn constant_column(a: &Array2<f64>) -> Option<usize> {
    let is_constant =
        |column: &ArrayRef1<f64>| column.first().is_some_and(|&c| c != 0.0 && column.iter().all(|&x| x == c));
    a.columns().into_iter().position(|column| is_constant(&column))
}

/// The near dependences among some of the columns, and how many there are, which are more where to find all would take
/// long; none where the range of double precision does not suffice.
fn near_dependences_of(problem: &Problem, columns: &[usize]) -> (Vec<NearDependence>, usize) {
    let a = problem.a.select(Axis(1), columns);
    let most = most(columns.len());
    let options = NearDependenceOptions { base: constant_column(&a), most, ..NearDependenceOptions::default() };
    let name = |column: usize| problem.names[columns[column]].clone();
    let term = |&(column, coefficient): &(usize, f64)| NearTerm { column: name(column), coefficient };
    let Ok(found) = near_dependences(&a, &options) else { return (Vec::new(), 0) };
    let named = found.dependences.iter().map(|near| NearDependence {
        column: name(near.column),
        combination: near.combination.iter().map(term).collect(),
        size: near.size,
    });
    let near: Vec<NearDependence> = named.collect();
    let indexes = found.indexes.iter().filter(|&&index| index >= options.index).count();
    let count = if near.len() < most { near.len() } else { indexes.max(near.len()) };
    (near, count)
}

/// How many near dependences among n columns are looked for: each takes some 4n³·log₂ n operations, and all are to take a few
/// seconds.
fn most(n: usize) -> usize {
    const AFFORDED: f64 = 5e11;
    let n = n.max(2) as f64;
    LISTED.max((AFFORDED / (4.0 * n.powi(3) * n.log2())) as usize)
}

/// κ₂ of columns scaled to length 1.
fn kappa2_scaled(a: &Array2<f64>) -> Option<f64> {
    let mut a = a.clone();
    for mut column in a.columns_mut() {
        let length = norm(&column);
        if length > 0.0 {
            column /= length;
        }
    }
    a.cond().ok().filter(|kappa| kappa.is_finite())
}

/// Whether a condition number is large and falls enough.
fn is_worth_it(before: f64, after: f64) -> bool {
    before >= LARGE && after <= before / WORTH
}

fn falls(before: f64, after: f64) -> String {
    if after >= SINGULAR {
        return format!("is still beyond {SINGULAR:e}, as more columns are dependent");
    }
    let after = text::short(after);
    if before.is_finite() { format!("falls from {} to {after}", text::short(before)) } else { format!("is {after}") }
}

/// Means subtracted from the columns beside a constant one, if that lowers κ₂.
fn centre(problem: &Problem, base: Option<usize>, kept: &[usize], before: f64) -> Option<Advice> {
    let base = base.filter(|base| kept.contains(base))?;
    let others: Vec<usize> = kept.iter().copied().filter(|&j| j != base).collect();
    let mut centred = problem.a.select(Axis(1), &others);
    for mut column in centred.columns_mut() {
        let mean = column.mean()?;
        column -= mean;
    }
    let after = kappa2_scaled(&centred)?;
    let columns = others.iter().map(|&j| problem.names[j].clone()).collect();
    let advice = Advice {
        kappa2_before: finite(before),
        kappa2_after: computed(after),
        text: format!("subtract from each column its mean: κ₂(AD⁻¹) {}", falls(before, after)),
        ..Advice::new("centre", columns, "subtract from each column its mean".to_string())
    };
    (is_worth_it(before, after) && after < SINGULAR).then_some(advice)
}

/// Columns of equal length for the SVD, if it is behind for want of them.
fn rescale(situation: &Situation<'_>) -> Option<Advice> {
    let (before, after) = (situation.kappa2, situation.kappa2_scaled);
    if !situation.svd_lags || after >= SINGULAR || !is_worth_it(before, after) {
        return None;
    }
    let text = format!("for the SVD, scale the columns to equal length: κ₂(A) {}", falls(before, after));
    let columns = situation.problem.names.clone();
    let summary = "for the SVD, scale the columns to equal length".to_string();
    let (kappa2_before, kappa2_after) = (finite(before), computed(after));
    Some(Advice { kappa2_before, kappa2_after, text, ..Advice::new("rescale", columns, summary) })
}

/// A condition number that is not one of rounding errors.
fn computed(kappa: f64) -> Option<f64> {
    Some(kappa).filter(|&kappa| kappa < SINGULAR)
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
