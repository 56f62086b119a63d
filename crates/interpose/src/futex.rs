//! `futex(2)` by `syscall(2)`, as Rust and C++ wait.

use std::ffi::{c_int, c_long};

use libc::timespec;

use crate::deadline::{after, deadline};
use crate::declare::interpose;
use crate::errno::fail;
use snipcheck_clock::page::Page;
use snipcheck_clock::wait::{Answer, Delivery, Patience, wait};
use snipcheck_clock::{page, real};

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

interpose!(
    fn syscall(
        number: c_long,
        first: c_long,
        second: c_long,
        third: c_long,
        fourth: c_long,
        fifth: c_long,
        sixth: c_long,
    ) -> c_long {
        let Some(FutexWait { page, deadline }) = FutexWait::new(number, second, fourth) else {
            return syscall::original(number, first, second, third, fourth, fifth, sixth);
        };
        let attempt = |patience| match patience {
            // A wake is nothing that stays.
            Patience::Glance => Answer::NotYet,
            Patience::Block => match syscall::original(number, first, second, third, 0, fifth, sixth) {
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
);
