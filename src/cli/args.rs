//! The command: its subcommands and options, and what `--help` says about them.
//!
//! Top floor. Only words and their meaning; it must not open files or compute.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lapwing::prelude::Method;

use super::input::{self, csv};
use super::problem::Model;

/// Compares ways to solve a least-squares problem, and says how many digits of each answer are right.
#[derive(Debug, Parser)]
#[command(name = "lapwing", version, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  lapwing nist                                    eleven data sets with certified answers
  lapwing compare data.csv -y price -x area,age   a regression of your own
  lapwing compare data.csv -y price --poly 3      a polynomial in the one other column
  lapwing compare A.mtx --rhs b.mtx --json        a linear system, the result as JSON
  lapwing sweep --plot sweep.svg                  errors against the condition number
  lapwing grad A.csv --index 1                    how a singular value changes
  lapwing params svd --rows 3 --cols 4 --rank 2   free parameters of the factors
  lapwing interlace S.csv T.csv                   inequalities among eigenvalues
  lapwing kkt S.csv A.csv --rhs f.csv b.csv       a minimum under constraints
  lapwing info                                    which LAPACK is linked, and whether it works

Exit status: 0 done, 1 a failure of the machine, 2 bad usage or bad input, 3 a violated inequality.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The digits that each method gets right on eleven NIST data sets, and its cost
    Nist(NistArgs),
    /// The methods side by side on your own data: CSV, TSV, MatrixMarket or NumPy
    Compare(CompareArgs),
    /// The error of each method on random problems, over condition number and residual
    Sweep(SweepArgs),
    /// The derivative of a singular value or eigenvalue of a matrix, or the values that meet
    Grad(GradArgs),
    /// Whether eigenvalues satisfy the classical inequalities, from matrices or from values
    Interlace(InterlaceArgs),
    /// The minimum of a quadratic form under linear constraints, with multipliers and inertia
    Kkt(KktArgs),
    /// How many free parameters a matrix or a factorization has, and what a low rank saves
    Params(ParamsArgs),
    /// The LAPACK that is linked: version, threading, self-test, known faults
    Info(InfoArgs),
}

/// The methods to compare.
#[derive(Debug, Args)]
pub struct Methods {
    /// ne (normal equations), qr, qrp (pivoted), svd; also ner, auto, refined
    #[arg(
        long = "methods",
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "ne,qr,qrp,svd",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub list: Vec<MethodName>,
}

/// Options of `nist`.
#[derive(Debug, Args)]
pub struct NistArgs {
    #[command(flatten)]
    pub methods: Methods,
    /// Print JSON, one object for each data set
    #[arg(long)]
    pub json: bool,
}

/// Options of `compare`.
#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub struct CompareArgs {
    /// CSV or TSV with a header line, MatrixMarket (.mtx), or NumPy (.npy); - is stdin
    pub file: PathBuf,
    /// The right-hand side of a matrix: .mtx, .npy, or CSV of one column
    #[arg(long, value_name = "FILE")]
    pub rhs: Option<PathBuf>,
    /// The column to be explained [default: the last]
    #[arg(short = 'y', long, value_name = "NAME", allow_hyphen_values = true)]
    pub response: Option<String>,
    /// Columns that explain it, separated by commas [default: all others]
    #[arg(short = 'x', long, value_name = "A,B,…", value_parser = names, allow_hyphen_values = true)]
    pub predictors: Vec<Names>,
    /// Fit a polynomial: the powers 0 to K of the single predictor
    #[arg(long, value_name = "K", value_parser = degree, allow_negative_numbers = true)]
    pub poly: Option<usize>,
    /// Leave out the column of ones that is added to CSV data
    #[arg(long)]
    pub no_intercept: bool,
    #[command(flatten)]
    pub methods: Methods,
    /// The right answer: auto (exact if quick), exact, refined, none
    #[arg(long, value_name = "KIND", default_value = "auto", hide_possible_values = true, hide_default_value = true)]
    pub reference: ReferenceName,
    /// The seconds exact may take, as estimated [default: 1; for exact 60]
    #[arg(long, value_name = "S", value_parser = seconds, allow_negative_numbers = true)]
    pub reference_limit: Option<f64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Draw fits, residuals and digits into a new or old file, .svg or .png
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Write tables and pictures into a new or old file, .html
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

