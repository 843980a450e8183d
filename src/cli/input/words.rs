//! The command: lines of words with their places, as MatrixMarket files are made of.
//! Top floor. Every word that is not what was expected becomes a fault with its line and its place in the line.
//! It must not know what the words are for.

use std::str::SplitWhitespace;

use super::number;
use crate::cli::fault::{Fault, quoted};

/// The lines that are neither blank nor comments, with their numbers.
pub struct Lines<'a> {
    /// The name of the file.
    pub file: &'a str,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    last: usize,
}

impl<'a> Lines<'a> {
    /// The lines of a file.
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Lines { file, lines: text.lines().enumerate(), last: 0 }
    }

    /// The next of them.
    pub fn next(&mut self) -> Option<(usize, &'a str)> {
        for (i, line) in self.lines.by_ref() {
            self.last = i + 1;
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('%') {
                return Some((i + 1, line));
            }
        }
        None
    }

    /// A fault at the end of the file.
    pub fn ended(&self, message: String) -> Fault {
        Fault::on_line(self.file, self.last.max(1), message)
    }
}

/// The fields of one line, counted as they are taken.
pub struct Words<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    words: SplitWhitespace<'a>,
}

impl<'a> Words<'a> {
    /// The words of this line.
    pub fn new(file: &'a str, line: usize, text: &'a str) -> Self {
        Words { file, line, column: 0, words: text.split_whitespace() }
    }

    /// Whether another word follows.
    pub fn more(&self) -> bool {
        self.words.clone().next().is_some()
    }

    /// A fault at the word that was taken last.
    pub fn fault(&self, message: String) -> Fault {
        Fault::at(self.file, self.line, self.column, message)
    }

    /// The next word.
    fn word(&mut self, expected: &str) -> Result<&'a str, Fault> {
        self.column += 1;
        self.words.next().ok_or_else(|| self.fault(format!("expected {expected}, found the end of the line")))
    }

    /// A whole number that is not negative.
    pub fn whole(&mut self, what: &str) -> Result<usize, Fault> {
        let word = self.word(what)?;
        word.parse().map_err(|_| self.fault(format!("expected {what}, a whole number, found {}", quoted(word))))
    }

    /// An index counted from 1 in the file, from 0 here.
    pub fn index(&mut self, what: &str, size: usize) -> Result<usize, Fault> {
        match self.whole(what)? {
            i if (1..=size).contains(&i) => Ok(i - 1),
            i => Err(self.fault(format!("expected {what} from 1 to {size}, found {i}"))),
        }
    }

    /// A finite number.
    pub fn number(&mut self) -> Result<f64, Fault> {
        let word = self.word("a number")?;
        number(word).map_err(|message| self.fault(message))
    }

    /// Checks that nothing follows.
    pub fn end(mut self) -> Result<(), Fault> {
        self.column += 1;
        match self.words.next() {
            None => Ok(()),
            Some(word) => Err(self.fault(format!("expected the end of the line, found {}", quoted(word)))),
        }
    }
}
