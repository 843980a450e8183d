//! The unsafe floor: what is asked of the linked library once, and what is done around every call.
//! Must not compute anything for a caller.
//!
//! [`enter`] opens every call: the first one runs the self-test, each one applies the thread policy. A function of
//! this floor holds the returned guard while the library runs and never calls another such function meanwhile.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use super::sys;
use super::table::{Getrf, table};
use crate::backend::{Backend, Remedy, Threading, Version};
use crate::element::{Element, Real, c32, c64};
use crate::error::{Error, Result};
use crate::layout::Int;
use crate::threads::{self, Operation};

/// The linked LAPACK, after its self-test.
///
/// The test runs once, before the first result is handed out: it solves a known system in each element type and looks
/// at the width of the integers that the library writes.
///
/// # Errors
/// [`Error::Backend`] if the library has 64-bit integers or gives a wrong answer.
///
/// ```
/// let backend = lapwing::linked_backend()?;
/// assert_eq!(backend.integer_bits, 32);
/// println!("{} with LAPACK {}", backend.feature, backend.lapack_version);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub fn linked_backend() -> Result<&'static Backend> {
    static LINKED: OnceLock<Result<Backend>> = OnceLock::new();
    LINKED.get_or_init(|| inspect(integer_bits(table::<f64>().getrf), known_systems)).as_ref().map_err(Clone::clone)
}

/// Describes a library with integers of `integer_bits`, unless it is of no use. Where they are too wide for the arrays
/// of the self-test it is not run.
fn inspect(integer_bits: u32, self_test: impl FnOnce() -> f64) -> Result<Backend> {
    if integer_bits != Int::BITS {
        return Err(Error::Backend {
            message: format!(
                "it was built with {integer_bits}-bit integers (ILP64), but {}-bit ones (LP64) are needed",
                Int::BITS
            ),
        });
    }
    let self_test = self_test();
    // Partial pivoting on a 3×3 system of small integers loses a few units at the most.
    const LIMIT: f64 = 100.0;
    if self_test.is_nan() || self_test > LIMIT {
        return Err(Error::Backend {
            message: format!("its answer to a known 3×3 system is wrong by {self_test} units of rounding"),
        });
    }
    let config = config();
    Ok(Backend {
        feature: env!("LAPWING_BACKEND"),
        version: config.as_deref().and_then(Version::find),
        lapack_version: lapack_version(),
        integer_bits,
        threading: threading(),
        max_threads: max_threads(),
        config,
        self_test,
    })
}

/// The width of the integers that the library writes, seen from the pivots of a 3×3 LU by its `getrf`.
///
/// The arguments are laid out so that a library with 64-bit integers reads the same small values from them on a
/// little-endian machine, and its writes stay inside the arrays.
fn integer_bits(getrf: Getrf<f64>) -> u32 {
    const UNTOUCHED: Int = -7;
    let three: [Int; 2] = [3, 0];
    let mut a = [2.0, 4.0, 8.0, 1.0, 3.0, 7.0, 1.0, 3.0, 9.0];
    let mut pivots = [UNTOUCHED; 8];
    let mut info: [Int; 2] = [0, 0];
    let n = three.as_ptr();
    // SAFETY: the matrix is 3×3 with leading dimension 3, `a` has 9 entries; `pivots` and `info` have room for 3 and 1
    // integers of either width.
    unsafe { getrf(n, n, a.as_mut_ptr(), n, pivots.as_mut_ptr(), info.as_mut_ptr()) };
    if pivots[3] == UNTOUCHED { 32 } else { 64 }
}

/// The largest error over the four element types, in units of the working precision; a NaN stays one.
fn known_systems() -> f64 {
    worst([known_system::<f32>(), known_system::<f64>(), known_system::<c32>(), known_system::<c64>()])
}

