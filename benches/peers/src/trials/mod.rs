//! `--trials`: least squares by what the literature offers beside Householder QR, in time and in error.
//! Upper floor of the bench; one file for each family of methods.
//! It must not decide anything: what lapwing made of it stands in ARCHITECTURE.md.

mod blocks;
mod cholesky;
mod reference;
mod sketch;

use crate::operations::default_threads;
use crate::timing::{Contender, Effort, Timing, Who, interleave};
use crate::{data, methods, raw};
use cholesky::Problem;
use lapwing::prelude::*;
use std::rc::Rc;

const SHAPES: [[usize; 2]; 2] = [[20_000, 500], [100_000, 50]];
const KAPPAS: [f64; 4] = [1e3, 1e7, 1e10, 1e13];

/// Each problem is one of so many rows, all of them repeated in random order as often: its solution is that of the small one,
/// which is found in twice the working precision. The residual is 1/κ of b.
const FEW: usize = 1250;

type Trial = fn(&Problem<'_>) -> Option<Vec<f64>>;

/// Name, threads that OpenBLAS is given (0 for its default), and the method.
const TRIALS: [(&str, i32, Trial); 8] = [
    ("Householder QR", 0, |p| p.householder_qr()),
    ("CholeskyQR2", 0, |p| p.cholesky_qr2()),
    ("shifted CholeskyQR3", 0, |p| p.shifted_cholesky_qr3()),
    ("sketch, iterated with momentum", 0, |p| p.iterative_sketching()),
    ("sketch, then Cholesky", 0, |p| p.sketched_cholesky_qr()),
    ("QR by blocks, OpenBLAS's threads", 0, |p| p.qr_by_blocks(1, cholesky::BLOCK_BYTES)),
    ("QR by blocks, one chain a core", 1, |p| p.qr_by_blocks(cores(), cholesky::BLOCK_BYTES)),
    ("QR by long blocks, one chain a core", 1, |p| p.qr_by_blocks(cores(), usize::MAX / 2)),
];

fn cores() -> usize {
    default_threads() as usize
}

/// What is measured: a matrix, a right-hand side, and the solution.
struct Case {
    shape: [usize; 2],
    kappa: f64,
    a: Vec<f64>,
    b: Vec<f64>,
    x: Vec<f64>,
}

pub fn print(effort: Effort) {
    println!("### Trials\n");
    println!("| m×n | κ | method | ÷ QR | ÷ Auto | error | error ÷ QR's |");
    println!("|:---|---:|:---|---:|---:|---:|---:|");
    for shape in SHAPES {
        for kappa in KAPPAS {
            Case::new(shape, kappa).print(effort);
        }
    }
    raw::set_threads(default_threads());
    println!();
}

impl Case {
    fn new(shape: [usize; 2], kappa: f64) -> Self {
        let [m, n] = shape;
        let few = data::conditioned([FEW, n], kappa);
        let mut b = vec![0.0; FEW];
        raw::multiply([FEW, 1, n], &few, &data::vector(n), &mut b);
        let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let noise = data::vector(FEW);
        let scale = norm(&b) / (kappa * norm(&noise));
        b.iter_mut().zip(&noise).for_each(|(b, noise)| *b += scale * noise);
        let x = reference::solution([FEW, n], &few, &b);
        let mut rows: Vec<usize> = (0..m).map(|i| i % FEW).collect();
        data::SplitMix(n as u64).shuffle(&mut rows);
        let a = (0..n).flat_map(|j| rows.iter().map(move |i| (i, j))).map(|(i, j)| few[i + j * FEW]).collect();
        let b = rows.iter().map(|&i| b[i]).collect();
        Case { shape, kappa, a, b, x }
    }

    fn print(self, effort: Effort) {
        let case = Rc::new(self);
        let mut names = vec!["`Method::Auto`"];
        let mut all = vec![case.by(Method::Auto)];
        for (name, threads, trial) in TRIALS {
            names.push(name);
            let threads = if threads == 0 { default_threads() } else { threads };
            all.push(case.by_trial(threads, trial));
        }
        let errors: Vec<f64> = all.iter_mut().map(Contender::error).collect();
        let timings = interleave(&mut all, effort);
        let Case { shape: [m, n], kappa, .. } = *case;
        let refused = errors[0].is_infinite();
        for ((name, error), timing) in names.iter().zip(&errors).zip(&timings) {
            let over = |other: Timing| format!("{:.2}", timing.median / other.median);
            let (time, error) = match error.is_finite() {
                true => (
                    [over(timings[1]), if refused { "–".into() } else { over(timings[0]) }],
                    [format!("{error:.0e}"), format!("{:.2}", error / errors[1])],
                ),
                false => (["–".into(), "–".into()], ["breaks down".into(), "–".into()]),
            };
            println!("| {m}×{n} | {kappa:.0e} | {name} | {} | {} |", time.join(" | "), error.join(" | "));
        }
    }

    /// ‖x̂ − x‖/‖x‖.
    fn wrong(&self, found: &[f64]) -> f64 {
        let squares = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>();
        (squares(&mut found.iter().zip(&self.x).map(|(f, x)| f - x)) / squares(&mut self.x.iter().copied())).sqrt()
    }

    fn by(self: &Rc<Self>, method: Method) -> Contender {
        let case = Rc::clone(self);
        methods::contender(method, self.shape, &self.a, &self.b, move |x| case.wrong(x))
    }

    fn by_trial(self: &Rc<Self>, threads: i32, trial: Trial) -> Contender {
        let (case, checked) = (Rc::clone(self), Rc::clone(self));
        Contender::new(
            Who::RawDefault,
            threads,
            (),
            (),
            move |(), ()| {
                let [m, n] = case.shape;
                trial(&Problem { m, n, a: &case.a, b: &case.b })
            },
            move |(), (), x| x.as_ref().map_or(f64::INFINITY, |x| checked.wrong(x)),
        )
    }
}
