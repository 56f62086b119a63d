//! Which snippets of a document share a session.

use crate::config::Share;
use crate::document::Fence;
use crate::plan::select::Candidates;
use crate::plan::{Planned, Role, Session};

/// What tells sessions of one document apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Document,
    Section(u32),
    /// By its place among the candidates.
    Alone(usize),
}

/// Sessions with something to judge, each up to its last judged snippet. A snippet that runs alone does not split the
/// session around it.
pub(super) fn sessions(candidates: &Candidates<'_>, share: Share) -> Vec<Session> {
    let path = &candidates.document.path;
    let mut groups: Vec<(Key, Vec<Planned>)> = Vec::new();
    for (place, (fence, role)) in candidates.fences.iter().enumerate() {
        let key = key(fence, place, share);
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

fn key(fence: &Fence, place: usize, share: Share) -> Key {
    if fence.directives.isolated {
        return Key::Alone(place);
    }
    match share {
        Share::Document => Key::Document,
        Share::Section => Key::Section(fence.section),
        Share::None => Key::Alone(place),
    }
}
