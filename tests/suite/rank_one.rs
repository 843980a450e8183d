//! Rank-one updates of eigenvalue decompositions, against a fresh decomposition and against answers that are known.
//! Second floor of the tests: matrices from `gen.rs`, judged here and by `residual.rs`.
//! Must not weaken a bound: each is derived where it stands.

use lapwing::Error;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis, array};

use super::generate::*;
use super::residual::{self, Verdict, fact, hold, norm1, orthonormal_columns, wide, wide_reals, within};

/// The constant of `Eigh::update`: values are within C·n·ε·(‖S‖ + |ρ|‖z‖²). Both decompositions are right to a small multiple of
/// n·ε·‖S‖, and what deflation leaves out, at most 8ε for each of n components or pairs, adds 8·n·ε.
const C: f64 = 10.0;

/// |found − fresh| <= C·n·ε·scale.
fn near(found: &[f64], fresh: &[f64], scale: f64, eps: f64) -> Verdict {
    fact("as many values", found.len() == fresh.len())?;
    let apart = found.iter().zip(fresh).map(|(x, y)| (x - y).abs());
    let most = apart.fold(0.0, |most: f64, x| if x.is_nan() || x > most { x } else { most });
    within("values against a fresh decomposition", most, C * found.len() as f64 * eps * scale)
}

/// λᵢ <= μᵢ <= λᵢ₊₁ for ρ > 0, mirrored for ρ < 0; exactly.
fn interlacing(old: &[f64], new: &[f64], rho: f64) -> Verdict {
    residual::ascending(new)?;
    let (below, above) = if rho < 0.0 { (new, old) } else { (old, new) };
    fact("bounded by the value of its own number", below.iter().zip(above).all(|(x, y)| x <= y))?;
    fact("bounded by the next value", above.iter().zip(below.iter().skip(1)).all(|(x, y)| x <= y))
}

/// Σμ − Σλ = ρ‖z‖², to the rounding of n values of size `scale`.
fn trace(old: &[f64], new: &[f64], shift: f64, scale: f64, eps: f64) -> Verdict {
    let sum: f64 = new.iter().zip(old).map(|(x, y)| x - y).sum();
    let n = old.len() as f64;
    within("the shifts add up", (sum - shift).abs(), C * n * eps * scale)
}

/// S′Q = QΛ to 30·n·ε·scale, Q with orthonormal columns to 30·n·ε.
fn decomposition(a: &Wide, values: &[f64], vectors: &Wide, scale: f64, eps: f64) -> Verdict {
    let n = a.nrows();
    fact("shapes", values.len() == n && vectors.dim() == (n, n))?;
    let rest = a.dot(vectors) - scale_columns(vectors, values);
    within("S′ Q = Q Λ", norm1(&rest), residual::THRESHOLD * n as f64 * eps * scale)?;
    orthonormal_columns(vectors, eps)
}

/// S + ρ·z·zᴴ.
fn updated(s: &Wide, z: &Array1<C64>, rho: f64) -> Wide {
    let column = z.view().insert_axis(Axis(1)).to_owned();
    s + &(column.mapv(|z| z * rho).dot(&adjoint(&column)))
}

