//! What `python/lstsq.py` asks for: the matrices of the contest as .npy files, and lapwing's and faer's times on one of them.
//! Upper floor of the bench.
//! It must not know what Python does with them.

use crate::auto::PROBLEMS;
use crate::data;
use crate::timing::{Effort, interleave};
use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// Writes A and b of each problem to `directory`, and prints the name of each problem.
pub fn write(directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    for problem in &PROBLEMS {
        let [m, n] = problem.shape;
        let name = problem.name();
        array(&directory.join(format!("{name}-a.npy")), &format!("({m}, {n})"), &problem.matrix())?;
        array(&directory.join(format!("{name}-b.npy")), &format!("({m},)"), &data::vector(m))?;
        println!("{name}");
    }
    Ok(())
}

/// A column-major array in version 1.0 of NumPy's format.
fn array(path: &Path, shape: &str, entries: &[f64]) -> Result<()> {
    let header = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': {shape}, }}");
    // Magic, version, length and header end at a multiple of 64 bytes, with a newline.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 11;
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(padded as u16 + 1).to_le_bytes())?;
    writeln!(file, "{header:padded$}")?;
    for entry in entries {
        file.write_all(&entry.to_le_bytes())?;
    }
    file.flush()
}

/// Prints the median seconds of `Auto`, QR and faer on the problem of that name; whether there is one.
pub fn times(name: &str, effort: Effort) -> bool {
    let Some(problem) = PROBLEMS.iter().find(|problem| problem.name() == name) else { return false };
    let (names, mut contenders) = problem.contenders(&problem.matrix());
    for (name, timing) in names.iter().zip(interleave(&mut contenders, effort)) {
        println!("{name}\t{:.6e}", timing.median);
    }
    true
}
