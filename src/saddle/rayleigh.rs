//! Saddle points: the Rayleigh quotient, its gradient and Hessian, its directions up and down, and its extremes on a
//! subspace. On the floor above `factor`; must not know how an eigenvector is found.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Axis};
use num_traits::{Float, Zero};

use super::form::{Constraints, Form, exponent_near_one};
use super::null_space::restricted;
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result, dims};
use crate::factor::{EighExt, PivotedQrExt, multiply};
use crate::norm::norm2;
use crate::pack::{self, Part};
use crate::scale::times_power;

/// A unit vector u and the value of the form there, in the units of the form.
pub(super) struct Place<T: Element> {
    pub(super) u: Array1<T>,
    /// S·u.
    pub(super) image: Array1<T>,
    /// R(u) = uᴴSu.
    pub(super) value: T::Real,
}

impl<T: Element> Place<T> {
    /// Of a unit vector.
    pub(super) fn new(form: &Form<T>, u: Array1<T>) -> Result<Self> {
        let column = u.view().insert_axis(Axis(1));
        let image = multiply(&form.matrix, &column)?.index_axis_move(Axis(1), 0);
        let value = dot(&u, &image).re();
        Ok(Place { u, image, value })
    }

    /// S·u − R(u)·u: half the gradient at u.
    pub(super) fn residual(&self) -> Array1<T> {
        let mut rest = self.image.clone();
        rest.zip_mut_with(&self.u, |rest, u| *rest -= u.mul_real(self.value));
        rest
    }
}

/// xᴴy.
fn dot<T: Element>(x: &ArrayRef1<T>, y: &ArrayRef1<T>) -> T {
    x.iter().zip(y).fold(T::zero(), |sum, (x, &y)| sum + x.conj() * y)
}

/// u = x/‖x‖₂, and ‖x‖₂ = `length`·2^`exponent`, which may be beyond the range.
pub(super) struct Direction<T: Element> {
    pub(super) u: Array1<T>,
    length: T::Real,
    exponent: f64,
}

/// The direction of an x that fits and is finite.
pub(super) fn direction<T: Element>(form: &Form<T>, x: &ArrayRef1<T>) -> Result<Direction<T>> {
    let n = form.order();
    if n == 0 {
        return Err(Error::Empty { what: "the Rayleigh quotient" });
    }
    if x.len() != n {
        return Err(Error::Shape { what: "the vector", expected: dims(&[n]), found: dims(x.shape()) });
    }
    pack::check_finite(&x.view().insert_axis(Axis(1)), Part::All).map_err(crate::factor::of_rhs)?;
    unit(x)
}

/// The same for any x that is finite.
pub(super) fn unit<T: Element>(x: &ArrayRef1<T>) -> Result<Direction<T>> {
    let exponent = exponent_near_one(x.iter());
    let mut u = x.mapv(|x| times_power(x, exponent));
    let length = norm2(&u);
    if length.is_zero() {
        return Err(Error::Parameter { what: "the vector", expected: "one that is not zero", found: "zero".into() });
    }
    u.mapv_inplace(|x| x.div_real(length));
    Ok(Direction { u, length, exponent: -exponent })
}

/// A value of the form in the caller's units.
pub(super) fn in_units<T: Element>(form: &Form<T>, value: T::Real) -> Result<T::Real> {
    let value = times_power(T::from_real(value), -form.exponent).re();
    if Float::is_finite(value) { Ok(value) } else { Err(Error::Overflow { what: "a value of the Rayleigh quotient" }) }
}

/// S, and the place of x.
fn place<T: Element>(s: &ArrayRef2<T>, x: &ArrayRef1<T>) -> Result<(Form<T>, Place<T>)> {
    let form = Form::new("S", s)?;
    let place = Place::new(&form, direction(&form, x)?.u)?;
    Ok((form, place))
}

