//! Certificates: one computed value is moved by 1e-10·‖S‖ beyond what it can be, and every theorem sees where.
//! Second floor of the tests; must not take the place of a violation from the crate under test.

use lapwing::interlace::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, Axis, array, s};

use super::generate::{C64, Rng, alternating, hermitian, narrow, normal};

const BEYOND: f64 = 1e-10;
const N: usize = 8;

fn descending(values: Array1<f64>) -> Array1<f64> {
    let mut values = values.to_vec();
    values.sort_by(|x, y| y.total_cmp(x));
    values.into()
}

fn eigenvalues(a: &Array2<f64>) -> Array1<f64> {
    descending(a.eigvalsh().expect("a good matrix"))
}

fn singular(a: &Array2<f64>) -> Array1<f64> {
    a.singular_values().expect("a good matrix")
}

fn symmetric(rng: &mut Rng, values: &[f64]) -> Array2<f64> {
    narrow(&hermitian::<f64>(rng, values).a)
}

fn random_symmetric(rng: &mut Rng) -> Array2<f64> {
    let values: Vec<f64> = (0..N).map(|_| rng.normal()).collect();
    symmetric(rng, &values)
}

fn with(list: &Array1<f64>, position: usize, value: f64) -> Array1<f64> {
    let mut list = list.clone();
    list[position] = value;
    list
}

/// The true values hold; with one of them moved they do not.
#[track_caller]
fn violated(
    report: impl Fn(&Array1<f64>) -> lapwing::Result<Report>, list: &Array1<f64>, at: usize, value: f64, theorem: &str,
) -> Instance {
    let before = report(list).expect("true values are good lists");
    assert!(before.holds(), "{before}");
    let after = report(&with(list, at, value)).expect("finite values");
    let finding = after.finding(theorem).unwrap_or_else(|| panic!("{theorem} is not in\n{after}"));
    let worst = finding.worst.clone().expect("there are inequalities");
    assert!(!finding.holds() && worst.units > 1.0, "{theorem} does not see {value}\n{after}");
    worst
}

/// And the theorem's worst inequality is the one that is named.
#[track_caller]
fn caught(
    report: impl Fn(&Array1<f64>) -> lapwing::Result<Report>, list: &Array1<f64>, at: usize, value: f64, theorem: &str,
    text: &str,
) {
    assert_eq!(violated(report, list, at, value, theorem).text, text);
}

/// Largest values over their upper bounds and smallest ones under their lower bounds: there are no others beside.
#[test]
fn ends_of_random_spectra() {
    let mut rng = Rng::new(41);
    for _ in 0..20 {
        let (s, t) = (random_symmetric(&mut rng), random_symmetric(&mut rng));
        let (ls, lt, lsum) = (eigenvalues(&s), eigenvalues(&t), eigenvalues(&(&s + &t)));
        let step = BEYOND * ls[0].abs().max(ls[N - 1].abs());
        let last = N - 1;
        let (up, down) = (ls[0] + lt[0] + step, ls[last] + lt[last] - step);
        let check = |sum: &Array1<f64>| weyl(&ls, &lt, sum);
        caught(check, &lsum, 0, up, "Weyl, from above", "λ₁(S+T) ≤ λ₁(S) + λ₁(T)");
        caught(check, &lsum, last, down, "Weyl, from below", "λ₈(S+T) ≥ λ₈(S) + λ₈(T)");
        // Sums over more indices may be off by more; which ones, the next test asks.
        let check = |sum: &Array1<f64>| ky_fan(&ls, &lt, sum);
        violated(check, &lsum, 0, up, "Ky Fan");
        violated(check, &lsum, 3, lsum[3] + step, "trace");
        violated(check, &lsum, 5, lsum[5] - step, "trace");
        let check = |sum: &Array1<f64>| lidskii(&ls, &lt, sum);
        violated(check, &lsum, 0, up, "Lidskii, from above");
        violated(check, &lsum, last, down, "Lidskii, from below");

        let inner = s.slice(s![..5, ..5]).to_owned();
        let (li, check) = (eigenvalues(&inner), |inner: &Array1<f64>| cauchy(&ls, inner));
        caught(check, &li, 0, ls[0] + step, "Cauchy, from above", "λ₁(B) ≤ λ₁(S)");
        caught(check, &li, 4, ls[last] - step, "Cauchy, from below", "λ₅(B) ≥ λ₈(S)");
        let bordered_by = eigenvalues(&s.slice(s![..7, ..7]).to_owned());
        let check = |before: &Array1<f64>| bordered(before, &ls);
        caught(check, &bordered_by, 0, ls[0] + step, "Cauchy, from above", "λ₁(B) ≤ λ₁(T)");
        caught(check, &bordered_by, 6, ls[last] - step, "Cauchy, from below", "λ₇(B) ≥ λ₈(T)");
    }
}

