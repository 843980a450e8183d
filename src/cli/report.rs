//! The command: the result as JSON. The keys are stable; a value that does not exist is `null`.
//!
//! Top floor. Only shapes: it must not compute.

use serde::Serialize;

/// The version of the keys below.
pub const SCHEMA: u32 = 1;

/// The comparison of the methods on one problem.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of these keys.
    pub schema: u32,
    /// The file, or `nist:NAME`.
    pub source: String,
    /// Rows of the matrix.
    pub rows: usize,
    /// Columns of the matrix.
    pub columns: usize,
    /// The names of the coefficients.
    pub column_names: Vec<String>,
    /// How hard the problem is.
    pub condition: Condition,
    /// The answer that the methods are held against.
    pub reference: Reference,
    /// One entry for each method, in the order asked for.
    pub methods: Vec<MethodReport>,
    /// Which method to use.
    pub verdict: Verdict,
}

/// How hard the problem is.
#[derive(Debug, Clone, Serialize)]
pub struct Condition {
    /// κ₂(A) = σ₁/σₙ; null if σₙ = 0 or, as all three, where columns are exactly dependent, or where rounding errors have left
    /// it no digit.
    pub kappa2: Option<f64>,
    /// What κ₂(A) exceeds where it has no digit; else null.
    pub kappa2_above: Option<f64>,
    /// κ₂(AᵀA) = κ₂(A)²; null if it does not exist or exceeds the range of double precision.
    pub kappa2_gram: Option<f64>,
    /// κ₂(AD⁻¹), D the lengths of the columns: A with its columns scaled to length 1.
    pub kappa2_scaled: Option<f64>,
    /// What κ₂(AD⁻¹) exceeds where it has no digit; else null.
    pub kappa2_scaled_above: Option<f64>,
    /// The condition number of the problem, (A, b) ↦ x, relative to ‖[A b]‖_F and ‖x‖₂; null if the rank is not full.
    pub problem: Option<f64>,
    /// The numerical rank, with columns scaled to length 1; full where a method has verified that it is.
    pub rank: usize,
    /// The angle between b and the range of A in radians, sin θ = ‖r‖/‖b‖; null if b = 0, or where rounding errors have left it
    /// no digit.
    pub theta: Option<f64>,
    /// What θ is below where it has no digit; else null.
    pub theta_below: Option<f64>,
}

/// The answer that the methods are held against.
#[derive(Debug, Clone, Serialize)]
pub struct Reference {
    /// `certified`, `exact-decimal`, `exact-stored`, `refined` or `none`.
    pub kind: &'static str,
    /// The coefficients: as they are published, or to 30 digits, fewer where these are all; refined ones as doubles.
    pub coefficients: Option<Vec<String>>,
    /// How far they may be from the exact ones, relative to each, at most; null where they are exact. By so much `digits` and
    /// `relative_error` give way to what is proved.
    pub uncertainty: Option<f64>,
    /// ‖r‖₂, in the same way; for refined coefficients that of the doubles, in double precision.
    pub residual_norm: Option<String>,
    /// The columns that are combinations of others, where for that reason there is no unique answer.
    pub dependent_columns: Option<Vec<DependentColumn>>,
    /// Why there is no answer to hold the methods against, or only a refined one.
    pub message: Option<String>,
}

/// A column that is a linear combination of others, exactly.
#[derive(Debug, Clone, Serialize)]
pub struct DependentColumn {
    /// Its name.
    pub column: String,
    /// The others; none for a column of zeros.
    pub combination: Vec<Term>,
}

/// A part of a linear combination.
#[derive(Debug, Clone, Serialize)]
pub struct Term {
    /// The name of a column.
    pub column: String,
    /// Its coefficient, to 30 digits.
    pub coefficient: String,
}

