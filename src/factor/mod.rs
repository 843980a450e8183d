//! The factor floor: one file for each factorization, which owns its struct, its options and its extension trait.
//!
//! Here a matrix of any layout is turned into what LAPACK reads, and what LAPACK leaves is turned into factors with
//! methods. No unsafe code; routines are called through `lapack` only.

mod eigh;
mod hermitian;
mod svd;

pub use eigh::{Eigh, EighDriver, EighExt, EighOptions};
pub use svd::{Extent, NumericalRank, Svd, SvdDriver, SvdExt, SvdOptions};
