//! Least squares: min ‖A·x − b‖₂, by the method the caller names, with a statement of how it went.
//! On the floor above `factor`; must not name a routine.
//!
//! On the floor above `factor`. One file for each method; `bounds` turns what a
//! method knows into a condition number and an error bound.

mod analysis;
mod augmented;
mod auto;
mod bounds;
mod collinearity;
#[cfg(feature = "exact")]
pub mod exact;
mod independence;
mod normal;
mod orthogonal;
mod pivoted;
mod qr;
mod refine;
mod refined_normal;
mod scaling;
mod sketch;
mod sketched_normal;
mod solution;
mod svd;
mod worst_case;

use ndarray::{Array2, ArrayRef, ArrayRef2};
use num_traits::{Float, One, Zero};

use crate::element::Element;
use crate::error::Result;
use crate::factor::{RhsDimension, check_svd_size, checked_rcond, columns_of, measured_columns};
use crate::layout::Layout;
use crate::pack::{self, Part};
use crate::scale::moderating;
use crate::workspace::Workspace;

pub use analysis::{Analysis, Condition, ForwardError, Uncertainty};
pub use collinearity::{Collinearity, NearDependence, NearDependenceOptions, near_dependences};
use scaling::{are_far_apart, equilibrating, scale_columns};
pub use solution::Solution;
use solution::{Answer, Problem, Scales};
pub use worst_case::{WorstCase, worst_case};

/// How a least-squares problem is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Method {
    /// AᴴA·x = Aᴴb by Cholesky: mn² + n³/3 flops, the fastest, and the error grows with κ(A)². For m < n, AAᴴ.
    NormalEquations,
    /// The normal equations with steps of refinement x ← x + (AᴴA)⁻¹Aᴴ(b − A·x), for m ≥ n: mn² + n³/3 flops and one or
    /// two passes over A more, for an error of the order of QR's. Refuses where the condition is so large (κ(A)²·ε near 1,
    /// columns being scaled to equal length) that this would not converge; [`Method::Auto`], which names this method where it
    /// used it, reaches further.
    RefinedNormalEquations,
    /// Householder QR: 2n²(m − n/3) flops; the error grows with κ(A), and with κ(A)² only times the residual.
    Qr,
    /// QR with column pivoting: 2n²(m − n/3) flops, half of them in matrix-vector products; reveals the rank; minimum-norm
    /// solution where it is deficient.
    PivotedQr,
    /// The SVD: about 6mn² + 20n³ flops; minimum-norm solution where the rank is deficient.
    Svd,
    /// Refined normal equations for a matrix that is long, large and, by a sketch of it, not too ill-conditioned for them;
    /// where it is, those of A·R⁻¹ with R from the sketch (3mn² flops in all) while κ(A)·ε is well below 1; else, or where
    /// neither converge, QR; and pivoted QR where QR finds the rank deficient.
    #[default]
    Auto,
    /// QR with refinement by residuals in twice the precision or more: the flops of QR and O(mn) of longer words for each of
    /// a few steps; the answer is right but for its rounding, whatever κ(A) is, while κ(A)·ε is well below 1.
    Refined,
}

impl Method {
    /// All methods, in the order of their cost.
    pub const ALL: [Method; 7] = [
        Method::NormalEquations,
        Method::RefinedNormalEquations,
        Method::Qr,
        Method::PivotedQr,
        Method::Svd,
        Method::Auto,
        Method::Refined,
    ];

    /// The short name by which the command knows the method.
    pub fn name(self) -> &'static str {
        match self {
            Method::NormalEquations => "ne",
            Method::RefinedNormalEquations => "ner",
            Method::Qr => "qr",
            Method::PivotedQr => "qrp",
            Method::Svd => "svd",
            Method::Auto => "auto",
            Method::Refined => "refined",
        }
    }
}

/// How a least-squares problem is to be solved.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LstsqOptions<R> {
    /// The method.
    pub method: Method,
    /// The tolerance, relative to the largest, below which [`Method::PivotedQr`] takes a diagonal entry of R and
    /// [`Method::Svd`] a singular value of A as zero; [`Method::Auto`] then is [`Method::PivotedQr`], and the other methods
    /// do not use it. `None` is max(m, n)·ε, and then the rank is full if it is so on columns (rows, for a wide matrix)
    /// scaled to equal length: units of measurement do not make a matrix deficient. Of one that is deficient all the same
    /// the rank is counted on A as it stands, since what the least norm is depends on the units anyway. [`Method::Qr`],
    /// [`Method::Refined`] and with them [`Method::Auto`] take this tolerance, which allows for the worst that roundings of long
    /// sums do, for a doubt, and decide by A itself, up to κ(A) of about 1/(nε).
    pub rcond: Option<R>,
}

