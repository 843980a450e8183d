//! Plain facts: memory that one caller reuses over many calls.
//! Must not know a routine, nor abort where memory cannot be had.
//!
//! Buffers only grow. A call of a shape that the [`Workspace`] has seen before allocates nothing here. Memory that
//! cannot be had is an error, never an abort. Nothing here knows a routine.

use ndarray::{Array, Array1, Array2, Dimension, ShapeBuilder};

use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::{Int, Order};
use crate::words::Words;

/// Scratch memory for the factorizations of matrices of `T`, reused from call to call.
///
/// Every function that takes one grows it as needed. Its contents carry no information from one call to the next
/// except the workspace sizes that LAPACK asked for, so that a repeated shape is not queried again.
///
/// ```
/// use lapwing::prelude::*;
/// use ndarray::array;
///
/// let mut workspace = Workspace::new();
/// for t in [1.0, 2.0, 3.0] {
///     let svd = array![[t, 1.0], [0.0, t]].svd_with(&SvdOptions::thin(), &mut workspace)?;
///     assert!(svd.s[0] >= svd.s[1]);
/// }
/// # Ok::<(), lapwing::Error>(())
/// ```
#[derive(Debug)]
pub struct Workspace<T: Element> {
    /// What LAPACK calls WORK, RWORK and IWORK.
    pub(crate) scratch: Scratch<T>,
    /// A copy of the operand, which LAPACK overwrites.
    pub(crate) matrix: Buffer<T>,
    /// Memory for arrays that live during one call only.
    pub(crate) spare: Spare<T>,
    /// Memory for real arrays that live during one call only.
    pub(crate) spare_real: Spare<T::Real>,
    /// Memory for numbers in double precision, whatever T is.
    pub(crate) spare_doubles: Spare<f64>,
    /// Memory for indices that have a number each.
    pub(crate) spare_places: Spare<(usize, f64)>,
    /// Memory for numbers of several words.
    pub(crate) spare_words: Spare<Words>,
    /// The columns that a pivoting routine has chosen.
    pub(crate) pivots: Buffer<Int>,
    /// The permutation of a factorization that lives during one call only.
    pub(crate) permutation: Vec<usize>,
}

impl<T: Element> Workspace<T> {
    /// An empty workspace; it allocates at its first use.
    pub fn new() -> Self {
        Workspace {
            scratch: Scratch::default(),
            matrix: Buffer::default(),
            spare: Spare::default(),
            spare_real: Spare::default(),
            spare_doubles: Spare::default(),
            spare_places: Spare::default(),
            spare_words: Spare::default(),
            pivots: Buffer::default(),
            permutation: Vec::new(),
        }
    }
}

impl<T: Element> Default for Workspace<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The arrays that LAPACK routines take as working space.
#[derive(Debug, Default)]
pub(crate) struct Scratch<T: Element> {
    pub(crate) work: Buffer<T>,
    pub(crate) rwork: Buffer<T::Real>,
    pub(crate) iwork: Buffer<Int>,
    /// What syevr calls ISUPPZ.
    pub(crate) supports: Buffer<Int>,
    /// Copies of complex matrices, for a library that reads beyond their end.
    pub(crate) room: [Buffer<T>; 3],
    pub(crate) sizes: Sizes,
}

/// A vector that grows and never shrinks.
#[derive(Debug)]
pub(crate) struct Buffer<T>(Vec<T>);

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Buffer(Vec::new())
    }
}

impl<T: Copy + Default> Buffer<T> {
    /// The first `len` entries, whatever they hold.
    pub(crate) fn take(&mut self, len: usize) -> Result<&mut [T]> {
        if self.0.len() < len {
            let more = len - self.0.len();
            self.0.try_reserve_exact(more).map_err(|_| out_of_memory::<T>(len))?;
            self.0.resize(len, T::default());
        }
        Ok(&mut self.0[..len])
    }
}

/// Vectors that were lent to a call and came back.
#[derive(Debug)]
pub(crate) struct Spare<T>(Vec<Vec<T>>);

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Spare(Vec::new())
    }
}

impl<T: Copy + Default> Spare<T> {
    /// More than any call borrows at once.
    const KEPT: usize = 12;

    /// `len` entries, whatever they hold; [`Spare::keep_vec`] takes them back.
    pub(crate) fn lend_vec(&mut self, len: usize) -> Result<Vec<T>> {
        let mut entries = self.fitting(len);
        entries.truncate(len);
        entries.try_reserve_exact(len - entries.len()).map_err(|_| out_of_memory::<T>(len))?;
        entries.resize(len, T::default());
        Ok(entries)
    }

