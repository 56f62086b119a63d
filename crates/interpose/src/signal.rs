//! Waits for signals.

use std::ffi::c_int;

use libc::{siginfo_t, sigset_t, timespec};

use crate::deadline::after;
use crate::declare::interpose;
use crate::descriptor::time;
use crate::errno::fail;
use snipcheck_clock::wait::{Answer, Delivery, wait};
use snipcheck_clock::{page, real};

interpose!(
    fn sigtimedwait(set: *const sigset_t, info: *mut siginfo_t, timeout: *const timespec) -> c_int {
        // SAFETY: null, or the caller's to read.
        let wanted = unsafe { timeout.as_ref() };
        let Some((page, deadline)) = page().and_then(|page| Some((page, after(page, wanted?)?))) else {
            return sigtimedwait::original(set, info, timeout);
        };
        let attempt = |patience| match sigtimedwait::original(set, info, time(patience)) {
            -1 if real::errno() == libc::EAGAIN => Answer::NotYet,
            -1 if real::errno() == libc::EINTR => Answer::Interrupted,
            answer => Answer::Done(answer),
        };
        match wait(page, deadline, || Delivery::Immediate, attempt) {
            Answer::Done(answer) => answer,
            Answer::NotYet => fail(libc::EAGAIN),
            Answer::Interrupted => fail(libc::EINTR),
        }
    }
);
