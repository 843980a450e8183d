//! One operation, all contenders, all sizes: checks the results, measures, and prints a table of ratios with its targets.
//! Upper floor of the bench, above `timing`, below `main`; the operations say who competes.
//! It must not know any peer's types, and a missed target is printed, never an error.

use crate::check::LARGEST_ERROR;
use crate::load::Ticks;
use crate::timing::{Contender, Effort, Timing, Who, interleave};
use std::cmp::Ordering;
use std::fmt;

/// An operation to be measured.
pub struct Contest {
    pub title: &'static str,
    /// What a size stands for: the columns n of a matrix, or its rows m.
    pub size: &'static str,
    pub sizes: &'static [usize],
    /// The raw calls that are the yardstick.
    pub routines: &'static str,
    /// What lapwing's contenders call.
    pub lapwing: &'static str,
    /// The one of lapwing's contenders that is set against the raw call at default threads and against `dgemm`. Where it
    /// is the plain call, that has the other targets too.
    pub judged: Who,
    /// What the peers call.
    pub peers: &'static str,
    /// The flop count that the textbook gives, and its place.
    pub flops: fn(usize) -> f64,
    pub flops_text: &'static str,
    pub contenders: fn(usize) -> Vec<Contender>,
    /// ndarray-linalg must take at least `factor` times as long, from size `from`.
    pub peer_target: Option<PeerTarget>,
}

pub struct PeerTarget {
    pub from: usize,
    pub factor: f64,
}

/// Where the raw call's times on one thread and on the default number differ by less, it uses one thread in both cases.
const UNUSED: f64 = 0.02;

/// The timings of one size, by contender.
struct Row {
    n: usize,
    timings: Vec<(Who, Timing)>,
}

/// What the run found, for the summary.
#[derive(Default)]
pub struct Verdict {
    pub targets: usize,
    /// Missed by less than the noise.
    pub unclear: usize,
    pub missed: Vec<String>,
}

/// Two measured times, one over the other.
#[derive(Clone, Copy)]
struct Ratio {
    value: f64,
    /// The difference of the two times, in seconds.
    difference: f64,
    /// Half the width of its 95 % interval, from those of the two medians.
    spread: f64,
}

impl Ratio {
    fn of(over: Timing, under: Timing) -> Self {
        let value = over.median / under.median;
        let relative = (over.spread / over.median).hypot(under.spread / under.median);
        Ratio { value, difference: over.median - under.median, spread: value * relative }
    }
}

/// Measures and prints one table; `only` limits the sizes.
pub fn run(contest: &Contest, only: Option<usize>, effort: Effort, verdict: &mut Verdict) {
    print_head(contest);
    let before = Ticks::now();
    for &n in contest.sizes.iter().filter(|&&n| only.is_none_or(|only| n == only)) {
        let mut contenders = (contest.contenders)(n);
        refuse_wrong_results(contest, n, &mut contenders);
        let timings = interleave(&mut contenders, effort);
        let row = Row { n, timings: contenders.iter().map(|c| c.who).zip(timings).collect() };
        println!("{}", row.line(contest, verdict));
    }
    if let Some((before, after)) = before.zip(Ticks::now()) {
        let others = 100.0 * before.others_until(after);
        println!("\nOther processes took {others:.0} % of the machine's processor time meanwhile.");
    }
    println!();
}

/// Stops the run if a contender does not compute what the others do.
fn refuse_wrong_results(contest: &Contest, n: usize, contenders: &mut [Contender]) {
    for contender in contenders {
        let error = contender.error();
        assert!(
            error <= LARGEST_ERROR,
            "{}, {} = {n}: the result of {:?} is wrong by {error:.1e}",
            contest.title,
            contest.size,
            contender.who
        );
    }
}

