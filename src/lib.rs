//! A thin, safe, fast layer over LAPACK on `ndarray`.

pub mod error;
pub use error::{Error, Result};
