//! Timers that send signals, and those of the kernel, which make time real.

use std::ffi::{c_int, c_uint};
use std::sync::atomic::Ordering::SeqCst;

use libc::{itimerspec, itimerval, timeval};

use crate::deadline::timeval_of;
use crate::declare::interpose;
use crate::errno::fail;
use snipcheck_clock::page;
use snipcheck_clock::page::{Page, SECOND, Slot, Wake};

/// The alarm of this process, of which there is one of each kind: of `setitimer(2)`, of `timer_create(2)`.
fn own(page: &Page, kind: Wake) -> Option<&Slot> {
    page.pending().find(|slot| slot.owner.load(SeqCst) == owner() && slot.wake() == Some(kind))
}

fn owner() -> u64 {
    u64::from(std::process::id()) << 32
}

/// Time until the alarm, and its interval; both 0 without one.
pub(super) fn setting(page: &Page, kind: Wake) -> (u64, u64) {
    own(page, kind).map_or((0, 0), |slot| {
        let left = slot.deadline.load(SeqCst).saturating_sub(page.now());
        (left.max(1000), slot.interval.load(SeqCst))
    })
}

/// Returns whether there was room: without it the kernel has to count.
pub(super) fn set(page: &Page, kind: Wake, time: u64, interval: u64) -> bool {
    page.uses.fetch_add(1, SeqCst);
    if let Some(slot) = own(page, kind) {
        slot.free();
    }
    if time == 0 {
        return true;
    }
    let slot = page.register(owner(), page.now().saturating_add(time), kind);
    match slot {
        Some(slot) => slot.interval.store(interval, SeqCst),
        None => page.kernel_timers.store(1, SeqCst),
    }
    page.tell_keeper();
    slot.is_some()
}

interpose!(
    fn alarm(seconds: c_uint) -> c_uint {
        let Some(page) = page() else {
            return alarm::original(seconds);
        };
        let (left, _) = setting(page, Wake::Alarm);
        if !set(page, Wake::Alarm, u64::from(seconds) * SECOND, 0) {
            return alarm::original(seconds);
        }
        // The nearest second, but never none where there is something left (`alarm_setitimer` in the kernel).
        let rounded = ((left + SECOND / 2) / SECOND).max(u64::from(left > 0));
        c_uint::try_from(rounded).unwrap_or(c_uint::MAX)
    }
);

fn nanoseconds(time: timeval) -> Option<u64> {
    let fraction = u64::try_from(time.tv_usec).ok().filter(|fraction| *fraction < 1_000_000)?;
    Some(u64::try_from(time.tv_sec).ok()?.saturating_mul(SECOND).saturating_add(fraction * 1000))
}

fn tell(page: &Page, place: *mut itimerval) {
    let (left, interval) = setting(page, Wake::Alarm);
    if !place.is_null() {
        // SAFETY: where the caller wants it, and not null.
        unsafe { *place = itimerval { it_interval: timeval_of(interval), it_value: timeval_of(left) } };
    }
}

interpose!(
    fn setitimer(which: c_int, new: *const itimerval, old: *mut itimerval) -> c_int {
        let (Some(page), libc::ITIMER_REAL) = (page(), which) else {
            return setitimer::original(which, new, old);
        };
        // SAFETY: null, or the caller's to read.
        let new = unsafe { new.as_ref() };
        let times =
            new.map_or(Some((0, 0)), |new| Some((nanoseconds(new.it_value)?, nanoseconds(new.it_interval)?)));
        let Some((time, interval)) = times else { return fail(libc::EINVAL) };
        tell(page, old);
        if !set(page, Wake::Alarm, time, interval) {
            return new.map_or(0, |new| setitimer::original(which, new, std::ptr::null_mut()));
        }
        0
    }
);

interpose!(
    fn getitimer(which: c_int, place: *mut itimerval) -> c_int {
        let (Some(page), libc::ITIMER_REAL) = (page(), which) else {
            return getitimer::original(which, place);
        };
        tell(page, place);
        0
    }
);

/// From here on time is real: nobody but the kernel knows when it fires.
pub(super) fn note_timer(new: *const itimerspec) {
    // SAFETY: null, or the caller's to read.
    if let (Some(page), Some(new)) = (page(), unsafe { new.as_ref() })
        && (new.it_value.tv_sec, new.it_value.tv_nsec) != (0, 0)
    {
        page.kernel_timers.store(1, SeqCst);
        page.tell_keeper();
    }
}

interpose!(
    fn timerfd_settime(timer: c_int, flags: c_int, new: *const itimerspec, old: *mut itimerspec) -> c_int {
        note_timer(new);
        timerfd_settime::original(timer, flags, new, old)
    }
);
