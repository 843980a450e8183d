//! The command `lapwing interlace`: whether eigenvalues satisfy the inequalities that they have to.
//!
//! Top floor. A page of text on stdout, or one JSON object, and a picture if asked for; it must not compare values.

mod check;
pub mod report;

use super::args::InterlaceArgs;
use super::fault::Fault;
use super::outcome::Outcome;
use super::output;
use super::plot;
use super::target;

/// Runs the command.
pub fn run(args: &InterlaceArgs) -> Result<Outcome, Fault> {
    let inputs: Vec<_> = args.files.iter().chain(&args.rank_one).map(|path| path.as_path()).collect();
    let target = args.plot.as_ref().map(|path| target::picture(path, &inputs)).transpose()?;
    let checked = check::check(args)?;
    if let (Some((target, format)), Some(branches)) = (target, &checked.branches) {
        target::write(&[(target, plot::encode(&plot::update::figure(branches), format)?)])?;
    }
    if args.json {
        output::json(&checked)?
    } else {
        output::text(&checked.page())?
    }
    Ok(if checked.holds { Outcome::Done } else { Outcome::Violated })
}
