//! What the figures depend on: processor, library, compiler, versions of the peers.
//! Ground floor of the bench; reads, and prints a list.
//! It must not measure anything.

use crate::operations::default_threads;
use crate::raw;
use std::{fs, process::Command, thread};

/// Prints the conditions of the run as a Markdown list.
pub fn print() {
    let cores = thread::available_parallelism().map_or("unknown".to_string(), |n| n.to_string());
    println!("- Processor: {}, {cores} cores", processor());
    println!("- LAPACK: {}, kernels for {}, {} threads by default", raw::config(), raw::core_name(), default_threads());
    match lapwing::linked_backend() {
        Ok(backend) => println!("- lapwing reports: {}, LAPACK {}", backend.feature, backend.lapack_version),
        Err(error) => println!("- lapwing reports: {error}"),
    }
    println!("- Compiler: {}; opt-level 3, no target-cpu", compiler());
    println!("- Versions: {}", ["faer", "nalgebra", "ndarray", "ndarray-linalg"].map(version).join(", "));
    println!("- faer with its default features and its default parallelism (rayon on all cores)");
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_string())
    };
    match (field("model name"), field("cpu family"), field("model\t")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        (Some(name), ..) => name,
        _ => std::env::consts::ARCH.to_string(),
    }
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or("rustc, version unknown".into(), |o| String::from_utf8_lossy(&o.stdout).trim().to_string())
}

/// Name and version of a dependency, from the lock file that this program was built with.
fn version(name: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{name}\"\n")));
    let number = entry.and_then(|entry| entry.split("version = \"").nth(1)?.split('"').next());
    format!("{name} {}", number.unwrap_or("of unknown version"))
}
