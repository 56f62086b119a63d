//! Semaphores: locks, events, queues and joins of CPython, and those of `multiprocessing`.

use std::ffi::c_int;

use libc::{clockid_t, sem_t, timespec};

use crate::clock::page::Page;
use crate::clock::wait::{Answer, Delivery, Patience, wait};
use crate::clock::{page, real};
use crate::interpose::deadline::deadline;
use crate::interpose::errno::fail;
use crate::interpose::exported::Exported;

pub(super) static FUNCTIONS: [Exported; 2] =
    [Exported(sem_timedwait as *const ()), Exported(sem_clockwait as *const ())];

#[unsafe(no_mangle)]
unsafe extern "C" fn sem_timedwait(semaphore: *mut sem_t, time: *const timespec) -> c_int {
    let Some(page) = page() else {
        // SAFETY: as the caller has it.
        return unsafe { real::sem_timedwait(semaphore, time) };
    };
    // SAFETY: as the caller has it.
    unsafe { wait_until(page, semaphore, libc::CLOCK_REALTIME, time) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sem_clockwait(semaphore: *mut sem_t, clock: clockid_t, time: *const timespec) -> c_int {
    let Some(page) = page() else {
        // SAFETY: as the caller has it.
        return unsafe { real::sem_clockwait(semaphore, clock, time) };
    };
    // SAFETY: as the caller has it.
    unsafe { wait_until(page, semaphore, clock, time) }
}

unsafe fn wait_until(page: &Page, semaphore: *mut sem_t, clock: clockid_t, time: *const timespec) -> c_int {
    // SAFETY: as the caller has it.
    if unsafe { real::sem_trywait(semaphore) } == 0 {
        return 0;
    }
    // SAFETY: the caller's to read.
    let deadline = page.base(clock).and_then(|base| deadline(base, unsafe { &*time }));
    let Some(deadline) = deadline else { return fail(libc::EINVAL) };
    let far = real::timespec_of(real::FAR);
    let attempt = |patience| {
        let answer = match patience {
            // SAFETY: as the caller has it.
            Patience::Glance => unsafe { real::sem_trywait(semaphore) },
            // SAFETY: as the caller has it.
            Patience::Block => unsafe {
                real::sem_clockwait(semaphore, libc::CLOCK_MONOTONIC, &raw const far)
            },
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