/// All that is asked of an update, for a matrix and a vector as they are in T.
fn judge<T: Scalar>(case: &str, s: &Wide, z: &Wide, rho: f64) {
    let (s, z) = (narrow::<T>(s), narrow::<T>(z).column(0).to_owned());
    let wide_z = z.mapv(|z| z.wide());
    let eigh = s.eigh().expect("a good matrix");
    let update = eigh.update(&z, T::real_of(rho)).expect(case);
    let fresh = updated(&wide(&s), &wide_z, rho);
    let shift = rho * wide_z.iter().map(|z| z.norm_sqr()).sum::<f64>();
    let (old, new) = (wide_reals::<T>(&eigh.values), wide_reals::<T>(update.values()));
    let scale = old.iter().fold(0.0, |most: f64, x| most.max(x.abs())) + shift.abs();
    hold(&case, near(&new, fresh.eigh().expect("a good matrix").values.as_slice().unwrap(), scale, T::EPS));
    hold(&case, interlacing(&old, &new, rho));
    hold(&case, trace(&old, &new, shift, scale, T::EPS));
    // Into memory that other orders have left behind.
    let (mut workspace, mut values) = (Workspace::new(), Array1::default(3));
    let other = array![[T::one()]].eigh().expect("one value");
    other.update_values_to(&array![T::one()], T::real_of(1.0), &mut workspace, &mut values).expect(case);
    eigh.update_values_to(&z, T::real_of(rho), &mut workspace, &mut values).expect(case);
    // Not to the last bit: how a product is split among threads hangs on what else runs.
    let again = wide_reals::<T>(&values);
    hold(&case, near(&again, &new, scale, T::EPS));
    hold(&case, interlacing(&old, &again, rho));
    let whole = update.eigh().expect(case);
    let mut output = other;
    update.eigh_to(&mut workspace, &mut output).expect(case);
    hold(&case, decomposition(&fresh, &new, &wide(&output.vectors), scale, T::EPS));
    assert_eq!((&output.values, &whole.values), (update.values(), update.values()), "{case}");
    assert_eq!(whole.values, update.into_values());
    hold(&case, decomposition(&fresh, &new, &wide(&whole.vectors), scale, T::EPS));
}

/// Vectors whose components in the basis of the eigenvectors are of all sizes, or of some alone.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Random,
    Eigenvector,
    Coordinate,
    Graded,
    Zero,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Random, Kind::Eigenvector, Kind::Coordinate, Kind::Graded, Kind::Zero];

    /// An n×1 vector of length about 1.
    fn vector<T: Scalar>(self, rng: &mut Rng, basis: &Wide) -> Wide {
        let n = basis.nrows();
        let of = |component: &dyn Fn(usize) -> f64| Wide::from_shape_fn((n, 1), |(i, _)| C64::from(component(i)));
        match self {
            Kind::Random => normal::<T>(rng, n, 1) * C64::from((n.max(1) as f64).powf(-0.5)),
            Kind::Eigenvector => basis.dot(&of(&|i| if i == n / 2 { 1.0 } else { 0.0 })),
            Kind::Coordinate => of(&|i| if i == n / 2 { 1.0 } else { 0.0 }),
            Kind::Graded => basis.dot(&of(&|i| 10f64.powf(-20.0 * i as f64 / n as f64))),
            Kind::Zero => of(&|_| 0.0),
        }
    }
}

fn against_a_fresh_decomposition<T: Scalar>() {
    let mut turn = 0;
    for &(n, _) in SMALL_SQUARE.iter().chain(&MEDIUM_SQUARE).chain(&[(90, 90)]) {
        for spectrum in Spectrum::ALL {
            for scale in Scale::ALL {
                for kind in Kind::ALL {
                    turn += 1;
                    let mut rng = Rng::new(turn);
                    let factor = scale.factor::<T>();
                    let values: Vec<f64> = spectrum.values(n, 0.1 / T::EPS).iter().map(|x| x * factor).collect();
                    let known = hermitian::<T>(&mut rng, &if turn % 2 == 0 { alternating(&values) } else { values });
                    let z = kind.vector::<T>(&mut rng, &known.u);
                    // Up to the ends of the range there is room for small multiples only.
                    let sizes = if scale == Scale::One { [1.0, 1e4, 1e-5] } else { [1.0, 0.1, 1e-3] };
                    let rho = sizes[turn as usize % 3] * factor * if turn / 3 % 2 == 0 { 1.0 } else { -1.0 };
                    judge::<T>(&format!("{n}, {spectrum:?}, {scale:?}, {kind:?}, ρ = {rho:e}"), &known.a, &z, rho);
                }
            }
        }
    }
}

/// diag(d), whose decomposition is exact.
fn diagonal<T: Scalar>(d: &[f64]) -> Eigh<T> {
    Eigh { values: d.iter().map(|&x| T::real_of(x)).collect(), vectors: Array2::eye(d.len()) }
}

fn vector<T: Scalar>(z: &[f64]) -> Array1<T> {
    z.iter().map(|&x| T::narrow(C64::from(x))).collect()
}

