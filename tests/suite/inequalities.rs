//! Inequalities written out, for the tests of the certificates: a report is held against them with all that it says.
//! First floor of the tests, beside `gen.rs`; must not know a theorem.

use std::collections::BTreeMap;

use lapwing::interlace::{Instance, Relation, Report};
use ndarray::Array1;

use super::generate::Rng;

/// Values, descending, as the theorems count them: from 1.
#[derive(Debug)]
pub struct Values(pub Vec<f64>);

impl Values {
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(|x, y| y.total_cmp(x));
        Values(values)
    }

    /// `n` integers times `unit`.
    pub fn integers(rng: &mut Rng, n: usize, (least, most): (i64, i64), unit: f64) -> Self {
        Self::new((0..n).map(|_| (least + rng.below((most - least + 1) as usize) as i64) as f64 * unit).collect())
    }

    pub fn at(&self, i: usize) -> f64 {
        self.0[i - 1]
    }

    /// Zero beyond the end.
    pub fn or_zero(&self, i: usize) -> f64 {
        self.0.get(i - 1).copied().unwrap_or(0.0)
    }

    pub fn norm(&self) -> f64 {
        self.0.iter().fold(0.0, |norm, x| f64::max(norm, x.abs()))
    }

    pub fn array(&self, rng: &mut Rng) -> Array1<f64> {
        let mut list = self.0.clone();
        (1..list.len()).for_each(|i| list.swap(i, rng.below(i + 1)));
        Array1::from_vec(list)
    }
}

/// The values of a sum: those of diagonal matrices, for which every theorem holds; the same with one of them moved; or
/// any others.
pub fn sum_of(rng: &mut Rng, s: &Values, t: &Values, unit: f64) -> Values {
    let n = s.0.len();
    let t_shuffled = t.array(rng);
    let mut sum: Vec<f64> = s.0.iter().zip(&t_shuffled).map(|(s, t)| s + t).collect();
    match rng.below(3) {
        1 if n > 0 => sum[rng.below(n)] += unit,
        2 => sum = (0..n).map(|_| rng.below(12) as f64 * unit).collect(),
        _ => {}
    }
    Values::new(sum)
}

/// c·n·ε times the norms, as the documentation of each function has it.
pub fn allowed(n: usize, norms: f64) -> f64 {
    10.0 * n as f64 * f64::EPSILON * norms
}

/// An inequality as the theorem has it.
#[derive(Debug)]
pub struct Inequality {
    pub theorem: &'static str,
    pub positions: Vec<usize>,
    pub text: String,
    pub left: f64,
    pub relation: Relation,
    pub right: f64,
    pub slack: f64,
    pub allowance: f64,
}

impl Inequality {
    /// With positions from 1.
    pub fn new(
        theorem: &'static str, indices: &[usize], text: String, (left, relation, right): (f64, Relation, f64),
        allowance: f64,
    ) -> Self {
        let slack = match relation {
            Relation::AtMost => right - left,
            Relation::AtLeast => left - right,
            Relation::Equal => -(left - right).abs(),
        };
        let positions = indices.iter().map(|i| i - 1).collect();
        Inequality { theorem, positions, text, left, relation, right, slack, allowance }
    }

    fn units(&self) -> f64 {
        if self.slack == 0.0 { 0.0 } else { -self.slack / self.allowance }
    }

    /// Whether that is what the report has of it. The numbers here are rounded a few times.
    fn is(&self, found: &Instance) -> bool {
        let numbers = |x: [f64; 5], y: [f64; 5]| x.into_iter().zip(y).all(|(x, y)| near(x, y));
        (&self.positions, &self.text, self.relation) == (&found.positions, &found.text, found.relation)
            && numbers(
                [self.left, self.right, self.slack, self.allowance, self.units()],
                [found.left, found.right, found.slack, found.allowance, found.units],
            )
    }
}

pub fn near(x: f64, y: f64) -> bool {
    x == y || (x - y).abs() <= 1e-11 * y.abs()
}

/// Of each theorem the counts, the worst and the tightest inequality. What has the same key is one of those that are
/// counted.
#[track_caller]
pub fn agree_by<K: Ord>(report: &Report, expected: &[Inequality], key: impl Fn(usize, &Inequality) -> K) {
    let known = |theorem: &str| report.findings.iter().any(|finding| finding.theorem == theorem);
    assert!(expected.iter().all(|inequality| known(inequality.theorem)), "{report}");
    let mut violated = 0;
    for finding in &report.findings {
        let of_theorem = || expected.iter().enumerate().filter(|(_, one)| one.theorem == finding.theorem);
        let mut counted: BTreeMap<K, bool> = BTreeMap::new();
        for (i, one) in of_theorem() {
            *counted.entry(key(i, one)).or_default() |= one.units() > 1.0;
        }
        let counts = (counted.len(), counted.values().filter(|&&violated| violated).count());
        assert_eq!((finding.checked, finding.violated), counts, "{expected:#?}\n{report}");
        violated += counts.1;
        let most = of_theorem().map(|(_, one)| one.units()).reduce(f64::max);
        let least = of_theorem().map(|(_, one)| one.slack).reduce(f64::min);
        assert_eq!((finding.worst.is_some(), finding.tightest.is_some()), (most.is_some(), least.is_some()));
        for (found, is_worst) in [(&finding.worst, true), (&finding.tightest, false)] {
            let Some(found) = found else { continue };
            let (value, best) = if is_worst { (found.units, most) } else { (found.slack, least) };
            let is_best = best.is_some_and(|best| near(value, best));
            let written_out = of_theorem().any(|(_, one)| one.is(found));
            assert!(is_best && written_out, "{found:#?}\namong {expected:#?}");
        }
    }
    assert_eq!((report.violated(), report.holds()), (violated, violated == 0));
    let worst = report.worst().map_or(0.0, |worst| worst.units);
    let most = expected.iter().map(Inequality::units).fold(f64::NEG_INFINITY, f64::max);
    assert!(expected.is_empty() || near(worst, most), "{report}");
    assert_eq!(report.violation(), worst.max(0.0));
}

/// Runs for lengths up to 5, with lists in the middle of the range and towards its ends.
pub fn cases(seed: u64, times: usize, mut run: impl FnMut(&mut Rng, usize, f64)) {
    let mut rng = Rng::new(seed);
    for unit in [0.0, 900.0, -900.0].map(f64::exp2) {
        (0..=5).cycle().take(6 * times).for_each(|n| run(&mut rng, n, unit));
    }
}
