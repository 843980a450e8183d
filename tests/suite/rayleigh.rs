//! The Rayleigh quotient: derivatives against difference quotients, directions up and down, subspaces, and the iteration.
//! Second floor of the tests; must not take an expected value from the crate under test, but where one part is held against another.

use lapwing::Error;
use lapwing::prelude::*;
use lapwing::saddle::*;
use ndarray::{Array1, Array2, array};

use super::differences::{NINE, STEP, close, extrapolated, hermitian_part, inner, norm, random};
use super::generate::*;
use super::residual::{hold, within};

fn vector<T: Scalar>(rng: &mut Rng, n: usize) -> Array1<T> {
    random::<T>(rng, n, 1).column(0).to_owned()
}

fn column<T: Scalar>(x: &Array1<T>) -> Array2<T> {
    x.view().insert_axis(ndarray::Axis(1)).to_owned()
}

/// xᴴSx/xᴴx in double precision.
fn quotient(s: &Wide, x: &Wide) -> f64 {
    let image = adjoint(x).dot(s).dot(x)[(0, 0)].re;
    image / x.iter().map(|z| z.norm_sqr()).sum::<f64>()
}

fn value(x: f64) -> Wide {
    Wide::from_elem((1, 1), C64::new(x, 0.0))
}

fn wide_vector<T: Scalar>(x: &Array1<T>) -> Wide {
    column(x).mapv(T::wide)
}

/// R, and R as computed in double precision.
fn quotients<T: Scalar>() {
    let mut rng = Rng::new(601);
    for (n, scale) in [(1, 1.0), (2, 1e-10), (7, 1e10), (50, 1.0)] {
        let s = hermitian_part(&random::<T>(&mut rng, n, n)).mapv(|z| z * T::narrow(C64::new(scale, 0.0)));
        let x = vector::<T>(&mut rng, n);
        let (wide_s, wide_x) = (s.mapv(T::wide), wide_vector(&x));
        let (found, expected) = (T::f64_of(rayleigh_quotient(&s, &x).unwrap()), quotient(&wide_s, &wide_x));
        // A rounding of each of the n terms, and of the length.
        let tolerance = (n + 5) as f64 * T::EPS * norm(&s);
        hold(&n, within("quotient", (found - expected).abs(), tolerance));
        // Neither length nor phase matters.
        let turned = x.mapv(|z| z * T::narrow(C64::new(if T::COMPLEX { 0.0 } else { -1e-3 }, 1e3)));
        hold(&n, within("turned", (T::f64_of(rayleigh_quotient(&s, &turned).unwrap()) - expected).abs(), tolerance));
        assert!(within("wrong", (found + 3.0 * tolerance - expected).abs(), tolerance).is_err());
    }
}

/// Gradient and Hessian against differences of R itself, in double precision; the Hessian along great circles.
fn derivatives<T: Scalar>() {
    let mut rng = Rng::new(602);
    for n in [2, 3, 6] {
        let s = hermitian_part(&random::<T>(&mut rng, n, n));
        let (x, d) = (vector::<T>(&mut rng, n), vector::<T>(&mut rng, n));
        let (wide_s, wide_x, wide_d) = (s.mapv(T::wide), wide_vector(&x), wide_vector(&d));
        let gradient = rayleigh_gradient(&s, &x).unwrap();
        let slope = |t: f64| vec![value(quotient(&wide_s, &(&wide_x + &wide_d.mapv(|z| z * t))))];
        let found = value(inner(&column(&gradient), &column(&d)));
        let tolerance = NINE.max(1e3 * T::EPS);
        close("gradient", &vec![found], &extrapolated(STEP, slope), tolerance);
        // d made a unit vector at right angles to u.
        let u = wide_x.mapv(|z| z / norm(&column(&x)));
        let along = adjoint(&u).dot(&wide_d)[(0, 0)];
        let tangent = &wide_d - &u.mapv(|z| z * along);
        let length = tangent.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
        let tangent = tangent.mapv(|z| z / length);
        let circle = |t: f64| u.mapv(|z| z * t.cos()) + tangent.mapv(|z| z * t.sin());
        let velocity = |t: f64| tangent.mapv(|z| z * t.cos()) - u.mapv(|z| z * t.sin());
        // The slope of R along the circle, whose difference quotient is the second derivative.
        let slope = |t: f64| {
            let (at, rate) = (circle(t), velocity(t));
            vec![value(2.0 * adjoint(&rate).dot(&wide_s).dot(&at)[(0, 0)].re)]
        };
        let hessian = rayleigh_hessian(&s, &x).unwrap().mapv(T::wide);
        let found = adjoint(&tangent).dot(&hessian).dot(&tangent)[(0, 0)].re;
        close("Hessian", &vec![value(found)], &extrapolated(STEP, slope), tolerance);
        let image = hessian.dot(&u);
        assert!(image.iter().all(|z| z.norm() <= 50.0 * T::EPS * norm(&s)), "the Hessian is 0 along u");
    }
}

