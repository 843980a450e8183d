//! The command: linear combinations of columns as a reader sees them, `v = (intercept) + 2·u`.
//! Top floor. Only words; it must not decide what is shown.

use super::report::{DependentColumn, NearDependence, NearTerm};
use super::text;

/// The terms of a sum that are shown.
const MOST: usize = 6;

/// A column that is exactly a combination of others.
pub fn exact(dependent: &DependentColumn) -> String {
    let terms = dependent.combination.iter().map(|term| (term.column.as_str(), brief(&term.coefficient)));
    sum(&dependent.column, "=", &terms.collect::<Vec<_>>())
}

/// A column that is nearly one and how near.
pub fn near(dependent: &NearDependence) -> String {
    let nearness = if dependent.size > 0.0 { format!(" (to {:.0e})", dependent.size) } else { String::new() };
    nearly(dependent) + &nearness
}

/// The same without how near, with coefficients to as many digits as that lets them have.
pub fn nearly(dependent: &NearDependence) -> String {
    let digits = if dependent.size > 0.0 { -dependent.size.log10() } else { f64::INFINITY }.clamp(2.0, 6.0) as usize;
    let term = |term: &'_ NearTerm| text::plain(text::rounded(term.coefficient, digits));
    let terms = dependent.combination.iter().map(|t| (t.column.as_str(), term(t)));
    sum(&dependent.column, "≈", &terms.collect::<Vec<_>>())
}

/// `v = −u + 2.5·w`, of coefficients as decimals.
fn sum(column: &str, relation: &str, terms: &[(&str, String)]) -> String {
    let mut sum = format!("{} {relation}", text::shown(column));
    for (i, (name, coefficient)) in terms.iter().enumerate().take(MOST) {
        let (negative, size) = match coefficient.strip_prefix('-') {
            Some(size) => (true, size),
            None => (false, coefficient.as_str()),
        };
        sum += match (i, negative) {
            (0, false) => " ",
            (0, true) => " −",
            (_, false) => " + ",
            (_, true) => " − ",
        };
        if size != "1" {
            sum += &format!("{size}·");
        }
        sum += &text::shown(name);
    }
    match terms.len() {
        0 => sum + " 0",
        n if n > MOST => sum + &format!(" + … ({n} terms)"),
        _ => sum,
    }
}

/// A decimal for a sentence: as it is where it is short.
fn brief(decimal: &str) -> String {
    const SHORT: usize = 10;
    let size = decimal.strip_prefix('-').unwrap_or(decimal);
    if size.len() <= SHORT {
        return decimal.to_string();
    }
    decimal.parse().map_or_else(|_| decimal.to_string(), text::coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report::Term;

    #[test]
    fn combinations_read_as_formulas() {
        let of = |terms: &[(&str, &str)]| {
            let term = |(column, c): &(&str, &str)| Term { column: column.to_string(), coefficient: c.to_string() };
            exact(&DependentColumn { column: "v".into(), combination: terms.iter().map(term).collect() })
        };
        assert_eq!(of(&[]), "v = 0");
        assert_eq!(of(&[("u", "1")]), "v = u");
        assert_eq!(of(&[("u", "-1"), ("w", "2.5"), ("z", "-1")]), "v = −u + 2.5·w − z");
        assert_eq!(of(&[("u", "0.333333333333333333333333333333")]), "v = 0.3333333333·u");
        assert_eq!(of(&[("u", "-0.333333333333333333333333333333")]), "v = −0.3333333333·u");
        assert_eq!(of(&[("u", "2"); 7]), "v = 2·u + 2·u + 2·u + 2·u + 2·u + 2·u + … (7 terms)");
    }

    #[test]
    fn near_combinations_show_the_digits_they_have() {
        let of = |coefficient: f64, size| {
            let combination = vec![NearTerm { column: "u".into(), coefficient }];
            near(&NearDependence { column: "v".into(), combination, size })
        };
        assert_eq!(of(1.0000000012, 1e-9), "v ≈ u (to 1e-9)");
        assert_eq!(of(-2.5400001, 1.2e-5), "v ≈ −2.54·u (to 1e-5)");
        assert_eq!(of(0.9123, 0.1), "v ≈ 0.91·u (to 1e-1)");
        assert_eq!(of(1234567.8, 0.0), "v ≈ 1234570·u");
    }
}
