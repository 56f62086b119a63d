//! What holds for a lane, as data.

use crate::linux::copies::CopyFilter;
use crate::linux::landlock::ReadablePaths;
use crate::linux::limits::SessionLimits;
use crate::linux::system_calls::SessionFilter;
use serde::{Deserialize, Serialize};
use snipcheck_model::policy::Layer;

/// What holds for a lane, and what its sessions add to it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Confinement {
    pub layers: Vec<Layer>,
    /// What a lane without namespaces reads; its sessions read no more.
    pub(super) readable: ReadablePaths,
    /// How much its sessions may use.
    pub(super) limits: SessionLimits,
    /// What sessions give up on top. A lane without a sandbox has none.
    pub(super) filter: Option<SessionFilter>,
    /// What copies of sessions give up on top of that. A lane without a sandbox makes no copies.
    pub copies: Option<CopyFilter>,
}
