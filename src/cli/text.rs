//! The command: numbers and tables as a reader sees them.
//!
//! Top floor. Plain text that is the same on a terminal and in a file, without colour. It must not decide
//! what is shown.

use comfy_table::{Cell, CellAlignment, ContentLineStyle, LineStyle, Table, TableStyle};

use super::fault::{MOST_LISTED, listed};

/// The width that text is broken to.
pub const WIDTH: usize = 80;

/// What stands in a table for a value that does not exist.
pub const NONE: &str = "–";

/// What stands behind names of which some are left out.
pub const ALL: &str = "(--json has all)";

/// What stands in a table for a method that broke down.
pub const FAILS: &str = "fails";

/// A line under the header, no frame: reads well and survives being copied.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(' '))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none().junction(' '));

/// A table whose first `left` columns are aligned left and the others right.
pub fn table(header: &[String], rows: &[Vec<String>], left: usize) -> String {
    let cells = |row: &[String]| -> Vec<Cell> {
        let align = |(i, text): (usize, &String)| {
            let side = if i < left { CellAlignment::Left } else { CellAlignment::Right };
            Cell::new(text).set_alignment(side)
        };
        row.iter().enumerate().map(align).collect()
    };
    let mut table = Table::new();
    table.force_no_tty().load_style(STYLE).set_header(cells(header));
    for row in rows {
        table.add_row(cells(row));
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 1));
    });
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_string()).collect();
    lines.join("\n")
}

/// A number for a sentence: as it is usually written where that is short, with an exponent otherwise.
pub fn plain(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-4..1e9).contains(&size) { format!("{value}") } else { format!("{value:e}") }
}

/// Three significant digits and an exponent, so that a column of very different numbers reads alike.
pub fn exponent(value: f64) -> String {
    if value == 0.0 { "0".to_string() } else { format!("{value:.2e}") }
}

/// Three significant digits, with an exponent only where it is needed.
pub fn short(value: f64) -> String {
    match value.abs() {
        size if (1e-3..1e-2).contains(&size) => format!("{value:.5}"),
        size if (1e-2..1e-1).contains(&size) => format!("{value:.4}"),
        size if (1e-1..1.0).contains(&size) => format!("{value:.3}"),
        size if (1.0..10.0).contains(&size) => format!("{value:.2}"),
        size if (10.0..100.0).contains(&size) => format!("{value:.1}"),
        size if (100.0..1000.0).contains(&size) => format!("{value:.0}"),
        _ => exponent(value),
    }
}

/// A condition number; where it has no digit, the power of ten that it exceeds; a dash where there is none.
pub fn kappa(value: Option<f64>, above: Option<f64>) -> String {
    let least = || above.map(|above| format!("> 1e{}", above.log10().floor()));
    or_none(value.map(short).or_else(least))
}

/// An error, or what it is below; a dash where there is none.
pub fn error(value: Option<f64>, below: Option<f64>) -> String {
    or_none(value.map(exponent).or_else(|| below.map(|below| format!("≤ {}", exponent(below)))))
}

/// A number that is not negative; where it has no digit, the power of ten that it is below; a dash where there is none.
pub fn below(value: Option<f64>, below: Option<f64>) -> String {
    let most = || below.map(|below| format!("< 1e{}", below.log10().ceil()));
    or_none(value.map(short).or_else(most))
}

/// Ten significant digits, with an exponent only where it is needed.
pub fn coefficient(value: f64) -> String {
    // Of the number as it is shown: 0.99999999999 is 1 with ten digits.
    let size = rounded(value, 10).abs();
    if !(1e-4..1e9).contains(&size) {
        return if size == 0.0 { "0".to_string() } else { format!("{value:.9e}") };
    }
    let decimals = 9 - size.log10().floor() as i32;
    format!("{value:.*}", usize::try_from(decimals).unwrap_or(0))
}

