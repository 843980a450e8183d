//! The choice of a method, and refined normal equations, on problems whose exact solution is known by construction.
//! Second floor of the tests: A has every row twice, so that a residual with opposite signs is orthogonal to it exactly.
//! Must not compare with a computed reference: solution and residual are integers times powers of two.

use super::generate::*;
use super::residual::{self, hold, wide};
use lapwing::Error;
use lapwing::prelude::*;
use ndarray::{Array2, s};

/// A problem whose entries, solution and right-hand sides are exact in the element type.
struct Exact<T> {
    a: Array2<T>,
    x: Wide,
    b: Array2<T>,
    residual_norms: Vec<f64>,
}

/// What is done to the columns and rows of a matrix of random rows with a given spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Plain,
    /// Columns in units of 2^−20 to 2^20.
    BadlyScaled,
    /// Pairs of rows that fall from 1 to 2^−20.
    Graded,
    /// The last column is the one before, but for a few units.
    NearlyDependent,
    /// Each column is a multiple c of a random one plus the next: what rounding to a grid would spoil above κ = 1e11 is here
    /// exact up to 1e15. The spectrum is another one.
    Chained,
}

const SHAPES: [Shape; 5] = [Shape::Plain, Shape::BadlyScaled, Shape::Graded, Shape::NearlyDependent, Shape::Chained];

/// The sizes of the residuals, beside entries of A of the order of 1; one right-hand side for each.
const TAILS: [f64; 3] = [0.0, 1.0, 64.0];

fn power(e: i32) -> C64 {
    C64::new(2f64.powi(e), 0.0)
}

/// Entries as multiples of 2^−bits.
fn on_grid(a: &Wide, bits: i32) -> Wide {
    let round = |x: f64| (x * 2f64.powi(bits)).round() * 2f64.powi(-bits);
    a.mapv(|z| C64::new(round(z.re), round(z.im)))
}

/// Random integers times the bidiagonal matrix with ones on the diagonal and c above it, whose condition number is about cⁿ.
fn chained<T: Scalar>(rng: &mut Rng, m: usize, n: usize, kappa: f64) -> Wide {
    let integers = on_grid(&normal::<T>(rng, m, n).mapv(|z| z * 2.0), 0);
    let c = kappa.powf(1.0 / n as f64);
    let c = if c < 16.0 { (c * 16.0).round() / 16.0 } else { c.round() };
    Wide::from_shape_fn((m, n), |(i, j)| integers[(i, j)] + if j > 0 { integers[(i, j - 1)] * c } else { C64::ZERO })
}

