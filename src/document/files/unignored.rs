//! All that is below a folder and that git does not ignore, documents or not.

use std::path::{Path, PathBuf};

use crate::document::files::walk::{Excluded, Walk};

/// Folders and files, without hidden ones.
#[derive(Debug, Default)]
pub(crate) struct Unignored {
    /// The folder itself is the first, unless it cannot be walked.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
}

/// Looks below a folder of the project, so many folders deep. Links to folders are files; what cannot be looked at is left
/// out.
pub(crate) fn unignored(folder: &Path, root: &Path, depth: Option<usize>) -> Unignored {
    let walk = Walk::everything(folder.to_owned(), depth);
    let mut found = Unignored::default();
    for path in walk.files(&Excluded::nothing(root)).flatten() {
        let is_folder = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        if is_folder || path == folder {
            found.folders.push(path);
        } else {
            found.files.push(path);
        }
    }
    found
}
