//! Least squares: the powers of two by which A and b are multiplied before a method sees them, and its answer after.
//! On the floor above `factor`; must not know how a method works.
//!
//! One power for A and one for each right-hand side bring them well into the range, as a rule. Where columns (rows, for a wide
//! matrix) are so far apart that the smallest would then be near underflow, or κ(A) near overflow, each gets its own.

use ndarray::{Array2, ArrayRef, ArrayRef1, ArrayRef2, ArrayView2};
use num_traits::{Float, One, Zero};

use super::scaling::{are_far_apart, equilibrating, scale_columns, scale_rows, unscale_rows};
use super::solution::{Answer, Problem, Solution, Units};
use super::{LstsqOptions, Method, solve};
use crate::element::{Element, Real};
use crate::error::{Error, Result};
use crate::factor::{RhsDimension, checked_rcond, columns_of, columns_with_rows, of_rhs, residual_to};
use crate::layout::{Layout, Order};
use crate::norm::norm2;
use crate::pack;
use crate::scale::{centring, moderating, times_power};
use crate::workspace::Workspace;

/// Checks A and b, and solves.
pub(super) fn solve_in_units<T: Element, D: RhsDimension>(
    a: &ArrayRef2<T>, b: &ArrayRef<T, D>, options: &LstsqOptions<T::Real>, workspace: &mut Workspace<T>,
    solution: &mut Solution<T, D>,
) -> Result<()> {
    let (power, is_apart) = measured(a, workspace)?;
    let b = columns_with_rows(b, a.nrows())?;
    let powers = powers_of(&b, workspace)?;
    let rcond = checked_rcond(options.rcond, a.dim())?;
    let given = options.rcond.is_some();
    let problem = Problem { a: a.view(), b, unscaled: (a.view(), b), units: None, rcond, given };
    let scaled = scaled(&b, &powers, workspace)?;
    let moderate = Problem { b: scaled.as_ref().map_or(b, |b| b.view()), ..problem };
    let is_done = match (is_apart && !given, a.nrows() >= a.ncols()) {
        (true, true) => tall_by_own_units(&moderate, options.method, &powers, workspace, solution)?,
        (true, false) => wide_by_own_units(&problem, options.method, workspace, solution)?,
        (false, _) => false,
    };
    if !is_done {
        by_one_power(&moderate, options.method, power, &powers, workspace, solution)?;
    }
    scaled.into_iter().for_each(|b| workspace.spare.keep(b));
    workspace.spare_real.keep_vec(powers);
    Ok(())
}