/// `m` rows in pairs, with the spectrum of `values` but for a factor that random rows add.
fn exact<T: Scalar>(seed: u64, (m, n): (usize, usize), values: &[f64], shape: Shape) -> Exact<T> {
    // |b| needs the bits of A and those of x, of n ≤ 64 terms, and of two products for complex numbers.
    let bits = if T::EPS > 1e-10 { 11 } else { 38 };
    let mut rng = Rng::new(seed);
    let v = unitary::<T>(&mut rng, n);
    let rows = scale_columns(&normal::<T>(&mut rng, m / 2, n), values).dot(&adjoint(&v));
    let mut half = match shape {
        Shape::Chained => {
            let (least, most) = values.iter().fold((f64::INFINITY, 0.0_f64), |(l, m), &v| (l.min(v), m.max(v)));
            chained::<T>(&mut rng, m / 2, n, most / least)
        }
        _ => on_grid(&rows.mapv(|z| z * 0.25), bits),
    };
    if shape == Shape::NearlyDependent {
        let nudge = on_grid(&normal::<T>(&mut rng, m / 2, 1).mapv(|z| z * 2f64.powi(4 - bits)), bits);
        let last = &half.column(n - 2) + &nudge.column(0);
        half.column_mut(n - 1).assign(&last);
    }
    let integer = |z: C64| match C64::new(z.re.round().clamp(-3.0, 3.0), z.im.round().clamp(-3.0, 3.0)) {
        C64::ZERO => power(0),
        other => other,
    };
    let mut x = normal::<T>(&mut rng, n, TAILS.len()).mapv(integer);
    let mut noise = on_grid(&normal::<T>(&mut rng, m / 2, TAILS.len()), 6);
    for (mut column, tail) in noise.columns_mut().into_iter().zip(TAILS) {
        column.mapv_inplace(|z| z * tail);
    }
    let mut fit = half.dot(&x);
    for i in 0..m / 2 {
        let down = if shape == Shape::Graded { -(20 * i as i32) / (m / 2) as i32 } else { 0 };
        for rows in [&mut half, &mut fit, &mut noise] {
            rows.row_mut(i).mapv_inplace(|z| z * power(down));
        }
    }
    for j in 0..n {
        let up = if shape == Shape::BadlyScaled { (7 * j as i32) % 41 - 20 } else { 0 };
        half.column_mut(j).mapv_inplace(|z| z * power(up));
        x.row_mut(j).mapv_inplace(|z| z * power(-up));
    }
    let stack = |upper: &Wide, lower: &Wide| ndarray::concatenate![ndarray::Axis(0), upper.view(), lower.view()];
    let (a, b) = (stack(&half, &half), stack(&(&fit + &noise), &(&fit - &noise)));
    assert_eq!((rounded::<T>(&a), rounded::<T>(&b)), (a.clone(), b.clone()), "every entry is exact");
    let residual_norms = noise.columns().into_iter().map(|w| 2f64.sqrt() * residual::norm2(&w.to_owned())).collect();
    Exact { a: narrow::<T>(&a), x, b: narrow::<T>(&b), residual_norms }
}

impl<T: Scalar> Exact<T> {
    fn by(&self, method: Method) -> lapwing::Result<Solution<T, ndarray::Ix2>> {
        self.a.lstsq_with(&self.b, &LstsqOptions { method, ..Default::default() })
    }

    /// ‖x̂ − x‖/‖x‖ for each right-hand side.
    fn errors(&self, found: &Array2<T>) -> Vec<f64> {
        let wrong = wide(found) - &self.x;
        let norm = |a: &Wide, j| residual::norm2(&a.column(j).to_owned());
        (0..self.x.ncols()).map(|j| norm(&wrong, j) / norm(&self.x, j)).collect()
    }

    /// κ₂ with all columns of length 1; infinite if one is 0.
    fn kappa_of_equal_columns(&self) -> f64 {
        let a = wide(&self.a);
        let equal: Vec<f64> = a.columns().into_iter().map(|c| 1.0 / residual::norm2(&c.to_owned())).collect();
        if equal.contains(&f64::INFINITY) {
            return f64::INFINITY;
        }
        scale_columns(&a, &equal).cond().unwrap()
    }

    /// A solution of lower rank is another one, so that it must be said, and only where no digit of that of full rank is
    /// certain: κ₂·n·ε is above 1, but for the factor between lengths that powers of two make equal.
    #[track_caller]
    fn is_rightly_deficient(&self, found: &Solution<T, ndarray::Ix2>) {
        assert_eq!((found.method, found.error_bound), (Method::PivotedQr, None));
        let kappa = self.kappa_of_equal_columns();
        assert!(2.0 * kappa * self.a.ncols() as f64 * T::EPS > 1.0, "rank {} for κ₂ = {kappa:e}", found.rank);
    }

    /// Wedin's bound κε(2 + (κ + 1)·‖r‖/(‖A‖‖x‖)) with the unit of rounding itself for ε (Higham 2002, Theorem 20.1).
    fn wedin(&self) -> Vec<f64> {
        let values = self.a.singular_values().unwrap().mapv(T::f64_of);
        let (most, least) = (values[0], values[values.len() - 1]);
        let bound = |(j, r): (usize, &f64)| {
            let tail = r / (most * residual::norm2(&self.x.column(j).to_owned()));
            most / least * T::EPS * (2.0 + (most / least + 1.0) * tail)
        };
        self.residual_norms.iter().enumerate().map(bound).collect()
    }

