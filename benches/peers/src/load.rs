//! How busy the machine is with other work: a timing next to a compiler is no timing.
//! Ground floor of the bench; reads Linux's /proc, and knows nothing elsewhere.
//! It must not decide what to do about it.

use std::fs;

/// Processor time since boot (machine) and since start (this process), in clock ticks.
#[derive(Clone, Copy)]
pub struct Ticks {
    total: u64,
    busy: u64,
    own: u64,
}

impl Ticks {
    /// `None` where /proc does not say.
    pub fn now() -> Option<Self> {
        let machine = fs::read_to_string("/proc/stat").ok()?;
        let columns: Vec<u64> =
            machine.lines().next()?.split_whitespace().skip(1).take(8).filter_map(|t| t.parse().ok()).collect();
        let [.., idle, wait, _, _, _] = columns[..] else { return None };
        let process = fs::read_to_string("/proc/self/stat").ok()?;
        // utime and stime are fields 14 and 15; the name before them may hold spaces, but ends with the last ')'.
        let own = process.rsplit(')').next()?.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok());
        let total = columns.iter().sum();
        Some(Ticks { total, busy: total - idle - wait, own: own.sum() })
    }

    /// The share of the machine's processor time since `self` that other processes took, from 0 to 1.
    pub fn others_until(self, later: Ticks) -> f64 {
        let total = (later.total - self.total).max(1);
        (later.busy - self.busy).saturating_sub(later.own - self.own) as f64 / total as f64
    }
}
