//! Certificates: theorems on products of singular values, compared as intervals so that zeros and extreme scales come
//! out right. On the floor above `factor`; must not form a product that overflows.

use std::f64::consts::LN_2;

use ndarray::ArrayRef1;

use super::report::{Finding, Relation, Report};
use super::tally::{Case, Tally, value};
use super::values::{Rounding, norm, require_len, sorted_singular, values_of};
use crate::element::{Element, Real, Scalar};
use crate::error::{Error, Result};
use crate::scale::{near_one, times_power};
use crate::workspace::filled;

/// A number x·2ᵉ.
type Scaled = (f64, f64);

/// Values that descend, in a unit of their own, each known up to ± `spread`; beyond the list stand zeros.
struct Factor {
    values: Vec<f64>,
    /// The unit is 2 to this power.
    exponent: f64,
    spread: f64,
}

impl Factor {
    /// Values that are off by what rounding allows a matrix of their norm, and of another norm that had its part in it.
    fn new(mut values: Vec<f64>, other: Scaled, rounding: Rounding) -> Self {
        let (norm, exponent) = near_one(norm(&values));
        values.iter_mut().for_each(|x| *x = times_power(*x, -exponent));
        let other = times_power(other.0, other.1 - exponent);
        let spread = rounding.in_unit(exponent).allowance(norm + other);
        Factor { values, exponent, spread }
    }

    fn at(&self, i: usize) -> f64 {
        self.values.get(i).copied().unwrap_or(0.0)
    }

    fn norm(&self) -> Scaled {
        (self.at(0), self.exponent)
    }
}

/// A product as mantissa and exponent, and how much the logarithm of an end of its interval is away from its own.
struct Product {
    mantissa: f64,
    exponent: f64,
    width: f64,
}

impl Product {
    fn one() -> Self {
        Product { mantissa: 1.0, exponent: 0.0, width: 0.0 }
    }

    fn times(&mut self, x: f64, exponent: f64) {
        let (mantissa, more) = near_one(self.mantissa * x);
        self.mantissa = mantissa;
        self.exponent += exponent + more;
    }

    /// Takes in the next value with the lower end x − δ of its interval, or says that this is not positive.
    fn take_from_below(&mut self, factor: &Factor, i: usize) -> bool {
        let (x, spread) = (factor.at(i), factor.spread);
        if x <= spread {
            return false;
        }
        self.times(x, factor.exponent);
        self.width -= (-spread / x).ln_1p();
        true
    }

    /// Takes in the next value with the upper end x + δ. A value below δ counts as δ, which is as good.
    fn take_from_above(&mut self, factor: &Factor, i: usize) {
        let (x, spread) = (factor.at(i), factor.spread);
        let floored = x.max(spread);
        self.times(floored, factor.exponent);
        if floored > 0.0 {
            self.width += (x.min(spread) / floored).ln_1p();
        }
    }

    fn ln(&self) -> f64 {
        self.mantissa.ln() + self.exponent * LN_2
    }

    fn ln_over(&self, other: &Product) -> f64 {
        (self.mantissa / other.mantissa).ln() + (self.exponent - other.exponent) * LN_2
    }
}

/// The comparison of two products of k values.
#[derive(Clone, Copy)]
struct Step {
    k: usize,
    /// The logarithms of the products.
    small: f64,
    large: f64,
    slack: f64,
    allowance: f64,
}

/// Π xᵢ ≤ Π yᵢ·zᵢ·… over i ≤ k, for k = 1, …, len: holds if the lower end of the left interval is at most the upper end
/// of the right one. A product that may be zero is at most anything.
fn products(x: &Factor, others: &[&Factor], len: usize) -> Result<Vec<Step>> {
    let nothing = Step { k: 0, small: f64::NEG_INFINITY, large: 0.0, slack: f64::INFINITY, allowance: 0.0 };
    let mut steps = filled(len, nothing)?;
    let (mut small, mut large) = (Product::one(), Product::one());
    for (i, step) in steps.iter_mut().enumerate() {
        // From the first value on that may be zero all may be, since they descend.
        let may_vanish = !small.take_from_below(x, i);
        others.iter().for_each(|factor| large.take_from_above(factor, i));
        *step = Step { k: i + 1, large: large.ln(), ..nothing };
        if !may_vanish {
            (step.small, step.slack) = (small.ln(), large.ln_over(&small));
            step.allowance = small.width + large.width;
        }
    }
    Ok(steps)
}

