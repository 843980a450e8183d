//! The factor floor: products of matrices of any layout, in memory of the caller's.
//! Must not know what the products are for.

use ndarray::{Array2, ArrayRef1, ArrayRef2, CowArray, Ix2, s};
use num_traits::{Float, One, Zero};

use crate::element::{Element, conjugate};
use crate::error::Result;
use crate::lapack::{self, Mat, MatMut, Op, Uplo};
use crate::layout::Order;
use crate::pack;
use crate::workspace::{Workspace, clear, matrix, packed_entries, reserved, reshape, zeros};

/// An operand as LAPACK reads it: memory, and the form in which it enters.
struct Operand<'a, T> {
    memory: CowArray<'a, T, Ix2>,
    op: Op,
}

/// A itself.
fn plain<T: Element>(a: &ArrayRef2<T>) -> Result<Operand<'_, T>> {
    let memory = pack::readable(a)?;
    Ok(match pack::natural_order(&memory) {
        Order::ColumnMajor => Operand { memory, op: Op::None },
        Order::RowMajor => Operand { memory: memory.reversed_axes(), op: Op::Transpose },
    })
}

/// Aᴴ.
fn adjoint<T: Element>(a: &ArrayRef2<T>) -> Result<Operand<'_, T>> {
    let memory = pack::readable(a)?;
    Ok(match pack::natural_order(&memory) {
        Order::ColumnMajor => Operand { memory, op: Op::Adjoint },
        Order::RowMajor if !T::IS_COMPLEX => Operand { memory: memory.reversed_axes(), op: Op::None },
        // The library knows no operand that is conjugated and not transposed.
        Order::RowMajor => {
            let mut conjugated = pack::owned_columns(&memory.reversed_axes())?;
            conjugate(&mut conjugated);
            Operand { memory: conjugated.into(), op: Op::None }
        }
    })
}

impl<T: Element> Operand<'_, T> {
    fn dim(&self) -> (usize, usize) {
        let (rows, cols) = self.memory.dim();
        if self.op == Op::None { (rows, cols) } else { (cols, rows) }
    }

    fn mat(&self) -> Result<Mat<'_, T>> {
        Mat::of(self.memory.view())
    }
}

/// C ← A·B, packed in column-major order.
pub(crate) fn product_to<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>, c: &mut Array2<T>) -> Result<()> {
    multiply_to(&plain(a)?, &plain(b)?, c)
}

/// A·B.
pub(crate) fn multiply<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Array2<T>> {
    let mut c = Array2::default((0, 0));
    multiply_to(&plain(a)?, &plain(b)?, &mut c)?;
    Ok(c)
}

/// Aᴴ·B.
pub(crate) fn adjoint_multiply<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Array2<T>> {
    let mut c = Array2::default((0, 0));
    multiply_to(&adjoint(a)?, &plain(b)?, &mut c)?;
    Ok(c)
}

/// A·Bᴴ.
pub(crate) fn multiply_adjoint<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Array2<T>> {
    let mut c = Array2::default((0, 0));
    multiply_to(&plain(a)?, &adjoint(b)?, &mut c)?;
    Ok(c)
}

/// C ← A·Bᴴ, packed in column-major order, for a product that is Hermitian: blocks of columns from the diagonal down, and
/// their adjoints; little more than half the flops.
pub(crate) fn hermitian_product_to<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>, c: &mut Array2<T>) -> Result<()> {
    /// Blocks of fewer columns make products slow, and more than a few of them save little.
    const FEWEST: usize = 32;
    let n = a.nrows();
    clear(c, n, n, Order::ColumnMajor)?;
    let width = n.div_ceil(4).max(FEWEST);
    for start in (0..n).step_by(width) {
        let end = n.min(start + width);
        let (left, right) = (a.slice(s![start.., ..]), b.slice(s![start..end, ..]));
        let (left, right) = (plain(&left)?, adjoint(&right)?);
        let block = MatMut::of(c.slice_mut(s![start.., start..end]))?;
        lapack::gemm(T::one(), left.op, left.mat()?, right.op, right.mat()?, T::zero(), block)?;
    }
    reflect(packed_entries(c)?, n);
    Ok(())
}

