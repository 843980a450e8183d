//! Least squares: min ‖A·x − b‖₂, by the method the caller names, with a statement of how it went.
//!
//! On the floor above `factor`; no unsafe code, no routine by name. One file for each method; `bounds` turns what a
//! method knows into a condition number and an error bound.

mod auto;
mod bounds;
#[cfg(feature = "exact")]
pub mod exact;
mod normal;
mod pivoted;
mod qr;
mod scaling;
mod solution;
mod svd;

use ndarray::{ArrayRef, ArrayRef2};

use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::{RhsDimension, check_svd_size, columns_of};
use crate::layout::Layout;
use crate::pack;
use crate::workspace::Workspace;

use solution::Problem;
pub use solution::Solution;

/// How a least-squares problem is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Method {
    /// AᴴA·x = Aᴴb by Cholesky: mn² + n³/3 flops, the fastest, and the error grows with κ(A)². For m < n, AAᴴ.
    NormalEquations,
    /// Householder QR: 2n²(m − n/3) flops; the error grows with κ(A), and with κ(A)² only times the residual.
    Qr,
    /// QR with column pivoting: reveals the rank; minimum-norm solution where it is deficient.
    PivotedQr,
    /// The SVD: the most expensive; minimum-norm solution where the rank is deficient.
    Svd,
    /// QR, and pivoted QR where QR finds the rank deficient.
    #[default]
    Auto,
    /// QR with extra-precise refinement. Not available in this version.
    Refined,
}

impl Method {
    /// All methods, in the order of their cost.
    pub const ALL: [Method; 6] =
        [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto, Method::Refined];

    /// The short name by which the command knows the method.
    pub fn name(self) -> &'static str {
        match self {
            Method::NormalEquations => "ne",
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
    /// [`Method::Svd`] a singular value of A as zero. `None` is max(m, n)·ε on columns scaled to equal length: units of
    /// measurement then do not decide about the rank.
    pub rcond: Option<R>,
}

/// Least-squares solutions of linear systems.
pub trait LeastSquaresExt<T: Element> {
    /// The x that minimizes ‖A·x − b‖₂, by [`Method::Auto`]; of several such x the one of least norm.
    ///
    /// A is m×n of any shape and layout, b has m rows and one dimension or two (columns are right-hand sides), and x has
    /// b's dimension. The solution of a 0×n system is 0.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NonFinite`], [`Error::NonFiniteRhs`], [`Error::TooLarge`], [`Error::NoConvergence`],
    /// [`Error::Overflow`].
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

    /// The same by the method that `options` name.
    ///
    /// # Errors
    /// As for [`LeastSquaresExt::lstsq`]; [`Error::RankDeficient`] from [`Method::NormalEquations`] and [`Method::Qr`],
    /// [`Error::Parameter`] for an rcond that is negative or a NaN, [`Error::Unsupported`] for [`Method::Refined`].
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
        let problem = Problem::new(self, b, options.rcond)?;
        if pack::layout_of(self) != Layout::Strided {
            return solve(&problem, options.method, workspace, solution);
        }
        // Every method would pack it, and the residual once more.
        let packed = columns_of(self, workspace)?;
        solve(&Problem { a: &packed, ..problem }, options.method, workspace, solution)?;
        workspace.spare.keep(packed);
        Ok(())
    }
}

fn solve<T: Element, D: RhsDimension>(
    problem: &Problem<'_, T>, method: Method, workspace: &mut Workspace<T>, solution: &mut Solution<T, D>,
) -> Result<()> {
    let answer = match method {
        Method::Refined => return Err(Error::Unsupported { what: "Method::Refined" }),
        method if problem.is_trivial() => problem.zero_answer(method, workspace),
        Method::NormalEquations => normal::solve(problem, workspace),
        Method::Qr => qr::solve(problem, workspace),
        Method::PivotedQr => pivoted::solve(problem, workspace),
        Method::Svd => svd::solve(problem, workspace),
        Method::Auto => auto::solve(problem, workspace),
    }?;
    solution.store(problem, answer, workspace)
}
