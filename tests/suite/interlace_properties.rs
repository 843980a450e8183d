//! Certificates: for every theorem, true values hold and a value beyond its bound does not, whatever the matrices.
//! Second floor of the tests: proptest draws sizes, seeds and spectra. Which index is named, and values in the middle of a list,
//! are asked in `interlace_caught`.

use lapwing::Result as Answer;
use lapwing::interlace::*;
use lapwing::prelude::*;
use ndarray::{Array1, Array2, s};
use num_traits::Float;
use proptest::prelude::{TestCaseError, prop_assert};

use super::drawn::{in_each_type, spectra};
use super::generate::{C64, Rng, Scalar, Spectrum, alternating, general, hermitian, narrow};

/// By how much a value is put beyond its bound: 1e-10 of the norm, or what is well above the allowance of single precision. Matrices that are zero
/// have no allowance.
fn beyond<T: Scalar>(norm: f64) -> f64 {
    let part = if T::EPS < 1e-10 { 1e-10 } else { 1e-2 };
    if norm == 0.0 { part } else { part * norm }
}

type List<T> = Array1<<T as lapwing::element::Scalar>::Real>;

fn number<T: Scalar>(x: f64) -> T::Real {
    narrow::<T>(&Array2::from_elem((1, 1), C64::new(x, 0.0)))[(0, 0)].re()
}

fn wide<T: Scalar>(x: T::Real) -> f64 {
    lapwing::element::Real::as_f64(x)
}

fn descending<T: Scalar>(mut values: List<T>) -> List<T> {
    values.as_slice_mut().expect("it is contiguous").sort_by(|x, y| wide::<T>(*y).total_cmp(&wide::<T>(*x)));
    values
}

/// Real values as entries of the type: of complex ones another way of matching is taken.
fn of_reals<T: Scalar>(values: &List<T>) -> Array1<T> {
    values.mapv(T::from_real)
}

type Check<'a, T> = dyn Fn(&List<T>) -> Answer<Report> + 'a;

/// A theorem on one list of values, and what that list may not reach: its first `at + 1` values above `most`, its last below `least`.
struct Question<'a, T: Scalar> {
    name: &'static str,
    list: List<T>,
    check: Box<Check<'a, T>>,
    at: usize,
    most: Option<f64>,
    least: Option<f64>,
}

fn question<'a, T: Scalar>(
    name: &'static str, list: &List<T>, at: usize, most: Option<f64>, least: Option<f64>,
    check: impl Fn(&List<T>) -> Answer<Report> + 'a,
) -> Question<'a, T> {
    Question { name, list: list.clone(), check: Box::new(check), at, most, least }
}

impl<T: Scalar> Question<'_, T> {
    /// True values hold; values over the upper bound, and under the lower one, do not.
    fn ask(&self, step: f64) -> Result<(), TestCaseError> {
        let holds = |list: &List<T>| (self.check)(list).map(|report| report.holds()).expect("finite lists that fit");
        prop_assert!(
            holds(&self.list),
            "{}: true values are refused\n{}",
            self.name,
            (self.check)(&self.list).unwrap()
        );
        if let Some(most) = self.most {
            let mut list = self.list.clone();
            list.iter_mut().take(self.at + 1).for_each(|x| *x = Float::max(*x, number::<T>(most + step)));
            prop_assert!(!holds(&list), "{}: {list} is not refused", self.name);
        }
        if let Some(least) = self.least {
            let (mut list, last) = (self.list.clone(), self.list.len() - 1);
            list[last] = number::<T>(least - step);
            prop_assert!(!holds(&list), "{}: {list} is not refused", self.name);
        }
        Ok(())
    }
}

fn eigenvalues<T: Scalar>(a: &Array2<T>) -> List<T> {
    descending::<T>(a.eigvalsh().expect("a good matrix"))
}

