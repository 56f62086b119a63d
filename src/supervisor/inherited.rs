//! What a caller hands down to its children, where the supervisor needs something else.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, Signal, signal};

/// A caller that ignores SIGCHLD passes that on to us and to lanes, none of whose children could be waited for then
/// (wait(2)): neither a session nor an interpreter that is asked what it is.
pub(crate) fn restore_child_signals() {
    // SAFETY: the default action runs no code of ours. It can only fail for signals that cannot be caught.
    let _ = unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl) };
}

/// As many descriptors as the caller may have. The kernel holds against this limit, too, how many descriptors of the same
/// user are under way in sockets, whoever sends them (`too_many_unix_fds` in the kernel).
pub(super) fn raise_descriptors() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // With less than that, fewer lanes find room.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}
