//! Saddle points by a basis of the null space of the constraints.
//! On the floor above `factor`; must not need a definite S.

use ndarray::{Array2, ArrayRef2, s};

use super::kkt::Kkt;
use crate::element::Element;
use crate::error::Result;
use crate::factor::{Cholesky, CholeskyExt, Form, Qr, QrExt, Triangle, adjoint_multiply, multiply};
use crate::layout::Order;
use crate::pack;
use crate::workspace::zeros;

/// Aᴴ = [Y Z]·[R; 0] and ZᴴSZ = L·Lᴴ: 2m²(n − m/3) flops for the QR, 4nm(n − m) + 2n(n − m)(2n − m) for ZᴴSZ, (n − m)³/3 for its Cholesky
/// (Nocedal & Wright, Numerical Optimization, 2nd ed., §16.2; Golub & Van Loan, §6.2.2).
#[derive(Debug)]
pub(super) struct NullSpace<T: Element> {
    qr: Qr<T>,
    r: Array2<T>,
    reduced: Cholesky<T>,
}

/// Z, n×(n − m), of the QR factorization of Aᴴ.
fn basis<T: Element>(qr: &Qr<T>) -> Result<Array2<T>> {
    let (n, m) = qr.dim();
    let mut z = zeros(n, n - m, Order::ColumnMajor)?;
    z.slice_mut(s![m.., ..]).diag_mut().fill(T::one());
    qr.apply_q(&z)
}

/// ZᴴSZ.
pub(super) fn restricted<T: Element>(s: &ArrayRef2<T>, z: &ArrayRef2<T>) -> Result<Array2<T>> {
    adjoint_multiply(z, &multiply(s, z)?)
}

impl<T: Element> NullSpace<T> {
    /// [`crate::Error::NotPositiveDefinite`] where ZᴴSZ is not definite.
    pub(super) fn new(kkt: &Kkt<T>) -> Result<Self> {
        let mut rows = pack::owned_columns(&kkt.constraints.matrix.t())?;
        crate::element::conjugate(&mut rows);
        let qr = rows.qr()?;
        let reduced = restricted(&kkt.form.matrix, &basis(&qr)?)?.cholesky()?;
        Ok(NullSpace { r: qr.r(), qr, reduced })
    }

    /// (f, b) ← (x, λ): with x = Y·y + Z·z, y = R⁻ᴴb, z = (ZᴴSZ)⁻¹Zᴴ(f − S·Y·y) and λ = R⁻¹Yᴴ(f − S·x).
    pub(super) fn solve(&self, kkt: &Kkt<T>, rhs: &mut Array2<T>) -> Result<()> {
        let (n, m) = kkt.dim();
        let (s, r) = (&kkt.form.matrix, Triangle::upper(&self.r));
        let (mut f, mut b) = rhs.view_mut().split_at(ndarray::Axis(0), n);
        r.divide_left(Form::Adjoint, b.view_mut())?;
        let mut coordinates = zeros(n, f.ncols(), Order::ColumnMajor)?;
        coordinates.slice_mut(s![..m, ..]).assign(&b);
        let particular = self.qr.apply_q(&coordinates)?;
        let rest = self.qr.apply_qh(&(&f - &multiply(s, &particular)?))?;
        let mut z = coordinates.slice_mut(s![m.., ..]);
        z.assign(&rest.slice(s![m.., ..]));
        let reduced = self.reduced.packed();
        let reduced = Triangle::lower(&reduced);
        reduced.divide_left(Form::Plain, z.view_mut())?;
        reduced.divide_left(Form::Adjoint, z)?;
        let x = self.qr.apply_q(&coordinates)?;
        let rest = self.qr.apply_qh(&(&f - &multiply(s, &x)?))?;
        b.assign(&rest.slice(s![..m, ..]));
        r.divide_left(Form::Plain, b)?;
        f.assign(&x);
        Ok(())
    }
}
