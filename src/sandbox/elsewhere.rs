//! Systems without a sandbox that snipcheck knows: there every tier but [`Tier::Off`] is refused.
//!
//! Files and descriptors of a session have their limits. Its memory, its processes and its CPU time have none.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, RawFd};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{MsgFlags, recv};
use nix::unistd::{Pid, setsid};

use crate::model::policy::{Layer, Limits, Tier};
use crate::sandbox::{SandboxError, Step};
use crate::wire::LaneSetup;

/// Descriptors on top of the limit, for the report of a snippet that has used up all of its own.
const RESERVE: u64 = 16;

/// What holds for a lane: nothing.
#[derive(Debug)]
pub(crate) struct Confinement {
    pub(crate) layers: Vec<Layer>,
    pub(crate) copies: Option<Arc<CopyFilter>>,
}

/// Nothing is tried in copies of a session without a sandbox, so there is none of these.
#[derive(Debug)]
pub(crate) enum CopyFilter {}

impl CopyFilter {
    pub(crate) fn seal(&self, _result: BorrowedFd<'_>) -> Result<RawFd, SandboxError> {
        match *self {}
    }
}

/// Prepares this process, a lane without a sandbox.
pub(crate) fn enter(setup: &LaneSetup) -> Result<Confinement, SandboxError> {
    match setup.tier {
        Tier::A | Tier::B => {
            let reason = "this system has no sandbox that snipcheck knows";
            Err(io::Error::new(io::ErrorKind::Unsupported, reason)).step("sandbox snippets")
        }
        Tier::Off => {
            leave_terminal()?;
            Ok(Confinement { layers: Vec::new(), copies: None })
        }
    }
}

/// Nothing that every sandbox may read, where there is none.
pub(crate) fn system(_tier: Tier) -> impl Iterator<Item = PathBuf> {
    std::iter::empty()
}

/// A session of its own: no controlling terminal, and Ctrl-C at the user's terminal does not reach it. Its process
/// group has the caller's number.
pub(super) fn leave_terminal() -> Result<(), SandboxError> {
    setsid().map(drop).step("leave the terminal")
}

/// A lane stays who it is.
pub(crate) fn may_become(_user: u32) -> bool {
    false
}

/// Of a session's processes, each by itself.
pub(super) fn limit(limits: &Limits) -> Result<(), SandboxError> {
    let table = [
        (Resource::RLIMIT_CORE, 0, 0),
        (Resource::RLIMIT_FSIZE, limits.disk, 0),
        (Resource::RLIMIT_NOFILE, limits.descriptors, RESERVE),
    ];
    for (resource, limit, reserve) in table {
        // A caller with less gives less.
        let (_, hard) = getrlimit(resource).step(format!("read {resource:?}"))?;
        let hard = hard.min(limit.saturating_add(reserve));
        setrlimit(resource, hard.min(limit), hard).step(format!("limit {resource:?}"))?;
    }
    Ok(())
}

pub(crate) fn executable() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// Children of snippets have the real clock, as these do.
pub(crate) fn program() -> Option<PathBuf> {
    None
}

/// A read-only view of this executable is a sandbox's matter.
pub(crate) fn read_only() -> Option<Command> {
    None
}

/// Nobody vouches for senders.
#[expect(clippy::unnecessary_wraps, reason = "where there is a sandbox the kernel may refuse")]
pub(crate) fn name_senders(_socket: &impl AsFd) -> io::Result<()> {
    Ok(())
}

/// Reads bytes, and nobody says who sent them.
pub(crate) fn receive_vouched(socket: RawFd, buffer: &mut [u8]) -> io::Result<(usize, Option<Pid>)> {
    Ok((recv(socket, buffer, MsgFlags::empty())?, None))
}

/// An init is a child of its lane, which nobody else can tell.
pub(crate) fn started_here(_init: Pid) -> bool {
    true
}

/// Orphans go to the first process of the system.
pub(crate) fn adopt_orphans() {}

pub(crate) fn end_orphans() {}

/// The lane knows.
pub(crate) fn has_ended(_child: Pid) -> bool {
    false
}
