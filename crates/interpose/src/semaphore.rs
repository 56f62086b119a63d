//! Semaphores: locks, events, queues and joins of CPython, and those of `multiprocessing`.

use std::ffi::c_int;

use libc::{clockid_t, sem_t, timespec};

use crate::deadline::deadline;
use crate::declare::interpose;
use crate::errno::fail;
use snipcheck_clock::page::Page;
use snipcheck_clock::wait::{Answer, Delivery, Patience, wait};
use snipcheck_clock::{page, real};

interpose!(
    fn sem_timedwait(semaphore: *mut sem_t, time: *const timespec) -> c_int {
        let Some(page) = page() else {
            return sem_timedwait::original(semaphore, time);
        };
        wait_until(page, semaphore, libc::CLOCK_REALTIME, time)
    }
);

interpose!(
    fn sem_clockwait(semaphore: *mut sem_t, clock: clockid_t, time: *const timespec) -> c_int {
        let Some(page) = page() else {
            return sem_clockwait::original(semaphore, clock, time);
        };
        wait_until(page, semaphore, clock, time)
    }
);

fn wait_until(page: &Page, semaphore: *mut sem_t, clock: clockid_t, time: *const timespec) -> c_int {
    // SAFETY: the semaphore is the caller's.
    let take = || unsafe { libc::sem_trywait(semaphore) };
    if take() == 0 {
        return 0;
    }
    // SAFETY: the caller's to read.
    let deadline = page.base(clock).and_then(|base| deadline(base, unsafe { &*time }));
    let Some(deadline) = deadline else { return fail(libc::EINVAL) };
    let far = real::timespec_of(real::FAR);
    let attempt = |patience| {
        let answer = match patience {
            Patience::Glance => take(),
            Patience::Block => sem_clockwait::original(semaphore, libc::CLOCK_MONOTONIC, &raw const far),
        };
        match (answer, patience) {
            (0, _) => Answer::Done(()),
            (_, Patience::Glance) => Answer::NotYet,
            (_, Patience::Block) => Answer::Interrupted,
        }
    };
    match wait(page, deadline, || Delivery::Immediate, attempt) {
        Answer::Done(()) => 0,
        Answer::NotYet => fail(libc::ETIMEDOUT),
        Answer::Interrupted => fail(libc::EINTR),
    }
}
