//! Checks of gradients: right ones are accepted and wrong ones refused, at every scale, near ties and at them.
//! Second floor of the tests; must not take an acceptance for a check unless a wrong gradient is refused beside it.

use lapwing::deriv::check::{adjoint_mismatch, complex_step, difference, gradient};
use lapwing::deriv::{Differentiable, eigenvalue_gradient, ln_det, singular_value_gradient};
use lapwing::prelude::*;
use lapwing::{Error, Result};
use ndarray::{Array2, array};

#[track_caller]
fn tells(
    what: &str, f: impl Fn(&Array2<f64>) -> Result<f64>, a: &Array2<f64>, right: &Array2<f64>, wrong: &Array2<f64>,
) {
    let (of_right, of_wrong) = (gradient(&f, a, right, 3), gradient(&f, a, wrong, 3));
    let (of_right, of_wrong) = (of_right.expect("f is defined"), of_wrong.expect("f is defined"));
    assert!(of_right.agrees(), "{what}: the right gradient is refused: {of_right:?}");
    assert!(!of_wrong.agrees(), "{what}: a wrong gradient is accepted: {of_wrong:?}");
}

#[test]
fn gradients_at_every_scale() {
    let base = array![[1.0, -2.0, 0.5], [3.0, 4.0, -1.0]];
    for of_f in [1e-150, 1e-17, 1.0, 1e17, 1e150] {
        for of_a in [1e-150, 1e-3, 1.0, 1e3, 1e150] {
            let a = &base * of_a;
            let what = format!("f by {of_f:e}, A by {of_a:e}");
            let sum = |x: &Array2<f64>| Ok(x.sum() / of_a * of_f);
            let right = Array2::from_elem((2, 3), of_f / of_a);
            tells(&what, sum, &a, &right, &Array2::zeros((2, 3)));
            tells(&what, sum, &a, &right, &(&right * 1.001));
            tells(&what, sum, &a, &right, &(&right * -1.0));
            let squares = |x: &Array2<f64>| Ok(x.iter().map(|x| (x / of_a).powi(2)).sum::<f64>() * of_f);
            let right = &base * (2.0 * of_f / of_a);
            tells(&what, squares, &a, &right, &(&right * 1.0001));
        }
    }
    let sum = |x: &Array2<f64>| Ok(1e150 * x.sum());
    tells("1e150·Σ", sum, &base, &Array2::from_elem((2, 3), 1e150), &Array2::zeros((2, 3)));
}

#[test]
fn stationary_points_and_constants() {
    let zero = Array2::<f64>::zeros((2, 2));
    let bowl = |x: &Array2<f64>| Ok(1.0 + x.iter().map(|x| x * x).sum::<f64>());
    tells("a bowl", bowl, &zero, &zero, &array![[1e-9, 0.0], [0.0, 0.0]]);
    tells("a constant", |_| Ok(5.0), &Array2::eye(2), &zero, &array![[1e-9, 0.0], [0.0, 0.0]]);
    // An odd function whose two quotients agree with each other, and not with the derivative.
    let cube = |x: &Array2<f64>| Ok(x.iter().map(|x| x * x * x).sum());
    tells("a cube", cube, &zero, &zero, &array![[1e-3, 0.0], [0.0, 0.0]]);
}

/// The step has to be smaller than the gap of what may meet.
#[test]
fn gradients_near_ties() {
    for gap in [1e-1, 1e-3, 1e-6, 1e-9] {
        let a = Array2::from_diag(&array![1.0 + gap, 1.0, 0.5]);
        let norm = |x: &Array2<f64>| Ok(x.singular_values()?[0]);
        let right = singular_value_gradient(&a.svd().expect("a good matrix"), 0).expect("it is simple");
        tells(&format!("σ₁ with a gap of {gap:e}"), norm, &a, &right, &Array2::from_diag(&array![0.5, 0.5, 0.0]));
        let largest = |x: &Array2<f64>| Ok(x.eigh()?.values[2]);
        let right = eigenvalue_gradient(&a.eigh().expect("a good matrix"), 2).expect("it is simple");
        tells(&format!("λ₃ with a gap of {gap:e}"), largest, &a, &right, &Array2::from_diag(&array![0.5, 0.5, 0.0]));
    }
    for s in [0.3, 1e-3, 1e-6, 1e-8] {
        let a = Array2::from_diag(&array![1.0, s]);
        let volume = |x: &Array2<f64>| Ok((x[(0, 0)] * x[(1, 1)] - x[(0, 1)] * x[(1, 0)]).abs().ln());
        let right = Array2::from_diag(&array![1.0, 1.0 / s]);
        tells(&format!("ln|det| at diag(1, {s:e})"), volume, &a, &right, &(&right * 1.01));
        // A loss that fails beside A, but not near it.
        let positive = |x: &Array2<f64>| match x[(0, 0)] * x[(1, 1)] - x[(0, 1)] * x[(1, 0)] {
            det if det > 0.0 => Ok(det.ln()),
            _ => Err(Error::NotPositiveDefinite { minor: 2 }),
        };
        tells(&format!("ln det at diag(1, {s:e})"), positive, &a, &right, &(&right * 1.01));
    }
    assert!(ln_det(&array![[1.0, 0.0], [0.0, 2.0]]).is_ok());
}

