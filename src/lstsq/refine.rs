//! Least squares by QR and extra-precise iterative refinement: an answer that is right but for its rounding.
//! On the floor above `factor`; must not name a routine.
//!
//! The augmented system is solved by QR again and again for its own residual, which is accumulated in twice the working
//! precision, and its unknowns are carried in as many words (Björck, Numerical Methods for Least Squares Problems,
//! §2.9.2; Demmel, Hida, Riedy & Li, Extra-precise iterative refinement for overdetermined least squares problems, ACM
//! TOMS 35 (2009)). Each step contracts the error by about κ·ε, on columns of equal length. Residuals in K words of
//! unit roundoff u leave an error of about uᴷ(κ + κ²‖r‖/(‖A‖‖x‖)); where the bound of that is not below the rounding of the
//! answer, one word more is taken: for double precision three, for single precision two doubles.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, ArrayViewMut1, s};
use num_traits::{Float, One};

use super::Method;
use super::augmented::{Kind, Planes, Rhs, System};
use super::bounds::{Conditioning, rounding, wedin};
use super::independence::Columns;
use super::orthogonal::is_orthogonal;
use super::qr::upper_triangle;
use super::scaling::{equilibrating, scale_columns};
use super::solution::{Answer, Problem, Scales, zeros};
use crate::element::{Element, Real, conjugate};
use crate::error::{Error, Result};
use crate::factor::{Qr, columns_of, with_qr};
use crate::norm::norm2;
use crate::pack::magnitude;
use crate::scale::power_near_reciprocal;
use crate::words::LANES;
use crate::workspace::Workspace;

/// The unit roundoff of a word.
const U: f64 = f64::EPSILON / 2.0;

/// More steps than a contraction by one half needs for three words.
const MOST_STEPS: usize = 200;

/// The solution by QR with refinement; [`Error::RankDeficient`] as for [`Method::Qr`], [`Error::NoConvergence`] where the
/// steps do not come to an end that can be trusted.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let tall = problem.a.nrows() >= problem.a.ncols();
    let mut matrix = columns_of(&if tall { problem.a.view() } else { problem.a.t() }, workspace)?;
    if !tall {
        conjugate(&mut matrix);
    }
    let scales = equilibrating(&matrix, workspace)?;
    scale_columns(&mut matrix, &scales);
    let answer = with_qr(&matrix, workspace, |qr, workspace| {
        let (rank, rcond) = (qr.dim().1, rounding(qr.dim().0));
        let r = qr.packed();
        let r = r.slice(s![..rank, ..]);
        let scaled = Conditioning::of_factor(&r, &mut workspace.scratch)?;
        if scaled.kappa * rcond >= T::Real::one() {
            let upper = upper_triangle(&r, workspace)?;
            let independent = Columns { a: &matrix, factors: None }.rank_by_qr(qr, &upper, workspace);
            workspace.spare.keep(upper);
            match independent? {
                found if found < rank => return Err(Error::RankDeficient { rank: found, needed: rank }),
                _ => {}
            }
        }
        let conditioning = Some(unscaled(&r, &scales, workspace)?);
        let x = solutions(problem, &matrix, qr, &scales, scaled, workspace)?;
        Ok(Answer { x, rank, rcond, method: Method::Refined, conditioning, residual_norms: None })
    });
    workspace.spare.keep(matrix);
    workspace.spare_real.keep(scales);
    answer
}

/// The condition of R·D⁻¹.
fn unscaled<T: Element>(
    r: &ArrayRef2<T>, scales: &Array1<T::Real>, workspace: &mut Workspace<T>,
) -> Result<Conditioning<T::Real>> {
    let mut copy = upper_triangle(r, workspace)?;
    for (mut column, &scale) in copy.columns_mut().into_iter().zip(scales) {
        column.mapv_inplace(|x| x.div_real(scale));
    }
    let conditioning = Conditioning::of_factor(&copy, &mut workspace.scratch);
    workspace.spare.keep(copy);
    conditioning
}

