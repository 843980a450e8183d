//! lapwing against itself: row-major input against column-major, which LAPACK takes as it is.
//! Upper floor of the bench.
//! It must not use a peer.

use crate::contest::seconds;
use crate::operations::ours;
use crate::timing::{Contender, Effort, interleave};
use crate::{convert, data};
use ndarray::Array2;

const SIZES: [usize; 4] = [8, 64, 256, 512];

/// Makes the contender for a matrix in whatever layout it comes.
type Make = fn(usize, Array2<f64>) -> Contender;

/// Name, matrix, and the call.
const OPERATIONS: [(&str, fn(usize) -> Vec<f64>, Make); 2] =
    [("SVD", |n| data::general(n, n), ours::svd_of), ("eigh", data::symmetric, ours::eigh_of)];

pub fn print(effort: Effort) {
    println!("### Row-major input\n");
    println!("lapwing with a warm workspace on the same matrix in both layouts.\n");
    println!("| operation | n | column-major | row-major | row-major ÷ column-major |");
    println!("|:---|---:|---:|---:|---:|");
    for (name, matrix, make) in OPERATIONS {
        for n in SIZES {
            let a = matrix(n);
            let mut pair = [make(n, convert::array(n, n, &a)), make(n, convert::row_major(n, n, &a))];
            let timings = interleave(&mut pair, effort);
            println!(
                "| {name} | {n} | {} | {} | {:.3} |",
                seconds(Some(timings[0])),
                seconds(Some(timings[1])),
                timings[1].median / timings[0].median
            );
        }
    }
    println!();
}