const COMPARE_EXAMPLES: &str = "\
CSV and TSV files have a header line; the delimiter is a comma, a semicolon or a tab. Only columns
that are used need to be numbers, and no value may be missing. An intercept is added to CSV data,
never to matrices. Powers are formed in double precision by repeated multiplication. What is wrong
with a file is reported as FILE:LINE:COLUMN, where the column counts fields, not characters. A name
with a comma in it stands in quotes: -x '\"price, EUR\",area'.

The exact answer is computed in rational arithmetic: for tables with the decimals as printed and
with exact powers, for matrices with the numbers as stored. --reference auto does that where it is
estimated to take at most a second: for 2000 rows and 100 columns of random doubles, say. Beyond
that it takes the refined answer, as --reference refined does: QR with longer residuals on the
numbers as stored in double precision, right but for rounding, or none where it does not converge.

Examples:
  lapwing compare data.csv                        the last column on all others
  lapwing compare data.csv -y price -x area,age   chosen columns
  lapwing compare data.csv -y y -x t --poly 5     a polynomial of degree 5 in t
  lapwing compare A.npy --rhs b.npy --reference exact --reference-limit 600
  lapwing compare A.npy --rhs b.npy --methods ne,qr
  lapwing compare data.csv --plot fit.svg         pictures besides the tables";

/// Options of `sweep`.
#[derive(Debug, Args)]
#[command(after_help = SWEEP_EXAMPLES)]
pub struct SweepArgs {
    /// Rows of the matrices
    #[arg(long, value_name = "M", default_value_t = 60, value_parser = size(1, 100_000), allow_negative_numbers = true)]
    pub rows: usize,
    /// Columns of the matrices
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = size(2, 1000), allow_negative_numbers = true)]
    pub columns: usize,
    /// The largest condition number κ₂(A)
    #[arg(long, value_name = "KAPPA", default_value = "1e15", value_parser = kappa, allow_negative_numbers = true)]
    pub kappa_max: f64,
    /// How many condition numbers from 1 to the largest
    #[arg(long, value_name = "COUNT", default_value_t = 16, value_parser = size(2, 200), allow_negative_numbers = true)]
    pub points: usize,
    /// Sizes of the residual, ‖r‖/(‖A‖‖x‖), with commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "0,1e-4,1", value_parser = residual, allow_negative_numbers = true)]
    pub residuals: Vec<f64>,
    /// ne, qr, qrp, svd, auto, … [default: all that this version has]
    #[arg(long, value_name = "LIST", value_delimiter = ',', hide_possible_values = true)]
    pub methods: Vec<MethodName>,
    /// Problems for each condition number and residual
    #[arg(long, value_name = "COUNT", default_value_t = 9, value_parser = size(1, 1000), allow_negative_numbers = true)]
    pub repetitions: usize,
    /// The seed of the random numbers
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Draw the errors into a new or old file, .svg or .png
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}

const SWEEP_EXAMPLES: &str = "\
The singular values of A fall from 1 to 1/κ in equal ratios. Errors are ‖x̂ − x‖/‖x‖ against the
solution x of the stored numbers in rational arithmetic. A seed always makes the same problems.

Examples:
  lapwing sweep                                   a table
  lapwing sweep --plot sweep.svg                  and a picture
  lapwing sweep --methods ne,qr --residuals 0 --rows 200 --columns 20 --json";

/// Options of `grad`.
#[derive(Debug, Args)]
#[command(after_help = GRAD_EXAMPLES)]
pub struct GradArgs {
    /// A matrix: CSV or TSV without a header line, MatrixMarket (.mtx), NumPy (.npy); - is stdin
    pub file: PathBuf,
    /// Which value, from 1: singular values descend, eigenvalues ascend
    #[arg(long, value_name = "I", default_value = "1", value_parser = index, allow_negative_numbers = true)]
    pub index: usize,
    /// An eigenvalue of a symmetric matrix instead of a singular value
    #[arg(long)]
    pub eigen: bool,
    /// Second derivatives too: the directions in which the value bends most
    #[arg(long)]
    pub second: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Draw the gradient as a heat map into a new or old file, .svg or .png
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}

