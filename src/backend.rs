//! Plain facts: what is known of the LAPACK that is linked, and which of its faults to steer around.
//! Must not call the library: pure text and numbers.
//!
//! [`Backend`] describes the library; the faults are a table of versions and routines. Pure text and numbers:
//! `lapack::library` asks the library itself and fills this in.

use std::fmt;

use crate::threads::Operation;

/// How the linked library runs its own threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Threading {
    /// It has none. Calls are made one at a time, since such builds may lack locks.
    Serial,
    /// A pool of its own (POSIX threads).
    Pool,
    /// OpenMP.
    OpenMp,
    /// The library does not say.
    Unknown,
}

impl fmt::Display for Threading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Threading::Serial => "serial",
            Threading::Pool => "pthreads",
            Threading::OpenMp => "OpenMP",
            Threading::Unknown => "unknown",
        })
    }
}

/// A version number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    pub(crate) const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Version { major, minor, patch }
    }

    /// The first word of `text` that reads like a version, such as `0.3.21` or `0.3.21.dev`.
    pub(crate) fn find(text: &str) -> Option<Version> {
        text.split_whitespace().find_map(|word| {
            let mut numbers = word.split('.').map(|part| part.parse::<u32>());
            match (numbers.next()?, numbers.next()?, numbers.next()?) {
                (Ok(major), Ok(minor), Ok(patch)) => Some(Version { major, minor, patch }),
                _ => None,
            }
        })
    }
}

/// The LAPACK that is linked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Backend {
    /// The backend feature this crate was built with, such as `openblas-system`.
    pub feature: &'static str,
    /// The library's own version, where it tells one.
    pub version: Option<Version>,
    /// The LAPACK version it implements, from `ilaver`.
    pub lapack_version: Version,
    /// The width of its integers, in bits, as the self-test found it.
    pub integer_bits: u32,
    /// How it runs threads.
    pub threading: Threading,
    /// The number of threads it started with.
    pub max_threads: Option<usize>,
    /// Its build configuration, in its own words.
    pub config: Option<String>,
    /// The largest error of the start-up self-test, in units of the working precision.
    pub self_test: f64,
}

impl Backend {
    /// The known faults of the linked version that are steered around.
    pub fn faults(&self) -> impl Iterator<Item = &'static Fault> + use<> {
        let (version, threading) = (self.version, self.threading);
        FAULTS.iter().filter(move |fault| {
            version.is_some_and(|v| fault.first <= v && v <= fault.last)
                && fault.threading.is_none_or(|only| only == threading)
        })
    }

    /// The stack, in bytes, that a call on more than one thread may need.
    ///
    /// OpenBLAS keeps a table of flags for each pair of threads it was built for on the caller's stack, 128 bytes a
    /// pair, and in its recursive LU one such table for each of up to 8 levels. A thread of Rust has 2 MiB by default.
    pub(crate) fn stack_needed(&self, operation: Operation) -> usize {
        const SLACK: usize = 256 << 10;
        let levels = if operation == Operation::Lu { 8 } else { 1 };
        let built_for = self.config.as_deref().and_then(threads_built_for).unwrap_or(MOST_THREADS_ON_STACK);
        SLACK + levels * 128 * built_for.min(MOST_THREADS_ON_STACK).pow(2)
    }

    /// Whether a known fault of the linked version calls for `remedy`.
    pub(crate) fn has(&self, remedy: Remedy) -> bool {
        self.faults().any(|fault| fault.remedy == remedy)
    }
}

/// Builds for more threads keep the table on the heap.
const MOST_THREADS_ON_STACK: usize = 160;

/// The number of threads that a library with this configuration was built for.
fn threads_built_for(config: &str) -> Option<usize> {
    config.split_whitespace().find_map(|word| word.strip_prefix("MAX_THREADS=")?.parse().ok())
}

/// What is done about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Nothing beyond what holds for every version: a call of this crate on more than one thread runs alone.
    OneMultithreadedCall,
    /// Eigenvalue problems run on one thread; the result is checked, as on every version, and another driver tried.
    OneThreadInEigh,
    /// Calls of this crate are made one at a time.
    OneCallAtATime,
    /// The LU of complex matrices is our own.
    OwnComplexLu,
    /// Complex matrices are copied to where a column of zeros stands behind them.
    RoomBehindComplexMatrices,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Remedy::OneMultithreadedCall => "a call on more than one thread runs alone",
            Remedy::OneThreadInEigh => "one thread for eigenvalue problems, results checked",
            Remedy::OneCallAtATime => "one call at a time",
            Remedy::OwnComplexLu => "complex matrices are factored by our own elimination",
            Remedy::RoomBehindComplexMatrices => "complex matrices are copied to where there is room behind them",
        })
    }
}

