//! The command `lapwing grad`: what was found, as JSON and as a page of text. The keys are stable; a value that does not exist is
//! `null`, and indexes count from 1.
//!
//! Top floor. Shapes and words; it must not compute derivatives.

use lapwing::interlace::subscript;
use ndarray::Array2;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::cli::text::{self, coefficient, short, table};

/// The version of the keys below.
pub const SCHEMA: u32 = 1;

/// Which values the index counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Singular values, descending.
    Singular,
    /// Eigenvalues of a symmetric matrix, ascending.
    Eigen,
}

/// A value and its derivatives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The version of these keys.
    pub schema: u32,
    /// The name of the file.
    pub source: String,
    /// Rows of the matrix.
    pub rows: usize,
    /// Columns of the matrix.
    pub columns: usize,
    /// Which values are counted.
    pub kind: Kind,
    /// Which one it is, from 1.
    pub index: usize,
    /// How many there are.
    pub count: usize,
    /// The value.
    pub value: f64,
    /// The distance to what it must not meet; none where there is nothing.
    pub gap: Option<f64>,
    /// The first and the last of the values that coincide with it.
    pub cluster: Option<[usize; 2]>,
    /// The gradient, unless there is a cluster.
    pub gradient: Option<Grid>,
    /// The mean of the cluster, where that has a gradient.
    pub cluster_mean: Option<Mean>,
    /// The extreme second derivatives, if asked for and if there are any.
    pub second: Option<Second>,
}

/// The mean of values that coincide.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its gradient.
    pub gradient: Grid,
}

/// The ends of the range of second derivatives along directions of length 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Second {
    /// The most positive.
    pub largest: Option<Bend>,
    /// The most negative.
    pub least: Option<Bend>,
}

/// A second derivative with its direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bend {
    /// The second derivative.
    pub value: f64,
    /// The direction.
    pub direction: Grid,
}

/// A matrix, in JSON as an array of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid(pub Array2<f64>);

impl Serialize for Grid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.nrows()))?;
        self.0.rows().into_iter().try_for_each(|row| rows.serialize_element(&row.to_vec()))?;
        rows.end()
    }
}

impl Kind {
    fn letter(self) -> &'static str {
        match self {
            Kind::Singular => "σ",
            Kind::Eigen => "λ",
        }
    }

    /// `σ₂`.
    pub fn symbol(self, index: usize) -> String {
        format!("{}{}", self.letter(), subscript(index))
    }

    /// `σ₂`, `σ₂ and σ₃`, `σ₂ to σ₄`.
    fn run(self, first: usize, last: usize) -> String {
        match last - first {
            0 => self.symbol(first),
            1 => format!("{} and {}", self.symbol(first), self.symbol(last)),
            _ => format!("{} to {}", self.symbol(first), self.symbol(last)),
        }
    }

    fn vectors(self, index: usize) -> String {
        let i = subscript(index);
        match self {
            Kind::Singular => format!("u{i}v{i}ᵀ"),
            Kind::Eigen => format!("q{i}q{i}ᵀ"),
        }
    }
}

impl Found {
    /// What is drawn and tabulated, with its name: the gradient, or that of the mean of a cluster.
    pub fn shown(&self) -> Option<(String, &Array2<f64>)> {
        let symbol = |i| self.kind.symbol(i);
        match (&self.gradient, &self.cluster_mean, self.cluster) {
            (Some(Grid(gradient)), _, _) => {
                Some((format!("gradient of {} = {}", symbol(self.index), self.kind.vectors(self.index)), gradient))
            }
            (None, Some(mean), Some([first, last])) => {
                Some((format!("gradient of the mean of {}", self.kind.run(first, last)), &mean.gradient.0))
            }
            _ => None,
        }
    }

    /// Why there is no gradient.
    pub fn obstacle(&self) -> Option<String> {
        let [first, last] = self.cluster?;
        let run = self.kind.run(first, last);
        // Singular values that are zero meet their mirror images too: not even their mean has a gradient.
        let zero = self.kind == Kind::Singular && self.cluster_mean.is_none();
        Some(match (first == last, zero) {
            (true, _) => format!("{run} is zero to rounding, where singular values have a kink: no gradient"),
            (false, true) => format!("{run} are zero to rounding, where singular values have a kink: no gradient"),
            (false, false) => format!("{run} coincide to rounding: no gradient"),
        })
    }

