//! Paths of a root that a sandbox builds, as fixed as those of the sessions in it.

/// The file that names the libraries which the loader of glibc loads into every program before all others (ld.so(8)).
pub(super) const PRELOADED: &str = "/etc/ld.so.preload";
/// The library that it names.
pub(super) const LIBRARY: &str = "/.interpose.so";
/// The working directory of a session.
pub(super) const WORKING: &str = "/doc";
pub(super) const SHARED_MEMORY: &str = "/dev/shm";
/// The file system of a session, which holds all of its own directories.
pub(super) const SESSION: &str = "/.session";
/// Readable paths that the directories of sessions would cover.
pub(super) const STASH: &str = "/.stash";
/// A folder with nothing in it, to cover other folders with.
pub(super) const EMPTY: &str = "/.empty";
