//! Certificates: what was checked, whether it holds, where it is tight, as data and as a table.
//! On the floor above `factor`; must not know a theorem.

use std::fmt;

use super::values::ALLOWANCE;

/// How the two sides of an [`Instance`] are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// left ≤ right.
    AtMost,
    /// left ≥ right.
    AtLeast,
    /// left = right.
    Equal,
}

/// One inequality of a theorem, at certain indices.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Instance {
    /// The inequality as books write it, with indices from 1: `λ₃(S+T) ≤ λ₁(S) + λ₃(T)`.
    pub text: String,
    /// The positions that the text names, in its order, from 0 in descending lists; of a sum or a product those of its
    /// terms.
    pub positions: Vec<usize>,
    /// The left side; infinite where it is beyond the range.
    pub left: f64,
    /// How it is to compare with the right side.
    pub relation: Relation,
    /// The right side; infinite where it is beyond the range.
    pub right: f64,
    /// The room: right − left for ≤, left − right for ≥, and −|left − right| for an equality. Negative where it is
    /// violated.
    pub slack: f64,
    /// By how much rounding may make the slack negative.
    pub allowance: f64,
    /// −slack/allowance: above 1 the inequality is violated, between 0 and 1 rounding explains it, and below 0 there is
    /// room.
    pub units: f64,
}

/// What was found of one theorem.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The theorem.
    pub theorem: &'static str,
    /// What it says, with its index range and the names that the matrices have there.
    pub statement: String,
    /// How many inequalities were checked.
    pub checked: usize,
    /// How many of them are violated by more than rounding explains.
    pub violated: usize,
    /// The one with the largest [`Instance::units`]; none if none was to be checked.
    pub worst: Option<Instance>,
    /// The one with the least [`Instance::slack`]; the same one as a rule.
    pub tightest: Option<Instance>,
}

impl Finding {
    /// Whether no inequality is violated.
    pub fn holds(&self) -> bool {
        self.violated == 0
    }
}

/// Whether values can be right: one [`Finding`] for each theorem.
///
/// It prints as a table.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Report {
    /// The theorems, in the order in which they were checked.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether no inequality is violated by more than rounding explains.
    pub fn holds(&self) -> bool {
        self.findings.iter().all(Finding::holds)
    }

    /// How many inequalities were checked.
    pub fn checked(&self) -> usize {
        self.findings.iter().map(|finding| finding.checked).sum()
    }

    /// How many are violated.
    pub fn violated(&self) -> usize {
        self.findings.iter().map(|finding| finding.violated).sum()
    }

    /// The inequality with the largest [`Instance::units`] of all theorems.
    pub fn worst(&self) -> Option<&Instance> {
        let all = self.findings.iter().filter_map(|finding| finding.worst.as_ref());
        all.reduce(|worst, next| if next.units > worst.units { next } else { worst })
    }

    /// The inequality with the least [`Instance::slack`] of all theorems. Equalities, which are tight by their nature,
    /// are left out.
    pub fn tightest(&self) -> Option<&Instance> {
        let all = self.findings.iter().filter_map(|finding| finding.tightest.as_ref());
        let all = all.filter(|tightest| tightest.relation != Relation::Equal);
        all.reduce(|tightest, next| if next.slack < tightest.slack { next } else { tightest })
    }

    /// The worst violation in units of the allowance: 0 where every inequality holds exactly, and up to 1 where
    /// rounding explains what is missing.
    pub fn violation(&self) -> f64 {
        self.worst().map_or(0.0, |worst| worst.units.max(0.0))
    }

    /// The theorem of that name.
    pub fn finding(&self, theorem: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.theorem == theorem)
    }

    /// This report and another one as one.
    #[must_use]
    pub fn and(mut self, other: Report) -> Report {
        self.findings.extend(other.findings);
        self
    }
}

impl From<Vec<Finding>> for Report {
    fn from(findings: Vec<Finding>) -> Self {
        Report { findings }
    }
}

const HEADINGS: [&str; 9] =
    ["theorem", "checked", "violated", "inequality", "left", "right", "slack", "allowance", "excess"];
/// The columns of text, which stand at the left.
const TEXT: [usize; 2] = [0, 3];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (checked, violated) = (self.checked(), self.violated());
        match self.worst() {
            Some(worst) if violated > 0 => writeln!(
                f,
                "violated: {violated} of {checked} inequalities, the worst by {} times what rounding explains: {}",
                short(worst.units),
                worst.text
            )?,
            _ => writeln!(f, "holds: {checked} inequalities, none violated by more than rounding explains")?,
        }
        let rows: Vec<[String; 9]> = self.findings.iter().flat_map(rows).collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default().max(HEADINGS[column].len())
        };
        let widths: [usize; 9] = std::array::from_fn(width);
        write_row(f, &HEADINGS.map(String::from), &widths)?;
        for row in &rows {
            write_row(f, row, &widths)?;
        }
        write!(
            f,
            "Of each theorem the worst inequality, and below it the tightest where that is another one. allowance: \
             {ALLOWANCE}·n·ε times the norms involved; excess: -slack/allowance, violated above 1."
        )
    }
}

/// The worst inequality of a theorem, and the tightest if that is another one.
fn rows(finding: &Finding) -> Vec<[String; 9]> {
    let counts = [finding.theorem.to_string(), finding.checked.to_string(), finding.violated.to_string()];
    let Some(worst) = &finding.worst else {
        return vec![row(counts, None)];
    };
    let tightest = finding.tightest.iter().filter(|tightest| tightest.text != worst.text);
    let first = row(counts, Some(worst));
    std::iter::once(first).chain(tightest.map(|tightest| row(Default::default(), Some(tightest)))).collect()
}

fn row([theorem, checked, violated]: [String; 3], instance: Option<&Instance>) -> [String; 9] {
    let Some(instance) = instance else {
        let none = || "-".to_string();
        return [theorem, checked, violated, none(), none(), none(), none(), none(), none()];
    };
    let [left, right] = [instance.left, instance.right].map(|x| format!("{x:.6e}"));
    let [slack, allowance, excess] = [instance.slack, instance.allowance, instance.units].map(short);
    [theorem, checked, violated, instance.text.clone(), left, right, slack, allowance, excess]
}

fn short(x: f64) -> String {
    if x == 0.0 { "0".into() } else { format!("{x:.1e}") }
}

fn write_row(f: &mut fmt::Formatter<'_>, cells: &[String; 9], widths: &[usize; 9]) -> fmt::Result {
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let gap = if column == 0 { "" } else { "  " };
        match TEXT.contains(&column) {
            true => write!(f, "{gap}{cell:<width$}")?,
            false => write!(f, "{gap}{cell:>width$}")?,
        }
    }
    writeln!(f)
}
