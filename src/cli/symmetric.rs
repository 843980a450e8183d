//! The command: matrices that have to be symmetric.
//!
//! Top floor. It must not know what they are for.

use ndarray::Array2;

use super::fault::Fault;
use super::input::Matrix;
use super::text::plain;

/// (A + Aᵀ)/2, if that is A but for rounding: what computed a symmetric matrix may have left a few units of the last place of its largest
/// entry.
pub fn part(matrix: &Matrix) -> Result<Array2<f64>, Fault> {
    let a = &matrix.values;
    let (rows, columns) = a.dim();
    if rows != columns {
        let message = format!("expected a symmetric matrix, found {rows}×{columns}");
        return Err(Fault::in_file(&matrix.file, message));
    }
    let (mut most, mut place) = (0.0, (0, 0));
    for i in 0..rows {
        for j in 0..i {
            let difference = (a[(i, j)] - a[(j, i)]).abs();
            if difference > most {
                (most, place) = (difference, (j, i));
            }
        }
    }
    let largest = a.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if most > rows as f64 * f64::EPSILON * largest {
        let (i, j) = place;
        let (upper, lower) = (plain(a[(i, j)]), plain(a[(j, i)]));
        let (i, j) = (i + 1, j + 1);
        let message = format!(
            "expected a symmetric matrix, found {upper} in row {i}, column {j} and {lower} in row {j}, column {i} \
             (counted from 1), which differ most"
        );
        return Err(Fault::in_file(&matrix.file, message));
    }
    Ok((a / 2.0) + (&a.t() / 2.0))
}
