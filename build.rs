//! Placeholder that names the backend.
fn main() {
    println!("cargo::rustc-check-cfg=cfg(openblas)");
    println!("cargo::rustc-cfg=openblas");
    println!("cargo::rustc-env=LAPWING_BACKEND=openblas-system");
}
