//! Saddle points: right-hand sides in the units of K, refinement, and the solution with what its residuals say.
//! On the floor above `factor`; must not know how a method works.

use ndarray::{Array, Array1, Array2, ArrayRef, ArrayRef1, ArrayRef2, ArrayView2, Axis, s};
use num_traits::{Float, Zero};

use super::factors::{KktFactors, KktMethod};
use super::form::{exponent_near_one, times_powers};
use super::kkt::Kkt;
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{RhsDimension, adjoint_multiply, checked_columns, residual};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack::{self, Part};
use crate::scale::times_power;
use crate::workspace::zeros;

/// A saddle point of the Lagrangian, and how well it satisfies its equations S·x + Aᴴλ = f and A·x = b.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KktSolution<T: Element, D: RhsDimension> {
    /// Where the minimum is, in f's dimension: n entries, or n×p.
    pub x: Array<T, D>,
    /// The multipliers λ, in b's dimension: m entries, or m×p.
    pub multipliers: Array<T, D>,
    /// ‖f − S·x − Aᴴλ‖₂ of the computed x and λ, for each right-hand side; infinite where it exceeds the range of the type.
    pub stationarity: D::PerColumn<T::Real>,
    /// ‖b − A·x‖₂, likewise.
    pub feasibility: D::PerColumn<T::Real>,
    /// η = ‖r‖₂/(‖K‖_F‖z‖₂ + ‖g‖₂) with z = (x, λ), g = (f, b), r = g − K·z, in units in which the largest entries of S and of each row of A
    /// are near 1: relative changes of K and of g by η, in norm, make the computed z exact (Rigal and Gaches; Higham, Theorem 7.1).
    pub backward_error: D::PerColumn<T::Real>,
    /// The method that was used; never [`KktMethod::Auto`].
    pub method: KktMethod,
    /// [`KktFactors::condition`].
    pub condition: T::Real,
}

/// Most steps of refinement. One is enough, unless the factorization is much worse than K (Higham, §12.2).
const MOST_STEPS: usize = 3;

/// Checks f and b, solves in the units of K, and goes back to those of the caller.
pub(super) fn solve<T: Element, D: RhsDimension>(
    factors: &KktFactors<'_, T>, f: &ArrayRef<T, D>, b: &ArrayRef<T, D>,
) -> Result<KktSolution<T, D>> {
    let kkt = factors.kkt;
    let (n, m) = kkt.dim();
    let (f, b) = (checked_columns(f, n)?, checked_columns(b, m)?);
    if f.ncols() != b.ncols() {
        let (expected, found) = (format!("{} columns, as f has", f.ncols()), crate::error::dims(b.shape()));
        return Err(Error::Shape { what: "the right-hand side b", expected, found });
    }
    let (rhs, powers) = scaled(kkt, &f, &b)?;
    let refined = refined(factors, &rhs)?;
    let mut x = pack::owned_columns(&refined.z.slice(s![..n, ..]))?;
    let mut multipliers = pack::owned_columns(&refined.z.slice(s![n.., ..]))?;
    let (e, rows) = (kkt.form.exponent, &kkt.constraints.exponents);
    let [of_x, of_lambda]: [Vec<f64>; 2] = [vec![0.0; n], rows.iter().map(|row| row - e).collect()];
    let [of_f, of_b]: [Vec<f64>; 2] = [vec![-e; n], rows.iter().map(|row| -row).collect()];
    unscale(&mut x, &of_x, &powers);
    unscale(&mut multipliers, &of_lambda, &powers);
    let whole =
        |part: &Array2<T>| pack::check_finite(part, Part::All).map_err(|_| Error::Overflow { what: "the solution" });
    whole(&x).and_then(|()| whole(&multipliers))?;
    let norms = |rows: ArrayView2<'_, T>, exponents: &[f64]| -> Result<D::PerColumn<T::Real>> {
        let mut rows = pack::owned_columns(&rows)?;
        unscale(&mut rows, exponents, &powers);
        let norms: Vec<T::Real> = rows.columns().into_iter().map(|column| norm2(&column)).collect();
        Ok(D::per_column(&norms))
    };
    Ok(KktSolution {
        stationarity: norms(refined.residual.slice(s![..n, ..]), &of_f)?,
        feasibility: norms(refined.residual.slice(s![n.., ..]), &of_b)?,
        x: D::from_columns(x),
        multipliers: D::from_columns(multipliers),
        backward_error: D::per_column(&refined.backward_errors),
        method: factors.method(),
        condition: factors.condition(),
    })
}

