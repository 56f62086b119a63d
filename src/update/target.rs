//! The file of a document, all links followed, and how its contents are exchanged.

use std::fs::canonicalize;
use std::io;
use std::path::Path;

use crate::document;
use crate::model::snippet::DocumentPath;
use crate::safe_fs::{Dir, contents};
use crate::update::error::UpdateError;

/// A file and the folder that it is in, which stays open so that no link can be put in its way.
#[derive(Debug)]
pub(super) struct Target {
    folder: Dir,
    name: String,
}

impl Target {
    /// Finds the file of a document. A link of the project must not lead out of it; a document that the caller named
    /// outside of the project is written where it is.
    pub(super) fn find(root: &Path, path: &DocumentPath) -> Result<Self, UpdateError> {
        let unread = |error: io::Error| UpdateError::Read(error.into());
        let real = canonicalize(root.join(path.as_str())).map_err(unread)?;
        let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(UpdateError::Outside);
        };
        let name = name.to_str().ok_or(UpdateError::Name)?.to_owned();

        if Path::new(path.as_str()).is_absolute() {
            let folder = Dir::open(folder).map_err(UpdateError::Read)?;
            return Ok(Self { folder, name });
        }

        let root = canonicalize(root).map_err(unread)?;
        let way = folder.strip_prefix(&root).map_err(|_| UpdateError::Outside)?;
        let way = way.to_str().ok_or(UpdateError::Name)?;
        let open = Dir::open(&root);
        let folder = if way.is_empty() { open } else { open.and_then(|root| root.folder(way)) };
        Ok(Self { folder: folder.map_err(UpdateError::Read)?, name })
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, UpdateError> {
        let file = self.folder.file(&self.name);
        file.and_then(|file| contents(&file, document::LONGEST)).map_err(UpdateError::Read)
    }

    /// Writes the new contents, unless the file no longer holds the old ones.
    pub(super) fn exchange(&self, old: &[u8], new: &[u8]) -> Result<(), UpdateError> {
        if self.bytes()? != old {
            return Err(UpdateError::Changed);
        }
        self.folder.replace(&self.name, new).map_err(UpdateError::Write)?;
        // What earlier runs have left there keeps nobody from reading the document.
        let _ = self.folder.remove_abandoned();
        Ok(())
    }
}
