//! The unsafe floor: which symbol serves which element type.
//! Must not call a routine.
//!
//! One constant [`Table`] for each of the four types. Where real and complex routines differ in their arguments, an
//! enum with an arm for each holds them. No algorithm here; macros only stamp out the constants.
#![expect(clippy::type_complexity, reason = "the argument lists are Fortran's")]

use std::any::Any;
use std::ffi::c_void;

use super::sys::{self, Char, Len};
use crate::element::{Element, c32, c64};
use crate::layout::Int;

pub(super) type Geqrf<T> =
    unsafe extern "C" fn(*const Int, *const Int, *mut T, *const Int, *mut T, *mut T, *const Int, *mut Int);
pub(super) type Ungqr<T> = unsafe extern "C" fn(
    *const Int,
    *const Int,
    *const Int,
    *mut T,
    *const Int,
    *const T,
    *mut T,
    *const Int,
    *mut Int,
);
pub(super) type Unmqr<T> = unsafe extern "C" fn(
    Char,
    Char,
    *const Int,
    *const Int,
    *const Int,
    *const T,
    *const Int,
    *const T,
    *mut T,
    *const Int,
    *mut T,
    *const Int,
    *mut Int,
    Len,
    Len,
);
pub(super) type Getrf<T> = unsafe extern "C" fn(*const Int, *const Int, *mut T, *const Int, *mut Int, *mut Int);
pub(super) type Getrs<T> = unsafe extern "C" fn(
    Char,
    *const Int,
    *const Int,
    *const T,
    *const Int,
    *const Int,
    *mut T,
    *const Int,
    *mut Int,
    Len,
);
pub(super) type Getri<T> =
    unsafe extern "C" fn(*const Int, *mut T, *const Int, *const Int, *mut T, *const Int, *mut Int);
/// `aux` is n integers for real types, 2n reals for complex ones.
pub(super) type Gecon<T, R> =
    unsafe extern "C" fn(Char, *const Int, *const T, *const Int, *const R, *mut R, *mut T, *mut c_void, *mut Int, Len);
pub(super) type Potrf<T> = unsafe extern "C" fn(Char, *const Int, *mut T, *const Int, *mut Int, Len);
pub(super) type Potrs<T> =
    unsafe extern "C" fn(Char, *const Int, *const Int, *const T, *const Int, *mut T, *const Int, *mut Int, Len);
pub(super) type Hetrf<T> =
    unsafe extern "C" fn(Char, *const Int, *mut T, *const Int, *mut Int, *mut T, *const Int, *mut Int, Len);
pub(super) type Trtrs<T> = unsafe extern "C" fn(
    Char,
    Char,
    Char,
    *const Int,
    *const Int,
    *const T,
    *const Int,
    *mut T,
    *const Int,
    *mut Int,
    Len,
    Len,
    Len,
);
/// `aux` as for [`Gecon`].
pub(super) type Trcon<T, R> = unsafe extern "C" fn(
    Char,
    Char,
    Char,
    *const Int,
    *const T,
    *const Int,
    *mut R,
    *mut T,
    *mut c_void,
    *mut Int,
    Len,
    Len,
    Len,
);
pub(super) type Gemm<T> = unsafe extern "C" fn(
    Char,
    Char,
    *const Int,
    *const Int,
    *const Int,
    *const T,
    *const T,
    *const Int,
    *const T,
    *const Int,
    *const T,
    *mut T,
    *const Int,
    Len,
    Len,
);
pub(super) type Gemv<T> = unsafe extern "C" fn(
    Char,
    *const Int,
    *const Int,
    *const T,
    *const T,
    *const Int,
    *const T,
    *const Int,
    *const T,
    *mut T,
    *const Int,
    Len,
);
pub(super) type Herk<T, R> = unsafe extern "C" fn(
    Char,
    Char,
    *const Int,
    *const Int,
    *const R,
    *const T,
    *const Int,
    *const R,
    *mut T,
    *const Int,
    Len,
    Len,
);
pub(super) type Trsm<T> = unsafe extern "C" fn(
    Char,
    Char,
    Char,
    Char,
    *const Int,
    *const Int,
    *const T,
    *const T,
    *const Int,
    *mut T,
    *const Int,
    Len,
    Len,
    Len,
    Len,
);

/// xGESDD; the complex form has RWORK before IWORK.
pub(super) enum Gesdd<T: Element> {
    Real(
        unsafe extern "C" fn(
            Char,
            *const Int,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut Int,
            *mut Int,
            Len,
        ),
    ),
    Complex(
        unsafe extern "C" fn(
            Char,
            *const Int,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut Int,
            *mut Int,
            Len,
        ),
    ),
}

/// xGESVD; the complex form has RWORK before INFO.
pub(super) enum Gesvd<T: Element> {
    Real(
        unsafe extern "C" fn(
            Char,
            Char,
            *const Int,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut Int,
            Len,
            Len,
        ),
    ),
    Complex(
        unsafe extern "C" fn(
            Char,
            Char,
            *const Int,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut Int,
            Len,
            Len,
        ),
    ),
}

/// xSYEVD and xHEEVD; the complex form has RWORK and LRWORK before IWORK.
pub(super) enum Heevd<T: Element> {
    Real(
        unsafe extern "C" fn(
            Char,
            Char,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut Int,
            *const Int,
            *mut Int,
            Len,
            Len,
        ),
    ),
    Complex(
        unsafe extern "C" fn(
            Char,
            Char,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut T::Real,
            *const Int,
            *mut Int,
            *const Int,
            *mut Int,
            Len,
            Len,
        ),
    ),
}