/// Least-squares solutions of linear systems.
pub trait LeastSquaresExt<T: Element> {
    /// The x that minimizes ‖A·x − b‖₂, by [`Method::Auto`]; of several such x the one of least norm.
    ///
    /// A is m×n of any shape and layout, b has m rows and one dimension or two (columns are right-hand sides), and x has
    /// b's dimension. The solution of a 0×n system is 0.
    ///
    /// Routines: herk, potrf and potrs, mn² + n³/3 flops, for a long and large matrix; geqrf, unmqr and trtrs, 2n²(m − n/3)
    /// flops for m ≥ n, for any other; and geqp3 besides where the rank is deficient (Golub & Van Loan, §5.3 and §5.5). The
    /// error is of the order of that of QR, whose x is the exact solution for data within cmn·ε of A and b (Higham,
    /// Theorem 20.3).
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape), [`Error::NonFinite`](crate::Error::NonFinite),
    /// [`Error::NonFiniteRhs`](crate::Error::NonFiniteRhs), [`Error::TooLarge`](crate::Error::TooLarge),
    /// [`Error::NoConvergence`](crate::Error::NoConvergence),
    /// [`Error::Overflow`](crate::Error::Overflow).
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// // The line through (0, 1), (1, 3), (2, 5) and (3, 7).
    /// let a = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]];
    /// let line = a.lstsq(&array![1.0, 3.0, 5.0, 7.0])?;
    /// approx::assert_abs_diff_eq!(line.x, array![1.0, 2.0], epsilon = 1e-14);
    /// assert_eq!(line.method, Method::Qr);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn lstsq<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Solution<T, D>>;

    /// The same by the method that `options` name, whose flops stand at [`Method`].
    ///
    /// Routines: herk, potrf and potrs; geqrf, unmqr and trtrs; geqp3; gesdd (Golub & Van Loan, §5.3 and §5.5; errors: Higham,
    /// §20.3 and §20.4).
    ///
    /// [`Method::Refined`] solves the augmented system [I A; Aᴴ 0]·(r, x) = (b, 0) by QR for its own residuals until what
    /// is left of the error is far below the rounding of x (Björck, Numerical Methods for Least Squares Problems, §2.9.2;
    /// Demmel, Hida, Riedy & Li, ACM TOMS 35 (2009)); its time beside the factorization is that of some 50·mn flops for
    /// each step and right-hand side, on one thread. Coefficients smaller than ε times the largest, each times the length of its
    /// column, may have fewer digits; an x that is 0 is found by exact arithmetic, and one that three words of residual do not tell from 0
    /// is [`Error::NoConvergence`](crate::Error::NoConvergence).
    ///
    /// # Errors
    /// As for [`LeastSquaresExt::lstsq`]; [`Error::RankDeficient`](crate::Error::RankDeficient) from
    /// [`Method::NormalEquations`],
    /// [`Method::RefinedNormalEquations`], [`Method::Qr`] and [`Method::Refined`];
    /// [`Error::NoConvergence`](crate::Error::NoConvergence) from the second and
    /// the last of these, where A is of full rank, but too near to a deficient one;
    /// [`Error::Parameter`](crate::Error::Parameter) for an rcond that is
    /// negative or a NaN.
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let a = array![[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]];
    /// let by = |method| a.lstsq_with(&array![2.0, 2.0, 5.0], &LstsqOptions { method, ..Default::default() });
    /// assert_eq!(by(Method::Qr).unwrap_err(), lapwing::Error::RankDeficient { rank: 1, needed: 2 });
    /// let least_norm = by(Method::Svd)?;
    /// approx::assert_abs_diff_eq!(least_norm.x, array![1.5, 1.5], epsilon = 1e-14);
    /// assert_eq!(least_norm.rank, 1);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn lstsq_with<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, options: &LstsqOptions<T::Real>,
    ) -> Result<Solution<T, D>>;

    /// The same into a `solution` of the caller's, with reused working memory: with a warm workspace and a solution of
    /// the same shape it allocates nothing, unless entries are near the ends of the range. After an error the solution's
    /// fields are unspecified.
    ///
    /// There is no form that overwrites A: the residual is taken from A itself, not from its factors.
    ///
    /// # Errors
    /// As for [`LeastSquaresExt::lstsq_with`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::{Array, Ix1, array};
    ///
    /// let (mut workspace, mut line) = (Workspace::new(), Solution::<f64, Ix1>::default());
    /// for slope in [1.0, 2.0] {
    ///     let a = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]];
    ///     let b = Array::from_iter((0..3).map(|t| slope * f64::from(t)));
    ///     a.lstsq_to(&b, &LstsqOptions::default(), &mut workspace, &mut line)?;
    ///     approx::assert_abs_diff_eq!(line.x, array![0.0, slope], epsilon = 1e-14);
    /// }
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn lstsq_to<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, options: &LstsqOptions<T::Real>, workspace: &mut Workspace<T>,
        solution: &mut Solution<T, D>,
    ) -> Result<()>;
}

impl<T: Element> LeastSquaresExt<T> for ArrayRef2<T> {
    fn lstsq<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Solution<T, D>> {
        self.lstsq_with(b, &LstsqOptions::default())
    }

