//! Certificates: how far the eigenvalues of a general matrix move.
//! On the floor above `factor`; must not take a matrix for normal.

use ndarray::ArrayRef2;

use super::bound::{Bound, Perturbed, norms};
use crate::element::{Element, Real, Scalar, c64};
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::factor::{EigExt, SvdExt, require_square};
use crate::scale::times_power;

/// The eigenvalues of a general matrix, by Bauer and Fike: each eigenvalue μ of A + E is within κ₂(X)‖E‖₂ of an
/// eigenvalue λ of A = XΛX⁻¹.
///
/// Measured is max over μ of min over λ of |λ − μ|; κ₂(X) is that of the eigenvectors of length 1 that `eig` returns,
/// from their singular values. A and E are n×n. Routine: geev, twice, and gesdd; about 75n³ flops. Allowance:
/// κ₂(X)·c·n·ε(‖A‖_F + ‖A+E‖_F). Of a matrix without n independent eigenvectors κ₂(X) is infinite, or so large that the
/// bound says nothing.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::Shape`], [`Error::NonFinite`], and those of [`eig`](EigExt::eig).
///
/// # Source
/// F. L. Bauer and C. T. Fike, Numer. Math. 2 (1960); Golub & Van Loan, Matrix Computations, Theorem 7.2.2.
///
/// ```
/// use lapwing::interlace::bauer_fike;
/// use ndarray::array;
///
/// let pair = bauer_fike(&array![[1.0, 10.0], [0.0, 2.0]], &array![[0.0, 0.0], [1e-3, 0.0]])?;
/// assert!(pair.holds() && pair.measured > 9e-3); // nine times ‖E‖
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn bauer_fike<T: Element>(a: &ArrayRef2<T>, e: &ArrayRef2<T>) -> Result<Bound> {
    require_square(a)?;
    let Perturbed { a, e, sum, exponent, rounding } = Perturbed::new(a, e)?;
    let (of_a, of_sum) = (a.eig()?, sum.eig()?);
    let wide = |x: &T::Complex| c64::new(x.re().as_f64(), x.im().as_f64());
    let [lambda, mu] = [&of_a.values, &of_sum.values].map(|values| values.mapv(|x| wide(&x)));
    let nearest = |mu: &c64| lambda.iter().map(|lambda| (lambda - mu).norm()).fold(f64::INFINITY, f64::min);
    let measured = mu.iter().map(nearest).fold(0.0, f64::max);
    let condition = if a.is_empty() { 1.0 } else { of_a.right.mapv(|x| wide(&x)).cond()? };
    let (size, _) = norms(&e)?;
    let bound = if size == 0.0 { 0.0 } else { condition * size };
    let allowance = match rounding.allowance(of_a.norm.as_f64() + of_sum.norm.as_f64()) {
        0.0 => 0.0,
        allowance => condition * allowance,
    };
    let [measured, bound, allowance] = [measured, bound, allowance].map(|x| times_power(x, exponent));
    let statement = "max_μ min_λ |λ − μ| ≤ κ₂(X)‖E‖₂, A = XΛX⁻¹";
    Ok(Bound { theorem: "Bauer–Fike", statement, measured, bound, allowance })
}
