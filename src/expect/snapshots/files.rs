//! Files below `expected/`: found, written whole or not at all, removed. Follows no symbolic link and never leaves the
//! folder. Knows no snippets.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use crate::expect::snapshots::format::digest;
use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;
use crate::safe_fs::{Dir, Kind, SafeFsError};

/// In the root of a project.
pub(crate) const FOLDER: &str = "expected";
/// For documents outside the root and names that no folder can have.
const ELSEWHERE: &str = "expected/elsewhere/";
const ACCEPTED: &str = ".snap";
const PENDING: &str = ".snap.new";
const LONGEST_PATH: usize = 1024;
const LONGEST_PART: usize = 255;

/// Paths in it are relative to the project root.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotFilesError {
    #[error("cannot open the project")]
    Open(#[source] SafeFsError),
    #[error("cannot read `{path}`")]
    Read { path: String, source: SafeFsError },
    #[error("cannot write `{path}`")]
    Write { path: String, source: SafeFsError },
    #[error("cannot remove `{path}`")]
    Remove { path: String, source: SafeFsError },
    #[error("expected a {expected}, but `{path}` is a {found}")]
    InTheWay { path: String, expected: Kind, found: Kind },
}

impl SnapshotFilesError {
    fn read(path: &str, error: SafeFsError) -> Self {
        Self::of(path, error, |path, source| Self::Read { path, source })
    }

    fn write(path: &str, error: SafeFsError) -> Self {
        Self::of(path, error, |path, source| Self::Write { path, source })
    }

    fn of(path: &str, error: SafeFsError, other: fn(String, SafeFsError) -> Self) -> Self {
        match error {
            SafeFsError::InTheWay { path, expected, found } => Self::InTheWay { path, expected, found },
            error @ (SafeFsError::TooLong { .. } | SafeFsError::Io(_)) => other(path.to_owned(), error),
        }
    }
}

impl From<SnapshotFilesError> for Problem {
    fn from(error: SnapshotFilesError) -> Self {
        let (path, source, hint) = match &error {
            SnapshotFilesError::Open(source) => (".", Some(source), None),
            SnapshotFilesError::Read { path, source } | SnapshotFilesError::Remove { path, source } => {
                (path.as_str(), Some(source), None)
            }
            SnapshotFilesError::Write { path, source } => {
                (path.as_str(), Some(source), Some("nothing was changed"))
            }
            SnapshotFilesError::InTheWay { path, .. } => {
                (path.as_str(), None, Some("move it away: snapshots are plain files in plain folders"))
            }
        };
        let message = match source {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        Self { path: path.to_owned(), line: None, message, hint: hint.map(str::to_owned) }
    }
}

/// Names of snapshots without their endings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FolderListing {
    pub(crate) accepted: BTreeSet<String>,
    pub(crate) pending: BTreeSet<String>,
}

