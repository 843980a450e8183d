//! The command `lapwing`. See `cli` for what it does.
//!
//! Top floor. Only the entry point; it must not contain anything else.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
