//! Least squares by `Method::Auto` against the methods from which it chooses, where the condition number is known.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface.

use crate::contest::seconds;
use crate::operations::default_threads;
use crate::timing::{Contender, Effort, Timing, Who, interleave};
use crate::{check, convert, data, methods};
use ::faer::linalg::solvers::SolveLstsq;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ShapeBuilder, s};

/// A shape and a condition number, and how long `Auto` may take at most.
pub struct Problem {
    pub shape: [usize; 2],
    kappa: f64,
    /// In times of the normal equations, which fail where the condition number is large.
    of_normal_equations: Option<f64>,
    /// In times of QR.
    of_qr: f64,
}

pub const PROBLEMS: [Problem; 4] = [
    Problem { shape: [20_000, 500], kappa: 1e3, of_normal_equations: Some(1.6), of_qr: 0.65 },
    Problem { shape: [100_000, 50], kappa: 1e3, of_normal_equations: Some(2.0), of_qr: 0.65 },
    Problem { shape: [20_000, 500], kappa: 1e10, of_normal_equations: None, of_qr: 1.4 },
    Problem { shape: [100_000, 50], kappa: 1e10, of_normal_equations: None, of_qr: 1.4 },
];

/// Blocks of rows of that size stay in a second-level cache.
const BLOCK_BYTES: usize = 1 << 20;

pub fn print(effort: Effort) {
    println!("### Least squares by Method::Auto\n");
    println!(
        "lapwing with a warm workspace, by each method on the same matrix, and faer's `qr().solve_lstsq()`. The column \
         *used* says what `Auto` chose. QR by blocks factors blocks of rows that fit in cache, and then their triangles one \
         above the other (TSQR; Demmel, Grigori, Hoemmen & Langou 2012); it is not tried on blocks that are hardly longer \
         than wide.\n"
    );
    println!(
        "| m×n | κ | normal equations | QR | Auto | used | Auto ÷ normal equations | Auto ÷ QR | QR by blocks ÷ Auto | \
         faer ÷ Auto |"
    );
    println!("|:---|---:|---:|---:|---:|:---|---:|---:|---:|---:|");
    for problem in PROBLEMS {
        println!("{}", problem.line(effort));
    }
    println!();
}

impl Problem {
    pub fn name(&self) -> String {
        format!("{}x{}-{:.0e}", self.shape[0], self.shape[1], self.kappa)
    }

    pub fn matrix(&self) -> Vec<f64> {
        data::conditioned(self.shape, self.kappa)
    }

