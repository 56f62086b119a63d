//! The snapshots of a project: opened once for a run, shared by the threads that judge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use crate::config::{Claims, Redaction, Snapshots};
use crate::expect::disk::{self, Disk, DiskError, Listing, accepted_file, pending_file};
use crate::expect::redact::Redactions;
use crate::expect::shelf::{Orphans, Shelf};
use crate::expect::snapshot::{Snapshot, digest};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Snippet};

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

#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a> {
    /// Of the project, absolute.
    pub(crate) root: &'a Path,
    pub(crate) snapshots: Snapshots,
    pub(crate) claims: Claims,
    /// Applied after the built-in ones.
    pub(crate) redactions: &'a [Redaction],
    pub(crate) record: Record,
}

/// How much of the project a run was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Project,
    Part,
}

/// A `.snap.new` that waits for a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    /// `None` for a document outside the root.
    pub(crate) document: Option<DocumentPath>,
    /// Relative to the root.
    pub(crate) file: String,
}

#[derive(Debug)]
pub(crate) struct Expectations {
    pub(super) disk: Disk,
    pub(super) redactions: Redactions,
    pub(super) snapshots: Snapshots,
    pub(super) claims: Claims,
    pub(super) record: Record,
    /// Without an `expected/` folder no document needs a look at the disk.
    exists: bool,
    /// Why that folder cannot be used; nothing is read or written then.
    pub(crate) problem: Option<Problem>,
    /// Found when the first snippet misses its snapshot.
    lost: OnceLock<Lost>,
}

/// Accepted snapshots of documents that are gone: files by name and digest of the code.
type Lost = BTreeMap<(String, String), String>;

impl Expectations {
    pub(crate) fn open(options: Options<'_>) -> Result<Self, DiskError> {
        let disk = Disk::open(options.root)?;
        let (exists, problem) = match disk.has_expectations() {
            Ok(exists) => (exists, None),
            Err(error) => (false, Some(error.into())),
        };
        Ok(Self {
            disk,
            redactions: Redactions::new(options.redactions),
            snapshots: options.snapshots,
            claims: options.claims,
            record: options.record,
            exists,
            problem,
            lost: OnceLock::new(),
        })
    }

    /// `snippets` are all of the document's, selected or not: the others' snapshots belong to nobody.
    pub(crate) fn shelf(&self, document: &DocumentPath, snippets: &[&Snippet]) -> Shelf<'_> {
        let mut found = Shelf {
            expectations: self,
            folder: disk::folder(document),
            listing: self.problem.is_none().then(Listing::default),
            moved: BTreeMap::new(),
            orphans: Vec::new(),
            problems: Vec::new(),
        };
        if !self.exists {
            return found;
        }
        match self.disk.list(&found.folder) {
            Ok(listing) => self.sort_out(listing, snippets, &mut found),
            Err(error) => {
                found.listing = None;
                found.problems.push(error.into());
            }
        }
        found
    }

    /// Once, after all documents: the snapshots of documents that no longer exist.
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
                orphans.problems.extend(self.disk.remove_empty_folders().err().map(Problem::from));
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
                    match self.disk.remove(&file) {
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

    fn sort_out(&self, listing: Listing, snippets: &[&Snippet], found: &mut Shelf<'_>) {
        let claimed: BTreeSet<&str> = snippets.iter().map(|snippet| snippet.snapshot.as_str()).collect();
        let unclaimed = |name: &&String| !claimed.contains(name.as_str());
        let accepted =
            listing.accepted.iter().filter(unclaimed).map(|name| accepted_file(&found.folder, name));
        let pending = listing.pending.iter().filter(unclaimed).map(|name| pending_file(&found.folder, name));
        let mut homeless: Vec<_> = accepted.clone().map(|file| (self.digest_of(&file), file)).collect();
        found.orphans = accepted.chain(pending).collect();
        for snippet in snippets {
            if !listing.accepted.contains(&snippet.snapshot)
                && let Some(file) = self.find_moved(snippet, &mut homeless)
            {
                found.moved.insert(snippet.snapshot.clone(), file);
            }
        }
        found.listing = Some(listing);
    }

    /// Within a document the code decides; from a document that is gone the name must be the same as well, because
    /// many documents share short snippets.
    fn find_moved(&self, snippet: &Snippet, homeless: &mut Vec<(Option<String>, String)>) -> Option<String> {
        if homeless.is_empty() && self.lost().is_empty() {
            return None;
        }
        let code = digest(&snippet.code);
        if let Some(place) = homeless.iter().position(|(digest, _)| digest.as_ref() == Some(&code)) {
            return Some(homeless.remove(place).1);
        }
        self.lost().get(&(snippet.snapshot.clone(), code)).cloned()
    }

    fn lost(&self) -> &Lost {
        self.lost.get_or_init(|| {
            let mut lost = Lost::new();
            // What cannot be read here is reported by `finish`.
            for file in self.lost_files().unwrap_or_default() {
                let name = file.rsplit('/').next().and_then(|name| name.strip_suffix(".snap"));
                if let (Some(name), Some(digest)) = (name, self.digest_of(&file)) {
                    lost.entry((name.to_owned(), digest)).or_insert(file);
                }
            }
            lost
        })
    }

    /// Only files that we wrote: other tools may keep snapshots below `expected/` as well.
    fn lost_files(&self) -> Result<Vec<String>, DiskError> {
        let mut files = Vec::new();
        if !self.exists {
            return Ok(files);
        }
        for folder in self.disk.folders()? {
            let Some(document) = disk::document(&folder) else { continue };
            if self.disk.exists(document.as_str()) {
                continue;
            }
            let Listing { accepted, pending } = self.disk.list(&folder)?;
            let accepted = accepted.iter().map(|name| accepted_file(&folder, name));
            let pending = pending.iter().map(|name| pending_file(&folder, name));
            files.extend(accepted.chain(pending).filter(|file| self.digest_of(file).is_some()));
        }
        Ok(files)
    }

    fn digest_of(&self, file: &str) -> Option<String> {
        Snapshot::read(&self.disk.read(file).ok()?).ok()?.sha256
    }
}

/// Every `.snap.new` of the project, in the order of their paths.
pub(crate) fn pending(root: &Path) -> Result<Vec<Pending>, DiskError> {
    let disk = Disk::open(root)?;
    let mut waiting = Vec::new();
    for folder in disk.folders()? {
        for name in disk.list(&folder)?.pending {
            let file = pending_file(&folder, &name);
            waiting.push(Pending { document: disk::document(&folder), file });
        }
    }
    Ok(waiting)
}

pub(crate) fn reject(root: &Path, rejected: &[Pending]) -> Result<(), DiskError> {
    let disk = Disk::open(root)?;
    for pending in rejected {
        disk.remove(&pending.file)?;
    }
    disk.remove_empty_folders()
}