/// The Rayleigh quotient R(x) = xᴴSx/xᴴx of a Hermitian S, n×n, at a vector x ≠ 0 of length n: between the smallest
/// eigenvalue and the largest.
///
/// 2n² flops; right to n·ε·‖S‖. Neither the size of x matters nor its phase.
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NotHermitian`], [`Error::NonFinite`], [`Error::NonFiniteRhs`] (x), [`Error::Shape`],
/// [`Error::Empty`], [`Error::Parameter`] for x = 0, [`Error::Overflow`].
///
/// # Source
/// Parlett, The Symmetric Eigenvalue Problem, §1.5; Horn and Johnson, Matrix Analysis, 2nd ed., §4.2.
///
/// ```
/// use lapwing::saddle::rayleigh_quotient;
/// use ndarray::array;
///
/// let s = array![[5.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]];
/// let at_eigenvector: f64 = rayleigh_quotient(&s, &array![0.0, 2.0, 0.0])?;
/// let between: f64 = rayleigh_quotient(&s, &array![1.0, 0.0, 1.0])?;
/// assert_eq!(at_eigenvector, 3.0);
/// approx::assert_relative_eq!(between, 3.0, max_relative = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn rayleigh_quotient<T: Element>(s: &ArrayRef2<T>, x: &ArrayRef1<T>) -> Result<T::Real> {
    let (form, place) = place(s, x)?;
    in_units(&form, place.value)
}

/// ∇R(x) = 2(S·x − R(x)·x)/xᴴx, of length n: along d the quotient changes by Re ∇R(x)ᴴd to first order. It is zero at
/// the eigenvectors and nowhere else, and at right angles to x.
///
/// 2n² flops; right to n·ε·‖S‖/‖x‖.
///
/// # Errors
/// As for [`rayleigh_quotient`].
///
/// # Source
/// Parlett, The Symmetric Eigenvalue Problem, §4.6.
///
/// ```
/// use lapwing::saddle::rayleigh_gradient;
/// use ndarray::array;
///
/// let s = array![[3.0, 0.0], [0.0, 1.0]];
/// assert_eq!(rayleigh_gradient(&s, &array![0.0, 7.0])?, array![0.0, 0.0]);
/// approx::assert_abs_diff_eq!(rayleigh_gradient(&s, &array![1.0, 1.0])?, array![1.0, -1.0], epsilon = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn rayleigh_gradient<T: Element>(s: &ArrayRef2<T>, x: &ArrayRef1<T>) -> Result<Array1<T>> {
    let form = Form::new("S", s)?;
    let Direction { u, length, exponent } = direction(&form, x)?;
    let place = Place::new(&form, u)?;
    let two = T::Real::real(2.0);
    let gradient = place.residual().mapv(|x| times_power(x.mul_real(two).div_real(length), -form.exponent - exponent));
    match gradient.iter().all(|&x| pack::is_finite(x)) {
        true => Ok(gradient),
        false => Err(Error::Overflow { what: "the gradient of the Rayleigh quotient" }),
    }
}

