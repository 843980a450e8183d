//! Certificates for subspaces and general matrices: bounds that hold, the published one that does not, and edges.
//! Second floor of the tests; must not take an angle from the crate under test where it can be computed by hand.

use lapwing::Error;
use lapwing::interlace::*;
use ndarray::{Array2, array, s};

use super::generate::{C64, Rng, Scalar, each_type, general, hermitian, narrow, normal};
use super::inequalities::allowed;

/// A published implementation divides by A's own gap without the factor 2, which is false here.
#[test]
fn the_unsound_bound_is_not_ours() {
    let (a, e) = (array![[0.0, 0.0], [0.0, 1.0]], array![[0.499, 0.01], [0.01, -0.499_f64]]);
    // By hand: A + E = (0.499 0.01; 0.01 0.501) has tan 2θ = 2·0.01/(0.501 − 0.499) = 10.
    let sine = (10f64.atan() / 2.0).sin();
    assert!((sine - 0.671).abs() < 5e-4);
    let size = 0.499f64.hypot(0.01);
    let unsound = size / 1.0;
    assert!(sine > unsound, "the case shows nothing");
    for position in [0, 1] {
        let DavisKahan { frobenius, spectral, .. } = davis_kahan(&a, &e, &[position]).expect("good matrices");
        let variant = yu_wang_samworth(&a, &e, position..position + 1).expect("good matrices");
        for bound in [&frobenius, &spectral, &variant] {
            assert!((bound.measured - sine).abs() < 1e-13 && bound.holds() && bound.bound > sine, "{bound}");
        }
        assert!((variant.bound - 2.0 * size).abs() < 1e-14);
        let mut false_one = variant.clone();
        false_one.bound = unsound;
        assert!(!false_one.holds() && false_one.to_string().contains("violated"), "{false_one}");
    }
}

fn subspaces<T: Scalar>() {
    let mut rng = Rng::new(51);
    let mut sharp = 0;
    for n in [1, 2, 3, 6, 20] {
        for (size, scale) in [(0.0, 1.0), (1e-3, 1.0), (0.1, 1e-30), (0.5, 1e30), (2.0, 1.0)] {
            let values: Vec<f64> = (0..n).map(|_| rng.normal() * scale).collect();
            let a = narrow::<T>(&hermitian::<T>(&mut rng, &values).a);
            let values: Vec<f64> = (0..n).map(|_| rng.normal() * size * scale).collect();
            let e = narrow::<T>(&hermitian::<T>(&mut rng, &values).a);
            for start in 0..=n {
                let end = start + rng.below(n - start + 1);
                let range: Vec<usize> = (start..end).collect();
                let DavisKahan { frobenius, spectral, .. } = davis_kahan(&a, &e, &range).expect("good matrices");
                let variant = yu_wang_samworth(&a, &e, start..end).expect("good matrices");
                for bound in [&frobenius, &spectral, &variant] {
                    assert!(
                        bound.holds() && !bound.allowance.is_nan() && !bound.bound.is_nan(),
                        "{n}, {start}..{end}, {bound}"
                    );
                }
                sharp += usize::from(spectral.bound < 1.0 && spectral.measured > 0.3 * spectral.bound);
                let some: Vec<usize> = (0..n).rev().filter(|_| rng.below(2) == 0).collect();
                let scattered = davis_kahan(&a, &e, &some).expect("good matrices");
                assert!(scattered.frobenius.holds() && scattered.spectral.holds(), "{n}, {some:?}, {scattered:?}");
            }
        }
    }
    assert!(sharp > 5, "no bound was near to what it bounds");
}

