//! Least squares by the normal equations, refined until the error is that of QR: x ← x + (AᴴA)⁻¹·Aᴴ(b − A·x).
//! On the floor above `factor`; must not return an answer that has not converged.
//!
//! The residual comes from A itself, so that errors of the Gram matrix and of its factor slow the iteration down but do not
//! reach its limit (Björck, Numerical Methods for Least Squares Problems, §2.9.3 and §6.6.5).

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView2, s};
use num_traits::{Float, One, Zero};

use super::Method;
use super::bounds::Conditioning;
use super::normal::{Equilibrated, equal_lengths, gram_rounding, longest, squares_fit};
use super::scaling::scale_rows;
use super::solution::{Answer, Problem, zeros};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, require_tall};
use crate::factor::{add_adjoint_product, gram_to, residual_to};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack;
use crate::workspace::Workspace;

/// A block of rows of A takes about this many bytes, so that it is still in cache when it is read for the second time.
pub(super) const BLOCK_BYTES: usize = 1 << 20;

/// The most steps; each must shrink the correction by [`SLOWEST`] at least.
const STEPS: usize = 12;

/// A step that leaves more than this of the error means that the factor is not good enough.
pub(super) const SLOWEST: f64 = 0.1;

/// What may be left of the iteration's error when it stops, in units of the error that rounding the residual makes.
const LEFT: f64 = 0.01;

/// The solution by refined normal equations; [`Error::RankDeficient`] where Cholesky breaks down or the Gram matrix is
/// singular to the precision with which it was formed, [`Error::NoConvergence`] where its factor is not good enough.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    require_tall("a system for the refined normal equations", problem.a.dim())?;
    let n = problem.a.ncols();
    let mut gram = workspace.spare.lend(n, n, pack::natural_order(&problem.a))?;
    gram_to(&problem.a, &mut gram)?;
    let answer = if squares_fit(&gram) {
        of_gram(&problem.a, &problem.b, &mut gram, None, workspace)
    } else {
        let (scaled, factors) = equal_lengths(&problem.a, workspace)?;
        gram_to(&scaled, &mut gram)?;
        of_gram(&scaled, &problem.b, &mut gram, Some(&factors), workspace)
    };
    workspace.spare.keep(gram);
    answer
}

/// The solution from the Gram matrix of `a`, which is A, or A·D with the diagonal of D in `given`.
fn of_gram<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, gram: &mut Array2<T>, given: Option<&Array1<T::Real>>,
    workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let (m, n) = a.dim();
    let rcond = gram_rounding(n, m);
    let norm = longest(gram, given);
    let system = Equilibrated::factor(gram, rcond, workspace)?;
    refined(a, b, Factored { system, given, norm, rcond, start: None }, workspace)
}

/// What refinement works with.
pub(super) struct Factored<'a, 'g, T: Element> {
    pub(super) system: Equilibrated<'g, T>,
    /// The diagonal of D if the columns of A have been multiplied by D.
    pub(super) given: Option<&'a Array1<T::Real>>,
    /// The length of the longest column of A.
    pub(super) norm: T::Real,
    /// The tolerance by which the rank is full.
    pub(super) rcond: T::Real,
    /// A first solution; the step from 0 makes one where there is none.
    pub(super) start: Option<Array2<T>>,
}

/// The solution by refinement with a factor of AᴴA.
pub(super) fn refined<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, factored: Factored<'_, '_, T>, workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let Factored { system, given, norm, rcond, start } = factored;
    let refined = Refinement::new(a, b.view(), &system, given, start, workspace)?.run(workspace);
    let kappa = T::Real::one() / system.unscaled_rcond(given, workspace)?;
    let (mut x, residual_norms) = refined?;
    if let Some(given) = given {
        scale_rows(&mut x, given);
    }
    let (method, conditioning) = (Method::RefinedNormalEquations, Some(Conditioning { kappa, norm }));
    Ok(Answer { x, rank: a.ncols(), rcond, method, conditioning, residual_norms: Some(residual_norms) })
}