/// The Hessian of R on the unit sphere at u = x/‖x‖, n×n:
///
/// ```text
/// H = 2P(S − R(u)·I)P,    P = I − u·uᴴ
/// ```
///
/// Along the great circle cos t·u + sin t·d, d a unit vector at right angles to u, the second derivative of R at t = 0
/// is dᴴHd. In the direction of u itself, and for complex S of its phase i·u, along which R does not change, H is 0. At
/// an eigenvector of λₖ its other eigenvalues are 2(λⱼ − λₖ).
///
/// 8n² flops.
///
/// # Errors
/// As for [`rayleigh_quotient`].
///
/// # Source
/// Absil, Mahony and Sepulchre, Optimization Algorithms on Matrix Manifolds, §6.4.1 (there for xᵀSx on the sphere).
///
/// ```
/// use lapwing::saddle::rayleigh_hessian;
/// use ndarray::array;
///
/// // At the middle eigenvector of diag(5, 3, 1): up to 5, and down to 1.
/// let s = array![[5.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]];
/// let hessian = rayleigh_hessian(&s, &array![0.0, 1.0, 0.0])?;
/// assert_eq!(hessian, array![[4.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, -4.0]]);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn rayleigh_hessian<T: Element>(s: &ArrayRef2<T>, x: &ArrayRef1<T>) -> Result<Array2<T>> {
    let (form, place) = place(s, x)?;
    // (I − uuᴴ)(S − ρI)(I − uuᴴ) = S − ρI − u·rᴴ − r·uᴴ with r = (S − ρI)u, for uᴴ(S − ρI)u = 0.
    let (rest, u, value) = (place.residual(), &place.u, place.value);
    let mut hessian = form.matrix;
    for ((i, j), h) in hessian.indexed_iter_mut() {
        let diagonal = if i == j { T::from_real(value) } else { T::zero() };
        let shifted = *h - diagonal;
        let doubled = (shifted - u[i] * rest[j].conj() - rest[i] * u[j].conj()).mul_real(T::Real::real(2.0));
        *h = times_power(doubled, -form.exponent);
    }
    match pack::check_finite(&hessian, Part::All) {
        Ok(()) => Ok(hessian),
        Err(_) => Err(Error::Overflow { what: "the Hessian of the Rayleigh quotient" }),
    }
}

/// How the Rayleigh quotient curves at an eigenvector: dimensions on the sphere, n − 1 in all. For a complex matrix
/// they are complex dimensions; each stands for two real ones, and along the phase of the vector the quotient is flat
/// besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MorseIndex {
    /// Along these it rises: to the larger eigenvalues.
    pub up: usize,
    /// Along these it falls, which is what is called the index.
    pub down: usize,
    /// Along these it stays: to eigenvectors of the same eigenvalue.
    pub flat: usize,
}

/// The directions up and down of the Rayleigh quotient at the eigenvector of the k-th of n eigenvalues in descending
/// order, k counted from 0: with distinct eigenvalues k of them up and n − 1 − k down. In books, which count from 1, k
/// − 1 and n − k.
///
/// `values` are all eigenvalues, in any order, as [`eigh`](crate::factor::EighExt::eigh) or `eigvalsh` gives them.
/// Those within 10·√n·ε·max |λ| of λₖ, by which rounding moves them, count as equal to it. n flops.
///
/// # Errors
/// [`Error::Parameter`] for a k that is not below n, [`Error::NonFinite`].
///
/// # Source
/// Milnor, Morse Theory, §4 (real case: the quotient as a Morse function); Horn and Johnson, Matrix Analysis, 2nd ed.,
/// §4.2.
///
/// ```
/// use lapwing::prelude::*;
/// use lapwing::saddle::{MorseIndex, morse_index};
/// use ndarray::array;
///
/// let values = array![[5.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]].eigvalsh()?;
/// assert_eq!(morse_index(&values, 0)?, MorseIndex { up: 0, down: 2, flat: 0 }); // the maximum
/// assert_eq!(morse_index(&values, 1)?, MorseIndex { up: 1, down: 1, flat: 0 }); // a saddle
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn morse_index<R: Real>(values: &ArrayRef1<R>, k: usize) -> Result<MorseIndex> {
    let n = values.len();
    if k >= n {
        let (what, expected) = ("the index of the eigenvalue", "less than how many there are");
        return Err(Error::Parameter { what, expected, found: format!("{k} of {n}") });
    }
    if let Some(row) = values.iter().position(|value| !Float::is_finite(*value)) {
        return Err(Error::NonFinite { row, col: 0 });
    }
    let mut descending: Vec<f64> = values.iter().map(|value| value.as_f64()).collect();
    descending.sort_by(|x, y| y.total_cmp(x));
    let largest = descending[0].abs().max(descending[n - 1].abs());
    let tolerance = 10.0 * (n as f64).sqrt() * R::EPS.as_f64() * largest;
    let value = descending[k];
    let up = descending.iter().filter(|other| **other - value > tolerance).count();
    let down = descending.iter().filter(|other| value - **other > tolerance).count();
    Ok(MorseIndex { up, down, flat: n - 1 - up - down })
}

