//! Test matrices: kind × spectrum × condition × scale × layout, seeded, in the four element types.
//! Ground floor of the tests: everything is computed here in double precision with plain loops and ndarray's own product.
//! Must not call the crate under test or LAPACK.

use ndarray::{Array2, ShapeBuilder, s};
use num_complex::Complex;

pub use super::layout::{Layout, Placed, spoil_triangle};

pub type C64 = Complex<f64>;
pub type C32 = Complex<f32>;

/// Every matrix is generated, and every result judged, in complex double precision; the narrower types round from it.
pub type Wide = Array2<C64>;

/// SplitMix64 (Steele, Lea and Flood 2014). Its sequence belongs to the tests, so that a seed means the same matrix
/// whatever a dependency does.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Rng(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform on (0, 1].
    pub fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 * 2f64.powi(-53)
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }

    /// An integer below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn entry<T: Scalar>(&mut self) -> C64 {
        let re = self.normal();
        C64::new(re, if T::COMPLEX { self.normal() } else { 0.0 })
    }
}

/// The four element types, with what the tests need to know of each.
pub trait Scalar: lapwing::prelude::Element + ndarray_linalg::Lapack {
    const NAME: &'static str;
    const COMPLEX: bool;
    /// The distance from 1 to the next number: LAPACK's `DLAMCH('P')`.
    const EPS: f64;
    /// Powers of two for [`Scale::Tiny`] and [`Scale::Huge`].
    const TINY: i32;
    const HUGE: i32;
    /// The exponents of the smallest normal and of the smallest subnormal number.
    const LEAST_NORMAL: i32;
    const LEAST_SUBNORMAL: i32;
    /// The largest finite number.
    const MAX: f64;

    /// Rounds to this type.
    fn narrow(z: C64) -> Self;
    fn wide(self) -> C64;
    fn real_of(x: f64) -> Self::Real;
    fn f64_of(x: Self::Real) -> f64;

    /// What stands in memory that belongs to no matrix entry.
    fn hole() -> Self {
        Self::narrow(C64::new(f64::NAN, f64::NAN))
    }
}

macro_rules! scalar {
    ($t:ty, $r:ty, $name:literal, $complex:literal, $narrow:expr, $wide:expr) => {
        impl Scalar for $t {
            const NAME: &'static str = $name;
            const COMPLEX: bool = $complex;
            const EPS: f64 = <$r>::EPSILON as f64;
            // The smallest scale at which every entry down to eps of the largest is still a normal number.
            const TINY: i32 = <$r>::MIN_EXP - 1 + <$r>::MANTISSA_DIGITS as i32;
            // The largest scale at which the sum of a few hundred entries is still finite.
            const HUGE: i32 = <$r>::MAX_EXP - 14;
            const LEAST_NORMAL: i32 = <$r>::MIN_EXP - 1;
            const LEAST_SUBNORMAL: i32 = <$r>::MIN_EXP - <$r>::MANTISSA_DIGITS as i32;
            const MAX: f64 = <$r>::MAX as f64;
            fn narrow(z: C64) -> Self {
                ($narrow)(z)
            }
            fn wide(self) -> C64 {
                ($wide)(self)
            }
            fn real_of(x: f64) -> $r {
                x as $r
            }
            fn f64_of(x: $r) -> f64 {
                x as f64
            }
        }
    };
}

scalar!(f32, f32, "f32", false, |z: C64| z.re as f32, |x| C64::new(x as f64, 0.0));
scalar!(f64, f64, "f64", false, |z: C64| z.re, |x| C64::new(x, 0.0));
scalar!(C32, f32, "c32", true, |z: C64| C32::new(z.re as f32, z.im as f32), |z: C32| C64::new(
    z.re as f64,
    z.im as f64
));
scalar!(C64, f64, "c64", true, |z: C64| z, |z: C64| z);

