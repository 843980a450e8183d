//! Pictures: right digits of each coefficient as bars, the methods side by side.
//!
//! Top floor. Without a reference it shows agreement and says so; a method that failed has a mark and no gap. It must
//! not compute more than this.

use lapwing::lstsq::exact::Rational;

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Figure, Font, Mark, Point, Rect, Stroke};
use super::fit::{WIDTH, failure};
use super::font;
use super::frame::{Entry, Frame, HEADING, LINE, TEXT, legend, text};
use super::style::{self, GREY, INK, Style};
use crate::cli::args::MethodName;
use crate::cli::fault::count;
use crate::cli::report::{MethodReport, Report};
use crate::cli::score::{MOST_DIGITS, Score};
use crate::cli::text::digits;

const RIGHT: f64 = 24.0;
/// No more coefficients than these are drawn: those with the fewest digits.
const MOST: usize = 60;

/// The bars of one method.
struct Bars {
    method: MethodName,
    style: Style,
    /// The digits of each coefficient; none where the method failed.
    digits: Option<Vec<f64>>,
}

/// What the bars are measured against.
enum Against {
    /// An answer that is known, of this kind.
    Reference(&'static str),
    /// Another method, which may be as wrong.
    Method(MethodName),
}

/// The figure.
pub fn figure(report: &Report) -> Figure {
    let against = against(report);
    let bars = bars(report, &against);
    let rows = rows(report, &bars);
    let mut canvas = Canvas::default();
    let title = match &against {
        Against::Reference(kind) => format!("Right digits of each coefficient (reference: {kind})"),
        Against::Method(method) => format!("Digits of each coefficient that agree with {}", method.name()),
    };
    let heading = Font { size: HEADING, colour: INK, anchor: Anchor::Start };
    let room = WIDTH - 2.0 * RIGHT;
    canvas.text((RIGHT, 24.0), heading, &font::fitted(&title, HEADING, room));
    let mut top = 34.0 + legend(&mut canvas, (RIGHT, 34.0), room, &entries(&bars)) + 4.0;
    for note in notes(report, &against, rows.len()) {
        canvas.text((RIGHT, top + 12.0), text(Anchor::Start, GREY), &font::fitted(&note, TEXT, room));
        top += LINE;
    }
    let frame = frame(report, &rows, &bars, top + 8.0);
    draw(&mut canvas, report, &rows, &bars, &frame);
    Figure { width: WIDTH, height: frame.area.bottom() + 2.0 * LINE + 14.0, title, canvas }
}

fn against(report: &Report) -> Against {
    let partner = report.methods.iter().find_map(|m| style::method(m.agreement.as_ref()?.with));
    let alone = || report.methods.iter().find(|m| m.coefficients.is_some()).and_then(|m| style::method(m.name));
    match partner.or_else(alone) {
        Some(partner) if report.methods.iter().all(|m| m.digits_per_coefficient.is_none()) => Against::Method(partner),
        _ => Against::Reference(report.reference.kind),
    }
}

/// A bar for each method that can be measured, in the order asked for.
fn bars(report: &Report, against: &Against) -> Vec<Bars> {
    let other = match against {
        Against::Reference(_) => None,
        Against::Method(other) => report.methods.iter().find(|m| m.name == other.name()),
    };
    let answer: Option<Vec<Rational>> =
        other.and_then(|m| m.coefficients.as_ref()?.iter().map(|&x| Rational::from_f64(x)).collect());
    let measured = |m: &MethodReport| {
        let agreement = || Some(Score::new(m.coefficients.as_ref()?, answer.as_ref()?)?.per_coefficient);
        m.digits_per_coefficient.clone().or_else(agreement)
    };
    let is_other = |m: &MethodReport| other.is_some_and(|other| other.name == m.name);
    let bar = |m: &MethodReport| {
        let method = style::method(m.name)?;
        Some(Bars { method, style: Style::of(method), digits: measured(m) })
    };
    report.methods.iter().filter(|m| !is_other(m)).filter_map(bar).collect()
}

/// The coefficients that are drawn, in their order: all, or those with the fewest digits.
fn rows(report: &Report, bars: &[Bars]) -> Vec<usize> {
    let least = |i: usize| bars.iter().filter_map(|b| b.digits.as_ref()?.get(i).copied()).fold(MOST_DIGITS, f64::min);
    let mut rows: Vec<usize> = (0..report.column_names.len()).collect();
    rows.sort_by(|&i, &j| least(i).total_cmp(&least(j)));
    rows.truncate(MOST);
    rows.sort_unstable();
    rows
}

/// What has to be known to read the figure.
fn notes(report: &Report, against: &Against, drawn: usize) -> Vec<String> {
    let what = if report.reference.coefficients.is_some() { "No exact reference" } else { "No reference" };
    let mut notes: Vec<String> = report.reference.message.iter().map(|why| format!("{what}: {why}.")).collect();
    if let Against::Method(method) = against {
        let name = method.name();
        notes.push(format!("Agreement is not accuracy: {name} may be as wrong, and no answer is known to be right."));
    }
    if drawn < report.columns {
        let all = count(report.columns, "coefficient");
        notes.push(format!("The {drawn} with the fewest digits, of {all}."));
    }
    notes
}

/// Thick bars for few coefficients, thin ones for many.
fn thickness(rows: usize) -> f64 {
    match rows {
        0..=4 => 15.0,
        5..=12 => 11.0,
        _ => 8.0,
    }
}

fn frame(report: &Report, rows: &[usize], bars: &[Bars], top: f64) -> Frame {
    const WIDEST_NAME: f64 = 250.0;
    let names = rows.iter().map(|&i| font::width(&report.column_names[i], TEXT));
    let left = names.fold(40.0, f64::max).min(WIDEST_NAME) + RIGHT + 10.0;
    let height = rows.len() as f64 * (bars.len().max(1) as f64 * thickness(rows.len()) + GAP);
    let area = Rect { x: left, y: top, width: WIDTH - RIGHT - left, height: height.max(LINE) };
    // Beyond 15 there is room for the marks and for their numbers.
    let high = MOST_DIGITS * area.width / (area.width - NUMBER);
    let mut x = Axis::between(0.0, high, 4);
    x.ticks.retain(|tick| tick.at * high <= MOST_DIGITS);
    Frame { area, x, y: Axis::bare(), margin: 0.0 }
}

/// The room that the number behind the longest bar needs, with its mark.
const NUMBER: f64 = 42.0;

/// The room between the bars of two coefficients.
const GAP: f64 = 9.0;

fn draw(canvas: &mut Canvas, report: &Report, rows: &[usize], bars: &[Bars], frame: &Frame) {
    frame.draw(canvas, Some("digits"), "");
    let thick = thickness(rows.len());
    let group = bars.len().max(1) as f64 * thick + GAP;
    for (row, &i) in rows.iter().enumerate() {
        let top = frame.area.y + row as f64 * group;
        if row > 0 {
            canvas.line((frame.area.x, top), (frame.area.right(), top), Stroke::solid(style::PALE, 1.0));
        }
        let (name, room) = (&report.column_names[i], frame.area.x - RIGHT - 10.0);
        let middle = top + group / 2.0 + 4.0;
        canvas.titled(name, |canvas| {
            canvas.text((frame.area.x - 8.0, middle), text(Anchor::End, INK), &cut(i, name, room));
        });
        for (j, bars) in bars.iter().enumerate() {
            let y = top + GAP / 2.0 + j as f64 * thick;
            let value = bars.digits.as_ref().and_then(|digits| digits.get(i).copied());
            let said = value.map_or("fails".to_string(), digits);
            canvas.titled(&format!("{name}, {}: {said}", bars.method.name()), |canvas| {
                draw_bar(canvas, bars, value, (frame.area.x, y), thick, frame);
            });
        }
    }
}

/// A name that is too long is cut, and gets the number of its coefficient, since others may look the same then.
fn cut(i: usize, name: &str, room: f64) -> String {
    if font::width(name, TEXT) <= room {
        return name.to_string();
    }
    let number = format!("{}: ", i + 1);
    let room = room - font::width(&number, TEXT);
    number + &font::fitted(name, TEXT, room)
}

/// A bar with the mark of its method at its end; × for a method that failed.
fn draw_bar(canvas: &mut Canvas, bars: &Bars, value: Option<f64>, (x, y): Point, thick: f64, frame: &Frame) {
    let radius = thick * 0.32;
    let middle = y + thick / 2.0;
    let Some(value) = value else {
        canvas.mark((x + 8.0, middle), bars.style.cross(radius));
        return;
    };
    let end = frame.area.x + frame.x.at(value) * frame.area.width;
    canvas.rect(Rect { x, y: y + 0.75, width: end - x, height: thick - 1.5 }, bars.style.colour);
    canvas.mark((end, middle), Mark { radius, ..bars.style.mark(style::WHITE) });
    if thick > 10.0 {
        let small = Font { size: 9.5, colour: GREY, anchor: Anchor::Start };
        canvas.text((end + radius * 1.6 + 4.0, middle + 3.4), small, &digits(value));
    }
}

fn entries(bars: &[Bars]) -> Vec<Entry> {
    let entry = |bars: &Bars| {
        if bars.digits.is_none() {
            return failure(bars.method);
        }
        let mark = Mark { radius: 3.4, ..bars.style.mark(style::WHITE) };
        let bar = Some(bars.style.colour);
        Entry { bar, mark: Some(mark), label: style::label(bars.method), ..Entry::default() }
    };
    bars.iter().map(entry).collect()
}
