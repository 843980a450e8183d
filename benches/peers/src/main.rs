//! Measures lapwing against the raw LAPACK call, ndarray-linalg, faer and nalgebra, interleaved in one run.
//! The bench's upper end: reads the arguments and prints the report, which is Markdown.
//! It must not hold an operation or a peer; those stand under `operations`.

mod auto;
mod certificates;
mod check;
mod contest;
mod convert;
mod crossover;
mod data;
mod deriv;
mod gradients;
mod layouts;
mod load;
mod machine;
mod methods;
mod npy;
mod operations;
mod python;
mod raw;
mod refined;
mod sweep;
mod sys;
mod timing;
mod trials;
mod updates;

// Links the library that the raw calls are in.
extern crate openblas_src as _;

use contest::{Contest, Verdict};
use operations::{eigh, lstsq, lu, qr, svd};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use timing::Effort;

const CONTESTS: [Contest; 10] = [
    svd::SVD,
    eigh::EIGH,
    eigh::EIGVALSH,
    qr::QR,
    lu::LU,
    lstsq::BY_FACTORS,
    lstsq::BY_QR,
    lstsq::BY_NORMAL_EQUATIONS,
    lstsq::TALL_BY_QR,
    lstsq::TALL_BY_NORMAL_EQUATIONS,
];

/// What `--only` finds the table of [`auto`] by.
const AUTO: &str = "Least squares by Method::Auto";

/// What `--only` finds the table of [`refined`] by.
const REFINED: &str = "Least squares by Method::Refined";

/// What `--only` finds the table of [`deriv`] by.
const GRADIENTS: &str = "Gradients";

/// What `--only` finds the table of [`updates`] by.
const UPDATES: &str = "Rank-one updates";

/// What `--only` finds the table of [`certificates`] by.
const CERTIFICATES: &str = "Certificates";

const USAGE: &str = "usage: peers [TASK] [--only WORD] [--size N] [--seconds S]
tasks, without which there is the report:
  --crossover  one thread against all threads, raw calls only: lapwing's thread policy is read from this
  --trials     least squares by methods of the literature, in time and error
  --sweep      refined normal equations against QR over the shapes: the thresholds of Method::Auto are read from this
  --write DIR  the matrices of the contest of Method::Auto as .npy files, for python/lstsq.py
  --time NAME  lapwing and faer on one of these
  --write-gradients DIR  matrices, cotangents and lapwing's gradients as .npy files, for python/gradients.py
  --time-gradient NAME   lapwing on one of these
options:
  --only WORD  the operations whose title contains WORD
  --size N     one size only
  --seconds S  time for each contender at each size (0.25)";

/// What is to be printed.
enum Task {
    Report,
    Crossover,
    Trials,
    Sweep,
    Write(PathBuf),
    Time(String),
    WriteGradients(PathBuf),
    TimeGradient(String),
}

struct Arguments {
    task: Task,
    only: String,
    size: Option<usize>,
    seconds: f64,
}

fn arguments() -> Option<Arguments> {
    let mut found = Arguments { task: Task::Report, only: String::new(), size: None, seconds: 0.25 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--crossover" => found.task = Task::Crossover,
            "--trials" => found.task = Task::Trials,
            "--sweep" => found.task = Task::Sweep,
            "--write" => found.task = Task::Write(words.next()?.into()),
            "--time" => found.task = Task::Time(words.next()?),
            "--write-gradients" => found.task = Task::WriteGradients(words.next()?.into()),
            "--time-gradient" => found.task = Task::TimeGradient(words.next()?),
            "--only" => found.only = words.next()?,
            "--size" => found.size = Some(words.next()?.parse().ok()?),
            "--seconds" => found.seconds = words.next()?.parse().ok().filter(|&s| s > 0.0)?,
            _ => return None,
        }
    }
    Some(found)
}

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    // The default is read before anything sets it.
    operations::default_threads();
    let effort = effort(&arguments);
    match &arguments.task {
        Task::Report => report(&arguments),
        Task::Crossover => below_machine(crossover::print),
        Task::Trials => below_machine(|| trials::print(effort)),
        Task::Sweep => below_machine(|| sweep::print(effort)),
        Task::Write(directory) => return written(directory, python::write(directory)),
        Task::WriteGradients(directory) => return written(directory, gradients::write(directory)),
        Task::Time(name) => return timed(name, python::times(name, effort)),
        Task::TimeGradient(name) => return timed(name, gradients::times(name, effort)),
    }
    ExitCode::SUCCESS
}

