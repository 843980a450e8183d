//! Plain facts: how many of the library's own threads an operation should use.
//!
//! A small factorization is slower on two threads than on one, so the default policy looks at the size. This file
//! holds the policy, the setting and the measured crossovers; `lapack::library` applies them around each call.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads the linked library may use for one operation.
///
/// It applies to the calls that this crate makes, on all threads of the process, and the library's own setting is
/// put back when no such call is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// One thread for an operation below the measured crossover of its kind, the library's own number above it;
    /// one thread while another call of this crate is running. The library's number is what `OPENBLAS_NUM_THREADS`
    /// or its default says.
    #[default]
    Auto,
    /// Always this number.
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
    Eigvalsh,
    Qr,
    Lu,
    Cholesky,
    Product,
    Solve,
}

impl Operation {
    /// The order of a square matrix from which two threads beat one, measured with `make crossover`: 2 cores
    /// (Intel Sapphire Rapids), OpenBLAS 0.3.21. Operations on other shapes are compared by m·n·min(m, n).
    fn crossover(self) -> u64 {
        match self {
            Operation::Svd => 256,
            Operation::Eigh => 256,
            Operation::Eigvalsh => 256,
            Operation::Qr => 256,
            Operation::Lu => 256,
            Operation::Cholesky => 256,
            Operation::Product => 128,
            Operation::Solve => 128,
        }
    }
}

/// The number of threads for an operation whose size is `volume` = m·n·k: `None` leaves the library's own number.
pub(crate) fn wanted(policy: Policy, operation: Operation, volume: u64) -> Option<usize> {
    match policy {
        Policy::Library => None,
        Policy::Fixed(count) => Some(count.get()),
        Policy::Auto if volume < operation.crossover().pow(3) => Some(1),
        Policy::Auto => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_operations_run_on_one_thread_and_large_ones_on_the_librarys() {
        let n = Operation::Svd.crossover();
        assert_eq!(wanted(Policy::Auto, Operation::Svd, n.pow(3) - 1), Some(1));
        assert_eq!(wanted(Policy::Auto, Operation::Svd, n.pow(3)), None);
    }

    #[test]
    fn an_explicit_setting_is_obeyed_at_every_size() {
        let three = Policy::Fixed(NonZeroUsize::new(3).unwrap());
        for volume in [0, 10, u64::MAX] {
            assert_eq!(wanted(three, Operation::Lu, volume), Some(3));
            assert_eq!(wanted(Policy::Library, Operation::Lu, volume), None);
        }
    }
}
