//! The directories of a session that has no mounts of its own: folders of the host.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::error::{SandboxError, StepContext};

/// How many neighbours are linked where they cannot be overlaid.
const MAX_LINKS: usize = 256;

/// Makes the directories and enters the working one. Returns the home.
pub(super) fn make(
    scratch: &Path,
    neighbours: Option<&Path>,
    hidden: &[PathBuf],
) -> Result<PathBuf, SandboxError> {
    let [home, temporary, files] = ["home", "tmp", "doc"].map(|name| scratch.join(name));
    for path in [&home, &temporary, &files] {
        fs::create_dir(path).step_with(|| format!("make `{}`", path.display()))?;
    }

    if let Some(folder) = neighbours {
        link_neighbours(folder, &files, hidden)?;
    }
    std::env::set_current_dir(&files).step("enter the working directory")?;
    Ok(home)
}

/// Links neighbours, where no layer can be put over them. Snippets read through a link as through a layer; they cannot
/// write to a neighbour.
pub(super) fn link_neighbours(folder: &Path, files: &Path, hidden: &[PathBuf]) -> Result<(), SandboxError> {
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let entries = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        // Folders of a thousand documents are common, and snippets that read one of them are not.
        !name.as_encoded_bytes().starts_with(b".")
            && !name.as_encoded_bytes().ends_with(b".md")
            && hidden.binary_search(&real.join(name)).is_err()
    });

    for entry in entries.take(MAX_LINKS) {
        symlink(entry.path(), files.join(entry.file_name()))
            .step_with(|| format!("link `{}`", entry.path().display()))?;
    }
    Ok(())
}
