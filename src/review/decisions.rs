//! What a decision writes, at once and whole, and how it is taken back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::document::Options;
use crate::model::claim::Correction;
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line};
use crate::review::item::{Decision, Item, Subject};
use crate::update::{Hunk, Revision};

/// The files that decisions change.
#[derive(Debug)]
pub(super) struct Decisions {
    root: PathBuf,
    options: Options,
    revisions: BTreeMap<DocumentPath, Revision>,
}

impl Decisions {
    pub(super) fn new(root: PathBuf, options: Options) -> Self {
        Self { root, options, revisions: BTreeMap::new() }
    }

    /// Writes what the decision means, each file whole.
    pub(super) fn make(&mut self, item: &Item, decision: Decision) -> Result<(), Problem> {
        match (&item.subject, decision) {
            (Subject::Snapshot(contents), Decision::Accepted) => Ok(contents.accept(&self.root)?),
            (Subject::Snapshot(contents), Decision::Rejected) => Ok(contents.reject(&self.root)?),
            (Subject::Claim { correction: Some(correction), .. }, Decision::Corrected) => {
                self.revision(item)?.add(correction)
            }
            (Subject::Snapshot(_), Decision::Corrected | Decision::Skipped)
            | (Subject::Claim { .. } | Subject::Fence { .. }, _) => Ok(()),
        }
    }

    /// Takes back what a decision wrote.
    pub(super) fn undo(&mut self, item: &Item, decision: Decision) -> Result<(), Problem> {
        match (&item.subject, decision) {
            (Subject::Snapshot(contents), Decision::Accepted) => Ok(contents.restore(&self.root)?),
            (Subject::Snapshot(contents), Decision::Rejected) => Ok(contents.wait_again(&self.root)?),
            (Subject::Claim { correction: Some(correction), .. }, Decision::Corrected) => {
                self.revision(item)?.remove(correction)
            }
            (Subject::Snapshot(_), Decision::Corrected | Decision::Skipped)
            | (Subject::Claim { .. } | Subject::Fence { .. }, _) => Ok(()),
        }
    }

    /// What a correction would change.
    pub(super) fn preview(&mut self, item: &Item, correction: &Correction) -> Result<Vec<Hunk>, Problem> {
        self.revision(item)?.preview(correction)
    }

    /// Where the line of an item stands now.
    pub(super) fn line_now(&self, item: &Item) -> Line {
        self.revisions.get(&item.path).map_or(item.line, |revision| revision.line_now(item.line))
    }

    /// The document has been changed by somebody else, and is read anew.
    pub(super) fn forget(&mut self, path: &DocumentPath) {
        self.revisions.remove(path);
    }

    fn revision(&mut self, item: &Item) -> Result<&mut Revision, Problem> {
        if !self.revisions.contains_key(&item.path) {
            let revision = Revision::open(&self.root, &item.path, &item.source, &self.options)?;
            self.revisions.insert(item.path.clone(), revision);
        }
        Ok(self.revisions.get_mut(&item.path).expect("it was put there above"))
    }
}
