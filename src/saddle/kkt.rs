//! Saddle points: the matrix K = [S Aᴴ; A 0], its solution, its inertia and its Schur complement.
//! On the floor above `factor`; must not know how a method solves.

use ndarray::{Array2, ArrayRef, ArrayRef2, Axis};
use num_traits::Float;

use super::doubt::Rows;
use super::factors::{KktMethod, KktOptions};
use super::form::{Constraints, Form};
use super::schur::half;
use super::solution::KktSolution;
use crate::element::Element;
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
    /// As for [`Kkt::factor`] and [`KktFactors::solve`](crate::saddle::KktFactors::solve).
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
    /// As for [`Kkt::factor`] and [`KktFactors::solve`](crate::saddle::KktFactors::solve).
    pub fn solve_with<D: RhsDimension>(
        &self, f: &ArrayRef<T, D>, b: &ArrayRef<T, D>, options: &KktOptions,
    ) -> Result<KktSolution<T, D>> {
        self.factor(options)?.solve(f, b)
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
