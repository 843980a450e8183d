//! The measuring loop: contenders take turns in one loop, in a new order every round, and each gets a list of samples.
//! Middle floor of the bench; pure bookkeeping and the clock.
//! It must not know what is measured, and it must not decide whether a figure is good.

use crate::data::SplitMix;
use crate::raw;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// One way of doing an operation.
///
/// It owns a pool of equal inputs. A sample restores as many of them as the batch needs, outside the clock, and then
/// consumes them one after the other inside it: a kernel that overwrites its input costs no copy.
pub struct Contender {
    pub who: Who,
    /// What OpenBLAS is told before each sample.
    threads: i32,
    lane: Box<dyn Lane>,
}

/// Who competes. The yardsticks come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The raw LAPACK call, one thread.
    RawOne,
    /// The raw LAPACK call, as many threads as OpenBLAS takes by itself.
    RawDefault,
    /// lapwing with a warm workspace and, where the operation has them, outputs of the caller's.
    Lapwing,
    /// lapwing's plain call, which allocates what it returns.
    Plain,
    NdarrayLinalg,
    Faer,
    Nalgebra,
    /// `dgemm` of the same n, at OpenBLAS's default thread count.
    Gemm,
}

trait Lane {
    fn sample(&mut self, batch: usize) -> Duration;
    fn error(&mut self) -> f64;
}

struct Pool<I, S, Run, Error> {
    input: I,
    copies: Vec<I>,
    state: S,
    run: Run,
    error: Error,
}

impl Contender {
    /// `run` gets what the contender keeps from call to call and a fresh copy of `input`. `error` measures how wrong a
    /// result is, in units where a backward stable method stays near 1.
    pub fn new<I: Clone + 'static, S: 'static, O: 'static>(
        who: Who, threads: i32, input: I, state: S, run: impl Fn(&mut S, &mut I) -> O + 'static,
        error: impl Fn(&S, &I, &O) -> f64 + 'static,
    ) -> Self {
        Contender { who, threads, lane: Box::new(Pool { input, copies: Vec::new(), state, run, error }) }
    }

    /// How wrong the contender's result is.
    pub fn error(&mut self) -> f64 {
        raw::set_threads(self.threads);
        self.lane.error()
    }

    /// Seconds per operation, over a batch of `batch`.
    fn measure(&mut self, batch: usize) -> f64 {
        raw::set_threads(self.threads);
        self.lane.sample(batch).as_secs_f64() / batch as f64
    }
}

impl<I, S, O, Run, Error> Lane for Pool<I, S, Run, Error>
where
    I: Clone,
    Run: Fn(&mut S, &mut I) -> O,
    Error: Fn(&S, &I, &O) -> f64,
{
    fn sample(&mut self, batch: usize) -> Duration {
        self.copies.iter_mut().take(batch).for_each(|used| used.clone_from(&self.input));
        while self.copies.len() < batch {
            self.copies.push(self.input.clone());
        }
        let start = Instant::now();
        for input in &mut self.copies[..batch] {
            black_box((self.run)(&mut self.state, input));
        }
        start.elapsed()
    }

    fn error(&mut self) -> f64 {
        let mut input = self.input.clone();
        let output = (self.run)(&mut self.state, &mut input);
        (self.error)(&self.state, &input, &output)
    }
}

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Seconds to spend on each contender.
    pub seconds: f64,
    /// Samples that a contender gets at least.
    pub at_least: usize,
    /// Samples of a contender whose one sample takes longer than `seconds`.
    pub at_least_slow: usize,
}

/// A sample is a batch that takes at least this long, so that reading the clock does not count.
const SAMPLE_SECONDS: f64 = 50e-6;
const LONGEST_BATCH: usize = 512;
const MOST_SAMPLES: usize = 4000;

/// Seconds per operation of one contender.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    pub least: f64,
    pub median: f64,
    /// Half the width of the 95 % confidence interval of the median, from order statistics.
    pub spread: f64,
}

/// Measures all contenders, turn and turn about.
pub fn interleave(contenders: &mut [Contender], effort: Effort) -> Vec<Timing> {
    let rough: Vec<f64> = contenders.iter_mut().map(|c| c.measure(1)).collect();
    let fastest = rough.iter().copied().fold(f64::INFINITY, f64::min);
    let batch = ((SAMPLE_SECONDS / fastest).ceil() as usize).clamp(1, LONGEST_BATCH);
    let quota: Vec<usize> = rough.iter().map(|&seconds| samples(seconds * batch as f64, effort)).collect();
    let rounds = quota.iter().copied().max().unwrap_or(0);

    let mut random = SplitMix(rounds as u64);
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut seconds: Vec<Vec<f64>> = quota.iter().map(|&q| Vec::with_capacity(q)).collect();
    for round in 0..rounds {
        random.shuffle(&mut order);
        for &i in order.iter().filter(|&&i| is_due(quota[i], round, rounds)) {
            seconds[i].push(contenders[i].measure(batch));
        }
    }
    seconds.into_iter().map(Timing::of).collect()
}

/// How many samples a contender gets whose sample takes `seconds`.
fn samples(seconds: f64, effort: Effort) -> usize {
    let least = if seconds > effort.seconds { effort.at_least_slow } else { effort.at_least };
    ((effort.seconds / seconds) as usize).clamp(least, MOST_SAMPLES)
}

/// Spreads `quota` turns evenly over `rounds`.
fn is_due(quota: usize, round: usize, rounds: usize) -> bool {
    (round + 1) * quota / rounds > round * quota / rounds
}

impl Timing {
    fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        let (count, middle) = (seconds.len(), seconds.len() / 2);
        let median = if count % 2 == 1 { seconds[middle] } else { 0.5 * (seconds[middle - 1] + seconds[middle]) };
        // The number of samples below the median is binomial: count/2 ± 1.96·√count/2.
        let reach = (0.98 * (count as f64).sqrt()).ceil() as usize;
        let (low, high) = (middle.saturating_sub(reach), (middle + reach).min(count - 1));
        Timing { least: seconds[0], median, spread: 0.5 * (seconds[high] - seconds[low]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_odd_and_even() {
        assert_eq!(Timing::of(vec![9.0, 1.0, 2.0]).median, 2.0);
        assert_eq!(Timing::of(vec![9.0, 1.0, 4.0, 2.0]).median, 3.0);
    }

    #[test]
    fn the_spread_is_an_interval_of_order_statistics() {
        let timing = Timing::of((1..=100).map(f64::from).collect());
        assert_eq!((timing.least, timing.median, timing.spread), (1.0, 50.5, 10.0));
        assert_eq!(Timing::of(vec![3.0]).spread, 0.0);
    }

    #[test]
    fn turns_are_spread_and_add_up() {
        for (quota, rounds) in [(3, 10), (10, 10), (1, 7), (7, 4000)] {
            let turns: Vec<usize> = (0..rounds).filter(|&round| is_due(quota, round, rounds)).collect();
            assert_eq!(turns.len(), quota);
            let widest = turns.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
            assert!(widest <= rounds.div_ceil(quota));
        }
    }

    #[test]
    fn slow_contenders_get_few_samples() {
        let effort = Effort { seconds: 0.3, at_least: 7, at_least_slow: 3 };
        assert_eq!(samples(2.0, effort), 3);
        assert_eq!(samples(0.1, effort), 7);
        assert_eq!(samples(50e-6, effort), MOST_SAMPLES);
    }
}
