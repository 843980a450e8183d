//! The factor floor: QR with column pivoting, which reveals the rank.
//! Must not call a routine but through `lapack`.
//!
//! LAPACK pivots columns only, so that a row-major matrix is copied into column-major order first.

use ndarray::{
    Array, Array1, Array2, ArrayBase, ArrayRef, ArrayRef2, ArrayView2, ArrayViewMut2, Data, DataMut, Ix2, OwnedRepr,
    RawDataClone, ViewRepr,
};

use num_traits::Zero;

use crate::element::{Element, conjugate};
use crate::error::{Error, Result};
use crate::lapack::{self, MatMut};
use crate::layout::{Int, Order};
use crate::pack::{self, Part};
use crate::workspace::{Scratch, Workspace, packed_entries, reshape, zeroed};

use super::qr::Qr;
use super::rhs::{self, RhsDimension, SolveColumns, in_columns};
use super::svd::{NumericalRank, checked_rcond};

/// A·P = Q·R with the diagonal of R descending in absolute value.
///
/// `S` is the storage of the reflectors: owned, or the caller's own matrix for [`PivotedQrExt::qr_pivoted_inplace`].
#[derive(Debug)]
pub struct PivotedQr<T: Element, S: Data<Elem = T> = OwnedRepr<T>> {
    qr: Qr<T, S>,
    permutation: Vec<usize>,
}

impl<T: Element, S: Data<Elem = T> + RawDataClone> Clone for PivotedQr<T, S> {
    fn clone(&self) -> Self {
        PivotedQr { qr: self.qr.clone(), permutation: self.permutation.clone() }
    }
}

impl<T: Element> Default for PivotedQr<T> {
    /// The factorization of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        PivotedQr { qr: Qr::default(), permutation: Vec::new() }
    }
}

/// QR with column pivoting.
pub trait PivotedQrExt<T: Element> {
    /// A·P = Q·R for an m×n matrix of any shape: at each step the remaining column of largest norm comes next.
    ///
    /// Routine: geqp3; 4mnk − 2k²(m + n) + 4k³/3 flops, k = min(m, n) (Golub & Van Loan, §5.4.2), half of them in
    /// matrix-vector products, so that it is slower than [`crate::prelude::QrExt::qr`].
    ///
    /// # Errors
    /// [`Error::NonFinite`], [`Error::TooLarge`], [`Error::Overflow`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let a = array![[1.0, 0.0, 1.0], [0.0, 5.0, 5.0_f64]]; // column 2 is the sum of the others
    /// let qr = a.qr_pivoted()?;
    /// assert_eq!(qr.permutation()[0], 2);
    /// assert_eq!(qr.rank(None)?.rank, 2);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn qr_pivoted(&self) -> Result<PivotedQr<T>>;

    /// Pivoted QR with reused working memory; see [`PivotedQrExt::qr_pivoted`].
    ///
    /// # Errors
    /// As for [`PivotedQrExt::qr_pivoted`].
    fn qr_pivoted_with(&self, workspace: &mut Workspace<T>) -> Result<PivotedQr<T>>;

    /// Pivoted QR into an `output` of the caller's: with a warm workspace and an output of the same shape it allocates
    /// nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`PivotedQrExt::qr_pivoted`].
    fn qr_pivoted_to(&self, workspace: &mut Workspace<T>, output: &mut PivotedQr<T>) -> Result<()>;

    /// Pivoted QR in the memory of the matrix itself, which the factorization borrows. A view whose columns are not
    /// contiguous is copied and written back.
    ///
    /// # Errors
    /// As for [`PivotedQrExt::qr_pivoted`].
    fn qr_pivoted_inplace<'a>(&'a mut self, workspace: &mut Workspace<T>) -> Result<PivotedQr<T, ViewRepr<&'a mut T>>>;
}

impl<T: Element> PivotedQrExt<T> for ArrayRef2<T> {
    fn qr_pivoted(&self) -> Result<PivotedQr<T>> {
        self.qr_pivoted_with(&mut Workspace::new())
    }

    fn qr_pivoted_with(&self, workspace: &mut Workspace<T>) -> Result<PivotedQr<T>> {
        let mut output = PivotedQr::default();
        self.qr_pivoted_to(workspace, &mut output)?;
        Ok(output)
    }

    fn qr_pivoted_to(&self, workspace: &mut Workspace<T>, output: &mut PivotedQr<T>) -> Result<()> {
        pack::check_finite(self, Part::All)?;
        let PivotedQr { qr, permutation } = output;
        let (factors, tau) = qr.parts_mut();
        reshape(factors, self.nrows(), self.ncols(), Order::ColumnMajor)?;
        pack::copy_columns(self, packed_entries(factors)?);
        factor(factors, tau, permutation, workspace)
    }

