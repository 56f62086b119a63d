//! Turns a policy into kernel restrictions on this process. Knows no documents.
//!
//! A lane confines itself once, before its interpreter starts ([`enter`]); each session then gets its own process
//! tree and its own directories ([`start`]). `linux` has one restriction a file, applied in the order of these two
//! functions. `unsupported` stands in for it on other systems, where `cfg(sandboxed)` does not hold.

mod closed;
mod descriptors;
mod error;
mod folders;
mod init_messages;
#[cfg(sandboxed)]
mod linux;
mod network;
mod paths;
mod readable;
mod session_plan;
#[cfg(not(sandboxed))]
mod unsupported;

pub(crate) use self::closed::closed;
pub(crate) use self::descriptors::{STACKS_SIGNAL, SessionDescriptors, lift, receive, send};
#[cfg(sandboxed)]
pub(crate) use self::linux::{
    CHANCE, CLOCK, Confinement, CopyFilter, InitStack, adopt_orphans, end_orphans, enter, executable,
    has_ended, lay_out, may_become, name_senders, program, read_only, receive_vouched, remedy, session_tasks,
    start, started_here, system,
};
pub(crate) use self::network::network_used;
pub(crate) use self::paths::{HOME, TEMPORARY};
pub(crate) use self::readable::readable;
pub(crate) use self::session_plan::SessionPlan;
#[cfg(not(sandboxed))]
pub(crate) use self::unsupported::{
    Confinement, CopyFilter, InitStack, adopt_orphans, end_orphans, enter, executable, has_ended, lay_out,
    may_become, name_senders, program, read_only, receive_vouched, remedy, session_tasks, start,
    started_here, system,
};