fn eigenvalues_are_certified<T: Scalar>(seed: u64, n: usize, spectrum: Spectrum) -> Result<(), TestCaseError> {
    let rng = &mut Rng::new(seed);
    let values = alternating(&spectrum.values(n, 100.0));
    let [a, b]: [Array2<T>; 2] = [(); 2].map(|()| narrow(&hermitian::<T>(rng, &values).a));
    let z = b.column(0).to_owned();
    let outer = Array2::from_shape_fn((n, n), |(i, j)| z[i] * z[j].conj());
    let trace = z.iter().fold(number::<T>(0.0), |sum, z| sum + z.square());
    let (s, t, sum) = (eigenvalues(&a), eigenvalues(&b), eigenvalues(&(&a + &b)));
    let (one, inner) = (eigenvalues(&(&a + &outer)), eigenvalues(&a.slice(s![..n - 1, ..n - 1]).to_owned()));
    let distance = b.iter().fold(number::<T>(0.0), |sum, x| sum + x.square()).sqrt();
    let ends = |values: &List<T>| (wide::<T>(values[0]), wide::<T>(values[values.len() - 1]));
    let ((s1, sn), (t1, tn)) = (ends(&s), ends(&t));
    let size = [s1, sn, t1, tn, wide::<T>(trace)].into_iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let (s, t, one) = (&s, &t, &one);
    let mut questions: Vec<Question<'_, T>> = Vec::new();
    questions.push(question("weyl", &sum, 0, Some(s1 + t1), Some(sn + tn), |x| weyl(s, t, x)));
    questions.push(question("ky_fan", &sum, 0, Some(s1 + t1), None, |x| ky_fan(s, t, x)));
    questions.push(question("lidskii", &sum, 0, Some(s1 + t1), Some(sn + tn), |x| lidskii(s, t, x)));
    let far = s1 + wide::<T>(distance);
    questions.push(question("hoffman_wielandt", &sum, 0, Some(far), None, move |x| {
        hoffman_wielandt(&of_reals::<T>(s), &of_reals::<T>(x), distance)
    }));
    // The second value stays below the old first one.
    let second = (n > 1).then_some(s1);
    questions.push(question("rank_update", one, 1, second, Some(sn), |x| rank_update(s, x, 1, 0)));
    questions.push(question("rank_one", one, 1, second, Some(sn), move |x| rank_one(s, x, trace)));
    if n > 1 {
        questions.push(question("cauchy", &inner, 0, Some(s1), Some(sn), |x| cauchy(s, x)));
        questions.push(question("bordered", &inner, 0, Some(s1), Some(sn), |x| bordered(x, s)));
    }
    questions.iter().try_for_each(|question| question.ask(beyond::<T>(size)))
}

fn singular_values_are_certified<T: Scalar>(
    seed: u64, m: usize, n: usize, spectrum: Spectrum,
) -> Result<(), TestCaseError> {
    let rng = &mut Rng::new(seed);
    let random = |rng: &mut Rng, m: usize, n: usize| -> Array2<T> {
        narrow(&general::<T>(rng, m, n, &spectrum.values(m.min(n), 100.0)).a)
    };
    let (a, b, c) = (random(rng, m, n), random(rng, m, n), random(rng, n, n));
    let outer = Array2::from_shape_fn((m, n), |(i, j)| b[(i, 0)] * b[(0, j)]);
    let sigma = |a: &Array2<T>| a.singular_values().expect("a good matrix");
    let (of_a, of_b, of_c) = (sigma(&a), sigma(&b), sigma(&c));
    let first = |values: &List<T>| wide::<T>(values[0]);
    let (a1, b1, c1) = (first(&of_a), first(&of_b), first(&of_c));
    let size = [a1, b1, c1, a1 * c1, first(&sigma(&outer))].into_iter().fold(0.0, f64::max);
    let (a_list, b_list, c_list) = (&of_a, &of_b, &of_c);
    let mut questions: Vec<Question<'_, T>> = Vec::new();
    let sum = sigma(&(&a + &b));
    questions.push(question("singular_sum", &sum, 0, Some(a1 + b1), None, |x| singular_sum(a_list, b_list, x)));
    questions.push(question("ky_fan_singular", &sum, 0, Some(a1 + b1), None, |x| ky_fan_singular(a_list, b_list, x)));
    questions.push(question("mirsky", &sum, 0, Some(a1 + b1), None, |x| mirsky(a_list, x, b_list)));
    let second = (m.min(n) > 1).then_some(a1);
    questions.push(question("low_rank", &sigma(&(&a + &outer)), 1, second, None, |x| low_rank(a_list, x, 1)));
    let product = sigma(&a.dot(&c));
    questions
        .push(question("singular_product", &product, 0, Some(a1 * c1), None, |x| singular_product(a_list, c_list, x)));
    questions.push(question("horn", &product, 0, Some(a1 * c1), None, |x| horn(a_list, c_list, x)));
    if m > 1 {
        let shapes = ((m, n), (m - 1, n));
        let inner = sigma(&a.slice(s![1.., ..]).to_owned());
        questions.push(question("submatrix", &inner, 0, Some(a1), None, move |x| submatrix(a_list, x, shapes)));
    }
    questions.iter().try_for_each(|question| question.ask(beyond::<T>(size)))?;
    let mut moduli: List<T> = c.eig().expect("a good matrix").values.mapv(lapwing::element::Scalar::abs);
    let majorant =
        |moduli: &List<T>| weyl_majorant(&of_reals::<T>(moduli), c_list).expect("finite lists that fit").holds();
    prop_assert!(majorant(&moduli));
    moduli[0] = number::<T>(c1 + beyond::<T>(size));
    prop_assert!(!majorant(&moduli), "{moduli} beside {c_list}");
    Ok(())
}

in_each_type! {
    eigenvalues_are_certified(seed in 0u64..1000, n in 1usize..12, spectrum in spectra());
    singular_values_are_certified(seed in 0u64..1000, m in 1usize..12, n in 1usize..12, spectrum in spectra());
}
