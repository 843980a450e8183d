//! The command: the eleven linear-regression data sets of NIST's StRD, compiled in, with the values NIST certifies.
//! Top floor. The decimals are kept as NIST prints them, and the files go through the reader that users' files go through.
//! It must not repair anything.

use lapwing::Error;
use lapwing::lstsq::exact::Rational;
use serde::Deserialize;

use crate::cli::fault::Fault;
use crate::cli::input::csv::Table;
use crate::cli::input::number;
use crate::cli::printed::Data;
use crate::cli::problem::{Model, Problem};

/// The data, in NIST's order from lower to higher difficulty.
const FILES: [(&str, &str); 11] = [
    ("Norris", include_str!("../../../data/nist/Norris.csv")),
    ("Pontius", include_str!("../../../data/nist/Pontius.csv")),
    ("NoInt1", include_str!("../../../data/nist/NoInt1.csv")),
    ("NoInt2", include_str!("../../../data/nist/NoInt2.csv")),
    ("Filip", include_str!("../../../data/nist/Filip.csv")),
    ("Longley", include_str!("../../../data/nist/Longley.csv")),
    ("Wampler1", include_str!("../../../data/nist/Wampler1.csv")),
    ("Wampler2", include_str!("../../../data/nist/Wampler2.csv")),
    ("Wampler3", include_str!("../../../data/nist/Wampler3.csv")),
    ("Wampler4", include_str!("../../../data/nist/Wampler4.csv")),
    ("Wampler5", include_str!("../../../data/nist/Wampler5.csv")),
];

const CERTIFIED: &str = include_str!("../../../data/nist/certified.json");

/// The same regressions in rational arithmetic. The certified values agree with it to all their digits; it has the sums
/// of squares of the residuals, which are not among them.
const EXACT: &str = include_str!("../../../data/nist/exact.json");

/// A data set with its model and its certified answer.
#[derive(Debug)]
pub struct DataSet {
    /// The regression.
    pub problem: Problem,
    /// How far its numbers may be from those that are printed.
    pub data: Data,
    /// What NIST certifies.
    pub certified: Certified,
}

/// Certified values, as strings of up to 15 digits.
#[derive(Debug, Clone, Deserialize)]
pub struct Certified {
    name: String,
    model: Polynomial,
    /// The coefficients, the intercept first.
    pub coefficients: Vec<String>,
    /// The coefficients from exact arithmetic, to 41 digits.
    #[serde(skip)]
    exact: Vec<String>,
    /// ‖r‖₂², from exact arithmetic.
    #[serde(skip)]
    squares: f64,
}

#[derive(Debug, Clone, Deserialize)]
struct Polynomial {
    degree: Option<usize>,
    intercept: bool,
}

#[derive(Deserialize)]
struct Catalogue {
    datasets: Vec<Certified>,
}

#[derive(Deserialize)]
struct Exact {
    datasets: Vec<ExactSet>,
}

#[derive(Deserialize)]
struct ExactSet {
    name: String,
    residual_sum_of_squares: String,
    coefficients: Vec<String>,
}

/// Reads all data sets.
pub fn load() -> Result<Vec<DataSet>, Fault> {
    let catalogue: Catalogue =
        serde_json::from_str(CERTIFIED).map_err(|e| Fault::on_line("nist:certified.json", e.line(), e))?;
    let exact: Exact = serde_json::from_str(EXACT).map_err(|e| Fault::on_line("nist:exact.json", e.line(), e))?;
    FILES.iter().map(|&(name, text)| data_set(name, text, &catalogue, &exact)).collect()
}

fn data_set(name: &str, text: &str, catalogue: &Catalogue, exact: &Exact) -> Result<DataSet, Fault> {
    let source = format!("nist:{name}");
    let certified = catalogue.datasets.iter().find(|c| c.name == name);
    let mut certified =
        certified.ok_or_else(|| Fault::in_file(&source, "expected certified values, found none"))?.clone();
    let exact = exact.datasets.iter().find(|e| e.name == name);
    certified.exact = exact.map(|e| e.coefficients.clone()).unwrap_or_default();
    let squares = exact.map(|e| e.residual_sum_of_squares.as_str()).unwrap_or_default();
    certified.squares = number(squares).map_err(|e| Fault::in_file(&source, e))?;
    let model = Model {
        response: Some("y".to_string()),
        degree: certified.model.degree,
        no_intercept: !certified.model.intercept,
        ..Model::default()
    };
    let table = Table::read(&source, text, false)?;
    let problem = Problem::from_table(&table, &model)?;
    Ok(DataSet { data: Data::printed(&problem, &table, &model)?, problem, certified })
}

impl Certified {
    /// The coefficients as they are printed.
    pub fn numbers(&self) -> Result<Vec<Rational>, Fault> {
        let parse = |text: &String| text.parse().map_err(|e: Error| Fault::in_file(&self.name, e));
        self.coefficients.iter().map(parse).collect()
    }

    /// How far each is from the exact one, relative to it.
    pub fn rounding(&self) -> Result<Vec<f64>, Fault> {
        let parse = |text: &String| text.parse::<Rational>().map_err(|e: Error| Fault::in_file(&self.name, e));
        let pairs = self.numbers()?.into_iter().zip(&self.exact);
        let relative = |(certified, exact): (Rational, &String)| {
            let error = (&certified - &parse(exact)?).abs();
            Ok(error.checked_div(&certified.abs()).map_or(0.0, |relative| relative.to_f64()))
        };
        pairs.map(relative).collect()
    }