/// The largest of some errors, or a NaN among them, which `f64::max` would drop.
fn worst(errors: impl IntoIterator<Item = f64>) -> f64 {
    errors.into_iter().fold(0.0, |worst: f64, error| if error <= worst || worst.is_nan() { worst } else { error })
}

/// Solves a 3×3 system whose answer is (1, 2, 3); the largest error in units of the working precision.
fn known_system<T: Element>() -> f64 {
    let number = |x: i32| T::from_real(T::real(x));
    let mut a = [2, 4, 8, 1, 3, 7, 1, 3, 9].map(number);
    let mut b = [7, 19, 49].map(number);
    let (n, one): (Int, Int) = (3, 1);
    let mut pivots: [Int; 3] = [0; 3];
    let mut info: Int = 0;
    // SAFETY: `a` holds the 3×3 matrix with leading dimension 3, `b` its 3×1 right-hand side, `pivots` 3 integers.
    unsafe {
        (table::<T>().getrf)(&n, &n, a.as_mut_ptr(), &n, pivots.as_mut_ptr(), &mut info);
        let (pivots, b) = (pivots.as_ptr(), b.as_mut_ptr());
        (table::<T>().getrs)(c"N".as_ptr().cast(), &n, &one, a.as_ptr(), &n, pivots, b, &n, &mut info, 1);
    }
    let exact = [1, 2, 3].map(number);
    let error = |(&x, &exact): (&T, &T)| ((x - exact).abs() / T::Real::EPS).as_f64();
    worst(b.iter().zip(&exact).map(error))
}

/// The LAPACK version that the library implements.
fn lapack_version() -> Version {
    let (mut major, mut minor, mut patch): (Int, Int, Int) = (0, 0, 0);
    // SAFETY: ILAVER writes one integer through each of its three arguments.
    unsafe { sys::ilaver_(&mut major, &mut minor, &mut patch) };
    let part = |x: Int| u32::try_from(x).unwrap_or(0);
    Version::new(part(major), part(minor), part(patch))
}

#[cfg(openblas)]
fn config() -> Option<String> {
    // SAFETY: the function takes no argument and returns a pointer to a static, null-terminated string.
    let text = unsafe { std::ffi::CStr::from_ptr(sys::openblas_get_config()) };
    Some(text.to_string_lossy().trim().to_owned())
}

#[cfg(openblas)]
fn threading() -> Threading {
    // SAFETY: the function takes no argument and returns a build-time constant.
    match unsafe { sys::openblas_get_parallel() } {
        0 => Threading::Serial,
        1 => Threading::Pool,
        2 => Threading::OpenMp,
        _ => Threading::Unknown,
    }
}

#[cfg(openblas)]
fn max_threads() -> Option<usize> {
    usize::try_from(thread_count()).ok()
}

#[cfg(openblas)]
fn thread_count() -> i32 {
    // SAFETY: the function takes no argument and reads one integer.
    unsafe { sys::openblas_get_num_threads() }
}

#[cfg(openblas)]
fn set_thread_count(count: i32) {
    // SAFETY: any positive number is accepted; the callers hold the lock of STATE while no call of this crate is
    // running.
    unsafe { sys::openblas_set_num_threads(count.max(1)) }
}

#[cfg(not(openblas))]
fn config() -> Option<String> {
    None
}

#[cfg(not(openblas))]
fn threading() -> Threading {
    Threading::Unknown
}

#[cfg(not(openblas))]
fn max_threads() -> Option<usize> {
    None
}

#[cfg(not(openblas))]
fn thread_count() -> i32 {
    1
}

#[cfg(not(openblas))]
fn set_thread_count(_count: i32) {}

/// The calls of this crate that are running, and the library's thread count before the first of them and now.
///
/// The count is changed only while no call is running: the library reads it at several points of a call. A call on
/// more than one thread runs alone, since some versions lack a lock between two of them; any number of calls on one
/// thread run at the same time.
struct State {
    running: usize,
    found: i32,
    now: i32,
}