    /// The page that is printed.
    pub fn page(&self) -> String {
        let (rows, columns) = (self.rows, self.columns);
        let what = match self.kind {
            Kind::Singular => "singular value",
            Kind::Eigen => "eigenvalue",
        };
        let order = match self.kind {
            Kind::Singular => "descending",
            Kind::Eigen => "ascending",
        };
        let source = text::shown(&self.source);
        let mut parts = vec![format!("{source}: {rows}×{columns}, {what} {} of {}, {order}", self.index, self.count)];
        parts.push(self.facts());
        if let Some(obstacle) = self.obstacle() {
            parts.push(text::wrap(&format!("{obstacle}.")));
        }
        if let Some((name, gradient)) = self.shown() {
            parts.push(format!("{name}\n\n{}", entries(gradient)));
        }
        if let Some(second) = &self.second {
            parts.push(self.bends(second));
        }
        parts.join("\n\n") + "\n"
    }

    fn facts(&self) -> String {
        let meaning = match (self.kind, self.rows == self.columns) {
            (Kind::Eigen, _) => "to the nearest other eigenvalue",
            (Kind::Singular, true) => "to the nearest other singular value, or to −σ",
            (Kind::Singular, false) => "to the nearest other singular value, or to 0",
        };
        let mut lines = vec![format!("{:<6}{:>15}", self.kind.symbol(self.index), coefficient(self.value))];
        if let Some(gap) = self.gap {
            lines.push(format!("{:<6}{:>15}   {meaning}", "gap", short(gap)));
        }
        if let Some(mean) = &self.cluster_mean {
            lines.push(format!("{:<6}{:>15}   of those that coincide", "mean", coefficient(mean.value)));
        }
        lines.join("\n")
    }

    fn bends(&self, second: &Second) -> String {
        let symbol = self.kind.symbol(self.index);
        let part = |bend: &Option<Bend>, which: &str, way: &str| match bend {
            Some(bend) => {
                format!("{which} {}, along\n\n{}", short(bend.value), entries(&bend.direction.0))
            }
            None => format!("{which} 0: no direction bends {symbol} {way}"),
        };
        let heading = format!("second derivatives of {symbol} along directions E with ‖E‖ = 1 (Frobenius norm)");
        [heading, part(&second.largest, "largest", "upwards"), part(&second.least, "least", "downwards")].join("\n\n")
    }
}

/// A small matrix as a table, of a large one the entries of largest magnitude.
fn entries(a: &Array2<f64>) -> String {
    const MOST_ROWS: usize = 20;
    const MOST_COLUMNS: usize = 8;
    const LARGEST: usize = 10;
    // Of matrices of length 1: what is smaller than rounding errors is none of theirs.
    let number = |value: f64| match value.abs() {
        size if size < 1e-14 => "0".to_string(),
        size if size < 5e-5 => short(value),
        _ => format!("{value:.4}"),
    };
    if a.nrows() <= MOST_ROWS && a.ncols() <= MOST_COLUMNS {
        let header: Vec<String> =
            std::iter::once(String::new()).chain((1..=a.ncols()).map(|j| j.to_string())).collect();
        let row = |(i, row): (usize, ndarray::ArrayView1<'_, f64>)| {
            std::iter::once((i + 1).to_string()).chain(row.iter().map(|&x| number(x))).collect()
        };
        let rows: Vec<Vec<String>> = a.rows().into_iter().enumerate().map(row).collect();
        return table(&header, &rows, 0);
    }
    let mut places: Vec<(usize, usize)> = a.indexed_iter().map(|(place, _)| place).collect();
    let larger = |x: &(usize, usize), y: &(usize, usize)| a[*y].abs().total_cmp(&a[*x].abs()).then(x.cmp(y));
    if places.len() > LARGEST {
        places.select_nth_unstable_by(LARGEST, larger);
        places.truncate(LARGEST);
    }
    places.sort_by(larger);
    let row = |&(i, j): &(usize, usize)| vec![(i + 1).to_string(), (j + 1).to_string(), short(a[(i, j)])];
    let header = ["row", "column", "entry"].map(String::from);
    let rest = text::wrap(&format!("the {LARGEST} largest of {} entries; --json has all", a.len()));
    format!("{}\n\n{rest}", table(&header, &places.iter().map(row).collect::<Vec<_>>(), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_large_matrices_the_largest_entries_are_shown() {
        let a = Array2::from_shape_fn((30, 3), |(i, j)| if (i + j) % 2 == 0 { 1.0 } else { -1.0 } * (i * 3 + j) as f64);
        let shown = entries(&a);
        let rows: Vec<Vec<&str>> =
            shown.lines().skip(2).take(2).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows, [["30", "3", "-89.0"], ["30", "2", "88.0"]]);
        assert!(shown.ends_with("the 10 largest of 90 entries; --json has all"));
        let last = |x: f64| entries(&ndarray::array![[1.0, x]]).lines().last().map(str::to_string);
        assert_eq!(last(-1e-9).as_deref(), Some("1  1.0000  -1.00e-9"));
        assert_eq!(last(-1e-17).as_deref(), Some("1  1.0000  0"));
    }
}
