//! Exact least squares, held against answers that are known by hand, by construction, or by Cramer's rule.
//! Second floor of the tests: arithmetic in integers and fractions; no floating-point tolerance stands here.
//! Must not compare with a floating-point method.

use std::ops::ControlFlow;

use lapwing::Error;
use lapwing::lstsq::exact::{self, Dependence, Number, Options, Rational, Solution};
use ndarray::{Array1, Array2, Ix1, array};
use proptest::prelude::*;

type Vector = Array1<Rational>;
type Matrix = Array2<Rational>;

fn solve<T: Number>(a: &Array2<T>, b: &Array1<T>) -> Result<Solution<Ix1>, Error> {
    exact::lstsq(a, b, Options::default())
}

fn dependences<T: Number>(a: &Array2<T>) -> Vec<Dependence> {
    exact::dependences(a, Options::default()).expect("finite and small")
}

/// `p/q`, a whole number or a decimal.
fn fraction(text: &str) -> Rational {
    let read = |text: &str| text.parse::<Rational>().expect("a decimal");
    match text.split_once('/') {
        Some((p, q)) => read(p).checked_div(&read(q)).expect("not 0"),
        None => read(text),
    }
}

fn exactly<T: Number>(values: &Array1<T>) -> Vector {
    values.map(|x| x.exact().expect("finite"))
}

/// Aᵀ(b − Ax) in plain loops, and ‖b − Ax‖².
fn normal_residual(a: &Matrix, b: &Vector, x: &Vector) -> (Vector, Rational) {
    let residual: Vector = a.rows().into_iter().zip(b).map(|(row, b)| b - &dot(row.iter(), x.iter())).collect();
    let along = a.columns().into_iter().map(|column| dot(column.iter(), residual.iter())).collect();
    (along, dot(residual.iter(), residual.iter()))
}

fn dot<'a>(x: impl Iterator<Item = &'a Rational>, y: impl Iterator<Item = &'a Rational>) -> Rational {
    x.zip(y).fold(Rational::zero(), |sum, (x, y)| &sum + &(x * y))
}

/// Refuses anything but the least-squares solution.
fn judge<T: Number>(a: &Array2<T>, b: &Array1<T>, x: &Vector, residual_squared: &Rational) -> Result<(), String> {
    let a = a.map(|x| x.exact().expect("finite"));
    let (along, squares) = normal_residual(&a, &exactly(b), x);
    if let Some(j) = along.iter().position(|entry| !entry.is_zero()) {
        return Err(format!("the residual is not orthogonal to column {j}"));
    }
    if squares != *residual_squared { Err(format!("‖r‖² is {squares}, not {residual_squared}")) } else { Ok(()) }
}

/// Solves, judges, and sees that the judge refuses a wrong answer.
fn solved<T: Number>(a: &Array2<T>, b: &Array1<T>) -> Vector {
    let found = solve(a, b).expect("full rank");
    judge(a, b, &found.x, &found.residual_squared).expect("exact");
    let tiny = fraction("1e-400");
    if let Some(first) = found.x.first() {
        let mut wrong = found.x.clone();
        wrong[0] = first + &tiny;
        judge(a, b, &wrong, &found.residual_squared).expect_err("x is wrong");
    }
    judge(a, b, &found.x, &(&found.residual_squared + &tiny)).expect_err("the residual is wrong");
    found.x
}

/// Deterministic numbers in 0..2⁵³, from a linear congruence (Knuth's MMIX constants).
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 11
    }
}

fn random(m: usize, n: usize, seed: u64) -> Array2<f64> {
    let mut next = numbers(seed);
    Array2::from_shape_fn((m, n), |_| next() as f64 / (1u64 << 52) as f64 - 1.0)
}

#[test]
fn by_hand() {
    // AᵀA = [3 4; 4 10], Aᵀb = (8, 17): x = (12, 19)/14.
    let x = solved(&array![[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]], &array![1.0, 2.0, 5.0]);
    assert_eq!(x, array![fraction("6/7"), fraction("19/14")]);
    // One column: aᵀb/aᵀa = (0.1 + 0.6)/(0.01 + 0.09).
    let decimal = |values: [&str; 2]| values.map(fraction);
    let a = Array2::from_shape_vec((2, 1), decimal(["0.1", "0.3"]).to_vec()).expect("it fits");
    assert_eq!(solved(&a, &Array1::from(decimal(["1", "2"]).to_vec())), array![Rational::from(7)]);
    // Square: the solution of the system.
    let x = solved(&array![[2.0f32, 1.0], [1.0, 3.0]], &array![1.0, 1.0]);
    assert_eq!(x, array![fraction("2/5"), fraction("1/5")]);
}

