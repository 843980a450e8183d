//! Least squares: the problem as the methods see it, and the answer as the caller gets it.
//! On the floor above `factor`; must not know how a method works.

use ndarray::{Array, Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2};
use num_traits::{Float, One, Zero};

use super::{Method, bounds};
use crate::element::{Element, Real};
use crate::error::Result;
use crate::factor::{RhsDimension, require_finite, residual_to};
use crate::layout::Order;
use crate::norm::norm2;
use crate::workspace::Workspace;

/// A least-squares solution, and how it was obtained.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Solution<T: Element, D: RhsDimension> {
    /// The solution, in b's dimension: n entries, or n×p.
    pub x: Array<T, D>,
    /// ‖b − A·x‖₂ of the computed x, for each right-hand side; infinite where it exceeds the range of the type.
    pub residual_norm: D::PerColumn<T::Real>,
    /// The rank that was found or, by [`Method::NormalEquations`], [`Method::RefinedNormalEquations`], [`Method::Qr`] and
    /// [`Method::Refined`], verified.
    pub rank: usize,
    /// The tolerance by which the rank was decided or, for a tall matrix, doubted; 0 where [`Method::Svd`] has found it full on columns
    /// scaled to equal length, so that nothing was dropped although a singular value of A itself is tiny.
    pub rcond: T::Real,
    /// The method that was used; never [`Method::Auto`].
    pub method: Method,
    /// κ(A): by [`Method::Svd`] κ₂ over the singular values that were kept; by the others an estimate of κ₁ of the
    /// triangular factor, which is within a factor n of κ₂. `None` where the rank is deficient, where A is empty, and where
    /// the lengths of columns are so far apart that their ratio, and κ(A) with it, is near the end of the range or beyond.
    pub condition: Option<T::Real>,
    /// A bound, to first order, on ‖x̂ − x‖₂/‖x‖₂ for the worst right-hand side. `None` where it would exceed 1 or where
    /// there is none: the rank is deficient, x is 0, or `condition` is `None`.
    pub error_bound: Option<T::Real>,
}

/// A problem whose shapes and entries have been checked.
#[derive(Clone, Copy)]
pub(super) struct Problem<'a, T: Element> {
    /// A, times a power of two.
    pub(super) a: ArrayView2<'a, T>,
    /// The right-hand sides, in columns, times a power of two.
    pub(super) b: ArrayView2<'a, T>,
    /// Both as the caller gave them.
    pub(super) unscaled: (ArrayView2<'a, T>, ArrayView2<'a, T>),
    /// What each column of A was multiplied by, if not all by one power.
    pub(super) units: Option<ArrayView1<'a, T::Real>>,
    /// The tolerance for the rank.
    pub(super) rcond: T::Real,
    /// Whether it is the caller's.
    pub(super) given: bool,
}

/// The powers of two by which A, or each of its columns, and the right-hand sides are multiplied.
pub(super) struct Units<'a, R> {
    pub(super) a: R,
    /// In two factors, whose product may be out of range.
    pub(super) columns: Option<[&'a ArrayRef1<R>; 2]>,
    pub(super) b: &'a [R],
}

/// The powers of two by which a column of A and a right-hand side are multiplied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scales<R> {
    pub(super) a: R,
    pub(super) b: R,
}

impl<R: Real> Scales<R> {
    /// A solution of the scaled problem as one of the problem itself.
    pub(super) fn unscale<T: Element<Real = R>>(self, x: T) -> T {
        let ratio = self.a / self.b;
        // Where the ratio is out of range both factors pull the same way.
        if ratio.is_normal() { x.mul_real(ratio) } else { x.mul_real(self.a).div_real(self.b) }
    }
}

/// What a method found.
pub(super) struct Answer<T: Element> {
    /// In memory that the workspace has lent.
    pub(super) x: Array2<T>,
    pub(super) rank: usize,
    pub(super) rcond: T::Real,
    pub(super) method: Method,
    /// κ(A), and a lower bound of ‖A‖₂; `None` where the rank is deficient.
    pub(super) conditioning: Option<bounds::Conditioning<T::Real>>,
    /// ‖b − A·x‖₂ for each right-hand side, in memory that the workspace has lent, if the method knows it.
    pub(super) residual_norms: Option<Vec<T::Real>>,
}