fn values_of<T: Scalar>(d: &[f64], z: &[f64], rho: f64) -> Vec<f64> {
    wide_reals::<T>(diagonal::<T>(d).update(&vector(z), T::real_of(rho)).expect("a good matrix").values())
}

/// Along one eigenvector one eigenvalue moves, and passes others; nothing else changes, and powers of two cost no rounding.
fn along_a_coordinate<T: Scalar>() {
    assert!(values_of::<T>(&[], &[], 1.0).is_empty());
    assert_eq!(values_of::<T>(&[3.0], &[2.0], 4.0), [19.0]);
    assert_eq!(values_of::<T>(&[3.0], &[2.0], -4.0), [-13.0]);
    let d = [-3.0, 1.0, 2.0, 2.0, 5.0];
    assert_eq!(values_of::<T>(&d, &[0.0, 0.0, 0.0, 0.0, 2.0], 1.0), [-3.0, 1.0, 2.0, 2.0, 9.0]);
    assert_eq!(values_of::<T>(&d, &[0.0, 1.0, 0.0, 0.0, 0.0], 4.0), [-3.0, 2.0, 2.0, 5.0, 5.0]);
    assert_eq!(values_of::<T>(&d, &[2.0, 0.0, 0.0, 0.0, 0.0], 4.0), [1.0, 2.0, 2.0, 5.0, 13.0]);
    assert_eq!(values_of::<T>(&d, &[0.0, 0.0, 0.0, 0.0, -2.0], -1.0), [-3.0, 1.0, 1.0, 2.0, 2.0]);
    let untouched = diagonal::<T>(&[-3.0, 1.0, 2.0, 4.0, 5.0]);
    for (z, rho) in [([1.0, -2.0, 3.0, 4.0, 5.0], 0.0), ([0.0; 5], 7.0), ([0.0; 5], -7.0)] {
        let update = untouched.update(&vector(&z), T::real_of(rho)).expect("a good matrix");
        let same = update.eigh().expect("there is memory");
        assert_eq!(same.values, untouched.values);
        assert!(same.vectors.iter().zip(&untouched.vectors).all(|(x, y)| x.abs() == y.abs()), "ρ = {rho}");
    }
}

/// Two eigenvalues a and b, p and q times, and a vector of ones: all but one of each stay as they are, and the two that move are those of
/// [a + ρp, ρ√(pq); ρ√(pq), b + ρq].
fn repeated_values<T: Scalar>() {
    for (a, b, p, q, rho) in
        [(1.0, 1.0, 4, 3, 2.0), (-2.0, 3.0, 5, 1, 0.5), (0.0, 1.0, 3, 4, -2.0), (0.0, 0.0, 2, 2, 1.0)]
    {
        let d: Vec<f64> = (0..p + q).map(|i| if i < p { a } else { b }).collect();
        let found = values_of::<T>(&d, &vec![1.0; p + q], rho);
        let (middle, half) = ((a + b + rho * (p + q) as f64) / 2.0, (a - b + rho * (p as f64 - q as f64)) / 2.0);
        let root = half.hypot(rho * ((p * q) as f64).sqrt());
        let mut known: Vec<f64> = [vec![a; p - 1], vec![b; q - 1], vec![middle - root, middle + root]].concat();
        known.sort_by(f64::total_cmp);
        let scale = f64::max(a.abs(), b.abs()) + rho.abs() * (p + q) as f64;
        hold(&(a, b, p, q, rho), near(&found, &known, scale, T::EPS));
        let stayed = |x: f64| found.iter().filter(|&&y| y == x).count();
        assert!(stayed(a) >= p - 1 && stayed(b) >= q - 1, "{found:?}");
    }
}

