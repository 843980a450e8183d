//! The command: reading data files. Finds out what kind of file it is and hands it to the reader of that kind.
//! Top floor. Every fault names the file and, where there is one, the line and the column. It must not compute
//! anything from the numbers, nor reserve memory that a file only declares and does not fill.

pub mod csv;
mod grid;
pub mod mtx;
pub mod npy;
mod quotes;
mod words;

use std::io::Read;
use std::path::Path;

use ndarray::Array2;

use super::fault::{Fault, count, quoted};

/// What a data file holds.
#[derive(Debug)]
pub enum Input {
    /// Named columns, not yet read as numbers.
    Table(csv::Table),
    /// A matrix or a vector of finite numbers.
    Matrix(Matrix),
}

/// A matrix as it was read; a vector is a matrix of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The name of the file, for messages.
    pub file: String,
    /// The numbers, all finite.
    pub values: Array2<f64>,
}

/// Reads a data file of any kind, a text that is no MatrixMarket file as a table with a header line.
pub fn read(path: &Path) -> Result<Input, Fault> {
    read_as(path, |file, text, tabs| csv::Table::read(file, text, tabs).map(Input::Table), Input::Matrix)
}

/// Reads a matrix from a file of any kind, a text that is no MatrixMarket file as numbers without a header line.
pub fn read_matrix(path: &Path) -> Result<Matrix, Fault> {
    read_as(path, grid::read, |matrix| matrix)
}

/// Finds out the kind of a file; `table` reads CSV and TSV.
fn read_as<X>(
    path: &Path, table: impl FnOnce(&str, &str, bool) -> Result<X, Fault>, of_matrix: impl FnOnce(Matrix) -> X,
) -> Result<X, Fault> {
    let file = if is_stdin(path) { "stdin".to_string() } else { path.display().to_string() };
    let bytes = bytes(path, &file)?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    // A file's own signature outweighs its name.
    if npy::has_signature(&bytes) || extension == "npy" {
        return npy::read(&file, &bytes).map(of_matrix);
    }
    let text = text(&file, &bytes)?;
    if mtx::has_signature(text) || extension == "mtx" {
        return mtx::read(&file, text).map(of_matrix);
    }
    table(&file, text, matches!(extension.as_str(), "tsv" | "tab"))
}

/// Reads the right-hand side of a system: a vector from a `.mtx` or `.npy` file, or a CSV file of one column.
pub fn read_vector(path: &Path) -> Result<Matrix, Fault> {
    let matrix = match read(path)? {
        Input::Matrix(matrix) => matrix,
        Input::Table(table) => {
            if table.names.len() != 1 {
                let found = count(table.names.len(), "column");
                return Err(Fault::in_file(
                    &table.file,
                    format!("expected a right-hand side of one column, found {found}"),
                ));
            }
            let values = table.column(0)?;
            Matrix { file: table.file, values: Array2::from_shape_fn((values.len(), 1), |(i, _)| values[i]) }
        }
    };
    match matrix.values.dim() {
        (_, 1) => Ok(matrix),
        (rows, cols) => {
            Err(Fault::in_file(&matrix.file, format!("expected a right-hand side of one column, found {rows}×{cols}")))
        }
    }
}

/// Whether the name stands for stdin, as it does by custom.
fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// The content of a file.
fn bytes(path: &Path, file: &str) -> Result<Vec<u8>, Fault> {
    let unreadable = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::OutOfMemory => Fault::Machine(format!("out of memory while reading {file}")),
        std::io::ErrorKind::NotFound => Fault::in_file(file, "expected a data file, found no file of this name"),
        _ => Fault::in_file(file, format!("cannot be read: {e}")),
    };
    let mut bytes = Vec::new();
    if is_stdin(path) {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            return Err(Fault::in_file(file, "expected a data file, found a directory"));
        }
        bytes = std::fs::read(path).map_err(unreadable)?;
    }
    if bytes.is_empty() {
        return Err(Fault::in_file(file, "expected data, found an empty file"));
    }
    Ok(bytes)
}

/// The content of a text file without its byte order mark.
fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(e) => {
            let (before, rest) = bytes.split_at(e.valid_up_to());
            let line = 1 + line_breaks(before);
            let found = rest.first().copied().unwrap_or_default();
            Err(Fault::on_line(file, line, format!("expected UTF-8 text, found the byte 0x{found:02x}")))
        }
    }
}

/// The number of line ends: `\n`, `\r\n`, or a `\r` of its own.
pub fn line_breaks(bytes: &[u8]) -> usize {
    let ends_line = |i: usize| match bytes[i] {
        b'\n' => true,
        b'\r' => bytes.get(i + 1) != Some(&b'\n'),
        _ => false,
    };
    (0..bytes.len()).filter(|&i| ends_line(i)).count()
}

/// The largest magnitude that data may have. Lengths of columns, AᵀA of columns scaled to length 1 and Aᵀb then stay
/// below the largest double, 1.8e308, for as many rows as fit into memory.
pub const LARGEST: f64 = 1e300;

/// Whether a number can be computed with.
pub fn in_range(value: f64) -> bool {
    value.abs() <= LARGEST
}

/// What the range of the data is, for messages. Below it a double holds fewer than 15 digits, in the end none.
pub const RANGE: &str = "of magnitude from 2.3e-308 to 1e300";

