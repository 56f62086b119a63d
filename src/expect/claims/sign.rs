//! Where comments stand.

use ruff_text_size::TextRange;

use crate::syntax::Tree;

/// The place of the sign `#` with which a comment begins.
pub(super) struct Sign<'a> {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) margin: &'a str,
}

impl<'a> Sign<'a> {
    pub(super) fn of(tree: &Tree<'a>, comment: TextRange) -> Self {
        let column = tree.column(comment.start());
        let start = usize::from(comment.start());
        let margin = &tree.source[start - column as usize..start];
        Self { line: tree.line(comment.start()), column, margin }
    }

    pub(super) fn is_alone(&self) -> bool {
        self.margin.trim().is_empty()
    }
}

/// How many comments stand on consecutive lines, each alone on its line and in the same column.
pub(super) fn consecutive(tree: &Tree<'_>, ranges: &[TextRange], first: &Sign<'_>) -> usize {
    let below = ranges.iter().zip(first.line..).take_while(|(range, line)| {
        let sign = Sign::of(tree, **range);
        sign.line == *line && sign.column == first.column && sign.is_alone()
    });
    below.count().max(1)
}

/// The text of a comment without its sign.
pub(super) fn body(tree: &Tree<'_>, range: TextRange) -> String {
    let text = &tree.source[range];
    text.strip_prefix('#').unwrap_or(text).trim_end().to_owned()
}
