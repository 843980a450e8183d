//! Saddle points by LDLᴴ of the whole matrix K = [S Aᴴ; A 0], whose pivots show its inertia.
//! On the floor above `factor`; must not decide whether a minimum exists.

use ndarray::{Array2, s};

use super::kkt::Kkt;
use crate::element::Element;
use crate::error::Result;
use crate::factor::{Inertia, Ldlt, LdltOptions};
use crate::layout::Order;
use crate::workspace::{Workspace, zeros};

/// P·K·Pᵀ = L·D·Lᴴ: (n + m)³/3 flops.
#[derive(Debug)]
pub(super) struct Whole<T: Element>(Ldlt<T>);

impl<T: Element> Whole<T> {
    pub(super) fn new(kkt: &Kkt<T>) -> Result<Self> {
        let (n, m) = kkt.dim();
        let mut k = zeros(n + m, n + m, Order::ColumnMajor)?;
        // The lower triangle is what is read.
        k.slice_mut(s![..n, ..n]).assign(&kkt.form.matrix);
        k.slice_mut(s![n.., ..n]).assign(&kkt.constraints.matrix);
        Ldlt::from_array(k, &LdltOptions::default(), &mut Workspace::new()).map(Whole)
    }

    pub(super) fn inertia(&self) -> Inertia {
        self.0.inertia()
    }

    /// (f, b) ← (x, λ).
    pub(super) fn solve(&self, z: &mut Array2<T>) -> Result<()> {
        self.0.solve_inplace(z, &mut Workspace::new())
    }
}
