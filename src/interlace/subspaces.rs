//! Certificates: how far eigenspaces and singular subspaces turn, beside the bounds that theorems give.
//! On the floor above `factor`; must not give a bound whose conditions are not met.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayRef2, Axis, s};

use super::bound::{Bound, Perturbed, norms, over};
use super::operands::require_indices;
use crate::element::{Element, Real};
use crate::error::{Error, Result};
use crate::factor::{Eigh, EighExt, SvdExt, adjoint_multiply, multiply};

/// The two bounds of Davis and Kahan.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DavisKahan {
    /// ‖sin Θ‖_F, wherever the values lie.
    pub frobenius: Bound,
    /// ‖sin Θ‖₂, where an interval holds the values of one side and none of the other.
    pub spectral: Bound,
}

/// The decompositions of A and A + E, and the vectors that belong to the values at some positions of the descending
/// order.
struct Turned<T: Element> {
    of_a: Eigh<T>,
    of_sum: Eigh<T>,
    /// Positions in the ascending order of the decompositions.
    selected: Vec<usize>,
    others: Vec<usize>,
    /// By how much the matrices may be off.
    error: f64,
    /// c·n·ε, by how much the vectors are not orthonormal.
    relative: f64,
}

impl<T: Element> Turned<T> {
    fn new(pair: &Perturbed<T>, selected: &[usize]) -> Result<Self> {
        let n = pair.a.nrows();
        require_indices("selected eigenvalues", selected, n)?;
        let (of_a, of_sum) = (pair.a.eigh()?, pair.sum.eigh()?);
        let size = |eigh: &Eigh<T>| eigh.values.iter().fold(0.0, |size, x| f64::max(size, x.as_f64().abs()));
        let error = pair.rounding.allowance(size(&of_a) + size(&of_sum));
        let selected: Vec<usize> = selected.iter().map(|i| n - 1 - i).collect();
        let others = (0..n).filter(|i| !selected.contains(i)).collect();
        Ok(Turned { of_a, of_sum, selected, others, error, relative: pair.rounding.relative() })
    }

    /// The eigenvectors Q of A that were selected.
    fn basis(&self) -> Array2<T> {
        self.of_a.vectors.select(Axis(1), &self.selected)
    }

    /// ‖sin Θ‖₂ and ‖sin Θ‖_F of the angles between the spaces: the norms of Q̃⊥ᴴQ.
    fn sines(&self) -> Result<(f64, f64)> {
        norms(&adjoint_multiply(&self.of_sum.vectors.select(Axis(1), &self.others), &self.basis())?)
    }

    /// The values at these positions.
    fn values(eigh: &Eigh<T>, positions: &[usize]) -> Vec<f64> {
        positions.iter().map(|&i| eigh.values[i].as_f64()).collect()
    }

    /// What rounding makes of an angle, with matrices that are off and vectors that are not quite orthonormal.
    fn allowance(&self, separation: f64) -> f64 {
        over(self.error, separation) + self.relative
    }
}

/// How far the eigenvectors of a Hermitian matrix turn, by Davis and Kahan: with Q the eigenvectors of the `selected`
/// eigenvalues of A, and Θ the angles between their space and that of A + E,
///
/// ```text
/// ‖sin Θ‖_F ≤ ‖EQ‖_F/δ    δ = min |λᵢ(A) − λⱼ(A+E)| over selected i and j that are not selected,
/// ‖sin Θ‖₂ ≤ ‖EQ‖₂/δ      if one of these two sets of values lies in an interval,
///                          and the other one at least δ outside it.
/// ```
///
/// Both separations are between values of A *and* of A + E: with the gap of A alone the bounds are false, by up to a
/// factor of 2 ([`yu_wang_samworth`]). `selected` are positions from 0 in descending order, in A and in A + E. Where
/// nothing separates the values, the bound is infinite. Routine: syevd or heevd, twice; about 18n³ flops. Allowance:
/// c·n·ε((‖A‖₂ + ‖A+E‖₂)/δ + 1), and √d times that for ‖·‖_F of d vectors.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::Shape`], [`Error::NotHermitian`], [`Error::NonFinite`], [`Error::Parameter`] for
/// positions that do not exist or occur twice, and those of [`eigh`](EighExt::eigh).
///
/// # Source
/// C. Davis and W. M. Kahan, SIAM J. Numer. Anal. 7 (1970); Bhatia, Matrix Analysis, Theorems VII.3.1 and VII.3.4;
/// Stewart & Sun, Theorem V.3.4 and V.3.6.
///
/// ```
/// use lapwing::interlace::davis_kahan;
/// use ndarray::array;
///
/// let pair = davis_kahan(&array![[1.0, 0.0], [0.0, 0.0]], &array![[0.0, 0.1], [0.1, 0.0]], &[0])?;
/// assert!(pair.frobenius.holds() && pair.spectral.holds());
/// assert!(pair.spectral.bound < 0.1); // the angle is 0.0987
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn davis_kahan<T: Element>(a: &ArrayRef2<T>, e: &ArrayRef2<T>, selected: &[usize]) -> Result<DavisKahan> {
    let pair = Perturbed::of_hermitian(a, e)?;
    let turned = Turned::new(&pair, selected)?;
    let (spectral, frobenius) = turned.sines()?;
    let (of_residual, of_residual_f) = norms(&multiply(&pair.e, &turned.basis())?)?;
    let inner = Turned::values(&turned.of_a, &turned.selected);
    let outer = Turned::values(&turned.of_sum, &turned.others);
    let apart = distance(&inner, &outer);
    let frobenius = Bound {
        theorem: "Davis–Kahan, Frobenius norm",
        statement: "‖sin Θ‖_F ≤ ‖EQ‖_F/δ, δ = min |λᵢ(A) − λⱼ(A+E)|",
        measured: frobenius,
        bound: over(of_residual_f, apart),
        allowance: (selected.len() as f64).sqrt() * turned.allowance(apart),
    };
    let apart = beyond_interval(&inner, &outer).max(beyond_interval(&outer, &inner));
    let spectral = Bound {
        theorem: "Davis–Kahan, spectral norm",
        statement: "‖sin Θ‖₂ ≤ ‖EQ‖₂/δ, λᵢ(A) in an interval, λⱼ(A+E) outside it by δ, or the other way round",
        measured: spectral,
        bound: over(of_residual, apart),
        allowance: turned.allowance(apart),
    };
    Ok(DavisKahan { frobenius, spectral })
}

