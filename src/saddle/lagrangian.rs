//! Saddle points: whether a point is a saddle of the Lagrangian, and along which directions the Lagrangian rises and
//! falls. On the floor above `factor`; must not solve.

use std::fmt;

use ndarray::{Array1, Array2, ArrayRef1, Axis};
use num_traits::{Float, Zero};

use super::doubt::{OnNullSpace, Rows};
use super::form::times_powers;
use super::kkt::Kkt;
use super::solution::{backward_error_of, stable};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::Inertia;
use crate::layout::Order;
use crate::pack::{self, Part};
use crate::scale::times_power;
use crate::workspace::zeros;

/// How the quadratic form S curves on a space: the signs of its eigenvalues there.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FormCurvature<T: Element> {
    /// Directions along which it rises: positive eigenvalues.
    pub rising: usize,
    /// Directions along which it falls: negative eigenvalues.
    pub falling: usize,
    /// Directions along which it is flat: eigenvalues below n·ε·‖S‖∞ in absolute value, which rounding does not tell
    /// from 0.
    pub flat: usize,
    /// The least eigenvalue, in the units of S; infinite where it exceeds the range of `f64`.
    pub least: f64,
    /// A unit vector of the space along which S has this curvature: where it is negative, x ↦ L falls along it.
    pub along: Array1<T>,
}

/// How the Lagrangian L(x, λ) = ½xᴴSx − Re fᴴx + Re λᴴ(A·x − b) lies around a point; see [`Kkt::saddle`]. It prints as
/// a few lines.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Saddle<T: Element> {
    /// How far the point is from being stationary: [`backward_error`](crate::saddle::KktSolution::backward_error) of
    /// (x, λ).
    pub backward_error: f64,
    /// The backward error up to which the point counts as stationary: 10(n + m)·ε.
    pub tolerance: f64,
    /// S on the whole space, as L sees x for a fixed λ; `None` for n = 0.
    pub in_x: Option<FormCurvature<T>>,
    /// S on the null space of A, as L sees x under the constraints; `None` where that is {0}.
    pub under_constraints: Option<FormCurvature<T>>,
    /// The directions in (x, λ) along which L rises, falls and is flat, as the signs of the eigenvalues of K: those
    /// under the constraints, and for each independent constraint one more of each sign.
    pub in_both: Inertia,
    /// Directions (dx, dλ) in columns, (n + m)×rank A, along each of which and all of whose combinations L falls from a
    /// stationary point: dx a unit vector against the rows of A, and dλ as large as to outweigh S.
    pub falling: Array2<T>,
    constraints: usize,
}

impl<T: Element> Saddle<T> {
    /// Whether the point is stationary, to rounding.
    pub fn is_stationary(&self) -> bool {
        self.backward_error <= self.tolerance
    }

    /// Whether S rises along every direction that the constraints allow.
    pub fn is_minimum_under_constraints(&self) -> bool {
        self.under_constraints.as_ref().is_none_or(|form| form.falling + form.flat == 0)
    }

    /// Whether S rises along every direction, so that x minimizes L for the given λ among all x.
    pub fn is_minimum_in_x(&self) -> bool {
        self.in_x.as_ref().is_none_or(|form| form.falling + form.flat == 0)
    }

    /// Whether the constraints are independent.
    pub fn has_independent_constraints(&self) -> bool {
        self.falling.ncols() == self.constraints
    }

    /// Whether the point is the constrained minimum with its one set of multipliers: stationary, a minimum under the
    /// constraints, and these independent. K then has n positive eigenvalues and m negative ones.
    pub fn holds(&self) -> bool {
        self.is_stationary() && self.is_minimum_under_constraints() && self.has_independent_constraints()
    }

    fn verdict(&self) -> &'static str {
        match (self.is_stationary(), self.has_independent_constraints(), self.is_minimum_under_constraints()) {
            (false, ..) => "not a saddle: the point is not stationary",
            (_, false, _) => "not a saddle with one set of multipliers: the constraints are dependent",
            (.., false) => "not a saddle of a minimum: under the constraints S does not rise along every direction",
            _ if self.constraints == 0 => "the minimum, without a constraint",
            _ if self.is_minimum_in_x() => "a saddle: the minimum in x, the maximum in λ when x is eliminated",
            _ => "a saddle: the minimum in x under the constraints only",
        }
    }
}

impl<T: Element> fmt::Display for Saddle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.verdict())?;
        writeln!(f, "  backward error      {:.1e}, stationary up to {:.1e}", self.backward_error, self.tolerance)?;
        let forms = [("S, any direction", &self.in_x), ("S, where A·dx = 0", &self.under_constraints)];
        for (name, form) in forms {
            match form {
                Some(FormCurvature { rising, falling, flat, least, .. }) => {
                    writeln!(
                        f,
                        "  {name:<19} {rising} rising, {falling} falling, {flat} flat; least curvature {least:.3e}"
                    )?;
                }
                None => writeln!(f, "  {name:<19} no direction")?,
            }
        }
        let Inertia { positive, negative, zero } = self.in_both;
        write!(f, "  L in (x, λ)         {positive} rising, {negative} falling, {zero} flat")
    }
}