    /// Those that answer every problem, with their names.
    pub fn contenders(&self, a: &[f64]) -> ([&'static str; 3], [Contender; 3]) {
        let all = [self.by(Method::Qr, a), self.by(Method::Auto, a), self.by_faer(a)];
        (["lapwing, Method::Qr", "lapwing, Method::Auto", "faer, qr().solve_lstsq()"], all)
    }

    fn line(&self, effort: Effort) -> String {
        let ([m, n], a) = (self.shape, self.matrix());
        let mut all = Vec::from(self.contenders(&a).1);
        for contender in &mut all {
            let error = contender.error();
            assert!(error <= check::LARGEST_ERROR, "{m}×{n}, κ = {:e}: {:?} is wrong", self.kappa, contender.who);
        }
        let (mut normal, mut blocks) = (None, None);
        if BLOCK_BYTES / (8 * n) > 10 * n {
            let mut by_blocks = self.by_blocks(&a);
            assert!(by_blocks.error() <= check::LARGEST_ERROR, "{m}×{n}, κ = {:e}: QR by blocks is wrong", self.kappa);
            all.push(by_blocks);
            blocks = Some(all.len() - 1);
        }
        if self.of_normal_equations.is_some() {
            // Their error is what it is: they are here for their time.
            all.push(self.by(Method::NormalEquations, &a));
            normal = Some(all.len() - 1);
        }
        let timings = interleave(&mut all, effort);
        let (qr, auto, faer) = (timings[0], timings[1], timings[2]);
        let [normal, blocks] = [normal, blocks].map(|i: Option<usize>| i.map(|i| timings[i]));
        let used = convert::array(m, n, &a).lstsq(&convert::array_vector(&data::vector(m))).map(|x| x.method.name());
        format!(
            "| {m}×{n} | {:.0e} | {} | {} | {} | {} | {} | {} | {} | {:.1} |",
            self.kappa,
            seconds(normal),
            seconds(Some(qr)),
            seconds(Some(auto)),
            used.unwrap_or("–"),
            normal.map_or("–".into(), |normal| ratio(auto, normal, self.of_normal_equations)),
            ratio(auto, qr, Some(self.of_qr)),
            blocks.map_or("–".into(), |blocks| ratio(blocks, auto, None)),
            faer.median / auto.median
        )
    }

    fn by(&self, method: Method, a: &[f64]) -> Contender {
        let [m, n] = self.shape;
        let (checked, b) = (a.to_vec(), data::vector(m));
        methods::contender(method, [m, n], a, &b.clone(), move |x| check::least_squares([m, n], &checked, x, &b))
    }

    fn by_blocks(&self, a: &[f64]) -> Contender {
        let [m, n] = self.shape;
        let state = (convert::array(m, n, a), convert::array_vector(&data::vector(m)), Workspace::new(), Qr::default());
        let checked = a.to_vec();
        Contender::new(
            Who::Lapwing,
            default_threads(),
            (),
            state,
            |(a, b, workspace, qr), ()| by_blocks(a, b, workspace, qr).expect("the matrix has full rank"),
            move |_, (), x| check::least_squares([m, n], &checked, &x.to_vec(), &data::vector(m)),
        )
    }

    fn by_faer(&self, a: &[f64]) -> Contender {
        let [m, n] = self.shape;
        let state = (convert::faer(m, n, a), convert::faer(m, 1, &data::vector(m)));
        let checked = a.to_vec();
        Contender::new(
            Who::Faer,
            default_threads(),
            (),
            state,
            |(a, b), ()| a.qr().solve_lstsq(&*b),
            move |_, (), x| check::least_squares([m, n], &checked, &convert::from_faer(x.as_ref()), &data::vector(m)),
        )
    }
}

/// The solution by the QR of blocks of rows, and then of their triangles.
fn by_blocks(
    a: &Array2<f64>, b: &Array1<f64>, workspace: &mut Workspace<f64>, qr: &mut Qr<f64>,
) -> lapwing::Result<Array1<f64>> {
    let (m, n) = a.dim();
    let rows = BLOCK_BYTES / (8 * n);
    let starts: Vec<usize> = (0..m / rows).map(|k| k * rows).collect();
    let mut triangles = Array2::zeros((starts.len() * n, n).f());
    let mut c = Array1::zeros(starts.len() * n);
    for (k, &start) in starts.iter().enumerate() {
        let end = starts.get(k + 1).copied().unwrap_or(m);
        a.slice(s![start..end, ..]).qr_to(&QrOptions::default(), workspace, qr)?;
        let mut rotated = b.slice(s![start..end]).to_owned();
        qr.apply_qh_inplace(&mut rotated, workspace)?;
        triangles.slice_mut(s![k * n..(k + 1) * n, ..]).assign(&qr.r());
        c.slice_mut(s![k * n..(k + 1) * n]).assign(&rotated.slice(s![..n]));
    }
    triangles.qr()?.solve(&c)
}

/// A ratio beside the most that it should be.
fn ratio(over: Timing, under: Timing, most: Option<f64>) -> String {
    let value = over.median / under.median;
    let spread = value * (over.spread / over.median).hypot(under.spread / under.median);
    let verdict = |most: f64| match value {
        value if value <= most => format!(" (≤ {most:.2} met)"),
        value if value - spread <= most => format!(" (≤ {most:.2} within noise)"),
        _ => format!(" (≤ {most:.2} missed)"),
    };
    format!("{value:.2} ± {spread:.2}{}", most.map_or(String::new(), verdict))
}
