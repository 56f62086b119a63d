//! Clocks that are read.

use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering::SeqCst;

use libc::{clockid_t, time_t, timespec, timeval};

use crate::deadline::timeval_of;
use crate::declare::interpose;
use crate::errno::fail;
use snipcheck_clock::cpu_time::look;
use snipcheck_clock::page::Page;
use snipcheck_clock::{page, real};

interpose!(
    fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
        let Some(page) = page() else {
            return clock_gettime::original(clock, time);
        };
        match page.base(clock) {
            Some(base) if !time.is_null() => {
                // SAFETY: where the caller wants it, and not null.
                unsafe { *time = real::timespec_of(base.saturating_add(look(page))) };
                0
            }
            Some(_) => fail(libc::EFAULT),
            None => clock_gettime::original(clock, time),
        }
    }
);

interpose!(
    fn gettimeofday(time: *mut timeval, zone: *mut c_void) -> c_int {
        let Some(page) = page() else {
            return gettimeofday::original(time, zone);
        };
        if !time.is_null() {
            // SAFETY: where the caller wants it, and not null.
            unsafe { *time = timeval_of(since_epoch(page)) };
        }
        0
    }
);

interpose!(
    fn time(result: *mut time_t) -> time_t {
        let now = page().map_or_else(|| real::clock(libc::CLOCK_REALTIME), since_epoch);
        let seconds = real::timespec_of(now).tv_sec;
        if !result.is_null() {
            // SAFETY: where the caller wants it, and not null.
            unsafe { *result = seconds };
        }
        seconds
    }
);

interpose!(
    /// `TIME_UTC` is the only base there is (ISO C11, 7.27.2.5).
    fn timespec_get(time: *mut timespec, base: c_int) -> c_int {
        const TIME_UTC: c_int = 1;
        if base != TIME_UTC {
            return 0;
        }
        if clock_gettime(libc::CLOCK_REALTIME, time) == 0 { base } else { 0 }
    }
);

fn since_epoch(page: &Page) -> u64 {
    page.start.load(SeqCst).saturating_add(look(page))
}
