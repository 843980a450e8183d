//! The command: how many digits of an answer are certain, by a bound of its error, and which coefficients are zero.
//! Top floor, pure arithmetic on the bounds of `solve`; the digits are those of the worst coefficient, as in `score`.
//! It decides once for all which coefficients count, and must not call certain what is not proved.

use lapwing::lstsq::exact::Rational;
use lapwing::lstsq::{ForwardError, Uncertainty};
use ndarray::{Array1, Ix1};

use super::fault::Fault;
use super::score::{MOST_DIGITS, norm};
use super::solve::{Facts, Fit};

/// Which coefficients have digits to count: those that are right, those that are certain, and those in which methods agree.
pub struct Counted(Vec<Standing>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Standing {
    Counts,
    /// As far as is known it is 0.
    Zero,
    /// The reference says that it is not 0, but it is below the rounding errors of the data, and no method finds a digit of it.
    Lost,
}

impl Counted {
    /// For a problem of full rank, from any answer, the reference if there is one. A coefficient does not count that is zero to
    /// within what changes of the data by one rounding of each entry do, where that is small beside b (below √eps‖b‖): relative
    /// to it any answer is noise. If that is true of all, all count.
    pub fn new(facts: &Facts, data: &Uncertainty, x: &[f64]) -> Result<Option<Self>, Fault> {
        let Some(analysis) = &facts.analysis else { return Ok(None) };
        let rounded = |eps: &f64| eps.max(f64::EPSILON / 2.0);
        let data = Uncertainty { columns: data.columns.iter().map(rounded).collect(), rhs: rounded(&data.rhs) };
        let bound = analysis.forward_error_with(&Array1::from(x.to_vec()), &data);
        let bound = bound.map_err(|e| Fault::Machine(e.to_string()))?;
        let errors = bound.absolute.iter().zip(&bound.relative).zip(&facts.scaled.lengths);
        let zero = |((error, relative), length): ((&f64, &f64), &f64)| {
            *relative == f64::INFINITY && error * length <= f64::EPSILON.sqrt() * facts.norm_b
        };
        let standing = |error| if zero(error) { Standing::Zero } else { Standing::Counts };
        Ok(Some(Counted(errors.map(standing).collect()).or_all()))
    }

    /// With a reference and the digits that methods have right of each coefficient: one that is not 0 counts all the same where
    /// a method has the first digit of it.
    pub fn against<'a>(mut self, reference: &[Rational], digits: impl Iterator<Item = &'a Vec<f64>> + Clone) -> Self {
        for (j, (standing, exact)) in self.0.iter_mut().zip(reference).enumerate() {
            if *standing == Standing::Zero && !exact.is_zero() {
                let found = digits.clone().any(|each| each.get(j).is_some_and(|&digits| digits >= 1.0));
                *standing = if found { Standing::Counts } else { Standing::Lost };
            }
        }
        self
    }

    fn or_all(self) -> Self {
        if self.0.contains(&Standing::Counts) { self } else { Counted(vec![Standing::Counts; self.0.len()]) }
    }

    /// The fewest digits of a coefficient that counts.
    pub fn least(&self, digits: &[f64]) -> f64 {
        let counted = digits.iter().zip(&self.0).filter(|(_, standing)| **standing == Standing::Counts);
        counted.map(|(&digits, _)| digits).fold(MOST_DIGITS, f64::min)
    }

    /// The names of those that do not count.
    pub fn uncounted(&self, names: &[String]) -> Uncounted {
        let of = |which: Standing| -> Vec<String> {
            names
                .iter()
                .zip(&self.0)
                .filter(|(_, standing)| **standing == which)
                .map(|(name, _)| name.clone())
                .collect()
        };
        Uncounted { zeros: of(Standing::Zero), lost: of(Standing::Lost) }
    }

    /// The digits that are certain of the worst coefficient that counts; none without a bound.
    pub fn digits(&self, fit: &Fit) -> Option<f64> {
        Some(self.least(&certain(fit.bound.as_ref()?)))
    }
}

/// The digits that a bound makes certain of each coefficient.
pub fn certain(bound: &ForwardError<Ix1>) -> Vec<f64> {
    // The sum makes the −0 of an error of 1 a 0.
    bound.relative.iter().map(|relative| (-relative.log10()).clamp(0.0, MOST_DIGITS) + 0.0).collect()
}

