//! Bad input: NaN and infinities at each position of every operand, wrong shapes, and sizes that LAPACK cannot address.
//! Second floor of the tests: every entry point of the crate is in one of the lists below.
//! Must not call LAPACK through anything but the crate: what is asked is that the crate refuses first.

use super::generate::*;
use lapwing::prelude::*;
use lapwing::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};
use std::time::{Duration, Instant};

type Entry<T> = (&'static str, fn(ArrayView2<T>) -> Result<()>);

/// A workspace that has seen nothing.
fn fresh<T: Scalar>() -> Workspace<T> {
    Workspace::new()
}

/// Every entry point that reads a whole matrix of any shape.
fn general_entries<T: Scalar>() -> Vec<Entry<T>> {
    const THIN: SvdOptions = SvdOptions { extent: Extent::Thin, driver: SvdDriver::DivideAndConquer };
    const CHECKED: QrOptions = QrOptions { check: Check::Finite };
    vec![
        ("svd", |a| a.svd().map(drop)),
        ("svd_with gesdd", |a| a.svd_with(&SvdOptions::full(), &mut fresh()).map(drop)),
        ("svd_with gesvd", |a| a.svd_with(&THIN.by(SvdDriver::QrIteration), &mut fresh()).map(drop)),
        ("svd_to", |a| a.svd_to(&THIN, &mut fresh(), &mut Svd::default())),
        ("svd_inplace", |a| a.to_owned().svd_inplace(&THIN, &mut fresh()).map(drop)),
        ("singular_values", |a| a.singular_values().map(drop)),
        ("singular_values_to", |a| a.singular_values_to(THIN.driver, &mut fresh(), &mut Array1::default(0))),
        ("singular_values_inplace", |a| a.to_owned().singular_values_inplace(THIN.driver, &mut fresh()).map(drop)),
        ("cond", |a| a.cond().map(drop)),
        ("rank", |a| a.rank(None).map(drop)),
        ("qr", |a| a.qr().map(drop)),
        ("qr_with", |a| a.qr_with(&CHECKED, &mut fresh()).map(drop)),
        ("qr_to", |a| a.qr_to(&CHECKED, &mut fresh(), &mut Qr::default())),
        ("qr_inplace", |a| a.to_owned().qr_inplace(&CHECKED, &mut fresh()).map(drop)),
        ("qr from_array", |a| Qr::from_array(a.to_owned(), &CHECKED, &mut fresh()).map(drop)),
        ("qr_pivoted", |a| a.qr_pivoted().map(drop)),
        ("qr_pivoted_with", |a| a.qr_pivoted_with(&mut fresh()).map(drop)),
        ("qr_pivoted_to", |a| a.qr_pivoted_to(&mut fresh(), &mut PivotedQr::default())),
        ("qr_pivoted_inplace", |a| a.to_owned().qr_pivoted_inplace(&mut fresh()).map(drop)),
        ("qr_pivoted from_array", |a| PivotedQr::from_array(a.to_owned(), &mut fresh()).map(drop)),
        ("lu", |a| a.lu().map(drop)),
        ("lu_with", |a| a.lu_with(&mut fresh()).map(drop)),
        ("lu_to", |a| a.lu_to(&mut fresh(), &mut Lu::default())),
        ("lu_inplace", |a| a.to_owned().lu_inplace(&mut fresh()).map(drop)),
        ("lu from_array", |a| Lu::from_array(a.to_owned(), &mut fresh()).map(drop)),
        ("pinv", |a| a.pinv(None).map(drop)),
        ("pinv_with", |a| a.pinv_with(None, &mut fresh()).map(drop)),
        ("pinv_to", |a| a.pinv_to(None, &mut fresh(), &mut Pinv::default())),
        ("lstsq", |a| with_zeros(&a, |b| a.lstsq(&b).map(drop))),
        ("lstsq_to", |a| {
            with_zeros(&a, |b| a.lstsq_to(&b, &LstsqOptions::default(), &mut fresh(), &mut Solution::default()))
        }),
        ("lstsq_with auto", |a| lstsq(a, Method::Auto)),
        ("lstsq_with ne", |a| lstsq(a, Method::NormalEquations)),
        ("lstsq_with qr", |a| lstsq(a, Method::Qr)),
        ("lstsq_with qrp", |a| lstsq(a, Method::PivotedQr)),
        ("lstsq_with svd", |a| lstsq(a, Method::Svd)),
    ]
}

/// Calls with two right-hand sides of zeros: one entry, broadcast, since `a` may have more rows than there is memory.
fn with_zeros<T: Scalar>(a: &ArrayView2<T>, call: impl FnOnce(ArrayView2<T>) -> Result<()>) -> Result<()> {
    call(Array2::zeros((1, 1)).broadcast((a.nrows(), 2)).unwrap())
}

fn lstsq<T: Scalar>(a: ArrayView2<T>, method: Method) -> Result<()> {
    with_zeros(&a, |b| a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() }).map(drop))
}