/// A fault of a range of OpenBLAS versions, and what is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The first version that has it.
    pub first: Version,
    /// The last version that has it.
    pub last: Version,
    /// The kind of build that has it; `None` for all.
    pub threading: Option<Threading>,
    /// What goes wrong.
    pub what: &'static str,
    /// What is done about it here.
    pub remedy: Remedy,
    /// The upstream report.
    pub upstream: &'static str,
}

/// Faults of OpenBLAS that need more than the checks every call gets. vendor-notes.md tells their stories.
const FAULTS: &[Fault] = &[
    Fault {
        first: Version::new(0, 0, 0),
        last: Version::new(0, 3, 23),
        threading: None,
        what: "complex gemv reads beyond the end of a matrix",
        remedy: Remedy::RoomBehindComplexMatrices,
        upstream: "OpenBLAS#4013",
    },
    Fault {
        first: Version::new(0, 3, 4),
        last: Version::new(0, 3, 33),
        threading: Some(Threading::Pool),
        what: "two multithreaded level-3 calls at once may corrupt each other",
        remedy: Remedy::OneMultithreadedCall,
        upstream: "OpenBLAS#5836",
    },
    Fault {
        first: Version::new(0, 3, 22),
        last: Version::new(0, 3, 22),
        threading: None,
        what: "getrf of complex matrices is wrong",
        remedy: Remedy::OwnComplexLu,
        upstream: "OpenBLAS#3976",
    },
    Fault {
        first: Version::new(0, 3, 31),
        last: Version::new(0, 3, 33),
        threading: None,
        what: "syevd may return NaN vectors (LAED3)",
        remedy: Remedy::OneThreadInEigh,
        upstream: "OpenBLAS#5877",
    },
    Fault {
        first: Version::new(0, 3, 31),
        last: Version::new(0, 3, 33),
        threading: Some(Threading::OpenMp),
        what: "syevd beside gemm on another thread may spoil the gemm",
        remedy: Remedy::OneCallAtATime,
        upstream: "OpenBLAS#5825",
    },
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// OpenBLAS 0.3.`patch`, as it would describe itself.
    pub(crate) fn openblas(patch: u32, threading: Threading) -> Backend {
        Backend {
            feature: "openblas-system",
            version: Some(Version::new(0, 3, patch)),
            lapack_version: Version::new(3, 9, 1),
            integer_bits: 32,
            threading,
            max_threads: Some(2),
            config: None,
            self_test: 0.0,
        }
    }

    #[test]
    fn versions_are_found_in_a_configuration_line() {
        assert_eq!(Version::find("OpenBLAS 0.3.21 NO_LAPACKE Haswell"), Some(Version::new(0, 3, 21)));
        assert_eq!(Version::find("OpenBLAS 0.3.34.dev DYNAMIC_ARCH"), Some(Version::new(0, 3, 34)));
        assert_eq!(Version::find("no number 1.2 here"), None);
    }

    #[test]
    fn the_stack_a_call_needs_follows_the_build() {
        let mut backend = openblas(21, Threading::Pool);
        let unknown = backend.stack_needed(Operation::Product);
        backend.config = Some("OpenBLAS 0.3.21 NO_AFFINITY Haswell MAX_THREADS=64".into());
        assert_eq!(backend.stack_needed(Operation::Product), (512 + 256) << 10);
        assert_eq!(backend.stack_needed(Operation::Lu), (8 * 512 + 256) << 10);
        assert!(unknown > backend.stack_needed(Operation::Product), "an unknown build is taken as a large one");
    }

    #[test]
    fn faults_follow_version_and_build() {
        assert!(openblas(31, Threading::Pool).has(Remedy::OneThreadInEigh));
        assert!(!openblas(30, Threading::Pool).has(Remedy::OneThreadInEigh));
        assert!(!openblas(34, Threading::Pool).has(Remedy::OneThreadInEigh));
        assert!(openblas(33, Threading::OpenMp).has(Remedy::OneCallAtATime));
        assert!(!openblas(33, Threading::Pool).has(Remedy::OneCallAtATime));
        assert!(openblas(22, Threading::Pool).has(Remedy::OwnComplexLu));
        assert!(!openblas(23, Threading::Pool).has(Remedy::OwnComplexLu));
        assert!(openblas(23, Threading::Serial).has(Remedy::RoomBehindComplexMatrices));
        assert!(!openblas(24, Threading::Serial).has(Remedy::RoomBehindComplexMatrices));
        assert_eq!(openblas(34, Threading::Pool).faults().count(), 0);
    }
}