/// The solution for each right-hand side.
fn solutions<T: Element>(
    problem: &Problem<'_, T>, matrix: &Array2<T>, qr: &Qr<T>, scales: &Array1<T::Real>,
    conditioning: Conditioning<T::Real>, workspace: &mut Workspace<T>,
) -> Result<Array2<T>> {
    let (m, n) = problem.a.dim();
    let kind = if m >= n { Kind::Overdetermined } else { Kind::Underdetermined };
    let mut x = zeros(n, problem.b.ncols(), workspace)?;
    let mut system = System::new(matrix, qr, workspace)?;
    let weights = Weights::new(scales, problem.units);
    for (k, (b, x)) in problem.b.columns().into_iter().zip(x.columns_mut()).enumerate() {
        let rhs = moderated(b, kind, scales);
        system.clear();
        let mut course = Course::new::<T>(kind, conditioning, matrix.dim());
        match course.converge(&mut system, &rhs, &weights, workspace)? {
            Outcome::Converged => store(&system, &rhs, kind, scales, x),
            // x stays 0.
            Outcome::Unseen
                if kind == Kind::Overdetermined
                    && is_orthogonal(&problem.unscaled.0, &problem.unscaled.1.column(k)) => {}
            Outcome::Unseen if b.iter().all(|&b| b == T::zero()) => {}
            Outcome::Unseen => return Err(NOT_CONVERGED),
        }
    }
    system.finish(workspace);
    Ok(x)
}

/// By what the entries of the solution of the scaled problem are multiplied to make them the caller's, but for a common factor.
struct Weights<'a, R> {
    scales: &'a Array1<R>,
    /// Those of columns that had been scaled before, and the largest of them.
    units: Option<(ArrayView1<'a, R>, f64)>,
}

impl<'a, R: Real> Weights<'a, R> {
    fn new(scales: &'a Array1<R>, units: Option<ArrayView1<'a, R>>) -> Self {
        let largest = |units: &ArrayView1<'_, R>| units.iter().fold(0.0, |most, unit| Float::max(most, unit.as_f64()));
        Weights { scales, units: units.map(|units| (units, largest(&units))) }
    }

    fn at(&self, j: usize) -> f64 {
        let unit = self.units.map_or(1.0, |(units, largest)| units[j].as_f64() / largest);
        // What is nothing beside the largest must not be 0 beside nothing.
        Float::max(self.scales[j].as_f64() * unit, f64::MIN_POSITIVE)
    }
}

/// A right-hand side with entries of size 1, for a wide matrix after its rows have been scaled.
fn moderated<'a, T: Element>(b: ArrayView1<'a, T>, kind: Kind, scales: &'a Array1<T::Real>) -> Rhs<'a, T> {
    let power = |size: f64| power_near_reciprocal(size);
    let factor = power(norm2(&b).as_f64());
    let mut rhs = Rhs { entries: b, factor, rows: None };
    if kind == Kind::Underdetermined {
        rhs.rows = Some((scales.view(), 1.0));
        let largest = (0..b.len()).flat_map(|i| rhs.at(i)).fold(0.0, |largest: f64, x| largest.max(x.abs()));
        rhs.rows = Some((scales.view(), power(largest)));
    }
    rhs
}

/// The solution in the units of A and b.
fn store<T: Element>(
    system: &System<'_, T>, rhs: &Rhs<'_, T>, kind: Kind, scales: &Array1<T::Real>, x: ArrayViewMut1<'_, T>,
) {
    let b = T::real(rhs.factor);
    for (j, x) in x.into_iter().enumerate() {
        *x = match (kind, &rhs.rows) {
            (Kind::Underdetermined, Some((_, last))) => {
                let x: T = system.r.rounded(j / LANES, j % LANES);
                x.div_real(T::real(*last)).div_real(b)
            }
            _ => Scales { a: scales[j], b }.unscale(system.z.rounded(j, 0)),
        };
    }
}

/// How the refinement of one solution ended.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    /// What is left is below the rounding of the answer.
    Converged,
    /// The answer cannot be told from 0 by residuals in so many words.
    Unseen,
}

const NOT_CONVERGED: Error = Error::NoConvergence { routine: "extra-precise refinement" };

/// What a step tells of the solution w of the scaled problem.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// The largest entry of the correction.
    size: f64,
    /// The largest and the smallest entry of w.
    largest: f64,
    smallest: f64,
    /// How much larger an error may be relative to x than to w, in the norm.
    growth: f64,
    /// A bound, known beforehand, of the error that residuals in as many words leave, relative to the largest entry.
    floor: f64,
    /// What rounding errors of the correction itself may leave of the error, in the units of w.
    left: f64,
}

