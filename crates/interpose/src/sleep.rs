//! Plain sleeps.

use std::ffi::{c_int, c_uint};

use libc::{clockid_t, timespec, useconds_t};

use crate::deadline::{after, deadline};
use crate::declare::interpose;
use crate::errno::fail;
use snipcheck_clock::page::SECOND;
use snipcheck_clock::{page, real, wait};

interpose!(
    /// Returns an error number, as its kind does.
    fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int {
        let (Some(page), false) = (page(), time.is_null()) else {
            return clock_nanosleep::original(clock, flags, time, left);
        };
        let Some(base) = page.base(clock) else {
            return clock_nanosleep::original(clock, flags, time, left);
        };
        let absolute = flags & libc::TIMER_ABSTIME != 0;
        // SAFETY: not null, and the caller's to read.
        let time = unsafe { &*time };
        let Some(deadline) = (if absolute { deadline(base, time) } else { after(page, time) }) else {
            return libc::EINVAL;
        };
        if wait::sleep(page, deadline) {
            return 0;
        }
        if !absolute && !left.is_null() {
            // SAFETY: where the caller wants it, and not null.
            unsafe { *left = real::timespec_of(deadline.saturating_sub(page.now())) };
        }
        libc::EINTR
    }
);

interpose!(
    fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int {
        match clock_nanosleep(libc::CLOCK_MONOTONIC, 0, time, left) {
            0 => 0,
            error => fail(error),
        }
    }
);

interpose!(
    fn usleep(microseconds: useconds_t) -> c_int {
        let time = real::timespec_of(u64::from(microseconds) * 1000);
        nanosleep(&raw const time, std::ptr::null_mut())
    }
);

interpose!(
    /// Returns the seconds that are left.
    fn sleep(seconds: c_uint) -> c_uint {
        let time = real::timespec_of(u64::from(seconds) * SECOND);
        let mut left = real::timespec_of(0);
        if nanosleep(&raw const time, &raw mut left) == 0 {
            return 0;
        }
        c_uint::try_from(left.tv_sec).unwrap_or(seconds) + c_uint::from(left.tv_nsec >= 500_000_000)
    }
);
