//! The command: how many digits rounding errors leave to expect of each method, by first-order perturbation theory.
//! Top floor, pure arithmetic on the facts of `solve`; the digits are those of the worst coefficient, as in `score`.
//! It must not see a reference, and must not call an estimate a measurement.
//!
//! The rounding errors of QR are those of exact arithmetic on A + E and b + f with ‖Eₖ‖ ≤ cu‖Aₖ‖ for each column, ‖f‖ ≤ cu‖b‖
//! (Higham, Accuracy and Stability, 2nd ed., Theorems 19.4 and 20.3), those of the normal equations with an E and an f of this
//! size in AᵀA and Aᵀb (section 20.4), those of the SVD with ‖E‖ ≤ cu‖A‖. With C = (AᵀA)⁻¹, r = b − Ax, to first order
//!
//! ```text
//! QR:  |δxⱼ| ≤ cu (√Cⱼⱼ (‖b‖ + Σₖ‖Aₖ‖|xₖ|) + Σₖ|Cⱼₖ|‖Aₖ‖ ‖r‖)
//! NE:  |δxⱼ| ≤ cu Σₖ|Cⱼₖ|‖Aₖ‖ (‖b‖ + Σₗ‖Aₗ‖|xₗ|)
//! SVD: |δxⱼ| ≤ cu (√Cⱼⱼ (‖b‖ + ‖A‖‖x‖) + (Σₖ Cⱼₖ²)^½ ‖A‖ ‖r‖)
//! ```
//!
//! Here u is the unit roundoff and c = 1: rounding errors cancel each other, and a proven c, of the order of mn, would
//! lose digits that are there. Scaling a column changes neither of the first two relative to xⱼ; the arithmetic is done
//! on AD⁻¹ and z = Dx, D the lengths of the columns, and gives ‖Aⱼ‖|δxⱼ|.

use super::args::MethodName;
use super::score::{MOST_DIGITS, norm};
use super::solve::Facts;

/// The unit roundoff.
const U: f64 = f64::EPSILON / 2.0;

/// What to expect of the methods on one problem.
pub struct Prediction<'a> {
    facts: &'a Facts,
    /// ‖Aⱼ‖xⱼ of an answer that stands for the right one.
    z: Vec<f64>,
    /// ‖x‖₂ of that answer.
    norm_x: f64,
    /// For each coefficient whether it can be told from zero.
    counted: Vec<bool>,
}

impl<'a> Prediction<'a> {
    /// For a problem of full rank, from the most trustworthy answer there is.
    pub fn new(facts: &'a Facts, x: &[f64]) -> Self {
        let z: Vec<f64> = x.iter().zip(&facts.scaled.lengths).map(|(x, length)| x * length).collect();
        let mut prediction = Prediction { facts, z, norm_x: norm(x), counted: Vec::new() };
        let zero = |(z, error): (&f64, f64)| z.abs() <= error && error <= f64::EPSILON.sqrt() * facts.norm_b;
        prediction.counted =
            prediction.z.iter().zip(prediction.errors(MethodName::Qr)).map(|pair| !zero(pair)).collect();
        prediction
    }

    /// For each coefficient whether its digits count. Those of a coefficient do not that is zero to within the rounding
    /// errors of QR, where these are small beside b (below √eps‖b‖): relative to it any answer is noise.
    pub fn counted(&self) -> &[bool] {
        &self.counted
    }

