//! Systems without a sandbox that snipcheck knows: there every tier but [`Tier::Off`] is refused.
//!
//! Files and descriptors of a session have their limits. Its memory, its processes and its CPU time have none.

use std::io;
use std::os::fd::{AsFd, RawFd};
use std::path::{Path, PathBuf};

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
            Ok(Confinement { layers: Vec::new() })
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

/// Copies are a sandbox's matter.
#[derive(Debug)]
pub(crate) enum Executable {
    Original(PathBuf),
}

impl Executable {
    #[expect(clippy::unnecessary_wraps, reason = "where there is a sandbox it is a copy")]
    pub(crate) fn copied(original: &Path) -> io::Result<Self> {
        Ok(Self::Original(original.to_path_buf()))
    }

    pub(crate) fn path(&self) -> PathBuf {
        let Self::Original(path) = self;
        path.clone()
    }
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