    /// The requirement: an error of at most 3 times QR's or 3 times the bound, whichever is larger.
    fn judge(&self, found: &Array2<T>) -> residual::Verdict {
        let by_qr = match self.by(Method::Qr) {
            Ok(qr) => self.errors(&qr.x),
            Err(_) => vec![0.0; TAILS.len()],
        };
        let limits = by_qr.iter().zip(self.wedin()).map(|(qr, bound)| 3.0 * qr.max(bound));
        let pairs = self.errors(found).into_iter().zip(limits);
        let worst = pairs.max_by(|p, q| (p.0 / p.1).total_cmp(&(q.0 / q.1))).unwrap();
        residual::within("error against QR's and the bound", worst.0, worst.1)
    }
}

/// The condition numbers of a type, from 1 to what no method can do anything with.
fn kappas<T: Scalar>() -> Vec<f64> {
    (0..=15).map(|e| 10f64.powi(e)).filter(|kappa| kappa * T::EPS < 0.3).collect()
}

const FULL: [Spectrum; 4] = [Spectrum::Geometric, Spectrum::OneSmall, Spectrum::OneLarge, Spectrum::Arithmetic];

/// Whether refined normal equations converge for certain: κ²ε with two orders for the order n and κ₁ in place of κ₂.
fn sure<T: Scalar>(problem: &Exact<T>) -> bool {
    let kappa = problem.kappa_of_equal_columns();
    kappa * kappa * T::EPS * 1e4 < 1.0
}

fn accuracy<T: Scalar>() {
    let (mut refined, mut others) = (0, 0);
    let mut seed = 0;
    for (m, n) in [(1040, 16), (420, 40)] {
        for shape in SHAPES {
            for spectrum in FULL {
                for kappa in kappas::<T>().into_iter().filter(|_| shape != Shape::Chained || spectrum == FULL[0]) {
                    seed += 1;
                    let problem = exact::<T>(seed, (m, n), &spectrum.values(n, kappa), shape);
                    let case = (T::NAME, m, n, shape, spectrum, kappa);
                    let found = problem.by(Method::Auto).unwrap_or_else(|error| panic!("{error} in {case:?}"));
                    if found.rank < n {
                        problem.is_rightly_deficient(&found);
                        continue;
                    }
                    hold(&case, problem.judge(&found.x));
                    let largest = problem.errors(&found.x).into_iter().fold(0.0, f64::max);
                    if let Some(bound) = found.error_bound {
                        assert!(T::f64_of(bound) >= largest, "{bound:e} below the true {largest:e} in {case:?}");
                    }
                    for (j, (&known, told)) in problem.residual_norms.iter().zip(&found.residual_norm).enumerate() {
                        let norm = |a: Wide| residual::norm2(&a.column(j).to_owned());
                        // ‖b − Ax̂‖ of a backward stable x̂: c·d·eps·(‖A‖‖x̂‖ + ‖b‖) above the least, and as much in its own
                        // rounding; ‖A‖₁ is above ‖A‖₂ of a long matrix with such entries.
                        let size = residual::norm1(&wide(&problem.a)) * norm(wide(&found.x)) + norm(wide(&problem.b));
                        let tol = 2.0 * residual::THRESHOLD * m as f64 * T::EPS * size;
                        hold(&case, residual::within("residual norm", (T::f64_of(*told) - known).abs(), tol));
                    }
                    if found.method == Method::RefinedNormalEquations { refined += 1 } else { others += 1 }
                }
            }
        }
    }
    assert!(refined > 50 && others > 10, "{refined} by refined normal equations, {others} by QR");
}

