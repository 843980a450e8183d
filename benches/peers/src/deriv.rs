//! Gradients through factorizations, beside the factorization and beside the matrix products in them.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface, but for the products.

use crate::contest::seconds;
use crate::operations::default_threads;
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
         parts and of the values alone. *Products*: as many raw `dgemm` of n×n matrices as the gradient consists of, 4 and 3.\n"
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
        products(n, 4),
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
        products(n, 3),
        contender((factors, values), |(eigh, bar)| eigh.vjp(bar).expect("values that are apart")),
    ]
}

fn products(n: usize, count: usize) -> Contender {
    let state = (data::general(n, n), data::general(n, n), vec![0.0; n * n]);
    let run = move |(a, b, c): &mut (Vec<f64>, Vec<f64>, Vec<f64>)| {
        (0..count).for_each(|_| raw::multiply([n; 3], a, b, c));
    };
    Contender::new(Who::Gemm, default_threads(), (), state, move |state, ()| run(state), |_, (), _| 0.0)
}