#[test]
#[should_panic(expected = "relative error")]
fn a_gradient_without_its_factor_two_is_refused() {
    let (s, x, d) = (array![[2.0, 1.0], [1.0, -1.0]], array![1.0, 2.0], array![0.5, -1.0]);
    let wrong = rayleigh_gradient(&s, &x).unwrap() / 2.0;
    let of = |t: f64| vec![value(quotient(&s.mapv(f64::wide), &wide_vector(&(&x + &(&d * t)))))];
    close("gradient", &vec![value(inner(&column(&wrong), &column(&d)))], &extrapolated(STEP, of), NINE);
}

/// The index from the eigenvalues, from the signs of the Hessian, and by counting.
fn directions_at_eigenvectors<T: Scalar>() {
    let mut rng = Rng::new(603);
    let distinct: Vec<f64> = (0..9).map(|i| 4.0 - i as f64).collect();
    for values in [distinct, vec![2.0, 2.0, 1.0, 0.0, 0.0, 0.0, -3.0], vec![5.0]] {
        let n = values.len();
        let s = narrow::<T>(&hermitian::<T>(&mut rng, &values).a);
        let eigh = s.eigh().unwrap();
        for (k, &value) in values.iter().enumerate() {
            let found = morse_index(&eigh.values, k).unwrap();
            let up = values.iter().filter(|&&other| other > value).count();
            let down = values.iter().filter(|&&other| other < value).count();
            assert_eq!(found, MorseIndex { up, down, flat: n - 1 - up - down });
            let hessian = rayleigh_hessian(&s, &eigh.vectors.column(n - 1 - k)).unwrap();
            let curvatures = hessian.eigvalsh().unwrap();
            let tolerance = T::real_of(1e3 * T::EPS * 10.0);
            assert_eq!(curvatures.iter().filter(|&&c| c > tolerance).count(), found.up);
            assert_eq!(curvatures.iter().filter(|&&c| c < -tolerance).count(), found.down);
        }
    }
}

/// R on subspaces of each dimension stays on its side of λₖ and λₙ₋ₖ₊₁, and on those of eigenvectors it reaches them.
fn subspaces<T: Scalar>() {
    let mut rng = Rng::new(604);
    let values = [3.0, 2.0, 0.5, 0.0, -1.0, -4.0];
    let known = hermitian::<T>(&mut rng, &values);
    let (s, n) = (narrow::<T>(&known.a), values.len());
    let tolerance = 50.0 * T::EPS * 4.0;
    for k in 1..=n {
        for _ in 0..20 {
            let found = courant_fischer(&s, &random::<T>(&mut rng, n, k)).unwrap();
            let (least, greatest) = (T::f64_of(found.least), T::f64_of(found.greatest));
            assert!(least <= values[k - 1] + tolerance && greatest >= values[n - k] - tolerance, "{k}");
            for (at, value) in [(&found.at_least, least), (&found.at_greatest, greatest)] {
                let there = T::f64_of(rayleigh_quotient(&s, at).unwrap());
                hold(&k, within("where it is", (there - value).abs(), tolerance));
            }
        }
        // The span of the first k eigenvectors, in a basis that is not orthogonal and has units far apart.
        let mut basis = known.u.slice(ndarray::s![.., ..k]).dot(&general::<T>(&mut rng, k, k, &vec![1.0; k]).a);
        basis.column_mut(0).mapv_inplace(|z| z * 1e15);
        let found = courant_fischer(&s, &narrow::<T>(&basis)).unwrap();
        hold(&k, within("λₖ", (T::f64_of(found.least) - values[k - 1]).abs(), 10.0 * tolerance));
        hold(&k, within("λ₁", (T::f64_of(found.greatest) - values[0]).abs(), 10.0 * tolerance));
    }
    let twice = narrow::<T>(&Wide::from_elem((n, 2), C64::new(1.0, 0.0)));
    assert_eq!(courant_fischer(&s, &twice).map(|_| ()), Err(Error::RankDeficient { rank: 1, needed: 2 }));
    let none = Array2::<T>::zeros((n, 0));
    assert!(matches!(courant_fischer(&s, &none).map(|_| ()), Err(Error::Empty { .. })));
}

