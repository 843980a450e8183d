//! Pictures: SVG markup, element by element, and the figures that are made of it.
//!
//! Top floor. Knows shapes and colours and no data. Texts are escaped and numbers have two decimals, so that the same
//! picture is the same bytes; it must not write files.

use super::style::Marker;

/// The family that the embedded font belongs to, then fonts that are no wider.
const FONTS: &str = "DejaVu Sans, Verdana, sans-serif";

/// Beyond this renderers lose precision; a curve that leaves the picture does not come back any sooner.
const FAR: f64 = 1e5;

/// A point in pixels from the upper left corner.
pub type Point = (f64, f64);

/// A rectangle, by its upper left corner and its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// The colour, `#rrggbb`.
    pub colour: &'static str,
    /// The width in pixels.
    pub width: f64,
    /// Lengths of dashes and gaps in pixels; empty for a solid line.
    pub dash: &'static str,
}

impl Stroke {
    /// A solid line.
    pub fn solid(colour: &'static str, width: f64) -> Self {
        Stroke { colour, width, dash: "" }
    }

    fn attributes(&self) -> String {
        let dash = if self.dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", self.dash) };
        format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{dash}", self.colour, number(self.width))
    }
}

/// How a mark is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// The shape.
    pub shape: Marker,
    /// The radius of a circle of about this size.
    pub radius: f64,
    /// The outline.
    pub edge: Stroke,
    /// The colour inside, or `none`.
    pub fill: &'static str,
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy)]
pub enum Anchor {
    /// Begins there.
    Start,
    /// Is centred there.
    Middle,
    /// Ends there.
    End,
}

/// How a text is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Font {
    /// The size in pixels.
    pub size: f64,
    /// The colour.
    pub colour: &'static str,
    /// Where it stands.
    pub anchor: Anchor,
}

/// Markup that grows.
#[derive(Debug, Clone, Default)]
pub struct Canvas {
    markup: String,
}

impl Canvas {
    /// A filled rectangle.
    pub fn rect(&mut self, r: Rect, fill: &str) {
        self.rect_with(r, &format!("fill=\"{fill}\""));
    }

    /// The outline of a rectangle.
    pub fn outline(&mut self, r: Rect, stroke: Stroke) {
        self.rect_with(r, &stroke.attributes());
    }

    fn rect_with(&mut self, r: Rect, attributes: &str) {
        let (x, y, w, h) = (number(r.x), number(r.y), number(r.width), number(r.height));
        self.markup += &format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {attributes}/>\n");
    }

    /// A straight line.
    pub fn line(&mut self, from: Point, to: Point, stroke: Stroke) {
        self.polyline(&[from, to], stroke);
    }

    /// Straight lines from point to point. A point that is not finite interrupts them.
    pub fn polyline(&mut self, points: &[Point], stroke: Stroke) {
        let mut path = String::new();
        let mut begun = false;
        for &(x, y) in points {
            if !(x.is_finite() && y.is_finite()) {
                begun = false;
                continue;
            }
            path += &format!("{}{} {}", if begun { 'L' } else { 'M' }, number(x), number(y));
            begun = true;
        }
        self.markup += &format!("<path d=\"{path}\" {}/>\n", stroke.attributes());
    }

    /// A text on a line.
    pub fn text(&mut self, at: Point, font: Font, text: &str) {
        self.text_with(at, font, text, "");
    }

    /// A text that runs upwards, centred.
    pub fn upright(&mut self, (x, y): Point, font: Font, text: &str) {
        let turn = format!(" transform=\"rotate(-90 {} {})\"", number(x), number(y));
        self.text_with((x, y), font, text, &turn);
    }

