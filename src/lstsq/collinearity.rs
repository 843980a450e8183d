//! Least squares: which columns of a matrix are nearly dependent, and on which others.
//! On the floor above `factor`; must not name a routine, and must not judge what to do about it.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Axis, s};
use num_traits::{Float, One, Zero};

use super::scaling::{equilibrating, scale_columns};
use super::{LeastSquaresExt, LstsqOptions, Method};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::factor::{LuExt, QrExt, SvdExt, columns_of};
use crate::norm::norm2;
use crate::workspace::Workspace;

/// Which near dependences [`near_dependences`] looks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearDependenceOptions<R> {
    /// A column that every combination may contain and that is never called dependent itself, such as the column of ones:
    /// the others are measured by their parts at right angles to it, which for ones is centring.
    pub base: Option<usize>,
    /// The condition index from which a dependence is listed; 30, the default, is called moderate to strong by Belsley, Kuh
    /// and Welsch.
    pub index: R,
    /// The most dependences that are listed, the nearest first; 8 by default.
    pub most: usize,
}

impl<R: Real> Default for NearDependenceOptions<R> {
    fn default() -> Self {
        NearDependenceOptions { base: None, index: R::real(30.0), most: 8 }
    }
}

/// How far the columns of a matrix are from being independent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Collinearity<T: Element> {
    /// The condition indexes σ₁/σₖ of the columns scaled to length 1, ascending, infinite where σₖ is 0; the last is κ₂.
    /// Columns that are 0, or multiples of the base, are left out.
    pub indexes: Vec<T::Real>,
    /// The variance-decomposition proportions: entry (k, j) is the part that σₖ has in (AᴴA)⁻¹ⱼⱼ. Columns add up to 1, but for
    /// those left out, which are 0.
    pub proportions: Array2<T::Real>,
    /// The dependences, the nearest first but for those of similar strength.
    pub dependences: Vec<NearDependence<T>>,
    /// The last condition index that is left when the dependent column of each of them is left out.
    pub remaining: T::Real,
}

/// A column that is nearly a combination of others.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NearDependence<T: Element> {
    /// The column aⱼ.
    pub column: usize,
    /// The columns k and coefficients cₖ of aⱼ ≈ Σₖ cₖ·aₖ, by column; none where aⱼ is 0.
    pub combination: Vec<(usize, T)>,
    /// ‖aⱼ − Σₖ cₖ·aₖ‖ over the length of the largest of the terms and aⱼ, all without their parts along the base.
    pub size: T::Real,
}