/// The row of the report; `relation` says whether the smaller product stands at the left.
fn finding(
    (theorem, statement): (&'static str, &'static str), steps: &[Step], relation: Relation, rounding: Rounding,
    text: impl Fn(usize) -> String,
) -> Finding {
    let mut tally = Tally::new();
    steps.iter().for_each(|step| tally.see(step, step.slack, step.allowance));
    tally.finish(theorem, statement, &rounding, |step| {
        let (left, right) =
            if relation == Relation::AtMost { (step.small, step.large) } else { (step.large, step.small) };
        Case { text: text(step.k), positions: (0..step.k).collect(), left, relation, right }
    })
}

/// The singular values of A, B and AB, once their numbers fit each other.
fn of_product<R: Real>(a: &ArrayRef1<R>, b: &ArrayRef1<R>, product: &ArrayRef1<R>) -> Result<[Vec<f64>; 3]> {
    let names = ["singular values of A", "singular values of B", "singular values of AB"];
    let [a, b] = [sorted_singular(names[0], a)?, sorted_singular(names[1], b)?];
    let product = sorted_singular(names[2], product)?;
    // A narrow product A·B, m×n·n×p with n below m and p, has more singular values than its factors.
    let outer = a.len() == b.len() && product.len() > a.len();
    if !outer && product.len() != a.len().min(b.len()) {
        let more = if a.len() == b.len() { " or more" } else { "" };
        let expected = format!("{}{more}", values_of(a.len().min(b.len())));
        return Err(Error::Shape { what: names[2], expected, found: values_of(product.len()) });
    }
    Ok([a, b, product])
}

/// The singular values of a product: σ_{i+j−1}(AB) ≤ σᵢ(A)·σⱼ(B).
///
/// The lists are the min(m, n), min(n, p) and min(m, p) singular values of A (m×n), B (n×p) and AB in any order; beyond
/// the end of a list stand zeros. All pairs with i + j − 1 ≤ min(m, p) are checked. Allowance: c·k·ε(‖AB‖₂ +
/// 2‖A‖₂‖B‖₂), k the longest list.
///
/// # Errors
/// [`Error::Shape`] for lists that cannot belong to a product, [`Error::NonFiniteValue`], [`Error::Parameter`] for a
/// negative singular value.
///
/// # Source
/// Horn & Johnson, Topics in Matrix Analysis, Theorem 3.3.16; K. Fan, Proc. Nat. Acad. Sci. 37 (1951).
///
/// ```
/// use lapwing::interlace::singular_product;
/// use ndarray::array;
///
/// // diag(2, 1)·diag(1, 3)
/// let (a, b) = (array![2.0, 1.0], array![3.0, 1.0]);
/// assert!(singular_product(&a, &b, &array![3.0, 2.0])?.holds());
/// assert!(!singular_product(&a, &b, &array![3.0, 3.5])?.holds()); // σ₂(AB) ≤ σ₂(A)σ₁(B) = 3
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn singular_product<R: Real>(a: &ArrayRef1<R>, b: &ArrayRef1<R>, product: &ArrayRef1<R>) -> Result<Report> {
    singular_product_of_order(a.len().max(b.len()).max(product.len()), a, b, product)
}

