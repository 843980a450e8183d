//! Derivatives: eigenvalues and eigenvectors of a Hermitian matrix.
//! On the floor above `factor`; must not know singular values.

use ndarray::{Array1, Array2, ArrayRef2, Axis};
use num_traits::{Float, One, Zero};

use super::Differentiable;
use super::operands::{
    check, check_diagonal, check_part_shape, check_parts_finite, check_values, finite, finite_gradient, hermitian_part,
};
use super::pairs::change_pairs;
use super::ties::{Ties, half_gap, skew};
use crate::element::{Element, Scalar};
use crate::error::{Error, Result, dims};
use crate::factor::{Eigh, adjoint_multiply, congruence, hermitian_product_to, multiply};
use crate::layout::Order;
use crate::norm::norm2;
use crate::workspace::zeros;

/// The change of an eigenvalue decomposition to first order: dS = dQ·Λ·Qᴴ + Q·dΛ·Qᴴ + Q·Λ·dQᴴ.
///
/// QᴴdQ is skew-Hermitian with a zero diagonal. For the formula see the implementation of [`Differentiable`] for [`Eigh`].
#[derive(Debug, Clone, PartialEq)]
pub struct EighTangent<T: Element> {
    /// dλ.
    pub values: Array1<T::Real>,
    /// dQ.
    pub vectors: Array2<T>,
}

/// The gradient of a loss with respect to an eigenvalue decomposition; a part that is left out is zero and costs nothing.
///
/// The loss changes by Σλ̄ᵢdλᵢ + Re tr(Q̄ᴴdQ) to first order. How its gradient with respect to S follows, and which losses have none, says
/// the implementation of [`Differentiable`] for [`Eigh`].
#[derive(Debug, Clone, PartialEq)]
pub struct EighCotangent<T: Element> {
    /// With respect to the eigenvalues.
    pub values: Option<Array1<T::Real>>,
    /// With respect to the eigenvectors, in columns.
    pub vectors: Option<Array2<T>>,
}

impl<T: Element> Default for EighCotangent<T> {
    /// That of a constant loss.
    fn default() -> Self {
        EighCotangent { values: None, vectors: None }
    }
}

/// The eigenvalue decomposition S = Q·Λ·Qᴴ of a Hermitian n×n matrix.
///
/// With P = QᴴdS·Q and X = QᴴQ̄, for i ≠ j
///
/// ```text
/// dλᵢ = Pᵢᵢ,    (QᴴdQ)ᵢⱼ = Pᵢⱼ/(λⱼ − λᵢ),    (QᴴdQ)ᵢᵢ = 0
/// S̄ = Q·M·Qᴴ,    Mᵢⱼ = (Xᵢⱼ − X̄ⱼᵢ)/(2(λⱼ − λᵢ)),    Mᵢᵢ = λ̄ᵢ
/// ```
///
/// A direction counts by its Hermitian part, and the gradient is Hermitian: that of the loss as a function on the space of
/// Hermitian matrices.
///
/// Condition: `jvp` needs eigenvalues that are apart, or gives [`Error::Repeated`]. `vjp` needs that only of those whose vectors the loss
/// can tell apart; see [what happens when two values meet](crate::deriv#what-happens-when-two-values-meet).
///
/// Gauge: each eigenvector is determined but for its sign, or a factor of modulus 1. The tangent keeps the sign, and does not move a
/// vector along itself: qᵢᴴdqᵢ = 0. A loss that depends on the factor, Im Xᵢᵢ ≠ 0, is refused.
///
/// Flops: `jvp` 6n³, `vjp` 5.3n³ with both parts, 1.3n³ with the values alone (for large n; for small n the last product of each `vjp` is
/// not halved). No factorization.
///
/// Further errors: [`Error::Shape`] where the vectors are not n×n, and [`Error::Gauge`] for a complex loss that depends on phases.
///
/// Source: M. B. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation, 2008, §3.1;
/// J. R. Magnus, On differentiating eigenvalues and eigenvectors, Econometric Theory 1 (1985).
///
/// ```
/// use lapwing::deriv::Differentiable;
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// // λ = 2 ∓ √(1 + t²) of [1 t; t 3] at t = 0.
/// let eigh = array![[1.0_f64, 0.0], [0.0, 3.0]].eigh()?;
/// let tangent = eigh.jvp(&array![[0.0, 1.0], [1.0, 0.0]])?;
/// assert_eq!(tangent.values, array![0.0, 0.0]);
/// assert_eq!(tangent.vectors[(1, 0)].abs(), 0.5);
/// # Ok::<(), lapwing::Error>(())
/// ```
impl<T: Element> Differentiable<T> for Eigh<T> {
    type Tangent = EighTangent<T>;
    type Cotangent = EighCotangent<T>;

