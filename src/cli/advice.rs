//! The command: what would make a problem easier, tried on the data at hand before it is recommended.
//! Top floor. Calls the library for condition numbers and near dependences; it must not recommend what it has not measured.
//!
//! What is recommended lowers κ₂(AD⁻¹), which the errors of QR follow and the square of which those of the normal
//! equations follow, at least tenfold, and only where it costs three digits or more.

use lapwing::lstsq::{NearDependenceOptions, near_dependences};
use lapwing::prelude::SvdExt;
use ndarray::{Array1, Array2, ArrayRef1, Axis};

use super::formula;
use super::problem::Problem;
use super::report::{Advice, DependentColumn, NearDependence, NearTerm};
use super::score::norm;
use super::text;

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
    /// Whether the SVD, which is not indifferent to units, has fewer digits than other methods.
    pub svd_lags: bool,
}

/// The near dependences, and what to do about them and about other things.
pub fn advice(situation: &Situation<'_>) -> (Vec<NearDependence>, Vec<Advice>) {
    let Situation { problem, kappa2_scaled: kappa2, .. } = *situation;
    let base = constant_column(&problem.a);
    let (mut near, mut advice) = (Vec::new(), Vec::new());
    match Powers::of(&problem.a, base) {
        // Powers are all near to each other; which ones is no news.
        Some(powers) => advice.extend(orthogonalize(situation, &powers)),
        None => {
            let all: Vec<usize> = (0..problem.names.len()).collect();
            near = near_dependences_of(problem, &all);
            let drop = leave_out(situation, &near, base);
            let dropped = |j: &usize| drop.iter().any(|drop| drop.columns.contains(&problem.names[*j]));
            let kept: Vec<usize> = all.into_iter().filter(|j| !dropped(j)).collect();
            let centre = centre(problem, base, &kept, drop.as_ref().map_or(kappa2, |drop| drop.kappa2_after));
            advice.extend(drop.into_iter().chain(centre));
        }
    }
    advice.extend(rescale(situation));
    (near, advice)
}

/// The first column whose entries are all the same, and not 0.
fn constant_column(a: &Array2<f64>) -> Option<usize> {
    let is_constant =
        |column: &ArrayRef1<f64>| column.first().is_some_and(|&c| c != 0.0 && column.iter().all(|&x| x == c));
    a.columns().into_iter().position(|column| is_constant(&column))
}

/// The near dependences among some of the columns; none where the range of double precision does not suffice.
fn near_dependences_of(problem: &Problem, columns: &[usize]) -> Vec<NearDependence> {
    let a = problem.a.select(Axis(1), columns);
    let options = NearDependenceOptions { base: constant_column(&a), ..NearDependenceOptions::default() };
    let name = |column: usize| problem.names[columns[column]].clone();
    let term = |&(column, coefficient): &(usize, f64)| NearTerm { column: name(column), coefficient };
    let found = near_dependences(&a, &options).map(|found| found.dependences).unwrap_or_default();
    let named = found.iter().map(|near| NearDependence {
        column: name(near.column),
        combination: near.combination.iter().map(term).collect(),
        size: near.size,
    });
    named.collect()
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

/// A dependence in words.
struct Dependence<'a> {
    formula: String,
    column: &'a str,
    /// The others that take part, but for the constant one.
    others: Vec<&'a str>,
}

impl<'a> Dependence<'a> {
    fn exact(of: &'a DependentColumn, constant: Option<&str>) -> Self {
        let others = of.combination.iter().map(|term| term.column.as_str()).filter(|name| Some(*name) != constant);
        Dependence { formula: formula::exact(of), column: &of.column, others: others.collect() }
    }

    fn near(of: &'a NearDependence, constant: Option<&str>) -> Self {
        let others = of.combination.iter().map(|term| term.column.as_str()).filter(|name| Some(*name) != constant);
        Dependence { formula: formula::near(of), column: &of.column, others: others.collect() }
    }
}

/// One column of each dependence, exact or near, if much is gained when it goes.
fn leave_out(situation: &Situation<'_>, near: &[NearDependence], base: Option<usize>) -> Option<Advice> {
    let problem = situation.problem;
    let constant = base.map(|base| problem.names[base].as_str());
    let without = |columns: &[String]| -> Vec<usize> {
        (0..problem.names.len()).filter(|&j| !columns.contains(&problem.names[j])).collect()
    };
    let mut columns: Vec<String> = situation.dependent.iter().map(|d| d.column.clone()).collect();
    // What is exactly dependent comes first; the others may be nearly so besides.
    let rest = if columns.is_empty() { near.to_vec() } else { near_dependences_of(problem, &without(&columns)) };
    let sharp = rest.iter().filter(|d| d.size * LARGE <= 1.0);
    columns.extend(sharp.clone().map(|d| d.column.clone()));
    let exact = situation.dependent.iter().map(|d| Dependence::exact(d, constant));
    let dependences: Vec<Dependence<'_>> = exact.chain(sharp.map(|d| Dependence::near(d, constant))).collect();
    let kept = without(&columns);
    if columns.is_empty() || kept.is_empty() {
        return None;
    }
    let (before, after) = (situation.kappa2_scaled, kappa2_scaled(&problem.a.select(Axis(1), &kept))?);
    let text = format!("{} {}", in_words(&dependences), falls(before, after));
    let advice = Advice { action: "drop", columns, kappa2_before: finite(before), kappa2_after: after, text };
    is_worth_it(before, after).then_some(advice)
}

