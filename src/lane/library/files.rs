//! Stands in for files in memory on systems without them, where nothing is interposed either.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::RawFd;
use std::process::Command;

/// A library that a loader can open by its path.
#[derive(Debug)]
pub(crate) struct Library(String);

impl Library {
    /// It stays in the folder for temporary files until the machine clears that folder: whoever has loaded it needs it.
    pub(crate) fn carried(library: &[u8]) -> io::Result<Self> {
        let mut file = tempfile::Builder::new().prefix("snipcheck-").suffix(".so").tempfile()?;
        file.write_all(library)?;
        let (_, path) = file.keep().map_err(|error| error.error)?;
        Ok(Self(path.to_string_lossy().into_owned()))
    }

    /// Its path, and the descriptor that has to stay open until it is loaded: none.
    pub(crate) fn into_path(self) -> (String, Option<RawFd>) {
        (self.0, None)
    }
}

/// A file that no path leads to.
pub(crate) fn unnamed_file() -> io::Result<File> {
    tempfile::tempfile()
}

/// Lanes load nothing when they start.
#[derive(Debug)]
pub(crate) struct Preload;

#[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "where there is a sandbox it is a library")]
impl Preload {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn add_to(&self, _command: &mut Command) {}
}

/// There are no images.
pub(crate) fn image_file(_: u64) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn seal(_: &File) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
