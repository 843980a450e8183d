//! Exact least squares: a matrix as integer vectors with a regular Gram matrix, and the way back to its own units.
//!
//! On the floor of `lstsq`. Columns of a tall matrix may be scaled each, and so may rows of a wide one; it must not scale
//! rows of a tall matrix, whose residuals would then weigh differently.

use dashu_int::ops::UnsignedAbs;
use dashu_int::{IBig, UBig};
use ndarray::ArrayRef2;

use super::cost::{CONVERSION, Meter};
use super::fraction::Fractions;
use super::gram::{Gram, Structure, product};
use super::integers::{Integers, Sum};
use super::modular::Lu;
use super::number::{Number, push_primitive};
use super::{Dependence, Rational};
use crate::error::{Error, Result};

/// A matrix that is ready to be solved with.
pub(super) struct System {
    /// Columns of a tall matrix, rows of a wide one, as coprime integers.
    vectors: Vectors,
    gram: Gram,
    lu: Lu,
    tall: bool,
}

/// Vectors of one length, and the factor of each.
struct Vectors {
    integers: Integers,
    scales: Vec<Rational>,
    length: usize,
}

impl Vectors {
    fn columns<T: Number>(a: &ArrayRef2<T>, meter: &mut Meter<'_>) -> Result<Self> {
        let mut vectors = Vectors { integers: Integers::default(), scales: Vec::new(), length: a.nrows() };
        for (col, column) in a.columns().into_iter().enumerate() {
            let column = exact_entries(column.iter()).map_err(|row| Error::NonFinite { row, col })?;
            vectors.push(&column)?;
            meter.spend(CONVERSION * vectors.length as f64)?;
        }
        Ok(vectors)
    }

    fn rows<T: Number>(a: &ArrayRef2<T>, meter: &mut Meter<'_>) -> Result<Self> {
        let mut vectors = Vectors { integers: Integers::default(), scales: Vec::new(), length: a.ncols() };
        for (row, entries) in a.rows().into_iter().enumerate() {
            let entries = exact_entries(entries.iter()).map_err(|col| Error::NonFinite { row, col })?;
            vectors.push(&entries)?;
            meter.spend(CONVERSION * vectors.length as f64)?;
        }
        Ok(vectors)
    }

    fn push(&mut self, vector: &[Rational]) -> Result<()> {
        self.scales.push(push_primitive(vector, &mut self.integers)?);
        Ok(())
    }

    fn count(&self) -> usize {
        self.scales.len()
    }

    fn gram(&self, meter: &mut Meter<'_>) -> Result<Gram> {
        Gram::new(&self.integers, self.count(), self.length, meter)
    }
}

/// The values, or the index of the first that is not finite.
pub(super) fn exact_entries<'a, T: Number + 'a>(
    entries: impl Iterator<Item = &'a T>,
) -> std::result::Result<Vec<Rational>, usize> {
    entries.enumerate().map(|(i, entry)| entry.exact().ok_or(i)).collect()
}

impl System {
    /// For m ≥ n.
    pub(super) fn tall<T: Number>(a: &ArrayRef2<T>, meter: &mut Meter<'_>) -> Result<Self> {
        System::new(Vectors::columns(a, meter)?, true, meter)
    }

    /// For m < n.
    pub(super) fn wide<T: Number>(a: &ArrayRef2<T>, meter: &mut Meter<'_>) -> Result<Self> {
        System::new(Vectors::rows(a, meter)?, false, meter)
    }

    fn new(vectors: Vectors, tall: bool, meter: &mut Meter<'_>) -> Result<Self> {
        let gram = vectors.gram(meter)?;
        match gram.structure(meter)? {
            Structure::Independent(lu) => Ok(System { vectors, gram, lu, tall }),
            Structure::Dependent { independent, .. } => {
                Err(Error::RankDeficient { rank: independent.len(), needed: vectors.count() })
            }
        }
    }