#[test]
fn many_right_hand_sides_are_solved_each() {
    let (a, b) = (random(9, 4, 1), random(9, 3, 2));
    let all = exact::lstsq(&a, &b, Options::default()).expect("full rank");
    for (j, b) in b.columns().into_iter().enumerate() {
        let one = solve(&a, &b.to_owned()).expect("full rank");
        assert_eq!((all.x.column(j), &all.residual_squared[j]), (one.x.view(), &one.residual_squared));
    }
}

/// Determinant by elimination without fractions, in i128. E. H. Bareiss, Math. Comp. 22 (1968).
fn determinant(mut a: Vec<Vec<i128>>) -> i128 {
    let (n, mut sign, mut before) = (a.len(), 1, 1);
    for k in 0..n {
        let Some(pivot) = (k..n).find(|&i| a[i][k] != 0) else { return 0 };
        if pivot != k {
            a.swap(pivot, k);
            sign = -sign;
        }
        for i in k + 1..n {
            for j in k + 1..n {
                a[i][j] = (a[k][k] * a[i][j] - a[i][k] * a[k][j]) / before;
            }
        }
        before = a[k][k];
    }
    sign * if n == 0 { 1 } else { a[n - 1][n - 1] }
}

/// xᵢ = det(AᵀA with column i replaced by Aᵀb)/det(AᵀA), for integers.
fn cramer(a: &Array2<i64>, b: &Array1<i64>) -> Option<Vector> {
    let inner = |x: usize, y: &dyn Fn(usize) -> i64| -> i128 {
        (0..a.nrows()).map(|i| i128::from(a[(i, x)]) * i128::from(y(i))).sum()
    };
    let n = a.ncols();
    let gram = |i: usize, replaced: Option<usize>| -> Vec<i128> {
        (0..n).map(|j| if Some(j) == replaced { inner(i, &|k| b[k]) } else { inner(i, &|k| a[(k, j)]) }).collect()
    };
    let matrix = |replaced| determinant((0..n).map(|i| gram(i, replaced)).collect());
    let whole = |value: i128| fraction(&value.to_string());
    (0..n).map(|j| whole(matrix(Some(j))).checked_div(&whole(matrix(None)))).collect()
}

#[test]
fn cramers_rule_agrees() {
    for seed in 0..40 {
        let mut next = numbers(seed);
        let (n, more) = (1 + (next() % 5) as usize, (next() % 5) as usize);
        let mut entry = || (next() % 41) as i64 - 20;
        let a = Array2::from_shape_fn((n + more, n), |_| entry());
        let b = Array1::from_shape_fn(n + more, |_| entry());
        let float = |x: &i64| *x as f64;
        match cramer(&a, &b) {
            Some(x) => assert_eq!(solved(&a.map(float), &b.map(float)), x, "{a} {b}"),
            None => assert!(matches!(solve(&a.map(float), &b.map(float)), Err(Error::RankDeficient { .. })), "{a}"),
        }
    }
}

#[test]
fn random_doubles_satisfy_the_normal_equations() {
    for (m, n, seed) in [(1, 1, 3), (7, 2, 4), (12, 12, 5), (40, 8, 6), (30, 20, 7)] {
        solved(&random(m, n, seed), &random(m, 1, seed + 100).column(0).to_owned());
    }
}

/// The ends of the range, columns of all sizes, and one column that spans the whole range.
#[test]
fn nothing_overflows_or_vanishes() {
    let least = f64::from_bits(1);
    let a = array![[1e300, 1e-300, least], [2e300, -1e-300, 3.0 * least], [-1e300, 5e-300, 1e-310], [7e299, 0.0, 0.0]];
    let x = solved(&a, &array![1e300, -1e-300, least, 1.0]);
    assert!(x.iter().any(|x| x.to_f64().is_infinite()), "an answer beyond the range of doubles");
    solved(&array![[f64::MAX, 1.0], [least, 1.0], [1.0, -f64::MAX]], &array![1.0, least, f64::MAX]);
    assert_eq!(solved(&array![[least]], &array![f64::MAX])[0].to_string().len(), 632);
    solved(&array![[f32::MAX, 1e-45], [1e-45, f32::MAX], [1.0, 1.0]], &array![1.0, 2.0, 3.0]);
}

