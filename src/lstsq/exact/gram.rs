//! Exact least squares: the Gram matrix of integer vectors, its rank, and systems with it, by p-adic lifting.
//!
//! On the floor of `lstsq`. What holds modulo a prime is proved over the integers before it is believed: a solution by
//! putting it in, a dependence by its distance 0.

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::cost::{self, Meter, OVERHEAD};
use super::fraction::{Bounds, Fractions, Powers};
use super::integers::{Integer, Integers, Sum};
use super::modular::{Elimination, Field, Lu, eliminate, primes, residues};
use crate::error::{Error, Result};

/// G = VᵀV, by rows.
pub(super) struct Gram {
    pub(super) n: usize,
    entries: Integers,
    /// The mean length of an entry in words, for the meter.
    words: f64,
}

/// What the vectors are to each other.
pub(super) enum Structure {
    /// Independent; with the factors of G modulo a prime.
    Independent(Lu),
    /// Dependent: each listed vector is the stated combination of the `independent` ones.
    Dependent { independent: Vec<usize>, combinations: Vec<(usize, Fractions)> },
}

impl Gram {
    /// The inner products of n vectors of equal length that stand one after the other.
    pub(super) fn new(vectors: &Integers, n: usize, length: usize, meter: &mut Meter<'_>) -> Result<Self> {
        let mut sum = Sum::default();
        let mut lower: Vec<IBig> = Vec::new();
        for i in 0..n {
            for j in 0..=i {
                (0..length).for_each(|k| sum.add_product(vectors.get(i * length + k), vectors.get(j * length + k)));
                lower.push(sum.take());
            }
            let words = vectors.limbs_of(i * length..(i + 1) * length) as f64;
            meter.spend((i + 1) as f64 * (words * words / length.max(1) as f64 + OVERHEAD * length as f64))?;
        }
        let at = |i: usize, j: usize| &lower[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)];
        Gram::from_entries(n, (0..n * n).map(|k| at(k / n, k % n)))
    }

    fn from_entries<'a>(n: usize, entries: impl Iterator<Item = &'a IBig>) -> Result<Self> {
        let mut integers = Integers::default();
        entries.into_iter().try_for_each(|entry| integers.push(entry))?;
        let words = integers.limbs_of(0..n * n) as f64 / (n * n).max(1) as f64;
        Ok(Gram { n, entries: integers, words })
    }

    fn at(&self, i: usize, j: usize) -> Integer<'_> {
        self.entries.get(i * self.n + j)
    }

    /// The Gram matrix of some of the vectors.
    fn of(&self, chosen: &[usize]) -> Result<Self> {
        let entries: Vec<IBig> =
            chosen.iter().flat_map(|&i| chosen.iter().map(move |&j| self.at(i, j).to_big())).collect();
        Gram::from_entries(chosen.len(), entries.iter())
    }

    fn eliminate(&self, field: Field, meter: &mut Meter<'_>) -> Result<Elimination> {
        let mut entries = residues(self.n * self.n)?;
        entries.extend((0..self.n * self.n).map(|k| field.residue_at(&self.entries, k)));
        meter.spend((self.n as f64).powi(3) / 3.0)?;
        Ok(eliminate(field, self.n, entries))
    }

    /// Whether the vectors are independent.
    ///
    /// Columns of G that are independent modulo a prime are independent over the rationals. For the others that is not
    /// so if the prime happens to divide a minor; then the combination modulo p does not lift, and the next prime is
    /// tried. Only finitely many divide.
    pub(super) fn structure(&self, meter: &mut Meter<'_>) -> Result<Structure> {
        for field in primes() {
            match self.eliminate(field, meter)? {
                Elimination::Full(lu) => return Ok(Structure::Independent(lu)),
                Elimination::Deficient(independent) => {
                    if let Some(combinations) = self.combinations(field, &independent, meter)? {
                        return Ok(Structure::Dependent { independent, combinations });
                    }
                }
            }
        }
        Err(Error::NoConvergence { routine: "the search for a prime" })
    }

    /// Every other vector as a combination of the `independent` ones; `None` if one of them is none after all.
    ///
    /// As G is symmetric, the rows of the independent columns are a basis of the rows, so that they cross in a matrix
    /// that is regular modulo p.
    fn combinations(
        &self, field: Field, independent: &[usize], meter: &mut Meter<'_>,
    ) -> Result<Option<Vec<(usize, Fractions)>>> {
        let basis = self.of(independent)?;
        let Elimination::Full(lu) = basis.eliminate(field, meter)? else { return Ok(None) };
        let (n, bits) = (independent.len() as f64, basis.hadamard_bits() as f64);
        let each = cost::solve(n, basis.words, bits, bits / n.max(1.0));
        meter.expect(each * (self.n - independent.len()) as f64)?;
        let mut found = Vec::new();
        for j in (0..self.n).filter(|j| independent.binary_search(j).is_err()) {
            let c: Vec<IBig> = independent.iter().map(|&i| self.at(i, j).to_big()).collect();
            let y = basis.solve(&lu, &c, meter)?;
            // ‖vⱼ − Σ yᵢvᵢ‖² = gⱼⱼ − cᵀy.
            let along: IBig = c.iter().zip(&y.numerators).map(|(c, y)| c * y).sum();
            if self.at(j, j).to_big() * &y.denominator != along {
                return Ok(None);
            }
            found.push((j, y));
        }
        Ok(Some(found))
    }

    /// The solution of G·x = c, G regular.
    ///
    /// x = Σ xₜpᵗ, where xₜ solves G·xₜ ≡ rₜ modulo p, and rₜ₊₁ = (rₜ − G·xₜ)/p, r₀ = c. J. D. Dixon, Exact solution of
    /// linear equations using p-adic expansions, Numer. Math. 40 (1982). The fractions are looked for again and again
    /// while the digits grow, since a simple solution needs few; what is found is put into the equations.
    pub(super) fn solve(&self, lu: &Lu, c: &[IBig], meter: &mut Meter<'_>) -> Result<Fractions> {
        const FIRST: usize = 4;
        let bounds = self.bounds(c);
        let last = (bounds.numerator_bits + bounds.denominator_bits + 1).div_ceil(digit_bits(lu.field)).max(1);
        let mut digits = residues(self.n.saturating_mul(last))?;
        let mut rest = c.to_vec();
        let mut sum = Sum::default();
        let mut next = FIRST.min(last);
        for steps in 1..=last {
            let r: Vec<u64> = rest.iter().map(|r| lu.field.residue(r)).collect();
            let x = lu.solve(&r);
            for (i, r) in rest.iter_mut().enumerate() {
                x.iter().enumerate().for_each(|(j, x)| sum.add_product(self.at(i, j), Integer::small(x)));
                *r = (&*r - sum.take()) / lu.field.p;
            }
            digits.extend(x);
            meter.spend(cost::step(self.n as f64, self.words))?;
            if steps == next {
                let bounds = if steps == last { bounds } else { halves(steps * digit_bits(lu.field)) };
                let found = Powers::new(lu.field.p, steps).fractions(&digits, self.n, bounds, meter)?;
                if let Some(found) = found
                    && self.holds(&found, c)?
                {
                    return Ok(found);
                }
                // Not twice in quick succession.
                next = if 3 * steps > last { last } else { 2 * steps };
            }
        }
        Err(Error::NoConvergence { routine: "p-adic lifting" })
    }

    /// By Cramer's rule det(G) is a common denominator, and the numerators are adj(G)·c. Hadamard: det(G) ≤ Π gᵢᵢ, and so
    /// are the principal minors of order n − 1, the diagonal of adj(G), since gᵢᵢ ≥ 1; adj(G) is positive definite, so
    /// that no entry exceeds its largest diagonal one. (Horn and Johnson, Matrix Analysis, 2nd ed., 7.8.1 and 7.1.P1)
    fn bounds(&self, c: &[IBig]) -> Bounds {
        let denominator_bits = self.hadamard_bits();
        let size: UBig = c.iter().map(UnsignedAbs::unsigned_abs).sum();
        Bounds { numerator_bits: denominator_bits + size.bit_len(), denominator_bits }
    }

    /// Π gᵢᵢ < 2ᵏ.
    fn hadamard_bits(&self) -> usize {
        (0..self.n).map(|i| self.at(i, i).bits()).sum()
    }

    /// Whether G·x = c.
    fn holds(&self, x: &Fractions, c: &[IBig]) -> Result<bool> {
        let numerators = Integers::from_slice(&x.numerators)?;
        let mut sum = Sum::default();
        Ok(c.iter().enumerate().all(|(i, c)| {
            (0..self.n).for_each(|j| sum.add_product(self.at(i, j), numerators.get(j)));
            sum.take() == c * &x.denominator
        }))
    }
}