/// Stamps out one test for each element type from a generic function `fn(…)<T: Scalar>()`.
macro_rules! each_type {
    ($($(#[$meta:meta])* $test:ident),+ $(,)?) => {
        $($(#[$meta])* mod $test {
            #[test]
            fn f32() { super::$test::<f32>() }
            #[test]
            fn f64() { super::$test::<f64>() }
            #[test]
            fn c32() { super::$test::<$crate::suite::generate::C32>() }
            #[test]
            fn c64() { super::$test::<$crate::suite::generate::C64>() }
        })+
    };
}

pub(crate) use each_type;

/// How the singular values or the absolute eigenvalues fall from 1 to 1/κ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spectrum {
    Arithmetic,
    Geometric,
    OneSmall,
    OneLarge,
    /// Two clusters, at 1 and at 1/κ, with gaps of a few units of the last place.
    Clustered,
    /// Each value three times.
    Repeated,
    /// Half of the values are zero.
    Deficient,
    Zero,
}

impl Spectrum {
    pub const ALL: [Spectrum; 8] = [
        Spectrum::Arithmetic,
        Spectrum::Geometric,
        Spectrum::OneSmall,
        Spectrum::OneLarge,
        Spectrum::Clustered,
        Spectrum::Repeated,
        Spectrum::Deficient,
        Spectrum::Zero,
    ];
    /// Those of full rank.
    pub const FULL: [Spectrum; 6] = [
        Spectrum::Arithmetic,
        Spectrum::Geometric,
        Spectrum::OneSmall,
        Spectrum::OneLarge,
        Spectrum::Clustered,
        Spectrum::Repeated,
    ];

    /// `k` values in descending order, the largest 1 (unless all are zero).
    pub fn values(self, k: usize, kappa: f64) -> Vec<f64> {
        let arithmetic = |i: usize, k: usize| {
            if k < 2 { 1.0 } else { 1.0 - i as f64 / (k - 1) as f64 * (1.0 - 1.0 / kappa) }
        };
        let value = |i: usize| match self {
            Spectrum::Arithmetic => arithmetic(i, k),
            Spectrum::Geometric if k < 2 => 1.0,
            Spectrum::Geometric => kappa.powf(-(i as f64) / (k - 1) as f64),
            Spectrum::OneSmall if i + 1 == k && k > 1 => 1.0 / kappa,
            Spectrum::OneSmall => 1.0,
            Spectrum::OneLarge if i > 0 => 1.0 / kappa,
            Spectrum::OneLarge => 1.0,
            Spectrum::Clustered => {
                let centre = if 2 * i < k { 1.0 } else { 1.0 / kappa };
                centre * (1.0 - 4.0 * f64::EPSILON * i as f64)
            }
            Spectrum::Repeated => arithmetic(i / 3, k.div_ceil(3)),
            Spectrum::Deficient if 2 * i >= k => 0.0,
            Spectrum::Deficient => arithmetic(i, k.div_ceil(2)),
            Spectrum::Zero => 0.0,
        };
        (0..k).map(value).collect()
    }

    /// How many of `k` values are not zero.
    pub fn rank(self, k: usize) -> usize {
        match self {
            Spectrum::Zero => 0,
            Spectrum::Deficient => k.div_ceil(2),
            _ => k,
        }
    }
}

/// The size of the largest value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    One,
    /// Near underflow: entries down to eps of the largest are still normal numbers, their squares are not.
    Tiny,
    /// Near overflow: sums of entries are finite, squares are not.
    Huge,
    /// The largest value is a sixteenth of the smallest normal number, so that every entry is subnormal. It is not part of
    /// [`Scale::ALL`]: the bounds that hold there are in `subnormal.rs`.
    Subnormal,
}

impl Scale {
    pub const ALL: [Scale; 3] = [Scale::One, Scale::Tiny, Scale::Huge];

    pub fn factor<T: Scalar>(self) -> f64 {
        match self {
            Scale::One => 1.0,
            Scale::Tiny => 2f64.powi(T::TINY),
            Scale::Huge => 2f64.powi(T::HUGE),
            Scale::Subnormal => 2f64.powi(T::LEAST_NORMAL - 4),
        }
    }
}

/// Rounds to the element type, column-major.
pub fn narrow<T: Scalar>(a: &Wide) -> Array2<T> {
    let mut out = Array2::from_elem(a.dim().f(), T::hole());
    out.zip_mut_with(a, |entry, &z| *entry = T::narrow(z));
    out
}

/// What `narrow` made, in double precision again: the matrix that the crate was really given.
pub fn rounded<T: Scalar>(a: &Wide) -> Wide {
    a.mapv(|z| T::narrow(z).wide())
}

/// A unitary (orthogonal for real types) matrix: the product of Householder reflectors of growing order, which is
/// uniformly distributed (Stewart 1980).
pub fn unitary<T: Scalar>(rng: &mut Rng, n: usize) -> Wide {
    let mut q = Wide::from_diag_elem(n, C64::new(1.0, 0.0));
    for order in 1..=n {
        let v: Vec<C64> = (0..order).map(|_| rng.entry::<T>()).collect();
        let vv: f64 = v.iter().map(C64::norm_sqr).sum();
        let mut block = q.slice_mut(s![n - order.., ..]);
        for mut column in block.columns_mut() {
            let vx: C64 = v.iter().zip(&column).map(|(vi, x)| vi.conj() * x).sum();
            let twice = vx * (2.0 / vv);
            column.iter_mut().zip(&v).for_each(|(x, vi)| *x -= twice * vi);
        }
    }
    q
}

pub fn adjoint(a: &Wide) -> Wide {
    a.t().mapv(|z| z.conj())
}

/// A·diag(d).
pub fn scale_columns(a: &Wide, d: &[f64]) -> Wide {
    let mut out = a.clone();
    for (mut column, &x) in out.columns_mut().into_iter().zip(d) {
        column.mapv_inplace(|z| z * x);
    }
    out
}

/// A matrix with what is known of it.
pub struct Known {
    pub a: Wide,
    /// Left singular vectors, m×m; eigenvectors for Hermitian matrices.
    pub u: Wide,
    /// Right singular vectors, n×n.
    pub v: Wide,
    /// Singular values descending, or eigenvalues in the order of the columns of `u`.
    pub values: Vec<f64>,
}

