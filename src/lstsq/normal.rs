//! Least squares by the normal equations: AᴴA·x = Aᴴb, and x = Aᴴ·y with AAᴴ·y = b for wide matrices.
//! On the floor above `factor`; must not name a routine.
//!
//! Rows and columns of the Gram matrix are scaled by powers of two before Cholesky, which changes no digit of the answer;
//! the condition of what is left decides whether the answer means anything (Higham, §10.3.1 and §20.4).

use ndarray::{Array1, Array2, ArrayRef2, ViewRepr};
use num_traits::{Float, One, Zero};

use super::Method;
use super::bounds::{Conditioning, rounding};
use super::scaling::{equilibrating, scale_columns, scale_rows, scale_symmetric, unscale_rows};
use super::solution::{Answer, Problem};
use crate::element::{Element, Real, Scalar, conjugate};
use crate::error::{Error, Result};
use crate::factor::{
    Check, Cholesky, CholeskyOptions, SolveColumns, adjoint_product_to, columns_of, gram_to, triangular_rcond,
};
use crate::layout::Order;
use crate::pack;
use crate::scale::power_near_reciprocal;
use crate::workspace::Workspace;

/// The solution by the normal equations; [`Error::RankDeficient`] where Cholesky breaks down or the Gram matrix is
/// singular to the precision with which it was formed.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    let order = if m >= n { pack::natural_order(&problem.a) } else { pack::natural_order(&problem.a.t()) };
    let mut gram = workspace.spare.lend(m.min(n), m.min(n), order)?;
    short_gram_to(&problem.a, &mut gram)?;
    let answer = if squares_fit(&gram) {
        of_gram(&problem.a, &problem.b, &mut gram, None, workspace)
    } else {
        let (scaled, factors) = equal_lengths(&problem.a, workspace)?;
        short_gram_to(&scaled, &mut gram)?;
        of_gram(&scaled, &problem.b, &mut gram, Some(factors), workspace)
    };
    workspace.spare.keep(gram);
    answer
}

/// The solution from the Gram matrix of `a`, which is A, or A·D (D·A, for a wide matrix) with the diagonal of D in
/// `given`.
fn of_gram<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, gram: &mut Array2<T>, given: Option<Array1<T::Real>>,
    workspace: &mut Workspace<T>,
) -> Result<Answer<T>> {
    let ((m, n), p) = (a.dim(), b.ncols());
    let (short, long) = (m.min(n), m.max(n));
    let rcond = gram_rounding(short, long);
    let norm = longest(gram, given.as_ref());
    let system = Equilibrated::factor(gram, rcond, workspace)?;
    let mut x = workspace.spare.lend(n, p, Order::ColumnMajor)?;
    // With A·D for A, x is D times the answer; with D·A, D is applied to b.
    if m >= n {
        adjoint_product_to(a, b, &mut x, workspace)?;
        system.solve(&mut x, workspace)?;
        if let Some(given) = &given {
            scale_rows(&mut x, given);
        }
    } else {
        let mut c = columns_of(b, workspace)?;
        if let Some(given) = &given {
            scale_rows(&mut c, given);
        }
        system.solve(&mut c, workspace)?;
        adjoint_product_to(a, &c, &mut x, workspace)?;
        workspace.spare.keep(c);
    }
    let kappa = T::Real::one() / system.unscaled_rcond(given.as_ref(), workspace)?;
    let conditioning = Some(Conditioning { kappa, norm });
    Ok(Answer { x, rank: short, rcond, method: Method::NormalEquations, conditioning, residual_norms: None })
}

/// How near to singular a Gram matrix of order `short` may be, relative to its norm, before rounding errors of sums over
/// `long` terms and of Cholesky decide.
pub(super) fn gram_rounding<R: Real>(short: usize, long: usize) -> R {
    rounding::<R>(short) + Scalar::sqrt(R::real(long)) * R::EPS
}

/// The length of the longest column (row, for a wide matrix) of A, from the diagonal of the Gram matrix.
pub(super) fn longest<T: Element>(gram: &ArrayRef2<T>, given: Option<&Array1<T::Real>>) -> T::Real {
    let lengths = gram.diag();
    let lengths = lengths.iter().enumerate().map(|(j, d)| {
        let length = Scalar::sqrt(d.re());
        given.map_or(length, |given| length / given[j])
    });
    lengths.fold(T::Real::zero(), |longest, length| longest.max(length))
}

/// A copy whose columns, or rows for a wide matrix, have about equal length, and the powers of two that did it.
pub(super) fn equal_lengths<T: Element>(
    a: &ArrayRef2<T>, workspace: &mut Workspace<T>,
) -> Result<(Array2<T>, Array1<T::Real>)> {
    let mut scaled = pack::owned(a)?;
    let factors = match a.nrows() >= a.ncols() {
        true => equilibrating(a, workspace)?,
        false => equilibrating(&a.t(), workspace)?,
    };
    match a.nrows() >= a.ncols() {
        true => scale_columns(&mut scaled, &factors),
        false => scale_rows(&mut scaled, &factors),
    }
    Ok((scaled, factors))
}

