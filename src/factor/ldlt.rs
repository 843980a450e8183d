//! The factor floor: A = L·D·Lᴴ for Hermitian indefinite matrices, and the inertia that D shows.
//! Must not call a routine but through `lapack`. Row-major input is the conjugate of what LAPACK sees.

use ndarray::{
    Array, Array2, ArrayBase, ArrayRef, ArrayRef2, ArrayViewMut2, Data, DataMut, Ix2, OwnedRepr, RawDataClone, ViewRepr,
};
use num_traits::{One, Zero};

use crate::element::{Element, conjugate};
use crate::error::{Error, Result};
use crate::lapack::{self, Mat, MatMut, Uplo};
use crate::layout::{Int, Layout, Order};
use crate::pack;
use crate::scale::moderating;
use crate::workspace::{Scratch, Workspace, packed_entries, reshape, zeroed};

use super::hermitian::{part, require_square};
use super::rhs::{self, RhsDimension, SolveColumns};

/// P·A·Pᵀ = L·D·Lᴴ (or U·D·Uᴴ) with D of 1×1 and 2×2 blocks, by the pivoting of Bunch and Kaufman.
///
/// `S` is the storage of the factors: owned, or the caller's own matrix for [`LdltExt::ldlt_inplace`].
#[derive(Debug)]
pub struct Ldlt<T: Element, S: Data<Elem = T> = OwnedRepr<T>> {
    factors: ArrayBase<S, Ix2>,
    /// A row from 1, or for both rows of a 2×2 block its negative.
    pivots: Vec<Int>,
    uplo: Uplo,
    /// The first block of D that is exactly singular.
    zero_pivot: Option<usize>,
    /// What was factored is this power of two times A: near the ends of the range the routine would lose pivots.
    scale: T::Real,
}

impl<T: Element, S: Data<Elem = T> + RawDataClone> Clone for Ldlt<T, S> {
    fn clone(&self) -> Self {
        let Ldlt { factors, pivots, uplo, zero_pivot, scale } = self;
        Ldlt { factors: factors.clone(), pivots: pivots.clone(), uplo: *uplo, zero_pivot: *zero_pivot, scale: *scale }
    }
}

impl<T: Element> Default for Ldlt<T> {
    /// The factorization of a 0×0 matrix, as an output to reuse.
    fn default() -> Self {
        Ldlt {
            factors: Array2::default((0, 0)),
            pivots: Vec::new(),
            uplo: Uplo::Lower,
            zero_pivot: None,
            scale: T::Real::one(),
        }
    }
}

/// What an LDLᴴ factorization reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LdltOptions {
    /// The triangle that is read.
    pub uplo: Uplo,
}

/// The numbers of positive, negative and zero eigenvalues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inertia {
    /// Positive eigenvalues.
    pub positive: usize,
    /// Negative eigenvalues.
    pub negative: usize,
    /// Zero eigenvalues.
    pub zero: usize,
}

/// LDLᴴ factorization of a Hermitian matrix.
pub trait LdltExt<T: Element> {
    /// P·A·Pᵀ = L·D·Lᴴ. Reads the lower triangle and the real part of the diagonal. A singular matrix is factored too;
    /// only solving with it is an error.
    ///
    /// Routine: sytrf or hetrf; n³/3 flops (Golub & Van Loan, §4.4.4). Backward stable (Higham, Theorem 11.4). Any
    /// layout; row-major input is not transposed.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::Overflow`], [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let a = array![[0.0, 1.0], [1.0, 0.0]]; // needs a 2×2 pivot
    /// let ldlt = a.ldlt()?;
    /// assert_eq!(ldlt.inertia(), Inertia { positive: 1, negative: 1, zero: 0 });
    /// assert_eq!(ldlt.solve(&array![2.0, 3.0])?, array![3.0, 2.0]);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    fn ldlt(&self) -> Result<Ldlt<T>>;

    /// LDLᴴ with options and reused working memory; see [`LdltExt::ldlt`].
    ///
    /// # Errors
    /// As for [`LdltExt::ldlt`].
    fn ldlt_with(&self, options: &LdltOptions, workspace: &mut Workspace<T>) -> Result<Ldlt<T>>;