/// Every entry point that reads a whole matrix with no fewer rows than columns.
fn tall_entries<T: Scalar>() -> Vec<Entry<T>> {
    vec![
        ("polar", |a| a.polar().map(drop)),
        ("polar_with", |a| a.polar_with(&mut fresh()).map(drop)),
        ("polar_to", |a| a.polar_to(&mut fresh(), &mut Polar::default())),
        ("polar_inplace", |a| a.to_owned().polar_inplace(&mut fresh()).map(drop)),
    ]
}

/// The forms of one operation that reads one triangle, with the lower one and with the upper one.
macro_rules! triangles {
    ($(($name:literal, |$a:ident, $uplo:ident| $call:expr)),+ $(,)?) => {
        vec![$((
            (concat!($name, " lower"), |$a| { let $uplo = Uplo::Lower; $call }),
            (concat!($name, " upper"), |$a| { let $uplo = Uplo::Upper; $call }),
        )),+]
    };
}

/// Every entry point that reads one triangle, lower and upper.
fn hermitian_entries<T: Scalar>() -> Vec<(Entry<T>, Entry<T>)> {
    fn eigh(uplo: Uplo) -> EighOptions {
        EighOptions { uplo, ..Default::default() }
    }
    fn definite(uplo: Uplo) -> CholeskyOptions {
        CholeskyOptions { uplo, ..Default::default() }
    }
    let by_options: Vec<(Entry<T>, Entry<T>)> = triangles![
        ("eigh_with syevd", |a, uplo| a.eigh_with(&eigh(uplo), &mut fresh()).map(drop)),
        ("eigh_with syevr", |a, uplo| {
            a.eigh_with(&EighOptions { uplo, driver: EighDriver::Mrrr }, &mut fresh()).map(drop)
        }),
        ("eigh_to", |a, uplo| a.eigh_to(&eigh(uplo), &mut fresh(), &mut Eigh::default())),
        ("eigh_inplace", |a, uplo| a.to_owned().eigh_inplace(&eigh(uplo), &mut fresh()).map(drop)),
        ("eigvalsh_to", |a, uplo| a.eigvalsh_to(&eigh(uplo), &mut fresh(), &mut Array1::default(0))),
        ("cholesky_with", |a, uplo| a.cholesky_with(&definite(uplo), &mut fresh()).map(drop)),
        ("cholesky_to", |a, uplo| a.cholesky_to(&definite(uplo), &mut fresh(), &mut Cholesky::default())),
        ("cholesky_inplace", |a, uplo| a.to_owned().cholesky_inplace(&definite(uplo), &mut fresh()).map(drop)),
        ("cholesky from_array", |a, uplo| {
            Cholesky::from_array(a.to_owned(), &definite(uplo), &mut fresh()).map(drop)
        }),
        ("ldlt_with", |a, uplo| a.ldlt_with(&LdltOptions { uplo }, &mut fresh()).map(drop)),
        ("ldlt_to", |a, uplo| a.ldlt_to(&LdltOptions { uplo }, &mut fresh(), &mut Ldlt::default())),
        ("ldlt_inplace", |a, uplo| a.to_owned().ldlt_inplace(&LdltOptions { uplo }, &mut fresh()).map(drop)),
        ("ldlt from_array", |a, uplo| Ldlt::from_array(a.to_owned(), &LdltOptions { uplo }, &mut fresh()).map(drop)),
    ];
    // Without options the lower triangle is read; of the conjugate transpose, that is the upper one.
    let mut entries: Vec<(Entry<T>, Entry<T>)> = vec![
        (("eigh", |a| a.eigh().map(drop)), ("eigh of the transpose", |a| a.t().eigh().map(drop).map_err(turned))),
        (
            ("eigvalsh", |a| a.eigvalsh().map(drop)),
            ("eigvalsh, transposed", |a| a.t().eigvalsh().map(drop).map_err(turned)),
        ),
        (
            ("cholesky", |a| a.cholesky().map(drop)),
            ("cholesky, transposed", |a| a.t().cholesky().map(drop).map_err(turned)),
        ),
        (("ldlt", |a| a.ldlt().map(drop)), ("ldlt, transposed", |a| a.t().ldlt().map(drop).map_err(turned))),
    ];
    entries.extend(by_options);
    entries
}