fn singular_subspaces<T: Scalar>() {
    let mut rng = Rng::new(52);
    for (m, n) in [(0, 0), (0, 3), (1, 1), (1, 4), (4, 4), (7, 4), (4, 7), (30, 12)] {
        for (size, scale) in [(0.0, 1.0), (1e-3, 1e30), (0.2, 1e-30), (2.0, 1.0)] {
            let values: Vec<f64> = (0..m.min(n)).map(|i| (m.min(n) - i) as f64 * scale).collect();
            let a = narrow::<T>(&general::<T>(&mut rng, m, n, &values).a);
            let e = narrow::<T>(&(normal::<T>(&mut rng, m, n) * C64::new(size * scale, 0.0)));
            for r in 0..=m.min(n) {
                let bound = wedin(&a, &e, r).expect("good matrices");
                assert!(bound.holds() && !bound.allowance.is_nan(), "{m}×{n}, r = {r}, {bound}");
            }
        }
    }
}

fn general_eigenvalues<T: Scalar>() {
    let mut rng = Rng::new(53);
    for n in [0, 1, 2, 5, 15] {
        for (size, scale) in [(0.0, 1.0), (1e-4, 1e-30), (0.1, 1e30), (1.0, 1.0)] {
            let a = narrow::<T>(&(normal::<T>(&mut rng, n, n) * C64::new(scale, 0.0)));
            let e = narrow::<T>(&(normal::<T>(&mut rng, n, n) * C64::new(size * scale, 0.0)));
            let bound = bauer_fike(&a, &e).expect("good matrices");
            assert!(bound.holds() && bound.measured.is_finite() && bound.bound.is_finite(), "{n}, {bound}");
        }
    }
}

each_type! {
    subspaces,
    singular_subspaces,
    general_eigenvalues,
}

/// For diagonal A and E nothing turns, and for normal A the bound of Bauer and Fike is ‖E‖.
#[test]
fn what_can_be_said_by_hand() {
    let (a, e) = (Array2::from_diag(&array![4.0, 2.0, 1.0]), Array2::from_diag(&array![0.5, -0.5, 0.25]));
    let pair = davis_kahan(&a, &e, &[0]).expect("good matrices");
    // δ = 4 − 1.5, EQ = 0.5.
    assert_eq!((pair.frobenius.measured, pair.frobenius.bound, pair.spectral.bound), (0.0, 0.2, 0.2));
    // The middle value: 2 is in no interval of the others, 1.25 and 4.5, and 0.75 from them.
    let pair = davis_kahan(&a, &e, &[1]).expect("good matrices");
    assert_eq!((pair.frobenius.bound, pair.spectral.bound), (0.5 / 0.75, 0.5 / 0.75));
    // The outer two: the middle one is in their interval, and they are 0.5 from 1.5.
    let pair = davis_kahan(&a, &e, &[0, 2]).expect("good matrices");
    assert!((pair.frobenius.bound - 0.5f64.hypot(0.25) / 0.5).abs() < 1e-15 && pair.spectral.bound == 1.0);
    let variant = yu_wang_samworth(&a, &e, 1..2).expect("good matrices");
    assert_eq!((variant.measured, variant.bound), (0.0, 2.0 * 0.5 / 1.0));
    let bound = bauer_fike(&a, &e).expect("good matrices");
    assert_eq!((bound.measured, bound.bound), (0.5, 0.5));
    let bound = wedin(&a, &e, 1).expect("good matrices");
    assert_eq!((bound.measured, bound.bound), (0.0, 0.5 / 2.5));
    // Far from normal: (1 1e6; 0 2) has κ₂(X) ≈ 2e6, and an eigenvalue moves by ‖E‖·1e6.
    let bound = bauer_fike(&array![[1.0, 1e6], [0.0, 2.0]], &array![[0.0, 0.0], [1e-8, 0.0]]).expect("good matrices");
    assert!(bound.holds() && bound.measured > 0.9e-2 && (bound.bound / 2e-2 - 1.0).abs() < 1e-3, "{bound}");
    for scale in [1e-250, 1e-100, 1e100, 1e250] {
        let bound = bauer_fike(&(&a * scale), &(&e * scale)).expect("good matrices");
        for x in [bound.measured, bound.bound] {
            assert!((x / (0.5 * scale) - 1.0).abs() < 1e-13, "{scale:e}, {bound}");
        }
        assert!(bound.allowance < 1e-12 * scale, "{scale:e}, {bound}");
    }
    // A Jordan block has no basis of eigenvectors, and no bound that says anything.
    let bound = bauer_fike(&array![[0.0, 1.0], [0.0, 0.0]], &array![[0.0, 0.0], [1e-8, 0.0]]).expect("good matrices");
    assert!(bound.holds() && (bound.measured - 1e-4).abs() < 1e-10 && bound.bound > 1.0, "{bound}");
}

