//! The command `lapwing info`: which LAPACK is linked, how it runs threads, and whether it works.
//!
//! Top floor. Repeats what the library found out about itself; it must not probe anything on its own.

use lapwing::backend::Backend;
use lapwing::threads::{Policy, policy};
use serde::Serialize;

use super::args::InfoArgs;
use super::fault::Fault;
use super::output;

/// What is known of the linked library.
#[derive(Debug, Serialize)]
struct Info {
    lapwing: &'static str,
    backend: &'static str,
    version: Option<String>,
    lapack_version: String,
    integer_bits: u32,
    threading: String,
    max_threads: Option<usize>,
    thread_policy: String,
    config: Option<String>,
    self_test: SelfTest,
    faults: Vec<KnownFault>,
}

#[derive(Debug, Serialize)]
struct SelfTest {
    passed: bool,
    /// The largest error, in units of the working precision.
    error: f64,
}

#[derive(Debug, Serialize)]
struct KnownFault {
    what: &'static str,
    upstream: &'static str,
    remedy: String,
}

/// Runs the command. A library that fails its self-test is a failure of the machine.
pub fn run(args: &InfoArgs) -> Result<(), Fault> {
    let backend = lapwing::linked_backend().map_err(|e| Fault::Machine(e.to_string()))?;
    let info = Info::new(backend);
    if args.json { output::json(&info) } else { output::text(&info.page()) }
}

impl Info {
    fn new(backend: &Backend) -> Self {
        let fault = |f: &lapwing::backend::Fault| KnownFault {
            what: f.what,
            upstream: f.upstream,
            remedy: f.remedy.to_string(),
        };
        Info {
            lapwing: env!("CARGO_PKG_VERSION"),
            backend: backend.feature,
            version: backend.version.map(|v| v.to_string()),
            lapack_version: backend.lapack_version.to_string(),
            integer_bits: backend.integer_bits,
            threading: backend.threading.to_string(),
            max_threads: backend.max_threads,
            thread_policy: spoken(policy()),
            config: backend.config.clone(),
            // The library hands out a description of itself only after the self-test has passed.
            self_test: SelfTest { passed: true, error: backend.self_test },
            faults: backend.faults().map(fault).collect(),
        }
    }

    fn page(&self) -> String {
        let unknown = || "unknown".to_string();
        let lines = [
            ("lapwing", self.lapwing.to_string()),
            ("backend", self.backend.to_string()),
            ("version", self.version.clone().unwrap_or_else(unknown)),
            ("LAPACK", self.lapack_version.clone()),
            ("integers", format!("{} bits", self.integer_bits)),
            ("threading", self.threading.clone()),
            ("threads", self.max_threads.map_or_else(unknown, |n| format!("at most {n}"))),
            ("policy", self.thread_policy.clone()),
            ("built as", self.config.clone().unwrap_or_else(unknown)),
            ("self-test", format!("passed, largest error {:.1} eps", self.self_test.error)),
        ];
        let mut page: String = lines.iter().map(|(name, value)| format!("{name:<10} {value}\n")).collect();
        if self.faults.is_empty() {
            page += "faults     none of this version alone to steer around\n";
        }
        for (i, fault) in self.faults.iter().enumerate() {
            let name = if i == 0 { "faults" } else { "" };
            page += &format!("{name:<10} {} ({})\n", fault.what, fault.upstream);
            page += &format!("{:<10} remedy: {}\n", "", fault.remedy);
        }
        page + "           (what every version is guarded against is in vendor-notes.md)\n"
    }
}

fn spoken(policy: Policy) -> String {
    match policy {
        Policy::Auto => "automatic: by the size of the operation".to_string(),
        Policy::Fixed(count) => format!("fixed: {count}"),
        Policy::Library => "the library's own setting".to_string(),
    }
}
