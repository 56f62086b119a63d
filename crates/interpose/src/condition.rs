//! Waits of threads that no signal interrupts: conditions, mutexes, joins, semaphores of System V, message queues.
//!
//! They look at the page every [`SLICE`](snipcheck_clock::wait::SLICE) of real time. CPython waits like this for nothing
//! but its lock, whose waits stay real and ask for it late: threads switch where they block.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::atomic::Ordering::SeqCst;

use libc::{clockid_t, pthread_cond_t, pthread_mutex_t, pthread_t, sembuf, timespec};

use crate::deadline::{after, deadline};
use crate::declare::interpose;
use crate::errno::fail;
use snipcheck_clock::cpu_time::unsee;
use snipcheck_clock::page::{NEVER, Page, SECOND, Wake, owner};
use snipcheck_clock::wait::{Answer, SLICE, look_on};
use snipcheck_clock::{gil, page, real};

/// CPU time that a thread may hold CPython's lock while others wait for it. `sys.getswitchinterval` says 5 ms.
const TURN: u64 = SECOND / 5;
/// How often a waiter for it looks how much that is, in real time.
const LOOK_AT_TURN: u64 = SECOND / 50;

thread_local! {
    /// CPU time of the process when this thread began to wait for CPython's lock.
    static TURN_SINCE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// An absolute real time, a slice from now.
fn slice(clock: clockid_t) -> timespec {
    real::timespec_of(real::clock(clock) + SLICE)
}

/// For functions that return their error.
fn number(page: &Page, until: Option<u64>, attempt: impl Fn() -> c_int) -> c_int {
    let Some(deadline) = until else { return libc::EINVAL };
    let answer = look_on(page, deadline, || match attempt() {
        libc::ETIMEDOUT => Answer::NotYet,
        answer => Answer::Done(answer),
    });
    match answer {
        Answer::Done(answer) => answer,
        Answer::NotYet | Answer::Interrupted => libc::ETIMEDOUT,
    }
}

interpose!(
    fn pthread_cond_timedwait(
        condition: *mut pthread_cond_t,
        mutex: *mut pthread_mutex_t,
        time: *const timespec,
    ) -> c_int {
        let Some(page) = page() else {
            return pthread_cond_timedwait::original(condition, mutex, time);
        };
        if gil::is(condition) {
            return wait_for_turn(page, condition, mutex);
        }
        // SAFETY: the caller's to read. Which clock the condition has is its secret.
        let time = unsafe { &*time };
        let base = real::nanoseconds_of(time).map_or(0, |time| page.likely_base(time));
        slice_of_condition(page, deadline(base, time), || {
            pthread_cond_clockwait::original(
                condition,
                mutex,
                libc::CLOCK_MONOTONIC,
                &slice(libc::CLOCK_MONOTONIC),
            )
        })
    }
);

interpose!(
    fn pthread_cond_clockwait(
        condition: *mut pthread_cond_t,
        mutex: *mut pthread_mutex_t,
        clock: clockid_t,
        time: *const timespec,
    ) -> c_int {
        let Some((page, base)) = page().and_then(|page| Some((page, page.base(clock)?))) else {
            return pthread_cond_clockwait::original(condition, mutex, clock, time);
        };
        // SAFETY: the caller's to read.
        slice_of_condition(page, deadline(base, unsafe { &*time }), || {
            pthread_cond_clockwait::original(condition, mutex, clock, &slice(clock))
        })
    }
);

/// Waits for a slice at a condition. What it says may have been said between two slices: at the end of each the caller,
/// who has to expect to be woken for nothing, looks for itself.
fn slice_of_condition(page: &Page, until: Option<u64>, attempt: impl Fn() -> c_int) -> c_int {
    let Some(deadline) = until else { return libc::EINVAL };
    page.uses.fetch_add(1, SeqCst);
    let slot = page.register(owner(), deadline, Wake::Itself);
    page.tell_keeper();
    let answer = attempt();
    let reached = page.reached(deadline);
    if let Some(slot) = slot {
        slot.free();
    }
    if answer == libc::ETIMEDOUT && !reached { 0 } else { answer }
}

/// Waits for CPython's lock. Until whoever holds it has had a turn, the caller is woken for nothing.
fn wait_for_turn(page: &Page, condition: *mut pthread_cond_t, mutex: *mut pthread_mutex_t) -> c_int {
    unsee(page);
    let now = real::cpu_nanoseconds();
    // A copy of the process begins anew.
    let started = TURN_SINCE.get().map_or(now, |started| started.min(now));
    // Known to the keeper as one that the kernel may wake, and who does nothing for it.
    let slot = page.register(owner(), NEVER, Wake::Itself);
    let until = real::timespec_of(real::nanoseconds() + LOOK_AT_TURN);
    let answer = pthread_cond_clockwait::original(condition, mutex, libc::CLOCK_MONOTONIC, &raw const until);
    if let Some(slot) = slot {
        slot.free();
    }
    let early = answer == libc::ETIMEDOUT && real::cpu_nanoseconds().saturating_sub(started) < TURN;
    TURN_SINCE.set(early.then_some(started));
    if early { 0 } else { answer }
}

interpose!(
    fn pthread_mutex_timedlock(mutex: *mut pthread_mutex_t, time: *const timespec) -> c_int {
        pthread_mutex_clocklock(mutex, libc::CLOCK_REALTIME, time)
    }
);

interpose!(
    fn pthread_mutex_clocklock(
        mutex: *mut pthread_mutex_t,
        clock: clockid_t,
        time: *const timespec,
    ) -> c_int {
        let Some((page, base)) = page().and_then(|page| Some((page, page.base(clock)?))) else {
            if clock == libc::CLOCK_REALTIME {
                return pthread_mutex_timedlock::original(mutex, time);
            }
            return pthread_mutex_clocklock::original(mutex, clock, time);
        };
        // SAFETY: the caller's to read.
        number(page, deadline(base, unsafe { &*time }), || {
            pthread_mutex_clocklock::original(mutex, clock, &slice(clock))
        })
    }
);

interpose!(
    fn pthread_timedjoin_np(thread: pthread_t, value: *mut *mut c_void, time: *const timespec) -> c_int {
        if page().is_none() || time.is_null() {
            return pthread_timedjoin_np::original(thread, value, time);
        }
        pthread_clockjoin_np(thread, value, libc::CLOCK_REALTIME, time)
    }
);

interpose!(
    fn pthread_clockjoin_np(
        thread: pthread_t,
        value: *mut *mut c_void,
        clock: clockid_t,
        time: *const timespec,
    ) -> c_int {
        // SAFETY: null, or the caller's to read.
        let wanted = unsafe { time.as_ref() };
        let Some((page, base, time)) = page().and_then(|page| Some((page, page.base(clock)?, wanted?)))
        else {
            return pthread_clockjoin_np::original(thread, value, clock, time);
        };
        number(page, deadline(base, time), || {
            pthread_clockjoin_np::original(thread, value, clock, &slice(clock))
        })
    }
);

/// For functions that set `errno`.
fn result<T>(page: &Page, until: Option<u64>, failed: T, attempt: impl Fn() -> T) -> T
where
    T: Copy + PartialEq,
{
    let Some(deadline) = until else {
        fail(libc::EINVAL);
        return failed;
    };
    let answer = look_on(page, deadline, || match attempt() {
        answer if answer == failed && matches!(real::errno(), libc::EAGAIN | libc::ETIMEDOUT) => {
            Answer::NotYet
        }
        answer => Answer::Done(answer),
    });
    match answer {
        Answer::Done(answer) => answer,
        Answer::NotYet | Answer::Interrupted => failed,
    }
}

interpose!(
    fn semtimedop(set: c_int, operations: *mut sembuf, number: usize, timeout: *const timespec) -> c_int {
        // SAFETY: null, or the caller's to read.
        let wanted = unsafe { timeout.as_ref() };
        let (Some(page), Some(time)) = (page(), wanted) else {
            return semtimedop::original(set, operations, number, timeout);
        };
        let nap = real::timespec_of(SLICE);
        result(page, after(page, time), -1, || semtimedop::original(set, operations, number, &raw const nap))
    }
);

interpose!(
    fn mq_timedsend(
        queue: c_int,
        message: *const c_char,
        length: usize,
        priority: c_uint,
        time: *const timespec,
    ) -> c_int {
        // SAFETY: null, or the caller's to read.
        let Some((page, base, wanted)) = queued(unsafe { time.as_ref() }) else {
            return mq_timedsend::original(queue, message, length, priority, time);
        };
        result(page, deadline(base, wanted), -1, || {
            mq_timedsend::original(queue, message, length, priority, &slice(libc::CLOCK_REALTIME))
        })
    }
);

interpose!(
    fn mq_timedreceive(
        queue: c_int,
        message: *mut c_char,
        length: usize,
        priority: *mut c_uint,
        time: *const timespec,
    ) -> isize {
        // SAFETY: null, or the caller's to read.
        let Some((page, base, wanted)) = queued(unsafe { time.as_ref() }) else {
            return mq_timedreceive::original(queue, message, length, priority, time);
        };
        result(page, deadline(base, wanted), -1, || {
            mq_timedreceive::original(queue, message, length, priority, &slice(libc::CLOCK_REALTIME))
        })
    }
);

/// A wait at a message queue, whose deadlines are times of day.
fn queued(time: Option<&timespec>) -> Option<(&'static Page, u64, &timespec)> {
    let page = page()?;
    Some((page, page.base(libc::CLOCK_REALTIME)?, time?))
}
