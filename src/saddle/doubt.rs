//! Saddle points: why a quadratic form has no strict minimum under its constraints, where a factorization is in doubt.
//! On the floor above `factor`; must not be asked where the answer is plain, for it costs more than a solution.

use ndarray::{Array2, ArrayRef2, Axis, s};
use num_traits::Float;

use super::kkt::Kkt;
use super::null_space::restricted;
use crate::element::{Element, Real, Scalar, conjugate};
use crate::error::{Error, Result};
use crate::factor::{Eigh, EighExt, Form, PivotedQr, PivotedQrExt, Triangle};
use crate::layout::Order;
use crate::pack;
use crate::workspace::zeros;

/// Pivoted QR of Aᴴ, and its rank to 10·max(m, n)·ε, the rows of A having their own units: what rounding leaves of a row that depends on
/// others is a few max(m, n)·ε (Higham, Theorem 19.4), and of K whose rows are hardly better nothing is left to solve with.
pub(super) struct Rows<T: Element> {
    qr: PivotedQr<T>,
    pub(super) rank: usize,
}

impl<T: Element> Rows<T> {
    /// Of A, m×n.
    pub(super) fn new(a: &ArrayRef2<T>) -> Result<Self> {
        let mut rows = pack::owned_columns(&a.t())?;
        conjugate(&mut rows);
        let qr = rows.qr_pivoted()?;
        let size = a.nrows().max(a.ncols());
        let rank = qr.rank_within(T::Real::real(10.0) * T::Real::real(size) * T::Real::EPS);
        Ok(Rows { qr, rank })
    }

    /// [`Error::DependentConstraints`] unless the rows of A are independent.
    ///
    /// Of the rows in the first dependence that pivoting finds the last one is named, which a reader expects to be explained by
    /// those before. Rows with less than √ε of the largest weight are no part of it.
    pub(super) fn require_independent(&self) -> Result<()> {
        let (_, m) = self.qr.dim();
        if self.rank == m {
            return Ok(());
        }
        let (packed, rank) = (self.qr.packed(), self.rank);
        let mut weights = packed.slice(s![..rank, rank..rank + 1]).to_owned();
        Triangle::upper(&packed.slice(s![..rank, ..rank])).divide_left(Form::Plain, weights.view_mut())?;
        let largest = weights.iter().fold(T::Real::real(1.0), |most, w| Float::max(most, w.abs()));
        let least = Float::sqrt(T::Real::EPS) * largest;
        let takes_part = weights.iter().map(|w| w.abs() > least);
        let permutation = self.qr.permutation();
        let mut others: Vec<usize> = permutation.iter().zip(takes_part).filter(|x| x.1).map(|x| *x.0).collect();
        others.push(permutation[rank]);
        others.sort_unstable();
        let row = others.pop().unwrap_or_default();
        Err(Error::DependentConstraints { row, others, rank, rows: m })
    }

    /// An orthonormal basis Z of the null space of A, n×(n − rank).
    pub(super) fn null_space(&self) -> Result<Array2<T>> {
        let (n, _) = self.qr.dim();
        let mut z = zeros(n, n - self.rank, Order::ColumnMajor)?;
        z.slice_mut(s![self.rank.., ..]).diag_mut().fill(T::one());
        self.qr.apply_q(&z)
    }

    /// An orthonormal basis Y of its complement, which the columns of Aᴴ span, n×rank.
    pub(super) fn row_space(&self) -> Result<Array2<T>> {
        let (n, _) = self.qr.dim();
        let mut y = zeros(n, self.rank, Order::ColumnMajor)?;
        y.diag_mut().fill(T::one());
        self.qr.apply_q(&y)
    }

    /// C, m×rank, with AᴴC = Y.
    pub(super) fn coefficients(&self) -> Result<Array2<T>> {
        let (_, m) = self.qr.dim();
        let mut inverse = zeros(self.rank, self.rank, Order::ColumnMajor)?;
        inverse.diag_mut().fill(T::one());
        let packed = self.qr.packed();
        let r = packed.slice(s![..self.rank, ..self.rank]);
        Triangle::upper(&r).divide_left(Form::Plain, inverse.view_mut())?;
        let mut coefficients = zeros(m, self.rank, Order::ColumnMajor)?;
        for (row, &place) in inverse.rows().into_iter().zip(self.qr.permutation()) {
            coefficients.row_mut(place).assign(&row);
        }
        Ok(coefficients)
    }
}

/// The eigenvalues of ZᴴSZ in the caller's units, ascending, with the eigenvectors as vectors of the null space, and the size below which
/// an eigenvalue is not known from 0: n·ε·‖S‖.
pub(super) struct OnNullSpace<T: Element> {
    pub(super) eigh: Eigh<T>,
    pub(super) flat: T::Real,
}

impl<T: Element> OnNullSpace<T> {
    /// Of the form S (in units in which it is near 1) on the span of the orthonormal columns of Z.
    pub(super) fn new(s: &ArrayRef2<T>, z: &ArrayRef2<T>) -> Result<Self> {
        let mut eigh = restricted(s, z)?.eigh()?;
        eigh.vectors = crate::factor::multiply(z, &eigh.vectors)?;
        let largest_row = |sum: T::Real, row: ndarray::ArrayView1<'_, T>| {
            Float::max(sum, row.iter().fold(T::Real::default(), |sum, x| sum + x.abs()))
        };
        let norm = s.axis_iter(Axis(0)).fold(T::Real::default(), largest_row);
        Ok(OnNullSpace { eigh, flat: T::Real::real(s.nrows()) * T::Real::EPS * norm })
    }

    /// How many eigenvalues are negative, and how many are not known from 0.
    pub(super) fn counts(&self) -> (usize, usize) {
        let falling = self.eigh.values.iter().filter(|value| **value < -self.flat).count();
        let rising = self.eigh.values.iter().filter(|value| **value > self.flat).count();
        (falling, self.eigh.values.len() - falling - rising)
    }
}

/// `Ok` where the constraints are independent and S is definite on their null space, both to working precision; else which of
/// the two is not so.
pub(super) fn require_minimum<T: Element>(kkt: &Kkt<T>) -> Result<()> {
    let rows = Rows::new(&kkt.constraints.matrix)?;
    rows.require_independent()?;
    let z = rows.null_space()?;
    let (falling, flat) = OnNullSpace::new(&kkt.form.matrix, &z)?.counts();
    match falling + flat {
        0 => Ok(()),
        _ => Err(Error::NoMinimum { dimension: z.ncols(), falling, flat }),
    }
}
