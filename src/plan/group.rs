//! Which snippets of a document share a session.

use std::sync::Arc;

use crate::config::Share;
use crate::document::CodeBlock;
use crate::model::snippet::{DocumentPath, Line, TitledFile};
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
    let files = Files::of(candidates);
    let mut groups: Vec<(Key<'_>, Vec<Member>)> = Vec::new();
    let mut before = None;
    for (place, (block, purpose)) in candidates.blocks.iter().enumerate() {
        let key = key(block, place, share, before);
        before = Some(key);

        let member = Member { place, planned: files.planned(path, block, *purpose) };
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, members)) => members.push(member),
            None => groups.push((key, vec![member])),
        }
    }
    add_guests(candidates, &files, &mut groups);

    let mut sessions = Vec::new();
    for (_, mut members) in groups {
        members.sort_by_key(|member| (member.planned.snippet.directives.turn, member.place));
        let mut snippets: Vec<_> = members.into_iter().map(|member| member.planned).collect();

        let judged = snippets.iter().rposition(|planned| planned.purpose == Purpose::Judged);
        snippets.truncate(judged.map_or(0, |last| last + 1));

        // What runs first in a session runs once.
        let prologues = snippets.iter_mut().map(|planned| &mut planned.snippet.directives.prologue);
        prologues.filter(|prologue| prologue.is_some()).skip(1).for_each(|prologue| *prologue = None);

        if !snippets.is_empty() {
            sessions.push(Session { path: path.clone(), snippets, files: Arc::clone(&files.files) });
        }
    }
    sessions
}

/// A snippet of a session, and its place among the candidates.
struct Member {
    place: usize,
    planned: PlannedSnippet,
}

/// The files that the blocks of a document are for those that follow, whichever session these are in.
struct Files {
    /// Where the block of each begins.
    starts: Vec<Line>,
    files: Arc<[TitledFile]>,
}

impl Files {
    fn of(candidates: &Candidates<'_>) -> Self {
        let blocks = candidates.document.blocks.iter();
        let titled = blocks.filter_map(|block| Some((block.location.start, block.titled()?)));
        let (starts, files): (_, Vec<_>) = titled.unzip();
        Self { starts, files: files.into() }
    }

    fn planned(&self, path: &DocumentPath, block: &CodeBlock, purpose: Purpose) -> PlannedSnippet {
        let start = block.location.start;
        let files = self.starts.partition_point(|other| *other <= start);
        let own = files.checked_sub(1).filter(|last| self.starts[*last] == start);
        PlannedSnippet {
            snippet: block.snippet(path),
            purpose,
            files,
            package: own.and_then(|own| package(&self.files[own].name)),
        }
    }
}

/// The package of a module in a file: `shop.web` for `shop/web/views.py`.
fn package(file: &str) -> Option<String> {
    let (folder, module) = file.rsplit_once('/')?;
    let is_name = |part: &str| part.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (module.strip_suffix(".py").is_some() && folder.split('/').all(is_name)).then(|| folder.replace('/', "."))
}

/// Adds to the sessions of groups the snippets of other sessions that run in them as well, unjudged.
fn add_guests(candidates: &Candidates<'_>, files: &Files, groups: &mut [(Key<'_>, Vec<Member>)]) {
    for (place, (block, _)) in candidates.blocks.iter().enumerate() {
        let also = &block.directives.also;
        for (key, members) in &mut *groups {
            let Key::Group(group) = key else { continue };
            let is_invited = also.iter().any(|also| also == "*" || also == group);
            if is_invited && members.iter().all(|member| member.place != place) {
                let planned = files.planned(&candidates.document.path, block, Purpose::Context);
                members.push(Member { place, planned });
            }
        }
    }
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
