//! Pictures: from SVG to PNG.
//!
//! Top floor. Draws what the SVG says, with the font that comes with the command; it must not add anything.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use super::font;
use crate::cli::fault::Fault;

/// Pixels of the file for each pixel of the figure, so that it is sharp on fine screens and on paper.
const SCALE: f32 = 2.0;

/// The PNG file of an SVG document.
pub fn encode(svg: &str) -> Result<Vec<u8>, Fault> {
    let failed = |e: &dyn std::fmt::Display| Fault::Machine(format!("the picture cannot be drawn: {e}"));
    let tree = Tree::from_str(svg, &options(svg)).map_err(|e| failed(&e))?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| failed(&"it has no size"))?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or_else(|| failed(&"it is too large"))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| failed(&e))
}

/// Only the embedded font, unless the text has characters that it lacks: then fonts of the machine help out.
fn options(svg: &str) -> Options<'static> {
    let mut fonts = Database::new();
    fonts.load_font_data(font::BYTES.to_vec());
    if !font::covers(&svg.replace('\n', " ")) {
        fonts.load_system_fonts();
    }
    Options { fontdb: Arc::new(fonts), ..Options::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"20\" \
                        font-family=\"DejaVu Sans\"><text x=\"2\" y=\"15\" font-size=\"14\">κε</text></svg>";

    /// Bytes of the signature, and width and height in the header (PNG specification, 5.2 and 11.2.2).
    #[test]
    fn a_png_of_twice_the_size_with_text_in_it() {
        let bytes = encode(TEXT).expect("it can be drawn");
        assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n");
        assert_eq!((bytes[16..20].to_vec(), bytes[20..24].to_vec()), (vec![0, 0, 0, 80], vec![0, 0, 0, 40]));
        let drawn = |svg: &str| {
            let pixels = Pixmap::decode_png(&encode(svg).expect("it can be drawn")).expect("a PNG");
            pixels.pixels().iter().filter(|p| p.alpha() > 0).count()
        };
        assert!(drawn(TEXT) > 100, "the letters are there");
        assert_eq!(drawn(&TEXT.replace("κε", "")), 0);
    }

    #[test]
    fn what_is_no_svg_is_refused() {
        assert!(encode("<svg").is_err());
    }
}
