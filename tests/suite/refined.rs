//! Extra-precise refinement on problems whose solutions are integers, each of which must come out without any error.
//! Second floor of the tests: integers only; answers that are fractions are in `refined_exact.rs`.
//! Must not allow a tolerance: an error below one unit roundoff rounds an integer to itself.

use super::generate::*;
use super::lstsq_exact::{Exact, kappa_above, polynomial, problems};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Ix1, array};

fn by<R: Default>(method: Method) -> LstsqOptions<R> {
    LstsqOptions { method, ..Default::default() }
}

fn refined<T: Scalar>(a: &Array2<T>, b: &Array1<T>) -> Solution<T, Ix1> {
    a.lstsq_with(b, &by(Method::Refined)).unwrap()
}

fn integers<T: Scalar>(x: &[i64]) -> Array1<T> {
    x.iter().map(|&x| T::narrow(C64::new(x as f64, 0.0))).collect()
}

/// Every entry that is not 0 without any error; those that are 0, below the rounding of a rounding of the largest.
#[track_caller]
fn come_out<T: Scalar>(found: &Array1<T>, exact: &Array1<T>) {
    assert_eq!(found.len(), exact.len());
    let largest = exact.iter().map(|x| x.wide().norm()).fold(0.0, f64::max);
    for (x, &right) in found.iter().zip(exact) {
        let is_right = if right == T::zero() { x.wide().norm() <= T::EPS * T::EPS * largest } else { *x == right };
        assert!(is_right, "{found} for {exact}");
    }
}

/// Those that refinement promises to solve: κ·eps < 1e-2.
fn within_reach<T: Scalar>() -> Vec<Exact> {
    let points = |from: i64, to: i64| (from..=to).collect::<Vec<i64>>();
    let mut all = problems::<T>();
    // κ₂ from 1e10 to 1e13, and residuals from none to far larger than the fit.
    all.extend([0, 1, 100_000].map(|weight| polynomial(&points(-20, 20), 8, &[1; 9], weight)));
    all.extend(
        [0, 1, 1_000_000].map(|weight| polynomial(&points(0, 20), 9, &[3, 1, -4, 1, -5, 9, 2, 6, 5, -3], weight)),
    );
    all.extend([0, 7].map(|weight| polynomial(&points(0, 4000), 2, &[1, 0, 1], weight)));
    all.into_iter().filter(|p| p.fits::<T>() && kappa_above(&p.matrix()) * T::EPS < 1e-2).collect()
}

fn integers_come_out_exactly<T: Scalar>() {
    let mut others = 0;
    let problems = within_reach::<T>();
    for problem in &problems {
        let (a, b, x) = (narrow::<T>(&problem.matrix()), problem.rhs::<T>(), integers::<T>(&problem.x));
        for layout in [Layout::ColumnMajor, Layout::RowMajor, Layout::Sliced] {
            let placed = Placed::<T>::new(&problem.matrix(), layout);
            let found = placed.view().lstsq_with(&b, &by(Method::Refined)).unwrap();
            come_out(&found.x, &x);
            assert_eq!((found.method, found.rank), (Method::Refined, problem.x.len()));
            assert_eq!(found.error_bound.map(T::f64_of), Some(T::EPS));
        }
        others += usize::from(a.lstsq_with(&b, &by(Method::Qr)).unwrap().x != x);
    }
    assert!(problems.len() >= 4 && others >= 2, "QR alone must be seen to err: {others} of {}", problems.len());
}

/// The same with columns in units that differ by more than the precision, which makes κ₂(A) meaningless.
fn units_have_no_say<T: Scalar>() {
    let unit = |j: usize| 2f64.powi([0, 30, -30, 12][j % 4]);
    for problem in within_reach::<T>() {
        let matrix = problem.matrix();
        let units: Vec<f64> = (0..matrix.ncols()).map(unit).collect();
        let a = narrow::<T>(&scale_columns(&matrix, &units));
        let found = refined(&a, &problem.rhs::<T>());
        let x: Array1<T> = found.x.iter().zip(&units).map(|(x, unit)| T::narrow(x.wide() * *unit)).collect();
        come_out(&x, &integers::<T>(&problem.x));
    }
}

