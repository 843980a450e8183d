//! Certificates: reports on sums over sets, on products and on matchings, against an enumeration.
//! Second floor of the tests; must not leave out a set or a permutation, nor take an allowance from the crate.

use lapwing::interlace::*;
use ndarray::Array1;

use super::generate::C64;
use super::inequalities::{Inequality, Values, agree_by, allowed, cases, near, sum_of};

/// Of a theorem on all sets of k indices the worst one counts.
#[track_caller]
fn agree(report: lapwing::Result<Report>, expected: &[Inequality]) {
    agree_by(&report.expect("integers"), expected, |_, one| one.positions.len());
}

/// All sets of k of the indices 1..=n.
fn sets(n: usize, k: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_u32 << n)
        .filter(move |mask| mask.count_ones() as usize == k)
        .map(move |mask| (1..=n).filter(|i| mask >> (i - 1) & 1 == 1).collect())
}

/// {1,3}
fn named(set: &[usize]) -> String {
    format!("{{{}}}", set.iter().map(usize::to_string).collect::<Vec<_>>().join(","))
}

fn first(values: &Values, k: usize) -> f64 {
    (1..=k).map(|i| values.at(i)).sum()
}

fn last(values: &Values, k: usize) -> f64 {
    let n = values.0.len();
    (n + 1 - k..=n).map(|i| values.at(i)).sum()
}

/// Σ_{i≤k} of the sum against those of its terms, for each k.
fn fan(
    theorem: &'static str, symbol: char, [x, y, sum]: [&Values; 3], names: [&str; 3], norms: f64,
) -> Vec<Inequality> {
    let (n, [of_x, of_y, of_sum]) = (x.0.len(), names);
    let one = |k: usize| {
        let text = format!("Σ_{{i≤{k}}} {symbol}ᵢ({of_sum}) ≤ Σ_{{i≤{k}}} ({symbol}ᵢ({of_x}) + {symbol}ᵢ({of_y}))");
        let sides = (first(sum, k), Relation::AtMost, first(x, k) + first(y, k));
        Inequality::new(theorem, &(1..=k).collect::<Vec<_>>(), text, sides, k as f64 * allowed(n, norms))
    };
    (1..=n).map(one).collect()
}

#[test]
fn eigenvalues_of_sums_over_all_sets() {
    cases(71, 12, |rng, n, unit| {
        let [s, t] = [(); 2].map(|()| Values::integers(rng, n, (-6, 6), unit));
        let sum = sum_of(rng, &s, &t, unit);
        let norms = s.norm() + t.norm() + sum.norm();
        let lists = [s.array(rng), t.array(rng), sum.array(rng)];

        let mut expected = fan("Ky Fan", 'λ', [&s, &t, &sum], ["S", "T", "S+T"], norms);
        let all: Vec<usize> = (1..=n).collect();
        let sides = (first(&sum, n), Relation::Equal, first(&s, n) + first(&t, n));
        let text = "Σ λᵢ(S+T) = Σ λᵢ(S) + Σ λᵢ(T)".to_string();
        expected.push(Inequality::new("trace", &all, text, sides, n as f64 * allowed(n, norms)));
        agree(ky_fan(&lists[0], &lists[1], &lists[2]), &expected);

        let mut expected = Vec::new();
        for (k, set) in (1..=n).flat_map(|k| sets(n, k).map(move |set| (k, set))) {
            let left: f64 = set.iter().map(|&i| sum.at(i) - s.at(i)).sum();
            let shifts = format!("Σ_{{i∈{}}} (λᵢ(S+T) − λᵢ(S))", named(&set));
            let allowance = k as f64 * allowed(n, norms);
            let (above, below) = ("Lidskii, from above", "Lidskii, from below");
            let text = format!("{shifts} ≤ Σ_{{j≤{k}}} λⱼ(T)");
            expected.push(Inequality::new(above, &set, text, (left, Relation::AtMost, first(&t, k)), allowance));
            let text = format!("{shifts} ≥ Σ_{{j>{}}} λⱼ(T)", n - k);
            expected.push(Inequality::new(below, &set, text, (left, Relation::AtLeast, last(&t, k)), allowance));
        }
        agree(lidskii(&lists[0], &lists[1], &lists[2]), &expected);
    });
}

