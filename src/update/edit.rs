//! A text with the lines of its corrections in it, every other byte as it was.

use std::collections::BTreeSet;

use crate::document::Document;
use crate::model::claim::Correction;
use crate::model::snippet::Line;
use crate::unseen::first_unseen;
use crate::update::error::UpdateError;
use crate::update::frame::{Block, Frame, blocks};
use crate::update::lines::RawLine;

/// Lines of a file in the place of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change<'a> {
    /// How many lines are in front of it.
    pub(super) start: usize,
    pub(super) old: &'a [RawLine<'a>],
    pub(super) new: Vec<(String, &'a str)>,
}

/// In the order of their lines, each once. Two that are about the same line contradict each other.
pub(super) fn ordered(corrections: &[Correction]) -> Result<Vec<&Correction>, UpdateError> {
    let mut ordered: Vec<&Correction> = corrections.iter().collect();
    ordered.sort_by_key(|correction| (correction.first, correction.count));
    ordered.dedup();
    for pair in ordered.windows(2) {
        let [one, other] = [pair[0], pair[1]];
        let end = one.first.0.saturating_add(one.count);
        let same_place = one.first == other.first && one.count == 0 && other.count == 0;
        if other.first.0 < end || same_place {
            return Err(UpdateError::Overlap { line: other.first });
        }
    }
    Ok(ordered)
}

/// What corrections, in order, change in the lines of a document's file.
pub(super) fn changes<'a>(
    document: &'a Document,
    lines: &'a [RawLine<'a>],
    corrections: &[&Correction],
) -> Result<Vec<Change<'a>>, UpdateError> {
    let blocks = blocks(document);
    let mut frame: Option<Frame<'a>> = None;
    let mut changes = Vec::new();
    for correction in corrections {
        let line = correction.first;
        if correction.lines.iter().any(|line| line.contains(['\n', '\r'])) {
            return Err(UpdateError::LineBreak { line });
        }
        let block = holder(&blocks, correction).ok_or(UpdateError::NoBlock { line })?;
        if frame.as_ref().is_none_or(|frame| frame.first != block.first) {
            frame = Some(Frame::new(*block, lines));
        }
        if let Some(frame) = &frame {
            changes.extend(change(frame, lines, correction)?);
        }
    }
    Ok(changes)
}

/// The block that all of a correction is about. An insertion may be in front of its end.
fn holder<'a, 'b>(blocks: &'b [Block<'a>], correction: &Correction) -> Option<&'b Block<'a>> {
    let above = blocks.partition_point(|block| block.first <= correction.first);
    let block = blocks.get(above.checked_sub(1)?)?;
    (correction.first.0.checked_add(correction.count)? <= block.end().0).then_some(block)
}

/// None where the document says already what it should.
fn change<'a>(
    frame: &Frame<'a>,
    lines: &'a [RawLine<'a>],
    correction: &Correction,
) -> Result<Option<Change<'a>>, UpdateError> {
    let Correction { first, count, lines: new } = correction;
    let inside = (first.0 - frame.first.0) as usize;
    let last = inside + *count as usize;
    if frame.content().get(inside..last).is_some_and(|old| old == new) {
        return Ok(None);
    }
    let (Some(old), Some(start)) = (frame.raw().get(inside..last), (first.0 as usize).checked_sub(1)) else {
        return Err(UpdateError::NoBlock { line: *first });
    };
    refuse_unseen(frame.content().get(inside..last).unwrap_or_default(), new, *first)?;

    let above = start.checked_sub(1).and_then(|above| lines.get(above));
    let ends = ends(old, above, new.len());
    let place = |offset: usize| (offset < old.len()).then_some(inside + offset);
    let new = new.iter().enumerate().map(|(offset, line)| frame.line(line, place(offset)));
    let new: Option<Vec<_>> = new.zip(ends).map(|(line, end)| Some((line?, end))).collect();
    let new = new.ok_or(UpdateError::Written { line: *first })?;
    Ok(Some(Change { start, old, new }))
}

/// A document must not steer the terminal of whoever reads it. Lines that it has already are its author's.
fn refuse_unseen(old: &[&str], new: &[String], line: Line) -> Result<(), UpdateError> {
    let old: BTreeSet<&str> = old.iter().copied().collect();
    let mut added = new.iter().filter(|line| !old.contains(line.as_str()));
    match added.find_map(|line| first_unseen(line)) {
        Some(found) => Err(UpdateError::Unseen { line, found }),
        None => Ok(()),
    }
}

/// Each line keeps the end of the one whose place it takes; more of them end as the last of those. A file that ends
/// without a line end goes on doing so.
fn ends<'a>(old: &[RawLine<'a>], above: Option<&RawLine<'a>>, count: usize) -> impl Iterator<Item = &'a str> {
    let usual = old.iter().rev().chain(above).map(|line| line.end).find(|end| !end.is_empty());
    let usual = usual.unwrap_or("\n");
    let is_open = old.last().or(above).is_some_and(|line| line.end.is_empty());
    let own: Vec<&str> = old.iter().map(|line| line.end).collect();
    (0..count).map(move |at| match own.get(at) {
        _ if is_open && at + 1 == count => "",
        Some(end) if !end.is_empty() => end,
        Some(_) | None => usual,
    })
}

/// The lines with the changes, in order, made.
pub(super) fn edited<'a>(lines: &[RawLine<'a>], changes: &[Change<'a>]) -> String {
    let mut text = String::new();
    let (mut usual, mut last) = ("\n", "\n");
    let mut push = |line: &str, end| {
        // Something now follows a last line that had no end.
        text.extend([if last.is_empty() { usual } else { "" }, line, end]);
        last = end;
        usual = if end.is_empty() { usual } else { end };
    };
    let mut done = 0;
    for change in changes {
        lines[done..change.start].iter().for_each(|line| push(line.text, line.end));
        change.new.iter().for_each(|(line, end)| push(line, end));
        done = change.start + change.old.len();
    }
    lines[done..].iter().for_each(|line| push(line.text, line.end));
    text
}

/// The content of a block with the corrections that are about it.
pub(super) fn corrected<'a>(block: &Block<'a>, corrections: &[&'a Correction]) -> Vec<&'a str> {
    let mut rest = block.content();
    let mut lines: Vec<&str> = Vec::new();
    let mut next = block.first;
    let begin = corrections.partition_point(|correction| correction.first < block.first);
    for correction in corrections.iter().skip(begin) {
        if correction.first.0.saturating_add(correction.count) > block.end().0 {
            break;
        }
        lines.extend(rest.by_ref().take((correction.first.0 - next.0) as usize));
        rest.by_ref().take(correction.count as usize).for_each(drop);
        lines.extend(correction.lines.iter().map(String::as_str));
        next = Line(correction.first.0 + correction.count);
    }
    lines.extend(rest);
    lines
}