/// Asked for by name the refined normal equations answer small problems too, or say that they cannot.
fn by_name<T: Scalar>() {
    let mut refusals = 0;
    for (m, n) in [(2, 1), (6, 3), (40, 16)] {
        for (turn, shape) in SHAPES.into_iter().enumerate().filter(|&(_, s)| match s {
            Shape::NearlyDependent => n > 1,
            // As many pairs of rows as columns would be a square matrix of integers, of whatever condition.
            Shape::Chained => m / 2 > n,
            _ => true,
        }) {
            for kappa in kappas::<T>() {
                let problem = exact::<T>(turn as u64, (m, n), &Spectrum::Geometric.values(n, kappa), shape);
                let case = (T::NAME, m, n, shape, kappa);
                match problem.by(Method::RefinedNormalEquations) {
                    Ok(found) => {
                        hold(&case, problem.judge(&found.x));
                        assert_eq!((found.method, found.rank), (Method::RefinedNormalEquations, n), "{case:?}");
                        let largest = problem.errors(&found.x).into_iter().fold(0.0, f64::max);
                        assert!(found.error_bound.is_none_or(|bound| T::f64_of(bound) >= largest), "{case:?}");
                    }
                    Err(Error::RankDeficient { .. } | Error::NoConvergence { .. }) => {
                        assert!(!sure(&problem), "refused although it converges: {case:?}");
                        refusals += 1;
                    }
                    Err(other) => panic!("{other} in {case:?}"),
                }
            }
        }
    }
    assert!(refusals > 0, "the grid reaches beyond what the method can do");
}

/// The requirement can fail: the normal equations without refinement do not meet it.
fn plain_normal_equations_are_rejected<T: Scalar>() {
    let kappa = 0.02 * T::EPS.powf(-0.5);
    let problem = exact::<T>(3, (1040, 16), &Spectrum::Geometric.values(16, kappa), Shape::Plain);
    problem.judge(&problem.by(Method::NormalEquations).unwrap().x).unwrap_err();
    problem.judge(&problem.by(Method::RefinedNormalEquations).unwrap().x).unwrap();
    // A relative error of three times the largest that is allowed.
    let limit = 3.0 * problem.wedin().into_iter().fold(0.0, f64::max).max(T::EPS);
    let off = problem.x.mapv(|z| z * (1.0 + 6.0 * limit));
    problem.judge(&narrow::<T>(&off)).unwrap_err();
}

/// Which method a long problem gets, in either order of memory: by its condition, and by its rank.
fn choice<T: Scalar>() {
    let well = exact::<T>(5, (1040, 16), &Spectrum::Geometric.values(16, 10.0), Shape::Plain);
    let mut repeated = well.a.clone();
    let first = repeated.column(0).to_owned();
    repeated.column_mut(9).assign(&first);
    let ill = exact::<T>(6, (1040, 16), &Spectrum::Geometric.values(16, 0.01 / T::EPS.sqrt()), Shape::Plain);
    let beyond = exact::<T>(7, (1040, 16), &Spectrum::OneSmall.values(16, 4.0 / T::EPS.sqrt()), Shape::Plain);
    let last = exact::<T>(7, (1040, 16), &Spectrum::Geometric.values(16, 0.1 / T::EPS), Shape::Chained);
    for rows in [false, true] {
        let used = |a: &Array2<T>| {
            let a = if rows { a.as_standard_layout().to_owned() } else { a.clone() };
            let found = a.lstsq(&well.b.slice(s![..a.nrows(), ..])).unwrap();
            (found.method, found.rank)
        };
        assert_eq!(used(&well.a), (Method::RefinedNormalEquations, 16));
        // QR, or pivoted QR where ε is so large that the rank is in doubt.
        let (method, rank) = used(&beyond.a);
        assert!(method != Method::RefinedNormalEquations && rank == 16, "{method:?} finds rank {rank}");
        // Above 1/(mε) the rank is in doubt, and below it but near to it the sketch leaves the decision to QR.
        let (method, rank) = used(&last.a);
        assert!(method != Method::RefinedNormalEquations, "{method:?} finds rank {rank}");
        assert_eq!(used(&repeated), (Method::PivotedQr, 15));
        assert_ne!(used(&ill.a).0, Method::PivotedQr);
        assert_eq!(used(&well.a.slice(s![..60, ..]).to_owned()).0, Method::Qr, "too small to pay");
    }
    let short = well.a.t().to_owned();
    let b = Array2::<T>::from_elem((16, 1), T::narrow(C64::new(1.0, 0.0)));
    assert_eq!(short.lstsq(&b).unwrap().method, Method::Qr);
    let options = LstsqOptions { method: Method::RefinedNormalEquations, ..Default::default() };
    assert!(matches!(short.lstsq_with(&b, &options), Err(Error::Shape { .. })));
}

