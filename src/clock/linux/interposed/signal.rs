//! Waits for signals, and `futex(2)` by `syscall(2)`, as Rust and C++ have it.

use std::ffi::{c_int, c_long};
use std::ptr;

use libc::{siginfo_t, sigset_t, timespec};

use super::{Exported, after, deadline, fail};
use crate::clock::linux::page::Page;
use crate::clock::linux::wait::{Answer, Delivery, Patience, wait};
use crate::clock::linux::{page, real};

pub(super) static FUNCTIONS: [Exported; 2] =
    [Exported(sigtimedwait as *const ()), Exported(syscall as *const ())];

#[unsafe(no_mangle)]
unsafe extern "C" fn sigtimedwait(
    set: *const sigset_t,
    info: *mut siginfo_t,
    timeout: *const timespec,
) -> c_int {
    // SAFETY: null, or the caller's to read.
    let wanted = unsafe { timeout.as_ref() };
    let Some((page, deadline)) = page().and_then(|page| Some((page, after(page, wanted?)?))) else {
        // SAFETY: as the caller has it.
        return unsafe { real::sigtimedwait(set, info, timeout) };
    };
    let none = timespec { tv_sec: 0, tv_nsec: 0 };
    let attempt = |patience| {
        let timeout = match patience {
            Patience::Glance => &raw const none,
            Patience::Block => ptr::null(),
        };
        // SAFETY: as the caller has it.
        match unsafe { real::sigtimedwait(set, info, timeout) } {
            -1 if real::errno() == libc::EAGAIN => Answer::NotYet,
            -1 if real::errno() == libc::EINTR => Answer::Interrupted,
            answer => Answer::Done(answer),
        }
    };
    match wait(page, deadline, || Delivery::Immediate, attempt) {
        Answer::Done(answer) => answer,
        Answer::NotYet => fail(libc::EAGAIN),
        Answer::Interrupted => fail(libc::EINTR),
    }
}

/// The words of a `futex(2)` that waits with a timeout.
struct FutexWait {
    page: &'static Page,
    deadline: u64,
}

impl FutexWait {
    fn new(number: c_long, operation: c_long, timeout: c_long) -> Option<Self> {
        let page = page()?;
        if number != libc::SYS_futex || timeout == 0 {
            return None;
        }
        let operation = c_int::try_from(operation).ok()?;
        // SAFETY: for the operations below, a time that is the caller's to read.
        let time = || unsafe { &*(timeout as *const timespec) };
        let deadline = match operation & libc::FUTEX_CMD_MASK {
            libc::FUTEX_WAIT => after(page, time())?,
            libc::FUTEX_WAIT_BITSET if operation & libc::FUTEX_CLOCK_REALTIME != 0 => {
                deadline(page.base(libc::CLOCK_REALTIME)?, time())?
            }
            libc::FUTEX_WAIT_BITSET => deadline(page.base(libc::CLOCK_MONOTONIC)?, time())?,
            _ => return None,
        };
        Some(Self { page, deadline })
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn syscall(
    number: c_long,
    first: c_long,
    second: c_long,
    third: c_long,
    fourth: c_long,
    fifth: c_long,
    sixth: c_long,
) -> c_long {
    let Some(FutexWait { page, deadline }) = FutexWait::new(number, second, fourth) else {
        // SAFETY: as the caller has it.
        return unsafe { real::syscall(number, first, second, third, fourth, fifth, sixth) };
    };
    let attempt = |patience| match patience {
        // A wake is nothing that stays.
        Patience::Glance => Answer::NotYet,
        // SAFETY: as the caller has it.
        Patience::Block => match unsafe { real::syscall(number, first, second, third, 0, fifth, sixth) } {
            -1 if real::errno() == libc::EINTR => Answer::Interrupted,
            answer => Answer::Done(answer),
        },
    };
    match wait(page, deadline, || Delivery::Immediate, attempt) {
        Answer::Done(answer) => answer,
        Answer::NotYet => c_long::from(fail(libc::ETIMEDOUT)),
        Answer::Interrupted => c_long::from(fail(libc::EINTR)),
    }
}
