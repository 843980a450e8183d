//! Saddle points: the matrix K = [S Aᴴ; A 0], the choice of a method for it, its inertia and its Schur complement.
//! On the floor above `factor`; must not know how a method solves.

use ndarray::{Array2, ArrayRef, ArrayRef2, Axis};
use num_traits::{Float, One};

use super::doubt::{Rows, require_minimum};
use super::form::{Constraints, Form};
use super::ldlt::Whole;
use super::null_space::NullSpace;
use super::schur::{Complement, half};
use super::solution::{KktSolution, condition, solve};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{CholeskyExt, Inertia, RhsDimension, adjoint_multiply};
use crate::pack::{self, Part};
use crate::scale::times_power;

/// The matrix K = [S Aᴴ; A 0] of a quadratic form S, n×n, under m constraints with the rows of A, m×n.
///
/// K·(x, λ) = (f, b) says of the minimum of ½xᴴSx − Re fᴴx under A·x = b that
///
/// ```text
/// S·x + Aᴴλ = f,    A·x = b
/// ```
///
/// with the multipliers λ of the Lagrangian ½xᴴSx − Re fᴴx + Re λᴴ(A·x − b); so −λᵢ is the rate at which the minimum grows with bᵢ (real
/// case). There is one x and one λ if the rows of A are independent and S is positive definite on their null space. K is
/// indefinite then: of its eigenvalues n are positive and m negative.
///
/// # Source
/// G. Strang, Linear Algebra and Learning from Data, §III.2 (saddle points from Lagrange multipliers); Benzi, Golub and Liesen, Numerical
/// solution of saddle point problems, Acta Numerica 2005; Nocedal and Wright, Numerical Optimization, §16.1.
///
/// ```
/// use lapwing::saddle::Kkt;
/// use ndarray::array;
///
/// // The point of x + y = 2 that is nearest to the origin, by ½(x² + y²).
/// let kkt = Kkt::new(&array![[1.0, 0.0], [0.0, 1.0]], &array![[1.0, 1.0]])?;
/// let solution = kkt.solve(&array![0.0, 0.0], &array![2.0])?;
/// approx::assert_abs_diff_eq!(solution.x, array![1.0, 1.0], epsilon = 1e-15);
/// approx::assert_abs_diff_eq!(solution.multipliers, array![-1.0], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Kkt<T: Element> {
    pub(super) form: Form<T>,
    pub(super) constraints: Constraints<T>,
}

