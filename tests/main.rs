//! The integration tests, one binary: what the crate promises, held against answers that it did not compute.
//!
//! `suite/gen.rs` makes the matrices, `suite/residual.rs` judges the results, the other files ask the questions.

mod suite {
    mod analysis;
    mod appended;
    mod auto;
    mod bad_input;
    #[cfg(feature = "cli")]
    mod bounds;
    mod build_script;
    #[cfg(feature = "cli")]
    mod cli_compare;
    #[cfg(feature = "cli")]
    mod cli_exact;
    #[cfg(feature = "cli")]
    mod cli_grad;
    #[cfg(feature = "cli")]
    mod cli_input;
    #[cfg(feature = "cli")]
    mod cli_interlace;
    #[cfg(feature = "cli")]
    mod cli_kkt;
    #[cfg(feature = "cli")]
    mod cli_nist;
    #[cfg(feature = "cli")]
    mod cli_params;
    #[cfg(feature = "cli")]
    mod cli_plot;
    #[cfg(feature = "cli")]
    mod cli_run;
    #[cfg(feature = "cli")]
    mod cli_sweep;
    #[cfg(feature = "cli")]
    mod cli_verdict;
    mod collinearity;
    mod corners;
    mod definite;
    mod deriv;
    mod deriv_avoided;
    mod deriv_check;
    mod deriv_clusters;
    mod deriv_general;
    mod deriv_hard;
    mod deriv_identities;
    mod deriv_norms;
    mod deriv_refused;
    mod deriv_second;
    mod deriv_spectral;
    mod deriv_ties;
    mod deriv_track;
    pub mod differences;
    mod differential;
    mod drawn;
    mod eigh;
    #[cfg(feature = "exact")]
    mod exact;
    #[cfg(feature = "cli")]
    mod exact_nist;
    mod extremes;
    pub mod families;
    mod faults;
    mod forms;
    #[path = "gen.rs"]
    pub mod generate;
    mod independence;
    pub mod inequalities;
    mod interlace;
    mod interlace_allowances;
    mod interlace_caught;
    mod interlace_counts;
    mod interlace_matrices;
    mod interlace_oracle;
    mod interlace_oracle_sets;
    mod interlace_properties;
    mod interlace_rounding;
    mod interlace_shifts;
    mod interlace_subspaces;
    pub mod layout;
    mod lstsq;
    mod lstsq_exact;
    mod lu;
    mod memcheck;
    mod oracle;
    mod params;
    mod polar;
    pub mod policy;
    mod properties;
    mod qr;
    mod range;
    mod rank_one;
    mod rayleigh;
    mod readme;
    mod refined;
    #[cfg(feature = "cli")]
    mod refined_exact;
    pub mod residual;
    mod saddle;
    mod saddle_signs;
    mod subnormal;
    mod svd;
    mod threads;
    mod units;
}