/// sin of the angle between two unit vectors, without cancellation: ‖x − (yᴴx)·y‖.
fn sine(x: &Wide, y: &Wide) -> f64 {
    let along = adjoint(y).dot(x)[(0, 0)];
    (x - &y.mapv(|z| z * along)).iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt()
}

/// Whether each error e = sin φ is followed by at most C·e³, or by rounding. With w the largest distance of another eigenvalue from λ and
/// g the smallest, |ρ − λ| ≤ w·e², so that tan φ becomes at most w·e²/(g − w·e²)·tan φ: C = w/((g − w·e²)√(1 − e²)).
fn is_cubic(errors: &[f64], (w, g): (f64, f64), rounding: f64) -> bool {
    let c = |e: f64| w / ((g - w * e * e) * (1.0 - e * e).sqrt());
    errors.windows(2).all(|pair| pair[1] <= (c(pair[0]) * pair[0].powi(3)).max(rounding))
}

/// The angles to the known eigenvector fall as their cubes, from 0.24 in four steps to the rounding of double precision.
fn cubic_convergence<T: Scalar>() {
    let mut rng = Rng::new(605);
    for trial in 0..6 {
        let values = [2.0, 1.0, 0.0, -1.0, -2.0];
        let known = hermitian::<T>(&mut rng, &values);
        let s = narrow::<T>(&known.a);
        let k = trial % values.len();
        let target = known.u.slice(ndarray::s![.., k..k + 1]).to_owned();
        let other: Wide = (0..5).filter(|&j| j != k).fold(Wide::zeros((5, 1)), |sum, j| {
            sum + known.u.slice(ndarray::s![.., j..j + 1]).mapv(|z| z * 0.1 * (1.0 + 0.1 * j as f64))
        });
        let start = narrow::<T>(&(&target + &other));
        let found = rayleigh_iteration(&s, &start.column(0), &RayleighOptions::default()).unwrap();
        assert_eq!(found.outcome, RayleighOutcome::Converged);
        // The states, one step after another, by plain solves.
        let mut x = start.column(0).to_owned();
        let unit = |x: &Array1<T>| wide_vector(x).mapv(|z| z / norm(&column(x)));
        let mut errors = vec![sine(&unit(&x), &target)];
        for _ in 1..found.steps.len() {
            let shift = T::f64_of(rayleigh_quotient(&s, &x).unwrap());
            let mut shifted = s.clone();
            shifted.diag_mut().mapv_inplace(|z| z - T::narrow(C64::new(shift, 0.0)));
            let Ok(image) = shifted.ldlt().unwrap().solve(&x) else { break };
            x = narrow::<T>(&unit(&image)).column(0).to_owned();
            errors.push(sine(&unit(&x), &target));
        }
        assert!((0.15..0.35).contains(&errors[0]), "{errors:?}");
        let rounding = 100.0 * T::EPS;
        let distances = values.iter().map(|x| f64::abs(x - values[k])).filter(|x| *x > 0.0);
        let distances = distances.fold((0.0, f64::INFINITY), |(w, g): (f64, f64), x| (w.max(x), g.min(x)));
        assert!(is_cubic(&errors, distances, rounding), "{errors:?}");
        hold(&trial, within("vector", sine(&wide_vector(&found.vector), &target), rounding));
        hold(&trial, within("value", (T::f64_of(found.value) - values[k]).abs(), rounding));
        // The start and four steps; squares would take 0.24 to 1e-10 only.
        assert!(found.steps.len() <= 5, "{:?}", found.steps);
        // The residual never grows (Parlett, §4.8), but for rounding.
        let residuals: Vec<f64> = found.steps.iter().map(|step| T::f64_of(step.residual)).collect();
        assert!(residuals.windows(2).all(|pair| pair[1] <= pair[0] + rounding), "{residuals:?}");
    }
    // Squares are not cubes.
    assert!(!is_cubic(&[0.2, 0.04, 0.0016, 2.6e-6], (4.0, 1.0), 1e-14));
}

