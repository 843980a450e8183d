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
        Some(powers) => advice.extend(orthogonalize(situation, &powers)),
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
fn leave_out(situation: &Situation<'_>, near: &[NearDependence], base: Option<usize>) -> Option<Advice> {
    let problem = situation.problem;
    let constant = base.map(|base| problem.names[base].as_str());
    let without = |columns: &[String]| -> Vec<usize> {
        (0..problem.names.len()).filter(|&j| !columns.contains(&problem.names[j])).collect()
    };
    let mut columns: Vec<String> = situation.dependent.iter().map(|d| d.column.clone()).collect();
    // What is exactly dependent comes first; the others may be nearly so besides.
    let rest = if columns.is_empty() { near.to_vec() } else { near_dependences_of(problem, &without(&columns)).0 };
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
    let summary = in_short(&dependences);
    let (kappa2_before, kappa2_after) = (finite(before), computed(after));
    let advice = Advice { action: "drop", columns, kappa2_before, kappa2_after, summary, text };
    is_worth_it(before, after).then_some(advice)
}

/// `v = 2·u: leave out one of u, v; without v κ₂(AD⁻¹)`.
fn in_words(dependences: &[Dependence<'_>]) -> String {
    let columns = list(&dependences.iter().map(|d| d.column).collect::<Vec<_>>());
    let which = match dependences {
        [one] if one.others.is_empty() => format!("{columns}; then"),
        [one] if one.others.len() < LISTED => {
            format!("one of {}; without {columns}", list(&[&one.others[..], &[one.column]].concat()))
        }
        [_] => format!("{columns} or another of them; without {columns}"),
        _ => format!("one column of each; without {columns}"),
    };
    let formulas: Vec<&str> = dependences.iter().map(|d| d.formula.as_str()).collect();
    format!("{}: leave out {which} κ₂(AD⁻¹)", listed(&formulas))
}

/// `leave out one of u, v (v = 2·u)`; of several dependences the columns that go.
fn in_short(dependences: &[Dependence<'_>]) -> String {
    match dependences {
        [one] if one.others.is_empty() || one.others.len() >= LISTED => {
            format!("leave out {} ({})", text::shown(one.column), one.short)
        }
        [one] => format!("leave out one of {} ({})", list(&[&one.others[..], &[one.column]].concat()), one.short),
        _ => format!("leave out {}", list(&dependences.iter().map(|d| d.column).collect::<Vec<_>>())),
    }
}

/// Names as a terminal may show them.
fn list(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().map(|name| text::shown(name)).collect();
    listed(&shown.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A few of many, and how many more there are.
fn listed(texts: &[&str]) -> String {
    let list = texts[..texts.len().min(LISTED)].join(", ");
    if texts.len() > LISTED { format!("{list} and {} more", texts.len() - LISTED) } else { list }
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
        kappa2_after: computed(after),
        summary: "subtract from each column its mean".to_string(),
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
    let summary = "for the SVD, scale the columns to equal length".to_string();
    let (kappa2_before, kappa2_after) = (finite(before), computed(after));
    Some(Advice { action: "rescale", columns, kappa2_before, kappa2_after, summary, text })
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
        kappa2_after: computed(orthogonal),
        summary: format!("use polynomials in {shown} that are orthogonal on the data"),
        text: format!(
            "use polynomials in {shown} that are orthogonal on the data: κ₂(AD⁻¹) {}; powers of {shown} shifted and scaled to \
             [−1, 1] have {}",
            falls(before, orthogonal),
            text::short(shifted)
        ),
    })
}

/// A condition number that is not one of rounding errors.
fn computed(kappa: f64) -> Option<f64> {
    Some(kappa).filter(|&kappa| kappa < SINGULAR)
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
