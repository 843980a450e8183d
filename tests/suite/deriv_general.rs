//! Eigenvalues of general matrices by geev, and their derivatives: residuals on every layout, closed forms, differences.
//! Second floor of the tests: matrices from `gen.rs`, judged by `residual.rs`.

use lapwing::Error;
use lapwing::deriv::{general_eigenvalue_derivative, general_eigenvalue_gradient};
use lapwing::prelude::*;
use ndarray::{Array2, array};

use super::differences::{NINE, STEP, along, close, extrapolated, random};
use super::generate::{C64, Layout, Placed, Rng, Scalar, Scale, Wide, each_type, narrow, normal, rounded};
use super::residual::{self, hold, times_power, wide_complex};

fn wide<T: Scalar>(x: &Array2<T::Complex>) -> Wide {
    x.mapv(|z| wide_complex::<T>(z))
}

fn values<T: Scalar>(eig: &Eig<T>) -> Vec<C64> {
    eig.values.iter().map(|&z| wide_complex::<T>(z)).collect()
}

/// Every layout, orders past a block of the reduction, and scales near the ends of the range.
fn eigenpairs<T: Scalar>() {
    let (mut workspace, mut output) = (Workspace::new(), Eig::default());
    for n in [0, 1, 2, 3, 6, 40] {
        for (k, layout) in Layout::ALL.into_iter().enumerate() {
            let raw = normal::<T>(&mut Rng::new((n * 10 + k) as u64), n, n);
            let power = Scale::ALL[k % 3].factor::<T>().log2() as i32;
            // Entries of a normal distribution may be eight times the unit.
            let raw = times_power(&raw, if power > 0 { power - 3 } else { power });
            let (mut placed, a) = (Placed::<T>::new(&raw, layout), rounded::<T>(&raw));
            let eig = placed.view().eig_with(&mut workspace).expect("it converges");
            hold(&(n, layout), residual::eig(&a, &values(&eig), &wide::<T>(&eig.right), &wide::<T>(&eig.left), T::EPS));
            assert_eq!(eig, placed.view().eig().expect("it converges"));
            // Over what an earlier matrix left there.
            placed.view().eig_to(&mut workspace, &mut output).expect("it converges");
            assert_eq!(eig, output);
            assert!(placed.outside_untouched());
            if n > 0 {
                placed.view_mut()[(n - 1, 0)] = T::hole();
                assert_eq!(placed.view().eig().unwrap_err(), Error::NonFinite { row: n - 1, col: 0 });
            }
        }
    }
    assert_eq!(Array2::<T>::zeros((2, 3)).eig().unwrap_err(), Error::NotSquare { rows: 2, cols: 3 });
}

/// A companion matrix has the roots of its polynomial as eigenvalues: (x² + 1)(x² − 2x + 5)(x − 3).
fn known_roots<T: Scalar>() {
    let one = C64::new(1.0, 0.0);
    let mut a = Wide::zeros((5, 5));
    (1..5).for_each(|i| a[(i, i - 1)] = one);
    for (i, c) in [15.0, -11.0, 20.0, -12.0, 5.0].into_iter().enumerate() {
        a[(i, 4)] = one * c;
    }
    let eig = narrow::<T>(&a).eig().expect("it converges");
    let found = values(&eig);
    let roots = [(0.0, 1.0), (0.0, -1.0), (1.0, 2.0), (1.0, -2.0), (3.0, 0.0)].map(|(re, im)| C64::new(re, im));
    for root in roots {
        let nearest = (0..5).min_by(|&i, &j| (found[i] - root).norm().total_cmp(&(found[j] - root).norm()));
        let i = nearest.expect("five of them");
        // Each is as far off as rounding errors of size ε‖A‖ move it.
        let kappa = T::f64_of(eig.condition(i).expect("there is one"));
        let allowed = 30.0 * kappa * T::f64_of(eig.norm) * T::EPS;
        assert!((found[i] - root).norm() <= allowed, "{root}: {:?}", found[i]);
    }
    if !T::COMPLEX {
        // Conjugate pairs stand beside each other, the positive imaginary part first, and are conjugate bit by bit.
        let mut i = 0;
        while i < 5 {
            if found[i].im != 0.0 {
                assert!(found[i].im > 0.0 && found[i + 1] == found[i].conj());
                let (x, y) = (wide::<T>(&eig.right), wide::<T>(&eig.left));
                assert!(
                    x.column(i + 1) == x.column(i).mapv(|z| z.conj())
                        && y.column(i + 1) == y.column(i).mapv(|z| z.conj())
                );
                i += 1;
            }
            i += 1;
        }
    }
}