/// The same for matrices whose largest side is known.
pub(super) fn singular_product_of_order<R: Real>(
    order: usize, a: &ArrayRef1<R>, b: &ArrayRef1<R>, product: &ArrayRef1<R>,
) -> Result<Report> {
    let ([a, b, product], rounding) = (of_product(a, b, product)?, Rounding::of_order::<R>(order));
    let [a, b, product] = [a, b, product].map(|values| Factor::new(values, (0.0, 0.0), rounding));
    // The unit of the larger side, so that neither overflows.
    let unit = match a.exponent + b.exponent {
        of_factors if product.at(0) == 0.0 => of_factors,
        of_factors => of_factors.max(product.exponent),
    };
    let rounding = rounding.in_unit(unit);
    let len = product.values.len();
    let in_unit = |factor: &Factor, exponent: f64| -> Result<Vec<f64>> {
        let mut values = filled(len, 0.0)?;
        values.iter_mut().zip(&factor.values).for_each(|(to, &x)| *to = times_power(x, exponent));
        Ok(values)
    };
    let (x, y) = (in_unit(&product, product.exponent - unit)?, in_unit(&a, a.exponent + b.exponent - unit)?);
    let z = in_unit(&b, 0.0)?;
    let allowance = rounding.allowance(norm(&x) + 2.0 * norm(&y) * norm(&z));
    let mut tally = Tally::new();
    for (i, y) in y.iter().enumerate() {
        for (j, (x, z)) in x[i..].iter().zip(&z).enumerate() {
            tally.see((i, j), y * z - x, allowance);
        }
    }
    let statement = "σ_{i+j−1}(AB) ≤ σᵢ(A)σⱼ(B)";
    let finding = tally.finish("σ of a product", statement, &rounding, |(i, j)| {
        let text = format!("{} ≤ {}{}", value('σ', i + j, "AB"), value('σ', i, "A"), value('σ', j, "B"));
        Case { text, positions: vec![i + j, i, j], left: x[i + j], relation: Relation::AtMost, right: y[i] * z[j] }
    });
    Ok(vec![finding].into())
}

/// The products of the largest singular values of a product, by Horn: Π σᵢ(AB) ≤ Π σᵢ(A)σᵢ(B) over i ≤ k, for k = 1, …,
/// min(m, p).
///
/// The lists are as for [`singular_product`]. Each value stands for an interval of ± c·k·ε times the norm of its matrix
/// (of AB, also ‖A‖₂‖B‖₂; k the longest list), and the inequality is violated if it is false for all values in the
/// intervals. Left, right, slack and allowance of the [`Report`] are logarithms; a value at the right that is below its
/// uncertainty counts as that.
///
/// # Errors
/// As for [`singular_product`].
///
/// # Source
/// A. Horn, Proc. Nat. Acad. Sci. 36 (1950); Horn & Johnson, Topics in Matrix Analysis, Theorem 3.3.4.
///
/// ```
/// use lapwing::interlace::horn;
/// use ndarray::array;
///
/// let (a, b) = (array![2.0, 1.0], array![3.0, 1.0]);
/// assert!(horn(&a, &b, &array![3.0, 2.0])?.holds()); // diag(2, 1)·diag(1, 3)
/// assert!(!horn(&a, &b, &array![3.0, 2.5])?.holds()); // 3·2.5 > 2·3·1·1
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn horn<R: Real>(a: &ArrayRef1<R>, b: &ArrayRef1<R>, product: &ArrayRef1<R>) -> Result<Report> {
    horn_of_order(a.len().max(b.len()).max(product.len()), a, b, product)
}

/// The same for matrices whose largest side is known.
pub(super) fn horn_of_order<R: Real>(
    order: usize, a: &ArrayRef1<R>, b: &ArrayRef1<R>, product: &ArrayRef1<R>,
) -> Result<Report> {
    let ([a, b, product], rounding) = (of_product(a, b, product)?, Rounding::of_order::<R>(order));
    let len = product.len();
    let [a, b] = [a, b].map(|values| Factor::new(values, (0.0, 0.0), rounding));
    let of_factors = (a.norm().0 * b.norm().0, a.norm().1 + b.norm().1);
    let steps = products(&Factor::new(product, of_factors, rounding), &[&a, &b], len)?;
    let theorem = ("Horn", "ln Π_{i≤k} σᵢ(AB) ≤ ln Π_{i≤k} σᵢ(A)σᵢ(B)");
    let text = |k| format!("ln Π_{{i≤{k}}} σᵢ(AB) ≤ ln Π_{{i≤{k}}} σᵢ(A)σᵢ(B)");
    Ok(vec![finding(theorem, &steps, Relation::AtMost, rounding, text)].into())
}

