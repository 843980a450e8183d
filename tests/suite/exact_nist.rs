//! Exact least squares on the decimals of NIST's eleven data sets: every digit that is certified, and the 41 digits of
//! an independent computation.
//! Second floor of the tests. Reads the files by itself, without the command's reader; no tolerance stands here but half
//! a unit in the last digit that is printed.

use lapwing::lstsq::exact::{self, Options, Rational};
use ndarray::{Array1, Array2};
use serde_json::Value;

const SETS: [(&str, &str); 11] = [
    ("Norris", include_str!("../../data/nist/Norris.csv")),
    ("Pontius", include_str!("../../data/nist/Pontius.csv")),
    ("NoInt1", include_str!("../../data/nist/NoInt1.csv")),
    ("NoInt2", include_str!("../../data/nist/NoInt2.csv")),
    ("Filip", include_str!("../../data/nist/Filip.csv")),
    ("Longley", include_str!("../../data/nist/Longley.csv")),
    ("Wampler1", include_str!("../../data/nist/Wampler1.csv")),
    ("Wampler2", include_str!("../../data/nist/Wampler2.csv")),
    ("Wampler3", include_str!("../../data/nist/Wampler3.csv")),
    ("Wampler4", include_str!("../../data/nist/Wampler4.csv")),
    ("Wampler5", include_str!("../../data/nist/Wampler5.csv")),
];

/// One set: its exact solution, what is certified, and the 41 digits.
struct Set {
    name: &'static str,
    solution: exact::Solution<ndarray::Ix1>,
    certified: Value,
    digits: Value,
}

/// The design matrix and the response of each set, as fractions.
pub(super) fn problems() -> Vec<(&'static str, Array2<Rational>, Array1<Rational>)> {
    let problem = |(name, csv): (&'static str, &str)| {
        let (a, b) = design(csv, &named(include_str!("../../data/nist/certified.json"), name)["model"]);
        (name, a, b)
    };
    SETS.map(problem).into_iter().collect()
}

fn named(text: &str, name: &str) -> Value {
    let all: Value = serde_json::from_str(text).expect("the file is JSON");
    all["datasets"].as_array().and_then(|sets| sets.iter().find(|s| s["name"] == name)).expect("it is there").clone()
}

fn sets() -> Vec<Set> {
    let set = |(name, csv): (&'static str, &str)| {
        let certified = named(include_str!("../../data/nist/certified.json"), name);
        let digits = named(include_str!("../../data/nist/exact.json"), name);
        let (a, b) = design(csv, &certified["model"]);
        let solution = exact::lstsq(&a, &b, Options::default()).expect("full rank");
        Set { name, solution, certified, digits }
    };
    SETS.map(set).into_iter().collect()
}

/// The response is the first column; powers of the decimals are products of fractions.
fn design(csv: &str, model: &Value) -> (Array2<Rational>, Array1<Rational>) {
    let number = |text: &str| text.trim().parse::<Rational>().expect("a decimal");
    let lines = csv.lines().skip(1).filter(|line| !line.trim().is_empty());
    let rows: Vec<Vec<Rational>> = lines.map(|line| line.split(',').map(number).collect()).collect();
    let ones = usize::from(model["intercept"] == true);
    let power = |x: &Rational, k: usize| (0..k).fold(Rational::one(), |power, _| &power * x);
    let row = |row: &Vec<Rational>| -> Vec<Rational> {
        match model["degree"].as_u64() {
            Some(degree) => (1 - ones..=degree as usize).map(|k| power(&row[1], k)).collect(),
            None => std::iter::repeat_n(Rational::one(), ones).chain(row[1..].iter().cloned()).collect(),
        }
    };
    let entries: Vec<Vec<Rational>> = rows.iter().map(row).collect();
    let a = Array2::from_shape_fn((rows.len(), entries[0].len()), |(i, j)| entries[i][j].clone());
    (a, rows.iter().map(|row| row[0].clone()).collect())
}

fn strings(values: &Value) -> Vec<&str> {
    values.as_array().expect("an array").iter().map(|v| v.as_str().expect("a string")).collect()
}

/// Whether the printed decimal is the number, rounded to the last digit that is printed.
fn is_rounded(printed: &str, exact: &Rational) -> bool {
    let value: Rational = printed.parse().expect("a decimal");
    let mantissa = printed.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').len();
    let rounded: Rational = exact.to_decimal(significant).parse().expect("a decimal");
    value == rounded
}

/// The printed decimal with its last digit raised by one, 9 becoming 0.
fn altered(printed: &str) -> String {
    let (mantissa, exponent) = printed.split_at(printed.find(['e', 'E']).unwrap_or(printed.len()));
    let last = mantissa.rfind(|c: char| c.is_ascii_digit()).expect("a digit");
    let digit = (mantissa.as_bytes()[last] - b'0' + 1) % 10;
    format!("{}{digit}{}{exponent}", &mantissa[..last], &mantissa[last + 1..])
}

#[test]
fn every_certified_digit() {
    for set in sets() {
        let certified = strings(&set.certified["coefficients"]);
        assert_eq!(certified.len(), set.solution.x.len(), "{}", set.name);
        for (certified, exact) in certified.into_iter().zip(&set.solution.x) {
            assert!(is_rounded(certified, exact), "{}: {certified} for {}", set.name, exact.to_decimal(25));
            assert!(!is_rounded(&altered(certified), exact), "{}: {certified}", set.name);
        }
    }
}

#[test]
fn all_41_digits() {
    for set in sets() {
        for (digits, exact) in strings(&set.digits["coefficients"]).into_iter().zip(&set.solution.x) {
            assert!(is_rounded(digits, exact), "{}: {digits} for {}", set.name, exact.to_decimal(50));
            assert!(!is_rounded(&altered(digits), exact), "{}: {digits}", set.name);
        }
        let squares = set.digits["residual_sum_of_squares"].as_str().expect("a string");
        assert!(is_rounded(squares, &set.solution.residual_squared), "{}: {squares}", set.name);
    }
}

/// s² = ‖r‖²/(m − n), s certified to 15 digits.
#[test]
fn certified_residuals() {
    for ((_, csv), set) in SETS.iter().zip(sets()) {
        let rows = csv.lines().skip(1).filter(|line| !line.trim().is_empty()).count();
        let freedom = Rational::from((rows - set.solution.x.len()) as i64);
        let variance = set.solution.residual_squared.checked_div(&freedom).expect("more rows than columns");
        let certified = set.certified["residual_standard_deviation"].as_str().expect("a string");
        let digits = certified.chars().filter(char::is_ascii_digit).skip_while(|c| *c == '0').count().clamp(1, 15);
        let value: Rational = certified.parse().expect("a decimal");
        assert_eq!(variance.sqrt_to_decimal(digits).parse(), Ok(value), "{}: {certified}", set.name);
        let wrong: Rational = altered(certified).parse().expect("a decimal");
        assert_ne!(variance.sqrt_to_decimal(digits).parse(), Ok(wrong), "{}: {certified}", set.name);
    }
}
