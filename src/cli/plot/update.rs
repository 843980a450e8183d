//! Pictures: the eigenvalues of S + θzzᵀ while θ grows, between the eigenvalues of S that they cannot pass.
//!
//! Top floor. A line for each eigenvalue, a dashed one for each that it began with; it must not compute eigenvalues.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Figure, Font, Point, Rect, Stroke};
use super::font;
use super::frame::{Entry, Frame, HEADING, LINE, TEXT, left_margin, legend, text};
use super::style::{GREY, INK};
use crate::cli::interlace::report::Branches;
use lapwing::interlace::subscript;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 460.0;
/// The room for the names of the curves.
const RIGHT: f64 = 56.0;
/// Beyond this many curves their names would cover each other.
const MOST_NAMED: usize = 12;
/// Two hues in turns that differ in lightness too, so that neighbours are told apart in greys.
const CURVES: [&str; 2] = ["#0b4f8a", "#d9822b"];
const BEFORE: Stroke = Stroke { colour: GREY, width: 1.0, dash: "2 4" };

/// The figure.
pub fn figure(branches: &Branches) -> Figure {
    let Branches { title, thetas, values } = branches;
    let mut canvas = Canvas::default();
    let heading = Font { size: HEADING, colour: INK, anchor: Anchor::Start };
    canvas.text((24.0, 24.0), heading, &font::fitted(title, HEADING, WIDTH - 48.0));
    let top = 36.0 + legend(&mut canvas, (24.0, 36.0), WIDTH - 48.0, &entries()) + 8.0;
    let y = Axis::linear(values.iter().flatten().copied(), 8);
    let margin = left_margin(&y);
    let area = Rect { x: margin, y: top, width: WIDTH - margin - RIGHT, height: HEIGHT };
    let ends = || [thetas.first(), thetas.last()].into_iter().flatten().copied();
    let (low, high) = ends().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let x = Axis::between(low, high, 8);
    let frame = Frame { area, x, y, margin };
    frame.draw(&mut canvas, Some("θ"), "eigenvalues μ of S + θzzᵀ");
    let count = values.first().map_or(0, Vec::len);
    let first = thetas.iter().position(|&theta| theta == 0.0);
    for &before in first.and_then(|first| values.get(first)).into_iter().flatten() {
        let height = frame.point(low, before).1;
        canvas.line((area.x, height), (area.right(), height), BEFORE);
    }
    canvas.clipped(area, |canvas| {
        for i in 0..count {
            let points: Vec<Point> = thetas.iter().zip(values).map(|(&x, row)| frame.point(x, row[i])).collect();
            canvas.polyline(&points, Stroke::solid(CURVES[i % CURVES.len()], if count > 40 { 1.0 } else { 2.0 }));
        }
    });
    if count <= MOST_NAMED {
        names(&mut canvas, &frame, branches);
    }
    Figure { width: WIDTH, height: area.bottom() + 2.0 * LINE + 16.0, title: title.clone(), canvas }
}

fn entries() -> [Entry; 2] {
    let entry = |line, label: &str| Entry { line: Some(line), label: label.to_string(), ..Entry::default() };
    [entry(Stroke::solid(CURVES[0], 2.0), "μᵢ"), entry(BEFORE, "λᵢ, the eigenvalues of S")]
}

/// The names of the curves at their right ends, a line apart and none below the frame.
fn names(canvas: &mut Canvas, frame: &Frame, branches: &Branches) {
    let rightmost = |&i: &usize, &j: &usize| branches.thetas[i].total_cmp(&branches.thetas[j]);
    let Some(last) = (0..branches.thetas.len()).max_by(rightmost) else { return };
    let step = TEXT + 1.0;
    let height = |&value: &f64| frame.point(branches.thetas[last], value).1 + 4.0;
    let mut heights: Vec<f64> = branches.values[last].iter().map(height).collect();
    for i in 1..heights.len() {
        heights[i] = heights[i].max(heights[i - 1] + step);
    }
    let mut lowest = frame.area.bottom() + 4.0;
    for height in heights.iter_mut().rev() {
        *height = height.min(lowest);
        lowest = *height - step;
    }
    for (i, height) in heights.into_iter().enumerate() {
        canvas.text((frame.area.right() + 8.0, height), text(Anchor::Start, INK), &format!("μ{}", subscript(i + 1)));
    }
}
