//! Which blocks the caller means.

use std::collections::BTreeSet;

use crate::config::ChosenLine;
use crate::document::{CodeBlock, Disposition, Document};
use crate::model::problem::Problem;
use crate::model::snippet::{Line, Location, SnippetId};
use crate::plan::{History, Memory, Role, Selection, Unrun};

pub(super) struct Selected<'documents> {
    pub(super) documents: Vec<Candidates<'documents>>,
    pub(super) unrun: Vec<Unrun<'documents>>,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

/// Every block of a document that could run, those that are not meant as context.
pub(super) struct Candidates<'documents> {
    pub(super) document: &'documents Document,
    pub(super) blocks: Vec<(&'documents CodeBlock, Role)>,
}

pub(super) fn select<'documents>(
    documents: &'documents [Document],
    selection: &Selection,
    memory: &Memory,
) -> Selected<'documents> {
    let mut selected =
        Selected { documents: Vec::new(), unrun: Vec::new(), problems: Vec::new(), notes: Vec::new() };
    let failed = failed(documents, selection, memory, &mut selected.notes);
    let patterns: Vec<String> = selection.patterns.iter().map(|pattern| pattern.to_lowercase()).collect();
    for document in documents {
        let lines = lines(document, &selection.places);
        for line in lines.iter().flatten() {
            selected.problems.extend(missed(document, *line));
        }
        let mut blocks = Vec::new();
        for fence in document.blocks.iter().filter(|fence| fence.is_python()) {
            let meant =
                lines.as_ref().is_none_or(|lines| lines.iter().any(|line| holds(fence.location, *line)))
                    && matches(&fence.id, &patterns)
                    && failed.as_ref().is_none_or(|failed| failed.contains(&fence.id));
            match (fence.disposition == Disposition::Run, meant) {
                (true, true) => blocks.push((fence, Role::Judged)),
                (true, false) => blocks.push((fence, Role::Context)),
                (false, true) => selected.unrun.push(Unrun { path: &document.path, fence }),
                (false, false) => {}
            }
        }
        selected.documents.push(Candidates { document, blocks });
    }
    selected
}

/// `None` where the past does not matter, or has nothing to say; a note says so.
fn failed<'documents>(
    documents: &'documents [Document],
    selection: &Selection,
    memory: &Memory,
    notes: &mut Vec<String>,
) -> Option<BTreeSet<&'documents SnippetId>> {
    match selection.history {
        History::Ignored => return None,
        History::LastFailed => {}
    }
    let Some(remembered) = memory.failed() else {
        notes.push("no earlier run is remembered: `--last-failed` runs everything".to_owned());
        return None;
    };
    let blocks = documents.iter().flat_map(|document| &document.blocks);
    let failed: BTreeSet<&SnippetId> =
        blocks.map(|fence| &fence.id).filter(|id| remembered.contains(*id)).collect();
    if failed.is_empty() {
        notes.push("nothing here failed the last time: `--last-failed` runs everything".to_owned());
        return None;
    }
    Some(failed)
}

/// The lines the caller pointed at in this document; `None` for all of it.
fn lines(document: &Document, places: &[ChosenLine]) -> Option<Vec<Line>> {
    let lines: Vec<Line> =
        places.iter().filter(|place| place.path == document.path).map(|place| place.line).collect();
    (!lines.is_empty()).then_some(lines)
}

fn matches(id: &SnippetId, patterns: &[String]) -> bool {
    let id = id.0.to_lowercase();
    patterns.is_empty() || patterns.iter().any(|pattern| id.contains(pattern))
}

fn holds(location: Location, line: Line) -> bool {
    (location.start..=location.end).contains(&line)
}

/// What to say about a line outside of every Python block.
fn missed(document: &Document, line: Line) -> Option<Problem> {
    let blocks = || document.blocks.iter().filter(|fence| fence.is_python());
    if blocks().any(|fence| holds(fence.location, line)) {
        return None;
    }
    let distance = |location: Location| {
        let Location { start, end, .. } = location;
        start.0.saturating_sub(line.0).max(line.0.saturating_sub(end.0))
    };
    let hint = match blocks().min_by_key(|fence| distance(fence.location)) {
        Some(fence) => {
            let Location { start, end, .. } = fence.location;
            format!("the nearest one is `{}` at lines {start} to {end}", fence.id)
        }
        None => "the document has none".to_owned(),
    };
    Some(Problem {
        path: document.path.0.clone(),
        line: Some(line),
        message: "no Python block at this line".to_owned(),
        hint: Some(hint),
    })
}
