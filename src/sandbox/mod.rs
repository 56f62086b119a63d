//! Turns a policy into kernel restrictions on this process. Knows no documents.
//!
//! A lane confines itself once, before its interpreter starts ([`enter`]); each session then gets its own process
//! tree and its own directories ([`start`]). One restriction per file, applied in the order of these two functions.
//!
//! What needs Linux is built where `cfg(sandboxed)` says so; `elsewhere` and `forked` stand in for it on other systems.

#[cfg(sandboxed)]
mod allowed;
mod descriptors;
#[cfg(sandboxed)]
mod directories;
#[cfg(not(sandboxed))]
mod elsewhere;
#[cfg(sandboxed)]
mod executable;
mod folders;
#[cfg(not(sandboxed))]
mod forked;
#[cfg(sandboxed)]
mod init;
#[cfg(sandboxed)]
mod landlock;
#[cfg(sandboxed)]
mod limits;
#[cfg(sandboxed)]
mod namespaces;
mod news;
#[cfg(sandboxed)]
mod privileges;
mod readable;
mod remedy;
#[cfg(sandboxed)]
mod root;
#[cfg(sandboxed)]
mod stacks;
#[cfg(sandboxed)]
mod system_calls;
#[cfg(sandboxed)]
mod vigil;
#[cfg(sandboxed)]
mod vouched;

use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;
#[cfg(sandboxed)]
use std::path::PathBuf;

pub(crate) use self::descriptors::{STACKS_SIGNAL, SessionDescriptors, lift, receive, send};
#[cfg(not(sandboxed))]
pub(crate) use self::elsewhere::{
    Confinement, Executable, enter, executable, may_become, name_senders, program, receive_vouched,
    started_here, system,
};
#[cfg(sandboxed)]
pub(crate) use self::executable::Executable;
#[cfg(not(sandboxed))]
pub(crate) use self::forked::{InitStack, start};
#[cfg(sandboxed)]
pub(crate) use self::init::{InitStack, start};
#[cfg(sandboxed)]
pub(crate) use self::privileges::may_become;
pub(crate) use self::readable::{hidden, readable};
pub(crate) use self::remedy::{closed, remedy};
#[cfg(sandboxed)]
pub(crate) use self::root::system;
#[cfg(sandboxed)]
pub(crate) use self::vouched::{executable, name_senders, program, receive_vouched, started_here};
#[cfg(sandboxed)]
use crate::model::policy::{Layer, Network, Tier};
#[cfg(sandboxed)]
use crate::sandbox::landlock::Readable;
#[cfg(sandboxed)]
use crate::sandbox::system_calls::SessionFilter;
use crate::wire::{LaneSetup, Token};

/// Where a sandbox has a session's directories. They are the same in every run, so that outputs are.
pub(crate) const HOME: &str = "/home/snippet";
pub(crate) const TEMPORARY: &str = "/tmp";
/// The clock of a session, for the programs that it starts.
#[cfg(sandboxed)]
pub(crate) const CLOCK: &str = "/.session/clock";
/// Where a sandbox notes what its programs are to draw.
pub(crate) const CHANCE: &str = "/.session/chance";

/// A restriction that could not be applied. User code must not run then.
#[derive(Debug, thiserror::Error)]
#[error("cannot {step}")]
pub(crate) struct SandboxError {
    pub(crate) step: String,
    pub(crate) source: io::Error,
}

/// Names the step in front of the kernel's answer.
trait Step<T> {
    fn step(self, step: impl Into<String>) -> Result<T, SandboxError>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step(self, step: impl Into<String>) -> Result<T, SandboxError> {
        self.map_err(|error| SandboxError { step: step.into(), source: error.into() })
    }
}

/// What init needs to know of a session.
#[cfg_attr(not(sandboxed), expect(dead_code, reason = "without a sandbox init needs less"))]
#[derive(Debug)]
pub(crate) struct SessionPlan<'a> {
    pub(crate) setup: &'a LaneSetup,
    pub(crate) confinement: &'a Confinement,
    pub(crate) token: Token,
    pub(crate) neighbours: Option<&'a Path>,
    pub(crate) scratch: Option<&'a Path>,
    /// Whether time is virtual.
    pub(crate) clocked: bool,
    /// What it shows then, in seconds since 1970.
    pub(crate) start: u64,
    pub(crate) stack: &'a InitStack,
    /// The lane's socket, over which init says that it is there.
    pub(crate) socket: BorrowedFd<'a>,
}

/// What holds for a lane, and what its sessions add to it.
#[cfg(sandboxed)]
#[derive(Debug)]
pub(crate) struct Confinement {
    pub(crate) layers: Vec<Layer>,
    /// Of a lane without namespaces, whose sessions read no more.
    readable: Readable,
    filter: Option<SessionFilter>,
    /// Where this program stands in for the interpreter.
    pub(crate) interpreter: Option<PathBuf>,
}

/// Confines this process, a lane with one thread. Afterwards only what `setup` names can be read.
///
/// Every layer of a tier is set up or nothing runs. Only where namespaces do the same already may Landlock be missing.
#[cfg(sandboxed)]
pub(crate) fn enter(setup: &LaneSetup) -> Result<Confinement, SandboxError> {
    privileges::leave_terminal()?;
    privileges::leave_keyring()?;
    limits::raise_descriptors()?;
    limits::shrink_thread_stacks()?;
    let mut layers = Vec::new();
    let mut interpreter = None;
    match setup.tier {
        Tier::A => {
            let privileged = privileges::may_become(setup.user);
            namespaces::separate(privileged, setup.network)?;
            namespaces::name_host()?;
            layers.push(Layer::Namespaces);
            if setup.network == Network::Loopback {
                namespaces::raise_loopback()?;
                layers.push(Layer::Loopback);
            }
            interpreter = root::replace(setup)?;
            layers.push(Layer::Root);
            if privileged {
                namespaces::become_separate_user(setup.user)?;
                layers.push(Layer::User);
            }
            namespaces::forbid_user_namespaces();
            privileges::lock_capabilities()?;
        }
        Tier::B => {
            if privileges::may_become(setup.user) {
                privileges::lock_capabilities()?;
                privileges::become_user(setup.user)?;
                layers.push(Layer::User);
            }
            privileges::drop_capabilities()?;
        }
        Tier::Off => {
            privileges::forbid_gaining()?;
            return Ok(Confinement { layers, readable: Readable::default(), filter: None, interpreter });
        }
    }
    privileges::forbid_gaining()?;
    layers.extend([Layer::NoNewPrivileges, Layer::NoCapabilities]);
    let mut readable = Readable::default();
    match setup.tier {
        Tier::A if landlock::is_supported() => layers.push(Layer::Landlock),
        Tier::A | Tier::Off => {}
        Tier::B => {
            readable = landlock::confine_lane(setup)?;
            layers.push(Layer::Landlock);
        }
    }
    let filter = system_calls::restrict(setup.tier)?;
    layers.push(Layer::SystemCalls);
    Ok(Confinement { layers, readable, filter: Some(filter), interpreter })
}

/// Whether a session of this lane has left something in its network namespace: ports in `TIME_WAIT` would meet the next.
///
/// Unix sockets are not counted: they die with their processes, abstract names included.
pub(crate) fn network_used() -> bool {
    let Ok(text) = std::fs::read_to_string("/proc/net/sockstat") else { return false };
    let Some(counts) = text.lines().find_map(|line| line.strip_prefix("TCP: ")) else { return false };
    let words: Vec<&str> = counts.split(' ').collect();
    words.chunks_exact(2).any(|pair| matches!(pair[0], "inuse" | "tw") && pair[1] != "0")
}
