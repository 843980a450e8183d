//! Certificates of computed values, beside the computation of the values.
//! Upper floor of the bench.
//! It must not reach below lapwing's public interface.

use crate::contest::seconds;
use crate::deriv::contender;
use crate::timing::{Contender, Effort, interleave};
use crate::{convert, data};
use lapwing::interlace::*;
use lapwing::prelude::*;
use ndarray::{Array1, Zip};

const N: usize = 2000;

/// No certificate is to take longer.
const SECONDS: f64 = 1.0;

pub fn print(effort: Effort) {
    println!("### Certificates\n");
    println!(
        "All inequalities of a theorem from {N} values of each matrix, given without order, beside `eigvalsh_to` of one matrix of that order. \
         Values are uniform, and those of a sum are sums of those. Complex values lie in a square; the clustered ones in \
         one with 1/1000 of its side.\n"
    );
    println!("| certificate | time | eigvalsh ÷ certificate | less than {SECONDS:.0} s |");
    println!("|:---|---:|---:|---:|");
    let (names, mut contenders): (Vec<_>, Vec<_>) = contenders().into_iter().unzip();
    let timings = interleave(&mut contenders, effort);
    let values = timings[0];
    for (name, timing) in names.iter().zip(&timings).skip(1) {
        let ratio = values.median / timing.median;
        let spread = ratio * (values.spread / values.median).hypot(timing.spread / timing.median);
        let word = if timing.median < SECONDS { "met" } else { "**missed**" };
        println!("| {name} | {} | {ratio:.1} ± {spread:.1} | {word} |", seconds(Some(*timing)));
    }
    println!("| eigvalsh | {} | | |\n", seconds(Some(values)));
}

/// Numbers on [−1, 1), other ones for each `which`.
fn numbers(which: usize) -> Array1<f64> {
    convert::array_vector(&data::general(N, 2 + which)[..N])
}

/// A certificate of L lists.
fn of_lists<const L: usize>(
    lists: [&Array1<f64>; L], check: impl Fn([&Array1<f64>; L]) -> lapwing::Result<Report> + 'static,
) -> Contender {
    let lists = lists.map(Array1::clone);
    contender(lists, move |lists| check(lists.each_ref()).expect("finite values"))
}

/// Complex values: the first list in a square with sides of 2, the second in one `size` times as large.
fn matching(size: f64) -> Contender {
    let complex = |re: usize, size: f64| {
        Zip::from(&numbers(re)).and(&numbers(re + 1)).map_collect(|&re, &im| c64::new(size * re, size * im))
    };
    let (a, b) = (complex(3, 1.0), complex(5, size));
    contender((a, b), |(a, b)| hoffman_wielandt(a, b, 100.0).expect("finite values"))
}

fn contenders() -> Vec<(&'static str, Contender)> {
    let matrix = convert::array(N, N, &data::symmetric(N));
    let (s, t, shuffled) = (numbers(0), numbers(1), numbers(2));
    let sum = &s + &t;
    let [a, b] = [&s, &t].map(|values| values.mapv(f64::abs));
    let (total, product) = (&a + &b, &a * &b);
    let inner = sum.slice(ndarray::s![..N / 2]).to_owned();
    let values = contender((matrix, Workspace::new(), Array1::zeros(N)), |(a, workspace, values)| {
        a.eigvalsh_to(&EighOptions::default(), workspace, values).expect("a random matrix");
    });
    vec![
        ("eigvalsh", values),
        ("weyl", of_lists([&s, &t, &sum], |[s, t, sum]| weyl(s, t, sum))),
        ("singular_sum", of_lists([&a, &b, &total], |[a, b, sum]| singular_sum(a, b, sum))),
        ("singular_product", of_lists([&a, &b, &product], |[a, b, product]| singular_product(a, b, product))),
        ("lidskii", of_lists([&s, &t, &sum], |[s, t, sum]| lidskii(s, t, sum))),
        ("mirsky", of_lists([&a, &total, &b], |[a, sum, b]| mirsky(a, sum, b))),
        ("horn", of_lists([&a, &b, &product], |[a, b, product]| horn(a, b, product))),
        ("weyl_majorant", of_lists([&s, &a], |[s, a]| weyl_majorant(s, a))),
        ("cauchy", of_lists([&sum, &inner], |[outer, inner]| cauchy(outer, inner))),
        ("hoffman_wielandt, real", of_lists([&s, &shuffled], |[a, b]| hoffman_wielandt(a, b, 100.0))),
        ("hoffman_wielandt, complex", matching(1.0)),
        ("hoffman_wielandt, clustered", matching(1e-3)),
    ]
}
