//! Systems without a sandbox that snipcheck knows: there every tier but [`Tier::Off`] is refused.
//!
//! Files and descriptors of a session have their limits. Its memory, its processes and its CPU time have none.
//!
//! [`Tier::Off`]: crate::model::policy::Tier::Off

pub(super) mod confinement;
mod init;
pub(super) mod init_stack;
mod layout;
mod limits;
mod peer_credentials;
mod remedy;

pub(crate) use self::confinement::{
    Confinement, CopyFilter, adopt_orphans, end_orphans, enter, may_become, read_only, system,
};
pub(crate) use self::init::start;
pub(crate) use self::init_stack::InitStack;
pub(crate) use self::layout::lay_out;
pub(crate) use self::limits::session_tasks;
pub(crate) use self::peer_credentials::{
    executable, has_ended, name_senders, program, receive_vouched, started_here,
};
pub(crate) use self::remedy::remedy;
