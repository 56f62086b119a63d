//! One pending snapshot beside the accepted one: both as they were read, and what a decision about them writes.

use std::path::Path;

use crate::expect::snapshots::files::{SnapshotFiles, SnapshotFilesError};
use crate::expect::snapshots::format::{FormatError, LARGEST, Snapshot, accepted_text};
use crate::expect::snapshots::store::PendingSnapshot;
use crate::expect::snapshots::versions::common_file;
use crate::model::problem::Problem;
use crate::safe_fs;

const ENDING: &str = ".new";

/// What is in a pending file and in the accepted one beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingContents {
    /// The accepted file, relative to the root.
    pub(crate) snapshot: String,
    pending: String,
    /// The transcript that is accepted; `None` where nothing is.
    pub(crate) accepted: Option<String>,
    /// The transcript that waits.
    pub(crate) actual: String,
    pending_text: String,
    accepted_text: Option<String>,
    /// The accepted file under a name that the snippet had before.
    earlier: Option<(String, String)>,
}

impl PendingContents {
    /// Reads both files. `earlier` is the accepted file of a snippet that has been renamed.
    pub(crate) fn read(
        root: &Path,
        pending: &PendingSnapshot,
        earlier: Option<&str>,
    ) -> Result<Self, Problem> {
        let files = SnapshotFiles::open(root)?;
        let snapshot = pending.file.strip_suffix(ENDING).unwrap_or(&pending.file).to_owned();
        let (actual, pending_text) = both(&files, &pending.file)?;

        let (mut accepted, mut accepted_text) = (None, None);
        if files.exists(&snapshot) {
            // One that cannot be read is shown as missing; accepting the new one writes it anew.
            let text = text(&files, &snapshot)?;
            accepted = both(&files, &snapshot).ok().map(|(body, _)| body);
            accepted_text = Some(text);
        }

        let earlier = match earlier.filter(|_| accepted_text.is_none()) {
            Some(file) => {
                let (body, text) = both(&files, file)?;
                accepted = Some(body);
                Some((file.to_owned(), text))
            }
            None => None,
        };

        // One of a version is the first of its kind where the common one has held until now.
        let common = common_file(&snapshot);
        if accepted.is_none() && files.exists(&common) {
            accepted = both(&files, &common).ok().map(|(body, _)| body);
        }

        let pending = pending.file.clone();
        Ok(Self { snapshot, pending, accepted, actual, pending_text, accepted_text, earlier })
    }

    /// What was read becomes the accepted snapshot. A process that is killed meanwhile leaves at most both files, and the
    /// next run removes the pending one.
    pub(crate) fn accept(&self, root: &Path) -> Result<(), SnapshotFilesError> {
        let files = SnapshotFiles::open(root)?;
        files.write(&self.snapshot, &accepted_text(&self.pending_text))?;
        if let Some((file, _)) = &self.earlier {
            files.remove(file)?;
        }
        files.remove(&self.pending)
    }

    /// What waits is thrown away.
    pub(crate) fn reject(&self, root: &Path) -> Result<(), SnapshotFilesError> {
        SnapshotFiles::open(root)?.remove(&self.pending)
    }

    /// What was thrown away waits again.
    pub(crate) fn wait_again(&self, root: &Path) -> Result<(), SnapshotFilesError> {
        SnapshotFiles::open(root)?.write(&self.pending, &self.pending_text)
    }

    /// Takes an acceptance back: everything is as it was when it was read.
    pub(crate) fn restore(&self, root: &Path) -> Result<(), SnapshotFilesError> {
        let files = SnapshotFiles::open(root)?;
        files.write(&self.pending, &self.pending_text)?;
        if let Some((file, text)) = &self.earlier {
            files.write(file, text)?;
        }
        match &self.accepted_text {
            Some(text) => files.write(&self.snapshot, text),
            None => files.remove(&self.snapshot),
        }
    }
}

/// The transcript in a snapshot file, and all of its text.
fn both(files: &SnapshotFiles, file: &str) -> Result<(String, String), Problem> {
    let snapshot = Snapshot::read(&files.read(file)?).map_err(|error| unreadable(file, &error))?;
    Ok((snapshot.body, text(files, file)?))
}

fn text(files: &SnapshotFiles, file: &str) -> Result<String, Problem> {
    let bytes = safe_fs::contents(&files.read(file)?, LARGEST);
    let bytes = bytes.map_err(|error| unreadable(file, &error.into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(file: &str, error: &FormatError) -> Problem {
    Problem {
        path: file.to_owned(),
        line: error.line(),
        message: error.to_string(),
        hint: Some("`snipcheck run` writes it anew, `snipcheck reject` throws it away".to_owned()),
    }
}