/// Values in the middle, between neighbours that are far away: the tightest bound of one is 1e-10 exceeded from either side.
#[test]
fn the_middle_of_spectra_with_gaps() {
    // diag(12, 8, 4, 0) + diag(1, 0, 0, 0) turned into each place: the sums touch their bounds.
    let (s, t) = (array![12.0, 8.0, 4.0, 0.0], array![1.0, 0.0, 0.0, -1.0]);
    let step = 12.0 * BEYOND;
    for (at, index) in [(1, '₂'), (2, '₃')] {
        let raised = with(&(&s + &array![0.0, 0.0, 0.0, -1.0]), at, s[at] + 1.0);
        let check = |sum: &Array1<f64>| weyl(&s, &t, sum);
        let text = format!("λ{index}(S+T) ≤ λ{index}(S) + λ₁(T)");
        caught(check, &raised, at, s[at] + 1.0 + step, "Weyl, from above", &text);
        let lowered = with(&(&s + &array![1.0, 0.0, 0.0, 0.0]), at, s[at] - 1.0);
        let text = format!("λ{index}(S+T) ≥ λ{index}(S) + λ₄(T)");
        caught(check, &lowered, at, s[at] - 1.0 - step, "Weyl, from below", &text);
        let check = |sum: &Array1<f64>| lidskii(&s, &t, sum);
        let text = format!("Σ_{{i∈{{{}}}}} (λᵢ(S+T) − λᵢ(S)) ≤ Σ_{{j≤1}} λⱼ(T)", at + 1);
        caught(check, &raised, at, s[at] + 1.0 + step, "Lidskii, from above", &text);
        // One positive eigenvalue: μ₁ ≥ λ₁ ≥ μ₂ ≥ λ₂ ≥ …
        let touching = array![13.0, 12.0, 4.0, 3.0];
        let one = |after: &Array1<f64>| rank_update(&s, after, 1, 1);
        caught(one, &touching, 1, 12.0 + step, "update, from above", "λ₂(S+T) ≤ λ₁(S)");
        caught(one, &array![8.0, 4.0, 0.0, -1.0], 0, 8.0 - step, "update, from below", "λ₁(S+T) ≥ λ₂(S)");
        let two = |sum: &Array1<f64>| low_rank(&s, sum, 2);
        caught(two, &array![20.0, 15.0, 12.0, 8.0], 2, 12.0 + step, "low rank, from above", "σ₃(A+B) ≤ σ₁(A)");
        caught(two, &array![4.0, 1.0, 0.5, 0.0], 0, 4.0 - step, "low rank, from below", "σ₁(A+B) ≥ σ₃(A)");
        let single = |after: &Array1<f64>| rank_one(&s, after, 9.0);
        let after = array![13.0, 12.0, 8.0, 0.0];
        caught(single, &after, 2, 8.0 + step, "update, from above", "λ₃(S+T) ≤ λ₂(S)");
        caught(single, &after, 3, -step, "update, from below", "λ₄(S+T) ≥ λ₄(S)");
        caught(single, &after, 0, 13.0 + step, "sum of the shifts", "Σ (λᵢ(S+T) − λᵢ(S)) = ρ‖z‖²");
        let check = |inner: &Array1<f64>| cauchy(&s, inner);
        caught(check, &array![12.0, 8.0], 1, 8.0 + step, "Cauchy, from above", "λ₂(B) ≤ λ₂(S)");
        caught(check, &array![4.0, 0.0], 0, 4.0 - step, "Cauchy, from below", "λ₁(B) ≥ λ₃(S)");
    }
}

