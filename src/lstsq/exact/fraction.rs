//! Exact least squares: fractions from their residues.
//!
//! On the floor of `lstsq`. p-adic digits become a residue modulo pˢ, and that a fraction with small numerator and
//! denominator. Whether it is the right one must be checked by the caller.

use dashu_int::ops::{BitTest, DivRem};
use dashu_int::{IBig, Sign, UBig};

use super::cost::{self, Meter};
use crate::error::Result;

/// Numbers with one denominator.
#[derive(Debug)]
pub(super) struct Fractions {
    pub(super) numerators: Vec<IBig>,
    pub(super) denominator: UBig,
}

/// The sizes that numerators and denominator may have: below 2ᵏ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) numerator_bits: usize,
    pub(super) denominator_bits: usize,
}

/// p, p², p⁴, … and the modulus pˢ of `steps` digits.
pub(super) struct Powers {
    squares: Vec<UBig>,
    modulus: UBig,
}

impl Powers {
    pub(super) fn new(p: u64, steps: usize) -> Self {
        let mut squares = vec![UBig::from(p)];
        while let Some(last) = squares.last().filter(|_| 1 << squares.len() < steps) {
            squares.push(last * last);
        }
        Powers { squares, modulus: UBig::from(p).pow(steps) }
    }

    /// Σ digitₜ·pᵗ, by joining neighbours.
    fn assemble(&self, digits: impl Iterator<Item = u64>) -> UBig {
        let mut parts: Vec<UBig> = digits.map(UBig::from).collect();
        for power in &self.squares {
            if parts.len() < 2 {
                break;
            }
            let join = |pair: &[UBig]| match pair {
                [low, high] => low + high * power,
                rest => rest.iter().sum(),
            };
            parts = parts.chunks(2).map(join).collect();
        }
        parts.into_iter().sum()
    }

    /// The fraction u/v with u ≡ v·residue modulo pˢ within the bounds; by Euclid's algorithm, whose first remainder below
    /// the bound is u and whose cofactor is v. If 2·|u|·v < pˢ it is the only one.
    /// J. von zur Gathen and J. Gerhard, Modern Computer Algebra, 3rd ed. (2013), section 5.10.
    fn fraction(&self, residue: UBig, bounds: Bounds, meter: &mut Meter<'_>) -> Result<Option<(IBig, UBig)>> {
        let (mut before, mut rest) = (self.modulus.clone(), residue);
        let (mut cofactor_before, mut cofactor) = (UBig::ZERO, UBig::ONE);
        let mut sign = Sign::Positive;
        while rest.bit_len() > bounds.numerator_bits {
            let (quotient, next) = before.div_rem(&rest);
            let next_cofactor = cofactor_before + quotient * &cofactor;
            if next_cofactor.bit_len() > bounds.denominator_bits {
                return Ok(None);
            }
            meter.spend(cost::quotient(rest.bit_len() as f64 / 64.0))?;
            (before, rest) = (rest, next);
            (cofactor_before, cofactor) = (cofactor, next_cofactor);
            sign = -sign;
        }
        Ok(Some((IBig::from_parts(sign, rest), cofactor)))
    }

    /// All fractions, whose digits are the n columns of `digits`, with a common denominator. Each new one is looked for
    /// times the denominator so far, which for most is already theirs.
    pub(super) fn fractions(
        &self, digits: &[u64], n: usize, bounds: Bounds, meter: &mut Meter<'_>,
    ) -> Result<Option<Fractions>> {
        let mut found = Fractions { numerators: Vec::with_capacity(n), denominator: UBig::ONE };
        for column in 0..n {
            let residue = self.assemble(digits.iter().skip(column).step_by(n).copied());
            let residue = residue * &found.denominator % &self.modulus;
            let denominator_bits = (bounds.denominator_bits + 1).saturating_sub(found.denominator.bit_len());
            let bounds = Bounds { denominator_bits, ..bounds };
            let Some((numerator, factor)) = self.fraction(residue, bounds, meter)? else { return Ok(None) };
            if !factor.is_one() {
                found.numerators.iter_mut().for_each(|numerator| *numerator *= &factor);
                found.denominator *= factor;
            }
            found.numerators.push(numerator);
            meter.spend(cost::entry(found.denominator.bit_len() as f64 / 64.0))?;
        }
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lstsq::exact::{Cost, Options};

    fn ask(steps: usize, n: usize, digits: &[u64], bits: usize) -> Option<(Vec<String>, String)> {
        let bounds = Bounds { numerator_bits: bits, denominator_bits: bits };
        let mut meter = Meter::new(Cost::default(), Options::default()).expect("below the limit");
        let found = Powers::new(10_007, steps).fractions(digits, n, bounds, &mut meter).expect("not stopped")?;
        Some((found.numerators.iter().map(IBig::to_string).collect(), found.denominator.to_string()))
    }

    /// The digits of u/v modulo 10007ˢ, one at a time.
    fn digits(u: i128, v: i128, steps: usize) -> Vec<u64> {
        const P: i128 = 10_007;
        let inverse = (1..P).find(|w| v * w % P == 1).expect("10007 is prime");
        let mut rest = u;
        let mut digit = || {
            let digit = (rest * inverse).rem_euclid(P);
            rest = (rest - digit * v) / P;
            digit as u64
        };
        (0..steps).map(|_| digit()).collect()
    }

    #[test]
    fn fractions_come_back() {
        for steps in 3..9 {
            for (u, v) in [(1, 3), (-5, 7), (0, 1), (9_999, 10_000), (-1, 1)] {
                let found = ask(steps, 1, &digits(u, v, steps), 14);
                assert_eq!(found, Some((vec![u.to_string()], v.to_string())), "{u}/{v} from {steps}");
            }
        }
        let (third, sixth, five) = (digits(1, 3, 7), digits(-1, 6, 7), digits(5, 1, 7));
        let all: Vec<u64> = (0..7).flat_map(|t| [third[t], sixth[t], five[t]]).collect();
        let expected = (vec!["2".to_string(), "-1".to_string(), "30".to_string()], "6".to_string());
        assert_eq!(ask(7, 3, &all, 14), Some(expected));
    }

    #[test]
    fn what_is_no_small_fraction_is_none() {
        // Among 10007⁴ residues about 2²¹ are fractions of numbers below 2¹⁰.
        assert_eq!(ask(4, 1, &digits(123_456, 7_891, 4), 10), None);
        // A digit that is wrong makes another number.
        let mut wrong = digits(1, 3, 8);
        wrong[5] += 1;
        assert_eq!(ask(8, 1, &wrong, 14), None);
    }
}