/// Rows times i and answers times 1 − 2i: every part of a complex product has its share.
fn complex_answers_come_out_exactly<T: Scalar>() {
    if !T::COMPLEX {
        return;
    }
    for problem in within_reach::<T>() {
        let turned = |i: usize, z: C64| if i.is_multiple_of(2) { z } else { z * C64::i() };
        let mut a = problem.matrix();
        a.rows_mut().into_iter().enumerate().for_each(|(i, mut row)| row.mapv_inplace(|z| turned(i, z)));
        let times = |z: T| z.wide() * C64::new(1.0, -2.0);
        let b = problem.rhs::<T>().iter().enumerate().map(|(i, &b)| turned(i, times(b))).collect::<Array1<C64>>();
        let (a, b) = (narrow::<T>(&a), b.mapv(T::narrow));
        come_out(&refined(&a, &b).x, &integers::<T>(&problem.x).mapv(|x| T::narrow(times(x))));
        // A unitary factor on the right turns each unknown.
        let mut a = a;
        a.column_mut(0).mapv_inplace(|z| T::narrow(z.wide() * C64::i()));
        let mut x = integers::<T>(&problem.x).mapv(|x| T::narrow(times(x)));
        x[0] = T::narrow(x[0].wide() / C64::i());
        come_out(&refined(&a, &b).x, &x);
    }
}

/// x = Aᵀy solves A·x = A·Aᵀy with the least norm; all are integers.
fn shortest_solutions_come_out_exactly<T: Scalar>() {
    let limit = (2.0 / T::EPS) as i64;
    let mut count = 0;
    for (points, rows) in [(4, 2), (6, 3), (9, 4), (12, 5)] {
        let long = Array2::from_shape_fn((points, rows), |(i, j)| (i as i64 + 1).pow(j as u32));
        let x = long.dot(&Array1::from_shape_fn(rows, |i| 1 - 2 * (i as i64 % 2)));
        let b = long.t().dot(&x);
        if x.iter().chain(&b).any(|x| x.abs() > limit) {
            continue;
        }
        let entries = long.t().mapv(|x| C64::new(x as f64, 0.0));
        let (a, b) = (narrow::<T>(&entries), integers::<T>(&b.to_vec()));
        come_out(&refined(&a, &b).x, &integers::<T>(&x.to_vec()));
        let mut apart = a.clone();
        apart.rows_mut().into_iter().enumerate().for_each(|(i, mut row)| {
            row.mapv_inplace(|z| T::narrow(z.wide() * 2f64.powi(40 * (i as i32 % 2))));
        });
        let moved = Array1::from_shape_fn(rows, |i| T::narrow(b[i].wide() * 2f64.powi(40 * (i as i32 % 2))));
        come_out(&refined(&apart, &moved).x, &integers::<T>(&x.to_vec()));
        count += 1;
    }
    assert!(count >= 2);
}

fn each_of_many_right_hand_sides<T: Scalar>() {
    for problem in within_reach::<T>() {
        let (a, b) = (narrow::<T>(&problem.matrix()), problem.rhs::<T>());
        let mut many = Array2::from_elem((b.len(), 3), T::zero());
        many.column_mut(0).assign(&b);
        many.column_mut(2).assign(&b.mapv(|b| T::narrow(b.wide() * -0.25)));
        let found = a.lstsq_with(&many, &by(Method::Refined)).unwrap();
        let x = integers::<T>(&problem.x);
        come_out(&found.x.column(0).to_owned(), &x);
        assert!(found.x.column(1).iter().all(|x| *x == T::zero()));
        come_out(&found.x.column(2).to_owned(), &x.mapv(|x| T::narrow(x.wide() * -0.25)));
        assert_eq!(found.residual_norm[0], refined(&a, &b).residual_norm);
    }
}

/// Where b is at right angles to the columns x is 0, and there is no relative error to bound.
fn nothing_to_fit<T: Scalar>() {
    let a = narrow::<T>(&Wide::from_shape_fn((5, 3), |(i, j)| C64::new((i as f64 + 1.0).powi(j as i32), 0.0)));
    // Third differences vanish on quadratics.
    let b = integers::<T>(&[1, -3, 3, -1, 0]);
    let found = refined(&a, &b);
    assert_eq!((found.x, found.error_bound), (Array1::from_elem(3, T::zero()), None));
    assert_eq!(refined(&a, &integers::<T>(&[0; 5])).x, Array1::from_elem(3, T::zero()));
}

