//! Certificates: for each theorem matrices for which it is true, and false with an index shifted by one.
//! Second floor of the tests; must not take a spectrum from the crate under test.

use lapwing::interlace::*;
use ndarray::{Array1, array, s};

/// Each value one place later: what a statement with the next smaller index would be fed.
fn later(list: &Array1<f64>) -> Array1<f64> {
    (0..list.len()).map(|i| list[i.saturating_sub(1)]).collect()
}

/// Each value one place earlier.
fn earlier(list: &Array1<f64>) -> Array1<f64> {
    (0..list.len()).map(|i| list[(i + 1).min(list.len() - 1)]).collect()
}

/// For each theorem matrices (diagonal ones, so that the values can be read off) for which it holds, and is false with an index shifted by one.
#[test]
fn no_index_can_be_shifted() {
    let violated = |report: lapwing::Result<Report>, theorem: &str| {
        report.expect("good lists").finding(theorem).expect("it was checked").violated > 0
    };
    // diag(1, 0, 0) + diag(0, 1, 0), and the same with negative signs.
    let (unit, both) = (array![1.0, 0.0, 0.0], array![1.0, 1.0, 0.0]);
    let (down, both_down) = (array![0.0, 0.0, -1.0], array![0.0, -1.0, -1.0]);
    assert!(weyl(&unit, &unit, &both).expect("good lists").holds());
    assert!(violated(weyl(&unit, &unit, &later(&both)), "Weyl, from above"));
    assert!(weyl(&down, &down, &both_down).expect("good lists").holds());
    assert!(violated(weyl(&down, &down, &earlier(&both_down)), "Weyl, from below"));

    // diag(5, 3, 1) + diag(0, 0, 5) and − diag(5, 0, 0): π = 1, ν = 1.
    let (s, up, down) = (array![5.0, 3.0, 1.0], array![6.0, 5.0, 3.0], array![3.0, 1.0, 0.0]);
    assert!(rank_update(&s, &up, 1, 0).expect("good lists").holds());
    assert!(violated(rank_update(&s, &up, 0, 0), "update, from above"));
    assert!(violated(rank_update(&s, &later(&up), 1, 0), "update, from above"));
    assert!(rank_update(&s, &down, 0, 1).expect("good lists").holds());
    assert!(violated(rank_update(&s, &down, 0, 0), "update, from below"));
    assert!(violated(rank_update(&s, &earlier(&down), 0, 1), "update, from below"));
    assert!(rank_one(&s, &up, 5.0).expect("good lists").holds());
    assert!(violated(rank_one(&s, &up, -5.0), "update, from above"));
    assert!(violated(rank_one(&s, &down, 5.0), "update, from below"));

    // Submatrices of diag(4, 3, 2, 1): its last two rows, its first two.
    let outer = array![4.0, 3.0, 2.0, 1.0];
    for inner in [array![2.0, 1.0], array![4.0, 3.0]] {
        assert!(cauchy(&outer, &inner).expect("good lists").holds());
    }
    assert!(violated(cauchy(&outer, &array![4.0, 4.0]), "Cauchy, from above"));
    assert!(violated(cauchy(&outer, &array![1.0, 1.0]), "Cauchy, from below"));
    // As if one row less had been deleted.
    assert!(violated(cauchy(&array![4.0, 3.0, 2.0], &array![2.0, 1.0]), "Cauchy, from below"));
    assert!(bordered(&array![4.0, 3.0, 1.0], &outer).expect("good lists").holds());
    assert!(violated(bordered(&array![4.0, 1.0, 1.0], &outer), "Cauchy, from below"));

    // The unit matrix of order 3 without a row and *another* column has σ = 1, 0: a shift by two. By one it is false.
    let ones = array![1.0, 1.0, 1.0];
    assert!(submatrix(&ones, &array![1.0, 0.0], ((3, 3), (2, 2))).expect("good lists").holds());
    assert!(violated(submatrix(&ones, &array![1.0, 0.0], ((3, 3), (3, 2))), "submatrix, from below"));
    assert!(violated(
        submatrix(&array![1.0, 0.0], &ones.slice(s![..2]).to_owned(), ((2, 2), (2, 2))),
        "submatrix, from above"
    ));

    let (a, sum) = (array![5.0, 3.0, 1.0], array![9.0, 5.0, 3.0]); // diag(5, 3, 1) and diag(5, 3, 9)
    assert!(low_rank(&a, &sum, 1).expect("good lists").holds() && low_rank(&sum, &a, 1).expect("good lists").holds());
    assert!(violated(low_rank(&a, &sum, 0), "low rank, from above"));
    assert!(violated(low_rank(&sum, &a, 0), "low rank, from below"));
    assert!(singular_sum(&unit, &unit, &both).expect("good lists").holds());
    assert!(violated(singular_sum(&unit, &unit, &later(&both)), "σ of a sum, from above"));
    assert!(violated(singular_sum(&later(&both), &unit, &unit), "σ of a sum, first term"));
    assert!(violated(singular_sum(&unit, &later(&both), &unit), "σ of a sum, second term"));
    // diag(2, 1, 1)·diag(1, 2, 1)
    let (two, product) = (array![2.0, 1.0, 1.0], array![2.0, 2.0, 1.0]);
    assert!(singular_product(&two, &two, &product).expect("good lists").holds());
    assert!(violated(singular_product(&two, &two, &later(&product)), "σ of a product"));
    assert!(horn(&two, &two, &array![4.0, 1.0, 1.0]).expect("good lists").holds());
    assert!(violated(horn(&two, &two, &later(&array![4.0, 1.0, 1.0])), "Horn"));
    assert!(weyl_majorant(&two, &two).expect("good lists").holds());
    assert!(violated(weyl_majorant(&later(&two), &two), "Weyl's majorant"));
    assert!(violated(weyl_majorant(&earlier(&two), &two), "determinant"));
    assert!(ky_fan(&unit, &unit, &array![2.0, 0.0, 0.0]).expect("good lists").holds());
    assert!(violated(ky_fan(&unit, &unit, &later(&array![2.0, 0.0, 0.0])), "Ky Fan"));
    assert!(violated(ky_fan_singular(&unit, &unit, &later(&array![2.0, 0.0, 0.0])), "Ky Fan, singular values"));
    // diag(3, 2, 0) + diag(1, 0, 0)
    let (s, sum) = (array![3.0, 2.0, 0.0], array![4.0, 2.0, 0.0]);
    assert!(
        lidskii(&s, &unit, &sum).expect("good lists").holds() && mirsky(&s, &sum, &unit).expect("good lists").holds()
    );
    assert!(violated(lidskii(&s, &unit, &later(&sum)), "Lidskii, from above"));
    assert!(violated(lidskii(&s, &unit, &earlier(&sum)), "Lidskii, from below"));
    assert!(violated(mirsky(&s, &later(&sum), &unit), "Mirsky"));
}
