//! The command `lapwing interlace`: what was checked, as JSON and as a page of text. The keys are stable; a value that does not
//! exist is `null`, and one beyond the range too.
//!
//! Top floor. Shapes and words; it must not compare values.

use lapwing::interlace::{ALLOWANCE, Finding, Instance, Relation, Report};
use serde::Serialize;

use crate::cli::text::{self, table};

/// The version of the keys below.
pub const SCHEMA: u32 = 1;

/// What was checked, of which files.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// The version of these keys.
    pub schema: u32,
    /// The names of the files.
    pub source: Vec<String>,
    /// What they are taken as.
    pub what: String,
    /// Whether no inequality is violated by more than rounding explains.
    pub holds: bool,
    /// How many inequalities were checked.
    pub checked: usize,
    /// How many are violated.
    pub violated: usize,
    /// One entry for each theorem.
    pub theorems: Vec<Theorem>,
    /// What is drawn.
    #[serde(skip)]
    pub branches: Option<Branches>,
}

/// The eigenvalues of S + θzzᵀ for some θ from 0 to ρ.
#[derive(Debug, Clone, PartialEq)]
pub struct Branches {
    /// The title.
    pub title: String,
    /// θ.
    pub thetas: Vec<f64>,
    /// The eigenvalues, descending, for each θ.
    pub values: Vec<Vec<f64>>,
}

/// What was found of one theorem.
#[derive(Debug, Serialize)]
pub struct Theorem {
    theorem: &'static str,
    statement: String,
    checked: usize,
    violated: usize,
    worst: Option<Place>,
    tightest: Option<Place>,
}

/// One inequality.
#[derive(Debug, Serialize)]
struct Place {
    inequality: String,
    /// The indices in it, from 1, in the order in which they stand there.
    indices: Vec<usize>,
    left: Option<f64>,
    relation: &'static str,
    right: Option<f64>,
    slack: Option<f64>,
    allowance: Option<f64>,
    excess: Option<f64>,
}

impl Checked {
    /// Of files that are taken as `what`.
    pub fn new(source: Vec<String>, what: String, report: &Report) -> Self {
        Checked {
            schema: SCHEMA,
            source,
            what,
            holds: report.holds(),
            checked: report.checked(),
            violated: report.violated(),
            theorems: report.findings.iter().map(Theorem::of).collect(),
            branches: None,
        }
    }

    /// The page that is printed.
    pub fn page(&self) -> String {
        let files: Vec<String> = self.source.iter().map(|name| text::shown(name)).collect();
        let header = ["theorem", "nearest to violation", "checked", "violated", "slack", "allowed"].map(String::from);
        let rows: Vec<Vec<String>> = self.theorems.iter().map(Theorem::row).collect();
        let note = format!(
            "Of each theorem the inequality that comes nearest to being violated. slack: the room that is left; an inequality is \
             violated where rounding does not explain what is missing, slack below −allowed, which is {ALLOWANCE}·n·ε times the \
             norms in it. --json has both sides."
        );
        let parts = [
            format!("{}: {}", files.join(", "), self.what),
            text::wrap(&self.verdict()),
            table(&header, &rows, 2),
            text::wrap(&note),
        ];
        parts.join("\n\n") + "\n"
    }

    fn verdict(&self) -> String {
        let worst = self.theorems.iter().filter_map(|theorem| theorem.worst.as_ref());
        let worst = worst.filter(|place| place.excess.is_none_or(|excess| excess > 1.0));
        match worst.reduce(|worst, next| if next.excess > worst.excess { next } else { worst }) {
            Some(worst) if !self.holds => {
                let by = worst.excess.map(|excess| format!(" by {} times what rounding explains", text::short(excess)));
                format!(
                    "{} of {} inequalities are violated, the worst{}: {}",
                    self.violated,
                    self.checked,
                    by.unwrap_or_default(),
                    worst.inequality
                )
            }
            _ => format!("All {} inequalities hold: the values can be right.", self.checked),
        }
    }
}

impl Theorem {
    fn of(finding: &Finding) -> Self {
        Theorem {
            theorem: finding.theorem,
            statement: finding.statement.clone(),
            checked: finding.checked,
            violated: finding.violated,
            worst: finding.worst.as_ref().map(Place::of),
            tightest: finding.tightest.as_ref().map(Place::of),
        }
    }

    fn row(&self) -> Vec<String> {
        let number =
            |value: fn(&Place) -> Option<f64>| text::or_none(self.worst.as_ref().and_then(value).map(text::short));
        let place = self.worst.as_ref().map(|place| place.inequality.clone());
        vec![
            self.theorem.to_string(),
            text::or_none(place),
            self.checked.to_string(),
            self.violated.to_string(),
            number(|place| place.slack),
            number(|place| place.allowance),
        ]
    }
}

impl Place {
    fn of(instance: &Instance) -> Self {
        let finite = |x: f64| x.is_finite().then_some(x);
        Place {
            inequality: instance.text.clone(),
            indices: instance.positions.iter().map(|position| position + 1).collect(),
            left: finite(instance.left),
            relation: match instance.relation {
                Relation::AtMost => "≤",
                Relation::AtLeast => "≥",
                Relation::Equal => "=",
            },
            right: finite(instance.right),
            slack: finite(instance.slack),
            allowance: finite(instance.allowance),
            excess: finite(instance.units),
        }
    }
}
