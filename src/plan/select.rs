//! Which blocks the caller means.

use std::collections::BTreeSet;

use crate::config::{ChosenPlace, Point};
use crate::document::{CodeBlock, Disposition, Document};
use crate::model::problem::Problem;
use crate::model::snippet::{Line, Location, SnippetId};
use crate::plan::memory::Memory;
use crate::plan::selection::{History, Selection};
use crate::plan::session::{Purpose, Unrun};

pub(super) struct Selected<'documents> {
    pub(super) documents: Vec<Candidates<'documents>>,
    pub(super) unrun: Vec<Unrun<'documents>>,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

/// Every block of a document that could run: to be judged where the caller means it, else as context.
pub(super) struct Candidates<'documents> {
    pub(super) document: &'documents Document,
    pub(super) blocks: Vec<(&'documents CodeBlock, Purpose)>,
}

/// Sorts the blocks of all documents by what the caller means.
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
        let points = points(document, &selection.places);
        for point in points.iter().flatten() {
            selected.problems.extend(missed(document, point));
        }

        let mut blocks = Vec::new();
        for fence in document.blocks.iter().filter(|fence| fence.is_python()) {
            let meant = points.as_ref().is_none_or(|points| points.iter().any(|point| is_at(fence, point)))
                && matches(&fence.id, &patterns)
                && failed.as_ref().is_none_or(|failed| failed.contains(&fence.id));

            match (fence.disposition == Disposition::Run, meant) {
                (true, true) => blocks.push((fence, Purpose::Judged)),
                (true, false) => blocks.push((fence, Purpose::Context)),
                (false, true) => selected.unrun.push(Unrun { path: &document.path, fence }),
                (false, false) => {}
            }
        }
        selected.documents.push(Candidates { document, blocks });
    }

    selected.notes.extend(no_match(documents, selection));
    selected
}

/// What to say where the words after `-k` are in no id.
fn no_match(documents: &[Document], selection: &Selection) -> Option<String> {
    let patterns: Vec<String> = selection.patterns.iter().map(|pattern| pattern.to_lowercase()).collect();
    let blocks = || documents.iter().flat_map(|document| &document.blocks).filter(|fence| fence.is_python());
    if patterns.is_empty() || blocks().any(|fence| matches(&fence.id, &patterns)) {
        return None;
    }

    let words: Vec<String> = selection.patterns.iter().map(|pattern| format!("`-k {pattern}`")).collect();
    let first = blocks().next().map(|fence| format!(", such as `{}`", fence.id)).unwrap_or_default();
    Some(format!("{} is in none of the {} ids here{first}", words.join(" or "), blocks().count()))
}

/// The snippets that failed the last time. `None` where earlier runs do not matter, and, with a note, where none of them
/// left a failure.
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

/// Where the caller pointed in this document; `None` for all of it.
fn points<'a>(document: &Document, places: &'a [ChosenPlace]) -> Option<Vec<&'a Point>> {
    let here = places.iter().filter(|place| place.path == document.path);
    let points: Vec<&Point> = here.map(|place| &place.point).collect();
    (!points.is_empty()).then_some(points)
}

fn is_at(fence: &CodeBlock, point: &Point) -> bool {
    match point {
        Point::Lines { first, last } => holds(fence.location, *first, *last),
        Point::Id(id) => fence.id == *id,
    }
}

fn matches(id: &SnippetId, patterns: &[String]) -> bool {
    let id = id.0.to_lowercase();
    patterns.is_empty() || patterns.iter().any(|pattern| id.contains(pattern))
}

/// Whether a line from the first to the last is one of a block's.
fn holds(location: Location, first: Line, last: Line) -> bool {
    location.start <= last && first <= location.end
}

/// What to say about a line outside of every Python block, and about an id that no block has.
fn missed(document: &Document, point: &Point) -> Option<Problem> {
    let blocks = || document.blocks.iter().filter(|fence| fence.is_python());
    if blocks().any(|fence| is_at(fence, point)) {
        return None;
    }

    let (first, last) = match point {
        Point::Lines { first, last } => (*first, *last),
        Point::Id(id) => {
            let similarity = |fence: &CodeBlock| strsim::jaro_winkler(&fence.id.0, &id.0);
            let nearest = blocks().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
            return Some(Problem {
                path: document.path.0.clone(),
                line: None,
                message: format!("no Python block is called `{id}`"),
                hint: Some(match nearest {
                    Some(fence) => {
                        format!("the nearest one is `{}`; `snipcheck list` has all of them", fence.id)
                    }
                    None => "the document has none".to_owned(),
                }),
            });
        }
    };

    let distance = |location: Location| {
        let Location { start, end, .. } = location;
        start.0.saturating_sub(last.0).max(first.0.saturating_sub(end.0))
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
        line: Some(first),
        message: if first == last {
            "no Python block at this line".to_owned()
        } else {
            format!("no Python block at lines {first} to {last}")
        },
        hint: Some(hint),
    })
}