/// An error for the transpose, told of the matrix itself.
fn turned(error: Error) -> Error {
    match error {
        Error::NonFinite { row, col } => Error::NonFinite { row: col, col: row },
        Error::NotSquare { rows, cols } => Error::NotSquare { rows: cols, cols: rows },
        other => other,
    }
}

/// NaN and both infinities, in the real part and, for complex types, in the imaginary part.
fn bad_values<T: Scalar>() -> Vec<T> {
    let parts = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let real = parts.map(|x| T::narrow(C64::new(x, 1.0))).to_vec();
    let imaginary = parts.map(|x| T::narrow(C64::new(1.0, x))).to_vec();
    if T::COMPLEX { [real, imaginary].concat() } else { real }
}

/// Puts each bad value at each position of a matrix in each layout, and asks `expect` what the entry point must say.
fn at_each_position<T: Scalar>((name, entry): Entry<T>, (m, n): (usize, usize), read: impl Fn(usize, usize) -> bool) {
    let good = Wide::eye(m.max(n)).slice(ndarray::s![..m, ..n]).to_owned();
    for layout in Layout::ALL {
        let mut placed = Placed::<T>::new(&good, layout);
        for row in 0..m {
            for col in 0..n {
                let kept = placed.view()[[row, col]];
                for bad in bad_values::<T>() {
                    placed.view_mut()[[row, col]] = bad;
                    let found = entry(placed.view());
                    if read(row, col) {
                        let want = Err(Error::NonFinite { row, col });
                        assert_eq!(found, want, "{name}: {bad} at ({row}, {col}), {layout:?}");
                    } else {
                        assert_eq!(found, Ok(()), "{name} must not read ({row}, {col}), {layout:?}");
                    }
                }
                placed.view_mut()[[row, col]] = kept;
            }
        }
    }
}

fn non_finite_anywhere<T: Scalar>() {
    for entry in general_entries::<T>() {
        for shape in [(4, 3), (3, 4), (3, 3), (1, 1)] {
            at_each_position(entry, shape, |_, _| true);
        }
    }
    for entry in tall_entries::<T>() {
        for shape in [(4, 3), (4, 4), (1, 1)] {
            at_each_position(entry, shape, |_, _| true);
        }
    }
    for (lower, upper) in hermitian_entries::<T>() {
        at_each_position(lower, (4, 4), |i, j| i >= j);
        at_each_position(upper, (4, 4), |i, j| i <= j);
    }
}

/// What solves or multiplies, of a 3×3 matrix.
struct Factors<T: Scalar> {
    a: Array2<T>,
    qr: Qr<T>,
    qrp: PivotedQr<T>,
    lu: Lu<T>,
    cholesky: Cholesky<T>,
    ldlt: Ldlt<T>,
}

type OnRhs<'a, T> = Box<dyn Fn(ArrayView2<T>) -> Result<()> + 'a>;