/// A bound that is too small by a tenth is not reached by everything: the comparison can fail.
#[test]
fn bounds_that_are_false_do_not_hold() {
    let (a, t) = (array![[1.0, 0.0], [0.0, -1.0]], 1e-3);
    let e = array![[0.0, t], [t, 0.0]];
    let pair = davis_kahan(&a, &e, &[0]).expect("good matrices").spectral;
    assert!(pair.holds() && pair.measured > 0.99 * pair.bound, "{pair}");
    let mut smaller = pair.clone();
    smaller.bound *= 0.9;
    assert!(!smaller.holds(), "{smaller}");
}

#[test]
fn bad_operands_are_refused() {
    let (a, e) = (Array2::from_diag(&array![2.0, 1.0]), array![[0.0, 0.1], [0.1, 0.0]]);
    let skew = array![[0.0, 1.0], [-1.0, 0.0]];
    assert!(matches!(davis_kahan(&a, &skew, &[0]), Err(Error::NotHermitian { what: "E", row: 1, col: 0, .. })));
    assert!(matches!(yu_wang_samworth(&skew, &e, 0..1), Err(Error::NotHermitian { what: "A", .. })));
    assert!(matches!(davis_kahan(&a, &e, &[2]), Err(Error::Parameter { .. })));
    assert!(matches!(davis_kahan(&a, &e, &[1, 1]), Err(Error::Parameter { .. })));
    assert!(matches!(yu_wang_samworth(&a, &e, 1..3), Err(Error::Parameter { .. })));
    assert!(matches!(wedin(&a, &e, 3), Err(Error::Parameter { .. })));
    let narrow = e.slice(s![.., ..1]).to_owned();
    assert!(matches!(wedin(&a, &narrow, 1), Err(Error::Shape { what: "E", .. })));
    assert!(matches!(bauer_fike(&narrow, &narrow), Err(Error::NotSquare { .. })));
    let nan = array![[0.0, f64::NAN], [0.0, 1.0]];
    assert_eq!(bauer_fike(&a, &nan), Err(Error::NonFinite { row: 0, col: 1 }));
    assert_eq!(wedin(&nan, &a, 1), Err(Error::NonFinite { row: 0, col: 1 }));
    let empty = Array2::<f64>::zeros((0, 0));
    let pair = davis_kahan(&empty, &empty, &[]).expect("an empty matrix is good");
    assert!(
        pair.frobenius.holds()
            && pair.spectral.holds()
            && yu_wang_samworth(&empty, &empty, 0..0).expect("it is good").holds()
    );
}

/// Of no eigenvectors there is no angle, also where the values beside them are equal.
#[test]
fn no_eigenvectors_do_not_turn() {
    let (a, e) = (Array2::<f64>::eye(3), Array2::from_elem((3, 3), 0.1));
    for start in 0..=3 {
        let bound = yu_wang_samworth(&a, &e, start..start).expect("a range of the positions that there are");
        assert!(bound.holds() && bound.measured == 0.0 && bound.measured.is_sign_positive(), "{bound}");
    }
}

/// All that is said of a bound: what is measured, to 1e-14, the bound and the allowance, to 1e-11.
#[track_caller]
fn says(found: &Bound, measured: f64, bound: f64, allowance: f64) {
    let near = |x: f64, y: f64| x == y || (x / y - 1.0).abs() < 1e-11;
    assert!((found.measured - measured).abs() < 1e-14, "{measured} {found}");
    assert!(near(found.bound, bound) && near(found.allowance, allowance), "{bound} {allowance:e} {found:?}");
}

