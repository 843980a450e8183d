//! Derivatives of Ky Fan norms: the gradient of one matrix by two computations, near a tie and far from one.
//! Second floor of the tests; must not take the computation on trial for the other one.

use lapwing::deriv::*;
use lapwing::prelude::*;
use ndarray::{Array2, s};

use super::differences::{norm, random, scaled};
use super::generate::{Rng, Scalar, each_type, general, narrow};

/// U₂V₂ᴴ of A from the rows of A in reverse order: the same gradient, with other rounding errors.
fn gradient_from_reversed_rows<T: Scalar>(a: &Array2<T>) -> Option<Array2<T>> {
    let svd = a.slice(s![..;-1, ..]).to_owned().svd().expect("a good matrix");
    let gradient = ky_fan(&svd, 2).and_then(|norm| norm.gradient()).ok()?;
    Some(gradient.slice(s![..;-1, ..]).to_owned())
}

/// Singular values 2, 0.8, 0.8 − gap and smaller ones.
fn spectrum(n: usize, gap: f64) -> Vec<f64> {
    let small = |i: usize| (0.8 - gap) * 0.9f64.powi(i as i32 - 2);
    (0..n).map(|i| if i < 2 { [2.0, 0.8][i] } else { small(i) }).collect()
}

/// The gradient computed in another way is the subgradient, at every gap, and what is off by 1e-3 or three times what the vectors are
/// known to is not.
fn one_gradient_by_two_computations<T: Scalar>() {
    let mut rng = Rng::new(131);
    for (n, times) in [(3, 40), (4, 40), (20, 6), (60, 2)] {
        for exponent in 1..14 {
            let gap = 0.5 * 10f64.powi(-exponent);
            let known_to = 20.0 * f64::sqrt((n + 2) as f64) * T::EPS * 2.0 / gap;
            // Nearer to the tie the tolerance is 0.1, which is less than that.
            if known_to > 0.1 {
                continue;
            }
            for m in (0..times).map(|i| n + i % 3) {
                let a = narrow::<T>(&general::<T>(&mut rng, m, n, &spectrum(n, gap)).a);
                let svd = a.svd().expect("a good matrix");
                let f = ky_fan(&svd, 2).expect("there are two values");
                let gradient = gradient_from_reversed_rows(&a).expect("the values are apart");
                let off = norm(&(&gradient - &f.gradient().expect("the values are apart")));
                assert!(f.contains(&gradient).expect("it fits"), "{m}×{n}, gap {gap:e}: {off:e} off");
                let wrong = random::<T>(&mut rng, m, n);
                let by = f64::max(1e-3, 3.0 * (known_to + 100.0 * m as f64 * T::EPS));
                let wrong = &gradient + &scaled(&wrong, by / norm(&wrong));
                assert!(!f.contains(&wrong).expect("it fits"), "{m}×{n}, gap {gap:e}: {by:e} off");
            }
        }
    }
}

/// How near the values above σₖ are to each other, and to σₖ, is no matter where there is a gradient.
fn values_that_nearly_meet_above<T: Scalar>() {
    let mut rng = Rng::new(132);
    let near = 40.0 * T::EPS;
    for _ in 0..20 {
        let a = narrow::<T>(&general::<T>(&mut rng, 4, 3, &[1.0, 1.0 - near, 0.3]).a);
        let svd = a.svd().expect("a good matrix");
        let f = ky_fan(&svd, 2).expect("there are two values");
        let gradient = gradient_from_reversed_rows(&a).expect("the third value is apart");
        assert!(f.contains(&gradient).expect("it fits"));
        let wrong = random::<T>(&mut rng, 4, 3);
        let wrong = &gradient + &scaled(&wrong, 1e-3 / norm(&wrong));
        assert!(!f.contains(&wrong).expect("it fits"));
    }
}

each_type! {
    one_gradient_by_two_computations,
    values_that_nearly_meet_above,
}
