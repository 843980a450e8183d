//! Faults of the LAPACK underneath that the crate must shield its user from, provoked on the library that is installed.
//! Second floor of the tests: each calls the crate in a thread with a time limit, so that a hang is a failure.
//! Must not call the library itself: what it does without the guard stands in vendor-notes.md.

use super::generate::*;
use super::residual::{self, *};
use lapwing::Error;
use lapwing::prelude::*;
use std::fmt::Debug;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The result of `call`, or a panic if it takes longer than a minute: calls of this size take milliseconds.
#[track_caller]
fn in_time<R: Send + 'static>(call: impl FnOnce() -> R + Send + 'static) -> R {
    let (send, receive) = mpsc::channel();
    // Not joined: a call that never returns must not keep the test from failing.
    thread::spawn(move || send.send(call()));
    receive.recv_timeout(Duration::from_secs(60)).expect("an answer in time")
}

fn refused<R: Debug>(found: lapwing::Result<R>, at: (usize, usize)) {
    assert!(matches!(found, Err(Error::NonFinite { row, col }) if (row, col) == at), "{found:?}");
}

/// gesdd with an infinite entry never returns (Reference-LAPACK/lapack#1409), with NaN it gives info −4 or exits.
fn svd_of_non_finite<T: Scalar>() {
    let bad = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    // At n = 3 the bare routine does not return; at n = 60 it returns infinite values and INFO = 0.
    for (bad, n) in bad.into_iter().flat_map(|bad| [(bad, 3), (bad, 60)]) {
        let mut a = narrow::<T>(&normal::<T>(&mut Rng::new(90), n, n));
        let at = (n - 1, n / 8);
        a[at] = T::narrow(C64::new(bad, 0.0));
        let (b, c, d) = (a.clone(), a.clone(), a.clone());
        let (mut e, mut f, mut g) = (a.clone(), a.clone(), a.clone());
        refused(in_time(move || a.svd()), at);
        refused(in_time(move || b.singular_values()), at);
        refused(in_time(move || c.eigh()), at);
        refused(in_time(move || e.eigh_inplace(&EighOptions::default(), &mut Workspace::new())), at);
        refused(in_time(move || f.svd_inplace(&SvdOptions::thin(), &mut Workspace::new())), at);
        refused(in_time(move || g.singular_values_inplace(SvdDriver::default(), &mut Workspace::new())), at);
        refused(in_time(move || d.lstsq_with(&ndarray::Array1::zeros(n), &svd_method()).map(|s| s.rank)), at);
    }
}

fn svd_method<R: Default>() -> LstsqOptions<R> {
    LstsqOptions { method: Method::Svd, ..Default::default() }
}

/// The row-major complex `eigh` of ndarray-linalg returns the vectors of the conjugate (its issue 368).
fn row_major_eigh<T: Scalar>() {
    let known = hermitian::<T>(&mut Rng::new(91), &[-3.0, -1.0, 0.5, 2.0, 7.0, 11.0]);
    let a = rounded::<T>(&known.a);
    for layout in [Layout::RowMajor, Layout::PaddedRows, Layout::ReversedBoth] {
        let placed = Placed::<T>::new(&known.a, layout);
        let f = in_time(move || placed.view().eigh()).unwrap();
        hold(&layout, residual::eigh(&a, &wide_reals::<T>(&f.values), &wide(&f.vectors), T::EPS));
    }
}

/// Matrices at which divide and conquer deflates most, or everything: identity, rank one, glued blocks, a zero band.
fn deflation<T: Scalar>() {
    let n = 120;
    let one = |x: f64| C64::new(x, 0.0);
    let blocks = Wide::from_shape_fn((n, n), |(i, j)| one(if i / 30 == j / 30 { 1.0 } else { 1e-12 }));
    let wilkinson = Wide::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
        0 => one((i as f64 - (n - 1) as f64 / 2.0).abs()),
        1 => one(1.0),
        _ => C64::ZERO,
    });
    for a in [Wide::eye(n), Wide::ones((n, n)), blocks, wilkinson, Wide::zeros((n, n))] {
        let (given, other) = (narrow::<T>(&a), narrow::<T>(&a));
        let a = rounded::<T>(&a);
        let f = in_time(move || given.eigh()).unwrap();
        hold(&"eigh", residual::eigh(&a, &wide_reals::<T>(&f.values), &wide(&f.vectors), T::EPS));
        let f = in_time(move || other.svd()).unwrap();
        hold(&"svd", residual::svd(&a, &wide(&f.u), &wide_reals::<T>(&f.s), &wide(&f.vh), T::EPS));
    }
}

each_type!(svd_of_non_finite, row_major_eigh, deflation);
