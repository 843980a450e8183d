//! Certificates: from matrices. What has values is factored, and every theorem that applies to it is checked.
//! On the floor above `factor`; must not know an inequality.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Axis};
use num_traits::{Float, One, Zero};

use super::cut::{cauchy, submatrix, submatrix_of};
#[cfg(doc)]
use super::matching::hoffman_wielandt;
use super::matching::{OF_SUM_AND_TERM, matched};
use super::operands::{finite, frobenius, require_indices, require_shape};
use super::pairs::{singular_sum_of_order, weyl};
#[cfg(doc)]
use super::products::weyl_majorant;
use super::products::{horn_of_order, majorant, singular_product_of_order};
use super::report::Report;
use super::sums::{ky_fan, ky_fan_singular_of_order, lidskii, mirsky_of_order};
use super::updated::{low_rank_of_order, rank_one, update_by};
use super::values::{Names, OF_ANY, OF_HERMITIAN};
use crate::element::{Element, Real};
use crate::error::{Error, Result, dims};
use crate::factor::{EigExt, EighExt, SvdExt, multiply, multiply_adjoint, require_hermitian};
use crate::norm::norm2;
use crate::pack;
use crate::workspace::filled;

/// The eigenvalues of S, T and S + T, Hermitian n×n: [`weyl`], [`rank_update`](super::rank_update) by the inertia of T,
/// [`ky_fan`], [`lidskii`], [`hoffman_wielandt`] with ‖T‖_F; and of |λ|, which are the singular values,
/// [`singular_sum`](super::singular_sum), [`ky_fan_singular`](super::ky_fan_singular) and [`mirsky`](super::mirsky).
///
/// Routine: syevd or heevd without vectors, three times; about 4n³ flops.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::Shape`], [`Error::NotHermitian`] with the entry that differs most from its mirror
/// image, [`Error::NonFinite`], [`Error::Overflow`], and those of [`eigvalsh`](EighExt::eigvalsh).
///
/// ```
/// use lapwing::interlace::check_sum;
/// use ndarray::array;
///
/// let report = check_sum(&array![[2.0, 1.0], [1.0, 2.0]], &array![[0.0, 1.0], [1.0, -1.0]])?;
/// assert!(report.holds());
/// println!("{report}"); // a table
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_sum<T: Element>(s: &ArrayRef2<T>, t: &ArrayRef2<T>) -> Result<Report> {
    let n = require_hermitian("S", s)?;
    require_shape("T", t, s.dim())?;
    require_hermitian("T", t)?;
    let sum = finite("S + T", s + t)?;
    let [of_s, of_t, of_sum] = [s.eigvalsh()?, t.eigvalsh()?, sum.eigvalsh()?];
    let [a, b, both] = [&of_s, &of_t, &of_sum].map(|values| values.mapv(Float::abs));
    let report = weyl(&of_s, &of_t, &of_sum)?
        .and(update_by(&of_s, &of_t, &of_sum)?)
        .and(ky_fan(&of_s, &of_t, &of_sum)?)
        .and(lidskii(&of_s, &of_t, &of_sum)?)
        .and(matched(OF_SUM_AND_TERM, &of_sum, &of_s, frobenius("‖T‖_F", t)?)?);
    Ok(report.and(of_singular_sum(n, OF_HERMITIAN, &a, &b, &both)?))
}

fn of_singular_sum<R: Real>(
    order: usize, names: Names, a: &ArrayRef1<R>, b: &ArrayRef1<R>, sum: &ArrayRef1<R>,
) -> Result<Report> {
    Ok(singular_sum_of_order(order, names, a, b, sum)?
        .and(ky_fan_singular_of_order(order, names, a, b, sum)?)
        .and(mirsky_of_order(order, names, a, sum, b)?))
}

