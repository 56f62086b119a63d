//! How the threads of a session's processes tell where they stand, and stay there.

use std::ffi::c_int;
use std::os::fd::{IntoRawFd, OwnedFd};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet};
use pyo3::prelude::*;

use crate::sandbox::STACKS_SIGNAL;
use crate::worker::harness::Harness;

/// From here on this process and its forks answer [`STACKS_SIGNAL`] with their stacks.
///
/// The signal is sent to who is given up. It ends what its thread waits for (`EINTR`, signal(7)), so the thread must not
/// come back from it: a snippet that waits for ever would go on.
pub(super) fn tell(py: Python<'_>, harness: &Harness, pipe: OwnedFd) -> PyResult<()> {
    let action = SigAction::new(SigHandler::Handler(stay), SaFlags::empty(), SigSet::empty());
    let mut action = libc::sigaction::from(action);
    // SAFETY: the handler does nothing but wait; what was there before is not wanted. A real-time signal has no name in
    // `nix`.
    let answer = unsafe { libc::sigaction(STACKS_SIGNAL, &raw mut action, std::ptr::null_mut()) };
    Errno::result(answer).map_err(std::io::Error::from)?;
    harness.call(py, "tell_stacks", (STACKS_SIGNAL, pipe.into_raw_fd())).map(drop)
}

/// Runs after `faulthandler`, which is told to pass the signal on.
extern "C" fn stay(_signal: c_int) {
    loop {
        // SAFETY: waits for a signal, and for the next.
        unsafe { libc::pause() };
    }
}
