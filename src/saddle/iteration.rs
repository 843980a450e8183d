//! Saddle points: the Rayleigh quotient iteration, which finds an eigenvector with cubic convergence.
//! On the floor above `factor`; must not say which eigenvector it finds.

use ndarray::{Array1, ArrayRef1, ArrayRef2};
use num_traits::Float;

use super::form::Form;
use super::rayleigh::{Place, direction, in_units, unit};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{Ldlt, LdltOptions};
use crate::norm::norm2;
use crate::workspace::Workspace;

/// When the Rayleigh quotient iteration stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RayleighOptions<R> {
    /// The residual ‖S·u − ρ·u‖₂, as a part of ‖S‖_F, at which (ρ, u) counts as an eigenpair; `None` is 2n·ε, the level of rounding.
    pub tolerance: Option<R>,
    /// The most systems that are solved.
    pub limit: usize,
}

impl<R> Default for RayleighOptions<R> {
    fn default() -> Self {
        RayleighOptions { tolerance: None, limit: 50 }
    }
}

/// The part of the residual that a step has to take away.
const STANDSTILL: f64 = 0.01;

/// How the Rayleigh quotient iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RayleighOutcome {
    /// The residual fell to the tolerance.
    Converged,
    /// The shift was an eigenvalue to the last bit, S − ρI singular, and a neighbour of ρ gave the eigenvector.
    ExactShift,
}

/// An eigenpair, and the way to it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RayleighIteration<T: Element> {
    /// The eigenvalue ρ = R(u).
    pub value: T::Real,
    /// The eigenvector u, of length 1.
    pub vector: Array1<T>,
    /// ρ and ‖S·u − ρ·u‖₂ of the start and after each system solved. Some eigenvalue is within ‖S·u − ρ·u‖₂ of ρ.
    pub steps: Vec<RayleighStep<T::Real>>,
    /// How it ended.
    pub outcome: RayleighOutcome,
}

/// A state of the iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RayleighStep<R> {
    /// ρ = R(u).
    pub value: R,
    /// ‖S·u − ρ·u‖₂.
    pub residual: R,
}

/// The Rayleigh quotient iteration for a Hermitian S, n×n, from a vector x ≠ 0 of length n:
///
/// ```text
/// (S − R(u)·I)·v = u,    u ← v/‖v‖
/// ```
///
/// The angle to an eigenvector becomes about its cube in each step, so that two or three steps suffice from a fair start. From
/// any start but a set of measure zero it converges, the residual never growing; but to which eigenvector cannot be said. Near that set, as
/// halfway between two eigenvectors, the residual r stands still for dozens of steps: where one brings it down by less than a
/// hundredth, the next takes R(u) + r/2 for R(u), which is nearer to one of the eigenvalues that hold it.
///
/// Routines: sytrf or hetrf, and solves; n³/3 flops for each step.
///
/// # Errors
/// [`Error::NoConvergence`] at the limit of steps; [`Error::Parameter`] for a tolerance that is negative or a NaN; and those of
/// [`rayleigh_quotient`](crate::saddle::rayleigh_quotient).
///
/// # Source
/// Parlett, The Symmetric Eigenvalue Problem, §4.6–4.9; Ostrowski 1958–59.
///
/// ```
/// use lapwing::saddle::{RayleighOptions, rayleigh_iteration};
/// use ndarray::array;
///
/// let found = rayleigh_iteration(&array![[2.0, 1.0], [1.0, 2.0]], &array![1.0, 0.8], &RayleighOptions::default())?;
/// approx::assert_relative_eq!(found.value, 3.0, max_relative = 1e-15);
/// assert!(found.steps.len() <= 4);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn rayleigh_iteration<T: Element>(
    s: &ArrayRef2<T>, x: &ArrayRef1<T>, options: &RayleighOptions<T::Real>,
) -> Result<RayleighIteration<T>> {
    let form = Form::new("S", s)?;
    let norm = Float::sqrt(form.matrix.iter().fold(T::Real::default(), |sum, x| sum + x.square()));
    let tolerance = checked(options.tolerance, form.order())? * norm;
    let mut workspace = Workspace::new();
    let mut previous = None;
    let (mut steps, mut outcome) = (Vec::new(), RayleighOutcome::Converged);
    let mut place = Place::new(&form, direction(&form, x)?.u)?;
    loop {
        let residual = norm2(&place.residual());
        steps.push(RayleighStep { value: in_units(&form, place.value)?, residual: in_units(&form, residual)? });
        if residual <= tolerance {
            return Ok(RayleighIteration { value: in_units(&form, place.value)?, vector: place.u, steps, outcome });
        }
        if steps.len() > options.limit {
            return Err(Error::NoConvergence { routine: "the Rayleigh quotient iteration" });
        }
        let stands_still = previous.is_some_and(|previous| residual > previous * T::Real::real(1.0 - STANDSTILL));
        let half = T::Real::real(0.5);
        let shift = if stands_still { place.value + residual * half } else { place.value };
        previous = Some(residual);
        let solved = match next(&form, &place, shift, &mut workspace) {
            Err(Error::Singular { .. } | Error::Overflow { .. }) => {
                outcome = RayleighOutcome::ExactShift;
                next(&form, &place, shift + T::Real::EPS * norm, &mut workspace)?
            }
            solved => {
                outcome = RayleighOutcome::Converged;
                solved?
            }
        };
        place = Place::new(&form, solved)?;
    }
}

/// (S − shift·I)⁻¹u, normalized.
fn next<T: Element>(
    form: &Form<T>, place: &Place<T>, shift: T::Real, workspace: &mut Workspace<T>,
) -> Result<Array1<T>> {
    let mut shifted = form.matrix.clone();
    shifted.diag_mut().mapv_inplace(|x| x - T::from_real(shift));
    let mut v = place.u.clone();
    Ldlt::from_array(shifted, &LdltOptions::default(), workspace)?.solve_inplace(&mut v, workspace)?;
    Ok(unit(&v)?.u)
}

/// The tolerance, or its default for order n.
fn checked<R: Real>(tolerance: Option<R>, n: usize) -> Result<R> {
    match tolerance {
        None => Ok(R::real(2.0) * R::real(n) * R::EPS),
        Some(tolerance) if tolerance >= R::zero() => Ok(tolerance),
        Some(tolerance) => Err(Error::Parameter {
            what: "the tolerance",
            expected: "a number that is not negative",
            found: tolerance.to_string(),
        }),
    }
}