/// The least distance between two sets.
fn distance(x: &[f64], y: &[f64]) -> f64 {
    let to_y = |x: &f64| y.iter().map(|y| (x - y).abs()).fold(f64::INFINITY, f64::min);
    x.iter().map(to_y).fold(f64::INFINITY, f64::min)
}

/// How far all of `outside` are from the interval that `inside` spans; 0 if one is in it.
fn beyond_interval(inside: &[f64], outside: &[f64]) -> f64 {
    let least = inside.iter().copied().fold(f64::INFINITY, f64::min);
    let most = inside.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    outside.iter().map(|x| (least - x).max(x - most).max(0.0)).fold(f64::INFINITY, f64::min)
}

/// How far the eigenvectors of a Hermitian matrix turn, from its own gap: ‖sin Θ‖_F ≤ 2·min(√d‖E‖₂, ‖E‖_F)/gap, by Yu,
/// Wang and Samworth.
///
/// The eigenvalues λ at positions r, …, r + d − 1 (from 0, descending) of A and of A + E are compared; gap = min(λᵣ₋₁ −
/// λᵣ, λᵣ₊d₋₁ − λᵣ₊d) of A, infinite at an end. No value of A + E is needed, for which the price is the factor 2.
/// Routine: syevd or heevd, twice, and gesdd without vectors; about 20n³ flops. Allowance: √d·c·n·ε(2(‖A‖₂ +
/// ‖A+E‖₂)/gap + 1).
///
/// # Errors
/// As for [`davis_kahan`].
///
/// # Source
/// Y. Yu, T. Wang and R. J. Samworth, A useful variant of the Davis–Kahan theorem for statisticians, Biometrika 102
/// (2015), Theorem 2.
///
/// ```
/// use lapwing::interlace::yu_wang_samworth;
/// use ndarray::array;
///
/// // The angle has a sine of 0.67, although ‖E‖₂/gap = 0.5: without the 2 the bound would be false.
/// let pair = yu_wang_samworth(&array![[0.0, 0.0], [0.0, 1.0]], &array![[0.499, 0.01], [0.01, -0.499]], 0..1)?;
/// assert!(pair.measured > 0.67 && pair.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn yu_wang_samworth<T: Element>(a: &ArrayRef2<T>, e: &ArrayRef2<T>, range: Range<usize>) -> Result<Bound> {
    let pair = Perturbed::of_hermitian(a, e)?;
    let n = pair.a.nrows();
    if range.start > range.end || range.end > n {
        let (what, expected) = ("selected eigenvalues", "a range of the positions that there are");
        return Err(Error::Parameter { what, expected, found: format!("{range:?} of {n}") });
    }
    let selected: Vec<usize> = range.clone().collect();
    let turned = Turned::new(&pair, &selected)?;
    let value = |position: usize| turned.of_a.values[n - 1 - position].as_f64();
    let gap_at = |edge: usize| if edge == 0 || edge == n { f64::INFINITY } else { value(edge - 1) - value(edge) };
    let gap = gap_at(range.start).min(gap_at(range.end));
    let root = (selected.len() as f64).sqrt();
    let ((spectral, frobenius), (_, measured)) = (norms(&pair.e)?, turned.sines()?);
    Ok(Bound {
        theorem: "Yu–Wang–Samworth",
        statement: "‖sin Θ‖_F ≤ 2·min(√d‖E‖₂, ‖E‖_F)/gap, with the gap of A",
        measured,
        bound: over(2.0 * frobenius.min(root * spectral), gap),
        // Of no vectors there is no angle, whatever the gap.
        allowance: if selected.is_empty() { 0.0 } else { root * (over(2.0 * turned.error, gap) + turned.relative) },
    })
}

