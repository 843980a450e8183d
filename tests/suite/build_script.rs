//! The build script's decisions: which features choose which LAPACK, and what is said where none can be chosen.
//! Runs the compiled script as cargo would, with features and machines of its own making; needs no LAPACK.
//! Must not build anything and must not depend on what is installed.

#[path = "../../build/choice.rs"]
mod choice;

use choice::{BACKENDS, Missing, choose, missing_openblas};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How the lines begin in which the script says something to cargo.
const ERROR: &str = "cargo::error=";
const BACKEND: &str = "cargo::rustc-env=LAPWING_BACKEND=";
const OPENBLAS: &str = "cargo::rustc-cfg=openblas";

/// The build script on a machine where no program is found, unless a test puts one on `PATH`.
struct Script(Command);

impl Script {
    fn with_features(features: &[&str]) -> Script {
        let mut command = Command::new(env!("LAPWING_BUILD_SCRIPT"));
        let target = "x86_64-unknown-linux-gnu";
        command.env_clear().env("PATH", "/nowhere");
        command.envs([("TARGET", target), ("HOST", target), ("CARGO_CFG_TARGET_OS", "linux")]);
        for feature in features {
            command.env(format!("CARGO_FEATURE_{}", feature.to_uppercase().replace('-', "_")), "1");
        }
        Script(command)
    }

    fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Script {
        self.0.env(name, value);
        self
    }

    fn run(mut self) -> Said {
        let Output { status, stdout, stderr } = self.0.output().unwrap();
        assert!(status.success(), "the script itself failed: {}", String::from_utf8_lossy(&stderr));
        assert_eq!(String::from_utf8_lossy(&stderr), "", "cargo would print this besides the message");
        Said(String::from_utf8(stdout).unwrap())
    }
}

/// What the script told cargo.
struct Said(String);

impl Said {
    fn all(&self, start: &str) -> Vec<&str> {
        self.0.lines().filter_map(|line| line.strip_prefix(start)).collect()
    }

    /// The backend that was announced, and whether it was announced as OpenBLAS.
    #[track_caller]
    fn backend(&self) -> (&str, bool) {
        assert_eq!(self.all(ERROR), Vec::<&str>::new());
        let [name] = self.all(BACKEND)[..] else { panic!("not one backend in:\n{}", self.0) };
        (name, self.0.lines().any(|line| line == OPENBLAS))
    }

    /// The one message that stops the build.
    #[track_caller]
    fn error(&self) -> &str {
        assert_eq!(self.all(BACKEND), Vec::<&str>::new());
        let [message] = self.all(ERROR)[..] else { panic!("not one message in:\n{}", self.0) };
        message
    }
}

#[test]
fn each_feature_alone_chooses_itself() {
    for backend in &BACKENDS {
        assert_eq!(choose(|feature| feature == backend.feature), Ok(backend));
    }
}

#[test]
fn no_feature_and_any_two_are_refused_with_the_choices() {
    for first in &BACKENDS {
        for second in BACKENDS.iter().filter(|second| second.feature > first.feature) {
            let message = choose(|feature| [first.feature, second.feature].contains(&feature)).unwrap_err();
            let (blamed, choices) = message.split_once(". ").unwrap();
            assert!(blamed.contains(first.feature) && blamed.contains(second.feature), "{blamed}");
            assert!(BACKENDS.iter().all(|choice| choices.contains(choice.feature)), "{choices}");
        }
    }
    let message = choose(|_| false).unwrap_err();
    assert!(message.starts_with("no LAPACK is chosen"), "{message}");
    assert!(BACKENDS.iter().all(|choice| message.contains(choice.feature)), "{message}");
    assert!(message.contains("--no-default-features --features"), "{message}");
}

#[test]
fn every_choice_is_a_feature_of_the_package_and_the_first_is_its_default() {
    let manifest = include_str!("../../Cargo.toml");
    for backend in &BACKENDS {
        assert!(manifest.contains(&format!("\n{} = [", backend.feature)), "{}", backend.feature);
    }
    assert!(manifest.contains(&format!("\ndefault = [\"{}\"", BACKENDS[0].feature)));
}

