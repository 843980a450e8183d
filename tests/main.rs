//! The integration tests, one binary.

mod suite {
    mod build_script;
}
