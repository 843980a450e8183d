//! Least squares with one right-hand side, by QR and by the normal equations.
//! Upper floor of the bench.
//! It must not measure or print anything.

use super::{SIZES, both_raw, cube, default_threads, gemm, ours};
use crate::contest::Contest;
use crate::timing::{Contender, Who};
use crate::{check, convert, data, raw};
use ::faer::linalg::solvers::SolveLstsq;
use lapwing::prelude::Method;
use std::mem::take;

/// Rows for each column.
const TALL: usize = 10;
/// Columns of the long matrices, and their rows.
const NARROW: usize = 50;
const LENGTHS: [usize; 3] = [1_000, 10_000, 100_000];

pub const BY_QR: Contest = Contest {
    title: "Least squares 10n×n by QR",
    size: "n",
    sizes: &SIZES,
    routines: "`dgeqrf`, `dormqr`, `dtrtrs`",
    lapwing: "`lstsq_to` by `Method::Qr`, which also gives rank, condition, residual and error bound; plain `lstsq_with`",
    judged: Who::Lapwing,
    peers: "`least_squares()` (`dgelsd`: the only one it has), `qr().solve_lstsq()`, `qr()` with `q_tr_mul` and \
            `solve_upper_triangular`",
    flops: |n| 2.0 * (TALL as f64 - 1.0 / 3.0) * cube(n),
    flops_text: "2n²(m − n/3) (Golub & Van Loan, Section 5.3.2)",
    contenders: by_qr,
    peer_target: None,
};

pub const BY_FACTORS: Contest = Contest {
    title: "Factorization and solve 10n×n by QR",
    lapwing: "`qr_inplace` and `solve_to`, which do what the raw calls do",
    peers: "not here",
    contenders: |n| {
        let mut all = vec![ours::lstsq_by_factors([TALL * n, n]), gemm(n)];
        all.extend(both_raw(|who, threads| raw_qr([TALL * n, n], who, threads)));
        all
    },
    ..BY_QR
};

pub const BY_NORMAL_EQUATIONS: Contest = Contest {
    title: "Least squares 10n×n by the normal equations",
    size: "n",
    sizes: &SIZES,
    routines: "`dsyrk`, `dgemv`, `dpotrf`, `dpotrs`",
    lapwing: "`lstsq_to` by `Method::NormalEquations`, which also gives condition, residual and error bound; plain \
              `lstsq_with`",
    judged: Who::Lapwing,
    peers: "none for ndarray-linalg, `transpose() * a` with `llt`, `tr_mul` with `cholesky()`",
    flops: |n| (TALL as f64 + 1.0 / 3.0) * cube(n),
    flops_text: "n²(m + n/3) (Golub & Van Loan, Section 5.3.1)",
    contenders: by_normal_equations,
    peer_target: None,
};

pub const TALL_BY_QR: Contest = Contest {
    title: "Least squares m×50 by QR",
    size: "m",
    sizes: &LENGTHS,
    flops: |m| 2.0 * (NARROW * NARROW) as f64 * (m as f64 - NARROW as f64 / 3.0),
    contenders: |m| qr_contenders([m, NARROW]),
    ..BY_QR
};

pub const TALL_BY_NORMAL_EQUATIONS: Contest = Contest {
    title: "Least squares m×50 by the normal equations",
    size: "m",
    sizes: &LENGTHS,
    flops: |m| (NARROW * NARROW) as f64 * (m as f64 + NARROW as f64 / 3.0),
    contenders: |m| normal_contenders([m, NARROW]),
    ..BY_NORMAL_EQUATIONS
};

fn by_qr(n: usize) -> Vec<Contender> {
    let mut all = qr_contenders([TALL * n, n]);
    all.push(gemm(n));
    all
}

fn qr_contenders(shape: [usize; 2]) -> Vec<Contender> {
    let mut all = vec![
        ours::lstsq(shape, Method::Qr),
        ours::lstsq_plain(shape, Method::Qr),
        ndarray_linalg_svd(shape),
        faer_qr(shape),
        nalgebra_qr(shape),
    ];
    all.extend(both_raw(|who, threads| raw_qr(shape, who, threads)));
    all
}