    /// ‖r‖₂ to 15 digits, as many as are certified of the coefficients.
    pub fn residual_norm(&self) -> String {
        format!("{:.14e}", self.squares.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding to 15 significant digits moves a number by at most half a unit of the 15th, 5e-15 of itself;
    /// reading both strings into doubles moves each by at most eps/2.
    const FIFTEEN_DIGITS: f64 = 5e-15 + f64::EPSILON;

    fn exact() -> Exact {
        serde_json::from_str(EXACT).expect("the file is JSON")
    }

    fn close(certified: f64, exact: f64, tolerance: f64) -> bool {
        (certified - exact).abs() <= tolerance * exact.abs()
    }

    #[test]
    fn every_set_is_complete() {
        let shapes: Vec<(String, usize, usize)> = load()
            .expect("the data are good")
            .iter()
            .map(|s| (s.certified.name.clone(), s.problem.a.nrows(), s.problem.a.ncols()))
            .collect();
        let expected = [
            ("Norris", 36, 2),
            ("Pontius", 40, 3),
            ("NoInt1", 11, 1),
            ("NoInt2", 3, 1),
            ("Filip", 82, 11),
            ("Longley", 16, 7),
            ("Wampler1", 21, 6),
            ("Wampler2", 21, 6),
            ("Wampler3", 21, 6),
            ("Wampler4", 21, 6),
            ("Wampler5", 21, 6),
        ];
        assert_eq!(shapes, expected.map(|(name, rows, cols)| (name.to_string(), rows, cols)));
    }

    #[test]
    fn certified_coefficients_agree_with_exact_arithmetic() {
        let exact = exact();
        for (set, exact) in load().expect("the data are good").iter().zip(&exact.datasets) {
            assert_eq!(set.certified.name, exact.name);
            let certified = set.certified.numbers().expect("the values are numbers");
            assert_eq!(certified.len(), set.problem.names.len(), "{}", set.certified.name);
            assert_eq!(certified.len(), exact.coefficients.len(), "{}", set.certified.name);
            for (i, (c, e)) in certified.iter().map(Rational::to_f64).zip(&exact.coefficients).enumerate() {
                let e: f64 = e.parse().expect("a number");
                assert!(close(c, e, FIFTEEN_DIGITS), "{} coefficient {i}: {c:e} for {e:e}", set.certified.name);
                // A value that is wrong in its 14th digit would be noticed.
                assert!(!close(c * (1.0 + 1e-13), e, FIFTEEN_DIGITS), "{} coefficient {i}", set.certified.name);
            }
        }
    }

    /// NoInt1 has 251/121 = 2.07438016528925619…, certified as 2.07438016528926; Wampler's coefficients are decimals.
    #[test]
    fn the_rounding_of_certified_values_is_known() {
        let sets = load().expect("the data are good");
        let of = |i: usize| sets[i].certified.rounding().expect("numbers");
        assert!((of(2)[0] / (3.80165289256198e-15 / 2.07438016528926) - 1.0).abs() < 1e-9, "{:?}", of(2));
        assert_eq!(of(7), [0.0; 6]);
        for (set, i) in sets.iter().zip(0..) {
            assert_eq!(of(i).len(), set.certified.coefficients.len());
            assert!(of(i).iter().all(|&rounding| rounding <= 5e-15), "{:?}", of(i));
        }
    }

    /// NIST certifies s = ‖r‖/√(m − n): printed with 15 digits twice, and three roundings.
    #[test]
    fn certified_residuals_agree_with_exact_arithmetic() {
        #[derive(Deserialize)]
        struct Deviations {
            datasets: Vec<Deviation>,
        }
        #[derive(Deserialize)]
        struct Deviation {
            residual_standard_deviation: String,
        }
        let deviations: Deviations = serde_json::from_str(CERTIFIED).expect("the file is JSON");
        let sets = load().expect("the data are good");
        for (set, deviation) in sets.iter().zip(&deviations.datasets) {
            let norm: f64 = set.certified.residual_norm().parse().expect("a number");
            let s: f64 = deviation.residual_standard_deviation.parse().expect("a number");
            let freedom = (set.problem.a.nrows() - set.problem.a.ncols()) as f64;
            assert!(close(s * freedom.sqrt(), norm, 2.0 * FIFTEEN_DIGITS), "{}: {norm:e}", set.certified.name);
        }
        // The last digit by 40-digit square roots of the exact sums.
        let printed = |i: usize| sets[i].certified.residual_norm();
        assert_eq!(
            [printed(1), printed(5), printed(8)],
            ["1.24804554723372e-3", "9.14562220685894e2", "9.14080237178334e3"]
        );
    }

    #[test]
    fn the_strings_are_those_of_nist() {
        let sets = load().expect("the data are good");
        let longley = &sets[5];
        assert_eq!(longley.certified.coefficients[0], "-3482258.63459582");
        assert_eq!(longley.problem.b[0], 60323.0);
        assert_eq!(longley.problem.a.row(0).to_vec(), [1.0, 83.0, 234289.0, 2356.0, 1590.0, 107608.0, 1947.0]);
        assert_eq!(sets[4].problem.a[(0, 1)], -6.860120914);
        assert_eq!(
            sets[4].problem.a.column(10).to_vec(),
            sets[4].problem.a.column(1).iter().map(|x| { (1..10).fold(*x, |power, _| power * x) }).collect::<Vec<_>>()
        );
    }
}
