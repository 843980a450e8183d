//! Certificates: how many inequalities are checked and violated, against each theorem written out with indices from 1, on lists of small integers.
//! Second floor of the tests; must not take an index range from the crate under test.

use lapwing::interlace::*;

use ndarray::{Array1, array};

use super::generate::{C64, Rng};

/// `n` integers from −3 to 3, with zeros and ties, descending, as the theorems count them: from 1.
struct Integers(Vec<i64>);

impl Integers {
    fn signed(rng: &mut Rng, n: usize) -> Self {
        let mut list: Vec<i64> = (0..n).map(|_| rng.below(7) as i64 - 3).collect();
        list.sort_by(|x, y| y.cmp(x));
        Integers(list)
    }

    fn singular(rng: &mut Rng, n: usize) -> Self {
        let mut list: Vec<i64> = (0..n).map(|_| rng.below(5) as i64).collect();
        list.sort_by(|x, y| y.cmp(x));
        Integers(list)
    }

    fn at(&self, i: usize) -> i64 {
        self.0[i - 1]
    }

    /// Zero beyond the end.
    fn or_zero(&self, i: usize) -> i64 {
        self.0.get(i - 1).copied().unwrap_or(0)
    }

    /// Shuffled.
    fn array(&self, rng: &mut Rng) -> Array1<f64> {
        let mut list = self.0.clone();
        (1..list.len()).for_each(|i| list.swap(i, rng.below(i + 1)));
        list.into_iter().map(|x| x as f64).collect()
    }
}

/// Inequalities that were written out, counted.
#[derive(Default, Debug, PartialEq)]
struct Count {
    checked: usize,
    violated: usize,
}

impl Count {
    fn of(inequalities: impl Iterator<Item = bool>) -> Self {
        inequalities.fold(Count::default(), |count, holds| Count {
            checked: count.checked + 1,
            violated: count.violated + usize::from(!holds),
        })
    }
}

#[track_caller]
fn agree(report: &Report, expected: &[Count], lists: &[&Integers]) {
    let lists: Vec<&Vec<i64>> = lists.iter().map(|list| &list.0).collect();
    let found: Vec<Count> =
        report.findings.iter().map(|finding| Count { checked: finding.checked, violated: finding.violated }).collect();
    assert_eq!(found, expected, "{lists:?}\n{report}");
    assert_eq!(report.holds(), expected.iter().all(|count| count.violated == 0));
    for finding in &report.findings {
        let worst = finding.worst.as_ref();
        assert_eq!(worst.is_none(), finding.checked == 0);
        assert_eq!(worst.is_some_and(|worst| worst.units > 1.0), finding.violated > 0, "{report}");
    }
}

fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (1..=n).flat_map(move |i| (1..=n).map(move |j| (i, j)))
}

/// All sets of k of the indices 1..=n.
fn sets(n: usize, k: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_u32 << n)
        .filter(move |mask| mask.count_ones() as usize == k)
        .map(move |mask| (1..=n).filter(|i| mask >> (i - 1) & 1 == 1).collect())
}

/// Runs for each length in turn.
fn cases(seed: u64, most: usize, times: usize, mut run: impl FnMut(&mut Rng, usize)) {
    let mut rng = Rng::new(seed);
    (0..=most).cycle().take((most + 1) * times).for_each(|n| run(&mut rng, n));
}

#[test]
fn weyl_for_all_pairs() {
    cases(1, 6, 60, |rng, n| {
        let [s, t, sum] = [(); 3].map(|()| Integers::signed(rng, n));
        let report = weyl(&s.array(rng), &t.array(rng), &sum.array(rng)).expect("integers");
        let above = pairs(n).filter(|(i, j)| i + j <= n + 1).map(|(i, j)| sum.at(i + j - 1) <= s.at(i) + t.at(j));
        let below = pairs(n).filter(|(i, j)| i + j > n).map(|(i, j)| sum.at(i + j - n) >= s.at(i) + t.at(j));
        agree(&report, &[Count::of(above), Count::of(below)], &[&s, &t, &sum]);
    });
}

