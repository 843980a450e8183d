//! The command: what is advised of the powers of one variable: fewer of them, or other polynomials.
//! Top floor. Calls the library for condition numbers; it must not recommend what it has not measured.

use ndarray::{Array1, Array2, s};

use super::super::report::Advice;
use super::super::score::norm;
use super::super::text;
use super::{SINGULAR, Situation, computed, falls, finite, is_worth_it, kappa2_scaled};

/// The powers 0 to `degree` of a variable.
pub struct Powers {
    /// The variable, shifted and scaled to [−1, 1].
    t: Array1<f64>,
    degree: usize,
    /// How many values it takes.
    values: usize,
}

impl Powers {
    /// Of a matrix whose columns are 1, x, x², …, each the rounded product of the one before and x.
    pub fn of(a: &Array2<f64>, base: Option<usize>) -> Option<Self> {
        let n = a.ncols();
        if n < 3 || base != Some(0) || a[(0, 0)] != 1.0 {
            return None;
        }
        let x = a.column(1);
        let is_next = |k: usize| (0..a.nrows()).all(|i| a[(i, k)] == a[(i, k - 1)] * x[i]);
        if !(2..n).all(is_next) {
            return None;
        }
        let (least, most) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), &x| (l.min(x), m.max(x)));
        let half = 0.5 * most - 0.5 * least;
        let mut values = x.to_vec();
        values.sort_by(f64::total_cmp);
        // 0 and −0 are one value.
        values.dedup_by(|a, b| a == b);
        let t = x.mapv(|x| ((x - least) - half) / half);
        (half > 0.0).then(|| Powers { t, degree: n - 1, values: values.len() })
    }

    /// What to do about them.
    pub fn advice(mut self, situation: &Situation<'_>) -> Vec<Advice> {
        let (lower, mut before) = (self.lower(situation), situation.kappa2_scaled);
        if let Some(lower) = &lower {
            self.degree = self.values - 1;
            before = lower.kappa2_after.unwrap_or(f64::INFINITY);
        }
        lower.into_iter().chain(self.orthogonalize(&situation.problem.names[1], before)).collect()
    }

    /// A lower degree, where the variable takes no more values than the degree says: through k points there is one polynomial
    /// of degree k − 1, and many of any higher degree.
    fn lower(&self, situation: &Situation<'_>) -> Option<Advice> {
        if self.values > self.degree {
            return None;
        }
        let (names, degree) = (&situation.problem.names, self.values - 1);
        let after = kappa2_scaled(&situation.problem.a.slice(s![.., ..self.values]).to_owned())?;
        let kappa = if after < SINGULAR { text::short(after) } else { format!("beyond {SINGULAR:e}") };
        let shown = text::shown(&names[1]);
        Some(Advice {
            kappa2_before: finite(situation.kappa2_scaled),
            kappa2_after: computed(after),
            text: format!(
                "{shown} takes {} different values, which determine a polynomial of degree {degree} at most: lower the degree to \
                 {degree}; κ₂(AD⁻¹) is then {kappa}",
                self.values
            ),
            ..Advice::new("lower", names[self.values..].to_vec(), format!("lower the degree to {degree}"))
        })
    }

    /// Another basis of the polynomials, if that lowers κ₂.
    fn orthogonalize(&self, name: &str, before: f64) -> Option<Advice> {
        let orthogonal = kappa2_scaled(&self.orthogonal()?)?;
        let shifted = kappa2_scaled(&self.shifted())?;
        if !is_worth_it(before, orthogonal) || orthogonal >= SINGULAR {
            return None;
        }
        let shown = text::shown(name);
        let scaled = if shifted < SINGULAR { text::short(shifted) } else { format!("one beyond {SINGULAR:e}") };
        let summary = format!("use polynomials in {shown} that are orthogonal on the data");
        Some(Advice {
            kappa2_before: finite(before),
            kappa2_after: computed(orthogonal),
            text: format!(
                "use polynomials in {shown} that are orthogonal on the data: κ₂(AD⁻¹) {}; powers of {shown} shifted and \
                 scaled to [−1, 1] have {scaled}",
                falls(before, orthogonal)
            ),
            ..Advice::new("orthogonalize", vec![name.to_string()], summary)
        })
    }

    fn shifted(&self) -> Array2<f64> {
        let power = |(i, k): (usize, usize)| self.t[i].powi(i32::try_from(k).unwrap_or(i32::MAX));
        Array2::from_shape_fn((self.t.len(), self.degree + 1), power)
    }

    /// By the recurrence βₖ₊₁·pₖ₊₁ = (t − αₖ)·pₖ − βₖ·pₖ₋₁ (Forsythe, J. SIAM 5 (1957)); none where a polynomial vanishes on
    /// the data.
    fn orthogonal(&self) -> Option<Array2<f64>> {
        let m = self.t.len();
        let mut p = Array2::zeros((m, self.degree + 1));
        p.column_mut(0).fill(1.0 / (m as f64).sqrt());
        let mut beta = 0.0;
        for k in 0..self.degree {
            let now = p.column(k).to_owned();
            let mut next = &self.t * &now;
            let alpha = next.dot(&now);
            next.scaled_add(-alpha, &now);
            if k > 0 {
                next.scaled_add(-beta, &p.column(k - 1));
            }
            beta = norm(&next);
            if beta <= f64::EPSILON {
                return None;
            }
            p.column_mut(k + 1).assign(&(next / beta));
        }
        Some(p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::advice::advice;
    use crate::cli::problem::Problem;

    /// The powers 0 to `degree` of i mod `values`, for 60 rows.
    fn advised(values: usize, degree: usize, kappa2_scaled: f64) -> Vec<Advice> {
        let power = |(i, k): (usize, usize)| ((i % values) as f64).powi(k as i32);
        let names = (0..=degree).map(|k| format!("t^{k}")).collect();
        let a = Array2::from_shape_fn((60, degree + 1), power);
        let problem = Problem { source: "test".into(), names, a, b: Array1::ones(60) };
        let situation = Situation {
            problem: &problem,
            kappa2: kappa2_scaled,
            kappa2_scaled,
            dependent: &[],
            answer: None,
            svd_lags: false,
        };
        advice(&situation).advice
    }

    /// Through k points there is no unique polynomial of degree k.
    #[test]
    fn powers_that_the_data_cannot_tell_apart_get_a_lower_degree() {
        for (values, degree) in [(13, 13), (3, 3), (2, 2), (2, 5), (10, 14)] {
            let found = advised(values, degree, f64::INFINITY);
            let first = &found[0];
            assert_eq!(
                (first.action, first.summary.as_str()),
                ("lower", &*format!("lower the degree to {}", values - 1))
            );
            assert_eq!(first.columns, (values..=degree).map(|k| format!("t^{k}")).collect::<Vec<_>>());
            // Followed, it gives the κ₂ that it promises, and no further advice to lower anything.
            if values > 2 {
                let kappa = first.kappa2_after.expect("independent columns");
                let again = advised(values, values - 1, kappa);
                assert!(again.iter().all(|a| a.action != "lower"), "{again:?}");
                let rest: Vec<&Advice> = found[1..].iter().collect();
                assert_eq!(rest.len(), again.len());
                assert!(rest.iter().zip(&again).all(|(a, b)| a.text == b.text), "{rest:?} {again:?}");
            }
            for orthogonal in found.iter().filter(|a| a.action == "orthogonalize") {
                assert!(orthogonal.kappa2_after.is_some_and(|kappa| kappa < 1.1), "{orthogonal:?}");
            }
        }
        assert!(advised(14, 13, f64::INFINITY).iter().all(|a| a.action == "orthogonalize"));
    }
}