/// An m×n matrix with given singular values (`min(m, n)` of them).
pub fn general<T: Scalar>(rng: &mut Rng, m: usize, n: usize, values: &[f64]) -> Known {
    let (u, v) = (unitary::<T>(rng, m), unitary::<T>(rng, n));
    let k = values.len();
    let us = scale_columns(&u.slice(s![.., ..k]).to_owned(), values);
    let a = us.dot(&adjoint(&v.slice(s![.., ..k]).to_owned()));
    Known { a, u, v, values: values.to_vec() }
}

/// A Hermitian (symmetric for real types) matrix with given eigenvalues.
pub fn hermitian<T: Scalar>(rng: &mut Rng, values: &[f64]) -> Known {
    let q = unitary::<T>(rng, values.len());
    let raw = scale_columns(&q, values).dot(&adjoint(&q));
    let a = (&raw + &adjoint(&raw)) * C64::new(0.5, 0.0);
    Known { a, u: q.clone(), v: q, values: values.to_vec() }
}

/// Independent normal entries.
pub fn normal<T: Scalar>(rng: &mut Rng, m: usize, n: usize) -> Wide {
    Wide::from_shape_simple_fn((m, n), || rng.entry::<T>())
}

/// Values with alternating signs: an indefinite spectrum.
pub fn alternating(values: &[f64]) -> Vec<f64> {
    values.iter().enumerate().map(|(i, &x)| if i % 2 == 0 { x } else { -x }).collect()
}

/// One point of the test grid.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub rows: usize,
    pub cols: usize,
    pub spectrum: Spectrum,
    pub kappa: f64,
    pub scale: Scale,
    pub layout: Layout,
    pub seed: u64,
}

impl Case {
    pub fn rng(&self) -> Rng {
        Rng::new(self.seed)
    }

    /// Whether ‖A‖‖x‖ has room in the type for ‖x‖ up to κ: without it no solver that does not scale can finish.
    pub fn products_fit(&self) -> bool {
        self.scale != Scale::Huge || self.kappa <= 100.0
    }

    /// The values of the spectrum at the case's scale, as many as the matrix has.
    pub fn values<T: Scalar>(&self) -> Vec<f64> {
        let factor = self.scale.factor::<T>();
        self.spectrum.values(self.rows.min(self.cols), self.kappa).iter().map(|x| x * factor).collect()
    }
}

/// Small shapes, empty ones among them.
pub const SMALL: [(usize, usize); 11] =
    [(0, 0), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (2, 2), (3, 3), (7, 3), (3, 7), (6, 6)];
/// Shapes that reach past one panel of a blocked algorithm (LAPACK's block sizes are 32 and 64).
pub const MEDIUM: [(usize, usize); 3] = [(41, 17), (17, 41), (37, 37)];
pub const LARGE: [(usize, usize); 4] = [(130, 130), (129, 35), (35, 129), (100, 70)];
pub const SMALL_SQUARE: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (3, 3), (6, 6), (9, 9)];
pub const MEDIUM_SQUARE: [(usize, usize); 2] = [(33, 33), (40, 40)];
pub const LARGE_SQUARE: [(usize, usize); 2] = [(100, 100), (130, 130)];

/// Condition numbers up to the most that a type can hold apart from singular.
fn kappas<T: Scalar>() -> [f64; 3] {
    [10.0, T::EPS.powf(-0.5), 0.1 / T::EPS]
}

/// The full product of layouts, spectra and scales for small shapes, and for larger ones a rotation through it in which
/// every layout meets every spectrum (medium) or every spectrum occurs (large).
pub fn grid<T: Scalar>(
    small: &[(usize, usize)], medium: &[(usize, usize)], large: &[(usize, usize)], spectra: &[Spectrum],
) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut push = |(rows, cols): (usize, usize), spectrum, layout, scale| {
        let seed = cases.len() as u64;
        // Quotient and remainder, so that every condition meets every scale.
        let kappa = kappas::<T>()[(cases.len() / 3 + cases.len()) % 3];
        cases.push(Case { rows, cols, spectrum, kappa, scale, layout, seed });
    };
    for (turn, (&spectrum, &layout)) in product(spectra, &Layout::ALL).enumerate() {
        for &shape in small {
            Scale::ALL.iter().for_each(|&scale| push(shape, spectrum, layout, scale));
        }
        medium.iter().for_each(|&shape| push(shape, spectrum, layout, Scale::ALL[turn % 3]));
    }
    for (turn, &spectrum) in spectra.iter().enumerate() {
        large.iter().for_each(|&shape| push(shape, spectrum, Layout::ALL[(3 * turn) % 10], Scale::ALL[turn % 3]));
    }
    cases
}

fn product<'a, A, B>(a: &'a [A], b: &'a [B]) -> impl Iterator<Item = (&'a A, &'a B)> {
    a.iter().flat_map(move |x| b.iter().map(move |y| (x, y)))
}
