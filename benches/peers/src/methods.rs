//! lapwing's methods of least squares as contenders: with a warm workspace, on a matrix that is kept.
//! Middle floor of the bench.
//! It must not reach below lapwing's public interface.

use crate::convert;
use crate::operations::default_threads;
use crate::timing::{Contender, Who};
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Ix1};

/// What a contender keeps, and whether its last call was answered.
type Kept = (Array2<f64>, Array1<f64>, Workspace<f64>, Solution<f64, Ix1>);

/// A method on a column-major m×n matrix; `error` judges its x, and where it refuses the error is infinite.
pub fn contender(
    method: Method, [m, n]: [usize; 2], a: &[f64], b: &[f64], error: impl Fn(&[f64]) -> f64 + 'static,
) -> Contender {
    let options = LstsqOptions { method, ..Default::default() };
    let state: Kept = (convert::array(m, n, a), convert::array_vector(b), Workspace::new(), Solution::default());
    Contender::new(
        Who::Lapwing,
        default_threads(),
        (),
        state,
        move |(a, b, workspace, solution), ()| a.lstsq_to(b, &options, workspace, solution).is_ok(),
        move |(.., solution), (), &answered| if answered { error(&solution.x.to_vec()) } else { f64::INFINITY },
    )
}