/// Reads a decimal number in the range, or says what was expected and what was found.
pub fn number(text: &str) -> Result<f64, String> {
    if text.is_empty() {
        return Err("expected a number, found nothing (a missing value)".to_string());
    }
    let value: f64 = text.parse().map_err(|_| format!("expected a number, found {}", quoted(text)))?;
    // `1e999` is a number in the file but none in double precision; `inf` and `NaN` are none in the file.
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return Err(format!("expected a finite number, found {}", quoted(text)));
    }
    let significand = text.split(['e', 'E']).next().unwrap_or_default();
    let vanishes = value.abs() < f64::MIN_POSITIVE && significand.contains(|c: char| ('1'..='9').contains(&c));
    if vanishes || !in_range(value) {
        return Err(format!("expected 0 or a number {RANGE}, found {}", quoted(text)));
    }
    Ok(value)
}

/// A vector with room for `entries` numbers, or a fault instead of an abort.
pub fn reserve(what: &str, entries: usize) -> Result<Vec<f64>, Fault> {
    let mut values = Vec::new();
    values.try_reserve_exact(entries).map_err(|_| Fault::no_memory(what, entries))?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite_decimals() {
        for (text, value) in
            [("1", 1.0), ("-.5", -0.5), ("5.", 5.0), ("+1E+03", 1000.0), ("-0.0e-400", -0.0), ("2.3e-308", 2.3e-308)]
        {
            assert_eq!(number(text), Ok(value), "{text}");
        }
        for (text, found) in [
            ("", "expected a number, found nothing (a missing value)"),
            ("abc", "expected a number, found \"abc\""),
            ("1,5", "expected a number, found \"1,5\""),
            ("1_000", "expected a number, found \"1_000\""),
            ("0x10", "expected a number, found \"0x10\""),
            ("NaN", "expected a finite number, found \"NaN\""),
            ("-Infinity", "expected a finite number, found \"-Infinity\""),
            ("1e999", "expected 0 or a number of magnitude from 2.3e-308 to 1e300, found \"1e999\""),
            ("-1.7e308", "expected 0 or a number of magnitude from 2.3e-308 to 1e300, found \"-1.7e308\""),
            ("1e-400", "expected 0 or a number of magnitude from 2.3e-308 to 1e300, found \"1e-400\""),
            ("-0.01e-308", "expected 0 or a number of magnitude from 2.3e-308 to 1e300, found \"-0.01e-308\""),
        ] {
            assert_eq!(number(text), Err(found.to_string()), "{text}");
        }
    }

    #[test]
    fn lines_end_in_three_ways() {
        assert_eq!(line_breaks(b"a\nb\r\nc\rd"), 3);
        assert_eq!(line_breaks(b"\r"), 1);
        assert_eq!(line_breaks(b""), 0);
    }

    /// Good files, to be damaged.
    const SEEDS: [&[u8]; 4] = [
        b"x,y\n1,2\n\"3\",4e5\r\n-.5,6\n",
        b"%%MatrixMarket matrix coordinate real symmetric\n%\n3 3 2\n1 1 2.5\n3 2 -1\n",
        b"%%MatrixMarket matrix array integer general\n2 2\n1\n2\n3\n4\n",
        b"\x93NUMPY\x01\x00\x38\x00{'descr': '|i1', 'fortran_order': False, 'shape': (2,)}\n\x01\x02",
    ];

    /// Every reader on the same bytes. A panic is the fault that is looked for; what is refused must be one
    /// line.
    fn read_all(bytes: &[u8]) {
        let mut results = vec![npy::read("f", bytes).map(drop)];
        if let Ok(text) = text("f", bytes) {
            results.push(mtx::read("f", text).map(drop));
            let columns = |table: csv::Table| (0..table.names.len()).try_for_each(|c| table.column(c).map(drop));
            results.push(csv::Table::read("f", text, false).and_then(columns));
            results.push(grid::read("f", text, false).map(drop));
        }
        for fault in results.into_iter().filter_map(Result::err) {
            assert!(fault.line().starts_with("lapwing: f:") && fault.line().lines().count() == 1);
            assert_eq!(fault.status(), 2);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_a_reader_panic(bytes: Vec<u8>) {
            read_all(&bytes);
        }

        #[test]
        fn no_damage_makes_a_reader_panic(seed in 0..SEEDS.len(), at: usize, len in 0usize..4, new: Vec<u8>) {
            let mut bytes = SEEDS[seed].to_vec();
            let start = at % bytes.len();
            let end = (start + len).min(bytes.len());
            bytes.splice(start..end, new.into_iter().take(4));
            read_all(&bytes);
        }
    }

    #[test]
    fn the_seeds_are_good() {
        let table = csv::Table::read("f", std::str::from_utf8(SEEDS[0]).expect("ASCII"), false).expect("a good file");
        assert_eq!(table.column(0), Ok(vec![1.0, 3.0, -0.5]));
        for seed in &SEEDS[1..3] {
            mtx::read("f", std::str::from_utf8(seed).expect("ASCII")).expect("a good file");
        }
        assert_eq!(npy::read("f", SEEDS[3]).expect("a good file").values, ndarray::array![[1.0], [2.0]]);
    }

    #[test]
    fn text_is_utf8_and_loses_its_mark() {
        assert_eq!(text("f", "\u{feff}y,x".as_bytes()), Ok("y,x"));
        let fault = text("f", b"y,x\n1,\xff\n").expect_err("0xff is never UTF-8");
        assert_eq!(fault.line(), "lapwing: f:2: expected UTF-8 text, found the byte 0xff");
    }
}
