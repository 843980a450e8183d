//! The command `lapwing interlace`: every call into the library.
//!
//! Top floor. That an inequality is violated is an answer and not a fault; it must not print.

use std::path::Path;

use lapwing::Error;
use lapwing::interlace::{Report, check_principal, check_rank_one, check_sum, rank_update};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

use super::report::{Branches, Checked};
use crate::cli::args::InterlaceArgs;
use crate::cli::fault::Fault;
use crate::cli::input::{self, Matrix};
use crate::cli::symmetric;
use crate::cli::text::plain;

/// Runs every theorem that applies to what was given.
pub fn check(args: &InterlaceArgs) -> Result<Checked, Fault> {
    if let [old, new] = args.values.as_slice() {
        return of_values(old, new, (args.positive.unwrap_or(0), args.negative.unwrap_or(0)));
    }
    if args.positive.is_some() || args.negative.is_some() {
        return Err(Fault::usage("expected --values OLD NEW with --positive and --negative (see --help)"));
    }
    match (args.files.as_slice(), &args.rank_one, args.rho, args.principal.as_slice()) {
        ([s, t], None, None, []) => of_sum(s, t),
        ([s], Some(z), Some(rho), []) => of_rank_one(s, z, rho, args.plot.is_some()),
        ([s], None, None, indices @ [_, ..]) => of_principal(s, indices),
        _ => Err(Fault::usage(
            "expected S and T, or S with one of --rank-one and --principal, or --values OLD NEW (see --help)",
        )),
    }
}

fn of_sum(s: &Path, t: &Path) -> Result<Checked, Fault> {
    let (of_s, of_t) = (input::read_matrix(s)?, input::read_matrix(t)?);
    let (s, t) = (symmetric::part(&of_s)?, symmetric::part(&of_t)?);
    if s.dim() != t.dim() {
        let message =
            format!("expected a matrix of order {}, as {} is, found one of order {}", s.nrows(), of_s.file, t.nrows());
        return Err(Fault::in_file(&of_t.file, message));
    }
    let report = check_sum(&s, &t).map_err(|e| fault(&of_s, e))?;
    let what = format!("S, T and S + T of order {}", s.nrows());
    Ok(Checked::new(vec![of_s.file, of_t.file], what, &report))
}

fn of_rank_one(s: &Path, z: &Path, rho: f64, with_branches: bool) -> Result<Checked, Fault> {
    let (of_s, of_z) = (input::read_matrix(s)?, input::read_matrix(z)?);
    let s = symmetric::part(&of_s)?;
    let n = s.nrows();
    let z = vector(&of_z)?;
    if z.len() != n {
        let message = format!("expected {n} numbers, as many as {} has rows, found {}", of_s.file, z.len());
        return Err(Fault::in_file(&of_z.file, message));
    }
    if with_branches && rho == 0.0 {
        return Err(Fault::usage("expected a ρ other than 0 for --plot, found --rho 0"));
    }
    let report = check_rank_one(&s, &z, rho).map_err(|e| fault(&of_s, e))?;
    let what = format!("S + ρzzᵀ of order {n}, ρ = {}", plain(rho));
    let branches = with_branches.then(|| branches(&s, &z, rho)).transpose().map_err(|e| fault(&of_s, e))?;
    let branches = branches.map(|(thetas, values)| {
        let title = format!("{}: eigenvalues of S + θzzᵀ, θ from 0 to {}", of_s.file, plain(rho));
        Branches { title, thetas, values }
    });
    Ok(Checked { branches, ..Checked::new(vec![of_s.file, of_z.file], what, &report) })
}

/// Eigenvalues of S + θzzᵀ, descending, at places from 0 to ρ: updates of one decomposition.
fn branches(s: &Array2<f64>, z: &Array1<f64>, rho: f64) -> lapwing::Result<(Vec<f64>, Vec<Vec<f64>>)> {
    const STEPS: usize = 240;
    let eigh = s.eigh()?;
    let thetas: Vec<f64> = (0..=STEPS).map(|i| rho * (i as f64 / STEPS as f64)).collect();
    let values = |&theta: &f64| Ok(eigh.update(z, theta)?.values().iter().rev().copied().collect());
    let values = thetas.iter().map(values).collect::<lapwing::Result<_>>()?;
    Ok((thetas, values))
}

fn of_principal(s: &Path, indices: &[usize]) -> Result<Checked, Fault> {
    let of_s = input::read_matrix(s)?;
    let s = symmetric::part(&of_s)?;
    let n = s.nrows();
    if let Some(index) = indices.iter().find(|&&index| index > n) {
        let message = format!("expected indices from 1 to {n}, found {index} in --principal");
        return Err(Fault::in_file(&of_s.file, message));
    }
    if let Some(i) = (1..indices.len()).find(|&i| indices[..i].contains(&indices[i])) {
        return Err(Fault::usage(format!("expected each index once, found {} twice in --principal", indices[i])));
    }
    let from_zero: Vec<usize> = indices.iter().map(|index| index - 1).collect();
    let report = check_principal(&s, &from_zero).map_err(|e| fault(&of_s, e))?;
    let list: Vec<String> = indices.iter().map(usize::to_string).collect();
    let what = format!("S of order {n}, and its rows and columns {}", list.join(", "));
    Ok(Checked::new(vec![of_s.file], what, &report))
}

fn of_values(old: &Path, new: &Path, (positive, negative): (usize, usize)) -> Result<Checked, Fault> {
    let (of_old, of_new) = (input::read_matrix(old)?, input::read_matrix(new)?);
    let (before, after) = (vector(&of_old)?, vector(&of_new)?);
    if before.len() != after.len() {
        let message = format!("expected {} values, as many as in {}, found {}", before.len(), of_old.file, after.len());
        return Err(Fault::in_file(&of_new.file, message));
    }
    let report: Report = rank_update(&before, &after, positive, negative).map_err(|e| fault(&of_old, e))?;
    let what = format!(
        "{} values before and after an update with at most {positive} positive and {negative} negative eigenvalues",
        before.len()
    );
    Ok(Checked::new(vec![of_old.file, of_new.file], what, &report))
}

/// The numbers of a row or a column.
fn vector(matrix: &Matrix) -> Result<Array1<f64>, Fault> {
    let (rows, columns) = matrix.values.dim();
    if rows == 1 || columns == 1 {
        return Ok(matrix.values.iter().copied().collect());
    }
    Err(Fault::in_file(&matrix.file, format!("expected one row or one column of numbers, found {rows}×{columns}")))
}

/// Numbers come from the input; what else can go wrong is the machine's.
fn fault(matrix: &Matrix, error: Error) -> Fault {
    match error {
        Error::Overflow { .. } | Error::TooLarge { .. } | Error::Parameter { .. } => {
            Fault::in_file(&matrix.file, error)
        }
        _ => Fault::Machine(error.to_string()),
    }
}
