//! Times of callers as deadlines of a session's clock, and back. `None` is for what is no time.

use libc::{timespec, timeval};

use snipcheck_clock::page::Page;
use snipcheck_clock::real;

/// A deadline for an absolute time on a clock. One before the start is over.
pub(super) fn deadline(base: u64, time: &timespec) -> Option<u64> {
    if time.tv_sec < 0 {
        return Some(0);
    }
    real::nanoseconds_of(time).map(|time| time.saturating_sub(base))
}

/// A deadline for a time from now on.
pub(super) fn after(page: &Page, time: &timespec) -> Option<u64> {
    real::nanoseconds_of(time).map(|time| page.now().saturating_add(time))
}

pub(super) fn timeval_of(nanoseconds: u64) -> timeval {
    let time = real::timespec_of(nanoseconds);
    timeval { tv_sec: time.tv_sec, tv_usec: time.tv_nsec / 1000 }
}
