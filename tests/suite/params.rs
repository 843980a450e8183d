//! Counts of parameters: each is the rank of the Jacobian of a parametrization, at a random point.
//! Second floor of the tests. The parametrizations have more variables than the sets have dimensions (all entries of a matrix whose
//! Q is taken, say), so that the rank, not the number of variables, is what is compared.

use std::collections::BTreeMap;

use lapwing::deriv::Differentiable;
use lapwing::params::{self, Count, Field};
use lapwing::prelude::*;
use ndarray::{Array2, s};

use super::generate::{C64, Rng, Wide, adjoint, normal};

/// A matrix that depends on variables, with its derivatives by them; a variable has the same number everywhere.
#[derive(Clone)]
struct Factor {
    value: Wide,
    tangents: BTreeMap<usize, Wide>,
}

/// Where random entries and new variables come from.
struct Source {
    rng: Rng,
    field: Field,
    variables: usize,
}

impl Source {
    fn new(seed: usize, field: Field) -> Self {
        Source { rng: Rng::new(seed as u64), field, variables: 0 }
    }

    /// What one entry can be changed by.
    fn units(&self) -> &'static [C64] {
        const BOTH: [C64; 2] = [C64::new(1.0, 0.0), C64::new(0.0, 1.0)];
        match self.field {
            Field::Real => &BOTH[..1],
            Field::Complex => &BOTH,
        }
    }

    /// A matrix whose entries are variables where `is_free` says so, and 0 elsewhere.
    fn free(&mut self, m: usize, n: usize, is_free: impl Fn(usize, usize) -> bool) -> Factor {
        let random = match self.field {
            Field::Real => normal::<f64>(&mut self.rng, m, n),
            Field::Complex => normal::<C64>(&mut self.rng, m, n),
        };
        let value = Array2::from_shape_fn((m, n), |at| if is_free(at.0, at.1) { random[at] } else { C64::default() });
        let mut tangents = BTreeMap::new();
        for (at, _) in random.indexed_iter().filter(|((i, j), _)| is_free(*i, *j)) {
            for &unit in self.units() {
                let mut tangent = Array2::default((m, n));
                tangent[at] = unit;
                tangents.insert(self.variables, tangent);
                self.variables += 1;
            }
        }
        Factor { value, tangents }
    }

    /// A diagonal of variables, apart from each other and from 0.
    fn diagonal(&mut self, r: usize) -> Factor {
        let mut factor = self.free(r, r, |i, j| i == j);
        factor.value.diag_mut().iter_mut().enumerate().for_each(|(i, x)| *x = C64::new(1.0 + i as f64, 0.0));
        factor
    }

    /// One of real variables.
    fn real_diagonal(&mut self, r: usize) -> Factor {
        let field = std::mem::replace(&mut self.field, Field::Real);
        let factor = self.diagonal(r);
        self.field = field;
        factor
    }

    /// Q of the QR factorization of a matrix of variables.
    fn orthonormal(&mut self, m: usize, r: usize) -> Factor {
        let of = self.free(m, r, |_, _| true);
        let qr = of.value.qr().unwrap();
        Factor { value: qr.q().unwrap(), ..of.with_tangents(|da| qr.jvp(da).unwrap().q) }
    }

    /// Lower trapezoidal, with 1 on the diagonal.
    fn unit_lower(&mut self, m: usize, r: usize) -> Factor {
        let mut factor = self.free(m, r, |i, j| i > j);
        factor.value.diag_mut().fill(C64::new(1.0, 0.0));
        factor
    }

    /// Lower trapezoidal, with a diagonal of real variables.
    fn positive_lower(&mut self, m: usize, r: usize) -> Factor {
        let (mut factor, diagonal) = (self.free(m, r, |i, j| i > j), self.real_diagonal(r));
        factor.value.slice_mut(s![..r, ..]).zip_mut_with(&diagonal.value, |to, x| *to += x);
        factor.tangents.extend(diagonal.tangents.into_iter().map(|(variable, tangent)| {
            let mut padded = Array2::default((m, r));
            padded.slice_mut(s![..r, ..]).assign(&tangent);
            (variable, padded)
        }));
        factor
    }
}

