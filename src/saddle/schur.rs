//! Saddle points by the Schur complement −A·S⁻¹·Aᴴ, for a positive definite S.
//! On the floor above `factor`; must not form S⁻¹.

use ndarray::{Array2, Axis};
use num_traits::One;

use super::kkt::Kkt;
use crate::element::Element;
use crate::error::Result;
use crate::factor::{Cholesky, CholeskyExt, Form, Triangle, adjoint_multiply, multiply};
use crate::pack;

/// S = L·Lᴴ, W = L⁻¹Aᴴ and A·S⁻¹·Aᴴ = WᴴW = M·Mᴴ: n³/3 + n²m + nm² + m³/3 flops (Benzi, Golub & Liesen, Numerical solution of saddle
/// point problems, 2005, §5).
#[derive(Debug)]
pub(super) struct Complement<T: Element> {
    form: Cholesky<T>,
    w: Array2<T>,
    complement: Cholesky<T>,
}

/// W = L⁻¹Aᴴ.
pub(super) fn half<T: Element>(kkt: &Kkt<T>, form: &Cholesky<T>) -> Result<Array2<T>> {
    let mut w = pack::owned_columns(&kkt.constraints.matrix.t())?;
    crate::element::conjugate(&mut w);
    Triangle::lower(&form.packed()).divide_left(Form::Plain, w.view_mut())?;
    Ok(w)
}

impl<T: Element> Complement<T> {
    /// From the Cholesky factor of S; [`crate::Error::NotPositiveDefinite`] where A·S⁻¹·Aᴴ is not definite.
    pub(super) fn new(kkt: &Kkt<T>, form: Cholesky<T>) -> Result<Self> {
        let w = half(kkt, &form)?;
        let complement = adjoint_multiply(&w, &w)?.cholesky()?;
        Ok(Complement { form, w, complement })
    }

    /// An estimate of 1/κ₁(A·S⁻¹·Aᴴ); 1 where there is no constraint.
    pub(super) fn rcond(&self) -> Result<T::Real> {
        if self.w.ncols() == 0 { Ok(T::Real::one()) } else { self.complement.rcond() }
    }

    /// (f, b) ← (x, λ): with u = L⁻¹f, λ = (WᴴW)⁻¹(Wᴴu − b) and x = L⁻ᴴ(u − W·λ).
    pub(super) fn solve(&self, z: &mut Array2<T>) -> Result<()> {
        let n = self.w.nrows();
        let (form, complement) = (self.form.packed(), self.complement.packed());
        let (form, complement) = (Triangle::lower(&form), Triangle::lower(&complement));
        let (mut u, mut b) = z.view_mut().split_at(Axis(0), n);
        form.divide_left(Form::Plain, u.view_mut())?;
        let image = adjoint_multiply(&self.w, &u)?;
        b.zip_mut_with(&image, |b, &image| *b = image - *b);
        complement.divide_left(Form::Plain, b.view_mut())?;
        complement.divide_left(Form::Adjoint, b.view_mut())?;
        u -= &multiply(&self.w, &b)?;
        form.divide_left(Form::Adjoint, u)
    }
}
