//! The snapshots of a project: opened once for a run, shared by the threads that judge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use crate::config::{Claims, Redaction, Snapshots};
use crate::directive::Python;
use crate::expect::redact::Redactions;
use crate::expect::snapshots::files::{
    self, FolderListing, SnapshotFiles, SnapshotFilesError, accepted_file, pending_file,
};
use crate::expect::snapshots::format::Snapshot;
use crate::expect::snapshots::versions::{common, versioned};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, SnippetId};

/// What a run may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// `--check`: the tree stays as it is.
    Never,
    /// `.snap.new` files for a review.
    Pending,
    /// `errors`: also exceptions that no `raises=` announced. `prune`: removes what no snippet claims.
    Accept { errors: bool, prune: bool },
}

#[derive(Clone, Debug)]
pub(crate) struct StoreOptions<'a> {
    /// The root of the project, absolute.
    pub(crate) root: &'a Path,
    pub(crate) snapshots: Snapshots,
    pub(crate) claims: Claims,
    /// Redactions of the settings, applied after the built-in ones.
    pub(crate) redactions: &'a [Redaction],
    pub(crate) record: Record,
    /// The Python in which snippets run.
    pub(crate) python: Option<Python>,
    /// Snippets whose common snapshot belongs to another Python of the run.
    pub(crate) settled: BTreeSet<SnippetId>,
}

/// How much of the project a run was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Project,
    Part,
}

/// A `.snap.new` that waits for a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingSnapshot {
    /// `None` for a document outside the root.
    pub(crate) document: Option<DocumentPath>,
    /// The path of the file, relative to the root.
    pub(crate) file: String,
}

impl PendingSnapshot {
    /// What its snippet calls it, whichever version of Python it is for.
    pub(crate) fn name(&self) -> Option<&str> {
        let file = self.file.rsplit('/').next()?;
        file.strip_suffix(".snap.new").map(common)
    }
}

/// Snapshot files that no snippet claims, relative to the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orphans {
    pub(crate) left: Vec<String>,
    /// Files that `accept --prune` has removed.
    pub(crate) removed: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

/// The snapshots of a project.
#[derive(Debug)]
pub(crate) struct SnapshotStore {
    pub(super) files: SnapshotFiles,
    pub(super) redactions: Redactions,
    pub(super) snapshots: Snapshots,
    pub(super) claims: Claims,
    pub(super) record: Record,
    pub(super) python: Option<Python>,
    pub(super) settled: BTreeSet<SnippetId>,
    /// Whether there is an `expected/` folder; without it no folder of a document is opened.
    pub(super) exists: bool,
    /// The reason why `expected/` cannot be used; then nothing is read or written.
    pub(crate) problem: Option<Problem>,
    /// Looked up when the first snippet misses its snapshot.
    lost: OnceLock<Lost>,
}

/// Accepted snapshots of documents that are gone: files by name and digest of the code.
pub(super) type Lost = BTreeMap<(String, String), String>;

impl SnapshotStore {
    pub(crate) fn open(options: StoreOptions<'_>) -> Result<Self, SnapshotFilesError> {
        let files = SnapshotFiles::open(options.root)?;
        let (exists, problem) = match files.has_expectations() {
            Ok(exists) => (exists, None),
            Err(error) => (false, Some(error.into())),
        };

        Ok(Self {
            files,
            redactions: Redactions::new(options.redactions),
            snapshots: options.snapshots,
            claims: options.claims,
            record: options.record,
            python: options.python,
            settled: options.settled,
            exists,
            problem,
            lost: OnceLock::new(),
        })
    }

    /// Finds the snapshots of documents that no longer exist. To be called once, after all documents.
    pub(crate) fn finish(&self, scope: Scope) -> Orphans {
        let mut orphans = Orphans::default();
        if self.problem.is_some() {
            return orphans;
        }

        match scope {
            Scope::Project => match self.lost_files() {
                Ok(files) => orphans = self.prune(files),
                Err(error) => orphans.problems.push(error.into()),
            },
            Scope::Part => {}
        }

        match self.record {
            Record::Accept { .. } => {
                orphans.problems.extend(self.files.remove_remains().err().map(Problem::from));
            }
            Record::Never | Record::Pending => {}
        }
        orphans
    }

    pub(super) fn prune(&self, files: Vec<String>) -> Orphans {
        let mut orphans = Orphans::default();

        match self.record {
            Record::Accept { prune: true, errors: _ } => {
                for file in files {
                    match self.files.remove(&file) {
                        Ok(()) => orphans.removed.push(file),
                        Err(error) => {
                            orphans.problems.push(error.into());
                            orphans.left.push(file);
                        }
                    }
                }
            }
            Record::Accept { prune: false, errors: _ } | Record::Never | Record::Pending => {
                orphans.left = files;
            }
        }
        orphans
    }

    pub(super) fn lost(&self) -> &Lost {
        self.lost.get_or_init(|| {
            let mut lost = Lost::new();
            // `finish` reports the folders that cannot be read.
            for file in self.lost_files().unwrap_or_default() {
                let name = file.rsplit('/').next().and_then(|name| name.strip_suffix(".snap"));
                if let (Some(name), Some(digest)) = (name, self.digest_of(&file)) {
                    lost.entry((name.to_owned(), digest)).or_insert(file);
                }
            }
            lost
        })
    }

    /// Snapshots of documents that are gone. Only files with a digest count: other tools may keep snapshots below
    /// `expected/` as well.
    fn lost_files(&self) -> Result<Vec<String>, SnapshotFilesError> {
        let mut files = Vec::new();
        if !self.exists {
            return Ok(files);
        }

        for folder in self.files.folders()? {
            let Some(document) = files::document(&folder) else { continue };
            if self.files.exists(document.as_str()) {
                continue;
            }
            let FolderListing { accepted, pending } = self.files.list(&folder)?;
            let accepted = accepted.iter().map(|name| accepted_file(&folder, name));
            let pending = pending.iter().map(|name| pending_file(&folder, name));
            files.extend(accepted.chain(pending).filter(|file| self.digest_of(file).is_some()));
        }
        Ok(files)
    }

    /// The name of a snapshot for the Python in which snippets run.
    pub(super) fn versioned(&self, snapshot: &str) -> Option<String> {
        self.python.map(|python| versioned(snapshot, python))
    }

    pub(super) fn digest_of(&self, file: &str) -> Option<String> {
        Snapshot::read(&self.files.read(file).ok()?).ok()?.sha256
    }
}

/// Every `.snap.new` of the project, in the order of their paths.
pub(crate) fn pending(root: &Path) -> Result<Vec<PendingSnapshot>, SnapshotFilesError> {
    let files = SnapshotFiles::open(root)?;
    let mut waiting = Vec::new();
    for folder in files.folders()? {
        for name in files.list(&folder)?.pending {
            let file = pending_file(&folder, &name);
            waiting.push(PendingSnapshot { document: files::document(&folder), file });
        }
    }
    Ok(waiting)
}

pub(crate) fn reject(root: &Path, rejected: &[PendingSnapshot]) -> Result<(), SnapshotFilesError> {
    let files = SnapshotFiles::open(root)?;
    for pending in rejected {
        files.remove(&pending.file)?;
    }
    files.remove_remains()
}