impl Factor {
    fn with_tangents(&self, of: impl Fn(&Wide) -> Wide) -> Factor {
        let tangents = self.tangents.iter().map(|(&variable, tangent)| (variable, of(tangent))).collect();
        Factor { value: of(&self.value), tangents }
    }

    fn times(&self, other: &Factor) -> Factor {
        let mut product = self.with_tangents(|a| a.dot(&other.value));
        for (&variable, tangent) in &other.tangents {
            let change = self.value.dot(tangent);
            *product.tangents.entry(variable).or_insert_with(|| Array2::zeros(change.dim())) += &change;
        }
        product
    }

    fn adjoint(&self) -> Factor {
        self.with_tangents(adjoint)
    }

    fn inverse(&self) -> Factor {
        let inverse = self.value.lu().unwrap().inverse().unwrap();
        Factor { value: inverse.clone(), ..self.with_tangents(|da| -inverse.dot(da).dot(&inverse)) }
    }

    /// The same, held fixed.
    fn fixed(&self) -> Factor {
        Factor { value: self.value.clone(), tangents: BTreeMap::new() }
    }

    /// The projectors onto the columns, beside each other: what is left of vectors that are taken up to scale or phase.
    fn directions(&self) -> Factor {
        let (n, r) = self.value.dim();
        let column = |k: usize| self.with_tangents(|a| a.slice(s![.., k..k + 1]).to_owned());
        let projector = |k: usize| {
            let x = column(k);
            x.times(&x.adjoint().times(&x).inverse()).times(&x.adjoint())
        };
        let mut directions = self.with_tangents(|_| Array2::default((n, n * r)));
        for k in 0..r {
            let projector = projector(k);
            for (variable, tangent) in &mut directions.tangents {
                tangent.slice_mut(s![.., n * k..n * (k + 1)]).assign(&projector.tangents[variable]);
            }
        }
        directions
    }

    /// The rank of the Jacobian over the real numbers, whose singular values have a gap of some powers of ten. Variables and entries are
    /// of size 1, so that what is far below 1 is rounding error, also where there is nothing else.
    fn dimension(&self) -> u64 {
        let column = |tangent: &Wide| tangent.iter().flat_map(|x| [x.re, x.im]).collect::<Vec<_>>();
        let columns: Vec<_> = self.tangents.values().map(column).collect();
        let jacobian = Array2::from_shape_fn((2 * self.value.len(), columns.len()), |(i, j)| columns[j][i]);
        let values = jacobian.singular_values().unwrap();
        let above = |least: f64| values.iter().filter(|&&s| s > least * values[0].max(1.0)).count();
        assert_eq!(above(1e-6), above(1e-12), "no gap in {values}");
        above(1e-6) as u64
    }
}

/// The parts of a count and its total against the ranks of Jacobians.
#[track_caller]
fn compare(count: lapwing::Result<Count>, parts: &[&Factor], whole: &Factor) {
    let count = count.unwrap();
    let found: Vec<u64> = count.parts().map(|part| part.count()).collect();
    let expected: Vec<u64> = parts.iter().map(|part| part.dimension()).collect();
    assert_eq!(found, expected, "{:?}:\n{count}", whole.value.dim());
    assert_eq!(count.total(), whole.dimension(), "{:?}:\n{count}", whole.value.dim());
}

