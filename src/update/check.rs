//! Whether a document says what its corrections say, and otherwise what it said before.

use crate::claim::Correction;
use crate::document::{Document, Fence};
use crate::update::edit::corrected;
use crate::update::error::UpdateError;
use crate::update::frame::all_of;

/// `new` is `old` after the corrections, read again. Every block must have its lines, its label and its name.
pub(super) fn check(old: &Document, new: &Document, corrections: &[&Correction]) -> Result<(), UpdateError> {
    let as_expected = |(old, new): (&Fence, &Fence)| {
        let texts = all_of(old).map(|block| corrected(&block, corrections));
        let found = all_of(new).map(|block| block.content().collect::<Vec<_>>());
        (&old.id, &old.info, old.kind) == (&new.id, &new.info, new.kind) && texts.eq(found)
    };
    let wrong = old.fences.iter().zip(&new.fences).position(|pair| !as_expected(pair));
    let end = match wrong {
        Some(wrong) => old.fences[wrong].location.end,
        None if old.fences.len() == new.fences.len() => return Ok(()),
        None => old.fences.last().map_or(crate::snippet::Line(0), |last| last.location.end),
    };
    let above = corrections.partition_point(|correction| correction.first <= end);
    let Some(culprit) = corrections.get(above.saturating_sub(1)) else { return Ok(()) };
    Err(UpdateError::Structure { line: culprit.first })
}