#[test]
fn interlacing_of_all_kinds() {
    cases(2, 6, 60, |rng, n| {
        let [s, sum] = [(); 2].map(|()| Integers::signed(rng, n));
        let (positive, negative) = (rng.below(n + 3), rng.below(n + 3));
        let report = rank_update(&s.array(rng), &sum.array(rng), positive, negative).expect("integers");
        let above = (1..=n).filter(|&i| i > positive).map(|i| sum.at(i) <= s.at(i - positive));
        let below = (1..=n).filter(|i| i + negative <= n).map(|i| s.at(i + negative) <= sum.at(i));
        agree(&report, &[Count::of(above), Count::of(below)], &[&s, &sum]);

        let m = rng.below(n + 1);
        let b = Integers::signed(rng, m);
        let report = cauchy(&s.array(rng), &b.array(rng)).expect("integers");
        let above = (1..=m).map(|i| b.at(i) <= s.at(i));
        let below = (1..=m).map(|i| s.at(i + n - m) <= b.at(i));
        agree(&report, &[Count::of(above), Count::of(below)], &[&s, &b]);

        let t = Integers::signed(rng, n + 1);
        let report = bordered(&s.array(rng), &t.array(rng)).expect("integers");
        let above = (1..=n).map(|i| s.at(i) <= t.at(i));
        let below = (1..=n).map(|i| t.at(i + 1) <= s.at(i));
        agree(&report, &[Count::of(above), Count::of(below)], &[&s, &t]);
    });
}

#[test]
fn a_rank_one_update_with_its_sum() {
    cases(3, 5, 80, |rng, n| {
        let [s, sum] = [(); 2].map(|()| Integers::signed(rng, n));
        let shifts: i64 = sum.0.iter().sum::<i64>() - s.0.iter().sum::<i64>();
        let trace = if rng.below(2) == 0 { shifts } else { rng.below(5) as i64 - 2 };
        let report = rank_one(&s.array(rng), &sum.array(rng), trace as f64).expect("integers");
        let (up, down) = (usize::from(trace > 0), usize::from(trace < 0));
        let above = (1..=n).filter(|&i| i > up).map(|i| sum.at(i) <= s.at(i - up));
        let below = (1..=n).filter(|i| i + down <= n).map(|i| sum.at(i) >= s.at(i + down));
        let add_up = std::iter::once(shifts == trace);
        agree(&report, &[Count::of(above), Count::of(below), Count::of(add_up)], &[&s, &sum]);
    });
}

#[test]
fn singular_values_of_submatrices_and_low_rank_updates() {
    cases(4, 6, 60, |rng, m| {
        let (n, p) = (rng.below(7), rng.below(m + 1));
        let q = rng.below(n + 1);
        let (a, b) = (Integers::singular(rng, m.min(n)), Integers::singular(rng, p.min(q)));
        let report = submatrix(&a.array(rng), &b.array(rng), ((m, n), (p, q))).expect("integers");
        let above = (1..=p.min(q)).map(|i| b.at(i) <= a.at(i));
        // Thompson: i ≤ min(p + q − m, p + q − n).
        let most = (p + q).saturating_sub(m).min((p + q).saturating_sub(n));
        let below = (1..=most).map(|i| b.at(i) >= a.at(i + (m - p) + (n - q)));
        agree(&report, &[Count::of(above), Count::of(below)], &[&a, &b]);

        let [a, sum] = [(); 2].map(|()| Integers::singular(rng, m));
        let k = rng.below(m + 2);
        let report = low_rank(&a.array(rng), &sum.array(rng), k).expect("integers");
        let above = (1..=m).filter(|&i| i > k).map(|i| sum.at(i) <= a.at(i - k));
        let below = (1..=m).filter(|i| i + k <= m).map(|i| a.at(i + k) <= sum.at(i));
        agree(&report, &[Count::of(above), Count::of(below)], &[&a, &sum]);
    });
}

