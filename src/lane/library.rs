//! The libraries that the executable carries, as files that a loader can open.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, IntoRawFd, RawFd};
#[cfg(not(sandboxed))]
use std::path::PathBuf;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// The worker, as an extension module of Python.
pub(super) const WORKER: &[u8] = include_bytes!(env!("SNIPCHECK_WORKER"));
/// Functions of libc, as sessions have them. Empty where there is no virtual time.
pub(crate) const INTERPOSE: &[u8] = include_bytes!(env!("SNIPCHECK_INTERPOSE"));

/// The variable of ld.so(8) that names libraries which come before all others.
const VARIABLE: &str = "LD_PRELOAD";
/// Where a process finds its descriptors as files.
const DESCRIPTORS: &str = "/proc/self/fd/";

/// A library that a loader can open by its path.
pub(super) struct Library {
    #[cfg(sandboxed)]
    file: File,
    #[cfg(not(sandboxed))]
    path: PathBuf,
}

impl Library {
    #[cfg(sandboxed)]
    pub(super) fn path(&self) -> String {
        format!("{DESCRIPTORS}{}", self.file.as_raw_fd())
    }

    #[cfg(not(sandboxed))]
    pub(super) fn path(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// The descriptor that its path depends on.
    #[cfg(sandboxed)]
    pub(super) fn into_descriptor(self) -> Option<RawFd> {
        Some(self.file.into_raw_fd())
    }

    #[cfg(not(sandboxed))]
    pub(super) fn into_descriptor(self) -> Option<RawFd> {
        None
    }
}

/// A file in memory, which nobody can change any more.
#[cfg(sandboxed)]
pub(super) fn carried(library: &[u8]) -> io::Result<Library> {
    use nix::fcntl::SealFlag;

    let mut file = memory(nix::sys::memfd::MFdFlags::MFD_ALLOW_SEALING)?;
    file.write_all(library)?;
    let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(Library { file })
}

/// A file in the folder for temporary files, which is there until the machine clears that folder: what has loaded it goes
/// on to need it.
#[cfg(not(sandboxed))]
pub(super) fn carried(library: &[u8]) -> io::Result<Library> {
    let mut file = tempfile::Builder::new().prefix("snipcheck-").suffix(".so").tempfile()?;
    file.write_all(library)?;
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(Library { path })
}

/// A file that no path leads to.
pub(super) fn unnamed_file() -> io::Result<File> {
    #[cfg(sandboxed)]
    return memory(nix::sys::memfd::MFdFlags::empty());
    #[cfg(not(sandboxed))]
    tempfile::tempfile()
}

#[cfg(sandboxed)]
fn memory(flags: nix::sys::memfd::MFdFlags) -> io::Result<File> {
    let flags = flags | nix::sys::memfd::MFdFlags::MFD_CLOEXEC;
    Ok(nix::sys::memfd::memfd_create("snipcheck", flags)?.into())
}

/// Keeps a descriptor open when this process runs another program.
pub(super) fn let_inherit(descriptor: RawFd) -> io::Result<()> {
    // SAFETY: the caller owns the descriptor, which is open.
    let descriptor = unsafe { std::os::fd::BorrowedFd::borrow_raw(descriptor) };
    fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(())
}

/// The library [`INTERPOSE`] for lanes, which load it when they start.
#[derive(Debug)]
pub(crate) struct Preload {
    #[cfg(sandboxed)]
    file: File,
}

impl Preload {
    #[cfg(sandboxed)]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { file: carried(INTERPOSE)?.file })
    }

    #[cfg(not(sandboxed))]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Has a command load it.
    #[cfg(sandboxed)]
    pub(crate) fn add_to(&self, command: &mut std::process::Command) {
        use std::os::unix::process::CommandExt;

        let descriptor = self.file.as_raw_fd();
        command.env(VARIABLE, format!("{DESCRIPTORS}{descriptor}"));
        // SAFETY: between fork and exec only a system call is made.
        unsafe { command.pre_exec(move || let_inherit(descriptor)) };
    }

    #[cfg(not(sandboxed))]
    pub(crate) fn add_to(&self, _command: &mut std::process::Command) {}
}

/// The descriptor of the library that this process, a lane, has loaded when it started.
pub(super) fn preloaded() -> Option<RawFd> {
    let value = std::env::var(VARIABLE).ok()?;
    value.strip_prefix(DESCRIPTORS)?.parse().ok()
}

/// From here on the programs of this process no longer load it because of a variable: the file of their root names it.
pub(super) fn forget_preloaded() {
    // SAFETY: a lane has one thread.
    unsafe { std::env::remove_var(VARIABLE) };
}
