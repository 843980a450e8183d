//! Pictures: figures of a comparison, a sweep, a gradient and a rank-one update, as SVG and PNG.
//!
//! Top floor. `canvas` writes markup, `axis` and `frame` place it, `font` measures text, `style` gives each method its
//! look, and one file for each figure puts them together. Nothing here solves a problem.

mod abscissa;
mod axis;
pub mod canvas;
pub mod digits;
pub mod fit;
mod font;
mod frame;
pub mod heat;
mod png;
mod style;
pub mod sweep;
#[cfg(test)]
mod tests;
pub mod update;

use super::fault::Fault;
use canvas::Figure;

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Scalable, as text.
    Svg,
    /// Pixels.
    Png,
}

/// The content of the file.
pub fn encode(figure: &Figure, format: Format) -> Result<Vec<u8>, Fault> {
    match format {
        Format::Svg => Ok(figure.svg().into_bytes()),
        Format::Png => png::encode(&figure.svg()),
    }
}
