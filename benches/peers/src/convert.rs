//! Column-major vectors to each peer's matrices and back. All of it outside the clock.
//! Middle floor of the bench.
//! It must not compute anything.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2, ShapeBuilder};

/// A column-major `ndarray` matrix.
pub fn array(m: usize, n: usize, a: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((m, n).f(), |(i, j)| a[i + j * m])
}

/// A row-major `ndarray` matrix.
pub fn row_major(m: usize, n: usize, a: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((m, n), |(i, j)| a[i + j * m])
}

pub fn array_vector(b: &[f64]) -> Array1<f64> {
    Array1::from_vec(b.to_vec())
}

/// The entries in column-major order, whatever the order in memory.
pub fn from_array(a: &Array2<f64>) -> Vec<f64> {
    a.t().iter().copied().collect()
}

pub fn faer(m: usize, n: usize, a: &[f64]) -> faer::Mat<f64> {
    faer::Mat::from_fn(m, n, |i, j| a[i + j * m])
}

pub fn from_faer(a: faer::MatRef<'_, f64>) -> Vec<f64> {
    (0..a.ncols()).flat_map(|j| (0..a.nrows()).map(move |i| a[(i, j)])).collect()
}

pub fn nalgebra(m: usize, n: usize, a: &[f64]) -> DMatrix<f64> {
    DMatrix::from_column_slice(m, n, a)
}

pub fn nalgebra_vector(b: &[f64]) -> DVector<f64> {
    DVector::from_column_slice(b)
}