/// How the refinement of one solution goes.
struct Course {
    kind: Kind,
    kappa: f64,
    norm: f64,
    /// The rows and the columns of A or Aᴴ.
    dim: (usize, usize),
    /// The ε of the element type.
    eps: f64,
    words: usize,
    most_words: usize,
    /// The size of the step before.
    before: f64,
    /// How far the solution has gone since residuals have had one word more than at first.
    moved: Option<f64>,
    /// How many steps in a row have not been half as large as those before.
    slow: usize,
    /// Whether what is left is far below the rounding of x, in the norm and in every entry.
    normwise: bool,
    componentwise: bool,
}

impl Course {
    fn new<T: Element>(kind: Kind, conditioning: Conditioning<T::Real>, dim: (usize, usize)) -> Self {
        let eps = T::Real::EPS.as_f64();
        let words = if eps > f64::EPSILON { 1 } else { 2 };
        Course {
            kind,
            kappa: conditioning.kappa.as_f64(),
            norm: conditioning.norm.as_f64(),
            dim,
            eps,
            words,
            most_words: words + 1,
            before: 0.0,
            moved: None,
            slow: 0,
            normwise: false,
            componentwise: false,
        }
    }

    /// Refines until what is left is below the rounding of the answer.
    fn converge<T: Element>(
        &mut self, system: &mut System<'_, T>, rhs: &Rhs<'_, T>, weights: &Weights<'_, T::Real>,
        workspace: &mut Workspace<T>,
    ) -> Result<Outcome> {
        for count in 0..MOST_STEPS {
            match self.words {
                1 => system.step::<1>(rhs, self.kind, workspace)?,
                2 => system.step::<2>(rhs, self.kind, workspace)?,
                _ => system.step::<3>(rhs, self.kind, workspace)?,
            }
            let step = self.measure(system, weights);
            if count == 0 {
                self.before = step.size;
                continue;
            }
            if step.largest == 0.0 && step.size == 0.0 {
                return Ok(Outcome::Unseen);
            }
            self.judge(step);
            let floor = self.measured_floor(step);
            let is_exact = step.growth * floor <= self.target();
            if self.normwise && self.componentwise && is_exact {
                return Ok(Outcome::Converged);
            }
            let is_over = self.slow >= 2 || (self.normwise && self.componentwise);
            if !is_over {
                continue;
            }
            if self.words < self.most_words {
                self.words += 1;
                self.moved = Some(0.0);
                (self.slow, self.normwise, self.componentwise) = (0, false, false);
            } else if self.normwise && is_exact {
                // Single entries that are 0, or as good as 0, have no digits.
                return Ok(Outcome::Converged);
            } else if floor >= 1.0 {
                return Ok(Outcome::Unseen);
            } else {
                break;
            }
        }
        Err(NOT_CONVERGED)
    }

    /// What is allowed of the error of x in the largest norm, so that it is half a unit roundoff in the Euclidean one;
    /// magnitudes of complex numbers are known to a factor √2.
    fn target(&self) -> f64 {
        let entries = if self.kind == Kind::Overdetermined { self.dim.1 } else { self.dim.0 };
        self.eps / (8.0 * Float::sqrt(entries as f64))
    }

    /// γ = 4lu, by which each word more makes the bound of what sums of products are rounded by smaller (Ogita, Rump & Oishi,
    /// Proposition 5.11).
    fn gamma(&self) -> f64 {
        4.0 * (self.dim.0 + 2) as f64 * U
    }

    /// Relative to |A||z| + |r| or |Aᴴ||r|, which an entry of the residual is rounded by: γᴷ, times the number of columns for the
    /// norm of |A|.
    fn unit(&self) -> f64 {
        Float::powi(self.gamma(), self.words as i32) * self.dim.1 as f64
    }

    /// A bound of the error that residuals in as many words leave, relative to the largest entry: the one that is known beforehand
    /// or, with a word more than at first, the error that the words before left, which is how far the solution has gone since,
    /// times γ. Where the first cannot tell the solution from 0 the second means nothing.
    fn measured_floor(&mut self, step: Step) -> f64 {
        let Some(moved) = &mut self.moved else { return step.floor };
        *moved += step.size;
        let moved = *moved;
        if step.floor < 1.0 { Float::min(step.floor, self.gamma() * moved / step.largest) } else { step.floor }
    }

