//! Counting: how many free parameters each factor has, in symbols and in numbers.
//! Stands apart: integer arithmetic alone. Must not know which factors make a factorization.

use std::fmt;

use crate::error::{Error, Result};

/// What the entries of a matrix are. Parameters are counted as real numbers either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Field {
    /// Real numbers.
    #[default]
    Real,
    /// Complex numbers, of two parameters each.
    Complex,
}

/// A dimension, with the letter that stands for it in formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) letter: char,
    pub(super) size: usize,
}

/// What is free in a factor of a rows and r ≤ a columns, or in the transpose of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What is below the diagonal of the first r rows, and in the others: unit triangular factors, and vectors that are
    /// orthonormal and taken up to their signs or phases.
    Strict,
    /// That and the diagonal: triangular factors.
    Triangle,
    /// That, with a diagonal that is real: triangular factors with a positive diagonal, symmetric and Hermitian matrices of rank r.
    RealDiagonal,
    /// Orthonormal vectors: the sign of a real one is not free to change continuously, the phase of a complex one is.
    Orthonormal,
    /// A diagonal.
    Diagonal,
    /// A diagonal of real numbers, such as eigenvalues of Hermitian matrices and singular values.
    RealValues,
    /// Independent vectors up to scale.
    UpToScale,
    /// Vectors whose products with r given ones are those of a dual basis.
    Dual,
    /// Matrices of rank r of which `a` is one side and this is the other.
    Whole(Side),
}

/// The number of free parameters of one factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Free {
    pub(super) form: Form,
    pub(super) field: Field,
    /// The longer side.
    pub(super) a: Side,
    /// The shorter one, the rank.
    pub(super) r: Side,
}

/// What [`Free`] counts are multiples of: the formulas in a·r and r that there are.
enum Polynomial {
    /// c·(a·r − r(r + 1)/2).
    LessTriangle(u128),
    /// c·(a·r − r(r − 1)/2).
    LessStrictTriangle(u128),
    /// 2a·r − r².
    LessSquare,
    /// c·r.
    Linear(u128),
    /// c·(a − 1)·r.
    LessOne(u128),
    /// c·(a − r)·r.
    LessRank(u128),
    /// c·(a + b − r)·r.
    Sum(u128, Side),
}

impl Free {
    const fn polynomial(self) -> Polynomial {
        let c = match self.field {
            Field::Real => 1,
            Field::Complex => 2,
        };
        match (self.form, self.field) {
            (Form::Strict, _) | (Form::Orthonormal, Field::Real) => Polynomial::LessTriangle(c),
            (Form::Triangle, _) | (Form::RealDiagonal, Field::Real) => Polynomial::LessStrictTriangle(c),
            (Form::Orthonormal | Form::RealDiagonal, Field::Complex) => Polynomial::LessSquare,
            (Form::Diagonal, _) => Polynomial::Linear(c),
            (Form::RealValues, _) => Polynomial::Linear(1),
            (Form::UpToScale, _) => Polynomial::LessOne(c),
            (Form::Dual, _) => Polynomial::LessRank(c),
            (Form::Whole(b), _) => Polynomial::Sum(c, b),
        }
    }

    /// The side that is shorter than the rank, if one is.
    const fn less_than_rank(self) -> Option<usize> {
        let most = match self.form {
            Form::Whole(b) if b.size < self.a.size => b.size,
            _ => self.a.size,
        };
        if self.r.size > most { Some(most) } else { None }
    }

    /// The number; more than `u64::MAX` where that is exceeded.
    pub(super) const fn count(self) -> u128 {
        let (a, r) = (self.a.size as u128, self.r.size as u128);
        // Products of two sizes of 64 bits are exact, and so are their differences, since r ≤ a.
        match self.polynomial() {
            Polynomial::LessTriangle(c) => c.saturating_mul(a * r - (r * r + r) / 2),
            Polynomial::LessStrictTriangle(c) => c.saturating_mul(a * r - (r * r - r) / 2),
            Polynomial::LessSquare => (a * r).saturating_add((a - r) * r),
            Polynomial::Linear(c) => c.saturating_mul(r),
            Polynomial::LessOne(c) => c.saturating_mul(a.saturating_sub(1) * r),
            Polynomial::LessRank(c) => c.saturating_mul((a - r) * r),
            Polynomial::Sum(c, b) => c.saturating_mul((a * r).saturating_add((b.size as u128 - r) * r)),
        }
    }
}