/// The power of two for A, and whether its columns (rows, for a wide matrix) are too far apart for one.
fn measured<T: Element>(a: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<(T::Real, bool)> {
    let tall = a.nrows() >= a.ncols();
    let mut sizes = workspace.spare_real.lend_vec(a.nrows().min(a.ncols()))?;
    match tall {
        true => pack::column_sizes(a, &mut sizes)?,
        false => pack::column_sizes(&a.t(), &mut sizes).map_err(|error| match error {
            Error::NonFinite { row, col } => Error::NonFinite { row: col, col: row },
            other => other,
        })?,
    }
    let power = moderating(sizes.iter().copied().fold(T::Real::zero(), Float::max));
    let is_apart = are_far_apart(&sizes, power);
    workspace.spare_real.keep_vec(sizes);
    Ok((power, is_apart))
}

/// The power of two for each right-hand side, in memory that the workspace lends; or [`Error::NonFiniteRhs`].
fn powers_of<T: Element>(b: &ArrayRef2<T>, workspace: &mut Workspace<T>) -> Result<Vec<T::Real>> {
    let mut powers = workspace.spare_real.lend_vec(b.ncols())?;
    pack::column_sizes(b, &mut powers).map_err(of_rhs)?;
    powers.iter_mut().for_each(|size| *size = centring(*size));
    Ok(powers)
}

/// A packed copy of right-hand sides times these powers, or none where all are 1.
fn scaled<T: Element>(b: &ArrayRef2<T>, powers: &[T::Real], workspace: &mut Workspace<T>) -> Result<Option<Array2<T>>> {
    if powers.iter().all(|&power| power == T::Real::one()) {
        return Ok(None);
    }
    let mut copy = workspace.spare.lend(b.nrows(), b.ncols(), Order::ColumnMajor)?;
    for ((mut to, from), &power) in copy.columns_mut().into_iter().zip(b.columns()).zip(powers) {
        to.zip_mut_with(&from, |to, from| *to = from.mul_real(power));
    }
    Ok(Some(copy))
}

/// Solves the problem with A times one power of two.
fn by_one_power<T: Element, D: RhsDimension>(
    problem: &Problem<'_, T>, method: Method, power: T::Real, powers: &[T::Real], workspace: &mut Workspace<T>,
    solution: &mut Solution<T, D>,
) -> Result<()> {
    // A strided matrix would be packed by every method, and once more for the residual.
    let packed = match pack::layout_of(&problem.a) == Layout::Strided || power != T::Real::one() {
        true => Some(multiple(&problem.a, power, workspace)?),
        false => None,
    };
    let problem = Problem { a: packed.as_ref().map_or(problem.a, |a| a.view()), ..*problem };
    let answer = solve(&problem, method, workspace)?;
    solution.store(&problem, Units { a: power, columns: None, b: powers }, answer, workspace)?;
    packed.into_iter().for_each(|packed| workspace.spare.keep(packed));
    Ok(())
}

/// Solves the problem for A·D with columns of equal length, of which x = D·z is the solution.
fn tall_by_own_units<T: Element, D: RhsDimension>(
    problem: &Problem<'_, T>, method: Method, powers: &[T::Real], workspace: &mut Workspace<T>,
    solution: &mut Solution<T, D>,
) -> Result<bool> {
    let mut packed = multiple(&problem.a, T::Real::one(), workspace)?;
    let units = equilibrating(&packed, workspace)?;
    scale_columns(&mut packed, &units);
    // What one power of two does not reach: columns of subnormal numbers.
    let rest = equilibrating(&packed, workspace)?;
    scale_columns(&mut packed, &rest);
    let scaled = Problem { a: packed.view(), units: Some(units.view()), ..*problem };
    // What is known is the condition of A·D.
    let answer = Answer { conditioning: None, ..solve(&scaled, method, workspace)? };
    let in_units = Units { a: T::Real::one(), columns: Some([&units, &rest]), b: powers };
    solution.store(&scaled, in_units, answer, workspace)?;
    workspace.spare.keep(packed);
    [units, rest].into_iter().for_each(|units| workspace.spare_real.keep(units));
    Ok(true)
}

/// Solves D·A·x = D·b with rows of equal length, if these are independent; `false` if not, since that is another problem then.
fn wide_by_own_units<T: Element, D: RhsDimension>(
    problem: &Problem<'_, T>, method: Method, workspace: &mut Workspace<T>, solution: &mut Solution<T, D>,
) -> Result<bool> {
    let mut packed = multiple(&problem.a, T::Real::one(), workspace)?;
    let units = equilibrating(&packed.t(), workspace)?;
    scale_rows(&mut packed, &units);
    let rest = equilibrating(&packed.t(), workspace)?;
    scale_rows(&mut packed, &rest);
    let mut b = workspace.spare.lend(problem.b.nrows(), problem.b.ncols(), Order::ColumnMajor)?;
    let mut powers = workspace.spare_real.lend_vec(problem.b.ncols())?;
    for ((mut to, from), power) in b.columns_mut().into_iter().zip(problem.b.columns()).zip(&mut powers) {
        *power = scaled_rows(&mut to, &from, [&units, &rest])?;
    }
    let scaled = Problem { a: packed.view(), b: b.view(), ..*problem };
    let answer = match solve(&scaled, method, workspace) {
        Err(Error::RankDeficient { .. }) => None,
        answer => Some(answer?).filter(|answer| answer.rank == packed.nrows()),
    };
    let is_full = answer.is_some();
    if let Some(answer) = answer {
        let norms = residual_norms(&scaled, &answer.x, [&units, &rest], workspace)?;
        let answer = Answer { conditioning: None, residual_norms: Some(norms), ..answer };
        solution.store(&scaled, Units { a: T::Real::one(), columns: None, b: &powers }, answer, workspace)?;
    }
    workspace.spare.keep(packed);
    workspace.spare.keep(b);
    [units, rest].into_iter().for_each(|units| workspace.spare_real.keep(units));
    workspace.spare_real.keep_vec(powers);
    Ok(is_full)
}

/// Writes D·b times a power of two that brings it to 1, which is returned; [`Error::Overflow`] where ‖x‖ ≥ |dᵢbᵢ| is out of range.
fn scaled_rows<T: Element>(
    to: &mut ArrayRef1<T>, from: &ArrayRef1<T>, [units, rest]: [&ArrayRef1<T::Real>; 2],
) -> Result<T::Real> {
    let exponent = |x: T::Real| Float::log2(x).as_f64();
    let of_unit = |i: usize| exponent(units[i]) + exponent(rest[i]);
    let of_row = |(i, &x): (usize, &T)| exponent(pack::magnitude(x)) + of_unit(i);
    let largest = from.iter().enumerate().map(of_row).fold(f64::NEG_INFINITY, f64::max);
    let limit = exponent(T::Real::max_value()).floor() - 2.0;
    if largest > limit + 4.0 {
        return Err(Error::Overflow { what: "the solution" });
    }
    // Of the column 0 the exponent is −∞.
    let power = if largest.is_finite() { -largest.round().clamp(-limit, limit) } else { 0.0 };
    for (i, (to, from)) in to.iter_mut().zip(from).enumerate() {
        *to = times_power(*from, of_unit(i) + power);
    }
    Ok(Float::exp2(T::real(power)))
}

/// ‖D⁻¹(D·b − D·A·x)‖₂ for each right-hand side, in memory that the workspace lends.
fn residual_norms<T: Element>(
    problem: &Problem<'_, T>, x: &ArrayRef2<T>, units: [&ArrayRef1<T::Real>; 2], workspace: &mut Workspace<T>,
) -> Result<Vec<T::Real>> {
    let (m, p) = problem.b.dim();
    let mut residual = workspace.spare.lend(m, p, Order::ColumnMajor)?;
    residual_to(&problem.a, &problem.b, x, &mut residual)?;
    units.into_iter().for_each(|units| unscale_rows(&mut residual, units));
    let mut norms = workspace.spare_real.lend_vec(p)?;
    norms.iter_mut().zip(residual.columns()).for_each(|(norm, column)| *norm = norm2(&column));
    workspace.spare.keep(residual);
    Ok(norms)
}

/// A packed copy of `a` times a power of two, in memory that the workspace lends.
fn multiple<T: Element>(a: &ArrayView2<'_, T>, power: T::Real, workspace: &mut Workspace<T>) -> Result<Array2<T>> {
    let mut packed = columns_of(a, workspace)?;
    if power != T::Real::one() {
        packed.mapv_inplace(|x| x.mul_real(power));
    }
    Ok(packed)
}