    /// A matrix packed in `order`, whatever it holds; [`Spare::keep`] takes it back.
    pub(crate) fn lend(&mut self, rows: usize, cols: usize, order: Order) -> Result<Array2<T>> {
        let len = rows.checked_mul(cols).ok_or_else(|| out_of_memory::<T>(usize::MAX))?;
        matrix(rows, cols, order, self.lend_vec(len)?)
    }

    /// Takes memory back.
    pub(crate) fn keep_vec(&mut self, entries: Vec<T>) {
        if self.0.len() < Self::KEPT {
            self.0.push(entries);
        }
    }

    /// Takes the memory of an array back.
    pub(crate) fn keep<D: Dimension>(&mut self, array: Array<T, D>) {
        self.keep_vec(array.into_raw_vec_and_offset().0);
    }

    /// The smallest vector with room for `len` entries, or else the largest.
    fn fitting(&mut self, len: usize) -> Vec<T> {
        let shortfall = |entries: &Vec<T>| (len.saturating_sub(entries.capacity()), entries.capacity());
        let best = (0..self.0.len()).min_by_key(|&i| shortfall(&self.0[i]));
        best.map(|i| self.0.swap_remove(i)).unwrap_or_default()
    }
}

/// The lengths of the three working arrays of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lengths {
    pub(crate) work: usize,
    pub(crate) rwork: usize,
    pub(crate) iwork: usize,
}

/// A call whose lengths are known: a routine with its flags, and its dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) routine: &'static str,
    pub(crate) flags: [u8; 2],
    pub(crate) dims: [Int; 3],
}

/// The lengths of recent calls.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    known: Vec<(Call, Lengths)>,
    oldest: usize,
}

impl Sizes {
    const KEPT: usize = 8;

    /// The lengths for `call`, from memory or else from `find`.
    pub(crate) fn get(&mut self, call: Call, find: impl FnOnce() -> Result<Lengths>) -> Result<Lengths> {
        if let Some(&(_, lengths)) = self.known.iter().find(|(known, _)| *known == call) {
            return Ok(lengths);
        }
        let lengths = find()?;
        if self.known.len() < Self::KEPT {
            self.known.push((call, lengths));
        } else {
            self.known[self.oldest] = (call, lengths);
            self.oldest = (self.oldest + 1) % Self::KEPT;
        }
        Ok(lengths)
    }
}

fn out_of_memory<T>(len: usize) -> Error {
    let needed = len as u128 * size_of::<T>() as u128;
    Error::TooLarge { what: "an array, in bytes,", needed, limit: isize::MAX as u128 }
}

/// `len` zeros.
pub(crate) fn zeroed<T: Clone + Default>(len: usize) -> Result<Vec<T>> {
    filled(len, T::default())
}

/// `value`, `len` times.
pub(crate) fn filled<T: Clone>(len: usize, value: T) -> Result<Vec<T>> {
    let mut entries = reserved(len)?;
    entries.resize(len, value);
    Ok(entries)
}

/// No entries, with room for `len`.
pub(crate) fn reserved<T>(len: usize) -> Result<Vec<T>> {
    let mut entries = Vec::new();
    entries.try_reserve_exact(len).map_err(|_| out_of_memory::<T>(len))?;
    Ok(entries)
}

/// A copy of `entries`.
pub(crate) fn copied<T: Copy>(entries: &[T]) -> Result<Vec<T>> {
    let mut copy = reserved(entries.len())?;
    copy.extend_from_slice(entries);
    Ok(copy)
}

/// A matrix over `entries`, which are packed in `order`.
pub(crate) fn matrix<T>(rows: usize, cols: usize, order: Order, entries: Vec<T>) -> Result<Array2<T>> {
    let found = entries.len();
    let shape = (rows, cols).set_f(order == Order::ColumnMajor);
    Array2::from_shape_vec(shape, entries).map_err(|_| Error::Shape {
        what: "packed entries",
        expected: format!("{rows}×{cols}"),
        found: found.to_string(),
    })
}

/// A zero matrix, packed in `order`.
pub(crate) fn zeros<T: Element>(rows: usize, cols: usize, order: Order) -> Result<Array2<T>> {
    let len = rows.checked_mul(cols).ok_or_else(|| out_of_memory::<T>(usize::MAX))?;
    matrix(rows, cols, order, zeroed(len)?)
}

