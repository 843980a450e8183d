//! Arrays as .npy files, version 1.0 of NumPy's format, for the programs under `python`.
//! Ground floor of the bench.
//! It must not know what the arrays are.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// An m×n matrix in column-major order.
pub fn matrix(path: &Path, [m, n]: [usize; 2], entries: &[f64]) -> Result<()> {
    write(BufWriter::new(File::create(path)?), &format!("({m}, {n})"), entries)
}

/// A one-dimensional array.
pub fn vector(path: &Path, entries: &[f64]) -> Result<()> {
    write(BufWriter::new(File::create(path)?), &format!("({},)", entries.len()), entries)
}

fn write(mut file: impl Write, shape: &str, entries: &[f64]) -> Result<()> {
    let header = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': {shape}, }}");
    // Magic, version, length and header end at a multiple of 64 bytes, with a newline.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 11;
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(padded as u16 + 1).to_le_bytes())?;
    writeln!(file, "{header:padded$}")?;
    for entry in entries {
        file.write_all(&entry.to_le_bytes())?;
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_its_length_and_ends_at_a_multiple_of_64() {
        for digits in 1..=30 {
            let shape = format!("({}, 2)", "1".repeat(digits));
            let mut file = Vec::new();
            write(&mut file, &shape, &[1.5, -2.0]).unwrap();
            let end = file.len() - 16;
            assert_eq!((&file[..8], end % 64, file[end - 1]), (&b"\x93NUMPY\x01\x00"[..], 0, b'\n'));
            assert_eq!(10 + usize::from(u16::from_le_bytes([file[8], file[9]])), end);
            let header = str::from_utf8(&file[10..end]).unwrap();
            assert!(header.contains(&format!("'shape': {shape}")) && header.contains("'fortran_order': True"));
            assert_eq!(file[end..end + 8], 1.5_f64.to_le_bytes());
        }
    }
}