/// Where x is not 0, but so small beside b that residuals in three words do not see it, that is said.
#[test]
fn what_cannot_be_told_from_zero_is_not_called_zero() {
    let tiny = 2f64.powi(-100);
    // aᵀb is the rounding error of a product: x = 4e-47, beside ‖b‖ = 3.
    let (a, b) = (array![[1.0], [1.3 * tiny]], array![-1.3 * 1.7 * tiny, 1.7]);
    let found = a.lstsq_with(&b, &by(Method::Refined));
    assert!(matches!(found, Err(lapwing::Error::NoConvergence { .. })), "{found:?}");
    // With factors of few bits there is no rounding error, and x = 0.
    let (a, b) = (array![[1.0], [1.25 * tiny]], array![-1.25 * 1.75 * tiny, 1.75]);
    assert_eq!(a.lstsq_with(&b, &by(Method::Refined)).unwrap().x, array![0.0]);
    // Nearer to b it is seen, and right: x = (1.3·1.7 − fl(1.3·1.7))·t/(1 + 1.69·t²), and t² is far below ε.
    let tiny = 2f64.powi(-30);
    let (a, b) = (array![[1.0], [1.3 * tiny]], array![-1.3 * 1.7 * tiny, 1.7]);
    let exact = 1.3_f64.mul_add(1.7, -(1.3 * 1.7)) * tiny;
    let found = a.lstsq_with(&b, &by(Method::Refined)).unwrap().x[0];
    assert!(exact != 0.0 && (found - exact).abs() <= f64::EPSILON * exact.abs(), "{found:e} for {exact:e}");
}

#[test]
fn dependent_columns_are_refused() {
    let a = array![[1.0, 1.0, 2.0], [1.0, 2.0, 3.0], [1.0, 3.0, 4.0], [1.0, 5.0, 6.0]];
    let b = array![1.0, 2.0, 3.0, 4.0];
    let by_qr = a.lstsq_with(&b, &by(Method::Qr)).unwrap_err();
    assert_eq!(a.lstsq_with(&b, &by(Method::Refined)).unwrap_err(), by_qr);
    assert!(matches!(by_qr, lapwing::Error::RankDeficient { rank: 2, needed: 3 }));
}

/// Whatever is returned beyond the reach, where κ·eps approaches 1, is right; the rest is refused.
#[test]
fn beyond_reach_there_is_an_error_or_the_answer() {
    let mut refusals = 0;
    for degree in 8..14 {
        let points: Vec<i64> = (0..=degree as i64 + 3).collect();
        let problem = polynomial(&points, degree, &vec![1; degree as usize + 1], 1);
        if !problem.fits::<f64>() {
            continue;
        }
        let (a, b) = (narrow::<f64>(&problem.matrix()), problem.rhs::<f64>());
        match a.lstsq_with(&b, &by(Method::Refined)) {
            Ok(found) => come_out(&found.x, &integers::<f64>(&problem.x)),
            Err(error) => {
                let expected =
                    matches!(error, lapwing::Error::RankDeficient { .. } | lapwing::Error::NoConvergence { .. });
                assert!(expected, "{error}");
                refusals += 1;
            }
        }
    }
    // Two columns at an angle of about eps.
    let nearly = array![[1.0, 1.0], [1.0, 1.0 + f64::EPSILON], [1.0, 1.0]];
    refusals += usize::from(nearly.lstsq_with(&array![1.0, 2.0, 3.0], &by(Method::Refined)).is_err());
    assert!(refusals > 0);
}

/// The judge of these tests under test: one wrong bit is not let through.
#[test]
#[should_panic(expected = "for [1, 0, 1]")]
fn a_wrong_last_bit_is_seen() {
    come_out(&array![1.0, 0.0, 1.0 + f64::EPSILON], &array![1.0, 0.0, 1.0]);
}

#[test]
#[should_panic(expected = "for [1, 0, 1]")]
fn what_should_vanish_must_be_small() {
    come_out(&array![1.0, 1e-31, 1.0], &array![1.0, 0.0, 1.0]);
}

each_type!(
    integers_come_out_exactly,
    units_have_no_say,
    complex_answers_come_out_exactly,
    shortest_solutions_come_out_exactly,
    each_of_many_right_hand_sides,
    nothing_to_fit
);