    /// LDLᴴ into an `output` of the caller's: with a warm workspace and an output of the same shape and layout it
    /// allocates nothing. After an error the output's entries are unspecified.
    ///
    /// # Errors
    /// As for [`LdltExt::ldlt`].
    fn ldlt_to(&self, options: &LdltOptions, workspace: &mut Workspace<T>, output: &mut Ldlt<T>) -> Result<()>;

    /// LDLᴴ in the memory of the matrix itself, which the factorization borrows; the triangle that is not read keeps its
    /// entries. Padded and sliced views are factored where they stand; one that LAPACK cannot read is copied and written
    /// back.
    ///
    /// # Errors
    /// As for [`LdltExt::ldlt`].
    fn ldlt_inplace<'a>(
        &'a mut self, options: &LdltOptions, workspace: &mut Workspace<T>,
    ) -> Result<Ldlt<T, ViewRepr<&'a mut T>>>;
}

impl<T: Element> LdltExt<T> for ArrayRef2<T> {
    fn ldlt(&self) -> Result<Ldlt<T>> {
        self.ldlt_with(&LdltOptions::default(), &mut Workspace::new())
    }

    fn ldlt_with(&self, options: &LdltOptions, workspace: &mut Workspace<T>) -> Result<Ldlt<T>> {
        let mut output = Ldlt::default();
        self.ldlt_to(options, workspace, &mut output)?;
        Ok(output)
    }

    fn ldlt_to(&self, options: &LdltOptions, workspace: &mut Workspace<T>, output: &mut Ldlt<T>) -> Result<()> {
        let n = require_square(self)?;
        let Ldlt { factors, pivots, uplo, zero_pivot, scale } = output;
        *scale = moderating(pack::size(self, part(options.uplo))?);
        reshape(factors, n, n, pack::natural_order(self))?;
        pack::copy(self, packed_entries(factors)?);
        *uplo = options.uplo;
        *zero_pivot = factor(factors, options.uplo, *scale, pivots, workspace)?;
        Ok(())
    }

    fn ldlt_inplace<'a>(
        &'a mut self, options: &LdltOptions, workspace: &mut Workspace<T>,
    ) -> Result<Ldlt<T, ViewRepr<&'a mut T>>> {
        Ldlt::from_array(self.view_mut(), options, workspace)
    }
}

/// Overwrites the triangle of `a` by the factors of `scale`·A; returns the first block of D that is exactly singular.
fn factor<T: Element>(
    a: &mut ArrayRef2<T>, uplo: Uplo, scale: T::Real, pivots: &mut Vec<Int>, workspace: &mut Workspace<T>,
) -> Result<Option<usize>> {
    let n = a.nrows();
    if pivots.len() != n {
        *pivots = zeroed(n)?;
    }
    if n == 0 {
        return Ok(None);
    }
    if scale != T::Real::one() {
        let in_triangle = |i: usize, j: usize| if uplo == Uplo::Lower { i >= j } else { i <= j };
        let triangle = a.indexed_iter_mut().filter(|&((i, j), _)| in_triangle(i, j));
        triangle.for_each(|(_, x)| *x = x.mul_real(scale));
    }
    let Workspace { scratch, matrix, .. } = workspace;
    let zero_pivot = match pack::layout_of(a) {
        Layout::ColumnMajor { .. } => lapack::hetrf(uplo, MatMut::of(a.view_mut())?, pivots, scratch)?,
        Layout::RowMajor { .. } => {
            lapack::hetrf(uplo.transposed(), MatMut::of(a.view_mut().reversed_axes())?, pivots, scratch)?
        }
        Layout::Strided => {
            let packed = pack::load(a, matrix)?;
            let zero_pivot = lapack::hetrf(uplo, MatMut::packed(packed, (n, n))?, pivots, scratch)?;
            pack::store_columns(packed, a.view_mut());
            zero_pivot
        }
    };
    pack::check_finite(a, part(uplo)).map_err(|_| Error::Overflow { what: "an entry of L or D" })?;
    Ok(zero_pivot)
}