/// Two planes turn by different angles: diag(5, 4, 1, 0) with 3/2 at (0, 2) and 5/6 at (1, 3), for which tan 2θ is 3/4
/// and 5/12, sin² θ is 1/10 and 1/26, and the eigenvalues are 3 ± 5/2 and 2 ± 13/6.
#[test]
fn two_angles_in_two_norms() {
    let a = Array2::from_diag(&array![5.0, 4.0, 1.0, 0.0]);
    let mut e = Array2::zeros((4, 4));
    for (i, j, x) in [(0, 2, 1.5), (1, 3, 5.0 / 6.0)] {
        (e[(i, j)], e[(j, i)]) = (x, x);
    }
    let (largest, both) = (0.1f64.sqrt(), (0.1 + 1.0 / 26.0_f64).sqrt());
    let (size, size_f) = (1.5, 1.5f64.hypot(5.0 / 6.0));
    let (error, relative) = (allowed(4, 5.0 + 5.5), allowed(4, 1.0));
    let DavisKahan { frobenius, spectral, .. } = davis_kahan(&a, &e, &[1, 0]).expect("good matrices");
    says(&frobenius, both, size_f / 3.5, 2f64.sqrt() * (error / 3.5 + relative));
    says(&spectral, largest, size / 3.5, error / 3.5 + relative);
    // √2‖E‖₂ is less than ‖E‖_F here, and the gap of A is 3.
    let variant = yu_wang_samworth(&a, &e, 0..2).expect("good matrices");
    says(&variant, both, 2.0 * 2f64.sqrt() * size / 3.0, 2f64.sqrt() * (2.0 * error / 3.0 + relative));
    // And more than that for a change of one entry.
    let one = Array2::from_diag(&array![0.1, 0.0, 0.0, 0.0]);
    let variant = yu_wang_samworth(&a, &one, 0..2).expect("good matrices");
    let error = allowed(4, 5.0 + 5.1);
    says(&variant, 0.0, 2.0 * 0.1 / 3.0, 2f64.sqrt() * (2.0 * error / 3.0 + relative));
}

/// Values of both sides that alternate are apart, but in no interval of their own; and only E at the selected vectors
/// counts.
#[test]
fn the_spectral_norm_needs_an_interval() {
    let a = Array2::from_diag(&array![3.0, 2.0, 1.0, 0.0]);
    let e = Array2::from_diag(&array![0.1, 0.1, 0.1, 0.1]);
    let DavisKahan { frobenius, spectral, .. } = davis_kahan(&a, &e, &[0, 2]).expect("good matrices");
    assert!(frobenius.bound < 0.2 && spectral.bound == f64::INFINITY && spectral.holds(), "{frobenius} {spectral}");
    let e = Array2::from_diag(&array![0.01, 0.5, 0.25, 0.0]);
    let DavisKahan { frobenius, spectral, .. } = davis_kahan(&a, &e, &[0]).expect("good matrices");
    let allowance = allowed(4, 6.01 / 0.5 + 1.0);
    says(&frobenius, 0.0, 0.01 / 0.5, allowance);
    says(&spectral, 0.0, 0.01 / 0.5, allowance);
}

/// Left vectors that turn, by sines of 4/5 and 5/13, beside right ones that stay; and the adjoint, the other way round.
#[test]
fn singular_vectors_of_one_side() {
    let mut a = Array2::zeros((4, 2));
    (a[(0, 0)], a[(1, 1)]) = (4.0, 2.0);
    let sum = array![[2.4, 0.0], [0.0, 24.0 / 13.0], [3.2, 0.0], [0.0, 10.0 / 13.0]];
    let e = &sum - &a;
    // ‖4(e₁ − ũ₁)‖ = 4√0.8 is the larger residual; δ is 2 − 0 for both vectors, and 4 − 2 for the first one.
    let bound = 4.0 * 0.8f64.sqrt() / 2.0;
    let allowance = allowed(4, (4.0 + 4.0) / 2.0 + 1.0);
    for r in [1, 2] {
        for (a, e) in [(a.clone(), e.clone()), (a.t().to_owned(), e.t().to_owned())] {
            says(&wedin(&a, &e, r).expect("good matrices"), 0.8, bound, allowance);
        }
    }
}

