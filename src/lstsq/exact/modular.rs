//! Exact least squares: linear algebra modulo a prime of one word.
//!
//! On the floor of `lstsq`. Finds the columns that are independent modulo the prime, and solves systems with them. It
//! must not draw conclusions about the integers: that is the business of `gram`.

use dashu_int::IBig;

use crate::error::Result;

use super::integers::{Integers, no_memory};

/// The integers modulo a prime p < 2⁶¹, so that 64 products fit 128 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) p: u64,
}

/// A factor with the quotient that makes its products cheap: ⌊w·2⁶⁴/p⌋ (Shoup's trick).
#[derive(Debug, Clone, Copy)]
struct Multiplier {
    w: u64,
    quotient: u64,
}

/// The primes below 2⁶¹, from the largest down.
pub(super) fn primes() -> impl Iterator<Item = Field> {
    (2..1u64 << 61).rev().filter(|&candidate| is_prime(candidate)).map(|p| Field { p })
}

/// The test of Miller and Rabin, which with the first twelve primes as bases is a proof below 3.1·10²³ (Sorenson and
/// Webster, Strong pseudoprimes to twelve prime bases, Math. Comp. 86 (2017)).
fn is_prime(candidate: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if let Some(base) = BASES.into_iter().find(|base| candidate.is_multiple_of(*base)) {
        return candidate == base;
    }
    if candidate < 2 {
        return false;
    }
    let field = Field { p: candidate };
    let twos = (candidate - 1).trailing_zeros();
    BASES.into_iter().all(|base| {
        let mut power = field.power(base, (candidate - 1) >> twos);
        if power == 1 {
            return true;
        }
        for _ in 0..twos {
            if power == candidate - 1 {
                return true;
            }
            power = field.times(power, power);
        }
        false
    })
}

impl Field {
    fn times(self, x: u64, y: u64) -> u64 {
        (u128::from(x) * u128::from(y) % u128::from(self.p)) as u64
    }

    fn power(self, base: u64, mut exponent: u64) -> u64 {
        let (mut square, mut result) = (base % self.p, 1);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.times(result, square);
            }
            square = self.times(square, square);
            exponent >>= 1;
        }
        result
    }

    /// 1/x, by Fermat: xᵖ⁻² for x ≠ 0.
    fn inverse(self, x: u64) -> u64 {
        self.power(x, self.p - 2)
    }

    fn minus(self, x: u64, y: u64) -> u64 {
        if x >= y { x - y } else { x + self.p - y }
    }

    fn multiplier(self, w: u64) -> Multiplier {
        Multiplier { w, quotient: ((u128::from(w) << 64) / u128::from(self.p)) as u64 }
    }

    fn multiply(self, factor: Multiplier, x: u64) -> u64 {
        let quotient = ((u128::from(factor.quotient) * u128::from(x)) >> 64) as u64;
        // The quotient is too small by at most 1.
        let rest = factor.w.wrapping_mul(x).wrapping_sub(quotient.wrapping_mul(self.p));
        if rest >= self.p { rest - self.p } else { rest }
    }

    /// Σ xᵢ·yᵢ.
    fn dot(self, x: &[u64], y: &[u64]) -> u64 {
        const FITS: usize = 64;
        let mut sum = 0;
        for (x, y) in x.chunks(FITS).zip(y.chunks(FITS)) {
            let part: u128 = x.iter().zip(y).map(|(&x, &y)| u128::from(x) * u128::from(y)).sum();
            sum = ((u128::from(sum) + part % u128::from(self.p)) % u128::from(self.p)) as u64;
        }
        sum
    }

    /// The residue of a big integer, from 0 to p − 1.
    pub(super) fn residue(self, value: &IBig) -> u64 {
        let (sign, words) = value.as_sign_words();
        let step = |rest: u128, &word: &_| ((rest << dashu_int::Word::BITS) | u128::from(word)) % u128::from(self.p);
        let size = words.iter().rev().fold(0, step) as u64;
        if sign == dashu_int::Sign::Negative { self.minus(0, size) } else { size }
    }

    /// The residue of the number at `index`.
    pub(super) fn residue_at(self, integers: &Integers, index: usize) -> u64 {
        let value = integers.get(index);
        let step = |rest: u128, &limb: &u64| ((rest << 64) | u128::from(limb)) % u128::from(self.p);
        let size = value.limbs.iter().rev().fold(0, step) as u64;
        let size = self.times(size, self.power(2, 64 * value.offset as u64));
        if value.negative { self.minus(0, size) } else { size }
    }
}

/// P·G = L·U modulo p, for a matrix whose columns are independent modulo p.
#[derive(Debug)]
pub(super) struct Lu {
    pub(super) field: Field,
    n: usize,
    /// L below the diagonal, U on and above it; by rows.
    entries: Vec<u64>,
    inverse_pivots: Vec<u64>,
    /// The row of G that stands in each place.
    rows: Vec<usize>,
}

/// What elimination finds.
#[derive(Debug)]
pub(super) enum Elimination {
    /// All columns are independent.
    Full(Lu),
    /// The first columns that are independent of those before them, modulo p; the others depend on these.
    Deficient(Vec<usize>),
}

