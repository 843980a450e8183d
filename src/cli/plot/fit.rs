//! Pictures: the data with the fit of each method, and below them, on the same axis, the residuals.
//!
//! Top floor. Against the predictor where there is one, else against the fitted values. It evaluates fits that are
//! given to it; it must not solve anything.

use super::abscissa::{Abscissa, polynomial};
use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Figure, Font, Mark, Point, Rect, Stroke};
use super::font;
use super::frame::{Entry, Frame, HEADING, LINE, left_margin, legend, text};
use super::style::{self, GREY, INK, Marker, NOTHING, Style, WHITE};
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

/// An observation, with a rim that sets it off from the lines behind it.
const DOT: Mark =
    Mark { shape: Marker::Circle, radius: 2.6, edge: Stroke { colour: WHITE, width: 0.8, dash: "" }, fill: GREY };

/// Where a residual is zero.
const EQUAL: Stroke = Stroke { colour: GREY, width: 1.0, dash: "1.5 3" };

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
        canvas.mark(frame.point(x, y), DOT);
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
        canvas.mark(at, fit.style.mark(NOTHING));
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
fn entries(report: &Report, fits: &[Fit], abscissa: &Abscissa) -> Vec<Entry> {
    let lines = *abscissa != Abscissa::Fitted;
    let first = match lines {
        true => Entry { mark: Some(DOT), label: "observed".to_string(), ..Entry::default() },
        false => Entry { line: Some(EQUAL), label: "observed = fitted".to_string(), ..Entry::default() },
    };
    let entry = |method: MethodName| {
        let style = Style::of(method);
        if !fits.iter().any(|fit| fit.method == method) {
            return failure(method);
        }
        let line = lines.then(|| style.line(1.6));
        Entry { line, mark: Some(style.mark(NOTHING)), label: style::label(method), ..Entry::default() }
    };
    [first].into_iter().chain(report.methods.iter().filter_map(|m| style::method(m.name)).map(entry)).collect()
}

/// The entry of a method that has failed.
pub fn failure(method: MethodName) -> Entry {
    let label = format!("{} fails", style::label(method));
    Entry { mark: Some(Style::of(method).cross(3.6)), label, ..Entry::default() }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::cli::comparison::{Known, compare};
    use crate::cli::printed::Data;

    fn problem(a: Array2<f64>, b: Array1<f64>) -> Problem {
        let names = (0..a.ncols()).map(|j| format!("c{j}")).collect();
        Problem { source: "data.csv".into(), names, a, b }
    }

    fn powers(columns: &[i32]) -> Array2<f64> {
        Array2::from_shape_fn((7, columns.len()), |(i, j)| (0..columns[j]).fold(1.0, |p, _| p * (0.3 * i as f64 - 1.0)))
    }

    #[test]
    fn the_curve_goes_through_the_fitted_values() {
        let problem = problem(powers(&[0, 1, 2, 3]), array![1.0, -2.0, 0.5, 3.0, 2.0, 2.5, -1.0]);
        let abscissa = Abscissa::of(&problem);
        let Abscissa::Predictor { powers, .. } = &abscissa else { panic!("{abscissa:?}") };
        let fit = Fit::new(&problem, &abscissa, MethodName::Qr, &[0.5, -2.0, 3.0, 1.25]);
        for (x, fitted) in fit.x.iter().zip(&fit.fitted) {
            assert!((polynomial(powers, &fit.coefficients, *x) - fitted).abs() < 1e-14, "{x}");
        }
        assert!(fit.residuals.iter().zip(&fit.fitted).zip(&problem.b).all(|((r, f), b)| (r + f - b).abs() < 1e-15));
    }

    /// Every observation and every residual, whatever the data.
    #[test]
    fn the_frames_hold_all_data() {
        let ramp = Array2::from_shape_fn((7, 2), |(i, j)| if j == 0 { 1.0 } else { i as f64 });
        let two = Array2::from_shape_fn((7, 2), |(i, j)| ((i * 5 + j * 3) as f64).sin());
        let wild = array![1e3, -2.0, 0.0, 1e-9, 7.0, 2.0, -1e6];
        for (a, b) in [
            (powers(&[0, 1, 2]), wild.clone()),
            (powers(&[0]), wild.clone()),
            (two.clone(), wild),
            (ramp.clone(), Array1::from_elem(7, 4.0)),
            (two, Array1::zeros(7)),
            (ramp, Array1::from_shape_fn(7, |i| 1e300 * i as f64)),
        ] {
            let problem = problem(a, b);
            let methods = [MethodName::Ne, MethodName::Qr];
            let report =
                compare(&problem, &Data::stored(&problem), &methods, Known::none(None)).expect("a good problem");
            let abscissa = Abscissa::of(&problem);
            let answers =
                report.methods.iter().filter_map(|m| Some((style::method(m.name)?, m.coefficients.as_ref()?)));
            let fits: Vec<Fit> = answers.map(|(m, x)| Fit::new(&problem, &abscissa, m, x)).collect();
            assert_eq!(fits.len(), 2);
            let (data, residuals) = frames(&problem, &abscissa, &fits, 0.0);
            let inside = |frame: &Frame, x: f64, y: f64| {
                let (px, py) = frame.point(x, y);
                let (r, slack) = (frame.area, 1e-6);
                (r.x - slack..=r.right() + slack).contains(&px) && (r.y - slack..=r.bottom() + slack).contains(&py)
            };
            for fit in &fits {
                for (i, &x) in fit.x.iter().enumerate() {
                    assert!(inside(&data, x, problem.b[i]), "row {i} of {:?}: {data:?}", problem.b);
                    assert!(inside(&residuals, x, fit.residuals[i]), "row {i} of {:?}: {residuals:?}", problem.b);
                }
            }
        }
    }

    #[test]
    fn ranges_stand_for_many_points() {
        let area = Rect { x: 0.0, y: 0.0, width: 300.0, height: 100.0 };
        let frame = Frame { area, x: Axis::between(0.0, 3.0, 3), y: Axis::between(-9.0, 9.0, 3), margin: 0.0 };
        let x = [0.1, 0.1, 0.1, 2.9, 2.9, f64::NAN];
        let y = [1.0, -5.0, 7.0, 2.0, f64::INFINITY, 3.0];
        assert_eq!(extremes(&x, &y, &frame), [(1, 2), (3, 3)]);
    }
}
