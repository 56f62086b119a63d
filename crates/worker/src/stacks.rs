//! How the threads of a session's processes write down where they stand, and stay there.

use std::ffi::c_int;
use std::os::fd::{IntoRawFd, OwnedFd};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet};
use pyo3::prelude::*;

use crate::harness::Harness;
use snipcheck_sandbox::STACKS_SIGNAL;

/// From here on this process and its forks answer [`STACKS_SIGNAL`] with their stacks.
///
/// The signal goes to processes of a session that has been given up. It ends what a thread waits for (`EINTR`, signal(7)),
/// so that its handler must not return: a snippet that would have waited for ever would go on.
pub(super) fn tell(py: Python<'_>, harness: &Harness, pipe: OwnedFd) -> PyResult<()> {
    let action = SigAction::new(SigHandler::Handler(stay), SaFlags::empty(), SigSet::empty());
    let mut action = libc::sigaction::from(action);

    // A real-time signal has no name in `nix`.
    // SAFETY: the action is complete, its handler only calls pause(2), and the old action is not asked for.
    let answer = unsafe { libc::sigaction(STACKS_SIGNAL, &raw mut action, std::ptr::null_mut()) };
    Errno::result(answer).map_err(std::io::Error::from)?;
    harness.call(py, "tell_stacks", (STACKS_SIGNAL, pipe.into_raw_fd())).map(drop)
}

/// Runs after `faulthandler`, which is told to pass the signal on.
extern "C" fn stay(_signal: c_int) {
    loop {
        // SAFETY: pause(2) takes nothing; it returns after a signal, and is then called again.
        unsafe { libc::pause() };
    }
}
