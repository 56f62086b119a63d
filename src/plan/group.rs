//! Which snippets of a document share a session.

use crate::config::Share;
use crate::document::CodeBlock;
use crate::plan::select::Candidates;
use crate::plan::session::{PlannedSnippet, Purpose, Session};

/// What tells sessions of one document apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    /// All blocks of a document up to a marker that clears names: eras are counted by those markers.
    Document {
        era: u32,
    },
    Section {
        section: u32,
        era: u32,
    },
    Group(&'a str),
    /// One block, by its place among the candidates.
    Alone(usize),
}

/// Sessions with something to judge, each up to its last judged snippet. A snippet that runs alone does not split the
/// session around it.
pub(super) fn sessions(candidates: &Candidates<'_>, share: Share) -> Vec<Session> {
    let path = &candidates.document.path;
    let mut groups: Vec<(Key<'_>, Vec<PlannedSnippet>)> = Vec::new();
    let mut before = None;
    for (place, (block, purpose)) in candidates.blocks.iter().enumerate() {
        let key = key(block, place, share, before);
        before = Some(key);

        let planned = PlannedSnippet { snippet: block.snippet(path), purpose: *purpose };
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, snippets)) => snippets.push(planned),
            None => groups.push((key, vec![planned])),
        }
    }

    let mut sessions = Vec::new();
    for (_, mut snippets) in groups {
        let judged = snippets.iter().rposition(|planned| planned.purpose == Purpose::Judged);
        snippets.truncate(judged.map_or(0, |last| last + 1));
        if !snippets.is_empty() {
            sessions.push(Session { path: path.clone(), snippets });
        }
    }
    sessions
}

/// Which session a block belongs to. `before` is the key of the candidate before this one.
fn key<'a>(block: &'a CodeBlock, place: usize, share: Share, before: Option<Key<'a>>) -> Key<'a> {
    if block.directives.isolated || share == Share::Never {
        return Key::Alone(place);
    }
    if let Some(group) = &block.directives.group {
        return Key::Group(group);
    }
    if let Some(before) = before.filter(|_| block.directives.joined) {
        return before;
    }

    match share {
        Share::Document => Key::Document { era: block.era },
        Share::Section => Key::Section { section: block.section, era: block.era },
        Share::None | Share::Never => Key::Alone(place),
    }
}