fn print_head(contest: &Contest) {
    println!("### {}\n", contest.title);
    let Contest { routines, lapwing, peers, flops_text, .. } = contest;
    println!("Raw: {routines}. lapwing: {lapwing}. Peers: {peers}. Flops: {flops_text}.\n");
    println!(
        "| {} | raw, 1 thread | raw, default threads | lapwing ÷ better raw | plain call ÷ better raw \
         | {} ÷ raw at default threads | ndarray-linalg ÷ plain | faer ÷ plain | nalgebra ÷ plain | share of gemm's rate |",
        contest.size,
        if contest.judged == Who::Plain { "plain call" } else { "lapwing" },
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
}

impl Row {
    fn get(&self, who: Who) -> Option<Timing> {
        self.timings.iter().find(|(w, _)| *w == who).map(|&(_, timing)| timing)
    }

    fn ratio(&self, over: Who, under: Who) -> Option<Ratio> {
        Some(Ratio::of(self.get(over)?, self.get(under)?))
    }

    /// The raw call at the thread count that suits it better.
    fn better_raw(&self) -> Option<Who> {
        let (one, default) = (self.get(Who::RawOne)?, self.get(Who::RawDefault)?);
        Some(if one.median <= default.median { Who::RawOne } else { Who::RawDefault })
    }

    /// The raw call at default threads, and whether they made a difference to it.
    fn default_threads(&self) -> &'static str {
        match self.ratio(Who::RawDefault, Who::RawOne) {
            Some(ratio) if (ratio.value - 1.0).abs() <= UNUSED => {
                "÷ raw at default threads, of which OpenBLAS itself uses one at this size"
            }
            _ => "÷ raw at default threads",
        }
    }

    fn line(&self, contest: &Contest, verdict: &mut Verdict) -> String {
        let n = self.n;
        let yardstick = self.better_raw();
        let over_better = |who| yardstick.and_then(|raw| self.ratio(who, raw));
        // The targets are about orders n; the long matrices have none.
        let same_threads = match n {
            _ if contest.size != "n" => None,
            8 => Some(Target::AtMost(1.10)),
            64.. => Some(Target::AtMost(1.03)),
            _ => None,
        };
        let default_threads = (n <= 128 && contest.size == "n").then_some(Target::AtMost(1.0));
        let peer = contest.peer_target.as_ref().filter(|peer| n >= peer.from);
        let mut judge = |ratio, target, against: &str| {
            let place = format!("{}, {} = {n}, {against}", contest.title, contest.size);
            verdict.cell(ratio, target, place)
        };
        let for_plain = same_threads.filter(|_| contest.judged == Who::Plain);
        let cells = [
            n.to_string(),
            seconds(self.get(Who::RawOne)),
            seconds(self.get(Who::RawDefault)),
            judge(over_better(Who::Lapwing), same_threads, "lapwing ÷ better raw"),
            judge(over_better(Who::Plain), for_plain, "plain call ÷ better raw"),
            judge(self.ratio(contest.judged, Who::RawDefault), default_threads, self.default_threads()),
            judge(
                self.ratio(Who::NdarrayLinalg, Who::Plain),
                peer.map(|peer| Target::AtLeast(peer.factor)),
                "ndarray-linalg ÷ plain",
            ),
            judge(self.ratio(Who::Faer, Who::Plain), None, ""),
            judge(self.ratio(Who::Nalgebra, Who::Plain), None, ""),
            self.share_of_gemm(contest),
        ];
        format!("| {} |", cells.join(" | "))
    }

    /// The operation's nominal rate over `dgemm`'s, in percent.
    fn share_of_gemm(&self, contest: &Contest) -> String {
        let Some((ours, gemm)) = self.get(contest.judged).zip(self.get(Who::Gemm)) else {
            return "–".into();
        };
        let rate = (contest.flops)(self.n) / ours.median;
        let peak = 2.0 * (self.n as f64).powi(3) / gemm.median;
        format!("{:.0} %", 100.0 * rate / peak)
    }
}

/// What a ratio should be.
#[derive(Clone, Copy)]
enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    /// `Less` if the ratio keeps the target, `Equal` if it does not but its interval does, `Greater` if it misses.
    fn compare(self, ratio: Ratio) -> Ordering {
        let excess = match self {
            Target::AtMost(limit) => ratio.value - limit,
            Target::AtLeast(limit) => limit - ratio.value,
        };
        if excess <= 0.0 {
            Ordering::Less
        } else if excess <= ratio.spread {
            Ordering::Equal
        } else {
            Ordering::Greater
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::AtMost(limit) => write!(f, "≤ {limit:.2}"),
            Target::AtLeast(limit) => write!(f, "≥ {limit:.0}"),
        }
    }
}

impl Verdict {
    /// A ratio as the table prints it, beside its target and whether it was met; counted for the summary.
    fn cell(&mut self, ratio: Option<Ratio>, target: Option<Target>, place: String) -> String {
        let Some(ratio) = ratio else { return "–".into() };
        let Some(target) = target else { return format!("{ratio}") };
        self.targets += 1;
        match target.compare(ratio) {
            Ordering::Less => format!("{ratio} ({target} met)"),
            Ordering::Equal => {
                self.unclear += 1;
                format!("{ratio} ({target} within noise)")
            }
            Ordering::Greater => {
                let Ratio { spread, difference, .. } = ratio;
                let extra = time(difference.abs());
                self.missed.push(format!("{place}: {ratio} ± {spread:.3}, target {target}; the difference is {extra}"));
                format!("{ratio} ({target} **missed**)")
            }
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = if self.value < 2.0 { 3 } else { 2 };
        write!(f, "{:.digits$}", self.value)
    }
}

/// A median with a unit that keeps three figures readable.
pub fn seconds(timing: Option<Timing>) -> String {
    timing.map_or("–".into(), |timing| time(timing.median))
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.3} µs", 1e6 * s),
        s if s < 1.0 => format!("{:.3} ms", 1e3 * s),
        s => format!("{s:.3} s"),
    }
}
