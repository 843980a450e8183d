//! The command: the least-squares problem min ‖b − A x‖ that a file and a model make.
//! Top floor. Turns columns into A and b, and names the coefficients.
//! It must not solve anything.

use ndarray::{Array1, Array2, ShapeBuilder};

use super::fault::{Fault, count, listed, quoted};
use super::input::csv::Table;
use super::input::{Matrix, RANGE, in_range, reserve};
use super::text::plain;

/// The name of the coefficient of the column of ones.
const INTERCEPT: &str = "(intercept)";

/// Which columns of a table stand for what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// The response; the last column if none is named.
    pub response: Option<String>,
    /// The predictors; all columns but the response if none is named.
    pub predictors: Vec<String>,
    /// The highest power of the single predictor.
    pub degree: Option<usize>,
    /// Whether the column of ones is left out.
    pub no_intercept: bool,
}

/// A least-squares problem with at least as many rows as columns, all entries finite.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Where it comes from: a file's name or `nist:NAME`.
    pub source: String,
    /// The names of the coefficients.
    pub names: Vec<String>,
    /// The matrix, column-major.
    pub a: Array2<f64>,
    /// The right-hand side.
    pub b: Array1<f64>,
}

impl Problem {
    /// The regression of the response on the predictors.
    ///
    /// Powers are formed in double precision by repeated multiplication, each xᵏ as the rounded product
    /// xᵏ⁻¹·x, as is usual for a Vandermonde matrix.
    pub fn from_table(table: &Table, model: &Model) -> Result<Self, Fault> {
        let (response, predictors) = columns(table, model)?;
        let degree = degree(table, model, &predictors)?;
        let rows = table.row_count();
        let intercept = usize::from(!model.no_intercept);
        let cols = predictors.len().checked_mul(degree).and_then(|n| n.checked_add(intercept)).unwrap_or(usize::MAX);
        let b = table.column(response)?;
        let columns = predictors.iter().map(|&predictor| table.column(predictor)).collect::<Result<Vec<_>, _>>()?;
        enough_rows(&table.file, rows, cols)?;
        let mut design = Design::new(rows, cols)?;
        if !model.no_intercept {
            design.push(INTERCEPT.to_string(), std::iter::repeat_n(1.0, rows));
        }
        for (&predictor, x) in predictors.iter().zip(&columns) {
            if !model.no_intercept && table.names[predictor] == INTERCEPT {
                let message = "expected a name other than (intercept), which is that of the column of ones; \
                               rename the column, or leave the ones out with --no-intercept";
                return Err(table.column_fault(predictor, message.to_string()));
            }
            if model.degree.is_some() {
                not_constant(table, predictor, x)?;
            }
            design.push_powers(table, predictor, x, degree)?;
        }
        design.finish(table.file.clone(), b)
    }

    /// The system with this matrix and this right-hand side.
    pub fn from_matrix(matrix: Matrix, rhs: Matrix) -> Result<Self, Fault> {
        let (rows, cols) = matrix.values.dim();
        if rhs.values.nrows() != rows {
            let found = rhs.values.nrows();
            let message =
                format!("expected a right-hand side of {} as in {}, found {found}", count(rows, "row"), matrix.file);
            return Err(Fault::in_file(&rhs.file, message));
        }
        enough_rows(&matrix.file, rows, cols)?;
        let mut design = Design::new(rows, cols)?;
        for (j, column) in matrix.values.columns().into_iter().enumerate() {
            design.push(format!("x{}", j + 1), column.iter().copied());
        }
        design.finish(matrix.file, rhs.values.into_iter().collect())
    }
}

/// The response and the predictors, by their place in the table.
pub fn columns(table: &Table, model: &Model) -> Result<(usize, Vec<usize>), Fault> {
    let response = match &model.response {
        Some(name) => table.index_of(name)?,
        None => table.names.len() - 1,
    };
    let mut predictors = Vec::new();
    for name in &model.predictors {
        let predictor = table.index_of(name)?;
        let name = quoted(name);
        if predictor == response {
            return Err(Fault::usage(format!(
                "{name} is both the response and a predictor; name another response with -y"
            )));
        }
        if predictors.contains(&predictor) {
            return Err(Fault::usage(format!("the predictor {name} is named twice")));
        }
        predictors.push(predictor);
    }
    if model.predictors.is_empty() {
        predictors = (0..table.names.len()).filter(|&i| i != response).collect();
    }
    if predictors.is_empty() && model.no_intercept {
        return Err(Fault::in_file(&table.file, "expected a predictor, found only the response and no intercept"));
    }
    Ok((response, predictors))
}

