//! Certificates: each report, with all that it says, against the inequalities of the theorem written out with indices from 1.
//! Second floor of the tests; must not take an index range, a text or an allowance from the crate under test.

use std::collections::BTreeMap;

use lapwing::interlace::*;
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

/// The values of a sum: those of diagonal matrices, for which every theorem holds; the same with one of them moved; or any others.
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

/// Of each theorem the counts, the worst and the tightest inequality. What has the same key is one of those that are counted.
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

/// The same where each inequality counts.
#[track_caller]
fn agree(report: lapwing::Result<Report>, expected: &[Inequality]) {
    agree_by(&report.expect("integers"), expected, |i, _| i);
}

/// Runs for lengths up to 5, with lists in the middle of the range and towards its ends.
pub fn cases(seed: u64, times: usize, mut run: impl FnMut(&mut Rng, usize, f64)) {
    let mut rng = Rng::new(seed);
    for unit in [0.0, 900.0, -900.0].map(f64::exp2) {
        (0..=5).cycle().take(6 * times).for_each(|n| run(&mut rng, n, unit));
    }
}

/// λ₃(S).
fn value(symbol: char, i: usize, of: &str) -> String {
    format!("{symbol}{}({of})", ['₀', '₁', '₂', '₃', '₄', '₅', '₆'][i])
}

fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (1..=n).flat_map(move |i| (1..=n).map(move |j| (i, j)))
}

/// x_i ≤ y_j, or the other way round.
fn compared(
    theorem: &'static str, symbol: char, (x, of_x, i): (&Values, &str, usize), relation: Relation,
    (y, of_y, j): (&Values, &str, usize), allowance: f64,
) -> Inequality {
    let sign = if relation == Relation::AtMost { '≤' } else { '≥' };
    let text = format!("{} {sign} {}", value(symbol, i, of_x), value(symbol, j, of_y));
    Inequality::new(theorem, &[i, j], text, (x.at(i), relation, y.at(j)), allowance)
}

#[test]
fn weyl_at_all_pairs() {
    cases(61, 20, |rng, n, unit| {
        let [s, t] = [(); 2].map(|()| Values::integers(rng, n, (-6, 6), unit));
        let sum = sum_of(rng, &s, &t, unit);
        let allowance = allowed(n, s.norm() + t.norm() + sum.norm());
        let mut expected = Vec::new();
        for (i, j) in pairs(n) {
            let right = s.at(i) + t.at(j);
            let terms = format!("{} + {}", value('λ', i, "S"), value('λ', j, "T"));
            if i + j <= n + 1 {
                let (k, theorem) = (i + j - 1, "Weyl, from above");
                let text = format!("{} ≤ {terms}", value('λ', k, "S+T"));
                let sides = (sum.at(k), Relation::AtMost, right);
                expected.push(Inequality::new(theorem, &[k, i, j], text, sides, allowance));
            }
            if i + j > n {
                let (k, theorem) = (i + j - n, "Weyl, from below");
                let text = format!("{} ≥ {terms}", value('λ', k, "S+T"));
                let sides = (sum.at(k), Relation::AtLeast, right);
                expected.push(Inequality::new(theorem, &[k, i, j], text, sides, allowance));
            }
        }
        agree(weyl(&s.array(rng), &t.array(rng), &sum.array(rng)), &expected);
    });
}

/// Both sides for an update with so many positive and negative eigenvalues.
fn updated(s: &Values, sum: &Values, (positive, negative): (usize, usize), allowance: f64) -> Vec<Inequality> {
    let n = s.0.len();
    let above = (1..=n).filter(|i| i + positive <= n).map(|i| {
        let left = (sum, "S+T", i + positive);
        compared("update, from above", 'λ', left, Relation::AtMost, (s, "S", i), allowance)
    });
    let below = (1..=n).filter(|i| i + negative <= n).map(|i| {
        let right = (s, "S", i + negative);
        compared("update, from below", 'λ', (sum, "S+T", i), Relation::AtLeast, right, allowance)
    });
    above.chain(below).collect()
}