/// How far the leading singular vectors of a matrix turn, by Wedin: with U₁, V₁ to the r largest singular values of A
/// and Ũ₁, Σ̃₁, Ṽ₁ those of A + E,
///
/// ```text
/// max(‖sin Θ(U₁, Ũ₁)‖₂, ‖sin Θ(V₁, Ṽ₁)‖₂) ≤ max(‖AṼ₁ − Ũ₁Σ̃₁‖₂, ‖AᴴŨ₁ − Ṽ₁Σ̃₁‖₂)/δ,    δ = σᵣ(A+E) − σᵣ₊₁(A) > 0
/// ```
///
/// where σ beyond the last one is 0. Where δ is not positive, the bound is infinite. A and E are m×n. Routine: gesdd,
/// twice; about 12mn² + 40n³ flops for m ≥ n. Allowance: c·max(m, n)·ε((‖A‖₂ + ‖A+E‖₂)/δ + 1).
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`], [`Error::Parameter`] if r is larger than min(m, n), and those of
/// [`svd`](SvdExt::svd).
///
/// # Source
/// P.-Å. Wedin, BIT 12 (1972); Stewart & Sun, Matrix Perturbation Theory, Theorem V.4.4.
///
/// ```
/// use lapwing::interlace::wedin;
/// use ndarray::array;
///
/// let a = array![[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]];
/// let pair = wedin(&a, &array![[0.0, 0.1], [0.0, 0.0], [0.1, 0.0]], 1)?;
/// assert!(pair.holds() && pair.bound < 0.2);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn wedin<T: Element>(a: &ArrayRef2<T>, e: &ArrayRef2<T>, r: usize) -> Result<Bound> {
    let k = a.nrows().min(a.ncols());
    if r > k {
        let found = format!("{r} of {k}");
        return Err(Error::Parameter { what: "r", expected: "at most how many singular values there are", found });
    }
    let Perturbed { a, sum, rounding, .. } = Perturbed::new(a, e)?;
    let (of_a, of_sum) = (a.svd()?, sum.svd()?);
    let leading =
        |u: &Array2<T>, vh: &Array2<T>| (u.slice(s![.., ..r]).to_owned(), vh.slice(s![..r, ..]).t().mapv(|x| x.conj()));
    let ((u, v), (u_new, v_new)) = (leading(&of_a.u, &of_a.vh), leading(&of_sum.u, &of_sum.vh));
    let mut right = multiply(&a, &v_new)?;
    let mut left = adjoint_multiply(&a, &u_new)?;
    for (residual, vectors) in [(&mut right, &u_new), (&mut left, &v_new)] {
        for ((mut to, x), &sigma) in residual.columns_mut().into_iter().zip(vectors.columns()).zip(&of_sum.s) {
            to.zip_mut_with(&x, |to, x| *to -= x.mul_real(sigma));
        }
    }
    let residual = f64::max(norms(&right)?.0, norms(&left)?.0);
    let measured = f64::max(norms(&beside(&u, &u_new)?)?.0, norms(&beside(&v, &v_new)?)?.0);
    let value = |values: &Array1<T::Real>, i: usize| values.get(i).map_or(0.0, |x| x.as_f64());
    let separation = if r == 0 { f64::INFINITY } else { value(&of_sum.s, r - 1) - value(&of_a.s, r) };
    let error = rounding.allowance(value(&of_a.s, 0) + value(&of_sum.s, 0));
    Ok(Bound {
        theorem: "Wedin",
        statement: "max(‖sin Θ_U‖₂, ‖sin Θ_V‖₂) ≤ max(‖AṼ₁ − Ũ₁Σ̃₁‖₂, ‖AᴴŨ₁ − Ṽ₁Σ̃₁‖₂)/δ, δ = σᵣ(A+E) − σᵣ₊₁(A)",
        measured,
        bound: over(residual, separation),
        allowance: over(error, separation) + rounding.relative(),
    })
}

/// (I − QQᴴ)·X, what of X is not in the space of Q.
fn beside<T: Element>(q: &Array2<T>, x: &Array2<T>) -> Result<Array2<T>> {
    Ok(x - &multiply(q, &adjoint_multiply(q, x)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separations_of_sets_and_intervals() {
        let (inner, around) = ([1.0, 3.0], [-1.0, 3.5]);
        assert_eq!((distance(&inner, &around), beyond_interval(&inner, &around)), (0.5, 0.5));
        // 2 is between 1 and 3, and 1 apart from each.
        assert_eq!((distance(&inner, &[2.0]), beyond_interval(&inner, &[2.0])), (1.0, 0.0));
        assert_eq!(beyond_interval(&[2.0], &inner), 1.0);
        assert_eq!((distance(&[], &inner), beyond_interval(&[], &inner)), (f64::INFINITY, f64::INFINITY));
        assert_eq!((over(0.0, 0.0), over(0.0, f64::INFINITY)), (f64::INFINITY, 0.0));
    }
}
