//! Derivatives: the pseudoinverse, among matrices of the same rank.
//! On the floor above `factor`; must not factor anything.

use ndarray::{Array2, ArrayRef2, ArrayView2};
use num_traits::Float;

use super::Differentiable;
use super::operands::check;
use super::scaled::Scaled;
use super::ties::is_noise;
use crate::element::Element;
use crate::error::{Error, Result};
use crate::factor::{Pinv, multiply, residual};
use crate::pack::{self, Part};

/// A⁺, as a function of A at a certain A of a certain rank. See [`pseudoinverse`].
#[derive(Debug, Clone)]
pub struct Pseudoinverse<'a, T: Element> {
    a: ArrayView2<'a, T>,
    pinv: &'a Pinv<T>,
}

/// The pseudoinverse A⁺, n×m, of the m×n matrix `a`, at hand as `pinv`, with its derivative among matrices of the same rank.
///
/// ```text
/// dA⁺ = −A⁺dA·A⁺ + A⁺A⁺ᴴdAᴴ(I − AA⁺) + (I − A⁺A)dAᴴA⁺ᴴA⁺
/// Ā = −A⁺ᴴX̄·A⁺ᴴ + (I − AA⁺)X̄ᴴA⁺A⁺ᴴ + A⁺ᴴA⁺X̄ᴴ(I − A⁺A)    for X̄, the gradient with respect to A⁺
/// ```
///
/// Condition: the rank is that of `pinv`, to its tolerance. At full rank every direction has a derivative. At a deficient one A⁺ is
/// continuous only along directions that keep the rank to first order, (I − AA⁺)·dA·(I − A⁺A) = 0; of any other one `jvp` is
/// [`Error::RankDeficient`]. `vjp` then gives the gradient along the directions that keep the rank: it is one of them itself. Gauge: A⁺ is
/// unique.
///
/// Flops for m ≥ n: 20mn² for each derivative, and 8mn² more in `jvp` for the condition where the rank is deficient.
///
/// # Errors
/// [`Error::Shape`] where `pinv` has not the shape of `a`'s pseudoinverse, [`Error::NonFinite`].
///
/// # Source
/// G. H. Golub and V. Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
/// separate, SIAM J. Numer. Anal. 10 (1973), Theorem 4.3.
///
/// ```
/// use lapwing::deriv::{Differentiable, pseudoinverse};
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // (1, t)⁺ = (1, t)ᵀ/(1 + t²), at t = 0.
/// let a = array![[1.0, 0.0]];
/// let pinv = a.pinv(None)?;
/// assert_eq!(pseudoinverse(&a, &pinv)?.jvp(&array![[0.0, 1.0]])?, array![[0.0], [1.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn pseudoinverse<'a, T: Element>(a: &'a ArrayRef2<T>, pinv: &'a Pinv<T>) -> Result<Pseudoinverse<'a, T>> {
    pack::check_finite(a, Part::All)?;
    check("the pseudoinverse", &pinv.matrix, (a.ncols(), a.nrows()))?;
    Ok(Pseudoinverse { a: a.view(), pinv })
}

impl<T: Element> Pseudoinverse<'_, T> {
    /// (I − AA⁺)·B, by the smaller of the products in its middle.
    fn beyond_range(&self, b: &ArrayRef2<T>) -> Result<Array2<T>> {
        let (a, x) = (&self.a, &self.pinv.matrix);
        if a.nrows() < a.ncols() { residual(&multiply(a, x)?, b, b) } else { residual(a, b, &multiply(x, b)?) }
    }

    /// B·(I − A⁺A).
    fn beyond_corange(&self, b: &ArrayRef2<T>) -> Result<Array2<T>> {
        let (a, x) = (&self.a, &self.pinv.matrix);
        if a.nrows() < a.ncols() { residual(&multiply(b, x)?, b, a) } else { residual(b, b, &multiply(x, a)?) }
    }

    fn require_constant_rank(&self, da: &ArrayRef2<T>) -> Result<()> {
        let (m, n) = self.a.dim();
        let (rank, needed) = (self.pinv.rank, m.min(n));
        if rank == needed {
            return Ok(());
        }
        let largest = |a: &ArrayRef2<T>| a.iter().fold(T::Real::default(), |most, x| Float::max(most, x.abs()));
        let raised = self.beyond_corange(&self.beyond_range(da)?)?;
        if is_noise(largest(&raised), m.max(n), largest(da)) {
            Ok(())
        } else {
            Err(Error::RankDeficient { rank, needed })
        }
    }
}

impl<T: Element> Differentiable<T> for Pseudoinverse<'_, T> {
    type Tangent = Array2<T>;
    type Cotangent = Array2<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<Array2<T>> {
        check("the direction", da, self.a.dim())?;
        let (x, e) = (Scaled::of(&self.pinv.matrix)?, Scaled::of(da)?);
        let xh = x.adjoint();
        let beyond_range = e.map(|e| self.require_constant_rank(e).and_then(|()| self.beyond_range(e)))?;
        let beyond_corange = e.map(|e| self.beyond_corange(e))?;
        let right = x.times_both(&xh, &beyond_range.adjoint())?;
        let left = beyond_corange.adjoint().times_both(&xh, &x)?;
        right.plus(&left)?.minus(&x.times_both(&e, &x)?)?.value()
    }

    fn vjp(&self, bar: &Array2<T>) -> Result<Array2<T>> {
        let (m, n) = self.a.dim();
        check("the cotangent of the pseudoinverse", bar, (n, m))?;
        let (x, bar) = (Scaled::of(&self.pinv.matrix)?, Scaled::of(bar)?);
        let (xh, bar_h) = (x.adjoint(), bar.adjoint());
        let range = bar_h.times_both(&x, &xh)?.map(|b| self.beyond_range(b))?;
        let corange = xh.times_both(&x, &bar_h)?.map(|b| self.beyond_corange(b))?;
        range.plus(&corange)?.minus(&xh.times_both(&bar, &xh)?)?.value()
    }
}
