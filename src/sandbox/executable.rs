//! The file that a lane runs: this executable, or a copy of it in memory.
//!
//! Every process reaches its file through `/proc/self/exe`, past all mounts of its namespace, and its owner can change
//! the mode and the times of it there. What sessions change of a copy dies with their lane.

use std::ffi::CStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;

/// A program that has started keeps its own hold on it.
#[derive(Debug)]
pub(crate) enum Executable {
    Original(PathBuf),
    Copied(OwnedFd),
}

impl Executable {
    pub(crate) fn copied(original: &Path) -> io::Result<Self> {
        let mut copy = File::from(memory(c"snipcheck")?);
        io::copy(&mut File::open(original)?, &mut copy)?;
        copy.set_permissions(fs::Permissions::from_mode(0o555))?;
        // A file that somebody may still write to cannot be executed (`ETXTBSY`, execve(2)).
        let read_only = OpenOptions::new().read(true).custom_flags(libc::O_CLOEXEC).open(path(&copy))?;
        Ok(Self::Copied(read_only.into()))
    }

    /// In this process and in a fork of it.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::Original(path) => path.clone(),
            Self::Copied(file) => path(file),
        }
    }
}

fn path(file: &impl AsRawFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// `memfd_create(2)`. Kernels before 6.3 do not know the flag and need none.
fn memory(name: &CStr) -> io::Result<OwnedFd> {
    let create = |flags| {
        // SAFETY: the name ends with a zero byte and is only read.
        let descriptor = unsafe { libc::memfd_create(name.as_ptr(), flags) };
        // SAFETY: the kernel has just made this descriptor, and nobody else knows it.
        Errno::result(descriptor).map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) })
    };
    match create(libc::MFD_CLOEXEC | libc::MFD_EXEC) {
        Err(Errno::EINVAL) => Ok(create(libc::MFD_CLOEXEC)?),
        created => Ok(created?),
    }
}
