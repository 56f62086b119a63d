//! Systems without a sandbox that snipcheck knows: there every tier but [`Tier::Off`] is refused.
//!
//! Files and descriptors of a session have their limits. Its memory, its processes and its CPU time have none.
//!
//! [`Tier::Off`]: snipcheck_model::policy::Tier::Off

pub(super) mod confinement;
mod init;
pub(super) mod init_stack;
mod layout;
mod limits;
mod peer_credentials;
mod remedy;

pub use self::confinement::{
    Confinement, CopyFilter, adopt_orphans, end_orphans, enter, may_become, read_only, system,
};
pub use self::init::start;
pub use self::init_stack::InitStack;
pub use self::layout::lay_out;
pub use self::limits::session_tasks;
pub use self::peer_credentials::{executable, has_ended, name_senders, receive_vouched, started_here};
pub use self::remedy::remedy;
