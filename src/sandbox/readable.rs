//! Which folders of the machine a sandbox may read.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// Never given whole: they hold other people's files.
const PRIVATE: [&str; 6] = ["/", "/home", "/root", "/run", "/etc", "/var"];

const REPOSITORY: &str = ".git";

/// `wanted` without what would give away a whole home or system; parents first.
pub(crate) fn readable(wanted: impl IntoIterator<Item = PathBuf>, home: Option<&Path>) -> Vec<PathBuf> {
    let real_home = home.and_then(|home| fs::canonicalize(home).ok());
    let is_private = |path: &Path| {
        let homes = [home, real_home.as_deref()];
        PRIVATE.iter().map(Path::new).map(Some).chain(homes).any(|private| private == Some(path))
    };
    let mut paths: Vec<PathBuf> = wanted
        .into_iter()
        // `..` and links lead to the same folders by other names.
        .filter(|path| {
            path.is_absolute()
                && !is_private(path)
                && !fs::canonicalize(path).is_ok_and(|real| is_private(&real))
        })
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// What lies in folders of the project and leads out of it: a checkout's token stands in `.git/config`, and behind
/// sockets and pipes with names there are other processes.
///
/// Looked for as far down as build servers put checkouts, and servers their sockets.
pub(crate) fn hidden<'a>(folders: impl IntoIterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    const DEPTH: usize = 2;
    let mut found = BTreeSet::new();
    for folder in folders {
        if let Ok(folder) = fs::canonicalize(folder) {
            search(&folder, DEPTH, &mut found);
        }
    }
    found.into_iter().collect()
}

fn search(folder: &Path, depth: usize, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let is_repository = kind.is_dir() && entry.file_name() == REPOSITORY;
        if is_repository || kind.is_socket() || kind.is_fifo() {
            found.insert(entry.path());
        } else if kind.is_dir() && depth > 0 {
            search(&entry.path(), depth - 1, found);
        }
    }
}
