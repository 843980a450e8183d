//! That warm calls allocate nothing: a test binary of its own, because its allocator counts for the whole process.
//!
//! Counts what Rust code allocates; the linked library takes its memory from the system without passing here.
//! Must not share the counter between tests that run at once: it belongs to a thread.
#![allow(unsafe_code)]

use lapwing::element::Scalar;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, ArrayView2, ShapeBuilder, s};
use num_complex::Complex;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Debug;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    /// Bytes that are in use, but for what was there before the last [`peak`] began, and the most that were.
    static USED: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

struct Counting;

fn count() {
    // A thread that is being torn down has no counter any more, and nothing to report.
    let _ = COUNT.try_with(|c| c.set(c.get() + 1));
}

fn resize(from: usize, to: usize) {
    let _ = USED.try_with(|used| {
        let (now, most) = used.get();
        let now = now + to as isize - from as isize;
        used.set((now, most.max(now)));
    });
}

// SAFETY: every call is passed unchanged to the system's allocator, which keeps the contract; counting does not allocate,
// since the counter is a constant-initialised thread-local without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        resize(0, layout.size());
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        resize(0, layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // While it moves there may be both.
        resize(0, size);
        resize(layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.realloc(ptr, layout, size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        resize(layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The number of allocations that `call` makes.
fn allocations(call: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    call();
    COUNT.with(Cell::get) - before
}

/// The most bytes that `call` has in use at once.
fn peak(call: impl FnOnce()) -> usize {
    USED.with(|used| used.set((0, 0)));
    call();
    USED.with(Cell::get).1.unsigned_abs()
}

/// A well-conditioned Hermitian matrix with a dominant diagonal, as general a matrix as counting needs.
fn matrix<T: Element>(m: usize, n: usize, column_major: bool) -> Array2<T> {
    let entry = |(i, j): (usize, usize)| {
        let diagonal = if i == j { 10.0 * (m + i) as f64 } else { 0.0 };
        T::from_real(<T as Scalar>::real(diagonal + 1.0 / (1 + i + j) as f64))
    };
    Array2::from_shape_fn((m, n).set_f(column_major), entry)
}

/// Calls once to warm up, then counts over further calls.
#[track_caller]
fn warm_call_allocates_nothing(what: &str, operand: impl Debug, mut call: impl FnMut()) {
    call();
    let count = allocations(|| (0..3).for_each(|_| call()));
    assert_eq!(count, 0, "three warm calls of {what} with {operand:?} allocate");
}

/// In which order a matrix lies in memory, or that LAPACK can read it in none.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    Columns,
    Rows,
    Strided,
}

const ORDERS: [Order; 3] = [Order::Columns, Order::Rows, Order::Strided];

/// A matrix in memory of its own, where it may be every second row and column of a larger one.
struct Operand<T>(Array2<T>, isize);

impl<T: Element> Operand<T> {
    fn new(m: usize, n: usize, order: Order) -> Self {
        let entries = matrix::<T>(m, n, order == Order::Columns);
        if order != Order::Strided {
            return Operand(entries, 1);
        }
        let mut larger = Array2::zeros((2 * m, 2 * n));
        larger.slice_mut(s![..;2, ..;2]).assign(&entries);
        Operand(larger, 2)
    }

    fn view(&self) -> ArrayView2<'_, T> {
        self.0.slice(s![..;self.1, ..;self.1])
    }
}

/// The (…)_to forms of the four kernels, in the shapes and orders that LAPACK reads directly, and strided.
fn kernels<T: Element>() {
    let mut ws = Workspace::<T>::new();
    let (thin, full) = (SvdOptions::thin(), SvdOptions::full());
    let iteration = SvdOptions::thin().by(SvdDriver::QrIteration);
    for (m, n) in [(1, 1), (12, 12), (40, 9), (9, 40), (70, 70)] {
        for order in ORDERS {
            let a = Operand::<T>::new(m, n, order);
            let a = a.view();
            for options in [&thin, &full, &iteration] {
                let mut svd = Svd::default();
                warm_call_allocates_nothing("svd_to", (m, n, order, options), || {
                    a.svd_to(options, &mut ws, &mut svd).unwrap()
                });
            }
            let mut values = Array1::default(0);
            warm_call_allocates_nothing("singular_values_to", (m, n, order), || {
                a.singular_values_to(SvdDriver::default(), &mut ws, &mut values).unwrap()
            });
            let (mut qr, mut q) = (Qr::default(), Array2::default((0, 0)));
            warm_call_allocates_nothing("qr_to and q_to", (m, n, order), || {
                a.qr_to(&QrOptions::default(), &mut ws, &mut qr).unwrap();
                qr.q_to(&mut ws, &mut q).unwrap();
            });
        }
    }
    for n in [1, 12, 70] {
        for order in ORDERS {
            let a = Operand::<T>::new(n, n, order);
            let a = a.view();
            for uplo in [Uplo::Lower, Uplo::Upper] {
                for driver in [EighDriver::DivideAndConquer, EighDriver::Mrrr] {
                    let options = EighOptions { uplo, driver };
                    let (mut eigh, mut values) = (Eigh::default(), Array1::default(0));
                    warm_call_allocates_nothing("eigh_to", (n, order, options), || {
                        a.eigh_to(&options, &mut ws, &mut eigh).unwrap()
                    });
                    warm_call_allocates_nothing("eigvalsh_to", (n, order, options), || {
                        a.eigvalsh_to(&options, &mut ws, &mut values).unwrap()
                    });
                }
            }
            let mut eig = Eig::default();
            warm_call_allocates_nothing("eig_to", (n, order), || a.eig_to(&mut ws, &mut eig).unwrap());
            let mut lu = Lu::default();
            warm_call_allocates_nothing("lu_to", (n, order), || a.lu_to(&mut ws, &mut lu).unwrap());
            let (mut cholesky, mut ldlt) = (Cholesky::default(), Ldlt::default());
            warm_call_allocates_nothing("cholesky_to", (n, order), || {
                a.cholesky_to(&CholeskyOptions::default(), &mut ws, &mut cholesky).unwrap()
            });
            warm_call_allocates_nothing("ldlt_to", (n, order), || {
                a.ldlt_to(&LdltOptions::default(), &mut ws, &mut ldlt).unwrap()
            });
        }
    }
}

/// The forms above the kernels: what a factorization solves and forms, and least squares by every method.
fn layers<T: Element>() {
    let mut ws = Workspace::<T>::new();
    for (m, n) in [(1, 1), (12, 12), (40, 9), (9, 40)] {
        for order in ORDERS {
            let (a, operand) = (Operand::<T>::new(m, n, order), (m, n, order));
            let a = a.view();
            let (b, mut c) = (matrix::<T>(m, 3, true), matrix::<T>(m, 3, false));
            let (mut pivoted, mut q) = (PivotedQr::default(), Array2::default((0, 0)));
            warm_call_allocates_nothing("qr_pivoted_to and products with Q", operand, || {
                a.qr_pivoted_to(&mut ws, &mut pivoted).unwrap();
                pivoted.q_to(&mut ws, &mut q).unwrap();
                pivoted.apply_q_inplace(&mut c, &mut ws).unwrap();
                pivoted.apply_qh_inplace(&mut c, &mut ws).unwrap();
            });
            let mut pinv = Pinv::default();
            warm_call_allocates_nothing("pinv_to", operand, || a.pinv_to(None, &mut ws, &mut pinv).unwrap());
            // The refined normal equations refuse wide matrices; long ones have a test of their own.
            for method in Method::ALL.into_iter().filter(|&method| method != Method::RefinedNormalEquations) {
                let options = LstsqOptions { method, ..Default::default() };
                let mut solution = Solution::default();
                warm_call_allocates_nothing("lstsq_to", (operand, method), || {
                    a.lstsq_to(&b, &options, &mut ws, &mut solution).unwrap()
                });
                let mut solution = Solution::default();
                warm_call_allocates_nothing("lstsq_to for one vector", (operand, method), || {
                    a.lstsq_to(&b.column(1), &options, &mut ws, &mut solution).unwrap()
                });
            }
            if m >= n {
                let (mut polar, mut x) = (Polar::default(), Array2::default((0, 0)));
                warm_call_allocates_nothing("polar_to", operand, || a.polar_to(&mut ws, &mut polar).unwrap());
                let qr = a.qr().unwrap();
                warm_call_allocates_nothing("solves by QR", operand, || {
                    qr.solve_to(&b, &mut ws, &mut x).unwrap();
                    pivoted.solve_to(&b, &mut ws, &mut x).unwrap();
                    qr.solve_inplace(&mut c, &mut ws).unwrap();
                });
            }
            if m == n {
                let (lu, cholesky, ldlt) = (a.lu().unwrap(), a.cholesky().unwrap(), a.ldlt().unwrap());
                let (mut x, mut inverse) = (Array2::default((0, 0)), Array2::default((0, 0)));
                warm_call_allocates_nothing("solves of square systems", operand, || {
                    lu.solve_to(&b, &mut ws, &mut x).unwrap();
                    lu.inverse_to(&mut ws, &mut inverse).unwrap();
                    cholesky.solve_to(&b, &mut ws, &mut x).unwrap();
                    ldlt.solve_to(&b, &mut ws, &mut x).unwrap();
                    lu.solve_inplace(&mut c, &mut ws).unwrap();
                    cholesky.solve_inplace(&mut c, &mut ws).unwrap();
                    ldlt.solve_inplace(&mut c, &mut ws).unwrap();
                });
            }
        }
    }
}

/// Updates of eigenvalues and singular values, with and without something to deflate.
fn updates<T: Element>() {
    let mut ws = Workspace::<T>::new();
    for (m, n) in [(1, 1), (12, 12), (100, 100), (40, 9), (9, 40)] {
        let a = matrix::<T>(m, n, true);
        let (svd, mut values) = (a.svd().unwrap(), Array1::default(0));
        let (row, column) = (a.row(0).to_owned(), a.column(0).to_owned());
        warm_call_allocates_nothing("singular_values_with_row_to", (m, n), || {
            svd.singular_values_with_row_to(&row, &mut ws, &mut values).unwrap();
        });
        warm_call_allocates_nothing("singular_values_with_column_to", (m, n), || {
            svd.singular_values_with_column_to(&column, &mut ws, &mut values).unwrap();
        });
        if m != n {
            continue;
        }
        let (eigh, unit) = (a.eigh().unwrap(), Array1::from_shape_fn(n, |i| if i == 0 { T::one() } else { T::zero() }));
        let vectors = eigh.vectors.column(0).to_owned();
        for z in [&column, &unit, &vectors] {
            for rho in [1.0, -0.5, 0.0].map(<T as Scalar>::real) {
                warm_call_allocates_nothing("update_values_to", (n, rho), || {
                    eigh.update_values_to(z, rho, &mut ws, &mut values).unwrap();
                });
                let (update, mut updated) = (eigh.update(z, rho).unwrap(), Eigh::default());
                warm_call_allocates_nothing("eigh_to of an update", (n, rho), || {
                    update.eigh_to(&mut ws, &mut updated).unwrap();
                });
                assert_eq!((updated.values, values.len()), (update.values().clone(), n));
            }
        }
    }
}

#[test]
fn warm_updates_allocate_nothing() {
    updates::<f32>();
    updates::<f64>();
    updates::<Complex<f32>>();
    updates::<Complex<f64>>();
}

/// Long problems by refined normal equations, with and without the triangle of a sketch, and such as are handed over to QR and
/// to pivoted QR.
fn long_problems<T: Element>() {
    let (long, longer) = ((1100, 16), (16_400, 16));
    let mut ws = Workspace::<T>::new();
    for order in ORDERS {
        let little = 2.0 * T::Real::EPS.as_f64().sqrt();
        for (what, (m, n), last, used) in [
            ("refined normal equations", long, 1.0, Method::RefinedNormalEquations),
            ("the triangle of a sketch", longer, little, Method::RefinedNormalEquations),
            ("QR", long, little, Method::Qr),
            ("pivoted QR", long, 0.0, Method::PivotedQr),
        ] {
            if m > long.0 && T::Real::EPS.as_f64() > 1e-10 {
                // In single precision the rank of so long a matrix is in doubt where A alone does not do.
                continue;
            }
            let mut a = Operand::<T>::new(m, n, order);
            let mut a = a.0.slice_mut(s![..;a.1, ..;a.1]);
            let (first, own) = (a.column(0).to_owned(), a.column(n - 1).to_owned());
            let size = T::from_real(<T as Scalar>::real(last));
            a.column_mut(n - 1).assign(&(first + own * size));
            let (a, b, mut solution) = (a.view(), matrix::<T>(m, 3, true), Solution::default());
            warm_call_allocates_nothing(what, order, || {
                a.lstsq_to(&b, &LstsqOptions::default(), &mut ws, &mut solution).unwrap()
            });
            assert_eq!(solution.method, used);
        }
    }
}

#[test]
fn warm_calls_for_long_problems_allocate_nothing() {
    long_problems::<f32>();
    long_problems::<f64>();
    long_problems::<Complex<f32>>();
    long_problems::<Complex<f64>>();
}

/// Refined normal equations need memory for a few n×n matrices, for one block of rows of the residual or of A·R⁻¹, for the
/// sketch and its factors and for its signs, however many rows A has.
#[test]
fn refined_normal_equations_need_little_memory() {
    let n = 32;
    let bytes = |m: usize, column_major, last: f64| {
        let (mut a, b) = (matrix::<f64>(m, n, column_major), matrix::<f64>(m, 2, true));
        let dependent = &a.column(0) + &(&a.column(n - 1) * last);
        a.column_mut(n - 1).assign(&dependent);
        let mut solution = Solution::default();
        let bytes = peak(|| a.lstsq_to(&b, &LstsqOptions::default(), &mut Workspace::new(), &mut solution).unwrap());
        assert_eq!(solution.method, Method::RefinedNormalEquations);
        bytes
    };
    // A block of 2^20 bytes of A has 4096 rows, the sketch 256, and signs are kept for 4096 rows.
    let by_gram = 8 * n * n + 3 * 4096 * 2 + 256 * n + 4096;
    let by_sketch = by_gram + 4096 * n + 256 * n + 4 * n * n;
    for column_major in [true, false] {
        for (last, most) in [(1.0, by_gram), (1e-9, by_sketch)] {
            let (short, long) = (bytes(20_000, column_major, last), bytes(80_000, column_major, last));
            assert_eq!(short, long, "what grows with the number of rows is A alone");
            assert!(long <= 8 * most, "{long} bytes, more than {}", 8 * most);
        }
    }
    let a = matrix::<f64>(20_000, n, true);
    assert!(peak(|| drop(a.qr())) >= 8 * 20_000 * n, "QR needs a copy of A, and the counter sees it");
}

#[test]
fn warm_layers_allocate_nothing() {
    layers::<f32>();
    layers::<f64>();
    layers::<Complex<f32>>();
    layers::<Complex<f64>>();
}

#[test]
fn warm_kernels_allocate_nothing() {
    kernels::<f32>();
    kernels::<f64>();
    kernels::<Complex<f32>>();
    kernels::<Complex<f64>>();
}

/// The counter itself: it must see an allocation, or the tests above could not fail.
#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| ()), 0);
    assert!(allocations(|| drop(std::hint::black_box(vec![0_u8; 100]))) >= 1);
    assert!(allocations(|| drop(matrix::<f64>(3, 3, true).svd())) >= 1);
}
