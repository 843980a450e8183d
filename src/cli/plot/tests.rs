//! Tests of the pictures as a whole: what must stand in them stands there, inside, legible, and the same every time.
//!
//! Top floor. The positions are those that the renderer of the PNG finds, not those that the drawing code meant.

use std::sync::Arc;

use clap::ValueEnum;
use lapwing::lstsq::exact::Rational;
use ndarray::{Array1, Array2, array};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Group, Node, Options, Rect, Tree};
use roxmltree::Document;

use super::canvas::Figure;
use super::{Format, digits, encode, fit, font, heat, style, sweep};
use crate::cli::args::MethodName;
use crate::cli::comparison::{Known, compare};
use crate::cli::grad::report::{Found, Grid, Kind, Mean, SCHEMA as GRAD};
use crate::cli::printed::Data;
use crate::cli::problem::Problem;
use crate::cli::report::{Reference, Report};
use crate::cli::sweep::report::{Errors, Point, SCHEMA, Sweep};

const METHODS: [MethodName; 4] = [MethodName::Ne, MethodName::Qr, MethodName::Qrp, MethodName::Svd];

/// The box around a text.
#[derive(Debug)]
struct Label {
    text: String,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

/// All texts, as they are drawn.
fn labels(svg: &str) -> Vec<Label> {
    fn collect(group: &Group, labels: &mut Vec<Label>) {
        for node in group.children() {
            match node {
                Node::Group(group) => collect(group, labels),
                Node::Text(text) => {
                    let r = text.abs_bounding_box();
                    let text = text.chunks().iter().map(|chunk| chunk.text()).collect();
                    labels.push(Label { text, left: r.left(), top: r.top(), right: r.right(), bottom: r.bottom() });
                }
                _ => {}
            }
        }
    }
    let mut fonts = Database::new();
    fonts.load_font_data(font::BYTES.to_vec());
    let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
    let mut labels = Vec::new();
    collect(Tree::from_str(svg, &options).expect("it can be drawn").root(), &mut labels);
    labels
}

/// The marks and the frames, by the widths of their lines.
fn marks_and_frames(svg: &str) -> (Vec<Rect>, Vec<Rect>) {
    fn collect(group: &Group, found: &mut (Vec<Rect>, Vec<Rect>)) {
        for node in group.children() {
            match node {
                Node::Group(group) => collect(group, found),
                Node::Path(path) => {
                    let (width, bounds) = (path.stroke().map(|s| s.width().get()), path.abs_bounding_box());
                    if width.is_some_and(|w| (w - 1.3).abs() < 1e-3 || (w - 1.8).abs() < 1e-3) {
                        found.0.push(path.abs_stroke_bounding_box());
                    } else if width == Some(1.0) && bounds.width() > 1.0 && bounds.height() > 1.0 {
                        found.1.push(bounds);
                    }
                }
                _ => {}
            }
        }
    }
    let mut found = (Vec::new(), Vec::new());
    collect(Tree::from_str(svg, &Options::default()).expect("it can be drawn").root(), &mut found);
    found
}

/// Whether a box lies across the edge of a frame.
fn is_across(r: &Rect, frame: &Rect) -> bool {
    let touches =
        r.left() < frame.right() && frame.left() < r.right() && r.top() < frame.bottom() && frame.top() < r.bottom();
    let inside =
        r.left() > frame.left() && r.right() < frame.right() && r.top() > frame.top() && r.bottom() < frame.bottom();
    touches && !inside
}

/// No mark lies across a frame.
#[track_caller]
fn marks_are_inside(svg: &str) {
    let (marks, frames) = marks_and_frames(svg);
    assert!(!frames.is_empty());
    let across = marks.iter().find(|mark| frames.iter().any(|frame| is_across(mark, frame)));
    assert_eq!(across, None, "{frames:?}");
}

/// Two texts in one place.
fn overlap(labels: &[Label]) -> Option<(&Label, &Label)> {
    // Boxes of lines are higher than the letters in them.
    let over = |a: &Label, b: &Label| {
        a.left < b.right && b.left < a.right && a.top + 2.0 < b.bottom - 2.0 && b.top + 2.0 < a.bottom - 2.0
    };
    labels.iter().enumerate().find_map(|(i, a)| Some((a, labels[i + 1..].iter().find(|b| over(a, b))?)))
}

/// The figure is well-formed and the same every time, and its texts neither touch nor leave it. Returns the
/// texts and the document.
#[track_caller]
fn judged(make: impl Fn() -> Figure) -> (Vec<String>, String) {
    let figure = make();
    let svg = figure.svg();
    Document::parse(&svg).expect("it is well formed");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    assert_eq!(make().svg(), svg);
    let labels = labels(&svg);
    for label in &labels {
        let inside = label.left >= 0.0 && label.right <= figure.width as f32 && label.bottom <= figure.height as f32;
        assert!(inside && label.top >= 0.0, "{label:?}");
    }
    if let Some(pair) = overlap(&labels) {
        panic!("{pair:?}");
    }
    let (_, frames) = marks_and_frames(&svg);
    for label in &labels {
        let bounds = Rect::from_ltrb(label.left, label.top + 2.0, label.right, label.bottom - 2.0).expect("a text");
        assert!(!frames.iter().any(|frame| is_across(&bounds, frame)), "{label:?} lies across one of {frames:?}");
    }
    (labels.into_iter().map(|label| label.text).collect(), svg)
}

fn problem(names: &[&str], a: Array2<f64>, b: Array1<f64>) -> Problem {
    Problem { source: "data.csv".into(), names: names.iter().map(|n| n.to_string()).collect(), a, b }
}

fn report(problem: &Problem, known: Option<Vec<f64>>) -> Report {
    let known = known.map_or(Known::none(None), |coefficients| Known {
        reference: Reference {
            kind: "certified",
            coefficients: Some(coefficients.iter().map(f64::to_string).collect()),
            ..Known::none(None).reference
        },
        coefficients: coefficients.into_iter().map(Rational::from_f64).collect(),
        uncertain: None,
    });
    compare(problem, &Data::stored(problem), &METHODS, known).expect("a good problem")
}

/// A line with noise, at unevenly spaced points.
fn line(rows: usize) -> Problem {
    let x = |i: usize| (i as f64 * 0.7).powf(1.1);
    let a = Array2::from_shape_fn((rows, 2), |(i, j)| if j == 0 { 1.0 } else { x(i) });
    let b = Array1::from_shape_fn(rows, |i| 3.0 - 0.5 * x(i) + (i as f64 * 12.9898).sin());
    problem(&["(intercept)", "x"], a, b)
}

/// The rank is one, and two of the methods refuse.
fn deficient() -> Problem {
    problem(&["u", "v"], array![[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], array![1.0, 0.0, 2.0])
}

#[test]
fn a_picture_names_every_method_and_every_coefficient() {
    let problem = line(20);
    let report = report(&problem, Some(vec![3.0, -0.5]));
    let (texts, _) = judged(|| fit::figure(&problem, &report));
    let (bars, svg) = judged(|| digits::figure(&report));
    for method in METHODS {
        let label = style::label(method);
        assert!(texts.contains(&label) && bars.contains(&label), "{label}");
    }
    assert!(texts.contains(&"x".into()) && texts.contains(&"residual".into()), "{texts:?}");
    assert!(texts.contains(&"data.csv: 20 rows, 2 coefficients".into()), "{texts:?}");
    assert!(bars.contains(&"(intercept)".into()) && bars.contains(&"x".into()), "{bars:?}");
    assert!(bars.iter().any(|t| t.contains("reference: certified")), "{bars:?}");
    for m in &report.methods {
        for (name, digits) in report.column_names.iter().zip(m.digits_per_coefficient.iter().flatten()) {
            let said = format!("<title>{name}, {}: {}</title>", m.name, crate::cli::text::digits(*digits));
            assert!(svg.contains(&said), "{said}");
        }
    }
}

#[test]
fn a_method_that_fails_has_a_mark() {
    let problem = deficient();
    let report = report(&problem, None);
    let failed: Vec<&str> = report.methods.iter().filter(|m| m.coefficients.is_none()).map(|m| m.name).collect();
    assert_eq!(failed, ["ne", "qr"]);
    let (texts, _) = judged(|| fit::figure(&problem, &report));
    let (bars, svg) = judged(|| digits::figure(&report));
    for text in ["ne (normal equations) fails", "qr fails"] {
        assert!(texts.contains(&text.into()) && bars.contains(&text.into()), "{texts:?} {bars:?}");
    }
    for name in ["u", "v"] {
        for method in failed.iter() {
            assert!(svg.contains(&format!("<title>{name}, {method}: fails</title>")), "{name} {method}");
        }
    }
}

#[test]
fn without_a_reference_agreement_is_not_called_accuracy() {
    let report = report(&line(20), None);
    let (bars, _) = judged(|| digits::figure(&report));
    assert!(bars.iter().any(|t| t == "Digits of each coefficient that agree with qr"), "{bars:?}");
    assert!(bars.iter().any(|t| t.starts_with("Agreement is not accuracy")), "{bars:?}");
    assert!(!bars.contains(&"qr".into()), "qr is what the others are held against");
}

#[test]
fn hard_tables_make_good_pictures() {
    let wide =
        Array2::from_shape_fn((40, 30), |(i, j)| ((i * 31 + j * 17) as f64 * 0.37).sin() * 10f64.powi(j as i32 % 7));
    let long: Vec<String> =
        (0..30).map(|j| format!("a rather long name of column {j}, measured <twice> & again")).collect();
    let names: Vec<&str> = long.iter().map(String::as_str).collect();
    let ones = |n: usize| Array2::from_elem((n, 1), 1.0);
    let ramp = Array2::from_shape_fn((9, 2), |(i, j)| if j == 0 { 1.0 } else { i as f64 });
    let cases = [
        problem(&names, wide.clone(), wide.sum_axis(ndarray::Axis(1))),
        problem(&["x"], array![[1.0], [2.0], [4.0]], array![2.0, 4.0, 8.0]),
        problem(&["(intercept)"], ones(5), array![2.0, 2.0, 2.0, 2.0, 2.0]),
        problem(&["(intercept)"], ones(1), array![0.0]),
        problem(&["x"], array![[5.0], [5.0], [5.0]], array![1.0, 2.0, 3.0]),
        problem(&["(intercept)", "x"], ramp.clone(), Array1::zeros(9)),
        problem(&["(intercept)", "x"], ramp.clone(), Array1::from_elem(9, 1e9)),
        problem(&["(intercept)", "x"], &ramp * 1e150, Array1::from_shape_fn(9, |i| (i as f64).sqrt() * -1e300)),
        problem(&["漢字", "\u{1}\t"], ramp, Array1::from_shape_fn(9, |i| 1e-300 * i as f64)),
        line(5000),
        deficient(),
    ];
    for problem in &cases {
        let report = report(problem, None);
        judged(|| fit::figure(problem, &report));
        let (bars, _) = judged(|| digits::figure(&report));
        for (i, name) in problem.names.iter().enumerate() {
            let shown = |text: &String| text == name || text.starts_with(&format!("{}: ", i + 1));
            assert!(!name.is_ascii() || name.contains('\t') || bars.iter().any(shown), "{name} in {bars:?}");
        }
        judged(|| Figure::stacked(&[fit::figure(problem, &report), digits::figure(&report)]));
    }
}

#[test]
fn a_picture_says_why_there_is_no_reference() {
    let problem = deficient();
    let why = "there is no unique answer".to_string();
    let report = compare(&problem, &Data::stored(&problem), &METHODS, Known::none(Some(why))).expect("a good problem");
    let (bars, _) = judged(|| digits::figure(&report));
    assert!(bars.contains(&"No reference: there is no unique answer.".into()), "{bars:?}");
}

#[test]
fn of_very_many_coefficients_the_worst_are_drawn() {
    let mut report = report(&line(20), Some(vec![3.0, -0.5]));
    report.columns = 200;
    report.column_names = (0..200).map(|j| format!("c{j}")).collect();
    for m in &mut report.methods {
        m.digits_per_coefficient = Some((0..200).map(|j| if j % 50 == 7 { 2.0 } else { 14.0 }).collect());
    }
    let (bars, _) = judged(|| digits::figure(&report));
    for worst in ["c7", "c57", "c107", "c157"] {
        assert!(bars.contains(&worst.into()), "{worst}");
    }
    assert!(bars.contains(&"The 60 with the fewest digits, of 200 coefficients.".into()), "{bars:?}");
}

/// Errors from κ·ε to κ²·ε, an error of 0, and failures, once and always.
fn example(residuals: &[f64]) -> Sweep {
    let point = |residual: f64, kappa: f64| {
        let ne = if kappa > 1e7 { vec![None, None] } else { vec![Some(kappa * kappa * f64::EPSILON), None] };
        let qr = if kappa == 1.0 {
            vec![Some(0.0); 2]
        } else {
            vec![Some(kappa * f64::EPSILON), Some(3.0 * kappa * f64::EPSILON)]
        };
        let methods = vec![Errors::new(MethodName::Ne, ne), Errors::new(MethodName::Qr, qr)];
        Point { residual, kappa, kappa2_stored: Some(kappa), methods }
    };
    let kappas = (0..16).map(|e| 10f64.powi(e));
    let points = residuals.iter().flat_map(|&r| kappas.clone().map(move |kappa| point(r, kappa))).collect();
    Sweep {
        schema: SCHEMA,
        rows: 60,
        columns: 8,
        seed: 1,
        repetitions: 2,
        epsilon: f64::EPSILON,
        reference: "exact-stored",
        points,
    }
}

#[test]
fn a_sweep_shows_every_method_every_residual_and_every_failure() {
    for residuals in [&[0.0][..], &[0.0, 1.0], &[0.0, 1e-4, 1.0], &[0.0, 1e-12, 1e-8, 1e-4, 1.0]] {
        let example = example(residuals);
        let (texts, svg) = judged(|| sweep::figure(&example));
        for text in
            ["ne (normal equations)", "qr", "κ·ε", "κ²·ε", "ne fails", "An error of 0 is drawn at the lower edge."]
        {
            assert!(texts.contains(&text.into()), "{text} in {texts:?}");
        }
        for residual in residuals {
            assert!(texts.contains(&format!("residual ρ = {}", crate::cli::text::plain(*residual))), "{texts:?}");
        }
        assert!(!texts.contains(&"qr fails".into()));
        marks_are_inside(&svg);
        // A cross is the only path with two strokes; each κ fails for ne, once or always.
        assert_eq!(svg.matches("stroke-width=\"1.8\"").count(), 16 * residuals.len());
        // A median for each of 16 κ by qr, for 8 by ne, and the marks of the legend.
        assert_eq!(svg.matches("stroke-width=\"1.3\"").count(), (16 + 8) * residuals.len() + 2);
    }
}

/// The largest marks, at both ends of κ and of the errors.
#[test]
fn the_marks_of_all_methods_are_inside_the_frame() {
    let mut all = example(&[0.0, 1e-4, 1.0]);
    for point in &mut all.points {
        let errors = |&method: &MethodName| Errors::new(method, vec![Some(point.kappa / 1e16), Some(0.0)]);
        point.methods = MethodName::value_variants().iter().map(errors).collect();
    }
    let (_, svg) = judged(|| sweep::figure(&all));
    marks_are_inside(&svg);
    all.points.retain(|point| point.residual == 0.0);
    marks_are_inside(&sweep::figure(&all).svg());
}

#[test]
fn nothing_to_show_is_no_failure() {
    let mut bare = example(&[0.0]);
    bare.points.iter_mut().for_each(|p| p.methods.clear());
    judged(|| sweep::figure(&bare));
    bare.points.clear();
    judged(|| sweep::figure(&bare));
}

/// The gradient of a singular value of a matrix of ones, which is constant.
fn gradient(rows: usize, columns: usize) -> Found {
    let entry = 1.0 / ((rows * columns) as f64).sqrt();
    let (value, count) = (1.0 / entry, rows.min(columns));
    Found {
        schema: GRAD,
        source: "A.csv".into(),
        rows,
        columns,
        kind: Kind::Singular,
        index: 1,
        count,
        value,
        gap: Some(value),
        cluster: None,
        gradient: Some(Grid(Array2::from_shape_fn((rows, columns), |(i, j)| if i < j { -entry } else { entry }))),
        cluster_mean: None,
        second: None,
    }
}

#[test]
fn a_heat_map_of_any_shape_is_legible() {
    let shapes = [(1, 1), (1, 12), (12, 1), (3, 3), (12, 10), (13, 2), (64, 64), (65, 3), (3, 65), (1000, 2000)];
    for (rows, columns) in shapes {
        let found = gradient(rows, columns);
        let (texts, svg) = judged(|| heat::figure(&found));
        for text in ["A.csv: gradient of σ₁ = u₁v₁ᵀ", "column", "1", "0"] {
            assert!(texts.contains(&text.into()), "{text} in {texts:?}");
        }
        let blocks = texts.iter().any(|text| text.starts_with("Each cell is the entry of largest magnitude"));
        assert_eq!(blocks, rows.max(columns) > 64);
        // The ground, the frames of the map and of the bar, its 48 steps, and the cells.
        assert_eq!(svg.matches("<rect").count(), 3 + 48 + rows.min(64) * columns.min(64));
    }
    let (texts, _) = judged(|| heat::figure(&gradient(2, 2)));
    assert_eq!(texts.iter().filter(|text| *text == "−0.500" || *text == "0.500").count(), 4 + 2);
}

#[test]
fn values_that_meet_are_said_in_the_picture() {
    let mut found = Found { gradient: None, cluster: Some([1, 2]), ..gradient(3, 2) };
    let (texts, svg) = judged(|| heat::figure(&found));
    assert_eq!(texts, ["A.csv: σ₁ and σ₂ are zero to rounding, where singular values have a kink: no gradient"]);
    assert_eq!(svg.matches("<rect").count(), 1);
    found.cluster_mean = Some(Mean { value: 1.0, gradient: Grid(Array2::zeros((3, 2))) });
    let (texts, _) = judged(|| heat::figure(&found));
    for text in ["A.csv: gradient of the mean of σ₁ and σ₂", "σ₁ and σ₂ coincide to rounding: no gradient"]
    {
        assert!(texts.contains(&text.into()), "{texts:?}");
    }
}

#[test]
fn pixels_are_the_same_every_time() {
    let sweep = sweep::figure(&example(&[0.0]));
    let png = || encode(&sweep, Format::Png).expect("it can be drawn");
    assert_eq!(png(), png());
}

#[test]
fn the_judge_sees_what_is_wrong() {
    let svg = |inner: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"30\" font-family=\"DejaVu Sans\">{inner}</svg>"
        )
    };
    let text = |x: u32, text: &str| format!("<text x=\"{x}\" y=\"20\" font-size=\"12\">{text}</text>");
    let apart = labels(&svg(&(text(5, "one") + &text(50, "two"))));
    assert_eq!(apart.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert!(overlap(&apart).is_none() && overlap(&labels(&svg(&(text(5, "one") + &text(15, "two"))))).is_some());
    assert!(labels(&svg(&text(80, "wide"))).iter().any(|l| l.right > 90.0));
}