/// The highest power: 1 unless the model asks for a polynomial, which has a single predictor.
pub fn degree(table: &Table, model: &Model, predictors: &[usize]) -> Result<usize, Fault> {
    match (model.degree, predictors) {
        (None, _) => Ok(1),
        (Some(degree), [_]) => Ok(degree),
        (Some(degree), _) => {
            let names = predictors.iter().map(|&i| &table.names[i]);
            let found = if predictors.is_empty() { "none".to_string() } else { listed(names) };
            Err(Fault::usage(format!("--poly {degree} needs a single predictor, found {found}; choose one with -x")))
        }
    }
}

fn enough_rows(file: &str, rows: usize, cols: usize) -> Result<(), Fault> {
    if rows >= cols {
        return Ok(());
    }
    let (rows, cols) = (count(rows, "row"), count(cols, "coefficient"));
    Err(Fault::in_file(file, format!("expected at least as many rows as coefficients, found {rows} for {cols}")))
}

/// The powers of a constant are multiples of each other. A constant column beside others is no fault: it is compared, and
/// named as dependent.
fn not_constant(table: &Table, predictor: usize, x: &[f64]) -> Result<(), Fault> {
    let first = x.first().copied().unwrap_or_default();
    if x.len() < 2 || x.iter().any(|&value| value != first) {
        return Ok(());
    }
    let name = quoted(&table.names[predictor]);
    let message =
        format!("expected values that differ in column {name}, found only {}: it has no polynomial", plain(first));
    Err(table.column_fault(predictor, message))
}

/// A design matrix that grows by columns.
struct Design {
    rows: usize,
    names: Vec<String>,
    values: Vec<f64>,
}

impl Design {
    fn new(rows: usize, cols: usize) -> Result<Self, Fault> {
        let entries = rows.checked_mul(cols).ok_or_else(|| Fault::no_memory("the design matrix", usize::MAX))?;
        Ok(Design { rows, names: Vec::new(), values: reserve("the design matrix", entries)? })
    }

    fn push(&mut self, name: String, column: impl IntoIterator<Item = f64>) {
        self.names.push(name);
        self.values.extend(column);
    }

    /// x, x², …, each from the one before.
    fn push_powers(&mut self, table: &Table, predictor: usize, x: &[f64], degree: usize) -> Result<(), Fault> {
        let name = &table.names[predictor];
        let mut power = x.to_vec();
        for k in 1..=degree {
            if k > 1 {
                power.iter_mut().zip(x).for_each(|(power, x)| *power *= x);
            }
            let outside =
                |(&power, &x): (&f64, &f64)| !in_range(power) || (x != 0.0 && power.abs() < f64::MIN_POSITIVE);
            if let Some(row) = power.iter().zip(x).position(|pair| k > 1 && outside(pair)) {
                let message = format!("expected 0 or a number whose power {k} is {RANGE}, found {}", plain(x[row]));
                return Err(table.fault(row, predictor, message));
            }
            let name = if k == 1 { name.clone() } else { format!("{name}^{k}") };
            self.push(name, power.iter().copied());
        }
        Ok(())
    }

