//! Paths that this process has in place of mounts.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Folder of a session for its shared memory.
pub(super) const SHARED: &str = "shm";
/// Link to this program. Children run it in place of the interpreter, and find the session's folder by its path.
pub(super) const PROGRAM: &str = ".python";
/// Link to the interpreter.
pub(super) const INTERPRETER: &str = ".interpreter";

/// What this process has in place of mounts.
pub(super) struct SessionPaths {
    /// The folder of shared memory and semaphores.
    pub(super) shared: PathBuf,
    /// What children run in place of the interpreter.
    pub(super) program: CString,
    /// The interpreter, if it can be read.
    pub(super) interpreter: Option<FileId>,
}

/// Identifies a file while it exists.
#[derive(PartialEq, Eq)]
pub(super) struct FileId {
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// Set once, before a session's code runs; null elsewhere.
static PATHS: AtomicPtr<SessionPaths> = AtomicPtr::new(ptr::null_mut());

/// The paths of this process's session; `None` in a process without one.
pub(super) fn session_paths() -> Option<&'static SessionPaths> {
    // SAFETY: the pointer is null or leads to a box that `set` has leaked, which is never given back.
    unsafe { PATHS.load(Ordering::Acquire).as_ref() }
}

/// Makes a session's folder the one of this process and of its forks.
pub(super) fn set(folder: &Path) {
    let Ok(program) = CString::new(folder.join(PROGRAM).as_os_str().as_bytes()) else { return };
    let interpreter = std::fs::metadata(folder.join(INTERPRETER)).ok();

    let paths = SessionPaths {
        shared: folder.join(SHARED),
        program,
        interpreter: interpreter.map(|file| FileId { device: file.dev(), inode: file.ino() }),
    };
    PATHS.store(Box::leak(Box::new(paths)), Ordering::Release);
}
