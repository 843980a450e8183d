//! The command: NumPy's `.npy` files, versions 1 to 3, floats and integers of either byte order, in C or Fortran order.
//! Top floor. A parser of its own: the crates for `.npy` want the element type at compile time and believe the shape.
//! It must not take the declared shape at its word: it has to agree with the file's length.

use ndarray::{Array2, ShapeBuilder};

use super::{Matrix, in_range, reserve};
use crate::cli::fault::{Fault, count, quoted};
use crate::cli::text::plain;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Whether the file begins as a `.npy` file does.
pub fn has_signature(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads a matrix, or a vector as a matrix of one column.
pub fn read(file: &str, bytes: &[u8]) -> Result<Matrix, Fault> {
    let fault = |message: String| Fault::in_file(file, message);
    let (header, data) = split(bytes).map_err(fault)?;
    let header = Header::parse(header).map_err(fault)?;
    let (rows, cols) = header.rows_and_columns().map_err(fault)?;
    let width = header.element.width();
    let entries = rows.checked_mul(cols).filter(|n| n.checked_mul(width) == Some(data.len())).ok_or_else(|| {
        let (size, found) = (count(width, "byte"), count(data.len(), "byte"));
        fault(format!("expected {rows}×{cols} numbers of {size} after the header, found {found}"))
    })?;
    let mut values = reserve("the matrix", entries)?;
    values.extend(data.chunks_exact(width).map(|chunk| header.element.value(chunk)));
    let shape = (rows, cols).set_f(header.fortran_order);
    let values = Array2::from_shape_vec(shape, values).map_err(|e| fault(format!("cannot be laid out: {e}")))?;
    for ((i, j), value) in values.indexed_iter() {
        let expected = match value.is_finite() {
            true if in_range(*value) => continue,
            true => "numbers of magnitude at most 1e300",
            false => "finite numbers",
        };
        let place = format!("row {}, column {} (counted from 1)", i + 1, j + 1);
        return Err(fault(format!("expected {expected}, found {} in {place}", plain(*value))));
    }
    Ok(Matrix { file: file.to_string(), values })
}

/// Splits the file into the header's text and the data.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), String> {
    let rest = bytes.strip_prefix(MAGIC).ok_or("expected a .npy file, which begins with \\x93NUMPY")?;
    let cut = || format!("expected a header, found the end of the file after {}", count(bytes.len(), "byte"));
    let (&[major, _minor], rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let (length, rest) = match major {
        1 => rest.split_first_chunk().map(|(n, rest)| (u64::from(u16::from_le_bytes(*n)), rest)).ok_or_else(cut)?,
        2 | 3 => rest.split_first_chunk().map(|(n, rest)| (u64::from(u32::from_le_bytes(*n)), rest)).ok_or_else(cut)?,
        _ => return Err(format!("expected version 1, 2 or 3 of the .npy format, found {major}")),
    };
    let length = usize::try_from(length).ok().filter(|&n| n <= rest.len()).ok_or_else(cut)?;
    let (header, data) = rest.split_at(length);
    let header = std::str::from_utf8(header).map_err(|_| "expected a header in UTF-8".to_string())?;
    Ok((header, data))
}

/// The type of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Element {
    kind: Kind,
    big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    F4,
    F8,
    I1,
    I2,
    I4,
    I8,
    U1,
    U2,
    U4,
    U8,
}

impl Element {
    fn parse(descr: &str) -> Option<Self> {
        let (order, kind) = descr.split_at_checked(1)?;
        let kind = match kind {
            "f4" => Kind::F4,
            "f8" => Kind::F8,
            "i1" => Kind::I1,
            "i2" => Kind::I2,
            "i4" => Kind::I4,
            "i8" => Kind::I8,
            "u1" => Kind::U1,
            "u2" => Kind::U2,
            "u4" => Kind::U4,
            "u8" => Kind::U8,
            _ => return None,
        };
        let big_endian = match order {
            "<" => false,
            ">" => true,
            "=" => cfg!(target_endian = "big"),
            "|" if matches!(kind, Kind::I1 | Kind::U1) => false,
            _ => return None,
        };
        Some(Element { kind, big_endian })
    }

    fn width(self) -> usize {
        match self.kind {
            Kind::I1 | Kind::U1 => 1,
            Kind::I2 | Kind::U2 => 2,
            Kind::F4 | Kind::I4 | Kind::U4 => 4,
            Kind::F8 | Kind::I8 | Kind::U8 => 8,
        }
    }

