//! Pictures: the data with the fit of each method, and below them, on the same axis, the residuals.
//!
//! Top floor. Against the predictor where there is one, else against the fitted values. It evaluates fits that are
//! given to it; it must not solve anything.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Figure, Font, Point, Rect, Stroke};
use super::font;
use super::frame::{Entry, Frame, HEADING, LINE, left_margin, legend, text};
use super::style::{self, GREY, INK, Marker, Style, WHITE};
use crate::cli::args::MethodName;
use crate::cli::fault::count;
use crate::cli::problem::Problem;
use crate::cli::report::Report;

/// The width of all figures of a comparison.
pub const WIDTH: f64 = 780.0;
const RIGHT: f64 = 24.0;
const DATA_HEIGHT: f64 = 230.0;
const RESIDUAL_HEIGHT: f64 = 190.0;
const AIR: f64 = 14.0;

/// Of more points than these the range in each of so many parts of the axis is drawn.
const MOST_POINTS: usize = 1000;
const BINS: usize = 150;

/// The rim of a dot, which sets it off from the lines behind it.
const DOT: Stroke = Stroke { colour: WHITE, width: 0.8, dash: "" };

/// Where a residual is zero.
const EQUAL: Stroke = Stroke { colour: GREY, width: 1.0, dash: "1.5 3" };

/// What the horizontal axis shows.
#[derive(Debug, PartialEq)]
enum Abscissa {
    /// The single predictor, of which the columns are powers.
    Predictor { name: String, x: Vec<f64>, powers: Vec<usize> },
    /// The number of the row: there is no predictor.
    Row,
    /// The fitted values: there are several predictors.
    Fitted,
}

impl Abscissa {
    /// Columns of ones are the power 0, the first other column is the predictor, and further ones must be the products
    /// of the one before with it, as they are formed for `--poly`.
    fn of(problem: &Problem) -> Self {
        let columns = problem.a.columns();
        let mut powers = Vec::new();
        let mut chain: Option<(usize, Vec<f64>, usize)> = None;
        for (j, column) in columns.into_iter().enumerate() {
            if column.iter().all(|&value| value == 1.0) {
                powers.push(0);
                continue;
            }
            chain = match chain {
                None => Some((j, column.to_vec(), 1)),
                Some((first, last, power)) => {
                    let x = problem.a.column(first);
                    if !last.iter().zip(x).zip(column).all(|((last, x), &value)| last * x == value) {
                        return Abscissa::Fitted;
                    }
                    Some((first, column.to_vec(), power + 1))
                }
            };
            powers.push(chain.as_ref().map_or(0, |(_, _, power)| *power));
        }
        match chain {
            Some((first, ..)) => {
                Abscissa::Predictor { name: problem.names[first].clone(), x: problem.a.column(first).to_vec(), powers }
            }
            None => Abscissa::Row,
        }
    }

    fn title(&self) -> &str {
        match self {
            Abscissa::Predictor { name, .. } => name,
            Abscissa::Row => "row",
            Abscissa::Fitted => "fitted value",
        }
    }
}

/// The fit of a method.
struct Fit {
    method: MethodName,
    style: Style,
    coefficients: Vec<f64>,
    fitted: Vec<f64>,
    residuals: Vec<f64>,
    /// Where its points stand on the horizontal axis.
    x: Vec<f64>,
}

impl Fit {
    fn new(problem: &Problem, abscissa: &Abscissa, method: MethodName, coefficients: &[f64]) -> Self {
        let rows = problem.a.rows();
        let fitted: Vec<f64> =
            rows.into_iter().map(|row| row.iter().zip(coefficients).map(|(a, x)| a * x).sum()).collect();
        let residuals = problem.b.iter().zip(&fitted).map(|(b, f)| b - f).collect();
        let x = match abscissa {
            Abscissa::Predictor { x, .. } => x.clone(),
            Abscissa::Row => (1..=fitted.len()).map(|row| row as f64).collect(),
            Abscissa::Fitted => fitted.clone(),
        };
        Fit { method, style: Style::of(method), coefficients: coefficients.to_vec(), fitted, residuals, x }
    }
}