/// A number rounded to so many significant digits.
pub fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// A name from a file as a terminal may show it: control characters, which would move its cursor, colour it or break a
/// row, are written as escapes.
pub fn shown(name: &str) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    name.chars().map(escaped).collect()
}

/// A text, or a dash where there is none.
pub fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| NONE.to_string())
}

/// Names in a row, and where all are if these are not.
pub fn names(names: &[String]) -> String {
    let list = listed(names.iter());
    if names.len() > MOST_LISTED { format!("{list} {ALL}") } else { list }
}

/// Breaks a sentence into lines of at most [`WIDTH`] characters, between words.
pub fn wrap(sentence: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines.join("\n")
}

/// Digits with one decimal place, cut and not rounded: what is shown is reached.
pub fn digits(value: f64) -> String {
    format!("{:.1}", (value * 10.0).floor() / 10.0)
}

/// A time with a unit that suits it.
pub fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(plain(5.0), "5");
        assert_eq!(plain(-0.25), "-0.25");
        assert_eq!(plain(1e200), "1e200");
        assert_eq!([short(4859257015.4), exponent(4859257015.4)], ["4.86e9", "4.86e9"]);
        assert_eq!([855.4, 18.37, 2.801, 0.0].map(short), ["855", "18.4", "2.80", "0"]);
        assert_eq!([0.1584, 0.01584, -0.001584].map(short), ["0.158", "0.0158", "-0.00158"]);
        assert_eq!([exponent(855.4), or_none(None)], ["8.55e2", "–"]);
        let kappas = [(Some(855.4), None), (None, Some(7.5e14)), (None, Some(1e14)), (None, None)];
        assert_eq!(kappas.map(|(value, above)| kappa(value, above)), ["855", "> 1e14", "> 1e14", "–"]);
        let angles = [(Some(0.0035), None), (None, Some(2.7e-15)), (None, Some(1e-15)), (None, None)];
        assert_eq!(angles.map(|(value, most)| below(value, most)), ["0.00350", "< 1e-14", "< 1e-15", "–"]);
        assert_eq!(
            [error(Some(2e-9), None), error(None, Some(2.2e-16)), error(None, None)],
            ["2.00e-9", "≤ 2.20e-16", "–"]
        );
        assert_eq!([0.7, -3482258.63459582, 1e-9].map(coefficient), ["0.7000000000", "-3482258.635", "1.000000000e-9"]);
        assert_eq!([1.0 - 1e-15, 10.0 - 1e-13].map(coefficient), ["1.000000000", "10.00000000"]);
        assert_eq!([rounded(1234.56, 3), rounded(-2.0000001, 6), rounded(0.0, 2)], [1230.0, -2.0, 0.0]);
        assert_eq!(digits(7.29), "7.2");
        assert_eq!(digits(15.0), "15.0");
        assert_eq!(time(3.24e-6), "3.2 µs");
        assert_eq!(time(0.0421), "42 ms");
        assert_eq!(time(2.5), "2.5 s");
    }

    #[test]
    fn sentences_are_broken_between_words() {
        let text = wrap(&"κ₂ ".repeat(50));
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths, [27 * 3 - 1, 23 * 3]);
        assert_eq!(wrap("one line"), "one line");
    }

    #[test]
    fn names_that_are_left_out_are_said_to_be_elsewhere() {
        let all: Vec<String> = (0..200).map(|i| format!("c{i}")).collect();
        assert_eq!(names(&all), "c0, c1, c2, c3, c4, c5, c6, c7 and 192 more (--json has all)");
        assert_eq!(names(&all[..8]), "c0, c1, c2, c3, c4, c5, c6, c7");
    }

    #[test]
    fn tables_are_aligned() {
        let row = |cells: [&str; 2]| cells.map(String::from).to_vec();
        let text = table(&row(["name", "κ₂"]), &[row(["a", "10"]), row(["bcdef", "1"])], 1);
        assert_eq!(text, "name   κ₂\n──────────\na      10\nbcdef   1");
    }
}
