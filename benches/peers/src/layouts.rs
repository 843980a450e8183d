//! lapwing against itself: row-major input against column-major, which LAPACK takes as it is.
//! Upper floor of the bench.
//! It must not use a peer.

use crate::contest::seconds;
use crate::operations::ours;
use crate::timing::{Contender, Effort, interleave};
use crate::{convert, data};
use ndarray::Array2;

const SIZES: [usize; 4] = [8, 64, 256, 512];

/// An operation on a matrix in whatever layout it comes.
struct Operation {
    name: &'static str,
    matrix: fn(usize) -> Vec<f64>,
    contender: fn(usize, Array2<f64>) -> Contender,
}

fn square(n: usize) -> Vec<f64> {
    data::general(n, n)
}

const OPERATIONS: [Operation; 4] = [
    Operation { name: "SVD", matrix: square, contender: ours::svd_of },
    Operation { name: "eigh", matrix: data::symmetric, contender: ours::eigh_of },
    Operation { name: "QR with Q formed", matrix: square, contender: ours::qr_of },
    Operation { name: "LU", matrix: square, contender: ours::lu_of },
];

pub fn print(effort: Effort) {
    println!("### Row-major input\n");
    println!(
        "lapwing with a warm workspace on the same matrix in both layouts. Only LU needs column-major order, \
              and copies.\n"
    );
    println!("| operation | n | column-major | row-major | row-major ÷ column-major |");
    println!("|:---|---:|---:|---:|---:|");
    for Operation { name, matrix, contender } in OPERATIONS {
        for n in SIZES {
            let a = matrix(n);
            let mut pair = [contender(n, convert::array(n, n, &a)), contender(n, convert::row_major(n, n, &a))];
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
