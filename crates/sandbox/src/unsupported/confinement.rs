//! Stands in for the restrictions of a lane and of what it starts.

use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::error::{SandboxError, StepContext};
use crate::unsupported::limits::leave_terminal;
use snipcheck_model::policy::{Layer, Tier};
use snipcheck_wire::LaneSetup;

/// What holds for a lane: nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Confinement {
    pub layers: Vec<Layer>,
    pub copies: Option<CopyFilter>,
}

/// Nothing is tried in copies of a session without a sandbox, so there is no filter for copies.
#[derive(Debug, Serialize, Deserialize)]
pub enum CopyFilter {}

impl CopyFilter {
    pub fn seal(&self, _result: BorrowedFd<'_>) -> Result<RawFd, SandboxError> {
        match *self {}
    }
}

/// Prepares this process, a lane without a sandbox.
pub fn enter(setup: &LaneSetup, _library: &[u8]) -> Result<Confinement, SandboxError> {
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

/// What every sandbox may read of this machine: nothing, because there is no sandbox.
pub fn system(_tier: Tier) -> impl Iterator<Item = PathBuf> {
    std::iter::empty()
}

/// Whether a lane may change its user. It stays the caller's.
pub fn may_become(_user: u32) -> bool {
    false
}

/// A command that starts this executable from a read-only mount. Only sandboxes need one.
pub fn read_only() -> Option<Command> {
    None
}

/// Orphans go to the first process of the system.
pub fn adopt_orphans() {}

pub fn end_orphans() {}
