//! Timers of `timer_create(2)`. One of a process that sends SIGALRM, as `timeout` and `flock` have it, is on the clock of
//! the session; any other is the kernel's and makes time real.

use std::ffi::{c_int, c_void};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use libc::{clockid_t, itimerspec, sigevent};

use crate::deadline::deadline;
use crate::declare::interpose;
use crate::errno::fail;
use crate::timer::{note_timer, set, setting};
use snipcheck_clock::page::{Page, Wake};
use snipcheck_clock::{page, real};

/// The timer of this process that is on the clock, and what time was on its clock when the session began.
static ALARM: Alarm = Alarm { process: AtomicU64::new(0), timer: AtomicU64::new(0), base: AtomicU64::new(0) };

struct Alarm {
    /// A child inherits this place, and no timer.
    process: AtomicU64,
    timer: AtomicU64,
    base: AtomicU64,
}

impl Alarm {
    fn is(&self, timer: *mut c_void) -> bool {
        self.is_taken() && self.timer.load(SeqCst) == address(timer)
    }

    fn is_taken(&self) -> bool {
        self.process.load(SeqCst) == u64::from(std::process::id())
    }
}

/// Timers are numbers or addresses, and only compared.
fn address(timer: *mut c_void) -> u64 {
    timer.addr() as u64
}

interpose!(
    fn timer_create(clock: clockid_t, event: *mut sigevent, place: *mut *mut c_void) -> c_int {
        let failed = timer_create::original(clock, event, place);
        let Some(page) = page().filter(|_| failed == 0) else { return failed };

        // SAFETY: null, or the caller's to read; without one the timer sends SIGALRM.
        let sends_alarm = unsafe { event.as_ref() }.is_none_or(|event| {
            event.sigev_notify == libc::SIGEV_SIGNAL && event.sigev_signo == libc::SIGALRM
        });
        if let Some(base) = page.base(clock)
            && sends_alarm
            && !ALARM.is_taken()
        {
            // SAFETY: libc has just written the timer there.
            ALARM.timer.store(address(unsafe { *place }), SeqCst);
            ALARM.base.store(base, SeqCst);
            ALARM.process.store(u64::from(std::process::id()), SeqCst);
        }
        0
    }
);

interpose!(
    fn timer_settime(
        timer: *mut c_void,
        flags: c_int,
        new: *const itimerspec,
        old: *mut itimerspec,
    ) -> c_int {
        // SAFETY: null, or the caller's to read.
        let (Some(page), true, Some(times)) = (page(), ALARM.is(timer), unsafe { new.as_ref() }) else {
            note_timer(new);
            return timer_settime::original(timer, flags, new, old);
        };
        let (Some(value), Some(interval)) =
            (real::nanoseconds_of(&times.it_value), real::nanoseconds_of(&times.it_interval))
        else {
            return fail(libc::EINVAL);
        };

        let is_absolute = flags & libc::TIMER_ABSTIME != 0;
        let time = match deadline(ALARM.base.load(SeqCst), &times.it_value) {
            // One that is over rings at once.
            Some(deadline) if is_absolute && value != 0 => deadline.saturating_sub(page.now()).max(1),
            _ => value,
        };
        tell(page, old);
        if !set(page, Wake::Timer, time, interval) {
            return timer_settime::original(timer, flags, new, std::ptr::null_mut());
        }
        0
    }
);

interpose!(
    fn timer_gettime(timer: *mut c_void, place: *mut itimerspec) -> c_int {
        match page() {
            Some(page) if ALARM.is(timer) => {
                tell(page, place);
                0
            }
            _ => timer_gettime::original(timer, place),
        }
    }
);

interpose!(
    fn timer_delete(timer: *mut c_void) -> c_int {
        if let Some(page) = page()
            && ALARM.is(timer)
        {
            set(page, Wake::Timer, 0, 0);
            ALARM.process.store(0, SeqCst);
        }
        timer_delete::original(timer)
    }
);

fn tell(page: &Page, place: *mut itimerspec) {
    let (left, interval) = setting(page, Wake::Timer);
    if !place.is_null() {
        // SAFETY: where the caller wants it, and not null.
        unsafe {
            *place =
                itimerspec { it_interval: real::timespec_of(interval), it_value: real::timespec_of(left) };
        }
    }
}
