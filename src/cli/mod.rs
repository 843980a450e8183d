//! The command `lapwing`: reads files, compares methods, prints tables.
//!
//! Top floor; everything here is behind the feature `cli`. It must not contain numerics: those are the
//! library's, and the only files that call them are `solve`, `exact`, `advice`, `grad::find`, `interlace::check`,
//! `kkt::find`, `params` and `sweep::measure`.

mod advice;
mod args;
mod certain;
mod compare;
mod comparison;
mod exact;
mod fault;
mod files;
mod formula;
mod grad;
mod info;
mod input;
mod interlace;
mod kkt;
mod nist;
mod outcome;
mod output;
mod page;
mod params;
mod plot;
mod printed;
mod problem;
mod progress;
mod report;
mod score;
mod solve;
mod sweep;
mod symmetric;
mod target;
mod text;
mod verdict;

use std::process::ExitCode;

use args::{Cli, Command};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use fault::Fault;
use outcome::Outcome;

/// Runs the command with the process's arguments. Nothing but the result goes to stdout, and a fault is one
/// line on stderr.
pub fn run() -> ExitCode {
    let result = match Cli::try_parse() {
        Ok(cli) => dispatch(&cli.command),
        Err(error) => return usage(&error),
    };
    match result {
        Ok(outcome) => ExitCode::from(outcome.status()),
        Err(fault) => {
            output::message(&fault.line());
            ExitCode::from(fault.status())
        }
    }
}

fn dispatch(command: &Command) -> Result<Outcome, Fault> {
    let done = match command {
        Command::Interlace(args) => return interlace::run(args),
        Command::Nist(args) => nist::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Sweep(args) => sweep::run(args),
        Command::Grad(args) => grad::run(args),
        Command::Params(args) => params::run(args),
        Command::Kkt(args) => kkt::run(args),
        Command::Info(args) => info::run(args),
    };
    done.map(|()| Outcome::Done)
}

/// Help and version go to stdout; bad usage becomes one line.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match output::text(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                output::message(&fault.line());
                ExitCode::from(fault.status())
            }
        },
        kind => {
            let nothing = kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            let fault = Fault::usage(if nothing { without_command() } else { one_line(&text) });
            output::message(&fault.line());
            ExitCode::from(fault.status())
        }
    }
}

/// What is missing where there are no arguments, in place of the whole help.
fn without_command() -> String {
    let definition = Cli::command();
    let names: Vec<&str> = definition.get_subcommands().map(clap::Command::get_name).collect();
    format!("expected a command, one of {} (see --help)", names.join(", "))
}

/// The message without the usage lines below it.
fn one_line(text: &str) -> String {
    let message = text.split("\n\nUsage:").next().unwrap_or(text).split("\n\nFor more").next().unwrap_or(text);
    let paragraphs = message.trim_start_matches("error: ").split("\n\n");
    let lines: Vec<String> = paragraphs.map(|p| p.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    lines.join("; ") + " (see --help)"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_options_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn usage_is_one_line() {
        let text = "error: unexpected argument '--jsn' found\n\n  tip: a similar argument exists: '--json'\n\
                    \n\
                    Usage: lapwing nist --json\n\nFor more information, try '--help'.\n";
        let expected = "unexpected argument '--jsn' found; tip: a similar argument exists: '--json' (see --help)";
        assert_eq!(one_line(text), expected);
    }
}