/// Makes `array` a packed `rows`×`cols` matrix in `order`, keeping its memory if it is one already.
pub(crate) fn reshape<T: Element>(array: &mut Array2<T>, rows: usize, cols: usize, order: Order) -> Result<()> {
    if !is_packed(array, rows, cols, order) {
        *array = zeros(rows, cols, order)?;
    }
    Ok(())
}

/// Makes `array` a zero matrix, packed in `order`, in the memory that it has if that fits.
pub(crate) fn clear<T: Element>(array: &mut Array2<T>, rows: usize, cols: usize, order: Order) -> Result<()> {
    if is_packed(array, rows, cols, order) {
        packed_entries(array)?.fill(T::default());
    } else {
        *array = zeros(rows, cols, order)?;
    }
    Ok(())
}

/// Whether `array` is a packed `rows`×`cols` matrix in `order`.
fn is_packed<T>(array: &Array2<T>, rows: usize, cols: usize, order: Order) -> bool {
    array.dim() == (rows, cols)
        && match order {
            Order::ColumnMajor => array.t().is_standard_layout(),
            Order::RowMajor => array.is_standard_layout(),
        }
}

/// Makes `array` a contiguous vector of `len` entries, keeping its memory if it is one already.
pub(crate) fn resize<T: Clone + Default>(array: &mut Array1<T>, len: usize) -> Result<()> {
    if array.len() != len || !array.is_standard_layout() {
        *array = Array1::from_vec(zeroed(len)?);
    }
    Ok(())
}

/// The entries of a vector that [`resize`] has prepared.
pub(crate) fn contiguous<T>(array: &mut Array1<T>) -> Result<&mut [T]> {
    array.as_slice_mut().ok_or_else(|| Error::Backend { message: "an output vector is not contiguous".into() })
}

/// The entries, in memory order, of a matrix that [`reshape`] has prepared.
pub(crate) fn packed_entries<T>(array: &mut Array2<T>) -> Result<&mut [T]> {
    array
        .as_slice_memory_order_mut()
        .ok_or_else(|| Error::Backend { message: "an output matrix is not contiguous".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_grows_and_keeps_its_memory() {
        let mut buffer = Buffer::<f64>::default();
        buffer.take(5).unwrap()[4] = 7.0;
        assert_eq!(buffer.take(3).unwrap().len(), 3);
        assert_eq!(buffer.take(5).unwrap()[4], 7.0);
    }

    #[test]
    fn memory_that_cannot_be_had_is_an_error() {
        let mut buffer = Buffer::<f64>::default();
        assert!(matches!(buffer.take(usize::MAX / 4), Err(Error::TooLarge { .. })));
        assert!(matches!(zeros::<f64>(usize::MAX, 2, Order::RowMajor), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn lent_memory_comes_back_where_it_fits_best() {
        let mut spare = Spare::<f64>::default();
        let (large, small) = (spare.lend(10, 10, Order::RowMajor).unwrap(), spare.lend(2, 3, Order::RowMajor).unwrap());
        let (large_memory, small_memory) = (large.as_ptr(), small.as_ptr());
        spare.keep(large);
        spare.keep(small);
        let second = spare.lend(3, 2, Order::ColumnMajor).unwrap();
        assert_eq!((second.dim(), second.as_ptr()), ((3, 2), small_memory));
        assert_eq!(spare.lend(5, 5, Order::ColumnMajor).unwrap().as_ptr(), large_memory);
        assert!(matches!(spare.lend(usize::MAX, 2, Order::RowMajor), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn sizes_are_found_once_for_each_call() {
        let mut sizes = Sizes::default();
        let call = |n| Call { routine: "r", flags: [0; 2], dims: [n, 0, 0] };
        let found = Lengths { work: 1, rwork: 2, iwork: 3 };
        assert_eq!(sizes.get(call(1), || Ok(found)), Ok(found));
        assert_eq!(sizes.get(call(1), || panic!("asked twice")), Ok(found));
        for n in 2..20 {
            let other = Lengths { work: n as usize, ..found };
            assert_eq!(sizes.get(call(n), || Ok(other)), Ok(other));
        }
        assert_eq!(
            sizes.get(call(1), || Err(Error::Empty { what: "forgotten" })),
            Err(Error::Empty { what: "forgotten" })
        );
    }
}
