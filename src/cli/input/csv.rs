//! The command: CSV and TSV files with a header line.
//! Top floor. A column is read as numbers only when it is used, so that one of labels does no harm where it is left out.
//! It must not guess: a missing value, a ragged row or a doubled name is a fault with its place.

use ::csv::{ByteRecord, ReaderBuilder, StringRecord, Trim};
use lapwing::lstsq::exact::Rational;

use super::{line_breaks, number, quotes, reserve};
use crate::cli::fault::{Fault, count, listed, quoted};

/// The columns of a file, as text with their places.
#[derive(Debug)]
pub struct Table {
    /// The name of the file, for messages.
    pub file: String,
    /// The names of the columns: distinct, none empty.
    pub names: Vec<String>,
    header_line: usize,
    rows: Vec<Row>,
}

/// A record with the line that it starts on.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) fields: StringRecord,
}

impl Table {
    /// Reads the header and checks that every row has as many fields. The delimiter is a tab if `tabs` says
    /// so, otherwise whichever of comma, semicolon and tab is most frequent in the header.
    pub fn read(file: &str, text: &str, tabs: bool) -> Result<Self, Fault> {
        let delimiter = if tabs { b'\t' } else { delimiter(text) };
        quotes::check(file, text, delimiter)?;
        let mut records = Records::new(file, text, delimiter);
        let header =
            records.next()?.ok_or_else(|| Fault::in_file(file, "expected a header line, found only blank lines"))?;
        let names = names(file, &header)?;
        let mut rows = Vec::new();
        while let Some(row) = records.next()? {
            if names.len() == 1 && records.blank_lines > 0 {
                let line = row.line - 1;
                return Err(Fault::at(file, line, 1, "expected a number, found nothing (a missing value)"));
            }
            if row.fields.len() != names.len() {
                let (expected, found) = (count(names.len(), "field"), row.fields.len());
                return Err(Fault::on_line(
                    file,
                    row.line,
                    format!("expected {expected} as in the header, found {found}"),
                ));
            }
            rows.push(row);
        }
        if rows.is_empty() {
            return Err(Fault::on_line(file, header.line, "expected rows of numbers below the header, found none"));
        }
        Ok(Table { file: file.to_string(), names, header_line: header.line, rows })
    }

    /// The number of rows below the header; at least 1.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The index of the column of this name.
    pub fn index_of(&self, name: &str) -> Result<usize, Fault> {
        self.names.iter().position(|n| n == name).ok_or_else(|| {
            let mut nearest: Vec<&String> = self.names.iter().collect();
            if nearest.len() > MOST_AS_THEY_STAND {
                nearest.sort_by_cached_key(|candidate| distance(candidate, name));
            }
            let names = listed(nearest.into_iter());
            let message = format!("expected a column named {}, found only {names}", quoted(name));
            Fault::on_line(&self.file, self.header_line, message)
        })
    }

    /// A column as finite numbers.
    pub fn column(&self, column: usize) -> Result<Vec<f64>, Fault> {
        let mut values = reserve("a column of the file", self.rows.len())?;
        for (i, row) in self.rows.iter().enumerate() {
            let field = row.fields.get(column).unwrap_or_default();
            values.push(number(field).map_err(|message| self.fault(i, column, message))?);
        }
        Ok(values)
    }

    /// A column as it is printed.
    pub fn decimals(&self, column: usize) -> Result<Vec<Rational>, Fault> {
        let mut values = Vec::new();
        let rows = self.rows.len();
        values.try_reserve_exact(rows).map_err(|_| Fault::no_memory("a column of the file", rows))?;
        for (i, row) in self.rows.iter().enumerate() {
            let field = row.fields.get(column).unwrap_or_default();
            let value = number(field).and_then(|_| {
                let message = |_| format!("expected an exponent of at most 9999, found {}", quoted(field));
                field.parse().map_err(message)
            });
            values.push(value.map_err(|message| self.fault(i, column, message))?);
        }
        Ok(values)
    }

    /// A fault at a field below the header.
    pub fn fault(&self, row: usize, column: usize, message: String) -> Fault {
        let line = self.rows.get(row).map_or(self.header_line, |r| r.line);
        Fault::at(&self.file, line, column + 1, format!("{message} in column {}", quoted(&self.names[column])))
    }

    /// A fault that concerns a whole column.
    pub fn column_fault(&self, column: usize, message: String) -> Fault {
        Fault::at(&self.file, self.header_line, column + 1, message)
    }
}

