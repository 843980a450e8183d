//! The command: files that it writes. All of a file or nothing: the content goes into a temporary file beside it, which
//! then takes its name.
//!
//! Top floor. Refuses before anything is computed what cannot be written in the end; it must not overwrite input, or
//! what is no ordinary file.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::fault::Fault;
use super::plot::Format;

/// A file that can be written, as far as that can be known beforehand. A file of this name is replaced.
#[derive(Debug)]
pub struct Target {
    /// As it was given.
    shown: String,
    /// Behind all links.
    path: PathBuf,
}

/// A file whose content stands in a temporary file; that disappears unless it takes the name.
struct Staged<'a> {
    target: &'a Target,
    temporary: PathBuf,
}

/// The target of a picture, and its format by the end of its name.
pub fn picture(path: &Path, inputs: &[&Path]) -> Result<(Target, Format), Fault> {
    let format = match extension(path).as_str() {
        "svg" => Format::Svg,
        "png" => Format::Png,
        _ => return Err(wrong_end(path, "a picture whose name ends in .svg or .png")),
    };
    Ok((Target::new(path, inputs)?, format))
}

/// The target of a page.
pub fn page(path: &Path, inputs: &[&Path]) -> Result<Target, Fault> {
    match extension(path).as_str() {
        "html" | "htm" => Target::new(path, inputs),
        _ => Err(wrong_end(path, "a page whose name ends in .html")),
    }
}

/// Writes all files, or none where one cannot be written.
pub fn write(files: &[(Target, Vec<u8>)]) -> Result<(), Fault> {
    let staged = files.iter().map(|(target, content)| target.stage(content)).collect::<Result<Vec<_>, _>>()?;
    staged.iter().try_for_each(Staged::commit)
}

fn extension(path: &Path) -> String {
    path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase()
}

fn wrong_end(path: &Path, expected: &str) -> Fault {
    let shown = path.display().to_string();
    let found = match path.extension() {
        Some(end) => format!(".{}", end.to_string_lossy()),
        None => "no such ending".to_string(),
    };
    Fault::in_file(&shown, format!("expected {expected}, found {found}"))
}

impl Target {
    fn new(path: &Path, inputs: &[&Path]) -> Result<Self, Fault> {
        let shown = path.display().to_string();
        let refuse = |message: &str| Err(Fault::in_file(&shown, message));
        let path = match fs::metadata(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => path.to_path_buf(),
            Err(e) => return Err(unwritable(&shown, &e)),
            Ok(found) if found.is_dir() => return refuse("expected the name of a file to write, found a directory"),
            Ok(found) if !found.is_file() => return refuse("expected the name of a file to write, found a device"),
            Ok(found) if found.permissions().readonly() => return refuse("cannot be written: it is read-only"),
            Ok(_) => fs::canonicalize(path).map_err(|e| unwritable(&shown, &e))?,
        };
        if inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| input == path)) {
            return refuse("is read as input and would be overwritten; choose another name");
        }
        let target = Target { shown, path };
        target.stage(&[]).map(drop)?;
        Ok(target)
    }

    fn stage(&self, content: &[u8]) -> Result<Staged<'_>, Fault> {
        let failed = |e: std::io::Error| unwritable(&self.shown, &e);
        let (temporary, mut file) = self.temporary().map_err(failed)?;
        let staged = Staged { target: self, temporary };
        file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(staged)
    }

    /// A new file in the same directory, so that it can be renamed.
    fn temporary(&self) -> std::io::Result<(PathBuf, File)> {
        const TRIES: u32 = 100;
        let mut result = Err(ErrorKind::AlreadyExists.into());
        for i in 0..TRIES {
            let path = self.path.with_file_name(format!(".lapwing-{}-{i}.part", std::process::id()));
            result = OpenOptions::new().write(true).create_new(true).open(&path).map(|file| (path, file));
            if !matches!(&result, Err(e) if e.kind() == ErrorKind::AlreadyExists) {
                break;
            }
        }
        result
    }
}

impl Staged<'_> {
    fn commit(&self) -> Result<(), Fault> {
        fs::rename(&self.temporary, &self.target.path).map_err(|e| unwritable(&self.target.shown, &e))
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // After the commit there is nothing left to remove; before it nobody is left to tell.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// A full disk is the machine's failure, a name that cannot be written is not.
fn unwritable(shown: &str, error: &std::io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound => {
            Fault::in_file(shown, "cannot be written: expected an existing directory, found none of this name")
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::OutOfMemory | ErrorKind::AlreadyExists => {
            Fault::Machine(format!("{shown}: cannot be written: {error}"))
        }
        _ => Fault::in_file(shown, format!("cannot be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of this test's own, empty.
    fn directory(test: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("lapwing-target-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the temporary directory can be written");
        path
    }

    fn files(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .expect("it exists")
            .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_whole_content_or_nothing() {
        let here = directory("whole");
        let (target, format) = picture(&here.join("a.SVG"), &[]).expect("it can be written");
        assert_eq!((format, files(&here)), (Format::Svg, vec![]));
        fs::write(here.join("a.SVG"), "old").expect("it can be written");
        write(&[(target, b"new".to_vec())]).expect("it can be written");
        assert_eq!(fs::read(here.join("a.SVG")).expect("it is there"), b"new");
        assert_eq!(files(&here), ["a.SVG"]);
        fs::remove_dir_all(here).expect("it is ours");
    }

    #[test]
    fn where_one_file_fails_none_is_written() {
        let here = directory("none");
        fs::create_dir(here.join("gone")).expect("it can be made");
        let first = page(&here.join("a.html"), &[]).expect("it can be written");
        let second = page(&here.join("gone/b.html"), &[]).expect("it can be written");
        fs::remove_dir(here.join("gone")).expect("it is empty");
        let fault = write(&[(first, vec![1]), (second, vec![2])]).expect_err("its directory is gone");
        assert!(fault.line().contains("b.html: cannot be written"), "{}", fault.line());
        assert_eq!((fault.status(), files(&here)), (2, vec![]));
        fs::remove_dir_all(here).expect("it is ours");
    }

    #[test]
    fn names_that_cannot_be_written() {
        let here = directory("names");
        fs::create_dir(here.join("d.svg")).expect("it can be made");
        fs::write(here.join("in.svg"), "x,y").expect("it can be written");
        let line = |name: &str| {
            let input = here.join("in.svg");
            let fault = picture(&here.join(name), &[&input]).map(drop).expect_err(name);
            assert_eq!(fault.status(), 2);
            fault.line().rsplit_once(&format!("{name}: ")).expect("it names the file").1.to_string()
        };
        assert_eq!(line("a.pdf"), "expected a picture whose name ends in .svg or .png, found .pdf");
        assert_eq!(line("svg"), "expected a picture whose name ends in .svg or .png, found no such ending");
        assert_eq!(line("d.svg"), "expected the name of a file to write, found a directory");
        assert_eq!(line("in.svg"), "is read as input and would be overwritten; choose another name");
        let expected = "cannot be written: expected an existing directory, found none of this name";
        assert_eq!(line("no/a.svg"), expected);
        let mut permissions = fs::metadata(here.join("in.svg")).expect("it is there").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(here.join("in.svg"), permissions).expect("it is ours");
        assert_eq!(line("in.svg"), "cannot be written: it is read-only");
        assert_eq!(files(&here), ["d.svg", "in.svg"]);
        fs::remove_dir_all(here).expect("it is ours");
    }
}