static STATE: Mutex<State> = Mutex::new(State { running: 0, found: 1, now: 1 });

/// Told when no call is running any more.
static IDLE: Condvar = Condvar::new();

/// Held while a library without threads, and perhaps without locks, is running.
static SERIAL: Mutex<()> = Mutex::new(());

/// A call that is running; dropping it puts the library's thread count back.
pub(super) struct Running {
    counted: bool,
    _alone: Option<MutexGuard<'static, ()>>,
}

/// Opens a call on a `rows`×`cols` matrix. It waits while a call on more than one thread is running.
pub(super) fn enter(operation: Operation, rows: Int, cols: Int) -> Result<Running> {
    let backend = linked_backend()?;
    match plan(backend, operation, rows, cols, || stack_suffices(backend, operation))? {
        Plan::Alone => Ok(alone()),
        Plan::Counted(wanted) => {
            start(wanted);
            Ok(Running { counted: true, _alone: None })
        }
        Plan::AsItIs => Ok(Running { counted: false, _alone: None }),
    }
}

/// How a call is run.
#[derive(Debug, PartialEq)]
enum Plan {
    /// While no other call of this crate runs.
    Alone,
    /// On that many threads if no other call is running; `None` is the library's own number.
    Counted(Option<usize>),
    /// As the library pleases.
    AsItIs,
}

/// How a call on a `rows`×`cols` matrix must be run on the library that `backend` describes.
fn plan(
    backend: &Backend, operation: Operation, rows: Int, cols: Int, stack_suffices: impl FnOnce() -> bool,
) -> Result<Plan> {
    match backend.threading {
        Threading::Serial => Ok(Plan::Alone),
        _ if backend.has(Remedy::OneCallAtATime) => Ok(Plan::Alone),
        Threading::Pool => {
            let single = operation == Operation::Eigh && backend.has(Remedy::OneThreadInEigh);
            let (rows, cols) = (u64::from(rows.unsigned_abs()), u64::from(cols.unsigned_abs()));
            let wanted = threads::wanted(threads::policy(), operation, rows, cols);
            // The pool is never grown: a new thread may find no work where it looks for it.
            let most = backend.max_threads.unwrap_or(1);
            // On one thread a call puts nothing large on the stack.
            let single = single || wanted != Some(1) && !stack_suffices();
            Ok(Plan::Counted(if single { Some(1) } else { wanted.map(|count| count.min(most)) }))
        }
        // An OpenMP build frees the buffers of threads that it gives up, which calls on other threads may be using;
        // its own count is left alone.
        Threading::OpenMp if !stack_suffices() => Err(Error::Backend {
            message: format!(
                "an OpenMP build may need {} bytes of stack here; run the call on a thread with more",
                backend.stack_needed(operation)
            ),
        }),
        Threading::OpenMp | Threading::Unknown => Ok(Plan::AsItIs),
    }
}

/// Whether the stack of this thread holds what a call on several threads may put there.
fn stack_suffices(backend: &Backend, operation: Operation) -> bool {
    // There is one linked library, so the two numbers are found once.
    static NEEDED: OnceLock<[usize; 2]> = OnceLock::new();
    let [by_lu, by_others] =
        *NEEDED.get_or_init(|| [Operation::Lu, Operation::Product].map(|operation| backend.stack_needed(operation)));
    let needed = if operation == Operation::Lu { by_lu } else { by_others };
    stacker::remaining_stack().is_some_and(|left| left > needed)
}

/// A call during which no other runs.
fn alone() -> Running {
    Running { counted: false, _alone: Some(SERIAL.lock().unwrap_or_else(PoisonError::into_inner)) }
}