#[test]
fn singular_values() {
    let mut rng = Rng::new(42);
    for _ in 0..20 {
        let (a, b) = (narrow::<f64>(&normal::<f64>(&mut rng, 7, 5)), narrow::<f64>(&normal::<f64>(&mut rng, 7, 5)));
        let (sa, sb, sum) = (singular(&a), singular(&b), singular(&(&a + &b)));
        let step = BEYOND * sa[0];
        let above = sa[0] + sb[0] + step;
        let check = |sum: &Array1<f64>| singular_sum(&sa, &sb, sum);
        caught(check, &sum, 0, above, "σ of a sum, from above", "σ₁(A+B) ≤ σ₁(A) + σ₁(B)");
        let other = |b: &Array1<f64>| singular_sum(&sa, b, &sum);
        caught(other, &sb, 0, sa[0] + sum[0] + step, "σ of a sum, second term", "σ₁(B) ≤ σ₁(A+B) + σ₁(A)");
        let other = |a: &Array1<f64>| singular_sum(a, &sb, &sum);
        caught(other, &sa, 0, sb[0] + sum[0] + step, "σ of a sum, first term", "σ₁(A) ≤ σ₁(A+B) + σ₁(B)");
        violated(|sum: &Array1<f64>| ky_fan_singular(&sa, &sb, sum), &sum, 0, above, "Ky Fan, singular values");
        violated(|sum: &Array1<f64>| mirsky(&sa, sum, &sb), &sum, 0, above, "Mirsky");

        let inner = singular(&a.select(Axis(0), &[0, 2, 3, 5, 6]).select(Axis(1), &[0, 1, 2, 4]));
        let check = |inner: &Array1<f64>| submatrix(&sa, inner, ((7, 5), (5, 4)));
        caught(check, &inner, 0, sa[0] + step, "submatrix, from above", "σ₁(B) ≤ σ₁(A)");
        // Two rows and one column deleted: a shift by three. There are bounds for the first two values.
        let low = array![sa[3] - step, sa[4].min(sa[3] - step), 0.0, 0.0];
        let report = check(&low).expect("good lists");
        let worst =
            report.finding("submatrix, from below").and_then(|found| found.worst.clone()).expect("it was checked");
        assert!(worst.units > 1.0 && worst.text == "σ₁(B) ≥ σ₄(A)", "{report}");
    }
}

#[test]
fn products() {
    let mut rng = Rng::new(43);
    for scale in [1.0, 1e150, 1e-150] {
        let a = narrow::<f64>(&normal::<f64>(&mut rng, 5, 5));
        let b = narrow::<f64>(&normal::<f64>(&mut rng, 5, 5));
        let (sa, sb, product) = (singular(&a) * scale, singular(&b) / scale, singular(&a.dot(&b)));
        let above = sa[0] * sb[0] * (1.0 + BEYOND);
        let check = |product: &Array1<f64>| singular_product(&sa, &sb, product);
        caught(check, &product, 0, above, "σ of a product", "σ₁(AB) ≤ σ₁(A)σ₁(B)");
        let check = |product: &Array1<f64>| horn(&sa, &sb, product);
        violated(check, &product, 0, above, "Horn");
        // The determinant of AB is that of A times that of B.
        violated(check, &product, 3, product[3] * (1.0 + 1e-9 * product[0] / product[4]), "Horn");

        let lambda = a.eig().expect("a good matrix").values.mapv(|x| C64::new(x.re, x.im) * scale);
        let mut by_modulus: Vec<C64> = lambda.to_vec();
        by_modulus.sort_by(|x, y| y.norm().total_cmp(&x.norm()));
        let report = |values: &[C64]| weyl_majorant(&Array1::from(values.to_vec()), &sa).expect("good lists");
        assert!(report(&by_modulus).holds());
        let mut wrong = by_modulus.clone();
        wrong[0] = C64::from_polar(sa[0] * (1.0 + BEYOND), wrong[0].arg());
        let found = report(&wrong);
        let worst = found.finding("Weyl's majorant").and_then(|found| found.worst.clone()).expect("it was checked");
        assert!(worst.units > 1.0, "{found}");
        let found = report(&by_modulus.iter().map(|x| x * (1.0 - 1e-9 * sa[0] / sa[4])).collect::<Vec<C64>>());
        assert!(!found.finding("determinant").expect("it was checked").holds(), "{found}");
    }
}

#[test]
fn matchings() {
    // Diagonal matrices: the distance is that of the values, matched in order.
    let (a, b) = (array![5.0, 1.0, -2.0_f64], array![4.5, 1.25, -3.0_f64]);
    let distance = (&a - &b).mapv(|x| x * x).sum().sqrt();
    let text = "min √(Σ |λᵢ(A) − λ_π(i)(B)|²) ≤ ‖A − B‖_F";
    let check = |b: &Array1<f64>| hoffman_wielandt(&a, b, distance);
    // Moved by t, the distance grows by about t·(difference/distance).
    caught(check, &b, 2, -3.0 - 5.0 * BEYOND, "Hoffman–Wielandt", text);
    let turned = |list: &Array1<f64>| list.mapv(|x| C64::from_polar(1.0, 0.7) * x);
    let check = |b: &Array1<f64>| hoffman_wielandt(&turned(&a), &turned(b), distance);
    caught(check, &b, 2, -3.0 - 5.0 * BEYOND, "Hoffman–Wielandt", text);
}

