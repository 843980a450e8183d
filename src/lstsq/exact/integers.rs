//! Exact least squares: many big integers in one piece of memory, and sums of their products.
//!
//! On the floor of `lstsq`. The inner loops of the Gram matrix and of the lifting; each number is a sign and its limbs of
//! 64 bits without zeros at either end. Must not allocate per product.

use dashu_int::ops::UnsignedAbs;
use dashu_int::{IBig, Sign, UBig};

use crate::error::{Error, Result};

/// A list of big integers.
#[derive(Debug, Default)]
pub(super) struct Integers {
    limbs: Vec<u64>,
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    offset: usize,
    negative: bool,
}

/// ± Σ limbs[i]·2^(64(i + offset)).
#[derive(Debug, Clone, Copy)]
pub(super) struct Integer<'a> {
    pub(super) limbs: &'a [u64],
    pub(super) offset: usize,
    pub(super) negative: bool,
}

impl Integers {
    /// The numbers of a list.
    pub(super) fn from_slice(values: &[IBig]) -> Result<Self> {
        let mut integers = Integers::default();
        values.iter().try_for_each(|value| integers.push(value))?;
        Ok(integers)
    }

    /// Appends a number.
    pub(super) fn push(&mut self, value: &IBig) -> Result<()> {
        let bytes = value.unsigned_abs().to_le_bytes();
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let offset = if zeros == bytes.len() { 0 } else { zeros / 8 };
        let limbs = if zeros == bytes.len() { &[][..] } else { &bytes[8 * offset..] };
        let start = self.limbs.len();
        let room = limbs.len().div_ceil(8);
        self.limbs.try_reserve(room).map_err(|_| no_memory(start + room))?;
        self.spans.try_reserve(1).map_err(|_| no_memory(self.spans.len() + 1))?;
        for chunk in limbs.chunks(8) {
            let mut limb = [0; 8];
            limb[..chunk.len()].copy_from_slice(chunk);
            self.limbs.push(u64::from_le_bytes(limb));
        }
        let negative = *value < IBig::ZERO;
        self.spans.push(Span { start, end: self.limbs.len(), offset, negative });
        Ok(())
    }

    /// The number at this index.
    pub(super) fn get(&self, index: usize) -> Integer<'_> {
        let Span { start, end, offset, negative } = self.spans[index];
        Integer { limbs: &self.limbs[start..end], offset, negative }
    }

    /// The limbs of the numbers in a range.
    pub(super) fn limbs_of(&self, range: std::ops::Range<usize>) -> usize {
        self.spans[range].iter().map(|span| span.end - span.start).sum()
    }
}

/// The error where memory for so many limbs cannot be had.
pub(super) fn no_memory(limbs: usize) -> Error {
    let limit = isize::MAX as u128;
    Error::TooLarge { what: "the integers of the exact solution", needed: 8 * limbs as u128, limit }
}

impl<'a> Integer<'a> {
    /// A number of one limb.
    pub(super) fn small(limb: &'a u64) -> Self {
        Integer { limbs: std::slice::from_ref(limb), offset: 0, negative: false }
    }

    /// The same number on its own.
    pub(super) fn to_big(self) -> IBig {
        let sign = if self.negative { Sign::Negative } else { Sign::Positive };
        IBig::from_parts(sign, big(self.limbs) << (64 * self.offset))
    }

    /// The length of its magnitude.
    pub(super) fn bits(self) -> usize {
        let high = self.limbs.last().map_or(0, |limb| limb.leading_zeros() as usize);
        if self.limbs.is_empty() { 0 } else { 64 * (self.offset + self.limbs.len()) - high }
    }
}

/// A sum of products, collected by sign.
#[derive(Debug, Default)]
pub(super) struct Sum {
    positive: Vec<u64>,
    negative: Vec<u64>,
}

impl Sum {
    /// Adds x·y.
    pub(super) fn add_product(&mut self, x: Integer<'_>, y: Integer<'_>) {
        let (long, short) = if x.limbs.len() < y.limbs.len() { (y.limbs, x.limbs) } else { (x.limbs, y.limbs) };
        let start = x.offset + y.offset;
        let sum = if x.negative == y.negative { &mut self.positive } else { &mut self.negative };
        // The sum of fewer than 2⁶⁴ products needs one limb more than a product.
        let needed = start + long.len() + short.len() + 1;
        if sum.len() < needed {
            sum.resize(needed, 0);
        }
        for (i, &factor) in short.iter().enumerate() {
            let (head, tail) = sum[start + i..].split_at_mut(long.len());
            let mut carry = 0;
            for (limb, &digit) in head.iter_mut().zip(long) {
                let wide = u128::from(factor) * u128::from(digit) + u128::from(*limb) + u128::from(carry);
                *limb = wide as u64;
                carry = (wide >> 64) as u64;
            }
            add_carry(tail, carry);
        }
    }

    /// The sum; the next one begins at 0.
    pub(super) fn take(&mut self) -> IBig {
        IBig::from(taken(&mut self.positive)) - IBig::from(taken(&mut self.negative))
    }
}

fn add_carry(limbs: &mut [u64], mut carry: u64) {
    for limb in limbs {
        if carry == 0 {
            break;
        }
        let (sum, overflow) = limb.overflowing_add(carry);
        *limb = sum;
        carry = u64::from(overflow);
    }
}

fn taken(limbs: &mut [u64]) -> UBig {
    let length = limbs.iter().rposition(|&limb| limb != 0).map_or(0, |last| last + 1);
    let value = big(&limbs[..length]);
    limbs[..length].fill(0);
    value
}

/// The number with these limbs.
fn big(limbs: &[u64]) -> UBig {
    match *limbs {
        [] => UBig::ZERO,
        [low] => UBig::from(low),
        [low, high] => UBig::from(u128::from(low) | u128::from(high) << 64),
        _ => UBig::from_le_bytes(&limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(text: &str) -> IBig {
        IBig::from_str_radix(text, 10).expect("digits")
    }

    #[test]
    fn sums_of_products_are_those_of_the_big_numbers() {
        let power = |e: usize| IBig::ONE << e;
        let values = [
            IBig::ZERO,
            IBig::ONE,
            -power(64),
            power(64) - IBig::ONE,
            power(200),
            -power(200) + IBig::from(7),
            -power(640),
            integer("-123456789012345678901234567890123456789012345678901234567890"),
        ];
        let integers = Integers::from_slice(&values).expect("memory");
        let mut sum = Sum::default();
        let mut expected = IBig::ZERO;
        for (i, x) in values.iter().enumerate() {
            for (j, y) in values.iter().enumerate() {
                sum.add_product(integers.get(i), integers.get(j));
                expected += x * y;
            }
            sum.add_product(integers.get(i), Integer::small(&12345));
            expected += x * IBig::from(12345);
        }
        assert_eq!(sum.take(), expected);
        assert_eq!(sum.take(), IBig::ZERO);
    }

    #[test]
    fn carries_run_to_the_end() {
        let ones = (IBig::ONE << 192usize) - IBig::ONE;
        let integers = Integers::from_slice(&[ones.clone(), IBig::ONE]).expect("memory");
        let mut sum = Sum::default();
        sum.add_product(integers.get(0), integers.get(1));
        sum.add_product(integers.get(1), integers.get(1));
        assert_eq!(sum.take(), &ones + IBig::ONE);
        for _ in 0..100 {
            sum.add_product(integers.get(0), integers.get(0));
        }
        assert_eq!(sum.take(), &ones * &ones * IBig::from(100));
    }
}