/// (f, b) in the units of K, each column times a power of two of its own, whose exponents are returned.
fn scaled<T: Element>(kkt: &Kkt<T>, f: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<(Array2<T>, Vec<f64>)> {
    let (n, m) = kkt.dim();
    let (e, rows) = (kkt.form.exponent, &kkt.constraints.exponents);
    let mut rhs = zeros(n + m, f.ncols(), Order::ColumnMajor)?;
    rhs.slice_mut(s![..n, ..]).assign(f);
    rhs.slice_mut(s![n.., ..]).assign(b);
    let exponents: Vec<f64> = std::iter::repeat_n(e, n).chain(rows.iter().copied()).collect();
    let mut powers = Vec::with_capacity(rhs.ncols());
    for mut column in rhs.columns_mut() {
        // In units of the largest one, since an entry may leave the range in the units of K.
        let largest = largest(&column, &exponents);
        let power = if largest.is_finite() { -largest } else { 0.0 };
        column.iter_mut().zip(&exponents).for_each(|(x, e)| *x = times_power(*x, e + power));
        powers.push(power);
    }
    Ok((rhs, powers))
}

/// The exponent of the largest of the numbers xᵢ·2^exponents[i], −∞ if all are zero.
fn largest<T: Element>(x: &ArrayRef1<T>, exponents: &[f64]) -> f64 {
    let of_entry = |(x, e): (&T, &f64)| if *x == T::zero() { f64::NEG_INFINITY } else { e - exponent_near_one([x]) };
    x.iter().zip(exponents).map(of_entry).fold(f64::NEG_INFINITY, f64::max)
}

/// The backward error of any (x, λ) for the right-hand side (f, b); see [`KktSolution::backward_error`].
pub(super) fn backward_error_of<T: Element>(
    kkt: &Kkt<T>, [f, b]: [&ArrayRef1<T>; 2], [x, multipliers]: [&ArrayRef1<T>; 2],
) -> Result<T::Real> {
    let (n, m) = kkt.dim();
    let stacked = |first: &ArrayRef1<T>, second: &ArrayRef1<T>| -> Result<Array2<T>> {
        let mut whole = zeros(n + m, 1, Order::ColumnMajor)?;
        whole.slice_mut(s![..n, ..]).assign(&checked_columns(first, n)?);
        whole.slice_mut(s![n.., ..]).assign(&checked_columns(second, m)?);
        Ok(whole)
    };
    let (mut g, mut z) = (stacked(f, b)?, stacked(x, multipliers)?);
    let (e, rows) = (kkt.form.exponent, &kkt.constraints.exponents);
    let of_g: Vec<f64> = std::iter::repeat_n(e, n).chain(rows.iter().copied()).collect();
    let of_z: Vec<f64> = std::iter::repeat_n(0.0, n).chain(rows.iter().map(|row| e - row)).collect();
    let most = f64::max(largest(&g.column(0), &of_g), largest(&z.column(0), &of_z));
    let power = if most.is_finite() { most } else { 0.0 };
    unscale(&mut g, &of_g, &[power]);
    unscale(&mut z, &of_z, &[power]);
    let rest = residual_of(kkt, &g, &z)?;
    Ok(backward_error(norm_f(kkt), &rest.column(0), &z.column(0), &g.column(0)))
}

/// Multiplies row i of column j by 2^(rows[i] − columns[j]).
fn unscale<T: Element>(z: &mut Array2<T>, rows: &[f64], columns: &[f64]) {
    for (mut column, power) in z.axis_chunks_iter_mut(Axis(1), 1).zip(columns) {
        let exponents: Vec<f64> = rows.iter().map(|row| row - power).collect();
        times_powers(&mut column, &exponents);
    }
}

/// A solution in the units of K.
struct Refined<T: Element> {
    z: Array2<T>,
    residual: Array2<T>,
    backward_errors: Vec<T::Real>,
}

/// z = K⁻¹g by the factors; [`Error::NoConvergence`] unless that, with refinement, is what a stable method gives. Steps
/// z ← z + K⁻¹(g − K·z) go on while they halve the backward error of a column and it is above ε.
fn refined<T: Element>(factors: &KktFactors<'_, T>, rhs: &Array2<T>) -> Result<Refined<T>> {
    let kkt = factors.kkt;
    let norm = norm_f(kkt);
    let judged = |z: Array2<T>| -> Result<Refined<T>> {
        let residual = residual_of(kkt, rhs, &z)?;
        let errors = residual.columns().into_iter().zip(z.columns()).zip(rhs.columns());
        let backward_errors = errors.map(|((r, z), g)| backward_error(norm, &r, &z, &g)).collect();
        Ok(Refined { z, residual, backward_errors })
    };
    let mut z = rhs.clone();
    factors.apply_inverse(&mut z)?;
    let mut best = judged(z)?;
    for _ in 0..MOST_STEPS {
        if best.backward_errors.iter().all(|&error| error <= T::Real::EPS) {
            break;
        }
        let mut correction = best.residual.clone();
        factors.apply_inverse(&mut correction)?;
        if !best.improve(judged(&best.z + &correction)?) {
            break;
        }
    }
    let allowed = stable::<T>(kkt.dim());
    match best.backward_errors.iter().all(|&error| error <= allowed) {
        true => Ok(best),
        false => Err(Error::NoConvergence { routine: "the refinement of a saddle point" }),
    }
}

/// z = K⁻¹g for one g in the units of K, with the same refinement.
pub(super) fn times_inverse<T: Element>(factors: &KktFactors<'_, T>, g: &ArrayRef1<T>) -> Result<Array1<T>> {
    let rhs = g.view().insert_axis(Axis(1)).to_owned();
    Ok(refined(factors, &rhs)?.z.index_axis_move(Axis(1), 0))
}

/// 10(n + m)·ε, the backward error of a stable method. LDLᴴ and the null space stay far below it.
pub(super) fn stable<T: Element>((n, m): (usize, usize)) -> T::Real {
    T::Real::real(10.0) * T::Real::real(n + m) * T::Real::EPS
}

impl<T: Element> Refined<T> {
    /// Takes the columns of `other` that are better; returns whether one of them is by half.
    fn improve(&mut self, other: Refined<T>) -> bool {
        let mut by_half = false;
        for (j, &error) in other.backward_errors.iter().enumerate() {
            let before = self.backward_errors[j];
            if error < before {
                self.z.column_mut(j).assign(&other.z.column(j));
                self.residual.column_mut(j).assign(&other.residual.column(j));
                self.backward_errors[j] = error;
                by_half |= error + error <= before;
            }
        }
        by_half
    }
}

/// g − K·z.
fn residual_of<T: Element>(kkt: &Kkt<T>, rhs: &Array2<T>, z: &Array2<T>) -> Result<Array2<T>> {
    let (n, _) = kkt.dim();
    let a = &kkt.constraints.matrix;
    let (x, lambda) = z.view().split_at(Axis(0), n);
    let (f, b) = rhs.view().split_at(Axis(0), n);
    let mut rest = zeros(rhs.nrows(), rhs.ncols(), Order::ColumnMajor)?;
    let first = residual(&kkt.form.matrix, &f, &x)? - &adjoint_multiply(a, &lambda)?;
    rest.slice_mut(s![..n, ..]).assign(&first);
    rest.slice_mut(s![n.., ..]).assign(&residual(a, &b, &x)?);
    Ok(rest)
}

/// ‖K‖_F.
fn norm_f<T: Element>(kkt: &Kkt<T>) -> T::Real {
    let squares = |a: &Array2<T>| a.iter().fold(T::Real::zero(), |sum, x| sum + x.square());
    let twice = squares(&kkt.constraints.matrix);
    Float::sqrt(squares(&kkt.form.matrix) + twice + twice)
}

/// ‖r‖/(‖K‖‖z‖ + ‖g‖), 0 for r = 0.
fn backward_error<T: Element>(norm: T::Real, r: &ArrayRef1<T>, z: &ArrayRef1<T>, g: &ArrayRef1<T>) -> T::Real {
    let rest = norm2(&r.to_owned());
    if rest.is_zero() { rest } else { rest / (norm * norm2(&z.to_owned()) + norm2(&g.to_owned())) }
}