const GRAD_EXAMPLES: &str = "\
The gradient G says how the value changes with each entry: by tr(GᵀE) when the matrix changes by a
small E. For a singular value it is uvᵀ, for an eigenvalue qqᵀ. It is as good as the gap is large:
second derivatives, which --second prints, reach 1/gap. Values that coincide to rounding, and a
singular value of zero, have no gradient: the command names them, gives the gradient of their mean
where that has one, and ends with status 0.

With --eigen the matrix must be symmetric, but for rounding; its symmetric part is taken, and
changes E are symmetric too.

Examples:
  lapwing grad A.csv                              the largest singular value
  lapwing grad A.npy --index 3 --second           the third, and where it bends most
  lapwing grad S.mtx --eigen --json               the least eigenvalue, as JSON
  lapwing grad A.csv --plot gradient.svg          a heat map besides the table";

/// Options of `interlace`.
#[derive(Debug, Args)]
#[command(after_help = INTERLACE_EXAMPLES)]
pub struct InterlaceArgs {
    /// S, and T for S + T, symmetric: CSV or TSV without a header line, .mtx or .npy
    #[arg(value_name = "FILE", num_args = 0..=2, required_unless_present = "values", conflicts_with = "values")]
    pub files: Vec<PathBuf>,
    /// S + ρzzᵀ, with the vector z from this file
    #[arg(long, value_name = "Z", requires = "rho", conflicts_with_all = ["principal", "values"])]
    pub rank_one: Option<PathBuf>,
    /// ρ of S + ρzzᵀ
    #[arg(long, value_name = "R", requires = "rank_one", value_parser = input::number, allow_negative_numbers = true)]
    pub rho: Option<f64>,
    /// The principal submatrix of these rows and columns, from 1, with commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = index, conflicts_with = "values")]
    pub principal: Vec<usize>,
    /// Eigenvalues before and after an update, from two files
    #[arg(long, value_names = ["OLD", "NEW"], num_args = 2)]
    pub values: Vec<PathBuf>,
    /// How many eigenvalues of the update may be positive [default: 0]
    #[arg(long, value_name = "P", requires = "values", value_parser = whole, allow_negative_numbers = true)]
    pub positive: Option<usize>,
    /// How many may be negative [default: 0]
    #[arg(long, value_name = "N", requires = "values", value_parser = whole, allow_negative_numbers = true)]
    pub negative: Option<usize>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Draw the eigenvalues of S + θzzᵀ into a new or old file, .svg or .png
    #[arg(long, value_name = "FILE", requires = "rank_one")]
    pub plot: Option<PathBuf>,
}

const INTERLACE_EXAMPLES: &str = "\
Eigenvalues of symmetric matrices are not independent of those of their sums and submatrices. What
violates one of the classical inequalities by more than rounding explains is wrong, whatever solver
it comes from: the command names the inequality and ends with status 3. Of each theorem the table
has the inequality that comes nearest to being violated.

Examples:
  lapwing interlace S.csv T.csv                              S, T and S + T: Weyl, Ky Fan, Lidskii
  lapwing interlace S.csv --rank-one z.csv --rho 2 --plot p.svg
  lapwing interlace S.npy --principal 1,2,5                  Cauchy
  lapwing interlace --values old.csv new.csv --positive 1    values from any solver";

