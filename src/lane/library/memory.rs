//! Files in memory that nobody can change (`memfd_create(2)`): no path of the machine leads to them.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, IntoRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::lane::library::carried::INTERPOSE;
use crate::lane::library::file_size::FileSizeLimit;
use crate::lane::library::inherited::{DESCRIPTORS, VARIABLE, let_inherit};

/// A library that a loader can open by its path.
#[derive(Debug)]
pub(crate) struct Library(File);

impl Library {
    pub(crate) fn carried(library: &[u8]) -> io::Result<Self> {
        let mut file = memory(MFdFlags::MFD_ALLOW_SEALING)?;
        let limit = FileSizeLimit::lift();
        file.write_all(library)?;
        drop(limit);
        close(&file)?;
        Ok(Self(file))
    }

    /// Its path, and the descriptor that has to stay open until it is loaded.
    pub(crate) fn into_path(self) -> (String, Option<RawFd>) {
        let descriptor = self.0.into_raw_fd();
        (format!("{DESCRIPTORS}{descriptor}"), Some(descriptor))
    }
}

/// A file that no path leads to.
pub(crate) fn unnamed_file() -> io::Result<File> {
    memory(MFdFlags::empty())
}

/// A file of so many bytes that no path leads to, for one session to write and for others to read once it is [`seal`]ed.
pub(crate) fn image_file(size: u64) -> io::Result<File> {
    let file = memory(MFdFlags::MFD_ALLOW_SEALING)?;
    let limit = FileSizeLimit::lift();
    file.set_len(size)?;
    drop(limit);
    Ok(file)
}

/// The same file for reading, once nobody can change it any more. Fails while somebody has it mapped who could.
pub(crate) fn seal(file: &File) -> io::Result<File> {
    close(file)?;
    File::open(format!("{DESCRIPTORS}{}", file.as_raw_fd()))
}

/// Seals a file (`F_ADD_SEALS`, fcntl(2)).
fn close(file: &File) -> io::Result<()> {
    let seals =
        SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_SEAL;
    fcntl(file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(())
}

fn memory(flags: MFdFlags) -> io::Result<File> {
    Ok(memfd_create("snipcheck", flags | MFdFlags::MFD_CLOEXEC)?.into())
}

/// The library [`INTERPOSE`] for lanes, which load it when they start.
#[derive(Debug)]
pub(crate) struct Preload(Library);

impl Preload {
    pub(crate) fn new() -> io::Result<Self> {
        Library::carried(INTERPOSE).map(Self)
    }

    /// Has a command load it. This has to live until the command has been started.
    pub(crate) fn add_to(&self, command: &mut Command) {
        let descriptor = self.0.0.as_raw_fd();
        command.env(VARIABLE, format!("{DESCRIPTORS}{descriptor}"));
        // SAFETY: between fork and exec only a system call is made.
        unsafe { command.pre_exec(move || let_inherit(descriptor)) };
    }
}