/// xSYEVR and xHEEVR; the complex form has RWORK and LRWORK before IWORK.
pub(super) enum Heevr<T: Element> {
    Real(
        unsafe extern "C" fn(
            Char,
            Char,
            Char,
            *const Int,
            *mut T,
            *const Int,
            *const T::Real,
            *const T::Real,
            *const Int,
            *const Int,
            *const T::Real,
            *mut Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut Int,
            *mut T,
            *const Int,
            *mut Int,
            *const Int,
            *mut Int,
            Len,
            Len,
            Len,
        ),
    ),
    Complex(
        unsafe extern "C" fn(
            Char,
            Char,
            Char,
            *const Int,
            *mut T,
            *const Int,
            *const T::Real,
            *const T::Real,
            *const Int,
            *const Int,
            *const T::Real,
            *mut Int,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *const Int,
            *mut Int,
            *const Int,
            *mut Int,
            Len,
            Len,
            Len,
        ),
    ),
}

/// xGEEV; the real form has the parts of the eigenvalues in two arrays, the complex one RWORK before INFO.
pub(super) enum Geev<T: Element> {
    Real(
        unsafe extern "C" fn(
            Char,
            Char,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut T::Real,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut Int,
            Len,
            Len,
        ),
    ),
    Complex(
        unsafe extern "C" fn(
            Char,
            Char,
            *const Int,
            *mut T,
            *const Int,
            *mut T,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut Int,
            Len,
            Len,
        ),
    ),
}

/// xGEQP3; the complex form has RWORK before INFO.
pub(super) enum Geqp3<T: Element> {
    Real(
        unsafe extern "C" fn(
            *const Int,
            *const Int,
            *mut T,
            *const Int,
            *mut Int,
            *mut T,
            *mut T,
            *const Int,
            *mut Int,
        ),
    ),
    Complex(
        unsafe extern "C" fn(
            *const Int,
            *const Int,
            *mut T,
            *const Int,
            *mut Int,
            *mut T,
            *mut T,
            *const Int,
            *mut T::Real,
            *mut Int,
        ),
    ),
}

/// The routines of one element type.
pub(super) struct Table<T: Element> {
    pub(super) gesdd: Gesdd<T>,
    pub(super) gesvd: Gesvd<T>,
    pub(super) heevd: Heevd<T>,
    pub(super) heevr: Heevr<T>,
    pub(super) geev: Geev<T>,
    pub(super) geqrf: Geqrf<T>,
    pub(super) gelqf: Geqrf<T>,
    pub(super) geqp3: Geqp3<T>,
    pub(super) ungqr: Ungqr<T>,
    pub(super) unglq: Ungqr<T>,
    pub(super) unmqr: Unmqr<T>,
    pub(super) unmlq: Unmqr<T>,
    pub(super) getrf: Getrf<T>,
    pub(super) getrs: Getrs<T>,
    pub(super) getri: Getri<T>,
    pub(super) gecon: Gecon<T, T::Real>,
    pub(super) potrf: Potrf<T>,
    pub(super) potrs: Potrs<T>,
    pub(super) pocon: Gecon<T, T::Real>,
    pub(super) hetrf: Hetrf<T>,
    pub(super) hetrs: Getrs<T>,
    pub(super) trtrs: Trtrs<T>,
    pub(super) trcon: Trcon<T, T::Real>,
    pub(super) gemm: Gemm<T>,
    pub(super) gemv: Gemv<T>,
    pub(super) herk: Herk<T, T::Real>,
    pub(super) trsm: Trsm<T>,
}

macro_rules! table {
    ($name:ident, $element:ty, $module:ident, $arm:ident) => {
        static $name: Table<$element> = Table {
            gesdd: Gesdd::$arm(sys::$module::gesdd),
            gesvd: Gesvd::$arm(sys::$module::gesvd),
            heevd: Heevd::$arm(sys::$module::heevd),
            heevr: Heevr::$arm(sys::$module::heevr),
            geev: Geev::$arm(sys::$module::geev),
            geqrf: sys::$module::geqrf,
            gelqf: sys::$module::gelqf,
            geqp3: Geqp3::$arm(sys::$module::geqp3),
            ungqr: sys::$module::ungqr,
            unglq: sys::$module::unglq,
            unmqr: sys::$module::unmqr,
            unmlq: sys::$module::unmlq,
            getrf: sys::$module::getrf,
            getrs: sys::$module::getrs,
            getri: sys::$module::getri,
            gecon: sys::$module::gecon,
            potrf: sys::$module::potrf,
            potrs: sys::$module::potrs,
            pocon: sys::$module::pocon,
            hetrf: sys::$module::hetrf,
            hetrs: sys::$module::hetrs,
            trtrs: sys::$module::trtrs,
            trcon: sys::$module::trcon,
            gemm: sys::$module::gemm,
            gemv: sys::$module::gemv,
            herk: sys::$module::herk,
            trsm: sys::$module::trsm,
        };
    };
}

table!(S, f32, s, Real);
table!(D, f64, d, Real);
table!(C, c32, c, Complex);
table!(Z, c64, z, Complex);

/// The table of `T`.
pub(super) fn table<T: Element>() -> &'static Table<T> {
    let tables: [&'static dyn Any; 4] = [&D, &S, &Z, &C];
    match tables.into_iter().find_map(|table| table.downcast_ref()) {
        Some(table) => table,
        // `Element` is sealed, and each of its four types has a table above.
        None => unreachable!("every element type has a table"),
    }
}
