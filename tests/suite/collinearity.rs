//! Near dependences of columns: matrices whose dependences are put in by hand, and proportions that are known by hand.
//! Second floor of the tests. The columns named must be those that were put in, and no others.

use super::generate::*;
use lapwing::Error;
use lapwing::lstsq::{Collinearity, NearDependence, NearDependenceOptions, near_dependences};
use ndarray::{Array2, array, s};

/// Independent columns of normal random numbers, column-major.
fn random(seed: u64, rows: usize, cols: usize) -> Wide {
    let mut rng = Rng::new(seed);
    Wide::from_shape_fn((rows, cols), |_| C64::new(rng.normal(), rng.normal()))
}

/// Column j becomes Σ cₖ·aₖ, and `noise` times random numbers.
fn put(a: &mut Wide, j: usize, terms: &[(usize, f64)], noise: f64) {
    let other = random(j as u64 + 100, a.nrows(), 1);
    for i in 0..a.nrows() {
        a[(i, j)] = terms.iter().map(|&(k, c)| a[(i, k)] * c).sum::<C64>() + other[(i, 0)] * noise;
    }
}

fn found<T: Scalar>(a: &Array2<T>, base: Option<usize>) -> Collinearity<T> {
    near_dependences(a, &NearDependenceOptions { base, ..Default::default() }).unwrap()
}

/// Whether these are the dependences, with these columns and coefficients, in whatever order; the coefficients to a
/// multiple of the size.
fn are<T: Scalar>(found: &Collinearity<T>, expected: &[(usize, Vec<(usize, f64)>)]) -> bool {
    let mut list: Vec<_> = found.dependences.iter().collect();
    list.sort_by_key(|d| d.column);
    let is = |dependence: &NearDependence<T>, column: usize, terms: &[(usize, f64)]| {
        let tolerance = 20.0 * T::f64_of(dependence.size) + 200.0 * T::EPS;
        let close = |(&(k, c), &(column, right)): (&(usize, T), &(usize, f64))| {
            k == column && (c.wide() - right).norm() <= tolerance * right.abs().max(1.0)
        };
        let combination = &dependence.combination;
        dependence.column == column && combination.len() == terms.len() && combination.iter().zip(terms).all(close)
    };
    list.len() == expected.len() && list.iter().zip(expected).all(|(d, (column, terms))| is(d, *column, terms))
}

#[track_caller]
fn expect<T: Scalar>(found: &Collinearity<T>, expected: &[(usize, Vec<(usize, f64)>)]) {
    assert!(are(found, expected), "{found:?} for {expected:?}");
}

/// The vectors of the smallest singular values mix these, as the strengths are the same.
fn several_of_the_same_strength_are_told_apart<T: Scalar>() {
    for noise in [0.0, 100.0 * T::EPS, 1e-3] {
        for seed in 0..20 {
            let mut a = random(seed, 40, 9);
            put(&mut a, 2, &[(0, 1.0), (1, 1.0)], noise);
            put(&mut a, 5, &[(3, 2.0), (4, -0.5)], noise);
            expect(&found(&narrow::<T>(&a), None), &[(2, vec![(0, 1.0), (1, 1.0)]), (5, vec![(3, 2.0), (4, -0.5)])]);
            put(&mut a, 8, &[(6, 1.0)], noise);
            let found = found(&narrow::<T>(&a), None);
            let right = [(2, vec![(0, 1.0), (1, 1.0)]), (5, vec![(3, 2.0), (4, -0.5)]), (8, vec![(6, 1.0)])];
            expect(&found, &right);
            assert!(T::f64_of(found.remaining) < 10.0);
            for dependence in &found.dependences {
                let size = T::f64_of(dependence.size);
                assert!(size < 3.0 * noise + 100.0 * T::EPS && size > 0.1 * noise, "{dependence:?}");
            }
            // One that is not there.
            let wrong = [(2, vec![(0, 1.0), (1, 1.0)]), (5, vec![(3, 2.0), (4, -0.5)]), (8, vec![(7, 1.0)])];
            assert!(!are(&found, &wrong));
        }
    }
}

