//! Trials: QR by row blocks (TSQR; Demmel, Grigori, Hoemmen & Langou 2012), on one core and on all.
//! Middle floor of the bench, on `raw`.
//! It must not time anything; `mod.rs` does.

use super::cholesky::Problem;
use crate::raw;
use std::thread;

/// R and Qᵀb of the rows that a core has seen.
struct Part {
    r: Vec<f64>,
    qb: Vec<f64>,
}

impl Problem<'_> {
    /// TSQR along a chain: the triangle so far stands on the next block of rows. Each core has a share of the rows, and a
    /// last QR joins what they have.
    pub fn qr_by_blocks(&self, cores: usize, block_bytes: usize) -> Option<Vec<f64>> {
        let Problem { m, n, .. } = *self;
        let share = m.div_ceil(cores);
        let parts: Vec<Part> = thread::scope(|scope| {
            let started: Vec<_> = (0..cores)
                .map(|core| scope.spawn(move || self.chain(core * share, m.min((core + 1) * share), block_bytes)))
                .collect();
            started.into_iter().map(|part| part.join().expect("a core's share")).collect()
        });
        let rows = cores * n;
        let (mut stacked, mut b) = (vec![0.0; rows * n], vec![0.0; rows]);
        for (k, part) in parts.iter().enumerate() {
            for j in 0..n {
                stacked[k * n + j * rows..k * n + j * rows + n].copy_from_slice(&part.r[j * n..(j + 1) * n]);
            }
            b[k * n..(k + 1) * n].copy_from_slice(&part.qb);
        }
        raw::Qr::new(rows, n).least_squares(&mut stacked, &mut b);
        b.truncate(n);
        b.iter().all(|x| x.is_finite()).then_some(b)
    }

    fn chain(&self, first: usize, last: usize, block_bytes: usize) -> Part {
        let Problem { m, n, a, b } = *self;
        let most = (block_bytes / (8 * n)).max(2 * n).min(last - first);
        let mut part = Part { r: vec![0.0; n * n], qb: vec![0.0; n] };
        let (mut memory, mut c) = (vec![0.0; (most + n) * n], vec![0.0; most + n]);
        let mut qr = raw::Qr::new(most + n, n);
        for start in (first..last).step_by(most) {
            let fresh = most.min(last - start);
            let rows = n + fresh;
            let (block, c) = (&mut memory[..rows * n], &mut c[..rows]);
            if fresh < most {
                qr = raw::Qr::new(rows, n);
            }
            for j in 0..n {
                let column = &mut block[j * rows..(j + 1) * rows];
                column[..n].copy_from_slice(&part.r[j * n..(j + 1) * n]);
                column[n..].copy_from_slice(&a[start + j * m..start + j * m + fresh]);
            }
            c[..n].copy_from_slice(&part.qb);
            c[n..].copy_from_slice(&b[start..start + fresh]);
            qr.factor(block);
            qr.apply_transposed(block, c);
            for j in 0..n {
                let column = &block[j * rows..(j + 1) * rows];
                part.r[j * n..j * n + j + 1].copy_from_slice(&column[..=j]);
            }
            part.qb.copy_from_slice(&c[..n]);
        }
        part
    }
}
