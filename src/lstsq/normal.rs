//! Least squares by the normal equations: AᴴA·x = Aᴴb, and x = Aᴴ·y with AAᴴ·y = b for wide matrices.
//!
//! Rows and columns of the Gram matrix are scaled by powers of two before Cholesky, which changes no digit of the answer;
//! the condition of what is left decides whether the answer means anything (Higham, §10.3.1 and §20.4).

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, CowArray, Ix2};
use num_traits::{Float, One, Zero};

use super::Method;
use super::bounds::{Conditioning, rounding};
use super::scaling::{equilibrating, scale_columns, scale_rows};
use super::solution::{Answer, Problem};
use crate::element::{Element, Real, Scalar, conjugate};
use crate::error::{Error, Result};
use crate::factor::{Cholesky, CholeskyOptions, adjoint_product, gram};
use crate::pack;
use crate::scale::power_near_reciprocal;
use crate::workspace::Workspace;

/// The solution by the normal equations; [`Error::RankDeficient`] where Cholesky breaks down or the Gram matrix is
/// singular to the precision with which it was formed.
pub(super) fn solve<T: Element>(problem: &Problem<'_, T>) -> Result<Answer<T>> {
    let (m, n) = problem.a.dim();
    let (short, long) = (m.min(n), m.max(n));
    let rcond = rounding::<T::Real>(short) + Scalar::sqrt(T::real(long)) * T::Real::EPS;
    let (b, b_scale) = moderate(problem.b.view())?;
    let (mut a, mut given) = (CowArray::from(problem.a.view()), Array1::from_elem(short, T::Real::one()));
    let mut product = short_gram(&a)?;
    if !squares_fit(&product) {
        let (scaled, factors) = equal_lengths(problem.a)?;
        (a, given) = (CowArray::from(scaled), factors);
        product = short_gram(&a)?;
    }
    let system = Equilibrated::factor(product, rcond)?;
    // With A·D for A, x is D times the answer; with D·A, D is applied to b.
    let x = match m >= n {
        true => {
            let mut x = system.solve(adjoint_product(&a, &b)?)?;
            scale_rows(&mut x, &given);
            x
        }
        false => {
            let mut b = b.into_owned();
            scale_rows(&mut b, &given);
            adjoint_product(&a, &system.solve(b)?)?
        }
    };
    let mut r = system.unscaled_factor();
    scale_columns(&mut r, &given.mapv(|scale| T::Real::one() / scale));
    Ok(Answer {
        // A power of two: nothing is rounded.
        x: x.mapv(|x| x.div_real(b_scale)),
        rank: short,
        rcond,
        method: Method::NormalEquations,
        conditioning: Some(Conditioning::of_factor(&r)?),
    })
}

/// A copy whose columns, or rows for a wide matrix, have about equal length, and the powers of two that did it.
fn equal_lengths<T: Element>(a: &ArrayRef2<T>) -> Result<(Array2<T>, Array1<T::Real>)> {
    let mut scaled = pack::owned(a)?;
    let factors = match a.nrows() >= a.ncols() {
        true => equilibrating(a),
        false => equilibrating(&a.t()),
    };
    match a.nrows() >= a.ncols() {
        true => scale_columns(&mut scaled, &factors),
        false => scale_rows(&mut scaled, &factors),
    }
    Ok((scaled, factors))
}

/// The lower triangle of AᴴA for a tall matrix, of AAᴴ for a wide one.
fn short_gram<T: Element>(a: &ArrayRef2<T>) -> Result<Array2<T>> {
    if a.nrows() >= a.ncols() {
        return gram(a);
    }
    // (Aᵀ)ᴴAᵀ is the conjugate of AAᴴ.
    let mut product = gram(&a.t())?;
    conjugate(&mut product);
    Ok(product)
}

/// Whether the squares on the diagonal of a Gram matrix are well inside the range of the type, so that those which
/// make them up were not lost.
fn squares_fit<T: Element>(gram: &ArrayRef2<T>) -> bool {
    let range = Scalar::sqrt(T::Real::min_positive_value())..T::Real::infinity();
    gram.diag().iter().all(|d| range.contains(&d.re()))
}

/// `a`, multiplied by a power of two if its largest entry is so large or small that squares might leave the range.
fn moderate<T: Element>(a: ArrayView2<'_, T>) -> Result<(CowArray<'_, T, Ix2>, T::Real)> {
    let largest = a.iter().fold(T::Real::zero(), |largest, &x| largest.max(x.abs()));
    let quarter = |x: T::Real| Scalar::sqrt(Scalar::sqrt(x));
    let range = quarter(T::Real::min_positive_value())..quarter(T::Real::max_value());
    if largest == T::Real::zero() || range.contains(&largest) {
        return Ok((CowArray::from(a), T::Real::one()));
    }
    let scale = power_near_reciprocal(largest);
    let mut scaled = pack::owned(&a)?;
    scaled.mapv_inplace(|x| x.mul_real(scale));
    Ok((CowArray::from(scaled), scale))
}

/// G = D⁻¹·L·Lᴴ·D⁻¹ with the diagonal of D·G·D near 1.
struct Equilibrated<T: Element> {
    cholesky: Cholesky<T>,
    /// The diagonal of D, powers of two.
    scales: Array1<T::Real>,
}

impl<T: Element> Equilibrated<T> {
    /// Factors the Gram matrix whose lower triangle is given.
    fn factor(mut gram: Array2<T>, rcond: T::Real) -> Result<Self> {
        let needed = gram.nrows();
        let scales = gram.diag().mapv(|d| power_near_reciprocal(Scalar::sqrt(d.re())));
        scale_columns(&mut gram, &scales);
        scale_rows(&mut gram, &scales);
        let cholesky = Cholesky::from_array(gram, &CholeskyOptions::default(), &mut Workspace::new()).map_err(
            |error| match error {
                Error::NotPositiveDefinite { minor } => Error::RankDeficient { rank: minor - 1, needed },
                other => other,
            },
        )?;
        if cholesky.rcond()? > rcond {
            return Ok(Equilibrated { cholesky, scales });
        }
        // l²ᵢᵢ is what is left of column i when those before it are projected out.
        let independent = cholesky.factor().diag().iter().filter(|l| l.square() > rcond).count();
        Err(Error::RankDeficient { rank: independent.min(needed - 1), needed })
    }

    /// The solution of G·X = C.
    fn solve(&self, mut c: Array2<T>) -> Result<Array2<T>> {
        scale_rows(&mut c, &self.scales);
        let mut x = self.cholesky.solve(&c)?;
        scale_rows(&mut x, &self.scales);
        Ok(x)
    }

    /// The upper triangular R with G = Rᴴ·R.
    fn unscaled_factor(&self) -> Array2<T> {
        let mut r = self.cholesky.factor().reversed_axes();
        conjugate(&mut r);
        scale_columns(&mut r, &self.scales.mapv(|scale| T::Real::one() / scale));
        r
    }
}
