//! The new text of one document, before it is written.

use std::path::Path;

use crate::document::{DocumentFile, Options, parse_for, text_of};
use crate::model::claim::Correction;
use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;
use crate::update::check::check;
use crate::update::edit::{Change, changes, edited, ordered};
use crate::update::error::UpdateError;
use crate::update::hunk::{Hunk, hunks};
use crate::update::lines::split;
use crate::update::target::Target;

/// How many corrections may be left out so that the others can be made. Each costs another reading of the document.
const MOST_REFUSED: usize = 8;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The corrections of one document, and what they were made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DraftOrder<'a> {
    /// The folder of the project, absolute.
    pub(crate) root: &'a Path,
    pub(crate) path: &'a DocumentPath,
    /// The document's text when its snippets ran.
    pub(crate) source: &'a str,
    pub(crate) options: &'a Options,
    pub(crate) corrections: &'a [Correction],
}

/// A document as it would be written.
#[derive(Debug)]
pub(crate) struct Draft {
    path: DocumentPath,
    target: Target,
    old: Vec<u8>,
    new: Vec<u8>,
    hunks: Vec<Hunk>,
    lines: usize,
    refused: Vec<Problem>,
}

/// A text and what is different in it.
#[derive(Debug)]
pub(super) struct Edited {
    pub(super) text: String,
    pub(super) hunks: Vec<Hunk>,
    pub(super) lines: usize,
}

impl Draft {
    /// Makes the corrections that can be made. `Err` says why the document is left as it is.
    pub(crate) fn new(order: DraftOrder<'_>) -> Result<Self, Problem> {
        let complaint = |error: UpdateError| error.problem(order.path);
        let target = Target::find(order.root, order.path).map_err(complaint)?;
        let old = target.bytes().map_err(complaint)?;
        let text = text_of(old.clone(), order.path)?;

        let mut refused = Vec::new();
        let mut corrections = order.corrections.to_vec();
        let Edited { text, hunks, lines } = loop {
            let error = match edit(DraftOrder { corrections: &corrections, ..order }, &text) {
                Ok(edited) => break edited,
                Err(error) => error,
            };

            let Some(line) = error.correction().filter(|_| refused.len() < MOST_REFUSED) else {
                return Err(complaint(error));
            };
            corrections.retain(|correction| correction.first != line);
            refused.push(complaint(error));
        };

        Ok(Self { path: order.path.clone(), target, old, new: text.into_bytes(), hunks, lines, refused })
    }

    pub(crate) fn path(&self) -> &DocumentPath {
        &self.path
    }

    /// What changes, in the order of the lines; none where the document already says what it should.
    pub(crate) fn hunks(&self) -> &[Hunk] {
        &self.hunks
    }

    /// How many lines change.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    /// Why some of the corrections are left out.
    pub(crate) fn refused(&self) -> &[Problem] {
        &self.refused
    }

    /// Writes the document, unless somebody else has changed it meanwhile.
    pub(crate) fn write(&self) -> Result<(), Problem> {
        self.target.exchange(&self.old, &self.new).map_err(|error| error.problem(&self.path))
    }
}

/// The text of a document's file with its corrections in it.
pub(super) fn edit(order: DraftOrder<'_>, text: &str) -> Result<Edited, UpdateError> {
    let file = DocumentFile { file: order.root.join(order.path.as_str()), path: order.path.clone() };
    let document = parse_for(&file, text, order.options);
    if &*document.source != order.source {
        return Err(UpdateError::Changed);
    }

    let corrections = ordered(order.corrections)?;
    let (mark, plain) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(plain) => (BYTE_ORDER_MARK, plain),
        None => ("", text),
    };
    let lines = split(plain);
    let changes = changes(&document, &lines, &corrections)?;

    let new = mark.to_owned() + &edited(&lines, &changes);
    let new = text_of(new.into_bytes(), order.path).map_err(UpdateError::Unreadable)?;

    // A `\r` directly before a `\n` would no longer end a line of its own.
    let before: usize = changes.iter().map(|change| change.old.len()).sum();
    let after: usize = changes.iter().map(|change| change.new.len()).sum();
    if let Some(first) = corrections.first().filter(|_| split(&new).len() + before != lines.len() + after) {
        return Err(UpdateError::Structure { line: first.first });
    }

    check(&document, &parse_for(&file, &new, order.options), &corrections)?;
    let hunks = hunks(&lines, &changes);
    Ok(Edited { text: new, hunks, lines: changes.iter().map(count).sum() })
}

/// How many lines of a change are not the same before and after.
fn count(change: &Change<'_>) -> usize {
    let old = || change.old.iter().map(|line| line.text);
    let new = || change.new.iter().map(|(line, _)| line.as_str());
    let shorter = change.old.len().min(change.new.len());

    let head = old().zip(new()).take_while(|(old, new)| old == new).count();
    let same = old().rev().zip(new().rev()).take(shorter - head).take_while(|(old, new)| old == new).count();

    change.old.len().max(change.new.len()) - head - same
}