#[test]
fn singular_values_of_sums_over_all_sets() {
    cases(72, 12, |rng, n, unit| {
        let [a, b] = [(); 2].map(|()| Values::integers(rng, n, (0, 6), unit));
        let sum = sum_of(rng, &a, &b, unit);
        let norms = a.norm() + b.norm() + sum.norm();
        let lists = [a.array(rng), b.array(rng), sum.array(rng)];
        let expected = fan("Ky Fan, singular values", 'σ', [&a, &b, &sum], ["A", "B", "A+B"], norms);
        agree(ky_fan_singular(&lists[0], &lists[1], &lists[2]), &expected);

        let of_set = |(k, set): (usize, Vec<usize>)| {
            let left: f64 = set.iter().map(|&i| (sum.at(i) - a.at(i)).abs()).sum();
            let text = format!("Σ_{{i∈{}}} |σᵢ(A+B) − σᵢ(A)| ≤ Σ_{{j≤{k}}} σⱼ(B)", named(&set));
            let sides = (left, Relation::AtMost, first(&b, k));
            Inequality::new("Mirsky", &set, text, sides, k as f64 * allowed(n, norms))
        };
        let all = (1..=n).flat_map(|k| sets(n, k).map(move |set| (k, set)));
        agree(mirsky(&lists[0], &lists[2], &lists[1]), &all.map(of_set).collect::<Vec<_>>());
    });
}

/// ln Π xᵢ and ln Π yᵢ over i ≤ k, and the slack as the logarithm of the quotient of two integers.
fn of_products(
    theorem: &'static str, k: usize, text: String, (left, relation, right): (f64, Relation, f64), exponent: f64,
    allowance: f64,
) -> Inequality {
    let logarithm = |product: f64| product.ln() + exponent * std::f64::consts::LN_2;
    let positions: Vec<usize> = (1..=k).collect();
    let slack = if relation == Relation::AtMost { (right / left).ln() } else { (left / right).ln() };
    let sides = (logarithm(left), relation, logarithm(right));
    Inequality { slack, ..Inequality::new(theorem, &positions, text, sides, allowance) }
}

/// Values of at least 1, all of which are far above their uncertainty: the logarithms of the ends of the intervals are
/// as much away.
#[test]
fn products_as_intervals() {
    cases(73, 20, |rng, n, unit| {
        let [a, b] = [(); 2].map(|()| Values::integers(rng, n, (1, 6), 1.0));
        let mut product: Vec<f64> = (1..=n).map(|i| a.at(i) * b.at(i)).collect();
        if n > 0 && rng.below(2) == 0 {
            product[rng.below(n)] += 1.0;
        }
        let product = Values::new(product);
        // The numbers before the unit is taken in, whose logarithm is an integer times ln 2.
        let exponent = unit.log2();
        let of = |values: &Values, k: usize| (1..=k).map(|i| values.at(i)).product::<f64>();
        let width = |values: &Values, k: usize, spread: f64| -> f64 {
            (1..=k).map(|i| (spread / values.at(i)).ln_1p()).sum::<f64>()
        };
        let of_product = allowed(n, product.norm() + a.norm() * b.norm());
        let one = |k: usize| {
            let text = format!("ln Π_{{i≤{k}}} σᵢ(AB) ≤ ln Π_{{i≤{k}}} σᵢ(A)σᵢ(B)");
            let sides = (of(&product, k), Relation::AtMost, of(&a, k) * of(&b, k));
            let of_factors = width(&a, k, allowed(n, a.norm())) + width(&b, k, allowed(n, b.norm()));
            let allowance = of_factors - width(&product, k, -of_product);
            of_products("Horn", k, text, sides, k as f64 * exponent, allowance)
        };
        let expected: Vec<Inequality> = (1..=n).map(one).collect();
        let lists = [&a, &b, &product].map(|values| values.array(rng));
        agree(horn(&(&lists[0] * unit), &lists[1], &(&lists[2] * unit)), &expected);

        let lambda = Values::new(a.0.iter().zip(&b.array(rng)).map(|(x, y)| f64::max(*x, *y)).collect());
        let sigma = if rng.below(2) == 0 { &a } else { &lambda };
        let spread = allowed(n, 2.0 * sigma.norm());
        let mut expected: Vec<Inequality> = (1..=n)
            .map(|k| {
                let text = format!("ln Π_{{i≤{k}}} |λᵢ| ≤ ln Π_{{i≤{k}}} σᵢ");
                let sides = (of(&lambda, k), Relation::AtMost, of(sigma, k));
                of_products("Weyl's majorant", k, text, sides, k as f64 * exponent, width(sigma, k, spread))
            })
            .collect();
        if n > 0 {
            let text = format!("ln Π_{{i≤{n}}} |λᵢ| ≥ ln Π_{{i≤{n}}} σᵢ");
            let sides = (of(&lambda, n), Relation::AtLeast, of(sigma, n));
            let allowance = -width(sigma, n, -spread);
            expected.push(of_products("determinant", n, text, sides, n as f64 * exponent, allowance));
        }
        let signed = lambda.array(rng).mapv(|x| if rng.below(2) == 0 { x * unit } else { -x * unit });
        let sigma = sigma.array(rng) * unit;
        agree(weyl_majorant(&signed, &sigma), &expected);
        let turned: Array1<C64> = signed.mapv(|x| C64::new(0.0, x));
        agree(weyl_majorant(&turned, &sigma), &expected);
    });
}

