//! Bounds on the error of answers, held against rational arithmetic: they hold for every method and every coefficient, are
//! not much above the true error, and catch an answer that is wrong.
//! Second floor of the tests. Must not compare with another floating-point method.

use super::exact_nist;
use super::generate::*;
use super::refined_exact::exactly;
use lapwing::lstsq::exact::Rational;
use lapwing::lstsq::{Analysis, ForwardError, Uncertainty};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Ix1, s};

const METHODS: [Method; 7] = Method::ALL;

/// What the true error is: for each coefficient, and in the norm.
struct Truth {
    absolute: Vec<f64>,
    relative: Vec<f64>,
    normwise: f64,
}

impl Truth {
    fn new<T: Scalar>(found: &Array1<T>, exact: &[[Rational; 2]]) -> Self {
        let error = |(x, [re, im]): (&T, &[Rational; 2])| re.error_of(x.wide().re).hypot(im.error_of(x.wide().im));
        let absolute: Vec<f64> = found.iter().zip(exact).map(error).collect();
        let sizes: Vec<f64> = exact.iter().map(|[re, im]| re.to_f64().hypot(im.to_f64())).collect();
        let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let relative = absolute.iter().zip(&sizes).map(|(e, x)| if *e == 0.0 { 0.0 } else { e / x }).collect();
        Truth { normwise: norm(&absolute) / norm(&sizes), absolute, relative }
    }
}

/// Bounds over true errors, where there are bounds and errors; `Err` where a bound does not hold.
///
/// The true errors here are rounded a few times.
fn factors(bound: &ForwardError<Ix1>, truth: &Truth) -> Result<Vec<f64>, String> {
    let mut factors = Vec::new();
    let pairs = truth.absolute.iter().zip(&bound.absolute).chain(truth.relative.iter().zip(&bound.relative));
    for (error, bound) in pairs.chain([(&truth.normwise, &bound.normwise)]) {
        if *error > bound * (1.0 + 16.0 * f64::EPSILON) {
            return Err(format!("an error of {error:e} above the bound {bound:e}"));
        }
        if *error > 0.0 && bound.is_finite() {
            factors.push(bound / error);
        }
    }
    Ok(factors)
}

/// What a part of the factors does not exceed.
fn quantile(factors: &mut [f64], part: f64) -> f64 {
    factors.sort_by(f64::total_cmp);
    factors[(factors.len() as f64 * part) as usize]
}

fn median(factors: &mut [f64]) -> f64 {
    quantile(factors, 0.5)
}

/// The stored matrix and right-hand side.
struct Stored<T> {
    a: Array2<T>,
    b: Array1<T>,
    what: String,
    /// κ₂ of A with columns of equal length, times the ε of double precision.
    growth: f64,
}

/// A matrix with a given κ₂ and b = A·x + r with ‖r‖ = residual·‖A‖‖x‖.
fn random<T: Scalar>(shape: (usize, usize), spectrum: Spectrum, kappa: f64, residual: f64, seed: u64) -> (Wide, Wide) {
    let mut rng = Rng::new(seed);
    let (m, n) = shape;
    let known = general::<T>(&mut rng, m, n, &spectrum.values(n, kappa));
    let x = normal::<T>(&mut rng, n, 1);
    let mut b = known.a.dot(&x);
    if m > n && residual > 0.0 {
        let outside = known.u.slice(s![.., n..]).dot(&normal::<T>(&mut rng, m - n, 1));
        let norm = |x: &Wide| x.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
        b += &(&outside * C64::new(residual * norm(&x) / norm(&outside), 0.0));
    }
    (known.a, b)
}

