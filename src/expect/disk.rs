//! Files below `expected/`: found, written whole or not at all, removed. Follows no symbolic link and never leaves the
//! folder. Knows no snippets.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::expect::snapshot::{digest, not_a_file};
use crate::problem::Problem;
use crate::snippet::DocumentPath;

const FOLDER: &str = "expected";
/// For documents outside the root and names that no folder can have.
const ELSEWHERE: &str = "expected/elsewhere/";
const ACCEPTED: &str = ".snap";
const PENDING: &str = ".snap.new";
const LONGEST_PATH: usize = 1024;
const LONGEST_PART: usize = 255;

/// Paths in it are relative to the project root.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiskError {
    #[error("cannot read `{path}`")]
    Read { path: String, source: io::Error },
    #[error("cannot write `{path}`")]
    Write { path: String, source: io::Error },
    #[error("cannot remove `{path}`")]
    Remove { path: String, source: io::Error },
    #[error("expected a folder, but `{path}` is a {kind}")]
    NotAFolder { path: String, kind: &'static str },
    #[error("expected a file, but `{path}` is a {kind}")]
    NotAFile { path: String, kind: &'static str },
}

impl From<DiskError> for Problem {
    fn from(error: DiskError) -> Self {
        let (path, source, hint) = match &error {
            DiskError::Read { path, source } | DiskError::Remove { path, source } => {
                (path, Some(source), None)
            }
            DiskError::Write { path, source } => (path, Some(source), Some("nothing was changed")),
            DiskError::NotAFolder { path, .. } | DiskError::NotAFile { path, .. } => {
                (path, None, Some("move it away: snapshots are plain files in plain folders"))
            }
        };
        let message = match source {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        Self { path: path.clone(), line: None, message, hint: hint.map(str::to_owned) }
    }
}

/// Names of snapshots without their endings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
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

/// Absolute root of a project; everything else here is relative to it.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
}

impl Disk {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Whether there is an `expected/` folder at all.
    pub(crate) fn has_expectations(&self) -> Result<bool, DiskError> {
        self.is_folder(FOLDER)
    }

    /// Empty where there is no such folder.
    pub(crate) fn list(&self, folder: &str) -> Result<Listing, DiskError> {
        let mut listing = Listing::default();
        if !self.is_folder(folder)? {
            return Ok(listing);
        }
        for entry in self.entries(folder)? {
            if let Some(name) = entry.name.strip_suffix(PENDING) {
                listing.pending.insert(name.to_owned());
            } else if let Some(name) = entry.name.strip_suffix(ACCEPTED) {
                listing.accepted.insert(name.to_owned());
            }
        }
        Ok(listing)
    }

    /// Every folder below `expected/`, parents first, in the order of their names.
    pub(crate) fn folders(&self) -> Result<Vec<String>, DiskError> {
        let mut folders = Vec::new();
        let mut open = if self.has_expectations()? { vec![FOLDER.to_owned()] } else { Vec::new() };
        while let Some(folder) = open.pop() {
            for entry in self.entries(&folder)? {
                if entry.is_folder {
                    open.push(format!("{folder}/{}", entry.name));
                }
            }
            folders.push(folder);
        }
        folders.retain(|folder| folder != FOLDER);
        folders.sort();
        Ok(folders)
    }

    /// Complete or not at all, also for those who read at the same time.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), DiskError> {
        let failed = |source| DiskError::Write { path: file.to_owned(), source };
        let (folder, _) = file.rsplit_once('/').unwrap_or((FOLDER, file));
        if !self.is_folder(folder)? {
            fs::create_dir_all(self.path(folder)).map_err(failed)?;
        }
        let target = self.path(file);
        match fs::symlink_metadata(&target) {
            Ok(metadata) => {
                if let Some(kind) = not_a_file(metadata.file_type()) {
                    return Err(DiskError::NotAFile { path: file.to_owned(), kind });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        // The umask still applies; without this the file would be its owner's alone.
        let mut temporary = tempfile::Builder::new()
            .prefix(".snipcheck-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(self.path(folder))
            .map_err(failed)?;
        temporary.as_file_mut().write_all(text.as_bytes()).map_err(failed)?;
        temporary.persist(&target).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// A file that is gone already is fine.
    pub(crate) fn remove(&self, file: &str) -> Result<(), DiskError> {
        match fs::remove_file(self.path(file)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(DiskError::Remove { path: file.to_owned(), source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(crate) fn remove_empty_folders(&self) -> Result<(), DiskError> {
        for folder in self.folders()?.iter().rev() {
            // It fails for those that are not empty, and only an empty one may go.
            let _ = fs::remove_dir(self.path(folder));
        }
        Ok(())
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    /// Refuses a path any part of which is a symbolic link or no folder.
    fn is_folder(&self, folder: &str) -> Result<bool, DiskError> {
        for end in folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]) {
            let part = &folder[..end];
            let path = part.to_owned();
            match fs::symlink_metadata(self.path(part)) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(metadata) => {
                    let kind = not_a_file(metadata.file_type()).unwrap_or("file");
                    return Err(DiskError::NotAFolder { path, kind });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(source) => return Err(DiskError::Read { path, source }),
            }
        }
        Ok(true)
    }

    /// Names that are not UTF-8 cannot be ours.
    fn entries(&self, folder: &str) -> Result<Vec<Entry>, DiskError> {
        let failed = |source| DiskError::Read { path: folder.to_owned(), source };
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.path(folder)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            if let Ok(name) = entry.file_name().into_string() {
                entries.push(Entry { name, is_folder });
            }
        }
        Ok(entries)
    }
}

struct Entry {
    name: String,
    is_folder: bool,
}