/// Matrices that are so large that a triangle from the sketch pays, from where A alone does not do; in either order of memory,
/// and with a right-hand side of 0.
fn by_sketch<T: Scalar>() {
    let (mut sketched, mut others, mut seed) = (0, 0, 100);
    for ((m, n), spectrum) in [((16_400, 16), Spectrum::Geometric), ((6600, 40), Spectrum::OneSmall)] {
        for shape in SHAPES {
            for kappa in kappas::<T>().into_iter().filter(|kappa| *kappa * T::EPS.sqrt() > 0.1) {
                seed += 1;
                let mut problem = exact::<T>(seed, (m, n), &spectrum.values(n, kappa), shape);
                let case = (T::NAME, m, n, shape, kappa);
                if seed % 2 == 0 {
                    problem.a = problem.a.as_standard_layout().to_owned();
                }
                let found = problem.by(Method::Auto).unwrap();
                if found.rank < n {
                    problem.is_rightly_deficient(&found);
                    continue;
                }
                hold(&case, problem.judge(&found.x));
                let largest = problem.errors(&found.x).into_iter().fold(0.0, f64::max);
                assert!(found.error_bound.is_none_or(|bound| T::f64_of(bound) >= largest), "{case:?}");
                if found.method != Method::RefinedNormalEquations {
                    others += 1;
                    continue;
                }
                sketched += usize::from(problem.by(Method::RefinedNormalEquations).is_err());
                let nothing = problem.a.lstsq(&Array2::<T>::zeros((m, 1))).unwrap();
                assert!(nothing.x.iter().all(|x| *x == T::narrow(C64::ZERO)), "{case:?}");
            }
        }
    }
    // In single precision 1/√ε is beyond 1/(mε), where the rank is in doubt.
    assert!(T::EPS > 1e-10 || sketched > 10, "{sketched} by a triangle from the sketch, {others} by QR");
}

/// What a sketch cannot see must not matter: rows that carry a column are few, or come at regular distances.
fn hidden_rows<T: Scalar>() {
    for step in [32, 64, 128, 256, 512] {
        let mut problem = exact::<T>(8, (8192, 16), &Spectrum::Arithmetic.values(16, 4.0), Shape::Plain);
        for (_, entry) in problem.a.column_mut(15).iter_mut().enumerate().filter(|(i, _)| i % step != 0) {
            *entry = T::narrow(C64::ZERO);
        }
        let found = problem.by(Method::Auto).unwrap();
        assert_eq!(found.rank, 16, "{step}");
        hold(&(T::NAME, step), residual::least_squares(&wide(&problem.a), &wide(&found.x), &wide(&problem.b), T::EPS));
    }
}

/// At the ends of the range the columns are scaled before their squares are formed.
fn ends_of_the_range<T: Scalar>() {
    let problem = exact::<T>(9, (1040, 16), &Spectrum::Geometric.values(16, 10.0), Shape::Plain);
    for scale in [Scale::Tiny, Scale::Huge] {
        let factor = C64::new(scale.factor::<T>() / 64.0, 0.0);
        let a = narrow::<T>(&wide(&problem.a).mapv(|z| z * factor));
        let b = narrow::<T>(&wide(&problem.b).mapv(|z| z * factor));
        if rounded::<T>(&wide(&a)).iter().zip(&wide(&problem.a)).any(|(z, w)| *z != w * factor) {
            continue;
        }
        for method in [Method::Auto, Method::RefinedNormalEquations] {
            let found = a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() }).unwrap();
            hold(&(T::NAME, scale, method), problem.judge(&found.x));
        }
    }
}

each_type!(accuracy, by_name, plain_normal_equations_are_rejected, choice, by_sketch, hidden_rows, ends_of_the_range,);
