//! The analysis of a problem: how little A and b would have to change for an answer to be the exact one.
//! On the floor above `factor`; must not ask how far the answer is from the solution.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView1, Axis, aview1};

use num_traits::Zero;

use super::Analysis;
use super::residual::Residual;
use crate::element::{Element, Scalar};
use crate::error::Result;
use crate::factor::{RhsDimension, product_to};
use crate::norm::norm2;

impl<T: Element, D: RhsDimension> Analysis<T, D> {
    /// With A = UΣVᴴ the estimate is (Σᵢ |vᵢᴴAᴴr|²/(1 + (σᵢ‖x‖/‖r‖)²))^½/‖r‖/‖A‖_F; here in the unit of the spectrum.
    pub(super) fn karlson_walden(&self, z: &[T::Double], residual: &Residual<T::Double>) -> f64 {
        let spectrum = &self.spectrum;
        if residual.norm == 0.0 {
            return 0.0;
        }
        let gradient: Array1<T::Double> =
            residual.g.iter().zip(&spectrum.weights).map(|(g, w)| g.div_real(residual.norm).mul_real(*w)).collect();
        let x: Vec<f64> = z.iter().zip(&spectrum.weights).map(|(z, w)| z.abs() / w).collect();
        let ratio = norm2(&aview1(&x)) / residual.norm;
        let along = spectrum.vh.dot(&gradient);
        let terms: Vec<f64> =
            spectrum.values.iter().zip(&along).map(|(s, c)| c.abs() / (s * ratio).hypot(1.0)).collect();
        norm2(&aview1(&terms)) / norm2(&spectrum.values)
    }

    /// The least ω over a few r̂ = r − A·e, and the e of it.
    ///
    /// For e = (AᴴA + φ²I)⁻¹g, g = Aᴴr, it is Aᴴr̂ = φ²e. φ = 0 makes r̂ the projection of r on the complement of the range, φ = ∞
    /// r itself; φ = ‖r‖/‖z‖, as in the estimate above, weighs the two.
    pub(super) fn oettli_prager(
        &self, k: usize, z: &[T::Double], residual: &Residual<T::Double>,
    ) -> Result<(f64, Vec<T::Double>)> {
        let zeros = vec![T::Double::zero(); z.len()];
        if residual.norm == 0.0 {
            return Ok((0.0, zeros));
        }
        let mut least = (self.ratios(k, z, residual, &zeros, &residual.g)?, zeros.clone());
        let mut with = |e: Vec<T::Double>, left: &[T::Double]| -> Result<()> {
            let omega = self.ratios(k, z, residual, &e, left)?;
            if omega < least.0 {
                least = (omega, e);
            }
            Ok(())
        };
        let phi = residual.norm / norm2(&aview1(z));
        if phi.is_finite() {
            let e = self.regularized(&residual.g, phi);
            let left: Vec<T::Double> = e.iter().map(|e| e.mul_real(phi).mul_real(phi)).collect();
            with(e, &left)?;
        }
        if self.inverse.delta < 1.0 {
            with(self.inverse.solve(&residual.g), &zeros)?;
        }
        Ok(least)
    }

    /// (AᴴA + φ²I)⁻¹g.
    fn regularized(&self, g: &[T::Double], phi: f64) -> Vec<T::Double> {
        let (vh, values) = (&self.spectrum.scaled_vh, &self.spectrum.scaled_values);
        let mut along = vh.dot(&aview1(g));
        along.iter_mut().zip(values).for_each(|(c, s)| *c = c.div_real(s.hypot(phi)).div_real(s.hypot(phi)));
        vh.t().mapv(|v| v.conj()).dot(&along).to_vec()
    }

    /// The ω of x̂ and r̂ = r − A·e, for which Aᴴr̂ is `left`.
    fn ratios(
        &self, k: usize, z: &[T::Double], residual: &Residual<T::Double>, e: &[T::Double], left: &[T::Double],
    ) -> Result<f64> {
        let a = &self.scaled.a;
        let moved = times(a, e)?;
        let r: Array1<T::Double> = residual.r().iter().zip(&moved).map(|(r, ae)| *r - *ae).collect();
        let mut sizes = self.scaled.b.column(k).mapv(|b| b.abs());
        for (column, z) in a.columns().into_iter().zip(z) {
            sizes.zip_mut_with(&column, |size, a| *size += a.abs() * z.abs());
        }
        let of_rows = moved.iter().zip(&sizes).map(|(moved, size)| ratio(moved.abs(), *size));
        let size = |column: ArrayView1<'_, T::Double>| column.iter().zip(&r).map(|(a, r)| a.abs() * r.abs()).sum();
        let of_columns = left.iter().zip(a.columns()).map(|(left, column)| ratio(left.abs(), size(column)));
        Ok(of_rows.chain(of_columns).fold(0.0, |largest, ratio| if ratio <= largest { largest } else { ratio }))
    }
}

