//! Pictures: axes. Which range of numbers is shown, where each stands, and which are written beside the frame.
//!
//! Top floor, pure arithmetic on finite numbers up to the ends of their range; it must not draw.

/// An axis from its lower to its upper end.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    /// The numbers written beside it.
    pub ticks: Vec<Tick>,
    /// The power of ten that all labels are multiplied by.
    pub exponent: i32,
}

/// How a number becomes a length.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    /// By its decimal logarithm; the ends are kept as logarithms.
    Logarithmic,
}

/// A number on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where it stands, 0 at the lower end and 1 at the upper.
    pub at: f64,
    /// How it is written.
    pub label: String,
}

/// Below this numbers are drawn as 0; above its reciprocal they are not squared or added.
const TINY: f64 = 1e-290;

impl Axis {
    /// A linear axis that holds all values, with some air, and about `count` ticks.
    pub fn linear(values: impl IntoIterator<Item = f64>, count: usize) -> Self {
        let (low, high) = widened(range(values).unwrap_or((0.0, 0.0)));
        let air = 0.05 * (high / 2.0 - low / 2.0);
        let end = |value: f64| value.clamp(-f64::MAX, f64::MAX);
        Axis::between(end(low - 2.0 * air), end(high + 2.0 * air), count)
    }

    /// A linear axis with these ends.
    pub fn between(low: f64, high: f64, count: usize) -> Self {
        let half_span = high / 2.0 - low / 2.0;
        let step = nice(half_span / (count.max(1) as f64) * 2.0);
        let largest = low.abs().max(high.abs());
        let magnitude = largest.log10().floor() as i32;
        let exponent = if (-3..5).contains(&magnitude) { 0 } else { magnitude };
        let unit = 10f64.powi(exponent);
        let decimals = usize::try_from(-(step / unit * 1.000_001).log10().floor() as i32).unwrap_or(0);
        let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
        let tick = |i: i64| {
            let value = i as f64 * step;
            let label = format!("{:.decimals$}", value / unit).replace('-', "−");
            Tick { at: (value / 2.0 - low / 2.0) / half_span, label }
        };
        Axis { scale: Scale::Linear, low, high, ticks: (first..=last).map(tick).collect(), exponent }
    }

    /// An axis for what has no numbers.
    pub fn bare() -> Self {
        Axis { scale: Scale::Linear, low: 0.0, high: 1.0, ticks: Vec::new(), exponent: 0 }
    }

    /// A logarithmic axis that holds all values, which are positive, with whole decades, `air` at each end, a part of its
    /// length below 1/2, and at most `count` labels.
    pub fn logarithmic(values: impl IntoIterator<Item = f64>, count: usize, air: f64) -> Self {
        let (low, high) = range(values).unwrap_or((1.0, 1.0));
        let first = low.max(f64::MIN_POSITIVE).log10().floor() as i32;
        let last = (high.max(f64::MIN_POSITIVE).log10().ceil() as i32).max(first + 1);
        let stride = (1..).find(|stride| (last - first) / stride < count.max(2) as i32).unwrap_or(1);
        let air = air / (1.0 - 2.0 * air) * f64::from(last - first);
        let (low, high) = (f64::from(first) - air, f64::from(last) + air);
        let tick = |decade: i32| Tick {
            at: (f64::from(decade) - low) / (high - low),
            label: format!("10{}", superscript(decade)),
        };
        let ticks = (first..=last).filter(|decade| decade % stride == 0).map(tick).collect();
        Axis { scale: Scale::Logarithmic, low, high, ticks, exponent: 0 }
    }

    /// Where a value stands, 0 at the lower end and 1 at the upper.
    pub fn at(&self, value: f64) -> f64 {
        let value = match self.scale {
            Scale::Linear => value,
            Scale::Logarithmic => value.log10(),
        };
        // Halves, so that nothing overflows.
        (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
    }

    /// The value at a place, the inverse of [`Axis::at`].
    pub fn value(&self, at: f64) -> f64 {
        let value = self.low * (1.0 - at) + self.high * at;
        match self.scale {
            Scale::Linear => value,
            Scale::Logarithmic => 10f64.powf(value),
        }
    }

    /// A title with the power of ten that the labels leave out.
    pub fn titled(&self, title: &str) -> String {
        match self.exponent {
            0 => title.to_string(),
            exponent => format!("{title}  (× 10{})", superscript(exponent)),
        }
    }
}

/// The least and the largest of the finite values.
fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let widen = |range: Option<(f64, f64)>, value: f64| match range {
        _ if !value.is_finite() => range,
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    };
    values.into_iter().fold(None, widen)
}