/// Options of `kkt`.
#[derive(Debug, Args)]
#[command(after_help = KKT_EXAMPLES)]
pub struct KktArgs {
    /// S, symmetric: CSV or TSV without a header line, .mtx or .npy; - is stdin
    #[arg(value_name = "S")]
    pub form: PathBuf,
    /// A, a row for each constraint, from a file of such a kind
    #[arg(value_name = "A")]
    pub constraints: PathBuf,
    /// The vectors f and b; without them the inertia alone is found
    #[arg(long, value_names = ["F", "B"], num_args = 2)]
    pub rhs: Vec<PathBuf>,
    /// ldlt, schur, null-space or auto [default: auto]
    #[arg(long, value_name = "NAME", requires = "rhs", hide_possible_values = true)]
    pub method: Option<KktName>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const KKT_EXAMPLES: &str = "\
The minimum of ½xᵀSx − fᵀx under Ax = b is a saddle point of ½xᵀSx − fᵀx + λᵀ(Ax − b): the solution
of Sx + Aᵀλ = f, Ax = b. S has to be positive definite where Ax = 0, and the rows of A independent;
else the command says which row depends on which others, or how many directions have no minimum,
and ends with status 2. n eigenvalues of [S Aᵀ; A 0] are positive then, and m negative.

Examples:
  lapwing kkt S.csv A.csv --rhs f.csv b.csv       x, multipliers and residuals
  lapwing kkt S.npy A.npy                         the inertia
  lapwing kkt S.csv A.csv --rhs f.csv b.csv --method null-space --json";

/// A method for saddle points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KktName {
    /// LDLᵀ of the whole
    Ldlt,
    /// Cholesky of S and of the Schur complement
    Schur,
    /// Cholesky on the null space of A
    NullSpace,
    /// The library's choice
    Auto,
}

/// Options of `params`.
#[derive(Debug, Args)]
#[command(after_help = PARAMS_EXAMPLES)]
pub struct ParamsArgs {
    /// l, u, d, q, s, x; lu, ldu, qr, svd, polar; eigen, spectral, cholesky
    #[arg(value_name = "SET", hide_possible_values = true)]
    pub set: SetName,
    /// Rows of the matrix
    #[arg(long, value_name = "M", value_parser = whole, allow_negative_numbers = true)]
    pub rows: usize,
    /// Columns of the matrix [default: as many as rows]
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    pub cols: Option<usize>,
    /// Rank of the matrix [default: full]
    #[arg(long, value_name = "R", value_parser = whole, allow_negative_numbers = true)]
    pub rank: Option<usize>,
    /// Complex matrices, counted in real numbers
    #[arg(long)]
    pub complex: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const PARAMS_EXAMPLES: &str = "\
One matrix: l (unit lower triangular), u (upper triangular), d (diagonal), q (orthonormal columns),
s (symmetric or Hermitian), x (eigenvectors up to scale). A factorization: lu, ldu, qr, svd, polar
of any shape; eigen (XΛX⁻¹), spectral (QΛQᵀ) and cholesky of square matrices. The factors of a
matrix of rank r have (m + n − r)r parameters together, whichever they are.

Examples:
  lapwing params svd --rows 3 --cols 4 --rank 2   U, Σ and V
  lapwing params q --rows 3                       rotations of space: three angles
  lapwing params lu --rows 4096 --rank 8 --json   and what rank 8 saves";

/// A matrix or a factorization whose parameters are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SetName {
    /// Unit lower triangular
    L,
    /// Upper triangular
    U,
    /// Diagonal
    D,
    /// Orthonormal columns
    Q,
    /// Symmetric or Hermitian
    S,
    /// Eigenvectors up to scale
    X,
    /// A = LU
    Lu,
    /// A = LDU
    Ldu,
    /// A = QR
    Qr,
    /// A = UΣVᵀ
    Svd,
    /// A = QS
    Polar,
    /// A = XΛX⁻¹
    Eigen,
    /// S = QΛQᵀ
    Spectral,
    /// S = LLᵀ
    Cholesky,
}

impl SetName {
    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            SetName::L => "l",
            SetName::U => "u",
            SetName::D => "d",
            SetName::Q => "q",
            SetName::S => "s",
            SetName::X => "x",
            SetName::Lu => "lu",
            SetName::Ldu => "ldu",
            SetName::Qr => "qr",
            SetName::Svd => "svd",
            SetName::Polar => "polar",
            SetName::Eigen => "eigen",
            SetName::Spectral => "spectral",
            SetName::Cholesky => "cholesky",
        }
    }

    /// Whether it has as many rows as columns.
    pub fn is_square(self) -> bool {
        !self.is_any_matrix() && !matches!(self, SetName::L | SetName::U | SetName::Q)
    }

    /// Whether it describes every matrix of its shape and rank.
    pub fn is_any_matrix(self) -> bool {
        matches!(self, SetName::Lu | SetName::Ldu | SetName::Qr | SetName::Svd | SetName::Polar)
    }

    /// Whether its rank may be less than full.
    pub fn has_rank(self) -> bool {
        !matches!(self, SetName::L | SetName::U | SetName::D | SetName::Q)
    }
}

