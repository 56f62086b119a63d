//! The functions of Python's C API that the worker calls: those of pyo3, and those that its bindings for the stable ABI
//! leave out.

use std::ffi::c_int;

pub(super) use pyo3::ffi::{
    Py_REFCNT, PyEval_EvalCode, PyEval_GetFrame, PyEval_GetGlobals, PyException_SetTraceback, PyObject_Free,
    PyObject_Malloc, PyStructSequence_SetItem,
};
use pyo3::ffi::{PyCodeObject, PyFrameObject};

unsafe extern "C" {
    /// Is called in the parent before a fork; after it each process calls its `PyOS_AfterFork_…`.
    pub(super) fn PyOS_BeforeFork();
    pub(super) fn PyOS_AfterFork_Parent();
    pub(super) fn PyOS_AfterFork_Child();
    pub(super) fn PyFrame_GetLineNumber(frame: *mut PyFrameObject) -> c_int;
    /// Returns a new reference.
    pub(super) fn PyFrame_GetCode(frame: *mut PyFrameObject) -> *mut PyCodeObject;
    /// Returns a new reference. It is outside of the stable ABI, and the same in every version since 3.9.
    pub(super) fn PyFrame_GetBack(frame: *mut PyFrameObject) -> *mut PyFrameObject;
}