    /// One number; an integer beyond 2⁵³ is rounded to the nearest double. `chunk` has `width()` bytes.
    fn value(self, chunk: &[u8]) -> f64 {
        // Widened to 8 bytes, most significant first, the sign not yet extended.
        let mut wide = [0; 8];
        for (i, &byte) in chunk.iter().enumerate() {
            wide[if self.big_endian { 8 - chunk.len() + i } else { 7 - i }] = byte;
        }
        let bits = u64::from_be_bytes(wide);
        match self.kind {
            Kind::F4 => f64::from(f32::from_bits(bits as u32)),
            Kind::F8 => f64::from_bits(bits),
            Kind::I1 => f64::from(bits as i8),
            Kind::I2 => f64::from(bits as i16),
            Kind::I4 => f64::from(bits as i32),
            Kind::I8 => bits as i64 as f64,
            Kind::U1 | Kind::U2 | Kind::U4 | Kind::U8 => bits as f64,
        }
    }
}

/// What the header says, a Python dictionary with exactly these three keys.
#[derive(Debug, PartialEq)]
struct Header {
    element: Element,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    fn parse(text: &str) -> Result<Self, String> {
        let (mut element, mut fortran_order, mut shape) = (None, None, None);
        let mut literal = Literal { rest: text };
        literal.token("{")?;
        while !literal.skip("}") {
            let key = literal.string()?;
            literal.token(":")?;
            match key {
                "descr" => element = Some(literal.element()?),
                "fortran_order" => fortran_order = Some(literal.truth()?),
                "shape" => shape = Some(literal.tuple()?),
                _ => {
                    return Err(format!(
                        "expected descr, fortran_order and shape in the header, found {}",
                        quoted(key)
                    ));
                }
            }
            if !literal.skip(",") {
                literal.token("}")?;
                break;
            }
        }
        let missing = |key: &str| format!("expected {key} in the header, found none");
        Ok(Header {
            element: element.ok_or_else(|| missing("descr"))?,
            fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    fn rows_and_columns(&self) -> Result<(usize, usize), String> {
        match self.shape[..] {
            [rows] if rows > 0 => Ok((rows, 1)),
            [rows, cols] if rows > 0 && cols > 0 => Ok((rows, cols)),
            [_] | [_, _] => Err(format!("expected at least one number, found the shape {:?}", self.shape)),
            _ => Err(format!("expected one or two dimensions, found the shape {:?}", self.shape)),
        }
    }
}

/// A reader of the few Python literals that a header is made of.
struct Literal<'a> {
    rest: &'a str,
}

impl<'a> Literal<'a> {
    /// Takes the token if it comes next.
    fn skip(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn unexpected(&self, expected: &str) -> String {
        format!("expected {expected} in the header, found {}", quoted(self.rest.trim()))
    }

    fn token(&mut self, token: &str) -> Result<(), String> {
        if self.skip(token) { Ok(()) } else { Err(self.unexpected(token)) }
    }

    fn string(&mut self) -> Result<&'a str, String> {
        for quote in ["'", "\""] {
            if self.skip(quote) {
                let (text, rest) = self.rest.split_once(quote).ok_or_else(|| self.unexpected("a closing quote"))?;
                self.rest = rest;
                return Ok(text);
            }
        }
        Err(self.unexpected("a quoted word"))
    }

    fn element(&mut self) -> Result<Element, String> {
        let expected = "a real number type (f4, f8, i1 to i8, u1 to u8)";
        let descr = self.string().map_err(|_| self.unexpected(expected))?;
        Element::parse(descr).ok_or_else(|| format!("expected {expected}, found {}", quoted(descr)))
    }

    fn truth(&mut self) -> Result<bool, String> {
        if self.skip("True") {
            return Ok(true);
        }
        if self.skip("False") { Ok(false) } else { Err(self.unexpected("True or False")) }
    }

    fn tuple(&mut self) -> Result<Vec<usize>, String> {
        let mut items = Vec::new();
        self.token("(")?;
        while !self.skip(")") {
            let text = self.rest.trim_start();
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (digits, rest) = text.split_at(end);
            items.push(digits.parse().map_err(|_| self.unexpected("a tuple of sizes"))?);
            self.rest = rest;
            if !self.skip(",") {
                self.token(")")?;
                break;
            }
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// A `.npy` file as NumPy writes it.
    fn npy(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([version, 0]);
        match version {
            1 => bytes.extend((header.len() as u16).to_le_bytes()),
            _ => bytes.extend((header.len() as u32).to_le_bytes()),
        }
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn header(descr: &str, fortran: &str, shape: &str) -> String {
        format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}     \n")
    }

    fn values(bytes: &[u8]) -> Result<Array2<f64>, String> {
        read("f", bytes).map(|m| m.values).map_err(|fault| fault.line())
    }

    #[test]
    fn every_type_and_byte_order() {
        let expected = array![[-2.0], [100.0]];
        let data: [(&str, Vec<u8>); 10] = [
            ("<f4", [-2f32, 100.0].iter().flat_map(|v| v.to_le_bytes()).collect()),
            (">f4", [-2f32, 100.0].iter().flat_map(|v| v.to_be_bytes()).collect()),
            ("<f8", [-2f64, 100.0].iter().flat_map(|v| v.to_le_bytes()).collect()),
            (">f8", [-2f64, 100.0].iter().flat_map(|v| v.to_be_bytes()).collect()),
            ("|i1", vec![254, 100]),
            ("<i2", [-2i16, 100].iter().flat_map(|v| v.to_le_bytes()).collect()),
            (">i4", [-2i32, 100].iter().flat_map(|v| v.to_be_bytes()).collect()),
            ("<i4", [-2i32, 100].iter().flat_map(|v| v.to_le_bytes()).collect()),
            (">i8", [-2i64, 100].iter().flat_map(|v| v.to_be_bytes()).collect()),
            ("<i8", [-2i64, 100].iter().flat_map(|v| v.to_le_bytes()).collect()),
        ];
        for (descr, data) in data {
            assert_eq!(values(&npy(1, &header(descr, "False", "(2,)"), &data)).as_ref(), Ok(&expected), "{descr}");
        }
        let expected = array![[254.0], [100.0]];
        let data: [(&str, Vec<u8>); 4] = [
            ("|u1", vec![254, 100]),
            (">u2", vec![0, 254, 0, 100]),
            ("<u4", vec![254, 0, 0, 0, 100, 0, 0, 0]),
            (">u8", [254u64, 100].iter().flat_map(|v| v.to_be_bytes()).collect()),
        ];
        for (descr, data) in data {
            assert_eq!(values(&npy(1, &header(descr, "False", "(2,)"), &data)).as_ref(), Ok(&expected), "{descr}");
        }
    }

    #[test]
    fn orders_and_versions() {
        let data: Vec<u8> = (1..=6u8).collect();
        let by_rows = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let by_columns = array![[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]];
        for version in 1..=3 {
            assert_eq!(values(&npy(version, &header("|u1", "False", "(2, 3)"), &data)), Ok(by_rows.clone()));
            assert_eq!(values(&npy(version, &header("|u1", "True", "(2, 3)"), &data)), Ok(by_columns.clone()));
        }
    }

    #[test]
    fn faults_say_what_was_found() {
        let big = usize::MAX;
        let f8 = |shape: &str, data: &[u8]| npy(1, &header("<f8", "False", shape), data);
        for (bytes, expected) in [
            (f8("(2,)", &[0; 15]), "expected 2×1 numbers of 8 bytes after the header, found 15 bytes".to_string()),
            (f8("(2,)", &[0; 24]), "expected 2×1 numbers of 8 bytes after the header, found 24 bytes".to_string()),
            (
                f8(&format!("({big}, {big})"), &[0; 8]),
                format!("expected {big}×{big} numbers of 8 bytes after the header, found 8 bytes"),
            ),
            (f8("()", &[0; 8]), "expected one or two dimensions, found the shape []".to_string()),
            (f8("(1, 1, 1)", &[0; 8]), "expected one or two dimensions, found the shape [1, 1, 1]".to_string()),
            (f8("(0, 3)", &[]), "expected at least one number, found the shape [0, 3]".to_string()),
            (f8("(-1,)", &[]), "expected a tuple of sizes in the header, found \"-1,), }\"".to_string()),
            (
                f8("(1, 2)", &[1f64.to_le_bytes(), f64::NAN.to_le_bytes()].concat()),
                "expected finite numbers, found NaN in row 1, column 2 (counted from 1)".to_string(),
            ),
            (
                npy(1, &header("<c16", "False", "(1,)"), &[0; 16]),
                "expected a real number type (f4, f8, i1 to i8, u1 to u8), found \"<c16\"".to_string(),
            ),
            (
                npy(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", &[0; 8]),
                "expected a real number type (f4, f8, i1 to i8, u1 to u8) in the header, \
                 found \"[('a', '<f8')], 'fortran_order': False, \"…"
                    .to_string(),
            ),
            (npy(4, "{}", &[]), "expected version 1, 2 or 3 of the .npy format, found 4".to_string()),
            (npy(1, "{}", &[]), "expected descr in the header, found none".to_string()),
            (
                npy(1, "{'descr': '<f8', 'fortran", &[]),
                "expected a closing quote in the header, found \"fortran\"".to_string(),
            ),
            (MAGIC.to_vec(), "expected a header, found the end of the file after 6 bytes".to_string()),
            (
                [MAGIC, &[1, 0, 255, 255, b'{']].concat(),
                "expected a header, found the end of the file after 11 bytes".to_string(),
            ),
            (b"y,x\n1,2\n".to_vec(), "expected a .npy file, which begins with \\x93NUMPY".to_string()),
        ] {
            assert_eq!(values(&bytes), Err(format!("lapwing: f: {expected}")));
        }
    }
}
