//! The factor floor: one file for each factorization, which owns its struct, its options and its extension trait.
//! Must not call a routine but through `lapack`.
//!
//! Here a matrix of any layout is turned into what LAPACK reads, and what LAPACK leaves is turned into factors with
//! methods. Routines are called through `lapack` only.

mod appended;
mod cholesky;
mod deflation;
mod eig;
mod eigh;
mod far_field;
mod hermitian;
mod ldlt;
mod loewner;
mod lu;
mod lu_rows;
mod pinv;
mod pivoted;
mod polar;
mod product;
mod qr;
mod rank_one;
mod rhs;
mod secular;
mod svd;
mod triangular;
mod updates;

pub use cholesky::{Cholesky, CholeskyExt, CholeskyOptions};
pub use eig::{Eig, EigExt};
pub use eigh::{Eigh, EighDriver, EighExt, EighOptions};
pub use ldlt::{Inertia, Ldlt, LdltExt, LdltOptions};
pub use lu::{Lu, LuExt};
pub use pinv::{Pinv, PinvExt};
pub use pivoted::{PivotedQr, PivotedQrExt};
pub use polar::{Polar, PolarExt};
pub use qr::{Check, Qr, QrExt, QrOptions};
pub use rank_one::RankOneUpdate;
pub use rhs::RhsDimension;
pub use svd::{Extent, NumericalRank, Svd, SvdDriver, SvdExt, SvdOptions};

pub(crate) use hermitian::{require_hermitian, require_square};
pub(crate) use pivoted::with_pivoted_qr;
pub(crate) use product::{
    add_adjoint_product, add_gram, add_product, adjoint_multiply, adjoint_product_to, congruence, gram_to,
    hermitian_product_to, multiply, multiply_adjoint, product_to, residual, residual_to,
};
pub(crate) use qr::{triangular_rcond, with_qr};
pub(crate) use rhs::{SolveColumns, checked_columns, columns_of, columns_with_rows, of_rhs, require_finite};
pub(crate) use svd::{check_svd_size, checked_rcond, condition, count_above, with_thin_svd};
pub(crate) use triangular::{Form, Triangle};
