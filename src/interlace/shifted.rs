//! Certificates: two descending lists of which each value is compared with one of the other list, some places on.
//! On the floor above `factor`; must not know a theorem.

use super::report::{Finding, Relation};
use super::tally::{Case, Tally, value};
use super::values::Rounding;

/// A theorem that compares values of `x` with those of `y`.
#[derive(Clone, Copy)]
pub(super) struct Comparison<'a> {
    pub(super) theorem: &'static str,
    pub(super) statement: &'a str,
    /// λ or σ.
    pub(super) symbol: char,
    pub(super) x: (&'a str, &'a [f64]),
    pub(super) y: (&'a str, &'a [f64]),
}

impl Comparison<'_> {
    /// xᵢ₊ₛ ≤ yᵢ wherever there are both.
    pub(super) fn bounded_above(&self, shift: usize, rounding: &Rounding, norms: f64) -> Finding {
        self.compare(Relation::AtMost, (shift, 0), rounding, norms)
    }

    /// xᵢ ≥ yᵢ₊ₛ wherever there are both.
    pub(super) fn bounded_below(&self, shift: usize, rounding: &Rounding, norms: f64) -> Finding {
        self.compare(Relation::AtLeast, (0, shift), rounding, norms)
    }

    fn compare(&self, relation: Relation, shifts: (usize, usize), rounding: &Rounding, norms: f64) -> Finding {
        let ((of_x, x), (of_y, y)) = (self.x, self.y);
        let allowance = rounding.allowance(norms);
        let sign = if relation == Relation::AtMost { 1.0 } else { -1.0 };
        let (shifted_x, shifted_y) = (x.get(shifts.0..).unwrap_or_default(), y.get(shifts.1..).unwrap_or_default());
        let mut tally = Tally::new();
        for (i, (x, y)) in shifted_x.iter().zip(shifted_y).enumerate() {
            tally.see(i, sign * (y - x), allowance);
        }
        let sign = if relation == Relation::AtMost { '≤' } else { '≥' };
        tally.finish(self.theorem, self.statement, rounding, |i| {
            let (i, j) = (i + shifts.0, i + shifts.1);
            let text = format!("{} {sign} {}", value(self.symbol, i, of_x), value(self.symbol, j, of_y));
            Case { text, positions: vec![i, j], left: x[i], relation, right: y[j] }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_compared_where_a_list_ends() {
        let rounding = Rounding::of_order::<f64>(3);
        let lists =
            Comparison { theorem: "", statement: "", symbol: 'λ', x: ("X", &[3.0, 1.0]), y: ("Y", &[2.0, 0.0]) };
        let counts = |shift| {
            (lists.bounded_above(shift, &rounding, 0.0).checked, lists.bounded_below(shift, &rounding, 0.0).checked)
        };
        assert_eq!([0, 1, 2, 3, usize::MAX].map(counts), [(2, 2), (1, 1), (0, 0), (0, 0), (0, 0)]);
        let instance = lists.bounded_above(1, &rounding, 0.0).worst.expect("there is one");
        assert_eq!(
            (instance.text.as_str(), instance.positions.as_slice(), instance.slack),
            ("λ₂(X) ≤ λ₁(Y)", [1, 0].as_slice(), 1.0)
        );
    }
}
