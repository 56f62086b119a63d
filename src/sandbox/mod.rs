//! Turns a policy into kernel restrictions on this process. Knows no documents.
//!
//! A lane confines itself once, before its interpreter starts ([`enter`]); each session then gets its own process
//! tree and its own directories ([`start`]). One restriction per file, applied in the order of these two functions.

mod descriptors;
mod directories;
mod init;
mod limits;
mod namespaces;
mod privileges;
mod readable;
mod remedy;
mod root;

use std::io;

pub(crate) use self::descriptors::{SessionDescriptors, lift, receive, receive_vouched, send};
pub(crate) use self::directories::{HOME, TEMPORARY};
pub(crate) use self::init::{InitStack, SessionPlan, start};
pub(crate) use self::readable::{hidden, readable};
pub(crate) use self::remedy::remedy;
use crate::policy::Tier;
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

/// Confines this process, a lane with one thread. Afterwards only what `setup` names can be read.
pub(crate) fn enter(setup: &LaneSetup) -> Result<(), SandboxError> {
    privileges::leave_terminal()?;
    privileges::leave_keyring()?;
    limits::raise_descriptors()?;
    limits::shrink_thread_stacks()?;
    match setup.tier {
        Tier::A => {
            let user = namespaces::separate()?;
            namespaces::name_host()?;
            namespaces::raise_loopback()?;
            root::replace(setup)?;
            if user.is_root() {
                privileges::become_user(setup.user)?;
                namespaces::separate_user(setup.user)?;
            }
            namespaces::forbid_user_namespaces();
        }
        Tier::B | Tier::Off => {}
    }
    privileges::forbid_gaining()
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