impl<T: Element> Kkt<T> {
    /// Whether (x, λ) is a saddle of the Lagrangian for the right-hand sides f and b: how nearly it is stationary,
    /// whether S rises along every direction, or along those with A·dx = 0, and along which directions of (x, λ) the
    /// Lagrangian falls.
    ///
    /// x and f have length n, λ and b length m. Nothing is refused because it is no saddle: the report says so. In λ
    /// alone the Lagrangian is linear. Eliminating x it is −½λᴴ(A·S⁻¹Aᴴ)λ + …, which is concave, where S is positive
    /// definite.
    ///
    /// Routines: geqp3, and syevd or heevd of S and of ZᴴSZ; 2nm² + 9n³ + 9(n − m)³ flops.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFiniteRhs`], [`Error::TooLarge`], [`Error::NoConvergence`] (of the eigenvalues),
    /// [`Error::Overflow`] for a direction beyond the range.
    ///
    /// # Source
    /// Nocedal and Wright, Numerical Optimization, 2nd ed., §16.1; Gould 1985 for the inertia; Strang, Linear Algebra
    /// and Learning from Data, §III.2.
    ///
    /// ```
    /// use lapwing::saddle::Kkt;
    /// use ndarray::array;
    ///
    /// // S falls along y, but y is held by the constraint.
    /// let kkt = Kkt::new(&array![[2.0, 0.0], [0.0, -1.0]], &array![[0.0, 1.0]])?;
    /// let (f, b) = (array![4.0, 0.0], array![3.0]);
    /// let solution = kkt.solve(&f, &b)?;
    /// let report = kkt.saddle(&solution.x, &solution.multipliers, &f, &b)?;
    /// assert!(report.holds() && report.is_minimum_under_constraints() && !report.is_minimum_in_x());
    /// assert_eq!((report.in_both.positive, report.in_both.negative), (2, 1));
    /// assert!(report.to_string().starts_with("a saddle: the minimum in x under the constraints only"));
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn saddle(
        &self, x: &ArrayRef1<T>, multipliers: &ArrayRef1<T>, f: &ArrayRef1<T>, b: &ArrayRef1<T>,
    ) -> Result<Saddle<T>> {
        let (n, m) = self.dim();
        let backward_error = backward_error_of(self, [f, b], [x, multipliers])?.as_f64();
        let rows = Rows::new(&self.constraints.matrix)?;
        let mut unit = zeros(n, n, Order::ColumnMajor)?;
        unit.diag_mut().fill(T::one());
        let in_x = self.curvature(&unit)?;
        let under_constraints = self.curvature(&rows.null_space()?)?;
        let [rising, falling, flat] =
            under_constraints.as_ref().map_or([0; 3], |form| [form.rising, form.falling, form.flat]);
        let (positive, negative) = (rising + rows.rank, falling + rows.rank);
        Ok(Saddle {
            backward_error,
            tolerance: stable::<T>((n, m)).as_f64(),
            in_x,
            under_constraints,
            in_both: Inertia { positive, negative, zero: flat + m - rows.rank },
            falling: self.falling(&rows)?,
            constraints: m,
        })
    }

    /// S on the span of the orthonormal columns of Z.
    fn curvature(&self, z: &Array2<T>) -> Result<Option<FormCurvature<T>>> {
        if z.ncols() == 0 {
            return Ok(None);
        }
        let on_space = OnNullSpace::new(&self.form.matrix, z)?;
        let (falling, flat) = on_space.counts();
        let least = times_power(on_space.eigh.values[0].as_f64(), -self.form.exponent);
        let along = on_space.eigh.vectors.column(0).to_owned();
        Ok(Some(FormCurvature { rising: z.ncols() - falling - flat, falling, flat, least, along }))
    }

    /// For an orthonormal basis y₁, y₂, … of the span of the columns of Aᴴ the directions (−yᵢ, λ) with Aᴴλ = τ·yᵢ, τ =
    /// ‖S‖∞: along their combination with coefficients c, y = Σcᵢyᵢ, L changes by ½yᴴSy − τ‖c‖² ≤ −½τ‖c‖².
    fn falling(&self, rows: &Rows<T>) -> Result<Array2<T>> {
        let (n, m) = self.dim();
        let sums = self.form.matrix.axis_iter(Axis(0)).map(|row| row.iter().map(|x| x.abs()).sum());
        let norm = sums.fold(T::Real::zero(), Float::max);
        let tau = if norm.is_zero() { T::Real::real(1.0) } else { norm };
        let mut directions = zeros(n + m, rows.rank, Order::ColumnMajor)?;
        let (mut dx, mut multipliers) = directions.view_mut().split_at(Axis(0), n);
        dx.assign(&rows.row_space()?);
        dx.mapv_inplace(|x| -x);
        multipliers.assign(&rows.coefficients()?);
        multipliers.mapv_inplace(|x| x.mul_real(tau));
        let exponents: Vec<f64> = self.constraints.exponents.iter().map(|row| row - self.form.exponent).collect();
        times_powers(&mut multipliers, &exponents);
        match pack::check_finite(&directions, Part::All) {
            Ok(()) => Ok(directions),
            Err(_) => Err(Error::Overflow { what: "a direction in which the Lagrangian falls" }),
        }
    }
}