#[test]
fn updates_of_any_inertia_and_of_rank_one() {
    cases(62, 20, |rng, n, unit| {
        let s = Values::integers(rng, n, (-6, 6), unit);
        let t = Values::integers(rng, n, (-2, 2), unit);
        let sum = sum_of(rng, &s, &t, unit);
        let counts = if rng.below(2) == 0 {
            let count = |sign: f64| t.0.iter().filter(|&x| sign * x > 0.0).count();
            (count(1.0), count(-1.0))
        } else {
            (rng.below(n + 2), rng.below(n + 2))
        };
        let expected = updated(&s, &sum, counts, allowed(n, s.norm() + sum.norm()));
        agree(rank_update(&s.array(rng), &sum.array(rng), counts.0, counts.1), &expected);

        let total: f64 = sum.0.iter().zip(&s.0).map(|(x, y)| x - y).sum();
        let trace = if rng.below(2) == 0 { total } else { (rng.below(5) as f64 - 2.0) * unit };
        let allowance = allowed(n, s.norm() + sum.norm() + trace.abs());
        let signs = (usize::from(trace > 0.0), usize::from(trace < 0.0));
        let mut expected = updated(&s, &sum, signs, allowance);
        let all: Vec<usize> = (1..=n).collect();
        let sides = (total, Relation::Equal, trace);
        let text = "Σ (λᵢ(S+T) − λᵢ(S)) = ρ‖z‖²".to_string();
        expected.push(Inequality::new("sum of the shifts", &all, text, sides, n as f64 * allowance));
        agree(rank_one(&s.array(rng), &sum.array(rng), trace), &expected);
    });
}

/// λᵢ(B) ≤ λᵢ(S) and λᵢ(B) ≥ λ_{i+n−m}(S), with the name of S.
fn cauchy_of(outer: &Values, name: &str, inner: &Values) -> Vec<Inequality> {
    let (n, m) = (outer.0.len(), inner.0.len());
    let allowance = allowed(n, outer.norm() + inner.norm());
    let one = |theorem, i: usize, relation, j: usize| {
        compared(theorem, 'λ', (inner, "B", i), relation, (outer, name, j), allowance)
    };
    let above = (1..=m).map(|i| one("Cauchy, from above", i, Relation::AtMost, i));
    above.chain((1..=m).map(|i| one("Cauchy, from below", i, Relation::AtLeast, i + n - m))).collect()
}

#[test]
fn compressions_and_bordered_matrices() {
    cases(63, 20, |rng, n, unit| {
        let s = Values::integers(rng, n, (-6, 6), unit);
        // Some of the values of S, of which one may have been moved, or any.
        let (m, mut inner) = (rng.below(n + 1), s.array(rng).to_vec());
        match rng.below(3) {
            1 if n > 0 => inner[0] += unit,
            2 => inner = Values::integers(rng, n, (-6, 6), unit).0,
            _ => {}
        }
        inner.truncate(m);
        let inner = Values::new(inner);
        agree(cauchy(&s.array(rng), &inner.array(rng)), &cauchy_of(&s, "S", &inner));
        let mut more = s.0.clone();
        more.push((rng.below(13) as f64 - 6.0) * unit);
        let more = Values::new(more);
        agree(bordered(&s.array(rng), &more.array(rng)), &cauchy_of(&more, "T", &s));
    });
}