/// The columns of A that are nearly combinations of others, and what combinations.
///
/// With D the lengths of the columns and A·D⁻¹ = U·Σ·Vᴴ, columns whose condition index σ₁/σₖ is large are found from the rows of
/// V₂, the vectors of the smallest σ of similar size: these mix where there are several dependences, but they span one space,
/// and of it the basis is taken that has a unit matrix in the rows J of as many columns, V₂·W⁻¹ with W these rows. J prefers columns
/// that come late, so that they are explained by earlier ones. Each column of J is then fitted by the fewest of the
/// largest terms that leave at most twice the distance that all leave. Then J is left out, and the rest looked at again.
///
/// A is m×n of any shape and layout; m < n makes n − m columns dependent. Flops: 2n²(m − n/3) for the R of a QR factorization;
/// all else is done on R, 20n³ for each strength of dependence and some 4n³·log₂ n for each column that is listed.
///
/// Sources: Belsley, Kuh and Welsch, Regression Diagnostics (1980), §3.2; Stewart, Collinearity and least squares regression,
/// Statistical Science 2 (1987); for columns chosen by V₂, Golub, Klema and Stewart, Rank degeneracy and least squares
/// problems, report TR-456, University of Maryland (1976).
///
/// # Errors
/// [`Error::Parameter`] for a base that is no column or 0, or an index that is not above 1; [`Error::NonFinite`],
/// [`Error::TooLarge`], [`Error::Overflow`], [`Error::NoConvergence`].
///
/// ```
/// use lapwing::lstsq::{NearDependenceOptions, near_dependences};
/// use ndarray::array;
///
/// // The last column is 2·(column 1) − (column 0), but for 1e-9.
/// let a = array![[1.0, 3.0, 5.0], [1.0, 1.0, 1.0 + 1e-9], [1.0, 4.0, 7.0], [1.0, 0.0, -1.0]];
/// let found = near_dependences(&a, &NearDependenceOptions::default())?;
/// let [nearly] = &found.dependences[..] else { panic!("there is one") };
/// assert_eq!((nearly.column, nearly.combination.len()), (2, 2));
/// approx::assert_abs_diff_eq!(nearly.combination[0].1, -1.0, epsilon = 1e-8);
/// approx::assert_abs_diff_eq!(nearly.combination[1].1, 2.0, epsilon = 1e-8);
/// assert!(nearly.size < 1e-9 && found.remaining < 10.0);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn near_dependences<T: Element>(
    a: &ArrayRef2<T>, options: &NearDependenceOptions<T::Real>,
) -> Result<Collinearity<T>> {
    if Float::is_nan(options.index) || options.index <= T::Real::one() {
        let (what, found) = ("the least condition index", options.index.to_string());
        return Err(Error::Parameter { what, expected: "a number above 1", found });
    }
    let columns = Columns::new(a, options.base)?;
    let (zero, mut kept): (Vec<usize>, Vec<usize>) = (0..columns.order.len()).partition(|&j| columns.is_zero(j));
    let mut dependences: Vec<NearDependence<T>> =
        zero.into_iter().take(options.most).map(|j| columns.dependence(j, &[], T::Real::zero())).collect();
    let mut first = None;
    loop {
        let svd = columns.unit.select(Axis(1), &kept).svd()?;
        let remaining = svd.s.last().map_or(T::Real::one(), |&last| svd.s[0] / last);
        let (indexes, proportions) =
            first.get_or_insert_with(|| (indexes(&svd.s), columns.proportions(&kept, &svd.s, &svd.vh, a.ncols())));
        let count = columns.alike(&svd.s, options.index).min(options.most - dependences.len());
        if count == 0 {
            let (indexes, proportions) = (std::mem::take(indexes), std::mem::take(proportions));
            return Ok(Collinearity { indexes, proportions, dependences, remaining });
        }
        let small = svd.vh.slice(s![kept.len() - count.., ..]).t().mapv(|v| v.conj());
        let chosen = late_rows(&small);
        // The basis whose rows `chosen` are those of the unit matrix.
        let basis = small.select(Axis(0), &chosen).t().to_owned().lu()?.solve(&small.t().to_owned())?;
        for (i, &row) in chosen.iter().enumerate() {
            let others = (0..kept.len()).filter(|other| !chosen.contains(other));
            let mut others: Vec<(usize, T::Real)> = others.map(|k| (kept[k], basis[(i, k)].abs())).collect();
            others.sort_by(|(j, x), (k, y)| y.partial_cmp(x).unwrap_or(std::cmp::Ordering::Equal).then(j.cmp(k)));
            let others: Vec<usize> = others.into_iter().map(|(k, _)| k).collect();
            dependences.push(columns.fitted(kept[row], &others)?);
        }
        kept = (0..kept.len()).filter(|row| !chosen.contains(row)).map(|row| kept[row]).collect();
    }
}

/// The columns in the coordinates of a QR factorization, the base apart.
struct Columns<T: Element> {
    /// The base, its factor, and ±‖base‖ after it is multiplied by that.
    base: Option<(usize, T::Real, T)>,
    /// The other columns of A.
    order: Vec<usize>,
    /// The powers of two by which they have been multiplied.
    factors: Vec<T::Real>,
    /// Their coordinates along the base, if there is one.
    along: Vec<T>,
    /// Their lengths, and the lengths of what is at right angles to the base.
    full: Vec<T::Real>,
    lengths: Vec<T::Real>,
    /// What is at right angles to the base, scaled to length 1; square.
    unit: Array2<T>,
    /// What roundings leave of a column that is a combination of others, relative to its length.
    rounding: T::Real,
}

