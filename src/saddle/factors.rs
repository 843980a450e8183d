//! Saddle points: the factors of K = [S Aᴴ; A 0] by one of the methods, and the choice of one.
//! On the floor above `factor`; must not know how a method solves.

use ndarray::{Array2, ArrayRef};
use num_traits::{Float, One};

use super::condition::condition;
use super::doubt::require_minimum;
use super::kkt::Kkt;
use super::ldlt::Whole;
use super::null_space::NullSpace;
use super::schur::Complement;
use super::solution::{KktSolution, solve};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{CholeskyExt, Inertia, RhsDimension};
use crate::pack::{self, Part};

/// How a saddle point is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum KktMethod {
    /// LDLᴴ of the whole, symmetric and indefinite: (n + m)³/3 flops. S need be definite on the null space of A only.
    Ldlt,
    /// Cholesky of S, then of A·S⁻¹·Aᴴ: n³/3 + n²m + nm² + m³/3 flops, in fast routines. S must be positive definite; the error grows with κ(S).
    Schur,
    /// QR of Aᴴ, whose last n − m columns Z are a basis of the null space, then Cholesky of ZᴴSZ: 2m²(n − m/3) +
    /// 4nm(n − m) + 2n(n − m)(2n − m) + (n − m)³/3 flops. S need be definite on the null space of A only, and A·x = b holds whatever S is.
    NullSpace,
    /// [`KktMethod::Schur`] if S and A·S⁻¹·Aᴴ are positive definite with κ₁ ≤ 1/√ε, by estimates that cost O(n²); else [`KktMethod::Ldlt`]; and
    /// [`KktMethod::NullSpace`] where that finds K singular to working precision but the minimum is not in doubt. The null
    /// space is not chosen by shape, since it costs more than the others unless m is near n.
    #[default]
    Auto,
}

/// How a saddle point is to be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KktOptions {
    /// The method.
    pub method: KktMethod,
}

/// A factorization of K, which borrows K for its residuals.
#[derive(Debug)]
pub struct KktFactors<'a, T: Element> {
    pub(super) kkt: &'a Kkt<T>,
    factors: Factors<T>,
    condition: T::Real,
}

#[derive(Debug)]
enum Factors<T: Element> {
    Ldlt(Whole<T>),
    Schur(Complement<T>),
    NullSpace(NullSpace<T>),
}

impl<T: Element> Kkt<T> {
    /// The factors of K, for any number of right-hand sides.
    ///
    /// Flops as [`KktMethod`] says, and O((n + m)²) for the condition number. Where K is singular or nearly so (κ₁ ≥ 1/(10(n + m)ε)), or not of
    /// the inertia (n, m, 0), a pivoted QR of Aᴴ and the eigenvalues of S on the null space, 2nm² + 9(n − m)³ flops and more, tell why.
    ///
    /// # Errors
    /// [`Error::DependentConstraints`] names the constraint that depends on others. [`Error::NoMinimum`] says along how many directions S
    /// is negative or zero on the null space of A. [`Error::NotPositiveDefinite`] for an S that [`KktMethod::Schur`] cannot use.
    /// [`Error::RankDeficient`] where K is singular to working precision, or by [`KktMethod::Schur`] A·S⁻¹·Aᴴ, but neither the constraints nor S
    /// on their null space.
    /// [`Error::NoConvergence`] where refinement does not make up for what [`KktMethod::Schur`] loses when S or A is ill-conditioned.
    /// [`Error::TooLarge`], [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::Error;
    /// use lapwing::saddle::{Kkt, KktOptions};
    /// use ndarray::array;
    ///
    /// let s = array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    /// let twice = Kkt::new(&s, &array![[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])?;
    /// let refused = twice.factor(&KktOptions::default()).unwrap_err();
    /// assert_eq!(refused, Error::DependentConstraints { row: 2, others: vec![0, 1], rank: 2, rows: 3 });
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn factor(&self, options: &KktOptions) -> Result<KktFactors<'_, T>> {
        match options.method {
            KktMethod::Ldlt => self.by_ldlt(),
            KktMethod::Schur => self.by_schur(),
            KktMethod::NullSpace => self.by_null_space(),
            KktMethod::Auto => self.by_itself(),
        }
    }

    /// The factors with their condition number, unless they are no good.
    fn finished(&self, factors: Factors<T>) -> Result<KktFactors<'_, T>> {
        let mut factors = KktFactors { kkt: self, factors, condition: T::Real::one() };
        factors.condition = match condition(&factors) {
            // A pivot that is exactly zero, or a number beyond the range, on the way to the inverse.
            Err(Error::Singular { .. } | Error::Overflow { .. }) => T::Real::infinity(),
            condition => condition?,
        };
        if factors.condition >= doubtful::<T>(self.dim()) {
            require_minimum(self)?;
        }
        Ok(factors)
    }

    fn by_ldlt(&self) -> Result<KktFactors<'_, T>> {
        let whole = Whole::new(self)?;
        self.require_inertia(whole.inertia())?;
        self.finished(Factors::Ldlt(whole))
    }

    fn by_schur(&self) -> Result<KktFactors<'_, T>> {
        let form = self.form.matrix.cholesky()?;
        let (n, m) = self.dim();
        let complement = Complement::new(self, form).map_err(|found| match self.reason(found) {
            // S is definite: rounding has made A·S⁻¹·Aᴴ singular.
            Error::NotPositiveDefinite { minor } => Error::RankDeficient { rank: n + minor - 1, needed: n + m },
            reason => reason,
        })?;
        self.finished(Factors::Schur(complement))
    }

    fn by_null_space(&self) -> Result<KktFactors<'_, T>> {
        let null_space = NullSpace::new(self).map_err(|found| self.reason(found))?;
        self.finished(Factors::NullSpace(null_space))
    }

    /// [`KktMethod::Auto`].
    fn by_itself(&self) -> Result<KktFactors<'_, T>> {
        if let Some(complement) = self.good_complement()? {
            return self.finished(Factors::Schur(complement));
        }
        match self.by_ldlt() {
            // The signs of its pivots are those of rounding; the basis of the null space knows better.
            Err(Error::RankDeficient { .. }) => self.by_null_space(),
            factors => factors,
        }
    }

    /// The Cholesky factors of S and of A·S⁻¹·Aᴴ, if both are definite with κ₁ ≤ 1/√ε.
    fn good_complement(&self) -> Result<Option<Complement<T>>> {
        let least = Float::sqrt(T::Real::EPS);
        let Ok(form) = self.form.matrix.cholesky() else { return Ok(None) };
        if self.form.order() > 0 && form.rcond()? < least {
            return Ok(None);
        }
        let Ok(complement) = Complement::new(self, form) else { return Ok(None) };
        Ok((complement.rcond()? >= least).then_some(complement))
    }

    /// Why a factorization broke down: `found`, if nothing is wrong with the constraints and S on their null space.
    fn reason(&self, found: Error) -> Error {
        match (&found, require_minimum(self)) {
            (Error::NotPositiveDefinite { .. } | Error::Overflow { .. } | Error::Singular { .. }, Err(reason)) => {
                reason
            }
            _ => found,
        }
    }

    /// An error unless the pivots show n positive eigenvalues and m negative ones.
    fn require_inertia(&self, found: Inertia) -> Result<()> {
        let (positive, negative) = self.dim();
        if found == (Inertia { positive, negative, zero: 0 }) {
            return Ok(());
        }
        require_minimum(self)?;
        let rank = found.positive.min(positive) + found.negative.min(negative);
        Err(Error::RankDeficient { rank, needed: positive + negative })
    }
}

