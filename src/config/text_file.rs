//! Files that people write for programs: small, and text.

use std::io;
use std::path::Path;

use crate::safe_fs::{self, SafeFsError};

/// The longest file that is read.
const LONGEST: u64 = 8 << 20;

/// All of a small file; one that never ends, or where nothing comes, is an error.
pub(super) fn read(file: &Path) -> io::Result<String> {
    let bytes = safe_fs::plain(file).and_then(|open| safe_fs::contents(&open, LONGEST));
    let bytes = bytes.map_err(|error| match error {
        SafeFsError::Io(error) => error,
        error @ (SafeFsError::InTheWay { .. } | SafeFsError::TooLong { .. }) => io::Error::other(error),
    })?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}