/// Where a function has a kink no gradient is one.
#[test]
fn no_gradient_agrees_at_a_kink() {
    let norm = |x: &Array2<f64>| Ok(x.singular_values()?[0]);
    let eye = Array2::<f64>::eye(2);
    for g in [&eye * 0.5, Array2::from_diag(&array![1.0, 0.0]), Array2::zeros((2, 2))] {
        assert!(!gradient(norm, &eye, &g, 3).expect("f is defined").agrees(), "{g}");
    }
    let nuclear = |x: &Array2<f64>| Ok(x.singular_values()?.sum());
    let zero = Array2::<f64>::zeros((2, 2));
    assert!(!gradient(nuclear, &zero, &zero, 3).expect("f is defined").agrees());
    let kink = difference(|x: &Array2<f64>| Ok(x[(0, 0)].abs()), &array![[0.0]], &array![[1.0]]).expect("f is defined");
    assert!(kink.error >= 1.0, "{kink:?}");
    let near = difference(|x: &Array2<f64>| Ok((x[(0, 0)] - 1.0).abs()), &array![[1.001]], &array![[1.0]]);
    let near = near.expect("f is defined");
    assert!((near.value - 1.0).abs() < 1e-9 && near.error < 1e-9, "{near:?}");
}

/// The error that is told is one: the derivative of eˣ at many places is within it, and it is small.
#[test]
fn errors_of_differences() {
    for k in -40..40 {
        let x = f64::from(k) * 0.1;
        for size in [1e-200, 1.0, 1e200] {
            let found =
                difference(|a: &Array2<f64>| Ok(a[(0, 0)].exp()), &array![[x]], &array![[size]]).expect("finite");
            let (value, error) = (found.value / size, found.error / size);
            assert!((value - x.exp()).abs() <= 10.0 * error && error < 1e-7 * x.exp(), "{x}: {found:?}");
        }
    }
}

#[test]
fn complex_steps_at_every_scale() {
    let cube = |a: &Array2<c64>| Ok(a[(0, 0)] * a[(0, 0)] * a[(0, 0)]);
    for of_a in [1e-90, 1e-30, 1.0, 1e30, 1e90] {
        for of_e in [1e-120, 1e-60, 1.0, 1e53, 1e120] {
            let found = complex_step::<f64>(cube, &array![[of_a]], &array![[of_e]]).expect("it is finite");
            let expected = 3.0 * of_a * of_a * of_e;
            assert!((found - expected).abs() <= 1e-14 * expected, "{of_a:e}, {of_e:e}: {found:e} for {expected:e}");
        }
    }
    let square = |a: &Array2<c64>| Ok(a[(0, 0)] * a[(0, 0)]);
    for (of_a, of_e) in [(1e-150, 1e150), (1e150, 1e-150), (1e150, 1e150), (1.0, 8e307), (1.0, 5e-324)] {
        let found = complex_step::<f64>(square, &array![[of_a]], &array![[of_e]]).expect("it is finite");
        let expected = 2.0 * of_a * of_e;
        assert!((found - expected).abs() <= 1e-14 * expected, "{of_a:e}, {of_e:e}: {found:e} for {expected:e}");
    }
    let single = |a: &Array2<c32>| Ok(a[(0, 0)] * a[(0, 0)]);
    for (of_a, of_e) in [(1.0, 1e20), (1e-12, 1e10), (1e12, 1e-10), (1.0, 3e38 / 4.0)] {
        let found = complex_step::<f32>(single, &array![[of_a]], &array![[of_e]]).expect("it is finite");
        let expected = 2.0 * of_a * of_e;
        assert!((found - expected).abs() <= 1e-6 * expected, "{of_a:e}, {of_e:e}: {found:e} for {expected:e}");
    }
    let infinite = |_: &Array2<c64>| Ok(c64::new(0.0, f64::INFINITY));
    assert!(matches!(complex_step::<f64>(infinite, &array![[1.0]], &array![[1.0]]), Err(Error::Overflow { .. })));
}

#[test]
fn maps_that_are_not_adjoint() {
    let mismatch = |forward: f64, backward: f64| {
        let (jvp, vjp) = (move |e: &Array2<f64>| Ok(e * forward), move |w: &Array2<f64>| Ok(w * backward));
        adjoint_mismatch(jvp, vjp, (2, 2), (2, 2), 3).expect("the shapes fit")
    };
    for size in [1e-300, 1.0, 1e300] {
        assert!(mismatch(size, size) < 1e-15 && mismatch(size, -size) > 1e-3 && mismatch(size, 1.01 * size) > 1e-5);
    }
    assert!(mismatch(1.7e308, -1.7e308) > 1e-3);
    assert_eq!(mismatch(0.0, 0.0), 0.0);
}

/// Where f is 0 the rounding of A alone blurs the quotients.
#[test]
fn gradients_where_the_function_vanishes() {
    let ln = |a: &Array2<f64>| Ok(a[(0, 0)].ln());
    let found = difference(ln, &array![[1.0]], &array![[1.0]]).unwrap();
    assert!((found.value - 1.0).abs() <= 10.0 * found.error && found.error < 1e-6, "{found:?}");
    let ln_det_of = |a: &Array2<f64>| ln_det(a).map(|f| f.value());
    for a in [Array2::eye(3), array![[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]]] {
        let right = ln_det(&a).and_then(|f| f.vjp(&1.0)).unwrap();
        assert!(gradient(ln_det_of, &a, &right, 3).unwrap().agrees());
        assert!(!gradient(ln_det_of, &a, &(1.01 * &right), 3).unwrap().agrees());
    }
}
