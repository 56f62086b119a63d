//! Which folders of the machine a sandbox may read.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are never readable as a whole: they hold other people's files.
const PRIVATE: [&str; 6] = ["/", "/home", "/root", "/run", "/etc", "/var"];

/// `wanted` without what would give away a whole home or system; parents first.
pub fn readable(wanted: impl IntoIterator<Item = PathBuf>, home: Option<&Path>) -> Vec<PathBuf> {
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