/// What one method did.
#[derive(Debug, Clone, Serialize)]
pub struct MethodReport {
    /// The name of the method.
    pub name: &'static str,
    /// `ok` or `failed`.
    pub status: &'static str,
    /// Why it failed.
    pub message: Option<String>,
    /// The answer.
    pub coefficients: Option<Vec<f64>>,
    /// ‖b − A x‖₂.
    pub residual_norm: Option<f64>,
    /// ‖x − x*‖₂/‖x*‖₂ against the reference; null where an error of x* itself leaves it no digit, as can be of refined and of
    /// certified ones. It never exceeds `error_bound` by such an error.
    pub relative_error: Option<f64>,
    /// What that is below where it has no digit; else null.
    pub relative_error_below: Option<f64>,
    /// Right digits against the reference, the least over the coefficients that count (`verdict.not_counted` has the others).
    pub digits: Option<f64>,
    /// Right digits of each coefficient against the reference.
    pub digits_per_coefficient: Option<Vec<f64>>,
    /// Digits that are certain by a bound of the error, the least over the same coefficients; null if the rank is not full.
    pub certain_digits: Option<f64>,
    /// An estimate of the smallest ‖E‖_F/‖A‖_F for which x solves the problem with A + E.
    pub backward_error: Option<f64>,
    /// A bound on ‖x − x*‖₂/‖x*‖₂ that holds, x* the exact answer of the numbers as they are printed or, in a matrix, stored;
    /// null where there is none.
    pub error_bound: Option<f64>,
    /// The agreement with another method, which says nothing about which of the two is right.
    pub agreement: Option<Agreement>,
    /// The median time of a solve.
    pub seconds: Option<f64>,
}

/// How far two methods agree.
#[derive(Debug, Clone, Serialize)]
pub struct Agreement {
    /// The other method.
    pub with: &'static str,
    /// ‖x − y‖₂/‖y‖₂, y the other method's answer.
    pub relative_difference: f64,
    /// Digits in which the two agree, the least over the same coefficients.
    pub digits: f64,
}

/// Which method to use, why, and what would make the problem easier.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The method; null if none succeeded.
    pub method: Option<&'static str>,
    /// What to do, in one line: the method with its digits, and the first advice.
    pub summary: String,
    /// The reason, a sentence.
    pub reason: String,
    /// The coefficients that are zero to within rounding errors, whose digits count nowhere: not here, nor among those that
    /// are right, certain or agreed in. With a reference, those that it says are not zero count if any method has a digit right.
    pub not_counted: Vec<String>,
    /// Those of them that the reference says are not zero: below the rounding errors of the data, and no digit is right.
    pub without_digits: Vec<String>,
    /// What to do, the most effective first.
    pub advice: Vec<Advice>,
    /// The columns that are nearly combinations of others, from condition index 30 on, the nearest first, at most 8; none for
    /// powers of one column.
    pub near_dependences: Vec<NearDependence>,
    /// How many more of them there are.
    pub more_near_dependences: usize,
}

impl Verdict {
    /// Without advice.
    pub fn new(method: Option<&'static str>, summary: String, reason: String) -> Self {
        Verdict {
            method,
            summary,
            reason,
            not_counted: Vec::new(),
            without_digits: Vec::new(),
            advice: Vec::new(),
            near_dependences: Vec::new(),
            more_near_dependences: 0,
        }
    }
}

/// A change of the columns or of the response that makes the problem easier.
#[derive(Debug, Clone, Serialize)]
pub struct Advice {
    /// `drop`, `centre`, `lower` (the degree), `orthogonalize`, `subtract` (a constant from the response) or `rescale`.
    pub action: &'static str,
    /// The columns to do it to; none for `subtract`.
    pub columns: Vec<String>,
    /// κ₂(AD⁻¹), or for `rescale` κ₂(A), as it is; null if it is infinite, and for `subtract`, which does not change it.
    pub kappa2_before: Option<f64>,
    /// The same afterwards, as computed; null where it is beyond what can be computed.
    pub kappa2_after: Option<f64>,
    /// For `subtract`, the certain digits of the coefficients that do not change, as they are; else null.
    pub digits_before: Option<f64>,
    /// The same afterwards.
    pub digits_after: Option<f64>,
    /// What to do, in a few words.
    pub summary: String,
    /// The same with what it is good for, a sentence.
    pub text: String,
}

impl Advice {
    /// Without what it is good for.
    pub fn new(action: &'static str, columns: Vec<String>, summary: String) -> Self {
        Advice {
            action,
            columns,
            kappa2_before: None,
            kappa2_after: None,
            digits_before: None,
            digits_after: None,
            summary,
            text: String::new(),
        }
    }
}

/// A part of a combination that is only near.
#[derive(Debug, Clone, Serialize)]
pub struct NearTerm {
    /// The name of a column.
    pub column: String,
    /// Its coefficient.
    pub coefficient: f64,
}

/// A column that is nearly a combination of others.
#[derive(Debug, Clone, Serialize)]
pub struct NearDependence {
    /// Its name.
    pub column: String,
    /// The others, with their coefficients; none for a column of zeros.
    pub combination: Vec<NearTerm>,
    /// The length of the difference over the largest term, all without their part along a constant column.
    pub size: f64,
}