/// How a saddle point is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum KktMethod {
    /// LDLᴴ of the whole, symmetric and indefinite: (n + m)³/3 flops. S need be definite on the null space of A only.
    Ldlt,
    /// Cholesky of S, then of A·S⁻¹·Aᴴ: n³/3 + n²m + nm² + m³/3 flops, in fast routines. S must be positive definite; the error grows with κ(S).
    Schur,
    /// QR of Aᴴ, whose last n − m columns Z are a basis of the null space, then Cholesky of ZᴴSZ: 2m²(n − m/3) +
    /// 4nm(n − m) + 2n(n − m)(2n − m) + (n − m)³/3 flops, the fewest for m near n. S need be definite on the null space of A only.
    NullSpace,
    /// [`KktMethod::NullSpace`] for m ≥ 3n/4. Else [`KktMethod::Schur`] if S is positive definite with κ₁(S) ≤ 1/√ε, by an estimate, and so
    /// is A·S⁻¹·Aᴴ; else [`KktMethod::Ldlt`].
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
    /// K for a Hermitian S, n×n, and constraints A, m×n; m = 0 is no constraint, and there is no room for more than n.
    ///
    /// Both are copied, S and each row of A times a power of two of their own: units are no matter. S may differ from its adjoint by
    /// rounding (10·n·ε times its largest entry); its Hermitian part is taken.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NotHermitian`], [`Error::Shape`], [`Error::NonFinite`], [`Error::TooLarge`], and
    /// [`Error::DependentConstraints`] for m > n.
    ///
    /// ```
    /// use lapwing::Error;
    /// use lapwing::saddle::Kkt;
    /// use ndarray::array;
    ///
    /// let refused = Kkt::new(&array![[1.0, 5.0], [0.0, 1.0]], &array![[1.0, 1.0]]);
    /// assert!(matches!(refused, Err(Error::NotHermitian { row: 1, col: 0, difference: 5.0, .. })));
    /// ```
    pub fn new(s: &ArrayRef2<T>, a: &ArrayRef2<T>) -> Result<Self> {
        let form = Form::new("S", s)?;
        let constraints = Constraints::new(a, form.order())?;
        if a.nrows() > a.ncols() {
            Rows::new(&constraints.matrix)?.require_independent()?;
        }
        Ok(Kkt { form, constraints })
    }

    /// The order n of S and the number m of constraints.
    pub fn dim(&self) -> (usize, usize) {
        (self.form.order(), self.constraints.matrix.nrows())
    }

    /// The minimum of ½xᴴSx − Re fᴴx under A·x = b, with its multipliers: S·x + Aᴴλ = f, A·x = b, by [`KktMethod::Auto`].
    ///
    /// f has n rows, b has m, and both have the same dimension: vectors, or matrices with as many columns.
    /// For several calls with one K see [`Kkt::factor`].
    ///
    /// # Errors
    /// As for [`Kkt::factor`] and [`KktFactors::solve`].
    ///
    /// ```
    /// use lapwing::saddle::Kkt;
    /// use ndarray::array;
    ///
    /// // S is not definite, but it is where x = y.
    /// let kkt = Kkt::new(&array![[0.0, 1.0], [1.0, 0.0]], &array![[1.0, -1.0]])?;
    /// let solution = kkt.solve(&array![3.0, 1.0], &array![0.0])?;
    /// approx::assert_abs_diff_eq!(solution.x, array![2.0, 2.0], epsilon = 1e-14);
    /// approx::assert_abs_diff_eq!(solution.multipliers, array![1.0], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn solve<D: RhsDimension>(&self, f: &ArrayRef<T, D>, b: &ArrayRef<T, D>) -> Result<KktSolution<T, D>> {
        self.solve_with(f, b, &KktOptions::default())
    }

    /// [`Kkt::solve`] by a method of the caller's choice.
    ///
    /// # Errors
    /// As for [`Kkt::factor`] and [`KktFactors::solve`].
    pub fn solve_with<D: RhsDimension>(
        &self, f: &ArrayRef<T, D>, b: &ArrayRef<T, D>, options: &KktOptions,
    ) -> Result<KktSolution<T, D>> {
        self.factor(options)?.solve(f, b)
    }

    /// The factors of K, for any number of right-hand sides.
    ///
    /// Flops as [`KktMethod`] says, and O((n + m)²) for the condition number. Where K is singular or nearly so (κ₁ ≥ 1/(10(n + m)ε)), or not of
    /// the inertia (n, m, 0), a pivoted QR of Aᴴ and the eigenvalues of S on the null space, 2nm² + 9(n − m)³ flops and more, tell why.
    ///
    /// # Errors
    /// [`Error::DependentConstraints`] names the constraint that depends on others. [`Error::NoMinimum`] says along how many directions S
    /// is negative or zero on the null space of A. [`Error::NotPositiveDefinite`] for an S that [`KktMethod::Schur`] cannot use.
    /// [`Error::RankDeficient`] where K is singular to working precision, but neither the constraints nor S on their null space.
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
        let factors = match options.method {
            KktMethod::Ldlt => self.by_ldlt()?,
            KktMethod::Schur => self.by_schur()?,
            KktMethod::NullSpace => self.by_null_space()?,
            KktMethod::Auto => self.by_itself()?,
        };
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

    fn by_ldlt(&self) -> Result<Factors<T>> {
        let whole = Whole::new(self)?;
        self.require_inertia(whole.inertia())?;
        Ok(Factors::Ldlt(whole))
    }

    fn by_schur(&self) -> Result<Factors<T>> {
        let form = self.form.matrix.cholesky()?;
        match Complement::new(self, form) {
            Ok(factors) => Ok(Factors::Schur(factors)),
            Err(found) => Err(self.reason(found)),
        }
    }

    fn by_null_space(&self) -> Result<Factors<T>> {
        NullSpace::new(self).map(Factors::NullSpace).map_err(|found| self.reason(found))
    }

    /// [`KktMethod::Auto`].
    fn by_itself(&self) -> Result<Factors<T>> {
        let (n, m) = self.dim();
        if 4 * m >= 3 * n {
            return self.by_null_space();
        }
        let Ok(form) = self.form.matrix.cholesky() else { return self.by_ldlt() };
        if form.rcond()? < Float::sqrt(T::Real::EPS) {
            return self.by_ldlt();
        }
        match Complement::new(self, form) {
            Ok(factors) => Ok(Factors::Schur(factors)),
            Err(_) => self.by_ldlt(),
        }
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

    /// The inertia of K, from the pivots of LDLᴴ: n positive eigenvalues and m negative ones, none zero, where S is positive definite on the null
    /// space of A and the constraints are independent; anything else is an error that says why.
    ///
    /// (n + m)³/3 flops.
    ///
    /// # Errors
    /// [`Error::DependentConstraints`], [`Error::NoMinimum`], [`Error::RankDeficient`] and the others of [`Kkt::factor`].
    ///
    /// # Source
    /// Gould, On practical conditions for the existence and uniqueness of solutions to the general equality quadratic programming problem,
    /// 1985: the inertia of K is that of ZᴴSZ and m of each sign.
    ///
    /// ```
    /// use lapwing::Error;
    /// use lapwing::prelude::*;
    /// use lapwing::saddle::Kkt;
    /// use ndarray::array;
    ///
    /// let s = array![[2.0, 0.0], [0.0, -1.0]];
    /// let along_x = Kkt::new(&s, &array![[0.0, 1.0]])?;
    /// assert_eq!(along_x.inertia()?, Inertia { positive: 2, negative: 1, zero: 0 });
    /// let along_y = Kkt::new(&s, &array![[1.0, 0.0]])?;
    /// assert_eq!(along_y.inertia().unwrap_err(), Error::NoMinimum { dimension: 1, falling: 1, flat: 0 });
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn inertia(&self) -> Result<Inertia> {
        let (positive, negative) = self.dim();
        self.factor(&KktOptions { method: KktMethod::Ldlt })?;
        Ok(Inertia { positive, negative, zero: 0 })
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

    /// The Schur complement −A·S⁻¹·Aᴴ of S in K, m×m: what is left of K when x is eliminated, the Hessian of the dual function of λ. It is
    /// negative definite for independent constraints, and S must be positive definite.
    ///
    /// Routines: potrf, trsm and gemm; n³/3 + n²m + 2nm² flops.
    ///
    /// # Errors
    /// [`Error::NotPositiveDefinite`], [`Error::Overflow`], [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::saddle::Kkt;
    /// use ndarray::array;
    ///
    /// let kkt = Kkt::new(&array![[2.0, 0.0], [0.0, 4.0]], &array![[2.0, 4.0]])?;
    /// approx::assert_abs_diff_eq!(kkt.schur_complement()?, array![[-6.0]], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn schur_complement(&self) -> Result<Array2<T>> {
        let w = half(self, &self.form.matrix.cholesky()?)?;
        let mut complement = adjoint_multiply(&w, &w)?;
        let exponents = &self.constraints.exponents;
        for ((i, j), x) in complement.indexed_iter_mut() {
            *x = -times_power(*x, self.form.exponent - exponents[i] - exponents[j]);
        }
        match pack::check_finite(&complement, Part::All) {
            Ok(()) => Ok(complement),
            Err(_) => Err(Error::Overflow { what: "the Schur complement" }),
        }
    }

    /// The 1-norm of K in its own units.
    pub(super) fn norm1(&self) -> T::Real {
        let (s, a) = (&self.form.matrix, &self.constraints.matrix);
        let sum = |entries: ndarray::ArrayView1<'_, T>| entries.iter().fold(T::Real::default(), |sum, x| sum + x.abs());
        let of_x = s.axis_iter(Axis(1)).zip(a.axis_iter(Axis(1))).map(|(s, a)| sum(s) + sum(a));
        of_x.chain(a.axis_iter(Axis(0)).map(sum)).fold(T::Real::default(), Float::max)
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
    /// 2(n + m)² flops for each right-hand side by LDLᴴ, about as many by the others; with up to three steps of refinement, which make any of the
    /// methods as stable as the first (Higham, §12.2).
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFiniteRhs`], [`Error::Singular`], [`Error::Overflow`] for a solution beyond the range of the type, [`Error::TooLarge`].
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
