//! What a matrix of low rank saves: storage and flops of its two factors, beside those of all its entries.
//! Stands apart: integer arithmetic alone. Must not let a number leave the range of `u64` unseen.

use crate::error::{Error, Result};

/// A = BC of rank r, B m×r and C r×n, beside the m·n entries of A.
///
/// ```
/// use lapwing::params::LowRank;
///
/// let form = LowRank::new(1000, 500, 20)?;
/// assert_eq!((form.storage(), form.dense_storage()), (30_000, 500_000));
/// assert_eq!((form.flops(), form.dense_flops()), (60_000, 1_000_000));
/// // Rank 333 still saves something, rank 334 does not.
/// assert_eq!(form.break_even_rank(), 333);
/// # Ok::<(), lapwing::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowRank {
    rows: u64,
    cols: u64,
    rank: u64,
}

impl LowRank {
    /// The two factors of an m×n matrix of rank r.
    ///
    /// # Errors
    /// [`Error::RankTooLarge`] if the rank exceeds rows or columns, [`Error::TooLarge`] where flops exceed the range of `u64`.
    pub const fn new(rows: usize, cols: usize, rank: usize) -> Result<LowRank> {
        let most = if rows < cols { rows } else { cols };
        if rank > most {
            return Err(Error::RankTooLarge { rank, most });
        }
        // No other number here is larger: the two factors, with the sum of the products, need at most twice as many flops as m·n entries.
        let needed = (rows as u128 * cols as u128).saturating_mul(8);
        if needed > u64::MAX as u128 {
            return Err(Error::TooLarge { what: "a count of flops", needed, limit: u64::MAX as u128 });
        }
        Ok(LowRank { rows: rows as u64, cols: cols as u64, rank: rank as u64 })
    }

    /// Numbers in the two factors: (m + n)·r. It is more than the (m + n − r)·r parameters of A, since a change of basis between
    /// the factors leaves the product as it is.
    pub const fn storage(&self) -> u64 {
        (self.rows + self.cols) * self.rank
    }

    /// Entries of A: m·n.
    pub const fn dense_storage(&self) -> u64 {
        self.rows * self.cols
    }

    /// Flops of B·(C·x): 2(m + n)·r.
    pub const fn flops(&self) -> u64 {
        2 * self.storage()
    }

    /// Flops of A·x: 2mn.
    pub const fn dense_flops(&self) -> u64 {
        2 * self.dense_storage()
    }

    /// The largest rank whose factors need less storage, and fewer flops, than A: (m + n)·r < m·n.
    pub const fn break_even_rank(&self) -> u64 {
        match (self.dense_storage().saturating_sub(1)).checked_div(self.rows + self.cols) {
            Some(rank) => rank,
            None => 0,
        }
    }
}

/// W + BC: a weight matrix that is held fixed, and an update of rank r that is trained.
///
/// ```
/// use lapwing::params::{LowRank, WeightUpdate};
///
/// let update = WeightUpdate::of(LowRank::new(4096, 4096, 8)?);
/// assert_eq!(update.trained(), 65_536);
/// assert_eq!(update.trained_in_full(), 16_777_216);
/// // Until the update is added to W, a product with a vector takes both.
/// assert_eq!(update.flops() - update.merged_flops(), 2 * 65_536 + 4096);
/// # Ok::<(), lapwing::Error>(())
/// ```
///
/// Source: Hu et al., *LoRA: Low-rank adaptation of large language models*, ICLR 2022, §4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightUpdate {
    form: LowRank,
}

impl WeightUpdate {
    /// An update of this form.
    pub const fn of(form: LowRank) -> WeightUpdate {
        WeightUpdate { form }
    }

    /// Numbers that are trained: (m + n)·r.
    pub const fn trained(&self) -> u64 {
        self.form.storage()
    }

    /// Numbers that are trained without the restriction to rank r: m·n.
    pub const fn trained_in_full(&self) -> u64 {
        self.form.dense_storage()
    }

    /// Numbers that are stored: W and the two factors.
    pub const fn storage(&self) -> u64 {
        self.form.dense_storage() + self.form.storage()
    }

    /// Flops of W·x + B·(C·x): 2mn + 2(m + n)·r + m.
    pub const fn flops(&self) -> u64 {
        self.form.dense_flops() + self.form.flops() + self.form.rows
    }

    /// Flops of (W + BC)·x once the update has been added: 2mn.
    pub const fn merged_flops(&self) -> u64 {
        self.form.dense_flops()
    }

    /// Flops of that addition, once: 2mnr.
    pub const fn merging_flops(&self) -> u128 {
        2 * self.form.dense_storage() as u128 * self.form.rank as u128
    }

    /// The largest rank that trains fewer numbers than the whole matrix has.
    pub const fn break_even_rank(&self) -> u64 {
        self.form.break_even_rank()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_break_even_rank_is_the_last_that_saves() {
        for (m, n) in (1..40).flat_map(|m| (1..40).map(move |n| (m, n))) {
            let saves = |r: usize| (m + n) * r < m * n;
            let last = LowRank::new(m, n, 0).unwrap().break_even_rank() as usize;
            assert!(saves(last) || last == 0, "{m}×{n}");
            assert!(!saves(last + 1), "{m}×{n}");
        }
    }

    #[test]
    fn empty_and_enormous_matrices_have_answers_or_errors() {
        let empty = LowRank::new(0, 0, 0).unwrap();
        assert_eq!((empty.storage(), empty.dense_flops(), empty.break_even_rank()), (0, 0, 0));
        assert_eq!(LowRank::new(3, 2, 3), Err(Error::RankTooLarge { rank: 3, most: 2 }));
        assert!(matches!(LowRank::new(usize::MAX, 2, 1), Err(Error::TooLarge { .. })));
        assert!(matches!(LowRank::new(usize::MAX, usize::MAX, 1), Err(Error::TooLarge { .. })));
        let largest = WeightUpdate::of(LowRank::new((1 << 61) - 1, 1, 1).unwrap());
        assert_eq!(u128::from(largest.flops()), 2 * ((1 << 61) - 1) + 2 * (1 << 61) + ((1 << 61) - 1));
    }
}