/// Eigenvalues of a square matrix beside its singular values, by Weyl: |λ₁|⋯|λₖ| ≤ σ₁⋯σₖ for k = 1, …, n, with equality
/// for k = n, where both are |det A|.
///
/// `eigenvalues`, real or complex, and `singular` have n values each, in any order. Computed eigenvalues are those of a
/// matrix within c·n·ε‖A‖₂ of A (however ill-conditioned they are), whose singular values are within as much of those
/// of A: so the σ stand for intervals of ± 2c·n·ε‖A‖₂, and the λ for themselves. Left, right, slack and allowance of
/// the [`Report`] are logarithms, as for [`horn`].
///
/// # Errors
/// [`Error::Shape`] for lists of different lengths, [`Error::NonFiniteValue`], [`Error::Parameter`] for a negative
/// singular value.
///
/// # Source
/// H. Weyl, Proc. Nat. Acad. Sci. 35 (1949); Horn & Johnson, Topics in Matrix Analysis, Theorem 3.3.2.
///
/// ```
/// use lapwing::interlace::weyl_majorant;
/// use ndarray::array;
///
/// // (0 4; 1 0) has the eigenvalues ±2 and the singular values 4 and 1.
/// assert!(weyl_majorant(&array![2.0, -2.0], &array![4.0, 1.0])?.holds());
/// assert!(!weyl_majorant(&array![2.0, -2.0], &array![3.0, 1.0])?.holds());
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn weyl_majorant<T: Element>(eigenvalues: &ArrayRef1<T>, singular: &ArrayRef1<T::Real>) -> Result<Report> {
    majorant(eigenvalues, singular)
}

/// The same for a type of eigenvalues that need not be that of a matrix.
pub(super) fn majorant<C: Scalar<Real: Real>>(
    eigenvalues: &ArrayRef1<C>, singular: &ArrayRef1<C::Real>,
) -> Result<Report> {
    let (of_a, n) = ("singular values of A", eigenvalues.len());
    let moduli = moduli("eigenvalues of A", eigenvalues)?;
    let singular = sorted_singular(of_a, singular)?;
    require_len(of_a, &singular, n)?;
    let rounding = Rounding::of_order::<C::Real>(n);
    let own_norm = near_one(norm(&singular));
    let sigma = Factor::new(singular, own_norm, rounding);
    let lambda = Factor { spread: 0.0, ..Factor::new(moduli, (0.0, 0.0), rounding) };
    let above = ("Weyl's majorant", "ln Π_{i≤k} |λᵢ| ≤ ln Π_{i≤k} σᵢ for k ≤ n");
    let steps = products(&lambda, &[&sigma], n)?;
    let text = |k| format!("ln Π_{{i≤{k}}} |λᵢ| ≤ ln Π_{{i≤{k}}} σᵢ");
    let above = finding(above, &steps, Relation::AtMost, rounding, text);
    let below = ("determinant", "ln Π_{i≤n} |λᵢ| ≥ ln Π_{i≤n} σᵢ: both are ln |det A|");
    let steps = products(&sigma, &[&lambda], n)?;
    let text = |k| format!("ln Π_{{i≤{k}}} |λᵢ| ≥ ln Π_{{i≤{k}}} σᵢ");
    let below = finding(below, &steps[n.saturating_sub(1)..], Relation::AtLeast, rounding, text);
    Ok(vec![above, below].into())
}

/// |λ| of each value, descending.
fn moduli<C: Scalar<Real: Real>>(what: &'static str, values: &ArrayRef1<C>) -> Result<Vec<f64>> {
    let mut moduli = filled(values.len(), 0.0)?;
    for (index, (to, x)) in moduli.iter_mut().zip(values).enumerate() {
        let (re, im) = (x.re().as_f64(), x.im().as_f64());
        if !(re.is_finite() && im.is_finite()) {
            return Err(Error::NonFiniteValue { what, index });
        }
        *to = re.hypot(im);
    }
    super::values::descend(&mut moduli);
    Ok(moduli)
}
