//! The command `lapwing grad`: how a singular value, or an eigenvalue of a symmetric matrix, changes with the entries of
//! the matrix.
//!
//! Top floor. A page of text on stdout, or one JSON object, and a picture if asked for; it must not differentiate.

mod find;
pub mod report;

use super::args::GradArgs;
use super::fault::Fault;
use super::input;
use super::output;
use super::plot;
use super::target;

/// Runs the command.
pub fn run(args: &GradArgs) -> Result<(), Fault> {
    let target = args.plot.as_ref().map(|path| target::picture(path, &[&args.file])).transpose()?;
    let found = find::find(&input::read_matrix(&args.file)?, args)?;
    if let Some((target, format)) = target {
        target::write(&[(target, plot::encode(&plot::heat::figure(&found), format)?)])?;
    }
    if args.json { output::json(&found) } else { output::text(&found.page()) }
}
