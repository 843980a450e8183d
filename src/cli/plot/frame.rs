//! Pictures: a frame with two axes, and the legend above it.
//!
//! Top floor. Places what is given to it and measures texts so that nothing overlaps; it must not know what the data
//! mean.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Font, Mark, Point, Rect, Stroke};
use super::font;
use super::style::{GREY, INK, PALE};

/// The size of text.
pub const TEXT: f64 = 11.5;
/// The size of headings.
pub const HEADING: f64 = 14.0;
/// The height of a line of text.
pub const LINE: f64 = 17.0;

/// A frame in which values become points.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Where the data are.
    pub area: Rect,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// From the left edge of the area to that of the vertical axis' title.
    pub margin: f64,
}

/// Dark or grey text of the usual size.
pub fn text(anchor: Anchor, colour: &'static str) -> Font {
    Font { size: TEXT, colour, anchor }
}

/// The room that the labels of a vertical axis and its title need on the left of the frame.
pub fn left_margin(axis: &Axis) -> f64 {
    let widest = axis.ticks.iter().map(|t| font::width(&t.label, TEXT)).fold(0.0, f64::max);
    widest + 8.0 + LINE + 6.0
}

impl Frame {
    /// The point of a pair of values.
    pub fn point(&self, x: f64, y: f64) -> Point {
        (self.area.x + self.x.at(x) * self.area.width, self.area.bottom() - self.y.at(y) * self.area.height)
    }

    /// Every how many ticks of the horizontal axis there is room for a label.
    fn stride(&self) -> usize {
        let [first, second, ..] = &self.x.ticks[..] else { return 1 };
        let spacing = (second.at - first.at) * self.area.width;
        let widest = self.x.ticks.iter().map(|t| font::width(&t.label, TEXT)).fold(0.0, f64::max);
        ((widest + 12.0) / spacing).ceil().max(1.0) as usize
    }

    /// Grid, outline and the labels of the vertical axis with its title; those of the horizontal axis only if it has
    /// a title.
    pub fn draw(&self, canvas: &mut Canvas, x_title: Option<&str>, y_title: &str) {
        let area = self.area;
        for tick in &self.y.ticks {
            let y = area.bottom() - tick.at * area.height;
            canvas.line((area.x, y), (area.right(), y), Stroke::solid(PALE, 1.0));
            canvas.text((area.x - 7.0, y + 4.0), text(Anchor::End, INK), &tick.label);
        }
        let stride = self.stride();
        for (i, tick) in self.x.ticks.iter().enumerate() {
            let x = area.x + tick.at * area.width;
            canvas.line((x, area.y), (x, area.bottom()), Stroke::solid(PALE, 1.0));
            if x_title.is_some() && i % stride == 0 {
                canvas.text((x, area.bottom() + LINE), text(Anchor::Middle, INK), &tick.label);
            }
        }
        canvas.outline(area, Stroke::solid(GREY, 1.0));
        if let Some(title) = x_title {
            let title = font::fitted(&self.x.titled(title), TEXT, area.width);
            let centre = area.x + area.width / 2.0;
            canvas.text((centre, area.bottom() + 2.0 * LINE + 3.0), text(Anchor::Middle, INK), &title);
        }
        if !y_title.is_empty() {
            let title = font::fitted(&self.y.titled(y_title), TEXT, area.height);
            let x = area.x + LINE - self.margin;
            canvas.upright((x, area.y + area.height / 2.0), text(Anchor::Middle, INK), &title);
        }
    }
}

/// An entry of a legend: a sample, which is a line or a bar with a mark, or one of them, and a name.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The line.
    pub line: Option<Stroke>,
    /// The colour of the bar.
    pub bar: Option<&'static str>,
    /// The mark, in the middle of a line or at the end of a bar.
    pub mark: Option<Mark>,
    /// The name.
    pub label: String,
}

impl Entry {
    fn draw_sample(&self, canvas: &mut Canvas, (x, y): Point) {
        const BAR: f64 = 28.0;
        if let Some(line) = self.line {
            canvas.line((x, y), (x + SAMPLE, y), line);
        }
        if let Some(colour) = self.bar {
            canvas.rect(Rect { x, y: y - 4.5, width: BAR, height: 9.0 }, colour);
        }
        if let Some(mark) = self.mark {
            canvas.mark((x + if self.bar.is_some() { BAR } else { SAMPLE / 2.0 }, y), mark);
        }
    }
}

/// The width of a sample.
const SAMPLE: f64 = 34.0;

/// Draws the entries from left to right, in as many lines as they need, and returns the height of these.
pub fn legend(canvas: &mut Canvas, (left, top): Point, room: f64, entries: &[Entry]) -> f64 {
    const GAP: f64 = 20.0;
    let (mut x, mut y) = (left, top);
    for entry in entries {
        let label = font::fitted(&entry.label, TEXT, room - SAMPLE - 6.0);
        let width = SAMPLE + 6.0 + font::width(&label, TEXT);
        if x > left && x + width > left + room {
            (x, y) = (left, y + LINE + 2.0);
        }
        entry.draw_sample(canvas, (x, y + LINE / 2.0));
        canvas.text((x + SAMPLE + 6.0, y + LINE / 2.0 + 4.0), text(Anchor::Start, INK), &label);
        x += width + GAP;
    }
    if entries.is_empty() { 0.0 } else { y + LINE + 2.0 - top }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::plot::canvas::Figure;

    fn frame() -> Frame {
        let area = Rect { x: 60.0, y: 10.0, width: 200.0, height: 100.0 };
        Frame { area, x: Axis::between(0.0, 10.0, 5), y: Axis::between(-1.0, 1.0, 4), margin: 50.0 }
    }

    #[test]
    fn values_become_points() {
        assert_eq!(frame().point(0.0, -1.0), (60.0, 110.0));
        assert_eq!(frame().point(5.0, 1.0), (160.0, 10.0));
    }

    #[test]
    fn a_legend_breaks_its_lines() {
        let entry = |label: &str| Entry { label: label.to_string(), ..Entry::default() };
        let entries = [entry("one"), entry("two"), entry(&"wide ".repeat(200))];
        let height = |room: f64, n: usize| legend(&mut Canvas::default(), (0.0, 0.0), room, &entries[..n]);
        assert_eq!([height(500.0, 0), height(500.0, 2), height(80.0, 2)], [0.0, LINE + 2.0, 2.0 * (LINE + 2.0)]);
        assert_eq!(height(500.0, 3), 2.0 * (LINE + 2.0));
    }

    #[test]
    fn labels_of_the_horizontal_axis_come_with_its_title() {
        let texts = |title| {
            let mut canvas = Canvas::default();
            frame().draw(&mut canvas, title, "y");
            Figure { width: 300.0, height: 200.0, title: String::new(), canvas }.svg().matches("<text").count()
        };
        assert_eq!(texts(Some("x")) - texts(None), frame().x.ticks.len() + 1);
    }
}