/// The shortest solution is orthogonal to the null space, which is to say a combination of the rows.
#[test]
fn wide_systems_have_a_shortest_solution() {
    let shortest = |a: &Array2<f64>, b: &Array1<f64>| solve(a, b).expect("independent rows");
    let found = shortest(&array![[1.0, 2.0, 2.0]], &array![9.0]);
    assert_eq!((found.x, found.residual_squared), (array![1, 2, 2].map(|&x| Rational::from(x)), Rational::zero()));
    // Rows of different units, at right angles: x = Σ aᵢ·bᵢ/‖aᵢ‖².
    let found = shortest(&array![[0.0, 0.0, 4.0], [3e10, 4e10, 0.0]], &array![1.0, 25e10]);
    assert_eq!(found.x, array![fraction("3"), fraction("4"), fraction("0.25")]);
    let (a, b) = (random(5, 9, 11), random(5, 1, 12).column(0).to_owned());
    let x = shortest(&a, &b).x;
    let rows = a.map(|x| x.exact().expect("finite"));
    for (row, b) in rows.rows().into_iter().zip(exactly(&b)) {
        assert_eq!(dot(row.iter(), x.iter()), b);
    }
    // x = Aᵀw exactly for some w: as a least-squares problem in w it has residual 0.
    assert_eq!(solve(&rows.t().to_owned(), &x).expect("full rank").residual_squared, Rational::zero());
    let beside = &x[0] + &fraction("1e-300");
    let wrong = Array1::from_iter(std::iter::once(beside).chain(x.iter().skip(1).cloned()));
    assert_ne!(solve(&rows.t().to_owned(), &wrong).expect("full rank").residual_squared, Rational::zero());
    let refused = solve(&array![[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]], &array![1.0, 2.0]);
    assert_eq!(refused.expect_err("dependent rows"), Error::RankDeficient { rank: 1, needed: 2 });
}

#[test]
fn empty_matrices_and_matrices_of_zeros() {
    let empty = |m: usize, n: usize| solve(&Array2::<f64>::zeros((m, n)), &Array1::ones(m)).expect("nothing to do");
    assert_eq!((empty(3, 0).x.len(), empty(3, 0).residual_squared), (0, Rational::from(3)));
    assert_eq!((empty(0, 3).x, empty(0, 3).residual_squared), (Array1::default(3), Rational::zero()));
    assert_eq!(empty(0, 0).x.len(), 0);
    let none = exact::lstsq(&array![[1.0]], &Array2::zeros((1, 0)), Options::default()).expect("nothing to do");
    assert_eq!((none.x.dim(), none.residual_squared.len()), ((1, 0), 0));
    assert_eq!(solved(&array![[1.0], [2.0]], &array![0.0, 0.0]), array![Rational::zero()]);
    let refused = solve(&Array2::<f64>::zeros((3, 2)), &Array1::ones(3));
    assert_eq!(refused.expect_err("rank 0"), Error::RankDeficient { rank: 0, needed: 2 });
    let found = dependences(&Array2::<f64>::zeros((3, 2)));
    assert!(found.iter().map(|d| d.column).eq(0..2) && found.iter().all(|d| d.combination.is_empty()));
    assert!(dependences(&Array2::<f64>::zeros((3, 0))).is_empty());
    assert_eq!(dependences(&Array2::<f64>::zeros((0, 2))).len(), 2);
}

/// Dependence is exact: the stored 0.1 + 0.2 is not the stored 0.3, but the printed ones add up.
#[test]
fn dependence_is_exact() {
    let columns =
        |values: &[&[&str]]| Matrix::from_shape_fn((values[0].len(), values.len()), |(i, j)| fraction(values[j][i]));
    let a = columns(&[&["0.1", "1", "2"], &["0.2", "1.5", "0"], &["0.3", "2.5", "2"]]);
    let found = dependences(&a);
    assert_eq!((found.len(), found[0].column), (1, 2));
    assert_eq!(found[0].combination, [(0, Rational::one()), (1, Rational::one())]);
    assert_eq!(solve(&a, &Array1::default(3)).expect_err("dependent"), Error::RankDeficient { rank: 2, needed: 3 });
    let stored = a.map(Rational::to_f64);
    assert!(dependences(&stored).is_empty());
    solved(&stored, &array![1.0, 2.0, 3.0]);
}

