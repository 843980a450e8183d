//! The command `lapwing grad`: every call into the library.
//!
//! Top floor. That a gradient does not exist is an answer and not a fault; it must not print, nor say what an answer means.

use lapwing::Error;
use lapwing::deriv::{
    Curvatures, Differentiable, EighCotangent, SvdCotangent, eigenvalue_curvatures, eigenvalue_gradient, gaps,
    singular_gaps, singular_value_curvatures, singular_value_gradient,
};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

use super::report::{Bend, Found, Grid, Kind, Mean, SCHEMA, Second};
use crate::cli::args::GradArgs;
use crate::cli::fault::Fault;
use crate::cli::input::Matrix;
use crate::cli::symmetric;

/// The value that was asked for and its derivatives.
pub fn find(matrix: &Matrix, args: &GradArgs) -> Result<Found, Fault> {
    if args.eigen { eigenvalue(matrix, args) } else { singular_value(matrix, args) }
}

fn singular_value(matrix: &Matrix, args: &GradArgs) -> Result<Found, Fault> {
    let svd = matrix.values.svd().map_err(|e| fault(matrix, e))?;
    let i = position(matrix, args, "singular values", svd.s.len())?;
    let gradient = unless_repeated(singular_value_gradient(&svd, i)).map_err(|e| fault(matrix, e))?;
    let second = second(args, gradient.is_ok(), || singular_value_curvatures(&svd, i)).map_err(|e| fault(matrix, e))?;
    let mean = |weights| svd.vjp(&SvdCotangent { s: Some(weights), ..Default::default() });
    let gap = singular_gaps(&svd)[i];
    found(matrix, Kind::Singular, i, (&svd.s, gap), gradient, second, mean)
}

fn eigenvalue(matrix: &Matrix, args: &GradArgs) -> Result<Found, Fault> {
    let eigh = symmetric::part(matrix)?.eigh().map_err(|e| fault(matrix, e))?;
    let i = position(matrix, args, "eigenvalues", eigh.values.len())?;
    let gradient = unless_repeated(eigenvalue_gradient(&eigh, i)).map_err(|e| fault(matrix, e))?;
    let second = second(args, gradient.is_ok(), || eigenvalue_curvatures(&eigh, i)).map_err(|e| fault(matrix, e))?;
    let mean = |weights| eigh.vjp(&EighCotangent { values: Some(weights), ..Default::default() });
    let gap = gaps(&eigh.values)[i];
    found(matrix, Kind::Eigen, i, (&eigh.values, gap), gradient, second, mean)
}

/// A gradient, or the first and the last of the values that meet.
type Gradient = Result<Array2<f64>, (usize, usize)>;

fn unless_repeated(gradient: lapwing::Result<Array2<f64>>) -> lapwing::Result<Gradient> {
    match gradient {
        Ok(gradient) => Ok(Ok(gradient)),
        Err(Error::Repeated { first, last, .. }) => Ok(Err((first, last))),
        Err(error) => Err(error),
    }
}

fn second(
    args: &GradArgs, exists: bool, bends: impl FnOnce() -> lapwing::Result<Curvatures<f64>>,
) -> lapwing::Result<Option<Second>> {
    if !args.second || !exists {
        return Ok(None);
    }
    let Curvatures { least, largest } = bends()?;
    let bend = |bend: lapwing::deriv::Curvature<f64>| Bend { value: bend.value, direction: Grid(bend.direction) };
    Ok(Some(Second { largest: largest.map(bend), least: least.map(bend) }))
}

fn found(
    matrix: &Matrix, kind: Kind, i: usize, (values, gap): (&Array1<f64>, f64), gradient: Gradient,
    second: Option<Second>, mean: impl FnOnce(Array1<f64>) -> lapwing::Result<Array2<f64>>,
) -> Result<Found, Fault> {
    let (rows, columns) = matrix.values.dim();
    let (gradient, cluster) = match gradient {
        Ok(gradient) => (Some(Grid(gradient)), None),
        Err(cluster) => (None, Some(cluster)),
    };
    let mut cluster_mean = None;
    if let Some((first, last)) = cluster {
        let count = (last + 1 - first) as f64;
        let weight = |k| if (first..=last).contains(&k) { 1.0 / count } else { 0.0 };
        let of_mean = unless_repeated(mean(Array1::from_shape_fn(values.len(), weight)));
        if let Ok(gradient) = of_mean.map_err(|e| fault(matrix, e))? {
            let value = (first..=last).map(|k| values[k] / count).sum();
            cluster_mean = Some(Mean { value, gradient: Grid(gradient) });
        }
    }
    Ok(Found {
        schema: SCHEMA,
        source: matrix.file.clone(),
        rows,
        columns,
        kind,
        index: i + 1,
        count: values.len(),
        value: values[i],
        gap: gap.is_finite().then_some(gap),
        cluster: cluster.map(|(first, last)| [first + 1, last + 1]),
        gradient,
        cluster_mean,
        second,
    })
}

/// The index from 0, if there is such a value.
fn position(matrix: &Matrix, args: &GradArgs, what: &str, count: usize) -> Result<usize, Fault> {
    if args.index <= count {
        return Ok(args.index - 1);
    }
    let (rows, columns) = matrix.values.dim();
    let message = format!(
        "expected an index from 1 to {count}, the number of {what} of a {rows}×{columns} matrix, found {}",
        args.index
    );
    Err(Fault::in_file(&matrix.file, message))
}

/// Sizes and numbers come from the input; what else can go wrong is the machine's.
fn fault(matrix: &Matrix, error: Error) -> Fault {
    match error {
        Error::Overflow { what } => {
            Fault::in_file(&matrix.file, format!("{what} exceeds the range of double precision"))
        }
        Error::TooLarge { .. } => Fault::in_file(&matrix.file, error),
        _ => Fault::Machine(error.to_string()),
    }
}