    fn jvp(&self, da: &ArrayRef2<T>) -> Result<EighTangent<T>> {
        let n = order(self)?;
        check("the direction", da, (n, n))?;
        Ties::of_eigenvalues(&self.values).require_simple()?;
        let mut p = adjoint_multiply(&self.vectors, &multiply(&hermitian_part(da), &self.vectors)?)?;
        let values = p.diag().iter().map(|p| p.re()).collect();
        change_pairs([&mut p], [], |j, rows, [[upper, lower]], []| {
            for ((upper, lower), i) in upper.iter_mut().zip(lower).zip(rows) {
                let turn = upper.mul_real(T::Real::real(0.5)).div_real(half_gap(self.values[j], self.values[i]));
                (*upper, *lower) = (turn, -turn.conj());
            }
        })?;
        p.diag_mut().fill(T::zero());
        Ok(EighTangent { values, vectors: finite(multiply(&self.vectors, &p)?)? })
    }

    fn vjp(&self, bar: &EighCotangent<T>) -> Result<Array2<T>> {
        let n = order(self)?;
        check_values("the cotangent of the eigenvalues", bar.values.as_deref(), n)?;
        check_part_shape("the cotangent of the eigenvectors", &bar.vectors, (n, n))?;
        let ties = Ties::of_eigenvalues(&self.values);
        if needs_comparison::<T>(&ties) {
            check_parts_finite([&bar.vectors])?;
        }
        if let Some(weights) = &bar.values {
            ties.require_like_weights(weights)?;
        }
        let Some(vectors) = &bar.vectors else { return of_values(self, bar.values.as_ref()) };
        let x = adjoint_multiply(&self.vectors, vectors)?;
        check_diagonal(&x, vectors)?;
        require_invariance(&ties, &x, vectors)?;
        let middle = middle(&ties, x, bar.values.as_ref())?;
        let left = multiply(&self.vectors, &middle)?;
        let mut gradient = middle;
        hermitian_product_to(&left, &self.vectors, &mut gradient)?;
        finite_gradient(gradient, [&bar.vectors])
    }
}

/// Q·diag(w)·Qᴴ.
fn of_values<T: Element>(eigh: &Eigh<T>, weights: Option<&Array1<T::Real>>) -> Result<Array2<T>> {
    let n = eigh.values.len();
    match weights {
        Some(weights) => finite(congruence(&eigh.vectors, weights)?),
        None => zeros(n, n, Order::ColumnMajor),
    }
}

/// The order of the matrix, if the factors fit.
fn order<T: Element>(eigh: &Eigh<T>) -> Result<usize> {
    let n = eigh.values.len();
    if eigh.vectors.dim() == (n, n) {
        return Ok(n);
    }
    Err(Error::Shape { what: "the eigenvectors", expected: dims(&[n, n]), found: dims(eigh.vectors.shape()) })
}

/// Whether something in X = QᴴQ̄ is to be compared with the cotangent. Where nothing is, what of it is not finite reaches the gradient.
fn needs_comparison<T: Element>(ties: &Ties<'_, T::Real>) -> bool {
    T::IS_COMPLEX || !ties.are_simple()
}

/// Refuses a loss that depends on the choice of vectors, X = QᴴQ̄.
fn require_invariance<T: Element>(ties: &Ties<'_, T::Real>, x: &Array2<T>, bar: &Array2<T>) -> Result<()> {
    if !needs_comparison::<T>(ties) {
        return Ok(());
    }
    let sizes: Vec<T::Real> = bar.axis_iter(Axis(1)).map(|column| norm2(&column)).collect();
    let size_of_skew = |i, j| skew(x, i, j).abs();
    ties.require_no_rotation(size_of_skew, &sizes)?;
    if T::IS_COMPLEX
        && let Some(index) = (0..sizes.len()).find(|&i| !ties.is_noise(size_of_skew(i, i), sizes[i]))
    {
        return Err(Error::Gauge { index });
    }
    Ok(())
}

/// diag(λ̄) + skew(X)ᵢⱼ/(λⱼ − λᵢ), without what ties make 0/0, in the memory of X.
fn middle<T: Element>(
    ties: &Ties<'_, T::Real>, mut x: Array2<T>, weights: Option<&Array1<T::Real>>,
) -> Result<Array2<T>> {
    // Halves where a gap of the values themselves could leave the range of the type.
    let half = T::Real::real(0.5);
    let largest = ties.values.iter().fold(T::Real::zero(), |most, &value| Float::max(most, Float::abs(value)));
    let scale = if largest > T::Real::max_value() * half { half } else { T::Real::one() };
    let values: Vec<T::Real> = ties.values.iter().map(|&value| value * scale).collect();
    change_pairs([&mut x], [], |j, rows, [[upper, lower]], []| {
        let (value, len) = (values[j], upper.len());
        let (lower, of_rows) = (&mut lower[..len], &values[rows.clone()][..len]);
        let apart = ties.first_equal[j].saturating_sub(rows.start).min(len);
        for k in 0..apart {
            // Divided first: 1/gap may be out of range where the quotient is not, and half of the entries less exact.
            let turn = (upper[k] - lower[k].conj()).div_real(value - of_rows[k]).mul_real(half * scale);
            (upper[k], lower[k]) = (turn, turn.conj());
        }
        upper[apart..].fill(T::zero());
        lower[apart..].fill(T::zero());
    })?;
    match weights {
        Some(weights) => x.diag_mut().zip_mut_with(weights, |x, &weight| *x = T::from_real(weight)),
        None => x.diag_mut().fill(T::zero()),
    }
    Ok(x)
}
