//! The command `lapwing kkt`: every call into the library.
//!
//! Top floor. Matrices that have no saddle point are refused in the user's terms; it must not print.

use std::path::Path;

use lapwing::Error;
use lapwing::prelude::Inertia;
use lapwing::saddle::{Kkt, KktMethod, KktOptions};
use ndarray::Array1;

use super::report::{Found, SCHEMA, Signs, Solution};
use crate::cli::args::{KktArgs, KktName};
use crate::cli::fault::Fault;
use crate::cli::input::{self, Matrix};
use crate::cli::symmetric;

/// The inertia, and the saddle point where there are right-hand sides.
pub fn find(args: &KktArgs) -> Result<Found, Fault> {
    let (form, constraints) = (input::read_matrix(&args.form)?, input::read_matrix(&args.constraints)?);
    let s = symmetric::part(&form)?;
    let (m, n) = constraints.values.dim();
    if n != s.nrows() {
        let message = format!("expected {} columns, as many as {} has, found {m}×{n}", s.nrows(), form.file);
        return Err(Fault::in_file(&constraints.file, message));
    }
    let refused = |error: Error| fault(&form, &constraints, error);
    let kkt = Kkt::new(&s, &constraints.values).map_err(refused)?;
    let rhs = match args.rhs.as_slice() {
        [f, b] => Some((vector(f, n)?, vector(b, m)?)),
        _ => None,
    };
    let Inertia { positive, negative, zero } = kkt.inertia().map_err(refused)?;
    let solution =
        rhs.map(|(f, b)| solve(&kkt, &f, &b, args.method.unwrap_or(KktName::Auto))).transpose().map_err(refused)?;
    let inertia = Signs { positive, negative, zero };
    let source = [form.file.clone(), constraints.file.clone()];
    Ok(Found { schema: SCHEMA, source, unknowns: n, constraints: m, inertia, solution })
}

fn solve(kkt: &Kkt<f64>, f: &Array1<f64>, b: &Array1<f64>, name: KktName) -> lapwing::Result<Solution> {
    let method = match name {
        KktName::Ldlt => KktMethod::Ldlt,
        KktName::Schur => KktMethod::Schur,
        KktName::NullSpace => KktMethod::NullSpace,
        KktName::Auto => KktMethod::Auto,
    };
    let found = kkt.solve_with(f, b, &KktOptions { method })?;
    let in_range = |norm: f64| norm.is_finite().then_some(norm);
    Ok(Solution {
        method: match found.method {
            KktMethod::Schur => "schur",
            KktMethod::NullSpace => "null-space",
            _ => "ldlt",
        },
        condition: found.condition,
        x: found.x.to_vec(),
        multipliers: found.multipliers.to_vec(),
        stationarity: in_range(found.stationarity),
        feasibility: in_range(found.feasibility),
        backward_error: found.backward_error,
    })
}

/// A row or a column of so many numbers.
fn vector(path: &Path, len: usize) -> Result<Array1<f64>, Fault> {
    let matrix = input::read_matrix(path)?;
    let (rows, columns) = matrix.values.dim();
    if matrix.values.len() == len && (rows == 1 || columns == 1) {
        return Ok(matrix.values.iter().copied().collect());
    }
    Err(Fault::in_file(&matrix.file, format!("expected a vector of {len}, found {rows}×{columns}")))
}

/// What the files have no saddle point for; the rest is the machine's.
fn fault(form: &Matrix, constraints: &Matrix, error: Error) -> Fault {
    match error {
        Error::DependentConstraints { row, others, rank, rows } => {
            let depends = match others.as_slice() {
                [] => "is zero".to_string(),
                others => {
                    let others: Vec<String> = others.iter().map(|other| (other + 1).to_string()).collect();
                    format!("depends on {}", others.join(", "))
                }
            };
            let row = row + 1;
            let message = format!(
                "expected independent rows, found that row {row} {depends} (counted from 1): {rows} rows of rank {rank}"
            );
            Fault::in_file(&constraints.file, message)
        }
        Error::NoMinimum { dimension, falling, flat } => {
            let message = format!(
                "expected a form that is positive definite where Ax = 0, found one that falls along {falling} and is flat along \
                 {flat} of {dimension} directions"
            );
            Fault::in_file(&form.file, message)
        }
        Error::NotPositiveDefinite { minor } => {
            let message = format!(
                "expected a positive definite matrix for --method schur, found one whose leading minor of order {minor} is not positive"
            );
            Fault::in_file(&form.file, message)
        }
        Error::RankDeficient { .. } | Error::Overflow { .. } | Error::TooLarge { .. } | Error::Singular { .. } => {
            Fault::in_file(&form.file, error)
        }
        _ => Fault::Machine(error.to_string()),
    }
}