/// The eigenvalues of S and S + ρzzᴴ, S Hermitian n×n: [`rank_one`] with the sum of the shifts, and with the
/// eigenvalues ρ‖z‖², 0, …, 0 of ρzzᴴ all of [`weyl`], [`ky_fan`], [`lidskii`] and [`hoffman_wielandt`].
///
/// Routine: syevd or heevd without vectors, twice; about 8n³/3 flops.
///
/// # Errors
/// As for [`check_sum`]; [`Error::Parameter`] if ρ is not finite.
///
/// ```
/// use lapwing::interlace::check_rank_one;
/// use ndarray::array;
///
/// let report = check_rank_one(&array![[2.0, 0.0], [0.0, 0.0]], &array![1.0, 1.0], 1.0)?; // 0, 2 become 2 ∓ √2
/// assert!(report.holds() && report.finding("sum of the shifts").is_some());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_rank_one<T: Element>(s: &ArrayRef2<T>, z: &ArrayRef1<T>, rho: T::Real) -> Result<Report> {
    let n = require_hermitian("S", s)?;
    if z.len() != n {
        return Err(Error::Shape { what: "z", expected: dims(&[n]), found: dims(z.shape()) });
    }
    if let Some(index) = z.iter().position(|&x| !pack::is_finite(x)) {
        return Err(Error::NonFiniteValue { what: "z", index });
    }
    if !rho.is_finite() {
        return Err(Error::Parameter { what: "ρ", expected: "a finite number", found: rho.to_string() });
    }
    // With √|ρ|·z neither factor of an entry of the update is beyond the range where the entry is not.
    let root = z.mapv(|x| x.mul_real(Float::sqrt(Float::abs(rho))));
    let sign = if rho < T::Real::zero() { -T::Real::one() } else { T::Real::one() };
    let update = Array2::from_shape_fn((n, n), |(i, j)| (root[i] * root[j].conj()).mul_real(sign));
    let sum = finite("S + ρzzᴴ", s + &*update)?;
    let length = norm2(&root);
    let trace = sign * length * length;
    if !Float::is_finite(trace) {
        return Err(Error::Overflow { what: "ρ‖z‖²" });
    }
    let mut of_t = Array1::from_vec(filled(n, T::Real::zero())?);
    of_t.iter_mut().take(1).for_each(|first| *first = trace);
    let [of_s, of_sum] = [s.eigvalsh()?, sum.eigvalsh()?];
    Ok(rank_one(&of_s, &of_sum, trace)?
        .and(weyl(&of_s, &of_t, &of_sum)?)
        .and(ky_fan(&of_s, &of_t, &of_sum)?)
        .and(lidskii(&of_s, &of_t, &of_sum)?)
        .and(matched(OF_SUM_AND_TERM, &of_sum, &of_s, Float::abs(trace))?))
}

/// The eigenvalues of S, Hermitian n×n, and of its principal submatrix of these rows and columns (from 0, in any
/// order): [`cauchy`]; and of |λ|, which are the singular values, [`submatrix`]. The report calls the submatrix B.
///
/// Routine: syevd or heevd without vectors; about 4(n³ + m³)/3 flops for m indices.
///
/// # Errors
/// As for [`check_sum`]; [`Error::Parameter`] for an index that is not below n or occurs twice.
///
/// ```
/// use lapwing::interlace::check_principal;
/// use ndarray::array;
///
/// let s = array![[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]];
/// assert!(check_principal(&s, &[0, 2])?.holds()); // diag(2, 2)
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_principal<T: Element>(s: &ArrayRef2<T>, indices: &[usize]) -> Result<Report> {
    let n = require_hermitian("S", s)?;
    require_indices("indices of the principal submatrix", indices, n)?;
    let inner = s.select(Axis(0), indices).select(Axis(1), indices);
    let [of_s, of_inner] = [s.eigvalsh()?, inner.eigvalsh()?];
    let [a, b] = [&of_s, &of_inner].map(|values| values.mapv(Float::abs));
    let shapes = ((n, n), inner.dim());
    Ok(cauchy(&of_s, &of_inner)?.and(submatrix_of(["S", "B"], &a, &b, shapes)?))
}

/// The singular values of A, m×n, and of its submatrix of these rows and columns (from 0, in any order): [`submatrix`].
///
/// Routine: gesdd without vectors; about 2mn² + 2n³ flops for m ≥ n, and as many for the submatrix by its shape.
///
/// # Errors
/// [`Error::Parameter`] for an index that is too large or occurs twice, [`Error::NonFinite`], and those of
/// [`singular_values`](SvdExt::singular_values).
///
/// ```
/// use lapwing::interlace::check_submatrix;
/// use ndarray::array;
///
/// let a = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// assert!(check_submatrix(&a, &[1], &[0, 2])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_submatrix<T: Element>(a: &ArrayRef2<T>, rows: &[usize], cols: &[usize]) -> Result<Report> {
    require_indices("rows of the submatrix", rows, a.nrows())?;
    require_indices("columns of the submatrix", cols, a.ncols())?;
    let inner = a.select(Axis(0), rows).select(Axis(1), cols);
    submatrix(&a.singular_values()?, &inner.singular_values()?, (a.dim(), inner.dim()))
}