/// `v = 2·u: leave out one of u, v; without v κ₂(AD⁻¹)`.
fn in_words(dependences: &[Dependence<'_>]) -> String {
    const FORMULAS: usize = 8;
    const NAMES: usize = 8;
    let list = |names: &[&str]| {
        let more = if names.len() > NAMES { ", …" } else { "" };
        names.iter().take(NAMES).map(|name| text::shown(name)).collect::<Vec<_>>().join(", ") + more
    };
    let mut formulas: Vec<&str> = dependences.iter().take(FORMULAS).map(|d| d.formula.as_str()).collect();
    formulas.extend((dependences.len() > FORMULAS).then_some("…"));
    let columns = list(&dependences.iter().map(|d| d.column).collect::<Vec<_>>());
    let which = match dependences {
        [one] if one.others.is_empty() => format!("{columns}; then"),
        [one] if one.others.len() < NAMES => {
            format!("one of {}; without {columns}", list(&[&one.others[..], &[one.column]].concat()))
        }
        [_] => format!("{columns} or another of them; without {columns}"),
        _ => format!("one column of each; without {columns}"),
    };
    format!("{}: leave out {which} κ₂(AD⁻¹)", formulas.join(", "))
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
    let advice = Advice {
        action: "centre",
        columns: others.iter().map(|&j| problem.names[j].clone()).collect(),
        kappa2_before: finite(before),
        kappa2_after: after,
        text: format!("subtract from each column its mean: κ₂(AD⁻¹) {}", falls(before, after)),
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
    Some(Advice { action: "rescale", columns, kappa2_before: finite(before), kappa2_after: after, text })
}

/// Another basis of the polynomials, if the data have powers.
fn orthogonalize(situation: &Situation<'_>, powers: &Powers) -> Option<Advice> {
    let (before, orthogonal) = (situation.kappa2_scaled, kappa2_scaled(&powers.orthogonal()?)?);
    let shifted = kappa2_scaled(&powers.shifted())?;
    if !is_worth_it(before, orthogonal) {
        return None;
    }
    let name = &situation.problem.names[1];
    let shown = text::shown(name);
    Some(Advice {
        action: "orthogonalize",
        columns: vec![name.clone()],
        kappa2_before: finite(before),
        kappa2_after: orthogonal,
        text: format!(
            "use polynomials in {shown} that are orthogonal on the data: κ₂(AD⁻¹) {}; powers of {shown} shifted and scaled to \
             [−1, 1] have {}",
            falls(before, orthogonal),
            text::short(shifted)
        ),
    })
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// The powers 0 to `degree` of a variable, which has been shifted and scaled to [−1, 1].
struct Powers {
    t: Array1<f64>,
    degree: usize,
}

impl Powers {
    /// Of a matrix whose columns are 1, x, x², …, each the rounded product of the one before and x.
    fn of(a: &Array2<f64>, base: Option<usize>) -> Option<Self> {
        let n = a.ncols();
        if n < 3 || base != Some(0) || a[(0, 0)] != 1.0 {
            return None;
        }
        let x = a.column(1);
        let is_next = |k: usize| (0..a.nrows()).all(|i| a[(i, k)] == a[(i, k - 1)] * x[i]);
        if !(2..n).all(is_next) {
            return None;
        }
        let (least, most) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), &x| (l.min(x), m.max(x)));
        let half = 0.5 * most - 0.5 * least;
        (half > 0.0).then(|| Powers { t: x.mapv(|x| ((x - least) - half) / half), degree: n - 1 })
    }

    fn shifted(&self) -> Array2<f64> {
        let power = |(i, k): (usize, usize)| self.t[i].powi(i32::try_from(k).unwrap_or(i32::MAX));
        Array2::from_shape_fn((self.t.len(), self.degree + 1), power)
    }

    /// By the recurrence βₖ₊₁·pₖ₊₁ = (t − αₖ)·pₖ − βₖ·pₖ₋₁ (Forsythe, J. SIAM 5 (1957)); none where a polynomial vanishes on
    /// the data.
    fn orthogonal(&self) -> Option<Array2<f64>> {
        let m = self.t.len();
        let mut p = Array2::zeros((m, self.degree + 1));
        p.column_mut(0).fill(1.0 / (m as f64).sqrt());
        let mut beta = 0.0;
        for k in 0..self.degree {
            let now = p.column(k).to_owned();
            let mut next = &self.t * &now;
            let alpha = next.dot(&now);
            next.scaled_add(-alpha, &now);
            if k > 0 {
                next.scaled_add(-beta, &p.column(k - 1));
            }
            beta = norm(&next);
            if beta <= f64::EPSILON {
                return None;
            }
            p.column_mut(k + 1).assign(&(next / beta));
        }
        Some(p)
    }
}
