//! Saddle points of quadratic forms: minima under linear constraints, and the Rayleigh quotient.
//! On the floor above `factor`; must not name a routine of LAPACK in its code, nor answer where there is no minimum.
//!
//! # Two ways to a saddle
//!
//! A form xᴴSx with eigenvalues of both signs has a saddle at 0, and two kinds of problems lead to one though they look
//! for a minimum.
//!
//! *Constraints.* The minimum of ½xᴴSx − Re fᴴx under A·x = b, with A m×n, is a stationary point of the Lagrangian
//!
//! ```text
//! L(x, λ) = ½xᴴSx − Re fᴴx + Re λᴴ(A·x − b)
//! ```
//!
//! so that S·x + Aᴴλ = f and A·x = b: one system with the matrix K = [S Aᴴ; A 0]. Whatever S is, K is indefinite as
//! soon as there is a constraint. Elimination of x leaves the Schur complement −A·S⁻¹·Aᴴ, so that for S ≻ 0 and
//! independent constraints n pivots are positive and m negative, and by Sylvester's law of inertia as many eigenvalues.
//! L rises along x and, x being eliminated, falls along λ. For a minimum S need be definite on the null space of A
//! only; the inertia still is (n, m, 0). [`Kkt`] solves, tells the inertia, and [`Kkt::saddle`] checks that a point is
//! such a saddle.
//!
//! *Ratios.* The [Rayleigh quotient](rayleigh_quotient) R(x) = xᴴSx/xᴴx on the unit sphere has its stationary points at
//! the eigenvectors of S. The first and the last are the maximum and the minimum, all others saddles: from the k-th
//! (eigenvalues descending) k − 1 directions lead up and n − k down ([`morse_index`]). The theorem of Courant and
//! Fischer takes λₖ as the largest minimum of R over a subspace of dimension k, and as the smallest maximum over one of
//! dimension n − k + 1 ([`courant_fischer`]).
//!
//! # Choice of a method
//!
//! | [`KktMethod`] | S | flops | for |
//! |---|---|---|---|
//! | `Ldlt` | definite on the null space of A | (n + m)³/3 | any S |
//! | `Schur` | positive definite | n³/3 + n²m + nm² + m³/3 | S and A not too ill-conditioned, κ(S) and κ(A)² well below 1/ε |
//! | `NullSpace` | definite on the null space of A | 2m²(n − m/3) + 4nm(n − m) + 2n(n − m)(2n − m) + (n − m)³/3 | constraints to hold whatever S is; K that is nearly singular |
//!
//! All three are refined by residuals until their backward error is at the level of rounding, and refuse what has no
//! minimum with the reason: [`Error::DependentConstraints`](crate::Error::DependentConstraints) or
//! [`Error::NoMinimum`](crate::Error::NoMinimum).
//!
//! # Source
//! G. Strang, Linear Algebra and Learning from Data, §III.2; Benzi, Golub and Liesen, Numerical solution of saddle
//! point problems, Acta Numerica 2005; Horn and Johnson, Matrix Analysis, 2nd ed., §4.2 and §4.5; Parlett, The
//! Symmetric Eigenvalue Problem, ch. 4.

mod condition;
mod doubt;
mod factors;
mod form;
mod iteration;
mod kkt;
mod lagrangian;
mod ldlt;
mod null_space;
mod rayleigh;
mod schur;
mod solution;

pub use factors::{KktFactors, KktMethod, KktOptions};
pub use iteration::{RayleighIteration, RayleighOptions, RayleighOutcome, RayleighStep, rayleigh_iteration};
pub use kkt::Kkt;
pub use lagrangian::{FormCurvature, Saddle};
pub use rayleigh::{
    CourantFischer, MorseIndex, courant_fischer, morse_index, rayleigh_gradient, rayleigh_hessian, rayleigh_quotient,
};
pub use solution::KktSolution;
