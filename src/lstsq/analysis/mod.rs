//! Least squares: what can be said of a problem, and of any answer to it: condition, angle, error bounds, backward errors.
//! On the floor above `factor`; must not solve by any of the methods, nor know by which one an answer was found.
//!
//! All of it is done in double precision, on columns and right-hand sides of about length 1: `scaled`. `inverse` is what
//! bounds rest on, `forward` and `uncertainty` have the bounds, `backward` the backward errors, `condition` the rest.

mod backward;
mod condition;
mod enclosure;
mod forward;
mod inverse;
mod residual;
mod rounding;
mod scaled;
mod uncertainty;

use std::marker::PhantomData;

use ndarray::{Array2, ArrayRef, ArrayRef2, ArrayView2, Axis, s};

pub use condition::Condition;
use condition::{Measured, Spectrum};
pub use forward::ForwardError;
use inverse::Inverse;
use residual::Residual;
use rounding::or_infinity;
use scaled::Scaled;
pub use uncertainty::Uncertainty;

use super::augmented::Planes;
use crate::element::Element;
use crate::error::{Error, Result, dims, require_tall};
use crate::factor::{Qr, RhsDimension, checked_columns, columns_of, count_above, product_to, with_qr};
use crate::layout::Order;
use crate::norm::norm2;
use crate::pack::{self, Part};
use crate::workspace::{Workspace, zeros};

/// A least-squares problem min ‖A·x − b‖₂, factored once and then asked: how hard is it, and how good is an answer?
///
/// It owns a copy of A and of b in double precision, so that the questions cost at most O(mn) operations for each
/// right-hand side, in longer words. Answers to the problem may come from anywhere.
///
/// ```
/// use lapwing::lstsq::Analysis;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let a = array![[1.0_f64, 101.0], [1.0, 102.0], [1.0, 103.0], [1.0, 104.0], [1.0, 105.0]];
/// let b = array![1.0, 3.0, 2.0, 5.0, 4.0];
/// let problem = Analysis::new(&a, &b)?;
/// assert!((7.4e3..7.6e3).contains(&problem.condition().kappa2));
///
/// // The exact solution is (−397/5, 4/5).
/// let x = a.lstsq_with(&b, &LstsqOptions { method: Method::NormalEquations, ..Default::default() })?.x;
/// let bound = problem.forward_error(&x)?;
/// assert!((x[0] + 79.4).abs() <= bound.absolute[0] && bound.normwise < 1e-7);
/// # Ok::<(), lapwing::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Analysis<T: Element, D: RhsDimension> {
    scaled: Scaled<T::Double>,
    inverse: Inverse<T::Double>,
    spectrum: Spectrum<T::Double>,
    measured: Measured,
    /// One for each right-hand side.
    angles: Vec<Option<f64>>,
    dimension: PhantomData<D>,
}

