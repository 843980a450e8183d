//! What `python/lstsq.py` asks for: the matrices of the contest as .npy files, and lapwing's and faer's times on one of them.
//! Upper floor of the bench.
//! It must not know what Python does with them.

use crate::auto::PROBLEMS;
use crate::timing::{Effort, interleave};
use crate::{data, npy};
use std::io::Result;
use std::path::Path;

/// Writes A and b of each problem to `directory`, and prints the name of each problem.
pub fn write(directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    for problem in &PROBLEMS {
        let name = problem.name();
        npy::matrix(&directory.join(format!("{name}-a.npy")), problem.shape, &problem.matrix())?;
        npy::vector(&directory.join(format!("{name}-b.npy")), &data::vector(problem.shape[0]))?;
        println!("{name}");
    }
    Ok(())
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
