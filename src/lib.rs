//! A thin, safe, fast layer over LAPACK on `ndarray`.

pub mod backend;
pub mod element;
pub mod error;
mod lapack;
mod layout;
mod pack;
pub mod threads;
mod workspace;

pub use error::{Error, Result};
pub use lapack::linked_backend;
pub use workspace::Workspace;
