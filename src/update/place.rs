//! Where the file of a document is, behind all links, and how its contents are exchanged.

use std::fs::canonicalize;
use std::io;
use std::path::Path;

use crate::document;
use crate::model::snippet::DocumentPath;
use crate::safe_fs::{Dir, contents};
use crate::update::error::UpdateError;

#[derive(Debug)]
pub(super) struct Place {
    folder: Dir,
    name: String,
}

impl Place {
    /// A link of the project must not lead out of it. What the caller named outside of it is written there.
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

    /// Only what is still as it was is written.
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