impl<T: Element> Columns<T> {
    fn new(a: &ArrayRef2<T>, base: Option<usize>) -> Result<Self> {
        let (m, n) = a.dim();
        let mut workspace = Workspace::new();
        let factors = equilibrating(a, &mut workspace)?;
        let mut scaled = columns_of(a, &mut workspace)?;
        scale_columns(&mut scaled, &factors);
        if let Some(base) = base.filter(|&base| base >= n || norm2(&scaled.column(base)) == T::Real::zero()) {
            let found = if base < n { format!("column {base}, which is 0") } else { format!("{base} of {n} columns") };
            return Err(Error::Parameter { what: "the base", expected: "a column that is not 0", found });
        }
        let order: Vec<usize> = (0..n).filter(|&j| Some(j) != base).collect();
        let all: Vec<usize> = base.into_iter().chain(order.iter().copied()).collect();
        let r = scaled.select(Axis(1), &all).qr()?.r();
        let (above, width) = (n - order.len(), order.len());
        let rest = r.slice(s![above.min(r.nrows()).., above..]);
        let mut unit = Array2::from_elem((width, width), T::zero());
        unit.slice_mut(s![..rest.nrows(), ..]).assign(&rest);
        let lengths: Vec<T::Real> = unit.columns().into_iter().map(|column| norm2(&column)).collect();
        for (mut column, &length) in unit.columns_mut().into_iter().zip(&lengths) {
            if length > T::Real::zero() {
                column.mapv_inplace(|x| x.div_real(length));
            }
        }
        Ok(Columns {
            base: base.map(|base| (base, factors[base], r[(0, 0)])),
            factors: order.iter().map(|&j| factors[j]).collect(),
            along: (above..n).map(|j| if above > 0 { r[(0, j)] } else { T::zero() }).collect(),
            full: (above..n).map(|j| norm2(&r.column(j))).collect(),
            lengths,
            unit,
            order,
            rounding: T::Real::EPS * T::real(4.0 * (n as f64 + (m as f64).sqrt())),
        })
    }

    fn is_zero(&self, j: usize) -> bool {
        self.lengths[j] <= self.rounding * self.full[j]
    }

    /// What roundings leave of a combination of these columns, relative to lengths of 1: taking the base out has
    /// magnified them.
    fn noise(&self, columns: impl Iterator<Item = usize>) -> T::Real {
        let magnified = columns.filter(|&j| !self.is_zero(j)).map(|j| self.full[j] / self.lengths[j]);
        self.rounding * magnified.fold(T::Real::one(), Float::max)
    }

    /// How many singular values belong to an index of at least `index` and are within an order or two of the smallest, or
    /// of what roundings make of 0.
    fn alike(&self, s: &ArrayRef1<T::Real>, index: T::Real) -> usize {
        let within = T::real(30.0);
        let Some(&last) = s.last() else { return 0 };
        let least = Float::max(last, self.noise(0..self.order.len()));
        s.iter().filter(|&&value| value * index <= s[0] && value <= within * least).count()
    }

    /// vⱼₖ²/σₖ² over its sum for each j; what is below the roundings is taken as these.
    fn proportions(
        &self, kept: &[usize], s: &ArrayRef1<T::Real>, vh: &ArrayRef2<T>, columns: usize,
    ) -> Array2<T::Real> {
        let mut proportions = Array2::from_elem((s.len(), columns), T::Real::zero());
        for (&j, v) in kept.iter().zip(vh.columns()) {
            let term = |(v, &s): (&T, &T::Real)| (v.abs() / Float::max(s, T::Real::EPS)).square();
            let terms: Array1<T::Real> = v.iter().zip(s).map(term).collect();
            let sum = terms.sum();
            proportions.column_mut(self.order[j]).assign(&terms.mapv(|term| term / sum));
        }
        proportions
    }

