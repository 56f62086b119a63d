//! Folders that keep the user of a sandbox from a file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The permission of others to enter a folder.
const ENTER: u32 = 0o001;

/// The outermost folder on the way to a file that other users than its owner may not enter.
pub fn closed(file: &Path) -> Option<PathBuf> {
    let file = fs::canonicalize(file).ok()?;
    let folders: Vec<&Path> = file.ancestors().skip(1).collect();

    let is_closed =
        |folder: &Path| fs::metadata(folder).is_ok_and(|facts| facts.permissions().mode() & ENTER == 0);
    folders.into_iter().rev().find(|folder| is_closed(folder)).map(Path::to_path_buf)
}
