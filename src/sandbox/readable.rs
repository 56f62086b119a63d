//! Which folders of the machine a sandbox may read.

use std::path::{Path, PathBuf};

/// Never given whole: they hold other people's files.
const PRIVATE: [&str; 6] = ["/", "/home", "/root", "/run", "/etc", "/var"];

/// `wanted` without what would give away a whole home or system; parents first.
pub(crate) fn readable(wanted: impl IntoIterator<Item = PathBuf>, home: Option<&Path>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = wanted
        .into_iter()
        .filter(|path| {
            path.is_absolute()
                && !PRIVATE.iter().any(|private| path == Path::new(private))
                && Some(path.as_path()) != home
        })
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}
