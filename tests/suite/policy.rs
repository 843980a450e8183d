//! The thread policy belongs to the whole process; here the tests that depend on it take turns.
//! Ground floor of the tests: two guards, to be kept while the test runs.
//! Must not be needed by a test that only judges residuals: those hold on any number of threads.

use lapwing::threads::{Policy, set_policy};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static TURN: RwLock<()> = RwLock::new(());
static COMPARING: Mutex<usize> = Mutex::new(0);

fn comparing() -> MutexGuard<'static, usize> {
    COMPARING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While it lives every operation runs on one thread, so that two calls with the same operands agree bit by bit: the
/// library sums in another order on two threads.
pub struct BitByBit {
    _turn: RwLockReadGuard<'static, ()>,
}

pub fn bit_by_bit() -> BitByBit {
    let turn = TURN.read().unwrap_or_else(PoisonError::into_inner);
    let mut count = comparing();
    if *count == 0 {
        set_policy(Policy::Fixed(NonZeroUsize::MIN));
    }
    *count += 1;
    BitByBit { _turn: turn }
}

impl Drop for BitByBit {
    fn drop(&mut self) {
        let mut count = comparing();
        *count -= 1;
        if *count == 0 {
            set_policy(Policy::Auto);
        }
    }
}

/// While it lives no test compares bits, and the policy may be set at will; it leaves the default behind.
pub struct Alone {
    _turn: RwLockWriteGuard<'static, ()>,
}

pub fn alone() -> Alone {
    Alone { _turn: TURN.write().unwrap_or_else(PoisonError::into_inner) }
}

impl Drop for Alone {
    fn drop(&mut self) {
        set_policy(Policy::Auto);
    }
}
