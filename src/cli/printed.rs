//! The command: by how much the numbers of a problem differ from those that were printed.
//! Top floor. Compares with the decimals themselves where these are not too many. It must not solve anything.

use lapwing::lstsq::Uncertainty;
use lapwing::lstsq::exact::Rational;
use ndarray::Array1;

use super::fault::Fault;
use super::input::csv::Table;
use super::problem::{Model, Problem, columns, degree};

/// The unit roundoff.
const U: f64 = f64::EPSILON / 2.0;

/// The most cells whose decimals are looked at; of more each is supposed to be rounded.
const MOST_CELLS: usize = 100_000;

/// What is known of the numbers of a problem.
#[derive(Debug)]
pub struct Data {
    /// By how much they differ from those that were printed.
    pub uncertainty: Uncertainty,
    /// The response as it was printed, where that is known and not too long.
    response: Option<Vec<Rational>>,
}

impl Data {
    /// Of a matrix.
    pub fn stored(problem: &Problem) -> Self {
        Data { uncertainty: none(problem), response: None }
    }

    /// Of a table.
    pub fn printed(problem: &Problem, table: &Table, model: &Model) -> Result<Self, Fault> {
        let (response, _) = columns(table, model)?;
        let few = table.row_count() <= MOST_CELLS;
        let response = if few { table.decimals(response).ok() } else { None };
        Ok(Data { uncertainty: uncertainty(problem, table, model)?, response })
    }

    /// The response less a constant, subtracted before it is rounded where its decimals are known, and how uncertain the data
    /// then are; none where nothing certain is left of it.
    pub fn less(&self, b: &Array1<f64>, constant: f64) -> Option<(Array1<f64>, Uncertainty)> {
        let constant = Rational::from_f64(constant)?;
        let response = match &self.response {
            Some(response) => response.clone(),
            None => b.iter().map(|&b| Rational::from_f64(b)).collect::<Option<Vec<_>>>()?,
        };
        let exact: Vec<Rational> = response.iter().map(|b| b - &constant).collect();
        let rest: Array1<f64> = exact.iter().map(Rational::to_f64).collect();
        let is_stored = exact.iter().zip(&rest).all(|(exact, &b)| Rational::from_f64(b).as_ref() == Some(exact));
        let rounded = if is_stored { 0.0 } else { U };
        let rhs = match self.response {
            Some(_) => rounded,
            // An uncertainty stays as large as it is, and becomes larger relative to what is left.
            None if self.uncertainty.rhs == 0.0 => rounded,
            None => {
                b.iter().zip(&rest).map(|(b, rest)| self.uncertainty.rhs * (b / rest).abs()).fold(rounded, f64::max)
            }
        };
        let columns = self.uncertainty.columns.clone();
        rhs.is_finite().then_some((rest, Uncertainty { columns, rhs }))
    }
}

/// Of a matrix that is stored as it was given.
pub fn none(problem: &Problem) -> Uncertainty {
    Uncertainty { columns: vec![0.0; problem.a.ncols()], rhs: 0.0 }
}

/// For each column of the matrix and for the right-hand side a bound on the relative error of its entries: 0 for what is
/// stored as it was printed.
fn uncertainty(problem: &Problem, table: &Table, model: &Model) -> Result<Uncertainty, Fault> {
    let (response, predictors) = columns(table, model)?;
    let degree = degree(table, model, &predictors)?;
    let few = problem.a.len() <= MOST_CELLS;
    let mut of_columns: Vec<f64> = if model.no_intercept { Vec::new() } else { vec![0.0] };
    for &predictor in &predictors {
        let of_numbers = of_column(table, predictor, few)?;
        for k in 1..=degree {
            let stored = problem.a.column(of_columns.len());
            of_columns.push(match k {
                1 => of_numbers,
                _ if of_numbers == 0.0 && stored.iter().all(|&power| is_exact(power)) => 0.0,
                // k roundings of the number itself and one of each product.
                _ => (2 * k - 1) as f64 * U / (1.0 - (2 * k) as f64 * U),
            });
        }
    }
    Ok(Uncertainty { columns: of_columns, rhs: of_column(table, response, few)? })
}

