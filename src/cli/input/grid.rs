//! The command: matrices in CSV and TSV files without a header line.
//! Top floor. A row of the file is a row of the matrix. It must not take a header line for a fault in the first row, nor
//! for numbers.

use ndarray::Array2;

use super::csv::{Records, Row, delimiter};
use super::{Matrix, number, quotes, reserve};
use crate::cli::fault::{Fault, count, quoted};

/// Reads a matrix. The delimiter is a tab if `tabs` says so, otherwise whichever of comma, semicolon and tab is most frequent in
/// the first line.
pub fn read(file: &str, text: &str, tabs: bool) -> Result<Matrix, Fault> {
    let delimiter = if tabs { b'\t' } else { delimiter(text) };
    quotes::check(file, text, delimiter)?;
    let mut records = Records::new(file, text, delimiter);
    let first =
        records.next()?.ok_or_else(|| Fault::in_file(file, "expected rows of numbers, found only blank lines"))?;
    no_header(file, &first)?;
    let columns = first.fields.len();
    let mut values = reserve("the first row", columns)?;
    let mut rows = 0;
    let mut next = Some(first);
    while let Some(row) = next {
        if row.fields.len() != columns {
            let (expected, found) = (count(columns, "field"), row.fields.len());
            let message = format!("expected {expected} as in the first row, found {found}");
            return Err(Fault::on_line(file, row.line, message));
        }
        if values.try_reserve(columns).is_err() {
            return Err(Fault::no_memory("the matrix", values.len().saturating_add(columns)));
        }
        for (i, field) in row.fields.iter().enumerate() {
            values.push(number(field).map_err(|message| Fault::at(file, row.line, i + 1, message))?);
        }
        rows += 1;
        next = records.next()?;
    }
    let values = Array2::from_shape_vec((rows, columns), values)
        .map_err(|e| Fault::in_file(file, format!("cannot be laid out: {e}")))?;
    Ok(Matrix { file: file.to_string(), values })
}

/// A first line of names alone, which no matrix has.
fn no_header(file: &str, first: &Row) -> Result<(), Fault> {
    let is_name = |field: &str| !field.is_empty() && field.parse::<f64>().is_err();
    if !first.fields.iter().all(is_name) {
        return Ok(());
    }
    let found = quoted(first.fields.get(0).unwrap_or_default());
    let message = format!("expected a matrix, numbers without a header line, found a line that begins with {found}");
    Err(Fault::on_line(file, first.line, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_rows() {
        let read = |text: &str| read("f", text, false).map(|matrix| matrix.values);
        assert_eq!(read("1,2\n\n-3.5, 4e1\r\n"), Ok(ndarray::array![[1.0, 2.0], [-3.5, 40.0]]));
        assert_eq!(read("1;2\n"), Ok(ndarray::array![[1.0, 2.0]]));
        assert_eq!(read("7"), Ok(ndarray::array![[7.0]]));
    }

    #[test]
    fn faults_name_their_place() {
        for (text, expected) in [
            (
                "a,b\n1,2\n",
                "f:1: expected a matrix, numbers without a header line, found a line that begins with \"a\"",
            ),
            ("1,b\n3,4\n", "f:1:2: expected a number, found \"b\""),
            ("1,2\n3\n", "f:2: expected 2 fields as in the first row, found 1"),
            ("1,2\n3,\n", "f:2:2: expected a number, found nothing (a missing value)"),
            ("1,2\n3,NaN\n", "f:2:2: expected a finite number, found \"NaN\""),
            ("\n\n", "f: expected rows of numbers, found only blank lines"),
        ] {
            let fault = read("f", text, false).expect_err(text);
            assert_eq!((fault.line(), fault.status()), (format!("lapwing: {expected}"), 2));
        }
    }
}