/// det(diag(d) + ρzzᵀ − x·I) = Π(dⱼ − x) + ρΣᵢ zᵢ²Π(dⱼ − x) over j ≠ i, in integers, is the product of all μⱼ − x.
fn determinants<T: Scalar>() {
    let mut rng = Rng::new(5);
    for _ in 0..50 {
        let mut d: Vec<i64> = (0..6).map(|_| rng.below(21) as i64 - 10).collect();
        d.sort();
        let z: Vec<i64> = (0..6).map(|_| rng.below(7) as i64 - 3).collect();
        let rho: i64 = [1, 3, -1, -2][rng.below(4)];
        let float = |x: &[i64]| x.iter().map(|&x| x as f64).collect::<Vec<f64>>();
        let found = values_of::<T>(&float(&d), &float(&z), rho as f64);
        let scale = 10.0 + (rho.abs() * z.iter().map(|z| z * z).sum::<i64>()) as f64;
        for x in [-200, -150, 170, 180, 190, 200_i64] {
            let without = |i: usize| (0..6).filter(|&j| j != i).map(|j| d[j] - x).product::<i64>();
            let exact =
                (0..6).map(|i| rho * z[i] * z[i] * without(i)).sum::<i64>() + d.iter().map(|d| d - x).product::<i64>();
            let product: f64 = found.iter().map(|y| y - x as f64).product();
            // Each factor is off by the bound of its value, over its size.
            let allowed: f64 = found.iter().map(|y| C * 6.0 * T::EPS * scale / (y - x as f64).abs()).sum();
            hold(&(&d, &z, rho, x), within("determinant", (product / exact as f64 - 1.0).abs(), allowed));
        }
    }
}

/// Eigenvalues that are a few units of rounding apart, components of 1e-20, factors of 1e±200 (1e±20 in single precision).
fn extremes<T: Scalar>() {
    let mut rng = Rng::new(9);
    let far = if T::EPS < 1e-10 { 200 } else { 20 };
    for (turn, n) in [2, 3, 17, 40].into_iter().cycle().take(24).enumerate() {
        let spacing = [1.0, 4.0, 1e3][turn % 3] * T::EPS;
        let cluster: Vec<f64> = (0..n).map(|i| 1.0 + (i / 2) as f64 * spacing).collect();
        let s = Wide::from_diag(&cluster.iter().map(|&x| C64::from(x)).collect::<Array1<C64>>());
        let z = normal::<T>(&mut rng, n, 1);
        judge::<T>(&format!("cluster of {n}"), &s, &z, 0.3);
        judge::<T>(&format!("turned cluster of {n}"), &hermitian::<T>(&mut rng, &cluster).a, &z, -0.3);
        let tiny = Wide::from_shape_fn((n, 1), |(i, _)| C64::from(if i % 3 == 0 { 1.0 } else { 1e-20 }));
        judge::<T>(&format!("tiny components, {n}"), &hermitian::<T>(&mut rng, &cluster).a, &tiny, 2.0);
        for rho in [far, -far].map(|power| 10f64.powi(power)) {
            judge::<T>(&format!("ρ = {rho:e}, {n}"), &s, &z, rho);
            judge::<T>(&format!("ρ = −{rho:e}, {n}"), &hermitian::<T>(&mut rng, &cluster).a, &z, -rho);
        }
    }
}

/// Powers of two in S, z and ρ come out as powers of two, bit by bit, up to the ends of the range.
fn scales<T: Scalar>() {
    let mut rng = Rng::new(11);
    let n = 20;
    let eigh =
        narrow::<T>(&hermitian::<T>(&mut rng, &Spectrum::Geometric.values(n, 1e3)).a).eigh().expect("a good matrix");
    let z = narrow::<T>(&normal::<T>(&mut rng, n, 1)).column(0).to_owned();
    let times = |x: T::Real, k: i32| T::real_of(T::f64_of(x) * f64::from(k).exp2());
    let update = |k: i32, p: i32, rho: f64| {
        let values = eigh.values.mapv(|x| times(x, k));
        let scaled = Eigh { values, vectors: eigh.vectors.clone() };
        let z = z.mapv(|x| x * T::from_real(T::real_of(f64::from(p).exp2())));
        scaled.update(&z, times(T::real_of(rho), k - 2 * p)).expect("a good matrix").into_values()
    };
    let (far, near) = if T::EPS < 1e-10 { (500, 250) } else { (60, 30) };
    for rho in [0.7, -3.0] {
        let plain = update(0, 0, rho);
        for (k, p) in [(far, near), (-far, -near), (far, 0), (-far, 0), (0, near), (0, -near), (far, far), (-far, -far)]
        {
            assert_eq!(update(k, p, rho), plain.mapv(|x| times(x, k)), "2^{k}·S, 2^{p}·z");
        }
    }
}

