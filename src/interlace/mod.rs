//! Certificates: whether computed eigenvalues and singular values can be right, by the inequalities that they have to
//! satisfy. On the floor above `factor`; must not name a routine, and must not refuse what rounding explains.
//!
//! # What a certificate says
//!
//! The eigenvalues of S, T and S + T are not independent: classical theorems bound each by the others, with no use of
//! the matrices. Values that violate one of these inequalities by more than rounding explains are wrong, whatever
//! solver they come from. A [`Report`] names the inequality, as books write it, and by how many times what rounding
//! explains it is violated. Where all hold, the values *can* be right: the report tells how near the tightest
//! inequality is, and so how far a value could be off without being noticed.
//!
//! ```
//! use lapwing::interlace::cauchy;
//! use ndarray::array;
//!
//! // Eigenvalues of a matrix of order 4, and of a principal submatrix of order 2, from somewhere.
//! let report = cauchy(&array![4.0, 1.0, 3.0, 2.0], &array![2.5, 0.9])?;
//! assert!(!report.holds());
//! let worst = report.worst().expect("there are four inequalities");
//! assert_eq!(worst.text, "λ₂(B) ≥ λ₄(S)");
//! assert!((worst.left, worst.right) == (0.9, 1.0) && worst.units > 1e10);
//! # Ok::<(), lapwing::Error>(())
//! ```
//!
//! # The theorems
//!
//! Values descend, λ₁ ≥ λ₂ ≥ … and σ₁ ≥ σ₂ ≥ …, whatever order they are given in; indices count from 1 in formulas and
//! from 0 in [`Instance::positions`]. λ are eigenvalues of Hermitian matrices of order n, σ singular values, p = min(m,
//! n) of them.
//!
//! | from values | theorem | range |
//! |---|---|---|
//! | [`weyl`] | λ_{i+j−1}(S+T) ≤ λᵢ(S) + λⱼ(T); λ_{i+j−n}(S+T) ≥ λᵢ(S) + λⱼ(T) | i + j ≤ n + 1; i + j ≥ n + 1 |
//! | [`rank_update`] | λ_{i+π}(S+T) ≤ λᵢ(S), λᵢ(S+T) ≥ λ_{i+ν}(S), T with π positive and ν negative eigenvalues | i + π ≤ n; i + ν ≤ n |
//! | [`rank_one`] | μ₁ ≥ λ₁ ≥ μ₂ ≥ λ₂ ≥ … for S + ρzzᴴ, ρ > 0; Σ(μᵢ − λᵢ) = ρ‖z‖² | all |
//! | [`cauchy`], [`bordered`] | λ_{i+n−m}(S) ≤ λᵢ(B) ≤ λᵢ(S), B = WᴴSW, WᴴW = I | i ≤ m |
//! | [`submatrix`] | σ_{i+s}(A) ≤ σᵢ(B) ≤ σᵢ(A), B p×q of A m×n, s = (m−p) + (n−q) | wherever there are both |
//! | [`low_rank`] | σ_{i+k}(A) ≤ σᵢ(A+B), σ_{i+k}(A+B) ≤ σᵢ(A), rank B ≤ k | i + k ≤ p |
//! | [`singular_sum`] | σ_{i+j−1}(A+B) ≤ σᵢ(A) + σⱼ(B), and with A+B and A, A+B and B exchanged | i + j ≤ p + 1 |
//! | [`singular_product`] | σ_{i+j−1}(AB) ≤ σᵢ(A)σⱼ(B) | i + j − 1 ≤ min(m, p) |
//! | [`horn`] | σ₁⋯σₖ(AB) ≤ σ₁⋯σₖ(A)·σ₁⋯σₖ(B) | k ≤ min(m, p) |
//! | [`weyl_majorant`] | \|λ₁⋯λₖ\| ≤ σ₁⋯σₖ, of any square matrix | k ≤ n, equality for k = n |
//! | [`ky_fan`], [`ky_fan_singular`] | Σ_{i≤k} λᵢ(S+T) ≤ Σ_{i≤k} (λᵢ(S) + λᵢ(T)); the same for σ | k ≤ n; equality for λ and k = n |
//! | [`lidskii`] | Σ_I (λᵢ(S+T) − λᵢ(S)) between the sums of the k least and the k largest λ(T) | every set I of k indices |
//! | [`mirsky`] | ‖σ(A+B) − σ(A)‖ ≤ ‖B‖ | every unitarily invariant norm |
//! | [`hoffman_wielandt`] | min over matchings of Σ\|λᵢ − μ_π(i)\|² ≤ ‖A−B‖²_F, A and B normal | |
//!
//! From matrices: [`check_sum`], [`check_rank_one`], [`check_principal`], [`check_submatrix`], [`check_low_rank`],
//! [`check_singular_sum`], [`check_product`] and [`check_eigenvalues`] factor what they need and run every theorem that
//! applies. They tell whether a solver, ours or the library underneath, is to be trusted on these matrices.
//!
//! | of subspaces and general matrices | measured | bound |
//! |---|---|---|
//! | [`bauer_fike`] | max_μ min_λ \|λ − μ\| | κ₂(X)‖E‖₂ |
//! | [`davis_kahan`] | ‖sin Θ‖_F and ‖sin Θ‖₂ | ‖EQ‖_F/δ and ‖EQ‖₂/δ, δ between values of A and of A + E |
//! | [`yu_wang_samworth`] | ‖sin Θ‖_F | 2·min(√d‖E‖₂, ‖E‖_F)/gap, the gap of A alone |
//! | [`wedin`] | max(‖sin Θ_U‖₂, ‖sin Θ_V‖₂) | max(‖AṼ₁ − Ũ₁Σ̃₁‖₂, ‖AᴴŨ₁ − Ṽ₁Σ̃₁‖₂)/δ |
//!
//! # What rounding is allowed
//!
//! A backward stable solver returns the exact values of a matrix S + F with ‖F‖₂ ≤ p(n)·ε·‖S‖₂, p a function that grows
//! modestly (Golub & Van Loan, Matrix Computations, §8.1 and §8.6), and by Weyl's theorem itself each of its values is
//! then within ‖F‖₂ of a true one. An inequality between the values of several matrices may be off by the sum of that,
//! so that it counts as violated where it is false by more than
//!
//! ```text
//! allowance = c·n·ε·(sum of the norms of the matrices in it),    c = 10 (ALLOWANCE),  ε = 2⁻⁵² or 2⁻²³,
//! ```
//!
//! with norms estimated from the values themselves, ‖S‖₂ = max|λ|, and n the number of values (from matrices: the
//! larger side, also where it has no values). Values of a matrix that is much longer than wide carry the rounding of
//! its long columns; whoever has only the values appends zeros to the lists, up to the longer side, which are the
//! singular values of the matrix with as many zero columns more. The same covers the rounding of S + T itself, and of
//! the few additions here. Sums of k values are allowed k times that. Norms below the least normal number count as
//! that, since there rounding is absolute, and matrices that are zero are allowed nothing. In products, each value
//! stands for an interval of that width, and the ends of the intervals are compared; products are kept with exponents
//! of their own, so that none overflows. Each function says what its own allowance is, and the report has it beside
//! each inequality.
//!
//! Comparisons run in double precision, which holds single precision exactly, in a unit (a power of two) in which no
//! sum overflows.

mod assignment;
mod bound;
mod cut;
mod general;
mod matching;
mod matrices;
mod operands;
mod pairs;
mod products;
mod report;
mod shifted;
mod subspaces;
mod sums;
mod tally;
mod updated;
mod values;

pub use bound::Bound;
pub use cut::{bordered, cauchy, submatrix};
pub use general::bauer_fike;
pub use matching::hoffman_wielandt;
pub use matrices::{
    check_eigenvalues, check_low_rank, check_principal, check_product, check_rank_one, check_singular_sum,
    check_submatrix, check_sum,
};
pub use pairs::{singular_sum, weyl};
pub use products::{horn, singular_product, weyl_majorant};
pub use report::{Finding, Instance, Relation, Report};
pub use subspaces::{DavisKahan, davis_kahan, wedin, yu_wang_samworth};
pub use sums::{ky_fan, ky_fan_singular, lidskii, mirsky};
pub use tally::subscript;
pub use updated::{low_rank, rank_one, rank_update};
pub use values::ALLOWANCE;
