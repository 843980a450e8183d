//! Plain facts: numbers as unevaluated sums of up to three doubles, and products accumulated in them.
//! Must not scale: the caller sees to it that products neither overflow nor come near underflow.
//!
//! A sum in K words is rounded as if it had been accumulated in K times the precision of a double: T. Ogita, S. M. Rump
//! and S. Oishi, Accurate sum and dot product, SIAM J. Sci. Comput. 26 (2005), Algorithms 5.3 (K = 2) and 5.10. Numbers go in
//! lanes, so that the compiler can keep them in vector registers.

/// How many numbers are worked on side by side.
pub(crate) const LANES: usize = 4;

/// Numbers side by side.
pub(crate) type Lanes = [f64; LANES];

/// Numbers side by side, each the sum of three words of descending size. Arithmetic in K words leaves the others alone.
pub(crate) type Words = [Lanes; 3];

fn lanes(entry: impl FnMut(usize) -> f64) -> Lanes {
    std::array::from_fn(entry)
}

/// The rounded sum and its error (Knuth).
#[inline(always)]
fn two_sum(a: Lanes, b: Lanes) -> (Lanes, Lanes) {
    let sum = lanes(|i| a[i] + b[i]);
    let of_b = lanes(|i| sum[i] - a[i]);
    (sum, lanes(|i| (a[i] - (sum[i] - of_b[i])) + (b[i] - of_b[i])))
}

/// The rounded product and its error: by a fused multiply-add where the target is known to have one, since the library's
/// stand-in for a missing one is a hundred times slower than T. J. Dekker's splitting (Numer. Math. 18 (1971)).
#[inline(always)]
fn two_product(a: Lanes, b: Lanes) -> (Lanes, Lanes) {
    let product = lanes(|i| a[i] * b[i]);
    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
        return (product, lanes(|i| a[i].mul_add(b[i], -product[i])));
    }
    let ((ah, al), (bh, bl)) = (split(a), split(b));
    let error = |i: usize| ((ah[i] * bh[i] - product[i]) + ah[i] * bl[i] + al[i] * bh[i]) + al[i] * bl[i];
    (product, lanes(error))
}

/// Two halves of 26 bits each (Veltkamp).
#[inline(always)]
fn split(a: Lanes) -> (Lanes, Lanes) {
    const FACTOR: f64 = 134_217_729.0;
    let scaled = lanes(|i| FACTOR * a[i]);
    let high = lanes(|i| scaled[i] - (scaled[i] - a[i]));
    (high, lanes(|i| a[i] - high[i]))
}

/// Adds a term to the words from the `first` on.
#[inline(always)]
pub(crate) fn add<const K: usize>(sum: &mut Words, first: usize, mut term: Lanes) {
    for word in &mut sum[first..K - 1] {
        (*word, term) = two_sum(*word, term);
    }
    sum[K - 1] = lanes(|i| sum[K - 1][i] + term[i]);
}

/// sum ← sum + a·x.
#[inline(always)]
pub(crate) fn add_product<const K: usize>(sum: &mut Words, a: Lanes, x: &Words) {
    for (place, &word) in x[..K - 1].iter().enumerate() {
        let (product, error) = two_product(a, word);
        add::<K>(sum, place, product);
        add::<K>(sum, place + 1, error);
    }
    add::<K>(sum, K - 1, lanes(|i| a[i] * x[K - 1][i]));
}

/// The same numbers with each word the rounded sum of itself and those below.
#[inline(always)]
pub(crate) fn settle(sum: &mut Words) {
    let (second, third) = two_sum(sum[1], sum[2]);
    let (first, second) = two_sum(sum[0], second);
    let (second, third) = two_sum(second, third);
    *sum = [first, second, third];
}

/// Numbers that are equal in all lanes.
pub(crate) fn broadcast(words: [f64; 3]) -> Words {
    words.map(|word| [word; LANES])
}

/// The sum over all lanes, in all lanes.
pub(crate) fn total<const K: usize>(sum: &Words) -> Words {
    let mut total = broadcast([0.0; 3]);
    for lane in 0..LANES {
        for (first, word) in sum.iter().enumerate().take(K) {
            add::<K>(&mut total, first, [word[lane]; LANES]);
        }
    }
    settle(&mut total);
    total
}

/// The rounded number in one lane of settled words.
pub(crate) fn rounded(words: &Words, lane: usize) -> f64 {
    words[0][lane] + words[1][lane]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(exponent: i32) -> f64 {
        2f64.powi(exponent)
    }

    /// Σ a·x over pairs, in K words.
    fn inner<const K: usize>(terms: &[(f64, [f64; 3])]) -> [f64; 3] {
        let mut sum = broadcast([0.0; 3]);
        for &(a, x) in terms {
            add_product::<K>(&mut sum, [a; LANES], &broadcast(x));
        }
        settle(&mut sum);
        sum.map(|word| word[LANES - 1])
    }

    #[test]
    fn each_word_adds_as_many_bits() {
        // (1 + 2⁻³⁰)² − 1 − 2⁻²⁹ = 2⁻⁶⁰, which rounding to 53 bits makes 0.
        let x = 1.0 + power(-30);
        let terms = [(x, [x, 0.0, 0.0]), (-1.0, [1.0 + power(-29), 0.0, 0.0])];
        assert_eq!(inner::<1>(&terms), [0.0; 3]);
        assert_eq!(inner::<2>(&terms), [power(-60), 0.0, 0.0]);
        assert_eq!(inner::<3>(&terms), [power(-60), 0.0, 0.0]);
        // 1 + 2⁻⁶⁰ + 2⁻¹²⁰ − 1 − 2⁻⁶⁰, beyond two words.
        let terms = [(1.0, [1.0, power(-60), 0.0]), (power(-120), [1.0, 0.0, 0.0]), (-1.0, [1.0, power(-60), 0.0])];
        assert_eq!(inner::<2>(&terms), [0.0; 3]);
        assert_eq!(inner::<3>(&terms), [power(-120), 0.0, 0.0]);
    }

    #[test]
    fn what_is_rounded_away_is_kept() {
        let terms = [(3.0, [1.0, power(-60), power(-120)])];
        assert_eq!(inner::<3>(&terms), [3.0, 3.0 * power(-60), 3.0 * power(-120)]);
        // The error of 0.1·0.3 by integers: 0.1 = m·2⁻⁵⁶ and 0.3 = n·2⁻⁵⁴.
        let integer = |x: f64, shift: i32| (x * power(shift)) as i128;
        let [high, low, _] = inner::<2>(&[(0.1, [0.3, 0.0, 0.0])]);
        assert_eq!(high, 0.1 * 0.3);
        let exact = integer(0.1, 56) * integer(0.3, 54);
        assert_eq!(integer(high, 110) + integer(low, 110), exact);
    }

    #[test]
    fn lanes_do_not_mix_until_they_are_added() {
        let mut sum = broadcast([0.0; 3]);
        add_product::<2>(&mut sum, [1.0, 2.0, 3.0, power(-70)], &broadcast([1.0, 0.0, 0.0]));
        assert_eq!((rounded(&sum, 1), rounded(&sum, 3)), (2.0, power(-70)));
        assert_eq!(total::<2>(&sum), broadcast([6.0, power(-70), 0.0]));
    }
}
