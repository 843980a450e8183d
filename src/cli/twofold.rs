//! The command: residuals b − Ax and products Aᵀr as if computed in twice the working precision.
//! Top floor, pure arithmetic; what it needs from the hardware is a fused multiply-add.
//! It must not scale: the caller sees to it that products neither overflow nor come near underflow.

use ndarray::{ArrayView1, ArrayView2};

/// A number as an unevaluated sum of two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Twofold {
    /// The number, rounded.
    pub high: f64,
    /// What rounding took away.
    pub low: f64,
}

impl Twofold {
    /// This number plus xy. Sums and products are taken apart into their rounded values and their errors, and the errors
    /// are summed: T. Ogita, S. M. Rump and S. Oishi, Accurate sum and dot product, SIAM J. Sci. Comput. 26 (2005),
    /// Algorithm 5.3.
    fn plus(self, x: f64, y: f64) -> Self {
        let product = x * y;
        let product_error = x.mul_add(y, -product);
        let high = self.high + product;
        let added = high - self.high;
        let sum_error = (self.high - (high - added)) + (product - added);
        Twofold { high, low: self.low + (product_error + sum_error) }
    }

    /// The two numbers made to be the rounded sum and its error.
    fn settled(self) -> Self {
        let high = self.high + self.low;
        Twofold { high, low: self.low - (high - self.high) }
    }
}

/// b − Ax.
pub fn residual(a: ArrayView2<'_, f64>, b: ArrayView1<'_, f64>, x: ArrayView1<'_, f64>) -> Vec<Twofold> {
    let mut r: Vec<Twofold> = b.iter().map(|&b| Twofold { high: b, low: 0.0 }).collect();
    for (column, &x) in a.columns().into_iter().zip(x) {
        r.iter_mut().zip(column).for_each(|(r, &a)| *r = r.plus(-a, x));
    }
    r.into_iter().map(Twofold::settled).collect()
}

/// Aᵀr, rounded.
pub fn transposed_product(a: ArrayView2<'_, f64>, r: &[Twofold]) -> Vec<f64> {
    let zero = Twofold { high: 0.0, low: 0.0 };
    let product = |column: ArrayView1<'_, f64>| {
        let sum = column.iter().zip(r).fold(zero, |sum, (&a, r)| {
            let sum = sum.plus(a, r.high);
            Twofold { low: sum.low + a * r.low, ..sum }
        });
        sum.high + sum.low
    };
    a.columns().into_iter().map(product).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn nothing_is_lost_to_cancellation() {
        // (1 + 2⁻³⁰)² − 1 − 2⁻²⁹ = 2⁻⁶⁰, which rounding to 53 bits would make 0.
        let x = 1.0 + 2f64.powi(-30);
        let r = residual(array![[x, 1.0]].view(), array![1.0 + 2f64.powi(-29)].view(), array![x, 0.0].view());
        assert_eq!(r, [Twofold { high: -2f64.powi(-60), low: 0.0 }]);
    }

    #[test]
    fn what_is_rounded_away_is_kept() {
        // b − Ax = (4 − 3·2⁻⁶⁰, −3 − 4·2⁻⁶⁰), at right angles to (3, 4) but for 25·2⁻⁶⁰.
        let a = array![[3.0], [4.0]];
        let tiny = 2f64.powi(-60);
        let r = residual(a.view(), array![4.0, -3.0].view(), array![tiny].view());
        assert_eq!(r, [Twofold { high: 4.0, low: -3.0 * tiny }, Twofold { high: -3.0, low: -4.0 * tiny }]);
        assert_eq!(transposed_product(a.view(), &r), [-25.0 * tiny]);
    }
}