/// Begins a call on `wanted` threads, where `None` is the library's own number; on one if others are running.
fn start(wanted: Option<usize>) {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    while state.running > 0 && state.now > 1 {
        state = IDLE.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    if state.running == 0 {
        state.found = thread_count();
        state.now = wanted.and_then(|count| i32::try_from(count).ok()).unwrap_or(state.found);
        if state.now != state.found {
            set_thread_count(state.now);
        }
    }
    state.running += 1;
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.counted {
            return;
        }
        let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
        state.running -= 1;
        if state.running == 0 {
            if state.now != state.found {
                set_thread_count(state.found);
            }
            // Others wait only for a call on more than one thread; waking nobody would still be a system call.
            if state.now > 1 {
                IDLE.notify_all();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::tests::openblas;

    #[test]
    fn a_library_of_the_wrong_width_is_refused_before_its_self_test() {
        let mut tested = false;
        let found = inspect(64, || {
            tested = true;
            0.0
        });
        assert!(matches!(found, Err(Error::Backend { message }) if message.contains("64-bit")));
        assert!(!tested, "the arrays of the self-test are too short for such a library");
    }

    #[test]
    fn a_library_with_wrong_answers_is_refused() {
        for wrong in [f64::NAN, f64::INFINITY, 100.5] {
            assert!(matches!(inspect(32, || wrong), Err(Error::Backend { .. })), "{wrong}");
        }
        assert_eq!(inspect(32, || 3.0).unwrap().self_test, 3.0);
        assert_eq!(worst([1.0, 5.0, 2.0]), 5.0);
        assert!(worst([1.0, f64::NAN, 2.0]).is_nan(), "a NaN is not forgotten");
    }

    /// What a library with 64-bit integers leaves in the pivots of a 3×3 matrix.
    unsafe extern "C" fn wide_getrf(
        _: *const Int, _: *const Int, _: *mut f64, _: *const Int, pivots: *mut Int, _: *mut Int,
    ) {
        for (i, half) in [3, 0, 2, 0, 3, 0].into_iter().enumerate() {
            // SAFETY: the caller gives room for three integers of 64 bits.
            unsafe { pivots.add(i).write(half) };
        }
    }

    #[test]
    fn the_width_of_integers_is_seen_from_what_is_written() {
        assert_eq!(integer_bits(wide_getrf), 64);
        assert_eq!(integer_bits(table::<f64>().getrf), 32);
    }

    /// The plan for a square matrix of order n where the stack suffices.
    fn planned(backend: &Backend, operation: Operation, n: Int) -> Plan {
        plan(backend, operation, n, n, || true).unwrap()
    }

    #[test]
    fn faults_of_a_version_change_how_its_calls_run() {
        // Products are never held to one thread by their size, nor are eigenvalue problems of this order.
        let large = 4000;
        let sound = openblas(34, Threading::Pool);
        assert_ne!(planned(&sound, Operation::Eigh, large), Plan::Counted(Some(1)));
        let wrong_in_eigh = openblas(31, Threading::Pool);
        assert_eq!(planned(&wrong_in_eigh, Operation::Eigh, large), Plan::Counted(Some(1)));
        assert_ne!(planned(&wrong_in_eigh, Operation::Svd, large), Plan::Counted(Some(1)));
        assert_eq!(planned(&openblas(31, Threading::OpenMp), Operation::Product, large), Plan::Alone);
        assert_eq!(planned(&openblas(30, Threading::OpenMp), Operation::Product, large), Plan::AsItIs);
    }

    #[test]
    fn a_library_without_threads_is_called_alone() {
        assert_eq!(planned(&openblas(34, Threading::Serial), Operation::Lu, 4), Plan::Alone);
    }

    #[test]
    fn a_short_stack_means_one_thread_or_an_error() {
        let short = |threading| plan(&openblas(34, threading), Operation::Product, 4000, 4000, || false);
        assert_eq!(short(Threading::Pool), Ok(Plan::Counted(Some(1))));
        assert!(matches!(short(Threading::OpenMp), Err(Error::Backend { .. })));
        assert_eq!(short(Threading::Unknown), Ok(Plan::AsItIs));
    }
}
