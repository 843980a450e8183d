//! Pictures: the forward error of each method against the condition number, a frame for each size of the residual.
//!
//! Top floor. Medians as lines, all problems as a range, failures in a strip of their own above the frame; it must not
//! compute errors.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Figure, Font, Point, Rect, Stroke};
use super::font;
use super::frame::{Entry, Frame, HEADING, LINE, TEXT, left_margin, legend, text};
use super::style::{self, GREY, INK, Style, WHITE};
use crate::cli::args::MethodName;
use crate::cli::sweep::report::{Errors, Point as Measured, Sweep};
use crate::cli::text::plain;

const WIDTH: f64 = 960.0;
const RIGHT: f64 = 24.0;
const HEIGHT: f64 = 330.0;
const GAP: f64 = 28.0;
/// Frames beside each other.
const MOST_ABREAST: usize = 3;
/// The room that the largest mark needs from its middle to the frame.
const MARK: f64 = 12.0;
/// The height of the strip for the failures of one method.
const STRIP: f64 = 14.0;

const ONCE: Stroke = Stroke { colour: GREY, width: 1.4, dash: "2 3" };
const SQUARED: Stroke = Stroke { colour: GREY, width: 1.4, dash: "10 4" };

/// A method of the sweep, by its place in each point.
#[derive(Clone, Copy)]
struct Line {
    index: usize,
    method: MethodName,
    style: Style,
    fails: bool,
}

/// The figure.
pub fn figure(sweep: &Sweep) -> Figure {
    let lines = lines(sweep);
    let mut canvas = Canvas::default();
    let (rows, columns) = (sweep.rows, sweep.columns);
    let median = if sweep.repetitions > 1 { format!(", median of {}", sweep.repetitions) } else { String::new() };
    let title = format!("Forward error by condition number: random {rows}×{columns} problems{median}");
    let heading = Font { size: HEADING, colour: INK, anchor: Anchor::Start };
    let room = WIDTH - 2.0 * RIGHT;
    canvas.text((RIGHT, 24.0), heading, &font::fitted(&title, HEADING, room));
    let mut top = 36.0 + legend(&mut canvas, (RIGHT, 36.0), room, &entries(&lines));
    let residuals = residuals(sweep);
    let abreast = residuals.len().clamp(1, MOST_ABREAST);
    let y = errors_axis(sweep);
    let names = lines.iter().filter(|line| line.fails).map(|line| font::width(&failure(line), TEXT) + 12.0);
    let margin = names.fold(left_margin(&y), f64::max);
    let width = (WIDTH - RIGHT - margin - GAP * (abreast - 1) as f64) / abreast as f64;
    let labels = if abreast == 1 { 12 } else { 7 };
    let x = Axis::logarithmic(sweep.points.iter().map(|p| p.kappa), labels, MARK / width);
    let strip = STRIP * lines.iter().filter(|line| line.fails).count() as f64;
    for group in residuals.chunks(abreast) {
        top += LINE + 8.0;
        for (i, &residual) in group.iter().enumerate() {
            let left = margin + i as f64 * (width + GAP);
            let area = Rect { x: left, y: top + strip, width, height: HEIGHT };
            let frame = Frame { area, x: x.clone(), y: y.clone(), margin };
            let points: Vec<&Measured> = sweep.points.iter().filter(|p| p.residual == residual).collect();
            draw(&mut canvas, sweep, &lines, &points, &frame, i == 0);
        }
        top += strip + HEIGHT + 2.0 * LINE + 8.0;
    }
    for note in notes(sweep, &lines) {
        canvas.text(
            (margin, top + LINE - 4.0),
            text(Anchor::Start, GREY),
            &font::fitted(&note, TEXT, WIDTH - margin - RIGHT),
        );
        top += LINE;
    }
    Figure { width: WIDTH, height: top + 10.0, title, canvas }
}

fn lines(sweep: &Sweep) -> Vec<Line> {
    let first = sweep.points.first().map(|p| &p.methods[..]).unwrap_or_default();
    let line = |(index, errors): (usize, &Errors)| {
        let method = style::method(errors.name)?;
        let fails = sweep.points.iter().any(|p| p.methods.get(index).is_some_and(|e| e.failures > 0));
        Some(Line { index, method, style: Style::of(method), fails })
    };
    first.iter().enumerate().filter_map(line).collect()
}

/// The sizes of the residual, in the order asked for.
fn residuals(sweep: &Sweep) -> Vec<f64> {
    let mut residuals: Vec<f64> = sweep.points.iter().map(|p| p.residual).collect();
    residuals.dedup();
    residuals
}

/// Whole decades around all errors; an error of 0 has no place on them and is drawn at the lower edge, below all others.
fn errors_axis(sweep: &Sweep) -> Axis {
    let errors =
        || sweep.points.iter().flat_map(|p| &p.methods).flat_map(|m| m.forward_errors.iter().flatten().copied());
    let laws = sweep.points.iter().map(|p| p.kappa * sweep.epsilon);
    let positive = errors().filter(|&e| e > 0.0).chain(laws);
    let least = positive.clone().fold(f64::INFINITY, f64::min);
    let below = errors().any(|e| e == 0.0).then_some(least / 10.0);
    Axis::logarithmic(positive.chain(below), 10, MARK / HEIGHT)
}

