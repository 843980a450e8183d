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
    let whole = update.eigh().expect(case);
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

each_type! { against_a_fresh_decomposition }