impl<T: Element, D: RhsDimension> Analysis<T, D> {
    /// Factors A, m×n of full column rank with m ≥ n, in any layout; b has m rows and one dimension or two (columns are
    /// right-hand sides).
    ///
    /// Routines: geqrf, gemm and gesdd; 2n²(m − n/3) + 4mn² + O(n³) flops in double precision. Memory: A and b twice.
    ///
    /// # Errors
    /// [`Error::Shape`] (also for m < n), [`Error::Empty`], [`Error::NonFinite`], [`Error::NonFiniteRhs`],
    /// [`Error::RankDeficient`] where columns of A, scaled to length 1, are dependent to within max(m, n)·ε of double
    /// precision and are not proved independent, [`Error::TooLarge`], [`Error::NoConvergence`].
    pub fn new(a: &ArrayRef2<T>, b: &ArrayRef<T, D>) -> Result<Self> {
        const WHAT: &str = "the analysis of a least-squares problem";
        require_tall(WHAT, a.dim())?;
        if a.is_empty() {
            return Err(Error::Empty { what: WHAT });
        }
        pack::check_finite(a, Part::All)?;
        let columns = checked_columns(b, a.nrows())?;
        let scaled = Scaled::new(a, columns)?;
        let workspace = &mut Workspace::new();
        let (spectrum, inverse, d) = with_qr(&scaled.a, workspace, |qr, workspace| {
            let spectrum = Spectrum::new(&scaled, upper(qr)?, workspace)?;
            let inverse = independent(&scaled, &spectrum, qr, workspace)?;
            let mut d = columns_of(&scaled.b, workspace)?;
            qr.apply_qh_inplace(&mut d, workspace)?;
            Ok((spectrum, inverse, d))
        })?;
        let (within, outside) = d.view().split_at(Axis(0), a.ncols());
        let mut z = Array2::default((0, 0));
        product_to(&inverse.x, &within, &mut z)?;
        let norms =
            |part: ArrayView2<'_, T::Double>| -> Vec<f64> { part.columns().into_iter().map(|c| norm2(&c)).collect() };
        let residual_norms = norms(outside);
        let angle = |(r, within): (&f64, f64)| (*r > 0.0 || within > 0.0).then(|| r.atan2(within));
        let angles = residual_norms.iter().zip(norms(within)).map(angle).collect();
        let measured = Measured::new(&scaled, &spectrum, &inverse, &z, &residual_norms)?;
        Ok(Analysis { scaled, inverse, spectrum, measured, angles, dimension: PhantomData })
    }