/// The folder of a document's snapshots, relative to the root.
pub(crate) fn folder(document: &DocumentPath) -> String {
    let path = document.as_str();
    let plain = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= LONGEST_PART;
    if path.len() <= LONGEST_PATH && path.split('/').all(plain) && !path.contains('\0') {
        return format!("{FOLDER}/{path}");
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let readable: String = name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("{ELSEWHERE}{readable}-{}", &digest(path)[..16])
}

/// The document whose snapshots a folder holds; `None` where its name does not tell.
pub(crate) fn document(folder: &str) -> Option<DocumentPath> {
    let path = folder.strip_prefix(FOLDER)?.strip_prefix('/')?;
    (!folder.starts_with(ELSEWHERE)).then(|| DocumentPath(path.to_owned()))
}

pub(crate) fn accepted_file(folder: &str, snapshot: &str) -> String {
    format!("{folder}/{snapshot}{ACCEPTED}")
}

pub(crate) fn pending_file(folder: &str, snapshot: &str) -> String {
    format!("{folder}/{snapshot}{PENDING}")
}

/// The open root of a project; everything else here is relative to it.
#[derive(Debug)]
pub(crate) struct SnapshotFiles {
    root: Dir,
}

impl SnapshotFiles {
    pub(crate) fn open(root: &Path) -> Result<Self, SnapshotFilesError> {
        Ok(Self { root: Dir::open(root).map_err(SnapshotFilesError::Open)? })
    }

    /// Whether there is an `expected/` folder at all.
    pub(crate) fn has_expectations(&self) -> Result<bool, SnapshotFilesError> {
        Ok(self.folder(FOLDER)?.is_some())
    }

    /// Empty where there is no such folder.
    pub(crate) fn list(&self, folder: &str) -> Result<FolderListing, SnapshotFilesError> {
        let mut listing = FolderListing::default();
        let Some(open) = self.folder(folder)? else { return Ok(listing) };
        for entry in open.entries().map_err(|error| SnapshotFilesError::read(folder, error))? {
            if let Some(name) = entry.name.strip_suffix(PENDING) {
                listing.pending.insert(name.to_owned());
            } else if let Some(name) = entry.name.strip_suffix(ACCEPTED) {
                listing.accepted.insert(name.to_owned());
            }
        }
        Ok(listing)
    }

    /// Every folder below `expected/`, parents first, in the order of their names.
    pub(crate) fn folders(&self) -> Result<Vec<String>, SnapshotFilesError> {
        let mut folders = Vec::new();
        let mut waiting = vec![FOLDER.to_owned()];
        while let Some(folder) = waiting.pop() {
            let Some(open) = self.folder(&folder)? else { continue };
            for entry in open.entries().map_err(|error| SnapshotFilesError::read(&folder, error))? {
                if entry.kind == Kind::Folder {
                    waiting.push(format!("{folder}/{}", entry.name));
                }
            }
            folders.push(folder);
        }

        folders.retain(|folder| folder != FOLDER);
        folders.sort();
        Ok(folders)
    }

    /// Open for reading.
    pub(crate) fn read(&self, file: &str) -> Result<File, SnapshotFilesError> {
        self.root.file(file).map_err(|error| SnapshotFilesError::read(file, error))
    }

    /// Complete or not at all, also for those who read at the same time.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), SnapshotFilesError> {
        let (folder, name) = split(file);
        let open = self.root.make_folder(folder).map_err(|error| SnapshotFilesError::write(file, error))?;
        open.write(name, text.as_bytes()).map_err(|error| match error {
            SafeFsError::InTheWay { path: _, expected, found } => {
                SnapshotFilesError::InTheWay { path: file.to_owned(), expected, found }
            }
            source @ (SafeFsError::TooLong { .. } | SafeFsError::Io(_)) => {
                SnapshotFilesError::Write { path: file.to_owned(), source }
            }
        })
    }

    /// A file that is gone already is fine.
    pub(crate) fn remove(&self, file: &str) -> Result<(), SnapshotFilesError> {
        let (folder, name) = split(file);
        let Some(open) = self.folder(folder)? else { return Ok(()) };
        open.remove(name).map_err(|source| SnapshotFilesError::Remove { path: file.to_owned(), source })
    }

    /// What killed runs have left, and folders with nothing in them.
    pub(crate) fn remove_remains(&self) -> Result<(), SnapshotFilesError> {
        for folder in self.folders()?.iter().rev() {
            if let Some(open) = self.folder(folder)? {
                open.remove_abandoned().map_err(|error| SnapshotFilesError::read(folder, error))?;
            }
            let (parent, name) = split(folder);
            if let Some(parent) = self.folder(parent)? {
                // It fails for those that are not empty, and only an empty one may go.
                let _ = parent.remove_empty_folder(name);
            }
        }
        Ok(())
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.root.kind(path).is_ok_and(|kind| kind.is_some())
    }

    /// `None` where there is none.
    fn folder(&self, path: &str) -> Result<Option<Dir>, SnapshotFilesError> {
        match self.root.folder(path) {
            Ok(folder) => Ok(Some(folder)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(SnapshotFilesError::read(path, error)),
        }
    }
}

/// The folder and the name in it. Everything here is at least one folder deep.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or((FOLDER, path))
}
