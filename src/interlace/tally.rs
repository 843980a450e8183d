//! Certificates: the inequalities of one theorem, counted one by one, of which the worst and the tightest are kept.
//! On the floor above `factor`; must not know a theorem, and must not allocate for an inequality that is not kept.

use super::report::{Finding, Instance, Relation};
use super::values::Rounding;

/// What has been seen of a theorem whose inequalities have places of type `P`.
pub(super) struct Tally<P> {
    checked: usize,
    violated: usize,
    worst: Option<Seen<P>>,
    tightest: Option<Seen<P>>,
}

#[derive(Clone, Copy)]
struct Seen<P> {
    place: P,
    slack: f64,
    allowance: f64,
    units: f64,
}

/// One inequality in words and numbers, in the unit of the values that were compared.
pub(super) struct Case {
    pub(super) text: String,
    pub(super) positions: Vec<usize>,
    pub(super) left: f64,
    pub(super) relation: Relation,
    pub(super) right: f64,
}

impl<P: Copy> Tally<P> {
    pub(super) fn new() -> Self {
        Tally { checked: 0, violated: 0, worst: None, tightest: None }
    }

    /// Takes note of an inequality by the room that it has, which is negative where it is violated.
    #[inline]
    pub(super) fn see(&mut self, place: P, slack: f64, allowance: f64) {
        let units = in_units(-slack, allowance);
        let seen = Seen { place, slack, allowance, units };
        self.checked += 1;
        self.violated += usize::from(units > 1.0);
        if self.worst.is_none_or(|worst| units > worst.units) {
            self.worst = Some(seen);
        }
        if self.tightest.is_none_or(|tightest| slack < tightest.slack) {
            self.tightest = Some(seen);
        }
    }

    /// The row of the report, in the caller's unit.
    pub(super) fn finish(
        self, theorem: &'static str, statement: impl Into<String>, rounding: &Rounding, describe: impl Fn(P) -> Case,
    ) -> Finding {
        let instance = |seen: Seen<P>| {
            let Case { text, positions, left, relation, right } = describe(seen.place);
            let [left, right] = [left, right].map(|x| rounding.plain(x));
            let [slack, allowance] = [seen.slack, seen.allowance].map(|x| rounding.plain(x));
            Instance { text, positions, left, relation, right, slack, allowance, units: seen.units }
        };
        let (worst, tightest) = (self.worst.map(instance), self.tightest.map(instance));
        let (checked, violated) = (self.checked, self.violated);
        Finding { theorem, statement: statement.into(), checked, violated, worst, tightest }
    }
}

/// The excess in units of the allowance; where nothing is allowed every excess is infinitely many.
fn in_units(excess: f64, allowance: f64) -> f64 {
    if excess == 0.0 { 0.0 } else { excess / allowance }
}

/// λ₃(S) for the value at position 2.
pub(super) fn value(symbol: char, position: usize, of: &str) -> String {
    format!("{symbol}{}({of})", subscript(position + 1))
}

/// A number in subscript digits, as the texts of an [`Instance`] have them.
///
/// ```
/// assert_eq!(lapwing::interlace::subscript(207), "₂₀₇");
/// ```
pub fn subscript(number: usize) -> String {
    let digit = |digit: char| digit.to_digit(10).and_then(|digit| char::from_u32('₀' as u32 + digit)).unwrap_or(digit);
    number.to_string().chars().map(digit).collect()
}

/// A theorem that is one inequality, or one equality.
pub(super) fn single(
    (theorem, statement): (&'static str, &str), case: Case, allowance: f64, rounding: &Rounding,
) -> Finding {
    let slack = match case.relation {
        Relation::AtMost => case.right - case.left,
        Relation::AtLeast => case.left - case.right,
        Relation::Equal => -(case.left - case.right).abs(),
    };
    let mut tally = Tally::new();
    tally.see((), slack, allowance);
    let (text, positions) = (case.text, case.positions);
    let instance = |()| Case { text: text.clone(), positions: positions.clone(), ..case };
    tally.finish(theorem, statement, rounding, instance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(tally: Tally<usize>) -> Finding {
        let case = |i| Case {
            text: value('λ', i, "S"),
            positions: vec![i],
            left: 1.0,
            relation: Relation::AtMost,
            right: 2.0,
        };
        tally.finish("theorem", "statement", &Rounding::of_order::<f64>(1), case)
    }

    #[test]
    fn the_worst_is_counted_in_allowances_and_the_tightest_in_values() {
        let mut tally = Tally::new();
        for (place, slack, allowance) in [(0, 1.0, 1.0), (9, -2.0, 1.0), (11, -3.0, 4.0), (3, -1.0, 1.0)] {
            tally.see(place, slack, allowance);
        }
        let finding = finished(tally);
        assert_eq!((finding.checked, finding.violated), (4, 1));
        let (worst, tightest) = (finding.worst.expect("there are four"), finding.tightest.expect("there are four"));
        assert_eq!((worst.text.as_str(), worst.units, worst.slack), ("λ₁₀(S)", 2.0, -2.0));
        assert_eq!((tightest.text.as_str(), tightest.units, tightest.slack), ("λ₁₂(S)", 0.75, -3.0));
    }

    #[test]
    fn without_an_allowance_the_comparison_is_exact() {
        let seen = |slack| {
            let mut tally = Tally::new();
            tally.see(0, slack, 0.0);
            let finding = finished(tally);
            (finding.violated, finding.worst.expect("there is one").units)
        };
        assert_eq!(seen(0.0), (0, 0.0));
        assert_eq!(seen(5e-324), (0, f64::NEG_INFINITY));
        assert_eq!(seen(-5e-324), (1, f64::INFINITY));
        assert!(finished(Tally::new()).worst.is_none());
    }
}