/// A·diag(w)·Aᴴ, as the difference of two products XXᴴ: of the columns of A times √|w| those with w > 0, and those with w < 0. Half the flops of a product
/// of matrices.
pub(crate) fn congruence<T: Element>(a: &ArrayRef2<T>, weights: &ArrayRef1<T::Real>) -> Result<Array2<T>> {
    let (n, one) = (a.nrows(), T::Real::one());
    let mut c = zeros(n, n, Order::ColumnMajor)?;
    for sign in [one, -one] {
        let of_sign = || weights.iter().zip(a.columns()).filter(|(w, _)| **w * sign > T::Real::zero());
        let count = of_sign().count();
        if n == 0 || count == 0 {
            continue;
        }
        // Without zeros to begin with: a pass over memory is a twentieth of the product at order 512.
        let mut entries = reserved(n.saturating_mul(count))?;
        for (&w, column) in of_sign() {
            let root = Float::sqrt(Float::abs(w));
            match column.as_slice() {
                Some(column) => entries.extend(column.iter().map(|x| x.mul_real(root))),
                None => entries.extend(column.iter().map(|x| x.mul_real(root))),
            }
        }
        let columns = matrix(n, count, Order::ColumnMajor, entries)?;
        lapack::herk(Uplo::Lower, sign, Op::None, Mat::of(columns.view())?, one, MatMut::of(c.view_mut())?)?;
    }
    reflect(packed_entries(&mut c)?, n);
    Ok(c)
}

/// Makes a matrix Hermitian from its lower triangle.
fn reflect<T: Element>(entries: &mut [T], n: usize) {
    for j in (0..n).step_by(TILE) {
        reflect_entries(entries, n, j, j);
        for i in (j + TILE..n).step_by(TILE) {
            if i + TILE <= n { reflect_tile(entries, n, i, j) } else { reflect_entries(entries, n, i, j) }
        }
    }
    (0..n).for_each(|j| entries[j * n + j] = T::from_real(entries[j * n + j].re()));
}

/// The side of the tiles in which a matrix is reflected, so that both sides stay in cache.
const TILE: usize = 8;

/// Of the tile of rows from `first_i` and columns from `first_j` on what is below the diagonal.
fn reflect_entries<T: Element>(entries: &mut [T], n: usize, first_i: usize, first_j: usize) {
    for j in first_j..n.min(first_j + TILE) {
        for i in first_i.max(j + 1)..n.min(first_i + TILE) {
            entries[i * n + j] = entries[j * n + i].conj();
        }
    }
}

/// A whole tile, by a copy: columns that are a power of two apart share few places of the cache, and are to be read and written in one go.
fn reflect_tile<T: Element>(entries: &mut [T], n: usize, first_i: usize, first_j: usize) {
    let mut tile = [[T::zero(); TILE]; TILE];
    for (k, j) in (first_j..first_j + TILE).enumerate() {
        tile.iter_mut().zip(&entries[j * n + first_i..][..TILE]).for_each(|(row, x)| row[k] = x.conj());
    }
    for (row, i) in tile.iter().zip(first_i..) {
        entries[i * n + first_j..][..TILE].copy_from_slice(row);
    }
}

/// C ← C + A·B for column-major C.
pub(crate) fn add_product<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>, c: &mut Array2<T>) -> Result<()> {
    accumulate(T::one(), &plain(a)?, &plain(b)?, T::one(), c)
}

/// C ← Aᴴ·B, packed in column-major order.
pub(crate) fn adjoint_product_to<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, c: &mut Array2<T>, workspace: &mut Workspace<T>,
) -> Result<()> {
    // Not every version keeps a NaN that is left in C out of 0·C.
    clear(c, a.ncols(), b.ncols(), Order::ColumnMajor)?;
    add_adjoint_product(a, b, c, workspace)
}

/// C ← C + Aᴴ·B for column-major C.
pub(crate) fn add_adjoint_product<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, c: &mut Array2<T>, workspace: &mut Workspace<T>,
) -> Result<()> {
    let memory = pack::readable(a)?;
    match pack::natural_order(&memory) {
        Order::ColumnMajor => accumulate(T::one(), &Operand { memory, op: Op::Adjoint }, &plain(b)?, T::one(), c),
        Order::RowMajor if !T::IS_COMPLEX => {
            let transposed = Operand { memory: memory.reversed_axes(), op: Op::None };
            accumulate(T::one(), &transposed, &plain(b)?, T::one(), c)
        }
        // With M = Aᵀ in memory, AᴴB is the conjugate of M times the conjugate of B.
        Order::RowMajor => {
            let mut conjugated = workspace.spare.lend(b.nrows(), b.ncols(), Order::ColumnMajor)?;
            conjugated.zip_mut_with(b, |to, from| *to = from.conj());
            conjugate(&mut *c);
            let transposed = Operand { memory: memory.reversed_axes(), op: Op::None };
            accumulate(T::one(), &transposed, &plain(&conjugated)?, T::one(), c)?;
            conjugate(&mut *c);
            workspace.spare.keep(conjugated);
            Ok(())
        }
    }
}