    fn qr_pivoted_inplace<'a>(&'a mut self, workspace: &mut Workspace<T>) -> Result<PivotedQr<T, ViewRepr<&'a mut T>>> {
        PivotedQr::from_array(self.view_mut(), workspace)
    }
}

/// Overwrites `a` by R and the reflectors.
fn factor<T: Element>(
    a: &mut ArrayRef2<T>, tau: &mut Vec<T>, permutation: &mut Vec<usize>, workspace: &mut Workspace<T>,
) -> Result<()> {
    let (m, n) = a.dim();
    if tau.len() != m.min(n) {
        *tau = zeroed(m.min(n))?;
    }
    if permutation.capacity() < n {
        *permutation = zeroed(n)?;
    }
    permutation.resize(n, 0);
    if a.is_empty() {
        permutation.iter_mut().enumerate().for_each(|(j, column)| *column = j);
        return Ok(());
    }
    let mut pivots = std::mem::take(&mut workspace.pivots);
    in_columns(a.view_mut(), workspace, |a, scratch| lapack::geqp3(MatMut::of(a)?, pivots.take(n)?, tau, scratch))?;
    // The routine counts columns from 1.
    let columns = pivots.take(n)?.iter().map(|&column: &Int| column.unsigned_abs() as usize - 1);
    permutation.iter_mut().zip(columns).for_each(|(to, column)| *to = column);
    workspace.pivots = pivots;
    // Where rows are contiguous the reflectors are read as those of an LQ factorization, H = I − τ̄·w·wᴴ.
    if pack::natural_order(a) == Order::RowMajor {
        conjugate(tau);
    }
    pack::check_finite(a, Part::Upper).map_err(|_| Error::Overflow { what: "R" })
}

impl<T: Element, S: Data<Elem = T>> PivotedQr<T, S> {
    /// Factors `a` in its own memory: an owned matrix is consumed, a mutable view overwritten. See
    /// [`PivotedQrExt::qr_pivoted`].
    ///
    /// # Errors
    /// As for [`PivotedQrExt::qr_pivoted`].
    pub fn from_array(mut a: ArrayBase<S, Ix2>, workspace: &mut Workspace<T>) -> Result<Self>
    where
        S: DataMut,
    {
        pack::check_finite(&a, Part::All)?;
        let (mut tau, mut permutation) = (Vec::new(), Vec::new());
        factor(&mut a, &mut tau, &mut permutation, workspace)?;
        Ok(PivotedQr { qr: Qr::from_parts(a, tau), permutation })
    }

    /// The rows and columns of A.
    pub fn dim(&self) -> (usize, usize) {
        self.qr.dim()
    }

    /// Column j of A·P is column `permutation()[j]` of A.
    pub fn permutation(&self) -> &[usize] {
        &self.permutation
    }

    /// The first k = min(m, n) columns of Q; see [`Qr::q`].
    ///
    /// # Errors
    /// As for [`Qr::q`].
    pub fn q(&self) -> Result<Array2<T>> {
        self.qr.q()
    }

    /// [`PivotedQr::q`] into an `output` of the caller's; see [`Qr::q_to`].
    ///
    /// # Errors
    /// As for [`Qr::q`].
    pub fn q_to(&self, workspace: &mut Workspace<T>, output: &mut Array2<T>) -> Result<()> {
        self.qr.q_to(workspace, output)
    }

    /// [`PivotedQr::q`] in the memory of the factors; see [`Qr::into_q`].
    ///
    /// # Errors
    /// As for [`Qr::into_q`].
    pub fn into_q(self, workspace: &mut Workspace<T>) -> Result<ArrayBase<S, Ix2>>
    where
        S: DataMut,
    {
        self.qr.into_q(workspace)
    }

    /// All of Q; see [`Qr::q_full`].
    ///
    /// # Errors
    /// As for [`Qr::q_full`].
    pub fn q_full(&self) -> Result<Array2<T>> {
        self.qr.q_full()
    }

    /// [`PivotedQr::q_full`] into an `output` of the caller's; see [`Qr::q_full_to`].
    ///
    /// # Errors
    /// As for [`Qr::q_full`].
    pub fn q_full_to(&self, workspace: &mut Workspace<T>, output: &mut Array2<T>) -> Result<()> {
        self.qr.q_full_to(workspace, output)
    }

    /// The upper triangular factor, k×n.
    pub fn r(&self) -> Array2<T> {
        self.qr.r()
    }

