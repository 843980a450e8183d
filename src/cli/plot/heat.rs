//! Pictures: a gradient as a heat map, a cell for each entry, with a bar that tells what the colours mean.
//!
//! Top floor. Colours run from dark blue by grey to bright yellow, so that they differ in lightness where hues are not told
//! apart; small matrices have their numbers in the cells. It must not compute derivatives.

use ndarray::Array2;

use super::canvas::{Anchor, Canvas, Figure, Font, Point, Rect, Stroke};
use super::font;
use super::frame::{HEADING, LINE, TEXT, text};
use super::style::{GREY, INK, WHITE};
use crate::cli::grad::report::Found;
use crate::cli::text::short;

const WIDTH: f64 = 760.0;
const RIGHT: f64 = 24.0;
/// The room for the bar of colours and its numbers.
const BESIDE: f64 = 130.0;
/// The room for cells, in both directions.
const ROOM: f64 = 560.0;
/// The largest cell.
const LARGEST: f64 = 56.0;
/// No more cells than these in a row or a column: beyond that a cell stands for a block of entries.
const MOST: usize = 64;

/// The colours of −1, 0 and 1: as lightness grows from each to the next, the map can be read in greys. Blue and yellow are what the
/// frequent kinds of colour blindness keep apart (after J. R. Nuñez, C. R. Anderton and R. S. Renslow, Optimizing colormaps with
/// consideration for color vision deficiency, PLoS ONE 13 (2018)).
const COLOURS: [[f64; 3]; 3] = [[0.0, 32.0, 77.0], [125.0, 124.0, 120.0], [255.0, 234.0, 70.0]];

/// The figure.
pub fn figure(found: &Found) -> Figure {
    let mut canvas = Canvas::default();
    let source = format!("{}: ", found.source);
    let (heading, room) = (Font { size: HEADING, colour: INK, anchor: Anchor::Start }, WIDTH - 2.0 * RIGHT);
    let name = found.shown().map(|(name, _)| name);
    let title = source + &name.or_else(|| found.obstacle()).unwrap_or_default();
    canvas.text((RIGHT, 24.0), heading, &font::fitted(&title, HEADING, room));
    let notes = notes(found);
    let widths = notes.iter().map(|note| font::width(note, TEXT)).chain([font::width(&title, HEADING)]);
    let width = (widths.fold(0.0, f64::max) + 2.0 * RIGHT).min(WIDTH);
    let mut top = 32.0;
    for note in notes {
        canvas.text((RIGHT, top + 12.0), text(Anchor::Start, GREY), &font::fitted(&note, TEXT, room));
        top += LINE;
    }
    let Some((_, gradient)) = found.shown() else {
        return Figure { width, height: top + LINE, title, canvas };
    };
    let cells = Cells::of(gradient);
    let widest = font::width(&found.rows.to_string(), TEXT);
    let area = Rect { x: RIGHT + LINE + widest + 12.0, y: top + 12.0, width: cells.width(), height: cells.height() };
    cells.draw(&mut canvas, area);
    let height = (area.height - 12.0).clamp(96.0, 192.0);
    let bottom = bar(&mut canvas, (area.right() + 28.0, area.y), height, cells.largest);
    Figure {
        width: width.max(area.right() + BESIDE).min(WIDTH),
        height: (area.bottom() + 2.0 * LINE).max(bottom) + 14.0,
        title,
        canvas,
    }
}

/// What has to be known to read the figure.
fn notes(found: &Found) -> Vec<String> {
    let mut notes = Vec::new();
    if found.gradient.is_some() {
        let symbol = found.kind.symbol(found.index);
        let gap = found.gap.map(|gap| format!(", gap {}", short(gap))).unwrap_or_default();
        notes.push(format!("{symbol} = {}{gap}", short(found.value)));
    } else if let (Some(_), Some(obstacle)) = (&found.cluster_mean, found.obstacle()) {
        notes.push(obstacle);
    }
    let largest = found.rows.max(found.columns);
    if found.shown().is_some() && largest > MOST {
        notes.push(format!(
            "Each cell is the entry of largest magnitude of a block; {}×{} entries.",
            found.rows, found.columns
        ));
    }
    notes
}

/// The entries that are drawn.
struct Cells {
    entries: Array2<f64>,
    /// The number of the first row and of the first column of each cell, from 1, with the number after the last.
    rows: Vec<usize>,
    columns: Vec<usize>,
    largest: f64,
}

impl Cells {
    fn of(gradient: &Array2<f64>) -> Self {
        let starts = |len: usize| -> Vec<usize> {
            let cells = len.clamp(1, MOST);
            (0..=cells).map(|cell| cell * len / cells).collect()
        };
        let (rows, columns) = (starts(gradient.nrows()), starts(gradient.ncols()));
        let entries = Array2::from_shape_fn((rows.len() - 1, columns.len() - 1), |(i, j)| {
            let block = gradient.slice(ndarray::s![rows[i]..rows[i + 1], columns[j]..columns[j + 1]]);
            block.iter().fold(0.0, |most: f64, &x| if x.abs() > most.abs() { x } else { most })
        });
        let largest = entries.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        Cells { entries, rows, columns, largest }
    }

    fn cell(&self) -> (f64, f64) {
        let side = |count: usize| (ROOM / count.max(1) as f64).min(LARGEST);
        let (rows, columns) = self.entries.dim();
        let (wide, high) = (side(columns), side(rows).min(LARGEST / 1.6));
        (wide, high)
    }

    fn width(&self) -> f64 {
        self.cell().0 * self.entries.ncols() as f64
    }

