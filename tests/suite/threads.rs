//! Many threads at once: mixed operations and sizes, every residual judged, while the thread policy changes.
//! Second floor of the tests: the sizes lie on both sides of the crossovers at which the policy changes the count.
//! Must not assert timings.

use super::generate::*;
use super::policy;
use super::residual::{self, *};
use lapwing::prelude::*;
use lapwing::threads::{self, Policy};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const THREADS: u64 = 8;
const SIZES: [usize; 8] = [3, 150, 16, 64, 5, 33, 100, 8];

fn factor<T: Scalar>(rng: &mut Rng, m: usize, n: usize, operation: usize) {
    let case = (T::NAME, m, n, operation);
    let known = general::<T>(rng, m, n, &Spectrum::Arithmetic.values(m.min(n), 10.0));
    let placed = Placed::<T>::new(&known.a, Layout::ALL[rng.below(10)]);
    let (given, a) = (placed.view(), rounded::<T>(&known.a));
    let b = rounded::<T>(&normal::<T>(rng, m, 2));
    let rhs = narrow::<T>(&b);
    let verdict = match operation {
        0 => {
            let f = given.svd().unwrap();
            residual::svd(&a, &wide(&f.u), &wide_reals::<T>(&f.s), &wide(&f.vh), T::EPS)
        }
        1 => {
            let f = given.qr().unwrap();
            residual::qr(&a, &wide(&f.q().unwrap()), &wide(&f.r()), T::EPS)
        }
        2 => {
            let s = wide_reals::<T>(&given.singular_values().unwrap());
            residual::values(&s, &known.values, m.max(n), T::EPS)
        }
        _ => residual::least_squares(&a, &wide(&given.lstsq(&rhs).unwrap().x), &b, T::EPS),
    };
    hold(&case, verdict);
}

fn factor_square<T: Scalar>(rng: &mut Rng, n: usize, operation: usize) {
    let case = (T::NAME, n, operation);
    let values = Spectrum::Arithmetic.values(n, 10.0);
    let b = rounded::<T>(&normal::<T>(rng, n, 2));
    let rhs = narrow::<T>(&b);
    let layout = Layout::ALL[rng.below(10)];
    let known = match operation {
        0 => general::<T>(rng, n, n, &values),
        1 => hermitian::<T>(rng, &values),
        _ => hermitian::<T>(rng, &alternating(&values)),
    };
    let placed = Placed::<T>::new(&known.a, layout);
    let (given, a) = (placed.view(), rounded::<T>(&known.a));
    let solution = match operation {
        0 => given.lu().unwrap().solve(&rhs).unwrap(),
        1 => given.cholesky().unwrap().solve(&rhs).unwrap(),
        2 => given.ldlt().unwrap().solve(&rhs).unwrap(),
        _ => {
            let f = given.eigh().unwrap();
            hold(&case, residual::eigh(&a, &wide_reals::<T>(&f.values), &wide(&f.vectors), T::EPS));
            return;
        }
    };
    hold(&case, residual::solve(&a, &wide(&solution), &b, T::EPS));
}

fn some_calls<T: Scalar>(rng: &mut Rng, turn: usize) {
    let n = SIZES[turn % SIZES.len()];
    let (m, k) = [(n, n), (n, n.div_ceil(3)), (n.div_ceil(3), n)][turn % 3];
    factor::<T>(rng, m, k, turn % 4);
    factor_square::<T>(rng, n, (turn / 2) % 4);
}

fn work(seed: u64) {
    let mut rng = Rng::new(seed);
    for turn in 0..24 {
        let turn = turn + seed as usize;
        match turn % 4 {
            0 => some_calls::<f32>(&mut rng, turn),
            1 => some_calls::<f64>(&mut rng, turn),
            2 => some_calls::<C32>(&mut rng, turn),
            _ => some_calls::<C64>(&mut rng, turn),
        }
    }
}

#[test]
fn eight_threads_at_once() {
    let _alone = policy::alone();
    thread::scope(|scope| {
        (0..THREADS).for_each(|seed| drop(scope.spawn(move || work(seed))));
    });
}

#[test]
fn policy_changed_while_others_compute() {
    let _alone = policy::alone();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|seed| scope.spawn(move || work(100 + seed))).collect();
        let done = &done;
        scope.spawn(move || {
            let fixed = [1, 3].map(|n| Policy::Fixed(NonZeroUsize::new(n).unwrap()));
            for policy in [Policy::Auto, fixed[0], fixed[1], Policy::Library].iter().cycle() {
                threads::set_policy(*policy);
                thread::yield_now();
                if done.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        let outcomes: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(outcomes.iter().all(Result::is_ok));
    });
}
