//! lapwing as a contender: each operation once with everything reused, once as the plain call.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface.

use super::default_threads;
use crate::timing::{Contender, Who};
use crate::{check, convert, data};
use lapwing::prelude::*;
use ndarray::{Array1, Array2};

/// lapwing borrows its input, so the same matrix serves every call: the copy that LAPACK overwrites is inside the
/// clock.
fn ours<S: 'static, O: 'static>(
    who: Who, state: S, run: impl Fn(&mut S) -> O + 'static, error: impl Fn(&S, &O) -> f64 + 'static,
) -> Contender {
    Contender::new(
        who,
        default_threads(),
        (),
        state,
        move |state, ()| run(state),
        move |state, (), output| error(state, output),
    )
}

/// Works with whatever lapwing refuses: a bench's inputs are valid, so a refusal is a fault to be seen.
fn good<T>(result: lapwing::Result<T>) -> T {
    result.expect("lapwing takes the bench's input")
}

fn svd_error([m, n]: [usize; 2], svd: &Svd<f64>) -> f64 {
    let a = data::general(m, n);
    check::svd([m, n], &a, &convert::from_array(&svd.u), &svd.s.to_vec(), &convert::from_array(&svd.vh))
}

pub fn svd(n: usize) -> Contender {
    svd_of(n, convert::array(n, n, &data::general(n, n)))
}

/// The SVD of a matrix in a layout of the caller's.
pub fn svd_of(n: usize, a: Array2<f64>) -> Contender {
    let state = (a, Workspace::new(), Svd::default());
    ours(
        Who::Lapwing,
        state,
        |(a, workspace, svd)| good(a.svd_to(&SvdOptions::thin(), workspace, svd)),
        move |(_, _, svd), ()| svd_error([n, n], svd),
    )
}

pub fn svd_plain(n: usize) -> Contender {
    let a = convert::array(n, n, &data::general(n, n));
    ours(Who::Plain, a, |a| good(a.svd()), move |_, svd| svd_error([n, n], svd))
}

fn eigh_error(n: usize, eigh: &Eigh<f64>) -> f64 {
    check::eigh(n, &data::symmetric(n), &eigh.values.to_vec(), &convert::from_array(&eigh.vectors))
}

pub fn eigh(n: usize) -> Contender {
    eigh_of(n, convert::array(n, n, &data::symmetric(n)))
}

/// The eigenvectors of a matrix in a layout of the caller's.
pub fn eigh_of(n: usize, a: Array2<f64>) -> Contender {
    let state = (a, Workspace::new(), Eigh::default());
    ours(
        Who::Lapwing,
        state,
        |(a, workspace, eigh)| good(a.eigh_to(&EighOptions::default(), workspace, eigh)),
        move |(_, _, eigh), ()| eigh_error(n, eigh),
    )
}

pub fn eigh_plain(n: usize) -> Contender {
    let a = convert::array(n, n, &data::symmetric(n));
    ours(Who::Plain, a, |a| good(a.eigh()), move |_, eigh| eigh_error(n, eigh))
}

fn eigenvalue_error(n: usize, values: &Array1<f64>) -> f64 {
    check::eigenvalues(n, &data::symmetric(n), &values.to_vec())
}

pub fn eigvalsh(n: usize) -> Contender {
    let state = (convert::array(n, n, &data::symmetric(n)), Workspace::new(), Array1::default(0));
    ours(
        Who::Lapwing,
        state,
        |(a, workspace, values)| good(a.eigvalsh_to(&EighOptions::default(), workspace, values)),
        move |(_, _, values), ()| eigenvalue_error(n, values),
    )
}

pub fn eigvalsh_plain(n: usize) -> Contender {
    let a = convert::array(n, n, &data::symmetric(n));
    ours(Who::Plain, a, |a| good(a.eigvalsh()), move |_, values| eigenvalue_error(n, values))
}

fn qr_error(n: usize, q: &Array2<f64>, r: &Array2<f64>) -> f64 {
    check::qr([n, n], &data::general(n, n), &convert::from_array(q), &convert::from_array(r))
}