/// The condition number from which on a factorization of K may show signs that are not those of K.
fn doubtful<T: Element>((n, m): (usize, usize)) -> T::Real {
    T::Real::one() / (T::Real::real(10.0) * T::Real::real((n + m).max(1)) * T::Real::EPS)
}

impl<T: Element> KktFactors<'_, T> {
    /// The method that was used; never [`KktMethod::Auto`].
    pub fn method(&self) -> KktMethod {
        match self.factors {
            Factors::Ldlt(_) => KktMethod::Ldlt,
            Factors::Schur(_) => KktMethod::Schur,
            Factors::NullSpace(_) => KktMethod::NullSpace,
        }
    }

    /// An estimate of κ₁ of K, S and each row of A being in units in which their largest entry is near 1; 1 for an empty K. Hardly ever less
    /// than a third of κ₁ (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §15.3).
    ///
    /// It is that of the whole of (x, λ). Where A or S on the null space is ill-conditioned by itself x may be better than it says.
    pub fn condition(&self) -> T::Real {
        self.condition
    }

    /// The minimum and its multipliers; see [`Kkt::solve`].
    ///
    /// 2(n + m)² flops for each right-hand side by LDLᴴ, about as many by the others, and as many for each of up to three steps of refinement,
    /// which make the methods alike stable (Higham, §12.2). A backward error above 10(n + m)·ε is not returned.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFiniteRhs`], [`Error::Singular`], [`Error::NoConvergence`] of the refinement, [`Error::Overflow`] for a
    /// solution beyond the range of the type, [`Error::TooLarge`].
    pub fn solve<D: RhsDimension>(&self, f: &ArrayRef<T, D>, b: &ArrayRef<T, D>) -> Result<KktSolution<T, D>> {
        solve(self, f, b)
    }

    /// (f, b) ← (x, λ) in the units of K, once and without refinement.
    pub(super) fn apply_inverse(&self, z: &mut Array2<T>) -> Result<()> {
        let solved = match &self.factors {
            Factors::Ldlt(factors) => factors.solve(z),
            Factors::Schur(factors) => factors.solve(z),
            Factors::NullSpace(factors) => factors.solve(self.kkt, z),
        };
        let overflow = Error::Overflow { what: "the solution" };
        match solved {
            Err(Error::NonFiniteRhs { .. } | Error::NonFinite { .. }) => Err(overflow),
            Err(error) => Err(error),
            Ok(()) => pack::check_finite(z, Part::All).map_err(|_| overflow),
        }
    }
}