/// The three forms of the solve by each factorization that is named.
macro_rules! solves {
    ($($factors:expr),+) => {
        vec![$(
            (stringify!($factors, solve), Box::new(|b: ArrayView2<T>| $factors.solve(&b).map(drop)) as OnRhs<'_, T>),
            (stringify!($factors, solve_to), Box::new(|b| $factors.solve_to(&b, &mut fresh(), &mut Array2::default((0, 0))))),
            (stringify!($factors, solve_inplace), Box::new(|b| $factors.solve_inplace(&mut b.to_owned(), &mut fresh()))),
        )+]
    };
}

impl<T: Scalar> Factors<T> {
    fn of_identity() -> Self {
        let a = narrow::<T>(&Wide::eye(3));
        let (qr, qrp, lu) = (a.qr().unwrap(), a.qr_pivoted().unwrap(), a.lu().unwrap());
        let (cholesky, ldlt) = (a.cholesky().unwrap(), a.ldlt().unwrap());
        Factors { a, qr, qrp, lu, cholesky, ldlt }
    }

    /// Every entry point that reads a right-hand side.
    fn entries(&self) -> Vec<(&'static str, OnRhs<'_, T>)> {
        let Factors { a, qr, qrp, lu, cholesky, ldlt } = self;
        let mut entries: Vec<(&'static str, OnRhs<'_, T>)> = solves!(qr, qrp, lu, cholesky, ldlt);
        let products: [(&'static str, OnRhs<'_, T>); 10] = [
            ("qr, apply_q", Box::new(|b| qr.apply_q(&b).map(drop))),
            ("qr, apply_qh", Box::new(|b| qr.apply_qh(&b).map(drop))),
            ("qr, apply_q_inplace", Box::new(|b| qr.apply_q_inplace(&mut b.to_owned(), &mut fresh()))),
            ("qr, apply_qh_inplace", Box::new(|b| qr.apply_qh_inplace(&mut b.to_owned(), &mut fresh()))),
            ("qrp, apply_q", Box::new(|b| qrp.apply_q(&b).map(drop))),
            ("qrp, apply_qh", Box::new(|b| qrp.apply_qh(&b).map(drop))),
            ("qrp, apply_q_inplace", Box::new(|b| qrp.apply_q_inplace(&mut b.to_owned(), &mut fresh()))),
            ("qrp, apply_qh_inplace", Box::new(|b| qrp.apply_qh_inplace(&mut b.to_owned(), &mut fresh()))),
            ("lstsq", Box::new(|b| a.lstsq(&b).map(drop))),
            (
                "lstsq_to",
                Box::new(|b| a.lstsq_to(&b, &LstsqOptions::default(), &mut fresh(), &mut Solution::default())),
            ),
        ];
        entries.extend(products);
        for method in [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto] {
            let options = LstsqOptions { method, ..Default::default() };
            entries.push((method.name(), Box::new(move |b| a.lstsq_with(&b, &options).map(drop))));
        }
        entries
    }
}

/// The same for right-hand sides: the position is that in b.
fn non_finite_right_hand_side<T: Scalar>() {
    for (name, entry) in Factors::<T>::of_identity().entries() {
        for layout in Layout::ALL {
            for (row, col) in [(0, 0), (2, 0), (1, 1), (2, 1)] {
                for bad in bad_values::<T>() {
                    let mut b = Placed::<T>::new(&Wide::ones((3, 2)), layout);
                    b.view_mut()[[row, col]] = bad;
                    let want = Err(Error::NonFiniteRhs { row, col });
                    assert_eq!(entry(b.view()), want, "{name} {bad} {layout:?}");
                }
            }
        }
    }
}

fn not_square<T: Scalar>() {
    for (m, n) in [(2, 3), (3, 2), (0, 1), (1, 0)] {
        let a = narrow::<T>(&Wide::ones((m, n)));
        let refused = Err(Error::NotSquare { rows: m, cols: n });
        for (name, entry) in hermitian_entries::<T>().into_iter().flat_map(|(lower, upper)| [lower, upper]) {
            assert_eq!(entry(a.view()), refused, "{name}");
        }
    }
}

fn wrong_right_hand_sides<T: Scalar>() {
    let b = narrow::<T>(&Wide::ones((4, 2)));
    for (name, entry) in Factors::<T>::of_identity().entries() {
        match entry(b.view()).unwrap_err() {
            Error::Shape { expected, found, .. } => {
                assert!(expected.contains('3') && found.contains('4'), "{name}: {expected} {found}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let single = Factors::<T>::of_identity().lu.solve(&b.column(0)).unwrap_err();
    assert!(matches!(single, Error::Shape { .. }), "{single:?}");
}

/// A tolerance must be a number and not negative.
fn wrong_tolerances<T: Scalar>() {
    let a = narrow::<T>(&Wide::eye(3));
    for wrong in [-0.1, f64::NAN, f64::NEG_INFINITY] {
        let rcond = Some(T::real_of(wrong));
        let by = |method| a.lstsq_with(&a, &LstsqOptions { method, rcond }).map(drop);
        let verdicts = [
            a.rank(rcond).map(drop),
            a.pinv(rcond).map(drop),
            a.qr_pivoted().unwrap().rank(rcond).map(drop),
            by(Method::PivotedQr),
            by(Method::Svd),
        ];
        for verdict in verdicts {
            assert!(matches!(verdict, Err(Error::Parameter { what: "rcond", .. })), "{wrong}: {verdict:?}");
        }
    }
}

/// Huge matrices without memory: one entry, broadcast. Each call must refuse at once, before it scans or packs 10⁹ entries
/// and more: within a second, where reading them would take longer.
fn too_large<T: Scalar>() {
    let one = Array2::from_elem((1, 1), T::narrow(C64::new(1.0, 0.0)));
    let hermitian = hermitian_entries::<T>().into_iter().flat_map(|(lower, upper)| [lower, upper]);
    let beyond_lapack = i32::MAX as usize + 1;
    for n in [beyond_lapack, 1 << 40] {
        let tall = one.broadcast((n, 2)).unwrap();
        for entry in general_entries::<T>().into_iter().filter(borrows) {
            refuses_at_once(entry, tall);
            refuses_at_once(entry, tall.reversed_axes());
        }
    }
    let square = one.broadcast((beyond_lapack, beyond_lapack)).unwrap();
    let others = hermitian.chain(tall_entries::<T>()).filter(borrows);
    others.for_each(|entry| refuses_at_once(entry, square));
}

/// Whether an entry of the list reads its operand where it is: the in-place forms need a matrix that exists in memory.
fn borrows<T>((name, _): &Entry<T>) -> bool {
    !name.contains("inplace") && !name.contains("from_array")
}

fn refuses_at_once<T: Scalar>((name, entry): Entry<T>, a: ArrayView2<T>) {
    let started = Instant::now();
    let found = entry(a);
    let took = started.elapsed();
    assert!(matches!(found, Err(Error::TooLarge { .. })), "{name} {:?}: {found:?}", a.dim());
    assert!(took < Duration::from_secs(1), "{name} {:?} took {took:?}", a.dim());
}

/// Dimensions that fit 32 bits, but whose workspace does not: that of gesdd and of syevd grows with n². The values alone
/// and the other factorizations need no such workspace, and would be computed if there were memory.
fn workspace_beyond_32_bits<T: Scalar>() {
    let one = Array2::from_elem((1, 1), T::narrow(C64::new(1.0, 0.0)));
    let square = one.broadcast((70_000, 70_000)).unwrap();
    let by_vectors = ["svd", "eigh", "singular_values", "cond", "rank", "pinv", "lstsq_with svd", "polar"];
    let quadratic = |name: &str| by_vectors.iter().any(|prefix| name.starts_with(prefix));
    let hermitian = hermitian_entries::<T>().into_iter().flat_map(|(lower, upper)| [lower, upper]);
    let squares = tall_entries::<T>().into_iter().chain(hermitian);
    let entries = general_entries::<T>().into_iter().chain(squares);
    for entry in entries.filter(|entry| borrows(entry) && quadratic(entry.0)) {
        refuses_at_once(entry, square);
    }
}

each_type!(
    non_finite_anywhere,
    non_finite_right_hand_side,
    not_square,
    wrong_right_hand_sides,
    wrong_tolerances,
    too_large,
    workspace_beyond_32_bits
);
