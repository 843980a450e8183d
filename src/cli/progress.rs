//! The command: a sign of life on stderr where something takes long.
//!
//! Top floor. Shown only on a terminal, and only for large problems; it must not write to stdout.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner that names what is being done; it disappears when it is dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Shows itself for a matrix of so many entries only if solving takes long enough to be noticed.
    pub fn new(entries: usize) -> Self {
        const NOTICED: usize = 1 << 18;
        if entries < NOTICED {
            return Progress { bar: ProgressBar::hidden() };
        }
        // A spinner is hidden by its crate where stderr is not a terminal.
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar }
    }

    /// Says what is being done now.
    pub fn step(&self, what: &str) {
        self.bar.set_message(what.to_string());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