#[test]
fn refusals() {
    let ok = array![[1.0, 0.0], [1.0, 1.0]];
    let shape = solve(&ok, &array![1.0]).expect_err("too short");
    assert_eq!(shape.to_string(), "the right-hand side: expected 2 rows, found 1");
    let nan = solve(&array![[1.0, 0.0], [1.0, f64::NAN]], &array![1.0, 1.0]).expect_err("not a number");
    assert_eq!(nan, Error::NonFinite { row: 1, col: 1 });
    let wide = solve(&array![[1.0, f64::INFINITY]], &array![1.0]).expect_err("infinite");
    assert_eq!(wide, Error::NonFinite { row: 0, col: 1 });
    let rhs = exact::lstsq(&ok, &array![[1.0, 1.0], [1.0, f64::NEG_INFINITY]], Options::default());
    assert_eq!(rhs.expect_err("infinite"), Error::NonFiniteRhs { row: 1, col: 1 });
}

#[test]
fn what_costs_too_much_is_refused_and_what_runs_can_be_stopped() {
    let (a, b) = (random(30, 10, 21), random(30, 1, 22).column(0).to_owned());
    let cost = exact::estimate(&a, &b).expect("it fits").operations;
    let limited = |limit| exact::lstsq(&a, &b, Options { limit, progress: None });
    assert!(limited(cost).is_ok());
    let refused = limited(0.99 * cost).expect_err("too much");
    assert!(matches!(refused, Error::TooCostly { operations, limit, .. } if operations == cost && limit < cost));
    assert!(refused.to_string().contains("but the limit is"), "{refused}");
    let mut seen = Vec::new();
    let mut all = |done: f64| {
        seen.push(done);
        ControlFlow::Continue(())
    };
    exact::lstsq(&a, &b, Options { progress: Some(&mut all), ..Options::default() }).expect("full rank");
    assert!(seen.is_sorted() && seen.iter().all(|done| (0.0..=1.0).contains(done)) && seen.len() > 10, "{seen:?}");
    let mut calls = 0;
    let mut stop = |_: f64| {
        calls += 1;
        if calls == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = exact::lstsq(&a, &b, Options { progress: Some(&mut stop), ..Options::default() });
    assert_eq!((stopped.expect_err("stopped"), calls), (Error::Cancelled, 5));
}

proptest! {
    /// What was multiplied comes back, and nothing is left.
    #[test]
    fn solutions_come_back(seed: u64, n in 1usize..7, more in 0usize..5, scale in -300i32..300) {
        let mut next = numbers(seed);
        let mut entry = || (next() % 2001) as f64 - 1000.0;
        let a = Array2::from_shape_fn((n + more, n), |(_, j)| entry() * 2f64.powi(scale * (j as i32 % 3 - 1)));
        let x = Array1::from_shape_fn(n, |_| Rational::from_f64(entry()).expect("finite"));
        let exact = a.map(|x| x.exact().expect("finite"));
        let b: Vector = exact.rows().into_iter().map(|row| dot(row.iter(), x.iter())).collect();
        match solve(&exact, &b) {
            Ok(found) => {
                prop_assert_eq!(found.x, x);
                prop_assert!(found.residual_squared.is_zero());
            }
            Err(error) => {
                let deficient = matches!(error, Error::RankDeficient { .. });
                prop_assert!(deficient && !dependences(&a).is_empty());
            }
        }
    }

    /// A column that was made of others is found, with what it was made of.
    #[test]
    fn dependences_come_back(seed: u64, n in 1usize..6, rows in 0usize..8) {
        let mut next = numbers(seed);
        let mut entry = || Rational::from((next() % 7) as i64 - 3);
        let mut a = Matrix::from_shape_fn((rows, n + 1), |_| entry());
        let made: Vec<Rational> = (0..n).map(|_| entry()).collect();
        for mut row in a.rows_mut() {
            let last = dot(row.iter(), made.iter());
            row[n] = last;
        }
        let found = dependences(&a);
        prop_assert!(found.iter().any(|d| d.column == n));
        for Dependence { column, combination, .. } in &found {
            for row in a.rows() {
                let sum = combination.iter().fold(Rational::zero(), |sum, (j, c)| &sum + &(c * &row[*j]));
                prop_assert_eq!(&sum, &row[*column]);
            }
            prop_assert!(combination.iter().all(|(j, c)| !c.is_zero() && found.iter().all(|d| d.column != *j)));
        }
    }
}