    /// Column j by the fewest of `others`, which come with the largest terms first, that leave little more than all.
    fn fitted(&self, j: usize, others: &[usize]) -> Result<NearDependence<T>> {
        let allowed = {
            let (_, distance) = self.fit(j, others)?;
            Float::max(distance + distance, self.noise(others.iter().copied().chain([j])))
        };
        // The distance falls with every column, so that the number that suffices can be found by bisection.
        let (mut few, mut enough) = (0, others.len());
        while few < enough {
            let middle = (few + enough) / 2;
            if self.fit(j, &others[..middle])?.1 <= allowed { enough = middle } else { few = middle + 1 }
        }
        let (x, distance) = self.fit(j, &others[..enough])?;
        let terms: Vec<(usize, T)> = others[..enough].iter().copied().zip(x).collect();
        Ok(self.dependence(j, &terms, distance))
    }

    /// The coefficients of the nearest combination of `others` to column j, all of length 1, and the distance.
    fn fit(&self, j: usize, others: &[usize]) -> Result<(Array1<T>, T::Real)> {
        let options = LstsqOptions { method: Method::PivotedQr, ..LstsqOptions::default() };
        let found = self.unit.select(Axis(1), others).lstsq_with(&self.unit.column(j), &options)?;
        Ok((found.x, found.residual_norm))
    }

    /// In the units of A, with the base.
    fn dependence(&self, j: usize, terms: &[(usize, T)], distance: T::Real) -> NearDependence<T> {
        let longest = terms.iter().map(|(_, x)| x.abs()).fold(T::Real::one(), Float::max);
        let in_scaled = |&(k, x): &(usize, T)| (k, x.mul_real(self.lengths[j] / self.lengths[k]));
        let terms: Vec<(usize, T)> = terms.iter().map(in_scaled).collect();
        let in_units = |x: T, factor: T::Real| x.mul_real(factor / self.factors[j]);
        let mut combination: Vec<(usize, T)> =
            terms.iter().map(|&(k, x)| (self.order[k], in_units(x, self.factors[k]))).collect();
        if let Some((base, factor, length)) = self.base {
            let part = terms.iter().fold(self.along[j], |part, &(k, x)| part - x * self.along[k]);
            let sizes = terms.iter().map(|&(k, x)| x.abs() * self.full[k]).fold(self.full[j], Float::max);
            // The coefficients are known to the distance, and so is this sum of them.
            let lever = terms.iter().map(|&(k, _)| self.full[k] / self.lengths[k]).fold(T::Real::one(), Float::max);
            if part.abs() > Float::max(distance * self.lengths[j] * lever, self.rounding * sizes) {
                combination.push((base, in_units(part / length, factor)));
            }
        }
        combination.sort_by_key(|&(column, _)| column);
        NearDependence { column: self.order[j], combination, size: distance / longest }
    }
}

fn indexes<R: Real>(s: &ArrayRef1<R>) -> Vec<R> {
    s.iter().map(|&value| s[0] / value).collect()
}

/// As many rows as there are columns, far from dependent on each other, and of such rows the last ones: at each step the last
/// that is not much shorter than the longest, at right angles to those chosen before.
fn late_rows<T: Element>(v: &ArrayRef2<T>) -> Vec<usize> {
    let not_much_shorter = T::real(0.3);
    let mut rest = v.to_owned();
    let mut chosen: Vec<usize> = Vec::new();
    for _ in 0..v.ncols() {
        let lengths: Vec<T::Real> = rest.rows().into_iter().map(|row| norm2(&row)).collect();
        let least = not_much_shorter * lengths.iter().copied().fold(T::Real::zero(), Float::max);
        let Some(row) = (0..lengths.len()).rev().find(|i| lengths[*i] >= least && !chosen.contains(i)) else { break };
        let direction = rest.row(row).mapv(|x| x.div_real(lengths[row]));
        for mut other in rest.rows_mut() {
            let along = other.iter().zip(&direction).fold(T::zero(), |sum, (&x, &d)| sum + x * d.conj());
            other.zip_mut_with(&direction, |x, &d| *x -= along * d);
        }
        chosen.push(row);
    }
    chosen
}