/// The names that one option holds.
#[derive(Debug, Clone)]
pub struct Names(Vec<String>);

/// Options of `info`.
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A method as it is named on the command line and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodName {
    /// Normal equations
    Ne,
    /// Normal equations, refined
    Ner,
    /// Householder QR
    Qr,
    /// QR with column pivoting
    Qrp,
    /// Singular value decomposition
    Svd,
    /// The library's choice
    Auto,
    /// Iterative refinement
    Refined,
}

impl MethodName {
    /// The name in JSON and in tables.
    pub fn name(self) -> &'static str {
        match self {
            MethodName::Ne => "ne",
            MethodName::Ner => "ner",
            MethodName::Qr => "qr",
            MethodName::Qrp => "qrp",
            MethodName::Svd => "svd",
            MethodName::Auto => "auto",
            MethodName::Refined => "refined",
        }
    }

    /// The name in a sentence.
    pub fn spoken(self) -> &'static str {
        match self {
            MethodName::Ne => "the normal equations",
            MethodName::Ner => "the refined normal equations",
            MethodName::Qr => "QR",
            MethodName::Qrp => "pivoted QR",
            MethodName::Svd => "the SVD",
            MethodName::Auto => "the automatic choice",
            MethodName::Refined => "iterative refinement",
        }
    }

    /// The name of a method of the library.
    pub fn of(method: Method) -> Option<Self> {
        Self::value_variants().iter().copied().find(|name| name.method() == method)
    }

    /// The library's method of this name.
    pub fn method(self) -> Method {
        match self {
            MethodName::Ne => Method::NormalEquations,
            MethodName::Ner => Method::RefinedNormalEquations,
            MethodName::Qr => Method::Qr,
            MethodName::Qrp => Method::PivotedQr,
            MethodName::Svd => Method::Svd,
            MethodName::Auto => Method::Auto,
            MethodName::Refined => Method::Refined,
        }
    }
}

/// The answer that the methods are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReferenceName {
    /// The best that this version has
    Auto,
    /// Rational arithmetic
    Exact,
    /// Iterative refinement
    Refined,
    /// None
    None,
}

impl CompareArgs {
    /// The model for a table.
    pub fn model(&self) -> Model {
        Model {
            // The names in a header are trimmed too.
            response: self.response.as_deref().map(|name| name.trim().to_string()),
            predictors: self.predictors.iter().flat_map(|names| names.0.clone()).collect(),
            degree: self.poly,
            no_intercept: self.no_intercept,
        }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if seconds >= 0.0 => Ok(seconds),
        _ => Err("expected a number of seconds that is not negative".to_string()),
    }
}

fn names(text: &str) -> Result<Names, String> {
    match csv::list(text) {
        Ok(names) if names.is_empty() => Err("expected names of columns, separated by commas".to_string()),
        Ok(names) => Ok(Names(names)),
        Err(fault) => Err(fault.text().to_string()),
    }
}

fn degree(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(degree) if degree > 0 => Ok(degree),
        _ => Err("expected a degree, a whole number of at least 1".to_string()),
    }
}

fn index(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(index) if index > 0 => Ok(index),
        _ => Err("expected an index, a whole number of at least 1".to_string()),
    }
}

fn whole(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number that is not negative".to_string())
}

fn size(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> + Clone + Send + Sync + 'static {
    move |text| match text.parse() {
        Ok(size) if (least..=most).contains(&size) => Ok(size),
        _ => Err(format!("expected a whole number from {least} to {most}")),
    }
}

fn kappa(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(kappa) if kappa > 1.0 && kappa <= 1e16 => Ok(kappa),
        _ => Err("expected a condition number above 1 and up to 1e16".to_string()),
    }
}

fn residual(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(residual) if (0.0..=1e8).contains(&residual) => Ok(residual),
        _ => Err("expected a size of the residual from 0 to 1e8".to_string()),
    }
}
