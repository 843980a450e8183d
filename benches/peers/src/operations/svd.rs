//! Thin singular value decomposition of a square matrix.
//! Upper floor of the bench.
//! It must not measure or print anything.

use super::{SIZES, both_raw, cube, default_threads, gemm, ours};
use crate::contest::Contest;
use crate::timing::{Contender, Who};
use crate::{check, convert, data, raw};
use std::mem::take;

pub const SVD: Contest = Contest {
    title: "SVD, thin",
    size: "n",
    sizes: &SIZES,
    routines: "`dgesdd`, jobz = S",
    lapwing: "`svd_to`; plain `svd()`",
    judged: Who::Lapwing,
    peers: "`svddc(JobSvd::Some)`, `thin_svd()`, `svd(true, true)`",
    flops: |n| 22.0 * cube(n),
    flops_text: "22n³, U₁ΣV by Golub–Reinsch (Golub & Van Loan, Figure 8.6.1); divide and conquer does fewer",
    contenders,
    peer_target: None,
};

fn contenders(n: usize) -> Vec<Contender> {
    let mut all = vec![ours::svd(n), ours::svd_plain(n), ndarray_linalg(n), faer(n), nalgebra(n), gemm(n)];
    all.extend(both_raw(|who, threads| raw_call(n, who, threads)));
    all
}

fn raw_call(n: usize, who: Who, threads: i32) -> Contender {
    Contender::new(
        who,
        threads,
        data::general(n, n),
        raw::Svd::new(n, n),
        |call, a| call.call(a),
        move |call, _, _| check::svd([n, n], &data::general(n, n), &call.u, &call.s, &call.vt),
    )
}

fn ndarray_linalg(n: usize) -> Contender {
    use ndarray_linalg::{JobSvd, SVDDC};
    let a = data::general(n, n);
    Contender::new(
        Who::NdarrayLinalg,
        default_threads(),
        convert::array(n, n, &a),
        (),
        |(), a| a.svddc(JobSvd::Some).expect("converges"),
        move |_, _, (u, s, vt)| {
            let (u, vt) = (u.as_ref().expect("was asked for"), vt.as_ref().expect("was asked for"));
            check::svd([n, n], &a, &convert::from_array(u), &s.to_vec(), &convert::from_array(vt))
        },
    )
}

fn faer(n: usize) -> Contender {
    let a = data::general(n, n);
    Contender::new(
        Who::Faer,
        default_threads(),
        convert::faer(n, n, &a),
        (),
        |(), a| a.thin_svd().expect("converges"),
        move |_, _, svd| {
            let s: Vec<f64> = svd.S().column_vector().iter().copied().collect();
            check::svd([n, n], &a, &convert::from_faer(svd.U()), &s, &convert::from_faer(svd.V().transpose()))
        },
    )
}

fn nalgebra(n: usize) -> Contender {
    let a = data::general(n, n);
    Contender::new(
        Who::Nalgebra,
        default_threads(),
        convert::nalgebra(n, n, &a),
        (),
        |(), a| take(a).svd(true, true),
        move |_, _, svd| {
            let (u, vt) = (svd.u.as_ref().expect("was asked for"), svd.v_t.as_ref().expect("was asked for"));
            check::svd([n, n], &a, u.as_slice(), svd.singular_values.as_slice(), vt.as_slice())
        },
    )
}
