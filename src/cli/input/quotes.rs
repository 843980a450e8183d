//! The command: whether the quotes of a CSV file are well formed, before the file is taken apart.
//! Top floor. A quoted field begins and ends with a quote, a quote inside of it is doubled (RFC 4180, section 2).
//! It must not repair anything: a quote that is never closed swallows every row below it.

use super::line_breaks;
use crate::cli::fault::{Fault, quoted};

/// Refuses a quoted field that is never closed, and one with text beside its quotes.
pub fn check(file: &str, text: &str, delimiter: u8) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    let mut field = Field { file, text, delimiter, line: 1, column: 1 };
    let mut at = 0;
    while at < bytes.len() {
        let end = field.end(at)?;
        field.line += line_breaks(&bytes[at..end]);
        at = end;
        match bytes.get(at) {
            Some(&byte) if byte == delimiter => field.column += 1,
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => {}
            Some(_) => (field.line, field.column) = (field.line + 1, 1),
            None => {}
        }
        at += 1;
    }
    Ok(())
}

/// A field with its place.
struct Field<'a> {
    file: &'a str,
    text: &'a str,
    delimiter: u8,
    line: usize,
    column: usize,
}

impl Field<'_> {
    /// Where the field ends that begins at this byte: at a delimiter, at the end of its line or of the file.
    fn end(&self, start: usize) -> Result<usize, Fault> {
        let end = self.bare(start);
        let blank = end - start - self.text[start..end].trim_start().len();
        if self.text.as_bytes().get(start + blank) != Some(&b'"') {
            return Ok(end);
        }
        if blank > 0 {
            return Err(self.fault("expected the quote at the beginning of its field, found a blank before it".into()));
        }
        let close = self.close(start + 1)?;
        let end = self.bare(close);
        match self.text[close..end].trim() {
            "" => Ok(end),
            after => {
                let message = format!("expected the end of the field after its closing quote, found {}", quoted(after));
                Err(self.fault(message))
            }
        }
    }

    /// The end of text in which quotes have no meaning.
    fn bare(&self, start: usize) -> usize {
        let ends = |&byte: &u8| byte == self.delimiter || byte == b'\n' || byte == b'\r';
        self.text.as_bytes()[start..].iter().position(ends).map_or(self.text.len(), |length| start + length)
    }

    /// The byte behind the closing quote. A doubled quote stands for one and closes nothing.
    fn close(&self, inside: usize) -> Result<usize, Fault> {
        let bytes = self.text.as_bytes();
        let mut at = inside;
        while let Some(next) = bytes[at..].iter().position(|&byte| byte == b'"') {
            at += next + 1;
            if bytes.get(at) != Some(&b'"') {
                return Ok(at);
            }
            at += 1;
        }
        Err(self.fault("expected a closing quote, found the end of the file".into()))
    }

    fn fault(&self, message: String) -> Fault {
        Fault::at(self.file, self.line, self.column, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed() {
        for text in [
            "x,y\n1,2\n",
            "\"a,\nb\",\"c\"\"d\"\n\"1\" ,2\r\n\"\",\"\"\"\"",
            "x,5\" pipe\n1,a \"word\" in quotes\n",
            "",
            "\r\n,\n",
        ] {
            assert_eq!(check("f", text, b','), Ok(()), "{text:?}");
        }
        assert_eq!(check("f", "\"a;b\";\"c\"\n", b';'), Ok(()));
    }

    #[test]
    fn malformed() {
        let never = "expected a closing quote, found the end of the file";
        for (text, expected) in [
            ("x,y\n1,\"2\n3,4\n", format!("f:2:2: {never}")),
            ("x,y\r\n\"a\nb\",\"2\r\n3,4\r\n", format!("f:3:2: {never}")),
            ("x\ry\r\"", format!("f:3:1: {never}")),
            ("x,y\n\"3\"4,5\n", "f:2:1: expected the end of the field after its closing quote, found \"4\"".into()),
            (
                "x,y\n1,\"lost\n2,\"found\"\n",
                "f:2:2: expected the end of the field after its closing quote, found \"found\\\"\"".into(),
            ),
            (
                "x,y\n1, \"a,b\"\n",
                "f:2:2: expected the quote at the beginning of its field, found a blank before it".into(),
            ),
        ] {
            let fault = check("f", text, b',').expect_err("the quotes are faulty");
            assert_eq!(fault.line(), format!("lapwing: {expected}"), "{text:?}");
        }
    }
}
