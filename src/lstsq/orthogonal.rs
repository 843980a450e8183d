//! Least squares: whether a right-hand side is exactly orthogonal to every column, so that its solution is exactly 0.
//! On the floor above `factor`; must not round anything.
//!
//! Products of doubles are integers times powers of two of a limited range, and are summed in one integer that is as long as
//! that range (Kulisch & Miranker, The arithmetic of the digital computer: a new approach, SIAM Review 28 (1986)).

use ndarray::{ArrayRef1, ArrayRef2};
use num_traits::Float;

use crate::element::{Element, Real};

/// The exponent of the least bit of a product of two doubles.
const LEAST: i32 = 2 * (f64::MIN_EXP - f64::MANTISSA_DIGITS as i32);

/// Bits of a limb that hold digits; the others take up carries.
const BITS: usize = 32;

/// Enough for the largest product, 2^64 times.
const LIMBS: usize = (2 * f64::MAX_EXP as usize + LEAST.unsigned_abs() as usize + 64) / BITS + 2;

/// As many products can be added before carries must move on.
const MOST: u32 = 1 << 20;

/// Whether Aᴴb = 0 without any rounding.
pub(super) fn is_orthogonal<T: Element>(a: &ArrayRef2<T>, b: &ArrayRef1<T>) -> bool {
    a.columns().into_iter().all(|column| {
        let [mut re, mut im] = [Sum::new(), Sum::new()];
        for (a, b) in column.iter().zip(b) {
            let [a, b] = [[a.re(), a.im()], [b.re(), b.im()]].map(|parts| parts.map(Real::as_f64));
            re.add(a[0], b[0]);
            if T::IS_COMPLEX {
                re.add(a[1], b[1]);
                im.add(a[0], b[1]);
                im.add(-a[1], b[0]);
            }
        }
        re.vanishes() && im.vanishes()
    })
}

/// An exact sum of products.
struct Sum {
    limbs: [i64; LIMBS],
    count: u32,
}

impl Sum {
    fn new() -> Self {
        Sum { limbs: [0; LIMBS], count: 0 }
    }

    /// Adds x·y; both are finite.
    fn add(&mut self, x: f64, y: f64) {
        let ((x, x_exponent, x_sign), (y, y_exponent, y_sign)) = (Float::integer_decode(x), Float::integer_decode(y));
        if x == 0 || y == 0 {
            return;
        }
        let product = u128::from(x) * u128::from(y);
        let shift = (i32::from(x_exponent) + i32::from(y_exponent) - LEAST).unsigned_abs() as usize;
        let (first, bits) = (shift / BITS, shift % BITS);
        for k in 0..4 {
            let digits = ((product >> (BITS * k)) as u32 as u64) << bits;
            for (limb, digits) in self.limbs[first + k..].iter_mut().zip([digits as u32, (digits >> BITS) as u32]) {
                *limb += i64::from(x_sign * y_sign) * i64::from(digits);
            }
        }
        self.count += 1;
        if self.count == MOST {
            self.carry();
        }
    }

    /// Leaves in each limb but the last no more than its own bits.
    fn carry(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs[..LIMBS - 1] {
            let sum = *limb + carry;
            carry = sum >> BITS;
            *limb = sum - (carry << BITS);
        }
        self.limbs[LIMBS - 1] += carry;
        self.count = 0;
    }

    fn vanishes(mut self) -> bool {
        self.carry();
        self.limbs.iter().all(|&limb| limb == 0)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::element::{c32, c64};

    #[test]
    fn what_any_rounding_would_hide_is_seen() {
        for (x, y) in [(1.3, 1.7), (1.3e300, 1.7e-300), (f64::MAX, f64::MAX), (3e-324, 1.0), (5e-324, 5e-324)] {
            let b = array![y, 1.0];
            assert!(!is_orthogonal(&array![[x], [5e-324]], &b), "{x}, {y}");
            assert!(is_orthogonal(&array![[x], [x]], &array![y, -y]), "{x}, {y}");
        }
        // 1.3·1.7 is not a double.
        assert!(!is_orthogonal(&array![[1.0], [1.3]], &array![-1.3 * 1.7, 1.7]));
        assert!(is_orthogonal(&array![[1.0], [1.5]], &array![-1.5 * 1.75, 1.75]));
        assert!(!is_orthogonal(&array![[1.0_f32], [1.3]], &array![-1.3 * 1.7, 1.7]));
    }

    #[test]
    fn each_column_and_each_part_counts() {
        let one_of_two = array![[1.0, 1.0], [1.0, 2.0]];
        assert!(!is_orthogonal(&one_of_two, &array![1.0, -1.0]));
        assert!(is_orthogonal(
            &array![[c64::new(0.0, 1.0)], [c64::new(1.0, 0.0)]],
            &array![c64::new(1.0, 0.0), c64::new(0.0, 1.0)]
        ));
        assert!(!is_orthogonal(
            &array![[c64::new(0.0, 1.0)], [c64::new(1.0, 0.0)]],
            &array![c64::new(1.0, 0.0), c64::new(0.0, -1.0)]
        ));
        assert!(!is_orthogonal(&array![[c32::new(1.0, 1.0)]], &array![c32::new(1.0, 1.0)]));
        assert!(is_orthogonal(&Array2::<f64>::zeros((3, 0)), &Array1::ones(3)));
    }

    #[test]
    fn carries_move_on() {
        let count = 2 * MOST as usize + 3;
        let a = Array2::from_elem((count, 1), f64::MAX);
        let mut b = Array1::from_elem(count, f64::MAX);
        assert!(!is_orthogonal(&a, &b));
        b.iter_mut().skip(1).step_by(2).for_each(|b| *b = -*b);
        assert!(!is_orthogonal(&a, &b));
        b[count - 1] = 0.0;
        assert!(is_orthogonal(&a, &b));
    }
}