/// The figure: nothing but the data where no method has an answer.
pub fn figure(problem: &Problem, report: &Report) -> Figure {
    let answers: Vec<(MethodName, &Vec<f64>)> =
        report.methods.iter().filter_map(|m| Some((style::method(m.name)?, m.coefficients.as_ref()?))).collect();
    let abscissa = match Abscissa::of(problem) {
        Abscissa::Fitted if answers.is_empty() => Abscissa::Row,
        abscissa => abscissa,
    };
    let fits: Vec<Fit> = answers.into_iter().map(|(method, x)| Fit::new(problem, &abscissa, method, x)).collect();
    let mut canvas = Canvas::default();
    let (rows, columns) = (count(report.rows, "row"), count(report.columns, "coefficient"));
    let title = format!("{}: {rows}, {columns}", report.source);
    let room = WIDTH - 2.0 * RIGHT;
    let heading = Font { size: HEADING, colour: INK, anchor: Anchor::Start };
    canvas.text((RIGHT, 24.0), heading, &font::fitted(&title, HEADING, room));
    let top = 34.0 + legend(&mut canvas, (RIGHT, 34.0), room, &entries(report, &fits, &abscissa)) + 8.0;
    let (data, residuals) = frames(problem, &abscissa, &fits, top);
    data.draw(&mut canvas, None, if abscissa == Abscissa::Fitted { "observed" } else { "observed and fitted" });
    residuals.draw(&mut canvas, Some(abscissa.title()), "residual");
    draw_data(&mut canvas, problem, &abscissa, &fits, &data);
    draw_residuals(&mut canvas, &fits, &residuals);
    let mut height = residuals.area.bottom() + 2.0 * LINE + AIR;
    if report.rows > MOST_POINTS {
        let note = format!("Too many rows to be drawn one by one: of each {BINS}th of the axis the range is shown.");
        canvas.text((data.area.x, height + 8.0), text(Anchor::Start, GREY), &note);
        height += LINE + 6.0;
    }
    Figure { width: WIDTH, height, title: format!("{title}: data, fits and residuals"), canvas }
}

/// The frames of the data and of the residuals, with one horizontal axis.
fn frames(problem: &Problem, abscissa: &Abscissa, fits: &[Fit], top: f64) -> (Frame, Frame) {
    let x = match abscissa {
        Abscissa::Predictor { x, .. } => Axis::linear(x.iter().copied(), 9),
        Abscissa::Row => Axis::linear((1..=problem.b.len()).map(|row| row as f64), 9),
        Abscissa::Fitted => Axis::linear(fits.iter().flat_map(|fit| fit.x.iter().copied()), 9),
    };
    let observed = Axis::linear(problem.b.iter().copied().chain(near(problem, fits)), 7);
    let residual = Axis::linear(fits.iter().flat_map(|fit| fit.residuals.iter().copied()).chain([0.0]), 7);
    let margin = left_margin(&observed).max(left_margin(&residual));
    let area = |y, height| Rect { x: margin, y, width: WIDTH - RIGHT - margin, height };
    let data = Frame { area: area(top, DATA_HEIGHT), x: x.clone(), y: observed, margin };
    let below = area(top + DATA_HEIGHT + AIR, RESIDUAL_HEIGHT);
    (data, Frame { area: below, x, y: residual, margin })
}

/// The fitted values that are no farther from the data than the data from each other: a fit that is far off does not
/// flatten the data, and leaves the frame.
fn near(problem: &Problem, fits: &[Fit]) -> Vec<f64> {
    let (low, high) = ends(problem.b.as_slice().unwrap_or_default());
    let reach = high - low;
    let fitted = fits.iter().flat_map(|fit| fit.fitted.iter().copied());
    fitted.filter(|f| (low - f).max(f - high) <= reach).collect()
}

/// The least and the largest value.
fn ends(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::MAX, f64::MIN), |(low, high), &x| (low.min(x), high.max(x)))
}

/// The data as dots, the fits as lines; against fitted values each fit has its own dots, and the line is the one on
/// which both are equal.
fn draw_data(canvas: &mut Canvas, problem: &Problem, abscissa: &Abscissa, fits: &[Fit], frame: &Frame) {
    canvas.clipped(frame.area, |canvas| {
        if *abscissa == Abscissa::Fitted {
            let ends = [0.0, 1.0].map(|at| frame.x.value(at)).map(|v| frame.point(v, v));
            canvas.polyline(&ends, EQUAL);
            fits.iter().for_each(|fit| draw_marks(canvas, fit, problem.b.as_slice().unwrap_or_default(), frame));
            return;
        }
        let rows: Vec<f64> = (1..=problem.b.len()).map(|row| row as f64).collect();
        let x = if let Abscissa::Predictor { x, .. } = abscissa { x } else { &rows };
        for (i, fit) in fits.iter().enumerate() {
            // Later lines are thinner, so that a line which another one covers is still seen at its sides.
            let width = 1.2 + 0.6 * (fits.len() - 1 - i) as f64;
            canvas.titled(fit.method.name(), |canvas| {
                canvas.polyline(&curve(fit, abscissa, frame), fit.style.line(width))
            });
        }
        draw_dots(canvas, x, problem.b.as_slice().unwrap_or_default(), frame);
    });
}

fn draw_residuals(canvas: &mut Canvas, fits: &[Fit], frame: &Frame) {
    let zero = [0.0, 1.0].map(|at| frame.point(frame.x.value(at), 0.0));
    canvas.polyline(&zero, EQUAL);
    for fit in fits {
        canvas.titled(fit.method.name(), |canvas| draw_marks(canvas, fit, &fit.residuals, frame));
    }
}