    fn height(&self) -> f64 {
        self.cell().1 * self.entries.nrows() as f64
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let (wide, high) = self.cell();
        let numbered = wide >= 46.0 && high >= 18.0;
        for ((i, j), &entry) in self.entries.indexed_iter() {
            let cell = Rect { x: area.x + j as f64 * wide, y: area.y + i as f64 * high, width: wide, height: high };
            let share = if self.largest > 0.0 { entry / self.largest } else { 0.0 };
            canvas.rect(cell, &colour(share));
            if numbered {
                let font = Font { size: 10.5, colour: legible(share), anchor: Anchor::Middle };
                canvas.text((cell.x + wide / 2.0, cell.y + high / 2.0 + 3.8), font, &number(entry));
            }
        }
        canvas.outline(area, Stroke::solid(GREY, 1.0));
        let widest = font::width(&self.columns.last().unwrap_or(&0).to_string(), TEXT);
        for at in (0..self.entries.ncols()).step_by(stride(wide, widest + 10.0)) {
            let x = area.x + (at as f64 + 0.5) * wide;
            let label = (self.columns[at] + 1).to_string();
            canvas.text((x, area.bottom() + LINE - 2.0), text(Anchor::Middle, INK), &label);
        }
        for at in (0..self.entries.nrows()).step_by(stride(high, LINE)) {
            let y = area.y + (at as f64 + 0.5) * high;
            canvas.text((area.x - 7.0, y + 4.0), text(Anchor::End, INK), &(self.rows[at] + 1).to_string());
        }
        // The title of a narrow map begins at its edge.
        canvas.text((area.x, area.bottom() + 2.0 * LINE), text(Anchor::Start, INK), "column");
        if area.height > font::width("row", TEXT) {
            canvas.upright((RIGHT + 4.0, area.y + area.height / 2.0), text(Anchor::Middle, INK), "row");
        }
    }
}

/// Every how many cells there is room for a label.
fn stride(cell: f64, label: f64) -> usize {
    (label / cell).ceil().max(1.0) as usize
}

/// The bar of colours, and where it ends.
fn bar(canvas: &mut Canvas, (x, y): Point, height: f64, largest: f64) -> f64 {
    const STEPS: usize = 48;
    let bar = Rect { x, y: y + 6.0, width: 18.0, height };
    let high = height / STEPS as f64;
    for step in 0..STEPS {
        let share = 1.0 - (2 * step + 1) as f64 / STEPS as f64;
        canvas.rect(Rect { y: bar.y + step as f64 * high, height: high, ..bar }, &colour(share));
    }
    canvas.outline(bar, Stroke::solid(GREY, 1.0));
    for (share, value) in [(0.0, largest), (0.25, largest / 2.0), (0.5, 0.0), (0.75, -largest / 2.0), (1.0, -largest)] {
        let at = (bar.right() + 7.0, bar.y + share * height + 4.0);
        canvas.text(at, text(Anchor::Start, INK), &short(value).replace('-', "−"));
    }
    bar.bottom() + 12.0
}

/// Three decimals, as entries of a gradient are at most 1.
fn number(entry: f64) -> String {
    if entry.abs() < 5e-4 { "0".to_string() } else { format!("{entry:.3}").replace('-', "−") }
}

fn channels(share: f64) -> [f64; 3] {
    let (from, to, part) = match share < 0.0 {
        true => (COLOURS[0], COLOURS[1], share + 1.0),
        false => (COLOURS[1], COLOURS[2], share),
    };
    std::array::from_fn(|k| (from[k] + (to[k] - from[k]) * part.clamp(0.0, 1.0)).round())
}

/// The colour of an entry, as a part from −1 to 1 of the largest.
fn colour(share: f64) -> String {
    let [r, g, b] = channels(share);
    format!("#{:02x}{:02x}{:02x}", r as u8, g as u8, b as u8)
}

/// The relative luminance of WCAG 2, from 0 to 1.
fn luminance(share: f64) -> f64 {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    let [r, g, b] = channels(share).map(|c| linear(c / 255.0));
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// White on what is darker than grey, black on what is lighter: a contrast of at least 4.5 to 1 everywhere.
fn legible(share: f64) -> &'static str {
    if luminance(share) < 0.179 { WHITE } else { "#000000" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightness_grows_with_the_entry_and_numbers_can_be_read() {
        let shares: Vec<f64> = (-50..=50).map(|k| f64::from(k) / 50.0).collect();
        for pair in shares.windows(2) {
            assert!(luminance(pair[0]) < luminance(pair[1]), "{pair:?}");
        }
        for share in shares {
            let ground = luminance(share) + 0.05;
            let contrast = if legible(share) == WHITE { 1.05 / ground } else { ground / 0.05 };
            assert!(contrast >= 4.5, "{share}: {contrast}");
        }
        assert_eq!([colour(-1.0), colour(0.0), colour(1.0)], ["#00204d", "#7d7c78", "#ffea46"]);
    }

    #[test]
    fn a_block_is_drawn_by_its_largest_entry() {
        let mut gradient = Array2::zeros((130, 3));
        gradient[(129, 2)] = -0.5;
        gradient[(0, 0)] = 0.25;
        let cells = Cells::of(&gradient);
        assert_eq!((cells.entries.dim(), cells.largest), ((64, 3), 0.5));
        assert_eq!((cells.entries[(63, 2)], cells.entries[(0, 0)]), (-0.5, 0.25));
        assert_eq!((cells.rows[0], cells.rows[64]), (0, 130));
    }
}
