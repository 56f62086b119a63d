//! Which snippets of a document share a session.

use crate::config::Share;
use crate::document::CodeBlock;
use crate::plan::select::Candidates;
use crate::plan::{Planned, Role, Session};

/// What tells sessions of one document apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    /// Of an era.
    Document(u32),
    /// Of an era.
    Section(u32, u32),
    Group(&'a str),
    /// By its place among the candidates.
    Alone(usize),
}

/// Sessions with something to judge, each up to its last judged snippet. A snippet that runs alone does not split the
/// session around it.
pub(super) fn sessions(candidates: &Candidates<'_>, share: Share) -> Vec<Session> {
    let path = &candidates.document.path;
    let mut groups: Vec<(Key<'_>, Vec<Planned>)> = Vec::new();
    let mut before = None;
    for (place, (fence, role)) in candidates.blocks.iter().enumerate() {
        let key = key(fence, place, share, before);
        before = Some(key);
        let planned = Planned { snippet: fence.snippet(path), role: *role };
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, snippets)) => snippets.push(planned),
            None => groups.push((key, vec![planned])),
        }
    }
    let mut sessions = Vec::new();
    for (_, mut snippets) in groups {
        let judged = snippets.iter().rposition(|planned| planned.role == Role::Judged);
        snippets.truncate(judged.map_or(0, |last| last + 1));
        if !snippets.is_empty() {
            sessions.push(Session { path: path.clone(), snippets });
        }
    }
    sessions
}

/// `before` is the key of the candidate in front of it.
fn key<'a>(fence: &'a CodeBlock, place: usize, share: Share, before: Option<Key<'a>>) -> Key<'a> {
    if fence.directives.isolated || share == Share::Never {
        return Key::Alone(place);
    }
    if let Some(group) = &fence.directives.group {
        return Key::Group(group);
    }
    if let Some(before) = before.filter(|_| fence.directives.joined) {
        return before;
    }
    match share {
        Share::Document => Key::Document(fence.era),
        Share::Section => Key::Section(fence.section, fence.era),
        Share::None | Share::Never => Key::Alone(place),
    }
}