fn outcomes<T: Scalar>() {
    let s = narrow::<T>(&super::residual::integers(&[&[1, 0, 0], &[0, 2, 0], &[0, 0, 4]]));
    let x = |entries: [f64; 3]| Array1::from_iter(entries.map(|x| T::narrow(C64::new(x, 0.0))));
    let options = RayleighOptions::default();
    // At an eigenvector there is nothing to do.
    let found = rayleigh_iteration(&s, &x([0.0, 3.0, 0.0]), &options).unwrap();
    assert_eq!((found.steps.len(), found.outcome), (1, RayleighOutcome::Converged));
    assert_eq!((T::f64_of(found.value), wide_vector(&found.vector)), (2.0, wide_vector(&x([0.0, 1.0, 0.0]))));
    // R((1, 1, 1)) = (1 + 2 + 3)/3 is an eigenvalue, perhaps to the last bit.
    let s2 = narrow::<T>(&super::residual::integers(&[&[1, 0, 0], &[0, 2, 0], &[0, 0, 3]]));
    let found = rayleigh_iteration(&s2, &x([1.0, 1.0, 1.0]), &options).unwrap();
    assert!(found.steps.len() <= 3, "{:?}", found.steps);
    assert!((T::f64_of(found.value) - 2.0).abs() <= 10.0 * T::EPS);
    hold(
        &"exact",
        within("vector", sine(&wide_vector(&found.vector), &wide_vector(&x([0.0, 1.0, 0.0]))), 50.0 * T::EPS),
    );
    let limit = RayleighOptions { limit: 1, ..options };
    let refused = rayleigh_iteration(&s, &x([1.0, 1.0, 1.0]), &limit).map(|_| ());
    assert!(matches!(refused, Err(Error::NoConvergence { .. })), "{refused:?}");
}

/// Halfway between two eigenvectors, to the last bit or but for rounding, the plain iteration stands still.
fn halfway_is_left<T: Scalar>() {
    let mut rng = Rng::new(606);
    let swap = narrow::<T>(&super::residual::integers(&[&[0, 1], &[1, 0]]));
    let first = Array1::from_iter([1.0, 0.0].map(|x| T::narrow(C64::new(x, 0.0))));
    let found = rayleigh_iteration(&swap, &first, &RayleighOptions::default()).unwrap();
    assert!(found.steps.len() <= 8, "{:?}", found.steps);
    hold(&"swap", within("value", (T::f64_of(found.value).abs() - 1.0).abs(), 10.0 * T::EPS));
    for n in [3, 10, 40] {
        let values = Spectrum::Arithmetic.values(n, 100.0);
        let known = hermitian::<T>(&mut rng, &values);
        let between =
            |i: usize, j: usize| &known.u.slice(ndarray::s![.., i..i + 1]) + &known.u.slice(ndarray::s![.., j..j + 1]);
        for (i, j) in [(0, 1), (0, n - 1), (n / 2, n - 1)] {
            let start = narrow::<T>(&between(i, j));
            let found = rayleigh_iteration(&narrow::<T>(&known.a), &start.column(0), &RayleighOptions::default());
            let found = found.unwrap_or_else(|error| panic!("{n}, {i}, {j}: {error}"));
            assert!(found.steps.len() <= 10, "{n}, {i}, {j}: {} steps", found.steps.len());
            let distance =
                values.iter().map(|value| (value - T::f64_of(found.value)).abs()).fold(f64::INFINITY, f64::min);
            hold(&(n, i, j), within("value", distance, 20.0 * n as f64 * T::EPS * values[0]));
        }
    }
}

