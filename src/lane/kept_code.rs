//! What lanes have compiled of the worker's own Python code, kept in the caller's cache from run to run.
//!
//! The file is read before a lane is confined, and its code runs with the rights of a lane. So it counts only if it is the
//! caller's own.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::safe_fs::{Dir, Entry, SafeFsError, contents, plain};
use crate::sandbox;

const FOLDER: &str = "worker";
/// Bytes of a file that are read. There are some 100,000.
const LONGEST: u64 = 1 << 20;
/// Files that are kept, one for each interpreter and build. With more of them the folder starts again.
const MOST: usize = 32;
/// In the mode of a file, who else may write it.
const OTHERS_WRITE: u32 = 0o022;

/// The file for an interpreter, the libpython that it is linked to, and this executable, as they are now.
pub(crate) fn file(cache: &Path, python: &Path, libpython: Option<&Path>) -> Option<PathBuf> {
    let mut digest = Sha256::new();
    let own = sandbox::executable().ok()?;
    for program in [python, &own].into_iter().chain(libpython) {
        let found = fs::metadata(program).ok()?;
        for number in [found.dev(), found.ino(), found.size()] {
            digest.update(number.to_ne_bytes());
        }
        digest.update(found.mtime().to_ne_bytes());
        digest.update(found.mtime_nsec().to_ne_bytes());
    }
    let name = u64::from_be_bytes(*digest.finalize().first_chunk()?);
    Some(cache.join(FOLDER).join(format!("{name:016x}")))
}

/// Nothing where there is no such file, or one that others may have written.
pub(super) fn read(path: &Path) -> Vec<u8> {
    let own = |file: &fs::File| {
        let found = file.metadata().ok()?;
        let is_own = found.uid() == nix::unistd::geteuid().as_raw() && found.mode() & OTHERS_WRITE == 0;
        is_own.then_some(())
    };
    let bytes = plain(path).ok().and_then(|file| {
        own(&file)?;
        contents(&file, LONGEST).ok()
    });
    bytes.unwrap_or_default()
}

/// Replaces what was kept.
pub(crate) fn keep(path: &Path, bytes: &[u8]) -> Result<(), SafeFsError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
    };
    fs::create_dir_all(folder)?;
    let folder = Dir::open(folder)?;
    folder.remove_abandoned()?;
    let kept = folder.entries()?;
    if kept.len() >= MOST {
        for Entry { name, .. } in kept {
            folder.remove(&name)?;
        }
    }
    folder.write(name, bytes)
}