/// κ from 1 to 1e15, the residual from 0 to large, columns badly scaled, graded, and nearly dependent.
fn grid<T: Scalar>() -> Vec<Stored<T>> {
    let mut problems = Vec::new();
    let mut push = |a: &Wide, b: &Wide, what: String, growth: f64| {
        problems.push(Stored { a: narrow::<T>(a), b: b.column(0).mapv(T::narrow), what, growth });
    };
    let mut seed = 0;
    for shape in [(1, 1), (5, 5), (24, 4), (30, 9)] {
        for spectrum in [Spectrum::Geometric, Spectrum::OneSmall] {
            for exponent in [0, 2, 4, 7, 10, 12, 13, 15] {
                for residual in [0.0, 1e-6, 1.0, 1e4] {
                    seed += 1;
                    let kappa = 10f64.powi(exponent);
                    let (a, b) = random::<T>(shape, spectrum, kappa, residual, seed);
                    let what = format!("{shape:?} {spectrum:?} κ = {kappa:e}, residual {residual:e}");
                    push(&a, &b, what, kappa.min(1.0 / T::EPS) * f64::EPSILON);
                }
            }
        }
    }
    for turn in 0..12 {
        let residual = [0.0, 0.1, 1e3][turn % 3];
        let (a, b) = random::<T>((25, 6), Spectrum::Geometric, 100.0, residual, 1000 + turn as u64);
        let units = [1.0, 2f64.powi(30), 3e-9, 7e8, 1.0, 2f64.powi(-30)];
        push(&scale_columns(&a, &units), &b, format!("units, residual {residual:e}"), 1e2 * f64::EPSILON);
        let graded: Vec<f64> = (0..6).map(|j| 1e-3f64.powi(j)).collect();
        push(&scale_columns(&a, &graded), &b, format!("graded, residual {residual:e}"), 1e2 * f64::EPSILON);
        let mut near = a.clone();
        let gap = [1e-3, 1e-6, 1e-9, 1e-12][turn % 4];
        let last = &a.column(1) + &(&a.column(5) * C64::new(gap, 0.0));
        near.column_mut(5).assign(&last);
        push(
            &near,
            &b,
            format!("nearly dependent, {gap:e}, residual {residual:e}"),
            if gap > T::EPS { 1e2 / gap * f64::EPSILON } else { 1.0 },
        );
    }
    problems
}

fn exact_of<T: Scalar>(problem: &Stored<T>) -> Vec<[Rational; 2]> {
    exactly(&problem.a.mapv(T::wide), &problem.b.mapv(T::wide))
}

/// The most that the median of bound over error may be where κ·ε < 1e-3.
const MEDIAN: f64 = 1.001;

/// The same for 99 of 100.
const NEARLY_ALL: f64 = 1.1;

/// The true error never exceeds the bound, whatever the method, and mostly it is hardly below it.
fn bounds_hold_and_are_not_vacuous<T: Scalar>() {
    let (mut well, mut ill, mut none) = (Vec::new(), Vec::new(), 0);
    for problem in grid::<T>() {
        let analysis = match Analysis::new(&problem.a, &problem.b) {
            Ok(analysis) => analysis,
            Err(lapwing::Error::RankDeficient { .. }) if problem.growth > 1e-3 => continue,
            Err(error) => panic!("{error}: {}", problem.what),
        };
        let exact = exact_of(&problem);
        for method in METHODS {
            let options = LstsqOptions { method, ..Default::default() };
            let Ok(found) = problem.a.lstsq_with(&problem.b, &options) else { continue };
            let bound = analysis.forward_error(&found.x).unwrap();
            let truth = Truth::new(&found.x, &exact);
            let of_this = factors(&bound, &truth).unwrap_or_else(|e| panic!("{e}: {method:?}, {}", problem.what));
            if problem.growth < 1e-3 {
                assert!(bound.absolute.iter().all(|e| e.is_finite()), "no bound: {method:?}, {}", problem.what);
                well.extend(of_this);
            } else {
                none += usize::from(of_this.is_empty());
                ill.extend(of_this);
            }
        }
    }
    let (half, most) = (median(&mut well), quantile(&mut well, 0.99));
    println!("{}: κ·ε < 1e-3: bound/error {half:.6} in the median, {most:.3e} for 99 % of {}", T::NAME, well.len());
    if !ill.is_empty() {
        println!("{}: above: median {:.6} of {}, none for {none} answers", T::NAME, median(&mut ill), ill.len());
    }
    assert!(half < MEDIAN && most < NEARLY_ALL && well.len() > 1000, "{half} and {most}");
}

/// An answer that is wrong is caught, with the size of its error.
fn a_wrong_answer_is_caught<T: Scalar>() {
    let mut rng = Rng::new(5);
    for problem in grid::<T>() {
        if problem.growth > 1e-6 {
            continue;
        }
        let analysis = Analysis::new(&problem.a, &problem.b).unwrap();
        let exact = exact_of(&problem);
        for size in [1e-6, 1e-2, 1.0, 1e6] {
            let shift = |[re, im]: &[Rational; 2]| {
                let (x, shift) = (C64::new(re.to_f64(), im.to_f64()), size * rng.normal());
                T::narrow(x + x.norm() * shift)
            };
            let wrong: Array1<T> = exact.iter().map(shift).collect();
            let truth = Truth::new(&wrong, &exact);
            let bound = analysis.forward_error(&wrong).unwrap();
            factors(&bound, &truth).unwrap_or_else(|e| panic!("{e}: {}", problem.what));
            for (error, bound) in truth.absolute.iter().zip(&bound.absolute) {
                assert!(*error == 0.0 || *bound < 1.1 * error, "{bound:e} for {error:e}: {}", problem.what);
            }
        }
    }
}