fn written(directory: &Path, result: io::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("{}: {error}", directory.display());
    ExitCode::FAILURE
}

fn timed(name: &str, found: bool) -> ExitCode {
    if found {
        return ExitCode::SUCCESS;
    }
    eprintln!("no problem is called {name:?}");
    ExitCode::from(2)
}

/// What `print` prints, below a description of the machine.
fn below_machine(print: impl FnOnce()) {
    machine::print();
    println!();
    print();
}

fn effort(arguments: &Arguments) -> Effort {
    Effort { seconds: arguments.seconds, at_least: 7, at_least_slow: 3 }
}

fn report(arguments: &Arguments) {
    let start = Instant::now();
    println!("# Speed, as ratios from one run\n");
    let words: Vec<String> = std::env::args().skip(1).collect();
    let how = if words.is_empty() { "make bench".into() } else { format!("peers {}", words.join(" ")) };
    println!("Printed by `{how}`.\n");
    machine::print();
    println!("\n{METHOD}\n");
    let effort = effort(arguments);
    let mut verdict = Verdict::default();
    for contest in CONTESTS.iter().filter(|contest| contest.title.contains(&arguments.only)) {
        contest::run(contest, arguments.size, effort, &mut verdict);
    }
    if AUTO.contains(&arguments.only) {
        auto::print(effort);
    }
    if REFINED.contains(&arguments.only) {
        refined::print(effort);
    }
    if GRADIENTS.contains(&arguments.only) {
        deriv::print(effort);
    }
    if UPDATES.contains(&arguments.only) {
        updates::print(effort);
    }
    if CERTIFICATES.contains(&arguments.only) {
        certificates::print(effort);
    }
    if arguments.only.is_empty() {
        layouts::print(effort);
    }
    print_summary(&verdict);
    println!("\nThe run took {:.0} s.", start.elapsed().as_secs_f64());
}

const METHOD: &str = "\
f64, one fixed random matrix for each size, column-major. At each size the contenders take turns in one loop, in a \
new random order every round; small sizes are batched so that a sample lasts 50 µs or longer; the times are medians, \
± is half of the 95 % interval of a ratio of medians. Before anything is timed every contender's result passes a \
residual check.

- raw: the Fortran routines with the same options, outputs and queried workspace allocated once, input restored \
outside the clock; once on one thread, once on as many as OpenBLAS takes by itself. The *better* raw call is the one \
of the two that is faster at that size, so a wrong choice of threads counts against lapwing.
- lapwing: warm workspace, outputs of the caller's, default thread policy; scanning the input for NaN and infinities \
is inside the clock, and so is the copy of the input where the form that is used keeps the input.
- plain call: lapwing's allocating call (`a.svd()` and so on). The peers are measured with their plain calls too, so \
their ratios are to this one: above 1, lapwing is faster.
- share of gemm's rate: the operation's nominal flops over lapwing's time, over `dgemm`'s rate at the same n.";

fn print_summary(verdict: &Verdict) {
    println!("## Targets\n");
    let Verdict { targets, unclear, missed } = verdict;
    let met = targets - unclear - missed.len();
    println!("{met} of {targets} targets met, {unclear} missed by less than the noise, {} missed:\n", missed.len());
    for line in missed {
        println!("- {line}");
    }
    if !missed.is_empty() {
        println!("\n{REASONS}");
    }
}

const REASONS: &str = "\
Why:

- Every call of lapwing reads its input once, for NaN and infinities, and takes a lock twice, to hold the thread policy; \
LU also sums the columns, for `rcond()`. That is a tenth of a microsecond and more, and at n = 8 the raw LU takes less \
than half a microsecond, the raw QR less than two.
- Where OpenBLAS itself uses one thread by default, the raw call at default threads is the raw call on one thread: a \
policy has nothing to gain there, and what lapwing adds keeps the ratio above 1.
- Least squares by one call decides the rank, estimates the condition, and computes the residual and an error bound; the \
raw calls return x. The factorization with its solve does what they do.
- Where other processes took a share of the machine (see below each table), figures above about n = 100 say little.";