/// Up to so many names are listed in their order; of more, those that are most like the one that was asked for.
const MOST_AS_THEY_STAND: usize = 8;

/// The number of characters to insert, remove or replace to make one name of another, letter case aside: V. I.
/// Levenshtein, Soviet Physics Doklady 10 (1966). Only the beginnings of long names count.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 40;
    let letters = |name: &str| name.to_lowercase().chars().take(LONGEST).collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The delimiter that is most frequent in the first line that is not blank, outside of quotes; a comma if
/// there is none.
pub(super) fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let unquoted: String = header.split('"').step_by(2).collect();
    let frequency = |delimiter: char| unquoted.matches(delimiter).count();
    let mut best = (0, ',');
    for candidate in [',', ';', '\t'] {
        if frequency(candidate) > best.0 {
            best = (frequency(candidate), candidate);
        }
    }
    // All three are ASCII.
    best.1 as u8
}

/// Checks the header: names that are there, differ, and are not numbers.
fn names(file: &str, header: &Row) -> Result<Vec<String>, Fault> {
    if header.fields.iter().all(|name| name.parse::<f64>().is_ok()) {
        let found = quoted(header.fields.get(0).unwrap_or_default());
        let message = format!("expected a header line with the names of the columns, found the number {found}");
        return Err(Fault::at(file, header.line, 1, message));
    }
    let mut names: Vec<String> = Vec::new();
    for (i, name) in header.fields.iter().enumerate() {
        if name.is_empty() {
            return Err(Fault::at(file, header.line, i + 1, "expected the name of a column, found nothing"));
        }
        if let Some(first) = names.iter().position(|n| n == name) {
            let message =
                format!("expected distinct names, found {} again (first in column {})", quoted(name), first + 1);
            return Err(Fault::at(file, header.line, i + 1, message));
        }
        names.push(name.to_string());
    }
    Ok(names)
}

/// The names in a list that is written as a record of such a file: commas between them, quotes where a name holds one,
/// blanks around them of no account.
pub fn list(text: &str) -> Result<Vec<String>, Fault> {
    quotes::check("list of names", text, b',')?;
    let record = Records::new("list of names", text, b',').next()?;
    Ok(record.iter().flat_map(|row| row.fields.iter()).map(str::to_string).collect())
}

