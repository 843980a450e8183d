//! Bad input: NaN and infinities at each position of every operand, wrong shapes, and sizes that LAPACK cannot address.
//! Second floor of the tests: every entry point of the crate is in one of the lists below.
//! Must not call LAPACK through anything but the crate: what is asked is that the crate refuses first.

use super::generate::*;
use lapwing::prelude::*;
use lapwing::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};
use std::time::{Duration, Instant};

type Entry<T> = (&'static str, fn(ArrayView2<T>) -> Result<()>);

/// Every entry point that reads a whole matrix of any shape.
fn general_entries<T: Scalar>() -> Vec<Entry<T>> {
    vec![
        ("svd", |a| a.svd().map(drop)),
        ("svd_with gesdd", |a| a.svd_with(&SvdOptions::full(), &mut Workspace::new()).map(drop)),
        ("svd_with gesvd", |a| {
            a.svd_with(&SvdOptions::thin().by(SvdDriver::QrIteration), &mut Workspace::new()).map(drop)
        }),
        ("svd_to", |a| a.svd_to(&SvdOptions::thin(), &mut Workspace::new(), &mut Svd::default())),
        ("svd_inplace", |a| a.to_owned().svd_inplace(&SvdOptions::thin(), &mut Workspace::new()).map(drop)),
        ("singular_values", |a| a.singular_values().map(drop)),
        ("cond", |a| a.cond().map(drop)),
        ("rank", |a| a.rank(None).map(drop)),
        ("qr", |a| a.qr().map(drop)),
        ("qr_pivoted", |a| a.qr_pivoted().map(drop)),
        ("pinv", |a| a.pinv(None).map(drop)),
        ("lstsq", |a| lstsq(a, Method::Auto)),
        ("lstsq ne", |a| lstsq(a, Method::NormalEquations)),
        ("lstsq qr", |a| lstsq(a, Method::Qr)),
        ("lstsq qrp", |a| lstsq(a, Method::PivotedQr)),
        ("lstsq svd", |a| lstsq(a, Method::Svd)),
    ]
}

fn lstsq<T: Scalar>(a: ArrayView2<T>, method: Method) -> Result<()> {
    // Broadcast, since a may have more rows than there is memory.
    let zero = Array2::<T>::zeros((1, 1));
    let b = zero.broadcast((a.nrows(), 2)).unwrap();
    a.lstsq_with(&b, &LstsqOptions { method, ..Default::default() }).map(drop)
}

/// Every entry point that reads a whole square matrix.
fn square_entries<T: Scalar>() -> Vec<Entry<T>> {
    vec![("lu", |a| a.lu().map(drop)), ("polar", |a| a.polar().map(drop))]
}

/// Every entry point that reads one triangle, lower and upper.
fn hermitian_entries<T: Scalar>() -> Vec<(Entry<T>, Entry<T>)> {
    fn eigh(a: ArrayView2<impl Scalar>, uplo: Uplo, driver: EighDriver) -> Result<()> {
        a.eigh_with(&EighOptions { uplo, driver }, &mut Workspace::new()).map(drop)
    }
    vec![
        (
            ("eigh syevd lower", |a| eigh(a, Uplo::Lower, EighDriver::DivideAndConquer)),
            ("eigh syevd upper", |a| eigh(a, Uplo::Upper, EighDriver::DivideAndConquer)),
        ),
        (
            ("eigh syevr lower", |a| eigh(a, Uplo::Lower, EighDriver::Mrrr)),
            ("eigh syevr upper", |a| eigh(a, Uplo::Upper, EighDriver::Mrrr)),
        ),
        (
            ("eigvalsh", |a| a.eigvalsh().map(drop)),
            ("eigvalsh_to upper", |a| {
                let options = EighOptions { uplo: Uplo::Upper, ..Default::default() };
                a.eigvalsh_to(&options, &mut Workspace::new(), &mut Array1::zeros(0))
            }),
        ),
        (
            ("cholesky", |a| a.cholesky().map(drop)),
            ("cholesky upper", |a| {
                let options = CholeskyOptions { uplo: Uplo::Upper, ..Default::default() };
                a.cholesky_with(&options, &mut Workspace::new()).map(drop)
            }),
        ),
        (
            ("ldlt", |a| a.ldlt().map(drop)),
            ("ldlt upper", |a| a.ldlt_with(&LdltOptions { uplo: Uplo::Upper }, &mut Workspace::new()).map(drop)),
        ),
    ]
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
    for entry in square_entries::<T>() {
        for shape in [(4, 4), (1, 1)] {
            at_each_position(entry, shape, |_, _| true);
        }
    }
    for (lower, upper) in hermitian_entries::<T>() {
        at_each_position(lower, (4, 4), |i, j| i >= j);
        at_each_position(upper, (4, 4), |i, j| i <= j);
    }
}

/// The same for right-hand sides: the position is that in b.
fn non_finite_right_hand_side<T: Scalar>() {
    let a = narrow::<T>(&Wide::eye(3));
    let (qr, qrp, lu) = (a.qr().unwrap(), a.qr_pivoted().unwrap(), a.lu().unwrap());
    let (cholesky, ldlt) = (a.cholesky().unwrap(), a.ldlt().unwrap());
    type On<'a, T> = Box<dyn Fn(ArrayView2<T>) -> Result<()> + 'a>;
    let mut entries: Vec<(String, On<T>)> = vec![
        ("apply_q".into(), Box::new(|b| qr.apply_q(&b).map(drop))),
        ("apply_qh".into(), Box::new(|b| qr.apply_qh(&b).map(drop))),
        ("qr solve".into(), Box::new(|b| qr.solve(&b).map(drop))),
        ("qr_pivoted solve".into(), Box::new(|b| qrp.solve(&b).map(drop))),
        ("lu solve".into(), Box::new(|b| lu.solve(&b).map(drop))),
        ("lu solve_inplace".into(), Box::new(|b| lu.solve_inplace(&mut b.to_owned(), &mut Workspace::new()))),
        ("cholesky solve".into(), Box::new(|b| cholesky.solve(&b).map(drop))),
        ("ldlt solve".into(), Box::new(|b| ldlt.solve(&b).map(drop))),
    ];
    for method in [Method::NormalEquations, Method::Qr, Method::PivotedQr, Method::Svd, Method::Auto] {
        let options = LstsqOptions { method, ..Default::default() };
        let a = &a;
        entries.push((format!("lstsq {method:?}"), Box::new(move |b| a.lstsq_with(&b, &options).map(drop))));
    }
    for (name, entry) in &entries {
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
    let a = narrow::<T>(&Wide::eye(3));
    let b = narrow::<T>(&Wide::ones((4, 2)));
    let verdicts = [
        a.lu().unwrap().solve(&b).map(drop),
        a.lu().unwrap().solve(&b.column(0)).map(drop),
        a.lu().unwrap().solve_inplace(&mut b.clone(), &mut Workspace::new()),
        a.qr().unwrap().solve(&b).map(drop),
        a.cholesky().unwrap().solve(&b).map(drop),
        a.ldlt().unwrap().solve(&b).map(drop),
        a.lstsq(&b).map(drop),
    ];
    for verdict in verdicts {
        match verdict.unwrap_err() {
            Error::Shape { expected, found, .. } => {
                assert!(expected.contains('3') && found.contains('4'), "{expected} {found}");
            }
            other => panic!("{other:?}"),
        }
    }
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
    let hermitian = || hermitian_entries::<T>().into_iter().flat_map(|(lower, upper)| [lower, upper]);
    let beyond_lapack = i32::MAX as usize + 1;
    for n in [beyond_lapack, 1 << 40] {
        let tall = one.broadcast((n, 2)).unwrap();
        for entry in general_entries::<T>().into_iter().filter(borrows) {
            refuses_at_once(entry, tall);
            refuses_at_once(entry, tall.reversed_axes());
        }
    }
    let square = one.broadcast((beyond_lapack, beyond_lapack)).unwrap();
    hermitian().chain(square_entries::<T>()).for_each(|entry| refuses_at_once(entry, square));
}

/// Whether an entry of the list reads its operand where it is: the in-place form needs a matrix that exists in memory.
fn borrows<T>(entry: &Entry<T>) -> bool {
    entry.0 != "svd_inplace"
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
    let by_svd = ["singular_values", "cond", "rank", "pinv", "lstsq svd", "polar"];
    let quadratic = |name: &str| name.starts_with("svd") || name.starts_with("eigh") || by_svd.contains(&name);
    let hermitian = hermitian_entries::<T>().into_iter().flat_map(|(lower, upper)| [lower, upper]);
    let squares = square_entries::<T>().into_iter().chain(hermitian);
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