/// The iteration, and what it measures of itself.
struct Refinement<'a, 'g, T: Element> {
    a: &'a ArrayRef2<T>,
    b: ArrayView2<'a, T>,
    system: &'a Equilibrated<'g, T>,
    /// The diagonal of D if the columns of A have been multiplied by D.
    given: Option<&'a Array1<T::Real>>,
    x: Array2<T>,
    /// Whether x is a solution already, not 0.
    started: bool,
    /// Aᴴ(b − A·x), and then the correction.
    g: Array2<T>,
    /// ‖b − A·x‖₂ for each right-hand side, of the x before the last correction.
    norms: Vec<T::Real>,
    /// ‖b‖₂ for each right-hand side.
    b_norms: Vec<T::Real>,
    /// The largest factor by which a step may leave errors, as far as is known.
    contraction: T::Real,
}

/// How a step went, for the worst right-hand side.
enum Progress<R> {
    /// Nothing more is to be gained.
    Converged,
    /// The correction relative to x.
    Going(R),
}

impl<'a, 'g, T: Element> Refinement<'a, 'g, T> {
    fn new(
        a: &'a ArrayRef2<T>, b: ArrayView2<'a, T>, system: &'a Equilibrated<'g, T>, given: Option<&'a Array1<T::Real>>,
        start: Option<Array2<T>>, workspace: &mut Workspace<T>,
    ) -> Result<Self> {
        let (n, p, started) = (a.ncols(), b.ncols(), start.is_some());
        let x = start.map_or_else(|| zeros(n, p, workspace), Ok)?;
        let g = zeros(n, p, workspace)?;
        let norms = workspace.spare_real.lend_vec(p)?;
        let mut b_norms = workspace.spare_real.lend_vec(p)?;
        b_norms.iter_mut().zip(b.columns()).for_each(|(norm, b)| *norm = norm2(&b));
        Ok(Refinement { a, b, system, given, x, started, g, norms, b_norms, contraction: system.contraction })
    }

    /// x, and the norms of its residuals.
    fn run(mut self, workspace: &mut Workspace<T>) -> Result<(Array2<T>, Vec<T::Real>)> {
        let converged = self.iterate(workspace);
        workspace.spare.keep(self.g);
        workspace.spare_real.keep_vec(self.b_norms);
        match converged {
            Ok(()) => Ok((self.x, self.norms)),
            Err(error) => {
                workspace.spare.keep(self.x);
                workspace.spare_real.keep_vec(self.norms);
                Err(error)
            }
        }
    }

    fn iterate(&mut self, workspace: &mut Workspace<T>) -> Result<()> {
        let not_converged = Error::NoConvergence { routine: "refinement of the normal equations" };
        if !self.started {
            // The first step, from x = 0.
            add_adjoint_product(self.a, &self.b, &mut self.x, workspace)?;
            self.system.solve(&mut self.x, workspace)?;
        }
        let mut before = T::Real::one();
        for _ in 0..STEPS {
            self.gradient(workspace)?;
            match self.correct(before, workspace)? {
                Progress::Converged => return Ok(()),
                Progress::Going(size) if size <= before * T::real(SLOWEST) => before = size,
                Progress::Going(_) => return Err(not_converged),
            }
        }
        Err(not_converged)
    }

    /// g ← Aᴴ(b − A·x) and the norms of b − A·x, in one pass over A.
    fn gradient(&mut self, workspace: &mut Workspace<T>) -> Result<()> {
        let (m, n) = self.a.dim();
        let rows = (BLOCK_BYTES / (n.max(1) * size_of::<T>())).clamp(64, m.max(64));
        self.g.fill(T::zero());
        self.norms.fill(T::Real::zero());
        for start in (0..m).step_by(rows) {
            let end = m.min(start + rows);
            let (a, b) = (self.a.slice(s![start..end, ..]), self.b.slice(s![start..end, ..]));
            let mut residual = workspace.spare.lend(end - start, b.ncols(), Order::ColumnMajor)?;
            residual_to(&a, &b, &self.x, &mut residual)?;
            for (norm, column) in self.norms.iter_mut().zip(residual.columns()) {
                *norm = Float::hypot(*norm, norm2(&column));
            }
            add_adjoint_product(&a, &residual, &mut self.g, workspace)?;
            workspace.spare.keep(residual);
        }
        Ok(())
    }