fn draw(canvas: &mut Canvas, sweep: &Sweep, lines: &[Line], points: &[&Measured], frame: &Frame, first: bool) {
    let area = frame.area;
    let failing: Vec<&Line> = lines.iter().filter(|line| line.fails).collect();
    let strip = STRIP * failing.len() as f64;
    let residual = points.first().map(|p| plain(p.residual)).unwrap_or_default();
    let title = format!("residual ρ = {residual}");
    canvas.text((area.x + area.width / 2.0, area.y - strip - 7.0), text(Anchor::Middle, INK), &title);
    let title = if first { "forward error ‖x̂ − x‖ / ‖x‖" } else { "" };
    if first {
        frame.draw(canvas, Some("condition number κ₂(A)"), title);
    } else {
        let mut unlabelled = frame.clone();
        unlabelled.y.ticks.iter_mut().for_each(|tick| tick.label.clear());
        unlabelled.draw(canvas, Some("condition number κ₂(A)"), title);
    }
    draw_laws(canvas, sweep, frame);
    draw_failures(canvas, &failing, points, frame, first);
    // Large marks first, so that small ones are seen inside of them.
    let mut ordered = lines.to_vec();
    ordered.sort_by(|a, b| b.style.radius.total_cmp(&a.style.radius));
    for line in &ordered {
        canvas.titled(line.method.name(), |canvas| draw_line(canvas, line, points, frame));
    }
}

/// The lines κ·ε and κ²·ε.
fn draw_laws(canvas: &mut Canvas, sweep: &Sweep, frame: &Frame) {
    let ends = [0.0, 1.0].map(|at| frame.x.value(at));
    canvas.clipped(frame.area, |canvas| {
        canvas.polyline(&ends.map(|kappa| frame.point(kappa, kappa * sweep.epsilon)), ONCE);
        canvas.polyline(&ends.map(|kappa| frame.point(kappa, kappa * kappa * sweep.epsilon)), SQUARED);
    });
}

/// A strip above the frame, with a row for each method that fails anywhere.
fn draw_failures(canvas: &mut Canvas, failing: &[&Line], points: &[&Measured], frame: &Frame, first: bool) {
    if failing.is_empty() {
        return;
    }
    let height = STRIP * failing.len() as f64;
    let area = Rect { y: frame.area.y - height, height, ..frame.area };
    canvas.outline(area, Stroke::solid(GREY, 1.0));
    for (row, line) in failing.iter().enumerate() {
        let y = area.y + (row as f64 + 0.5) * STRIP;
        if first {
            canvas.text((area.x - 7.0, y + 4.0), text(Anchor::End, INK), &failure(line));
        }
        for point in points.iter().filter(|p| p.methods.get(line.index).is_some_and(|e| e.failures > 0)) {
            let (x, _) = frame.point(point.kappa, 1.0);
            canvas.mark((x, y), line.style.cross(3.4));
        }
    }
}

fn failure(line: &Line) -> String {
    format!("{} fails", line.method.name())
}

/// The ranges, the medians as a line that a failure interrupts, and their marks.
fn draw_line(canvas: &mut Canvas, line: &Line, points: &[&Measured], frame: &Frame) {
    let errors = |p: &Measured| p.methods.get(line.index).cloned();
    let lowest = frame.y.value(MARK / HEIGHT);
    let place = |kappa: f64, error: f64| frame.point(kappa, error.max(lowest));
    for point in points {
        if let Some((low, high)) = errors(point).and_then(|e| e.range()) {
            canvas.line(place(point.kappa, low), place(point.kappa, high), Stroke::solid(line.style.colour, 0.8));
        }
    }
    let median = |p: &Measured| errors(p)?.median.map(|error| place(p.kappa, error));
    let medians: Vec<Option<Point>> = points.iter().map(|p| median(p)).collect();
    let path: Vec<Point> = medians.iter().map(|m| m.unwrap_or((f64::NAN, f64::NAN))).collect();
    canvas.polyline(&path, line.style.line(1.6));
    for at in medians.into_iter().flatten() {
        canvas.mark(at, line.style.mark(WHITE));
    }
}

fn entries(lines: &[Line]) -> Vec<Entry> {
    let method = |line: &Line| Entry {
        line: Some(line.style.line(1.6)),
        mark: Some(line.style.mark(WHITE)),
        label: style::label(line.method),
        ..Entry::default()
    };
    let law = |stroke, label: &str| Entry { line: Some(stroke), label: label.to_string(), ..Entry::default() };
    lines.iter().map(method).chain([law(ONCE, "κ·ε"), law(SQUARED, "κ²·ε")]).collect()
}

/// What has to be known to read the figure.
fn notes(sweep: &Sweep, lines: &[Line]) -> Vec<String> {
    let mut notes = vec!["x: the exact solution of the stored numbers; ρ = ‖r‖/(‖A‖‖x‖)".to_string()];
    if sweep.repetitions > 1 {
        notes[0] += &format!("; vertical lines: from the least to the largest of {} errors", sweep.repetitions);
    }
    if lines.iter().any(|line| line.fails) {
        notes.push("×: the method breaks down on at least one of the problems.".to_string());
    }
    let mut errors = sweep.points.iter().flat_map(|p| &p.methods).flat_map(|m| m.forward_errors.iter().flatten());
    if errors.any(|&error| error == 0.0) {
        notes.push("An error of 0 is drawn at the lower edge.".to_string());
    }
    notes
}