/// Gaussian elimination of an n×n matrix of residues, stored by rows: n³/3 products.
pub(super) fn eliminate(field: Field, n: usize, mut entries: Vec<u64>) -> Elimination {
    let mut rows: Vec<usize> = (0..n).collect();
    let (mut pivots, mut inverse_pivots) = (Vec::new(), Vec::new());
    for column in 0..n {
        let rank = pivots.len();
        let Some(found) = (rank..n).find(|&row| entries[row * n + column] != 0) else { continue };
        if found != rank {
            let (above, below) = entries.split_at_mut(found * n);
            above[rank * n..][..n].swap_with_slice(&mut below[..n]);
            rows.swap(rank, found);
        }
        let inverse = field.inverse(entries[rank * n + column]);
        let (above, below) = entries.split_at_mut((rank + 1) * n);
        let pivot_row = &above[rank * n..];
        for row in below.chunks_exact_mut(n) {
            let factor = field.times(row[column], inverse);
            row[column] = factor;
            if factor == 0 {
                continue;
            }
            let factor = field.multiplier(factor);
            for (entry, &pivot) in row[column + 1..].iter_mut().zip(&pivot_row[column + 1..]) {
                *entry = field.minus(*entry, field.multiply(factor, pivot));
            }
        }
        pivots.push(column);
        inverse_pivots.push(inverse);
    }
    if pivots.len() < n {
        return Elimination::Deficient(pivots);
    }
    Elimination::Full(Lu { field, n, entries, inverse_pivots, rows })
}

impl Lu {
    /// The solution of G·x = c modulo p.
    pub(super) fn solve(&self, c: &[u64]) -> Vec<u64> {
        let (n, field) = (self.n, self.field);
        let mut x: Vec<u64> = self.rows.iter().map(|&row| c[row]).collect();
        for i in 0..n {
            let (known, rest) = x.split_at_mut(i);
            rest[0] = field.minus(rest[0], field.dot(&self.entries[i * n..][..i], known));
        }
        for i in (0..n).rev() {
            let (rest, known) = x.split_at_mut(i + 1);
            let value = field.minus(rest[i], field.dot(&self.entries[i * n + i + 1..][..n - i - 1], known));
            rest[i] = field.times(value, self.inverse_pivots[i]);
        }
        x
    }
}

/// A vector with room for `length` residues.
pub(super) fn residues(length: usize) -> Result<Vec<u64>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| no_memory(length))?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Field = Field { p: 101 };

    #[test]
    fn primes_are_prime() {
        // 2⁶¹ − 1 is Mersenne's ninth prime, 2⁶¹ − 31 the next one down.
        let largest: Vec<u64> = primes().take(2).map(|field| (1 << 61) - field.p).collect();
        assert_eq!(largest, [1, 31]);
        let small: Vec<u64> = (0..60).filter(|&n| is_prime(n)).collect();
        assert_eq!(small, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]);
        // Strong pseudoprimes to the bases 2, 3, 5 and 7, and a square of a prime beyond the bases.
        assert!(!is_prime(3_215_031_751) && !is_prime(1_000_003 * 1_000_003) && is_prime(1_000_003));
    }

    #[test]
    fn products_are_those_of_wide_integers() {
        for field in primes().take(2).chain([SMALL]) {
            for (x, y) in [(0, 5), (field.p - 1, field.p - 1), (field.p / 2, 3), (98, 99)] {
                let expected = (u128::from(x) * u128::from(y) % u128::from(field.p)) as u64;
                assert_eq!(field.multiply(field.multiplier(x), y), expected);
                assert_eq!(field.dot(&vec![x; 200], &vec![y; 200]), field.times(expected, 200));
            }
            assert_eq!(field.times(field.inverse(7), 7), 1);
        }
    }

    #[test]
    fn residues_of_big_integers() {
        for field in primes().take(1).chain([SMALL]) {
            let p = IBig::from(field.p);
            let big = &p * (IBig::ONE << 130usize);
            for value in [IBig::ZERO, &big + IBig::from(3), &big - IBig::from(3), -&big, -IBig::from(3), IBig::from(3)]
            {
                let integers = Integers::from_slice(std::slice::from_ref(&value)).expect("memory");
                assert_eq!(field.residue_at(&integers, 0), field.residue(&value));
                assert!((&value - IBig::from(field.residue(&value))) % &p == IBig::ZERO);
            }
        }
    }

    #[test]
    fn systems_are_solved_modulo_the_prime() {
        // Needs an exchange of rows.
        let g = [0, 2, 1, 1, 1, 0, 3, 0, 100];
        let Elimination::Full(lu) = eliminate(SMALL, 3, g.to_vec()) else { panic!("its determinant is −203") };
        let x = lu.solve(&[5, 6, 7]);
        let product: Vec<u64> = g.chunks(3).map(|row| SMALL.dot(row, &x)).collect();
        assert_eq!(product, [5, 6, 7]);
    }

    #[test]
    fn dependent_columns_are_found() {
        let g = vec![0, 0, 0, 0, 1, 2, 0, 2, 4];
        assert!(matches!(eliminate(SMALL, 3, g), Elimination::Deficient(pivots) if pivots == [1]));
    }
}
