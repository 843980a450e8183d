//! Plain facts: how many of the library's own threads an operation should use.
//!
//! A small factorization is slower on two threads than on one, so the default policy looks at the size. This file
//! holds the policy, the setting and the measured crossovers; `lapack::library` applies them around each call.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads the linked library may use for one operation.
///
/// It applies to the calls that this crate makes, on all threads of the process, and the library's own setting is
/// put back when no such call is running. Any number of calls on one thread run at the same time; a call on more than
/// one thread runs alone, and a call that begins while others are running gets one thread. Code that calls the same
/// library around this crate, while calls of this crate are running, should set [`Policy::Library`]. OpenMP builds of
/// OpenBLAS and other libraries keep their own counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// One thread for an operation below the measured crossover of its kind, the library's own number above it, which
    /// is what `OPENBLAS_NUM_THREADS` or the library's default says.
    #[default]
    Auto,
    /// Always this number, but no more than the library started with.
    Fixed(NonZeroUsize),
    /// Whatever the library is set to; this crate does not touch it.
    Library,
}

const AUTO: usize = 0;
const LIBRARY: usize = usize::MAX;
static SETTING: AtomicUsize = AtomicUsize::new(AUTO);

/// Sets the policy for the whole process. Operations that are already running keep theirs.
///
/// ```
/// use lapwing::threads::{Policy, policy, set_policy};
/// use std::num::NonZeroUsize;
///
/// // One thread inside, because the application itself runs one factorization per core.
/// set_policy(Policy::Fixed(NonZeroUsize::MIN));
/// assert_eq!(policy(), Policy::Fixed(NonZeroUsize::MIN));
/// # set_policy(Policy::Auto);
/// ```
pub fn set_policy(policy: Policy) {
    let setting = match policy {
        Policy::Auto => AUTO,
        Policy::Fixed(count) => count.get().min(LIBRARY - 1),
        Policy::Library => LIBRARY,
    };
    SETTING.store(setting, Ordering::Relaxed);
}

/// The policy in force.
pub fn policy() -> Policy {
    match SETTING.load(Ordering::Relaxed) {
        LIBRARY => Policy::Library,
        setting => NonZeroUsize::new(setting).map_or(Policy::Auto, Policy::Fixed),
    }
}

/// Kinds of operation, as far as their crossovers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Svd,
    Eigh,
    Qr,
    Lu,
    Cholesky,
    Product,
    Solve,
}

/// The number of entries from which more than one thread pays.
struct Crossover {
    /// For matrices about as wide as tall.
    square: u64,
    /// For matrices at least [`TALL`] times as long as wide.
    tall: u64,
}

/// The aspect from which a matrix counts as tall (or wide).
const TALL: u64 = 4;

impl Operation {
    /// Measured with `make crossover` on 2 cores of an Intel Sapphire Rapids with OpenBLAS 0.3.21, one thread against
    /// two. On square matrices two threads lose (to a factor 0.4 for eigenvalues at n = 32, 0.7 for an SVD at n = 128)
    /// below n = 768 (SVD), 512 (QR, eigenvalues, Cholesky); for LU they gain nothing below n = 1024, and lose by
    /// factors where the second core is busy. On 10n×n matrices they pay from n = 96. Products never lose: the library
    /// decides well by itself.
    fn crossover(self) -> Crossover {
        let (square, tall) = match self {
            Operation::Svd => (768 * 768, 92_000),
            Operation::Qr => (512 * 512, 92_000),
            Operation::Eigh | Operation::Cholesky => (512 * 512, 512 * 512),
            Operation::Lu => (1024 * 1024, 1024 * 1024),
            Operation::Solve => (32 * 32, 32 * 32),
            Operation::Product => (0, 0),
        };
        Crossover { square, tall }
    }
}

/// The number of threads for an operation on a `rows`×`cols` matrix: `None` leaves the library's own number.
pub(crate) fn wanted(policy: Policy, operation: Operation, rows: u64, cols: u64) -> Option<usize> {
    let Crossover { square, tall } = operation.crossover();
    let is_tall = rows.max(cols) >= TALL * rows.min(cols);
    let least = if is_tall { tall } else { square };
    match policy {
        Policy::Library => None,
        Policy::Fixed(count) => Some(count.get()),
        Policy::Auto if rows * cols < least => Some(1),
        Policy::Auto => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_operations_run_on_one_thread_and_large_ones_on_the_librarys() {
        assert_eq!(wanted(Policy::Auto, Operation::Svd, 767, 767), Some(1));
        assert_eq!(wanted(Policy::Auto, Operation::Svd, 768, 768), None);
        assert_eq!(wanted(Policy::Auto, Operation::Qr, 1000, 100), None, "tall");
        assert_eq!(wanted(Policy::Auto, Operation::Qr, 100, 1000), None, "wide");
        assert_eq!(wanted(Policy::Auto, Operation::Qr, 320, 310), Some(1), "as many entries, but square");
    }

    #[test]
    fn an_explicit_setting_is_obeyed_at_every_size() {
        let three = Policy::Fixed(NonZeroUsize::new(3).unwrap());
        for n in [0, 10, 1 << 31] {
            assert_eq!(wanted(three, Operation::Lu, n, n), Some(3));
            assert_eq!(wanted(Policy::Library, Operation::Lu, n, n), None);
        }
    }
}
