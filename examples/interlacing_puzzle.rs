//! A puzzle: S + θ·q₂q₂ᵀ has the eigenvalues λ₁ and λ₂ + θ, so that the second one grows until it passes λ₁. How can μ₁ ≥ λ₁ ≥ μ₂ ≥ λ₂ hold at
//! every θ? The ordered values exchange their roles. `cargo run --release --example interlacing_puzzle [FILE.svg]`.

use std::fmt::{Arguments, Write};

use lapwing::prelude::*;
use ndarray::array;

const BLUE: &str = "#0072b2";
const ORANGE: &str = "#d55e00";
const GREY: &str = "#777777";

/// At θ the ordered eigenvalues μ₁ ≥ μ₂.
type Place = (f64, [f64; 2]);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // λ₁ = 4 and λ₂ = 2, with eigenvectors along (1, 1) and (1, −1).
    let eigh = array![[3.0, 1.0], [1.0, 3.0]].eigh()?;
    let [second, first] = [eigh.values[0], eigh.values[1]];
    let along = eigh.vectors.column(0).to_owned();
    let places: Vec<Place> = (0..=80)
        .map(|step| {
            let theta = f64::from(step) / 20.0;
            let values = eigh.update(&along, theta)?.into_values();
            Ok((theta, [values[1], values[0]]))
        })
        .collect::<lapwing::Result<_>>()?;

    println!("S = [3 1; 1 3], λ₁ = {first:.4}, λ₂ = {second:.4}; the eigenvalues of S + θ·q₂q₂ᵀ:\n");
    println!("    θ   λ₂ + θ      μ₁      μ₂   μ₁ ≥ λ₁ ≥ μ₂ ≥ λ₂   on λ₂ + θ");
    for &(theta, [upper, lower]) in places.iter().step_by(10) {
        let holds = if upper >= first && first >= lower && lower >= second { "yes" } else { "no" };
        // Beside rounding.
        let beyond = second + theta - first;
        let mover = if beyond.abs() < 1e-12 { "both" } else { ["μ₂", "μ₁"][usize::from(beyond > 0.0)] };
        println!("{theta:5.2} {:8.4} {upper:7.4} {lower:7.4}   {holds:<17}   {mover}", second + theta);
    }
    let path =
        std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("interlacing_puzzle.svg"), Into::into);
    std::fs::write(&path, svg(&places, [first, second]))?;
    println!("\ndrawn in {}", path.display());
    Ok(())
}

/// The paths of μ₁ and μ₂ over θ, each in its band: above λ₁, and between λ₂ and λ₁.
fn svg(places: &[Place], [first, second]: [f64; 2]) -> String {
    let (left, top, width, height) = (64.0, 62.0, 520.0, 330.0);
    let (end, low, high) = (4.0, 1.5, 6.5);
    let point = |theta: f64, value: f64| (left + theta / end * width, top + (high - value) / (high - low) * height);
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"650\" height=\"464\" font-family=\"sans-serif\" font-size=\"14\">\n\
         <rect width=\"650\" height=\"464\" fill=\"#ffffff\"/>\n",
    );
    let mut add = |element: Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = writeln!(svg, "{element}");
    };
    add(format_args!(
        "<text x=\"{left}\" y=\"28\" font-size=\"16\">Eigenvalues of S + θ·q₂q₂ᵀ: roles change, the order does not</text>"
    ));
    add(format_args!(
        "<text x=\"{left}\" y=\"48\" fill=\"{GREY}\">μ₁ ≥ λ₁ ≥ μ₂ ≥ λ₂ at every θ: each value stays in its own band</text>"
    ));
    // Where interlacing allows each value to be.
    for (from, to, colour) in [(high, first, BLUE), (first, second, ORANGE)] {
        let ((x, y), (_, bottom)) = (point(0.0, from), point(0.0, to));
        add(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{colour}\" fill-opacity=\"0.08\"/>",
            bottom - y
        ));
    }
    for (value, name) in [(first, "λ₁"), (second, "λ₂")] {
        let (x, y) = point(0.0, value);
        add(format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name} = {value:.0}</text>", x - 8.0, y + 5.0));
    }
    let ((x, y), (x2, _)) = (point(0.0, second), point(end, second));
    add(format_args!(
        "<line x1=\"{x}\" y1=\"{y}\" x2=\"{x2}\" y2=\"{y}\" stroke=\"{GREY}\" stroke-dasharray=\"2 4\"/>"
    ));
    for (number, colour, dash) in [(0, BLUE, ""), (1, ORANGE, "9 5")] {
        let path: Vec<String> = places
            .iter()
            .map(|&(theta, values)| point(theta, values[number]))
            .map(|(x, y)| format!("{x:.2},{y:.2}"))
            .collect();
        add(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"3\" stroke-linejoin=\"round\" \
             stroke-dasharray=\"{dash}\"/>",
            path.join(" ")
        ));
        let (x, y) = point(end, places[places.len() - 1].1[number]);
        add(format_args!(
            "<text x=\"{}\" y=\"{}\" fill=\"{colour}\" font-size=\"16\">{}</text>",
            x + 10.0,
            y + 5.0,
            ["μ₁", "μ₂"][number]
        ));
    }
    // Where they meet, and which of them is which before and after.
    let meeting = first - second;
    let (x, y) = point(meeting, first);
    add(format_args!(
        "<circle cx=\"{x}\" cy=\"{y}\" r=\"6\" fill=\"#ffffff\" stroke=\"#000000\" stroke-width=\"1.5\"/>"
    ));
    add(format_args!("<text x=\"{}\" y=\"{}\">λ₂ + θ meets λ₁</text>", x + 14.0, y + 22.0));
    let slope = -(height / (high - low) / (width / end)).atan().to_degrees();
    for (theta, name, colour) in [(0.5 * meeting, "μ₂ = λ₂ + θ", ORANGE), (1.5 * meeting, "μ₁ = λ₂ + θ", BLUE)]
    {
        let (x, y) = point(theta, second + theta);
        add(format_args!(
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" fill=\"{colour}\" transform=\"rotate({slope:.2} {x} {y})\">{name}</text>",
            y - 9.0
        ));
    }
    for (theta, name, colour) in [(0.5 * meeting, "μ₁ = λ₁", BLUE), (1.6 * meeting, "μ₂ = λ₁", ORANGE)] {
        let (x, y) = point(theta, first);
        add(format_args!("<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" fill=\"{colour}\">{name}</text>", y - 10.0));
    }
    let (bottom, (x, _)) = (top + height, point(0.0, low));
    add(format_args!("<path d=\"M{x} {top} V{bottom} H{}\" fill=\"none\" stroke=\"#333333\"/>", x + width));
    for theta in 0..=4 {
        let (x, _) = point(f64::from(theta), low);
        add(format_args!("<path d=\"M{x} {bottom} v6\" stroke=\"#333333\"/>"));
        add(format_args!("<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{theta}</text>", bottom + 23.0));
    }
    add(format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">θ</text>", left + width / 2.0, bottom + 48.0));
    svg + "</svg>\n"
}
