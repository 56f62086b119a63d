//! What a session without a sandbox gives up: the caller's terminal, and files and descriptors above its limits.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::setsid;

use crate::error::{SandboxError, StepContext};
use snipcheck_model::policy::{Limits, Tier};

/// Descriptors on top of the limit, for the report of a snippet that has used up all of its own.
const RESERVE: u64 = 16;

/// Makes this process the leader of a new session: it has no controlling terminal, Ctrl-C at the user's terminal does
/// not reach it, and its process group has its own number.
pub(super) fn leave_terminal() -> Result<(), SandboxError> {
    setsid().map(drop).step("leave the terminal")
}

/// Limits each process of a session by itself.
pub(super) fn limit(limits: &Limits) -> Result<(), SandboxError> {
    let table = [
        (Resource::RLIMIT_CORE, 0, 0),
        (Resource::RLIMIT_FSIZE, limits.disk, 0),
        (Resource::RLIMIT_NOFILE, limits.descriptors, RESERVE),
    ];

    for (resource, limit, reserve) in table {
        // A caller with less gives less.
        let (_, hard) = getrlimit(resource).step_with(|| format!("read {resource:?}"))?;
        let hard = hard.min(limit.saturating_add(reserve));
        setrlimit(resource, hard.min(limit), hard).step_with(|| format!("limit {resource:?}"))?;
    }
    Ok(())
}

/// Here no limit for the tasks of a session is set, which could be met.
pub fn session_tasks(_: Tier) -> Option<u64> {
    None
}
