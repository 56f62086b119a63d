//! Files as they are now, without reading them.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Entries of all folders together. With more of them looking takes longer than it may spare.
pub(super) const MOST: usize = 20_000;
/// How deep a folder of packages is looked at: installing one changes its top folder or what lies in that.
pub(super) const PACKAGES: usize = 2;

/// Adds names, sizes, and times of change (`st_ctime`, stat(2)) of what is at a path and, `depth` levels down, below it.
/// What is `apart` is left out. Returns how many entries may follow; `None` where `left` is too few.
pub(super) fn add(
    path: &Path,
    depth: usize,
    apart: &[PathBuf],
    left: usize,
    digest: &mut Sha256,
) -> Option<usize> {
    let mut left = left;
    let mut waiting = vec![(path.to_owned(), depth)];
    while let Some((path, depth)) = waiting.pop() {
        left = left.checked_sub(1)?;
        if apart.binary_search(&path).is_ok() {
            continue;
        }
        let name = path.as_os_str().as_bytes();
        digest.update(name.len().to_ne_bytes());
        digest.update(name);
        let Ok(found) = fs::symlink_metadata(&path) else { continue };

        // What lies in a folder says more than its own times, which change with every file that comes and goes.
        if found.is_dir() {
            if let Some(deeper) = depth.checked_sub(1) {
                let mut entries: Vec<PathBuf> =
                    fs::read_dir(&path).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
                entries.sort_unstable();
                waiting.extend(entries.into_iter().map(|entry| (entry, deeper)));
            }
            continue;
        }
        for number in [found.dev(), found.ino(), found.size(), u64::from(found.mode())] {
            digest.update(number.to_ne_bytes());
        }
        for number in [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()] {
            digest.update(number.to_ne_bytes());
        }
    }
    Some(left)
}