/// Overwrites its input as the raw call does, so its input is restored outside the clock too.
pub fn qr(n: usize) -> Contender {
    qr_of(n, convert::array(n, n, &data::general(n, n)))
}

/// The QR factorization of a matrix in a layout of the caller's.
pub fn qr_of(n: usize, a: Array2<f64>) -> Contender {
    Contender::new(
        Who::Lapwing,
        default_threads(),
        a,
        (Workspace::new(), Array2::default((0, 0))),
        |(workspace, q), a| {
            let qr = good(a.qr_inplace(&QrOptions::default(), workspace));
            good(qr.q_to(workspace, q));
            qr.r()
        },
        move |(_, q), _, r| qr_error(n, q, r),
    )
}

pub fn qr_plain(n: usize) -> Contender {
    let a = convert::array(n, n, &data::general(n, n));
    ours(
        Who::Plain,
        a,
        |a| {
            let qr = good(a.qr());
            (good(qr.q()), qr.r())
        },
        move |_, (q, r)| qr_error(n, q, r),
    )
}

fn lu_error<S: ndarray::Data<Elem = f64>>(n: usize, lu: &Lu<f64, S>) -> f64 {
    let b = data::vector(n);
    let x = good(lu.solve(&convert::array_vector(&b)));
    check::solution(n, &data::general(n, n), &x.to_vec(), &b)
}

/// Overwrites its input as the raw call does, so its input is restored outside the clock too.
pub fn lu(n: usize) -> Contender {
    lu_of(n, convert::array(n, n, &data::general(n, n)))
}

/// The LU factorization of a matrix in a layout of the caller's.
pub fn lu_of(n: usize, a: Array2<f64>) -> Contender {
    Contender::new(
        Who::Lapwing,
        default_threads(),
        a,
        Workspace::new(),
        |workspace, a| drop(good(a.lu_inplace(workspace))),
        // The factorization borrows its matrix and is gone by now: the check makes it again.
        move |_, _, ()| {
            let mut a = convert::array(n, n, &data::general(n, n));
            lu_error(n, &good(a.lu_inplace(&mut Workspace::new())))
        },
    )
}

pub fn lu_plain(n: usize) -> Contender {
    let a = convert::array(n, n, &data::general(n, n));
    ours(Who::Plain, a, |a| good(a.lu()), move |_, lu| lu_error(n, lu))
}

fn lstsq_error([m, n]: [usize; 2], x: &Array1<f64>) -> f64 {
    check::least_squares([m, n], &data::general(m, n), &x.to_vec(), &data::vector(m))
}

/// The factorization and its solve, which do what the raw calls do; overwrites its matrix as they do.
pub fn lstsq_by_factors([m, n]: [usize; 2]) -> Contender {
    Contender::new(
        Who::Lapwing,
        default_threads(),
        convert::array(m, n, &data::general(m, n)),
        (Workspace::new(), convert::array_vector(&data::vector(m)), Array1::default(0)),
        |(workspace, b, x), a| {
            let qr = good(a.qr_inplace(&QrOptions::default(), workspace));
            good(qr.solve_to(b, workspace, x));
        },
        move |(_, _, x), _, ()| lstsq_error([m, n], x),
    )
}

/// Least squares with everything reused.
pub fn lstsq([m, n]: [usize; 2], method: Method) -> Contender {
    let a = convert::array(m, n, &data::general(m, n));
    let options = LstsqOptions { method, ..Default::default() };
    ours(
        Who::Lapwing,
        (a, convert::array_vector(&data::vector(m)), Workspace::new(), Solution::default()),
        move |(a, b, workspace, solution)| good(a.lstsq_to(b, &options, workspace, solution)),
        move |(_, _, _, solution), ()| lstsq_error([m, n], &solution.x),
    )
}

pub fn lstsq_plain([m, n]: [usize; 2], method: Method) -> Contender {
    let state = (convert::array(m, n, &data::general(m, n)), convert::array_vector(&data::vector(m)));
    let options = LstsqOptions { method, ..Default::default() };
    ours(
        Who::Plain,
        state,
        move |(a, b)| good(a.lstsq_with(b, &options)),
        move |_, solution| lstsq_error([m, n], &solution.x),
    )
}
