//! The command: a sign of life on stderr where something takes long.
//!
//! Top floor. Shown only on a terminal, and only where there is something to wait for; it must not write to stdout.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner or a bar that names what is being done; it disappears when it is dropped.
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

    /// A bar for work of which it is known how far it has come, if it is estimated to take long enough to be noticed.
    pub fn bar(what: &str, seconds: f64) -> Self {
        const NOTICED: f64 = 0.3;
        if seconds < NOTICED {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new(Self::PARTS);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {percent}% {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_string());
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar }
    }

    /// A bar is divided into so many parts.
    const PARTS: u64 = 1000;

    /// Says how much of the work is done, from 0 to 1.
    pub fn fraction(&self, done: f64) {
        self.bar.set_position((done * Self::PARTS as f64) as u64);
    }

    /// Says what is being done now.
    pub fn step(&self, what: &str) {
        self.bar.set_message(what.to_string());
    }
}

/// A bar that fills as problems are solved; it disappears when it is dropped.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar of so many steps, shown on a terminal only.
    pub fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} problems, {eta} left") {
            bar.set_style(style);
        }
        Bar { bar }
    }

    /// One step is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
