//! What the factorizations of one small matrix hold, and that each of them gives the matrix back.
//! Above all floors: it uses the crate as any program would.
//! It must not use what the prelude does not offer.
//!
//! `cargo run --release --example factorizations`

use lapwing::prelude::*;
use ndarray::{Array2, array};

fn main() -> lapwing::Result<()> {
    // Symmetric and positive definite, so that every factorization exists.
    let a = array![[4.0, 1.0, 2.0], [1.0, 3.0, 0.0], [2.0, 0.0, 5.0]];
    let b = array![7.0, 4.0, 7.0]; // A·(1, 1, 1)

    let svd = a.svd()?;
    println!("singular values  {:.6}", svd.s);
    println!("‖A − UΣVᵀ‖/‖A‖   {:.1e}", distance(&a, &(&svd.u * &svd.s).dot(&svd.vh)));

    let eigh = a.eigh()?;
    println!("eigenvalues      {:.6}", eigh.values);
    println!("‖A − VΛVᵀ‖/‖A‖   {:.1e}", distance(&a, &(&eigh.vectors * &eigh.values).dot(&eigh.vectors.t())));

    let qr = a.qr()?;
    println!("diagonal of R    {:.6}", qr.r().diag());
    println!("‖A − QR‖/‖A‖     {:.1e}", distance(&a, &qr.q()?.dot(&qr.r())));

    let lu = a.lu()?;
    println!("determinant      {:.6}", lu.det()?);
    println!("‖PA − LU‖/‖A‖    {:.1e}", distance(&rows(&a, &lu.permutation()), &lu.l().dot(&lu.u())));

    let cholesky = a.cholesky()?;
    let l = cholesky.factor();
    println!("diagonal of L    {:.6}", l.diag());
    println!("‖A − LLᵀ‖/‖A‖    {:.1e}", distance(&a, &l.dot(&l.t())));

    println!("x by QR          {:.15}", qr.solve(&b)?);
    println!("x by LU          {:.15}", lu.solve(&b)?);
    println!("x by Cholesky    {:.15}", cholesky.solve(&b)?);
    Ok(())
}

/// ‖A − B‖/‖A‖ in the Frobenius norm.
fn distance(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    let norm = |x: &Array2<f64>| x.mapv(|x| x * x).sum().sqrt();
    norm(&(a - b)) / norm(a)
}

/// P·A: row i is row `permutation[i]` of A.
fn rows(a: &Array2<f64>, permutation: &[usize]) -> Array2<f64> {
    a.select(ndarray::Axis(0), permutation)
}