    fn text_with(&mut self, (x, y): Point, font: Font, text: &str, more: &str) {
        let anchor = match font.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, size, text) = (number(x), number(y), number(font.size), escaped(text));
        self.markup += &format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{}\" text-anchor=\"{anchor}\"{more}>{text}</text>\n",
            font.colour
        );
    }

    /// A mark around a point.
    pub fn mark(&mut self, (x, y): Point, mark: Mark) {
        let shape = match mark.shape.corners(mark.radius) {
            None => format!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", number(x), number(y), number(mark.radius)),
            Some(corners) => {
                let corner = |&(dx, dy): &Point| format!("{} {}", number(x + dx), number(y + dy));
                let path = |corners: &[Point]| corners.iter().map(corner).collect::<Vec<_>>().join("L");
                // A cross is two strokes, every other mark one closed line.
                match mark.shape {
                    Marker::Cross => {
                        let strokes: Vec<String> = corners.chunks(2).map(path).collect();
                        format!("<path d=\"M{}\"", strokes.join("M"))
                    }
                    _ => format!("<path d=\"M{}Z\"", path(&corners)),
                }
            }
        };
        let (fill, colour, width) = (mark.fill, mark.edge.colour, number(mark.edge.width));
        self.markup += &format!("{shape} fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>\n");
    }

    /// What `draw` draws, cut off at the edges of a rectangle.
    pub fn clipped(&mut self, r: Rect, draw: impl FnOnce(&mut Canvas)) {
        let (x, y, w, h) = (number(r.x), number(r.y), number(r.width), number(r.height));
        self.markup += &format!(
            "<svg x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\" overflow=\"hidden\">\n"
        );
        draw(self);
        self.markup += "</svg>\n";
    }

    /// What `draw` draws, with a text that viewers show on it.
    pub fn titled(&mut self, title: &str, draw: impl FnOnce(&mut Canvas)) {
        self.markup += &format!("<g><title>{}</title>\n", escaped(title));
        draw(self);
        self.markup += "</g>\n";
    }

    fn moved(&mut self, down: f64, canvas: &Canvas) {
        self.markup += &format!("<g transform=\"translate(0 {})\">\n{}</g>\n", number(down), canvas.markup);
    }
}

/// A picture of its own.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// What it is, for those who do not see it and for viewers' title bars.
    pub title: String,
    /// What is drawn.
    pub canvas: Canvas,
}

impl Figure {
    /// Figures from top to bottom.
    pub fn stacked(figures: &[Figure]) -> Figure {
        let mut canvas = Canvas::default();
        let (mut width, mut height) = (0.0, 0.0);
        for figure in figures {
            canvas.moved(height, &figure.canvas);
            width = figure.width.max(width);
            height += figure.height;
        }
        let titles: Vec<&str> = figures.iter().map(|f| f.title.as_str()).collect();
        Figure { width, height, title: titles.join("; "), canvas }
    }

    /// The SVG document, on a white ground.
    pub fn svg(&self) -> String {
        let (w, h) = (number(self.width), number(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"{FONTS}\" role=\"img\">\n<title>{}</title>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            escaped(&self.title),
            self.canvas.markup
        )
    }
}

/// A number with at most two decimals.
fn number(value: f64) -> String {
    let text = format!("{:.2}", value.clamp(-FAR, FAR));
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// Text for XML and HTML, inside of elements and of quoted attributes. What XML 1.0 has no way to write becomes the
/// replacement character.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [1.0, -0.001, 0.125, 1234.5, 1e300, -1e300].map(number);
        assert_eq!(shown, ["1", "0", "0.12", "1234.5", "100000", "-100000"]);
    }

    #[test]
    fn any_text_gives_well_formed_markup() {
        let text: String = (0..0x3000).chain(0xff00..0x10100).filter_map(char::from_u32).collect();
        let mut canvas = Canvas::default();
        canvas.titled(&text, |canvas| {
            canvas.text((0.0, 0.0), Font { size: 10.0, colour: "#000000", anchor: Anchor::End }, &text);
        });
        let svg = Figure { width: 1.0, height: 1.0, title: text.clone(), canvas }.svg();
        let document = roxmltree::Document::parse(&svg).expect("it is well formed");
        let shown = document.descendants().find(|n| n.has_tag_name("text")).and_then(|n| n.text()).expect("a text");
        assert_eq!(shown.chars().count(), text.chars().count());
        assert!(shown.contains("<&>") || (shown.contains('<') && shown.contains('&')), "nothing is lost");
    }

    #[test]
    fn a_gap_in_the_points_is_a_gap_in_the_line() {
        let mut canvas = Canvas::default();
        let points = [(0.0, 0.0), (1.0, 1.0), (f64::NAN, 2.0), (3.0, f64::INFINITY), (4.0, 4.0), (5.0, 5.0)];
        canvas.polyline(&points, Stroke::solid("#000000", 1.0));
        assert!(canvas.markup.contains("d=\"M0 0L1 1M4 4L5 5\""), "{}", canvas.markup);
    }

    #[test]
    fn figures_stand_below_each_other() {
        let figure = |width, height| Figure { width, height, title: "t".into(), canvas: Canvas::default() };
        let both = Figure::stacked(&[figure(10.0, 20.0), figure(30.0, 5.0)]);
        assert_eq!((both.width, both.height, both.title.as_str()), (30.0, 25.0, "t; t"));
        assert!(both.svg().contains("translate(0 20)"));
    }
}