/// Observations; of very many the range in each part of the axis.
fn draw_dots(canvas: &mut Canvas, x: &[f64], y: &[f64], frame: &Frame) {
    if y.len() > MOST_POINTS {
        for (low, high) in extremes(x, y, frame) {
            canvas.line(frame.point(x[low], y[low]), frame.point(x[low], y[high]), Stroke::solid(GREY, 1.0));
        }
        return;
    }
    for (&x, &y) in x.iter().zip(y) {
        canvas.marker(Marker::Circle, frame.point(x, y), 2.6, DOT, GREY);
    }
}

/// The marks of a method; of very many points the ends of their range, as two lines.
fn draw_marks(canvas: &mut Canvas, fit: &Fit, y: &[f64], frame: &Frame) {
    let point = |i: usize| frame.point(fit.x[i], y[i]);
    if y.len() > MOST_POINTS {
        let (low, high): (Vec<Point>, Vec<Point>) =
            extremes(&fit.x, y, frame).into_iter().map(|(low, high)| (point(low), point(high))).unzip();
        [low, high].iter().for_each(|line| canvas.polyline(line, fit.style.line(1.2)));
        return;
    }
    for at in (0..y.len()).map(point).filter(|(x, y)| x.is_finite() && y.is_finite()) {
        canvas.marker(fit.style.marker, at, fit.style.radius, fit.style.edge(1.2), "none");
    }
}

/// The fit as far as the data reach.
fn curve(fit: &Fit, abscissa: &Abscissa, frame: &Frame) -> Vec<Point> {
    const STEPS: usize = 400;
    let (low, high) = ends(&fit.x);
    let x = (0..=STEPS).map(|i| i as f64 / STEPS as f64).map(|t| low * (1.0 - t) + high * t);
    match abscissa {
        Abscissa::Predictor { powers, .. } => {
            x.map(|x| frame.point(x, polynomial(powers, &fit.coefficients, x))).collect()
        }
        _ => x.map(|x| frame.point(x, fit.fitted.first().copied().unwrap_or_default())).collect(),
    }
}

/// Σ cⱼ·xᵖʲ. The powers that are not 0 rise by one from column to column.
fn polynomial(powers: &[usize], coefficients: &[f64], x: f64) -> f64 {
    let mut power = 1.0;
    let term = |(&p, c): (&usize, &f64)| {
        if p == 0 {
            return *c;
        }
        power *= x;
        c * power
    };
    powers.iter().zip(coefficients).map(term).sum()
}

/// The indices of the least and of the largest value in each part of the axis that has any.
fn extremes(x: &[f64], y: &[f64], frame: &Frame) -> Vec<(usize, usize)> {
    let mut extremes: Vec<Option<(usize, usize)>> = vec![None; BINS];
    for i in (0..x.len().min(y.len())).filter(|&i| x[i].is_finite() && y[i].is_finite()) {
        let bin = ((frame.x.at(x[i]) * BINS as f64) as usize).min(BINS - 1);
        let (low, high) = extremes[bin].unwrap_or((i, i));
        extremes[bin] = Some((if y[i] < y[low] { i } else { low }, if y[i] > y[high] { i } else { high }));
    }
    extremes.into_iter().flatten().collect()
}

/// What each method looks like, and which have failed.
fn entries<'a>(report: &'a Report, fits: &'a [Fit], abscissa: &Abscissa) -> Vec<Entry<'a>> {
    let dot: Entry<'_> = match abscissa {
        Abscissa::Fitted => Entry {
            sample: Box::new(|canvas, (x, y)| canvas.line((x, y), (x + 34.0, y), EQUAL)),
            label: "observed = fitted".to_string(),
        },
        _ => Entry {
            sample: Box::new(|canvas, (x, y)| canvas.marker(Marker::Circle, (x + 17.0, y), 2.6, DOT, GREY)),
            label: "observed".to_string(),
        },
    };
    let lines = *abscissa != Abscissa::Fitted;
    let method = report.methods.iter().filter_map(|m| style::method(m.name));
    let answered = |method| fits.iter().any(|fit| fit.method == method);
    [dot].into_iter().chain(method.map(|m| if answered(m) { fitted(m, lines) } else { failure(m) })).collect()
}

/// The entry of a method that has an answer: its mark and, where fits are lines, its line.
fn fitted<'a>(method: MethodName, lines: bool) -> Entry<'a> {
    let style = Style::of(method);
    let sample = move |canvas: &mut Canvas, (x, y): Point| {
        if lines {
            canvas.line((x, y), (x + 34.0, y), style.line(1.6));
        }
        canvas.marker(style.marker, (x + 17.0, y), style.radius, style.edge(1.2), "none");
    };
    Entry { sample: Box::new(sample), label: style::label(method) }
}

/// The entry of a method that has failed.
pub fn failure<'a>(method: MethodName) -> Entry<'a> {
    let edge = Style::of(method).edge(1.8);
    Entry {
        sample: Box::new(move |canvas, (x, y)| canvas.marker(Marker::Cross, (x + 17.0, y), 3.6, edge, "none")),
        label: format!("{} fails", style::label(method)),
    }
}