    /// Q·B; see [`Qr::apply_q`].
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_q<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        self.qr.apply_q(b)
    }

    /// Q·B in the memory of B; see [`Qr::apply_q_inplace`].
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_q_inplace<D: RhsDimension>(&self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>) -> Result<()> {
        self.qr.apply_q_inplace(b, workspace)
    }

    /// Qᴴ·B in the memory of B; see [`Qr::apply_q_inplace`].
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_qh_inplace<D: RhsDimension>(
        &self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>,
    ) -> Result<()> {
        self.qr.apply_qh_inplace(b, workspace)
    }

    /// Qᴴ·B; see [`Qr::apply_q`].
    ///
    /// # Errors
    /// As for [`Qr::apply_q`].
    pub fn apply_qh<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        self.qr.apply_qh(b)
    }

    /// The least-squares solution for m ≥ n and full column rank; see [`Qr::solve`].
    ///
    /// # Errors
    /// As for [`Qr::solve`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let x = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]].qr_pivoted()?.solve(&array![1.0, 3.0, 5.0])?;
    /// approx::assert_abs_diff_eq!(x, array![1.0, 2.0], epsilon = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn solve<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        rhs::solve(self, b)
    }

    /// [`PivotedQr::solve`] into an array of the caller's; see [`Qr::solve_to`].
    ///
    /// # Errors
    /// As for [`Qr::solve`].
    pub fn solve_to<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, workspace: &mut Workspace<T>, x: &mut Array<T, D>,
    ) -> Result<()> {
        rhs::solve_to(self, b, workspace, x)
    }

    /// [`PivotedQr::solve`] in the memory of B; see [`Qr::solve_inplace`].
    ///
    /// # Errors
    /// As for [`Qr::solve_inplace`].
    pub fn solve_inplace<D: RhsDimension>(&self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>) -> Result<()> {
        rhs::solve_inplace(self, b, workspace)
    }

    /// R on and above the diagonal, the reflectors below it; see [`Qr::packed`].
    pub fn packed(&self) -> ArrayView2<'_, T> {
        self.qr.packed()
    }

    /// An estimate of 1/κ₁(R); see [`Qr::rcond`].
    ///
    /// # Errors
    /// As for [`Qr::rcond`].
    pub fn rcond(&self) -> Result<T::Real> {
        self.qr.rcond()
    }

    /// The factors of A·P.
    pub(crate) fn unpivoted(&self) -> &Qr<T, S> {
        &self.qr
    }

    /// The number of |rᵢᵢ| above rcond·|r₁₁|.
    pub(crate) fn rank_within(&self, rcond: T::Real) -> usize {
        let r = self.packed();
        let largest = r.diag().first().map_or(T::Real::zero(), |first| first.abs());
        r.diag().iter().take_while(|entry| entry.abs() > rcond * largest).count()
    }

    /// The rank to the tolerance `rcond`: the number of |rᵢᵢ| above rcond·|r₁₁|; without one, max(m, n)·ε.
    ///
    /// |rᵢᵢ| lies within a modest factor of σᵢ on all but contrived matrices (Golub & Van Loan, §5.4.3).
    ///
    /// # Errors
    /// [`Error::Parameter`] if `rcond` is negative or a NaN.
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let qr = array![[1.0, 2.0], [2.0, 4.0], [3.0_f64, 6.0]].qr_pivoted()?;
    /// assert_eq!(qr.rank(None)?.rank, 1);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn rank(&self, rcond: Option<T::Real>) -> Result<NumericalRank<T::Real>> {
        let rcond = checked_rcond(rcond, self.dim())?;
        let values = Array1::from_iter(self.packed().diag().iter().map(|&entry| entry.abs()));
        Ok(NumericalRank { rank: self.rank_within(rcond), rcond, values })
    }
}

impl<T: Element, S: Data<Elem = T>> SolveColumns<T> for PivotedQr<T, S> {
    fn rows(&self) -> Result<(usize, usize)> {
        self.qr.rows()
    }

    fn solve_columns(&self, mut b: ArrayViewMut2<'_, T>, scratch: &mut Scratch<T>) -> Result<()> {
        self.qr.solve_columns(b.view_mut(), scratch)?;
        let permuted = scratch.work.take(self.permutation.len())?;
        for mut x in b.columns_mut() {
            permuted.iter_mut().zip(&x).for_each(|(to, &from)| *to = from);
            permuted.iter().zip(&self.permutation).for_each(|(&from, &to)| x[to] = from);
        }
        Ok(())
    }
}

/// The pivoted QR factorization of a matrix that it overwrites, with the rest of its memory lent by the workspace, to be
/// used by `then`.
pub(crate) fn with_pivoted_qr<'a, T: Element, R>(
    mut a: ArrayViewMut2<'a, T>, workspace: &mut Workspace<T>,
    then: impl FnOnce(&PivotedQr<T, ViewRepr<&'a mut T>>, &mut Workspace<T>) -> Result<R>,
) -> Result<R> {
    let mut tau = workspace.spare.lend_vec(a.nrows().min(a.ncols()))?;
    let mut permutation = std::mem::take(&mut workspace.permutation);
    factor(&mut a, &mut tau, &mut permutation, workspace)?;
    let qr = PivotedQr { qr: Qr::from_parts(a, tau), permutation };
    let result = then(&qr, workspace);
    workspace.permutation = qr.permutation;
    workspace.spare.keep_vec(qr.qr.into_tau());
    result
}
