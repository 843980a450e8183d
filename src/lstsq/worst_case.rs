//! Products A·x: the x for which a change of it is magnified most.
//! On the floor above `factor`; must not name a routine.

use ndarray::{Array1, ArrayRef2};
use num_traits::{Float, One};

use crate::element::{Element, Real};
use crate::error::{Error, Result, require_tall};
use crate::factor::{SvdExt, check_svd_size, checked_rcond, count_above};
use crate::pack;

/// A vector, and a change of it that is magnified by κ₂(A).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WorstCase<T: Element> {
    /// vₙ, the right singular vector of the smallest singular value: of length 1, and of all such the one with the shortest A·x.
    pub x: Array1<T>,
    /// A multiple of v₁, the change that A makes the most of. Its length is 1/κ₂(A), with which A·x changes by as much as its
    /// own length, or √ε, where 1/κ₂(A) is less than that, so that x + d has digits of it.
    pub d: Array1<T>,
    /// (‖A(x + d) − A·x‖₂/‖A·x‖₂)/(‖d‖₂/‖x‖₂), which is κ₂(A) = σ₁/σₙ.
    pub amplification: T::Real,
}

/// The x and the change d of it for which (‖A(x + d) − A·x‖₂/‖A·x‖₂)/(‖d‖₂/‖x‖₂) is as large as it can be: κ₂(A).
///
/// A is m×n with m ≥ n and of full column rank.
///
/// Routine: gesdd; about 6mn² + 20n³ flops (Trefethen & Bau, Numerical Linear Algebra, Lecture 12).
///
/// # Errors
/// [`Error::Shape`] for m < n, where A·x = 0 for an x that is not; [`Error::Empty`]; [`Error::RankDeficient`] where σₙ is
/// below max(m, n)·ε·σ₁; [`Error::NonFinite`], [`Error::NoConvergence`], [`Error::Overflow`], [`Error::TooLarge`].
///
/// ```
/// use lapwing::lstsq::worst_case;
/// use ndarray::array;
///
/// let c = std::f64::consts::FRAC_1_SQRT_2;
/// let a = array![[c, c], [c, c + 1e-6]];
/// let worst = worst_case(&a)?;
/// assert!((2.8e6..2.9e6).contains(&worst.amplification));
///
/// // A relative change of 3.5e-7 in x is one of 100 % in A·x.
/// let norm = |x: &ndarray::Array1<f64>| x.dot(x).sqrt();
/// let (before, after) = (a.dot(&worst.x), a.dot(&(&worst.x + &worst.d)));
/// let amplification = norm(&(&after - &before)) / norm(&before) / (norm(&worst.d) / norm(&worst.x));
/// approx::assert_relative_eq!(amplification, worst.amplification, max_relative = 1e-8);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn worst_case<T: Element>(a: &ArrayRef2<T>) -> Result<WorstCase<T>> {
    require_tall("the worst case of a product", a.dim())?;
    let (m, n) = a.dim();
    if n == 0 {
        return Err(Error::Empty { what: "the worst case of a product" });
    }
    check_svd_size(a)?;
    // σ₁/σₙ does not depend on a power of two, but its digits do where σₙ is subnormal.
    let svd = pack::moderated(a)?.0.svd()?;
    let rank = count_above(&svd.s, checked_rcond(None, (m, n))?);
    if rank < n {
        return Err(Error::RankDeficient { rank, needed: n });
    }
    let amplification = svd.s[0] / svd.s[n - 1];
    let size = Float::max(T::Real::one() / amplification, Float::sqrt(T::Real::EPS));
    let vector = |i: usize| svd.vh.row(i).mapv(|v| v.conj());
    Ok(WorstCase { x: vector(n - 1), d: vector(0).mapv(|v| v.mul_real(size)), amplification })
}
