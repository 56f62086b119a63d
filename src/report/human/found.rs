//! What a report for people keeps until the end of the run.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::problem::Problem;
use crate::model::reason::Minor;
use crate::model::snippet::{DocumentPath, Line};

/// What waits for the end of the run, in the order of the documents.
#[derive(Default)]
pub(super) struct Found {
    /// Snippets that were to run.
    pub(super) planned: Option<usize>,
    /// Rendered at once: what they are made of is large.
    pub(super) failures: BTreeMap<(DocumentPath, Line), Vec<u8>>,
    /// Why each of them failed, in a phrase.
    pub(super) headlines: BTreeMap<(DocumentPath, Line), String>,
    pub(super) problems: Vec<Problem>,
    pub(super) missing: BTreeMap<String, Missing>,
    /// Snippets that need a name of another one, which failed: by the place of that one.
    pub(super) consequences: BTreeMap<(DocumentPath, Line), BTreeSet<(DocumentPath, Line)>>,
    /// By the reason, which they often share.
    pub(super) unrun: BTreeMap<String, BTreeSet<(DocumentPath, Line)>>,
    pub(super) unreviewed: BTreeMap<(DocumentPath, Line), String>,
    pub(super) suspicious: BTreeMap<(DocumentPath, Line), String>,
    pub(super) orphaned: BTreeSet<String>,
    /// Of snippets that passed all the same.
    pub(super) falsehoods: BTreeMap<(DocumentPath, Line), String>,
    /// Failed snippets that `update` cures, by document.
    pub(super) correctable: BTreeMap<DocumentPath, usize>,
    /// Failed snippets that `accept` cures, by document.
    pub(super) acceptable: BTreeMap<DocumentPath, usize>,
}

#[derive(Default)]
pub(super) struct Missing {
    pub(super) snippets: usize,
    pub(super) documents: BTreeSet<DocumentPath>,
    /// The Pythons that lack it, where others of the run do not.
    pub(super) pythons: BTreeSet<Minor>,
}
