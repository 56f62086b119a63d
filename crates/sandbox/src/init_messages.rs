//! Messages of a session's init to the supervisor, and the end of its process.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;

use crate::error::SandboxError;
use crate::session_plan::SessionPlan;
use snipcheck_wire::{LaneReply, Reply, encode};

/// Tells the supervisor which process a session's init is.
pub(super) fn announce(plan: &SessionPlan<'_>) {
    let pid = std::process::id().cast_signed();
    if let Ok(frame) = encode(&[], &LaneReply::Started { pid }) {
        // A supervisor that is gone is noticed by other means.
        let _ = nix::unistd::write(plan.socket, &frame);
    }
}

pub(super) fn refused(error: &SandboxError) -> Reply {
    Reply::Refused { step: error.to_string(), error: error.source.to_string() }
}

/// Tells the supervisor how a session goes on, with the token that no snippet knows.
pub(super) fn report(plan: &SessionPlan<'_>, status: &OwnedFd, reply: &Reply) {
    if let Ok(frame) = encode(&plan.token, reply)
        && let Ok(copy) = status.try_clone()
    {
        // The write fails if the supervisor is gone, and then no process is left to read it.
        let _ = File::from(copy).write_all(&frame);
    }
}

/// Ends this process without running exit handlers of the interpreter whose memory it uses.
pub(super) fn exit(code: i32) -> ! {
    // SAFETY: _exit(2) takes any code and does not return.
    unsafe { libc::_exit(code) }
}
