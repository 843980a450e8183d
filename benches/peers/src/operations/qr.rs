//! QR factorization of a square matrix, with Q formed.
//! Upper floor of the bench.
//! It must not measure or print anything.

use super::{SIZES, both_raw, cube, default_threads, gemm, ours};
use crate::contest::Contest;
use crate::timing::{Contender, Who};
use crate::{check, convert, data, raw};
use std::mem::take;

pub const QR: Contest = Contest {
    title: "QR, with Q formed",
    size: "n",
    sizes: &SIZES,
    routines: "`dgeqrf`, R copied out, `dorgqr`",
    lapwing: "`qr_inplace`, `q_to`, `r()`; plain `qr()`, `q()`, `r()`",
    judged: Who::Lapwing,
    peers: "`qr()`, `qr()` with `compute_thin_Q()` and `thin_R()`, `qr().unpack()`",
    flops: |n| 8.0 / 3.0 * cube(n),
    flops_text: "8n³/3, half of it for Q (Golub & Van Loan, Sections 5.1.6 and 5.2.2)",
    contenders,
    peer_target: None,
};

fn contenders(n: usize) -> Vec<Contender> {
    let mut all = vec![ours::qr(n), ours::qr_plain(n), ndarray_linalg(n), faer(n), nalgebra(n), gemm(n)];
    all.extend(both_raw(|who, threads| raw_call(n, who, threads)));
    all
}

fn raw_call(n: usize, who: Who, threads: i32) -> Contender {
    Contender::new(
        who,
        threads,
        data::general(n, n),
        raw::Qr::new(n, n),
        |call, a| call.factor_and_form(a),
        move |call, q, _| check::qr([n, n], &data::general(n, n), q, &call.r),
    )
}

fn ndarray_linalg(n: usize) -> Contender {
    use ndarray_linalg::QR;
    let a = data::general(n, n);
    Contender::new(
        Who::NdarrayLinalg,
        default_threads(),
        convert::array(n, n, &a),
        (),
        |(), a| a.qr().expect("is defined for every matrix"),
        move |_, _, (q, r)| check::qr([n, n], &a, &convert::from_array(q), &convert::from_array(r)),
    )
}

fn faer(n: usize) -> Contender {
    let a = data::general(n, n);
    Contender::new(
        Who::Faer,
        default_threads(),
        convert::faer(n, n, &a),
        (),
        |(), a| {
            let qr = a.qr();
            (qr.compute_thin_Q(), qr)
        },
        move |_, _, (q, qr)| check::qr([n, n], &a, &convert::from_faer(q.as_ref()), &convert::from_faer(qr.thin_R())),
    )
}

fn nalgebra(n: usize) -> Contender {
    let a = data::general(n, n);
    Contender::new(
        Who::Nalgebra,
        default_threads(),
        convert::nalgebra(n, n, &a),
        (),
        |(), a| take(a).qr().unpack(),
        move |_, _, (q, r)| check::qr([n, n], &a, q.as_slice(), r.as_slice()),
    )
}