    /// The names of the coefficients that do not count, as far as rounding errors are to blame.
    pub fn zeros<'n>(&self, names: &'n [String]) -> Vec<&'n str> {
        if self.facts.norm_b == 0.0 {
            return Vec::new();
        }
        names.iter().zip(&self.counted).filter(|(_, counted)| !**counted).map(|(name, _)| name.as_str()).collect()
    }

    /// The digits to expect of the worst coefficient that counts.
    pub fn digits(&self, method: MethodName) -> f64 {
        let errors = self.errors(method);
        if errors.iter().all(|&error| error == 0.0) {
            return MOST_DIGITS;
        }
        let counted = self.z.iter().zip(&errors).zip(&self.counted).filter(|(_, counted)| **counted);
        // What is not a number, because the estimate exceeds the range, promises nothing; nor does it if none counts.
        let digits =
            counted.map(|((z, error), _)| -(error / z.abs()).log10()).map(|d| if d.is_nan() { 0.0 } else { d });
        digits.reduce(f64::min).map_or(0.0, |least| least.clamp(0.0, MOST_DIGITS))
    }

    /// ‖Aⱼ‖|δxⱼ| for each coefficient.
    fn errors(&self, method: MethodName) -> Vec<f64> {
        let Facts { norm_a, norm_b, distance, scaled, .. } = self.facts;
        let columnwise = norm_b + self.z.iter().map(|z| z.abs()).sum::<f64>();
        let normwise = norm_b + norm_a * self.norm_x;
        let error = |row: ndarray::ArrayView1<'_, f64>, diagonal: f64| match method {
            MethodName::Refined => 0.0,
            MethodName::Ne => U * row.fold(0.0, |sum, c| sum + c.abs()) * columnwise,
            MethodName::Svd => {
                let weighted: Vec<f64> =
                    row.iter().zip(&scaled.lengths).map(|(c, length)| c * (norm_a / length)).collect();
                U * (diagonal.sqrt() * normwise + norm(&weighted) * distance)
            }
            _ => U * (diagonal.sqrt() * columnwise + row.fold(0.0, |sum, c| sum + c.abs()) * distance),
        };
        let c = &scaled.inverse_gram;
        c.rows().into_iter().enumerate().map(|(j, row)| error(row, c[(j, j)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::cli::problem::Problem;

    fn facts(a: Array2<f64>, b: ndarray::Array1<f64>) -> Facts {
        let names = vec!["x".into(); a.ncols()];
        Facts::new(&Problem { source: "test".into(), names, a, b }).expect("a good matrix")
    }

    /// Columns of lengths 4 and 1 at right angles, so that C is diagonal; x = (1, 1) and ‖r‖ = 2, so that ‖z‖₁ = 5 and
    /// ‖b‖² = 21. By hand, the error of the second coefficient, times its length 1:
    /// QR: u(√21 + 5 + 2); NE: u(√21 + 5); SVD: u(√21 + 4√2 + 4·2).
    #[test]
    fn errors_by_hand() {
        let facts = facts(array![[4.0, 0.0], [0.0, 1.0], [0.0, 0.0]], array![4.0, 1.0, 2.0]);
        let prediction = Prediction::new(&facts, &[1.0, 1.0]);
        assert_eq!(prediction.counted(), [true, true]);
        let b = 21f64.sqrt();
        for (method, expected) in
            [(MethodName::Qr, b + 7.0), (MethodName::Ne, b + 5.0), (MethodName::Svd, b + 32f64.sqrt() + 8.0)]
        {
            let found = prediction.errors(method)[1] / U;
            assert!((found / expected - 1.0).abs() < 1e-14, "{method:?}: {found} for {expected}");
            assert!((prediction.digits(method) + (U * expected).log10()).abs() < 1e-12, "{method:?}");
        }
    }

    #[test]
    fn units_have_no_say_but_in_the_svd() {
        let a = |unit: f64| array![[1.0, unit], [1.0, 2.0 * unit], [1.0, 4.0 * unit]];
        let b = array![1.0, 3.0, 4.0];
        let (plain, small) = (facts(a(1.0), b.clone()), facts(a(1e-9), b));
        let x = [0.5, 13.0 / 14.0];
        let (plain, small) = (Prediction::new(&plain, &x), Prediction::new(&small, &[x[0], x[1] * 1e9]));
        for method in [MethodName::Ne, MethodName::Qr] {
            assert!((plain.digits(method) - small.digits(method)).abs() < 1e-9, "{method:?}");
        }
        assert!(plain.digits(MethodName::Svd) > small.digits(MethodName::Svd) + 5.0);
    }

    #[test]
    fn zero_and_noise() {
        let a = array![[1.0, 1.0], [1.0, 2.0], [1.0, 4.0]];
        let facts = facts(a, array![2.0, 4.0, 8.0]);
        let noise = Prediction::new(&facts, &[-4e-16, 2.0]);
        assert_eq!(noise.counted(), [false, true]);
        assert!(noise.digits(MethodName::Qr) > 14.0);
        assert_eq!(noise.zeros(&["c".into(), "x".into()]), ["c"]);
        let small = Prediction::new(&facts, &[1e-12, 2.0]);
        assert_eq!(small.counted(), [true, true]);
        assert!(small.digits(MethodName::Qr) < 5.0);
    }
}