/// Whether a product of whole numbers that is stored so cannot have been rounded.
fn is_exact(power: f64) -> bool {
    power.fract() == 0.0 && power.abs() < 1.0 / U
}

/// 0 for decimals that are stored as they are, or else one rounding.
fn of_column(table: &Table, column: usize, few: bool) -> Result<f64, Fault> {
    if !few {
        return Ok(U);
    }
    // Decimals beyond what is read exactly are rounded.
    let Ok(decimals) = table.decimals(column) else { return Ok(U) };
    let stored = table.column(column)?;
    let exact = decimals.iter().zip(&stored).all(|(decimal, x)| Rational::from_f64(*x).as_ref() == Some(decimal));
    Ok(if exact { 0.0 } else { U })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, model: Model) -> Uncertainty {
        let table = Table::read("f", text, false).unwrap_or_else(|fault| panic!("{}", fault.line()));
        let problem = Problem::from_table(&table, &model).unwrap_or_else(|fault| panic!("{}", fault.line()));
        uncertainty(&problem, &table, &model).unwrap_or_else(|fault| panic!("{}", fault.line()))
    }

    #[test]
    fn what_is_stored_as_it_is_printed_is_certain() {
        // Halves and integers are doubles; tenths are not, nor is 2⁵³ + 1.
        let found = of("u,v,w,y\n1,0.5,0.1,9007199254740993\n2,1.5,0.2,1\n3,1,1,2\n4,2,0,3\n", Model::default());
        assert_eq!(found, Uncertainty { columns: vec![0.0, 0.0, 0.0, U], rhs: U });
    }

    /// Decimals lose the constant before they are rounded; what is stored has lost them already.
    #[test]
    fn a_constant_is_subtracted_from_the_decimals() {
        let text = "x,y\n1,1000000000.00000001\n2,1000000000.00000003\n4,1000000000.0000000200000000001\n";
        let table = Table::read("f", text, false).unwrap_or_else(|fault| panic!("{}", fault.line()));
        let model = Model::default();
        let problem = Problem::from_table(&table, &model).unwrap_or_else(|fault| panic!("{}", fault.line()));
        let data = Data::printed(&problem, &table, &model).unwrap_or_else(|fault| panic!("{}", fault.line()));
        let (b, uncertainty) = data.less(&problem.b, 1e9).expect("it is finite");
        assert_eq!((b.to_vec(), uncertainty.rhs), (vec![1e-8, 3e-8, 2.00000000001e-8], U));
        assert_eq!(problem.b.to_vec(), [1e9; 3]);
        // Stored numbers are exact, and so are these differences; uncertain ones have nothing left.
        let (b, uncertainty) = Data::stored(&problem).less(&problem.b, 999999999.5).expect("it is finite");
        assert_eq!((b.to_vec(), uncertainty.rhs), (vec![0.5; 3], 0.0));
        let rounded = Data { uncertainty: Uncertainty { rhs: U, ..none(&problem) }, response: None };
        let (_, uncertainty) = rounded.less(&problem.b, 999999999.5).expect("it is finite");
        assert_eq!(uncertainty.rhs, 2e9 * U);
        assert!(rounded.less(&problem.b, 1e9).is_none());
    }

    #[test]
    fn powers_are_rounded_where_they_have_to_be() {
        let powers = |text: &str, degree| of(text, Model { degree: Some(degree), ..Model::default() }).columns;
        assert_eq!(powers("x,y\n1,1\n2,2\n200000,3\n3,3\n7,1\n", 4)[..4], [0.0; 4]);
        assert!(powers("x,y\n1,1\n2,2\n200000,3\n3,3\n7,1\n", 4)[4] > 6.9 * U);
        let tenths = powers("x,y\n0.1,1\n2,2\n3,3\n", 2);
        assert!(tenths[1] == U && tenths[2] > 2.9 * U && tenths[2] < 3.1 * U, "{tenths:?}");
    }
}