    /// How hard the problem is.
    ///
    /// ```
    /// use lapwing::lstsq::Analysis;
    /// use ndarray::array;
    ///
    /// // Columns at right angles, of lengths 4 and 1.
    /// let a = array![[4.0, 0.0], [0.0, 1.0], [0.0, 0.0]];
    /// let condition = Analysis::new(&a, &array![4.0, 1.0, 2.0])?.condition();
    /// approx::assert_relative_eq!(condition.kappa2, 4.0, max_relative = 1e-14);
    /// approx::assert_relative_eq!(condition.kappa2_scaled, 1.0, max_relative = 1e-14);
    /// // ‖A⁺‖ = 1, ‖r‖ = 2 and x = (1, 1).
    /// approx::assert_relative_eq!(condition.absolute, (4.0_f64 + 2.0 + 1.0).sqrt(), max_relative = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn condition(&self) -> Condition<D> {
        self.measured.per_column()
    }

    /// The angle θ between b and the range of A in radians, for each right-hand side: sin θ = ‖r‖₂/‖b‖₂. `None` if b = 0.
    ///
    /// From QᴴB, so that it is right to within mn·ε.
    ///
    /// ```
    /// use lapwing::lstsq::Analysis;
    /// use ndarray::array;
    ///
    /// let angle = Analysis::new(&array![[1.0], [0.0]], &array![1.0, 1.0])?.angle();
    /// approx::assert_relative_eq!(angle.unwrap(), std::f64::consts::FRAC_PI_4, max_relative = 1e-15);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn angle(&self) -> D::PerColumn<Option<f64>> {
        D::per_column(&self.angles)
    }

    /// A bound on the error of a candidate x̂, by whatever method, that holds: rounding errors of its own computation are in
    /// it. The exact solution is that of A and b as they are stored.
    ///
    /// It follows from the residual of x̂ in two or three words; up to κ(A)·ε of about 1e-3 (columns scaled to equal length)
    /// it is hardly above the true error. Without full rank proved, from κ(A)·ε·n^1.5 near 1 on, it is infinite; so it is for a
    /// candidate that is not finite. It costs O(mn) operations in longer words.
    ///
    /// # Errors
    /// [`Error::Shape`] unless x̂ has n rows and as many columns as b; [`Error::TooLarge`].
    pub fn forward_error(&self, x: &ArrayRef<T, D>) -> Result<ForwardError<D>> {
        self.bounds(self.candidates(x)?, None)
    }

    /// The same where x is the exact solution of any A + E and b + f with |E| and |f| within `data` of |A| and |b|, entry by
    /// entry: rounding errors of x̂ and uncertainty of the data in one.
    ///
    /// |A⁺|·(|f| + |E||x̂|) + |(AᴴA)⁻¹|·|E|ᴴ|r| (Higham, Accuracy and Stability, 2nd ed., §20.1), with a bound of all higher
    /// orders; it costs 4mn² flops besides.
    ///
    /// # Errors
    /// As for [`Analysis::forward_error`]; [`Error::Shape`] for other than n columns in `data`, [`Error::Parameter`] for an
    /// uncertainty that is negative or a NaN.
    ///
    /// ```
    /// use lapwing::lstsq::{Analysis, Uncertainty};
    /// use ndarray::array;
    ///
    /// // The mean of four numbers that are known to three digits.
    /// let a = array![[1.0], [1.0], [1.0], [1.0]];
    /// let problem = Analysis::new(&a, &array![1.23, 4.56, 7.89, 2.32])?;
    /// let data = Uncertainty { columns: vec![0.0], rhs: 5e-3 };
    /// let bound = problem.forward_error_with(&array![4.0], &data)?;
    /// approx::assert_relative_eq!(bound.absolute[0], 4.0 * 5e-3, max_relative = 1e-9);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn forward_error_with(&self, x: &ArrayRef<T, D>, data: &Uncertainty) -> Result<ForwardError<D>> {
        let n = self.scaled.a.ncols();
        if data.columns.len() != n {
            let (expected, found) = (format!("{n} columns"), data.columns.len().to_string());
            return Err(Error::Shape { what: "the uncertainty", expected, found });
        }
        match data.columns.iter().chain([&data.rhs]).find(|eps| eps.is_nan() || **eps < 0.0) {
            Some(wrong) => {
                Err(Error::Parameter { what: "an uncertainty", expected: "a number ≥ 0", found: wrong.to_string() })
            }
            None => self.bounds(self.candidates(x)?, Some(data)),
        }
    }

    /// The Karlson–Waldén estimate of the backward error of a candidate x̂ with respect to A: within a factor √2, the least
    /// ‖E‖_F/‖A‖_F for which x̂ minimizes ‖b − (A + E)·x‖₂; for each right-hand side. Infinite for a candidate that is not finite.
    ///
    /// With φ = ‖r‖/‖x̂‖ it is (φ/‖r‖)·‖(AᴴA + φ²I)^(−½)·Aᴴr‖₂/‖A‖_F (R. Karlson and B. Waldén, BIT 37 (1997)). Near the
    /// solution Aᴴr is all cancellation; it is formed in two words, so that values far below ε are right too.
    ///
    /// # Errors
    /// [`Error::Shape`] unless x̂ has n rows and as many columns as b; [`Error::TooLarge`].
    ///
    /// ```
    /// use lapwing::lstsq::Analysis;
    /// use ndarray::array;
    ///
    /// let problem = Analysis::new(&array![[3.0], [4.0]], &array![4.0, -3.0])?;
    /// assert_eq!(problem.backward_error(&array![0.0])?, 0.0);
    /// // For one column it is |aᵀr|/√(‖r‖² + ‖a‖²x²)/‖a‖, here 25·1e-9/√50/√50 but for terms of size 1e-18.
    /// let wrong = problem.backward_error(&array![1e-9])?;
    /// approx::assert_relative_eq!(wrong, 1e-9, max_relative = 1e-14);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn backward_error(&self, x: &ArrayRef<T, D>) -> Result<D::PerColumn<f64>> {
        self.for_each(self.candidates(x)?, |_, z, residual| Ok(self.karlson_walden(z, residual)))
    }

    /// A componentwise backward error of a candidate x̂, for each right-hand side: an ω for which there are an r̂ and
    /// perturbations within ω of A and b, entry by entry, with
    ///
    /// ```text
    /// r̂ + (A + E₁)·x̂ = b + f,   (A + E₂)ᴴ·r̂ = 0,   |E₁|, |E₂| ≤ ω|A|,   |f| ≤ ω|b|.
    /// ```
    ///
    /// It is that of the augmented system (Å. Björck, BIT 31 (1991), 238–244), whose two copies of A may be perturbed each in its
    /// own way. For a given r̂ the least ω is that of Oettli and Prager; the r̂ tried are b − A·(x̂ + e) for e = 0, for the
    /// least-squares solution e of A·e ≈ b − A·x̂, and for one by Tikhonov regularization between the two. So ω is an upper
    /// bound of the least that there is over all r̂, but for roundings of the order of κ(A)·ε relative to it.
    ///
    /// # Errors
    /// As for [`Analysis::backward_error`].
    ///
    /// ```
    /// use lapwing::lstsq::Analysis;
    /// use ndarray::array;
    ///
    /// // The mean of 1 and 2; for x̂ = 1.5 + h the residual (−½ − h, ½ − h) with entries of A changed by 2h is at right angles.
    /// let problem = Analysis::new(&array![[1.0], [1.0]], &array![1.0, 2.0])?;
    /// assert!(problem.componentwise_backward_error(&array![1.5])? < 1e-16);
    /// assert!(problem.componentwise_backward_error(&array![1.5 + 1e-6])? <= 2e-6);
    /// # Ok::<(), lapwing::Error>(())
    /// ```
    pub fn componentwise_backward_error(&self, x: &ArrayRef<T, D>) -> Result<D::PerColumn<f64>> {
        self.for_each(self.candidates(x)?, |k, z, residual| self.oettli_prager(k, z, residual).map(|(omega, _)| omega))
    }

    /// A value for each column of candidates, from its residual in two words.
    fn for_each(
        &self, x: Array2<T>, value: impl Fn(usize, &[T::Double], &Residual<T::Double>) -> Result<f64>,
    ) -> Result<D::PerColumn<f64>> {
        let workspace = &mut Workspace::new();
        let of_column = |(k, x)| {
            let z = self.scaled.of_candidate(k, x);
            if !z.iter().all(|&z| pack::is_finite(z)) {
                return Ok(f64::INFINITY);
            }
            let mut words = Planes::lend(z.len(), workspace)?;
            words.broadcast(&z);
            let residual = Residual::new::<2>(&self.scaled, k, &words, &z, workspace)?;
            words.give_back(workspace);
            value(k, &z, &residual).map(or_infinity)
        };
        let values: Vec<f64> = x.columns().into_iter().enumerate().map(of_column).collect::<Result<_>>()?;
        Ok(D::per_column(&values))
    }

    /// The candidates in columns.
    fn candidates(&self, x: &ArrayRef<T, D>) -> Result<Array2<T>> {
        let columns = D::columns(x.view());
        let expected = (self.scaled.a.ncols(), self.scaled.b.ncols());
        if columns.dim() != expected {
            let (expected, found) = (dims(&[expected.0, expected.1]), dims(&[columns.nrows(), columns.ncols()]));
            return Err(Error::Shape { what: "the candidate", expected, found });
        }
        pack::owned_columns(&columns)
    }
}

/// X for columns that are independent to working precision or, where that is in doubt, proved to be.
fn independent<W: Element<Real = f64>>(
    scaled: &Scaled<W>, spectrum: &Spectrum<W>, qr: &Qr<W>, workspace: &mut Workspace<W>,
) -> Result<Inverse<W>> {
    let (m, n) = scaled.a.dim();
    let rank = count_above(&spectrum.equal, m as f64 * f64::EPSILON);
    match Inverse::new(scaled, qr, workspace) {
        Ok(inverse) if rank == n || inverse.delta < 1.0 => Ok(inverse),
        Ok(_) | Err(Error::Singular { .. }) => Err(Error::RankDeficient { rank: rank.min(n - 1), needed: n }),
        Err(other) => Err(other),
    }
}

/// R, with zeros below the diagonal.
fn upper<W: Element>(qr: &Qr<W>) -> Result<Array2<W>> {
    let n = qr.dim().1;
    let mut upper = zeros::<W>(n, n, Order::ColumnMajor)?;
    for (j, (mut to, from)) in upper.columns_mut().into_iter().zip(qr.packed().columns()).enumerate() {
        to.slice_mut(s![..=j]).assign(&from.slice(s![..=j]));
    }
    Ok(upper)
}
