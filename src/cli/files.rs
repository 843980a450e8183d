//! The command `lapwing compare`: the pictures and the page that it writes besides what it prints.
//!
//! Top floor. Puts figures together and hands them to `target`; it must not draw.

use std::path::{Path, PathBuf};

use super::args::CompareArgs;
use super::fault::Fault;
use super::page;
use super::plot::{self, Format, canvas::Figure};
use super::problem::Problem;
use super::report::Report;
use super::target::{self, Target};

/// The files to write.
pub struct Targets {
    plot: Option<(Target, Format)>,
    page: Option<Target>,
}

impl Targets {
    /// Refuses names that cannot be written, before anything is computed.
    pub fn new(args: &CompareArgs) -> Result<Self, Fault> {
        let inputs: Vec<&Path> =
            [Some(&args.file), args.rhs.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect();
        Ok(Targets {
            plot: args.plot.as_ref().map(|path| target::picture(path, &inputs)).transpose()?,
            page: args.html.as_ref().map(|path| target::page(path, &inputs)).transpose()?,
        })
    }

    /// Draws and writes what was asked for.
    pub fn write(self, problem: &Problem, report: &Report) -> Result<(), Fault> {
        if self.plot.is_none() && self.page.is_none() {
            return Ok(());
        }
        let figures = [plot::fit::figure(problem, report), plot::digits::figure(report)];
        let mut files = Vec::new();
        if let Some((target, format)) = self.plot {
            files.push((target, plot::encode(&Figure::stacked(&figures), format)?));
        }
        if let Some(target) = self.page {
            files.push((target, page::page(report, &figures).into_bytes()));
        }
        target::write(&files)
    }
}