/// The extremes of the Rayleigh quotient on a subspace, and where they are.
#[derive(Debug, Clone, PartialEq)]
pub struct CourantFischer<T: Element> {
    /// The minimum of R on the subspace; by the theorem at most λₖ (in books' counting, from 1, descending), if k is
    /// the dimension.
    pub least: T::Real,
    /// The maximum of R on the subspace; by the theorem at least λₙ₋ₖ₊₁.
    pub greatest: T::Real,
    /// A unit vector of the subspace at which R has its minimum.
    pub at_least: Array1<T>,
    /// A unit vector of the subspace at which R has its maximum.
    pub at_greatest: Array1<T>,
}

/// The minimum and the maximum of the Rayleigh quotient of S, n×n, on the span of the columns of V, n×k, which must be
/// independent. By the theorem of Courant and Fischer, with eigenvalues descending and counted from 1,
///
/// ```text
/// λₖ = max over dim V = k of min R = min over dim V = n − k + 1 of max R
/// ```
///
/// They are the outer eigenvalues of the compressed matrix QᴴSQ, Q an orthonormal basis of the span.
///
/// Routines: geqp3, gemm, syevd or heevd; 4nk² + 2n²k + 9k³ flops.
///
/// # Errors
/// [`Error::RankDeficient`] for columns that are dependent to max(n, k)·ε, each having its own units; [`Error::Empty`]
/// for k = 0, [`Error::Shape`], and those of [`rayleigh_quotient`].
///
/// # Source
/// Horn and Johnson, Matrix Analysis, 2nd ed., Theorem 4.2.6; Parlett, The Symmetric Eigenvalue Problem, §10.2.
///
/// ```
/// use lapwing::saddle::courant_fischer;
/// use ndarray::array;
///
/// // The plane of the first two eigenvectors of diag(5, 3, 1): no plane has a larger minimum.
/// let s = array![[5.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]];
/// let found = courant_fischer(&s, &array![[1.0, 1.0], [1.0, -1.0], [0.0, 0.0]])?;
/// approx::assert_relative_eq!(found.least, 3.0, max_relative = 1e-14);
/// approx::assert_relative_eq!(found.greatest, 5.0, max_relative = 1e-14);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn courant_fischer<T: Element>(s: &ArrayRef2<T>, v: &ArrayRef2<T>) -> Result<CourantFischer<T>> {
    let form = Form::new("S", s)?;
    let (rows, k) = v.dim();
    if rows != form.order() {
        let expected = format!("{} rows, as S has", form.order());
        return Err(Error::Shape { what: "the basis of the subspace", expected, found: dims(v.shape()) });
    }
    if k == 0 {
        return Err(Error::Empty { what: "the Rayleigh quotient" });
    }
    // Each column in units of its own.
    let mut columns = pack::owned_columns(&Constraints::new(&v.t(), rows)?.matrix.t())?;
    let qr = columns.qr_pivoted()?;
    let rank = qr.rank(None)?.rank;
    if rank < k {
        return Err(Error::RankDeficient { rank, needed: k });
    }
    columns.assign(&qr.q()?);
    let eigh = restricted(&form.matrix, &columns)?.eigh()?;
    let at = multiply(&columns, &eigh.vectors)?;
    let value = |i: usize| in_units(&form, eigh.values[i]);
    Ok(CourantFischer {
        least: value(0)?,
        greatest: value(k - 1)?,
        at_least: at.column(0).to_owned(),
        at_greatest: at.column(k - 1).to_owned(),
    })
}
