//! The command: what a run that was no fault ends with.
//!
//! Top floor. Exit statuses alone; it must not print.

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What was asked for: exit status 0.
    Done,
    /// An inequality that is violated: exit status 3, so that a script sees it.
    Violated,
}

impl Outcome {
    /// The exit status of the process.
    pub fn status(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Violated => 3,
        }
    }
}
