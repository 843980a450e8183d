//! The command `lapwing kkt`: the minimum of a quadratic form under linear constraints, and the inertia of its matrix.
//!
//! Top floor. A page of text on stdout, or one JSON object; it must not solve.

mod find;
mod report;

use super::args::KktArgs;
use super::fault::Fault;
use super::output;

/// Runs the command.
pub fn run(args: &KktArgs) -> Result<(), Fault> {
    let found = find::find(args)?;
    if args.json { output::json(&found) } else { output::text(&found.page()) }
}