/// dλ against differences of the eigenvalue that is nearest, the gradient against dλ, the condition number against ‖G‖₂.
fn derivatives<T: Scalar>() {
    let mut rng = Rng::new(41);
    for n in [1, 2, 5] {
        let (a, da) = (random::<T>(&mut rng, n, n), random::<T>(&mut rng, n, n));
        let eig = a.eig().expect("it converges");
        for i in 0..n {
            let at = wide_complex::<T>(eig.values[i]);
            let slope = wide_complex::<T>(general_eigenvalue_derivative(&eig, i, &da).expect("it is simple"));
            let gradient = wide::<T>(&general_eigenvalue_gradient(&eig, i).expect("it is simple"));
            let product: C64 = gradient.iter().zip(&da).map(|(g, e)| g.conj() * e.wide()).sum();
            let size = gradient.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
            // n² products of two numbers, of length ‖G‖ and ‖dA‖.
            let allowed = 50.0 * T::EPS * size * da.iter().map(|e| e.wide().norm_sqr()).sum::<f64>().sqrt();
            assert!((product - slope).norm() <= allowed, "{product} and {slope}");
            // ‖yxᴴ/(xᴴy)‖_F = ‖x‖‖y‖/|yᴴx|.
            let kappa = T::f64_of(eig.condition(i).expect("there is one"));
            assert!(kappa >= 1.0 - 10.0 * T::EPS && (size - kappa).abs() <= 50.0 * T::EPS * kappa);
            if T::EPS < 1e-10 {
                let moved = |t: f64| {
                    let moved = values(&along(&a, &da, t).eig().expect("it converges"));
                    let nearest = moved.into_iter().min_by(|x, y| (x - at).norm().total_cmp(&(y - at).norm()));
                    vec![Wide::from_elem((1, 1), nearest.expect("there is one"))]
                };
                // The values of this sample are 0.3 and more apart: the sixth derivative is small at an eighth of the step.
                close("λ", &vec![Wide::from_elem((1, 1), slope)], &extrapolated(STEP / 8.0, moved), NINE);
            }
        }
    }
}

/// At a defective matrix there is no derivative, and the condition number says so; at equal eigenvalues with a full set of vectors it is
/// refused too, since order and vectors are not determined.
fn values_that_meet<T: Scalar>() {
    let of = |a: Array2<f64>| narrow::<T>(&a.mapv(|x| C64::new(x, 0.0)));
    let e = of(array![[0.0, 0.0], [1.0, 0.0]]);
    for (a, kappa) in
        [(array![[2.0, 1.0], [0.0, 2.0]], f64::INFINITY), (Array2::eye(2), 1.0), (Array2::zeros((2, 2)), 1.0)]
    {
        let eig = of(a).eig().expect("it converges");
        assert!(matches!(general_eigenvalue_derivative(&eig, 0, &e), Err(Error::Repeated { first: 0, last: 1, .. })));
        assert!(matches!(general_eigenvalue_gradient(&eig, 1), Err(Error::Repeated { first: 0, last: 1, .. })));
        let found = T::f64_of(eig.condition(0).expect("there is one"));
        assert!(found == kappa || (kappa.is_infinite() && found > 0.01 / T::EPS), "{found:e}");
    }
    let eig = of(array![[0.0, 0.0], [0.0, 2.0]]).eig().expect("it converges");
    assert!(matches!(general_eigenvalue_gradient(&eig, 2), Err(Error::Parameter { .. })));
    assert!(matches!(eig.condition(2), Err(Error::Parameter { .. })));
    assert!(matches!(general_eigenvalue_derivative(&eig, 0, &Array2::zeros((2, 3))), Err(Error::Shape { .. })));
    let nan = Array2::from_elem((2, 2), T::hole());
    assert!(matches!(general_eigenvalue_derivative(&eig, 0, &nan), Err(Error::NonFinite { .. })));
}

each_type!(eigenpairs, known_roots, derivatives, values_that_meet);