fn by_normal_equations(n: usize) -> Vec<Contender> {
    let mut all = normal_contenders([TALL * n, n]);
    all.push(gemm(n));
    all
}

fn normal_contenders(shape: [usize; 2]) -> Vec<Contender> {
    let mut all = vec![
        ours::lstsq(shape, Method::NormalEquations),
        ours::lstsq_plain(shape, Method::NormalEquations),
        faer_normal(shape),
        nalgebra_normal(shape),
    ];
    all.extend(both_raw(|who, threads| raw_normal(shape, who, threads)));
    all
}

fn error([m, n]: [usize; 2], x: &[f64]) -> f64 {
    check::least_squares([m, n], &data::general(m, n), x, &data::vector(m))
}

fn raw_qr([m, n]: [usize; 2], who: Who, threads: i32) -> Contender {
    Contender::new(
        who,
        threads,
        (data::general(m, n), data::vector(m)),
        raw::Qr::new(m, n),
        |call, (a, b)| call.least_squares(a, b),
        move |_, (_, b), _| error([m, n], &b[..n]),
    )
}

fn raw_normal([m, n]: [usize; 2], who: Who, threads: i32) -> Contender {
    let state = (raw::NormalEquations::new(m, n), data::general(m, n), data::vector(m));
    Contender::new(
        who,
        threads,
        (),
        state,
        |(call, a, b), ()| call.call(a, b),
        move |(call, ..), _, _| error([m, n], &call.x),
    )
}

fn ndarray_linalg_svd([m, n]: [usize; 2]) -> Contender {
    use ndarray_linalg::LeastSquaresSvd;
    let state = (convert::array(m, n, &data::general(m, n)), convert::array_vector(&data::vector(m)));
    Contender::new(
        Who::NdarrayLinalg,
        default_threads(),
        (),
        state,
        |(a, b), ()| a.least_squares(b).expect("converges"),
        move |_, _, found| error([m, n], &found.solution.to_vec()),
    )
}

fn faer_qr([m, n]: [usize; 2]) -> Contender {
    let state = (convert::faer(m, n, &data::general(m, n)), convert::faer(m, 1, &data::vector(m)));
    Contender::new(
        Who::Faer,
        default_threads(),
        (),
        state,
        |(a, b), ()| a.qr().solve_lstsq(&*b),
        move |_, _, x| error([m, n], &convert::from_faer(x.as_ref())),
    )
}

fn faer_normal([m, n]: [usize; 2]) -> Contender {
    use ::faer::linalg::solvers::Solve;
    let state = (convert::faer(m, n, &data::general(m, n)), convert::faer(m, 1, &data::vector(m)));
    Contender::new(
        Who::Faer,
        default_threads(),
        (),
        state,
        |(a, b), ()| {
            let gram = a.transpose() * &*a;
            gram.llt(::faer::Side::Lower).expect("is positive definite").solve(a.transpose() * &*b)
        },
        move |_, _, x| error([m, n], &convert::from_faer(x.as_ref())),
    )
}

fn nalgebra_qr([m, n]: [usize; 2]) -> Contender {
    let input = (convert::nalgebra(m, n, &data::general(m, n)), convert::nalgebra_vector(&data::vector(m)));
    Contender::new(
        Who::Nalgebra,
        default_threads(),
        input,
        (),
        move |(), (a, b)| {
            let qr = take(a).qr();
            qr.q_tr_mul(b);
            qr.r().solve_upper_triangular(&b.rows(0, n)).expect("is not singular")
        },
        move |_, _, x| error([m, n], x.as_slice()),
    )
}

fn nalgebra_normal([m, n]: [usize; 2]) -> Contender {
    let state = (convert::nalgebra(m, n, &data::general(m, n)), convert::nalgebra_vector(&data::vector(m)));
    Contender::new(
        Who::Nalgebra,
        default_threads(),
        (),
        state,
        |(a, b), ()| a.tr_mul(a).cholesky().expect("is positive definite").solve(&a.tr_mul(b)),
        move |_, _, x| error([m, n], x.as_slice()),
    )
}
