//! Pictures: what the data are drawn against.
//!
//! Top floor. Finds the single predictor, if there is one, in the columns of the problem; it must not draw.

use crate::cli::problem::Problem;

/// What the horizontal axis shows.
#[derive(Debug, PartialEq)]
pub enum Abscissa {
    /// The single predictor, of which the columns are powers.
    Predictor { name: String, x: Vec<f64>, powers: Vec<usize> },
    /// The number of the row: there is no predictor.
    Row,
    /// The fitted values: there are several predictors.
    Fitted,
}

impl Abscissa {
    /// Columns of ones are the power 0, the first other column is the predictor, and further ones must be the products
    /// of the one before with it, as they are formed for `--poly`.
    pub fn of(problem: &Problem) -> Self {
        let columns = problem.a.columns();
        let mut powers = Vec::new();
        let mut chain: Option<(usize, Vec<f64>, usize)> = None;
        for (j, column) in columns.into_iter().enumerate() {
            if column.iter().all(|&value| value == 1.0) {
                powers.push(0);
                continue;
            }
            chain = match chain {
                None => Some((j, column.to_vec(), 1)),
                Some((first, last, power)) => {
                    let x = problem.a.column(first);
                    if !last.iter().zip(x).zip(column).all(|((last, x), &value)| last * x == value) {
                        return Abscissa::Fitted;
                    }
                    Some((first, column.to_vec(), power + 1))
                }
            };
            powers.push(chain.as_ref().map_or(0, |(_, _, power)| *power));
        }
        match chain {
            Some((first, ..)) => {
                Abscissa::Predictor { name: problem.names[first].clone(), x: problem.a.column(first).to_vec(), powers }
            }
            None => Abscissa::Row,
        }
    }

    /// The name of the axis.
    pub fn title(&self) -> &str {
        match self {
            Abscissa::Predictor { name, .. } => name,
            Abscissa::Row => "row",
            Abscissa::Fitted => "fitted value",
        }
    }
}

/// Σ cⱼ·xᵖʲ. The powers that are not 0 rise by one from column to column.
pub fn polynomial(powers: &[usize], coefficients: &[f64], x: f64) -> f64 {
    let mut power = 1.0;
    let term = |(&p, c): (&usize, &f64)| {
        if p == 0 {
            return *c;
        }
        power *= x;
        c * power
    };
    powers.iter().zip(coefficients).map(term).sum()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;

    fn powers(columns: &[i32]) -> Array2<f64> {
        Array2::from_shape_fn((7, columns.len()), |(i, j)| (0..columns[j]).fold(1.0, |p, _| p * (0.3 * i as f64 - 1.0)))
    }

    #[test]
    fn the_predictor_is_found_in_the_columns() {
        let of = |a: Array2<f64>| {
            let names = (0..a.ncols()).map(|j| format!("c{j}")).collect();
            Abscissa::of(&Problem { source: "data.csv".into(), names, a, b: Array1::zeros(7) })
        };
        let found = |columns: &[i32]| match of(powers(columns)) {
            Abscissa::Predictor { name, powers, .. } => Some((name, powers)),
            _ => None,
        };
        assert_eq!(found(&[0, 1, 2, 3]), Some(("c1".into(), vec![0, 1, 2, 3])));
        assert_eq!(found(&[1, 2]), Some(("c0".into(), vec![1, 2])));
        assert_eq!(found(&[1]), Some(("c0".into(), vec![1])));
        assert_eq!(of(powers(&[0])), Abscissa::Row);
        assert_eq!(of(powers(&[0, 1, 3])), Abscissa::Fitted);
        let mut off = powers(&[0, 1, 2]);
        off[(3, 2)] *= 1.0 + f64::EPSILON;
        assert_eq!(of(off), Abscissa::Fitted);
    }
}
