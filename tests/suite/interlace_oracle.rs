//! Certificates: each report, with all that it says, against the theorem written out with indices from 1.
//! Second floor of the tests; must not take an index range, a text or an allowance from the crate under test.

use lapwing::interlace::*;

use super::inequalities::{Inequality, Values, agree_by, allowed, cases, sum_of};

/// The same where each inequality counts.
#[track_caller]
fn agree(report: lapwing::Result<Report>, expected: &[Inequality]) {
    agree_by(&report.expect("integers"), expected, |i, _| i);
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