/// Eigenvectors in rows or in reverse order in memory, and a vector that is a row of a matrix.
fn layouts<T: Scalar>() {
    let mut rng = Rng::new(13);
    let n = 12;
    let s = hermitian::<T>(&mut rng, &Spectrum::Arithmetic.values(n, 50.0)).a;
    let eigh = narrow::<T>(&s).eigh().expect("a good matrix");
    let z = narrow::<T>(&normal::<T>(&mut rng, n, 2));
    let plain = eigh.update(&z.column(1).to_owned(), T::real_of(1.5)).expect("a good matrix");
    let fresh = updated(&rounded::<T>(&s), &z.column(1).mapv(|z| z.wide()), 1.5);
    let scale = norm1(&fresh) + 1.0;
    let reversed = eigh.vectors.slice(ndarray::s![..;-1, ..]).to_owned();
    for vectors in [eigh.vectors.as_standard_layout().to_owned(), reversed.slice_move(ndarray::s![..;-1, ..])] {
        let placed = Eigh { values: eigh.values.clone(), vectors };
        let update = placed.update(&z.column(1), T::real_of(1.5)).expect("a good matrix");
        let (found, known) = (wide_reals::<T>(update.values()), wide_reals::<T>(plain.values()));
        hold(&"layout", near(&found, &known, scale, T::EPS));
        let whole = update.eigh().expect("there is memory");
        hold(&"layout", decomposition(&fresh, &found, &wide(&whole.vectors), scale, T::EPS));
    }
}

each_type! {
    against_a_fresh_decomposition,
    along_a_coordinate,
    repeated_values,
    determinants,
    extremes,
    scales,
    layouts,
}

/// One of order 300, of which the last rows of tests are not a small part of a block.
#[test]
fn larger() {
    let mut rng = Rng::new(17);
    let s = hermitian::<f64>(&mut rng, &alternating(&Spectrum::Arithmetic.values(300, 1e6))).a;
    judge::<f64>("order 300", &s, &normal::<f64>(&mut rng, 300, 1), 0.01);
}

#[test]
fn what_is_refused() {
    let eigh = array![[2.0, 1.0], [1.0, 2.0]].eigh().expect("a good matrix");
    let refused = |eigh: &Eigh<f64>, z: &[f64], rho: f64| eigh.update(&vector(z), rho).map(|_| ()).unwrap_err();
    let shape =
        |what, expected: &str, found: &str| Error::Shape { what, expected: expected.into(), found: found.into() };
    assert_eq!(refused(&eigh, &[1.0], 1.0), shape("the vector of a rank-one update", "2", "1"));
    let short = Eigh { values: array![1.0], ..eigh.clone() };
    assert_eq!(refused(&short, &[1.0], 1.0), shape("the eigenvectors", "1×1", "2×2"));
    for bad in [f64::NAN, f64::INFINITY] {
        assert_eq!(refused(&eigh, &[0.0, bad], 1.0), Error::NonFinite { row: 1, col: 0 });
        let error = refused(&eigh, &[1.0, 2.0], bad);
        assert!(matches!(error, Error::Parameter { what: "the factor of a rank-one update", .. }), "{error}");
        let mut spoilt = eigh.clone();
        spoilt.vectors[(0, 1)] = bad;
        assert_eq!(refused(&spoilt, &[1.0, 2.0], 1.0), Error::NonFinite { row: 0, col: 1 });
        spoilt.values[1] = bad;
        assert!(matches!(refused(&spoilt, &[1.0, 2.0], 1.0), Error::Parameter { what: "eigenvalues", .. }));
    }
    let descending = Eigh { values: array![3.0, 1.0], ..eigh.clone() };
    let error = refused(&descending, &[1.0, 2.0], 1.0);
    assert_eq!(error.to_string(), "eigenvalues: expected finite values in order, found 3e0 before 1e0");
    assert_eq!(refused(&eigh, &[1e200, 1.0], 1.0), Error::Overflow { what: "an eigenvalue" });
    assert_eq!(refused(&eigh, &[1.0, 1.0], -f64::MAX), Error::Overflow { what: "an eigenvalue" });
    assert!(eigh.update(&array![1e200, 1e-200], 1e-300).is_ok_and(|update| update.values()[1] > 9e99));
}

