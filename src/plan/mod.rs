//! Which snippets run, and which of them share a session.

use std::collections::BTreeSet;

use crate::config::{ChosenPlace, Share};
use crate::document::{CodeBlock, Document};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Snippet};

mod group;
mod memory;
mod select;
#[cfg(test)]
mod tests;

pub(crate) use memory::Memory;

/// What the caller asked for. Every part narrows the choice; an empty one leaves it as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// In a document that is named here only the snippets at these lines.
    pub(crate) places: Vec<ChosenPlace>,
    /// One of these must be a part of the id, in any case.
    pub(crate) patterns: Vec<String>,
    pub(crate) history: History,
}

impl Selection {
    /// Whether it leaves out snippets of the documents that were read.
    pub(crate) fn narrows(&self) -> bool {
        !self.places.is_empty() || !self.patterns.is_empty() || self.history == History::LastFailed
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum History {
    #[default]
    Ignored,
    /// What failed the last time it ran; everything, with a note, where nothing is known to have failed.
    LastFailed,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan<'documents> {
    /// The one that took longest the last time first, then in document order.
    pub(crate) sessions: Vec<Session>,
    /// Selected Python blocks that will not run, in document order.
    pub(crate) unrun: Vec<Unrun<'documents>>,
    pub(crate) problems: Vec<Problem>,
    /// Sentences for the caller about the selection.
    pub(crate) notes: Vec<String>,
}

/// Snippets that share a namespace, a sandbox and a clock, and trust each other.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) path: DocumentPath,
    /// In document order; the last one is judged.
    pub(crate) snippets: Vec<Planned>,
}

#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) snippet: Snippet,
    pub(crate) role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Judged,
    /// It runs because a judged one may build on it; nobody hears how it went.
    Context,
}

/// A Python block whose disposition says why it stays as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unrun<'documents> {
    pub(crate) path: &'documents DocumentPath,
    pub(crate) fence: &'documents CodeBlock,
}

impl Plan<'_> {
    /// How many documents have a snippet that was chosen; all of them where none has.
    pub(crate) fn documents(&self, all: usize) -> usize {
        let run = self.sessions.iter().map(|session| &session.path);
        let chosen: BTreeSet<&DocumentPath> = run.chain(self.unrun.iter().map(|unrun| unrun.path)).collect();
        if chosen.is_empty() { all } else { chosen.len() }
    }

    /// How many snippets will be judged.
    pub(crate) fn judged(&self) -> usize {
        let planned = self.sessions.iter().flat_map(|session| &session.snippets);
        planned.filter(|planned| planned.role == Role::Judged).count()
    }
}

pub(crate) fn build<'documents>(
    documents: &'documents [Document],
    selection: &Selection,
    share: Share,
    memory: &Memory,
) -> Plan<'documents> {
    let selected = select::select(documents, selection, memory);
    let mut sessions: Vec<Session> =
        selected.documents.iter().flat_map(|document| group::sessions(document, share)).collect();
    sessions.sort_by_cached_key(|session| std::cmp::Reverse(memory.wall(session)));
    Plan { sessions, unrun: selected.unrun, problems: selected.problems, notes: selected.notes }
}