    /// x ← x + d with d = G⁻¹·g, where `before` is the size of the last correction.
    fn correct(&mut self, before: T::Real, workspace: &mut Workspace<T>) -> Result<Progress<T::Real>> {
        let mut d = workspace.spare.lend(self.g.nrows(), self.g.ncols(), Order::ColumnMajor)?;
        d.assign(&self.g);
        self.system.solve(&mut d, workspace)?;
        let (mut largest, mut all) = (T::Real::zero(), true);
        for j in 0..d.ncols() {
            let (size, level) = self.sizes(j, &d.column(j));
            if size > level {
                self.contraction = self.contraction.max(size / before);
            }
            largest = if size <= largest { largest } else { size };
            all &= self.contraction * size <= T::real(LEFT) * level;
        }
        let mut settled = true;
        for (j, d) in d.columns().into_iter().enumerate() {
            settled &= self.update(j, &d);
        }
        workspace.spare.keep(d);
        Ok(if all && settled { Progress::Converged } else { Progress::Going(largest) })
    }

    /// The correction `d` of column `j` relative to x, and the size of corrections that rounding the residual alone makes.
    fn sizes(&self, j: usize, d: &ArrayRef1<T>) -> (T::Real, T::Real) {
        let x = self.x.column(j);
        let (correction, solution) = (self.length_equilibrated(d), self.length_equilibrated(&x));
        if correction == T::Real::zero() {
            return (T::Real::zero(), T::Real::EPS);
        }
        let size = (correction / solution).max(self.length_unscaled(d) / self.length_unscaled(&x));
        // ‖A⁺‖·ε(‖A‖‖x‖ + ‖b‖) from the residual, ‖(AᴴA)⁻¹‖·ε‖A‖‖r‖ from the product with Aᴴ, for equilibrated columns.
        let kappa = T::Real::one() / Scalar::sqrt(self.system.rcond);
        let size_of_ax = Scalar::sqrt(T::real(d.len())) * solution;
        let (b, r) = (self.b_norms[j] / size_of_ax, self.norms[j] / size_of_ax);
        (size, T::Real::EPS * kappa * (T::Real::one() + b + kappa * r))
    }

    /// ‖D⁻¹·v‖₂ with D as it equilibrates the columns of A.
    fn length_equilibrated(&self, v: &ArrayRef1<T>) -> T::Real {
        let squares = v.iter().zip(&self.system.scales).map(|(v, &scale)| v.div_real(scale).square());
        Scalar::sqrt(squares.sum::<T::Real>())
    }

    /// ‖v‖₂ in the caller's units.
    fn length_unscaled(&self, v: &ArrayRef1<T>) -> T::Real {
        match self.given {
            None => norm2(v),
            Some(given) => v.iter().zip(given).fold(T::Real::zero(), |sum, (v, &d)| Float::hypot(sum, v.abs() * d)),
        }
    }

    /// x ← x + d in column `j`, with the norm of its residual; whether that is known as well as a pass over A would tell.
    fn update(&mut self, j: usize, d: &ArrayRef1<T>) -> bool {
        // The residual of x + d is orthogonal to A·d, whose square is dᴴ·g but for the factor by which d is wrong.
        let removed = d.iter().zip(self.g.column(j)).map(|(d, g)| (d.conj() * *g).re()).sum::<T::Real>();
        let removed = removed.max(T::Real::zero());
        let left = Scalar::sqrt((self.norms[j] * self.norms[j] - removed).max(T::Real::zero()));
        let doubtful = self.contraction * removed;
        let error =
            if left > T::Real::zero() { Scalar::sqrt(doubtful).min(doubtful / left) } else { Scalar::sqrt(doubtful) };
        self.norms[j] = left;
        self.x.column_mut(j).zip_mut_with(d, |x, &d| *x += d);
        error <= T::Real::EPS * self.b_norms[j]
    }
}