/// The singular values of A, m×n, and of A + B, B = XYᴴ with k columns in X (m×k) and Y (n×k), whose rank is then at
/// most k: [`low_rank`](super::low_rank), and with those of B [`singular_sum`](super::singular_sum),
/// [`ky_fan_singular`](super::ky_fan_singular) and [`mirsky`](super::mirsky).
///
/// Routine: gesdd without vectors, three times; about 6mn² + 6n³ flops for m ≥ n, and 2mnk for B. Allowance of
/// `low_rank`: c·max(m, n, k)·ε(‖A‖₂ + ‖A+B‖₂ + ‖X‖_F‖Y‖_F), since what rounding makes of XYᴴ has any rank.
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`], [`Error::Overflow`], and those of
/// [`singular_values`](SvdExt::singular_values).
///
/// ```
/// use lapwing::interlace::check_low_rank;
/// use ndarray::array;
///
/// let a = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
/// assert!(check_low_rank(&a, &array![[1.0], [0.0], [1.0]], &array![[2.0], [1.0]])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_low_rank<T: Element>(a: &ArrayRef2<T>, x: &ArrayRef2<T>, y: &ArrayRef2<T>) -> Result<Report> {
    let (m, n) = a.dim();
    let k = x.ncols();
    require_shape("X", x, (m, k))?;
    require_shape("Y", y, (n, k))?;
    for operand in [a, x, y] {
        pack::check_finite(operand, pack::Part::All)?;
    }
    let b = finite("XYᴴ", multiply_adjoint(x, y)?)?;
    let sum = finite("A + XYᴴ", a + &*b)?;
    let order = m.max(n).max(k);
    let [of_a, of_b, of_sum] = [a.singular_values()?, b.singular_values()?, sum.singular_values()?];
    let factors = frobenius("X", x)?.as_f64() * frobenius("Y", y)?.as_f64();
    Ok(low_rank_of_order(order, &of_a, &of_sum, k, factors)?
        .and(of_singular_sum(order, OF_ANY, &of_a, &of_b, &of_sum)?))
}

/// The singular values of A, B and A + B, m×n: [`singular_sum`](super::singular_sum),
/// [`ky_fan_singular`](super::ky_fan_singular) and [`mirsky`](super::mirsky).
///
/// Routine: gesdd without vectors, three times; about 6mn² + 6n³ flops for m ≥ n.
///
/// # Errors
/// As for [`check_low_rank`].
///
/// ```
/// use lapwing::interlace::check_singular_sum;
/// use ndarray::array;
///
/// assert!(check_singular_sum(&array![[1.0, 2.0], [3.0, 4.0]], &array![[0.0, 1.0], [1.0, 0.0]])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_singular_sum<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Report> {
    require_shape("B", b, a.dim())?;
    pack::check_finite(a, pack::Part::All)?;
    pack::check_finite(b, pack::Part::All)?;
    let sum = finite("A + B", a + b)?;
    let order = a.nrows().max(a.ncols());
    of_singular_sum(order, OF_ANY, &a.singular_values()?, &b.singular_values()?, &sum.singular_values()?)
}

/// The singular values of A (m×n), B (n×p) and AB: [`singular_product`](super::singular_product) and
/// [`horn`](super::horn).
///
/// Routine: gemm, and gesdd without vectors, three times; about 2mnp flops and those of
/// [`singular_values`](SvdExt::singular_values).
///
/// # Errors
/// As for [`check_low_rank`].
///
/// ```
/// use lapwing::interlace::check_product;
/// use ndarray::array;
///
/// assert!(check_product(&array![[1.0, 2.0], [3.0, 4.0]], &array![[0.0, 1.0, 1.0], [1.0, 0.0, 2.0]])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_product<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> Result<Report> {
    require_shape("B", b, (a.ncols(), b.ncols()))?;
    pack::check_finite(a, pack::Part::All)?;
    pack::check_finite(b, pack::Part::All)?;
    let product = finite("AB", multiply(a, b)?)?;
    let order = a.nrows().max(a.ncols()).max(b.ncols());
    let [of_a, of_b, of_product] = [a.singular_values()?, b.singular_values()?, product.singular_values()?];
    let report = singular_product_of_order(order, &of_a, &of_b, &of_product)?;
    Ok(report.and(horn_of_order(order, &of_a, &of_b, &of_product)?))
}

/// The eigenvalues of a general square matrix beside its singular values: [`weyl_majorant`].
///
/// Routine: geev and gesdd without vectors; about 40n³ flops, nearly all for the eigenvalues.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], and those of [`eig`](EigExt::eig) and
/// [`singular_values`](SvdExt::singular_values).
///
/// ```
/// use lapwing::interlace::check_eigenvalues;
/// use ndarray::array;
///
/// assert!(check_eigenvalues(&array![[1.0, 100.0], [0.0, 2.0]])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn check_eigenvalues<T: Element>(a: &ArrayRef2<T>) -> Result<Report> {
    majorant(&a.eig()?.values, &a.singular_values()?)
}
