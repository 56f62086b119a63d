//! Which snippets run, and which of them share a session.

use std::collections::BTreeSet;

use crate::config::Share;
use crate::document::Document;
use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;

mod group;
mod memory;
mod select;
mod selection;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use memory::Memory;
pub(crate) use selection::{History, Selection};
pub(crate) use session::{PlannedSnippet, Purpose, Session, Unrun};

/// What a run is going to do.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'documents> {
    /// The session that took longest the last time first; sessions that took as long in document order.
    pub(crate) sessions: Vec<Session>,
    /// Selected Python blocks that will not run, in document order.
    pub(crate) unrun: Vec<Unrun<'documents>>,
    pub(crate) problems: Vec<Problem>,
    /// Sentences for the caller about the selection.
    pub(crate) notes: Vec<String>,
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
        planned.filter(|planned| planned.purpose == Purpose::Judged).count()
    }
}

/// Selects blocks and groups them into sessions.
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
