//! Functions of libc that read a clock or wait for one, under libc's own names.
//!
//! The executable exports them, so that libpython and every extension module call them instead of libc's. Outside a
//! session on the virtual clock each passes its arguments on. The manual page of its name documents each.

mod condition;
mod descriptor;
mod handler;
mod process;
mod read;
mod semaphore;
mod signal;
mod sleep;
mod socket;
mod timer;

use std::ffi::c_int;

pub(super) use self::handler::{count_handlers, handled};
pub(super) use self::read::{COARSE, NOTICED, forget_last, forgive};
pub(super) use self::signal::{WAKING, handle_waking};
use crate::clock::page::Page;
use crate::clock::real;

/// Keeps the linker from leaving them out: nothing of ours calls most of them.
pub(super) fn keep() {
    std::hint::black_box([
        condition::FUNCTIONS.as_slice(),
        descriptor::FUNCTIONS.as_slice(),
        handler::FUNCTIONS.as_slice(),
        process::FUNCTIONS.as_slice(),
        read::FUNCTIONS.as_slice(),
        semaphore::FUNCTIONS.as_slice(),
        signal::FUNCTIONS.as_slice(),
        sleep::FUNCTIONS.as_slice(),
        socket::FUNCTIONS.as_slice(),
        timer::FUNCTIONS.as_slice(),
    ]);
}

/// The address of an exported function.
struct Exported(#[expect(dead_code, reason = "it is there to be linked")] *const ());

// SAFETY: an address of code, which nobody writes to.
unsafe impl Sync for Exported {}

fn fail(error: c_int) -> c_int {
    real::set_errno(error);
    -1
}

/// A deadline for an absolute time on a clock. One before the start is over.
fn deadline(base: u64, time: &libc::timespec) -> Option<u64> {
    if time.tv_sec < 0 {
        return Some(0);
    }
    real::nanoseconds_of(time).map(|time| time.saturating_sub(base))
}

/// A deadline for a time from now on.
fn after(page: &Page, time: &libc::timespec) -> Option<u64> {
    real::nanoseconds_of(time).map(|time| page.now().saturating_add(time))
}
