//! The command: writing the result to stdout.
//!
//! Top floor. A reader that has seen enough and closes the pipe is no fault; it must not panic on a failing
//! write.

use std::io::{ErrorKind, Write, stderr, stdout};

use serde::Serialize;

use super::fault::Fault;

/// Writes text.
pub fn text(text: &str) -> Result<(), Fault> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Fault::Machine(format!("stdout cannot be written: {e}"))),
        _ => Ok(()),
    }
}

/// Writes a message to stderr. If even that fails there is nobody left to tell.
pub fn message(text: &str) {
    let _ = writeln!(stderr().lock(), "{}", text.trim_end());
}

/// Writes a value as indented JSON.
pub fn json(value: &impl Serialize) -> Result<(), Fault> {
    let json =
        serde_json::to_string_pretty(value).map_err(|e| Fault::Machine(format!("JSON cannot be written: {e}")))?;
    text(&(json + "\n"))
}
