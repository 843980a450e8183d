//! Pictures: how each method looks, by colour, mark and dash at once, so that colour vision is not needed.
//!
//! Top floor. The colours are those of Okabe and Ito, Color Universal Design (2008); it must not draw.

use super::canvas::{Mark, Point, Stroke};
use crate::cli::args::MethodName;

/// Text and frames.
pub const INK: &str = "#222222";
/// What explains.
pub const GREY: &str = "#666666";
/// What helps the eye.
pub const PALE: &str = "#e4e4e4";
/// The ground, and the inside of hollow marks on lines.
pub const WHITE: &str = "#ffffff";

/// No colour.
pub const NOTHING: &str = "none";

/// The shape of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A circle.
    Circle,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle that points up.
    Up,
    /// A triangle that points down.
    Down,
    /// A star of five points.
    Star,
    /// A regular pentagon.
    Pentagon,
    /// ×, which stands for failure and for no method.
    Cross,
}

impl Marker {
    /// The corners relative to the centre, for a mark about as large as a circle of this radius; none for the circle.
    pub fn corners(self, r: f64) -> Option<Vec<Point>> {
        let ring = |n: usize, turn: f64, radius: &dyn Fn(usize) -> f64| {
            (0..n)
                .map(|i| {
                    let (sine, cosine) = (std::f64::consts::TAU * (i as f64 / n as f64 + turn)).sin_cos();
                    (radius(i) * cosine, radius(i) * sine)
                })
                .collect()
        };
        match self {
            Marker::Circle => None,
            Marker::Square => Some(ring(4, 0.125, &|_| 1.25 * r)),
            Marker::Diamond => Some(ring(4, 0.0, &|_| 1.4 * r)),
            Marker::Up => Some(ring(3, -0.25, &|_| 1.4 * r)),
            Marker::Down => Some(ring(3, 0.25, &|_| 1.4 * r)),
            Marker::Star => Some(ring(10, -0.25, &|i| if i % 2 == 0 { 1.6 * r } else { 0.7 * r })),
            Marker::Pentagon => Some(ring(5, -0.25, &|_| 1.3 * r)),
            Marker::Cross => Some(vec![(-r, -r), (r, r), (-r, r), (r, -r)]),
        }
    }
}

/// The look of a method.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The colour.
    pub colour: &'static str,
    /// The mark.
    pub marker: Marker,
    /// The dashes of lines.
    pub dash: &'static str,
    /// The radius of marks. Where methods agree their marks are seen inside of each other.
    pub radius: f64,
}

impl Style {
    /// The look of this method.
    pub fn of(method: MethodName) -> Self {
        let style = |colour, marker, dash, radius| Style { colour, marker, dash, radius };
        match method {
            MethodName::Ne => style("#d55e00", Marker::Up, "7 3", 5.0),
            MethodName::Qr => style("#0072b2", Marker::Circle, "", 2.4),
            MethodName::Qrp => style("#009e73", Marker::Square, "2 2.5", 4.4),
            MethodName::Svd => style("#cc79a7", Marker::Diamond, "8 3 2 3", 5.6),
            MethodName::Auto => style("#e69f00", Marker::Down, "12 3", 6.2),
            MethodName::Ner => style("#000000", Marker::Pentagon, "1 2.5", 3.4),
            MethodName::Refined => style("#56b4e9", Marker::Star, "4 2", 5.0),
        }
    }

    /// A line of this width.
    pub fn line(&self, width: f64) -> Stroke {
        Stroke { colour: self.colour, width, dash: self.dash }
    }

    /// The mark of the method, hollow.
    pub fn mark(&self, fill: &'static str) -> Mark {
        Mark { shape: self.marker, radius: self.radius, edge: Stroke::solid(self.colour, 1.3), fill }
    }

    /// The mark of its failure.
    pub fn cross(&self, radius: f64) -> Mark {
        Mark { shape: Marker::Cross, radius, edge: Stroke::solid(self.colour, 1.8), fill: NOTHING }
    }
}

/// The method of this name.
pub fn method(name: &str) -> Option<MethodName> {
    use clap::ValueEnum;
    MethodName::value_variants().iter().copied().find(|method| method.name() == name)
}

/// The method in a legend.
pub fn label(method: MethodName) -> String {
    let spoken = method.spoken().trim_start_matches("the ");
    match method.name().eq_ignore_ascii_case(spoken) {
        true => method.name().to_string(),
        false => format!("{} ({spoken})", method.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn methods_differ_in_colour_mark_and_dash() {
        let styles: Vec<Style> = MethodName::value_variants().iter().map(|&m| Style::of(m)).collect();
        for (i, a) in styles.iter().enumerate() {
            assert!(a.marker != Marker::Cross, "the cross stands for failure");
            for b in &styles[i + 1..] {
                assert!(a.colour != b.colour && a.marker != b.marker && a.dash != b.dash, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn names_lead_back_to_methods() {
        for &name in MethodName::value_variants() {
            assert_eq!(method(name.name()), Some(name));
        }
        assert_eq!(method("no such method"), None);
        assert_eq!([MethodName::Ne, MethodName::Qr].map(label), ["ne (normal equations)", "qr"]);
    }
}
