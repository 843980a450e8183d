//! Tests of assignments: against all permutations, and against shortest paths alone on lists that are hard in some way.
//! On the floor of what they test; must not allow more than the rounding that the assignment states.

use super::*;
use std::f64::consts::TAU;

/// Integers from −5 to 5.
pub(in crate::interlace) struct Integers(u64);

impl Integers {
    pub(in crate::interlace) fn new() -> Self {
        Integers(7)
    }

    fn step(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(in crate::interlace) fn next(&mut self) -> f64 {
        (self.step() % 11) as f64 - 5.0
    }

    /// Between −1 and 1.
    fn fraction(&mut self) -> f64 {
        self.step() as f64 / 2f64.powi(30) - 1.0
    }
}

pub(in crate::interlace) fn total(a: &[Point], b: &[Point], partners: &[usize]) -> f64 {
    a.iter().zip(partners).map(|(&x, &j)| squared(x, b[j])).sum()
}

/// The least total over all permutations.
pub(in crate::interlace) fn least(a: &[Point], b: &[Point], taken: &mut Vec<usize>) -> f64 {
    if taken.len() == a.len() {
        return total(a, b, taken);
    }
    let mut least_total = f64::INFINITY;
    for j in 0..b.len() {
        if !taken.contains(&j) {
            taken.push(j);
            least_total = least_total.min(least(a, b, taken));
            taken.pop();
        }
    }
    least_total
}

/// Shortest augmenting paths from every row, one column of the path at a time: slow, and with nothing that could be
/// left out.
fn by_paths_alone(a: &[Point], b: &[Point]) -> Vec<usize> {
    let n = a.len();
    let (mut u, mut v, mut row_of) = (vec![0.0; n], vec![0.0; n], vec![None::<usize>; n]);
    for row in 0..n {
        let (mut distance, mut before, mut done) = (vec![f64::INFINITY; n], vec![None; n], vec![false; n]);
        let (mut at, mut through, mut reached) = (row, None, 0.0);
        let mut end = loop {
            for j in (0..n).filter(|&j| !done[j]) {
                let length = reached + squared(a[at], b[j]) - u[at] - v[j];
                if length < distance[j] {
                    (distance[j], before[j]) = (length, through);
                }
            }
            let open = (0..n).filter(|&j| !done[j]);
            let next = open.min_by(|&i, &j| distance[i].total_cmp(&distance[j])).expect("a column is free");
            (done[next], reached) = (true, distance[next]);
            match row_of[next] {
                Some(matched) => (at, through) = (matched, Some(next)),
                None => break next,
            }
        };
        u[row] += reached;
        for j in (0..n).filter(|&j| done[j]) {
            v[j] -= reached - distance[j];
            row_of[j].into_iter().for_each(|i| u[i] += reached - distance[j]);
        }
        while let Some(previous) = before[end] {
            row_of[end] = row_of[previous];
            end = previous;
        }
        row_of[end] = Some(row);
    }
    partners_of(&row_of)
}

fn partners_of(row_of: &[Option<usize>]) -> Vec<usize> {
    let mut partners = vec![usize::MAX; row_of.len()];
    row_of.iter().enumerate().for_each(|(j, row)| partners[row.expect("all are matched")] = j);
    partners
}

fn is_permutation(partners: &[usize]) -> bool {
    let mut all = partners.to_vec();
    all.sort_unstable();
    all.into_iter().eq(0..partners.len())
}

#[test]
fn the_assignment_is_as_good_as_the_best_permutation() {
    let mut integers = Integers::new();
    for n in (0..7).cycle().take(210) {
        let mut list = || (0..n).map(|_| (integers.next(), integers.next())).collect::<Vec<Point>>();
        let (a, b) = (list(), list());
        let partners = assignment(&a, &b).expect("there is memory");
        assert!(is_permutation(&partners));
        assert_eq!(total(&a, &b, &partners), least(&a, &b, &mut Vec::new()), "{a:?} {b:?}");
        assert_eq!(total(&a, &b, &by_paths_alone(&a, &b)), least(&a, &b, &mut Vec::new()), "{a:?} {b:?}");
    }
}

type Family = (&'static str, Vec<Point>, Vec<Point>);

/// Lists of n points that are far from each other, near each other, alike, regular, or of many scales.
fn families(n: usize) -> Vec<Family> {
    let mut random = Integers::new();
    let mut around = |(re, im): Point, radius: f64| -> Vec<Point> {
        (0..n).map(|_| (re + radius * random.fraction(), im + radius * random.fraction())).collect()
    };
    let (a, b) = (around((0.0, 0.0), 1.0), around((0.0, 0.0), 1.0));
    let grid = |re: f64, im: f64| (0..n).map(|k| ((k % 8) as f64 + re, (k / 8) as f64 + im)).collect::<Vec<Point>>();
    let circle = |turn: f64| {
        let angle = |k: usize| TAU * (k as f64 + turn) / n as f64;
        (0..n).map(|k| (angle(k).cos(), angle(k).sin())).collect::<Vec<Point>>()
    };
    let pairs = |list: &[Point]| -> Vec<Point> {
        (0..n).map(|k| (list[k / 2].0, if k % 2 == 0 { list[k / 2].1 } else { -list[k / 2].1 })).collect()
    };
    let few = |list: &[Point], of: usize| (0..n).map(|k| list[k % of]).collect::<Vec<Point>>();
    let moved = |list: &[Point], by: &[Point], scale: f64| -> Vec<Point> {
        list.iter().zip(by).map(|(x, y)| (x.0 + scale * y.0, x.1 + scale * y.1)).rev().collect()
    };
    let scales = |x: &[Point]| x.iter().map(|x| (x.1 * 10f64.powf(6.0 * x.0), x.0)).collect::<Vec<Point>>();
    vec![
        ("random", a.clone(), b.clone()),
        ("B clustered", a.clone(), around((0.3, 0.2), 1e-3)),
        ("B clustered to rounding", a.clone(), around((0.3, 0.2), 1e-15)),
        ("A clustered", around((0.3, 0.2), 1e-8), b.clone()),
        ("A clustered to rounding", around((0.3, 0.2), 1e-15), b.clone()),
        ("B equal", a.clone(), few(&b, 1)),
        ("A equal", few(&a, 1), b.clone()),
        ("two clusters", around((0.3, 0.2), 1e-3), around((5.0, -2.0), 1e-2)),
        ("two clusters to rounding", around((0.3, 0.2), 1e-9), around((5.0, -2.0), 1e-9)),
        ("grid and half a step", grid(0.0, 0.0), grid(0.5, 0.0)),
        ("grid and many steps", grid(0.0, 0.0), grid(3.5, 2.5)),
        ("circle and half a step", circle(0.0), circle(0.5)),
        ("circle and many steps", circle(0.0), circle(9.3)),
        ("circle and grid", circle(0.0), grid(0.0, 0.0)),
        ("conjugate pairs", pairs(&a), pairs(&b)),
        ("lines that cross", a.iter().map(|x| (x.0, 0.0)).collect(), b.iter().map(|x| (0.0, x.1)).collect()),
        ("few values", few(&a, 3), few(&b, 4)),
        ("few clusters", moved(&few(&a, 3), &b, 1e-6), moved(&few(&b, 4), &a, 1e-2)),
        ("twins", moved(&few(&a, n / 2), &b, 1e-9), moved(&few(&a, n / 2), &a, 1e-9)),
        ("near values", a.clone(), moved(&a, &b, 1e-12)),
        ("all scales", scales(&a), scales(&b)),
    ]
}

/// n reduced costs that may each be off by the rounding of a [`Prices`], whose span is at most 8 times the sum, as its
/// largest cost is.
fn tolerance(n: usize, sum: f64) -> f64 {
    n as f64 * 4.0 * f64::EPSILON * 9.0 * sum
}

/// The partners after the auction, if it says that it can be relied on.
fn by_auction(a: &[Point], b: &[Point]) -> Option<Vec<usize>> {
    let costs = Costs::new(a, b).expect("there is memory");
    let prices = auction(&costs).expect("there is memory")?;
    let mut paths = Paths::from_prices(&costs, prices).expect("there is memory");
    assert!(paths.follow(usize::MAX));
    Some(partners_of(&paths.row_of))
}

#[test]
fn hard_lists_are_matched_as_well_as_by_paths_alone() {
    for n in [61, 64] {
        for (name, a, b) in families(n) {
            let expected = total(&a, &b, &by_paths_alone(&a, &b));
            let as_good = |partners: &[usize]| (total(&a, &b, partners) - expected).abs() <= tolerance(n, expected);
            let partners = assignment(&a, &b).expect("there is memory");
            assert!(is_permutation(&partners) && as_good(&partners), "{name}: {}", total(&a, &b, &partners) - expected);
            let auctioned = by_auction(&a, &b);
            assert!(auctioned.is_none_or(|partners| is_permutation(&partners) && as_good(&partners)), "{name}");
            // An exchange of two partners is seen where the values are not all alike.
            let mut exchanged = partners;
            exchanged.swap(0, 1);
            let alike = ["equal", "rounding", "cross", "few"].iter().any(|word| name.contains(word));
            assert!(alike || !as_good(&exchanged), "{name}");
        }
    }
}

#[test]
fn the_auction_is_held_where_it_helps_and_refused_where_it_would_mix_up_near_values() {
    let held = |wanted: &str| {
        let all = families(64);
        let (_, a, b) = all.iter().find(|family| family.0 == wanted).expect("a family");
        by_auction(a, b).is_some()
    };
    for name in ["random", "B clustered", "A clustered", "A equal", "B equal", "two clusters", "grid and many steps"] {
        assert!(held(name), "{name}");
    }
    assert!(!held("twins"));
}