fn multiply_to<T: Element>(a: &Operand<'_, T>, b: &Operand<'_, T>, c: &mut Array2<T>) -> Result<()> {
    // C + A·B with C = 0, and not 0·C + A·B: not every version keeps a NaN that is left in C out of 0·C, and none has to clear it again.
    clear(c, a.dim().0, b.dim().1, Order::ColumnMajor)?;
    accumulate(T::one(), a, b, T::one(), c)
}

/// C ← α·A·B + β·C for column-major `c`, which is left alone where the product has no terms.
fn accumulate<T: Element>(alpha: T, a: &Operand<'_, T>, b: &Operand<'_, T>, beta: T, c: &mut Array2<T>) -> Result<()> {
    if c.is_empty() || a.dim().1 == 0 {
        return Ok(());
    }
    // A vector has no orientation, unless it is to be conjugated.
    if c.ncols() == 1
        && (b.op != Op::Adjoint || !T::IS_COMPLEX)
        && let (Some(x), Some(y)) = (b.memory.as_slice_memory_order(), c.as_slice_memory_order_mut())
    {
        return lapack::gemv(alpha, a.op, a.mat()?, x, beta, y);
    }
    lapack::gemm(alpha, a.op, a.mat()?, b.op, b.mat()?, beta, MatMut::of(c.view_mut())?)
}

/// The lower triangle of AᴴA, with zeros above it.
pub(crate) fn gram_to<T: Element>(a: &ArrayRef2<T>, gram: &mut Array2<T>) -> Result<()> {
    clear(gram, a.ncols(), a.ncols(), pack::natural_order(a))?;
    add_gram(a, gram)
}

/// G ← G + AᴴA in the lower triangle of G, which is packed in the natural order of A.
pub(crate) fn add_gram<T: Element>(a: &ArrayRef2<T>, gram: &mut Array2<T>) -> Result<()> {
    let memory = pack::readable(a)?;
    if memory.is_empty() {
        return Ok(());
    }
    let one = T::Real::one();
    match pack::natural_order(&memory) {
        Order::ColumnMajor => {
            lapack::herk(Uplo::Lower, one, Op::Adjoint, Mat::of(memory.view())?, one, MatMut::of(gram.view_mut())?)
        }
        // With M = Aᵀ in memory, AᴴA is the transpose of MMᴴ: its lower triangle is the upper one of that.
        Order::RowMajor => {
            let to = MatMut::of(gram.view_mut().reversed_axes())?;
            lapack::herk(Uplo::Upper, one, Op::None, Mat::of(memory.t())?, one, to)
        }
    }
}

/// B − A·X.
pub(crate) fn residual<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>, x: &ArrayRef2<T>) -> Result<Array2<T>> {
    let mut residual = Array2::default((0, 0));
    residual_to(a, b, x, &mut residual)?;
    Ok(residual)
}

/// R ← B − A·X, packed in column-major order.
pub(crate) fn residual_to<T: Element>(
    a: &ArrayRef2<T>, b: &ArrayRef2<T>, x: &ArrayRef2<T>, residual: &mut Array2<T>,
) -> Result<()> {
    reshape(residual, b.nrows(), b.ncols(), Order::ColumnMajor)?;
    residual.assign(b);
    accumulate(-T::one(), &plain(a)?, &plain(x)?, T::one(), residual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::c64;

    #[test]
    fn what_is_above_the_diagonal_mirrors_what_is_below() {
        for n in [0, 1, 2, 7, 8, 9, 16, 17, 37] {
            let entry = |i: usize, j: usize| c64::new((100 * i + j) as f64, 1.0 + i as f64);
            let mut entries: Vec<c64> = (0..n * n).map(|k| entry(k % n, k / n)).collect();
            reflect(&mut entries, n);
            for (k, &x) in entries.iter().enumerate() {
                let (i, j) = (k % n, k / n);
                let expected = match i.cmp(&j) {
                    std::cmp::Ordering::Less => entry(j, i).conj(),
                    std::cmp::Ordering::Equal => c64::new(entry(i, i).re, 0.0),
                    std::cmp::Ordering::Greater => entry(i, j),
                };
                assert_eq!(x, expected, "{n}: {i}, {j}");
            }
        }
    }
}
