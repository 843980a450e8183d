//! Eigenvalues of families that depend on a parameter: a true crossing (Rellich's diag(t + 2, 2t + 2)) and an avoided one, followed as smooth
//! branches and drawn side by side. `cargo run --release --example crossing [FILE.svg]`.

use std::fmt::Write;

use lapwing::deriv::{Branches, Crossing, Curve, Family, TrackOptions, track};
use ndarray::array;

const COLOURS: [(&str, &str); 2] = [("#0072b2", ""), ("#d55e00", "7 4")];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rellich = Curve {
        matrix: |t: f64| array![[t + 2.0, 0.0], [0.0, 2.0 * t + 2.0]],
        slope: |_| array![[1.0, 0.0], [0.0, 2.0]],
    };
    // The eigenvalues are ±√(t² + g²/4), a gap g apart at t = 0: one that can be seen, and one that cannot.
    let avoided = |gap: f64| Curve {
        matrix: move |t: f64| array![[t, gap / 2.0], [gap / 2.0, -t]],
        slope: |_| array![[1.0, 0.0], [0.0, -1.0]],
    };
    let panels = [
        panel("diag(t + 2, 2t + 2): a crossing", &rellich)?,
        panel("[t, g/2; g/2, −t], g = 0.3: avoided", &avoided(0.3))?,
        panel("the same with g = 1e-6: avoided too", &avoided(1e-6))?,
    ];
    let path = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("crossing.svg"), Into::into);
    std::fs::write(&path, svg(&panels))?;
    println!("drawn in {}", path.display());
    Ok(())
}

/// The branches of one family over [−1, 1], and what they do.
fn panel(title: &str, family: &impl Family<f64>) -> lapwing::Result<(String, Branches<f64>)> {
    let branches = track(family, -1.0..1.0, &TrackOptions::default())?;
    println!("{title}");
    let tell = |what: &str, place: &Crossing<f64>| {
        // Adding 0 makes 0 of −0.
        let t = (place.t * 1e9).round() / 1e9 + 0.0;
        println!("  {what} at t = {t}, value {:.4}, gap {:.1e}", place.value, place.gap);
    };
    branches.crossings.iter().for_each(|place| tell("crossing", place));
    branches.avoided.iter().for_each(|place| tell("avoided crossing", place));
    let last = branches.times.len() - 1;
    for (number, branch) in branches.values.columns().into_iter().enumerate() {
        println!("  branch {}: from {:.4} to {:.4}", number + 1, branch[0], branch[last]);
    }
    println!("  {last} steps");
    Ok((title.to_string(), branches))
}

/// The places of a branch: where the steps ended, and where it comes nearest to the other one, which steps may pass over.
fn path(branches: &Branches<f64>, number: usize) -> Vec<(f64, f64)> {
    let values = branches.values.column(number);
    let mut path: Vec<(f64, f64)> = branches.times.iter().copied().zip(values.iter().copied()).collect();
    for place in branches.crossings.iter().chain(&branches.avoided) {
        // A branch that turns back stays on its side.
        let side = (values[0] - place.value).signum();
        path.push((place.t, place.value + side * place.gap / 2.0));
    }
    path.sort_by(|x, y| x.0.total_cmp(&y.0));
    path
}

/// The panels beside each other, each branch in its own colour and dash, a circle where they meet or nearly do.
fn svg(panels: &[(String, Branches<f64>)]) -> String {
    let (width, height, top) = (300.0, 260.0, 46.0);
    let total = 30.0 + panels.len() as f64 * (width + 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"372\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{total}\" height=\"372\" fill=\"#ffffff\"/>\n"
    );
    let mut add = |element: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = writeln!(svg, "{element}");
    };
    for (number, (title, branches)) in panels.iter().enumerate() {
        let left = 30.0 + number as f64 * (width + 30.0);
        let low = branches.values.iter().fold(f64::INFINITY, |low, &x| low.min(x));
        let high = branches.values.iter().fold(f64::NEG_INFINITY, |high, &x| high.max(x));
        let point = |t: f64, value: f64| {
            (left + (t + 1.0) / 2.0 * width, top + 10.0 + (high - value) / (high - low) * (height - 20.0))
        };
        add(format_args!("<text x=\"{left}\" y=\"28\">{title}</text>"));
        add(format_args!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"#666666\"/>"
        ));
        for (number, (colour, dash)) in COLOURS.into_iter().enumerate() {
            let path: Vec<String> = path(branches, number)
                .into_iter()
                .map(|(t, value)| point(t, value))
                .map(|(x, y)| format!("{x:.2},{y:.2}"))
                .collect();
            add(format_args!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dash}\"/>",
                path.join(" ")
            ));
        }
        for (places, colour) in [(&branches.crossings, "#000000"), (&branches.avoided, "#cc79a7")] {
            for place in places {
                let (x, y) = point(place.t, place.value);
                add(format_args!("<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"6\" fill=\"none\" stroke=\"{colour}\"/>"));
            }
        }
        for value in [low, high] {
            let (_, y) = point(0.0, value);
            add(format_args!("<text x=\"{}\" y=\"{:.2}\" font-size=\"11\">{value:.2}</text>", left + 5.0, y + 4.0));
        }
        let under = top + height + 18.0;
        for (t, anchor) in [(-1.0, "start"), (0.0, "middle"), (1.0, "end")] {
            let (x, _) = point(t, low);
            add(format_args!("<text x=\"{x}\" y=\"{under}\" text-anchor=\"{anchor}\">t = {t}</text>"));
        }
    }
    key(&mut add, top + height + 44.0);
    svg + "</svg>\n"
}

/// What lines and circles stand for.
fn key(add: &mut impl FnMut(std::fmt::Arguments<'_>), y: f64) {
    let (lines, circles) = (["branch 1", "branch 2"], [("crossing", "#000000"), ("avoided crossing", "#cc79a7")]);
    let mut x = 30.0;
    for ((colour, dash), words) in COLOURS.into_iter().zip(lines) {
        add(format_args!(
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dash}\"/>",
            x + 30.0
        ));
        add(format_args!("<text x=\"{}\" y=\"{}\">{words}</text>", x + 38.0, y + 4.0));
        x += 130.0;
    }
    for (words, colour) in circles {
        add(format_args!("<circle cx=\"{}\" cy=\"{y}\" r=\"6\" fill=\"none\" stroke=\"{colour}\"/>", x + 6.0));
        add(format_args!("<text x=\"{}\" y=\"{}\">{words}</text>", x + 20.0, y + 4.0));
        x += 110.0;
    }
}
