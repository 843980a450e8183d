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
mod shortest;
mod sketch;
mod sketched_normal;
mod solution;
mod svd;
mod units;
mod worst_case;

use ndarray::{ArrayRef, ArrayRef2};

use crate::element::Element;
use crate::error::Result;
use crate::factor::{RhsDimension, check_svd_size};
use crate::workspace::Workspace;

pub use analysis::{Analysis, Condition, ForwardError, Uncertainty};
pub use collinearity::{Collinearity, NearDependence, NearDependenceOptions, near_dependences};
pub use solution::Solution;
use solution::{Answer, Problem};
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
    /// do not use it. `None` is max(m, n)·ε, of columns (rows, for a wide matrix) scaled to equal length: units of measurement do not
    /// make a matrix deficient. Since so much allows for the worst that roundings of long sums do, columns of a tall matrix within it
    /// are in doubt only, and are dependent if A itself says so, from κ of about 1/(nε) on. Of a wide matrix with dependent rows the rank
    /// is counted on A as it stands.
    pub rcond: Option<R>,
}

/// Least-squares solutions of linear systems.
pub trait LeastSquaresExt<T: Element> {
    /// The x that minimizes ‖A·x − b‖₂, by [`Method::Auto`]; of several such x the one of least norm, or of least norm in units in
    /// which the columns have equal length, if their lengths differ by more than 1/√ε.
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
        units::solve_in_units(self, b, options, workspace, solution)
    }
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
