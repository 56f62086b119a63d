//! Paths of a root that a sandbox builds, as fixed as those of the sessions in it.

/// The file of a session's clock, for the programs that the session starts.
pub(crate) const CLOCK: &str = "/.session/clock";
/// The file in which a sandbox notes what a session's programs are to draw.
pub(crate) const CHANCE: &str = "/.session/chance";
/// The working directory of a session.
pub(super) const WORKING: &str = "/doc";
pub(super) const SHARED_MEMORY: &str = "/dev/shm";
/// The file system of a session, which holds all of its own directories.
pub(super) const SESSION: &str = "/.session";
/// Readable paths that the directories of sessions would cover.
pub(super) const STASH: &str = "/.stash";
/// A folder with nothing in it, to cover other folders with.
pub(super) const EMPTY: &str = "/.empty";
