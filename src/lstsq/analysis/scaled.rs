//! The analysis of a problem: the problem in double precision, with columns and right-hand sides of about length 1.
//! On the floor above `factor`; must not solve anything.
//!
//! The factors are powers of two, so that nothing is rounded but what underflows.

use ndarray::{Array2, ArrayRef2, ArrayView1, ArrayView2, Zip};

use crate::element::{Element, Scalar, double};
use crate::error::Result;
use crate::layout::Order;
use crate::lstsq::solution::Scales;
use crate::norm::norm2;
use crate::scale::power_near_reciprocal;
use crate::workspace::zeros;

/// A′ = A·D and b′ = β·b for each right-hand side.
#[derive(Debug, Clone)]
pub(super) struct Scaled<W> {
    /// A′, in column-major order.
    pub(super) a: Array2<W>,
    /// The diagonal of D.
    pub(super) columns: Vec<f64>,
    /// The lengths of the columns of A′.
    pub(super) lengths: Vec<f64>,
    /// The right-hand sides b′.
    pub(super) b: Array2<W>,
    /// The factor β of each right-hand side.
    pub(super) rhs: Vec<f64>,
}

impl<W: Element<Real = f64>> Scaled<W> {
    pub(super) fn new<T: Element<Double = W>>(a: &ArrayRef2<T>, b: ArrayView2<'_, T>) -> Result<Self> {
        let (a, columns) = equilibrated(a)?;
        let (b, rhs) = equilibrated(&b)?;
        let lengths = a.columns().into_iter().map(|column| norm2(&column)).collect();
        Ok(Scaled { a, columns, lengths, b, rhs })
    }

    /// The z for which A′·z = β·A·x.
    pub(super) fn of_candidate<T: Element<Double = W>>(&self, k: usize, x: ArrayView1<'_, T>) -> Vec<W> {
        let scaled = |(x, &d): (&T, &f64)| Scales { a: self.rhs[k], b: d }.unscale(double(*x));
        x.iter().zip(&self.columns).map(scaled).collect()
    }

    /// An entry of z in the units of x.
    pub(super) fn unscale(&self, j: usize, k: usize, value: f64) -> f64 {
        Scales { a: self.columns[j], b: self.rhs[k] }.unscale(value)
    }

    /// The same, rounded up where it underflows.
    pub(super) fn unscale_up(&self, j: usize, k: usize, value: f64) -> f64 {
        let unscaled = self.unscale(j, k, value);
        if value > 0.0 && unscaled < f64::MIN_POSITIVE { unscaled.next_up() } else { unscaled }
    }
}

/// A matrix in double precision, each column times a power of two, and these powers.
fn equilibrated<T: Element>(a: &ArrayRef2<T>) -> Result<(Array2<T::Double>, Vec<f64>)> {
    let mut scaled = zeros::<T::Double>(a.nrows(), a.ncols(), Order::ColumnMajor)?;
    Zip::from(&mut scaled).and(a).for_each(|to, &from| *to = double(from));
    let mut factors = Vec::with_capacity(a.ncols());
    for mut column in scaled.columns_mut() {
        let factor = power_near_reciprocal(norm2(&column));
        column.mapv_inplace(|x| x.mul_real(factor));
        factors.push(factor);
    }
    Ok((scaled, factors))
}
