//! What a lane hands to the init of a new session.

use std::os::fd::BorrowedFd;
use std::path::Path;

#[cfg(sandboxed)]
use crate::sandbox::linux::{confinement::Confinement, init_stack::InitStack};
#[cfg(not(sandboxed))]
use crate::sandbox::unsupported::{confinement::Confinement, init_stack::InitStack};
use crate::wire::{LaneSetup, Token};

/// What init needs to know of a session.
#[cfg_attr(not(sandboxed), expect(dead_code, reason = "without a sandbox init needs less"))]
#[derive(Debug)]
pub(crate) struct SessionPlan<'a> {
    pub(crate) setup: &'a LaneSetup,
    pub(crate) confinement: &'a Confinement,
    /// Begins every message of init to the supervisor, and no message of a snippet.
    pub(crate) token: Token,
    /// The folder of the document, if its files are visible to the session.
    pub(crate) neighbours: Option<&'a Path>,
    /// Folders beside the document in which the session has files of its own, as the request has them.
    pub(crate) folders: &'a str,
    /// The session's own folder on the host, if it has no mounts.
    pub(crate) scratch: Option<&'a Path>,
    /// Whether time is virtual.
    pub(crate) clocked: bool,
    /// Where virtual time starts, in seconds since 1970.
    pub(crate) start: u64,
    /// Numbers of processes that are taken before the session gets its own, where it has a namespace for them.
    pub(crate) skipped_numbers: u32,
    pub(crate) stack: &'a InitStack,
    /// The lane's socket, over which init says that it has started.
    pub(crate) socket: BorrowedFd<'a>,
}