impl<'a, T: Element> Problem<'a, T> {
    /// Whether A has no entries.
    pub(super) fn is_trivial(&self) -> bool {
        self.a.is_empty()
    }

    /// The answer of a trivial problem: x = 0.
    pub(super) fn zero_answer(&self, method: Method, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
        let x = zeros(self.a.ncols(), self.b.ncols(), workspace)?;
        let method = if method == Method::Auto { Method::Qr } else { method };
        Ok(Answer { x, rank: 0, rcond: self.rcond, method, conditioning: None, residual_norms: None })
    }
}

/// A zero matrix in memory that the workspace lends.
pub(super) fn zeros<T: Element>(rows: usize, cols: usize, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let mut x = workspace.spare.lend(rows, cols, Order::ColumnMajor)?;
    x.fill(T::zero());
    Ok(x)
}

impl<T: Element, D: RhsDimension> Default for Solution<T, D> {
    /// The solution of a 0×0 system, as an output to reuse.
    fn default() -> Self {
        Solution {
            x: Array::default(D::default()),
            residual_norm: D::no_values(),
            rank: 0,
            rcond: T::Real::zero(),
            method: Method::Qr,
            condition: None,
            error_bound: None,
        }
    }
}

impl<T: Element, D: RhsDimension> Solution<T, D> {
    /// Takes over an answer to the problem in these units, after judging it.
    pub(super) fn store(
        &mut self, problem: &Problem<'_, T>, units: Units<'_, T::Real>, answer: Answer<T>, workspace: &mut Workspace<T>,
    ) -> Result<()> {
        let Answer { mut x, rank, rcond, method, conditioning, residual_norms } = answer;
        require_finite(&x)?;
        let mut norms = match residual_norms {
            Some(norms) => norms,
            None => residual_norms_of(problem, &x, workspace)?,
        };
        let bound = conditioning.and_then(|conditioning| {
            let columns = x.columns().into_iter().zip(problem.b.columns()).zip(&norms);
            let sizes = columns.map(|((x, b), &r)| bounds::Sizes { x: norm2(&x), b: norm2(&b), r });
            bounds::forward_error::<T>(method, problem.a.dim(), conditioning, sizes)
        });
        let one = T::Real::one();
        for (mut column, &b) in x.columns_mut().into_iter().zip(units.b) {
            for (j, x) in column.iter_mut().enumerate() {
                let [a, rest] = units.columns.map_or([units.a, one], |columns| columns.map(|column| column[j]));
                *x = Scales { a, b }.unscale(*x).mul_real(rest);
            }
        }
        require_finite(&x)?;
        norms.iter_mut().zip(units.b).for_each(|(norm, &b)| *norm /= b);
        // What the unscaled solution loses by underflow is in no bound.
        let has_underflown = x.columns().into_iter().any(|x| norm2(&x) < T::Real::min_positive_value() / T::Real::EPS);
        self.error_bound = bound.filter(|_| !has_underflown);
        D::store_values(&norms, &mut self.residual_norm)?;
        workspace.spare_real.keep_vec(norms);
        D::fit(&mut self.x, x.nrows(), x.ncols())?;
        D::columns_mut(self.x.view_mut()).assign(&x);
        workspace.spare.keep(x);
        (self.rank, self.rcond, self.method) = (rank, rcond, method);
        self.condition = conditioning.map(|conditioning| conditioning.kappa);
        Ok(())
    }
}

/// ‖b − A·x‖₂ for each right-hand side.
fn residual_norms_of<T: Element>(
    problem: &Problem<'_, T>, x: &ArrayRef2<T>, workspace: &mut Workspace<T>,
) -> Result<Vec<T::Real>> {
    let (m, p) = problem.b.dim();
    let mut residual = workspace.spare.lend(m, p, Order::ColumnMajor)?;
    residual_to(&problem.a, &problem.b, x, &mut residual)?;
    let mut norms = workspace.spare_real.lend_vec(p)?;
    norms.iter_mut().zip(residual.columns()).for_each(|(norm, column)| *norm = norm2(&column));
    workspace.spare.keep(residual);
    Ok(norms)
}
