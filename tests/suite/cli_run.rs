//! Tests of the command: running the built binary on files that a test writes.
//!
//! A fault must show as it shows to a user: a status, one line on stderr, nothing on stdout.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run left behind.
pub struct Ran {
    /// The exit status; none if a signal ended the process.
    pub status: Option<i32>,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

/// The command with these arguments, in the directory where [`file`] writes for this test.
pub fn command(test: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lapwing"));
    command.args(arguments).current_dir(directory(test)).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub fn run(test: &str, arguments: &[&str]) -> Ran {
    let output = command(test, arguments).output().expect("the binary starts");
    Ran {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

/// Runs it and expects success with nothing on stderr.
pub fn good(test: &str, arguments: &[&str]) -> String {
    let ran = run(test, arguments);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    ran.stdout
}

/// Runs it and expects success with JSON on stdout.
pub fn json(test: &str, arguments: &[&str]) -> Value {
    serde_json::from_str(&good(test, arguments)).expect("stdout is JSON")
}

/// Runs it and expects status 2, an empty stdout and exactly this line on stderr.
pub fn refused(test: &str, arguments: &[&str], line: &str) {
    let ran = run(test, arguments);
    assert_eq!(ran.stderr, format!("lapwing: {line}\n"), "{arguments:?}");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}");
}

/// Writes a file into the directory of a test.
pub fn file(test: &str, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(directory(test).join(name), content).expect("the temporary directory can be written");
}

fn directory(test: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&directory).expect("the temporary directory can be made");
    directory
}