/// Each oracle of this file accepts the right answer and refuses a wrong one.
#[test]
fn wrong_answers() {
    let refused = |oracle: &str, verdict: Verdict| assert_eq!(verdict.unwrap_err().oracle, oracle);
    let (old, scale) = ([1.0, 3.0], 3.0 + 2.0);
    let s = Wide::from_diag(&Array1::from_iter(old.map(C64::from)));
    let fresh = updated(&s, &vector(&[1.0, 1.0]), 1.0);
    let known = fresh.eigh().expect("a good matrix");
    let (new, eps) = (known.values.to_vec(), f64::EPSILON);
    near(&new, &[3.0 - 2f64.sqrt(), 3.0 + 2f64.sqrt()], scale, eps).unwrap();
    interlacing(&old, &new, 1.0).unwrap();
    trace(&old, &new, 2.0, scale, eps).unwrap();
    decomposition(&fresh, &new, &known.vectors, scale, eps).unwrap();
    let off = 3.0 * C * 2.0 * eps * scale;
    refused("values against a fresh decomposition", near(&[new[0] + off, new[1]], &new, scale, eps));
    refused("as many values", near(&new[..1], &new, scale, eps));
    refused("bounded by the value of its own number", interlacing(&old, &[1.0 - eps, new[1]], 1.0));
    refused("bounded by the next value", interlacing(&old, &[3.0 + 2.0 * eps, new[1]], 1.0));
    refused("bounded by the value of its own number", interlacing(&old, &new, -1.0));
    refused("ascending", interlacing(&old, &[new[1], new[0]], 1.0));
    refused("the shifts add up", trace(&old, &[new[0], new[1] + off], 2.0, scale, eps));
    let mut turned = known.vectors.clone();
    turned[(0, 0)] += 2000.0 * eps;
    refused("S′ Q = Q Λ", decomposition(&fresh, &new, &turned, scale, eps));
    refused("S′ Q = Q Λ", decomposition(&fresh, &[new[0], new[1] + 10.0 * off], &known.vectors, scale, eps));
    let longer = known.vectors.mapv(|x| x * (1.0 + 1000.0 * eps));
    refused("columns orthonormal", decomposition(&fresh, &new, &longer, scale, eps));
}

/// Phases of components of ζ that are subnormal: the columns stay of length 1.
#[test]
fn the_least_components_have_phases() {
    let eigh = Eigh { values: array![1.0, 2.0], vectors: Array2::from_diag_elem(2, C64::new(1.0, 0.0)) };
    let z = array![C64::new(1.0, 0.0), C64::new(5e-324, 5e-324)];
    let vectors = eigh.update(&z, 1.0).expect("a good vector").eigh().expect("a good update").vectors;
    for column in vectors.columns() {
        let length = column.iter().map(|x| x.norm_sqr()).sum::<f64>();
        assert!((length - 1.0).abs() < 1e-14, "{vectors}");
    }
}

/// Beside 1e300 a value of 1e-300 is far below rounding, and stays where interlacing has it all the same.
#[test]
fn values_below_rounding_interlace() {
    let eigh = Eigh::<f64> { values: array![1e-300, 1e300], vectors: Array2::eye(2) };
    for (rho, expected) in [(1.0, [1e-300, 1e300]), (-1.0, [-1e-300, 1e300])] {
        let values = eigh.update(&array![1e-310, 1e-310], rho).expect("a good vector").into_values();
        let (old, new) = if rho > 0.0 { (&eigh.values, &values) } else { (&values, &eigh.values) };
        assert!(old[0] <= new[0] && new[0] <= old[1] && old[1] <= new[1], "{values}");
        assert!(values[1] == expected[1] && values[0].abs() <= 1e-300, "{values}");
    }
}
