//! Gradients through factorizations, beside the factorization and beside the matrix products in them.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface, but for the products.

use crate::contest::seconds;
use crate::operations::default_threads;
use crate::raw::Op::{Plain, Transposed};
use crate::timing::{Contender, Effort, Timing, Who, interleave};
use crate::{convert, data, raw};
use lapwing::deriv::{Differentiable, EighCotangent, SvdCotangent};
use lapwing::prelude::*;
use ndarray::Array2;

const SIZES: [usize; 3] = [64, 128, 512];

/// At most so much of the time of the factorization, of that of the products, and, for the values alone, of the factorization.
const LIMITS: [f64; 3] = [0.7, 1.2, 0.1];

pub fn print(effort: Effort) {
    println!("### Gradients (vjp)\n");
    println!(
        "Through the SVD and the symmetric eigenvalue decomposition of n×n matrices, from factors at hand, for cotangents of all \
         parts and of the values alone. *Products*: the raw `dgemm` calls that the gradient consists of, 4 and 3, in memory at \
         hand.\n"
    );
    println!(
        "| n | through | factorization | gradient | values alone | gradient ÷ factorization | gradient ÷ products | \
         values alone ÷ factorization |"
    );
    println!("|---:|:---|---:|---:|---:|---:|---:|---:|");
    for n in SIZES {
        println!("{}", line(n, "SVD", svd(n), effort));
        println!("{}", line(n, "eigh", eigh(n), effort));
    }
    println!();
}

/// The factorization, the gradient, the products, and the gradient for values alone.
fn line(n: usize, through: &str, mut contenders: [Contender; 4], effort: Effort) -> String {
    let timings = interleave(&mut contenders, effort);
    let [factorization, gradient, products, values] = [0, 1, 2, 3].map(|i| timings[i]);
    let judged = |above: Timing, below: Timing, limit: f64| {
        let ratio = above.median / below.median;
        let spread = ratio * (above.spread / above.median).hypot(below.spread / below.median);
        let word = match ratio - limit {
            excess if excess <= 0.0 => "met",
            excess if excess <= spread => "within noise",
            _ => "**missed**",
        };
        format!("{ratio:.2} ± {spread:.2} (≤ {limit:.2} {word})")
    };
    format!(
        "| {n} | {through} | {} | {} | {} | {} | {} | {} |",
        seconds(Some(factorization)),
        seconds(Some(gradient)),
        seconds(Some(values)),
        judged(gradient, factorization, LIMITS[0]),
        judged(gradient, products, LIMITS[1]),
        judged(values, factorization, LIMITS[2])
    )
}

/// A contender that keeps `state` and has no input of its own.
pub fn contender<S: 'static, O: 'static>(state: S, run: impl Fn(&mut S) -> O + 'static) -> Contender {
    // The tests hold gradients against difference quotients.
    Contender::new(Who::Lapwing, default_threads(), (), state, move |state, ()| run(state), |_, (), _| 0.0)
}

/// A matrix with its SVD, a cotangent of all three parts, and one of the singular values alone.
pub struct OfSvd {
    pub a: Array2<f64>,
    pub factors: Svd<f64>,
    pub bar: SvdCotangent<f64>,
    pub values: SvdCotangent<f64>,
}

impl OfSvd {
    pub fn new(n: usize) -> Self {
        let a = convert::array(n, n, &data::general(n, n));
        let factors = a.svd().expect("a random matrix");
        let bar = SvdCotangent { u: Some(a.clone()), s: Some(factors.s.clone()), vh: Some(a.t().to_owned()) };
        let values = SvdCotangent { s: Some(factors.s.clone()), ..SvdCotangent::default() };
        OfSvd { a, factors, bar, values }
    }
}

/// The same of a symmetric matrix and its eigenvalues and eigenvectors.
pub struct OfEigh {
    pub a: Array2<f64>,
    pub factors: Eigh<f64>,
    pub bar: EighCotangent<f64>,
    pub values: EighCotangent<f64>,
}

impl OfEigh {
    pub fn new(n: usize) -> Self {
        let a = convert::array(n, n, &data::symmetric(n));
        let factors = a.eigh().expect("a random matrix");
        let bar = EighCotangent { values: Some(factors.values.clone()), vectors: Some(a.clone()) };
        let values = EighCotangent { values: Some(factors.values.clone()), ..EighCotangent::default() };
        OfEigh { a, factors, bar, values }
    }
}

fn svd(n: usize) -> [Contender; 4] {
    let OfSvd { a, factors, bar, values } = OfSvd::new(n);
    [
        contender((a, Workspace::new(), Svd::default()), |(a, workspace, svd)| {
            a.svd_to(&SvdOptions::thin(), workspace, svd).expect("a random matrix");
        }),
        contender((factors.clone(), bar), |(svd, bar)| svd.vjp(bar).expect("values that are apart")),
        svd_products(n),
        contender((factors, values), |(svd, bar)| svd.vjp(bar).expect("values that are apart")),
    ]
}

fn eigh(n: usize) -> [Contender; 4] {
    let OfEigh { a, factors, bar, values } = OfEigh::new(n);
    [
        contender((a, Workspace::new(), Eigh::default()), |(a, workspace, eigh)| {
            a.eigh_to(&EighOptions::default(), workspace, eigh).expect("a random matrix");
        }),
        contender((factors.clone(), bar), |(eigh, bar)| eigh.vjp(bar).expect("values that are apart")),
        eigh_products(n),
        contender((factors, values), |(eigh, bar)| eigh.vjp(bar).expect("values that are apart")),
    ]
}

/// The products in the gradient through the SVD, of operands as they lie there: X = UᵀŪ, Y = V̄ᵀV, U·M and (U·M)·Vᵀ.
fn svd_products(n: usize) -> Contender {
    let state = (operands::<5>(n), [vec![0.0; n * n], vec![0.0; n * n]]);
    let run = move |([u, u_bar, vh, vh_bar, middle], [x, y]): &mut ([Vec<f64>; 5], [Vec<f64>; 2])| {
        raw::multiply_as([Transposed, Plain], [n; 3], u, u_bar, x);
        raw::multiply_as([Transposed, Transposed], [n; 3], vh_bar, vh, y);
        raw::multiply_as([Plain, Plain], [n; 3], u, middle, y);
        raw::multiply_as([Plain, Plain], [n; 3], y, vh, x);
    };
    Contender::new(Who::Gemm, default_threads(), (), state, move |state, ()| run(state), |_, (), _| 0.0)
}

/// Those in the gradient through the eigenvalue decomposition: X = QᵀQ̄, Q·M and (Q·M)·Qᵀ, all in full.
fn eigh_products(n: usize) -> Contender {
    let state = (operands::<3>(n), [vec![0.0; n * n], vec![0.0; n * n]]);
    let run = move |([q, q_bar, middle], [x, y]): &mut ([Vec<f64>; 3], [Vec<f64>; 2])| {
        raw::multiply_as([Transposed, Plain], [n; 3], q, q_bar, x);
        raw::multiply_as([Plain, Plain], [n; 3], q, middle, x);
        raw::multiply_as([Plain, Transposed], [n; 3], x, q, y);
    };
    Contender::new(Who::Gemm, default_threads(), (), state, move |state, ()| run(state), |_, (), _| 0.0)
}

fn operands<const K: usize>(n: usize) -> [Vec<f64>; K] {
    std::array::from_fn(|_| data::general(n, n))
}
