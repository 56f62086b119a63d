//! Clocks that are read.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use libc::{clockid_t, time_t, timespec, timeval};

use super::{Exported, fail};
use crate::clock::linux::page::{Page, SECOND};
use crate::clock::linux::{page, real};

pub(super) static FUNCTIONS: [Exported; 4] = [
    Exported(clock_gettime as *const ()),
    Exported(gettimeofday as *const ()),
    Exported(time as *const ()),
    Exported(timespec_get as *const ()),
];

/// CPU time between two looks that a program would notice: it measures something.
pub(in crate::clock::linux) const NOTICED: u64 = SECOND / 10;
/// What is noticed is told this coarsely, so that it is told alike in two runs.
pub(in crate::clock::linux) const COARSE: u64 = SECOND / 100;

/// When a thread looked: real time, and CPU time of its process.
type Moment = (u64, u64);

thread_local! {
    static LAST: Cell<Option<Moment>> = const { Cell::new(None) };
    /// What `LAST` was before, and what the clock showed then.
    static BEFORE: Cell<(Option<Moment>, u64)> = const { Cell::new((None, 0)) };
}

/// CPU time of this process that has been told, by whichever thread, or that is no stretch of computing.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// The clock has jumped for this process: all slept, and what was used before that was in bits.
pub(in crate::clock::linux) fn forgive() {
    TOLD.store(real::cpu_nanoseconds(), SeqCst);
}

/// A copy of a process has used no CPU time.
pub(in crate::clock::linux) fn forget_last() {
    LAST.set(Some((real::nanoseconds(), real::cpu_nanoseconds())));
    TOLD.store(0, SeqCst);
}

/// Takes the last look of this thread back: CPython looks before it waits for its lock, and tells nobody.
pub(super) fn unsee(page: &Page) {
    let (last, shown) = BEFORE.get();
    LAST.set(last);
    page.unsee(shown);
}

/// Looks at the clock, which moves by the CPU time that was used since the last look or jump, if that was much.
fn look(page: &Page) -> u64 {
    let now = real::nanoseconds();
    let last = LAST.get();
    match last {
        // The system call for CPU time is left out where there cannot have been that much.
        Some((time, used)) if now.saturating_sub(time) <= NOTICED => LAST.set(Some((now, used))),
        Some((time, used)) => {
            let cpu = real::cpu_nanoseconds();
            let used = cpu.saturating_sub(used.max(TOLD.load(SeqCst))).min(now - time);
            if used > NOTICED {
                let counted = used / COARSE * COARSE;
                TOLD.store(cpu, SeqCst);
                page.counted.fetch_add(counted, SeqCst);
                page.advance(counted);
            }
            LAST.set(Some((now, cpu)));
        }
        None => LAST.set(Some((now, real::cpu_nanoseconds()))),
    }
    let shown = page.look();
    BEFORE.set((last, shown));
    shown
}

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    let Some(page) = page() else {
        // SAFETY: as the caller has it.
        return unsafe { real::clock_gettime(clock, time) };
    };
    match page.base(clock) {
        Some(base) if !time.is_null() => {
            // SAFETY: where the caller wants it, and not null.
            unsafe { *time = real::timespec_of(base.saturating_add(look(page))) };
            0
        }
        Some(_) => fail(libc::EFAULT),
        // SAFETY: as the caller has it.
        None => unsafe { real::clock_gettime(clock, time) },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn gettimeofday(time: *mut timeval, zone: *mut c_void) -> c_int {
    let Some(page) = page() else {
        // SAFETY: as the caller has it.
        return unsafe { real::gettimeofday(time, zone) };
    };
    if !time.is_null() {
        let now = real::timespec_of(since_epoch(page));
        // SAFETY: where the caller wants it, and not null.
        unsafe { *time = timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000 } };
    }
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn time(result: *mut time_t) -> time_t {
    let now = page().map_or_else(|| real::clock(libc::CLOCK_REALTIME), since_epoch);
    let seconds = real::timespec_of(now).tv_sec;
    if !result.is_null() {
        // SAFETY: where the caller wants it, and not null.
        unsafe { *result = seconds };
    }
    seconds
}

/// `TIME_UTC` is the only base there is (ISO C11, 7.27.2.5).
#[unsafe(no_mangle)]
unsafe extern "C" fn timespec_get(time: *mut timespec, base: c_int) -> c_int {
    const TIME_UTC: c_int = 1;
    if base != TIME_UTC {
        return 0;
    }
    // SAFETY: as the caller has it.
    if unsafe { clock_gettime(libc::CLOCK_REALTIME, time) } == 0 { base } else { 0 }
}

fn since_epoch(page: &Page) -> u64 {
    page.start.load(SeqCst).saturating_add(look(page))
}
