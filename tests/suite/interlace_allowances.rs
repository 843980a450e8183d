//! Certificates from matrices: what they allow, by the formula of the documentation, and answers by hand.
//! Second floor of the tests; must not take an allowance from the crate under test.

use lapwing::interlace::*;
use lapwing::prelude::*;
use ndarray::{Array2, array};

use super::inequalities::{allowed, near};

/// The worst inequality of a theorem.
#[track_caller]
fn worst(report: &Report, theorem: &str) -> Instance {
    let finding = report.finding(theorem).unwrap_or_else(|| panic!("no {theorem} in\n{report}"));
    finding.worst.clone().unwrap_or_else(|| panic!("nothing of {theorem} in\n{report}"))
}

/// Whether that is allowed to the worst inequality, to a few roundings of its norms.
#[track_caller]
fn allows(report: &Report, theorem: &str, expected: f64) {
    let found = worst(report, theorem).allowance;
    assert!((found / expected - 1.0).abs() < 1e-9, "{theorem}: {found:e} for {expected:e}\n{report}");
}

/// The unit matrix, with zeros below or beside it.
fn unit(rows: usize, cols: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, cols), |(i, j)| f64::from(u8::from(i == j)))
}

/// ‖S‖₂ = 1, ‖T‖₂ = 5 and ‖S + T‖₂ = 5: T has its part wherever it stands in the statement.
#[test]
fn sums_of_hermitian_matrices() {
    let report = check_sum(&array![[1.0, 0.0], [0.0, 0.0]], &array![[0.0, 0.0], [0.0, 5.0]]).expect("good matrices");
    for theorem in ["Weyl, from above", "Weyl, from below", "update, from above", "update, from below"] {
        allows(&report, theorem, allowed(2, 11.0));
    }
    allows(&report, "trace", 2.0 * allowed(2, 11.0));
    // √n(‖S+T‖₂ + ‖S‖₂) + ‖T‖_F
    allows(&report, "Hoffman–Wielandt", allowed(2, 2f64.sqrt() * 6.0 + 5.0));
}

/// An eigenvalue of T that is left out takes a part of the allowance: where that no longer follows the norms, there
/// must be room for the rounding of the values beside it.
#[test]
fn what_is_left_out_of_an_update_leaves_room_for_rounding() {
    let u = f64::from_bits(1);
    let s = array![[-1157.0, 96.0], [96.0, 1448.0]] * u;
    let t = array![[-6.0, -2.0], [-2.0, -20.0]] * u;
    let report = check_sum(&s, &t).expect("good matrices");
    assert!(report.holds() && report.violation() <= 0.6, "{report}");
    // ½·10·n·ε of the least normal number is 10u: at this T one eigenvalue counts as zero, the other does not.
    assert_eq!(report.finding("update, from below").map(|finding| finding.checked), Some(1), "{report}");
}

/// The order is that of the larger side, whatever the number of singular values.
#[test]
fn long_and_wide_matrices() {
    let (tall, wide, square) = (unit(50, 2), unit(2, 50), unit(2, 2));
    for a in [&tall, &wide] {
        let report = check_singular_sum(a, a).expect("good matrices");
        for theorem in ["σ of a sum, from above", "σ of a sum, first term", "σ of a sum, second term"] {
            allows(&report, theorem, allowed(50, 4.0));
        }
        for theorem in ["Ky Fan, singular values", "Mirsky"] {
            let terms = worst(&report, theorem).positions.len() as f64;
            allows(&report, theorem, terms * allowed(50, 4.0));
        }
    }
    for report in [check_product(&square, &wide), check_product(&tall, &square), check_product(&wide, &tall)] {
        let report = report.expect("good matrices");
        allows(&report, "σ of a product", allowed(50, 3.0));
        // Of one value: σ(AB) may be less by its part, and the factors more.
        let [product, factor] = [allowed(50, 2.0), allowed(50, 1.0)];
        let one = 2.0 * factor.ln_1p() - (-product).ln_1p();
        let found = worst(&report, "Horn");
        allows(&report, "Horn", found.positions.len() as f64 * one);
    }
    let report = check_submatrix(&tall, &[0, 1], &[0, 1]).expect("good indices");
    allows(&report, "submatrix, from above", allowed(50, 2.0));
}

/// ‖X‖_F‖Y‖_F is allowed for, and k may be the largest of the three sides.
#[test]
fn updates_of_low_rank() {
    let x = Array2::from_shape_fn((50, 1), |(i, _)| if i == 0 { 3.0 } else { 0.0 });
    let report = check_low_rank(&unit(50, 2), &x, &array![[2.0], [0.0]]).expect("good matrices");
    allows(&report, "low rank, from above", allowed(50, 1.0 + 7.0 + 6.0));
    allows(&report, "low rank, from below", allowed(50, 1.0 + 7.0 + 6.0));
    // XYᵀ has four entries of 30, ‖XYᵀ‖₂ = 60 and ‖1 + XYᵀ‖₂ = 61.
    let ones = Array2::<f64>::ones((2, 30));
    let report = check_low_rank(&unit(2, 2), &ones, &ones).expect("good matrices");
    allows(&report, "σ of a sum, from above", allowed(30, 1.0 + 60.0 + 61.0));
    assert_eq!(report.finding("low rank, from above").map(|finding| finding.checked), Some(0));
}

/// diag(0, 1) + 4·(1 1; 1 1), with ρ‖z‖² = 8.
#[test]
fn the_update_of_rank_one_is_that_of_the_question() {
    let report = check_rank_one(&array![[0.0, 0.0], [0.0, 1.0]], &array![1.0, 1.0], 4.0).expect("good matrices");
    let shifts = worst(&report, "sum of the shifts");
    assert!(report.holds() && near(shifts.right, 8.0) && (shifts.left - 8.0).abs() < 1e-13, "{report}");
    // (0 i; −i 0) has the eigenvalue −1 for (1, i)/√2 and 1 for (1, −i)/√2: with this z only the largest one moves.
    let (zero, i) = (c64::new(0.0, 0.0), c64::new(0.0, 1.0));
    let s = array![[zero, i], [-i, zero]];
    let half = 0.5f64.sqrt();
    let report = check_rank_one(&s, &array![c64::new(half, 0.0), -i * half], 3.0).expect("good matrices");
    let lidskii = worst(&report, "Lidskii, from above");
    assert!(report.holds() && lidskii.right == worst(&report, "sum of the shifts").right, "{report}");
    let of_s = rank_one(&array![-1.0, 1.0], &array![-1.0, 4.0], 3.0).expect("good values");
    let found = |report: &Report| worst(report, "update, from above").right;
    assert!((found(&report) - found(&of_s)).abs() < 1e-14, "{report}");
    // From below: λ₁ = 4 ≥ 1 has room, λ₂ = −1 ≥ −1 has none. With z̄ both would have.
    let below = report.finding("update, from below").and_then(|finding| finding.tightest.clone()).expect("two of them");
    assert!(below.positions == [1, 1] && below.slack.abs() < 1e-14, "{report}");
}