/// σᵣ of A + E and σᵣ₊₁ of A, the larger side, and what is beyond the last value; of no vectors there is no angle.
#[test]
fn separations_of_singular_values() {
    let a = array![[2.0, 0.0], [0.0, 1.0]];
    let first = wedin(&a, &array![[0.5, 0.0], [0.0, 0.0]], 1).expect("good matrices");
    says(&first, 0.0, 0.5 / 1.5, allowed(2, 4.5 / 1.5 + 1.0));
    let second = wedin(&a, &array![[0.0, 0.0], [0.0, 0.5]], 1).expect("good matrices");
    says(&second, 0.0, 0.0, allowed(2, 4.0 + 1.0));
    let last = wedin(&array![[0.5]], &array![[0.25]], 1).expect("good matrices");
    says(&last, 0.0, 0.25 / 0.75, allowed(1, 1.25 / 0.75 + 1.0));
    let long = Array2::from_shape_fn((50, 1), |(i, _)| if i == 0 { 2.0 } else { 0.0 });
    let still = wedin(&long, &Array2::zeros((50, 1)), 1).expect("good matrices");
    says(&still, 0.0, 0.0, allowed(50, 4.0 / 2.0 + 1.0));
    let none = wedin(&a, &array![[0.0, 3.0], [1.0, 0.0]], 0).expect("good matrices");
    says(&none, 0.0, 0.0, allowed(2, 1.0));
}

/// Each eigenvalue of A + E is near one of A; not the other way round.
#[test]
fn eigenvalues_that_are_left_behind() {
    let found = bauer_fike(&array![[0.0, 0.0], [0.0, 1.0]], &array![[0.0, 0.0], [0.0, -1.0]]).expect("good matrices");
    assert_eq!((found.measured, found.bound), (0.0, 1.0));
    // (1 10; 0 2): the cosine of its eigenvectors is 10/√101. With δ = 10⁻³ at (1, 0) the eigenvalues are (3 ±
    // √1.04)/2.
    let found = bauer_fike(&array![[1.0, 10.0], [0.0, 2.0]], &array![[0.0, 0.0], [1e-3, 0.0]]).expect("good matrices");
    let cosine = 10.0 / 101f64.sqrt();
    let condition = ((1.0 + cosine) / (1.0 - cosine)).sqrt();
    let allowance = condition * allowed(2, 105f64.sqrt() + (105.0 + 1e-6_f64).sqrt());
    assert!((found.measured - (1.04f64.sqrt() - 1.0) / 2.0).abs() < 1e-12, "{found:?}");
    assert!((found.bound / (condition * 1e-3) - 1.0).abs() < 1e-11, "{found:?}");
    assert!((found.allowance / allowance - 1.0).abs() < 1e-11, "{found:?}");
    // Below the least normal number rounding is absolute.
    let tiny = f64::MIN_POSITIVE / 4.0;
    let found = bauer_fike(&array![[tiny]], &array![[tiny]]).expect("good matrices");
    assert_eq!((found.measured, found.bound, found.allowance), (tiny, tiny, 10.0 * f64::EPSILON * f64::MIN_POSITIVE));
}

#[test]
fn bounds_are_exact_but_for_their_allowance() {
    let e = array![[0.0, 0.0], [0.0, 0.5]];
    let mut bound = wedin(&array![[2.0, 0.0], [0.0, 1.0]], &e, 1).expect("good matrices");
    for (measured, allowance, holds) in [(1.0, 0.0, true), (1.0005, 0.0, false), (1.0005, 1e-3, true)] {
        (bound.measured, bound.bound, bound.allowance) = (measured, 1.0, allowance);
        assert_eq!(bound.holds(), holds, "{bound}");
    }
}