    fn lstsq_with<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, options: &LstsqOptions<T::Real>,
    ) -> Result<Solution<T, D>> {
        let mut solution = Solution::default();
        self.lstsq_to(b, options, &mut Workspace::new(), &mut solution)?;
        Ok(solution)
    }

    fn lstsq_to<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, options: &LstsqOptions<T::Real>, workspace: &mut Workspace<T>,
        solution: &mut Solution<T, D>,
    ) -> Result<()> {
        if options.method == Method::Svd {
            // Before the entries of a matrix that is too large anyway are looked at.
            check_svd_size(self)?;
        }
        let (a_size, is_apart) = measured(self, workspace)?;
        let (b, b_size) = measured_columns(b, self.nrows())?;
        let scales = Scales { a: moderating(a_size), b: moderating(b_size) };
        let is_own = is_apart && options.rcond.is_none();
        let rcond = checked_rcond(options.rcond, self.dim())?;
        let mut problem = Problem { a: self.view(), b, rcond, given: options.rcond.is_some() };
        let packed_b = match scales.b != T::Real::one() {
            true => Some(multiple(&problem.b, scales.b, workspace)?),
            false => None,
        };
        if let Some(b) = &packed_b {
            problem.b = b.view();
        }
        if !(is_own && by_own_units(&problem, options.method, scales, workspace, solution)?) {
            by_one_power(&problem, options.method, scales, workspace, solution)?;
        }
        packed_b.into_iter().for_each(|packed| workspace.spare.keep(packed));
        Ok(())
    }
}

/// The size of the entries of A, and whether the columns of a tall A are too far apart for one power of two; or
/// [`Error::NonFinite`](crate::Error::NonFinite).
fn measured<T: Element>(a: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<(T::Real, bool)> {
    if a.nrows() < a.ncols() {
        return Ok((pack::size(a, Part::All)?, false));
    }
    let mut sizes = workspace.spare_real.lend_vec(a.ncols())?;
    pack::column_sizes(a, &mut sizes)?;
    let largest = sizes.iter().copied().fold(T::Real::zero(), Float::max);
    let is_apart = are_far_apart(&sizes, moderating(largest));
    workspace.spare_real.keep_vec(sizes);
    Ok((largest, is_apart))
}

/// Solves a problem whose A is to be multiplied by one power of two.
fn by_one_power<T: Element, D: RhsDimension>(
    problem: &Problem<'_, T>, method: Method, scales: Scales<T::Real>, workspace: &mut Workspace<T>,
    solution: &mut Solution<T, D>,
) -> Result<()> {
    // A strided matrix would be packed by every method, and once more for the residual.
    let packed = match pack::layout_of(&problem.a) == Layout::Strided || scales.a != T::Real::one() {
        true => Some(multiple(&problem.a, scales.a, workspace)?),
        false => None,
    };
    let problem = Problem { a: packed.as_ref().map_or(problem.a, |a| a.view()), ..*problem };
    let answer = solve(&problem, method, workspace)?;
    solution.store(&problem, scales, None, answer, workspace)?;
    packed.into_iter().for_each(|packed| workspace.spare.keep(packed));
    Ok(())
}

/// Solves a problem for A·D with columns of equal length, of which x = D·z is the solution if the rank is full; `false`
/// where it is not.
fn by_own_units<T: Element, D: RhsDimension>(
    problem: &Problem<'_, T>, method: Method, scales: Scales<T::Real>, workspace: &mut Workspace<T>,
    solution: &mut Solution<T, D>,
) -> Result<bool> {
    let mut packed = columns_of(&problem.a, workspace)?;
    let units = equilibrating(&packed, workspace)?;
    scale_columns(&mut packed, &units);
    let scaled = Problem { a: packed.view(), ..*problem };
    let answer = solve(&scaled, method, workspace)?;
    let is_full = answer.rank == scaled.a.ncols();
    if is_full {
        // What is known is the condition of A·D.
        let answer = Answer { conditioning: None, ..answer };
        solution.store(&scaled, scales, Some(&units), answer, workspace)?;
    }
    workspace.spare.keep(packed);
    workspace.spare_real.keep(units);
    Ok(is_full)
}

/// A packed copy of `a` times a power of two, in memory that the workspace lends.
fn multiple<T: Element>(a: &ArrayRef2<T>, power: T::Real, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let mut packed = columns_of(a, workspace)?;
    packed.mapv_inplace(|x| x.mul_real(power));
    Ok(packed)
}

fn solve<T: Element>(problem: &Problem<'_, T>, method: Method, workspace: &mut Workspace<T>) -> Result<Answer<T>> {
    match method {
        method if problem.is_trivial() => problem.zero_answer(method, workspace),
        Method::NormalEquations => normal::solve(problem, workspace),
        Method::RefinedNormalEquations => refined_normal::solve(problem, workspace),
        Method::Qr => qr::solve(problem, workspace),
        Method::PivotedQr => pivoted::solve(problem, workspace),
        Method::Svd => svd::solve(problem, workspace),
        Method::Auto => auto::solve(problem, workspace),
        Method::Refined => refine::solve(problem, workspace),
    }
}