/// The coefficients whose digits do not count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Uncounted {
    /// Those that are 0 as far as is known: by the reference, or to within rounding errors where there is none.
    pub zeros: Vec<String>,
    /// Those that are not, but below the rounding errors of the data, and no method has a digit of them right.
    pub lost: Vec<String>,
}

/// The bound in the norm, where there is one.
pub fn normwise(fit: &Fit) -> Option<f64> {
    // Of an answer that is exact by the bound, the norm may be 0.
    fit.bound.as_ref().map(|bound| bound.normwise).filter(|bound| bound.is_finite() && norm(&fit.x).is_finite())
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::cli::args::MethodName;
    use crate::cli::problem::Problem;

    fn facts(a: Array2<f64>, b: Array1<f64>) -> Facts {
        let names = vec!["x".into(); a.ncols()];
        Facts::new(&Problem { source: "test".into(), names, a, b }).expect("a good matrix")
    }

    fn fit(facts: &Facts, x: &[f64]) -> Fit {
        let analysis = facts.analysis.as_ref().expect("full rank");
        let bound = analysis.forward_error(&Array1::from(x.to_vec())).ok();
        Fit {
            used: MethodName::Qr,
            x: x.to_vec(),
            rank: x.len(),
            own_bound: None,
            residual_norm: 0.0,
            bound,
            backward_error: None,
        }
    }

    const NONE: Uncertainty = Uncertainty { columns: Vec::new(), rhs: 0.0 };

    fn counted(facts: &Facts, x: &[f64]) -> Counted {
        let data = Uncertainty { columns: vec![0.0; x.len()], ..NONE };
        Counted::new(facts, &data, x).ok().flatten().expect("full rank")
    }

    #[test]
    fn zero_and_noise() {
        let a = array![[1.0, 1.0], [1.0, 2.0], [1.0, 4.0]];
        let zero = facts(a.clone(), array![2.0, 4.0, 8.0]);
        let noise = [-4e-16, 2.0 + 4e-16];
        assert_eq!(counted(&zero, &noise).0, [Standing::Zero, Standing::Counts]);
        assert_eq!(counted(&zero, &noise).uncounted(&["c".into(), "x".into()]).zeros, ["c"]);
        let none = Counted(vec![Standing::Zero; 2]).or_all();
        assert_eq!([counted(&zero, &noise).least(&[0.0, 14.0]), none.least(&[3.0, 14.0])], [14.0, 3.0]);
        assert!(counted(&zero, &noise).digits(&fit(&zero, &noise)) > Some(14.0));
        // Of 1e-12, which the data do determine, the second digit is wrong.
        let small = facts(a, array![2.0, 4.0, 8.0].mapv(|b: f64| b + 1e-12));
        let digits = counted(&small, &[1.1e-12, 2.0]).digits(&fit(&small, &[1.1e-12, 2.0]));
        assert_eq!(counted(&small, &[1e-12, 2.0]).0, [Standing::Counts; 2]);
        assert!(digits > Some(0.9) && digits < Some(1.1), "{digits:?}");
    }

    /// A reference knows which of those that bounds call zero are not: they count where a method finds a digit.
    #[test]
    fn what_the_reference_says_is_not_zero_is_not_called_so() {
        let zeros = || Counted(vec![Standing::Zero, Standing::Zero, Standing::Zero, Standing::Counts]);
        let reference = [0.0, 1e-17, 1e-17, 2.0].map(|x| Rational::from_f64(x).expect("finite"));
        let digits = [vec![15.0, 0.9, 0.0, 12.0], vec![14.0, 0.2, 1.5, 14.0]];
        let counted = zeros().against(&reference, digits.iter());
        assert_eq!(counted.0, [Standing::Zero, Standing::Lost, Standing::Counts, Standing::Counts]);
        let names = ["a", "b", "c", "d"].map(String::from);
        let (zeros, lost) = (vec!["a".to_string()], vec!["b".to_string()]);
        assert_eq!(counted.uncounted(&names), Uncounted { zeros, lost });
        assert_eq!(digits.map(|each| counted.least(&each)), [0.0, 1.5]);
    }

    #[test]
    fn an_answer_of_zero_is_exact() {
        let facts = facts(array![[1.0], [2.0]], array![0.0, 0.0]);
        assert_eq!(counted(&facts, &[0.0]).digits(&fit(&facts, &[0.0])), Some(MOST_DIGITS));
    }
}
