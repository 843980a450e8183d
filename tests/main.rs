//! The integration tests, one binary: what the crate promises, held against answers that it did not compute.
//!
//! `suite/gen.rs` makes the matrices, `suite/residual.rs` judges the results, the other files ask the questions.

mod suite {
    mod build_script;
    mod eigh;
    #[path = "gen.rs"]
    pub mod generate;
    mod oracle;
    pub mod residual;
    mod svd;
}