#[test]
fn singular_values_of_sums_and_low_rank_updates() {
    cases(64, 20, |rng, n, unit| {
        let [a, b] = [(); 2].map(|()| Values::integers(rng, n, (0, 6), unit));
        let sum = sum_of(rng, &a, &b, unit);
        let allowance = allowed(n, a.norm() + b.norm() + sum.norm());
        let mut expected = Vec::new();
        for (theorem, [x, y, z], [of_x, of_y, of_z]) in [
            ("σ of a sum, from above", [&sum, &a, &b], ["A+B", "A", "B"]),
            ("σ of a sum, first term", [&a, &sum, &b], ["A", "A+B", "B"]),
            ("σ of a sum, second term", [&b, &sum, &a], ["B", "A+B", "A"]),
        ] {
            for (i, j) in pairs(n).filter(|(i, j)| i + j <= n + 1) {
                let k = i + j - 1;
                let text = format!("{} ≤ {} + {}", value('σ', k, of_x), value('σ', i, of_y), value('σ', j, of_z));
                let sides = (x.at(k), Relation::AtMost, y.at(i) + z.at(j));
                expected.push(Inequality::new(theorem, &[k, i, j], text, sides, allowance));
            }
        }
        agree(singular_sum(&a.array(rng), &b.array(rng), &sum.array(rng)), &expected);

        let (k, allowance) = (rng.below(n + 2), allowed(n, a.norm() + sum.norm()));
        let mut expected = Vec::new();
        for i in (1..=n).filter(|i| i + k <= n) {
            let above = ((&sum, "A+B", i + k), Relation::AtMost, (&a, "A", i));
            let below = ((&sum, "A+B", i), Relation::AtLeast, (&a, "A", i + k));
            for (theorem, (x, relation, y)) in [("low rank, from above", above), ("low rank, from below", below)] {
                expected.push(compared(theorem, 'σ', x, relation, y, allowance));
            }
        }
        agree(low_rank(&a.array(rng), &sum.array(rng), k), &expected);
    });
}

#[test]
fn singular_values_of_submatrices() {
    cases(65, 20, |rng, m, unit| {
        let (n, p) = (rng.below(6), rng.below(m + 1));
        let (q, shorter) = (rng.below(n + 1), m.min(n));
        let a = Values::integers(rng, shorter, (0, 6), unit);
        let shift = (m - p) + (n - q);
        // Between the bounds, or any.
        let inner = (1..=p.min(q)).map(|i| {
            if rng.below(6) > 0 { [a.at(i), a.or_zero(i + shift)][rng.below(2)] } else { rng.below(7) as f64 * unit }
        });
        let b = Values::new(inner.collect());
        let allowance = allowed(m.max(n), a.norm() + b.norm());
        let one = |theorem, i: usize, relation, j: usize| {
            compared(theorem, 'σ', (&b, "B", i), relation, (&a, "A", j), allowance)
        };
        let above = (1..=p.min(q)).map(|i| one("submatrix, from above", i, Relation::AtMost, i));
        let places = (1..=p.min(q)).filter(|i| i + shift <= shorter);
        let below = places.map(|i| one("submatrix, from below", i, Relation::AtLeast, i + shift));
        let expected: Vec<Inequality> = above.chain(below).collect();
        agree(submatrix(&a.array(rng), &b.array(rng), ((m, n), (p, q))), &expected);
    });
}

#[test]
fn singular_values_of_products() {
    cases(66, 20, |rng, n, unit| {
        let (m, p) = (rng.below(6), rng.below(6));
        let (a, b) = (Values::integers(rng, m.min(n), (0, 5), unit), Values::integers(rng, n.min(p), (0, 5), 1.0));
        let k = m.min(p);
        // Those of diagonal matrices, of which one may have been moved, or any.
        let mut product: Vec<f64> = (1..=k).map(|i| a.or_zero(i) * b.or_zero(i)).collect();
        match rng.below(3) {
            1 if k > 0 => product[rng.below(k)] += unit,
            2 => product = Values::integers(rng, k, (0, 9), unit).0,
            _ => {}
        }
        let product = Values::new(product);
        let longest = a.0.len().max(b.0.len()).max(k);
        let allowance = allowed(longest, product.norm() + 2.0 * a.norm() * b.norm());
        let places = pairs(k).filter(|(i, j)| i + j <= k + 1);
        let expected: Vec<Inequality> = places
            .map(|(i, j)| {
                let at = i + j - 1;
                let text = format!("{} ≤ {}{}", value('σ', at, "AB"), value('σ', i, "A"), value('σ', j, "B"));
                let sides = (product.at(at), Relation::AtMost, a.or_zero(i) * b.or_zero(j));
                Inequality::new("σ of a product", &[at, i, j], text, sides, allowance)
            })
            .collect();
        agree(singular_product(&a.array(rng), &b.array(rng), &product.array(rng)), &expected);
    });
}
