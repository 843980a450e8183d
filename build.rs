//! Build script: holds the enabled features to exactly one LAPACK, and finds the installed OpenBLAS before the linker
//! would miss it. It stands outside the floors; what it decides is in build/choice.rs.
//! It must not install anything and must not emit link flags: openblas-src, lapack-src and netlib-src do the linking.

#[path = "build/choice.rs"]
mod choice;

use choice::{Backend, Missing};
use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/choice.rs");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    println!("cargo::rustc-check-cfg=cfg(openblas)");
    // The tests run this script themselves, with features and machines that this build does not have.
    if let Ok(script) = env::current_exe() {
        println!("cargo::rustc-env=LAPWING_BUILD_SCRIPT={}", script.display());
    }
    let chosen = choice::choose(feature_enabled);
    // Documentation is built without linking, for every choice of features and where no LAPACK is installed.
    let probe = env::var_os("DOCS_RS").is_none();
    match chosen.and_then(|backend| if probe { found(backend) } else { Ok(backend) }) {
        Ok(backend) => announce(backend),
        Err(_) if !probe => println!("cargo::rustc-env=LAPWING_BACKEND=none"),
        // A logged error stops the build with this one line; a panic would bury it under a backtrace.
        Err(message) => println!("cargo::error={message}"),
    }
}

/// Tells the crate what it is linked with.
fn announce(backend: &Backend) {
    println!("cargo::rustc-env=LAPWING_BACKEND={}", backend.feature);
    if backend.openblas {
        println!("cargo::rustc-cfg=openblas");
    }
}

/// Cargo says which features are on through the environment.
fn feature_enabled(feature: &str) -> bool {
    let name = format!("CARGO_FEATURE_{}", feature.to_uppercase().replace('-', "_"));
    env::var_os(name).is_some()
}

/// The backend again, unless it is the installed OpenBLAS and that cannot be found.
///
/// The places are those where openblas-src looks: pkg-config, then Homebrew on macOS. On Windows it asks vcpkg or
/// MSYS2 itself and stops if they do not know OpenBLAS; elsewhere it leaves a missing library to the linker.
fn found(backend: &'static Backend) -> Result<&'static Backend, String> {
    let target = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if backend.feature != "openblas-system" || target == "windows" {
        return Ok(backend);
    }
    match ask_pkg_config() {
        Ok(()) => Ok(backend),
        Err(_) if target == "macos" && brew_has_openblas() => Ok(backend),
        Err(missing) => Err(choice::missing_openblas(missing)),
    }
}

/// Asks pkg-config for `openblas`; it also tells cargo which variables its answer depends on.
fn ask_pkg_config() -> Result<(), Missing> {
    match pkg_config::Config::new().cargo_metadata(false).probe("openblas") {
        Ok(_) => Ok(()),
        Err(pkg_config::Error::Command { .. }) => Err(Missing::PkgConfig),
        Err(pkg_config::Error::CrossCompilation) => Err(Missing::CrossBuild),
        Err(_) => Err(Missing::Library),
    }
}

/// Whether Homebrew has installed OpenBLAS, which it keeps out of pkg-config's sight.
fn brew_has_openblas() -> bool {
    let Ok(output) = Command::new("brew").args(["--prefix", "openblas"]).output() else {
        return false;
    };
    // `brew --prefix` also answers for what could be installed, so the library itself is looked for.
    let prefix = String::from_utf8_lossy(&output.stdout);
    let lib = Path::new(prefix.trim()).join("lib");
    output.status.success() && ["libopenblas.dylib", "libopenblas.a"].iter().any(|name| lib.join(name).exists())
}
