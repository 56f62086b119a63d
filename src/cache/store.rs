//! Entries on disk: one file for each session, written by whoever ran it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::cache::key::{Key, Needs};
use crate::model::outcome::Outcome;
use crate::safe_fs::{Dir, SafeFsError, contents, plain};

const FOLDER: &str = "results";
/// Bytes of the longest entry.
const LONGEST: u64 = 4 << 20;
/// Bytes of all entries. With more, those go first that were not used for the longest time.
const MOST: u64 = 256 << 20;
/// Beside the entries: a file as old as the last look for those that are too many.
const PRUNED: &str = "results-pruned";
/// Between two of these looks, and between two marks of an entry that is used.
const DAY: Duration = Duration::from_hours(24);
/// Digits of a key that are the folder of its entry.
const PREFIX: usize = 2;

/// The folder of entries in the caller's cache.
pub(crate) fn results(cache: &Path) -> PathBuf {
    cache.join(FOLDER)
}

/// The entries that a run finds and leaves.
#[derive(Debug)]
pub(crate) struct Kept {
    cache: PathBuf,
}

impl Kept {
    pub(crate) fn open(cache: &Path) -> Self {
        Self { cache: cache.to_owned() }
    }

    /// What the snippets of a session did, and what it needed. `None` without a whole entry, of the caller's own.
    pub(crate) fn recall(&self, key: &Key) -> Option<(Needs, Vec<Outcome>)> {
        let (folder, name) = self.place(key);
        let file = plain(&folder.join(name)).ok()?;
        let found = file.metadata().ok()?;
        if found.uid() != nix::unistd::geteuid().as_raw() {
            return None;
        }
        let bytes = contents(&file, LONGEST).ok()?;
        let entry = decode(&bytes)?;
        if found.modified().ok()?.elapsed().is_ok_and(|age| age > DAY) {
            // It is found as well by the time of its first use.
            let _ = file.set_modified(SystemTime::now());
        }
        Some(entry)
    }

    /// Each of the outcomes in JSON.
    pub(crate) fn keep(&self, key: &Key, needs: &Needs, outcomes: &[Vec<u8>]) -> Result<(), SafeFsError> {
        let needs = serde_json::to_vec(needs).map_err(io::Error::from)?;
        let bytes = encode(&needs, outcomes);
        if bytes.len() as u64 > LONGEST {
            return Ok(());
        }
        let (folder, name) = self.place(key);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Dir::open(&folder)?.write(name, &bytes)
    }

    /// As [`prune`], once a day. What fails is tried again after the next run.
    pub(crate) fn prune_daily(&self) {
        let marker = self.cache.join(PRUNED);
        let pruned =
            fs::metadata(&marker).and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        if pruned.elapsed().is_ok_and(|age| age > DAY) && prune(&self.cache).is_ok() {
            let _ = fs::write(marker, "");
        }
    }

    /// The folder of an entry, and its name there.
    fn place<'a>(&self, key: &'a Key) -> (PathBuf, &'a str) {
        let (folder, name) = key.as_str().split_at(PREFIX);
        (results(&self.cache).join(folder), name)
    }
}

/// Removes all entries. Returns how many bytes they took.
pub(crate) fn clear(cache: &Path) -> io::Result<u64> {
    remove(cache, 0)
}

/// Removes entries until they take no more than they may. Returns how many bytes the removed ones took.
pub(crate) fn prune(cache: &Path) -> io::Result<u64> {
    remove(cache, MOST)
}

/// Those that were not used for the longest time, and what writers that were killed have left.
fn remove(cache: &Path, most: u64) -> io::Result<u64> {
    let mut files = Vec::new();
    let folders = match fs::read_dir(results(cache)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        folders => folders?,
    };
    for folder in folders {
        let folder = folder?.path();
        if let Ok(folder) = Dir::open(&folder) {
            // What cannot be removed now can be later.
            let _ = folder.remove_abandoned();
        }
        for entry in fs::read_dir(folder)?.flatten() {
            let Ok(found) = entry.metadata() else { continue };
            files.push((found.modified()?, found.len(), entry.path()));
        }
    }

    files.sort_unstable();
    let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    let mut removed = 0;
    for (_, bytes, path) in files {
        if total <= most {
            break;
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        total -= bytes;
        removed += bytes;
    }
    Ok(removed)
}

fn encode(needs: &[u8], outcomes: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"[", needs, b",[", outcomes.join(&b","[..]).as_slice(), b"]]"].concat();
    let mut bytes = Sha256::digest(&body).to_vec();
    bytes.extend_from_slice(&body);
    bytes
}

fn decode(bytes: &[u8]) -> Option<(Needs, Vec<Outcome>)> {
    let (digest, body) = bytes.split_first_chunk::<32>()?;
    let is_whole = Sha256::digest(body).as_slice() == digest;
    is_whole.then(|| serde_json::from_slice(body).ok())?
}
