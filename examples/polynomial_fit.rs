//! A polynomial of degree 16 through exp(sin 4t): the normal equations against QR.
//! Above all floors: it uses the crate as any program would.
//! It must not hide what goes wrong: where the normal equations break down, it says so.
//!
//! The condition number 7.558e11 and QR's residual norm 7.360e-6 are published values of this problem.
//!
//! `cargo run --release --example polynomial_fit`

use lapwing::prelude::*;
use ndarray::{Array1, Array2};

fn main() -> lapwing::Result<()> {
    let t = Array1::linspace(0.0, 1.0, 100);
    let degree = 16;
    let a = Array2::from_shape_fn((t.len(), degree + 1), |(i, j)| f64::powi(t[i], j as i32));
    let b = t.mapv(|t| (4.0 * t).sin().exp());
    println!("{} points, degree {degree}: κ₂(A) = {:.3e}", t.len(), a.cond()?);
    for method in [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd] {
        let options = LstsqOptions { method, ..Default::default() };
        match a.lstsq_with(&b, &options) {
            Ok(solution) => println!("{:>4}: ‖b − A·x‖₂ = {:.3e}", method.name(), solution.residual_norm),
            Err(error) => println!("{:>4}: {error}", method.name()),
        }
    }
    Ok(())
}