/// A range that can be divided: where all values are equal, or nearly so for their size, there is room around them.
fn widened((low, high): (f64, f64)) -> (f64, f64) {
    let largest = low.abs().max(high.abs());
    if largest < TINY {
        return (-1.0, 1.0);
    }
    // With a relative span of 1e-9 labels still fit beside the frame.
    let least = largest * 1e-9;
    if high / 2.0 - low / 2.0 >= least {
        return (low, high);
    }
    let middle = low / 2.0 + high / 2.0;
    if low == high {
        (middle - 0.1 * largest, (middle + 0.1 * largest).min(f64::MAX))
    } else {
        (middle - least, middle + least)
    }
}

/// The least of 1, 2, 5 times a power of ten that is not below `step`.
fn nice(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * (1.0 - 1e-9)).unwrap_or(10.0);
    factor * power
}

/// ⁻¹² for −12.
pub fn superscript(value: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => c.to_digit(10).and_then(|d| char::from_u32(0x2070 + d)).unwrap_or(c),
    };
    value.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(&Axis::between(0.0, 15.5, 5)), ["0", "5", "10", "15"]);
        assert_eq!(labels(&Axis::between(-0.3, 1.1, 5)), ["0.0", "0.5", "1.0"]);
        let far = Axis::linear([6.0e4, 7.0e4, 6.5e4], 5);
        assert_eq!((far.titled("y").as_str(), labels(&far)), ("y", vec!["60000", "65000", "70000"]));
        let large = Axis::linear([-2e11, 2e11], 5);
        assert_eq!((large.titled("y").as_str(), labels(&large)), ("y  (× 10¹¹)", vec!["−2", "−1", "0", "1", "2"]));
        let small = Axis::linear([0.0, 3e-7], 4);
        assert_eq!((small.titled("y").as_str(), labels(&small)), ("y  (× 10⁻⁷)", vec!["0", "1", "2", "3"]));
    }

    #[test]
    fn every_value_is_inside_whatever_the_range() {
        let ranges: [&[f64]; 10] = [
            &[0.0],
            &[5.0, 5.0],
            &[-f64::MAX, f64::MAX],
            &[f64::MAX, f64::MAX],
            &[5e-324],
            &[1e-300, -1e-310],
            &[1e9, 1e9 + 1e-6],
            &[0.1, 0.1 + f64::EPSILON / 8.0],
            &[-1e-200, 1e200],
            &[],
        ];
        for values in ranges {
            let axis = Axis::linear(values.iter().copied(), 5);
            for &value in values {
                let at = axis.at(value);
                assert!((0.0..=1.0).contains(&at), "{value:e} at {at} of {axis:?}");
            }
            assert!((2..=14).contains(&axis.ticks.len()), "{values:?}: {axis:?}");
            assert!(axis.ticks.iter().all(|t| (0.0..=1.0).contains(&t.at) && t.label.len() < 24), "{axis:?}");
            let mut labels = labels(&axis);
            labels.dedup();
            assert_eq!(labels.len(), axis.ticks.len(), "labels differ: {axis:?}");
        }
    }

    #[test]
    fn labels_stand_where_they_say() {
        for axis in [Axis::linear([-3.0, 17.0], 5), Axis::linear([0.001, 0.0023], 6)] {
            for tick in &axis.ticks {
                let value: f64 = tick.label.replace('−', "-").parse().expect("a number");
                assert!((axis.at(value * 10f64.powi(axis.exponent)) - tick.at).abs() < 1e-9, "{tick:?}");
                assert!((axis.value(tick.at) - value * 10f64.powi(axis.exponent)).abs() < 1e-9, "{tick:?}");
            }
        }
    }

    #[test]
    fn decades() {
        let axis = Axis::logarithmic([2e-16, 3.0], 6, 0.05);
        assert_eq!(labels(&axis), ["10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]);
        // From 10⁻¹⁶ to 10¹, and a twentieth of the length at each end.
        for (value, at) in [(1e-16, 0.05), (10.0, 0.95), (1e-8, 0.05 + 0.9 * 8.0 / 17.0)] {
            assert!((axis.at(value) - at).abs() < 1e-12 && (axis.value(at) / value - 1.0).abs() < 1e-12, "{value:e}");
        }
        assert_eq!(labels(&Axis::logarithmic([1.0], 6, 0.05)), ["10⁰", "10¹"]);
        for value in [f64::MIN_POSITIVE, 1.0, f64::MAX] {
            assert!(
                (0.0..=1.0).contains(&Axis::logarithmic([f64::MIN_POSITIVE, f64::MAX], 6, 0.0).at(value)),
                "{value:e}"
            );
        }
    }

    #[test]
    fn powers() {
        assert_eq!(superscript(-1234567890), "⁻¹²³⁴⁵⁶⁷⁸⁹⁰");
    }
}
