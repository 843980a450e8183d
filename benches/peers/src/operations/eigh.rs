//! Eigenvalues and eigenvectors of a symmetric matrix, and eigenvalues only.
//! Upper floor of the bench.
//! It must not measure or print anything.

use super::{SIZES, both_raw, cube, default_threads, gemm, ours};
use crate::contest::{Contest, PeerTarget};
use crate::timing::{Contender, Who};
use crate::{check, convert, data, raw};
use ::faer::Side;
use std::mem::take;

pub const EIGH: Contest = Contest {
    title: "Symmetric eigenvalues and eigenvectors",
    size: "n",
    sizes: &SIZES,
    routines: "`dsyevd`, jobz = V",
    lapwing: "`eigh_to`; plain `eigh()`",
    judged: Who::Lapwing,
    peers: "`eigh(UPLO::Lower)`, `self_adjoint_eigen(Side::Lower)`, `symmetric_eigen()`",
    flops: |n| 9.0 * cube(n),
    flops_text: "9n³, the symmetric QR algorithm (Golub & Van Loan, Section 8.3.3); divide and conquer does fewer",
    contenders: with_vectors,
    peer_target: Some(PeerTarget { from: 256, factor: 3.0 }),
};

pub const EIGVALSH: Contest = Contest {
    title: "Symmetric eigenvalues only",
    size: "n",
    sizes: &SIZES,
    routines: "`dsyevd`, jobz = N",
    lapwing: "`eigvalsh_to`; plain `eigvalsh()`",
    judged: Who::Lapwing,
    peers: "`eigvalsh(UPLO::Lower)`, `self_adjoint_eigenvalues(Side::Lower)`, `symmetric_eigenvalues()`",
    flops: |n| 4.0 / 3.0 * cube(n),
    flops_text: "4n³/3, the reduction to tridiagonal form (Golub & Van Loan, Section 8.3.1)",
    contenders: values_only,
    peer_target: None,
};

fn with_vectors(n: usize) -> Vec<Contender> {
    let mut all = vec![ours::eigh(n), ours::eigh_plain(n), ndarray_linalg(n), faer(n), nalgebra(n), gemm(n)];
    all.extend(both_raw(|who, threads| raw_call(n, who, threads)));
    all
}

fn values_only(n: usize) -> Vec<Contender> {
    let mut all = vec![
        ours::eigvalsh(n),
        ours::eigvalsh_plain(n),
        ndarray_linalg_values(n),
        faer_values(n),
        nalgebra_values(n),
        gemm(n),
    ];
    all.extend(both_raw(|who, threads| raw_values(n, who, threads)));
    all
}

fn raw_call(n: usize, who: Who, threads: i32) -> Contender {
    Contender::new(
        who,
        threads,
        data::symmetric(n),
        raw::Eigh::with_vectors(n),
        |call, a| call.call(a),
        move |call, v, _| check::eigh(n, &data::symmetric(n), &call.w, v),
    )
}

fn raw_values(n: usize, who: Who, threads: i32) -> Contender {
    Contender::new(
        who,
        threads,
        data::symmetric(n),
        raw::Eigh::values_only(n),
        |call, a| call.call(a),
        move |call, _, _| check::eigenvalues(n, &data::symmetric(n), &call.w),
    )
}

fn ndarray_linalg(n: usize) -> Contender {
    use ndarray_linalg::{Eigh, UPLO};
    let a = data::symmetric(n);
    Contender::new(
        Who::NdarrayLinalg,
        default_threads(),
        convert::array(n, n, &a),
        (),
        |(), a| a.eigh(UPLO::Lower).expect("converges"),
        move |_, _, (w, v)| check::eigh(n, &a, &w.to_vec(), &convert::from_array(v)),
    )
}

fn ndarray_linalg_values(n: usize) -> Contender {
    use ndarray_linalg::{EigValsh, UPLO};
    let a = data::symmetric(n);
    Contender::new(
        Who::NdarrayLinalg,
        default_threads(),
        convert::array(n, n, &a),
        (),
        |(), a| a.eigvalsh(UPLO::Lower).expect("converges"),
        move |_, _, w| check::eigenvalues(n, &a, &w.to_vec()),
    )
}

fn faer(n: usize) -> Contender {
    let a = data::symmetric(n);
    Contender::new(
        Who::Faer,
        default_threads(),
        convert::faer(n, n, &a),
        (),
        |(), a| a.self_adjoint_eigen(Side::Lower).expect("converges"),
        move |_, _, eigen| {
            let w: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
            check::eigh(n, &a, &w, &convert::from_faer(eigen.U()))
        },
    )
}

fn faer_values(n: usize) -> Contender {
    let a = data::symmetric(n);
    Contender::new(
        Who::Faer,
        default_threads(),
        convert::faer(n, n, &a),
        (),
        |(), a| a.self_adjoint_eigenvalues(Side::Lower).expect("converges"),
        move |_, _, w| check::eigenvalues(n, &a, w),
    )
}

fn nalgebra(n: usize) -> Contender {
    let a = data::symmetric(n);
    Contender::new(
        Who::Nalgebra,
        default_threads(),
        convert::nalgebra(n, n, &a),
        (),
        |(), a| take(a).symmetric_eigen(),
        move |_, _, eigen| check::eigh(n, &a, eigen.eigenvalues.as_slice(), eigen.eigenvectors.as_slice()),
    )
}

fn nalgebra_values(n: usize) -> Contender {
    let a = data::symmetric(n);
    Contender::new(
        Who::Nalgebra,
        default_threads(),
        convert::nalgebra(n, n, &a),
        (),
        |(), a| a.symmetric_eigenvalues(),
        move |_, _, w| check::eigenvalues(n, &a, w.as_slice()),
    )
}
