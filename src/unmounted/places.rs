//! Where a session without mounts has what stands in for them.

use std::ffi::CString;
use std::path::PathBuf;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What this process has in place of mounts.
pub(crate) struct Places {
    pub(crate) shared: PathBuf,
    pub(super) program: CString,
    /// Device and inode.
    pub(super) interpreter: Option<(u64, u64)>,
}

/// Set once, before a session's code runs; null elsewhere.
static PLACES: AtomicPtr<Places> = AtomicPtr::new(ptr::null_mut());

pub(crate) fn places() -> Option<&'static Places> {
    // SAFETY: the pointer is null or leads to a box that `set` has leaked, which is never given back.
    unsafe { PLACES.load(Ordering::Acquire).as_ref() }
}

/// Makes these the places of this process and of its forks.
pub(super) fn set(places: Places) {
    PLACES.store(Box::leak(Box::new(places)), Ordering::Release);
}