/// The formula; a square factor has one of its own.
impl fmt::Display for Free {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, r) = (self.a.letter, self.r.letter);
        // As one writes them: mn, also where n is the longer side.
        let (first, second) = if a < r { (a, r) } else { (r, a) };
        let times = |c| if c == 1 { "" } else { "2" };
        let half = |c| if c == 1 { "/2" } else { "" };
        let is_square = a == r;
        match self.polynomial() {
            Polynomial::LessTriangle(c) if is_square => write!(f, "{r}({r}−1){}", half(c)),
            Polynomial::LessTriangle(c) => write!(f, "{}{first}{second} − {r}({r}+1){}", times(c), half(c)),
            Polynomial::LessStrictTriangle(c) if is_square => write!(f, "{r}({r}+1){}", half(c)),
            Polynomial::LessStrictTriangle(c) => write!(f, "{}{first}{second} − {r}({r}−1){}", times(c), half(c)),
            Polynomial::LessSquare if is_square => write!(f, "{r}²"),
            Polynomial::LessSquare => write!(f, "2{first}{second} − {r}²"),
            Polynomial::Linear(c) => write!(f, "{}{r}", times(c)),
            Polynomial::LessOne(c) if is_square => write!(f, "{}{r}({r}−1)", times(c)),
            Polynomial::LessOne(c) => write!(f, "{}({a}−1){r}", times(c)),
            Polynomial::LessRank(c) => write!(f, "{}({a}−{r}){r}", times(c)),
            Polynomial::Sum(c, b) if is_square && b.letter == r => write!(f, "{}{r}²", times(c)),
            Polynomial::Sum(c, b) if is_square || b.letter == r => write!(f, "{}{a}{}", times(c), b.letter),
            Polynomial::Sum(c, b) if a == b.letter => write!(f, "{}(2{a} − {r}){r}", times(c)),
            Polynomial::Sum(c, b) => write!(f, "{}({a} + {} − {r}){r}", times(c), b.letter),
        }
    }
}

/// One factor of a [`Count`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    factor: &'static str,
    free: Free,
}

impl Part {
    /// The factor, such as `U`.
    pub const fn factor(&self) -> &'static str {
        self.factor
    }

    /// Its number of free parameters in symbols, such as `mr − r(r+1)/2`.
    pub fn formula(&self) -> String {
        self.free.to_string()
    }

    /// Its number of free parameters.
    pub const fn count(&self) -> u64 {
        // A count is made only if the sum of its parts is within the range.
        self.free.count() as u64
    }
}

/// Free parameters, factor by factor. It prints as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    parts: [Option<Part>; Count::MOST],
    set: Free,
    total: u64,
}

impl Count {
    const MOST: usize = 3;

    /// The count of `set`, itemised by its factors.
    pub(super) const fn new(set: Free, factors: &[(&'static str, Free)]) -> Result<Count> {
        if let Some(most) = set.less_than_rank() {
            return Err(Error::RankTooLarge { rank: set.r.size, most });
        }
        let mut parts = [None; Count::MOST];
        let (mut total, mut i) = (0_u128, 0);
        while i < factors.len() {
            let (factor, free) = factors[i];
            parts[i] = Some(Part { factor, free });
            total = total.saturating_add(free.count());
            i += 1;
        }
        if total > u64::MAX as u128 {
            return Err(Error::TooLarge { what: "a count of parameters", needed: total, limit: u64::MAX as u128 });
        }
        Ok(Count { parts, set, total: total as u64 })
    }

    /// All free parameters: the sum of the parts.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The total in symbols: the dimension of the set of matrices that are factored.
    pub fn formula(&self) -> String {
        self.set.to_string()
    }

    /// That dimension by itself, which the sum of the parts has to equal.
    #[cfg(test)]
    pub(super) const fn dimension(&self) -> u128 {
        self.set.count()
    }

    /// The factors, from left to right.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().flatten()
    }
}

/// A table: factor, formula, number.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts().map(|part| (part.factor, part.formula(), part.count()));
        let lines: Vec<_> = parts.chain([("total", self.formula(), self.total)]).collect();
        let formulas = lines.iter().map(|line| line.1.chars().count()).max().unwrap_or(0);
        let counts = lines.iter().map(|line| line.2.to_string().len()).max().unwrap_or(0);
        lines
            .iter()
            .try_for_each(|(name, formula, count)| writeln!(f, "{name:<5}   {formula:<formulas$}   {count:>counts$}"))
    }
}
