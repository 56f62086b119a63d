//! Turns a policy into kernel restrictions on this process. Knows no documents.
//!
//! A lane confines itself once, before its interpreter starts ([`enter`]); each session then gets its own process
//! tree and its own directories ([`start`]). One restriction per file, applied in the order of these two functions.

mod allowed;
mod descriptors;
mod directories;
mod init;
mod landlock;
mod limits;
mod namespaces;
mod privileges;
mod readable;
mod remedy;
mod root;
mod system_calls;

use std::io;

pub(crate) use self::descriptors::{SessionDescriptors, lift, receive, receive_vouched, send};
pub(crate) use self::directories::{HOME, TEMPORARY};
pub(crate) use self::init::{InitStack, SessionPlan, start};
pub(crate) use self::privileges::may_become;
pub(crate) use self::readable::{hidden, readable};
pub(crate) use self::remedy::remedy;
pub(crate) use self::root::system;
use crate::policy::{Layer, Network, Tier};
use crate::sandbox::landlock::Readable;
use crate::sandbox::system_calls::SessionFilter;
use crate::wire::LaneSetup;

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

/// What holds for a lane, and what its sessions add to it.
#[derive(Debug)]
pub(crate) struct Confinement {
    pub(crate) layers: Vec<Layer>,
    /// Of a lane without namespaces, whose sessions read no more.
    readable: Readable,
    filter: Option<SessionFilter>,
}

/// Confines this process, a lane with one thread. Afterwards only what `setup` names can be read.
///
/// Every layer of a tier is set up or nothing runs. Only where namespaces do the same already may Landlock be missing.
pub(crate) fn enter(setup: &LaneSetup) -> Result<Confinement, SandboxError> {
    privileges::leave_terminal()?;
    privileges::leave_keyring()?;
    limits::raise_descriptors()?;
    limits::shrink_thread_stacks()?;
    let mut layers = Vec::new();
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
            root::replace(setup)?;
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
            return Ok(Confinement { layers, readable: Readable::default(), filter: None });
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
    Ok(Confinement { layers, readable, filter: Some(filter) })
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