/// A block of D: a number, or the two diagonal entries and the absolute value of the other one.
enum Block<R> {
    One(R),
    Two(R, R, R),
}

impl<T: Element, S: Data<Elem = T>> Ldlt<T, S> {
    /// Factors `a` in its own memory: an owned matrix is consumed, a mutable view overwritten. See [`LdltExt::ldlt`].
    ///
    /// # Errors
    /// As for [`LdltExt::ldlt`].
    pub fn from_array(mut a: ArrayBase<S, Ix2>, options: &LdltOptions, workspace: &mut Workspace<T>) -> Result<Self>
    where
        S: DataMut,
    {
        require_square(&a)?;
        let scale = moderating(pack::size(&a, part(options.uplo))?);
        let mut pivots = Vec::new();
        let zero_pivot = factor(&mut a, options.uplo, scale, &mut pivots, workspace)?;
        Ok(Ldlt { factors: a, pivots, uplo: options.uplo, zero_pivot, scale })
    }

    /// The solution of A·X = B.
    ///
    /// Routine: sytrs or hetrs; 2n²p flops for p columns.
    ///
    /// # Errors
    /// [`Error::Singular`], [`Error::Overflow`], [`Error::Shape`], [`Error::NonFiniteRhs`], [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let x = array![[0.0, 2.0], [2.0, 0.0]].ldlt()?.solve(&array![2.0, 6.0])?;
    /// assert_eq!(x, array![3.0, 1.0]);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn solve<D: RhsDimension>(&self, b: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        rhs::solve(self, b)
    }

    /// [`Ldlt::solve`] into an array of the caller's: with a warm workspace and an `x` of the right shape it allocates
    /// nothing. After an error the entries of `x` are unspecified.
    ///
    /// # Errors
    /// As for [`Ldlt::solve`].
    pub fn solve_to<D: RhsDimension>(
        &self, b: &ArrayRef<T, D>, workspace: &mut Workspace<T>, x: &mut Array<T, D>,
    ) -> Result<()> {
        rhs::solve_to(self, b, workspace, x)
    }

    /// [`Ldlt::solve`] in the memory of B, which may have any layout.
    ///
    /// # Errors
    /// As for [`Ldlt::solve`]; after [`Error::Overflow`] the entries of B are unspecified, after any other they are as they
    /// were.
    pub fn solve_inplace<D: RhsDimension>(&self, b: &mut ArrayRef<T, D>, workspace: &mut Workspace<T>) -> Result<()> {
        rhs::solve_inplace(self, b, workspace)
    }

    /// The inertia of A, from the signs of the blocks of D (Sylvester's law of inertia).
    ///
    /// It is exactly that of a matrix within c·n·ε‖A‖ of A: only pivots that are exactly zero count as zero. To count
    /// small ones too, use [`Ldlt::inertia_within`].
    ///
    /// ```
    /// use lapwing::prelude::*;
    /// use ndarray::array;
    ///
    /// let inertia = array![[2.0, 0.0], [0.0, -3.0]].ldlt()?.inertia();
    /// assert_eq!(inertia, Inertia { positive: 1, negative: 1, zero: 0 });
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn inertia(&self) -> Inertia {
        self.inertia_within(T::Real::zero())
    }

    /// The inertia with eigenvalues of D up to `tolerance` in absolute value counted as zero.
    pub fn inertia_within(&self, tolerance: T::Real) -> Inertia {
        let tolerance = tolerance * self.scale;
        let mut inertia = Inertia::default();
        let mut count = |value: T::Real| {
            if value > tolerance {
                inertia.positive += 1;
            } else if value < -tolerance {
                inertia.negative += 1;
            } else {
                inertia.zero += 1;
            }
        };
        for block in self.blocks() {
            match block {
                Block::One(d) => count(d),
                Block::Two(a, b, c) => eigenvalues(a, b, c).into_iter().for_each(&mut count),
            }
        }
        inertia
    }

    /// The blocks of D from the top. The two rows of a 2×2 block carry the same negative pivot, so that pairing from
    /// the top finds the blocks of either triangle.
    fn blocks(&self) -> Vec<Block<T::Real>> {
        let diagonal = |i: usize| self.factors[(i, i)].re();
        let mut blocks = Vec::with_capacity(self.pivots.len());
        let mut i = 0;
        while i < self.pivots.len() {
            if self.pivots[i] > 0 || i + 1 == self.pivots.len() {
                blocks.push(Block::One(diagonal(i)));
                i += 1;
                continue;
            }
            let beside = match self.uplo {
                Uplo::Lower => self.factors[(i + 1, i)],
                Uplo::Upper => self.factors[(i, i + 1)],
            };
            blocks.push(Block::Two(diagonal(i), beside.abs(), diagonal(i + 1)));
            i += 2;
        }
        blocks
    }
}