/// The judge under test.
#[test]
fn a_bound_below_the_error_is_seen() {
    let (a, b) = (ndarray::array![[1.0], [1.0]], ndarray::array![1.0, 2.0]);
    let analysis = Analysis::new(&a, &b).unwrap();
    let x = ndarray::array![1.5 + 1e-9];
    let bound = analysis.forward_error(&x).unwrap();
    let exact = [[Rational::from_f64(1.5).unwrap(), Rational::zero()]];
    assert!(factors(&bound, &Truth::new(&x, &exact)).is_ok());
    let wrong = [[Rational::from_f64(1.5 - 1e-12).unwrap(), Rational::zero()]];
    assert!(factors(&bound, &Truth::new(&x, &wrong)).is_err());
}

/// The eleven sets by all methods: against the stored matrix, and against the decimals with what rounding them does.
#[test]
fn nist() {
    let (mut of_stored, mut of_decimal) = (Vec::new(), Vec::new());
    for (name, a, b) in exact_nist::problems() {
        let decimal = lapwing::lstsq::exact::lstsq(&a, &b, Default::default()).expect("full rank").x;
        let decimal: Vec<[Rational; 2]> = decimal.iter().map(|x| [x.clone(), Rational::zero()]).collect();
        let (a, b) = (a.map(Rational::to_f64), b.map(Rational::to_f64));
        let stored = exactly(&a.mapv(f64::wide), &b.mapv(f64::wide));
        let analysis = Analysis::new(&a, &b).unwrap();
        // Each entry is the fraction, rounded once.
        let data = Uncertainty { columns: vec![f64::EPSILON / 2.0; a.ncols()], rhs: f64::EPSILON / 2.0 };
        for method in METHODS {
            let Ok(found) = a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() }) else { continue };
            let bound = analysis.forward_error(&found.x).unwrap();
            let truth = Truth::new(&found.x, &stored);
            of_stored.extend(factors(&bound, &truth).unwrap_or_else(|e| panic!("{e}: {method:?}, {name}")));
            println!("{name} {method:?}: error {:.2e}, bound {:.2e}", truth.normwise, bound.normwise);
            assert!(bound.normwise.is_finite(), "{name}");
            let bound = analysis.forward_error_with(&found.x, &data).unwrap();
            let truth = Truth::new(&found.x, &decimal);
            of_decimal.extend(factors(&bound, &truth).unwrap_or_else(|e| panic!("decimals: {e}: {method:?}, {name}")));
            println!("    of decimals: error {:.2e}, bound {:.2e}", truth.normwise, bound.normwise);
        }
    }
    let (stored, decimal) = (median(&mut of_stored), median(&mut of_decimal));
    println!("median factors: {stored:.6} for the stored matrix, {decimal:.3} for the decimals");
    assert!(stored < MEDIAN && decimal < 20.0);
}

each_type!(bounds_hold_and_are_not_vacuous, a_wrong_answer_is_caught);

/// Changes of the data with the signs that move the first coefficient most: the bound holds, and is nearly attained where one of
/// its terms is all there is.
#[test]
fn uncertain_data_move_the_solution_as_far_as_the_bound() {
    let eps = 2f64.powi(-30);
    for (residual, of_columns, of_rhs) in [(0.0, eps, 0.0), (0.0, 0.0, eps), (1e6, eps, 0.0)] {
        let (a, b) = random::<f64>((9, 3), Spectrum::Geometric, 10.0, residual, 77);
        let (a, b) = (a.mapv(|z| z.re), b.column(0).mapv(|z| z.re));
        let x = a.lstsq(&b).unwrap().x;
        let (pinv, r) = (a.pinv(None).unwrap().matrix, &b - &a.dot(&x));
        let gram = pinv.dot(&pinv.t());
        let e = Array2::from_shape_fn(a.dim(), |(i, j)| (gram[(0, j)] * r[i] - pinv[(0, i)] * x[j]).signum());
        let moved_a = &a + &(&e * &a.mapv(f64::abs) * of_columns);
        let moved_b = &b + &(pinv.row(0).mapv(f64::signum) * b.mapv(f64::abs) * of_rhs);
        let moved = exactly(&moved_a.mapv(f64::wide), &moved_b.mapv(f64::wide));
        // Storing what was moved rounds it.
        let more = |eps: f64| eps * (1.0 + 1e-6);
        let data = Uncertainty { columns: vec![more(of_columns); 3], rhs: more(of_rhs) };
        let bound = Analysis::new(&a, &b).unwrap().forward_error_with(&x, &data).unwrap();
        let truth = Truth::new(&x, &moved);
        factors(&bound, &truth).unwrap_or_else(|e| panic!("{e}: residual {residual:e}"));
        let factor = bound.absolute[0] / truth.absolute[0];
        assert!(factor < 1.01, "{factor}: residual {residual:e}");
    }
}
