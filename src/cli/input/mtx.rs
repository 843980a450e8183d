//! The command: MatrixMarket files, dense (`array`) and sparse (`coordinate`), real, integer or pattern.
//! Top floor. The result is always a dense matrix. It must not believe a size that the file declares further than the
//! file is long enough to hold it; memory is reserved after that check, never before.

use std::collections::HashMap;

use ndarray::{Array2, ShapeBuilder};

use super::words::{Lines, Words};
use super::{Matrix, reserve};
use crate::cli::fault::{Fault, count, quoted};

const BANNER: &str = "%%MatrixMarket";

/// The largest dense matrix that a sparse file may unfold to: 2²⁷ numbers are 1 GiB. A sparse file declares
/// its size in a few bytes, so that the length of the file is no bound.
const MOST_UNFOLDED: usize = 1 << 27;

/// Whether the text begins as a MatrixMarket file does.
pub fn has_signature(text: &str) -> bool {
    text.get(..BANNER.len()).is_some_and(|head| head.eq_ignore_ascii_case(BANNER))
}

/// Reads a matrix.
pub fn read(file: &str, text: &str) -> Result<Matrix, Fault> {
    let mut lines = Lines::new(file, text);
    let kind = Kind::read(file, text.lines().next().unwrap_or_default())?;
    let values = match kind.layout {
        Layout::Array => array(&kind, &mut lines, text.len())?,
        Layout::Coordinate => coordinate(&kind, &mut lines, text.len())?,
    };
    Ok(Matrix { file: file.to_string(), values })
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Layout {
    Array,
    Coordinate,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Field {
    Number,
    Pattern,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Symmetry {
    General,
    Symmetric,
    Skew,
}

/// What the banner says.
struct Kind {
    layout: Layout,
    field: Field,
    symmetry: Symmetry,
}

impl Kind {
    fn read(file: &str, banner: &str) -> Result<Self, Fault> {
        let words: Vec<String> = banner.split_whitespace().map(str::to_ascii_lowercase).collect();
        let word = |i: usize| words.get(i).map(String::as_str).unwrap_or_default();
        let unexpected = |i: usize, expected: &str| {
            Fault::at(file, 1, i + 1, format!("expected {expected}, found {}", quoted(word(i))))
        };
        if !word(0).eq_ignore_ascii_case(BANNER) {
            return Err(unexpected(0, BANNER));
        }
        if word(1) != "matrix" {
            return Err(unexpected(1, "the word matrix"));
        }
        let layout = match word(2) {
            "array" => Layout::Array,
            "coordinate" => Layout::Coordinate,
            _ => return Err(unexpected(2, "array or coordinate")),
        };
        let field = match (word(3), layout) {
            ("real" | "double" | "integer", _) => Field::Number,
            ("pattern", Layout::Coordinate) => Field::Pattern,
            (_, Layout::Coordinate) => return Err(unexpected(3, "real, integer or pattern")),
            (_, Layout::Array) => return Err(unexpected(3, "real or integer")),
        };
        let symmetry = match (word(4), field) {
            ("general", _) => Symmetry::General,
            ("symmetric", _) => Symmetry::Symmetric,
            ("skew-symmetric", Field::Number) => Symmetry::Skew,
            _ => return Err(unexpected(4, "general, symmetric or skew-symmetric")),
        };
        Ok(Kind { layout, field, symmetry })
    }
}

/// Rows and columns, and for a sparse file the number of entries. Refuses what is empty and, unless general,
/// not square.
fn size_line(kind: &Kind, lines: &mut Lines<'_>) -> Result<(usize, [usize; 3]), Fault> {
    let expected = match kind.layout {
        Layout::Array => "rows and columns",
        Layout::Coordinate => "rows, columns and the number of entries",
    };
    let Some((line, text)) = lines.next() else {
        return Err(lines.ended(format!("expected a line with {expected}, found the end of the file")));
    };
    let mut words = Words::new(lines.file, line, text);
    let rows = words.whole("the number of rows")?;
    let cols = words.whole("the number of columns")?;
    let entries = match kind.layout {
        Layout::Array => 0,
        Layout::Coordinate => words.whole("the number of entries")?,
    };
    words.end()?;
    if rows == 0 || cols == 0 {
        return Err(Fault::on_line(
            lines.file,
            line,
            format!("expected at least 1 row and 1 column, found {rows}×{cols}"),
        ));
    }
    if kind.symmetry != Symmetry::General && rows != cols {
        return Err(Fault::on_line(
            lines.file,
            line,
            format!("expected a square symmetric matrix, found {rows}×{cols}"),
        ));
    }
    Ok((line, [rows, cols, entries]))
}

/// Refuses a number of entries that a file of this length cannot hold: each takes at least `width` bytes, the
/// end of its line included.
fn plausible(file: &str, line: usize, entries: Option<usize>, width: usize, length: usize) -> Result<usize, Fault> {
    match entries {
        Some(entries) if entries <= (length + 1) / width => Ok(entries),
        _ => {
            let declared = entries.map_or("more than 1.8e19".to_string(), |n| n.to_string());
            Err(Fault::on_line(
                file,
                line,
                format!(
                    "expected a size that fits the file, found {declared} entries declared in a file of {}",
                    count(length, "byte")
                ),
            ))
        }
    }
}

/// The dense layout: the columns one after the other; of a symmetric matrix only the part on or below the
/// diagonal.
fn array(kind: &Kind, lines: &mut Lines<'_>, length: usize) -> Result<Array2<f64>, Fault> {
    let (line, [rows, cols, _]) = size_line(kind, lines)?;
    let stored = match kind.symmetry {
        Symmetry::General => rows.checked_mul(cols),
        Symmetry::Symmetric => rows.checked_add(1).and_then(|next| rows.checked_mul(next)).map(|twice| twice / 2),
        Symmetry::Skew => rows.checked_mul(rows - 1).map(|twice| twice / 2),
    };
    let stored = plausible(lines.file, line, stored, 2, length)?;
    let mut entries = reserve("the matrix", stored)?;
    while let Some((line, text)) = lines.next() {
        let mut words = Words::new(lines.file, line, text);
        while words.more() {
            let value = words.number()?;
            if entries.len() == stored {
                let found = "found another number";
                return Err(
                    words.fault(format!("expected the end of the file after {}, {found}", count(stored, "number")))
                );
            }
            entries.push(value);
        }
    }
    if entries.len() < stored {
        return Err(lines.ended(format!("expected {}, found {}", count(stored, "number"), entries.len())));
    }
    let mut matrix = zeros(rows, cols)?;
    let mut entries = entries.into_iter();
    for j in 0..cols {
        let first = match kind.symmetry {
            Symmetry::General => 0,
            Symmetry::Symmetric => j,
            Symmetry::Skew => j + 1,
        };
        for (i, value) in (first..rows).zip(entries.by_ref()) {
            put(&mut matrix, kind.symmetry, i, j, value);
        }
    }
    Ok(matrix)
}

/// The sparse layout: row, column and, unless it is a pattern of ones, value.
fn coordinate(kind: &Kind, lines: &mut Lines<'_>, length: usize) -> Result<Array2<f64>, Fault> {
    let (line, [rows, cols, declared]) = size_line(kind, lines)?;
    let width = if kind.field == Field::Pattern { 4 } else { 6 };
    let declared = plausible(lines.file, line, Some(declared), width, length)?;
    if rows.checked_mul(cols).is_none_or(|entries| entries > MOST_UNFOLDED) {
        let message =
            format!("expected a sparse matrix that unfolds to at most {MOST_UNFOLDED} numbers, found {rows}×{cols}");
        return Err(Fault::on_line(lines.file, line, message));
    }
    let mut matrix = zeros(rows, cols)?;
    let mut first_lines: HashMap<(usize, usize), usize> = HashMap::new();
    let mut found = 0;
    while let Some((line, text)) = lines.next() {
        let mut words = Words::new(lines.file, line, text);
        let i = words.index("a row index", rows)?;
        let j = words.index("a column index", cols)?;
        let value = if kind.field == Field::Pattern { 1.0 } else { words.number()? };
        words.end()?;
        let on_line = |message: String| Fault::on_line(lines.file, line, message);
        if found == declared {
            return Err(on_line(format!("expected the end of the file after {}, found another", entries(declared))));
        }
        let stored = match kind.symmetry {
            Symmetry::General => true,
            Symmetry::Symmetric => i >= j,
            Symmetry::Skew => i > j,
        };
        if !stored {
            let part = if kind.symmetry == Symmetry::Skew { "below" } else { "on or below" };
            return Err(on_line(format!("expected an entry {part} the diagonal, found ({}, {})", i + 1, j + 1)));
        }
        if let Some(first) = first_lines.insert((i, j), line) {
            return Err(on_line(format!(
                "expected each entry once, found ({}, {}) again (first on line {first})",
                i + 1,
                j + 1
            )));
        }
        put(&mut matrix, kind.symmetry, i, j, value);
        found += 1;
    }
    if found < declared {
        return Err(lines.ended(format!("expected {}, found {found}", entries(declared))));
    }
    Ok(matrix)
}

fn entries(n: usize) -> String {
    if n == 1 { "1 entry".to_string() } else { format!("{n} entries") }
}

fn zeros(rows: usize, cols: usize) -> Result<Array2<f64>, Fault> {
    let size = rows.checked_mul(cols).ok_or_else(|| Fault::no_memory("the matrix", usize::MAX))?;
    let mut values = reserve("the matrix", size)?;
    values.resize(size, 0.0);
    Array2::from_shape_vec((rows, cols).f(), values)
        .map_err(|e| Fault::Machine(format!("the matrix cannot be laid out: {e}")))
}

fn put(matrix: &mut Array2<f64>, symmetry: Symmetry, i: usize, j: usize, value: f64) {
    matrix[(i, j)] = value;
    match symmetry {
        Symmetry::General => {}
        Symmetry::Symmetric => matrix[(j, i)] = value,
        Symmetry::Skew => matrix[(j, i)] = -value,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{arr2, array};

    use super::*;

    fn matrix(kind: &str, body: &str) -> Result<Array2<f64>, String> {
        let text = format!("%%MatrixMarket matrix {kind}\n{body}");
        read("f", &text).map(|m| m.values).map_err(|fault| fault.line())
    }

    #[test]
    fn dense_files() {
        assert_eq!(
            matrix("array real general", "% a\n\n2 3\n1\n2\n3\n4\n5\n6e0\n"),
            Ok(array![[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]])
        );
        assert_eq!(matrix("array integer symmetric", "2 2\n1\n2\n3"), Ok(array![[1.0, 2.0], [2.0, 3.0]]));
        assert_eq!(matrix("ARRAY Real skew-symmetric", "2 2\n5\n"), Ok(array![[0.0, -5.0], [5.0, 0.0]]));
        assert_eq!(matrix("array real skew-symmetric", "1 1\n"), Ok(arr2(&[[0.0]])));
        assert_eq!(matrix("array real general", "2 2\n1 2\n3 4\n"), Ok(array![[1.0, 3.0], [2.0, 4.0]]));
    }

    #[test]
    fn sparse_files() {
        assert_eq!(
            matrix("coordinate real general", "2 3 2\n1 1 1.5\n2 3 -2\n"),
            Ok(array![[1.5, 0.0, 0.0], [0.0, 0.0, -2.0]])
        );
        assert_eq!(matrix("coordinate pattern symmetric", "2 2 2\n1 1\n2 1"), Ok(array![[1.0, 1.0], [1.0, 0.0]]));
        assert_eq!(matrix("coordinate integer skew-symmetric", "2 2 1\n2 1 3"), Ok(array![[0.0, -3.0], [3.0, 0.0]]));
        assert_eq!(matrix("coordinate real general", "1 1 0\n"), Ok(arr2(&[[0.0]])));
    }

    #[test]
    fn counts_that_do_not_agree() {
        for (kind, body, expected) in [
            ("array real general", "2 2\n1\n2\n3\n", "f:5: expected 4 numbers, found 3"),
            (
                "array real general",
                "2 1\n1\n2\n3\n",
                "f:5:1: expected the end of the file after 2 numbers, found another number",
            ),
            ("coordinate real general", "2 2 3\n1 1 1\n2 2 1\n", "f:4: expected 3 entries, found 2"),
            (
                "coordinate real general",
                "2 2 1\n1 1 1\n2 2 1\n",
                "f:4: expected the end of the file after 1 entry, found another",
            ),
            ("coordinate real general", "2 2 1\n3 1 1\n", "f:3:1: expected a row index from 1 to 2, found 3"),
            ("coordinate real general", "2 2 1\n1 0 1\n", "f:3:2: expected a column index from 1 to 2, found 0"),
            (
                "coordinate real general",
                "2 2 2\n1 1 1\n1 1 2\n",
                "f:4: expected each entry once, found (1, 1) again (first on line 3)",
            ),
            (
                "coordinate real symmetric",
                "2 2 1\n1 2 1\n",
                "f:3: expected an entry on or below the diagonal, found (1, 2)",
            ),
            ("coordinate real general", "2 2 1\n1 1\n", "f:3:3: expected a number, found the end of the line"),
            ("coordinate real general", "2 2 1\n1 1 1 1\n", "f:3:4: expected the end of the line, found \"1\""),
            (
                "coordinate real general",
                "2 2\n1 1 1\n",
                "f:2:3: expected the number of entries, found the end of the line",
            ),
            ("array real general", "", "f:1: expected a line with rows and columns, found the end of the file"),
            ("array real general", "0 2\n", "f:2: expected at least 1 row and 1 column, found 0×2"),
            ("array real symmetric", "2 1\n1\n2\n", "f:2: expected a square symmetric matrix, found 2×1"),
            ("array real general", "2 1\n1\nNaN\n", "f:4:1: expected a finite number, found \"NaN\""),
            ("array real general", "2 -1\n", "f:2:2: expected the number of columns, a whole number, found \"-1\""),
        ] {
            assert_eq!(matrix(kind, body), Err(format!("lapwing: {expected}")), "{kind} {body:?}");
        }
    }

    #[test]
    fn absurd_sizes_reserve_nothing() {
        let big = usize::MAX;
        for (kind, body) in [
            ("array real general", format!("{big} {big}\n1\n")),
            ("array real symmetric", format!("{big} {big}\n1\n")),
            ("array real skew-symmetric", format!("{big} {big}\n1\n")),
            ("array real general", "1000000000 1\n1\n".to_string()),
            ("coordinate real general", format!("2 2 {big}\n1 1 1\n")),
            ("coordinate real general", format!("{big} {big} 1\n1 1 1\n")),
            ("coordinate pattern general", "1000000 1000000 1\n1 1\n".to_string()),
        ] {
            let message = matrix(kind, &body).expect_err("the size is absurd");
            assert!(message.starts_with("lapwing: f:2: expected a s"), "{message}");
        }
        // The shortest entries there are just fit.
        assert_eq!(matrix("array real general", "1 2\n1\n2"), Ok(arr2(&[[1.0, 2.0]])));
    }

    #[test]
    fn banners() {
        for (banner, expected) in [
            ("%%MatrixMarket matrix array complex general", "f:1:4: expected real or integer, found \"complex\""),
            ("%%MatrixMarket matrix array pattern general", "f:1:4: expected real or integer, found \"pattern\""),
            (
                "%%MatrixMarket matrix coordinate complex general",
                "f:1:4: expected real, integer or pattern, found \"complex\"",
            ),
            ("%%MatrixMarket matrix dense real general", "f:1:3: expected array or coordinate, found \"dense\""),
            ("%%MatrixMarket vector", "f:1:2: expected the word matrix, found \"vector\""),
            ("%%MatrixMarket matrix array real", "f:1:5: expected general, symmetric or skew-symmetric, found \"\""),
            ("1 2 3", "f:1:1: expected %%MatrixMarket, found \"1\""),
        ] {
            let fault = read("f", banner).expect_err("the banner is faulty");
            assert_eq!(fault.line(), format!("lapwing: {expected}"));
        }
    }
}
