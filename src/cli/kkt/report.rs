//! The command `lapwing kkt`: what was found, as JSON and as a page of text. The keys are stable; a value that does not exist is
//! `null`.
//!
//! Top floor. Shapes and words; it must not solve.

use serde::Serialize;

use crate::cli::text::{self, coefficient, short, table};

/// The version of the keys below.
pub const SCHEMA: u32 = 1;

/// The matrix [S Aᵀ; A 0], and the saddle point.
#[derive(Debug, Serialize)]
pub struct Found {
    /// The version of these keys.
    pub schema: u32,
    /// The names of the files of S and A.
    pub source: [String; 2],
    /// The order of S.
    pub unknowns: usize,
    /// The rows of A.
    pub constraints: usize,
    /// The signs of the eigenvalues.
    pub inertia: Signs,
    /// The saddle point, if there are right-hand sides.
    pub solution: Option<Solution>,
}

/// How many eigenvalues are positive, negative and zero.
#[derive(Debug, Serialize)]
pub struct Signs {
    /// > 0.
    pub positive: usize,
    /// < 0.
    pub negative: usize,
    /// 0.
    pub zero: usize,
}

/// A saddle point and what its residuals are.
#[derive(Debug, Serialize)]
pub struct Solution {
    /// The method that was used.
    pub method: &'static str,
    /// An estimate of κ₁ of the matrix.
    pub condition: f64,
    /// Where the minimum is.
    pub x: Vec<f64>,
    /// The multipliers.
    pub multipliers: Vec<f64>,
    /// ‖f − Sx − Aᵀλ‖₂; none where it is beyond the range.
    pub stationarity: Option<f64>,
    /// ‖b − Ax‖₂; none where it is beyond the range.
    pub feasibility: Option<f64>,
    /// The relative change of the data for which this is the exact solution.
    pub backward_error: f64,
}

impl Found {
    /// The page that is printed.
    pub fn page(&self) -> String {
        let Found { source: [s, a], unknowns, constraints, inertia, .. } = self;
        let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let [s, a] = [s, a].map(|name| text::shown(name));
        let heading = format!("{s}, {a}: {}, {}", many(*unknowns, "unknown"), many(*constraints, "constraint"));
        let Signs { positive, negative, zero } = inertia;
        let signs = format!("inertia of [S Aᵀ; A 0]   {positive} positive, {negative} negative, {zero} zero");
        let Some(solution) = &self.solution else { return format!("{heading}\n\n{signs}\n") };
        let or_beyond = |norm: Option<f64>| norm.map_or("beyond 1.8e308".to_string(), short);
        let lines = [
            signs,
            format!("method                   {}", solution.method),
            format!("condition κ₁             {}", short(solution.condition)),
            format!("‖f − Sx − Aᵀλ‖           {}", or_beyond(solution.stationarity)),
            format!("‖b − Ax‖                 {}", or_beyond(solution.feasibility)),
            format!("backward error           {}", short(solution.backward_error)),
        ];
        let vectors = [("x", &solution.x), ("λ", &solution.multipliers)].map(|(name, values)| column(name, values));
        let parts = [heading, lines.join("\n")].into_iter().chain(vectors.into_iter().flatten());
        parts.collect::<Vec<_>>().join("\n\n") + "\n"
    }
}

/// The entries of a vector with their indices; of a long one the first.
fn column(name: &str, values: &[f64]) -> Option<String> {
    const MOST: usize = 20;
    let rows: Vec<Vec<String>> =
        values.iter().take(MOST).enumerate().map(|(i, &x)| vec![(i + 1).to_string(), coefficient(x)]).collect();
    let header = [String::new(), name.to_string()];
    let rest = if values.len() > MOST {
        format!("\n\nthe first {MOST} of {}; --json has all", values.len())
    } else {
        String::new()
    };
    (!values.is_empty()).then(|| table(&header, &rows, 0) + &rest)
}
