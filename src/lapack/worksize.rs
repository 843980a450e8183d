//! The unsafe floor: the one place where lengths of working arrays are decided.
//! Must not know a routine.
//!
//! The larger of the documented formula and of what the routine answers to a query, at least 1. The formula is taken in
//! 128-bit integers before the query, since a routine's own arithmetic overflows in silence, and the answer of a query
//! is a floating-point number that may have been rounded down. No routine is named here.

use super::status;
use crate::element::{Element, Real};
use crate::error::Result;
use crate::layout::{Int, too_large};
use crate::workspace::{Call, Lengths, Scratch};

/// The working arrays of one call. With all three lengths −1 it is a query, and each array has one entry.
pub(super) struct Work<T: Element> {
    pub(super) work: *mut T,
    pub(super) lwork: Int,
    pub(super) rwork: *mut T::Real,
    pub(super) lrwork: Int,
    pub(super) iwork: *mut Int,
    pub(super) liwork: Int,
}

/// Runs `routine` with working arrays of the right lengths, and returns its INFO, which is not negative.
///
/// `routine` is called once as a query, unless the lengths for `call` are known, and once for the result. Each time
/// the arrays have as many entries as the lengths beside them say, one each for a query.
pub(super) fn with_work<T: Element>(
    scratch: &mut Scratch<T>, call: Call, documented: Documented, mut routine: impl FnMut(Work<T>) -> Int,
) -> Result<Int> {
    let documented = documented.check()?;
    let lengths = scratch.sizes.get(call, || {
        let mut answer = Answer::<T>::default();
        let Answer { work, rwork, iwork } = &mut answer;
        let info = routine(Work { work, lwork: -1, rwork, lrwork: -1, iwork, liwork: -1 });
        status(call.routine, info)?;
        documented.or_more(answer)
    })?;
    // Matrices within the working array of a complex routine need room as others do; see `room`.
    let largest = call.dims.iter().fold(0, |largest, &dim| largest.max(dim));
    let room = if T::IS_COMPLEX { 1 + largest.unsigned_abs() as usize } else { 0 };
    let info = routine(Work {
        work: scratch.work.take(lengths.work + room)?.as_mut_ptr(),
        lwork: lengths.work as Int,
        rwork: scratch.rwork.take(lengths.rwork)?.as_mut_ptr(),
        lrwork: lengths.rwork as Int,
        iwork: scratch.iwork.take(lengths.iwork)?.as_mut_ptr(),
        liwork: lengths.iwork as Int,
    });
    status(call.routine, info)
}

/// The documented lengths of WORK, RWORK and IWORK.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Documented {
    pub(super) work: u128,
    pub(super) rwork: u128,
    pub(super) iwork: u128,
}

/// What a query wrote into the first entries of the three arrays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<T: Element> {
    pub(super) work: T,
    pub(super) rwork: T::Real,
    pub(super) iwork: Int,
}

impl<T: Element> Default for Answer<T> {
    fn default() -> Self {
        Answer { work: T::zero(), rwork: T::Real::default(), iwork: 0 }
    }
}

impl Documented {
    /// [`crate::Error::TooLarge`] if a length does not fit LAPACK's integer.
    pub(super) fn check(self) -> Result<Self> {
        let needed = self.work.max(self.rwork).max(self.iwork);
        if needed > Int::MAX as u128 { Err(too_large("the workspace", needed)) } else { Ok(self) }
    }

    /// The lengths to allocate.
    pub(super) fn or_more<T: Element>(self, answer: Answer<T>) -> Result<Lengths> {
        let length = |documented: u128, asked: u128| {
            let needed = documented.max(asked).max(1);
            if needed > Int::MAX as u128 { Err(too_large("the workspace", needed)) } else { Ok(needed as usize) }
        };
        Ok(Lengths {
            work: length(self.work, rounded_up(answer.work.re()))?,
            rwork: length(self.rwork, rounded_up(answer.rwork))?,
            iwork: length(self.iwork, u128::from(answer.iwork.max(0).unsigned_abs()))?,
        })
    }
}

/// A length that was told as a floating-point number, and may have been rounded to nearest on the way.
fn rounded_up<R: Real>(asked: R) -> u128 {
    let asked = asked.as_f64() * (1.0 + R::EPS.as_f64());
    // A negative number or a NaN is no answer; `as` makes them 0.
    asked.ceil() as u128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn documented(work: u128) -> Documented {
        Documented { work, ..Documented::default() }
    }

    #[test]
    fn the_larger_of_formula_and_query_counts() {
        let answer = Answer::<f64> { work: 70.0, rwork: 0.0, iwork: 9 };
        let lengths = documented(50).or_more(answer).unwrap();
        assert!(lengths.work >= 70 && lengths.work <= 71);
        assert_eq!((lengths.rwork, lengths.iwork), (1, 9));
        assert_eq!(documented(500).or_more(answer).unwrap().work, 500);
    }

    #[test]
    fn a_query_in_single_precision_is_rounded_up() {
        // 2²⁴ + 1 is no f32: the routine answers 2²⁴.
        let exact: u128 = (1 << 24) + 1;
        let answer = Answer::<f32> { work: exact as f32, rwork: 0.0, iwork: 0 };
        assert!(answer.work as u128 == exact - 1, "the query is one short");
        assert!(documented(0).or_more(answer).unwrap().work as u128 >= exact);
    }

    #[test]
    fn a_nonsense_answer_leaves_the_formula() {
        for work in [f64::NAN, -1.0, f64::NEG_INFINITY] {
            let answer = Answer::<f64> { work, rwork: 0.0, iwork: -3 };
            assert_eq!(documented(8).or_more(answer).unwrap(), Lengths { work: 8, rwork: 1, iwork: 1 });
        }
    }

    #[test]
    fn a_negative_info_of_the_query_or_of_the_call_is_an_error() {
        let call = Call { routine: "gesdd", flags: [0; 2], dims: [1, 1, 0] };
        for refused_query in [true, false] {
            let routine = |to: Work<f64>| if (to.lwork == -1) == refused_query { -4 } else { 0 };
            let found = with_work(&mut Scratch::default(), call, documented(1), routine);
            assert!(matches!(found, Err(Error::Backend { .. })), "{refused_query}: {found:?}");
        }
        assert_eq!(with_work(&mut Scratch::<f64>::default(), call, documented(1), |_| 2), Ok(2));
    }

    #[test]
    fn what_exceeds_32_bits_is_refused_before_and_after_the_query() {
        let large = documented(1 << 31);
        assert!(matches!(large.check(), Err(Error::TooLarge { .. })));
        assert!(matches!(large.or_more(Answer::<f32>::default()), Err(Error::TooLarge { .. })));
        assert!(documented((1 << 31) - 1).check().is_ok());
    }
}