/// Σ xᵢ·yᵢ over `length` numbers: of `x` from `start`, of `y` from 0.
pub(super) fn product(sum: &mut Sum, x: &Integers, start: usize, y: &Integers, length: usize) -> IBig {
    (0..length).for_each(|i| sum.add_product(x.get(start + i), y.get(i)));
    sum.take()
}

/// The bits that a digit adds to the modulus, at least.
fn digit_bits(field: Field) -> usize {
    field.p.ilog2() as usize
}

/// Bounds for an attempt before the end, with so much to spare that a wrong fraction is improbable.
fn halves(bits: usize) -> Bounds {
    const SPARE: usize = 64;
    let half = bits.saturating_sub(SPARE) / 2;
    Bounds { numerator_bits: half, denominator_bits: half }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lstsq::exact::Options;
    use crate::lstsq::exact::cost::Cost;

    fn integers(values: &[i64]) -> Integers {
        Integers::from_slice(&values.iter().map(|&v| IBig::from(v)).collect::<Vec<_>>()).expect("memory")
    }

    fn meter() -> Meter<'static> {
        Meter::new(Cost::default(), Options::default()).expect("below the limit")
    }

    /// Four integers whose squares add up to `n`; there are some for every n (Lagrange).
    fn four_squares(n: i64) -> [i64; 4] {
        let (a, rest) = (n.isqrt(), n - n.isqrt().pow(2));
        for b in (0..=rest.isqrt()).rev() {
            let rest = rest - b * b;
            for c in (0..=rest.isqrt()).rev().take(1000) {
                let d = (rest - c * c).isqrt();
                if c * c + d * d == rest {
                    return [a, b, c, d];
                }
            }
        }
        panic!("not among those that were tried");
    }

    /// A vector whose square is the first prime is 0 to that prime and nothing else.
    #[test]
    fn an_unlucky_prime_is_seen_through() {
        let p = primes().next().expect("a prime").p as i64;
        let v = four_squares(p);
        let gram = Gram::new(&integers(&v), 1, 4, &mut meter()).expect("memory");
        assert_eq!(gram.at(0, 0).to_big(), IBig::from(p));
        let Structure::Independent(lu) = gram.structure(&mut meter()).expect("found") else { panic!("v is not 0") };
        assert_ne!(lu.field.p as i64, p);
        let x = gram.solve(&lu, &[IBig::from(7)], &mut meter()).expect("regular");
        assert_eq!((x.numerators, x.denominator), (vec![IBig::from(7)], UBig::from(p as u64)));
        // Beside a multiple of itself it is still the only one.
        let twice: Vec<i64> = v.iter().chain(&v).enumerate().map(|(i, v)| if i < 4 { *v } else { -2 * v }).collect();
        let gram = Gram::new(&integers(&twice), 2, 4, &mut meter()).expect("memory");
        let found = gram.structure(&mut meter()).expect("found");
        let Structure::Dependent { independent, combinations } = found else { panic!("one is −2 times the other") };
        assert_eq!((independent, combinations[0].0), (vec![0], 1));
        assert_eq!(combinations[0].1.numerators, [IBig::from(-2)]);
    }

    /// The solution as large as the bounds allow is found at the end, a simple one long before.
    #[test]
    fn simple_solutions_are_found_early() {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 20) as i64 - (1 << 43)
        };
        let (n, length) = (12, 15);
        let vectors = integers(&(0..n * length).map(|_| next()).collect::<Vec<_>>());
        let gram = Gram::new(&vectors, n, length, &mut meter()).expect("memory");
        let Structure::Independent(lu) = gram.structure(&mut meter()).expect("found") else { panic!("independent") };
        let calls = |c: &[IBig]| {
            let mut calls = 0;
            let mut count = |_: f64| {
                calls += 1;
                std::ops::ControlFlow::Continue(())
            };
            let options = Options { progress: Some(&mut count), ..Options::default() };
            gram.solve(&lu, c, &mut Meter::new(Cost::default(), options).expect("allowed")).expect("regular");
            calls
        };
        let mut sum = Sum::default();
        let ones = integers(&vec![1; n]);
        let simple: Vec<IBig> = (0..n).map(|i| product(&mut sum, &gram.entries, i * n, &ones, n)).collect();
        let hard: Vec<IBig> = (0..n).map(|_| IBig::from(next())).collect();
        // Four steps, and no division for any of the entries, as all are whole.
        assert_eq!(calls(&simple), 4 + n);
        // Numerators and denominators have about 85n bits each.
        assert!(calls(&hard) >= 2 * n * 85 / 61 + n);
    }

    /// What is put into the equations is refused if it does not fit.
    #[test]
    fn wrong_solutions_do_not_hold() {
        let gram = Gram::new(&integers(&[1, 2, 3, 4]), 2, 2, &mut meter()).expect("memory");
        let c = [IBig::from(17), IBig::from(39)];
        let answer = |x: [i64; 2]| Fractions { numerators: x.map(IBig::from).to_vec(), denominator: UBig::from(2u8) };
        // [5 11; 11 25]·(−1, 2) = (17, 39).
        assert!(gram.holds(&answer([-2, 4]), &c).expect("memory"));
        assert!(!gram.holds(&answer([-2, 5]), &c).expect("memory"));
    }
}
