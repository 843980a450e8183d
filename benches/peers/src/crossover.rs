//! `--crossover`: raw calls on one thread against all threads, over the sizes. lapwing's thread policy is read from it.
//! Upper floor of the bench.
//! It must not use lapwing: the policy would decide what is to be measured.

use crate::load::Ticks;
use crate::operations::default_threads;
use crate::timing::{Contender, Effort, Timing, Who, interleave};
use crate::{data, raw};

const SIZES: [usize; 16] = [4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
const EFFORT: Effort = Effort { seconds: 0.15, at_least: 9, at_least_slow: 5 };

const ATTEMPTS: usize = 8;
/// The share of the machine's processor time that others may take.
const QUIET: f64 = 0.04;

/// A raw call under a name: makes its contender for a size and a thread count.
type Make = fn(usize, Who, i32) -> Contender;

/// Name, largest size, and the call.
const OPERATIONS: [(&str, usize, Make); 13] = [
    ("gemm n×n×n", 1024, gemm),
    ("gesdd S n×n", 1024, |n, who, threads| svd(n, n, who, threads)),
    ("gesdd S 10n×n", 384, |n, who, threads| svd(10 * n, n, who, threads)),
    ("syevd V", 1024, eigh),
    ("syevd N", 1024, eigvalsh),
    ("geqrf+orgqr n×n", 1024, qr),
    ("geqrf 10n×n", 768, qr_tall),
    ("getrf", 1024, lu),
    ("getrs, n right-hand sides", 1024, lu_solve),
    ("potrf", 1024, cholesky),
    ("syrk 10n×n", 1024, gram),
    ("trsm, n right-hand sides", 1024, trsm),
    ("ormqr+trtrs 10n×n, 1 right-hand side (with geqrf)", 512, lstsq),
];

pub fn print() {
    let all = default_threads();
    println!("Seconds per call; ratio = one thread / {all} threads: above 1, more threads pay.\n");
    for (operation, largest, make) in OPERATIONS {
        println!("### {operation}\n");
        println!(
            "| n | 1: least | 1: median | {all}: least | {all}: median | ratio of least | ratio of medians | others |"
        );
        println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
        for n in SIZES.into_iter().filter(|&n| n <= largest) {
            let mut pair = [make(n, Who::RawOne, 1), make(n, Who::RawDefault, all)];
            let (one, many, others) = undisturbed(&mut pair);
            println!(
                "| {n} | {:.2e} | {:.2e} | {:.2e} | {:.2e} | {:.2} | {:.2} | {:.0} % |",
                one.least,
                one.median,
                many.least,
                many.median,
                one.least / many.least,
                one.median / many.median,
                100.0 * others,
            );
        }
        println!();
    }
    raw::set_threads(all);
}

/// Measures until other processes took no noticeable share of the machine, or some times at most; the quietest counts.
fn undisturbed(pair: &mut [Contender; 2]) -> (Timing, Timing, f64) {
    let mut attempt = || {
        let before = Ticks::now();
        let timings = interleave(pair, EFFORT);
        let others = before.zip(Ticks::now()).map_or(f64::NAN, |(before, after)| before.others_until(after));
        (timings[0], timings[1], others)
    };
    let mut quietest = attempt();
    for _ in 1..ATTEMPTS {
        if quietest.2 <= QUIET {
            break;
        }
        let again = attempt();
        if again.2 < quietest.2 {
            quietest = again;
        }
    }
    quietest
}

/// A call whose result is not looked at: the contest checks the same calls.
fn unchecked<I: Clone + 'static, S: 'static>(
    who: Who, threads: i32, input: I, state: S, run: impl Fn(&mut S, &mut I) + 'static,
) -> Contender {
    Contender::new(who, threads, input, state, run, |_, _, _| 0.0)
}

fn gemm(n: usize, who: Who, threads: i32) -> Contender {
    let state = (data::general(n, n), data::symmetric(n), vec![0.0; n * n]);
    unchecked(who, threads, (), state, move |(a, b, c), ()| raw::multiply([n; 3], a, b, c))
}

fn svd(m: usize, n: usize, who: Who, threads: i32) -> Contender {
    unchecked(who, threads, data::general(m, n), raw::Svd::new(m, n), |call, a| call.call(a))
}

fn eigh(n: usize, who: Who, threads: i32) -> Contender {
    unchecked(who, threads, data::symmetric(n), raw::Eigh::with_vectors(n), |call, a| call.call(a))
}

fn eigvalsh(n: usize, who: Who, threads: i32) -> Contender {
    unchecked(who, threads, data::symmetric(n), raw::Eigh::values_only(n), |call, a| call.call(a))
}

fn qr(n: usize, who: Who, threads: i32) -> Contender {
    unchecked(who, threads, data::general(n, n), raw::Qr::new(n, n), |call, a| call.factor_and_form(a))
}

fn qr_tall(n: usize, who: Who, threads: i32) -> Contender {
    unchecked(who, threads, data::general(10 * n, n), raw::Qr::new(10 * n, n), |call, a| call.factor(a))
}

fn lu(n: usize, who: Who, threads: i32) -> Contender {
    unchecked(who, threads, data::general(n, n), raw::Lu::new(n), |call, a| call.factor(a))
}

fn lu_solve(n: usize, who: Who, threads: i32) -> Contender {
    let mut call = raw::Lu::new(n);
    let mut factored = data::general(n, n);
    call.factor(&mut factored);
    unchecked(who, threads, data::symmetric(n), (call, factored), |(call, factored), b| call.solve(factored, b))
}

fn cholesky(n: usize, who: Who, threads: i32) -> Contender {
    unchecked(who, threads, data::positive_definite(n), (), move |(), a| raw::cholesky(n, a))
}

fn gram(n: usize, who: Who, threads: i32) -> Contender {
    let state = (data::general(10 * n, n), vec![0.0; n * n]);
    unchecked(who, threads, (), state, move |(a, c), ()| raw::gram(10 * n, n, a, c))
}

fn trsm(n: usize, who: Who, threads: i32) -> Contender {
    let l = data::positive_definite(n);
    unchecked(who, threads, data::general(n, n), l, move |l, b| raw::solve_lower(n, l, b))
}

fn lstsq(n: usize, who: Who, threads: i32) -> Contender {
    let input = (data::general(10 * n, n), data::vector(10 * n));
    unchecked(who, threads, input, raw::Qr::new(10 * n, n), |call, (a, b)| call.least_squares(a, b))
}