    /// x and ‖b − A·x‖².
    pub(super) fn solve(&self, b: &[Rational], meter: &mut Meter<'_>) -> Result<(Vec<Rational>, Rational)> {
        if self.tall { self.least_squares(b, meter) } else { Ok((self.least_norm(b, meter)?, Rational::zero())) }
    }

    /// With the columns sⱼaⱼ of V and t·b integer: G·y = Vᵀ(t·b), x = Sy/t, and ‖r‖² = (‖t·b‖² − (t·b)ᵀVy)/t², since the
    /// residual is orthogonal to V.
    fn least_squares(&self, b: &[Rational], meter: &mut Meter<'_>) -> Result<(Vec<Rational>, Rational)> {
        let mut right = Integers::default();
        let t = push_primitive(b, &mut right)?;
        let (mut sum, length) = (Sum::default(), self.vectors.length);
        let c: Vec<IBig> =
            (0..self.gram.n).map(|j| product(&mut sum, &self.vectors.integers, j * length, &right, length)).collect();
        let y = self.gram.solve(&self.lu, &c, meter)?;
        let squares = product(&mut sum, &right, 0, &right, length);
        let along: IBig = c.iter().zip(&y.numerators).map(|(c, y)| c * y).sum();
        let residual = Rational::new(squares * &y.denominator - along, y.denominator.clone());
        let x = y.numerators.iter().zip(&self.vectors.scales).map(|(y_j, s)| rescaled(y_j, &y.denominator, s, &t));
        Ok((x.collect(), quotient(&residual, &(&t * &t))))
    }

    /// With the rows sᵢaᵢ of Vᵀ, and t·S·b integer: G·y = t·S·b, x = Vy/t.
    fn least_norm(&self, b: &[Rational], meter: &mut Meter<'_>) -> Result<Vec<Rational>> {
        let scaled: Vec<Rational> = b.iter().zip(&self.vectors.scales).map(|(b, s)| b * s).collect();
        let mut right = Integers::default();
        let t = push_primitive(&scaled, &mut right)?;
        let c: Vec<IBig> = (0..self.gram.n).map(|i| right.get(i).to_big()).collect();
        let y = self.gram.solve(&self.lu, &c, meter)?;
        let numerators = Integers::from_slice(&y.numerators)?;
        let (mut sum, length) = (Sum::default(), self.vectors.length);
        let entry = |j: usize| {
            let rows = 0..self.gram.n;
            rows.for_each(|i| sum.add_product(self.vectors.integers.get(i * length + j), numerators.get(i)));
            rescaled(&sum.take(), &y.denominator, &Rational::one(), &t)
        };
        Ok((0..length).map(entry).collect())
    }
}

/// x/t for a factor t, which is never 0.
fn quotient(x: &Rational, t: &Rational) -> Rational {
    x.checked_div(t).unwrap_or_default()
}

/// (p/q)·s/t for a factor t, which is positive; brought to lowest terms once, as that is what costs.
fn rescaled(p: &IBig, q: &UBig, s: &Rational, t: &Rational) -> Rational {
    Rational::new(p * &s.numerator * &t.denominator, q * &s.denominator * (&t.numerator).unsigned_abs())
}

/// See `exact::dependences`. From sⱼaⱼ = Σ yᵢsᵢaᵢ follows aⱼ = Σ (yᵢsᵢ/sⱼ)aᵢ.
pub(super) fn dependences<T: Number>(a: &ArrayRef2<T>, meter: &mut Meter<'_>) -> Result<Vec<Dependence>> {
    let vectors = Vectors::columns(a, meter)?;
    let Structure::Dependent { independent, combinations } = vectors.gram(meter)?.structure(meter)? else {
        return Ok(Vec::new());
    };
    let scales = &vectors.scales;
    let dependence = |(column, y): (usize, Fractions)| Dependence {
        column,
        combination: independent
            .iter()
            .zip(&y.numerators)
            .filter(|(_, numerator)| !numerator.is_zero())
            .map(|(&i, numerator)| (i, rescaled(numerator, &y.denominator, &scales[i], &scales[column])))
            .collect(),
    };
    Ok(combinations.into_iter().map(dependence).collect())
}