/// The records of a file with the lines on which they start. The csv reader skips blank lines and counts them
/// to the record that follows, so the line is counted here, from the record's first byte.
pub(super) struct Records<'a> {
    file: &'a str,
    text: &'a str,
    reader: ::csv::Reader<&'a [u8]>,
    counted_to: usize,
    lines: usize,
    /// Blank lines before the record that was read last.
    blank_lines: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(file: &'a str, text: &'a str, delimiter: u8) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        Records { file, text, reader, counted_to: 0, lines: 0, blank_lines: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>, Fault> {
        let mut record = ByteRecord::new();
        let end_of_last = self.reader.position().byte() as usize;
        let more = self.reader.read_byte_record(&mut record);
        if !more.map_err(|e| Fault::in_file(self.file, format!("cannot be read as CSV: {e}")))? {
            return Ok(None);
        }
        let line = self.count_lines(end_of_last);
        let fields = StringRecord::from_byte_record(record)
            .map_err(|_| Fault::on_line(self.file, line, "expected UTF-8 text"))?;
        Ok(Some(Row { line, fields }))
    }

    /// The line on which the record starts that follows the one that ended at this byte.
    fn count_lines(&mut self, end_of_last: usize) -> usize {
        let bytes = self.text.as_bytes();
        // The reader ends a record at `\r` and leaves the `\n` of `\r\n` for later.
        let between = end_of_last > 0 && bytes[end_of_last - 1] == b'\r' && bytes.get(end_of_last) == Some(&b'\n');
        let from = end_of_last + usize::from(between);
        let start = from + bytes[from..].iter().take_while(|&&b| b == b'\n' || b == b'\r').count();
        self.lines += line_breaks(&bytes[self.counted_to..start]);
        self.counted_to = start;
        self.blank_lines = line_breaks(&bytes[from..start]);
        self.lines + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table::read("f", text, false).unwrap_or_else(|fault| panic!("{}", fault.line()))
    }

    fn fault(text: &str) -> String {
        let fault =
            Table::read("f", text, false).and_then(|t| (0..t.names.len()).try_for_each(|c| t.column(c).map(drop)));
        fault.expect_err("the text is faulty").line()
    }

    #[test]
    fn delimiters_are_found_in_the_header() {
        for (text, names) in [
            ("y,x\n1,2\n", vec!["y", "x"]),
            ("y;x\n1;2\n", vec!["y", "x"]),
            ("y\tx 1\n1\t2\n", vec!["y", "x 1"]),
            ("\"y;z;w\",x\n1,2\n", vec!["y;z;w", "x"]),
            ("\r\n y , x \r\n1,2", vec!["y", "x"]),
            ("y\n1\n", vec!["y"]),
        ] {
            assert_eq!(table(text).names, names, "{text:?}");
        }
    }

    #[test]
    fn numbers_keep_their_places() {
        let t = table("y,x\r\n1, 2.5 \r\n\r\n\"3\",-4e1\r\n\r\n");
        assert_eq!(t.column(0), Ok(vec![1.0, 3.0]));
        assert_eq!(t.column(1), Ok(vec![2.5, -40.0]));
        assert_eq!(t.rows.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn decimals_are_not_rounded() {
        let t = table("y,x\n0.1,-4e1\n+.30,12345678901234567890\n");
        let printed = |column| t.decimals(column).expect("good numbers").iter().map(Rational::to_string).collect();
        let (y, x): (Vec<String>, Vec<String>) = (printed(0), printed(1));
        assert_eq!(
            (y, x),
            (["1/10", "3/10"].map(String::from).into(), ["-40", "12345678901234567890"].map(String::from).into())
        );
        let far = table("y\n1\n0e10000\n").decimals(0).expect_err("the exponent is too large");
        let expected = "lapwing: f:3:1: expected an exponent of at most 9999, found \"0e10000\" in column \"y\"";
        assert_eq!(far.line(), expected);
    }

    #[test]
    fn faults_name_line_and_column() {
        for (text, expected) in [
            ("y,x\n1,2\n3,abc\n", "f:3:2: expected a number, found \"abc\" in column \"x\""),
            ("y,x\r\n1,2\r\n\r\n,4\r\n", "f:4:1: expected a number, found nothing (a missing value) in column \"y\""),
            ("y,x\r1,2\r3,NaN\r", "f:3:2: expected a finite number, found \"NaN\" in column \"x\""),
            ("\n\ny,x\n1,2\n3\n", "f:5: expected 2 fields as in the header, found 1"),
            ("y,\"a\nb\"\n1,2\n3,4,5\n", "f:4: expected 2 fields as in the header, found 3"),
            ("y,x,y\n1,2,3\n", "f:1:3: expected distinct names, found \"y\" again (first in column 1)"),
            ("y,,x\n1,2,3\n", "f:1:2: expected the name of a column, found nothing"),
            ("y,x\n", "f:1: expected rows of numbers below the header, found none"),
            ("\n \n", "f:2:1: expected the name of a column, found nothing"),
            ("\n\n", "f: expected a header line, found only blank lines"),
            ("1,2\n3,4\n", "f:1:1: expected a header line with the names of the columns, found the number \"1\""),
            ("y\n1\n\n3\n", "f:3:1: expected a number, found nothing (a missing value)"),
        ] {
            assert_eq!(fault(text), format!("lapwing: {expected}"), "{text:?}");
        }
    }

    #[test]
    fn of_many_names_the_nearest_are_listed() {
        assert_eq!([distance("kitten", "sitting"), distance("Price", "price"), distance("", "abc")], [3, 0, 3]);
        let names: Vec<String> = (0..3000).map(|i| format!("column {i}")).collect();
        let values = vec!["1"; 3000].join(",");
        let t = table(&format!("{}\n{values}\n", names.join(",")));
        let line = t.index_of("column_2718").expect_err("there is no such column").line();
        assert!(line.contains("found only column 2718, ") && line.ends_with(" and 2992 more"), "{line}");
    }

    #[test]
    fn a_column_that_is_not_used_may_hold_anything() {
        let t = table("name,y\nTom,1\n,2\n");
        assert_eq!(t.index_of("y").and_then(|i| t.column(i)), Ok(vec![1.0, 2.0]));
        let fault = t.index_of("z").expect_err("there is no z");
        assert_eq!(fault.line(), "lapwing: f:1: expected a column named \"z\", found only name, y");
    }
}