#[test]
fn a_missing_openblas_names_the_command_of_each_package_manager_in_one_line() {
    for missing in [Missing::PkgConfig, Missing::Library, Missing::CrossBuild] {
        let message = missing_openblas(missing);
        for install in ["apt-get install ", "dnf install ", "brew install ", "vcpkg install "] {
            assert!(message.contains(install), "{message}");
        }
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn this_build_was_told_its_backend() {
    assert!(BACKENDS.iter().any(|backend| backend.feature == env!("LAPWING_BACKEND")));
}

#[test]
fn the_script_stops_without_a_choice_and_with_two() {
    assert!(Script::with_features(&["cli"]).run().error().starts_with("no LAPACK is chosen"));
    let both = Script::with_features(&["netlib-system", "intel-mkl"]).run();
    assert!(
        both.error().starts_with("only one LAPACK can be linked, but 2 are chosen: netlib-system, intel-mkl."),
        "{}",
        both.0
    );
}

#[test]
fn only_the_installed_openblas_is_looked_for() {
    for backend in BACKENDS.iter().filter(|backend| backend.feature != "openblas-system") {
        let said = Script::with_features(&[backend.feature]).run();
        assert_eq!(said.backend(), (backend.feature, backend.feature == "openblas-static"));
        assert!(!said.0.contains("PKG_CONFIG"), "{}", said.0);
    }
}

#[test]
fn windows_is_left_to_vcpkg() {
    let said = Script::with_features(&["openblas-system"]).env("CARGO_CFG_TARGET_OS", "windows").run();
    assert_eq!(said.backend(), ("openblas-system", true));
}

#[test]
fn a_machine_without_pkg_config_is_told_so() {
    let said = Script::with_features(&["openblas-system"]).run();
    assert!(said.error().contains("pkg-config could not be run"), "{}", said.0);
}

#[test]
fn a_cross_build_is_told_so() {
    let said = Script::with_features(&["openblas-system"]).env("TARGET", "aarch64-unknown-linux-gnu").run();
    assert!(said.error().contains("cross build"), "{}", said.0);
}

#[test]
fn documentation_needs_neither_a_choice_nor_an_installed_library() {
    let documented = |features| Script::with_features(features).env("DOCS_RS", "1").run();
    assert_eq!(documented(&["openblas-system"]).backend(), ("openblas-system", true));
    assert_eq!(documented(&["cli"]).backend(), ("none", false));
}

/// A folder for `PATH` that holds one shell script under this name.
#[cfg(unix)]
fn program(name: &str, script: &str, folder: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    // A shell writes it: a file that this process had open could still be open, for writing, in the child of another
    // test that runs at the same time, and could then not be executed.
    let write = r#"printf '#!/bin/sh\n%s\n' "$1" >"$0" && chmod 755 "$0""#;
    let written = Command::new("/bin/sh").args(["-c", write]).arg(folder.join(name)).arg(script).status();
    assert!(written.unwrap().success());
    folder
}

#[cfg(unix)]
#[test]
fn pkg_config_has_the_say_on_linux() {
    let knows = program("pkg-config", "echo '-lopenblas'", "pkg-config-knows");
    let said = Script::with_features(&["openblas-system"]).env("PATH", knows).run();
    assert_eq!(said.backend(), ("openblas-system", true));
    assert!(said.0.contains("rerun-if-env-changed=PKG_CONFIG_PATH"), "{}", said.0);
    assert!(!said.0.contains("rustc-link"), "openblas-src does the linking:\n{}", said.0);

    let ignorant = program("pkg-config", "exit 1", "pkg-config-ignorant");
    let said = Script::with_features(&["openblas-system"]).env("PATH", ignorant).run();
    assert!(said.error().contains("pkg-config knows no package `openblas`"), "{}", said.0);
}

#[cfg(unix)]
#[test]
fn homebrew_is_believed_on_macos_once_the_library_is_there() {
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("brew-prefix");
    let library = prefix.join("lib/libopenblas.dylib");
    let brew = program("brew", &format!("echo '{}'", prefix.display()), "brew");
    let build =
        || Script::with_features(&["openblas-system"]).env("CARGO_CFG_TARGET_OS", "macos").env("PATH", &brew).run();
    std::fs::create_dir_all(prefix.join("lib")).unwrap();
    // A library that an earlier run of this test left would make the next question pointless.
    let _ = std::fs::remove_file(&library);
    assert!(build().error().contains("brew install openblas"));
    std::fs::write(&library, "").unwrap();
    assert_eq!(build().backend(), ("openblas-system", true));
}
