//! The command: what can go wrong, as one line for stderr and an exit status.
//! Top floor. Input that cannot be used ends with status 2, a failure of the machine with status 1.
//! It must not print.

use std::fmt::Display;

/// Why the command stops. The text is one line and names the file and the place where there is one.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Bad usage or bad input: exit status 2.
    Input(String),
    /// The machine failed: no usable LAPACK, no memory, a disk that is full. Exit status 1.
    Machine(String),
}

impl Fault {
    /// Bad input at a line and a column of a file, both counted from 1. A column is a field, not a character.
    pub fn at(file: &str, line: usize, column: usize, message: impl Display) -> Self {
        Fault::Input(format!("{file}:{line}:{column}: {message}"))
    }

    /// Bad input on a line of a file, counted from 1, where no single field is to blame.
    pub fn on_line(file: &str, line: usize, message: impl Display) -> Self {
        Fault::Input(format!("{file}:{line}: {message}"))
    }

    /// Bad input that has no place within the file.
    pub fn in_file(file: &str, message: impl Display) -> Self {
        Fault::Input(format!("{file}: {message}"))
    }

    /// Options that do not go together, or that this version does not offer.
    pub fn usage(message: impl Display) -> Self {
        Fault::Input(message.to_string())
    }

    /// Memory for `entries` numbers could not be had.
    pub fn no_memory(what: &str, entries: usize) -> Self {
        Fault::Machine(format!("out of memory: {what} needs room for {entries} numbers"))
    }

    /// What is wrong and where.
    pub fn text(&self) -> &str {
        let (Fault::Input(text) | Fault::Machine(text)) = self;
        text
    }

    /// The exit status of the process.
    pub fn status(&self) -> u8 {
        match self {
            Fault::Machine(_) => 1,
            Fault::Input(_) => 2,
        }
    }

    /// The line for stderr. A control character, say from a file name, would break the line and is shown as a
    /// space.
    pub fn line(&self) -> String {
        let text: String = self.text().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("lapwing: {text}")
    }
}

/// What was found, in quotes, escaped, and cut where it is long: a message stays a line whatever the file
/// holds.
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    let head: String = text.chars().take(LONGEST).collect();
    format!("{head:?}…")
}

/// The most names in a row.
pub const MOST_LISTED: usize = 8;

/// Names in a row: all of them if they are few, else a few and how many there are.
pub fn listed<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    const LONGEST: usize = 40;
    let more = names.len().saturating_sub(MOST_LISTED);
    let cut = |name: &String| match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.clone(),
    };
    let list = names.take(MOST_LISTED).map(cut).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// `1 row`, `2 rows`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        let fault = Fault::at("a\nb.csv", 3, 2, format!("found {}", quoted("x\ny")));
        assert_eq!(fault.line(), "lapwing: a b.csv:3:2: found \"x\\ny\"");
        assert_eq!(fault.status(), 2);
        assert_eq!(Fault::no_memory("a", 1).status(), 1);
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..3000).map(|i| format!("c{i}")).collect();
        assert_eq!(listed(names[..2].iter()), "c0, c1");
        assert_eq!(listed(names.iter()), "c0, c1, c2, c3, c4, c5, c6, c7 and 2992 more");
        assert_eq!(listed([&"é".repeat(41)].into_iter()), format!("{}…", "é".repeat(40)));
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(quoted(&"é".repeat(41)), format!("\"{}\"…", "é".repeat(40)));
        assert_eq!(quoted(&"é".repeat(40)), format!("\"{}\"", "é".repeat(40)));
    }
}
