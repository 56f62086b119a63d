//! What a program finds that takes the place of another one: descriptors, and the library that it loads first.

use std::io;
use std::os::fd::{BorrowedFd, RawFd};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// The variable of ld.so(8) that names libraries which come before all others.
pub(super) const VARIABLE: &str = "LD_PRELOAD";
/// Where a process finds its descriptors as files.
pub(super) const DESCRIPTORS: &str = "/proc/self/fd/";

/// Keeps a descriptor open when this process runs another program.
pub(crate) fn let_inherit(descriptor: RawFd) -> io::Result<()> {
    // SAFETY: the caller owns the descriptor, which is open.
    let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
    fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(())
}

/// The descriptor of the library that this process, a lane, has loaded when it started ([`crate::lane::Preload`]).
pub(crate) fn preloaded() -> Option<RawFd> {
    let value = std::env::var(VARIABLE).ok()?;
    value.strip_prefix(DESCRIPTORS)?.parse().ok()
}

/// From here on the programs of this process no longer load it because of a variable: the file of their root names it.
pub(crate) fn forget_preloaded() {
    // SAFETY: a lane has one thread.
    unsafe { std::env::remove_var(VARIABLE) };
}
