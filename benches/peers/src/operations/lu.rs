//! LU factorization with row exchanges.
//! Upper floor of the bench.
//! It must not measure or print anything.

use super::{SIZES, both_raw, cube, default_threads, gemm, ours};
use crate::contest::Contest;
use crate::timing::{Contender, Who};
use crate::{check, convert, data, raw};
use ::faer::linalg::solvers::Solve;
use std::mem::take;

pub const LU: Contest = Contest {
    title: "LU",
    size: "n",
    sizes: &SIZES,
    routines: "`dgetrf`",
    lapwing: "`lu_inplace`; plain `lu()`",
    judged: Who::Lapwing,
    peers: "`factorize_into()`, `partial_piv_lu()`, `lu()`",
    flops: |n| 2.0 / 3.0 * cube(n),
    flops_text: "2n³/3 (Golub & Van Loan, Section 3.4.4)",
    contenders,
    peer_target: None,
};

fn contenders(n: usize) -> Vec<Contender> {
    let mut all = vec![ours::lu(n), ours::lu_plain(n), ndarray_linalg(n), faer(n), nalgebra(n), gemm(n)];
    all.extend(both_raw(|who, threads| raw_call(n, who, threads)));
    all
}

/// The factors are checked by a system that they solve, outside the clock.
fn error(n: usize, x: &[f64]) -> f64 {
    check::solution(n, &data::general(n, n), x, &data::vector(n))
}

fn raw_call(n: usize, who: Who, threads: i32) -> Contender {
    Contender::new(
        who,
        threads,
        data::general(n, n),
        raw::Lu::new(n),
        |call, a| call.factor(a),
        move |call, factored, _| {
            let mut x = data::vector(n);
            call.solve(factored, &mut x);
            error(n, &x)
        },
    )
}

fn ndarray_linalg(n: usize) -> Contender {
    use ndarray_linalg::{FactorizeInto, Solve};
    Contender::new(
        Who::NdarrayLinalg,
        default_threads(),
        convert::array(n, n, &data::general(n, n)),
        (),
        |(), a| take(a).factorize_into().expect("is not singular"),
        move |_, _, lu| error(n, &lu.solve(&convert::array_vector(&data::vector(n))).expect("fits").to_vec()),
    )
}

fn faer(n: usize) -> Contender {
    Contender::new(
        Who::Faer,
        default_threads(),
        convert::faer(n, n, &data::general(n, n)),
        (),
        |(), a| a.partial_piv_lu(),
        move |_, _, lu| {
            let x = lu.solve(convert::faer(n, 1, &data::vector(n)));
            error(n, &convert::from_faer(x.as_ref()))
        },
    )
}

fn nalgebra(n: usize) -> Contender {
    Contender::new(
        Who::Nalgebra,
        default_threads(),
        convert::nalgebra(n, n, &data::general(n, n)),
        (),
        |(), a| take(a).lu(),
        move |_, _, lu| {
            let x = lu.solve(&convert::nalgebra_vector(&data::vector(n))).expect("is not singular");
            error(n, x.as_slice())
        },
    )
}