/// The sharp one is not blurred by a blunt one between its columns.
fn a_sharp_one_stays_sharp<T: Scalar>() {
    let mut a = random(7, 60, 6);
    put(&mut a, 3, &[(1, 1.0)], 1e-2);
    put(&mut a, 5, &[(0, 1.0), (3, 1.0)], 100.0 * T::EPS);
    let found = found(&narrow::<T>(&a), None);
    expect(&found, &[(3, vec![(1, 1.0)]), (5, vec![(0, 1.0), (3, 1.0)])]);
    assert_eq!(found.dependences[0].column, 5, "the nearest comes first");
    assert!(T::f64_of(found.dependences[0].size) < 1000.0 * T::EPS);
    assert!((1e-3..0.1).contains(&T::f64_of(found.dependences[1].size)));
}

/// By powers of two, so that nothing is rounded; the coefficients change with the units, the sizes and indexes do not.
fn units_change_coefficients_only<T: Scalar>() {
    let mut a = random(11, 30, 5);
    put(&mut a, 4, &[(1, 1.0), (2, 1.0)], 100.0 * T::EPS);
    let powers = [0, T::HUGE / 2, 20, T::TINY / 4, -7];
    let mut scaled = a.clone();
    for (mut column, power) in scaled.columns_mut().into_iter().zip(powers) {
        column.mapv_inplace(|x| x * f64::from(power).exp2());
    }
    let (plain, scaled) = (found(&narrow::<T>(&a), None), found(&narrow::<T>(&scaled), None));
    assert_eq!((&plain.indexes, &plain.proportions), (&scaled.indexes, &scaled.proportions));
    let ([one], [other]) = (&plain.dependences[..], &scaled.dependences[..]) else { panic!("{plain:?}") };
    assert_eq!((one.column, one.size), (other.column, other.size));
    let powers = [-7 - T::HUGE / 2, -7 - 20].map(|power| f64::from(power).exp2());
    for (((_, c), (_, d)), power) in one.combination.iter().zip(&other.combination).zip(powers) {
        assert!((d.wide() / power - c.wide()).norm() <= 4.0 * T::EPS * c.wide().norm(), "{plain:?}, {scaled:?}");
    }
}

/// Dummy variables of three groups, an amount that is constant, and parts that add up to 100, beside the ones.
fn the_base_takes_part_and_is_not_to_blame<T: Scalar>() {
    let mut a = random(13, 24, 9);
    for i in 0..24 {
        a[(i, 0)] = C64::new(1.0, 0.0);
        (1..4).for_each(|j| a[(i, j)] = C64::new(if i % 3 == j - 1 { 1.0 } else { 0.0 }, 0.0));
        a[(i, 4)] = C64::new(2.5, 0.0);
        a[(i, 7)] = C64::new(100.0, 0.0) - a[(i, 5)] - a[(i, 6)];
    }
    let right =
        [(3, vec![(0, 1.0), (1, -1.0), (2, -1.0)]), (4, vec![(0, 2.5)]), (7, vec![(0, 100.0), (5, -1.0), (6, -1.0)])];
    let narrowed = narrow::<T>(&a);
    let with_ones = found(&narrowed, Some(0));
    expect(&with_ones, &right);
    assert!(T::f64_of(with_ones.remaining) < 10.0);
    // A column far from 0 is near to the ones, which centring cures: alone it is no dependence of the others.
    let mut far = random(17, 24, 3);
    far.column_mut(0).fill(C64::new(1.0, 0.0));
    far.column_mut(2).mapv_inplace(|x| x + 1e3);
    assert!(found(&narrow::<T>(&far), Some(0)).dependences.is_empty());
    assert_eq!(found(&narrow::<T>(&far), None).dependences[0].column, 2);
}