/// All permutations of 0..n.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else { return vec![Vec::new()] };
    let with_last = |shorter: Vec<usize>| {
        (0..n).map(move |place| {
            let mut longer = shorter.clone();
            longer.insert(place, last);
            longer
        })
    };
    permutations(last).into_iter().flat_map(with_last).collect()
}

#[test]
fn the_best_of_all_matchings_and_what_is_said_of_it() {
    cases(74, 20, |rng, n, unit| {
        let mut list = || -> Vec<(f64, f64)> { (0..n).map(|_| (rng.below(7) as f64, rng.below(7) as f64)).collect() };
        let (a, b) = (list(), list());
        for is_complex in [true, false] {
            let part = if is_complex { 1.0 } else { 0.0 };
            let squared = |x: (f64, f64), y: (f64, f64)| (x.0 - y.0).powi(2) + part * (x.1 - y.1).powi(2);
            let total = |matching: &[usize]| (0..n).map(|i| squared(a[i], b[matching[i]])).sum::<f64>();
            let best = permutations(n).iter().map(|matching| total(matching)).fold(f64::INFINITY, f64::min);
            let distance = f64::max(0.0, best + [0.0, 1.0, -1.0][rng.below(3)]).sqrt();
            let report = if is_complex {
                let values = |list: &[(f64, f64)]| -> Array1<C64> {
                    list.iter().map(|x| C64::new(x.0 * unit, x.1 * unit)).collect()
                };
                hoffman_wielandt(&values(&a), &values(&b), distance * unit)
            } else {
                let values = |list: &[(f64, f64)]| -> Array1<f64> { list.iter().map(|x| x.0 * unit).collect() };
                hoffman_wielandt(&values(&a), &values(&b), distance * unit)
            };
            // ‖·‖_F of normal matrices, ‖·‖₂ of Hermitian ones.
            let norm = |list: &[(f64, f64)]| {
                if is_complex {
                    list.iter().map(|x| x.0 * x.0 + x.1 * x.1).sum::<f64>().sqrt()
                } else {
                    list.iter().fold(0.0, |norm, x| f64::max(norm, x.0))
                }
            };
            let allowance = allowed(n, (n as f64).sqrt() * (norm(&a) + norm(&b)) + distance) * unit;
            let report = report.expect("integers");
            let found = report.findings[0].worst.as_ref().expect("there is one");
            let mut matched = found.positions.clone();
            matched.sort_unstable();
            assert_eq!((matched, total(&found.positions)), ((0..n).collect(), best), "{a:?} {b:?}");
            let (left, right) = (best.sqrt() * unit, distance * unit);
            let slack = right - left;
            assert!(near(found.left, left) && found.right == right && near(found.allowance, allowance), "{found:?}");
            assert!((found.slack - slack).abs() <= 1e-3 * allowance && found.relation == Relation::AtMost, "{found:?}");
            let violated = usize::from(distance * distance < best - 0.5);
            assert_eq!((report.checked(), report.violated()), (1, violated), "{report}");
        }
    });
}