#[test]
fn an_exact_shift_is_told() {
    // (1, 0, 1) has R = 2 without a rounding, and S − 2I is singular, while 2 has the eigenvector (0, 1, 0).
    let s = array![[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 4.0]];
    let found = rayleigh_iteration(&s, &array![1.0, 1e-3, 1.0], &RayleighOptions::default()).unwrap();
    assert_eq!(found.outcome, RayleighOutcome::ExactShift);
    approx::assert_abs_diff_eq!(found.value, 2.0, epsilon = 1e-15);
    approx::assert_abs_diff_eq!(found.vector.mapv(f64::abs), array![0.0, 1.0, 0.0], epsilon = 1e-12);
}

#[test]
fn what_has_no_quotient_is_refused() {
    let s = array![[1.0, 0.0], [0.0, 2.0]];
    let refused = |s: &Array2<f64>, x: Array1<f64>| rayleigh_quotient(s, &x).unwrap_err();
    assert!(matches!(refused(&s, array![0.0, 0.0]), Error::Parameter { what: "the vector", .. }));
    assert!(matches!(refused(&s, array![1.0]), Error::Shape { what: "the vector", .. }));
    assert_eq!(refused(&s, array![1.0, f64::NAN]), Error::NonFiniteRhs { row: 1, col: 0 });
    assert_eq!(refused(&(&s * f64::INFINITY), array![1.0, 1.0]), Error::NonFinite { row: 0, col: 0 });
    assert!(matches!(refused(&Array2::zeros((0, 0)), array![]), Error::Empty { .. }));
    assert!(matches!(refused(&array![[0.0, 1.0], [-1.0, 0.0]], array![1.0, 1.0]), Error::NotHermitian { .. }));
    let negative = RayleighOptions { tolerance: Some(-1.0), limit: 5 };
    let refused = rayleigh_iteration(&s, &array![1.0, 1.0], &negative).map(|_| ());
    assert!(matches!(refused, Err(Error::Parameter { what: "the tolerance", .. })));
    assert!(matches!(morse_index(&array![1.0, 2.0], 2), Err(Error::Parameter { .. })));
    assert!(matches!(morse_index(&array![1.0, f64::NAN], 0), Err(Error::NonFinite { row: 1, col: 0 })));
}

/// At both ends of the range.
#[test]
fn scales_are_no_matter() {
    let s = array![[2.0, 1.0], [1.0, 3.0]];
    let x = array![1.0, -2.0];
    let (value, gradient) = (rayleigh_quotient(&s, &x).unwrap(), rayleigh_gradient(&s, &x).unwrap());
    for (of_s, of_x) in [(1000.0, 1000.0), (-1000.0, 900.0), (-1000.0, -1000.0), (900.0, 1000.0)] {
        let (s, x) = (&s * f64::exp2(of_s), &x * f64::exp2(of_x));
        assert_eq!(rayleigh_quotient(&s, &x).unwrap(), value * f64::exp2(of_s));
        let found = rayleigh_gradient(&s, &x).unwrap();
        let expected = gradient.mapv(|g| g * f64::exp2(of_s / 2.0 - of_x / 2.0) * f64::exp2(of_s / 2.0 - of_x / 2.0));
        assert_eq!(found, expected, "{of_s}, {of_x}");
        let found = rayleigh_iteration(&s, &x, &RayleighOptions::default()).unwrap();
        approx::assert_relative_eq!(found.value / f64::exp2(of_s), 2.5 - 1.25f64.sqrt(), max_relative = 1e-14);
    }
    assert!(matches!(rayleigh_gradient(&(&s * 1e200), &(&x * 1e-200)), Err(Error::Overflow { .. })));
}

each_type! {
    quotients, derivatives, directions_at_eigenvectors, subspaces, cubic_convergence, outcomes, halfway_is_left,
}
