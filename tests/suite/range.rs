//! Results beyond the range of the element type: an error, in every form, and never an infinity or a NaN.
//! Second floor of the tests: matrices near the largest number, or with one pivot near the smallest.
//! Must not accept a refusal where the answer exists, except where a form has lost its input.

use super::generate::*;
use super::residual::{self, *};
use lapwing::prelude::*;
use lapwing::{Error, Result};
use ndarray::{Array1, Array2};

#[track_caller]
fn overflows(found: Result<()>, of: impl std::fmt::Debug) {
    assert!(matches!(found, Err(Error::Overflow { .. })), "{of:?}: {found:?}");
}

/// Every entry is the largest number.
fn largest<T: Scalar>(m: usize, n: usize) -> Wide {
    Wide::from_elem((m, n), C64::new(T::MAX, 0.0))
}

/// σ₁ = √(mn)·MAX.
fn svd<T: Scalar>() {
    for (layout, driver) in Layout::ALL
        .into_iter()
        .flat_map(|layout| [SvdDriver::DivideAndConquer, SvdDriver::QrIteration].map(|driver| (layout, driver)))
    {
        let (options, ws) = (SvdOptions::thin().by(driver), &mut Workspace::new());
        for (m, n) in [(3, 3), (5, 2), (2, 5)] {
            let placed = Placed::<T>::new(&largest::<T>(m, n), layout);
            overflows(placed.view().svd_with(&options, ws).map(drop), ("svd", layout, driver));
            overflows(placed.clone().view_mut().svd_inplace(&options, ws).map(drop), ("svd_inplace", layout, driver));
            let mut values = Array1::default(0);
            overflows(placed.view().singular_values_to(driver, ws, &mut values), ("values", layout, driver));
            let values = placed.clone().view_mut().singular_values_inplace(driver, ws).map(drop);
            overflows(values, ("singular_values_inplace", layout, driver));
        }
    }
}

/// λ = n·MAX.
fn eigh<T: Scalar>() {
    for (layout, driver) in Layout::ALL
        .into_iter()
        .flat_map(|layout| [EighDriver::DivideAndConquer, EighDriver::Mrrr].map(|driver| (layout, driver)))
    {
        let (options, ws) = (EighOptions { driver, ..Default::default() }, &mut Workspace::new());
        let placed = Placed::<T>::new(&largest::<T>(3, 3), layout);
        overflows(placed.view().eigh_with(&options, ws).map(drop), ("eigh", layout, driver));
        overflows(placed.clone().view_mut().eigh_inplace(&options, ws).map(drop), ("eigh_inplace", layout, driver));
        overflows(placed.view().eigvalsh_to(&options, ws, &mut Array1::default(0)), ("eigvalsh", layout, driver));
    }
}

/// r₁₁ = √m·MAX.
fn qr<T: Scalar>() {
    let (options, ws) = (QrOptions::default(), &mut Workspace::new());
    for layout in Layout::ALL {
        for (m, n) in [(4, 2), (4, 4), (4, 7)] {
            let placed = Placed::<T>::new(&largest::<T>(m, n), layout);
            overflows(placed.view().qr().map(drop), ("qr", layout));
            overflows(placed.clone().view_mut().qr_inplace(&options, ws).map(drop), ("qr_inplace", layout));
            overflows(placed.view().qr_pivoted().map(drop), ("qr_pivoted", layout));
            overflows(placed.clone().view_mut().qr_pivoted_inplace(ws).map(drop), ("qr_pivoted_inplace", layout));
        }
    }
}

/// Elimination doubles the last entry of [c c; −c c], with c beyond half of the largest number.
fn growth_in_lu<T: Scalar>() {
    let c = 0.75 * T::MAX;
    let a = Wide::from_shape_fn((2, 2), |at| C64::new(if at == (1, 0) { -c } else { c }, 0.0));
    let ws = &mut Workspace::new();
    for layout in Layout::ALL {
        let placed = Placed::<T>::new(&a, layout);
        overflows(placed.view().lu().map(drop), ("lu", layout));
        overflows(placed.view().lu_to(ws, &mut Lu::default()), ("lu_to", layout));
        overflows(placed.clone().view_mut().lu_inplace(ws).map(drop), ("lu_inplace", layout));
    }
}

/// A number whose reciprocal is beyond the range.
fn tiny<T: Scalar>() -> f64 {
    2f64.powi(T::LEAST_NORMAL - 4)
}

/// The inverse of diag(1, t, 1) has the entry 1/t.
fn inverse<T: Scalar>() {
    let a = Wide::from_diag(&Array1::from([1.0, tiny::<T>(), 1.0].map(|x| C64::new(x, 0.0)).to_vec()));
    let ws = &mut Workspace::new();
    for layout in Layout::ALL {
        let lu = || Placed::<T>::new(&a, layout).view().lu().unwrap();
        overflows(lu().inverse().map(drop), ("inverse", layout));
        overflows(lu().inverse_to(ws, &mut Array2::default((0, 0))), ("inverse_to", layout));
        overflows(lu().into_inverse(ws).map(drop), ("into_inverse", layout));
    }
}

/// Below a pivot t without reciprocal stands t/2: the multiplier is ½, but OpenBLAS up to 0.3.21 gives infinity for it.
/// Where the input is kept the factors must be right; a form that has overwritten it may refuse, and names the pivot.
fn subnormal_pivot<T: Scalar>() {
    let t = tiny::<T>();
    let a = integers(&[&[1, 0, 0], &[0, 0, 0], &[0, 0, 1]]);
    let a = Wide::from_shape_fn((3, 3), |at| match at {
        (1, 1) => C64::new(t, 0.0),
        (2, 1) => C64::new(t / 2.0, 0.0),
        at => a[at],
    });
    let multiplier = C64::new(0.5, 0.0);
    for layout in Layout::ALL {
        let f = Placed::<T>::new(&a, layout).view().lu().unwrap();
        hold(&layout, residual::lu(&a, &wide(&f.l()), &wide(&f.u()), &f.permutation(), T::EPS));
        assert_eq!((wide(&f.l())[[2, 1]], wide(&f.u())[[1, 1]]), (multiplier, a[[1, 1]]), "{layout:?}");
        let mut placed = Placed::<T>::new(&a, layout);
        let mut view = placed.view_mut();
        match view.lu_inplace(&mut Workspace::new()) {
            Ok(f) => assert_eq!(wide(&f.l())[[2, 1]], multiplier, "{layout:?}"),
            Err(error) => assert_eq!(error, Error::Singular { pivot: 1 }, "{layout:?}"),
        }
    }
}

each_type!(svd, eigh, qr, growth_in_lu, inverse, subnormal_pivot);
