//! The spectral theorem by construction: the maximum of the Rayleigh quotient on the unit sphere is an eigenvalue, the maximum on what is at right
//! angles to its eigenvector is the next one, and so on down to the last. Beside `eigh`. `cargo run --release --example spectral_theorem [N]`.

use lapwing::prelude::*;
use lapwing::saddle::{RayleighOptions, courant_fischer, rayleigh_gradient, rayleigh_iteration, rayleigh_quotient};
use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let n = std::env::args().nth(1).map_or(Ok(8), |n| n.parse::<usize>())?.max(1);
    // Numbers that repeat nothing, made symmetric.
    let raw = Array2::from_shape_fn((n, n), |(i, j)| ((7 * i + 3 * j) as f64 + 0.37 * (i * j) as f64).sin());
    let matrix = (&raw + &raw.t()) / 2.0;
    let eigh = matrix.eigh()?;
    println!("  k        maximum of R      eigenvalue by eigh    difference   ascent    iteration");
    let mut vectors = Array2::<f64>::zeros((n, 0));
    for k in 0..n {
        let basis = complement(&vectors)?;
        let found = maximum(&matrix, &basis)?;
        let expected = eigh.values[n - 1 - k];
        println!(
            "{:>3} {:>22.15} {expected:>22.15} {:>12.1e} {:>5} steps {:>3} steps",
            k + 1,
            found.value,
            (found.value - expected).abs(),
            found.ascent,
            found.iteration
        );
        vectors.push_column(found.vector.view())?;
    }
    let rebuilt = vectors.t().dot(&matrix).dot(&vectors);
    let off_diagonal =
        rebuilt.indexed_iter().filter(|((i, j), _)| i != j).fold(0.0, |most: f64, (_, x)| most.max(x.abs()));
    let off_unit =
        (vectors.t().dot(&vectors) - Array2::<f64>::eye(n)).iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    println!("the vectors found: QᵀQ is I to {off_unit:.1e}, QᵀSQ is diagonal to {off_diagonal:.1e}");
    // What Courant and Fischer say of the space of the first half: its minimum of R is the last of its eigenvalues.
    let half = n.div_ceil(2);
    let least = courant_fischer(&matrix, &vectors.slice(s![.., ..half]))?.least;
    println!(
        "minimum of R on the first {half}: {least:.15}, which is λ{half} to {:.1e}",
        (least - eigh.values[n - half]).abs()
    );
    Ok(())
}

/// An orthonormal basis of what is at right angles to orthonormal columns: the last columns of a full Q.
fn complement(vectors: &Array2<f64>) -> lapwing::Result<Array2<f64>> {
    Ok(vectors.qr()?.q_full()?.slice(s![.., vectors.ncols()..]).to_owned())
}

/// The maximum of R on a subspace, and how it was found.
struct Maximum {
    value: f64,
    vector: Array1<f64>,
    ascent: usize,
    iteration: usize,
}

/// Ascent on the unit sphere of the subspace, in the plane of the point and the gradient at each step, as far as it tells which eigenvector is near;
/// then the Rayleigh quotient iteration, which triples the digits at each step.
fn maximum(matrix: &Array2<f64>, basis: &Array2<f64>) -> lapwing::Result<Maximum> {
    let compressed = basis.t().dot(matrix).dot(basis);
    let compressed = (&compressed + &compressed.t()) / 2.0;
    // The start has a part along every axis.
    let mut x = Array1::from_shape_fn(compressed.nrows(), |i| 1.0 + 0.1 * (i as f64).cos());
    let size = compressed.iter().map(|x| x * x).sum::<f64>().sqrt();
    let mut ascent = 0;
    for _ in 0..10_000 {
        x /= x.dot(&x).sqrt();
        let gradient = rayleigh_gradient(&compressed, &x)?;
        let slope = gradient.dot(&gradient).sqrt();
        if slope <= 1e-6 * size {
            break;
        }
        let plane: [ArrayView2<f64>; 2] = [x.view().insert_axis(Axis(1)), gradient.view().insert_axis(Axis(1))];
        let Ok(plane) = concatenate(Axis(1), &plane) else { break };
        x = courant_fischer(&compressed, &plane)?.at_greatest;
        ascent += 1;
    }
    let before = rayleigh_quotient(&compressed, &x)?;
    let found = rayleigh_iteration(&compressed, &x, &RayleighOptions::default())?;
    assert!(found.value >= before - 1e-12 * size, "an ascent does not end at a smaller value");
    let vector = basis.dot(&found.vector);
    Ok(Maximum { value: found.value, vector, ascent, iteration: found.steps.len() - 1 })
}