#[test]
fn singular_values_of_sums_and_products() {
    cases(5, 5, 60, |rng, n| {
        let [a, b, sum] = [(); 3].map(|()| Integers::singular(rng, n));
        let report = singular_sum(&a.array(rng), &b.array(rng), &sum.array(rng)).expect("integers");
        let of = |x: &Integers, y: &Integers, z: &Integers| {
            Count::of(pairs(n).filter(|(i, j)| i + j <= n + 1).map(|(i, j)| x.at(i + j - 1) <= y.at(i) + z.at(j)))
        };
        agree(&report, &[of(&sum, &a, &b), of(&a, &sum, &b), of(&b, &sum, &a)], &[&a, &b, &sum]);

        // m×n by n×p.
        let (m, p) = (rng.below(6), rng.below(6));
        let (a, b) = (Integers::singular(rng, m.min(n)), Integers::singular(rng, n.min(p)));
        let k = m.min(p);
        let product = Integers::singular(rng, k);
        let lists = (a.array(rng), b.array(rng), product.array(rng));
        let report = singular_product(&lists.0, &lists.1, &lists.2).expect("integers");
        let expected =
            pairs(k).filter(|(i, j)| i + j <= k + 1).map(|(i, j)| product.at(i + j - 1) <= a.or_zero(i) * b.or_zero(j));
        agree(&report, &[Count::of(expected)], &[&a, &b, &product]);
        let report = horn(&lists.0, &lists.1, &lists.2).expect("integers");
        let expected = (1..=k).map(|k| {
            let left: i64 = (1..=k).map(|i| product.at(i)).product();
            left <= (1..=k).map(|i| a.or_zero(i) * b.or_zero(i)).product()
        });
        agree(&report, &[Count::of(expected)], &[&a, &b, &product]);
    });
}

#[test]
fn products_of_eigenvalues() {
    cases(6, 5, 80, |rng, n| {
        let [lambda, sigma] = [(); 2].map(|()| Integers::singular(rng, n));
        let signed = lambda.array(rng).mapv(|x| if rng.below(2) == 0 { x } else { -x });
        let turned = lambda.array(rng).mapv(|x| C64::new(0.0, x));
        let product = |list: &Integers, k: usize| (1..=k).map(|i| list.at(i)).product::<i64>();
        for report in [weyl_majorant(&signed, &sigma.array(rng)), weyl_majorant(&turned, &sigma.array(rng))] {
            let above = (1..=n).map(|k| product(&lambda, k) <= product(&sigma, k));
            let below = (n..=n).filter(|&n| n > 0).map(|n| product(&lambda, n) >= product(&sigma, n));
            agree(&report.expect("integers"), &[Count::of(above), Count::of(below)], &[&lambda, &sigma]);
        }
    });
}

