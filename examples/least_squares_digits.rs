//! How many digits each method gets right as a least-squares problem becomes ill conditioned.
//! Above all floors: it uses the crate as any program would.
//! It must not use what the prelude does not offer.
//!
//! Fits 1 + t + … + tᵈ at t = 0, 1, …, 20. All powers and sums are integers below 2⁵³, so that A and b are exact and
//! the right answer is known: every coefficient is 1.
//!
//! `cargo run --release --example least_squares_digits`

use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis};

fn main() -> lapwing::Result<()> {
    println!("                 right digits        promised by the bound");
    println!("degree   κ₂(A)     ne    qr   svd      ne    qr   svd");
    for degree in 1..=12 {
        let a = Array2::from_shape_fn((21, degree + 1), |(t, power)| (t as f64).powi(power as i32));
        let b = a.sum_axis(Axis(1));
        let (mut right, mut promised) = (String::new(), String::new());
        for method in [Method::NormalEquations, Method::Qr, Method::Svd] {
            let solution = a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() });
            right += &column(solution.as_ref().map(|s| digits(error(&s.x))).ok());
            promised += &column(solution.ok().and_then(|s| s.error_bound).map(digits));
        }
        println!("{degree:6}  {:7.1e} {right}  {promised}", a.cond()?);
    }
    Ok(())
}

/// ‖x − (1, …, 1)‖/‖(1, …, 1)‖.
fn error(x: &Array1<f64>) -> f64 {
    (x.mapv(|x| (x - 1.0).powi(2)).sum() / x.len() as f64).sqrt()
}

/// The decimal digits that a relative error leaves, from 0 to 15.
fn digits(error: f64) -> f64 {
    (-error.log10()).clamp(0.0, 15.0)
}

/// A number of digits, or a dash where there is none: the method broke down, or knows no bound below 1.
fn column(digits: Option<f64>) -> String {
    digits.map_or("     –".into(), |digits| format!("{digits:6.1}"))
}
