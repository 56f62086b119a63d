//! Whether a document says what its corrections say, and otherwise what it said before.

use crate::document::{CodeBlock, Document};
use crate::model::claim::Correction;
use crate::model::snippet::Line;
use crate::update::block::all_of;
use crate::update::edit::corrected;
use crate::update::error::UpdateError;

/// Refuses corrections after which a document means something else. `new` is `old` with the corrections in it, read again:
/// every block must have the lines that are expected of it, its label and its name.
pub(super) fn check(old: &Document, new: &Document, corrections: &[&Correction]) -> Result<(), UpdateError> {
    let as_expected = |(old, new): (&CodeBlock, &CodeBlock)| {
        let texts = all_of(old).map(|block| corrected(&block, corrections));
        let found = all_of(new).map(|block| block.content().collect::<Vec<_>>());
        (&old.id, &old.info, old.kind) == (&new.id, &new.info, new.kind) && texts.eq(found)
    };

    let wrong = old.blocks.iter().zip(&new.blocks).position(|pair| !as_expected(pair));
    if wrong.is_none() && old.blocks.len() == new.blocks.len() {
        return Ok(());
    }

    // To a block that nothing closes, a correction adds something at the line below its end.
    let end = wrong.map_or(u32::MAX, |wrong| old.blocks[wrong].location.end.0.saturating_add(1));
    let above = &corrections[..corrections.partition_point(|correction| correction.first.0 <= end)];
    let culprit = above.iter().rev().find(|one| has_fence(one)).or(above.last()).or(corrections.last());
    Err(UpdateError::Structure { line: culprit.map_or(Line(end), |culprit| culprit.first) })
}

/// Whether a correction has a line that may begin or end a block.
fn has_fence(correction: &Correction) -> bool {
    let begins = |line: &String| ["```", "~~~"].iter().any(|fence| line.trim_start().starts_with(fence));
    correction.lines.iter().any(begins)
}
