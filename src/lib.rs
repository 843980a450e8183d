//! A thin, safe, fast layer over LAPACK on `ndarray`.

pub mod backend;
pub mod element;
pub mod error;
pub mod factor;
mod lapack;
mod layout;
pub mod lstsq;
mod pack;
mod scale;
pub mod threads;
mod workspace;

pub use error::{Error, Result};
pub use lapack::{Uplo, linked_backend};
pub use lstsq::{LstsqOptions, Method, Solution};
pub use workspace::Workspace;

/// What most programs need: `use lapwing::prelude::*;`.
pub mod prelude {
    pub use crate::element::{Element, Real, c32, c64};
    pub use crate::factor::*;
    pub use crate::lstsq::{LeastSquaresExt, LstsqOptions, Method, Solution};
    pub use crate::{Uplo, Workspace};
}
