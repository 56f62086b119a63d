//! What lies in the folders that snippets may read, and is not for them: repositories, and what leads to other
//! processes. Knows no sandbox.
//!
//! A checkout keeps the token it was made with in its repository, wherever that is. Folders are listed level by level
//! and no link is followed, so that every folder is met once and none outside of where the search began.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::libc;

use crate::document::side_by_side;

/// Folders of version control, by their names.
const REPOSITORIES: [&str; 5] = [".bzr", ".git", ".hg", ".jj", ".svn"];
const GIT: &str = ".git";

/// What a repository without a name of its own is recognised by: the first with the next two, or with the last
/// (`gitrepository-layout(5)`).
const MARKS: [&str; 4] = ["HEAD", "objects", "refs", COMMON];
const COMMON: &str = "commondir";
/// What such a repository says of where it came from.
const SETTINGS: [&str; 3] = ["config", "config.worktree", "FETCH_HEAD"];

/// Of a file that names a folder.
const LONGEST_POINTER: u64 = 4096;
/// A folder with a longer path is hidden whole: names of the kernel end at 4096 bytes.
const LONGEST_PATH: usize = 3072;
/// Far more than the trees of large projects have.
pub(super) const MOST_FOLDERS: usize = 1_000_000;
/// Each is a mount in every sandbox.
pub(super) const MOST_HIDDEN: usize = 4096;

/// A tree that cannot be shown to snippets, because not all that has to be hidden is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HiddenError {
    #[error("`{}` has more than {MOST_FOLDERS} folders, too many to look for repositories in", folder.display())]
    Folders { folder: PathBuf },
    #[error("`{}` has more than {MOST_HIDDEN} repositories, sockets and pipes to hide from snippets", folder.display())]
    Entries { folder: PathBuf },
}

/// Everything to hide below these folders, ascending, without what lies in something that is hidden itself.
pub(super) fn hidden(folders: &[PathBuf]) -> Result<Vec<PathBuf>, HiddenError> {
    let tops: BTreeSet<PathBuf> = folders
        .iter()
        .filter_map(|folder| fs::canonicalize(folder).ok())
        .filter(|path| path.is_dir())
        .collect();
    let mut found = BTreeSet::new();
    for top in &tops {
        // A folder inside another one is met on the way.
        if !top.ancestors().skip(1).any(|folder| tops.contains(folder)) {
            search(top, &mut found)?;
        }
    }

    found.retain(|path| tops.iter().any(|top| path != top && path.starts_with(top)));
    let mut outermost: Vec<PathBuf> = Vec::new();
    for path in found {
        if !outermost.last().is_some_and(|last| path.starts_with(last)) {
            outermost.push(path);
        }
    }
    Ok(outermost)
}

fn search(top: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), HiddenError> {
    let Listing { mut folders, hidden, .. } = list(top).without_settings_alone(top);
    found.extend(hidden);
    let mut met = folders.len();
    while !folders.is_empty() {
        let listings = side_by_side(&folders, |folder| list(folder).unless_repository(folder));
        folders.clear();
        for listing in listings {
            folders.extend(listing.folders);
            found.extend(listing.hidden);
        }

        met += folders.len();
        if met > MOST_FOLDERS {
            return Err(HiddenError::Folders { folder: top.to_path_buf() });
        }
        if found.len() > MOST_HIDDEN {
            return Err(HiddenError::Entries { folder: top.to_path_buf() });
        }
    }
    Ok(())
}

/// What a folder has in it.
#[derive(Default)]
struct Listing {
    /// To be listed next.
    folders: Vec<PathBuf>,
    hidden: Vec<PathBuf>,
    /// Which of the [`MARKS`] there are.
    marks: [bool; MARKS.len()],
}

impl Listing {
    fn is_repository(&self) -> bool {
        let [head, objects, references, common] = self.marks;
        head && (objects && references || common)
    }

    fn unless_repository(self, folder: &Path) -> Self {
        if !self.is_repository() {
            return self;
        }
        Self { hidden: vec![folder.to_path_buf()], ..Self::default() }
    }

    /// The folder that snippets are to read cannot be hidden as a whole.
    fn without_settings_alone(mut self, top: &Path) -> Self {
        if self.is_repository() {
            self.hidden.extend(SETTINGS.map(|name| top.join(name)).into_iter().filter(|path| path.exists()));
        }
        self
    }
}

fn list(folder: &Path) -> Listing {
    let hidden_whole = || Listing { hidden: vec![folder.to_path_buf()], ..Listing::default() };
    if folder.as_os_str().len() > LONGEST_PATH {
        return hidden_whole();
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            return match error.kind() {
                // The sandbox has no more rights than the runner.
                io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound => Listing::default(),
                _ => hidden_whole(),
            };
        }
    };

    let mut listing = Listing::default();
    for entry in entries.flatten() {
        listing.add(folder, &entry);
    }
    listing
}

impl Listing {
    fn add(&mut self, folder: &Path, entry: &DirEntry) {
        let Ok(kind) = entry.file_type() else { return };
        let name = entry.file_name();
        if REPOSITORIES.iter().any(|repository| name == *repository) {
            self.hidden.push(entry.path());
            if name == GIT && !kind.is_dir() {
                self.hidden.extend(led_to(&entry.path(), folder));
            }
            return;
        }

        if kind.is_socket() || kind.is_fifo() {
            self.hidden.push(entry.path());
        } else if kind.is_dir() {
            self.folders.push(entry.path());
        }
        for (mark, is_there) in MARKS.iter().zip(&mut self.marks) {
            *is_there |= name == *mark;
        }
    }
}

/// Where a `.git` leads that is no folder: a link, or a file of a submodule or of another working tree, which names its
/// repository, which may name the one that it shares. None of them may hide the folder it is in.
fn led_to(git: &Path, folder: &Path) -> Vec<PathBuf> {
    let Ok(mut target) = fs::canonicalize(git) else { return Vec::new() };
    if target.is_file() {
        let Some(named) = pointer(&target, b"gitdir:") else { return Vec::new() };
        let beside = target.parent().unwrap_or(folder).join(named);
        let Ok(repository) = fs::canonicalize(beside) else { return Vec::new() };
        target = repository;
    }
    let shared =
        pointer(&target.join(COMMON), b"").and_then(|named| fs::canonicalize(target.join(named)).ok());
    [Some(target), shared].into_iter().flatten().filter(|path| !folder.starts_with(path)).collect()
}

/// The path that a small file names. A pipe would hold whoever opens it, an endless device whoever reads it.
fn pointer(file: &Path, prefix: &[u8]) -> Option<PathBuf> {
    let mut text = Vec::new();
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(file).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    file.take(LONGEST_POINTER).read_to_end(&mut text).ok()?;
    let named = text.strip_prefix(prefix)?.trim_ascii();
    (!named.is_empty()).then(|| PathBuf::from(std::ffi::OsStr::from_bytes(named)))
}