/// A·e.
fn times<W: Element>(a: &ArrayRef2<W>, e: &[W]) -> Result<Array2<W>> {
    let mut product = Array2::default((0, 0));
    product_to(a, &aview1(e).insert_axis(Axis(1)), &mut product)?;
    Ok(product)
}

fn ratio(of: f64, to: f64) -> f64 {
    if of == 0.0 { 0.0 } else { of / to }
}

#[cfg(all(test, feature = "exact"))]
mod tests {
    use ndarray::{Array1, Ix1, array};

    use super::*;
    use crate::lstsq::augmented::Planes;
    use crate::lstsq::exact::Rational;
    use crate::workspace::Workspace;

    fn rational(x: f64) -> Rational {
        Rational::from_f64(x).expect("finite")
    }

    fn sum<'a>(terms: impl IntoIterator<Item = &'a Rational>) -> Rational {
        terms.into_iter().fold(Rational::zero(), |sum, term| &sum + term)
    }

    /// |defect| over the sizes of these terms: changing each term by so much, relative to it, makes up for the defect.
    fn needed(defect: &Rational, terms: &[Rational]) -> Rational {
        let sizes: Vec<Rational> = terms.iter().map(Rational::abs).collect();
        defect.abs().checked_div(&sum(&sizes)).unwrap_or_else(Rational::zero)
    }

    /// In rational arithmetic, what entries of A, b and of the other A have to change by for r̂ = b − A·(x + e) and x to solve
    /// the augmented system (Oettli and Prager).
    fn needed_by_all(a: &Array2<f64>, b: ArrayView1<'_, f64>, x: &[f64], e: &[f64]) -> Vec<Rational> {
        let products = |row: ArrayView1<'_, f64>, x: &[f64]| -> Vec<Rational> {
            row.iter().zip(x).map(|(a, x)| &rational(*a) * &rational(*x)).collect()
        };
        let (mut all, mut r) = (Vec::new(), Vec::new());
        for (row, b) in a.rows().into_iter().zip(b) {
            let (mut terms, moved) = (products(row, x), sum(&products(row, e)));
            r.push(&(&rational(*b) - &sum(&terms)) - &moved);
            terms.push(rational(*b));
            all.push(needed(&moved, &terms));
        }
        for column in a.columns() {
            let terms: Vec<Rational> = column.iter().zip(&r).map(|(a, r)| &rational(*a) * r).collect();
            all.push(needed(&sum(&terms), &terms));
        }
        all
    }

    #[test]
    fn the_perturbations_that_are_promised_exist() {
        let a = array![[1.0, 0.5], [1.0, 1.25], [1.0, 3.0], [1.0, 4.0]];
        let far: Array1<f64> = array![1.0, 2.5, 2.0, 5.0];
        let near = a.dot(&array![0.5, 0.75]) + &(&far * 1e-9);
        for b in [far, near] {
            let analysis = Analysis::<f64, Ix1>::new(&a, &b).expect("full rank");
            let x = crate::factor::QrExt::qr(&*a).and_then(|qr| qr.solve(&*b)).expect("full rank");
            for shift in [0.0, 1e-12, 1e-9, 1e-6, 1e-3, 0.5] {
                let z = analysis.scaled.of_candidate(0, x.mapv(|x| x + shift).view());
                let workspace = &mut Workspace::new();
                let mut words = Planes::lend(2, workspace).expect("memory");
                words.broadcast(&z);
                let residual = Residual::new::<2>(&analysis.scaled, 0, &words, &z, workspace).expect("memory");
                let (omega, e) = analysis.oettli_prager(0, &z, &residual).expect("memory");
                let needed = needed_by_all(&analysis.scaled.a, analysis.scaled.b.column(0), &z, &e);
                let most = needed.iter().map(Rational::to_f64).fold(0.0, f64::max);
                assert!(most <= omega * (1.0 + 1e-6), "{most:e} of {omega:e} for {shift:e}");
                assert!(most >= omega * (1.0 - 1e-6) && omega <= 1.0, "{most:e} of {omega:e} for {shift:e}");
            }
        }
    }
}