/// Shapes and ranks, full and not: tall, wide and square.
fn cases() -> impl Iterator<Item = (usize, usize, usize, Source)> {
    let shapes = [(1, 1), (2, 2), (3, 3), (4, 4), (3, 4), (4, 3), (2, 5), (5, 2), (1, 4), (4, 1)];
    let ranks = shapes.into_iter().flat_map(|(m, n)| (1..=m.min(n)).map(move |r| (m, n, r)));
    ranks.flat_map(|(m, n, r)| {
        [Field::Real, Field::Complex].map(|field| (m, n, r, Source::new(100 * m + 10 * n + r, field)))
    })
}

#[test]
fn triangular_and_orthogonal_factorizations_have_as_many_parameters_as_matrices() {
    for (m, n, r, mut source) in cases() {
        let field = source.field;
        let (l, d, unit_u) = (source.unit_lower(m, r), source.diagonal(r), source.unit_lower(n, r).adjoint());
        let u = d.times(&unit_u);
        compare(params::lu(m, n, r, field), &[&l, &u], &l.times(&u));
        compare(params::ldu(m, n, r, field), &[&l, &d, &unit_u], &l.times(&u));
        compare(params::unit_triangular(m, r, field), &[&l], &l);
        compare(params::triangular(r, n, field), &[&u], &u);
        compare(params::diagonal(r, field), &[&d], &d);

        let (q, triangle) = (source.orthonormal(m, r), source.positive_lower(n, r).adjoint());
        compare(params::orthonormal(m, r, field), &[&q], &q);
        compare(params::qr(m, n, r, field), &[&q, &triangle], &q.times(&triangle));
    }
}

#[test]
fn singular_value_and_polar_decompositions_have_as_many_parameters_as_matrices() {
    for (m, n, r, mut source) in cases() {
        let field = source.field;
        let (u, v, values) = (source.orthonormal(m, r), source.orthonormal(n, r), source.real_diagonal(r));
        let a = u.times(&values).times(&v.adjoint());
        compare(params::svd(m, n, r, field), &[&u.directions(), &values, &v], &a);

        // S = B·Bᴴ, and Q takes the range of B, of which V is a basis, to the columns of U.
        let b = v.times(&source.free(r, r, |_, _| true));
        let s = b.times(&b.adjoint());
        let q = u.times(&v.adjoint());
        compare(params::polar(m, n, r, field), &[&u.times(&v.adjoint().fixed()), &s], &q.times(&s));
        compare(params::symmetric(n, r, field), &[&s], &s);
    }
}

#[test]
fn eigenvalue_decompositions_have_as_many_parameters_as_matrices() {
    for (_, n, r, mut source) in cases().filter(|(m, n, ..)| m == n) {
        let field = source.field;
        // The rows of X⁻¹ that belong to r columns of X are (YᴴX)⁻¹Yᴴ for some Y.
        let (x, y, values) = (source.free(n, r, |_, _| true), source.free(n, r, |_, _| true), source.diagonal(r));
        let dual = |x: &Factor| y.adjoint().times(x).inverse().times(&y.adjoint());
        let a = x.times(&values).times(&dual(&x));
        let (directions, given_x) = (x.directions(), dual(&x.fixed()));
        let parts: &[&Factor] = if r < n { &[&directions, &values, &given_x] } else { &[&directions, &values] };
        compare(params::eigen(n, r, field), parts, &a);
        compare(params::eigenvectors(n, r, field), &parts[..1], &directions);

        let (q, real) = (source.orthonormal(n, r), source.real_diagonal(r));
        let s = q.times(&real).times(&q.adjoint());
        compare(params::spectral(n, r, field), &[&q.directions(), &real], &s);
        let l = source.positive_lower(n, r);
        compare(params::cholesky(n, r, field), &[&l], &l.times(&l.adjoint()));
    }
}

#[test]
fn a_wrong_count_is_seen() {
    let mut source = Source::new(1, Field::Real);
    let q = source.orthonormal(4, 2);
    assert_eq!(q.dimension(), 5);
    let of_square = params::orthonormal(4, 4, Field::Real);
    assert!(std::panic::catch_unwind(|| compare(of_square, &[&q], &q)).is_err());
}
