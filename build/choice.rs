//! Which LAPACK the enabled features choose, and what to say when none can be chosen. The pure half of build.rs.
//! Stands outside the floors: build.rs includes it, and so does the test of its decisions.
//! It must not read the environment, run a program or print.

/// One way to put a LAPACK underneath.
#[derive(Debug, PartialEq)]
pub struct Backend {
    /// The cargo feature that chooses it.
    pub feature: &'static str,
    /// Where the library comes from, in a few words.
    pub source: &'static str,
    /// Whether the library is OpenBLAS for certain, so that its own functions may be called.
    pub openblas: bool,
}

/// Every choice there is; the first is the default.
pub const BACKENDS: [Backend; 6] = [
    Backend { feature: "openblas-system", source: "the OpenBLAS that is installed", openblas: true },
    Backend { feature: "openblas-static", source: "OpenBLAS, built from source", openblas: true },
    Backend { feature: "netlib-system", source: "the reference LAPACK that is installed", openblas: false },
    Backend { feature: "intel-mkl", source: "Intel MKL", openblas: false },
    Backend { feature: "accelerate", source: "Apple Accelerate", openblas: false },
    Backend { feature: "backend-custom", source: "whatever the application links", openblas: false },
];

/// The one backend among those for which `enabled` holds, or the message that stops the build.
pub fn choose(enabled: impl Fn(&str) -> bool) -> Result<&'static Backend, String> {
    let chosen: Vec<&Backend> = BACKENDS.iter().filter(|backend| enabled(backend.feature)).collect();
    match chosen[..] {
        [backend] => Ok(backend),
        [] => Err(format!("no LAPACK is chosen. {}", how_to_choose())),
        _ => {
            let names: Vec<&str> = chosen.iter().map(|backend| backend.feature).collect();
            Err(format!(
                "only one LAPACK can be linked, but {} are chosen: {}. {}",
                names.len(),
                names.join(", "),
                how_to_choose()
            ))
        }
    }
}

/// Why the installed OpenBLAS cannot be used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Missing {
    /// The program pkg-config could not be run.
    PkgConfig,
    /// pkg-config runs, but does not know OpenBLAS.
    Library,
    /// pkg-config answers for this machine only, and the build is for another.
    CrossBuild,
}

/// The message that stops the build when `openblas-system` is chosen and OpenBLAS cannot be found.
pub fn missing_openblas(missing: Missing) -> String {
    let what = match missing {
        Missing::PkgConfig => "OpenBLAS was not looked for, because pkg-config could not be run",
        Missing::Library => "OpenBLAS was not found: pkg-config knows no package `openblas`",
        Missing::CrossBuild => {
            "OpenBLAS was not looked for, because this is a cross build (pkg-config needs PKG_CONFIG_ALLOW_CROSS=1 \
             and PKG_CONFIG_LIBDIR)"
        }
    };
    format!(
        "{what}. Install it with `apt-get install libopenblas-dev pkg-config` (Debian, Ubuntu), \
         `dnf install openblas-devel pkgconf-pkg-config` (Fedora), `brew install openblas pkgconf` (macOS) or \
         `vcpkg install openblas` (Windows). If it is installed elsewhere, put the folder of its openblas.pc on \
         PKG_CONFIG_PATH. Or choose another LAPACK with `{ANOTHER}`; the choices are {}.",
        BACKENDS.map(|backend| backend.feature).join(", ")
    )
}

/// How a backend other than the default is asked for, by example.
const ANOTHER: &str = "--no-default-features --features cli,netlib-system";

/// The sentence that names the choices and shows how to make one.
fn how_to_choose() -> String {
    let choices = BACKENDS.map(|backend| format!("{} ({})", backend.feature, backend.source));
    format!(
        "Enable exactly one of the features {}. The first is on by default; another one is chosen with `{ANOTHER}`, \
         for example.",
        choices.join(", ")
    )
}
