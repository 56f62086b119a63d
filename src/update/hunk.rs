//! Changes with the lines around them, for a person who is asked whether they are right.

use crate::model::snippet::Line;
use crate::update::edit::Change;
use crate::update::lines::RawLine;

/// Unchanged lines around a change.
pub(crate) const CONTEXT: usize = 3;

/// Lines of a document before and after, without their ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// The first line that changes.
    pub(crate) line: Line,
    pub(crate) old: Vec<String>,
    pub(crate) new: Vec<String>,
}

/// The changes with the lines around them. Changes that share such lines stand in one hunk.
pub(super) fn hunks(lines: &[RawLine<'_>], changes: &[Change<'_>]) -> Vec<Hunk> {
    let near = |one: &Change<'_>, other: &Change<'_>| other.start - end(one) <= 2 * CONTEXT;
    changes.chunk_by(near).map(|changes| hunk(lines, changes)).collect()
}

fn hunk(lines: &[RawLine<'_>], changes: &[Change<'_>]) -> Hunk {
    let (first, last) = (changes.first().map_or(0, |change| change.start), changes.last().map_or(0, end));
    let begin = first.saturating_sub(CONTEXT);
    let close = (last + CONTEXT).min(lines.len());
    let texts = |begin: usize, end: usize| lines[begin..end].iter().map(|line| line.text.to_owned());

    let mut new = Vec::new();
    let mut done = begin;
    for change in changes {
        new.extend(texts(done, change.start));
        new.extend(change.new.iter().map(|(line, _)| line.clone()));
        done = end(change);
    }
    new.extend(texts(done, close));

    let line = Line(u32::try_from(first + 1).unwrap_or(u32::MAX));
    Hunk { line, old: texts(begin, close).collect(), new }
}

fn end(change: &Change<'_>) -> usize {
    change.start + change.old.len()
}
