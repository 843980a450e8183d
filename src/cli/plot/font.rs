//! Pictures: the font that comes with the command, and how wide a text is in it.
//!
//! Top floor. A machine without any fonts draws the same labels; it must not look for fonts.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// A part of DejaVu Sans: Latin, Greek and Cyrillic letters and mathematical signs. Its terms stand beside it.
pub const BYTES: &[u8] = include_bytes!("../../../data/font/DejaVuSans.ttf");

/// The width of a text in pixels. A character that the font lacks counts as a square, which few are wider than.
pub fn width(text: &str, size: f64) -> f64 {
    let Ok(font) = FontRef::new(BYTES) else { return size * text.chars().count() as f64 };
    let characters = font.charmap();
    let metrics = font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    let advance = |c: char| characters.map(c).and_then(|glyph| metrics.advance_width(glyph)).map_or(size, f64::from);
    text.chars().map(advance).sum()
}

/// Whether the font has every character of a text.
pub fn covers(text: &str) -> bool {
    FontRef::new(BYTES).is_ok_and(|font| text.chars().all(|c| font.charmap().map(c).is_some()))
}

/// The text, cut in its middle where it is wider than `room`: names often differ at their ends.
pub fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_string();
    }
    let characters: Vec<char> = text.chars().collect();
    let cut = |kept: usize| {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let mut cut: String = characters[..head].iter().collect();
        cut.push('…');
        cut.extend(&characters[characters.len() - tail..]);
        cut
    };
    // No text of this many characters fits: the narrowest letters are wider than a pixel.
    let most = characters.len().saturating_sub(1).min(room as usize);
    (0..=most).rev().map(cut).find(|cut| width(cut, size) <= room).unwrap_or_else(|| "…".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // DejaVu Sans has 2048 units to the em; the digits are 1303 wide.
        assert_eq!(width("00", 2048.0), 2606.0);
        assert_eq!(width("", 12.0), 0.0);
        assert!((width("漢", 12.0) - 12.0).abs() < 1e-9);
    }

    #[test]
    fn the_font_has_what_labels_use() {
        assert!(covers("κ₂(AᵀA) θ ‖b − A x‖ 10⁻¹²³⁴⁵⁶⁷⁸⁹⁰ × · ε … – é ß Ж ≤ (intercept) x^2"));
        assert!(!covers("漢"));
    }

    #[test]
    fn long_names_keep_both_ends() {
        let long = "a_rather_long_name_of_a_column_number_17";
        let short = fitted(long, 11.0, 100.0);
        assert!(short.starts_with("a_rat") && short.ends_with("_17") && short.contains('…'), "{short}");
        assert!(width(&short, 11.0) <= 100.0);
        assert_eq!(fitted("x1", 11.0, 100.0), "x1");
        assert_eq!(fitted(long, 11.0, 1.0), "…");
    }
}
