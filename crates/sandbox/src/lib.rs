//! Turns a policy into kernel restrictions on this process. Knows no documents.
//!
//! A lane confines itself once, before its interpreter starts ([`enter`]); each session then gets its own process
//! tree and its own directories ([`start`]). `linux` has one restriction a file, applied in the order of these two
//! functions. `unsupported` stands in for it on other systems, where `cfg(sandboxed)` does not hold.

mod closed;
mod confined_lane;
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

pub use self::closed::closed;
pub use self::confined_lane::ConfinedLane;
pub use self::descriptors::{STACKS_SIGNAL, SessionDescriptors, lift, receive, send};
#[cfg(sandboxed)]
pub use self::linux::{
    Confinement, CopyFilter, InitStack, adopt_orphans, end_orphans, enter, executable, has_ended, lay_out,
    lose_inherited, may_become, name_senders, read_only, receive_vouched, remedy, session_tasks, start,
    started_here, system,
};
pub use self::network::network_used;
pub use self::paths::{HOME, TEMPORARY};
pub use self::readable::readable;
pub use self::session_plan::SessionPlan;
#[cfg(not(sandboxed))]
pub use self::unsupported::{
    Confinement, CopyFilter, InitStack, adopt_orphans, end_orphans, enter, executable, has_ended, lay_out,
    may_become, name_senders, read_only, receive_vouched, remedy, session_tasks, start, started_here, system,
};
