//! A thin, safe, fast layer over LAPACK on `ndarray`: factorizations of dense matrices, their derivatives, and least
//! squares that says which method was used, what rank it found and how far the answer can be trusted.
//!
//! The element types are `f32`, `f64`, [`c32`](element::c32) and [`c64`](element::c64). Methods come as extension traits
//! on [`ndarray::ArrayRef2`], so that owned arrays, views and slices of any layout have them.
//!
//! ```
//! use lapwing::prelude::*;
//! use ndarray::array;
//!
//! let a = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]];
//! let b = array![1.0, 3.0, 5.0, 8.0];
//!
//! let fit = a.lstsq(&b)?;
//! assert_eq!((fit.method, fit.rank), (Method::Qr, 2));
//! approx::assert_abs_diff_eq!(fit.x, array![0.8, 2.3], epsilon = 1e-14);
//!
//! let svd = a.svd()?;
//! assert!(svd.s[0] >= svd.s[1]);
//! # Ok::<(), lapwing::Error>(())
//! ```
//!
//! # The traits
//!
//! | trait | gives |
//! |---|---|
//! | [`SvdExt`](factor::SvdExt) | A = U·Σ·Vᴴ, singular values, condition number, rank |
//! | [`EighExt`](factor::EighExt) | eigenvalues and eigenvectors of a Hermitian matrix |
//! | [`EigExt`](factor::EigExt) | eigenvalues of a general matrix with left and right eigenvectors, condition numbers |
//! | [`QrExt`](factor::QrExt), [`PivotedQrExt`](factor::PivotedQrExt) | A = Q·R, A·P = Q·R; Q stays as reflectors until asked for |
//! | [`LuExt`](factor::LuExt) | P·A = L·U, solves, inverse, determinant |
//! | [`CholeskyExt`](factor::CholeskyExt), [`LdltExt`](factor::LdltExt) | A = L·Lᴴ; P·A·Pᵀ = L·D·Lᴴ and the inertia |
//! | [`PolarExt`](factor::PolarExt), [`PinvExt`](factor::PinvExt) | polar decomposition, pseudoinverse |
//! | [`LeastSquaresExt`](lstsq::LeastSquaresExt) | min ‖A·x − b‖₂, by a [`Method`] of the caller's choice |
//! | [`deriv::Differentiable`] | directional derivatives and gradients of all of these, from the factors at hand |
//!
//! [`interlace`] holds computed eigenvalues and singular values to the inequalities that they have to satisfy, and [`saddle`] minimises
//! quadratic forms under linear constraints. [`Eigh::update`](factor::Eigh::update) has the eigenvalues of S + ρzzᴴ from a decomposition at hand.
//!
//! [`params`] counts the free parameters of matrices and of their factorizations, before anything is computed.
//!
//! [`deriv`] also has derivatives of single values to second order, of values that meet, of norms and of functions of a matrix; its page
//! says [what happens when two values meet](deriv#what-happens-when-two-values-meet).
//!
//! # Working memory
//!
//! Where memory can be reused, an operation `x` comes in up to four forms: `x` allocates; `x_with` takes options and a
//! [`Workspace`]; `x_to` writes into a result of the caller's, and allocates nothing once workspace and result have seen
//! the shape; `x_inplace` overwrites the matrix.
//!
//! # Layouts
//!
//! Row-major input is factored in its own order, without a transposing copy, except by pivoted QR. Views that LAPACK
//! cannot read, such as those with negative strides, are packed once.
//!
//! # Errors
//!
//! Every fallible function returns [`Result`]; [`Error`] says what was expected and what was found. A NaN or an infinity
//! in the input is refused, with its position, before LAPACK sees it; QR and Cholesky, where it can do no harm, may be
//! told to skip the search ([`Check`](factor::Check)). Empty matrices are answered without a call.
//!
//! # Threads
//!
//! All functions may be called from many threads. How many threads the linked library uses for one operation is decided
//! by its size; [`threads::set_policy`] changes that. [`linked_backend`] tells what is linked, and checks it once.
//!
//! # Features
//!
//! Exactly one feature chooses the LAPACK underneath: `openblas-system` (default), `openblas-static`, `netlib-system`,
//! `intel-mkl`, `accelerate`, or `backend-custom`, where the application links it. `exact` is least squares in rational
//! arithmetic, `lstsq::exact`. `cli`, on by default, is the command `lapwing`, with `exact`; a library user turns it off
//! with `default-features = false` and compiles none of its dependencies.

pub mod backend;
pub mod deriv;
pub mod element;
pub mod error;
pub mod factor;
pub mod interlace;
mod lapack;
mod layout;
pub mod lstsq;
mod norm;
mod pack;
pub mod params;
pub mod saddle;
mod scale;
pub mod threads;
mod words;
mod workspace;

pub use error::{Error, Result};
pub use lapack::{Uplo, linked_backend};
pub use lstsq::{LstsqOptions, Method, Solution};
pub use workspace::Workspace;

/// What most programs need: the extension traits with their options and results, and the element types.
///
/// ```
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let lu = array![[2.0, 1.0], [1.0, 3.0]].lu()?;
/// approx::assert_relative_eq!(lu.det()?, 5.0, max_relative = 1e-15);
/// # Ok::<(), lapwing::Error>(())
/// ```
pub mod prelude {
    pub use crate::element::{Element, Real, c32, c64};
    pub use crate::factor::*;
    pub use crate::lstsq::{LeastSquaresExt, LstsqOptions, Method, Solution};
    pub use crate::{Uplo, Workspace};
}

/// The program in the README runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
