//! How functions of libc fail: with an error number of this thread's own (errno(3)).

use std::ffi::c_int;

use snipcheck_clock::real;

/// Fails as most functions do, with -1.
pub(super) fn fail(error: c_int) -> c_int {
    fail_with(error, -1)
}

pub(super) fn fail_with<T>(error: c_int, answer: T) -> T {
    real::set_errno(error);
    answer
}