fn independent_columns_have_none<T: Scalar>() {
    for seed in 0..20 {
        let a = narrow::<T>(&random(seed, 50, 8));
        let found = found(&a, None);
        assert!(found.dependences.is_empty() && found.remaining == found.indexes[7]);
        assert!(T::f64_of(found.indexes[7]) < 10.0 && T::f64_of(found.indexes[0]) == 1.0);
        for sum in
            found.proportions.columns().into_iter().map(|column| column.iter().map(|&p| T::f64_of(p)).sum::<f64>())
        {
            assert!((sum - 1.0).abs() < 20.0 * T::EPS, "{sum}");
        }
    }
}

/// Two columns of length 1 at the angle of cosine c have σ² = 1 ± c and V = [1 1; 1 −1]/√2: proportions of (1 ∓ c)/2.
fn proportions_of_two_columns_by_hand<T: Scalar>() {
    let (c, s) = (0.8, 0.6);
    let a = narrow::<T>(&array![[1.0, 3.0 * c], [0.0, 3.0 * s], [0.0, 0.0]].mapv(|x| C64::new(x, 0.0)));
    let found = found(&a, None);
    assert!((T::f64_of(found.indexes[1]) - 3.0).abs() < 20.0 * T::EPS, "{found:?}");
    for (row, right) in [(0, 0.1), (1, 0.9)] {
        for j in 0..2 {
            assert!((T::f64_of(found.proportions[(row, j)]) - right).abs() < 20.0 * T::EPS, "{found:?}");
        }
    }
}

fn shapes_at_the_edge<T: Scalar>() {
    let zero = Array2::from_elem((3, 2), T::zero());
    let all = found(&zero, None);
    expect(&all, &[(0, vec![]), (1, vec![])]);
    assert!(all.indexes.is_empty());
    for (rows, cols) in [(0, 0), (4, 0), (4, 1)] {
        assert!(found(&narrow::<T>(&random(3, rows, cols)), None).dependences.is_empty());
    }
    let wide = found(&narrow::<T>(&random(3, 2, 4)), None);
    assert_eq!(wide.dependences.iter().map(|d| d.combination.len()).collect::<Vec<_>>(), [2, 2]);
    assert!(wide.dependences.iter().all(|d| T::f64_of(d.size) < 100.0 * T::EPS), "{wide:?}");
    // Views of any layout.
    let mut a = random(5, 20, 4);
    put(&mut a, 3, &[(0, 1.0), (2, -1.0)], 0.0);
    let a = narrow::<T>(&a);
    let transposed = a.t().to_owned();
    let plain = found(&a, None);
    for view in [transposed.t(), a.slice(s![.., ..])] {
        assert_eq!(near_dependences(&view, &Default::default()).unwrap().dependences.len(), plain.dependences.len());
    }
}

fn what_makes_no_sense_is_refused<T: Scalar>() {
    let mut a = narrow::<T>(&random(5, 4, 3));
    let of = |a: &Array2<T>, options| near_dependences(a, &options).unwrap_err();
    let base = |base| NearDependenceOptions { base: Some(base), ..Default::default() };
    let index = |index| NearDependenceOptions { index: T::real_of(index), ..Default::default() };
    for options in [base(3), index(1.0), index(f64::NAN)] {
        assert!(matches!(of(&a, options), Error::Parameter { .. }));
    }
    a.column_mut(1).fill(T::zero());
    assert!(matches!(of(&a, base(1)), Error::Parameter { .. }));
    a[(2, 1)] = T::narrow(C64::new(f64::NAN, 0.0));
    assert_eq!(of(&a, base(0)), Error::NonFinite { row: 2, col: 1 });
}

each_type! {
    several_of_the_same_strength_are_told_apart,
    a_sharp_one_stays_sharp,
    units_change_coefficients_only,
    the_base_takes_part_and_is_not_to_blame,
    independent_columns_have_none,
    proportions_of_two_columns_by_hand,
    shapes_at_the_edge,
    what_makes_no_sense_is_refused,
}