impl<T: Element, S: Data<Elem = T>> SolveColumns<T> for Ldlt<T, S> {
    fn rows(&self) -> Result<(usize, usize)> {
        match self.zero_pivot {
            Some(pivot) => Err(Error::Singular { pivot }),
            None => Ok(self.factors.dim()),
        }
    }

    fn solve_columns(&self, mut b: ArrayViewMut2<'_, T>, _: &mut Scratch<T>) -> Result<()> {
        if b.is_empty() {
            return Ok(());
        }
        let factors = pack::readable(&self.factors)?;
        match pack::natural_order(&factors) {
            Order::ColumnMajor => {
                lapack::hetrs(self.uplo, Mat::of(factors.view())?, &self.pivots, MatMut::of(b.view_mut())?)?;
            }
            // LAPACK has factored the conjugate of A.
            Order::RowMajor => {
                conjugate(&mut b);
                let memory = Mat::of(factors.t())?;
                lapack::hetrs(self.uplo.transposed(), memory, &self.pivots, MatMut::of(b.view_mut())?)?;
                conjugate(&mut b);
            }
        }
        if self.scale != T::Real::one() {
            b.mapv_inplace(|x| x.mul_real(self.scale));
        }
        Ok(())
    }
}

/// The eigenvalues of [a b; b c], without cancellation: the larger one in absolute value from the sum, the other one
/// from the determinant, scaled so that no product overflows.
fn eigenvalues<R: crate::element::Real>(a: R, b: R, c: R) -> [R; 2] {
    let scale = R::max(R::max(num_traits::Float::abs(a), num_traits::Float::abs(b)), num_traits::Float::abs(c));
    if scale == R::zero() {
        return [R::zero(); 2];
    }
    let (a, b, c) = (a / scale, b / scale, c / scale);
    let two = R::one() + R::one();
    let (mean, half_gap) = ((a + c) / two, R::hypot((a - c) / two, b));
    let larger = if mean < R::zero() { mean - half_gap } else { mean + half_gap };
    let smaller = (a * c - b * b) / larger;
    [larger * scale, smaller * scale]
}

#[cfg(test)]
mod tests {
    use super::eigenvalues;

    #[test]
    fn eigenvalues_of_2x2_blocks_are_accurate_in_sign_and_size() {
        assert_eq!(eigenvalues(0.0, 1.0, 0.0), [1.0, -1.0]);
        assert_eq!(eigenvalues(0.0, 0.0, 0.0), [0.0, 0.0]);
        assert_eq!(eigenvalues(2.0, 0.0, -3.0), [-3.0, 2.0]);
        // The determinant is −1e-10: the small eigenvalue is about −5e-11.
        let [larger, smaller] = eigenvalues(1.0, 1.0, 1.0 - 1e-10);
        assert!(larger > 1.9 && smaller < -4e-11 && smaller > -6e-11);
        // The eigenvalues are 1 and −1e-20 to full precision; the trace alone would leave 0 for the second.
        let [larger, smaller] = eigenvalues(1.0, 1e-10, 0.0);
        assert!(larger == 1.0 && (smaller / -1e-20_f64 - 1.0).abs() < 4.0 * f64::EPSILON, "{smaller:e}");
        let huge: [f64; 2] = eigenvalues(1e300, 2e300, -1e300);
        assert!(huge[0] * huge[1].signum() < 0.0 && huge.iter().all(|x| x.is_finite()));
    }
}