/// Diagonal matrices with their values in the same order: all sums and products over the first k are equal on both sides.
#[test]
fn sums_and_products_that_touch_at_every_index() {
    let (s, t) = (array![12.0, 8.0, 4.0, 1.0], array![3.0, 2.0, 1.0, 0.5]);
    let (sum, product) = (&s + &t, &s * &t);
    let step = 12.0 * BEYOND;
    for at in 0..4 {
        let k = at + 1;
        let raised = sum[at] + step;
        let text = format!("Σ_{{i≤{k}}} λᵢ(S+T) ≤ Σ_{{i≤{k}}} (λᵢ(S) + λᵢ(T))");
        caught(|sum: &Array1<f64>| ky_fan(&s, &t, sum), &sum, at, raised, "Ky Fan", &text);
        let text = format!("Σ_{{i≤{k}}} σᵢ(A+B) ≤ Σ_{{i≤{k}}} (σᵢ(A) + σᵢ(B))");
        caught(|sum: &Array1<f64>| ky_fan_singular(&s, &t, sum), &sum, at, raised, "Ky Fan, singular values", &text);
        let set: Vec<String> = (1..=k).map(|i| i.to_string()).collect();
        let set = set.join(",");
        let text = format!("Σ_{{i∈{{{set}}}}} (λᵢ(S+T) − λᵢ(S)) ≤ Σ_{{j≤{k}}} λⱼ(T)");
        caught(|sum: &Array1<f64>| lidskii(&s, &t, sum), &sum, at, raised, "Lidskii, from above", &text);
        let text = format!("Σ_{{i∈{{{set}}}}} |σᵢ(A+B) − σᵢ(A)| ≤ Σ_{{j≤{k}}} σⱼ(B)");
        caught(|sum: &Array1<f64>| mirsky(&s, sum, &t), &sum, at, raised, "Mirsky", &text);
        let set: Vec<String> = (k..=4).map(|i| i.to_string()).collect();
        let text = format!("Σ_{{i∈{{{}}}}} (λᵢ(S+T) − λᵢ(S)) ≥ Σ_{{j>{at}}} λⱼ(T)", set.join(","));
        caught(|sum: &Array1<f64>| lidskii(&s, &t, sum), &sum, at, sum[at] - step, "Lidskii, from below", &text);
        let text = format!("ln Π_{{i≤{k}}} σᵢ(AB) ≤ ln Π_{{i≤{k}}} σᵢ(A)σᵢ(B)");
        let raised = product[at] + product[0] * BEYOND;
        caught(|product: &Array1<f64>| horn(&s, &t, product), &product, at, raised, "Horn", &text);
        let text = format!("ln Π_{{i≤{k}}} |λᵢ| ≤ ln Π_{{i≤{k}}} σᵢ");
        caught(|lambda: &Array1<f64>| weyl_majorant(lambda, &s), &s, at, s[at] + step, "Weyl's majorant", &text);
        let text = "ln Π_{i≤4} |λᵢ| ≥ ln Π_{i≤4} σᵢ";
        caught(|lambda: &Array1<f64>| weyl_majorant(lambda, &s), &s, at, s[at] - step, "determinant", text);
    }
}

/// Not a bound but a solver that is wrong: every certificate from matrices has a theorem that sees one value moved.
#[test]
fn a_value_of_a_matrix_that_is_off_is_seen_by_the_merged_reports() {
    let mut rng = Rng::new(44);
    let values = alternating(&[4.0, 3.5, 3.0, 2.0, 1.0, 0.5, 0.25, 0.125]);
    let (s, t) = (symmetric(&mut rng, &values), random_symmetric(&mut rng));
    let (ls, lt, lsum) = (eigenvalues(&s), eigenvalues(&t), eigenvalues(&(&s + &t)));
    for at in 0..N {
        let moved = with(&lsum, at, lsum[at] + BEYOND * 4.0);
        let report = weyl(&ls, &lt, &moved)
            .and_then(|weyl| Ok(weyl.and(ky_fan(&ls, &lt, &moved)?).and(lidskii(&ls, &lt, &moved)?)))
            .expect("good lists");
        assert!(!report.holds(), "{report}");
    }
}