#[test]
fn sums_over_all_sets_of_indices() {
    cases(7, 6, 40, |rng, n| {
        let [s, t, sum] = [(); 3].map(|()| Integers::signed(rng, n));
        let lists = (s.array(rng), t.array(rng), sum.array(rng));
        let leading = |list: &Integers, k: usize| (1..=k).map(|i| list.at(i)).sum::<i64>();
        let trailing = |list: &Integers, k: usize| (n + 1 - k..=n).map(|i| list.at(i)).sum::<i64>();
        let report = ky_fan(&lists.0, &lists.1, &lists.2).expect("integers");
        let fan = (1..=n).map(|k| leading(&sum, k) <= leading(&s, k) + leading(&t, k));
        let trace = std::iter::once(leading(&sum, n) == leading(&s, n) + leading(&t, n));
        agree(&report, &[Count::of(fan), Count::of(trace)], &[&s, &t, &sum]);

        let report = lidskii(&lists.0, &lists.1, &lists.2).expect("integers");
        let shift = |set: Vec<usize>| set.into_iter().map(|i| sum.at(i) - s.at(i)).sum::<i64>();
        let above = (1..=n).map(|k| sets(n, k).all(|set| shift(set) <= leading(&t, k)));
        let below = (1..=n).map(|k| sets(n, k).all(|set| shift(set) >= trailing(&t, k)));
        agree(&report, &[Count::of(above), Count::of(below)], &[&s, &t, &sum]);

        let [a, b, sum] = [(); 3].map(|()| Integers::singular(rng, n));
        let lists = (a.array(rng), b.array(rng), sum.array(rng));
        let report = ky_fan_singular(&lists.0, &lists.1, &lists.2).expect("integers");
        let fan = (1..=n).map(|k| leading(&sum, k) <= leading(&a, k) + leading(&b, k));
        agree(&report, &[Count::of(fan)], &[&a, &b, &sum]);

        let report = mirsky(&lists.0, &lists.2, &lists.1).expect("integers");
        let shift = |set: Vec<usize>| set.into_iter().map(|i| (sum.at(i) - a.at(i)).abs()).sum::<i64>();
        let expected = (1..=n).map(|k| sets(n, k).all(|set| shift(set) <= leading(&b, k)));
        agree(&report, &[Count::of(expected)], &[&a, &b, &sum]);
    });
}

/// The least sum of squared distances over all permutations.
fn least(a: &[C64], b: &[C64], taken: &mut Vec<usize>) -> f64 {
    let row = taken.len();
    if row == a.len() {
        return 0.0;
    }
    let mut best = f64::INFINITY;
    for j in 0..b.len() {
        if !taken.contains(&j) {
            taken.push(j);
            best = best.min((a[row] - b[j]).norm_sqr() + least(a, b, taken));
            taken.pop();
        }
    }
    if a.is_empty() { 0.0 } else { best }
}

#[test]
fn the_best_of_all_matchings() {
    cases(8, 5, 40, |rng, n| {
        let mut list =
            || -> Array1<C64> { (0..n).map(|_| C64::new(rng.below(7) as f64, rng.below(7) as f64)).collect() };
        let (a, b) = (list(), list());
        let best = least(&a.to_vec(), &b.to_vec(), &mut Vec::new()).sqrt();
        let holds = |distance: f64| hoffman_wielandt(&a, &b, distance).expect("finite values").holds();
        assert!(holds(best) && (best == 0.0 || !holds(best * (1.0 - 1e-10))), "{a} {b}");
        let (re_a, re_b) = (a.mapv(|x| x.re), b.mapv(|x| x.re));
        let on_line = |list: &Array1<f64>| list.mapv(|x| C64::new(x, 0.0)).to_vec();
        let best = least(&on_line(&re_a), &on_line(&re_b), &mut Vec::new()).sqrt();
        let holds = |distance: f64| hoffman_wielandt(&re_a, &re_b, distance).expect("finite values").holds();
        assert!(holds(best) && (best == 0.0 || !holds(best * (1.0 - 1e-10))), "{re_a} {re_b}");
    });
}

/// What a wrong oracle would say: the counts above can differ.
#[test]
fn a_wrong_index_range_is_seen() {
    let (s, t, sum) = (array![1.0, 0.0], array![1.0, 0.0], array![2.0, 2.0]);
    let report: Report = weyl(&s, &t, &sum).expect("integers");
    let right = Count::of(pairs(2).filter(|(i, j)| i + j <= 3).map(|(i, j)| sum[i + j - 2] <= s[i - 1] + t[j - 1]));
    let wrong = Count::of(pairs(2).filter(|(i, j)| i + j <= 2).map(|(i, j)| sum[i + j - 2] <= s[i - 1] + t[j - 1]));
    let found = &report.findings[0];
    let found = Count { checked: found.checked, violated: found.violated };
    assert_eq!(found, right);
    assert_ne!(found, wrong);
}
