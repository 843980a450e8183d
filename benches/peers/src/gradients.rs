//! What `python/gradients.py` asks for: matrices, cotangents and lapwing's gradients as .npy files, and lapwing's times.
//! Upper floor of the bench.
//! It must not know what Python does with them.

use crate::timing::{Contender, Effort, interleave};
use crate::{convert, deriv, npy};
use lapwing::deriv::Differentiable;
use lapwing::prelude::*;
use ndarray::{Array1, Array2};
use std::io::Result;
use std::path::Path;

/// The decomposition through which a gradient goes.
#[derive(Clone, Copy)]
enum Through {
    Svd,
    Eigh,
}

const PROBLEMS: [(&str, Through, usize); 4] = [
    ("svd-128", Through::Svd, 128),
    ("svd-512", Through::Svd, 512),
    ("eigh-128", Through::Eigh, 128),
    ("eigh-512", Through::Eigh, 512),
];

/// In the order of `contenders`.
const WHAT: [&str; 4] = ["all backward", "all forward + backward", "values backward", "values forward + backward"];

/// Writes each problem to `directory`: A, the parts of its decomposition (`svd-128-u.npy`), their cotangents (`-bar-u`), the gradient
/// (`-gradient-all`) and that for the values alone (`-gradient-values`). Prints the name of each problem.
pub fn write(directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    for (name, through, n) in PROBLEMS {
        let matrix = |part: &str, a: &Array2<f64>| {
            npy::matrix(&directory.join(format!("{name}-{part}.npy")), [a.nrows(), a.ncols()], &convert::from_array(a))
        };
        let vector =
            |part: &str, x: &Array1<f64>| npy::vector(&directory.join(format!("{name}-{part}.npy")), &x.to_vec());
        match through {
            Through::Svd => {
                let deriv::OfSvd { a, factors, bar, values } = deriv::OfSvd::new(n);
                matrix("a", &a)?;
                matrix("u", &factors.u)?;
                vector("s", &factors.s)?;
                matrix("vh", &factors.vh)?;
                bar.u.iter().try_for_each(|u| matrix("bar-u", u))?;
                bar.s.iter().try_for_each(|s| vector("bar-s", s))?;
                bar.vh.iter().try_for_each(|vh| matrix("bar-vh", vh))?;
                matrix("gradient-all", &factors.vjp(&bar).expect("values that are apart"))?;
                matrix("gradient-values", &factors.vjp(&values).expect("values that are apart"))?;
            }
            Through::Eigh => {
                let deriv::OfEigh { a, factors, bar, values } = deriv::OfEigh::new(n);
                matrix("a", &a)?;
                vector("values", &factors.values)?;
                matrix("vectors", &factors.vectors)?;
                bar.values.iter().try_for_each(|values| vector("bar-values", values))?;
                bar.vectors.iter().try_for_each(|vectors| matrix("bar-vectors", vectors))?;
                matrix("gradient-all", &factors.vjp(&bar).expect("values that are apart"))?;
                matrix("gradient-values", &factors.vjp(&values).expect("values that are apart"))?;
            }
        }
        println!("{name}");
    }
    Ok(())
}

/// Prints the median seconds of gradients from factors at hand, and together with the factorization, on the problem of that name;
/// whether there is one.
pub fn times(name: &str, effort: Effort) -> bool {
    let Some(&(_, through, n)) = PROBLEMS.iter().find(|problem| problem.0 == name) else { return false };
    let mut contenders = match through {
        Through::Svd => by_svd(n),
        Through::Eigh => by_eigh(n),
    };
    for (what, timing) in WHAT.iter().zip(interleave(&mut contenders, effort)) {
        println!("{what}\t{:.6e}", timing.median);
    }
    true
}

/// Plain calls, which allocate what they return, as Python's do.
fn by_svd(n: usize) -> [Contender; 4] {
    let deriv::OfSvd { a, factors, bar, values } = deriv::OfSvd::new(n);
    let both = |(a, bar): &mut (Array2<f64>, _)| {
        let svd = a.svd().expect("a random matrix");
        let gradient = svd.vjp(bar).expect("values that are apart");
        (svd, gradient)
    };
    [
        deriv::contender((factors.clone(), bar.clone()), |(svd, bar)| svd.vjp(bar).expect("values that are apart")),
        deriv::contender((a.clone(), bar), both),
        deriv::contender((factors, values.clone()), |(svd, bar)| svd.vjp(bar).expect("values that are apart")),
        deriv::contender((a, values), both),
    ]
}

/// As `by_svd`.
fn by_eigh(n: usize) -> [Contender; 4] {
    let deriv::OfEigh { a, factors, bar, values } = deriv::OfEigh::new(n);
    let both = |(a, bar): &mut (Array2<f64>, _)| {
        let eigh = a.eigh().expect("a random matrix");
        let gradient = eigh.vjp(bar).expect("values that are apart");
        (eigh, gradient)
    };
    [
        deriv::contender((factors.clone(), bar.clone()), |(eigh, bar)| eigh.vjp(bar).expect("values that are apart")),
        deriv::contender((a.clone(), bar), both),
        deriv::contender((factors, values.clone()), |(eigh, bar)| eigh.vjp(bar).expect("values that are apart")),
        deriv::contender((a, values), both),
    ]
}
