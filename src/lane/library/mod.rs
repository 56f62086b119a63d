//! The libraries that the executable carries, as files that a loader can open.

#[cfg(not(sandboxed))]
mod files;
#[cfg(sandboxed)]
mod memory;

use std::io;
use std::os::fd::{BorrowedFd, RawFd};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

#[cfg(not(sandboxed))]
pub(crate) use self::files::{Library, Preload, unnamed_file};
#[cfg(sandboxed)]
pub(crate) use self::memory::{Library, Preload, unnamed_file};

/// The worker, as an extension module of Python.
pub(super) const WORKER: &[u8] = include_bytes!(env!("SNIPCHECK_WORKER"));
/// Functions of libc, as sessions have them. Empty where there is no virtual time.
pub(crate) const INTERPOSE: &[u8] = include_bytes!(env!("SNIPCHECK_INTERPOSE"));

/// The variable of ld.so(8) that names libraries which come before all others.
const VARIABLE: &str = "LD_PRELOAD";
/// Where a process finds its descriptors as files.
const DESCRIPTORS: &str = "/proc/self/fd/";

/// Keeps a descriptor open when this process runs another program.
pub(super) fn let_inherit(descriptor: RawFd) -> io::Result<()> {
    // SAFETY: the caller owns the descriptor, which is open.
    let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
    fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(())
}

/// The descriptor of the library that this process, a lane, has loaded when it started ([`Preload`]).
pub(super) fn preloaded() -> Option<RawFd> {
    let value = std::env::var(VARIABLE).ok()?;
    value.strip_prefix(DESCRIPTORS)?.parse().ok()
}

/// From here on the programs of this process no longer load it because of a variable: the file of their root names it.
pub(super) fn forget_preloaded() {
    // SAFETY: a lane has one thread.
    unsafe { std::env::remove_var(VARIABLE) };
}
