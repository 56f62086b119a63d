//! What a lane hands to the init of a new session.

use std::os::fd::BorrowedFd;
use std::path::Path;

#[cfg(sandboxed)]
use crate::linux::{confinement::Confinement, init_stack::InitStack};
#[cfg(not(sandboxed))]
use crate::unsupported::{confinement::Confinement, init_stack::InitStack};
use snipcheck_wire::{LaneSetup, Token};

/// What init needs to know of a session.
#[derive(Debug)]
pub struct SessionPlan<'a> {
    pub setup: &'a LaneSetup,
    pub confinement: &'a Confinement,
    /// Begins every message of init to the supervisor, and no message of a snippet.
    pub token: Token,
    /// The folder of the document, if its files are visible to the session.
    pub neighbours: Option<&'a Path>,
    /// Folders beside the document in which the session has files of its own, as the request has them.
    pub folders: &'a str,
    /// The session's own folder on the host, if it has no mounts.
    pub scratch: Option<&'a Path>,
    /// Whether time is virtual.
    pub clocked: bool,
    /// Where virtual time starts, in seconds since 1970.
    pub start: u64,
    /// Numbers of processes that are taken before the session gets its own, where it has a namespace for them.
    pub skipped_numbers: u32,
    pub stack: &'a InitStack,
    /// The lane's socket, over which init says that it has started.
    pub socket: BorrowedFd<'a>,
}
