//! The integration tests, one binary.

mod suite {
    mod build_script;
    #[cfg(feature = "cli")]
    mod cli_compare;
    #[cfg(feature = "cli")]
    mod cli_input;
    #[cfg(feature = "cli")]
    mod cli_nist;
    #[cfg(feature = "cli")]
    mod cli_run;
}