/// The lower triangle of AᴴA for a tall matrix, of AAᴴ for a wide one.
fn short_gram_to<T: Element>(a: &ArrayRef2<T>, gram: &mut Array2<T>) -> Result<()> {
    if a.nrows() >= a.ncols() {
        return gram_to(a, gram);
    }
    // (Aᵀ)ᴴAᵀ is the conjugate of AAᴴ.
    gram_to(&a.t(), gram)?;
    conjugate(gram);
    Ok(())
}

/// Whether the squares on the diagonal of a Gram matrix are well inside the range of the type, so that those which
/// make them up were not lost.
pub(super) fn squares_fit<T: Element>(gram: &ArrayRef2<T>) -> bool {
    let range = Scalar::sqrt(T::Real::min_positive_value())..T::Real::infinity();
    gram.diag().iter().all(|d| range.contains(&d.re()))
}

/// G = D⁻¹·L·Lᴴ·D⁻¹ with the diagonal of D·G·D near 1, in the memory of G.
pub(super) struct Equilibrated<'a, T: Element> {
    cholesky: Cholesky<T, ViewRepr<&'a mut T>>,
    /// The diagonal of D, powers of two.
    pub(super) scales: Array1<T::Real>,
    /// An estimate of 1/κ₁(D·G·D).
    pub(super) rcond: T::Real,
    /// What rounding does to D·G·D, relative to its inverse: what refinement with the factor leaves of an error.
    pub(super) contraction: T::Real,
}

impl<'a, T: Element> Equilibrated<'a, T> {
    /// Factors the Gram matrix whose lower triangle is given; [`Error::RankDeficient`] if it is singular within `rcond`.
    pub(super) fn factor(gram: &'a mut Array2<T>, rcond: T::Real, workspace: &mut Workspace<T>) -> Result<Self> {
        let needed = gram.nrows();
        let mut scales = Array1::from_vec(workspace.spare_real.lend_vec(needed)?);
        scales.zip_mut_with(&gram.diag(), |scale, d| *scale = power_near_reciprocal(Scalar::sqrt(d.re())));
        scale_symmetric(gram, &scales);
        // Made of finite entries whose squares fit.
        let options = CholeskyOptions { check: Check::Trusted, ..Default::default() };
        let found = Cholesky::from_array(gram.view_mut(), &options, workspace)
            .and_then(|cholesky| cholesky.estimate_rcond(&mut workspace.scratch).map(|found| (cholesky, found)));
        let error = match found {
            Ok((cholesky, found)) if found > rcond => {
                return Ok(Equilibrated { cholesky, scales, rcond: found, contraction: T::Real::EPS / found });
            }
            // l²ᵢᵢ is what is left of column i when those before it are projected out.
            Ok((cholesky, _)) => {
                let independent = cholesky.packed().diag().iter().filter(|l| l.square() > rcond).count();
                Error::RankDeficient { rank: independent.min(needed - 1), needed }
            }
            Err(Error::NotPositiveDefinite { minor }) => Error::RankDeficient { rank: minor - 1, needed },
            Err(other) => other,
        };
        workspace.spare_real.keep(scales);
        Err(error)
    }

    /// G = L·Lᴴ with the lower triangle L in `l`, of which D·L takes the place, from a factorization that leaves
    /// `contraction` of an error.
    pub(super) fn of_factor(l: &'a mut Array2<T>, contraction: T::Real, workspace: &mut Workspace<T>) -> Result<Self> {
        let scales = equilibrating(&l.t(), workspace)?;
        scale_rows(l, &scales);
        let rcond = triangular_rcond(&l.t(), &mut workspace.scratch)?.square();
        // No entry of D·G·D is above 2.
        let norm = T::real(2 * l.nrows());
        Ok(Equilibrated { cholesky: Cholesky::from_lower(l.view_mut(), norm), scales, rcond, contraction })
    }

    /// C ← G⁻¹·C.
    pub(super) fn solve(&self, c: &mut Array2<T>, workspace: &mut Workspace<T>) -> Result<()> {
        scale_rows(c, &self.scales);
        self.cholesky.solve_columns(c.view_mut(), &mut workspace.scratch)?;
        scale_rows(c, &self.scales);
        Ok(())
    }

    /// 1/κ₁(R), estimated, of the upper triangular R with RᴴR = AᴴA; gives all memory back.
    pub(super) fn unscaled_rcond(
        self, given: Option<&Array1<T::Real>>, workspace: &mut Workspace<T>,
    ) -> Result<T::Real> {
        let Equilibrated { cholesky, scales, .. } = self;
        let mut l = cholesky.into_packed();
        unscale_rows(&mut l, &scales);
        if let Some(given) = given {
            unscale_rows(&mut l, given);
        }
        workspace.spare_real.keep(scales);
        // R = Lᴴ, and conjugation leaves norms alone.
        triangular_rcond(&l.t(), &mut workspace.scratch)
    }
}