    fn finish(self, source: String, b: Vec<f64>) -> Result<Problem, Fault> {
        let shape = (self.rows, self.names.len()).f();
        let a = Array2::from_shape_vec(shape, self.values)
            .map_err(|e| Fault::Machine(format!("the design matrix cannot be laid out: {e}")))?;
        Ok(Problem { source, names: self.names, a, b: Array1::from_vec(b) })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn problem(text: &str, model: &Model) -> Result<Problem, String> {
        let table = Table::read("f", text, false).map_err(|fault| fault.line())?;
        Problem::from_table(&table, model).map_err(|fault| fault.line())
    }

    fn fault(text: &str, model: &Model) -> String {
        problem(text, model).expect_err("the model is faulty")
    }

    fn predictors(names: &[&str]) -> Model {
        Model { predictors: names.iter().map(|n| n.to_string()).collect(), ..Model::default() }
    }

    #[test]
    fn the_last_column_is_the_response() {
        let p = problem("u,v,y\n1,2,3\n4,5,6\n7,9,8\n", &Model::default()).expect("a good file");
        assert_eq!(p.a, array![[1.0, 1.0, 2.0], [1.0, 4.0, 5.0], [1.0, 7.0, 9.0]]);
        assert_eq!(p.b, array![3.0, 6.0, 8.0]);
        assert_eq!(p.names, ["(intercept)", "u", "v"]);
    }

    #[test]
    fn columns_by_name() {
        let model = Model { response: Some("y".into()), no_intercept: true, ..predictors(&["v"]) };
        let p = problem("y,u,v\n1,a,3\n4,b,6\n", &model).expect("a good file");
        assert_eq!(p.a, array![[3.0], [6.0]]);
        assert_eq!(p.b, array![1.0, 4.0]);
    }

    #[test]
    fn powers() {
        let model = Model { degree: Some(3), ..Model::default() };
        let p = problem("x,y\n1,0\n2,0\n3,0\n-0.1,0\n", &model).expect("a good file");
        assert_eq!(p.names, ["(intercept)", "x", "x^2", "x^3"]);
        let tenth: f64 = -0.1;
        let last = [1.0, tenth, tenth * tenth, tenth * tenth * tenth];
        assert_eq!(p.a, array![[1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 4.0, 8.0], [1.0, 3.0, 9.0, 27.0], last]);
        let without = Model { no_intercept: true, ..model };
        let p = problem("x,y\n1,0\n2,0\n3,0\n", &without).expect("a good file");
        assert_eq!(p.a, array![[1.0, 1.0, 1.0], [2.0, 4.0, 8.0], [3.0, 9.0, 27.0]]);
    }

    #[test]
    fn models_that_do_not_fit_the_file() {
        let poly = |degree| Model { degree: Some(degree), ..Model::default() };
        let text = "u,v,y\n1,5,3\n4,5,6\n7,5,8\n";
        for (model, expected) in [
            (
                Model { predictors: vec!["v".into()], ..poly(2) },
                "f:1:2: expected values that differ in column \"v\", found only 5: it has no polynomial",
            ),
            (poly(2), "--poly 2 needs a single predictor, found u, v; choose one with -x"),
            (
                Model { predictors: vec!["u".into()], ..poly(3) },
                "f: expected at least as many rows as coefficients, found 3 rows for 4 coefficients",
            ),
            (
                Model { predictors: vec!["u".into()], ..poly(usize::MAX) },
                "f: expected at least as many rows as coefficients, \
                 found 3 rows for 18446744073709551615 coefficients",
            ),
            (predictors(&["w"]), "f:1: expected a column named \"w\", found only u, v, y"),
            (predictors(&["u", "u"]), "the predictor \"u\" is named twice"),
            (predictors(&["y"]), "\"y\" is both the response and a predictor; name another response with -y"),
        ] {
            assert_eq!(fault(text, &model), format!("lapwing: {expected}"), "{model:?}");
        }
        let lone = Model { no_intercept: true, ..Model::default() };
        let expected = "lapwing: f: expected a predictor, found only the response and no intercept";
        assert_eq!(fault("y\n1\n", &lone), expected);
        for x in ["1e200", "1e-200"] {
            let expected = format!(
                "lapwing: f:3:1: expected 0 or a number whose power 2 is of magnitude from 2.3e-308 to 1e300, \
                 found {x} in column \"x\""
            );
            assert_eq!(fault(&format!("x,y\n1,1\n{x},1\n0,1\n"), &poly(2)), expected);
        }
    }

    #[test]
    fn a_constant_column_is_no_fault() {
        for no_intercept in [false, true] {
            let model = Model { no_intercept, ..Model::default() };
            assert!(problem("u,v,y\n1,5,3\n4,5,6\n7,5,8\n", &model).is_ok());
        }
    }

    #[test]
    fn matrices() {
        let matrix = |values| Matrix { file: "a".into(), values };
        let p = Problem::from_matrix(matrix(array![[1.0, 2.0], [3.0, 4.0]]), matrix(array![[5.0], [6.0]]))
            .expect("it fits");
        assert_eq!(p.a, array![[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(p.b, array![5.0, 6.0]);
        assert_eq!(p.names, ["x1", "x2"]);
        let fault = Problem::from_matrix(matrix(array![[1.0, 2.0]]), matrix(array![[5.0]])).expect_err("it is wide");
        assert_eq!(
            fault.line(),
            "lapwing: a: expected at least as many rows as coefficients, found 1 row for 2 coefficients"
        );
        let fault = Problem::from_matrix(matrix(array![[1.0], [2.0]]), matrix(array![[5.0]])).expect_err("b is short");
        assert_eq!(fault.line(), "lapwing: a: expected a right-hand side of 2 rows as in a, found 1");
    }
}
