//! What holds for a lane, as data.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::policy::Layer;
use crate::sandbox::linux::copies::CopyFilter;
use crate::sandbox::linux::landlock::ReadablePaths;
use crate::sandbox::linux::limits::SessionLimits;
use crate::sandbox::linux::system_calls::SessionFilter;

/// What holds for a lane, and what its sessions add to it.
#[derive(Debug, Default)]
pub(crate) struct Confinement {
    pub(crate) layers: Vec<Layer>,
    /// What a lane without namespaces reads; its sessions read no more.
    pub(super) readable: ReadablePaths,
    /// How much its sessions may use.
    pub(super) limits: SessionLimits,
    /// What sessions give up on top. A lane without a sandbox has none.
    pub(super) filter: Option<SessionFilter>,
    /// What copies of sessions give up on top of that. A lane without a sandbox makes no copies.
    pub(crate) copies: Option<Arc<CopyFilter>>,
    /// The interpreter's path, if this program stands there in its place.
    pub(crate) interpreter: Option<PathBuf>,
}