    /// What QR rounds A by, relative to its norm, in the solution of [I A; Aᴴ 0]·(δr, δz) = (f, g): by perturbation theory δr is then
    /// wrong by this times ‖A‖‖δz‖ + κ‖δr‖, and δz by this times κ‖δz‖ + κ²‖δr‖/‖A‖ (Björck, BIT 7 (1967)). With √n for the norm of a
    /// matrix whose columns are wrong by a few ε; what a larger constant would add is seen in the ratios of corrections.
    fn rounding(&self) -> f64 {
        4.0 * self.eps * Float::sqrt(self.dim.1 as f64)
    }

    /// Takes note of a step: with the contraction ρ what is left after it is at most ρ/(1 − ρ) times its size.
    fn judge(&mut self, step: Step) {
        let ratio = step.size / self.before;
        self.slow = if ratio <= 0.5 { 0 } else { self.slow + 1 };
        self.before = step.size;
        if step.size == 0.0 && step.left == 0.0 {
            (self.normwise, self.componentwise) = (true, true);
        } else if ratio <= 0.5 {
            // One correction may be small by chance, and its ratio to the one before with it.
            let left = Float::max(ratio / (1.0 - ratio) * step.size, step.left);
            self.normwise |= left * step.growth <= self.target() * step.largest;
            let negligible = self.eps * self.eps * step.largest;
            self.componentwise |= left <= Float::max(self.target() * step.smallest, negligible);
        }
    }

    /// The measures of the last step.
    fn measure<T: Element>(&self, system: &System<'_, T>, weights: &Weights<'_, T::Real>) -> Step {
        match self.kind {
            Kind::Overdetermined => {
                let w = Extent::of::<T>(&system.z, 1, system.g.iter().copied(), |j| weights.at(j));
                let residual = Extent::of::<T>(&system.r, LANES, system.f.iter().copied(), |_| 1.0);
                let relative = Float::sqrt(residual.squares) / (self.norm * Float::sqrt(w.squares));
                let floor = wedin(self.kappa, self.unit(), relative) * Float::sqrt(self.dim.1 as f64);
                let left = self.rounding() * self.kappa * (w.moved + self.kappa * residual.moved / self.norm);
                w.step(floor, left)
            }
            Kind::Underdetermined => {
                let w = Extent::of::<T>(&system.r, LANES, system.f.iter().copied(), |_| 1.0);
                let z = Extent::of::<T>(&system.z, 1, system.g.iter().copied(), |_| 1.0);
                let floor = 3.0 * self.kappa * self.unit() * Float::sqrt(self.dim.0 as f64);
                let left = self.rounding() * (self.norm * z.moved + self.kappa * w.moved);
                w.step(floor, left)
            }
        }
    }
}

/// The sizes of a vector and of its correction.
#[derive(Default)]
struct Extent {
    largest: f64,
    smallest: f64,
    squares: f64,
    /// The largest factor, and the largest entry times its factor.
    factor: f64,
    weighted: f64,
    correction: f64,
    /// The length of the correction.
    moved: f64,
}

impl Extent {
    fn of<T: Element>(
        planes: &Planes, lanes: usize, correction: impl Iterator<Item = T>, factor: impl Fn(usize) -> f64,
    ) -> Self {
        let mut extent = Extent { smallest: f64::INFINITY, ..Extent::default() };
        for (j, d) in correction.enumerate() {
            let size = magnitude::<T>(planes.rounded(j / lanes, j % lanes)).as_f64();
            extent.largest = extent.largest.max(size);
            extent.smallest = extent.smallest.min(size);
            extent.squares += size * size;
            extent.factor = extent.factor.max(factor(j));
            extent.weighted = extent.weighted.max(factor(j) * size);
            // Not by `max`, which drops a NaN.
            let d = magnitude(d).as_f64();
            extent.correction = if d <= extent.correction { extent.correction } else { d };
            extent.moved = extent.moved.hypot(d);
        }
        extent
    }

    fn step(self, floor: f64, left: f64) -> Step {
        let Extent { largest, smallest, factor, weighted, correction: size, .. } = self;
        Step { size, largest, smallest, growth: factor / (weighted / largest), floor, left }
    }
}
